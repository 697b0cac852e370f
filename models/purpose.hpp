// What a random draw is for. A stream is named by component and purpose, so one model never shifts another's draws.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nines::models {

// clang-format off
#define NINES_PURPOSES(X) \
  /* of processes, volumes, zones and services */ \
  X(process_crash_age) X(process_pause_age) X(process_pause_duration) \
  X(zone_power_age) X(zone_power_duration) X(zone_power_severity) X(zone_isolation_age) X(zone_isolation_duration) \
  X(volume_loss_age) \
  X(monitor_phase) X(podgc_phase) X(cloud_phase) X(pod_schedule) X(pod_start) X(image_pull) X(container_restart) \
  X(volume_create) X(attach_poll) X(volume_attach) X(volume_detach) X(volume_stuck) X(volume_mount) X(volume_unmount) \
  X(operator_react) X(reconcile_phase) X(readiness_phase) \
  X(person_notice) X(person_engage) X(person_identify) X(person_repair) \
  X(heartbeat_phase) X(heartbeat_jitter) X(fence_check_phase) X(process_start) X(metadata_catch_up) X(metadata_apply) X(fetcher_start) X(fetcher_connect) X(log_load) X(clean_close) \
  X(quorum_skew) X(quorum_election) X(quorum_backoff) X(quorum_fsync) X(quorum_handling) X(vote_write) X(controller_activation) X(noop_phase) X(isr_check_phase) X(rebalance_phase) X(writeback) \
  X(fetch_phase) X(registration_jitter) \
  X(rollout_stops_age) X(rollout_passes_age) X(upgrade_age) X(command_pod_age) X(command_service_age) X(command_machine_age) X(certificate_age) \
  X(rollout_outcome) X(upgrade_target) X(command_outcome) X(command_target) \
  X(broken_start) X(client_reconnect) \
  /* of machines; some of zones and services too */ \
  X(node_crash_age) X(node_crash_downtime) X(node_crash_burst) X(node_loss_age) X(node_retirement_age) X(spot_age) X(spot_pool) X(zone_power_extent) X(operation_age) \
  X(node_boot) X(node_shutdown) X(status_checks) X(node_recovery) X(node_notice) X(node_provision) X(provision_failure) X(provision_batch) \
  X(lease_phase) X(node_status_phase) X(taint_delay) X(stale_node) \
  /* of clients */ \
  X(client_jitter) X(client_answer) X(client_redirect) X(client_notice) X(client_metadata_phase) \
  /* of everything that a scenario can select from */ \
  X(selection) \
  /* of black boxes */ \
  X(component_failure_age) X(component_age) X(component_dormant) X(component_coverage) X(component_switchover) X(component_repair) X(component_stage) \
  X(crew_inspection) X(crew_choice) X(shock_failure_age) X(shock_hit)
// clang-format on

enum class Purpose : std::uint8_t {
#define NINES_PURPOSE_ENTRY(name) name,
  NINES_PURPOSES(NINES_PURPOSE_ENTRY)
#undef NINES_PURPOSE_ENTRY
};

inline constexpr std::array purpose_names{
#define NINES_PURPOSE_NAME(name) std::string_view(#name),
    NINES_PURPOSES(NINES_PURPOSE_NAME)
#undef NINES_PURPOSE_NAME
};

/// Purposes that a component can draw for: a contiguous part of the list, so that ten thousand black boxes or machines
/// do not carry the streams of a broker. Streams are named, so the order of the list means nothing to what is drawn.
struct PurposeRange {
  std::size_t first;
  std::size_t count;
};
/// From `first` to `selection`, which everything has that a scenario can select.
constexpr PurposeRange purposes_from(Purpose first) {
  const auto from = static_cast<std::size_t>(first);
  return {from, static_cast<std::size_t>(Purpose::selection) + 1 - from};
}
inline constexpr PurposeRange black_box_purposes{static_cast<std::size_t>(Purpose::selection),
                                                 purpose_names.size() - static_cast<std::size_t>(Purpose::selection)};
inline constexpr PurposeRange platform_purposes = purposes_from(Purpose::process_crash_age);
inline constexpr PurposeRange node_purposes = purposes_from(Purpose::node_crash_age);
inline constexpr PurposeRange client_purposes = purposes_from(Purpose::client_jitter);
/// Of topics and groups of partitions, to which nothing happens by chance.
inline constexpr PurposeRange selected_purposes = purposes_from(Purpose::selection);

}  // namespace nines::models
