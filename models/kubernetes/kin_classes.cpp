#include "models/kubernetes/kin_classes.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/literal_walks.hpp"
#include "models/scheduling.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// From this look on.
constexpr std::uint32_t looks_before = 2;
/// A changed machine is as dear to follow as so many pods are to go over: those on it are looked at.
constexpr std::size_t pods_a_machine = 8;

}  // namespace

KinClasses::KinClasses(const World& world, ProcessId pod) : pod_(pod) {
  bars_.assign(world.plan->zones.size(), 0);
  std::vector<NodeId> nodes;
  for (const ProcessId other : related(*world.plan, pod)) {
    const PodState& its = world.kubernetes.pods[other];
    if (its.object == PodObject::bound || its.object == PodObject::terminating) nodes.push_back(its.node);
  }
  std::ranges::sort(nodes);
  const auto twice = std::ranges::unique(nodes);
  nodes.erase(twice.begin(), twice.end());
  take_looks(nodes.size());
  for (const NodeId node : nodes) renew(world, node);
}

void KinClasses::leave(NodeId node) {
  const auto at = of_.find(node.value);
  if (at == of_.end()) return;
  if (const std::optional<Key>& key = at->second.key) {
    const auto found = classes_.find(*key);
    found->second.erase(std::ranges::lower_bound(found->second, node));
    if (found->second.empty()) classes_.erase(found);
  }
  of_.erase(at);
}

void KinClasses::renew(const World& world, NodeId node) {
  const Plan& plan = *world.plan;
  bars_[plan.nodes[node].zone] -= bars_of(node);
  leave(node);
  Seen seen;
  bool any = false;
  for (const ProcessId other : near(world, node)) {
    if (!world.kubernetes.nodes[node].object || !on_machine(world, other, node)) continue;
    const Relation to = relation(plan, pod_, other);
    if (to.bars_zone) ++seen.bars;
    if (to.alike && world.kubernetes.pods[other].object != PodObject::terminating) ++seen.kin.alike;
    if (to.prefers) ++seen.kin.shunned;
    seen.kin.barred = seen.kin.barred || to.bars_host;
    any = any || to.alike || to.prefers || to.bars_host || to.bars_zone;
  }
  if (!any) return;
  bars_[plan.nodes[node].zone] += seen.bars;
  if (const std::optional<SlotKey>& slot = world.kubernetes.attention.slots.of(node)) {
    seen.key = Key{*slot, seen.kin};
    std::vector<NodeId>& all = classes_[*seen.key];
    all.insert(std::ranges::lower_bound(all, node), node);
  }
  of_.emplace(node.value, seen);
}

SlotKin KinClasses::kin(NodeId node) const {
  const auto at = of_.find(node.value);
  return at == of_.end() ? SlotKin{} : at->second.kin;
}

std::int64_t KinClasses::bars_of(NodeId node) const {
  const auto at = of_.find(node.value);
  return at == of_.end() ? 0 : at->second.bars;
}

const KinClasses* kin_classes(World& world, ProcessId pod) {
  KinOfPools& kin = world.kubernetes.attention.kin;
  const ProcessPlan& its = world.plan->processes[pod];
  const std::uint64_t key = (std::uint64_t{its.workload.value} << 16) | its.pool;
  KinOfPools::Pool& pool = kin.pools[key];
  // Where much has changed since its last look, as when a zone is evicted, the pool's pods are gone over instead.
  if ((kin.renewed.size() - pool.seen) * pods_a_machine > related(*world.plan, pod).size()) {
    pool.classes.reset();
    pool.looks = 0;
    pool.seen = kin.renewed.size();
    return nullptr;
  }
  if (!pool.classes) {
    if (++pool.looks <= looks_before) return nullptr;
    pool.classes.emplace(world, pod);
    pool.seen = kin.renewed.size();
    return &*pool.classes;
  }
  for (; pool.seen < kin.renewed.size(); ++pool.seen) pool.classes->renew(world, kin.renewed[pool.seen]);
  return &*pool.classes;
}

void slot_renewed(World& world, NodeId node) {
  KinOfPools& kin = world.kubernetes.attention.kin;
  if (kin.pools.empty()) return;
  // A life without end would gather more and more of them.
  if (kin.renewed.size() > 8 * world.plan->nodes.size() + 64) {
    kin = {};
    return;
  }
  kin.renewed.push_back(node);
}

}  // namespace nines::models::kubernetes
