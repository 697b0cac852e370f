// What a simulated event costs: the hold model, timers re-armed by heartbeats, and random draws.
//
// Hold model: n events pending; take the earliest, run its handler, the handler schedules one more an exponential
// increment later. Increments come from a table, so that no generator is timed. Every structure dispatches on the kind
// of event and delivers the same order; the bare heaps carry none of the kernel's services (handles, priorities,
// cancellation) and are a bound, not a rival. One iteration is one event.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "sim/distribution.hpp"
#include "sim/event_queue.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace {

using namespace nines::sim;

constexpr std::size_t kinds = 8;

/// Increments with a mean of one second, read round and round.
class Increments {
 public:
  template <class Law>
  explicit Increments(Law law) {
    for (std::uint32_t i = 0; i < size; ++i) table_[i] = law(to_unit(random_bits(7, 0, i))).count();
  }
  std::int64_t next() { return table_[position_++ % size]; }

 private:
  static constexpr std::uint32_t size = 32768;
  std::vector<std::int64_t> table_ = std::vector<std::int64_t>(size);
  std::size_t position_ = 0;
};

Increments exponential_increments() {
  return Increments([](double u) { return Distribution::exponential(Duration::seconds(1)).quantile(u); });
}

/// The kernel's queue with a handler table by kind.
class KernelHold {
 public:
  explicit KernelHold(std::size_t pending) {
    for (std::size_t i = 0; i < pending; ++i) {
      Event event;
      event.kind = static_cast<EventKind>(i % kinds);
      queue_.schedule(Time::from_count(increments_.next()), Priority::state, event);
    }
  }
  void step() {
    now_ = queue_.next_time();
    const Event event = queue_.pop();
    handlers[event.kind](*this, event);
  }
  std::array<std::uint64_t, kinds> seen{};

 private:
  template <std::size_t kind>
  static void handle(KernelHold& hold, const Event& event) {
    ++hold.seen[kind];
    Event next = event;
    next.kind = static_cast<EventKind>((kind + 1) % kinds);
    hold.queue_.schedule(hold.now_ + Duration::nanoseconds(hold.increments_.next()), Priority::state, next);
  }
  using Handler = void (*)(KernelHold&, const Event&);
  static constexpr std::array<Handler, kinds> handlers{handle<0>, handle<1>, handle<2>, handle<3>,
                                                       handle<4>, handle<5>, handle<6>, handle<7>};
  EventQueue queue_;
  Time now_;
  Increments increments_ = exponential_increments();
};

/// A binary heap of plain structs, dispatching in the same way.
class BareHold {
 public:
  explicit BareHold(std::size_t pending) {
    for (std::size_t i = 0; i < pending; ++i) queue_.push({increments_.next(), sequence_++, i % kinds, 0});
  }
  void step() {
    const Entry entry = queue_.top();
    queue_.pop();
    handlers[entry.kind](*this, entry);
  }
  std::array<std::uint64_t, kinds> seen{};

 private:
  struct Entry {
    std::int64_t at;
    std::uint64_t sequence;
    std::uint64_t kind;
    std::uint64_t payload;
    friend bool operator<(const Entry& a, const Entry& b) {  // the queue takes the greatest first
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };
  static_assert(sizeof(Entry) == 32);
  template <std::size_t kind>
  static void handle(BareHold& hold, const Entry& entry) {
    ++hold.seen[kind];
    hold.queue_.push({entry.at + hold.increments_.next(), hold.sequence_++, (kind + 1) % kinds, entry.payload});
  }
  using Handler = void (*)(BareHold&, const Entry&);
  static constexpr std::array<Handler, kinds> handlers{handle<0>, handle<1>, handle<2>, handle<3>,
                                                       handle<4>, handle<5>, handle<6>, handle<7>};
  std::priority_queue<Entry> queue_;
  std::uint64_t sequence_ = 0;
  Increments increments_ = exponential_increments();
};

/// A binary heap of closures, the way simulators are often begun. The closure fits the buffer of std::function.
class FunctionHold {
 public:
  explicit FunctionHold(std::size_t pending) {
    for (std::size_t i = 0; i < pending; ++i) add(i % kinds);
  }
  void step() {
    // The standard queue has no way to take its greatest element but this.
    const Entry entry = std::move(const_cast<Entry&>(queue_.top()));
    queue_.pop();
    now_ = entry.at;
    entry.action();
  }
  std::array<std::uint64_t, kinds> seen{};

