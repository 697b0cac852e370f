// CPU credits of burstable machines. Source: AWS EC2 user guide, burstable performance instances.
#include "models/infrastructure/credits.hpp"

#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "models/economics/cost.hpp"
#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/mutation.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"
#include "tests/places.hpp"

namespace credits_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Three servers, each on a machine of its own with two processors and a baseline of 20 %, as a t3.medium has: 0.4
/// processors, and 576 credits of a minute in a full account. A server uses one processor at its capacity of 200.
Topology on_t3(double requests_per_s, bool unlimited = false) {
  HttpSettings settings;
  settings.machines_a_zone = 1;
  settings.requests_per_s = requests_per_s;
  settings.capacity_per_pod = 200;
  Topology topology = http_topology(settings);
  topology.services[0].own.as<http::Spec>().cpu_at_capacity = 1;
  NodeGroupSpec& group = topology.node_groups[0];
  group.instance.vcpu = 2;
  group.instance.cpu_baseline = 0.2;
  group.unlimited_credits = unlimited;
  return topology;
}
constexpr double base = 0.4;
constexpr double full_s = 576 * 60;

Action load(Duration at, double factor, Duration length) {
  Action change = action(at, Verb::load_change, "web", length);
  change.factor = factor;
  return change;
}

}  // namespace

TEST_CASE("credits: a day of the baseline is a full account", "[credits][oracle]") {
  const Plan plan = build_plan(on_t3(210), 1);
  CHECK(infrastructure::baseline(plan, NodeId::of(0)) == Approx(base));
  CHECK(infrastructure::full_account(plan, NodeId::of(0)) == Approx(full_s));
}

TEST_CASE("credits: an account is empty after full / (use - baseline), and then the baseline is left",
          "[credits][oracle]") {
  // 210 requests a second are 0.35 processors each; twice as many 0.7.
  const Lab lab(on_t3(210));
  const World world = lab.play({load(0_s, 2, 48_h)}, 1, 72_h);
  const double empty = full_s / (0.7 - base);
  CHECK(*first(world, "infra.credits_spent") == Approx(empty).margin(1e-3));
  CHECK(count(world, "infra.credits_spent") == 3);
  // All three are held to 0.4 of the 0.7 processors from then on, until the load goes.
  const auto out = outages(world, "capacity");
  REQUIRE(out.size() == 1);
  CHECK(out[0].first == Approx(empty).margin(1e-3));
  CHECK(out[0].second == Approx(48 * 3600 - empty).margin(1e-3));
}

TEST_CASE("credits: a load that holds retries meets the same end of an account", "[credits][http][overload][oracle]") {
  // Without retries and queue the two ways to count say the same.
  Topology followed = on_t3(210);
  followed.services[0].own.as<http::Spec>().load_client = "app";
  const Lab lab(followed);
  const World world = lab.play({load(0_s, 2, 48_h)}, 1, 72_h);
  const double empty = full_s / (0.7 - base);
  for (const char* sli : {"capacity", "request"}) {
    const auto out = outages(world, sli);
    REQUIRE(out.size() == 1);
    CHECK(out[0].first == Approx(empty).margin(1e-3));
    CHECK(out[0].second == Approx(48 * 3600 - empty).margin(1e-3));
  }
}

TEST_CASE("credits: less than the baseline fills the account again", "[credits][oracle]") {
  // Six hours at 0.7 take 6480 s of it; six at 0.35 give 1080 back.
  const Lab lab(on_t3(210));
  const World world = lab.play({load(0_s, 2, 6_h), load(12_h, 2, 96_h)}, 1, 120_h);
  const double left = full_s - 6 * 3600 * 0.3 + 6 * 3600 * 0.05;
  CHECK(*first(world, "infra.credits_spent") == Approx(12 * 3600 + left / 0.3).margin(1e-3));
}

TEST_CASE("credits: a new machine has none", "[credits][oracle]") {
  // Two thirds of the load each while one is away, and the newcomer wants more than its baseline at once.
  const Lab lab(on_t3(210));
  const std::string machine(lab.plan().name(lab.plan().nodes[NodeId::of(0)].component));
  const World world = lab.play({load(0_s, 1.5, 6_h), action(60_s, Verb::node_loss, machine)}, 1, 3_h);
  CHECK(*first(world, "infra.credits_spent") < 600);  // what it earned until its server ran
  CHECK(downtime(world, "capacity") > 3600);
  // With unlimited credit nothing is missing.
  const Lab unlimited(on_t3(210, true));
  const World lent = unlimited.play({load(0_s, 1.5, 6_h), action(60_s, Verb::node_loss, machine)}, 1, 3_h);
  CHECK(downtime(lent, "capacity") == 0);
}

