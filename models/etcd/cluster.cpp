#include "models/etcd/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "models/etcd/client.hpp"
#include "models/free_slots.hpp"
#include "models/infrastructure/conditions.hpp"

namespace nines::models::etcd {

namespace {

/// Messages for a process that stands still; a link's buffers are not endless.
constexpr std::size_t most_waiting = 64;

// ---- clocks ----

/// Ticks of a member's grid up to `at`.
std::int64_t ticks_up_to(const Context& c, const Member& member, sim::Time at) {
  const std::int64_t since = at.count() - member.phase.count();
  const std::int64_t tick = c.tick().count();
  return since >= 0 ? since / tick : -((-since + tick - 1) / tick);
}

/// Ticks in (from, to]; 0 if `to` is not later.
raft::Ticks ticks_between(const Context& c, const Member& member, sim::Time from, sim::Time to) {
  const std::int64_t count = ticks_up_to(c, member, to) - ticks_up_to(c, member, from);
  return static_cast<raft::Ticks>(std::max<std::int64_t>(count, 0));
}

/// When so many ticks after `from` have passed. REQUIRES: count > 0.
sim::Time tick_after(const Context& c, const Member& member, sim::Time from, raft::Ticks count) {
  const std::int64_t number = ticks_up_to(c, member, from) + count;
  return sim::Time() + member.phase + c.tick() * number;
}

bool leads(const Member& member) { return member.node.role == raft::Role::leader; }

/// Its ticks are events, or could be.
bool ticks(const Context& c, Position position) {
  const Member& member = c.member(position);
  if (!runs(c, position) || member.writing) return false;
  return leads(member) ? member.awake : !member.attached && !member.dormant;
}

/// A leader that slept has looked at its quorum now and then, and has heard those that are attached.
void catch_up_leader(Context& c, Member& member, raft::Ticks passed) {
  const raft::Ticks total = member.node.elapsed + passed;
  const bool looked = total >= c.plan.rules.election_ticks;
  member.node.elapsed = total % c.plan.rules.election_ticks;
  for (Position other = 0; other < c.size(); ++other) {
    raft::Progress& progress = member.node.progress[other];
    if (c.member(other).attached || &c.member(other) == &member) {
      progress.active = true;
    } else if (looked) {
      progress.active = false;
    }
  }
}

void input(Context& c, Position position, const raft::Input& what);

/// Counts the ticks up to now. Those after which something happens are events of their own, so there is none among them
/// but at this very instant.
void advance(Context& c, Position position) {
  Member& member = c.member(position);
  if (!runs(c, position) || member.writing) return;
  if (!leads(member) && member.attached) return;
  const raft::Ticks passed = ticks_between(c, member, member.counted_until, c.now());
  if (passed == 0) return;
  member.counted_until = c.now();
  if (leads(member) && !member.awake) return catch_up_leader(c, member, passed);
  if (member.dormant) {
    // It has campaigned each time its time-out was over, which leaves the time-out as it is.
    member.node.elapsed = (member.node.elapsed + passed) % member.node.timeout;
    return;
  }
  const raft::Ticks to_action = raft::ticks_to_action(c.plan.rules, position, member.node);
  if (to_action == 0) {
    member.node.elapsed += passed;
    return;
  }
  input(c, position, raft::Tick{std::min(passed, to_action)});
}

void set_tick_timer(Context& c, Position position) {
  Member& member = c.member(position);
  c.world.queue.cancel(member.tick_timer);
  if (!ticks(c, position)) return;
  const raft::Ticks count = raft::ticks_to_action(c.plan.rules, position, member.node);
  if (count == 0) return;
  const sim::Time at = tick_after(c, member, member.counted_until, count);
  member.tick_timer = c.world.schedule(std::max(at, c.now()), TickDue{c.service.value, position});
}

// ---- who hears whom ----

/// Entries that clients write while one of them is on its way to a follower's disk and its answer on the way back.
raft::Index under_way(const Context& c, Position leader, Position follower) {
  constexpr double slowest = 0.99;
  const Duration trip = one_way(c, leader, follower) * 2 + c.parameters.fsync.quantile(slowest);
  return static_cast<raft::Index>(std::ceil(2 * c.spec.writes_per_s * trip.to_seconds()));
}

/// It follows the leader and gets its entries as they come.
bool takes_entries(const Context& c, Position position) {
  const Position leader = c.state.leader;
  const raft::Node& node = c.member(position).node;
  if (position == leader || node.role != raft::Role::follower || node.lead != leader) return false;
  const raft::Node& its_leader = c.member(leader).node;
  return node.term == its_leader.term && its_leader.progress[position].state == raft::Progress::State::replicate &&
         reaches(c, leader, position);
}

bool hears(const Context& c, Position position) {
  const Position leader = c.state.leader;
  if (leader == raft::nobody || !takes_entries(c, position)) return false;
  const Member& member = c.member(position);
  const Member& its_leader = c.member(leader);
  if (member.writing || its_leader.writing || !member.outbox.empty()) return false;
  const raft::Progress& progress = its_leader.node.progress[position];
  const raft::EntryId last = its_leader.node.log.last();
  const raft::Index behind = last.index - std::min(progress.match, last.index);
  // Entries that are not committed yet need the follower's answer.
  const bool settled = its_leader.node.log.committed() == last.index;
  const raft::Index allowed = settled ? under_way(c, leader, position) : 0;
  const bool same = settled ? its_leader.node.log.has(member.node.log.last()) : member.node.log.last() == last;
  return behind <= allowed && same;
}

/// What a follower that hears its leader again lacks is on its way to it.
void take_what_is_under_way(Context& c, Position position) {
  Member& member = c.member(position);
  raft::Node& leader = c.member(c.state.leader).node;
  const raft::EntryId last = leader.log.last();
  if (member.node.log.last() != last) {
    member.node.log.accept(leader.log.after(member.node.log.last().index), leader.log.committed());
    member.disk.log = member.node.log;
  }
  leader.progress[position].match = last.index;
  leader.progress[position].next = last.index + 1;
}

/// The member's clock stands where the last heartbeat of `leader` has left it.
void detach(Context& c, Position position, Position leader) {
  Member& member = c.member(position);
  Member& its_leader = c.member(leader);
  member.attached = false;
  const sim::Time sent = tick_after(c, its_leader, c.now() - c.tick(), 1);
  const sim::Time heard = sent + one_way(c, leader, position);
  member.node.elapsed = ticks_between(c, member, heard, c.now());
  member.counted_until = std::max(heard, c.now());
  if (!leads(its_leader)) return;
  // What it has answered counts until the leader looks at its quorum.
  sim::Time answered = heard + one_way(c, position, leader);
  if (answered > c.now()) answered = answered - c.tick();
  const sim::Time looked = tick_after(c, its_leader, c.now() - c.tick(), 1) - c.tick() * its_leader.node.elapsed;
  its_leader.node.progress[position].active = answered > looked;
}

/// Running leader of the highest term.
Position find_leader(const Context& c) {
  Position best = raft::nobody;
  for (Position position = 0; position < c.size(); ++position) {
    if (!runs(c, position) || !leads(c.member(position))) continue;
    if (best == raft::nobody || c.member(position).node.term > c.member(best).node.term) best = position;
  }
  return best;
}

bool majority_attached(const Context& c, Position leader) {
  const raft::Members& members = c.member(leader).node.log.members();
  raft::MemberSet set = raft::only(leader);
  for (Position position = 0; position < c.size(); ++position) {
    if (c.member(position).attached) set = static_cast<raft::MemberSet>(set | raft::only(position));
  }
  return raft::size(static_cast<raft::MemberSet>(set & members.voters)) >= members.majority();
}

/// Somebody must hear its heartbeats as messages, or it may have to step down.
bool must_tick(const Context& c, Position position) {
  const Member& member = c.member(position);
  if (position != c.state.leader || member.node.transferee != raft::nobody) return true;
  if (!majority_attached(c, position)) return true;
  for (Position other = 0; other < c.size(); ++other) {
    const bool belongs = raft::contains(member.node.log.members().all(), other);
    if (other != position && belongs && !c.member(other).attached && reaches(c, position, other)) return true;
  }
  return false;
}

/// A stopping member looks once a tick whether somebody else leads.
void look_at_handover(Context& c, Position position) {
  Member& member = c.member(position);
  if (!member.stopping || leads(member)) return;
  member.stopping = false;
  c.world.queue.cancel(member.start_timer);
  member.start_timer =
      c.world.schedule(tick_after(c, member, c.now(), 1), HandedOver{c.service.value, position, member.life});
}

void set_awake(Context& c, Position position) {
  Member& member = c.member(position);
  const bool awake = leads(member) && runs(c, position) && must_tick(c, position);
  if (awake == member.awake) return;
  if (leads(member)) advance(c, position);
  member.awake = awake;
  member.counted_until = std::max(member.counted_until, c.now());
}

/// Whom it reaches is no majority, and to ask for pre-votes changes nothing.
void set_dormant(Context& c, Position position) {
  Member& member = c.member(position);
  raft::MemberSet reached = raft::only(position);
  const bool asks = runs(c, position) && member.node.role == raft::Role::pre_candidate && !member.writing;
  for (Position other = 0; asks && other < c.size(); ++other) {
    if (other != position && reaches(c, position, other)) {
      reached = static_cast<raft::MemberSet>(reached | raft::only(other));
    }
  }
  const raft::Members& members = member.node.log.members();
  const bool dormant = asks && raft::size(static_cast<raft::MemberSet>(reached & members.voters)) < members.majority();
  if (dormant == member.dormant) return;
  if (runs(c, position)) advance(c, position);
  member.dormant = dormant;
}

// ---- messages and writes ----

bool is_heartbeat(const raft::Message& message) {
  return std::holds_alternative<raft::Heartbeat>(message.body) ||
         std::holds_alternative<raft::HeartbeatResponse>(message.body);
}

/// Whether packets get there: also to a process that stands still, whose kernel takes them.
bool gets_through(const Context& c, Position from, Position to) {
  if (reaches(c, from, to)) return true;
  return c.member(to).frozen && host_up(c.world, c.process(to));
}

void send(Context& c, Position from, std::vector<raft::Message>& messages) {
  for (raft::Message& message : messages) {
    const Position to = message.to;
    if (to >= c.size()) continue;
    // Who is attached hears its leader's heartbeats without events, and its answers count.
    const bool to_attached = from == c.state.leader && c.member(to).attached;
    const bool from_attached = to == c.state.leader && c.member(from).attached;
    if (is_heartbeat(message) && (to_attached || from_attached)) {
      if (to_attached) c.member(from).node.progress[to].active = true;
      continue;
    }
    if (!gets_through(c, from, to)) continue;
    const std::uint16_t slot = take_slot(c.state.packets, c.state.free_packets);
    Packet& packet = c.state.packets[slot];
    packet.message = std::move(message);
    packet.life = c.member(to).life;
    packet.used = true;
    c.world.schedule(c.now() + one_way(c, from, to), PacketArrived{c.service.value, slot}, sim::Priority::message);
  }
  messages.clear();
}

infrastructure::DiskCondition disk(const Context& c, Position position) {
  const VolumeId volume = c.world.plan->processes[c.process(position)].volume;
  return volume.exists() ? infrastructure::disk_condition(c.world, volume) : infrastructure::DiskCondition{};
}

/// A write of a stalled disk hangs until that is over.
void schedule_write(Context& c, Position position) {
  Member& member = c.member(position);
  const infrastructure::DiskCondition condition = disk(c, position);
  if (condition.share <= 0) return;
  const Duration takes = c.world.draw(c.component(position), Purpose::log_write, c.parameters.fsync);
  member.write_timer =
      c.world.schedule(c.now() + takes + condition.latency, WriteDone{c.service.value, position, member.life});
}

/// What etcd does with a machine's output: a leader's messages leave beside its own write, others' after it.
void ready(Context& c, Position position) {
  Member& member = c.member(position);
  if (member.writing || member.frozen || member.node.role == raft::Role::down) return;
  if (leads(member)) send(c, position, member.outbox);
  if (!std::exchange(member.must_sync, false)) return send(c, position, member.outbox);
  member.writing = true;
  member.being_written = raft::stable(member.node);
  member.held = std::move(member.outbox);
  member.outbox.clear();
  schedule_write(c, position);
}

std::optional<sim::CauseId> note(Context& c, Position position, raft::Note what) {
  switch (what) {
    case raft::Note::campaigns:
      if (std::exchange(c.state.campaigned, true)) return c.world.note(Campaign{c.service.value, position});
      return c.world.note(FirstCampaign{c.service.value, position});
    case raft::Note::elected:
      c.state.campaigned = false;
      ++c.world.measurement.failovers;
      return c.world.note(LeaderElected{c.service.value, position}, c.member(position).node.term);
    case raft::Note::steps_down:
      if (c.member(position).node.role == raft::Role::down) return std::nullopt;
      return c.world.note(LeaderSteppedDown{c.service.value, position}, c.member(position).node.term);
    case raft::Note::lease_ignores: return c.world.note(LeaseIgnored{c.service.value, position});
    case raft::Note::stands:
    case raft::Note::refuses_vote:
    case raft::Note::dropped: return std::nullopt;
  }
  return std::nullopt;
}

void input(Context& c, Position position, const raft::Input& what) {
  Member& member = c.member(position);
  const bool led = leads(member);
  const Position lead = member.node.lead;
  raft::Output output = raft::step(c.plan.rules, position, member.node, what);
  if (output.draw_timeout) {
    const double u = c.world.uniform(c.component(position), Purpose::election_timeout);
    const auto most = static_cast<double>(c.plan.rules.election_ticks);
    member.node.timeout = c.plan.rules.election_ticks + static_cast<raft::Ticks>(u * most);
  }
  if (led != leads(member)) {
    member.awake = leads(member);
    member.attached = false;
  }
  if (member.node.role != raft::Role::follower) member.attached = false;
  if (output.draw_timeout || led != leads(member)) member.counted_until = c.now();
  if ((lead == raft::nobody) != (member.node.lead == raft::nobody)) {
    member.leaderless_since = member.node.lead == raft::nobody ? c.now() : sim::Time::never();
  }
  member.must_sync = member.must_sync || output.must_sync;
  for (raft::Message& message : output.messages) member.outbox.push_back(std::move(message));
  std::optional<CauseScope> because;
  for (const raft::Note its : output.notes) {
    const std::optional<sim::CauseId> record = note(c, position, its);
    if (record) because.emplace(c.world, *record);
  }
  ready(c, position);
}

}  // namespace

// ---- questions ----

Context context(World& world, ServiceId service) {
  const Spec& spec = spec_of(world.plan->spec(service));
  return {world, service, plan_of(*world.plan, service), spec, spec.parameters, world.services[service].as<State>()};
}
const Context view(const World& world, ServiceId service) {
  // A const context changes nothing.
  return context(const_cast<World&>(world), service);
}

bool runs(const Context& c, Position member) {
  return c.member(member).serving && c.world.processes[c.process(member)].status == ProcessState::Status::running;
}

bool reaches(const Context& c, Position from, Position to) {
  return runs(c, from) && runs(c, to) && contact(c.world, c.process(from), c.process(to)) == Contact::ok;
}

Duration one_way(const Context& c, Position from, Position to) {
  const Duration trip = infrastructure::round_trip(c.world, c.process(from), c.process(to));
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, c.process(from), c.process(to));
  if (path == infrastructure::PathCondition{}) return trip / 2;
  const Duration longer = infrastructure::round_trip_longer(c.world.plan->infra(), path, trip);
  // Where hardly anything gets through, it gets there too late for everybody.
  return trip / 2 + std::min(longer / 2, c.parameters.election_timeout * 10);
}

