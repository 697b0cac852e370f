#include "models/structure/cut_guide.hpp"

#include <algorithm>
#include <cassert>

#include "models/plan.hpp"

namespace nines::models::structure {

namespace {

using components::UnitId;

/// Coefficients of a polynomial in the number of failures; higher powers are left out.
using Ways = CutGuide::Ways;

constexpr std::size_t powers = CutGuide::most + 1;
/// Beyond so many shared parts no pairs of them are looked at.
constexpr std::size_t most_paired = 12;
/// Answers that are remembered.
constexpr std::size_t most_known = 4096;

void add_product(const Ways& a, const Ways& b, Ways& into) {
  for (std::size_t i = 0; i < powers; ++i) {
    if (a[i] == 0) continue;
    for (std::size_t j = 0; i + j < powers; ++j) into[i + j] += a[i] * b[j];
  }
}

/// What the coefficients of b change in those of a x b, whose worth is `worth`.
void add_worth(const Ways& a, const Ways& worth, Ways& into) {
  for (std::size_t i = 0; i < powers; ++i) {
    if (a[i] == 0) continue;
    for (std::size_t j = 0; i + j < powers; ++j) into[j] += a[i] * worth[i + j];
  }
}

bool certain(const Ways& ways) { return ways[0] >= 1; }
constexpr Ways certainty{1};

/// Combinations of failed units that are looked at in search of minimal cuts.
constexpr std::size_t most_combinations = 60'000;

double choose(int n, int k) {
  double ways = 1;
  for (int i = 1; i <= k; ++i) ways *= static_cast<double>(n - k + i) / i;
  return ways;
}

/// Choices of children whose weights add up to no more than is tolerated: by their sum.
using Chosen = std::vector<Ways>;

}  // namespace

bool CutGuide::rests_on_boxes(const Plan& plan, measurement::SliIndex sli) {
  if (plan.structures.of_sli[sli] < 0) return false;
  const Requirement& requirement = plan.structures.requirements[static_cast<std::size_t>(plan.structures.of_sli[sli])];
  return std::all_of(requirement.nodes.begin(), requirement.nodes.end(),
                     [&](const Node& node) { return node.kind != Node::Kind::sli || rests_on_boxes(plan, node.sli); });
}

CutGuide::CutGuide(const Plan& plan, measurement::SliIndex sli, std::vector<double> weights)
    : weights_(std::move(weights)) {
  const Dependencies dependencies = dependencies_of(plan, sli);
  root_ = dependencies.root;
  vertices_ = boost::num_vertices(dependencies.graph);
  std::map<ComponentId, UnitId> units;
  for (const UnitId unit : plan.black_boxes.units.ids()) units[plan.black_boxes.units[unit].component] = unit;
  is_shared_.assign(plan.black_boxes.units.size(), 0);
  boxes_ = plan.black_boxes.boxes.size();
  for (const UnitId unit : plan.black_boxes.units.ids()) box_of_.push_back(plan.black_boxes.units[unit].box.value);
  for (const components::BoxPlan& box : plan.black_boxes.boxes) {
    first_.push_back(box.first.value);
    units_.push_back(box.count);
    for (const components::BoxId mask : box.masked_by) {
      if (plan.black_boxes.boxes[mask].count > 1) alike_ = false;
    }
  }
  by_cuts_ = alike_ && find_cuts(plan, expand(plan, sli));
  if (by_cuts_) return;
  // By vertex: the units below it.
  std::vector<std::vector<char>> below(vertices_);
  for (const Vertex vertex : dependencies.inner_first) {
    const Dependent& dependent = dependencies.graph[vertex];
    Condition condition;
    condition.vertex = vertex;
    condition.tolerated = dependent.tolerated;
    if (dependent.part) condition.unit = units.at(*dependent.part);
    std::vector<char>& mine = below[vertex];
    mine.assign(is_shared_.size(), 0);
    for (auto [edge, end] = boost::out_edges(vertex, dependencies.graph); edge != end; ++edge) {
      const Vertex child = boost::target(*edge, dependencies.graph);
      condition.needs.push_back({child, dependencies.graph[*edge].weight});
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (below[child][i] == 0) continue;
        if (mine[i] != 0 && dependent.tolerated > 0) is_shared_[i] = 1;
        mine[i] = 1;
      }
    }
    if (condition.unit.exists()) mine[condition.unit.value] = 1;
    inner_first_.push_back(std::move(condition));
  }
  for (const UnitId unit : plan.black_boxes.units.ids()) {
    if (is_shared_[unit.value] != 0) shared_.push_back(unit);
  }
}

