#include "experiments/replay/replay_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nines::experiments {

namespace {

namespace kafka = models::kafka;

/// "kafka/broker-12" -> "12": servers go by their number, as their own tools show them.
std::string number_of(const models::Plan& plan, models::ProcessId process) {
  const std::string_view name = plan.name(plan.processes[process].component);
  return std::string(name.substr(name.find_last_of("-/") + 1));
}

std::string slot_text(const models::Plan& plan, const kafka::ServicePlan& service, const kafka::GroupPlan& group,
                      kafka::Slot slot) {
  return slot == kafka::no_slot ? "none" : number_of(plan, service.brokers[group.broker[slot]]);
}

std::string set_text(const models::Plan& plan, const kafka::ServicePlan& service, const kafka::GroupPlan& group,
                     kafka::SlotSet set) {
  std::vector<std::string> members;
  for (kafka::Slot slot = 0; slot < group.replicas; ++slot) {
    if ((set >> slot & 1U) != 0) members.push_back(slot_text(plan, service, group, slot));
  }
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace

StateWatch::StateWatch(const models::World& world)
    : last_(read(world)), seen_(world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size())) {}

std::vector<StateWatch::Service> StateWatch::read(const models::World& world) {
  std::vector<Service> services;
  for (std::size_t at = 0; at < world.kafka.size(); ++at) {
    const kafka::State& state = world.kafka[at];
    Service& service = services.emplace_back();
    for (const kafka::GroupState& group : state.groups) {
      service.groups.push_back({group.record.leader, group.record.epoch, group.record.isr});
    }
    for (std::size_t voter = 0; voter < state.voters.size(); ++voter) {
      const kafka::VoterState& its = state.voters[voter];
      if (its.role != kafka::VoterRole::leader || !its.acts || its.epoch <= service.controller.epoch) continue;
      service.controller = {static_cast<kafka::Position>(voter), its.epoch};
    }
  }
  return services;
}

void StateWatch::look(const models::World& world) {
  if (world.kafka.empty()) return;
  std::vector<Service> now = read(world);
  for (std::size_t service = 0; service < now.size(); ++service) {
    compare_controller(world, service, now[service]);
    compare_groups(world, service, now[service]);
  }
  last_ = std::move(now);
  seen_ = world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size());
}

void StateWatch::compare_controller(const models::World& world, std::size_t service, const Service& now) {
  const Controller& before = last_[service].controller;
  const Controller& after = now.controller;
  if (before == after) return;
  const models::Plan& plan = *world.plan;
  const kafka::ServicePlan& its = plan.kafka[service];
  const auto text = [&](const Controller& controller) {
    if (controller.active == kafka::nobody) return std::string("none");
    return fmt::format("{} in epoch {}", number_of(plan, its.controllers[controller.active]), controller.epoch);
  };
  const models::ComponentId about =
      after.active == kafka::nobody ? its.component : plan.processes[its.controllers[after.active]].component;
  const std::string name(plan.name(its.component));
  put(world, about, {name, "controller", text(before), text(after)});
}

void StateWatch::compare_groups(const models::World& world, std::size_t service, const Service& now) {
  const models::Plan& plan = *world.plan;
  const kafka::ServicePlan& its = plan.kafka[service];
  for (std::size_t at = 0; at < now.groups.size(); ++at) {
    const Group& before = last_[service].groups[at];
    const Group& after = now.groups[at];
    if (before == after) continue;
    const kafka::GroupPlan& group = its.groups[models::GroupId::of(at)];
    const std::string name(plan.name(group.component));
    const bool internal = its.topics[group.topic].internal;
    const auto changed = [&](const char* what, std::string old, std::string young) {
      if (old != young) put(world, group.component, {name, what, std::move(old), std::move(young), internal});
    };
    changed("leader", slot_text(plan, its, group, before.leader), slot_text(plan, its, group, after.leader));
    changed("epoch", fmt::format("{}", before.epoch), fmt::format("{}", after.epoch));
    changed("ISR", set_text(plan, its, group, before.isr), set_text(plan, its, group, after.isr));
  }
}

void StateWatch::put(const models::World& world, models::ComponentId component, StateChange change) {
  const auto& records = world.trace.records();
  if (records.empty()) return;
  const sim::CauseId first = world.trace.first_id();
  const sim::CauseId newest = first + static_cast<sim::CauseId>(records.size() - 1);
  // The event of this look comes first among its records.
  sim::CauseId about = std::clamp(seen_, first, newest);
  for (sim::CauseId id = about; id <= newest; ++id) {
    if (world.trace.at(id).component == component) about = id;
  }
  changes_[about].push_back(std::move(change));
}

const std::vector<StateChange>& StateWatch::changes(sim::CauseId record) const {
  static const std::vector<StateChange> none;
  const auto found = changes_.find(record);
  return found == changes_.end() ? none : found->second;
}

}  // namespace nines::experiments
