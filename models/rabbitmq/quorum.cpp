#include "models/rabbitmq/quorum.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "models/free_slots.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/mutation.hpp"
#include "models/rabbitmq/client.hpp"
#include "models/rabbitmq/consumers.hpp"
#include "models/rabbitmq/load.hpp"

namespace nines::models::rabbitmq {

namespace {

using sim::Time;

/// Where the log of a queue begins to be counted.
constexpr ra::EntryId first_entry{1, 1};

ra::MemberId member_id(Number node) { return static_cast<ra::MemberId>(node); }

Replica& replica_of(const Context& c, Number queue, Number node) { return c.queue(queue).replicas[node]; }

NodeSet members_of(const Context& c, Number queue) {
  NodeSet members = 0;
  for (const Number node : c.plan.queues[queue].replicas) members = with(members, node);
  return members;
}

bool leads(const Replica& replica) { return replica.machine.role == ra::Role::leader; }

ra::Timing timing_of(const Parameters& p) {
  constexpr Duration condition = Duration::seconds(30);  // await_condition_timeout, ra_server_proc.hrl
  return {p.broadcast_time, p.election_multiplier, p.poll_interval, condition};
}

void step_replica(Context& c, Number queue, Number node, const ra::Input& what);
/// Entries that are written while one is on its way to a follower's disk and back.
ra::Index under_way(const Context& c, Number queue, Number leader, Number node);

// ---- timers, writes ----

/// Members that run and that it reaches, itself included, are a majority.
bool reaches_majority(const Context& c, Number queue, Number node) {
  int there = 0;
  for (const Number other : c.plan.queues[queue].replicas) {
    const bool runs = replica_of(c, queue, other).machine.role != ra::Role::down;
    there += other == node || (runs && reaches(c, node, other)) ? 1 : 0;
  }
  return there >= ra::majority(replica_of(c, queue, node).machine.log.members());
}

void set_election_timer(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  c.world.queue.cancel(replica.timer);
  replica.due = replica.dormant = false;
  if (replica.machine.timer == ra::Timer::none) return;
  if (replica.machine.role == ra::Role::pre_vote && !reaches_majority(c, queue, node)) {
    replica.dormant = true;
    return;
  }
  const ra::Delay delay = ra::delay(timing_of(c.parameters), replica.machine.timer);
  Duration waits = NINES_MUTATED(stands_at_once) ? Duration() : delay.base;
  if (delay.spread > Duration() && !NINES_MUTATED(stands_at_once)) {
    constexpr Duration unit = Duration::milliseconds(1);
    const auto steps = static_cast<double>(delay.spread / unit);
    const double u = c.world.uniform(c.component(node), Purpose::replica_timeout);
    waits = waits + unit * (1 + static_cast<std::int64_t>(u * steps));
  }
  replica.timer = c.world.schedule(c.now() + waits, ReplicaTimer{c.service.value, queue, node, replica.life});
}

infrastructure::DiskCondition disk_of(const Context& c, Number node) {
  const VolumeId volume = c.world.plan->processes[c.process(node)].volume;
  return volume.exists() ? infrastructure::disk_condition(c.world, volume) : infrastructure::DiskCondition{};
}

Duration write_takes(Context& c, Number node) {
  return c.world.draw(c.component(node), Purpose::replica_write, c.parameters.fsync) + disk_of(c, node).latency;
}

/// On a volume that hangs it ends when that is over.
void begin_write(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  if (c.world.queue.pending(replica.write_timer) || disk_of(c, node).share <= 0) {
    replica.write_again = true;
    return;
  }
  replica.write_again = false;
  replica.being_written = replica.machine.log.last();
  replica.write_timer =
      c.world.schedule(c.now() + write_takes(c, node), LogWritten{c.service.value, queue, node, replica.life});
}

void begin_vote_write(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  if (disk_of(c, node).share <= 0 || c.world.queue.pending(replica.vote_timer)) return;
  replica.vote_timer =
      c.world.schedule(c.now() + write_takes(c, node), VoteWritten{c.service.value, queue, node, replica.life});
}

// ---- messages ----

/// From when a leader sends an entry until it hears that a follower has it on the disk.
Duration round_of(const Context& c, Number leader, Number node, double quantile) {
  return one_way(c, c.process(leader), c.process(node)) * 2 + c.parameters.fsync.quantile(quantile) +
         c.parameters.handling.quantile(quantile) * 2;
}

/// What a leader has under way to a member at most. A flow of entries that the queue is said to take fits.
ra::Index pipeline_of(const Context& c, Number queue, Number leader, Number node) {
  constexpr ra::Rules rules;
  return std::max(rules.max_pipeline, under_way(c, queue, leader, node));
}

/// A member far behind gets a part of what it lacks at once, and as late as all the rounds that it stands for: what a
/// catch-up costs does not go with the number of messages.
constexpr ra::Index parts = 16;
ra::Rules rules_of(const Context& c, Number queue, Number node) {
  ra::Rules rules;
  const ra::Node& machine = replica_of(c, queue, node).machine;
  if (machine.role != ra::Role::leader) return rules;
  for (const Number other : c.plan.queues[queue].replicas) {
    if (other == node || replica_of(c, queue, other).level || !reaches(c, node, other)) continue;
    const ra::Peer& peer = machine.peers[other];
    const ra::Index behind = machine.log.last().index - std::min(machine.log.last().index, peer.match);
    if (peer.gets_snapshot || behind <= rules.max_pipeline) continue;
    rules.max_pipeline = std::max({rules.max_pipeline, behind / parts, pipeline_of(c, queue, node, other)});
  }
  return rules;
}

Duration longer_than_one_round(const Context& c, Number queue, const ra::Message& message) {
  const auto* append = std::get_if<ra::Append>(&message.body);
  constexpr ra::Rules rules;
  if (append == nullptr || append->entries.last - append->entries.before.index <= rules.max_pipeline) return {};
  constexpr double median = 0.5;
  const auto entries = static_cast<double>(append->entries.last - append->entries.before.index);
  const auto at_once = static_cast<double>(pipeline_of(c, queue, message.from, message.to));
  return sim::scaled(round_of(c, message.from, message.to, median), std::max(entries / at_once - 1, 0.0));
}

void schedule_arrival(Context& c, std::uint16_t slot) {
  const Packet& packet = c.state.packets[slot];
  const Number from = packet.message.from;
  const Number to = packet.message.to;
  Time& last = c.queue(packet.queue).arrival[static_cast<std::size_t>(from) * c.nodes() + to];
  last = std::max(last, c.now() + handled(c, from, to) + longer_than_one_round(c, packet.queue, packet.message));
  c.world.schedule(last, PacketArrived{c.service.value, slot}, sim::Priority::message);
}

/// Its sender hears of it, and may try again (ra_server_proc, the process that sends a snapshot ends).
void snapshot_is_lost(Context& c, Number queue, const ra::Message& message) {
  if (!std::holds_alternative<ra::InstallSnapshot>(message.body)) return;
  step_replica(c, queue, message.from, ra::SnapshotFailed{message.to});
}

/// Without a connection it goes nowhere (noconnect).
void send(Context& c, Number queue, Number from, std::vector<ra::Message>& messages) {
  for (ra::Message& message : messages) {
    const Number to = message.to;
    if (to >= c.nodes()) continue;
    if (!c.link(from, to).up) {
      snapshot_is_lost(c, queue, message);
      continue;
    }
    const std::uint16_t slot = take_slot(c.state.packets, c.state.free_packets);
    Packet& packet = c.state.packets[slot];
    packet.message = std::move(message);
    packet.queue = queue;
    packet.life = replica_of(c, queue, to).life;
    packet.used = true;
    packet.stalled = false;
    schedule_arrival(c, slot);
  }
  messages.clear();
}

void release(Context& c, std::uint16_t slot) {
  c.state.packets[slot].used = c.state.packets[slot].stalled = false;
  c.state.free_packets.push_back(slot);
}

// ---- the machine ----

std::optional<sim::CauseId> note_of(Context& c, Number queue, Number node, ra::Note what) {
  const auto id = c.service.value;
  const auto term = static_cast<std::int64_t>(replica_of(c, queue, node).machine.term);
  switch (what) {
    case ra::Note::asks:
      if (std::exchange(c.queue(queue).told, true)) return c.world.note(ElectionAgain{id, queue, node}, term);
      return c.world.note(LeaderSuspected{id, queue, node}, term);
    case ra::Note::elected:
      replica_of(c, queue, node).ticks_from = c.now();
      ++c.world.measurement.failovers;
      return c.world.note(LeaderElected{id, queue, node}, term);
    case ra::Note::abdicates: return c.world.note(LeaderSteppedDown{id, queue, node}, term);
    case ra::Note::stands:
    case ra::Note::leader_change:
    case ra::Note::removed:
    case ra::Note::dropped: break;
  }
  return std::nullopt;
}

/// It is told once when that member ends, or its connection: at once if it is not there.
void watch(Context& c, Number queue, Number node, Number member) {
  if (member >= c.nodes() || member == node) return;
  Replica& replica = replica_of(c, queue, node);
  if (!c.link(node, member).up) return step_replica(c, queue, node, ra::Down{member_id(member), true});
  const bool gone = replica_of(c, queue, member).machine.role == ra::Role::down && reaches(c, node, member);
  if (gone) return step_replica(c, queue, node, ra::Down{member_id(member), false});
  replica.watched = with(replica.watched, member);
}

void step_replica(Context& c, Number queue, Number node, const ra::Input& what) {
  Replica& replica = replica_of(c, queue, node);
  if (replica.syncing) {
    replica.inbox.push_back(what);
    return;
  }
  ra::Output output = ra::step(rules_of(c, queue, node), member_id(node), replica.machine, what);
  std::optional<CauseScope> because;
  for (const ra::Note note : output.notes) {
    if (const auto record = note_of(c, queue, node, note)) {
      because.reset();
      because.emplace(c.world, *record);
    }
  }
  if (output.timer_changed) set_election_timer(c, queue, node);
  if (output.write) begin_write(c, queue, node);
  if (output.sync_vote) {
    replica.syncing = true;
    replica.held = std::move(output.messages);
    begin_vote_write(c, queue, node);
  } else {
    send(c, queue, node, output.messages);
  }
  if (output.monitor != ra::nobody) watch(c, queue, node, output.monitor);
  if (const auto* message = std::get_if<ra::Message>(&what); message != nullptr && output.ignored)
    snapshot_is_lost(c, queue, *message);
}

template <class Act>
void each_replica_on(Context& c, Number node, Act&& act) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.is_quorum(queue) && contains(members_of(c, queue), node)) act(queue, replica_of(c, queue, node));
  }
}

