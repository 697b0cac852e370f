// Which fault or operation an outage or a loss goes back to.
#pragma once

#include <string>

#include "models/world.hpp"

namespace nines::experiments {

/// An initiating fault: what happened to what.
struct Fault {
  sim::EventKind kind = 0;
  models::ComponentId target = 0;
  friend auto operator<=>(const Fault&, const Fault&) = default;
};

/// One occurrence of a fault.
struct Occurrence {
  Fault fault;
  sim::CauseId record = sim::no_cause;
};

/// The root of what led to `cause`. REQUIRES: the trace holds `cause`.
Occurrence origin_of(const models::World& world, sim::CauseId cause);

/// "zone-power-loss": the verb of a fault; of anything else the name of its event.
std::string fault_name(sim::EventKind kind);

}  // namespace nines::experiments
