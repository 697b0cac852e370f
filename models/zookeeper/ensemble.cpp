#include "models/zookeeper/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "models/free_slots.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/process.hpp"
#include "models/zookeeper/client.hpp"

namespace nines::models::zookeeper {

namespace {

bool leads(const Server& server) {
  return server.peer.role == zab::Role::leading && server.peer.step != zab::Step::closing;
}
bool follows(const Server& server) {
  return server.peer.role == zab::Role::following && server.peer.step != zab::Step::closing;
}
bool is_learner(const Server& leader, Position position) {
  return leads(leader) && leader.peer.learners[position].state != zab::Learner::State::none;
}
bool is_synced(const Server& leader, Position position) {
  return leads(leader) && leader.peer.learners[position].state == zab::Learner::State::synced;
}

Duration draw(Context& c, Position position, Purpose purpose, const Law& law) {
  return c.world.draw(c.component(position), purpose, law);
}

infrastructure::DiskCondition disk(const Context& c, Position position) {
  const VolumeId volume = c.world.plan->processes[c.process(position)].volume;
  return volume.exists() ? infrastructure::disk_condition(c.world, volume) : infrastructure::DiskCondition{};
}

Duration at_rate(double bytes, Bandwidth rate) {
  return rate.bytes_per_s > 0 ? Duration::from_seconds(bytes / rate.bytes_per_s) : Duration();
}

// ---- timers ----

Duration length(const Context& c, const zab::Peer& peer) {
  const Parameters& p = c.parameters;
  switch (peer.wait) {
    case zab::Wait::none: break;
    case zab::Wait::notification: {
      Duration wait = p.min_notification;
      for (std::uint8_t i = 0; i < peer.doublings && wait < p.max_notification; ++i) wait = wait * 2;
      return std::min(wait, p.max_notification);
    }
    case zab::Wait::finalize: return p.finalize_wait;
    case zab::Wait::retry: return p.connect_delay;
    case zab::Wait::init: {
      const bool connects = peer.role == zab::Role::following && peer.step == zab::Step::discovery;
      return c.tick() * (connects && p.connect_limit > 0 ? p.connect_limit : p.init_limit);
    }
    case zab::Wait::sync: return c.tick() * p.sync_limit;
  }
  return {};
}

constexpr std::string_view key_notification = "fastleader.minNotificationInterval";
constexpr std::string_view key_finalize = "zookeeper.finalize_wait";
constexpr std::string_view key_retry = "leaderConnectDelayDuringRetryMs";
constexpr std::string_view key_connect = "connectToLearnerMasterLimit";
constexpr std::string_view key_init = "initLimit";
constexpr std::string_view key_silence = "syncLimit";

/// The parameter that sets the wait.
const std::string_view& key_of(const Context& c, const zab::Peer& peer) {
  switch (peer.wait) {
    case zab::Wait::notification: return key_notification;
    case zab::Wait::finalize: return key_finalize;
    case zab::Wait::retry: return key_retry;
    case zab::Wait::init: {
      const bool connects = peer.role == zab::Role::following && peer.step == zab::Step::discovery;
      return connects && c.parameters.connect_limit > 0 ? key_connect : key_init;
    }
    case zab::Wait::none:
    case zab::Wait::sync: break;
  }
  return key_silence;
}

void set_timer(Context& c, Position position) {
  Server& server = c.server(position);
  c.world.queue.cancel(server.timer);
  server.overdue = false;
  if (server.peer.wait == zab::Wait::none) return;
  server.timer = c.world.schedule(c.now() + length(c, server.peer), WaitOver{c.service.value, position, server.life});
}

sim::Grid grid(Duration phase, Duration period) { return {sim::Time() + phase, period}; }

// ---- messages ----

bool is_notification(const zab::Message& message) { return std::holds_alternative<zab::Notification>(message.body); }

void give_back(State& state, std::uint16_t slot) {
  state.packets[slot] = {};
  state.free_packets.push_back(slot);
}

/// Besides the way: of a history the time to send it, and of what a follower says first the time to come to it.
Duration takes_longer(Context& c, const zab::Message& message) {
  if (const auto* history = std::get_if<zab::History>(&message.body)) {
    const double bytes = history->mode == zab::Sync::snap
                             ? c.spec.database.count
                             : static_cast<double>(history->count) * c.spec.write_size.count;
    const ProcessId from = c.process(message.from);
    const ProcessId to = c.process(message.to);
    Bandwidth rate = c.parameters.snapshot_send_rate;
    const Duration trip = infrastructure::round_trip(c.world, from, to);
    const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, to);
    rate = std::min(rate, infrastructure::connection_carries(c.world.plan->infra(), path, trip));
    for (const ProcessId end : {from, to}) {
      rate.bytes_per_s *= std::min(1.0, infrastructure::network_share(c.world, c.world.processes[end].node));
    }
    return at_rate(bytes, rate);
  }
  const bool first = std::holds_alternative<zab::FollowerInfo>(message.body) && c.server(message.from).peer.tries == 0;
  if (first) return draw(c, message.from, Purpose::message_handling, c.parameters.follower_setup);
  return {};
}

/// The kernel of a process that stands still takes what is sent to it.
Contact way(const Context& c, Position from, Position to) {
  if (from == to) return Contact::ok;
  const Contact found = between(c, from, to);
  if (found == Contact::silence && c.server(to).frozen && !c.server(from).frozen && host_up(c.world, c.process(to)))
    return c.server(to).up ? Contact::ok : Contact::reset;
  return found;
}

/// When TCP sends again over a path that is back what it sent first at `from`.
sim::Time sent_again(const Context& c, Position one, Position other, sim::Time from) {
  if (from >= c.now()) return c.now();
  const Duration trip = infrastructure::round_trip(c.world, c.process(one), c.process(other));
  return infrastructure::sent_again(from, trip + c.world.plan->infra().tcp_rto_min, c.now());
}

/// Sends it at `leaves`, or after what its connection has before it.
void dispatch(Context& c, std::uint16_t slot, sim::Time leaves) {
  const zab::Message& message = c.state.packets[slot].message;
  const Position from = message.from;
  const Position to = message.to;
  const bool notification = is_notification(message);
  const std::size_t lane = (std::size_t{from} * c.size() + to) * 2 + (notification ? 1 : 0);
  sim::Time& last = c.state.arrivals[lane];
  const Duration takes = takes_longer(c, message) + draw(c, to, Purpose::message_handling, c.parameters.handling);
  const Duration trip = from == to ? Duration() : one_way(c, from, to);
  last = std::max(last, leaves + trip + takes);
  c.world.schedule(last, PacketArrived{c.service.value, slot}, sim::Priority::message);
}

void send(Context& c, std::vector<zab::Message>& messages) {
  for (zab::Message& message : messages) {
    const Position from = message.from;
    const Position to = message.to;
    const Contact found = way(c, from, to);
    if (found == Contact::reset) {
      // Nobody listens: the kernel says so. What was for an old connection goes with it.
      if (!std::holds_alternative<zab::FollowerInfo>(message.body)) continue;
      message = {to, from, zab::Refused{}};
    }
    const std::uint16_t slot = take_slot(c.state.packets, c.state.free_packets);
    Packet& packet = c.state.packets[slot];
    packet.used = true;
    packet.sender_life = c.server(message.from).life;
    packet.receiver_life = c.server(message.to).life;
    packet.sent = c.now();
    packet.message = std::move(message);
    if (found == Contact::silence) {
      c.state.stalled.push_back(slot);
    } else {
      dispatch(c, slot, c.now());
    }
  }
  messages.clear();
}

/// Paths are back: what TCP has held arrives.
void send_stalled(Context& c) {
  for (const std::uint16_t slot : std::exchange(c.state.stalled, {})) {
    const Packet& packet = c.state.packets[slot];
    const Position from = packet.message.from;
    const Position to = packet.message.to;
    const bool gone = packet.sender_life != c.server(from).life || packet.receiver_life != c.server(to).life;
    const Contact found = way(c, from, to);
    if (gone || found == Contact::reset) {
      give_back(c.state, slot);
    } else if (found == Contact::silence) {
      c.state.stalled.push_back(slot);
    } else {
      dispatch(c, slot, sent_again(c, from, to, packet.sent));
    }
  }
}

// ---- disks ----

/// A write of a stalled disk hangs until that is over.
void schedule_write(Context& c, Position position) {
  Server& server = c.server(position);
  const infrastructure::DiskCondition condition = disk(c, position);
  if (condition.share <= 0) return;
  const Duration takes = draw(c, position, Purpose::log_write, c.parameters.fsync);
  server.write_timer =
      c.world.schedule(c.now() + takes + condition.latency, WriteDone{c.service.value, position, server.life});
}

/// Messages leave after the write that they speak of; a leader's proposals beside it.
void ready(Context& c, Position position) {
  Server& server = c.server(position);
  if (server.frozen || server.peer.role == zab::Role::down || server.writing) return;
  if (zab::serves(server.peer) && leads(server)) send(c, server.outbox);
  if (!std::exchange(server.must_sync, false)) return send(c, server.outbox);
  server.writing = true;
  server.being_written = zab::stable(server.peer);
  server.held = std::move(server.outbox);
  server.outbox.clear();
  schedule_write(c, position);
}

// ---- inputs ----

void forget_work(Context& c, Position position) {
  Server& server = c.server(position);
  for (const sim::TimerId timer : {server.timer, server.write_timer, server.start_timer, server.stage_timer,
                                   server.read_timer, server.check_timer, server.lost_timer, server.exit_timer}) {
    c.world.queue.cancel(timer);
  }
  for (Position other = 0; other < c.size(); ++other) {
    c.world.queue.cancel(server.drop_timers[other]);
    c.world.queue.cancel(server.gone_timers[other]);
    c.world.queue.cancel(server.resume_timers[other]);
    server.stuck_since[other] = server.resumes[other] = sim::Time();
  }
  server.writing = server.must_sync = server.frozen = server.overdue = server.listens = server.open = false;
  server.late.clear();
  server.held.clear();
  server.outbox.clear();
  server.inbox.clear();
}

/// What a quorum of disks has forgotten, if the new leader has less than was committed.
void look_for_loss(Context& c, Position position) {
  const zab::Log& log = c.server(position).peer.log;
  const std::uint64_t lost = c.state.committed.after(c.state.committed.last_shared(log));
  c.state.committed = log;
  if (lost == 0 || c.spec.writes_per_s <= 0) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.at = c.now();
  loss.records_all = static_cast<double>(lost);
  loss.seconds = loss.records_all / c.spec.writes_per_s;
  loss.rule = "a quorum without its data elected a leader";
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

void begin_to_serve(Context& c, Position position) {
  Server& server = c.server(position);
  server.expiry_phase = c.world.phase(c.component(position), Purpose::fence_check_phase, c.tick());
  look_for_loss(c, position);
  restart_sessions(c, position);
}

void start_pipeline(Context& c, Position position) {
  Server& server = c.server(position);
  c.world.queue.cancel(server.stage_timer);
  const Duration takes = draw(c, position, Purpose::broker_start, c.parameters.pipeline_start);
  server.stage_timer = c.world.schedule(c.now() + takes, PipelineStarted{c.service.value, position, server.life});
}

std::optional<sim::CauseId> note(Context& c, Position position, zab::Note what) {
  const auto service = c.service.value;
  switch (what) {
    case zab::Note::looks: return c.world.note(Looking{service, position}, c.server(position).peer.round);
    case zab::Note::leads: return c.world.note(Elected{service, position}, c.server(position).peer.round);
    case zab::Note::follows: return c.world.note(Following{service, position}, c.server(position).peer.leader);
    case zab::Note::serves:
      ++c.world.measurement.failovers;
      return c.world.note(Serving{service, position}, c.server(position).peer.epoch);
    case zab::Note::joins: return c.world.note(Joined{service, position});
    case zab::Note::steps_down: return c.world.note(SteppedDown{service, position});
  }
  return std::nullopt;
}

void input(Context& c, Position position, const zab::Input& what) {
  Server& server = c.server(position);
  zab::Output output = zab::step(c.plan.rules, position, server.peer, what);
  server.must_sync = server.must_sync || output.must_sync;
  std::vector<zab::Message> notifications;
  for (zab::Message& message : output.messages) {
    // The election has threads and connections of its own: no write holds it up.
    (is_notification(message) ? notifications : server.outbox).push_back(std::move(message));
  }
  std::optional<CauseScope> because;
  for (const zab::Note its : output.notes) {
    const std::optional<sim::CauseId> record = note(c, position, its);
    because.reset();
    if (record) because.emplace(c.world, *record);
    if (its == zab::Note::serves) begin_to_serve(c, position);
    if (its == zab::Note::serves || its == zab::Note::joins) start_pipeline(c, position);
  }
  if (output.timer) set_timer(c, position);
  if (!follows(server)) server.attached = false;
  if (!leads(server)) server.listens = false;
  if (!zab::serves(server.peer)) server.open = false;
  if (output.closes) {
    c.world.queue.cancel(server.stage_timer);
    Duration takes = draw(c, position, Purpose::clean_close, c.parameters.close);
    // ZKDatabase.fastForwardDataBase looks for the last transaction from the beginning of its file.
    const std::uint64_t length = server.peer.log.size();
    const std::uint64_t written = length - std::min(length, server.log_begun);
    const auto in_file = static_cast<double>(written % static_cast<std::uint64_t>(c.parameters.snap_count));
    takes += Duration::from_seconds(in_file / static_cast<double>(c.parameters.scan_rate));
    server.stage_timer = c.world.schedule(c.now() + takes, ShutDown{c.service.value, position, server.life});
  }
  if (output.loads) {
    c.world.queue.cancel(server.stage_timer);
    const Duration takes = draw(c, position, Purpose::message_handling, c.parameters.leader_setup);
    server.stage_timer = c.world.schedule(c.now() + takes, PortOpened{c.service.value, position, server.life});
  }
  if (!server.frozen) send(c, notifications);
  ready(c, position);
}

// ---- who hears whom ----

Position find_leader(const Context& c) {
  Position best = zab::nobody;
  for (Position position = 0; position < c.size(); ++position) {
    const Server& server = c.server(position);
    if (!server.up || !leads(server) || !zab::serves(server.peer)) continue;
    if (c.world.processes[c.process(position)].status == ProcessState::Status::absent) continue;
    if (best == zab::nobody || server.peer.epoch > c.server(best).peer.epoch) best = position;
  }
  return best;
}

/// Both have the same connection, and neither has closed it or begun a new life.
bool is_whole(const Context& c, Position follower, Position leader) {
  const Server& its = c.server(follower);
  const Server& lead = c.server(leader);
  return follows(its) && its.peer.leader == leader && is_learner(lead, follower) && its.leader_life == lead.life &&
         lead.learner_lives[follower] == its.life;
}

/// A path that was cut is back, and TCP has not yet tried again what a leader's connection holds.
bool is_stuck(const Context& c, Position follower, Position leader) {
  return c.server(leader).resumes[follower] > c.now();
}

/// Its leader's pings and transactions reach it, and its answers the leader.
bool hears(const Context& c, Position position) {
  const Position leader = c.state.leader;
  if (leader == zab::nobody || leader == position) return false;
  const Server& server = c.server(position);
  if (!follows(server) || server.peer.leader != leader || server.peer.step != zab::Step::broadcast) return false;
  return is_synced(c.server(leader), position) && is_whole(c, position, leader) && !is_stuck(c, position, leader) &&
         between(c, leader, position) == Contact::ok && between(c, position, leader) == Contact::ok;
}

/// What a follower that hears its leader lacks is on its way to it.
void take_what_is_under_way(Context& c, Position position) {
  Server& server = c.server(position);
  zab::Peer& leader = c.server(c.state.leader).peer;
  server.peer.log = leader.log;
  server.peer.committed = leader.committed;
  leader.learners[position].acked = leader.log.last();
  if (writes(c, position)) server.disk.log = leader.log;
}

/// When either side of a connection heard the other last before `at`: at the leader's last ping, or the last
/// transaction if that was later. Transactions are taken to come at even intervals.
sim::Time last_word(const Context& c, Position leader, bool busy, sim::Time at) {
  const sim::Time ping = ping_before(c, leader, at);
  constexpr double most_per_s = 1e9;  // one a nanosecond
  if (!busy) return ping;
  const Duration interval = Duration::from_seconds(1 / std::min(c.spec.writes_per_s, most_per_s));
  return std::max(ping, grid(c.server(leader).tick_phase, interval).at_or_before(at));
}
sim::Time last_word(const Context& c, Position leader, bool busy) { return last_word(c, leader, busy, c.now()); }

/// How long a cut of the path holds their connection up: the first ping or transaction that is lost is sent again at
/// growing intervals, and what comes behind it waits.
void watch_path(Context& c, Position follower, Position leader, bool busy) {
  Server& lead = c.server(leader);
  sim::Time& since = lead.stuck_since[follower];
  sim::Time& resumes = lead.resumes[follower];
  const auto clear = [&] {
    since = resumes = sim::Time();
    c.world.queue.cancel(lead.resume_timers[follower]);
  };
  if (!is_whole(c, follower, leader)) return clear();
  if (!runs(c, leader) || !runs(c, follower)) return;  // a kernel takes packets all the same
  if (contact(c.world, c.process(leader), c.process(follower)) != Contact::ok) {
    if (since == sim::Time()) since = busy ? c.now() : grid(lead.tick_phase, c.half_tick()).after(c.now());
    resumes = sim::Time();
    c.world.queue.cancel(lead.resume_timers[follower]);
    return;
  }
  if (since == sim::Time()) return;
  if (resumes == sim::Time()) {
    resumes = sent_again(c, leader, follower, since);
    lead.resume_timers[follower] =
        c.world.schedule(resumes, ConnectionResumes{c.service.value, leader, follower, lead.life});
  }
  if (resumes <= c.now()) clear();
}

/// What ends a connection that is no longer whole, as the follower sees it. It says nothing unless its leader asks.
void watch_leader(Context& c, Position follower, Position leader, bool busy) {
  Server& its = c.server(follower);
  if (!follows(its) || its.peer.leader != leader) return;
  const Contact found = between(c, follower, leader);
  const bool connects = its.peer.step == zab::Step::discovery;
  const bool waits = !connects || its.peer.wait == zab::Wait::init;
  if (found == Contact::reset && waits) {
    if (!c.world.queue.pending(its.lost_timer)) {
      const sim::Time seen = std::max(c.now(), c.server(leader).closed);
      its.lost_timer = c.world.schedule(seen, ConnectionLost{c.service.value, follower, leader, its.life});
    }
  } else {
    c.world.queue.cancel(its.lost_timer);
  }
  const bool silent = found == Contact::silence || is_stuck(c, follower, leader) ||
                      (found == Contact::ok && !is_whole(c, follower, leader));
  if (!silent || its.peer.step != zab::Step::broadcast || its.frozen) {
    c.world.queue.cancel(its.read_timer);
  } else if (!c.world.queue.pending(its.read_timer)) {
    const sim::Time at = last_word(c, leader, busy) + c.tick() * c.parameters.sync_limit;
    its.read_timer = c.world.schedule(std::max(at, c.now()), ReadTimeout{c.service.value, follower, leader, its.life});
  }
}

/// The same as the leader sees it.
void watch_learner(Context& c, Position follower, Position leader, bool busy) {
  Server& lead = c.server(leader);
  if (!is_learner(lead, follower)) {
    c.world.queue.cancel(lead.drop_timers[follower]);
    c.world.queue.cancel(lead.gone_timers[follower]);
    return;
  }
  const Contact open = between(c, leader, follower);
  const Contact found = open == Contact::ok && is_stuck(c, follower, leader) ? Contact::silence : open;
  const bool broken = found == Contact::ok && !is_whole(c, follower, leader);
  const sim::Grid pings = grid(lead.tick_phase, c.half_tick());
  if ((found != Contact::reset && !broken) || lead.frozen) {
    c.world.queue.cancel(lead.gone_timers[follower]);
  } else if (!c.world.queue.pending(lead.gone_timers[follower])) {
    // Of a connection that the other side no longer has it hears when it sends its next ping.
    const sim::Time at = found == Contact::reset ? std::max(c.now(), c.server(follower).closed)
                                                 : pings.after(c.now()) + one_way(c, leader, follower) * 2;
    lead.gone_timers[follower] = c.world.schedule(at, ConnectionLost{c.service.value, leader, follower, lead.life});
  }
  const bool synced = is_synced(lead, follower);
  const bool stuck = found == Contact::ok && busy && synced && !writes(c, follower);
  if ((found != Contact::silence && !stuck) || lead.frozen) {
    c.world.queue.cancel(lead.drop_timers[follower]);
  } else if (!c.world.queue.pending(lead.drop_timers[follower])) {
    const Duration longest = c.tick() * (synced ? c.parameters.sync_limit : c.parameters.init_limit);
    // An answer comes a round trip after the ping, and so after the look at the quorum that goes before the ping.
    sim::Time at = (synced ? last_word(c, leader, busy) + one_way(c, leader, follower) * 2 : c.now()) + longest;
    // Transactions without an answer are looked at with each ping (SyncLimitCheck).
    if (stuck) at = pings.at_or_after(at);
    lead.drop_timers[follower] =
        c.world.schedule(std::max(at, c.now()), ReadTimeout{c.service.value, leader, follower, lead.life});
  }
}

/// A leader looks at its quorum when a tick is over; while it has one, that changes nothing.
void watch_quorum(Context& c, Position position) {
  Server& server = c.server(position);
  std::size_t there = 1;
  for (Position other = 0; other < c.size(); ++other) {
    if (other != position && is_synced(server, other) && is_whole(c, other, position) &&
        !is_stuck(c, other, position) && between(c, position, other) == Contact::ok) {
      ++there;
    }
  }
  const bool lacks = leads(server) && zab::serves(server.peer) && runs(c, position) && there < c.plan.rules.quorum();
  if (!lacks) {
    c.world.queue.cancel(server.check_timer);
    return;
  }
  if (c.world.queue.pending(server.check_timer)) return;
  const sim::Time at = grid(server.tick_phase, c.tick()).after(c.now());
  server.check_timer = c.world.schedule(at, QuorumCheck{c.service.value, position, server.life});
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

bool runs(const Context& c, Position server) {
  return c.server(server).up && c.world.processes[c.process(server)].status == ProcessState::Status::running;
}

Contact between(const Context& c, Position from, Position to) {
  if (c.server(from).frozen) return Contact::silence;
  const Contact found = contact(c.world, c.process(from), c.process(to));
  return found == Contact::ok && !c.server(to).up ? Contact::reset : found;
}

Duration one_way(const Context& c, Position from, Position to) {
  const Duration trip = infrastructure::round_trip(c.world, c.process(from), c.process(to));
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, c.process(from), c.process(to));
  if (path == infrastructure::PathCondition{}) return trip / 2;
  const Duration longer = infrastructure::round_trip_longer(c.world.plan->infra(), path, trip);
  // Where hardly anything gets through, it gets there too late for everybody.
  return trip / 2 + std::min(longer / 2, c.tick() * (c.parameters.init_limit + c.parameters.sync_limit));
}

bool writes(const Context& c, Position server) { return disk(c, server).share > 0; }
Duration write_longer(const Context& c, Position server) { return disk(c, server).latency; }
bool serves(const Context& c, Position server) { return runs(c, server) && c.server(server).open; }
bool in_quorum(const Context& c, Position server) {
  return server == c.state.leader ? runs(c, server) : c.server(server).attached;
}
sim::Time ping_before(const Context& c, Position leader, sim::Time at) {
  return grid(c.server(leader).tick_phase, c.half_tick()).at_or_before(at);
}

// ---- what happens ----

void grow(Context& c) {
  const sim::Time from = std::exchange(c.state.grown_at, c.now());
  // As it was until now, whatever has just happened.
  if (c.spec.writes_per_s <= 0 || !c.state.acts || c.state.leader == zab::nobody) return;
  const auto count = static_cast<std::uint64_t>((c.now() - from).to_seconds() * c.spec.writes_per_s);
  if (count == 0) {
    c.state.grown_at = from;
    return;
  }
  zab::Peer& leader = c.server(c.state.leader).peer;
  for (Position position = 0; position < c.size(); ++position) {
    Server& server = c.server(position);
    if ((position != c.state.leader && !server.attached) || !writes(c, position)) continue;
    server.peer.log.append(leader.epoch, count);
    server.peer.committed = server.peer.log.last();
    server.disk.log = server.peer.log;
    if (position == c.state.leader) {
      leader.persisted = leader.log.last();
    } else {
      leader.learners[position].acked = server.peer.log.last();
    }
  }
  if (!writes(c, c.state.leader)) {
    leader.log.append(leader.epoch, count);
    leader.committed = leader.log.last();
  }
  c.state.committed.append(leader.epoch, count);
}

void tell(Context& c, Position server, const zab::Input& what) { input(c, server, what); }

void settle(Context& c) {
  c.state.leader = find_leader(c);
  const Position leader = c.state.leader;
  const bool busy = c.spec.writes_per_s > 0 && c.state.acts;  // as it was until now
  for (Position one = 0; one < c.size(); ++one) {
    for (Position other = 0; other < c.size(); ++other) {
      if (one != other) watch_path(c, one, other, busy);
    }
  }
  for (Position position = 0; position < c.size(); ++position) {
    Server& server = c.server(position);
    const bool attached = hears(c, position);
    if (attached && !server.attached) take_what_is_under_way(c, position);
    server.attached = attached;
  }
  std::size_t committing = 0;
  for (Position position = 0; position < c.size(); ++position) {
    const bool counts = position == leader ? runs(c, position) : c.server(position).attached;
    if (counts && writes(c, position)) ++committing;
  }
  c.state.acts = leader != zab::nobody && runs(c, leader) && committing >= c.plan.rules.quorum();
  for (Position one = 0; one < c.size(); ++one) {
    for (Position other = 0; other < c.size(); ++other) {
      if (one == other) continue;
      watch_leader(c, one, other, busy);
      watch_learner(c, one, other, busy);
    }
  }
  for (Position position = 0; position < c.size(); ++position) watch_quorum(c, position);
  look_at_clients(c);
}

void server_started(Context& c, Position position) {
  Server& server = c.server(position);
  ProcessState& process = c.world.processes.edit(c.process(position));
  Duration takes = draw(c, position, Purpose::process_start, c.parameters.start);
  if (std::exchange(process.disk_lost, false)) {
    // An empty directory is no error: the server joins, and is sent everything.
    server.disk = {};
  } else {
    const auto since = server.disk.log.size() % static_cast<std::uint64_t>(c.parameters.snap_count);
    takes += at_rate(c.spec.database.count, c.parameters.load_rate);
    takes += Duration::from_seconds(static_cast<double>(since) / static_cast<double>(c.parameters.replay_rate));
  }
  server.start_timer = c.world.schedule(c.now() + takes, ServerUp{c.service.value, position, server.life});
}

void server_died(Context& c, Position position) {
  grow(c);
  Server& server = c.server(position);
  forget_work(c, position);
  tell(c, position, zab::Died{});
  forget_work(c, position);
  server.up = server.attached = false;
  ++server.life;
  // The kernel frees the process's memory first; then it closes all connections.
  server.closed = c.now() + draw(c, position, Purpose::connection_teardown, c.parameters.teardown);
}

void server_terminating(Context& c, Position position) {
  Server& server = c.server(position);
  if (c.world.queue.pending(server.exit_timer)) return;
  const Duration takes = draw(c, position, Purpose::clean_close, c.parameters.exit);
  server.exit_timer = c.world.schedule(c.now() + takes, Exited{c.service.value, position, server.life});
}

namespace {

/// What the process of a server has come to.
void reach(Context& c, Position position, Stage stage) {
  Server& server = c.server(position);
  switch (stage) {
    case Stage::written:
      server.writing = false;
      server.disk = std::move(server.being_written);
      // Transactions that came meanwhile are on the disk already.
      if (in_quorum(c, position) && writes(c, position)) server.disk.log = server.peer.log;
      send(c, server.held);
      return tell(c, position, zab::Persisted{server.disk.log.last()});
    case Stage::up:
      server.up = true;
      server.log_begun = server.disk.log.size();
      return tell(c, position, zab::Started{server.disk});
    case Stage::shut_down: return tell(c, position, zab::Closed{});
    case Stage::port_opened: {
      server.listens = true;
      const Duration takes = at_rate(c.spec.database.count, c.parameters.snapshot_write_rate);
      server.stage_timer = c.world.schedule(c.now() + takes, SnapshotWritten{c.service.value, position, server.life});
      return;
    }
    case Stage::snapshot_written: return tell(c, position, zab::Loaded{});
    case Stage::pipeline_started:
      server.open = zab::serves(server.peer);
      // Leader.lead counts its ticks from here.
      if (leads(server)) server.tick_phase = Duration::nanoseconds(c.now().count() % c.tick().count());
      return tell(c, position, zab::Opened{});
    case Stage::exited:
      server.exit_timer = c.world.schedule(c.now(), Exited{c.service.value, position, server.life});
      return;
  }
}

/// The half tick of a leader that has passed meanwhile ends now, and the next begins: `Leader.lead` waits anew each
/// time. If it was to look at its quorum it has done so before its followers' ends are seen.
void tick_again(Context& c, Position position) {
  Server& server = c.server(position);
  const sim::Time next = grid(server.tick_phase, c.half_tick()).after(server.frozen_at);
  if (!leads(server) || next > c.now()) return;
  const bool looks = grid(server.tick_phase, c.tick()).at_or_before(next) == next;
  const Duration since = looks ? Duration() : c.half_tick();
  server.tick_phase = Duration::nanoseconds((c.now() + c.tick() - since).count() % c.tick().count());
}

}  // namespace

namespace {

/// Connections whose both ends have stood still for longer than syncLimit: a read that has waited so long fails as soon
/// as its process goes on, for nothing has come (SO_TIMEOUT of LearnerHandler and Learner). What one end has sent while
/// only the other stood still lies in the kernel, and is read.
std::vector<std::pair<Position, Position>> timed_out(const Context& c, const std::vector<Position>& resumed) {
  const bool busy = c.spec.writes_per_s > 0 && c.state.acts;
  const auto stood_still = [&](Position position) {
    return c.server(position).frozen || std::find(resumed.begin(), resumed.end(), position) != resumed.end();
  };
  std::vector<std::pair<Position, Position>> ends;
  for (Position leader = 0; leader < c.size(); ++leader) {
    for (Position follower = 0; follower < c.size(); ++follower) {
      const bool connected = is_synced(c.server(leader), follower) && is_whole(c, follower, leader);
      if (leader == follower || !connected || !stood_still(leader) || !stood_still(follower)) continue;
      const sim::Time heard = last_word(c, leader, busy, c.server(leader).frozen_at);
      if (heard + c.tick() * c.parameters.sync_limit > c.now()) continue;
      ends.emplace_back(leader, follower);
      ends.emplace_back(follower, leader);
    }
  }
  std::erase_if(ends, [&](const auto& end) { return c.server(end.first).frozen; });
  return ends;
}

}  // namespace

void contacts_changed(Context& c) {
  grow(c);
  std::vector<Position> resumed;
  for (Position position = 0; position < c.size(); ++position) {
    Server& server = c.server(position);
    const ProcessState::Status status = c.world.processes[c.process(position)].status;
    if (status == ProcessState::Status::stopped && !server.frozen) {
      server.frozen = true;
      server.frozen_at = c.now();
      c.world.queue.cancel(server.check_timer);
    }
    if (status == ProcessState::Status::running && std::exchange(server.frozen, false)) resumed.push_back(position);
  }
  const std::vector<std::pair<Position, Position>> lost = timed_out(c, resumed);
  for (const Position position : resumed) tick_again(c, position);
  // Before what is sent now.
  send_stalled(c);
  for (const Position position : resumed) {
    Server& server = c.server(position);
    // What it came to itself, and what came meanwhile; then the time-outs that have passed are seen.
    for (const Stage stage : std::exchange(server.late, {})) reach(c, position, stage);
    for (const zab::Message& message : std::exchange(server.inbox, {})) input(c, position, message);
    if (std::exchange(server.overdue, false)) input(c, position, zab::TimeIsUp{});
    for (const auto& [one, other] : lost) {
      if (one == position) input(c, position, zab::Lost{other});
    }
    ready(c, position);
  }
  settle(c);
}

void conditions_changed(Context& c) {
  grow(c);
  for (Position position = 0; position < c.size(); ++position) {
    Server& server = c.server(position);
    if (!server.up || !writes(c, position)) continue;
    if (server.writing && !c.world.queue.pending(server.write_timer)) schedule_write(c, position);
    if (server.attached) take_what_is_under_way(c, position);
    if (position == c.state.leader) server.disk.log = server.peer.log;
  }
  settle(c);
}

// ---- events ----

namespace {

/// Of a life of the server that is over.
bool is_past(const Context& c, Position position, std::uint32_t life) {
  if (c.server(position).life == life) return false;
  c.world.stale = true;
  return true;
}

/// A process that stands still comes to it when it goes on.
bool is_late(Context& c, Position position, Stage stage) {
  Server& server = c.server(position);
  if (!server.frozen) return false;
  server.late.push_back(stage);
  c.world.stale = true;
  return true;
}

template <class Event>
void reached(World& world, const Event& event, Stage stage) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life) || is_late(c, event.server, stage)) return;
  grow(c);
  reach(c, event.server, stage);
  settle(c);
}

}  // namespace

