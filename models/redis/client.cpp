#include "models/redis/client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/kubernetes/address.hpp"
#include "models/measurement/sli.hpp"
#include "models/redis/addresses.hpp"
#include "models/redis/sentinels.hpp"
#include "models/redis/shards.hpp"
#include "models/redis/strain.hpp"

namespace nines::models::redis {

namespace {

enum class Fate : std::uint8_t {
  served,
  refused,  ///< an error at once: nobody listens, -READONLY, -LOADING, -NOREPLICAS, -CLUSTERDOWN
  lost,     ///< nothing comes back
};

const SliPlan& sli_of(const Context& c, std::uint16_t access) { return c.plan.slis[c.plan.accesses[access].sli]; }
const ClientPlan& client_of(const Context& c, std::uint16_t access) { return c.plan.clients[sli_of(c, access).client]; }
Discovery discovery_of(const Context& c, std::uint16_t access) { return c.plan.discovery[sli_of(c, access).client]; }
const ClientParameters& parameters_of(const Context& c, std::uint16_t access) {
  return c.spec.clients[sli_of(c, access).client].parameters;
}
GroupId group_of(const Context& c, std::uint16_t access) { return GroupId::of(c.plan.accesses[access].shard); }

const ClientSpec& spec_of_client(const Context& c, std::uint16_t access) {
  return c.spec.clients[sli_of(c, access).client];
}
Keeps keeps(const Context& c, std::uint16_t access) { return c.plan.accesses[access].keeps; }
/// Both are of one client, which keeps one map, or one answer.
bool shared(const Context& c, std::uint16_t access, std::uint16_t other) {
  return sli_of(c, access).client == sli_of(c, other).client;
}

/// What the server meets that the client connects to, wherever it is.
Contact contact_there(const Context& c, std::uint16_t access, Number server) {
  const Contact found = contact(c.world, client_of(c, access).place, c.server_process(server));
  if (found != Contact::ok) return found;
  if (c.server(server).stopping || stands_still(c, server)) return Contact::silence;
  return c.server(server).started ? Contact::ok : Contact::reset;
}

// ---- what a client goes by ----

/// The server is where the client looks for it.
bool finds(const Context& c, std::uint16_t access, Number server) {
  if (!c.plan.accesses[access].addressed) return true;
  return c.state.client_addresses[access * std::size_t{c.servers()} + server] == c.server(server).address;
}
/// What it was started with leads to the server.
bool seeds_lead_to(const Context& c, std::uint16_t access, Number server) {
  return spec_of_client(c, access).seeds == Seeds::names || c.server(server).address == 0;
}
std::uint32_t address_behind_name(const Context& c, Number server) {
  return kubernetes::address_of(c.world, c.server_process(server));
}

/// Who serves a client's shard says the node that it takes for the master: this one itself, or whom MOVED names.
Number sent_on_by(const Context& c, std::uint16_t access, Number first) {
  // Who loads its data redirects all the same (redis 7.0 src/server.c processCommand).
  if (!finds(c, access, first) || contact_there(c, access, first) != Contact::ok) return first;
  const bus::Node& node = c.state.nodes.nodes[first];
  return node.ok ? node.owner[c.plan.accesses[access].shard] : first;
}

/// What the client meets on its way to the server, by what it knows.
Contact way(const Context& c, std::uint16_t access, Number server) {
  const Access& its = c.state.accesses[access];
  switch (keeps(c, access)) {
    case Keeps::nothing: return finds(c, access, server) ? Contact::ok : Contact::silence;
    case Keeps::name:
      // A connection stays whatever becomes of the name.
      if (its.holds) return Contact::ok;
      return server == its.knows && its.address == address_behind_name(c, server) ? Contact::ok : Contact::silence;
    case Keeps::map: break;
  }
  if (its.connection == ClientConnection::broken) return Contact::reset;
  if (its.connection == ClientConnection::silent || !finds(c, access, its.knows)) return Contact::silence;
  if (server == its.knows) return Contact::ok;
  const Contact found = contact_there(c, access, its.knows);
  if (found != Contact::ok) return found;
  if (sent_on_by(c, access, its.knows) != server) return Contact::reset;
  // lettuce PooledClusterConnectionProvider: "Connection to [...] not allowed".
  if (parameters_of(c, access).validates_membership && !finds(c, access, server)) return Contact::reset;
  return node_knows(c, its.knows, server) ? Contact::ok : Contact::silence;
}

Contact contact_with(const Context& c, std::uint16_t access, Number server) {
  const Contact found = way(c, access, server);
  return found == Contact::ok ? contact_there(c, access, server) : found;
}

/// What becomes of a request to a server that was reached so.
Fate fate_there(const Context& c, std::uint16_t access, Number server, Contact found) {
  if (found != Contact::ok) return found == Contact::reset ? Fate::refused : Fate::lost;
  if (!serves(c, server)) return Fate::refused;
  if (c.clustered() && !node_serves(c, server, c.plan.accesses[access].shard)) return Fate::refused;
  if (sli_of(c, access).kind != SliKind::write) return Fate::served;
  return takes_writes(c, server) ? Fate::served : Fate::refused;
}
/// What becomes of a request to a server that is sent now.
Fate fate(const Context& c, std::uint16_t access, Number server) {
  return fate_there(c, access, server, contact_with(c, access, server));
}

bool would_serve(const Context& c, std::uint16_t access, Number server) {
  return server != nobody && fate(c, access, server) == Fate::served;
}

/// Where a Sentinel or a node of the cluster sends the client; nobody if it does not answer.
Number directed_by(const Context& c, std::uint16_t access, Number asked) {
  if (c.clustered()) {
    if (!finds(c, access, asked) && !seeds_lead_to(c, access, asked)) return nobody;
    if (contact_there(c, access, asked) != Contact::ok || !serves(c, asked)) return nobody;
    const bus::Node& node = c.state.nodes.nodes[asked];
    if (!node.ok) return nobody;
    const Number owner = node.owner[c.plan.accesses[access].shard];
    return !c.plan.accesses[access].addressed || node_knows(c, asked, owner) ? owner : nobody;
  }
  const ProcessId process = c.sentinel_process(asked);
  if (!c.watch(asked).started || contact(c.world, client_of(c, access).place, process) != Contact::ok) return nobody;
  return sentinel::current_master(c.watch(asked).machine);
}

/// Whom a client that must connect can be sent to: how many answers there are, and each of them.
Number choices(const Context& c, std::uint16_t access) {
  if (keeps(c, access) != Keeps::nothing) return 1;
  switch (discovery_of(c, access)) {
    case Discovery::sentinel: return c.sentinels();
    case Discovery::cluster:
    case Discovery::any_ready:
    case Discovery::probe: return c.servers();
    case Discovery::label:
    case Discovery::dns:
    case Discovery::fixed: return 1;
  }
  return 1;
}
Number choice(const Context& c, std::uint16_t access, Number number) {
  if (keeps(c, access) == Keeps::map) return sent_on_by(c, access, c.state.accesses[access].knows);
  switch (discovery_of(c, access)) {
    case Discovery::sentinel:
    case Discovery::cluster: return directed_by(c, access, number);
    case Discovery::any_ready: return serves(c, number) ? number : nobody;
    case Discovery::probe: return number;
    case Discovery::label: return c.state.labelled;
    case Discovery::dns: return c.state.accesses[access].knows;
    case Discovery::fixed: return 0;
  }
  return nobody;
}

Duration half_trip(const Context& c, std::uint16_t access, Number server) {
  const infrastructure::Endpoint place = client_of(c, access).place;
  const Duration trip = infrastructure::round_trip(c.world, place, c.server_process(server));
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, place, c.server_process(server));
  if (path == infrastructure::PathCondition{}) return trip / 2;
  constexpr Duration longest = Duration::seconds(3600);
  return std::min((trip + infrastructure::round_trip_longer(c.world.plan->infra(), path, trip)) / 2, longest);
}

Duration answer_takes(const Context& c, std::uint16_t access, Number server) {
  return half_trip(c, access, server) * 2 + disk_adds(c, server);
}
/// Its answer comes before the client gives the request up.
bool would_answer(const Context& c, std::uint16_t access, Number server) {
  return would_serve(c, access, server) && answer_takes(c, access, server) <= parameters_of(c, access).attempt_timeout;
}

bool served_in_time(const Context& c, std::uint16_t access) {
  const Number target = c.state.accesses[access].target;
  if (!would_answer(c, access, target)) return false;
  const Duration deadline = c.world.plan->slis[sli_of(c, access).index].deadline;
  return deadline == Duration() || answer_takes(c, access, target) <= deadline;
}

/// The answer leads to a server that would do: with it comes where that is.
bool answer_helps(const Context& c, std::uint16_t access, Number number) {
  const Number server = choice(c, access, number);
  if (server == nobody) return false;
  if (keeps(c, access) != Keeps::nothing) return would_serve(c, access, server);
  return fate_there(c, access, server, contact_there(c, access, server)) == Fate::served;
}
/// Some answer leads to a server that would do.
bool somebody_serves(const Context& c, std::uint16_t access) {
  const Number count = choices(c, access);
  for (Number i = 0; i < count; ++i) {
    if (answer_helps(c, access, i)) return true;
  }
  return false;
}
/// The same, before the client gives up.
bool somebody_answers(const Context& c, std::uint16_t access) {
  const Number count = choices(c, access);
  for (Number i = 0; i < count; ++i) {
    const Number server = choice(c, access, i);
    if (answer_helps(c, access, i) && answer_takes(c, access, server) <= parameters_of(c, access).attempt_timeout)
      return true;
  }
  return false;
}

/// What a node of the cluster says of where all are.
void learn_addresses(Context& c, std::uint16_t access, Number teller) {
  if (!c.plan.accesses[access].addressed) return;
  for (Number i = 0; i < c.servers(); ++i)
    c.state.client_addresses[access * std::size_t{c.servers()} + i] = c.state.known[teller][i];
}

void count_rates(Context& c);

/// Whether a client that reads gets what is too old, and when it will.
void look_whether_stale(Context& c, std::uint16_t access) {
  const SliPlan& sli = sli_of(c, access);
  if (sli.kind != SliKind::fresh_read) return;
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.stale_timer);
  const sim::Time since = c.server(its.target).lacks_since;
  its.stale = since != sim::Time::never() && c.now() - since > sli.oldest;
  if (its.stale || since == sim::Time::never()) return;
  its.stale_timer = c.world.schedule(since + sli.oldest + Duration::nanoseconds(1), StaleDue{c.service.value, access});
}

