#include "models/managed/failover.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "models/managed/client.hpp"
#include "models/managed/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::managed {

namespace {

Node& node_of(Context& c, Number node) { return c.state.nodes[node]; }
Group& group_of(Context& c, Number group) { return c.state.groups[group]; }
const std::vector<Number>& members(const Context& c, Number group) { return c.plan.groups[group]; }
ZoneId zone_of(const Context& c, Number node) {
  return c.world.plan->nodes[c.world.plan->processes[c.plan.nodes[node]].node].zone;
}

Duration draw(Context& c, Purpose purpose, const Law& law) { return c.world.draw(c.component, purpose, law); }

/// Who could lead in the place of who leads now: one that has all data, if there is one.
Number candidate(const Context& c, Number group) {
  const Number leader = c.state.groups[group].leader;
  Number other = nobody;
  for (const Number node : members(c, group)) {
    if (node == leader || !usable(c, node)) continue;
    if (c.state.nodes[node].has_data) return node;
    if (other == nobody) other = node;
  }
  return other;
}

void lose(Context& c, double records, bool replicated, std::string_view rule) {
  if (records <= 0) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.at = c.world.now;
  (replicated ? loss.records_all : loss.records_one) = records;
  // Each shard is written to alike.
  loss.seconds = c.spec.writes_per_s > 0 ? records * static_cast<double>(c.spec.shards) / c.spec.writes_per_s : 0;
  loss.rule = rule;
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

constexpr std::string_view rule_lag =
    "asynchronous replication: the promoted replica lacked what the lost primary had acknowledged";
constexpr std::string_view rule_log =
    "asynchronous durability: the transaction log lacked what the lost primary had acknowledged";
constexpr std::string_view rule_empty = "every node of a cache was lost: what it held is gone";
constexpr std::string_view rule_snapshot =
    "every node of a cache was lost: what was written since the last snapshot is gone";
constexpr std::string_view rule_mirror = "a mirror that had not synchronised took over: what waited in queues is gone";

double share_of_shard(const Context& c) { return 1 / static_cast<double>(c.plan.groups.size()); }

/// Of a cache whose primary was lost: what nobody else has. Source: ElastiCache user guide, Durability.Options (up to
/// the last 10 s; none if synchronous).
void lose_latest(Context& c) {
  if (c.spec.durability == Durability::synchronous) return;
  const bool logged = c.spec.durability == Durability::asynchronous;
  const Law& law = logged ? c.spec.parameters.cache_log_lag : c.spec.parameters.cache_lag;
  const double seconds = draw(c, Purpose::unreplicated_writes, law).to_seconds();
  lose(c, seconds * c.spec.writes_per_s * share_of_shard(c), false, logged ? rule_log : rule_lag);
}

/// Of a cache that comes back empty: all that it held, or what was written since the last snapshot.
void lose_all(Context& c, Number node) {
  const double held = c.spec.dataset.count / c.spec.write_size.count;
  if (c.spec.snapshot_every <= Duration()) return lose(c, held, false, rule_empty);
  const ComponentId component = c.world.plan->processes[c.plan.nodes[node]].component;
  const Duration age = c.world.phase(component, Purpose::snapshot_age, c.spec.snapshot_every);
  lose(c, std::min(held, age.to_seconds() * c.spec.writes_per_s * share_of_shard(c)), false, rule_snapshot);
}

/// A primary was lost, and a node leads from now on. `has_data`: there was a node that had copied from it.
void lose_with_primary(Context& c, Number node, bool has_data) {
  if (!holds_all(c.spec) || has_data) return lose_latest(c);
  lose_all(c, node);
}

// ---- who takes requests ----

/// Somebody takes the requests of the group from now on. `moved`: not who did before.
void resume(Context& c, Number number, bool moved, bool planned) {
  Group& group = group_of(c, number);
  group.serving = true;
  group.handing_over = false;
  ++group.epoch;
  if (moved) {
    group.moved = group.epoch;
    group.planned = planned;
  }
  const Law* law = announcement(c.spec);
  // A load balancer sends nothing to a node that is taken out in order.
  const bool follows = moved && law != nullptr && !(planned && needs_majority(c.spec));
  if (!follows) return;
  group.announced = false;
  c.world.queue.cancel(group.announce_timer);
  group.announce_timer =
      c.world.schedule(c.world.now + draw(c, Purpose::address_change, *law), Announced{c.service.value, number});
}

/// Somebody is finding out that the node is lost, or puts another in its place.
bool is_missed(const Context& c, Number node) {
  return c.world.queue.pending(c.state.nodes[node].detect_timer) ||
         c.world.queue.pending(c.state.nodes[node].promote_timer);
}

void expect_detection(Context& c, Number group, Number node) {
  if (is_missed(c, node)) return;
  node_of(c, node).detect_timer =
      c.world.schedule(c.world.now + draw(c, Purpose::failure_detection, *timings_of(c.spec).detect),
                       LossDetected{c.service.value, group, node});
}

/// Where all lead, each node that is gone leaves its share without a leader until others have it.
void look_at_shares(Context& c, Number number) {
  Group& group = group_of(c, number);
  bool leaderless = false;
  for (const Number member : members(c, number)) {
    Node& node = node_of(c, member);
    if (usable(c, member)) {
      node.gone = false;
      c.world.queue.cancel(node.detect_timer);
    } else if (!node.gone) {
      leaderless = true;
      expect_detection(c, number, member);
    }
  }
  if (group.handing_over) return;
  if (leaderless) {
    group.serving = false;
  } else if (!group.serving) {
    resume(c, number, std::exchange(group.left, false), false);
  }
}

/// Who led is back, and leads on: with what it has, or with what there is if nobody has more.
void look_at_return(Context& c, Number number) {
  Group& group = group_of(c, number);
  Node& leader = node_of(c, group.leader);
  const auto has_more = [&](Number other) {
    return other != group.leader && usable(c, other) && c.state.nodes[other].has_data;
  };
  const bool known = std::ranges::any_of(members(c, number), has_more);
  if (!leader.has_data && known && fails_over(c.spec)) return;
  // Without fail-over a primary that comes back takes what a replica has.
  if (!leader.has_data && forgets(c.spec)) lose_with_primary(c, group.leader, known);
  leader.has_data = true;
  c.world.queue.cancel(leader.detect_timer);
  resume(c, number, false, false);
}

/// A node that has joined copies what waits in queues, while somebody has it.
void look_at_queues(Context& c, Number number) {
  Group& group = group_of(c, number);
  if (!group.serving) {
    c.world.queue.cancel(group.sync_timer);  // nobody has what is to be copied
    return;
  }
  const auto lacks = [&](Number member) { return usable(c, member) && !c.state.nodes[member].has_data; };
  if (c.world.queue.pending(group.sync_timer) || !std::ranges::any_of(members(c, number), lacks)) return;
  const double seconds = c.spec.backlog.count / c.spec.parameters.queue_sync.bytes_per_s;
  group.sync_timer =
      c.world.schedule(c.world.now + Duration::from_seconds(seconds), QueuesSynchronised{c.service.value, number});
}

void look_at_leader(Context& c, Number number) {
  Group& group = group_of(c, number);
  if (!group.handing_over) {
    const bool leads = usable(c, group.leader);
    if (group.serving && !leads) group.serving = false;
    if (!group.serving && leads && !c.world.queue.pending(node_of(c, group.leader).promote_timer))
      look_at_return(c, number);
    if (!group.serving && fails_over(c.spec) && candidate(c, number) != nobody)
      expect_detection(c, number, group.leader);
  }
  if (synchronises(c.spec)) look_at_queues(c, number);
  if (!group.serving || !forgets(c.spec)) return;
  for (const Number member : members(c, number)) {
    if (usable(c, member)) node_of(c, member).has_data = true;
  }
}

/// Of brokers that all lead: how many replicas of the same partition may be away. Replicas are spread over zones where
/// these are enough (MSK developer guide: rack awareness by zone).
std::size_t replicas_away(const Context& c, Number group) {
  std::set<ZoneId> zones;
  std::size_t nodes = 0;
  for (const Number member : members(c, group)) {
    if (usable(c, member)) continue;
    ++nodes;
    zones.insert(zone_of(c, member));
  }
  return static_cast<std::size_t>(c.spec.copies) <= c.plan.zones ? zones.size() : nodes;
}

// ---- machines ----

void expect_replacement(Context& c, Number number) {
  Node& node = node_of(c, number);
  node.replacement_timer =
      c.world.schedule(c.world.now + draw(c, Purpose::server_replacement, *timings_of(c.spec).replacement),
                       NodeReplaced{c.service.value, number, node.life});
}

void look_at_machines(Context& c) {
  for (Number number = 0; number < c.state.nodes.size(); ++number) {
    const Node& node = node_of(c, number);
    const bool waits = c.world.queue.pending(node.start_timer) || c.world.queue.pending(node.replacement_timer);
    if (!node.started && !waits && !host_up(c.world, c.plan.nodes[number])) expect_replacement(c, number);
  }
}

/// A node is among the others again.
void rejoin(Context& c, Number number, bool replaced) {
  const Number group = c.plan.group_of[number];
  if (synchronises(c.spec)) {
    node_of(c, number).has_data = false;
    c.world.queue.cancel(group_of(c, group).sync_timer);  // it begins anew, for all of them
  }
  const bool readdressed = replaced && c.spec.product == Product::elasticache && c.spec.mode == Mode::cluster;
  if (!readdressed) return;
  const CauseScope scope(c.world, c.world.note(AddressChanged{c.service.value, number}));
  address_changed(c, number);
}

// ---- maintenance ----

/// How many nodes a window holds whose maintenances last as long as those drawn here.
std::size_t drawn_capacity(Context& c) {
  const Timings timings = timings_of(c.spec);
  const std::size_t nodes = c.plan.nodes.size();
  if (timings.window <= Duration()) return nodes;
  std::size_t count = 0;
  for (Duration taken; count < nodes && taken < timings.window; ++count)
    taken += draw(c, Purpose::initial_leader, *timings.maintenance);
  return count;
}

/// Of those whose turn is to come: who has waited for longer comes first, and of these who leads comes last.
void sort_rest(Context& c) {
  const auto key = [&](Number node) {
    const bool leads = c.state.groups[c.plan.group_of[node]].leader == node;
    return std::pair(c.state.nodes[node].round == c.state.round, leads);
  };
  const auto rest = c.state.order.begin() + static_cast<std::ptrdiff_t>(c.state.turn);
  std::stable_sort(rest, c.state.order.end(), [&](Number a, Number b) { return key(a) < key(b); });
}

void set_order(Context& c) {
  c.state.turn = 0;
  c.state.order.clear();
  for (Number node = 0; node < c.plan.nodes.size(); ++node) c.state.order.push_back(node);
  sort_rest(c);
}

/// Windows of a round that were before the first that is seen: this one is any of those that a round needs.
void begin_rounds(Context& c) {
  c.state.round = 1;
  set_order(c);
  const std::size_t nodes = c.plan.nodes.size();
  const std::size_t capacity = drawn_capacity(c);
  const std::size_t windows = (nodes + capacity - 1) / capacity;
  const double share = c.world.uniform(c.component, Purpose::initial_leader);
  const auto before = static_cast<std::size_t>(share * static_cast<double>(windows));
  for (std::size_t i = 0; i < before * capacity; ++i) node_of(c, c.state.order[i]).round = c.state.round;
}

void take_out(Context& c, Number number) {
  node_of(c, number).maintained = true;
  node_of(c, number).round = c.state.round;
  c.world.schedule(c.world.now + draw(c, Purpose::server_maintenance, *timings_of(c.spec).maintenance),
                   NodeMaintained{c.service.value, number});
}

/// Its maintenance would take away what another fault has left.
bool is_needed(const Context& c, Number number) {
  const Number group = c.plan.group_of[number];
  if (!usable(c, number) || !c.state.groups[group].serving) return true;
  if (c.world.queue.pending(c.state.groups[group].sync_timer)) return true;
  return std::ranges::any_of(members(c, group), [&](Number other) { return !usable(c, other); });
}

void next_turn(Context& c) {
  const Duration window = timings_of(c.spec).window;
  sort_rest(c);  // others may lead by now
  for (; c.state.turn < c.state.order.size(); ++c.state.turn) {
    if (window > Duration() && c.world.now - c.state.maintaining_since >= window) break;
    const Number number = c.state.order[c.state.turn];
    if (is_needed(c, number)) continue;
    const Number group = c.plan.group_of[number];
    const bool leads = all_lead(c.spec) || group_of(c, group).leader == number;
    if (!leads || !fails_over(c.spec) || candidate(c, group) == nobody) return take_out(c, number);
    group_of(c, group).handing_over = true;
    group_of(c, group).serving = false;
    c.world.schedule(c.world.now + draw(c, Purpose::hand_over, *timings_of(c.spec).hand_over),
                     HandedOver{c.service.value, group, number});
    return;
  }
  c.state.maintaining = false;
  c.world.note(MaintenanceEnds{c.service.value});
}

}  // namespace

Context context(World& world, ServiceId service) {
  return {world,
          service,
          spec_of(world.plan->spec(service)),
          plan_of(*world.plan, service),
          world.services[service].as<State>(),
          world.plan->services[service].component};
}

bool usable(const Context& c, Number number) {
  const Node& node = c.state.nodes[number];
  return node.started && !node.maintained &&
         contact(c.world, c.world.plan->network.backbone, c.plan.nodes[number]) == Contact::ok;
}

bool takes(const Context& c, Number number, SliKind kind) {
  const Group& group = c.state.groups[number];
  if (!group.serving || c.world.queue.pending(group.sync_timer)) return false;
  if (all_lead(c.spec)) {
    const std::size_t tolerated =
        static_cast<std::size_t>(kind == SliKind::write ? c.spec.copies - c.spec.in_sync : c.spec.copies - 1);
    return replicas_away(c, number) <= tolerated;
  }
  if (!needs_majority(c.spec)) return true;
  const auto& nodes = members(c, number);
  const auto there = std::ranges::count_if(nodes, [&](Number node) { return usable(c, node); });
  return static_cast<std::size_t>(there) > nodes.size() / 2;
}

void look(Context& c) {
  look_at_machines(c);
  for (Number group = 0; group < c.state.groups.size(); ++group)
    all_lead(c.spec) ? look_at_shares(c, group) : look_at_leader(c, group);
  look_at_accesses(c);
  tell(c);
}

void node_started(Context& c, Number number) {
  Node& node = node_of(c, number);
  ++node.life;
  c.world.queue.cancel(node.replacement_timer);
  c.world.queue.cancel(node.start_timer);
  node.start_timer = c.world.schedule(c.world.now + draw(c, Purpose::server_start, *timings_of(c.spec).start),
                                      NodeServes{c.service.value, number, node.life});
}

void node_died(Context& c, Number number) {
  Node& node = node_of(c, number);
  node.started = false;
  if (forgets(c.spec)) node.has_data = false;
  node_lost(c, number);
  c.world.queue.cancel(node.start_timer);
}

bool maintain(Context& c) {
  if (c.state.maintaining) return false;
  c.state.maintaining = true;
  c.state.maintaining_since = c.world.now;
  if (c.state.round == 0) begin_rounds(c);
  const auto had_turn = [&](const Node& node) { return node.round == c.state.round; };
  if (std::ranges::all_of(c.state.nodes, had_turn)) ++c.state.round;
  set_order(c);
  next_turn(c);
  look(c);
  return true;
}

// ---- events ----

#define NINES_MANAGED_SUBJECT(E)                                  \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_MANAGED_GROUP_EVENTS(NINES_MANAGED_SUBJECT)
#undef NINES_MANAGED_SUBJECT
#define NINES_MANAGED_SUBJECT(E)                                                                  \
  ComponentId subject(const models::Plan& plan, const E& event) {                                 \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.node]].component; \
  }
