#include "models/rabbitmq/load.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "models/platform.hpp"
#include "models/rabbitmq/classic.hpp"
#include "models/rabbitmq/client.hpp"
#include "models/rabbitmq/consumers.hpp"
#include "models/rabbitmq/quorum.hpp"
#include "models/rabbitmq/single_active.hpp"
#include "models/rabbitmq/streams.hpp"

namespace nines::models::rabbitmq {

namespace {

constexpr std::string_view rule_retention = "stream: retention removed what its consumers had not read";

double wanted_per_s(const Context& c, Number queue) {
  return c.queue_spec(queue).publish_per_s * faults::load_factor(c.world, c.service);
}

const SliPlan& sli_of_access(const Context& c, std::size_t access) { return c.plan.slis[c.plan.accesses[access].sli]; }

/// How many clients of one kind a queue has; `served` is told of each that is, with the node of its master.
template <class Tell>
int each_served(const Context& c, Number queue, SliKind kind, Tell&& served) {
  int clients = 0;
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) {
    if (c.plan.accesses[i].queue != queue || sli_of_access(c, i).kind != kind) continue;
    ++clients;
    const Access& access = c.state.accesses[i];
    const bool is_served = kind == SliKind::deliver ? is_sent_to(c, static_cast<std::uint16_t>(i)) : access.holds;
    if (!is_served) continue;
    const Number master = c.is_classic(queue) ? master_for(c, queue, access.node) : c.queue(queue).leader;
    if (master != nobody) served(static_cast<std::uint16_t>(i), master);
  }
  return clients;
}

/// Where nobody is measured, clients are where they are served; nobody if that is nowhere.
Number assumed(const Context& c, Number queue, SliKind kind) {
  for (const Number node : c.plan.queues[queue].replicas) {
    const bool publishes = kind == SliKind::publish;
    bool works = c.is_quorum(queue) && quorum_serves(c, queue, node);
    if (c.is_stream(queue)) works = publishes ? stream_confirms(c, queue, node) : stream_delivers(c, queue, node);
    if (c.is_classic(queue)) works = publishes ? classic_confirms(c, queue, node) : classic_delivers(c, queue, node);
    if (!works || (publishes && c.state.alarmed)) continue;
    return c.is_classic(queue) ? master_for(c, queue, node) : c.queue(queue).leader;
  }
  return nobody;
}

void set_published(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  std::fill(its.in.begin(), its.in.end(), 0);
  const double wanted = wanted_per_s(c, queue);
  const int publishers =
      each_served(c, queue, SliKind::publish, [&](std::uint16_t, Number master) { its.in[master] += 1; });
  if (publishers == 0) {
    const Number master = assumed(c, queue, SliKind::publish);
    if (master != nobody) its.in[master] = 1;
  }
  its.published = 0;
  for (double& in : its.in) its.published += in *= wanted / std::max(publishers, 1);
}

void set_consumed(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  std::fill(its.out.begin(), its.out.end(), 0);
  its.consumed = 0;
  const double capacity = c.queue_spec(queue).consume_per_s;
  // Consumers without a limit take what comes.
  constexpr double no_limit = std::numeric_limits<double>::infinity();
  const auto paced = [&](std::uint16_t access, int consumers) {
    const double share = capacity > 0 ? capacity / consumers : no_limit;
    return delivery::pace(terms_of(c, access), share, c.parameters.residence);
  };
  int consumers = 0;
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) {
    if (c.plan.accesses[i].queue != queue || sli_of_access(c, i).kind != SliKind::deliver) continue;
    ++consumers;
    c.state.accesses[i].takes = 0;
  }
  if (c.queue_spec(queue).single_active) consumers = std::min(consumers, 1);
  bool endless = false;
  if (consumers == 0) {
    const Number master = assumed(c, queue, SliKind::deliver);
    endless = capacity <= 0 && master != nobody;
    if (master != nobody) its.out[master] = capacity > 0 ? capacity : no_limit;
  }
  each_served(c, queue, SliKind::deliver, [&](std::uint16_t access, Number master) {
    const double takes = paced(access, consumers);
    c.state.accesses[access].takes = takes;
    its.out[master] += takes;
    endless = endless || takes == no_limit;
  });
  if (endless) {
    // What waits is gone at once.
    its.backlog = 0;
    its.line.returned.clear();
  }
  // By node of the master: of what its consumers could take, so much they do.
  each_served(c, queue, SliKind::deliver, [&](std::uint16_t access, Number master) {
    double& takes = c.state.accesses[access].takes;
    const double could = its.out[master];
    if (could == no_limit)
      takes = takes == no_limit ? its.in[master] : 0;
    else if (its.backlog <= 0 && could > its.in[master])
      takes *= its.in[master] / could;
  });
  for (std::size_t node = 0; node < its.out.size(); ++node) {
    if (its.backlog <= 0) its.out[node] = std::min(its.out[node], its.in[node]);
    its.consumed += its.out[node];
  }
  if (!endless || consumers == 0) return;
  // Of several without a limit each has its part.
  double all = 0;
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i)
    all += c.plan.accesses[i].queue == queue ? c.state.accesses[i].takes : 0;
  for (std::size_t i = 0; all > its.consumed && i < c.state.accesses.size(); ++i) {
    if (c.plan.accesses[i].queue == queue) c.state.accesses[i].takes *= its.consumed / all;
  }
}

