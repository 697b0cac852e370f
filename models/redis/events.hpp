// Events of Redis. Servers and Sentinels go by number, clients' accesses by their position in the service's plan.
#pragma once

#include "models/redis/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::redis {

using sim::EventInfo;

struct SentinelTick {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.sentinel_tick", "detect", "", "a Sentinel looks at what it watches"};
};
struct FailoverTick {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.failover_tick", "decide", "",
                                  "a Sentinel looks at what it watches while the master is down"};
};
struct PacketArrived {
  std::uint16_t service;
  std::uint16_t packet;
  static constexpr EventInfo info{"redis.message", "decide", "", "a message of a Sentinel, or its answer, arrives"};
};
struct SentinelUp {
  std::uint16_t service;
  Number sentinel;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.sentinel_up", "recover", "redis.start",
                                  "a Sentinel that has started takes up its work"};
};
struct ServerUp {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.server_up", "recover", "redis.start", "a server begins to load its data"};
};
struct ServerLoaded {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.loaded", "recover", "redis.load_rate",
                                  "a server has loaded its data and serves", true};
};
struct EndLooked {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.end_looked", "act", "redis.server_cron",
                                  "a server that was told to end looks whether its replicas have everything"};
};
struct ServerExits {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.exits", "act", "", "a server has written what it keeps, and exits"};
};
struct LinkAttempt {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.connects", "recover", "redis.replication.cron_period",
                                  "a replica asks its master for what it lacks"};
};
struct SyncBegins {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.sync_begins", "catch-up", "repl-diskless-sync-delay",
                                  "a master begins to send everything"};
};
struct SyncLoaded {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.sync_loaded", "catch-up", "redis.load_rate",
                                  "a replica has loaded what its master sent", true};
};
struct LinkTimeout {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.link_timeout", "detect", "repl-timeout", "a replica gives up a silent master"};
};
struct AckLost {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.ack_lost", "detect", "min-replicas-max-lag",
                                  "a master does not count a replica any more that has fallen silent"};
};
struct AckHeard {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.ack_heard", "recover", "redis.replication.cron_period",
                                  "a master counts a replica again that it hears again"};
};
struct BufferOverrun {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.buffer_overrun", "catch-up", "",
                                  "a master cuts a replica off that takes the stream too slowly", true};
};
struct DiskWaited {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.hangs", "", "", "a server stands still: a write to its disk does not end",
                                  true};
};
struct SaveFailed {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.save_failed", "", "",
                                  "a snapshot has failed for want of space: its server takes no writes (-MISCONF)",
                                  true};
};
struct SaveSucceeded {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.save_succeeded", "recover", "redis.bgsave_retry_delay",
                                  "a snapshot has succeeded again: its server takes writes", true};
};
struct Forked {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.forked", "recover", "redis.fork_pause",
                                  "a server that stood still to fork goes on", true};
};
struct MemoryExceeded {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.killed_for_memory", "", "",
                                  "the kernel kills a server that takes more memory than its container may", true};
};
struct Relabelled {
  std::uint16_t service;
  static constexpr EventInfo info{"redis.relabelled", "propagate", "redis.relabel",
                                  "the label that clients follow is on the new master", true};
};
struct Readmitted {
  std::uint16_t service;
  static constexpr EventInfo info{"redis.readmitted", "recover", "redis.readmit",
                                  "servers and Sentinels whose addresses have changed are known again to all", true};
};
struct BusCron {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.cluster_cron", "detect", "cluster-node-timeout",
                                  "a cluster node looks at the others"};
};
struct VotesCounted {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.votes", "decide", "", "a replica has the votes of those that it asked"};
};
struct AttemptDue {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.attempt", "reconnect", "", "a client tries again"};
};
struct RequestAnswered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.request_answered", "reconnect", "", "a client's request is answered"};
};
// ---- only noted ----
struct FirstDown {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.sdown1", "detect", "down-after-milliseconds",
                                  "the first Sentinel finds the master subjectively down", true};
};
struct SecondDown {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.sdown2", "detect", "down-after-milliseconds",
                                  "a second Sentinel finds the master subjectively down", true};
};
struct ThirdDown {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.sdown3", "detect", "down-after-milliseconds",
                                  "a third Sentinel finds the master subjectively down", true};
};
struct ObjectivelyDown {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.odown", "detect", "redis.sentinel.ask_period",
                                  "as many Sentinels as the quorum find the master down", true};
};
struct FailoverTried {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.try_failover", "decide", "failover-timeout",
                                  "a Sentinel begins a failover and asks for votes", true};
};
struct Elected {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.elected", "decide", "redis.sentinel.hz",
                                  "a majority of all Sentinels elects the one that fails over", true};
};
struct NotElected {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.not_elected", "decide", "redis.sentinel.election_timeout",
                                  "a Sentinel that was not elected gives up", true};
};
struct Selected {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.selected", "decide", "redis.sentinel.hz",
                                  "the elected Sentinel has chosen a replica", true};
};
struct NoGoodReplica {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.no_good_replica", "decide", "failover-timeout",
                                  "no replica is good enough to be promoted", true};
};
struct FailoverAborted {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.failover_aborted", "decide", "failover-timeout",
                                  "a failover is given up: its replica does not follow", true};
};
struct Writable {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.writable", "act", "redis.sentinel.hz", "a replica becomes master", true};
};
struct Promoted {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.promoted", "propagate", "redis.sentinel.watch_period",
                                  "the elected Sentinel sees the promotion, and tells of the new master", true};
};
struct Switched {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.switched", "propagate", "redis.sentinel.hello_period",
                                  "the first Sentinel goes over to the new master", true};
};
struct AllSwitched {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.all_switched", "propagate", "redis.sentinel.hello_period",
                                  "all Sentinels that run have gone over to the new master", true};
};
struct FailoverEnded {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.failover_end", "propagate", "redis.sentinel.watch_period",
                                  "all replicas that can be reached follow the new master", true};
};
struct Demoted {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.old_master_demoted", "recover", "redis.sentinel.info_period",
                                  "a server that took itself for the master becomes a replica", true};
};
struct Repointed {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.repointed", "recover", "", "a replica is told of another master"};
};
struct Tilted {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.tilt", "detect", "redis.sentinel.tilt_trigger",
                                  "a Sentinel that stood still looks on and does nothing", true};
};
struct TiltEnded {
  std::uint16_t service;
  Number sentinel;
  static constexpr EventInfo info{"redis.tilt_end", "detect", "redis.sentinel.tilt_period", "a Sentinel acts again",
                                  true};
};
struct PartialResync {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.partial_resync", "catch-up", "",
                                  "a replica gets what it lacks from the backlog", true};
};
struct FullResync {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.full_resync", "catch-up", "", "a replica must get everything from its master",
                                  true};
};
struct MaybeFailed {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.pfail", "detect", "cluster-node-timeout",
                                  "a node finds that a master may have failed (PFAIL)", true};
};
struct MaybeFailedAgain {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.pfail2", "detect", "cluster-node-timeout", "another master finds so, too",
                                  true};
};
struct Failed {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.fail", "detect", "cluster-node-timeout",
                                  "a majority of masters has said so: the master has failed (FAIL)", true};
};
struct ElectionBegins {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.election", "decide", "redis.cluster.election_delay",
                                  "a replica asks for votes", true};
};
struct ElectionExpired {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.election_expired", "decide", "cluster-node-timeout",
                                  "a replica has not got the votes it needs", true};
};
struct DataTooOld {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.data_too_old", "decide", "cluster-replica-validity-factor",
                                  "a replica's data are too old for it to stand for election", true};
};
struct ClusterDown {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.cluster_down", "detect", "", "a node refuses requests: the cluster is down",
                                  true};
};
struct ClusterOk {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.cluster_ok", "recover", "", "a node takes requests again", true};
};
struct FirstWrite {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.first_write", "reconnect", "", "a client's write succeeds again", true};
};
struct FirstWriteBySentinel {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.first_write_sentinel", "reconnect", "",
                                  "a write succeeds again of a client that asks Sentinels", true};
};
struct FirstRead {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.first_read", "reconnect", "", "a client's read succeeds again", true};
};

