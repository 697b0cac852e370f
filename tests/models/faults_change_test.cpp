// Changes and human errors: what each verb does, who ends it, and when all is well again.
#include <map>
#include <set>

#include "models/components/events.hpp"
#include "models/faults/category.hpp"
#include "models/faults/clocks.hpp"
#include "models/faults/events.hpp"
#include "models/faults/sources.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace faults_change_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// The small topology with people whose times are known: a change is mended 10 min after it shows.
Topology punctual() {
  Topology topology = small_topology();
  people::Parameters& p = topology.people;
  p.notice = Law::constant(1_min);
  p.engage = Law::constant(2_min);
  p.identify_change = Law::constant(3_min);
  p.repair_rollback = p.repair_upgrade = p.repair_certificate = Law::constant(4_min);
  p.notice_command = Law::constant(30_s);
  p.repair_command = Law::constant(90_s);
  topology.changes.broken_start = Law::constant(4_s);
  topology.changes.certificate_reconnect = Law::constant(5_min);
  for (kafka::SliSpec& sli : kafka_spec(topology).slis) sli.deadline = 0_s;
  return topology;
}

bool well(const World& world) {
  return services::healthy(world) && kubernetes::healthy(world) && people::healthy(world) && faults::healthy(world);
}

/// Components that records named `event` are about.
std::set<std::string> subjects(const World& world, std::string_view event) {
  std::set<std::string> names;
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (event_info(record.kind).name == event) names.insert(std::string(world.plan->name(record.component)));
  }
  return names;
}

std::size_t defective(const World& world) {
  std::size_t count = 0;
  for (const kubernetes::PodState& pod : world.kubernetes.pods) count += pod.defect != Defect::none ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a broken rollout that does not come up stops at its first pod and is rolled back", "[faults][change]") {
  const Lab lab(punctual());
  World world = lab.play({action(0_s, Verb::bad_rollout, "kafka", Variant::stops)}, 1, 9_min);
  CHECK(subjects(world, "k8s.broken_container_exited").size() == 1);
  CHECK(subjects(world, "k8s.pod_rolled").size() == 1);
  CHECK(count(world, "k8s.broken_container_exited") >= 4);  // back-off 0, 10, 20, 40, ... s
  CHECK(count(world, "kafka.fenced") == 0);                 // controllers are rolled first
  CHECK(defective(world) == 1);
  CHECK_FALSE(faults::healthy(world));
  CHECK_FALSE(people::healthy(world));

  const double shown = first(world, "k8s.broken_container_exited").value_or(-1);
  run_until(world, origin + 30_min);
  CHECK(first(world, "people.rolled_back").value_or(-1) == Approx(shown + 600));
  CHECK(count(world, "k8s.pod_rolled") == 2);  // there and back
  CHECK(defective(world) == 0);
  CHECK(downtime(world, "write") == 0);
  CHECK(well(world));
}

TEST_CASE("a crash-looping pod keeps the good ending of its last life", "[faults][change]") {
  const Lab lab(punctual());
  World world = lab.play({action(0_s, Verb::bad_rollout, "kafka", Variant::stops)}, 1, 9_min);
  for (const ProcessId process : lab.plan().processes.ids()) {
    if (world.kubernetes.pods[process].defect == Defect::none) continue;
    CHECK(world.processes[process].ending == Ending::clean);
  }
}

TEST_CASE("a broken rollout that probes pass goes through all pods and turns clients away", "[faults][change]") {
  const Lab lab(punctual());
  World world = lab.play({action(0_s, Verb::bad_rollout, "kafka", Variant::passes)}, 1, 9_min);
  CHECK(defective(world) == 6);
  CHECK(count(world, "k8s.roll_finished") == 1);
  // Servers among themselves are well; only clients are not.
  CHECK(kafka_state(world).active != kafka::nobody);
  for (const kafka::BrokerState& broker : kafka_state(world).brokers) CHECK_FALSE(broker.fenced);
  for (const std::string sli : {"write", "write-acks1", "read", "visible"}) CHECK(downtime(world, sli) > 60);
  for (const ProcessId broker : kafka_plan(lab.plan()).brokers) {
    CHECK(services::ready(world, broker));
    CHECK(contact(world, kafka_plan(lab.plan()).clients[ClientId::of(0)].place, broker) == Contact::reset);
    CHECK(contact(world, kafka_plan(lab.plan()).brokers[0], broker) == Contact::ok);
  }
  run_until(world, origin + 40_min);
  CHECK(count(world, "k8s.pod_rolled") == 12);
  CHECK(well(world));
  CHECK(downtime(world, "write") < 15 * 60);
}

