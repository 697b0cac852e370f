// How many pods a HorizontalPodAutoscaler wants: its arithmetic, without clock and world.
//
// By CPU: ratio = use of the pods that count / what they request / target, in whole percents. Within the tolerance
// nothing changes; else ceil(ratio * pods that count). Pods that are not Ready yet count 0 % before more are wanted,
// pods whose metrics are missing 0 % before more and 100 % before fewer are wanted; if that would turn the decision
// around, nothing changes. Without a single value there is no decision. By an external metric: ceil(sum / target).
// Source: kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go (GetResourceReplicas, groupPods,
// GetExternalPerPodMetricReplicas) and metrics/utilization.go; limits: horizontal.go (calculateScaleUpLimit,
// calculateScaleUpLimitWithScalingRules); Kubernetes sheet, case K18.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/units.hpp"

namespace nines::models::kubernetes {

/// How a pod counts.
enum class Standing : std::uint8_t {
  counts,   ///< Ready, or long past its start
  unready,  ///< Pending, or not Ready since it started
  missing,  ///< the metrics server has no value of it
};

struct PodSample {
  Standing standing = Standing::counts;
  double use = 0;  ///< processors; of those that count
};

/// Pods that should be there by their CPU; none without a value. `request`: processors, of each pod; `target`: part of
/// it. REQUIRES: request > 0, target > 0.
std::optional<std::int64_t> replicas_by_cpu(std::span<const PodSample> pods, double request, double target,
                                            Ratio tolerance, std::int64_t now);
/// The same by an external metric with a target for each pod.
std::int64_t replicas_by_requests(double requests_per_s, double target, Ratio tolerance, std::int64_t now);

/// Most pods that one review may lead to, of an autoscaler whose manifest has no behavior.
std::int64_t most_without_behavior(std::int64_t now, Ratio factor, std::int64_t minimum);
/// The same with behavior. `added`, `removed`: within the present period.
std::int64_t most_with_behavior(std::int64_t now, std::int64_t added, std::int64_t removed, Ratio share,
                                std::int64_t pods);
/// Fewest pods that one review may lead to, with behavior.
std::int64_t fewest_with_behavior(std::int64_t now, std::int64_t added, std::int64_t removed, Ratio share);

}  // namespace nines::models::kubernetes
