#include "models/kafka/shown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "models/kafka/access.hpp"
#include "models/kafka/context.hpp"

namespace nines::models::kafka {

namespace {

constexpr unsigned byte = 8;

/// "kafka/broker-12" -> "12": servers go by their number, as their own tools show them.
std::string number_of(const models::Plan& plan, ProcessId process) {
  const std::string_view name = plan.name(plan.processes[process].component);
  return std::string(name.substr(name.find_last_of("-/") + 1));
}

std::string broker_text(const models::Plan& plan, const ServicePlan& service, std::uint64_t broker) {
  return broker == nobody ? "none" : number_of(plan, service.brokers[broker]);
}

std::string set_text(const models::Plan& plan, const ServicePlan& service, const GroupPlan& group, std::uint64_t set) {
  std::vector<std::string> members;
  if (group.replicas > group.factor) {
    for (; set != 0; set >>= byte) members.push_back(broker_text(plan, service, (set & 0xFFU) - 1));
  } else {
    for (Slot slot = 0; slot < group.replicas; ++slot) {
      if ((set >> slot & 1U) != 0) members.push_back(broker_text(plan, service, group.broker[slot]));
    }
  }
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

/// The set by slots; of a group whose replicas can be moved by brokers, each counted from 1 in a byte of its own.
std::uint64_t set_value(const Context& c, GroupId id, SlotSet set) {
  const GroupPlan& group = c.plan.groups[id];
  if (group.replicas == group.factor) return set;
  std::uint64_t value = 0;
  for (Slot slot = group.replicas; slot-- > 0;) {
    if (has(set, slot)) value = value << byte | (c.broker_of(id, slot) + 1U);
  }
  return value;
}

/// Voter and epoch of who acts as the active controller.
struct Controller {
  Position active = nobody;
  std::uint32_t epoch = 0;
};

Controller controller_of(const State& state) {
  Controller controller;
  if (state.voters.empty()) return {state.active, state.active == nobody ? 0 : state.zk.epoch};
  for (std::size_t voter = 0; voter < state.voters.size(); ++voter) {
    const VoterState& its = state.voters[voter];
    if (its.role != VoterRole::leader || !its.acts || its.epoch <= controller.epoch) continue;
    controller = {static_cast<Position>(voter), its.epoch};
  }
  return controller;
}

constexpr std::string_view controller_word = "controller", leader_word = "leader", epoch_word = "epoch",
                           isr_word = "ISR";

// Source: Kafka's documentation, monitoring: UnderReplicatedPartitions, OfflinePartitionsCount.
constexpr service::Metric exported[] = {
    {"under_replicated_partitions", "partitions with a replica that is not in sync, by the controller's metadata"},
    {"offline_partitions", "partitions without a leader"},
};
constexpr std::size_t under_replicated = 0;

}  // namespace

void show(const World& world, ServiceId id, std::vector<service::Shown>& into) {
  const models::Plan& plan = *world.plan;
  const ServicePlan& service = plan_of(plan, id);
  const State& state = state_of(world, id);
  const Context c = view(world, static_cast<Service>(id.value));
  const Controller controller = controller_of(state);
  const ComponentId about = controller.active == nobody
                                ? service.component
                                : plan.processes[service.candidates()[controller.active]].component;
  into.push_back({service.component, controller_word, std::uint64_t{controller.active} << 32U | controller.epoch, 0,
                  false, about});
  for (const GroupId group : service.groups.ids()) {
    const PartitionRecord& record = state.groups[group].record;
    const ComponentId name = service.groups[group].component;
    const bool internal = service.topics[service.groups[group].topic].internal;
    const std::uint64_t leader = record.leader == no_slot ? nobody : c.broker_of(group, record.leader);
    into.push_back({name, leader_word, leader, group.value, internal, name});
    into.push_back({name, epoch_word, record.epoch, group.value, internal, name});
    into.push_back({name, isr_word, set_value(c, group, record.isr), group.value, internal, name});
  }
}

std::string shown_text(const models::Plan& plan, ServiceId id, const service::Shown& shown) {
  const ServicePlan& service = plan_of(plan, id);
  if (shown.what == controller_word) {
    const auto active = static_cast<Position>(shown.value >> 32U);
    if (active == nobody) return "none";
    return fmt::format("{} in epoch {}", number_of(plan, service.candidates()[active]), shown.value & 0xFFFFFFFFU);
  }
  const GroupPlan& group = service.groups[GroupId::of(shown.item)];
  if (shown.what == leader_word) return broker_text(plan, service, shown.value);
  if (shown.what == isr_word) return set_text(plan, service, group, shown.value);
  return fmt::format("{}", shown.value);
}

std::span<const service::Metric> metrics() { return exported; }

service::Reading metric(const World& world, ServiceId id, std::size_t metric) {
  const ServicePlan& service = plan_of(*world.plan, id);
  const State& state = state_of(world, id);
  double partitions = 0;
  for (const GroupId group : service.groups.ids()) {
    const PartitionRecord& record = state.groups[group].record;
    const bool counts = metric == under_replicated
                            ? std::popcount(record.isr) < static_cast<int>(service.groups[group].factor)
                            : record.leader == no_slot;
    if (counts) partitions += service.groups[group].partitions;
  }
  return {partitions, 0};
}

}  // namespace nines::models::kafka
