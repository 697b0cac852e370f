#include "experiments/estimate/pilot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace nines::experiments {

namespace {

/// Samples of each stratum: enough to see where the variance is, and fewest with which to go on at all.
constexpr std::uint64_t pilot_samples = 48;
constexpr std::uint64_t fewest_pilot_samples = 2;
/// Samples of each stratum in a round of adaptive forcing, at most; all rounds together take at most this share of the
/// incidents.
constexpr std::uint64_t most_round_samples = 2048;
/// Where cuts guide the choice there is less to learn.
constexpr std::uint64_t most_guided_round_samples = 256;
constexpr double rounds_share = 0.15;
constexpr std::uint64_t rounds = 3;
/// Where incidents overlap more often than this, nothing is rare and nothing is forced.
constexpr double crowded = 1;
/// Probability of a fault class's fault during the longest kind of incident above which it is no rare event. Where the
/// cuts of the target SLI are known, that is decided window by window (strata.hpp).
constexpr double rare = 0.3;
/// Probability of any further fault in such an incident above which chains of them matter.
constexpr double busy = 0.05;
constexpr int deepest = 8;
/// Randomness of the pilots' samples differs from that of the real ones.
constexpr std::uint64_t pilot_randomness = 1;

}  // namespace

Pilot::Pilot(const models::Plan& plan, const PilotOptions& options)
    : plan_(plan), options_(options), classes_(plan, options.forcing, Resting::of(plan)) {
  reach_.emplace(plan_, classes_);
  choose_background();
  choose_depth();
  learn();
}

IncidentEstimator Pilot::play(int deepest_stratum, std::uint64_t samples, std::uint64_t randomness,
                              const IncidentEstimator* teacher, bool closed) {
  IncidentEstimator sample(plan_, classes_, *reach_, options_.target, deepest_stratum, randomness);
  if (teacher != nullptr) sample.learn_from(*teacher);
  if (closed) sample.close();
  // A few first: incidents that never end are refused before there are many of them.
  const std::vector<std::uint64_t> few(sample.strata().size(), std::min(samples, fewest_pilot_samples));
  sample.extend(few, options_.threads);
  sample.extend(sample.where_it_matters(options_.target, samples), options_.threads);
  runs_ += sample.runs();
  events_ += sample.events();
  return sample;
}

/// Fault classes that often strike during an incident become the background.
void Pilot::choose_background() {
  const std::size_t count = classes_.all().size();
  const std::uint64_t affordable = options_.max_incidents / (20 * count);
  const std::uint64_t samples = std::clamp(affordable, fewest_pilot_samples, pilot_samples);
  const IncidentEstimator first = play(0, samples, pilot_randomness, nullptr, true);
  for (std::size_t i = 0; i < count; ++i) {
    longest_h_ = std::max(longest_h_, first.tally(i).mean(first.tally(i).length_h.x));
  }
  background_.assign(count, false);
  const bool window_by_window = reach_->known(options_.target) && options_.forcing == Forcing::balanced;
  for (std::size_t i = 0; i < count; ++i) {
    const bool often = !window_by_window && longest_h_ * classes_.all()[i].rate_per_hour() > rare;
    background_[i] = first.incident_load() > crowded || often;
  }
  if (std::find(background_.begin(), background_.end(), true) == background_.end()) return;
  classes_ = FaultClasses(plan_, options_.forcing, classes_.resting(), background_);
  reach_.emplace(plan_, classes_);
}

/// As many further faults are forced as the structure says that it takes; where nobody knows, as many as it takes to
/// put the target SLI out, and one more; two more where incidents are long enough for chains.
void Pilot::choose_depth() {
  if (classes_.nothing_forced()) return;
  if (const auto known = reach_->depth(options_.target)) {
    needed_ = depth_ = std::clamp(*known, 1, deepest);
    // What few incidents do not reach is left to the open strata.
    while (depth_ > 1 && least_incidents() > static_cast<double>(options_.max_incidents)) --depth_;
    return;
  }
  for (; depth_ < deepest; ++depth_) {
    const auto share = static_cast<std::uint64_t>(20 * runs_of_one_each());
    const std::uint64_t samples = std::clamp(options_.max_incidents / share, fewest_pilot_samples, pilot_samples);
    const IncidentEstimator sample = play(depth_, samples, pilot_randomness, nullptr, true);
    if (sample.value(options_.target, Figure::downtime_h) > 0) break;
  }
  needed_ = depth_;
  depth_ += longest_h_ * classes_.rate_per_hour() > busy ? 2 : 1;
}

/// Incidents to play for one sample of every stratum.
double Pilot::runs_of_one_each() const {
  double runs = 0;
  for (int d = 0; d <= depth_; ++d) runs += static_cast<double>(classes_.all().size()) * (d + 1);
  return runs;
}

/// The pilot's sample, a scout and the estimate, after what has been played already.
double Pilot::least_incidents() const {
  return static_cast<double>(runs_) + 3 * static_cast<double>(fewest_pilot_samples) * runs_of_one_each();
}

/// Where it takes further faults to put the SLI out, it is first learnt which.
void Pilot::learn() {
  const double least = least_incidents();
  if (static_cast<double>(options_.max_incidents) < least) {
    throw std::invalid_argument(
        fmt::format("{} incidents are too few: {} kinds of faults with up to {} further ones take at least {:.0f}",
                    options_.max_incidents, classes_.all().size(), depth_, least));
  }
  const double affordable =
      rounds_share * static_cast<double>(options_.max_incidents) / static_cast<double>(rounds) / runs_of_one_each();
  const auto most = static_cast<std::uint64_t>(affordable);
  if (needed_ == 0 || most < fewest_pilot_samples) {
    sample_.emplace(play(depth_, std::clamp(most, fewest_pilot_samples, pilot_samples), pilot_randomness));
    return;
  }
  const bool guided = reach_->known(options_.target) && options_.forcing == Forcing::balanced;
  const std::uint64_t size = std::min(guided ? most_guided_round_samples : most_round_samples, most);
  sample_.emplace(play(depth_, size, pilot_randomness));
  if (options_.forcing != Forcing::balanced) return;
  for (std::uint64_t round = 1; round < rounds; ++round) {
    const IncidentEstimator next = play(depth_, size, pilot_randomness + round, &*sample_);
    sample_.emplace(next);
  }
}

}  // namespace nines::experiments