/// A client is answered: that is well, unless what it reads is stale.
void tell_whether_fresh(Context& c, std::uint16_t access) {
  const bool stale = c.state.accesses[access].stale;
  std::optional<CauseScope> because;
  if (stale) because.emplace(c.world, c.world.note(StaleReads{c.service.value, access}));
  measurement::set_status(c.world, sli_of(c, access).index, group_of(c, access), !stale);
}

/// From the beginning of one attempt to that of the next: after an error at once, or after a time-out.
watchdog::Pace retries(const Context& c, std::uint16_t access, bool silent) {
  constexpr Duration shortest = Duration::milliseconds(1);
  const ClientParameters& parameters = parameters_of(c, access);
  const Duration wait = std::max(parameters.retry_wait, shortest);
  // Before the second attempt it has doubled once: that is the first wait.
  return {std::max(parameters.retry_most, wait), silent ? parameters.attempt_timeout : Duration(), wait / 2};
}
/// When the attempt after the one that began last begins, if that has failed.
sim::Time after_failure(const Context& c, std::uint16_t access, bool silent) {
  const Access& its = c.state.accesses[access];
  return watchdog::next(retries(c, access, silent), {its.attempt, its.tries}).began;
}

void next_attempt(Context& c, std::uint16_t access, sim::Time at) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.attempt = at;
  its.timer = c.world.schedule(at, AttemptDue{c.service.value, access});
}

