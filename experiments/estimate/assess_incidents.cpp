#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/incident_report.hpp"
#include "experiments/estimate/pilot.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "experiments/estimate/worst_incidents.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

namespace {

// Stages, so that stopping and allocation do not shrink the interval. The pilot and the scout tell where the variance
// is; how many samples the estimate takes from each stratum is fixed before the first of them is drawn, and it rests on
// these alone (two-stage sampling; Stein, Annals of Mathematical Statistics 16, 1945). Were samples added where they
// have been found to vary, or until an interval looks narrow, strata in which by chance little was seen would be left
// at that, and estimates of rare things be too low.

/// The scout's variance may be off: sample more than it asks for.
constexpr double margin = 1.35;
/// An estimate that misses the precision by more than this factor says that the scout knew little: another one is made.
/// One that misses it by less grows as a whole, the shares of its strata unchanged.
constexpr double far = 1.6;
/// The other SLIs are to come within this many times the precision asked of the target, or twice as many and so on,
/// until it costs no more than this share of the target's effort or so many incidents.
constexpr double nearest_of_others = 4;
constexpr double farthest_of_others = 32;
constexpr double effort_for_others = 0.5;
constexpr double least_for_others = 10'000;
constexpr double most_of_all = 0.9;  ///< of the incidents that may be played
/// Effort of the scout over that of the estimate, and the most incidents that it takes.
constexpr double scout_share = 0.12;
constexpr std::uint64_t scout_most = 200'000;
constexpr int most_attempts = 6;
/// Randomness of the scout differs from that of pilots, of estimates, and of strata that are drawn anew.
constexpr std::uint64_t scout_randomness = 1000;
constexpr std::uint64_t attempt_randomness = 2000;
constexpr std::uint64_t anew_randomness = 3000;

class Experiment {
 public:
  Experiment(const models::Plan& plan, const AssessOptions& options)
      : plan_(plan),
        options_(options),
        pilot_(plan, {options.target, options.forcing, options.max_incidents, options.threads}),
        runs_(pilot_.runs()),
        events_(pilot_.events()) {}

  [[nodiscard]] IncidentEstimator run() {
    std::optional<IncidentEstimator> known(scout());
    for (std::uint64_t attempt = 0;; ++attempt) {
      IncidentEstimator estimate = fresh(attempt == 0 ? 0 : attempt_randomness + attempt);
      std::vector<std::uint64_t> samples = enough(*known, static_cast<double>(left()));
      play(estimate, samples);
      const bool far_off = !reached || *reached > far * options_.precision;
      if (!far_off || !affords_another(attempt, estimate)) return refined(std::move(estimate), std::move(samples));
      known.emplace(std::move(estimate));
    }
  }

  [[nodiscard]] const FaultClasses& fault_classes() const { return pilot_.fault_classes(); }
  [[nodiscard]] const Reach& reach() const { return pilot_.reach(); }
  [[nodiscard]] int depth() const { return pilot_.depth(); }
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  std::optional<double> reached;
  bool precise = false;
  SamplingPlan sampling;

 private:
  /// Incidents that may still be played: the longer they are, the fewer.
  [[nodiscard]] std::uint64_t left() const {
    const double allowed = static_cast<double>(events_of_an_incident) * static_cast<double>(options_.max_incidents);
    const double each = static_cast<double>(events_) / std::max(1.0, static_cast<double>(runs_));
    const auto most = each > static_cast<double>(events_of_an_incident) ? static_cast<std::uint64_t>(allowed / each)
                                                                        : options_.max_incidents;
    return most - std::min(most, runs_);
  }

  [[nodiscard]] bool affords_another(std::uint64_t attempt, const IncidentEstimator& estimate) const {
    constexpr double whatever = 1e12;
    return attempt + 1 < most_attempts && cost(estimate, enough(estimate, whatever)) < static_cast<double>(left());
  }

  /// Grows until it is precise. Strata that rest on too few samples are drawn anew, and more of them: what made them
  /// look so is not to be among those that they rest on.
  [[nodiscard]] IncidentEstimator refined(IncidentEstimator estimate, std::vector<std::uint64_t> samples) {
    for (std::uint64_t round = 0;; ++round) {
      grow(estimate, samples);
      const std::vector<std::size_t> unresolved = estimate.unresolved(options_.target, options_.precision);
      if (unresolved.empty()) return settled(std::move(estimate));
      std::vector<std::size_t> anew;
      double runs = 0;
      const std::vector<std::uint64_t> wanted = enough(estimate, static_cast<double>(left()));
      for (const std::size_t i : unresolved) {
        if (wanted[i] <= samples[i]) continue;
        anew.push_back(i);
        samples[i] = wanted[i];
        runs += static_cast<double>(wanted[i]) * (estimate.strata()[i].depth + 1);
      }
      if (anew.empty() || round == most_attempts || runs > static_cast<double>(left())) {
        return settled(std::move(estimate));
      }
      estimate.forget(anew, anew_randomness + round);
      play(estimate, samples);
    }
  }

  /// More of the same, until the estimate is precise.
  void grow(IncidentEstimator& estimate, std::vector<std::uint64_t>& samples) {
    while (!precise && left() > 0) {
      const double wanted = reached ? margin * (*reached / options_.precision) * (*reached / options_.precision) : 1e6;
      const double most = 1 + static_cast<double>(left()) / cost(estimate, samples);
      const double factor = std::min(std::max(wanted, 1.2), most);
      bool grows = false;
      for (std::uint64_t& count : samples) {
        const auto next = std::min(most_samples, static_cast<std::uint64_t>(factor * static_cast<double>(count)));
        grows = grows || next > count;
        count = next;
      }
      if (!grows) break;
      play(estimate, samples);
    }
  }

