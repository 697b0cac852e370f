#include "experiments/pilot.hpp"

#include <algorithm>

namespace nines::experiments {

namespace {

/// Samples of each stratum: enough to see where the variance is.
constexpr std::uint64_t pilot_samples = 48;
/// Samples of each stratum in a lesson, at most; all lessons together take at most this share of the incidents.
constexpr std::uint64_t most_lesson_samples = 2048;
constexpr double lessons_share = 0.15;
constexpr std::uint64_t lessons = 3;
/// Where incidents overlap more often than this, nothing is rare and nothing is forced.
constexpr double crowded = 0.3;
/// Probability of a family's fault during the longest kind of incident above which it is no rare event.
constexpr double rare = 0.3;
/// Probability of any further fault in such an incident above which chains of them matter.
constexpr double busy = 0.05;
constexpr int deepest = 8;
/// Randomness of the pilots' samples differs from that of the real ones.
constexpr std::uint64_t pilot_randomness = 1;

}  // namespace

Pilot::Pilot(const models::Plan& plan, const PilotOptions& options)
    : plan_(plan), options_(options), families_(plan, options.forcing) {
  choose_depth();
  learn();
}

IncidentEstimator Pilot::play(int deepest_stratum, bool natural, std::uint64_t samples, std::uint64_t randomness,
                              const IncidentEstimator* teacher) {
  IncidentEstimator sample(plan_, families_, options_.target, deepest_stratum, natural, randomness);
  if (teacher != nullptr) sample.learn_from(*teacher);
  sample.extend(std::vector<std::uint64_t>(sample.strata().size(), samples), options_.threads);
  runs_ += sample.runs();
  events_ += sample.events();
  return sample;
}

/// Families that often strike during an incident become the background; of the others, as many further faults are
/// forced as it takes to put the target SLI out, and one more; two more where incidents are long enough for chains.
void Pilot::choose_depth() {
  const IncidentEstimator first = play(0, false, pilot_samples, pilot_randomness);
  const std::size_t count = families_.all().size();
  double longest = 0;
  for (std::size_t i = 0; i < count; ++i) longest = std::max(longest, first.books(i).mean(first.books(i).length_h.x));
  background_.assign(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    background_[i] = first.incident_load() > crowded || longest * families_.all()[i].rate_per_hour() > rare;
  }
  families_ = Families(plan_, options_.forcing, background_);
  if (std::count(background_.begin(), background_.end(), true) == static_cast<std::ptrdiff_t>(count)) return;
  while (depth_ < deepest &&
         play(depth_, false, pilot_samples, pilot_randomness).value(options_.target, Figure::downtime_h) <= 0) {
    ++depth_;
  }
  needed_ = depth_;
  depth_ += longest * families_.rate_per_hour() > busy ? 2 : 1;
}

/// Samples of a stratum in one lesson.
std::uint64_t Pilot::lesson_size() const {
  double runs = 0;  // for one sample of every stratum
  for (int d = 0; d <= depth_; ++d) runs += static_cast<double>(families_.all().size()) * (d + 1);
  const double affordable =
      lessons_share * static_cast<double>(options_.max_incidents) / static_cast<double>(lessons) / runs;
  return std::clamp(static_cast<std::uint64_t>(affordable), pilot_samples, most_lesson_samples);
}

/// Where it takes further faults to put the SLI out, it is first learnt which.
void Pilot::learn() {
  if (needed_ == 0) {
    sample_.emplace(play(depth_, true, pilot_samples, pilot_randomness));
    return;
  }
  const std::uint64_t size = lesson_size();
  sample_.emplace(play(depth_, true, size, pilot_randomness));
  if (options_.forcing != Forcing::balanced) return;
  for (std::uint64_t lesson = 1; lesson < lessons; ++lesson) {
    const IncidentEstimator next = play(depth_, true, size, pilot_randomness + lesson, &*sample_);
    sample_.emplace(next);
  }
}

}  // namespace nines::experiments
