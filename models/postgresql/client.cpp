#include "models/postgresql/client.hpp"

#include <algorithm>
#include <optional>

#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/measurement/sli.hpp"
#include "models/postgresql/replication.hpp"

namespace nines::models::postgresql {

namespace {

/// TCP, start-up packet with authentication, and the first statement's way: round trips of a new connection.
constexpr std::int64_t connect_trips = 3;

const SliPlan& sli_of(const Context& c, std::uint16_t access) { return c.plan.slis[access]; }
const ClientPlan& client_of(const Context& c, std::uint16_t access) { return c.plan.clients[sli_of(c, access).client]; }
const ClientSpec& client_spec(const Context& c, std::uint16_t access) {
  return c.spec.clients[sli_of(c, access).client];
}

/// What a statement meets that is sent to the server now.
Meets meets(const Context& c, std::uint16_t access, Number number) {
  const Contact found = contact(c.world, client_of(c, access).place, c.process(number));
  if (found == Contact::reset) return Meets::refused;
  const bool stands_still = c.world.processes[c.process(number)].status == ProcessState::Status::stopped;
  if (found == Contact::silence) return stands_still ? Meets::hangs : Meets::lost;
  if (!serves(c, number)) return Meets::refused;
  if (sli_of(c, access).kind == SliKind::read) return Meets::served;
  if (!is_primary(c, number)) return Meets::refused;
  return commits(c, number) ? Meets::served : Meets::hangs;
}

/// A client that connects: to whom it comes, and after how long.
struct Found {
  Number server = nobody;
  Meets meets = Meets::refused;
  Duration after;
};

Found look_up(const Context& c, std::uint16_t access) {
  const ClientSpec& client = client_spec(c, access);
  switch (client.discovery) {
    case Discovery::fixed: return {0, meets(c, access, 0), {}};
    case Discovery::label: return {c.state.labelled, meets(c, access, c.state.labelled), {}};
    case Discovery::multi_host:
    case Discovery::any_host: break;
  }
  Found found;
  for (Number i = 0; i < c.servers(); ++i) {
    const Meets its = meets(c, access, i);
    // One that takes connections is taken if it is what the client asks for: also one whose commits hang.
    const bool connects = its == Meets::served || (its == Meets::hangs && is_primary(c, i));
    const bool suits = client.discovery == Discovery::any_host ? serves(c, i) : is_primary(c, i);
    if (connects && suits) return {i, its, found.after};
    if (its == Meets::lost || its == Meets::hangs) found.after = found.after + client.parameters.connect_timeout;
  }
  return found;
}

Duration half_trip(const Context& c, std::uint16_t access, Number server) {
  const infrastructure::Endpoint place = client_of(c, access).place;
  const Duration trip = infrastructure::round_trip(c.world, place, c.process(server));
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, place, c.process(server));
  if (path == infrastructure::PathCondition{}) return trip / 2;
  // What takes longer is given up by its kernel.
  const Duration longest = client_spec(c, access).parameters.give_up;
  return std::min((trip + infrastructure::round_trip_longer(c.world.plan->infra(), path, trip)) / 2, longest);
}

Duration disk_adds(const Context& c, Number number) {
  if (c.world.infrastructure.degradations.empty()) return {};
  const VolumeId volume = c.world.plan->processes[c.process(number)].volume;
  return volume.exists() ? infrastructure::disk_condition(c.world, volume).latency : Duration();
}

/// Durable writes of a commit, and the standbys that it waits for.
Duration commit_takes(const Context& c, Number primary) {
  constexpr double middle = 0.5;
  const Duration write = c.parameters.fsync.quantile(middle);
  const bool local = c.spec.commit != Commit::off;
  Duration takes = local ? write + disk_adds(c, primary) : Duration();
  if (!c.spec.synchronous()) return takes;
  for (Number i = 0; i < c.servers(); ++i) {
    if (i == primary || !streams_to(c, primary, i)) continue;
    if (c.by_patroni() && (c.state.syncs >> i & 1U) == 0) continue;
    Duration standby = one_way(c, primary, i) * 2 + c.parameters.replication_delay;
    if (c.spec.commit != Commit::remote_write) standby = standby + write + disk_adds(c, i);
    // What is replayed at the standby: as late again as it left the primary.
    if (c.spec.commit == Commit::remote_apply) standby = standby + c.parameters.replication_delay;
    takes = std::max(takes, standby);
  }
  return takes;
}

Duration latency(const Context& c, std::uint16_t access, Number server) {
  const Duration trip = half_trip(c, access, server) * 2;
  return sli_of(c, access).kind == SliKind::write ? trip + commit_takes(c, server) : trip;
}

bool served_in_time(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  if (!its.connected || c.server(its.target).life != its.life || meets(c, access, its.target) != Meets::served)
    return false;
  const Duration deadline = c.world.plan->slis[sli_of(c, access).index].deadline;
  const Duration command = client_spec(c, access).parameters.command_timeout;
  Duration patience = command > Duration() ? command : Duration::infinite();
  if (deadline > Duration()) patience = std::min(patience, deadline);
  return latency(c, access, its.target) <= patience;
}

/// How long a statement is waited for that meets this.
Duration patience(const Context& c, std::uint16_t access, Meets found) {
  const ClientParameters& p = client_spec(c, access).parameters;
  if (found == Meets::refused) return {};
  const Duration command = p.command_timeout > Duration() ? p.command_timeout : Duration::infinite();
  if (found == Meets::hangs) return command;
  return std::min(command, p.user_timeout > Duration() ? p.user_timeout : p.give_up);
}

Duration waits(const Context& c, std::uint16_t access) {
  constexpr Duration shortest = Duration::milliseconds(1);
  return std::max(client_spec(c, access).parameters.retry_wait, shortest);
}

void attempt_at(Context& c, std::uint16_t access, sim::Time at) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.timer = c.world.schedule(std::max(at, c.now()), AttemptDue{c.service.value, access});
}