NINES_MANAGED_NODE_EVENTS(NINES_MANAGED_SUBJECT)
#undef NINES_MANAGED_SUBJECT

void on(World& world, const LossDetected& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(keys_of(c.spec.product).detect);
  node_of(c, event.node).promote_timer =
      world.schedule(world.now + draw(c, Purpose::promotion, *timings_of(c.spec).promote),
                     Promoted{event.service, event.group, event.node});
}

void on(World& world, const Promoted& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(keys_of(c.spec.product).promote);
  Group& group = group_of(c, event.group);
  if (all_lead(c.spec)) {
    const bool gone = !usable(c, event.node);
    node_of(c, event.node).gone = gone;
    if (gone) {
      group.left = true;
      ++world.measurement.failovers;
    }
    return look(c);
  }
  const Number next = candidate(c, event.group);
  if (next == nobody) return look(c);
  ++world.measurement.failovers;
  if (forgets(c.spec)) lose_with_primary(c, next, node_of(c, next).has_data);
  if (synchronises(c.spec) && !node_of(c, next).has_data)
    lose(c, c.spec.backlog.count / c.spec.write_size.count, true, rule_mirror);
  node_of(c, next).has_data = true;
  group.leader = next;
  resume(c, event.group, true, false);
  look(c);
}

void on(World& world, const Announced& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(keys_of(c.spec.product).announcement);
  group_of(c, event.group).announced = true;
  look(c);
}

