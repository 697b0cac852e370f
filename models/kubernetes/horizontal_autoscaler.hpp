// HorizontalPodAutoscalers: how many pods of a workload there are goes by what they use, or by what is asked of them.
//
// Every hpa.sync_period the controller compares the metrics with the target (replica_calculator.hpp). A pod's CPU is
// what the metrics server last read: the mean since its reading before, every metrics_server.resolution. A pod that
// started less than hpa.cpu_initialization_period ago counts only while it is Ready and from one window after it became
// so; later it is left out only if it has never been Ready. The number goes up at once, within limits, and down to the
// most that was wanted within hpa.downscale_stabilization. What the controller knows of before is lost with it: another
// controller manager begins with the present number. An autoscaler does nothing while its target is scaled to zero.
// Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, replica_calculator.go; sigs.k8s.io/
// metrics-server pkg/storage/pod.go; kubernetes.io documentation, horizontal pod autoscaling; Kubernetes sheet,
// sections 5 and 9. Field reports: issues 30471 (metrics of some pods missing) and 104387 (an external metric of 0).
//
// Which pod goes: one that is Pending, then one that is not Ready, then of the machine that has most of them, then the
// one that became Ready last (pkg/controller/controller_utils.go, ActivePodsWithRanks).
//
// Pods beyond the present number are parked: they are places in the plan. While nothing changes an autoscaler sleeps,
// for each review would come to the same result; demand_changed (models/platform.hpp) wakes it.
//
// Left out: several metrics of one autoscaler, policies other than the defaults of autoscaling/v2, the logarithm by
// which ages are compared, scaling to zero; the time that an external metric takes to arrive.
#pragma once

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Autoscalers in health: asleep, with what the metrics server knows.
void initialise_autoscalers(World& world);
void draw_autoscaler_phases(World& world);
/// All sleep.
bool autoscalers_settled(const World& world);
/// The controller managers act again; `anew`: others than before.
void autoscalers_resume(World& world, bool anew);

}  // namespace nines::models::kubernetes
