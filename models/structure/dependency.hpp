// Who needs whom: what an SLI requires, down to the parts that can fail by themselves, as a directed graph
// (Boost.Graph).
//
// An edge says "needs". A vertex is down if its part has failed, or if more of what it needs is down than it tolerates.
// So a part is one that tolerates nothing, "at least k of n" tolerates n - k, and a set of partitions tolerates as many
// partitions as its SLI does.
//
// Of black boxes: a requirement needs units, a unit needs what masks it. A standby is taken to serve as soon as it has
// to; what is out only while a mechanism works (a switch-over, a restart, an election) is no failure here.
//
// Of services with processes: their kinds say what an SLI needs (models/structure/dependency_builder.hpp). A process
// needs its machine and its volume; these need their zone. Machines are those of the start, for pods that can move do
// so before long. A local disk lives and dies with its machine and is no part of its own. Replicas that one of them
// leads hold in one of two ways:
//   - they adapt: a majority of those who decide, and as many replicas as the SLI needs;
//   - they need not: without a majority nobody is elected and no in-sync set shrinks, but who serves goes on serving.
//     What waits for in-sync replicas then needs every replica, the rest the preferred leader.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "models/ids.hpp"
#include "models/structure/dependency_builder.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::structure {

/// A part of the plan or a condition over others.
struct Dependent {
  std::optional<ComponentId> part;  ///< what can fail by itself; none of a condition
  std::uint32_t tolerated = 0;      ///< weight of what it needs that may be down
  std::int32_t group = -1;          ///< of partitions: index into Dependencies::groups
};

struct Need {
  std::uint32_t weight = 1;
};

using DependencyGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Dependent, Need>;
static_assert(std::is_same_v<Vertex, DependencyGraph::vertex_descriptor>);

/// Partitions with the same replicas, for one SLI.
struct ReplicaGroup {
  std::vector<Vertex> replicas;  ///< the preferred leader first
  Vertex majority = 0;           ///< of the controllers
  std::uint32_t in_sync = 0;     ///< replicas that must be in sync, all of them up; 0: a leader is enough
};

struct Dependencies {
  DependencyGraph graph;
  Vertex root = 0;
  std::vector<Vertex> inner_first;  ///< each vertex after all it needs
  std::vector<ReplicaGroup> groups;
};

/// Throws std::invalid_argument if something needs itself or more than there is.
Dependencies dependencies_of(const Plan& plan, SliIndex sli);

/// By vertex: whether it is down when these parts, in ascending order, have failed.
std::vector<char> down(const Dependencies& dependencies, std::span<const ComponentId> failed);

/// Whether the SLI is down in the end if these parts fail one after the other and do not come back, each after
/// elections and in-sync sets have followed the one before as far as controllers allow.
bool down_after(const Dependencies& dependencies, std::span<const ComponentId> sequence);

}  // namespace nines::models::structure