 private:
  struct Entry {
    std::int64_t at;
    std::uint64_t sequence;
    std::function<void()> action;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };
  void add(std::size_t kind) {
    queue_.push({now_ + increments_.next(), sequence_++, [this, kind] {
                   ++seen[kind];
                   add((kind + 1) % kinds);
                 }});
  }
  std::priority_queue<Entry> queue_;
  std::uint64_t sequence_ = 0;
  std::int64_t now_ = 0;
  Increments increments_ = exponential_increments();
};

template <class Hold>
void hold(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  Hold model(pending);
  for (std::size_t i = 0; i < std::max<std::size_t>(3 * pending, 200'000); ++i) model.step();
  for (auto _ : state) model.step();
  benchmark::DoNotOptimize(model.seen);
}

enum class Rearm { none, cancel, reschedule };

/// n followers hear a heartbeat every 0.95 to 1.05 s; each heartbeat re-arms a timeout of 10 s, which never fires.
template <Rearm rearm>
void heartbeats(benchmark::State& state) {
  constexpr EventKind heartbeat = 0, timeout = 1;
  EventQueue queue;
  Increments increments([](double u) {
    return Distribution::uniform(Duration::milliseconds(950), Duration::milliseconds(1050)).quantile(u);
  });
  std::vector<TimerId> timers;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.schedule(Time::from_count(increments.next()), Priority::message, pack(heartbeat, no_cause, i));
    if (rearm == Rearm::none) continue;
    timers.push_back(queue.schedule(Time::zero() + Duration::seconds(10), Priority::timer, pack(timeout, no_cause, i)));
  }
  std::uint64_t fired = 0;
  const auto step = [&] {
    const Time now = queue.next_time();
    const Event event = queue.pop();
    if (event.kind == timeout) {
      ++fired;
      return;
    }
    queue.schedule(now + Duration::nanoseconds(increments.next()), Priority::message, event);
    if constexpr (rearm == Rearm::none) return;
    const auto follower = event.as<std::int64_t>();
    TimerId& timer = timers[static_cast<std::size_t>(follower)];
    const Time deadline = now + Duration::seconds(10);
    if constexpr (rearm == Rearm::cancel) {
      queue.cancel(timer);
      timer = queue.schedule(deadline, Priority::timer, pack(timeout, no_cause, follower));
    } else if constexpr (rearm == Rearm::reschedule) {
      timer = queue.reschedule(timer, deadline);
    }
  };
  for (std::int64_t i = 0; i < std::max<std::int64_t>(25 * state.range(0), 200'000); ++i) step();
  for (auto _ : state) step();
  if (fired != 0) state.SkipWithError("a timeout fired");
}

void uniform_draw(benchmark::State& state) {
  std::uint32_t draw = 0;
  for (auto _ : state) benchmark::DoNotOptimize(to_unit(random_bits(42, 7, draw++)));
}

void draw_from(benchmark::State& state, const Distribution& law) {
  std::uint32_t draw = 0;
  for (auto _ : state) benchmark::DoNotOptimize(law.quantile(to_unit(random_bits(42, 7, draw++))));
}
void exponential_draw(benchmark::State& state) { draw_from(state, Distribution::exponential(Duration::seconds(30))); }
void lognormal_draw(benchmark::State& state) { draw_from(state, Distribution::lognormal(Duration::seconds(30), 0.8)); }

double best(const std::vector<double>& repetitions) {
  return *std::min_element(repetitions.begin(), repetitions.end());
}

void repeated(benchmark::internal::Benchmark* bench) {
  bench->Repetitions(7)->ReportAggregatesOnly()->ComputeStatistics("best", best);
}
void sizes(benchmark::internal::Benchmark* bench) {
  repeated(bench->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Iterations(1'000'000));
}
void followers(benchmark::internal::Benchmark* bench) {
  repeated(bench->Arg(1'000)->Arg(100'000)->Iterations(1'000'000));
}

BENCHMARK_TEMPLATE(hold, KernelHold)->Apply(sizes);
BENCHMARK_TEMPLATE(hold, BareHold)->Apply(sizes);
BENCHMARK_TEMPLATE(hold, FunctionHold)->Apply(sizes);
BENCHMARK_TEMPLATE(heartbeats, Rearm::none)->Apply(followers);
BENCHMARK_TEMPLATE(heartbeats, Rearm::cancel)->Apply(followers);
BENCHMARK_TEMPLATE(heartbeats, Rearm::reschedule)->Apply(followers);
BENCHMARK(uniform_draw)->Apply(repeated);
BENCHMARK(exponential_draw)->Apply(repeated);
BENCHMARK(lognormal_draw)->Apply(repeated);

}  // namespace

BENCHMARK_MAIN();
