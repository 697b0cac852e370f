// What is done to a topology: faults and operations by verb, target and time.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
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
  disk_slow,
  volume_stalled,
  network_slow,
  packet_loss,
  cpu_starved,
  clock_jump,
  control_plane_outage,
  region_api_outage,
  node_not_ready,
  capacity_shortage,
  space_quota,
  memory_pressure,
  kms_outage,
  credentials_outage,
  network_policy,
  kubelet_stop,
  load_change,
  metrics_outage,
  node_update,
  control_plane_upgrade,
  volume_modify,
  disk_pressure,
  removed_apis,
  service_outage,
  delete_data,
  empty_process,
  broken_role,
};

/// Where a fault comes from: a part that fails, work that somebody planned, a change that goes wrong, a human error.
enum class Category : std::uint8_t { component, planned, change, human };

/// What a verb's target must be. A process may stand for its machine, volume or zone; a machine or a
/// zone for its pools of capacity.
enum class TargetKind : std::uint8_t { process, node, zone, volume, service, any, component, shock, capacity_pool };

/// What a step can say beside time, verb and target: `verb_options` below tells of each.
enum class Option : std::uint8_t { duration, extent, from, one_way, variant, share, loss, delay, jump, factor };

/// Options, as a verb takes them.
struct OptionSet {
  std::uint16_t bits = 0;
  constexpr OptionSet() = default;
  constexpr OptionSet(std::initializer_list<Option> list) {
    for (const Option option : list) bits = static_cast<std::uint16_t>(bits | 1U << static_cast<unsigned>(option));
  }
  [[nodiscard]] constexpr bool has(Option option) const { return (bits >> static_cast<unsigned>(option) & 1U) != 0; }
};

struct VerbInfo {
  Verb verb;
  std::string_view name;
  TargetKind target;
  OptionSet takes;  ///< a step that says another option is in error
  Category category;
  std::string_view meaning;
};

