#include "models/rabbitmq/autoheal.hpp"

#include <algorithm>
#include <utility>

namespace nines::models::rabbitmq::autoheal {

namespace {

constexpr Number leader = 0;

constexpr NodeSet only(Number node) { return static_cast<NodeSet>(1U << node); }
constexpr bool contains(NodeSet set, Number node) { return (set >> node & 1U) != 0; }
constexpr int size(NodeSet set) { return __builtin_popcount(set); }

/// Term order of lists of nodes.
bool list_is_less(NodeSet a, NodeSet b) {
  for (Number i = 0; a != b; ++i) {
    if (contains(a, i) != contains(b, i)) {
      // The list that has i here has a smaller element, unless the other one ends here.
      const NodeSet other = contains(a, i) ? b : a;
      const bool other_ends = (other >> i) == 0;
      return contains(a, i) != other_ends;
    }
    a = static_cast<NodeSet>(a & ~only(i));
    b = static_cast<NodeSet>(b & ~only(i));
  }
  return false;
}

template <class Act>
void each(NodeSet set, Act&& act) {
  for (Number node = 0; set >> node != 0; ++node) {
    if (contains(set, node)) act(node);
  }
}

void winner_finishes(Healer& healer, Output& output, NodeSet notify) {
  each(notify, [&](Number node) { output.messages.push_back({Kind::safe_to_start, node}); });
  output.messages.push_back({Kind::finished, leader});
  healer = {};
}

void abort(Healer& healer, Number self, Output& output, NodeSet notify) {
  winner_finishes(healer, output, static_cast<NodeSet>(notify & ~only(self)));
}

/// stop_partition: unless one of them is down already.
void stop_losers(Healer& healer, Number self, NodeSet losers, NodeSet alive, Output& output) {
  if ((losers & ~alive) != 0) return abort(healer, self, output, losers);
  each(losers, [&](Number node) { output.messages.push_back({Kind::winner_is, node}); });
  healer = {State::winner_waiting, nobody, losers, losers, false};
}

}  // namespace

std::vector<NodeSet> sides(const std::vector<NodeSet>& cannot_see) {
  std::vector<NodeSet> all{static_cast<NodeSet>((1U << cannot_see.size()) - 1)};
  for (Number node = 0; node < cannot_see.size(); ++node) {
    const auto containing = std::find_if(all.begin(), all.end(), [&](NodeSet side) { return contains(side, node); });
    const auto sees = static_cast<NodeSet>(*containing & ~cannot_see[node]);
    const auto apart = static_cast<NodeSet>(*containing & cannot_see[node]);
    if (sees == 0 || apart == 0) continue;
    *containing = sees;
    all.push_back(apart);
  }
  return all;
}

Decision decide(const Survey& survey) {
  const std::vector<NodeSet> all = sides(survey.cannot_see);
  const auto connections = [&](NodeSet side) {
    std::int64_t count = 0;
    each(side, [&](Number node) { count += survey.connections[node]; });
    return count;
  };
  const NodeSet best = *std::max_element(all.begin(), all.end(), [&](NodeSet a, NodeSet b) {
    if (connections(a) != connections(b)) return connections(a) < connections(b);
    if (size(a) != size(b)) return size(a) < size(b);
    return list_is_less(a, b);
  });
  Decision decision;
  decision.winner = static_cast<Number>(__builtin_ctz(best));
  for (const NodeSet side : all) decision.losers = static_cast<NodeSet>(decision.losers | (side == best ? 0 : side));
  return decision;
}

Output partition_seen(const Healer& healer) {
  Output output;
  if (healer.state == State::not_healing) output.messages.push_back({Kind::request, leader});
  return output;
}

Output requested(Healer& healer, Number self, NodeSet own, const Survey& survey) {
  Output output;
  if (healer.state != State::not_healing || own == 0 || !survey.complete) return output;
  output.decided = decide(survey);
  const auto [winner, losers] = output.decided;
  if (losers == 0) return output;
  if (winner != self) {
    output.messages.push_back({Kind::become_winner, winner, losers});
    healer = {State::leader_waiting, winner, 0, losers, false};
    return output;
  }
  NodeSet all = 0;
  for (Number node = 0; node < survey.cannot_see.size(); ++node) all = static_cast<NodeSet>(all | only(node));
  stop_losers(healer, self, losers, all, output);
  return output;
}

Output heard(Healer& healer, Number self, Number from, const Message& message, NodeSet alive) {
  Output output;
  switch (message.kind) {
    case Kind::request: break;
    case Kind::become_winner:
      if (healer.state == State::winner_waiting && healer.losers != message.losers) {
        // Partitions have changed: it gives up, for those too that it was to wait for.
        winner_finishes(healer, output, healer.losers);
      } else if (healer.state == State::not_healing || healer.state == State::winner_waiting) {
        stop_losers(healer, self, message.losers, alive, output);
      }
      break;
    case Kind::winner_is:
      if (healer.state == State::restarting || (healer.state == State::leader_waiting && healer.winner != from)) break;
      output.restart = true;
      healer.leads = healer.state == State::leader_waiting;
      healer.state = State::restarting;
      healer.winner = from;
      healer.waits_for = 0;
      break;
    case Kind::safe_to_start: output.start = healer.state == State::restarting; break;
    case Kind::report:
      if (healer.state == State::not_healing) output.messages.push_back({Kind::finished, from});
      break;
    case Kind::finished:
      if (healer.state == State::leader_waiting && healer.winner == from) healer = {};
      break;
  }
  return output;
}

Output broker_ended(Healer& healer, Number self, Number other) {
  Output output;
  if (healer.state == State::winner_waiting) {
    healer.waits_for = static_cast<NodeSet>(healer.waits_for & ~only(other));
    if (healer.waits_for == 0) winner_finishes(healer, output, healer.losers);
  } else if (healer.state == State::leader_waiting && healer.winner == other) {
    abort(healer, self, output, healer.losers);
  } else if (healer.state == State::restarting && healer.winner == other) {
    healer = {State::restarting, nobody, 0, 0, false};
    output.start = true;
  }
  return output;
}

Output node_lost(Healer& healer, Number self, Number other) {
  Output output;
  if (healer.state == State::winner_waiting)
    abort(healer, self, output, healer.losers);
  else if (healer.state == State::leader_waiting && healer.winner == other)
    healer = {};
  else if (healer.state == State::restarting && healer.winner == other)
    return broker_ended(healer, self, other);
  return output;
}

Output started(Healer& healer) {
  Output output;
  if (healer.state != State::restarting) return output;
  const Number winner = healer.winner;
  if (!healer.leads || winner == nobody) {
    healer = {};
    return output;
  }
  // It may have missed that it is over.
  healer = {State::leader_waiting, winner, 0, healer.losers, false};
  output.messages.push_back({Kind::report, winner});
  return output;
}

}  // namespace nines::models::rabbitmq::autoheal
