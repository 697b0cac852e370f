// Where a pod goes: filters and scores of the kube-scheduler, one piece of code for the pods of a new cluster
// (models/build_plan.cpp) and for those that are scheduled again (models/kubernetes/scheduler.cpp).
//
// A machine fits if whoever asks has nothing against it (Node, taints, volume), if it may have a further pod, has room
// for its requests, has no pod that it must keep apart from, and does not skew its pool too much:
//   - required anti-affinity holds both ways: a pod is kept away from those that name its pool, too, and from pods that
//     are being deleted as long as their objects exist (plugin InterPodAffinity);
//   - skew = pods of its pool in the domain, the new one included, less those in the domain that has fewest. Domains
//     are those of the node group's Nodes, also of Nodes that are tainted, cordoned or not Ready (nodeTaintsPolicy
//     Ignore); pods that are being deleted do not count (plugin PodTopologySpread).
//
// Among machines that fit the one with the highest sum of scores wins: PodTopologySpread (x 2: its ScheduleAnyway
// constraints, or without any constraint the cluster's defaults over zones and machines), InterPodAffinity (x 2:
// preferred anti-affinity), NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation. Source:
// kubernetes/kubernetes pkg/scheduler/framework/plugins; kubernetes.io documentation, pod topology spread constraints
// and inter-pod affinity; Kubernetes sheet, section 4.
//
// Left out: scores of images and soft taints; minDomains, matchLabelKeys; spreads over pods of other pools. The
// kube-scheduler breaks ties at random, here the first machine wins: the pods of a new cluster stand in the same places
// in every run.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/slot_classes.hpp"
#include "models/workload.hpp"

namespace nines::models {

struct Plan;
struct Topology;

/// A machine: the slot that it holds, and how many held it before.
struct Placement {
  NodeId node;
  std::uint32_t machine = 0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// The filter that a machine fails, in the order in which they are asked.
enum class Refusal : std::uint8_t {
  closed,       ///< it takes no pods
  volume,       ///< it cannot have the pod's volume
  pod_limit,    ///< it has as many pods as it may have
  attachments,  ///< it has as many network volumes as it can have
  room,         ///< processors, memory or local disk do not suffice
  kept_apart,   ///< anti-affinity
  skew,         ///< topology spread
};

Request request(const Plan& plan, ProcessId pod);
/// Adds a pod to what its machine carries.
void add_pod(SlotLoad& load, const Plan& plan, ProcessId pod);

/// Why the machine cannot carry the request beside its load; nothing if it can.
std::optional<Refusal> full_for(const Plan& plan, NodeId node, const SlotLoad& load, const Request& request);
/// NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation: from 0 to the most.
inline constexpr std::int64_t most_resource_score = 200;
std::int64_t resource_score(const Plan& plan, NodeId node, const SlotLoad& load, const Request& request);

/// What one pod means to another that is to be placed.
struct Relation {
  bool alike = false;      ///< of the same pool, or of one workload without service
  bool prefers = false;    ///< one of the two prefers to keep apart from the other
  bool bars_host = false;  ///< one of the two must not be on the other's machine
  bool bars_zone = false;  ///< nor in its zone
};
Relation relation(const Plan& plan, ProcessId pod, ProcessId other);
/// All pods that may mean anything to it, ascending, itself among them.
const std::vector<ProcessId>& related(const Plan& plan, ProcessId pod);

/// Where one pod would go.
struct Choice {
  std::optional<Placement> place;
  Refusal refusal = Refusal::closed;  ///< without a place: of those machines that came furthest
};

/// One look of the scheduler for one pod: it is told of the machines and then of the pods that are on them.
class Scheduling {
 public:
  /// A machine, or the first of several that differ in nothing.
  struct Candidate {
    Placement place;
    std::optional<Refusal> refusal;  ///< speaks against it whatever runs there
    SlotLoad load;
    SlotKin kin;
    std::int64_t many = 1;
  };

  Scheduling(const Plan& plan, ProcessId pod);

  /// REQUIRES: in ascending order of slots, no others than such candidates.
  void add_alike(const Candidate& candidate);
  /// Nothing may be in the zone together with some pod there.
  void bar(ZoneId zone) { barred_[zone] = 1; }