/// What follows an input to one queue: all else is looked at only if that matters to it.
void look_after(Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  const Number leader = its.leader;
  const bool served = its.serves;
  std::size_t level = 0;
  const auto count_level = [&] {
    return static_cast<std::size_t>(
        std::count_if(its.replicas.begin(), its.replicas.end(), [](const Replica& r) { return r.level; }));
  };
  level = count_level();
  look_at_quorum(c, queue);
  if (its.leader != leader || its.serves != served || count_level() != level) settle(c);
}

// ---- who has what ----

ra::Index under_way(const Context& c, Number queue, Number leader, Number node) {
  constexpr double slowest = 0.99;
  const Duration trip = round_of(c, leader, node, slowest);
  return static_cast<ra::Index>(std::ceil(4 * c.queue_spec(queue).publish_per_s * trip.to_seconds()));
}

/// It follows the leader, and what the leader writes gets through to its disk.
bool follows(const Context& c, Number queue, Number node) {
  const Number leader = c.queue(queue).leader;
  const Replica& replica = replica_of(c, queue, node);
  const ra::Node& machine = replica.machine;
  if (leader == nobody || node == leader || machine.role != ra::Role::follower || replica.syncing) return false;
  const ra::Node& its_leader = replica_of(c, queue, leader).machine;
  return machine.lead == leader && machine.term == its_leader.term && disk_of(c, node).share > 0 &&
         reaches(c, leader, node);
}

