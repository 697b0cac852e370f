// Machines by what pods that request the same meet there, so that a look for a machine costs the differences between
// machines that the scheduler makes, not the loads that occur.
//
// In a large cluster nearly each machine has a load of its own. But of all loads a pod sees only whether there is room
// for it, and a score of 201 values; so that a zone has no more than some two hundred classes for it, most of them
// empty. The classes of a request are made at its first look, and follow what changes afterwards, also when the next
// incident puts machines back.
//
// What is kept here follows from `Attention::slots` and the plan alone: an assignment leaves it as it is, for who looks
// sees what is out of date.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "models/ids.hpp"
#include "models/slot_classes.hpp"
#include "sim/marks.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::kubernetes {

/// As pods with one request see the machines of one node group.
class Fits {
 public:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  /// By what they see of them, zone by zone.
  using Classes = std::map<std::size_t, sim::Marks>;

  Fits(const Plan& plan, std::uint16_t group, const Request& request);

  /// Follows what has changed since it was last asked.
  void follow(const Plan& plan, const SlotKeys& slots);

  [[nodiscard]] const Classes& classes() const { return classes_; }
  /// The machine's; none: it is of no class.
  [[nodiscard]] std::size_t of(NodeId node) const { return of_[node]; }
  /// Those machines take no pods.
  [[nodiscard]] static bool closed(std::size_t seen);

 private:
  void renew(const Plan& plan, const SlotKeys& slots, NodeId node);

  const Plan* plan_;
  std::uint16_t group_;
  Request request_;
  std::uint64_t story_ = 0;  ///< of the slots
  std::size_t seen_ = 0;     ///< so many of its changes
  Table<NodeId, std::size_t> of_;
  Classes classes_;
};

/// Of all requests for which somebody has looked.
class FitsOfRequests {
 public:
  FitsOfRequests() = default;
  FitsOfRequests(const FitsOfRequests&) {}
  FitsOfRequests(FitsOfRequests&&) noexcept = default;
  ~FitsOfRequests() = default;
  FitsOfRequests& operator=(const FitsOfRequests&) { return *this; }
  FitsOfRequests& operator=(FitsOfRequests&&) noexcept = default;

  /// As they are now.
  const Fits& of(const Plan& plan, const SlotKeys& slots, std::uint16_t group, const Request& request);

 private:
  std::map<std::pair<std::uint16_t, Request>, Fits> fits_;
};

}  // namespace nines::models::kubernetes
