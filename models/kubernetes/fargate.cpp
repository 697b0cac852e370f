#include "models/kubernetes/fargate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Memory that goes with so many vCPUs: from `least` to `most`, in steps.
struct SizeRow {
  double vcpu;
  double least_gb;
  double most_gb;
  double step_gb;
};
// Amazon EKS user guide, fargate-pod-configuration: pod CPU and memory.
constexpr std::array sizes{
    SizeRow{0.25, 0.5, 0.5, 1}, SizeRow{0.25, 1, 2, 1}, SizeRow{0.5, 1, 4, 1}, SizeRow{1, 2, 8, 1},
    SizeRow{2, 4, 16, 1},       SizeRow{4, 8, 30, 1},   SizeRow{8, 16, 60, 4}, SizeRow{16, 32, 120, 8},
};
constexpr double gib = 0x1p30;
constexpr double kubernetes_components = 256 * 0x1p20;

ComponentId stream(const World& world, ProcessId process) { return world.plan->processes[process].component; }

const NodeGroupSpec& profile(const Plan& plan, ProcessId process) {
  return plan.topology.node_groups[node_group(plan, process)];
}

/// Where the topology has the zone of that name. REQUIRES: it does.
ZoneId zone_named(const Plan& plan, const std::string& name) {
  const auto& names = plan.topology.zones;
  return ZoneId::of(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
}

NodeId vacant_slot(const World& world, std::uint16_t group, ZoneId zone) {
  for (const NodeId node : world.plan->zones[zone].nodes) {
    if (world.plan->nodes[node].group == group && vacant(world.kubernetes.nodes[node])) return node;
  }
  return NodeId::none();
}

/// The zone of this try, as an index of the profile's: drawn, and from the second try on the next one.
std::size_t first_zone(World& world, ProcessId process) {
  const NodeGroupSpec& group = profile(*world.plan, process);
  const PodState& pod = world.kubernetes.pods[process];
  if (pod.tries == 0 || !pod.nominated.exists()) {
    const double u = world.uniform(stream(world, process), Purpose::fargate_zone);
    return static_cast<std::size_t>(u * static_cast<double>(group.zones.size()));
  }
  const std::string& last = world.plan->topology.zones[world.plan->nodes[pod.nominated].zone.value];
  const auto at = std::find(group.zones.begin(), group.zones.end(), last) - group.zones.begin();
  return (static_cast<std::size_t>(at) + 1) % group.zones.size();
}

/// A vacant slot in the zone of this try, or in another one if that has none.
NodeId slot_for(World& world, ProcessId process) {
  const NodeGroupSpec& group = profile(*world.plan, process);
  const std::size_t first = first_zone(world, process);
  for (std::size_t i = 0; i < group.zones.size(); ++i) {
    const ZoneId zone = zone_named(*world.plan, group.zones[(first + i) % group.zones.size()]);
    const NodeId slot = vacant_slot(world, node_group(*world.plan, process), zone);
    if (slot.exists()) return slot;
  }
  return NodeId::none();
}

bool gives(World& world, ProcessId process, NodeId slot) {
  const NodePlan& plan = world.plan->nodes[slot];
  if (!infrastructure::zone_can_launch(world, plan.zone) || !infrastructure::provider_acts(world)) return false;
  if (infrastructure::is_short(world, plan.offerings.front())) return false;
  const Ratio failure = world.plan->kube().fargate_failure_probability;
  return failure <= 0 || world.uniform(stream(world, process), Purpose::fargate_failure) >= failure;
}

void refuse(World& world, ProcessId process) {
  const CauseScope scope(world, world.note(FargateRefused{process}));
  PodState& pod = world.kubernetes.pods.edit(process);
  ++pod.tries;
  pod.step_timer = world.schedule(world.now + world.plan->kube().fargate_retry, PodScheduled{process, pod.incarnation});
}

void forget_launch(World& world, NodeId slot) {
  NodeState& state = world.kubernetes.nodes.edit(slot);
  state.ordered = false;
  infrastructure::rents(world, slot, state.launched, -1);
  state.launched = CapacityPoolId::none();
}

}  // namespace

FargateSize fargate_size(double cpu, double memory_bytes) {
  const double needed = (memory_bytes + kubernetes_components) / gib;
  for (const SizeRow& row : sizes) {
    if (cpu > row.vcpu || needed > row.most_gb) continue;
    const double steps = std::max(0.0, std::ceil((needed - row.least_gb) / row.step_gb));
    return {row.vcpu, row.least_gb + steps * row.step_gb};
  }
  return {};
}

bool on_fargate(const Plan& plan, ProcessId process) { return plan.on_fargate(plan.processes[process].node); }

double fargate_hour(const Plan& plan, NodeId slot) {
  ProcessId pod = plan.nodes[slot].pod;
  for (const NodeId node : plan.nodes.ids()) {
    if (!pod.exists() && plan.nodes[node].group == plan.nodes[slot].group) pod = plan.nodes[node].pod;
  }
  if (!pod.exists()) return 0;
  const Request needs = request(plan, pod);
  const FargateSize size = fargate_size(needs.cpu, needs.memory);
  return size.vcpu * plan.topology.prices.fargate_vcpu_hour.usd +
         size.memory_gb * plan.topology.prices.fargate_gb_hour.usd;
}

void launch_on_fargate(World& world, ProcessId process) {
  const NodeId slot = slot_for(world, process);
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.nominated = slot;
  if (!slot.exists() || !gives(world, process, slot)) return refuse(world, process);
  NodeState& state = world.kubernetes.nodes.edit(slot);
  state.ordered = true;
  state.launched = world.plan->nodes[slot].offerings.front();
  infrastructure::rents(world, slot, state.launched, 1);
  pod.nominated_machine = state.machine + 1;
  const Duration delay = world.draw(stream(world, process), Purpose::fargate_launch, world.plan->kube().fargate_launch);
  pod.step_timer = world.schedule(world.now + delay, FargateJoined{process, pod.incarnation});
}

void abandon_launch(World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  if (!on_fargate(*world.plan, process) || pod.object != PodObject::pending || !pod.nominated.exists()) return;
  const NodeState& state = world.kubernetes.nodes[pod.nominated];
  if (state.ordered && state.machine + 1 == pod.nominated_machine) forget_launch(world, pod.nominated);
}

void vacate(World& world, ProcessId process, NodeId node) {
  if (!world.plan->on_fargate(node) || world.kubernetes.nodes[node].gone) return;
  if (on_machine(world, process, node) || container_on(world, process, node)) return;
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  end_drain(state);
  state.cordoned = false;
  infrastructure::terminate_node(world, node);
  remove_node_object(world, node);
}

NodeId machine_now(const World& world, NodeId slot) {
  const ProcessId process = world.plan->nodes[slot].pod;
  if (!process.exists()) return slot;
  const PodState& pod = world.kubernetes.pods[process];
  if (pod.object == PodObject::bound || pod.object == PodObject::terminating) return pod.node;
  return pod.container == Container::none ? NodeId::none() : pod.container_node;
}

void on(World& world, const FargateJoined& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  world.stale = pod.incarnation != event.incarnation || pod.object != PodObject::pending;
  if (world.stale) return;
  const NodeId slot = pod.nominated;
  const ZoneId zone = world.plan->nodes[slot].zone;
  if (!infrastructure::zone_can_launch(world, zone) || !zone_may_join(world, zone) || !api_serves(world)) {
    forget_launch(world, slot);
    return refuse(world, event.process);
  }
  take_over(world, slot);
  bind(world, event.process, {slot, world.kubernetes.nodes[slot].machine});
}

}  // namespace nines::models::kubernetes
