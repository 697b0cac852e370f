// What changes in a CronJob. Values only: copying it forks the CronJob.
#pragma once

#include <cstdint>
#include <vector>

#include "models/cronjob/spec.hpp"
#include "models/ids.hpp"
#include "models/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::cronjob {

/// A pod by its position among the service's processes.
using Position = std::uint32_t;

struct ServicePlan {
  std::vector<SliIndex> slis;
  std::vector<ServiceId> needs;  ///< services that have to answer
  WorkloadId workload;
  ProcessId host;  ///< the process whose volume its pods mount; none: none
};

/// In health nothing of it is played: its runs start and succeed. It wakes when anything is about to happen, and falls
/// asleep when a run is due and all is well again.
struct State {
  bool awake = false;
  sim::Time origin;                 ///< one of the times at which a run is due
  sim::Time started;                ///< the due time of the last run that was started
  sim::Time passed;                 ///< the same of the last one that was missed or skipped
  sim::Time succeeded;              ///< the last success
  bool owed = false;                ///< a run was missed or has failed since
  sim::TimerId due;                 ///< pending RunDue
  std::vector<sim::TimerId> work;   ///< by pod: pending RunEnds
  std::vector<sim::TimerId> stale;  ///< by SLI: pending GrowsStale
  std::vector<char> holds;          ///< by SLI
};

/// REQUIRES: the service is a CronJob.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

}  // namespace nines::models::cronjob
