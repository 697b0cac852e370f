#include "models/redis/server.hpp"

#include <algorithm>
#include <utility>

#include "models/fabric/events.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/state.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/write_back.hpp"
#include "models/platform.hpp"
#include "models/redis/addresses.hpp"
#include "models/redis/client.hpp"
#include "models/redis/sentinels.hpp"
#include "models/redis/shards.hpp"
#include "models/redis/strain.hpp"

namespace nines::models::redis {

namespace {

/// Where nobody ever is.
constexpr std::uint32_t no_address = 0xFFFFFFFF;

Duration at_rate(double bytes, Bandwidth rate) {
  return rate.bytes_per_s > 0 ? Duration::from_seconds(bytes / rate.bytes_per_s) : Duration();
}

void cancel_link(Context& c, Number number) {
  Server& server = c.server(number);
  for (const sim::TimerId timer : {server.link_timer, server.silence_timer, server.buffer_timer})
    c.world.queue.cancel(timer);
  server.silent_since = sim::Time::never();
  if (server.connection != Connection::copies) return;
  fabric::Changes fabric(c.world);
  fabric->cancel(c.now(), server.flow);
}

/// Who stopped to take what a master keeps for it leaves room in its memory.
void ended_taking(Context& c, Number number, Connection before) {
  const Number master = c.server(number).master;
  if (master != nobody && (before == Connection::copies || before == Connection::loads)) look_at_memory(c, master);
}

/// What it has got stays; what its master writes from now on does not reach it.
void disconnect(Context& c, Number number) {
  Server& server = c.server(number);
  if (server.connection == Connection::down) return;
  server.offset = offset(c, number);
  // A connection that was only being made leaves the time since when there has been none as it is.
  if (server.connection == Connection::up) server.connection_since = c.now();
  if (server.connection == Connection::loads) server.loading = false;
  // A master that cannot be reached does not hear that it was left: it counts until acknowledgements are too old.
  const bool counts = server.master != nobody && server.master_life == c.server(server.master).life;
  if (counts && server.silent_since != sim::Time::never() && c.world.queue.pending(server.ack_timer))
    server.lingers = server.master;
  else
    c.world.queue.cancel(server.ack_timer);
  cancel_link(c, number);
  const Connection before = std::exchange(server.connection, Connection::down);
  server.acknowledges = false;
  ended_taking(c, number, before);
}

void attempt_at(Context& c, Number number, sim::Time at) {
  Server& server = c.server(number);
  c.world.queue.cancel(server.link_timer);
  server.link_timer = c.world.schedule(at, LinkAttempt{c.service.value, number, server.life});
}

/// A whole turn of the cron that looks after replication may pass, or none.
Duration to_cron(Context& c, Number number) {
  return c.world.phase(c.component(c.server_process(number)), Purpose::stream_phase, c.parameters.cron_period);
}

/// What a master came back without is lost for good once no other server has its stream from before.
void look_at_returns(Context& c, Number master) {
  Server& server = c.server(master);
  if (server.returns.at.empty()) return;
  for (Number other = 0; other < c.servers(); ++other) {
    if (shard_of(c, other) == shard_of(c, master) && c.server(other).line != server.line) return;
  }
  server.returns = {};
}

void connected(Context& c, Number number) {
  Server& server = c.server(number);
  const Server& master = c.server(server.master);
  cancel_link(c, number);
  const Connection before = std::exchange(server.connection, Connection::up);
  server.connection_since = c.now();
  server.was_up = true;
  server.master_life = master.life;
  server.line = master.line;
  server.line_before = master.line_before;
  server.before_until = master.before_until;
  server.offset = offset(c, server.master);
  server.acknowledges = true;
  server.superseded = false;
  server.has_data = master.has_data;
  ended_taking(c, number, before);
  look_at_returns(c, server.master);
}

/// masterTryPartialResynchronization: the same stream, now or before the master's own promotion, and what is missing is
/// still in the backlog.
bool continues(const Context& c, const Server& replica, Number number) {
  const Server& master = c.server(number);
  const double has = replica.offset;
  const double master_has = offset(c, number);
  const bool same = replica.line == master.line && has <= master_has;
  const bool former = replica.line == master.line_before && has <= master.before_until;
  return replica.has_data && (same || former) && master_has - has <= c.parameters.backlog.count;
}

/// Whether a master has something to give: it serves, and is connected itself if it is a replica.
bool can_give(const Context& c, Number master) {
  const Server& server = c.server(master);
  return serves(c, master) && (server.master == nobody || server.connection == Connection::up);
}

/// When the master's buffer for a replica that copies overruns.
void arm_overrun(Context& c, Number number) {
  Server& server = c.server(number);
  const double rate = c.state.rates[server.master];
  if (rate <= 0) return;
  const Duration hard = Duration::from_seconds(c.parameters.buffer_hard.count / rate);
  const Duration soft = Duration::from_seconds(c.parameters.buffer_soft.count / rate);
  sim::Time at = sim::Time::never();
  if (c.parameters.buffer_hard.count > 0) at = std::min(at, c.now() + hard);
  if (c.parameters.buffer_soft.count > 0) at = std::min(at, c.now() + soft + c.parameters.buffer_soft_period);
  if (at == sim::Time::never()) return;
  c.world.queue.cancel(server.buffer_timer);
  server.buffer_timer = c.world.schedule(at, BufferOverrun{c.service.value, number, server.life});
}

/// It stands still or ends in order on a machine that lives: the kernel delivers what it had sent before it answered
/// its clients, and who ends waits until replicas have that (prepareForShutdown).
bool delivers(const Context& c, Number master) {
  const ProcessState::Status status = c.world.processes[c.server_process(master)].status;
  if (status == ProcessState::Status::absent || !host_up(c.world, c.server_process(master))) return false;
  return status == ProcessState::Status::stopped || c.server(master).stopping || stands_still(c, master);
}

void fall_silent(Context& c, Number number) {
  Server& server = c.server(number);
  server.offset =
      delivers(c, server.master) ? std::max(offset(c, number), offset(c, server.master)) : offset(c, number);
  server.silent_since = c.now();
  // The last that it has heard: a write, or else its master's ping.
  const bool writes = c.state.rates[server.master] > 0;
  const ComponentId component = c.component(c.server_process(number));
  const Duration age =
      writes ? Duration() : c.world.phase(component, Purpose::stream_phase, c.parameters.repl_ping_period);
  server.silence_timer = c.world.schedule(std::max(c.now(), c.now() + c.parameters.repl_timeout - age),
                                          LinkTimeout{c.service.value, number, server.life});
}

void hear_again(Context& c, Number number) {
  Server& server = c.server(number);
  server.silent_since = sim::Time::never();
  c.world.queue.cancel(server.silence_timer);
}

/// Acknowledgements come each turn of the replica's cron; their ages count in whole seconds, and its master looks at
/// them each turn of its own (refreshGoodSlavesCount).
void acks_end(Context& c, Number number) {
  Server& server = c.server(number);
  c.world.queue.cancel(server.ack_timer);
  server.lingers = nobody;
  const Duration since_ack = to_cron(c, number);
  const Duration rounded = to_cron(c, number);
  const Duration looked = to_cron(c, number);
  const Duration lasts = std::max(c.parameters.max_lag + rounded + looked - since_ack, Duration());
  server.ack_timer = c.world.schedule(c.now() + lasts, AckLost{c.service.value, number});
}

/// What its master hears of a replica that is connected: nothing of one that stands still, is cut off, or waits for its
/// disk. A master that stands still itself finds all that came meanwhile when it goes on.
void look_at_acks(Context& c, Number number) {
  Server& server = c.server(number);
  if (c.parameters.min_replicas <= 0 || server.connection != Connection::up || !answers(c, server.master)) return;
  const bool hears = answers(c, number) && server.silent_since == sim::Time::never();
  const bool waits = c.world.queue.pending(server.ack_timer) && server.lingers == nobody;
  if (hears != server.acknowledges) {
    if (waits) return;
    if (!hears) return acks_end(c, number);
    c.world.queue.cancel(server.ack_timer);
    server.lingers = nobody;
    const Duration acknowledged = to_cron(c, number);
    const Duration looked = to_cron(c, number);
    server.ack_timer = c.world.schedule(c.now() + acknowledged + looked, AckHeard{c.service.value, number});
  } else if (waits) {
    c.world.queue.cancel(server.ack_timer);
  }
}

void look_at_connected(Context& c, Number number) {
  Server& server = c.server(number);
  // Nobody answers where it used to be.
  const Contact found =
      finds_master(c, number) ? contact_of(c, c.server_process(number), server.master) : Contact::silence;
  const bool other_life = c.server(server.master).life != server.master_life;
  if (found == Contact::reset || (found == Contact::ok && other_life)) return disconnect(c, number);
  if (server.connection != Connection::up) return;
  const bool silent = server.silent_since != sim::Time::never();
  if (found == Contact::silence && !silent) fall_silent(c, number);
  if (found == Contact::ok && silent) hear_again(c, number);
}

void lose(Context& c, double bytes, std::string_view rule) {
  const double records = bytes / c.spec.write_size.count;
  if (records <= 0) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.at = c.now();
  loss.records_one = records;
  // Each shard is written to alike.
  loss.seconds = c.spec.writes_per_s > 0 ? records * c.plan.shards / c.spec.writes_per_s : 0;
  loss.rule = rule;
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

constexpr std::string_view rule_lag =
    "asynchronous replication: the promoted replica lacked what its master had acknowledged";
constexpr std::string_view rule_isolated =
    "asynchronous replication: what a master took that none of its replicas heard, until one of them was promoted";
constexpr std::string_view rule_two_masters =
    "two masters: what the old one took until it was made a replica of the new one";
constexpr std::string_view rule_restart = "a master came back with less than it had acknowledged";

/// Time between two snapshots of a server that writes so many bytes per second; infinite if it takes none.
Duration between_snapshots(const Context& c, double bytes_per_s) {
  if (c.spec.save.empty()) return c.parameters.save_interval;
  Duration least = Duration::infinite();
  const double writes_per_s = c.spec.write_size.count > 0 ? bytes_per_s / c.spec.write_size.count : 0;
  for (const SavePoint& point : c.spec.save) {
    if (writes_per_s <= 0) continue;
    const Duration changes = Duration::from_seconds(static_cast<double>(point.changes) / writes_per_s);
    least = std::min(least, std::max(point.after, changes));
  }
  return least;
}

/// Takes back what was booked then.
template <class Rule>
void erase_loss(Context& c, sim::Time at, Rule&& is_of) {
  std::vector<measurement::Loss>& losses = c.world.measurement.losses;
  const auto booked = std::find_if(losses.begin(), losses.end(), [&](const measurement::Loss& loss) {
    return loss.service == c.service && loss.at == at && is_of(loss.rule);
  });
  if (booked != losses.end()) losses.erase(booked);
}
void erase_loss(Context& c, sim::Time at, std::string_view rule) {
  erase_loss(c, at, [rule](std::string_view of) { return of == rule; });
}

/// A master has come back with less, and nobody has been promoted in its place: that is lost unless a replica is that
/// has its stream from before.
void come_back(Context& c, Number number, bool had_data, double before) {
  Server& server = c.server(number);
  const bool emptied = had_data && !server.has_data;
  // One that had come back empty holds what was written since: at most its data again.
  const double lacks = emptied ? c.spec.dataset.count
                       : had_data
                           ? before - server.offset
                           : std::min(before, c.spec.dataset.count) - std::min(server.offset, c.spec.dataset.count);
  if (lacks > 0) {
    lose(c, lacks, rule_restart);
    server.returns.at.push_back(c.now());
  }
  server.returns.emptied = server.returns.emptied || emptied;
  server.returns.rewound += before - server.offset;
  if (server.returns.emptied && !emptied) server.returns.rewound_since += lacks;
  look_at_returns(c, number);
}

/// A replica takes its master's place: what that had acknowledged and it has not got is lost.
void supersede(Context& c, Number old_master, Number number, bool heard) {
  Server& old = c.server(old_master);
  const Server& server = c.server(number);
  // One that took while its replicas did not hear it, and goes on.
  const std::string_view rule = answers(c, old_master) && !heard ? rule_isolated : rule_lag;
  const bool had_data = old.has_data || old.returns.emptied;
  if (server.line_before == old.line) {
    // It has what its master came back with, if it did: what that lacked has been booked.
    lose(c, old.offset - server.offset, rule);
  } else {
    for (const sim::Time at : old.returns.at) erase_loss(c, at, rule_restart);
    if (had_data && !server.has_data) {
      lose(c, c.spec.dataset.count, old.returns.emptied ? rule_restart : rule);
      if (old.returns.emptied) lose(c, std::min(old.offset, c.spec.dataset.count) + old.returns.rewound_since, rule);
    } else {
      lose(c, old.offset + old.returns.rewound - server.offset, rule);
    }
  }
  old.returns = {};
}

/// What it finds on its disk.
void restore(Context& c, Number number) {
  Server& server = c.server(number);
  ProcessState& process = c.world.processes.edit(c.server_process(number));
  const ComponentId component = c.component(c.server_process(number));
  const Persistence persistence = c.spec.persistence;
  const double before = server.offset;
  const bool had_data = server.has_data;
  const auto age = [&](Duration interval) {
    return c.world.phase(component, Purpose::snapshot_age, interval).to_seconds() * server.rate_at_death;
  };
  constexpr Duration longest_age = Duration::seconds(1'000'000'000);
  double lacks = 0;
  bool empty = std::exchange(process.disk_lost, false) || persistence == Persistence::none;
  if (!empty && process.ending != Ending::clean) {
    if (persistence == Persistence::snapshots)
      lacks = age(std::min(between_snapshots(c, server.rate_at_death), longest_age));
    if (persistence == Persistence::aof_everysec && process.ending == Ending::power_loss)
      lacks = age(c.parameters.fsync_interval);
    if (persistence == Persistence::aof_no && process.ending == Ending::power_loss && c.spec.write_size.count > 0) {
      const double writes_per_s = server.rate_at_death / c.spec.write_size.count;
      const double moment = c.world.uniform(component, Purpose::snapshot_age);
      if (const auto dirty = infrastructure::dirty_for(c.world.plan->infra(), writes_per_s, moment))
        lacks = c.spec.write_size.count + dirty->to_seconds() * server.rate_at_death;
    }
  }
  server.has_data = had_data && !empty;
  server.offset = empty ? 0 : std::max(before - lacks, 0.0);
  const bool keeps_line = persistence == Persistence::snapshots && process.ending == Ending::clean && !empty;
  server.line_before = keeps_line ? server.line : 0;
  server.before_until = keeps_line ? server.offset : 0;
  server.line = keeps_line && server.master != nobody ? server.line : ++c.state.lines;
  if (server.master == nobody && !server.superseded) come_back(c, number, had_data, before);
  server.counted = server.offset;
  server.was_up = false;
  if (!server.superseded) return;
  server.came_back_without =
      empty && had_data ? c.spec.dataset.count : server.came_back_without + before - server.offset;
}

/// Sentinels have gone back to the master before: what its replica lacked at its promotion, and what it took alone, is
/// lost no more, unless it came back with less itself.
void take_back(Context& c, Number master) {
  Server& server = c.server(master);
  c.state.chief[shard_of(c, master)] = master;
  if (!std::exchange(server.superseded, false)) return;
  erase_loss(c, server.superseded_at, [](std::string_view rule) { return rule == rule_lag || rule == rule_isolated; });
  for (const sim::Time at : server.written_off) erase_loss(c, at, rule_two_masters);
  lose(c, server.came_back_without, rule_restart);
}

/// Bitnami's start script: whom a Sentinel names is the master.
void ask_sentinels(Context& c, Number number) {
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (!runs_sentinel(c, i)) continue;
    if (contact(c.world, c.server_process(number), c.sentinel_process(i)) != Contact::ok) continue;
    const Number master = sentinel::current_master(c.watch(i).machine);
    Server& server = c.server(number);
    if (server.master == nobody && master != number && server.superseded) server.superseded = false;
    // All Sentinels have begun anew from files that name a master of before, which has begun so, too.
    if (c.state.chief[0] == number && master != number && answers(c, master) && c.server(master).master == nobody) {
      take_back(c, master);
      for (const sim::Time at : server.returns.at) erase_loss(c, at, rule_restart);
      lose(c, server.offset + server.returns.rewound - c.server(master).offset, rule_two_masters);
      server.returns = {};
    }
    server.master = master == number ? nobody : master;
    server.master_address = c.watch(i).known[master];
    if (master == number && !sentinel_knows(c, i, number) && c.servers() > 1) {
      // The master is where it was before: it follows an address that nobody has.
      server.master = static_cast<Number>((number + 1) % c.servers());
      server.master_address = no_address;
    }
    return;
  }
}

void look_at_end(Context& c, Number number);

bool stale(World& world, const Server& server, std::uint32_t life) {
  world.stale = server.life != life;
  return world.stale;
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

double data_of(const Context& c, Number server) {
  const double most = c.parameters.max_memory.count;
  const double all = most > 0 ? std::min(most, c.spec.dataset.count) : c.spec.dataset.count;
  // Its stream began anew when it was emptied.
  return c.server(server).has_data ? all : std::max(1.0, std::min(all, c.server(server).offset));
}

bool answers(const Context& c, Number server) {
  return c.server(server).started && !c.server(server).stopping && !stands_still(c, server) &&
         c.world.processes[c.server_process(server)].status == ProcessState::Status::running;
}

bool serves(const Context& c, Number server) { return answers(c, server) && !c.server(server).loading; }

Contact contact_of(const Context& c, ProcessId from, Number server) {
  const Contact found = contact(c.world, from, c.server_process(server));
  if (found != Contact::ok) return found;
  if (c.server(server).stopping || stands_still(c, server)) return Contact::silence;
  return c.server(server).started ? Contact::ok : Contact::reset;
}

bool reaches(const Context& c, Number from, Number to) {
  return answers(c, from) && contact_of(c, c.server_process(from), to) == Contact::ok;
}

Duration one_way(const Context& c, ProcessId from, ProcessId to) {
  const Duration trip = infrastructure::round_trip(c.world, from, to);
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, to);
  if (path == infrastructure::PathCondition{}) return trip / 2;
  // Where hardly anything gets through, it gets there too late for everybody.
  const Duration longer = infrastructure::round_trip_longer(c.world.plan->infra(), path, trip);
  return trip / 2 + std::min(longer / 2, c.parameters.repl_timeout);
}

Duration behind(const Context& c, Number number) {
  return c.parameters.replication_delay +
         one_way(c, c.server_process(c.server(number).master), c.server_process(number));
}

double offset(const Context& c, Number number) {
  const Server& server = c.server(number);
  if (server.master == nobody || server.connection != Connection::up) return server.offset;
  if (server.silent_since != sim::Time::never()) return server.offset;
  const double lacks = c.state.rates[server.master] * behind(c, number).to_seconds();
  return std::max(server.offset, c.server(server.master).offset - lacks);
}

std::int64_t good_replicas(const Context& c, Number master) {
  std::int64_t good = 0;
  for (const Server& server : c.state.servers) {
    const bool connected = server.master == master && server.connection == Connection::up && server.acknowledges &&
                           server.master_life == c.server(master).life;
    good += connected || server.lingers == master ? 1 : 0;
  }
  return good;
}

namespace {

/// What fills up is memory, or else the disk: by snapshots a server learns of that when the next one fails.
bool has_room(const Context& c, Number server) {
  if (!fills_memory(c.spec) && c.spec.persistence == Persistence::snapshots) return !c.server(server).save_failed;
  return !faults::out_of_space(c.world, c.service);
}

/// rdbSaveBackground and serverCron: a snapshot fails when it is next due, and is tried again a while after each that
/// failed.
void look_at_saves(Context& c) {
  if (fills_memory(c.spec) || !fills_disk(c.spec) || c.spec.persistence != Persistence::snapshots) return;
  const bool full = faults::out_of_space(c.world, c.service);
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (full == server.save_failed || !serves(c, i)) {
      c.world.queue.cancel(server.save_timer);
      continue;
    }
    if (c.world.queue.pending(server.save_timer)) continue;
    const ComponentId component = c.component(c.server_process(i));
    if (full) {
      const Duration period = between_snapshots(c, c.state.rates[c.state.chief[shard_of(c, i)]]);
      if (period == Duration::infinite()) continue;
      server.save_timer = c.world.schedule(c.now() + c.world.phase(component, Purpose::snapshot_age, period),
                                           SaveFailed{c.service.value, i, server.life});
    } else {
      const Duration wait = c.world.phase(component, Purpose::snapshot_age, c.parameters.save_retry);
      server.save_timer = c.world.schedule(c.now() + wait + at_rate(data_of(c, i), c.parameters.serialise_rate),
                                           SaveSucceeded{c.service.value, i, server.life});
    }
  }
}

}  // namespace

bool takes_writes(const Context& c, Number server) {
  if (!serves(c, server) || c.server(server).master != nobody || !has_room(c, server)) return false;
  if (c.server(server).hands_over_to != nobody || c.server(server).pauses || c.server(server).awaits_replicas)
    return false;
  return c.parameters.min_replicas <= 0 || good_replicas(c, server) >= c.parameters.min_replicas;
}

// ---- what happens ----

void promote(Context& c, Number number) {
  Server& server = c.server(number);
  const Number before = c.state.chief[shard_of(c, number)];
  const bool heard = server.connection == Connection::up && server.silent_since == sim::Time::never();
  disconnect(c, number);
  server.master = nobody;
  server.was_up = false;  // replicationUnsetMaster
  server.line_before = server.line;
  server.before_until = server.offset;
  server.line = ++c.state.lines;
  server.counted = server.offset;
  server.superseded = false;
  c.state.chief[shard_of(c, number)] = number;
  ++c.world.measurement.failovers;
  if (before == number) return;
  Server& old = c.server(before);
  if (old.master != nobody || old.superseded) return;
  supersede(c, before, number, heard);
  old.superseded = true;
  old.superseded_at = c.now();
  old.counted = old.offset;
  old.came_back_without = 0;
  old.written_off.clear();
}

void follow(Context& c, Number number, Number master) {
  Server& server = c.server(number);
  if (server.master == master || number == master) return;
  const bool was_master = server.master == nobody;
  if (!was_master) disconnect(c, number);
  if (was_master) {
    // A fail-over that nobody saw through: Sentinels have gone back to the master before, which is back.
    const bool taken_back = c.state.chief[shard_of(c, number)] == number && c.server(master).master == nobody;
    if (taken_back) take_back(c, master);
    if (server.superseded || taken_back) lose(c, server.offset - server.counted, rule_two_masters);
    server.superseded = false;
    server.connection = Connection::down;
    server.connection_since = c.now();
  }
  server.master = master;
  server.master_address = c.server(master).address;
  server.acknowledges = false;
  attempt_at(
      c, number,
      c.now() + one_way(c, c.server_process(number), c.server_process(master)) * 2 * c.parameters.handshake_trips);
}

void grow(Context& c) {
  if (std::exchange(c.state.grown_at, c.now()) == c.now()) return;
  // Always from the same moment, so that it does not matter how often anybody looks.
  const double seconds = (c.now() - c.state.rates_since).to_seconds();
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (server.master == nobody && c.state.rates[i] > 0)
      server.offset = c.state.offsets[i] + c.state.rates[i] * seconds;
  }
}

void settle(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) look_at_end(c, i);
  look_at_disks(c);
  look_at_saves(c);
  look_at_links(c);
  if (c.spec.mode == Mode::sentinel) look_at_sentinels(c);
  if (c.clustered()) look_at_bus(c);
  look_at_label(c);
  look_at_accesses(c);
  set_rates(c);
}

