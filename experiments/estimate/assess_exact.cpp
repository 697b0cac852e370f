// The exact method: black boxes solved as Markov chains (models/components/markov_model.hpp), and the choice of it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/exact_limits.hpp"
#include "experiments/estimate/sla.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "models/components/markov_model.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace components = models::components;

/// A figure without sampling error; fits of laws may move it by `within` of itself.
sim::Estimate exactly(double value, double within) {
  sim::Estimate result;
  result.value = value;
  result.ci95 = sim::Interval{value * (1 - within), value * (1 + within)};
  return result;
}

void add_sla(const models::SlaSpec& spec, const components::ExactSli& exact, double within, double risk,
             SliResult& result) {
  SlaResult& judged = result.sla.emplace();
  judged.spec = spec;
  if (!exact.breach_probability) return;
  judged.breach_probability = exactly(std::min(1.0, *exact.breach_probability), within);
  judged.breach_from_whole = exact.breach_from_whole;
  judged.expected_credit_share = expected_credit(spec, [&](double below) {
    for (std::size_t tier = 0; tier < spec.credits.size(); ++tier) {
      if (spec.credits[tier].below == below) return exact.below_tier[tier];
    }
    return 0.0;
  });
  judged.verdict = verdict_of(judged.breach_probability, risk);
}

/// The chance that a stretch of so many hours misses the target of the SLI's SLA; nothing where it is too much work.
sim::Estimate calendar_breach(const models::Plan& plan, const SliResult& result, double window_h, double within,
                              const components::ExactOptions& limits) {
  const sim::Duration window = sim::Duration::from_seconds(window_h * sim::seconds_per_hour);
  if (window == result.sla->spec.window) return result.sla->breach_probability;
  models::Plan other = plan;
  models::SlaSpec& spec = *other.slis[result.index].sla;
  spec.window = window;
  spec.credits.clear();
  components::ExactOptions only_this = limits;
  only_this.history = false;
  const auto breach = components::solve_exactly(other, result.index, only_this).breach_probability;
  return breach ? exactly(std::min(1.0, *breach), within) : sim::Estimate{};
}

void add_steady_state(const models::Plan& plan, const AssessOptions& options, const components::ExactOptions& limits,
                      Assessment& assessment, SliResult& result) {
  const components::ExactSli exact = components::solve_exactly(plan, result.index, limits);
  const double within = exact.unavailability_within;
  // Each figure has passed the same limit.
  const double others_within = exact.fitted.empty() ? 0 : limits.most_fit_effect;
  result.unavailability = result.request_unavailability = exactly(exact.unavailability, within);
  result.without_planned = result.without_people = exact.unavailability;
  result.outages_per_year = exactly(exact.outages_per_hour * sim::hours_per_year, within);
  result.mtbf_h = sim::inverted(result.outages_per_year, sim::hours_per_year);
  if (exact.outages_per_hour > 0) {
    result.recovery.mean = exact.unavailability / exact.outages_per_hour * sim::seconds_per_hour;
  }
  if (exact.lengths) {
    result.recovery.p50 = exact.lengths->p50 * sim::seconds_per_hour;
    result.recovery.p95 = exact.lengths->p95 * sim::seconds_per_hour;
    result.recovery.p99 = exact.lengths->p99 * sim::seconds_per_hour;
  }
  if (exact.mttf_h) result.mttf_h = exactly(*exact.mttf_h, others_within);
  if (!exact.limits.empty()) result.remarks.push_back(exact.limits);
  if (const auto& sla = plan.slis[result.index].sla) add_sla(*sla, exact, others_within, options.risk, result);
  if (result.sla && limits.history) {
    result.breach = {calendar_breach(plan, result, month_h, others_within, limits),
                     calendar_breach(plan, result, year_h, others_within, limits)};
  }
  assessment.fitted.push_back({exact.fitted, within});
}