void on(World& world, const WaitOver& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life)) return;
  Server& server = c.server(event.server);
  if (server.frozen) {
    server.overdue = true;
    world.stale = true;
    return;
  }
  world.set_by(key_of(c, server.peer));
  grow(c);
  tell(c, event.server, zab::TimeIsUp{});
  settle(c);
}

void on(World& world, const PacketArrived& event) {
  Context c = context(world, ServiceId{event.service});
  const Packet packet = std::move(c.state.packets[event.packet]);
  give_back(c.state, event.packet);
  const Position to = packet.message.to;
  Server& server = c.server(to);
  // What a process has sent before its end is read all the same.
  if (server.life != packet.receiver_life || !server.up) {
    world.stale = true;
    return;
  }
  if (server.frozen) {
    server.inbox.push_back(packet.message);
    return;
  }
  grow(c);
  const bool knocks = std::holds_alternative<zab::FollowerInfo>(packet.message.body);
  if (knocks && leads(server) && !server.listens) {
    std::vector<zab::Message> refusal{{to, packet.message.from, zab::Refused{}}};
    return send(c, refusal);
  }
  if (knocks && leads(server)) {
    server.learner_lives[packet.message.from] = packet.sender_life;
    c.server(packet.message.from).leader_life = server.life;
  }
  tell(c, to, packet.message);
  settle(c);
}

