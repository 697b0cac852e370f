#include "experiments/advise/advise.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "experiments/estimate/exact_limits.hpp"
#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace components = models::components;

/// A bill that differs by less is the same.
constexpr double nothing_usd = 0.005;

/// Every promise kept: meets; one surely broken: breaches.
Verdict verdict_over(const Assessment& result, bool& promised) {
  Verdict verdict = Verdict::meets;
  promised = false;
  for (const SliResult& sli : result.slis) {
    if (!sli.sla) continue;
    promised = true;
    if (sli.sla->verdict == Verdict::breaches) return Verdict::breaches;
    if (sli.sla->verdict == Verdict::open) verdict = Verdict::open;
  }
  return verdict;
}

Delta exactly(double value, double slack) { return {value, {value - slack, value + slack}}; }

/// By design, the first being the one that is changed: what can be solved, if that one can.
std::vector<std::optional<Assessment>> solved(const Input& base, const std::vector<Variant>& variants,
                                              const AdviseOptions& options) {
  AssessOptions how;
  how.method = Method::exact;
  how.target = *sli_named(base.plan, options.target);
  how.risk = options.risk;
  // One of dozens of designs: seconds for all of them. What phases would have to be fitted to is played.
  components::ExactOptions limits = quick_limits();
  limits.history = false;
  limits.fit = false;
  limits.most_breach_work = 1e8;
  const auto solve = [&](const models::Plan& plan) -> std::optional<Assessment> {
    if (plan.hosts()) return std::nullopt;
    try {
      Assessment result = assess_exactly_within(plan, how, limits);
      // Without the chance of a breach there would be no verdict.
      const bool judged = std::all_of(result.slis.begin(), result.slis.end(), [](const SliResult& sli) {
        return !sli.sla || sli.sla->breach_probability.value.has_value();
      });
      return judged ? std::optional(std::move(result)) : std::nullopt;
    } catch (const std::invalid_argument&) {
      return std::nullopt;  // too large, or laws without phases
    }
  };
  std::vector<std::optional<Assessment>> results(variants.size() + 1);
  results[0] = solve(base.plan);
  if (!results[0]) return results;
  parallel_for(options.threads, variants.size(),
               [&](std::size_t i) { results[i + 1] = solve(variants[i].input->plan); });
  return results;
}

/// An exact figure less another; fits of laws leave both open by a little.
Delta difference_of(const sim::Estimate& from, const sim::Estimate& to, double factor) {
  const auto slack = [](const sim::Estimate& of) { return (of.ci95->upper - of.ci95->lower) / 2; };
  return exactly((*to.value - *from.value) * factor, (slack(from) + slack(to)) * factor);
}

Effect effect_of(const Delta& downtime, const Assessment& base, std::size_t target) {
  constexpr double least_share = 1e-3;
  const double whole = base.slis[target].unavailability.value.value_or(0) * sim::minutes_per_year;
  const double most = std::max(std::abs(downtime.ci95.lower), std::abs(downtime.ci95.upper));
  if (downtime.told() && most < least_share * whole) return Effect::next_to_nothing;
  if (downtime.ci95.upper < 0) return Effect::helps;
  return downtime.ci95.lower > 0 ? Effect::harms : Effect::within_noise;
}

void evaluate(Advice& advice, const Assessment& base, std::size_t target, const Assessment& design) {
  advice.effect = effect_of(advice.downtime_minutes_per_year, base, target);
  advice.verdict = verdict_over(design, advice.promised);
  const double cost = advice.cost_usd_per_month.value;
  // Hours of work on incidents are sampled: they may differ by chance.
  const bool dearer = advice.cost_usd_per_month.ci95.lower > nothing_usd;
  if (advice.effect == Effect::helps && dearer) {
    advice.minutes_per_dollar = -advice.downtime_minutes_per_year.value / cost;
  }
}

