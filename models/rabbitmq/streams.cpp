#include "models/rabbitmq/streams.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/rabbitmq/load.hpp"
#include "models/rabbitmq/quorum.hpp"

namespace nines::models::rabbitmq {

namespace {

using sim::Time;

constexpr std::string_view rule_page_cache =
    "stream: the members left lacked what a majority had confirmed, to the page cache or on a disk that was lost";

/// Messages less than this are none.
constexpr double a_message = 1;

const std::vector<Number>& nodes_of(const Context& c, Number queue) { return c.plan.queues[queue].replicas; }
std::size_t majority_of(const Context& c, Number queue) { return nodes_of(c, queue).size() / 2 + 1; }

/// Messages per second by which a member that lacks some comes closer to the writer.
double closer_per_s(const Context& c, Number queue) {
  return c.parameters.stream_rate.bytes_per_s / c.queue_spec(queue).message_size.count;
}

template <class Act>
void each_member_on(const Context& c, Number node, Act&& act) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_stream(queue)) continue;
    const std::vector<Number>& nodes = nodes_of(c, queue);
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) act(queue, c.queue(queue).members[node]);
  }
}

/// The coordinator's leader, if its commands are committed.
Number coordinator(const Context& c) {
  const Queue& its = c.queue(c.plan.coordinator);
  return its.serves && its.leader != nobody && serves(c, its.leader) ? its.leader : nobody;
}
bool commands(const Context& c, Number leader, Number node) {
  return serves(c, node) && (leader == node || reaches(c, leader, node));
}

/// Its monitor of the writer has gone off: the process has ended, or its node is not connected.
bool sees_down(const Context& c, Number leader, const Queue& its) {
  const Number writer = its.leader;
  const bool runs = its.members[writer].runs && its.members[writer].epoch == its.epoch;
  if (leader != writer && !c.link(leader, writer).up) return true;
  return !runs && (leader == writer || reaches(c, leader, writer));
}

/// It gets what the writer writes.
bool follows(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  const StreamMember& member = its.members[node];
  if (its.stage != StreamStage::runs || !member.runs || member.epoch != its.epoch || !serves(c, node)) return false;
  return node == its.leader || reaches(c, its.leader, node);
}
bool is_level(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  return follows(c, queue, node) && its.confirmed - its.members[node].tail < a_message;
}

NodeSet commanded(const Context& c, Number queue, Number leader) {
  NodeSet nodes = 0;
  for (const Number node : nodes_of(c, queue)) {
    if (commands(c, leader, node)) nodes = with(nodes, node);
  }
  return nodes;
}
/// Members that run, and are not yet told of this epoch's writer.
bool somebody_joins(const Context& c, Number queue, Number leader) {
  const Queue& its = c.queue(queue);
  return std::any_of(its.members.begin(), its.members.end(), [&](const StreamMember& member) {
    const auto node = static_cast<Number>(&member - its.members.data());
    return member.exists && (!member.runs || member.epoch != its.epoch) && commands(c, leader, node);
  });
}

/// There and back, to the slowest of them.
Duration calls(Context& c, Number leader, NodeSet nodes) {
  Duration longest;
  for (Number node = 0; node < c.nodes(); ++node) {
    if (!contains(nodes, node)) continue;
    const Duration there = handled(c, leader, node);
    longest = std::max(longest, there + handled(c, node, leader));
  }
  return longest;
}

void set_step(Context& c, Number queue, Number leader) {
  Queue& its = c.queue(queue);
  if (c.world.queue.pending(its.step_timer)) return;
  const NodeSet there = commanded(c, queue, leader);
  Duration takes;
  switch (its.stage) {
    case StreamStage::runs:
      if (!somebody_joins(c, queue, leader)) return;
      takes = quorum_round(c, c.plan.coordinator, leader);
      takes = takes + calls(c, leader, there);  // both draw: one after the other
      break;
    case StreamStage::stops:
      its.in_vain = its.in_vain || static_cast<std::size_t>(size(there)) < majority_of(c, queue);
      if (static_cast<std::size_t>(size(there)) < majority_of(c, queue)) return;
      // That the writer is down, that members are stopped, and that those have answered.
      takes = quorum_round(c, c.plan.coordinator, leader);
      takes = takes + calls(c, leader, there);
      takes = takes + quorum_round(c, c.plan.coordinator, leader);
      if (its.in_vain) {
        constexpr Duration sleeps = Duration::seconds(10);  // maybe_sleep of a node that is down
        takes = takes + c.world.phase(c.component(leader), Purpose::replica_timeout, sleeps);
      }
      break;
    case StreamStage::starts:
      takes = calls(c, leader, only(its.leader));
      takes = takes + quorum_round(c, c.plan.coordinator, leader);
      break;
  }
  its.step_timer = c.world.schedule(c.now() + takes, StreamStep{c.service.value, queue});
}

