#include "models/infrastructure/node.hpp"

#include <algorithm>

#include "models/infrastructure/capacity.hpp"
#include "models/infrastructure/credits.hpp"
#include "models/infrastructure/events.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

namespace {

NodeState& state_of(World& world, NodeId node) { return world.infrastructure.nodes.edit(node); }
ComponentId component(const World& world, NodeId node) { return world.plan->nodes[node].component; }

void enter(NodeState& state, Life life) {
  state.life = life;
  ++state.change;
}

/// Processes can be on the machine.
bool powered(const NodeState& state) { return state.life == Life::up || state.life == Life::stopping; }

/// The process's last container was on the slot's machine, not on a successor that shares the slot.
bool was_on(const World& world, ProcessId process, NodeId node) {
  return world.processes[process].node == node &&
         (hosts::supervised(*world.plan, process) || kubernetes::on_current_machine(world, process));
}

/// Ends the processes of a machine that stopped. Those that had crashed before lose what the page cache still held.
void end_processes(World& world, NodeId node, Ending ending) {
  for (const ProcessId process : kubernetes::near(world, node)) {
    if (!was_on(world, process, node)) continue;
    ProcessState& state = world.processes.edit(process);
    if (state.status != ProcessState::Status::absent) {
      state.status = ProcessState::Status::absent;
      state.ending = ending;
      services::process_died(world, process);
    } else if (state.ending == Ending::crash && ending == Ending::power_loss) {
      state.ending = Ending::power_loss;
    }
  }
}

/// The machine's volumes of the kind are gone.
void empty_disks(World& world, NodeId node, VolumeKind kind) {
  for (const ProcessId process : world.plan->starts_on[node]) {
    if (!world.plan->processes[process].volume.exists()) continue;
    const VolumePlan& volume = world.plan->volumes[world.plan->processes[process].volume];
    const bool absent = world.processes[volume.owner].status == ProcessState::Status::absent;
    if (volume.node == node && volume.kind == kind && absent) world.processes.edit(volume.owner).disk_lost = true;
  }
}

/// The local disk goes with the machine.
void empty_local_disks(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  if (state.disk_gone) return;
  state.disk_gone = true;
  empty_disks(world, node, VolumeKind::nvme);
}

/// Nobody launches another machine in the slot.
void report_lost(World& world, NodeId node) {
  hosts::machine_lost(world, node);
  kubernetes::machine_lost(world, node);
}

/// Machines that run leave their life for another. Contacts are not examined.
void take_down(World& world, const std::vector<NodeId>& nodes, Life life, Ending ending) {
  for (const NodeId node : nodes) enter(state_of(world, node), life);
  for (const NodeId node : nodes) end_processes(world, node, ending);
  for (const NodeId node : nodes) {
    kubernetes::node_stopped(world, node);
    hosts::machine_stopped(world, node);
  }
  examine_status_checks(world);
}

/// No packet passes between the machine and anything else.
bool cut_off(const World& world, NodeId node) {
  const Reachability& state = world.infrastructure.reachability;
  const Endpoint machine = world.plan->network.node_endpoint[node.value];
  return !meet(state, machine, world.plan->network.backbone) &&
         !meet(state, machine, world.plan->network.zone_fabric[world.plan->nodes[node].zone.value]);
}

bool fails_status_checks(const World& world, NodeId node) {
  const Life life = world.infrastructure.nodes[node].life;
  return life == Life::crashed || life == Life::powerless || (life == Life::up && cut_off(world, node));
}

void expect_impaired(World& world, NodeId node) {
  const Duration delay =
      world.draw(component(world, node), Purpose::status_checks, world.plan->infra().node_status_checks);
  state_of(world, node).impaired_timer = world.schedule(world.now + delay, NodeImpaired{node}, sim::Priority::state);
}

/// The operating system shuts down.
void shut_down(World& world, NodeId node, Next next) {
  NodeState& state = state_of(world, node);
  enter(state, Life::stopping);
  state.next = next;
  state.switching_off = false;
  kubernetes::node_stopping(world, node);
  hosts::machine_stopping(world, node);
  container_ended(world, node);  // if none ran
  services::contacts_changed(world);
}

/// The provider has the instance back.
void release_instance(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  const bool ran = powered(state);
  if (state.life != Life::terminated) {
    rents(world, node, rented_from(world, node), -1);
    close_account(world, node);
  }
  enter(state, Life::terminated);
  state.recovering = false;
  state.reclaim_pending = false;
  if (ran) end_processes(world, node, Ending::crash);
  empty_local_disks(world, node);
  empty_disks(world, node, VolumeKind::root);
  hosts::machine_stopped(world, node);
  if (world.plan->nodes[node].provisioner == Provisioner::none) report_lost(world, node);
  kubernetes::node_terminated(world, node);
  examine_status_checks(world);
  if (ran) services::contacts_changed(world);
}

/// The machine has shut down for a reboot.
void boot_again(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  enter(state, Life::rebooting);
  sim::Time up_at = state.up_at;
  if (up_at == sim::Time::zero()) {
    up_at = world.now + world.draw(component(world, node), Purpose::node_boot, world.plan->infra().node_boot);
  }
  world.schedule(std::max(world.now, up_at), NodeBooted{node, state.change}, sim::Priority::state);
  services::contacts_changed(world);
}

/// The same machine runs again.
void come_up(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  enter(state, Life::up);
  state.recovering = false;
  examine_status_checks(world);
  kubernetes::node_started(world, node);
  hosts::machine_started(world, node);
  services::contacts_changed(world);
}

/// A container or a process that a supervisor runs is on the machine.
bool runs_anything(const World& world, NodeId node) {
  return kubernetes::runs_container(world, node) || hosts::runs_process(world, node);
}

/// Whether whoever launched the machine learns from the provider that its host died.
bool loss_is_heard(const NodePlan& node) {
  if (node.provisioner == Provisioner::asg) return true;
  return node.provisioner == Provisioner::karpenter && node.interruption == Interruption::queue;
}

void expect_loss_report(World& world, NodeId node) {
  const Duration notice =
      world.draw(component(world, node), Purpose::node_notice, world.plan->infra().node_loss_notice);
  world.schedule(world.now + notice, NodeLossReported{node, state_of(world, node).change}, sim::Priority::state);
}

void schedule_recovery(World& world, NodeId node) {
  const Duration delay =
      world.draw(component(world, node), Purpose::node_recovery, world.plan->infra().node_auto_recovery);
  world.schedule(world.now + delay, NodeRecovered{node, state_of(world, node).change}, sim::Priority::state);
}

void give_notice(World& world, NodeId node) {
  const Duration notice = world.plan->infra().spot_notice;
  world.schedule(world.now + notice, NodeReclaimed{node, state_of(world, node).machine}, sim::Priority::fault);
  kubernetes::node_notice(world, node, notice);
}

/// A rebalance recommendation comes before the notice, and somebody acts on it.
bool is_recommended(World& world, NodeId node) {
  return world.plan->nodes[node].capacity_rebalancing &&
         world.uniform(component(world, node), Purpose::spot_rebalance) <
             world.plan->infra().spot_rebalance_probability;
}

template <class E>
bool outdated(World& world, const E& event, Life expected) {
  const NodeState& state = world.infrastructure.nodes[event.node];
  world.stale = state.life != expected || state.change != event.change;
  return world.stale;
}

}  // namespace

