#include "experiments/estimate/incident_report.hpp"

#include <algorithm>
#include <cmath>

#include "experiments/estimate/parts.hpp"
#include "experiments/estimate/sla.hpp"
#include "models/faults/category.hpp"
#include "models/selector.hpp"
#include "sim/compound_poisson.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace measurement = models::measurement;

/// A weighted sample of outages; weights may be negative where something is subtracted.
class Lengths {
 public:
  /// Weights are rates; `sample` tells samples of all strata apart.
  explicit Lengths(std::vector<Weighted> values) : values_(std::move(values)) {
    std::stable_sort(values_.begin(), values_.end(),
                     [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
    most_.reserve(values_.size());
    for (const Weighted& entry : values_) {
      total_ += entry.weight;
      most_.push_back(most_.empty() ? total_ : std::max(most_.back(), total_));
    }
  }
  [[nodiscard]] double total() const { return total_; }
  /// The first value up to which at least this share is.
  [[nodiscard]] std::optional<double> quantile(double q) const {
    if (total_ <= 0) return std::nullopt;
    const auto found = std::lower_bound(most_.begin(), most_.end(), q * total_);
    return found == most_.end() ? values_.back().value : values_[static_cast<std::size_t>(found - most_.begin())].value;
  }
  /// Woodruff's interval: where the distribution function, within its own interval at the quantile, passes q. None of
  /// so few outages that an end would be beyond them.
  [[nodiscard]] std::optional<sim::Interval> interval(double q) {
    const auto at = quantile(q);
    if (!at) return std::nullopt;
    number_samples();
    std::vector<double> effects(samples_);  // of each sample on (share below) - q
    for (std::size_t i = 0; i < values_.size(); ++i)
      effects[numbers_[i]] += values_[i].weight * ((values_[i].value <= *at ? 1.0 : 0.0) - q);
    double variance = 0;
    for (const double effect : effects) variance += effect * effect / (total_ * total_);
    const double step = sim::normal_quantile(sim::two_sided) * std::sqrt(variance);
    const double low = q - step;
    const double high = q + step;
    if (low <= 0 || high >= 1) return std::nullopt;
    return sim::Interval{*quantile(low), *quantile(high)};
  }

 private:
  /// By the order of their names, so that sums are in an order that does not depend on lengths.
  void number_samples() {
    if (!numbers_.empty() || values_.empty()) return;
    std::vector<std::uint64_t> names;
    for (const Weighted& entry : values_) names.push_back(entry.sample);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    samples_ = names.size();
    for (const Weighted& entry : values_) {
      const auto found = std::lower_bound(names.begin(), names.end(), entry.sample);
      numbers_.push_back(static_cast<std::size_t>(found - names.begin()));
    }
  }

  std::vector<Weighted> values_;  ///< ascending
  std::vector<double> most_;      ///< the greatest sum of weights up to each
  double total_ = 0;
  std::vector<std::size_t> numbers_;  ///< of the sample of each
  std::size_t samples_ = 0;
};

/// The quantile of a weighted sample; weights may be negative where something is subtracted.
std::optional<double> quantile(std::vector<Weighted> sample, double q) {
  return Lengths(std::move(sample)).quantile(q);
}

/// Where a curve of recovery times is known: dense enough to be drawn, denser where few outages are.
constexpr double curve_shares[] = {0.01,  0.02, 0.05, 0.1,  0.15, 0.2,   0.25,  0.3,  0.35, 0.4,
                                   0.45,  0.5,  0.55, 0.6,  0.65, 0.7,   0.75,  0.8,  0.85, 0.9,
                                   0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999};

/// Where the downtime of a month is told: none at all, and round lengths that people argue about.
constexpr double month_minutes[] = {0, 0.1, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1440};

/// Numbers samples of all strata.
std::uint64_t sample_of(std::size_t stratum, std::uint64_t sample) {
  return static_cast<std::uint64_t>(stratum) << sample_bits | sample;
}

/// Rate per hour of calendar time of one sample of a stratum with weight 1.
double scale_of(const IncidentEstimator& sample, std::size_t stratum) {
  return sample.rate(stratum) / (1 + sample.incident_load()) / static_cast<double>(sample.tally(stratum).samples);
}

std::vector<DowntimeSample> downtimes_of(const IncidentEstimator& sample, std::size_t sli) {
  const double up = 1 - sample.value(sli, Figure::downtime_h);
  const double cycle = 1 + sample.incident_load();
  std::vector<DowntimeSample> strata;
  for (std::size_t i = 0; i < sample.strata().size(); ++i) {
    const StratumTally& tally = sample.tally(i);
    strata.push_back(
        {tally.samples, sample.rate(i) / cycle / up, sample.usual_weight(i, sli), tally.slis[sli].contributions});
  }
  return strata;
}

/// What all strata say of one SLI, in rates per hour.
struct SliTotals {
  std::map<Fault, FaultSums> faults;
  std::vector<Weighted> loss_seconds;
  std::vector<Weighted> loss_records;
  double downtime_s = 0;
  double records_lost = 0;
};

class IncidentReporter {
 public:
  IncidentReporter(const models::Plan& plan, const IncidentEstimator& sample, double risk)
      : plan_(plan), sample_(sample), risk_(risk), cycle_(1 + sample.incident_load()) {
    for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) totals_.push_back(totals_of(sli));
  }

  Assessment report() const {
    Assessment result;
    result.method = Method::incidents;
    for (std::size_t sli = 0; sli < plan_.slis.size(); ++sli) {
      result.slis.push_back(sli_result(sli));
      add_budget(result.budget, sli);
    }
    double worked = 0;
    double rented = sample_.fault_classes().resting()->rented_usd_per_h(plan_) / cycle_;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      const StratumTally& tally = sample_.tally(i);
      worked += sample_.rate(i) * tally.mean(tally.worked_h) / cycle_;
      rented += sample_.rate(i) * tally.mean(tally.rented_usd) / cycle_;
      result.censored_per_year += sample_.rate(i) * tally.mean(tally.censored_weight) / cycle_ * sim::hours_per_year;
    }
    result.operator_hours_per_month = worked * sim::hours_per_year / sim::months_per_year;
    result.bill = models::economics::monthly_bill(plan_, result.operator_hours_per_month,
                                                  rented * sim::hours_per_year / sim::months_per_year);
    result.failovers_per_year = sim::scaled(sample_.of_design(&StratumTally::failovers), sim::hours_per_year);
    for (std::size_t rule = 0; rule < plan_.alerts.rules.size(); ++rule) result.alerts.push_back(alert_result(rule));
    result.redelivered_per_year = sim::scaled(sample_.of_design(&StratumTally::redelivered), sim::hours_per_year);
    result.incidents_per_year = sample_.fault_classes().rate_per_hour() / cycle_ * sim::hours_per_year;
    result.mean_incident_s = sample_.incident_load() / sample_.fault_classes().rate_per_hour() * sim::seconds_per_hour;
    return result;
  }

