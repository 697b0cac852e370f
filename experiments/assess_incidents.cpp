#include <algorithm>
#include <cmath>

#include "experiments/assess.hpp"
#include "experiments/incident_estimator.hpp"
#include "experiments/sla.hpp"
#include "models/faults/category.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

namespace {

namespace measurement = models::measurement;

constexpr double hours_per_year = 8760;
constexpr double seconds_per_hour = 3600;
/// Samples of each stratum before the real ones: enough to see where the variance is.
constexpr std::uint64_t pilot_samples = 48;
/// Where it has to be learnt which further faults matter, a lesson takes at most so many samples of each stratum, and
/// all lessons together at most this share of the incidents.
constexpr std::uint64_t school_samples = 2048;
constexpr double school_share = 0.15;
constexpr std::uint64_t lessons = 3;
/// Where incidents overlap more often than this, nothing is rare and nothing is forced.
constexpr double crowded = 0.3;
/// Probability of a family's fault during the longest kind of incident above which it is no rare event.
constexpr double rare = 0.3;
/// Probability of any further fault in such an incident above which chains of them matter.
constexpr double busy = 0.05;
constexpr int deepest = 8;
/// The pilot's variance may be off: sample more than it asks for, and look again.
constexpr double margin = 1.15;
constexpr int most_rounds = 12;
/// Randomness of the pilots' samples differs from that of the real ones.
constexpr std::uint64_t pilot_randomness = 1;
/// Length that an outage nobody has ever seen is taken to have, if no other outage tells.
constexpr double unseen_outage_s = 24 * 3600;
constexpr double rule_of_three = 3;

// ---- sampling ----

class Experiment {
 public:
  Experiment(const models::Plan& plan, const AssessOptions& options)
      : plan_(plan), options_(options), families_(plan, options.forcing) {}

  [[nodiscard]] IncidentEstimator run() {
    choose_depth();
    const IncidentEstimator pilot = learn();
    IncidentEstimator real(plan_, families_, options_.target, depth, true, 0);
    if (options_.forcing == Forcing::balanced) real.learn_from(pilot);
    std::vector<std::uint64_t> samples = first_round(pilot);
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
    sampling.depth = depth;
    sampling.strata = real.strata();
    for (std::size_t i = 0; i < real.strata().size(); ++i) sampling.samples.push_back(real.books(i).samples);
    return real;
  }

  [[nodiscard]] const Families& families() const { return families_; }
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  int depth = 0;   ///< of the deepest strata
  int needed = 0;  ///< further faults without which the target SLI was not seen out
  std::optional<double> reached;
  bool precise = false;
  SamplingPlan sampling;

 private:
  [[nodiscard]] IncidentEstimator pilot_of(int deepest_stratum, bool natural, std::uint64_t samples,
                                           std::uint64_t randomness, const IncidentEstimator* teacher = nullptr) {
    IncidentEstimator pilot(plan_, families_, options_.target, deepest_stratum, natural, randomness);
    if (teacher != nullptr) pilot.learn_from(*teacher);
    pilot.extend(std::vector<std::uint64_t>(pilot.strata().size(), samples), options_.threads);
    runs_ += pilot.runs();
    events_ += pilot.events();
    return pilot;
  }

  /// Families that often strike during an incident become the background; of the others, as many further faults are
  /// forced as it takes to put the target SLI out, and one more; two more where further faults are so frequent that
  /// chains of them matter.
  void choose_depth() {
    const IncidentEstimator pilot = pilot_of(0, false, pilot_samples, pilot_randomness);
    const std::size_t count = families_.all().size();
    double longest = 0;
    for (std::size_t i = 0; i < count; ++i) longest = std::max(longest, pilot.books(i).mean(pilot.books(i).length_h.x));
    std::vector<bool> background(count);
    for (std::size_t i = 0; i < count; ++i) {
      background[i] = pilot.incident_load() > crowded || longest * families_.all()[i].rate_per_hour() > rare;
    }
    families_ = Families(plan_, options_.forcing, background);
    sampling.background = background;
    if (std::count(background.begin(), background.end(), true) == static_cast<std::ptrdiff_t>(count)) return;
    while (depth < deepest &&
           pilot_of(depth, false, pilot_samples, pilot_randomness).value(options_.target, Figure::downtime_h) <= 0) {
      ++depth;
    }
    needed = depth;
    depth += longest * families_.rate_per_hour() > busy ? 2 : 1;
  }

