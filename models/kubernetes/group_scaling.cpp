#include "models/kubernetes/group_scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/literal_walks.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

using GroupId = std::uint16_t;

const NodeGroupSpec& spec_of(const Plan& plan, GroupId group) { return plan.topology.node_groups[group]; }
bool karpenters(const Plan& plan, GroupId group) { return spec_of(plan, group).provisioner == Provisioner::karpenter; }
/// Its machines may come in other places than those of the machines that they replace.
bool mobile_group(const Plan& plan, GroupId group) {
  return spec_of(plan, group).scaling || spec_of(plan, group).spare_per_zone > 0;
}
/// Pods that fit nowhere make it grow, and machines that nothing needs go.
bool elastic_group(const Plan& plan, GroupId group) {
  return spec_of(plan, group).scaling || (karpenters(plan, group) && mobile_group(plan, group));
}
/// An Auto Scaling group that keeps its zones even.
bool balanced_group(const Plan& plan, GroupId group) {
  return !spec_of(plan, group).scaling && !karpenters(plan, group) && mobile_group(plan, group);
}
/// Machines that it does not fall below; a group without `scaling` has what it needs in health.
std::int64_t least(const NodeGroupSpec& group) { return group.scaling ? group.scaling->min : group.machines(); }
std::int64_t most(const NodeGroupSpec& group) { return group.scaling ? group.scaling->max : group.slots(); }

/// A machine that counts against the group's limits.
bool counts(const NodeState& state) { return !state.gone || state.ordered; }

/// It is given back, and goes as soon as its pods have left.
bool leaves(const NodeState& state) { return state.scaled_in && !state.gone; }
bool stays(const NodeState& state) { return counts(state) && !leaves(state); }

template <class Act>
void for_slots(const World& world, GroupId group, Act act) {
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->nodes[node].group == group) act(node);
  }
}

template <class Is>
std::int64_t count_slots(const World& world, GroupId group, Is is) {
  std::int64_t count = 0;
  for_slots(world, group, [&](NodeId node) { count += is(world.kubernetes.nodes[node]); });
  return count;
}

std::int64_t machines(const World& world, GroupId group) { return count_slots(world, group, counts); }

/// Those of them that stay.
std::int64_t machines_that_stay(const World& world, GroupId group) { return count_slots(world, group, stays); }

bool evictable_on(const World& world, ProcessId process, NodeId node) {
  return world.kubernetes.pods[process].object == PodObject::bound && on_machine(world, process, node) &&
         world.plan->rules_of(process).evicted;
}

/// Pods on the machine that a drain would move.
std::vector<ProcessId> movable_pods(const World& world, NodeId node) {
  std::vector<ProcessId> pods;
  for (const ProcessId process : near(world, node)) {
    if (evictable_on(world, process, node)) pods.push_back(process);
  }
  return pods;
}

// ---- growth ----

/// The answer to one question about each of several pods while nothing changes: those of one pool whose volumes are in
/// the same place have the same one.
class Answers {
 public:
  explicit Answers(const World& world) : world_(world) {}

  template <class Ask>
  bool of(ProcessId process, const Ask& ask) {
    const ProcessPlan& plan = world_.plan->processes[process];
    // A machine of its own, the machine of another pod, or room that is kept for a pod makes it differ from its like.
    if (literal_walks || world_.plan->rules_of(process).fixed || plan.claim.exists() ||
        !world_.kubernetes.attention.nominated.empty())
      return ask(process);
    Key key{plan.workload, plan.pool, {}};
    if (plan.volume.exists()) {
      if (is_local(*world_.plan, plan.volume)) return ask(process);
      key.zone = world_.plan->volumes[plan.volume].zone;
    }
    const auto known = std::ranges::find(known_, key, &std::pair<Key, bool>::first);
    if (known != known_.end()) return known->second;
    return known_.emplace_back(key, ask(process)).second;
  }

 private:
  struct Key {
    WorkloadId workload;
    std::uint16_t pool;
    ZoneId zone;
    friend bool operator==(const Key&, const Key&) = default;
  };
  const World& world_;
  std::vector<std::pair<Key, bool>> known_;
};

/// Pods that fit nowhere now: not those that the scheduler is about to bind.
std::vector<ProcessId> waiting_pods(World& world, GroupId group) {
  std::vector<ProcessId> pods;
  Answers fits(world);
  for (ProcessId process = next_of(world, &Attention::unschedulable, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::unschedulable, ProcessId::of(process.value + 1))) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool waits = pod.object == PodObject::pending && pod.unschedulable;
    if (!waits || node_group(*world.plan, process) != group) continue;
    const bool fit =
        fits.of(process, [&](ProcessId one) { return look_for_machine(world, one, NodeId::none()).place.has_value(); });
    if (!fit) pods.push_back(process);
  }
  return pods;
}

/// A machine that is not there yet, with the pods that are to go there.
struct Bin {
  NodeId slot;
  Request used{};
  std::int64_t pods = 0;
  std::vector<ProcessId> of{};
};

bool keep_apart(const Plan& plan, ProcessId a, ProcessId b) {
  const bool alike =
      plan.processes[a].workload == plan.processes[b].workload && plan.processes[a].pool == plan.processes[b].pool;
  const AntiAffinity kind = plan.placement_of(a).anti_affinity;
  return alike && (kind == AntiAffinity::host || kind == AntiAffinity::zone);
}

