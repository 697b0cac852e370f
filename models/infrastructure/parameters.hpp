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
  X(Law, volume_create, "ebs.create", "creation of a new network volume") \
  X(Law, volume_attach, "ebs.attach", "attachment of a network volume to a machine, until the provider reports it") \
  X(Law, volume_detach, "ebs.detach", "detachment of a network volume, until the provider reports it") \
  X(Ratio, volume_stuck_probability, "ebs.attach.stuck_probability", "probability that an attachment hangs until a person acts") \
  X(Duration, snapshot_age, "ebs.snapshot.age", "age of the newest snapshot when a network volume is made from it") \
  X(Bandwidth, snapshot_initialisation_rate, "ebs.snapshot.initialisation_rate", "speed at which blocks of a volume made from a snapshot load from object storage when they are first read") \
  X(Duration, writeback_age, "linux.writeback.age", "age at which the kernel starts to write dirty pages back (dirty_expire_centisecs)") \
  X(Duration, writeback_period, "linux.writeback.period", "period of the kernel's flusher (dirty_writeback_centisecs)") \
  X(Duration, spot_notice, "spot.notice", "warning before a Spot instance is reclaimed") \
  X(Ratio, spot_pool_share, "spot.pool_share", "probability that a reclaim takes also a given other instance of the same type and zone") \
  X(Law, node_provision_karpenter, "node.provision.karpenter", "from the launch decision of Karpenter to a Ready node") \
  X(Law, node_provision_asg, "node.provision.asg", "from the launch decision of an Auto Scaling group to a Ready node") \
  X(Ratio, capacity_failure_probability, "node.provision.failure_probability", "probability that a launch fails for lack of capacity and is tried again") \
  X(Duration, capacity_retry, "node.provision.retry", "wait before a failed launch is tried again")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_INFRASTRUCTURE_PARAMETERS);

}  // namespace nines::models::infrastructure
