// Where the scheduler puts pods when a cluster is set up.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/plan.hpp"

namespace nines::models {

struct PodRequest {
  std::string_view name;
  std::uint16_t group = 0;   ///< node group it must run in
  std::uint32_t family = 0;  ///< pods of one family (pool) avoid each other
  double cpu = 0;
  Bytes memory;
};

/// Where a client in `place`, a zone or "region", is on the network. Throws std::invalid_argument if there is no such
/// place.
infrastructure::Endpoint client_place(const Plan& plan, std::string_view place, std::string_view service);

/// Places pods one after the other. A pod goes to a machine of its group with room for its requests; among these to one
/// with the fewest pods of its family, in the zone with the fewest pods of its family, then to the least loaded, then
/// to the first. That is preferred anti-affinity by host and topology spread by zone, as the kube-scheduler scores
/// them.
class InitialScheduler {
 public:
  explicit InitialScheduler(const Plan& plan);

  /// Throws std::invalid_argument if no machine has room.
  NodeId place(const PodRequest& pod);

 private:
  struct Load {
    double cpu = 0;
    double memory = 0;
    std::vector<std::uint32_t> families;  ///< of the pods on the machine
  };
  [[nodiscard]] bool fits(NodeId node, const PodRequest& pod) const;
  [[nodiscard]] std::size_t on_node(NodeId node, std::uint32_t family) const;
  [[nodiscard]] std::size_t in_zone(ZoneId zone, std::uint32_t family) const;
  [[nodiscard]] bool better(NodeId a, NodeId b, std::uint32_t family) const;

  const Plan& plan_;
  Table<NodeId, Load> loads_;
};

}  // namespace nines::models
