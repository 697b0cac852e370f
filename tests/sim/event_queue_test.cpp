// The queue against an ordered set that does the same thing slowly.
#include "sim/event_queue.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <tuple>
#include <vector>

#include "sim/random.hpp"

namespace event_queue_test {

using namespace nines::sim;

namespace {

struct Label {
  std::uint64_t number;
};

Event labelled(std::uint64_t number) { return pack(1, no_cause, Label{number}); }
std::uint64_t label_of(const Event& event) { return event.as<Label>().number; }
Time at(std::int64_t count) { return Time::from_count(count); }

/// The same contract on a red-black tree.
class Model {
 public:
  using Position = std::tuple<Time, Priority, std::uint64_t>;

  Position schedule(Time when, Priority priority, std::uint64_t label) {
    const Position position{when, priority, sequence_++};
    pending_[position] = label;
    return position;
  }
  bool cancel(const Position& position) { return pending_.erase(position) == 1; }
  Position move(const Position& position, Time when) {
    const std::uint64_t label = pending_.at(position);
    pending_.erase(position);
    return schedule(when, std::get<Priority>(position), label);
  }
  std::uint64_t pop() {
    const std::uint64_t label = pending_.begin()->second;
    pending_.erase(pending_.begin());
    return label;
  }
  [[nodiscard]] bool pending(const Position& position) const { return pending_.contains(position); }
  [[nodiscard]] Time next_time() const {
    return pending_.empty() ? Time::never() : std::get<Time>(pending_.begin()->first);
  }
  [[nodiscard]] std::size_t size() const { return pending_.size(); }

 private:
  std::map<Position, std::uint64_t> pending_;
  std::uint64_t sequence_ = 0;
};

/// A queue and its model driven by the same random operations.
class Pair {
 public:
  explicit Pair(std::uint64_t key) : key_(key) {}

  /// Weights in percent: schedule, cancel, reschedule; the rest pops.
  void step(std::uint64_t schedule, std::uint64_t cancel, std::uint64_t move) {
    const std::uint64_t choice = draw() % 100;
    if (choice < schedule || handles_.empty()) {
      add();
    } else if (choice < schedule + cancel) {
      const Known& known = any();
      REQUIRE(queue.cancel(known.timer) == model.cancel(known.position));
    } else if (choice < schedule + cancel + move) {
      shift();
    } else {
      pop();
    }
    REQUIRE(queue.size() == model.size());
  }

  void pop() {
    REQUIRE(queue.next_time() == model.next_time());
    if (queue.next_time() == Time::never()) return;
    now_ = queue.next_time();
    REQUIRE(label_of(queue.pop()) == model.pop());
  }

  EventQueue queue;
  Model model;

 private:
  struct Known {
    TimerId timer;
    Model::Position position;
  };

  std::uint64_t draw() { return random_bits(key_, 0, draws_++) >> 8; }
  // Few distinct instants, so that ties in time and in priority are common.
  Time instant() { return now_ + Duration::nanoseconds(static_cast<std::int64_t>(draw() % 50)); }
  Known& any() { return handles_[draw() % handles_.size()]; }

  void add() {
    const Time when = draw() % 40 == 0 ? Time::never() : instant();
    const auto priority = static_cast<Priority>(draw() % 5);
    const std::uint64_t label = labels_++;
    handles_.push_back({queue.schedule(when, priority, labelled(label)), model.schedule(when, priority, label)});
  }

  void shift() {
    Known& known = any();
    REQUIRE(queue.pending(known.timer) == model.pending(known.position));
    if (!queue.pending(known.timer)) return;
    REQUIRE(queue.when(known.timer) == std::get<Time>(known.position));
    const Time when = instant();
    const TimerId old = known.timer;
    known = {queue.reschedule(known.timer, when), model.move(known.position, when)};
    REQUIRE_FALSE(queue.pending(old));
    REQUIRE(queue.when(known.timer) == when);
  }

