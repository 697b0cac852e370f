#include "tests/models/lab.hpp"

#include <algorithm>
#include <cmath>

#include "models/faults/scenario.hpp"
#include "models/measurement/sli.hpp"

namespace nines::models::testing {

Action action(Duration at, Verb verb, std::string target, std::optional<Duration> duration, std::string from) {
  Action step;
  step.at = at;
  step.verb = verb;
  step.target = std::move(target);
  step.duration = duration;
  step.from = std::move(from);
  return step;
}

Action action(Duration at, Verb verb, std::string target, Variant variant) {
  Action step = action(at, verb, std::move(target));
  step.variant = variant;
  return step;
}

Lab::Lab(Topology topology, std::uint64_t seed) : plan_(build_plan(std::move(topology), seed)) {}

World Lab::prepare(const std::vector<Action>& script, std::uint64_t run) const {
  World world = initial_world(plan_, run);
  faults::schedule_actions(world, script, origin);
  run_until(world, origin - Duration::nanoseconds(1));
  return world;
}

World Lab::play(const std::vector<Action>& script, std::uint64_t run, Duration length) const {
  World world = prepare(script, run);
  run_until(world, origin + length);
  return world;
}

std::optional<double> first(const World& world, std::string_view event, std::string_view component, double from) {
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (event_info(record.kind).name != event) continue;
    const double at = (record.at - origin).to_seconds();
    if (at < from) continue;
    if (!component.empty() && world.plan->name(record.component) != component) continue;
    return at;
  }
  return std::nullopt;
}

std::size_t count(const World& world, std::string_view event) {
  return static_cast<std::size_t>(
      std::count_if(world.trace.records().begin(), world.trace.records().end(),
                    [&](const sim::TraceRecord& record) { return event_info(record.kind).name == event; }));
}

std::vector<std::pair<double, double>> outages(const World& world, std::string_view sli) {
  std::vector<std::pair<double, double>> found;
  const auto matches = [&](const measurement::Outage& outage) { return world.plan->slis[outage.sli].name == sli; };
  for (const measurement::Outage& outage : world.measurement.outages) {
    if (matches(outage))
      found.emplace_back((outage.start - origin).to_seconds(), (outage.end - outage.start).to_seconds());
  }
  for (const measurement::SliState& state : world.measurement.slis) {
    if (state.out && matches(state.open)) {
      found.emplace_back((state.open.start - origin).to_seconds(), (world.now - state.open.start).to_seconds());
    }
  }
  return found;
}

double downtime(const World& world, std::string_view sli) {
  double total = 0;
  for (const auto& [start, length] : outages(world, sli)) total += length;
  return total;
}

Sampled sample(std::size_t runs, const std::function<std::optional<double>(std::uint64_t)>& observe) {
  Sampled result;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const std::optional<double> value = observe(run);
    if (!value) continue;
    result.lowest = result.size == 0 ? *value : std::min(result.lowest, *value);
    result.highest = result.size == 0 ? *value : std::max(result.highest, *value);
    ++result.size;
    sum += *value;
    squares += *value * *value;
  }
  const double n = static_cast<double>(result.size);
  result.mean = sum / n;
  result.error = std::sqrt(std::max(0.0, squares / n - result.mean * result.mean) / n);
  return result;
}

bool agrees(const Sampled& sampled, double expected) {
  constexpr double z = 5.5;
  const double tolerance = z * sampled.error + 1e-9;
  // Half of 10 % above the tolerance: a 10 % error is noticed with near certainty.
  return sampled.size >= 30 && tolerance < 0.09 * expected && std::abs(sampled.mean - expected) <= tolerance;
}

}  // namespace nines::models::testing