void on(World& world, const WriteDone& event) { reached(world, event, Stage::written); }
void on(World& world, const ServerUp& event) { reached(world, event, Stage::up); }
void on(World& world, const ShutDown& event) { reached(world, event, Stage::shut_down); }
void on(World& world, const PortOpened& event) { reached(world, event, Stage::port_opened); }
void on(World& world, const SnapshotWritten& event) { reached(world, event, Stage::snapshot_written); }
void on(World& world, const PipelineStarted& event) { reached(world, event, Stage::pipeline_started); }

void on(World& world, const Exited& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life) || is_late(c, event.server, Stage::exited)) return;
  kubernetes::process_exited(world, c.process(event.server), Ending::clean);
}

void on(World& world, const ConnectionLost& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life)) return;
  grow(c);
  tell(c, event.server, zab::Lost{event.peer});
  settle(c);
}

void on(World& world, const ConnectionResumes& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life)) return;
  grow(c);
  settle(c);
}

void on(World& world, const ReadTimeout& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life)) return;
  const zab::Peer& peer = c.server(event.server).peer;
  const bool syncs = peer.role == zab::Role::leading && !is_synced(c.server(event.server), event.peer);
  world.set_by(syncs ? key_init : key_silence);
  grow(c);
  tell(c, event.server, zab::Lost{event.peer});
  settle(c);
}