 private:
  [[nodiscard]] AlertResult alert_result(std::size_t rule) const {
    AlertResult result;
    result.name = plan_.topology.monitoring->rules[rule].name;
    const sim::Estimate told =
        sample_.of_design([rule](const StratumTally& tally) -> const FigureSums& { return tally.alerts[rule].told; });
    const sim::Estimate helped =
        sample_.of_design([rule](const StratumTally& tally) -> const FigureSums& { return tally.alerts[rule].helped; });
    double after_s = 0;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i)
      after_s += scale(i) * sample_.tally(i).alerts[rule].after_s;
    if (told.value) result.mean_after_s = after_s / *told.value;
    result.told_per_year = sim::scaled(told, sim::hours_per_year);
    result.helped_per_year = sim::scaled(helped, sim::hours_per_year);
    return result;
  }

  [[nodiscard]] std::vector<PartShare> parts_of(std::size_t sli) const {
    const std::size_t first = first_part(plan_, sli);
    std::vector<PartShare> shares;
    for (const std::string& part : part_names(plan_, sli)) {
      const std::size_t at = first + shares.size();
      shares.push_back(
          {part, sample_.of_design([at](const StratumTally& tally) -> const FigureSums& { return tally.parts[at]; })});
    }
    return shares;
  }

  [[nodiscard]] double scale(std::size_t stratum) const {
    return sample_.rate(stratum) / cycle_ / static_cast<double>(sample_.tally(stratum).samples);
  }

  /// Sums of all strata, each weighted by its rate.
  [[nodiscard]] SliTotals totals_of(std::size_t sli) const {
    SliTotals totals;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      const double factor = scale(i);
      for (const auto& [fault, sums] : sample_.tally(i).slis[sli].faults) {
        add(totals.faults[fault], sums, factor, i);
        totals.downtime_s += factor * sums.downtime_s;
        totals.records_lost += factor * sums.records_lost;
      }
      for (const Weighted& loss : sample_.tally(i).slis[sli].loss_seconds) {
        totals.loss_seconds.push_back({loss.value, factor * loss.weight, sample_of(i, loss.sample)});
      }
      for (const Weighted& loss : sample_.tally(i).slis[sli].loss_records) {
        totals.loss_records.push_back({loss.value, factor * loss.weight, sample_of(i, loss.sample)});
      }
    }
    return totals;
  }

  static void add(FaultSums& into, const FaultSums& sums, double factor, std::size_t stratum) {
    into.outages += factor * sums.outages;
    into.censored += factor * sums.censored;
    into.downtime_s += factor * sums.downtime_s;
    into.with_others_s += factor * sums.with_others_s;
    into.ended_s += factor * sums.ended_s;
    into.records_lost += factor * sums.records_lost;
    for (const Weighted& length : sums.lengths_s) {
      into.lengths_s.push_back({length.value, factor * length.weight, sample_of(stratum, length.sample)});
    }
    for (const Weighted& loss : sums.losses) {
      into.losses.push_back({loss.value, factor * loss.weight, sample_of(stratum, loss.sample)});
    }
    for (const auto& [name, sum] : sums.phases_s) into.phases_s[name] += factor * sum;
    for (const auto& [name, sum] : sums.parameters_s) into.parameters_s[name] += factor * sum;
  }

  [[nodiscard]] SliResult sli_result(std::size_t sli) const {
    const SliTotals& totals = totals_[sli];
    SliResult result;
    result.index = static_cast<measurement::SliIndex>(sli);
    result.unavailability = seen_or_bounded(sli, Figure::downtime_h);
    result.request_unavailability = seen_or_bounded(sli, Figure::partition_h);
    result.outages_per_year = sim::scaled(sample_.estimate(sli, Figure::outages), sim::hours_per_year);
    if (!result.outages_per_year.value)
      result.outages_per_year.upper95 = sample_.unseen_rate(sli) * sim::hours_per_year;
    result.mttf_h = sample_.time_to_outage_h(sli);
    result.mtbf_h = sim::inverted(result.outages_per_year, sim::hours_per_year);
    result.alarms = sample_.alarms(sli);
    for (const auto& [fault, sums] : totals.faults) {
      const double part = sums.downtime_s / sim::seconds_per_hour;
      const models::Category category = models::faults::category_of(fault.kind);
      if (category != models::Category::planned) result.without_planned += part;
      if (category == models::Category::component || category == models::Category::planned) {
        result.without_people += part;
      }
    }
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      for (const auto& [fault, sums] : sample_.tally(i).slis[sli].faults) {
        result.outages += sums.lengths_s.size();
        for (const Weighted& length : sums.lengths_s) result.longest_s = std::max(result.longest_s, length.value);
      }
    }
    result.recovery = recovery_of(totals, result.outages);
    result.loss = loss_of(sli);
    result.parts = parts_of(sli);
    if (const auto& sla = plan_.slis[sli].sla) {
      result.sla = sla_of(sli, *sla);
      result.breach = {calendar_breach(*result.sla, sli, month_h), calendar_breach(*result.sla, sli, year_h)};
    }
    add_month(result, sli);
    return result;
  }

  [[nodiscard]] sim::Estimate seen_or_bounded(std::size_t sli, Figure figure) const {
    sim::Estimate found = sample_.estimate(sli, figure);
    if (!found.value) found.upper95 = sample_.unseen_downtime(sli);
    return sim::at_most_one(found);
  }

  static RecoveryTime recovery_of(const SliTotals& totals, std::uint64_t seen) {
    RecoveryTime result;
    result.seen = seen;
    std::vector<Weighted> ended_ones;
    double outages = 0;
    double censored = 0;
    double sum = 0;
    for (const auto& [fault, sums] : totals.faults) {
      outages += sums.outages;
      censored += sums.censored;
      sum += sums.ended_s;
      ended_ones.insert(ended_ones.end(), sums.lengths_s.begin(), sums.lengths_s.end());
    }
    Lengths lengths(std::move(ended_ones));
    double ended = 0;
    for (const auto& [fault, sums] : totals.faults)
      for (const Weighted& entry : sums.lengths_s) ended += entry.weight;
    if (outages > 0) result.censored_share = std::clamp(censored / outages, 0.0, 1.0);
    if (ended <= 0) return result;
    result.mean = sum / ended;
    result.p50 = lengths.quantile(0.5);
    result.p95 = lengths.quantile(0.95);
    result.p99 = lengths.quantile(0.99);
    result.p50_ci95 = lengths.interval(0.5);
    result.p95_ci95 = lengths.interval(0.95);
    result.p99_ci95 = lengths.interval(0.99);
    for (const double share : curve_shares)
      result.curve.push_back({share, *lengths.quantile(share), lengths.interval(share)});
    return result;
  }

  [[nodiscard]] DataLoss loss_of(std::size_t sli) const {
    DataLoss loss{sim::scaled(sample_.estimate(sli, Figure::losses), sim::hours_per_year),
                  sim::scaled(sample_.estimate(sli, Figure::records_lost), sim::hours_per_year),
                  quantile(totals_[sli].loss_seconds, 0.95),
                  quantile(totals_[sli].loss_seconds, 0.5),
                  quantile(totals_[sli].loss_records, 0.5),
                  quantile(totals_[sli].loss_records, 0.95)};
    if (!loss.events_per_year.value) loss.events_per_year.upper95 = sample_.unseen_rate(sli) * sim::hours_per_year;
    return loss;
  }

  [[nodiscard]] SlaResult sla_of(std::size_t sli, const models::SlaSpec& spec) const {
    SlaResult result = evaluate(spec, downtimes_of(sample_, sli), risk_);
    if (!result.breach_probability.value && !result.breach_probability.upper95) {
      const double window = spec.window.to_seconds() / sim::seconds_per_hour;
      result.breach_probability.upper95 = -sim::expm1(-sample_.unseen_rate(sli) * window);
      result.verdict = verdict_of(result.breach_probability, risk_);
    }
    return result;
  }

  [[nodiscard]] sim::Estimate calendar_breach(const SlaResult& sla, std::size_t sli, double window_h) const {
    const sim::Duration window = sim::Duration::from_seconds(window_h * sim::seconds_per_hour);
    if (window == sla.spec.window) return sla.breach_probability;
    return breach_of(sample_, sli, sla.spec.target, window, sim::DowntimeTail::usual_cells);
  }

  void add_month(SliResult& result, std::size_t sli) const {
    // To be read, not to be judged by: the error of the grid is a ten-thousandth of the chance.
    constexpr std::size_t cells = 512;
    constexpr double minutes_of_month = month_h * 60;
    const sim::Duration window = sim::Duration::from_seconds(month_h * sim::seconds_per_hour);
    for (const double minutes : month_minutes)
      result.month.push_back({minutes, breach_of(sample_, sli, 1 - minutes / minutes_of_month, window, cells)});
    if (!result.sla) return;
    const double allowed = (1 - result.sla->spec.target) * minutes_of_month;
    const auto place = std::lower_bound(result.month.begin(), result.month.end(), allowed,
                                        [](const DowntimePoint& point, double at) { return point.minutes < at; });
    if (place == result.month.end() || place->minutes != allowed) {
      result.month.insert(place, {allowed, result.breach.month, true});
    } else {
      *place = {allowed, result.breach.month, true};
    }
  }

  // ---- budget ----

  void add_budget(std::vector<BudgetRow>& budget, std::size_t sli) const {
    const auto first = static_cast<std::ptrdiff_t>(budget.size());
    for (const auto& [fault, sums] : totals_[sli].faults) budget.push_back(row_of(sli, fault, sums));
    std::stable_sort(budget.begin() + first, budget.end(),
                     [](const BudgetRow& a, const BudgetRow& b) { return a.downtime_share > b.downtime_share; });
  }

  [[nodiscard]] BudgetRow row_of(std::size_t sli, const Fault& fault, const FaultSums& sums) const {
    const SliTotals& all = totals_[sli];
    BudgetRow row;
    row.sli = sli;
    row.fault = fault_name(fault.kind);
    row.target = plan_.name(fault.target);
    row.category = models::faults::category_of(fault.kind);
    row.outages = sums.lengths_s.size();
    // What further faults take away may by chance be more than there is.
    row.outages_per_year = std::max(0.0, sums.outages * sim::hours_per_year);
    row.rate_per_year = stated_rate(row, fault);
    double ended = 0;
    for (const Weighted& length : sums.lengths_s) ended += length.weight;
    if (ended > 0 && sums.ended_s > 0) fill_lengths(row, sums, ended);
    if (all.downtime_s > 0) row.downtime_share = std::max(0.0, sums.downtime_s / all.downtime_s);
    if (sums.downtime_s > 0) row.with_others_share = std::clamp(sums.with_others_s / sums.downtime_s, 0.0, 1.0);
    if (all.records_lost > 0) row.loss_share = sums.records_lost / all.records_lost;
    if (sums.outages > 0) row.never_ended_share = std::clamp(sums.censored / sums.outages, 0.0, 1.0);
    for (const Weighted& loss : sums.losses) row.losses_per_year += loss.weight * sim::hours_per_year;
    row.losses_per_year = std::max(0.0, row.losses_per_year);
    if (row.losses_per_year > 0) row.records_p95 = quantile(sums.losses, 0.95);
    return row;
  }

  static void fill_lengths(BudgetRow& row, const FaultSums& sums, double ended) {
    row.mean_outage_s = sums.ended_s / ended;
    row.p95_outage_s = quantile(sums.lengths_s, 0.95);
    for (const auto& [name, length] : sums.phases_s) {
      if (length > 0) row.phases_s[std::string(name)] = length / ended;
    }
    double longest = 0;
    for (const auto& [name, length] : sums.parameters_s) {
      if (length <= longest) continue;
      longest = length;
      row.dominant_parameter = name;
    }
  }

  /// The rate that the topology states; of what no clock starts, its outages.
  [[nodiscard]] double stated_rate(const BudgetRow& row, const Fault& fault) const {
    double stated = 0;
    for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
      const models::FaultSource& source = plan_.faults[i];
      if (source.target != fault.target || models::verb_info(source.verb).name != row.fault) continue;
      stated += source.rate.per_year() * sample_.fault_classes().exposure(i);
    }
    return stated > 0 ? stated : row.outages_per_year;
  }

  const models::Plan& plan_;
  const IncidentEstimator& sample_;
  double risk_;
  double cycle_;
  std::vector<SliTotals> totals_;
};

}  // namespace