Duration write_longer(const Context& c, Position member) { return disk(c, member).latency; }

bool hangs(const Context& c, Position member) {
  return c.member(member).writing && !c.world.queue.pending(c.member(member).write_timer);
}

bool leader_acts(const Context& c) {
  const Position leader = c.state.leader;
  if (leader == raft::nobody || hangs(c, leader)) return false;
  const raft::Node& node = c.member(leader).node;
  if (node.log.term(node.log.committed()) != node.term) return false;
  raft::MemberSet followers = raft::only(leader);
  for (Position position = 0; position < c.size(); ++position) {
    if (takes_entries(c, position)) followers = static_cast<raft::MemberSet>(followers | raft::only(position));
  }
  const raft::Members& members = node.log.members();
  return raft::size(static_cast<raft::MemberSet>(followers & members.voters)) >= members.majority();
}

// ---- what happens ----

void grow(Context& c) {
  const sim::Time from = std::exchange(c.state.grown_at, c.now());
  // As it was until now, whatever has just happened.
  if (c.spec.writes_per_s <= 0 || !c.state.acts) return;
  const auto count = static_cast<raft::Index>((c.now() - from).to_seconds() * c.spec.writes_per_s);
  if (count == 0) {
    c.state.grown_at = from;
    return;
  }
  Member& leader = c.member(c.state.leader);
  const raft::Term term = leader.node.term;
  const auto append = [&](raft::Log& log) {
    log.append(term, count);
    log.commit(log.last().index);
    const auto snapshots = static_cast<raft::Index>(c.parameters.snapshot_count);
    const auto behind = static_cast<raft::Index>(c.parameters.catch_up_entries);
    const raft::Index snapshot = log.committed() / snapshots * snapshots;
    if (snapshot > behind) log.compact(snapshot - behind);
  };
  for (Position position = 0; position < c.size(); ++position) {
    Member& member = c.member(position);
    if (position != c.state.leader && !member.attached) continue;
    append(member.node.log);
    append(member.disk.log);
    raft::Progress& progress = leader.node.progress[position];
    progress.match = member.node.log.last().index;
    progress.next = progress.match + 1;
  }
}

