// How kinds of services say what their SLIs need: vertices of the graph of models/structure/dependency.hpp, one for
// each part and one for each condition, shared by all that need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::structure {

struct Dependencies;
struct Requirement;

/// Position of a vertex in the graph.
using Vertex = std::size_t;

class DependencyBuilder {
 public:
  DependencyBuilder(const Plan& plan, Dependencies& into);

  [[nodiscard]] const Plan& plan() const { return plan_; }

  /// A vertex that is down if more than `tolerated` of what it needs, by weight, is down.
  Vertex condition(std::uint32_t tolerated = 0);
  void need(Vertex who, Vertex what, std::uint32_t weight = 1);
  /// Throws std::invalid_argument if fewer than `needed` are there.
  Vertex at_least(std::uint32_t needed, const std::vector<Vertex>& of);

  Vertex sli(SliIndex index);
  /// What an SLI of a composite requires.
  Vertex requirement(SliIndex index);
  /// A process with its machine, its network volume and their zone.
  Vertex process(ProcessId id);
  Vertex zone(ZoneId id);
  /// `who` needs the zone in which the place is, if it is in one: clients in the region need none.
  void need_place(Vertex who, infrastructure::Endpoint place);
  /// More than half of `voters`. One vertex for the same voters.
  Vertex majority(const std::vector<ProcessId>& voters);
  /// Replicas that one of them leads, `replicas` with the preferred leader first; `voters` decide who leads and who is
  /// in sync. `in_sync` of them must be in sync, 0 if a leader is enough. One vertex for the same replicas.
  Vertex replicas(const std::vector<ProcessId>& replicas, std::uint32_t in_sync, const std::vector<ProcessId>& voters);

 private:
  std::pair<Vertex, bool> part(ComponentId component);
  Vertex requirement(const Requirement& of, std::uint32_t at);
  std::vector<Vertex> serving(BoxId id);
  Vertex unit(BoxId id, std::uint16_t position);
  Vertex machine(NodeId id);
  Vertex volume(VolumeId id);

  const Plan& plan_;
  Dependencies& into_;
  std::map<ComponentId, Vertex> parts_;
  std::map<SliIndex, Vertex> slis_;
  std::map<std::vector<ProcessId>, Vertex> majorities_;
  std::map<std::tuple<std::vector<ProcessId>, std::uint32_t, std::vector<ProcessId>>, Vertex> groups_;
};

}  // namespace nines::models::structure
