#include "experiments/incident_books.hpp"

#include <algorithm>
#include <iterator>

namespace nines::experiments {

namespace {

constexpr double seconds_per_hour = 3600;

std::array<double, figures> figures_of(const models::Plan& plan, const IncidentRun& run, std::size_t sli) {
  const SliObservation& seen = run.slis[sli];
  double records = 0;
  for (const LossSeen& loss : run.losses) records += records_lost(plan, plan.slis[sli], loss);
  const double partitions = std::max<std::uint32_t>(1, plan.slis[sli].partitions);
  return {seen.downtime_s / seconds_per_hour,
          seen.partition_s / seconds_per_hour / partitions,
          seen.outages,
          seen.out ? 1.0 : 0.0,
          seen.until_out_s / seconds_per_hour,
          records > 0 ? 1.0 : 0.0,
          records};
}

/// An outage that is the same in both runs says nothing of the fault by which they differ.
bool in_both(const OutageSeen& outage, const IncidentRun& other) {
  return std::any_of(other.outages.begin(), other.outages.end(), [&](const OutageSeen& twin) {
    return twin.sli == outage.sli && twin.start == outage.start && twin.end == outage.end;
  });
}

void add_outages(std::vector<SliSums>& slis, const IncidentRun& run, const IncidentRun* other, double weight,
                 bool further) {
  for (const OutageSeen& outage : run.outages) {
    if (other != nullptr && in_both(outage, *other)) continue;
    FaultSums& fault = slis[outage.sli].faults[outage.origin.fault];
    const double length = outage.length.to_seconds();
    fault.outages += weight;
    fault.downtime_s += weight * length;
    if (further) fault.with_others_s += weight * length;
    if (outage.censored) {
      fault.censored += weight;
      continue;
    }
    fault.ended_s += weight * length;
    fault.lengths_s.push_back({length, weight});
    for (const models::measurement::Phase& phase : outage.phases) {
      fault.phases_s[phase.name] += weight * phase.length.to_seconds();
      if (!phase.parameter.empty()) fault.parameters_s[phase.parameter] += weight * phase.length.to_seconds();
    }
  }
}

void add_losses(const models::Plan& plan, std::vector<SliSums>& slis, const IncidentRun& run, double weight) {
  if (run.losses.empty()) return;
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    double seconds = 0;
    bool any = false;
    for (const LossSeen& loss : run.losses) {
      const double records = records_lost(plan, plan.slis[sli], loss);
      if (records <= 0) continue;
      any = true;
      seconds = std::max(seconds, loss.seconds);
      slis[sli].faults[loss.origin.fault].records_lost += weight * records;
    }
    if (any) slis[sli].loss_seconds.push_back({seconds, weight});
  }
}

}  // namespace

void FaultSums::add(const FaultSums& other) {
  outages += other.outages;
  censored += other.censored;
  downtime_s += other.downtime_s;
  with_others_s += other.with_others_s;
  ended_s += other.ended_s;
  records_lost += other.records_lost;
  lengths_s.insert(lengths_s.end(), other.lengths_s.begin(), other.lengths_s.end());
  for (const auto& [name, sum] : other.phases_s) phases_s[name] += sum;
  for (const auto& [name, sum] : other.parameters_s) parameters_s[name] += sum;
}

void StratumBooks::add(const models::Plan& plan, const IncidentSample& sample, std::size_t target) {
  ++samples;
  runs += sample.runs;
  events += sample.events;
  weight += sample.weight;
  weight_squared += sample.weight * sample.weight;
  slis.resize(plan.slis.size());
  if (sample.weight <= 0) return;
  const IncidentRun& fresh = *sample.fresh;
  const IncidentRun* before = sample.before;
  if (fresh.censored) ++censored;
  const double w = sample.weight;
  const double longer = (fresh.length_s - (before != nullptr ? before->length_s : 0)) / seconds_per_hour;
  const double length = w * longer;
  length_h.add(longer, w, length);
  worked_h += w * (fresh.worked_s - (before != nullptr ? before->worked_s : 0)) / seconds_per_hour;
  failovers += w * (fresh.failovers - (before != nullptr ? before->failovers : 0));
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    const auto now = figures_of(plan, fresh, sli);
    const auto then = before != nullptr ? figures_of(plan, *before, sli) : std::array<double, figures>{};
    for (std::size_t i = 0; i < figures; ++i) {
      if (now[i] != then[i]) slis[sli].figure[i].add(now[i] - then[i], w, length);
    }
    constexpr auto downtime = static_cast<std::size_t>(Figure::downtime_h);
    if (now[downtime] != then[downtime]) slis[sli].contributions.push_back({w, now[downtime], then[downtime]});
  }
  const double effect = w * (fresh.slis[target].downtime_s - (before != nullptr ? before->slis[target].downtime_s : 0));
  if (effect != 0) {
    useful.resize(sample.path.size());
    for (std::size_t step = 0; step < sample.path.size(); ++step) {
      const Families::Choice& choice = sample.path[step];
      if (useful[step].size() <= choice.family) useful[step].resize(choice.family + 1);
      useful[step][choice.family] += effect * effect * choice.family_probability;
    }
  }
  add_outages(slis, fresh, before, w, before != nullptr);
  if (before != nullptr) add_outages(slis, *before, &fresh, -w, true);
  add_losses(plan, slis, fresh, w);
  if (before != nullptr) add_losses(plan, slis, *before, -w);
}

void StratumBooks::merge(StratumBooks&& other) {
  samples += other.samples;
  runs += other.runs;
  events += other.events;
  censored += other.censored;
  weight += other.weight;
  weight_squared += other.weight_squared;
  worked_h += other.worked_h;
  failovers += other.failovers;
  length_h.add(other.length_h);
  useful.resize(std::max(useful.size(), other.useful.size()));
  for (std::size_t step = 0; step < other.useful.size(); ++step) {
    useful[step].resize(std::max(useful[step].size(), other.useful[step].size()));
    for (std::size_t i = 0; i < other.useful[step].size(); ++i) useful[step][i] += other.useful[step][i];
  }
  if (other.slis.empty()) return;  // no sample of it
  if (slis.empty()) {
    slis = std::move(other.slis);
    return;
  }
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    SliSums& mine = slis[sli];
    SliSums& its = other.slis[sli];
    for (std::size_t i = 0; i < figures; ++i) mine.figure[i].add(its.figure[i]);
    mine.contributions.insert(mine.contributions.end(), its.contributions.begin(), its.contributions.end());
    mine.loss_seconds.insert(mine.loss_seconds.end(), its.loss_seconds.begin(), its.loss_seconds.end());
    for (const auto& [fault, sums] : its.faults) mine.faults[fault].add(sums);
  }
}

double StratumBooks::variance(const FigureSums& figure, double ratio) const {
  if (samples < 2) return 0;
  const auto n = static_cast<double>(samples);
  const double squares = figure.xx - 2 * ratio * figure.xl + ratio * ratio * length_h.xx;
  const double sum = figure.x - ratio * length_h.x;
  return std::max(0.0, (squares - sum * sum / n) / (n - 1));
}

}  // namespace nines::experiments
