#include "models/zookeeper/client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"

namespace nines::models::zookeeper {

namespace {

constexpr std::string_view key_read_share = "zookeeper.client.read_share";
constexpr std::string_view key_teardown = "zookeeper.connection_teardown";
constexpr std::string_view key_round_wait = "zookeeper.client.round_wait";
constexpr std::string_view key_spread = "zookeeper.client.reconnect_spread";
constexpr std::string_view key_tick = "tickTime";

enum class Fate : std::uint8_t {
  served,
  refused,  ///< nobody listens, or the server serves nobody and closes the connection
  lost,     ///< nothing comes back
};

const ClientPlan& client_plan(const Context& c, std::uint16_t client) { return c.plan.clients[client]; }
const ClientParameters& parameters_of(const Context& c, std::uint16_t client) {
  return client_plan(c, client).parameters;
}
Position server_of(const Client& client) { return client.order[client.at]; }

Contact contact_of(const Context& c, std::uint16_t client, Position server) {
  const ClientPlan& its = client_plan(c, client);
  const Contact found = its.owner.exists() ? contact(c.world, its.owner, c.process(server))
                                           : contact(c.world, its.place, c.process(server));
  return found == Contact::ok && !c.server(server).up ? Contact::reset : found;
}

/// A connection to a server that serves nobody is closed at once (NIOServerCnxn: not running).
Contact reaches(const Context& c, std::uint16_t client, Position server) {
  const Contact found = contact_of(c, client, server);
  return found == Contact::ok && !serves(c, server) ? Contact::reset : found;
}

/// What becomes of an attempt to get its session at `server`. A follower asks the leader whether the session lives, the
/// leader knows; a new session is a transaction.
Fate fate(const Context& c, std::uint16_t number, Position server) {
  const Contact found = reaches(c, number, server);
  if (found != Contact::ok) return found == Contact::reset ? Fate::refused : Fate::lost;
  const Client& client = c.state.clients[number];
  const bool new_session = client.fresh;
  if (new_session && !(c.state.acts && in_quorum(c, server))) return Fate::lost;
  const bool leads = c.server(server).peer.role == zab::Role::leading;
  return leads || in_quorum(c, server) ? Fate::served : Fate::lost;
}

/// It writes without end, and its writes hang. Its other requests and pings wait behind them, on its server
/// (CommitProcessor.run: pendingRequests).
bool hangs(const Context& c, std::uint16_t number, Position server) {
  if (parameters_of(c, number).request_interval <= Duration() || (c.state.acts && in_quorum(c, server))) return false;
  return std::any_of(c.plan.slis.begin(), c.plan.slis.end(),
                     [number](const SliPlan& sli) { return sli.client == number && sli.kind == SliKind::write; });
}

/// Its session is measured: what becomes of its connection is told.
bool is_measured(const Context& c, std::uint16_t number) {
  return std::any_of(c.plan.slis.begin(), c.plan.slis.end(),
                     [number](const SliPlan& sli) { return sli.client == number && sli.kind == SliKind::session; });
}

bool anybody_serves(const Context& c, std::uint16_t client) {
  for (Position server = 0; server < c.size(); ++server) {
    if (fate(c, client, server) == Fate::served) return true;
  }
  return false;
}

template <class From>
Duration trip_from(const Context& c, From from, Position server) {
  const Duration trip = infrastructure::round_trip(c.world, from, c.process(server));
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, c.process(server));
  if (path == infrastructure::PathCondition{}) return trip;
  // Nobody waits so long; sums of it stay finite.
  constexpr Duration longest = Duration::seconds(3600);
  return trip + std::min(infrastructure::round_trip_longer(c.world.plan->infra(), path, trip), longest);
}

Duration trip(const Context& c, std::uint16_t client, Position server) {
  const ClientPlan& its = client_plan(c, client);
  return its.owner.exists() ? trip_from(c, its.owner, server) : trip_from(c, its.place, server);
}

/// A write's way from its server: to the leader, to a quorum and its disks, and back.
Duration commit_latency(const Context& c, Position server) {
  const Position leader = c.state.leader;
  Duration sum;
  if (server != leader) sum += one_way(c, server, leader) * 2;
  std::vector<Duration> written{write_longer(c, leader)};
  for (Position other = 0; other < c.size(); ++other) {
    if (!c.server(other).attached || !writes(c, other)) continue;
    written.push_back(one_way(c, leader, other) * 2 + write_longer(c, other));
  }
  if (!writes(c, leader)) written.erase(written.begin());
  std::sort(written.begin(), written.end());
  const std::size_t needed = c.plan.rules.quorum() - 1;
  constexpr double middle = 0.5;
  return sum + (needed < written.size() ? written[needed] : Duration()) + c.parameters.fsync.quantile(middle);
}

// ---- sessions ----

sim::Time on_grid_before(Duration phase, Duration period, sim::Time at) {
  return sim::Grid{sim::Time() + phase, period}.at_or_before(at);
}

/// When the leader lets a session go that was kept alive at `touched` for the last time: the next of its ticks after
/// the time-out.
sim::Time expires(const Context& c, const Client& client, sim::Time touched) {
  const Server& leader = c.server(c.state.leader);
  return sim::Grid{sim::Time() + leader.expiry_phase, c.tick()}.after(touched + client.timeout);
}

/// Between two words of a client that nothing holds up.
Duration words_apart(const Context& c, std::uint16_t number) {
  const Duration asked = parameters_of(c, number).request_interval;
  return asked > Duration() ? std::min(asked, ping_interval(c, number)) : ping_interval(c, number);
}

/// When the leader has heard of the client for the last time, which it has until now. A follower tells it with its
/// answer to each ping.
sim::Time last_touch(const Context& c, std::uint16_t number, bool relayed) {
  const Client& client = c.state.clients[number];
  const Duration period = words_apart(c, number);
  const sim::Time pinged = on_grid_before(client.phase_of_pings, period, c.now());
  if (!relayed) return pinged;
  const sim::Time relay = ping_before(c, c.state.leader, c.now());
  // The last that a relay has taken along; or the next relay will.
  if (relay >= pinged) {
    return ping_before(c, c.state.leader, pinged) == pinged ? pinged
                                                            : ping_before(c, c.state.leader, pinged) + c.half_tick();
  }
  if (!in_quorum(c, server_of(client))) {
    const sim::Time before = pinged - period;
    const sim::Time its = ping_before(c, c.state.leader, before);
    return its == before ? its : its + c.half_tick();
  }
  return relay + c.half_tick();
}

void let_expire_at(Context& c, std::uint16_t number, sim::Time at) {
  Client& client = c.state.clients[number];
  c.world.queue.cancel(client.expiry);
  client.expiry = c.world.schedule(std::max(at, c.now()), SessionDue{c.service.value, number});
}

void tell_user(Context& c, std::uint16_t number, service::SessionNews news) {
  const ClientPlan& its = client_plan(c, number);
  if (!its.owner.exists()) return;
  const std::uint32_t session = c.state.clients[number].session;
  c.world.plan->services[its.user].kind->session_changed(c.world, its.user, its.owner, session, news);
}

void expire(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  client.alive = client.expiring = client.touched = false;
  c.world.queue.cancel(client.expiry);
  const bool asked = std::exchange(client.ends, false);
  const CauseScope because(c.world, asked ? c.world.note(SessionClosed{c.service.value, number})
                                          : c.world.note(SessionExpired{c.service.value, number}));
  tell_user(c, number, service::SessionNews::ended);
  for (std::uint16_t i = 0; i < c.state.accesses.size(); ++i) {
    if (c.plan.slis[i].client != number || c.plan.slis[i].kind != SliKind::session) continue;
    c.state.accesses[i].holds = false;
    measurement::set_status(c.world, c.plan.slis[i].index, GroupId::of(0), false);
  }
}

/// Whether its pings reach the leader of the ensemble.
bool touches(const Context& c, std::uint16_t number) {
  const Client& client = c.state.clients[number];
  if (!client.alive || client.phase != Phase::connected || c.state.leader == zab::nobody) return false;
  if (client.resumes > c.now() || client.frozen) return false;
  return in_quorum(c, server_of(client)) && reaches(c, number, server_of(client)) == Contact::ok;
}

void look_at_session(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  if (!client.alive) return;
  if (client.expiring && c.state.acts) return expire(c, number);
  const bool touched = touches(c, number);
  if (touched == client.touched) return;
  client.touched = touched;
  if (touched) {
    client.expiring = false;
    c.world.queue.cancel(client.expiry);
    return;
  }
  // Without a leader time stands still for sessions.
  if (c.state.leader == zab::nobody) return;
  const bool relayed = server_of(client) != c.state.leader;
  let_expire_at(c, number, expires(c, client, last_touch(c, number, relayed)));
}

// ---- connections ----

void schedule(Context& c, std::uint16_t number, sim::Time at, Phase phase) {
  Client& client = c.state.clients[number];
  c.world.queue.cancel(client.timer);
  client.phase = phase;
  client.timer = c.world.schedule(std::max(at, c.now()), ClientDue{c.service.value, number});
}

/// From the end of a connection or an attempt until the next one begins.
Duration pause(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  const ClientParameters& p = parameters_of(c, number);
  client.at = static_cast<std::uint16_t>((client.at + 1) % client.order.size());
  const double u = c.world.uniform(c.plan.clients[number].component, Purpose::client_jitter);
  Duration wait = p.cleanup + sim::scaled(p.reconnect_spread, u);
  if (client.at == client.last) wait += p.round_wait;
  // A program that is to open a new session has done so at once; its first connection waits for nothing.
  if (client.fresh && client.tries == 0) wait = Duration();
  return wait;
}

Duration connect_timeout(const Context& c, std::uint16_t number) {
  return c.state.clients[number].timeout / static_cast<std::int64_t>(c.size());
}

void try_next(Context& c, std::uint16_t number, sim::Time from) {
  const Duration wait = pause(c, number);
  ++c.state.clients[number].tries;
  schedule(c, number, from + wait, Phase::pausing);
}

void disconnect(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  const ClientParameters& p = parameters_of(c, number);
  client.silent = client.kept = false;
  client.stuck_since = client.resumes = sim::Time();
  client.last = client.at;
  client.tries = 0;
  // The program hears of it when the socket is cleaned up (ClientCnxnSocketNIO.cleanup).
  client.suspended = c.now() + p.cleanup;
  c.world.queue.cancel(client.lock_timer);
  const bool told = is_measured(c, number);
  if (told) c.world.schedule(client.suspended, Suspended{c.service.value, number});
  if (told && p.lost_after > 0) {
    client.lock_timer = c.world.schedule(client.suspended + sim::scaled(client.timeout, p.lost_after),
                                         LockGivenUp{c.service.value, number});
  }
  try_next(c, number, c.now());
}

sim::Time gives_up(const Context& c, std::uint16_t number) {
  const Client& client = c.state.clients[number];
  return client.heard + sim::scaled(client.timeout, parameters_of(c, number).read_share);
}

/// Its server gives no more answers: the last one was to its last ping or request.
void fall_silent(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  client.silent = true;
  client.heard = std::max(client.heard, on_grid_before(client.phase_of_pings, words_apart(c, number), c.now()));
  schedule(c, number, gives_up(c, number), Phase::connected);
}

/// No packet gets through to its server: what it sends next is lost, and what comes behind that waits.
void is_cut(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  const ProcessState& process = c.world.processes[c.process(server_of(client))];
  // The kernel of a process that stands still takes it.
  if (process.status != ProcessState::Status::running) return;
  if (client.stuck_since == sim::Time())
    client.stuck_since = sim::Grid{sim::Time() + client.phase_of_pings, words_apart(c, number)}.after(c.now());
  if (std::exchange(client.resumes, sim::Time()) == sim::Time()) return;
  schedule(c, number, gives_up(c, number), Phase::connected);
}

/// The path is back. Returns whether its connection is still held up: TCP tries again at growing intervals, and by then
/// it may have given its server up.
bool waits_for_tcp(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  if (client.stuck_since == sim::Time()) return false;
  if (client.resumes == sim::Time()) {
    const Duration timeout = trip(c, number, server_of(client)) + c.world.plan->infra().tcp_rto_min;
    client.resumes =
        client.stuck_since < c.now() ? infrastructure::sent_again(client.stuck_since, timeout, c.now()) : c.now();
    if (client.resumes > c.now() && client.resumes < gives_up(c, number))
      schedule(c, number, client.resumes, Phase::connected);
  }
  if (client.resumes > c.now()) return true;
  client.stuck_since = client.resumes = sim::Time();
  return false;
}

// ---- processes of other services ----

/// Of a process that keeps sessions: the client that it uses, or used last.
std::uint16_t used_by(const Context& c, std::uint16_t first) {
  const Client& one = c.state.clients[first];
  const Client& other = c.state.clients[first + 1U];
  if (one.phase != Phase::closed || other.phase == Phase::closed) {
    if (one.phase == Phase::closed && other.session > one.session) return static_cast<std::uint16_t>(first + 1);
    return first;
  }
  return static_cast<std::uint16_t>(first + 1);
}

void leave(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  c.world.queue.cancel(client.timer);
  client.phase = Phase::closed;
  client.silent = client.frozen = client.fresh = false;
  client.stuck_since = client.resumes = sim::Time();
}

/// The thread of the client has stood still, and looks at the time: it has heard nothing for as long
/// (ClientCnxn.SendThread.run: getIdleRecv).
void thaw(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  client.frozen = false;
  if (client.phase != Phase::connected) return schedule(c, number, c.now(), Phase::pausing);
  client.silent = false;
  client.stuck_since = client.resumes = sim::Time();
  if (c.now() >= gives_up(c, number)) return disconnect(c, number);
  // What was due meanwhile is sent now.
  client.phase_of_pings = Duration::nanoseconds(c.now().count() % ping_interval(c, number).count());
}

/// What has become of the process that keeps the session.
void look_at_owner(Context& c, std::uint16_t number) {
  const ProcessId owner = client_plan(c, number).owner;
  Client& client = c.state.clients[number];
  if (!owner.exists() || client.phase == Phase::closed) return;
  const ProcessState& process = c.world.processes[owner];
  if (process.status == ProcessState::Status::absent || process.incarnation != client.incarnation)
    return leave(c, number);
  const bool stopped = process.status == ProcessState::Status::stopped;
  if (stopped == client.frozen) return;
  if (!stopped) return thaw(c, number);
  client.frozen = true;
  c.world.queue.cancel(client.timer);
  const bool heard = client.phase == Phase::connected && !client.silent;
  if (heard)
    client.heard = std::max(client.heard, on_grid_before(client.phase_of_pings, words_apart(c, number), c.now()));
}

void look_at_connection(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  if (client.frozen) return;
  switch (client.phase) {
    case Phase::connected: {
      const Contact found = reaches(c, number, server_of(client));
      if (found == Contact::silence && client.silent) is_cut(c, number);
      if (found == Contact::ok && client.silent && waits_for_tcp(c, number)) return;
      if (found == Contact::ok && !client.alive && in_quorum(c, server_of(client))) {
        // A server closes the connections of sessions that have expired.
        c.world.queue.cancel(client.timer);
        client.heard = c.now();
        return disconnect(c, number);
      }
      const bool hung = found == Contact::ok && hangs(c, number, server_of(client));
      if (found == Contact::ok && !hung) {
        if (std::exchange(client.silent, false)) c.world.queue.cancel(client.timer);
        return;
      }
      if (found == Contact::silence || hung) {
        if (!client.silent) fall_silent(c, number);
        if (!hung) is_cut(c, number);
        return;
      }
      // Closed: by the server's kernel some time after its process has died, or by the server itself.
      const Position server = server_of(client);
      const bool died = contact_of(c, number, server) == Contact::reset;
      if (!died) {
        c.world.queue.cancel(client.timer);
        client.heard = c.now();
        return disconnect(c, number);
      }
      if (c.world.queue.pending(client.timer) && !client.silent) return;
      client.silent = false;
      client.stuck_since = client.resumes = sim::Time();
      client.heard = c.now();
      return schedule(c, number, c.server(server).closed, Phase::connected);
    }
    case Phase::connecting: {
      const Position server = server_of(client);
      switch (fate(c, number, server)) {
        case Fate::served:
          // A server that stood still, or was cut off for a moment, takes the connection after all.
          c.world.queue.cancel(client.timer);
          client.phase = Phase::answered;
          client.timer = c.world.schedule(c.now() + trip(c, number, server), ClientAnswered{c.service.value, number});
          return;
        case Fate::refused: {
          // A server that looks for a leader closes also the connections that wait for their session
          // (QuorumPeer.closeAllConnections).
          const bool died = contact_of(c, number, server) == Contact::reset;
          return try_next(c, number, died ? std::max(c.now(), c.server(server).closed) : c.now());
        }
        case Fate::lost: return;
      }
      return;
    }
    case Phase::dormant:
      if (anybody_serves(c, number)) {
        const ClientParameters& p = parameters_of(c, number);
        const double u = c.world.uniform(c.plan.clients[number].component, Purpose::client_jitter);
        client.at = static_cast<std::uint16_t>(u * static_cast<double>(client.order.size()));
        schedule(c, number, c.now() + sim::scaled(p.cleanup + p.reconnect_spread, u), Phase::pausing);
      }
      return;
    case Phase::pausing:
    case Phase::answered:
    case Phase::closed: return;
  }
}

void attempt(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  const ClientParameters& p = parameters_of(c, number);
  if (p.expires_after > 0 && client.alive && !client.fresh &&
      c.now() >= client.heard + sim::scaled(client.timeout, p.expires_after)) {
    // It does not wait for anybody to say so (ZOOKEEPER-4508).
    client.fresh = true;
    client.tries = 0;
  }
  const Position server = server_of(client);
  switch (fate(c, number, server)) {
    case Fate::refused: {
      // Once it has been round, further attempts tell it nothing new.
      if (client.tries > c.size() && !anybody_serves(c, number)) {
        client.phase = Phase::dormant;
        return;
      }
      return try_next(c, number, c.now() + trip(c, number, server));
    }
    case Fate::lost: return schedule(c, number, c.now() + connect_timeout(c, number), Phase::connecting);
    case Fate::served: {
      // One trip to connect and one for the session, which a follower asks its leader about.
      Duration takes = trip(c, number, server) * 2;
      const bool asks = server != c.state.leader && c.state.leader != zab::nobody && in_quorum(c, server);
      if (asks) takes += one_way(c, server, c.state.leader) * 2;
      takes += c.world.draw(c.component(server), Purpose::message_handling, c.parameters.handling);
      client.phase = Phase::answered;
      client.timer = c.world.schedule(c.now() + takes, ClientAnswered{c.service.value, number});
    }
  }
}

// ---- SLIs ----

bool can_be_served(const Context& c, std::uint16_t access) {
  const SliPlan& sli = c.plan.slis[access];
  const Client& client = c.state.clients[sli.client];
  if (sli.kind == SliKind::session) return client.alive;
  if (client.phase != Phase::connected || !client.alive || client.resumes > c.now()) return false;
  const Position server = server_of(client);
  if (reaches(c, sli.client, server) != Contact::ok) return false;
  if (sli.kind == SliKind::read) return !hangs(c, sli.client, server);
  return c.state.acts && in_quorum(c, server);
}

Duration latency(const Context& c, std::uint16_t access) {
  const SliPlan& sli = c.plan.slis[access];
  if (sli.kind == SliKind::session) return {};
  const Position server = server_of(c.state.clients[sli.client]);
  const Duration sum = trip(c, sli.client, server);
  return sli.kind == SliKind::write ? sum + commit_latency(c, server) : sum;
}

bool served_in_time(const Context& c, std::uint16_t access) {
  if (!can_be_served(c, access)) return false;
  const Duration deadline = c.world.plan->slis[c.plan.slis[access].index].deadline;
  return deadline == Duration() || latency(c, access) <= deadline;
}

void look_at_access(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const bool served = served_in_time(c, access);
  if (its.holds && !served) {
    its.holds = false;
    c.world.queue.cancel(its.timer);
    measurement::set_status(c.world, c.plan.slis[access].index, GroupId::of(0), false);
  } else if (!its.holds && served && !c.world.queue.pending(its.timer)) {
    its.timer = c.world.schedule(c.now() + latency(c, access), RequestAnswered{c.service.value, access});
  }
}

}  // namespace

