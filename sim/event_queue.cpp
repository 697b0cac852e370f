#include "sim/event_queue.hpp"

#include <algorithm>

namespace nines::sim {

namespace {

// Index arithmetic: the root has index `root` = 3 and the children of i are 4i - 8 ... 4i - 5, so every group of
// siblings starts at a multiple of four, that is at a cache line. Places beyond the last entry hold `beyond`, greater
// than every key, so a group is always compared as a whole.
constexpr std::size_t arity = 4;
constexpr std::size_t first_child(std::size_t i) { return arity * i - 8; }
constexpr std::size_t parent(std::size_t i) { return i / arity + 2; }
constexpr unsigned __int128 beyond = ~static_cast<unsigned __int128>(0);

/// Below this size stale entries are not worth collecting.
constexpr std::size_t compaction_floor = 64;

/// From this index on the grandchildren lie outside the first-level cache, and asking for all four lines early pays.
constexpr std::size_t prefetch_floor = 1024;

void prefetch_grandchildren(const unsigned __int128* first) {
  for (std::size_t i = 0; i < arity; ++i) __builtin_prefetch(first + i * arity);
}

}  // namespace

TimerId EventQueue::schedule(Time at, Priority priority, const Event& event) {
  assert(at >= Time::zero());
  const std::uint32_t index = take_slot();
  Slot& slot = slots_[index];
  slot.event = event;
  slot.time = static_cast<std::uint64_t>(at.count());
  slot.order = next_order(static_cast<std::uint64_t>(priority), index);
  ++live_;
  push(key_of(slot.time, slot.order));
  return {index, generation_of(slot.order)};
}

bool EventQueue::cancel(TimerId timer) {
  if (!pending(timer)) return false;
  // The key stays in the heap until it surfaces, and the slot with it, so that a slot never has two keys.
  slots_[timer.slot].order = cancelled;
  --live_;
  const std::size_t entries = end_ - root;
  if (entries > compaction_floor && entries > 2 * live_) compact();
  return true;
}

TimerId EventQueue::reschedule(TimerId timer, Time at) {
  assert(pending(timer) && at >= Time::zero());
  Slot& slot = slots_[timer.slot];
  const auto time = static_cast<std::uint64_t>(at.count());
  const std::uint64_t priority = slot.order >> priority_shift;
  if (time < slot.time) {
    const Event event = slot.event;
    cancel(timer);
    return schedule(at, static_cast<Priority>(priority), event);
  }
  slot.time = time;
  slot.order = next_order(priority, timer.slot);
  return {timer.slot, generation_of(slot.order)};
}

Time EventQueue::next_time() {
  settle_top();
  if (end_ <= root) return Time::never();
  return Time::from_count(static_cast<std::int64_t>(heap_[root] >> 64));
}

Event EventQueue::pop() {
  settle_top();
  assert(end_ > root);
  const std::uint32_t index = slot_of(heap_[root]);
  const Event event = slots_[index].event;
  free_slot(index);
  --live_;
  remove_top();
  // The next event is read after the handler of this one has run.
  if (end_ > root) __builtin_prefetch(&slots_[slot_of(heap_[root])]);
  return event;
}

void EventQueue::clear() {
  for (std::size_t i = root; i < end_; ++i) free_slot(slot_of(heap_[i]));
  std::fill(heap_.begin(), heap_.end(), beyond);
  end_ = root;
  // The sequence runs on: it is what makes handles of before different from those to come.
  cleared_at_ = sequence_;
  live_ = 0;
}

std::uint64_t EventQueue::next_order(std::uint64_t priority, std::uint32_t slot) {
  assert(sequence_ < std::uint64_t{1} << (priority_shift - slot_bits));
  return priority << priority_shift | sequence_++ << slot_bits | slot;
}

std::uint32_t EventQueue::take_slot() {
  if (free_ == no_slot) {
    assert(slots_.size() < no_slot);
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_;
  free_ = slot_of(slots_[slot].order);
  return slot;
}

void EventQueue::free_slot(std::uint32_t slot) {
  slots_[slot].order = vacant | free_;
  free_ = slot;
}

/// Removes cancelled keys from the top and lets moved ones sink to their new place.
void EventQueue::settle_top() {
  while (end_ > root) {
    const Key top = heap_[root];
    const std::uint32_t index = slot_of(top);
    const Slot& slot = slots_[index];
    if (slot.order == order_of(top)) return;
    if (slot.order == cancelled) {
      free_slot(index);
      remove_top();
    } else {
      sift_down(root, key_of(slot.time, slot.order));
    }
  }
}

void EventQueue::push(Key key) {
  if (end_ >= heap_.size()) heap_.resize(end_ / arity * arity + arity, beyond);
  sift_up(end_++, key);
}

void EventQueue::remove_top() {
  const Key last = heap_[--end_];
  heap_[end_] = beyond;
  if (end_ > root) sift_down(root, last);
}

void EventQueue::sift_up(std::size_t hole, Key key) {
  while (hole > root && key < heap_[parent(hole)]) {
    heap_[hole] = heap_[parent(hole)];
    hole = parent(hole);
  }
  heap_[hole] = key;
}

void EventQueue::sift_down(std::size_t hole, Key key) {
  Key* const heap = heap_.data();
  for (std::size_t child = first_child(hole); child < end_; child = first_child(hole)) {
    if (child >= prefetch_floor) prefetch_grandchildren(heap + first_child(child));
    // A tournament on values rather than places: it compiles to conditional moves, and the first two compares do not
    // wait for each other. Which child wins is a coin toss that no branch predictor learns.
    const Key* const group = heap + child;
    const std::size_t odd_left = group[1] < group[0];
    const std::size_t odd_right = group[3] < group[2];
    const Key left = odd_left != 0 ? group[1] : group[0];
    const Key right = odd_right != 0 ? group[3] : group[2];
    const std::size_t in_right = right < left;
    const Key best = in_right != 0 ? right : left;
    if (!(best < key)) break;
    heap[hole] = best;
    hole = child + 2 * in_right + (odd_left ^ ((odd_left ^ odd_right) & (0 - in_right)));
  }
  heap[hole] = key;
}

/// Drops the keys of cancelled events, brings moved ones up to date and rebuilds the heap bottom-up.
void EventQueue::compact() {
  std::size_t kept = root;
  for (std::size_t i = root; i < end_; ++i) {
    const std::uint32_t index = slot_of(heap_[i]);
    const Slot& slot = slots_[index];
    if (slot.order == cancelled) {
      free_slot(index);
    } else {
      heap_[kept++] = key_of(slot.time, slot.order);
    }
  }
  std::fill(heap_.begin() + static_cast<std::ptrdiff_t>(kept), heap_.begin() + static_cast<std::ptrdiff_t>(end_),
            beyond);
  end_ = kept;
  if (end_ <= root + 1) return;
  for (std::size_t i = parent(end_ - 1); i >= root; --i) sift_down(i, heap_[i]);
}

}  // namespace nines::sim
