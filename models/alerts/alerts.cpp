#include "models/alerts/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "models/alerts/events.hpp"
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

void cancel(World& world, RuleState& state) {
  world.queue.cancel(state.firing);
  state.fires = false;
}

/// It has begun to hold.
void begin(World& world, std::uint16_t index) {
  RuleState& state = world.alerts.rules[index];
  state.holds = true;
  state.since = world.now;
  if (world.queue.pending(state.firing) || state.told) return;  // it was away between two readings
  const sim::Time seen = next_evaluation(world, next_scrape(world, world.now));
  const Duration hold = world.plan->alerts.rules[index].hold;
  const sim::Time fires = hold > Duration() ? next_evaluation(world, seen + hold) : seen;
  state.firing = world.schedule(fires, AlertFires{index}, sim::Priority::measure);
}

/// It holds no longer: the next reading shows it, and the evaluation after that. What was not read meanwhile has not
/// been. If a notification is due when the evaluation finds that nothing fires, it goes out.
void end(World& world, std::uint16_t index) {
  RuleState& state = world.alerts.rules[index];
  state.holds = state.told = false;
  if (!world.queue.pending(state.firing)) return;
  const sim::Time seen = next_evaluation(world, next_scrape(world, world.now));
  const sim::Time due = world.queue.when(state.firing);
  if (due > seen || (due == seen && !state.fires)) cancel(world, state);
}

void look_at(World& world, std::uint16_t index, bool monitoring) {
  const RulePlan& rule = world.plan->alerts.rules[index];
  RuleState& state = world.alerts.rules[index];
  const service::Reading now = reading(world, rule);
  const bool holds = monitoring && beyond(rule, now.value);
  if (holds && !state.holds) begin(world, index);
  if (!holds && state.holds) end(world, index);
  const sim::Time next = crossing(world, rule, now);
  if (next == sim::Time::never()) {
    world.queue.cancel(state.crossing);
  } else if (!world.queue.pending(state.crossing) || world.queue.when(state.crossing) != next) {
    world.queue.cancel(state.crossing);
    state.crossing = world.schedule(next, ThresholdCrossed{index}, sim::Priority::measure);
  }
}

/// "service/what" as its service and the rest; none if there is no such service.
std::pair<ServiceId, std::string_view> parted(const Plan& plan, std::string_view name) {
  for (const ServiceId id : plan.services.ids()) {
    const std::string prefix = plan.services[id].name + "/";
    if (name.starts_with(prefix)) return {id, name.substr(prefix.size())};
  }
  return {ServiceId::none(), {}};
}

std::optional<SliIndex> sli_named(const Plan& plan, ServiceId service, std::string_view name) {
  for (SliIndex sli = 0; sli < plan.slis.size(); ++sli) {
    if (plan.slis[sli].service == service && plan.slis[sli].name == name) return sli;
  }
  return std::nullopt;
}

RulePlan rule_plan(const Plan& plan, const RuleSpec& spec) {
  RulePlan rule;
  const auto [service, what] = parted(plan, spec.watches);
  if (!service.exists())
    throw std::invalid_argument(fmt::format("alert '{}' watches '{}', of no service", spec.name, spec.watches));
  rule.service = service;
  rule.below = spec.below;
  rule.threshold = spec.threshold;
  rule.hold = spec.hold;
  rule.sli = sli_named(plan, service, what);
  if (rule.sli) return rule;
  const std::span<const service::Metric> metrics = plan.services[service].kind->metrics();
  const std::string_view wanted = what;
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [wanted](const service::Metric& metric) { return metric.name == wanted; });
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
    const auto [service, sli] = parted(plan, spec->works_while);
    plan.alerts.works_while = service.exists() ? sli_named(plan, service, sli) : std::nullopt;
    if (!plan.alerts.works_while)
      throw std::invalid_argument(fmt::format("monitoring works while '{}', which is no SLI", spec->works_while));
  }
  for (const RuleSpec& rule : spec->rules) {
    plan.alerts.rules.push_back(rule_plan(plan, rule));
    plan.alerts.rules.back().component = namer.add("alerts/" + rule.name, "alert");
  }
}

void initialise(World& world) { world.alerts.rules.assign(world.plan->alerts.rules.size(), {}); }

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
  const bool monitoring = works(world);
  for (std::uint16_t i = 0; i < world.alerts.rules.size(); ++i) look_at(world, i, monitoring);
}

bool somebody_looks(const World& world) {
  return std::any_of(world.alerts.rules.begin(), world.alerts.rules.end(),
                     [](const RuleState& rule) { return rule.told; });
}

ComponentId subject(const Plan& plan, const ThresholdCrossed& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const AlertFires& event) { return plan.alerts.rules[event.rule].component; }
ComponentId subject(const Plan& plan, const PeopleTold& event) { return plan.alerts.rules[event.rule].component; }

// What follows from it is found by the look after every event.
void on(World&, const ThresholdCrossed&) {}

void on(World& world, const AlertFires& event) {
  RuleState& state = world.alerts.rules[event.rule];
  const Duration wait = parameters(world).group_wait;
  state.fires = true;
  state.firing = world.schedule(world.now + wait, PeopleTold{event.rule}, sim::Priority::measure);
}

void on(World& world, const PeopleTold& event) {
  RuleState& state = world.alerts.rules[event.rule];
  state.fires = false;
  state.told = state.holds;
  const std::uint32_t jobs = people::told(world);
  world.alerts.told.push_back({event.rule, world.now - state.since, jobs});
}

}  // namespace nines::models::alerts
