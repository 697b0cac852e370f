// Settings that do nothing as the others are. Each check names what is missing and what to do about it; none of them
// stops a topology from being used.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/topology_reader.hpp"
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

bool has_spot(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.capacity == models::Capacity::spot; });
}
bool has_karpenter(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.provisioner == models::Provisioner::karpenter; });
}
bool has_asg(const Topology& topology) {
  return any_group(topology, [](const auto& group) { return group.provisioner == models::Provisioner::asg; });
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
    return group.provisioner == models::Provisioner::karpenter && group.interruption_queue;
  });
}
bool has_gp3(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) { return pool.storage.kind == models::VolumeKind::gp3; });
}
bool has_snapshots(const Topology& topology) {
  return any_pool(topology, [](const auto& pool) {
    return pool.storage.kind == models::VolumeKind::gp3 && pool.storage.restore == models::Restore::snapshot;
  });
}
bool has_zones(const Topology& topology) { return topology.zones.size() > 1; }
bool is_managed(const Topology& topology) { return topology.managed_control_plane; }

/// Machines in the fullest zone.
std::int64_t largest_zone(const Topology& topology) {
  std::int64_t most = 0;
  for (const std::string& zone : topology.zones) {
    std::int64_t machines = 0;
    for (const models::NodeGroupSpec& group : topology.node_groups) {
      if (std::find(group.zones.begin(), group.zones.end(), zone) != group.zones.end())
        machines += group.nodes_per_zone;
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
};

constexpr Need needs[] = {
    {"spot.", has_spot, "no node group has capacity 'spot'"},
    {"node.provision.", has_provisioner, "no node group has a provisioner"},
    {"node.provision.karpenter", has_karpenter, "no node group has provisioner 'karpenter'"},
    {"node.provision.asg", has_asg, "no node group has provisioner 'asg'"},
    {"karpenter.", has_karpenter, "no node group has provisioner 'karpenter'"},
    {"node.status_checks", has_status_checks,
     "no Auto Scaling group repairs machines (provisioner 'asg', repair not 'none')"},
    {"node_repair.", has_node_repair, "no node group has repair 'node-repair'"},
    {"node.auto_recovery", has_auto_recovery, "no node group has auto_recovery"},
    {"node.loss.notice", has_queue, "no Karpenter group has an interruption queue"},
    {"ebs.", has_gp3, "no pool has gp3 storage"},
    {"ebs_csi.", has_gp3, "no pool has gp3 storage"},
    {"ebs.snapshot.", has_snapshots, "no storage has restore 'snapshot'"},
    {"kubelet.volume_", has_gp3, "no pool has gp3 storage"},
    {"controller_manager.attach_", has_gp3, "no pool has gp3 storage"},
    {"controller_manager.max_wait_for_unmount", has_gp3, "no pool has gp3 storage"},
    {"controller_manager.unhealthy_zone_threshold", has_partial_disruption,
     "no zone has the four machines that a partial disruption takes at least"},
    {"controller_manager.large_cluster_size_threshold", has_partial_disruption,
     "no zone has the four machines that a partial disruption takes at least"},
    {"controller_manager.secondary_node_eviction_rate", has_large_zone,
     "no zone has more machines than controller_manager.large_cluster_size_threshold"},
    {"price.eks.", is_managed, "platform.kind 'kubeadm' has no managed control plane"},
    {"price.gp3.", has_gp3, "no pool has gp3 storage"},
    {"price.transfer.", has_zones, "there is one zone only"},
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
    for (std::size_t i = 0; i < topology_.services.size(); ++i) check_service(i);
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
      const Need* need = need_of(key);
      if (need != nullptr && !need->met(topology_))
        warn("/overrides/" + escape_token(key), fmt::format("this does nothing here: {}.", need->without));
    }
  }

  // ---- machines ----

  [[nodiscard]] bool used(const models::NodeGroupSpec& group) const {
    if (topology_.operator_.node_group == group.name) return true;
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
  }

  void check_group(std::size_t index) {
    const models::NodeGroupSpec& group = topology_.node_groups[index];
    const std::string at = fmt::format("/node_groups/{}", index);
    if (!used(group))
      warn(at, fmt::format("nothing runs on node group '{}': it is billed, but changes no other figure. Name it in a "
                           "pool or the operator, or remove it.",
                           group.name));
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
    const std::size_t slis = service.kind->sli_names(service).size();
    for (std::size_t i = 0; i < slis; ++i) {
      const models::SlaSpec* sla = service.kind->sla_of(service, i);
      if (sla != nullptr) check_sla(*sla, fmt::format("{}/slis/{}/sla", report.at(), i));
    }
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

void check_combinations(const TopologyInput& input, const Topology& topology) {
  CombinationChecker(input, topology).check();
}

}  // namespace nines::loader
