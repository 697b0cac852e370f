#include "models/faults/wrong_command.hpp"

#include <algorithm>
#include <cassert>

#include "models/faults/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

ComponentId component(const World& world, std::uint16_t service) {
  return world.plan->services[ServiceId::of(service)].component;
}

/// Of what no controller creates, such as a control plane, only a machine can be hit.
bool only_machines(const World& world, std::uint16_t service) {
  const std::vector<WorkloadId>& workloads = world.plan->services[ServiceId::of(service)].workloads;
  return std::none_of(workloads.begin(), workloads.end(),
                      [&](WorkloadId id) { return world.plan->workloads[id].rules().creates; });
}

Variant draw_variant(World& world, std::uint16_t service) {
  if (only_machines(world, service)) return Variant::machine;
  const Parameters& p = world.plan->topology.changes;
  const double u = world.uniform(component(world, service), Purpose::command_outcome);
  if (u < p.command_pod_share) return Variant::pod;
  const double all_pods = (1 - p.command_pod_share) * p.command_service_share;
  return u < p.command_pod_share + all_pods ? Variant::service : Variant::machine;
}

template <class Id>
Id one_of(World& world, std::uint16_t service, const std::vector<Id>& candidates) {
  if (candidates.empty()) return Id::none();
  const double u = world.uniform(component(world, service), Purpose::command_target);
  return candidates[static_cast<std::size_t>(u * static_cast<double>(candidates.size()))];
}

/// Pods of the service whose containers run.
std::vector<ProcessId> running_pods(const World& world, std::uint16_t service) {
  std::vector<ProcessId> pods;
  for (const ProcessId process : world.plan->services[ServiceId::of(service)].members) {
    const kubernetes::PodState& pod = world.kubernetes.pods[process];
    const bool runs = pod.object == kubernetes::PodObject::bound && pod.container == kubernetes::Container::running;
    if (runs) pods.push_back(process);
  }
  return pods;
}

/// Running machines of the node groups that the service's pods are scheduled on.
std::vector<NodeId> machines(const World& world, std::uint16_t service) {
  const std::vector<ProcessId>& members = world.plan->services[ServiceId::of(service)].members;
  std::vector<NodeId> found;
  for (const NodeId node : world.plan->nodes.ids()) {
    const bool used = std::any_of(members.begin(), members.end(), [&](ProcessId process) {
      return world.plan->nodes[world.plan->processes[process].node].group == world.plan->nodes[node].group;
    });
    if (used && infrastructure::node_up(world, node)) found.push_back(node);
  }
  return found;
}

bool hit_pod(World& world, std::uint16_t service) {
  const ProcessId pod = one_of(world, service, running_pods(world, service));
  if (!pod.exists()) return false;
  const CauseScope scope(world, world.note(WrongCommandGiven{service}));
  kubernetes::delete_pod(world, pod);
  return true;
}

bool hit_claim(World& world, std::uint16_t service) {
  std::vector<ProcessId> pods = running_pods(world, service);
  std::erase_if(pods, [&](ProcessId process) {
    const VolumeId volume = world.plan->processes[process].volume;
    return !volume.exists() || rules_of(world.plan->volumes[volume].kind).home != VolumeHome::zone;
  });
  const ProcessId pod = one_of(world, service, pods);
  if (!pod.exists()) return false;
  const CauseScope scope(world, world.note(WrongCommandGiven{service}));
  kubernetes::delete_claim(world, pod);
  return true;
}

bool hit_service(World& world, std::uint16_t service) {
  ServiceState& state = world.faults.services[service];
  if (state.scaled_to_zero) return false;
  const CauseScope scope(world, world.note(WrongCommandGiven{service}));
  state.scaled_to_zero = true;
  kubernetes::scale_to_zero(world, ServiceId::of(service));
  people::ask_for_repair(world, people::Repair::wrong_command,
                         world.plan->services[ServiceId::of(service)].members.front());
  return true;
}

bool hit_machine(World& world, std::uint16_t service) {
  const NodeId node = one_of(world, service, machines(world, service));
  if (!node.exists()) return false;
  const CauseScope scope(world, world.note(WrongCommandGiven{service}));
  infrastructure::terminate_node(world, node);
  return true;
}

}  // namespace

bool give_wrong_command(World& world, std::uint16_t service, Variant variant) {
  switch (variant == Variant::drawn ? draw_variant(world, service) : variant) {
    case Variant::pod: return hit_pod(world, service);
    case Variant::service: return hit_service(world, service);
    case Variant::machine: return hit_machine(world, service);
    case Variant::claim: return hit_claim(world, service);
    default: break;  // forms of other verbs
  }
  assert(false);
  return false;
}

void command_undone(World& world, ProcessId process) {
  const auto service = world.plan->processes[process].service.value;
  world.faults.services[service].scaled_to_zero = false;
  kubernetes::scale_up(world, ServiceId::of(service));
}

}  // namespace nines::models::faults
