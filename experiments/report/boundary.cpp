#include "experiments/report/boundary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "models/economics/cost.hpp"
#include "models/faults/possible.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/selector.hpp"
#include "models/service/kind.hpp"

namespace nines::experiments {

namespace {

using models::service::listed;

struct General {
  std::string_view kind;
  std::string_view text;
  Truth truth = Truth::worse;
};

/// Said otherwise where the design has 'backups'.
constexpr std::string_view deleted_data = "deleted-data";

/// What Kubernetes platforms leave out, whatever runs on them.
constexpr General of_kubernetes[] = {
    {"region", "outages of a region's control planes (EC2, EBS, EKS APIs) and of the whole region"},
    {"platform-changes",
     "changes of the platform that go wrong, roll backs that fail, defects that show only later or under load"},
    {deleted_data,
     "deleted or corrupted data: wrong commands here stop pods and machines, and leave network volumes alone"},
    {"grey-faults",
     "grey faults beside volumes, networks and CPUs that are slow or stalled: CPU limits of one container, links that "
     "lose packets one way, machines that compute wrongly; slow kubelets, for they have CPU of "
     "their own"},
    {"grey-faults-mended",
     "people who act on a grey fault: it lasts until it ends by itself, and nobody moves or kills what it holds up",
     Truth::either},
    {"clocks",
     "clocks that jump back or drift; what goes by wall-clock time beside elections: retention, certificates, time "
     "stamps, leases of machines that report an earlier time"},
};

/// The same, where every pool keeps its pods apart.
constexpr General of_pods_apart[] = {
    {"pod-placement", "pods of one pool that share a machine: here each has its own, as if the manifest demanded it"},
};

/// What processes on machines leave out, whatever they are.
constexpr General of_machines[] = {
    {"site",
     "outages of the whole site or region, and of what machines share: switches, racks, power, a storage array"},
    {"platform-changes",
     "changes of operating systems and of what is on the machines: reboots for updates, configuration that goes wrong"},
    {deleted_data, "deleted or corrupted data, and people's slips"},
    {"grey-faults", "grey faults: slow disks, lossy links, overloaded machines, memory pressure"},
    {"supervisor",
     "the supervisor itself, watchdogs, dependencies between units, and a process that hangs for good: nobody restarts "
     "what has not ended"},
};

/// Whether some service plays the part for the cluster.
bool plays(const models::Plan& plan, models::PlatformPart part) { return plan.player(part).exists(); }

/// What clients have before them.
LeftOut before_services(const models::Plan& plan) {
  const bool names = plays(plan, models::PlatformPart::names);
  return {"names",
          names ? "load balancers and gateways in front of clients, and names outside of the cluster"
                : "name resolution, load balancers and gateways in front of clients",
          Truth::worse, false};
}

/// Controllers and add-ons that no service stands for.
LeftOut controllers_of(const models::Plan& plan) {
  using enum models::PlatformPart;
  std::string text = "failures of Karpenter, ";
  if (!plays(plan, volumes) && !plays(plan, mounts))
    text += "the CSI drivers, ";
  else if (!plays(plan, volumes) || !plays(plan, mounts))
    text += fmt::format("{}, ",
                        models::platform_part_names[static_cast<std::size_t>(plays(plan, mounts) ? volumes : mounts)]);
  if (!plays(plan, names)) text += "cluster DNS ";
  return {"controllers", text + "and other controllers beside the operator", Truth::worse, false};
}

constexpr General around_pods[] = {
    {"drain-cleaner",
     "operators that withdraw endpoints before they stop a pod, Strimzi's Drain Cleaner, a provider's drain time-out",
     Truth::either},
};
constexpr General without_probes{"probes", "liveness probes, servers that stop being ready without stopping",
                                 Truth::either};
constexpr General with_probes{
    "probes",
    "probes that ask for more than 'asks' knows, successThreshold, servers that stop being ready while "
    "their process runs",
    Truth::either};

constexpr General of_black_boxes[] = {
    {"other-causes",
     "whatever the stated laws of failure and repair leave out: a black box has no other cause to fail"},
    {"partial-failures", "partial failures: a unit works or does not; none is slow, overloaded or wrong"},
    {"load-shift", "load that those which are left take over: no failure rate rises while others are down"},
    {"common-causes", "causes that several parts share, beyond the shocks, crews and masks that the topology names"},
    {"spare-parts",
     "what a repair waits for besides its crew: spare parts, machines, a platform; repairs that are done wrong"},
    {"changes",
     "planned work, changes that go wrong and people's slips, unless a component or a shock stands for them"},
    {"data-and-cost", "lost data, and what black boxes cost"},
};

/// No two pods of a pool are ever on one machine.
bool pods_apart(const models::Topology& topology) {
  const auto demands = [](const auto& pods) {
    return pods.placement.anti_affinity == models::AntiAffinity::host ||
           pods.placement.anti_affinity == models::AntiAffinity::zone;
  };
  return std::all_of(topology.workloads.begin(), topology.workloads.end(), demands) &&
         std::all_of(topology.services.begin(), topology.services.end(), [&](const models::ServiceSpec& service) {
           return std::all_of(service.pools.begin(), service.pools.end(), demands);
         });
}

/// What a design, or the command, is responsible for.
class Design {
 public:
  explicit Design(const models::Plan& plan) : plan_(plan), topology_(plan.topology) {}

