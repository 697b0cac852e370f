// Indices that say whom an event may concern change nothing: every schedule is played twice, once with them and once
// with walks over all pods and all nodes, and leaves the same trace.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "models/kubernetes/attention.hpp"
#include "models/literal_walks.hpp"
#include "models/platform.hpp"
#include "models/scheduling.hpp"
#include "models/selector.hpp"
#include "sim/marks.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/control_plane_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace kubernetes_attention_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Walks over everybody while it lives.
struct Literally {
  Literally() { literal_walks = true; }
  ~Literally() { literal_walks = false; }
};

WorkloadSpec workload(std::string name, std::int64_t replicas, double cpu, AntiAffinity apart) {
  WorkloadSpec spec;
  spec.name = std::move(name);
  spec.node_group = "plain";
  spec.replicas = replicas;
  spec.cpu = cpu;
  spec.memory = {cpu * 0x1p31};
  spec.placement.anti_affinity = apart;
  return spec;
}

/// Kafka on machines of its own, and plain pods of every sort on a few others that are nearly full.
Topology design(std::uint64_t variant) {
  Topology topology = small_topology();
  if (variant % 3 == 2) topology = with_masters(topology, {});
  NodeGroupSpec& kafka = topology.node_groups[0];
  if (variant % 4 >= 2) kafka.provisioner = Provisioner::asg;
  NodeGroupSpec plain = kafka;
  plain.name = "plain";
  plain.nodes_per_zone = 2 + static_cast<std::int64_t>(variant % 2);
  plain.instance.vcpu = 4;
  plain.instance.memory = {0x1p33};
  plain.provisioner = variant % 5 == 4   ? Provisioner::none
                      : variant % 2 == 0 ? Provisioner::karpenter
                                         : Provisioner::asg;
  topology.node_groups.push_back(plain);
  const std::int64_t machines = 3 * plain.nodes_per_zone;
  WorkloadSpec agent = workload("agent", machines, 0.1, AntiAffinity::host);
  agent.controller = Controller::daemon_set;
  WorkloadSpec ordered = workload("ordered", 3, 0.3, AntiAffinity::preferred);
  ordered.controller = Controller::stateful_set;
  WorkloadSpec spread = workload("spread", 4, 0.7, AntiAffinity::none);
  spread.placement.spread = {{Domain::zone, 1, Unsatisfiable::do_not_schedule}};
  WorkloadSpec first = workload("first", 3, 0.9, AntiAffinity::none);
  first.placement.priority = variant % 2 == 0 ? 100 : 0;
  WorkloadSpec zoned = workload("zoned", 3, 0.2, AntiAffinity::zone);
  WorkloadSpec many = workload("many", 2 * machines, 0.55, AntiAffinity::preferred);
  many.budget = DisruptionBudget::at_most(2);
  for (const WorkloadSpec& spec : {agent, ordered, spread, first, zoned, many}) topology.workloads.push_back(spec);
  topology.infrastructure.volume_stuck_probability = 0.05;
  return topology;
}

/// Stateless servers behind every sort of front end, on machines that are nearly full.
Topology http_design(std::uint64_t variant) {
  HttpSettings settings;
  constexpr http::Frontend frontends[] = {http::Frontend::cluster_ip, http::Frontend::nlb, http::Frontend::alb};
  settings.frontend = frontends[variant % 3];
  settings.target = variant % 2 == 0 ? http::Target::ip : http::Target::instance;
  settings.servers = 11;
  settings.machines_a_zone = 4 + static_cast<std::int64_t>(variant % 3);
  settings.requests_per_s = 700;
  settings.capacity_per_pod = 100;
  settings.tolerance = 0.05;
  settings.retries = static_cast<std::int64_t>(variant % 2);
  settings.retries_add_load = variant % 4 >= 2;
  settings.queue_per_pod = settings.retries_add_load && variant % 3 != 0 ? 300 : 0;
  settings.provisioner = variant % 5 == 4   ? Provisioner::none
                         : variant % 5 == 3 ? Provisioner::asg
                                            : settings.provisioner;
  constexpr AntiAffinity apart[] = {AntiAffinity::host, AntiAffinity::preferred, AntiAffinity::none};
  settings.anti_affinity = apart[variant / 2 % 3];
  Topology topology = http_topology(settings);
  ServiceSpec& web = topology.services.front();
  web.budget = DisruptionBudget::at_most(4);
  web.pools.front().cpu = 2.5;
  if (variant % 4 == 3) web.pools.front().placement.spread = {{Domain::zone, 1, Unsatisfiable::do_not_schedule}};
  // Others in the same pool of machines, so that loads differ and some have to go.
  WorkloadSpec first = workload("first", 3, 1, AntiAffinity::preferred);
  first.node_group = topology.node_groups.front().name;
  first.placement.priority = variant % 2 == 0 ? 100 : 0;
  topology.workloads.push_back(first);
  return topology;
}

