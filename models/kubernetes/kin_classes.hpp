// Machines with pods that mean something to those of one pool, in classes: so that one look after the other for pods of
// the pool costs what machines differ in, and what has changed since the last look.
//
// A pool is seen this way from its third look on in one stretch of events (an incident): a single look costs no more if
// it goes over the pods themselves.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "models/ids.hpp"
#include "models/slot_classes.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

class KinClasses {
 public:
  struct Key {
    SlotKey slot;
    SlotKin kin;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  using Classes = std::map<Key, std::vector<NodeId>>;  ///< machines of each in ascending order

  /// As the pool of `pod` sees them now.
  KinClasses(const World& world, ProcessId pod);

  /// What the machine carries may have changed. REQUIRES: its class in `Attention::slots` is up to date.
  void renew(const World& world, NodeId node);

  [[nodiscard]] const Classes& classes() const { return classes_; }
  /// Calls `act` for each machine with kin, ascending.
  template <class Act>
  void each(Act act) const {
    for (const auto& entry : of_) act(NodeId::of(entry.first));
  }
  /// None of the pool's kin: all zero.
  [[nodiscard]] SlotKin kin(NodeId node) const;
  /// Pods because of which none of the pool may be in the zone.
  [[nodiscard]] std::int64_t bars(ZoneId zone) const { return bars_[zone]; }
  /// Those of them that are on the machine.
  [[nodiscard]] std::int64_t bars_of(NodeId node) const;

 private:
  struct Seen {
    std::optional<Key> key;  ///< none: the machine is of no class
    SlotKin kin;
    std::int64_t bars = 0;
  };
  void leave(NodeId node);

  ProcessId pod_;  ///< any of the pool
  std::map<std::uint32_t, Seen> of_;
  Classes classes_;
  Table<ZoneId, std::int64_t> bars_;
};

/// Pools that are seen this way, or may come to be.
struct KinOfPools {
  struct Pool {
    WorkloadId workload;
    std::uint16_t pool = 0;
    std::uint32_t looks = 0;
    std::optional<KinClasses> classes;
    std::size_t seen = 0;  ///< of `renewed`, that many are in `classes`
  };
  std::map<std::uint64_t, Pool> pools;
  std::vector<NodeId> renewed;  ///< machines whose load may have changed since the first of the classes was made
};

/// The classes of the pod's pool as they are now; none if it is not seen this way.
const KinClasses* kin_classes(World& world, ProcessId pod);
/// The machine's class in `Attention::slots` is new.
void slot_renewed(World& world, NodeId node);

}  // namespace nines::models::kubernetes