bool takes(const Plan& plan, const Bin& bin, ProcessId process) {
  const InstanceType& type = spec_of(plan, plan.nodes[bin.slot].group).instance;
  const Request more = request(plan, process);
  const VolumeId volume = plan.mounted_by(process);
  if (volume.exists() && !plan.in_reach(volume, bin.slot)) return false;
  if (bin.pods + 1 > plan.nodes[bin.slot].pods) return false;
  if (bin.used.cpu + more.cpu > type.vcpu || bin.used.memory + more.memory > type.memory.count) return false;
  return std::ranges::none_of(bin.of, [&](ProcessId other) { return keep_apart(plan, process, other); });
}

void put(const Plan& plan, Bin& bin, ProcessId process) {
  const Request more = request(plan, process);
  bin.used.cpu += more.cpu;
  bin.used.memory += more.memory;
  ++bin.pods;
  bin.of.push_back(process);
}

/// Machines on their way.
std::vector<Bin> ordered_machines(const World& world, GroupId group) {
  std::vector<Bin> bins;
  for_slots(world, group, [&](NodeId node) {
    if (world.kubernetes.nodes[node].ordered) bins.push_back({node});
  });
  return bins;
}

/// A launch there can succeed now.
bool gives(const World& world, NodeId node) {
  if (!infrastructure::zone_can_launch(world, world.plan->nodes[node].zone)) return false;
  return std::ranges::any_of(world.plan->nodes[node].offerings, [&](CapacityPoolId pool) {
    return !infrastructure::is_short(world, pool) && infrastructure::quota_allows(world, pool);
  });
}

/// Machines of the group in the slot's zone.
std::int64_t in_zone_of(const World& world, NodeId node) {
  std::int64_t count = 0;
  for (const NodeId other : world.plan->zones[world.plan->nodes[node].zone].nodes) {
    const bool alike = world.plan->nodes[other].group == world.plan->nodes[node].group;
    count += alike && stays(world.kubernetes.nodes[other]);
  }
  return count;
}

/// The pod would find room if the slot had a machine.
bool helps(World& world, NodeId node, ProcessId process) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (volume.exists() && !world.plan->in_reach(volume, node)) return false;
  NodeState& state = world.kubernetes.nodes.edit(node);
  const NodeState before = state;
  state.object = state.ready = true;
  state.cordoned = state.out_of_service = false;
  const bool fits = look_for_machine(world, process, NodeId::none()).place.has_value();
  world.kubernetes.nodes.edit(node) = before;
  return fits;
}

/// Whether machines of the place are on demand or Spot.
Capacity sort_of(const Plan& plan, NodeId node) {
  const auto& offerings = plan.nodes[node].offerings;
  return offerings.empty() ? Capacity::on_demand : plan.capacity_pools[offerings.front()].capacity;
}
bool alike(const Plan& plan, NodeId one, NodeId other) { return sort_of(plan, one) == sort_of(plan, other); }

/// The first empty slot of each of the group's zones; of a group of which some machines are on demand and others Spot,
/// of each sort.
std::vector<NodeId> empty_slots(const World& world, GroupId group) {
  std::vector<NodeId> slots;
  for_slots(world, group, [&](NodeId node) {
    const auto same = [&](NodeId other) {
      return world.plan->nodes[other].zone == world.plan->nodes[node].zone && alike(*world.plan, other, node);
    };
    if (vacant(world.kubernetes.nodes[node]) && std::ranges::none_of(slots, same)) slots.push_back(node);
  });
  return slots;
}

/// Pods of its pool that stay in the zone, with those that are to go there.
std::int64_t alike_in(const World& world, ProcessId process, ZoneId zone, const std::vector<Bin>& bins) {
  const Plan& plan = *world.plan;
  std::int64_t count = 0;
  for (const ProcessId other : related(plan, process)) {
    const PodState& pod = world.kubernetes.pods[other];
    count +=
        pod.object == PodObject::bound && plan.nodes[pod.node].zone == zone && relation(plan, process, other).alike;
  }
  for (const Bin& bin : bins) {
    if (plan.nodes[bin.slot].zone != zone) continue;
    for (const ProcessId other : bin.of) count += relation(plan, process, other).alike;
  }
  return count;
}

/// The pods that are to go to machines on their way leave the pod a place in the slot's zone.
bool left_room(const World& world, ProcessId process, NodeId slot, const std::vector<Bin>& bins) {
  const Plan& plan = *world.plan;
  const ZoneId zone = plan.nodes[slot].zone;
  for (const Bin& bin : bins) {
    if (plan.nodes[bin.slot].zone != zone) continue;
    const auto bars = [&](ProcessId other) { return relation(plan, process, other).bars_zone; };
    if (std::ranges::any_of(bin.of, bars)) return false;
  }
  for (const SpreadSpec& spread : plan.placement_of(process).spread) {
    if (spread.topology != Domain::zone || spread.unsatisfiable != Unsatisfiable::do_not_schedule) continue;
    const std::int64_t here = alike_in(world, process, zone, bins);
    std::int64_t least = here;
    for (const ZoneId other : plan.zones.ids()) {
      const bool domain = std::ranges::any_of(plan.zones[other].nodes, [&](NodeId node) {
        return plan.nodes[node].group == plan.nodes[slot].group && world.kubernetes.nodes[node].object;
      });
      if (domain) least = std::min(least, alike_in(world, process, other, bins));
    }
    if (here + 1 - least > spread.max_skew) return false;
  }
  return true;
}

