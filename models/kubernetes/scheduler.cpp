#include "models/kubernetes/scheduler.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/fargate.hpp"
#include "models/kubernetes/fits.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/kin_classes.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/preemption.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/literal_walks.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// The pod's machine has a Node: else the scheduler does not know where the pod is.
bool has_node(const World& world, const PodState& pod) {
  const NodeState& state = world.kubernetes.nodes[pod.node];
  return (state.object && pod.machine == state.machine) || (state.successor_ready && pod.machine == state.machine + 1);
}

/// The process on whose machine the pod has to be, because it mounts that one's volume and says so (podAffinity).
ProcessId goes_beside(const World& world, ProcessId process) {
  const VolumeId claim = world.plan->processes[process].claim;
  const auto& job = world.plan->workload_of(process).job;
  return claim.exists() && job && job->beside_claim ? world.plan->volumes[claim].owner : ProcessId::none();
}

bool volume_reachable(const World& world, ProcessId process, const Placement& place) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (!volume.exists()) return true;
  if (const ProcessId host = goes_beside(world, process); host.exists()) {
    const PodState& pod = world.kubernetes.pods[host];
    return pod.object == PodObject::bound && place == Placement{pod.node, pod.machine};
  }
  if (!is_local(*world.plan, volume))
    return NINES_MUTATED(volume_in_wrong_zone) || world.plan->in_reach(volume, place.node);
  const VolumeState& state = world.kubernetes.volumes[volume];
  const bool claimed = state.attachment != Attachment::detached;
  return world.plan->in_reach(volume, place.node) && (!claimed || state.machine == place.machine);
}

/// A pod that belongs to a machine tolerates whatever its Node is tainted with.
Choice own_machine(const World& world, ProcessId process) {
  const NodeId node = world.plan->processes[process].node;
  const NodeState& state = world.kubernetes.nodes[node];
  return {state.object ? std::optional(Placement{node, state.machine}) : std::nullopt};
}

}  // namespace

bool open(const NodeState& state) {
  const bool tainted = state.no_execute == NoExecute::tainted || state.out_of_service;
  return state.ready && !tainted && !state.cordoned && !state.successor_ready && !state.disk.condition;
}

namespace {

/// One look of the scheduler at the machines as they are.
class Look {
 public:
  Look(World& world, ProcessId process, std::span<const ProcessId> without)
      : world_(world),
        plan_(*world.plan),
        process_(process),
        group_(node_group(plan_, process)),
        priority_(plan_.placement_of(process).priority),
        without_(without),
        request_(request(plan_, process)),
        scheduling_(plan_, process) {}

  /// Machine by machine, pod by pod.
  Choice literally(NodeId first) {
    for (const NodeId node : plan_.nodes.ids()) add_machines(node);
    for (const ProcessId other : world_.kubernetes.pods.ids()) count(other);
    return scheduling_.choose(first);
  }

  /// One machine of each class, and those that differ for this pod: the same choice.
  Choice by_classes(NodeId first) {
    renew_slots(world_);
    find_odd();
    const KinClasses* known = kin_classes(world_, process_);
    if (known == nullptr) find_kin();
    const VolumeId volume = plan_.mounted_by(process_);
    if (volume.exists() && is_local(plan_, volume)) single_out(plan_.volumes[volume].node);
    if (const ProcessId host = goes_beside(world_, process_); host.exists())
      single_out(world_.kubernetes.pods[host].node);
    if (first.exists()) single_out(first);
    sort_singles();
    find_apart(known);
    add_others();
    if (known != nullptr) add_by_kin(*known);
    for (const Single& single : singles_) {
      if (is_odd(single.node)) continue;
      add(single.node, *slots().of(single.node), known != nullptr ? known->kin(single.node) : single.kin, 1);
    }
    return choose(first);
  }

 private:
  using Candidate = Scheduling::Candidate;

  [[nodiscard]] const SlotKeys& slots() const { return world_.kubernetes.attention.slots; }
  [[nodiscard]] bool in_group(NodeId node) const { return plan_.nodes[node].group == group_; }
  [[nodiscard]] bool is_odd(NodeId node) const { return std::binary_search(odd_.begin(), odd_.end(), node); }

