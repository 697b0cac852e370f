#include "experiments/estimate/headline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/selector.hpp"
#include "models/service/kind.hpp"
#include "models/structure/cut_sets.hpp"

namespace nines::experiments {

namespace {

/// What comes less often than this is said as "once in N years".
constexpr double seldom_per_year = 1e-2;
/// Incidents that lost something without which there is no figure, only a bound.
constexpr std::uint64_t enough_losses = 10;

/// A kind of fault by name. Black boxes know but one fault: there it is what fails that tells.
class KindNames {
 public:
  explicit KindNames(const models::Plan& plan) {
    for (const models::components::UnitPlan& unit : plan.black_boxes.units) {
      const auto spec = plan.black_boxes.boxes[unit.box].spec;
      owners_[std::string(plan.name(unit.component))] = plan.topology.components[spec].name;
    }
  }
  [[nodiscard]] std::string of(const BudgetRow& row) const {
    const auto owner = owners_.find(row.target);
    if (owner != owners_.end()) return fmt::format("{} of {}", row.fault, owner->second);
    // "shock/storm"
    if (row.fault == models::verb_info(models::Verb::shock).name) {
      return fmt::format("{} {}", row.fault, row.target.substr(row.target.rfind('/') + 1));
    }
    return row.fault;
  }

 private:
  std::map<std::string, std::string> owners_;  ///< component by unit
};

std::optional<LongestFault> longest_of(const Assessment& result, std::size_t sli, const KindNames& names) {
  std::map<std::string, LongestFault> kinds;
  for (const BudgetRow& row : result.budget) {
    if (row.sli != sli || row.outages_per_year <= 0) continue;
    const std::string name = names.of(row);
    LongestFault& kind = kinds[name];
    kind.fault = name;
    kind.outages_per_year += row.outages_per_year;
    kind.never_ends = kind.never_ends || row.never_ended_share > 0;
    if (row.p95_outage_s) kind.p95_s = std::max(kind.p95_s.value_or(0), *row.p95_outage_s);
  }
  const auto believable = [](const auto& kind) { return kind.second.outages_per_year >= beyond_belief_per_year; };
  const bool any = std::any_of(kinds.begin(), kinds.end(), believable);
  // What never ends is longer than anything that does.
  const auto length = [](const LongestFault& kind) { return std::pair(kind.never_ends, kind.p95_s.value_or(0)); };
  std::optional<LongestFault> longest;
  for (const auto& entry : kinds) {
    if (any && !believable(entry)) continue;
    if (!longest || length(entry.second) > length(*longest)) longest = entry.second;
  }
  return longest;
}

std::optional<LossiestFault> lossiest_of(const Assessment& result, std::size_t sli, const KindNames& names) {
  struct Kind {
    LossiestFault fault;
    double share = 0;
  };
  std::map<std::string, Kind> kinds;
  for (const BudgetRow& row : result.budget) {
    if (row.sli != sli || row.loss_share <= 0) continue;
    const std::string name = names.of(row);
    Kind& kind = kinds[name];
    kind.fault.fault = name;
    kind.fault.losses_per_year += row.losses_per_year;
    kind.share += row.loss_share;
    if (row.records_p95) kind.fault.records_p95 = std::max(kind.fault.records_p95.value_or(0), *row.records_p95);
  }
  const auto believable = [](const auto& kind) { return kind.second.fault.losses_per_year >= beyond_belief_per_year; };
  const bool any = std::any_of(kinds.begin(), kinds.end(), believable);
  const auto size = [](const Kind& kind) { return std::pair(kind.fault.records_p95.value_or(0), kind.share); };
  const Kind* most = nullptr;
  for (const auto& entry : kinds) {
    if (any && !believable(entry)) continue;
    if (most == nullptr || size(entry.second) > size(*most)) most = &entry.second;
  }
  return most == nullptr ? std::nullopt : std::optional(most->fault);
}

}  // namespace

std::vector<Headline> headlines(const models::Plan& plan, const Assessment& result) {
  namespace structure = models::structure;
  const KindNames names(plan);
  std::vector<Headline> all;
  for (std::size_t sli = 0; sli < result.slis.size(); ++sli) {
    Headline& headline = all.emplace_back();
    headline.sli = sli;
    headline.longest = longest_of(result, sli, names);
    headline.lossiest = lossiest_of(result, sli, names);
    const models::measurement::SliPlan& its = plan.slis[result.slis[sli].index];
    headline.holds_data = plan.services[its.service].kind->hosted;
    const structure::CutSets cuts = structure::minimal_cut_sets(plan, result.slis[sli].index, 1);
    for (const models::ComponentId part : structure::single_points_of_failure(cuts)) {
      headline.single_points.emplace_back(plan.name(part));
    }
  }
  return all;
}

std::optional<double> most_losses_per_year(const DataLoss& loss) {
  const sim::Estimate& events = loss.events_per_year;
  if (!events.value) return events.upper95;
  if (events.ci95) return events.ci95->upper;
  if (events.observations == 0 || *events.value <= 0) return std::nullopt;
  return sim::poisson_rate(events.observations, static_cast<double>(events.observations) / *events.value).ci95->upper;
}

LossKnown loss_known(const DataLoss& loss) {
  const sim::Estimate& events = loss.events_per_year;
  if (!events.value) return LossKnown::unseen;
  const double most = most_losses_per_year(loss).value_or(*events.value);
  if (most < beyond_belief_per_year) return LossKnown::beyond;
  // An exact figure rests on no incident.
  if (events.observations > 0 && events.observations < enough_losses) return LossKnown::few;
  if (*events.value < seldom_per_year) return LossKnown::seldom;
  const auto& ci = loss.records_per_year.ci95;
  const bool known = loss.records_per_year.value && ci && (ci->upper - ci->lower) / 2 < *loss.records_per_year.value;
  return known ? LossKnown::a_figure : LossKnown::bounded;
}

}  // namespace nines::experiments
