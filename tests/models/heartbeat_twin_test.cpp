// Heartbeats as arithmetic against heartbeats as events.
//
// The model keeps no event for a healthy heartbeat. The twin below sends every one of them, runs every session timer
// and every periodic check literally, and shares no code with the model: it is told only the phase of the first
// heartbeat, when the broker's path to the active controller was open, when controllers became active, and the jitter
// of the pauses. Both must fence at the same nanosecond.
#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "models/kafka/service.hpp"
#include "models/kafka/session.hpp"
#include "sim/random.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace heartbeat_twin_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// What happens to the twin from outside, in order of time.
struct Told {
  enum class What { path_open, path_cut, active, inactive, unfenced };
  std::int64_t at;
  What what;
  std::int64_t period = 0;  ///< of heartbeats under the new controller
  bool path_open = false;   ///< whether the path is open at this very instant
};

class LiteralTwin {
 public:
  LiteralTwin(std::int64_t first_heartbeat, std::int64_t period, std::vector<double> jitter, bool periodic_checks,
              std::int64_t first_check)
      : send_at_(first_heartbeat),
        period_(period),
        jitter_(jitter.begin(), jitter.end()),
        periodic_(periodic_checks),
        check_at_(first_check) {
    last_contact_ = first_heartbeat - period;
    expire_at_ = last_contact_ + 9 * second;
  }

  std::vector<std::int64_t> play(const std::vector<Told>& told, std::int64_t end) {
    std::size_t next = 0;
    for (;;) {
      const std::int64_t outside = next < told.size() ? told[next].at : end;
      const std::int64_t own = next_own();
      if (own >= end && outside >= end) break;
      if (own < outside) {
        now_ = own;
        act();
      } else {
        now_ = outside;
        hear(told[next++]);
      }
    }
    return fences_;
  }

 private:
  static constexpr std::int64_t never = INT64_MAX;

  [[nodiscard]] std::int64_t next_own() const {
    std::int64_t next = waiting_ ? give_up_at_ : send_at_;
    if (active_ && !fenced_) next = std::min(next, periodic_ ? check_at_ : expire_at_);
    return next;
  }

  void act() {
    if (waiting_ && now_ == give_up_at_) {
      waiting_ = false;
      const std::int64_t pause = std::min<std::int64_t>((second / 10) << std::min(failures_++, 20), 9 * second);
      const double factor = 1 + 0.02 * (2 * jitter_.front() - 1);
      jitter_.pop_front();
      send_at_ = now_ + static_cast<std::int64_t>(std::llround(static_cast<double>(pause) * factor));
      return;
    }
    if (!waiting_ && now_ == send_at_) {
      if (open_) {
        contact();
      } else {
        waiting_ = true;
        give_up_at_ = now_ + 9 * second / 2;
      }
      return;
    }
    if (periodic_ && now_ == check_at_) {
      check_at_ += 9 * second / 8;
      if (now_ - last_contact_ >= 9 * second) fence();
      return;
    }
    fence();
  }

  void hear(const Told& told) {
    switch (told.what) {
      case Told::What::path_open:
        open_ = true;
        if (waiting_) contact();
        break;
      case Told::What::path_cut: open_ = false; break;
      case Told::What::inactive: active_ = false; break;
      case Told::What::active:
        active_ = true;
        period_ = told.period;
        last_contact_ = now_;
        expire_at_ = now_ + 9 * second;
        check_at_ = now_ + 9 * second / 8;
        open_ = told.path_open;
        if (open_ && waiting_) contact();
        break;
      case Told::What::unfenced:
        fenced_ = false;
        expire_at_ = std::max(now_, last_contact_ + 9 * second);
        break;
    }
  }

  void contact() {
    waiting_ = false;
    failures_ = 0;
    last_contact_ = now_;
    expire_at_ = now_ + 9 * second;
    send_at_ = now_ + period_;
  }

  void fence() {
    fenced_ = true;
    fences_.push_back(now_);
  }

  std::int64_t now_ = 0;
  std::int64_t send_at_;
  std::int64_t give_up_at_ = never;
  std::int64_t period_;
  std::int64_t last_contact_ = 0;
  std::int64_t expire_at_ = never;
  std::deque<double> jitter_;
  bool periodic_;
  std::int64_t check_at_;
  bool waiting_ = false;
  bool open_ = true;
  bool active_ = true;
  bool fenced_ = false;
  int failures_ = 0;
  std::vector<std::int64_t> fences_;
};

struct Observed {
  std::vector<Told> told;
  std::vector<std::int64_t> fences;
  std::int64_t first_heartbeat = 0;
  std::int64_t period = 0;
  std::int64_t first_check = 0;
};

