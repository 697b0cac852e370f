#include "models/kafka/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/kafka/access.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/context.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/zk/names.hpp"
#include "models/service/clients.hpp"

namespace nines::models::kafka {

namespace {

std::vector<service::Topic> topics_of(const ServiceSpec& service) {
  std::vector<service::Topic> topics;
  for (const TopicSpec& topic : spec_of(service).topics)
    topics.push_back({topic.name, topic.partitions, topic.records_per_s});
  return topics;
}

std::vector<std::string> clients_of(const ServiceSpec& service) {
  std::vector<std::string> clients;
  for (const ClientSpec& client : spec_of(service).clients) clients.push_back(client.name);
  return clients;
}

bool coordinates(const ServiceSpec& service) { return spec_of(service).parameters.offsets_partitions > 0; }

/// KIP-848 is of KRaft, and generally available from 4.0 on.
std::string lacks_consumer_protocol(const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  if (!spec.store.empty()) return fmt::format("its metadata are in {}, and it takes KRaft", zk::names::product);
  if (!spec.version.empty() && spec.version[0] < '4')
    return fmt::format("it is Kafka {}, and it takes 4.0 or newer", spec.version);
  return {};
}

service::Part part_of(const models::Plan& plan, ServiceId id, std::string_view topic, std::int64_t partition) {
  const std::vector<TopicSpec>& specs = spec_of(plan.spec(id)).topics;
  for (const TopicPlan& its : plan_of(plan, id).topics) {
    if (!its.internal && specs[its.spec].name == topic) return its.group_of[static_cast<std::size_t>(partition)].value;
  }
  throw std::invalid_argument("no such topic");
}

/// Java's String.hashCode of ASCII, without its sign (org.apache.kafka.common.utils.Utils.abs).
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 0;
  constexpr std::uint32_t factor = 31;
  for (const char c : text) hash = hash * factor + static_cast<unsigned char>(c);
  const auto value = static_cast<std::int32_t>(hash);
  if (value == std::numeric_limits<std::int32_t>::min()) return 0;
  return static_cast<std::uint32_t>(value < 0 ? -value : value);
}

/// K39 GroupCoordinatorService.partitionFor.
service::Part part_of_group(const models::Plan& plan, ServiceId id, std::string_view group) {
  const ServicePlan& service = plan_of(plan, id);
  const auto found =
      std::find_if(service.topics.begin(), service.topics.end(), [](const TopicPlan& topic) { return topic.internal; });
  if (found == service.topics.end()) throw std::invalid_argument("nobody coordinates groups");
  return found->group_of[hash_of(group) % found->group_of.size()].value;
}

service::Reader add_reader(models::Plan& plan, ServiceId id, std::string_view client, ComponentId component,
                           infrastructure::Endpoint place) {
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  const std::vector<ClientSpec>& specs = spec_of(plan.spec(id)).clients;
  const std::size_t spec = service::client_named(specs, client);
  if (spec == specs.size()) throw std::invalid_argument("no such client");
  ClientPlan reader;
  reader.component = component;
  reader.place = place;
  reader.spec = static_cast<std::uint16_t>(spec);
  reader.role = ClientRole::consumer;
  return service.clients.add(reader).value;
}

service::Standing look(const World& world, ServiceId id, service::Reader reader, service::Part part) {
  const Context c = view(world, static_cast<Service>(id.value));
  const auto group = GroupId::of(part);
  const GroupState& state = c.state.groups[group];
  const RouteState& route = c.state.routes[group.value * c.plan.clients.size() + reader];
  service::Standing standing;
  standing.records_per_s = c.state.logs[group].rate_all + c.state.logs[group].rate_one;
  if (!state.flow.leads) return standing;
  standing.leader = c.broker_process(c.broker_of(group, state.owner));
  standing.term = state.owner_epoch;
  standing.found = route.trouble == Trouble::none && route.leader == state.owner;
  standing.readable = standing.found && state.flow.advances;
  standing.writable = standing.found && state.flow.acknowledges;
  return standing;
}

structure::Vertex needs_of(structure::DependencyBuilder& builder, ServiceId id, service::Part part, bool written) {
  const ServicePlan& service = plan_of(builder.plan(), id);
  const GroupPlan& group = service.groups[GroupId::of(part)];
  std::vector<ProcessId> replicas;
  for (std::size_t slot = 0; slot < group.factor; ++slot) replicas.push_back(service.brokers[group.broker[slot]]);
  const bool strict = written || spec_of(builder.plan().spec(id)).parameters.strict_min_isr;
  return builder.replicas(replicas, strict ? service.topics[group.topic].min_isr : 1, service.controllers);
}

}  // namespace

const service::Records records{
    .topics = topics_of,
    .clients = clients_of,
    .coordinates = coordinates,
    .lacks_consumer_protocol = lacks_consumer_protocol,
    .part = part_of,
    .part_of_group = part_of_group,
    .add_reader = add_reader,
    .look = look,
    .needs = needs_of,
};

}  // namespace nines::models::kafka