/// Many at once, or one after the other.
std::vector<Action> random_http_script(const Plan& plan, Dice& dice) {
  const auto one_of = [&](const auto& table) {
    return std::string(plan.name((table.begin() + static_cast<std::ptrdiff_t>(dice.below(table.size())))->component));
  };
  const ServicePlan& web = plan.services[ServiceId::of(0)];
  const auto server = [&] {
    return std::string(plan.name(plan.processes[web.members[dice.below(web.members.size())]].component));
  };
  std::vector<Action> script;
  Duration at;
  const std::size_t steps = 2 + dice.below(6);
  for (std::size_t i = 0; i < steps; ++i) {
    const Duration length = Duration::seconds(static_cast<std::int64_t>(1 + dice.below(900)));
    switch (dice.below(15)) {
      case 0: script.push_back(action(at, Verb::process_kill, server())); break;
      case 1: script.push_back(action(at, Verb::process_pause, server(), length)); break;
      case 2: script.push_back(action(at, Verb::process_terminate, server())); break;
      case 3: script.push_back(action(at, Verb::node_crash, one_of(plan.nodes), length)); break;
      case 4: script.push_back(action(at, Verb::node_loss, one_of(plan.nodes))); break;
      case 5: script.push_back(action(at, Verb::zone_power_loss, one_of(plan.zones), length)); break;
      case 6: script.push_back(action(at, Verb::zone_isolation, one_of(plan.zones), length)); break;
      case 7: script.push_back(action(at, Verb::partition, one_of(plan.nodes), length, one_of(plan.nodes))); break;
      case 8: script.push_back(action(at, Verb::drain, one_of(plan.nodes))); break;
      case 9: script.push_back(action(at, Verb::node_not_ready, one_of(plan.nodes), length)); break;
      case 10: script.push_back(action(at, Verb::bad_rollout, "web")); break;
      case 11: script.push_back(action(at, Verb::network_policy, "web", length)); break;
      case 12: script.push_back(action(at, Verb::node_reboot, one_of(plan.nodes), length)); break;
      case 13: script.push_back(action(at, Verb::wrong_command, "web")); break;
      default: script.push_back(action(at, Verb::rolling_restart, "web")); break;
    }
    if (script.back().target == script.back().from) script.pop_back();
    at += Duration::seconds(static_cast<std::int64_t>(dice.below(dice.below(2) == 0 ? 20 : 400)));
  }
  return script;
}

std::vector<Action> random_script(const Plan& plan, Dice& dice) {
  const auto one_of = [&](const auto& table) {
    return std::string(plan.name((table.begin() + static_cast<std::ptrdiff_t>(dice.below(table.size())))->component));
  };
  std::vector<Action> script;
  Duration at;
  const std::size_t steps = 2 + dice.below(6);
  for (std::size_t i = 0; i < steps; ++i) {
    const Duration length = Duration::seconds(static_cast<std::int64_t>(1 + dice.below(1500)));
    switch (dice.below(14)) {
      case 0: script.push_back(action(at, Verb::process_kill, "kafka/broker-1")); break;
      case 1: script.push_back(action(at, Verb::node_crash, one_of(plan.nodes), length)); break;
      case 2: script.push_back(action(at, Verb::node_reboot, one_of(plan.nodes), length)); break;
      case 3:
      case 4: script.push_back(action(at, Verb::node_loss, one_of(plan.nodes))); break;
      case 5: script.push_back(action(at, Verb::zone_power_loss, one_of(plan.zones), length)); break;
      case 6: script.push_back(action(at, Verb::zone_isolation, one_of(plan.zones), length)); break;
      case 7: script.push_back(action(at, Verb::volume_loss, one_of(plan.volumes))); break;
      case 8: script.push_back(action(at, Verb::rolling_restart, "kafka")); break;
      case 9:
      case 10: script.push_back(action(at, Verb::drain, one_of(plan.nodes))); break;
      case 11: script.push_back(action(at, Verb::node_not_ready, one_of(plan.nodes), length)); break;
      case 12: script.push_back(action(at, Verb::partition, one_of(plan.nodes), length, one_of(plan.nodes))); break;
      default: script.push_back(action(at, Verb::wrong_command, "kafka")); break;
    }
    if (script.back().target == script.back().from) script.pop_back();
    at += Duration::seconds(static_cast<std::int64_t>(dice.below(dice.below(2) == 0 ? 20 : 400)));
  }
  return script;
}

