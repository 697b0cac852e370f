#include "sim/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace nines::sim {

namespace {
constexpr std::size_t arity = 4;
constexpr std::size_t slot_limit = std::size_t{1} << 24;
}  // namespace

TimerId EventQueue::schedule(Time at, Priority priority, const Event& event) {
  assert(at >= Time::zero());
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    assert(slots_.size() < slot_limit);
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slot& entry = slots_[slot];
  entry.event = event;
  entry.at = at;
  const Key key{static_cast<std::uint64_t>(at.count()),
                static_cast<std::uint64_t>(priority) << 60 | (sequence_ & 0xFFFFFFFFF) << 24 | slot};
  ++sequence_;
  ++live_;
  heap_.emplace_back();
  sift_up(heap_.size() - 1, Entry{key, entry.generation});
  return {slot, entry.generation};
}

bool EventQueue::cancel(TimerId timer) {
  if (!pending(timer)) return false;
  ++slots_[timer.slot].generation;
  --live_;
  // The heap entry stays until it surfaces; its slot is free again only then, or the key could match a newer event.
  if (heap_.size() > 64 && heap_.size() > 2 * live_) compact();
  return true;
}

Time EventQueue::next_time() {
  drop_stale();
  if (heap_.empty()) return Time::never();
  return Time::from_count(static_cast<std::int64_t>(heap_.front().key.time));
}

Event EventQueue::pop() {
  drop_stale();
  assert(!heap_.empty());
  const std::uint32_t slot = heap_.front().key.slot();
  const Event event = slots_[slot].event;
  ++slots_[slot].generation;
  free_.push_back(slot);
  --live_;
  remove_top();
  return event;
}

void EventQueue::clear() {
  heap_.clear();
  slots_.clear();
  free_.clear();
  sequence_ = 0;
  live_ = 0;
}

void EventQueue::drop_stale() {
  while (!heap_.empty() && slots_[heap_.front().key.slot()].generation != heap_.front().generation) {
    free_.push_back(heap_.front().key.slot());
    remove_top();
  }
}

void EventQueue::remove_top() {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return;
  // Bottom-up: walk the hole down along the smallest children, then let the last entry rise from the leaf.
  std::size_t hole = 0;
  const std::size_t count = heap_.size();
  for (;;) {
    const std::size_t first = hole * arity + 1;
    if (first >= count) break;
    std::size_t best = first;
    const std::size_t end = std::min(first + arity, count);
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].key < heap_[best].key) best = child;
    }
    heap_[hole] = heap_[best];
    hole = best;
  }
  sift_up(hole, last);
}

void EventQueue::sift_up(std::size_t hole, Entry entry) {
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / arity;
    if (!(entry.key < heap_[parent].key)) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = entry;
}

void EventQueue::compact() {
  std::vector<Entry> kept;
  kept.reserve(live_);
  for (const Entry& entry : heap_) {
    const std::uint32_t slot = entry.key.slot();
    if (slots_[slot].generation == entry.generation) {
      kept.push_back(entry);
    } else {
      free_.push_back(slot);
    }
  }
  heap_.clear();
  for (const Entry& entry : kept) {
    heap_.emplace_back();
    sift_up(heap_.size() - 1, entry);
  }
}

}  // namespace nines::sim
