#include "models/rabbitmq/nodes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/rabbitmq/classic.hpp"
#include "models/rabbitmq/client.hpp"
#include "models/rabbitmq/consumers.hpp"
#include "models/rabbitmq/load.hpp"
#include "models/rabbitmq/quorum.hpp"
#include "models/rabbitmq/single_active.hpp"
#include "models/rabbitmq/streams.hpp"

namespace nines::models::rabbitmq {

namespace {

using sim::Time;

/// Before two nodes are connected: epmd is asked, names, status, challenge and its answer are exchanged.
constexpr int handshake_messages = 5;

bool handles(const Context& c, Handling handling) { return !c.spec.khepri && c.spec.handling == handling; }
bool heals_itself(const Context& c) {
  if (handles(c, Handling::autoheal)) return true;
  return handles(c, Handling::pause_if_all_down) && c.spec.recover == Recover::autoheal;
}

/// Packets get through to a virtual machine that runs, whether the two are connected or not.
bool finds(const Context& c, Number from, Number to) {
  return acts(c, from) && acts(c, to) && contact_of(c, from, to) == Contact::ok;
}
void forget_link_timers(Context& c, Link& link) {
  for (const sim::TimerId timer :
       {link.net_timer, link.closed_timer, link.poll_timer, link.ping_timer, link.resume_timer})
    c.world.queue.cancel(timer);
  link.resumes = Time::zero();
}

void say(Context& c, Number from, const autoheal::Output& output);
void seeks_healing(Context& c, Number number);
void begin_boot(Context& c, Number number, const Law& law, Purpose purpose);

NodeSet partitioned_from(const Context& c, Number number) {
  NodeSet nodes = 0;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && c.link(number, other).partitioned) nodes = with(nodes, other);
  }
  return nodes;
}

NodeSet brokers_seen(const Context& c, Number number) {
  NodeSet nodes = only(number);
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && c.node(other).stage == Stage::runs && reaches(c, number, other)) nodes = with(nodes, other);
  }
  return nodes;
}

/// handle_dead_rabbit: a node that sees brokers of all nodes end that it was partitioned from forgets the partition.
void broker_is_gone(Context& c, Number number, Number other) {
  const auto left = static_cast<NodeSet>(partitioned_from(c, number) & brokers_seen(c, number) & ~only(other));
  for (Number node = 0; left == 0 && node < c.nodes(); ++node) c.link(number, node).partitioned = false;
  say(c, number, autoheal::broker_ended(c.node(number).healer, number, other));
}

// ---- brokers ----

/// Its broker ends by an orderly stop, while its connections stand: the others are told.
void stop_broker(Context& c, Number number) {
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other == number || c.node(other).stage != Stage::runs || !reaches(c, other, number)) continue;
    c.node(other).saw_end = with(c.node(other).saw_end, number);
  }
  replicas_ended(c, number);
  copies_ended(c, number, true);
  members_ended(c, number, false);
}

/// Who is connected to it sees that.
void broker_has_stopped(Context& c, Number number) {
  for (Number other = 0; other < c.nodes(); ++other) {
    const bool runs = c.node(other).stage == Stage::runs || c.node(other).stage == Stage::restarts;
    if (other != number && runs && reaches(c, other, number)) broker_is_gone(c, other, number);
  }
}

void pause_node(Context& c, Number number, bool for_all) {
  Node& node = c.node(number);
  node.waits_for_all = node.waits_for_all || for_all;
  if (node.stage != Stage::runs || node.draining) return;
  const CauseScope because(c.world, c.world.note(NodePaused{c.service.value, number}));
  stop_broker(c, number);
  c.world.queue.cancel(node.timer);
  node.stage = Stage::paused;
  node.healer = {};
  broker_has_stopped(c, number);
  // wait_for_cluster_recovery: when its broker has stopped it looks for all at once, and then again and again.
  node.pings_from = c.now() + c.parameters.pause_stop;
  node.looked = node.pings_from;
  kubernetes::answers_otherwise(c.world, c.process(number));
}

void start_broker(Context& c, Number number) {
  Node& node = c.node(number);
  c.world.queue.cancel(node.timer);
  const Duration opens = c.world.draw(c.component(number), Purpose::broker_start, c.parameters.recovery);
  node.timer = c.world.schedule(c.now() + opens, ListenersOpened{c.service.value, number, node.life});
  node.listens = false;
  node.stage = Stage::runs;
  node.waits_for_all = node.away = false;
  c.state.force_boot = false;
  node.behind = true;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other == number) continue;
    c.link(number, other).missed = c.link(other, number).missed = false;
    c.link(number, other).partitioned = false;
    if (c.node(other).stage != Stage::runs || !reaches(c, number, other)) continue;
    c.node(other).saw_end = without(c.node(other).saw_end, number);
    node.saw_end = without(node.saw_end, other);
  }
  replicas_started(c, number);
  copies_started(c, number);
  members_started(c, number);
  node.blank = false;
  say(c, number, autoheal::started(node.healer));
  // Others hear that it is up, and ask again if they are still partitioned.
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && c.node(other).stage == Stage::runs && reaches(c, other, number)) seeks_healing(c, other);
  }
}

