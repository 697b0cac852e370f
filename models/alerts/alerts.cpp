#include "models/alerts/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "models/alerts/events.hpp"
#include "models/measurement/sli_names.hpp"
#include "models/namer.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::alerts {

namespace {

const Parameters& parameters(const World& world) { return world.plan->topology.alerting; }

sim::Time next_scrape(const World& world, sim::Time at) {
  return sim::Grid{sim::Time() + world.alerts.scrape_phase, parameters(world).scrape_interval}.at_or_after(at);
}
sim::Time next_evaluation(const World& world, sim::Time at) {
  return sim::Grid{sim::Time() + world.alerts.evaluation_phase, parameters(world).evaluation_interval}.at_or_after(at);
}

bool works(const World& world) {
  const auto& needed = world.plan->alerts.works_while;
  return !needed || !world.measurement.slis[*needed].out;
}

service::Reading reading(const World& world, const RulePlan& rule) {
  if (rule.sli) return {world.measurement.slis[*rule.sli].out ? 1.0 : 0.0, 0};
  return world.plan->services[rule.service].kind->metric(world, rule.service, rule.metric);
}

bool beyond(const RulePlan& rule, double value) {
  if (rule.sli) return value > 0;
  return rule.below ? value < rule.threshold : value > rule.threshold;
}

/// When a reading that changes evenly passes the threshold; never if it does not.
sim::Time crossing(const World& world, const RulePlan& rule, const service::Reading& now) {
  const double way = rule.threshold - now.value;
  if (rule.sli || now.per_s == 0 || way * now.per_s < 0) return sim::Time::never();
  // One instant later it is beyond: thresholds are exclusive.
  const double seconds = way / now.per_s;
  constexpr double longest_s = 3.0e9;
  if (seconds > longest_s) return sim::Time::never();
  return world.now + Duration::from_seconds(seconds) + Duration::nanoseconds(1);
}

/// The next reading shows something new, unless the condition changes back before.
void read_next(World& world, std::uint16_t index) {
  RuleState& state = world.alerts.rules[index];
  if (world.queue.pending(state.reading) || state.holds == state.read) return;
  state.reading = world.schedule(next_scrape(world, world.now), TargetRead{index}, sim::Priority::measure);
}

void evaluate_at(World& world, std::uint16_t index, sim::Time at) {
  RuleState& state = world.alerts.rules[index];
  world.queue.cancel(state.evaluation);
  state.evaluation = world.schedule(next_evaluation(world, at), RuleEvaluated{index}, sim::Priority::measure);
}

/// Nothing of it is known any more.
void forget(World& world, RuleState& state) {
  for (sim::TimerId* timer : {&state.reading, &state.evaluation, &state.notification}) world.queue.cancel(*timer);
  state.read = state.active = state.fires = state.told = state.at_rest = false;
}

void look_at(World& world, std::uint16_t index) {
  const RulePlan& rule = world.plan->alerts.rules[index];
  RuleState& state = world.alerts.rules[index];
  const service::Reading now = reading(world, rule);
  const bool holds = beyond(rule, now.value);
  if (holds && !state.holds) state.since = world.now;
  state.holds = holds;
  if (world.alerts.works) read_next(world, index);
  const sim::Time next = crossing(world, rule, now);
  if (next == sim::Time::never()) {
    world.queue.cancel(state.crossing);
  } else if (!world.queue.pending(state.crossing) || world.queue.when(state.crossing) != next) {
    world.queue.cancel(state.crossing);
    state.crossing = world.schedule(next, ThresholdCrossed{index}, sim::Priority::measure);
  }
}

RulePlan rule_plan(const Plan& plan, const RuleSpec& spec) {
  RulePlan rule;
  rule.below = spec.below;
  rule.threshold = spec.threshold;
  rule.hold = spec.hold;
  rule.sli = measurement::sli_named(plan, spec.watches);
  if (rule.sli) return rule;
  const std::string_view watches = spec.watches;
  const std::size_t slash = std::min(watches.find('/'), watches.size());
  rule.service = plan.service_named(watches.substr(0, slash));
  if (!rule.service.exists())
    throw std::invalid_argument(fmt::format("alert '{}' watches '{}', of no service", spec.name, spec.watches));
  const std::span<const service::Metric> metrics = plan.services[rule.service].kind->metrics();
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const service::Metric& metric) {
    return slash < watches.size() && metric.name == watches.substr(slash + 1);
  });
  if (found == metrics.end())
    throw std::invalid_argument(
        fmt::format("alert '{}' watches '{}', which is neither an SLI nor a metric of it", spec.name, spec.watches));
  rule.metric = static_cast<std::size_t>(found - metrics.begin());
  return rule;
}

}  // namespace

