#include "models/kafka/reassignment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kafka/access.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/replication.hpp"

namespace nines::models::kafka {

namespace {

/// From here on the state says where replicas are, and no longer the plan.
void keep_places(Context& c) {
  Moves& moves = c.state.moves;
  if (!moves.places.empty()) return;
  std::vector<Place> places;
  for (const GroupPlan& group : c.plan.groups) {
    Place place;
    std::copy(std::begin(group.broker), std::end(group.broker), place.broker.begin());
    for (Slot slot = 0; slot < place.order.size(); ++slot) place.order[slot] = slot;
    place.assigned = place.present = placed(group);
    places.push_back(place);
  }
  moves.places = std::move(places);
  moves.hosted = c.plan.hosted;
}

std::vector<std::uint32_t> partitions_on(const Context& c) {
  std::vector<std::uint32_t> counts;
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) {
    std::uint32_t& count = counts.emplace_back(0);
    for (const auto& [id, slot] : c.hosted(broker)) count += c.plan.groups[id].partitions;
  }
  return counts;
}

bool is_emptied(const Context& c, Position broker) {
  const auto& emptied = c.state.moves.emptied;
  return std::find(emptied.begin(), emptied.end(), broker) != emptied.end();
}

/// The broker that gets the replica in `from`: one that lives and has none of the group; in a rack of its own if there
/// is one, then with the fewest partitions. `nobody` if there is none.
Position target_of(const Context& c, GroupId id, Slot from, const std::vector<std::uint32_t>& partitions,
                   bool keeps_racks) {
  Position best = nobody;
  bool best_shares = true;
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) {
    if (!active(c.state, broker) || !serves(c, broker) || is_emptied(c, broker)) continue;
    bool has_one = false;
    bool shares = false;
    for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
      if (!has(c.present(id), slot)) continue;
      const Position other = c.broker_of(id, slot);
      has_one = has_one || other == broker;
      shares = shares || (slot != from && has(c.assigned(id), slot) && c.plan.racks[other] == c.plan.racks[broker]);
    }
    if (has_one || (shares && keeps_racks)) continue;
    const bool better =
        best == nobody || (best_shares && !shares) || (best_shares == shares && partitions[broker] < partitions[best]);
    if (!better) continue;
    best = broker;
    best_shares = shares;
  }
  return best;
}

/// The group's replica that is to go next; `no_slot` if none is, or one is on its way.
Slot next_to_go(const Context& c, GroupId id) {
  if (c.plan.groups[id].replicas == c.plan.groups[id].factor) return no_slot;
  if (!c.state.moves.places.empty() && c.state.moves.places[id.value].adding != no_slot) return no_slot;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (has(c.assigned(id), slot) && is_emptied(c, c.broker_of(id, slot))) return slot;
  }
  return no_slot;
}

/// A slot behind which there is no replica, and which no leadership of the past hangs on.
Slot free_slot(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (!has(c.present(id), slot) && slot != group.owner && slot != group.zombie) return slot;
  }
  return no_slot;
}

void begin_move(Context& c, GroupId id, Slot from, Position to) {
  const Slot slot = free_slot(c, id);
  if (slot == no_slot) return;  // the one that has left last has not been deleted yet: `drop_replica` goes on
  Place& place = c.state.moves.places[id.value];
  place.broker[slot] = to;
  place.assigned = with(place.assigned, slot);
  place.present = with(place.present, slot);
  place.adding = slot;
  place.leaving = from;
  auto& hosted = c.state.moves.hosted[to];
  const std::pair replica(id, slot);
  hosted.insert(std::lower_bound(hosted.begin(), hosted.end(), replica), replica);
  ++c.state.moves.moving;
  begin_replica(c, id, slot);
  replicas_changed(c, id);
}

/// Goes on with the group, if more of its replicas are to go.
void go_on(Context& c, GroupId id) {
  const Slot from = next_to_go(c, id);
  if (from == no_slot) return;
  const Position to = target_of(c, id, from, partitions_on(c), c.state.moves.heals);
  if (to != nobody) begin_move(c, id, from, to);
}

}  // namespace