  [[nodiscard]] std::optional<Refusal> refusal(const Placement& place, bool is_open) const {
    if (!is_open) return Refusal::closed;
    return volume_reachable(world_, process_, place) ? std::nullopt : std::optional(Refusal::volume);
  }

  /// No memory: pressure keeps it away.
  [[nodiscard]] bool requests_nothing() const { return request_.memory <= 0; }
  [[nodiscard]] bool is_open(const SlotKey& key) const { return !key.closed && !(key.pressed && requests_nothing()); }

  void add_machines(NodeId node) {
    if (!in_group(node)) return;
    const NodeState& state = world_.kubernetes.nodes[node];
    const auto add_one = [&](const Placement& place, bool is_open) { scheduling_.add(place, refusal(place, is_open)); };
    if (state.object) add_one({node, state.machine}, open(state) && !(state.memory.condition && requests_nothing()));
    if (state.successor_ready) add_one({node, state.machine + 1}, true);
  }

  /// The machine on which the pod counts; none if on no machine.
  [[nodiscard]] std::optional<Placement> counts_on(ProcessId other) const {
    const PodState& pod = world_.kubernetes.pods[other];
    if (std::find(without_.begin(), without_.end(), other) != without_.end()) return std::nullopt;
    if (pod.object == PodObject::terminating || pod.object == PodObject::bound)
      return has_node(world_, pod) ? std::optional(Placement{pod.node, pod.machine}) : std::nullopt;
    const bool keeps_room =
        pod.nominated.exists() && other != process_ && plan_.placement_of(other).priority >= priority_;
    return keeps_room ? std::optional(Placement{pod.nominated, pod.nominated_machine}) : std::nullopt;
  }
  [[nodiscard]] bool leaves(ProcessId other) const {
    return world_.kubernetes.pods[other].object == PodObject::terminating;
  }
  void count(ProcessId other) {
    if (const std::optional<Placement> place = counts_on(other)) scheduling_.count(other, *place, leaves(other));
  }

  /// Slots whose load is not that of their class: a successor shares them, a pod is to have room there, or one is to be
  /// left out.
  void find_odd() {
    const Attention& attention = world_.kubernetes.attention;
    attention.odd_slots.each([&](std::size_t at) { odd_.push_back(NodeId::of(at)); });
    attention.nominated.each([&](std::size_t at) {
      const NodeId node = world_.kubernetes.pods[ProcessId::of(at)].nominated;
      if (node.exists()) odd_.push_back(node);
    });
    for (const ProcessId other : without_) odd_.push_back(world_.kubernetes.pods[other].node);
    std::erase_if(odd_, [&](NodeId node) { return !in_group(node); });
    std::sort(odd_.begin(), odd_.end());
    odd_.erase(std::unique(odd_.begin(), odd_.end()), odd_.end());
  }

  /// A machine that stands for itself.
  struct Single {
    NodeId node;
    SlotKin kin;
  };
  static bool before(const Single& a, const Single& b) { return a.node < b.node; }

  void single_out(NodeId node, const SlotKin& kin = {}) {
    if (in_group(node) && slots().of(node)) singles_.push_back({node, kin});
  }
  /// Each once, with all of its kin.
  void sort_singles() {
    std::sort(singles_.begin(), singles_.end(), before);
    std::size_t count = 0;
    for (const Single& single : singles_) {
      if (count == 0 || singles_[count - 1].node != single.node) {
        singles_[count++] = single;
        continue;
      }
      SlotKin& sum = singles_[count - 1].kin;
      sum.alike += single.kin.alike;
      sum.shunned += single.kin.shunned;
      sum.barred = sum.barred || single.kin.barred;
    }
    singles_.resize(count);
  }
  [[nodiscard]] bool is_single(NodeId node) const {
    return std::binary_search(singles_.begin(), singles_.end(), Single{node, {}}, before);
  }