/// The best of them; none if there is none.
NodeId best_slot(const World& world, const std::vector<NodeId>& slots) {
  NodeId best;
  const auto rank = [&](NodeId node) { return std::tuple(!gives(world, node), in_zone_of(world, node), node); };
  for (const NodeId node : slots) {
    if (!best.exists() || rank(node) < rank(best)) best = node;
  }
  return best;
}

bool spreads_over_zones(const World& world, ProcessId process) {
  const auto& spreads = world.plan->placement_of(process).spread;
  return std::ranges::any_of(spreads, [](const SpreadSpec& its) { return its.topology == Domain::zone; });
}

/// Where a machine for the pod goes; none if no slot is empty, or none would help. For Karpenter a preference to be
/// spread over zones counts like a demand as long as it can be met (pkg/controllers/provisioning/scheduling
/// preferences.go).
NodeId next_slot(World& world, GroupId group, ProcessId process, const std::vector<Bin>& bins) {
  std::vector<NodeId> slots = empty_slots(world, group);
  std::erase_if(slots,
                [&](NodeId node) { return !helps(world, node, process) || !left_room(world, process, node, bins); });
  if (!karpenters(*world.plan, group) || !spreads_over_zones(world, process)) return best_slot(world, slots);
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  const auto pods = [&](NodeId node) { return alike_in(world, process, world.plan->nodes[node].zone, bins); };
  const bool any = std::ranges::any_of(slots, [&](NodeId node) { return gives(world, node); });
  for (const NodeId node : slots) {
    if (!any || gives(world, node)) fewest = std::min(fewest, pods(node));
  }
  std::erase_if(slots, [&](NodeId node) { return pods(node) != fewest; });
  return best_slot(world, slots);
}

void order(World& world, NodeId node) {
  order_machine(world, node);
  world.kubernetes.nodes.edit(node).ordered_at = world.now;
}

/// Whether Karpenter does as well with a machine in the other slot: some pod that waits would go there, and none that
/// could go to the first one needs that one.
bool stands_in(World& world, NodeId other, NodeId node, const std::vector<ProcessId>& pods) {
  bool any = false;
  Answers there(world);
  Answers here(world);
  for (const ProcessId process : pods) {
    const bool goes = there.of(process, [&](ProcessId one) { return helps(world, other, one); });
    if (!goes && here.of(process, [&](ProcessId one) { return helps(world, node, one); })) return false;
    any = any || goes;
  }
  return any;
}

/// Where else an order could be filled.
struct Elsewhere {
  NodeId slot;                          ///< now; none: nowhere
  sim::Time from = sim::Time::never();  ///< at the earliest
};

/// When the slot's zone has a machine to give; never if its quota is used up.
sim::Time gives_from(const World& world, NodeId slot) {
  sim::Time first = sim::Time::never();
  for (const CapacityPoolId pool : world.plan->nodes[slot].offerings) {
    if (infrastructure::quota_allows(world, pool))
      first = std::min(first, std::max(world.now, world.infrastructure.short_until[pool]));
  }
  return first;
}

/// Slots that could take the order of this one while their zones have machines to give. `pods`: those that wait.
template <class Pods>
Elsewhere elsewhere(World& world, NodeId node, const Pods& pods) {
  const Plan& plan = *world.plan;
  const NodeState& state = world.kubernetes.nodes[node];
  const GroupId group = plan.nodes[node].group;
  // The successor of a machine that is drained first stays in its slot.
  const bool leaves_first = karpenters(plan, group) && state.draining && !state.launch_first;
  if (!mobile_group(plan, group) || !(state.gone || leaves_first) || NINES_MUTATED(machine_stays_in_zone)) return {};
  std::vector<NodeId> slots = empty_slots(world, group);
  std::erase_if(slots, [&](NodeId slot) {
    const ZoneId zone = plan.nodes[slot].zone;
    return zone == plan.nodes[node].zone || !alike(plan, slot, node) || !infrastructure::zone_can_launch(world, zone);
  });
  // An Auto Scaling group knows nothing of pods.
  if (!slots.empty() && karpenters(plan, group)) {
    const std::vector<ProcessId>& waiting = pods();
    std::erase_if(slots, [&](NodeId slot) { return !stands_in(world, slot, node, waiting); });
  }
  Elsewhere found;
  for (const NodeId slot : slots) found.from = std::min(found.from, gives_from(world, slot));
  const NodeId best = best_slot(world, slots);
  if (best.exists() && gives(world, best)) found.slot = best;
  return found;
}

/// Where pods of the machine may go as far as volumes and anti-affinity over zones allow.
bool may_take_all(const World& world, NodeId slot, const std::vector<ProcessId>& pods) {
  const Plan& plan = *world.plan;
  const ZoneId zone = plan.nodes[slot].zone;
  return std::ranges::all_of(pods, [&](ProcessId process) {
    const VolumeId volume = plan.mounted_by(process);
    if (volume.exists() && !plan.in_reach(volume, slot)) return false;
    return std::ranges::none_of(related(plan, process), [&](ProcessId other) {
      const PodState& pod = world.kubernetes.pods[other];
      const bool stands = pod.object == PodObject::bound && plan.nodes[pod.node].zone == zone &&
                          std::ranges::find(pods, other) == pods.end();
      return stands && relation(plan, process, other).bars_zone;
    });
  });
}

