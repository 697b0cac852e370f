#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/incident_estimator.hpp"
#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/parts.hpp"
#include "experiments/estimate/replication.hpp"
#include "experiments/estimate/resting.hpp"
#include "experiments/estimate/sla.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "experiments/report/json_text.hpp"
#include "models/faults/category.hpp"
#include "models/faults/lengths.hpp"
#include "models/measurement/sli.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace measurement = models::measurement;

/// Replications before the first look: enough that faults of one in a few decades are among them.
constexpr std::size_t first_stage = 256;
/// Fewer observed outages than this never stop the simulation.
constexpr std::uint64_t enough_outages = 20;
/// Replications with outages from which their scatter is the measure of error.
constexpr std::uint64_t enough_replications = 30;
/// Length that an outage nobody has ever seen is taken to have, if no other outage tells.
constexpr double unseen_outage_s = 24 * 3600;

/// What one fault did to one SLI.
/// Sums over replications are seconds in doubles: a Duration ends after 292 years.
struct FaultTally {
  std::uint64_t incidents = 0;
  double downtime_s = 0;
  double ended_length_s = 0;  ///< of outages that ended
  std::vector<double> lengths;
  std::uint64_t outages = 0;
  std::map<std::string, double, std::less<>> phases_s;
  std::map<std::string, double, std::less<>> parameters_s;
  double records_lost = 0;
};

/// First outages after a healthy start: mean time until one.
///
/// Up to a split, the end of the warm-up, times are averaged as they are. What has survived it has forgotten how it
/// started, so that its first outage comes at a constant rate, and time without one is as good as time with one:
///     E[T] = E[min(T, split)] + P(T > split) / rate.
class FirstOutages {
 public:
  explicit FirstOutages(double split_s = 0) : split_s_(split_s) {}

  /// `seconds` until the first outage, or until the end of the replication if none was `seen`.
  void add(double seconds, bool seen) {
    early_.add(std::min(seconds, split_s_));
    all_.add(seconds);
    if (seen) ++outages_;
    if (seconds <= split_s_) return;
    ++late_;
    late_s_ += seconds - split_s_;
    if (seen) ++late_outages_;
  }

  /// `ageing`: rates do not become constant. Then nothing is known of what outlasts the replications but that it does.
  [[nodiscard]] sim::Estimate hours(bool ageing) const {
    const double n = static_cast<double>(early_.count());
    sim::Estimate result;
    result.observations = outages_;
    if (n == 0) return result;
    if (ageing && static_cast<double>(outages_) < (1 - most_unseen) * n) {
      const double error = std::sqrt(all_.variance() / n) * sim::normal_quantile(sim::two_sided);
      result.lower95 = std::max(0.0, all_.mean() - error) / sim::seconds_per_hour;
      return result;
    }
    // The few that are late do not tell a rate where nearly all was early: then all times do.
    const bool split = late_outages_ >= enough_late || late_outages_ == outages_;
    const double early = split ? early_.mean() : 0;
    const double share = split ? static_cast<double>(late_) / n : 1;
    const double late_s = split ? late_s_ : all_.total();
    if (share == 0 || late_s <= 0) return sim::scaled(sim::mean_estimate(early_), 1 / sim::seconds_per_hour);
    const sim::Estimate late = sim::inverted(sim::poisson_rate(split ? late_outages_ : outages_, late_s), share);
    const double spread = split && late.value ? early_spread(share, *late.value / share) : 0;
    if (late.lower95) result.lower95 = early + *late.lower95;
    if (late.value) result.value = early + *late.value;
    if (late.ci95) {
      const auto both = [&](double other) { return std::sqrt(spread * spread + other * other); };
      const double below = both(*late.value - late.ci95->lower);
      const double above = both(late.ci95->upper - *late.value);
      result.ci95 = sim::Interval{*result.value - below, *result.value + above};
    }
    return sim::scaled(result, 1 / sim::seconds_per_hour);
  }

 private:
  static constexpr std::uint64_t enough_late = 20;
  /// Share of replications without an outage that does not matter.
  static constexpr double most_unseen = 0.01;