  /// Machines with pods that mean something to this one.
  void find_kin() {
    take_looks(related(plan_, process_).size());
    for (const ProcessId other : related(plan_, process_)) {
      const std::optional<Placement> place = counts_on(other);
      if (!place) continue;
      const Relation to = relation(plan_, process_, other);
      if (to.bars_zone) scheduling_.bar(plan_.nodes[place->node].zone);
      if (!to.alike && !to.prefers && !to.bars_host) continue;
      single_out(place->node, {to.alike && !leaves(other) ? 1 : 0, to.prefers ? 1 : 0, to.bars_host});
    }
  }

  [[nodiscard]] bool stands_alone(NodeId node) const { return is_single(node) || is_odd(node); }
  [[nodiscard]] bool is_apart(NodeId node) const { return std::binary_search(apart_.begin(), apart_.end(), node); }

  /// Machines that are no longer looked at with others: they stand for themselves, or have kin.
  void find_apart(const KinClasses* known) {
    apart_ = odd_;
    for (const Single& single : singles_) apart_.push_back(single.node);
    if (known != nullptr) known->each([&](NodeId node) { apart_.push_back(node); });
    std::sort(apart_.begin(), apart_.end());
    apart_.erase(std::unique(apart_.begin(), apart_.end()), apart_.end());
  }

  /// All others, which have none of the pod's kin.
  void add_others() {
    const Fits& fits = world_.kubernetes.attention.fits.of(plan_, slots(), group_, request_);
    std::vector<std::size_t> taken;  // the class of each that is apart
    for (const NodeId node : apart_) {
      if (fits.of(node) != Fits::none) taken.push_back(fits.of(node));
    }
    std::sort(taken.begin(), taken.end());
    for (const auto& [seen, machines] : fits.classes()) {
      take_looks(1);
      const auto [from, to] = std::equal_range(taken.begin(), taken.end(), seen);
      const auto many = static_cast<std::int64_t>(machines.size()) - (to - from);
      if (many == 0) continue;
      std::size_t at = machines.next(0);
      while (is_apart(NodeId::of(at))) at = machines.next(at + 1);
      add_class(NodeId::of(at), Fits::closed(seen), many);
    }
  }

  /// With what is known of machines that have kin: neither they nor their pods are gone over.
  void add_by_kin(const KinClasses& known) {
    bar_zones(known);
    const auto& classes = known.classes();
    for (auto at = classes.lower_bound({SlotKey::before(group_), {}});
         at != classes.end() && at->first.slot.group == group_; ++at) {
      const auto& [key, all] = *at;
      take_looks(all.size());
      const auto alone = std::count_if(all.begin(), all.end(), [&](NodeId node) { return stands_alone(node); });
      const std::int64_t many = static_cast<std::int64_t>(all.size()) - alone;
      if (many == 0) continue;
      const auto first = std::find_if_not(all.begin(), all.end(), [&](NodeId node) { return stands_alone(node); });
      add(*first, key.slot, key.kin, many);
    }
  }

  /// What bars zones on odd slots is counted with them.
  void bar_zones(const KinClasses& known) {
    for (const ZoneId zone : plan_.zones.ids()) {
      std::int64_t bars = known.bars(zone);
      for (const NodeId node : odd_) {
        if (plan_.nodes[node].zone == zone) bars -= known.bars_of(node);
      }
      if (bars > 0) scheduling_.bar(zone);
    }
  }

  /// Of a zone from which the volume cannot be reached all classes are one, whatever room they have.
  void add_class(NodeId node, bool closed, std::int64_t many) {
    const Placement place{node, world_.kubernetes.nodes[node].machine};
    const std::optional<Refusal> refused = refusal(place, !closed);
    if (refused == Refusal::volume && !candidates_.empty()) {
      Candidate& last = candidates_.back();
      if (last.refusal == Refusal::volume && plan_.nodes[last.place.node].zone == plan_.nodes[node].zone) {
        last.many += many;
        if (place.node > last.place.node) return;
        last.place = place;
        last.load = slots().of(node)->load;
        return;
      }
    }
    candidates_.push_back({place, refused, slots().of(node)->load, {}, many});
  }

  void add(NodeId node, const SlotKey& key, const SlotKin& kin, std::int64_t many) {
    const Placement place{node, world_.kubernetes.nodes[node].machine};
    candidates_.push_back({place, refusal(place, is_open(key)), key.load, kin, many});
  }

