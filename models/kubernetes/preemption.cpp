#include "models/kubernetes/preemption.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

using Victims = std::vector<ProcessId>;

std::int64_t priority(const World& world, ProcessId process) { return world.plan->placement_of(process).priority; }

/// Pods bound to the machine that would make way, the most important first.
Victims below(const World& world, ProcessId process, const Placement& place) {
  Victims pods;
  for (const ProcessId other : near(world, place.node)) {
    const PodState& pod = world.kubernetes.pods[other];
    const bool there = pod.object == PodObject::bound && pod.node == place.node && pod.machine == place.machine;
    if (there && !world.plan->rules_of(other).fixed && priority(world, other) < priority(world, process))
      pods.push_back(other);
  }
  std::stable_sort(pods.begin(), pods.end(),
                   [&](ProcessId a, ProcessId b) { return priority(world, a) > priority(world, b); });
  return pods;
}

bool fits(World& world, ProcessId process, const Placement& place, const Victims& gone) {
  return look_for_machine(world, process, place.node, gone).place == place;
}

/// Who has to leave the machine; nobody if that would not do.
Victims victims_on(World& world, ProcessId process, const Placement& place) {
  const Victims all = below(world, process, place);
  if (all.empty() || !fits(world, process, place, all)) return {};
  Victims gone = all;
  for (const ProcessId spared : all) {
    Victims fewer = gone;
    std::erase(fewer, spared);
    if (fits(world, process, place, fewer)) gone = std::move(fewer);
  }
  return gone;
}

/// Pods that were told to leave its machine are still there.
bool waits_for_victims(const World& world, ProcessId process) {
  const PodState& waiting = world.kubernetes.pods[process];
  if (!waiting.nominated.exists()) return false;
  const Pods pods = near(world, waiting.nominated);
  return std::any_of(pods.begin(), pods.end(), [&](ProcessId other) {
    const PodState& pod = world.kubernetes.pods[other];
    return pod.object == PodObject::terminating && pod.node == waiting.nominated &&
           pod.machine == waiting.nominated_machine;
  });
}

}  // namespace

void preempt(World& world, ProcessId process) {
  const bool lowest = priority(world, process) == 0;
  if (lowest || waits_for_victims(world, process)) return;
  std::optional<Placement> best;
  Victims victims;
  const auto cost = [&](const Victims& pods) { return std::tuple(priority(world, pods.front()), pods.size()); };
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->nodes[node].group != node_group(*world.plan, process)) continue;
    const Placement place{node, world.kubernetes.nodes[node].machine};
    Victims found = victims_on(world, process, place);
    if (found.empty() || (best && cost(victims) <= cost(found))) continue;
    best = place;
    victims = std::move(found);
  }
  if (!best) return;
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.nominated = best->node;
  world.kubernetes.attention.nominated.insert(process.value);
  pod.nominated_machine = best->machine;
  for (const ProcessId victim : victims) {
    const CauseScope scope(world, world.note(PodPreempted{victim}));
    delete_pod(world, victim);
  }
}

}  // namespace nines::models::kubernetes