void initialise(World& world) {
  State state;
  state.reachability = full_reachability(world.plan->network);
  state.nodes.assign(world.plan->nodes.size(), {});
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->vacant(node)) state.nodes.edit(node).life = Life::terminated;
  }
  state.volumes.assign(world.plan->volumes.size(), {});
  state.short_until.assign(world.plan->capacity_pools.size(), sim::Time::zero());
  state.left_behind.assign(world.plan->processes.size(), 0);
  state.cpu_uses.assign(world.plan->processes.size(), {});
  world.infrastructure = state;
}

bool node_up(const World& world, NodeId node) { return world.infrastructure.nodes[node].life == Life::up; }

bool crash_node(World& world, NodeId node, Duration downtime) {
  if (!node_up(world, node)) return false;
  take_down(world, {node}, Life::crashed, Ending::power_loss);
  world.schedule(world.now + downtime, NodeUpAgain{node, state_of(world, node).change}, sim::Priority::state);
  services::contacts_changed(world);
  return true;
}

bool reboot_node(World& world, NodeId node, std::optional<Duration> downtime) {
  if (!node_up(world, node)) return false;
  state_of(world, node).up_at = downtime ? world.now + *downtime : sim::Time::zero();
  shut_down(world, node, Next::boot);
  return true;
}