std::optional<std::string> why_not_emptied(const models::Plan& plan, ServiceId id, ProcessId process) {
  const ServicePlan& service = plan_of(plan, id);
  const std::string_view what = plan.name(plan.processes[process].component);
  const Position broker = broker_at(service, process);
  if (broker == nobody) return fmt::format("'{}' is no broker: it has no replicas", what);
  if (service.has_store())
    return fmt::format("'{}' keeps its metadata in another service: reassignments there are not modelled", what);
  const auto& hosted = service.hosted[broker];
  const bool any = std::any_of(hosted.begin(), hosted.end(), [&](const auto& replica) {
    return service.groups[replica.first].replicas > service.groups[replica.first].factor;
  });
  if (any) return std::nullopt;
  return fmt::format("there is no broker that could take a replica of '{}': each has one of every partition already",
                     what);
}

bool empty_brokers(Context& c, const std::vector<Position>& brokers, const Mover& mover) {
  Moves& moves = c.state.moves;
  if (moves.moving > 0 || !decides(c)) return false;
  moves.emptied = brokers;
  struct Step {
    GroupId group;
    Slot from;
    Position to;
  };
  std::vector<Step> steps;
  std::vector<std::uint32_t> partitions = partitions_on(c);
  bool all = true;
  for (const GroupId id : c.plan.groups.ids()) {
    const Slot from = next_to_go(c, id);
    if (from == no_slot) {
      // Nothing of it is there, or it can go nowhere.
      const bool stays = std::any_of(brokers.begin(), brokers.end(), [&](Position broker) {
        const auto& hosted = c.hosted(broker);
        return std::any_of(hosted.begin(), hosted.end(), [&](const auto& replica) { return replica.first == id; });
      });
      all = all && !stays;
      continue;
    }
    const Position to = target_of(c, id, from, partitions, mover.keeps_racks);
    all = all && to != nobody;
    if (to == nobody) continue;
    partitions[to] += c.plan.groups[id].partitions;
    steps.push_back({id, from, to});
  }
  if (steps.empty() || (mover.keeps_racks && !all)) {
    moves.emptied.clear();
    return false;
  }
  keep_places(c);
  moves.throttle = mover.throttle;
  moves.heals = mover.heals;
  for (const Position broker : brokers) c.world.note(ReassignmentBegun{c.service, broker});
  for (const Step& step : steps) begin_move(c, step.group, step.from, step.to);
  tell_brokers(c);
  replication_changed(c);
  clients_changed(c);
  return true;
}

void end_move(Context& c, GroupId id) {
  Moves& moves = c.state.moves;
  if (moves.places.empty()) return;
  Place& place = moves.places[id.value];
  if (place.adding == no_slot || !has(c.state.groups[id].record.isr, place.adding)) return;
  const Slot old = place.leaving;
  *std::find(place.order.begin(), place.order.end(), old) = place.adding;
  place.assigned = without(place.assigned, old);
  place.adding = place.leaving = no_slot;
  take_out(c, id, old);
  place.left_at[old] = c.state.groups[id].record.version;
  if (!c.runs(c.broker_process(place.broker[old]))) drop_replica(c, id, old);
  --moves.moving;
  go_on(c, id);
  if (moves.moving > 0) return;
  moves.emptied.clear();
  moves.throttle = 0;
  moves.heals = false;
  c.state.live_changed = true;
  c.world.note(ReassignmentDone{c.service});
}

void drop_replica(Context& c, GroupId id, Slot slot) {
  end_replica(c, id, slot);
  Moves& moves = c.state.moves;
  Place& place = moves.places[id.value];
  place.present = without(place.present, slot);
  const Position broker = place.broker[slot];
  std::erase_if(moves.hosted[broker],
                [&](const auto& replica) { return replica.first == id && replica.second == slot; });
  std::erase_if(c.state.undone.edit(broker), [&](const Undone& undone) { return undone.group == id; });
}

}  // namespace nines::models::kafka
