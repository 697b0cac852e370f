// What changes in the platform. Node object, pod object, container and volume attachment are four state machines with
// separate observers: most wrong recovery times come from merging them (Kubernetes sheet, section 10).
//
// Indices and values only: copying it forks the platform. Nothing here ticks in health; leases, monitor passes,
// collector passes and reconciliations are grids.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/kubernetes/fits.hpp"
#include "models/kubernetes/kin_classes.hpp"
#include "models/process.hpp"
#include "models/slot_classes.hpp"
#include "models/units.hpp"
#include "sim/event_queue.hpp"
#include "sim/marks.hpp"
#include "sim/time.hpp"
#include "sim/trace.hpp"

namespace nines::models::kubernetes {

/// Number of machines that have held a slot before; tells a replacement from its predecessor.
using Machine = std::uint32_t;

/// The NoExecute taint of an unreachable node.
enum class NoExecute : std::uint8_t { none, queued, tainted };

/// The ticks of a kubelet's clock around the instant for which they were last asked (kubelet_clock.hpp).
struct Ticks {
  sim::Time last;
  sim::Time next;
  bool begun = false;  ///< somebody has asked
};

/// A machine that runs short of something, and whose kubelet ends pods for it (pressure.hpp).
struct Pressure {
  ProcessId by;            ///< the pod that takes it, on the current machine; none: none does
  std::uint32_t life = 0;  ///< incarnation of that process
  bool stays = false;      ///< what takes it belongs to no pod, and is there until a person has seen to it
  bool condition = false;  ///< the node's
  sim::TimerId timer;      ///< next look, or the end of the condition

  [[nodiscard]] bool any() const { return by.exists() || stays || condition; }
};

/// A machine slot: kubelet, lease and Node object.
struct NodeState {
  Machine machine = 0;       ///< the current one; a successor that shares the slot during a drain is `machine + 1`
  bool kubelet = true;       ///< the machine is up and its kubelet runs
  bool gone = false;         ///< the instance was terminated and nothing has replaced it
  std::uint32_t images = 0;  ///< workloads whose image is on the machine, bit by bit

  // Lease and node status, as arithmetic.
  Ticks lease;                ///< renewals while the kubelet answers
  Ticks status;               ///< posts of its node status
  bool answering = true;      ///< both reach the API server
  sim::Time answering_since;  ///< since then renewals happen on `lease`
  sim::Time last_renewal;     ///< newest sign of life before `answering_since`, or before the silence began
  sim::TimerId unknown_timer;
  sim::TimerId ready_timer;

  // The Node object.
  bool object = true;  ///< exists
  bool ready = true;   ///< condition Ready is True; else Unknown
  sim::Time unknown_since;
  NoExecute no_execute = NoExecute::none;
  sim::Time taint_at;           ///< queued: the tainting loop has come to it by then
  bool stale_node = false;      ///< queued: the loop will still find it Ready in its cache
  bool out_of_service = false;  ///< taint set by a person
  bool cordoned = false;
  bool plugin_down = false;      ///< the kubelet reports that no pod can start (network plugin, container runtime)
  bool hangs = false;            ///< the kubelet does nothing that the API server would see
  sim::TimerId not_ready_timer;  ///< pending NodeNotReady
  sim::TimerId delete_timer;     ///< pending NodeObjectDeleted
  sim::TimerId repair_timer;     ///< pending NodeRepairDue
  Pressure memory;               ///< condition MemoryPressure; pending MemoryChecked or PressureOver
  Pressure disk;                 ///< condition DiskPressure; pending DiskChecked or DiskPressureOver
  bool shutting_down = false;    ///< its operating system shuts down, and its kubelet ends the pods before
  bool critical_turn = false;    ///< of these the critical ones now
  sim::TimerId shutdown_timer;   ///< pending ShutdownStep