  /// Half-width from the scatter of what came early: min(T, split), and `later` on top for the `share` that survives.
  [[nodiscard]] double early_spread(double share, double later) const {
    const double together = share * (split_s_ - early_.mean());
    const double variance = early_.variance() + 2 * later * together + later * later * share * (1 - share);
    return std::sqrt(variance / static_cast<double>(early_.count())) * sim::normal_quantile(sim::two_sided);
  }

  double split_s_;
  sim::Summary early_;
  sim::Summary all_;
  double late_s_ = 0;
  std::uint64_t outages_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t late_outages_ = 0;
};

struct SliTally {
  sim::Summary incident_downtime;  ///< seconds
  sim::Summary incident_outages;
  sim::RegenerativeCycles downtime;  ///< of replications
  sim::RegenerativeCycles starts;    ///< outages that began in replications
  sim::RegenerativeCycles requests;
  FirstOutages first;
  double downtime_s = 0;
  double planned_downtime_s = 0;
  double people_downtime_s = 0;  ///< started by changes and people
  std::vector<double> lengths;   ///< of outages that ended
  double longest_s = 0;
  std::uint64_t outages = 0;
  std::uint64_t censored = 0;
  std::uint64_t endless = 0;  ///< ran already when a span began, and nothing ended them
  sim::Summary incident_loss;
  std::vector<double> loss_seconds;
  std::vector<double> loss_records;
  double records_lost = 0;
  /// Windows of one length.
  struct Windows {
    std::uint64_t seen = 0;
    std::uint64_t breached = 0;
    sim::Summary breached_of_replication;
    double credits = 0;
  };
  Windows windows;  ///< of the SLA
  Windows months;
  Windows years;
  std::map<Fault, FaultTally> faults;
};

/// Sums over replications, added in their order.
class Tallies {
 public:
  Tallies(const models::Plan& plan, sim::Duration warm_up, sim::Duration span)
      : plan_(plan), begin_(sim::Time::zero() + warm_up), span_(span), tallies_(plan.slis.size()) {
    for (SliTally& tally : tallies_) tally.first = FirstOutages(seconds(warm_up));
  }

  void add(const Replication& replication) {
    ++replications;
    incidents += replication.incidents;
    events += replication.events;
    worked_s += replication.worked_s;
    rented_usd += replication.rented_usd;
    failovers.add(static_cast<double>(replication.failovers), seconds(span_));
    redelivered.add(replication.redelivered, seconds(span_));
    parts.resize(replication.parts_s.size());
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i].add(replication.parts_s[i], seconds(span_));
    add_alerts(replication);
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
  double worked_s = 0;
  double rented_usd = 0;
  sim::RegenerativeCycles failovers;
  sim::RegenerativeCycles redelivered;
  std::vector<sim::RegenerativeCycles> parts;  ///< as Replication::parts_s
  struct Alert {
    sim::RegenerativeCycles told, helped;
    double after_s = 0;
    std::uint64_t count = 0;
  };
  std::vector<Alert> alerts;  ///< by rule

 private:
  void add_alerts(const Replication& replication) {
    alerts.resize(plan_.alerts.rules.size());
    std::vector<double> told(alerts.size());
    std::vector<double> helped(alerts.size());
    for (const models::alerts::Told& one : replication.told) {
      told[one.rule] += 1;
      if (one.jobs > 0) helped[one.rule] += 1;
      alerts[one.rule].after_s += seconds(one.after);
      ++alerts[one.rule].count;
    }
    for (std::size_t rule = 0; rule < alerts.size(); ++rule) {
      alerts[rule].told.add(told[rule], seconds(span_));
      alerts[rule].helped.add(helped[rule], seconds(span_));
    }
  }

  struct Incident {
    double downtime_s = 0;
    double outages = 0;
  };