  /// A machine of the pod's node group that has a Node; `refusal` speaks against it whatever runs there. REQUIRES:
  /// slots in ascending order.
  void add(const Placement& machine, std::optional<Refusal> refusal = {});
  /// A pod that is bound to a machine, of whatever group.
  void count(ProcessId other, const Placement& machine, bool being_deleted = false);

  /// `last`: a slot that comes first if it fits, for its machine has the image; none: none does.
  [[nodiscard]] Choice choose(NodeId last = NodeId::none()) const;

 private:
  /// Of the machines that fit, in their order.
  using Fitting = std::vector<const Candidate*>;
  using Scores = std::vector<std::int64_t>;

  [[nodiscard]] ZoneId zone_of(const Candidate& candidate) const;
  /// Pods of the pool that stay, in the machine's zone or on it.
  [[nodiscard]] std::int64_t alike_in(Domain domain, const Candidate& candidate) const;
  [[nodiscard]] std::optional<Refusal> refusal(const Candidate& candidate) const;
  [[nodiscard]] bool skews(const SpreadSpec& spread, const Candidate& candidate) const;
  [[nodiscard]] Scores spread_scores(const Fitting& fitting) const;
  [[nodiscard]] static Scores affinity_scores(const Fitting& fitting);
  [[nodiscard]] Scores resource_scores(const Fitting& fitting) const;

  const Plan& plan_;
  ProcessId pod_;
  Request request_;
  std::vector<Candidate> candidates_;
  Table<ZoneId, std::int64_t> alike_;  ///< pods of its pool that stay, by zone
  Table<ZoneId, char> barred_;         ///< zones with a pod that it must keep apart from
};

/// Where the scheduler puts the pods of a new cluster, one after the other: each among the machines of its group, or on
/// the first of them.
class FirstPlaces {
 public:
  /// The machines of the plan, all empty.
  explicit FirstPlaces(const Plan& plan);

  /// `only`: the zone where it has to go, for its volume is there; none: any. REQUIRES: pods come pool by pool, and
  /// each that has its machine was told of by `put` before the next one.
  Choice choose(ProcessId pod, std::uint16_t group, bool first_machine = false, ZoneId only = ZoneId::none());
  void put(ProcessId pod, NodeId node);

 private:
  /// As a pod of the pool sees a machine.
  struct Key {
    std::uint16_t group = 0;
    ZoneId zone;
    std::optional<Refusal> full;
    std::int64_t score = -1;  ///< by its resources
    SlotKin kin;
    static Key before(std::uint16_t group) { return {group, ZoneId::of(0), std::nullopt, -1, {}}; }
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void begin_pool(ProcessId pod);
  [[nodiscard]] SlotKin& kin(NodeId node);
  void relate(ProcessId pod, ProcessId other, NodeId node);
  void renew(NodeId node);

  const Plan& plan_;
  Table<NodeId, SlotLoad> loads_;
  Table<NodeId, SlotKin> kin_;
  std::vector<NodeId> with_kin_;
  Table<ZoneId, char> barred_;
  SlotClasses<Key> classes_;
  ProcessId pool_;   ///< a pod of the pool whose turn it is
  Request request_;  ///< of each of its pods
};

/// A pod of a new cluster that fits nowhere.
struct NoPlace : std::invalid_argument {
  NoPlace(const Plan& plan, ProcessId pod, std::string_view name, std::uint16_t group, Refusal refusal);
  /// The same of one that would wait where it is put.
  NoPlace(const Plan& plan, ProcessId pod, const std::string& why);
  ServiceId service;        ///< none of a workload without service
  std::size_t index = 0;    ///< of its pool in the service, or of its workload among those without service
  std::int64_t before = 0;  ///< pods of it that do fit
  bool waits = false;       ///< it fits, and would wait for good all the same: `what` says why
  Refusal refusal;
};

/// Throws NoPlace if `build_plan` would. REQUIRES: a topology that is sound otherwise.
void check_placement(const Topology& topology);

/// Of a machine, in words: "has as many pods as it may have".
std::string_view text_of(Refusal refusal);

}  // namespace nines::models