bool may_be_level(const Context& c, Number queue, Number node) {
  if (!follows(c, queue, node)) return false;
  const Number leader = c.queue(queue).leader;
  const Replica& replica = replica_of(c, queue, node);
  const ra::Node& its_leader = replica_of(c, queue, leader).machine;
  if (its_leader.peers[node].gets_snapshot || replica.machine.timer != ra::Timer::none) return false;
  const ra::EntryId last = its_leader.log.last();
  if (!its_leader.log.has(replica.machine.log.last())) return false;
  const ra::Index behind = last.index - replica.machine.log.last().index;
  if (its_leader.applied != last.index) return replica.level && behind == 0;
  return replica.kept || behind <= (replica.level ? behind : under_way(c, queue, leader, node));
}

/// It has everything that its leader has.
void make_level(Context& c, Number queue, Number node) {
  ra::Node& leader = replica_of(c, queue, c.queue(queue).leader).machine;
  ra::Node& machine = replica_of(c, queue, node).machine;
  const ra::EntryId last = leader.log.last();
  if (machine.log.last() != last) machine.log.take(leader.log.slice(machine.log.last().index, last.index));
  machine.log.mark_written(last);
  machine.commit = machine.applied = machine.agreed = leader.applied;
  leader.peers[node].next = last.index + 1;
  leader.peers[node].match = last.index;
  leader.peers[node].commit_sent = leader.commit;
}