/// select_leader: most data of the newest epoch; of several that are equal one by the clock.
Number select(Context& c, Number queue, Number leader, NodeSet stopped) {
  const Queue& its = c.queue(queue);
  const auto better = [&](Number a, Number b) {
    const StreamMember& one = its.members[a];
    const StreamMember& other = its.members[b];
    return one.written_in != other.written_in ? one.written_in > other.written_in : one.tail > other.tail + a_message;
  };
  std::vector<Number> best;
  for (const Number node : nodes_of(c, queue)) {
    if (!contains(stopped, node)) continue;
    if (!best.empty() && better(node, best[0])) best.clear();
    if (best.empty() || !better(best[0], node)) best.push_back(node);
  }
  const double u = c.world.uniform(c.component(leader), Purpose::replica_timeout);
  return best[std::min(static_cast<std::size_t>(u * static_cast<double>(best.size())), best.size() - 1)];
}

void start_writer(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  StreamMember& writer = its.members[its.leader];
  its.stage = StreamStage::runs;
  const double lacks = std::min(its.confirmed - writer.tail, kept(c, queue));
  if (lacks >= a_message) {
    lose(c, queue, lacks, rule_page_cache, true);
    its.backlog = std::max(its.backlog - lacks, 0.0);
  }
  its.confirmed = writer.tail;
  writer.runs = true;
  writer.epoch = writer.written_in = its.epoch;
}

}  // namespace

double kept(const Context& c, Number queue) {
  return c.queue_spec(queue).max_length.count / c.queue_spec(queue).message_size.count;
}

void begin_stream(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  its.members.resize(c.nodes());
  its.leader = nodes_of(c, queue)[0];
  its.epoch = 1;
  its.confirmed = kept(c, queue);  // it has been there for long
  for (const Number node : nodes_of(c, queue)) {
    StreamMember& member = its.members[node];
    member.exists = member.runs = true;
    member.epoch = member.written_in = its.epoch;
    member.tail = its.confirmed;
  }
}

void members_ended(Context& c, Number node, bool power_loss) {
  each_member_on(c, node, [&](Number, StreamMember& member) {
    member.runs = false;
    if (!power_loss) return;
    const Duration age = c.world.phase(c.component(node), Purpose::replica_write, c.parameters.writeback);
    const Duration since = c.now() - member.flowed_at;
    if (age > since) member.tail = std::max(member.tail - member.flow * (age - since).to_seconds(), 0.0);
  });
}

void members_started(Context& c, Number node) {
  each_member_on(c, node, [&](Number, StreamMember& member) {
    member.runs = false;
    if (!c.node(node).blank) return;
    member.tail = 0;
    member.written_in = 0;
  });
}

void look_at_stream(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  const Number leader = coordinator(c);
  if (leader == nobody) {
    c.world.queue.cancel(its.step_timer);
  } else {
    if (its.stage == StreamStage::runs && sees_down(c, leader, its)) {
      c.world.queue.cancel(its.step_timer);
      its.stage = StreamStage::stops;
      its.in_vain = false;
    }
    set_step(c, queue, leader);
  }
  std::size_t level = 0;
  for (const Number node : nodes_of(c, queue)) {
    its.members[node].gets = follows(c, queue, node);
    level += is_level(c, queue, node) ? 1 : 0;
  }
  its.serves = follows(c, queue, its.leader) && level >= majority_of(c, queue);
  // When the next that lacks something has it.
  c.world.queue.cancel(its.sync_timer);
  constexpr Duration shortest = Duration::nanoseconds(1);
  Time at = Time::never();
  for (const Number node : nodes_of(c, queue)) {
    StreamMember& member = its.members[node];
    if (!follows(c, queue, node)) continue;
    member.tail = std::max(member.tail, its.confirmed - kept(c, queue));
    const double lacks = its.confirmed - member.tail;
    if (lacks < a_message) continue;
    at = std::min(at, c.now() + std::max(shortest, Duration::from_seconds(lacks / closer_per_s(c, queue))));
  }
  if (at != Time::never()) its.sync_timer = c.world.schedule(at, StreamCaughtUp{c.service.value, queue});
}