  void add(const Replication& replication, measurement::SliIndex sli) {
    SliTally& tally = tallies_[sli];
    const measurement::SliPlan& plan = plan_.slis[sli];
    const double partitions = plan.partitions;
    tally.requests.add(replication.partition_seconds[sli] / std::max(1.0, partitions), seconds(span_));
    const sim::Time first = replication.first_outage[sli];
    const sim::Time end = begin_ + span_;
    tally.first.add(std::min(first, end).to_seconds(), first < end);
    std::map<sim::CauseId, Incident> by_incident;
    Incident all;
    for (const OutageSeen& outage : replication.outages) {
      if (outage.sli != sli) continue;
      Incident& incident = by_incident[outage.origin.record];
      const double starts = outage.begun_before ? 0 : 1;
      if (incident.outages == 0 && starts > 0) ++tally.faults[outage.origin.fault].incidents;
      const double inside_s = seconds(outage.end - outage.start);
      incident.downtime_s += inside_s;
      incident.outages += starts;
      all.downtime_s += inside_s;
      all.outages += starts;
      add(tally, outage);
    }
    tally.downtime.add(all.downtime_s, seconds(span_));
    tally.starts.add(all.outages, seconds(span_));
    for (const auto& [record, incident] : by_incident) {
      tally.incident_downtime.add(incident.downtime_s);
      if (incident.outages > 0) tally.incident_outages.add(incident.outages);
    }
    add_losses(tally, replication, plan);
    if (!plan.sla) return;
    add_windows(tally.windows, replication, sli, *plan.sla);
    models::SlaSpec calendar = *plan.sla;
    calendar.window = sim::Duration::from_seconds(month_h * 3600);
    add_windows(tally.months, replication, sli, calendar);
    calendar.window = sim::Duration::from_seconds(year_h * 3600);
    add_windows(tally.years, replication, sli, calendar);
  }

  static void add(SliTally& tally, const OutageSeen& outage) {
    const double inside_s = seconds(outage.end - outage.start);
    FaultTally& fault = tally.faults[outage.origin.fault];
    tally.downtime_s += inside_s;
    fault.downtime_s += inside_s;
    const models::Category category = models::faults::category_of(outage.origin.fault.kind);
    if (category == models::Category::planned) tally.planned_downtime_s += inside_s;
    if (category == models::Category::change || category == models::Category::human) {
      tally.people_downtime_s += inside_s;
    }
    tally.longest_s = std::max(tally.longest_s, seconds(outage.length));
    // Long ones are more likely to be running when the span begins: their lengths would make the sample too long.
    if (outage.begun_before) {
      if (outage.censored) ++tally.endless;
      return;
    }
    ++tally.outages;
    ++fault.outages;
    if (outage.censored) {
      ++tally.censored;
      return;
    }
    tally.lengths.push_back(seconds(outage.length));
    fault.lengths.push_back(seconds(outage.length));
    fault.ended_length_s += seconds(outage.length);
    for (const measurement::OutagePhase& phase : outage.phases) {
      fault.phases_s[std::string(phase.name)] += seconds(phase.length);
      if (!phase.parameter.empty()) fault.parameters_s[std::string(phase.parameter)] += seconds(phase.length);
    }
  }

  void add_losses(SliTally& tally, const Replication& replication, const measurement::SliPlan& sli) const {
    struct Lost {
      double records = 0;
      double seconds = 0;
    };
    std::map<sim::CauseId, Lost> by_incident;
    for (const LossSeen& loss : replication.losses) {
      const double records = experiments::records_lost(sli, loss);
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
      tally.loss_records.push_back(lost.records);
    }
  }

  void add_windows(SliTally::Windows& tally, const Replication& replication, measurement::SliIndex sli,
                   const models::SlaSpec& sla) const {
    const auto count = static_cast<std::size_t>(span_ / sla.window);
    std::vector<sim::Duration> down(count);
    for (const OutageSeen& outage : replication.outages) {
      if (outage.sli != sli) continue;
      for (sim::Time at = outage.start; at < outage.end;) {
        const auto window = static_cast<std::size_t>((at - begin_) / sla.window);
        if (window >= count) break;
        const sim::Time next = begin_ + static_cast<std::int64_t>(window + 1) * sla.window;
        down[window] += std::min(next, outage.end) - at;
        at = next;
      }
    }
    const std::uint64_t before = tally.breached;
    for (const sim::Duration downtime : down) add_window(tally, 1 - seconds(downtime) / seconds(sla.window), sla);
    tally.breached_of_replication.add(static_cast<double>(tally.breached - before));
  }