Number find_leader(const Context& c, Number queue) {
  Number best = nobody;
  for (const Number node : c.plan.queues[queue].replicas) {
    const Replica& replica = replica_of(c, queue, node);
    if (!leads(replica) || !serves(c, node)) continue;
    if (best == nobody || replica.machine.term > replica_of(c, queue, best).machine.term) best = node;
  }
  return best;
}

/// Ticks of a leader come each interval from its election on (ra_server_proc, set_tick_timer): nothing else sets them,
/// so that nobody knows where they are who meets a leader of long ago.
sim::Grid ticks_of(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  const Duration interval = c.parameters.queue_tick;
  if (replica.ticks_from == Time::never())
    replica.ticks_from = c.now() - c.world.phase(c.component(node), Purpose::replica_timeout, interval);
  return {replica.ticks_from, interval};
}

/// A leader sends with the next entry that clients write, where not too many are on their way already; else at its
/// tick. So does one that does not know that another one leads: by the answer it learns that.
void set_leader_tick(Context& c, Number queue, Number leads_it) {
  Queue& its = c.queue(queue);
  Replica& leads_too = replica_of(c, queue, leads_it);
  const ra::Node& leader = leads_too.machine;
  constexpr ra::Rules rules;
  const double rate = leads_it == its.leader ? its.published + its.consumed : 0;
  bool ticks = false;
  bool soon = false;
  for (const Number node : c.plan.queues[queue].replicas) {
    Replica& replica = replica_of(c, queue, node);
    if (node == leads_it || (leads_it == its.leader && replica.level)) continue;
    if (!reaches(c, leads_it, node) || replica.machine.role == ra::Role::down) {
      if (leads_it == its.leader) replica.sought = false;
      continue;
    }
    ticks = true;
    const bool fits = leader.log.last().index - leader.peers[node].match < rules.max_pipeline;
    soon = soon || (rate > 0 && fits && !replica.sought);
  }
  if (!ticks || !ra::needs_tick(member_id(leads_it), leader)) return;
  const Time tick = soon ? c.now() + Duration::from_seconds(1 / rate) : ticks_of(c, queue, leads_it).after(c.now());
  if (c.world.queue.pending(leads_too.tick_timer) && c.world.queue.when(leads_too.tick_timer) <= tick) return;
  c.world.queue.cancel(leads_too.tick_timer);
  leads_too.tick_timer = c.world.schedule(tick, LeaderTick{c.service.value, queue, leads_it});
}

void tick(Context& c, Number queue, Number leads_it) {
  if (leads_it == c.queue(queue).leader) {
    for (const Number node : c.plan.queues[queue].replicas)
      replica_of(c, queue, node).sought = reaches(c, leads_it, node);
  }
  step_replica(c, queue, leads_it, ra::Tick{});
}

bool can_commit(const Context& c, Number queue) {
  const Number leader = c.queue(queue).leader;
  const ra::MemberSet members = replica_of(c, queue, leader).machine.log.members();
  int disks = 0;
  for (const Number node : c.plan.queues[queue].replicas) {
    if (!ra::contains(members, member_id(node))) continue;
    disks += (node == leader ? disk_of(c, node).share > 0 : follows(c, queue, node)) ? 1 : 0;
  }
  return disks >= (NINES_MUTATED(quorum_of_one) ? 1 : ra::majority(members));
}

/// It has asked again and again: somewhere in its wait the majority comes back.
void wake(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  replica.dormant = false;
  const ra::Delay delay = ra::delay(timing_of(c.parameters), replica.machine.timer);
  const Duration rest = c.world.phase(c.component(node), Purpose::replica_timeout, delay.base + delay.spread / 2);
  replica.timer = c.world.schedule(c.now() + rest, ReplicaTimer{c.service.value, queue, node, replica.life});
}