void replicate(Context& c, Number number, Number master) {
  if (!answers(c, number)) return;
  Server& server = c.server(number);
  if (master == nobody) {
    if (server.master == nobody) {
      // It took itself for the master of before, and is the one from now on: what the other has taken meanwhile is
      // lost.
      if (c.state.chief[shard_of(c, number)] == number) return;
      promote(c, number);
      return settle(c);
    }
    const CauseScope because(c.world, c.world.note(Writable{c.service.value, number}));
    promote(c, number);
    return settle(c);
  }
  if (server.master == master) return;
  const bool was_master = server.master == nobody;
  const CauseScope because(c.world, was_master ? c.world.note(Demoted{c.service.value, number})
                                               : c.world.note(Repointed{c.service.value, number}));
  follow(c, number, master);
  settle(c);
}

void look_at_links(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (server.master == nobody || !answers(c, i)) continue;
    if (server.connection != Connection::down) look_at_connected(c, i);
    if (server.connection != Connection::down || server.loading || c.world.queue.pending(server.link_timer)) continue;
    if (!finds_master(c, i) || !reaches(c, i, server.master) || !can_give(c, server.master)) continue;
    // It has tried at once when it lost its master, and tries at each turn of the cron.
    attempt_at(c, i, c.now() + to_cron(c, i));
  }
  for (Number i = 0; i < c.servers(); ++i) look_at_acks(c, i);
}

