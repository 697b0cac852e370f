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
/// Samples of a stratum are numbered in the lower bits of a run, strata are told apart by the upper ones.
constexpr int sample_bits = 24;

/// Index of the interval of `cumulative` that holds `u` times its last value.
std::size_t position(const std::vector<double>& cumulative, double u) {
  const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), u * cumulative.back());
  return std::min(static_cast<std::size_t>(at - cumulative.begin()), cumulative.size() - 1);
}

}  // namespace

Families::Families(const models::Plan& plan, Forcing forcing) {
  for (std::uint32_t i = 0; i < plan.faults.size(); ++i) {
    const models::FaultSource& source = plan.faults[i];
    if (source.family >= families_.size()) families_.resize(source.family + 1U);
    Family& family = families_[source.family];
    if (family.sources.empty()) {
      family.name = fmt::format("{} {}", models::verb_info(source.verb).name, plan.name(source.target));
    }
    family.sources.push_back(i);
    total_ += source.rate.per_hour;
    if (source.ageing) {
      ageing_.push_back(i);
    } else {
      memoryless_ += source.rate.per_hour;
    }
    family.cumulative.push_back((family.cumulative.empty() ? 0 : family.cumulative.back()) + source.rate.per_hour);
  }
  double sum = 0;
  for (const Family& family : families_) {
    const double by_rate = family.rate_per_hour() / total_;
    const double alike = 1 / static_cast<double>(families_.size());
    sum += forcing == Forcing::balanced ? (by_rate + alike) / 2 : by_rate;
    family_cumulative_.push_back(sum);
  }
}

std::uint32_t Families::initiator(std::size_t family, double u) const {
  return families_[family].sources[position(families_[family].cumulative, u)];
}

Families::Choice Families::further(double u_family, double u_source) const {
  const std::size_t at = position(family_cumulative_, u_family);
  const double chosen = family_cumulative_[at] - (at == 0 ? 0 : family_cumulative_[at - 1]);
  const Family& family = families_[at];
  const std::size_t member = position(family.cumulative, u_source);
  const double rate = family.cumulative[member] - (member == 0 ? 0 : family.cumulative[member - 1]);
  return {family.sources[member], chosen / family_cumulative_.back() * rate / family.rate_per_hour()};
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
  IncidentSample sample;
  sample.weight = 1;
  for (int depth = 0;; ++depth) {
    const bool last = depth == stratum.depth;
    sample.fresh = &player_.play(run, strikes_, last && stratum.natural);
    ++sample.runs;
    sample.events += sample.fresh->events;
    if (last) return sample;
    Strike next;
    // Three numbers a fault: family, member, time.
    sample.weight *= force(run, 1 + 3 * static_cast<std::uint32_t>(depth), key, strikes_.back().at, next);
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

double IncidentSampler::force(std::uint64_t run, std::uint32_t first_draw, std::uint64_t key, sim::Time last,
                              Strike& next) {
  const auto uniform = [&](std::uint32_t draw) { return sim::to_unit(sim::random_bits(key, run, first_draw + draw)); };
  const Families::Choice choice = families_.further(uniform(0), uniform(1));
  const sim::Time end = player_.end();
  const double window = hazard(choice.source, last, end);
  if (window <= 0) return 0;
  const double happens = -sim::expm1(-window);
  // The time at which the source's hazard since `last` reaches h, an Exp(1) number below `window`.
  const double h = -sim::log1p(-uniform(2) * happens);
  next.source = choice.source;
  const models::FaultSource& source = plan_.faults[choice.source];
  if (!source.ageing) {
    next.at = std::min(end, last + sim::Duration::from_seconds(h / source.rate.per_hour * seconds_per_hour));
  } else {
    sim::Time low = last;
    sim::Time high = end;
    while (high - low > sim::Duration::nanoseconds(1)) {
      const sim::Time middle = low + (high - low) / 2;
      (hazard(choice.source, last, middle) < h ? low : high) = middle;
    }
    next.at = high;
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
