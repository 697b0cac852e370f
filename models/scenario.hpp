// What is done to a topology: faults and operations by verb, target and time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/units.hpp"

namespace nines::models {

/// Every verb of a scenario. What each does to its target: `verbs` below.
enum class Verb : std::uint8_t {
  process_kill,
  process_stop,
  process_continue,
  process_terminate,
  node_crash,
  node_reboot,
  node_loss,
  zone_power_loss,
  zone_isolation,
  partition,
  heal,
  volume_loss,
  volume_stuck,
  spot_reclaim,
  rolling_restart,
  drain,
  delete_pod,
  out_of_service_taint,
  component_fail,
  shock,
};

/// What a verb's target must be. A process may stand for its machine, volume or zone.
enum class TargetKind : std::uint8_t { process, node, zone, volume, service, any, component, shock };

struct VerbInfo {
  Verb verb;
  std::string_view name;
  TargetKind target;
  bool takes_duration;  ///< `duration_s` is allowed; without it the profile's law is drawn
  std::string_view meaning;
};

inline constexpr std::array verbs{
    VerbInfo{Verb::process_kill, "process-kill", TargetKind::process, false,
             "SIGKILL: the process is gone at once, its host answers with resets; the kubelet restarts it"},
    VerbInfo{Verb::process_stop, "process-stop", TargetKind::process, false,
             "SIGSTOP: the process answers nothing, connections stay open; ends with process-continue"},
    VerbInfo{Verb::process_continue, "process-continue", TargetKind::process, false, "SIGCONT after process-stop"},
    VerbInfo{Verb::process_terminate, "process-terminate", TargetKind::process, false,
             "SIGTERM: controlled shutdown, then the kubelet starts the container again"},
    VerbInfo{Verb::node_crash, "node-crash", TargetKind::node, true,
             "the machine hangs silently and loses its memory; it reboots after duration_s"},
    VerbInfo{Verb::node_reboot, "node-reboot", TargetKind::node, true,
             "orderly reboot without drain: processes get SIGTERM and SIGKILL, disks are flushed"},
    VerbInfo{Verb::node_loss, "node-loss", TargetKind::node, false,
             "the host dies silently for good; memory and local disks are lost, network volumes survive"},
    VerbInfo{Verb::zone_power_loss, "zone-power-loss", TargetKind::zone, true,
             "every machine of the zone loses power (or the share `extent` of them) for duration_s"},
    VerbInfo{Verb::zone_isolation, "zone-isolation", TargetKind::zone, true,
             "no packet leaves or enters the zone for duration_s; machines and clients inside go on"},
    VerbInfo{Verb::partition, "partition", TargetKind::any, true,
             "packets between `target` and `from` are dropped silently (one_way: only from `from` to `target`)"},
    VerbInfo{Verb::heal, "heal", TargetKind::any, false,
             "ends partitions and isolations that touch the target; all(x) or a name"},
    VerbInfo{Verb::volume_loss, "volume-loss", TargetKind::volume, false,
             "the volume's data are gone and every write fails"},
    VerbInfo{Verb::volume_stuck, "volume-stuck", TargetKind::volume, true,
             "the next attachment of the volume hangs for duration_s, or until a person acts"},
    VerbInfo{Verb::spot_reclaim, "spot-reclaim", TargetKind::node, false,
             "the provider takes the machine back after the Spot notice"},
    VerbInfo{Verb::rolling_restart, "rolling-restart", TargetKind::service, false,
             "the operator restarts every pod of the service, one at a time, with its safety checks"},
    VerbInfo{Verb::drain, "drain", TargetKind::node, false,
             "pods are evicted within the disruption budget, then the machine is replaced"},
    VerbInfo{Verb::delete_pod, "delete-pod", TargetKind::process, false,
             "a person deletes the pod object by force (grace period 0)"},
    VerbInfo{Verb::out_of_service_taint, "out-of-service-taint", TargetKind::node, false,
             "a person sets node.kubernetes.io/out-of-service: stuck pods are collected, volumes detach at once"},
    VerbInfo{Verb::component_fail, "component-fail", TargetKind::component, false,
             "a unit of a black box fails; it is repaired as its component says"},
    VerbInfo{Verb::shock, "shock", TargetKind::shock, false,
             "a common cause strikes: units of what it hits fail at once"},
};

/// One step of a scenario. Times count from the first action.
struct Action {
  Duration at;
  Verb verb = Verb::process_kill;
  std::string target;                ///< a name, or leader(x), follower(x), random(x), all(x)
  std::string from;                  ///< partition: the other side; empty for other verbs
  bool one_way = false;              ///< partition: only packets from `from` to `target` are dropped
  std::optional<Duration> duration;  ///< until the fault ends by itself
  std::optional<double> extent;      ///< zone-power-loss: probability that a given machine is hit, in (0, 1]
};

}  // namespace nines::models
