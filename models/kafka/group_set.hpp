// A set of partition groups, bit by bit: membership and order without allocation.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/ids.hpp"

namespace nines::models::kafka {

class GroupSet {
 public:
  /// All of `count` groups.
  void fill(std::size_t count) {
    words_.assign((count + word_bits - 1) / word_bits, ~std::uint64_t{0});
    if (count % word_bits != 0) words_.back() = (std::uint64_t{1} << count % word_bits) - 1;
  }
  void insert(GroupId group) { words_[group.value / word_bits] |= mask(group); }
  void erase(GroupId group) { words_[group.value / word_bits] &= ~mask(group); }
  [[nodiscard]] bool contains(GroupId group) const { return (words_[group.value / word_bits] & mask(group)) != 0; }
  [[nodiscard]] bool empty() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  /// Calls `act(group)` for each member in order. `act` may erase the group that it is called for, and insert others:
  /// those that come later in the order are visited, or not.
  template <class Act>
  void each(Act&& act) const {
    for (std::size_t word = 0; word < words_.size(); ++word) {
      for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1) {
        act(GroupId::of(word * word_bits + static_cast<std::size_t>(std::countr_zero(rest))));
      }
    }
  }

 private:
  static constexpr std::size_t word_bits = 64;
  static constexpr std::uint64_t mask(GroupId group) { return std::uint64_t{1} << group.value % word_bits; }

  std::vector<std::uint64_t> words_;
};

}  // namespace nines::models::kafka
