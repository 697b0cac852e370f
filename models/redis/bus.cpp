#include "models/redis/bus.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <type_traits>

namespace nines::models::redis::bus {

namespace {

/// Each so many turns a node pings one of some at random.
constexpr std::uint32_t ping_turns = 10;

/// One entry of a message's gossip section. Without initial values: a message has room for more than it holds.
struct Entry {
  std::int64_t ponged_at;  ///< nanoseconds
  Number node;
  bool fails;
};
static_assert(std::is_trivially_default_constructible_v<Entry>);
struct Message {
  Number from = nobody;
  Epoch current_epoch = 0;
  Number master = nobody;
  std::size_t length = 0;
  std::array<Entry, nobody> gossip;

  void add(const Entry& entry) { gossip[length++] = entry; }
};

/// By master: its replicas that have not failed (clusterCountNonFailingSlaves).
using Counts = std::array<std::uint8_t, nobody + 1>;
Counts working_replicas(const Node& node) {
  Counts counts{};
  for (const View& view : node.views)
    counts[view.master] = static_cast<std::uint8_t>(counts[view.master] + !view.failed);
  return counts;
}
bool owns(const Node& node, Number number) {
  return std::find(node.owner.begin(), node.owner.end(), number) != node.owner.end();
}
bool is_orphaned(const Node& node, Number master, const Counts& working) {
  const View& view = node.views[master];
  return view.master == nobody && !view.failed && view.had_replicas && working[master] == 0 && owns(node, master);
}

class Play {
 public:
  Play(const Rules& rules, Nodes& all, Time now, Surroundings& around, std::vector<Happened>& happened)
      : rules_(rules), all_(all), now_(now), around_(around), happened_(happened) {}

  void cron(Number self) {
    Node& node = all_.nodes[self];
    ++node.iteration;
    node.gossiped_failures = 0;
    for (Number i = 0; i < count(); ++i) node.gossiped_failures += i != self && node.views[i].maybe_failed ? 1 : 0;
    if (node.iteration % ping_turns == 0) ping_oldest_of_some(self);
    bool changed = false;
    for (Number other = 0; other < count(); ++other) changed = (other != self && look_at(self, other)) || changed;
    if (!is_master(node, self)) {
      stand_for_election(self);
      migrate(self);
    }
    if (changed || !node.ok) update_state(self);
  }

  void count_votes(Number self) {
    Node& node = all_.nodes[self];
    if (is_master(node, self) || !node.election.asked || node.election.votes < size(node) / 2 + 1) return;
    promote(self);
  }

  void take_over(Number self) {
    Node& node = all_.nodes[self];
    const Number master = node.views[self].master;
    node.election.epoch = ++node.current_epoch;
    std::int64_t votes = 0;
    for (Number voter = 0; voter < count(); ++voter) {
      if (voter != self && around_.reaches(self, voter) && votes_for(voter, self, master, true)) ++votes;
    }
    if (votes >= size(node) / 2 + 1) promote(self);
  }

 private:
  [[nodiscard]] Number count() const { return static_cast<Number>(all_.nodes.size()); }
  [[nodiscard]] Duration since(Time time) const { return now_ - time; }
  void tell(What what, Number node, Number about = nobody) { happened_.push_back({what, node, about}); }

  /// Of five nodes drawn at random, the one whose pong is oldest.
  void ping_oldest_of_some(Number self) {
    Node& node = all_.nodes[self];
    Number oldest = nobody;
    constexpr int tries = 5;
    for (int i = 0; i < tries; ++i) {
      const Number other = pick(self);
      if (other == self || node.views[other].pinged_at != Time::never()) continue;
      if (oldest == nobody || node.views[other].ponged_at < node.views[oldest].ponged_at) oldest = other;
    }
    if (oldest != nobody) ping(self, oldest);
  }

  /// One of all nodes at random. What is left of a number after a choice chooses again, while it has enough digits.
  Number pick(Number self) {
    constexpr double digits = 32;  // of the 52 that a number has
    const auto all = static_cast<double>(count());
    if (picks_left_ == 0) {
      number_ = around_.draw(self);
      picks_left_ = std::max(static_cast<int>(digits / std::log2(all)), 1);
    }
    --picks_left_;
    number_ *= all;
    // It is not negative: cut off it is rounded down, which is dearer by itself.
    const auto whole = std::min(static_cast<std::int32_t>(number_), static_cast<std::int32_t>(count()) - 1);
    number_ -= whole;
    return static_cast<Number>(whole);
  }

