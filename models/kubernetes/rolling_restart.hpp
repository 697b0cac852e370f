// Rolling restart by an operator: one pod at a time, in its order, with its availability checks.
//
// A pod is deleted gracefully and put back on the same machine; the operator waits until it is ready before the next. A
// refused check is tried again with growing waits, then left to the next reconciliation, as is a pod that does not
// become ready in time. Nothing happens while the operator is down. Source: Strimzi KafkaRoller, KafkaAvailability,
// KafkaQuorumCheck; Kafka sheet, section 8.
//
// Pods that crash-loop are restarted without checks, all at once if a good revision is in force (KafkaRoller restarts
// combined nodes that do not run in parallel, for they may need each other's votes). Left out: forced restarts of other
// pods to which no admin connection can be made.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Wait after the given number of refusals in a row (>= 1): first, doubled each time (Strimzi BackOff). Ten attempts
/// with a first wait of 250 ms take 127.75 s in all.
constexpr Duration refusal_wait(std::uint32_t refusals, Duration first) {
  return first * (std::int64_t{1} << (refusals - 1));
}

/// The workload's controller restarts `pods`; whatever was left of a roll before is forgotten.
void start_roll_of(World& world, WorkloadId workload, std::vector<ProcessId> pods);
/// A pod or its node became ready: rolls that wait for it go on, whoever rolls.
void look_after_rolls(World& world);
/// The workload's operator works again, and goes on with its roll, if there is one.
void resume_roll(World& world, WorkloadId workload);

}  // namespace nines::models::kubernetes
