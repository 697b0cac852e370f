// Rolling restart by the operator: one pod at a time, in its order, with its availability checks.
//
// A pod is deleted gracefully and put back on the same machine; the operator waits until it is ready before the next. A
// refused check is tried again with growing waits, then left to the next reconciliation, as is a pod that does not
// become ready in time. Nothing happens while the operator is down. Source: Strimzi KafkaRoller, KafkaAvailability,
// KafkaQuorumCheck; Kafka sheet, section 8.
//
// Left out: forced restarts of pods to which no admin connection can be made.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Wait after refusal number `refusals`, counted from 0: first x 2^refusals.
constexpr Duration refusal_wait(std::uint32_t refusals, Duration first) {
  return first * (std::int64_t{1} << refusals);
}

/// The operator works again: goes on with its rolls.
void resume_rolls(World& world);

}  // namespace nines::models::kubernetes