auto record(const sim::TraceRecord& of) {
  return std::tuple(of.at, of.parent, of.kind, of.component, of.detail, of.set_by);
}

using Script = std::vector<Action>(const Plan&, Dice&);

void compare(const Lab& lab, std::uint64_t run, Script* random) {
  Dice dice(run);
  const std::vector<Action> script = random(lab.plan(), dice);
  const World indexed = lab.play(script, run, 24_h * 10);
  const World literal = [&] {
    const Literally scope;
    return lab.play(script, run, 24_h * 10);
  }();
  INFO("run " << run);
  const auto& some = indexed.trace.records();
  const auto& all = literal.trace.records();
  const auto [a, b] = std::mismatch(some.begin(), some.end(), all.begin(), all.end(),
                                    [](const auto& x, const auto& y) { return record(x) == record(y); });
  if (a != some.end() || b != all.end()) {
    const auto text = [&](auto at, auto end) {
      return at == end ? std::string("nothing")
                       : std::string(event_info(at->kind).name) + " of " + std::string(lab.plan().name(at->component));
    };
    FAIL("record " << (a - some.begin()) << ": " << text(a, some.end()) << " with indices, " << text(b, all.end())
                   << " without");
  }
  REQUIRE(indexed.events == literal.events);
}

constexpr std::uint64_t variants = 30;

}  // namespace

TEST_CASE("looks at whom an event concerns find what walks over everybody find", "[kubernetes][attention]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(design(variant));
    for (std::uint64_t run = 0; run < 8; ++run) compare(lab, run * variants + variant, random_script);
  }
}

TEST_CASE("looks at whom an event concerns over many schedules", "[kubernetes][attention][slow]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(design(variant));
    for (std::uint64_t run = 100; run < 600; ++run) compare(lab, run * variants + variant, random_script);
  }
}

TEST_CASE("an HTTP service that looks at what was touched finds what one finds that looks at all",
          "[http][attention]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(http_design(variant));
    for (std::uint64_t run = 0; run < 8; ++run) compare(lab, run * variants + variant, random_http_script);
  }
}

TEST_CASE("an HTTP service that looks at what was touched, over many schedules", "[http][attention][slow]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Lab lab(http_design(variant));
    for (std::uint64_t run = 100; run < 600; ++run) compare(lab, run * variants + variant, random_http_script);
  }
}

TEST_CASE("incidents one after the other in the same memory are those of fresh worlds", "[kubernetes][attention]") {
  const Lab lab(design(1));
  const World resting = resting_world(lab.plan());
  World world;
  for (std::uint64_t run = 0; run < 20; ++run) {
    for (const bool again : {false, true}) {
      reset_world(world, resting, run);
      World fresh = initial_world(lab.plan(), run);
      for (World* each : {&world, &fresh}) {
        each->kubernetes.nodes.edit(NodeId::of(run % lab.plan().nodes.size()));
        infrastructure::terminate_node(*each, NodeId::of(run % lab.plan().nodes.size()));
        run_until(*each, sim::Time::zero() + 2_h);
      }
      INFO("run " << run << (again ? ", again" : ""));
      CHECK(world.events == fresh.events);
      CHECK(std::equal(world.trace.records().begin(), world.trace.records().end(), fresh.trace.records().begin(),
                       fresh.trace.records().end(),
                       [](const auto& x, const auto& y) { return record(x) == record(y); }));
    }
  }
}

