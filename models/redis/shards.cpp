#include "models/redis/shards.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "models/literal_walks.hpp"
#include "models/redis/addresses.hpp"
#include "models/redis/sentinels.hpp"

namespace nines::models::redis {

namespace {

using sim::Time;

/// A ping is answered in time. A link over which one has waited for half of the node time-out is made anew, which takes
/// a round trip more (clusterCron): who is slower than that is missed like one that is silent.
bool is_heard(const Context& c, Number from, Number to) {
  if (!reaches(c, from, to)) return false;
  if (c.world.infrastructure.degradations.empty()) return true;
  return one_way(c, c.server_process(from), c.server_process(to)) * 2 <= c.plan.bus_rules.node_timeout / 2;
}

/// The service as the bus sees it.
class Around final : public bus::Surroundings {
 public:
  explicit Around(Context& c) : c_(c) {}
  [[nodiscard]] bool reaches(Number from, Number to) const override {
    return node_knows(c_, from, to) && is_heard(c_, from, to);
  }
  double draw(Number node) override { return c_.world.uniform(c_.component(c_.server_process(node)), Purpose::gossip); }
  [[nodiscard]] double offset(Number node) const override { return redis::offset(c_, node); }
  [[nodiscard]] Duration link_down(Number node) const override {
    const Server& server = c_.server(node);
    // repl_down_since 0, so that its data are as old as the clock.
    constexpr Duration ever = Duration::seconds(1'000'000'000);
    if (server.connection != Connection::up) return server.was_up ? c_.now() - server.connection_since : ever;
    return server.silent_since == Time::never() ? Duration() : c_.now() - server.silent_since;
  }
  [[nodiscard]] std::uint32_t name(Number node) const override { return c_.server(node).run; }

 private:
  Context& c_;
};

/// The same before whatever has woken the nodes: those that ran and had not failed for each other reached each other.
class Before final : public bus::Surroundings {
 public:
  explicit Before(Context& c) : c_(c) {
    for (const bus::Node& node : c.state.nodes.nodes) {
      std::vector<bool> reached;
      for (const bus::View& seen : node.views) reached.push_back(node.up && !seen.failed && !seen.maybe_failed);
      reached_.push_back(std::move(reached));
    }
  }
  [[nodiscard]] bool reaches(Number from, Number to) const override { return reached_[from][to] && reached_[to][from]; }
  double draw(Number node) override { return c_.world.uniform(c_.component(c_.server_process(node)), Purpose::gossip); }
  [[nodiscard]] double offset(Number node) const override { return redis::offset(c_, node); }
  [[nodiscard]] Duration link_down(Number) const override { return {}; }
  [[nodiscard]] std::uint32_t name(Number node) const override { return c_.server(node).run; }