void server_started(Context& c, Number number) {
  Server& server = c.server(number);
  const Duration takes =
      c.world.draw(c.component(c.server_process(number)), Purpose::process_start, c.parameters.start);
  server.start_timer = c.world.schedule(c.now() + takes, ServerUp{c.service.value, number, server.life});
}

void server_died(Context& c, Number number) {
  grow(c);
  Server& server = c.server(number);
  // What its process had given to the kernel still leaves a machine that lives.
  const bool flushed = c.world.processes[c.server_process(number)].ending != Ending::power_loss;
  for (Number i = 0; i < c.servers(); ++i) {
    Server& replica = c.server(i);
    const bool hears =
        replica.master == number && replica.connection == Connection::up && replica.silent_since == sim::Time::never();
    if (!hears) continue;
    if (!flushed) {
      fall_silent(c, i);
      continue;
    }
    replica.offset = server.offset;
    disconnect(c, i);
  }
  server.offset = offset(c, number);
  if (!flushed && server.connection == Connection::up && server.acknowledges && c.parameters.min_replicas > 0) {
    // Nobody tells its master that its machine is gone.
    if (!c.world.queue.pending(server.ack_timer)) acks_end(c, number);
    server.silent_since = c.now();
  }
  disconnect(c, number);
  cancel_link(c, number);
  c.world.queue.cancel(server.start_timer);
  server.rate_at_death = c.state.rates[number];
  c.state.rates[number] = 0;
  server.started = server.loading = server.stopping = server.told_to_end = server.awaits_replicas = false;
  c.world.queue.cancel(server.end_timer);
  server.hands_over_to = nobody;
  server.pauses = false;
  server.forking = server.hangs = server.waits_for_disk = false;
  // It begins as if its last snapshot had succeeded.
  server.save_failed = false;
  c.world.queue.cancel(server.save_timer);
  c.world.queue.cancel(server.still_timer);
  c.world.queue.cancel(server.memory_timer);
  if (server.superseded) {
    if (server.offset > server.counted) server.written_off.push_back(c.now());
    lose(c, server.offset - server.counted, rule_two_masters);
    server.counted = server.offset;
  }
  ++server.life;
  // What it counted ends with it: a new process has no replicas.
  for (Server& replica : c.state.servers) {
    if (replica.lingers != number) continue;
    c.world.queue.cancel(replica.ack_timer);
    replica.lingers = nobody;
    replica.acknowledges = false;
  }
  if (c.clustered()) node_died(c, number);
}

