#include "experiments/estimate/sla.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "sim/compound_poisson.hpp"
#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::experiments {

namespace {

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

/// Windows of a system in its steady state, under the law of its outages: most begin while it is up, some within an
/// outage, of which what is left counts.
class WindowLaw {
 public:
  WindowLaw(const std::vector<sim::OutageKind>& outages, double window, double budget, std::size_t cells)
      : budget_(budget), tail_(sim::downtime_tail(outages, window, budget, cells)) {
    const double step = budget / static_cast<double>(cells);
    left_.push_back(0);
    for (std::size_t i = 0; i < cells; ++i) {
      const double r = static_cast<double>(i) * step;
      left_.push_back(left_.back() + step * (tail_.breach() + (tail_.added_by(r) + tail_.added_by(r + step)) / 2));
    }
    double down = 0;
    double from_outage = 0;
    for (const sim::OutageKind& kind : outages) {
      down += kind.rate * kind.hours;
      from_outage += kind.rate * begun_in(kind.hours);
    }
    availability_ = 1 / (1 + down);
    breach_ = std::min(1.0, availability_ * (tail_.breach() + from_outage));
  }

  [[nodiscard]] double breach() const { return breach_; }
  /// What outages just longer than the budget, one an hour, would add.
  [[nodiscard]] double of_a_long_outage() const { return derivative(std::nextafter(budget_, 2 * budget_)); }
  /// Derivative of breach() by the rate of outages of so many hours.
  [[nodiscard]] double derivative(double hours) const {
    return availability_ * (tail_.derivative(hours) + begun_in(hours) - hours * breach_);
  }

 private:
  /// Of windows that begin within an outage of so many hours: integral of the chance of a breach over what is left.
  [[nodiscard]] double begun_in(double hours) const {
    const auto cells = static_cast<double>(left_.size() - 1);
    const double at = std::min(hours / budget_, 1.0) * cells;
    const std::size_t below = std::min(static_cast<std::size_t>(at), left_.size() - 2);
    const double within = left_[below] + (at - static_cast<double>(below)) * (left_[below + 1] - left_[below]);
    return within + std::max(0.0, hours - budget_);
  }