Duration ping_interval(const Context& c, std::uint16_t client) {
  // MAX_SEND_PING_INTERVAL of ClientCnxn is looked at only when something wakes the selector: for an idle client that
  // is the ping.
  constexpr Duration shortest = Duration::milliseconds(1);
  return std::max(sim::scaled(c.state.clients[client].timeout, parameters_of(c, client).read_share / 2), shortest);
}

void open_session(Context& c, std::uint16_t first) {
  // The session of the process before it lives on until it expires. Of two such, the one that came later has made
  // nothing: what it wanted to make was there.
  std::uint16_t number = first;
  const Client& one = c.state.clients[first];
  const Client& other = c.state.clients[first + 1U];
  if (one.alive && (!other.alive || other.session > one.session)) ++number;
  leave(c, used_by(c, first));
  Client& client = c.state.clients[number];
  c.world.queue.cancel(client.expiry);
  client.alive = client.touched = client.expiring = client.ends = false;
  client.incarnation = c.world.processes[client_plan(c, number).owner].incarnation;
  client.fresh = true;
  client.tries = 0;
  client.heard = c.now();
  shuffle(c, number);
  client.at = client.last = static_cast<std::uint16_t>(client.order.size() - 1);
  try_next(c, number, c.now());
}

void close_session(Context& c, std::uint16_t first) {
  const std::uint16_t number = used_by(c, first);
  Client& client = c.state.clients[number];
  if (client.phase == Phase::closed) return;
  const bool heard = touches(c, number) && c.state.acts;
  const Position server = server_of(client);
  leave(c, number);
  if (!heard) return;
  client.ends = true;
  client.touched = false;
  c.world.queue.cancel(client.expiry);
  client.expiry = c.world.schedule(c.now() + trip(c, number, server) / 2 + commit_latency(c, server),
                                   SessionDue{c.service.value, number});
}

