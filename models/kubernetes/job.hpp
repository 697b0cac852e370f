// The Job controller: pods that come to an end, as many of them as have to succeed.
//
// A Job keeps `parallelism` pods until `completions` have succeeded. A failed pod is replaced after a back-off of 10 s,
// doubled with each failure since the last pod that succeeded; a deleted or evicted one counts as failed. With
// restartPolicy OnFailure the kubelet starts a failed container again in its pod, with the kubelet's back-off, and the
// Job counts restarts. It has failed for good with more failures than its limit bears (of restarts: as many), or at its
// deadline; its pods are deleted then. While no controller manager acts no pod is created, replaced or given up, and
// what runs goes on. A pod whose kubelet does not reach the API server has ended for the Job only when that kubelet
// reaches it again. Source: kubernetes/kubernetes pkg/controller/job/job_controller.go (syncJob,
// pastBackoffLimitOnFailure, pastActiveDeadline) and backoff_utils.go; kubernetes.io documentation, Jobs.
//
// A pod that has succeeded or failed holds neither machine nor volume, so that ttlSecondsAfterFinished changes nothing.
// Left out: podFailurePolicy, successPolicy, backoffLimitPerIndex, podReplacementPolicy Failed.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/kubernetes/parameters.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// How long after so many failures in a row, at least one, the next pod is created.
Duration job_backoff(std::int64_t failures, const Parameters& parameters);

/// The container of a Job's pod has ended, and is not started again: the kubelet reports it when it can.
void finish_pod(World& world, ProcessId process);
/// The kubelet reaches the API server and says what has become of the pod.
void report_finished(World& world, ProcessId process);
/// The kubelet starts a failed container again, rather than end the pod.
bool restarts_container(const World& world, ProcessId process);
/// Its pod object is gone: it counts as failed, unless its kubelet has reported otherwise.
void job_pod_gone(World& world, ProcessId process);
/// The kubelet has started its container once more.
void job_container_restarted(World& world, ProcessId process);
/// The controller looks after all Jobs of the workload. Does nothing for workloads of other controllers.
void look_after_jobs(World& world, WorkloadId workload);

}  // namespace nines::models::kubernetes
