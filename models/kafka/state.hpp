// What changes in one Kafka service. Indices and values only: copying it forks the service.
//
// Three clocks are kept apart, because most wrong answers come from merging them: the controller's view of a broker
// (session), a leader's view of its followers (lag), a client's view of its leader (requests).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "models/kafka/group_set.hpp"
#include "models/kafka/plan.hpp"
#include "models/kafka/raft/voter.hpp"
#include "models/kafka/retry_clock.hpp"
#include "models/kafka/zk/state.hpp"
#include "models/process.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"
#include "sim/undoable.hpp"

namespace nines::models::kafka {

/// Position of a broker in ServicePlan::brokers, or of a voter in ServicePlan::controllers.
using Position = std::uint16_t;
inline constexpr Position nobody = raft::nobody;

/// A broker's own progress through start and stop (K39 BrokerLifecycleManager; Kafka sheet section 3).
enum class BrokerPhase : std::uint8_t {
  down,         ///< no process, or not yet at its registration
  registering,  ///< asks the controller for an epoch
  catching_up,  ///< replays the metadata log
  recovering,   ///< loads or recovers its logs; heartbeats, but fenced
  unfencing,    ///< logs loaded, data plane up, waits to be unfenced
  running,
  stopping,  ///< controlled shutdown: hands leaderships over
  closing,   ///< logs being closed; takes no requests
};

struct BrokerState {
  BrokerPhase phase = BrokerPhase::running;
  std::uint32_t incarnation = 0;  ///< of the process, at its last start

  // The controller's record of the broker.
  bool fenced = false;
  bool shutting_down = false;   ///< in controlled shutdown
  bool expiry_pending = false;  ///< session ran out while the controller could not commit

  // Heartbeats. In contact: a grid. Out of contact: a retry clock.
  bool in_contact = true;
  sim::Grid
      heartbeats;  ///< since its last registration or return; without a period as in a resting world (session.hpp)
  RetryClock retry;
  sim::Time last_contact;  ///< as the active controller remembers it; meaningful out of contact
  sim::TimerId session_timer;
  sim::TimerId reach_timer;      ///< pending HeartbeatResumed
  sim::TimerId step_timer;       ///< pending step of start or stop
  Duration load_length;          ///< of the loading of its logs, as conditions are
  Duration load_recovery;        ///< the part of it that goes by its disk and CPU
  Duration load_left;            ///< of a loading that its volume holds up; else zero
  sim::Time contact_lost;        ///< when it lost the active controller last
  bool lost_in_silence = false;  ///< its requests were not answered; else they were refused
  sim::TimerId fetch_timer;      ///< pending FetchResumed
  sim::Time fetchers_changed;    ///< when its fetchers follow what it acted on last
  sim::Time fetchers_connected;  ///< the same of new ones
  bool has_led = true;           ///< since its start
  bool behind = false;           ///< replicas of it outside the ISR catch up
  bool awaits_record = false;    ///< some replica of it has joined a fetcher to which nothing came: since its start
  sim::Time registering_since;
  std::uint32_t registration_tries = 0;

  std::uint32_t registered_version = 0;  ///< metadata version that its registration led to
  std::uint32_t shutdown_version = 0;    ///< metadata version that moved its leaderships away
  std::uint8_t shutdown_polls = 0;
  sim::Time shutdown_since;
  const std::string_view* step_set_by = nullptr;  ///< input that the pending step's delay hangs on, where that depends

  sim::Grid isr_checks;  ///< lag checks of the partitions it leads; without a period as in a resting world

