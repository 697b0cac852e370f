// One Kafka service inside the world: what every mechanism of this room starts from.
#pragma once

#include <algorithm>
#include <iterator>

#include "models/kafka/events.hpp"
#include "models/kafka/plan.hpp"
#include "models/kafka/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::kafka {

struct Context {
  World& world;
  Service service;
  const ServicePlan& plan;
  const BrokerParameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] ProcessId broker_process(Position broker) const { return plan.brokers[broker]; }
  [[nodiscard]] ProcessId voter_process(Position voter) const { return plan.controllers[voter]; }
  /// REQUIRES: there is an active controller.
  [[nodiscard]] ProcessId active_process() const { return plan.candidates()[state.active]; }
  [[nodiscard]] ComponentId component(ProcessId process) const { return world.plan->processes[process].component; }
  [[nodiscard]] ComponentId broker_component(Position broker) const { return component(broker_process(broker)); }
  [[nodiscard]] ComponentId voter_component(Position voter) const { return component(voter_process(voter)); }
  [[nodiscard]] bool runs(ProcessId process) const {
    return world.processes[process].status == ProcessState::Status::running;
  }
  [[nodiscard]] Position broker_of(GroupId group, Slot slot) const {
    return state.moves.places.empty() ? plan.groups[group].broker[slot] : state.moves.places[group.value].broker[slot];
  }
  /// Slots of the group behind which there is a replica; of others `broker_of` means nothing.
  [[nodiscard]] SlotSet present(GroupId group) const {
    return state.moves.places.empty() ? placed(plan.groups[group]) : state.moves.places[group.value].present;
  }
  /// Replicas as the controller has assigned them.
  [[nodiscard]] SlotSet assigned(GroupId group) const {
    return state.moves.places.empty() ? placed(plan.groups[group]) : state.moves.places[group.value].assigned;
  }
  /// The replica at that place of the assignment, up to the number of `assigned`; the first is the preferred leader.
  [[nodiscard]] Slot in_order(GroupId group, std::size_t place) const {
    return state.moves.places.empty() ? static_cast<Slot>(place) : state.moves.places[group.value].order[place];
  }
  /// Replicas on the topic's lists of throttled ones, for their own brokers and as leaders of others.
  [[nodiscard]] SlotSet throttled_followers(GroupId group) const {
    return state.moves.places.empty() ? plan.groups[group].throttled_followers
                                      : state.moves.places[group.value].throttled_followers;
  }
  [[nodiscard]] SlotSet throttled_leaders(GroupId group) const {
    return state.moves.places.empty() ? plan.groups[group].throttled_leaders
                                      : state.moves.places[group.value].throttled_leaders;
  }
  /// Replicas that the broker has, by group.
  [[nodiscard]] const std::vector<std::pair<GroupId, Slot>>& hosted(Position broker) const {
    return state.moves.hosted.empty() ? plan.hosted[broker] : state.moves.hosted[broker];
  }
  /// `no_slot` if the broker has no replica of the group.
  [[nodiscard]] Slot slot_of(GroupId group, Position broker) const {
    for (Slot slot = 0; slot < plan.groups[group].replicas; ++slot) {
      if ((present(group) >> slot & 1U) != 0 && broker_of(group, slot) == broker) return slot;
    }
    return no_slot;
  }
  [[nodiscard]] const TopicPlan& topic_of(GroupId group) const { return plan.topics[plan.groups[group].topic]; }
  /// Round trip between two processes on their present machines, with what conditions add to it.
  [[nodiscard]] Duration rtt(ProcessId a, ProcessId b) const;
  /// The same without.
};

Context context(World& world, Service service);
/// The same for questions only: a const context reaches no mutating mechanism.
const Context view(const World& world, Service service);

/// Position of a process among the service's brokers or voters; `nobody` if it has no such role.
Position broker_at(const ServicePlan& plan, ProcessId process);
Position voter_at(const ServicePlan& plan, ProcessId process);

/// Slot set with one member.
constexpr SlotSet bit(Slot slot) { return static_cast<SlotSet>(1U << slot); }
constexpr bool has(SlotSet set, Slot slot) { return slot != no_slot && (set & bit(slot)) != 0; }
constexpr SlotSet with(SlotSet set, Slot slot) { return static_cast<SlotSet>(set | bit(slot)); }
constexpr SlotSet without(SlotSet set, Slot slot) { return static_cast<SlotSet>(set & ~bit(slot)); }
/// Members of the set: sums of neighbouring bits, then pairs, then halves. The portable instruction set has no such
/// instruction, and the library's function costs a call.
constexpr int size(SlotSet set) {
  const unsigned pairs = set - (set >> 1U & 0x55U);
  const unsigned fours = (pairs & 0x33U) + (pairs >> 2U & 0x33U);
  return static_cast<int>((fours + (fours >> 4U)) & 0x0FU);
}
static_assert(size(0) == 0 && size(0b10110101) == 5 && size(0xFF) == 8);

}  // namespace nines::models::kafka
