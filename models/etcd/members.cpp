#include "models/etcd/members.hpp"

#include <algorithm>

#include "models/process.hpp"
#include "models/service/kind.hpp"

namespace nines::models::etcd {

namespace {

bool belongs(const Context& c, Position position) {
  return raft::contains(c.member(c.state.leader).node.log.members().all(), position);
}

void begin_clock(Context& c, Position position) {
  Member& member = c.member(position);
  member.phase = c.world.phase(c.component(position), Purpose::tick_phase, c.tick());
  member.counted_until = c.now();
}

/// A member that starts beside others campaigns early if it hears nothing: it skips all ticks of the first election
/// time-out but two; one that is alone, all but one (etcdserver raft.go advanceTicks).
void skip_ticks(Context& c, Position position) {
  if (!c.parameters.tick_advance) return;
  Member& member = c.member(position);
  bool others = false;
  for (Position other = 0; other < c.size(); ++other)
    others = others || (other != position && reaches(c, position, other));
  const bool alone = raft::size(member.node.log.members().voters) == 1;
  if (!alone && !others) return;
  const raft::Ticks left = alone ? 1 : 2;
  if (c.plan.rules.election_ticks > left) member.node.elapsed += c.plan.rules.election_ticks - left;
}

/// Wait of whoever replaces a member before the next command.
Duration next_command(const Context& c) { return c.parameters.election_timeout; }

void replace_at(Context& c, Position position, sim::Time at) {
  Member& member = c.member(position);
  member.start_timer = c.world.schedule(at, MemberReplaced{c.service.value, position, member.life});
}

bool has_data(const Member& member) { return member.disk.log.last().index > 0; }

/// No majority can come back with what it has on its disks.
bool data_lost(const Context& c) {
  std::size_t with_data = 0;
  for (Position position = 0; position < c.size(); ++position) with_data += has_data(c.member(position)) ? 1 : 0;
  return with_data < c.size() / 2 + 1;
}

void begin_restore(Context& c) {
  if (c.world.queue.pending(c.state.restore_timer)) return;
  const ComponentId cluster = c.world.plan->services[c.service].component;
  const Duration takes = c.world.draw(cluster, Purpose::member_replacement, c.parameters.restore);
  c.state.restore_timer = c.world.schedule(c.now() + takes, ClusterRestored{c.service.value});
}

/// What was committed, of whomever has seen most of it.
raft::Index committed(const Context& c) {
  raft::Index most = 0;
  for (Position position = 0; position < c.size(); ++position) {
    const Member& member = c.member(position);
    most = std::max({most, member.node.log.committed(), member.disk.log.committed()});
  }
  return most;
}

Duration draw_replacement(Context& c, Position position) {
  return c.world.draw(c.component(position), Purpose::member_replacement, c.parameters.replacement);
}

}  // namespace

void member_started(Context& c, Position position) {
  Member& member = c.member(position);
  ProcessState& process = c.world.processes.edit(c.process(position));
  if (process.disk_lost) {
    // A member whose data are gone is refused as the one that it was: it must be removed, and added anew.
    process.disk_lost = false;
    member.disk = {};
    return replace_at(c, position, c.now() + draw_replacement(c, position));
  }
  if (!has_data(member)) return replace_at(c, position, c.now() + draw_replacement(c, position));
  const Duration takes = c.world.draw(c.component(position), Purpose::process_start, c.parameters.start);
  member.start_timer = c.world.schedule(c.now() + takes, MemberUp{c.service.value, position, member.life});
}

void member_died(Context& c, Position position) {
  grow(c);
  Member& member = c.member(position);
  forget_work(c, position);
  tell(c, position, raft::Died{});
  forget_work(c, position);
  member.serving = member.attached = member.awake = false;
  ++member.life;
}

void member_terminating(Context& c, Position position) {
  Member& member = c.member(position);
  Position heir = raft::nobody;
  for (Position other = 0; other < c.size() && heir == raft::nobody; ++other) {
    if (c.member(other).attached) heir = other;
  }
  const bool hands_over = member.serving && c.state.leader == position && heir != raft::nobody;
  if (!hands_over) return kubernetes::process_exited(c.world, c.process(position), Ending::clean);
  grow(c);
  member.stopping = true;
  // It waits for the next leader, at most as long as for a request; it looks once a tick.
  const Duration longest = c.parameters.request_timeout + 2 * c.parameters.election_timeout;
  member.start_timer = c.world.schedule(c.now() + longest, HandedOver{c.service.value, position, member.life});
  tell(c, position, raft::TransferTo{heir});
  settle(c);
}

void on(World& world, const MemberUp& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.member(event.member);
  if (member.life != event.life || member.serving) {
    world.stale = true;
    return;
  }
  grow(c);
  member.serving = true;
  begin_clock(c, event.member);
  tell(c, event.member, raft::Started{member.disk});
  skip_ticks(c, event.member);
  settle(c);
}

void on(World& world, const MemberReplaced& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.member(event.member);
  if (member.life != event.life) {
    world.stale = true;
    return;
  }
  grow(c);
  if (!leader_acts(c)) {
    if (data_lost(c)) begin_restore(c);
    return replace_at(c, event.member, c.now() + draw_replacement(c, event.member));
  }
  const Position leader = c.state.leader;
  raft::Members members = c.member(leader).node.log.members();
  const raft::MemberSet self = raft::only(event.member);
  if (!member.serving && belongs(c, event.member)) {
    members.voters = static_cast<raft::MemberSet>(members.voters & ~self);
    members.learners = static_cast<raft::MemberSet>(members.learners & ~self);
  } else if (!member.serving) {
    member.serving = true;
    member.node = {};
    begin_clock(c, event.member);
    tell(c, event.member, raft::Started{});
    members.learners = static_cast<raft::MemberSet>(members.learners | self);
  } else if (raft::contains(members.learners, event.member)) {
    // Promoted when it has nearly all of the log: etcd asks for 90 %.
    if (c.member(leader).node.progress[event.member].match < c.member(leader).node.log.last().index) {
      return replace_at(c, event.member, c.now() + next_command(c));
    }
    members.learners = static_cast<raft::MemberSet>(members.learners & ~self);
    members.voters = static_cast<raft::MemberSet>(members.voters | self);
  }
  const bool done = raft::contains(c.member(leader).node.log.members().voters, event.member) && member.serving;
  if (!done) {
    tell(c, leader, raft::ProposeMembers{members});
    replace_at(c, event.member, c.now() + next_command(c));
  }
  settle(c);
}

void on(World& world, const ClusterRestored& event) {
  Context c = context(world, ServiceId{event.service});
  if (leader_acts(c) || !data_lost(c)) {
    world.stale = true;
    return;
  }
  // A new cluster of those that run, from the last backup (etcdctl snapshot restore). The others are added when they
  // are back: what they have belongs to the old one.
  raft::Members members;
  raft::Term term = 0;
  for (Position position = 0; position < c.size(); ++position) {
    const bool there = c.world.processes[c.process(position)].status == ProcessState::Status::running;
    if (there) members.voters = static_cast<raft::MemberSet>(members.voters | raft::only(position));
    term = std::max(term, c.member(position).node.term);
  }
  if (members.voters == 0) {
    world.stale = true;
    return;
  }
  const ComponentId cluster = world.plan->services[c.service].component;
  const double age_s = c.parameters.backup_interval.to_seconds() * world.uniform(cluster, Purpose::initial_leader);
  const raft::Index before = committed(c);
  const auto lost =
      std::min(static_cast<raft::Index>(age_s * c.spec.writes_per_s), before - std::min<raft::Index>(before, 1));
  for (Position position = 0; position < c.size(); ++position) {
    Member& member = c.member(position);
    forget_work(c, position);
    ++member.life;
    member.attached = member.awake = member.dormant = member.serving = false;
    member.node = {};
    member.disk = {};
    if (!raft::contains(members.voters, position)) continue;
    member.disk.term = term + 1;
    member.disk.log = raft::Log(members, {term + 1, std::max<raft::Index>(before - lost, 1)});
    member.serving = true;
    begin_clock(c, position);
    tell(c, position, raft::Started{member.disk});
  }
  c.state.leader = raft::nobody;
  if (c.spec.writes_per_s > 0) {
    measurement::Loss loss;
    loss.service = c.service;
    loss.at = c.now();
    // A backup may be older than the log that is played: clients had written before.
    loss.records_all = age_s * c.spec.writes_per_s;
    loss.seconds = age_s;
    loss.rule = "a majority lost its data: restored from a backup";
    loss.cause = world.trace.current();
    world.measurement.losses.push_back(loss);
  }
  service::restored(world, c.service, Duration::from_seconds(age_s));
  settle(c);
}

void on(World& world, const HandedOver& event) {
  Context c = context(world, ServiceId{event.service});
  if (c.member(event.member).life != event.life) {
    world.stale = true;
    return;
  }
  kubernetes::process_exited(world, c.process(event.member), Ending::clean);
}

}  // namespace nines::models::etcd
