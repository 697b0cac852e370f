#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/infrastructure/credits.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/pod_limit.hpp"
#include "models/plan.hpp"
#include "models/scheduling.hpp"
#include "models/service/answering.hpp"

namespace nines::loader {

namespace {

using models::Topology;

class TopologyChecker {
 public:
  TopologyChecker(const TopologyInput& input, const Topology& topology) : input_(input), topology_(topology) {}

  void check() {
    check_names();
    check_components(input_, topology_);
    check_zones();
    check_counts();
    for (std::size_t i = 0; i < topology_.services.size(); ++i) {
      ServiceReport report(input_, i);
      topology_.services[i].kind->check(report, topology_, topology_.services[i]);
      check_probes(i);
    }
    check_pod_limits();
    check_room();
  }

 private:
  void report(const std::string& pointer, std::string message) {
    input_.problems->add(input_.document->problem(pointer, std::move(message)));
  }

  /// What a probe asks on behalf of its server is another service of the file.
  void check_dependency(std::size_t index, std::string_view name, const std::optional<models::ProbeSpec>& probe) {
    if (!probe || probe->asks != models::ProbeAsks::dependency) return;
    std::vector<std::string> others;
    for (const models::ServiceSpec& other : topology_.services) {
      if (models::service::answers_others(other) && &other != &topology_.services[index]) others.push_back(other.name);
    }
    const std::string at = fmt::format("/services/{}/probes/{}/dependency", index, name);
    if (std::find(others.begin(), others.end(), probe->dependency) == others.end())
      report(at,
             fmt::format("there is no other service '{}' with processes.{}", probe->dependency,
                         did_you_mean(probe->dependency, std::vector<std::string_view>(others.begin(), others.end()))));
  }

  /// A probe is over before the next one begins.
  void check_probes(std::size_t index) {
    const std::optional<models::ProbesSpec>& probes = topology_.services[index].probes;
    if (!probes) return;
    const models::kubernetes::Parameters& defaults = topology_.kubernetes;
    const auto check = [&](std::string_view name, const std::optional<models::ProbeSpec>& probe) {
      if (!probe) return;
      const models::Duration period = probe->period.value_or(defaults.probe_period);
      const models::Duration timeout = probe->timeout.value_or(defaults.probe_timeout);
      if (timeout > period)
        report(fmt::format("/services/{}/probes/{}", index, name),
               fmt::format("the time-out ({:g} s) must be at most the period ({:g} s).", timeout.to_seconds(),
                           period.to_seconds()));
    };
    check("startup", probes->startup);
    check("readiness", probes->readiness);
    check("liveness", probes->liveness);
    check_dependency(index, "startup", probes->startup);
    check_dependency(index, "readiness", probes->readiness);
    check_dependency(index, "liveness", probes->liveness);
  }

  /// Zones, groups, services, components, shocks and the operator share one space of names: scenarios and traces refer
  /// to them by name only.
  void check_names() {
    std::map<std::string, std::string> owner;
    const auto add = [&](const std::string& name, const std::string& pointer) {
      const auto [found, fresh] = owner.emplace(name, pointer);
      if (!fresh) report(pointer, fmt::format("the name '{}' is taken by {}.", name, found->second));
    };
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) add(topology_.zones[i], fmt::format("/zones/{}", i));
    for (std::size_t i = 0; i < topology_.services.size(); ++i)
      add(topology_.services[i].name, fmt::format("/services/{}/name", i));
    for (std::size_t i = 0; i < topology_.components.size(); ++i)
      add(topology_.components[i].name, fmt::format("/components/{}/name", i));
    for (std::size_t i = 0; i < topology_.shocks.size(); ++i)
      add(topology_.shocks[i].name, fmt::format("/shocks/{}/name", i));
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) {
      // A group may be called like its service: it is never the target of the same verb.
      const auto found = owner.find(topology_.node_groups[i].name);
      if (found == owner.end() || !found->second.starts_with("/services/"))
        add(topology_.node_groups[i].name, fmt::format("/node_groups/{}/name", i));
    }
    const bool short_form = value_at(*input_.document, "/platform/operator") != nullptr;
    for (std::size_t i = 0; i < topology_.workloads.size(); ++i)
      add(topology_.workloads[i].name, short_form && i == 0
                                           ? "/platform/operator/name"
                                           : fmt::format("/platform/workloads/{}/name", i - (short_form ? 1 : 0)));
  }

