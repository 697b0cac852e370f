// Settings that do nothing as the others are. Each check names what is missing and what to do about it; none of them
// stops a topology from being used.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/capacity_pools.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

namespace {

using models::Topology;

// ---- what parameters need
// --------------------------------------------------------------------------------------------

bool any_group(const Topology& topology, bool (*fits)(const models::NodeGroupSpec&)) {
  return std::any_of(topology.node_groups.begin(), topology.node_groups.end(), fits);
}
bool any_pool(const Topology& topology, bool (*fits)(const models::PoolSpec&)) {
  return std::any_of(topology.services.begin(), topology.services.end(), [&](const models::ServiceSpec& service) {
    return std::any_of(service.pools.begin(), service.pools.end(), fits);
  });
}

bool has_hosts(const Topology& topology) { return !topology.node_groups.empty(); }
bool notices_by_law(const Topology& topology) { return !topology.monitoring.has_value(); }
bool has_monitoring(const Topology& topology) { return topology.monitoring.has_value(); }
bool has_spot(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.capacity == models::Capacity::spot; });
}
bool has_karpenter(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.provisioner == models::Provisioner::karpenter; });
}
bool has_asg(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.provisioner == models::Provisioner::asg; });
}
bool has_fargate(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.provisioner == models::Provisioner::fargate; });
}
bool has_expiry(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.expire_after.has_value(); });
}
bool has_rolls(const Topology& topology, models::Controller controller) {
  return std::any_of(topology.services.begin(), topology.services.end(), [&](const models::ServiceSpec& service) {
    return std::any_of(service.pools.begin(), service.pools.end(), [&](const models::PoolSpec& pool) {
      return pool.controller.value_or(service.controller) == controller;
    });
  });
}
bool has_deployments(const Topology& topology) { return has_rolls(topology, models::Controller::deployment); }
bool has_kubernetes_rolls(const Topology& topology) {
  return has_deployments(topology) || has_rolls(topology, models::Controller::stateful_set) ||
         has_rolls(topology, models::Controller::daemon_set);
}
bool has_provisioner(const Topology& topology) { return has_karpenter(topology) || has_asg(topology); }
bool has_status_checks(const Topology& topology) {
  return any_group(topology, [](const auto& group) {
    return group.provisioner == models::Provisioner::asg && group.repair != models::MachineRepair::none;
  });
}
bool has_node_repair(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.repair == models::MachineRepair::node_repair; });
}
bool has_auto_recovery(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.auto_recovery; });
}
bool has_queue(const Topology& topology) {
  return any_group(topology, [](const auto& group) {
    return group.provisioner == models::Provisioner::karpenter && group.interruption == models::Interruption::queue;
  });
}
/// Whoever launched a machine hears of the loss of its host: a group always, Karpenter by its queue.
bool has_heard_loss(const Topology& topology) { return has_asg(topology) || has_queue(topology); }
bool hears(const Topology& topology, models::Interruption interruption) {
  return std::any_of(topology.node_groups.begin(), topology.node_groups.end(), [&](const auto& group) {
    return group.capacity == models::Capacity::spot && group.interruption == interruption;
  });
}
bool hears_by_queue(const Topology& topology) { return hears(topology, models::Interruption::queue); }
bool hears_by_handler(const Topology& topology) { return hears(topology, models::Interruption::handler); }
bool has_rebalancing(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.capacity_rebalancing; });
}
bool chooses_pools(const Topology& topology) {
  return any_group(topology, [](const auto& group) {
    return group.capacity == models::Capacity::spot && !group.alternatives.empty();
  });
}
template <models::VolumeKind kind>
bool has_volume(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) { return pool.storage.size.count > 0 && pool.storage.kind == kind; });
}
bool has_ebs(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return pool.storage.size.count > 0 && models::rules_of(pool.storage.kind).home == models::VolumeHome::zone;
  });
}
bool has_ebs_beside_io2(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return pool.storage.size.count > 0 && models::rules_of(pool.storage.kind).home == models::VolumeHome::zone &&
           pool.storage.kind != models::VolumeKind::io2;
  });
}
bool has_ebs_or_root(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return pool.storage.size.count > 0 && models::rules_of(pool.storage.kind).ebs;
  });
}
bool has_snapshots(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return models::rules_of(pool.storage.kind).ebs && pool.storage.restore == models::Restore::snapshot;
  });
}
template <models::service::Balancer sort>
bool has_balancer(const Topology& topology) {
  return std::any_of(topology.services.begin(), topology.services.end(),
                     [](const models::ServiceSpec& service) { return service.kind->balancer(service) == sort; });
}
bool has_balanced_load(const Topology& topology) {
  return std::any_of(topology.services.begin(), topology.services.end(), [](const models::ServiceSpec& service) {
    return service.kind->balancer(service) && service.kind->load(service);
  });
}
bool has_probes(const Topology& topology) {
  return std::any_of(topology.services.begin(), topology.services.end(), [](const models::ServiceSpec& service) {
    const auto& probes = service.probes;
    return probes && (probes->startup || probes->readiness || probes->liveness);
  });
}
bool has_autoscaler(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) { return pool.autoscaler.has_value(); });
}
bool scales_by_cpu(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return pool.autoscaler && pool.autoscaler->metric == models::ScalingMetric::cpu;
  });
}
template <bool behavior>
bool scales_with(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) { return pool.autoscaler && pool.autoscaler->behavior == behavior; });
}
bool has_scaling(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.scaling.has_value(); });
}
/// Karpenter's groups that launch machines for pods, and take those away that nothing needs.
bool grows_for_pods(const Topology& topology) {
  return std::ranges::any_of(topology.node_groups, [&](const models::NodeGroupSpec& group) {
    return group.provisioner == models::Provisioner::karpenter &&
           (group.scaling || models::kubernetes::spare_places(topology, group) > 0);
  });
}
bool scans_groups(const Topology& topology) { return has_scaling(topology) || grows_for_pods(topology); }
bool balances_zones(const Topology& topology) {
  return std::ranges::any_of(topology.node_groups, [&](const models::NodeGroupSpec& group) {
    return group.provisioner == models::Provisioner::asg && models::kubernetes::spare_places(topology, group) > 0;
  });
}
/// Spot machines of several types.
bool has_spot_types(const Topology& topology) {
  std::set<std::string> names;
  for (const models::NodeGroupSpec& group : topology.node_groups) {
    if (group.capacity != models::Capacity::spot) continue;
    names.insert(group.instance.name);
    for (const models::InstanceType& type : group.alternatives) names.insert(type.name);
  }
  return names.size() > 1;
}
template <models::Provisioner provisioner>
bool scales_by(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.scaling && group.provisioner == provisioner; });
}
bool has_surges(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const models::ServiceSpec& service) {
    return service.kind->parks && std::ranges::any_of(service.pools, [&](const models::PoolSpec& pool) {
             return pool.controller.value_or(service.controller) == models::Controller::deployment;
           });
  });
}
bool has_graceful_shutdown(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.shutdown_grace > models::Duration(); });
}
bool lends_credits(const Topology& topology) {
  return any_group(topology,
                   [](const auto& group) { return group.instance.cpu_baseline > 0 && group.unlimited_credits; });
}
bool has_any_control_plane(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const auto& service) { return service.kind->runs_platform; });
}
bool has_zones(const Topology& topology) { return topology.zones.size() > 1; }
bool has_rented(const Topology& topology) { return topology.rents_machines(); }
bool has_nat(const Topology& topology) { return topology.nat_gateways > 0; }
bool has_jobs(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const auto& service) { return service.job.has_value(); });
}
bool has_new_pods(const Topology& topology) {
  return std::ranges::any_of(topology.services,
                             [](const auto& service) { return service.job && !service.job->restarts_in_place; });
}
bool has_limited(const Topology& topology) {
  return topology.has_kubernetes() && any_group(topology, [](const auto& group) { return !group.max_volumes; });
}
bool has_kubernetes(const Topology& topology) { return topology.has_kubernetes(); }
bool has_encrypted(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) { return pool.storage.encrypted; });
}
bool has_credentials(const Topology& topology) {
  return std::ranges::any_of(topology.services, &models::ServiceSpec::asks_for_credentials);
}
template <bool Restarts>
bool plans_by_default(const Topology& topology) {
  return std::ranges::any_of(topology.operations, [](const models::OperationSpec& operation) {
    return operation.by_default && (operation.verb == "rolling-restart") == Restarts;
  });
}