/// Pods that those of the machine are to be spread from, in a zone, without themselves.
std::int64_t spread_from(const World& world, const std::vector<ProcessId>& pods, ZoneId zone) {
  const Plan& plan = *world.plan;
  std::int64_t count = 0;
  for (const ProcessId process : pods) {
    if (!spreads_over_zones(world, process)) continue;
    for (const ProcessId other : related(plan, process)) {
      const PodState& pod = world.kubernetes.pods[other];
      const bool there = pod.object == PodObject::bound && plan.nodes[pod.node].zone == zone;
      if (there && std::ranges::find(pods, other) == pods.end()) count += relation(plan, process, other).alike;
    }
  }
  return count;
}

/// Where Karpenter launches the successor of a machine that it drains: it simulates where the machine's pods would go
/// without it. A zone where fewer pods of theirs are comes first, a preference counting like a demand as long as it can
/// be met; then one where the group has fewer machines, and the machine's own among equals.
NodeId place_of_successor(World& world, NodeId node) {
  const GroupId group = world.plan->nodes[node].group;
  const std::vector<ProcessId> pods = movable_pods(world, node);
  std::vector<NodeId> slots = empty_slots(world, group);
  std::erase_if(slots, [&](NodeId slot) { return !gives(world, slot) || !may_take_all(world, slot, pods); });
  slots.push_back(node);
  const auto rank = [&](NodeId slot) {
    const ZoneId zone = world.plan->nodes[slot].zone;
    const bool own = zone == world.plan->nodes[node].zone;
    return std::tuple(!gives(world, slot), spread_from(world, pods, zone), in_zone_of(world, slot) - (own ? 1 : 0),
                      slot != node, slot);
  };
  return *std::min_element(slots.begin(), slots.end(), [&](NodeId a, NodeId b) { return rank(a) < rank(b); });
}

void move_to(World& world, NodeId node, NodeId other) {
  const sim::Time since = world.kubernetes.nodes[node].ordered_at;
  const CauseScope scope(world, world.note(OrderMoved{other}));
  drop_order(world, node);
  order_machine(world, other);
  world.kubernetes.nodes.edit(other).ordered_at = since;
}

/// Orders that wait for machines where none are to be had are placed where there are some.
void move_orders(World& world, GroupId group, const std::vector<ProcessId>& pods) {
  std::vector<NodeId> waiting;
  for_slots(world, group, [&](NodeId node) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (state.ordered && !state.launched.exists() && state.short_of_capacity) waiting.push_back(node);
  });
  std::vector<ZoneId> bound;  // zones whose orders can go nowhere else
  for (const NodeId node : waiting) {
    const ZoneId zone = world.plan->nodes[node].zone;
    if (gives(world, node) || std::ranges::find(bound, zone) != bound.end()) continue;
    const NodeId other = elsewhere(world, node, [&]() -> const std::vector<ProcessId>& { return pods; }).slot;
    if (other.exists()) {
      move_to(world, node, other);
    } else if (world.kubernetes.nodes[node].gone) {
      bound.push_back(zone);
    }
  }
}

/// Machines beyond those on their way that pods need and the group may have are ordered. Whether pods still wait.
bool grow(World& world, GroupId group) {
  const Plan& plan = *world.plan;
  const std::vector<ProcessId> pods = waiting_pods(world, group);
  if (pods.empty() || NINES_MUTATED(group_never_grows)) return false;
  GroupState& state = world.kubernetes.groups[group];
  if (world.now < state.backoff_until) return true;
  if (karpenters(plan, group)) move_orders(world, group, pods);
  std::optional<CauseScope> scope;
  std::vector<Bin> bins = ordered_machines(world, group);
  std::int64_t may_come = most(spec_of(plan, group)) - machines(world, group);
  const std::vector<NodeId> empty = empty_slots(world, group);
  Answers hopeful(world);
  for (const ProcessId process : pods) {
    const auto fits = std::ranges::find_if(bins, [&](const Bin& bin) { return takes(plan, bin, process); });
    if (fits != bins.end()) {
      put(plan, *fits, process);
      continue;
    }
    const auto helped = [&](ProcessId one) {
      return std::ranges::any_of(empty, [&](NodeId node) { return helps(world, node, one); });
    };
    if (may_come <= 0 || !hopeful.of(process, helped)) continue;
    const NodeId slot = next_slot(world, group, process, bins);
    if (!slot.exists() || !takes(plan, {slot}, process)) continue;
    put(plan, bins.emplace_back(Bin{slot}), process);
    --may_come;
    if (!scope) scope.emplace(world, world.note(GroupGrows{group}));
    state.grown_at = world.now;
    order(world, slot);
  }
  return true;
}

/// Orders that take too long are given up. Whether any is still open.
bool watch_orders(World& world, GroupId group) {
  const Parameters& parameters = world.plan->kube();
  GroupState& state = world.kubernetes.groups[group];
  bool open = false;
  bool failed = false;
  for_slots(world, group, [&](NodeId node) {
    const NodeState& slot = world.kubernetes.nodes[node];
    if (!slot.ordered || !slot.gone || slot.ordered_at == sim::Time::zero()) return;
    if (world.now < slot.ordered_at + parameters.ca_provision_time) {
      open = true;
      return;
    }
    cancel_order(world, node);
    failed = true;
  });
  if (!failed) return open;
  state.backoff = state.backoff == Duration() ? parameters.ca_backoff_first
                                              : std::min(state.backoff * 2, parameters.ca_backoff_max);
  state.backoff_until = world.now + state.backoff;
  world.note(GroupLeftAlone{group});
  return open;
}