  static void add_window(SliTally::Windows& tally, double availability, const models::SlaSpec& sla) {
    ++tally.seen;
    if (availability < sla.target) ++tally.breached;
    double credit = 0;
    for (const models::CreditTier& tier : sla.credits) {
      if (availability < tier.below) credit = std::max(credit, tier.credit);
    }
    tally.credits += credit;
  }

  const models::Plan& plan_;
  sim::Time begin_;
  sim::Duration span_;
  std::vector<SliTally> tallies_;
};

std::optional<double> quantile(const std::vector<double>& sample, double q) {
  return sample.empty() ? std::nullopt : sim::quantile_estimate(sample, q).value;
}

/// Share of time down. Replications are independent whatever happens within them; where few of them saw an outage,
/// incidents take their place.
sim::Estimate unavailability_of(const SliTally& tally, double exposure_s) {
  return sim::at_most_one(tally.downtime.rewarded() >= enough_replications
                              ? tally.downtime.estimate()
                              : sim::compound_poisson_rate(tally.incident_downtime, exposure_s));
}

/// Runs replications in stages until the first SLI is known well enough.
class Sampler {
 public:
  Sampler(const models::Plan& plan, const AssessOptions& options)
      : plan_(plan),
        options_(options),
        span_(sim::Duration::from_seconds(options.years * seconds(sim::year))),
        warm_up_(experiments::warm_up(plan, span_)),
        tallies_(plan, warm_up_.length, span_),
        resting_(Resting::of(plan)) {
    for (const models::Layout& layout : resting_->layouts())
      starts_.push_back(std::make_unique<const models::Plan>(models::with_layout(plan, layout)));
  }

  Tallies& run() {
    check_replication(plan_, hours(warm_up_.length) + hours(span_));
    const auto most = static_cast<std::size_t>(options_.max_years / options_.years);
    for (std::size_t stage = std::min(first_stage, most);; stage = std::min(most, stage + (stage + 1) / 2)) {
      const bool affordable = extend(stage);
      reached = reached_precision();
      if (options_.progress) options_.progress(stage, reached);
      precise = reached && *reached <= options_.precision && tallies_.tally(options_.target).outages >= enough_outages;
      if (!precise && stage < most && affordable) continue;
      tallies_.rented_usd += resting_->rented_usd_per_h(plan_) * tallies_.exposure_s() / sim::seconds_per_hour;
      return tallies_;
    }
  }

  [[nodiscard]] const WarmUp& warm_up() const { return warm_up_; }

  std::optional<double> reached;
  bool precise = false;

 private:
  /// A slice at a time, so that memory does not grow with the number of replications. False if there are as many events
  /// as may be before there are as many replications.
  bool extend(std::size_t total) {
    constexpr std::size_t slice = 32;
    const auto most = static_cast<double>(timeline_events_of_an_incident) * static_cast<double>(options_.max_incidents);
    while (tallies_.replications < total) {
      const std::size_t done = tallies_.replications;
      if (done > 0 && static_cast<double>(tallies_.events) > most) return false;
      std::vector<Replication> batch(std::min(slice, total - done));
      parallel_for(options_.threads, batch.size(), [&](std::size_t index) {
        batch[index] = replicate(start_of(done + index), done + index, warm_up_, span_);
      });
      for (const Replication& replication : batch) tallies_.add(replication);
    }
    return true;
  }

  /// Layouts drift more slowly than a warm-up lasts: replications begin in those of the long run.
  [[nodiscard]] const models::Plan& start_of(std::size_t replication) const {
    if (starts_.empty()) return plan_;
    const std::uint64_t key = sim::stream_key(plan_.seed, "timeline", "layouts");
    const double u = sim::to_unit(sim::random_bits(key, replication, 0));
    const models::FaultSource of_no_machine;
    return *starts_[*resting_->draw(of_no_machine, u)];
  }

