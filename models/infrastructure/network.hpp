// The network as a directed graph (Boost.Graph): machines hang on their zone's fabric, zones on the region's backbone,
// clients and the managed control plane on one of these.
//
// Cut links are edges out of service; partitions are ordered pairs of addresses that drop each other's packets although
// a path exists. What the models ask is which
// strongly connected parts links leave, worked out when one is cut or mended, and a sorted list of pairs.
#pragma once

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <cstdint>
#include <vector>

#include "models/ids.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::infrastructure {

/// A place on the network: vertex of its graph.
using Endpoint = std::uint16_t;

/// Whom a partition can cut off: an endpoint (all packets of the machine), or a pod wherever it runs. Pods follow the
/// endpoints; see `address`.
using Address = std::uint32_t;

/// Built once, then read only; edges have indices.
using Graph = boost::compressed_sparse_row_graph<boost::directedS>;

struct Network {
  Graph graph;
  std::vector<Endpoint> node_endpoint;    ///< by NodeId
  std::vector<Endpoint> zone_fabric;      ///< by ZoneId; also where a client placed in the zone sits
  Endpoint backbone = 0;                  ///< also the managed control plane, and clients placed in the region
  std::vector<std::size_t> zone_uplinks;  ///< edge indices zone -> backbone and backbone -> zone, two a zone
};

/// Packets from one address to another that are dropped by `count` partitions.
struct BlockedPair {
  Address from = 0;
  Address to = 0;
  std::uint16_t count = 0;
};

/// Which packets get through now. Copied with the world.
struct Reachability {
  std::vector<std::uint16_t> link_cuts;  ///< by edge index: number of faults that hold the link down
  std::vector<BlockedPair> blocked;      ///< sorted by (from, to); counts above 0
  /// By parts, from x to: a path exists. Empty while there is one between all endpoints, and no partition of endpoints.
  std::vector<char> reaches;
  std::vector<std::uint16_t> part;  ///< by endpoint; those of one part reach each other
  std::size_t parts = 0;
  std::size_t endpoints = 0;
  bool places_blocked = false;  ///< some blocked pair is one of endpoints
  bool pods_blocked = false;    ///< some blocked pair has a pod in it
  std::uint32_t changes = 0;    ///< number of times that it has changed
};

}  // namespace nines::models::infrastructure