void tell(Context& c, Position member, const raft::Input& what) {
  advance(c, member);
  input(c, member, what);
}

void settle(Context& c) {
  const Position before = c.state.leader;
  if (before != raft::nobody && leads(c.member(before))) advance(c, before);
  const Position leader = find_leader(c);
  if (before != raft::nobody && before != leader) {
    for (Position position = 0; position < c.size(); ++position) {
      if (c.member(position).attached) detach(c, position, before);
    }
  }
  c.state.leader = leader;
  for (Position position = 0; position < c.size(); ++position) {
    Member& member = c.member(position);
    const bool attached = hears(c, position);
    if (attached == member.attached) continue;
    if (attached) {
      member.attached = true;
      take_what_is_under_way(c, position);
      c.member(leader).node.progress[position].active = true;
    } else {
      detach(c, position, leader);
    }
  }
  for (Position position = 0; position < c.size(); ++position) set_awake(c, position);
  for (Position position = 0; position < c.size(); ++position) set_dormant(c, position);
  for (Position position = 0; position < c.size(); ++position) look_at_handover(c, position);
  for (Position position = 0; position < c.size(); ++position) set_tick_timer(c, position);
  c.state.acts = leader_acts(c) && majority_attached(c, leader);
  look_at_accesses(c);
}

