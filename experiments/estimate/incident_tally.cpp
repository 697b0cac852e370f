#include "experiments/estimate/incident_tally.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "experiments/estimate/parts.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

std::array<double, figures> figures_of(const models::Plan& plan, const IncidentRun& run, std::size_t sli) {
  const SliObservation& seen = run.slis[sli];
  const double records = records_lost(plan.slis[sli], run.losses);
  const double partitions = std::max<std::uint32_t>(1, plan.slis[sli].partitions);
  return {seen.downtime_s / sim::seconds_per_hour,
          seen.partition_s / sim::seconds_per_hour / partitions,
          seen.outages,
          seen.out ? 1.0 : 0.0,
          seen.until_out_s / sim::seconds_per_hour,
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
                 bool further, std::uint64_t sample) {
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
    fault.lengths_s.push_back({length, weight, sample});
    for (const models::measurement::OutagePhase& phase : outage.phases) {
      fault.phases_s[phase.name] += weight * phase.length.to_seconds();
      if (!phase.parameter.empty()) fault.parameters_s[phase.parameter] += weight * phase.length.to_seconds();
    }
  }
}

void add_losses(const models::Plan& plan, std::vector<SliSums>& slis, const IncidentRun& run, double weight,
                std::uint64_t sample) {
  if (run.losses.empty()) return;
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    double seconds = 0;
    double all = 0;
    std::map<Fault, double> by_fault;
    for (const LossSeen& loss : run.losses) {
      const double records = records_lost(plan.slis[sli], loss);
      if (records <= 0) continue;
      all += records;
      by_fault[loss.origin.fault] += records;
      seconds = std::max(seconds, loss.seconds);
      slis[sli].faults[loss.origin.fault].records_lost += weight * records;
    }
    if (all <= 0) continue;
    slis[sli].loss_seconds.push_back({seconds, weight, sample});
    slis[sli].loss_records.push_back({all, weight, sample});
    for (const auto& [fault, records] : by_fault) slis[sli].faults[fault].losses.push_back({records, weight, sample});
  }
}

}  // namespace

void FigureSums::add(double value, double length, double until_out) {
  x += value;
  xx += value * value;
  xxx += value * value * value;
  xxxx += value * value * value * value;
  xl += value * length;
  xu += value * until_out;
  largest = std::max(largest, std::abs(value));
  ++hits;
}

void FigureSums::add(const FigureSums& other) {
  x += other.x;
  xx += other.xx;
  xxx += other.xxx;
  xxxx += other.xxxx;
  xl += other.xl;
  xu += other.xu;
  hits += other.hits;
  largest = std::max(largest, other.largest);
}

void AlertSums::add(const AlertSums& other) {
  told.add(other.told);
  helped.add(other.helped);
  after_s += other.after_s;
}

void FaultSums::add(const FaultSums& other) {
  outages += other.outages;
  censored += other.censored;
  downtime_s += other.downtime_s;
  with_others_s += other.with_others_s;
  ended_s += other.ended_s;
  records_lost += other.records_lost;
  lengths_s.insert(lengths_s.end(), other.lengths_s.begin(), other.lengths_s.end());
  losses.insert(losses.end(), other.losses.begin(), other.losses.end());
  for (const auto& [name, sum] : other.phases_s) phases_s[name] += sum;
  for (const auto& [name, sum] : other.parameters_s) parameters_s[name] += sum;
}

void StratumTally::draw(IncidentSampler& sampler, const models::Plan& plan, const Stratum& stratum, std::uint64_t index,
                        std::size_t target) {
  Sample sample;
  sample.slis.assign(plan.slis.size(), {});
  slis.resize(plan.slis.size());
  alerts.resize(plan.alerts.rules.size());
  parts.resize(part_count(plan));
  sample.parts_h.assign(parts.size(), 0);
  sample.told.assign(alerts.size(), 0);
  sample.helped.assign(alerts.size(), 0);
  const auto played =
      sampler.draw(stratum, index, [&](const IncidentTerm& term) { add(plan, term, index, target, sample); });
  ++samples;
  runs += played.runs;
  events += played.events;
  crowded = crowded || played.crowded;
  if (sample.length_h != 0) length_h.add(sample.length_h, sample.length_h, 0);
  if (sample.failovers != 0) failovers.add(sample.failovers, sample.length_h, 0);
  if (sample.redelivered != 0) redelivered.add(sample.redelivered, sample.length_h, 0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (sample.parts_h[i] != 0) parts[i].add(sample.parts_h[i], sample.length_h, 0);
  }
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    if (sample.told[i] != 0) alerts[i].told.add(sample.told[i], sample.length_h, 0);
    if (sample.helped[i] != 0) alerts[i].helped.add(sample.helped[i], sample.length_h, 0);
  }
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    const double until_out = sample.slis[sli][static_cast<std::size_t>(Figure::until_out_h)];
    for (std::size_t i = 0; i < figures; ++i) {
      const double value = sample.slis[sli][i];
      if (value != 0) slis[sli].figure[i].add(value, sample.length_h, until_out);
    }
  }
}

