// What holds in every state of the platform, over random schedules of overlapping faults: one attachment a volume, one
// pod object an identity, no pod in another zone than its volume, and health again when faults have ended and people
// acted.
#include <catch2/catch.hpp>

#include "models/platform.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/control_plane_topology.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace kubernetes_invariants_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t run) : run_(run) {}
  std::size_t below(std::size_t bound) { return sim::random_bits(0x1CEB00DA, run_, draw_++) % bound; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  std::uint64_t run_;
  std::uint32_t draw_ = 0;
};

std::vector<std::string> names(const Plan& plan, const auto& table) {
  std::vector<std::string> result;
  for (const auto& item : table) result.emplace_back(plan.name(item.component));
  return result;
}

/// Faults that overlap: all begin within twenty minutes. `more`: those too that are not of machines, pods and volumes.
std::vector<Action> random_script(const Plan& plan, std::uint64_t run, bool more) {
  Dice dice(run);
  const std::vector<std::string> nodes = names(plan, plan.nodes), zones = names(plan, plan.zones),
                                 volumes = names(plan, plan.volumes), processes = names(plan, plan.processes);
  std::vector<std::string> pods;  // that somebody can delete through the API server
  for (const ProcessId id : plan.processes.ids()) {
    if (plan.rules_of(id).creates) pods.push_back(processes[id.value]);
  }
  std::vector<Action> script;
  Duration at;
  const std::size_t steps = 3 + dice.below(6);
  for (std::size_t i = 0; i < steps; ++i) {
    const Duration length =
        Duration::seconds(static_cast<std::int64_t>(1 + dice.below(dice.below(2) == 0 ? 120 : 1500)));
    switch (dice.below(more ? 23 : 17)) {
      case 0: script.push_back(action(at, Verb::process_kill, dice.pick(processes))); break;
      case 1: script.push_back(action(at, Verb::process_terminate, dice.pick(processes))); break;
      case 2: script.push_back(action(at, Verb::node_crash, dice.pick(nodes), length)); break;
      case 3: script.push_back(action(at, Verb::node_reboot, dice.pick(nodes), length)); break;
      case 4: script.push_back(action(at, Verb::node_loss, dice.pick(nodes))); break;
      case 5: script.push_back(action(at, Verb::zone_power_loss, dice.pick(zones), length)); break;
      case 6: script.push_back(action(at, Verb::zone_isolation, dice.pick(zones), length)); break;
      case 7: script.push_back(action(at, Verb::volume_loss, dice.pick(volumes))); break;
      case 8: script.push_back(action(at, Verb::volume_stuck, dice.pick(volumes), length)); break;
      case 9: script.push_back(action(at, Verb::spot_reclaim, dice.pick(nodes))); break;
      case 10: script.push_back(action(at, Verb::rolling_restart, "kafka")); break;
      case 11: script.push_back(action(at, Verb::drain, dice.pick(nodes))); break;
      case 12: script.push_back(action(at, Verb::delete_pod, dice.pick(pods))); break;
      case 13: script.push_back(action(at, Verb::bad_rollout, "kafka")); break;
      case 14: script.push_back(action(at, Verb::failed_upgrade, "kafka")); break;
      case 15: script.push_back(action(at, Verb::wrong_command, "kafka")); break;
      case 16: script.push_back(action(at, Verb::expired_certificate, "kafka")); break;
      case 17: script.push_back(action(at, Verb::memory_pressure, dice.pick(pods))); break;
      case 18: script.push_back(action(at, Verb::kubelet_stop, dice.pick(nodes), length)); break;
      case 19: script.push_back(action(at, Verb::node_not_ready, dice.pick(nodes), length)); break;
      case 20: script.push_back(action(at, Verb::kms_outage, "region", length)); break;
      case 21: script.push_back(action(at, Verb::network_policy, "kafka")); break;
      default: script.push_back(action(at, Verb::space_quota, "etcd")); break;
    }
    at += Duration::seconds(static_cast<std::int64_t>(dice.below(dice.below(2) == 0 ? 20 : 400)));
  }
  return script;
}

