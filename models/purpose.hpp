// What a random draw is for. A stream is named by component and purpose, so one model never shifts another's draws.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nines::models {

// clang-format off
#define NINES_PURPOSES(X) \
  /* of processes, volumes, zones and services */ \
  X(zone_power_age) X(zone_power_duration) X(zone_power_severity) X(zone_isolation_age) X(zone_isolation_duration) \
  X(volume_loss_age) X(volume_slow_age) X(volume_slow_share) X(volume_slow_duration) X(volume_stall_age) X(volume_stall_duration) \
  X(monitor_phase) X(podgc_phase) X(cloud_phase) \
  X(volume_create) X(attach_poll) X(volume_attach) X(volume_detach) X(volume_stuck) X(volume_mount) X(volume_unmount) \
  X(reconcile_phase) \
  X(heartbeat_phase) X(heartbeat_jitter) X(fence_check_phase) X(metadata_catch_up) X(metadata_apply) X(fetcher_start) X(fetcher_connect) X(log_load) \
  X(quorum_skew) X(quorum_election) X(quorum_backoff) X(quorum_fsync) X(quorum_handling) X(vote_write) X(controller_activation) X(noop_phase) X(isr_check_phase) X(rebalance_phase) X(writeback) \
  X(fetch_phase) X(registration_jitter) \
  X(rollout_stops_age) X(rollout_passes_age) X(upgrade_age) X(command_pod_age) X(command_service_age) X(command_machine_age) X(certificate_age) \
  X(rollout_outcome) X(upgrade_target) X(command_outcome) X(command_target) \
  X(client_reconnect) \
  X(tick_phase) X(election_timeout) X(log_write) X(member_replacement) X(initial_leader) \
  X(lease_renewal) X(lease_retry) X(cache_sync) X(zone_failover) X(control_plane_age) X(control_plane_duration) X(region_api_age) X(region_api_duration) \
  X(watch_tick) X(watch_desync) X(ping_age) X(info_age) X(stream_phase) X(run_id) X(gossip) X(snapshot_age) X(relabel) \
  X(net_tick_phase) X(silence_poll_phase) X(replica_timeout) X(message_handling) X(replica_write) X(connection_teardown) X(broker_start) X(partition_repair) \
  X(upgrade_length) X(upgrade_outcome) X(upgrade_swap) X(volume_modify) X(volume_modify_outcome) \
  X(kms_age) X(kms_duration) X(credentials_age) X(credentials_duration) X(space_quota_age) X(network_policy_age) X(broken_role_age) X(controller_credentials) X(removed_apis_age) X(data_deletion_age) X(data_corruption_age) X(backup_phase) X(restore_outcome) \
  X(review_phase) X(scrape_phase) X(scan_phase) X(rule_phase) X(schedule_phase) \
  X(service_outage_age) X(service_outage_duration) X(failure_detection) X(promotion) X(address_change) X(hand_over) X(server_maintenance) X(server_replacement) X(server_start) X(unreplicated_writes) \
  /* of processes that store nothing; of others too */ \
  X(process_crash_age) X(process_pause_age) X(process_pause_duration) X(process_start) X(clean_close) X(broken_start) \
  X(pod_schedule) X(fargate_zone) X(fargate_failure) X(fargate_launch) X(metrics_hidden) X(pod_start) X(image_pull) X(container_restart) X(operator_react) \
  X(readiness_phase) X(startup_phase) X(liveness_phase) X(endpoint_propagation) \
  X(person_notice) X(person_engage) X(person_identify) X(person_repair) X(target_check_phase) X(memory_pressure_age) X(disk_pressure_age) X(disk_full_age) X(pressure_phase) X(credentials_phase) \
  X(run_length) X(network_slow_share) X(network_slow_duration) X(packet_loss_share) X(packet_loss_duration) \
  /* of machines; some of zones and services too */ \
  X(node_crash_age) X(node_crash_downtime) X(node_crash_burst) X(node_loss_age) X(node_retirement_age) X(node_expiry_age) X(spot_age) X(spot_pool) X(zone_power_extent) X(operation_age) \
  X(network_slow_age) X(packet_loss_age) \
  X(not_ready_age) X(not_ready_duration) X(kubelet_stop_age) X(kubelet_stop_duration) X(cpu_starved_age) X(cpu_starved_share) X(cpu_starved_duration) X(clock_jump_age) X(clock_jump_size) \
  X(node_boot) X(node_shutdown) X(status_checks) X(node_recovery) X(node_notice) X(spot_rebalance) X(spot_rebalance_lead) X(spot_heard) X(node_provision) X(provision_failure) X(provision_batch) \
  X(lease_phase) X(node_status_phase) X(taint_delay) X(stale_node) \
  /* of clients */ \
  X(client_jitter) X(client_answer) X(client_redirect) X(client_notice) X(client_metadata_phase) X(client_endpoint) X(name_cache) X(client_readdress) \
  /* of capacity pools */ \
  X(storm_age) X(shortage_duration) X(shortage_spread) \
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
/// From `first` to before `end`. `selection`, which everything has that a scenario can select, comes on top.
constexpr PurposeRange purposes_between(Purpose first, Purpose end) {
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(end) - static_cast<std::size_t>(first)};
}
inline constexpr PurposeRange black_box_purposes{
    static_cast<std::size_t>(Purpose::component_failure_age),
    purpose_names.size() - static_cast<std::size_t>(Purpose::component_failure_age)};
inline constexpr PurposeRange platform_purposes = purposes_between(Purpose{}, Purpose::selection);
/// Of a process that stores nothing, of a kind that draws for nothing of its own.
inline constexpr PurposeRange stateless_purposes =
    purposes_between(Purpose::process_crash_age, Purpose::node_crash_age);
inline constexpr PurposeRange node_purposes = purposes_between(Purpose::target_check_phase, Purpose::selection);
inline constexpr PurposeRange client_purposes = purposes_between(Purpose::client_jitter, Purpose::selection);
inline constexpr PurposeRange capacity_pool_purposes = purposes_between(Purpose::storm_age, Purpose::selection);
/// Of topics and groups of partitions, to which nothing happens by chance.
inline constexpr PurposeRange selected_purposes = purposes_between(Purpose::selection, Purpose::selection);

}  // namespace nines::models