double growth(const Queue& queue) { return queue.published - queue.consumed; }

/// Seconds until `value` reaches `limit` at `rate`; none if never.
sim::Time reached(const Context& c, double value, double limit, double rate) {
  if (rate == 0 || (limit - value) / rate < 0) return sim::Time::never();
  constexpr double longest_s = 1e9;
  const double seconds = (limit - value) / rate;
  return seconds > longest_s ? sim::Time::never() : c.now() + Duration::from_seconds(seconds);
}

/// What waits, and what was sent to consumers that are not served.
double stored(const Queue& queue) { return queue.backlog + held_messages(queue); }

struct Level {
  double used = 0;
  double limit = 0;  ///< 0: no alarm
  double rate = 0;   ///< bytes per second
};
bool holds_queue(const Context& c, Number queue, Number node) {
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}
bool grows_with_messages(const Context& c, Number queue, Number node) {
  return !c.is_stream(queue) && holds_queue(c, queue, node);
}
Level memory_level(const Context& c, Number node) {
  Level level{memory_used(c, node), c.parameters.memory_watermark * c.plan.memory.count, 0};
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (grows_with_messages(c, queue, node))
      level.rate += growth(c.queue(queue)) * c.parameters.memory_per_message.count;
  }
  return level;
}
Level disk_level(const Context& c, Number node) {
  const double limit = c.plan.disk.count > 0 && c.plan.free_limit.count > 0
                           ? std::max(c.plan.disk.count - c.plan.free_limit.count, 0.0)
                           : 0;
  Level level{disk_used(c, node), limit, 0};
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (grows_with_messages(c, queue, node))
      level.rate += growth(c.queue(queue)) * c.queue_spec(queue).message_size.count;
  }
  return level;
}

bool over(const Level& level) {
  constexpr double rounding = 1e-9;
  return level.limit > 0 && level.used >= level.limit * (1 - rounding);
}

/// When a node next finds that its alarm begins or ends.
sim::Time next_change(const Context& c, const Level& level, bool alarm, Duration begins, Duration ends) {
  if (level.limit <= 0) return sim::Time::never();
  const bool differs = over(level) != alarm;
  const bool towards = alarm ? level.rate < 0 : level.rate > 0;
  if (!differs && !towards) return sim::Time::never();
  const sim::Time at = differs ? c.now() : reached(c, level.used, level.limit, level.rate);
  if (at == sim::Time::never()) return at;
  const sim::Grid looks{sim::Time::zero(), alarm ? ends : begins};
  return looks.after(at);
}

void set_alarm(Context& c, Number node, bool memory, bool on) {
  Node& its = c.node(node);
  bool& alarm = memory ? its.memory_alarm : its.disk_alarm;
  if (alarm == on) {
    c.world.stale = true;
    return look_at_alarms(c);
  }
  alarm = on;
  const auto id = c.service.value;
  std::optional<CauseScope> because;
  if (!on)
    because.emplace(c.world, c.world.note(AlarmCleared{id, node}));
  else if (memory)
    because.emplace(c.world, c.world.note(MemoryAlarm{id, node}));
  else
    because.emplace(c.world, c.world.note(DiskAlarm{id, node}));
  settle(c);
}

}  // namespace

double content(const Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  const double worked_on = its.consumed > 0 ? wanted_per_s(c, queue) * c.parameters.residence.to_seconds() : 0;
  return its.backlog + held_messages(its) + worked_on;
}

service::Reading waiting(const Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  const double per_s = its.published - its.consumed;
  const double since_s = (c.now() - c.state.grown_at).to_seconds();
  const double now = std::max(0.0, content(c, queue) + per_s * since_s);
  return {now, now > 0 || per_s > 0 ? per_s : 0};
}

std::size_t consumers_served(const Context& c, Number queue) {
  std::size_t consumers = 0;
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) {
    const bool consumes = c.plan.accesses[i].queue == queue && sli_of_access(c, i).kind == SliKind::deliver;
    if (consumes && c.state.accesses[i].channel == Channel::works) ++consumers;
  }
  return consumers;
}

double memory_used(const Context& c, Number node) {
  double used = c.parameters.memory_used.count;
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (grows_with_messages(c, queue, node)) used += stored(c.queue(queue)) * c.parameters.memory_per_message.count;
  }
  return used;
}

double disk_used(const Context& c, Number node) {
  double used = c.spec.disk_used.count;
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!holds_queue(c, queue, node)) continue;
    // A stream keeps as much as its retention says, whoever has read it.
    used += c.is_stream(queue) ? c.queue_spec(queue).max_length.count
                               : stored(c.queue(queue)) * c.queue_spec(queue).message_size.count;
  }
  return used;
}

