#include "experiments/estimate/worst_incidents.hpp"

#include <algorithm>
#include <cmath>

#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

/// A term of a sample: what it shows, and how often such a one comes.
struct Candidate {
  double value = 0;
  double per_year = 0;  ///< negative in what a further fault takes away
  std::size_t stratum = 0;
  std::uint64_t sample = 0;
  double as_bad_per_year = 0;
};

double a_year(const IncidentEstimator& sample, std::size_t stratum) {
  return sample.rate(stratum) / (1 + sample.incident_load()) / static_cast<double>(sample.tally(stratum).samples) *
         sim::hours_per_year;
}

std::vector<Candidate> by_downtime(const IncidentEstimator& sample, std::size_t sli) {
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < sample.strata().size(); ++i) {
    if (sample.tally(i).slis.empty()) continue;
    const double rate = a_year(sample, i);
    for (const Contribution& part : sample.tally(i).slis[sli].contributions) {
      if (part.fresh_h > 0) all.push_back({part.fresh_h, rate * part.weight, i, part.sample, 0});
      if (part.before_h > 0) all.push_back({part.before_h, -rate * part.weight, i, part.sample, 0});
    }
  }
  return all;
}

std::vector<Candidate> by_loss(const IncidentEstimator& sample, std::size_t sli) {
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < sample.strata().size(); ++i) {
    if (sample.tally(i).slis.empty()) continue;
    const double rate = a_year(sample, i);
    for (const Weighted& loss : sample.tally(i).slis[sli].loss_records) {
      all.push_back({loss.value, rate * loss.weight, i, loss.sample, 0});
    }
  }
  return all;
}

/// The largest ones, with how often one comes that is as large.
std::vector<Candidate> largest(std::vector<Candidate> all, std::size_t count) {
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    if (a.value != b.value) return a.value > b.value;
    return std::pair(a.stratum, a.sample) < std::pair(b.stratum, b.sample);
  });
  double passed = 0;
  for (std::size_t at = 0; at < all.size();) {
    std::size_t end = at;
    for (; end < all.size() && all[end].value == all[at].value; ++end) passed += all[end].per_year;
    for (; at < end; ++at) all[at].as_bad_per_year = std::max(passed, all[at].per_year);
  }
  std::erase_if(all, [](const Candidate& candidate) { return candidate.per_year <= 0; });
  const auto believable = [](const Candidate& candidate) {
    return candidate.as_bad_per_year >= beyond_belief_per_year;
  };
  if (std::any_of(all.begin(), all.end(), believable)) {
    std::erase_if(all, [&](const Candidate& candidate) { return !believable(candidate); });
  }
  all.resize(std::min(all.size(), count));
  return all;
}

/// Draws samples again.
class Drawer {
 public:
  Drawer(const models::Plan& plan, const IncidentEstimator& sample, const Reach& reach, std::size_t target)
      : plan_(plan), sample_(sample), sampler_(plan, sample.fault_classes(), reach, target) {}

  void add(std::vector<WorstIncident>& worst, const Candidate& candidate, WorstIncident::By by, std::size_t sli) {
    bool found = false;
    sampler_.draw(sample_.strata()[candidate.stratum], candidate.sample, [&](const IncidentTerm& term) {
      const IncidentRun& run = *term.fresh;
      const double downtime_s = run.slis[sli].downtime_s;
      const double records = records_lost(plan_.slis[sli], run.losses);
      const double value = by == WorstIncident::By::downtime ? downtime_s / sim::seconds_per_hour : records;
      if (found || value != candidate.value) return;
      found = true;
      WorstIncident& entry = worst.emplace_back();
      entry.by = by;
      entry.recipe = {term.run, sample_.fault_classes().background(), {term.strikes.begin(), term.strikes.end()}};
      entry.downtime_s = downtime_s;
      entry.records_lost = records;
      entry.sli = sli;
      entry.length_s = run.length_s;
      entry.never_ended = run.censored;
      entry.per_year = candidate.per_year;
      entry.as_bad_per_year = candidate.as_bad_per_year;
    });
  }

 private:
  const models::Plan& plan_;
  const IncidentEstimator& sample_;
  IncidentSampler sampler_;
};

/// The SLI that loses most records.
std::size_t loses_most(const models::Plan& plan, const IncidentEstimator& sample) {
  std::size_t most = 0;
  for (std::size_t sli = 1; sli < plan.slis.size(); ++sli) {
    if (sample.value(sli, Figure::records_lost) > sample.value(most, Figure::records_lost)) most = sli;
  }
  return most;
}

}  // namespace

std::vector<WorstIncident> worst_incidents(const models::Plan& plan, const IncidentEstimator& sample,
                                           const Reach& reach, std::size_t target, std::size_t count) {
  std::vector<WorstIncident> worst;
  if (count == 0) return worst;
  Drawer drawer(plan, sample, reach, target);
  for (const Candidate& candidate : largest(by_downtime(sample, target), count)) {
    drawer.add(worst, candidate, WorstIncident::By::downtime, target);
  }
  const std::size_t losing = loses_most(plan, sample);
  for (const Candidate& candidate : largest(by_loss(sample, losing), count)) {
    drawer.add(worst, candidate, WorstIncident::By::loss, losing);
  }
  return worst;
}

}  // namespace nines::experiments
