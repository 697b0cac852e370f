// What can start an incident in a topology, each with its rate.
#pragma once

#include <vector>

#include "models/plan.hpp"

namespace nines::models::faults {

/// Every source of initiating faults and planned operations with a rate above zero, in a fixed order: crashes and
/// pauses of Kafka processes; crash, loss, retirement (a planned drain) and Spot reclaim of machines; power loss and
/// isolation of zones; loss of network volumes; slow and stalled volumes, bad networks, starved
/// CPUs and jumping clocks of machines; changes and human errors on services (a clock for each form that they
/// take); failures of black boxes and shocks; the topology's operations (an operation on several things is a clock of
/// its own for each). Throws std::invalid_argument for an operation whose verb or target does not exist.
std::vector<FaultSource> enumerate_faults(const Plan& plan);

/// The place of the one machine that a source strikes, if any is there; none: it strikes something else, or several.
NodeId machine_struck(const FaultSource& source);

}  // namespace nines::models::faults
