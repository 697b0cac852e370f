// The controller quorum: KRaft's pull-based Raft.
//
// Voters fetch from the leader, and the leader appends at least one no-op record each idle interval, so in health every
// voter's fetch timer is reset by the same append. That changes nothing and is no event: the grid of no-op records
// tells when a follower that lost its leader had its last successful fetch. Elections are played message by message.
//
// The rules of a voter are a pure machine (raft/voter.hpp). Here is what drives it: who reaches whom, when a timer runs
// out, how long a message, a write and a first commit take. Three things are no rule of one voter and stay here too: a
// new leader is known at once to all that reach it, a stopped process finds its timer expired when it continues, and a
// voter that nobody hears sleeps, for what it does is known without being played.
// Rules: K39 KafkaRaftClient, FollowerState, CandidateState, LeaderState, KIP-595, KIP-996; Kafka sheet section 3.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Whether a record written now would be committed: the active controller leads and a majority of voters fetches from
/// it.
bool can_commit(const Context& c);
/// Voters in contact have the newest decisions on their disks.
void record_on_voters(Context& c);
/// Re-examines who reaches whom in the quorum. Call after any change of processes or links.
void quorum_changed(Context& c);
/// The controller process of `voter` is gone (killed or host lost).
void voter_died(Context& c, Position voter);
/// The controller role of a process has started.
void voter_started(Context& c, Position voter, bool disk_lost);
/// Orderly stop of a voter: an active controller names its successors (EndQuorumEpoch).
void voter_stopping(Context& c, Position voter);
/// The wall clock of the voter's machine jumps forward. Its timers go by it (apache/kafka 3.9 KafkaRaftClient polls
/// with time.milliseconds(); common/utils/Timer takes the greatest it has seen): those that are due by then run out at
/// once, also the leader's patience with a majority that has just fetched.
void voter_clock_jumped(Context& c, Position voter, Duration by);
/// The active controller, or nobody.
bool quorum_healthy(const Context& c);

}  // namespace nines::models::kafka