bool has_said_of_backups(const Topology& topology) { return !topology.backups.empty(); }
template <bool tested>
bool has_backups(const Topology& topology) {
  return std::ranges::any_of(topology.backups, [](const models::BackupSpec& backup) {
    return backup.every > models::Duration() && backup.tested == tested;
  });
}
bool has_any_backup(const Topology& topology) { return has_backups<false>(topology) || has_backups<true>(topology); }
bool has_space_quota(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const auto& service) { return service.kind->has_quota(service); });
}
bool has_quota_by_rate(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const auto& service) {
    return service.kind->has_quota(service) && service.kind->quota_by_rate(service);
  });
}
bool is_managed(const Topology& topology) { return topology.managed_control_plane(); }
template <bool hosted>
bool has_control_plane(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const models::ServiceSpec& service) {
    return service.kind->runs_platform && service.kind->hosted == hosted;
  });
}
bool has_provided(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const auto& service) { return service.kind->provider_runs; });
}
/// Processes of a supervisor that no provider sees to.
bool has_own_supervised(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const models::ServiceSpec& service) {
    return !service.kind->provider_runs && is_supervised(service);
  });
}
bool has_outage_of_control_plane(const Topology& topology) {
  return has_control_plane<false>(topology) || has_provided(topology);
}
bool has_own_store(const Topology& topology) {
  return std::ranges::any_of(topology.services, [](const models::ServiceSpec& service) {
    const models::service::Kind& kind = *service.kind;
    return kind.hosted && kind.stores && !kind.provider_runs && !kind.runs_platform && !kind.holds_objects;
  });
}
bool is_own(const Topology& topology) { return topology.platform == models::PlatformKind::kubeadm; }

