#include "models/kafka/client.hpp"

#include <algorithm>
#include <span>
#include <type_traits>
#include <vector>

#include "models/coverage.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/replication.hpp"
#include "models/measurement/sli.hpp"
#include "models/mutation.hpp"
#include "models/service/kind.hpp"

namespace nines::models::kafka {

namespace {

inline const RouteState& route(const Context& c, ClientId client, GroupId group) {
  return c.state.routes[group.value * c.plan.clients.size() + client.value];
}
inline RouteState& edit_route(Context& c, ClientId client, GroupId group) {
  return c.state.routes.edit(group.value * c.plan.clients.size() + client.value);
}

/// By client.
inline const RouteState* routes_to(const Context& c, GroupId group) {
  return &c.state.routes[group.value * c.plan.clients.size()];
}

inline const RouteClock& clock_of(const Context& c, ClientId client, GroupId group) {
  return c.state.route_clocks[group.value * c.plan.clients.size() + client.value];
}
inline RouteClock& edit_clock(Context& c, ClientId client, GroupId group) {
  return c.state.route_clocks.edit(group.value * c.plan.clients.size() + client.value);
}

inline std::uint16_t& stalls_at(const Context& c, ClientId client, Position broker) {
  return c.state.stalls[broker * c.plan.clients.size() + client.value];
}

/// A request of the client waits at the broker for replicas. The broker reads no other from the same connection until
/// that one is answered (K39 SocketServer.Processor mutes the channel).
inline bool held_up_at(const Context& c, ClientId client, Position broker) { return stalls_at(c, client, broker) > 0; }

const ClientParameters& parameters(const Context& c, ClientId client) {
  return spec_of(c.world.plan->spec(ServiceId::of(c.service))).clients[c.plan.clients[client].spec].parameters;
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

/// Metadata must name another leader: the connection is gone, or a request to a silent leader has timed out.
inline bool has_lost(const Context& c, ClientId client, GroupId group) {
  const Trouble trouble = route(c, client, group).trouble;
  return trouble == Trouble::lost || (trouble == Trouble::silence && clock_of(c, client, group).next_try <= c.now());
}

// ---- one client and one group ----

void lose_leader(Context& c, ClientId client, GroupId group) {
  edit_route(c, client, group).trouble = Trouble::lost;
  edit_clock(c, client, group).next_try = c.now();
}

Duration answer_delay(Context& c, ClientId client) {
  return c.world.draw(c.plan.clients[client].component, Purpose::client_answer, parameters(c, client).metadata_answer);
}

/// NOT_LEADER_OR_FOLLOWER. The refusal names the new leader (KIP-951), to which the batch goes at once; if that one
/// does not lead yet, the third attempt waits for the back-off of a batch tried twice.
void refused(Context& c, ClientId client, GroupId group) {
  // Before KIP-951 metadata must name it.
  if (!c.parameters.new_leader_in_error) return lose_leader(c, client, group);
  ClientState& state = c.state.clients[client];
  if (state.redirected_at != c.now()) {  // one answer refuses all partitions of the broker
    state.redirected_at = c.now();
    state.redirected = c.now() + c.world.draw(c.plan.clients[client].component, Purpose::client_redirect,
                                              parameters(c, client).redirect);
  }
  edit_route(c, client, group).trouble = Trouble::not_leader;
  RouteClock& clock = edit_clock(c, client, group);
  clock.next_try = state.redirected;
  clock.tries = 1;
}

void enter_trouble(Context& c, ClientId client, GroupId group) {
  RouteState& r = edit_route(c, client, group);
  RouteClock& clock = edit_clock(c, client, group);
  clock.incarnation = c.world.processes[process_of(c, group, r.leader)].incarnation;
  clock.tries = 0;
  switch (contact_to(c, client, group, r.leader)) {
    case Contact::ok: return refused(c, client, group);
    case Contact::reset: return lose_leader(c, client, group);
    case Contact::silence: break;
  }
  // A request is always under way under steady load, so its time-out runs from the moment of silence.
  r.trouble = Trouble::silence;
  clock.next_try =
      NINES_MUTATED(client_never_times_out) ? sim::Time::never() : c.now() + parameters(c, client).request_timeout;
}

/// A silent peer that answers again: the pending request gets through (same process) or is reset (a new one).
void hear_again(Context& c, ClientId client, GroupId group) {
  RouteState& r = edit_route(c, client, group);
  const Contact found = contact_to(c, client, group, r.leader);
  if (found == Contact::silence) return;
  const RouteClock& clock = clock_of(c, client, group);
  const bool same = c.world.processes[process_of(c, group, r.leader)].incarnation == clock.incarnation;
  if (found == Contact::reset || !same) return lose_leader(c, client, group);
  if (!works(c, client, group, r.leader)) return refused(c, client, group);
  r.trouble = Trouble::none;
}

/// It talks to a leader of the past without noticing, until its metadata are renewed.
void expect_metadata_age(Context& c, ClientId client, GroupId group) {
  const RouteState& seen = route(c, client, group);
  const Slot owner = c.state.groups[group].owner;
  if (seen.leader == owner || !works(c, client, group, owner)) return;
  RouteClock& clock = edit_clock(c, client, group);
  if (c.world.queue.pending(clock.retry)) return;
  const Duration left = c.world.phase(c.plan.clients[client].component, Purpose::client_metadata_phase,
                                      parameters(c, client).metadata_max_age);
  clock.retry = c.world.schedule(c.now() + left, ClientMetadataRefresh{c.service, client.value, group});
}

void expect_retry(Context& c, ClientId client, GroupId group) {
  RouteClock& clock = edit_clock(c, client, group);
  sim::EventQueue& queue = c.world.queue;
  if (reachable_leader(c, client, group) == no_slot) {
    queue.cancel(clock.retry);
    return;
  }
  clock.next_try = next_attempt(c, client, clock.next_try, clock.tries);
  if (queue.pending(clock.retry) && queue.when(clock.retry) == clock.next_try) return;
  queue.cancel(clock.retry);
  clock.retry = c.world.schedule(clock.next_try, ClientRetry{c.service, false, client.value, group});
}

void update_route(Context& c, ClientId client, GroupId group) {
  const RouteState& r = route(c, client, group);
  if (r.trouble == Trouble::none && !works(c, client, group, r.leader)) {
    c.world.queue.cancel(clock_of(c, client, group).retry);
    enter_trouble(c, client, group);
  }
  if (r.trouble == Trouble::silence && !has_lost(c, client, group)) hear_again(c, client, group);
  if (r.trouble == Trouble::not_leader) expect_retry(c, client, group);
  if (r.trouble == Trouble::none) expect_metadata_age(c, client, group);
}

inline void update_rejection(Context& c, ClientId client, GroupId group) {
  const RouteState& seen = route(c, client, group);
  const bool refused =
      seen.trouble == Trouble::none && seen.leader == c.state.groups[group].owner && rejects_all(c, group);
  if (!refused && !seen.rejected) return;
  RouteState& r = edit_route(c, client, group);
  RouteClock& clock = edit_clock(c, client, group);
  if (refused) {
    c.world.queue.cancel(clock.rejected_retry);
    if (r.rejected) return;
    r.rejected = true;
    clock.rejected_tries = 0;
    clock.rejected_next_try = c.now() + backoff(c, client, clock.rejected_tries++);
    return;
  }
  if (c.world.queue.pending(clock.rejected_retry)) return;
  clock.rejected_next_try = next_attempt(c, client, clock.rejected_next_try, clock.rejected_tries);
  clock.rejected_retry = c.world.schedule(clock.rejected_next_try, ClientRetry{c.service, true, client.value, group});
}

// ---- one client's connections ----

/// The broker at which the client's acks=all requests for the group wait for replicas; nobody if they do not.
/// REQUIRES: a producer, and a topic that is written to with acks=all.
Position stalling_broker(const Context& c, GroupId id, const GroupState& group, const RouteState& r) {
  if (r.trouble != Trouble::none || r.rejected) return nobody;
  const bool answered = r.leader == group.owner && group.flow.acknowledges;
  return answered ? nobody : c.broker_of(id, r.leader);
}

bool may_stall(const Context& c, ClientId client, GroupId group) {
  return c.plan.clients[client].role == ClientRole::producer && c.topic_of(group).records_all_per_s > 0;
}

/// Everything that some client sends to the broker is held up from now on, or no longer.
void connections_changed(Context& c, Position broker) {
  const std::size_t clients = c.plan.clients.size();
  for (const auto& [group, slot] : c.hosted(broker)) {
    const RouteState* const routes = routes_to(c, group);
    for (std::size_t client = 0; client < clients; ++client) {
      if (routes[client].leader != slot) continue;
      c.state.clients_held.insert(group);
      break;
    }
  }
}

void update_stalls(Context& c, GroupId group) {
  const RouteState* const routes = routes_to(c, group);
  for (const ClientId client : c.plan.clients.ids()) {
    if (!may_stall(c, client, group)) continue;
    const Position before = routes[client.value].stalled_at;
    const Position now = stalling_broker(c, group, c.state.groups[group], routes[client.value]);
    if (now == before) continue;
    edit_route(c, client, group).stalled_at = now;
    auto& changed = c.state.connections_changed;
    if (before != nobody && --stalls_at(c, client, before) == 0) changed.push_back(before);
    if (now != nobody && ++stalls_at(c, client, now) == 1) changed.push_back(now);
  }
}

/// Inserts the groups that hang on a connection which has begun or ceased to stall.
void hold_groups(Context& c) {
  std::vector<Position>& changed = c.state.connections_changed;
  if (changed.empty()) return;
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const Position broker : changed) connections_changed(c, broker);
  changed.clear();
}

/// Brokers would answer, but each of them holds a stalled request of the client.
bool all_held_up(const Context& c, ClientId client) {
  bool any = false;
  for (Position broker = 0; broker < c.state.brokers.size(); ++broker) {
    if (!serves(c, broker) || client_contact(c, client, broker) != Contact::ok) continue;
    if (!held_up_at(c, client, broker)) return false;
    any = true;
  }
  return any;
}

/// What metadata would do for a client.
struct Need {
  bool lost = false;                     ///< it has lost a leader
  sim::Time since = sim::Time::never();  ///< first of these
  bool helps = false;                    ///< another one leads now
  sim::Time hears = sim::Time::never();  ///< first time-out of a request to a silent leader that another has replaced
};

Need need_of(const Context& c, ClientId client) {
  Need need;
  c.state.clients_lost.each([&](GroupId group) {
    const RouteState& r = route(c, client, group);
    if (r.trouble != Trouble::lost && r.trouble != Trouble::silence) return;
    const RouteClock& clock = clock_of(c, client, group);
    if (has_lost(c, client, group) && need.helps) {
      need.since = std::min(need.since, clock.next_try);
      return;
    }
    const bool replaced = reachable_leader(c, client, group) != no_slot;
    if (has_lost(c, client, group)) {
      need.lost = true;
      need.since = std::min(need.since, clock.next_try);
      need.helps = need.helps || replaced;
    } else if (replaced) {
      need.hears = std::min(need.hears, clock.next_try);
    }
  });
  return need;
}

template <class E>
void expect_answer(Context& c, ClientState& state, sim::Time at, const E& event) {
  c.world.queue.cancel(state.answer);
  state.answer = c.world.schedule(at, event);
  state.awaits_timeout = std::is_same_v<E, ClientTimedOut>;
}

/// Records with acks=all that the client sends to the broker in a second.
double sent_to(const Context& c, ClientId client, Position broker) {
  double records = 0;
  for (const auto& [group, slot] : c.hosted(broker)) {
    const RouteState& r = route(c, client, group);
    if (r.trouble != Trouble::none || r.leader != slot) continue;
    records += c.topic_of(group).records_all_per_s * c.plan.groups[group].partitions;
  }
  return records;
}

/// Whether a producer whose requests are not answered takes longer than this to fill all its connections: no request
/// for metadata goes out after that. One request a record, or a linger time.
bool fills_connections_after(const Context& c, ClientId client, Duration time) {
  const ClientParameters& p = parameters(c, client);
  const double programs = c.plan.programs[static_cast<std::size_t>(ClientRole::producer)];
  for (Position broker = 0; broker < c.state.brokers.size(); ++broker) {
    if (!serves(c, broker) || client_contact(c, client, broker) != Contact::ok) continue;
    const double records = sent_to(c, client, broker);
    if (records <= 0) return true;  // never
    const Duration apart = std::max(p.linger, Duration::from_seconds(programs / records));
    if (apart * p.max_in_flight > time) return true;
  }
  return false;
}

/// The back-off clock of a client's metadata requests: runs while it asks in vain. A producer's first request goes out
/// at once if there is room for it; it then waits behind a stalled one at its broker, and is answered as soon as that
/// is. Returns whether a connection has just become free for it.
bool run_clock(Context& c, ClientId client, const Need& need) {
  ClientState& state = c.state.clients[client];
  if (!need.lost) {
    state.asking = state.held_up = false;
    return false;
  }
  if (!state.asking) {
    const Duration notice =
        c.world.draw(c.plan.clients[client].component, Purpose::client_notice, parameters(c, client).disconnect_notice);
    state.asking = true;
    state.next_request = need.since + notice;
    state.tries = 0;
    const bool writes = c.plan.clients[client].role == ClientRole::producer;
    state.queued = writes && fills_connections_after(c, client, notice);
  }
  const bool was_held_up = state.held_up;
  state.held_up = all_held_up(c, client);
  const bool freed = state.queued && was_held_up && !state.held_up;
  if (freed) state.next_request = c.now();
  return freed;
}

/// Sees to it that the client hears of its new leaders when it should.
void update_request(Context& c, ClientId client) {
  ClientState& state = c.state.clients[client];
  if (c.state.clients_lost.empty() && !state.asking && !c.world.queue.pending(state.answer)) return;
  const Need need = need_of(c, client);
  const bool freed = run_clock(c, client, need);
  const bool on_its_way = c.world.queue.pending(state.answer) && !state.awaits_timeout;
  if (on_its_way && need.lost && need.helps && c.world.queue.when(state.answer) <= need.hears) return;
  sim::Time request = sim::Time::never();
  if (need.helps && !state.held_up) {
    state.next_request = next_attempt(c, client, state.next_request, state.tries);
    request = state.next_request;
  }
  if (request == sim::Time::never() && need.hears == sim::Time::never()) {
    c.world.queue.cancel(state.answer);
    return;
  }
  if (need.hears < request) {
    if (state.awaits_timeout && c.world.queue.when(state.answer) == need.hears) return;
    return expect_answer(c, state, need.hears, ClientTimedOut{c.service, client.value});
  }
  const Duration way = answer_delay(c, client);
  if (freed) return expect_answer(c, state, request + way, ClientFreed{c.service, client.value});
  expect_answer(c, state, request + way, ClientRefreshed{c.service, client.value});
}

inline bool sli_holds(const Context& c, const SliPlan& sli, GroupId id, const GroupState& group, const RouteState& r) {
  if (r.trouble != Trouble::none) return false;
  const bool current = r.leader == group.owner;
  if (!in_time(c, sli, id)) return false;
  switch (sli.kind) {
    case SliKind::write:
      return current && !r.rejected && group.flow.acknowledges && !held_up_at(c, sli.client, c.broker_of(id, r.leader));
    case SliKind::write_acks1: return true;
    case SliKind::read: return true;
    case SliKind::visible: return current && group.flow.advances;
  }
  return false;
}

inline bool sli_held(const Context& c, const SliPlan& sli, GroupId group) {
  return c.world.measurement.down_since[sli.index][group.value] == sim::Time::never();
}

/// Records of an interrupted write that the producers gave up: those that waited longer than delivery.timeout.ms, and
/// those that found the buffer full and send() blocked for longer than max.block.ms. Fluid: offered rate times time.
double given_up(const Context& c, const SliPlan& sli, GroupId group, Duration interruption) {
  const ClientParameters& p = parameters(c, sli.client);
  const TopicPlan& topic = c.plan.topics[c.plan.groups[group].topic];
  const auto programs = c.plan.programs[static_cast<std::size_t>(role_of(sli.kind))];
  const double share = c.plan.groups[group].partitions / static_cast<double>(programs);
  const double rate = (sli.kind == SliKind::write ? topic.records_all_per_s : topic.records_one_per_s) * share;
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
  const Duration interruption = c.now() - c.world.measurement.down_since[sli.index][group.value];
  if (interruption <= c.plan.clients[sli.client].patience) return;
  const double records = given_up(c, sli, group, interruption);
  if (records > 0) c.world.measurement.given_up.push_back({c.now(), sli.index, records});
}

void update_sli(Context& c, const SliPlan& sli, GroupId group, bool holds) {
  if (holds == sli_held(c, sli, group)) return;
  if (holds) account_given_up(c, sli, group);
  measurement::set_status(c.world, sli.index, group, holds);
}

void update_slis(Context& c, GroupId id) {
  if (c.topic_of(id).internal) return;
  const GroupState& group = c.state.groups[id];
  const RouteState* const routes = routes_to(c, id);
  for (const SliPlan& sli : c.plan.slis) update_sli(c, sli, id, sli_holds(c, sli, id, group, routes[sli.client.value]));
}

/// Part of a role's programs.
double share_of(const Context& c, std::uint32_t routed, ClientRole role) {
  const std::uint32_t programs = c.plan.programs[static_cast<std::size_t>(role)];
  if (routed == 0 || routed == programs) return routed == 0 ? 0.0 : 1.0;
  return static_cast<double>(routed) / static_cast<double>(programs);
}

/// Connections by which clients send to the group have begun or ceased to stall, and nothing else is new about it: what
/// hangs on that is how many records with acks=all it gets, and the SLIs of these.
void look_at_stalls(Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  if (!group.flow.acknowledges) return;  // it stalls itself, and gets none anyway
  const GroupPlan& plan = c.plan.groups[id];
  const TopicPlan& topic = c.plan.topics[plan.topic];
  const RouteState* const routes = routes_to(c, id);
  const std::uint16_t* const stalls = &c.state.stalls[c.broker_of(id, group.owner) * c.plan.clients.size()];
  const auto gets_through = [&](ClientId client) {
    const RouteState& r = routes[client.value];
    return r.trouble == Trouble::none && r.leader == group.owner && stalls[client.value] == 0;
  };
  if (topic.records_all_per_s > 0) {
    std::uint32_t routed = 0;
    for (const ClientId client : c.plan.producers) routed += gets_through(client) ? 1U : 0U;
    const double taken = accepted_share(c, c.broker_of(id, group.owner));
    set_acks_all_rate(c, id, topic.records_all_per_s * share_of(c, routed, ClientRole::producer) * taken);
  }
  if (topic.internal) return;
  for (const SliPlan& sli : c.plan.write_slis)
    update_sli(c, sli, id, gets_through(sli.client) && !routes[sli.client.value].rejected && in_time(c, sli, id));
}

/// Nobody is in trouble: what is to be done about the group does not depend on the time.
bool clients_served(const Context& c, GroupId group) {
  for (const RouteState& r : std::span(routes_to(c, group), c.plan.clients.size())) {
    if (r.trouble != Trouble::none || r.rejected) return false;
  }
  return true;
}

/// Some client needs metadata to find another leader, or will.
bool some_lost(const Context& c, GroupId group) {
  for (const RouteState& r : std::span(routes_to(c, group), c.plan.clients.size())) {
    if (r.trouble == Trouble::lost || r.trouble == Trouble::silence) return true;
  }
  return false;
}

void check_looks(const Context& c) {
  if (!probing) return;
  assert(sees_truly(c));
  for (const GroupId group : c.plan.groups.ids()) {
    const bool waits = c.state.clients_unseen.contains(group) || c.state.clients_troubled.contains(group);
    assert(waits || clients_at_rest(c, group));
    assert(waits || !some_lost(c, group) || c.state.clients_lost.contains(group));
  }
}

}  // namespace

RoutedShares routed_shares(const Context& c, GroupId group, Slot slot) {
  const std::size_t clients = c.plan.clients.size();
  const RouteState* const routes = routes_to(c, group);
  const std::uint16_t* const stalls = &c.state.stalls[c.broker_of(group, slot) * clients];
  const ClientPlan* const plans = &c.plan.clients[ClientId::of(0)];
  std::uint32_t all = 0;
  std::uint32_t one = 0;
  for (std::size_t client = 0; client < clients; ++client) {
    const RouteState& r = routes[client];
    const unsigned routed = r.trouble == Trouble::none && r.leader == slot && stalls[client] == 0 ? 1U : 0U;
    all += plans[client].role == ClientRole::producer ? routed : 0U;
    one += plans[client].role == ClientRole::producer_acks1 ? routed : 0U;
  }
  return {share_of(c, all, ClientRole::producer), share_of(c, one, ClientRole::producer_acks1)};
}

void forget_slot(Context& c, GroupId group, Slot slot) {
  for (const ClientId client : c.plan.clients.ids()) {
    const RouteState& seen = route(c, client, group);
    if (seen.leader != slot) continue;
    if (seen.trouble == Trouble::none) {
      c.world.queue.cancel(clock_of(c, client, group).retry);
      lose_leader(c, client, group);
    }
    RouteState& r = edit_route(c, client, group);
    // With its time-out, if it waits for one: `lost` asks from `next_try` on.
    if (r.trouble == Trouble::silence) r.trouble = Trouble::lost;
    r.leader = no_slot;
    c.state.clients_unseen.insert(group);
  }
}

bool clients_at_rest(const Context& c, GroupId group) {
  if (!clients_served(c, group)) return false;
  const Slot owner = c.state.groups[group].owner;
  const Flow flow = flow_of(c, group);
  const Flow& seen = c.state.groups[group].flow;
  if (flow != seen) return false;
  for (const ClientId client : c.plan.clients.ids()) {
    const RouteState& r = route(c, client, group);
    const bool stalls = may_stall(c, client, group);
    const Position broker = stalls ? stalling_broker(c, group, c.state.groups[group], r) : nobody;
    if (r.stalled_at != broker) return false;
    if (!works(c, client, group, r.leader) || (r.leader == owner && rejects_all(c, group))) return false;
    const bool may_move = r.leader != owner && works(c, client, group, owner);
    if (may_move && !c.world.queue.pending(clock_of(c, client, group).retry)) return false;
  }
  if (!rates_current(c, group)) return false;
  if (c.topic_of(group).internal) return true;
  for (const SliPlan& sli : c.plan.slis) {
    const RouteState& r = route(c, sli.client, group);
    if (sli_holds(c, sli, group, c.state.groups[group], r) != sli_held(c, sli, group)) return false;
  }
  return true;
}

namespace {

/// The leader takes what every client sends to it: neither routes nor rejections can change, and nobody is in trouble.
/// REQUIRES: the group's flow has been looked at.
bool all_sent_on(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  if (!group.flow.leads || rejects_all(c, id)) return false;
  const std::size_t clients = c.plan.clients.size();
  const RouteState* const routes = routes_to(c, id);
  const Contact* const contacts = &c.state.client_contacts[c.broker_of(id, group.owner) * clients];
  for (std::size_t client = 0; client < clients; ++client) {
    const RouteState& r = routes[client];
    if (r.trouble != Trouble::none || r.rejected || r.leader != group.owner) return false;
    if (contacts[client] != Contact::ok) return false;
  }
  return true;
}

void look_at_clients(Context& c, GroupId group) {
  ++c.state.looks.clients;
  const Flow flow = flow_of(c, group);
  if (flow != c.state.groups[group].flow) c.state.groups.edit(group).flow = flow;
  bool served = true;
  bool lost = false;
  if (!all_sent_on(c, group)) {
    for (const ClientId client : c.plan.clients.ids()) {
      update_route(c, client, group);
      update_rejection(c, client, group);
    }
    served = clients_served(c, group);
    lost = !served && some_lost(c, group);
  }
  update_stalls(c, group);
  served ? c.state.clients_troubled.erase(group) : c.state.clients_troubled.insert(group);
  lost ? c.state.clients_lost.insert(group) : c.state.clients_lost.erase(group);
}

/// One stalled connection concerns every partition that a broker leads, far apart in memory.
constexpr std::size_t ahead = 4;
void fetch_ahead(const Context& c, GroupId group) {
  __builtin_prefetch(&c.state.groups[group]);
  __builtin_prefetch(&c.state.logs[group]);
  __builtin_prefetch(&route(c, ClientId::of(0), group));
}

}  // namespace

void clients_changed(Context& c) {
  see_brokers(c);
  see_paths(c);
  check_looks(c);
  if (c.state.clients_unseen.empty()) return;
  c.state.clients_unseen.each([&](GroupId group) { look_at_clients(c, group); });
  hold_groups(c);
  for (const ClientId client : c.plan.clients.ids()) update_request(c, client);
  // In one order, whatever they are looked at for: sums over groups depend on it.
  struct Look {
    GroupId group;
    bool all;  ///< routes may have changed; else only that connections stall
  };
  thread_local std::vector<Look> looks;  // only its memory is kept
  looks.clear();
  GroupSet::each_of(c.state.clients_unseen, c.state.clients_held, [&](GroupId group, bool unseen) {
    looks.push_back({group, unseen});
  });
  c.state.clients_unseen.reset();
  c.state.clients_held.reset();
  for (std::size_t i = 0; i < looks.size(); ++i) {
    if (i + ahead < looks.size()) fetch_ahead(c, looks[i + ahead].group);
    if (!looks[i].all) {
      ++c.state.looks.stalls;
      look_at_stalls(c, looks[i].group);
      continue;
    }
    update_rates(c, looks[i].group);
    update_slis(c, looks[i].group);
  }
  records_flow(c);
  service::answers_changed(c.world, ServiceId::of(c.service));
}

bool clients_healthy(const Context& c) {
  const auto touched = c.state.routes.touched();  // in a resting world all are
  return std::all_of(touched.begin(), touched.end(), [&](std::uint32_t at) {
    const RouteState& r = c.state.routes[at];
    return r.trouble == Trouble::none && !r.rejected;
  });
}

namespace {

void send_to(Context& c, ClientId client, GroupId group, Slot leader) {
  RouteState& r = edit_route(c, client, group);
  r.leader = leader;
  r.trouble = Trouble::none;
  edit_clock(c, client, group).tries = 0;
  c.state.clients_unseen.insert(group);
}

/// The client has an answer with the present leaders: it sends to those that have replaced the ones it lost.
void metadata_answered(Context& c, ClientId client) {
  bool new_leader = false;
  c.state.clients_lost.each([&](GroupId group) {
    if (!has_lost(c, client, group)) return;
    const Slot leader = reachable_leader(c, client, group);
    if (leader == no_slot) return;
    send_to(c, client, group, leader);
    new_leader = true;
  });
  c.world.stale = !new_leader;
  if (!new_leader) return;
  // Metadata that show something new begin the back-off afresh.
  ClientState& state = c.state.clients[client];
  state.tries = 0;
  state.next_request = c.now() + backoff(c, client, state.tries++);
  clients_changed(c);
}

}  // namespace

void on(World& world, const ClientRetry& event) {
  Context c = context(world, event.service);
  const ClientId client = ClientId::of(event.client);
  RouteState& r = edit_route(c, client, event.group);
  if (event.rejected) {
    world.stale = rejects_all(c, event.group);
    if (world.stale) return;
    r.rejected = false;
    c.state.clients_unseen.insert(event.group);
    return clients_changed(c);
  }
  const Slot leader = reachable_leader(c, client, event.group);
  world.stale = r.trouble != Trouble::not_leader || leader == no_slot;
  if (world.stale) return;
  if (clock_of(c, client, event.group).tries == 1)
    world.set_by(inputs::redirect);  // the leader that it was told of leads already
  send_to(c, client, event.group, leader);
  clients_changed(c);
}

void on(World& world, const ClientRefreshed& event) {
  Context c = context(world, event.service);
  metadata_answered(c, ClientId::of(event.client));
}

void on(World& world, const ClientFreed& event) {
  Context c = context(world, event.service);
  metadata_answered(c, ClientId::of(event.client));
}

void on(World& world, const ClientTimedOut& event) {
  Context c = context(world, event.service);
  metadata_answered(c, ClientId::of(event.client));
}

void on(World& world, const ClientMetadataRefresh& event) {
  Context c = context(world, event.service);
  const ClientId client = ClientId::of(event.client);
  const RouteState& r = route(c, client, event.group);
  const Slot leader = reachable_leader(c, client, event.group);
  world.stale = r.trouble != Trouble::none || leader == no_slot || leader == r.leader;
  if (world.stale) return;
  send_to(c, client, event.group, leader);
  clients_changed(c);
}

}  // namespace nines::models::kafka
