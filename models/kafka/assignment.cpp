#include "models/kafka/assignment.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>

#include "sim/random.hpp"

namespace nines::models::kafka {

namespace {

/// Fisher and Yates, from the end, as java.util.Collections.shuffle does it.
template <class T>
void shuffle_list(std::vector<T>& list, const StripedPlacer::Draw& draw) {
  for (std::size_t left = list.size(); left > 1; --left) std::swap(list[left - 1], list[draw(left)]);
}

}  // namespace

StripedPlacer::StripedPlacer(const std::vector<std::uint16_t>& racks, Draw draw)
    : draw_(std::move(draw)), brokers_(racks.size()) {
  assert(!racks.empty());
  std::map<std::uint16_t, Rack> by_name;
  for (std::size_t broker = 0; broker < racks.size(); ++broker) {
    by_name[racks[broker]].brokers.push_back(static_cast<std::uint16_t>(broker));
  }
  for (auto& [name, rack] : by_name) {
    rack.start = draw_(rack.brokers.size());
    racks_.push_back(std::move(rack));
  }
  first_ = draw_(racks_.size());
}

bool StripedPlacer::take(Rack& rack, Assignment& into) {
  if (rack.partition != partition_) {
    rack.partition = partition_;
    rack.taken = 0;
    rack.start = (rack.start + 1) % rack.brokers.size();
  }
  if (rack.taken == rack.brokers.size()) return false;
  into.push_back(rack.brokers[(rack.start + rack.taken++) % rack.brokers.size()]);
  return true;
}

void StripedPlacer::shuffle() {
  shuffle_list(racks_, draw_);
  for (Rack& rack : racks_) shuffle_list(rack.brokers, draw_);
}

Assignment StripedPlacer::place(std::size_t replicas) {
  assert(replicas >= 1 && replicas <= brokers_);
  if (partition_ == brokers_ && brokers_ > 1) {
    shuffle();
    partition_ = 0;
  }
  if (first_ == racks_.size()) first_ = 0;
  Assignment chosen;
  // A rack that had no replica since the round's first partition is taken for used up in the next round's first one.
  std::size_t leading = first_;
  while (!take(racks_[leading], chosen)) leading = (leading + 1) % racks_.size();
  // The leader's rack is passed over once, on the first way round.
  bool passed = false;
  for (std::size_t rack = first_; chosen.size() < replicas; rack = (rack + 1) % racks_.size()) {
    if (rack == leading && !passed) {
      passed = true;
      continue;
    }
    take(racks_[rack], chosen);
  }
  ++partition_;
  ++first_;
  return chosen;
}

ShiftedPlacer::ShiftedPlacer(const std::vector<std::uint16_t>& racks, const StripedPlacer::Draw& draw) {
  assert(!racks.empty());
  std::map<std::uint16_t, std::vector<std::uint16_t>> by_name;
  for (std::size_t broker = 0; broker < racks.size(); ++broker)
    by_name[racks[broker]].push_back(static_cast<std::uint16_t>(broker));
  rack_count_ = by_name.size();
  for (std::size_t turn = 0; row_.size() < racks.size(); ++turn) {
    for (const auto& [name, brokers] : by_name) {
      if (turn >= brokers.size()) continue;
      row_.push_back(brokers[turn]);
      rack_.push_back(name);
    }
  }
  start_ = draw(row_.size());
  shift_ = draw(row_.size());
}

Assignment ShiftedPlacer::place(std::size_t replicas) {
  const std::size_t brokers = row_.size();
  assert(replicas >= 1 && replicas <= brokers);
  if (partition_ > 0 && partition_ % brokers == 0) ++shift_;
  const std::size_t leader = (partition_ + start_) % brokers;
  ++partition_;
  Assignment chosen{row_[leader]};
  std::set<std::uint16_t> racks{rack_[leader]};
  const std::size_t shift = rack_count_ > 1 ? shift_ * rack_count_ : shift_;
  for (std::size_t step = 0; chosen.size() < replicas; ++step) {
    const std::size_t place = (leader + 1 + (shift + step) % (brokers - 1)) % brokers;
    const bool rack_free = !racks.contains(rack_[place]) || racks.size() == rack_count_;
    const bool broker_free = std::find(chosen.begin(), chosen.end(), row_[place]) == chosen.end();
    if (!rack_free || !broker_free) continue;
    chosen.push_back(row_[place]);
    racks.insert(rack_[place]);
  }
  return chosen;
}

StripedPlacer::Draw placement_draws(std::size_t racks, std::size_t placed) {
  // Where to start within each rack, then in which.
  const std::size_t starts = racks + 1;
  return [starts, placed, drawn = std::uint32_t{0}](std::size_t bound) mutable {
    constexpr std::uint64_t stream = sim::fnv1a("replica placement");
    const std::uint32_t draw = drawn++;
    if (draw < starts) return placed % bound;
    return static_cast<std::size_t>(sim::to_unit(sim::random_bits(stream, placed, draw)) * static_cast<double>(bound));
  };
}

}  // namespace nines::models::kafka
