#include "models/rabbitmq/consumers.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "models/mutation.hpp"
#include "models/rabbitmq/classic.hpp"
#include "models/rabbitmq/client.hpp"
#include "models/rabbitmq/load.hpp"
#include "models/rabbitmq/single_active.hpp"

namespace nines::models::rabbitmq {

namespace {

using delivery::End;
using sim::Time;

constexpr std::string_view rule_automatic =
    "automatic acknowledgement: what had been sent to a consumer that was lost counted as consumed";
constexpr std::string_view rule_limit = "delivery limit: a quorum queue dropped what came back too often";

/// Messages less than this are none.
constexpr double no_messages = 1e-6;
/// From this on people are told of it.
constexpr double worth_telling = 1;

bool consumes(const Context& c, std::uint16_t access) {
  return c.plan.slis[c.plan.accesses[access].sli].kind == SliKind::deliver;
}
const ClientSpec& client_of(const Context& c, std::uint16_t access) {
  return c.spec.clients[c.plan.slis[c.plan.accesses[access].sli].client];
}
Queue& queue_of(const Context& c, std::uint16_t access) { return c.queue(c.plan.accesses[access].queue); }

delivery::Rules rules_of(const Context& c, Number queue) {
  const std::int64_t limit = c.queue_spec(queue).delivery_limit;
  return {limit == limit_by_version ? c.parameters.delivery_limit : limit, c.is_quorum(queue),
          c.parameters.disconnected_timeout <= Duration()};
}

/// What waits for this consumer, of what waits in its queue.
double waiting_for(const Context& c, std::uint16_t access) {
  const Queue& queue = queue_of(c, access);
  return queue.consumed > 0 ? queue.backlog * c.state.accesses[access].takes / queue.consumed : 0;
}

/// What it holds over its present connection; none if that has been set apart or given back.
Held* held_of(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  for (Held& held : queue_of(c, access).held) {
    if (held.access == access && !held.left && held.node == its.node && held.life == its.life) return &held;
  }
  return nullptr;
}

void erase(Context& c, Queue& queue, std::size_t index) {
  const Held& held = queue.held[index];
  for (const sim::TimerId timer : {held.timer, held.lost_timer}) c.world.queue.cancel(timer);
  queue.held.erase(queue.held.begin() + static_cast<std::ptrdiff_t>(index));
}

void tell(Context& c, Number number, std::uint16_t access, const delivery::Returned& returned) {
  Queue& queue = c.queue(number);
  queue.backlog += returned.again;
  c.world.measurement.redelivered += returned.again;
  const auto id = c.service.value;
  if (returned.again >= worth_telling) c.world.note(Redelivered{id, access}, std::llround(returned.again));
  if (returned.dropped <= no_messages) return;
  const CauseScope because(c.world, c.world.note(DeliveryLimitReached{id, number}, std::llround(returned.dropped)));
  if (!c.queue_spec(number).dead_letter) lose(c, number, returned.dropped, rule_limit, true);
}

void hand_back(Context& c, Number number, std::size_t index, End end) {
  Queue& queue = c.queue(number);
  const Held held = queue.held[index];
  erase(c, queue, index);
  if (NINES_MUTATED(unacknowledged_forgotten)) return;
  tell(c, number, held.access, delivery::give_back(rules_of(c, number), queue.line, held.messages, end));
}

/// Why it is gone for the queue, if the queue's process on `teller` has heard of it.
std::optional<End> heard_of(Context& c, Number teller, Subscriber& its, Number number) {
  const Node& node = c.node(its.node);
  // Over a path that works again a client that has left answers its node with a reset.
  if (its.left && !its.ended) {
    const ClientPlan& client = c.plan.clients[c.plan.slis[c.plan.accesses[its.access].sli].client];
    its.ended = contact(c.world, client.place, c.process(its.node)) != Contact::silence;
  }
  const bool ended = its.ended || node.life != its.life || node.stage != Stage::runs;
  if (teller == its.node) return ended ? std::optional(End::channel) : std::nullopt;
  if (c.link(teller, its.node).up) {
    its.lost_since = Time::never();
    c.world.queue.cancel(its.lost_timer);
    return ended && reaches(c, teller, its.node) ? std::optional(End::channel) : std::nullopt;
  }
  const Duration patience = c.parameters.disconnected_timeout;
  if (patience <= Duration() || !c.is_quorum(number)) return End::node;
  if (its.lost_since == Time::never()) its.lost_since = c.now();
  const Time given_up = its.lost_since + patience;
  if (c.now() >= given_up) return End::node;
  // Another patience than the timer was set with: the design has been changed meanwhile.
  if (!c.world.queue.pending(its.lost_timer) || c.world.queue.when(its.lost_timer) != given_up) {
    c.world.queue.cancel(its.lost_timer);
    its.lost_timer = c.world.schedule(given_up, ConsumerNodeGivenUp{c.service.value, number, its.number});
  }
  return std::nullopt;
}

void look_at_held_of(Context& c, Number number) {
  Queue& queue = c.queue(number);
  for (std::size_t i = 0; i < queue.held.size();) {
    Held& held = queue.held[i];
    // What is acknowledged when it is sent is no longer the queue's: it is lost with its consumer.
    if (terms_of(c, held.access).automatic) {
      ++i;
      continue;
    }
    const std::optional<End> end = given_up(c, number, held);
    if (!end) {
      ++i;
      continue;
    }
    hand_back(c, number, i, *end);
  }
}

/// Consumers that are served by the queue.
int working(const Context& c, Number queue) {
  int count = 0;
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    count += c.plan.accesses[access].queue == queue && consumes(c, access) &&
                     c.state.accesses[access].channel == Channel::works
                 ? 1
                 : 0;
  }
  return count;
}

// ---- consumer_timeout ----

/// Channels look at their ticks; from 4.3 on quorum queues do, at once, and nobody else.
bool has_timeout(const Context& c, std::uint16_t access) {
  if (!consumes(c, access) || c.parameters.consumer_timeout <= Duration() || terms_of(c, access).automatic)
    return false;
  const Number queue = c.plan.accesses[access].queue;
  if (c.is_stream(queue)) return false;
  return c.parameters.channel_tick > Duration() || c.is_quorum(queue);
}

/// How long it has held what it works on. What was there when it subscribed was sent then; later ones as they came, or
/// as others were acknowledged.
Duration held_for(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  const Queue& queue = queue_of(c, access);
  const Duration subscribed = c.now() - its.sent_since;
  if (its.taken < its.granted) return subscribed;
  const auto prefetch = static_cast<double>(terms_of(c, access).prefetch);
  const double waits = waiting_for(c, access);
  double seconds = c.parameters.residence.to_seconds();
  if (prefetch > 0 && its.takes > 0) seconds = std::max(seconds, std::min(waits, prefetch) / its.takes);
  if (prefetch <= 0 && queue.published > 0) seconds = std::max(seconds, queue.backlog / queue.published);
  return seconds < subscribed.to_seconds() ? Duration::from_seconds(seconds) : subscribed;
}

/// When it will have held one for too long; never() if it does not come to that.
Time too_long_at(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  const Queue& queue = queue_of(c, access);
  const Duration most = c.parameters.consumer_timeout;
  Time at = its.sent_since + most;
  if (its.taken >= its.granted) {
    const double growth = queue.published - queue.consumed;
    const bool grows = terms_of(c, access).prefetch <= 0 && growth > 0;
    if (held_for(c, access) < most) {
      if (!grows) return Time::never();
      constexpr double longest_s = 1e9;
      const double seconds = (most.to_seconds() * queue.published - queue.backlog) / growth;
      if (seconds > longest_s) return Time::never();
      at = std::max(at, c.now() + Duration::from_seconds(std::max(seconds, 0.0)));
    }
  }
  at = std::max(at, c.now());
  if (c.parameters.channel_tick <= Duration()) return at;
  return sim::Grid{its.since, c.parameters.channel_tick}.after(at);
}

}  // namespace

