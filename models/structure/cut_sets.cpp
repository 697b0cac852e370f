#include "models/structure/cut_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>

#include "models/plan.hpp"
#include "models/structure/dependency.hpp"

namespace nines::models::structure {

namespace {

/// Ascending.
using Parts = boost::container::static_vector<ComponentId, order_limit>;
/// Sets of which none contains another, by size, then by parts.
using Family = std::vector<Parts>;

bool before(const Parts& a, const Parts& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

bool depends_on_order(const Dependencies& of, const std::vector<ComponentId>& parts) {
  if (of.groups.empty()) return false;
  const std::vector<char> lost = down(of, parts);
  // While there is a majority at the end there was one all along, and everything has adapted.
  if (std::none_of(of.groups.begin(), of.groups.end(),
                   [&](const ReplicaGroup& group) { return lost[group.majority] != 0; })) {
    return false;
  }
  std::vector<ComponentId> sequence = parts;
  do {
    if (!down_after(of, sequence)) return true;
  } while (std::next_permutation(sequence.begin(), sequence.end()));
  return false;
}

class Search {
 public:
  Search(const Dependencies& of, int order, std::size_t limit)
      : of_(of), order_(static_cast<std::size_t>(order)), limit_(limit) {}

  void run(CutSets& into) {
    join_in_series();
    std::vector<Family> families(boost::num_vertices(of_.graph));
    for (const Vertex vertex : of_.inner_first) families[vertex] = family_of(vertex, families);
    Family& found = families[of_.root];
    into.complete = complete_;
    into.all_orders = complete_ && all_orders_;
    into.certain = complete_ ? static_cast<int>(order_) : try_small_sets(found);
    for (const Parts& parts : found) {
      // Nothing is left out at an order that is called certain.
      if (parts.size() > 1 && into.sets.size() + ways(parts) > alternatives_limit * limit_) {
        into.complete = into.all_orders = false;
        into.certain = std::min(into.certain, static_cast<int>(parts.size()) - 1);
        break;
      }
      spell_out(parts, into);
    }
    std::sort(into.sets.begin(), into.sets.end(), [](const CutSet& x, const CutSet& y) {
      return x.parts.size() != y.parts.size() ? x.parts.size() < y.parts.size() : x.parts < y.parts;
    });
  }

 private:
  /// A part that only one vertex needs, and cannot do without, does what the loss of that vertex does. Such parts are
  /// one to the search, by the name of the first: a process, its volume, a machine of its own.
  void join_in_series() {
    std::vector<std::set<Vertex>> users(boost::num_vertices(of_.graph));
    for (auto [edge, end] = boost::edges(of_.graph); edge != end; ++edge) {
      users[boost::target(*edge, of_.graph)].insert(boost::source(*edge, of_.graph));
    }
    std::vector<Vertex> place(users.size());
    series_.assign(users.size(), {});
    for (auto vertex = of_.inner_first.rbegin(); vertex != of_.inner_first.rend(); ++vertex) {
      place[*vertex] = *vertex;
      if (!of_.graph[*vertex].part) continue;
      if (users[*vertex].size() == 1 && of_.graph[*users[*vertex].begin()].tolerated == 0) {
        place[*vertex] = place[*users[*vertex].begin()];
      }
      series_[place[*vertex]].push_back(*of_.graph[*vertex].part);
    }
    for (std::vector<ComponentId>& parts : series_) {
      std::sort(parts.begin(), parts.end());
      if (!parts.empty()) alternatives_[parts.front()] = parts;
    }
  }

  /// Number of choices of one of the alternatives for each.
  [[nodiscard]] std::size_t ways(const Parts& parts) const {
    double product = 1;
    for (const ComponentId part : parts) product *= static_cast<double>(alternatives_.at(part).size());
    return static_cast<std::size_t>(std::min(product, 1e18));
  }

  /// Every choice of one of the alternatives for each.
  void spell_out(const Parts& parts, CutSets& into) const {
    CutSet first{{parts.begin(), parts.end()}, false};
    first.order_matters = depends_on_order(of_, first.parts);
    std::vector<CutSet> chosen = {std::move(first)};
    for (std::size_t at = 0; at < parts.size(); ++at) {
      const std::vector<CutSet> so_far = std::move(chosen);
      chosen.clear();
      for (const ComponentId other : alternatives_.at(parts[at])) {
        for (const CutSet& set : so_far) {
          chosen.push_back(set);
          chosen.back().parts[at] = other;
        }
      }
    }
    for (CutSet& set : chosen) {
      std::sort(set.parts.begin(), set.parts.end());
      into.sets.push_back(std::move(set));
    }
  }

  Family family_of(Vertex vertex, const std::vector<Family>& families) {
    const Dependent& dependent = of_.graph[vertex];
    Family family;
    if (!series_[vertex].empty()) family.push_back({series_[vertex].front()});
    // What fails in the same cases weighs together.
    std::map<Family, std::uint32_t> weights;
    for (auto [edge, end] = boost::out_edges(vertex, of_.graph); edge != end; ++edge) {
      weights[families[boost::target(*edge, of_.graph)]] += of_.graph[*edge].weight;
    }
    const std::vector<std::pair<Family, std::uint32_t>> needs(weights.begin(), weights.end());
    if (dependent.tolerated == 0) {
      for (const auto& [other, weight] : needs) append(family, other);
    } else {
      append(family, more_than(dependent.tolerated, needs));
    }
    reduce(family);
    return family;
  }

  /// Sets that take down more than `tolerated` of the weight: by what is down so far, one need after the other.
  Family more_than(std::uint32_t tolerated, const std::vector<std::pair<Family, std::uint32_t>>& needs) {
    const std::uint32_t enough = tolerated + 1;
    const bool apart = no_shared_part(needs);
    std::uint32_t left = 0;
    for (const auto& [family, weight] : needs) left += weight;
    std::map<std::uint32_t, Family> by_weight;
    by_weight[0] = {Parts()};
    for (std::size_t at = 0; at < needs.size(); ++at) {
      const auto& [family, weight] = needs[at];
      left -= weight;
      std::map<std::uint32_t, Family> next;
      for (auto& [so_far, sets] : by_weight) {
        if (so_far < enough) {
          const std::uint32_t now = std::min(enough, so_far + weight);
          append(next[now], product(sets, family, apart ? fewest_more(needs, at + 1, enough - now) : 0));
        }
        // What cannot become enough any more is dropped.
        if (so_far + left >= enough || so_far == enough) append(next[so_far], sets);
      }
      for (auto& [so_far, sets] : next) reduce(sets);
      by_weight = std::move(next);
    }
    return std::move(by_weight[enough]);
  }

  static bool no_shared_part(const std::vector<std::pair<Family, std::uint32_t>>& needs) {
    std::map<ComponentId, std::size_t> user;
    for (std::size_t at = 0; at < needs.size(); ++at) {
      for (const Parts& parts : needs[at].first) {
        for (const ComponentId part : parts) {
          if (user.emplace(part, at).first->second != at) return false;
        }
      }
    }
    return true;
  }

  /// Parts that it takes at least to bring down `missing` more of the needs from `first` on, if they share none.
  static std::size_t fewest_more(const std::vector<std::pair<Family, std::uint32_t>>& needs, std::size_t first,
                                 std::uint32_t missing) {
    std::uint32_t heaviest = 1;
    for (std::size_t at = first; at < needs.size(); ++at) heaviest = std::max(heaviest, needs[at].second);
    return (missing + heaviest - 1) / heaviest;
  }

  /// Unions of one of each. Those that would need `more` parts beyond the order are left out.
  Family product(const Family& a, const Family& b, std::size_t more) {
    Family result;
    for (const Parts& left : a) {
      for (const Parts& right : b) {
        if (steps_++ >= step_limit) {
          complete_ = false;
          return result;
        }
        boost::container::static_vector<ComponentId, std::size_t{2} * order_limit> both;
        std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
        if (both.size() + more > order_) {
          all_orders_ = false;
          continue;
        }
        append(result, {Parts(both.begin(), both.end())});
      }
    }
    return result;
  }

  void append(Family& to, const Family& more) {
    to.insert(to.end(), more.begin(), more.end());
    // Reduced in between, so that memory stays bounded.
    if (to.size() > 4 * limit_) reduce(to);
  }

  /// Leaves the minimal sets, and of these at most the limit, the smallest; single parts always stay.
  void reduce(Family& family) {
    std::sort(family.begin(), family.end(), before);
    family.erase(std::unique(family.begin(), family.end()), family.end());
    Family kept;
    for (const Parts& parts : family) {
      if (!contains_one_of(parts, kept)) kept.push_back(parts);
    }
    const auto singles =
        std::partition_point(kept.begin(), kept.end(), [](const Parts& set) { return set.size() < 2; });
    const std::size_t most = std::max(limit_, static_cast<std::size_t>(singles - kept.begin()));
    if (kept.size() > most) {
      complete_ = false;
      kept.resize(most);
    }
    family = std::move(kept);
  }

  [[nodiscard]] bool is_cut(const Parts& parts) const { return down(of_, {parts.data(), parts.size()})[of_.root] != 0; }

  /// Adds all cut sets of one part and, if they can be had, of two. Returns the order up to which none is missing.
  int try_small_sets(Family& found) {
    std::vector<ComponentId> open;  // parts that are no cut set alone
    for (const auto& [part, others] : alternatives_) {
      if (is_cut({part})) {
        found.push_back({part});
      } else {
        open.push_back(part);
      }
    }
    reduce(found);
    const std::size_t pairs = open.size() * (open.size() - 1) / 2;
    if (order_ < 2 || pairs * boost::num_edges(of_.graph) > visit_limit) return 1;
    Family both = found;
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (std::size_t j = i + 1; j < open.size(); ++j) {
        if (is_cut({open[i], open[j]})) both.push_back({open[i], open[j]});
      }
    }
    reduce(both);
    const bool cut_short = both.size() >= limit_ && both.back().size() <= 2;
    found = std::move(both);
    return cut_short ? 1 : 2;
  }

  /// Whether a proper subset of `parts` is in the family.
  static bool contains_one_of(const Parts& parts, const Family& family) {
    const std::size_t all = (std::size_t{1} << parts.size()) - 1;
    for (std::size_t chosen = 0; chosen < all; ++chosen) {
      Parts subset;
      for (std::size_t at = 0; at < parts.size(); ++at) {
        if ((chosen >> at & 1U) != 0) subset.push_back(parts[at]);
      }
      if (std::binary_search(family.begin(), family.end(), subset, before)) return true;
    }
    return false;
  }

  /// Unions tried before the search gives up, edges visited for pairs: a few seconds each.
  static constexpr std::size_t step_limit = 20'000'000;
  static constexpr std::size_t visit_limit = 1'000'000'000;

  /// Sets with alternatives spelt out, in limits.
  static constexpr std::size_t alternatives_limit = 10;

  const Dependencies& of_;
  std::vector<std::vector<ComponentId>> series_;  ///< by vertex: parts whose loss is its loss, ascending
  std::map<ComponentId, std::vector<ComponentId>> alternatives_;  ///< the same, by the first of them
  std::size_t order_;
  std::size_t limit_;
  std::size_t steps_ = 0;
  bool complete_ = true;
  bool all_orders_ = true;
};

}  // namespace

CutSets minimal_cut_sets(const Plan& plan, measurement::SliIndex sli, int order, std::size_t limit) {
  if (order < 1 || order > order_limit) {
    throw std::invalid_argument(fmt::format("cut sets of up to {} parts; expected 1 to {}", order, order_limit));
  }
  const Dependencies dependencies = dependencies_of(plan, sli);
  CutSets result;
  result.order = order;
  Search(dependencies, order, limit).run(result);
  return result;
}

std::vector<ComponentId> single_points_of_failure(const CutSets& cuts) {
  std::vector<ComponentId> points;
  for (const CutSet& set : cuts.sets) {
    if (set.parts.size() == 1) points.push_back(set.parts.front());
  }
  return points;
}

}  // namespace nines::models::structure
