#include <algorithm>

#include "experiments/assess.hpp"
#include "experiments/incident_estimator.hpp"
#include "experiments/json_text.hpp"
#include "experiments/parallel.hpp"
#include "experiments/replication.hpp"
#include "experiments/sla.hpp"
#include "models/faults/category.hpp"
#include "models/measurement/sli.hpp"
#include "models/selector.hpp"

namespace nines::experiments {

namespace {

namespace measurement = models::measurement;

constexpr double hours_per_year = 8760;
/// Replications before the first look: enough that faults of one in a few decades are among them.
constexpr std::size_t first_stage = 256;
/// Fewer observed outages than this never stop the simulation.
constexpr std::uint64_t enough_outages = 20;
/// Length that an outage nobody has ever seen is taken to have, if no other outage tells.
constexpr double unseen_outage_s = 24 * 3600;

/// What one fault did to one SLI.
struct FaultTally {
  std::uint64_t incidents = 0;
  sim::Duration downtime;
  sim::Duration ended_length;  ///< of outages that ended
  std::vector<double> lengths;
  std::uint64_t outages = 0;
  std::map<std::string, sim::Duration, std::less<>> phases;
  std::map<std::string, sim::Duration, std::less<>> parameters;
  double records_lost = 0;
};

struct SliTally {
  sim::Summary incident_downtime;  ///< seconds
  sim::Summary incident_outages;
  sim::RegenerativeCycles requests;
  sim::Duration downtime;
  sim::Duration planned_downtime;
  sim::Duration people_downtime;  ///< started by changes and people
  std::vector<double> lengths;    ///< of outages that ended
  double longest_s = 0;
  std::uint64_t outages = 0;
  std::uint64_t censored = 0;
  sim::Summary incident_loss;
  std::vector<double> loss_seconds;
  double records_lost = 0;
  std::uint64_t windows = 0;
  std::uint64_t breached = 0;
  double credits = 0;
  std::map<Fault, FaultTally> faults;
};

/// Sums over replications, added in their order.
class Books {
 public:
  Books(const models::Plan& plan, sim::Duration span) : plan_(plan), span_(span), tallies_(plan.slis.size()) {}

  void add(const Replication& replication) {
    ++replications;
    incidents += replication.incidents;
    events += replication.events;
    worked += replication.worked;
    for (std::size_t sli = 0; sli < tallies_.size(); ++sli) add(replication, static_cast<measurement::SliIndex>(sli));
  }

  [[nodiscard]] const SliTally& tally(std::size_t sli) const { return tallies_[sli]; }
  [[nodiscard]] std::size_t size() const { return tallies_.size(); }
  [[nodiscard]] double exposure_s() const { return static_cast<double>(replications) * seconds(span_); }
  [[nodiscard]] double exposure_years() const {
    return static_cast<double>(replications) * (seconds(span_) / seconds(sim::year));
  }

  std::size_t replications = 0;
  std::uint64_t incidents = 0;
  std::uint64_t events = 0;
  sim::Duration worked;

 private:
  struct Incident {
    sim::Duration downtime;
    double outages = 0;
  };

  void add(const Replication& replication, measurement::SliIndex sli) {
    SliTally& tally = tallies_[sli];
    const measurement::SliPlan& plan = plan_.slis[sli];
    const double partitions = plan.partitions;
    tally.requests.add(replication.partition_seconds[sli] / std::max(1.0, partitions), seconds(span_));
    std::map<sim::CauseId, Incident> by_incident;
    for (const OutageSeen& outage : replication.outages) {
      if (outage.sli != sli) continue;
      Incident& incident = by_incident[outage.origin.record];
      if (incident.outages == 0) ++tally.faults[outage.origin.fault].incidents;
      incident.downtime += outage.end - outage.start;
      incident.outages += 1;
      add(tally, outage);
    }
    for (const auto& [record, incident] : by_incident) {
      tally.incident_downtime.add(seconds(incident.downtime));
      tally.incident_outages.add(incident.outages);
    }
    add_losses(tally, replication, plan);
    if (plan.sla) add_windows(tally, replication, sli, *plan.sla);
  }

