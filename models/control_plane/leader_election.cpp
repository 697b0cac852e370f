#include "models/control_plane/leader_election.hpp"

#include <algorithm>
#include <cmath>

#include "models/control_plane/api_server.hpp"
#include "models/control_plane/endpoint.hpp"
#include "models/platform.hpp"

namespace nines::models::control_plane {

namespace {

Election& election(Context& c, bool scheduler) { return scheduler ? c.state.schedulers : c.state.managers; }
const std::vector<Position>& candidates(const Context& c, bool scheduler) {
  return scheduler ? c.plan.schedulers : c.plan.managers;
}

/// The API server on the machine of the process; else none. kubeadm's controller managers and schedulers ask it.
Position server_beside(const Context& c, Position member) {
  const NodeId machine = c.world.processes[c.process(member)].node;
  const auto beside = std::find_if(c.plan.servers.begin(), c.plan.servers.end(), [&](Position server) {
    return c.world.processes[c.process(server)].node == machine;
  });
  return beside == c.plan.servers.end() ? nobody : *beside;
}

/// API servers look at the client's certificate with each request, and those of kubeadm all end on one day
/// (apiserver/pkg/authentication/request/x509, AuthenticateRequest).
bool is_known(const Context& c, Position member) {
  return faults::handshakes_of_new_process(c.world, c.process(member)) == Handshakes::succeed;
}

/// The process runs and can write to an API server.
bool can_renew(const Context& c, Position member) {
  if (!up(c, member) || !is_known(c, member)) return false;
  const Position server = server_beside(c, member);
  if (server != nobody) {
    return contact(c.world, c.process(member), c.process(server)) == Contact::ok &&
           answers_of(c, server) == service::Answers::everything;
  }
  const NodeId machine = c.world.processes[c.process(member)].node;
  return answers_at(c, c.world.plan->network.node_endpoint[machine.value]) == service::Answers::everything;
}

/// A candidate's tries go on for ever: where in the wait between two of them an instant falls.
struct Tries {
  Duration since_last;
  Duration to_next;
};

Duration longest_wait(const Context& c, Duration shortest) {
  return sim::scaled(shortest, 1 + c.parameters.retry_jitter);
}

/// An instant meets longer waits more often: they are uniform, so the density is proportional to the length.
Tries draw_tries(Context& c, Position candidate, Duration retry) {
  const double least = retry.to_seconds();
  const double most = longest_wait(c, retry).to_seconds();
  const double u = c.world.uniform(c.component(candidate), Purpose::lease_retry);
  const double length = std::sqrt(least * least + u * (most * most - least * least));
  const double passed = c.world.uniform(c.component(candidate), Purpose::lease_retry) * length;
  return {Duration::from_seconds(passed), Duration::from_seconds(length - passed)};
}

/// The first try at or after `from` of one that tried at `first`.
sim::Time first_try(Context& c, Position candidate, sim::Time first, sim::Time from, Duration retry) {
  const Duration jitter = longest_wait(c, retry) - retry;
  while (first < from) {
    first = first + retry + c.world.phase(c.component(candidate), Purpose::lease_retry, jitter);
  }
  return first;
}

/// The candidate will take the lease, if nobody is sooner.
void expect_takeover(Context& c, Position candidate, bool scheduler) {
  Member& member = c.state.members[candidate];
  if (c.world.queue.pending(member.try_timer)) return;
  const Duration duration = c.parameters.lease_duration, retry = c.parameters.retry_period;
  if (member.seen == sim::Time::never()) member.seen = c.now() + draw_tries(c, candidate, retry).to_next;
  const bool expired = member.seen + duration < c.now();
  const sim::Time at = expired ? c.now() + draw_tries(c, candidate, retry).to_next
                               : first_try(c, candidate, member.seen, member.seen + duration, retry);
  member.try_timer = c.world.schedule(at, LeaseTaken{c.service.value, candidate, scheduler});
}

/// The holder has renewed up to now, and does so no more.
void fall_silent(Context& c, bool scheduler) {
  Election& lease = election(c, scheduler);
  lease.silent = true;
  const Duration age = c.world.phase(c.component(), Purpose::lease_renewal, c.parameters.retry_period);
  const sim::Time renewed = std::max(lease.since, c.now() - age);
  const sim::Time deadline = std::max(c.now(), renewed + c.parameters.renew_deadline);
  lease.deadline_timer = c.world.schedule(deadline, LeaseLost{c.service.value, scheduler});
  for (const Position candidate : candidates(c, scheduler)) {
    if (candidate == lease.holder || !up(c, candidate)) continue;
    const Tries tries = draw_tries(c, candidate, c.parameters.retry_period);
    Member& member = c.state.members[candidate];
    if (c.now() - tries.since_last >= renewed) {
      member.seen = c.now() - tries.since_last;
    } else if (can_renew(c, candidate)) {
      member.seen = c.now() + tries.to_next;
    }
  }
}

void forget_tries(Context& c, bool scheduler) {
  for (const Position candidate : candidates(c, scheduler)) {
    Member& member = c.state.members[candidate];
    c.world.queue.cancel(member.try_timer);
    member.seen = sim::Time::never();
  }
}

void look_at_lease(Context& c, bool scheduler) {
  Election& lease = election(c, scheduler);
  const bool renews = lease.holder != nobody && can_renew(c, lease.holder);
  if (renews) {
    if (!lease.silent) return;
    lease.silent = false;
    c.world.queue.cancel(lease.deadline_timer);
    return forget_tries(c, scheduler);
  }
  if (!lease.silent) fall_silent(c, scheduler);
  for (const Position candidate : candidates(c, scheduler)) {
    if (candidate != lease.holder && can_renew(c, candidate)) expect_takeover(c, candidate, scheduler);
  }
}

}  // namespace

bool acts(const Context& c, const Election& lease) {
  return lease.holder != nobody && lease.acts && !lease.silent && up(c, lease.holder);
}

sim::Time taken_over_at(Context& c, Position holder, const std::vector<Position>& candidates, Duration lease,
                        Duration retry) {
  const sim::Time renewed = c.now() - c.world.phase(c.component(), Purpose::lease_renewal, retry);
  sim::Time first = sim::Time::never();
  for (const Position candidate : candidates) {
    if (candidate == holder || !up(c, candidate)) continue;
    const Tries tries = draw_tries(c, candidate, retry);
    const sim::Time last = c.now() - tries.since_last;
    const sim::Time seen = last >= renewed ? last : c.now() + tries.to_next;
    first = std::min(first, first_try(c, candidate, seen, seen + lease, retry));
  }
  return first;
}

void look_at_leases(Context& c) {
  look_at_lease(c, false);
  look_at_lease(c, true);
}

void candidate_died(Context& c, Position member) {
  c.world.queue.cancel(c.state.members[member].try_timer);
  c.state.members[member].seen = sim::Time::never();
  for (Election* lease : {&c.state.managers, &c.state.schedulers}) {
    if (lease->holder != member) continue;
    // Its next life has another identity, and waits for the lease like the others.
    if (!lease->silent) fall_silent(c, lease == &c.state.schedulers);
    c.world.queue.cancel(lease->deadline_timer);
    c.world.queue.cancel(lease->sync_timer);
    lease->holder = nobody;
    lease->acts = false;
  }
}

void on(World& world, const LeaseLost& event) {
  Context c = context(world, ServiceId{event.service});
  const Election& lease = election(c, event.scheduler);
  world.stale =
      lease.holder == nobody || world.processes[c.process(lease.holder)].status != ProcessState::Status::running;
  if (!world.stale) kubernetes::process_exited(world, c.process(lease.holder), Ending::crash);
}

void on(World& world, const LeaseTaken& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = !can_renew(c, event.member);
  if (world.stale) return;  // looked at again when it can
  Election& lease = election(c, event.scheduler);
  world.queue.cancel(lease.deadline_timer);
  forget_tries(c, event.scheduler);
  lease.holder = event.member;
  lease.acts = lease.silent = false;
  lease.since = c.now();
  ++lease.number;
  const Duration sync = world.draw(c.component(event.member), Purpose::cache_sync, c.parameters.cache_sync);
  lease.sync_timer = world.schedule(c.now() + sync, ControllersAct{event.service, event.scheduler});
  settle(c);
}

void on(World& world, const ControllersAct& event) {
  Context c = context(world, ServiceId{event.service});
  election(c, event.scheduler).acts = true;
  settle(c);
}

}  // namespace nines::models::control_plane