void begin_boot(Context& c, Number number, const Law& law, Purpose purpose) {
  c.node(number).stopped = c.node(number).may_start = false;
  Node& node = c.node(number);
  constexpr double least_share = 0.01;
  const NodeId machine = c.world.processes[c.process(number)].node;
  const double share = std::max(infrastructure::cpu_share(c.world, machine), least_share);
  const Duration takes = sim::scaled(c.world.draw(c.component(number), purpose, law), 1 / share);
  node.stage = Stage::boots;
  c.world.queue.cancel(node.timer);
  node.timer = c.world.schedule(c.now() + takes, NodeBooted{c.service.value, number, node.life});
}

/// Nodes whose tables may be newer than its own: it did not see their brokers end before its own did.
NodeSet maybe_newer(const Context& c, Number number) {
  NodeSet all = 0;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && !c.node(other).blank) all = with(all, other);
  }
  return c.node(number).blank ? all : static_cast<NodeSet>(all & ~c.node(number).saw_end);
}

/// Whom an operator starts: of those that wait, with their disks if some have theirs, the one that saw most others end
/// before it.
Number one_to_force(const Context& c) {
  Number best = nobody;
  const auto rank = [&](Number number) { return std::pair(c.node(number).blank, size(maybe_newer(c, number))); };
  for (Number number = 0; number < c.nodes(); ++number) {
    if (c.node(number).stage != Stage::waits) continue;
    if (best == nobody || rank(number) < rank(best)) best = number;
  }
  return best;
}

bool starts_with_mnesia(const Context& c, Number number) {
  if (c.state.force_boot) return number == one_to_force(c);
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && c.node(other).stage == Stage::runs && reaches(c, number, other)) return true;
  }
  // Those that wait for each other find together who is newest when none is missing.
  NodeSet circle = only(number);
  for (bool grows = true; grows;) {
    grows = false;
    for (Number member = 0; member < c.nodes(); ++member) {
      if (!contains(circle, member)) continue;
      if (c.node(member).stage != Stage::waits) return false;
      if (member != number && !reaches(c, number, member)) return false;
      const auto wider = static_cast<NodeSet>(circle | maybe_newer(c, member));
      grows = grows || wider != circle;
      circle = wider;
    }
  }
  return true;
}

bool starts_with_khepri(const Context& c, Number number) {
  NodeSet there = only(number);
  for (Number other = 0; other < c.nodes(); ++other) {
    const Stage stage = c.node(other).stage;
    const bool has_store = (stage == Stage::waits || stage == Stage::runs) && !c.node(other).blank;
    if (other != number && has_store && reaches(c, number, other)) there = with(there, other);
  }
  return is_majority(c, there);
}

/// A paused node may go on.
bool may_resume(const Context& c, Number number) {
  const NodeSet found = alive_for(c, number);
  if (c.node(number).waits_for_all) return size(found) == c.nodes();
  if (handles(c, Handling::pause_if_all_down)) return (found & c.plan.preferred) != 0;
  return is_majority(c, found);
}

// ---- what the operator checks before a pod ends ----

bool may_leave(const Context& c, Number number) {
  if (c.spec.deployment != Deployment::operates || c.node(number).stage != Stage::runs) return true;
  // rabbitmq-upgrade await_online_quorum_plus_one asks nothing of a cluster of one node (is_single_node_cluster).
  if (c.nodes() == 1) return true;
  return !is_quorum_critical(c, number) && !is_stream_critical(c, number) && !has_unsynced_master(c, number);
}

/// Its broker is stopped: `rest` later its virtual machine halts.
void end_broker(Context& c, Number number, Duration rest) {
  Node& node = c.node(number);
  const bool ran = node.stage == Stage::runs;
  if (ran) stop_broker(c, number);
  node.stage = Stage::restarts;
  if (ran) broker_has_stopped(c, number);
  node.timer = c.world.schedule(c.now() + rest, NodeExits{c.service.value, number, node.life});
}

void leave(Context& c, Number number) {
  Node& node = c.node(number);
  node.leaving = false;
  node.draining = true;
  c.world.queue.cancel(node.timer);
  const bool drained = c.spec.deployment == Deployment::operates;
  if (drained || node.stage != Stage::runs) return end_broker(c, number, c.parameters.drain);
  // init:stop ends applications in the reverse order of their start: rabbit, whose listeners go first, then osiris with
  // the streams, then ra with the replicas of quorum queues. Nobody hands anything over.
  node.listens = false;
  node.timer = c.world.schedule(c.now() + c.parameters.pause_stop, BrokerStops{c.service.value, number, node.life});
}

// ---- partitions ----

/// Sides of a partition: nodes that Mnesia does not hold apart.
std::vector<NodeSet> sides_of(const Context& c) {
  std::vector<NodeSet> sides;
  NodeSet seen = 0;
  for (Number first = 0; first < c.nodes(); ++first) {
    if (contains(seen, first)) continue;
    NodeSet side = only(first);
    for (Number other = 0; other < c.nodes(); ++other) {
      if (contains(seen, other) || contains(side, other)) continue;
      bool apart = false;
      for (Number member = 0; member < c.nodes(); ++member)
        apart = apart ||
                (contains(side, member) && (c.link(member, other).partitioned || c.link(other, member).partitioned));
      if (!apart) side = with(side, other);
    }
    sides.push_back(side);
    seen = static_cast<NodeSet>(seen | side);
  }
  return sides;
}

