// What changes about a group of readers. Values only: copying it forks them.
//
// In health nothing of it is an event: heartbeats and commits are ticks of grids, and nothing waits to be read.
#pragma once

#include <vector>

#include "models/consumer_group/plan.hpp"
#include "models/service/backlog.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::consumer_group {

/// A process.
struct Member {
  bool started = true;
  bool closing = false;  ///< got SIGTERM: it reads no more
  bool talks = true;     ///< it runs, and the coordinator answers it
  bool reads = true;     ///< it holds what it was assigned; not from a rebalance that it has joined until its end
  bool blocked = false;  ///< it cannot work off what it has read
  std::uint32_t life = 0;
  sim::Time beat;    ///< one of its heartbeats
  sim::Time commit;  ///< one of its commits
  sim::TimerId start_timer;
  sim::TimerId join_timer;  ///< pending Rejoined or MemberJoins
  sim::TimerId poll_timer;
  sim::TimerId away_timer;  ///< pending CoordinatorMissed
};

/// A member as the coordinator lists it: by process and life, for one that came back joins as another.
struct Entry {
  Number member = nobody;
  std::uint32_t life = 0;
  bool joined = false;  ///< its JoinGroup request waits for the others
  bool lasting = true;  ///< part of a generation that was stored
  sim::Time since;      ///< it counts as heard from then
  sim::TimerId session;
};

/// Whom partitions are assigned to that are assigned together.
struct Unit {
  Number member = nobody;
  std::uint32_t life = 0;
  friend bool operator==(const Unit&, const Unit&) = default;
};

struct Partition {
  service::Backlog lag;
  bool read = true;     ///< by whom it is assigned to
  bool frozen = false;  ///< who reads it cannot note how far
  double noted = 0;     ///< while frozen: so far, as `Backlog::left`
  sim::Time since;      ///< who reads it had noted its position then: it took it over, or joined a rebalance
};

/// Of the group at its coordinator (K4 ClassicGroupState).
enum class Phase : std::uint8_t { empty, preparing, completing, stable };
inline constexpr std::size_t phases = 4;

struct State {
  std::vector<Member> members;
  std::vector<Entry> entries;  ///< in the order of members, then of lives
  std::vector<Unit> units;
  std::vector<Unit> goals;  ///< of the consumer protocol: who is to have each unit
  std::vector<Partition> partitions;
  std::vector<bool> holds;  ///< by SLI
  Phase phase = Phase::stable;

  // The coordinator.
  ProcessId coordinator;
  std::uint32_t term = 0;
  std::uint32_t incarnation = 0;  ///< of its process
  bool loaded = true;
  sim::TimerId load_timer;

  // A rebalance.
  bool filling = false;          ///< of a group that was empty: it waits for more members
  bool members_came = false;     ///< while it waits
  bool awaits_storage = false;   ///< the assignment cannot be stored
  Duration remaining;            ///< that it may still wait
  sim::TimerId round_timer;      ///< pending InitialDelayOver, RebalanceTimedOut or Rebalanced
  std::uint32_t generation = 1;  ///< completed rebalances, and the first

  // Of a group with a delay before lost units are given to others.
  Number leader = 0;  ///< the member that assigns
  std::uint32_t leader_life = 0;
  bool moved = false;                  ///< units were taken from members in the last round, to be given to others
  sim::Time due = sim::Time::never();  ///< when lost units are assigned
  sim::TimerId reassign_timer;

  bool source_away = false;  ///< of a group that copies: no server of the source serves anything
  double not_copied = 0;     ///< records that were not in the target then
  Duration not_copied_age;   ///< and how old the oldest of them was
  sim::TimerId source_timer;
  bool lagging = false;  ///< something has waited to be read since all had been
  sim::TimerId lag_timer;
};

}  // namespace nines::models::consumer_group