void container_ended(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  if (state.life != Life::stopping || state.switching_off || runs_anything(world, node)) return;
  state.switching_off = true;
  const Duration delay = world.draw(component(world, node), Purpose::node_shutdown, world.plan->infra().node_shutdown);
  world.schedule(world.now + delay, NodeDown{node, state.change}, sim::Priority::state);
}

bool lose_node(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  if (state.life == Life::lost || state.life == Life::terminated) return false;
  const bool ran = powered(state);
  const bool given_back = state.life == Life::stopping && state.next == Next::terminated;
  if (ran) take_down(world, {node}, Life::lost, Ending::power_loss);
  if (!ran) enter(state, Life::lost);
  if (given_back) {
    release_instance(world, node);  // nobody recovers a machine that was about to go
    services::contacts_changed(world);
    return true;
  }
  empty_local_disks(world, node);
  examine_status_checks(world);  // whoever launched it hears of the loss in its own way
  const NodePlan& plan = world.plan->nodes[node];
  state.recovering = plan.auto_recovery && !state.reclaim_pending;
  if (state.recovering) schedule_recovery(world, node);
  if (loss_is_heard(plan)) expect_loss_report(world, node);
  if (!state.recovering && !loss_is_heard(plan)) report_lost(world, node);
  if (ran) services::contacts_changed(world);
  return true;
}

bool reclaim_node(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  if (state.life == Life::lost || state.life == Life::terminated || state.reclaim_pending) return false;
  state.reclaim_pending = true;
  if (!is_recommended(world, node)) {
    give_notice(world, node);
    return true;
  }
  const Duration lead =
      world.draw(component(world, node), Purpose::spot_rebalance_lead, world.plan->infra().spot_rebalance_lead);
  world.schedule(world.now + lead, NodeNoticed{node, state.machine}, sim::Priority::fault);
  kubernetes::rebalance(world, node);
  return true;
}

void cut_power(World& world, const std::vector<NodeId>& nodes) {
  std::vector<NodeId> running;
  std::vector<NodeId> given_back;
  for (const NodeId node : nodes) {
    NodeState& state = state_of(world, node);
    ++state.power_cuts;
    if (powered(state)) running.push_back(node);
    if (state.life == Life::stopping && state.next == Next::terminated) given_back.push_back(node);
    const bool coming_up = state.life == Life::crashed || state.life == Life::rebooting || state.life == Life::booting;
    if (coming_up) enter(state, Life::powerless);
  }
  take_down(world, running, Life::powerless, Ending::power_loss);
  for (const NodeId node : given_back) release_instance(world, node);
  if (!running.empty()) services::contacts_changed(world);
}

void restore_power(World& world, const Outage::Hit& hit) {
  NodeState& state = state_of(world, hit.node);
  if (state.machine != hit.machine || state.power_cuts == 0) return;
  --state.power_cuts;
  if (state.power_cuts > 0 || state.life != Life::powerless) return;
  enter(state, Life::booting);
  const Duration boot = world.draw(component(world, hit.node), Purpose::node_boot, world.plan->infra().node_boot);
  world.schedule(world.now + boot, NodeBooted{hit.node, state.change}, sim::Priority::state);
}

void terminate_node(World& world, NodeId node) {
  NodeState& state = state_of(world, node);
  if (state.life == Life::terminated) return;
  state.reclaim_pending = false;
  if (state.life == Life::stopping) {
    state.next = Next::terminated;
  } else if (state.life == Life::up && runs_anything(world, node)) {
    shut_down(world, node, Next::terminated);
  } else {
    release_instance(world, node);
  }
}

