#include "models/rabbitmq/client.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/rabbitmq/classic.hpp"
#include "models/rabbitmq/consumers.hpp"
#include "models/rabbitmq/load.hpp"
#include "models/rabbitmq/quorum.hpp"
#include "models/rabbitmq/single_active.hpp"
#include "models/rabbitmq/streams.hpp"

namespace nines::models::rabbitmq {

namespace {

using sim::Time;

const SliPlan& sli_of(const Context& c, std::uint16_t access) { return c.plan.slis[c.plan.accesses[access].sli]; }
const ClientSpec& client_spec(const Context& c, std::uint16_t access) {
  return c.spec.clients[sli_of(c, access).client];
}
const ClientPlan& client_plan(const Context& c, std::uint16_t access) {
  return c.plan.clients[sli_of(c, access).client];
}
const ClientParameters& client_parameters(const Context& c, std::uint16_t access) {
  return client_spec(c, access).parameters;
}

constexpr std::string_view rule_unconfirmed =
    "no confirms: what a channel had taken for a quorum queue without majority ends with the channel";
constexpr std::string_view rule_former_writer =
    "no confirms: what a stream's former writer had not spread goes, and is not sent again";
constexpr std::string_view rule_dropped = "no confirms: what no running queue takes is dropped, and nobody is told";

bool accepts(const Context& c, std::uint16_t access) { return sli_of(c, access).kind == SliKind::accept; }
bool is_publisher(const Context& c, std::uint16_t access) {
  return sli_of(c, access).kind == SliKind::publish || accepts(c, access);
}

void tell(Context& c, std::uint16_t access, bool holds) {
  c.state.accesses[access].holds = holds;
  const SliPlan& sli = sli_of(c, access);
  const auto group = static_cast<std::size_t>(c.plan.accesses[access].queue - sli.first_queue);
  measurement::set_status(c.world, sli.index, GroupId::of(group), holds);
}

/// A consumer of a queue that sends to one at a time: whether it is delivered hangs on all of them.
bool is_single_active(const Context& c, std::uint16_t access) {
  return sli_of(c, access).kind == SliKind::deliver && c.queue_spec(c.plan.accesses[access].queue).single_active;
}

Contact contact_with(const Context& c, std::uint16_t access, Number node) {
  const Contact found = contact(c.world, client_plan(c, access).place, c.process(node));
  if (found != Contact::ok) return found;
  return c.node(node).stage == Stage::runs && c.node(node).listens ? Contact::ok : Contact::reset;
}

/// An alarm of any node that it knows of blocks publishers.
bool blocked_at(const Context& c, Number node) {
  for (Number other = 0; other < c.nodes(); ++other) {
    const Node& its = c.node(other);
    if (its.stage != Stage::runs || (!its.memory_alarm && !its.disk_alarm)) continue;
    if (other == node || c.link(node, other).up) return true;
  }
  return false;
}

/// The queue answers a channel on the node.
bool queue_answers(const Context& c, std::uint16_t access, Number node) {
  const Number queue = c.plan.accesses[access].queue;
  const bool publishes = is_publisher(c, access);
  if (c.is_quorum(queue)) return quorum_serves(c, queue, node);
  if (c.is_stream(queue)) return publishes ? stream_confirms(c, queue, node) : stream_delivers(c, queue, node);
  // Without confirms it is enough that a master takes it.
  return publishes && !accepts(c, access) ? classic_confirms(c, queue, node) : classic_delivers(c, queue, node);
}

/// Which nodes a client that connects may be sent to.
bool is_choice(const Context& c, std::uint16_t access, Number node) {
  const ClientSpec& client = client_spec(c, access);
  if (client.endpoint == Endpoint::fixed) return node == client.node;
  if (client.endpoint == Endpoint::in_turn) return true;
  const Contact found = contact_with(c, access, node);
  if (hosts::supervised(*c.world.plan, c.process(node))) return found == Contact::ok;
  // A Service sends it to a silent machine until the node controller has noticed.
  return found != Contact::reset && kubernetes::seen_ready(c.world, c.process(node)).value_or(true);
}

bool somebody_listens(const Context& c, std::uint16_t access) {
  for (Number node = 0; node < c.nodes(); ++node) {
    if (is_choice(c, access, node) && contact_with(c, access, node) == Contact::ok) return true;
  }
  return false;
}

/// To connect to another node, or anew to its own, would help.
bool elsewhere_answers(const Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  for (Number node = 0; node < c.nodes(); ++node) {
    if (node == its.node && !its.stuck) continue;
    if (!is_choice(c, access, node) || contact_with(c, access, node) != Contact::ok) continue;
    if (queue_answers(c, access, node) && !blocked_at(c, node)) return true;
  }
  return false;
}

Number choose(Context& c, std::uint16_t access) {
  const Access& its = c.state.accesses[access];
  const ClientSpec& client = client_spec(c, access);
  if (client.endpoint == Endpoint::fixed) return static_cast<Number>(client.node);
  Number first = static_cast<Number>((its.node + 1) % c.nodes());
  if (client.endpoint == Endpoint::any_ready) {
    const double u = c.world.uniform(client_plan(c, access).component, Purpose::client_endpoint);
    first = static_cast<Number>(static_cast<double>(c.nodes()) * u);
  }
  for (Number i = 0; i < c.nodes(); ++i) {
    const auto node = static_cast<Number>((first + i) % c.nodes());
    if (is_choice(c, access, node)) return node;
  }
  return nobody;
}

void at(Context& c, std::uint16_t access, Time when) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  its.timer = c.world.schedule(std::max(when, c.now()), AttemptDue{c.service.value, access});
}

void enter(Context& c, std::uint16_t access, Channel channel) {
  Access& its = c.state.accesses[access];
  c.world.queue.cancel(its.timer);
  if (its.channel == Channel::works) consumer_stops(c, access);
  if (its.channel == Channel::silent) consumer_is_heard(c, access);
  its.channel = channel;
  its.since = c.now();
  if (channel == Channel::silent) consumer_falls_silent(c, access);
  if (channel == Channel::works) consumer_goes_on(c, access);
}

// ---- publishers without confirms ----

/// Messages per second that it sends while nothing keeps it from that.
double sent_per_s(const Context& c, std::uint16_t access) {
  return c.queue_spec(c.plan.accesses[access].queue).publish_per_s * faults::load_factor(c.world, c.service);
}

/// Messages that its connection takes while its queue takes none. A channel that is blocked gives no more credit, and
/// goes on with what its reader still has (rabbitmq credit_flow.erl); it is blocked by the first message above the soft
/// limit (rabbit_fifo_client enqueue), or when it has no more credit of a classic queue's process.
double most_held(const Context& c, std::uint16_t access) {
  const Parameters& p = c.parameters;
  // A channel counts what it awaits confirms of, and nothing else (rabbit_stream_queue, deliver).
  if (c.is_stream(c.plan.accesses[access].queue)) return std::numeric_limits<double>::infinity();
  if (c.state.accesses[access].unconfirmed == Unconfirmed::registers) return static_cast<double>(p.channel_credit);
  const bool quorum = c.is_quorum(c.plan.accesses[access].queue);
  return static_cast<double>((quorum ? p.soft_limit + 1 : p.channel_credit) + p.reader_credit);
}

/// rabbit_quorum_queue: a command waits for net_ticktime and a little more.
Duration registration_takes(const Context& c) { return c.parameters.net_ticktime + c.parameters.registration_margin; }

bool is_full(const Context& c, std::uint16_t access) {
  constexpr double rounding = 1e-9;
  if (c.is_stream(c.plan.accesses[access].queue)) return false;
  return c.state.accesses[access].held >= most_held(c, access) * (1 - rounding);
}
/// It goes on to take what is sent, whatever becomes of that.
bool takes_more(const Context& c, std::uint16_t access) {
  switch (c.state.accesses[access].unconfirmed) {
    case Unconfirmed::taken:
    case Unconfirmed::dropped: return true;
    case Unconfirmed::held: return !is_full(c, access);
    case Unconfirmed::registers: return false;
  }
  return false;
}

void count_dropped(Context& c, std::uint16_t access) {
  lose(c, c.plan.accesses[access].queue, std::exchange(c.state.accesses[access].dropped, 0), rule_dropped, false);
}
void lose_held(Context& c, std::uint16_t access, std::string_view rule) {
  lose(c, c.plan.accesses[access].queue, std::exchange(c.state.accesses[access].held, 0), rule, false);
}

/// What is dropped is counted as it passes, in pieces: a run that ends meanwhile misses one of them at most.
void count_dropped_later(Context& c, std::uint16_t access) {
  constexpr Duration shortest = Duration::seconds(1);
  constexpr std::int64_t pieces = 100;  // each is a hundredth of what there was before
  Access& its = c.state.accesses[access];
  const Duration piece = std::max((c.now() - its.dropping_since) / pieces, shortest);
  its.drop_timer = c.world.schedule(c.now() + piece, DroppedCounted{c.service.value, access});
}

/// What becomes of what it sends over its channel, and of what it has sent.
void look_at_unconfirmed(Context& c, std::uint16_t access, bool sends) {
  Access& its = c.state.accesses[access];
  const Number queue = c.plan.accesses[access].queue;
  Unconfirmed now = Unconfirmed::taken;
  if (!queue_answers(c, access, its.node)) {
    if (c.is_quorum(queue))
      now = its.registered ? Unconfirmed::held : Unconfirmed::registers;
    else if (c.is_stream(queue))
      now = stream_drops(c, queue, its.node) ? Unconfirmed::dropped : Unconfirmed::held;
    else
      now = classic_drops(c, queue, its.node) ? Unconfirmed::dropped : Unconfirmed::held;
  }
  const bool changes = std::exchange(its.unconfirmed, now) != now;
  if (c.is_stream(queue)) {
    // What the writer of another epoch has is truncated; messages between nodes that lost each other are gone.
    const bool former = its.held > 0 && its.epoch != c.queue(queue).epoch;
    if (former || now == Unconfirmed::dropped) lose_held(c, access, rule_former_writer);
    its.epoch = c.queue(queue).epoch;
  }
  if (now == Unconfirmed::taken) {
    its.held = 0;
    its.registered = true;
  }
  if (now == Unconfirmed::dropped) lose_held(c, access, rule_dropped);
  if (changes) count_dropped(c, access);
  if (now == Unconfirmed::held && !c.is_quorum(queue) && !c.is_stream(queue)) {
    const Number home = c.queue(queue).home;
    its.at_hand = home == its.node || !reaches(c, its.node, home);
  }
  its.sends = sends;
  c.world.queue.cancel(its.full_timer);
  const double rate = sent_per_s(c, access);
  if (now == Unconfirmed::held && sends && rate > 0 && !c.is_stream(queue) && !is_full(c, access)) {
    const Duration until_full = Duration::from_seconds((most_held(c, access) - its.held) / rate);
    its.full_timer = c.world.schedule(c.now() + until_full, ChannelFull{c.service.value, access});
  }
  const bool drops = now == Unconfirmed::dropped || now == Unconfirmed::registers;
  if (!drops) return c.world.queue.cancel(its.drop_timer), void();
  if (c.world.queue.pending(its.drop_timer)) return;
  its.dropping_since = c.now();
  count_dropped_later(c, access);
}

/// Its channel ends. What it held for a quorum queue is gone, and so is what was on its way on a node that ends; what a
/// classic queue's process has got is not.
void unconfirmed_ends(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  if (!accepts(c, access)) return;
  count_dropped(c, access);
  const Node& node = c.node(its.node);
  const bool ended = node.life != its.life || node.stage != Stage::runs;
  if (c.is_quorum(c.plan.accesses[access].queue))
    lose_held(c, access, rule_unconfirmed);
  else if (ended && (its.at_hand || c.is_stream(c.plan.accesses[access].queue)))
    lose_held(c, access, c.is_stream(c.plan.accesses[access].queue) ? rule_former_writer : rule_dropped);
  its.held = 0;
  its.sends = false;
  its.unconfirmed = Unconfirmed::taken;
  c.world.queue.cancel(its.full_timer);
  c.world.queue.cancel(its.drop_timer);
}

/// Its connection is gone: the first attempt follows after the wait.
void disconnect(Context& c, std::uint16_t access) {
  unconfirmed_ends(c, access);
  c.world.queue.cancel(c.state.accesses[access].confirm_timer);
  Access& its = c.state.accesses[access];
  if (its.channel == Channel::works) consumer_stops(c, access);
  // Of a silent client its node goes on to wait.
  consumer_ends(c, access);
  c.world.queue.cancel(its.timer);
  its.channel = Channel::connects;
  its.since = c.now();
  its.tries = false;
  at(c, access, c.now() + client_parameters(c, access).recovery_interval);
}

Duration answer_takes(Context& c, std::uint16_t access) {
  const Number node = c.state.accesses[access].node;
  const Number queue = c.plan.accesses[access].queue;
  if (c.is_stream(queue)) {
    // stream_leader_change from the coordinator; a consumer is told by the member on its own node.
    if (sli_of(c, access).kind != SliKind::publish) return handled(c, node, node);
    const Duration told = handled(c, c.queue(queue).leader, node);
    return told + stream_round(c, queue, node);
  }
  if (!c.is_quorum(queue)) {
    const Number master = master_for(c, queue, node);
    return handled(c, node, master) + handled(c, master, node);
  }
  // leader_change comes first; then what waits is sent again, committed and confirmed.
  const Number leader = c.queue(queue).leader;
  // One after the other: both draw, and compilers add in any order.
  const Duration round = quorum_round(c, queue, node);
  return handled(c, leader, node) + round;
}

/// A publisher that waits in vain connects anew when it has waited for long enough, if that helps.
void look_at_patience(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const ClientParameters& p = client_parameters(c, access);
  // Who asks for no confirms misses none.
  const Duration patience = accepts(c, access) ? p.write_timeout : p.confirm_timeout;
  const bool publishes = is_publisher(c, access);
  if (!publishes || patience <= Duration() || c.world.queue.pending(its.confirm_timer)) return;
  if (!elsewhere_answers(c, access)) return;
  const std::int64_t turns = std::max<std::int64_t>((c.now() - its.since) / patience, 0) + 1;
  its.confirm_timer = c.world.schedule(its.since + patience * turns, ConfirmTimeout{c.service.value, access});
}

void look_at_connected(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  const Contact found = contact_with(c, access, its.node);
  if (found == Contact::reset || (found == Contact::ok && its.life != c.node(its.node).life)) {
    disconnect(c, access);
    return;
  }
  const bool heard = its.life == c.node(its.node).life && serves(c, its.node);
  if (accepts(c, access) && (heard || found != Contact::silence))
    look_at_unconfirmed(c, access, found == Contact::ok && !blocked_at(c, its.node));
  if (found == Contact::silence) {
    if (its.channel == Channel::silent) return;
    enter(c, access, Channel::silent);
    const Duration heartbeat = client_parameters(c, access).heartbeat;
    if (heartbeat > Duration()) at(c, access, c.now() + heartbeat * 2);
    return look_at_patience(c, access);
  }
  if (its.channel == Channel::cancelled) return;
  const bool publishes = is_publisher(c, access);
  if (publishes && blocked_at(c, its.node)) {
    if (its.channel == Channel::blocked) return;
    enter(c, access, Channel::blocked);
    c.world.note(Blocked{c.service.value, access});
    return;
  }
  const bool goes_on = accepts(c, access) ? takes_more(c, access) : !its.stuck && queue_answers(c, access, its.node);
  if (goes_on) {
    c.world.queue.cancel(its.confirm_timer);
    if (its.channel == Channel::works || its.channel == Channel::resumes) return;
    enter(c, access, Channel::resumes);
    const Duration takes = accepts(c, access) ? Duration() : answer_takes(c, access);
    its.timer = c.world.schedule(c.now() + takes, OperationAnswered{c.service.value, access});
    return;
  }
  if (its.channel != Channel::waits) {
    enter(c, access, Channel::waits);
    const Number queue = c.plan.accesses[access].queue;
    if (publishes && !accepts(c, access) && c.is_quorum(queue)) publish_in_vain(c, queue, its.node);
  }
  NodeSet reached = only(its.node);
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != its.node && reaches(c, its.node, other)) reached = with(reached, other);
  }
  its.cut_off = its.cut_off || !is_majority(c, reached);
  look_at_patience(c, access);
}