void conditions_changed(Context& c) {
  grow(c);
  for (Position position = 0; position < c.size(); ++position) {
    Member& member = c.member(position);
    if (!runs(c, position)) continue;
    const bool stalled = disk(c, position).share <= 0;
    if (hangs(c, position) && !stalled) schedule_write(c, position);
    // The next write of clients hangs; with it everything but the taking of messages.
    const bool writes = c.spec.writes_per_s > 0 && c.state.acts && (position == c.state.leader || member.attached);
    if (stalled && writes && !member.writing) {
      advance(c, position);
      member.must_sync = true;
      ready(c, position);
    }
  }
  settle(c);
}

void rules_changed(Context& c) {
  const raft::Ticks before = std::exchange(c.state.election_ticks, c.plan.rules.election_ticks);
  if (before == c.plan.rules.election_ticks || before == 0) return;
  for (Member& member : c.state.members) {
    const auto moved =
        static_cast<raft::Ticks>(std::uint64_t{member.node.timeout} * c.plan.rules.election_ticks / before);
    member.node.timeout = std::max(moved, c.plan.rules.election_ticks);
  }
}

void stand_still(Context& c, Position position) {
  Member& member = c.member(position);
  if (member.frozen || !member.serving) return;
  member.frozen = true;
  c.world.queue.cancel(member.tick_timer);
}