// A row's set of options would be laid out member by member.
// clang-format off
inline constexpr std::array verbs{
    VerbInfo{Verb::process_kill, "process-kill", TargetKind::process, {}, Category::component,
             "SIGKILL: the process is gone at once, its host answers with resets; the kubelet restarts it"},
    VerbInfo{Verb::process_stop, "process-stop", TargetKind::process, {}, Category::component,
             "SIGSTOP: the process answers nothing, connections stay open; ends with process-continue"},
    VerbInfo{Verb::process_continue, "process-continue", TargetKind::process, {}, Category::component,
             "SIGCONT after process-stop"},
    VerbInfo{
        Verb::process_pause, "process-pause", TargetKind::process, {Option::duration}, Category::component,
        "the process stands still (garbage collection, stalled disk, paused machine) and goes on after duration_s"},
    VerbInfo{Verb::process_terminate, "process-terminate", TargetKind::process, {}, Category::component,
             "SIGTERM: controlled shutdown, then the kubelet starts the container again"},
    VerbInfo{Verb::node_crash, "node-crash", TargetKind::node, {Option::duration}, Category::component,
             "the machine hangs silently and loses its memory; it reboots after duration_s"},
    VerbInfo{
        Verb::node_reboot, "node-reboot", TargetKind::node, {Option::duration}, Category::component,
        "orderly reboot without drain: processes get SIGTERM, and SIGKILL after the machine's stop time-out; disks "
        "are flushed; the machine is up again after duration_s"},
    VerbInfo{Verb::node_loss, "node-loss", TargetKind::node, {}, Category::component,
             "the host dies silently for good; memory and local disks are lost, network volumes survive"},
    VerbInfo{Verb::zone_power_loss, "zone-power-loss", TargetKind::zone, {Option::duration, Option::extent},
             Category::component,
             "every machine of the zone loses power (or the share `extent` of them) for duration_s"},
    VerbInfo{Verb::zone_isolation, "zone-isolation", TargetKind::zone, {Option::duration}, Category::component,
             "no packet leaves or enters the zone for duration_s; machines and clients inside go on"},
    VerbInfo{Verb::partition, "partition", TargetKind::any, {Option::duration, Option::from, Option::one_way},
             Category::component,
             "packets between `target` and `from` are dropped silently (one_way: only from `from` to `target`)"},
    VerbInfo{Verb::heal, "heal", TargetKind::any, {}, Category::component,
             "ends partitions, isolations, and slow and lossy networks that touch the target; all(x) or a name"},
    VerbInfo{Verb::volume_loss, "volume-loss", TargetKind::volume, {}, Category::component,
             "the volume's data are gone and every write fails"},
    VerbInfo{Verb::volume_stuck, "volume-stuck", TargetKind::volume, {Option::duration}, Category::component,
             "the next attachment of the volume hangs for duration_s, or until a person acts"},
    VerbInfo{Verb::spot_reclaim, "spot-reclaim", TargetKind::node, {}, Category::component,
             "the provider takes the machine back after the Spot notice"},
    VerbInfo{Verb::rolling_restart, "rolling-restart", TargetKind::service, {}, Category::planned,
             "the operator restarts every pod of the service, one at a time, with its safety checks; a provider maintains "
             "the nodes of a service that it runs in the same way"},
    VerbInfo{Verb::drain, "drain", TargetKind::node, {Option::variant}, Category::planned,
             "pods are evicted within the disruption budget and the machine is replaced, in the order of `variant`"},
    VerbInfo{Verb::delete_pod, "delete-pod", TargetKind::process, {}, Category::human,
             "a person deletes the pod object by force (grace period 0)"},
    VerbInfo{Verb::out_of_service_taint, "out-of-service-taint", TargetKind::node, {}, Category::human,
             "a person sets node.kubernetes.io/out-of-service: stuck pods are collected, volumes detach at once"},
    VerbInfo{Verb::component_fail, "component-fail", TargetKind::component, {}, Category::component,
             "a unit of a black box fails; it is repaired as its component says"},
    VerbInfo{Verb::shock, "shock", TargetKind::shock, {}, Category::component,
             "a common cause strikes: units of what it hits fail at once"},
    VerbInfo{Verb::bad_rollout, "bad-rollout", TargetKind::service, {Option::variant}, Category::change,
             "the operator rolls a broken configuration or image out, until a pod does not get ready, or over all pods "
             "if only clients notice the defect; people roll it back"},
    VerbInfo{Verb::failed_upgrade, "failed-upgrade", TargetKind::service, {}, Category::change,
             "the operator rolls a new version out; one pod, drawn at random, does not come up with it until a person "
             "has repaired it"},
    VerbInfo{Verb::wrong_command, "wrong-command", TargetKind::service, {Option::variant}, Category::human,
             "a person deletes a pod, scales the service to zero, or terminates one of its machines"},
    VerbInfo{Verb::expired_certificate, "expired-certificate", TargetKind::service, {}, Category::human,
             "no new TLS connection to or within the service succeeds until people have renewed its certificate"},
    VerbInfo{Verb::disk_slow, "disk-slow", TargetKind::volume, {Option::duration, Option::share, Option::delay},
             Category::component,
             "the volume carries the share `share` of its throughput, and each durable write takes delay_s longer"},
    VerbInfo{Verb::volume_stalled, "volume-stalled", TargetKind::volume, {Option::duration}, Category::component,
             "every access to the volume hangs: no error, no answer; what runs goes on until it needs the volume"},
    VerbInfo{Verb::network_slow, "network-slow", TargetKind::any,
             {Option::duration, Option::from, Option::share, Option::delay}, Category::component,
             "machines keep the share `share` of their network; packets between `target` and `from`, or everybody "
             "outside, take delay_s longer each way"},
    VerbInfo{Verb::packet_loss, "packet-loss", TargetKind::any, {Option::duration, Option::from, Option::loss},
             Category::component,
             "each packet between `target` and `from`, or everybody outside, is lost with probability `loss`; TCP "
             "sends it again and slows down"},
    VerbInfo{Verb::cpu_starved, "cpu-starved", TargetKind::node, {Option::duration, Option::share},
             Category::component, "what runs on the machine gets the share `share` of the CPU that it would use"},
    VerbInfo{Verb::clock_jump, "clock-jump", TargetKind::node, {Option::jump}, Category::component,
             "the machine's wall clock jumps forward by jump_s; timers that go by it run out early"},
    VerbInfo{Verb::control_plane_outage, "control-plane-outage", TargetKind::service, {Option::duration},
             Category::component,
             "the provider's control plane takes no requests: what runs goes on, nothing is repaired or scheduled; of a "
             "service that it runs, nothing is changed and no node is replaced"},
    VerbInfo{Verb::region_api_outage, "region-api-outage", TargetKind::any, {Option::duration}, Category::component,
             "the region's own control plane (target region) starts and ends no machine, so that no Node is deleted for "
             "its machine, and attaches and detaches no volume; what runs goes on"},
    VerbInfo{Verb::node_not_ready, "node-not-ready", TargetKind::node, {Option::duration}, Category::component,
             "the kubelet reports NotReady (network plugin or container runtime down): what runs goes on, no pod starts, "
             "and pods are evicted after their toleration"},
    VerbInfo{Verb::capacity_shortage, "capacity-shortage", TargetKind::capacity_pool, {Option::duration},
             Category::component,
             "the provider has no machine of that type, zone and sort (Spot, on demand) to give for duration_s; by "
             "itself it strikes Spot pools, and takes their machines back too (spot-reclaim)"},
    VerbInfo{Verb::space_quota, "space-quota", TargetKind::service, {}, Category::component,
             "the service's database reaches its quota: it raises an alarm and takes no writes until people have made "
             "room and lifted it"},
    VerbInfo{Verb::memory_pressure, "memory-pressure", TargetKind::process, {}, Category::component,
             "the pod takes memory far beyond its request, until its machine has less left than the kubelet's "
             "threshold: the kubelet evicts pods without grace and without regard to budgets until it is gone"},
    VerbInfo{Verb::kms_outage, "kms-outage", TargetKind::any, {Option::duration}, Category::component,
             "the region's key service (target region) answers nobody: no encrypted volume is attached; what is "
             "attached goes on"},
    VerbInfo{Verb::credentials_outage, "credentials-outage", TargetKind::any, {Option::duration},
             Category::component,
             "the region's token service (target region) answers nobody: pods go on with the credentials that they "
             "have until these expire, and new pods get none"},
    VerbInfo{Verb::network_policy, "network-policy", TargetKind::service, {}, Category::human,
             "a person applies a NetworkPolicy that denies all traffic to and from the service's pods; who did it "
             "takes it back"},
    VerbInfo{Verb::kubelet_stop, "kubelet-stop", TargetKind::node, {Option::duration}, Category::component,
             "the kubelet of the machine hangs: it renews no lease and reports nothing, so that its node turns Unknown "
             "and pods are evicted that go on serving"},
    VerbInfo{Verb::load_change, "load-change", TargetKind::service, {Option::duration, Option::factor},
             Category::component,
             "clients send `factor` times the requests that the topology says, for duration_s; without it until the "
             "next load-change of the service"},
    VerbInfo{Verb::metrics_outage, "metrics-outage", TargetKind::service,
             {Option::duration, Option::extent, Option::variant}, Category::component,
             "the service's autoscaler gets no metrics of its pods (or of the share `extent` of them), or an external "
             "metric that says 0, for duration_s; without it until the replay ends"},
    VerbInfo{Verb::node_update, "node-update", TargetKind::node, {}, Category::planned,
             "every machine of the target's node group is replaced by one of a new image: by the update of a managed "
             "node group (asg), by Karpenter's drift within its disruption budget, or by Fargate's patching"},
    VerbInfo{Verb::control_plane_upgrade, "control-plane-upgrade", TargetKind::service, {Option::variant},
             Category::planned,
             "the control plane gets the next version: the provider puts new API servers in the place of the old ones, "
             "and goes back if they fail their checks; on masters of one's own people do one after the other (kubeadm)"},
    VerbInfo{Verb::volume_modify, "volume-modify", TargetKind::volume, {Option::variant, Option::factor},
             Category::planned,
             "the provider changes an attached EBS volume to `factor` times its throughput or size (ModifyVolume), if "
             "no change is under way and not too many have been made lately"},
    VerbInfo{Verb::disk_pressure, "disk-pressure", TargetKind::process, {Option::variant}, Category::component,
             "the pod, or something else on its machine, fills the machine's disk until less is left than the kubelet's "
             "threshold: the kubelet removes unused images and evicts pods, without grace and without regard to budgets"},
    VerbInfo{Verb::removed_apis, "removed-apis", TargetKind::service, {}, Category::change,
             "the control plane (target) is upgraded to a release without APIs that manifests and operators still use: "
             "nothing is rolled out and operators do nothing until people have moved them; what runs goes on"},
    VerbInfo{Verb::service_outage, "service-outage", TargetKind::service, {Option::duration}, Category::component,
             "a service that the provider runs answers nobody in the region for duration_s, whichever of its nodes live"},
    VerbInfo{Verb::delete_data, "delete-data", TargetKind::service, {Option::variant}, Category::human,
             "a person or a release deletes or corrupts the service's data, and every replica follows at once: people "
             "restore a backup ('backups') that was taken before"},
    VerbInfo{Verb::empty_process, "reassign-partitions", TargetKind::process, {}, Category::planned,
             "people have all replicas of the broker copied to others, within a throttle if there is one, and then taken "
             "from it; a broker that is gone can be emptied too"},
    VerbInfo{Verb::broken_role, "broken-role", TargetKind::service, {}, Category::change,
             "a change breaks the IAM role of the service's pods (its trust policy or OIDC "
             "provider): they renew no credentials and new pods get none, until people have rolled it back"},
};
// clang-format on

