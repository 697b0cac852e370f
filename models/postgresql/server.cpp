#include "models/postgresql/server.hpp"

#include <algorithm>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/platform.hpp"
#include "models/postgresql/client.hpp"
#include "models/postgresql/failover.hpp"
#include "models/postgresql/replication.hpp"

namespace nines::models::postgresql {

namespace {

bool ended(World& world, const Server& server, std::uint32_t life) {
  world.stale = server.life != life;
  return world.stale;
}

/// What its next start has to replay if it crashes now.
double to_replay(const Context& c, Number number) {
  const Server& server = c.server(number);
  if (server.phase == Phase::recovering || server.phase == Phase::starting) return server.replay;
  if (server.phase == Phase::down || !server.has_data) return 0;
  const WalLoad load = wal_load(c.spec);
  const Duration since = c.now() - server.anchor;
  const double written = replayed(load, since, c.plan.checkpoint_interval, c.parameters.completion_target);
  // Its WAL grows evenly here: so many writes as it has of this life, as if they had come at once after a checkpoint.
  const double rate = c.spec.writes_per_s * c.plan.wal_per_write;
  const double has = std::max(position(c, number) - server.anchor_wal, 0.0);
  return rate > 0 ? std::min(written, wal_since_checkpoint(load, has / rate)) : 0;
}

void begin_life(Context& c, Number number) {
  Server& server = c.server(number);
  server.anchor = c.now();
  server.anchor_wal = server.wal;
  server.replay = 0;
}

/// It serves from now on: as the primary if nobody else was made one and nobody decides that but itself.
void comes_up(Context& c, Number number) {
  Server& server = c.server(number);
  server.phase = Phase::up;
  begin_life(c, number);
  server.primary = !c.by_patroni() && c.state.chief == number && server.has_data;
  // What it has and no client was told of is there all the same, but no loss if it goes.
  if (server.primary) c.state.acknowledged = std::min(c.state.acknowledged, server.wal);
  wake_patroni(c, number);
  settle(c);
}

/// Its server looks at its data and replays what a crash has left.
void looks_at_data(Context& c, Number number) {
  Server& server = c.server(number);
  ProcessState& process = c.world.processes.edit(c.process(number));
  if (std::exchange(process.disk_lost, false)) {
    server.has_data = false;
    server.wal = server.replay = 0;
    server.seen_to = false;
  }
  if (!server.has_data || server.clean || server.replay <= 0) return comes_up(c, number);
  server.phase = Phase::recovering;
  server.recovering_since = c.now();
  const double rate = c.parameters.replay_rate.bytes_per_s;
  const Duration takes = Duration::from_seconds(server.replay / rate);
  server.life_timer = c.world.schedule(c.now() + takes, Recovered{c.service.value, number, server.life});
  wake_patroni(c, number);
  settle(c);
}

/// What its phase ends with is due then.
void life_at(Context& c, Number number, sim::Time at) {
  Server& server = c.server(number);
  const std::uint16_t service = c.service.value;
  switch (server.phase) {
    case Phase::starting: server.life_timer = c.world.schedule(at, ServerUp{service, number, server.life}); break;
    case Phase::recovering: server.life_timer = c.world.schedule(at, Recovered{service, number, server.life}); break;
    case Phase::stopping: server.life_timer = c.world.schedule(at, ServerExits{service, number, server.life}); break;
    case Phase::promoting: server.life_timer = c.world.schedule(at, PromotionDone{service, number, server.life}); break;
    case Phase::rewinding: server.life_timer = c.world.schedule(at, RewindDone{service, number, server.life}); break;
    case Phase::down:
    case Phase::up:
    case Phase::copying: break;
  }
}

void schedule_life(Context& c, Number number, Duration takes) {
  Server& server = c.server(number);
  c.world.queue.cancel(server.life_timer);
  server.life_timer = c.world.schedule(c.now() + takes, ServerUp{c.service.value, number, server.life});
}

Duration start_takes(Context& c, Number number) {
  return c.world.draw(c.component(number), Purpose::process_start, c.parameters.start);
}
Duration stop_takes(Context& c, Number number) {
  return c.world.draw(c.component(number), Purpose::clean_close, c.parameters.fast_stop);
}

/// With synchronous_commit off its process held what clients were told.
void lose_unwritten(Context& c, Number number) {
  Server& server = c.server(number);
  if (c.spec.commit != Commit::off || !server.primary || c.state.rates[number] <= 0) return;
  constexpr double turns = 3;  // of the WAL writer: PostgreSQL manual, asynchronous commit
  const double share = c.world.uniform(c.component(number), Purpose::writeback);
  const double bytes = share * turns * c.parameters.writer_delay.to_seconds() * c.state.rates[number];
  server.wal = std::max(server.wal - bytes, 0.0);
  if (c.state.chief != number) return;
  lose(c, bytes, rule_writer, false);
  c.state.acknowledged = std::min(c.state.acknowledged, server.wal);
}

/// Its sessions end: nobody writes there any more, and its standbys stay where they are.
void ends_serving(Context& c, Number number, bool sent_all) {
  Server& server = c.server(number);
  for (Number i = 0; i < c.servers(); ++i) {
    Server& standby = c.server(i);
    if (standby.upstream != number || standby.connection != Connection::streams) continue;
    const bool hears = standby.silent_since == sim::Time::never();
    if (hears && sent_all) standby.wal = std::max(standby.wal, server.wal);
    if (hears) disconnect(c, i);
  }
  c.state.rates[number] = 0;
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

bool awake(const Context& c, Number server) {
  return c.world.processes[c.process(server)].status == ProcessState::Status::running &&
         c.server(server).phase != Phase::down;
}

bool disk_works(const Context& c, Number number) {
  const VolumeId volume = c.world.plan->processes[c.process(number)].volume;
  return !volume.exists() || infrastructure::volume_usable(c.world, volume);
}

bool serves(const Context& c, Number number) {
  const Server& server = c.server(number);
  return awake(c, number) && server.has_data && (server.phase == Phase::up || server.phase == Phase::promoting);
}

bool is_primary(const Context& c, Number number) {
  return serves(c, number) && c.server(number).primary && c.server(number).phase == Phase::up;
}

bool commits(const Context& c, Number number) {
  if (infrastructure::volume_stalled(c.world, c.process(number))) return false;
  return enough_standbys(c, number);
}

Contact contact_of(const Context& c, ProcessId from, Number number) {
  const Contact found = contact(c.world, from, c.process(number));
  return found == Contact::ok && !serves(c, number) ? Contact::reset : found;
}

bool reaches(const Context& c, Number from, Number to) {
  return awake(c, from) && contact_of(c, c.process(from), to) == Contact::ok;
}

Duration one_way(const Context& c, Number from, Number to) {
  const ProcessId a = c.process(from);
  const ProcessId b = c.process(to);
  const Duration trip = infrastructure::round_trip(c.world, a, b);
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, a, b);
  if (path == infrastructure::PathCondition{}) return trip / 2;
  const Duration longer = infrastructure::round_trip_longer(c.world.plan->infra(), path, trip);
  return trip / 2 + std::min(longer / 2, c.parameters.receiver_timeout);
}

double position(const Context& c, Number number) {
  const Server& server = c.server(number);
  if (server.connection != Connection::streams || server.silent_since != sim::Time::never()) return server.wal;
  const Duration behind = c.parameters.replication_delay + one_way(c, server.upstream, number);
  const double lacks = c.state.rates[server.upstream] * behind.to_seconds();
  return std::max(server.wal, c.server(server.upstream).wal - lacks);
}

double common(const Context& c, Number number, std::uint32_t timeline) {
  const std::vector<Timeline>& lines = c.state.timelines;
  double limit = position(c, number);
  std::uint32_t own = c.server(number).timeline;
  // Timelines are numbered in the order of their beginnings: a parent's number is less than its child's.
  while (own != timeline) {
    std::uint32_t& later = own > timeline ? own : timeline;
    limit = std::min(limit, lines[later].begins);
    later = lines[later].parent;
  }
  return limit;
}

// ---- what happens ----

void lose(Context& c, double bytes, std::string_view rule, bool replicated) {
  const double records = bytes / c.plan.wal_per_write;
  // Less than a record is rounding.
  constexpr double least = 1e-6;
  if (records <= least) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.at = c.now();
  (replicated ? loss.records_all : loss.records_one) = records;
  loss.seconds = c.spec.writes_per_s > 0 ? records / c.spec.writes_per_s : 0;
  loss.rule = rule;
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

void grow(Context& c) {
  const double seconds = (c.now() - std::exchange(c.state.grown_at, c.now())).to_seconds();
  if (seconds <= 0) return;
  for (Number i = 0; i < c.servers(); ++i) {
    if (c.server(i).primary) c.server(i).wal += c.state.rates[i] * seconds;
  }
  const Number chief = c.state.chief;
  if (c.server(chief).primary && c.state.rates[chief] > 0)
    c.state.acknowledged = std::max(c.state.acknowledged, acknowledged_by(c, chief));
}

void settle(Context& c) {
  if (c.by_patroni()) look_at_members(c);
  look_at_links(c);
  if (c.by_patroni()) look_at_patroni(c);
  look_at_people(c);
  look_at_label(c);
  look_at_accesses(c);
  set_rates(c);
  tell_users(c);
}

void server_started(Context& c, Number number) {
  Server& server = c.server(number);
  server.phase = Phase::starting;
  server.clean = c.world.processes[c.process(number)].ending == Ending::clean;
  schedule_life(c, number, start_takes(c, number));
}

void server_died(Context& c, Number number) {
  grow(c);
  Server& server = c.server(number);
  server.replay = to_replay(c, number);
  server.wal = position(c, number);
  server.rate_at_death = c.state.rates[number];
  lose_unwritten(c, number);
  // What its process had given to the kernel still leaves a machine that lives.
  if (c.world.processes[c.process(number)].ending != Ending::power_loss) ends_serving(c, number, false);
  // From elsewhere no packet tells that it is gone.
  silence_standbys(c, number);
  c.state.rates[number] = 0;
  disconnect(c, number);
  for (const sim::TimerId timer : {server.life_timer, server.link_timer, server.turn_timer, server.store_timer,
                                   server.race_timer, server.leave_timer})
    c.world.queue.cancel(timer);
  server.rest.reset();
  server.phase = Phase::down;
  server.leaving = server.restarts = server.frozen = server.primary = false;
  ++server.life;
}

void server_terminating(Context& c, Number number) {
  Server& server = c.server(number);
  const bool can_stop = server.phase == Phase::up && server.has_data;
  if (!can_stop && server.phase != Phase::stopping) {
    const bool idle = server.phase == Phase::up || (server.phase == Phase::starting && server.replay <= 0);
    return kubernetes::process_exited(c.world, c.process(number), idle ? Ending::clean : Ending::crash);
  }
  // It waits for sessions to end, until it is killed.
  if (c.spec.stops == Stops::smart && !c.by_patroni()) return;
  if (server.phase == Phase::stopping) {
    server.restarts = false;
    return;
  }
  grow(c);
  if (waited_for(c, number)) {
    if (std::exchange(server.leaving, true)) return;
    // Patroni waits for its leader's next turn, and not for ever (patroni/ha.py while_not_sync_standby).
    constexpr std::int64_t turns = 2;
    server.leave_timer =
        c.world.schedule(c.now() + c.parameters.loop_wait * turns, LeaveDue{c.service.value, number, server.life});
    return settle(c);
  }
  begin_stop(c, number);
}

void begin_stop(Context& c, Number number) {
  Server& server = c.server(number);
  server.leaving = true;
  server.phase = Phase::stopping;
  server.wal = position(c, number);
  disconnect(c, number);
  c.world.queue.cancel(server.leave_timer);
  c.world.queue.cancel(server.life_timer);
  server.life_timer =
      c.world.schedule(c.now() + stop_takes(c, number), ServerExits{c.service.value, number, server.life});
  settle(c);
}

void demote(Context& c, Number number, bool fast) {
  Server& server = c.server(number);
  const CauseScope because(c.world, c.world.note(Demoted{c.service.value, number}));
  if (!fast) {
    server.replay = to_replay(c, number);
    lose_unwritten(c, number);
  }
  ends_serving(c, number, fast);
  server.primary = false;
  c.world.queue.cancel(server.life_timer);
  server.clean = fast;
  if (fast) {
    server.phase = Phase::stopping;
    server.restarts = true;
    server.life_timer =
        c.world.schedule(c.now() + stop_takes(c, number), ServerExits{c.service.value, number, server.life});
  } else {
    server.phase = Phase::starting;
    schedule_life(c, number, start_takes(c, number));
  }
}

void begin_promotion(Context& c, Number number) {
  Server& server = c.server(number);
  server.wal = position(c, number);
  disconnect(c, number);
  c.world.queue.cancel(server.link_timer);
  server.phase = Phase::promoting;
  const Duration takes = c.world.draw(c.component(number), Purpose::log_load, c.parameters.promote);
  c.world.queue.cancel(server.life_timer);
  server.life_timer = c.world.schedule(c.now() + takes, PromotionDone{c.service.value, number, server.life});
}

void look_at_process(Context& c, Number number) {
  Server& server = c.server(number);
  const bool stands = c.world.processes[c.process(number)].status == ProcessState::Status::stopped;
  if (server.frozen == stands) return;
  server.frozen = stands;
  if (stands) {
    server.wal = position(c, number);
    const sim::Time due = c.world.queue.when(server.life_timer);
    if (due == sim::Time::never()) return;
    server.rest = due - c.now();
    c.world.queue.cancel(server.life_timer);
    return;
  }
  if (server.rest) life_at(c, number, c.now() + *std::exchange(server.rest, std::nullopt));
  if (server.leaving && server.phase == Phase::up && !c.world.queue.pending(server.leave_timer))
    server.leave_timer = c.world.schedule(c.now(), LeaveDue{c.service.value, number, server.life});
  wake_patroni(c, number);
}

// ---- events ----

void on(World& world, const ServerUp& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (ended(world, server, event.life)) return;
  grow(c);
  server.loop = c.now();
  looks_at_data(c, event.server);
}

void on(World& world, const Recovered& event) {
  Context c = context(world, ServiceId{event.service});
  if (ended(world, c.server(event.server), event.life)) return;
  grow(c);
  comes_up(c, event.server);
}

void on(World& world, const ServerExits& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (ended(world, server, event.life)) return;
  grow(c);
  if (server.restarts) {
    server.restarts = false;
    server.phase = Phase::starting;
    server.replay = 0;
    schedule_life(c, event.server, start_takes(c, event.server));
    return settle(c);
  }
  // A fast shutdown ends when standbys that are connected have everything (walsender.c WalSndDone).
  ends_serving(c, event.server, true);
  if (c.by_patroni()) release_key(c, event.server);
  kubernetes::process_exited(world, c.process(event.server), Ending::clean);
}

void on(World& world, const PromotionDone& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (ended(world, server, event.life)) return;
  grow(c);
  // It stood still for so long that its key ran out: Patroni stops what comes up.
  if (c.by_patroni() && c.state.key.holder != event.server) {
    demote(c, event.server, false);
    return settle(c);
  }
  const double lost = c.state.acknowledged - server.wal;
  lose(c, lost, c.spec.synchronous() ? rule_synchronous : rule_lag, c.spec.synchronous());
  c.state.acknowledged = std::min(c.state.acknowledged, server.wal);
  if (c.state.chief != event.server) ++world.measurement.failovers;
  c.state.chief = event.server;
  c.state.timelines.push_back({server.timeline, server.wal});
  server.timeline = static_cast<std::uint32_t>(c.state.timelines.size() - 1);
  server.phase = Phase::up;
  server.primary = true;
  server.clean = false;
  begin_life(c, event.server);
  if (!c.parameters.strict || !c.spec.synchronous()) c.state.syncs = 0;
  c.state.syncs &= ~(std::uint64_t{1} << event.server);
  follow_new_primary(c, event.server);
  wake_patroni(c, event.server);
  settle(c);
}

}  // namespace nines::models::postgresql
