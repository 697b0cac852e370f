// Which controller looks after a pod, and whether it can act now.
//
// Controllers of Kubernetes itself (StatefulSet, Deployment, DaemonSet) run in the control plane, which never fails
// here. An operator is pods like others: what it owns is created again only while one of them runs and reaches the API
// server. Source: kubernetes.io documentation, concepts of workloads; Strimzi's StrimziPodSet; Kubernetes sheet,
// section 1.3.
#pragma once

#include "models/ids.hpp"
#include "models/workload.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

const ControllerRules& rules_of(const World& world, ProcessId process);
/// Whether the process is a member of a service: else nothing but its controller concerns it.
bool has_service(const World& world, ProcessId process);
/// Whether a pod of the workload runs on a machine that reaches the API server.
bool works(const World& world, WorkloadId workload);
/// Whether the workload's controller acts: always, unless an operator owns it that does not work.
bool controller_works(const World& world, WorkloadId workload);

/// A process of an operator runs again, or can reach the API server again: it creates what is missing and takes its
/// rolls up. Does nothing for other processes.
void operator_resumes(World& world, ProcessId process);
/// A process of an operator stopped, or lost the API server. Does nothing for other processes, or if another one works.
void operator_pauses(World& world, ProcessId process);
/// The same for every such process on the machine; to resume it has to work.
void operators_resume_on(World& world, NodeId node);
void operators_pause_on(World& world, NodeId node);

}  // namespace nines::models::kubernetes
