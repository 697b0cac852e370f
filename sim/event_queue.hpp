// The pending-event set: a 4-ary heap of 16-byte keys over a slab of events.
//
// Invariants
//  1. Events leave in the order (time, priority, sequence): a total order, the same in every run.
//  2. A `TimerId` names one scheduling: after the event fired or was cancelled it never matches another one.
//  3. Copying the queue copies the future: the copy delivers the same events in the same order.
//  4. No allocation per event once the vectors have grown to the run's peak.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/event.hpp"
#include "sim/time.hpp"

namespace nines::sim {

/// Handle of a scheduled event. A default-constructed one names none.
struct TimerId {
  std::uint32_t slot = 0xFFFFFFFF;
  std::uint32_t generation = 0;
  friend bool operator==(TimerId, TimerId) = default;
};

class EventQueue {
 public:
  /// Adds an event. REQUIRES: at >= Time::zero(). `Time::never()` is accepted and never delivered.
  TimerId schedule(Time at, Priority priority, const Event& event);

  /// Forgets a pending event; does nothing if it has fired or was cancelled. Returns whether it was pending.
  bool cancel(TimerId timer);

  [[nodiscard]] bool pending(TimerId timer) const {
    return timer.slot < slots_.size() && slots_[timer.slot].generation == timer.generation;
  }
  /// Instant of a pending event, `Time::never()` if it is not pending.
  [[nodiscard]] Time when(TimerId timer) const { return pending(timer) ? slots_[timer.slot].at : Time::never(); }

  /// Instant of the next event, `Time::never()` if none.
  [[nodiscard]] Time next_time();

  /// Removes and returns the next event. REQUIRES: next_time() != Time::never().
  Event pop();

  [[nodiscard]] std::size_t size() const { return live_; }
  /// Events scheduled so far, cancelled ones included.
  [[nodiscard]] std::uint64_t scheduled() const { return sequence_; }
  void clear();

 private:
  struct Slot {
    Event event;
    Time at;
    std::uint32_t generation = 0;
  };
  // Upper word: time. Lower word: priority (4 bits), sequence (36 bits), slot (24 bits).
  struct Key {
    std::uint64_t time;
    std::uint64_t order;
    friend bool operator<(const Key& a, const Key& b) {
      return a.time != b.time ? a.time < b.time : a.order < b.order;
    }
    [[nodiscard]] std::uint32_t slot() const { return static_cast<std::uint32_t>(order & 0xFFFFFF); }
  };
  struct Entry {
    Key key;
    std::uint32_t generation;
  };

  void drop_stale();
  void remove_top();
  void sift_up(std::size_t hole, Entry entry);
  void compact();

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
  std::size_t live_ = 0;
};

}  // namespace nines::sim