  std::vector<LeftOut> list() {
    if (plan_.hosts()) {
      bare_machines();
      masters();
      controllers();
      placement();
      volumes();
      spot();
      other_zones();
      machines_that_move();
      fargate();
      planned_work();
      backups();
      alarms();
      autoscalers();
      shutdowns();
      credits();
    }
    switched_off();
    never();
    for (const models::ServiceSpec& service : topology_.services) {
      for (LeftOut& item : service.kind->left_out_here(topology_, service)) list_.push_back(std::move(item));
    }
    components();
    return std::move(list_);
  }

 private:
  void add(std::string_view kind, std::string text, Truth truth = Truth::worse) {
    list_.push_back({std::string(kind), std::move(text), truth, true});
  }

  /// Every process is of a service that the provider runs.
  [[nodiscard]] bool all_provided() const {
    return std::ranges::all_of(topology_.services, [](const models::ServiceSpec& service) {
      return service.kind->provider_runs || !service.kind->hosted;
    });
  }

  void bare_machines() {
    if (topology_.has_kubernetes() || all_provided()) return;
    add("no-kubernetes",
        "Kubernetes: there is none here. Supervisors restart processes where they are, people replace machines; no "
        "process moves to another machine, and nothing is rolled out, drained or scaled",
        Truth::either);
    if (!topology_.zones_named)
      add("no-zones",
          "zones: the topology names none. All machines are in one place, whose power and network never fail");
    std::vector<std::string> unlimited;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      const models::InstanceType& host = group.instance;
      const double least = std::min(host.network.bytes_per_s, host.local_disk_rate.bytes_per_s);
      if (group.bare && std::isinf(least)) unlimited.push_back(group.name);
    }
    if (!unlimited.empty())
      add("unlimited-hosts",
          fmt::format("limits of hosts: network or disk of {} have none, so that what they bound takes no time: "
                      "give 'network' and 'disk_rate'",
                      listed(unlimited)));
  }

  /// What the controllers that are here leave out.
  void controllers() {
    const auto named = [&](models::Controller controller) {
      std::vector<std::string> names;
      for (const models::WorkloadPlan& workload : plan_.workloads) {
        if (workload.controller == controller && workload.service.exists()) names.push_back(workload.name);
      }
      return names;
    };
    std::vector<std::string> surging;
    std::vector<std::string> others;
    for (const models::WorkloadPlan& workload : plan_.workloads) {
      if (workload.controller != models::Controller::deployment || !workload.service.exists()) continue;
      (workload.surges ? surging : others).push_back(workload.name);
    }
    if (!surging.empty())
      add("deployment-rolls",
          fmt::format("rolling updates of {}: old pods that are created anew while one is on have the new revision at "
                      "once, and an autoscaler does not scale both revisions in proportion",
                      listed(surging)),
          Truth::either);
    if (!others.empty())
      add("deployment-surge",
          fmt::format(
              "rolling updates that start new pods before they stop old ones (maxSurge) of {}: the share "
              "deployment.max_unavailable of the pods, at least one, is restarted at a time; a pod and its replacement "
              "never serve together",
              listed(others)),
          Truth::either);
    if (const auto names = named(models::Controller::stateful_set); !names.empty())
      add("statefulset-rolls",
          fmt::format("partitions and maxUnavailable of rolling updates of {}, and clients that a pod "
                      "takes leave of: its controller asks no server before it restarts one",
                      listed(names)),
          Truth::either);
  }