  Choice choose(NodeId first) {
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.place.node < b.place.node; });
    std::size_t at = 0;
    for (const NodeId node : odd_) {
      for (; at < candidates_.size() && candidates_[at].place.node < node; ++at) scheduling_.add_alike(candidates_[at]);
      add_machines(node);
    }
    for (; at < candidates_.size(); ++at) scheduling_.add_alike(candidates_[at]);
    for (const NodeId node : odd_) count_on(node);
    return scheduling_.choose(first);
  }

  /// All that count on a machine of the slot, in the order of their numbers.
  void count_on(NodeId node) {
    Pods pods = near(world_, node);
    world_.kubernetes.attention.nominated.each([&](std::size_t at) {
      if (world_.kubernetes.pods[ProcessId::of(at)].nominated == node) pods.push_back(ProcessId::of(at));
    });
    std::sort(pods.begin(), pods.end());
    pods.erase(std::unique(pods.begin(), pods.end()), pods.end());
    for (const ProcessId other : pods) {
      const std::optional<Placement> place = counts_on(other);
      if (place && place->node == node) scheduling_.count(other, *place, leaves(other));
    }
  }

  World& world_;
  const Plan& plan_;
  ProcessId process_;
  std::uint16_t group_;
  std::int64_t priority_;
  std::span<const ProcessId> without_;
  Request request_;
  Scheduling scheduling_;
  std::vector<NodeId> odd_;      ///< ascending
  std::vector<Single> singles_;  ///< machines that stand for themselves, if they are not odd
  std::vector<NodeId> apart_;    ///< ascending: those, odd ones and those with kin
  std::vector<Candidate> candidates_;
};

}  // namespace

Choice look_for_machine(World& world, ProcessId process, NodeId first, std::span<const ProcessId> without) {
  if (world.plan->rules_of(process).fixed) return own_machine(world, process);
  Look look(world, process, without);
  return literal_walks ? look.literally(first) : look.by_classes(first);
}

namespace {

/// Where the scheduler would bind the pod now. The machine it ran on last comes first.
Choice find_machine(World& world, ProcessId process) {
  return look_for_machine(world, process, world.processes[process].node);
}

/// Says why no machine fits.
sim::CauseId note_refusal(World& world, ProcessId process, Refusal refusal) {
  switch (refusal) {
    case Refusal::closed: return world.note(PodFindsNoMachine{process});
    case Refusal::volume: return world.note(PodFarFromVolume{process});
    case Refusal::pod_limit: return world.note(PodLimitReached{process});
    case Refusal::attachments: return world.note(PodVolumesFull{process});
    case Refusal::room: return world.note(PodFindsNoRoom{process});
    case Refusal::kept_apart: return world.note(PodKeptApart{process});
    case Refusal::skew: break;
  }
  return world.note(PodSkewed{process});
}

/// When the pod can be tried: at its next attempt if that is due, else after the back-off since its last one.
sim::Time next_try(const World& world, const PodState& pod) {
  if (pod.tries == 0) return world.now;
  if (pod.tried_at > world.now) return pod.tried_at;
  const Parameters& parameters = world.plan->kube();
  Duration backoff = parameters.schedule_backoff_first;
  for (std::uint32_t i = 1; i < pod.tries && backoff < parameters.schedule_backoff_max; ++i) backoff = backoff * 2;
  return std::max(world.now, pod.tried_at + std::min(backoff, parameters.schedule_backoff_max));
}

/// Forgets those that are not.
bool is_unschedulable(World& world, ProcessId process) {
  const bool is = world.kubernetes.pods[process].unschedulable;
  if (!is) world.kubernetes.attention.unschedulable.erase(process.value);
  return is;
}

/// An attempt in vain, as soon as the back-off lets it. One attempt answers all changes until then.
void note_failed_try(const World& world, PodState& pod) {
  if (pod.tries > 0 && pod.tried_at >= world.now) return;
  pod.tried_at = next_try(world, pod);
  ++pod.tries;
}

/// Whether there is a machine for each of several pods while nothing changes: pods of one pool find the same.
class Finds {
 public:
  explicit Finds(World& world) : world_(world) {}

