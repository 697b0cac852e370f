// A set of small numbers that is gone through in ascending order, and emptied at the cost of what is in it.
//
// Two levels of bits: one for each number, and one for each word of those. What is put in while somebody goes through
// it is met if it lies ahead, as in a loop over all numbers.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace nines::sim {

class Marks {
 public:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  Marks() = default;
  Marks(const Marks&) = default;
  Marks(Marks&&) noexcept = default;
  ~Marks() = default;
  Marks& operator=(Marks&&) noexcept = default;
  Marks& operator=(const Marks& other) {
    if (this == &other) return *this;
    if (other.empty() && other.words_.size() == words_.size()) {
      clear();
      return *this;
    }
    words_ = other.words_;
    groups_ = other.groups_;
    count_ = other.count_;
    return *this;
  }

  /// Empty, for numbers below `count`.
  void assign(std::size_t count) {
    words_.assign((count + bits - 1) / bits, 0);
    groups_.assign((words_.size() + bits - 1) / bits, 0);
    count_ = 0;
  }

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool contains(std::size_t number) const { return (words_[number / bits] & bit(number)) != 0; }

  void insert(std::size_t number) {
    assert(number / bits < words_.size());
    std::uint64_t& word = words_[number / bits];
    if ((word & bit(number)) != 0) return;
    word |= bit(number);
    groups_[number / bits / bits] |= bit(number / bits);
    ++count_;
  }
  void erase(std::size_t number) {
    std::uint64_t& word = words_[number / bits];
    if ((word & bit(number)) == 0) return;
    word &= ~bit(number);
    if (word == 0) groups_[number / bits / bits] &= ~bit(number / bits);
    --count_;
  }
  void clear() {
    for (std::size_t group = 0; count_ > 0 && group < groups_.size(); ++group) {
      while (groups_[group] != 0) {
        const std::size_t at = group * bits + static_cast<std::size_t>(std::countr_zero(groups_[group]));
        count_ -= static_cast<std::size_t>(std::popcount(words_[at]));
        words_[at] = 0;
        groups_[group] &= groups_[group] - 1;
      }
    }
  }

  /// The least number in the set that is not less than `from`; none if there is none.
  [[nodiscard]] std::size_t next(std::size_t from) const {
    std::size_t at = from / bits;
    if (count_ == 0 || at >= words_.size()) return none;
    const std::uint64_t rest = words_[at] & (~std::uint64_t{0} << (from % bits));
    if (rest != 0) return at * bits + static_cast<std::size_t>(std::countr_zero(rest));
    ++at;
    std::size_t group = at / bits;
    if (group >= groups_.size()) return none;
    std::uint64_t words = groups_[group] & (~std::uint64_t{0} << (at % bits));
    while (words == 0) {
      if (++group == groups_.size()) return none;
      words = groups_[group];
    }
    at = group * bits + static_cast<std::size_t>(std::countr_zero(words));
    return at * bits + static_cast<std::size_t>(std::countr_zero(words_[at]));
  }

  /// Calls `act` for each number, in ascending order.
  template <class Act>
  void each(Act act) const {
    for (std::size_t at = next(0); at != none; at = next(at + 1)) act(at);
  }

 private:
  static constexpr std::size_t bits = 64;
  static constexpr std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << (number % bits); }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> groups_;  ///< a bit for each word that is not empty
  std::size_t count_ = 0;
};

}  // namespace nines::sim