  // Drain and replacement.
  bool draining = false;
  bool launch_first = false;                      ///< nothing is evicted before the replacement is there
  sim::Time drain_deadline = sim::Time::never();  ///< the provider takes the machine then
  sim::Time force_at = sim::Time::never();        ///< who drains it waits no longer for budgets (node_update.hpp)
  bool updating = false;                          ///< drained for the update of its node group
  bool refused = false;                           ///< a budget has refused an eviction of this drain
  sim::TimerId drain_timer;
  bool ordered = false;            ///< a replacement machine is being provisioned
  bool successor_ready = false;    ///< the replacement is up while the old machine still drains
  CapacityPoolId launched;         ///< pool of the replacement from its launch until it has the slot
  bool short_of_capacity = false;  ///< ordered, and every pool that may be asked was short at the last attempt
  bool short_of_quota = false;     ///< ordered, and the account may run no more: asked again when something ends
  sim::TimerId launch_timer;

  // Of groups that grow and shrink (cluster_autoscaler.hpp).
  bool scaled_in = false;                         ///< its machine is given back without replacement
  sim::Time ordered_at;                           ///< of the present order
  sim::Time unneeded_since = sim::Time::never();  ///< the autoscaler could do without it
};

/// Disruption mode of a zone as the node lifecycle controller sees it.
enum class Disruption : std::uint8_t { normal, partial, full };

/// A zone's rate limiter for NoExecute taints: a token bucket with burst 1.
struct TaintQueue {
  Disruption mode = Disruption::normal;
  Rate rate;             ///< 0: stopped
  sim::Time next_token;  ///< the bucket holds its token from then on
  std::vector<NodeId> waiting;
  sim::TimerId timer;
};

enum class PodObject : std::uint8_t {
  gone,         ///< no object of that name
  pending,      ///< created, bound to no machine
  bound,        ///< bound to a machine
  terminating,  ///< bound, deletion requested
};

enum class Container : std::uint8_t {
  none,      ///< not created, or lost with its machine
  starting,  ///< waits for its volume, image or network
  running,
  stopping,  ///< got SIGTERM
  waiting,   ///< exited; the kubelet will start it again in place
};

/// A pod and its container. The container's machine is `ProcessState::node` and `container_machine`; it differs from
/// the pod's while a copy without object runs on behind a partition.
struct PodState {
  PodObject object = PodObject::bound;
  Container container = Container::running;
  NodeId node;  ///< bound to; meaningful if bound or terminating
  Machine machine = 0;
  NodeId container_node;  ///< of the container; meaningful unless `none`
  Machine container_machine = 0;
  std::uint32_t container_pod = 0;        ///< incarnation of the pod object that the container belongs to
  std::uint32_t incarnation = 0;          ///< pod objects of this name so far
  Defect defect = Defect::none;           ///< of the revision that the object was created with
  bool lacks_image = false;               ///< starting: the image of its revision cannot be pulled
  bool ready = true;                      ///< the readiness probe has passed since the container started
  sim::Time ready_since;                  ///< meaningful if ready
  sim::Time listed = sim::Time::never();  ///< the kubelet's node status names its volume in use from then on
  sim::Time tried_at;                     ///< last attempt of the scheduler that failed
  std::uint32_t tries = 0;                ///< such attempts so far
  bool unschedulable = false;             ///< pending, and no machine fits
  bool parked = false;                    ///< its controller wants fewer pods: it is none of them
  sim::Time bound_at;                     ///< the present object
  NodeId nominated;                       ///< pending: pods of lower priority leave this slot for it
  Machine nominated_machine = 0;
  bool returns = false;           ///< deleted by the operator, which puts it back on the same machine at once
  bool fails = false;             ///< its kubelet ends it before its machine shuts down: then it has Failed
  bool reported_stuck = false;    ///< a person was asked to delete the object
  bool reported_machine = false;  ///< a person was asked for a machine
  bool reported_volume = false;   ///< a person was asked to give up the volume
  Duration backoff;               ///< wait after the next exit; zero: none
  sim::Time last_restart;
  std::uint32_t restarts = 0;  ///< of the container, in place
  sim::TimerId eviction_timer;
  sim::TimerId collect_timer;  ///< pending PodCollected
  sim::TimerId step_timer;     ///< pending PodCreated, PodScheduled, VolumeMounted, PodStarted or ContainerRestarted
  sim::TimerId grace_timer;
  sim::TimerId pre_stop_timer;  ///< pending PreStopEnded: SIGTERM is still to come
  // Of a Job (job.hpp).
  bool succeeded = false;  ///< its program has done what it is for
  bool finished = false;   ///< its container has ended, and is not started again
  bool reported = false;   ///< and the API server knows how
  // Probes (probes.hpp).
  bool started = true;                            ///< its startup probe has passed, or it has none
  std::uint32_t startup_failures = 0;             ///< in a row
  sim::Time readiness_tick = sim::Time::never();  ///< one of the instants at which it is asked; never: not drawn
  sim::Time liveness_tick = sim::Time::never();   ///< the same
  sim::TimerId probe_timer;                       ///< pending StartupProbed, ReadinessProbed or ReadinessLost
  sim::TimerId liveness_timer;                    ///< pending LivenessFailed
};

enum class Attachment : std::uint8_t { detached, attaching, attached, detaching };

/// A volume's attachment to a machine. For a local disk: `attached` means that its claim is bound to that machine.
struct VolumeState {
  Attachment attachment = Attachment::attached;
  NodeId node;  ///< attached to, being attached to or detached from
  Machine machine = 0;
  bool in_use = true;                             ///< in the Node's status.volumesInUse, as last reported
  bool stuck = false;                             ///< the attachment hangs
  bool reported = false;                          ///< a person was asked to free it
  bool deleted = false;                           ///< its claim goes as soon as its pod has
  bool unclaimed = false;                         ///< the new claim has no volume yet
  bool grows = false;                             ///< its file system is still to be extended
  bool unseen = false;                            ///< the provider has done what was asked, and nobody has seen it yet
  Duration hang;                                  ///< the next attachment hangs this long; zero: it does not
  sim::Time unwanted_since = sim::Time::never();  ///< no pod object wants it on `node`
  sim::TimerId timer;                             ///< pending VolumeAttached or VolumeDetached
  sim::TimerId force_timer;                       ///< pending VolumeForceDetached
  sim::TimerId unmount_timer;                     ///< pending VolumeUnmounted
  sim::TimerId release_timer;                     ///< pending VolumeReleased
  sim::TimerId growth_timer;                      ///< pending FileSystemGrown
};

/// A Job.
struct JobState {
  bool active = false;             ///< until its end has been told
  bool ending = false;             ///< its pods are given up: whoever hears of that begins nothing yet
  std::int64_t succeeded = 0;      ///< pods
  std::int64_t failed = 0;         ///< the same
  std::int64_t failed_in_row = 0;  ///< of them, since the last one that succeeded
  sim::Time failed_at;             ///< the last of them
  sim::Time succeeded_at = sim::Time::from_count(std::numeric_limits<std::int64_t>::min());  ///< the last one that did
  sim::Time ends_at = sim::Time::never();                                                    ///< its deadline
  sim::TimerId deadline;                                                                     ///< pending JobDeadline
  sim::TimerId step;                                                                         ///< pending JobStep
};

/// What pods of a workload are created with now.
struct Revision {
  Defect defect = Defect::none;
  ProcessId only = ProcessId::none();  ///< the one pod that cannot run it; none: no pod can
  std::int64_t nth = -1;               ///< `only` is still to come: the pod that its roll starts after so many others
};

/// A rolling restart by the workload's controller.
struct RollState {
  bool active = false;
  std::vector<ProcessId> left;    ///< pods still to restart; the first is next
  bool restarting = false;        ///< the first of `left` has been deleted and is awaited
  std::uint32_t incarnation = 0;  ///< of that pod before its deletion
  sim::Time wait_until;           ///< the operator stops waiting for readiness then
  std::uint32_t refusals = 0;
  sim::TimerId timer;
  // Of a Deployment that starts pods beside the old ones (rollout.hpp).
  std::int64_t extra = 0;    ///< pods that there are beyond those wanted; below zero while fewer are there
  std::int64_t begun = 0;    ///< pods that this roll has started
  std::int64_t reached = 0;  ///< new pods, and available ones among all, when it last got on
  bool stalled = false;      ///< it has exceeded its progress deadline
  sim::TimerId deadline;     ///< pending RollStalled
};

/// What a HorizontalPodAutoscaler knows of a pod: its readiness, and what the metrics server last said of its use.
struct PodMetrics {
  double use = 0;         ///< processors, now
  double used = 0;        ///< processor-seconds from the last scrape to `since`
  sim::Time since;        ///< `use` holds from then on
  std::uint32_t ran = 0;  ///< the last pod object of its name whose container has run
  bool scraped = false;   ///< its container was there at the last scrape
  bool known = false;     ///< the metrics server has a value of it
  double value = 0;       ///< processors, over `window` before `at`
  sim::Time at;
  Duration window;
  bool hidden = false;    ///< an outage of the metrics keeps it from the metrics server
  bool ready = true;      ///< condition of the pod, as last seen
  sim::Time ready_since;  ///< last change of it; in health long ago
};

/// A HorizontalPodAutoscaler. While nothing changes it sleeps: each review would come to the same result.
struct AutoscalerState {
  bool awake = false;
  bool blind = false;                  ///< it gets no metrics at all
  bool reads_zero = false;             ///< its external metric says 0
  bool told = false;                   ///< of the metrics that are missing
  std::vector<PodMetrics> pods;        ///< as in the workload's plan; none of workloads without autoscaler
  sim::CauseId cause = sim::no_cause;  ///< of the last change that it was told of
  sim::Time scraped_at;                ///< last scrape
  struct Change {
    sim::Time at;
    std::int64_t count = 0;
  };
  std::vector<Change> recommended;  ///< within the window of stabilisation
  std::vector<Change> added;        ///< within the period of the policies
  std::vector<Change> removed;
  sim::TimerId scrape_timer;  ///< pending MetricsScraped
  sim::TimerId review_timer;  ///< pending ReplicasReviewed
};

/// A node group that grows and shrinks, or whose machines may come in another zone than those that they replace.
struct GroupState {
  sim::Time grown_at = sim::Time::from_count(std::numeric_limits<std::int64_t>::min());  ///< last order of a machine
  sim::Time backoff_until;                                                               ///< nothing is ordered before
  Duration backoff;                                                                      ///< the last one
  bool stopped = false;  ///< by nodes that are not Ready, while pods wait
  // Of an Auto Scaling group over several zones.
  sim::TimerId rebalance_timer;                  ///< pending ZonesCompared
  sim::CauseId rebalance_cause = sim::no_cause;  ///< what has unbalanced it
};

/// The replacement of every machine of a node group (node_update.hpp).
struct NodeUpdate {
  struct Old {
    NodeId node;
    Machine machine = 0;
  };
  bool active = false;
  std::vector<Old> left;  ///< of the old image, none of which is being replaced; the first is next
  std::vector<Old> now;   ///< being replaced
  sim::TimerId timer;
};

/// What of the control plane works, as kubelets and controllers have it. All of it where no service says otherwise.
struct ControlPlane {
  bool api = true;                     ///< an API server takes writes
  bool managers = true;                ///< the controller managers act
  bool scheduler = true;               ///< the scheduler acts
  std::uint32_t managers_so_far = 0;   ///< each of them begins with what it lists, and forgets what the last one knew
  infrastructure::Endpoint front = 0;  ///< where requests to the API servers go
  friend bool operator==(const ControlPlane&, const ControlPlane&) = default;
};

/// Who has to be looked at, so that nobody looks at everybody (attention.hpp). Each is a superset: who looks asks anew.
struct Attention {
  /// By slot: pods that were bound to it or its successor, beside those that started there; ascending.
  UndoableTable<NodeId, std::vector<ProcessId>> arrivals;
  sim::Marks may_start;         ///< pods that could perhaps take a step towards their container, were they asked
  sim::Marks nodes;             ///< edited since the pods on them were last added to `may_start`
  sim::Marks unschedulable;     ///< pods
  sim::Marks missing;           ///< pods without an object
  sim::Marks nominated;         ///< pods
  sim::Marks machine_reported;  ///< pods for which a person was asked for a machine
  sim::Marks stale_slots;       ///< not yet put into their class of `slots` anew
  sim::Marks odd_slots;         ///< of no class, for a successor shares them
  SlotKeys slots;               ///< as the scheduler compares machines
  FitsOfRequests fits;          ///< the same by what pods that request the same meet there
  KinOfPools kin;               ///< as it compares those with pods that mean something to the one that is placed
  /// Among the touched pods, and the touched processes, the first that was found not to be healthy: looked at first.
  mutable std::size_t sick_pod = 0;
  mutable std::size_t sick_process = 0;