void stop_to_restart(Context& c, Number number) {
  Node& node = c.node(number);
  if (node.draining) return;
  stop_broker(c, number);
  node.stage = Stage::restarts;
  c.world.queue.cancel(node.timer);
  node.timer = c.world.schedule(c.now() + c.parameters.pause_stop, RestartDue{c.service.value, number, node.life});
  kubernetes::answers_otherwise(c.world, c.process(number));
}

/// What the first node is told of all when it asks.
autoheal::Survey survey_of(const Context& c, Number asks) {
  autoheal::Survey survey;
  survey.complete = true;
  for (Number number = 0; number < c.nodes(); ++number) {
    const bool runs = c.node(number).stage == Stage::runs;
    // That it asks connects them.
    survey.complete = survey.complete && runs && (number == asks || (finds(c, asks, number) && finds(c, number, asks)));
    for (Number other = 0; other < c.nodes(); ++other) {
      if (number == other || number == asks || other == asks) continue;
      survey.complete = survey.complete && c.link(number, other).up;
    }
    survey.cannot_see.push_back(partitioned_from(c, number));
    survey.connections.push_back(connections_to(c, number));
  }
  return survey;
}

/// Those whom people trust less restart: people know all sides, and choose as autoheal does.
void restart_losers(Context& c) {
  autoheal::Survey survey;
  const std::vector<NodeSet> sides = sides_of(c);
  for (Number number = 0; number < c.nodes(); ++number) {
    const auto its = std::find_if(sides.begin(), sides.end(), [&](NodeSet side) { return contains(side, number); });
    survey.cannot_see.push_back(static_cast<NodeSet>(~*its & ((1U << c.nodes()) - 1)));
    survey.connections.push_back(connections_to(c, number));
  }
  const NodeSet losers = autoheal::decide(survey).losers;
  for (Number number = 0; number < c.nodes(); ++number) {
    if (!contains(losers, number) || c.node(number).stage != Stage::runs) continue;
    c.node(number).may_start = true;
    c.node(number).healer = {};
    stop_to_restart(c, number);
  }
}

void say(Context& c, Number from, const autoheal::Output& output) {
  const auto id = c.service.value;
  std::optional<CauseScope> because;
  if (output.decided.winner != autoheal::nobody)
    because.emplace(c.world, c.world.note(AutohealDecided{id, output.decided.winner}, output.decided.losers));
  for (const autoheal::Message& message : output.messages) {
    c.world.schedule(c.now() + handled(c, from, message.to),
                     AutohealMessage{id, from, message.to, message.losers, message.kind}, sim::Priority::message);
  }
  Node& node = c.node(from);
  if (output.restart && node.stage == Stage::runs) stop_to_restart(c, from);
  if (!output.start || node.stage != Stage::restarts || node.draining) return;
  node.may_start = true;
  if (node.stopped) begin_boot(c, from, c.parameters.broker_start, Purpose::broker_start);
}

/// maybe_autoheal.
void seeks_healing(Context& c, Number number) {
  if (!heals_itself(c) || !serves(c, number) || partitioned_from(c, number) == 0) return;
  if (size(alive_for(c, number)) < c.nodes()) return;
  const autoheal::Output output = autoheal::partition_seen(c.node(number).healer);
  if (output.messages.empty()) return;
  const CauseScope because(c.world, c.world.note(AutohealRequested{c.service.value, number}));
  say(c, number, output);
}

bool is_partitioned(const Context& c) {
  return std::any_of(c.state.links.begin(), c.state.links.end(), [](const Link& link) { return link.partitioned; });
}

/// Somebody whom the node reaches still reaches the other one.
Number go_between(const Context& c, Number number, Number peer) {
  if (c.node(peer).stage != Stage::runs || contact_of(c, number, peer) == Contact::ok) return nobody;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other == number || other == peer || c.node(other).stage != Stage::runs) continue;
    if (reaches(c, number, other) && reaches(c, other, peer)) return other;
  }
  return nobody;
}

void lose_connection(Context& c, Number number, Number peer, bool quietly = false);

void look_at_handling(Context& c, Number number, Number peer) {
  if (c.spec.khepri || c.node(number).stage != Stage::runs) return;
  const NodeSet alive = alive_for(c, number);
  const bool by_list = c.spec.handling == Handling::pause_if_all_down;
  const bool minority = !is_majority(c, alive) && !NINES_MUTATED(minority_goes_on);
  if (c.spec.handling == Handling::pause_minority && minority) return pause_node(c, number, false);
  if (by_list && (alive & c.plan.preferred) == 0) return pause_node(c, number, false);
  const Number between = go_between(c, number, peer);
  if (between == nobody) return;
  const CauseScope because(c.world, c.world.note(PartitionPartial{c.service.value, number, peer}, peer));
  if (c.spec.handling == Handling::pause_minority) return pause_node(c, number, true);
  // The partition is made a whole one.
  lose_connection(c, number, between);
  lose_connection(c, between, number);
}