TEST_CASE("the first places are those of a scheduler that looks at each machine and each pod", "[scheduling]") {
  for (std::uint64_t variant = 0; variant < variants; ++variant) {
    const Plan plan = build_plan(design(variant), 1);
    for (const ProcessId pod : plan.processes.ids()) {
      const WorkloadPlan& workload = plan.workload_of(pod);
      const std::uint16_t group = plan.nodes[plan.processes[pod].node].group;
      Scheduling scheduling(plan, pod);
      for (const NodeId node : plan.nodes.ids()) {
        if (plan.nodes[node].group == group && !plan.nodes[node].parked) scheduling.add(Placement{node, 0});
      }
      const bool first_machine = !workload.service.exists() && workload.cpu <= 0 && workload.pods.size() == 1;
      if (first_machine) continue;
      for (ProcessId other = ProcessId::of(0); other < pod; ++other.value)
        scheduling.count(other, {plan.processes[other].node, 0});
      INFO("variant " << variant << ", " << plan.name(plan.processes[pod].component));
      REQUIRE(scheduling.choose().place == std::optional(Placement{plan.processes[pod].node, 0}));
    }
  }
}

TEST_CASE("marks are a set that is gone through in order", "[sim]") {
  Dice dice(7);
  for (int round = 0; round < 200; ++round) {
    const std::size_t size = 1 + dice.below(round % 2 == 0 ? 100 : 20'000);
    sim::Marks marks;
    marks.assign(size);
    std::set<std::size_t> literal;
    for (int step = 0; step < 300; ++step) {
      const std::size_t number = dice.below(size);
      switch (dice.below(4)) {
        case 0:
          marks.erase(number);
          literal.erase(number);
          break;
        case 1: {
          const auto next = literal.lower_bound(number);
          REQUIRE(marks.next(number) == (next == literal.end() ? sim::Marks::none : *next));
          break;
        }
        default: marks.insert(number); literal.insert(number);
      }
      REQUIRE(marks.contains(number) == literal.contains(number));
      REQUIRE(marks.size() == literal.size());
    }
    std::vector<std::size_t> found;
    marks.each([&](std::size_t at) { found.push_back(at); });
    REQUIRE(std::equal(found.begin(), found.end(), literal.begin(), literal.end()));
    marks.clear();
    REQUIRE(marks.empty());
    REQUIRE(marks.next(0) == sim::Marks::none);
  }
}

namespace {

/// Plain pods on many machines: ten each.
Topology plain_cluster(std::int64_t nodes_per_zone) {
  Topology topology = small_topology();
  NodeGroupSpec plain = topology.node_groups[0];
  plain.name = "plain";
  plain.nodes_per_zone = nodes_per_zone;
  topology.node_groups.push_back(plain);
  constexpr std::int64_t replicas = 30;
  for (std::int64_t i = 0; i < nodes_per_zone; ++i)
    topology.workloads.push_back(workload("app-" + std::to_string(i), replicas, 0.2, AntiAffinity::preferred));
  return topology;
}

std::uint64_t looks_of(const Lab& lab, Verb verb) {
  World world = lab.prepare({action(0_s, verb, "plain-us-west-2b-1")}, 3);
  const std::uint64_t before = looks_taken;
  run_until(world, origin + 24_h);
  CHECK(kubernetes::healthy(world));
  return looks_taken - before;
}

}  // namespace

TEST_CASE("what happens to one machine costs looks at what is on it, however many others there are",
          "[kubernetes][attention][work]") {
  const Lab few(plain_cluster(4));
  const Lab many(plain_cluster(64));
  for (const Verb verb : {Verb::node_loss, Verb::node_crash, Verb::drain}) {
    const std::uint64_t in_few = looks_of(few, verb);
    const std::uint64_t in_many = looks_of(many, verb);
    INFO(verb_info(verb).name << ": " << in_few << " looks and " << in_many);
    CHECK(in_few > 0);
    CHECK(in_many < 2 * in_few);
  }
}

}  // namespace kubernetes_attention_test
