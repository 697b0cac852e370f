// Drains: pods leave a machine through the eviction API, as far as their service's disruption budget lets them.
//
// The budget allows healthy - (expected - maxUnavailable) evictions; pods lost involuntarily count against it. A
// refused eviction (429) is tried again. The provisioner launches the replacement in parallel, so evicted pods move to
// the successor while the others wait for their turn. Source: kubernetes.io documentation, disruptions and
// API-initiated eviction; Karpenter documentation, disruption; Strimzi PodDisruptionBudgetUtils; Kubernetes sheet,
// sections 4 and 5.
//
// A Spot notice drains too; pods that the budget held back when the provider takes the machine are lost the hard way.
// A machine that crashes while its successor is up is given up for it. Where nothing provisions machines, a drain whose
// pods fit nowhere else is given up, as a person at kubectl would.
#pragma once

#include <cstdint>

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Evictions that a budget allows now. May be negative; none are allowed then.
constexpr std::int64_t disruptions_allowed(std::int64_t expected, std::int64_t healthy, std::int64_t max_unavailable) {
  return healthy - (expected - max_unavailable);
}

/// Pod bound, container running and server ready.
bool pod_ready(const World& world, ProcessId process);

/// A drain that nothing replaces is given up: its machine takes pods again.
void give_up_drain(World& world, NodeId node);

/// Looks at the drain at once. REQUIRES: draining.
void continue_drain(World& world, NodeId node);
/// The machine stopped; its drain goes on when it is back, or its successor takes over if it is up.
void pause_drain(World& world, NodeId node);
void resume_drain(World& world, NodeId node);

}  // namespace nines::models::kubernetes
