#include "models/kubernetes/address.hpp"

#include "models/kubernetes/state.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

std::uint32_t address_of(const World& world, ProcessId process) {
  return world.plan->rules_of(process).kubernetes ? world.kubernetes.pods[process].incarnation : 0;
}

}  // namespace nines::models::kubernetes
