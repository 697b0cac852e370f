#include "experiments/estimate/warm_up.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

using models::components::ComponentSpec;
using models::components::CrewSpec;

/// Share of the recoveries under way that the warm-up may lack.
constexpr double missing = 1e-3;
/// Of platforms and services: people take hours, leadership and back-offs minutes, and in a month most of what a roll
/// or a drain has left behind has been put back by the next one.
constexpr double platform_hours = 30 * 24;
/// What nothing has ended after a month is not expected to end.
constexpr double least_follow_hours = 30 * 24;
/// Simulated time ends after 292 years; half of it is left to what follows the warm-up.
constexpr double most_hours = 140.0 * 8760;
/// An outage is waited for as long as this many warm-ups: what takes longer never ends.
constexpr double patience_warm_ups = 3;

double age_hours(const models::Law& law) { return hours(law.stationary_age(1 - missing)); }

/// Mean and long age of what a unit goes through from its failure on, its crew being free.
struct Recovery {
  double mean = 0;
  double age = 0;
};

Recovery recovery_of(const ComponentSpec& spec) {
  Recovery result{hours(spec.repair->mean()), age_hours(*spec.repair)};
  for (const models::components::StageSpec& stage : spec.stages) {
    const double rounds = stage.success < 1 ? std::ceil(sim::log(missing) / sim::log1p(-stage.success)) : 1;
    result.mean += hours(stage.duration.mean()) / stage.success;
    result.age += std::max(age_hours(stage.duration), rounds > 1 ? rounds * hours(stage.duration.mean()) : 0);
  }
  if (spec.standby && spec.standby->switchover) {
    const auto& switchover = *spec.standby->switchover;
    result.age += std::max(age_hours(switchover.duration), age_hours(switchover.uncovered_duration));
  }
  return result;
}

/// How long a crew's queue remembers: a queue of load r forgets 1 / (1 - sqrt(r))^2 times as slowly as one service
/// (Cohen, The Single Server Queue), and never more slowly than units fail, for there are only so many (the number of
/// whole units is that of calls in Erlang's loss system, whose slowest mode decays with the rate of their ends).
double queue_hours(const models::Topology& topology, const CrewSpec& crew) {
  double load = 0;
  double longest = 0;  // recovery
  double life = 0;
  double burst = 0;  // hours of work that one shock leaves
  for (const ComponentSpec& spec : topology.components) {
    if (spec.crew != crew.name || !spec.repair) continue;
    const Recovery recovery = recovery_of(spec);
    const auto count = static_cast<double>(spec.count);
    double rate = spec.failure_rate.per_hour;
    for (const models::components::ShockSpec& shock : topology.shocks) {
      if (std::find(shock.hits.begin(), shock.hits.end(), spec.name) == shock.hits.end()) continue;
      rate += shock.rate.per_hour * shock.share;
      burst += count * recovery.mean / static_cast<double>(crew.size);
    }
    load += count * rate * recovery.mean / static_cast<double>(crew.size);
    longest = std::max(longest, recovery.age);
    life = std::max(life, 1 / rate);
  }
  const double by_life = longest - sim::log(missing) * life;
  if (load >= 1) return by_life;
  const double slower = 1 - std::sqrt(load);
  return std::min(by_life, burst + longest / (slower * slower));
}

}  // namespace

WarmUp warm_up(const models::Plan& plan, sim::Duration span) {
  const models::Topology& topology = plan.topology;
  WarmUp result;
  double longest = plan.hosts() ? platform_hours : 0;
  if (plan.hosts() && topology.people.on_call == 0) result.steady = false;
  for (const ComponentSpec& spec : topology.components) {
    if (spec.repair) {
      longest = std::max(longest, recovery_of(spec).age);
    } else {
      result.steady = false;
    }
  }
  for (const CrewSpec& crew : topology.crews) longest = std::max(longest, queue_hours(topology, crew));
  const double room = std::max(0.0, most_hours - hours(span));
  result.follow = sim::Duration::from_seconds(std::clamp(patience_warm_ups * longest, least_follow_hours, most_hours) *
                                              sim::seconds_per_hour);
  if (!result.steady) return result;
  result.complete = longest <= room;
  result.length = sim::Duration::from_seconds(std::min(longest, room) * sim::seconds_per_hour);
  return result;
}

}  // namespace nines::experiments