  /// The loop of clusterCron over the other nodes. Whether the state must be looked at.
  bool look_at(Number self, Number other) {
    View& view = all_.nodes[self].views[other];
    if (view.pinged_at == Time::never()) {
      // A turn of a real cron takes a little longer than its period: what is as old as the limit is over it.
      if (since(view.ponged_at) >= rules_.node_timeout / 2) ping(self, other);
      return false;
    }
    // A ping that was lost is sent again over a new link, and answered if the node can be reached by now.
    if (around_.reaches(self, other)) {
      exchange(self, other);
      return false;
    }
    if (since(view.pinged_at) < rules_.node_timeout || view.maybe_failed || view.failed) return false;
    view.maybe_failed = true;
    tell(What::maybe_failed, self, other);
    if (is_master(all_.nodes[self], self) && size(all_.nodes[self]) == 1) mark_failing_if_needed(self, other);
    return true;
  }

  void ping(Number self, Number other) {
    all_.nodes[self].views[other].pinged_at = now_;
    if (around_.reaches(self, other)) exchange(self, other);
  }

  /// A ping and its pong.
  void exchange(Number self, Number other) {
    write(message_, self, other);
    receive(other, message_);
    write(message_, other, self);
    receive(self, message_);
    View& view = all_.nodes[self].views[other];
    view.ponged_at = now_;
    view.pinged_at = Time::never();
    if (view.maybe_failed) {
      view.maybe_failed = false;
      update_state(self);
    } else if (view.failed) {
      clear_failure_if_needed(self, other);
    }
    learn_owner(self, other);
    learn_owner(other, self);
  }

  /// clusterSendPing: some nodes at random, and all that may have failed.
  void write(Message& message, Number self, Number to) {
    const Node& node = all_.nodes[self];
    message.length = 0;
    message.from = self;
    message.current_epoch = node.current_epoch;
    message.master = node.views[self].master;
    constexpr int least = 3;
    constexpr int share = 10;
    const int fresh = count() - 2;
    const int wanted = std::min(std::max(count() / share, least), fresh);
    for (int tries = wanted * 3; tries > 0 && static_cast<int>(message.length) < wanted; --tries) {
      const Number about = pick(self);
      if (about == self || about == to || node.views[about].maybe_failed) continue;
      const auto same = [about](const Entry& entry) { return entry.node == about; };
      if (std::any_of(message.gossip.begin(), message.gossip.begin() + static_cast<std::ptrdiff_t>(message.length),
                      same))
        continue;
      message.add(entry(node, about));
    }
    std::int64_t more = node.gossiped_failures;
    for (Number about = 0; about < count() && more > 0; ++about) {
      if (about == self || !node.views[about].maybe_failed) continue;
      message.add(entry(node, about));
      --more;
    }
  }
  static Entry entry(const Node& node, Number about) {
    const View& view = node.views[about];
    return {view.ponged_at.count(), about, view.maybe_failed || view.failed};
  }

  /// Header and clusterProcessGossipSection.
  void receive(Number self, const Message& message) {
    Node& node = all_.nodes[self];
    node.current_epoch = std::max(node.current_epoch, message.current_epoch);
    set_master(node, message.from, message.master);
    const bool master = message.master == nobody;
    for (std::size_t i = 0; i < message.length; ++i) {
      const Entry& entry = message.gossip[i];
      if (entry.node == self) continue;
      View& view = node.views[entry.node];
      if (master) {
        view.reports[message.from] = entry.fails ? now_ : Time::never();
        if (entry.fails) mark_failing_if_needed(self, entry.node);
      }
      if (entry.fails || view.pinged_at != Time::never() || reports_of(self, entry.node) > 0) continue;
      // Told in whole seconds.
      const Duration second = Duration::seconds(1);
      const Time told = sim::Grid{Time::zero() + all_.second, second}.at_or_before(Time::from_count(entry.ponged_at));
      view.ponged_at = std::max(view.ponged_at, told);
    }
  }
  std::int64_t reports_of(Number self, Number about) {
    std::int64_t found = 0;
    constexpr std::int64_t validity = 2;  // CLUSTER_FAIL_REPORT_VALIDITY_MULT
    for (const Time at : all_.nodes[self].views[about].reports) {
      if (at != Time::never() && since(at) <= rules_.node_timeout * validity) ++found;
    }
    return found;
  }
  /// markNodeAsFailingIfNeeded
  void mark_failing_if_needed(Number self, Number about) {
    Node& node = all_.nodes[self];
    View& view = node.views[about];
    if (!view.maybe_failed || view.failed) return;
    const std::int64_t own = is_master(node, self) ? 1 : 0;
    if (reports_of(self, about) + own < size(node) / 2 + 1) return;
    tell(What::failed, self, about);
    set_failed(self, about);
    for (Number other = 0; other < count(); ++other) {
      if (other != self && other != about && around_.reaches(self, other)) set_failed(other, about);
    }
  }
  void set_failed(Number self, Number about) {
    View& view = all_.nodes[self].views[about];
    if (view.failed) return;
    view.maybe_failed = false;
    view.failed = true;
    view.failed_at = now_;
    update_state(self);
  }
  /// clearNodeFailureIfNeeded
  void clear_failure_if_needed(Number self, Number about) {
    Node& node = all_.nodes[self];
    View& view = node.views[about];
    constexpr std::int64_t undo = 2;  // CLUSTER_FAIL_UNDO_TIME_MULT
    const bool serves = is_master(node, about) && owns(node, about);
    if (serves && since(view.failed_at) <= rules_.node_timeout * undo) return;
    view.failed = false;
    update_state(self);
  }

