#include "models/kafka/client.hpp"

#include <algorithm>

#include "models/coverage.hpp"
#include "models/kafka/attention.hpp"
#include "models/kafka/replication.hpp"
#include "models/measurement/sli.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

inline RouteState& route(const Context& c, ClientId client, GroupId group) {
  return c.state.routes[client.value * c.plan.groups.size() + group.value];
}

const ClientParameters& parameters(const Context& c, ClientId client) {
  return c.world.plan->topology.services[c.plan.index].clients[c.plan.clients[client].spec].parameters;
}

inline ProcessId process_of(const Context& c, GroupId group, Slot slot) {
  return c.broker_process(c.broker_of(group, slot));
}

inline Contact contact_to(const Context& c, ClientId client, GroupId group, Slot slot) {
  return client_contact(c, client, c.broker_of(group, slot));
}

inline bool works(const Context& c, ClientId client, GroupId group, Slot slot) {
  return slot != no_slot && acts_as_leader(c, group, slot) && contact_to(c, client, group, slot) == Contact::ok;
}

Duration backoff(Context& c, ClientId client, std::uint32_t tries) {
  const ClientParameters& p = parameters(c, client);
  const double u = c.world.uniform(c.plan.clients[client].component, Purpose::client_jitter);
  return client_backoff(tries, p.retry_backoff, p.retry_backoff_max, 1 + p.retry_jitter * (2 * u - 1));
}

/// First attempt at or after now of a client that has been trying since `next`. Attempts are followed one by one while
/// the waits grow; after that their phase is forgotten, and the next one is uniform within the longest wait.
sim::Time next_attempt(Context& c, ClientId client, sim::Time next, std::uint8_t& tries) {
  constexpr std::uint8_t followed = 48;
  while (next < c.now() && tries < followed) next = next + backoff(c, client, tries++);
  if (next >= c.now()) return next;
  const double u = c.world.uniform(c.plan.clients[client].component, Purpose::client_jitter);
  return c.now() + sim::scaled(parameters(c, client).retry_backoff_max, u);
}

/// The leader a client would find now: the lineage's if it reaches it, else any that takes itself for one.
Slot reachable_leader(const Context& c, ClientId client, GroupId group) {
  const Slot owner = c.state.groups[group].owner;
  if (works(c, client, group, owner)) return owner;
  for (Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (works(c, client, group, slot)) return slot;
  }
  return no_slot;
}

void enter_trouble(Context& c, ClientId client, GroupId group) {
  RouteState& r = route(c, client, group);
  const Contact found = contact_to(c, client, group, r.leader);
  r.broken_since = c.now();
  r.incarnation = c.world.processes[process_of(c, group, r.leader)].incarnation;
  r.tries = 0;
  if (found == Contact::silence) {
    // A request is always under way under steady load, so its time-out runs from the moment of silence.
    r.trouble = Trouble::silence;
    r.next_try =
        NINES_MUTATED(client_never_times_out) ? sim::Time::never() : c.now() + parameters(c, client).request_timeout;
  } else if (found == Contact::reset) {
    r.trouble = Trouble::reset;
    r.next_try = c.now() + backoff(c, client, r.tries++);
  } else {
    r.trouble = Trouble::not_leader;
    // KIP-951: the refusal names the new leader, if there is one already.
    const bool told = c.parameters.new_leader_in_error && reachable_leader(c, client, group) != no_slot;
    r.next_try = told ? c.now() : c.now() + backoff(c, client, r.tries++);
  }
}

/// A silent peer that answers again: the pending request gets through (same process) or is reset (a new one).
void hear_again(Context& c, ClientId client, GroupId group) {
  RouteState& r = route(c, client, group);
  if (r.trouble != Trouble::silence || r.next_try <= c.now()) return;
  const Contact found = contact_to(c, client, group, r.leader);
  if (found == Contact::silence) return;
  const bool same = c.world.processes[process_of(c, group, r.leader)].incarnation == r.incarnation;
  if (found == Contact::ok && same && works(c, client, group, r.leader)) {
    r.next_try = c.now();
  } else {
    r.trouble = Trouble::reset;
    r.next_try = c.now() + backoff(c, client, r.tries++);
  }
}

