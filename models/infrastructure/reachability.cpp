#include "models/infrastructure/reachability.hpp"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <cassert>
#include <tuple>
#include <utility>

#include "models/mutation.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

namespace {

using Edge = boost::graph_traits<Graph>::edge_descriptor;

/// Edges in service.
struct LinkUp {
  const Graph* graph = nullptr;
  const std::vector<std::uint16_t>* cuts = nullptr;
  bool operator()(Edge edge) const { return (*cuts)[boost::get(boost::edge_index, *graph, edge)] == 0; }
};

struct MarkReached : boost::default_bfs_visitor {
  Reachability* state = nullptr;
  std::size_t row = 0;
  template <class Vertex, class G>
  void discover_vertex(Vertex vertex, const G& graph) const {
    (void)graph;
    state->reaches[row + state->part[vertex]] = true;
  }
};

/// Which endpoints a path leads to, from each part of those that reach each other.
void find_paths(const Network& network, Reachability& state) {
  const boost::filtered_graph<Graph, LinkUp> up(network.graph, LinkUp{&network.graph, &state.link_cuts});
  state.part.assign(state.endpoints, 0);
  state.parts = boost::strong_components(
      up, boost::make_iterator_property_map(state.part.begin(), boost::get(boost::vertex_index, network.graph)));
  state.reaches.assign(state.parts * state.parts, false);
  std::vector<char> done(state.parts, 0);
  for (std::size_t from = 0; from < state.endpoints; ++from) {
    if (std::exchange(done[state.part[from]], char{1}) != 0) continue;
    MarkReached visitor;
    visitor.state = &state;
    visitor.row = state.part[from] * state.parts;
    boost::breadth_first_search(up, from, boost::visitor(visitor));
  }
}

/// A pair was blocked, or is no longer.
void look_at_pairs(Reachability& state) {
  state.places_blocked = state.pods_blocked = false;
  for (const BlockedPair& pair : state.blocked) {
    const bool places = pair.from < state.endpoints && pair.to < state.endpoints;
    state.places_blocked = state.places_blocked || places;
    state.pods_blocked = state.pods_blocked || !places;
  }
}

void recompute(const Network& network, Reachability& state) {
  ++state.changes;
  find_paths(network, state);
  look_at_pairs(state);
  // The usual case: nothing to copy from world to world.
  const bool all = std::find(state.reaches.begin(), state.reaches.end(), char{0}) == state.reaches.end();
  if (!all || state.places_blocked) return;
  state.reaches.clear();
  state.part.clear();
}

template <class Blocked>
auto find_pair(Blocked& pairs, Address from, Address to) {
  return std::lower_bound(
      pairs.begin(), pairs.end(), std::tuple(from, to),
      [](const BlockedPair& pair, const auto& key) { return std::tuple(pair.from, pair.to) < key; });
}

template <class Iterator>
bool is_pair(Iterator at, Iterator end, Address from, Address to) {
  return at != end && at->from == from && at->to == to;
}

void block_pair(Reachability& state, Address from, Address to) {
  const auto at = find_pair(state.blocked, from, to);
  if (is_pair(at, state.blocked.end(), from, to)) {
    ++at->count;
  } else {
    state.blocked.insert(at, {from, to, 1});
  }
}

void unblock_pair(Reachability& state, Address from, Address to) {
  const auto at = find_pair(state.blocked, from, to);
  assert(is_pair(at, state.blocked.end(), from, to));
  if (--at->count == 0) state.blocked.erase(at);
}

/// Calls `act(from, to)` for each ordered pair that a partition concerns, once.
template <class Act>
void each_pair(const std::vector<Address>& from, const std::vector<Address>& to, bool one_way, Act&& act) {
  std::vector<std::pair<Address, Address>> pairs;
  for (const Address a : from) {
    for (const Address b : to) {
      if (a == b) continue;
      pairs.emplace_back(a, b);
      if (!one_way) pairs.emplace_back(b, a);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  for (const auto& [a, b] : pairs) act(a, b);
}

}  // namespace

Reachability full_reachability(const Network& network) {
  Reachability state;
  state.endpoints = boost::num_vertices(network.graph);
  state.link_cuts.assign(boost::num_edges(network.graph), 0);
  recompute(network, state);
  return state;
}

Address address(const Network& network, ProcessId process) {
  return static_cast<Address>(boost::num_vertices(network.graph) + process.value);
}

ProcessId process_at(const Network& network, Address address) {
  const std::size_t endpoints = boost::num_vertices(network.graph);
  return address < endpoints ? ProcessId::none() : ProcessId::of(address - endpoints);
}

void cut_link(const Network& network, Reachability& reachability, std::size_t edge) {
  if (++reachability.link_cuts[edge] == 1) recompute(network, reachability);
}

void mend_link(const Network& network, Reachability& reachability, std::size_t edge) {
  assert(reachability.link_cuts[edge] > 0);
  if (--reachability.link_cuts[edge] == 0) recompute(network, reachability);
}

void block(const Network& network, Reachability& reachability, const std::vector<Address>& from,
           const std::vector<Address>& to, bool one_way) {
  each_pair(from, to, one_way, [&](Address a, Address b) { block_pair(reachability, a, b); });
  recompute(network, reachability);
}

void unblock(const Network& network, Reachability& reachability, const std::vector<Address>& from,
             const std::vector<Address>& to, bool one_way) {
  each_pair(from, to, one_way, [&](Address a, Address b) { unblock_pair(reachability, a, b); });
  recompute(network, reachability);
}

bool blocked(const Reachability& reachability, Address from, Address to) {
  return is_pair(find_pair(reachability.blocked, from, to), reachability.blocked.end(), from, to);
}

void isolate_zone(World& world, ZoneId zone) {
  if (NINES_MUTATED(isolation_is_harmless)) return;
  const Network& network = world.plan->network;
  cut_link(network, world.infrastructure.reachability, network.zone_uplinks[2 * zone.value]);
  cut_link(network, world.infrastructure.reachability, network.zone_uplinks[2 * zone.value + 1]);
}

void rejoin_zone(World& world, ZoneId zone) {
  if (NINES_MUTATED(isolation_is_harmless)) return;
  const Network& network = world.plan->network;
  mend_link(network, world.infrastructure.reachability, network.zone_uplinks[2 * zone.value]);
  mend_link(network, world.infrastructure.reachability, network.zone_uplinks[2 * zone.value + 1]);
}

}  // namespace nines::models::infrastructure
