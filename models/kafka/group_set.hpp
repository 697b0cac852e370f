// A set of partition groups, bit by bit: membership and order without allocation. A second row of bits tells which
// words of the first hold any, so that a large set with few members is gone through at the cost of those.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/ids.hpp"

namespace nines::models::kafka {

class GroupSet {
 public:
  /// Of `count` groups none.
  void clear(std::size_t count) {
    words_.assign(words_for(count), 0);
    summary_.assign(words_for(words_.size()), 0);
  }
  /// All of `count` groups.
  void fill(std::size_t count) {
    fill(words_, count);
    fill(summary_, words_.size());
  }
  void insert(GroupId group) {
    const std::size_t word = group.value / word_bits;
    words_[word] |= mask(group.value);
    summary_[word / word_bits] |= mask(word);
  }
  void erase(GroupId group) {
    const std::size_t word = group.value / word_bits;
    words_[word] &= ~mask(group.value);
    if (words_[word] == 0) summary_[word / word_bits] &= ~mask(word);
  }
  [[nodiscard]] bool contains(GroupId group) const {
    return (words_[group.value / word_bits] & mask(group.value)) != 0;
  }
  /// Erases all members, at the cost of those.
  void reset() {
    for (std::size_t of_words = 0; of_words < summary_.size(); ++of_words) {
      for (std::uint64_t rest = summary_[of_words]; rest != 0; rest &= rest - 1) {
        words_[of_words * word_bits + static_cast<std::size_t>(std::countr_zero(rest))] = 0;
      }
      summary_[of_words] = 0;
    }
  }
  /// Calls `act(group, whether it is in a)` for each member of one of two sets of the same groups, in order. `act`
  /// changes neither.
  template <class Act>
  static void each_of(const GroupSet& a, const GroupSet& b, Act&& act) {
    for (std::size_t of_words = 0; of_words < a.summary_.size(); ++of_words) {
      for (std::uint64_t left = a.summary_[of_words] | b.summary_[of_words]; left != 0; left &= left - 1) {
        const std::size_t word = of_words * word_bits + static_cast<std::size_t>(std::countr_zero(left));
        const std::uint64_t in_a = a.words_[word];
        for (std::uint64_t rest = in_a | b.words_[word]; rest != 0; rest &= rest - 1) {
          const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
          act(GroupId::of(word * word_bits + bit), (in_a & mask(bit)) != 0);
        }
      }
    }
  }
  [[nodiscard]] bool empty() const {
    for (const std::uint64_t words : summary_) {
      if (words != 0) return false;
    }
    return true;
  }
  /// Calls `act(group)` for each member in order. `act` may erase the group that it is called for, and insert others:
  /// those that come later in the order are visited, or not.
  template <class Act>
  void each(Act&& act) const {
    for (std::size_t of_words = 0; of_words < summary_.size(); ++of_words) {
      // Read anew after each word: words may have got their first member.
      for (std::uint64_t left = ~std::uint64_t{0}; (summary_[of_words] & left) != 0;) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(summary_[of_words] & left));
        left = bit + 1 == word_bits ? 0 : ~std::uint64_t{0} << (bit + 1);
        const std::size_t word = of_words * word_bits + bit;
        for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1) {
          act(GroupId::of(word * word_bits + static_cast<std::size_t>(std::countr_zero(rest))));
        }
      }
    }
  }

 private:
  static constexpr std::size_t word_bits = 64;
  static constexpr std::uint64_t mask(std::size_t at) { return std::uint64_t{1} << at % word_bits; }
  static constexpr std::size_t words_for(std::size_t count) { return (count + word_bits - 1) / word_bits; }
  static void fill(std::vector<std::uint64_t>& words, std::size_t count) {
    words.assign(words_for(count), ~std::uint64_t{0});
    if (count % word_bits != 0) words.back() = (std::uint64_t{1} << count % word_bits) - 1;
  }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> summary_;
};

}  // namespace nines::models::kafka
