#include "models/mirror_maker/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/namer.hpp"
#include "models/service/kind.hpp"

namespace nines::models::mirror_maker {

namespace {

constexpr consumer_group::Keys keys{"connect.session.timeout.ms",
                                    "connect.heartbeat.interval.ms",
                                    "connect.rebalance.timeout.ms",
                                    "mirror.start",
                                    "mirror.join",
                                    "mirror.sync"};

consumer_group::Rules rules_of(const Spec& spec) {
  const Parameters& p = spec.parameters;
  consumer_group::Rules rules;
  rules.parameters.session = p.session;
  rules.parameters.heartbeat = p.heartbeat;
  rules.parameters.max_poll = p.rebalance;
  rules.parameters.commit = p.flush;
  rules.parameters.initial_delay = p.initial_delay;
  rules.parameters.start = p.start;
  rules.parameters.join = p.join;
  rules.parameters.poll = p.poll;
  rules.parameters.sync = p.sync;
  rules.parameters.load = p.load;
  rules.parameters.close_on_stop = p.close_on_stop;
  rules.assignor = consumer_group::Assignor::cooperative_sticky;
  rules.records_per_s = spec.records_per_s;
  rules.reassignment_delay = p.reassignment;
  rules.source_lost = p.source_lost;
  rules.needs_coordinator = true;
  rules.keys = &keys;
  return rules;
}

}  // namespace

consumer_group::Dealing dealing_of(const Spec& spec, const std::vector<service::Topic>& topics) {
  const consumer_group::Rules rules = rules_of(spec);
  const consumer_group::Dealing each = consumer_group::dealing_of(rules, topics, spec.topics);
  const auto tasks = static_cast<std::size_t>(spec.tasks_max);
  consumer_group::Dealing dealing;
  dealing.rules = rules;
  // MirrorSourceConnector.taskConfigs deals partitions out to tasks in turn.
  for (std::size_t i = 0; i < each.loads.size(); ++i) {
    if (i < tasks) {
      dealing.topics.push_back(each.topics[i]);
      dealing.loads.push_back(each.loads[i]);
    } else {
      dealing.loads[i % tasks] += each.loads[i];
    }
  }
  return dealing;
}

std::size_t place_in(const std::vector<service::Topic>& target, std::string_view source, std::string_view topic) {
  const std::string renamed = fmt::format("{}.{}", source, topic);
  const auto named = [&](std::string_view name) {
    return std::find_if(target.begin(), target.end(), [&](const service::Topic& its) { return its.name == name; });
  };
  auto found = named(renamed);
  if (found == target.end()) found = named(topic);
  return static_cast<std::size_t>(found - target.begin());
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  consumer_group::ServicePlan service;
  service.rules = rules_of(spec);
  service.places = consumer_group::name_readers(plan, namer, id, "from");
  service.other_places = consumer_group::name_readers(plan, namer, id, "to");
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto its =
        sli.kind == SliKind::copied ? consumer_group::SliKind::consumed : consumer_group::SliKind::consuming;
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), its, sli.limit});
    measurement::SliPlan& measured = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    measured.counts_replicated_losses = sli.kind == SliKind::copied;
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  auto& service = plan.services[id].own.as<consumer_group::ServicePlan>();
  service.source = consumer_group::connect_to(plan, spec.source, id);
  service.target = service.coordinator = consumer_group::connect_to(plan, spec.target, id);
  const service::Records* source = plan.services[service.source].kind->records;
  const service::Records* target = plan.services[service.target].kind->records;
  if (source == nullptr || target == nullptr) throw std::invalid_argument("no topics to copy, or nowhere to copy them");
  service.coordinating = target->part_of_group(plan, service.target, plan.services[id].name);
  const std::vector<service::Topic> there = target->topics(plan.spec(service.target));
  std::uint32_t number = 0;
  for (const service::Topic& topic : source->topics(plan.spec(service.source))) {
    const auto found = std::find(spec.topics.begin(), spec.topics.end(), topic.name);
    if (found == spec.topics.end()) continue;
    const std::size_t copy = place_in(there, spec.source, topic.name);
    if (copy == there.size()) throw std::invalid_argument(fmt::format("'{}' cannot be copied", topic.name));
    for (std::int64_t i = 0; i < topic.partitions; ++i) {
      consumer_group::PartitionPlan partition;
      partition.part = source->part(plan, service.source, topic.name, i);
      partition.target = target->part(plan, service.target, there[copy].name, i);
      partition.topic = static_cast<std::uint16_t>(found - spec.topics.begin());
      // MirrorSourceConnector.taskConfigs deals partitions out to tasks in turn.
      partition.unit = number++ % static_cast<std::uint32_t>(spec.tasks_max);
      service.partitions.push_back(partition);
    }
  }
  service.units = std::min(number, static_cast<std::uint32_t>(spec.tasks_max));
  const consumer_group::Dealing dealing = dealing_of(spec, source->topics(plan.spec(service.source)));
  service.topics = dealing.topics;
  service.needed = consumer_group::least_members(dealing, spec.records_per_s, plan.services[id].members.size());
  service.readers = consumer_group::add_readers(plan, service.source, spec.source_client, service.places);
  service.writers = consumer_group::add_readers(plan, service.target, spec.target_client, service.other_places);
}

Staleness staleness(const Spec& spec) {
  if (!spec.checkpoints || !spec.sync_group_offsets) return {};
  const Parameters& p = spec.parameters;
  // Each of the three is at a phase of its own.
  const Duration most = p.checkpoints + p.group_sync + p.consumer_commit;
  return {most / 2, most};
}

}  // namespace nines::models::mirror_maker