void on(World& world, const QuorumCheck& event) {
  Context c = context(world, ServiceId{event.service});
  if (is_past(c, event.server, event.life)) return;
  Server& server = c.server(event.server);
  std::size_t synced = 1;
  for (Position other = 0; other < c.size(); ++other) {
    if (other != event.server && is_synced(server, other)) ++synced;
  }
  grow(c);
  if (synced < c.plan.rules.quorum()) tell(c, event.server, zab::QuorumLost{});
  settle(c);
}

// ---- what events are about ----

#define NINES_ZOOKEEPER_SERVER_SUBJECT(E)                                                           \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.server]].component; \
  }
NINES_ZOOKEEPER_SERVER_EVENTS(NINES_ZOOKEEPER_SERVER_SUBJECT)
#undef NINES_ZOOKEEPER_SERVER_SUBJECT
#define NINES_ZOOKEEPER_CLIENT_SUBJECT(E)                                           \
  ComponentId subject(const models::Plan& plan, const E& event) {                   \
    return plan_of(plan, ServiceId{event.service}).clients[event.client].component; \
  }
NINES_ZOOKEEPER_CLIENT_EVENTS(NINES_ZOOKEEPER_CLIENT_SUBJECT)
#undef NINES_ZOOKEEPER_CLIENT_SUBJECT
#define NINES_ZOOKEEPER_ACCESS_SUBJECT(E)                                 \
  ComponentId subject(const models::Plan& plan, const E& event) {         \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service}); \
    return service.clients[service.slis[event.access].client].component;  \
  }
NINES_ZOOKEEPER_ACCESS_EVENTS(NINES_ZOOKEEPER_ACCESS_SUBJECT)
#undef NINES_ZOOKEEPER_ACCESS_SUBJECT
ComponentId subject(const models::Plan& plan, const PacketArrived& event) {
  return plan.services[ServiceId{event.service}].component;
}

}  // namespace nines::models::zookeeper