/// Which form a fault takes that has several.
enum class Variant : std::uint8_t {
  drawn,
  stops,
  passes,
  pod,
  service,
  machine,
  launch_first,
  evict_first,
  missing,
  zero,
  succeeds,
  rolled_back,
  speed,
  size,
  fails,
  claim,
  image,
  deleted,
  corrupted,
};

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
    VariantInfo{Verb::bad_rollout, Variant::image, "image",
                "the image of the revision cannot be pulled: no container with it starts; never drawn"},
    VariantInfo{Verb::bad_rollout, Variant::passes, "passes", "readiness probes pass, clients are refused"},
    VariantInfo{Verb::wrong_command, Variant::pod, "pod", "one pod is deleted"},
    VariantInfo{Verb::wrong_command, Variant::service, "service", "the service is scaled to zero"},
    VariantInfo{Verb::wrong_command, Variant::machine, "machine", "a machine is terminated"},
    VariantInfo{Verb::wrong_command, Variant::claim, "claim",
                "the claim of one pod's network volume is deleted, and the pod: with reclaim Delete its data are gone, "
                "with Retain a person binds the volume by hand"},
    VariantInfo{Verb::drain, Variant::launch_first, "launch-first",
                "the replacement is there before the first pod is evicted: Karpenter's drift and consolidation (and "
                "expiry before 1.0), the update of a managed node group"},
    VariantInfo{Verb::drain, Variant::evict_first, "evict-first",
                "pods are evicted at once: kubectl drain, Karpenter's expiry from 1.0 on, deletion by hand"},
    VariantInfo{Verb::disk_pressure, Variant::pod, "pod", "the pod fills it: what it wrote goes with it (default)"},
    VariantInfo{Verb::disk_pressure, Variant::machine, "machine",
                "what fills it belongs to no pod: the kubelet evicts one pod after the other in vain, until a person "
                "has made room"},
    VariantInfo{Verb::metrics_outage, Variant::missing, "missing",
                "there is no value: the autoscaler does nothing, or counts on the pods that it knows of (default)"},
    VariantInfo{Verb::metrics_outage, Variant::zero, "zero",
                "an external metric says 0: the autoscaler scales in to its minimum"},
    VariantInfo{Verb::control_plane_upgrade, Variant::succeeds, "succeeds", "the new API servers pass their checks"},
    VariantInfo{Verb::control_plane_upgrade, Variant::rolled_back, "rolled-back",
                "they do not, and the provider removes them; on masters of one's own: failed-upgrade"},
    VariantInfo{Verb::volume_modify, Variant::speed, "speed", "its throughput (default)"},
    VariantInfo{Verb::volume_modify, Variant::size, "size", "its size, to which its file system is extended"},
    VariantInfo{Verb::volume_modify, Variant::fails, "fails",
                "its throughput, and the provider fails to: the volume stays as it is"},
    VariantInfo{Verb::delete_data, Variant::deleted, "deleted",
                "clients are turned away from then on, and whoever did it sees it (default)"},
    VariantInfo{Verb::delete_data, Variant::corrupted, "corrupted",
                "clients go on until somebody has noticed, which takes hours or days"},
};

