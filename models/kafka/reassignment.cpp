#include "models/kafka/reassignment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kafka/access.hpp"
#include "models/kafka/catch_up.hpp"
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
    place.throttled_followers = group.throttled_followers;
    place.throttled_leaders = group.throttled_leaders;
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

/// Cruise Control emptied it lately: it gives it nothing (RunnableUtils.computeOptimizationOptions).
bool is_spared(const Context& c, Position broker, const Mover& mover) {
  const auto& removed = c.state.moves.removed_at;
  if (!mover.spares_removed || removed.empty() || removed[broker] == sim::Time::never()) return false;
  return c.now() <= removed[broker] + mover.removal_memory;
}

/// Where the replicas of one group go.
class MovePlanner {
 public:
  MovePlanner(const Context& c, GroupId id, const Mover& mover) : c_(c), id_(id), mover_(mover) {
    for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
      if (!has(c.present(id), slot)) continue;
      const Position broker = c.broker_of(id, slot);
      taken_.push_back(broker);
      if (!has(c.assigned(id), slot)) continue;
      if (is_emptied(c, broker))
        going_.push_back(slot);
      else
        racks_.push_back(c.plan.racks[broker]);
    }
  }

  /// Adds moves of the group's replicas and what each broker gets by them. Returns how many replicas find no place.
  std::size_t plan(std::vector<Move>& moves, std::vector<std::uint32_t>& partitions) {
    const bool can_move = c_.plan.groups[id_].replicas > c_.plan.groups[id_].factor;
    std::size_t stay = 0;
    for (const Slot from : going_) {
      const Position to = can_move ? target(partitions) : nobody;
      if (to == nobody) {
        ++stay;
        racks_.push_back(c_.plan.racks[c_.broker_of(id_, from)]);
        continue;
      }
      partitions[to] += c_.plan.groups[id_].partitions;
      taken_.push_back(to);
      racks_.push_back(c_.plan.racks[to]);
      moves.push_back({id_, from, to});
    }
    return stay;
  }

 private:
  /// One that lives and has none of the group; in a rack of its own if there is one, then with the fewest partitions.
  [[nodiscard]] Position target(const std::vector<std::uint32_t>& partitions) const {
    const auto among = [](const auto& list, auto value) {
      return std::find(list.begin(), list.end(), value) != list.end();
    };
    Position best = nobody;
    bool best_shares = true;
    for (Position broker = 0; broker < c_.plan.brokers.size(); ++broker) {
      if (!active(c_.state, broker) || !serves(c_, broker) || is_emptied(c_, broker)) continue;
      if (among(taken_, broker) || is_spared(c_, broker, mover_)) continue;
      const bool shares = among(racks_, c_.plan.racks[broker]);
      if (shares && mover_.keeps_racks) continue;
      const bool better = best == nobody || (best_shares && !shares) ||
                          (best_shares == shares && partitions[broker] < partitions[best]);
      if (!better) continue;
      best = broker;
      best_shares = shares;
    }
    return best;
  }

  const Context& c_;
  GroupId id_;
  const Mover& mover_;
  std::vector<Slot> going_;
  std::vector<Position> taken_;       ///< brokers with a replica, or that get one
  std::vector<std::uint16_t> racks_;  ///< of the replicas that stay or come
};

/// A slot behind which there is no replica, and which no leadership of the past hangs on.
Slot free_slot(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (!has(c.present(id), slot) && slot != group.owner && slot != group.zombie) return slot;
  }
  return no_slot;
}

bool all_in_list(const ThrottledReplicas& list, const Context& c, GroupId id, Position broker) {
  if (list.all) return true;
  if (list.members.empty()) return false;
  const auto& groups = c.topic_of(id).group_of;
  for (std::size_t partition = 0; partition < groups.size(); ++partition) {
    if (groups[partition] == id && !list.holds(partition, c.plan.node_ids[broker])) return false;
  }
  return true;
}