TEST_CASE("a failed upgrade leaves one pod down until a person repairs it, then goes on", "[faults][change]") {
  const Lab lab(punctual());
  std::set<std::string> victims;
  for (std::uint64_t run = 0; run < 40; ++run) {
    World world = lab.play({action(0_s, Verb::failed_upgrade, "kafka")}, run, 2_h);
    const std::set<std::string> failed = subjects(world, "k8s.broken_container_exited");
    REQUIRE(failed.size() == 1);
    CHECK(subjects(world, "people.upgrade_repaired") == failed);
    const double shown = first(world, "k8s.broken_container_exited").value_or(-1);
    CHECK(first(world, "people.upgrade_repaired").value_or(-1) == Approx(shown + 600));
    CHECK(count(world, "k8s.pod_rolled") == 6);
    CHECK(first(world, "k8s.roll_finished").value_or(-1) > shown + 600);
    CHECK(well(world));
    victims.insert(*failed.begin());
  }
  CHECK(victims.size() == 6);
}

TEST_CASE("a pod that is replaced during a change gets the broken revision", "[faults][change]") {
  const Lab lab(punctual());
  const std::vector<Action> script = {action(0_s, Verb::bad_rollout, "kafka", Variant::stops),
                                      action(2_min, Verb::delete_pod, "kafka/broker-1")};
  World world = lab.play(script, 1, 9_min);
  CHECK(defective(world) == 2);
  CHECK(subjects(world, "k8s.broken_container_exited").contains("kafka/broker-1"));
  CHECK(world.people.jobs.size() == 1);  // one change, one alarm
  run_until(world, origin + 1_h);
  CHECK(well(world));
}

TEST_CASE("pods that all crash-loop are rolled back without availability checks", "[faults][change]") {
  Topology topology = punctual();
  const bool dual_role = GENERATE(false, true);  // then no pod gets ready before a majority runs
  if (dual_role) topology.services[0].pools.resize(1);
  if (dual_role) topology.services[0].pools[0].roles |= kafka::role_bit(kafka::Role::controller);
  const Lab lab(topology);
  std::vector<Action> script = {action(0_s, Verb::bad_rollout, "kafka", Variant::stops)};
  for (const ProcessId pod : members(lab.plan())) {
    const std::string name(lab.plan().name(lab.plan().processes[pod].component));
    script.push_back(action(2_min, Verb::delete_pod, name));
  }
  World world = lab.play(script, 1, 9_min);
  CHECK(defective(world) == members(lab.plan()).size());
  run_until(world, origin + 2_h);
  CHECK(well(world));
}

TEST_CASE("nobody begins a change while another is being mended", "[faults][change]") {
  const Lab lab(punctual());
  World world = lab.prepare({}, 1);
  CHECK(act(world, Verb::bad_rollout, "kafka") == 1);
  CHECK(act(world, Verb::bad_rollout, "kafka") == 0);
  CHECK(act(world, Verb::failed_upgrade, "kafka") == 0);
  CHECK(act(world, Verb::expired_certificate, "kafka") == 1);
  CHECK(act(world, Verb::expired_certificate, "kafka") == 0);
  pass(world, 6_h);
  CHECK(well(world));
  CHECK(act(world, Verb::failed_upgrade, "kafka") == 1);
}

TEST_CASE("a change that nobody can mend lasts", "[faults][change]") {
  Topology topology = punctual();
  topology.people.on_call = 0;
  const Lab lab(topology);
  for (const Action& step :
       {action(0_s, Verb::bad_rollout, "kafka", Variant::passes),
        action(0_s, Verb::wrong_command, "kafka", Variant::service), action(0_s, Verb::expired_certificate, "kafka")}) {
    const World world = lab.play({step}, 1, 24_h);
    CHECK_FALSE(well(world));
    CHECK(downtime(world, "write") > 23 * 3600);
  }
}