/// `quietly`: it stood still, and its connection is as new as its peer's before it has looked (sheet, section 5).
void lose_connection(Context& c, Number number, Number peer, bool quietly) {
  Link& link = c.link(number, peer);
  if (!link.up) return;
  forget_link_timers(c, link);
  // It looks for those that it misses, one after the other, again and again.
  if (c.node(number).stage != Stage::paused && size(alive_for(c, number)) == c.nodes())
    c.node(number).pings_from = c.now() + c.parameters.ping_period;
  link.dark = link.silent_since != Time::never();
  link.up = link.suspected = link.cut = false;
  link.silent_since = Time::never();
  packets_are_lost(c, number, peer);
  packets_are_lost(c, peer, number);
  Node& node = c.node(number);
  const bool both_run = node.stage == Stage::runs && c.node(peer).stage == Stage::runs;
  link.missed = both_run;
  say(c, number, autoheal::node_lost(node.healer, number, peer));
  if (node.stage == Stage::runs) broker_is_gone(c, number, peer);
  if (quietly || node.stage != Stage::runs) return;
  const auto id = c.service.value;
  const CauseScope because(c.world, is_majority(c, alive_for(c, number))
                                        ? c.world.note(NodeDown{id, number, peer}, peer)
                                        : c.world.note(NodeDownCutOff{id, number, peer}, peer));
  node.saw_end = with(node.saw_end, peer);
  if (!is_majority(c, alive_for(c, number))) channels_cut_off(c, number);
  replicas_lost_node(c, number, peer);
  copies_lost_node(c, number, peer);
  look_at_handling(c, number, peer);
}

/// Silent nodes that it has no connection to, which it looks for in their order.
std::vector<Number> missed_by(const Context& c, Number number) {
  std::vector<Number> missed;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && !c.link(number, other).up && c.link(number, other).dark) missed.push_back(other);
  }
  return missed;
}

/// Where a node is in its looks for others: each takes net_setuptime, and a rest follows.
struct Look {
  Time begins;            ///< of this one
  std::size_t which = 0;  ///< of those that it misses; behind the last: it rests
};
Look look_at(const Context& c, Number number, std::size_t missed) {
  const Duration each = c.parameters.net_setuptime;
  const Duration turn = each * static_cast<std::int64_t>(missed) + c.parameters.ping_period;
  const Time from = c.node(number).pings_from;
  if (c.now() <= from) return {from, 0};
  const Time turn_begins = from + turn * ((c.now() - from) / turn);
  const auto which = std::min(static_cast<std::size_t>((c.now() - turn_begins) / each), missed);
  return {turn_begins + each * static_cast<std::int64_t>(which), which};
}

/// A paused node that has just been found sees that at the end of its present look for all, or when it has rested.
Time pass_ends(const Context& c, Number number) {
  const std::size_t missed = missed_by(c, number).size();
  const Look look = look_at(c, number, missed);
  return look.which < missed ? std::max(look.begins, c.now()) : look.begins + c.parameters.ping_period;
}

/// When a node's looks for others get through to `peer`. An attempt sends its first packet again 1 s and 3 s later
/// (TCP's initial time-out, RFC 6298); one that stood still had the attempt of a node waiting for it.
Time found_at(const Context& c, Number number, Number peer) {
  constexpr std::array<Duration, 3> sent{Duration(), Duration::seconds(1), Duration::seconds(3)};
  const std::vector<Number> missed = missed_by(c, number);
  Look look = look_at(c, number, missed.size());
  if (!c.link(number, peer).dark) {
    // Who refused until now takes no time.
    if (c.now() <= c.node(number).pings_from) return c.node(number).pings_from;
    const auto left = static_cast<std::int64_t>(missed.size() - look.which);
    return look.begins + c.parameters.net_setuptime * left + c.parameters.ping_period;
  }
  for (std::size_t turns = 0; turns < 2 * missed.size() + 2; ++turns) {
    if (look.which >= missed.size()) {
      look = {look.begins + c.parameters.ping_period, 0};
      continue;
    }
    const Number other = missed[look.which];
    Time ends = look.begins + c.parameters.net_setuptime;
    if (finds(c, number, other) && finds(c, other, number)) {
      Time through = ends;
      for (auto again = sent.rbegin(); again != sent.rend(); ++again) {
        if (look.begins + *again >= c.now()) through = look.begins + *again;
      }
      if (c.node(other).woke == c.now()) through = std::max(look.begins, c.now());
      if (through < ends && other == peer) return through;
      ends = std::min(ends, through);
    }
    look = {ends, look.which + 1};
  }
  return look.begins;
}

/// Nodes tell each other whom they are connected to, and connect (global).
void meet_others(Context& c, Number one, Number other) {
  for (Number third = 0; third < c.nodes(); ++third) {
    for (const auto& [number, by] : {std::pair{one, other}, std::pair{other, one}}) {
      if (third == one || third == other || !c.link(by, third).up || !c.link(third, by).up) continue;
      Link& link = c.link(number, third);
      if (link.up || c.link(third, number).up || !finds(c, number, third) || !finds(c, third, number)) continue;
      Duration takes;
      for (int message = 0; message < handshake_messages; ++message) takes = takes + handled(c, number, third);
      c.world.queue.cancel(link.ping_timer);
      link.ping_timer = c.world.schedule(c.now() + takes, PingDue{c.service.value, number, third});
    }
  }
}