  static void add(SliTally& tally, const OutageSeen& outage) {
    const sim::Duration inside = outage.end - outage.start;
    FaultTally& fault = tally.faults[outage.origin.fault];
    ++tally.outages;
    ++fault.outages;
    tally.downtime += inside;
    fault.downtime += inside;
    const models::Category category = models::faults::category_of(outage.origin.fault.kind);
    if (category == models::Category::planned) tally.planned_downtime += inside;
    if (category == models::Category::change || category == models::Category::human) tally.people_downtime += inside;
    tally.longest_s = std::max(tally.longest_s, seconds(outage.length));
    if (outage.censored) {
      ++tally.censored;
      return;
    }
    tally.lengths.push_back(seconds(outage.length));
    fault.lengths.push_back(seconds(outage.length));
    fault.ended_length += outage.length;
    for (const measurement::Phase& phase : outage.phases) {
      fault.phases[std::string(phase.name)] += phase.length;
      if (!phase.parameter.empty()) fault.parameters[std::string(phase.parameter)] += phase.length;
    }
  }

  void add_losses(SliTally& tally, const Replication& replication, const measurement::SliPlan& sli) const {
    struct Lost {
      double records = 0;
      double seconds = 0;
    };
    std::map<sim::CauseId, Lost> by_incident;
    for (const LossSeen& loss : replication.losses) {
      const double records = experiments::records_lost(plan_, sli, loss);
      if (records <= 0) continue;
      Lost& lost = by_incident[loss.origin.record];
      lost.records += records;
      lost.seconds = std::max(lost.seconds, loss.seconds);
      tally.faults[loss.origin.fault].records_lost += records;
      tally.records_lost += records;
    }
    for (const auto& [record, lost] : by_incident) {
      tally.incident_loss.add(lost.records);
      tally.loss_seconds.push_back(lost.seconds);
    }
  }

  void add_windows(SliTally& tally, const Replication& replication, measurement::SliIndex sli,
                   const models::SlaSpec& sla) const {
    const auto count = static_cast<std::size_t>(span_ / sla.window);
    std::vector<sim::Duration> down(count);
    for (const OutageSeen& outage : replication.outages) {
      if (outage.sli != sli) continue;
      for (sim::Time at = outage.start; at < outage.end;) {
        const auto window = static_cast<std::size_t>((at - sim::Time::zero()) / sla.window);
        if (window >= count) break;
        const sim::Time next = sim::Time::zero() + static_cast<std::int64_t>(window + 1) * sla.window;
        down[window] += std::min(next, outage.end) - at;
        at = next;
      }
    }
    for (const sim::Duration downtime : down) add_window(tally, 1 - seconds(downtime) / seconds(sla.window), sla);
  }

  static void add_window(SliTally& tally, double availability, const models::SlaSpec& sla) {
    ++tally.windows;
    if (availability < sla.target) ++tally.breached;
    double credit = 0;
    for (const models::CreditTier& tier : sla.credits) {
      if (availability < tier.below) credit = std::max(credit, tier.credit);
    }
    tally.credits += credit;
  }

  const models::Plan& plan_;
  sim::Duration span_;
  std::vector<SliTally> tallies_;
};

std::optional<double> quantile(const std::vector<double>& sample, double q) {
  return sample.empty() ? std::nullopt : sim::quantile_estimate(sample, q).value;
}

/// Runs replications in stages until the first SLI is known well enough.
class Sampler {
 public:
  Sampler(const models::Plan& plan, const AssessOptions& options)
      : plan_(plan),
        options_(options),
        span_(sim::Duration::from_seconds(options.years * seconds(sim::year))),
        books_(plan, span_) {}

  Books& run() {
    const auto most = static_cast<std::size_t>(options_.max_years / options_.years);
    for (std::size_t stage = std::min(first_stage, most);; stage = std::min(most, stage + (stage + 1) / 2)) {
      extend(stage);
      reached = reached_precision();
      if (options_.progress) options_.progress(stage, reached);
      precise = reached && *reached <= options_.precision && books_.tally(options_.target).outages >= enough_outages;
      if (precise || stage >= most) return books_;
    }
  }

