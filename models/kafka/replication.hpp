// The leader's clock: followers that fetch, lag, leave the ISR, catch up and return; and the log itself as a fluid.
//
// Records are rates times time: the acknowledged log of a group grows at the rate its leader accepts; a follower in
// step holds all of it but the newest few milliseconds; one that stopped stands still. Nothing happens per record.
// Rules: K39 Partition, Replica, ReplicaManager; Kafka sheet sections 2 and 6.
#pragma once

#include "models/kafka/context.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

/// Whether the broker's data plane takes requests.
inline bool serves(const Context& c, Position broker) {
  const BrokerPhase phase = c.state.brokers[broker].phase;
  const bool open = phase == BrokerPhase::unfencing || phase == BrokerPhase::running || phase == BrokerPhase::stopping;
  return open && c.runs(c.broker_process(broker));
}
/// Whether the replica takes itself for the leader and serves as one (a zombie does too).
inline bool acts_as_leader(const Context& c, GroupId group, Slot slot) {
  return c.state.groups[group].replicas[slot].known_leader == slot && serves(c, c.broker_of(group, slot));
}
/// Whether the replica is fetched from the leader that it believes in.
inline bool follows(const ReplicaState& replica) {
  return replica.mode == ReplicaState::Mode::in_step || replica.mode == ReplicaState::Mode::catching_up;
}
/// Enters the replica's mode, and nothing else that goes with it.
inline void put_in_mode(GroupState& group, Slot slot, ReplicaState::Mode mode) {
  group.replicas[slot].mode = mode;
  group.in_step = mode == ReplicaState::Mode::in_step ? with(group.in_step, slot) : without(group.in_step, slot);
}
/// The leader refuses acks=all up front (NOT_ENOUGH_REPLICAS).
inline bool rejects_all(const Context& c, GroupId group) {
  const int needed = c.topic_of(group).min_isr - (NINES_MUTATED(min_isr_off_by_one) ? 1 : 0);
  return size(c.state.groups[group].leader_isr) < needed;
}
/// A replica is assigned to a broker that had none of the group: it has nothing yet. Or its broker deletes what it has.
void begin_replica(Context& c, GroupId group, Slot slot);
void end_replica(Context& c, GroupId group, Slot slot);
/// The high watermark moves: every member of the leader's ISR fetches, and enough of them (KAFKA-15583).
bool watermark_advances(const Context& c, GroupId group);
/// A write with acks=all is accepted and acknowledged: the ISR is large enough and all of it fetches.
bool acknowledges_all(const Context& c, GroupId group);
Flow flow_of(const Context& c, GroupId group);

/// Re-examines all followers: who fetches, who stopped, who may rejoin. Call after changes of processes, links,
/// leaders.
void replication_changed(Context& c);
/// A replica learns from the metadata who leads. Makes it leader, follower, or ends its time as zombie.
void learn_leader(Context& c, GroupId group, Slot slot, const PartitionRecord& record);
/// The broker begins to change its fetchers after a decision. Call before `learn_leader` and `end_fetcher`.
void change_fetchers(Context& c, Position broker);
/// The replica will not be fetched any more: its broker stops, and is out of the ISR.
void end_fetcher(Context& c, GroupId group, Slot slot);
/// Records flow where replicas wait to join a fetch: they do at the next one. Call after rates have changed.
void records_flow(Context& c);
/// The broker's process is gone; `power_loss` takes what was not yet written back.
void replicas_stopped(Context& c, Position broker, bool power_loss);
/// Whether the disk that the broker lost has come back with what a snapshot held.
bool restored_from_snapshot(const Context& c, Position broker);
/// The broker came back with an empty disk, or with what a snapshot held.
void replicas_emptied(Context& c, Position broker);
/// Brings a group's log up to the present; call before reading it or changing its rates. A log is a sum whose last
/// digits depend on where it is cut: it is cut where the group changes, not where somebody happens to look at it.
void settle(Context& c, GroupId group);
/// Works out what fetchers bring. For a new world.
void count_fetchers(Context& c);
/// Recomputes at which rates the group's leader accepts records, from its flow and the clients' routes.
void update_rates(Context& c, GroupId group);
/// The leader accepts so many records with acks=all per second and partition from now on; nothing else changes.
void set_acks_all_rate(Context& c, GroupId group, double rate);
/// Whether they are what `update_rates` would make them.
bool rates_current(const Context& c, GroupId group);
/// Whether a look at the group's followers would find nothing to do, now and until something changes.
bool followers_at_rest(const Context& c, GroupId group);
/// A replica in step keeps up no more: what it misses grows from now on.
void begin_lag(Context& c, GroupId group, Slot slot);
/// A fetch that waited for its own broker's volume goes on.
void end_wait(Context& c, GroupId group, Slot slot);
/// The replica has all that its leader has: it is in step from now on.
void replica_complete(Context& c, GroupId group, Slot slot);
/// Every replica is in the ISR and in step.
bool replicas_complete(const Context& c);

}  // namespace nines::models::kafka
