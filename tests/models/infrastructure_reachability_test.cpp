// Reachability against brute force over random graphs and random sequences of faults that overlap and heal.
#include <catch2/catch.hpp>
#include <set>

#include "models/infrastructure/reachability.hpp"
#include "sim/random.hpp"

namespace infrastructure_reachability_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::infrastructure;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t run) : run_(run) {}
  double uniform() { return sim::to_unit(sim::random_bits(0x9e7, run_, draw_++)); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }

 private:
  std::uint64_t run_;
  std::uint32_t draw_ = 0;
};

using EdgeEnds = std::vector<std::pair<std::size_t, std::size_t>>;

/// Distinct random edges, sorted by source so that their positions are the graph's edge indices.
EdgeEnds random_edges(Dice& dice, std::size_t vertices) {
  std::set<std::pair<std::size_t, std::size_t>> edges;
  const std::size_t wanted = 1 + dice.below(3 * vertices);
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::size_t a = dice.below(vertices), b = dice.below(vertices);
    if (a != b) edges.emplace(a, b);
  }
  return {edges.begin(), edges.end()};
}

Network network_of(const EdgeEnds& edges, std::size_t vertices) {
  Network network;
  network.graph = Graph(boost::edges_are_sorted, edges.begin(), edges.end(), vertices);
  return network;
}

struct Partition {
  std::vector<Address> from, to;
  bool one_way;
};

/// What the module should say, by definition.
struct Reference {
  const EdgeEnds& edges;
  std::size_t vertices;
  std::vector<int> cuts;
  std::vector<Partition> partitions;

  [[nodiscard]] bool drops(Address from, Address to) const {
    for (const Partition& p : partitions) {
      const auto in = [](const std::vector<Address>& side, Address a) {
        return std::find(side.begin(), side.end(), a) != side.end();
      };
      if (from == to) continue;
      if (in(p.from, from) && in(p.to, to)) return true;
      if (!p.one_way && in(p.to, from) && in(p.from, to)) return true;
    }
    return false;
  }

  /// Floyd and Warshall.
  [[nodiscard]] std::vector<std::vector<bool>> closure() const {
    std::vector<std::vector<bool>> path(vertices, std::vector<bool>(vertices, false));
    for (std::size_t v = 0; v < vertices; ++v) path[v][v] = true;
    for (std::size_t e = 0; e < edges.size(); ++e) {
      if (cuts[e] == 0) path[edges[e].first][edges[e].second] = true;
    }
    for (std::size_t k = 0; k < vertices; ++k) {
      for (std::size_t i = 0; i < vertices; ++i) {
        for (std::size_t j = 0; j < vertices; ++j) {
          if (path[i][k] && path[k][j]) path[i][j] = true;
        }
      }
    }
    return path;
  }
};

void check_equal(const Reachability& state, const Reference& reference, std::size_t pods) {
  const auto path = reference.closure();
  for (std::size_t a = 0; a < reference.vertices; ++a) {
    for (std::size_t b = 0; b < reference.vertices; ++b) {
      const auto from = static_cast<Endpoint>(a), to = static_cast<Endpoint>(b);
      REQUIRE(reaches(state, from, to) == (path[a][b] && !reference.drops(from, to)));
    }
  }
  for (std::size_t a = 0; a < reference.vertices + pods; ++a) {
    for (std::size_t b = 0; b < reference.vertices + pods; ++b) {
      const auto from = static_cast<Address>(a), to = static_cast<Address>(b);
      REQUIRE(blocked(state, from, to) == reference.drops(from, to));
    }
  }
}

std::vector<Address> random_side(Dice& dice, std::size_t addresses) {
  std::set<Address> side;
  const std::size_t size = 1 + dice.below(3);
  for (std::size_t i = 0; i < size; ++i) side.insert(static_cast<Address>(dice.below(addresses)));
  return {side.begin(), side.end()};
}

/// One random fault, or the end of one.
void random_step(Dice& dice, const Network& network, Reachability& state, Reference& reference, std::size_t pods) {
  const std::size_t edge = dice.below(reference.edges.size());
  const double u = dice.uniform();
  if (u < 0.3) {
    cut_link(network, state, edge);
    ++reference.cuts[edge];
  } else if (u < 0.5) {
    if (reference.cuts[edge] == 0) return;
    mend_link(network, state, edge);
    --reference.cuts[edge];
  } else if (u < 0.75 || reference.partitions.empty()) {
    const std::size_t addresses = reference.vertices + pods;
    Partition p{random_side(dice, addresses), random_side(dice, addresses), dice.uniform() < 0.5};
    block(network, state, p.from, p.to, p.one_way);
    reference.partitions.push_back(p);
  } else {
    const std::size_t which = dice.below(reference.partitions.size());
    const Partition p = reference.partitions[which];
    unblock(network, state, p.from, p.to, p.one_way);
    reference.partitions.erase(reference.partitions.begin() + static_cast<std::ptrdiff_t>(which));
  }
}

}  // namespace

TEST_CASE("reachability equals the transitive closure through random faults that nest", "[infrastructure]") {
  for (std::uint64_t run = 0; run < 300; ++run) {
    Dice dice(run);
    const std::size_t vertices = 2 + dice.below(9), pods = 3;
    const EdgeEnds edges = random_edges(dice, vertices);
    if (edges.empty()) continue;
    const Network network = network_of(edges, vertices);
    Reachability state = full_reachability(network);
    Reference reference{edges, vertices, std::vector<int>(edges.size(), 0), {}};
    const Reachability before = state;
    for (int step = 0; step < 40; ++step) {
      random_step(dice, network, state, reference, pods);
      check_equal(state, reference, pods);
    }
    for (std::size_t e = 0; e < edges.size(); ++e) {
      for (; reference.cuts[e] > 0; --reference.cuts[e]) mend_link(network, state, e);
    }
    for (const Partition& p : reference.partitions) unblock(network, state, p.from, p.to, p.one_way);
    CHECK(state.reaches == before.reaches);
    CHECK(state.blocked.empty());
    CHECK_FALSE(state.pods_blocked);
  }
}

TEST_CASE("addresses: places first, then pods", "[infrastructure]") {
  const EdgeEnds edges{{0, 1}, {1, 0}};
  const Network network = network_of(edges, 2);
  CHECK(address(network, ProcessId::of(0)) == 2);
  CHECK(process_at(network, 3) == ProcessId::of(1));
  CHECK_FALSE(process_at(network, 1).exists());
}

}  // namespace infrastructure_reachability_test