/// The client must connect anew: it asks the next that can tell, or takes whom it is given.
void look_for_server(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Number count = choices(c, access);
  switch (discovery_of(c, access)) {
    case Discovery::any_ready: {
      const double u = c.world.uniform(client_of(c, access).component, Purpose::client_endpoint);
      const auto first = static_cast<Number>(u * static_cast<double>(count));
      for (Number i = 0; i < count; ++i) {
        const auto number = static_cast<Number>((first + i) % count);
        if (choice(c, access, number) == nobody) continue;
        its.target = number;
        return;
      }
      return;
    }
    case Discovery::probe:
      // Errors are quick: one round finds a server that does, if there is one.
      for (Number i = 0; i < count; ++i) {
        its.target = static_cast<Number>((its.target + 1) % count);
        if (would_answer(c, access, its.target)) return;
      }
      return;
    case Discovery::sentinel:
    case Discovery::cluster:
    case Discovery::label:
    case Discovery::dns:
    case Discovery::fixed: {
      const auto asked = static_cast<Number>(its.asks % count);
      const Number found = choice(c, access, asked);
      its.asks = static_cast<Number>((its.asks + 1) % count);
      if (found == nobody) return;
      its.target = found;
      if (c.clustered() && keeps(c, access) == Keeps::nothing) learn_addresses(c, access, asked);
      return;
    }
  }
}

/// An attempt begins now.
void attempt(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.attempt = c.now();
  if (!would_answer(c, access, its.target)) look_for_server(c, access);
  if (would_serve(c, access, its.target)) {
    const Duration takes = std::min(answer_takes(c, access, its.target), parameters_of(c, access).attempt_timeout);
    its.timer = c.world.schedule(c.now() + takes, RequestAnswered{c.service.value, access});
    return;
  }
  its.waits_long = fate(c, access, its.target) == Fate::lost;
  ++its.tries;
  // While nobody would serve it goes on by arithmetic.
  if (!somebody_serves(c, access)) return;
  next_attempt(c, access, after_failure(c, access, its.waits_long));
}

/// Somebody serves again: when does the client notice?
void notice(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const watchdog::Pace pace = retries(c, access, its.waits_long);
  const watchdog::Attempts last = watchdog::begun(pace, {its.attempt, its.tries}, c.now());
  its.tries = last.count;
  next_attempt(c, access, std::max(watchdog::next(pace, last).began, c.now()));
}

// ---- how it learns ----

/// Who tells the client most recent news of its shard: of the nodes that it knows, and if none of them answers of its
/// seeds; nobody if none does.
Number teller(const Context& c, std::uint16_t access) {
  const Number shard = c.plan.accesses[access].shard;
  for (const bool seeds : {false, true}) {
    Number best = nobody;
    for (Number i = 0; i < c.servers(); ++i) {
      if (seeds ? !seeds_lead_to(c, access, i) : !finds(c, access, i)) continue;
      if (contact_there(c, access, i) != Contact::ok || !serves(c, i)) continue;
      const auto& all = c.state.nodes.nodes;
      if (best == nobody || all[i].owner_epoch[shard] > all[best].owner_epoch[shard]) best = i;
    }
    if (best != nobody) return best;
  }
  return nobody;
}