  [[nodiscard]] std::optional<double> reached_precision() const {
    if (tallies_.size() == 0) return std::nullopt;
    return relative_half_width(unavailability_of(tallies_.tally(options_.target), tallies_.exposure_s()));
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  sim::Duration span_;
  WarmUp warm_up_;
  Tallies tallies_;
  std::shared_ptr<const Resting> resting_;
  std::vector<std::unique_ptr<const models::Plan>> starts_;  ///< by layout; none: of a new cluster
};

/// Turns the tallies into results.
class TimelineReporter {
 public:
  TimelineReporter(const models::Plan& plan, const AssessOptions& options, const Tallies& tallies,
                   const WarmUp& warm_up)
      : plan_(plan), options_(options), tallies_(tallies), warm_up_(warm_up) {
    for (std::size_t sli = 0; sli < tallies.size(); ++sli) {
      longest_seen_ = std::max(longest_seen_, tallies.tally(sli).longest_s);
    }
    if (longest_seen_ == 0) longest_seen_ = unseen_outage_s;
  }

  Assessment report() {
    Assessment result;
    for (std::size_t sli = 0; sli < tallies_.size(); ++sli) {
      result.slis.push_back(sli_result(static_cast<measurement::SliIndex>(sli)));
      add_budget(result.budget, sli);
    }
    result.operator_hours_per_month = tallies_.worked_s / 3600 / (tallies_.exposure_years() * 12);
    result.bill = models::economics::monthly_bill(plan_, result.operator_hours_per_month,
                                                  tallies_.rented_usd / (tallies_.exposure_years() * 12));
    result.failovers_per_year = sim::scaled(tallies_.failovers.estimate(), seconds(sim::year));
    result.redelivered_per_year = sim::scaled(tallies_.redelivered.estimate(), seconds(sim::year));
    for (std::size_t rule = 0; rule < tallies_.alerts.size(); ++rule) {
      const Tallies::Alert& alert = tallies_.alerts[rule];
      AlertResult& its = result.alerts.emplace_back();
      its.name = plan_.topology.monitoring->rules[rule].name;
      its.told_per_year = sim::scaled(alert.told.estimate(), seconds(sim::year));
      its.helped_per_year = sim::scaled(alert.helped.estimate(), seconds(sim::year));
      if (alert.count > 0) its.mean_after_s = alert.after_s / static_cast<double>(alert.count);
    }
    result.replications = tallies_.replications;
    result.warm_up_h = seconds(warm_up_.length) / 3600;
    result.years = tallies_.exposure_years();
    result.incidents = tallies_.incidents;
    result.events = tallies_.events;
    return result;
  }

 private:
  SliResult sli_result(measurement::SliIndex index) const {
    const SliTally& tally = tallies_.tally(index);
    SliResult result;
    for (const std::string& part : part_names(plan_, index)) {
      const std::size_t at = first_part(plan_, index) + result.parts.size();
      result.parts.push_back({part, tallies_.parts[at].estimate()});
    }
    result.index = index;
    result.outages = tally.outages;
    result.longest_s = tally.longest_s;
    result.outages_per_year = outages_per_year_of(tally);
    result.mtbf_h = sim::inverted(result.outages_per_year, sim::hours_per_year);
    result.mttf_h = tally.first.hours(std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                                  [](const models::FaultSource& source) { return source.ageing; }));
    result.unavailability = unavailability_of(tally);
    result.request_unavailability = request_unavailability_of(tally);
    result.without_planned = std::max(0.0, tally.downtime_s - tally.planned_downtime_s) / tallies_.exposure_s();
    result.without_people = std::max(0.0, tally.downtime_s - tally.people_downtime_s) / tallies_.exposure_s();
    if (!warm_up_.complete) {
      result.alarms.push_back(
          fmt::format("replications start healthy, and {:.0f} years do not make them forget it", warm_up_years()));
    }
    if (const std::optional<std::string> rare = too_rare(tally)) result.alarms.push_back(*rare);
    result.recovery = recovery_of(tally);
    result.loss = loss_of(tally);
    if (const auto& sla = plan_.slis[index].sla) {
      result.sla = sla_of(tally.windows, *sla);
      result.breach = {breach_of(tally.months, month_h), breach_of(tally.years, year_h)};
    }
    return result;
  }