void connect_nodes(Context& c, Number one, Number other) {
  const CauseScope because(c.world, c.world.note(NodesMet{c.service.value, one, other}, other));
  const bool missed = c.link(one, other).missed && c.link(other, one).missed;
  for (const auto& [observer, peer] : {std::pair{one, other}, std::pair{other, one}}) {
    Link& link = c.link(observer, peer);
    forget_link_timers(c, link);
    // One that is paused goes on from the look that found somebody.
    Node& node = c.node(observer);
    if (node.stage == Stage::paused) node.looked = pass_ends(c, observer);
    link.up = true;
    link.suspected = link.missed = link.cut = link.dark = false;
    link.silent_since = Time::never();
    link.life = c.node(peer).life;
  }
  if (c.node(one).stage != Stage::runs || c.node(other).stage != Stage::runs) return;
  if (missed && !c.spec.khepri) {
    c.link(one, other).partitioned = c.link(other, one).partitioned = true;
    const CauseScope found(c.world, c.world.note(PartitionFound{c.service.value, one, other}, other));
    for (const Number number : {one, other}) seeks_healing(c, number);
  } else {
    c.node(one).saw_end = without(c.node(one).saw_end, other);
    c.node(other).saw_end = without(c.node(other).saw_end, one);
  }
}

// ---- connections ----

Duration silence_that_counts(const Parameters& p) {
  return sim::scaled(p.heartbeat_interval + p.heartbeat_lateness, p.scaling_factor);
}
Time next_poll(const Context& c, Number number, Time from) {
  const sim::Grid grid{Time::zero() + c.node(number).poll_phase, c.parameters.poll_interval};
  return grid.at_or_after(from);
}

void fall_silent(Context& c, Number number, Number peer) {
  Link& link = c.link(number, peer);
  link.silent_since = c.now();
  // What merely waits to be sent again is not cut once more.
  link.cut = !c.node(peer).frozen && !c.node(number).frozen &&
             contact(c.world, c.process(number), c.process(peer)) == Contact::silence;
  const Duration tick = c.parameters.net_ticktime / std::max<Count>(c.parameters.net_ticks, 1);
  const sim::Grid ticks{Time::zero() + c.node(number).net_phase, std::max(tick, Duration::milliseconds(1))};
  const auto id = c.service.value;
  link.net_timer = c.world.schedule(ticks.at_or_after(c.now()) + c.parameters.net_ticktime, NetTick{id, number, peer});
  if (link.suspected || NINES_MUTATED(silence_unheard)) return;
  c.world.queue.cancel(link.poll_timer);
  const Time counts = c.now() + silence_that_counts(c.parameters);
  link.poll_timer = c.world.schedule(next_poll(c, number, counts), SilencePoll{id, number, peer});
}

void hear_again(Context& c, Number number, Number peer) {
  Link& link = c.link(number, peer);
  link.silent_since = Time::never();
  link.cut = false;
  link.resumes = Time::zero();
  c.world.queue.cancel(link.net_timer);
  c.world.queue.cancel(link.poll_timer);
  packets_go_on(c, number, peer);
  packets_go_on(c, peer, number);
  if (link.suspected)
    link.poll_timer = c.world.schedule(next_poll(c, number, c.now()), SilencePoll{c.service.value, number, peer});
}

/// Where packets get through again, a connection goes on when TCP next sends what it could not.
void look_whether_resumes(Context& c, Number number, Number peer) {
  Link& link = c.link(number, peer);
  if (!link.cut) return;
  const bool through = contact(c.world, c.process(number), c.process(peer)) == Contact::ok;
  if (!through || link.life != c.node(peer).life) {
    link.resumes = Time::zero();
    c.world.queue.cancel(link.resume_timer);
    return;
  }
  if (link.resumes > Time::zero()) return;
  link.resumes = infrastructure::sent_again(link.silent_since, c.world.plan->infra().tcp_rto_min, c.now());
  if (link.resumes > c.now())
    link.resume_timer = c.world.schedule(link.resumes, ConnectionResumes{c.service.value, number, peer});
}

void look_at_connected(Context& c, Number number, Number peer, bool was_frozen) {
  Link& link = c.link(number, peer);
  look_whether_resumes(c, number, peer);
  const Contact found = contact_of(c, number, peer);
  const bool other_life = link.life != c.node(peer).life;
  const bool closed = found == Contact::ok && (other_life || !c.link(peer, number).up);
  if (closed && !other_life) return lose_connection(c, number, peer, was_frozen);
  if (found == Contact::reset || closed) {
    if (c.world.queue.pending(link.closed_timer)) return;
    link.closed_timer =
        c.world.schedule(std::max(c.now(), c.node(peer).closed), ConnectionClosed{c.service.value, number, peer});
    return;
  }
  const bool silent = link.silent_since != Time::never();
  if (found == Contact::silence && !silent) fall_silent(c, number, peer);
  // It is heard again, or who heard it has stood still meanwhile: the next look tells.
  const bool to_clear = link.suspected && !c.world.queue.pending(link.poll_timer);
  if (found == Contact::ok && (silent || to_clear)) hear_again(c, number, peer);
}

void look_at_unconnected(Context& c, Number number, Number peer) {
  Link& link = c.link(number, peer);
  if (!finds(c, number, peer) || !finds(c, peer, number)) return c.world.queue.cancel(link.ping_timer), void();
  // The other one has not noticed yet: it does when it next sends something.
  if (c.link(peer, number).up || c.world.queue.pending(link.ping_timer)) return;
  link.ping_timer = c.world.schedule(found_at(c, number, peer), PingDue{c.service.value, number, peer});
}

