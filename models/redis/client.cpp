#include "models/redis/client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/measurement/sli.hpp"
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

Contact contact_with(const Context& c, std::uint16_t access, Number server) {
  const Contact found = contact(c.world, client_of(c, access).place, c.server_process(server));
  if (found != Contact::ok) return found;
  if (c.server(server).stopping || stands_still(c, server)) return Contact::silence;
  return c.server(server).started ? Contact::ok : Contact::reset;
}

/// What becomes of a request to a server that is sent now.
Fate fate(const Context& c, std::uint16_t access, Number server) {
  const Contact found = contact_with(c, access, server);
  if (found != Contact::ok) return found == Contact::reset ? Fate::refused : Fate::lost;
  if (!serves(c, server)) return Fate::refused;
  if (c.clustered() && !node_serves(c, server, c.plan.accesses[access].shard)) return Fate::refused;
  if (sli_of(c, access).kind != SliKind::write) return Fate::served;
  return takes_writes(c, server) ? Fate::served : Fate::refused;
}

bool would_serve(const Context& c, std::uint16_t access, Number server) {
  return server != nobody && fate(c, access, server) == Fate::served;
}

/// Where a Sentinel or a node of the cluster sends the client; nobody if it does not answer.
Number directed_by(const Context& c, std::uint16_t access, Number asked) {
  if (c.clustered()) {
    if (contact_with(c, access, asked) != Contact::ok || !serves(c, asked)) return nobody;
    const bus::Node& node = c.state.nodes.nodes[asked];
    return node.ok ? node.owner[c.plan.accesses[access].shard] : nobody;
  }
  const ProcessId process = c.sentinel_process(asked);
  if (!c.watch(asked).started || contact(c.world, client_of(c, access).place, process) != Contact::ok) return nobody;
  return sentinel::current_master(c.watch(asked).machine);
}

/// Whom a client that must connect can be sent to: how many answers there are, and each of them.
Number choices(const Context& c, std::uint16_t access) {
  switch (discovery_of(c, access)) {
    case Discovery::sentinel: return c.sentinels();
    case Discovery::cluster:
    case Discovery::any_ready:
    case Discovery::probe: return c.servers();
    case Discovery::label:
    case Discovery::fixed: return 1;
  }
  return 1;
}
Number choice(const Context& c, std::uint16_t access, Number number) {
  switch (discovery_of(c, access)) {
    case Discovery::sentinel:
    case Discovery::cluster: return directed_by(c, access, number);
    case Discovery::any_ready: return serves(c, number) ? number : nobody;
    case Discovery::probe: return number;
    case Discovery::label: return c.state.labelled;
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

/// Some answer leads to a server that would do.
bool somebody_serves(const Context& c, std::uint16_t access) {
  const Number count = choices(c, access);
  for (Number i = 0; i < count; ++i) {
    if (would_serve(c, access, choice(c, access, i))) return true;
  }
  return false;
}
/// The same, before the client gives up.
bool somebody_answers(const Context& c, std::uint16_t access) {
  const Number count = choices(c, access);
  for (Number i = 0; i < count; ++i) {
    if (would_answer(c, access, choice(c, access, i))) return true;
  }
  return false;
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
Duration period(const Context& c, std::uint16_t access, bool silent) {
  constexpr Duration shortest = Duration::milliseconds(1);
  const ClientParameters& parameters = parameters_of(c, access);
  return std::max(parameters.retry_wait, shortest) + (silent ? parameters.attempt_timeout : Duration());
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
    case Discovery::fixed: {
      const Number found = choice(c, access, static_cast<Number>(its.asks % count));
      its.asks = static_cast<Number>((its.asks + 1) % count);
      if (found != nobody) its.target = found;
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
  // While nobody would serve it goes on by arithmetic.
  if (!somebody_serves(c, access)) return;
  next_attempt(c, access, c.now() + period(c, access, its.waits_long));
}

/// Somebody serves again: when does the client notice?
void notice(Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  const Duration turn = period(c, access, its.waits_long);
  const std::int64_t passed = std::max<std::int64_t>((c.now() - its.attempt) / turn, 0);
  next_attempt(c, access, std::max(its.attempt + turn * (passed + 1), c.now()));
}

}  // namespace

void look_at_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (its.holds) {
      if (served_in_time(c, access)) continue;
      its.holds = false;
      measurement::set_status(c.world, sli_of(c, access).index, group_of(c, access), false);
      // A request that meets silence, or whose answer is late, is given up first; an error leads to the next attempt at
      // once.
      const Fate now = fate(c, access, its.target);
      its.waits_long = now == Fate::lost || (now == Fate::served && !would_answer(c, access, its.target));
      its.attempt = c.now();
      if (its.waits_long)
        next_attempt(c, access, c.now() + period(c, access, true));
      else
        attempt(c, access);
    } else if (!c.world.queue.pending(its.timer) && somebody_serves(c, access)) {
      notice(c, access);
    }
  }
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
  world.set_by(c.state.accesses[event.access].waits_long ? timeout : wait);
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
}

void on(World& world, const StaleDue& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  look_whether_stale(c, event.access);
  if (c.state.accesses[event.access].holds) tell_whether_fresh(c, event.access);
}

}  // namespace nines::models::redis