  /// What so many years hardly meet shows in no scatter between them: what faults may add whose length is known.
  [[nodiscard]] std::optional<std::string> too_rare(const SliTally& tally) const {
    struct Rare {
      double per_year = 0;
      double hours = 0;  ///< of downtime a year, if each puts the SLI out for as long as it lasts
    };
    std::map<std::string, Rare, std::less<>> kinds;
    for (const models::FaultSource& source : plan_.faults) {
      const auto length = models::faults::length_of(plan_, source);
      if (!length || source.dormant) continue;
      Rare& rare = kinds[std::string(models::verb_info(source.verb).name)];
      const double rate = source.rate.per_hour * sim::hours_per_year;
      rare.per_year += rate;
      rare.hours += rate * length->mean_s / sim::seconds_per_hour;
    }
    constexpr double fewest = 3;
    constexpr double worth_saying = 0.1;
    const double years = tallies_.exposure_years();
    const double seen = tally.downtime_s / sim::seconds_per_hour / years;
    double most = 0;
    double all = 0;
    std::string_view of;
    for (const auto& [name, rare] : kinds) {
      if (rare.per_year * years >= fewest) continue;
      all += rare.hours;
      if (rare.hours > most) of = name;
      most = std::max(most, rare.hours);
    }
    if (seen <= 0 || all <= worth_saying * seen) return std::nullopt;
    return fmt::format(
        "faults that are to be expected less than three times in {:.0f} years ({} above all) may add {:.0f} % "
        "to the downtime",
        years, of, 100 * all / seen);
  }

  [[nodiscard]] double warm_up_years() const { return seconds(warm_up_.length) / seconds(sim::year); }

  /// Outages of one incident come together, so the incident is what arrives at random; where there are enough
  /// replications, their scatter says how random.
  [[nodiscard]] sim::Estimate outages_per_year_of(const SliTally& tally) const {
    if (tally.starts.rewarded() >= enough_replications) {
      return sim::scaled(tally.starts.estimate(), seconds(sim::year));
    }
    if (tally.outages == tally.incident_outages.count())
      return sim::poisson_rate(tally.outages, tallies_.exposure_years());
    return sim::compound_poisson_rate(tally.incident_outages, tallies_.exposure_years());
  }

  [[nodiscard]] sim::Estimate unavailability_of(const SliTally& tally) const {
    if (tally.downtime_s > 0) return experiments::unavailability_of(tally, tallies_.exposure_s());
    return sim::at_most_one(sim::scaled(sim::poisson_rate(0, tallies_.exposure_s()), longest_seen_));
  }

  [[nodiscard]] sim::Estimate request_unavailability_of(const SliTally& tally) const {
    if (tally.requests.rewarded() > 0) return sim::at_most_one(tally.requests.estimate());
    return sim::at_most_one(sim::scaled(sim::poisson_rate(0, tallies_.exposure_s()), longest_seen_));
  }

  static RecoveryTime recovery_of(const SliTally& tally) {
    RecoveryTime result;
    result.seen = tally.outages + tally.endless;
    if (tally.outages + tally.endless > 0) {
      result.censored_share =
          static_cast<double>(tally.censored + tally.endless) / static_cast<double>(tally.outages + tally.endless);
    }
    if (tally.lengths.empty()) return result;
    double sum = 0;
    for (const double length : tally.lengths) sum += length;
    result.mean = sum / static_cast<double>(tally.lengths.size());
    const auto fill = [&](double q, std::optional<double>& value, std::optional<sim::Interval>& ci95) {
      const sim::Estimate estimate = sim::quantile_estimate(tally.lengths, q);
      value = estimate.value;
      ci95 = estimate.ci95;
    };
    fill(0.5, result.p50, result.p50_ci95);
    fill(0.95, result.p95, result.p95_ci95);
    fill(0.99, result.p99, result.p99_ci95);
    return result;
  }