/// Plays the model step by step and writes down what the twin may know, and when the model fenced broker 0.
Observed observe(const Lab& lab, const std::vector<Action>& script, std::uint64_t run, Duration length) {
  World world = lab.prepare(script, run);
  Observed seen;
  const kafka::BrokerState& broker = kafka_state(world).brokers[0];
  const sim::Grid heartbeats = kafka::heartbeats_of(kafka::view(world, 0), 0);
  seen.first_heartbeat = heartbeats.after(world.now).count();
  seen.period = heartbeats.period.count();
  seen.first_check = kafka_state(world).fence_checks.after(world.now).count();
  bool open = true;
  kafka::Position active = kafka_state(world).active;
  std::uint32_t epoch = kafka_state(world).active_epoch;
  bool fenced = false;
  while (step(world, origin + length)) {
    const kafka::Context c = kafka::view(world, 0);
    const bool now_open = kafka::reaches_controller(c, 0);
    const std::int64_t at = world.now.count();
    if (broker.fenced != fenced) {
      fenced = broker.fenced;
      if (fenced) {
        seen.fences.push_back(at);
      } else {
        seen.told.push_back({at, Told::What::unfenced});
      }
    }
    const kafka::State& state = kafka_state(world);
    const bool changed = state.active != active || (state.active != kafka::nobody && state.active_epoch != epoch);
    if (changed) {
      active = state.active;
      epoch = state.active_epoch;
      if (active == kafka::nobody) {
        seen.told.push_back({at, Told::What::path_cut});
        seen.told.push_back({at, Told::What::inactive});
      } else {
        const std::int64_t round = c.rtt(c.broker_process(0), c.voter_process(active)).count();
        seen.told.push_back({at, Told::What::active, 2 * second + round, now_open});
      }
      open = now_open;
      continue;
    }
    if (now_open != open) {
      open = now_open;
      seen.told.push_back({at, open ? Told::What::path_open : Told::What::path_cut});
    }
  }
  return seen;
}

/// Up to six faults that leave broker 0's process alive: cuts, heals, pauses, and losses of controllers in turn.
std::vector<Action> random_script(std::uint64_t run) {
  std::uint32_t draw = 0;
  const auto uniform = [&] { return sim::to_unit(sim::random_bits(0x7ea5, run, draw++)); };
  std::vector<Action> script;
  const auto faults = static_cast<int>(2 + uniform() * 5);
  for (int i = 0; i < faults; ++i) {
    const Duration at = Duration::from_seconds(uniform() * 90);
    const Duration length = Duration::from_seconds(0.2 + uniform() * uniform() * 40);
    const double kind = uniform();
    if (kind < 0.5) {
      script.push_back(action(at, Verb::partition, "kafka/broker-0", length, "all(kafka/controllers)"));
    } else if (kind < 0.75) {
      script.push_back(action(at, Verb::process_stop, "kafka/broker-0"));
      script.push_back(action(at + length, Verb::process_continue, "kafka/broker-0"));
    } else {
      script.push_back(action(at, Verb::process_kill, "leader(kafka/controllers)"));
    }
  }
  std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  const Duration first = script.front().at;
  for (Action& step : script) step.at = step.at - first;
  return script;
}

std::size_t compare(bool four, std::uint64_t runs) {
  Topology topology = small_topology();
  kafka::BrokerParameters& p = kafka_spec(topology).parameters;
  p.fence_check_divisor = four ? 8 : 0;
  p.pre_vote = four;
  p.heartbeat_retry_jitter = 0.02;
  const Lab lab(topology);
  const ComponentId component = lab.plan().processes[kafka_plan(lab.plan()).brokers[0]].component;
  const std::uint64_t key = lab.plan().stream_keys[lab.plan().stream(component, Purpose::heartbeat_jitter)];
  std::size_t fences = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const Duration length = 150_s;
    const Observed seen = observe(lab, random_script(run), run, length);
    std::vector<double> jitter;
    for (std::uint32_t draw = 0; draw < 200; ++draw) jitter.push_back(sim::to_unit(sim::random_bits(key, run, draw)));
    LiteralTwin twin(seen.first_heartbeat, seen.period, jitter, four, seen.first_check);
    const std::vector<std::int64_t> expected = twin.play(seen.told, (origin + length).count());
    INFO("run " << run);
    REQUIRE(seen.fences == expected);
    fences += expected.size();
  }
  return fences;
}

}  // namespace

TEST_CASE("heartbeats as arithmetic fence at the same instants as heartbeats as events (3.9)", "[kafka][twin]") {
  CHECK(compare(false, 3000) > 1000);
}

TEST_CASE("heartbeats as arithmetic fence at the same instants as heartbeats as events (4.0)", "[kafka][twin]") {
  CHECK(compare(true, 3000) > 1000);
}

}  // namespace heartbeat_twin_test
