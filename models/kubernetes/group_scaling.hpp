// Node groups that grow and shrink: the Cluster Autoscaler for Auto Scaling groups, Karpenter for its own.
//
// Growth. A pod that fits nowhere needs a machine of its group. Pods are packed onto the machines on their way and then
// onto new ones, first fit, as long as the group may grow. A new machine is in the zone of the group that can give one
// and has fewest of them. The Cluster Autoscaler looks every scan_interval; Karpenter at once, with its own batching
// before a launch; pods that have to be in different zones count those that are to go to machines on their way. An
// order that has brought no machine within max_node_provision_time is given up, and the group is left alone for a while
// that doubles. While more nodes are not Ready than max_total_unready_share of all and than ok_total_unready_count the
// Cluster Autoscaler does nothing at all.
//
// Shrinking. The Cluster Autoscaler drains a machine of which less than the threshold is requested (of processors and
// of memory), all of whose pods fit elsewhere and may be evicted just then, when it has been so for
// scale_down_unneeded_time, and scale_down_delay_after_add after the group's last growth; empty ones several at once,
// others one at a time, down to the group's minimum. Karpenter deletes an empty machine, or one whose pods all fit
// elsewhere, however much is requested of it, after consolidateAfter and the wait before it validates; its disruption
// budget holds: ceil(share * machines) less those that go or are not Ready.
// Source: kubernetes/autoscaler cluster-autoscaler/FAQ.md; Karpenter documentation, disruption; Kubernetes sheet,
// section 5, case K25.
//
// Machines of groups without `scaling`. Karpenter's have as many as their pods need: a pod that fits nowhere gets one
// where it may run, and a machine beyond those of health goes as above. One that hangs keeps its place, and its
// volumes, until it is back or is given up. An Auto Scaling group launches a lost machine's replacement in another zone
// if its own has none to give, or no power (EC2 Auto Scaling user guide: balanced-best-effort, the default; rebalancing
// activities). No pod makes it launch beyond its size. It compares its zones now and then, and if one has two more than
// another that has machines to give again it launches there first, a tenth of its machines at a time and at least one,
// and gives as many back as soon as those are in service: drained on EKS, and terminated after
// node_update.eviction_timeout whatever budgets say (EKS user guide, managed node groups, AZRebalance); elsewhere they
// go at once, for nobody drains them. Of a group of which some machines are on demand and others Spot each sort is
// replaced by its own.
//
// Zones of Karpenter's machines. Where a machine comes follows from the pods: those that wait, and those of a machine
// that is drained, whose successor it launches first or at once. It counts the pods that they are to be spread from
// without themselves; a preference counts like a demand as long as it can be met (kubernetes-sigs/karpenter
// pkg/controllers/provisioning/scheduling topology.go, topologygroup.go, preferences.go; pkg/controllers/disruption
// helpers.go, SimulateScheduling). Among zones that are equal the one with fewest of the group's machines comes first,
// and a machine's own. Constraints that the kube-scheduler adds by itself (cluster-level defaults) count for nothing:
// Karpenter knows of them only from a version later than 1.9, and where its operator says so. Nothing moves for a
// zone's sake: zones become even again as machines are replaced for other reasons.
//
// Left out: machines of groups without `scaling` in other places where a pod or a disk belongs to a machine
// (`spare_places`); successors that an Auto Scaling group launches first, which stay in their zone; several drains of
// Karpenter's at once, each of which waits for all machines on their way; which of the machines of a zone a rebalancing
// gives back; a limit on how many machines that fail their status checks are replaced at a time; Karpenter's own polls
// of status checks, and its choice of a zone by the prices and the capacity of its pools; an empty machine of
// Karpenter's that is not Ready, which it may delete: here only those that are Ready go; machines of another size or
// group for the same pods, expanders, Karpenter's replacement of a machine by a cheaper one and of several by one, pods
// that are not to be moved (annotations, local storage of emptyDir), the Cluster Autoscaler's own pod, its limit of
// graceful termination.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/ids.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct NodeGroupSpec;
struct Plan;
struct Topology;
struct World;
}  // namespace nines::models

namespace nines::models::kubernetes {

void initialise_groups(World& world);
void draw_scan_phase(World& world);
/// Nothing is about to grow or shrink.
bool groups_settled(const World& world);

/// Whether the slot's group grows for pods and shrinks: one with `scaling`, and Karpenter's with places to spare.
bool elastic(const Plan& plan, NodeId node);
/// Places in each zone of a group without `scaling` beside those of its machines in health: as many as other zones have
/// machines, or as many again. None where machines come only into the place of the one that they replace.
std::int64_t spare_places(const Topology& topology, const NodeGroupSpec& group);
/// Machines of the group could come in any of its zones, but no pod of it can run in another one than its volume's.
bool bound_to_zones(const Topology& topology, const NodeGroupSpec& group);
/// Pods, machines or their states changed: whoever looks after the groups that grow looks again.
void expect_scan(World& world);
/// A pod of the group fits nowhere.
void want_machine(World& world, ProcessId process);
/// A launch failed in the slot. If another one's zone has a machine to give it takes the order: then nothing. Else when
/// one could take it; never if none could.
std::optional<sim::Time> move_order(World& world, NodeId node);
/// The machine is drained, and its successor is launched: in its place, or where Karpenter would put its pods.
void order_successor(World& world, NodeId node);
/// A machine that was ordered in another place than that of one that is drained is on its way.
bool successor_comes_elsewhere(const World& world, NodeId node);
/// Whether the slot's group lacks a machine. An Auto Scaling group that keeps its zones even launches none beyond its
/// desired capacity, whoever waits for one.
bool below_its_size(const World& world, NodeId node);
/// A machine has come or gone: an Auto Scaling group may have to even its zones.
void expect_rebalancing(World& world, NodeId node);

/// The machine of a new cluster that its autoscaler would take away at once, with the reason; none if it is at rest.
std::optional<std::string> restless_machine(const Plan& plan);

}  // namespace nines::models::kubernetes