/// While nobody listens, attempts are arithmetic and no events.
void look_at_unconnected(Context& c, std::uint16_t access) {
  Access& its = c.state.accesses[access];
  if (c.world.queue.pending(its.timer) || !somebody_listens(c, access)) return;
  const Duration turn = std::max(client_parameters(c, access).recovery_interval, Duration::milliseconds(1)) +
                        (its.tries ? client_parameters(c, access).connection_timeout : Duration());
  const std::int64_t turns = std::max<std::int64_t>((c.now() - its.since) / turn, 0) + 1;
  at(c, access, its.since + turn * turns);
}

}  // namespace

double most_backlog(const Context& c, std::uint16_t access) {
  const SliSpec& sli = c.spec.slis[c.plan.accesses[access].sli];
  return c.queue_spec(c.plan.accesses[access].queue).publish_per_s * sli.most_lag.to_seconds();
}

void begin_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    const ClientSpec& client = client_spec(c, access);
    its.node = static_cast<Number>(client.node);
    if (client.endpoint == Endpoint::any_ready) {
      const double u = c.world.uniform(client_plan(c, access).component, Purpose::client_endpoint);
      its.node = static_cast<Number>(static_cast<double>(c.nodes()) * u);
    }
  }
}

void look_at_accesses(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (sli_of(c, access).kind == SliKind::lag) continue;
    if (its.channel == Channel::connects)
      look_at_unconnected(c, access);
    else
      look_at_connected(c, access);
    if (is_single_active(c, access)) continue;
    const bool holds = its.channel == Channel::works;
    if (holds != its.holds) tell(c, access, holds);
  }
}