/// A refresh now would tell it something.
bool would_learn(const Context& c, std::uint16_t access) {
  const Number tells = teller(c, access);
  if (tells == nobody) return false;
  if (c.state.nodes.nodes[tells].owner[c.plan.accesses[access].shard] != c.state.accesses[access].knows) return true;
  if (!c.plan.accesses[access].addressed) return false;
  for (Number i = 0; i < c.servers(); ++i) {
    if (c.state.client_addresses[access * std::size_t{c.servers()} + i] != c.state.known[tells][i]) return true;
  }
  return false;
}

/// It waits for nodes that it knows and that do not answer: it connects to all of them anew (lettuce
/// DefaultClusterTopologyRefresh.loadViews).
Duration refresh_takes(const Context& c, std::uint16_t access) {
  for (Number i = 0; i < c.servers(); ++i) {
    if (!finds(c, access, i) || contact_there(c, access, i) == Contact::silence)
      return parameters_of(c, access).connect_timeout;
  }
  return {};
}

bool is_adaptive(const ClientSpec& client) {
  return client.refresh == Refresh::adaptive || client.refresh == Refresh::adaptive_and_periodic;
}
bool is_periodic(const ClientSpec& client) {
  return client.refresh == Refresh::periodic || client.refresh == Refresh::adaptive_and_periodic;
}

watchdog::Pace pace(const Context& c, std::uint16_t access, bool unheard) {
  const ClientParameters& p = parameters_of(c, access);
  return {p.reconnect_most, unheard ? p.connect_timeout : Duration()};
}
watchdog::Pace pace(const Context& c, std::uint16_t access) {
  return pace(c, access, c.state.accesses[access].unheard);
}

Contact contact_with_known(const Context& c, std::uint16_t access) {
  const Number knows = c.state.accesses[access].knows;
  return finds(c, access, knows) ? contact_there(c, access, knows) : Contact::silence;
}

/// The machine of a silent server takes what is sent, if its process does not.
bool acknowledges(const Context& c, std::uint16_t access, Number server) {
  const bool stands = c.world.processes[c.server_process(server)].status == ProcessState::Status::stopped;
  return finds(c, access, server) && (stands || c.server(server).stopping || stands_still(c, server));
}

void connection_breaks(Context& c, std::uint16_t access, bool unheard) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.connection_timer);
  its.connection = ClientConnection::broken;
  its.attempts = {c.now(), 0};
  its.unheard = unheard;
}
void connection_stands(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.connection_timer);
  its.connection = ClientConnection::stands;
  its.life = c.server(its.knows).life;
}
/// It goes by somebody else, or begins.
void connect_anew(Context& c, std::uint16_t access) {
  const Contact found = contact_with_known(c, access);
  if (found == Contact::ok) return connection_stands(c, access);
  connection_breaks(c, access, found == Contact::silence);
}

void connection_due(Context& c, std::uint16_t access, sim::Time at) {
  c.state.accesses[access].connection_timer =
      c.world.schedule(std::max(at, c.now()), ClientConnects{c.service.value, access});
}

/// A connection over which nothing came: whether something does.
void look_at_silent_connection(Context& c, std::uint16_t access, Contact found) {
  Access& its = c.state.accesses[access];
  const sim::Time given_up = its.silent_since + parameters_of(c, access).silent_link;
  c.world.queue.cancel(its.connection_timer);
  if (found == Contact::silence) {
    its.unacknowledged = its.unacknowledged || !acknowledges(c, access, its.knows);
    return connection_due(c, access, given_up);
  }
  // What has not got through is sent again by TCP, later and later.
  const sim::Time heard = its.unacknowledged
                              ? infrastructure::sent_again(its.silent_since, c.world.plan->infra().tcp_rto_min, c.now())
                              : c.now();
  if (heard > c.now()) return connection_due(c, access, std::min(heard, given_up));
  if (found == Contact::ok && its.life == c.server(its.knows).life) return connection_stands(c, access);
  connection_breaks(c, access, false);
}

/// A client that tries to connect anew: when it succeeds.
void look_at_broken_connection(Context& c, std::uint16_t access, Contact found) {
  Access& its = c.state.accesses[access];
  if (found == Contact::ok && c.world.queue.pending(its.connection_timer)) return;
  c.world.queue.cancel(its.connection_timer);
  its.attempts = watchdog::begun(pace(c, access), its.attempts, c.now());
  const bool silence = found == Contact::silence;
  if (its.attempts.count > 0 && its.unheard != silence) {
    // The next is due a wait after the last has failed: at once, or after the time-out.
    const Duration timeout = parameters_of(c, access).connect_timeout;
    const sim::Time began = its.attempts.began;
    its.attempts.began = silence ? began - timeout : began + timeout;
    // One that is under way is heard when its SYN is sent again.
    constexpr Duration syn_timeout = Duration::seconds(1);  // RFC 6298: initial RTO
    const sim::Time again = infrastructure::sent_again(began, syn_timeout, c.now());
    if (!silence && again < began + timeout) {
      const std::int64_t number = its.attempts.count;
      its.attempts = {again - watchdog::wait_before(pace(c, access, false), number), number - 1};
    }
  }
  its.unheard = silence;
  if (found == Contact::ok) connection_due(c, access, watchdog::next(pace(c, access), its.attempts).began);
}

