#include "models/consumer_group/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/namer.hpp"
#include "models/service/kind.hpp"

namespace nines::models::consumer_group {

std::vector<ComponentId> name_readers(const models::Plan& plan, Namer& namer, ServiceId service,
                                      std::string_view what) {
  std::vector<ComponentId> names;
  for (const ZoneId zone : plan.zones.ids()) {
    names.push_back(namer.add(
        fmt::format("{}/{}-{}", plan.services[service].name, what, plan.name(plan.zones[zone].component)), "reader"));
  }
  return names;
}

std::vector<service::Reader> add_readers(models::Plan& plan, ServiceId asked, std::string_view client,
                                         const std::vector<ComponentId>& places) {
  std::vector<service::Reader> readers;
  const service::Records& records = *plan.services[asked].kind->records;
  for (std::size_t zone = 0; zone < places.size(); ++zone)
    readers.push_back(records.add_reader(plan, asked, client, places[zone], plan.network.zone_fabric[zone]));
  return readers;
}

ServiceId connect_to(models::Plan& plan, std::string_view name, ServiceId user) {
  const ServiceId found = plan.service_named(name);
  if (!found.exists()) throw std::invalid_argument(fmt::format("'{}' is no service here", name));
  std::vector<ServiceId>& users = plan.services[found].users;
  if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
  return found;
}

namespace {

constexpr Keys server_keys{"group.consumer.session.timeout.ms",
                           "group.consumer.heartbeat.interval.ms",
                           "max.poll.interval.ms",
                           "consumer.start",
                           "consumer.join",
                           "consumer.sync"};

}  // namespace

Rules rules_of(const Spec& spec) {
  Rules rules;
  rules.parameters = spec.parameters;
  rules.protocol = spec.protocol;
  rules.assignor = spec.assignor;
  rules.static_members = spec.static_members;
  rules.records_per_s = spec.records_per_s;
  if (!rules.by_server()) return rules;
  rules.parameters.session = spec.parameters.server_session;
  rules.parameters.heartbeat = spec.parameters.server_heartbeat;
  rules.keys = &server_keys;
  return rules;
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.rules = rules_of(spec);
  service.places = name_readers(plan, namer, id, "from");
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, sli.limit});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  service.source = service.coordinator = connect_to(plan, spec.source, id);
  if (!spec.downstream.empty()) service.downstream = connect_to(plan, spec.downstream, id);
  const service::Records* records = plan.services[service.source].kind->records;
  if (records == nullptr) throw std::invalid_argument(fmt::format("'{}' keeps no topics", spec.source));
  service.coordinating = records->part_of_group(plan, service.source, plan.services[id].name);
  for (const service::Topic& topic : records->topics(plan.spec(service.source))) {
    const auto found = std::find(spec.topics.begin(), spec.topics.end(), topic.name);
    if (found == spec.topics.end()) continue;
    for (std::int64_t i = 0; i < topic.partitions; ++i) {
      PartitionPlan partition;
      partition.part = records->part(plan, service.source, topic.name, i);
      partition.topic = static_cast<std::uint16_t>(found - spec.topics.begin());
      partition.unit = service.units++;
      service.partitions.push_back(partition);
    }
  }
  service.readers = add_readers(plan, service.source, spec.client, service.places);
  const Dealing dealing = dealing_of(service.rules, records->topics(plan.spec(service.source)), spec.topics);
  service.topics = dealing.topics;
  service.needed = least_members(dealing, spec.records_per_s, plan.services[id].members.size());
}

Dealing dealing_of(const Rules& rules, const std::vector<service::Topic>& all, const std::vector<std::string>& read) {
  Dealing dealing;
  dealing.rules = rules;
  for (const service::Topic& topic : all) {
    const auto found = std::find(read.begin(), read.end(), topic.name);
    if (found == read.end() || topic.partitions <= 0) continue;
    const auto partitions = static_cast<std::size_t>(topic.partitions);
    dealing.topics.insert(dealing.topics.end(), partitions, static_cast<std::uint16_t>(found - read.begin()));
    dealing.loads.insert(dealing.loads.end(), partitions, topic.records_per_s / static_cast<double>(topic.partitions));
  }
  return dealing;
}