void look_at_single_active(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (!is_single_active(c, access)) continue;
    const bool holds = is_delivered(c, c.plan.accesses[access].queue);
    if (holds != c.state.accesses[access].holds) tell(c, access, holds);
  }
}

void look_at_lags(Context& c) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    if (sli_of(c, access).kind != SliKind::lag) continue;
    const Queue& queue = c.queue(c.plan.accesses[access].queue);
    const Duration most = c.spec.slis[c.plan.accesses[access].sli].most_lag;
    const bool holds = queue.backlog + held_waiting(queue) <= most_backlog(c, access) &&
                       (queue.held.empty() || c.now() - held_since(queue) < most);
    if (holds != c.state.accesses[access].holds) tell(c, access, holds);
  }
}

void grow_unconfirmed(Context& c, double seconds) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    if (!accepts(c, access) || its.unconfirmed == Unconfirmed::taken) continue;
    const double sent = its.sends ? sent_per_s(c, access) * seconds : 0;
    if (its.unconfirmed == Unconfirmed::dropped) {
      its.dropped += sent;
      continue;
    }
    its.held = std::min(its.held + sent, most_held(c, access));
    if (its.unconfirmed != Unconfirmed::registers) continue;
    // One publish after the other waits in vain.
    const double given_up = std::min(its.held, seconds / registration_takes(c).to_seconds());
    its.held -= given_up;
    its.dropped += given_up;
  }
}