/// `woken`: nodes that stood still until now.
void look_at_links(Context& c, NodeSet woken) {
  const auto each_link = [&](auto&& act) {
    for (Number number = 0; number < c.nodes(); ++number) {
      for (Number peer = 0; acts(c, number) && peer < c.nodes(); ++peer) {
        if (peer != number) act(number, peer);
      }
    }
  };
  each_link([&](Number number, Number peer) {
    if (c.link(number, peer).up) look_at_connected(c, number, peer, contains(woken, number));
  });
  each_link([&](Number number, Number peer) {
    if (!c.link(number, peer).up) look_at_unconnected(c, number, peer);
  });
}

void look_at_nodes(Context& c) {
  for (bool changed = true; changed;) {
    changed = false;
    for (Number number = 0; number < c.nodes(); ++number) {
      Node& node = c.node(number);
      if (!acts(c, number)) continue;
      // Its end came while it stood still: it goes on with it.
      if (node.draining && !c.world.queue.pending(node.timer)) {
        if (node.stage == Stage::restarts)
          node.timer = c.world.schedule(c.now(), NodeExits{c.service.value, number, node.life});
        else
          node.timer = c.world.schedule(c.now(), BrokerStops{c.service.value, number, node.life});
      }
      if (node.stage == Stage::waits) {
        const bool starts = c.spec.khepri ? starts_with_khepri(c, number) : starts_with_mnesia(c, number);
        if (starts) start_broker(c, number);
        changed = changed || starts;
      }
      if (node.leaving && may_leave(c, number)) {
        leave(c, number);
        changed = true;
      }
      if (node.stage != Stage::paused) continue;
      if (!may_resume(c, number)) {
        c.world.queue.cancel(node.timer);
      } else if (!c.world.queue.pending(node.timer)) {
        node.timer = c.world.schedule(std::max(node.looked, c.now()), PauseChecked{c.service.value, number, node.life});
      }
    }
  }
}

/// Each node that starts waits for another one's tables, and nobody has them: people are called.
void look_at_boots(Context& c) {
  if (c.spec.khepri || c.state.force_boot) return;
  bool runs = false;
  bool waits = false;
  for (Number number = 0; number < c.nodes(); ++number) {
    runs = runs || c.node(number).stage == Stage::runs;
    waits = waits || c.node(number).stage == Stage::waits;
  }
  if (runs) return c.world.queue.cancel(c.state.boot_timer), void();
  if (!waits || c.world.queue.pending(c.state.boot_timer)) return;
  const Duration takes = c.world.draw(c.component(), Purpose::partition_repair, c.parameters.forced_boot);
  c.state.boot_timer = c.world.schedule(c.now() + takes, BootForced{c.service.value});
}

void look_at_partitions(Context& c) {
  if (!is_partitioned(c)) return c.world.queue.cancel(c.state.repair_timer), void();
  // Also where autoheal has given up.
  if (c.world.queue.pending(c.state.repair_timer)) return;
  const Duration takes = c.world.draw(c.component(), Purpose::partition_repair, c.parameters.partition_repair);
  c.state.repair_timer = c.world.schedule(c.now() + takes, UntrustedRestarted{c.service.value});
}

/// It stands still, or is cut off: of the nodes that are not down it reaches too few for a majority.
bool is_away(const Context& c, Number number) {
  if (c.node(number).frozen) return true;
  NodeSet reached = only(number);
  for (Number other = 0; other < c.nodes(); ++other) {
    const bool down = c.node(other).stage == Stage::down;
    if (other != number && (down || reaches(c, number, other))) reached = with(reached, other);
  }
  return !is_majority(c, reached);
}

/// Losers of autoheal restart, and so does whom people restart; whoever else was away goes on as it was.
void look_at_absence(Context& c, Number number) {
  Node& node = c.node(number);
  if (node.stage != Stage::runs) return;
  if (is_away(c, number)) {
    node.away = node.behind = true;
    return;
  }
  if (!node.away) return;
  bool apart = false;
  for (Number other = 0; other < c.nodes(); ++other) apart = apart || c.link(number, other).partitioned;
  const bool to_be_decided = apart && heals_itself(c);
  if (!to_be_decided && !replicas_follow(c, number)) return;
  node.away = false;
  if (!to_be_decided && node.listens) c.world.note(NodeRejoined{c.service.value, number});
}

void settle_after(Context& c, NodeSet woken) {
  look_at_links(c, woken);
  look_at_nodes(c);
  look_at_boots(c);
  look_at_partitions(c);
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.is_quorum(queue)) look_at_quorum(c, queue);
    if (c.is_classic(queue)) look_at_classic(c, queue);
  }
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.is_stream(queue)) look_at_stream(c, queue);
  }
  for (Number number = 0; number < c.nodes(); ++number) {
    look_at_absence(c, number);
    Node& node = c.node(number);
    const bool there = node.listens && serves(c, number) && !node.away;
    if (!node.behind || !there || !replicas_level(c, number) || !copies_synced(c, number)) continue;
    if (!members_level(c, number)) continue;
    node.behind = false;
    c.world.note(NodeCaughtUp{c.service.value, number});
  }
  look_at_accesses(c);
  look_at_held(c);
  look_at_subscriptions(c);
  look_at_single_active(c);
  set_rates(c);
  look_at_lags(c);
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.is_classic(queue)) look_at_sync(c, queue);
  }
  look_at_alarms(c);
  look_at_consumer_timeouts(c);
}

}  // namespace

// ---- questions ----

