// The bus of a Redis Cluster as a machine without clock, network and draws: who pings whom, what gossip tells, who
// takes whom for failed, who votes, who owns which shard. The adapter (shards.hpp) says what time it is, who reaches
// whom, and draws.
//
// Rules are those of redis src/cluster_legacy.c (7.0 to 7.4; functions are named where they are played). A ping and its
// pong are exchanged at once: a round trip is short beside the period of clusterCron, to which everything is quantised.
//
// Left out: slots one by one (a shard is the slots of one master), resharding, and the delay of messages.
#pragma once

#include <cstdint>
#include <vector>

#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models::redis::bus {

using sim::Time;
using Number = std::uint8_t;
inline constexpr Number nobody = 0xFF;
using Epoch = std::uint32_t;

struct Rules {
  Duration node_timeout;
  Duration cron_period;
  Duration election_fixed;
  Duration election_random;
  Duration rank_delay;
  bool scaled_delay = false;  ///< Valkey 9: at most a thirtieth of the node time-out each
  bool full_coverage = true;
  std::int64_t validity_factor = 10;
  Duration repl_ping_period;
  Duration writable_delay;
  bool migrates = true;                ///< cluster_allow_replica_migration
  std::int64_t migration_barrier = 1;  ///< cluster_migration_barrier
  Duration migration_delay;            ///< CLUSTER_SLAVE_MIGRATION_DELAY
};

/// What a node knows of another, or of itself.
struct View {
  Number master = nobody;          ///< of a replica; nobody: it is a master
  Time pinged_at = Time::never();  ///< ping_sent; never: no ping is out
  Time ponged_at;                  ///< pong_received
  bool maybe_failed = false;       ///< PFAIL
  bool failed = false;             ///< FAIL
  Time failed_at;
  Time orphaned_at = Time::never();  ///< a master without working replicas that had some: since when, as far as told
  bool had_replicas = true;          ///< CLUSTER_NODE_MIGRATE_TO
  Time voted_at = Time::from_count(-3'600'000'000'000);  ///< own vote for a replica of this master
  std::vector<Time> reports;  ///< by reporter: when it last said that this node fails; never: it does not
};

/// What a replica does about the failure of its master.
struct Election {
  Time at = Time::from_count(-3'600'000'000'000);  ///< failover_auth_time
  bool asked = false;
  std::int64_t rank = 0;
  Epoch epoch = 0;
  std::int64_t votes = 0;
};

struct Node {
  bool up = true;  ///< it ran when the adapter last looked
  std::vector<View> views;
  std::vector<Number> owner;       ///< by shard
  std::vector<Epoch> owner_epoch;  ///< by shard: config epoch of the owner's claim
  Epoch current_epoch = 1;
  Epoch last_vote_epoch = 0;
  bool ok = true;  ///< cluster_state
  Time minority_at = Time::from_count(-3'600'000'000'000);
  Time began_at = Time::from_count(-3'600'000'000'000);  ///< first look at the state after its start
  std::uint32_t iteration = 0;
  std::int64_t gossiped_failures = 0;  ///< stats_pfail_nodes: PFAIL nodes that its messages tell of
  Election election;
};

struct Nodes {
  Duration second;               ///< when whole seconds of wall clocks begin, in [0, 1 s): gossip tells times in them
  std::vector<Number> shard_of;  ///< whose slots a node has, or would take
  std::vector<Node> nodes;
};

/// What surrounds the machine.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  /// A ping of `from` to `to` is answered.
  [[nodiscard]] virtual bool reaches(Number from, Number to) const = 0;
  /// Uniform in (0, 1), from the stream of a node.
  virtual double draw(Number node) = 0;
  /// Data that a server has.
  [[nodiscard]] virtual double offset(Number node) const = 0;
  /// For how long a replica has heard nothing of its master.
  [[nodiscard]] virtual Duration link_down(Number node) const = 0;
  /// Order of the nodes' names.
  [[nodiscard]] virtual std::uint32_t name(Number node) const { return node; }
};

enum class What : std::uint8_t {
  maybe_failed,  ///< `node` takes `about` for PFAIL
  failed,        ///< the first that marks `about` FAIL
  delay_drawn,   ///< a replica waits until it stands for election
  asks_for_votes,
  expired,   ///< an election without enough votes is over
  promoted,  ///< a replica owns its master's shard
  demoted,   ///< a former master has learnt that `about` owns its shard
  state_ok,
  state_fail,
  too_old,   ///< its data are too old to stand for election
  migrated,  ///< a replica goes over to `about`, which has none left
};
struct Happened {
  What what;
  Number node = nobody;
  Number about = nobody;
};

/// Healthy: server i has the slots of shard i % shards, or replicates who has: `master_of` that shard.
Nodes beginning(std::size_t servers, const std::vector<Number>& master_of, Time now);
/// The same of a new cluster: servers 0 .. masters - 1 are masters.
Nodes beginning(std::size_t servers, std::size_t masters, Time now);

/// clusterCron of one node. What happened is appended, in order.
void cron(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around, std::vector<Happened>& happened);
/// How many turns after the one at `now` do nothing but pass, while nobody else does anything: those in which the node
/// pings nobody, misses nobody, and has nothing to decide. `cron` need not be called for them if `Node::iteration`
/// counts them.
std::int64_t idle_turns(const Rules& rules, const Nodes& all, Number self, Time now, const Surroundings& around);
/// A candidate that has enough votes takes its master's shard: the answers have come.
void count_votes(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around,
                 std::vector<Happened>& happened);
/// CLUSTER FAILOVER, once a replica has what its master has and that takes no more (clusterHandleManualFailover): no
/// delay, and masters vote although nobody has failed. Without a majority of them nothing happens.
void take_over(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around,
               std::vector<Happened>& happened);
/// A replica that is about to go over to another master, if nothing changes; nobody: it stays. At once after `cron` of
/// the node at `now`.
Number migrates_to(const Rules& rules, const Nodes& all, Number self, const Surroundings& around);
/// Its process starts: nodes.conf has roles, epochs and votes.
void restart(const Rules& rules, Nodes& all, Number self, Time now);

/// The wait before an election without rank.
Duration election_delay(const Rules& rules, double u);
bool is_master(const Node& seen_by, Number number);
/// Masters with slots, as a node sees it.
std::int64_t size(const Node& node);

}  // namespace nines::models::redis::bus