  // ---- who owns what ----

  /// Who has lost its last replica to another master is not given one (clusterNodeRemoveSlave); who was made master in
  /// the place of one that had some is (clusterSetNodeAsMaster).
  static void set_master(Node& node, Number number, Number master) {
    View& view = node.views[number];
    const Number before = view.master;
    if (before == master) return;
    view.master = master;
    if (master == nobody) view.had_replicas = true;
    if (master != nobody) node.views[master].had_replicas = true;
    if (before == nobody) return;
    const bool left = std::none_of(node.views.begin(), node.views.end(),
                                   [before](const View& other) { return other.master == before; });
    if (left) node.views[before].had_replicas = false;
  }
  /// `self` has heard `from`: the newer claim to a shard counts, and who has an older one is told (UPDATE).
  void learn_owner(Number self, Number from) {
    Node& node = all_.nodes[self];
    const Node& other = all_.nodes[from];
    for (std::size_t shard = 0; shard < node.owner.size(); ++shard) {
      if (other.owner_epoch[shard] <= node.owner_epoch[shard]) continue;
      const Number before = node.owner[shard];
      node.owner[shard] = other.owner[shard];
      node.owner_epoch[shard] = other.owner_epoch[shard];
      set_master(node, node.owner[shard], nobody);
      if (before == self) {
        set_master(node, self, node.owner[shard]);
        tell(What::demoted, self, node.owner[shard]);
      } else if (node.views[self].master == before) {
        set_master(node, self, node.owner[shard]);
        tell(What::demoted, self, node.owner[shard]);
      }
      update_state(self);
    }
  }

  // ---- elections ----