bool lost_majority(const Context& c, Number queue) {
  int blank = 0;
  for (const Number node : c.plan.queues[queue].replicas) blank += replica_of(c, queue, node).blank ? 1 : 0;
  const auto members = static_cast<int>(c.plan.queues[queue].replicas.size());
  return members - blank < members / 2 + 1;
}

void look_at_blank(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  const bool blank = std::any_of(its.replicas.begin(), its.replicas.end(), [](const Replica& r) { return r.blank; });
  if (!blank || c.world.queue.pending(its.repair_timer) || (!its.serves && !lost_majority(c, queue))) return;
  const Duration takes = c.world.draw(c.component(), Purpose::partition_repair, c.parameters.partition_repair);
  its.repair_timer = c.world.schedule(c.now() + takes, ReplicaReplaced{c.service.value, queue});
}

constexpr std::string_view rule_majority = "quorum queue: the disks of a majority of its replicas were lost";

void cancel_timers(Context& c, const Replica& replica) {
  for (const sim::TimerId timer : {replica.timer, replica.tick_timer, replica.vote_timer, replica.write_timer})
    c.world.queue.cancel(timer);
}

/// Declared anew, with nothing in it.
void declare_again(Context& c, Number queue) {
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  if (std::any_of(nodes.begin(), nodes.end(), [&](Number node) { return !serves(c, node); })) return;
  lose(c, queue, content(c, queue), rule_majority, true);
  forget_held(c, queue);
  c.queue(queue).backlog = 0;
  for (const Number node : nodes) {
    Replica& replica = replica_of(c, queue, node);
    cancel_timers(c, replica);
    const std::uint32_t life = replica.life + 1;
    replica = {};
    replica.life = life;
    replica.machine = healthy_replica(c, queue, node);
    replica.watched = node == nodes[0] ? NodeSet{} : only(nodes[0]);
  }
}

}  // namespace

ra::Node healthy_replica(const Context& c, Number queue, Number node) {
  return ra::healthy(members_of(c, queue), member_id(node), member_id(c.plan.queues[queue].replicas[0]), first_entry);
}

// ---- what happens to nodes ----

void replicas_started(Context& c, Number node) {
  each_replica_on(c, node, [&](Number queue, Replica& replica) {
    if (c.node(node).blank) replica.blank = true;
    if (replica.blank) return;
    step_replica(c, queue, node, ra::Started{replica.disk});
  });
}

void replicas_ended(Context& c, Number node) {
  each_replica_on(c, node, [&](Number queue, Replica& replica) {
    if (replica.machine.role == ra::Role::down) return;
    replica.disk = ra::stable(replica.machine);
    replica.syncing = replica.due = replica.level = replica.kept = replica.write_again = replica.dormant = false;
    replica.inbox.clear();
    replica.held.clear();
    replica.watched = 0;
    ++replica.life;
    cancel_timers(c, replica);
    step_replica(c, queue, node, ra::Died{});
    // A snapshot that it was getting, or had not confirmed yet, is sent again when it is back.
    for (const Number other : c.plan.queues[queue].replicas) {
      if (other != node) step_replica(c, queue, other, ra::SnapshotFailed{member_id(node)});
    }
    // Who is connected hears that its process has ended.
    for (const Number other : c.plan.queues[queue].replicas) {
      Replica& watcher = replica_of(c, queue, other);
      if (other == node || !contains(watcher.watched, node) || !reaches(c, other, node)) continue;
      watcher.watched = without(watcher.watched, node);
      step_replica(c, queue, other, ra::Down{member_id(node), false});
    }
  });
}

void replicas_lost_node(Context& c, Number node, Number peer) {
  each_replica_on(c, node, [&](Number queue, Replica& replica) {
    if (!contains(members_of(c, queue), peer)) return;
    step_replica(c, queue, node, ra::SnapshotFailed{member_id(peer)});
    replica.kept = replica_of(c, queue, peer).kept = false;
    if (!contains(replica.watched, peer)) return;
    replica.watched = without(replica.watched, peer);
    step_replica(c, queue, node, ra::Down{member_id(peer), true});
  });
}

