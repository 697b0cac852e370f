// Why an outage happened and where its time went, read off the trace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/state.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::measurement {

/// Time that passed before one link of the chain, inside the outage.
struct OutagePhase {
  std::string_view name;       ///< detect, decide, act, propagate, reconnect, recover, catch-up, person, other
  std::string_view parameter;  ///< that set the delay; "" if none
  sim::Duration length;
};

struct CauseChain {
  /// From the initiating fault to what ended the outage (or, while it lasts, to what opened it), oldest first.
  std::vector<sim::CauseId> chain;
  /// One entry a link; lengths add up to the outage exactly.
  std::vector<OutagePhase> phases;
  sim::CauseId root = sim::no_cause;    ///< the fault or operation that broke the SLI: root of what opened the outage
  std::string_view dominant_parameter;  ///< of the longest link that a parameter set
};

/// REQUIRES: the trace still holds the outage's records. `until` ends an outage that still lasts.
CauseChain explain(const World& world, const Outage& outage, sim::Time until);

/// One trace record as a sentence: "kafka/broker-1: controller fences the broker".
std::string describe(const World& world, sim::CauseId record);

}  // namespace nines::models::measurement
