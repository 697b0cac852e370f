// Slots of a vector that are used again: what is on its way is named by its number, which an event can hold.
#pragma once

#include <cstdint>
#include <vector>

namespace nines::models {

/// A slot of `items` that nobody uses, a new one if need be. Whoever is done with it gives its number back to `free`.
/// REQUIRES: at most 65,536 are in use at a time.
template <class T>
std::uint16_t take_slot(std::vector<T>& items, std::vector<std::uint16_t>& free) {
  if (free.empty()) {
    free.push_back(static_cast<std::uint16_t>(items.size()));
    items.emplace_back();
  }
  const std::uint16_t slot = free.back();
  free.pop_back();
  return slot;
}

}  // namespace nines::models
