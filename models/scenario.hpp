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
  process_pause,
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
  bad_rollout,
  failed_upgrade,
  wrong_command,
  expired_certificate,
};

/// Where a fault comes from: a part that fails, work that somebody planned, a change that goes wrong, a person's slip.
enum class Category : std::uint8_t { component, planned, change, human };

/// What a verb's target must be. A process may stand for its machine, volume or zone.
enum class TargetKind : std::uint8_t { process, node, zone, volume, service, any, component, shock };

struct VerbInfo {
  Verb verb;
  std::string_view name;
  TargetKind target;
  bool takes_duration;  ///< `duration_s` is allowed; without it the profile's law is drawn
  Category category;
  std::string_view meaning;
};

inline constexpr std::array verbs{
    VerbInfo{Verb::process_kill, "process-kill", TargetKind::process, false, Category::component,
             "SIGKILL: the process is gone at once, its host answers with resets; the kubelet restarts it"},
    VerbInfo{Verb::process_stop, "process-stop", TargetKind::process, false, Category::component,
             "SIGSTOP: the process answers nothing, connections stay open; ends with process-continue"},
    VerbInfo{Verb::process_continue, "process-continue", TargetKind::process, false, Category::component,
             "SIGCONT after process-stop"},
    VerbInfo{
        Verb::process_pause, "process-pause", TargetKind::process, true, Category::component,
        "the process stands still (garbage collection, stalled disk, paused machine) and goes on after duration_s"},
    VerbInfo{Verb::process_terminate, "process-terminate", TargetKind::process, false, Category::component,
             "SIGTERM: controlled shutdown, then the kubelet starts the container again"},
    VerbInfo{Verb::node_crash, "node-crash", TargetKind::node, true, Category::component,
             "the machine hangs silently and loses its memory; it reboots after duration_s"},
    VerbInfo{
        Verb::node_reboot, "node-reboot", TargetKind::node, true, Category::component,
        "orderly reboot without drain: processes get SIGTERM, and SIGKILL after the machine's stop time-out; disks "
        "are flushed; the machine is up again after duration_s"},
    VerbInfo{Verb::node_loss, "node-loss", TargetKind::node, false, Category::component,
             "the host dies silently for good; memory and local disks are lost, network volumes survive"},
    VerbInfo{Verb::zone_power_loss, "zone-power-loss", TargetKind::zone, true, Category::component,
             "every machine of the zone loses power (or the share `extent` of them) for duration_s"},
    VerbInfo{Verb::zone_isolation, "zone-isolation", TargetKind::zone, true, Category::component,
             "no packet leaves or enters the zone for duration_s; machines and clients inside go on"},
    VerbInfo{Verb::partition, "partition", TargetKind::any, true, Category::component,
             "packets between `target` and `from` are dropped silently (one_way: only from `from` to `target`)"},
    VerbInfo{Verb::heal, "heal", TargetKind::any, false, Category::component,
             "ends partitions and isolations that touch the target; all(x) or a name"},
    VerbInfo{Verb::volume_loss, "volume-loss", TargetKind::volume, false, Category::component,
             "the volume's data are gone and every write fails"},
    VerbInfo{Verb::volume_stuck, "volume-stuck", TargetKind::volume, true, Category::component,
             "the next attachment of the volume hangs for duration_s, or until a person acts"},
    VerbInfo{Verb::spot_reclaim, "spot-reclaim", TargetKind::node, false, Category::component,
             "the provider takes the machine back after the Spot notice"},
    VerbInfo{Verb::rolling_restart, "rolling-restart", TargetKind::service, false, Category::planned,
             "the operator restarts every pod of the service, one at a time, with its safety checks"},
    VerbInfo{Verb::drain, "drain", TargetKind::node, false, Category::planned,
             "pods are evicted within the disruption budget and the machine is replaced, in the order of `variant`"},
    VerbInfo{Verb::delete_pod, "delete-pod", TargetKind::process, false, Category::human,
             "a person deletes the pod object by force (grace period 0)"},
    VerbInfo{Verb::out_of_service_taint, "out-of-service-taint", TargetKind::node, false, Category::human,
             "a person sets node.kubernetes.io/out-of-service: stuck pods are collected, volumes detach at once"},
    VerbInfo{Verb::component_fail, "component-fail", TargetKind::component, false, Category::component,
             "a unit of a black box fails; it is repaired as its component says"},
    VerbInfo{Verb::shock, "shock", TargetKind::shock, false, Category::component,
             "a common cause strikes: units of what it hits fail at once"},
    VerbInfo{Verb::bad_rollout, "bad-rollout", TargetKind::service, false, Category::change,
             "the operator rolls a broken configuration or image out, until a pod does not get ready, or over all pods "
             "if only clients notice the defect; people roll it back"},
    VerbInfo{Verb::failed_upgrade, "failed-upgrade", TargetKind::service, false, Category::change,
             "the operator rolls a new version out; one pod, drawn at random, does not come up with it until a person "
             "has repaired it"},
    VerbInfo{Verb::wrong_command, "wrong-command", TargetKind::service, false, Category::human,
             "a person deletes a pod, scales the service to zero, or terminates one of its machines"},
    VerbInfo{Verb::expired_certificate, "expired-certificate", TargetKind::service, false, Category::human,
             "no new TLS connection to or within the service succeeds until people have renewed its certificate"},
};

/// Which form a fault takes that has several.
enum class Variant : std::uint8_t { drawn, stops, passes, pod, service, machine, launch_first, evict_first };

struct VariantInfo {
  Verb verb;
  Variant variant;
  std::string_view name;
  std::string_view meaning;
};

/// What `variant` of a scenario's step may say; without it the profile's shares are drawn, and a drain goes as its node
/// group's `replacement` says.
inline constexpr std::array verb_variants{
    VariantInfo{Verb::bad_rollout, Variant::stops, "stops", "the first pod with it crash-loops: the roll stops there"},
    VariantInfo{Verb::bad_rollout, Variant::passes, "passes", "readiness probes pass, clients are refused"},
    VariantInfo{Verb::wrong_command, Variant::pod, "pod", "one pod is deleted"},
    VariantInfo{Verb::wrong_command, Variant::service, "service", "the service is scaled to zero"},
    VariantInfo{Verb::wrong_command, Variant::machine, "machine", "a machine is terminated"},
    VariantInfo{Verb::drain, Variant::launch_first, "launch-first",
                "the replacement is there before the first pod is evicted: Karpenter's drift and consolidation (and "
                "expiry before 1.0), the update of a managed node group"},
    VariantInfo{Verb::drain, Variant::evict_first, "evict-first",
                "pods are evicted at once: kubectl drain, Karpenter's expiry from 1.0 on, deletion by hand"},
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
  Variant variant = Variant::drawn;  ///< one of `verb_variants` of the verb
};

}  // namespace nines::models