void server_terminating(Context& c, Number number) {
  Server& server = c.server(number);
  if (!server.started || server.stopping)
    return kubernetes::process_exited(c.world, c.server_process(number), Ending::clean);
  if (server.hands_over_to != nobody || server.pauses || server.told_to_end) return;
  grow(c);
  if (c.clustered() ? begin_hand_over(c, number) : begin_sentinels_hand_over(c, number)) return settle(c);
  server_stops(c, number);
}

namespace {

/// All who take its stream have acknowledged all of it (isReadyToShutdown). Acknowledgements are as old as a second;
/// when it has stopped to take writes it asks for one (GETACK).
bool replicas_have_all(const Context& c, Number number) {
  const Server& server = c.server(number);
  if (server.master != nobody) return true;
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& replica = c.server(i);
    if (replica.lingers == number) return false;
    if (replica.master != number || replica.connection == Connection::down) continue;
    const bool hears =
        replica.connection == Connection::up && replica.silent_since == sim::Time::never() && answers(c, i);
    if (!hears) return false;
    const Duration asked = behind(c, i) + one_way(c, c.server_process(number), c.server_process(i));
    if (server.awaits_replicas ? c.now() - server.paused_at < asked : c.state.rates[number] > 0) return false;
  }
  return true;
}

/// finishShutdown
void end_server(Context& c, Number number) {
  Server& server = c.server(number);
  const bool saves = c.spec.persistence == Persistence::snapshots;
  const Duration takes = saves ? at_rate(data_of(c, number), c.parameters.serialise_rate) : Duration();
  if (takes <= Duration()) return kubernetes::process_exited(c.world, c.server_process(number), Ending::clean);
  server.stopping = true;
  server.start_timer = c.world.schedule(c.now() + takes, ServerExits{c.service.value, number, server.life});
  settle(c);
}

