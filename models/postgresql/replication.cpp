#include "models/postgresql/replication.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/fabric/events.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/state.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/postgresql/failover.hpp"

namespace nines::models::postgresql {

namespace {

/// TCP and authentication, IDENTIFY_SYSTEM, START_REPLICATION: round trips before WAL comes.
constexpr std::int64_t handshake_trips = 4;

/// A primary that has WAL to give: also while it writes its shutdown checkpoint.
bool sends(const Context& c, Number number) {
  const Server& server = c.server(number);
  const bool there = server.phase == Phase::up || (server.phase == Phase::stopping && !server.restarts);
  return awake(c, number) && server.primary && server.has_data && there;
}

/// It is to be a standby of the chief.
bool is_standby(const Context& c, Number number) {
  const Server& server = c.server(number);
  return number != c.state.chief && server.phase == Phase::up && !server.primary;
}

Contact meets(const Context& c, Number standby) {
  const Number primary = c.server(standby).upstream;
  if (!awake(c, standby)) return Contact::silence;
  const Contact found = contact(c.world, c.process(standby), c.process(primary));
  return found == Contact::ok && !sends(c, primary) ? Contact::reset : found;
}

void link_at(Context& c, Number number, sim::Time at) {
  Server& server = c.server(number);
  c.world.queue.cancel(server.link_timer);
  server.link_timer = c.world.schedule(at, LinkAttempt{c.service.value, number, server.life});
}

/// The server of its primary ends the connection of a standby that is silent; Patroni forgets a member whose key has
/// run out, which one that reaches the store renews.
void look_at_silence(Context& c, Number number) {
  Server& server = c.server(number);
  if (server.dropped) return;
  const sim::Time ended = server.silent_since + c.parameters.sender_timeout;
  const sim::Time at = std::max(std::min(ended, member_expires(c, number)), c.now());
  if (c.world.queue.when(server.sender_timer) == at) return;
  c.world.queue.cancel(server.sender_timer);
  server.sender_timer = c.world.schedule(at, StandbyDropped{c.service.value, number, server.life});
}

void falls_silent(Context& c, Number number) {
  Server& server = c.server(number);
  server.wal = position(c, number);
  server.silent_since = c.now();
  server.receiver_timer =
      c.world.schedule(c.now() + c.parameters.receiver_timeout, ReceiverTimeout{c.service.value, number, server.life});
  look_at_silence(c, number);
}

void hears_again(Context& c, Number number) {
  Server& server = c.server(number);
  server.silent_since = sim::Time::never();
  c.world.queue.cancel(server.receiver_timer);
  c.world.queue.cancel(server.sender_timer);
}

void needs_nobody(Context& c, Number number) {
  if (!std::exchange(c.server(number).awaited, false)) return;
  people::withdraw(c.world, people::Repair::by_hand, c.process(number));
}

void streams_now(Context& c, Number number) {
  Server& server = c.server(number);
  const Server& primary = c.server(server.upstream);
  server.connection = Connection::streams;
  server.timeline = primary.timeline;
  server.wal = std::max(server.wal, position(c, number));
  server.seen_to = false;
  needs_nobody(c, number);
  const CauseScope because(c.world, c.world.note(CaughtUp{c.service.value, number}));
  settle(c);
}

void look_at_link(Context& c, Number number) {
  Server& server = c.server(number);
  if (server.connection != Connection::down) {
    const Contact found = meets(c, number);
    const bool other = server.upstream != c.state.chief || c.server(server.upstream).life != server.upstream_life ||
                       !c.server(server.upstream).primary;
    if (found == Contact::reset || (found == Contact::ok && (other || server.dropped)) || server.phase != Phase::up) {
      disconnect(c, number);
    } else if (server.connection == Connection::streams) {
      const bool silent = server.silent_since != sim::Time::never();
      if (found == Contact::silence && !silent) falls_silent(c, number);
      if (found == Contact::silence && silent) look_at_silence(c, number);
      if (found == Contact::ok && silent) hears_again(c, number);
    }
  }
  if (number == c.state.chief) needs_nobody(c, number);
  if (server.connection != Connection::down || !is_standby(c, number) || !awake(c, number) || server.awaited) return;
  if (c.world.queue.pending(server.link_timer) || !sends(c, c.state.chief)) return;
  if (contact(c.world, c.process(number), c.process(c.state.chief)) != Contact::ok) return;
  link_at(c, number, c.now() + c.world.phase(c.component(number), Purpose::stream_phase, c.parameters.retry_interval));
}

/// WAL that the primary still has for the standby.
double kept(const Context& c, Number primary, Number standby) {
  constexpr double all = std::numeric_limits<double>::infinity();
  const bool slot = c.parameters.slots && c.server(standby).slot;
  if (slot) return c.parameters.slot_keep.count > 0 ? c.parameters.slot_keep.count : all;
  const double needed = replayed(wal_load(c.spec), c.now() - c.server(primary).anchor, c.plan.checkpoint_interval,
                                 c.parameters.completion_target);
  return std::max(c.parameters.wal_keep.count, needed);
}

fabric::FlowId begin_flow(Context& c, Number from, Number to, double bytes, Bandwidth cap) {
  const models::Plan& plan = *c.world.plan;
  const ProcessId sender = c.process(from);
  const ProcessId receiver = c.process(to);
  fabric::Changes fabric(c.world);
  return fabric->start(c.now(), {.route = fabric::network_route(plan.layout, plan, c.world.processes[sender].node,
                                                                c.world.processes[receiver].node),
                                 .bytes = {bytes},
                                 .cap = cap,
                                 .owner = fabric::owner(receiver, sender),
                                 .cause = c.world.trace.current()});
}

void begin_copy(Context& c, Number number) {
  Server& server = c.server(number);
  const Number primary = c.state.chief;
  const CauseScope because(c.world, c.world.note(CopyBegins{c.service.value, number}));
  server.phase = Phase::copying;
  server.has_data = false;
  server.upstream = primary;
  server.flow = begin_flow(c, primary, number, c.spec.database.count, c.parameters.backup_rate);
}

void begin_rewind(Context& c, Number number) {
  Server& server = c.server(number);
  const CauseScope because(c.world, c.world.note(RewindBegins{c.service.value, number}));
  server.phase = Phase::rewinding;
  server.upstream = c.state.chief;
  const Duration takes = c.world.draw(c.component(number), Purpose::member_replacement, c.parameters.rewind_takes);
  server.life_timer = c.world.schedule(c.now() + takes, RewindDone{c.service.value, number, server.life});
}

/// Without an operator nobody copies or rewinds a server but people.
bool waits_for_people(Context& c, Number number) {
  Server& server = c.server(number);
  if (c.by_patroni() || server.seen_to) return false;
  if (!std::exchange(server.awaited, true)) people::ask_for_repair(c.world, people::Repair::by_hand, c.process(number));
  return true;
}

void connect(Context& c, Number number) {
  Server& server = c.server(number);
  const Number primary = c.state.chief;
  const double lacks = c.server(primary).wal - server.wal;
  server.upstream = primary;
  server.upstream_life = c.server(primary).life;
  server.dropped = false;
  server.slot = true;
  server.silent_since = sim::Time::never();
  const CauseScope because(c.world, c.world.note(Rejoined{c.service.value, number}));
  const double rate = c.state.rates[primary];
  const double most = c.parameters.replay_rate.bytes_per_s;
  if (lacks <= 0) return streams_now(c, number);
  server.connection = Connection::catches_up;
  // What is written meanwhile comes on top: the time is what it lacks over the difference of the rates.
  const double grows = rate < most ? most / (most - rate) : 1;
  server.flow = begin_flow(c, primary, number, lacks * grows, c.parameters.replay_rate);
}

bool outdated(World& world, const Server& server, std::uint32_t life) {
  world.stale = server.life != life;
  return world.stale;
}

}  // namespace

bool streams_to(const Context& c, Number primary, Number standby) {
  const Server& server = c.server(standby);
  return server.connection == Connection::streams && server.upstream == primary && !server.dropped &&
         server.silent_since == sim::Time::never() && server.phase == Phase::up;
}

bool enough_standbys(const Context& c, Number primary) {
  if (!c.spec.synchronous()) return true;
  if (!c.by_patroni()) {
    std::int64_t streaming = 0;
    for (Number i = 0; i < c.servers(); ++i) streaming += streams_to(c, primary, i) ? 1 : 0;
    return streaming >= c.spec.synchronous_standbys;
  }
  if (c.state.syncs == 0) return !c.parameters.strict;
  for (Number i = 0; i < c.servers(); ++i) {
    if ((c.state.syncs >> i & 1U) != 0 && !streams_to(c, primary, i)) return false;
  }
  return true;
}

double acknowledged_by(const Context& c, Number primary) {
  const double all = c.server(primary).wal;
  if (!c.spec.synchronous()) return all;
  // Patroni's names are FIRST n (...): all of them; without an operator ANY n (*): the n that have most.
  std::vector<double> positions;
  for (Number i = 0; i < c.servers(); ++i) {
    const bool counts = c.by_patroni() ? (c.state.syncs >> i & 1U) != 0 : streams_to(c, primary, i);
    if (counts) positions.push_back(std::min(all, position(c, i)));
  }
  std::sort(positions.begin(), positions.end(), std::greater<>());
  if (c.by_patroni()) return positions.empty() ? all : positions.back();
  const auto needed = static_cast<std::size_t>(c.spec.synchronous_standbys);
  return positions.size() < needed ? 0 : positions[needed - 1];
}

bool let_copy(Context& c, Number number) {
  Server& server = c.server(number);
  if (!std::exchange(server.awaited, false)) return false;
  server.seen_to = true;
  link_at(c, number, c.now());
  return true;
}

void disconnect(Context& c, Number number) {
  Server& server = c.server(number);
  const bool flows = server.connection == Connection::catches_up || server.phase == Phase::copying;
  if (flows) {
    fabric::Changes fabric(c.world);
    fabric->cancel(c.now(), server.flow);
  }
  if (server.phase == Phase::copying) {
    server.phase = Phase::up;
    wake_patroni(c, number);
  }
  if (server.connection == Connection::down) return;
  server.wal = position(c, number);
  c.world.queue.cancel(server.receiver_timer);
  c.world.queue.cancel(server.sender_timer);
  server.connection = Connection::down;
  server.silent_since = sim::Time::never();
  server.dropped = false;
}

void silence_standbys(Context& c, Number primary) {
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& standby = c.server(i);
    if (standby.upstream != primary || standby.connection != Connection::streams) continue;
    if (standby.silent_since == sim::Time::never()) falls_silent(c, i);
  }
}