  bool seen_serving = true;  ///< its data plane takes requests, as last seen (dirty_groups.hpp)
  bool seen_active = true;   ///< may lead and be in an ISR, as last seen
};

/// How far a broker has got in the metadata. Apart from what else changes of it: every decision moves it on every
/// broker.
struct MetadataProgress {
  std::uint32_t applied_version = 0;   ///< acted on
  sim::Time applied_at;                ///< when it last applied any
  std::uint32_t expected_version = 0;  ///< last decision on its way to it
  sim::Time expected_apply;            ///< when it acts on that
};

/// What requests from and to a broker hang on, as last seen (dirty_groups.hpp).
struct SeenProcess {
  NodeId node;
  bool sends = true;             ///< runs on a machine that is up
  Contact answer = Contact::ok;  ///< to whoever reaches its machine; `reset` of a machine without the process
  Handshakes handshakes = Handshakes::succeed;
  bool serves_errors = false;
  bool denied = false;  ///< a policy lets no packet through
  friend bool operator==(const SeenProcess&, const SeenProcess&) = default;
};

/// What a broker has of its volume, machine and paths, as last seen (conditions.hpp).
struct SeenConditions {
  double disk = 1;
  double network = 1;
  double cpu = 1;
  bool paths = false;  ///< packets to or from it are lost or delayed
  friend bool operator==(const SeenConditions&, const SeenConditions&) = default;
};

/// A leader that cannot write what is produced to it as fast as it comes.
struct SlowLeader {
  Position broker = nobody;
  double share = 1;    ///< that it takes
  bool late = false;   ///< what is produced to it is acknowledged later than clients wait
  sim::TimerId timer;  ///< pending LeaderLate
};

/// A replica that lags (`ReplicaState::lags`).
struct Lag {
  GroupId group;
  Slot slot = no_slot;
  bool late = false;   ///< acknowledgements that wait for it come later than clients wait
  sim::TimerId timer;  ///< pending AcksLate
};

/// Which replication throttles hold for a replica: the topics list them, for its broker as a follower and for the
/// leader that it fetches from.
enum class Throttles : std::uint8_t { none = 0, follower = 1, leader = 2, both = 3 };

/// What a broker's replicas miss of the groups that one other broker leads, on its way (catch_up.hpp).
struct Transfer {
  Position to = nobody;
  Position from = nobody;
  Throttles throttles = Throttles::none;  ///< on whose lists these replicas are
  fabric::FlowId flow;
  sim::TimerId last_fetch;    ///< pending PairCaughtUp: all bytes have come
  sim::Time since;            ///< the flow's start
  double bytes = 0;           ///< of the flow not yet settled to the replicas
  double live_per_s = 0;      ///< bytes of live load from `from` to `to`, by the same fetchers
  double unsynced_per_s = 0;  ///< the part of it for replicas that are behind: the throttles count it
  bool outdated = true;       ///< replicas joined or left it: to be planned anew
  bool counted = false;       ///< the live load beside it has been worked out since it began
  double unmatched = 0;       ///< share of the live load that does not get through since `grown_since`
  sim::Time grown_since;
  std::vector<std::pair<GroupId, Slot>> members;  ///< replicas that it fills, in order
};

/// The live load of a broker while there are transfers.
struct LiveLoad {
  Position broker = nobody;
  fabric::FlowId in;    ///< what it writes: produced to it and fetched by its replicas
  fabric::FlowId out;   ///< what it sends: to followers and consumers
  double in_per_s = 0;  ///< bytes
  double out_per_s = 0;
  bool load_outdated = true;   ///< some group that it leads or follows has changed since `in_per_s`, `out_per_s`
  bool pairs_outdated = true;  ///< the same since the live part of its transfers was worked out
  double in_share = 1;         ///< what of it gets through now; worked out while something is degraded
  double out_share = 1;
};

using VoterRole = raft::Role;

/// A voter of the controller quorum (raft/voter.hpp) with its timers.
struct VoterState : raft::Voter {
  sim::Time asleep_since;  ///< when nobody hears it (quorum.cpp)
  sim::TimerId timer;
  sim::TimerId resign_timer;  ///< of a leader without majority
};

/// Position in the records of a group: what is acknowledged with acks=all and what with acks=1, per partition. What was
/// there before the simulation began lies below 0.
struct LogPosition {
  double all = 0;
  double one = 0;
};

/// What a follower's fetcher does about a replica.
enum class Fetcher : std::uint8_t {
  free,      ///< fetches as soon as it can
  starting,  ///< its broker changes its fetchers until `next_fetch`
  joining,  ///< part of the next fetch; the one under way is answered by the next record, at the latest at `next_fetch`
  waiting,  ///< a fetch to a silent leader is under way; the socket times out at `next_fetch`
  delayed,  ///< the fetch failed; it is repeated at `next_fetch` and after each further back-off
  ending,   ///< its broker stops fetching at `next_fetch`, for it shuts down
};

struct ReplicaState {
  /// How the replica's log relates to the log of the leader it believes in.
  enum class Mode : std::uint8_t { leading, in_step, stopped, catching_up };
  Mode mode = Mode::in_step;
  Slot known_leader = no_slot;  ///< by the metadata that its broker has applied
  std::uint32_t known_epoch = 0;
  LogPosition position;     ///< valid while stopped
  LogPosition missing;      ///< valid while catching up
  sim::Time stopped_since;  ///< last caught up, as its leader remembers
  sim::TimerId lag_timer;   ///< the leader's check that would find it out of sync
  Fetcher fetcher = Fetcher::free;
  sim::Time next_fetch;  ///< unless free
  sim::Time next_record =
      sim::Time::never();  ///< while joining: what the fetch under way waits for; never: nothing comes
  bool emptied = false;    ///< came back with an empty disk and has not caught up since
  bool unflushed = false;  ///< lost its newest records with the machine's power and has not caught up since
  /// Follows more slowly than its leader writes, since it was in step (conditions.hpp). While it is in the ISR, nothing
  /// is acknowledged with acks=all that it does not hold.
  bool lags = false;
};

/// What the controller has decided at some metadata version.
struct PartitionRecord {
  std::uint32_t version = 0;
  std::uint32_t epoch = 1;  ///< leader epoch
  Slot leader = 0;
  SlotSet isr = 0;
};

/// What the replica that holds the lineage does for clients.
struct Flow {
  bool leads = false;
  bool advances = false;      ///< `watermark_advances`
  bool acknowledges = false;  ///< `acknowledges_all`
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Acknowledged log of a group's current lineage: of everything about the group what changes most often, in one line of
/// the cache.
struct alignas(64) GroupLog {
  LogPosition acknowledged;  ///< grows at these rates since `since`
  double rate_all = 0;
  double rate_one = 0;
  sim::Time since;
  // Recent growth, for what a power loss takes: when the rates changed last, and what they were before.
  sim::Time since_change;
  double earlier_rate_all = 0;
  double earlier_rate_one = 0;
};

struct GroupState {
  // What clients are concerned with stands first.
  Slot owner = 0;          ///< the replica whose log counts: the one that took the newest leadership over
  Slot zombie = no_slot;   ///< takes acks=1 records after another leader has been elected
  SlotSet leader_isr = 0;  ///< ISR as the leader knows it
  SlotSet in_step = 0;     ///< replicas whose mode is `in_step`
  Flow flow;               ///< as clients saw it at their last look
  double zombie_one = 0;
  double zombie_rate = 0;
  sim::Time zombie_since;

