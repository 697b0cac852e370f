#include "models/kafka/partition.hpp"

#include "models/coverage.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

std::uint8_t min_isr(const Context& c, GroupId group) { return c.plan.topics[c.plan.groups[group].topic].min_isr; }

/// Starts a new decision about the group: the present one becomes history for brokers that lag behind.
PartitionRecord& decide(Context& c, GroupId id) {
  GroupState& group = c.state.groups.edit(id);
  if (group.record.version != c.state.version + 1) {
    group.earlier[2] = group.earlier[1];
    group.earlier[1] = group.earlier[0];
    group.earlier[0] = group.record;
    group.record.version = c.state.version + 1;
    c.state.decided = true;
    for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
      if (!has(c.present(id), slot)) continue;
      c.state.undone.edit(c.broker_of(id, slot)).push_back({group.record.version, id});
    }
  }
  return group.record;
}

void set_leader(Context& c, GroupId id, LeaderChoice choice) {
  GroupState& group = c.state.groups.edit(id);
  PartitionRecord& record = decide(c, id);
  if (record.leader != no_slot) group.last_leader = record.leader;
  record.leader = choice.leader;
  ++record.epoch;
  if (choice.leader == no_slot) {
    c.world.note(PartitionOffline{c.service, id}, record.epoch);
    return;
  }
  if (choice.unclean) {
    NINES_TAKES(unclean_election);
    record.isr = bit(choice.leader);
  }
  if (!has(record.isr, choice.leader)) record.isr = with(record.isr, choice.leader);  // elected from the ELR
  group.elr = without(group.elr, choice.leader);
  c.world.note(LeaderElected{c.service, id}, c.broker_of(id, choice.leader));
}

/// Members that leave an ISR that falls below min ISR stay eligible: they hold everything up to the frozen high
/// watermark (KIP-966).
void update_elr(Context& c, GroupId id, SlotSet before) {
  GroupState& group = c.state.groups.edit(id);
  if (!c.parameters.eligible_leader_replicas) return;
  const SlotSet isr = group.record.isr;
  if (size(isr) >= min_isr(c, id)) {
    group.elr = 0;
    return;
  }
  group.elr = static_cast<SlotSet>((group.elr | before) & ~isr);
}

void remove_replica(Context& c, GroupId id, Slot slot) {
  GroupState& group = c.state.groups.edit(id);
  const bool leads = group.record.leader == slot;
  if (!leads && !has(group.record.isr, slot)) return;
  const bool stops = c.state.brokers[c.broker_of(id, slot)].shutting_down;
  PartitionRecord& record = decide(c, id);
  const SlotSet before = record.isr;
  const SlotSet remaining = without(record.isr, slot);
  // Without ELR the last member stays in the ISR: only it may lead later.
  if (remaining != 0 || c.parameters.eligible_leader_replicas) record.isr = remaining;
  update_elr(c, id, before);
  if (!leads && !stops) NINES_TAKES(follower_fenced_leaves_isr);
  if (!leads) return;
  const LeaderChoice choice = choose_leader(c, id, record.isr);
  if (choice.leader == no_slot) {
    stops ? NINES_TAKES(shutdown_of_last_member_offline) : NINES_TAKES(last_isr_member_fenced_offline);
  } else if (!choice.unclean) {
    stops ? NINES_TAKES(shutdown_hands_leadership_over) : NINES_TAKES(leader_fenced_isr_takes_over);
  }
  set_leader(c, id, choice);
}

}  // namespace

LeaderChoice choose_leader(const Context& c, GroupId id, SlotSet isr) {
  const GroupPlan& plan = c.plan.groups[id];
  const GroupState& group = c.state.groups[id];
  const auto places = static_cast<std::size_t>(size(c.assigned(id)));
  const auto lives = [&](Slot slot) { return active(c.state, c.broker_of(id, slot)); };
  const Slot present = group.record.leader;
  if (has(isr, present) && lives(present)) return {present, false};
  for (std::size_t place = 0; place < places; ++place) {
    const Slot slot = c.in_order(id, place);
    if (has(isr, slot) && lives(slot)) return {slot, false};
  }
  if (c.parameters.eligible_leader_replicas) {
    for (std::size_t place = 0; place < places; ++place) {
      const Slot slot = c.in_order(id, place);
      if (!has(group.elr, slot) || !lives(slot)) continue;
      NINES_TAKES(elr_member_elected);
      return {slot, false};
    }
    const bool nobody_eligible = isr == 0 && group.elr == 0;
    if (nobody_eligible && has(c.assigned(id), group.last_leader) && lives(group.last_leader)) {
      NINES_TAKES(last_known_leader_elected);
      return {group.last_leader, true};
    }
  }
  if (c.plan.topics[plan.topic].unclean || NINES_MUTATED(unclean_election_always)) {
    for (std::size_t place = 0; place < places; ++place) {
      const Slot slot = c.in_order(id, place);
      if (lives(slot)) return {slot, true};
    }
  }
  return {no_slot, false};
}