  bool machine_for(ProcessId process) {
    // A machine or a volume of its own, or room that is kept for a pod, makes it differ from its like.
    const ProcessPlan& plan = world_.plan->processes[process];
    if (literal_walks || world_.plan->rules_of(process).fixed || plan.volume.exists() || plan.claim.exists() ||
        !world_.kubernetes.attention.nominated.empty())
      return find_machine(world_, process).place.has_value();
    const auto known = std::ranges::find_if(
        known_, [&](const Known& other) { return other.workload == plan.workload && other.pool == plan.pool; });
    if (known != known_.end()) return known->found;
    const bool found = find_machine(world_, process).place.has_value();
    known_.push_back({plan.workload, plan.pool, found});
    return found;
  }

  /// Machines take pods that did not before.
  void forget() { known_.clear(); }

 private:
  struct Known {
    WorkloadId workload;
    std::uint16_t pool;
    bool found;
  };
  World& world_;
  std::vector<Known> known_;
};

}  // namespace

void expect_scheduling(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (world.queue.pending(pod.step_timer)) return;
  const Duration delay =
      world.draw(world.plan->processes[process].component, Purpose::pod_schedule, world.plan->kube().pod_schedule);
  pod.step_timer = world.schedule(next_try(world, pod) + delay, PodScheduled{process, pod.incarnation});
}

void retry_unschedulable(World& world) {
  Finds finds(world);
  std::vector<std::uint16_t> asked;
  for (ProcessId process = next_of(world, &Attention::unschedulable, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::unschedulable, ProcessId::of(process.value + 1))) {
    if (!is_unschedulable(world, process)) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    if (finds.machine_for(process)) {
      expect_scheduling(world, process);
    } else {
      if (!world.queue.pending(pod.step_timer)) note_failed_try(world, pod);
      if (request_machine(world, process, asked)) finds.forget();
    }
  }
  expect_scan(world);
}

namespace {

/// A pod was bound where its pool had fewest pods: others of the pool may fit now.
void retry_spread(World& world) {
  Finds finds(world);
  for (ProcessId process = next_of(world, &Attention::unschedulable, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::unschedulable, ProcessId::of(process.value + 1))) {
    if (is_unschedulable(world, process) && finds.machine_for(process)) expect_scheduling(world, process);
  }
}

}  // namespace

void bind(World& world, ProcessId process, const Placement& place) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.object = PodObject::bound;
  pod.node = place.node;
  pod.machine = place.machine;
  pod.bound_at = world.now;
  pod.listed = sim::Time::never();
  pod.unschedulable = false;
  pod.nominated = NodeId::none();
  pod.returns = false;
  arrives(world, process, place.node);
  withdraw_machine_requests(world, process);
  claim_local_disk(world, process);
  continue_start(world, process);
  const VolumeId volume = world.plan->processes[process].volume;
  const bool guests = volume.exists() && !world.plan->volumes[volume].guests.empty();  // who wants to be beside it
  if (guests || !world.plan->placement_of(process).spread.empty()) retry_spread(world);
  expect_scan(world);
}

void on(World& world, const PodScheduled& event) {
  if (scheduler_away(world)) return;
  PodState& pod = world.kubernetes.pods.edit(event.process);
  if (pod.incarnation != event.incarnation || pod.object != PodObject::pending) {
    world.stale = true;
    return;
  }
  if (on_fargate(*world.plan, event.process)) return launch_on_fargate(world, event.process);
  const Choice choice = find_machine(world, event.process);
  if (choice.place) return bind(world, event.process, *choice.place);
  pod.unschedulable = true;
  world.kubernetes.attention.unschedulable.insert(event.process.value);
  pod.returns = false;
  note_failed_try(world, pod);
  const CauseScope scope(world, world.note(PodUnschedulable{event.process}));
  const CauseScope because(world, note_refusal(world, event.process, choice.refusal));
  const VolumeId volume = world.plan->mounted_by(event.process);
  if (volume.exists()) reconcile_attachment(world, volume);
  preempt(world, event.process);
  request_machine(world, event.process);
}

}  // namespace nines::models::kubernetes
