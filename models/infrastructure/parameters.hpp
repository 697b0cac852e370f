// Machines, zones, volumes, network: how often they fail and how long they take. Values: shared profile `aws-default`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::infrastructure {

// clang-format off
#define NINES_INFRASTRUCTURE_PARAMETERS(X) \
  X(Rate, process_crash_rate, "process.crash.rate", "crashes of one server process (bug, out of memory) per year; its host stays up") \
  X(Rate, process_pause_rate, "process.pause.rate", "times per year that one server process stands still for seconds (garbage collection, stalled disk, paused or moved machine) and then goes on") \
  X(Law, process_pause_duration, "process.pause.duration", "length of such a pause") \
  X(Rate, node_crash_rate, "node.crash.rate", "unplanned hangs or panics of one machine per year that end with a reboot of the same machine") \
  X(Law, node_crash_downtime, "node.crash.downtime", "from a crash until the same machine is up again") \
  X(Ratio, node_crash_burst_share, "node.crash.burst_share", "share of node crashes that take a second node of the same zone with them") \
  X(Law, node_boot, "node.boot", "from power on to a running kubelet, same machine") \
  X(Duration, node_stop_timeout, "node.stop_timeout", "from SIGTERM to SIGKILL of what runs on a machine whose operating system shuts down") \
  X(Law, node_shutdown, "node.shutdown", "from the end of the last process until a machine that shuts down is off the network") \
  X(Law, node_status_checks, "node.status_checks", "from the hang of a machine, or the loss of its power or network, until its Auto Scaling group replaces it for failed status checks") \
  X(Rate, node_loss_rate, "node.loss.rate", "losses of one machine's host hardware per year; memory and local disks are gone") \
  X(Law, node_auto_recovery, "node.auto_recovery", "from host loss until automatic recovery has the instance running on other hardware; instances without local disks only") \
  X(Law, node_loss_notice, "node.loss.notice", "from host loss until the provider reports the failed status check to the interruption queue") \
  X(Rate, node_retirement_rate, "node.retirement.rate", "scheduled retirements of one machine per year; announced, so the node is drained") \
  X(Rate, zone_power_loss_rate, "zone.power_loss.rate", "losses of power or cooling in one zone per year") \
  X(Law, zone_power_loss_duration, "zone.power_loss.duration", "from power loss until power is back") \
  X(Ratio, zone_power_loss_partial_share, "zone.power_loss.partial_share", "share of zone power losses that hit only a part of the zone") \
  X(Ratio, zone_power_loss_partial_extent, "zone.power_loss.partial_extent", "probability that a given machine is hit by a partial zone power loss") \
  X(Ratio, zone_power_loss_severe_extent, "zone.power_loss.severe_extent", "probability that a given machine is hit by a severe zone power loss") \
  X(Rate, zone_isolation_rate, "zone.isolation.rate", "cuts of one zone from the rest of the region per year; machines inside go on") \
  X(Law, zone_isolation_duration, "zone.isolation.duration", "length of a zone isolation") \
  X(Duration, rtt_intra_zone, "network.rtt.intra_zone", "round trip between machines of one zone") \
  X(Duration, rtt_inter_zone, "network.rtt.inter_zone", "round trip between machines of two zones") \
  X(Rate, volume_loss_rate, "ebs.loss.rate", "losses of one network volume per year (annual failure rate)") \
  X(Rate, io2_loss_rate, "ebs.io2.loss.rate", "losses of one io2 volume per year (annual failure rate)") \
  X(Bandwidth, st1_baseline, "ebs.st1.baseline", "sustained throughput of an st1 volume, per TiB") \
  X(Bandwidth, st1_burst, "ebs.st1.burst", "throughput of an st1 volume while its credit lasts, per TiB; full credit is as many bytes as the volume holds") \
  X(Bandwidth, st1_most, "ebs.st1.most", "throughput of an st1 volume, at most") \
  X(Bandwidth, gp2_baseline, "ebs.gp2.baseline", "sustained throughput of a gp2 volume, per GiB") \
  X(Bandwidth, gp2_least, "ebs.gp2.least", "sustained throughput of a small gp2 volume, at least") \
  X(Bandwidth, gp2_most, "ebs.gp2.most", "throughput of a gp2 volume, at most, and while its credit lasts") \
  X(Bytes, gp2_small, "ebs.gp2.small.size", "size up to which a gp2 volume counts as small") \
  X(Bandwidth, gp2_small_most, "ebs.gp2.small.most", "throughput of a small gp2 volume, at most") \
  X(Bytes, gp2_credit, "ebs.gp2.credit", "full credit of a gp2 volume: bytes above its sustained throughput") \
  X(Rate, volume_slow_rate, "ebs.slow.rate", "times per year that one network volume gives far less than its throughput for minutes") \
  X(Ratio, volume_slow_least, "ebs.slow.share_least", "least part of its throughput that such a volume gives; the part is uniform up to ebs.slow.share_most") \
  X(Ratio, volume_slow_most, "ebs.slow.share_most", "greatest part of its throughput that such a volume gives") \
  X(Duration, volume_slow_latency, "ebs.slow.latency", "what each durable write takes longer on such a volume") \
  X(Law, volume_slow_duration, "ebs.slow.duration", "length of such an episode") \
  X(Rate, volume_stall_rate, "ebs.stall.rate", "times per year that every access to one network volume hangs, and then goes on") \
  X(Law, volume_stall_duration, "ebs.stall.duration", "length of such a stall") \
  X(Rate, network_slow_rate, "network.slow.rate", "times per year that one machine's network slows down far below what it has, without loss") \
  X(Ratio, network_slow_least, "network.slow.share_least", "least part of its bandwidth that such a machine keeps; the part is uniform up to network.slow.share_most") \
  X(Ratio, network_slow_most, "network.slow.share_most", "greatest part of its bandwidth that such a machine keeps") \
  X(Duration, network_slow_delay, "network.slow.delay", "what each packet to or from such a machine takes longer") \
  X(Law, network_slow_duration, "network.slow.duration", "length of such an episode") \
  X(Rate, packet_loss_rate, "network.loss.rate", "times per year that one machine's link loses packets without failing") \
  X(Ratio, packet_loss_least, "network.loss.share_least", "least share of packets that such a link loses; the share is uniform up to network.loss.share_most") \
  X(Ratio, packet_loss_most, "network.loss.share_most", "greatest share of packets that such a link loses") \
  X(Law, packet_loss_duration, "network.loss.duration", "length of such an episode") \
  X(Bytes, tcp_segment, "network.tcp.segment", "payload of one full packet of a TCP connection between machines (maximum segment size)") \
  X(Duration, tcp_rto_min, "network.tcp.rto_min", "least retransmission time-out of TCP, beside a round trip") \
  X(Rate, cpu_starved_rate, "cpu.starved.rate", "times per year that what runs on one machine gets only a part of the CPU it would use, for minutes") \
  X(Ratio, cpu_starved_least, "cpu.starved.share_least", "least part of the CPU that is left then; the part is uniform up to cpu.starved.share_most") \
  X(Ratio, cpu_starved_most, "cpu.starved.share_most", "greatest part of the CPU that is left then") \
  X(Law, cpu_starved_duration, "cpu.starved.duration", "length of such an episode") \
  X(Rate, clock_jump_rate, "clock.jump.rate", "times per year that one machine's wall clock jumps forward by more than a second") \
  X(Law, clock_jump_size, "clock.jump.size", "how far it jumps") \
  X(Rate, memory_pressure_rate, "pod.memory_pressure.rate", "times per year that one pod of a service takes so much memory that its machine's kubelet evicts pods; what a limit of its own stops counts as a crash") \
  X(Rate, disk_pressure_rate, "pod.disk_pressure.rate", "times per year that one pod of a service, or something else on its machine, fills the machine's disk to the kubelet's threshold") \
  X(Ratio, disk_pressure_machine_share, "pod.disk_pressure.machine_share", "share of these times at which what fills the disk belongs to no pod") \
  X(Rate, node_not_ready_rate, "node.not_ready.rate", "times per year that a machine's network plugin or container runtime fails: its kubelet reports NotReady, what runs goes on") \
  X(Law, node_not_ready_duration, "node.not_ready.duration", "length of such a failure") \
  X(Rate, kubelet_stop_rate, "node.kubelet_stop.rate", "times per year that the kubelet of one machine hangs: no lease, no report; what runs goes on") \
  X(Law, kubelet_stop_duration, "node.kubelet_stop.duration", "until somebody or something has started it again") \
  X(Rate, control_plane_outage_rate, "control_plane.outage.rate", "times per year that a control plane which the provider runs takes no requests") \
  X(Law, control_plane_outage_duration, "control_plane.outage.duration", "length of such an outage") \
  X(Rate, service_outage_rate, "service.outage.rate", "times per year that a service which the provider runs answers nobody in the region") \
  X(Law, service_outage_duration, "service.outage.duration", "length of such an outage") \
  X(Rate, region_api_outage_rate, "region.api_outage.rate", "times per year that the region's control planes start no machine, and attach no volume") \
  X(Law, region_api_outage_duration, "region.api_outage.duration", "length of such an outage") \
  X(Rate, kms_outage_rate, "kms.outage.rate", "times per year that the region's key service answers nobody: no encrypted volume is attached") \
  X(Law, kms_outage_duration, "kms.outage.duration", "length of such an outage") \
  X(Rate, credentials_outage_rate, "credentials.outage.rate", "times per year that the region's token service answers nobody: nobody gets or renews temporary credentials") \
  X(Law, credentials_outage_duration, "credentials.outage.duration", "length of such an outage") \
  X(Count, volume_limit, "ebs.attach.limit", "network volumes that a machine of Kubernetes can have, unless its node group says so: attachments of a Nitro instance less its root volume and its first network interface") \
  X(Law, volume_create, "ebs.create", "creation of a new network volume") \
  X(Law, volume_attach, "ebs.attach", "attachment of a network volume to a machine, until the provider reports it") \
  X(Law, volume_detach, "ebs.detach", "detachment of a network volume, until the provider reports it") \
  X(Law, modify_begin, "ebs.modify.begin", "from the request to change a volume until it is optimizing: a new size is in effect") \
  X(Law, modify_optimize, "ebs.modify.optimize", "from then until the change is complete and a new throughput is there, of 1 TiB; others in proportion") \
  X(Duration, modify_least, "ebs.modify.least", "the least that this takes") \
  X(Count, modify_most, "ebs.modify.most", "changes of one volume within ebs.modify.window, at most; one that is asked for beyond is refused") \
  X(Duration, modify_window, "ebs.modify.window", "rolling time in which changes of one volume are counted") \
  X(Ratio, modify_failure, "ebs.modify.failure_probability", "probability that the provider fails to change a volume: it stays as it is") \
  X(Ratio, volume_stuck_probability, "ebs.attach.stuck_probability", "probability that an attachment hangs until a person acts") \
  X(Duration, snapshot_age, "ebs.snapshot.age", "age of the newest snapshot when a network volume is made from it") \
  X(Bandwidth, snapshot_initialisation_rate, "ebs.snapshot.initialisation_rate", "speed at which blocks of a volume made from a snapshot load from object storage when they are first read") \
  X(Duration, writeback_age, "linux.writeback.age", "age at which the kernel starts to write dirty pages back (dirty_expire_centisecs)") \
  X(Duration, writeback_period, "linux.writeback.period", "period of the kernel's flusher (dirty_writeback_centisecs)") \
  X(Duration, spot_notice, "spot.notice", "warning before a Spot instance is reclaimed") \
  X(Ratio, spot_pool_share, "spot.pool_share", "probability that a reclaim for capacity takes a given instance of its type and zone") \
  X(Ratio, spot_capacity_share, "spot.capacity_share", "share of reclaims for which the provider needs the capacity: they come to a whole pool, which has none to give afterwards") \
  X(Law, spot_shortage_duration, "spot.shortage.duration", "from a reclaim for capacity until that type has Spot instances to give in that zone again") \
  X(Ratio, spot_lowest_price, "spot.allocation.lowest_price", "factor on reclaims for capacity of groups of several types that take the cheapest pool") \
  X(Ratio, spot_capacity_optimized, "spot.allocation.capacity_optimized", "the same for groups that take the pool with the most capacity") \
  X(Ratio, spot_price_capacity_optimized, "spot.allocation.price_capacity_optimized", "the same for groups that weigh both, as Karpenter does") \
  X(Ratio, spot_rebalance_probability, "spot.rebalance.probability", "probability that a rebalance recommendation comes before the notice of a reclaim, and not with it") \
  X(Law, spot_rebalance_lead, "spot.rebalance.lead", "from such a recommendation until the notice") \
  X(Ratio, capacity_spread, "capacity.spread.probability", "probability that a type runs short in a given other zone too when its Spot pool in one zone is taken back, or when a zone cannot launch for loss of power") \
  X(Ratio, capacity_type_spread, "capacity.types.probability", "probability that a Spot storm of one type comes to another type in the same zone, which has as many storms or more") \
  X(Duration, rebalance_period, "asg.rebalance.period", "time after which an Auto Scaling group sees that its machines are not even over its zones, and looks again") \
  X(Law, zone_loss_shortage_duration, "capacity.zone_loss.duration", "length of such a shortage, and of one on demand that a scenario does not give") \
  X(Count, launch_bucket, "provider.launch.bucket", "machines that an account may launch at once (resource tokens of RunInstances)") \
  X(Rate, launch_rate, "provider.launch.rate", "machines that it may launch from then on (refill of these tokens)") \
  X(Law, node_provision_karpenter, "node.provision.karpenter", "from the launch decision of Karpenter to a Ready node") \
  X(Law, node_provision_asg, "node.provision.asg", "from the launch decision of an Auto Scaling group to a Ready node") \
  X(Ratio, capacity_failure_probability, "node.provision.failure_probability", "probability that a launch fails for lack of capacity and is tried again") \
  X(Duration, capacity_retry, "node.provision.retry", "wait before a failed launch is tried again")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_INFRASTRUCTURE_PARAMETERS);

}  // namespace nines::models::infrastructure