void answered_at(Context& c, std::uint16_t access, sim::Time at) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.timer = c.world.schedule(at, RequestAnswered{c.service.value, access});
}

void give_up_after(Context& c, std::uint16_t access, Duration patience) {
  if (patience == Duration::infinite()) return c.world.queue.cancel(c.state.accesses[access].timer), void();
  attempt_at(c, access, c.state.accesses[access].since + patience + waits(c, access));
}

/// The client connects now.
void attempt(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.since = c.now();
  its.connected = false;
  const Found found = look_up(c, access);
  its.meets = found.meets;
  if (found.server != nobody) its.target = found.server;
  const bool connects = found.server != nobody && (found.meets == Meets::served || found.meets == Meets::hangs) &&
                        serves(c, found.server);
  if (connects) {
    its.connected = true;
    its.life = c.server(its.target).life;
    const Duration takes = found.after + half_trip(c, access, its.target) * 2 * connect_trips;
    if (found.meets == Meets::served) return answered_at(c, access, c.now() + takes + latency(c, access, its.target));
    its.since = c.now() + takes;
    return give_up_after(c, access, patience(c, access, Meets::hangs));
  }
  // While nobody would serve it goes on by arithmetic (notices).
}

/// From the beginning of one attempt that fails to that of the next.
Duration turn(const Context& c, std::uint16_t access) {
  const Found found = look_up(c, access);
  const bool silent = found.server != nobody && (found.meets == Meets::lost || found.meets == Meets::hangs);
  const Duration connect = client_spec(c, access).parameters.connect_timeout;
  return found.after + (silent ? connect : Duration()) + waits(c, access);
}

/// Somebody would serve it: its next attempt, on the grid of those that came to nothing.
void notices(Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  const bool was_silent = its.meets == Meets::lost;
  const Duration length =
      was_silent ? client_spec(c, access).parameters.connect_timeout + waits(c, access) : turn(c, access);
  const std::int64_t passed = std::max<std::int64_t>((c.now() - its.since) / length, 0);
  attempt_at(c, access, its.since + length * (passed + 1));
}

/// An interrupted client's connection: what has become of it?
void look_at_connection(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Meets now = meets(c, access, its.target);
  const bool same = c.server(its.target).life == its.life;
  const auto noticed = [&] {
    return its.meets == Meets::lost ? infrastructure::sent_again(its.since, c.world.plan->infra().tcp_rto_min, c.now())
                                    : c.now();
  };
  if (now == Meets::served && same) {
    const bool in_time = its.meets == Meets::served && !c.world.queue.pending(its.timer) && served_in_time(c, access);
    if (its.meets != Meets::served || in_time) answered_at(c, access, noticed() + latency(c, access, its.target));
    its.meets = Meets::served;
    return;
  }
  const bool heard = now != Meets::lost && now != Meets::hangs;
  if (heard) {
    // The other end knows nothing of the connection, or ends it.
    const sim::Time at = noticed();
    its.connected = false;
    its.meets = Meets::refused;
    return attempt_at(c, access, at + waits(c, access));
  }
  if (now == its.meets) return;
  its.meets = now;
  its.since = c.now();
  give_up_after(c, access, patience(c, access, now));
}

}  // namespace