  void masters() {
    if (topology_.platform != models::PlatformKind::kubeadm || plan_.control_plane.exists()) return;
    add("kubeadm-masters",
        "the masters of platform.kind 'kubeadm': none is modelled or billed. They never fail and are never upgraded, "
        "as "
        "if the control plane were perfect; the bill lacks their machines and volumes");
  }

  void placement() {
    if (!topology_.has_kubernetes() || pods_apart(topology_)) return;
    add("pod-placement",
        "other machines that the scheduler might choose: where several score alike it takes the first here, the same "
        "in every run, and the kube-scheduler one at random",
        Truth::either);
  }

  [[nodiscard]] bool has_volume(std::initializer_list<models::VolumeKind> kinds) const {
    return std::any_of(plan_.volumes.begin(), plan_.volumes.end(), [&](const models::VolumePlan& volume) {
      return std::find(kinds.begin(), kinds.end(), volume.kind) != kinds.end();
    });
  }

  void volumes() {
    using enum models::VolumeKind;
    if (has_volume({efs}))
      add("network-file-system",
          "faults of EFS: it is never lost, slow or away, its writes are as fast as those of a volume, and its mounts "
          "take no time");
    if (has_volume({gp2, st1}))
      add("volume-operations",
          "operations of gp2 and st1 volumes: only bytes count, and credit is full at the start of each incident");
  }

