#include "models/kafka/catch_up.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "models/fabric/events.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/state.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/replication.hpp"

namespace nines::models::kafka {

namespace {

// Live load takes what it wants before catch-up gets anything: its share at a bottleneck is this much larger.
constexpr double live_weight = 1e6;

Position leader_of(const Context& c, GroupId group) { return c.broker_of(group, c.state.groups[group].owner); }

/// Those whose list names the replica: of followers, its own; of leaders, the one it fetches from.
Throttles throttles_of(const Context& c, GroupId id, Slot slot) {
  const Moves& moves = c.state.moves;
  // kafka-reassign-partitions and Cruise Control list what they move for its new broker, and all replicas that were
  // there before for the leader: it holds back whatever of the partition is out of sync (ReplicaManager.
  // shouldLeaderThrottle), a bystander that has restarted too.
  const bool listed = moves.throttle > 0 && !moves.places.empty() && moves.places[id.value].adding != no_slot;
  const bool follows_lists = listed && moves.places[id.value].adding == slot;
  const unsigned follower = follows_lists || has(c.throttled_followers(id), slot) ? 1U : 0U;
  const unsigned leader = listed || has(c.throttled_leaders(id), c.state.groups[id].owner) ? 2U : 0U;
  return static_cast<Throttles>(follower | leader);
}
bool throttled(const Transfer& transfer, Throttles by) {
  return (static_cast<unsigned>(transfer.throttles) & static_cast<unsigned>(by)) != 0;
}

/// Which transfer a replica belongs to; transfers are in this order.
using Way = std::tuple<Position, Position, Throttles>;
Way way_to(const Context& c, GroupId group, Slot slot) {
  return {c.broker_of(group, slot), leader_of(c, group), throttles_of(c, group, slot)};
}
Way way_of(const Transfer& transfer) { return {transfer.to, transfer.from, transfer.throttles}; }

auto place_of(std::vector<Transfer>& transfers, const Way& way) {
  return std::lower_bound(transfers.begin(), transfers.end(), way,
                          [](const Transfer& transfer, const Way& other) { return way_of(transfer) < other; });
}

Transfer* find(State& state, const Way& way) {
  const auto at = place_of(state.transfers, way);
  return at == state.transfers.end() || way_of(*at) != way ? nullptr : &*at;
}

/// Calls `use(transfer)` for every transfer from one broker to another.
template <class Use>
void each_beside(const Context& c, Position to, Position from, Use&& use) {
  auto& transfers = c.state.transfers;
  for (auto at = place_of(transfers, {to, from, Throttles::none});
       at != transfers.end() && at->to == to && at->from == from; ++at) {
    use(*at);
  }
}

/// Calls `use(group, slot)` for every replica that the transfer fills.
template <class Use>
void each_member(Context& c, const Transfer& transfer, Use&& use) {
  for (const auto& [group, slot] : transfer.members) {
    assert(c.state.groups[group].replicas[slot].mode == ReplicaState::Mode::catching_up);
    use(group, slot);
  }
}

double missing_bytes(const Context& c, GroupId id, const ReplicaState& replica) {
  const double records = std::max(0.0, replica.missing.all) + std::max(0.0, replica.missing.one);
  return records * c.topic_of(id).record_bytes * c.plan.groups[id].partitions;
}

/// The replica has not got what came in so many seconds. While it is in the ISR and does not merely lag, nothing came
/// with acks=all: that waits for it.
void fall_behind_by(Context& c, GroupId group, Slot slot, double seconds) {
  GroupState& its = c.state.groups.edit(group);
  ReplicaState& replica = its.replicas[slot];
  const bool waited_for = has(its.leader_isr, slot) && !replica.lags;
  if (!waited_for) replica.missing.all += c.topic_of(group).records_all_per_s * seconds;
  replica.missing.one += c.topic_of(group).records_one_per_s * seconds;
}

/// What did not get through of the live records since the last look: the replicas are further behind by that.
void grow(Context& c, Transfer& transfer) {
  const double seconds = transfer.unmatched * (c.now() - transfer.grown_since).to_seconds();
  transfer.grown_since = c.now();
  if (seconds <= 0) return;
  each_member(c, transfer, [&](GroupId group, Slot slot) {
    if (acts_as_leader(c, group, c.state.groups[group].owner)) fall_behind_by(c, group, slot, seconds);
  });
}

/// Applies what the flow has moved to the replicas it fills.
void settle(Context& c, Transfer& transfer) {
  grow(c, transfer);
  if (transfer.bytes <= 0) return;
  double remaining = 0;
  {
    fabric::Changes fabric(c.world);
    fabric->go_to(c.now());
    if (fabric->running(transfer.flow)) remaining = fabric->remaining(transfer.flow).count;
  }
  const double left = std::clamp(remaining / transfer.bytes, 0.0, 1.0);
  transfer.bytes = remaining;
  each_member(c, transfer, [&](GroupId group, Slot slot) {
    ReplicaState& replica = c.state.groups.edit(group).replicas[slot];
    replica.missing.all *= left;
    replica.missing.one *= left;
  });
}

// ---- ways ----

/// What the throttles let through: while replicas are moved within a limit, that one.
Bandwidth limit_into(const Context& c) {
  return c.state.moves.throttle > 0 ? Bandwidth{c.state.moves.throttle} : c.parameters.follower_throttle;
}
Bandwidth limit_out_of(const Context& c) {
  return c.state.moves.throttle > 0 ? Bandwidth{c.state.moves.throttle} : c.parameters.leader_throttle;
}

NodeId node_of(const Context& c, Position broker) { return c.world.processes[c.broker_process(broker)].node; }

fabric::Route disk_of(const Context& c, Position broker) {
  const Plan& plan = *c.world.plan;
  return fabric::disk_route(plan.layout, plan, node_of(c, broker), plan.processes[c.broker_process(broker)].volume);
}

fabric::Route route_of(const Context& c, const Transfer& transfer) {
  const Plan& plan = *c.world.plan;
  fabric::Route route = disk_of(c, transfer.from);
  route.add(fabric::network_route(plan.layout, plan, node_of(c, transfer.from), node_of(c, transfer.to)));
  route.add(disk_of(c, transfer.to));
  if (throttled(transfer, Throttles::leader) && limit_out_of(c).bytes_per_s > 0)
    route.add(plan.layout.leader_throttle[c.broker_process(transfer.from)]);
  if (throttled(transfer, Throttles::follower) && limit_into(c).bytes_per_s > 0)
    route.add(plan.layout.follower_throttle[c.broker_process(transfer.to)]);
  return route;
}

// ---- live load ----

/// Bytes per second that are produced to the group while somebody leads it.
inline double produced(const Context& c, GroupId id) {
  if (!acts_as_leader(c, id, c.state.groups[id].owner)) return 0;
  return c.topic_of(id).bytes_per_s() * c.plan.groups[id].partitions;
}

inline bool has_load(const Context& c, GroupId id) { return c.topic_of(id).bytes_per_s() > 0; }

/// Works out what each broker that takes part writes and sends while it serves.
void work_out_live_load(Context& c) {
  for (LiveLoad& load : c.state.live) {
    if (!load.load_outdated) continue;
    load.load_outdated = false;
    load.in_per_s = 0;
    load.out_per_s = 0;
    for (const auto& [id, slot] : c.hosted(load.broker)) {
      if (!has_load(c, id)) continue;
      const GroupState& group = c.state.groups[id];
      if (slot != group.owner) {
        if (follows(group.replicas[slot])) load.in_per_s += produced(c, id);
        continue;
      }
      double readers = c.topic_of(id).consumer_fanout;
      for (Slot other = 0; other < c.plan.groups[id].replicas; ++other) {
        if (follows(group.replicas[other])) ++readers;
      }
      const double led = produced(c, id);
      load.in_per_s += led;
      load.out_per_s += led * readers;
    }
  }
}

/// `route()` is asked for only if the flow is new.
template <class Route>
void put_on_fabric(fabric::Changes& fabric, sim::Time now, fabric::FlowId& flow, double bytes_per_s, Route&& route) {
  if (bytes_per_s <= 0) {
    if (fabric->running(flow)) fabric->cancel(now, flow);
    return;
  }
  if (fabric->running(flow)) {
    fabric->set_cap(now, flow, {bytes_per_s});
  } else {
    flow = fabric->start(now, {.route = route(), .cap = {bytes_per_s}, .weight = live_weight});
  }
}

void put_live_load_on_fabric(Context& c, fabric::Changes& fabric) {
  const Plan& plan = *c.world.plan;
  for (LiveLoad& load : c.state.live) {
    // A broker without a machine neither writes nor sends.
    const NodeId node = node_of(c, load.broker);
    put_on_fabric(fabric, c.now(), load.in, load.in_per_s, [&] {
      fabric::Route in;
      if (!node.exists()) return in;
      in = disk_of(c, load.broker);
      in.add(plan.layout.down[node]);
      return in;
    });
    put_on_fabric(fabric, c.now(), load.out, load.out_per_s, [&] {
      fabric::Route out;
      if (node.exists()) out.add(plan.layout.up[node]);
      return out;
    });
  }
}

void take_part(Context& c, Position broker) {
  if (c.state.live_at[broker] != 0) return;
  c.state.live.push_back({});
  c.state.live.back().broker = broker;
  c.state.live_at.edit(broker) = static_cast<std::uint16_t>(c.state.live.size());
  c.state.live_changed = true;
}

/// The live part of what the transfers' fetchers carry.
void work_out_pairs(Context& c) {
  // Transfers are sorted by receiver: one pass over its replicas for all its sources.
  for (std::size_t first = 0; first < c.state.transfers.size();) {
    const Position to = c.state.transfers[first].to;
    LiveLoad& load = c.state.live[c.state.live_at[to] - 1U];
    bool outdated = load.pairs_outdated;
    std::size_t end = first;
    for (; end < c.state.transfers.size() && c.state.transfers[end].to == to; ++end) {
      outdated = outdated || !c.state.transfers[end].counted;
    }
    if (!outdated) {
      first = end;
      continue;
    }
    load.pairs_outdated = false;
    // By broker: place of the first transfer from it, counted from 1; 0: none.
    std::vector<std::uint32_t> begin(c.state.brokers.size(), 0);
    for (std::size_t at = end; at-- > first;) {
      Transfer& transfer = c.state.transfers[at];
      begin[transfer.from] = static_cast<std::uint32_t>(at + 1);
      transfer.live_per_s = 0;
      transfer.unsynced_per_s = 0;
      transfer.counted = true;
    }
    for (const auto& [id, slot] : c.hosted(to)) {
      const Position from = leader_of(c, id);
      if (begin[from] == 0 || !has_load(c, id)) continue;
      const ReplicaState& replica = c.state.groups[id].replicas[slot];
      if (!follows(replica)) continue;
      const double followed = produced(c, id);
      const bool behind = replica.mode == ReplicaState::Mode::catching_up;
      // The fetchers of a pair carry it beside each of their transfers.
      for (std::size_t at = begin[from] - 1U; at < end && c.state.transfers[at].from == from; ++at) {
        Transfer& transfer = c.state.transfers[at];
        transfer.live_per_s += followed;
        if (behind && transfer.throttles == throttles_of(c, id, slot)) transfer.unsynced_per_s += followed;
      }
    }
    first = end;
  }
}

/// What the throttles leave for catch-up beside the live records of replicas that are behind.
void set_throttles(Context& c, fabric::Changes& fabric) {
  const fabric::Layout& layout = c.world.plan->layout;
  const double into = limit_into(c).bytes_per_s;
  const double out_of = limit_out_of(c).bytes_per_s;
  if (into <= 0 && out_of <= 0) return;
  for (const LiveLoad& load : c.state.live) {
    const ProcessId process = c.broker_process(load.broker);
    double live_in = 0;
    double live_out = 0;
    for (const Transfer& transfer : c.state.transfers) {
      if (transfer.to == load.broker && throttled(transfer, Throttles::follower)) live_in += transfer.unsynced_per_s;
      if (transfer.from == load.broker && throttled(transfer, Throttles::leader)) live_out += transfer.unsynced_per_s;
    }
    if (into > 0) fabric->set_capacity(c.now(), layout.follower_throttle[process], {std::max(0.0, into - live_in)});
    if (out_of > 0) fabric->set_capacity(c.now(), layout.leader_throttle[process], {std::max(0.0, out_of - live_out)});
  }
}

/// Its part of what its fetchers leave for catch-up: transfers of one pair share it by their bytes, for a fetcher asks
/// for all its partitions in turn.
Bandwidth cap_of(const Context& c, const Transfer& transfer) {
  double bytes = 0;
  each_beside(c, transfer.to, transfer.from, [&](const Transfer& other) { bytes += other.bytes; });
  const double share = bytes > 0 ? transfer.bytes / bytes : 1;
  const double carried = fetchers_carry(c, transfer.to, transfer.from).bytes_per_s;
  return {std::max(0.0, carried - transfer.live_per_s) * share};
}

/// What the transfer hung on, by what limited its flow.
const std::string_view& input_of(const Context& c, const Transfer& transfer, fabric::ResourceId limit) {
  const Plan& plan = *c.world.plan;
  const fabric::Layout& layout = plan.layout;
  const auto volume_of = [&](Position broker) { return plan.processes[c.broker_process(broker)].volume; };
  const auto local = [&](Position broker) { return plan.volumes[volume_of(broker)].node.exists(); };
  if (!limit.exists()) return inputs::fetcher_rate;
  const bool into = limit == layout.follower_throttle[c.broker_process(transfer.to)];
  const bool out_of = limit == layout.leader_throttle[c.broker_process(transfer.from)];
  if ((into || out_of) && c.state.moves.throttle > 0)
    return c.state.moves.heals ? inputs::healing_throttle : inputs::reassignment_throttle;
  if (into) return inputs::follower_throttle;
  if (out_of) return inputs::leader_throttle;
  if (limit == layout.volume[volume_of(transfer.to)]) return local(transfer.to) ? inputs::local_disk : inputs::volume;
  if (limit == layout.volume[volume_of(transfer.from)])
    return local(transfer.from) ? inputs::source_local_disk : inputs::source_volume;
  if (limit == layout.ebs[node_of(c, transfer.to)]) return inputs::machine_ebs;
  if (limit == layout.ebs[node_of(c, transfer.from)]) return inputs::source_machine_ebs;
  return limit == layout.up[node_of(c, transfer.from)] ? inputs::source_network : inputs::network;
}

/// Share of its live load that reaches a broker from its leader now.
double live_share(Context& c, const Transfer& transfer) {
  fabric::Changes fabric(c.world);
  double share = 1;
  for (const LiveLoad& load : c.state.live) {
    if (load.broker == transfer.to && fabric->running(load.in))
      share = std::min(share, fabric->rate(load.in).bytes_per_s / load.in_per_s);
    if (load.broker == transfer.from && fabric->running(load.out))
      share = std::min(share, fabric->rate(load.out).bytes_per_s / load.out_per_s);
  }
  return share;
}

// ---- transfers ----

Transfer& transfer_on(Context& c, const Way& way) {
  auto& all = c.state.transfers;
  const auto at = place_of(all, way);
  if (at != all.end() && way_of(*at) == way) return *at;
  Transfer transfer;
  std::tie(transfer.to, transfer.from, transfer.throttles) = way;
  return *all.insert(at, transfer);
}

void arm_last_fetch(Context& c, Transfer& transfer) {
  // The last fetch still takes a round.
  transfer.last_fetch = c.world.schedule(c.now() + c.parameters.replication_latency,
                                         PairCaughtUp{c.service, transfer.to, transfer.from, transfer.throttles});
}

/// Adds up what it has to move.
void measure(Context& c, Transfer& transfer) {
  transfer.bytes = 0;
  each_member(c, transfer, [&](GroupId group, Slot slot) {
    transfer.bytes += missing_bytes(c, group, c.state.groups[group].replicas[slot]);
    // One that only changed its leader lacks milliseconds: nobody waits for that.
    if (!has(c.state.groups[group].leader_isr, slot)) c.state.brokers.edit(transfer.to).behind = true;
  });
}

/// REQUIRES: measured.
void restart(Context& c, fabric::Changes& fabric, Transfer& transfer) {
  transfer.outdated = false;
  transfer.since = transfer.grown_since = c.now();
  if (transfer.unmatched > 0) {
    // Live records take all there is, and do not all get through: nothing is copied.
    transfer.bytes = 0;
    return;
  }
  if (transfer.bytes <= 0) return arm_last_fetch(c, transfer);
  transfer.flow =
      fabric->start(c.now(), {.route = route_of(c, transfer),
                              .bytes = {transfer.bytes},
                              .cap = cap_of(c, transfer),
                              .owner = fabric::owner(c.broker_process(transfer.to), c.broker_process(transfer.from)),
                              .cause = c.world.trace.current()});
}

void drop(Context& c, fabric::Changes& fabric, Transfer& transfer) {
  c.world.queue.cancel(transfer.last_fetch);
  fabric->cancel(c.now(), transfer.flow);
}

/// Works out what of the live loads gets through while something is degraded. Transfers of which that changes are
/// planned anew.
void see_shares(Context& c, fabric::Changes& fabric) {
  const bool impaired = !c.state.impaired.empty();
  for (LiveLoad& load : c.state.live) {
    if (!impaired) break;
    load.in_share = fabric->running(load.in) ? fabric->rate(load.in).bytes_per_s / load.in_per_s : 1;
    load.out_share = fabric->running(load.out) ? fabric->rate(load.out).bytes_per_s / load.out_per_s : 1;
  }
  for (Transfer& transfer : c.state.transfers) {
    const double share = impaired ? share_between(c, transfer.to, transfer.from, transfer.live_per_s) : 1;
    if (1 - share == transfer.unmatched) continue;
    settle(c, transfer);
    transfer.unmatched = 1 - share;
    drop(c, fabric, transfer);
    transfer.outdated = true;
    for (const auto& [group, slot] : transfer.members) expect_late_acks(c, group, slot, share);
  }
}

void remove_idle_transfers(Context& c) {
  std::erase_if(c.state.transfers,
                [](const Transfer& transfer) { return transfer.outdated && transfer.members.empty(); });
}

void forget_live_loads(Context& c) {
  for (const LiveLoad& load : c.state.live) c.state.live_at.edit(load.broker) = 0;
  c.state.live.clear();
}

}  // namespace

void settle_transfer(Context& c, GroupId group, Slot slot) {
  Transfer* transfer = find(c.state, way_to(c, group, slot));
  if (transfer != nullptr) settle(c, *transfer);
}

void settle_transfers_to(Context& c, Position to) {
  for (Transfer& transfer : c.state.transfers) {
    if (transfer.to != to) continue;
    settle(c, transfer);
    transfer.outdated = true;
  }
}

void transfer_changed(Context& c, GroupId group, Slot slot) { transfer_on(c, way_to(c, group, slot)).outdated = true; }

void join_transfer(Context& c, GroupId group, Slot slot) {
  auto& members = transfer_on(c, way_to(c, group, slot)).members;
  const std::pair member(group, slot);
  members.insert(std::lower_bound(members.begin(), members.end(), member), member);
}

void quit_transfer(Context& c, GroupId group, Slot slot) {
  Transfer* transfer = find(c.state, way_to(c, group, slot));
  assert(transfer != nullptr);
  auto& members = transfer->members;
  members.erase(std::lower_bound(members.begin(), members.end(), std::pair(group, slot)));
}

SlotSet leave_throttles(Context& c, GroupId group) {
  SlotSet left = 0;
  for (Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (c.state.groups[group].replicas[slot].mode != ReplicaState::Mode::catching_up) continue;
    settle_transfer(c, group, slot);
    transfer_changed(c, group, slot);
    quit_transfer(c, group, slot);
    left = with(left, slot);
  }
  return left;
}

void join_throttles(Context& c, GroupId group, SlotSet left) {
  if (left == 0) return;
  for (Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (!has(left, slot)) continue;
    join_transfer(c, group, slot);
    transfer_changed(c, group, slot);
  }
  load_changed(c, group);
  c.state.live_changed = true;
}

void set_move_throttle(Context& c, double bytes_per_s) {
  if (c.state.moves.throttle == bytes_per_s) return;
  std::vector<SlotSet> left;
  if (!c.state.transfers.empty()) {
    for (const GroupId group : c.plan.groups.ids()) left.push_back(leave_throttles(c, group));
  }
  c.state.moves.throttle = bytes_per_s;
  for (std::size_t group = 0; group < left.size(); ++group) join_throttles(c, GroupId::of(group), left[group]);
}

void load_changed(Context& c, GroupId group) {
  if (c.state.live.empty()) return;
  for (Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (!has(c.present(group), slot)) continue;
    const std::uint16_t place = c.state.live_at[c.broker_of(group, slot)];
    if (place == 0) continue;
    c.state.live[place - 1U].load_outdated = true;
    c.state.live[place - 1U].pairs_outdated = true;
  }
}

void loads_changed(Context& c, Position broker) {
  if (c.state.live.empty()) return;
  for (const auto& [group, slot] : c.hosted(broker)) load_changed(c, group);
}

void plan_transfers(Context& c) {
  auto& transfers = c.state.transfers;
  const bool outdated = std::any_of(transfers.begin(), transfers.end(), [](const Transfer& t) { return t.outdated; });
  const bool idle = transfers.empty() && c.state.impaired.empty();
  const bool due = idle ? !c.state.live.empty() : outdated || c.state.live_changed;
  if (!due) return;
  fabric::Changes fabric(c.world);
  for (Transfer& transfer : transfers) {
    if (transfer.outdated) drop(c, fabric, transfer);
  }
  remove_idle_transfers(c);
  if (transfers.empty() && c.state.impaired.empty()) {
    for (const LiveLoad& load : c.state.live) {
      fabric->cancel(c.now(), load.in);
      fabric->cancel(c.now(), load.out);
    }
    forget_live_loads(c);
    return;
  }
  for (const Transfer& transfer : transfers) {
    take_part(c, transfer.to);
    take_part(c, transfer.from);
  }
  for (const Position broker : c.state.impaired) take_part(c, broker);
  if (c.state.live_changed) {
    c.state.live_changed = false;
    work_out_live_load(c);
    put_live_load_on_fabric(c, fabric);
  }
  work_out_pairs(c);
  set_throttles(c, fabric);
  see_shares(c, fabric);
  for (Transfer& transfer : transfers) {
    if (transfer.outdated) measure(c, transfer);
  }
  for (Transfer& transfer : transfers) {
    if (transfer.outdated) {
      restart(c, fabric, transfer);
    } else if (fabric->running(transfer.flow)) {
      fabric->set_cap(c.now(), transfer.flow, cap_of(c, transfer));
    }
  }
}

void replan_all_transfers(Context& c) {
  for (Transfer& transfer : c.state.transfers) {
    settle(c, transfer);
    transfer.outdated = true;
  }
  c.state.live_changed = true;
  for (LiveLoad& load : c.state.live) load.load_outdated = load.pairs_outdated = true;
  plan_transfers(c);
}

void catch_up_delivered(World& world, const fabric::Ending& ending) {
  const ProcessId receiver = fabric::receiver(ending.owner);
  const auto service = static_cast<Service>(world.plan->processes[receiver].service.value);
  Context c = context(world, service);
  const auto transfer = std::find_if(c.state.transfers.begin(), c.state.transfers.end(),
                                     [&](const Transfer& other) { return other.flow == ending.flow; });
  if (transfer == c.state.transfers.end() || transfer->outdated) return;
  if (ending.limit) world.set_by(input_of(c, *transfer, *ending.limit));
  settle(c, *transfer);
  const double share = live_share(c, *transfer);
  if (share >= served) return arm_last_fetch(c, *transfer);
  // What came in meanwhile did not get through: the replicas are behind again by that much.
  const double unmatched_s = (1 - share) * (c.now() - transfer->since).to_seconds();
  each_member(c, *transfer, [&](GroupId id, Slot slot) { fall_behind_by(c, id, slot, unmatched_s); });
  transfer->outdated = true;
  plan_transfers(c);
}

void on(World& world, const PairCaughtUp& event) {
  Context c = context(world, event.service);
  auto& transfers = c.state.transfers;
  const Transfer* transfer = find(c.state, {event.to, event.from, event.throttles});
  if (transfer == nullptr) {
    world.stale = true;
    return;
  }
  const auto members = transfer->members;  // they leave it
  for (const auto& [id, slot] : members) replica_complete(c, id, slot);
  transfers.erase(transfers.begin() + (transfer - transfers.data()));
  bool last = true;
  for (const Transfer& other : transfers) {
    if (other.to != event.to) continue;
    last = false;
    if (other.from == event.from) c.state.live_changed = true;  // it has the fetchers for itself now
  }
  if (last && c.state.brokers[event.to].behind) {
    c.state.brokers.edit(event.to).behind = false;
    world.note(CatchUpDone{event.service, event.to});
  }
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