void look_at_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (its.holds) {
      if (served_in_time(c, access)) continue;
      its.holds = false;
      its.meets = Meets::served;
      its.since = c.now();
      measurement::set_status(c.world, sli_of(c, access).index, GroupId::of(0), false);
      look_at_connection(c, access);
    } else if (its.connected) {
      look_at_connection(c, access);
    } else if (!c.world.queue.pending(its.timer)) {
      const Found found = look_up(c, access);
      if (found.server != nobody && found.meets == Meets::served) notices(c, access);
    }
  }
}

void set_rates(Context& c) {
  c.state.rates.assign(c.servers(), 0);
  const double all = c.spec.writes_per_s * c.plan.wal_per_write;
  if (all <= 0) return;
  std::size_t writers = 0;
  for (const SliPlan& sli : c.plan.slis) writers += sli.kind == SliKind::write ? 1 : 0;
  const Number chief = c.state.chief;
  if (writers == 0) {
    if (is_primary(c, chief) && commits(c, chief)) c.state.rates[chief] = all;
    return;
  }
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    const Access& its = c.state.accesses[access];
    if (sli_of(c, access).kind == SliKind::write && its.holds)
      c.state.rates[its.target] += all / static_cast<double>(writers);
  }
}

void look_at_label(Context& c) {
  if (c.state.labelled == c.state.chief) return c.world.queue.cancel(c.state.relabel_timer), void();
  if (c.world.queue.pending(c.state.relabel_timer)) return;
  const Duration takes = c.world.draw(c.itself(), Purpose::relabel, c.parameters.relabel);
  c.state.relabel_timer = c.world.schedule(c.now() + takes, Relabelled{c.service.value});
}

service::Answers answers(const Context& c, Number server, Contact found) {
  if (found != Contact::ok || !serves(c, server)) return service::Answers::none;
  if (!is_primary(c, server)) return service::Answers::old_reads;
  return commits(c, server) ? service::Answers::everything : service::Answers::reads;
}

void on(World& world, const Relabelled& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  c.state.labelled = c.state.chief;
  settle(c);
}

void on(World& world, const AttemptDue& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  // What set the delay before it.
  static constexpr std::string_view command = "postgresql.client.command_timeout";
  static constexpr std::string_view user = "postgresql.client.tcp_user_timeout";
  static constexpr std::string_view kernel = "postgresql.client.tcp_give_up";
  static constexpr std::string_view connect = "postgresql.client.connect_timeout";
  static constexpr std::string_view wait = "postgresql.client.retry_wait";
  const Access& its = c.state.accesses[event.access];
  const ClientParameters& p = client_spec(c, event.access).parameters;
  if (its.meets == Meets::refused || its.meets == Meets::served) {
    world.set_by(wait);
  } else if (!its.connected) {
    world.set_by(connect);
  } else {
    const Duration waited = patience(c, event.access, its.meets);
    if (waited == p.command_timeout)
      world.set_by(command);
    else
      world.set_by(p.user_timeout > Duration() ? user : kernel);
  }
  attempt(c, event.access);
}

void on(World& world, const RequestAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  grow(c);
  const bool same = its.connected && c.server(its.target).life == its.life;
  // What was lost on its way is found out later.
  if (!same || meets(c, event.access, its.target) != Meets::served) return attempt(c, event.access);
  its.meets = Meets::served;
  if (!served_in_time(c, event.access)) return;  // answers come, but too late
  its.holds = true;
  const SliPlan& sli = sli_of(c, event.access);
  std::optional<CauseScope> because;
  if (sli.kind == SliKind::write)
    because.emplace(world, world.note(FirstWrite{event.service, event.access}));
  else
    because.emplace(world, world.note(FirstRead{event.service, event.access}));
  measurement::set_status(world, sli.index, GroupId::of(0), true);
  set_rates(c);
}

}  // namespace nines::models::postgresql
