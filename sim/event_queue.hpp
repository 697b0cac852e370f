// The pending-event set: a 4-ary heap of 16-byte keys over a slab of events.
//
// Invariants
//  1. Events leave in the order (time, priority, sequence): a total order, the same in every run.
//  2. A `TimerId` names one scheduling: after the event fired or was cancelled it matches no other one (until the same
//     slot is taken again exactly 2^32 schedulings later).
//  3. Copying the queue copies the future: the copy delivers the same events in the same order, and handles of the
//     original name the same events in the copy.
//  4. No allocation per event once the vectors have grown to the run's peak, and that peak is at most twice the peak of
//     pending events, however often timers are cancelled or moved.
//
// Limits (asserted): 2^37 schedulings and 2^24 entries per queue.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
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

/// Allocates at the start of a cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};
  CacheLineAllocator() = default;
  template <class U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
  void deallocate(T* first, std::size_t) { ::operator delete(first, line); }
  friend bool operator==(CacheLineAllocator, CacheLineAllocator) { return true; }
};

class EventQueue {
 public:
  /// Adds an event. REQUIRES: at >= Time::zero(). `Time::never()` is accepted and never delivered.
  TimerId schedule(Time at, Priority priority, const Event& event);

  /// Forgets a pending event; does nothing if it has fired or was cancelled. Returns whether it was pending.
  bool cancel(TimerId timer);

  /// Moves a pending event to another instant and returns its new handle; the old one names nothing any more. Same
  /// order of delivery as cancel and schedule, but a move to a later instant costs O(1): the entry stays where it is
  /// and sinks when it surfaces. REQUIRES: pending(timer), at >= Time::zero().
  TimerId reschedule(TimerId timer, Time at);

  [[nodiscard]] bool pending(TimerId timer) const {
    return timer.slot < slots_.size() && names(slots_[timer.slot].order, timer);
  }
  /// Instant of a pending event, `Time::never()` if it is not pending.
  [[nodiscard]] Time when(TimerId timer) const {
    return pending(timer) ? Time::from_count(static_cast<std::int64_t>(slots_[timer.slot].time)) : Time::never();
  }

  /// Instant of the next event, `Time::never()` if none.
  [[nodiscard]] Time next_time();

  /// Removes and returns the next event. REQUIRES: next_time() != Time::never().
  Event pop();

  [[nodiscard]] std::size_t size() const { return live_; }
  /// Events scheduled since construction or the last clear(), cancelled and moved ones included.
  [[nodiscard]] std::uint64_t scheduled() const { return sequence_ - cleared_at_; }
  /// Forgets all pending events; their handles match nothing that is scheduled later. Keeps the memory.
  void clear();

 private:
  /// Upper word: time. Lower word, the `order`: priority (3 bits), sequence (37 bits), slot (24 bits). One unsigned
  /// compare instead of two halves the mispredicted branches of the heap.
  using Key = unsigned __int128;
  static constexpr std::size_t root = 3;  ///< first index of the heap: its first children then start a cache line
  static constexpr int slot_bits = 24;
  static constexpr int priority_shift = 61;
  /// Orders of slots that hold no pending event start with priority 7, which no event has.
  static constexpr std::uint64_t vacant = std::uint64_t{7} << priority_shift;
  static constexpr std::uint64_t cancelled = vacant | std::uint64_t{1} << 60;
  static constexpr std::uint32_t no_slot = (std::uint32_t{1} << slot_bits) - 1;

  struct Slot {
    Event event;
    std::uint64_t time = 0;
    std::uint64_t order = vacant;  ///< of the pending event; else `cancelled`, or `vacant` and the next free slot
  };

  static constexpr Key key_of(std::uint64_t time, std::uint64_t order) { return Key{time} << 64 | order; }
  static constexpr std::uint64_t order_of(Key key) { return static_cast<std::uint64_t>(key); }
  static constexpr std::uint32_t slot_of(Key key) { return static_cast<std::uint32_t>(key) & no_slot; }
  static constexpr std::uint32_t generation_of(std::uint64_t order) {
    return static_cast<std::uint32_t>(order >> slot_bits);
  }
  static constexpr bool names(std::uint64_t order, TimerId timer) {
    return order < vacant && generation_of(order) == timer.generation;
  }

  std::uint64_t next_order(std::uint64_t priority, std::uint32_t slot);
  std::uint32_t take_slot();
  void free_slot(std::uint32_t slot);
  void settle_top();
  void push(Key key);
  void remove_top();
  void sift_up(std::size_t hole, Key key);
  void sift_down(std::size_t hole, Key key);
  void compact();

  std::vector<Key, CacheLineAllocator<Key>> heap_;  ///< see the index arithmetic in the .cpp file
  std::size_t end_ = root;                          ///< one past the last entry of the heap
  std::vector<Slot> slots_;
  std::uint32_t free_ = no_slot;
  std::uint64_t sequence_ = 0;
  std::uint64_t cleared_at_ = 0;
  std::size_t live_ = 0;
};

}  // namespace nines::sim
