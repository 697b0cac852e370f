// The native fabric: exact weighted max-min fair sharing with caps, incremental, a value.
//
// Invariants
//  1. Between changes every rate is constant, so a flow is a straight line: its bytes are settled only when its rate
//     changes, and its end is one entry of the calendar.
//  2. A change touches only flows that a fully used resource ties to it. Where a resource has capacity to spare before
//     and after, nobody's rate hangs on it, so its other flows are not looked at. Each resource knows whether it is
//     fully used; the set grows until no resource outside it has become so.
//  3. What is summed is summed in the order in which flows were started; ties among resources go by index. Rates do not
//     depend on which flows happened to be looked at, apart from rounding when two bottlenecks coincide.
//  4. State is indices and numbers only: a copy is a fork.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/credit_account.hpp"
#include "models/fabric/fabric.hpp"
#include "sim/event_queue.hpp"

namespace nines::models::fabric {

class MaxMin final : public Fabric {
 public:
  ResourceId add(const ResourceSpec& spec) override;

  FlowId start(Time now, const FlowSpec& spec) override;
  bool cancel(Time now, FlowId flow) override;
  void set_cap(Time now, FlowId flow, Bandwidth cap) override;
  void set_weight(Time now, FlowId flow, double weight) override;

  void set_capacity(Time now, ResourceId resource, Bandwidth capacity) override;
  void set_condition(Time now, ResourceId resource, Condition condition) override;

  void go_to(Time now) override;
  Time next_change() override;
  void advance(Time now, std::vector<Ending>& endings) override;

  [[nodiscard]] bool running(FlowId flow) const override;
  Bandwidth rate(FlowId flow) override;
  Bytes remaining(FlowId flow) override;
  Bandwidth usage(ResourceId resource) override;
  Bytes credit(ResourceId resource) override;

  using Fabric::latency;
  [[nodiscard]] Duration latency(ResourceId resource) const override { return resources_[resource.value].latency; }

  [[nodiscard]] std::size_t resources() const { return resources_.size(); }
  [[nodiscard]] Bandwidth capacity(ResourceId resource) const { return {resources_[resource.value].capacity}; }
  /// Flows that have not ended.
  [[nodiscard]] std::size_t flows() const { return sequence_ - ended_; }
  /// Flows whose rate was worked out so far: the work that changes have made.
  [[nodiscard]] std::uint64_t rates_computed() const { return rates_computed_; }

  /// When every credit will be at least what it is in `resting` again if nothing moves any more. REQUIRES: this was a
  /// copy of `resting` once; no flow.
  [[nodiscard]] Time rested_at(const MaxMin& resting) const;

  /// Becomes a copy of `resting`, at a cost that grows with what was touched since the last time. REQUIRES: this was a
  /// copy of `resting` once, and `resting` has not changed since.
  void restore(const MaxMin& resting);

 private:
  using FlowSlot = std::uint32_t;
  /// One hop of one flow: slot * max_hops + position.
  using Link = std::uint32_t;
  static constexpr FlowSlot slot_of(Link link) { return link / static_cast<Link>(Route::max_hops); }
  static constexpr std::size_t hop_of(Link link) { return link % Route::max_hops; }
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  enum class Stage : std::uint8_t { vacant, waiting, moving };

  struct Flow {
    double remaining = 0;  ///< at `since`
    double rate = 0;
    double cap = 0;
    double weight = 1;
    Time since;
    sim::TimerId timer;  ///< end of the wait, or of the flow
    std::uint64_t sequence = 0;
    sim::CauseId cause = sim::no_cause;
    std::uint32_t generation = 0;
    Owner owner;
    Stage stage = Stage::vacant;
    // What holds it back, since when, and what did for longest.
    ResourceId limit;
    ResourceId longest_limit;
    Time limited_since;
    Duration longest;
    Route route;
    std::array<Link, Route::max_hops> next{};  ///< flow on the same resource that was started after it
    std::array<Link, Route::max_hops> previous{};
  };

  struct Resource {
    double capacity = 0;
    Condition condition = Condition::works;
    bool tight = false;  ///< fully used: somebody's rate may hang on it
    Link first = none;
    Link last = none;
    Duration latency;
    CreditAccount credit;
    sim::TimerId timer;  ///< the credit runs out
  };

  /// A resource in the set that is being solved.
  struct Share {
    double left = 0;            ///< capacity not yet given to flows of the set, nor used by others
    double weight = 0;          ///< load times weight of the set's flows that still grow
    std::uint32_t growing = 0;  ///< how many those are
    std::uint32_t resource = 0;
    bool coupled = false;  ///< all its flows are in the set
  };
  struct Member {
    FlowSlot flow = 0;
    double rate = 0;
    ResourceId limit;  ///< that its rate hangs on; none: its cap
    bool settled = false;
  };

  Flow& edit(FlowSlot slot);
  Resource& edit_resource(std::size_t index);
  [[nodiscard]] double allowed(const Resource& resource) const;
  [[nodiscard]] double used(const Resource& resource) const;
  [[nodiscard]] const Hop& hop(Link link) const { return flows_[slot_of(link)].route.hops()[hop_of(link)]; }

  void collect(Time now);
  void attach(FlowSlot slot);
  void detach(FlowSlot slot);
  void finish(FlowSlot slot, Outcome outcome);
  void release(FlowSlot slot);
  bool crosses_broken(const Flow& flow) const;

  void flow_changed(FlowSlot slot);
  void resource_changed(std::size_t index);
  void solve();
  void join(FlowSlot slot);
  void couple(std::size_t index);
  std::size_t touch_share(std::size_t index);
  void fill();
  bool find_new_bottlenecks();
  void settle_member(std::size_t member, double rate, ResourceId limit);
  void limit_changed(Flow& flow, ResourceId limit) const;
  void apply();

  Time now_;
  std::vector<Resource> resources_;
  std::vector<Flow> flows_;
  std::vector<FlowSlot> free_;
  std::uint64_t sequence_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t rates_computed_ = 0;
  sim::EventQueue calendar_;
  std::vector<Ending> ready_;  ///< ended, not yet reported

  // Changes not yet worked out.
  std::vector<FlowSlot> changed_flows_;
  std::vector<std::uint32_t> changed_resources_;

  // Touched since `restore`.
  std::vector<FlowSlot> touched_flows_;
  std::vector<std::uint32_t> touched_resources_;
  std::vector<char> flow_touched_;
  std::vector<char> resource_touched_;

  // Scratch of `solve`; empty or invalid between calls.
  std::vector<Share> shares_;
  std::vector<Member> members_;
  struct Open {
    double level = 0;  ///< rate per weight at which the resource is full; may have risen since
    std::uint32_t resource = 0;
    std::uint32_t share = 0;
  };
  std::vector<Open> open_;                ///< heap of the resources on which flows still grow
  std::vector<std::uint32_t> share_of_;   ///< by resource: its place in `shares_`
  std::vector<std::uint32_t> member_of_;  ///< by flow slot: its place in `members_`
  struct CapLevel {
    double level = 0;  ///< cap / weight
    std::uint64_t sequence = 0;
    std::uint32_t member = 0;
  };
  std::vector<CapLevel> caps_;
  std::vector<std::pair<std::uint64_t, Ending>> due_;
};

}  // namespace nines::models::fabric