void set_rates(Context& c) {
  c.state.alarmed = std::any_of(c.state.nodes.begin(), c.state.nodes.end(), [](const Node& node) {
    return node.stage == Stage::runs && (node.memory_alarm || node.disk_alarm);
  });
  for (Number queue = 0; queue < c.queues(); ++queue) {
    set_published(c, queue);
    set_consumed(c, queue);
  }
}

void grow(Context& c) {
  const double seconds = (c.now() - std::exchange(c.state.grown_at, c.now())).to_seconds();
  if (seconds <= 0) return;
  grow_unconfirmed(c, seconds);
  for (Access& access : c.state.accesses) access.taken += access.takes * seconds;
  for (Number number = 0; number < c.queues(); ++number) {
    Queue& queue = c.queue(number);
    const double before = queue.backlog;
    queue.backlog = std::max(before + growth(queue) * seconds, 0.0);
    // What has come to its end at this instant.
    constexpr double nothing = 1e-6;
    if (queue.backlog < nothing) queue.backlog = 0;
    delivery::settle(queue.line, queue.consumed * seconds);
    if (c.is_quorum(number)) {
      grow_log(c, number, seconds);
      continue;
    }
    if (c.is_stream(number)) {
      grow_stream(c, number, seconds);
      lose(c, number, queue.backlog - kept(c, number), rule_retention, true);
      queue.backlog = std::min(queue.backlog, kept(c, number));
      continue;
    }
    for (std::size_t node = 0; node < queue.copies.size(); ++node) {
      Copy& copy = queue.copies[node];
      if (!copy.runs) continue;
      if (copy.master == node)
        copy.fresh = std::max(copy.fresh + (queue.in[node] - queue.out[node]) * seconds, 0.0);
      else if (copy.copies)
        copy.missing = std::max(
            copy.missing - c.parameters.sync_rate.bytes_per_s / c.queue_spec(number).message_size.count * seconds, 0.0);
      else
        copy.missing = std::max(copy.missing - queue.consumed * seconds, 0.0);
    }
  }
}

void look_at_alarms(Context& c) {
  const auto id = c.service.value;
  for (Number node = 0; node < c.nodes(); ++node) {
    Node& its = c.node(node);
    c.world.queue.cancel(its.memory_timer);
    c.world.queue.cancel(its.disk_timer);
    if (its.stage != Stage::runs) continue;
    const Parameters& p = c.parameters;
    const sim::Time memory = next_change(c, memory_level(c, node), its.memory_alarm, p.memory_check, p.memory_check);
    constexpr Duration at_once = Duration::milliseconds(100);  // near its limit a disk is looked at ten times a second
    const sim::Time disk = next_change(c, disk_level(c, node), its.disk_alarm, at_once, p.disk_check);
    if (memory != sim::Time::never()) its.memory_timer = c.world.schedule(memory, MemoryLooked{id, node});
    if (disk != sim::Time::never()) its.disk_timer = c.world.schedule(disk, DiskLooked{id, node});
  }
  sim::Time turns = sim::Time::never();
  for (const Queue& queue : c.state.queues) {
    if (queue.backlog > 0 && growth(queue) < 0) turns = std::min(turns, reached(c, queue.backlog, 0, growth(queue)));
  }
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) {
    const SliPlan& sli = sli_of_access(c, i);
    if (sli.kind != SliKind::lag) continue;
    const Number number = c.plan.accesses[i].queue;
    const Queue& queue = c.queue(number);
    if (!queue.held.empty()) {
      const sim::Time late = held_since(queue) + c.spec.slis[c.plan.accesses[i].sli].most_lag;
      if (late > c.now()) turns = std::min(turns, late);
    }
    const double most = most_backlog(c, static_cast<std::uint16_t>(i)) - held_waiting(queue);
    if (most < 0 || (queue.backlog > most) == (growth(queue) > 0) || growth(queue) == 0) continue;
    turns = std::min(turns, reached(c, queue.backlog, most, growth(queue)));
  }
  c.world.queue.cancel(c.state.backlog_timer);
  if (turns == sim::Time::never()) return;
  // A nanosecond later it has been reached.
  c.state.backlog_timer = c.world.schedule(turns + Duration::nanoseconds(1'000), BacklogTurns{id});
}

void lose(Context& c, Number queue, double messages, std::string_view rule, bool replicated) {
  if (messages <= 0) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.item = queue;
  loss.at = c.now();
  (replicated ? loss.records_all : loss.records_one) = messages;
  const double rate = c.queue_spec(queue).publish_per_s;
  loss.seconds = rate > 0 ? messages / rate : 0;
  loss.rule = rule;
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

void on(World& world, const BacklogTurns& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  settle(c);
}
void on(World& world, const MemoryLooked& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  set_alarm(c, event.node, true, over(memory_level(c, event.node)));
}
void on(World& world, const DiskLooked& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  set_alarm(c, event.node, false, over(disk_level(c, event.node)));
}

}  // namespace nines::models::rabbitmq
