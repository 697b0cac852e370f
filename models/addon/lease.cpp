#include "models/addon/lease.hpp"

#include <algorithm>
#include <cmath>

#include "models/platform.hpp"

namespace nines::models::addon {

namespace {

bool is_holder(const Context& c, Position pod) {
  return pod == c.state.lease.holder && c.pod_of(pod) == c.state.lease.pod;
}

Duration longest_wait(const Context& c) {
  return sim::scaled(c.spec.parameters.lease_retry, 1 + c.spec.parameters.lease_jitter);
}

/// A candidate's tries go on for ever: where in the wait between two of them an instant falls.
struct Tries {
  Duration since_last;
  Duration to_next;
};

/// An instant meets longer waits more often: they are uniform, so the density is proportional to the length.
Tries draw_tries(Context& c, Position pod) {
  const double least = c.spec.parameters.lease_retry.to_seconds();
  const double most = longest_wait(c).to_seconds();
  const double u = c.world.uniform(c.component(pod), Purpose::lease_retry);
  const double length = std::sqrt(least * least + u * (most * most - least * least));
  const double passed = c.world.uniform(c.component(pod), Purpose::lease_retry) * length;
  return {Duration::from_seconds(passed), Duration::from_seconds(length - passed)};
}

/// The first try at or after `from` of one that tried at `first`.
sim::Time first_try(Context& c, Position pod, sim::Time first, sim::Time from) {
  const Duration shortest = c.spec.parameters.lease_retry;
  while (first < from)
    first = first + shortest + c.world.phase(c.component(pod), Purpose::lease_retry, longest_wait(c) - shortest);
  return first;
}

void expect_takeover(Context& c, Position pod) {
  Pod& its = c.state.pods[pod];
  if (c.world.queue.pending(its.try_timer)) return;
  const Duration duration = c.spec.parameters.lease_duration;
  if (its.seen == sim::Time::never()) its.seen = c.world.now + draw_tries(c, pod).to_next;
  const bool expired = its.seen + duration < c.world.now;
  const sim::Time at =
      expired ? c.world.now + draw_tries(c, pod).to_next : first_try(c, pod, its.seen, its.seen + duration);
  its.try_timer = c.world.schedule(at, AddonLeads{c.service.value, pod});
}

/// The holder has renewed up to now, and does so no more.
void fall_silent(Context& c) {
  Lease& lease = c.state.lease;
  lease.silent = true;
  const Duration age = c.world.phase(c.component(), Purpose::lease_renewal, c.spec.parameters.lease_retry);
  const sim::Time renewed = std::max(lease.since, c.world.now - age);
  for (Position pod = 0; pod < c.size(); ++pod) {
    if (is_holder(c, pod) || !works(c, pod)) continue;
    const Tries tries = draw_tries(c, pod);
    const bool seen = c.world.now - tries.since_last >= renewed;
    c.state.pods[pod].seen = seen ? c.world.now - tries.since_last : c.world.now + tries.to_next;
  }
}

void forget_tries(Context& c) {
  for (Pod& pod : c.state.pods) {
    c.world.queue.cancel(pod.try_timer);
    pod.seen = sim::Time::never();
  }
}

}  // namespace

bool somebody_acts(const Context& c) {
  const Lease& lease = c.state.lease;
  return !lease.silent && is_holder(c, lease.holder) && works(c, lease.holder);
}

void look_at_lease(Context& c) {
  Lease& lease = c.state.lease;
  if (is_holder(c, lease.holder) && works(c, lease.holder)) {
    if (!lease.silent) return;
    lease.silent = false;
    return forget_tries(c);
  }
  if (!lease.silent) fall_silent(c);
  for (Position pod = 0; pod < c.size(); ++pod) {
    if (!is_holder(c, pod) && works(c, pod)) expect_takeover(c, pod);
  }
}

void candidate_started(Context& c, Position pod) {
  if (c.state.lease.silent && !is_holder(c, pod)) c.state.pods[pod].seen = c.world.now;
}

void candidate_died(Context& c, Position pod) {
  c.world.queue.cancel(c.state.pods[pod].try_timer);
  c.state.pods[pod].seen = sim::Time::never();
}

void on(World& world, const AddonLeads& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = !works(c, event.pod) || !kubernetes::api_serves(world);
  if (world.stale) return;  // looked at again when it can
  forget_tries(c);
  c.state.lease = {event.pod, c.pod_of(event.pod), false, world.now};
  settle(c);
}

}  // namespace nines::models::addon