/// Why the platform's state is impossible; null if it is not.
const char* impossible(const World& world) {
  using namespace kubernetes;
  const Plan& plan = *world.plan;
  for (const ProcessId process : plan.processes.ids()) {
    const PodState& pod = world.kubernetes.pods[process];
    const ProcessState& state = world.processes[process];
    const bool alive = pod.container == Container::running || pod.container == Container::stopping;
    if (!alive && state.status != ProcessState::Status::absent) return "a process without container";
    if (alive && state.status == ProcessState::Status::absent) return "a running container without process";
    if (!alive) continue;
    if (pod.container_node != state.node) return "process and container on different machines";
    const infrastructure::Life life = world.infrastructure.nodes[state.node].life;
    const bool powered = life == infrastructure::Life::up || life == infrastructure::Life::stopping;
    const bool up = powered || !on_current_machine(world, process);
    if (!up) return "a process on a machine that is down";
    const VolumeId id = plan.processes[process].volume;
    if (!id.exists()) continue;
    const VolumeState& volume = world.kubernetes.volumes[id];
    const bool attached = volume.attachment == Attachment::attached || volume.attachment == Attachment::detaching;
    if (!attached) return "a process without its volume";
    if (volume.node != state.node || volume.machine != pod.container_machine) return "volume attached elsewhere";
    if (plan.volumes[id].zone != plan.nodes[state.node].zone) return "a pod in another zone than its volume";
  }
  for (const NodeId node : plan.nodes.ids()) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (state.kubelet != infrastructure::node_up(world, node)) return "kubelet and machine disagree";
    if (state.answering && !state.kubelet) return "a dead kubelet answers";
    const bool lifted_soon =
        state.ready && (world.queue.pending(world.kubernetes.pass_timer) || !world.kubernetes.control_plane.managers);
    const bool doubted = state.object && (!state.ready || lifted_soon);
    if (state.no_execute != NoExecute::none && !doubted) return "a taint without an Unknown node";
  }
  return nullptr;
}

std::string describe(const std::vector<Action>& script) {
  std::string text;
  for (const Action& step : script) {
    text += std::to_string(step.at.to_seconds()) + " " + std::string(verbs[static_cast<std::size_t>(step.verb)].name) +
            " " + step.target + " for " + std::to_string(step.duration.value_or(Duration()).to_seconds()) + "\n";
  }
  return text;
}

/// Plays one schedule event by event and checks every state.
void play(const Lab& lab, std::uint64_t run, bool more = false) {
  const std::vector<Action> script = random_script(lab.plan(), run, more);
  INFO("run " << run << "\n" << describe(script));
  World world = lab.prepare(script, run);
  const sim::Time end = origin + 24_h * 40;
  std::vector<std::uint32_t> incarnations(world.processes.size(), 0);
  while (step(world, end)) {
    if (const char* reason = impossible(world)) FAIL(reason << " at " << (world.now - origin).to_seconds());
    for (const ProcessId process : lab.plan().processes.ids()) {
      const std::uint32_t now = world.kubernetes.pods[process].incarnation;
      if (now < incarnations[process.value] || now > incarnations[process.value] + 1) FAIL("two pods of one name");
      incarnations[process.value] = now;
    }
  }
  if (!kubernetes::healthy(world)) FAIL("not healthy after forty days: " << ailments(world));
  if (!services::healthy(world)) FAIL("services not healthy after forty days: " << ailments(world));
  if (world.queue.size() != 0) FAIL("events pending in health");
}

/// Network volumes or local disks, one or two machines a zone, any provisioner, heard notices or not.
constexpr std::uint64_t variants = 17;