/// What a step says beside time, verb and target.
struct Options {
  std::optional<Duration> duration;
  std::optional<double> extent;
  std::string from;
  bool one_way = false;
  Variant variant = Variant::drawn;
  std::optional<double> share;
  std::optional<double> loss;
  std::optional<Duration> delay;
  std::optional<Duration> jump;
  std::optional<double> factor;
};

/// One of them. Numbers have a range; `least` itself is allowed unless `above_least`.
struct OptionInfo {
  Option option;
  std::string_view name;  ///< in files; a unit stands at its end
  std::variant<std::optional<Duration> Options::*, std::optional<double> Options::*, std::string Options::*,
               bool Options::*, Variant Options::*>
      member;
  double least = 0;
  double most = 0;
  bool above_least = false;
  bool below_most = false;
  std::string_view meaning;
};

inline constexpr double longest_fault_s = 10.0 * 8760 * 3600;
/// Of a packet's way. A kubelet that renews its lease waits 10 s for the answer (client-go): a round trip that takes
/// longer would be a node that is lost. What a kind of service holds is `service::Kind::longest_delay_s`.
inline constexpr double longest_delay_s = 5;
/// Of a durable write; of a packet's way, what every kind of service holds: it crosses no time-out of theirs.
inline constexpr double common_delay_s = 0.5;
/// Of more, requests and answers fail more often than they succeed: to whoever waits that is a partition.
inline constexpr double greatest_loss = 0.25;
inline constexpr double greatest_factor = 1e6;

