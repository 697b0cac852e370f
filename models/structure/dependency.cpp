#include "models/structure/dependency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <map>
#include <stdexcept>
#include <tuple>

#include "models/plan.hpp"
#include "models/service/kind.hpp"

namespace nines::models::structure {

namespace {

using components::BoxId;
using components::BoxPlan;
using measurement::SliIndex;

}  // namespace

DependencyBuilder::DependencyBuilder(const Plan& plan, Dependencies& into) : plan_(plan), into_(into) {}

Vertex DependencyBuilder::sli(SliIndex index) {
  const auto [known, fresh] = slis_.emplace(index, Vertex());
  if (!fresh) return known->second;
  const Vertex vertex = condition();
  slis_[index] = vertex;
  plan_.services[plan_.slis[index].service].kind->needs(*this, vertex, index);
  return vertex;
}

// ---- graph ----

Vertex DependencyBuilder::condition(std::uint32_t tolerated) {
  return boost::add_vertex(Dependent{{}, tolerated, -1}, into_.graph);
}

void DependencyBuilder::need(Vertex who, Vertex what, std::uint32_t weight) {
  boost::add_edge(who, what, Need{weight}, into_.graph);
}

// The vertex of a part, and whether it is new: then what it needs is still to be added.
std::pair<Vertex, bool> DependencyBuilder::part(ComponentId component) {
  const auto known = parts_.find(component);
  if (known != parts_.end()) return {known->second, false};
  const Vertex vertex = boost::add_vertex(Dependent{component, 0, -1}, into_.graph);
  parts_.emplace(component, vertex);
  return {vertex, true};
}

Vertex DependencyBuilder::at_least(std::uint32_t needed, const std::vector<Vertex>& of) {
  if (needed > of.size()) {
    throw std::invalid_argument(fmt::format("a requirement asks for {} of {} parts", needed, of.size()));
  }
  const Vertex vertex = condition(static_cast<std::uint32_t>(of.size()) - needed);
  for (const Vertex other : of) need(vertex, other);
  return vertex;
}

// ---- requirements over black boxes ----

Vertex DependencyBuilder::requirement(SliIndex index) {
  return requirement(plan_.structures.requirements[static_cast<std::size_t>(plan_.structures.of_sli[index])], 0);
}

Vertex DependencyBuilder::requirement(const Requirement& of, std::uint32_t at) {
  const Node& node = of.nodes[at];
  if (node.kind == Node::Kind::sli) return sli(node.sli);
  if (node.kind == Node::Kind::box) return at_least(node.needed, serving(node.box));
  std::vector<Vertex> counted;
  for (const std::uint32_t child : node.of) {
    const Node& below = of.nodes[child];
    if (below.kind == Node::Kind::box) {
      for (const Vertex vertex : serving(below.box)) counted.push_back(vertex);
    } else {
      counted.push_back(requirement(of, child));
    }
  }
  return at_least(node.needed, counted);
}

// As many vertices as units of the box serve at a time. With standby the j-th says that at least j units are up.
std::vector<Vertex> DependencyBuilder::serving(BoxId id) {
  const BoxPlan& box = plan_.black_boxes.boxes[id];
  std::vector<Vertex> units;
  for (std::uint16_t i = 0; i < box.count; ++i) units.push_back(unit(id, i));
  if (box.active == box.count) return units;
  std::vector<Vertex> places;
  for (std::uint16_t place = 1; place <= box.active; ++place) places.push_back(at_least(place, units));
  return places;
}

Vertex DependencyBuilder::unit(BoxId id, std::uint16_t position) {
  const BoxPlan& box = plan_.black_boxes.boxes[id];
  const components::UnitId unit_id = components::UnitId::of(box.first.value + std::size_t{position});
  const auto [vertex, fresh] = part(plan_.black_boxes.units[unit_id].component);
  if (!fresh) return vertex;
  for (const BoxId mask : box.masked_by) {
    const bool single = plan_.black_boxes.boxes[mask].count == 1;
    need(vertex, unit(mask, single ? std::uint16_t{0} : position));
  }
  return vertex;
}

// ---- machines ----

Vertex DependencyBuilder::process(ProcessId id) {
  const ProcessPlan& process = plan_.processes[id];
  const auto [vertex, fresh] = part(process.component);
  if (!fresh) return vertex;
  need(vertex, machine(process.node));
  const bool has_volume = process.volume.exists();
  if (has_volume && rules_of(plan_.volumes[process.volume].kind).home == VolumeHome::zone) {
    need(vertex, volume(process.volume));
  }
  return vertex;
}

Vertex DependencyBuilder::machine(NodeId id) {
  const auto [vertex, fresh] = part(plan_.nodes[id].component);
  if (fresh) need(vertex, zone(plan_.nodes[id].zone));
  return vertex;
}

Vertex DependencyBuilder::volume(VolumeId id) {
  const auto [vertex, fresh] = part(plan_.volumes[id].component);
  if (fresh) need(vertex, zone(plan_.volumes[id].zone));
  return vertex;
}

Vertex DependencyBuilder::zone(ZoneId id) { return part(plan_.zones[id].component).first; }

void DependencyBuilder::need_place(Vertex who, infrastructure::Endpoint place) {
  for (const ZoneId id : plan_.zones.ids()) {
    if (plan_.network.zone_fabric[id.value] == place) need(who, zone(id));
  }
}

// ---- replicas ----

Vertex DependencyBuilder::majority(const std::vector<ProcessId>& voters) {
  const auto [known, fresh] = majorities_.emplace(voters, Vertex());
  if (!fresh) return known->second;
  std::vector<Vertex> parts;
  for (const ProcessId voter : voters) parts.push_back(process(voter));
  known->second = at_least(static_cast<std::uint32_t>(parts.size() / 2 + 1), parts);
  return known->second;
}

Vertex DependencyBuilder::replicas(const std::vector<ProcessId>& replicas, std::uint32_t in_sync,
                                   const std::vector<ProcessId>& voters) {
  std::vector<ProcessId> order = replicas;
  // With in-sync replicas it does not matter who leads: the same replicas in another order are the same.
  if (in_sync > 0) std::sort(order.begin(), order.end());
  const auto [known, fresh] = groups_.emplace(std::tuple(voters, in_sync, order), Vertex());
  if (!fresh) return known->second;

  ReplicaGroup group;
  group.in_sync = in_sync;
  group.majority = majority(voters);
  for (const ProcessId replica : order) group.replicas.push_back(process(replica));
  const Vertex adapts = at_least(2, {group.majority, at_least(std::max(in_sync, 1U), group.replicas)});
  const Vertex as_it_is =
      in_sync > 0 ? at_least(static_cast<std::uint32_t>(order.size()), group.replicas) : group.replicas[0];
  const Vertex vertex = at_least(1, {adapts, as_it_is});
  into_.graph[vertex].group = static_cast<std::int32_t>(into_.groups.size());
  into_.groups.push_back(std::move(group));
  known->second = vertex;
  return vertex;
}

namespace {

/// REQUIRES: all that `vertex` needs has its entry already.
bool fails(const Dependencies& of, Vertex vertex, std::span<const ComponentId> failed, const std::vector<char>& down) {
  const Dependent& dependent = of.graph[vertex];
  if (dependent.part && std::binary_search(failed.begin(), failed.end(), *dependent.part)) return true;
  std::uint32_t lost = 0;
  for (auto [edge, end] = boost::out_edges(vertex, of.graph); edge != end; ++edge) {
    if (down[boost::target(*edge, of.graph)] != 0) lost += of.graph[*edge].weight;
  }
  return lost > dependent.tolerated;
}

/// What the partitions of a group have come to.
struct Adapted {
  std::size_t leader = 0;
  std::vector<char> in_sync;
};

/// The group follows what has happened, if controllers allow. Returns whether it is down.
bool follow(const ReplicaGroup& group, Adapted& state, const std::vector<char>& down) {
  const auto up = [&](std::size_t slot) { return down[group.replicas[slot]] == 0; };
  bool candidate = false;
  for (std::size_t slot = 0; slot < group.replicas.size(); ++slot) {
    candidate = candidate || (state.in_sync[slot] != 0 && up(slot));
  }
  // The last in-sync replica stays in sync: what it holds is needed.
  if (down[group.majority] == 0 && candidate) {
    for (std::size_t slot = group.replicas.size(); slot-- > 0;) {
      if (!up(slot)) state.in_sync[slot] = 0;
    }
    if (!up(state.leader)) {
      state.leader = static_cast<std::size_t>(std::find(state.in_sync.begin(), state.in_sync.end(), char{1}) -
                                              state.in_sync.begin());
    }
  }
  if (!up(state.leader)) return true;
  if (group.in_sync == 0) return false;
  std::uint32_t count = 0;
  for (std::size_t slot = 0; slot < group.replicas.size(); ++slot) {
    if (state.in_sync[slot] == 0) continue;
    if (!up(slot)) return true;
    ++count;
  }
  return count < group.in_sync;
}

}  // namespace

Dependencies dependencies_of(const Plan& plan, SliIndex sli) {
  Dependencies result;
  result.root = DependencyBuilder(plan, result).sli(sli);
  try {
    boost::topological_sort(result.graph, std::back_inserter(result.inner_first));
  } catch (const boost::not_a_dag&) {
    throw std::invalid_argument(fmt::format("'{}' needs something that needs itself", plan.slis[sli].name));
  }
  return result;
}

std::vector<char> down(const Dependencies& dependencies, std::span<const ComponentId> failed) {
  std::vector<char> result(boost::num_vertices(dependencies.graph), 0);
  for (const Vertex vertex : dependencies.inner_first) {
    result[vertex] = fails(dependencies, vertex, failed, result) ? 1 : 0;
  }
  return result;
}

bool down_after(const Dependencies& dependencies, std::span<const ComponentId> sequence) {
  std::vector<Adapted> states;
  for (const ReplicaGroup& group : dependencies.groups) {
    states.push_back({0, std::vector<char>(group.replicas.size(), 1)});
  }
  std::vector<char> result(boost::num_vertices(dependencies.graph), 0);
  std::vector<ComponentId> failed;
  for (const ComponentId next : sequence) {
    failed.insert(std::lower_bound(failed.begin(), failed.end(), next), next);
    for (const Vertex vertex : dependencies.inner_first) {
      const std::int32_t at = dependencies.graph[vertex].group;
      const bool out = at < 0 ? fails(dependencies, vertex, failed, result)
                              : follow(dependencies.groups[static_cast<std::size_t>(at)],
                                       states[static_cast<std::size_t>(at)], result);
      result[vertex] = out ? 1 : 0;
    }
  }
  return result[dependencies.root] != 0;
}

}  // namespace nines::models::structure
