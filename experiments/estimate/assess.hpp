// What is asked of an assessment and what it answers, whatever the method.
//
// Invariants
//  1. The result depends on plan, seed and options only, not on threads: samples are merged in their order, and the
//     decision to stop looks at fixed numbers of them.
//  2. What was not seen has no value but an upper bound (see sim/statistics.hpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/strata.hpp"
#include "models/economics/cost.hpp"
#include "models/plan.hpp"
#include "models/scenario.hpp"
#include "sim/statistics.hpp"

namespace nines::models::components {
struct ExactOptions;
}

namespace nines::experiments {

/// Causes that are not modelled are likelier than what comes less often, or with a smaller chance: nobody should read
/// its digits.
inline constexpr double beyond_belief_per_year = 1e-6;
inline constexpr double beyond_belief = 1e-9;

enum class Method {
  automatic,  ///< exact where it can be and is cheap, with a short run of incidents as cross-check; else incidents
  incidents,  ///< from an initiating fault to health again, further faults forced into it (strata.hpp)
  timeline,   ///< simulated years with every fault clock running, independent of the sampling
  exact,      ///< black boxes with memoryless laws, solved
};

struct AssessOptions {
  Method method = Method::incidents;
  double precision = 0.05;  ///< wanted half-width of the target SLI's unavailability, relative
  std::size_t target = 0;   ///< index of that SLI
  Forcing forcing = Forcing::balanced;
  std::uint64_t max_incidents = 2'000'000;  ///< played at most
  double years = 1;                         ///< simulated in one replication
  double max_years = 2000;                  ///< simulated at most, all replications together
  std::uint64_t check_incidents = 20'000;   ///< auto: played at most to cross-check what was solved
  double mission_h = 0;       ///< exact: also the probability of an outage within these hours of health; 0: not asked
  bool mission_only = false;  ///< and nothing of the long run, which a system without repair does not have
  std::size_t worst = 0;      ///< incidents: so many of the longest, and of those that lose most, are named
  double risk = 0.05;         ///< an SLA is met if at most this share of windows breaches it
  std::size_t threads = 1;
  /// Told after each stage: replications or incidents done, relative half-width reached (absent before it is known).
  std::function<void(std::size_t, std::optional<double>)> progress;
};

/// A point of a distribution: nine in ten are below the value of share 0.9.
struct QuantilePoint {
  double share = 0;
  double value = 0;
  std::optional<sim::Interval> ci95;  ///< absent where the sample is too small
};

struct RecoveryTime {
  std::optional<double> mean;
  std::optional<double> p50;
  std::optional<double> p95;
  std::optional<double> p99;
  std::optional<sim::Interval> p50_ci95, p95_ci95, p99_ci95;  ///< absent where the sample is too small
  std::vector<QuantilePoint> curve;  ///< of outages that ended, seconds; empty where the method does not keep them
  double censored_share = 0;         ///< outages that nothing had ended as long as they were followed
  std::uint64_t seen = 0;
};

struct DataLoss {
  sim::Estimate events_per_year;  ///< incidents that lost acknowledged records
  sim::Estimate records_per_year;
  std::optional<double> seconds_p95;  ///< of production lost in an incident that loses some
  // The same incidents; absent where the method does not tell them apart.
  std::optional<double> seconds_p50;
  std::optional<double> records_p50;
  std::optional<double> records_p95;
};

enum class Verdict { meets, breaches, open };

struct SlaResult {
  models::SlaSpec spec;
  std::optional<std::uint64_t> windows;  ///< simulated ones; absent where the law of the downtime was computed
  std::uint64_t breached = 0;
  sim::Estimate breach_probability;
  std::optional<double> breach_from_whole;  ///< exact: of a window that begins with every unit whole
  double expected_credit_share = 0;         ///< of a window's charge
  Verdict verdict = Verdict::open;
};

/// Chance that a stretch of time at any moment of the long run misses the target, whatever window the SLA has.
struct CalendarBreach {
  sim::Estimate month;  ///< of 730 h
  sim::Estimate year;   ///< of 8,760 h as one window
};
inline constexpr double month_h = 730;
inline constexpr double year_h = 8760;

/// How likely a month is down for longer than so many minutes.
struct DowntimePoint {
  double minutes = 0;
  sim::Estimate exceeded;
  bool allowed = false;  ///< it is what the SLI's target allows: `exceeded` is the chance of a breach of a month
};

/// A part of what a composite SLI requires: how much of its downtime it answers for.
struct PartShare {
  std::string part;              ///< a component, or "service/sli"
  sim::Estimate unavailability;  ///< part of the SLI's; those of all parts add up to it
};

/// What an alert did.
struct AlertResult {
  std::string name;
  sim::Estimate told_per_year;         ///< notifications
  sim::Estimate helped_per_year;       ///< those by which somebody learnt of a repair that nobody knew of
  std::optional<double> mean_after_s;  ///< from when its condition held to the notification
};

struct SliResult {
  models::measurement::SliIndex index = 0;
  sim::Estimate unavailability;
  double without_planned = 0;  ///< unavailability without outages that planned work started
  double without_people = 0;   ///< without those that changes and people started
  sim::Estimate mttf_h;        ///< mean time to the first outage from every unit whole: first failure from all well
  sim::Estimate mtbf_h;        ///< mean time between the starts of successive outages: 1 / their frequency
  std::optional<double> mission_failure;  ///< probability of an outage within the mission
  std::vector<std::string> alarms;        ///< why its interval is not to be trusted
  std::vector<std::string> remarks;       ///< what the method cannot give, or has from elsewhere: sentences
  sim::Estimate request_unavailability;
  sim::Estimate outages_per_year;
  std::uint64_t outages = 0;
  double longest_s = 0;  ///< longest outage seen, 0 if none
  RecoveryTime recovery;
  DataLoss loss;
  std::optional<SlaResult> sla;
  CalendarBreach breach;         ///< of its SLA's target; empty without one
  std::vector<PartShare> parts;  ///< of a composite; empty where the method does not give it
  /// Of any 730 h of the long run, by minutes; empty where the method does not give it.
  std::vector<DowntimePoint> month;
};

/// A row of the downtime budget: what one fault of one thing did to one SLI.
struct BudgetRow {
  std::size_t sli = 0;  ///< index into Assessment::slis
  std::string fault;
  std::string target;
  models::Category category = models::Category::component;
  double rate_per_year = 0;
  std::uint64_t outages = 0;  ///< seen
  double outages_per_year = 0;
  double with_others_share = 0;  ///< part of its downtime that took a further fault
  std::optional<double> mean_outage_s;
  std::optional<double> p95_outage_s;
  std::map<std::string, double> phases_s;  ///< mean time of an outage by phase; adds up to the mean
  std::string dominant_parameter;
  double downtime_share = 0;
  double loss_share = 0;
  double never_ended_share = 0;       ///< of its outages
  double losses_per_year = 0;         ///< incidents in which it lost acknowledged records
  std::optional<double> records_p95;  ///< lost in such an incident
};

/// One incident that can be played again by itself: nothing about it is left to chance.
struct IncidentRecipe {
  std::uint64_t run = 0;                  ///< name of its randomness: every phase, duration and choice
  std::vector<std::uint32_t> background;  ///< sources whose clocks run from the beginning
  std::vector<Strike> strikes;
};

/// An incident of the sample that was among the longest, or lost most.
struct WorstIncident {
  enum class By : std::uint8_t { downtime, loss };
  By by = By::downtime;
  IncidentRecipe recipe;
  double downtime_s = 0;  ///< of the target SLI; of a loss of the SLI that lost most
  double records_lost = 0;
  std::size_t sli = 0;         ///< whose figures these are
  double length_s = 0;         ///< until all was well again
  bool never_ended = false;    ///< it was cut off
  double per_year = 0;         ///< how often such a one comes: what this sample stands for
  double as_bad_per_year = 0;  ///< how often one comes that is as long, or loses as much, or more
};

/// What a short run by incidents says of what was solved.
struct CrossCheck {
  struct Sli {
    sim::Estimate estimate;  ///< of the unavailability, with its 95 % interval
    sim::Interval interval;  ///< of `confidence`
    bool holds_exact = false;
  };
  /// Of `interval`: so wide that it seldom misses by chance.
  static constexpr double confidence = 0.999;
  std::uint64_t incidents = 0;
  std::vector<Sli> slis;  ///< as Assessment::slis
};

/// Laws that phases stand for, of one SLI, and how far that may move the figures.
struct FittedLaws {
  std::vector<std::string> laws;     ///< "component 'a': its repair (constant, 60 s)"
  double unavailability_within = 0;  ///< relative: how far several fits lie apart
};

/// How the incidents of an assessment were sampled: enough to sample again in the same way with other parameters.
struct SamplingPlan {
  std::vector<bool> background;  ///< by fault class
  int depth = 0;
  std::vector<Stratum> strata;         ///< with what was learnt about further faults
  std::vector<std::uint64_t> samples;  ///< of each
  // What a sample of each stratum comes to, mean: to go by where only its rate changes.
  std::vector<double> length_h;
  std::vector<double> events;
  std::vector<std::vector<double>> downtime_h;  ///< by stratum and SLI
};

struct Assessment {
  std::vector<SliResult> slis;
  std::vector<BudgetRow> budget;  ///< by SLI, then by falling share of the downtime
  models::economics::Bill bill;
  std::vector<AlertResult> alerts;  ///< by rule
  double operator_hours_per_month = 0;
  sim::Estimate failovers_per_year;    ///< servers that their service takes for dead; none where no protocol does
  sim::Estimate redelivered_per_year;  ///< records that are sent to a consumer a second time
  Method method = Method::incidents;
  std::string method_reason;       ///< why this method, if the command chose it
  std::string budget_from;         ///< what `budget` is of, if not of `method`
  std::vector<FittedLaws> fitted;  ///< of the exact method, as `slis`
  std::optional<CrossCheck> cross_check;
  std::size_t replications = 0;   ///< of the timeline method
  double years = 0;               ///< simulated in all, of the timeline method
  double warm_up_h = 0;           ///< played before each of its replications and left out
  int depth = 0;                  ///< most further faults forced into an incident
  double incidents_per_year = 0;  ///< at which the modelled faults come
  double mean_incident_s = 0;
  double censored_per_year = 0;  ///< incidents that nothing ends
  std::uint64_t incidents = 0;
  std::uint64_t events = 0;
  std::optional<double> reached;     ///< relative half-width of the target SLI's unavailability
  bool precise = false;              ///< it is what was asked for
  SamplingPlan sampling;             ///< of the incident method
  std::vector<WorstIncident> worst;  ///< by kind, worst first
};

/// By the method that the options name; of `automatic` the result says which. REQUIRES: precision, years, risk > 0;
/// max_years >= years; threads >= 1. Throws std::invalid_argument, with what to do, for a topology that the method
/// cannot treat.
Assessment assess(const models::Plan& plan, const AssessOptions& options);
Assessment assess_by_timeline(const models::Plan& plan, const AssessOptions& options);
Assessment assess_by_incidents(const models::Plan& plan, const AssessOptions& options);
/// REQUIRES: black boxes only.
Assessment assess_exactly(const models::Plan& plan, const AssessOptions& options);
/// The same with less work, or more; also with less history.
Assessment assess_exactly_within(const models::Plan& plan, const AssessOptions& options,
                                 const models::components::ExactOptions& limits);
Assessment assess_automatically(const models::Plan& plan, const AssessOptions& options);

}  // namespace nines::experiments
