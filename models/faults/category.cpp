#include "models/faults/category.hpp"

#include <array>
#include <utility>

#include "models/components/events.hpp"
#include "models/faults/events.hpp"

namespace nines::models::faults {

namespace {

struct Begun {
  Verb verb;
  sim::EventKind event;
};

/// What each verb notes when it begins: one line a verb, in the order of `verbs`.
constexpr std::array begun{
    Begun{Verb::process_kill, kind_of<ProcessKilled>},
    Begun{Verb::process_stop, kind_of<ProcessStopped>},
    Begun{Verb::process_continue, kind_of<ProcessContinued>},
    Begun{Verb::process_pause, kind_of<ProcessPaused>},
    Begun{Verb::process_terminate, kind_of<ProcessTerminated>},
    Begun{Verb::node_crash, kind_of<NodeCrashed>},
    Begun{Verb::node_reboot, kind_of<NodeRebooted>},
    Begun{Verb::node_loss, kind_of<NodeLost>},
    Begun{Verb::zone_power_loss, kind_of<ZonePowerLost>},
    Begun{Verb::zone_isolation, kind_of<ZoneIsolated>},
    Begun{Verb::partition, kind_of<Partitioned>},
    Begun{Verb::heal, kind_of<Healed>},
    Begun{Verb::volume_loss, kind_of<VolumeLost>},
    Begun{Verb::volume_stuck, kind_of<VolumeWillStick>},
    Begun{Verb::spot_reclaim, kind_of<SpotReclaimed>},
    Begun{Verb::rolling_restart, kind_of<RollingRestartStarted>},
    Begun{Verb::drain, kind_of<DrainStarted>},
    Begun{Verb::delete_pod, kind_of<PodDeletedByForce>},
    Begun{Verb::out_of_service_taint, kind_of<OutOfServiceTainted>},
    Begun{Verb::component_fail, kind_of<components::UnitFailed>},
    Begun{Verb::shock, kind_of<components::ShockStruck>},
    Begun{Verb::bad_rollout, kind_of<BadRolloutStarted>},
    Begun{Verb::failed_upgrade, kind_of<UpgradeFails>},
    Begun{Verb::wrong_command, kind_of<WrongCommandGiven>},
    Begun{Verb::expired_certificate, kind_of<CertificateExpired>},
    Begun{Verb::disk_slow, kind_of<DiskSlowed>},
    Begun{Verb::volume_stalled, kind_of<VolumeStalled>},
    Begun{Verb::network_slow, kind_of<NetworkSlowed>},
    Begun{Verb::packet_loss, kind_of<PacketsLost>},
    Begun{Verb::cpu_starved, kind_of<CpuStarved>},
    Begun{Verb::clock_jump, kind_of<ClockJumped>},
    Begun{Verb::control_plane_outage, kind_of<ControlPlaneStopped>},
    Begun{Verb::region_api_outage, kind_of<RegionApiStopped>},
    Begun{Verb::node_not_ready, kind_of<PluginFailed>},
    Begun{Verb::capacity_shortage, kind_of<CapacityShort>},
    Begun{Verb::space_quota, kind_of<SpaceQuotaReached>},
    Begun{Verb::memory_pressure, kind_of<MemoryGrows>},
    Begun{Verb::kms_outage, kind_of<KeyServiceStopped>},
    Begun{Verb::credentials_outage, kind_of<TokenServiceStopped>},
    Begun{Verb::network_policy, kind_of<PolicyApplied>},
    Begun{Verb::kubelet_stop, kind_of<KubeletHangs>},
    Begun{Verb::load_change, kind_of<LoadChanged>},
    Begun{Verb::metrics_outage, kind_of<MetricsStopped>},
    Begun{Verb::node_update, kind_of<NodeUpdateStarted>},
    Begun{Verb::control_plane_upgrade, kind_of<ControlPlaneUpgraded>},
    Begun{Verb::volume_modify, kind_of<VolumeChanged>},
    Begun{Verb::disk_pressure, kind_of<DiskFills>},
    Begun{Verb::removed_apis, kind_of<ApisRemoved>},
    Begun{Verb::service_outage, kind_of<ServiceStopped>},
    Begun{Verb::delete_data, kind_of<DataDamaged>},
    Begun{Verb::empty_process, kind_of<ProcessEmptied>},
    Begun{Verb::broken_role, kind_of<RoleBroken>},
};

constexpr bool one_for_each_verb() {
  if (begun.size() != verbs.size()) return false;
  for (std::size_t i = 0; i < begun.size(); ++i) {
    if (begun[i].verb != verbs[i].verb) return false;
  }
  return true;
}
static_assert(one_for_each_verb(), "every verb names its event here, in the order of `verbs`");

constexpr auto categories = [] {
  std::array<Category, event_kinds> all{};  // component
  for (std::size_t i = 0; i < begun.size(); ++i) all[begun[i].event] = verbs[i].category;
  return all;
}();

}  // namespace

Category category_of(sim::EventKind kind) { return categories[kind]; }

}  // namespace nines::models::faults