service::SessionView session_of(const Context& c, std::uint16_t first) {
  const std::uint16_t number = used_by(c, first);
  const Client& client = c.state.clients[number];
  service::SessionView view;
  view.id = client.session;
  view.open = client.phase != Phase::closed;
  view.alive = view.open && client.alive;
  const bool connected = client.phase == Phase::connected && client.alive && !client.frozen;
  if (!connected || client.resumes > c.now()) return view;
  const Position server = server_of(client);
  view.writes = c.state.acts && in_quorum(c, server) && reaches(c, number, server) == Contact::ok;
  if (!view.writes) return view;
  view.trip = trip(c, number, server);
  view.write = view.trip + commit_latency(c, server);
  return view;
}

void shuffle(Context& c, std::uint16_t number) {
  Client& client = c.state.clients[number];
  for (std::size_t left = client.order.size(); left > 1; --left) {
    const double u = c.world.uniform(client_plan(c, number).component, Purpose::client_endpoint);
    std::swap(client.order[left - 1], client.order[static_cast<std::size_t>(u * static_cast<double>(left))]);
  }
}

void restart_sessions(Context& c, Position leader) {
  c.state.leader = leader;
  for (std::uint16_t number = 0; number < c.state.clients.size(); ++number) {
    Client& client = c.state.clients[number];
    client.expiring = client.touched = client.ends = false;
    if (client.alive) let_expire_at(c, number, expires(c, client, c.now()));
  }
}