struct HandOverLooked {
  std::uint16_t service;
  Number server;
  std::uint32_t life;
  static constexpr EventInfo info{"redis.hand_over_looked", "act", "redis.cluster.cron_period",
                                  "a replica looks whether it has what the master has that it takes over from"};
};
struct HandOverFailed {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.hand_over_failed", "act", "redis.cluster.manual_failover_timeout",
                                  "a replica had not in time what its master has: nobody takes over", true};
};

struct Migrated {
  std::uint16_t service;
  Number server;
  static constexpr EventInfo info{"redis.migrated", "recover", "redis.cluster.migration_delay",
                                  "a replica of a cluster goes over to a master that has none left", true};
};
struct StaleDue {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.stale_due", "detect", "", "what a client reads may be too old by now"};
};
struct StaleReads {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.stale_reads", "detect", "",
                                  "a client reads data that lack what was acknowledged longer ago than it allows",
                                  true};
};

struct MapRefreshed {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.map_refreshed", "reconnect", "redis.client.refresh_period",
                                  "a client of a cluster learns anew which node has what", true};
};
struct ClientConnects {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.client_connects", "reconnect", "",
                                  "a client's connection to the server that it knows goes on, is given up, or is made "
                                  "anew"};
};
struct NameResolved {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.name_resolved", "propagate", "redis.client.dns_ttl",
                                  "a client's answer of DNS has run out, and the next is another", true};
};
struct ClientRestarted {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.client_restarted", "person", "redis.client.restart",
                                  "people have restarted a client that did not find its server by itself", true};
};
struct ClientsSwitched {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"redis.clients_switched", "reconnect", "",
                                  "all clients are served, and each by whom it takes for the master", true};
};

