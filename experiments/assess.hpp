// Timeline Monte Carlo: simulated years with every fault clock running, and what they say of each SLI.
//
// Invariants
//  1. Replications are independent and merged in their order; the decision to stop looks at fixed numbers of them. So
//     the result depends on plan, seed and options only, not on threads.
//  2. What was not seen has no value but an upper bound (see sim/statistics.hpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/economics/cost.hpp"
#include "models/plan.hpp"
#include "sim/statistics.hpp"

namespace nines::experiments {

struct AssessOptions {
  double precision = 0.1;   ///< wanted half-width of the first SLI's unavailability, relative
  double years = 1;         ///< simulated in one replication
  double max_years = 2000;  ///< simulated at most, all replications together
  double risk = 0.05;       ///< an SLA is met if at most this share of windows breaches it
  std::size_t threads = 1;
  /// Told after each stage: replications done, relative half-width reached (absent before it is known).
  std::function<void(std::size_t, std::optional<double>)> progress;
};

struct RecoveryTime {
  std::optional<double> mean;
  std::optional<double> p50;
  std::optional<double> p95;
  std::optional<double> p99;
  double censored_share = 0;  ///< outages that nothing had ended a month after the replication
  std::uint64_t seen = 0;
};

struct DataLoss {
  sim::Estimate events_per_year;  ///< incidents that lost acknowledged records
  sim::Estimate records_per_year;
  std::optional<double> seconds_p95;  ///< of production lost in an incident that loses some
};

enum class Verdict { meets, breaches, open };

struct SlaResult {
  models::SlaSpec spec;
  std::uint64_t windows = 0;
  std::uint64_t breached = 0;
  sim::Estimate breach_probability;
  double expected_credit_share = 0;  ///< of a window's charge
  Verdict verdict = Verdict::open;
};

struct SliResult {
  models::measurement::SliIndex index = 0;
  sim::Estimate unavailability;
  double without_planned = 0;  ///< unavailability without outages that planned work started
  sim::Estimate request_unavailability;
  sim::Estimate outages_per_year;
  std::uint64_t outages = 0;
  double longest_s = 0;  ///< longest outage seen, 0 if none
  RecoveryTime recovery;
  DataLoss loss;
  std::optional<SlaResult> sla;
};

/// A row of the downtime budget: what one fault of one thing did to one SLI.
struct BudgetRow {
  std::size_t sli = 0;  ///< index into Assessment::slis
  std::string fault;
  std::string target;
  bool planned = false;
  double rate_per_year = 0;
  std::uint64_t outages = 0;
  std::optional<double> mean_outage_s;
  std::optional<double> p95_outage_s;
  std::map<std::string, double> phases_s;  ///< mean time of an outage by phase; adds up to the mean
  std::string dominant_parameter;
  double downtime_share = 0;
  double loss_share = 0;
};

struct Assessment {
  std::vector<SliResult> slis;
  std::vector<BudgetRow> budget;  ///< by SLI, then by falling share of the downtime
  models::economics::Bill bill;
  double operator_hours_per_month = 0;
  std::size_t replications = 0;
  double years = 0;  ///< simulated in all
  std::uint64_t incidents = 0;
  std::uint64_t events = 0;
  std::optional<double> reached;  ///< relative half-width of the first SLI's unavailability
  bool precise = false;           ///< it is what was asked for
};

/// REQUIRES: precision, years, risk > 0; max_years >= years; threads >= 1.
Assessment assess(const models::Plan& plan, const AssessOptions& options);

}  // namespace nines::experiments
