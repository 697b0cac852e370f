// Fargate: each pod has a machine of its own, which is launched for it and goes with it. Source: Amazon EKS user guide,
// fargate, fargate-pod-configuration, fargate-profile, fargate-pod-patching; aws/containers-roadmap issues 649, 824 and
// 2034; Kubernetes sheet, section 6.
//
// A group of Fargate (a Fargate profile) has slots in each of its zones (subnets), most of them vacant: a pod that is
// created gets a vacant one, and its machine is launched there. The zone is drawn, each alike: the Fargate scheduler
// goes by no topology spread, and pods of one Deployment have been seen in one zone together. What the pod's container
// needs is on no such machine before: each start pulls the image. When the pod's object and its container are gone the
// machine goes back, and the slot is vacant again.
//
// A launch is one try: if its zone cannot launch, or Fargate has no capacity there, the pod stays Pending and is tried
// again after fargate.retry, in the next zone of the profile.
//
// A machine that fails is no business of Fargate's: lease, taint, toleration and eviction are Kubernetes' own, and the
// pod that is created for the evicted one has a new machine. What Fargate does about hosts that die is not published.
//
// Patching evicts a pod once; one that a budget keeps is deleted after fargate.patch_notice, whatever its budget says.
//
// Left out: limits on launches a second and the account's quota of vCPUs for Fargate; subnets that run out of
// addresses; deletions of pods for patches that are urgent.
#pragma once

#include <cstdint>

#include "models/ids.hpp"

namespace nines::models {
struct InstanceType;
struct Plan;
struct PoolSpec;
struct World;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// What Fargate provides, and bills, for a pod.
struct FargateSize {
  double vcpu = 0;
  double memory_gb = 0;  ///< of 2^30 bytes, as the guide has it
};
/// The smallest size that has room for the request and 256 MB for Kubernetes' own components; zero if none has.
FargateSize fargate_size(double cpu, double memory_bytes);

/// The pod runs on Fargate.
bool on_fargate(const Plan& plan, ProcessId process);
/// A try to launch a machine for the pod. REQUIRES: the pod is pending, and on Fargate.
void launch_on_fargate(World& world, ProcessId process);
/// The pending pod is deleted: a machine that is being launched for it is given back.
void abandon_launch(World& world, ProcessId process);
/// Something of the pod has left the machine: if it is one of Fargate's and nothing is left, it goes back.
void vacate(World& world, ProcessId process, NodeId node);

}  // namespace nines::models::kubernetes
