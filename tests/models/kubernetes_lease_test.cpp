// Leases as arithmetic against a literal twin: every renewal, node status and monitor pass an event. The twin shares no
// code with models/kubernetes/node_lease; it knows only the sheet's sentences (Kubernetes sheet, section 1.1).
#include <catch2/catch.hpp>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/world.hpp"

namespace kubernetes_lease_test {

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;

namespace {

/// A condition that changed: when (nanoseconds), and to Ready or to Unknown.
using Change = std::pair<std::int64_t, bool>;

enum class Step { kubelet_stops, kubelet_starts, path_cut, path_heals };

struct Schedule {
  std::int64_t renew, status, period, grace, lease_phase, status_phase, monitor_phase, end;
  std::vector<std::pair<std::int64_t, Step>> steps;  ///< in order of time
};

/// Every renewal, every node status and every pass, one after the other. At one instant: first what happens to the
/// node, then the renewal, then the status, then the pass.
class Twin {
 public:
  explicit Twin(const Schedule& schedule) : s_(schedule) {}

  std::vector<Change> play() {
    const std::int64_t start = -10 * (s_.renew + s_.period + s_.grace);
    next_renewal_ = first_tick(s_.lease_phase, s_.renew, start);
    next_status_ = first_tick(s_.status_phase, s_.status, start);
    next_pass_ = first_tick(s_.monitor_phase, s_.period, next_renewal_);
    std::size_t next_step = 0;
    for (;;) {
      const bool more = next_step < s_.steps.size();
      const std::int64_t own = std::min(next_renewal_, next_status_);
      const std::int64_t tick = kubelet_ ? std::min(own, next_pass_) : next_pass_;
      if (more && s_.steps[next_step].first <= tick) {
        apply(s_.steps[next_step++]);
      } else if (tick > s_.end) {
        return changes_;
      } else if (kubelet_ && next_renewal_ == tick) {
        renew();
      } else if (kubelet_ && next_status_ == tick) {
        post();
      } else {
        pass();
      }
    }
  }

 private:
  static std::int64_t first_tick(std::int64_t phase, std::int64_t period, std::int64_t from) {
    std::int64_t tick = phase;
    while (tick > from) tick -= period;
    while (tick < from) tick += period;
    return tick;
  }
  void apply(const std::pair<std::int64_t, Step>& step) {
    if (step.second == Step::kubelet_stops) kubelet_ = false;
    if (step.second == Step::path_cut) path_ = false;
    if (step.second == Step::path_heals) path_ = true;
    if (step.second == Step::kubelet_starts) {
      kubelet_ = true;
      next_renewal_ = next_status_ = step.first;
    }
  }
  void renew() {
    if (path_) renewed_ = next_renewal_;
    next_renewal_ += s_.renew;
  }
  /// A kubelet that finds its node Unknown reports it Ready, which is a sign of life too.
  void post() {
    if (path_ && !ready_) {
      renewed_ = next_status_;
      turn(next_status_, true);
    }
    next_status_ += s_.status;
  }
  void pass() {
    if (renewed_ != seen_) {
      seen_ = renewed_;
      probe_ = next_pass_;
    }
    if (ready_ && next_pass_ >= probe_ + s_.grace) turn(next_pass_, false);
    next_pass_ += s_.period;
  }
  void turn(std::int64_t at, bool ready) {
    ready_ = ready;
    if (at >= 0) changes_.emplace_back(at, ready);
  }

  const Schedule& s_;
  bool kubelet_ = true, path_ = true, ready_ = true;
  std::int64_t next_renewal_ = 0, next_status_ = 0, next_pass_ = 0;
  std::int64_t renewed_ = -1'000'000'000'000'000, seen_ = renewed_, probe_ = renewed_;
  std::vector<Change> changes_;
};

/// The arithmetic, driven through the world's queue.
class Arithmetic {
 public:
  explicit Arithmetic(const Schedule& schedule) : s_(schedule) {
    plan_.topology.kubernetes.lease_renew_interval = Duration::nanoseconds(schedule.renew);
    plan_.topology.kubernetes.node_status_period = Duration::nanoseconds(schedule.status);
    plan_.topology.kubernetes.node_monitor_grace_period = Duration::nanoseconds(schedule.grace);
    world_.plan = &plan_;
    world_.kubernetes.monitor_passes = {sim::Time::from_count(schedule.monitor_phase),
                                        Duration::nanoseconds(schedule.period)};
    kubernetes::NodeState node;
    node.lease = ticks(schedule.lease_phase, schedule.renew);
    node.status = ticks(schedule.status_phase, schedule.status);
    node.answering_since = sim::Time::from_count(-10 * (schedule.renew + schedule.period + schedule.grace));
    node.last_renewal = node.answering_since;
    world_.kubernetes.nodes.assign(1, node);
    id_ = NodeId::of(0);
  }

  static kubernetes::Ticks ticks(std::int64_t phase, std::int64_t period) {
    const std::int64_t early = phase - 1000 * period;  // before anybody looks
    return {sim::Time::from_count(early), sim::Time::from_count(early + period), true};
  }