// ---- shrinking ----

/// A machine that works and that nobody does anything with.
bool calm(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  const bool up = !state.gone && state.object && state.ready && state.kubelet && state.answering;
  return up && !state.cordoned && !state.draining && !state.ordered && state.no_execute == NoExecute::none &&
         !state.out_of_service && !state.plugin_down;
}

/// The larger part of its processors and memory that is requested.
double utilization(const World& world, NodeId node) {
  const InstanceType& type = spec_of(*world.plan, world.plan->nodes[node].group).instance;
  Request sum;
  for (const ProcessId process : near(world, node)) {
    if (world.kubernetes.pods[process].object != PodObject::bound || !on_machine(world, process, node)) continue;
    const Request more = request(*world.plan, process);
    sum.cpu += more.cpu;
    sum.memory += more.memory;
  }
  return std::max(sum.cpu / type.vcpu, sum.memory / type.memory.count);
}

/// Every pod of the machine would find another one, beside each other.
bool fit_elsewhere(World& world, NodeId node, const std::vector<ProcessId>& pods) {
  std::vector<std::pair<NodeId, Machine>> before;
  const bool cordoned = world.kubernetes.nodes[node].cordoned;
  world.kubernetes.nodes.edit(node).cordoned = true;
  bool fit = true;
  for (const ProcessId process : pods) {
    const Choice choice = look_for_machine(world, process, NodeId::none(), std::span(&process, 1));
    fit = choice.place.has_value();
    if (!fit) break;
    PodState& pod = world.kubernetes.pods.edit(process);
    before.emplace_back(pod.node, pod.machine);
    pod.node = choice.place->node;
    pod.machine = choice.place->machine;
    arrives(world, process, pod.node);
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    PodState& pod = world.kubernetes.pods.edit(pods[i]);
    std::tie(pod.node, pod.machine) = before[i];
  }
  world.kubernetes.nodes.edit(node).cordoned = cordoned;
  return fit;
}

/// The group can do without the machine, as it is now.
bool dispensable(World& world, NodeId node) {
  const GroupId group = world.plan->nodes[node].group;
  if (!calm(world, node)) return false;
  if (!karpenters(*world.plan, group) && utilization(world, node) >= world.plan->kube().ca_utilization) return false;
  return budgets_allow(world, node) && fit_elsewhere(world, node, movable_pods(world, node));
}

Duration wait_before_removal(const World& world, GroupId group) {
  const Parameters& parameters = world.plan->kube();
  return karpenters(*world.plan, group) ? parameters.consolidate_after + parameters.consolidation_period
                                        : parameters.ca_unneeded_time;
}

/// Machines beyond those that the group keeps. What a group without `scaling` has in health is what its pods need: one
/// that does not work is none of them.
std::int64_t spare_machines(const World& world, GroupId group) {
  const NodeGroupSpec& spec = spec_of(*world.plan, group);
  if (spec.scaling) return machines(world, group) - least(spec);
  std::int64_t count = 0;
  for_slots(world, group, [&](NodeId node) { count += calm(world, node); });
  return count - least(spec);
}

/// Machines of the group that may still go at this look.
std::int64_t allowed(const World& world, GroupId group) {
  const Parameters& parameters = world.plan->kube();
  const std::int64_t all = machines(world, group);
  const std::int64_t spare = spare_machines(world, group);
  if (!karpenters(*world.plan, group)) return std::min(spare, parameters.ca_empty_bulk);
  std::int64_t disrupted = 0;
  for_slots(world, group, [&](NodeId node) {
    const NodeState& state = world.kubernetes.nodes[node];
    disrupted += !state.gone && (state.draining || !state.ready);
  });
  const auto budget = static_cast<std::int64_t>(std::ceil(parameters.disruption_budget * static_cast<double>(all)));
  return std::min(spare, budget - disrupted);
}

void take_away(World& world, NodeId node) {
  static constexpr std::string_view karpenter = "karpenter.consolidate_after";
  const sim::CauseId record = world.note(MachineUnneeded{node});
  if (karpenters(*world.plan, world.plan->nodes[node].group)) world.trace.set_by(record, karpenter);
  const CauseScope scope(world, record);
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.unneeded_since = sim::Time::never();
  state.scaled_in = true;
  drain_away(world, node);
}

bool drains_for_scale_in(const World& world) {
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.kubernetes.nodes[node].scaled_in && world.kubernetes.nodes[node].draining) return true;
  }
  return false;
}