  [[nodiscard]] DataLoss loss_of(const SliTally& tally) const {
    return {sim::poisson_rate(tally.incident_loss.count(), tallies_.exposure_years()),
            sim::compound_poisson_rate(tally.incident_loss, tallies_.exposure_years()),
            quantile(tally.loss_seconds, 0.95),
            quantile(tally.loss_seconds, 0.5),
            quantile(tally.loss_records, 0.5),
            quantile(tally.loss_records, 0.95)};
  }

  /// Nothing of windows longer than a replication.
  [[nodiscard]] sim::Estimate breach_of(const SliTally::Windows& tally, double window_h) const {
    if (tally.seen == 0) return {};
    // Of windows that follow each other one long recovery can break several.
    const std::uint64_t windows = tally.seen / tallies_.replications;
    const double together = std::ceil(seconds(warm_up_.length) / (window_h * 3600));
    return sim::clustered_proportion(tally.breached_of_replication, windows,
                                     std::clamp(together, 1.0, static_cast<double>(windows)));
  }

  [[nodiscard]] SlaResult sla_of(const SliTally::Windows& tally, const models::SlaSpec& spec) const {
    SlaResult result;
    result.spec = spec;
    result.windows = tally.seen;
    result.breached = tally.breached;
    if (tally.seen == 0) return result;
    result.breach_probability = breach_of(tally, seconds(spec.window) / 3600);
    result.expected_credit_share = tally.credits / static_cast<double>(tally.seen);
    result.verdict = verdict_of(result.breach_probability, options_.risk);
    return result;
  }

  void add_budget(std::vector<BudgetRow>& budget, std::size_t sli) const {
    const auto first = static_cast<std::ptrdiff_t>(budget.size());
    for (const auto& [fault, tally] : tallies_.tally(sli).faults) budget.push_back(row_of(sli, fault, tally));
    std::stable_sort(budget.begin() + first, budget.end(),
                     [](const BudgetRow& a, const BudgetRow& b) { return a.downtime_share > b.downtime_share; });
  }

  [[nodiscard]] BudgetRow row_of(std::size_t sli, const Fault& fault, const FaultTally& tally) const {
    const SliTally& all = tallies_.tally(sli);
    BudgetRow row;
    row.sli = sli;
    row.fault = fault_name(fault.kind);
    row.target = plan_.name(fault.target);
    row.category = models::faults::category_of(fault.kind);
    row.outages = tally.outages;
    row.outages_per_year = static_cast<double>(tally.outages) / tallies_.exposure_years();
    row.rate_per_year = rate_of_source(row, fault, tally);
    if (!tally.lengths.empty()) fill_lengths(row, tally);
    if (all.downtime_s > 0) row.downtime_share = tally.downtime_s / all.downtime_s;
    if (all.records_lost > 0) row.loss_share = tally.records_lost / all.records_lost;
    return row;
  }

  static void fill_lengths(BudgetRow& row, const FaultTally& tally) {
    const auto ended = static_cast<double>(tally.lengths.size());
    row.mean_outage_s = tally.ended_length_s / ended;
    row.p95_outage_s = quantile(tally.lengths, 0.95);
    for (const auto& [name, length] : tally.phases_s) row.phases_s[name] = length / ended;
    double longest = 0;
    for (const auto& [name, length] : tally.parameters_s) {
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
    return stated > 0 ? stated : static_cast<double>(tally.incidents) / tallies_.exposure_years();
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  const Tallies& tallies_;
  const WarmUp& warm_up_;
  double longest_seen_ = 0;
};

}  // namespace

Assessment assess_by_timeline(const models::Plan& plan, const AssessOptions& options) {
  Sampler sampler(plan, options);
  const Tallies& tallies = sampler.run();
  Assessment result = TimelineReporter(plan, options, tallies, sampler.warm_up()).report();
  result.method = Method::timeline;
  result.reached = sampler.reached;
  result.precise = sampler.precise;
  return result;
}

}  // namespace nines::experiments
