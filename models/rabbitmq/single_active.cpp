#include "models/rabbitmq/single_active.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "models/rabbitmq/consumers.hpp"

namespace nines::models::rabbitmq {

namespace {

bool is_consumer_of(const Context& c, std::uint16_t access, Number queue) {
  return c.plan.accesses[access].queue == queue && c.plan.slis[c.plan.accesses[access].sli].kind == SliKind::deliver;
}

/// The subscription is over the channel that its consumer has now.
bool is_present(const Context& c, const Subscription& its) {
  const Access& access = c.state.accesses[its.access];
  return !its.left && its.node == access.node && its.life == access.life;
}
bool is_served(const Context& c, const Subscription& its) {
  return is_present(c, its) && c.state.accesses[its.access].channel == Channel::works;
}

void subscribe(Context& c, Number number, std::uint16_t access) {
  Queue& queue = c.queue(number);
  Subscription& added = queue.subscriptions.emplace_back();
  added.number = ++queue.helds;
  added.access = access;
  added.node = c.state.accesses[access].node;
  added.life = c.state.accesses[access].life;
  if (c.is_quorum(number)) return;
  added.master = queue.home;
  added.process = queue.process;
}

void drop(Context& c, Queue& queue, std::size_t index) {
  for (const sim::TimerId timer : {queue.subscriptions[index].timer, queue.subscriptions[index].lost_timer})
    c.world.queue.cancel(timer);
  queue.subscriptions.erase(queue.subscriptions.begin() + static_cast<std::ptrdiff_t>(index));
}

const Subscription* active_of(const Queue& queue) {
  const auto found = std::find_if(queue.subscriptions.begin(), queue.subscriptions.end(),
                                  [](const Subscription& its) { return its.active; });
  return found == queue.subscriptions.end() ? nullptr : &*found;
}

/// Who is gone for the queue goes; who is on a node that it has lost is active no longer.
void look_who_is_gone(Context& c, Number number) {
  Queue& queue = c.queue(number);
  for (std::size_t i = 0; i < queue.subscriptions.size();) {
    Subscription& its = queue.subscriptions[i];
    const std::optional<delivery::End> end = given_up(c, number, its);
    if (end && (*end != delivery::End::node || !c.is_quorum(number))) {
      drop(c, queue, i);
      continue;
    }
    if (knows_consumers(c, number))
      its.suspected = c.is_quorum(number) && its.node != queue.leader && !c.link(queue.leader, its.node).up;
    if (end) its.active = false;
    ++i;
  }
}

void activate_next(Context& c, Number number) {
  Queue& queue = c.queue(number);
  const auto next = std::find_if(queue.subscriptions.begin(), queue.subscriptions.end(),
                                 [](const Subscription& its) { return !its.suspected; });
  if (next == queue.subscriptions.end()) return;
  next->active = true;
  c.world.note(ConsumerActivated{c.service.value, next->access});
  if (is_served(c, *next)) return sends_to(c, next->access);
  // The queue has not heard that it is gone, or cannot be heard.
  const delivery::Terms terms = terms_of(c, next->access);
  const bool any_number = terms.automatic || terms.prefetch <= 0;
  send_in_vain(c, number, *next,
               any_number ? std::numeric_limits<double>::infinity() : static_cast<double>(terms.prefetch));
}

template <class Act>
void each_single_active(const Context& c, Act&& act) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.queue_spec(queue).single_active) act(queue);
  }
}

}  // namespace

void begin_subscriptions(Context& c) {
  each_single_active(c, [&](Number queue) {
    c.queue(queue).subscriptions.clear();
    for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
      if (is_consumer_of(c, access, queue)) subscribe(c, queue, access);
    }
    if (!c.queue(queue).subscriptions.empty()) c.queue(queue).subscriptions[0].active = true;
  });
}

void look_at_subscriptions(Context& c) {
  each_single_active(c, [&](Number queue) {
    look_who_is_gone(c, queue);
    if (!knows_consumers(c, queue)) return;
    for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
      const bool works = c.state.accesses[access].channel == Channel::works;
      if (works && is_consumer_of(c, access, queue) && subscription_of(c, access) == nullptr)
        subscribe(c, queue, access);
    }
    if (active_of(c.queue(queue)) == nullptr) activate_next(c, queue);
  });
}

Subscription* subscription_of(const Context& c, std::uint16_t access) {
  for (Subscription& its : c.queue(c.plan.accesses[access].queue).subscriptions) {
    if (its.access == access && is_present(c, its)) return &its;
  }
  return nullptr;
}

void unsubscribe(Context& c, std::uint16_t access) {
  Queue& queue = c.queue(c.plan.accesses[access].queue);
  const Subscription* its = subscription_of(c, access);
  if (its != nullptr) drop(c, queue, static_cast<std::size_t>(its - queue.subscriptions.data()));
}

void forget_subscriptions(Context& c, Number queue) {
  while (!c.queue(queue).subscriptions.empty()) drop(c, c.queue(queue), 0);
}

void channel_ended(Queue& queue, Subscription& subscription) {
  subscription.ended = true;
  for (Held& held : queue.held) {
    const bool same = held.access == subscription.access && held.node == subscription.node;
    if (same && held.life == subscription.life) held.ended = true;
  }
}

bool is_sent_to(const Context& c, std::uint16_t access) {
  if (!c.queue_spec(c.plan.accesses[access].queue).single_active) return c.state.accesses[access].holds;
  const Subscription* its = subscription_of(c, access);
  return its != nullptr && its->active && is_served(c, *its);
}

bool is_delivered(const Context& c, Number queue) {
  const Subscription* active = active_of(c.queue(queue));
  return active != nullptr && is_served(c, *active);
}

bool subscriptions_at_rest(const Context& c, Number number) {
  if (!c.queue_spec(number).single_active) return true;
  const std::vector<Subscription>& all = c.queue(number).subscriptions;
  return std::all_of(all.begin(), all.end(),
                     [&](const Subscription& its) { return is_served(c, its) && !its.suspected; });
}

}  // namespace nines::models::rabbitmq