/// Whether a machine is watched, or about to go.
bool shrink(World& world, GroupId group) {
  const Parameters& parameters = world.plan->kube();
  std::int64_t may_go = allowed(world, group);
  std::int64_t spare = spare_machines(world, group);
  const bool karpenter = karpenters(*world.plan, group);
  // Karpenter looks at no candidate while its budget lets none go.
  if (karpenter && spare > 0 && may_go <= 0) {
    for_slots(world, group, [&](NodeId node) {
      if (world.kubernetes.nodes[node].unneeded_since != sim::Time::never())
        world.kubernetes.nodes.edit(node).unneeded_since = sim::Time::never();
    });
    return true;
  }
  const bool just_grown =
      !karpenter && world.now < world.kubernetes.groups[group].grown_at + parameters.ca_delay_after_add;
  bool busy = false;
  bool one_went = drains_for_scale_in(world);
  std::vector<NodeId> slots;
  for_slots(world, group, [&](NodeId node) { slots.push_back(node); });
  // Karpenter deletes empty machines before it looks at others.
  if (spare > 0 && karpenter)
    std::stable_partition(slots.begin(), slots.end(), [&](NodeId node) { return movable_pods(world, node).empty(); });
  for (const NodeId node : slots) {
    if (spare <= 0 || !dispensable(world, node)) {
      if (world.kubernetes.nodes[node].unneeded_since != sim::Time::never())
        world.kubernetes.nodes.edit(node).unneeded_since = sim::Time::never();
      continue;
    }
    busy = true;
    if (karpenter) --spare;  // no more are watched than could go
    NodeState& state = world.kubernetes.nodes.edit(node);
    if (state.unneeded_since == sim::Time::never()) state.unneeded_since = world.now;
    const bool ripe = world.now >= state.unneeded_since + wait_before_removal(world, group);
    const bool empty = movable_pods(world, node).empty();
    if (!ripe || just_grown || may_go <= 0 || (!empty && one_went)) continue;
    --may_go;
    one_went = one_went || !empty;
    take_away(world, node);
  }
  return busy;
}

/// Too many nodes are not Ready for the Cluster Autoscaler to trust what it sees.
bool stopped(const World& world) {
  std::int64_t all = 0;
  std::int64_t unready = 0;
  for (const NodeId id : world.plan->nodes.ids()) {
    const NodeState& node = world.kubernetes.nodes[id];
    if (!node.object) continue;
    ++all;
    unready += !node.ready;
  }
  const Parameters& parameters = world.plan->kube();
  return unready > parameters.ca_unready_count &&
         static_cast<double>(unready) > parameters.ca_unready_share * static_cast<double>(all);
}

/// Whether it has to be looked at again although nothing else changes.
bool look_at(World& world, GroupId group) {
  if (!karpenters(*world.plan, group)) {
    GroupState& state = world.kubernetes.groups[group];
    if (stopped(world)) {
      const bool matters = !waiting_pods(world, group).empty();
      if (matters && !state.stopped) world.note(AutoscalerStops{group});
      state.stopped = state.stopped || matters;
      return matters;
    }
    state.stopped = false;
    const bool open = watch_orders(world, group);
    const bool waits = grow(world, group);
    const bool busy = shrink(world, group);
    return open || waits || busy;
  }
  grow(world, group);  // what waits after that waits for a change, or for the retry of a launch
  return shrink(world, group);
}

}  // namespace

namespace {

/// What the group's pods say of where its machines may come.
struct PodsOfGroup {
  bool tied = false;  ///< a pod or a disk belongs to a machine of its own
  bool free = false;  ///< some pod may run in any zone
};

PodsOfGroup pods_of(const Topology& topology, const NodeGroupSpec& group) {
  PodsOfGroup pods;
  for (const ServiceSpec& service : topology.services) {
    for (const PoolSpec& pool : service.pools) {
      if (pool.node_group != group.name) continue;
      const bool stores = pool.storage.size.count > 0;
      const VolumeHome home = rules_of(pool.storage.kind).home;
      pods.tied = pods.tied || rules_of(pool.controller.value_or(service.controller)).fixed ||
                  (stores && home == VolumeHome::machine);
      pods.free = pods.free || !stores || home == VolumeHome::region;
    }
  }
  for (const WorkloadSpec& workload : topology.workloads) {
    if (workload.node_group != group.name) continue;
    pods.tied = pods.tied || rules_of(workload.controller).fixed;
    pods.free = true;
  }
  return pods;
}

}  // namespace

bool bound_to_zones(const Topology& topology, const NodeGroupSpec& group) {
  const PodsOfGroup pods = pods_of(topology, group);
  return !pods.tied && !pods.free;
}

std::int64_t spare_places(const Topology& topology, const NodeGroupSpec& group) {
  const bool karpenter = group.provisioner == Provisioner::karpenter;
  if (!topology.has_kubernetes() || group.scaling) return 0;
  if (!karpenter && (group.provisioner != Provisioner::asg || group.zones.size() < 2)) return 0;
  const PodsOfGroup pods = pods_of(topology, group);
  if (pods.tied || (!karpenter && !pods.free)) return 0;
  // The last zone can take the machines of all others; of so large a group it takes those of one.
  constexpr std::int64_t large = 3000;
  const auto others = static_cast<std::int64_t>(group.zones.size()) - 1;
  return group.nodes_per_zone * (group.machines() > large ? 1 : std::max<std::int64_t>(1, others));
}

void initialise_groups(World& world) {
  const Plan& plan = *world.plan;
  for (GroupId group = 0; group < plan.topology.node_groups.size(); ++group) {
    if (mobile_group(plan, group)) world.kubernetes.groups.resize(plan.topology.node_groups.size());
  }
}

void draw_scan_phase(World& world) {
  if (world.kubernetes.groups.empty()) return;
  const Duration period = world.plan->kube().ca_scan_interval;
  const ComponentId cluster = world.plan->zones[ZoneId::of(0)].component;
  world.kubernetes.scans = {world.now + world.phase(cluster, Purpose::scan_phase, period), period};
}

