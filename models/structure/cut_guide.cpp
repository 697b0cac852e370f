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

/// Choices of children whose weights add up to no more than is tolerated: by their sum.
using Chosen = std::vector<Ways>;

}  // namespace

bool CutGuide::rests_on_boxes(const Plan& plan, measurement::SliIndex sli) {
  if (plan.services[plan.slis[sli].service].kind != measurement::ServiceKind::composite) return false;
  const Requirement& requirement = plan.structures.requirements[static_cast<std::size_t>(plan.structures.of_sli[sli])];
  return std::all_of(requirement.nodes.begin(), requirement.nodes.end(), [&](const Node& node) {
    return node.kind != Node::Kind::sli || rests_on_boxes(plan, node.sli);
  });
}

CutGuide::CutGuide(const Plan& plan, measurement::SliIndex sli, std::vector<double> weights)
    : weights_(std::move(weights)) {
  const Dependencies dependencies = dependencies_of(plan, sli);
  root_ = dependencies.root;
  vertices_ = boost::num_vertices(dependencies.graph);
  std::map<ComponentId, UnitId> units;
  for (const UnitId unit : plan.black_boxes.units.ids()) units[plan.black_boxes.units[unit].component] = unit;
  is_shared_.assign(plan.black_boxes.units.size(), 0);
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

CutGuide::Ways CutGuide::ways(std::span<const UnitId> failed) const {
  Ways sum{};
  std::vector<char> marked(is_shared_.size(), 0);
  for (const UnitId unit : failed) marked[unit.value] = 1;
  add_shared(marked, sum, -1, nullptr);
  return sum;
}

const std::vector<double>& CutGuide::next(std::span<const UnitId> failed, int left) {
  assert(left >= 0 && left <= most);
  std::vector<std::uint16_t> key{static_cast<std::uint16_t>(left)};
  for (const UnitId unit : failed) key.push_back(unit.value);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  if (known_.size() >= most_known) known_.clear();

  std::vector<char> marked(is_shared_.size(), 0);
  for (const UnitId unit : failed) marked[unit.value] = 1;
  std::vector<double> answer(is_shared_.size(), 0);
  if (left > 0) {
    Ways sum{};
    add_shared(marked, sum, left, &answer);
  } else {
    for (int m = 1; m <= most; ++m) {
      Ways sum{};
      std::vector<double> one(is_shared_.size(), 0);
      add_shared(marked, sum, m, &one);
      const double all = sum[static_cast<std::size_t>(m)];
      for (std::size_t i = 0; i < answer.size() && all > 0; ++i) answer[i] += one[i] / all;
    }
  }
  return known_.emplace(std::move(key), std::move(answer)).first->second;
}

}  // namespace nines::models::structure
