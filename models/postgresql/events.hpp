// Events of PostgreSQL. Servers go by number, clients' accesses by SLI of the service's plan.
#pragma once

#include "models/postgresql/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::postgresql {

using sim::EventInfo;

// clang-format off
struct ServerUp {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.started", "recover", "postgresql.start", "a server's process is up: it looks at its data"};
};
struct Recovered {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.recovered", "recover", "postgresql.replay_rate", "a server has replayed the WAL since its last checkpoint", true};
};
struct ServerExits {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.stopped", "act", "postgresql.fast_shutdown", "a server has written its shutdown checkpoint, and ends"};
};
struct PromotionDone {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.promoted", "act", "postgresql.promote", "a standby has become the primary", true};
};
struct LinkAttempt {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.link_attempt", "catch-up", "wal_retrieve_retry_interval", "a standby connects to its primary"};
};
struct RewindDone {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.rewound", "catch-up", "postgresql.rewind", "a former primary has been rewound to where its WAL parted from its successor's", true};
};
struct ReceiverTimeout {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.receiver_timeout", "detect", "wal_receiver_timeout", "a standby ends a connection on which nothing comes"};
};
struct StandbyDropped {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.standby_dropped", "detect", "wal_sender_timeout", "a standby that is silent counts no more"};
};
struct TurnDue {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.turn", "detect", "patroni.loop_wait", "a turn of Patroni in which something is to be done"};
};
struct StoreGivenUp {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.store_given_up", "detect", "patroni.retry_timeout", "Patroni has not reached its store within a turn", true};
};
struct RaceDecided {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.race_decided", "decide", "patroni.member_timeout", "a candidate waits no longer for the state of silent members"};
};
struct LeaveDue {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"postgresql.leave_due", "act", "patroni.loop_wait", "a synchronous standby that is told to stop waits no longer to be released"};
};
struct LeaderExpired {
  std::uint16_t service;
  static constexpr EventInfo info{"postgresql.leader_expired", "detect", "patroni.ttl", "the leader's key has run out", true};
};
struct Relabelled {
  std::uint16_t service;
  static constexpr EventInfo info{"postgresql.relabelled", "propagate", "postgresql.relabel", "the Service of the primary leads to the new one", true};
};
struct PromotedByHand {
  std::uint16_t service;
  static constexpr EventInfo info{"postgresql.promoted_by_hand", "", "", "people see to a primary that is gone", true};
};
struct BackupRestored {
  std::uint16_t service;
  static constexpr EventInfo info{"postgresql.restored", "", "", "people have restored a backup: what was written since is lost", true};
};
struct AttemptDue {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"postgresql.attempt", "reconnect", "", "a client tries again"};
};
struct RequestAnswered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"postgresql.request_answered", "reconnect", "", "a client's request is answered"};
};
// ---- only noted ----
struct LeaderAcquired {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.leader_acquired", "decide", "patroni.loop_wait", "a member takes the leader's key", true};
};
struct KeyReleased {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.key_released", "decide", "", "a leader gives its key up", true};
};
struct Demoted {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.demoted", "decide", "", "a primary is made a standby", true};
};
struct SyncsChanged {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.syncs_changed", "decide", "patroni.loop_wait", "commits wait for other standbys, or for none", true};
};
struct RewindBegins {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.rewind_begins", "catch-up", "", "a server's WAL has parted from the primary's"};
};
struct CopyBegins {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.copy_begins", "catch-up", "", "a server is copied anew from the primary", true};
};
struct Rejoined {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.rejoined", "catch-up", "wal_retrieve_retry_interval", "a server is connected to the primary as a standby", true};
};
struct CaughtUp {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"postgresql.caught_up", "catch-up", "postgresql.replay_rate", "a standby has all that the primary writes", true};
};
struct FirstWrite {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"postgresql.first_write", "reconnect", "", "a client's write succeeds again", true};
};
struct FirstRead {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"postgresql.first_read", "reconnect", "", "a client's read succeeds again", true};
};
// clang-format on

#define NINES_POSTGRESQL_SERVER_EVENTS(X)                                                                   \
  X(ServerUp)                                                                                               \
  X(Recovered)                                                                                              \
  X(ServerExits)                                                                                            \
  X(PromotionDone)                                                                                          \
  X(LinkAttempt)                                                                                            \
  X(RewindDone) X(ReceiverTimeout) X(StandbyDropped) X(TurnDue) X(StoreGivenUp) X(RaceDecided) X(LeaveDue)  \
      X(LeaderAcquired) X(KeyReleased) X(Demoted) X(SyncsChanged) X(RewindBegins) X(CopyBegins) X(Rejoined) \
          X(CaughtUp)
#define NINES_POSTGRESQL_SERVICE_EVENTS(X) X(LeaderExpired) X(Relabelled) X(PromotedByHand) X(BackupRestored)
#define NINES_POSTGRESQL_ACCESS_EVENTS(X) X(AttemptDue) X(RequestAnswered) X(FirstWrite) X(FirstRead)
#define NINES_POSTGRESQL_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_POSTGRESQL_SERVER_EVENTS(NINES_POSTGRESQL_SUBJECT)
NINES_POSTGRESQL_SERVICE_EVENTS(NINES_POSTGRESQL_SUBJECT)
NINES_POSTGRESQL_ACCESS_EVENTS(NINES_POSTGRESQL_SUBJECT)
#undef NINES_POSTGRESQL_SUBJECT

void on(World& world, const ServerUp& event);
void on(World& world, const Recovered& event);
void on(World& world, const ServerExits& event);
void on(World& world, const PromotionDone& event);
void on(World& world, const LinkAttempt& event);
void on(World& world, const RewindDone& event);
void on(World& world, const ReceiverTimeout& event);
void on(World& world, const StandbyDropped& event);
void on(World& world, const TurnDue& event);
void on(World& world, const StoreGivenUp& event);
void on(World& world, const RaceDecided& event);
void on(World& world, const LeaveDue& event);
void on(World& world, const LeaderExpired& event);
void on(World& world, const Relabelled& event);
void on(World& world, const AttemptDue& event);
void on(World& world, const RequestAnswered& event);

}  // namespace nines::models::postgresql

#define NINES_ROOM postgresql
#define NINES_ROOM_EVENTS "models/postgresql/events.def"
#include "models/number_events.hpp"
