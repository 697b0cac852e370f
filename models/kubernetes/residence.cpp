// Which machine a container was on, for those who switch machines off.
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

bool on_current_machine(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  return pod.container_machine == world.kubernetes.nodes[pod.container_node].machine;
}

}  // namespace nines::models::kubernetes
