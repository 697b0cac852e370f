// Bytes take time: flows over routes of shared resources (network cards, links, volumes, throttles, CPU), and the one
// interface of what shares the resources among them.
//
// Two implementations, held together by differential tests: `MaxMin` (exact, a value, for Monte Carlo) and
// `SimGridFabric` (SimGrid's engine, one a process). Neither knows the event queue: whoever owns one keeps a single
// timer at `next_change()` and calls `advance()` when it fires (models/fabric/state.hpp does so for the world).
//
// Rule of sharing: weighted max-min fairness with rate caps (Bertsekas and Gallager, Data Networks, section 6.5.2). The
// rates are the only ones at which every flow either runs at its cap or crosses a bottleneck: a resource in full use
// on which no flow has a higher rate per weight.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/event.hpp"
#include "sim/time.hpp"

namespace nines::models::fabric {

using sim::Time;

/// Something that flows share. Its unit of work is the byte by custom; a CPU shares vCPU-seconds just as well.
using ResourceId = WideIndex<struct ResourceTag>;

/// Names one flow: once it has ended, no other flow.
struct FlowId {
  std::uint32_t slot = 0xFFFFFFFF;
  std::uint32_t generation = 0;
  [[nodiscard]] bool exists() const { return slot != 0xFFFFFFFF; }
  friend bool operator==(FlowId, FlowId) = default;
};

inline constexpr Bandwidth unlimited{std::numeric_limits<double>::infinity()};
/// Of a flow that never ends by itself: live load in the background.
inline constexpr Bytes unbounded{std::numeric_limits<double>::infinity()};

/// One resource on a route.
struct Hop {
  ResourceId resource;
  double load = 1;  ///< work done here per byte of the flow, > 0: 2 on a disk that writes everything twice
};

/// What a flow crosses, all of it at the same time. Each resource at most once: adding it again adds up the loads.
class Route {
 public:
  static constexpr std::size_t max_hops = 12;

  Route() = default;
  Route(std::initializer_list<ResourceId> resources) {
    for (const ResourceId resource : resources) add(resource);
  }
  /// REQUIRES: load > 0, fewer than `max_hops` other resources. Ignores `none()`.
  Route& add(ResourceId resource, double load = 1);
  /// Adds all hops of another route.
  Route& add(const Route& other);
  [[nodiscard]] std::span<const Hop> hops() const { return {hops_.data(), count_}; }

 private:
  std::array<Hop, max_hops> hops_{};
  std::uint8_t count_ = 0;
};

/// Who is told when a flow ends. The fabric only carries it.
struct Owner {
  std::uint16_t kind = 0;   ///< models/fabric/events.hpp lists them for the world
  std::uint64_t index = 0;  ///< among the owners of that kind
  friend bool operator==(Owner, Owner) = default;
};

struct FlowSpec {
  Route route = {};
  Bytes bytes = unbounded;    ///< > 0
  Bandwidth cap = unlimited;  ///< >= 0; a demand, or the throttle of this flow alone
  double weight = 1;          ///< > 0; its share at a bottleneck is proportional
  Duration latency = {};      ///< >= 0; before the first byte moves, see `Fabric::latency`
  Owner owner = {};
  sim::CauseId cause = sim::no_cause;  ///< of the flow; handed back with its ending
};

/// Burst credit (EBS, T instances' network and CPU): above the baseline only while there is credit, which every byte
/// above it uses up and every byte below it earns. The moment it runs out is an event; its return is arithmetic.
/// Rule: AWS documentation of EBS st1/gp2 burst buckets, EC2 network and CPU credits (one token bucket each).
struct BurstCredit {
  Bandwidth baseline = unlimited;  ///< sustained; `unlimited`: no credits, the capacity always holds
  Bytes size = {};                 ///< credit is never more than this
  Bytes level = {};                ///< at the start, in [0, size]
};

/// A throttle shared by several flows is a resource like any other.
struct ResourceSpec {
  Bandwidth capacity = unlimited;  ///< >= 0; with credits: the burst rate
  BurstCredit credit = {};
  Duration latency = {};  ///< >= 0; what a message or the first byte needs to cross it
};

/// What a resource does to flows that cross it.
enum class Condition : std::uint8_t {
  works,
  stalls,  ///< nothing moves and nobody is told: silence
  breaks,  ///< flows end at once as broken, also those that are started on it
};

enum class Outcome : std::uint8_t { done, broken };

/// A flow that has ended by itself. A cancelled one leaves none.
struct Ending {
  FlowId flow;
  Owner owner = {};
  Outcome outcome = Outcome::done;
  sim::CauseId cause = sim::no_cause;
  /// What held the flow back for its longest stretch: a resource in full use, `none()` for its own cap. Nothing where
  /// the implementation does not tell.
  std::optional<ResourceId> limit = {};
};

/// Times given to it never go back, nor beyond `next_change()`. What ends at an instant has ended before whatever else
/// is done to the fabric at that instant. Not thread-safe.
class Fabric {
 public:
  virtual ~Fabric() = default;

  /// REQUIRES: no flow was started yet.
  virtual ResourceId add(const ResourceSpec& spec) = 0;

  virtual FlowId start(Time now, const FlowSpec& spec) = 0;
  /// Forgets a flow. Returns whether it had not been reported as ended.
  virtual bool cancel(Time now, FlowId flow) = 0;
  /// REQUIRES of both: running(flow).
  virtual void set_cap(Time now, FlowId flow, Bandwidth cap) = 0;
  virtual void set_weight(Time now, FlowId flow, double weight) = 0;

  virtual void set_capacity(Time now, ResourceId resource, Bandwidth capacity) = 0;
  virtual void set_condition(Time now, ResourceId resource, Condition condition) = 0;

  /// Everything up to `now` has happened: for `remaining` and `rate` of now.
  virtual void go_to(Time now) = 0;
  /// When `advance` is needed next if nothing else is done before; `Time::never()` if not at all.
  virtual Time next_change() = 0;
  /// Goes on to `now` and appends the flows that ended since the last call, by (time, order of start).
  virtual void advance(Time now, std::vector<Ending>& endings) = 0;

  [[nodiscard]] virtual bool running(FlowId flow) const = 0;
  /// At the last instant the fabric was told of. REQUIRES: running(flow).
  virtual Bandwidth rate(FlowId flow) = 0;
  virtual Bytes remaining(FlowId flow) = 0;
  /// Work per second on a resource, its credit left.
  virtual Bandwidth usage(ResourceId resource) = 0;
  virtual Bytes credit(ResourceId resource) = 0;

  [[nodiscard]] virtual Duration latency(ResourceId resource) const = 0;
  /// What a message needs for a route: the sum over its resources. It takes no bandwidth.
  [[nodiscard]] Duration latency(const Route& route) const {
    Duration sum;
    for (const Hop& hop : route.hops()) sum += latency(hop.resource);
    return sum;
  }

 protected:
  Fabric() = default;
  Fabric(const Fabric&) = default;
  Fabric& operator=(const Fabric&) = default;
  Fabric(Fabric&&) = default;
  Fabric& operator=(Fabric&&) = default;
};

/// Relative distance from its capacity within which a resource counts as fully used, and from its baseline within which
/// it neither earns nor spends credit: far above rounding, far below anything that matters.
inline constexpr double rate_tolerance = 1e-9;

}  // namespace nines::models::fabric