/// Machines in the fullest zone.
std::int64_t largest_zone(const Topology& topology) {
  std::int64_t most = 0;
  for (const std::string& zone : topology.zones) {
    std::int64_t machines = 0;
    for (const models::NodeGroupSpec& group : topology.node_groups) {
      if (std::find(group.zones.begin(), group.zones.end(), zone) != group.zones.end())
        machines += group.slots_per_zone();
    }
    most = std::max(most, machines);
  }
  return most;
}

/// A zone is partially disrupted if more than two of its machines are not Ready and another one is.
bool has_partial_disruption(const Topology& topology) {
  constexpr std::int64_t least = 4;
  return largest_zone(topology) >= least;
}
bool has_large_zone(const Topology& topology) {
  return has_partial_disruption(topology) && largest_zone(topology) > topology.kubernetes.large_zone_size;
}

/// What must be there for parameters whose keys begin so to change anything. The longest beginning that fits counts.
struct Need {
  std::string_view beginning;
  bool (*met)(const Topology&);
  std::string_view without;  ///< what is missing, and what would make it act
  bool hides = false;        ///< without it they are no inputs of the design: no list of assumptions has them
};
constexpr bool hides = true;

constexpr Need needs[] = {
    {"people.notice", notices_by_law,
     "people learn by the alerts of 'monitoring', and else after people.notice.unalerted"},
    {"people.notice.command", has_hosts, "there are no machines"},
    {"people.notice.unalerted", has_monitoring, "the topology has no 'monitoring'", hides},
    {"spot.", has_spot, "no node group has capacity 'spot'"},
    {"spot.allocation.", chooses_pools, "no node group with capacity 'spot' has several 'instance_types'"},
    {"spot.rebalance.", has_rebalancing, "no node group has 'capacity_rebalancing'"},
    {"interruption.queue_delay", hears_by_queue, "no node group with capacity 'spot' has interruption 'queue'"},
    {"interruption.handler_delay", hears_by_handler, "no node group with capacity 'spot' has interruption 'handler'"},
    {"capacity.spread.", has_zones, "there is one zone only"},
    {"capacity.zone_loss.", has_zones, "there is one zone only"},
    {"node.provision.", has_provisioner, "no node group has a provisioner"},
    {"node.provision.karpenter", has_karpenter, "no node group has provisioner 'karpenter'"},
    {"node.provision.asg", has_asg, "no node group has provisioner 'asg'"},
    {"karpenter.", has_karpenter, "no node group has provisioner 'karpenter'"},
    {"karpenter.expiry_forceful", has_expiry, "no node group has 'expire_after_h'"},
    {"node_update.", has_asg, "no node group has provisioner 'asg'"},
    {"supervisor.", has_own_supervised, "the provider sees to every process", hides},
    {"supervisor.restart_wait", has_supervised, "no supervisor runs any process", hides},
    {"fargate.", has_fargate, "no node group has provisioner 'fargate'", hides},
    {"deployment.", has_deployments, "no pods of a service are a Deployment's"},
    {"deployment.max_surge", has_surges, "no Deployment's rolls start pods beside the old ones: its kind parks none"},
    {"deployment.progress_deadline", has_surges,
     "no Deployment's rolls start pods beside the old ones: its kind parks none"},
    {"kubelet.shutdown_unmounts", has_graceful_shutdown, "no node group has 'shutdown_grace_s'"},
    {"provider.launch.", has_provisioner, "no node group has a provisioner"},
    {"price.cpu_credits", lends_credits, "no node group has burstable machines in unlimited mode"},
    {"change.removed_apis.", has_any_control_plane, "no service is a control plane"},
    {"pod.disk_pressure.", has_kubernetes, "there is no Kubernetes"},
    {"people.repair.disk", has_kubernetes, "there is no Kubernetes"},
    {"rollout.", has_kubernetes_rolls, "no controller of Kubernetes itself rolls pods of a service"},
    {"node.status_checks", has_status_checks,
     "no Auto Scaling group repairs machines (provisioner 'asg', repair not 'none')"},
    {"node_repair.", has_node_repair, "no node group has repair 'node-repair'"},
    {"node.auto_recovery", has_auto_recovery, "no node group has auto_recovery"},
    {"node.loss.notice", has_heard_loss,
     "there is no Auto Scaling group, and no Karpenter group with interruption 'queue'"},
    {"ebs.", has_ebs, "no pool has a network volume"},
    {"ebs.slow.", has_ebs_or_root, "no pool has a volume of EBS"},
    {"ebs.stall.", has_ebs_or_root, "no pool has a volume of EBS"},
    {"ebs.loss.rate", has_ebs_beside_io2, "no pool has a network volume beside io2 (ebs.io2.loss.rate)"},
    {"ebs.gp2.", has_volume<models::VolumeKind::gp2>, "no pool has gp2 storage", hides},
    {"ebs.io2.", has_volume<models::VolumeKind::io2>, "no pool has io2 storage", hides},
    {"ebs.st1.", has_volume<models::VolumeKind::st1>, "no pool has st1 storage", hides},
    {"ebs_csi.", has_ebs, "no pool has a network volume"},
    {"ebs.snapshot.", has_snapshots, "no storage has restore 'snapshot'"},
    {"kubelet.volume_", has_ebs, "no pool has a network volume"},
    {"controller_manager.attach_", has_ebs, "no pool has a network volume"},
    {"controller_manager.max_wait_for_unmount", has_ebs, "no pool has a network volume"},
    {"controller_manager.unhealthy_zone_threshold", has_partial_disruption,
     "no zone has the four machines that a partial disruption takes at least"},
    {"controller_manager.large_cluster_size_threshold", has_partial_disruption,
     "no zone has the four machines that a partial disruption takes at least"},
    {"controller_manager.secondary_node_eviction_rate", has_large_zone,
     "no zone has more machines than controller_manager.large_cluster_size_threshold"},
    {"control_plane.outage.", has_outage_of_control_plane, "no service is run by the provider, nor is a control plane"},
    {"service.outage.", has_provided, "no service is run by the provider", hides},
    {"node.not_ready.", has_kubernetes, "there is no Kubernetes"},
    {"node.kubelet_stop.", has_kubernetes, "there is no Kubernetes"},
    {"region.api_outage.", has_rented, "no machine is of a provider"},
    {"kms.outage.", has_encrypted, "no network volume is 'encrypted'", hides},
    {"credentials.outage.", has_credentials, "no service has 'credentials'", hides},
    {"pod.memory_pressure.", has_kubernetes, "there is no Kubernetes"},
    {"kubelet.eviction_", has_kubernetes, "there is no Kubernetes"},
    {"change.network_policy.", has_kubernetes, "there is no Kubernetes"},
    {"planned.restart.rate", plans_by_default<true>,
     "the topology names its 'operations', or has no service on Kubernetes", hides},
    {"planned.replacement.rate", plans_by_default<false>,
     "the topology names its 'operations', or nothing provisions its machines", hides},
    {"change.role.", has_credentials, "no service has 'credentials'", hides},
    {"data.", has_said_of_backups, "the topology has no 'backups'", hides},
    {"data.restore.rate", has_any_backup, "no service has a backup", hides},
    {"data.restore.failure_probability", has_backups<false>, "no backup is one that nobody tests", hides},
    {"data.restore.failure_probability_tested", has_backups<true>, "no backup is 'tested'", hides},
    {"change.space_quota.", has_quota_by_rate, "no service has a database with a quota", hides},
    {"people.repair.space", has_space_quota, "no service has a database with a quota, or a disk that may be full",
     hides},
    {"people.control_plane_care", has_control_plane<true>, "no service is a control plane on machines of one's own"},
    {"people.service_care", has_own_store, "no service stores data on machines of one's own"},
    {"people.repair.master", has_control_plane<true>, "no service is a control plane on machines of one's own"},
    {"probe.", has_probes, "no service declares a probe"},
    {"price.eks.", is_managed, "platform.kind 'kubeadm' has no managed control plane"},
    {"price.gp3.", has_volume<models::VolumeKind::gp3>, "no pool has gp3 storage"},
    {"price.gp2.", has_volume<models::VolumeKind::gp2>, "no pool has gp2 storage", hides},
    {"price.io2.", has_volume<models::VolumeKind::io2>, "no pool has io2 storage", hides},
    {"price.st1.", has_volume<models::VolumeKind::st1>, "no pool has st1 storage", hides},
    {"price.efs.", has_volume<models::VolumeKind::efs>, "no pool has efs storage", hides},
    {"price.snapshot.", has_snapshots, "no storage has restore 'snapshot'", hides},
    {"price.nat_gateway", has_nat, "the file names no 'nat_gateways'", hides},
    {"job.", has_jobs, "no service runs Jobs", hides},
    {"job.backoff.", has_new_pods, "no service runs Jobs that create pods anew (restart_policy Never)", hides},
    {"ebs.attach.limit", has_limited, "every node group of Kubernetes has 'max_volumes', or there is none"},
    {"price.alb", has_balancer<models::service::Balancer::application>, "no service has an application load balancer",
     hides},
    {"price.nlb", has_balancer<models::service::Balancer::network>, "no service has a network load balancer", hides},
    {"price.load_balancer.", has_balanced_load, "no service behind a load balancer states its load", hides},
    {"eks.", is_managed, "platform.kind is not 'eks'", hides},
    {"kubeadm.", is_own, "platform.kind is not 'kubeadm'", hides},
    {"price.fargate.", has_fargate, "no node group has provisioner 'fargate'", hides},
    {"price.transfer.", has_zones, "there is one zone only"},
    {"hpa.", has_autoscaler, "no pool has an 'autoscaler'", hides},
    {"hpa.cpu_initialization_period", scales_by_cpu, "no autoscaler has 'cpu_utilization'", hides},
    {"hpa.initial_readiness_delay", scales_by_cpu, "no autoscaler has 'cpu_utilization'", hides},
    {"hpa.scale_up.", scales_with<true>, "no autoscaler has 'behavior'", hides},
    {"hpa.scale_down.", scales_with<true>, "no autoscaler has 'behavior'", hides},
    {"hpa.policy_period", scales_with<true>, "no autoscaler has 'behavior'", hides},
    {"hpa.scale_up_limit.", scales_with<false>, "every autoscaler has 'behavior'", hides},
    {"metrics_server.", scales_by_cpu, "no autoscaler has 'cpu_utilization'", hides},
    {"cluster_autoscaler.", scales_by<models::Provisioner::asg>, "no Auto Scaling group has 'scaling'", hides},
    {"cluster_autoscaler.scan_interval", scans_groups, "no node group grows for pods", hides},
    {"karpenter.consolidat", grows_for_pods, "no group of Karpenter's has machines beyond those of health", hides},
    {"asg.rebalance.", balances_zones, "no Auto Scaling group may launch in another zone", hides},
    {"capacity.types.", has_spot_types, "Spot machines are of one type", hides},
};

