#include "models/etcd/client.hpp"

#include <algorithm>
#include <optional>

#include "models/infrastructure/conditions.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"

namespace nines::models::etcd {

namespace {

enum class Fate : std::uint8_t {
  served,
  refused,  ///< an error at once
  queued,   ///< the member has no leader: it waits for one
  lost,     ///< nothing comes back
};

const ClientPlan& client_of(const Context& c, std::uint16_t access) {
  return c.plan.clients[c.plan.slis[access].client];
}
const ClientParameters& parameters_of(const Context& c, std::uint16_t access) {
  return c.spec.clients[c.plan.slis[access].client].parameters;
}

/// Nobody listens before the server has started.
Contact unless_starting(const Context& c, Position member, Contact found) {
  return found == Contact::ok && !c.member(member).serving ? Contact::reset : found;
}

Contact contact_of(const Context& c, std::uint16_t access, Position member) {
  return unless_starting(c, member, contact(c.world, client_of(c, access).place, c.process(member)));
}

/// Writes are refused at once: `mvcc: database space exceeded`.
bool no_space(const Context& c) { return faults::out_of_space(c.world, c.service); }

/// What becomes of a read or write that must go through the leader and has reached `member`.
Fate fate_at(const Context& c, Position member) {
  const raft::Node& node = c.member(member).node;
  if (node.lead == raft::nobody) return Fate::queued;
  if (node.lead != c.state.leader || !leader_acts(c)) return Fate::lost;
  return member == c.state.leader || reaches(c, member, c.state.leader) ? Fate::served : Fate::lost;
}

/// What becomes of a request to `member` that is sent now.
Fate fate(const Context& c, std::uint16_t access, Position member) {
  const Contact found = contact_of(c, access, member);
  if (found != Contact::ok) return found == Contact::reset ? Fate::refused : Fate::lost;
  const SliKind kind = c.plan.slis[access].kind;
  if (kind == SliKind::serializable_read) return Fate::served;
  const Fate its = fate_at(c, member);
  return its == Fate::served && kind == SliKind::write && no_space(c) ? Fate::refused : its;
}

/// The first member from `from` on that would serve; `nobody` if there is none.
Position who_serves(const Context& c, std::uint16_t access, Position from) {
  for (std::size_t step = 0; step < c.size(); ++step) {
    const auto member = static_cast<Position>((from + step) % c.size());
    if (fate(c, access, member) == Fate::served) return member;
  }
  return raft::nobody;
}

Duration half_trip(const Context& c, std::uint16_t access, Position member) {
  const Duration trip = infrastructure::round_trip(c.world, client_of(c, access).place, c.process(member));
  const infrastructure::PathCondition path =
      infrastructure::path_condition(c.world, client_of(c, access).place, c.process(member));
  if (path == infrastructure::PathCondition{}) return trip / 2;
  // Nobody waits so long; sums of it stay finite.
  constexpr Duration longest = Duration::seconds(3600);
  return std::min((trip + infrastructure::round_trip_longer(c.world.plan->infra(), path, trip)) / 2, longest);
}

/// From the request to its answer: to the member, to the leader, to a majority and its disks, and back.
Duration latency(const Context& c, std::uint16_t access) {
  const Position member = c.state.accesses[access].endpoint;
  Duration sum = half_trip(c, access, member) * 2;
  const Position leader = c.state.leader;
  const SliKind kind = c.plan.slis[access].kind;
  if (kind == SliKind::serializable_read || leader == raft::nobody) return sum;
  if (member != leader) sum += one_way(c, member, leader) * 2;
  // The majority is as far as its farthest member that is needed; the leader writes beside the others.
  const bool writes = kind == SliKind::write;
  std::vector<Duration> trips;
  for (Position other = 0; other < c.size(); ++other) {
    if (!c.member(other).attached) continue;
    trips.push_back(one_way(c, leader, other) * 2 + (writes ? write_longer(c, other) : Duration()));
  }
  std::sort(trips.begin(), trips.end());
  const auto others = static_cast<std::size_t>(c.member(leader).node.log.members().majority() - 1);
  Duration agreed = writes ? write_longer(c, leader) : Duration();
  if (others > 0 && trips.size() >= others) agreed = std::max(agreed, trips[others - 1]);
  constexpr double middle = 0.5;
  return sum + agreed + (writes ? c.parameters.fsync.quantile(middle) : Duration());
}

/// Whether a request is answered before the client gives it up, and within the deadline of its SLI if that has one.
bool served_in_time(const Context& c, std::uint16_t access) {
  if (fate(c, access, c.state.accesses[access].endpoint) != Fate::served) return false;
  const Duration deadline = c.world.plan->slis[c.plan.slis[access].index].deadline;
  const Duration patience = attempt_timeout(c, access);
  return latency(c, access) <= (deadline == Duration() ? patience : std::min(deadline, patience));
}

Duration wait(const Context& c, std::uint16_t access) {
  constexpr Duration shortest = Duration::milliseconds(1);
  return std::max(parameters_of(c, access).retry_wait, shortest);
}

void next_attempt(Context& c, std::uint16_t access, sim::Time at) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.attempt = at;
  its.timer = c.world.schedule(at, AttemptDue{c.service.value, access});
}

void answer(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.timer = c.world.schedule(c.now() + latency(c, access), RequestAnswered{c.service.value, access});
}

Position after(const Context& c, Position member) { return static_cast<Position>((member + 1) % c.size()); }

/// An attempt begins now.
void attempt(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.attempt = c.now();
  // Refusals are quick: in one round it finds a member that takes the request, if there is one.
  for (std::size_t tried = 0; tried < c.size() && fate(c, access, its.endpoint) == Fate::refused; ++tried) {
    its.endpoint = after(c, its.endpoint);
  }
  if (fate(c, access, its.endpoint) == Fate::served) return answer(c, access);
  // While nobody serves it goes on by arithmetic.
  const Position next = who_serves(c, access, its.endpoint);
  if (next == raft::nobody) return;
  const bool refused = fate(c, access, its.endpoint) == Fate::refused;
  const Duration lasts = refused ? Duration() : attempt_timeout(c, access);
  its.endpoint = next;
  next_attempt(c, access, c.now() + lasts + wait(c, access));
}

/// Somebody serves again: when does the client notice?
void wake(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Contact found = contact_of(c, access, its.endpoint);
  const Duration timeout = found == Contact::reset ? Duration() : attempt_timeout(c, access);
  const Duration period = timeout + wait(c, access);
  const sim::Time begun = its.attempt + period * std::max<std::int64_t>((c.now() - its.attempt) / period, 0);
  const bool waits = found == Contact::ok && c.now() < begun + timeout;
  if (waits && fate(c, access, its.endpoint) == Fate::served && c.member(its.endpoint).leaderless_since <= begun) {
    return answer(c, access);
  }
  if (fate(c, access, its.endpoint) != Fate::served) its.endpoint = who_serves(c, access, its.endpoint);
  next_attempt(c, access, std::max(begun + period, c.now()));
}

}  // namespace