  [[nodiscard]] IncidentEstimator fresh(std::uint64_t randomness) const {
    IncidentEstimator sample(plan_, fault_classes(), reach(), options_.target, depth(), randomness);
    if (options_.forcing == Forcing::balanced) sample.learn_from(pilot_.sample());
    return sample;
  }

  void play(IncidentEstimator& sample, const std::vector<std::uint64_t>& samples) {
    const std::uint64_t runs = sample.runs();
    const std::uint64_t events = sample.events();
    sample.extend(samples, options_.threads);
    runs_ += sample.runs() - runs;
    events_ += sample.events() - events;
    reached = relative_half_width(sample.estimate(options_.target, Figure::downtime_h));
    precise = reached && *reached <= options_.precision;
    if (options_.progress) options_.progress(runs_, reached);
  }

  /// Of an SLI that is to be known to this precision; 0 if nothing of it has been seen.
  [[nodiscard]] static double wanted_variance(const IncidentEstimator& known, std::size_t sli, double precision) {
    const IncidentEstimator::Ratio seen = known.ratio(sli, Figure::downtime_h);
    if (seen.value <= 0) return 0;
    double steps = sim::normal_quantile(0.975);  // half of an interval, in standard errors
    if (const auto half = relative_half_width(known.estimate(sli, Figure::downtime_h))) {
      steps = std::clamp(*half * seen.value / std::sqrt(seen.variance), steps, 2 * steps);
    }
    const double error = precision * seen.value / steps;
    return error * error / margin;
  }

  /// A small sample that says how large the real one has to be.
  [[nodiscard]] IncidentEstimator scout() {
    IncidentEstimator sample = fresh(scout_randomness);
    const auto most = std::min(scout_most, static_cast<std::uint64_t>(scout_share * static_cast<double>(left())));
    const double wanted = wanted_variance(pilot_.sample(), options_.target, options_.precision) / scout_share;
    play(sample, pilot_.sample().allocate(options_.target, wanted, options_.precision, most));
    return sample;
  }

  /// Samples for the wanted precision, of `most` incidents at most.
  [[nodiscard]] std::vector<std::uint64_t> enough(const IncidentEstimator& known, double most) const {
    const double wanted = wanted_variance(known, options_.target, options_.precision);
    std::vector<std::uint64_t> samples =
        known.allocate(options_.target, wanted, options_.precision, static_cast<std::uint64_t>(most));
    const double spent = cost(known, samples);
    // The others get what the target leaves.
    const double affordable =
        std::min(spent + std::max(effort_for_others * spent, least_for_others), most_of_all * most);
    for (double factor = nearest_of_others; factor <= farthest_of_others; factor *= 2) {
      std::vector<std::uint64_t> all = with_others(known, samples, factor * options_.precision);
      if (cost(known, all) <= affordable) return all;
    }
    return samples;
  }

  /// These samples, or as many more as bring the other SLIs to this precision.
  [[nodiscard]] std::vector<std::uint64_t> with_others(const IncidentEstimator& known,
                                                       std::vector<std::uint64_t> samples, double precision) const {
    for (std::size_t sli = 0; sli < plan_.slis.size(); ++sli) {
      const double wanted = wanted_variance(known, sli, precision);
      if (sli == options_.target || wanted <= 0) continue;
      const std::vector<std::uint64_t> more = known.allocate(sli, wanted, precision, options_.max_incidents);
      for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = std::max(samples[i], more[i]);
    }
    return samples;
  }

  /// Incidents that so many samples take at most.
  [[nodiscard]] static double cost(const IncidentEstimator& known, const std::vector<std::uint64_t>& samples) {
    double runs = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      runs += static_cast<double>(samples[i]) * (known.strata()[i].depth + 1);
    }
    return runs;
  }

  [[nodiscard]] IncidentEstimator settled(IncidentEstimator estimate) {
    sampling.background = pilot_.background();
    sampling.depth = depth();
    sampling.strata = estimate.strata();
    for (std::size_t i = 0; i < estimate.strata().size(); ++i) {
      const StratumTally& tally = estimate.tally(i);
      sampling.samples.push_back(tally.samples);
      sampling.events.push_back(tally.mean(static_cast<double>(tally.events)));
      sampling.length_h.push_back(tally.mean(tally.length_h.x));
      std::vector<double>& downtime = sampling.downtime_h.emplace_back();
      for (const SliSums& sli : tally.slis) {
        downtime.push_back(tally.mean(sli.figure[static_cast<std::size_t>(Figure::downtime_h)].x));
      }
    }
    return estimate;
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  Pilot pilot_;
  std::uint64_t runs_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace

Assessment assess_by_incidents(const models::Plan& plan, const AssessOptions& options) {
  if (plan.faults.empty()) throw std::invalid_argument("nothing can fail in this topology: every fault rate is 0");
  Experiment experiment(plan, options);
  const IncidentEstimator sample = experiment.run();
  Assessment result = report_incidents(plan, sample, options.risk);
  result.depth = experiment.depth();
  result.incidents = experiment.runs();
  result.events = experiment.events();
  result.reached = experiment.reached;
  result.precise = experiment.precise;
  result.sampling = experiment.sampling;
  result.worst = worst_incidents(plan, sample, experiment.reach(), options.target, options.worst);
  return result;
}

}  // namespace nines::experiments