void go_on(Context& c, Position position) {
  Member& member = c.member(position);
  if (!std::exchange(member.frozen, false)) return;
  if (hangs(c, position)) schedule_write(c, position);
  // Its ticker has dropped all ticks but one.
  if (member.attached) detach(c, position, c.state.leader);
  member.counted_until = c.now();
  for (const raft::Message& message : std::exchange(member.inbox, {})) input(c, position, message);
  if (raft::ticks_to_action(c.plan.rules, position, member.node) > 0) input(c, position, raft::Tick{});
  ready(c, position);
}

void forget_work(Context& c, Position position) {
  Member& member = c.member(position);
  for (const sim::TimerId timer : {member.tick_timer, member.write_timer, member.start_timer}) {
    c.world.queue.cancel(timer);
  }
  member.writing = member.must_sync = member.frozen = member.stopping = member.dormant = false;
  member.held.clear();
  member.outbox.clear();
  member.inbox.clear();
}

// ---- events ----

namespace {

/// The transport tells a leader of snapshots that did not arrive (rafthttp snapshot_sender, ReportSnapshot).
void report_lost_snapshots(Context& c, Position leader) {
  for (Position position = 0; position < c.size(); ++position) {
    if (c.member(leader).node.progress[position].state != raft::Progress::State::snapshot) continue;
    const bool under_way = std::any_of(c.state.packets.begin(), c.state.packets.end(), [&](const Packet& packet) {
      return packet.used && packet.message.to == position && packet.life == c.member(position).life &&
             std::holds_alternative<raft::InstallSnapshot>(packet.message.body);
    });
    // Its answer may be on its way, too.
    const bool answers = !c.member(position).outbox.empty() || !c.member(position).held.empty();
    if (!under_way && !answers) input(c, leader, raft::SnapshotSent{position, false});
  }
}

}  // namespace