  void check_zones() {
    if (!topology_.managed_control_plane()) return;
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) {
      if (!topology_.zones[i].starts_with(topology_.region))
        report(fmt::format("/zones/{}", i),
               fmt::format("zone '{}' is not in region '{}'.", topology_.zones[i], topology_.region));
    }
  }

  static std::int64_t nodes(const models::NodeGroupSpec& group) { return group.machines(); }

  void check_counts() {
    std::int64_t machines = 0;
    std::int64_t spare = 0;  // places for machines that come in another zone, or beside one that hangs
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      const auto zones = static_cast<std::int64_t>(group.zones.size());
      machines += group.slots_per_zone() * zones;
      spare += models::kubernetes::spare_places(topology_, group) * zones;
    }
    if (machines > most_nodes) {
      report("/node_groups", fmt::format("expected at most {} machines, got {}.", most_nodes, machines));
    } else if (machines + spare > most_nodes) {
      report("/node_groups", fmt::format("expected at most {} places for machines, got {}: {} machines, and {} places "
                                         "for those that come in another zone, or beside one that hangs.",
                                         most_nodes, machines + spare, machines, spare));
    }
    std::int64_t processes = 0;
    for (const models::WorkloadSpec& workload : topology_.workloads) processes += workload.replicas;
    for (const models::ServiceSpec& service : topology_.services) {
      std::int64_t members = 0;
      for (const models::PoolSpec& pool : service.pools)
        members += service.job ? service.job->parallelism * service.job->places : pool.most_replicas();
      processes += members;
      if (members > most_members && (service.kind->stores || service.kind->runs_platform))
        report("/services", fmt::format("expected at most {} processes of '{}', which are not all alike, got {}.",
                                        most_members, service.name, members));
    }
    if (processes > most_processes)
      report("/services", fmt::format("expected at most {} processes, got {}.", most_processes, processes));
  }

  /// Machines that have pods have room for some beside those of the system.
  void check_pod_limits() {
    if (!topology_.has_kubernetes()) return;
    const std::int64_t taken = models::kubernetes::system_pods(topology_);
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) {
      const models::NodeGroupSpec& group = topology_.node_groups[i];
      const std::int64_t limit = models::kubernetes::pod_limit(topology_, group);
      if (limit > taken) continue;
      const std::string field = group.max_pods ? "max_pods" : group.bare ? "name" : "instance_type";
      report(
          fmt::format("/node_groups/{}/{}", i, field),
          fmt::format("a machine of '{}' may have {} pods, and those of the system take {}: none is left. Choose a "
                      "larger type{}.",
                      group.name, limit, taken, topology_.prefix_delegation ? "" : ", or platform.prefix_delegation"));
    }
  }

  /// The scheduler itself looks whether every pod finds a machine.
  void check_room() {
    if (!input_.problems->empty()) return;  // then the topology may be too odd to be tried
    for (std::size_t s = 0; s < topology_.services.size(); ++s) {
      for (std::size_t p = 0; p < topology_.services[s].pools.size(); ++p)
        check_one_a_machine(topology_.services[s].pools[p], fmt::format("/services/{}/pools/{}", s, p));
    }
    if (!input_.problems->empty()) return;
    try {
      models::check_placement(topology_);
      check_rest();
      check_credits();
    } catch (const models::NoPlace& found) {
      tell(found);
    } catch (const std::invalid_argument&) {
      // Whatever else is wrong is told when the plan is built.
    }
  }

  /// Burstable machines in standard mode earn what they use in health.
  void check_credits() {
    const auto standard = [](const models::NodeGroupSpec& group) {
      return group.instance.cpu_baseline > 0 && !group.unlimited_credits;
    };
    if (std::ranges::none_of(topology_.node_groups, standard)) return;
    const auto over = models::infrastructure::over_baseline(models::build_plan(topology_, 1));
    if (over)
      report("/node_groups", fmt::format("{}. Say more or larger machines, or cpu_credits 'unlimited'.", *over));
  }

  /// Machines of groups that shrink stay as they are in health.
  void check_rest() {
    const auto scales = std::ranges::find_if(
        topology_.node_groups, [](const models::NodeGroupSpec& group) { return group.scaling.has_value(); });
    if (scales == topology_.node_groups.end()) return;
    const auto restless = models::kubernetes::restless_machine(models::build_plan(topology_, 1));
    if (restless)
      report("/node_groups", fmt::format("{}. Say fewer machines as 'desired', where the group comes to rest, or what "
                                         "keeps its pods apart.",
                                         *restless));
  }

  [[nodiscard]] const models::NodeGroupSpec& group_named(const std::string& name) const {
    return *std::find_if(topology_.node_groups.begin(), topology_.node_groups.end(),
                         [&](const models::NodeGroupSpec& group) { return group.name == name; });
  }

  void check_one_a_machine(const models::PoolSpec& pool, const std::string& at) {
    const models::NodeGroupSpec& group = group_named(pool.node_group);
    if (pool.placement.anti_affinity != models::AntiAffinity::host || pool.replicas <= nodes(group)) return;
    report(at + "/replicas", fmt::format("expected at most one pod a machine: node group '{}' has {}, got {}.",
                                         group.name, nodes(group), pool.replicas));
  }

  void tell(const models::NoPlace& found) {
    const std::size_t short_form = value_at(*input_.document, "/platform/operator") != nullptr ? 1 : 0;
    if (found.waits)
      return report(fmt::format("/services/{}/pools/{}", found.service.value, found.index),
                    fmt::format("{}.", found.what()));
    if (found.service.exists()) {
      const models::PoolSpec& pool = topology_.services[found.service.value].pools[found.index];
      const bool disk = pool.storage.size.count > 0 && pool.storage.kind == models::VolumeKind::nvme;
      return tell(fmt::format("/services/{}/pools/{}", found.service.value, found.index), pool, found,
                  disk ? ", local disk" : "");
    }
    const std::string at = found.index < short_form ? "/platform/operator"
                                                    : fmt::format("/platform/workloads/{}", found.index - short_form);
    tell(at, topology_.workloads[found.index], found, "");
  }

  /// `pods`: a pool or a workload.
  template <class Pods>
  void tell(const std::string& at, const Pods& pods, const models::NoPlace& found, std::string_view disk) {
    const models::NodeGroupSpec& group = group_named(pods.node_group);
    report(at, fmt::format("{} of {} pods ({:g} cpu, {:g} GiB{}) do not fit on the {} machines of node group '{}' "
                           "({}: {:g} vcpu, {:g} GiB): what else would do {}.",
                           pods.replicas - found.before, pods.replicas, pods.cpu, pods.memory.gib(), disk, nodes(group),
                           group.name, group.instance.name, group.instance.vcpu, group.instance.memory.gib(),
                           models::text_of(found.refusal)));
  }

  const TopologyInput& input_;
  const Topology& topology_;
};

}  // namespace

bool is_supervised(const models::ServiceSpec& service) {
  return std::any_of(service.pools.begin(), service.pools.end(), [&](const models::PoolSpec& pool) {
    return pool.controller.value_or(service.controller) == models::Controller::supervisor;
  });
}

bool has_supervised(const Topology& topology) {
  return std::any_of(topology.services.begin(), topology.services.end(), is_supervised);
}

void check_topology(const TopologyInput& input, const Topology& topology) { TopologyChecker(input, topology).check(); }

}  // namespace nines::loader