/// Crons pass uncalled while it stands still.
void look_at_end(Context& c, Number number) {
  Server& server = c.server(number);
  const bool runs = c.world.processes[c.server_process(number)].status == ProcessState::Status::running;
  if (server.stopping && runs && !stands_still(c, number) && !c.world.queue.pending(server.start_timer))
    server.start_timer = c.world.schedule(c.now(), ServerExits{c.service.value, number, server.life});
  if (!server.told_to_end || server.stopping || c.world.queue.pending(server.end_timer) || !answers(c, number)) return;
  const ComponentId component = c.component(c.server_process(number));
  server.end_timer =
      c.world.schedule(c.now() + c.world.phase(component, Purpose::stream_phase, c.parameters.server_cron),
                       EndLooked{c.service.value, number, server.life});
}

}  // namespace

void server_stops(Context& c, Number number) {
  Server& server = c.server(number);
  if (server.loading) return kubernetes::process_exited(c.world, c.server_process(number), Ending::clean);
  server.told_to_end = true;
  look_at_end(c, number);
}

// ---- events ----

void on(World& world, const ServerUp& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  restore(c, event.server);
  server.started = server.loading = true;
  server_moves(c, event.server);
  if (c.spec.starts == Starts::asks_sentinel) ask_sentinels(c, event.server);
  if (c.clustered()) node_started(c, event.server);
  const bool holds = server.has_data || server.offset > 0;
  const Duration takes = holds ? at_rate(data_of(c, event.server), c.parameters.load_rate) : Duration();
  server.start_timer = world.schedule(c.now() + takes, ServerLoaded{event.service, event.server, event.life});
  settle(c);
}