service::Answers answers(const Context& c, Position member, Contact found) {
  if (unless_starting(c, member, found) != Contact::ok) return service::Answers::none;
  if (fate_at(c, member) != Fate::served) return service::Answers::old_reads;
  return no_space(c) ? service::Answers::reads : service::Answers::everything;
}

Duration attempt_timeout(const Context& c, std::uint16_t access) {
  const Duration servers = c.parameters.request_timeout + 2 * c.parameters.election_timeout;
  const Duration own = parameters_of(c, access).attempt_timeout;
  return own > Duration() ? std::min(own, servers) : servers;
}

void look_at_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (its.holds) {
      if (served_in_time(c, access)) continue;
      its.holds = false;
      measurement::set_status(c.world, c.plan.slis[access].index, GroupId::of(0), false);
      attempt(c, access);
    } else if (!c.world.queue.pending(its.timer)) {
      if (who_serves(c, access, its.endpoint) != raft::nobody) wake(c, access);
    }
  }
  service::answers_changed(c.world, c.service);
}

void on(World& world, const AttemptDue& event) {
  Context c = context(world, ServiceId{event.service});
  attempt(c, event.access);
}

void on(World& world, const RequestAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  // What was lost on its way is found out later.
  if (fate(c, event.access, its.endpoint) != Fate::served) return attempt(c, event.access);
  if (!served_in_time(c, event.access)) return;  // answers come, but too late
  its.holds = true;
  const SliPlan& sli = c.plan.slis[event.access];
  std::optional<CauseScope> because;
  if (sli.kind == SliKind::write) because.emplace(world, world.note(FirstWrite{event.service, event.access}));
  if (sli.kind == SliKind::read) because.emplace(world, world.note(FirstRead{event.service, event.access}));
  measurement::set_status(world, sli.index, GroupId::of(0), true);
}

}  // namespace nines::models::etcd
