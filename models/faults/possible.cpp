#include "models/faults/possible.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kubernetes/group_scaling.hpp"
#include "models/plan.hpp"
#include "models/service/kind.hpp"

namespace nines::models::faults {

namespace {

std::string_view name(const Plan& plan, ComponentId component) { return plan.name(component); }

bool any_workload(const Plan& plan, ServiceId service, bool ControllerRules::*says) {
  const std::vector<WorkloadId>& workloads = plan.services[service].workloads;
  return std::any_of(workloads.begin(), workloads.end(),
                     [&](WorkloadId id) { return plan.workloads[id].rules().*says; });
}

/// A drain makes pods leave the machines of the group.
bool evicts_from(const Plan& plan, const NodeGroupSpec& group) {
  const auto evicted = [&](const std::string& node_group, Controller controller) {
    return node_group == group.name && rules_of(controller).evicted;
  };
  const auto of_service = [&](const ServiceSpec& service) {
    return std::ranges::any_of(service.pools, [&](const PoolSpec& pool) {
      return evicted(pool.node_group, pool.controller.value_or(service.controller));
    });
  };
  return std::ranges::any_of(plan.topology.services, of_service) ||
         std::ranges::any_of(plan.topology.workloads,
                             [&](const WorkloadSpec& spec) { return evicted(spec.node_group, spec.controller); });
}

std::optional<std::string> of_node(const Plan& plan, Verb verb, NodeId node) {
  const NodePlan& machine = plan.nodes[node];
  if (verb == Verb::node_update && machine.provisioner == Provisioner::none) {
    return fmt::format("nothing provisions the machines of '{}': nobody replaces them by new ones",
                       plan.topology.node_groups[machine.group].name);
  }
  if (!machine.kubelet) {
    return fmt::format("'{}' is no node of a Kubernetes cluster: {}", name(plan, machine.component),
                       verb == Verb::drain || verb == Verb::node_update             ? "nothing drains it"
                       : verb == Verb::node_not_ready || verb == Verb::kubelet_stop ? "no kubelet reports for it"
                                                                                    : "nothing reads its taints");
  }
  const bool stays = machine.provisioner == Provisioner::none;
  if (verb == Verb::drain && stays && !evicts_from(plan, plan.topology.node_groups[machine.group])) {
    return fmt::format(
        "no pod on '{}' is evicted (static pods and DaemonSets stay), and nothing replaces the machine: a drain does "
        "nothing there. node-reboot, node-loss and wrong-command with variant 'machine' do",
        name(plan, machine.component));
  }
  return std::nullopt;
}

/// Its machines are a provider's, so that a person can terminate one.
bool on_rented_machines(const Plan& plan, ServiceId service) {
  const std::vector<ProcessId>& members = plan.services[service].members;
  return !members.empty() && !plan.topology.node_groups[plan.nodes[plan.processes[members.front()].node].group].bare;
}

std::optional<std::string> of_service(const Plan& plan, Verb verb, ServiceId service) {
  const std::string_view what = name(plan, plan.services[service].component);
  if (verb == Verb::rolling_restart && plan.services[service].kind->provider_runs) return std::nullopt;
  if (verb == Verb::wrong_command) {
    if (any_workload(plan, service, &ControllerRules::creates)) return std::nullopt;
    // Of a control plane a machine can be terminated.
    if (plan.services[service].kind->runs_platform && on_rented_machines(plan, service)) return std::nullopt;
    return fmt::format("no controller creates processes of '{}': there is no command that deletes or scales them",
                       what);
  }
  if (any_workload(plan, service, &ControllerRules::rolls)) return std::nullopt;
  return fmt::format("no controller restarts the processes of '{}' one after the other", what);
}

std::optional<std::string> of_claims(const Plan& plan, ServiceId service) {
  const std::vector<ProcessId>& members = plan.services[service].members;
  const bool any = std::ranges::any_of(members, [&](ProcessId process) {
    const VolumeId volume = plan.processes[process].volume;
    return volume.exists() && rules_of(plan.volumes[volume].kind).home == VolumeHome::zone;
  });
  if (any) return std::nullopt;
  return fmt::format("no pod of '{}' has a claim of a network volume", name(plan, plan.services[service].component));
}

std::optional<std::string> of_metrics(const Plan& plan, ServiceId service) {
  const std::vector<WorkloadId>& workloads = plan.services[service].workloads;
  const bool scales =
      std::ranges::any_of(workloads, [&](WorkloadId id) { return plan.workloads[id].autoscaler.has_value(); });
  if (scales) return std::nullopt;
  return fmt::format("no autoscaler reads metrics of '{}'", name(plan, plan.services[service].component));
}

std::optional<std::string> of_pod(const Plan& plan, ProcessId process) {
  if (plan.rules_of(process).creates) return std::nullopt;
  return fmt::format("'{}' is run by {}: nobody deletes it through the API server",
                     name(plan, plan.processes[process].component),
                     plan.rules_of(process).kubernetes ? "its kubelet alone" : "its machine's supervisor");
}

// ---- events that a design can have ----

bool has_kubernetes(const Topology& topology) { return topology.has_kubernetes(); }

bool any_group(const Topology& topology, bool (*has)(const NodeGroupSpec&)) {
  return topology.has_kubernetes() && std::ranges::any_of(topology.node_groups, has);
}
bool has_fargate(const Topology& topology) {
  return any_group(topology, [](const NodeGroupSpec& group) { return group.provisioner == Provisioner::fargate; });
}
/// Rented hosts without Kubernetes too.
bool launches_machines(const Topology& topology) {
  return std::ranges::any_of(topology.node_groups, [](const NodeGroupSpec& group) {
    return group.provisioner == Provisioner::asg || group.provisioner == Provisioner::karpenter;
  });
}
bool has_scaled_groups(const Topology& topology) {
  return any_group(topology, [](const NodeGroupSpec& group) { return group.scaling.has_value(); });
}
bool launches_elsewhere(const Topology& topology) {
  return std::ranges::any_of(topology.node_groups, [&](const NodeGroupSpec& group) {
    return group.scaling || kubernetes::spare_places(topology, group) > 0;
  });
}
bool evens_zones(const Topology& topology) {
  return std::ranges::any_of(topology.node_groups, [&](const NodeGroupSpec& group) {
    return group.provisioner == Provisioner::asg && (group.scaling || kubernetes::spare_places(topology, group) > 0);
  });
}
template <std::optional<ProbeSpec> ProbesSpec::*probe>
bool has_probe(const Topology& topology) {
  return topology.has_kubernetes() && std::ranges::any_of(topology.services, [](const ServiceSpec& service) {
           return service.probes && (*service.probes.*probe).has_value();
         });
}
bool has_autoscalers(const Topology& topology) {
  return topology.has_kubernetes() && std::ranges::any_of(topology.services, [](const ServiceSpec& service) {
           return std::ranges::any_of(service.pools, [](const PoolSpec& pool) { return pool.autoscaler.has_value(); });
         });
}

/// Events of the platform whose names begin so, and whether they happen; the longest beginning counts.
struct PlatformEvents {
  std::string_view beginning;
  bool (*happen)(const Topology&);
};
constexpr PlatformEvents platform_events[] = {
    {"k8s.", has_kubernetes},
    {"k8s.fargate_", has_fargate},
    {"k8s.node_launched", launches_machines},
    {"k8s.node_provisioned", launches_machines},
    {"k8s.provisioning_failed", launches_machines},
    {"k8s.group_grows", has_scaled_groups},
    {"k8s.groups_scanned", has_scaled_groups},
    {"k8s.order_moved", launches_elsewhere},
    {"k8s.group_rebalances", evens_zones},
    {"k8s.machine_in_excess", evens_zones},
    {"k8s.liveness_failed", has_probe<&ProbesSpec::liveness>},
    {"k8s.startup_failed", has_probe<&ProbesSpec::startup>},
    {"k8s.replicas_", has_autoscalers},
    {"k8s.metrics_", has_autoscalers},
};

}  // namespace

bool can_happen(const Plan& plan, std::string_view event) {
  // Who has processes and no events of its own plays by those of another kind.
  const bool borrows = std::ranges::any_of(plan.topology.services, [](const ServiceSpec& service) {
    return service.kind->hosted && service.kind->events().empty();
  });
  bool known = false;
  for (const service::Kind* kind : service::kinds()) {
    const auto events = kind->events();
    if (std::ranges::none_of(events, [&](const EventRow& row) { return row.info.name == event; })) continue;
    known = true;
    const bool any = std::ranges::any_of(plan.topology.services, [&](const ServiceSpec& service) {
      return service.kind == kind && kind->happens(service, event);
    });
    if (any) return true;
  }
  if (known) return borrows;
  const PlatformEvents* best = nullptr;
  for (const PlatformEvents& row : platform_events) {
    const bool longer = best == nullptr || row.beginning.size() > best->beginning.size();
    if (event.starts_with(row.beginning) && longer) best = &row;
  }
  return best == nullptr || best->happen(plan.topology);
}

bool turns_clients_away(const Plan& plan, ServiceId service) {
  const std::vector<ProcessId>& members = plan.services[service].members;
  return std::any_of(members.begin(), members.end(),
                     [&](ProcessId member) { return service::any_role(plan, member, &service::Role::serves); });
}

std::optional<std::string> why_impossible(const Plan& plan, Verb verb, Variant variant, std::uint32_t index) {
  if (auto problem = why_impossible(plan, verb, index)) return problem;
  if (verb == Verb::wrong_command && variant == Variant::claim) return of_claims(plan, ServiceId::of(index));
  if (verb == Verb::bad_rollout && variant == Variant::passes && !turns_clients_away(plan, ServiceId::of(index)))
    return fmt::format("clients talk to no process of '{}': nobody is turned away by a revision that probes pass",
                       name(plan, plan.services[ServiceId::of(index)].component));
  // kubeadm restarts one static pod after the other in place; no old servers stand by.
  if (verb == Verb::control_plane_upgrade && variant == Variant::rolled_back &&
      plan.services[ServiceId::of(index)].kind->hosted)
    return fmt::format(
        "people upgrade the masters of '{}' one after the other, and none goes back by itself: of the variants of such "
        "an upgrade it has 'succeeds' only ('rolled-back' is of control planes that a provider runs)",
        name(plan, plan.services[ServiceId::of(index)].component));
  const bool deletes = verb == Verb::wrong_command && (variant == Variant::pod || variant == Variant::service);
  if (!deletes || any_workload(plan, ServiceId::of(index), &ControllerRules::creates)) return std::nullopt;
  return fmt::format("no controller creates processes of '{}': of it a wrong command can only terminate a machine",
                     name(plan, plan.services[ServiceId::of(index)].component));
}

std::optional<std::string> why_impossible(const Plan& plan, Verb verb, std::uint32_t index) {
  switch (verb) {
    case Verb::drain:
    case Verb::node_update:
    case Verb::node_not_ready:
    case Verb::kubelet_stop:
    case Verb::out_of_service_taint: return of_node(plan, verb, NodeId{index});
    case Verb::spot_reclaim: {
      const NodePlan& machine = plan.nodes[NodeId{index}];
      if (!plan.topology.node_groups[machine.group].bare) return std::nullopt;
      return fmt::format("'{}' is of no provider that could take it back", name(plan, machine.component));
    }
    case Verb::rolling_restart:
    case Verb::bad_rollout:
    case Verb::failed_upgrade:
    case Verb::wrong_command: return of_service(plan, verb, ServiceId::of(index));
    case Verb::space_quota: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (!service.members.empty() && service.kind->has_quota(plan.spec(ServiceId::of(index)))) return std::nullopt;
      return fmt::format("the database of '{}' has no quota or disk at which it stops", name(plan, service.component));
    }
    case Verb::delete_data: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      const std::string_view what = name(plan, service.component);
      if (service.kind->holds_objects && !service.users.empty())
        return fmt::format("'{}' keeps the objects of other services: what becomes of those is not modelled", what);
      if (service.members.empty() || service.kind->writes_per_s(plan.spec(ServiceId::of(index))) <= 0)
        return fmt::format("'{}' keeps no data of which the file says how much is written", what);
      if (!plan.topology.backups.empty()) return std::nullopt;
      return fmt::format(
          "nothing says how '{}' is saved: give 'backups' [{{\"service\": \"{}\"}}], with 'every_h' if there are any",
          what, what);
    }
    case Verb::empty_process: {
      const ServiceId service = plan.processes[ProcessId{index}].service;
      if (service.exists()) return plan.services[service].kind->why_not_emptied(plan, service, ProcessId{index});
      return fmt::format("'{}' keeps nothing that could be moved",
                         name(plan, plan.processes[ProcessId{index}].component));
    }
    case Verb::network_policy: {
      if (any_workload(plan, ServiceId::of(index), &ControllerRules::creates)) return std::nullopt;
      return fmt::format("no pod of '{}' has a network that a policy could cut",
                         name(plan, plan.services[ServiceId::of(index)].component));
    }
    case Verb::broken_role: {
      if (plan.spec(ServiceId::of(index)).asks_for_credentials) return std::nullopt;
      return fmt::format("no pod of '{}' has credentials that a role gives ('credentials')",
                         name(plan, plan.services[ServiceId::of(index)].component));
    }
    case Verb::memory_pressure: {
      if (plan.rules_of(ProcessId{index}).kubernetes) return std::nullopt;
      return fmt::format("'{}' is no pod: no kubelet evicts anything for it",
                         name(plan, plan.processes[ProcessId{index}].component));
    }
    case Verb::disk_pressure: {
      if (plan.rules_of(ProcessId{index}).kubernetes) return std::nullopt;
      return fmt::format("'{}' is no pod: no kubelet evicts anything for it",
                         name(plan, plan.processes[ProcessId{index}].component));
    }
    case Verb::removed_apis: {
      if (plan.services[ServiceId::of(index)].kind->runs_platform && plan.has_kubernetes()) return std::nullopt;
      return fmt::format("'{}' is no control plane whose releases remove APIs",
                         name(plan, plan.services[ServiceId::of(index)].component));
    }
    case Verb::kms_outage: {
      for (const VolumePlan& volume : plan.volumes) {
        if (volume.encrypted) return std::nullopt;
      }
      return "no volume is encrypted: nothing asks the key service";
    }
    case Verb::credentials_outage: {
      for (const ServiceSpec& service : plan.topology.services) {
        if (service.asks_for_credentials) return std::nullopt;
      }
      return "no service has credentials that expire ('credentials')";
    }
    case Verb::control_plane_outage: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (service.kind->runs_platform && !service.kind->hosted) return std::nullopt;
      if (service.kind->provider_runs) return std::nullopt;
      return fmt::format("'{}' is no control plane that a provider runs", name(plan, service.component));
    }
    case Verb::service_outage: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (service.kind->provider_runs) return std::nullopt;
      return fmt::format("'{}' is no service that a provider runs", name(plan, service.component));
    }
    case Verb::expired_certificate: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (!service.kind->provider_runs && !service.members.empty()) return std::nullopt;
      return fmt::format("the provider renews the certificates of '{}'", name(plan, service.component));
    }
    case Verb::control_plane_upgrade: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (service.kind->runs_platform) return std::nullopt;
      return fmt::format("'{}' is no control plane of a Kubernetes cluster", name(plan, service.component));
    }
    case Verb::volume_modify: {
      const VolumePlan& volume = plan.volumes[VolumeId{index}];
      if (rules_of(volume.kind).home == VolumeHome::zone) return std::nullopt;
      return fmt::format(
          "'{}' is {}: a provider changes network volumes only", name(plan, volume.component),
          rules_of(volume.kind).home == VolumeHome::machine ? "a disk of its machine" : "a network file system");
    }
    case Verb::region_api_outage: {
      if (plan.topology.rents_machines()) return std::nullopt;
      return "no machine is of a provider, whose control plane could fail";
    }
    case Verb::load_change: {
      const ServicePlan& service = plan.services[ServiceId::of(index)];
      if (service.kind->load(plan.spec(ServiceId::of(index)))) return std::nullopt;
      return fmt::format("'{}' has no load that could change", name(plan, service.component));
    }
    case Verb::metrics_outage: return of_metrics(plan, ServiceId::of(index));
    case Verb::delete_pod: return of_pod(plan, ProcessId{index});
    case Verb::volume_stuck: {
      const VolumePlan& volume = plan.volumes[VolumeId{index}];
      if (rules_of(volume.kind).home == VolumeHome::zone) return std::nullopt;
      return fmt::format("'{}' is {}: nothing attaches it", name(plan, volume.component),
                         rules_of(volume.kind).home == VolumeHome::machine ? "a local disk" : "a network file system");
    }
    default: return std::nullopt;
  }
}

}  // namespace nines::models::faults
