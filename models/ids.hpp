// Strong indices into the plan's tables. State refers to things by index only, so that it can be copied as a value.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <ranges>
#include <span>
#include <vector>

#include "sim/marks.hpp"
#include "sim/undoable.hpp"

namespace nines::models {

/// Index of one kind of thing; `none()` refers to nothing.
template <class Tag, class Number = std::uint16_t>
struct Index {
  static constexpr Number nothing = std::numeric_limits<Number>::max();
  Number value = nothing;

  static constexpr Index none() { return {}; }
  static constexpr Index of(std::size_t position) { return Index{static_cast<Number>(position)}; }
  [[nodiscard]] constexpr bool exists() const { return value != nothing; }
  friend constexpr auto operator<=>(Index, Index) = default;
};

/// Of what a large cluster has more of than 65,534.
template <class Tag>
using WideIndex = Index<Tag, std::uint32_t>;

using ZoneId = Index<struct ZoneTag>;
using NodeId = WideIndex<struct NodeTag>;              ///< a machine slot; a replacement machine takes over the slot
using CapacityPoolId = Index<struct CapacityPoolTag>;  ///< machines of one type and zone, on demand or Spot
using VolumeId = WideIndex<struct VolumeTag>;
using ProcessId =
    WideIndex<struct ProcessTag>;  ///< a pod's main container: a server, or an operator; or a bare process
using WorkloadId = WideIndex<struct WorkloadTag>;  ///< pods with one controller and one budget
using ServiceId = Index<struct ServiceTag>;        ///< of every kind, in the order of the file
using GroupId = Index<struct GroupTag>;            ///< partitions of one topic that share one replica assignment
using TopicId = Index<struct TopicTag>;
using ClientId = Index<struct ClientTag>;
using SliId = Index<struct SliTag>;
using SliIndex = std::uint16_t;        ///< position of an SLI in `Plan::slis`
using BoxId = Index<struct BoxTag>;    ///< a black box of the file: one or several exchangeable units
using UnitId = Index<struct UnitTag>;  ///< one of its units

/// Position in `Plan::components`: whatever has a name in traces and results.
using ComponentId = std::uint32_t;

/// A vector that is indexed by one kind of index only.
template <class Id, class T>
class Table {
 public:
  T& operator[](Id id) {
    assert(id.value < items_.size());
    return items_[id.value];
  }
  const T& operator[](Id id) const {
    assert(id.value < items_.size());
    return items_[id.value];
  }
  Id add(T item) {
    items_.push_back(static_cast<T&&>(item));
    return Id::of(items_.size() - 1);
  }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  void assign(std::size_t count, const T& item) { items_.assign(count, item); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

  /// All indices in order.
  struct Range {
    std::size_t count;
    struct Iterator {
      std::size_t position;
      Id operator*() const { return Id::of(position); }
      Iterator& operator++() {
        ++position;
        return *this;
      }
      bool operator!=(const Iterator& other) const { return position != other.position; }
    };
    [[nodiscard]] Iterator begin() const { return {0}; }
    [[nodiscard]] Iterator end() const { return {count}; }
  };
  [[nodiscard]] Range ids() const { return {items_.size()}; }

 private:
  std::vector<T> items_;
};

/// A table whose copies go back to where they started at the cost of what was changed (sim/undoable.hpp).
template <class Id, class T>
class UndoableTable {
 public:
  const T& operator[](Id id) const { return items_[id.value]; }
  /// For writing.
  T& edit(Id id) { return items_.edit(id.value); }
  void assign(std::size_t count, const T& item) { items_.assign(count, item); }
  void freeze() { items_.freeze(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  /// All indices in order.
  [[nodiscard]] auto ids() const { return typename Table<Id, T>::Range{items_.size()}; }
  [[nodiscard]] bool is_touched(Id id) const { return items_.is_touched(id.value); }
  [[nodiscard]] bool goes_back_to(const UndoableTable& other) const { return items_.goes_back_to(other.items_); }
  /// Those that may differ from the frozen table that this is a copy of.
  [[nodiscard]] auto touched() const {
    return items_.touched() | std::views::transform([](std::uint32_t at) { return Id::of(at); });
  }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  sim::Undoable<T> items_;
};

/// The same, written to like any table: whoever may write has touched the element.
template <class Id, class T>
class TouchedTable : public UndoableTable<Id, T> {
 public:
  T& operator[](Id id) { return UndoableTable<Id, T>::edit(id); }
  const T& operator[](Id id) const { return UndoableTable<Id, T>::operator[](id); }
};

/// An undoable table which remembers what was edited in the event that is under way, one after the other.
template <class Id, class T>
class LoggedTable : public UndoableTable<Id, T> {
 public:
  T& edit(Id id) {
    edits_.push_back(id);  // also twice in a row: somebody may have looked in between
    return UndoableTable<Id, T>::edit(id);
  }
  void freeze() {
    forget_edited();
    UndoableTable<Id, T>::freeze();
  }
  /// Since the last `forget_edited`, perhaps several times: who has looked at the first of them can go on from there.
  [[nodiscard]] std::span<const Id> edits() const { return edits_; }
  void forget_edited() { edits_.clear(); }

 private:
  std::vector<Id> edits_;
};

/// The same which also knows them as a set.
template <class Id, class T>
class WatchedTable : public LoggedTable<Id, T> {
 public:
  T& edit(Id id) {
    edited_.insert(id.value);
    return LoggedTable<Id, T>::edit(id);
  }
  void assign(std::size_t count, const T& item) {
    edited_.assign(count);
    LoggedTable<Id, T>::assign(count, item);
  }
  void freeze() {
    edited_.clear();
    LoggedTable<Id, T>::freeze();
  }
  [[nodiscard]] const sim::Marks& edited() const { return edited_; }
  void forget_edited() {
    edited_.clear();
    LoggedTable<Id, T>::forget_edited();
  }

 private:
  sim::Marks edited_;
};

}  // namespace nines::models