void CutGuide::add_ways(const std::vector<char>& failed, double factor, int extra, Ways& sum, int left,
                        std::vector<double>* next) const {
  std::vector<Ways> ways(vertices_, Ways{});
  // By condition and child: the choices among the children before it.
  std::vector<std::vector<Chosen>> before(inner_first_.size());
  for (std::size_t at = 0; at < inner_first_.size(); ++at) {
    const Condition& condition = inner_first_[at];
    Ways& mine = ways[condition.vertex];
    if (condition.unit.exists() && failed[condition.unit.value] != 0) {
      mine = certainty;
      continue;
    }
    if (condition.unit.exists() && is_shared_[condition.unit.value] == 0) mine[1] = weights_[condition.unit.value];
    Chosen chosen(condition.tolerated + 1, Ways{});
    chosen[0] = certainty;
    for (const Child& child : condition.needs) {
      if (next != nullptr) before[at].push_back(chosen);
      const Ways& its = ways[child.vertex];
      Chosen after = certain(its) ? Chosen(chosen.size(), Ways{}) : chosen;
      for (std::size_t weight = 0; weight < chosen.size(); ++weight) {
        Ways& into = weight + child.weight > condition.tolerated ? mine : after[weight + child.weight];
        add_product(chosen[weight], its, into);
      }
      chosen = std::move(after);
    }
    // What is certain needs nothing more.
    if (certain(mine)) mine = certainty;
  }
  for (std::size_t m = 0; m + static_cast<std::size_t>(extra) < powers; ++m) {
    sum[m + static_cast<std::size_t>(extra)] += factor * ways[root_][m];
  }
  if (next == nullptr || left < extra) return;

  std::vector<Ways> worth(vertices_, Ways{});
  worth[root_][static_cast<std::size_t>(left - extra)] = factor;
  for (std::size_t at = inner_first_.size(); at-- > 0;) {
    const Condition& condition = inner_first_[at];
    const Ways& mine = worth[condition.vertex];
    if (certain(ways[condition.vertex])) continue;
    if (condition.unit.exists() && is_shared_[condition.unit.value] == 0) (*next)[condition.unit.value] += mine[1];
    Chosen after(condition.tolerated + 1, Ways{});  // the worth of the choices
    for (std::size_t i = condition.needs.size(); i-- > 0;) {
      const Child& child = condition.needs[i];
      const Chosen& chosen = before[at][i];
      const Ways& its = ways[child.vertex];
      Chosen now = certain(its) ? Chosen(chosen.size(), Ways{}) : after;
      for (std::size_t weight = 0; weight < chosen.size(); ++weight) {
        const Ways& into = weight + child.weight > condition.tolerated ? mine : after[weight + child.weight];
        add_worth(chosen[weight], into, worth[child.vertex]);
        add_worth(its, into, now[weight]);
      }
      after = std::move(now);
    }
  }
}

void CutGuide::add_shared(std::vector<char>& failed, Ways& sum, int left, std::vector<double>* next) const {
  add_ways(failed, 1, 0, sum, left, next);
  const auto with = [&](double factor, std::span<const UnitId> more) {
    Ways mine{};
    const int extra = static_cast<int>(more.size());
    add_ways(failed, factor, extra, mine, left, next);
    for (std::size_t m = 0; m < powers; ++m) sum[m] += mine[m];
    if (next == nullptr || left < extra) return;
    for (const UnitId unit : more) (*next)[unit.value] += mine[static_cast<std::size_t>(left)] / weights_[unit.value];
  };
  std::vector<UnitId> alive;
  for (const UnitId unit : shared_) {
    if (failed[unit.value] == 0 && weights_[unit.value] > 0) alive.push_back(unit);
  }
  for (std::size_t i = 0; i < alive.size(); ++i) {
    failed[alive[i].value] = 1;
    with(weights_[alive[i].value], std::array{alive[i]});
    for (std::size_t j = i + 1; j < alive.size() && alive.size() <= most_paired; ++j) {
      failed[alive[j].value] = 1;
      with(weights_[alive[i].value] * weights_[alive[j].value], std::array{alive[i], alive[j]});
      failed[alive[j].value] = 0;
    }
    failed[alive[i].value] = 0;
  }
}

bool CutGuide::find_cuts(const Plan& plan, const Expanded& requirement) {
  using Counts = std::vector<std::uint16_t>;
  Counts failed(boxes_, 0);
  const auto serving = [&](components::BoxId box) -> std::uint32_t {
    const components::BoxPlan& its = plan.black_boxes.boxes[box];
    return std::min<std::uint32_t>(its.active, its.count - failed[box.value]);
  };
  const auto is_out = [&] { return !holds(requirement, serving); };
  const std::vector<components::BoxId> boxes = requirement.boxes();
  // Combinations that leave the SLI holding, one failure after the other; each grows at its last box or after it.
  std::vector<Counts> holding{failed};
  std::size_t looked_at = 0;
  for (int m = 1; m <= most && !holding.empty(); ++m) {
    std::vector<Counts> next;
    for (const Counts& counts : holding) {
      failed = counts;
      std::size_t last = 0;
      for (std::size_t i = 0; i < boxes.size(); ++i) last = failed[boxes[i].value] > 0 ? i : last;
      for (std::size_t i = last; i < boxes.size(); ++i) {
        const std::uint16_t box = boxes[i].value;
        if (failed[box] == units_[box]) continue;
        if (++looked_at > most_combinations) return m > 2;
        ++failed[box];
        if (!is_out()) {
          next.push_back(failed);
        } else {
          bool minimal = true;
          Cut cut;
          for (const components::BoxId other : boxes) {
            if (failed[other.value] == 0) continue;
            cut.emplace_back(other.value, failed[other.value]);
            --failed[other.value];
            minimal = minimal && !is_out();
            ++failed[other.value];
          }
          if (minimal) cuts_.push_back(std::move(cut));
        }
        --failed[box];
      }
    }
    holding = std::move(next);
  }
  return true;
}

