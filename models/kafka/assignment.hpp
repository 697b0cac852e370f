// Which brokers hold the replicas of a new topic's partitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nines::models::kafka {

/// Brokers by position, in the order of replicas; the first is the preferred leader.
using Assignment = std::vector<std::uint16_t>;

/// Assigns `partitions` partitions of `replicas` replicas to brokers whose racks are given (all equal: not rack aware).
/// Brokers are ordered so that racks alternate; leaders go round robin from `start` on; the followers' shift grows
/// after each round, so that the partitions of a failed leader spread over the others. A broker is passed over while
/// another rack has no replica yet, or another broker has none. Properties: distinct brokers in every partition; as
/// many racks as possible; leaders balanced within one. Source: Kafka AdminUtils.assignReplicasToBrokers (rack aware
/// variant); the KRaft StripedReplicaPlacer stripes over racks alike, with random offsets where this one counts.
/// REQUIRES: 1 <= replicas <= racks.size().
std::vector<Assignment> assign_replicas(const std::vector<std::uint16_t>& racks, std::size_t partitions,
                                        std::size_t replicas, std::size_t start);

}  // namespace nines::models::kafka