  void spot() {
    std::vector<std::string> groups;
    std::vector<std::string> several;
    std::vector<std::string> drained;
    std::vector<std::string> undrained;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.capacity != models::Capacity::spot) continue;
      groups.push_back(group.name);
      if (!group.alternatives.empty()) several.push_back(group.name);
      if (!topology_.has_kubernetes() || group.provisioner != models::Provisioner::asg) continue;
      if (group.interruption == models::Interruption::none) undrained.push_back(group.name);
      const bool managed = group.interruption == models::Interruption::queue && group.capacity_rebalancing;
      if (managed && topology_.platform == models::PlatformKind::eks) drained.push_back(group.name);
    }
    if (groups.empty()) return;
    if (!drained.empty())
      add("spot-managed",
          fmt::format(
              "drains of Spot machines by EKS that begin late or not at all (managed node group {}): it promises "
              "them as well as it can, and here hears of every notice",
              listed(drained)));
    if (!undrained.empty())
      add("spot-hooks",
          fmt::format(
              "lifecycle hooks of an Auto Scaling group whose Spot machines nobody drains (node group {}): they "
              "may hold its machines' ends up, for whoever acts on them",
              listed(undrained)),
          Truth::either);
    add("spot-capacity",
        fmt::format("what Spot pools have to give (node group {}): how often two types are short together "
                    "(capacity.types.probability) is an assumption; how long a pool is short (spot.shortage.duration), "
                    "and how often other zones are too "
                    "(capacity.spread.probability), was measured on GPUs",
                    listed(groups)));
    if (!several.empty())
      add("spot-pools",
          fmt::format("spreading over Spot pools in health, and the moves between them (node group {}): the machines "
                      "of a zone are of one type, whose pool they come back to, and a larger one has no more room",
                      listed(several)),
          Truth::either);
  }

  /// Groups over several zones whose lost machines come again in their own zone only.
  void other_zones() {
    std::vector<std::string> tied;   // a pod or a disk belongs to a machine
    std::vector<std::string> bound;  // every pod is bound to a zone by its volume
    std::vector<std::string> first;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      const bool karpenter = group.provisioner == models::Provisioner::karpenter;
      const bool launches = karpenter || group.provisioner == models::Provisioner::asg;
      if (group.zones.size() < 2 || !launches || !topology_.has_kubernetes()) continue;
      const bool moves = group.scaling || models::kubernetes::spare_places(topology_, group) > 0;
      if (moves && !karpenter) {
        first.push_back(group.name);
      } else if (moves) {
        continue;
      } else if (models::kubernetes::bound_to_zones(topology_, group)) {
        bound.push_back(group.name);
      } else {
        tied.push_back(group.name);
      }
    }
    if (!tied.empty())
      add("other-zones",
          fmt::format(
              "machines in another zone in place of a lost one (node group {}, where a pod or a disk belongs to "
              "its machine): while a zone is away, or has no machines to give, they are waited for there",
              listed(tied)),
          Truth::better);
    if (!bound.empty())
      add("other-zones-bound",
          fmt::format("machines of an Auto Scaling group in zones where none of its pods can run (node group {}): it "
                      "launches there while a zone has none to give, and comes back by rebalancing; here it waits",
                      listed(bound)),
          Truth::either);
    if (!first.empty())
      add("zone-of-successors",
          fmt::format("zones of machines that are launched before planned work takes others away (node group {}): they "
                      "come in the same zone, and wait while it has none to give",
                      listed(first)),
          Truth::either);
  }

  static bool any_spot(const models::NodeGroupSpec& group) { return group.capacity == models::Capacity::spot; }

  /// What machines of groups that come in other zones do otherwise than here.
  void machines_that_move() {
    std::vector<std::string> karpenter;
    std::vector<std::string> checked;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (!topology_.has_kubernetes() || group.machines() < 2) continue;
      const bool spare = models::kubernetes::spare_places(topology_, group) > 0;
      const bool asg = group.provisioner == models::Provisioner::asg;
      if (group.provisioner == models::Provisioner::karpenter && group.zones.size() > 1 && (spare || group.scaling))
        karpenter.push_back(group.name);
      if (asg && group.repair != models::MachineRepair::none) checked.push_back(group.name);
    }
    if (!karpenter.empty()) {
      add("karpenter-choices",
          fmt::format("zones that Karpenter prefers (node group {}): it goes by the prices and the capacity of their "
                      "pools; here a machine comes where it may and the group has fewest",
                      listed(karpenter)),
          Truth::either);
    }
    std::vector<std::string> scaled;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (topology_.has_kubernetes() && group.scaling && group.zones.size() > 1 && any_spot(group))
        scaled.push_back(group.name);
    }
    if (!scaled.empty()) {
      add("layouts-of-scaled-groups",
          fmt::format("moments of health in which Spot machines of a group that is scaled (node group {}) are more or "
                      "fewer than in health at the usual load: incidents do not begin in them, and show up to a tenth "
                      "more downtime than --method timeline",
                      listed(scaled)),
          Truth::better);
    }
    std::vector<std::string> polled;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (topology_.has_kubernetes() && group.provisioner == models::Provisioner::karpenter)
        polled.push_back(group.name);
    }
    if (!polled.empty())
      add("karpenter-status-checks",
          fmt::format(
              "status checks of EC2 that newer versions of Karpenter act upon (node group {}): they ask every "
              "minute and delete a machine whose checks have failed for two; here, as with older ones, a machine "
              "that hangs keeps its place until it is back or is given up",
              listed(polled)),
          Truth::better);
    if (!checked.empty())
      add("unhealthy-at-once",
          fmt::format("how many machines that fail their status checks an Auto Scaling group replaces at a time (node "
                      "group {}): a tenth of them, at least one, and it waits for the new ones; here all go at once",
                      listed(checked)),
          Truth::worse);
  }

  void autoscalers() {
    std::vector<std::string> scaled;
    for (const models::WorkloadPlan& workload : plan_.workloads) {
      if (workload.autoscaler) scaled.push_back(workload.name);
    }
    if (!scaled.empty())
      add("autoscaled-pods",
          fmt::format("loads that change and metrics that fail by themselves (autoscaler of {}): both are steps of "
                      "scenarios, load-change and metrics-outage; several metrics, and the time that an external one "
                      "takes to arrive",
                      listed(scaled)));
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.scaling) groups.push_back(group.name);
    }
    if (!groups.empty())
      add("elastic-machines",
          fmt::format("growth without an incident (node group {}): loads do not vary by themselves, so that its "
                      "machines are in no bill; machines of another size or group for the same pods; the autoscaler's "
                      "own pod never fails",
                      listed(groups)));
  }

  void shutdowns() {
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.shutdown_grace > models::Duration()) groups.push_back(group.name);
    }
    if (!groups.empty())
      add("graceful-shutdown",
          fmt::format("a provider that cuts the power of a machine of {} before its kubelet has ended the pods",
                      listed(groups)));
  }

  void credits() {
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.instance.cpu_baseline > 0) groups.push_back(group.name);
    }
    if (!groups.empty())
      add("cpu-credits",
          fmt::format("CPU credits of {} that others than stateless services use, the system's pods among them",
                      listed(groups)));
  }

  void fargate() {
    std::vector<std::string> profiles;
    std::vector<std::string> expiring;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.provisioner == models::Provisioner::fargate) profiles.push_back(group.name);
      if (group.expire_after) expiring.push_back(group.name);
    }
    if (!profiles.empty())
      add("fargate-limits",
          fmt::format(
              "limits of Fargate (node group {}): launches a second, the account's quota of vCPUs, addresses of "
              "subnets, and the network of its machines, which has no limit here; how often it has no capacity is "
              "an assumption (fargate.failure_probability), and of hosts that die only Kubernetes takes notice",
              listed(profiles)),
          Truth::either);
    if (!expiring.empty())
      add("machines-of-one-age",
          fmt::format("machines that expire together because they were launched together: those of {} expire one by "
                      "one",
                      listed(expiring)));
  }

  void alarms() {
    if (!plan_.hosts()) return;
    if (plan_.alerts.monitored)
      add("alerts",
          "the network between monitoring and what it reads, notifications that do not arrive, and people who look no "
          "longer after too many in vain",
          Truth::worse);
    else
      add("alerts",
          "alerts: people notice after people.notice, whatever becomes of the machine that alarms run on ('monitoring' "
          "says by what they learn)",
          Truth::worse);
  }

  [[nodiscard]] bool planned(std::string_view verb, const std::string& target) const {
    return std::any_of(topology_.operations.begin(), topology_.operations.end(),
                       [&](const models::OperationSpec& operation) {
                         return operation.verb == verb && operation.target == target &&
                                models::planned_rate(topology_, operation).per_hour > 0;
                       });
  }

  void planned_work() {
    if (!topology_.has_kubernetes() && topology_.operations.empty()) {
      add("planned-work", "planned work: restarts, upgrades, retirements and replacements of processes and machines");
      return;
    }
    if (topology_.operations.empty()) {
      add("planned-work",
          "planned work: the topology's 'operations' are empty, so that no rolling restart and no drain is in any "
          "figure");
      return;
    }
    std::vector<std::string> services;
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted && !planned("rolling-restart", service.name)) services.push_back(service.name);
    }
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.bare) continue;
      const bool replaced = planned("drain", group.name) || planned("node-update", group.name) || group.expire_after;
      if (!replaced) groups.push_back(group.name);
    }
    if (!services.empty())
      add("planned-restarts", fmt::format("planned work: no operation restarts {}", listed(services)));
    if (!groups.empty())
      add("planned-drains",
          fmt::format("planned work: no operation drains the machines of {} (upgrades of machines)", listed(groups)));
  }

  void backups() {
    if (topology_.backups.empty()) return;
    std::vector<std::string> others;
    for (const models::ServiceSpec& service : topology_.services) {
      const bool said = std::ranges::any_of(
          topology_.backups, [&](const models::BackupSpec& backup) { return backup.service == service.name; });
      if (!said && service.kind->hosted && service.kind->writes_per_s(service) > 0) others.push_back(service.name);
    }
    if (!others.empty())
      add(deleted_data,
          fmt::format("data of {} that people delete or corrupt: 'backups' does not name it", listed(others)));
    add("backup-runs",
        "backups that are missed, fail unnoticed beyond the probability of a failed restore, or are deleted with the "
        "data; what copying them takes from those that serve");
    add("restores",
        "restores of a part beside what goes on, and logs that bring back what was written since the backup (archived "
        "WAL): all data are put back as they were",
        Truth::better);
  }

  void switched_off() {
    if (topology_.without_faults.empty()) return;
    add("faults-left-out", fmt::format("faults that --without-fault leaves out: {}", listed(topology_.without_faults)));
  }

  /// Something here can be its target.
  [[nodiscard]] bool makes_sense(models::Verb verb) const {
    const models::TargetKind target = models::verb_info(verb).target;
    const auto possible = [&](std::uint32_t index) { return !models::faults::why_impossible(plan_, verb, index); };
    if (target == models::TargetKind::zone) return topology_.zones_named;
    if (target == models::TargetKind::any) return possible(0);
    if (target == models::TargetKind::node) {
      for (const models::NodeId node : plan_.nodes.ids()) {
        if (possible(node.value)) return true;
      }
      return false;
    }
    if (verb == models::Verb::memory_pressure || verb == models::Verb::disk_pressure) return plan_.has_kubernetes();
    if (target != models::TargetKind::service) return true;
    for (const models::ServiceId service : plan_.services.ids()) {
      const bool hosted = !plan_.services[service].members.empty();
      if (hosted && possible(service.value)) return true;
    }
    return false;
  }

  /// Faults that could strike here and have rate 0.
  void never() {
    std::vector<models::Verb> possible;
    if (plan_.hosts()) {
      using enum models::Verb;
      possible = {process_kill,   process_pause, node_crash,      node_loss,     zone_power_loss,
                  zone_isolation, bad_rollout,   failed_upgrade,  wrong_command, expired_certificate,
                  network_slow,   packet_loss,   cpu_starved,     clock_jump,    region_api_outage,
                  node_not_ready, space_quota,   memory_pressure, kms_outage,    credentials_outage,
                  network_policy, kubelet_stop,  disk_pressure,   removed_apis,  service_outage,
                  broken_role};
      std::erase_if(possible, [&](models::Verb verb) { return !makes_sense(verb); });
      for (const models::VolumePlan& volume : plan_.volumes) {
        if (models::rules_of(volume.kind).home != models::VolumeHome::zone) continue;
        possible.insert(possible.end(), {volume_loss, disk_slow, volume_stalled});
        break;
      }
      if (std::any_of(topology_.node_groups.begin(), topology_.node_groups.end(),
                      [](const auto& group) { return group.capacity == models::Capacity::spot; }))
        possible.insert(possible.end(), {spot_reclaim, capacity_shortage});
    }
    std::vector<std::string_view> names;
    for (const models::Verb verb : possible) {
      const std::string_view name = models::verb_info(verb).name;
      const auto& without = topology_.without_faults;
      const bool strikes = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                       [&](const models::FaultSource& source) { return source.verb == verb; });
      if (!strikes && std::find(without.begin(), without.end(), name) == without.end()) names.push_back(name);
    }
    const bool retired = !plan_.has_kubernetes() || topology_.infrastructure.node_retirement_rate.per_hour > 0;
    if (!retired) names.emplace_back("retirement of machines");
    // Each by its name, however many: none may be left without a word.
    if (!names.empty()) add("faults-never", fmt::format("faults whose rate is 0 here: {}", fmt::join(names, ", ")));
    if (!plan_.hosts()) return;
    const bool launched = std::any_of(topology_.node_groups.begin(), topology_.node_groups.end(),
                                      [](const auto& group) { return group.provisioner != models::Provisioner::none; });
    if (launched && topology_.infrastructure.capacity_failure_probability <= 0)
      add("launches-never-fail",
          "lack of capacity: node.provision.failure_probability is 0, so that every launch succeeds");
    if (plan_.has_kubernetes() && topology_.infrastructure.volume_stuck_probability <= 0)
      add("attachments-never-hang", "attachments that hang: ebs.attach.stuck_probability is 0");
  }

  // ---- black boxes ----

  [[nodiscard]] bool shocked(const std::string& component) const {
    return std::any_of(topology_.shocks.begin(), topology_.shocks.end(), [&](const auto& shock) {
      return std::find(shock.hits.begin(), shock.hits.end(), component) != shock.hits.end();
    });
  }

  void list_names(std::string_view kind, std::string_view text, const std::vector<std::string>& names) {
    if (!names.empty()) add(kind, fmt::format("{}: {}", text, listed(names)));
  }

  void components() {
    std::vector<std::string> alone;
    std::vector<std::string> unbound;
    std::vector<std::string> seamless;
    std::vector<std::string> cold;
    models::Count unshared = 0;
    for (const models::components::ComponentSpec& spec : topology_.components) {
      if (spec.repair && spec.crew.empty()) {
        unshared += spec.count;
        alone.push_back(spec.name);
      }
      if (spec.count > 1 && !shocked(spec.name)) unbound.push_back(spec.name);
      if (!spec.standby) continue;
      const bool switched = spec.standby->switchover.has_value();
      if (!switched || spec.standby->switchover->coverage >= 1) seamless.push_back(spec.name);
      if (spec.standby->dormant_factor <= 0) cold.push_back(spec.name);
    }
    if (unshared > 1)
      list_names("own-repairers",
                 "repairs that wait for somebody: without a crew every failed unit is repaired at once, of", alone);
    list_names("independent-units", "failures that units share: no shock hits several units at once, of", unbound);
    list_names("sure-switchover", "takeovers that fail: a standby always takes over, of", seamless);
    list_names("cold-standby", "failures while standing by: dormant_factor is 0, of", cold);
  }

  const models::Plan& plan_;
  const models::Topology& topology_;
  std::vector<LeftOut> list_;
};

