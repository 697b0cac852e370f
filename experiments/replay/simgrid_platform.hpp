// A topology as a SimGrid platform file, for those who want to run their own SimGrid programs on it.
#pragma once

#include <string>

#include "models/plan.hpp"

namespace nines::experiments {

/// XML by SimGrid's DTD, version 4.1. REQUIRES: a plan with machines.
///
/// - A host a machine: speed 1 Gf a virtual CPU (nines knows no flops; scale it), type and EBS bandwidth as properties.
/// - Two links a machine, `<machine>/up` and `<machine>/down`: its sustained network bandwidth, a quarter of the round
///   trip inside a zone each.
/// - Two links a zone, `<zone>/out` and `<zone>/in`, to the region's backbone: no provider publishes a limit, so they
///   are fat pipes as fast as all the zone's machines; with them the round trip between zones comes out right.
/// - A disk a volume, on the machine where its owner starts, with the volume's throughput both ways. SimGrid's disks do
///   not share the machine's EBS bandwidth, nor reads with writes; burst credits are left out.
std::string simgrid_platform(const models::Plan& plan);

}  // namespace nines::experiments