/// The topic's lists name brokers: whether they name the slot's new one for all partitions of the group.
void set_lists(Context& c, GroupId id, Slot slot, Place& place) {
  place.throttled_followers = without(place.throttled_followers, slot);
  place.throttled_leaders = without(place.throttled_leaders, slot);
  const auto& topics = spec_of(c.world.plan->spec(ServiceId::of(c.service))).topics;
  const std::uint16_t topic = c.topic_of(id).spec;
  if (topic >= topics.size()) return;
  if (all_in_list(topics[topic].throttled_followers, c, id, place.broker[slot]))
    place.throttled_followers = with(place.throttled_followers, slot);
  if (all_in_list(topics[topic].throttled_leaders, c, id, place.broker[slot]))
    place.throttled_leaders = with(place.throttled_leaders, slot);
}

/// REQUIRES: the group is not on its way, and has a free slot.
void begin_move(Context& c, const Move& move) {
  const GroupId id = move.group;
  const Slot slot = free_slot(c, id);
  const SlotSet left = leave_throttles(c, id);
  Place& place = c.state.moves.places[id.value];
  GroupState& group = c.state.groups.edit(id);
  // What was behind the slot before is another broker's.
  if (group.last_leader == slot) group.last_leader = no_slot;
  forget_slot(c, id, slot);
  place.broker[slot] = move.to;
  // PartitionReassignmentReplicas: the target in its order, then what leaves.
  const auto assigned = static_cast<std::size_t>(size(place.assigned));
  *std::find(place.order.begin(), place.order.begin() + static_cast<std::ptrdiff_t>(assigned), move.from) = slot;
  place.order[assigned] = move.from;
  place.assigned = with(place.assigned, slot);
  place.present = with(place.present, slot);
  place.adding = slot;
  place.leaving = move.from;
  set_lists(c, id, slot, place);
  auto& hosted = c.state.moves.hosted[move.to];
  const std::pair replica(id, slot);
  hosted.insert(std::lower_bound(hosted.begin(), hosted.end(), replica), replica);
  ++c.state.moves.moving;
  join_throttles(c, id, left);
  begin_replica(c, id, slot);
  put_in(c, id, slot);
}

/// One of the two that are on the way becomes none: the old one when the new one is in sync, or the new one.
void settle_move(Context& c, GroupId id, bool done) {
  const SlotSet left = leave_throttles(c, id);
  Place& place = c.state.moves.places[id.value];
  const Slot gone = done ? place.leaving : place.adding;
  if (!done) *std::find(place.order.begin(), place.order.end(), place.adding) = place.leaving;
  place.assigned = without(place.assigned, gone);
  place.adding = place.leaving = no_slot;
  join_throttles(c, id, left);
  take_out(c, id, gone);
  place.left_at[gone] = c.state.groups[id].record.version;
  if (!c.runs(c.broker_process(place.broker[gone]))) drop_replica(c, id, gone);
  --c.state.moves.moving;
}

/// Nothing is on its way any more.
void end_reassignment(Context& c) {
  Moves& moves = c.state.moves;
  moves.emptied.clear();
  set_move_throttle(c, 0);
  moves.heals = false;
  c.world.queue.cancel(moves.check_timer);
  c.state.live_changed = true;
}

/// All replicas that stay are in sync, those of other brokers that are being emptied aside, which go by a move of their
/// own; before 3.8 the new one is enough.
bool may_end(const Context& c, GroupId id) {
  const Place& place = c.state.moves.places[id.value];
  const SlotSet isr = c.state.groups[id].record.isr;
  if (!has(isr, place.adding)) return false;
  if (!c.parameters.reassignment_awaits_all) return true;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (!has(place.assigned, slot) || slot == place.leaving || is_emptied(c, place.broker[slot])) continue;
    if (!has(isr, slot)) return false;
  }
  return true;
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
  if (hosted.empty()) return fmt::format("'{}' has no replicas", what);
  for (const auto& [group, slot] : hosted) {
    const std::size_t factor = service.groups[group].factor;
    const std::string_view limit = limit_of_moves(factor, service.brokers.size());
    if (service.brokers.size() > factor && !limit.empty())
      return fmt::format("'{}' keeps its replicas: {}", what, limit);
  }
  return fmt::format("there is no broker that could take a replica of '{}': each has one of every partition already",
                     what);
}