std::string_view truth_name(Truth truth) {
  switch (truth) {
    case Truth::worse: return "worse";
    case Truth::better: return "better";
    case Truth::either: break;
  }
  return "either way";
}

}  // namespace

std::vector<LeftOut> left_out(const models::Plan& plan) {
  std::vector<LeftOut> list = Design(plan).list();
  const bool saved = !plan.topology.backups.empty();
  const auto add = [&](const auto& lines) {
    for (const General& line : lines) {
      if (saved && line.kind == deleted_data) continue;
      list.push_back({std::string(line.kind), std::string(line.text), line.truth, false});
    }
  };
  const auto add_kinds = [&](bool hosted) {
    std::vector<const models::service::Kind*> seen;
    for (const models::ServicePlan& service : plan.services) {
      if (service.kind->hosted != hosted || std::find(seen.begin(), seen.end(), service.kind) != seen.end()) continue;
      seen.push_back(service.kind);
      const std::span<const LeftOut> its = service.kind->left_out();
      list.insert(list.end(), its.begin(), its.end());
    }
  };
  if (plan.hosts()) {
    if (plan.has_kubernetes()) {
      add(of_kubernetes);
      // Between the region and what goes wrong by changes, where it always stood.
      list.insert(list.end() - static_cast<std::ptrdiff_t>(std::size(of_kubernetes)) + 1, controllers_of(plan));
      if (pods_apart(plan.topology)) add(of_pods_apart);
    } else {
      add(of_machines);
    }
    add_kinds(true);
    list.push_back(before_services(plan));
    if (plan.has_kubernetes()) {
      add(around_pods);
      const bool declared =
          std::ranges::any_of(plan.topology.services, [](const auto& its) { return its.probes.has_value(); });
      add(std::span(declared ? &with_probes : &without_probes, 1));
    }
  }
  if (!plan.topology.components.empty()) add(of_black_boxes);
  add_kinds(false);
  return list;
}

