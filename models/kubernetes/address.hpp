// Network addresses of processes.
#pragma once

#include <cstdint>

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Tells addresses of one process apart: a pod that is created anew has another one. A container that is started again
/// in its pod, and a process on a machine without Kubernetes, keep theirs. Pods on their machine's network are not
/// modelled.
std::uint32_t address_of(const World& world, ProcessId process);

}  // namespace nines::models::kubernetes
