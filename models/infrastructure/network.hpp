// Reachability as a directed graph (Boost.Graph): machines hang on their zone's fabric, zones on the region's backbone,
// clients and the managed control plane on one of these.
//
// Cut links are edges out of service; partial partitions are ordered pairs of end points that drop each other's packets
// although a path exists. What the models ask is a matrix that is recomputed only when a link changes.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <vector>

#include "models/ids.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::infrastructure {

/// An end point of packets: vertex of the network graph.
using Endpoint = std::uint16_t;

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_index_t, std::size_t>>;

struct Network {
  Graph graph;
  std::vector<Endpoint> node_endpoint;  ///< by NodeId
  std::vector<Endpoint> zone_fabric;    ///< by ZoneId; also where a client placed in the zone sits
  Endpoint backbone = 0;                ///< also the managed control plane, and clients placed in the region
  std::vector<std::size_t> zone_uplinks;  ///< edge indices zone -> backbone and backbone -> zone, two a zone
};

/// Which packets get through now. Copied with the world.
struct Reachability {
  std::vector<bool> link_down;     ///< by edge index
  std::vector<std::uint8_t> blocked;  ///< by pair from x to: number of partitions that drop the pair's packets
  std::vector<bool> reaches;       ///< by pair from x to
  std::size_t endpoints = 0;
};

}  // namespace nines::models::infrastructure