  std::optional<double> reached;
  bool precise = false;

 private:
  void extend(std::size_t total) {
    const std::size_t done = books_.replications;
    std::vector<Replication> batch(total - done);
    parallel_for(options_.threads, batch.size(),
                 [&](std::size_t index) { batch[index] = replicate(plan_, done + index, span_); });
    for (const Replication& replication : batch) books_.add(replication);
  }

  [[nodiscard]] std::optional<double> reached_precision() const {
    if (books_.size() == 0) return std::nullopt;
    return relative_half_width(
        sim::compound_poisson_rate(books_.tally(options_.target).incident_downtime, books_.exposure_s()));
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  sim::Duration span_;
  Books books_;
};

/// Turns the books into results.
class Reporter {
 public:
  Reporter(const models::Plan& plan, const AssessOptions& options, const Books& books)
      : plan_(plan), options_(options), books_(books) {
    for (std::size_t sli = 0; sli < books.size(); ++sli) {
      longest_seen_ = std::max(longest_seen_, books.tally(sli).longest_s);
    }
    if (longest_seen_ == 0) longest_seen_ = unseen_outage_s;
  }

  Assessment report() {
    Assessment result;
    for (std::size_t sli = 0; sli < books_.size(); ++sli) {
      result.slis.push_back(sli_result(static_cast<measurement::SliIndex>(sli)));
      add_budget(result.budget, sli);
    }
    result.operator_hours_per_month = seconds(books_.worked) / 3600 / (books_.exposure_years() * 12);
    result.bill = models::economics::monthly_bill(plan_, result.operator_hours_per_month);
    result.replications = books_.replications;
    result.years = books_.exposure_years();
    result.incidents = books_.incidents;
    result.events = books_.events;
    return result;
  }

 private:
  SliResult sli_result(measurement::SliIndex index) const {
    const SliTally& tally = books_.tally(index);
    SliResult result;
    result.index = index;
    result.outages = tally.outages;
    result.longest_s = tally.longest_s;
    result.outages_per_year = rate_of(tally.incident_outages, tally.outages);
    result.unavailability = unavailability_of(tally);
    result.request_unavailability = request_unavailability_of(tally);
    result.without_planned = seconds(tally.downtime - tally.planned_downtime) / books_.exposure_s();
    result.without_people = seconds(tally.downtime - tally.people_downtime) / books_.exposure_s();
    result.recovery = recovery_of(tally);
    result.loss = loss_of(tally);
    if (const auto& sla = plan_.slis[index].sla) result.sla = sla_of(tally, *sla);
    return result;
  }

  /// Outages of one incident come together, so the incident is what arrives at random.
  [[nodiscard]] sim::Estimate rate_of(const sim::Summary& per_incident, std::uint64_t events) const {
    if (events == per_incident.count()) return sim::poisson_rate(events, books_.exposure_years());
    return sim::compound_poisson_rate(per_incident, books_.exposure_years());
  }

  [[nodiscard]] sim::Estimate unavailability_of(const SliTally& tally) const {
    if (tally.outages > 0) return sim::compound_poisson_rate(tally.incident_downtime, books_.exposure_s());
    return sim::scaled(sim::poisson_rate(0, books_.exposure_s()), longest_seen_);
  }

  [[nodiscard]] sim::Estimate request_unavailability_of(const SliTally& tally) const {
    if (tally.requests.rewarded() > 0) return tally.requests.estimate();
    return sim::scaled(sim::poisson_rate(0, books_.exposure_s()), longest_seen_);
  }