sim::Estimate breach_of(const models::Plan& plan, const IncidentEstimator& sample, std::size_t sli, std::size_t cells) {
  const models::SlaSpec& spec = *plan.slis[sli].sla;
  return breach_of(sample, sli, spec.target, spec.window, cells);
}

sim::Estimate breach_of(const IncidentEstimator& sample, std::size_t sli, double target, sim::Duration length,
                        std::size_t cells) {
  models::SlaSpec spec;
  spec.target = target;
  spec.window = length;
  sim::Estimate breach = breach_estimate(spec, downtimes_of(sample, sli), cells);
  if (!breach.value && !breach.upper95) {
    const double window = spec.window.to_seconds() / sim::seconds_per_hour;
    breach.upper95 = -sim::expm1(-sample.unseen_rate(sli) * window);
  }
  return breach;
}

std::optional<double> outage_quantile(const IncidentEstimator& sample, std::size_t sli, double q) {
  std::vector<Weighted> lengths;
  for (std::size_t i = 0; i < sample.strata().size(); ++i) {
    const double scale = scale_of(sample, i);
    for (const auto& [fault, sums] : sample.tally(i).slis[sli].faults) {
      for (const Weighted& length : sums.lengths_s) lengths.push_back({length.value, scale * length.weight, 0});
    }
  }
  return quantile(std::move(lengths), q);
}

Assessment report_incidents(const models::Plan& plan, const IncidentEstimator& sample, double risk) {
  return IncidentReporter(plan, sample, risk).report();
}

}  // namespace nines::experiments
