#include "experiments/estimate/work_limit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/service/kind.hpp"

namespace nines::experiments {

namespace {

using models::components::ComponentSpec;

/// A few incidents of a batch may be very long.
constexpr std::uint64_t some_longer = 1'000'000;
constexpr std::uint64_t most_counted = 1'000'000'000;
/// Of a run in which up to a thousand machines and processes take part.
constexpr std::uint64_t events_of_a_small_run = 2'000'000;
constexpr std::uint64_t small = 1000;
/// So many units that are looked at cost as much as an event.
constexpr std::uint64_t units_of_an_event = 256;
/// What is expected may be wrong by this factor before it refuses what was never tried.
constexpr double surely = 4;

constexpr const char* advice =
    "something fails or is renewed all the time. Leave what is so frequent out of the topology, or make it slower";

/// Units that fail and are repaired over and over, an hour.
double renewals_per_hour(const models::Topology& topology, const ComponentSpec& spec) {
  // What is never repaired fails once.
  if (!spec.repair) return 0;
  double cycle_h = spec.failure ? hours(spec.failure->mean()) : 1 / spec.failure_rate.per_hour;
  const double repair_h = hours(spec.repair->mean());
  cycle_h += repair_h;
  for (const models::components::StageSpec& stage : spec.stages) cycle_h += hours(stage.duration.mean());
  const auto units = static_cast<double>(spec.standby ? spec.standby->active : spec.count);
  double rate = cycle_h > 0 ? units / cycle_h : 0;
  for (const models::components::CrewSpec& crew : topology.crews) {
    if (crew.name == spec.crew && repair_h > 0) rate = std::min(rate, static_cast<double>(crew.size) / repair_h);
  }
  return rate;
}

}  // namespace

std::uint64_t cost_of_an_event(const models::Plan& plan) {
  std::uint64_t cost = 1;
  for (const models::components::BoxId box : plan.black_boxes.boxes.ids()) {
    cost = std::max<std::uint64_t>(cost, 1 + plan.black_boxes.boxes[box].count / units_of_an_event);
  }
  for (const models::ServiceId service : plan.services.ids()) {
    const std::size_t parts = plan.services[service].kind->parts(plan, service);
    cost = std::max<std::uint64_t>(cost, 1 + parts / units_of_an_event);
  }
  return cost;
}

std::size_t places(const models::Plan& plan) { return plan.nodes.size() + plan.processes.size(); }

std::uint64_t most_events_of_a_run(const models::Plan& plan) {
  return events_of_a_small_run * (1 + places(plan) / small) / cost_of_an_event(plan);
}

EventBudget::EventBudget(const models::Plan& plan, std::uint64_t incidents)
    : cost_(cost_of_an_event(plan)),
      most_(some_longer + std::min(incidents, most_counted) * most_events_of_an_incident) {}

void EventBudget::refuse() {
  throw TooMuchWork(
      fmt::format("incidents take {} events each or more: one of them touches thousands of parts, or while something "
                  "slow is under way, {}. --method timeline plays years instead; small models of black boxes may be "
                  "solved by --method exact",
                  most_events_of_an_incident, advice));
}

void check_replication(const models::Plan& plan, double hours) {
  double rate = 0;
  for (const ComponentSpec& spec : plan.topology.components) rate += renewals_per_hour(plan.topology, spec);
  for (const models::components::ShockSpec& shock : plan.topology.shocks) rate += shock.rate.per_hour;
  if (plan.hosts()) {
    for (const models::FaultSource& source : plan.faults) rate += source.ageing ? 0 : source.rate.per_hour;
  }
  const std::uint64_t most = most_events_of_a_run(plan);
  if (rate * hours > surely * static_cast<double>(most)) {
    throw TooMuchWork(
        fmt::format("a replication of {:.4g} h (its warm-up included) would see some {:.2g} faults, and takes at most "
                    "{} events: {}, or give fewer --years",
                    hours, rate * hours, most, advice));
  }
}

void refuse_replication(std::uint64_t most_events) {
  throw TooMuchWork(
      fmt::format("a replication takes more than {} events: {}, or give fewer --years", most_events, advice));
}

}  // namespace nines::experiments
