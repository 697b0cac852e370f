#include "models/kafka/assignment.hpp"

#include <algorithm>
#include <cassert>
#include <set>

namespace nines::models::kafka {

namespace {

/// Brokers in an order in which racks take turns: a0 b0 c0 a1 b1 c1 ...
std::vector<std::uint16_t> alternate_racks(const std::vector<std::uint16_t>& racks) {
  std::vector<std::uint16_t> order;
  std::vector<bool> taken(racks.size(), false);
  const std::set<std::uint16_t> names(racks.begin(), racks.end());
  while (order.size() < racks.size()) {
    for (const std::uint16_t rack : names) {
      for (std::size_t broker = 0; broker < racks.size(); ++broker) {
        if (taken[broker] || racks[broker] != rack) continue;
        taken[broker] = true;
        order.push_back(static_cast<std::uint16_t>(broker));
        break;
      }
    }
  }
  return order;
}

struct Placer {
  const std::vector<std::uint16_t>& racks;
  std::vector<std::uint16_t> order;
  std::size_t rack_count;

  [[nodiscard]] bool suits(const Assignment& chosen, std::uint16_t broker) const {
    if (std::find(chosen.begin(), chosen.end(), broker) != chosen.end()) return false;
    std::set<std::uint16_t> used;
    for (const std::uint16_t other : chosen) used.insert(racks[other]);
    return used.size() == rack_count || used.count(racks[broker]) == 0;
  }

  [[nodiscard]] Assignment place(std::size_t first, std::size_t shift, std::size_t replicas) const {
    const std::size_t n = order.size();
    Assignment chosen{order[first % n]};
    for (std::size_t step = 0; chosen.size() < replicas; ++step) {
      const std::uint16_t broker = order[(first + 1 + (shift + step) % (n - 1)) % n];
      if (suits(chosen, broker)) chosen.push_back(broker);
    }
    return chosen;
  }
};

}  // namespace

std::vector<Assignment> assign_replicas(const std::vector<std::uint16_t>& racks, std::size_t partitions,
                                        std::size_t replicas, std::size_t start) {
  assert(replicas >= 1 && replicas <= racks.size());
  const std::set<std::uint16_t> names(racks.begin(), racks.end());
  const Placer placer{racks, alternate_racks(racks), names.size()};
  std::vector<Assignment> assignments;
  for (std::size_t partition = 0; partition < partitions; ++partition) {
    assignments.push_back(placer.place(start + partition, partition / racks.size(), replicas));
  }
  return assignments;
}

}  // namespace nines::models::kafka
