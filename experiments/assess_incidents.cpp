#include <algorithm>

#include "experiments/assess.hpp"
#include "experiments/incident_report.hpp"
#include "experiments/pilot.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

namespace {

/// The pilot's variance may be off: sample more than it asks for, and look again.
constexpr double margin = 1.15;
constexpr int most_rounds = 12;

class Experiment {
 public:
  Experiment(const models::Plan& plan, const AssessOptions& options)
      : plan_(plan),
        options_(options),
        pilot_(plan, {options.target, options.forcing, options.max_incidents, options.threads}),
        runs_(pilot_.runs()),
        events_(pilot_.events()) {}

  [[nodiscard]] IncidentEstimator run() {
    IncidentEstimator real(plan_, families(), options_.target, depth(), true, 0);
    if (options_.forcing == Forcing::balanced) real.learn_from(pilot_.sample());
    std::vector<std::uint64_t> samples = first_round(pilot_.sample());
    for (int round = 0; round < most_rounds; ++round) {
      real.extend(samples, options_.threads);
      reached = relative_half_width(real.estimate(options_.target, Figure::downtime_h));
      precise = reached && *reached <= options_.precision;
      if (options_.progress) options_.progress(real.runs() + runs_, reached);
      if (precise || real.runs() + runs_ >= options_.max_incidents) break;
      if (!next_round(real, samples)) break;
    }
    runs_ += real.runs();
    events_ += real.events();
    sampling.background = pilot_.background();
    sampling.depth = depth();
    sampling.strata = real.strata();
    for (std::size_t i = 0; i < real.strata().size(); ++i) sampling.samples.push_back(real.books(i).samples);
    return real;
  }

  [[nodiscard]] const Families& families() const { return pilot_.families(); }
  [[nodiscard]] int depth() const { return pilot_.depth(); }
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  std::optional<double> reached;
  bool precise = false;
  SamplingPlan sampling;

 private:
  [[nodiscard]] double wanted_variance(double value) const {
    const double error = options_.precision * value / sim::normal_quantile(0.975);
    return error * error / margin;
  }

  std::vector<std::uint64_t> first_round(const IncidentEstimator& pilot) const {
    const double seen = pilot.value(options_.target, Figure::downtime_h);
    std::uint64_t most = options_.max_incidents - std::min(options_.max_incidents, runs_);
    // A pilot that saw little says little, and allows for much that it has not seen: a short first round tells better.
    constexpr std::uint64_t first_most = 200'000;
    constexpr double first_share = 0.15;
    return pilot.allocate(options_.target, seen > 0 ? wanted_variance(seen) / first_share : 0,
                          std::min(most, first_most));
  }

  /// At least half as many again. False if nothing more is to be had.
  bool next_round(const IncidentEstimator& real, std::vector<std::uint64_t>& samples) const {
    const double seen = real.value(options_.target, Figure::downtime_h);
    const std::uint64_t done = real.runs();
    const std::uint64_t most = options_.max_incidents - std::min(options_.max_incidents, runs_);
    // Nothing seen yet: twice as many.
    const auto wanted = real.allocate(options_.target, seen > 0 ? wanted_variance(seen) : 0,
                                      seen > 0 ? most : std::min(most, 2 * done));
    bool grows = false;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::uint64_t next = std::max(samples[i], wanted[i]);
      grows = grows || next > samples[i];
      samples[i] = next;
    }
    if (!grows) {
      for (std::uint64_t& count : samples) count = std::min(most_samples, count + count / 2);
    }
    return done < most;
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
  return result;
}

}  // namespace nines::experiments
