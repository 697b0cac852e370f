#include "models/kafka/names.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "models/kafka/access.hpp"
#include "models/kafka/context.hpp"

namespace nines::models::kafka {

namespace {

struct Partition {
  TopicId topic;
  std::int64_t number = 0;
};

/// "kafka/my-topic/3".
std::optional<Partition> parse_partition(const models::Plan& plan, const ServicePlan& service, std::string_view name) {
  const std::size_t last = name.rfind('/');
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view number = name.substr(last + 1), head = name.substr(0, last);
  std::int64_t partition = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), partition);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  for (const TopicId topic : service.topics.ids()) {
    if (plan.name(service.topics[topic].component) != head) continue;
    if (partition < 0 || partition >= service.topics[topic].partitions) return std::nullopt;
    return Partition{topic, partition};
  }
  return std::nullopt;
}

GroupId group_of(const ServicePlan& service, const Partition& partition) {
  return service.topics[partition.topic].group_of[static_cast<std::size_t>(partition.number)];
}

std::vector<ProcessId> replicas(const ServicePlan& service, const Partition& partition) {
  const GroupPlan& group = service.groups[group_of(service, partition)];
  std::vector<ProcessId> out;
  for (std::size_t slot = 0; slot < group.factor; ++slot) out.push_back(service.brokers[group.broker[slot]]);
  return out;
}

/// The part of a name below the service's own; empty if it is not below it.
std::string_view below(const models::Plan& plan, ServiceId service, std::string_view name) {
  const std::string_view own = plan.name(plan.services[service].component);
  const bool inside = name.size() > own.size() + 1 && name.starts_with(own) && name[own.size()] == '/';
  return inside ? name.substr(own.size() + 1) : std::string_view();
}

}  // namespace

std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId id, std::string_view name) {
  const ServicePlan& service = plan_of(plan, id);
  const std::string_view part = below(plan, id, name);
  if (part == "brokers") return service.brokers;
  if (part == "controllers") return service.candidates();
  if (const auto partition = parse_partition(plan, service, name)) return replicas(service, *partition);
  return {};
}

bool is_led(const models::Plan& plan, ServiceId id, std::string_view name) {
  return below(plan, id, name) == "controllers" || parse_partition(plan, plan_of(plan, id), name).has_value();
}

ProcessId leader(const World& world, ServiceId id, std::string_view name) {
  const ServicePlan& service = plan_of(*world.plan, id);
  const State& state = state_of(world, id);
  const auto partition = parse_partition(*world.plan, service, name);
  if (!partition) return state.active == nobody ? ProcessId::none() : service.candidates()[state.active];
  const GroupId group = group_of(service, *partition);
  const Slot slot = state.groups[group].record.leader;
  if (slot == no_slot) return ProcessId::none();
  return service.brokers[view(world, static_cast<Service>(id.value)).broker_of(group, slot)];
}

std::vector<service::Target> targets(const models::Plan& plan, ServiceId id) {
  const ServicePlan& service = plan_of(plan, id);
  const std::string_view own = plan.name(service.component);
  std::vector<service::Target> list;
  list.push_back({fmt::format("{}/brokers", own), false});
  list.push_back({fmt::format("{}/controllers", own), true});
  for (const TopicPlan& topic : service.topics) list.push_back({fmt::format("{}/0", plan.name(topic.component)), true});
  return list;
}

}  // namespace nines::models::kafka