void look_at_links(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) look_at_link(c, i);
}

void follow_new_primary(Context& c, Number primary) {
  for (Number i = 0; i < c.servers(); ++i) {
    if (i == primary) continue;
    disconnect(c, i);
    if (!is_standby(c, i) || !awake(c, i)) continue;
    if (contact(c.world, c.process(i), c.process(primary)) != Contact::ok) continue;
    link_at(c, i, c.now() + one_way(c, i, primary) * 2 * handshake_trips);
  }
}

void copy_ended(Context& c, const fabric::Ending& ending) {
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (server.flow != ending.flow) continue;
    grow(c);
    const bool broken = ending.outcome == fabric::Outcome::broken;
    if (server.phase == Phase::copying) {
      server.phase = Phase::up;
      if (!broken) {
        // It got WAL all the time, up to that of its end (pg_basebackup -X stream).
        const Server& source = c.server(server.upstream);
        server.has_data = true;
        server.wal = source.wal;
        server.timeline = source.timeline;
        server.clean = false;
        server.anchor = c.now();
        server.anchor_wal = server.wal;
        link_at(c, i, c.now());
      }
      wake_patroni(c, i);
      return settle(c);
    }
    if (server.connection != Connection::catches_up) return;
    if (broken) {
      disconnect(c, i);
      return settle(c);
    }
    return streams_now(c, i);
  }
}