void update_route(Context& c, ClientId client, GroupId group) {
  RouteState& r = route(c, client, group);
  sim::EventQueue& queue = c.world.queue;
  if (r.trouble == Trouble::none) {
    if (works(c, client, group, r.leader)) {
      const Slot owner = c.state.groups[group].owner;
      if (r.leader != owner && works(c, client, group, owner) && !queue.pending(r.retry)) {
        // It talks to a leader of the past without noticing, until its metadata are renewed.
        const ClientParameters& p = parameters(c, client);
        const Duration left =
            c.world.phase(c.plan.clients[client].component, Purpose::client_metadata_phase, p.metadata_max_age);
        r.retry = c.world.schedule(c.now() + left, ClientMetadataRefresh{c.service, client.value, group});
      }
      return;
    }
    queue.cancel(r.retry);
    enter_trouble(c, client, group);
  }
  hear_again(c, client, group);
  if (reachable_leader(c, client, group) == no_slot) {
    queue.cancel(r.retry);
    return;
  }
  r.next_try = next_attempt(c, client, r.next_try, r.tries);
  if (queue.pending(r.retry) && queue.when(r.retry) == r.next_try) return;
  queue.cancel(r.retry);
  if (r.next_try == sim::Time::never()) return;
  const bool first_after_silence = r.trouble == Trouble::silence && r.tries == 0;
  r.retry = first_after_silence ? c.world.schedule(r.next_try, ClientTimedOut{c.service, client.value, group})
                                : c.world.schedule(r.next_try, ClientRetry{c.service, false, client.value, group});
}

inline void update_rejection(Context& c, ClientId client, GroupId group) {
  RouteState& r = route(c, client, group);
  const bool refused = r.trouble == Trouble::none && r.leader == c.state.groups[group].owner && rejects_all(c, group);
  if (refused) {
    c.world.queue.cancel(r.rejected_retry);
    if (r.rejected) return;
    r.rejected = true;
    r.rejected_tries = 0;
    r.rejected_next_try = c.now() + backoff(c, client, r.rejected_tries++);
    return;
  }
  if (!r.rejected || c.world.queue.pending(r.rejected_retry)) return;
  r.rejected_next_try = next_attempt(c, client, r.rejected_next_try, r.rejected_tries);
  r.rejected_retry = c.world.schedule(r.rejected_next_try, ClientRetry{c.service, true, client.value, group});
}

inline bool sli_holds(const Context& c, const SliPlan& sli, GroupId group, const Flow& flow) {
  const RouteState& r = route(c, sli.client, group);
  if (r.trouble != Trouble::none) return false;
  const bool current = r.leader == c.state.groups[group].owner;
  switch (sli.kind) {
    case SliKind::write: return current && !r.rejected && flow.acknowledges;
    case SliKind::write_acks1: return true;
    case SliKind::read: return true;
    case SliKind::visible: return current && flow.advances;
  }
  return false;
}

/// Records of an interrupted write that the producers gave up: those that waited longer than delivery.timeout.ms, and
/// those that found the buffer full and send() blocked for longer than max.block.ms. Fluid: offered rate times time.
double given_up(const Context& c, const SliPlan& sli, GroupId group, Duration interruption) {
  const TopicPlan& topic = c.plan.topics[c.plan.groups[group].topic];
  const double share = c.plan.groups[group].partitions / static_cast<double>(c.plan.clients.size());
  const double rate = (sli.kind == SliKind::write ? topic.records_all_per_s : topic.records_one_per_s) * share;
  const ClientParameters& p = parameters(c, sli.client);
  const double length = interruption.to_seconds();
  // The buffer is shared by everything the producer cannot send; it is full when this group has had its part of it.
  const std::uint32_t in_scope = c.world.plan->slis[sli.index].partitions;
  const double bytes = rate * topic.record_bytes * in_scope / c.plan.groups[group].partitions;
  const double filled = bytes > 0 ? std::min(length, p.buffer_memory.count / bytes) : length;
  const double expired = std::clamp(length - p.delivery_timeout.to_seconds(), 0.0, filled);
  const double refused = std::max(0.0, length - filled - p.max_block.to_seconds());
  return rate * (expired + refused);
}

/// REQUIRES: the SLI was down on the group.
void account_given_up(Context& c, const SliPlan& sli, GroupId group) {
  const bool writes = sli.kind == SliKind::write || sli.kind == SliKind::write_acks1;
  if (!writes) return;
  const sim::Time since = c.world.measurement.down_since[sli.index][group.value];
  const double records = given_up(c, sli, group, c.now() - since);
  if (records > 0) c.world.measurement.given_up.push_back({c.now(), sli.index, records});
}

void update_slis(Context& c, GroupId group, const Flow& flow) {
  if (c.plan.topics[c.plan.groups[group].topic].internal) return;
  for (const SliPlan& sli : c.plan.slis) {
    const bool held = c.world.measurement.down_since[sli.index][group.value] == sim::Time::never();
    const bool holds = sli_holds(c, sli, group, flow);
    if (holds == held) continue;
    if (holds) account_given_up(c, sli, group);
    measurement::set_status(c.world, sli.index, group, holds);
  }
}