  std::vector<Change> play() {
    for (const auto& [at, step] : s_.steps) {
      deliver(at - 1);
      world_.now = sim::Time::from_count(at);
      apply(step);
    }
    deliver(s_.end);
    return changes_;
  }

 private:
  void apply(Step step) {
    if (step == Step::kubelet_stops) kubelet_ = false;
    if (step == Step::path_cut) path_ = false;
    if (step == Step::path_heals) path_ = true;
    if (step == Step::kubelet_starts) {
      kubelet_ = true;
      kubernetes::lease_restarts(world_, id_);
    }
    if (kubelet_ && path_) {
      kubernetes::lease_resumes(world_, id_);
    } else {
      kubernetes::lease_falls_silent(world_, id_);
    }
  }
  void deliver(std::int64_t until) {
    while (world_.queue.next_time() <= sim::Time::from_count(until)) {
      const sim::Time at = world_.queue.next_time();
      const sim::Event event = world_.queue.pop();
      const bool ready = event.kind == kind_of<kubernetes::NodeReady>;
      REQUIRE((ready || event.kind == kind_of<kubernetes::NodeUnknown>));
      REQUIRE(world_.kubernetes.nodes[id_].ready != ready);
      world_.now = at;
      if (ready) {
        kubernetes::status_posted(world_, id_);
      } else {
        kubernetes::lease_expired(world_, id_);
      }
      changes_.emplace_back(at.count(), ready);
    }
  }

  const Schedule& s_;
  Plan plan_;
  World world_;
  NodeId id_;
  bool kubelet_ = true, path_ = true;
  std::vector<Change> changes_;
};

/// Random numbers of this test only.
class Dice {
 public:
  explicit Dice(std::uint64_t run) : run_(run) {}
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(sim::random_bits(0xD1CE, run_, draw_++) % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t run_;
  std::uint32_t draw_ = 0;
};

/// A random life of one node. On a coarse clock ticks and faults often fall on one instant.
Schedule random_schedule(std::uint64_t run) {
  Dice dice(run);
  const bool coarse = dice.below(2) == 0;
  const std::int64_t unit = coarse ? 1'000'000'000 : 1;
  const std::int64_t scale = coarse ? 1 : 1'000'000'000;
  Schedule s{};
  s.renew = (dice.below(3) == 0 ? 1 + dice.below(15) : 10) * scale * unit;
  s.status = (dice.below(3) == 0 ? 1 + dice.below(15) : 10) * scale * unit;
  s.period = (dice.below(3) == 0 ? 1 + dice.below(9) : 5) * scale * unit;
  s.grace = s.renew + s.period + (dice.below(3) == 0 ? dice.below(60) : 25) * scale * unit;  // or a healthy node flaps
  s.lease_phase = dice.below(s.renew / unit) * unit;
  s.status_phase = dice.below(s.status / unit) * unit;
  s.monitor_phase = dice.below(s.period / unit) * unit;
  std::int64_t at = 0;
  bool kubelet = true, path = true;
  const std::int64_t steps = 1 + dice.below(12);
  for (std::int64_t i = 0; i < steps; ++i) {
    at += dice.below((dice.below(2) == 0 ? 15 : 80) * scale) * unit;
    if (dice.below(2) == 0) {
      s.steps.emplace_back(at, kubelet ? Step::kubelet_stops : Step::kubelet_starts);
      kubelet = !kubelet;
    } else {
      s.steps.emplace_back(at, path ? Step::path_cut : Step::path_heals);
      path = !path;
    }
  }
  s.end = at + 200 * scale * unit;
  return s;
}

}  // namespace

TEST_CASE("lease arithmetic equals the literal twin at the same instants", "[kubernetes][twin]") {
  std::size_t unknown = 0, ready = 0, quiet = 0;
  for (std::uint64_t run = 0; run < 100'000; ++run) {
    const Schedule schedule = random_schedule(run);
    const std::vector<Change> literal = Twin(schedule).play();
    const std::vector<Change> arithmetic = Arithmetic(schedule).play();
    if (literal != arithmetic) FAIL("schedule " << run << " differs");
    for (const Change& change : literal) ++(change.second ? ready : unknown);
    quiet += literal.empty();
  }
  CHECK(unknown > 25'000);
  CHECK(ready > 15'000);
  CHECK(quiet > 2'500);
}

TEST_CASE("a node that nobody has doubted schedules nothing", "[kubernetes]") {
  Schedule schedule{10'000'000'000, 10'000'000'000, 5'000'000'000, 40'000'000'000, 3, 5, 4, 1'000'000'000'000, {}};
  CHECK(Arithmetic(schedule).play().empty());
  CHECK(Twin(schedule).play().empty());
}

TEST_CASE("the pass that turns a silent node Unknown", "[kubernetes][oracle]") {
  const sim::Grid monitor{sim::Time::from_count(0) + 2_s, 5_s};
  // Seen by the pass at 97 s, over at 137 s: a pass.
  CHECK(kubernetes::unknown_at(monitor, 40_s, sim::Time::zero() + 97_s) == sim::Time::zero() + 137_s);
  CHECK(kubernetes::unknown_at(monitor, 40_s, sim::Time::zero() + 98_s) == sim::Time::zero() + 142_s);
}

}  // namespace kubernetes_lease_test