void StratumTally::add(const IncidentRun& run, double w, Sample& sample) {
  for (std::size_t i = 0; i < run.parts_s.size(); ++i) sample.parts_h[i] += w * run.parts_s[i] / sim::seconds_per_hour;
  for (const models::alerts::Told& told : run.told) {
    sample.told[told.rule] += w;
    if (told.jobs > 0) sample.helped[told.rule] += w;
    alerts[told.rule].after_s += w * told.after.to_seconds();
  }
}

void StratumTally::add(const models::Plan& plan, const IncidentTerm& term, std::uint64_t index, std::size_t target,
                       Sample& sample) {
  const IncidentRun& fresh = *term.fresh;
  const IncidentRun* before = term.before;
  const double w = term.weight;
  if (!sample.begun) {
    weight += w;
    weight_squared += w * w;
    sample.begun = true;
  }
  if (fresh.censored) {
    ++censored;
    censored_weight += w;
  }
  if (before != nullptr && before->censored) censored_weight -= w;
  sample.length_h += w * (fresh.length_s - (before != nullptr ? before->length_s : 0)) / sim::seconds_per_hour;
  rented_usd += w * (fresh.rented_usd - (before != nullptr ? before->rented_usd : 0));
  worked_h += w * (fresh.worked_s - (before != nullptr ? before->worked_s : 0)) / sim::seconds_per_hour;
  sample.failovers += w * (fresh.failovers - (before != nullptr ? before->failovers : 0));
  sample.redelivered += w * (fresh.redelivered - (before != nullptr ? before->redelivered : 0));
  add(fresh, w, sample);
  if (before != nullptr) add(*before, -w, sample);
  for (std::size_t sli = 0; sli < slis.size(); ++sli) {
    const auto now = figures_of(plan, fresh, sli);
    const auto then = before != nullptr ? figures_of(plan, *before, sli) : std::array<double, figures>{};
    for (std::size_t i = 0; i < figures; ++i) sample.slis[sli][i] += w * (now[i] - then[i]);
    constexpr auto downtime = static_cast<std::size_t>(Figure::downtime_h);
    if (now[downtime] != then[downtime]) {
      slis[sli].contributions.push_back({index, w, now[downtime], then[downtime]});
    }
  }
  const double effect = w * (fresh.slis[target].downtime_s - (before != nullptr ? before->slis[target].downtime_s : 0));
  if (effect != 0) {
    useful.resize(std::max(useful.size(), term.path.size()));
    for (std::size_t step = 0; step < term.path.size(); ++step) {
      const FurtherFault& fault = term.path[step];
      if (useful[step].size() <= fault.fault_class) useful[step].resize(fault.fault_class + 1);
      useful[step][fault.fault_class] += effect * effect * fault.class_probability;
    }
  }
  add_outages(slis, fresh, before, w, before != nullptr, index);
  if (before != nullptr) add_outages(slis, *before, &fresh, -w, true, index);
  add_losses(plan, slis, fresh, w, index);
  if (before != nullptr) add_losses(plan, slis, *before, -w, index);
}

void StratumTally::merge(StratumTally&& other) {
  samples += other.samples;
  runs += other.runs;
  events += other.events;
  crowded = crowded || other.crowded;
  censored += other.censored;
  censored_weight += other.censored_weight;
  weight += other.weight;
  weight_squared += other.weight_squared;
  worked_h += other.worked_h;
  rented_usd += other.rented_usd;
  failovers.add(other.failovers);
  redelivered.add(other.redelivered);
  length_h.add(other.length_h);
  parts.resize(std::max(parts.size(), other.parts.size()));
  for (std::size_t i = 0; i < other.parts.size(); ++i) parts[i].add(other.parts[i]);
  alerts.resize(std::max(alerts.size(), other.alerts.size()));
  for (std::size_t i = 0; i < other.alerts.size(); ++i) alerts[i].add(other.alerts[i]);
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
    mine.loss_records.insert(mine.loss_records.end(), its.loss_records.begin(), its.loss_records.end());
    for (const auto& [fault, sums] : its.faults) mine.faults[fault].add(sums);
  }
}

namespace {

/// Sample variance of x - ratio * y from sums.
double variance_of_ratio(double n, double x, double xx, double xy, double y, double yy, double ratio) {
  if (n < 2) return 0;
  const double squares = xx - 2 * ratio * xy + ratio * ratio * yy;
  const double sum = x - ratio * y;
  return std::max(0.0, (squares - sum * sum / n) / (n - 1));
}

}  // namespace

double StratumTally::variance(const FigureSums& figure, double ratio) const {
  return variance_of_ratio(static_cast<double>(samples), figure.x, figure.xx, figure.xl, length_h.x, length_h.xx,
                           ratio);
}

double StratumTally::variance_by_first(const FigureSums& figure, const FigureSums& until_out, double ratio) const {
  return variance_of_ratio(static_cast<double>(samples), figure.x, figure.xx, figure.xu, until_out.x, until_out.xx,
                           ratio);
}

double StratumTally::third_moment(const FigureSums& figure) const {
  if (samples < 3) return 0;
  return sim::third_moment(static_cast<double>(samples), figure.x, figure.xx, figure.xxx);
}

}  // namespace nines::experiments