  static RecoveryTime recovery_of(const SliTally& tally) {
    RecoveryTime result;
    result.seen = tally.outages;
    if (tally.outages > 0) {
      result.censored_share = static_cast<double>(tally.censored) / static_cast<double>(tally.outages);
    }
    if (tally.lengths.empty()) return result;
    double sum = 0;
    for (const double length : tally.lengths) sum += length;
    result.mean = sum / static_cast<double>(tally.lengths.size());
    result.p50 = quantile(tally.lengths, 0.5);
    result.p95 = quantile(tally.lengths, 0.95);
    result.p99 = quantile(tally.lengths, 0.99);
    return result;
  }

  [[nodiscard]] DataLoss loss_of(const SliTally& tally) const {
    return {sim::poisson_rate(tally.incident_loss.count(), books_.exposure_years()),
            sim::compound_poisson_rate(tally.incident_loss, books_.exposure_years()),
            quantile(tally.loss_seconds, 0.95)};
  }

  [[nodiscard]] SlaResult sla_of(const SliTally& tally, const models::SlaSpec& spec) const {
    SlaResult result;
    result.spec = spec;
    result.windows = tally.windows;
    result.breached = tally.breached;
    result.breach_probability = sim::proportion_estimate(tally.breached, tally.windows);
    if (tally.windows > 0) result.expected_credit_share = tally.credits / static_cast<double>(tally.windows);
    result.verdict = verdict_of(result.breach_probability, options_.risk);
    return result;
  }

  void add_budget(std::vector<BudgetRow>& budget, std::size_t sli) const {
    const auto first = static_cast<std::ptrdiff_t>(budget.size());
    for (const auto& [fault, tally] : books_.tally(sli).faults) budget.push_back(row_of(sli, fault, tally));
    std::stable_sort(budget.begin() + first, budget.end(),
                     [](const BudgetRow& a, const BudgetRow& b) { return a.downtime_share > b.downtime_share; });
  }

  [[nodiscard]] BudgetRow row_of(std::size_t sli, const Fault& fault, const FaultTally& tally) const {
    const SliTally& all = books_.tally(sli);
    BudgetRow row;
    row.sli = sli;
    row.fault = fault_name(fault.kind);
    row.target = plan_.name(fault.target);
    row.category = models::faults::category_of(fault.kind);
    row.outages = tally.outages;
    row.outages_per_year = static_cast<double>(tally.outages) / books_.exposure_years();
    row.rate_per_year = rate_of_source(row, fault, tally);
    if (!tally.lengths.empty()) fill_lengths(row, tally);
    if (all.downtime > sim::Duration()) row.downtime_share = seconds(tally.downtime) / seconds(all.downtime);
    if (all.records_lost > 0) row.loss_share = tally.records_lost / all.records_lost;
    return row;
  }

  static void fill_lengths(BudgetRow& row, const FaultTally& tally) {
    const auto ended = static_cast<double>(tally.lengths.size());
    row.mean_outage_s = seconds(tally.ended_length) / ended;
    row.p95_outage_s = quantile(tally.lengths, 0.95);
    for (const auto& [name, length] : tally.phases) row.phases_s[name] = seconds(length) / ended;
    sim::Duration longest;
    for (const auto& [name, length] : tally.parameters) {
      if (length <= longest) continue;
      longest = length;
      row.dominant_parameter = name;
    }
  }

  /// The rate that the topology states; of what no clock starts, the rate at which it was seen.
  [[nodiscard]] double rate_of_source(const BudgetRow& row, const Fault& fault, const FaultTally& tally) const {
    double stated = 0;
    for (const models::FaultSource& source : plan_.faults) {
      if (source.target == fault.target && models::verb_info(source.verb).name == row.fault) {
        stated += source.rate.per_year();
      }
    }
    return stated > 0 ? stated : static_cast<double>(tally.incidents) / books_.exposure_years();
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  const Books& books_;
  double longest_seen_ = 0;
};

}  // namespace

Assessment assess_by_timeline(const models::Plan& plan, const AssessOptions& options) {
  Sampler sampler(plan, options);
  const Books& books = sampler.run();
  Assessment result = Reporter(plan, options, books).report();
  result.method = Method::timeline;
  result.reached = sampler.reached;
  result.precise = sampler.precise;
  return result;
}

}  // namespace nines::experiments