TEST_CASE("wrong commands: a pod, the service, a machine", "[faults][change]") {
  const Lab lab(punctual());
  SECTION("one pod comes back by itself") {
    const World world = lab.play({action(0_s, Verb::wrong_command, "kafka", Variant::pod)}, 1, 30_min);
    CHECK(count(world, "k8s.pod_created") == 1);
    CHECK(count(world, "people.command_noticed") == 0);
    CHECK(well(world));
  }
  SECTION("a service scaled to zero is scaled up by who did it, with its data") {
    World world = lab.play({action(0_s, Verb::wrong_command, "kafka", Variant::service)}, 1, 110_s);
    for (const ProcessId process : members(lab.plan())) {
      CHECK(world.processes[process].status == ProcessState::Status::absent);
    }
    CHECK(count(world, "k8s.pod_created") == 0);
    run_until(world, origin + 1_h);
    CHECK(first(world, "people.command_noticed").value_or(-1) == Approx(30));
    CHECK(first(world, "people.command_undone").value_or(-1) == Approx(120));
    CHECK(count(world, "k8s.pod_created") == 6);
    CHECK(downtime(world, "write") > 90);
    // Volumes are intact; what acks=1 acknowledged before a follower had it may be cut off.
    for (const measurement::Loss& loss : world.measurement.losses) CHECK(loss.records_all < 1e-3);
    CHECK(well(world));
  }
  SECTION("a terminated machine is replaced by its provisioner") {
    const World world = lab.play({action(0_s, Verb::wrong_command, "kafka", Variant::machine)}, 1, 1_h);
    CHECK(count(world, "k8s.node_provisioned") == 1);
    CHECK(world.people.alarms_so_far == 0);
    CHECK(well(world));
  }
}

TEST_CASE("the forms of a fault come in the profile's shares", "[faults][change]") {
  const Lab lab(punctual());
  std::size_t pods = 0, services = 0, machines = 0, passes = 0;
  constexpr std::uint64_t runs = 4000;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = lab.prepare({}, run);
    REQUIRE(act(world, Verb::wrong_command, "kafka") == 1);
    if (world.faults.services[0].scaled_to_zero) {
      ++services;
    } else {
      bool machine_gone = false;
      for (const NodeId node : lab.plan().nodes.ids())
        machine_gone |= !lab.plan().vacant(node) && !infrastructure::node_up(world, node);
      ++(machine_gone ? machines : pods);
    }
    REQUIRE(act(world, Verb::bad_rollout, "kafka") == 1);
    passes += world.kubernetes.revisions[WorkloadId::of(0)].defect == Defect::serves_errors ? 1 : 0;
  }
  // Within 4.5 standard errors.
  const auto near = [](std::size_t count, double share) {
    const double error = std::sqrt(share * (1 - share) / static_cast<double>(runs));
    return std::abs(static_cast<double>(count) / static_cast<double>(runs) - share) < 4.5 * error;
  };
  CHECK(near(pods, 0.6));
  CHECK(near(services, 0.15));
  CHECK(near(machines, 0.25));
  CHECK(near(passes, 0.2));
}

TEST_CASE("an expired certificate stops new connections only, until it is renewed", "[faults][change]") {
  const Lab lab(punctual());
  const ProcessId one = process_named(lab.plan(), "kafka/broker-1"), two = process_named(lab.plan(), "kafka/broker-2");
  World world = lab.play({action(0_s, Verb::expired_certificate, "kafka")}, 1, 60_s);
  CHECK(contact(world, one, two) == Contact::ok);
  CHECK(downtime(world, "write") == 0);
  CHECK_FALSE(faults::healthy(world));

  SECTION("clients go on until they have to connect anew") {
    run_until(world, origin + 1_h);
    const auto out = outages(world, "write");
    REQUIRE(out.size() == 1);
    CHECK(out[0].first == Approx(300));
    CHECK(out[0].second == Approx(300).margin(1.5));  // renewed after 10 min, then the clients' back-off
    CHECK(well(world));
  }
  SECTION("a process that restarts meanwhile reaches nobody and is reached by nobody") {
    CHECK(act(world, Verb::process_kill, "kafka/broker-1") == 1);
    pass(world, 20_s);
    CHECK(contact(world, one, two) == Contact::reset);
    CHECK(contact(world, two, one) == Contact::reset);
    CHECK(contact(world, two, process_named(lab.plan(), "kafka/controller-3")) == Contact::ok);
    pass(world, 40_s);
    CHECK(kafka_state(world).brokers[1].fenced);
    run_until(world, origin + 599_s);
    CHECK(kafka_state(world).brokers[1].fenced);
    run_until(world, origin + 30_min);
    CHECK(contact(world, one, two) == Contact::ok);
    CHECK(well(world));
  }
}