Context context(World& world, ServiceId service) {
  const Spec& spec = spec_of(world.plan->spec(service));
  return {world, service, plan_of(*world.plan, service), spec, spec.parameters, world.services[service].as<State>()};
}
const Context view(const World& world, ServiceId service) {
  // A const context changes nothing.
  return context(const_cast<World&>(world), service);
}

bool acts(const Context& c, Number number) {
  const Node& node = c.node(number);
  return node.stage != Stage::down && !node.frozen &&
         c.world.processes[c.process(number)].status == ProcessState::Status::running;
}
bool serves(const Context& c, Number number) { return c.node(number).stage == Stage::runs && acts(c, number); }

Contact contact_of(const Context& c, Number from, Number to) {
  const Contact found = contact(c.world, c.process(from), c.process(to));
  if (found != Contact::ok) return found;
  if (c.node(to).stage == Stage::down) return Contact::reset;
  // What waits on their connection is sent again later.
  return std::max(c.link(from, to).resumes, c.link(to, from).resumes) > c.now() ? Contact::silence : Contact::ok;
}

bool reaches(const Context& c, Number from, Number to) {
  return acts(c, from) && acts(c, to) && c.link(from, to).up && c.link(to, from).up &&
         contact_of(c, from, to) == Contact::ok;
}

Duration one_way(const Context& c, ProcessId from, ProcessId to) {
  const Duration trip = infrastructure::round_trip(c.world, from, to);
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, to);
  if (path == infrastructure::PathCondition{}) return trip / 2;
  const Duration longer = infrastructure::round_trip_longer(c.world.plan->infra(), path, trip);
  return trip / 2 + std::min(longer / 2, c.parameters.net_ticktime);
}

Duration handled(Context& c, Number from, Number to) {
  const Duration way = from == to ? Duration() : one_way(c, c.process(from), c.process(to));
  return way + c.world.draw(c.component(to), Purpose::message_handling, c.parameters.handling);
}

NodeSet alive_for(const Context& c, Number number) {
  NodeSet alive = only(number);
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other != number && c.link(number, other).up) alive = with(alive, other);
  }
  return alive;
}

bool is_majority(const Context& c, NodeSet nodes) { return 2 * size(nodes) > c.nodes(); }

bool stale(World& world, std::uint32_t life, std::uint32_t of_event) {
  world.stale = life != of_event;
  return world.stale;
}

bool nodes_at_rest(const Context& c) {
  for (const Node& node : c.state.nodes) {
    if (node.stage != Stage::runs || !node.listens || node.frozen || node.leaving || node.behind) return false;
  }
  return std::all_of(c.state.links.begin(), c.state.links.end(), [&](const Link& link) {
    return link.up && !link.suspected && !link.partitioned && link.silent_since == Time::never() &&
           !c.world.queue.pending(link.closed_timer);
  });
}

// ---- what happens ----

void settle(Context& c) { settle_after(c, 0); }

void node_started(Context& c, Number number) {
  Node& node = c.node(number);
  if (std::exchange(c.world.processes.edit(c.process(number)).disk_lost, false)) {
    node.blank = true;
    node.saw_end = 0;
  }
  node.pings_from = c.now() + c.parameters.ping_period;
  begin_boot(c, number, c.parameters.boot, Purpose::process_start);
}

void node_died(Context& c, Number number) {
  grow(c);
  Node& node = c.node(number);
  if (node.stage == Stage::runs) {
    replicas_ended(c, number);
    copies_ended(c, number, false);
    members_ended(c, number, c.world.processes[c.process(number)].ending == Ending::power_loss);
  }
  for (const sim::TimerId timer : {node.timer, node.memory_timer, node.disk_timer}) c.world.queue.cancel(timer);
  node.stage = Stage::down;
  node.closed = c.now() + c.world.draw(c.component(number), Purpose::connection_teardown, c.parameters.teardown);
  ++node.life;
  node.frozen = node.leaving = node.draining = node.waits_for_all = node.behind = node.away = false;
  node.memory_alarm = node.disk_alarm = false;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other == number) continue;
    Link& link = c.link(number, other);
    forget_link_timers(c, link);
    packets_are_lost(c, number, other);
    packets_are_lost(c, other, number);
    link = {};
    link.up = false;
  }
  node.healer = {};
  node.stopped = node.may_start = false;
}

void node_terminating(Context& c, Number number) {
  Node& node = c.node(number);
  if (node.stage == Stage::down || node.draining) return;
  grow(c);
  node.leaving = true;
  settle(c);
}

void look_at_frozen(Context& c) {
  NodeSet woken = 0;
  for (Number number = 0; number < c.nodes(); ++number) {
    Node& node = c.node(number);
    const bool stands = c.world.processes[c.process(number)].status == ProcessState::Status::stopped;
    if (stands == node.frozen || node.stage == Stage::down) continue;
    node.frozen = stands;
    (stands ? node.froze : node.woke) = c.now();
    for (Number peer = 0; peer < c.nodes(); ++peer) {
      if (peer == number) continue;
      Link& link = c.link(number, peer);
      forget_link_timers(c, link);
      link.silent_since = Time::never();
      link.cut = false;
      if (!stands) packets_go_on(c, peer, number);
    }
    if (stands) continue;
    woken = with(woken, number);
    replicas_go_on(c, number);
  }
  settle_after(c, woken);
}

// ---- events ----

