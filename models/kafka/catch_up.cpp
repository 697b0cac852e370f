#include "models/kafka/catch_up.hpp"

#include <algorithm>

#include "models/fabric/events.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/state.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/replication.hpp"

namespace nines::models::kafka {

namespace {

// Live load takes what it wants before catch-up gets anything: its share at a bottleneck is this much larger.
constexpr double live_weight = 1e6;
// Live load below its demand by more than rounding is held back.
constexpr double served = 1 - 1e-6;

Position leader_of(const Context& c, GroupId group) { return c.broker_of(group, c.state.groups[group].owner); }

Transfer* find(State& state, Position to, Position from) {
  const auto at = std::find_if(state.transfers.begin(), state.transfers.end(),
                               [&](const Transfer& t) { return t.to == to && t.from == from; });
  return at == state.transfers.end() ? nullptr : &*at;
}

/// Calls `use(group, slot)` for every replica that the transfer fills.
template <class Use>
void each_member(Context& c, const Transfer& transfer, Use&& use) {
  for (const auto& [group, slot] : c.plan.hosted[transfer.to]) {
    const bool behind = c.state.groups[group].replicas[slot].mode == ReplicaState::Mode::catching_up;
    if (behind && leader_of(c, group) == transfer.from) use(group, slot);
  }
}

double missing_bytes(const Context& c, GroupId id, const ReplicaState& replica) {
  const double records = std::max(0.0, replica.missing.all) + std::max(0.0, replica.missing.one);
  return records * c.topic_of(id).record_bytes * c.plan.groups[id].partitions;
}

/// Applies what the flow has moved to the replicas it fills.
void settle(Context& c, Transfer& transfer) {
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
    ReplicaState& replica = c.state.groups[group].replicas[slot];
    replica.missing.all *= left;
    replica.missing.one *= left;
  });
}

// ---- ways ----

NodeId node_of(const Context& c, Position broker) { return c.world.processes[c.broker_process(broker)].node; }

fabric::Route disk_of(const Context& c, Position broker) {
  const Plan& plan = *c.world.plan;
  return fabric::disk_route(plan.layout, plan, node_of(c, broker), plan.processes[c.broker_process(broker)].volume);
}