namespace {

/// Machines whose status checks may fail, or have failed: those that nothing has touched pass while no link is cut.
std::vector<NodeId> machines_in_doubt(const World& world) {
  std::vector<NodeId> nodes;
  if (world.infrastructure.reachability.reaches.empty()) {
    for (const NodeId node : world.infrastructure.nodes.touched()) nodes.push_back(node);
    std::sort(nodes.begin(), nodes.end());
  } else {
    for (const NodeId node : world.plan->nodes.ids()) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

void examine_status_checks(World& world) {
  for (const NodeId node : machines_in_doubt(world)) {
    if (!world.plan->nodes[node].status_checks) continue;
    const sim::TimerId timer = world.infrastructure.nodes[node].impaired_timer;
    const bool fails = fails_status_checks(world, node);
    if (fails == world.queue.pending(timer)) continue;
    if (fails) {
      expect_impaired(world, node);
    } else {
      world.queue.cancel(timer);
    }
  }
}

void replace_node(World& world, NodeId node, CapacityPoolId pool) {
  NodeState& state = state_of(world, node);
  empty_local_disks(world, node);
  empty_disks(world, node, VolumeKind::root);
  // Processes that run here already started on the successor while the old machine was draining.
  for (const ProcessId process : kubernetes::near(world, node)) {
    const ProcessState& at = world.processes[process];
    if (at.node == node && at.status == ProcessState::Status::absent) {
      world.infrastructure.left_behind.edit(process) = at.incarnation;
    }
  }
  world.queue.cancel(state.impaired_timer);
  world.queue.cancel(state.credits_timer);
  if (state.life != Life::terminated) {
    rents(world, node, rented_from(world, node), -1);
    close_account(world, node);
  }
  const NodeState old = state;
  state = NodeState{};
  state.machine = old.machine + 1;
  start_account(world, node, old);
  state.change = old.change + 1;
  if (pool.exists() && pool != world.plan->nodes[node].offerings.front()) state.pool = pool;
  faults::machine_replaced(world, node);
  examine_status_checks(world);
  services::contacts_changed(world);
}

bool machines_settled(const World& world) {
  const auto& nodes = world.infrastructure.nodes;
  return std::ranges::all_of(nodes.touched(), [&](NodeId node) {
    const NodeState& state = nodes[node];
    if (on_fallback(world, node)) return false;
    const bool at_rest = state.life == Life::up || state.life == Life::lost || state.life == Life::terminated;
    return at_rest && !state.recovering && !state.reclaim_pending;
  });
}

// ---- events ----

ComponentId subject(const Plan& plan, const NodeDown& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeImpaired& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeBooted& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeUpAgain& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeReclaimed& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeNoticed& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeRecovered& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeLossReported& event) { return plan.nodes[event.node].component; }

void on(World& world, const NodeDown& event) {
  if (outdated(world, event, Life::stopping)) return;
  if (state_of(world, event.node).next == Next::boot) return boot_again(world, event.node);
  release_instance(world, event.node);
}

void on(World& world, const NodeImpaired& event) {
  // Where nothing can be launched, nothing is given up either, and nothing ends while the provider takes no calls.
  const bool can_replace = provider_acts(world) && (zone_can_launch(world, world.plan->nodes[event.node].zone) ||
                                                    kubernetes::replaced_elsewhere(world, event.node));
  if (!can_replace) return expect_impaired(world, event.node);
  terminate_node(world, event.node);
}

void on(World& world, const NodeBooted& event) {
  const bool reboots = state_of(world, event.node).life == Life::rebooting;
  if (!outdated(world, event, reboots ? Life::rebooting : Life::booting)) come_up(world, event.node);
}

void on(World& world, const NodeUpAgain& event) {
  if (!outdated(world, event, Life::crashed)) come_up(world, event.node);
}

void on(World& world, const NodeRecovered& event) {
  if (outdated(world, event, Life::lost)) return;
  const bool power = zone_can_launch(world, world.plan->nodes[event.node].zone);
  if (power) {
    NodeState& state = state_of(world, event.node);
    ++state.machine;  // other hardware: ongoing outages of the old one do not concern it
    state.power_cuts = 0;
    come_up(world, event.node);
  } else {
    schedule_recovery(world, event.node);
  }
}

void on(World& world, const NodeLossReported& event) {
  if (outdated(world, event, Life::lost)) return;
  if (provider_acts(world)) return terminate_node(world, event.node);
  // Who has heard of it cannot end the instance yet, and looks again. That is no news: the loss stays the cause.
  const CauseScope scope(world, world.trace.at(world.trace.current()).parent);
  world.unrecorded = true;
  expect_loss_report(world, event.node);
}

void on(World& world, const NodeNoticed& event) {
  const NodeState& state = world.infrastructure.nodes[event.node];
  world.stale = state.machine != event.machine || !state.reclaim_pending || state.life == Life::terminated;
  if (!world.stale) give_notice(world, event.node);
}

void on(World& world, const NodeReclaimed& event) {
  const NodeState& state = world.infrastructure.nodes[event.node];
  world.stale = state.machine != event.machine || state.life == Life::terminated;
  if (!world.stale) terminate_node(world, event.node);
}

}  // namespace nines::models::infrastructure
