#include "experiments/strata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "models/components/unit.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

constexpr double seconds_per_hour = 3600;

/// Index of the interval of `cumulative` that holds `u` times its last value.
std::size_t position(const std::vector<double>& cumulative, double u) {
  const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), u * cumulative.back());
  return std::min(static_cast<std::size_t>(at - cumulative.begin()), cumulative.size() - 1);
}

std::string name_of(const models::Plan& plan, const models::FaultSource& source) {
  const std::string_view verb = models::verb_info(source.verb).name;
  const std::string_view form = models::variant_name(source.variant);
  return fmt::format("{}{}{} {}", verb, form.empty() ? "" : "/", form, plan.name(source.target));
}

}  // namespace

Families::Families(const models::Plan& plan, Forcing forcing, const std::vector<bool>& background) {
  const auto in_background = [&](std::size_t family) { return !background.empty() && background[family]; };
  for (std::uint32_t i = 0; i < plan.faults.size(); ++i) {
    const models::FaultSource& source = plan.faults[i];
    if (source.family >= families_.size()) families_.resize(source.family + 1U);
    Family& family = families_[source.family];
    if (family.sources.empty()) {
      family.name = name_of(plan, source);
    }
    family.sources.push_back(i);
    total_ += source.rate.per_hour;
    family.cumulative.push_back((family.cumulative.empty() ? 0 : family.cumulative.back()) + source.rate.per_hour);
    if (in_background(source.family)) {
      background_.push_back(i);
    } else if (source.ageing) {
      ageing_.push_back(i);
    } else {
      memoryless_ += source.rate.per_hour;
    }
  }
  double forced_rate = 0;
  double forced = 0;
  for (std::size_t i = 0; i < families_.size(); ++i) {
    if (in_background(i)) continue;
    forced_rate += families_[i].rate_per_hour();
    forced += 1;
  }
  for (std::size_t i = 0; i < families_.size(); ++i) {
    const double by_rate = forced > 0 ? families_[i].rate_per_hour() / forced_rate : 0;
    const double alike = 1 / std::max(1.0, forced);
    const double choice = forcing == Forcing::balanced ? (by_rate + alike) / 2 : by_rate;
    usual_choice_.push_back(in_background(i) ? 0 : choice);
  }
}

std::uint32_t Families::initiator(std::size_t family, double u) const {
  return families_[family].sources[position(families_[family].cumulative, u)];
}

Families::Choice Families::further(const std::vector<double>& choice, double u_family, double u_source) const {
  std::size_t at = 0;
  double passed = choice[0];
  while (at + 1 < choice.size() && passed <= u_family) passed += choice[++at];
  const Family& family = families_[at];
  const std::size_t member = position(family.cumulative, u_source);
  const double rate = family.cumulative[member] - (member == 0 ? 0 : family.cumulative[member - 1]);
  return {at, family.sources[member], choice[at] * rate / family.rate_per_hour(), choice[at]};
}

std::uint64_t stratum_key(const Family& family, int depth) {
  return sim::fnv1a(fmt::format("{} +{}", family.name, depth));
}

IncidentSample IncidentSampler::draw(const Stratum& stratum, std::uint64_t index) {
  assert(index < std::uint64_t{1} << sample_bits);
  const std::uint64_t run = stratum.key >> sample_bits << sample_bits | index;
  const std::uint64_t key = sim::stream_key(plan_.seed, "incidents", "further faults");
  const auto uniform = [&](std::uint32_t draw) { return sim::to_unit(sim::random_bits(key, run, draw)); };
  strikes_.assign(1, {families_.initiator(stratum.family, uniform(0)), incident_start});
  path_.clear();
  IncidentSample sample;
  sample.weight = 1;
  for (int depth = 0;; ++depth) {
    const bool last = depth == stratum.depth;
    sample.fresh = &player_.play(run, strikes_, last && stratum.natural);
    ++sample.runs;
    sample.events += sample.fresh->events;
    sample.path = path_;
    if (last) return sample;
    // Three numbers a fault: family, member, time.
    const std::uint32_t draw = 1 + 3 * static_cast<std::uint32_t>(depth);
    const std::vector<double>& choice =
        stratum.choices.empty() ? families_.usual_choice() : stratum.choices[static_cast<std::size_t>(depth)];
    path_.push_back(families_.further(choice, uniform(draw), uniform(draw + 1)));
    Strike next;
    sample.weight *= force(path_.back(), uniform(draw + 2), strikes_.back().at, next);
    if (sample.weight <= 0) {
      sample.weight = 0;
      return sample;
    }
    strikes_.push_back(next);
    if (depth + 1 == stratum.depth) {
      before_ = *sample.fresh;
      sample.before = &before_;
    }
  }
}

double IncidentSampler::hazard(std::uint32_t index, sim::Time from, sim::Time to) {
  const models::FaultSource& source = plan_.faults[index];
  if (!source.ageing) return source.rate.per_hour * (to - from).to_seconds() / seconds_per_hour;
  models::World& world = player_.world();
  const models::components::UnitId unit{source.index};
  const models::components::UnitState& state = world.components.units[unit];
  // What was repaired since has lived from then on only; what is not whole at the end has not lived at all.
  if (state.phase != models::components::Phase::whole) return 0;
  const sim::Time begin = state.born_here ? std::max(from, state.born) : from;
  if (begin >= to) return 0;
  const models::components::BlackBoxes& boxes = plan_.black_boxes;
  const models::Law& law = *plan_.topology.components[boxes.boxes[boxes.units[unit].box].spec].failure;
  return law.cumulative_hazard(models::components::age(world, unit, to)) -
         law.cumulative_hazard(models::components::age(world, unit, begin));
}

sim::Time IncidentSampler::time_of_hazard(std::uint32_t index, sim::Time from, double wanted) {
  models::World& world = player_.world();
  const models::components::UnitId unit{plan_.faults[index].index};
  const models::components::UnitState& state = world.components.units[unit];
  const sim::Time begin = state.born_here ? std::max(from, state.born) : from;
  const models::components::BlackBoxes& boxes = plan_.black_boxes;
  const models::Law& law = *plan_.topology.components[boxes.boxes[boxes.units[unit].box].spec].failure;
  const models::Duration age = models::components::age(world, unit, begin);
  return begin + std::max(models::Duration(), law.age_at_hazard(law.cumulative_hazard(age) + wanted) - age);
}

double IncidentSampler::force(const Families::Choice& choice, double u, sim::Time last, Strike& next) {
  const sim::Time end = player_.end();
  const double window = hazard(choice.source, last, end);
  if (window <= 0) return 0;
  const double happens = -sim::expm1(-window);
  // The time at which the source's hazard since `last` reaches h, an Exp(1) number below `window`.
  const double h = -sim::log1p(-u * happens);
  next.source = choice.source;
  const models::FaultSource& source = plan_.faults[choice.source];
  if (!source.ageing) {
    next.at = std::min(end, last + sim::Duration::from_seconds(h / source.rate.per_hour * seconds_per_hour));
  } else {
    next.at = std::min(end, time_of_hazard(choice.source, last, h));
  }
  // No other source has struck before.
  const double memoryless = families_.memoryless_rate_per_hour() - (source.ageing ? 0 : source.rate.per_hour);
  double others = memoryless * (next.at - last).to_seconds() / seconds_per_hour;
  for (const std::uint32_t other : families_.ageing()) {
    if (other != choice.source) others += hazard(other, last, next.at);
  }
  return happens / choice.probability * sim::exp(-others);
}

}  // namespace nines::experiments