  /// Samples of a stratum in one lesson.
  [[nodiscard]] std::uint64_t school_size() const {
    double runs = 0;  // for one sample of every stratum
    for (int d = 0; d <= depth; ++d) runs += static_cast<double>(families_.all().size()) * (d + 1);
    const double affordable =
        school_share * static_cast<double>(options_.max_incidents) / static_cast<double>(lessons) / runs;
    return std::clamp(static_cast<std::uint64_t>(affordable), pilot_samples, school_samples);
  }

  /// The pilot that plans the first round. Where it takes further faults to put the SLI out, it first learns which.
  IncidentEstimator learn() {
    if (needed == 0) return pilot_of(depth, true, pilot_samples, pilot_randomness);
    const std::uint64_t size = school_size();
    std::optional<IncidentEstimator> school;
    school.emplace(pilot_of(depth, true, size, pilot_randomness));
    if (options_.forcing != Forcing::balanced) return *std::move(school);
    for (std::uint64_t lesson = 1; lesson < lessons; ++lesson) {
      const IncidentEstimator next = pilot_of(depth, true, size, pilot_randomness + lesson, &*school);
      school.emplace(next);
    }
    return *std::move(school);
  }

  [[nodiscard]] double wanted_variance(double value) const {
    const double error = options_.precision * value / sim::normal_quantile(0.975);
    return error * error / margin;
  }