const Need* need_of(std::string_view key) {
  const Need* best = nullptr;
  for (const Need& need : needs) {
    const bool longer = best == nullptr || need.beginning.size() > best->beginning.size();
    if (longer && key.starts_with(need.beginning)) best = &need;
  }
  return best;
}

// ---- checks
// ----------------------------------------------------------------------------------------------------------

class CombinationChecker {
 public:
  CombinationChecker(const TopologyInput& input, const Topology& topology) : input_(input), topology_(topology) {}

  void check() {
    check_overrides();
    check_machines();
    for (std::size_t i = 0; i < topology_.services.size(); ++i) {
      check_service(i);
      check_budgets(i);
    }
    for (std::size_t i = 0; i < topology_.crews.size(); ++i) check_crew(i);
  }

 private:
  void warn(const std::string& pointer, std::string message) {
    input_.problems->warn(input_.document->problem(pointer, std::move(message)));
  }

  [[nodiscard]] const Json* given(const std::string& pointer) const { return value_at(*input_.document, pointer); }

  void check_overrides() {
    const Json* overrides = given("/overrides");
    if (overrides == nullptr || !overrides->is_object()) return;
    for (const auto& [key, ignored] : overrides->get_ref<const Json::object_t&>()) {
      if (const std::string_view why = unread_group(key); !why.empty()) {
        warn("/overrides/" + escape_token(key), fmt::format("this does nothing here: {}.", why));
        continue;
      }
      if (const std::string_view why = why_idle(key, topology_); !why.empty())
        warn("/overrides/" + escape_token(key), fmt::format("this does nothing here: {}.", why));
    }
  }