bool empty_brokers(Context& c, const std::vector<Position>& brokers, const Mover& mover) {
  Moves& moves = c.state.moves;
  if (moves.any() || !decides(c)) return false;
  moves.emptied = brokers;
  std::vector<Move> planned;
  std::vector<std::uint32_t> partitions = partitions_on(c);
  std::vector<std::uint32_t> stay(brokers.size(), 0);
  std::vector<GroupId> concerned;
  for (const Position broker : brokers) {
    for (const auto& [id, slot] : c.hosted(broker)) {
      if (has(c.assigned(id), slot)) concerned.push_back(id);
    }
  }
  std::sort(concerned.begin(), concerned.end());
  concerned.erase(std::unique(concerned.begin(), concerned.end()), concerned.end());
  bool all = true;
  for (const GroupId id : concerned) all = MovePlanner(c, id, mover).plan(planned, partitions) == 0 && all;
  if (planned.empty() || (mover.keeps_racks && !all)) {
    moves.emptied.clear();
    return false;
  }
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    for (const auto& [id, slot] : c.hosted(brokers[i])) {
      const bool goes = std::any_of(planned.begin(), planned.end(), [id = id, slot = slot](const Move& move) {
        return move.group == id && move.from == slot;
      });
      if (has(c.assigned(id), slot) && !goes) stay[i] += c.plan.groups[id].partitions;
    }
  }
  keep_places(c);
  set_move_throttle(c, mover.throttle);
  moves.heals = mover.heals;
  moves.may_begin = true;
  if (mover.heals) {
    moves.removed_at.resize(c.plan.brokers.size(), sim::Time::never());
    for (const Position broker : brokers) moves.removed_at[broker] = c.now();
  }
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    c.world.note(ReassignmentBegun{c.service, brokers[i]});
    if (stay[i] > 0) c.world.note(ReplicasStay{c.service, brokers[i]}, stay[i]);
  }
  moves.waiting = std::move(planned);
  tell_brokers(c);
  replication_changed(c);
  clients_changed(c);
  return true;
}

namespace {

const CruiseControlParameters& cruise_of(const Context& c) {
  return spec_of(c.world.plan->spec(ServiceId::of(c.service))).cruise;
}

/// How many partitions more Cruise Control moves into and out of a broker, and in all (ExecutionTaskPlanner,
/// getInterBrokerReplicaMovementTasks: a move is out of the broker that leads, which is read from). Partitions that are
/// placed alike move as one here, and count as one: as if one followed the other.
class Slots {
 public:
  explicit Slots(const Context& c) : c_(c), used_(c.plan.brokers.size(), 0) {
    for (const GroupId id : c.plan.groups.ids()) {
      const Place& place = c.state.moves.places[id.value];
      if (place.adding != no_slot) take(id, place.broker[place.leaving], place.broker[place.adding]);
    }
  }
  [[nodiscard]] bool free_for(const Move& move) const {
    const CruiseControlParameters& p = cruise_of(c_);
    const Position from = source(move.group, c_.broker_of(move.group, move.from));
    return used_[from] < p.broker_movements && used_[move.to] < p.broker_movements && all_ < p.cluster_movements;
  }
  void take(GroupId group, Position leaves, Position to) {
    ++used_[source(group, leaves)];
    ++used_[to];
    ++all_;
  }

 private:
  /// The broker that `leaves` where nobody leads.
  [[nodiscard]] Position source(GroupId group, Position leaves) const {
    const Slot leader = c_.state.groups[group].record.leader;
    return leader == no_slot ? leaves : c_.broker_of(group, leader);
  }