  std::uint64_t key_;
  std::uint32_t draws_ = 0;
  std::uint64_t labels_ = 0;
  Time now_;
  std::vector<Known> handles_;
};

void run(Pair& pair, int steps, std::uint64_t schedule, std::uint64_t cancel, std::uint64_t move) {
  for (int i = 0; i < steps; ++i) pair.step(schedule, cancel, move);
}

std::vector<std::uint64_t> drain(EventQueue queue) {
  std::vector<std::uint64_t> labels;
  while (queue.next_time() != Time::never()) labels.push_back(label_of(queue.pop()));
  return labels;
}

}  // namespace

TEST_CASE("an empty queue has no next event") {
  EventQueue queue;
  CHECK(queue.next_time() == Time::never());
  CHECK(queue.size() == 0);
  CHECK_FALSE(queue.pending(TimerId{}));
  CHECK_FALSE(queue.cancel(TimerId{}));
  CHECK(queue.when(TimerId{}) == Time::never());
}

TEST_CASE("events leave by time, then priority, then order of scheduling") {
  EventQueue queue;
  queue.schedule(at(5), Priority::timer, labelled(3));
  queue.schedule(at(5), Priority::fault, labelled(1));
  queue.schedule(at(5), Priority::timer, labelled(4));
  queue.schedule(at(5), Priority::measure, labelled(5));
  queue.schedule(at(5), Priority::message, labelled(2));
  queue.schedule(at(4), Priority::measure, labelled(0));
  CHECK(drain(queue) == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("an event keeps kind, cause and payload") {
  EventQueue queue;
  queue.schedule(at(1), Priority::state, pack(77, 12345, Label{0x0123456789ABCDEF}));
  const Event event = queue.pop();
  CHECK(event.kind == 77);
  CHECK(event.cause == 12345);
  CHECK(label_of(event) == 0x0123456789ABCDEF);
}

TEST_CASE("an event at never is pending and never delivered") {
  EventQueue queue;
  const TimerId timer = queue.schedule(Time::never(), Priority::fault, labelled(0));
  CHECK(queue.next_time() == Time::never());
  CHECK(queue.size() == 1);
  CHECK(queue.pending(timer));
  CHECK(queue.cancel(timer));
  CHECK(queue.size() == 0);
}

TEST_CASE("a handle never names a later event in its slot") {
  EventQueue queue;
  const TimerId fired = queue.schedule(at(1), Priority::state, labelled(0));
  queue.pop();
  const TimerId next = queue.schedule(at(2), Priority::state, labelled(1));
  CHECK(next.slot == fired.slot);
  CHECK_FALSE(queue.pending(fired));
  CHECK_FALSE(queue.cancel(fired));
  CHECK(queue.pending(next));
  queue.clear();
  const TimerId after = queue.schedule(at(3), Priority::state, labelled(2));
  CHECK_FALSE(queue.pending(next));
  CHECK(queue.pending(after));
  CHECK(queue.scheduled() == 1);
  CHECK(drain(queue) == std::vector<std::uint64_t>{2});
}

TEST_CASE("a moved timer fires once, at its last instant, in the order of the move") {
  EventQueue queue;
  TimerId timer = queue.schedule(at(10), Priority::timer, labelled(0));
  queue.schedule(at(30), Priority::timer, labelled(1));
  timer = queue.reschedule(timer, at(20));
  timer = queue.reschedule(timer, at(30));
  queue.schedule(at(30), Priority::timer, labelled(2));
  CHECK(queue.next_time() == at(30));
  CHECK(drain(queue) == std::vector<std::uint64_t>{1, 0, 2});
  timer = queue.reschedule(timer, at(5));
  CHECK(queue.when(timer) == at(5));
  CHECK(drain(queue) == std::vector<std::uint64_t>{0, 1, 2});
  queue.cancel(queue.reschedule(timer, at(40)));
  CHECK(drain(queue) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("the queue does what an ordered set does") {
  for (std::uint64_t key = 1; key <= 20; ++key) {
    Pair pair(key);
    run(pair, 1500, 55, 10, 10);  // grows
    run(pair, 1500, 20, 30, 30);  // mostly cancels and moves
    run(pair, 1500, 25, 5, 5);    // shrinks
    while (pair.queue.next_time() != Time::never()) pair.pop();
  }
}

TEST_CASE("a copy continues like the original and apart from it") {
  for (std::uint64_t key = 100; key < 110; ++key) {
    Pair pair(key);
    run(pair, 700, 50, 10, 15);
    Pair fork = pair;
    const std::vector<std::uint64_t> future = drain(pair.queue);
    CHECK(drain(fork.queue) == future);
    run(fork, 300, 30, 10, 10);
    CHECK(drain(pair.queue) == future);
    // Driven by the same draws, original and copy stay equal.
    run(pair, 300, 30, 10, 10);
    CHECK(drain(pair.queue) == drain(fork.queue));
  }
}

TEST_CASE("a cleared queue behaves like a new one") {
  Pair used(5);
  run(used, 500, 60, 10, 10);
  used.queue.clear();
  CHECK(used.queue.size() == 0);
  CHECK(used.queue.next_time() == Time::never());
  EventQueue fresh;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Time when = at(static_cast<std::int64_t>(random_bits(9, 0, static_cast<std::uint32_t>(i)) % 20));
    fresh.schedule(when, Priority::timer, labelled(i));
    used.queue.schedule(when, Priority::timer, labelled(i));
  }
  CHECK(drain(used.queue) == drain(fresh));
}

TEST_CASE("re-arming a timer does not grow the queue") {
  // Slot numbers are handed out densely, so the largest one ever seen bounds the memory in use.
  constexpr int timers = 100;
  for (const bool by_cancel : {true, false}) {
    EventQueue queue;
    std::vector<TimerId> armed;
    for (int i = 0; i < timers; ++i) armed.push_back(queue.schedule(at(1000), Priority::timer, labelled(0)));
    std::uint32_t largest = 0;
    for (std::int64_t now = 0; now < 2000; ++now) {
      for (TimerId& timer : armed) {
        if (by_cancel) {
          queue.cancel(timer);
          timer = queue.schedule(at(now + 1000), Priority::timer, labelled(0));
        } else {
          timer = queue.reschedule(timer, at(now + 1000));
        }
        largest = std::max(largest, timer.slot);
      }
      REQUIRE(queue.size() == timers);
    }
    CHECK(largest <= 2 * timers);
    if (!by_cancel) CHECK(largest < timers);
  }
}

TEST_CASE("ten thousand instants in reverse, forward and equal order", "[queue]") {
  constexpr std::int64_t count = 10'000;
  EventQueue queue;
  for (std::int64_t i = count; i > 0; --i) {
    queue.schedule(at(i), Priority::state, labelled(static_cast<std::uint64_t>(i)));
  }
  for (std::int64_t i = 1; i <= count; ++i) {
    REQUIRE(queue.next_time() == at(i));
    REQUIRE(label_of(queue.pop()) == static_cast<std::uint64_t>(i));
  }
  for (std::int64_t i = 0; i < count; ++i) {
    queue.schedule(at(7), Priority::state, labelled(static_cast<std::uint64_t>(i)));
  }
  for (std::int64_t i = 0; i < count; ++i) REQUIRE(label_of(queue.pop()) == static_cast<std::uint64_t>(i));
}

}  // namespace event_queue_test
