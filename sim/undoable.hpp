// A vector that goes back to where it started at the cost of what was changed, not of its size.
//
//     Undoable<double> start(1'000'000, 0.0);
//     start.freeze();
//     Undoable<double> work;
//     work = start;          // copies all
//     work.edit(7) = 1;
//     work = start;          // puts one element back
//
// A value like any other: what an assignment leaves is equal to what was assigned, however it was done.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace nines::sim {

template <class T>
class Undoable {
 public:
  Undoable() = default;
  Undoable(std::size_t count, const T& item) { assign(count, item); }
  Undoable(const Undoable& other) { copy(other); }
  Undoable(Undoable&&) noexcept = default;
  ~Undoable() = default;
  Undoable& operator=(Undoable&&) noexcept = default;
  Undoable& operator=(const Undoable& other) {
    if (this == &other) return *this;
    if (!goes_back_to(other)) {
      copy(other);
      return *this;
    }
    assert(items_.size() == other.items_.size());
    for (const std::uint32_t at : touched_) {
      items_[at] = other.items_[at];
      is_touched_[at] = 0;
    }
    touched_.clear();
    return *this;
  }

  void assign(std::size_t count, const T& item) {
    items_.assign(count, item);
    is_touched_.assign(count, 0);
    touched_.clear();
    origin_ = name_ = 0;
  }
  /// From now on this is where copies of it go back to. REQUIRES: it is not changed any more.
  void freeze() {
    static std::atomic<std::uint64_t> names{0};
    name_ = ++names;
    touched_.clear();
    is_touched_.assign(items_.size(), 0);
  }

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  const T& operator[](std::size_t at) const { return items_[at]; }
  /// For writing: the element counts as changed.
  T& edit(std::size_t at) {
    assert(name_ == 0);
    if (is_touched_[at] == 0) {
      is_touched_[at] = 1;
      touched_.push_back(static_cast<std::uint32_t>(at));
    }
    return items_[at];
  }
  /// Elements that may differ from those of the frozen vector that this is a copy of, each once, in the order in which
  /// they were first changed. All others do not. REQUIRES: it is such a copy.
  [[nodiscard]] std::span<const std::uint32_t> touched() const { return touched_; }

  /// Whether an assignment of `other` puts back what was edited, and nothing else.
  [[nodiscard]] bool goes_back_to(const Undoable& other) const { return other.name_ != 0 && origin_ == other.name_; }

  [[nodiscard]] bool is_touched(std::size_t at) const { return is_touched_[at] != 0; }

  friend bool operator==(const Undoable& a, const Undoable& b) { return a.items_ == b.items_; }

  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }

 private:
  void copy(const Undoable& other) {
    items_ = other.items_;
    is_touched_ = other.is_touched_;
    touched_ = other.touched_;
    origin_ = other.name_ != 0 ? other.name_ : other.origin_;
    name_ = 0;
  }

  std::vector<T> items_;
  std::vector<char> is_touched_;
  std::vector<std::uint32_t> touched_;
  std::uint64_t origin_ = 0;  ///< name of the frozen vector that this is a copy of; 0: of none
  std::uint64_t name_ = 0;    ///< of a frozen vector
};

}  // namespace nines::sim
