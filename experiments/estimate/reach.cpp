#include "experiments/estimate/reach.hpp"

#include <algorithm>

namespace nines::experiments {

namespace {

namespace components = models::components;
using models::structure::CutGuide;

/// Hours for which a unit that nobody repairs is taken to matter to further faults.
constexpr double unrepaired_hours = 1000;
/// Cuts of so many parts matter if they add this share to the unavailability.
constexpr double matters = 1e-4;
constexpr int never = 1000;

/// Units that serve nothing once the source has struck: the unit, and, while a standby takes over, its whole box.
std::vector<components::UnitId> out_after(const models::Plan& plan, const models::FaultSource& source) {
  const components::BlackBoxes& boxes = plan.black_boxes;
  const auto unit = components::UnitId::of(source.index);
  const components::BoxPlan& box = boxes.boxes[boxes.units[unit].box];
  const auto& standby = plan.topology.components[box.spec].standby;
  if (!standby || !standby->switchover) return {unit};
  std::vector<components::UnitId> all;
  for (std::size_t i = 0; i < box.count; ++i) all.push_back(components::UnitId::of(box.first.value + i));
  return all;
}

/// Fewest further failures that put the SLI out when these units are gone.
int fewest(const CutGuide& guide, const std::vector<components::UnitId>& gone) {
  const CutGuide::Ways ways = guide.ways(gone);
  for (std::size_t m = 0; m < ways.size(); ++m) {
    if (ways[m] > 0) return static_cast<int>(m);
  }
  return never;
}

/// About the share of the time that each unit is down by itself.
std::vector<double> unavailabilities(const models::Plan& plan) {
  std::vector<double> result;
  const components::BlackBoxes& boxes = plan.black_boxes;
  for (const components::UnitId unit : boxes.units.ids()) {
    const components::ComponentSpec& spec = plan.topology.components[boxes.boxes[boxes.units[unit].box].spec];
    double down = spec.repair ? hours(spec.repair->mean()) : unrepaired_hours;
    // Who shares a crew may have to wait for the slowest of the others.
    double longest = 0;
    for (const models::components::ComponentSpec& other : plan.topology.components) {
      if (!spec.crew.empty() && other.crew == spec.crew && other.repair) {
        longest = std::max(longest, hours(other.repair->mean()));
      }
    }
    down += longest;
    for (const components::StageSpec& stage : spec.stages) down += stage.works ? 0 : hours(stage.duration.mean());
    const double load = spec.failure_rate.per_hour * down;
    result.push_back(load / (1 + load));
  }
  return result;
}

}  // namespace

Reach::Reach(const models::Plan& plan, const FaultClasses& fault_classes) {
  const std::vector<double> weights = unavailabilities(plan);
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
    const auto index = static_cast<models::measurement::SliIndex>(sli);
    std::optional<Known>& known = slis_.emplace_back();
    if (!CutGuide::rests_on_boxes(plan, index)) continue;
    const CutGuide& guide = known.emplace(Known{CutGuide(plan, index, weights), {}, {}}).guide;
    const CutGuide::Ways ways = guide.ways({});
    known->by_parts.assign(ways.begin(), ways.end());
    bool shocks = false;
    for (std::size_t i = 0; i < fault_classes.all().size(); ++i) {
      const FaultClass& fault_class = fault_classes.all()[i];
      int needed = never;
      for (const std::uint32_t source : fault_class.sources) {
        if (needed < never && guide.alike()) break;
        const models::FaultSource& fault = plan.faults[source];
        // Of a shock nobody knows whom it hits, nor of the background when it strikes.
        const bool open = fault.verb != models::Verb::component_fail;
        shocks = shocks || open;
        needed = std::min(needed, open ? 0 : fewest(guide, out_after(plan, fault)));
      }
      known->needed.push_back(needed);
    }
    for (int& needed : known->needed) {
      if (!fault_classes.background().empty()) needed = 0;
      if (shocks) needed = std::min(needed, 1);
    }
  }
}

bool Reach::possible(std::size_t sli, std::size_t fault_class, int depth) const {
  return !slis_[sli] || depth >= slis_[sli]->needed[fault_class];
}

std::vector<double> Reach::by_parts(std::size_t sli) const {
  return slis_[sli] ? slis_[sli]->by_parts : std::vector<double>{};
}

std::optional<int> Reach::depth(std::size_t sli) const {
  if (!slis_[sli]) return std::nullopt;
  const std::vector<double>& parts = slis_[sli]->by_parts;
  double all = 0;
  for (const double part : parts) all += part;
  // No cut that is small enough to be looked at: what there is takes more.
  if (all <= 0) return models::structure::CutGuide::most;
  int deepest = 0;
  for (std::size_t m = 1; m < parts.size(); ++m) {
    if (parts[m] > matters * all) deepest = static_cast<int>(m) - 1;
  }
  return deepest;
}

}  // namespace nines::experiments