/// Its connection to whom it takes for the master: whether it stands.
void look_at_connection(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Contact found = contact_with_known(c, access);
  if (its.connection == ClientConnection::stands) {
    if (found == Contact::ok && its.life == c.server(its.knows).life) return;
    if (found == Contact::silence) {
      its.connection = ClientConnection::silent;
      its.silent_since = c.now();
      its.unacknowledged = false;
    } else {
      connection_breaks(c, access, false);
    }
  }
  if (its.connection == ClientConnection::silent) look_at_silent_connection(c, access, found);
  if (its.connection == ClientConnection::broken) look_at_broken_connection(c, access, found);
}

// ---- refreshes ----

/// When a client does what it does once a period.
sim::Grid grid_of(const Context& c, std::uint16_t client, Purpose purpose, Duration period) {
  const double u = c.world.first_uniform(c.plan.clients[client].component, purpose);
  return {sim::Time::zero() + sim::scaled(period, u), period};
}

template <class Act>
void each_map(const Context& c, std::uint16_t client, Act&& act) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (keeps(c, access) == Keeps::map && sli_of(c, access).client == client) act(access);
  }
}

struct Ask {
  sim::Time at = sim::Time::never();
  AskedBy by = AskedBy::period;
  void consider(sim::Time other_at, AskedBy other_by) {
    if (other_at < at) *this = {other_at, other_by};
  }
};

/// The next time at which an attempt to connect to a lost server asks for a refresh, if nothing changes.
void consider_attempts(const Context& c, std::uint16_t access, Ask& ask) {
  const Access& its = c.state.accesses[access];
  const ClientParameters& p = parameters_of(c, access);
  const sim::Time rests = c.state.refreshing[sli_of(c, access).client].rests;
  watchdog::Attempts from = its.attempts;
  watchdog::Pace how = pace(c, access);
  const bool silent = its.connection == ClientConnection::silent;
  if (silent) {
    from = {its.silent_since + p.silent_link, 0};
    how = pace(c, access, true);
  }
  const sim::Time first = watchdog::first(how, from, p.refresh_reconnects, sim::Time::zero()).began;
  const sim::Time asks = watchdog::first(how, from, p.refresh_reconnects, rests).began;
  const bool from_silence = silent || its.unheard;
  ask.consider(asks, first < asks ? AskedBy::rest : from_silence ? AskedBy::silence : AskedBy::attempts);
}

/// Refreshes that were asked for until now: after each of them a client rests, whatever came of it. One rest for all
/// that it does (lettuce ClusterTopologyRefreshScheduler.acquireTimeout).
void count_asks(Context& c, std::uint16_t client) {
  const ClientSpec& spec = c.spec.clients[client];
  if (!is_adaptive(spec)) return;
  Refreshing& its = c.state.refreshing[client];
  const auto asked = [&](sim::Time at) { its.rests = std::max(its.rests, at + spec.parameters.refresh_interval); };
  while (true) {
    Ask ask;
    each_map(c, client, [&](std::uint16_t access) {
      if (c.state.accesses[access].connection == ClientConnection::broken) consider_attempts(c, access, ask);
    });
    if (ask.at > c.now()) break;
    asked(ask.at);
  }
  if (c.world.queue.pending(its.timer) && its.by != AskedBy::period && its.asked <= c.now()) asked(its.asked);
}

/// The next refresh that is asked for, from now on.
Ask next_ask(const Context& c, std::uint16_t client) {
  const ClientSpec& spec = c.spec.clients[client];
  Ask ask;
  if (is_periodic(spec)) {
    const sim::Grid grid = grid_of(c, client, Purpose::client_metadata_phase, spec.parameters.refresh_period);
    ask.consider(grid.after(c.now()), AskedBy::period);
  }
  if (!is_adaptive(spec)) return ask;
  const sim::Time rests = c.state.refreshing[client].rests;
  each_map(c, client, [&](std::uint16_t access) {
    const Access& its = c.state.accesses[access];
    if (its.connection == ClientConnection::stands) {
      if (sent_on_by(c, access, its.knows) == its.knows) return;
      ask.consider(std::max(rests, c.now()), rests > c.now() ? AskedBy::rest : AskedBy::moved);
    } else if (contact_with_known(c, access) != Contact::ok) {
      consider_attempts(c, access, ask);
    }
  });
  return ask;
}

/// The client would be served if it began now.
bool beginner_is_served(const Context& c, std::uint16_t access) {
  if (keeps(c, access) == Keeps::name)
    return fate_there(c, access, c.state.labelled, contact_there(c, access, c.state.labelled)) == Fate::served;
  for (Number i = 0; i < c.servers(); ++i) {
    if (fate_there(c, access, i, contact_there(c, access, i)) == Fate::served) return true;
  }
  return false;
}

bool name_has_changed(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  return its.knows != c.state.labelled || its.address != address_behind_name(c, its.knows);
}

