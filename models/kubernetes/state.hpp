// What changes in the platform. Node object, pod object, container and volume attachment are four state machines with
// separate observers: most wrong recovery times come from merging them (Kubernetes sheet, section 10).
//
// Indices and values only: copying it forks the platform. Nothing here ticks in health; leases, monitor passes,
// collector passes and reconciliations are grids.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/process.hpp"
#include "models/units.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

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

/// A machine slot: kubelet, lease and Node object.
struct NodeState {
  Machine machine = 0;       ///< the current one; a successor that shares the slot during a drain is `machine + 1`
  bool kubelet = true;       ///< the machine is up and its kubelet runs
  bool gone = false;         ///< the instance was terminated and nothing has replaced it
  std::uint32_t images = 0;  ///< services whose image is on the machine, bit by bit; bit 31: the operator's

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
  sim::TimerId delete_timer;  ///< pending NodeObjectDeleted
  sim::TimerId repair_timer;  ///< pending NodeRepairDue

  // Drain and replacement.
  bool draining = false;
  bool launch_first = false;                      ///< nothing is evicted before the replacement is there
  sim::Time drain_deadline = sim::Time::never();  ///< the provider takes the machine then
  sim::TimerId drain_timer;
  bool ordered = false;          ///< a replacement machine is being provisioned
  bool successor_ready = false;  ///< the replacement is up while the old machine still drains
  sim::TimerId launch_timer;
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
  bool ready = true;                      ///< the readiness probe has passed since the container started
  sim::Time listed = sim::Time::never();  ///< the kubelet's node status names its volume in use from then on
  sim::Time tried_at;                     ///< last attempt of the scheduler that failed
  std::uint32_t tries = 0;                ///< such attempts so far
  bool unschedulable = false;             ///< pending, and no machine fits
  bool returns = false;                   ///< deleted by the operator, which puts it back on the same machine at once
  bool reported_stuck = false;            ///< a person was asked to delete the object
  bool reported_machine = false;          ///< a person was asked for a machine
  bool reported_volume = false;           ///< a person was asked to give up the volume
  Duration backoff;                       ///< wait after the next exit; zero: none
  sim::Time last_restart;
  std::uint32_t restarts = 0;  ///< of the container, in place
  sim::TimerId eviction_timer;
  sim::TimerId collect_timer;  ///< pending PodCollected
  sim::TimerId step_timer;     ///< pending PodCreated, PodScheduled, VolumeMounted, PodStarted or ContainerRestarted
  sim::TimerId grace_timer;
  sim::TimerId probe_timer;  ///< pending ReadinessProbed
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
  Duration hang;                                  ///< the next attachment hangs this long; zero: it does not
  sim::Time unwanted_since = sim::Time::never();  ///< no pod object wants it on `node`
  sim::TimerId timer;                             ///< pending VolumeAttached or VolumeDetached
  sim::TimerId force_timer;                       ///< pending VolumeForceDetached
  sim::TimerId unmount_timer;                     ///< pending VolumeUnmounted
  sim::TimerId release_timer;                     ///< pending VolumeReleased
};

/// What the operator creates pods of a service with now.
struct Revision {
  Defect defect = Defect::none;
  ProcessId only = ProcessId::none();  ///< the one pod that cannot run it; none: no pod can
};

/// A rolling restart by the operator.
struct RollState {
  bool active = false;
  std::vector<ProcessId> left;    ///< pods still to restart; the first is next
  bool restarting = false;        ///< the first of `left` has been deleted and is awaited
  std::uint32_t incarnation = 0;  ///< of that pod before its deletion
  sim::Time wait_until;           ///< the operator stops waiting for readiness then
  std::uint32_t refusals = 0;
  sim::TimerId timer;
};

struct State {
  sim::Grid monitor_passes;
  sim::Grid collector_passes;
  sim::Grid cloud_passes;
  sim::Grid reconciliations;
  UndoableTable<NodeId, NodeState> nodes;
  Table<ZoneId, TaintQueue> zones;
  UndoableTable<ProcessId, PodState> pods;
  UndoableTable<VolumeId, VolumeState> volumes;
  std::vector<RollState> rolls;      ///< by service
  std::vector<Revision> revisions;   ///< by service
  std::vector<bool> scaled_to_zero;  ///< by service
  bool all_disrupted = false;        ///< every zone fully disrupted: tainting is stopped
  sim::TimerId pass_timer;           ///< next monitor pass that changes something

  void freeze() {
    nodes.freeze();
    pods.freeze();
    volumes.freeze();
  }
};

}  // namespace nines::models::kubernetes
