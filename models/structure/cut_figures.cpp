// How often black boxes' cut sets are down.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/plan.hpp"
#include "models/structure/cut_sets.hpp"
#include "sim/math.hpp"

namespace nines::models::structure {

namespace {

using components::BoxId;
using components::BoxPlan;
using components::UnitId;

/// In the long run.
struct PartFigures {
  double unavailability = 0;
  double failures_per_hour = 0;
};

/// From the mean times of one cycle: whole, repaired, through its stages.
std::optional<PartFigures> figures_of(const components::ComponentSpec& spec) {
  if (!spec.repair || spec.failure_rate.per_hour <= 0) return std::nullopt;
  double out = hours(spec.repair->mean());
  double cycle = 1 / spec.failure_rate.per_hour;
  for (const components::StageSpec& stage : spec.stages) {
    const double length = hours(stage.duration.mean()) / stage.success;
    if (!stage.works) {
      out += length;
    } else if (!stage.fails) {
      cycle += length;  // else it is part of its life
    }
  }
  cycle += out;
  return PartFigures{out / cycle, 1 / cycle};
}

std::optional<UnitId> unit_of(const Plan& plan, ComponentId component) {
  const auto& units = plan.black_boxes.units;
  // Units are named in order.
  const auto found =
      std::lower_bound(units.begin(), units.end(), component,
                       [](const components::UnitPlan& unit, ComponentId wanted) { return unit.component < wanted; });
  if (found == units.end() || found->component != component) return std::nullopt;
  return UnitId::of(static_cast<std::size_t>(found - units.begin()));
}

const components::ComponentSpec& box_spec(const Plan& plan, BoxId box) {
  return plan.topology.components[plan.black_boxes.boxes[box].spec];
}

std::set<BoxId> boxes_of(const Plan& plan, const CutSets& cuts) {
  std::set<BoxId> boxes;
  for (const CutSet& cut : cuts.sets) {
    for (const ComponentId part : cut.parts) {
      if (const auto unit = unit_of(plan, part)) boxes.insert(plan.black_boxes.units[*unit].box);
    }
  }
  return boxes;
}

bool hits_any(const std::vector<BoxId>& hit, const std::set<BoxId>& of) {
  return std::any_of(hit.begin(), hit.end(), [&](BoxId box) { return of.contains(box); });
}

}  // namespace

std::optional<CutEstimate> estimate(const Plan& plan, const CutSet& cut) {
  CutEstimate result{1, 0};
  double per_hour = 0;
  for (const ComponentId part : cut.parts) {
    const auto unit = unit_of(plan, part);
    if (!unit) return std::nullopt;
    const auto figures = figures_of(box_spec(plan, plan.black_boxes.units[*unit].box));
    if (!figures) return std::nullopt;
    // Either this part is the last to fail, or it was down already.
    per_hour = result.unavailability * figures->failures_per_hour + per_hour * figures->unavailability;
    result.unavailability *= figures->unavailability;
  }
  result.per_year = Rate{per_hour}.per_year();
  return result;
}

std::optional<RareEvent> rare_event(const Plan& plan, const CutSets& cuts) {
  if (cuts.sets.empty()) return std::nullopt;
  RareEvent result;
  double log_holds = 0;
  for (const CutSet& cut : cuts.sets) {
    const auto figures = estimate(plan, cut);
    if (!figures) return std::nullopt;
    result.sum += figures->unavailability;
    result.per_year += figures->per_year;
    log_holds += sim::log1p(-figures->unavailability);
  }
  result.esary_proschan = -sim::expm1(log_holds);
  return result;
}

std::vector<std::string> couplings(const Plan& plan, const CutSets& cuts) {
  const std::set<BoxId> boxes = boxes_of(plan, cuts);
  const components::BlackBoxes& all = plan.black_boxes;
  std::vector<std::string> result;
  for (const components::CrewPlan& crew : all.crews) {
    if (!hits_any(crew.boxes, boxes)) continue;
    const components::CrewSpec& spec = plan.topology.crews[crew.spec];
    Count units = 0;
    for (const BoxId box : crew.boxes) units += all.boxes[box].count;
    if (spec.policy == components::CrewPolicy::inspection) {
      result.push_back(fmt::format("crew '{}' inspects before it repairs", spec.name));
    }
    if (units > spec.size) {
      result.push_back(fmt::format("units queue at crew '{}': {} repairers for {} units", spec.name, spec.size, units));
    }
  }
  for (const components::ShockPlan& shock : all.shocks) {
    if (hits_any(shock.hits, boxes)) {
      result.push_back(fmt::format("shock '{}' fails units at once", plan.topology.shocks[shock.spec].name));
    }
  }
  for (const BoxId box : boxes) {
    if (!box_spec(plan, box).after_mask.empty())
      result.push_back(fmt::format("units of '{}' catch up after a mask", box_spec(plan, box).name));
    if (box_spec(plan, box).standby) result.push_back(fmt::format("units of '{}' stand by", box_spec(plan, box).name));
  }
  return result;
}

}  // namespace nines::models::structure