TEST_CASE("credits: what standard mode would use up in health is refused, and unlimited mode bills it",
          "[credits][oracle]") {
  const Plan standard = build_plan(on_t3(270), 1);  // 0.45 each
  REQUIRE(infrastructure::over_baseline(standard));
  CHECK_THAT(*infrastructure::over_baseline(standard), Catch::Contains("0.45") && Catch::Contains("0.40"));
  CHECK_FALSE(infrastructure::over_baseline(build_plan(on_t3(240), 1)));
  const Plan unlimited = build_plan(on_t3(270, true), 1);
  const economics::Bill bill = economics::monthly_bill(unlimited, 0);
  const auto line = std::ranges::find_if(
      bill.items, [](const economics::Item& item) { return item.name.starts_with("CPU credits"); });
  REQUIRE(line != bill.items.end());
  // 3 x 0.05 processors x 0.05 USD x 730 h are 5.475 USD.
  CHECK((line->cents == 547 || line->cents == 548));
}

TEST_CASE("credits: an account without end is noticed", "[credits][mutations]") {
  active_mutation = Mutation::credit_endless;
  const Lab lab(on_t3(210));
  const World world = lab.play({load(0_s, 2, 48_h)}, 1, 72_h);
  active_mutation = Mutation::none;
  CHECK(outages(world, "capacity").empty());
}

TEST_CASE("credits: unlimited mode bills what is used beyond a day's earnings in advance", "[credits][meter][oracle]") {
  Topology topology = on_t3(210, true);
  topology.prices.cpu_credit_hour = {0.05};
  const Lab lab(topology);
  // 0.7 processors each of 0.4: what has been earned and as much again in advance last 64 h, then 0.3 are billed.
  const World world = lab.play({load(0_s, 2, 100_h)}, 1, 120_h);
  const double billed = 2 * full_s / (0.7 - base);
  CHECK(billed == Approx(64 * 3600));
  CHECK(*first(world, "infra.credits_billed") == Approx(billed).margin(1e-3));
  CHECK(count(world, "infra.credits_billed") == 3);
  CHECK(infrastructure::metered_usd(world) == Approx(3 * 0.3 * 0.05 * (100 - 64)));
  CHECK(outages(world, "capacity").empty());
}

TEST_CASE("credits: what is used in advance is billed when its machine ends", "[credits][meter][oracle]") {
  Topology topology = on_t3(210, true);
  topology.prices.cpu_credit_hour = {0.05};
  topology.node_groups[0].instance.on_demand_hour = {0};
  const Lab lab(topology);
  const std::string machine(lab.plan().name(lab.plan().nodes[NodeId::of(0)].component));
  // 0.3 processors for 47 h, of which 9.6 processor-hours had been earned; it earns a little more until it is replaced.
  const World world = lab.play({load(0_s, 2, 48_h), action(47_h, Verb::node_loss, machine)}, 1, 60_h);
  CHECK(infrastructure::metered_usd(world) == Approx((0.3 * 47 - 9.6) * 0.05).margin(0.01));
}

TEST_CASE("credits: what is billed in health is not billed again in an incident", "[credits][meter][oracle]") {
  Topology topology = on_t3(270, true);  // 0.45 processors each, 0.05 above the baseline
  topology.prices.cpu_credit_hour = {0.05};
  const Lab lab(topology);
  CHECK(infrastructure::metered_usd(lab.play({load(2_h, 1, 1_h)}, 1, 10_h)) == Approx(0).margin(1e-12));
  const World world = lab.play({load(0_s, 2, 1_h)}, 1, 10_h);
  CHECK(infrastructure::metered_usd(world) == Approx(3 * 0.45 * 0.05));
}

// ---- machines beyond those in health ----

TEST_CASE("meter: a replacement that is launched first costs from its launch until the old machine goes",
          "[meter][oracle]") {
  Topology topology = on_t3(210, true);
  topology.infrastructure.node_provision_karpenter = Law::constant(90_s);
  topology.kubernetes.karpenter_batch = Law::constant(1_s);
  const Lab lab(topology);
  const std::string machine(lab.plan().name(lab.plan().nodes[NodeId::of(0)].component));
  World world = lab.prepare({action(0_s, Verb::drain, machine, Variant::launch_first)}, 1);
  double most = 0;
  const sim::Time end = world.now + 1_h;
  while (step(world, end)) most = std::max(most, world.infrastructure.meter.usd_per_h);
  const double hour = lab.plan().capacity_pools[lab.plan().nodes[NodeId::of(0)].offerings.front()].hour.usd;
  REQUIRE(hour > 0);
  CHECK(most == Approx(hour));
  CHECK(world.infrastructure.meter.usd_per_h == Approx(0).margin(1e-12));
  const double launched = *first(world, "k8s.node_launched");
  const double over = *first(world, "k8s.pod_started", "web/server-0");
  CHECK(infrastructure::metered_usd(world) > hour * 90 / 3600);
  CHECK(infrastructure::metered_usd(world) < hour * (over - launched + 120) / 3600);
  CHECK(healthy(world));
}

TEST_CASE("meter: a machine that is missing costs nothing", "[meter][oracle]") {
  Topology topology = on_t3(210, true);
  topology.infrastructure.node_provision_karpenter = Law::constant(90_s);
  topology.kubernetes.karpenter_batch = Law::constant(1_s);
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::wrong_command, "web", Variant::machine)}, 1);
  pass(world, 2_h);
  CHECK(infrastructure::metered_usd(world) < 0);
  CHECK(world.infrastructure.meter.usd_per_h == Approx(0).margin(1e-12));
}

}  // namespace credits_test