void on(World& world, const TickDue& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  if (leads(c.member(event.member))) report_lost_snapshots(c, event.member);
  advance(c, event.member);
  settle(c);
}

void on(World& world, const PacketArrived& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  Packet& packet = c.state.packets[event.packet];
  raft::Message message = std::move(packet.message);
  const std::uint32_t life = packet.life;
  packet.used = false;
  c.state.free_packets.push_back(event.packet);
  Member& member = c.member(message.to);
  if (member.life != life || member.node.role == raft::Role::down || !member.serving) {
    world.stale = true;
    return;
  }
  if (member.frozen) {
    if (member.inbox.size() < most_waiting) member.inbox.push_back(std::move(message));
    return;
  }
  tell(c, message.to, message);
  settle(c);
}

void on(World& world, const WriteDone& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.member(event.member);
  // A process that stands still learns of its write when it goes on.
  if (!member.writing || member.life != event.life || member.frozen) {
    world.stale = true;
    return;
  }
  grow(c);
  member.writing = false;
  // Ticks that came meanwhile are dropped, all but one.
  const raft::Ticks missed = ticks_between(c, member, member.counted_until, c.now());
  member.counted_until = c.now();
  member.disk = std::move(member.being_written);
  send(c, event.member, member.held);
  input(c, event.member, raft::Persisted{member.disk.log.last()});
  const bool ticks_now = leads(member) ? member.awake : !member.attached;
  if (missed > 0 && ticks_now && raft::ticks_to_action(c.plan.rules, event.member, member.node) > 0) {
    input(c, event.member, raft::Tick{});
  }
  settle(c);
}

// ---- what events are about ----

#define NINES_ETCD_MEMBER_SUBJECT(E)                                                                \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.member]].component; \
  }
NINES_ETCD_MEMBER_EVENTS(NINES_ETCD_MEMBER_SUBJECT)
#undef NINES_ETCD_MEMBER_SUBJECT
#define NINES_ETCD_ACCESS_SUBJECT(E)                                      \
  ComponentId subject(const models::Plan& plan, const E& event) {         \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service}); \
    return service.clients[service.slis[event.access].client].component;  \
  }
NINES_ETCD_ACCESS_EVENTS(NINES_ETCD_ACCESS_SUBJECT)
#undef NINES_ETCD_ACCESS_SUBJECT
ComponentId subject(const models::Plan& plan, const ClusterRestored& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const models::Plan& plan, const PacketArrived& event) {
  return plan.services[ServiceId{event.service}].component;
}

}  // namespace nines::models::etcd