  PartitionRecord record;                    ///< newest decision
  std::array<PartitionRecord, 3> earlier{};  ///< decisions that some brokers have not applied yet, newest first
  SlotSet elr = 0;
  Slot last_leader = 0;
  std::uint32_t owner_epoch = 1;         ///< of that leadership
  std::uint32_t leader_isr_version = 0;  ///< metadata version that this comes from
  SlotSet pending_shrink = 0;            ///< followers the leader wants out while it cannot reach the controller
  SlotSet pending_expand = 0;
  sim::TimerId isr_timer;  ///< AlterPartition on its way

  /// Nothing older is left of the lineage since a leader without it took over; retention may have cut more.
  LogPosition oldest{-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};

  std::array<ReplicaState, replica_limit> replicas{};
};

/// Why a client's requests do not get through.
enum class Trouble : std::uint8_t {
  none,
  lost,        ///< no connection to the leader it knows: metadata must name another
  silence,     ///< the leader does not answer, and no request has timed out yet
  not_leader,  ///< refused by a broker that named another leader
};

/// One client's view of one group.
struct RouteState {
  Slot leader = no_slot;  ///< to whom it sends
  Trouble trouble = Trouble::none;
  bool rejected = false;         ///< NOT_ENOUGH_REPLICAS: its writes wait for their own retry
  Position stalled_at = nobody;  ///< broker that holds its acks=all requests while replicas are missing
};

/// Its retries: apart, for only a route in trouble has any.
struct RouteClock {
  sim::Time next_try;  ///< silence: its request times out; not_leader: it is sent again
  sim::Time rejected_next_try;
  std::uint32_t incarnation = 0;  ///< of the process it was talking to when trouble began
  std::uint8_t tries = 0;
  std::uint8_t rejected_tries = 0;
  sim::TimerId retry;  ///< pending ClientRetry or ClientMetadataRefresh
  sim::TimerId rejected_retry;
};

/// One client's metadata: one request at a time serves all its partitions.
struct ClientState {
  bool asking = false;   ///< some leader is lost to it
  bool queued = false;   ///< its request was sent before all connections were full: it waits behind a stalled one
  bool held_up = false;  ///< every broker that could answer holds a stalled request of the client
  sim::Time redirected;  ///< when it sends to the leaders that it was told of last
  sim::Time redirected_at = sim::Time::never();  ///< when it was told
  sim::Time next_request;                        ///< while asking
  std::uint8_t tries = 0;                        ///< requests in a row that showed nothing new
  sim::TimerId answer;                           ///< pending ClientRefreshed, ClientFreed or ClientTimedOut
  bool awaits_timeout = false;                   ///< `answer` is the last of these
};

/// What the clocks of brokers go by of which nothing has been touched: by the plan with which the world began. Their
/// phases are the first draws of their streams, looked up when they matter.
struct RestingClocks {
  Position active = nobody;  ///< the active controller
  Duration heartbeats_near;  ///< period in its zone
  Duration heartbeats_far;   ///< and in others
  Duration isr_checks;       ///< period
};

/// A batch of decisions on its way to a majority of the voters.
struct Publication {
  std::uint32_t version = 0;
  sim::Time committed;
};

/// Rates are rounded to it before they are summed: sums are exact, in whatever order they are made, up to 10^9 records
/// a second. Far below any rate.
inline constexpr double fetched_grain = 1.0 / (1 << 20);

/// One of the replicas that a broker hosts.
struct Replica {
  GroupId group;
  Slot slot = no_slot;
};

/// A decision that a broker has not acted on: it concerns one of its replicas.
struct Undone {
  std::uint32_t version = 0;
  GroupId group;
};

/// Groups that were looked at since the world began: the work that events have made, for tests that hold it against the
/// size of the cluster.
struct Looks {
  std::uint64_t followers = 0;
  std::uint64_t clients = 0;
  std::uint64_t stalls = 0;  ///< only because a connection began or ceased to stall
};

/// Where the replicas of a group are, once some have been moved.
struct Place {
  std::array<Position, replica_limit> broker{};  ///< by slot
  /// Slots in the order of the assignment; the first is preferred. While a replica is moved the new one stands where
  /// the old one stood, and the old one comes last.
  std::array<Slot, replica_limit> order{};
  SlotSet assigned = 0;  ///< by the controller: while one is moved both its places
  SlotSet present = 0;   ///< behind which there is a replica: also one yet to be deleted
  Slot adding = no_slot;
  Slot leaving = no_slot;  ///< in whose stead
  /// By slot: the metadata version from which it is no replica any more.
  std::array<std::uint32_t, replica_limit> left_at{};
  // Replicas on the topic's lists (GroupPlan), as the slots are taken now.
  SlotSet throttled_followers = 0;
  SlotSet throttled_leaders = 0;
};

/// A replica that is to go to another broker.
struct Move {
  GroupId group;
  Slot from = no_slot;
  Position to = nobody;
};

/// Replicas that are moved to other brokers (reassignment.hpp), and who has it done (cruise_control.hpp).
struct Moves {
  std::vector<Place> places;                                  ///< by group; empty: all are as in the plan
  std::vector<std::vector<std::pair<GroupId, Slot>>> hosted;  ///< by broker; the same
  std::vector<Position> emptied;  ///< brokers whose replicas go elsewhere, in the order asked for
  std::uint32_t moving = 0;       ///< groups on their way
  std::vector<Move> waiting;      ///< for another move of their group, or for a slot; in the order of the plan
  double throttle = 0;            ///< bytes per second into and out of a broker; 0: no limit
  bool heals = false;             ///< it is Cruise Control that moves them
  bool may_begin = true;          ///< heals: it has looked since it began with some, and seen that others are done
  sim::Grid checks;               ///< heals: at which it looks, from when it began with some
  sim::TimerId check_timer;       ///< pending MovesLook