/// A client that nothing leads to its server is restarted, if that helps.
void look_whether_lost(Context& c, std::uint16_t access, bool learns) {
  Access& its = c.state.accesses[access];
  if (its.holds || learns) return c.world.queue.cancel(its.restart_timer), void();
  if (somebody_serves(c, access) || !beginner_is_served(c, access)) return;
  // All that it does is restarted with it.
  for (std::uint16_t other = 0; other < c.state.accesses.size(); ++other) {
    if (shared(c, access, other) && c.world.queue.pending(c.state.accesses[other].restart_timer)) return;
  }
  const Duration takes =
      c.world.draw(client_of(c, access).component, Purpose::client_readdress, parameters_of(c, access).restart);
  its.restart_timer = c.world.schedule(c.now() + takes, ClientRestarted{c.service.value, access});
}

/// When does a client that keeps a map learn what it does not know? Whether it will.
bool look_at_refresh(Context& c, std::uint16_t client) {
  std::optional<std::uint16_t> ignorant;
  Duration takes;
  each_map(c, client, [&](std::uint16_t access) {
    if (!ignorant && would_learn(c, access)) ignorant = access;
    takes = std::max(takes, refresh_takes(c, access));
  });
  Refreshing& its = c.state.refreshing[client];
  // One that was asked for is under way.
  if (c.world.queue.pending(its.timer) && its.asked <= c.now()) return true;
  c.world.queue.cancel(its.timer);
  if (!ignorant) return false;
  const Ask ask = next_ask(c, client);
  if (ask.at == sim::Time::never()) return false;
  its.asked = ask.at;
  its.by = ask.by;
  its.timer = c.world.schedule(ask.at + takes, MapRefreshed{c.service.value, *ignorant});
  count_asks(c, client);
  return true;
}

/// When does a client look anew where a name leads? Whether it will.
bool look_at_name(Context& c, std::uint16_t access) {
  const Resolves resolves = spec_of_client(c, access).resolves;
  if (resolves == Resolves::once) return false;
  Refreshing& its = c.state.refreshing[sli_of(c, access).client];
  if (!name_has_changed(c, access) || c.world.queue.pending(its.timer)) return true;
  // Who is connected does not ask.
  if (resolves == Resolves::when_asked && c.state.accesses[access].holds) return true;
  const Duration ttl = parameters_of(c, access).dns_ttl;
  its.asked = c.now();
  if (ttl > Duration() && resolves == Resolves::when_asked)
    its.asked = sim::Grid{its.lost, ttl}.at_or_after(c.now());
  else if (ttl > Duration())
    its.asked = grid_of(c, sli_of(c, access).client, Purpose::name_cache, ttl).after(c.now());
  its.timer = c.world.schedule(its.asked, NameResolved{c.service.value, access});
  return true;
}

void look_at_what_is_kept(Context& c) {
  for (std::uint16_t client = 0; client < c.plan.clients.size(); ++client) count_asks(c, client);
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (keeps(c, access) == Keeps::map) look_at_connection(c, access);
  }
  for (std::uint16_t client = 0; client < c.plan.clients.size(); ++client) {
    const bool refreshes = look_at_refresh(c, client);
    each_map(c, client, [&](std::uint16_t access) {
      Access& its = c.state.accesses[access];
      its.astray = !its.holds || its.target != its.knows;
      const bool returns = its.connection != ClientConnection::stands && contact_with_known(c, access) == Contact::ok;
      look_whether_lost(c, access, returns || (refreshes && would_learn(c, access)));
    });
  }
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (keeps(c, access) == Keeps::name) {
      its.astray = !its.holds || its.target != c.state.labelled;
      look_whether_lost(c, access, look_at_name(c, access));
    } else if (keeps(c, access) == Keeps::nothing && c.plan.accesses[access].addressed) {
      look_whether_lost(c, access, false);
    }
  }
}

/// Tells when the last client is back on the straight way.
void tell_whether_switched(Context& c) {
  std::uint16_t any = 0;
  bool astray = false;
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    const Access& its = c.state.accesses[access];
    astray = astray || !its.holds || its.astray;
    if (keeps(c, access) != Keeps::nothing) any = access;
  }
  if (std::exchange(c.state.clients_astray, astray) && !astray) c.world.note(ClientsSwitched{c.service.value, any});
}

/// It has learnt something: who waits for an answer tries again at once.
void go_by_it(Context& c, std::uint16_t access) {
  if (!c.state.accesses[access].holds) attempt(c, access);
}

void take_map(Context& c, std::uint16_t access, Number tells) {
  Access& its = c.state.accesses[access];
  const bool found = finds(c, access, its.knows);
  const Number before = std::exchange(its.knows, c.state.nodes.nodes[tells].owner[c.plan.accesses[access].shard]);
  learn_addresses(c, access, tells);
  // To a node that stays where it was it goes on to connect as before.
  const bool other = its.knows != before || finds(c, access, its.knows) != found;
  if (other && keeps(c, access) == Keeps::map) connect_anew(c, access);
}

}  // namespace