void look_at_clients(Context& c) {
  for (std::uint16_t number = 0; number < c.state.clients.size(); ++number) {
    look_at_owner(c, number);
    // First who is connected: a session is kept alive by that.
    const Client& client = c.state.clients[number];
    const bool is_back =
        client.phase == Phase::connected && client.silent && reaches(c, number, server_of(client)) == Contact::ok;
    if (is_back) waits_for_tcp(c, number);
    look_at_session(c, number);
    look_at_connection(c, number);
    if (c.state.leader == zab::nobody) {
      c.world.queue.cancel(c.state.clients[number].expiry);
      c.state.clients[number].expiring = false;
    }
  }
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) look_at_access(c, access);
  service::answers_changed(c.world, c.service);
}

namespace {

/// Sessions of a process are counted, by both of its clients.
std::uint32_t next_session(const Context& c, std::uint16_t number) {
  const ProcessId owner = client_plan(c, number).owner;
  std::uint32_t last = c.state.clients[number].session;
  for (const int beside : {-1, 1}) {
    const std::size_t other = static_cast<std::size_t>(number + beside);
    if (owner.exists() && other < c.state.clients.size() && c.plan.clients[other].owner == owner)
      last = std::max(last, c.state.clients[other].session);
  }
  return last + 1;
}

}  // namespace

