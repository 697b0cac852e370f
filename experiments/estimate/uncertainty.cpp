#include "experiments/estimate/uncertainty.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "experiments/estimate/exact_limits.hpp"
#include "experiments/estimate/incident_estimator.hpp"
#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/sla.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

constexpr double end_of_range = 1.959963984540054;  ///< standard score of the ends of a range
constexpr std::uint64_t fewest_per_stratum = 4;
/// Strata that add less than this share are not played again.
constexpr double worth_playing = 0.005;
/// Inputs whose effects are fitted together; the rest is left in the remainder.
constexpr std::size_t most_fitted = 24;

/// The number at standard score `z` of its range: normal in the logarithm of what is positive, in that of the odds of
/// what is a share, for beyond the ends of a range it stays one.
double moved(const loader::Assumption& input, double z) {
  const double end = z < 0 ? input.low : input.high;
  const double steps = std::abs(z) / end_of_range;
  if (input.share) {
    const auto log_odds = [](double p) { return sim::log(p) - sim::log1p(-p); };
    if (input.value <= 0 || input.value >= 1 || end <= 0 || end >= 1) {
      return std::clamp(input.value + (end - input.value) * steps, 0.0, 1.0);
    }
    const double now = log_odds(input.value);
    return 1 / (1 + sim::exp(-(now + (log_odds(end) - now) * steps)));
  }
  if (input.low > 0 && input.value > 0) return input.value * sim::exp(sim::log(end / input.value) * steps);
  return std::max(0.0, input.value + (end - input.value) * steps);
}

/// What one set of inputs gives, twice: from the even and from the odd samples.
struct Outcome {
  bool possible = false;
  std::vector<double> unavailability[2];  ///< by SLI
  std::vector<double> log_odds;           ///< of a breach, by SLI; of all samples; NaN: not known
};

class Propagation {
 public:
  Propagation(const loader::LoadedTopology& input, const models::Plan& plan, const Assessment& result,
              const AssessOptions& assess, const UncertaintyOptions& options)
      : input_(input), plan_(plan), result_(result), assess_(assess), options_(options) {
    for (std::size_t i = 0; i < input.assumptions.size(); ++i) {
      const loader::Assumption& a = input.assumptions[i];
      if (!a.boolean && a.high > a.low) inputs_.push_back(i);
    }
    exact_ = result.method == Method::exact && solve(plan).possible;
    if (!exact_) share_samples();
  }

  Uncertainty run() {
    Uncertainty answer;
    answer.inputs = inputs_.size();
    answer.slis.resize(plan_.slis.size());
    if (inputs_.empty() || (!exact_ && samples_.empty())) return answer;
    draw_scores();
    base_ = play(input_.topology);
    std::vector<Outcome> outcomes(options_.draws);
    std::atomic<std::size_t> done{0};
    parallel_for(options_.threads, options_.draws, [&](std::size_t draw) {
      models::Topology topology = input_.topology;
      for (std::size_t i = 0; i < inputs_.size(); ++i) move(topology, inputs_[i], scores_[draw][i]);
      outcomes[draw] = play(std::move(topology));
      if (options_.progress) options_.progress(++done, options_.draws);
    });
    for (std::size_t draw = 0; draw < outcomes.size(); ++draw) {
      if (!outcomes[draw].possible) {
        ++answer.impossible;
        continue;
      }
      kept_.push_back(draw);
    }
    answer.draws = kept_.size();
    for (std::size_t sli = 0; sli < plan_.slis.size(); ++sli) spread(outcomes, sli, answer);
    add_effects(outcomes, answer);
    return answer;
  }