std::vector<LeftOut> left_out(const std::vector<const models::Plan*>& plans) {
  std::vector<LeftOut> list;
  for (const models::Plan* plan : plans) {
    for (LeftOut& item : left_out(*plan)) {
      const bool known =
          std::any_of(list.begin(), list.end(), [&](const LeftOut& other) { return other.text == item.text; });
      if (!known) list.push_back(std::move(item));
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const LeftOut& a, const LeftOut& b) { return a.of_design && !b.of_design; });
  return list;
}

std::string left_out_line(const LeftOut& item) {
  return fmt::format("{} (truth: {})", item.text, truth_name(item.truth));
}

std::vector<std::string> left_out_lines(const std::vector<LeftOut>& items) {
  std::vector<std::string> lines;
  for (const LeftOut& item : items) lines.push_back(left_out_line(item));
  return lines;
}

Json left_out_json(const std::vector<LeftOut>& items) {
  Json list = Json::array();
  for (const LeftOut& item : items) {
    list.push_back(
        {{"kind", item.kind}, {"text", item.text}, {"truth", truth_name(item.truth)}, {"of_design", item.of_design}});
  }
  return list;
}

std::string boundary_text(const std::vector<LeftOut>& items, bool all) {
  if (items.empty()) return "";
  std::string text = "\nNot modelled: the truth is worse for each, unless it says otherwise\n";
  std::size_t general = 0;
  for (const LeftOut& item : items) {
    if (!item.of_design && !all) {
      ++general;
      continue;
    }
    text += fmt::format("  - {}\n",
                        item.truth == Truth::worse ? escape::visible(item.text) : escape::visible(left_out_line(item)));
  }
  if (general > 0)
    text += fmt::format("  - and {} causes of every design of its kind: --format json lists them\n", general);
  return text;
}