  std::vector<std::uint64_t> first_round(const IncidentEstimator& pilot) const {
    const double seen = pilot.value(options_.target, Figure::downtime_h);
    std::uint64_t most = options_.max_incidents - std::min(options_.max_incidents, runs_);
    // A pilot that saw little says little: do not let it plan a long first round.
    constexpr std::uint64_t first_most = 200'000;
    return pilot.allocate(options_.target, seen > 0 ? wanted_variance(seen) : 0, std::min(most, first_most));
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
  Families families_;
  std::uint64_t runs_ = 0;
  std::uint64_t events_ = 0;
};

// ---- results ----

/// The quantile of a weighted sample; weights may be negative where something is subtracted.
std::optional<double> quantile(std::vector<Weighted> sample, double q) {
  std::stable_sort(sample.begin(), sample.end(),
                   [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  double total = 0;
  for (const Weighted& entry : sample) total += entry.weight;
  if (total <= 0) return std::nullopt;
  double sum = 0;
  for (const Weighted& entry : sample) {
    sum += entry.weight;
    if (sum >= q * total) return entry.value;
  }
  return sample.back().value;
}

/// What all strata say of one SLI, in rates per hour.
struct SliTotals {
  std::map<Fault, FaultSums> faults;
  std::vector<Weighted> loss_seconds;
  double downtime_s = 0;
  double records_lost = 0;
};

class Reporter {
 public:
  Reporter(const models::Plan& plan, const AssessOptions& options, const Families& families,
           const IncidentEstimator& sample)
      : plan_(plan), options_(options), families_(families), sample_(sample), cycle_(1 + sample.incident_load()) {
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
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      const StratumBooks& books = sample_.books(i);
      worked += sample_.rate(i) * books.mean(books.worked_h) / cycle_;
      if (sample_.strata()[i].depth == 0) {
        result.censored_per_year +=
            sample_.rate(i) * books.mean(static_cast<double>(books.censored)) / cycle_ * hours_per_year;
      }
    }
    constexpr double months_per_year = 12;
    result.operator_hours_per_month = worked * hours_per_year / months_per_year;
    result.bill = models::economics::monthly_bill(plan_, result.operator_hours_per_month);
    result.incidents_per_year = families_.rate_per_hour() / cycle_ * hours_per_year;
    result.mean_incident_s = sample_.incident_load() / families_.rate_per_hour() * seconds_per_hour;
    return result;
  }

 private:
  [[nodiscard]] double scale(std::size_t stratum) const {
    return sample_.rate(stratum) / cycle_ / static_cast<double>(sample_.books(stratum).samples);
  }

  /// Sums of all strata, each weighted by its rate.
  [[nodiscard]] SliTotals totals_of(std::size_t sli) const {
    SliTotals totals;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      const double factor = scale(i);
      for (const auto& [fault, sums] : sample_.books(i).slis[sli].faults) {
        add(totals.faults[fault], sums, factor);
        totals.downtime_s += factor * sums.downtime_s;
        totals.records_lost += factor * sums.records_lost;
      }
      for (const Weighted& loss : sample_.books(i).slis[sli].loss_seconds) {
        totals.loss_seconds.push_back({loss.value, factor * loss.weight});
      }
    }
    return totals;
  }

  static void add(FaultSums& into, const FaultSums& sums, double factor) {
    into.outages += factor * sums.outages;
    into.censored += factor * sums.censored;
    into.downtime_s += factor * sums.downtime_s;
    into.with_others_s += factor * sums.with_others_s;
    into.ended_s += factor * sums.ended_s;
    into.records_lost += factor * sums.records_lost;
    for (const Weighted& length : sums.lengths_s) into.lengths_s.push_back({length.value, factor * length.weight});
    for (const auto& [name, sum] : sums.phases_s) into.phases_s[name] += factor * sum;
    for (const auto& [name, sum] : sums.parameters_s) into.parameters_s[name] += factor * sum;
  }

  [[nodiscard]] SliResult sli_result(std::size_t sli) const {
    const SliTotals& totals = totals_[sli];
    SliResult result;
    result.index = static_cast<measurement::SliIndex>(sli);
    result.unavailability = seen_or_bounded(sli, Figure::downtime_h);
    result.request_unavailability = seen_or_bounded(sli, Figure::partition_h);
    result.outages_per_year = sim::scaled(sample_.estimate(sli, Figure::outages), hours_per_year);
    if (!result.outages_per_year.value) result.outages_per_year.upper95 = unseen_rate() * hours_per_year;
    result.mttf_h = mttf_of(sli);
    result.alarms = sample_.alarms(sli);
    for (const auto& [fault, sums] : totals.faults) {
      const double part = sums.downtime_s / seconds_per_hour;
      const models::Category category = models::faults::category_of(fault.kind);
      if (category != models::Category::planned) result.without_planned += part;
      if (category == models::Category::component || category == models::Category::planned) {
        result.without_people += part;
      }
    }
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      for (const auto& [fault, sums] : sample_.books(i).slis[sli].faults) {
        result.outages += sums.lengths_s.size();
        for (const Weighted& length : sums.lengths_s) result.longest_s = std::max(result.longest_s, length.value);
      }
    }
    result.recovery = recovery_of(totals, result.outages);
    result.loss = loss_of(sli);
    if (const auto& sla = plan_.slis[sli].sla) result.sla = sla_of(sli, *sla);
    return result;
  }

  /// Upper bound of the rate of what no sample showed: the family of which a sample stands for most.
  [[nodiscard]] double unseen_rate() const {
    double most = 0;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      if (sample_.strata()[i].depth == 0) most = std::max(most, scale(i));
    }
    return rule_of_three * most;
  }

  [[nodiscard]] sim::Estimate seen_or_bounded(std::size_t sli, Figure figure) const {
    sim::Estimate found = sample_.estimate(sli, figure);
    if (!found.value) found.upper95 = unseen_rate() * unseen_outage_s / seconds_per_hour;
    return found;
  }

  /// Mean time to the first outage of a cycle that begins in health: E[min(cycle, first outage)] / P(outage).
  [[nodiscard]] sim::Estimate mttf_of(std::size_t sli) const {
    sim::Estimate result;
    const sim::Estimate out = sample_.estimate(sli, Figure::out);
    const double until = 1 / cycle_ + sample_.value(sli, Figure::until_out_h);
    if (out.value) {
      result.value = until / *out.value;
      if (out.ci95) result.ci95 = sim::Interval{until / out.ci95->upper, until / out.ci95->lower};
    } else {
      result.lower95 = until / unseen_rate();
    }
    return result;
  }