/// Every option, in the order of `Option`. Readers, schemas, lists and messages are made from it.
inline constexpr std::array verb_options{
    OptionInfo{Option::duration, "duration_s", &Options::duration, 0, longest_fault_s, true, false,
               "until the fault ends by itself; without it the profile's law is drawn"},
    OptionInfo{Option::extent, "extent", &Options::extent, 0, 1, true, false,
               "probability that a machine is hit, or a pod's metrics are, in (0, 1]"},
    OptionInfo{Option::from, "from", &Options::from, 0, 0, false, false,
               "the other side, which a partition has to name; without it the side is everybody outside"},
    OptionInfo{Option::one_way, "one_way", &Options::one_way, 0, 0, false, false,
               "only packets from 'from' to 'target' are dropped"},
    OptionInfo{
        Option::variant, "variant", &Options::variant, 0, 0, false, false,
        "bad-rollout: stops or passes, or image, which is never drawn; wrong-command: pod, service or machine; without "
        "it drawn. disk-pressure: pod "
        "(default) or machine. drain: launch-first or evict-first; without it as the node group's 'replacement' says. "
        "metrics-outage: missing (default) or zero. control-plane-upgrade: succeeds or rolled-back; without it drawn. "
        "volume-modify: speed (default), size or fails. delete-data: deleted (default) or corrupted"},
    OptionInfo{Option::share, "share", &Options::share, 0, 1, true, true,
               "part that is left, in (0, 1); without it drawn from the profile's range"},
    OptionInfo{Option::loss, "loss", &Options::loss, 0, greatest_loss, true, false,
               "probability that a packet is lost, in (0, 0.25]; without it drawn from the profile's range"},
    OptionInfo{Option::delay, "delay_s", &Options::delay, 0, longest_delay_s, true, false,
               "added to each packet's way, in s, at most 0.5, or 5 where no service has shorter time-outs; or to each "
               "durable "
               "write, at most 0.5; without it the profile's, or none if 'share' is given"},
    OptionInfo{Option::jump, "jump_s", &Options::jump, 0, longest_fault_s, true, false,
               "how far the clock jumps forward, in s; without it the profile's law is drawn"},
    OptionInfo{
        Option::factor, "factor", &Options::factor, 0, greatest_factor, false, false,
        "load-change: load as a multiple of the topology's; volume-modify: throughput or size as a multiple of the "
        "present one. Both have to say it"},
};

constexpr bool options_in_order() {
  for (std::size_t i = 0; i < verb_options.size(); ++i) {
    if (static_cast<std::size_t>(verb_options[i].option) != i) return false;
  }
  return true;
}
static_assert(options_in_order(), "every option has its row, in the order of `Option`");

/// One step of a scenario. Times count from the first action.
struct Action : Options {
  Duration at;
  Verb verb = Verb::process_kill;
  std::string target;  ///< a name, or leader(x), follower(x), random(x), all(x)
};

/// "duration_s and share"; "no options".
std::string options_taken(const VerbInfo& verb);

}  // namespace nines::models