template <class Add>
void CutGuide::follow_cuts(const std::vector<std::uint16_t>& failed, Add add) const {
  for (const Cut& cut : cuts_) {
    int more = 0;
    double ways = 1;
    for (const auto& [box, units] : cut) {
      const int rest = std::max(0, units - failed[box]);
      more += rest;
      for (int i = 0; i < rest; ++i) ways *= weights_[first_[box]];
      ways *= choose(units_[box] - failed[box], rest);
    }
    if (more <= most) add(more, ways, cut);
  }
}

std::vector<std::uint16_t> CutGuide::count(std::span<const UnitId> failed) const {
  std::vector<std::uint16_t> counts(boxes_, 0);
  for (const UnitId unit : failed) ++counts[box_of_[unit.value]];
  return counts;
}

CutGuide::Ways CutGuide::ways_of(const std::vector<std::uint16_t>& failed) const {
  Ways sum{};
  follow_cuts(failed, [&](int more, double ways, const Cut&) { sum[static_cast<std::size_t>(more)] += ways; });
  return certain(sum) ? certainty : sum;
}

CutGuide::Ways CutGuide::ways(std::span<const UnitId> failed) const {
  Ways sum{};
  if (by_cuts_) return ways_of(count(failed));
  std::vector<char> marked(is_shared_.size(), 0);
  for (const UnitId unit : failed) marked[unit.value] = 1;
  add_shared(marked, sum, -1, nullptr);
  return sum;
}

const std::vector<double>& CutGuide::next(std::span<const UnitId> failed, int left) {
  assert(left >= 0 && left <= most);
  // Units of a box are alike: it matters how many have failed, not which.
  std::vector<std::uint16_t> key{static_cast<std::uint16_t>(left)};
  if (alike_) {
    key.resize(1 + boxes_, 0);
    for (const UnitId unit : failed) ++key[1 + box_of_[unit.value]];
  } else {
    for (const UnitId unit : failed) key.push_back(unit.value);
  }
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  if (known_.size() >= most_known) known_.clear();

  std::vector<char> marked(is_shared_.size(), 0);
  if (alike_) {
    std::vector<std::uint16_t> still(key.begin() + 1, key.end());
    for (std::size_t unit = 0; unit < marked.size(); ++unit) {
      if (still[box_of_[unit]] == 0) continue;
      marked[unit] = 1;
      --still[box_of_[unit]];
    }
  } else {
    for (const UnitId unit : failed) marked[unit.value] = 1;
  }
  std::vector<double> answer = find_next(marked, left);
  if (alike_) {
    // What holds for the last unit of a box holds for all that are whole.
    for (std::size_t unit = answer.size(); unit-- > 1;) {
      if (box_of_[unit - 1] == box_of_[unit]) answer[unit - 1] = answer[unit];
    }
  }
  return known_.emplace(std::move(key), std::move(answer)).first->second;
}

std::vector<double> CutGuide::find_next(std::vector<char>& marked, int left) const {
  std::vector<double> answer(is_shared_.size(), 0);
  if (by_cuts_) {
    std::vector<std::uint16_t> failed(boxes_, 0);
    for (std::size_t unit = 0; unit < marked.size(); ++unit) {
      if (marked[unit] != 0) ++failed[box_of_[unit]];
    }
    const Ways all = ways_of(failed);
    follow_cuts(failed, [&](int more, double ways, const Cut& cut) {
      if (more == 0 || (left > 0 && more != left) || certain(all)) return;
      const double share = left > 0 ? 1 : 1 / all[static_cast<std::size_t>(more)];
      for (const auto& [box, units] : cut) {
        const int rest = units - failed[box];
        const int whole = units_[box] - failed[box];
        if (rest <= 0 || weights_[first_[box]] <= 0) continue;
        // A unit of `whole` takes part in rest / whole of the ways.
        const double each = share * ways * rest / whole / weights_[first_[box]];
        for (int i = 0; i < units_[box]; ++i) answer[first_[box] + static_cast<std::size_t>(i)] += each;
      }
    });
    return answer;
  }
  if (left > 0) {
    Ways sum{};
    add_shared(marked, sum, left, &answer);
    return answer;
  }
  for (int m = 1; m <= most; ++m) {
    Ways sum{};
    std::vector<double> one(is_shared_.size(), 0);
    add_shared(marked, sum, m, &one);
    const double all = sum[static_cast<std::size_t>(m)];
    for (std::size_t i = 0; i < answer.size() && all > 0; ++i) answer[i] += one[i] / all;
  }
  return answer;
}

}  // namespace nines::models::structure
