#include "models/structure/dependency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <map>
#include <stdexcept>
#include <tuple>

#include "models/plan.hpp"

namespace nines::models::structure {

namespace {

using components::BoxId;
using components::BoxPlan;
using measurement::SliIndex;

class Builder {
 public:
  Builder(const Plan& plan, Dependencies& into) : plan_(plan), into_(into) {}

  Vertex sli(SliIndex index) {
    const auto [known, fresh] = slis_.emplace(index, Vertex());
    if (!fresh) return known->second;
    const Vertex vertex = condition();
    slis_[index] = vertex;
    const measurement::ServicePlan& service = plan_.services[plan_.slis[index].service];
    if (service.kind == measurement::ServiceKind::composite) {
      const auto at = static_cast<std::size_t>(plan_.structures.of_sli[index]);
      need(vertex, requirement(plan_.structures.requirements[at], 0));
    } else {
      kafka_sli(vertex, index, plan_.kafka[service.index]);
    }
    return vertex;
  }

 private:
  // ---- graph ----

  Vertex condition(std::uint32_t tolerated = 0) { return boost::add_vertex(Dependent{{}, tolerated, -1}, into_.graph); }

  void need(Vertex who, Vertex what, std::uint32_t weight = 1) {
    boost::add_edge(who, what, Need{weight}, into_.graph);
  }

  /// The vertex of a part, and whether it is new: then what it needs is still to be added.
  std::pair<Vertex, bool> part(ComponentId component) {
    const auto known = parts_.find(component);
    if (known != parts_.end()) return {known->second, false};
    const Vertex vertex = boost::add_vertex(Dependent{component, 0, -1}, into_.graph);
    parts_.emplace(component, vertex);
    return {vertex, true};
  }

  Vertex at_least(std::uint32_t needed, const std::vector<Vertex>& of) {
    if (needed > of.size()) {
      throw std::invalid_argument(fmt::format("a requirement asks for {} of {} parts", needed, of.size()));
    }
    const Vertex vertex = condition(static_cast<std::uint32_t>(of.size()) - needed);
    for (const Vertex other : of) need(vertex, other);
    return vertex;
  }

  // ---- requirements over black boxes ----

  Vertex requirement(const Requirement& of, std::uint32_t at) {
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

  /// As many vertices as units of the box serve at a time. With standby the j-th says that at least j units are up.
  std::vector<Vertex> serving(BoxId id) {
    const BoxPlan& box = plan_.black_boxes.boxes[id];
    std::vector<Vertex> units;
    for (std::uint16_t i = 0; i < box.count; ++i) units.push_back(unit(id, i));
    if (box.active == box.count) return units;
    std::vector<Vertex> places;
    for (std::uint16_t place = 1; place <= box.active; ++place) places.push_back(at_least(place, units));
    return places;
  }

  Vertex unit(BoxId id, std::uint16_t position) {
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

  // ---- Kafka ----

  void kafka_sli(Vertex vertex, SliIndex index, const kafka::ServicePlan& service) {
    const auto found = std::find_if(service.slis.begin(), service.slis.end(),
                                    [&](const kafka::SliPlan& other) { return other.index == index; });
    const ClientId client = found->client;
    for (const ZoneId id : plan_.zones.ids()) {
      if (plan_.network.zone_fabric[id.value] == service.clients[client].place) need(vertex, zone(id));
    }
    const Vertex partitions = condition(plan_.slis[index].tolerated_down);
    need(vertex, partitions);
    std::map<Vertex, std::uint32_t> weights;
    for (const kafka::GroupPlan& group : service.groups) {
      if (service.topics[group.topic].internal) continue;
      weights[replica_group(service, group, found->kind)] += group.partitions;
    }
    for (const auto& [group, weight] : weights) need(partitions, group, weight);
  }

  /// Replicas of `group` that must be in sync; 0 if any leader will do.
  [[nodiscard]] std::uint32_t in_sync(const kafka::ServicePlan& service, const kafka::GroupPlan& group,
                                      SliKind kind) const {
    const std::uint32_t min_isr = service.topics[group.topic].min_isr;
    if (kind == SliKind::write) return min_isr;
    if (kind != SliKind::visible) return 0;
    // Before 3.7 the high watermark advances over the in-sync replicas, however few they are.
    return plan_.topology.services[service.index].parameters.strict_min_isr ? min_isr : 1;
  }

  Vertex replica_group(const kafka::ServicePlan& service, const kafka::GroupPlan& group, SliKind kind) {
    const std::uint32_t needed = in_sync(service, group, kind);
    std::vector<std::uint16_t> brokers(group.broker, group.broker + group.replicas);
    // With in-sync replicas it does not matter who leads: the same replicas in another order are the same.
    if (needed > 0) std::sort(brokers.begin(), brokers.end());
    const auto [known, fresh] = groups_.emplace(std::tuple(service.index, needed, brokers), Vertex());
    if (!fresh) return known->second;

    ReplicaGroup replicas;
    replicas.in_sync = needed;
    replicas.majority = majority(service);
    for (const std::uint16_t broker : brokers) replicas.replicas.push_back(process(service.brokers[broker]));
    const Vertex adapts = at_least(2, {replicas.majority, at_least(std::max(needed, 1U), replicas.replicas)});
    const Vertex as_it_is =
        needed > 0 ? at_least(static_cast<std::uint32_t>(brokers.size()), replicas.replicas) : replicas.replicas[0];
    const Vertex vertex = at_least(1, {adapts, as_it_is});
    into_.graph[vertex].group = static_cast<std::int32_t>(into_.groups.size());
    into_.groups.push_back(std::move(replicas));
    known->second = vertex;
    return vertex;
  }

  Vertex majority(const kafka::ServicePlan& service) {
    const auto [known, fresh] = majorities_.emplace(service.index, Vertex());
    if (!fresh) return known->second;
    std::vector<Vertex> voters;
    for (const ProcessId controller : service.controllers) voters.push_back(process(controller));
    known->second = at_least(static_cast<std::uint32_t>(voters.size() / 2 + 1), voters);
    return known->second;
  }

  Vertex process(ProcessId id) {
    const ProcessPlan& process = plan_.processes[id];
    const auto [vertex, fresh] = part(process.component);
    if (!fresh) return vertex;
    need(vertex, machine(process.node));
    if (process.volume.exists() && !plan_.volumes[process.volume].node.exists()) {
      need(vertex, volume(process.volume));
    }
    return vertex;
  }

  Vertex machine(NodeId id) {
    const auto [vertex, fresh] = part(plan_.nodes[id].component);
    if (fresh) need(vertex, zone(plan_.nodes[id].zone));
    return vertex;
  }

  Vertex volume(VolumeId id) {
    const auto [vertex, fresh] = part(plan_.volumes[id].component);
    if (fresh) need(vertex, zone(plan_.volumes[id].zone));
    return vertex;
  }

  Vertex zone(ZoneId id) { return part(plan_.zones[id].component).first; }

  const Plan& plan_;
  Dependencies& into_;
  std::map<ComponentId, Vertex> parts_;
  std::map<SliIndex, Vertex> slis_;
  std::map<std::size_t, Vertex> majorities_;
  std::map<std::tuple<std::size_t, std::uint32_t, std::vector<std::uint16_t>>, Vertex> groups_;
};

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
  result.root = Builder(plan, result).sli(sli);
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