void on(World& world, const NodeReplaced& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = node_of(c, event.node);
  world.stale = node.started || node.life != event.life || host_up(world, c.plan.nodes[event.node]);
  if (world.stale) return;
  world.set_by(keys_of(c.spec.product).replacement);
  const bool acts =
      infrastructure::zone_can_launch(world, zone_of(c, event.node)) && !faults::control_plane_out(world, c.service);
  if (!acts) return expect_replacement(c, event.node);
  node.replaced = true;
  kubernetes::take_over(world, world.plan->processes[c.plan.nodes[event.node]].node);
}

void on(World& world, const NodeServes& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = node_of(c, event.node);
  world.stale = node.life != event.life || node.started;
  if (world.stale) return;
  world.set_by(keys_of(c.spec.product).start);
  node.started = true;
  if (!node.maintained) rejoin(c, event.node, node.replaced);
  node.replaced = false;
  services::contacts_changed(world);
}

void on(World& world, const HandedOver& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(keys_of(c.spec.product).hand_over);
  Group& group = group_of(c, event.group);
  group.handing_over = false;
  const bool shares = all_lead(c.spec);
  const Number next = shares ? event.node : candidate(c, event.group);
  // Whoever was lost meanwhile is found out as otherwise; nobody hands over to one that lacks what it has.
  const bool takes_over = shares || (next != nobody && node_of(c, next).has_data);
  if (takes_over && usable(c, event.node)) {
    take_out(c, event.node);
    if (shares) {
      node_of(c, event.node).gone = true;
    } else {
      group.leader = next;
    }
    resume(c, event.group, true, true);
  } else {
    ++c.state.turn;
    next_turn(c);
  }
  look(c);
}

void on(World& world, const NodeMaintained& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(keys_of(c.spec.product).maintenance);
  Node& node = node_of(c, event.node);
  node.maintained = false;
  // Who replaces a node in order has told clients before (ElastiCache user guide, AutoFailover: writes go on).
  if (node.started) rejoin(c, event.node, false);
  look(c);
  ++c.state.turn;
  c.state.waits_for_queues = world.queue.pending(group_of(c, c.plan.group_of[event.node]).sync_timer);
  if (c.state.waits_for_queues) return;
  next_turn(c);
  look(c);
}

void on(World& world, const QueuesSynchronised& event) {
  Context c = context(world, ServiceId{event.service});
  for (const Number member : members(c, event.group)) {
    if (usable(c, member)) node_of(c, member).has_data = true;
  }
  const bool goes_on = std::exchange(c.state.waits_for_queues, false);
  if (goes_on) next_turn(c);
  look(c);
}

}  // namespace nines::models::managed