fabric::Route way_of(const Context& c, const Transfer& transfer) {
  const Plan& plan = *c.world.plan;
  fabric::Route route = disk_of(c, transfer.from);
  route.add(fabric::network_route(plan.layout, plan, node_of(c, transfer.from), node_of(c, transfer.to)));
  route.add(disk_of(c, transfer.to));
  if (c.parameters.leader_throttle.bytes_per_s > 0)
    route.add(plan.layout.leader_throttle[c.broker_process(transfer.from)]);
  if (c.parameters.follower_throttle.bytes_per_s > 0)
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

inline bool follows(const ReplicaState& replica) {
  return replica.mode == ReplicaState::Mode::in_step || replica.mode == ReplicaState::Mode::catching_up;
}

/// Works out what each broker that takes part writes and sends while it serves.
void work_out_live_load(Context& c) {
  for (LiveLoad& load : c.state.live) {
    load.in_per_s = 0;
    load.out_per_s = 0;
    for (const auto& [id, slot] : c.plan.hosted[load.broker]) {
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

void put_on_fabric(fabric::Changes& fabric, sim::Time now, fabric::FlowId& flow, double bytes_per_s,
                   const fabric::Route& route) {
  if (bytes_per_s <= 0) {
    if (fabric->running(flow)) fabric->cancel(now, flow);
    return;
  }
  if (fabric->running(flow)) {
    fabric->set_cap(now, flow, {bytes_per_s});
  } else {
    flow = fabric->start(now, {.route = route, .cap = {bytes_per_s}, .weight = live_weight});
  }
}

void put_live_load_on_fabric(Context& c, fabric::Changes& fabric) {
  const Plan& plan = *c.world.plan;
  for (LiveLoad& load : c.state.live) {
    fabric::Route in;
    fabric::Route out;
    // A broker without a machine neither writes nor sends.
    if (const NodeId node = node_of(c, load.broker); node.exists()) {
      in = disk_of(c, load.broker);
      in.add(plan.layout.down[node]);
      out.add(plan.layout.up[node]);
    }
    put_on_fabric(fabric, c.now(), load.in, load.in_per_s, in);
    put_on_fabric(fabric, c.now(), load.out, load.out_per_s, out);
  }
}

void take_part(Context& c, Position broker) {
  const bool known = std::any_of(c.state.live.begin(), c.state.live.end(),
                                 [&](const LiveLoad& load) { return load.broker == broker; });
  if (known) return;
  c.state.live.push_back({});
  c.state.live.back().broker = broker;
  c.state.live_changed = true;
}

/// The live part of what the transfers' fetchers carry.
void work_out_pairs(Context& c) {
  for (Transfer& transfer : c.state.transfers) {
    transfer.live_per_s = 0;
    transfer.unsynced_per_s = 0;
  }
  // Transfers are sorted by receiver: one pass over its replicas for all its sources.
  for (std::size_t first = 0; first < c.state.transfers.size();) {
    const Position to = c.state.transfers[first].to;
    std::size_t end = first;
    while (end < c.state.transfers.size() && c.state.transfers[end].to == to) ++end;
    for (const auto& [id, slot] : c.plan.hosted[to]) {
      if (!has_load(c, id)) continue;
      const ReplicaState& replica = c.state.groups[id].replicas[slot];
      if (!follows(replica)) continue;
      const auto begin = c.state.transfers.begin();
      const auto at =
          std::lower_bound(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(end),
                           leader_of(c, id), [](const Transfer& t, Position from) { return t.from < from; });
      if (at == begin + static_cast<std::ptrdiff_t>(end) || at->from != leader_of(c, id)) continue;
      const double followed = produced(c, id);
      at->live_per_s += followed;
      if (replica.mode == ReplicaState::Mode::catching_up) at->unsynced_per_s += followed;
    }
    first = end;
  }
}

/// What the throttles leave for catch-up beside the live records of replicas that are behind.
void set_throttles(Context& c, fabric::Changes& fabric) {
  const fabric::Layout& layout = c.world.plan->layout;
  const double into = c.parameters.follower_throttle.bytes_per_s;
  const double out_of = c.parameters.leader_throttle.bytes_per_s;
  if (into <= 0 && out_of <= 0) return;
  for (const LiveLoad& load : c.state.live) {
    const ProcessId process = c.broker_process(load.broker);
    double live_in = 0;
    double live_out = 0;
    for (const Transfer& transfer : c.state.transfers) {
      if (transfer.to == load.broker) live_in += transfer.unsynced_per_s;
      if (transfer.from == load.broker) live_out += transfer.unsynced_per_s;
    }
    if (into > 0) fabric->set_capacity(c.now(), layout.follower_throttle[process], {std::max(0.0, into - live_in)});
    if (out_of > 0) fabric->set_capacity(c.now(), layout.leader_throttle[process], {std::max(0.0, out_of - live_out)});
  }
}

/// What its fetchers leave for catch-up.
Bandwidth cap_of(const Context& c, const Transfer& transfer) {
  const double threads = static_cast<double>(c.parameters.replica_fetchers);
  return {std::max(0.0, threads * c.parameters.fetcher_rate.bytes_per_s - transfer.live_per_s)};
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

Transfer& transfer_between(Context& c, Position to, Position from) {
  auto& all = c.state.transfers;
  const auto at = std::lower_bound(all.begin(), all.end(), std::pair(to, from),
                                   [](const Transfer& t, const auto& pair) { return std::pair(t.to, t.from) < pair; });
  if (at != all.end() && at->to == to && at->from == from) return *at;
  Transfer transfer;
  transfer.to = to;
  transfer.from = from;
  return *all.insert(at, transfer);
}

void arm_last_fetch(Context& c, Transfer& transfer) {
  // The last fetch still takes a round.
  transfer.last_fetch =
      c.world.schedule(c.now() + c.parameters.replication_latency, PairCaughtUp{c.service, transfer.to, transfer.from});
}

void restart(Context& c, fabric::Changes& fabric, Transfer& transfer) {
  transfer.outdated = false;
  transfer.since = c.now();
  transfer.bytes = 0;
  each_member(c, transfer, [&](GroupId group, Slot slot) {
    transfer.bytes += missing_bytes(c, group, c.state.groups[group].replicas[slot]);
    // One that only changed its leader lacks milliseconds: nobody waits for that.
    if (!has(c.state.groups[group].leader_isr, slot)) c.state.brokers[transfer.to].behind = true;
  });
  if (transfer.bytes <= 0) return arm_last_fetch(c, transfer);
  transfer.flow =
      fabric->start(c.now(), {.route = way_of(c, transfer),
                              .bytes = {transfer.bytes},
                              .cap = cap_of(c, transfer),
                              .owner = fabric::owner(c.broker_process(transfer.to), c.broker_process(transfer.from)),
                              .cause = c.world.trace.current()});
}

void drop(Context& c, fabric::Changes& fabric, Transfer& transfer) {
  c.world.queue.cancel(transfer.last_fetch);
  fabric->cancel(c.now(), transfer.flow);
}

void remove_idle_transfers(Context& c) {
  std::erase_if(c.state.transfers, [&](const Transfer& transfer) {
    if (!transfer.outdated) return false;
    bool any = false;
    each_member(c, transfer, [&](GroupId, Slot) { any = true; });
    return !any;
  });
}

}  // namespace

void settle_transfer(Context& c, GroupId group, Slot slot) {
  Transfer* transfer = find(c.state, c.broker_of(group, slot), leader_of(c, group));
  if (transfer != nullptr) settle(c, *transfer);
}

void settle_transfers_to(Context& c, Position to) {
  for (Transfer& transfer : c.state.transfers) {
    if (transfer.to != to) continue;
    settle(c, transfer);
    transfer.outdated = true;
  }
}

void transfer_changed(Context& c, GroupId group, Slot slot) {
  transfer_between(c, c.broker_of(group, slot), leader_of(c, group)).outdated = true;
}

void plan_transfers(Context& c) {
  auto& transfers = c.state.transfers;
  const bool outdated = std::any_of(transfers.begin(), transfers.end(), [](const Transfer& t) { return t.outdated; });
  const bool due = transfers.empty() ? !c.state.live.empty() : outdated || c.state.live_changed;
  if (!due) return;
  fabric::Changes fabric(c.world);
  for (Transfer& transfer : transfers) {
    if (transfer.outdated) drop(c, fabric, transfer);
  }
  remove_idle_transfers(c);
  if (transfers.empty()) {
    for (const LiveLoad& load : c.state.live) {
      fabric->cancel(c.now(), load.in);
      fabric->cancel(c.now(), load.out);
    }
    c.state.live.clear();
    return;
  }
  for (const Transfer& transfer : transfers) {
    take_part(c, transfer.to);
    take_part(c, transfer.from);
  }
  if (c.state.live_changed) {
    c.state.live_changed = false;
    work_out_live_load(c);
    put_live_load_on_fabric(c, fabric);
  }
  work_out_pairs(c);
  set_throttles(c, fabric);
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
  plan_transfers(c);
}

void catch_up_delivered(World& world, const fabric::Ending& ending) {
  const ProcessId receiver = fabric::receiver(ending.owner);
  const auto service = static_cast<Service>(world.plan->processes[receiver].service);
  Context c = context(world, service);
  Transfer* transfer = find(c.state, broker_at(c.plan, receiver), broker_at(c.plan, fabric::sender(ending.owner)));
  if (transfer == nullptr || transfer->flow != ending.flow || transfer->outdated) return;
  settle(c, *transfer);
  const double share = live_share(c, *transfer);
  if (share >= served) return arm_last_fetch(c, *transfer);
  // What came in meanwhile did not get through: the replicas are behind again by that much.
  const double unmatched_s = (1 - share) * (c.now() - transfer->since).to_seconds();
  each_member(c, *transfer, [&](GroupId id, Slot slot) {
    ReplicaState& replica = c.state.groups[id].replicas[slot];
    replica.missing.all += c.topic_of(id).records_all_per_s * unmatched_s;
    replica.missing.one += c.topic_of(id).records_one_per_s * unmatched_s;
  });
  transfer->outdated = true;
  plan_transfers(c);
}

void on(World& world, const PairCaughtUp& event) {
  Context c = context(world, event.service);
  auto& transfers = c.state.transfers;
  const Transfer* transfer = find(c.state, event.to, event.from);
  if (transfer == nullptr) {
    world.stale = true;
    return;
  }
  each_member(c, *transfer, [&](GroupId id, Slot slot) { replica_complete(c, id, slot); });
  transfers.erase(transfers.begin() + (transfer - transfers.data()));
  const bool last =
      std::none_of(transfers.begin(), transfers.end(), [&](const Transfer& t) { return t.to == event.to; });
  if (last && c.state.brokers[event.to].behind) {
    c.state.brokers[event.to].behind = false;
    world.note(CatchUpDone{event.service, event.to});
  }
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