/// Nobody is in trouble: what is to be done about the group does not depend on the time.
bool clients_served(const Context& c, GroupId group) {
  for (const ClientId client : c.plan.clients.ids()) {
    const RouteState& r = c.state.routes[client.value * c.plan.groups.size() + group.value];
    if (r.trouble != Trouble::none || r.rejected) return false;
  }
  return true;
}

void check_attention(const Context& c) {
  if (!probing) return;
  assert(sees_truly(c));
  for (const GroupId group : c.plan.groups.ids()) {
    assert(c.state.clients_unseen.contains(group) || clients_at_rest(c, group));
  }
}

/// Takes over into rates and SLIs what the leader and the routes are now.
void update_flow(Context& c, GroupId group) {
  const Flow flow = flow_of(c, group);
  update_rates(c, group, flow);
  update_slis(c, group, flow);
}

}  // namespace

double routed_share(const Context& c, GroupId group, Slot slot) {
  std::size_t routed = 0;
  for (const ClientId client : c.plan.clients.ids()) {
    const RouteState& r = c.state.routes[client.value * c.plan.groups.size() + group.value];
    if (r.trouble == Trouble::none && r.leader == slot) ++routed;
  }
  return c.plan.clients.empty() ? 0 : static_cast<double>(routed) / static_cast<double>(c.plan.clients.size());
}

bool clients_at_rest(const Context& c, GroupId group) {
  if (!clients_served(c, group)) return false;
  const Slot owner = c.state.groups[group].owner;
  for (const ClientId client : c.plan.clients.ids()) {
    const RouteState& r = route(c, client, group);
    if (!works(c, client, group, r.leader) || (r.leader == owner && rejects_all(c, group))) return false;
    const bool may_move = r.leader != owner && works(c, client, group, owner);
    if (may_move && !c.world.queue.pending(r.retry)) return false;
  }
  const Flow flow = flow_of(c, group);
  if (!rates_current(c, group, flow)) return false;
  if (c.topic_of(group).internal) return true;
  for (const SliPlan& sli : c.plan.slis) {
    const bool held = c.world.measurement.down_since[sli.index][group.value] == sim::Time::never();
    if (sli_holds(c, sli, group, flow) != held) return false;
  }
  return true;
}

void clients_changed(Context& c) {
  see_brokers(c);
  check_attention(c);
  settle_all(c);
  c.state.clients_unseen.each([&](GroupId group) {
    for (const ClientId client : c.plan.clients.ids()) {
      update_route(c, client, group);
      update_rejection(c, client, group);
    }
    update_flow(c, group);
    if (clients_served(c, group)) c.state.clients_unseen.erase(group);
  });
}

bool clients_healthy(const Context& c) {
  return std::all_of(c.state.routes.begin(), c.state.routes.end(),
                     [](const RouteState& r) { return r.trouble == Trouble::none && !r.rejected; });
}

namespace {

void route_changed(Context& c, ClientId client, GroupId group) {
  c.state.clients_unseen.insert(group);
  update_rejection(c, client, group);
  update_flow(c, group);
}

/// A client in trouble sends to the leader that it finds now.
void reroute(Context& c, ClientId client, GroupId group) {
  RouteState& r = route(c, client, group);
  const Slot leader = reachable_leader(c, client, group);
  if (r.trouble == Trouble::none || leader == no_slot) {
    c.world.stale = true;
    return;
  }
  r.leader = leader;
  r.trouble = Trouble::none;
  route_changed(c, client, group);
}

}  // namespace

void on(World& world, const ClientRetry& event) {
  Context c = context(world, event.service);
  const ClientId client = ClientId::of(event.client);
  if (!event.rejected) return reroute(c, client, event.group);
  if (rejects_all(c, event.group)) {
    world.stale = true;
    return;
  }
  route(c, client, event.group).rejected = false;
  route_changed(c, client, event.group);
}

void on(World& world, const ClientTimedOut& event) {
  Context c = context(world, event.service);
  reroute(c, ClientId::of(event.client), event.group);
}

void on(World& world, const ClientMetadataRefresh& event) {
  Context c = context(world, event.service);
  const ClientId client = ClientId::of(event.client);
  RouteState& r = route(c, client, event.group);
  const Slot leader = reachable_leader(c, client, event.group);
  if (r.trouble != Trouble::none || leader == no_slot || leader == r.leader) {
    world.stale = true;
    return;
  }
  r.leader = leader;
  route_changed(c, client, event.group);
}

}  // namespace nines::models::kafka
