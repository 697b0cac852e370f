// Workloads: sets of pods with one controller and one disruption budget, apart from what serves in them. A process
// belongs to a workload, and perhaps to a service; operators are workloads like any other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models {

/// Who creates the pods of a workload, and creates them again.
enum class Controller : std::uint8_t {
  operator_set,
  stateful_set,
  deployment,
  daemon_set,
  static_pod,
  supervisor,
  job,
};

/// What sets one controller apart from the others, as far as others ask. Source: kubernetes.io documentation, concepts
/// of workloads, jobs and node shutdown, tasks of static pods; systemd.service(5); Kubernetes sheet, sections 1.3
/// and 4.
struct ControllerRules {
  Controller controller;
  std::string_view name;  ///< in files
  bool owned;             ///< an operator creates its pods, and only while it works
  bool one_a_name;        ///< the next pod of a name is created only after the old object is gone
  bool evicted;           ///< its pods are deleted by taints and drains
  bool fixed;             ///< a pod belongs to its machine: it is on the machine's successor too
  bool kubernetes;        ///< a kubelet runs its pods
  bool rolls;             ///< it restarts its pods one after the other if it is told to
  bool creates;           ///< it creates a pod anew that somebody has deleted
  bool ends;              ///< its pods come to an end: one that has succeeded is not created again
};

// clang-format off
inline constexpr std::array controller_rules{
    //                                                          owned  name   evict  fixed  k8s    rolls  creates ends
    ControllerRules{Controller::operator_set, "operator",       true,  true,  true,  false, true,  true,  true,    false},
    ControllerRules{Controller::stateful_set, "statefulset",    false, true,  true,  false, true,  true,  true,    false},
    ControllerRules{Controller::deployment,   "deployment",     false, false, true,  false, true,  true,  true,    false},
    ControllerRules{Controller::daemon_set,   "daemonset",      false, true,  false, true,  true,  true,  true,    false},
    ControllerRules{Controller::static_pod,   "static-pod",     false, true,  false, true,  true,  true,  false,   false},
    ControllerRules{Controller::supervisor,   "supervisor",     false, true,  false, true,  false, false, false,   false},
    ControllerRules{Controller::job,          "job",            false, false, true,  false, true,  false, true,    true},
};
// clang-format on

constexpr const ControllerRules& rules_of(Controller controller) {
  return controller_rules[static_cast<std::size_t>(controller)];
}

/// In which order a StatefulSet creates pods (podManagementPolicy).
enum class PodManagement : std::uint8_t { ordered_ready, parallel };

/// How strictly pods that are alike keep apart (podAntiAffinity): pods of one pool, or of one workload without service.
enum class AntiAffinity : std::uint8_t {
  host,       ///< required: no two on one machine
  zone,       ///< required: no two in one zone
  preferred,  ///< machines without one score higher
  none,
};

/// A part of the cluster over which pods are spread (topologyKey).
enum class Domain : std::uint8_t { zone, host };
enum class Unsatisfiable : std::uint8_t { do_not_schedule, schedule_anyway };

/// One of a pod's topologySpreadConstraints, over pods that are alike.
struct SpreadSpec {
  Domain topology = Domain::zone;
  std::int64_t max_skew = 1;
  Unsatisfiable unsatisfiable = Unsatisfiable::do_not_schedule;
};

/// What pods demand of where they go, beside room and volume. Rules: models/scheduling.hpp.
struct PlacementSpec {
  AntiAffinity anti_affinity = AntiAffinity::host;
  std::vector<std::string> across{};  ///< other pools of the service, from which it keeps apart as from itself
  std::vector<SpreadSpec> spread{};
  std::int64_t priority = 0;  ///< a pod of a higher one may make others leave (models/kubernetes/preemption.hpp)
};

/// By what a HorizontalPodAutoscaler judges how many pods there should be.
enum class ScalingMetric : std::uint8_t {
  cpu,       ///< resource metric: processors that pods use, as a part of what they request
  requests,  ///< external metric: requests per second of the service, for each pod
};