Assessment solve(const models::Plan& plan, const AssessOptions& options, const components::ExactOptions& limits) {
  Assessment result;
  result.method = Method::exact;
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
    SliResult& entry = result.slis.emplace_back();
    entry.index = static_cast<models::measurement::SliIndex>(sli);
    if (options.mission_h > 0) {
      entry.mission_failure = components::down_by(plan, entry.index, options.mission_h, limits);
      if (options.mission_only) continue;
    }
    add_steady_state(plan, options, limits, result, entry);
  }
  result.bill = models::economics::monthly_bill(plan, 0);
  result.precise = true;
  return result;
}

// ---- the choice ----

/// The interval of CrossCheck::confidence, from that of 95 %.
sim::Interval widened(const sim::Estimate& estimate) {
  const double factor = sim::normal_quantile((1 + CrossCheck::confidence) / 2) / sim::normal_quantile(0.975);
  if (!estimate.value || !estimate.ci95) {
    // Nothing was seen: a Poisson count of 0 has an upper bound of -log of the risk.
    const double more = sim::log(1 - CrossCheck::confidence) / sim::log(0.05);
    return {0, std::min(1.0, estimate.upper95.value_or(1) * more)};
  }
  const double value = *estimate.value;
  const double lower = estimate.ci95->lower;
  const double upper = estimate.ci95->upper;
  if (value <= 0) return {0, std::min(1.0, upper * factor)};
  return {lower > 0 ? value * sim::pow(lower / value, factor) : 0,
          std::min(1.0, value * sim::pow(upper / value, factor))};
}

bool holds(const sim::Interval& interval, const sim::Estimate& exact) {
  // Rounding aside, as where the incidents have no error either.
  constexpr double slack = 1e-9;
  return exact.ci95->upper >= interval.lower * (1 - slack) && exact.ci95->lower <= interval.upper * (1 + slack);
}

/// What the chain could not give is taken from the incidents, by name.
void complete(SliResult& result, const SliResult& sampled) {
  std::vector<std::string_view> taken;
  if (!result.mttf_h.value && (sampled.mttf_h.value || sampled.mttf_h.lower95)) {
    result.mttf_h = sampled.mttf_h;
    taken.push_back("the mean time to the first outage");
  }
  if (!result.recovery.p50 && sampled.recovery.p50) {
    result.recovery.p50 = sampled.recovery.p50;
    result.recovery.p95 = sampled.recovery.p95;
    result.recovery.p99 = sampled.recovery.p99;
    taken.push_back("quantiles of the length of outages");
  }
  if (result.sla && !result.sla->breach_probability.value && sampled.sla) {
    result.sla = sampled.sla;
    if (!result.alarms.empty()) result.sla->verdict = Verdict::open;
    taken.push_back("the probability of a breach");
  }
  if (result.sla) {
    const auto fill = [](sim::Estimate& mine, const sim::Estimate& its) {
      if (!mine.value && !mine.upper95) mine = its;
    };
    fill(result.breach.month, sampled.breach.month);
    fill(result.breach.year, sampled.breach.year);
  }
  if (!taken.empty()) {
    result.remarks.push_back(fmt::format("From the cross-check by incidents: {}.", fmt::join(taken, ", ")));
  }
}

void compare(const SliResult& sampled, CrossCheck::Sli& check, SliResult& result) {
  check.estimate = sampled.unavailability;
  check.interval = widened(sampled.unavailability);
  check.holds_exact = holds(check.interval, result.unavailability);
  if (check.interval.upper >= 1 && check.interval.lower <= 0) {
    result.remarks.push_back("the cross-check by incidents saw too little to say anything");
  }
  if (check.holds_exact) return;
  result.alarms.push_back(fmt::format(
      "the cross-check by incidents has {:.3g} to {:.3g} ({} %) for the unavailability, which does not hold the exact "
      "{:.4g}{}",
      check.interval.lower, check.interval.upper, CrossCheck::confidence * 100, *result.unavailability.value,
      sampled.alarms.empty() ? ": one of the two is wrong"
                             : fmt::format("; the incidents say of themselves: {}", fmt::join(sampled.alarms, "; "))));
  if (result.sla && sampled.alarms.empty()) result.sla->verdict = Verdict::open;
}

