#include "models/control_plane/upgrade.hpp"

#include <algorithm>

#include "models/platform.hpp"
#include "models/process.hpp"

namespace nines::models::control_plane {

namespace {

NodeId machine_of(const Context& c, ProcessId process) { return c.world.plan->processes[process].node; }

/// Of one master, in kubeadm's order: the store's member first.
void add_master(const Context& c, NodeId machine, std::vector<ProcessId>& order) {
  for (const ProcessId member : c.world.plan->services[c.plan.store].members) {
    const bool of_kubeadm = c.world.plan->workload_of(member).controller == Controller::static_pod;
    if (of_kubeadm && machine_of(c, member) == machine) order.push_back(member);
  }
  for (const std::vector<Position>* role : {&c.plan.servers, &c.plan.managers, &c.plan.schedulers}) {
    for (const Position position : *role) {
      if (machine_of(c, c.process(position)) == machine) order.push_back(c.process(position));
    }
  }
}

void step(Context& c, bool new_master) {
  const Law& law = new_master ? c.parameters.upgrade_next : c.parameters.upgrade_step;
  const Duration wait = c.world.draw(c.component(), Purpose::upgrade_length, law);
  c.state.upgrade.new_master = new_master;
  c.state.upgrade.timer = c.world.schedule(c.now() + wait, UpgradeStep{c.service.value});
}

/// Another container than before runs, and its server is there.
bool is_back(const Context& c, ProcessId process) {
  const ProcessState& state = c.world.processes[process];
  return state.incarnation != c.state.upgrade.incarnation && state.status == ProcessState::Status::running &&
         services::ready(c.world, process);
}

}  // namespace

bool begin_upgrade(Context& c) {
  if (!c.state.upgrade.left.empty()) return false;
  std::vector<NodeId> masters;
  for (const Position server : c.plan.servers) {
    const NodeId machine = machine_of(c, c.process(server));
    if (std::ranges::count(masters, machine) > 0) continue;
    masters.push_back(machine);
    add_master(c, machine, c.state.upgrade.left);
  }
  c.state.upgrade.restarting = false;
  step(c, true);
  return true;
}

void follow_upgrade(Context& c) {
  Upgrade& upgrade = c.state.upgrade;
  if (!upgrade.restarting || !is_back(c, upgrade.left.front())) return;
  const NodeId machine = machine_of(c, upgrade.left.front());
  upgrade.restarting = false;
  upgrade.left.erase(upgrade.left.begin());
  if (upgrade.left.empty()) {
    c.world.note(UpgradeFinished{c.service.value});
    return;
  }
  step(c, machine_of(c, upgrade.left.front()) != machine);
}

void on(World& world, const UpgradeStep& event) {
  Context c = context(world, ServiceId{event.service});
  Upgrade& upgrade = c.state.upgrade;
  if (!kubernetes::api_serves(world)) {  // kubeadm asks it first
    world.stale = true;
    return step(c, upgrade.new_master);
  }
  const ProcessId process = upgrade.left.front();
  static constexpr std::string_view next = "kubeadm.upgrade.next_master";
  if (upgrade.new_master) world.set_by(next);
  upgrade.restarting = true;
  upgrade.incarnation = world.processes[process].incarnation;
  // Whatever is away already is started with the new manifest.
  kubernetes::terminate_process(world, process);
  settle(c);
}

}  // namespace nines::models::control_plane