std::vector<std::string> not_billed(const models::Plan& plan) {
  if (plan.topology.node_groups.empty()) return {"everything: black boxes have no price"};
  std::vector<std::string> list;
  std::vector<std::string> bare;
  // Machines of services that the provider runs are in what these cost.
  const auto is_provided = [&](const models::NodeGroupSpec& group) {
    return std::ranges::any_of(plan.topology.services, [&](const models::ServiceSpec& service) {
      return service.kind->provider_runs &&
             std::ranges::any_of(service.pools, [&](const auto& pool) { return pool.node_group == group.name; });
    });
  };
  for (const models::NodeGroupSpec& group : plan.topology.node_groups) {
    if (group.bare && !is_provided(group)) bare.push_back(group.name);
  }
  if (bare.size() == plan.topology.node_groups.size())
    return {fmt::format("everything but people's time: hosts without 'instance_type' have no price ({})",
                        models::service::listed(bare))};
  if (!bare.empty()) list.push_back(fmt::format("hosts without 'instance_type': {}", models::service::listed(bare)));
  if (plan.topology.platform == models::PlatformKind::kubeadm && !plan.control_plane.exists())
    list.emplace_back("the masters of platform.kind 'kubeadm': their machines, volumes and traffic");
  if (plan.topology.managed_control_plane())
    list.emplace_back(
        "extended support of EKS: from 14 months after EKS released a version its clusters cost six times the fee");
  const auto& always = models::economics::not_included();
  list.insert(list.end(), always.begin(), always.end());
  return list;
}

void show_warnings(const std::vector<std::string>& warnings) {
  constexpr std::size_t most = 20;
  std::set<std::string> shown;
  std::size_t more = 0;
  for (const std::string& warning : warnings) {
    if (!shown.insert(warning).second) continue;
    if (shown.size() > most)
      ++more;
    else
      write_message(escape::visible(warning));
  }
  if (more > 0) write_message(fmt::format("and {} more warnings", more));
}

std::string option_warning(std::string_view option, std::string_view message) {
  return fmt::format("nines: warning: {}: {}", option, message);
}

}  // namespace nines::experiments