bool groups_settled(const World& world) {
  const auto rebalances = [&](const GroupState& state) { return world.queue.pending(state.rebalance_timer); };
  return !world.queue.pending(world.kubernetes.scan_timer) && std::ranges::none_of(world.kubernetes.groups, rebalances);
}

bool elastic(const Plan& plan, NodeId node) { return elastic_group(plan, plan.nodes[node].group); }

void expect_scan(World& world) {
  State& state = world.kubernetes;
  if (state.groups.empty()) return;
  GroupId first = 0;
  while (first < state.groups.size() && !elastic_group(*world.plan, first)) ++first;
  if (first == state.groups.size()) return;
  state.scan_cause = world.trace.current();
  if (world.queue.pending(state.scan_timer)) return;
  state.scan_timer = world.schedule(state.scans.after(world.now), GroupsScanned{first});
}

void want_machine(World& world, ProcessId process) {
  const GroupId group = node_group(*world.plan, process);
  if (karpenters(*world.plan, group) && api_serves(world)) grow(world, group);
  expect_scan(world);
}

std::optional<sim::Time> move_order(World& world, NodeId node) {
  std::vector<ProcessId> waiting;
  const Elsewhere other = elsewhere(world, node, [&]() -> const std::vector<ProcessId>& {
    return waiting = waiting_pods(world, world.plan->nodes[node].group);
  });
  if (gives(world, node) || !other.slot.exists()) return other.from;
  move_to(world, node, other.slot);
  return std::nullopt;
}

void order_successor(World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  const GroupId group = world.plan->nodes[node].group;
  // A machine that is replaced for its price is worth a Spot one of its own place.
  const bool elsewhere = karpenters(*world.plan, group) && mobile_group(*world.plan, group) && !state.ordered &&
                         !state.successor_ready && !infrastructure::on_fallback(world, node);
  const NodeId place = elsewhere && !NINES_MUTATED(machine_stays_in_zone) ? place_of_successor(world, node) : node;
  if (place == node) return order_machine(world, node);
  order(world, place);
}

bool successor_comes_elsewhere(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  const GroupId group = world.plan->nodes[node].group;
  if (state.ordered || state.successor_ready || !mobile_group(*world.plan, group)) return false;
  return count_slots(world, group, [](const NodeState& other) { return other.ordered && other.gone; }) > 0;
}

bool below_its_size(const World& world, NodeId node) {
  const GroupId group = world.plan->nodes[node].group;
  return !balanced_group(*world.plan, group) ||
         machines_that_stay(world, group) < spec_of(*world.plan, group).machines();
}

bool replaced_elsewhere(const World& world, NodeId node) {
  const Plan& plan = *world.plan;
  const GroupId group = plan.nodes[node].group;
  const bool moves = mobile_group(plan, group) && spec_of(plan, group).provisioner == Provisioner::asg;
  if (!moves || NINES_MUTATED(machine_stays_in_zone)) return false;
  for (const NodeId slot : plan.nodes.ids()) {
    const NodePlan& its = plan.nodes[slot];
    const bool other = its.group == group && its.zone != plan.nodes[node].zone && alike(plan, slot, node);
    if (other && vacant(world.kubernetes.nodes[slot]) && infrastructure::zone_can_launch(world, its.zone)) return true;
  }
  return false;
}

// ---- zones of Auto Scaling groups ----

namespace {

/// Machines of each of the group's zones that are there or on their way.
std::vector<std::pair<ZoneId, std::int64_t>> by_zone(const World& world, GroupId group) {
  std::vector<std::pair<ZoneId, std::int64_t>> counts;
  for_slots(world, group, [&](NodeId node) {
    const ZoneId zone = world.plan->nodes[node].zone;
    auto known = std::ranges::find(counts, zone, &std::pair<ZoneId, std::int64_t>::first);
    if (known == counts.end()) known = counts.insert(counts.end(), {zone, 0});
    known->second += stays(world.kubernetes.nodes[node]);
  });
  return counts;
}

std::int64_t in_excess(const World& world, GroupId group) {
  return machines_that_stay(world, group) - spec_of(*world.plan, group).machines();
}

/// Those in excess that are not on their way any more.
std::int64_t in_service_in_excess(const World& world, GroupId group) {
  const auto serves = [](const NodeState& state) { return !state.gone && !leaves(state); };
  return count_slots(world, group, serves) - spec_of(*world.plan, group).machines();
}

/// Machines that a rebalancing may add before it takes others away: a tenth of the group, at least one (EC2 Auto
/// Scaling user guide, rebalancing activities).
std::int64_t rebalancing_margin(const World& world, GroupId group) {
  constexpr std::int64_t share = 10;
  return std::max<std::int64_t>(1, spec_of(*world.plan, group).machines() / share);
}

/// Of two zones with their counts, the first has fewer.
constexpr auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };

/// A machine more in one zone than in another is even enough.
bool unbalanced(const World& world, GroupId group) {
  const auto counts = by_zone(world, group);
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end(), fewer);
  return most->second - least->second > 1 || in_excess(world, group) > 0;
}

