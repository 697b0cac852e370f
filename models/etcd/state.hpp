// What changes in an etcd cluster. Values only: copying it forks the cluster.
//
// In health nothing of it is an event. A member that hears its leader at every tick is `attached`: its election clock
// stands at what the last heartbeat left, and is read off the two tick grids when it stops to hear. A leader that has a
// majority of attached members need not tick. Everybody else plays tick by tick and message by message.
#pragma once

#include <vector>

#include "models/etcd/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::etcd {

struct Member {
  raft::Node node;
  raft::Stable disk;      ///< what it would find after a crash
  bool serving = true;    ///< its server has started
  bool frozen = false;    ///< its process stands still
  bool stopping = false;  ///< it got SIGTERM and hands its leadership over
  bool attached = true;   ///< hears `State::leader` at every tick, and has its whole log
  bool awake = false;     ///< of a leader: its ticks are events
  bool dormant = false;   ///< asks for pre-votes that can come to nothing, again and again: no event
  bool writing = false;
  bool must_sync = false;
  std::uint32_t life = 0;   ///< processes so far
  Duration phase;           ///< of its ticks, in [0, tick)
  sim::Time counted_until;  ///< ticks up to then are in `node.elapsed`; of who is awake or not attached
  sim::Time leaderless_since = sim::Time::never();
  sim::TimerId tick_timer;
  sim::TimerId write_timer;
  sim::TimerId start_timer;
  raft::Stable being_written;
  std::vector<raft::Message> held;    ///< until the write is done
  std::vector<raft::Message> outbox;  ///< until a write on its way is done
  std::vector<raft::Message> inbox;   ///< while it stands still
};

/// A message on its way.
struct Packet {
  raft::Message message;
  std::uint32_t life = 0;  ///< of the receiver when it was sent
  bool used = false;
};

/// What a client does about one SLI.
struct Access {
  bool holds = true;
  Position endpoint = 0;  ///< the member it asks
  sim::Time attempt;      ///< its present or next attempt begins; meaningful unless it holds
  sim::TimerId timer;     ///< pending AttemptDue or RequestAnswered
};

struct State {
  std::vector<Member> members;
  std::vector<Access> accesses;  ///< by SLI of the plan
  std::vector<Packet> packets;   ///< slots
  std::vector<std::uint16_t> free_packets;
  sim::TimerId restore_timer;
  raft::Ticks election_ticks = 0;  ///< by which time-outs were drawn
  Position leader = raft::nobody;  ///< of the highest term among those that run; who is attached hears it
  bool campaigned = false;         ///< somebody has, since the last leader was elected
  bool acts = true;                ///< the leader commits what clients write
  sim::Time grown_at;              ///< clients' writes up to then are in the logs
};

/// REQUIRES: the service is of kind etcd.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::etcd