  static RecoveryTime recovery_of(const SliTotals& totals, std::uint64_t seen) {
    RecoveryTime result;
    result.seen = seen;
    std::vector<Weighted> lengths;
    double ended = 0;
    double outages = 0;
    double censored = 0;
    double sum = 0;
    for (const auto& [fault, sums] : totals.faults) {
      outages += sums.outages;
      censored += sums.censored;
      sum += sums.ended_s;
      lengths.insert(lengths.end(), sums.lengths_s.begin(), sums.lengths_s.end());
    }
    for (const Weighted& length : lengths) ended += length.weight;
    if (outages > 0) result.censored_share = std::clamp(censored / outages, 0.0, 1.0);
    if (ended <= 0) return result;
    result.mean = sum / ended;
    result.p50 = quantile(lengths, 0.5);
    result.p95 = quantile(lengths, 0.95);
    result.p99 = quantile(lengths, 0.99);
    return result;
  }

  [[nodiscard]] DataLoss loss_of(std::size_t sli) const {
    DataLoss loss{sim::scaled(sample_.estimate(sli, Figure::losses), hours_per_year),
                  sim::scaled(sample_.estimate(sli, Figure::records_lost), hours_per_year),
                  quantile(totals_[sli].loss_seconds, 0.95)};
    if (!loss.events_per_year.value) loss.events_per_year.upper95 = unseen_rate() * hours_per_year;
    return loss;
  }

  [[nodiscard]] SlaResult sla_of(std::size_t sli, const models::SlaSpec& spec) const {
    const double up = 1 - sample_.value(sli, Figure::downtime_h);
    std::vector<DowntimeSample> strata;
    for (std::size_t i = 0; i < sample_.strata().size(); ++i) {
      const StratumBooks& books = sample_.books(i);
      strata.push_back({books.samples, sample_.rate(i) / cycle_ / up, books.slis[sli].contributions});
    }
    SlaResult result = judge(spec, strata, options_.risk);
    if (!result.breach_probability.value) {
      const double window = spec.window.to_seconds() / seconds_per_hour;
      result.breach_probability.upper95 = -sim::expm1(-unseen_rate() * window);
      result.verdict = verdict_of(result.breach_probability, options_.risk);
    }
    return result;
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
    row.outages_per_year = sums.outages * hours_per_year;
    row.rate_per_year = stated_rate(row, fault);
    double ended = 0;
    for (const Weighted& length : sums.lengths_s) ended += length.weight;
    if (ended > 0) fill_lengths(row, sums, ended);
    if (all.downtime_s > 0) row.downtime_share = sums.downtime_s / all.downtime_s;
    if (sums.downtime_s > 0) row.with_others_share = std::clamp(sums.with_others_s / sums.downtime_s, 0.0, 1.0);
    if (all.records_lost > 0) row.loss_share = sums.records_lost / all.records_lost;
    return row;
  }

  static void fill_lengths(BudgetRow& row, const FaultSums& sums, double ended) {
    row.mean_outage_s = sums.ended_s / ended;
    row.p95_outage_s = quantile(sums.lengths_s, 0.95);
    for (const auto& [name, length] : sums.phases_s) row.phases_s[std::string(name)] = length / ended;
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
    for (const models::FaultSource& source : plan_.faults) {
      if (source.target == fault.target && models::verb_info(source.verb).name == row.fault) {
        stated += source.rate.per_year();
      }
    }
    return stated > 0 ? stated : row.outages_per_year;
  }

  const models::Plan& plan_;
  const AssessOptions& options_;
  const Families& families_;
  const IncidentEstimator& sample_;
  double cycle_;
  std::vector<SliTotals> totals_;
};

}  // namespace

Assessment assess_by_incidents(const models::Plan& plan, const AssessOptions& options) {
  if (plan.faults.empty()) throw std::invalid_argument("nothing can fail in this topology: every fault rate is 0");
  Experiment experiment(plan, options);
  const IncidentEstimator sample = experiment.run();
  Assessment result = Reporter(plan, options, experiment.families(), sample).report();
  result.depth = experiment.depth;
  result.incidents = experiment.runs();
  result.events = experiment.events();
  result.reached = experiment.reached;
  result.precise = experiment.precise;
  result.sampling = experiment.sampling;
  return result;
}

}  // namespace nines::experiments