Advice by_solving(const Input& base, const Assessment& now, const Assessment& then, const AdviseOptions& options) {
  const std::size_t target = *sli_named(base.plan, options.target);
  Advice advice;
  advice.exact = true;
  advice.downtime_minutes_per_year =
      difference_of(now.slis[target].unavailability, then.slis[target].unavailability, sim::minutes_per_year);
  advice.cost_usd_per_month = exactly(then.bill.usd() - now.bill.usd(), 0);
  evaluate(advice, now, target, then);
  return advice;
}

std::optional<Delta> told_losses(const Difference& difference) {
  std::optional<Delta> most;
  for (const SliDelta& sli : difference.slis) {
    const Delta& losses = sli.losses_per_year;
    if (losses.told() && (!most || std::abs(losses.value) > std::abs(most->value))) most = losses;
  }
  return most;
}

/// Plays the design and those changes of it that were not solved.
void play(const Input& base, const std::vector<Variant>& variants, const std::vector<std::size_t>& which,
          const AdviseOptions& options, AdviceResult& result) {
  CompareOptions how;
  how.target = options.target;
  how.precision = options.precision;
  how.max_incidents = options.max_incidents;
  how.risk = options.risk;
  how.threads = options.threads;
  how.progress = options.progress;
  std::vector<const models::Plan*> plans{&base.plan};
  for (const std::size_t variant : which) plans.push_back(&variants[variant].input->plan);
  const Comparison compared = compare(plans, how);
  if (!result.exact) result.base = compared.designs.front();
  result.incidents = compared.incidents + compared.planning;
  result.blocks = compared.blocks;
  const std::size_t sli = *sli_named(base.plan, options.target);
  for (std::size_t i = 0; i < which.size(); ++i) {
    const Difference& difference = compared.differences[i];
    Advice& advice = result.ranked.emplace_back();
    advice.variant = which[i];
    const auto target = std::find_if(difference.slis.begin(), difference.slis.end(), [&](const SliDelta& its) {
      return its.service + "/" + its.sli == options.target;
    });
    advice.downtime_minutes_per_year = target->downtime_minutes_per_year;
    advice.cost_usd_per_month = difference.cost_usd_per_month;
    advice.losses_per_year = told_losses(difference);
    evaluate(advice, compared.designs.front(), sli, compared.designs[i + 1]);
  }
}

/// What is better comes first.
bool better(const Advice& a, const Advice& b) {
  if (a.effect != b.effect) return a.effect < b.effect;
  const double saved_a = -a.downtime_minutes_per_year.value;
  const double saved_b = -b.downtime_minutes_per_year.value;
  if (a.effect != Effect::helps) return saved_a > saved_b;
  if (a.minutes_per_dollar.has_value() != b.minutes_per_dollar.has_value()) return !a.minutes_per_dollar.has_value();
  return a.minutes_per_dollar ? *a.minutes_per_dollar > *b.minutes_per_dollar : saved_a > saved_b;
}

}  // namespace

AdviceResult advise(const Input& base, const std::vector<Variant>& variants, const AdviseOptions& options) {
  AdviceResult result;
  std::vector<std::size_t> to_play;
  std::vector<std::optional<Assessment>> designs(variants.size() + 1);
  if (options.may_solve) designs = solved(base, variants, options);
  result.exact = designs[0].has_value();
  if (result.exact) result.base = *designs[0];
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (!designs[i + 1]) {
      to_play.push_back(i);
      continue;
    }
    result.ranked.push_back(by_solving(base, *designs[0], *designs[i + 1], options));
    result.ranked.back().variant = i;
  }
  if (!to_play.empty()) play(base, variants, to_play, options, result);
  result.verdict = verdict_over(result.base, result.promised);
  result.priced = !base.plan.topology.node_groups.empty();
  std::stable_sort(result.ranked.begin(), result.ranked.end(), better);
  return result;
}

}  // namespace nines::experiments
