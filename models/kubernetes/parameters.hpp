// Timers of kubelet, node lifecycle controller, attach/detach controller, operator. Values: profile `kubernetes`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::kubernetes {

// clang-format off
#define NINES_KUBERNETES_PARAMETERS(X) \
  X(Duration, lease_renew_interval, "kubelet.lease_renew_interval", "period of a kubelet's node lease renewals (0.25 x nodeLeaseDurationSeconds)") \
  X(Duration, node_status_period, "kubelet.node_status_period", "period of a kubelet's node status (nodeStatusUpdateFrequency): it reports Ready, and which volumes are in use") \
  X(Ratio, kubelet_jitter, "kubelet.jitter", "share of their period by which each renewal of a lease and each node status comes later, at most") \
  X(Duration, node_monitor_period, "controller_manager.node_monitor_period", "period of the node lifecycle controller's passes") \
  X(Duration, node_monitor_grace_period, "controller_manager.node_monitor_grace_period", "silence of a lease before the node turns Unknown (40 s up to 1.31, 50 s from 1.32)") \
  X(bool, taint_in_same_pass, "controller_manager.taint_in_same_pass", "the pass that turns a node Unknown also queues it for its NoExecute taint (from 1.34), not the next one") \
  X(Law, taint_delay, "controller_manager.taint_delay", "from the pass that queues a node for its NoExecute taint until the tainting loop has set it, if the zone has a token") \
  X(Ratio, stale_node_probability, "controller_manager.stale_node_probability", "probability that the tainting loop still finds a node Ready in its cache that the same pass turned Unknown: the zone's token is wasted") \
  X(Duration, toleration, "pod.toleration_unreachable", "tolerationSeconds of not-ready and unreachable:NoExecute") \
  X(Rate, eviction_rate, "controller_manager.node_eviction_rate", "NoExecute taints per zone in normal and full disruption") \
  X(Rate, secondary_eviction_rate, "controller_manager.secondary_node_eviction_rate", "NoExecute taints in partial disruption of a large zone") \
  X(Count, large_zone_size, "controller_manager.large_cluster_size_threshold", "nodes of a zone above which the secondary rate applies; at or below it partial disruption stops tainting") \
  X(Ratio, unhealthy_zone_threshold, "controller_manager.unhealthy_zone_threshold", "share of nodes not Ready from which a zone is partially disrupted (more than two such nodes)") \
  X(Duration, podgc_period, "controller_manager.podgc_period", "period of the pod garbage collector") \
  X(Duration, podgc_quarantine, "controller_manager.podgc_quarantine", "wait before pods of a deleted node are collected") \
  X(Duration, cloud_node_period, "cloud_controller.node_monitor_period", "period at which not-Ready nodes are checked for terminated instances") \
  X(Duration, max_wait_for_unmount, "controller_manager.max_wait_for_unmount", "wait before a volume that is still in use on a not-Ready node is detached by force") \
  X(Duration, attach_loop, "controller_manager.attach_loop", "period of the attach/detach controller's reconciliation") \
  X(Duration, attach_look_first, "controller_manager.attach_look.first", "first wait of the attach/detach controller before it looks for a finished attach or detach") \
  X(Ratio, attach_look_factor, "controller_manager.attach_look.factor", "growth of these waits") \
  X(Ratio, attach_look_jitter, "controller_manager.attach_look.jitter", "share by which each of them is longer, at most") \
  X(Duration, node_repair_toleration, "node_repair.toleration", "how long a node is not Ready before node repair replaces it; read for groups that have node repair") \
  X(Duration, termination_grace, "pod.termination_grace_period", "from SIGTERM to SIGKILL") \
  X(Duration, restart_backoff_first, "kubelet.restart_backoff.first", "second and later restarts of a container wait this long, doubled each time") \
  X(Duration, restart_backoff_max, "kubelet.restart_backoff.max", "longest wait before a container restart") \
  X(Duration, restart_backoff_reset, "kubelet.restart_backoff.reset", "a container that ran this long starts afresh without back-off") \
  X(Law, container_restart, "kubelet.container_restart", "kubelet notices an exited container and starts it again in place") \
  X(Law, pod_schedule, "scheduler.bind", "the scheduler's work on a pod that may be tried: to its binding when a node has room") \
  X(Duration, schedule_backoff_first, "scheduler.backoff.first", "wait before a pod that fitted nowhere is tried again, doubled each time") \
  X(Duration, schedule_backoff_max, "scheduler.backoff.max", "longest such wait") \
  X(Law, pod_start, "kubelet.pod_start", "network set-up and container start, image cached") \
  X(Law, image_pull, "kubelet.image_pull", "pull of the image on a new node") \
  X(Law, volume_mount, "kubelet.volume_mount", "file system check, mount and staging of an attached volume") \
  X(Law, volume_unmount, "kubelet.volume_unmount", "unmount after a pod has stopped") \
  X(Duration, attach_poll_first, "ebs_csi.poll.first", "first wait between polls for a finished attach or detach") \
  X(Ratio, attach_poll_factor, "ebs_csi.poll.factor", "growth of the waits between polls") \
  X(Law, karpenter_batch, "karpenter.batch", "Karpenter collects pending pods before it launches a node") \
  X(Duration, drain_retry, "eviction.retry", "wait before an eviction that a disruption budget refused is tried again") \
  X(Law, operator_react, "operator.react", "operator notices a missing pod and creates it again") \
  X(Duration, operator_reconcile, "operator.reconcile_period", "period of the operator's full reconciliation") \
  X(Duration, operator_timeout, "operator.operation_timeout", "how long a roll waits for a pod to become ready") \
  X(Duration, operator_retry_first, "operator.roll_retry.first", "first wait after a refused restart, doubled each time") \
  X(Count, operator_retry_count, "operator.roll_retry.count", "refused restarts before the roll gives up until the next reconciliation") \
  X(Duration, readiness_delay, "pod.readiness_delay", "from the start of a container until its readiness is probed (initialDelaySeconds)") \
  X(Duration, readiness_period, "pod.readiness_period", "period of the readiness probe")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_KUBERNETES_PARAMETERS);

}  // namespace nines::models::kubernetes