TEST_CASE("rates of changes are attempts times the share that fails, zero switches a fault off", "[faults][change]") {
  Topology topology = punctual();
  const auto rate_of = [](const Plan& plan, Verb verb) {
    double rate = 0;
    for (const FaultSource& source : faults::enumerate_faults(plan)) {
      if (source.verb == verb) rate += source.rate.per_year();
    }
    return rate;
  };
  const Plan plan = build_plan(topology, 1);
  CHECK(rate_of(plan, Verb::bad_rollout) == Approx(0.03));
  CHECK(rate_of(plan, Verb::failed_upgrade) == Approx(0.04));
  CHECK(rate_of(plan, Verb::wrong_command) == Approx(0.01));
  CHECK(rate_of(plan, Verb::expired_certificate) == Approx(0.005));
  without_changes(topology);
  const Plan none = build_plan(topology, 1);
  for (const FaultSource& source : none.faults) {
    CHECK(verb_info(source.verb).category != Category::change);
    CHECK(verb_info(source.verb).category != Category::human);
  }
}

TEST_CASE("each form of a fault is a source of its own with its share of the rate, and draws no form",
          "[faults][change]") {
  Topology topology = punctual();
  const Plan plan = build_plan(topology, 1);
  std::map<Variant, double> rates;
  std::set<std::pair<std::uint16_t, Purpose>> apart;
  for (const FaultSource& source : plan.faults) {
    if (source.verb != Verb::bad_rollout && source.verb != Verb::wrong_command) continue;
    CHECK(rates.emplace(source.variant, source.rate.per_year()).second);
    CHECK(apart.emplace(source.fault_class, source.age).second);
    World world = initial_world(plan, 1);
    const sim::Undoable<std::uint32_t> before = world.draws;
    REQUIRE(faults::strike(world, source));
    for (const Purpose form : {Purpose::rollout_outcome, Purpose::command_outcome}) {
      const std::size_t stream = plan.stream(source.target, form);
      CHECK(world.draws[stream] == before[stream]);
    }
    if (source.verb == Verb::bad_rollout) {
      const bool passes = world.kubernetes.revisions[WorkloadId::of(0)].defect == Defect::serves_errors;
      CHECK(passes == (source.variant == Variant::passes));
    } else {
      CHECK(world.faults.services[0].scaled_to_zero == (source.variant == Variant::service));
    }
  }
  CHECK(rates.at(Variant::stops) == Approx(0.03 * 0.8));
  CHECK(rates.at(Variant::passes) == Approx(0.03 * 0.2));
  CHECK(rates.at(Variant::pod) == Approx(0.01 * 0.6));
  CHECK(rates.at(Variant::service) == Approx(0.01 * 0.4 * 0.375));
  CHECK(rates.at(Variant::machine) == Approx(0.01 * 0.4 * 0.625));
}

TEST_CASE("every fault has a category, by its verb and by its event", "[faults][change]") {
  using faults::category_of;
  CHECK(category_of(kind_of<faults::NodeCrashed>) == Category::component);
  CHECK(category_of(kind_of<faults::RollingRestartStarted>) == Category::planned);
  CHECK(category_of(kind_of<faults::DrainStarted>) == Category::planned);
  CHECK(category_of(kind_of<faults::BadRolloutStarted>) == Category::change);
  CHECK(category_of(kind_of<faults::UpgradeFails>) == Category::change);
  CHECK(category_of(kind_of<faults::WrongCommandGiven>) == Category::human);
  CHECK(category_of(kind_of<faults::CertificateExpired>) == Category::human);
  CHECK(category_of(kind_of<faults::PodDeletedByForce>) == Category::human);
  CHECK(category_of(kind_of<components::UnitFailed>) == Category::component);
  // Planned sources and planned verbs are the same.
  Topology topology = small_topology();
  topology.operations = {{"rolling-restart", "kafka", Rate::per_year(12)}};
  for (const FaultSource& source : build_plan(topology, 1).faults) {
    CHECK(source.planned == (verb_info(source.verb).category == Category::planned));
  }
}

}  // namespace faults_change_test