bool knows_consumers(const Context& c, Number number) {
  const Queue& queue = c.queue(number);
  if (c.is_quorum(number)) return queue.serves && queue.leader != nobody && serves(c, queue.leader);
  return is_master_of(c, number, queue.home) && serves(c, queue.home);
}

std::optional<delivery::End> given_up(Context& c, Number number, Subscriber& its) {
  const Queue& queue = c.queue(number);
  if (c.is_quorum(number)) {
    if (knows_consumers(c, number)) return heard_of(c, queue.leader, its, number);
  } else if (its.process == queue.process && is_master_of(c, number, its.master)) {
    if (serves(c, its.master)) return heard_of(c, its.master, its, number);
  } else if (knows_consumers(c, number)) {
    return End::requeued;
  }
  return std::nullopt;
}

void send_in_vain(Context& c, Number number, const Subscriber& subscriber, double most) {
  Queue& queue = c.queue(number);
  const double messages = std::min(queue.backlog, most);
  if (messages <= no_messages) return;
  queue.backlog -= messages;
  Held held;
  static_cast<Subscriber&>(held) = subscriber;
  held.timer = held.lost_timer = {};
  held.lost_since = Time::never();
  held.number = ++queue.helds;
  held.since = c.now();
  held.messages = delivery::send(queue.line, messages);
  if (held.left && terms_of(c, held.access).automatic) return lose(c, number, messages, rule_automatic, true);
  queue.held.push_back(std::move(held));
}