namespace {

/// What a client of its own had kept of the name is long too old when it loses its server: it asks at once.
void begin_to_ask(Context& c, std::uint16_t access) {
  if (keeps(c, access) != Keeps::name || spec_of_client(c, access).resolves != Resolves::when_asked) return;
  for (std::uint16_t other = 0; other < c.state.accesses.size(); ++other) {
    if (other != access && shared(c, other, access) && !c.state.accesses[other].holds) return;
  }
  c.state.refreshing[sli_of(c, access).client].lost = c.now();
}

}  // namespace

void look_at_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (its.holds) {
      if (served_in_time(c, access)) continue;
      its.holds = false;
      its.tries = 0;
      begin_to_ask(c, access);
      measurement::set_status(c.world, sli_of(c, access).index, group_of(c, access), false);
      // A request that meets silence, or whose answer is late, is given up first; an error leads to the next attempt at
      // once.
      const Fate now = fate(c, access, its.target);
      its.waits_long = now == Fate::lost || (now == Fate::served && !would_answer(c, access, its.target));
      its.attempt = c.now();
      if (its.waits_long) {
        its.tries = 1;
        next_attempt(c, access, after_failure(c, access, true));
      } else
        attempt(c, access);
    } else if (!c.world.queue.pending(its.timer) && somebody_serves(c, access)) {
      notice(c, access);
    }
  }
  if (!c.plan.keepers && !c.plan.addressed) return;
  look_at_what_is_kept(c);
  if (c.plan.keepers) tell_whether_switched(c);
}

namespace {

/// What its shard's master writes gets to it.
bool is_current(const Context& c, Number number) {
  const Number chief = c.state.chief[shard_of(c, number)];
  // A chain of replicas is no longer than they are many; a ring has no end.
  Number at = number;
  for (Number i = 0; i < c.servers() && at != chief; ++i) {
    const Server& server = c.server(at);
    const bool up = server.connection == Connection::up && server.silent_since == sim::Time::never();
    if (server.master == nobody || !up) return false;
    at = server.master;
  }
  return at == chief;
}

/// Who is written to takes what others lack from now on.
void look_what_is_lacking(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    if (is_current(c, i))
      server.lacks_since = sim::Time::never();
    else if (c.state.rates[c.state.chief[shard_of(c, i)]] > 0)
      server.lacks_since = std::min(server.lacks_since, c.now());
  }
}

void look_at_staleness(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (sli_of(c, access).kind != SliKind::fresh_read) continue;
    const bool before = c.state.accesses[access].stale;
    look_whether_stale(c, access);
    const Access& its = c.state.accesses[access];
    if (its.holds && its.stale != before) tell_whether_fresh(c, access);
  }
}

}  // namespace

void set_rates(Context& c) {
  grow(c);
  sentinels_read(c);
  std::vector<double> before = std::exchange(c.state.rates, {});
  count_rates(c);
  if (c.state.rates != before) {
    c.state.rates_since = c.now();
    for (Number i = 0; i < c.servers(); ++i) c.state.offsets[i] = c.server(i).offset;
  }
  sentinels_will_read(c);
  look_what_is_lacking(c);
  look_at_staleness(c);
}

namespace {

void count_rates(Context& c) {
  c.state.rates.assign(c.servers(), 0);
  std::size_t writers = 0;
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access)
    writers += sli_of(c, access).kind == SliKind::write ? 1 : 0;
  if (c.spec.writes_per_s <= 0) return;
  const double all = c.spec.writes_per_s * c.spec.write_size.count;
  if (writers == 0) {
    for (Number shard = 0; shard < c.plan.shards; ++shard) {
      const Number master = c.state.chief[shard];
      if (takes_writes(c, master)) c.state.rates[master] += all / c.plan.shards;
    }
    return;
  }
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    const Access& its = c.state.accesses[access];
    if (sli_of(c, access).kind == SliKind::write && its.holds)
      c.state.rates[its.target] += all / static_cast<double>(writers);
  }
}

}  // namespace

void look_at_label(Context& c) {
  if (c.state.labelled == c.state.chief[0]) return c.world.queue.cancel(c.state.relabel_timer), void();
  if (c.world.queue.pending(c.state.relabel_timer)) return;
  const Duration takes =
      c.world.draw(c.world.plan->services[c.service].component, Purpose::relabel, c.parameters.relabel);
  c.state.relabel_timer = c.world.schedule(c.now() + takes, Relabelled{c.service.value});
}

void on(World& world, const Relabelled& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  c.state.labelled = c.state.chief[0];
  settle(c);
}

void on(World& world, const AttemptDue& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  // What set the delay before it.
  static constexpr std::string_view timeout = "redis.client.command_timeout";
  static constexpr std::string_view wait = "redis.client.retry_wait";
  static constexpr std::string_view most = "redis.client.retry_most";
  const Access& its = c.state.accesses[event.access];
  const bool grown =
      its.tries > 1 && parameters_of(c, event.access).retry_most > parameters_of(c, event.access).retry_wait;
  world.set_by(its.waits_long ? timeout : grown ? most : wait);
  attempt(c, event.access);
}