void on(World& world, const NodeBooted& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = c.node(event.node);
  if (stale(world, node.life, event.life)) return;
  grow(c);
  node.stage = Stage::waits;
  for (Number other = 0; other < c.nodes(); ++other) {
    if (other == event.node || !finds(c, event.node, other) || !finds(c, other, event.node)) continue;
    if (!c.link(event.node, other).up && !c.link(other, event.node).up) connect_nodes(c, event.node, other);
  }
  const Duration patience = c.parameters.table_retry * c.parameters.table_retries;
  node.timer = world.schedule(c.now() + patience, LoadingGivenUp{c.service.value, event.node, node.life});
  settle(c);
}

void on(World& world, const ListenersOpened& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = c.node(event.node);
  if (stale(world, node.life, event.life)) return;
  grow(c);
  node.listens = true;
  const CauseScope because(world, world.note(NodeRejoined{c.service.value, event.node}));
  settle(c);
  kubernetes::answers_otherwise(world, c.process(event.node));
}

void on(World& world, const LoadingGivenUp& event) {
  Context c = context(world, ServiceId{event.service});
  if (stale(world, c.node(event.node).life, event.life)) return;
  kubernetes::process_exited(world, c.process(event.node), Ending::crash);
}

void on(World& world, const PauseChecked& event) {
  Context c = context(world, ServiceId{event.service});
  if (stale(world, c.node(event.node).life, event.life)) return;
  grow(c);
  begin_boot(c, event.node, c.parameters.broker_start, Purpose::broker_start);
  settle(c);
}

void on(World& world, const RestartDue& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = c.node(event.node);
  if (stale(world, node.life, event.life)) return;
  grow(c);
  if (!std::exchange(node.stopped, true)) {
    broker_has_stopped(c, event.node);
    if (!node.may_start) {
      // Autoheal: until it is told, or has waited for too long.
      node.timer =
          world.schedule(c.now() + c.parameters.autoheal_timeout, RestartDue{c.service.value, event.node, node.life});
      return settle(c);
    }
  } else {
    node.healer = {};
  }
  begin_boot(c, event.node, c.parameters.broker_start, Purpose::broker_start);
  settle(c);
}

void on(World& world, const ConnectionResumes& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  settle(c);
}

void on(World& world, const AutohealMessage& event) {
  Context c = context(world, ServiceId{event.service});
  Node& node = c.node(event.to);
  // safe_to_start goes to who waits outside the broker.
  const bool waits = event.kind == autoheal::Kind::safe_to_start && node.stage == Stage::restarts;
  const bool gets = event.from == event.to || reaches(c, event.from, event.to);
  if (!acts(c, event.to) || !gets || (!serves(c, event.to) && !waits)) {
    world.stale = true;
    return;
  }
  grow(c);
  if (event.kind == autoheal::Kind::request)
    say(c, event.to, autoheal::requested(node.healer, event.to, partitioned_from(c, event.to), survey_of(c, event.to)));
  else
    say(c, event.to,
        autoheal::heard(node.healer, event.to, event.from, {event.kind, event.to, event.losers},
                        brokers_seen(c, event.to)));
  settle(c);
}

void on(World& world, const BrokerStops& event) {
  Context c = context(world, ServiceId{event.service});
  if (stale(world, c.node(event.node).life, event.life)) return;
  if (!acts(c, event.node)) {
    world.stale = true;
    return;
  }
  grow(c);
  end_broker(c, event.node, std::max(c.parameters.drain - c.parameters.pause_stop, Duration()));
  settle(c);
}

void on(World& world, const NodeExits& event) {
  Context c = context(world, ServiceId{event.service});
  if (stale(world, c.node(event.node).life, event.life)) return;
  if (!acts(c, event.node)) {
    world.stale = true;
    return;
  }
  kubernetes::process_exited(world, c.process(event.node), Ending::clean);
}

void on(World& world, const NetTick& event) {
  Context c = context(world, ServiceId{event.service});
  if (c.link(event.node, event.peer).silent_since == Time::never()) {
    world.stale = true;
    return;
  }
  grow(c);
  lose_connection(c, event.node, event.peer);
  settle(c);
}

void on(World& world, const ConnectionClosed& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  lose_connection(c, event.node, event.peer);
  settle(c);
}

void on(World& world, const SilencePoll& event) {
  Context c = context(world, ServiceId{event.service});
  Link& link = c.link(event.node, event.peer);
  const bool silent = link.silent_since != Time::never();
  if (silent == link.suspected || !acts(c, event.node)) {
    world.stale = true;
    return;
  }
  grow(c);
  link.suspected = silent;
  std::optional<CauseScope> because;
  if (silent) because.emplace(world, world.note(NodeSilent{c.service.value, event.node, event.peer}, event.peer));
  replicas_hear(c, event.node, event.peer, silent);
  settle(c);
}

void on(World& world, const PingDue& event) {
  Context c = context(world, ServiceId{event.service});
  if (c.link(event.node, event.peer).up) {
    world.stale = true;
    return;
  }
  grow(c);
  connect_nodes(c, event.node, event.peer);
  meet_others(c, event.node, event.peer);
  settle(c);
}

void on(World& world, const BootForced& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  c.state.force_boot = true;
  settle(c);
}

void on(World& world, const UntrustedRestarted& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  restart_losers(c);
  settle(c);
}

}  // namespace nines::models::rabbitmq