// ---- events ----

void on(World& world, const SessionDue& event) {
  Context c = context(world, ServiceId{event.service});
  Client& client = c.state.clients[event.client];
  world.set_by(key_tick);
  if (!client.alive || client.touched) {
    world.stale = true;
    return;
  }
  if (c.state.acts) {
    expire(c, event.client);
  } else {
    client.expiring = true;
  }
  look_at_clients(c);
}

void on(World& world, const ClientDue& event) {
  Context c = context(world, ServiceId{event.service});
  Client& client = c.state.clients[event.client];
  switch (client.phase) {
    case Phase::connected: {
      if (client.resumes == c.now()) break;  // it is heard again
      const bool silent = client.silent;
      world.set_by(silent ? key_read_share : key_teardown);
      disconnect(c, event.client);
      break;
    }
    case Phase::pausing: {
      const bool round = client.at == client.last && client.tries > 1;
      world.set_by(round ? key_round_wait : key_spread);
      attempt(c, event.client);
      break;
    }
    case Phase::connecting: try_next(c, event.client, c.now()); break;
    case Phase::answered:
    case Phase::closed:
    case Phase::dormant: world.stale = true; return;
  }
  look_at_clients(c);
}

void on(World& world, const ClientAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Client& client = c.state.clients[event.client];
  const Position server = server_of(client);
  const Fate its = fate(c, event.client, server);
  if (its != Fate::served) {
    if (its == Fate::refused) {
      try_next(c, event.client, c.now());
    } else {
      schedule(c, event.client, c.now() + connect_timeout(c, event.client), Phase::connecting);
    }
    return look_at_clients(c);
  }
  client.heard = c.now();
  if (client.fresh) {
    // What it had belongs to a session that nobody uses any more.
    client.fresh = client.expiring = client.touched = false;
    client.alive = client.kept = true;
    client.phase = Phase::connected;
    client.session = next_session(c, event.client);
    c.world.queue.cancel(client.expiry);
    c.world.queue.cancel(client.lock_timer);
    client.last = client.at;
    let_expire_at(c, event.client, expires(c, client, c.now()));
    const CauseScope because(world, world.note(SessionOpened{event.service, event.client}));
    tell_user(c, event.client, service::SessionNews::opened);
    return look_at_clients(c);
  }
  c.world.queue.cancel(client.lock_timer);
  if (!client.alive) {
    // Only now does it learn that its session has expired. Its program opens another.
    tell_user(c, event.client, service::SessionNews::expired);
    client.fresh = true;
    client.last = client.at;
    client.tries = 0;
    try_next(c, event.client, c.now());
    return look_at_clients(c);
  }
  client.phase = Phase::connected;
  client.kept = true;
  client.last = client.at;
  client.phase_of_pings = Duration::nanoseconds(c.now().count() % ping_interval(c, event.client).count());
  std::optional<CauseScope> because;
  if (is_measured(c, event.client)) because.emplace(world, world.note(SessionKept{event.service, event.client}));
  look_at_clients(c);
}

void on(World&, const Suspended&) {}

void on(World& world, const LockGivenUp& event) {
  const Context c = context(world, ServiceId{event.service});
  if (c.state.clients[event.client].kept) world.stale = true;
}

void on(World& world, const RequestAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  // What was lost on its way is found out later.
  if (!served_in_time(c, event.access)) return;
  its.holds = true;
  const SliPlan& sli = c.plan.slis[event.access];
  std::optional<CauseScope> because;
  if (sli.kind == SliKind::write) because.emplace(world, world.note(FirstWrite{event.service, event.access}));
  if (sli.kind == SliKind::read) because.emplace(world, world.note(FirstRead{event.service, event.access}));
  measurement::set_status(world, sli.index, GroupId::of(0), true);
}

}  // namespace nines::models::zookeeper