  double budget_;
  sim::DowntimeTail tail_;
  std::vector<double> left_;  ///< integral of P(rest + later downtime > budget) over the rest, by cell of the budget
  double availability_ = 1;
  double breach_ = 0;
};

/// Variance and third moment of the breach probability: each sample moves it by its rate times the derivative at its
/// size.
struct Spread {
  double variance = 0;
  double third = 0;
};

Spread spread_of(const WindowLaw& law, std::span<const DowntimeSample> strata) {
  Spread result;
  for (const DowntimeSample& stratum : strata) {
    const auto n = static_cast<double>(stratum.samples);
    double sum = 0;
    double squares = 0;
    double cubes = 0;
    for (std::size_t at = 0; at < stratum.contributions.size();) {
      double effect = 0;  // of one sample
      const std::uint64_t sample = stratum.contributions[at].sample;
      for (; at < stratum.contributions.size() && stratum.contributions[at].sample == sample; ++at) {
        const Contribution& part = stratum.contributions[at];
        effect += part.weight * (law.derivative(part.fresh_h) - law.derivative(part.before_h));
      }
      sum += effect;
      squares += effect * effect;
      cubes += effect * effect * effect;
    }
    // One sample by itself does not tell how others would differ from it: by as much as it is large.
    const double spread = n < 2 ? squares : std::max(0.0, (squares - sum * sum / n) / (n - 1));
    result.variance += stratum.scale * stratum.scale * spread / n;
    result.third += stratum.scale * stratum.scale * stratum.scale * sim::third_moment(n, sum, squares, cubes) / (n * n);
  }
  return result;
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
  for (DowntimePoint& point : sli.month)
    if (!point.allowed && unbounded(point.exceeded)) point.exceeded = bound_of(point.exceeded);
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

namespace {

/// Outages that are longer than the budget may be so rare that none was sampled (rule of three): what they would add.
double unseen(const WindowLaw& law, std::span<const DowntimeSample> strata) {
  constexpr double rule_of_three = 3;
  double most = 0;
  for (const DowntimeSample& stratum : strata) {
    if (stratum.samples == 0) continue;
    most = std::max(most, stratum.scale * stratum.usual_weight / static_cast<double>(stratum.samples));
  }
  return rule_of_three * most * law.of_a_long_outage();
}

/// Nothing if so many outages come in a window that their law is not reckoned.
std::optional<WindowLaw> law_of(const std::vector<sim::OutageKind>& outages, const models::SlaSpec& spec,
                                double availability, std::size_t cells) {
  constexpr double most_outages = 1e7;
  // Of a tier that any downtime is below, the budget is next to nothing.
  constexpr double least_budget = 1e-9;
  const double window = spec.window.to_seconds() / 3600;
  double count = 0;
  for (const sim::OutageKind& kind : outages) count += kind.rate * window;
  if (count > most_outages) return std::nullopt;
  return WindowLaw(outages, window, std::max(least_budget, 1 - availability) * window, cells);
}

sim::Estimate breach_estimate(const WindowLaw& law, std::span<const DowntimeSample> strata) {
  sim::Estimate breach;
  for (const DowntimeSample& stratum : strata) breach.observations += stratum.contributions.size();
  if (law.breach() <= 0) return breach;
  breach.value = law.breach();
  const Spread spread = spread_of(law, strata);
  const double error = std::sqrt(spread.variance);
  // On the scale of log-odds, so that both ends are probabilities; the upper one allows for skewness (Hall 1992).
  const double p = std::min(*breach.value, 1 - 1e-15);
  const double z = sim::normal_quantile(sim::two_sided);
  const double step = z * error / (p * (1 - p));
  const double odds = p / (1 - p);
  const auto back = [](double o) { return std::isinf(o) ? 1.0 : o / (1 + o); };
  const double skewness = error > 0 ? std::max(0.0, spread.third / (error * error * error)) : 0;
  const double hall = p + error * sim::skewed_step(z, skewness);
  const double seen = std::max(back(odds * sim::exp(step)), hall);
  breach.ci95 = sim::Interval{back(odds * sim::exp(-step)), std::min(1.0, std::max(seen, p + unseen(law, strata)))};
  return breach;
}

}  // namespace

double breach_probability(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells) {
  const std::vector<sim::OutageKind> outages = outages_of(strata);
  if (outages.empty()) return 0;
  const auto law = law_of(outages, spec, spec.target, cells);
  return law ? law->breach() : 1;
}

namespace {

/// Of windows that hold more outages than are reckoned with: anything.
sim::Estimate not_known() {
  sim::Estimate result;
  result.upper95 = 1;
  return result;
}

}  // namespace

sim::Estimate breach_estimate(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells) {
  const auto law = law_of(outages_of(strata), spec, spec.target, cells);
  return law ? breach_estimate(*law, strata) : not_known();
}

SlaResult evaluate(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, double risk) {
  SlaResult result;
  result.spec = spec;
  const std::vector<sim::OutageKind> outages = outages_of(strata);
  constexpr std::size_t cells = sim::DowntimeTail::usual_cells;
  const auto law = law_of(outages, spec, spec.target, cells);
  result.breach_probability = law ? breach_estimate(*law, strata) : not_known();
  result.verdict = verdict_of(result.breach_probability, risk);
  if (!result.breach_probability.value) return result;
  result.expected_credit_share = expected_credit(spec, [&](double below) {
    if (below == spec.target) return law->breach();  // reckoned already
    const auto tier = law_of(outages, spec, below, cells);
    return tier ? tier->breach() : 1;
  });
  return result;
}

}  // namespace nines::experiments