double greatest_load(const Dealing& dealing, std::size_t members) {
  std::vector<Number> numbers(std::min(members, std::size_t{nobody}));
  std::iota(numbers.begin(), numbers.end(), Number{0});
  if (numbers.empty()) return 0;
  const std::vector<Number> none(dealing.topics.size(), nobody);
  std::vector<double> loads(numbers.size(), 0);
  const std::vector<Number> dealt = assign(dealing.rules, dealing.topics, numbers, none);
  for (std::size_t unit = 0; unit < dealt.size(); ++unit) loads[dealt[unit]] += dealing.loads[unit];
  return *std::max_element(loads.begin(), loads.end());
}

std::uint32_t least_members(const Dealing& dealing, double each, std::size_t most) {
  for (std::size_t members = 1; members < most; ++members) {
    if (greatest_load(dealing, members) < each) return static_cast<std::uint32_t>(members);
  }
  return static_cast<std::uint32_t>(std::max<std::size_t>(most, 1));
}

namespace {

/// RangeAssignor: of each topic consecutive partitions, one more for the first members where they do not divide.
std::vector<Number> assign_ranges(std::span<const std::uint16_t> topics, std::span<const Number> members) {
  std::vector<Number> units(topics.size(), nobody);
  for (std::size_t first = 0; first < topics.size();) {
    std::size_t end = first;
    while (end < topics.size() && topics[end] == topics[first]) ++end;
    const std::size_t each = (end - first) / members.size();
    const std::size_t more = (end - first) % members.size();
    std::size_t at = first;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::size_t count = each + (i < more ? 1 : 0);
      for (std::size_t n = 0; n < count; ++n) units[at++] = members[i];
    }
    first = end;
  }
  return units;
}

/// As many for each, up to one; whoever has no more than that keeps all it has.
std::vector<Number> assign_sticky(std::span<const Number> members, std::span<const Number> kept) {
  std::vector<Number> units(kept.begin(), kept.end());
  std::vector<std::size_t> has(members.size(), 0);
  const auto place_of = [&](Number member) {
    return static_cast<std::size_t>(std::find(members.begin(), members.end(), member) - members.begin());
  };
  for (Number& holder : units) {
    const std::size_t place = place_of(holder);
    if (place == members.size())
      holder = nobody;
    else
      ++has[place];
  }
  // Those that have most may have one more than the others.
  const std::size_t more = units.size() % members.size();
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return has[a] > has[b]; });
  std::vector<std::size_t> quota(members.size(), units.size() / members.size());
  for (std::size_t i = 0; i < more; ++i) ++quota[order[i]];
  for (std::size_t unit = units.size(); unit-- > 0;) {
    const std::size_t place = place_of(units[unit]);
    if (place == members.size() || has[place] <= quota[place]) continue;
    --has[place];
    units[unit] = nobody;
  }
  std::size_t next = 0;
  for (Number& holder : units) {
    if (holder != nobody) continue;
    while (has[next] >= quota[next]) ++next;
    ++has[next];
    holder = members[next];
  }
  return units;
}

}  // namespace

std::vector<Number> assign(const Rules& rules, std::span<const std::uint16_t> topics, std::span<const Number> members,
                           std::span<const Number> kept) {
  if (members.empty()) return std::vector<Number>(topics.size(), nobody);
  return rules.eager() ? assign_ranges(topics, members) : assign_sticky(members, kept);
}

std::vector<Number> assign(const ServicePlan& plan, std::span<const Number> members, std::span<const Number> kept) {
  return assign(plan.rules, plan.topics, members, kept);
}

}  // namespace nines::models::consumer_group
