// Decisions of the active controller about partitions: leader, ISR, ELR. The only place where they change.
//
// Rules: K39 PartitionChangeBuilder and ReplicationControlManager, KIP-841, KIP-966; Kafka sheet section 2. Partitions
// of a group have one assignment and one history, so a decision is made once for all of them.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Unfenced and not in controlled shutdown: may lead and may be in an ISR.
inline bool active(const State& state, Position broker) {
  return !state.brokers[broker].fenced && !state.brokers[broker].shutting_down;
}

/// A replica that may lead, by the order: present leader, ISR in assignment order, ELR, last known leader (ELR on), any
/// active replica (unclean). `no_slot` if none may.
struct LeaderChoice {
  Slot leader = no_slot;
  bool unclean = false;
};
LeaderChoice choose_leader(const Context& c, GroupId group, SlotSet isr);

/// Which of a broker's replicas.
enum class Hosted : std::uint8_t { all, led, followed };
/// The broker was fenced or is stopping: it leaves ISRs and leads nothing any more.
void broker_removed(Context& c, Position broker, Hosted which = Hosted::all);
/// The same of one that is stopping, with ZooKeeper: what nobody else can take over it goes on to lead.
void broker_hands_over(Context& c, Position broker);
/// The broker registered after an unclean stop: with ELR on it leaves ISR and ELR (K39 handleBrokerUncleanShutdown).
void broker_stopped_uncleanly(Context& c, Position broker);
/// The broker was unfenced: partitions without a leader may have one again.
void broker_returned(Context& c, Position broker);
/// A leader's AlterPartition: new ISR of a group it leads.
void change_isr(Context& c, GroupId group, SlotSet isr);
/// The group has one more replica, in that slot. Or one of them is none any more: it is in no ISR and leads nothing,
/// and all others begin anew at the next leader epoch
/// (PartitionChangeBuilder.triggerLeaderEpochBumpForReplicaReassignmentIfNeeded).
void put_in(Context& c, GroupId group, Slot slot);
void take_out(Context& c, GroupId group, Slot slot);
/// Moves the leadership of a group to its preferred replica if that one is in the ISR and active. Returns whether.
bool elect_preferred(Context& c, GroupId group);
/// Number of partitions the broker leads by the newest decisions.
std::uint32_t partitions_led(const Context& c, Position broker);
/// What the controller had decided about `group` at metadata version `version`.
const PartitionRecord& record_at(const GroupState& group, std::uint32_t version);

}  // namespace nines::models::kafka
