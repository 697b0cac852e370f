#include "experiments/sla.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/compound_poisson.hpp"
#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::experiments {

namespace {

constexpr double two_sided = 0.975;
/// Sizes of outages are told apart to this relative width.
constexpr double size_step = 1e-3;

/// Contributions as rates by size. What a further fault takes away from a size is subtracted there; noise that leaves
/// less than nothing is nothing.
std::vector<sim::OutageKind> outages_of(std::span<const DowntimeSample> strata) {
  struct Bin {
    double rate = 0;
    double rate_hours = 0;
  };
  std::map<std::int64_t, Bin> bins;
  const auto add = [&](double rate, double hours) {
    if (hours <= 0) return;
    Bin& bin = bins[static_cast<std::int64_t>(std::floor(sim::log(hours) / size_step))];
    bin.rate += rate;
    bin.rate_hours += rate * hours;
  };
  for (const DowntimeSample& stratum : strata) {
    const double scale = stratum.scale / static_cast<double>(stratum.samples);
    for (const Contribution& part : stratum.contributions) {
      add(scale * part.weight, part.fresh_h);
      add(-scale * part.weight, part.before_h);
    }
  }
  std::vector<sim::OutageKind> outages;
  for (const auto& [index, bin] : bins) {
    if (bin.rate > 0 && bin.rate_hours > 0) outages.push_back({bin.rate, bin.rate_hours / bin.rate});
  }
  return outages;
}

/// Standard error of the breach probability: each sample moves it by its rate times the derivative at its size.
double standard_error(const sim::DowntimeTail& tail, std::span<const DowntimeSample> strata) {
  double variance = 0;
  for (const DowntimeSample& stratum : strata) {
    const auto n = static_cast<double>(stratum.samples);
    double sum = 0;
    double squares = 0;
    for (const Contribution& part : stratum.contributions) {
      const double effect = part.weight * (tail.derivative(part.fresh_h) - tail.derivative(part.before_h));
      sum += effect;
      squares += effect * effect;
    }
    // One sample by itself does not tell how others would differ from it: by as much as it is large.
    const double spread = n < 2 ? squares : std::max(0.0, (squares - sum * sum / n) / (n - 1));
    variance += stratum.scale * stratum.scale * spread / n;
  }
  return std::sqrt(variance);
}

}  // namespace

Verdict verdict_of(const sim::Estimate& breach, double risk) {
  const double upper = breach.ci95 ? breach.ci95->upper : breach.upper95.value_or(1);
  const double lower = breach.ci95 ? breach.ci95->lower : breach.lower95.value_or(0);
  if (upper <= risk) return Verdict::meets;
  return lower > risk ? Verdict::breaches : Verdict::open;
}

namespace {

/// Whether the interval leaves anything open.
bool unbounded(const sim::Estimate& estimate) {
  constexpr double most = 1e3;
  const auto& ci = estimate.ci95;
  return estimate.value && ci && !(ci->upper <= most * ci->lower);
}

/// What is left of such an estimate.
sim::Estimate bound_of(const sim::Estimate& estimate) {
  sim::Estimate result;
  result.observations = estimate.observations;
  result.upper95 = estimate.ci95->upper;
  return result;
}

void hold_back(SliResult& sli) {
  sli.unavailability = sim::at_most_one(sli.unavailability);
  sli.request_unavailability = sim::at_most_one(sli.request_unavailability);
  if (unbounded(sli.unavailability)) {
    sli.alarms.push_back(fmt::format("it spans more than three orders of magnitude ({:.1e} to {:.1e} of the time)",
                                     sli.unavailability.ci95->lower, sli.unavailability.ci95->upper));
  }
  for (sim::Estimate* estimate : {&sli.unavailability, &sli.request_unavailability, &sli.outages_per_year,
                                  &sli.loss.events_per_year, &sli.loss.records_per_year}) {
    if (unbounded(*estimate)) *estimate = bound_of(*estimate);
  }
  for (sim::Estimate* estimate : {&sli.mttf_h, &sli.mtbf_h}) {
    if (!unbounded(*estimate)) continue;
    const double least = estimate->ci95->lower;
    *estimate = {};
    estimate->lower95 = least;
  }
  if (sli.sla && !sli.alarms.empty()) sli.sla->verdict = Verdict::open;
}

}  // namespace

void hold_back(Assessment& result) {
  if (result.method == Method::exact) return;
  for (SliResult& sli : result.slis) hold_back(sli);
}

double breach_probability(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells) {
  const double window = spec.window.to_seconds() / 3600;
  const std::vector<sim::OutageKind> outages = outages_of(strata);
  return outages.empty() ? 0 : sim::downtime_tail(outages, window, (1 - spec.target) * window, cells).breach();
}

namespace {

sim::Estimate breach_estimate(const sim::DowntimeTail& tail, std::span<const DowntimeSample> strata) {
  sim::Estimate breach;
  for (const DowntimeSample& stratum : strata) breach.observations += stratum.contributions.size();
  if (tail.breach() <= 0) return breach;
  breach.value = std::min(1.0, tail.breach());
  const double error = standard_error(tail, strata);
  // On the scale of log-odds, so that both ends are probabilities.
  const double p = std::min(*breach.value, 1 - 1e-15);
  const double step = sim::normal_quantile(two_sided) * error / (p * (1 - p));
  const double odds = p / (1 - p);
  const auto back = [](double o) { return std::isinf(o) ? 1.0 : o / (1 + o); };
  breach.ci95 = sim::Interval{back(odds * sim::exp(-step)), back(odds * sim::exp(step))};
  return breach;
}

}  // namespace

sim::Estimate breach_estimate(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells) {
  const double window = spec.window.to_seconds() / 3600;
  return breach_estimate(sim::downtime_tail(outages_of(strata), window, (1 - spec.target) * window, cells), strata);
}

SlaResult judge(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, double risk) {
  SlaResult result;
  result.spec = spec;
  const double window = spec.window.to_seconds() / 3600;
  const std::vector<sim::OutageKind> outages = outages_of(strata);
  const auto tail_below = [&](double availability) {
    return sim::downtime_tail(outages, window, (1 - availability) * window);
  };
  result.breach_probability = breach_estimate(tail_below(spec.target), strata);
  if (!result.breach_probability.value) return result;
  result.expected_credit_share = expected_credit(spec, [&](double below) { return tail_below(below).breach(); });
  result.verdict = verdict_of(result.breach_probability, risk);
  return result;
}

}  // namespace nines::experiments