  /// Why no model reads any parameter of the key's group; empty if some is read.
  [[nodiscard]] std::string_view unread_group(std::string_view key) const {
    const ParameterInfo* info = find_parameter(key);
    if (info == nullptr) return {};
    if (info->group == Group::kubernetes && !topology_.has_kubernetes()) return "there is no Kubernetes";
    if (info->group == Group::hosts && !has_supervised(topology_)) return "no supervisor runs any process";
    if (info->group == Group::alerts && !topology_.monitoring) return "the topology has no 'monitoring'";
    if (info->group == Group::prices && topology_.region.empty()) return "without 'region' nothing is priced";
    return {};
  }

  // ---- machines ----

  [[nodiscard]] bool used(const models::NodeGroupSpec& group) const {
    for (const models::WorkloadSpec& workload : topology_.workloads) {
      if (workload.node_group == group.name) return true;
    }
    return std::any_of(topology_.services.begin(), topology_.services.end(), [&](const models::ServiceSpec& service) {
      return std::any_of(service.pools.begin(), service.pools.end(),
                         [&](const models::PoolSpec& pool) { return pool.node_group == group.name; });
    });
  }

  void check_machines() {
    if (topology_.node_groups.empty()) return;
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) {
      const std::string& zone = topology_.zones[i];
      const bool peopled =
          std::any_of(topology_.node_groups.begin(), topology_.node_groups.end(), [&](const auto& group) {
            return std::find(group.zones.begin(), group.zones.end(), zone) != group.zones.end();
          });
      if (!peopled)
        warn(
            fmt::format("/zones/{}", i),
            fmt::format("zone '{}' has no machines: its loss stops nothing. Name it in a node group's zones, or remove "
                        "it.",
                        zone));
    }
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) check_group(i);
    check_quota();
  }

  /// Whoever launches a replacement first runs a machine more for a while.
  void check_quota() {
    const models::VcpuQuota health = models::vcpus_in_health(topology_);
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      const bool first = group.replacement == models::Replacement::launch_first || group.capacity_rebalancing;
      if (group.bare || !first || group.provisioner == models::Provisioner::none ||
          group.provisioner == models::Provisioner::fargate)
        continue;
      const bool spot = group.capacity == models::Capacity::spot;
      const double left = spot ? topology_.quota.spot - health.spot : topology_.quota.on_demand - health.on_demand;
      if (left < group.instance.vcpu)
        warn("/quota_vcpu",
             fmt::format("this leaves {:g} vCPUs {} beside the machines in health, and a machine of node group '{}' "
                         "has {:g}: a replacement that is launched first waits for good.",
                         left, spot ? "on Spot" : "on demand", group.name, group.instance.vcpu));
    }
  }

  /// The disruption controller asks the pods' controller how many it wants. It knows ReplicaSets, StatefulSets and what
  /// has a scale subresource; of others it cannot tell (kubernetes/kubernetes pkg/controller/disruption,
  /// getExpectedScale). An operator may say as many as are to stay, as Strimzi does.
  void check_budget(const std::string& at, models::Controller controller,
                    const std::optional<models::DisruptionBudget>& budget) {
    if (!budget || given(at) == nullptr) return;
    const bool job = controller == models::Controller::job;
    const bool share = budget->of == models::DisruptionBudget::Of::max_unavailable;
    if (!job && controller != models::Controller::operator_set) return;
    if (!budget->percent && !(job && share)) return;
    warn(at,
         fmt::format("Kubernetes cannot tell how many pods {} wants, and lets none go under a budget in per cent{}: "
                     "here it counts them. Say 'min_available' as a number of pods.",
                     job ? "a Job" : "an operator", job ? " or a max_unavailable" : ""));
  }

  void check_budgets(std::size_t index) {
    const models::ServiceSpec& service = topology_.services[index];
    const std::string at = fmt::format("/services/{}", index);
    check_budget(at + "/pdb", service.controller, service.budget);
    for (std::size_t i = 0; i < service.pools.size(); ++i) {
      const models::PoolSpec& pool = service.pools[i];
      check_budget(fmt::format("{}/pools/{}/pdb", at, i), pool.controller.value_or(service.controller), pool.budget);
    }
  }

  void check_interruption(const models::NodeGroupSpec& group, const std::string& at) {
    const bool spot = group.capacity == models::Capacity::spot;
    const bool group_of_provider = group.provisioner == models::Provisioner::asg;
    // Of machines on demand Karpenter's queue tells of failed status checks.
    const bool heard =
        group.provisioner == models::Provisioner::karpenter && group.interruption != models::Interruption::handler;
    if (!spot && !heard && given(at + "/interruption") != nullptr)
      warn(at + "/interruption", fmt::format("this does nothing here: node group '{}' is on demand, and nobody "
                                             "gives notice to such machines. Remove the field.",
                                             group.name));
    if (spot && group_of_provider && topology_.has_kubernetes() && group.interruption == models::Interruption::none)
      warn(at, fmt::format("nobody hears of Spot notices in node group '{}': its machines are not drained, and their "
                           "pods stop with them {}. Say 'interruption' if a handler runs there.",
                           group.name,
                           group.capacity_rebalancing ? "once a replacement is up, or after two minutes"
                                                      : "after two minutes"));
  }

  void check_group(std::size_t index) {
    const models::NodeGroupSpec& group = topology_.node_groups[index];
    const std::string at = fmt::format("/node_groups/{}", index);
    if (!used(group))
      warn(at, fmt::format("nothing runs on node group '{}': it is billed, but changes no other figure. Name it in a "
                           "pool or the operator, or remove it.",
                           group.name));
    check_interruption(group, at);
    const bool drained = std::any_of(topology_.operations.begin(), topology_.operations.end(),
                                     [&](const models::OperationSpec& operation) {
                                       return operation.verb == "drain" && operation.target == group.name &&
                                              operation.variant == models::Variant::drawn;
                                     });
    if (!drained && given(at + "/replacement") != nullptr)
      warn(at + "/replacement",
           fmt::format("this acts on planned drains that name no 'variant', and no operation drains "
                       "'{}' so: add {{\"do\": \"drain\", \"target\": \"{}\", ...}} to "
                       "'operations'. Replays of a drain read it.",
                       group.name, group.name));
  }

  // ---- SLAs, black boxes ----

  void check_service(std::size_t index) {
    const models::ServiceSpec& service = topology_.services[index];
    ServiceReport report(input_, index);
    service.kind->check_combinations(report, topology_, service);
    if (service.probes) check_questions(service, report.at() + "/probes");
    if (service.pre_stop >= topology_.kubernetes.termination_grace && service.pre_stop > models::Duration())
      warn(report.at() + "/pre_stop_s",
           fmt::format("the hook runs within the grace period (pod.termination_grace_period, {:g} s), which is over "
                       "before it ends: servers are killed before they get SIGTERM.",
                       topology_.kubernetes.termination_grace.to_seconds()));
    const std::size_t slis = service.kind->sli_names(service).size();
    for (std::size_t i = 0; i < slis; ++i) {
      const models::SlaSpec* sla = service.kind->sla_of(service, i);
      if (sla != nullptr) check_sla(*sla, fmt::format("{}/slis/{}/sla", report.at(), i));
    }
  }

  /// What a probe says that asks something else than whether the server serves.
  void check_questions(const models::ServiceSpec& service, const std::string& at) {
    using models::ProbeAsks;
    const auto& [startup, readiness, liveness] = *service.probes;
    const auto asks = [](const std::optional<models::ProbeSpec>& probe, ProbeAsks what) {
      return probe && probe->asks == what;
    };
    if (asks(liveness, ProbeAsks::dependency))
      warn(at + "/liveness/asks",
           fmt::format(
               "while {0} is away every pod of {1} is restarted, again and again, which does not bring {0} back: "
               "ask for the server alone ('served').",
               liveness->dependency, service.name));
    if (asks(readiness, ProbeAsks::dependency))
      warn(at + "/readiness/asks",
           fmt::format("while {0} is away all pods of {1} leave the rotation at once: clients of {1} meet nobody, also "
                       "those who need nothing of {0}.",
                       readiness->dependency, service.name));
    if (asks(liveness, ProbeAsks::process))
      warn(at + "/liveness/asks",
           "this passes while the server hangs: the process is there, its port accepts connections. Nothing restarts "
           "it.");
    if (asks(readiness, ProbeAsks::answers))
      warn(at + "/readiness/asks",
           "this passes while the server answers nothing but errors, as during its start: requests are sent to pods "
           "that "
           "turn them away.");
    if (asks(readiness, ProbeAsks::process))
      warn(at + "/readiness/asks",
           "this passes before the server is ready and while it hangs: requests are sent to pods that do not answer.");
  }

  void check_sla(const models::SlaSpec& sla, const std::string& at) {
    if (sla.credits.empty()) return;
    if (topology_.node_groups.empty())
      warn(at + "/credits", "credits are shares of the monthly bill, and black boxes have none: they come to nothing.");
    else if (sla.credits.front().below > sla.target)
      warn(at + "/credits/0/below",
           fmt::format("this is above the target {:g}: credit is due in windows that meet it. Set "
                       "it to the target.",
                       sla.target));
  }

  void check_crew(std::size_t index) {
    const models::components::CrewSpec& crew = topology_.crews[index];
    std::int64_t units = 0;
    std::size_t members = 0;
    for (const models::components::ComponentSpec& component : topology_.components) {
      if (component.crew != crew.name) continue;
      units += component.count;
      ++members;
    }
    const std::string at = fmt::format("/crews/{}", index);
    if (crew.size >= units)
      warn(at, fmt::format("crew '{}' has {} members for {} units: none ever waits, so that size and policy change "
                           "nothing. Give it fewer, or remove it.",
                           crew.name, crew.size, units));
    else if (members == 1 && crew.policy == models::components::CrewPolicy::priority)
      warn(at + "/policy", fmt::format("crew '{}' repairs one component only: there is nothing to order.", crew.name));
  }

  const TopologyInput& input_;
  const Topology& topology_;
};

}  // namespace

bool is_of_others(std::string_view key, const Topology& topology) {
  const Need* need = need_of(key);
  return need != nullptr && need->hides && !need->met(topology);
}

std::string_view why_idle(std::string_view key, const Topology& topology) {
  const Need* need = need_of(key);
  return need == nullptr || need->met(topology) ? std::string_view{} : need->without;
}

void check_combinations(const TopologyInput& input, const Topology& topology) {
  CombinationChecker(input, topology).check();
}

}  // namespace nines::loader