 private:
  /// Shares the incidents of one draw out, as many as let all draws together cost about as much as the assessment did:
  /// by the root of what a stratum adds to the target SLI's downtime over what a sample of it costs. Strata that add
  /// next to nothing are not played again: of their inputs only the rates count.
  void share_samples() {
    const SamplingPlan& plan = result_.sampling;
    const FaultClasses fault_classes(plan_, assess_.forcing, plan.background);
    std::vector<double> parts;
    double all = 0;
    for (std::size_t i = 0; i < plan.strata.size(); ++i) {
      const double rate = fault_classes.all()[plan.strata[i].fault_class].rate_per_hour();
      parts.push_back(std::abs(rate * plan.downtime_h[i][assess_.target]));
      all += parts.back();
    }
    double incidents = 0;  // if each stratum had its part as samples
    double events = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool worth = all > 0 && parts[i] >= worth_playing * all;
      parts[i] = worth ? std::sqrt(parts[i] / all / std::max(1.0, plan.events[i])) : 0;
      incidents += parts[i] * (plan.strata[i].depth + 1);
      events += parts[i] * plan.events[i];
    }
    const auto plays = static_cast<double>(options_.draws + 2 * options_.tornado);
    constexpr double share_of_effort = 0.6;
    const double affordable = share_of_effort * static_cast<double>(result_.events) / plays;
    for (const double part : parts) {
      if (part <= 0) {
        samples_.push_back(0);
        continue;
      }
      const double scale = std::min(static_cast<double>(options_.incidents) / incidents, affordable / events) / 2;
      samples_.push_back(std::max(fewest_per_stratum / 2, static_cast<std::uint64_t>(scale * part)));
    }
  }

  /// Hours of incident per hour of health, and of the SLI's downtime, from half of a draw's incidents; of strata that
  /// were not played by what they came to before.
  [[nodiscard]] std::pair<double, double> loads(const IncidentEstimator& half, std::size_t sli) const {
    double incident = 0;
    double down = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const StratumTally& tally = half.tally(i);
      const bool played = samples_[i] > 0;
      incident += half.rate(i) * (played ? tally.mean(tally.length_h.x) : result_.sampling.length_h[i]);
      const auto downtime = static_cast<std::size_t>(Figure::downtime_h);
      down += half.rate(i) *
              (played ? tally.mean(tally.slis[sli].figure[downtime].x) : result_.sampling.downtime_h[i][sli]);
    }
    return {incident, down};
  }
  [[nodiscard]] double unavailability(const IncidentEstimator& half, std::size_t sli) const {
    const auto [incident, down] = loads(half, sli);
    return down / (1 + incident);
  }

  /// A Latin hypercube: every input takes the middle of each of `draws` slices of its law once.
  void draw_scores() {
    scores_.assign(options_.draws, std::vector<double>(inputs_.size()));
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const std::uint64_t key = sim::stream_key(plan_.seed, input_.assumptions[inputs_[i]].key, "uncertainty");
      std::vector<std::size_t> order(options_.draws);
      std::iota(order.begin(), order.end(), std::size_t{0});
      for (std::size_t at = order.size(); at > 1; --at) {
        const double u = sim::to_unit(sim::random_bits(key, at, 0));
        std::swap(order[at - 1], order[static_cast<std::size_t>(u * static_cast<double>(at))]);
      }
      for (std::size_t draw = 0; draw < options_.draws; ++draw) {
        const double u = (static_cast<double>(order[draw]) + 0.5) / static_cast<double>(options_.draws);
        scores_[draw][i] = sim::normal_quantile(u);
      }
    }
  }

  void move(models::Topology& topology, std::size_t assumption, double z) const {
    const loader::Assumption& input = input_.assumptions[assumption];
    double value = moved(input, z);
    if (input.whole) value = std::floor(value + 0.5);
    loader::assign(topology, input, value);
  }

  [[nodiscard]] Outcome play(models::Topology topology) const {
    Outcome outcome;
    models::Plan plan;
    try {
      plan = models::build_plan(std::move(topology), plan_.seed);
    } catch (const std::invalid_argument&) {
      return outcome;  // such inputs contradict each other
    }
    if (exact_) return solve(plan);
    // What inputs change is taken for the same in every layout (resting.hpp): all incidents begin as in a new cluster.
    const FaultClasses fault_classes(plan, assess_.forcing, result_.sampling.background);
    // A rate that was drawn as 0 takes its fault class away: then the strata are others.
    if (fault_classes.all().size() * static_cast<std::size_t>(result_.sampling.depth + 1) != samples_.size())
      return outcome;
    outcome.possible = true;
    const Reach reach(plan, fault_classes);
    IncidentEstimator half[2] = {{plan, fault_classes, reach, assess_.target, result_.sampling.depth, 0},
                                 {plan, fault_classes, reach, assess_.target, result_.sampling.depth, 1}};
    for (int i = 0; i < 2; ++i) {
      half[i].choose_like(result_.sampling.strata);
      try {
        half[i].extend(samples_, 1);
      } catch (const TooMuchWork&) {
        return {};  // nobody can play what such inputs make of it
      }
      for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
        outcome.unavailability[i].push_back(unavailability(half[i], sli));
      }
    }
    for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
      outcome.log_odds.push_back(plan.slis[sli].sla ? log_odds(*plan.slis[sli].sla, half, sli) : 0);
    }
    return outcome;
  }

  /// Both halves alike: there is no noise.
  [[nodiscard]] Outcome solve(const models::Plan& plan) const {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    Outcome outcome;
    for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
      try {
        const auto exact =
            models::components::solve_exactly(plan, static_cast<models::measurement::SliIndex>(sli), draw_limits());
        for (auto& half : outcome.unavailability) half.push_back(exact.unavailability);
        outcome.log_odds.push_back(exact.breach_probability ? odds_of(*exact.breach_probability) : unknown);
      } catch (const std::invalid_argument&) {
        return {};
      }
    }
    outcome.possible = true;
    return outcome;
  }

  static double odds_of(double probability) {
    constexpr double least = 1e-12;
    const double p = std::clamp(probability, least, 1 - least);
    return sim::log(p / (1 - p));
  }

  [[nodiscard]] double log_odds(const models::SlaSpec& sla, const IncidentEstimator (&half)[2], std::size_t sli) const {
    std::vector<DowntimeSample> strata;
    for (const IncidentEstimator& sample : half) {
      const auto [incident, down] = loads(sample, sli);
      const double cycle = 1 + incident;
      for (std::size_t i = 0; i < sample.strata().size(); ++i) {
        const StratumTally& tally = sample.tally(i);
        if (tally.samples == 0) continue;
        strata.push_back(
            {tally.samples, sample.rate(i) / cycle / (1 - down / cycle) / 2, 0, tally.slis[sli].contributions});
      }
    }
    constexpr std::size_t cells = 256;
    return odds_of(breach_probability(sla, strata, cells));
  }

  /// Logarithm of the unavailability of one half over that with the inputs as they are.
  [[nodiscard]] std::optional<double> change(const Outcome& outcome, std::size_t sli, int half) const {
    const double now = outcome.unavailability[half][sli];
    const double then = base_.unavailability[half][sli];
    if (now <= 0 || then <= 0) return std::nullopt;
    return sim::log(now / then);
  }

  struct Spread {
    std::vector<double> changes;  ///< by kept draw, noise taken out
    double variance = 0;          ///< of the changes that the inputs make
    double noise_share = 0;
  };

  [[nodiscard]] std::optional<Spread> changes(const std::vector<Outcome>& outcomes, std::size_t sli) const {
    std::vector<double> mean;
    double noise = 0;
    for (const std::size_t draw : kept_) {
      const auto a = change(outcomes[draw], sli, 0);
      const auto b = change(outcomes[draw], sli, 1);
      if (!a || !b) return std::nullopt;
      mean.push_back((*a + *b) / 2);
      noise += (*a - *b) * (*a - *b) / 4;
    }
    const auto n = static_cast<double>(mean.size());
    if (n < 2) return std::nullopt;
    noise /= n;
    const double center = std::accumulate(mean.begin(), mean.end(), 0.0) / n;
    double total = 0;
    for (const double x : mean) total += (x - center) * (x - center) / (n - 1);
    Spread result;
    result.variance = std::max(0.0, total - noise);
    result.noise_share = total > 0 ? std::min(1.0, noise / total) : 0;
    const double shrink = total > 0 ? std::sqrt(result.variance / total) : 0;
    for (const double x : mean) result.changes.push_back(center + shrink * (x - center));
    return result;
  }

  static sim::Interval central95(std::vector<double> sample) {
    std::sort(sample.begin(), sample.end());
    const auto at = [&](double q) {
      const double position = q * static_cast<double>(sample.size() - 1);
      const auto below = static_cast<std::size_t>(position);
      const double part = position - static_cast<double>(below);
      const double next = sample[std::min(below + 1, sample.size() - 1)];
      return sample[below] + part * (next - sample[below]);
    };
    return {at(0.025), at(0.975)};
  }

  void spread(const std::vector<Outcome>& outcomes, std::size_t sli, Uncertainty& answer) const {
    const auto& estimate = result_.slis[sli].unavailability.value;
    const std::optional<Spread> found = changes(outcomes, sli);
    if (!estimate || !found) return;
    if (sli == assess_.target) answer.noise_share = found->noise_share;
    const sim::Interval logs = central95(found->changes);
    answer.slis[sli].unavailability =
        sim::Interval{std::min(1.0, *estimate * sim::exp(logs.lower)), std::min(1.0, *estimate * sim::exp(logs.upper))};
    if (!result_.slis[sli].sla || !result_.slis[sli].sla->breach_probability.value) return;
    const double p = std::clamp(*result_.slis[sli].sla->breach_probability.value, 1e-300, 1 - 1e-15);
    std::vector<double> odds;
    if (std::isnan(base_.log_odds[sli])) return;
    for (const std::size_t draw : kept_) {
      if (std::isnan(outcomes[draw].log_odds[sli])) return;
      odds.push_back(sim::log(p / (1 - p)) + outcomes[draw].log_odds[sli] - base_.log_odds[sli]);
    }
    const sim::Interval ends = central95(odds);
    const auto back = [](double x) { return 1 / (1 + sim::exp(-x)); };
    answer.slis[sli].breach_probability = sim::Interval{back(ends.lower), back(ends.upper)};
  }

  // ---- which inputs ----

  /// Least squares of y on the columns, by normal equations; a ridge of the size of rounding keeps them solvable.
  static std::vector<double> fit(const std::vector<std::vector<double>>& columns, const std::vector<double>& y) {
    const std::size_t n = columns.size();
    std::vector<std::vector<double>> a(n, std::vector<double>(n + 1));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        a[i][j] = std::inner_product(columns[i].begin(), columns[i].end(), columns[j].begin(), 0.0);
      }
      constexpr double ridge = 1e-9;
      a[i][i] *= 1 + ridge;
      a[i][n] = std::inner_product(columns[i].begin(), columns[i].end(), y.begin(), 0.0);
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = i + 1; k < n; ++k) {
        const double factor = a[k][i] / a[i][i];
        for (std::size_t j = i; j <= n; ++j) a[k][j] -= factor * a[i][j];
      }
    }
    std::vector<double> x(n);
    for (std::size_t i = n; i-- > 0;) {
      double sum = a[i][n];
      for (std::size_t j = i + 1; j < n; ++j) sum -= a[i][j] * x[j];
      x[i] = sum / a[i][i];
    }
    return x;
  }

  /// Inputs by falling correlation with the result.
  [[nodiscard]] std::vector<std::size_t> ranked(const std::vector<double>& y) const {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      double sum = 0;
      for (std::size_t at = 0; at < kept_.size(); ++at) sum += scores_[kept_[at]][i] * y[at];
      order.emplace_back(-std::abs(sum), i);
    }
    std::stable_sort(order.begin(), order.end());
    std::vector<std::size_t> inputs;
    for (const auto& [weight, input] : order) inputs.push_back(input);
    return inputs;
  }

  void add_effects(const std::vector<Outcome>& outcomes, Uncertainty& answer) const {
    const std::optional<Spread> found = changes(outcomes, assess_.target);
    const auto& estimate = result_.slis[assess_.target].unavailability.value;
    if (!found || !estimate || found->variance <= 0) return;
    std::vector<double> y = found->changes;
    const double center = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
    for (double& value : y) value -= center;
    std::vector<std::size_t> order = ranked(y);
    order.resize(std::min({order.size(), most_fitted, y.size() / 4}));
    // Hermite polynomials of first and second degree in each input: their squared coefficients are parts of the
    // variance.
    std::vector<std::vector<double>> columns;
    for (const std::size_t input : order) {
      std::vector<double> first;
      std::vector<double> second;
      for (const std::size_t draw : kept_) {
        const double z = scores_[draw][input];
        first.push_back(z);
        second.push_back((z * z - 1) / std::sqrt(2.0));
      }
      columns.push_back(std::move(first));
      columns.push_back(std::move(second));
    }
    const std::vector<double> coefficients = fit(columns, y);
    answer.effects.resize(order.size());
    parallel_for(options_.threads, order.size(), [&](std::size_t at) {
      const double parts =
          coefficients[2 * at] * coefficients[2 * at] + coefficients[2 * at + 1] * coefficients[2 * at + 1];
      answer.effects[at] = effect_of(inputs_[order[at]], std::min(1.0, parts / found->variance), *estimate);
    });
    const auto width = [](const InputEffect& e) {
      return std::abs(e.unavailability_at_high - e.unavailability_at_low);
    };
    // What moves the result by less than the noise of its correlation got here by chance.
    constexpr double visible = 0.01;
    std::erase_if(answer.effects, [&](const InputEffect& effect) { return width(effect) < visible * *estimate; });
    std::stable_sort(answer.effects.begin(), answer.effects.end(),
                     [&](const InputEffect& a, const InputEffect& b) { return width(a) > width(b); });
    if (answer.effects.size() > options_.tornado) answer.effects.resize(options_.tornado);
  }

  [[nodiscard]] InputEffect effect_of(std::size_t assumption, double sobol, double estimate) const {
    const loader::Assumption& input = input_.assumptions[assumption];
    InputEffect effect;
    effect.assumption = assumption;
    effect.low = input.low;
    effect.high = input.high;
    effect.sobol_first = sobol;
    const auto at = [&](double z) {
      models::Topology topology = input_.topology;
      move(topology, assumption, z);
      const Outcome outcome = play(std::move(topology));
      if (!outcome.possible) return estimate;
      const auto a = change(outcome, assess_.target, 0);
      const auto b = change(outcome, assess_.target, 1);
      return a && b ? estimate * sim::exp((*a + *b) / 2) : 0.0;
    };
    effect.unavailability_at_low = at(-end_of_range);
    effect.unavailability_at_high = at(end_of_range);
    return effect;
  }

  const loader::LoadedTopology& input_;
  const models::Plan& plan_;
  const Assessment& result_;
  const AssessOptions& assess_;
  const UncertaintyOptions& options_;
  bool exact_ = false;                  ///< the chain is solved for every draw
  std::vector<std::size_t> inputs_;     ///< indices of assumptions with a range
  std::vector<std::uint64_t> samples_;  ///< of one half, by stratum
  std::vector<std::vector<double>> scores_;
  std::vector<std::size_t> kept_;  ///< draws that can exist
  Outcome base_;
};

}  // namespace

Uncertainty propagate(const loader::LoadedTopology& input, const models::Plan& plan, const Assessment& result,
                      const AssessOptions& assess, const UncertaintyOptions& options) {
  return Propagation(input, plan, result, assess, options).run();
}

}  // namespace nines::experiments
