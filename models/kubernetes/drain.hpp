// Drains: pods leave a machine through the eviction API, as far as their service's disruption budget lets them.
//
// The budget allows healthy - (expected - maxUnavailable) evictions; pods lost involuntarily count against it. Pods
// that are Pending or have ended are not asked for; one whose container waits for its next start is. One that is not
// Ready goes while as many others are as the budget wants, if it wants any. A refused eviction (429) is tried again.
// What kubectl drain, a Spot interruption, a retirement and Karpenter's expiry from 1.0 on do is evict at once while
// the provisioner launches the replacement, so evicted pods move to the successor while the others wait for their turn.
// Karpenter's drift and consolidation (expiry too before 1.0) and the update of a managed node group launch the
// replacement first, wait until it is there, and evict then. Source: kubernetes.io documentation, disruptions and
// API-initiated eviction; Karpenter documentation, disruption; Strimzi PodDisruptionBudgetUtils; Kubernetes sheet,
// sections 4 and 5.
//
// An empty machine goes back when its volumes are detached: Karpenter waits for that from 1.0 on, elsewhere the preStop
// hook of the EBS CSI driver does (aws-ebs-csi-driver docs/faq.md).
//
// A Spot notice drains too, if somebody hears of it. Karpenter launches the replacement at the same time and gives the
// machine back when it is empty. A termination handler only drains (aws-node-termination-handler README: cordon and
// drain), and an Auto Scaling group launches when the machine has gone. With capacity rebalancing it launches at the
// rebalance recommendation, and the machine goes when the new one is up: drained, if anybody hears of its end, else
// terminated; Karpenter ignores the recommendation. A managed node group of EKS has capacity rebalancing always, and
// EKS drains at the notice, whether or not the new machine is up (Amazon EKS user guide, managed node groups, capacity
// types). Pods that the
// budget held back when the provider takes the machine get SIGTERM from its operating system (kubelet.hpp).
// Whoever drains may wait for budgets no longer than so long, and then deletes what is left: Karpenter's
// terminationGracePeriod, a forced update of a managed node group, the patching of Fargate. An update that is not
// forced fails then (node_update.hpp).
//
// A machine that crashes while its successor is up is given up for it. Where nothing provisions machines, a drain whose
// pods fit nowhere else is given up, as a person at kubectl would.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/workload.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

struct NodeState;

/// Evictions that a budget allows now, of so many pods that are wanted and so many that are Ready. May be negative;
/// none are allowed then.
constexpr std::int64_t disruptions_allowed(std::int64_t expected, std::int64_t healthy,
                                           const DisruptionBudget& budget) {
  return healthy - budget.healthy_wanted(expected);
}

/// Nobody drains the machine any more.
void end_drain(NodeState& state);
/// Whether budgets let every pod leave the machine now.
bool budgets_allow(const World& world, NodeId node);
/// The update of its group replaces the machine (node_update.hpp).
void drain_for_update(World& world, NodeId node);

/// The machine is drained for a Spot notice, and whoever drains it launches nothing: it stays cordoned until the
/// provider takes it.
bool left_to_provider(const World& world, NodeId node);

/// Pod bound, container running and server ready.
bool pod_ready(const World& world, ProcessId process);

/// A drain that nothing replaces is given up: its machine takes pods again.
void give_up_drain(World& world, NodeId node);

/// Evicts the machine's pods within the disruption budget, and gives it back without a replacement.
void drain_away(World& world, NodeId node);

/// Looks at the drain at once. REQUIRES: draining.
void continue_drain(World& world, NodeId node);
/// The machine stopped; its drain goes on when it is back, or its successor takes over if it is up.
void pause_drain(World& world, NodeId node);
void resume_drain(World& world, NodeId node);

}  // namespace nines::models::kubernetes