void channels_cut_off(Context& c, Number node) {
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    Access& its = c.state.accesses[access];
    const bool waits = its.channel == Channel::waits && its.node == node && c.is_quorum(c.plan.accesses[access].queue);
    if (!waits || sli_of(c, access).kind != SliKind::publish) continue;
    its.stuck = its.stuck || !c.parameters.resends_lost;
  }
}

void close_channel(Context& c, std::uint16_t access) { disconnect(c, access); }

void cancel_consumer(Context& c, std::uint16_t access) {
  enter(c, access, Channel::cancelled);
  at(c, access, c.now() + client_parameters(c, access).recovery_interval);
}

std::int64_t connections_to(const Context& c, Number node) {
  std::int64_t count = 0;
  for (std::uint16_t access = 0; access < c.state.accesses.size(); ++access) {
    const Access& its = c.state.accesses[access];
    count += sli_of(c, access).kind != SliKind::lag && its.channel != Channel::connects && its.node == node ? 1 : 0;
  }
  return count;
}

void on(World& world, const AttemptDue& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  grow(c);
  if (its.channel == Channel::silent) {
    static constexpr std::string_view heartbeat = "rabbitmq.client.heartbeat";
    world.set_by(heartbeat);
    disconnect(c, event.access);
    return settle(c);
  }
  if (its.channel == Channel::cancelled) {
    enter(c, event.access, Channel::waits);
    return settle(c);
  }
  its.since = c.now();
  const Number node = choose(c, event.access);
  const Contact found = node == nobody ? Contact::reset : contact_with(c, event.access, node);
  if (node != nobody) its.node = node;
  its.tries = found == Contact::silence;
  if (found == Contact::ok) {
    its.life = c.node(node).life;
    its.stuck = false;
    its.registered = false;
    enter(c, event.access, Channel::waits);
  } else if (somebody_listens(c, event.access)) {
    const ClientParameters& p = client_parameters(c, event.access);
    at(c, event.access, c.now() + p.recovery_interval + (its.tries ? p.connection_timeout : Duration()));
  }
  settle(c);
}

