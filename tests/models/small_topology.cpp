#include "tests/models/small_topology.hpp"

#include "tests/models/service_parts.hpp"

namespace nines::models::testing {

namespace {

using namespace sim::literals;
constexpr double kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

Law constant(Duration value) { return Law::constant(value); }
Law lognormal(Duration median, double sigma) { return Law::lognormal(median, sigma); }
Duration micros(std::int64_t count) { return Duration::nanoseconds(count * 1000); }

PoolSpec pool(std::string name, bool broker, double cpu, double memory_gib, double disk_gib) {
  PoolSpec spec;
  spec.name = std::move(name);
  spec.roles = kafka::role_bit(broker ? kafka::Role::broker : kafka::Role::controller);
  spec.replicas = 3;
  spec.node_group = "kafka-nodes";
  spec.cpu = cpu;
  spec.memory = {memory_gib * gib};
  spec.storage = {VolumeKind::gp3, {disk_gib * gib}, {125 * mib}, 3000};
  return spec;
}

kafka::TopicSpec topic(std::string name) {
  kafka::TopicSpec spec;
  spec.name = std::move(name);
  spec.partitions = 12;
  spec.replication_factor = 3;
  spec.min_insync_replicas = 2;
  spec.records_per_s = 1000;
  spec.record_size = {kib};
  spec.acks_one_share = 0.1;
  spec.consumer_fanout = 1;
  spec.stored_per_partition = {5 * gib};
  return spec;
}

kafka::SliSpec sli(std::string name, kafka::SliKind kind) {
  kafka::SliSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.client = "app";
  spec.deadline = 5_s;
  if (kind == kafka::SliKind::write) spec.sla = SlaSpec{0.999, 730_h, {{0.999, 0.1}, {0.99, 0.25}}};
  return spec;
}

ServiceSpec kafka_service() {
  kafka::Spec spec;
  spec.version = "3.9";
  spec.parameters = broker_parameters();
  spec.cruise = cruise_control_parameters();
  spec.topics = {topic("my-topic"), topic("my-topic-reversed")};
  spec.clients = {{"app", "region", client_parameters()}};
  spec.slis = {sli("write", kafka::SliKind::write), sli("write-acks1", kafka::SliKind::write_acks1),
               sli("read", kafka::SliKind::read), sli("visible", kafka::SliKind::visible)};
  std::vector<PoolSpec> pools{pool("broker", true, 6, 58, 1000), pool("controller", false, 1, 8, 100)};
  return kafka_service_of("kafka", std::move(pools), std::move(spec));
}

}  // namespace

InstanceType r8g_4xlarge() {
  InstanceType type;
  type.name = "r8g.4xlarge";
  type.vcpu = 16;
  type.memory = {128 * gib};
  type.interfaces = 8;
  type.addresses = 30;
  type.network = {7.5e9 / 8};
  type.ebs = {5e9 / 8};
  type.on_demand_hour = {0.94256};
  type.spot_hour = {0.94256 * 0.35};
  type.spot_reclaim = {1.0 / 2047};
  return type;
}

infrastructure::Parameters aws_parameters(infrastructure::Parameters p) {
  p.process_crash_rate = Rate::per_year(1);
  p.process_pause_rate = Rate::per_year(4);
  p.process_pause_duration = lognormal(2500_ms, 1.0);
  p.node_crash_rate = Rate::per_year(0.5);
  p.node_crash_downtime = lognormal(2_min, 1.0);
  p.node_crash_burst_share = 0.37;
  p.node_boot = lognormal(60_s, 0.4);
  p.node_stop_timeout = 90_s;
  p.node_shutdown = lognormal(5_s, 0.4);
  p.node_status_checks = lognormal(5_min, 0.4);
  p.node_loss_rate = Rate::per_year(0.05);
  p.node_auto_recovery = lognormal(8_min, 0.4);
  p.node_loss_notice = lognormal(3_min, 0.3);
  p.node_retirement_rate = Rate::per_year(0.1);
  p.zone_power_loss_rate = Rate::per_year(0.02);
  p.zone_power_loss_duration = lognormal(126_min, 1.5);
  p.zone_power_loss_partial_share = 0.7;
  p.zone_power_loss_partial_extent = 0.175;
  p.zone_power_loss_severe_extent = 0.75;
  p.zone_isolation_rate = Rate::per_year(0.1);
  p.zone_isolation_duration = lognormal(2_min, 1.2);
  p.rtt_intra_zone = micros(200);
  p.rtt_inter_zone = micros(800);
  p.volume_loss_rate = Rate::per_year(0.002);
  p.io2_loss_rate = Rate::per_year(1e-5);
  p.st1_baseline = {40 * mib};
  p.st1_burst = {250 * mib};
  p.st1_most = {500 * mib};
  p.gp2_baseline = {0.75 * mib};
  p.gp2_least = {25 * mib};
  p.gp2_most = {250 * mib};
  p.gp2_small = {170 * gib};
  p.gp2_small_most = {128 * mib};
  p.gp2_credit = {5.4e6 * 256 * kib};
  // Grey faults have the rate 0: tests that want them say so.
  // Grey faults strike where a test asks for them.
  p.volume_slow_rate = p.volume_stall_rate = p.network_slow_rate = Rate{};
  p.packet_loss_rate = p.cpu_starved_rate = p.clock_jump_rate = Rate{};
  p.volume_slow_least = 0.1;
  p.volume_slow_most = 0.5;
  p.volume_slow_latency = 50_ms;
  p.volume_slow_duration = lognormal(5_min, 0.7);
  p.volume_stall_duration = lognormal(3_min, 1.5);
  p.network_slow_least = 0.01;
  p.network_slow_most = 0.3;
  p.network_slow_delay = 5_ms;
  p.network_slow_duration = lognormal(20_min, 1.2);
  p.packet_loss_least = 0.01;
  p.packet_loss_most = 0.1;
  p.packet_loss_duration = lognormal(20_min, 1.2);
  p.tcp_segment = {8949};
  p.tcp_rto_min = 200_ms;
  p.cpu_starved_least = 0.05;
  p.cpu_starved_most = 0.5;
  p.cpu_starved_duration = lognormal(10_min, 1.0);
  p.clock_jump_size = lognormal(5_s, 1.5);
  p.node_not_ready_rate = Rate{};
  p.node_not_ready_duration = lognormal(20_min, 1.0);
  p.region_api_outage_rate = Rate{};  // it strikes where a test asks for it
  p.region_api_outage_duration = lognormal(9_h, 0.65);
  p.control_plane_outage_rate = Rate::per_year(0.3);
  p.control_plane_outage_duration = lognormal(40_min, 1.2);
  p.service_outage_rate = Rate::per_year(0.2);
  p.service_outage_duration = lognormal(1_h, 1.2);
  // What strikes only where a test asks for it.
  p.memory_pressure_rate = p.kubelet_stop_rate = p.kms_outage_rate = p.credentials_outage_rate = Rate{};
  p.kubelet_stop_duration = lognormal(20_min, 1.0);
  p.kms_outage_duration = p.credentials_outage_duration = lognormal(1_h, 1.0);
  p.volume_create = lognormal(1500_ms, 0.42);
  p.volume_limit = 26;
  p.volume_attach = lognormal(2_s, 0.6);
  p.volume_detach = lognormal(2_s, 0.6);
  p.modify_begin = constant(5_s);
  p.modify_optimize = constant(6_h);
  p.modify_least = 5_min;
  p.modify_most = 4;
  p.modify_window = 24_h;
  p.modify_failure = 0.001;
  p.volume_stuck_probability = 0.002;
  p.snapshot_age = 12_h;
  p.snapshot_initialisation_rate = {100.0 * 1024 * 1024};
  p.writeback_age = 30_s;
  p.writeback_period = 5_s;
  p.spot_notice = 120_s;
  p.spot_pool_share = 0.9;
  p.spot_capacity_share = 0.9;
  p.spot_shortage_duration = lognormal(40_min, 1.3);
  p.spot_lowest_price = 1.5;
  p.spot_capacity_optimized = 0.5;
  p.spot_price_capacity_optimized = 0.7;
  p.spot_rebalance_probability = 0.5;
  p.spot_rebalance_lead = lognormal(10_min, 1.0);
  p.capacity_spread = 0.3;
  p.capacity_type_spread = 0.2;
  p.rebalance_period = 10_min;
  p.launch_bucket = 1000;
  p.launch_rate = {7200};
  p.disk_pressure_rate = Rate{};
  p.disk_pressure_machine_share = 0.3;
  p.zone_loss_shortage_duration = Law::uniform(1_h, 6_h);
  p.node_provision_karpenter = lognormal(55_s, 0.25);
  p.node_provision_asg = lognormal(150_s, 0.25);
  p.capacity_failure_probability = 0.05;
  p.capacity_retry = 60_s;
  return p;
}

kubernetes::Parameters kubernetes_parameters(kubernetes::Parameters p) {
  p.lease_renew_interval = 10_s;
  p.node_status_period = 10_s;
  p.kubelet_jitter = 0.04;
  p.node_monitor_period = 5_s;
  p.node_monitor_grace_period = 40_s;
  p.taint_in_same_pass = false;
  p.taint_delay = Law::uniform(30_ms, 500_ms);
  p.stale_node_probability = 0;
  p.toleration = 300_s;
  p.eviction_rate = {0.1 * 3600};
  p.secondary_eviction_rate = {0.01 * 3600};
  p.large_zone_size = 50;
  p.unhealthy_zone_threshold = 0.55;
  p.podgc_period = 20_s;
  p.podgc_quarantine = 40_s;
  p.cloud_node_period = 5_s;
  p.max_wait_for_unmount = 360_s;
  p.attach_loop = 100_ms;
  p.attach_look_first = 500_ms;
  p.attach_look_factor = 1.05;
  p.attach_look_jitter = 0.1;
  p.node_repair_toleration = 30_min;
  p.termination_grace = 30_s;
  p.disruption_budget = 0.1;
  p.karpenter_disruption_period = 10_s;
  p.karpenter_expiry_forceful = true;
  p.update_max_unavailable = 1;
  p.update_eviction_timeout = 15_min;
  p.update_wait = 60_s;
  p.fargate_launch = lognormal(42_s, 0.45);
  p.fargate_failure_probability = 0;
  p.fargate_retry = 60_s;
  p.fargate_patch_notice = 72_h;
  p.deployment_max_unavailable = 0.25;
  p.deployment_max_surge = 0.25;
  p.progress_deadline = 10_min;
  p.shutdown_unmounts = true;
  p.min_ready = Duration();
  p.job_backoff_first = 10_s;
  p.job_backoff_max = 10_min;
  p.job_backoff_limit = 6;
  p.restart_backoff_first = 10_s;
  p.restart_backoff_max = 300_s;
  p.restart_backoff_reset = 600_s;
  p.container_restart = lognormal(1500_ms, 0.4);
  p.pod_schedule = lognormal(50_ms, 1.0);
  p.schedule_backoff_first = 1_s;
  p.schedule_backoff_max = 10_s;
  p.max_pods = 110;
  p.eks_system_pods = 4;
  p.kubeadm_system_pods = 3;
  p.pod_start = lognormal(3_s, 0.4);
  p.image_pull = lognormal(15_s, 0.4);
  p.eviction_period = 10_s;
  p.pressure_transition = 5_min;
  p.volume_expand = constant(10_s);
  p.volume_mount = lognormal(3_s, 0.4);
  p.volume_unmount = lognormal(2_s, 0.4);
  p.attach_poll_first = 1_s;
  p.attach_poll_factor = 1.8;
  p.karpenter_batch = Law::uniform(1_s, 10_s);
  p.unavailable_offering = 3_min;
  p.queue_delay = Law::uniform(2_s, 10_s);
  p.handler_delay = Law::uniform(0_s, 2_s);
  p.drain_retry = 5_s;
  p.operator_react = lognormal(2_s, 0.5);
  p.operator_reconcile = 120_s;
  p.operator_timeout = 300_s;
  p.operator_retry_first = 250_ms;
  p.operator_retry_count = 10;
  p.readiness_delay = 15_s;
  p.readiness_period = 10_s;
  p.probe_delay = 0_s;
  p.probe_period = 10_s;
  p.probe_timeout = 1_s;
  p.probe_failures = 3;
  p.hpa_sync_period = 15_s;
  p.hpa_tolerance = 0.1;
  p.hpa_downscale_stabilization = 300_s;
  p.hpa_cpu_initialization = 5_min;
  p.hpa_initial_readiness = 30_s;
  p.hpa_limit_factor = 2;
  p.hpa_limit_minimum = 4;
  p.hpa_up_share = 1;
  p.hpa_up_pods = 4;
  p.hpa_down_share = 1;
  p.hpa_policy_period = 15_s;
  p.metrics_resolution = 15_s;
  p.metrics_least_window = 10_s;
  p.ca_scan_interval = 10_s;
  p.ca_provision_time = 15_min;
  p.ca_backoff_first = 5_min;
  p.ca_backoff_max = 30_min;
  p.ca_unready_share = 0.45;
  p.ca_unready_count = 3;
  p.ca_utilization = 0.5;
  p.ca_unneeded_time = 10_min;
  p.ca_delay_after_add = 10_min;
  p.ca_empty_bulk = 10;
  p.consolidate_after = 0_s;
  p.consolidation_period = 15_s;
  p.disruption_budget = 0.1;
  return p;
}

kafka::BrokerParameters broker_parameters(kafka::BrokerParameters p) {
  p.heartbeat_interval = 2_s;
  p.session_timeout = 9_s;
  p.registration_timeout = 60_s;
  p.quorum_fetch_timeout = 2_s;
  p.quorum_election_timeout = 1_s;
  p.quorum_election_backoff_max = 1_s;
  p.quorum_append_linger = 25_ms;
  p.quorum_request_timeout = 2_s;
  p.quorum_retry_backoff = 20_ms;
  p.metadata_idle_interval = 500_ms;
  p.replica_lag_time_max = 30_s;
  p.replica_fetch_backoff = 1_s;
  p.replica_fetch_wait_max = 500_ms;
  p.replica_socket_timeout = 30_s;
  p.replica_fetchers = 1;
  p.min_insync_replicas = 2;
  p.unclean_leader_election = false;
  p.auto_leader_rebalance = true;
  p.leader_imbalance_interval = 300_s;
  p.controlled_shutdown = true;
  p.recovery_threads = 1;
  p.segment_bytes = {gib};
  p.flush_checkpoint_interval = 60_s;
  p.follower_throttle = {0};
  p.leader_throttle = {0};
  p.offsets_partitions = 50;
  p.offsets_replication = 3;
  p.fence_check_divisor = 0;
  p.fence_gap = Duration();
  p.pre_vote = false;
  p.resign_without_quorum = true;
  p.watermark_waits_for_fetch = true;
  p.strict_min_isr = true;
  p.eligible_leader_replicas = false;
  p.rebalance_periodic = false;
  p.new_leader_in_error = true;
  p.heartbeat_retry_backoff = 100_ms;
  p.heartbeat_retry_jitter = 0.02;
  p.shutdown_poll = 50_ms;
  p.fsync = lognormal(2_ms, 0.4);
  p.quorum_handling = lognormal(micros(1500), 0.35);
  p.vote_write = lognormal(10_ms, 0.3);
  p.activation = lognormal(42_ms, 0.3);
  p.timer_skew = 5_ms;
  p.process_start = lognormal(10_s, 0.3);
  p.metadata_catch_up = lognormal(500_ms, 0.4);
  p.metadata_apply = lognormal(17_ms, 0.5);
  p.first_leadership = lognormal(80_ms, 0.35);
  p.fetcher_start = lognormal(20_ms, 0.45);
  p.fetcher_connect = lognormal(35_ms, 0.5);
  p.log_load = lognormal(2_s, 0.4);
  p.log_open = 4_ms;
  p.segment_load = micros(380);
  p.segment_recovery = 20_ms;
  p.clean_close = lognormal(1_s, 0.4);
  p.log_close = 4_ms;
  p.shutdown_timeout = 300_s;
  p.crc_scan_rate = {400 * mib};
  p.fetcher_rate = {60 * mib};
  p.replication_latency = 3_ms;
  p.reassignment_throttle = {};
  p.reassignment_awaits_all = true;
  p.zk_session_timeout = p.zk_connection_timeout = 18_s;
  p.controller_socket_timeout = p.zk_request_timeout = 30_s;
  p.controlled_shutdown_tries = 3;
  p.controlled_shutdown_backoff = p.zk_rebalance_delay = 5_s;
  p.leader_imbalance_percentage = 10;
  p.zk_partition_read = micros(140);
  p.zk_partition_write = micros(160);
  p.zk_reaction = lognormal(5_ms, 0.7);
  p.zk_controller_start = lognormal(100_ms, 0.5);
  p.zk_request_backoff = p.zk_cleanup = 100_ms;
  p.zk_read_share = 2.0 / 3;
  p.zk_reconnect_spread = p.zk_round_wait = 1_s;
  return p;
}

kafka::CruiseControlParameters cruise_control_parameters(kafka::CruiseControlParameters p) {
  p.heals = p.heals_all = false;
  p.detection_interval = p.detection_interval_of_all = 300_s;
  p.alert_threshold = 900_s;
  p.healing_threshold = 1800_s;
  p.most_failed = 10;
  p.most_failed_share = 0.4;
  p.spares_removed = true;
  p.removal_memory = 336 * 3600_s;
  p.broker_movements = 5;
  p.cluster_movements = 1250;
  p.progress_check = 10_s;
  p.throttle = {};
  return p;
}

kafka::ClientParameters client_parameters(kafka::ClientParameters p) {
  p.request_timeout = 30_s;
  p.delivery_timeout = 120_s;
  p.max_block = 60_s;
  p.buffer_memory = {32 * mib};
  p.retry_backoff = 100_ms;
  p.retry_backoff_max = 1_s;
  p.retry_jitter = 0.2;
  p.linger = Duration();
  p.max_in_flight = 5;
  p.disconnect_notice = lognormal(25_ms, 0.5);
  p.redirect = lognormal(12_ms, 0.5);
  p.metadata_answer = lognormal(33_ms, 0.3);
  p.metadata_max_age = 300_s;
  return p;
}

people::Parameters people_parameters(people::Parameters p) {
  p.notice = lognormal(3_min, 1.0);
  p.notice_unalerted = lognormal(30_min, 1.0);
  p.engage = lognormal(15_min, 1.0);
  p.identify = lognormal(50_min, 1.0);
  p.repair_pod = constant(2_min);
  p.repair_volume = lognormal(20_min, 0.7);
  p.repair_node = lognormal(20_min, 0.7);
  p.repair_master = lognormal(45_min, 0.15);
  p.control_plane_care = 2_h;
  p.service_care = Duration();
  p.notice_command = lognormal(2_min, 1.0);
  p.identify_change = lognormal(20_min, 1.0);
  p.repair_rollback = lognormal(10_min, 0.8);
  p.repair_upgrade = lognormal(30_min, 1.0);
  p.repair_certificate = lognormal(30_min, 0.8);
  p.repair_command = lognormal(5_min, 0.8);
  p.repair_space = lognormal(20_min, 0.8);
  p.repair_disk = lognormal(15_min, 0.8);
  p.repair_load = lognormal(10_min, 0.8);
  p.on_call = 1;
  p.orphan_volume = 2160_h;
  p.hourly_cost = {100};
  return p;
}

faults::Parameters change_parameters(faults::Parameters p) {
  p.planned_restart_rate = Rate::per_year(9);
  p.planned_replacement_rate = Rate::per_year(4);
  p.rollout_rate = Rate::per_year(6);
  p.rollout_failure_share = 0.005;
  p.rollout_passes_share = 0.2;
  p.upgrade_rate = Rate::per_year(2);
  p.upgrade_failure_share = 0.02;
  p.broken_start = lognormal(5_s, 0.5);
  p.command_rate = Rate::per_year(0.01);
  p.command_pod_share = 0.6;
  p.command_service_share = 0.375;
  p.certificate_rate = Rate::per_year(0.005);
  p.space_quota_rate = Rate::per_year(0.01);
  p.network_policy_rate = Rate{};
  p.broken_role_rate = Rate{};
  p.removed_apis_rate = Rate::per_year(0.01);
  p.data_deletion_rate = Rate::per_year(0.005);
  p.data_corruption_rate = Rate::per_year(0.005);
  p.corruption_notice = lognormal(12_h, 1.5);
  p.restore_work = lognormal(60_min, 1.0);
  p.restore_rate = {1e8};
  p.restore_failure = 0.2;
  p.restore_failure_tested = 0.02;
  p.data_history = 8760_h;
  p.certificate_reconnect = lognormal(30_min, 1.0);
  return p;
}

economics::Prices us_west_2_prices(economics::Prices p) {
  p.control_plane_hour = {0.10};
  p.gp3_gib_month = {0.08};
  p.gp3_iops_month = {0.005};
  p.gp3_mibps_month = {0.04};
  p.gp2_gib_month = {0.10};
  p.io2_gib_month = {0.125};
  p.io2_iops_month = {0.065};
  p.st1_gib_month = {0.045};
  p.snapshot_gib_month = {0.05};
  p.alb_hour = {0.0225};
  p.alb_unit_hour = {0.008};
  p.nlb_hour = {0.0225};
  p.nat_gateway_hour = {0.045};
  p.nlb_unit_hour = {0.006};
  p.request_size = {10000};
  p.efs_gib_month = {0.30};
  p.efs_mibps_month = {6};
  p.fargate_vcpu_hour = {0.04048};
  p.fargate_gb_hour = {0.004445};
  p.inter_zone_gb = {0.01};
  p.cpu_credit_hour = {0.05};
  p.hours_per_month = 730;
  return p;
}

void without_changes(Topology& topology) { without_rates(topology.changes); }

Topology small_topology() {
  Topology topology;
  topology.name = "small";
  topology.title = "Kafka on EKS: three brokers and three controllers over three zones";
  topology.region = "us-west-2";
  topology.zones = {"us-west-2a", "us-west-2b", "us-west-2c"};
  topology.kubernetes_version = "1.31";
  WorkloadSpec strimzi;
  strimzi.name = "strimzi";
  strimzi.node_group = "kafka-nodes";
  strimzi.operates = {"kafka"};
  topology.workloads = {strimzi};
  NodeGroupSpec group;
  group.name = "kafka-nodes";
  group.instance = r8g_4xlarge();
  group.zones = topology.zones;
  topology.node_groups = {group};
  topology.services = {kafka_service()};
  topology.infrastructure = aws_parameters();
  topology.kubernetes = kubernetes_parameters();
  topology.people = people_parameters();
  topology.hosts = {true, 100_ms, 5, 10_s, 90_s};
  topology.alerting = {30_s, 30_s, 30_s};
  topology.changes = change_parameters();
  topology.prices = us_west_2_prices();
  topology.price_date = "2026-07-20";
  return topology;
}

}  // namespace nines::models::testing