  /// clusterHandleSlaveFailover
  void stand_for_election(Number self) {
    Node& node = all_.nodes[self];
    const Number master = node.views[self].master;
    if (!node.views[master].failed || !owns(node, master)) return;
    Duration age = around_.link_down(self);
    if (age > rules_.node_timeout) age = age - rules_.node_timeout;
    if (rules_.validity_factor > 0 && age > rules_.repl_ping_period + rules_.node_timeout * rules_.validity_factor) {
      tell(What::too_old, self, master);
      return;
    }
    const Duration timeout = std::max(rules_.node_timeout * 2, Duration::seconds(2));
    Election& election = node.election;
    if (since(election.at) > timeout * 2) {
      if (election.asked) tell(What::expired, self, master);
      election.rank = rank(self, master);
      election.at = now_ + election_delay(rules_, around_.draw(self)) + rules_.rank_delay * election.rank;
      election.asked = false;
      election.votes = 0;
      tell(What::delay_drawn, self, master);
      return;
    }
    if (election.asked) return;
    const std::int64_t better = rank(self, master);
    if (better > election.rank) {
      election.at = election.at + rules_.rank_delay * (better - election.rank);
      election.rank = better;
    }
    if (now_ < election.at || since(election.at) > timeout) return;
    election.epoch = ++node.current_epoch;
    election.asked = true;
    tell(What::asks_for_votes, self, master);
    for (Number voter = 0; voter < count(); ++voter) {
      if (voter != self && around_.reaches(self, voter) && votes_for(voter, self, master)) ++election.votes;
    }
  }
  /// clusterHandleSlaveMigration
  void migrate(Number self) {
    const Number target = migrates_to(rules_, all_, self, around_);
    Node& node = all_.nodes[self];
    for (Number other = 0; other < count(); ++other) {
      View& view = node.views[other];
      if (other != target) view.orphaned_at = Time::never();
    }
    if (target == nobody) return;
    View& view = node.views[target];
    if (view.orphaned_at == Time::never()) view.orphaned_at = now_;
    if (since(view.orphaned_at) <= rules_.migration_delay) return;
    view.orphaned_at = Time::never();
    all_.shard_of[self] = all_.shard_of[target];
    set_master(node, self, target);
    tell(What::migrated, self, target);
  }
  /// clusterGetSlaveRank
  std::int64_t rank(Number self, Number master) {
    const Node& node = all_.nodes[self];
    std::int64_t better = 0;
    for (Number other = 0; other < count(); ++other) {
      const bool rival = other != self && node.views[other].master == master && !node.views[other].failed;
      if (rival && around_.offset(other) > around_.offset(self)) ++better;
    }
    return better;
  }
  /// clusterSendFailoverAuthIfNeeded
  bool votes_for(Number voter, Number candidate, Number master, bool forced = false) {
    Node& node = all_.nodes[voter];
    const Node& asks = all_.nodes[candidate];
    const Epoch epoch = asks.election.epoch;
    node.current_epoch = std::max(node.current_epoch, asks.current_epoch);
    if (!is_master(node, voter) || !owns(node, voter)) return false;
    if (epoch < node.current_epoch || node.last_vote_epoch == node.current_epoch) return false;
    View& failed = node.views[master];
    // CLUSTERMSG_FLAG0_FORCEACK: of a manual failover, although the master is well.
    if (!forced && !failed.failed) return false;
    if (since(failed.voted_at) < rules_.node_timeout * 2) return false;
    const std::size_t shard = all_.shard_of[candidate];
    if (node.owner_epoch[shard] > asks.owner_epoch[shard]) return false;
    node.last_vote_epoch = node.current_epoch;
    failed.voted_at = now_;
    return true;
  }
  /// clusterFailoverReplaceYourMaster
  void promote(Number self) {
    Node& node = all_.nodes[self];
    const std::size_t shard = all_.shard_of[self];
    const Number master = node.views[self].master;
    node.owner[shard] = self;
    node.owner_epoch[shard] = node.election.epoch;
    set_master(node, self, nobody);
    node.election.asked = false;
    tell(What::promoted, self, master);
    update_state(self);
    // Its pong goes to everybody.
    for (Number other = 0; other < count(); ++other) {
      if (other == self || !around_.reaches(self, other)) continue;
      set_master(all_.nodes[other], self, nobody);
      learn_owner(other, self);
    }
  }

  /// clusterUpdateState
  void update_state(Number self) {
    Node& node = all_.nodes[self];
    const bool master = is_master(node, self);
    if (master && !node.ok && since(node.began_at) < rules_.writable_delay) return;
    bool ok = true;
    std::int64_t reachable = 0;
    for (const Number owner : node.owner) {
      const View& view = node.views[owner];
      if (rules_.full_coverage && view.failed) ok = false;
      if (!view.failed && !view.maybe_failed) ++reachable;
    }
    if (reachable < size(node) / 2 + 1) {
      ok = false;
      node.minority_at = now_;
    }
    if (ok == node.ok) return;
    const Duration rejoin = std::clamp(rules_.node_timeout, Duration::milliseconds(500), Duration::milliseconds(5000));
    if (ok && master && since(node.minority_at) < rejoin) return;
    node.ok = ok;
    tell(ok ? What::state_ok : What::state_fail, self);
  }

