// Machines that are alike to whoever is to be placed, so that a look for a machine costs what they differ in.
//
// A class holds the slots for which every filter and every score says the same. Which machine of a class is taken is
// settled by its number, so that the first one stands for all.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "models/ids.hpp"

namespace nines::models {

/// What a pod reserves.
struct Request {
  double cpu = 0;
  double memory = 0;
  double disk = 0;           ///< of the machine's local disk
  std::int64_t volumes = 0;  ///< network volumes that are attached for it

  void add(const Request& more) {
    cpu += more.cpu;
    memory += more.memory;
    disk += more.disk;
    volumes += more.volumes;
  }
  friend auto operator<=>(const Request&, const Request&) = default;
};

/// What the pods of a machine add up to, in the order of their numbers.
struct SlotLoad {
  Request requested;
  Request counted;  ///< the same as LeastAllocated sees it: what requests nothing counts all the same
  std::int64_t pods = 0;
  friend auto operator<=>(const SlotLoad&, const SlotLoad&) = default;
};

/// Pods on a machine that matter to the one that is to be placed.
struct SlotKin {
  std::int64_t alike = 0;    ///< pods of its pool that stay
  std::int64_t shunned = 0;  ///< pods that it prefers to keep apart from
  bool barred = false;       ///< there is a pod that it must keep apart from
  friend auto operator<=>(const SlotKin&, const SlotKin&) = default;
};

/// `Key` is ordered, with `group` in the first place; `Key::before(group)` is less than all keys of the group that
/// occur.
template <class Key>
class SlotClasses {
 public:
  using Classes = std::map<Key, std::vector<NodeId>>;  ///< slots of each class in ascending order

  /// That many slots, all of no class.
  void assign(std::size_t slots) {
    keys_.assign(slots, std::nullopt);
    classes_.clear();
  }

  void set(NodeId node, const Key& key) {
    if (keys_[node] == key) return;
    leave(node);
    std::vector<NodeId>& slots = classes_[key];
    slots.insert(std::lower_bound(slots.begin(), slots.end(), node), node);
    keys_[node] = key;
  }

  /// Calls `act(key, slots)` for each class of the group.
  template <class Act>
  void each(std::uint16_t group, Act act) const {
    for (auto at = classes_.lower_bound(Key::before(group)); at != classes_.end() && at->first.group == group; ++at)
      act(at->first, at->second);
  }

 private:
  void leave(NodeId node) {
    const std::optional<Key>& key = keys_[node];
    if (!key) return;
    const auto at = classes_.find(*key);
    at->second.erase(std::lower_bound(at->second.begin(), at->second.end(), node));
    if (at->second.empty()) classes_.erase(at);
  }

  Table<NodeId, std::optional<Key>> keys_;
  Classes classes_;
};

/// What the scheduler can tell of a machine without a look at the pod that is to be placed.
struct SlotKey {
  std::uint16_t group = 0;
  ZoneId zone;
  bool closed = false;   ///< it takes no pods
  bool pressed = false;  ///< it takes none that request no memory
  SlotLoad load;
  static SlotKey before(std::uint16_t group) {
    return {group, ZoneId::of(0), false, false, {{-1, -1, -1}, {-1, -1, -1}, -1}};
  }
  friend auto operator<=>(const SlotKey&, const SlotKey&) = default;
};

/// Of each slot what the scheduler can tell of its machine, and which became different, one after the other. Who knows
/// the `story` and how many `changes` of it it has seen goes on from there; another story begins with all slots.
class SlotKeys {
 public:
  SlotKeys() = default;
  SlotKeys(const SlotKeys& other) : keys_(other.keys_) {}
  SlotKeys(SlotKeys&&) noexcept = default;
  ~SlotKeys() = default;
  SlotKeys& operator=(SlotKeys&&) noexcept = default;
  /// Costs what was changed, if it goes back to where it was copied from.
  SlotKeys& operator=(const SlotKeys& other) {
    if (this == &other) return *this;
    if (!keys_.goes_back_to(other.keys_)) {
      keys_ = other.keys_;
      begin_story();
      return *this;
    }
    for (const NodeId node : keys_.touched()) changed(node);
    keys_ = other.keys_;
    return *this;
  }

  /// That many slots that hold no machine of which the scheduler knows.
  void assign(std::size_t slots) {
    keys_.assign(slots, std::nullopt);
    begin_story();
  }
  void freeze() { keys_.freeze(); }

  /// None: the scheduler knows of no machine there, or of two.
  void set(NodeId node, const std::optional<SlotKey>& key) {
    if (keys_[node] == key) return;
    keys_.edit(node) = key;
    changed(node);
  }
  [[nodiscard]] const std::optional<SlotKey>& of(NodeId node) const { return keys_[node]; }

  [[nodiscard]] std::uint64_t story() const { return story_; }
  [[nodiscard]] const std::vector<NodeId>& changes() const { return changes_; }

 private:
  static std::uint64_t new_story() {
    static std::atomic<std::uint64_t> stories{0};
    return ++stories;
  }
  void begin_story() {
    changes_.clear();
    story_ = new_story();
  }
  void changed(NodeId node) {
    // To go over all slots is then as cheap as to go over the changes.
    if (changes_.size() >= 4 * keys_.size() + 64) begin_story();
    changes_.push_back(node);
  }

  UndoableTable<NodeId, std::optional<SlotKey>> keys_;
  std::vector<NodeId> changes_;
  std::uint64_t story_ = new_story();
};

}  // namespace nines::models