  // Cruise Control.
  std::vector<sim::Time> failed_at;  ///< by broker: when it was found gone; never: it is not. Empty: none has been
  sim::Grid looks;                   ///< at which brokers live
  sim::TimerId look_timer;           ///< pending BrokerFailureLook
  /// By broker: of which failure people have been told, without and with a healing that begins. Empty: of none.
  std::array<std::vector<sim::Time>, 2> alerted;
  std::vector<sim::Time> removed_at;  ///< by broker: when it was last emptied by healing; never: not. Empty: none was
  bool failed_to_heal = false;

  /// A reassignment is under way.
  [[nodiscard]] bool any() const { return moving > 0 || !waiting.empty(); }
  /// The group's replica in that slot is a new one, not yet in sync.
  [[nodiscard]] bool adds(GroupId group, Slot slot) const {
    return !places.empty() && places[group.value].adding == slot;
  }
  [[nodiscard]] bool has_left(GroupId group, Slot slot, std::uint32_t version) const {
    if (places.empty()) return false;
    const Place& place = places[group.value];
    const bool waits = (place.present & ~place.assigned) >> slot & 1U;
    return waits && place.left_at[slot] <= version;
  }
};

struct State {
  sim::Undoable<BrokerState> brokers;
  sim::Undoable<MetadataProgress> metadata;  ///< by broker
  std::uint32_t up_to_date = 0;              ///< brokers that have applied the newest version
  std::vector<VoterState> voters;
  UndoableTable<GroupId, GroupState> groups;
  UndoableTable<GroupId, GroupLog> logs;
  sim::Undoable<RouteState> routes;        ///< by group x client
  sim::Undoable<RouteClock> route_clocks;  ///< the same
  Table<ClientId, ClientState> clients;
  std::vector<std::uint16_t> stalls;  ///< by broker x client: groups with `RouteState::stalled_at` the broker

