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
  X(Duration, toleration, "pod.toleration_unreachable", "tolerationSeconds of not-ready and unreachable:NoExecute; 0: pods go with the taint") \
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
  X(Count, max_pods, "kubelet.max_pods", "pods that a kubelet runs at most (maxPods), where neither the machine's network interfaces nor its node group say less or more") \
  X(Count, eks_system_pods, "eks.system_pods", "pods of the system on each machine of an EKS cluster, which take their share of its pod limit") \
  X(Count, kubeadm_system_pods, "kubeadm.system_pods", "the same in a cluster of kubeadm") \
  X(Law, pod_start, "kubelet.pod_start", "network set-up and container start, image cached") \
  X(Law, image_pull, "kubelet.image_pull", "pull of the image on a new node") \
  X(Duration, eviction_period, "kubelet.eviction_period", "period at which a kubelet looks how much memory and disk its machine has left") \
  X(Duration, pressure_transition, "kubelet.eviction_pressure_transition", "how long a node keeps a pressure condition after the pressure (evictionPressureTransitionPeriod)") \
  X(bool, shutdown_unmounts, "kubelet.shutdown_unmounts", "before its machine shuts down a kubelet waits, within the grace period, until the volumes of the pods that it has ended are unmounted (from 1.32)") \
  X(Law, volume_mount, "kubelet.volume_mount", "file system check, mount and staging of an attached volume") \
  X(Law, volume_unmount, "kubelet.volume_unmount", "unmount after a pod has stopped") \
  X(Law, volume_expand, "kubelet.volume_expand", "from a volume's new size until its file system has it: the driver's controller, the claim, the kubelet") \
  X(Duration, attach_poll_first, "ebs_csi.poll.first", "first wait between polls for a finished attach or detach") \
  X(Ratio, attach_poll_factor, "ebs_csi.poll.factor", "growth of the waits between polls") \
  X(Law, karpenter_batch, "karpenter.batch", "Karpenter collects pending pods before it launches a node") \
  X(Duration, unavailable_offering, "karpenter.unavailable_offering", "how long Karpenter leaves a type and zone out that had no capacity to give") \
  X(Duration, karpenter_disruption_period, "karpenter.disruption_period", "period at which Karpenter looks for nodes to disrupt") \
  X(bool, karpenter_expiry_forceful, "karpenter.expiry_forceful", "expiry drains at once, without regard to budgets of nodes and without a replacement (from 1.0), not after launching one") \
  X(Count, update_max_unavailable, "node_update.max_unavailable", "machines that the update of a managed node group empties at the same time (updateConfig.maxUnavailable)") \
  X(Duration, update_eviction_timeout, "node_update.eviction_timeout", "how long such an update waits for the pods of a machine to leave before it fails, or deletes them if it is forced") \
  X(Duration, update_wait, "node_update.wait", "wait of such an update after a machine is empty and cordoned") \
  X(Law, fargate_launch, "fargate.launch", "from the scheduling of a pod on Fargate until its machine has joined the cluster; image pull and start come after it") \
  X(Ratio, fargate_failure_probability, "fargate.failure_probability", "probability that Fargate has no capacity for a pod at one try") \
  X(Duration, fargate_retry, "fargate.retry", "wait before Fargate tries a pod again for which it had no capacity") \
  X(Duration, fargate_patch_notice, "fargate.patch_notice", "from an eviction for patching that a budget refused until Fargate deletes the pod") \
  X(Law, queue_delay, "interruption.queue_delay", "from a Spot notice until whoever reads the queue of events acts on it") \
  X(Law, handler_delay, "interruption.handler_delay", "from a Spot notice until the termination handler on the machine, which polls its metadata, acts on it") \
  X(Duration, drain_retry, "eviction.retry", "wait before an eviction that a disruption budget refused is tried again") \
  X(Law, operator_react, "operator.react", "operator notices a missing pod and creates it again") \
  X(Duration, operator_reconcile, "operator.reconcile_period", "period of the operator's full reconciliation") \
  X(Duration, operator_timeout, "operator.operation_timeout", "how long a roll waits for a pod to become ready") \
  X(Duration, operator_retry_first, "operator.roll_retry.first", "first wait after a refused restart, doubled each time") \
  X(Count, operator_retry_count, "operator.roll_retry.count", "refused restarts before the roll gives up until the next reconciliation") \
  X(Ratio, deployment_max_unavailable, "deployment.max_unavailable", "share of a Deployment's pods, rounded down, that its rolling update keeps from being available (maxUnavailable); one if it starts none beside them either") \
  X(Ratio, deployment_max_surge, "deployment.max_surge", "share of a Deployment's pods, rounded up, that its rolling update starts beside them (maxSurge)") \
  X(Duration, progress_deadline, "deployment.progress_deadline", "how long a rolling update of a Deployment has not got on when it counts as failed, and people hear of it (progressDeadlineSeconds)") \
  X(Duration, min_ready, "rollout.min_ready", "how long a pod has been Ready before a rolling update of a Deployment, DaemonSet or StatefulSet counts it as available (minReadySeconds)") \
  X(Duration, job_backoff_first, "job.backoff.first", "wait of a Job after a failed pod before it creates another, doubled with each failure") \
  X(Duration, job_backoff_max, "job.backoff.max", "longest such wait") \
  X(Count, job_backoff_limit, "job.backoff_limit", "failed pods, or restarts of containers, that a Job bears which says nothing else (backoffLimit)") \
  X(Duration, readiness_delay, "pod.readiness_delay", "from the start of a container until its readiness is probed (initialDelaySeconds)") \
  X(Duration, readiness_period, "pod.readiness_period", "period of the readiness probe") \
  X(Duration, probe_delay, "probe.initial_delay", "from the start of a container until a probe that its service declares is asked first (initialDelaySeconds)") \
  X(Duration, probe_period, "probe.period", "period of such a probe (periodSeconds)") \
  X(Duration, probe_timeout, "probe.timeout", "silence after which such a probe has failed (timeoutSeconds)") \
  X(Count, probe_failures, "probe.failure_threshold", "failures in a row from which such a probe counts as failed (failureThreshold)") \
  X(Duration, hpa_sync_period, "hpa.sync_period", "period at which a HorizontalPodAutoscaler is reviewed") \
  X(Ratio, hpa_tolerance, "hpa.tolerance", "part by which use may differ from the target before an autoscaler acts") \
  X(Duration, hpa_downscale_stabilization, "hpa.downscale_stabilization", "an autoscaler goes down to the most that it wanted for so long") \
  X(Duration, hpa_cpu_initialization, "hpa.cpu_initialization_period", "how long after its start the use of a pod counts only while the pod is Ready, and from one window of its metrics on") \
  X(Duration, hpa_initial_readiness, "hpa.initial_readiness_delay", "a pod whose readiness last changed within so long from its start has never been Ready for an autoscaler") \
  X(Ratio, hpa_limit_factor, "hpa.scale_up_limit.factor", "without behavior in its manifest an autoscaler goes up to so many times the pods in one review") \
  X(Count, hpa_limit_minimum, "hpa.scale_up_limit.minimum", "without behavior in its manifest an autoscaler may always go up to so many pods in one review") \
  X(Ratio, hpa_up_share, "hpa.scale_up.share", "with behavior: share of its pods that an autoscaler adds in a period at most, unless the number of pods allows more") \
  X(Count, hpa_up_pods, "hpa.scale_up.pods", "with behavior: pods that an autoscaler adds in a period at most, unless the share allows more") \
  X(Ratio, hpa_down_share, "hpa.scale_down.share", "with behavior: share of its pods that an autoscaler removes in a period at most") \
  X(Duration, hpa_policy_period, "hpa.policy_period", "with behavior: the period of these limits") \
  X(Duration, metrics_resolution, "metrics_server.resolution", "period at which the metrics server reads the use of pods") \
  X(Duration, metrics_least_window, "metrics_server.least_window", "a container's use is known from its first reading if it has run so long by then, and less than the period") \
  X(Duration, ca_scan_interval, "cluster_autoscaler.scan_interval", "period at which the Cluster Autoscaler looks at pods and machines") \
  X(Duration, ca_provision_time, "cluster_autoscaler.max_node_provision_time", "the Cluster Autoscaler gives an order of a machine up after so long, and leaves the group alone for a while") \
  X(Duration, ca_backoff_first, "cluster_autoscaler.backoff.first", "how long it leaves a group alone then, doubled each time") \
  X(Duration, ca_backoff_max, "cluster_autoscaler.backoff.max", "longest such time") \
  X(Ratio, ca_unready_share, "cluster_autoscaler.max_total_unready_share", "the Cluster Autoscaler does nothing while a larger share of the nodes is not Ready") \
  X(Count, ca_unready_count, "cluster_autoscaler.ok_total_unready_count", "so many nodes that are not Ready never stop the Cluster Autoscaler") \
  X(Ratio, ca_utilization, "cluster_autoscaler.scale_down_utilization_threshold", "a machine of whose processors and memory less is requested may go") \
  X(Duration, ca_unneeded_time, "cluster_autoscaler.scale_down_unneeded_time", "how long it must have been so before it goes") \
  X(Duration, ca_delay_after_add, "cluster_autoscaler.scale_down_delay_after_add", "no machine goes so long after the group has grown") \
  X(Count, ca_empty_bulk, "cluster_autoscaler.max_empty_bulk_delete", "empty machines that go at once at most") \
  X(Duration, consolidate_after, "karpenter.consolidate_after", "how long nothing may have changed on a machine before Karpenter takes it away (consolidateAfter)") \
  X(Duration, consolidation_period, "karpenter.consolidation_period", "period at which Karpenter looks for machines that it can do without, and waits before it looks at one again") \
  X(Ratio, disruption_budget, "karpenter.disruption_budget", "share of a group's nodes, rounded up, that Karpenter disrupts at the same time at most, for drift or consolidation (disruption.budgets)")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_KUBERNETES_PARAMETERS);

}  // namespace nines::models::kubernetes
