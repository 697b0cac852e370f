// Names of inputs by which delays say what set them, where the event's kind alone does not tell (TraceRecord::set_by).
// Parameters go by their keys; what a topology or a machine type states goes by its field.
#pragma once

#include <string_view>

namespace nines::models::kafka::inputs {

inline constexpr std::string_view append_linger = "controller.quorum.append.linger.ms";
inline constexpr std::string_view first_leadership = "kafka.first_leadership";
inline constexpr std::string_view fetcher_start = "kafka.fetcher_start";
inline constexpr std::string_view fetch_wait_max = "replica.fetch.wait.max.ms";
inline constexpr std::string_view redirect = "kafka.client_redirect";
inline constexpr std::string_view log_load = "kafka.log_load";
inline constexpr std::string_view log_open = "kafka.log_open";
inline constexpr std::string_view segment_load = "kafka.segment_load";
inline constexpr std::string_view segment_recovery = "kafka.segment_recovery";
inline constexpr std::string_view crc_scan_rate = "kafka.crc_scan_rate";
inline constexpr std::string_view clean_close = "kafka.clean_close";
inline constexpr std::string_view log_close = "kafka.log_close";
inline constexpr std::string_view shutdown_timeout = "kafka.shutdown_timeout";
inline constexpr std::string_view fetcher_rate = "kafka.fetcher_rate";
inline constexpr std::string_view follower_throttle = "follower.replication.throttled.rate";
inline constexpr std::string_view leader_throttle = "leader.replication.throttled.rate";
inline constexpr std::string_view reassignment_throttle = "kafka.reassignment_throttle";
inline constexpr std::string_view healing_throttle = "default.replication.throttle";
inline constexpr std::string_view snapshot_rate = "ebs.snapshot.initialisation_rate";

inline constexpr std::string_view volume = "storage.throughput";
inline constexpr std::string_view source_volume = "storage.throughput (source)";
inline constexpr std::string_view local_disk = "instance_type.local_disk_rate";
inline constexpr std::string_view source_local_disk = "instance_type.local_disk_rate (source)";
inline constexpr std::string_view machine_ebs = "instance_type.ebs";
inline constexpr std::string_view machine_ebs_burst = "instance_type.ebs_burst";
inline constexpr std::string_view source_machine_ebs = "instance_type.ebs (source)";
inline constexpr std::string_view network = "instance_type.network";
inline constexpr std::string_view source_network = "instance_type.network (source)";

}  // namespace nines::models::kafka::inputs