void on(World& world, const ServerLoaded& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  if (waits_for_disk(c, event.server)) return;
  server.loading = false;
  server.connection = Connection::down;
  server.connection_since = c.now();
  settle(c);
}

void on(World& world, const EndLooked& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  if (!answers(c, event.server)) {
    world.stale = true;
    return;
  }
  grow(c);
  // 0: it does not wait.
  const Duration most = c.parameters.shutdown_timeout;
  const bool late = most <= Duration() || (server.awaits_replicas && c.now() - server.paused_at >= most);
  if (late || replicas_have_all(c, event.server)) return end_server(c, event.server);
  if (!std::exchange(server.awaits_replicas, true)) server.paused_at = c.now();
  server.end_timer =
      world.schedule(c.now() + c.parameters.server_cron, EndLooked{event.service, event.server, event.life});
  settle(c);
}

void on(World& world, const ServerExits& event) {
  Context c = context(world, ServiceId{event.service});
  if (stale(world, c.server(event.server), event.life)) return;
  // It ends when it goes on (look_at_end).
  if (stands_still(c, event.server) ||
      world.processes[c.server_process(event.server)].status != ProcessState::Status::running) {
    world.stale = true;
    return;
  }
  kubernetes::process_exited(world, c.server_process(event.server), Ending::clean);
}