delivery::Terms terms_of(const Context& c, std::uint16_t access) {
  const ClientSpec& client = client_of(c, access);
  return {client.acknowledge == Acknowledge::automatic, client.prefetch};
}

double held_messages(const Queue& queue) {
  double messages = 0;
  for (const Held& held : queue.held) messages += delivery::total(held.messages);
  return messages;
}

double held_waiting(const Queue& queue) {
  double messages = 0;
  for (const Held& held : queue.held) messages += std::max(delivery::total(held.messages) - held.worked_on, 0.0);
  return messages;
}

sim::Time held_since(const Queue& queue) {
  Time since = Time::never();
  for (const Held& held : queue.held) since = std::min(since, held.since);
  return since;
}

void consumer_stops(Context& c, std::uint16_t access) {
  if (!consumes(c, access)) return;
  Access& its = c.state.accesses[access];
  Queue& queue = queue_of(c, access);
  const Duration each = c.parameters.residence;
  const double messages = delivery::outstanding(terms_of(c, access), its.takes, each, waiting_for(c, access));
  const double worked_on = std::min(messages, its.takes * each.to_seconds());
  queue.consumed = std::max(queue.consumed - std::exchange(its.takes, 0), 0.0);
  // A stream's consumer goes on where it was: what it had read and not acknowledged is nobody else's.
  if (messages <= no_messages || c.is_stream(c.plan.accesses[access].queue)) return;
  Held& held = queue.held.emplace_back();
  held.number = ++queue.helds;
  held.access = access;
  held.node = its.node;
  held.life = its.life;
  held.since = c.now();
  if (!c.is_quorum(c.plan.accesses[access].queue)) {
    held.master = queue.home;
    held.process = queue.process;
  }
  held.messages = delivery::send(queue.line, messages);
  held.worked_on = worked_on;
  queue.backlog = std::max(queue.backlog - (messages - worked_on), 0.0);
}

void consumer_goes_on(Context& c, std::uint16_t access) {
  if (!consumes(c, access)) return;
  Access& its = c.state.accesses[access];
  Queue& queue = queue_of(c, access);
  if (const Held* held = held_of(c, access)) {
    delivery::keep(queue.line, held->messages);
    queue.backlog += std::max(delivery::total(held->messages) - held->worked_on, 0.0);
    erase(c, queue, static_cast<std::size_t>(held - queue.held.data()));
  }
  const Subscription* subscribed = subscription_of(c, access);
  const bool waits =
      c.queue_spec(c.plan.accesses[access].queue).single_active && (subscribed == nullptr || !subscribed->active);
  its.granted = its.taken = 0;
  if (!waits) sends_to(c, access);
}

void sends_to(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Queue& queue = queue_of(c, access);
  const Number number = c.plan.accesses[access].queue;
  const auto prefetch = static_cast<double>(terms_of(c, access).prefetch);
  its.granted = queue.backlog / (c.queue_spec(number).single_active ? 1 : std::max(working(c, number), 1));
  if (prefetch > 0) its.granted = std::min(its.granted, prefetch);
  its.taken = 0;
  its.sent_since = c.now();
}

void consumer_ends(Context& c, std::uint16_t access) {
  if (!consumes(c, access)) return;
  if (Subscription* its = subscription_of(c, access)) its->left = true;
  Held* held = held_of(c, access);
  if (held == nullptr) return;
  Queue& queue = queue_of(c, access);
  held->left = true;
  if (terms_of(c, access).automatic) {
    lose(c, c.plan.accesses[access].queue, delivery::total(held->messages), rule_automatic, true);
    erase(c, queue, static_cast<std::size_t>(held - queue.held.data()));
  }
}