  std::vector<Transfer> transfers;       ///< by (to, from)
  std::vector<LiveLoad> live;            ///< of brokers that take part in a transfer; none without one
  sim::Undoable<std::uint16_t> live_at;  ///< by broker: its place in `live`, counted from 1; 0: none
  bool live_changed = false;             ///< who leads or follows has changed since the live load was worked out

  // Conditions (conditions.hpp): nothing of this in health.
  std::vector<SeenConditions> conditions;  ///< by broker; empty while nothing is degraded
  std::vector<Position> impaired;          ///< brokers whose live load may not get through
  std::vector<SlowLeader> slow_leaders;    ///< in their order
  std::uint32_t seen_paths = 0;            ///< `infrastructure::State::paths_degraded` at the last look
  std::vector<Lag> lags;                   ///< in the order of their beginnings

  sim::Undoable<std::uint32_t> fetched;       ///< by follower x leader: replicas in step, which running fetchers bring
  sim::Undoable<std::vector<Undone>> undone;  ///< by broker, in the order of versions
  bool decided = false;                       ///< something since the last publication
  bool records_awaited = false;               ///< some broker has `awaits_record`, or had
  std::vector<Position> flows_began;          ///< brokers to whose fetchers records may come that wait for one
  sim::Undoable<std::vector<Replica>>
      busy;  ///< by broker: replicas of which its fetcher is not `Fetcher::free`, in order

  // Dirty groups (dirty_groups.hpp): about which something changed since the last look, and contacts as last read.
  GroupSet followers_unseen;  ///< for `replication_changed`
  GroupSet clients_unseen;    ///< for `clients_changed`
  GroupSet clients_held;      ///< a connection by which clients send to them has begun or ceased to stall
  std::vector<Position> connections_changed;  ///< brokers of these connections, during a look
  GroupSet clients_troubled;                  ///< some client is in trouble with them
  GroupSet clients_lost;                      ///< some client has lost its leader, or does not hear it
  sim::Undoable<Contact> client_contacts;     ///< by broker x client
  sim::Undoable<SeenProcess> seen;            ///< by broker
  std::vector<Position> brokers_unseen;       ///< that may have begun or ceased to serve, or to be active
  std::uint32_t seen_network = 0;             ///< `Reachability::changes` at the last look
  Looks looks;
  /// Where among the touched groups the last one was found that is not complete: the next search begins there.
  mutable std::size_t incomplete = 0;
  mutable std::size_t unhealthy = 0;  ///< the same of brokers that are not healthy

  Moves moves;
  Position active = nobody;  ///< the active controller: a voter, or with ZooKeeper a broker
  RestingClocks resting;
  zk::State zk;  ///< empty of KRaft
  std::uint32_t active_epoch = 1;
  sim::Grid noops;         ///< no-op records of the active controller
  sim::Grid fence_checks;  ///< stale-session checks of the active controller (4.0)
  sim::Time last_fence;
  std::uint32_t version = 0;              ///< metadata version: number of published batches of decisions
  std::vector<Publication> publications;  ///< not committed when the last one was made, in order
  sim::TimerId rebalance_timer;
  sim::Grid rebalance_checks;

  void freeze() {
    brokers.freeze();
    metadata.freeze();
    groups.freeze();
    logs.freeze();
    routes.freeze();
    route_clocks.freeze();
    fetched.freeze();
    undone.freeze();
    busy.freeze();
    live_at.freeze();
    client_contacts.freeze();
    seen.freeze();
  }
};

}  // namespace nines::models::kafka