// ---- events ----

void on(World& world, const LinkAttempt& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (outdated(world, server, event.life)) return;
  grow(c);
  const Number primary = c.state.chief;
  if (!is_standby(c, event.server) || server.connection != Connection::down) {
    world.stale = true;
    return;
  }
  // Nobody can be asked: it tries again when somebody can (look_at_links).
  if (!awake(c, event.server) || !sends(c, primary)) return;
  if (contact(world, c.process(event.server), c.process(primary)) != Contact::ok) return;
  if (!server.has_data) {
    if (!disk_works(c, event.server)) return;
    if (!waits_for_people(c, event.server)) begin_copy(c, event.server);
    return settle(c);
  }
  const double shared = common(c, event.server, c.server(primary).timeline);
  if (shared < server.wal) {
    if (waits_for_people(c, event.server)) return settle(c);
    c.parameters.rewind ? begin_rewind(c, event.server) : begin_copy(c, event.server);
    return settle(c);
  }
  if (c.server(primary).wal - server.wal > kept(c, primary, event.server)) {
    if (!waits_for_people(c, event.server)) begin_copy(c, event.server);
    return settle(c);
  }
  connect(c, event.server);
  settle(c);
}

void on(World& world, const RewindDone& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (outdated(world, server, event.life)) return;
  grow(c);
  server.phase = Phase::up;
  const std::uint32_t timeline = c.server(c.state.chief).timeline;
  server.wal = common(c, event.server, timeline);
  server.timeline = timeline;
  server.clean = false;
  server.anchor = c.now();
  server.anchor_wal = server.wal;
  link_at(c, event.server, c.now());
  wake_patroni(c, event.server);
  settle(c);
}

void on(World& world, const ReceiverTimeout& event) {
  Context c = context(world, ServiceId{event.service});
  if (outdated(world, c.server(event.server), event.life)) return;
  grow(c);
  disconnect(c, event.server);
  settle(c);
}

void on(World& world, const StandbyDropped& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (outdated(world, server, event.life)) return;
  grow(c);
  static constexpr std::string_view key = "patroni.ttl";
  static constexpr std::string_view sender = "wal_sender_timeout";
  world.set_by(c.now() - server.silent_since < c.parameters.sender_timeout ? key : sender);
  server.dropped = true;
  settle(c);
}

}  // namespace nines::models::postgresql