void consumer_falls_silent(Context& c, std::uint16_t access) {
  if (!consumes(c, access)) return;
  Subscriber* its = subscription_of(c, access);
  if (its == nullptr) its = held_of(c, access);
  const Duration heartbeat = client_of(c, access).parameters.heartbeat;
  if (its == nullptr || heartbeat <= Duration()) return;
  // rabbit_heartbeat: it looks once a heartbeat, and closes when nothing came between three looks.
  const ComponentId client = c.plan.clients[c.plan.slis[c.plan.accesses[access].sli].client].component;
  const Duration to_look = heartbeat - c.world.phase(client, Purpose::client_notice, heartbeat);
  its->timer = c.world.schedule(c.now() + heartbeat * 2 + to_look,
                                ConsumerGivenUp{c.service.value, c.plan.accesses[access].queue, its->number});
}

void consumer_is_heard(Context& c, std::uint16_t access) {
  if (!consumes(c, access)) return;
  if (Subscription* its = subscription_of(c, access)) c.world.queue.cancel(its->timer);
  if (Held* held = held_of(c, access)) c.world.queue.cancel(held->timer);
}

void requeue_all(Context& c, Number number) {
  Queue& queue = c.queue(number);
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (c.plan.accesses[access].queue != number || !consumes(c, access) || its.takes <= 0) continue;
    if (terms_of(c, access).automatic) continue;
    const Duration each = c.parameters.residence;
    const double messages = delivery::outstanding(terms_of(c, access), its.takes, each, waiting_for(c, access));
    const double worked_on = std::min(messages, its.takes * each.to_seconds());
    // The rest has never left what waits.
    queue.backlog = std::max(queue.backlog - (messages - worked_on), 0.0);
    queue.consumed = std::max(queue.consumed - std::exchange(its.takes, 0), 0.0);
    tell(c, number, access, {messages, 0});
  }
  for (std::size_t i = 0; i < queue.held.size();) {
    if (terms_of(c, queue.held[i].access).automatic)
      ++i;
    else
      hand_back(c, number, i, End::requeued);
  }
}

void forget_held(Context& c, Number number) {
  Queue& queue = c.queue(number);
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (c.plan.accesses[access].queue == number && consumes(c, access)) c.state.accesses[access].takes = 0;
  }
  queue.consumed = 0;
  while (!queue.held.empty()) erase(c, queue, 0);
  forget_subscriptions(c, number);
  queue.line = {};
}

void look_at_held(Context& c) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.queue(queue).held.empty()) look_at_held_of(c, queue);
  }
}

void look_at_consumer_timeouts(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    const bool waits = its.takes > 0 && queue_of(c, access).backlog > 0;
    c.world.queue.cancel(its.patience_timer);
    if (!waits || its.channel != Channel::works || !has_timeout(c, access)) continue;
    const Time at = too_long_at(c, access);
    if (at != Time::never()) its.patience_timer = c.world.schedule(at, ConsumerLookedAt{c.service.value, access});
  }
}

// ---- events ----

void on(World& world, const ConsumerGivenUp& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  Queue& queue = c.queue(event.queue);
  const auto is_it = [&](const Subscriber& its) { return its.number == event.held; };
  const auto held = std::find_if(queue.held.begin(), queue.held.end(), is_it);
  const auto subscribed = std::find_if(queue.subscriptions.begin(), queue.subscriptions.end(), is_it);
  world.stale = held == queue.held.end() && subscribed == queue.subscriptions.end();
  if (world.stale) return;
  if (held != queue.held.end()) held->ended = true;
  if (subscribed != queue.subscriptions.end()) channel_ended(queue, *subscribed);
  settle(c);
}

void on(World& world, const ConsumerNodeGivenUp& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  settle(c);
}

void on(World& world, const ConsumerLookedAt& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  const Access& its = c.state.accesses[event.access];
  if (its.channel != Channel::works || held_for(c, event.access) < c.parameters.consumer_timeout) {
    world.stale = true;
    return look_at_consumer_timeouts(c);
  }
  const CauseScope because(world, world.note(ConsumerTimedOut{event.service, event.access}));
  if (c.parameters.channel_tick > Duration()) {
    close_channel(c, event.access);
    return settle(c);
  }
  // rabbit_fifo evaluate_consumer_timeout: the queue takes back what was held for too long, and sends no more to that
  // consumer; its channel tells the client by basic.cancel, and stays. What is left comes back as it grows as old.
  cancel_consumer(c, event.access);
  const Number number = c.plan.accesses[event.access].queue;
  if (const Held* held = held_of(c, event.access))
    hand_back(c, number, static_cast<std::size_t>(held - c.queue(number).held.data()), End::released);
  unsubscribe(c, event.access);
  settle(c);
}

}  // namespace nines::models::rabbitmq