void on(World& world, const ConfirmTimeout& event) {
  Context c = context(world, ServiceId{event.service});
  const Access& its = c.state.accesses[event.access];
  if ((its.channel != Channel::waits && its.channel != Channel::silent) || !elsewhere_answers(c, event.access)) {
    world.stale = true;
    return;
  }
  grow(c);
  static constexpr std::string_view write = "rabbitmq.client.write_timeout";
  if (accepts(c, event.access)) world.set_by(write);
  disconnect(c, event.access);
  settle(c);
}

void on(World& world, const ChannelFull& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  static constexpr std::string_view credit = "rabbitmq.channel_credit";
  if (!c.is_quorum(c.plan.accesses[event.access].queue)) world.set_by(credit);
  settle(c);
}

void on(World& world, const DroppedCounted& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  count_dropped(c, event.access);
  count_dropped_later(c, event.access);
}

void on(World& world, const OperationAnswered& event) {
  Context c = context(world, ServiceId{event.service});
  Access& its = c.state.accesses[event.access];
  grow(c);
  if (its.channel != Channel::resumes) {
    world.stale = true;
    return;
  }
  enter(c, event.access, Channel::works);
  const bool publishes = sli_of(c, event.access).kind == SliKind::publish;
  std::optional<CauseScope> because;
  if (is_single_active(c, event.access)) {
    // Its turn may come, or be another's.
    if (const Subscription* before = subscription_of(c, event.access); before != nullptr && before->active)
      because.emplace(world, world.note(FirstDelivery{event.service, event.access}));
  } else if (accepts(c, event.access))
    because.emplace(world, world.note(FirstAccepted{event.service, event.access}));
  else if (!publishes)
    because.emplace(world, world.note(FirstDelivery{event.service, event.access}));
  else if (its.cut_off)
    because.emplace(world, world.note(FirstConfirmCutOff{event.service, event.access}));
  else
    because.emplace(world, world.note(FirstConfirm{event.service, event.access}));
  its.cut_off = false;
  settle(c);
}

}  // namespace nines::models::rabbitmq