  const Context& c_;
  std::vector<Count> used_;  ///< by broker
  Count all_ = 0;
};

void look_at_moves(Context& c) {
  Moves& moves = c.state.moves;
  if (moves.waiting.empty() || c.world.queue.pending(moves.check_timer)) return;
  moves.check_timer = c.world.schedule(moves.checks.after(c.now()), MovesLook{c.service});
}

/// Those of the waiting moves begin that have a place and that `may` lets. Whether any did.
template <class May>
bool begin_waiting(Context& c, May may) {
  Moves& moves = c.state.moves;
  std::vector<Move> waiting;
  std::swap(waiting, moves.waiting);
  for (const Move& move : waiting) {
    const bool fits = moves.places[move.group.value].adding == no_slot && free_slot(c, move.group) != no_slot;
    if (fits && may(move))
      begin_move(c, move);
    else
      moves.waiting.push_back(move);
  }
  return moves.waiting.size() < waiting.size();
}

/// Executor.interBrokerMoveReplicas: it begins with as many as it may, looks each so often, and goes on once some are
/// done.
void begin_some(Context& c) {
  Moves& moves = c.state.moves;
  if (!moves.may_begin) return;
  Slots slots(c);
  const bool begun = begin_waiting(c, [&](const Move& move) {
    const bool free = slots.free_for(move);
    if (free) slots.take(move.group, c.broker_of(move.group, move.from), move.to);
    return free;
  });
  moves.may_begin = false;
  if (begun || moves.moving == 0) moves.checks = {c.now(), cruise_of(c).progress_check};
  if (begun) plan_transfers(c);
  // What waits for a slot that is still taken is tried again.
  if (moves.moving == 0) look_at_moves(c);
}

}  // namespace

void go_on_with_moves(Context& c) {
  Moves& moves = c.state.moves;
  if (moves.waiting.empty() || !decides(c)) return;
  if (moves.heals) return begin_some(c);
  if (begin_waiting(c, [](const Move&) { return true; })) plan_transfers(c);
}

void end_move(Context& c, GroupId id) {
  Moves& moves = c.state.moves;
  if (moves.places.empty() || moves.places[id.value].adding == no_slot || !may_end(c, id)) return;
  settle_move(c, id, true);
  if (moves.heals) look_at_moves(c);
  if (!moves.any()) {
    end_reassignment(c);
    c.world.note(ReassignmentDone{c.service});
  }
  plan_transfers(c);
}

void stop_healing(Context& c, Position fenced) {
  Moves& moves = c.state.moves;
  if (!moves.heals || is_emptied(c, fenced)) return;
  const bool awaited = std::any_of(c.hosted(fenced).begin(), c.hosted(fenced).end(), [&](const auto& replica) {
    return moves.places[replica.first.value].adding != no_slot && has(c.assigned(replica.first), replica.second);
  });
  if (!awaited) return;
  c.world.note(HealingStopped{c.service});
  moves.waiting.clear();
  for (const GroupId id : c.plan.groups.ids()) {
    if (moves.places[id.value].adding != no_slot) settle_move(c, id, false);
  }
  end_reassignment(c);
  plan_transfers(c);
}

void throttle_changed(Context& c) {
  const Moves& moves = c.state.moves;
  if (!moves.any()) return;
  const Spec& spec = spec_of(c.world.plan->spec(ServiceId::of(c.service)));
  set_move_throttle(c, (moves.heals ? spec.cruise.throttle : c.parameters.reassignment_throttle).bytes_per_s);
}

void drop_left_replicas(Context& c, Position broker) {
  if (c.state.moves.places.empty()) return;
  const auto hosted = c.hosted(broker);  // some of them go
  for (const auto& [id, slot] : hosted) {
    if (!has(c.assigned(id), slot)) drop_replica(c, id, slot);
  }
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

void on(World& world, const MovesLook& event) {
  Context c = context(world, event.service);
  world.stale = c.state.moves.waiting.empty();
  if (world.stale) return;
  c.state.moves.may_begin = true;
  tell_brokers(c);
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