void on(World& world, const LinkAttempt& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  if (server.master == nobody || server.connection != Connection::down) {
    world.stale = true;
    return;
  }
  const Number master = server.master;
  // Nobody can be asked: it tries again when somebody can (look_at_links).
  if (!finds_master(c, event.server) || !reaches(c, event.server, master) || !can_give(c, master)) return;
  if (continues(c, server, master)) {
    const CauseScope because(world, world.note(PartialResync{event.service, event.server}));
    connected(c, event.server);
    return settle(c);
  }
  const CauseScope because(world, world.note(FullResync{event.service, event.server}));
  server.connection = Connection::waits;
  server.master_life = c.server(master).life;
  server.link_timer =
      world.schedule(c.now() + c.parameters.diskless_delay, SyncBegins{event.service, event.server, event.life});
}

void on(World& world, const SyncBegins& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  const ProcessId to = c.server_process(event.server);
  const ProcessId from = c.server_process(server.master);
  const models::Plan& plan = *world.plan;
  server.connection = Connection::copies;
  server.copy_since = c.now();
  {
    fabric::Changes fabric(world);
    server.flow = fabric->start(c.now(), {.route = fabric::network_route(plan.layout, plan, world.processes[from].node,
                                                                         world.processes[to].node),
                                          .bytes = {data_of(c, server.master)},
                                          .cap = c.parameters.serialise_rate,
                                          .owner = fabric::owner(to, from),
                                          .cause = world.trace.current()});
  }
  arm_overrun(c, event.server);
  look_at_memory(c, server.master);
  fork_stands_still(c, server.master);
}

