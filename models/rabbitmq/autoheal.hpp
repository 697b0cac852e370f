// cluster_partition_handling = autoheal: who wins a partition, and how the others restart. A node's part as a pure
// machine, without clock, network and draws; it decides by what nodes tell it.
//
//   a node that sees a partition and all nodes -> leader: request
//   leader -> winner: become_winner(losers) -> losers: winner_is; they stop
//   winner, when all have stopped -> losers: safe_to_start -> leader: finished
//
// Rules: rabbitmq-server v3.10.8 to v4.2 rabbit_autoheal.erl.
#pragma once

#include <cstdint>
#include <vector>

namespace nines::models::rabbitmq::autoheal {

using Number = std::uint16_t;
using NodeSet = std::uint16_t;
inline constexpr Number nobody = 0xFFFF;

enum class State : std::uint8_t {
  not_healing,
  winner_waiting,  ///< for losers to stop
  leader_waiting,  ///< for the winner to say that it is over; a leader that is a loser too restarts with it
  restarting,
};

struct Healer {
  State state = State::not_healing;
  Number winner = nobody;  ///< leader_waiting, restarting
  NodeSet waits_for = 0;   ///< winner_waiting: losers that have not stopped
  NodeSet losers = 0;      ///< winner_waiting, leader_waiting
  bool leads = false;      ///< restarting: it was leader_waiting
};

enum class Kind : std::uint8_t { request, become_winner, winner_is, safe_to_start, report, finished };
struct Message {
  Kind kind = Kind::request;
  Number to = nobody;
  NodeSet losers = 0;  ///< of become_winner
};

/// What the leader hears from all when it asks (rabbit_node_monitor:status, local_connections).
struct Survey {
  bool complete = false;                  ///< all answered, each connected to all
  std::vector<NodeSet> cannot_see;        ///< by node: from whom it has been partitioned
  std::vector<std::int64_t> connections;  ///< by node, of clients
};

/// all_partitions: sides, as far as these lists tell them apart.
std::vector<NodeSet> sides(const std::vector<NodeSet>& cannot_see);
struct Decision {
  Number winner = nobody;
  NodeSet losers = 0;
};
/// make_decision: most connections, most nodes, the greatest list.
Decision decide(const Survey& survey);

struct Output {
  std::vector<Message> messages;
  bool restart = false;  ///< it stops its broker, and waits for safe_to_start
  bool start = false;    ///< it may start its broker
  Decision decided;      ///< by the leader; nobody: it has not
};

/// maybe_start: the node sees a partition, and all nodes are up. The leader is node 0, running or not.
Output partition_seen(const Healer& healer);
/// The leader gets a request. `own`: from whom it has itself been partitioned.
Output requested(Healer& healer, Number self, NodeSet own, const Survey& survey);
/// Any other message. `alive`: nodes whose brokers it sees run.
Output heard(Healer& healer, Number self, Number from, const Message& message, NodeSet alive);
/// It sees a broker end; it has lost a node.
Output broker_ended(Healer& healer, Number self, Number other);
Output node_lost(Healer& healer, Number self, Number other);
/// A broker that restarted for a winner begins.
Output started(Healer& healer);

}  // namespace nines::models::rabbitmq::autoheal