void replicas_hear(Context& c, Number node, Number peer, bool silent) {
  each_replica_on(c, node, [&](Number queue, Replica&) {
    if (!contains(members_of(c, queue), peer)) return;
    if (silent)
      step_replica(c, queue, node, ra::Suspected{member_id(peer)});
    else
      step_replica(c, queue, node, ra::Trusted{member_id(peer)});
  });
}

void packets_go_on(Context& c, Number from, Number to) {
  for (std::size_t slot = 0; slot < c.state.packets.size(); ++slot) {
    Packet& packet = c.state.packets[slot];
    if (!packet.used || !packet.stalled || packet.message.from != from || packet.message.to != to) continue;
    packet.stalled = false;
    schedule_arrival(c, static_cast<std::uint16_t>(slot));
  }
}

void packets_are_lost(Context& c, Number from, Number to) {
  for (std::size_t slot = 0; slot < c.state.packets.size(); ++slot) {
    const Packet& packet = c.state.packets[slot];
    if (!packet.used || !packet.stalled || packet.message.from != from || packet.message.to != to) continue;
    const ra::Message message = packet.message;
    const Number queue = packet.queue;
    release(c, static_cast<std::uint16_t>(slot));
    snapshot_is_lost(c, queue, message);
  }
}

void replicas_go_on(Context& c, Number node) {
  each_replica_on(c, node, [&](Number queue, Replica& replica) {
    // A tick was due meanwhile: it comes now, and the others count from here.
    if (leads(replica) && ticks_of(c, queue, node).after(c.node(node).froze) <= c.now()) {
      replica.ticks_from = c.now();
      tick(c, queue, node);
    }
    if (std::exchange(replica.due, false)) step_replica(c, queue, node, ra::TimerFired{});
    if (replica.syncing) begin_vote_write(c, queue, node);
    if (replica.write_again) begin_write(c, queue, node);
  });
}

// ---- looks ----

namespace {

/// A follower that gets what clients write as they write it has the next append before a timer of its means anything.
void next_append_cancels(Context& c, Number queue, Number node) {
  Replica& replica = replica_of(c, queue, node);
  const Queue& its = c.queue(queue);
  const bool gets_more = replica.level && its.serves && its.published + its.consumed > 0 && follows(c, queue, node);
  if (!gets_more || replica.machine.timer == ra::Timer::none) return;
  replica.machine.timer = ra::Timer::none;
  c.world.queue.cancel(replica.timer);
}

/// Followers that take what clients write, so many that with the leader they are a majority; none if too few can.
NodeSet takers(const Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  const ra::Node& leader = replica_of(c, queue, its.leader).machine;
  const int needed = ra::majority(leader.log.members()) - 1;
  NodeSet nodes = 0;
  for (const Number node : c.plan.queues[queue].replicas) {
    if (node != its.leader && replica_of(c, queue, node).level) nodes = with(nodes, node);
  }
  for (const Number node : c.plan.queues[queue].replicas) {
    if (size(nodes) >= needed) return nodes;
    if (node == its.leader || contains(nodes, node)) continue;
    const bool fits = ra::contains(leader.log.members(), member_id(node)) && follows(c, queue, node) &&
                      !leader.peers[node].gets_snapshot &&
                      leader.log.has(replica_of(c, queue, node).machine.log.last());
    if (fits) nodes = with(nodes, node);
  }
  return size(nodes) >= needed ? nodes : NodeSet{0};
}

/// Entries before the oldest message that waits or is worked on go into a snapshot (rabbit_fifo, release_cursor); who
/// lacks some of them gets that.
void compact(Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  constexpr ra::Rules rules;
  const ra::Node& leader = replica_of(c, queue, its.leader).machine;
  const double per_message = its.published > 0 ? (its.published + its.consumed) / its.published : 1;
  const auto needed = static_cast<ra::Index>(std::ceil(content(c, queue) * per_message));
  if (leader.applied < leader.log.snapshot().index + needed + rules.snapshot_interval) return;
  const ra::Index until = leader.applied - needed;
  for (const Number node : c.plan.queues[queue].replicas) {
    Replica& replica = replica_of(c, queue, node);
    ra::Node& machine = replica.machine;
    if ((node == its.leader || replica.level) && machine.applied >= until) machine.log.compact(until);
  }
}

}  // namespace