/// A HorizontalPodAutoscaler (models/kubernetes/horizontal_autoscaler.hpp).
struct AutoscalerSpec {
  std::int64_t min = 1;
  std::int64_t max = 1;
  ScalingMetric metric = ScalingMetric::cpu;
  double target = 0;      ///< part of the request, or requests per second and pod
  bool behavior = false;  ///< the manifest has one, with the defaults of autoscaling/v2; else the older limits hold
};

/// How many pods evictions may take down (PodDisruptionBudget). What is given in per cent is of the pods that the
/// controller wants, rounded up: 25 % of 7 may be unavailable are two, 75 % of 7 are to stay available are six.
/// Source: kubernetes/kubernetes pkg/controller/disruption/disruption.go, getExpectedPodCount.
struct DisruptionBudget {
  enum class Of : std::uint8_t { max_unavailable, min_available };
  Of of = Of::max_unavailable;
  std::int64_t amount = 1;  ///< pods, or per cent: 0 to 100
  bool percent = false;

  static constexpr DisruptionBudget at_most(std::int64_t unavailable) {
    return {Of::max_unavailable, unavailable, false};
  }
  static constexpr DisruptionBudget at_least(std::int64_t available) { return {Of::min_available, available, false}; }

  /// Pods that have to be Ready while `expected` are wanted.
  [[nodiscard]] constexpr std::int64_t healthy_wanted(std::int64_t expected) const {
    constexpr std::int64_t whole = 100;
    const std::int64_t pods = percent ? (amount * expected + whole - 1) / whole : amount;
    if (of == Of::min_available) return pods;
    return pods < expected ? expected - pods : 0;
  }
  friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

/// Jobs of one template. Rules: models/kubernetes/job.hpp.
struct JobSpec {
  std::int64_t completions = 1;                 ///< pods that have to succeed (completions)
  std::int64_t parallelism = 1;                 ///< pods of one Job at the same time (parallelism)
  std::int64_t places = 1;                      ///< Jobs that there can be at the same time
  std::optional<std::int64_t> backoff_limit{};  ///< failures that it bears; none: as the parameter job.backoff_limit
  std::optional<Duration> active_deadline{};    ///< it fails if it has not succeeded by then (activeDeadlineSeconds)
  bool restarts_in_place = false;  ///< restartPolicy OnFailure: the kubelet starts a failed container again; else Never
  std::string claim;               ///< the process whose volume its pods mount, "service/member"; empty: none
  bool beside_claim = false;       ///< podAffinity: its pods go to the machine of that process's pod
};

/// Pods that no service has, such as an operator.
struct WorkloadSpec {
  std::string name;
  std::string node_group;
  Controller controller = Controller::deployment;
  std::int64_t replicas = 1;
  double cpu = 0;  ///< requested by a pod; what requests nothing is put on the first machine of its group
  Bytes memory;
  std::optional<DisruptionBudget> budget{};  ///< none: evictions may take all
  std::vector<std::string> operates{};       ///< services whose owned pods it creates
  PlacementSpec placement{};
};

struct WorkloadPlan {
  std::string name;
  std::uint32_t component = 0;
  Controller controller = Controller::operator_set;
  PodManagement management = PodManagement::ordered_ready;
  ServiceId service;                       ///< whose members its pods are; none of what only others need
  WorkloadId owner;                        ///< the operator that creates its pods; none if nobody need run
  std::optional<DisruptionBudget> budget;  ///< none: evictions may take all
  bool evicts_unhealthy = false;           ///< its budget lets pods go that run and are not Ready (AlwaysAllow)
  double cpu = 0;                          ///< of a pod without service
  Bytes memory;
  PlacementSpec placement;      ///< the same
  std::vector<ProcessId> pods;  ///< in the order of their ordinals, those that autoscaler and rolls may add among them
  std::optional<AutoscalerSpec> autoscaler;
  std::optional<JobSpec> job;     ///< of controller `job`: its pods are `parallelism` of each of its places in turn
  std::vector<WorkloadId> owned;  ///< workloads whose owner it is
  bool surges = false;            ///< its rolls start pods beside the old ones (models/kubernetes/rollout.hpp)

  [[nodiscard]] const ControllerRules& rules() const { return rules_of(controller); }
};

}  // namespace nines::models