 private:
  Context& c_;
  std::vector<std::vector<bool>> reached_;
};

const bus::Node& node_of(const Context& c, Number number) { return c.state.nodes.nodes[number]; }

std::optional<sim::CauseId> note_of(Context& c, const bus::Happened& happened) {
  World& world = c.world;
  const auto id = c.service.value;
  Told& told = c.state.told;
  const bool of_master = happened.about != nobody && happened.about < c.servers() &&
                         c.state.chief[shard_of(c, happened.about)] == happened.about;
  switch (happened.what) {
    case bus::What::maybe_failed:
      // Only masters' opinions count.
      if (!of_master || !bus::is_master(node_of(c, happened.node), happened.node)) return std::nullopt;
      if (!std::exchange(told.maybe_failed, true)) return world.note(MaybeFailed{id, happened.node}, happened.about);
      if (!std::exchange(told.maybe_failed_again, true))
        return world.note(MaybeFailedAgain{id, happened.node}, happened.about);
      return std::nullopt;
    case bus::What::failed:
      if (!of_master || std::exchange(told.failed, true)) return std::nullopt;
      return world.note(Failed{id, happened.node}, happened.about);
    case bus::What::delay_drawn: return std::nullopt;
    case bus::What::asks_for_votes: return world.note(ElectionBegins{id, happened.node});
    case bus::What::expired: return world.note(ElectionExpired{id, happened.node});
    case bus::What::promoted: return world.note(Writable{id, happened.node});
    case bus::What::demoted:
      if (c.server(happened.node).master == nobody) return world.note(Demoted{id, happened.node});
      return world.note(Repointed{id, happened.node});
    case bus::What::migrated: return world.note(Migrated{id, happened.node}, happened.about);
    case bus::What::state_ok: return world.note(ClusterOk{id, happened.node});
    case bus::What::state_fail: return world.note(ClusterDown{id, happened.node});
    case bus::What::too_old:
      if (std::exchange(told.too_old, true)) return std::nullopt;
      return world.note(DataTooOld{id, happened.node});
  }
  return std::nullopt;
}

/// What the bus has decided becomes so.
void carry_out(Context& c, const std::vector<bus::Happened>& all) {
  for (const bus::Happened& happened : all) {
    const std::optional<sim::CauseId> record = note_of(c, happened);
    if (record) c.state.cause = *record;
    std::optional<CauseScope> because;
    if (record) because.emplace(c.world, *record);
    if (happened.what == bus::What::asks_for_votes) {
      Duration farthest;
      for (Number i = 0; i < c.servers(); ++i) {
        if (i != happened.node && is_heard(c, happened.node, i))
          farthest = std::max(farthest, one_way(c, c.server_process(happened.node), c.server_process(i)) * 2);
      }
      c.state.votes_timer[happened.node] =
          c.world.schedule(c.now() + farthest, VotesCounted{c.service.value, happened.node});
    }
    if (happened.what == bus::What::promoted) promote(c, happened.node);
    if (happened.what == bus::What::demoted || happened.what == bus::What::migrated)
      follow(c, happened.node, happened.about);
  }
}

// ---- rest ----

bool accuses(const bus::Node& node, Number other) { return node.views[other].failed || node.views[other].maybe_failed; }
/// Masters that take another node for failed make a majority.
bool most_accuse(const Context& c, Number other) {
  const std::vector<Number>& masters = node_of(c, other).owner;
  const auto accusers = std::count_if(masters.begin(), masters.end(), [&](Number master) {
    return master != other && answers(c, master) && accuses(node_of(c, master), other);
  });
  return accusers >= static_cast<std::ptrdiff_t>(masters.size() / 2 + 1);
}
/// It has failed for this node, or will have as soon as that is told.
bool is_lost(const Context& c, Number self, Number other) {
  const bus::View& seen = node_of(c, self).views[other];
  return seen.failed || (seen.maybe_failed && most_accuse(c, other));
}

/// No replica of a failed owner can be elected.
bool no_election(const Context& c, Number shard) {
  for (Number candidate = 0; candidate < c.servers(); ++candidate) {
    if (shard_of(c, candidate) != shard || !answers(c, candidate)) continue;
    const bus::Node& node = node_of(c, candidate);
    if (bus::is_master(node, candidate) || !is_lost(c, candidate, node.views[candidate].master)) continue;
    std::int64_t voters = 0;
    for (const Number owner : node.owner) voters += answers(c, owner) && is_heard(c, candidate, owner) ? 1 : 0;
    const Duration age = Around(const_cast<Context&>(c)).link_down(candidate);
    const bus::Rules& rules = c.plan.bus_rules;
    const bool fresh =
        rules.validity_factor <= 0 || age <= rules.repl_ping_period + rules.node_timeout * (rules.validity_factor + 1);
    if (voters >= bus::size(node) / 2 + 1 && fresh) return false;
  }
  return true;
}

bool knows(const Context& c, Number self, Number other) {
  const bus::View& seen = node_of(c, self).views[other];
  // Whose address it has not it cannot ask, either.
  if (node_knows(c, self, other) && is_heard(c, self, other))
    return !seen.failed && !seen.maybe_failed && seen.master == c.server(other).master;
  return seen.failed || seen.maybe_failed;
}

/// Some replica may go over to another master as soon as all know what most say.
bool hearsay_matters(const Context& c) {
  if (!c.plan.bus_rules.migrates || c.servers() <= 2 * c.plan.shards) return false;
  for (Number other = 0; other < c.servers(); ++other) {
    if (answers(c, other) || !most_accuse(c, other)) continue;
    for (Number self = 0; self < c.servers(); ++self) {
      if (answers(c, self) && node_of(c, self).views[other].maybe_failed) return true;
    }
  }
  return false;
}

/// It is in touch with somebody who knows another owner: one of them has the newer claim. Who is alone stays as it is.
bool will_hear_of_another(const Context& c, Number self, Number shard) {
  for (Number other = 0; other < c.servers(); ++other) {
    const bool in_touch = other != self && (is_heard(c, self, other) || is_heard(c, other, self));
    if (in_touch && node_of(c, other).owner_epoch[shard] != node_of(c, self).owner_epoch[shard]) return true;
  }
  return false;
}

/// Somebody would learn an address at one of the next turns (exchange_addresses). Who finds nobody who knows learns
/// none.
bool addresses_spread(const Context& c) {
  for (Number self = 0; self < c.servers(); ++self) {
    if (!answers(c, self)) continue;
    for (Number other = 0; other < c.servers(); ++other) {
      if (other == self || !node_knows(c, self, other) || !reaches(c, self, other)) continue;
      if (!node_knows(c, other, self)) return true;
      for (Number third = 0; third < c.servers(); ++third) {
        if (node_knows(c, other, third) && !node_knows(c, self, third)) return true;
      }
    }
  }
  return false;
}

bool nodes_at_rest(const Context& c) {
  if (hearsay_matters(c) || (c.spec.announces == Announces::addresses && addresses_spread(c))) return false;
  std::vector<bool> failed(c.plan.shards);
  for (Number self = 0; self < c.servers(); ++self) {
    if (!answers(c, self)) continue;
    const bus::Node& node = node_of(c, self);
    for (Number other = 0; other < c.servers(); ++other) {
      if (other != self && !knows(c, self, other)) return false;
    }
    for (Number shard = 0; shard < c.plan.shards; ++shard) {
      const Number owner = node.owner[shard];
      const bool lost = node.views[owner].failed || node.views[owner].maybe_failed;
      failed[shard] = failed[shard] || lost;
      if (!lost && owner != c.state.chief[shard] && will_hear_of_another(c, self, shard)) return false;
    }
    if (bus::migrates_to(c.plan.bus_rules, c.state.nodes, self, Around(const_cast<Context&>(c))) != nobody)
      return false;
    const bool none_lost = std::none_of(failed.begin(), failed.end(), [](bool lost) { return lost; });
    if (none_lost && !node.ok) return false;
  }
  for (Number shard = 0; shard < c.plan.shards; ++shard) {
    if (failed[shard] && !no_election(c, shard)) return false;
  }
  return true;
}

constexpr Duration between_looks = Duration::seconds(1);

sim::Grid turns_of(const Context& c, Number number) {
  return {Time::zero() + c.state.cron_phase[number], c.plan.bus_rules.cron_period};
}

/// Who looks next whether all may sleep: the first that has a turn then.
Time next_look(const Context& c) {
  const Time from = std::max(c.state.looked_at + between_looks, c.now() + Duration::nanoseconds(1));
  Time next = Time::never();
  for (Number i = 0; i < c.servers(); ++i) {
    if (answers(c, i)) next = std::min(next, turns_of(c, i).at_or_after(from));
  }
  return next;
}

/// The next turn in which it may do something; those before pass uncalled.
Time next_turn(Context& c, Number number, Time look) {
  const Time next = turns_of(c, number).after(c.now());
  // Addresses are told at every turn, as long as anybody learns one by it.
  if (literal_walks || (c.spec.announces == Announces::addresses && addresses_spread(c))) return next;
  const bus::Rules& rules = c.plan.bus_rules;
  const Around around(c);
  const std::int64_t idle = bus::idle_turns(rules, c.state.nodes, number, next - rules.cron_period, around);
  const Time busy = next + rules.cron_period * idle;
  return look < busy && turns_of(c, number).at_or_after(look) == look ? look : busy;
}

/// Turns that have passed uncalled are counted.
void count_turns(Context& c, Number number) {
  const sim::Grid turns = turns_of(c, number);
  const Time last = turns.at_or_before(c.now());
  const Time counted = turns.at_or_before(c.state.turned_at[number]);
  c.state.nodes.nodes[number].iteration += static_cast<std::uint32_t>((last - counted) / turns.period);
  c.state.turned_at[number] = c.now();
}

void stop_turns(Context& c, Number number) {
  if (!c.world.queue.pending(c.state.cron_timer[number])) return;
  count_turns(c, number);
  c.world.queue.cancel(c.state.cron_timer[number]);
}

void schedule_turn(Context& c, Number number) {
  sim::TimerId& timer = c.state.cron_timer[number];
  const bool waits = c.world.queue.pending(timer);
  if (waits) count_turns(c, number);
  const Time at = next_turn(c, number, c.state.look_due);
  // One that was to come earlier does nothing then, and no harm.
  if (waits && c.world.queue.when(timer) <= at) return;
  if (!waits) c.state.turned_at[number] = c.now();
  c.world.queue.cancel(timer);
  std::optional<CauseScope> because;
  if (c.world.trace.holds(c.state.cause)) because.emplace(c.world, c.state.cause);
  timer = c.world.schedule(at, BusCron{c.service.value, number});
}

/// What one node does may have others act earlier only if it tells of it.
void schedule_turns(Context& c) {
  c.state.look_due = next_look(c);
  for (Number number = 0; number < c.servers(); ++number) {
    if (answers(c, number)) schedule_turn(c, number);
  }
}

/// The time before is played with everything as it was: pings come to their usual ages.
void play_before(Context& c) {
  Before before(c);
  const bus::Rules& rules = c.plan.bus_rules;
  // In that time everybody has pinged everybody, and each turn for a ping at random has come twice.
  const Duration length = std::max(rules.node_timeout / 2, Duration::seconds(2));
  const Time from = c.now() - std::min(length, c.now() - Time::zero());
  for (Number i = 0; i < c.servers(); ++i) {
    bus::Node& node = c.state.nodes.nodes[i];
    node.iteration = static_cast<std::uint32_t>(before.draw(i) * 10);
    for (bus::View& seen : node.views) {
      if (seen.failed || seen.maybe_failed) continue;
      seen.pinged_at = Time::never();
      seen.ponged_at = from - sim::scaled(rules.node_timeout / 2, before.draw(i));
    }
  }
  // Turn by turn, but for those that do nothing.
  std::vector<Time> next(c.servers(), Time::never());
  for (Number i = 0; i < c.servers(); ++i) {
    if (c.state.nodes.nodes[i].up) next[i] = turns_of(c, i).after(from);
  }
  std::vector<bus::Happened> nothing;
  while (true) {
    const auto first = std::min_element(next.begin(), next.end());
    if (*first >= c.now()) return;
    const auto number = static_cast<Number>(first - next.begin());
    bus::cron(rules, c.state.nodes, number, *first, before, nothing);
    const std::int64_t to_come = (c.now() - *first - Duration::nanoseconds(1)) / rules.cron_period;
    const std::int64_t idle =
        literal_walks ? 0 : std::min(bus::idle_turns(rules, c.state.nodes, number, *first, before), to_come);
    c.state.nodes.nodes[number].iteration += static_cast<std::uint32_t>(idle);
    *first = *first + rules.cron_period * (idle + 1);
  }
}

void wake_nodes(Context& c) {
  play_before(c);
  c.state.awake = true;
  c.state.looked_at = c.now();
  c.state.cause = c.world.trace.current();
}

/// It has what its master has.
bool is_level(const Context& c, Number replica, Number master) {
  const Server& its = c.server(replica);
  return its.master == master && its.connection == Connection::up && its.silent_since == Time::never() &&
         reaches(c, replica, master);
}

/// The master tells its offset at its next cron, and the replica compares at its own.
void look_again(Context& c, Number number) {
  const Server& server = c.server(number);
  const Number replica = server.hands_over_to;
  const Duration way = one_way(c, c.server_process(number), c.server_process(replica));
  const bool begins = server.hands_over_since == c.now();
  const Time told = begins ? turns_of(c, number).after(c.now() + way * 2) + way : c.now();
  c.world.schedule(turns_of(c, replica).after(told), HandOverLooked{c.service.value, number, server.life});
}

}  // namespace

bool node_serves(const Context& c, Number number, Number shard) {
  const bus::Node& node = node_of(c, number);
  return node.ok && node.owner[shard] == number && c.server(number).master == nobody;
}

void look_at_bus(Context& c) {
  if (!c.state.awake) {
    if (nodes_at_rest(c)) {
      for (Number i = 0; i < c.servers(); ++i) c.state.nodes.nodes[i].up = answers(c, i);
      return;
    }
    wake_nodes(c);
  }
  for (Number i = 0; i < c.servers(); ++i) {
    const bool runs = answers(c, i);
    if (!runs) stop_turns(c, i);
    c.state.nodes.nodes[i].up = runs;
  }
  schedule_turns(c);
}

void node_started(Context& c, Number number) { bus::restart(c.plan.bus_rules, c.state.nodes, number, c.now()); }

void node_died(Context& c, Number number) {
  stop_turns(c, number);
  c.world.queue.cancel(c.state.votes_timer[number]);
}

namespace {

/// The Sentinel that a Service leads to: another one each time.
Number asked_sentinel(const Context& c, Number number) {
  const auto asked =
      static_cast<std::size_t>((c.now() - c.server(number).hands_over_since) / Duration::milliseconds(1));
  for (std::size_t i = 0; i < c.sentinels(); ++i) {
    const auto sentinel = static_cast<Number>((asked + number + i) % c.sentinels());
    const bool ready = runs_sentinel(c, sentinel);
    if (ready && contact(c.world, c.server_process(number), c.sentinel_process(sentinel)) == Contact::ok)
      return sentinel;
  }
  return nobody;
}
/// No answer is no name of this server either (sentinel_failover_finished compares them).
bool sentinel_names_another(const Context& c, Number number) {
  const Number asked = asked_sentinel(c, number);
  return asked == nobody || sentinel::current_master(c.watch(asked).machine) != number;
}

void look_at_sentinels_hand_over(Context& c, Number number) {
  Server& server = c.server(number);
  const bool over = server.master != nobody || sentinel_names_another(c, number);
  const bool late = c.now() - server.hands_over_since >= c.parameters.hand_over_wait;
  if (!over && !late) {
    c.world.schedule(c.now() + c.parameters.hand_over_poll, HandOverLooked{c.service.value, number, server.life});
    return;
  }
  std::optional<CauseScope> because;
  if (!over) because.emplace(c.world, c.world.note(HandOverFailed{c.service.value, number}));
  server_stops(c, number);
}

}  // namespace

bool begin_sentinels_hand_over(Context& c, Number number) {
  Server& server = c.server(number);
  if (c.spec.mode != Mode::sentinel || c.spec.stops != Stops::hands_over || server.master != nobody) return false;
  server.hands_over_since = c.now();
  if (sentinel_names_another(c, number)) return false;
  server.pauses = true;
  settle(c);  // nothing is written from here on
  fail_over_by_hand(c, asked_sentinel(c, number));
  c.world.schedule(c.now() + c.parameters.hand_over_poll, HandOverLooked{c.service.value, number, server.life});
  return true;
}

bool begin_hand_over(Context& c, Number number) {
  Server& server = c.server(number);
  const Number shard = shard_of(c, number);
  if (c.spec.stops != Stops::hands_over || server.hands_over_to != nobody || server.master != nobody) return false;
  if (node_of(c, number).owner[shard] != number) return false;
  // The one that INFO of the master shows online, with most of its data: who waits for a snapshot is asked last.
  Number best = nobody;
  const auto rank = [&](Number replica) {
    const bool online = is_level(c, replica, number);
    return std::tuple(!online, online ? -offset(c, replica) : 0.0, replica);
  };
  for (Number replica = 0; replica < c.servers(); ++replica) {
    if (replica == number || c.server(replica).master != number || !reaches(c, replica, number)) continue;
    if (best == nobody || rank(replica) < rank(best)) best = replica;
  }
  if (best == nobody) return false;
  server.hands_over_to = best;
  server.hands_over_since = c.now();
  server.asked = false;
  look_again(c, number);
  return true;
}

void on(World& world, const HandOverLooked& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (server.life != event.life) {
    world.stale = true;
    return;
  }
  grow(c);
  if (!c.clustered()) {
    static constexpr std::string_view poll = "redis.sentinel.hand_over_poll";
    world.set_by(poll);
    return look_at_sentinels_hand_over(c, event.server);
  }
  const Number number = event.server;
  const Number replica = server.hands_over_to;
  // It asks once: mf_can_start, failover_auth_sent.
  if (!server.asked && is_level(c, replica, number)) {
    server.asked = true;
    Around around(c);
    std::vector<bus::Happened> happened;
    bus::take_over(c.plan.bus_rules, c.state.nodes, replica, c.now(), around, happened);
    carry_out(c, happened);
  }
  std::optional<CauseScope> because;
  if (server.master == nobody && c.state.chief[shard_of(c, number)] == number) {
    const Time end = server.hands_over_since + c.parameters.manual_failover_timeout;
    // Votes that have not come by now do not come.
    if (c.now() < end && server.asked)
      return world.schedule(turns_of(c, replica).at_or_after(end), HandOverLooked{event.service, number, server.life}),
             void();
    if (c.now() < end) return look_again(c, number);
    because.emplace(world, world.note(HandOverFailed{event.service, number}));
  }
  server.hands_over_to = nobody;
  server_stops(c, number);
}

void on(World& world, const BusCron& event) {
  Context c = context(world, ServiceId{event.service});
  if (!answers(c, event.server)) {
    world.stale = true;
    return;
  }
  grow(c);
  count_turns(c, event.server);
  --c.state.nodes.nodes[event.server].iteration;  // this one counts itself
  if (c.spec.announces == Announces::addresses) exchange_addresses(c, event.server);
  Around around(c);
  std::vector<bus::Happened> happened;
  bus::cron(c.plan.bus_rules, c.state.nodes, event.server, c.now(), around, happened);
  carry_out(c, happened);
  if (c.now() - c.state.looked_at >= between_looks) {
    c.state.looked_at = c.now();
    if (nodes_at_rest(c)) {
      c.state.awake = false;
      c.state.told = {};
      for (Number i = 0; i < c.servers(); ++i) c.world.queue.cancel(c.state.cron_timer[i]);
      return settle(c);
    }
    c.state.look_due = next_look(c);
  }
  schedule_turn(c, event.server);
  if (!happened.empty()) settle(c);
}

void on(World& world, const VotesCounted& event) {
  Context c = context(world, ServiceId{event.service});
  if (!answers(c, event.server)) {
    world.stale = true;
    return;
  }
  grow(c);
  Around around(c);
  std::vector<bus::Happened> happened;
  bus::count_votes(c.plan.bus_rules, c.state.nodes, event.server, c.now(), around, happened);
  carry_out(c, happened);
  settle(c);
}

}  // namespace nines::models::redis
