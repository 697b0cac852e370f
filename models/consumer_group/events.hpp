// Events of groups of readers, which go by number.
#pragma once

#include "models/consumer_group/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::consumer_group {

using sim::EventInfo;

// clang-format off
struct MemberStarted {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  static constexpr EventInfo info{"group.member_started", "recover", "consumer.start", "a member of a group looks for its coordinator"};
};
struct MemberJoins {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  static constexpr EventInfo info{"group.joins", "reconnect", "consumer.join", "a member's JoinGroup request is with the coordinator, or what it has to know of its group with it"};
};
struct Rejoined {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  static constexpr EventInfo info{"group.rejoined", "decide", "heartbeat.interval.ms", "a member has learned by a heartbeat that its group rebalances, and joins again"};
};
struct MemberLost {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  static constexpr EventInfo info{"group.member_lost", "detect", "session.timeout.ms", "the coordinator has not heard a member for too long and takes it out", true};
};
struct PollOverdue {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  static constexpr EventInfo info{"group.poll_overdue", "detect", "max.poll.interval.ms", "a member has not asked for records for too long and leaves", true};
};
struct CoordinatorMissed {
  std::uint16_t service;
  Number member;
  std::uint32_t life;
  bool silent;  ///< no answer came; else the connection was closed
  static constexpr EventInfo info{"group.tasks_stopped", "detect", "heartbeat.interval.ms", "a worker has not found its coordinator and stops its tasks", true};
};
struct InitialDelayOver {
  std::uint16_t service;
  std::uint32_t generation;
  static constexpr EventInfo info{"group.initial_delay", "decide", "group.initial.rebalance.delay.ms", "a group that was empty has waited for more members"};
};
struct RebalanceTimedOut {
  std::uint16_t service;
  std::uint32_t generation;
  static constexpr EventInfo info{"group.rebalance_timed_out", "decide", "max.poll.interval.ms", "a rebalance goes on without members that have not joined again"};
};
struct Rebalanced {
  std::uint16_t service;
  std::uint32_t generation;
  static constexpr EventInfo info{"group.rebalanced", "act", "consumer.sync", "members read what they were assigned", true};
};
struct CoordinatorLoaded {
  std::uint16_t service;
  std::uint32_t term;
  static constexpr EventInfo info{"group.coordinator_loaded", "recover", "consumer.coordinator_load", "a new coordinator knows the group; every member has its session time-out from now on", true};
};
struct ReassignmentDue {
  std::uint16_t service;
  std::uint32_t generation;
  static constexpr EventInfo info{"group.reassignment_due", "decide", "scheduled.rebalance.max.delay.ms", "what a lost worker has left may be given to others"};
};
struct LagDue {
  std::uint16_t service;
  static constexpr EventInfo info{"group.lag", "catch-up", "", "a partition has been read to its end, or the age of what waits passes a limit"};
};
struct SourceLost {
  std::uint16_t service;
  static constexpr EventInfo info{"group.source_lost", "person", "mirror.source_lost", "the source has been away for so long that it counts as lost: whoever goes on in the target lacks what was not copied", true};
};
// ---- only noted ----
struct MemberLeaves {
  std::uint16_t service;
  Number member;
  static constexpr EventInfo info{"group.member_left", "", "", "a member leaves its group in order", true};
};
struct RebalanceBegins {
  std::uint16_t service;
  static constexpr EventInfo info{"group.rebalance", "", "", "the coordinator asks all members to join again", true};
};
struct CaughtUp {
  std::uint16_t service;
  static constexpr EventInfo info{"group.caught_up", "catch-up", "", "nothing waits to be read any more", true};
};
struct ReadAgain {
  std::uint16_t service;
  static constexpr EventInfo info{"group.read_again", "", "", "records are read again from where a member has last noted its position", true};
};
struct SourceAway {
  std::uint16_t service;
  static constexpr EventInfo info{"group.source_away", "", "", "no partition of the source can be read: what waits to be copied is lost if the source is", true};
};
// clang-format on

#define NINES_GROUP_MEMBER_EVENTS(X) \
  X(MemberStarted) X(MemberJoins) X(Rejoined) X(MemberLost) X(PollOverdue) X(CoordinatorMissed) X(MemberLeaves)
#define NINES_GROUP_EVENTS(X) \
  X(InitialDelayOver)         \
  X(RebalanceTimedOut)        \
  X(Rebalanced)               \
  X(CoordinatorLoaded)        \
  X(ReassignmentDue) X(LagDue) X(RebalanceBegins) X(CaughtUp) X(ReadAgain) X(SourceAway) X(SourceLost)
#define NINES_GROUP_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_GROUP_MEMBER_EVENTS(NINES_GROUP_SUBJECT)
NINES_GROUP_EVENTS(NINES_GROUP_SUBJECT)
#undef NINES_GROUP_SUBJECT

void on(World& world, const MemberStarted& event);
void on(World& world, const MemberJoins& event);
void on(World& world, const Rejoined& event);
void on(World& world, const MemberLost& event);
void on(World& world, const PollOverdue& event);
void on(World& world, const CoordinatorMissed& event);
void on(World& world, const InitialDelayOver& event);
void on(World& world, const RebalanceTimedOut& event);
void on(World& world, const Rebalanced& event);
void on(World& world, const CoordinatorLoaded& event);
void on(World& world, const ReassignmentDue& event);
void on(World& world, const LagDue& event);
void on(World& world, const SourceLost& event);

}  // namespace nines::models::consumer_group

#define NINES_ROOM consumer_group
#define NINES_ROOM_EVENTS "models/consumer_group/events.def"
#include "models/number_events.hpp"
