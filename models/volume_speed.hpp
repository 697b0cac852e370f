// How fast a volume is by its kind and size.
//
// gp3, io2 and EFS give what was provisioned, a local disk what its machine type has. st1 and gp2 have a sustained
// throughput that grows with their size, and a token bucket of credit for more: of st1 as many bytes as the volume
// holds, of gp2 as much for every size. Source: AWS documentation of EBS, HDD and SSD volume types (burst buckets); AWS
// sheet, section 6.
//
// Left out: limits in operations per second. gp2's are taken at 256 KiB each, as sequential access has them.
#pragma once

#include "models/topology.hpp"

namespace nines::models {

struct VolumeSpeed {
  Bandwidth sustained;
  Burst burst;  ///< rate 0 if it has none, or if the volume is so large that it needs none
};

VolumeSpeed speed_of(const StorageSpec& storage, const infrastructure::Parameters& parameters);

}  // namespace nines::models