void build(Plan& plan, Namer& namer) {
  const std::optional<MonitoringSpec>& spec = plan.topology.monitoring;
  if (!spec) return;
  plan.alerts.monitored = true;
  plan.alerts.component = namer.add("alerts", "monitoring");
  if (!spec->works_while.empty()) {
    plan.alerts.works_while = measurement::sli_named(plan, spec->works_while);
    if (!plan.alerts.works_while)
      throw std::invalid_argument(fmt::format("monitoring works while '{}', which is no SLI", spec->works_while));
  }
  for (const RuleSpec& rule : spec->rules) {
    plan.alerts.rules.push_back(rule_plan(plan, rule));
    plan.alerts.rules.back().component = namer.add("alerts/" + rule.name, "alert");
  }
}

void initialise(World& world) {
  world.alerts.rules.assign(world.plan->alerts.rules.size(), {});
  for (std::size_t i = 0; i < world.alerts.rules.size(); ++i) {
    const RulePlan& rule = world.plan->alerts.rules[i];
    RuleState& state = world.alerts.rules[i];
    state.at_rest = beyond(rule, reading(world, rule).value);
    state.holds = state.read = state.active = state.fires = state.at_rest;
  }
}

std::vector<std::size_t> firing_in_health(const Plan& plan) {
  std::vector<std::size_t> rules;
  if (!plan.alerts.monitored) return rules;
  const World world = resting_world(plan);
  for (std::size_t i = 0; i < world.alerts.rules.size(); ++i) {
    if (world.alerts.rules[i].at_rest) rules.push_back(i);
  }
  return rules;
}

void draw_phases(World& world) {
  const AlertPlan& plan = world.plan->alerts;
  if (!plan.monitored) return;
  const Parameters& p = parameters(world);
  world.alerts.scrape_phase = world.phase(plan.component, Purpose::scrape_phase, p.scrape_interval);
  world.alerts.evaluation_phase = world.phase(plan.component, Purpose::rule_phase, p.evaluation_interval);
}

void look(World& world) {
  // What has just happened is why.
  const std::size_t records = world.trace.records().size();
  const sim::CauseId newest = world.trace.first_id() + static_cast<sim::CauseId>(records) - 1;
  const CauseScope because(world, records > 0 ? newest : sim::no_cause);
  const bool worked = std::exchange(world.alerts.works, works(world));
  if (worked && !world.alerts.works) {
    for (RuleState& state : world.alerts.rules) forget(world, state);
  }
  for (std::uint16_t i = 0; i < world.alerts.rules.size(); ++i) look_at(world, i);
}

bool somebody_looks(const World& world) {
  return std::any_of(world.alerts.rules.begin(), world.alerts.rules.end(),
                     [](const RuleState& rule) { return rule.told; });
}

bool healthy(const World& world) {
  return std::all_of(world.alerts.rules.begin(), world.alerts.rules.end(), [&](const RuleState& rule) {
    return !world.queue.pending(rule.reading) && !world.queue.pending(rule.evaluation) &&
           !world.queue.pending(rule.notification);
  });
}

ComponentId subject(const Plan& plan, const ThresholdCrossed& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const TargetRead& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const RuleEvaluated& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const AlertFires& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const PeopleTold& event) { return plan.alerts.rules[event.rule].component; }

// What follows from it is found by the look after every event.
void on(World&, const ThresholdCrossed&) {}

void on(World& world, const TargetRead& event) {
  RuleState& state = world.alerts.rules[event.rule];
  // It was away between two readings.
  world.stale = state.read == state.holds;
  if (world.stale) return;
  state.read = state.holds;
  evaluate_at(world, event.rule, world.now);
}

void on(World& world, const RuleEvaluated& event) {
  RuleState& state = world.alerts.rules[event.rule];
  if (!state.read) {
    world.queue.cancel(state.notification);
    state.active = state.fires = state.told = state.at_rest = false;
    return;
  }
  if (!state.active) state.active_since = world.now;
  state.active = true;
  if (state.fires) return;
  const sim::Time due = state.active_since + world.plan->alerts.rules[event.rule].hold;
  if (due > world.now) return evaluate_at(world, event.rule, due);
  state.fires = true;
  const CauseScope because(world, world.note(AlertFires{event.rule}));
  state.notification =
      world.schedule(world.now + parameters(world).group_wait, PeopleTold{event.rule}, sim::Priority::measure);
}

void on(World& world, const PeopleTold& event) {
  RuleState& state = world.alerts.rules[event.rule];
  state.told = true;
  const std::uint32_t jobs = people::told(world);
  world.alerts.told.push_back({event.rule, world.now - state.since, jobs});
}

}  // namespace nines::models::alerts