/// How many more machines of each sort, on demand or Spot, the group has than in health.
std::map<Capacity, std::int64_t> excess_by_sort(const World& world, GroupId group) {
  std::map<Capacity, std::int64_t> excess;
  for_slots(world, group, [&](NodeId node) {
    excess[sort_of(*world.plan, node)] += stays(world.kubernetes.nodes[node]) - !world.plan->nodes[node].parked;
  });
  return excess;
}

/// The machine that goes: of the sort of which there are too many, of the zone with most of them, the one that came
/// last to a place beside those of health.
NodeId machine_to_give_back(const World& world, GroupId group) {
  NodeId best;
  const auto counts = by_zone(world, group);
  const auto excess = excess_by_sort(world, group);
  const auto rank = [&](NodeId node) {
    const NodePlan& plan = world.plan->nodes[node];
    const auto zone = std::ranges::find(counts, plan.zone, &std::pair<ZoneId, std::int64_t>::first);
    return std::tuple(-excess.at(sort_of(*world.plan, node)), -zone->second, !plan.parked,
                      -static_cast<std::int64_t>(node.value));
  };
  for_slots(world, group, [&](NodeId node) {
    if (calm(world, node) && (!best.exists() || rank(node) < rank(best))) best = node;
  });
  return best;
}

/// On EKS the managed node group's hook drains the machine, and keeps it no longer than its limit; elsewhere nobody
/// drains it.
void give_back(World& world, NodeId node) {
  const CauseScope scope(world, world.note(MachineInExcess{node}));
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.scaled_in = true;
  if (world.plan->topology.platform != PlatformKind::eks) return infrastructure::terminate_node(world, node);
  state.force_at = world.now + world.plan->kube().update_eviction_timeout;
  drain_away(world, node);
}

/// Launches first; what is then too much goes when the new machines are in service.
void balance(World& world, GroupId group) {
  const bool drains = world.plan->topology.platform == PlatformKind::eks;
  while ((!drains || api_serves(world)) && in_service_in_excess(world, group) > 0) {
    const NodeId node = machine_to_give_back(world, group);
    if (!node.exists()) break;
    give_back(world, node);
  }
  while (in_excess(world, group) < rebalancing_margin(world, group)) {
    std::vector<NodeId> slots = empty_slots(world, group);
    const NodeId going = machine_to_give_back(world, group);
    std::erase_if(slots, [&](NodeId node) {
      return !gives(world, node) || (going.exists() && !alike(*world.plan, node, going));
    });
    const NodeId node = best_slot(world, slots);
    if (!node.exists()) return;
    const auto counts = by_zone(world, group);
    if (std::max_element(counts.begin(), counts.end(), fewer)->second - in_zone_of(world, node) <= 1) return;
    const CauseScope scope(world, world.note(GroupRebalances{node}));
    order(world, node);
  }
}

}  // namespace

void expect_rebalancing(World& world, NodeId node) {
  const GroupId group = world.plan->nodes[node].group;
  if (!balanced_group(*world.plan, group)) return;
  GroupState& state = world.kubernetes.groups[group];
  if (!unbalanced(world, group)) return;
  const bool come = in_service_in_excess(world, group) > 0;  // what is too much is given back as soon as it is
  const sim::Time at = come ? world.now : world.now + world.plan->infra().rebalance_period;
  if (world.queue.pending(state.rebalance_timer) && world.queue.when(state.rebalance_timer) <= at) return;
  world.queue.cancel(state.rebalance_timer);
  state.rebalance_cause = world.trace.current();
  state.rebalance_timer = world.schedule(at, ZonesCompared{group});
}

void on(World& world, const ZonesCompared& event) {
  GroupState& state = world.kubernetes.groups[event.group];
  const sim::CauseId cause = world.trace.holds(state.rebalance_cause) ? state.rebalance_cause : sim::no_cause;
  world.trace.retract(world.trace.current());
  if (!unbalanced(world, event.group)) return;
  const CauseScope scope(world, cause);
  balance(world, event.group);
  state.rebalance_timer = world.schedule(world.now + world.plan->infra().rebalance_period, event);
}

std::optional<std::string> restless_machine(const Plan& plan) {
  World world = initial_world(plan, 0);
  if (world.kubernetes.groups.empty()) return std::nullopt;
  for (const NodeId node : plan.nodes.ids()) {
    if (!elastic(plan, node) || plan.nodes[node].parked) continue;
    const GroupId group = plan.nodes[node].group;
    if (spare_machines(world, group) <= 0 || !dispensable(world, node)) continue;
    return fmt::format("'{}' would be taken away: {:.0f} % of it is requested, and its pods fit elsewhere",
                       plan.name(plan.nodes[node].component), utilization(world, node) * 100);
  }
  return std::nullopt;
}

void on(World& world, const GroupsScanned& event) {
  const sim::CauseId cause =
      world.trace.holds(world.kubernetes.scan_cause) ? world.kubernetes.scan_cause : sim::no_cause;
  world.trace.retract(world.trace.current());
  const CauseScope scope(world, cause);
  bool again = !api_serves(world);
  for (GroupId group = 0; group < world.kubernetes.groups.size() && api_serves(world); ++group) {
    if (elastic_group(*world.plan, group) && look_at(world, group)) again = true;
  }
  State& state = world.kubernetes;
  if (again && !world.queue.pending(state.scan_timer))
    state.scan_timer = world.schedule(state.scans.after(world.now), event);
}

}  // namespace nines::models::kubernetes