  void freeze() {
    arrivals.freeze();
    slots.freeze();
  }
};

/// What the store of the API servers has of a pod or a Node (restored_objects.hpp).
struct PodRecord {
  PodObject object = PodObject::gone;
  NodeId node;
  Machine machine = 0;
  std::uint32_t incarnation = 0;
  friend bool operator==(const PodRecord&, const PodRecord&) = default;
};
struct NodeRecord {
  bool object = false;
  Machine machine = 0;
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// It was `before` until then.
template <class Id, class Record>
struct Change {
  sim::Time at;
  Id of;
  Record before;
};

/// What there was, of a store that may be restored to an earlier time.
struct History {
  bool kept = false;
  sim::Time at;                              ///< of the event that is under way
  UndoableTable<ProcessId, PodRecord> pods;  ///< as the last event left them
  UndoableTable<NodeId, NodeRecord> nodes;   ///< the same
  std::vector<Change<ProcessId, PodRecord>> of_pods;
  std::vector<Change<NodeId, NodeRecord>> of_nodes;
  std::vector<Change<VolumeId, bool>> of_volumes;  ///< made anew; of which nothing was known before

  void freeze() {
    pods.freeze();
    nodes.freeze();
  }
};

struct State {
  ControlPlane control_plane;
  History history;
  /// The present controller manager sees nothing that is older; the first one has been there for longer than anything.
  sim::Time managers_since = sim::Time::from_count(std::numeric_limits<std::int64_t>::min());
  sim::Grid monitor_passes;
  sim::Grid collector_passes;
  sim::Grid cloud_passes;
  sim::Grid reconciliations;
  sim::Grid reviews;  ///< of HorizontalPodAutoscalers
  sim::Grid scrapes;  ///< of the metrics server
  sim::Grid scans;    ///< of the Cluster Autoscaler, or of Karpenter's consolidation
  WatchedTable<NodeId, NodeState> nodes;
  Table<ZoneId, TaintQueue> zones;
  WatchedTable<ProcessId, PodState> pods;
  UndoableTable<VolumeId, VolumeState> volumes;
  TouchedTable<WorkloadId, RollState> rolls;
  std::vector<NodeUpdate> updates;  ///< by node group
  Table<WorkloadId, Revision> revisions;
  Table<WorkloadId, char> scaled_to_zero;  ///< whether its controller wants no pod
  Table<WorkloadId, AutoscalerState> autoscalers;
  Table<WorkloadId, std::vector<JobState>> jobs;  ///< by place; none of workloads of other controllers
  std::vector<GroupState> groups;                 ///< as in the topology; none if no group grows or moves
  sim::TimerId scan_timer;                        ///< next look of the Cluster Autoscaler or Karpenter
  sim::CauseId scan_cause = sim::no_cause;        ///< the last change before it
  bool apis_removed = false;                      ///< a release removed APIs that manifests and operators still use
  bool all_disrupted = false;                     ///< every zone fully disrupted: tainting is stopped
  sim::TimerId pass_timer;                        ///< next monitor pass that changes something
  Attention attention;

  void freeze() {
    nodes.freeze();
    pods.freeze();
    volumes.freeze();
    rolls.freeze();
    history.freeze();
    attention.freeze();
  }
};

}  // namespace nines::models::kubernetes