void look_at_quorum(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  its.leader = find_leader(c, queue);
  for (const Number node : c.plan.queues[queue].replicas) {
    Replica& replica = replica_of(c, queue, node);
    if (node == its.leader) {
      replica.level = true;
      continue;
    }
    next_append_cancels(c, queue, node);
    const bool level = may_be_level(c, queue, node);
    if (level && !replica.level) make_level(c, queue, node);
    if (level) replica.kept = true;
    replica.level = level;
    if (replica.dormant && acts(c, node) && reaches_majority(c, queue, node)) wake(c, queue, node);
    if (replica.syncing && acts(c, node)) begin_vote_write(c, queue, node);
    if (replica.write_again && acts(c, node)) begin_write(c, queue, node);
  }
  its.serves = false;
  if (its.leader != nobody) {
    Replica& leader = replica_of(c, queue, its.leader);
    if (leader.write_again) begin_write(c, queue, its.leader);
    its.serves = leader.machine.applied >= leader.machine.noop && can_commit(c, queue);
  }
  for (const Number node : c.plan.queues[queue].replicas) {
    if (leads(replica_of(c, queue, node)) && serves(c, node)) set_leader_tick(c, queue, node);
  }
  if (its.serves) its.told = false;
  look_at_blank(c, queue);
}

void grow_log(Context& c, Number queue, double seconds) {
  Queue& its = c.queue(queue);
  const double entries = (its.published + its.consumed) * seconds;
  if (entries <= 0 || its.leader == nobody || !its.serves) return;
  ra::Node& leader = replica_of(c, queue, its.leader).machine;
  if (!leads(replica_of(c, queue, its.leader))) return;
  // What is confirmed a majority has: also those who still catch up, if it takes them.
  const NodeSet followers = takers(c, queue);
  if (followers == 0 && ra::majority(leader.log.members()) > 1) return;
  leader.log.append(leader.term, static_cast<ra::Index>(std::ceil(entries)));
  const ra::EntryId last = leader.log.last();
  leader.log.mark_written(last);
  leader.commit = leader.applied = last.index;
  for (const Number node : c.plan.queues[queue].replicas) {
    if (contains(followers, node)) make_level(c, queue, node);
  }
  compact(c, queue);
}

bool quorum_serves(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  if (!its.serves || its.leader == nobody || !serves(c, its.leader)) return false;
  return node == its.leader || reaches(c, node, its.leader);
}

Duration quorum_round(Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  std::vector<Duration> written{write_takes(c, its.leader)};
  for (const Number other : c.plan.queues[queue].replicas) {
    if (other == its.leader || !follows(c, queue, other)) continue;
    written.push_back(handled(c, its.leader, other) + write_takes(c, other) + handled(c, other, its.leader));
  }
  const auto needed = static_cast<std::size_t>(ra::majority(replica_of(c, queue, its.leader).machine.log.members()));
  std::sort(written.begin(), written.end());
  const Duration commit = written[std::min(needed, written.size()) - 1];
  return handled(c, node, its.leader) + commit + handled(c, its.leader, node);
}

void publish_in_vain(Context& c, Number queue, Number node) {
  if (c.parameters.soft_limit <= 0 || c.queue_spec(queue).publish_per_s <= 0) return;
  // The leader that the channel knows: any that still takes itself for one.
  for (const Number leader : c.plan.queues[queue].replicas) {
    if (!leads(replica_of(c, queue, leader)) || !serves(c, leader)) continue;
    if (node != leader && !reaches(c, node, leader)) continue;
    step_replica(c, queue, leader, ra::Propose{static_cast<ra::Index>(c.parameters.soft_limit)});
    return;
  }
}

bool replicas_level(const Context& c, Number node) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_quorum(queue) || !contains(members_of(c, queue), node)) continue;
    const Replica& replica = replica_of(c, queue, node);
    if (!replica.level && !replica.blank) return false;
  }
  return true;
}

bool replicas_follow(const Context& c, Number node) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_quorum(queue) || !contains(members_of(c, queue), node)) continue;
    const bool leads_it = c.queue(queue).leader == node;
    if (!leads_it && !follows(c, queue, node) && !replica_of(c, queue, node).blank) return false;
  }
  return true;
}

bool quorum_at_rest(const Context& c, Number queue) {
  if (!c.queue(queue).serves) return false;
  for (const Number node : c.plan.queues[queue].replicas) {
    if (!replica_of(c, queue, node).level) return false;
  }
  return true;
}