void copy_ended(Context& c, const fabric::Ending& ending) {
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (server.connection != Connection::copies || server.flow != ending.flow) continue;
    grow(c);
    if (ending.outcome == fabric::Outcome::broken) {
      disconnect(c, i);
      return settle(c);
    }
    server.connection = Connection::loads;
    server.loading = true;
    server.link_timer = c.world.schedule(c.now() + at_rate(data_of(c, server.master), c.parameters.load_rate),
                                         SyncLoaded{c.service.value, i, server.life});
    look_at_memory(c, server.master);
    return settle(c);
  }
}

void on(World& world, const SyncLoaded& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  server.loading = false;
  connected(c, event.server);
  settle(c);
}

void on(World& world, const LinkTimeout& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  disconnect(c, event.server);
  settle(c);
}

void on(World& world, const AckLost& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  grow(c);
  // By now it may have another master, which hears it.
  if (server.lingers == nobody) server.acknowledges = false;
  server.lingers = nobody;
  settle(c);
}

void on(World& world, const AckHeard& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  c.server(event.server).acknowledges = true;
  settle(c);
}

void on(World& world, const BufferOverrun& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  disconnect(c, event.server);
  settle(c);
}

namespace {

template <class E>
void save_ended(World& world, const E& event, bool failed) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (stale(world, server, event.life)) return;
  grow(c);
  server.save_failed = failed;
  settle(c);
}

}  // namespace

void on(World& world, const SaveFailed& event) { save_ended(world, event, true); }
void on(World& world, const SaveSucceeded& event) { save_ended(world, event, false); }

}  // namespace nines::models::redis