void on(World& world, const RequestAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  grow(c);
  // What was lost on its way is found out later.
  if (!would_serve(c, event.access, its.target)) return attempt(c, event.access);
  if (!served_in_time(c, event.access)) {
    // Answers come, but too late: who has given up looks for another, if there is one.
    if (!would_answer(c, event.access, its.target) && somebody_answers(c, event.access))
      next_attempt(c, event.access, c.now() + parameters_of(c, event.access).retry_wait);
    return;
  }
  its.holds = true;
  const SliPlan& sli = sli_of(c, event.access);
  std::optional<CauseScope> because;
  if (sli.kind != SliKind::write) {
    because.emplace(world, world.note(FirstRead{event.service, event.access}));
  } else if (discovery_of(c, event.access) == Discovery::sentinel) {
    because.emplace(world, world.note(FirstWriteBySentinel{event.service, event.access}));
  } else {
    because.emplace(world, world.note(FirstWrite{event.service, event.access}));
  }
  set_rates(c);
  look_whether_stale(c, event.access);
  tell_whether_fresh(c, event.access);
  if (c.plan.keepers || c.plan.addressed) look_at_accesses(c);
}

namespace {

/// The parameter that set the delay before a refresh; empty if its record says so by itself, or none did.
const std::string_view& set_the_delay(AskedBy by, bool waited) {
  static constexpr std::string_view nothing;
  static constexpr std::string_view period = "redis.client.refresh_period";
  static constexpr std::string_view attempts = "redis.client.refresh_reconnects";
  static constexpr std::string_view silence = "redis.client.silent_link_timeout";
  static constexpr std::string_view interval = "redis.client.refresh_least_interval";
  static constexpr std::string_view connect = "redis.client.connect_timeout";
  switch (by) {
    case AskedBy::period: return period;
    case AskedBy::attempts: return attempts;
    case AskedBy::silence: return silence;
    case AskedBy::rest: return interval;
    case AskedBy::moved: return waited ? connect : nothing;
  }
  return nothing;
}

}  // namespace

void on(World& world, const MapRefreshed& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  const std::uint16_t client = sli_of(c, event.access).client;
  count_asks(c, client);
  bool learns = false;
  each_map(c, client, [&](std::uint16_t access) { learns = learns || would_learn(c, access); });
  if (!learns) {
    world.stale = true;
    return;
  }
  Refreshing& its = c.state.refreshing[client];
  if (its.by != AskedBy::period)
    its.rests = std::max(its.rests, its.asked + parameters_of(c, event.access).refresh_interval);
  world.set_by(set_the_delay(its.by, its.asked < c.now()));
  each_map(c, client, [&](std::uint16_t access) {
    const Number tells = teller(c, access);
    if (tells == nobody) return;
    take_map(c, access, tells);
    go_by_it(c, access);
  });
  settle(c);
}

void on(World& world, const ClientConnects& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  grow(c);
  count_asks(c, sli_of(c, event.access).client);
  const Contact found = contact_with_known(c, event.access);
  const bool silent = its.connection == ClientConnection::silent;
  const sim::Time given_up = its.silent_since + parameters_of(c, event.access).silent_link;
  static constexpr std::string_view waits = "redis.client.reconnect_most";
  static constexpr std::string_view silence = "redis.client.silent_link_timeout";
  if (silent && (found == Contact::silence || c.now() >= given_up)) {
    world.set_by(silence);
    connection_breaks(c, event.access, found == Contact::silence);
  } else if (silent && found == Contact::ok && its.life == c.server(its.knows).life) {
    connection_stands(c, event.access);
  } else if (silent) {
    connection_breaks(c, event.access, false);
  } else if (its.connection == ClientConnection::broken && found == Contact::ok) {
    world.set_by(waits);
    connection_stands(c, event.access);
  } else {
    world.stale = true;
    return;
  }
  if (its.connection == ClientConnection::stands) go_by_it(c, event.access);
  settle(c);
}

void on(World& world, const NameResolved& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  if (!name_has_changed(c, event.access)) {
    world.stale = true;
    return;
  }
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (!shared(c, access, event.access) || keeps(c, access) != Keeps::name) continue;
    Access& its = c.state.accesses[access];
    its.knows = c.state.labelled;
    its.address = address_behind_name(c, its.knows);
    go_by_it(c, access);
  }
  settle(c);
}

void on(World& world, const ClientRestarted& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  if (c.state.accesses[event.access].holds || !beginner_is_served(c, event.access)) {
    world.stale = true;
    return;
  }
  c.state.refreshing[sli_of(c, event.access).client].rests = c.now();
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (!shared(c, access, event.access)) continue;
    Access& its = c.state.accesses[access];
    if (keeps(c, access) == Keeps::name) {
      its.knows = c.state.labelled;
      its.address = address_behind_name(c, its.knows);
    } else {
      // Whoever restarts it gives it seeds that answer.
      for (Number i = 0; i < c.servers(); ++i) {
        if (fate_there(c, access, i, contact_there(c, access, i)) == Fate::served) take_map(c, access, i);
      }
      if (keeps(c, access) == Keeps::map) connect_anew(c, access);
    }
    go_by_it(c, access);
  }
  settle(c);
}

void on(World& world, const StaleDue& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  look_whether_stale(c, event.access);
  if (c.state.accesses[event.access].holds) tell_whether_fresh(c, event.access);
}

}  // namespace nines::models::redis