  const Rules& rules_;
  Nodes& all_;
  Time now_;
  Surroundings& around_;
  std::vector<Happened>& happened_;
  Message message_;
  double number_ = 0;   ///< what is left of it
  int picks_left_ = 0;  ///< choices that it is good for
};

}  // namespace

Nodes beginning(std::size_t servers, const std::vector<Number>& master_of, Time now) {
  const std::size_t masters = master_of.size();
  Nodes all;
  Node healthy;
  View view;
  view.ponged_at = now;
  view.reports.assign(servers, Time::never());
  healthy.views.assign(servers, view);
  for (std::size_t i = 0; i < servers; ++i) {
    const auto shard = static_cast<Number>(i % masters);
    all.shard_of.push_back(shard);
    healthy.views[i].master = master_of[shard] == i ? nobody : master_of[shard];
  }
  for (std::size_t shard = 0; shard < masters; ++shard) {
    healthy.owner.push_back(master_of[shard]);
    healthy.owner_epoch.push_back(static_cast<Epoch>(shard + 1));
    healthy.views[master_of[shard]].had_replicas = masters + shard < servers;
  }
  healthy.current_epoch = static_cast<Epoch>(masters);
  all.nodes.assign(servers, healthy);
  return all;
}

Nodes beginning(std::size_t servers, std::size_t masters, Time now) {
  std::vector<Number> master_of(masters);
  std::iota(master_of.begin(), master_of.end(), Number{0});
  return beginning(servers, master_of, now);
}

void cron(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around,
          std::vector<Happened>& happened) {
  Play(rules, all, now, around, happened).cron(self);
}

std::int64_t idle_turns(const Rules& rules, const Nodes& all, Number self, Time now, const Surroundings& around) {
  const Node& node = all.nodes[self];
  if (!node.ok) return 0;
  const Number master = node.views[self].master;
  if (master != nobody && (node.views[master].failed || migrates_to(rules, all, self, around) != nobody)) return 0;
  std::int64_t idle = ping_turns - 1 - static_cast<std::int64_t>(node.iteration % ping_turns);
  std::int64_t failures = 0;
  for (Number other = 0; idle > 0 && other < all.nodes.size(); ++other) {
    if (other == self) continue;
    const View& view = node.views[other];
    failures += view.maybe_failed ? 1 : 0;
    Time due = view.ponged_at + rules.node_timeout / 2;
    if (view.pinged_at != Time::never()) {
      if (around.reaches(self, other)) return 0;
      if (view.maybe_failed || view.failed) continue;
      due = view.pinged_at + rules.node_timeout;
    }
    if (due <= now) return 0;
    // Turns before it.
    const Duration left = due - now;
    const std::int64_t whole = left / rules.cron_period;
    idle = std::min(idle, rules.cron_period * whole == left ? whole - 1 : whole);
  }
  // What its messages tell of it counts at each turn.
  return failures == node.gossiped_failures ? idle : 0;
}

void count_votes(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around,
                 std::vector<Happened>& happened) {
  Play(rules, all, now, around, happened).count_votes(self);
}

void take_over(const Rules& rules, Nodes& all, Number self, Time now, Surroundings& around,
               std::vector<Happened>& happened) {
  Play(rules, all, now, around, happened).take_over(self);
}

Number migrates_to(const Rules& rules, const Nodes& all, Number self, const Surroundings& around) {
  const Node& node = all.nodes[self];
  const Number master = node.views[self].master;
  if (!rules.migrates || !node.ok || master == nobody) return nobody;
  // clusterCron: only replicas of the master that has most, if that is two or more.
  const Counts working = working_replicas(node);
  std::uint8_t most = 0;
  for (const Number owner : node.owner) {
    if (!node.views[owner].failed) most = std::max(most, working[owner]);
  }
  if (most < 2 || node.views[master].failed || working[master] != most) return nobody;
  Number target = nobody;
  for (Number other = 0; target == nobody && other < node.views.size(); ++other) {
    if (is_orphaned(node, other, working)) target = other;
  }
  if (target == nobody) return nobody;
  std::int64_t with_it = 0;
  for (const View& view : node.views) with_it += view.master == master && !view.failed && !view.maybe_failed ? 1 : 0;
  if (with_it <= rules.migration_barrier) return nobody;
  // Of all replicas of such masters the one whose name comes first.
  for (Number other = 0; other < node.views.size(); ++other) {
    const Number its = node.views[other].master;
    if (other == self || its == nobody || node.views[its].failed || working[its] != most) continue;
    if (around.name(other) < around.name(self)) return nobody;
  }
  return target;
}

void restart(const Rules&, Nodes& all, Number self, Time now) {
  Node& node = all.nodes[self];
  for (View& view : node.views) {
    view.pinged_at = Time::never();
    view.ponged_at = now;
    view.maybe_failed = view.failed = false;
    std::fill(view.reports.begin(), view.reports.end(), Time::never());
  }
  node.ok = false;
  node.began_at = now;
  node.minority_at = Time::from_count(-3'600'000'000'000);
  node.gossiped_failures = 0;
  node.election = {};
}

Duration election_delay(const Rules& rules, double u) {
  const Duration most = rules.scaled_delay ? rules.node_timeout / 30 : Duration::infinite();
  return std::min(rules.election_fixed, most) + sim::scaled(std::min(rules.election_random, most), u);
}

bool is_master(const Node& seen_by, Number number) { return seen_by.views[number].master == nobody; }

std::int64_t size(const Node& node) { return static_cast<std::int64_t>(node.owner.size()); }

}  // namespace nines::models::redis::bus
