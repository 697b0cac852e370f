// The node lifecycle controller's second half: zone disruption modes and rate-limited NoExecute taints.
//
// Source: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go (ComputeZoneState,
// handleDisruption, processTaintBaseEviction, setLimiterInZone) and scheduler/rate_limited_queue.go (SwapLimiter, Try);
// Kubernetes sheet, sections 1.1 and 1.2.
//
// A node that turns Unknown is queued in the next pass up to 1.33: taints go by the condition that a pass observed
// before it changed it. From 1.34 they go by the current one, and the node is queued in the same pass (pull request
// 120816). Then the tainting loop, which reads its node from the informer's cache, may still find it Ready there: it
// drops the node, the zone's token is spent, and the next pass queues the node again. Measured with controllers of 1.33
// and 1.34.
//
// Left out: the reset of probe timestamps on the exit from a disruption of all zones (nodes that can be Ready then were
// seen in that very pass).
#pragma once

#include <cstdint>

#include "models/kubernetes/state.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Disruption mode of a zone with so many Ready and not-Ready nodes. REQUIRES: ready + not_ready > 0.
Disruption disruption(std::int64_t ready, std::int64_t not_ready, Ratio threshold);

/// Rate of NoExecute taints in a zone of `size` nodes; zero rate: stopped.
Rate taint_rate(Disruption mode, std::int64_t size, Rate normal, Rate secondary, std::int64_t large_zone);

/// Changes the rate at `now`. A bucket that had no token, as a stopped one, hands over an empty bucket.
void swap_rate(TaintQueue& queue, Rate rate, sim::Time now);

/// The set of nodes changed outside of a pass: the next pass looks at the zones again.
void expect_pass(World& world, ZoneId zone);
/// The node's taints are lifted and its pods' evictions called off.
void untaint(World& world, NodeId node);

}  // namespace nines::models::kubernetes