void grow_stream(Context& c, Number queue, double seconds) {
  Queue& its = c.queue(queue);
  const double before = its.confirmed;
  if (its.serves && its.published > 0) its.confirmed += its.published * seconds;
  for (const Number node : nodes_of(c, queue)) {
    StreamMember& member = its.members[node];
    if (!member.gets) continue;
    const bool level = before - member.tail < a_message;
    const double closer = closer_per_s(c, queue) * seconds + its.confirmed - before;
    const double had =
        std::exchange(member.tail, level ? its.confirmed : std::min(member.tail + closer, its.confirmed));
    if (member.tail <= had || seconds <= 0) continue;
    // What it wrote meanwhile is in its page cache, as if it had come evenly.
    member.flow = (member.tail - had) / seconds;
    member.flowed_at = c.now();
  }
}

bool stream_confirms(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  return its.serves && (node == its.leader || reaches(c, node, its.leader));
}

bool stream_drops(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  const StreamMember& writer = its.members[its.leader];
  if (its.stage != StreamStage::runs || !writer.runs || writer.epoch != its.epoch) return true;
  return node != its.leader && !c.link(node, its.leader).up;
}

bool stream_delivers(const Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  if (!serves(c, node) || !its.members[node].runs) return false;
  // While nothing is confirmed anywhere there is nothing that it lacks.
  return !its.serves || follows(c, queue, node);
}

Duration stream_round(Context& c, Number queue, Number node) {
  const Queue& its = c.queue(queue);
  std::vector<Duration> written;
  for (const Number other : nodes_of(c, queue)) {
    if (other == its.leader || !follows(c, queue, other)) continue;
    const Duration there = handled(c, its.leader, other);
    written.push_back(there + handled(c, other, its.leader));
  }
  std::sort(written.begin(), written.end());
  const std::size_t others = std::min(majority_of(c, queue) - 1, written.size());
  const Duration commit = others > 0 ? written[others - 1] : Duration();
  const Duration there = handled(c, node, its.leader);
  return there + commit + handled(c, its.leader, node);
}

bool stream_at_rest(const Context& c, Number queue) {
  const std::vector<Number>& nodes = nodes_of(c, queue);
  return c.queue(queue).serves &&
         std::all_of(nodes.begin(), nodes.end(), [&](Number node) { return is_level(c, queue, node); });
}

bool is_stream_critical(const Context& c, Number node) {
  bool critical = false;
  each_member_on(c, node, [&](Number queue, const StreamMember&) {
    std::size_t up = 0;
    for (const Number other : nodes_of(c, queue))
      up += (other == node || reaches(c, node, other)) && c.queue(queue).members[other].runs ? 1 : 0;
    critical = critical || up < majority_of(c, queue) + 1;
  });
  return critical;
}

bool members_level(const Context& c, Number node) {
  bool level = true;
  each_member_on(c, node, [&](Number queue, const StreamMember&) { level = level && is_level(c, queue, node); });
  return level;
}

// ---- events ----

void on(World& world, const StreamStep& event) {
  Context c = context(world, ServiceId{event.service});
  Queue& its = c.queue(event.queue);
  const Number leader = coordinator(c);
  if (leader == nobody) {
    world.stale = true;
    return;
  }
  grow(c);
  const NodeSet there = commanded(c, event.queue, leader);
  std::optional<CauseScope> because;
  switch (its.stage) {
    case StreamStage::runs:
      for (const Number node : nodes_of(c, event.queue)) {
        StreamMember& member = its.members[node];
        if (!contains(there, node) || (member.runs && member.epoch == its.epoch)) continue;
        member.runs = true;
        member.epoch = member.written_in = its.epoch;
        // What no majority had goes.
        member.tail = std::min(member.tail, its.confirmed);
      }
      break;
    case StreamStage::stops:
      for (const Number node : nodes_of(c, event.queue)) {
        if (contains(there, node)) its.members[node].runs = false;
      }
      if (static_cast<std::size_t>(size(there)) < majority_of(c, event.queue)) {
        its.in_vain = true;
        break;
      }
      ++its.epoch;
      its.leader = select(c, event.queue, leader, there);
      its.stage = StreamStage::starts;
      break;
    case StreamStage::starts:
      if (!contains(there, its.leader)) {
        its.stage = StreamStage::stops;
        break;
      }
      ++world.measurement.failovers;
      because.emplace(world, world.note(StreamWriterStarted{c.service.value, event.queue, its.leader}, its.epoch));
      start_writer(c, event.queue);
      break;
  }
  settle(c);
}

void on(World& world, const StreamCaughtUp& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  Queue& its = c.queue(event.queue);
  // Within a message it is there.
  for (const Number node : nodes_of(c, event.queue)) {
    StreamMember& member = its.members[node];
    constexpr double rounding = 1e-3;
    if (follows(c, event.queue, node) && its.confirmed - member.tail < a_message + rounding)
      member.tail = its.confirmed;
  }
  settle(c);
}

}  // namespace nines::models::rabbitmq