void broker_removed(Context& c, Position broker, Hosted which) {
  for (const auto& [group, slot] : c.hosted(broker)) {
    const bool leads = c.state.groups[group].record.leader == slot;
    if (which == Hosted::all || leads == (which == Hosted::led)) remove_replica(c, group, slot);
  }
}

void broker_hands_over(Context& c, Position broker) {
  for (const auto& [id, slot] : c.hosted(broker)) {
    const PartitionRecord& record = c.state.groups[id].record;
    bool other = false;
    for (Slot member = 0; member < c.plan.groups[id].replicas; ++member) {
      other = other || (member != slot && has(record.isr, member) && active(c.state, c.broker_of(id, member)));
    }
    if (record.leader != slot || other) remove_replica(c, id, slot);
  }
}

void broker_stopped_uncleanly(Context& c, Position broker) {
  if (!c.parameters.eligible_leader_replicas) return;
  for (const auto& [id, slot] : c.hosted(broker)) {
    GroupState& group = c.state.groups.edit(id);
    if (!has(group.record.isr, slot) && !has(group.elr, slot)) continue;
    NINES_TAKES(unclean_restart_leaves_isr);
    PartitionRecord& record = decide(c, id);
    record.isr = without(record.isr, slot);
    group.elr = without(group.elr, slot);
  }
}

void broker_returned(Context& c, Position broker) {
  for (const auto& [id, slot] : c.hosted(broker)) {
    GroupState& group = c.state.groups.edit(id);
    if (group.record.leader != no_slot) continue;
    const LeaderChoice choice = choose_leader(c, id, group.record.isr);
    if (choice.leader == no_slot) continue;
    if (choice.leader == slot) NINES_TAKES(offline_leader_returns);
    set_leader(c, id, choice);
  }
}

void change_isr(Context& c, GroupId id, SlotSet isr) {
  GroupState& group = c.state.groups.edit(id);
  const SlotSet before = group.record.isr;
  if (before == isr) return;
  // Only the leader acts on it, and it learns from the answer: no new metadata version is needed.
  group.record.isr = isr;
  update_elr(c, id, before);
  if ((before & ~isr) != 0) {
    NINES_TAKES(lagging_follower_leaves_isr);
    c.world.note(IsrShrunk{c.service, id}, isr);
  }
  if ((isr & ~before) != 0) {
    NINES_TAKES(replica_rejoins_isr);
    c.world.note(IsrExpanded{c.service, id}, isr);
  }
  end_move(c, id);
}

void put_in(Context& c, GroupId id, Slot slot) {
  const std::uint32_t version = decide(c, id).version;
  // Where the version began before the replica was one, its broker has not been told.
  std::vector<Undone>& undone = c.state.undone.edit(c.broker_of(id, slot));
  if (undone.empty() || undone.back().group != id || undone.back().version != version) undone.push_back({version, id});
}

void take_out(Context& c, GroupId id, Slot slot) {
  GroupState& group = c.state.groups.edit(id);
  PartitionRecord& record = decide(c, id);
  record.isr = without(record.isr, slot);
  group.elr = without(group.elr, slot);
  group.pending_shrink = without(group.pending_shrink, slot);
  group.pending_expand = without(group.pending_expand, slot);
  const LeaderChoice choice = choose_leader(c, id, record.isr);
  if (choice.leader != record.leader) return set_leader(c, id, choice);
  ++record.epoch;
}

bool elect_preferred(Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  const Slot preferred = c.in_order(id, 0);
  if (group.record.leader == preferred || !has(group.record.isr, preferred)) return false;
  if (!active(c.state, c.broker_of(id, preferred))) return false;
  NINES_TAKES(preferred_leader_elected);
  set_leader(c, id, {preferred, false});
  return true;
}

std::uint32_t partitions_led(const Context& c, Position broker) {
  std::uint32_t count = 0;
  for (const auto& [id, slot] : c.hosted(broker)) {
    if (c.state.groups[id].record.leader == slot) count += c.plan.groups[id].partitions;
  }
  return count;
}

const PartitionRecord& record_at(const GroupState& group, std::uint32_t version) {
  if (group.record.version <= version) return group.record;
  for (const PartitionRecord& record : group.earlier) {
    if (record.epoch > 0 && record.version <= version) return record;
  }
  return group.earlier.back();
}

}  // namespace nines::models::kafka
