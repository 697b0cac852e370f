#include "experiments/loader/fields.hpp"

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/lab_file.hpp"
#include "experiments/loader/sweep_file.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/scenario.hpp"

namespace nines::loader {

namespace {

using enum Shape;
constexpr bool required = true;
constexpr bool optional = false;

using models::service::rows::above_zero;
using models::service::rows::part;
using models::service::rows::real;
using models::service::rows::time_s;
using models::service::rows::whole;

constexpr double most_cpu = 10'000;
constexpr double most_quota = 1e9;
constexpr std::int64_t most_priority = 1'000'000'000;  // of a PriorityClass that is not the system's
constexpr double day_s = 86'400;
constexpr double month_s = 30 * day_s;
constexpr double most_expiry_h = 10 * 8'760;
constexpr double most_backup_h = 10 * 8'760;
constexpr double least_backup_h = 0.05;  // three minutes
constexpr double ten_years_s = 10.0 * 8760 * 3600;
/// Windows of an SLA: six minutes to a year.
constexpr double least_window_h = 0.1;
constexpr double most_window_h = 8'760;
/// Of a target or a tier; below it a window would have to be down as a whole.
constexpr double least_availability = 1e-6;
constexpr double most_bound = 1e18;
constexpr std::int64_t least_incidents = 1'000;
constexpr std::int64_t most_incidents = 1'000'000'000;

constexpr FieldSpec schema_link{"$schema", ignored, optional, "JSON Schema for editors; not read"};
constexpr FieldSpec schema_id{"schema", text, required, "kind and version of the file"};

// ---- topology -----------------------------------------------------------------------------------------------------
constexpr std::array topology_table{
    schema_link,
    schema_id,
    FieldSpec{"name", name, required, "short name in results"},
    FieldSpec{"title", text, optional, "one line about the design; without it the name"},
    FieldSpec{"source", text, optional, "where the design comes from; not read"},
    FieldSpec{"notes", texts, optional, "what the author assumes, in words; printed with results"},
    FieldSpec{"region", name, optional,
              "cloud region: selects prices and Spot reclaim rates; required with Kubernetes and instance types"},
    FieldSpec{
        "zones", texts, optional,
        "availability zones; required with Kubernetes; without it all is in one place whose loss is not modelled"},
    FieldSpec{"platform", object, optional, "the Kubernetes cluster; without it processes run on machines alone",
              "platform"},
    FieldSpec{"node_groups", objects, optional,
              "machines; required with Kubernetes; without it each process has a host of its own", "node_group"},
    whole("nat_gateways", optional,
          "NAT gateways of the network, for the bill (without it they are in no bill); what they pass on is not billed",
          0, 100),
    FieldSpec{"quota_vcpu", object, optional,
              "vCPUs that the account may run of each sort, replacements on their way included", "quota_vcpu"},
    FieldSpec{"components", objects, optional, "black boxes: what fails and is repaired by given laws", "component"},
    FieldSpec{"crews", objects, optional, "who repairs components", "crew"},
    FieldSpec{"shocks", objects, optional, "common causes that fail several components at once", "shock"},
    FieldSpec{"services", objects, required, "what is measured", "service"},
    FieldSpec{"operations", objects, optional,
              "planned work that happens by itself; without the field services are restarted and machines replaced at "
              "the rates planned.restart.rate and planned.replacement.rate, and with an empty list nothing is planned",
              "operation"},
    FieldSpec{"backups", objects, optional,
              "how the data of services are saved against people; of services that it does not name nobody deletes or "
              "corrupts any",
              "backup"},
    FieldSpec{"monitoring", object, optional,
              "alerts by which people learn that something needs them; without it they notice after people.notice",
              "monitoring"},
    FieldSpec{"overrides", overrides, optional, "values that replace those of the profiles, by parameter"},
};
constexpr std::array platform_table{
    FieldSpec{"kind",
              choice,
              required,
              "eks: managed control plane; kubeadm: own masters; none: no Kubernetes, processes on machines",
              {},
              platform_kinds},
    FieldSpec{"kubernetes_version", text, optional, "minor version, such as \"1.31\"; required with Kubernetes"},
    FieldSpec{"operator", object, optional,
              "the deployment of one operator: it creates the pods of every service that names no other controller",
              "operator"},
    FieldSpec{"workloads", objects, optional, "pods that no service has: operators and others", "workload"},
    FieldSpec{"prefix_delegation", boolean, optional,
              "eks: network interfaces have prefixes of 16 addresses, so that a machine may have more pods (default "
              "false)"},
};
constexpr std::array placement_table{
    FieldSpec{"anti_affinity",
              choice,
              optional,
              "how its pods keep apart from each other: host (default): no two on one machine; zone: no two in one "
              "zone; preferred: other machines first; none",
              {},
              affinity_kinds},
    FieldSpec{"topology_spread", objects, optional,
              "Kubernetes' topologySpreadConstraints over its pods; without any the scheduler's own (soft)", "spread"},
    whole("priority", optional, "a pod that finds no machine makes pods of lower priority leave (default 0)", 0,
          most_priority),
};
constexpr std::array spread_table{
    FieldSpec{"topology", choice, required, "what the pods are spread over", {}, spread_domains},
    whole("max_skew", optional, "pods that a domain may have more than the one with fewest (default 1)", 1,
          most_processes),
    FieldSpec{"when_unsatisfiable",
              choice,
              required,
              "DoNotSchedule: a pod waits rather than skew more; ScheduleAnyway: machines that skew less come first",
              {},
              unsatisfiable_kinds},
};
constexpr std::array limits_table{
    FieldSpec{
        "max_unavailable", number_or_text, optional,
        "pods that evictions may take down at the same time: a number, or a share of the pods that are wanted, such "
        "as \"25%\", rounded up"},
    FieldSpec{"min_available", number_or_text, optional,
              "pods that have to stay Ready, in the same form; this or max_unavailable"},
};
constexpr std::array workload_table{
    FieldSpec{"name", name, required, "name of its pod; of several with a number: name-0"},
    FieldSpec{"controller",
              choice,
              required,
              "who creates its pods; operators own the pods of services only",
              {},
              controller_kinds},
    FieldSpec{"node_group", name, required, "machines it runs on"},
    whole("replicas", optional, "pods (default 1; daemonset and static-pod: one a machine)", 1, most_processes),
    real("cpu", optional, "requested processors of a pod (default 0)", {0, most_cpu}),
    FieldSpec{"memory", bytes, optional, "requested memory of a pod (default 0)"},
    limits_table[0],
    limits_table[1],
    FieldSpec{"operates", texts, optional, "services whose pods it creates, and only while one of its own pods works"},
    placement_table[0],
    placement_table[1],
    placement_table[2],
};
constexpr std::array controller_table{
    FieldSpec{
        "controller",
        choice,
        optional,
        "who creates its pods: operator (default with Kubernetes): the one that operates the service; statefulset, "
        "deployment, daemonset, static-pod: Kubernetes; supervisor (default without): each machine's own, such "
        "as systemd",
        {},
        controller_kinds},
    FieldSpec{
        "pod_management",
        choice,
        optional,
        "statefulset: ordered-ready (default): a pod is created while those of lower ordinals are Ready; parallel",
        {},
        management_kinds},
};
constexpr std::array operator_table{
    FieldSpec{"name", name, required, "name of the operator's pod"},
    FieldSpec{"node_group", name, required, "node group it runs on"},
};
constexpr std::array node_group_table{
    FieldSpec{"name", name, required, "name of the group"},
    FieldSpec{"instance_type", text, optional,
              "machine type of the catalogue (nines list instance-types); required with Kubernetes; without it hosts "
              "that nobody bills, unlimited in what follows unless it is given"},
    real("cpu", optional, "hosts without instance_type: processors", {0, most_cpu, true}),
    above_zero({"memory", bytes, optional, "hosts without instance_type: memory"}),
    above_zero({"network", bandwidth, optional, "hosts without instance_type: network bandwidth, each way"}),
    above_zero({"disk", bytes, optional, "hosts without instance_type: local disk"}),
    above_zero({"disk_rate", bandwidth, optional, "hosts without instance_type: bandwidth of the local disk"}),
    FieldSpec{"zones", texts, optional, "zones it spans; required with Kubernetes; without it all"},
    whole("nodes_per_zone", optional,
          "machines in each of them; this or 'scaling'; none on fargate, which has one for each pod", 1, most_nodes),
    FieldSpec{"scaling", object, optional,
              "the number of machines changes with what pods need: by the Cluster Autoscaler (asg) or by Karpenter",
              "scaling"},
    whole("max_volumes", optional,
          "network volumes that a machine may have attached (default with Kubernetes: ebs.attach.limit; "
          "--volume-attach-limit of the EBS CSI driver)",
          1, 128),
    FieldSpec{
        "root_volume", bytes, optional,
        "size of a machine's root volume, gp3, for the bill (without it those that hold only the system are in no "
        "bill)"},
    whole("max_pods", optional,
          "pods that a machine may have, those of the system among them (default on eks: what its network interfaces "
          "have addresses for; else kubelet.max_pods)",
          1, most_processes),
    FieldSpec{
        "capacity", choice, optional, "how the machines are paid for; required with instance_type", {}, capacity_kinds},
    FieldSpec{
        "provisioner",
        choice,
        optional,
        "what starts machines; required with instance_type; karpenter is Kubernetes' alone; fargate, on eks: a machine "
        "for each pod, gone with it, without instance_type",
        {},
        provisioner_kinds},
    FieldSpec{"instance_types", texts, optional,
              "types that a replacement may be of, instance_type first and none smaller; all count as of its size"},
    FieldSpec{"allocation",
              choice,
              optional,
              "how an Auto Scaling group chooses among the Spot pools of instance_types (default "
              "price-capacity-optimized, which is what Karpenter does)",
              {},
              allocation_kinds},
    FieldSpec{"on_demand_fallback", boolean, optional,
              "Karpenter with capacity 'spot' launches on demand while no Spot pool has capacity (default false)"},
    whole("on_demand_base", optional,
          "Auto Scaling group with capacity 'spot': so many of its machines are on demand (default 0)", 0, most_nodes),
    whole("on_demand_percentage_above_base", optional,
          "Auto Scaling group with capacity 'spot': share of the others that are on demand, in percent (default 0)", 0,
          100),
    FieldSpec{"capacity_rebalancing", boolean, optional,
              "Auto Scaling group with capacity 'spot': a replacement is launched at a rebalance recommendation, and "
              "the machine given up when that is up: drained by whoever hears of interruptions, terminated if nobody "
              "does (default: that of 'managed')"},
    FieldSpec{"managed", boolean, optional,
              "Auto Scaling group of eks with capacity 'spot': EKS manages it; it drains machines at the notice, and "
              "capacity_rebalancing is always on (default, unless 'interruption' is handler or none, rebalancing is "
              "off or some machines are on demand); false: a group of one's own, whose machines are drained by what "
              "'interruption' says"},
    FieldSpec{"interruption",
              choice,
              optional,
              "who hears of Spot notices: queue (default with Karpenter): Karpenter, also of failed status checks; "
              "with another provisioner a termination handler that reads events, or EKS ('managed'); handler: one that "
              "polls on the machine; handlers drain and launch nothing; none (default without Karpenter and "
              "'managed'): nobody",
              {},
              interruption_kinds},
    FieldSpec{
        "auto_recovery", boolean, optional,
        "the provider restarts an instance on other hardware after a host loss (default: true without local disk)"},
    FieldSpec{"repair",
              choice,
              optional,
              "who replaces a machine that hangs or is cut off: provider (default): an Auto Scaling group does when "
              "status checks fail (node.status_checks), Karpenter does not; node-repair: also Karpenter's or EKS' node "
              "repair when its Node is not Ready for node_repair.toleration; none: nobody",
              {},
              repair_kinds},
    FieldSpec{"replacement",
              choice,
              optional,
              "how a drain that does not say it by 'variant' replaces a machine: launch-first (default with a "
              "provisioner): Karpenter's drift and consolidation (and expiry before 1.0), the update of a managed node "
              "group; evict-first (default without): kubectl drain, Karpenter's expiry from 1.0 on",
              {},
              replacement_kinds},
    real("expire_after_h", optional,
         "Karpenter: age at which it replaces a machine (expireAfter; its own default is 720 h); without it never",
         {0, most_expiry_h, true}),
    time_s(
        "termination_grace_s", optional,
        "Karpenter: how long its drains wait for budgets before pods are deleted (terminationGracePeriod); without it "
        "for good",
        month_s),
    FieldSpec{"cpu_credits",
              choice,
              optional,
              "burstable types: what becomes of a machine that has used its CPU credits up: unlimited (default): it "
              "goes on, and the provider bills them; standard: it has its baseline and no more",
              {},
              credit_kinds},
    time_s("shutdown_grace_s", optional,
           "kubelet: how long it holds the shutdown of its machine up to end its pods (shutdownGracePeriod; default 0: "
           "it does not)",
           month_s),
    time_s("shutdown_grace_critical_s", optional,
           "kubelet: the part of shutdown_grace_s that is left to critical pods (shutdownGracePeriodCriticalPods; "
           "default 0)",
           month_s),
    FieldSpec{
        "force_update", boolean, optional,
        "managed node group (asg): its update deletes pods that do not leave in time, instead of failing (default "
        "false)"},
};
constexpr std::array quota_table{
    real("on_demand", optional, "vCPUs of machines on demand (default: unlimited)", {0, most_quota, true}),
    real("spot", optional, "vCPUs of Spot machines (default: unlimited)", {0, most_quota, true}),
};
constexpr std::array probe_table{
    time_s("initial_delay_s", optional,
           "from a container's start until it is asked first (default: parameter probe.initial_delay)", day_s),
    time_s("period_s", optional, "how often it is asked (default: probe.period)", day_s, true),
    time_s("timeout_s", optional, "silence after which it has failed; at most the period (default: probe.timeout)",
           day_s, true),
    whole("failure_threshold", optional, "failures in a row that count (default: probe.failure_threshold)", 1, 1000),
    FieldSpec{
        "asks",
        choice,
        optional,
        "served (default): whether the server is ready and answers in time; process: whether its process is there, "
        "as a TCP socket; answers: whether it says anything, as a client that ends with 0 on an error reply; "
        "dependency: whether another service answers, too",
        {},
        probe_questions},
    FieldSpec{"dependency", name, optional, "that service, of asks 'dependency'"},
};
constexpr std::array probes_table{
    FieldSpec{"startup", object, optional,
              "the other two are not asked before it passes; a failure restarts the container", "probe"},
    FieldSpec{"readiness", object, optional,
              "a failure takes the pod out of Ready; without it a pod is Ready when it runs", "probe"},
    FieldSpec{"liveness", object, optional, "a failure restarts the container", "probe"},
};
/// What a manifest says of the containers of a service.
constexpr std::array container_table{
    FieldSpec{"probes", object, optional,
              "what its kubelets ask its containers; without it readiness alone, after each start, as the parameters "
              "pod.readiness_delay and pod.readiness_period say, or nothing if its kind has no probe of its own",
              "probes"},
    time_s("pre_stop_s", optional, "sleep of a preStop hook: SIGTERM comes so much later (default 0)", day_s),
};
constexpr std::array budget_table{
    limits_table[0],
    limits_table[1],
    FieldSpec{
        "unhealthy_pod_eviction",
        choice,
        optional,
        "whether evictions may take pods that run and are not Ready (unhealthyPodEvictionPolicy): IfHealthyBudget "
        "(default): while as many others are Ready as the budget wants; AlwaysAllow: always",
        {},
        unhealthy_kinds},
};
constexpr std::array autoscaler_table{
    whole("min", required, "pods that there are at least (minReplicas)", 1, most_processes),
    whole("max", required, "pods that there are at most (maxReplicas)", 1, most_processes),
    real("cpu_utilization", optional,
         "part of its requested processors that a pod is to use (averageUtilization / 100); this or requests_per_pod",
         {0, 10, true}),
    real("requests_per_pod", optional,
         "requests per second for each pod, by an external metric of the load balancer; this or cpu_utilization",
         {0, 1e9, true}),
    FieldSpec{"behavior", boolean, optional,
              "the manifest has a 'behavior', which the defaults of autoscaling/v2 fill (hpa.scale_up.*, "
              "hpa.scale_down.*); without it (default) the controller's older limits hold (hpa.scale_up_limit.*)"},
};
constexpr std::array scaling_table{
    whole("min", optional, "machines of an Auto Scaling group that the Cluster Autoscaler leaves (default 0)", 0,
          most_nodes),
    whole("desired", required, "machines in health, over the group's zones in turn", 1, most_nodes),
    whole("max", required, "machines that there are at most: of an Auto Scaling group, or Karpenter's limit", 1,
          most_nodes),
};
constexpr std::array pool_table{
    FieldSpec{"name", name, required, "name of the pool"},
    FieldSpec{"roles", texts, required, "what its pods do"},
    whole("replicas", optional,
          "pods; where they go 'anti_affinity' and 'topology_spread' say (required; daemonset and static-pod: one a "
          "machine without it)",
          1, most_processes),
    FieldSpec{"node_group", name, optional,
              "machines it runs on; required with Kubernetes; without it each process has a host of its own"},
    FieldSpec{"autoscaler", object, optional,
              "a HorizontalPodAutoscaler changes the number of pods; 'replicas' is what it keeps in health",
              "autoscaler"},
    real("cpu", optional, "requested processors of a pod; required with Kubernetes", {0, most_cpu, true}),
    above_zero({"memory", bytes, optional, "requested memory of a pod; required with Kubernetes"}),
    FieldSpec{"storage", object, optional,
              "volume of a pod; required with Kubernetes for servers that store anything; on hosts the local disk",
              "storage"},
    controller_table[0],
    controller_table[1],
    FieldSpec{"pdb", object, optional, "disruption budget over the pods of the pool; with 'controller'", "pdb"},
    placement_table[0],
    FieldSpec{"across", texts, optional,
              "other pools of the service, from whose pods its own keep apart as from each other"},
    placement_table[1],
    placement_table[2],
};
constexpr std::array storage_table{
    FieldSpec{
        "kind",
        choice,
        required,
        "gp3, gp2, io2, st1: network volume bound to its zone; nvme: local disk of the machine; root: the machine's "
        "own "
        "gp3 volume, gone when the instance is terminated; efs: network file system that machines of every zone mount",
        {},
        volume_kinds},
    above_zero({"size", bytes, required, "size of the volume; efs: what is stored"}),
    whole("iops", optional, "provisioned IOPS; gp3 and io2 only, required there", io2_least_iops, io2_most_iops),
    above_zero({"throughput", bandwidth, optional,
                "provisioned throughput; gp3 and efs only, required there: that of others follows from IOPS or size"}),
    FieldSpec{"restore",
              choice,
              optional,
              "where the data of a lost volume come from: all from peers (default), or all but the newest from a "
              "snapshot (ebs.snapshot.age); network volumes only",
              {},
              restore_kinds},
    FieldSpec{"encrypted", boolean, optional,
              "encrypted with a key of the key service: attached only while that answers (default false); network "
              "volumes only"},
    FieldSpec{"binding",
              choice,
              optional,
              "volumeBindingMode: WaitForFirstConsumer (default): in the zone of the machine that the pod is scheduled "
              "to; Immediate: in a zone of the cluster that goes by the claim's name, where the pod then has to go; "
              "network volumes of Kubernetes only",
              {},
              binding_kinds},
    FieldSpec{
        "reclaim",
        choice,
        optional,
        "persistentVolumeReclaimPolicy: Delete (default): a deleted claim's volume goes with it; Retain: it waits "
        "until a person has bound it to the new claim; network volumes of Kubernetes only",
        {},
        reclaim_kinds},
};
constexpr std::array sla_table{
    real("target", required, "availability promised for a window, below 1", {least_availability, 1, false, true}),
    real("window_h", required, "length of the window in hours: 730 is a month", {least_window_h, most_window_h}),
    FieldSpec{"credits", objects, optional, "what a breach costs", "credit"},
};
constexpr std::array credit_table{
    real("below", required, "availability below which the tier applies, at most 1", {least_availability, 1}),
    part("credit", required, "share of the monthly charge", true),
};
constexpr std::array at_least_table{
    whole("at_least", required, "how many of them must work", 1, most_counted),
    FieldSpec{"of", requirements, required,
              "parts and nested requirements; a component counts once for each unit that serves"},
};
constexpr std::array all_table{
    FieldSpec{"all", requirements, required, "all of these must work, components with all their units"},
};
constexpr std::array any_table{
    FieldSpec{"any", requirements, required, "one of these must work, of components one unit"},
};
constexpr std::array component_table{
    FieldSpec{"name", name, required, "name of the component"},
    whole("count", optional, "exchangeable units (default 1)", 1, most_units),
    FieldSpec{"failure", life, required, "life of a unit, in time during which it can fail"},
    FieldSpec{"repair", law, optional, "repair of a failed unit; without it a failed unit stays failed"},
    FieldSpec{"crew", name, optional, "who repairs; without it every unit has its own crew"},
    FieldSpec{"masked_by", texts, optional,
              "components without which a unit does not serve: of one unit, or of as many, unit by unit"},
    FieldSpec{"stages", objects, optional, "phases after the repair, in order, before a unit is whole again", "stage"},
    FieldSpec{"after_mask", name, optional,
              "with masked_by: a stage; a unit whose mask is lifted goes through the stages from this one on"},
    FieldSpec{"standby", object, optional, "only some units serve, the others stand by; with at most 250 units",
              "standby"},
};
constexpr std::array stage_table{
    FieldSpec{"name", name, required, "name of the phase"},
    FieldSpec{"duration", law, required, "how long it takes"},
    FieldSpec{"success", probability, optional,
              "probability that it leads on; else it is gone through again (default 1)"},
    FieldSpec{"works", boolean, optional, "the unit serves meanwhile (default false)"},
    FieldSpec{"fails", boolean, optional,
              "the unit may fail meanwhile, and is repaired from the start (default false)"},
};
constexpr std::array standby_table{
    whole("active", optional, "units that serve (default 1)", 1, most_units - 1),
    FieldSpec{"dormant_factor", probability, optional,
              "failure rate of a standby unit over that of a serving one: 1 hot (default), 0 cold"},
    FieldSpec{"switchover", object, optional, "how a standby takes over; without it at once", "switchover"},
};
constexpr std::array switchover_table{
    FieldSpec{"duration", law, required, "time without service if it succeeds"},
    FieldSpec{"coverage", probability, optional, "probability that it succeeds (default 1)"},
    FieldSpec{"uncovered_duration", law, optional, "time without service if it does not; with coverage"},
};
constexpr std::array crew_table{
    FieldSpec{"name", name, required, "name of the crew"},
    whole("size", optional, "repairs at the same time (default 1)", 1, most_units),
    FieldSpec{"policy",
              choice,
              optional,
              "whom a free member takes next: who failed first (fcfs, the default; of what a shock fails at once every "
              "order is as likely), the first component of 'order', a random failed component, or the first whose "
              "inspection ends",
              {},
              crew_policies},
    FieldSpec{"order", texts, optional, "with policy priority: all components of the crew, most urgent first"},
    FieldSpec{"interrupts",
              choice,
              optional,
              "with policy priority: whether the least urgent repair stops for a more urgent one, and later goes on "
              "where it was (resume) or begins anew (repeat); default none",
              {},
              interrupt_kinds},
    FieldSpec{"inspection", law, optional,
              "with policy inspection: of every component with a failed unit, at once while the crew is idle"},
};
constexpr std::array shock_table{
    FieldSpec{"name", name, required, "name of the common cause"},
    FieldSpec{"rate", event_rate, required, "how often it strikes"},
    FieldSpec{"hits", texts, required, "components whose units it fails"},
    FieldSpec{"share", probability, optional, "probability that a given unit is hit (default 1)"},
};
constexpr std::array monitoring_table{
    FieldSpec{"works_while", text, optional,
              "service/sli that must hold for it to read and alarm, such as one of the server it runs on; without it "
              "it never fails"},
    FieldSpec{"alerts", objects, required, "rules that tell people", "alert"},
};
constexpr std::array alert_table{
    FieldSpec{"name", name, required, "name of the rule"},
    FieldSpec{"watches", text, required,
              "service/metric (nines list metrics), or service/sli: then it fires while that is out"},
    real("above", optional, "of a metric: it fires above this", {0, most_bound}),
    real("below", optional, "of a metric: it fires below this", {0, most_bound}),
    time_s("for_s", optional, "how long it must have been so, at evaluations (default 0)", day_s),
};
constexpr std::array operation_table{
    FieldSpec{"do", choice, required, "the operation", {}, operation_verbs},
    FieldSpec{"target", name, required, "service to restart, or node group to drain machine by machine or to update"},
    above_zero({"rate", rate, required, "how often"}),
    FieldSpec{"variant",
              choice,
              optional,
              "drain: launch-first or evict-first; without it as the node group's 'replacement' says",
              {},
              replacement_kinds},
};

constexpr std::array backup_table{
    FieldSpec{"service", name, required, "whose data"},
    real("every_h", optional, "between two backups, in h; without it there is none, and what people delete is lost",
         {least_backup_h, most_backup_h}),
    real("retention_h", optional, "how long each is kept, in h; required with 'every_h'", {0, most_backup_h, true}),
    above_zero({"size", bytes, optional, "what a restore copies; required with 'every_h'"}),
    FieldSpec{"tested", boolean, optional, "somebody restores one regularly (default false)"},
};

// ---- scenario -----------------------------------------------------------------------------------------------------
constexpr auto verb_name_table = [] {
  std::array<std::string_view, models::verbs.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = models::verbs[i].name;
  return names;
}();

constexpr auto variant_name_table = [] {
  std::array<std::string_view, models::verb_variants.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = models::verb_variants[i].name;
  return names;
}();
constexpr std::array scenario_table{
    schema_link,
    FieldSpec{"schema", text, optional, "kind and version of the file; without it the newest"},
    FieldSpec{"name", name, optional, "short name in results; without it the file's"},
    FieldSpec{"title", text, optional, "one line about what happens; without it the name"},
    FieldSpec{"source", text, optional, "where the scenario comes from; not read"},
    FieldSpec{"actions", objects, required, "what is done, and when", "action"},
    time_s("until_s", optional,
           "the run lasts this long; without it it ends when all is well again and nothing is due any more",
           ten_years_s, true),
    FieldSpec{"expect", objects, optional, "what must come of it", "expectation"},
};
/// A field for each option of verbs.
constexpr FieldSpec option_field(const models::OptionInfo& option) {
  FieldSpec field{option.name, text, optional, option.meaning};
  field.limits = {option.least, option.most, option.above_least, option.below_most};
  constexpr std::array shapes{seconds, number, text, boolean, choice};  // in the order of OptionInfo::member
  field.shape = shapes[option.member.index()];
  if (field.shape == choice) field.choices = variant_name_table;
  return field;
}
constexpr std::size_t action_basics = 3;
constexpr auto action_table = [] {
  std::array<FieldSpec, action_basics + models::verb_options.size()> table{
      time_s("at_s", required, "time from the first action, in s", ten_years_s),
      FieldSpec{"do", choice, required, "fault or operation (nines list faults)", {}, verb_name_table},
      FieldSpec{"target", text, required, "a name, or leader(x), follower(x), random(x), all(x)"}};
  for (std::size_t i = 0; i < models::verb_options.size(); ++i)
    table[action_basics + i] = option_field(models::verb_options[i]);
  return table;
}();
constexpr std::array expectation_table{
    FieldSpec{"text", text, required, "the expectation in words"},
    part("fraction", optional, "share of runs that must satisfy it (default 1)", true),
    FieldSpec{"sli", text, optional, "service/sli: with outage_s or count"},
    FieldSpec{"outage_s", object, optional, "total downtime of the SLI in a run, in s", "bounds"},
    FieldSpec{"count", object, optional, "number of outages of the SLI in a run", "bounds"},
    FieldSpec{"milestone", text, optional, "dotted name: with at_s or absent"},
    FieldSpec{"at_s", object, optional, "first occurrence of the milestone, in s from the first action", "bounds"},
    FieldSpec{"absent", boolean, optional, "true: the milestone does not occur"},
    FieldSpec{"order", texts, optional, "milestones whose first occurrences come in this order"},
    FieldSpec{"data_loss", name, optional, "service: with records"},
    FieldSpec{"records", object, optional, "acknowledged records lost", "bounds"},
};
constexpr std::array bounds_table{
    real("min", optional, "smallest value that satisfies", {0, most_bound}),
    real("max", optional, "largest value that satisfies", {0, most_bound}),
};

// ---- sweep --------------------------------------------------------------------------------------------------------
constexpr std::array sweep_table{
    schema_link,
    schema_id,
    FieldSpec{"name", name, required, "short name in results and of the results file"},
    FieldSpec{"title", text, required, "the question, in one line"},
    FieldSpec{"notes", texts, optional, "what the author assumes, in words; printed with results"},
    FieldSpec{"topology", text, required, "the design that points are changes of: a file, or a shipped one's name"},
    FieldSpec{"set", edits, optional, "changes that all points share, by JSON pointer into the topology"},
    FieldSpec{"parameters", objects, required, "what differs between points", "parameter"},
    FieldSpec{"points", sweep_points, optional,
              "\"grid\" (default): all combinations; an array of points; or a sample of so many"},
    FieldSpec{"where", texts, optional, "comparisons that a point must satisfy: \"min_isr <= rf\""},
    FieldSpec{"require", objects, optional, "what a design must not exceed", "requirement"},
    FieldSpec{"objectives", objects, required, "what to make small; the first one names the winner", "objective"},
    FieldSpec{"show", objects, optional, "further figures in the results", "figure"},
    real("precision", optional, "relative half-width of the objectives of designs on the front (default 0.1)",
         {1e-3, 10}),
    real("risk", optional, "chance that any design is eliminated wrongly (default 0.05)", {1e-9, 0.5}),
    whole("max_incidents", optional, "incidents played for one point, at most (default 500000)", least_incidents,
          most_incidents),
};
constexpr std::array sweep_parameter_table{
    FieldSpec{"name", name, required, "name in results; a parameter's key stands for its place under /overrides"},
    FieldSpec{"at", text, optional, "JSON pointer into the topology"},
    FieldSpec{"given", boolean, optional,
              "not ours to choose: designs compete only with those that share its value (default false)"},
    FieldSpec{"values", sweep_values, optional, "values to take; or 'range'", "value"},
    FieldSpec{"range", object, optional, "numbers to take values from; or 'values'", "range"},
};
constexpr std::array sweep_level_table{
    FieldSpec{"label", text, required, "name of the value in results"},
    FieldSpec{"topology", text, optional, "another topology to begin with"},
    FieldSpec{"set", edits, optional, "changes, by JSON pointer into the topology"},
    FieldSpec{"value", anything, optional, "value at the parameter's place"},
};
constexpr std::array sweep_range_table{
    FieldSpec{"from", number_or_text, required, "lower end: a number, or a string with its unit"},
    FieldSpec{"to", number_or_text, required, "upper end, in the same unit"},
    FieldSpec{"scale", choice, optional, "linear (default) or log", {}, scale_kinds},
    FieldSpec{"whole", boolean, optional, "whole numbers only"},
    whole("steps", optional, "values of a grid, ends included", 2, most_levels),
};
constexpr std::array sweep_sample_table{
    FieldSpec{"sample", choice, required, "how points are spread", {}, sample_kinds},
    whole("count", required, "how many", 1, most_points),
};
constexpr FieldSpec figure_name{"figure", choice, required, "what is measured; less is better", {}, figure_kinds};
constexpr FieldSpec figure_sli{"sli", text, optional, "service/sli; not of costs"};
constexpr FieldSpec figure_fault{"fault", choice,         optional, "only incidents that this fault began",
                                 {},      verb_name_table};
constexpr std::array sweep_figure_table{figure_name, figure_sli, figure_fault};
constexpr std::array sweep_requirement_table{
    figure_name, figure_sli, figure_fault,
    real("at_most", required, "limit, in the unit of the figure's name", {0, most_bound})};
constexpr std::array sweep_objective_table{
    figure_name, figure_sli, figure_fault,
    part("indifference", optional, "relative difference that decides nothing (default 0.01, of costs 0.005)")};

// ---- lab ----------------------------------------------------------------------------------------------------------
/// A number, or "{value}" of a variant; readers hold it to the limits.
constexpr FieldSpec filled(std::string_view field, std::string_view meaning, const Limits& limits) {
  FieldSpec spec{field, number_or_text, optional, meaning};
  spec.limits = limits;
  return spec;
}
constexpr std::array lab_table{
    schema_link,
    schema_id,
    whole("number", required, "place among the labs", 1, most_labs),
    FieldSpec{"name", name, required, "short name"},
    FieldSpec{"title", text, required, "the subject, in one line"},
    FieldSpec{"level", choice, required, "what the student needs to know before", {}, lab_levels},
    FieldSpec{"about", texts, required, "the background that a student needs, a paragraph each"},
    FieldSpec{"question", text, required, "what is asked, in plain words"},
    FieldSpec{"variants", anything, optional,
              "array of objects: values by name, which stand as \"{name}\" in texts and for numbers; a student's seed "
              "chooses one of the objects"},
    FieldSpec{"predict", object, required, "what a prediction is: a number, or one of some options", "prediction"},
    FieldSpec{"run", object, required, "what is played", "run"},
    FieldSpec{"truth", object, required, "what of the run is the answer", "figure"},
    FieldSpec{"why", texts, required, "the explanation, a paragraph each; \"{truth}\" stands for what the run gave"},
    FieldSpec{"sources", texts, required, "where the rules that explain it stand"},
    FieldSpec{"holds", objects, optional, "numbers of the explanation: what must hold of the plays", "statement"},
    FieldSpec{"what_if", object, required, "the same with something changed, and a question about it", "what_if"},
};
constexpr FieldSpec lab_least = filled("min", "smallest figure with which it is so", {-most_bound, most_bound});
constexpr FieldSpec lab_most = filled("max", "largest figure with which it is so", {-most_bound, most_bound});
constexpr std::array lab_prediction_table{
    FieldSpec{"unit", text, optional, "of a number: s, min, %, records ..."},
    filled("tolerance", "a number is right within this share of the truth", {0, 1}),
    filled("within", "a number is right within so much of the truth, in its unit", {0, most_bound}),
    FieldSpec{"hint", text, optional, "for whoever is wrong: where to look, not what the answer is"},
    FieldSpec{"options", objects, optional, "two to five answers, whose intervals meet end to end", "option"},
};
constexpr std::array lab_option_table{
    FieldSpec{"text", text, required, "the answer in words"},
    filled("min", "it is right from this figure on", {-most_bound, most_bound}),
    filled("max", "and below this one", {-most_bound, most_bound}),
    FieldSpec{"hint", text, optional, "for whoever chose it although it is wrong"},
};
constexpr std::array lab_run_table{
    FieldSpec{"topology", anything, optional,
              "the name of a shipped design, or a whole one; of a what-if: another one"},
    FieldSpec{"set", edits, optional, "changes, by JSON pointer into the topology; of a what-if: on top of the run's"},
    FieldSpec{"scenario", anything, optional, "the name of a shipped scenario, or a whole one: replay"},
    whole("runs", optional, "runs to replay, each with phases of its own (default 1)", 1, most_lab_runs),
    filled("until_s", "the runs last so long; without it as the scenario says", {0, ten_years_s, true}),
    filled("fork_at_s", "of a what-if: play the run itself up to here, and on from here with the changes",
           {0, ten_years_s}),
    FieldSpec{"assess", object, optional, "assess the topology in place of a scenario", "assess"},
};
constexpr std::array lab_assess_table{
    real("precision", optional, "relative half-width of the SLI's unavailability to stop at (default 0.05)",
         {1e-3, 10}),
    whole("max_incidents", optional, "incidents to play at most (default 20000)", least_incidents, most_incidents),
};
constexpr FieldSpec lab_figure{"figure", choice, required, "what is read from the play", {}, lab_figure_kinds};
constexpr FieldSpec lab_milestone{"milestone", text, optional, "of milestone_s, milestones and milestone_share"};
constexpr FieldSpec lab_sli{"sli", text, optional, "service/sli, of outages and of what assess gives"};
constexpr FieldSpec lab_service{"service", name, optional, "of records_lost and loss_share"};
constexpr FieldSpec lab_of{"of", choice, optional, "of several runs: what of them (default mean)", {}, lab_of_kinds};
constexpr FieldSpec lab_times =
    filled("times", "factor from the figure's own unit to that of the question: 100 for %", {0, most_bound, true});
constexpr std::array lab_figure_table{lab_figure, lab_milestone, lab_sli, lab_service, lab_of, lab_times};
constexpr std::array lab_statement_table{
    FieldSpec{"text", text, required, "the statement in words"},
    FieldSpec{"in", choice, optional, "run (default) or what-if", {}, lab_plays},
    lab_figure,
    lab_milestone,
    lab_sli,
    lab_service,
    lab_of,
    lab_times,
    lab_least,
    lab_most,
    FieldSpec{"by", text, optional, "how the bounds were found, if not by the simulator: a formula, a measurement"},
};
constexpr std::array lab_what_if_table{
    FieldSpec{"question", text, required, "what is changed, and what is asked"},
    FieldSpec{"predict", object, required, "what a prediction is", "prediction"},
    FieldSpec{"run", object, required, "what is changed; the rest is as in the lab's run", "run"},
    FieldSpec{"truth", object, optional, "what of the play is the answer; without it what the lab's is", "figure"},
    FieldSpec{"why", texts, required, "the explanation; \"{what_if_truth}\" stands for what the play gave"},
};

// ---- profile ------------------------------------------------------------------------------------------------------
constexpr std::array profile_table{
    schema_link,
    schema_id,
    FieldSpec{"name", name, required, "short name in results"},
    FieldSpec{"title", text, required, "one line about the numbers"},
    FieldSpec{"parameters", object, optional, "values by parameter", "parameters"},
    FieldSpec{"versions", object_map, optional, "values that hold for one version of the server", "variant"},
    FieldSpec{"regions", object_map, optional, "values that hold in one region", "variant"},
    FieldSpec{"instance_types", objects, optional, "machine types", "instance_type"},
};
constexpr std::array variant_table{
    FieldSpec{"date", text, optional, "day of the values; required of prices"},
    FieldSpec{"parameters", object, required, "values by parameter", "parameters"},
};
constexpr std::array type_table{
    FieldSpec{"name", name, required, "the provider's name of the type"},
    real("vcpu", optional, "processors; sizes and source are required of types that no shipped profile has",
         {0, most_cpu, true}),
    above_zero({"memory", bytes, optional, "memory"}),
    above_zero({"network", bandwidth, optional, "sustained network bandwidth"}),
    above_zero({"ebs", bandwidth, optional, "sustained bandwidth to network volumes"}),
    real("cpu_baseline", optional, "burstable types: share of its processors that it may use for good", {0, 1, true}),
    whole("enis", optional, "network interfaces that it can have: they limit its pods on EKS", 1, 1000),
    whole("ips_per_eni", optional, "IPv4 addresses of each interface", 2, 1000),
    FieldSpec{"network_burst", object, optional, "network bandwidth above the sustained one for a while", "burst"},
    FieldSpec{"ebs_burst", object, optional, "bandwidth to network volumes above the sustained one for a while",
              "burst"},
    above_zero({"local_disk", bytes, optional, "instance store, all disks together"}),
    above_zero({"local_disk_rate", bandwidth, optional, "write bandwidth of the instance store"}),
    FieldSpec{"source", text, optional, "where the numbers come from"},
    FieldSpec{"regions", object_map, required, "prices by region", "type_region"},
};
constexpr std::array burst_table{
    above_zero({"rate", bandwidth, required, "bandwidth while credit lasts"}),
    real("full_for_s", required, "how long full credit lasts at that bandwidth, in s", {0, day_s, true}),
    FieldSpec{"source", text, required, "where the numbers come from"},
};
constexpr std::array type_region_table{
    FieldSpec{"on_demand", object, optional, "price per hour", "entry_money"},
    FieldSpec{"spot", object, optional, "Spot price per hour", "entry_money"},
    FieldSpec{"spot_reclaim_monthly", object, optional, "probability that an instance is reclaimed within 730 h",
              "entry_ratio"},
};

constexpr std::array machine_objects{
    ObjectSpec{"platform", "Kubernetes cluster", platform_table},
    ObjectSpec{"operator", "operator's deployment", operator_table},
    ObjectSpec{"workload", "pods without service", workload_table},
    ObjectSpec{"node_group", "machines of one size", node_group_table},
    ObjectSpec{"quota_vcpu", "vCPUs that the account may run", quota_table},
};
constexpr std::array box_objects{
    ObjectSpec{"at_least", "a requirement: so many of these", at_least_table},
    ObjectSpec{"all", "a requirement: all of these", all_table},
    ObjectSpec{"any", "a requirement: one of these", any_table},
    ObjectSpec{"component", "units that fail and are repaired by given laws", component_table},
    ObjectSpec{"stage", "a phase of recovery after the repair", stage_table},
    ObjectSpec{"standby", "units of which only some serve", standby_table},
    ObjectSpec{"switchover", "how a standby takes over", switchover_table},
    ObjectSpec{"crew", "who repairs components", crew_table},
    ObjectSpec{"shock", "a common cause", shock_table},
    ObjectSpec{"pdb", "disruption budget", budget_table},
    ObjectSpec{"autoscaler", "a HorizontalPodAutoscaler", autoscaler_table},
    ObjectSpec{"scaling", "limits of a node group that grows and shrinks", scaling_table},
    ObjectSpec{"probes", "probes of a container", probes_table},
    ObjectSpec{"probe", "a probe; what it leaves out are Kubernetes' defaults", probe_table},
};
constexpr std::array storage_objects{
    ObjectSpec{"storage", "volume of a pod", storage_table},
    ObjectSpec{"spread", "how evenly pods are spread", spread_table},
};
constexpr std::array promise_objects{
    ObjectSpec{"sla", "a promise", sla_table},
    ObjectSpec{"credit", "a tier of credits", credit_table},
    ObjectSpec{"operation", "planned work", operation_table},
    ObjectSpec{"backup", "how the data of a service are saved", backup_table},
    ObjectSpec{"monitoring", "how people learn that something needs them", monitoring_table},
    ObjectSpec{"alert", "a rule that tells people", alert_table},
};

/// Outer objects first; those of services without processes next to what they require.
std::vector<ObjectSpec> all_topology_objects() {
  std::vector<ObjectSpec> all(machine_objects.begin(), machine_objects.end());
  const auto add = [&](const auto& objects) { all.insert(all.end(), objects.begin(), objects.end()); };
  add(service_objects());
  add(own_objects(false));
  add(box_objects);
  all.push_back({"pool", "pods of one kind", pool_fields()});
  add(storage_objects);
  add(own_objects(true));
  add(promise_objects);
  return all;
}

constexpr std::array scenario_objects{
    ObjectSpec{"action", "a fault or operation", action_table},
    ObjectSpec{"expectation", "a check of runs", expectation_table},
    ObjectSpec{"bounds", "a closed interval", bounds_table},
};
constexpr std::array sweep_objects{
    ObjectSpec{"parameter", "what differs between points", sweep_parameter_table},
    ObjectSpec{"value", "one value of a parameter", sweep_level_table},
    ObjectSpec{"range", "numbers between two ends", sweep_range_table},
    ObjectSpec{"sample", "points spread over all parameters", sweep_sample_table},
    ObjectSpec{"figure", "what is measured", sweep_figure_table},
    ObjectSpec{"requirement", "a figure with a limit", sweep_requirement_table},
    ObjectSpec{"objective", "a figure to make small", sweep_objective_table},
};
constexpr std::array lab_objects{
    ObjectSpec{"prediction", "a number within a tolerance, or a choice", lab_prediction_table},
    ObjectSpec{"option", "an answer to choose, with the figures for which it is right", lab_option_table},
    ObjectSpec{"run", "what is played", lab_run_table},
    ObjectSpec{"assess", "how precisely", lab_assess_table},
    ObjectSpec{"figure", "what is read from a play", lab_figure_table},
    ObjectSpec{"statement", "what must hold of a play", lab_statement_table},
    ObjectSpec{"what_if", "the same with a change", lab_what_if_table},
};
constexpr std::array profile_objects{
    ObjectSpec{"instance_type", "a machine type", type_table},
    ObjectSpec{"burst", "bandwidth above the sustained one while credit lasts", burst_table},
    ObjectSpec{"variant", "values of one version or region", variant_table},
    ObjectSpec{"type_region", "prices of a machine type in a region", type_region_table},
};

}  // namespace

std::span<const FieldSpec> topology_fields() { return topology_table; }
std::span<const FieldSpec> platform_fields() { return platform_table; }
std::span<const FieldSpec> operator_fields() { return operator_table; }
std::span<const FieldSpec> workload_fields() { return workload_table; }
std::span<const FieldSpec> controller_fields() { return controller_table; }
std::span<const FieldSpec> node_group_fields() { return node_group_table; }
std::span<const FieldSpec> quota_fields() { return quota_table; }
std::span<const FieldSpec> budget_fields() { return budget_table; }
std::span<const FieldSpec> autoscaler_fields() { return autoscaler_table; }
std::span<const FieldSpec> scaling_fields() { return scaling_table; }
std::span<const FieldSpec> probes_fields() { return probes_table; }
std::span<const FieldSpec> probe_fields() { return probe_table; }
std::span<const FieldSpec> container_fields() { return container_table; }
std::span<const FieldSpec> pool_rows() { return pool_table; }
std::span<const FieldSpec> spread_fields() { return spread_table; }
std::span<const FieldSpec> storage_fields() { return storage_table; }
std::span<const FieldSpec> sla_fields() { return sla_table; }
std::span<const FieldSpec> credit_fields() { return credit_table; }
std::span<const FieldSpec> operation_fields() { return operation_table; }
std::span<const FieldSpec> backup_fields() { return backup_table; }
std::span<const FieldSpec> monitoring_fields() { return monitoring_table; }
std::span<const FieldSpec> alert_fields() { return alert_table; }
std::span<const FieldSpec> component_fields() { return component_table; }
std::span<const FieldSpec> stage_fields() { return stage_table; }
std::span<const FieldSpec> standby_fields() { return standby_table; }
std::span<const FieldSpec> switchover_fields() { return switchover_table; }
std::span<const FieldSpec> crew_fields() { return crew_table; }
std::span<const FieldSpec> shock_fields() { return shock_table; }
std::span<const FieldSpec> at_least_fields() { return at_least_table; }
std::span<const FieldSpec> all_fields() { return all_table; }
std::span<const FieldSpec> any_fields() { return any_table; }
std::span<const FieldSpec> scenario_fields() { return scenario_table; }
std::span<const FieldSpec> action_fields() { return action_table; }
std::span<const FieldSpec> expectation_fields() { return expectation_table; }
std::span<const FieldSpec> bounds_fields() { return bounds_table; }
std::span<const FieldSpec> sweep_fields() { return sweep_table; }
std::span<const FieldSpec> sweep_parameter_fields() { return sweep_parameter_table; }
std::span<const FieldSpec> sweep_level_fields() { return sweep_level_table; }
std::span<const FieldSpec> sweep_range_fields() { return sweep_range_table; }
std::span<const FieldSpec> sweep_sample_fields() { return sweep_sample_table; }
std::span<const FieldSpec> sweep_figure_fields() { return sweep_figure_table; }
std::span<const FieldSpec> sweep_requirement_fields() { return sweep_requirement_table; }
std::span<const FieldSpec> sweep_objective_fields() { return sweep_objective_table; }
std::span<const FieldSpec> lab_fields() { return lab_table; }
std::span<const FieldSpec> lab_prediction_fields() { return lab_prediction_table; }
std::span<const FieldSpec> lab_option_fields() { return lab_option_table; }
std::span<const FieldSpec> lab_run_fields() { return lab_run_table; }
std::span<const FieldSpec> lab_assess_fields() { return lab_assess_table; }
std::span<const FieldSpec> lab_figure_fields() { return lab_figure_table; }
std::span<const FieldSpec> lab_statement_fields() { return lab_statement_table; }
std::span<const FieldSpec> lab_what_if_fields() { return lab_what_if_table; }
std::span<const FieldSpec> profile_fields() { return profile_table; }
std::span<const FieldSpec> variant_fields() { return variant_table; }
std::span<const FieldSpec> type_fields() { return type_table; }
std::span<const FieldSpec> type_region_fields() { return type_region_table; }
std::span<const FieldSpec> burst_fields() { return burst_table; }

std::span<const std::string_view> own_definitions() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all{"service", "requirement", "pool"};
    const auto add = [&](const auto& objects) {
      for (const ObjectSpec& object : objects) all.push_back(object.name);
    };
    add(machine_objects);
    add(box_objects);
    add(storage_objects);
    add(promise_objects);
    return all;
  }();
  return names;
}

std::span<const ObjectSpec> object_specs(std::string_view kind) {
  if (kind == "topology") {
    static const std::vector<ObjectSpec> topology_objects = all_topology_objects();
    return topology_objects;
  }
  if (kind == "scenario") return scenario_objects;
  if (kind == "sweep") return sweep_objects;
  if (kind == "lab") return lab_objects;
  if (kind == "profile") return profile_objects;
  return {};
}

std::span<const std::string_view> verb_names() { return verb_name_table; }

}  // namespace nines::loader