void cross_check(const models::Plan& plan, const AssessOptions& options, Assessment& result) {
  AssessOptions shorter = options;
  shorter.method = Method::incidents;
  // An incident costs more in a large system: the check is to stay a matter of a second or two.
  constexpr std::uint64_t fewest = 1'000;
  constexpr std::uint64_t most_units_times_incidents = 2'000'000;
  const std::uint64_t units = std::max<std::uint64_t>(1, plan.black_boxes.units.size());
  shorter.max_incidents =
      std::min({options.max_incidents, options.check_incidents, std::max(fewest, most_units_times_incidents / units)});
  Assessment sampled;
  try {
    sampled = assess_by_incidents(plan, shorter);
  } catch (const std::invalid_argument& reason) {
    result.method_reason += fmt::format(" There is no cross-check by incidents: {}.", reason.what());
    return;
  }
  CrossCheck check;
  check.incidents = sampled.incidents;
  check.slis.resize(result.slis.size());
  for (std::size_t sli = 0; sli < result.slis.size(); ++sli) {
    compare(sampled.slis[sli], check.slis[sli], result.slis[sli]);
    complete(result.slis[sli], sampled.slis[sli]);
  }
  result.cross_check = std::move(check);
  result.budget = std::move(sampled.budget);
  result.budget_from = "cross-check by incidents";
  result.bill = std::move(sampled.bill);
  result.operator_hours_per_month = sampled.operator_hours_per_month;
  result.incidents_per_year = sampled.incidents_per_year;
  result.mean_incident_s = sampled.mean_incident_s;
  result.incidents = sampled.incidents;
  result.events = sampled.events;
  result.depth = sampled.depth;
  result.sampling = std::move(sampled.sampling);
  result.worst = std::move(sampled.worst);
}

}  // namespace

Assessment assess_exactly(const models::Plan& plan, const AssessOptions& options) {
  return solve(plan, options, components::ExactOptions{});
}

Assessment assess_exactly_within(const models::Plan& plan, const AssessOptions& options,
                                 const components::ExactOptions& limits) {
  return solve(plan, options, limits);
}

Assessment assess_automatically(const models::Plan& plan, const AssessOptions& options) {
  std::string reason;
  if (plan.hosts()) {
    reason = "services with protocols of their own have no exact solution";
  } else {
    try {
      // Nothing else answers the question of a mission.
      const bool only_way = options.mission_only;
      Assessment result = solve(plan, options, only_way ? components::ExactOptions{} : quick_limits());
      result.method_reason = "black boxes whose laws have phases, or count by their means only, and a small chain.";
      const bool fitted = std::any_of(result.fitted.begin(), result.fitted.end(),
                                      [](const FittedLaws& laws) { return !laws.laws.empty(); });
      if (fitted) result.method_reason = "black boxes, a small chain, and laws to which phases could be fitted.";
      if (!options.mission_only) cross_check(plan, options, result);
      return result;
    } catch (const std::invalid_argument& no) {
      if (options.mission_h > 0) throw;
      reason = no.what();
    }
  }
  AssessOptions sampled = options;
  if (too_many_places_for_incidents(plan)) {
    sampled.method = Method::timeline;
    sampled.max_years = most_years_of_the_largest(options.years, options.max_years, AssessOptions().max_years);
    Assessment result = assess_by_timeline(plan, sampled);
    result.method_reason =
        fmt::format("{} machines and pods: one or the other fails nearly always, so that incidents are seldom alone.",
                    places(plan));
    return result;
  }
  sampled.method = Method::incidents;
  Assessment result = assess_by_incidents(plan, sampled);
  result.method_reason = fmt::format("not solved exactly: {}.", reason);
  return result;
}

}  // namespace nines::experiments