// One a line: in rows the formatter takes them apart differently from run to run.
// clang-format off
#define NINES_REDIS_SENTINEL_EVENTS(X) \
  X(SentinelTick) \
  X(FailoverTick) \
  X(SentinelUp) \
  X(FirstDown) \
  X(SecondDown) \
  X(ThirdDown) \
  X(ObjectivelyDown) \
  X(FailoverTried) \
  X(Elected) \
  X(NotElected) \
  X(Selected) \
  X(NoGoodReplica) \
  X(FailoverAborted) \
  X(Promoted) \
  X(Switched) \
  X(AllSwitched) \
  X(FailoverEnded) \
  X(Tilted) \
  X(TiltEnded)
#define NINES_REDIS_SERVER_EVENTS(X) \
  X(ServerUp) \
  X(ServerLoaded) \
  X(EndLooked) \
  X(ServerExits) \
  X(LinkAttempt) \
  X(SyncBegins) \
  X(SyncLoaded) \
  X(LinkTimeout) \
  X(AckLost) \
  X(AckHeard) \
  X(BufferOverrun) \
  X(DiskWaited) \
  X(Forked) \
  X(SaveFailed) \
  X(SaveSucceeded) \
  X(MemoryExceeded) \
  X(BusCron) \
  X(VotesCounted) \
  X(Writable) \
  X(Demoted) \
  X(Repointed) \
  X(PartialResync) \
  X(FullResync) \
  X(MaybeFailed) \
  X(MaybeFailedAgain) \
  X(Failed) \
  X(ElectionBegins) \
  X(ElectionExpired) \
  X(DataTooOld) \
  X(ClusterDown) \
  X(ClusterOk) \
  X(HandOverLooked) \
  X(HandOverFailed) \
  X(Migrated)
#define NINES_REDIS_ACCESS_EVENTS(X) \
  X(AttemptDue) \
  X(RequestAnswered) \
  X(FirstWrite) \
  X(FirstWriteBySentinel) \
  X(FirstRead) \
  X(StaleDue) \
  X(StaleReads) \
  X(MapRefreshed) \
  X(ClientConnects) \
  X(NameResolved) \
  X(ClientRestarted) \
  X(ClientsSwitched)
// clang-format on
#define NINES_REDIS_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_REDIS_SENTINEL_EVENTS(NINES_REDIS_SUBJECT)
NINES_REDIS_SERVER_EVENTS(NINES_REDIS_SUBJECT)
NINES_REDIS_ACCESS_EVENTS(NINES_REDIS_SUBJECT)
NINES_REDIS_SUBJECT(PacketArrived)
NINES_REDIS_SUBJECT(Relabelled)
NINES_REDIS_SUBJECT(Readmitted)
#undef NINES_REDIS_SUBJECT

void on(World& world, const SentinelTick& event);
void on(World& world, const FailoverTick& event);
void on(World& world, const PacketArrived& event);
void on(World& world, const SentinelUp& event);
void on(World& world, const ServerUp& event);
void on(World& world, const ServerLoaded& event);
void on(World& world, const EndLooked& event);
void on(World& world, const ServerExits& event);
void on(World& world, const LinkAttempt& event);
void on(World& world, const SyncBegins& event);
void on(World& world, const SyncLoaded& event);
void on(World& world, const LinkTimeout& event);
void on(World& world, const AckLost& event);
void on(World& world, const AckHeard& event);
void on(World& world, const BufferOverrun& event);
void on(World& world, const DiskWaited& event);
void on(World& world, const Forked& event);
void on(World& world, const SaveFailed& event);
void on(World& world, const SaveSucceeded& event);
void on(World& world, const MemoryExceeded& event);
void on(World& world, const Relabelled& event);
void on(World& world, const Readmitted& event);
void on(World& world, const HandOverLooked& event);
void on(World& world, const BusCron& event);
void on(World& world, const VotesCounted& event);
void on(World& world, const AttemptDue& event);
void on(World& world, const RequestAnswered& event);
void on(World& world, const StaleDue& event);
void on(World& world, const MapRefreshed& event);
void on(World& world, const ClientConnects& event);
void on(World& world, const NameResolved& event);
void on(World& world, const ClientRestarted& event);

}  // namespace nines::models::redis

#define NINES_ROOM redis
#define NINES_ROOM_EVENTS "models/redis/events.def"
#include "models/number_events.hpp"