bool is_quorum_critical(const Context& c, Number node) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_quorum(queue) || !contains(members_of(c, queue), node)) continue;
    int up = 0;
    for (const Number other : c.plan.queues[queue].replicas) {
      const bool seen = other == node || reaches(c, node, other);
      up += seen && replica_of(c, queue, other).machine.role != ra::Role::down ? 1 : 0;
    }
    if (up < size(members_of(c, queue)) / 2 + 2) return true;
  }
  return false;
}

// ---- events ----

void on(World& world, const ReplicaTimer& event) {
  Context c = context(world, ServiceId{event.service});
  Replica& replica = replica_of(c, event.queue, event.node);
  if (stale(world, replica.life, event.life)) return;
  if (c.node(event.node).frozen) {
    replica.due = true;
    return;
  }
  grow(c);
  step_replica(c, event.queue, event.node, ra::TimerFired{});
  look_after(c, event.queue);
}

void on(World& world, const LeaderTick& event) {
  Context c = context(world, ServiceId{event.service});
  if (!leads(replica_of(c, event.queue, event.node)) || !serves(c, event.node)) {
    world.stale = true;
    return;
  }
  grow(c);
  tick(c, event.queue, event.node);
  look_after(c, event.queue);
}

void on(World& world, const PacketArrived& event) {
  Context c = context(world, ServiceId{event.service});
  Packet& packet = c.state.packets[event.packet];
  const Number from = packet.message.from;
  const Number to = packet.message.to;
  const Number queue = packet.queue;
  const Replica& replica = replica_of(c, queue, to);
  const bool connected = c.link(to, from).up && c.link(from, to).up && packet.life == replica.life;
  if (connected && contact_of(c, from, to) == Contact::silence) {
    packet.stalled = true;
    return;
  }
  const ra::Message message = std::move(packet.message);
  release(c, event.packet);
  if (!connected || !serves(c, to)) {
    world.stale = true;
    snapshot_is_lost(c, queue, message);
    return;
  }
  grow(c);
  step_replica(c, queue, to, message);
  look_after(c, queue);
}

void on(World& world, const VoteWritten& event) {
  Context c = context(world, ServiceId{event.service});
  Replica& replica = replica_of(c, event.queue, event.node);
  if (stale(world, replica.life, event.life) || c.node(event.node).frozen) return;
  grow(c);
  replica.syncing = false;
  send(c, event.queue, event.node, replica.held);
  const std::vector<ra::Input> inbox = std::exchange(replica.inbox, {});
  for (const ra::Input& waiting : inbox) step_replica(c, event.queue, event.node, waiting);
  look_after(c, event.queue);
}

void on(World& world, const LogWritten& event) {
  Context c = context(world, ServiceId{event.service});
  Replica& replica = replica_of(c, event.queue, event.node);
  if (stale(world, replica.life, event.life)) return;
  if (c.node(event.node).frozen) {
    replica.write_again = true;
    return;
  }
  grow(c);
  const bool again = replica.write_again;
  step_replica(c, event.queue, event.node, ra::Persisted{replica.being_written});
  if (again) begin_write(c, event.queue, event.node);
  look_after(c, event.queue);
}

void on(World& world, const ReplicaReplaced& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  const Number queue = event.queue;
  Queue& its = c.queue(queue);
  if (lost_majority(c, queue)) {
    declare_again(c, queue);
    return settle(c);
  }
  constexpr Duration between_steps = Duration::seconds(1);
  for (const Number node : c.plan.queues[queue].replicas) {
    Replica& replica = replica_of(c, queue, node);
    if (!replica.blank || !serves(c, node) || !its.serves) continue;
    if (!std::exchange(replica.removed, true)) {
      step_replica(c, queue, its.leader, ra::RemoveMember{member_id(node)});
      its.repair_timer = c.world.schedule(c.now() + between_steps, ReplicaReplaced{c.service.value, queue});
      break;
    }
    replica.blank = replica.removed = false;
    const ra::MemberSet members = replica_of(c, queue, its.leader).machine.log.members();
    step_replica(c, queue, node, ra::Started{ra::empty_disk(members)});
    step_replica(c, queue, its.leader, ra::AddMember{member_id(node)});
    break;
  }
  settle(c);
}

}  // namespace nines::models::rabbitmq