Topology design(std::uint64_t variant) {
  Topology topology = small_topology();
  NodeGroupSpec& group = topology.node_groups[0];
  group.nodes_per_zone = variant % 2 == 0 ? 1 : 2;
  if (variant % 4 >= 2) group.provisioner = Provisioner::asg;
  if (variant % 8 >= 4) group.interruption = Interruption::none;
  if (variant % 16 >= 8) {
    group.instance.local_disk = {4e12};
    group.instance.local_disk_rate = {1e9};
    for (PoolSpec& pool : topology.services[0].pools) pool.storage.kind = VolumeKind::nvme;
  }
  if (variant == 16) group.provisioner = Provisioner::none;
  group.capacity = Capacity::spot;
  topology.infrastructure.volume_stuck_probability = 0.05;
  topology.changes.rollout_passes_share = 0.5;
  topology.changes.command_service_share = 0.75;
  return topology;
}

/// One or three masters, replaced by people or by their group, behind each kind of endpoint, with etcd on their own
/// machines or on each other's.
constexpr std::uint64_t control_planes = 12;

Topology design_with_masters(std::uint64_t variant) {
  ControlPlaneSettings settings;
  settings.masters = variant % 2 == 0 ? 3 : 1;
  settings.endpoint = static_cast<control_plane::EndpointKind>(variant / 2 % 3);
  settings.provisioner = variant / 6 == 0 ? Provisioner::none : Provisioner::asg;
  settings.stacked = variant % 4 < 2;
  return with_masters(design(variant), settings);
}

/// With network volumes that need the key service.
Topology design_of_everything(std::uint64_t variant) {
  Topology topology = design_with_masters(variant);
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.encrypted = pool.storage.kind == VolumeKind::gp3;
  return topology;
}
/// Those with network volumes.
constexpr std::uint64_t encrypted_designs = 8;

}  // namespace

TEST_CASE("the platform's invariants under every fault of it", "[kubernetes][invariants]") {
  for (std::uint64_t variant = 0; variant < encrypted_designs; ++variant) {
    const Lab lab(design_of_everything(variant));
    for (std::uint64_t run = 0; run < 40; ++run) play(lab, 3'000'000 + run * encrypted_designs + variant, true);
  }
}

TEST_CASE("every fault of the platform over many random schedules", "[kubernetes][invariants][slow]") {
  for (std::uint64_t variant = 0; variant < encrypted_designs; ++variant) {
    const Lab lab(design_of_everything(variant));
    for (std::uint64_t run = 0; run < 800; ++run) play(lab, 4'000'000 + run * encrypted_designs + variant, true);
  }
}

TEST_CASE("the platform's invariants while its control plane fails too", "[kubernetes][invariants][control-plane]") {
  for (std::uint64_t variant = 0; variant < control_planes; ++variant) {
    const Lab lab(design_with_masters(variant));
    for (std::uint64_t run = 0; run < 60; ++run) play(lab, 1'000'000 + run * control_planes + variant);
  }
}

TEST_CASE("the platform's invariants over random schedules of overlapping faults", "[kubernetes][invariants]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(design(variant));
    for (std::uint64_t run = 0; run < 100; ++run) play(lab, run * variants + variant);
  }
}

TEST_CASE("a pod deleted while its predecessor still stops on a machine that was replaced",
          "[kubernetes][invariants]") {
  constexpr std::uint64_t run = 58754;
  play(Lab(design(run % variants)), run);
}

TEST_CASE("a machine lost after its Spot notice, where nothing replaces it", "[kubernetes][invariants]") {
  constexpr std::uint64_t run = 69699;
  play(Lab(design(run % variants)), run);
}

TEST_CASE("the platform's invariants over many random schedules", "[kubernetes][invariants][slow]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(design(variant));
    for (std::uint64_t run = 0; run < 6000; ++run) play(lab, (run + 1000) * variants + variant);
  }
}

TEST_CASE("control planes over many random schedules", "[kubernetes][invariants][slow]") {
  for (std::uint64_t variant = 0; variant < control_planes; ++variant) {
    const Lab lab(design_with_masters(variant));
    for (std::uint64_t run = 0; run < 600; ++run) play(lab, 2'000'000 + run * control_planes + variant);
  }
}

}  // namespace kubernetes_invariants_test
