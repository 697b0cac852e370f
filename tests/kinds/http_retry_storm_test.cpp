// Retries that add load, in a cluster: what begins a storm, what keeps it up, who ends it.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/health.hpp"
#include "models/http/client.hpp"
#include "models/http/load.hpp"
#include "models/process.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/lab.hpp"

namespace http_retry_storm_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Three servers of 100 requests per second each, long queues, time-outs of 1 s, nobody on call.
HttpSettings storm(std::int64_t retries, double requests_per_s) {
  HttpSettings settings;
  settings.requests_per_s = requests_per_s;
  settings.capacity_per_pod = 100;
  settings.queue_per_pod = 1e6;
  settings.retries = retries;
  settings.retries_add_load = true;
  settings.tolerance = 0.01;
  return settings;
}

Topology alone(const HttpSettings& settings) {
  Topology topology = http_topology(settings);
  topology.people.on_call = 0;
  topology.infrastructure.rtt_inter_zone = Duration();
  return topology;
}

Action surge(double factor, Duration length, Duration at = 0_s) {
  Action action = testing::action(at, Verb::load_change, "web", length);
  action.factor = factor;
  return action;
}

}  // namespace

TEST_CASE("retry storm: a surge of a minute outlasts itself by what retries leave of the capacity",
          "[http][overload][oracle]") {
  // 300 + 200 requests per second for 60 s; without retries 100 of 300 are left to drain 12,000 but for the last
  // second's.
  const Lab plain(alone(storm(0, 200)));
  const World calm = plain.play({surge(2.5, 60_s)}, 1, 10_min);
  const auto once = outages(calm, "request");
  REQUIRE(once.size() == 1);
  CHECK(once[0].first == Approx(300 / 200.0));
  CHECK(once[0].first + once[0].second == Approx(60 + (12000 - 300) / 100.0));
  CHECK(healthy(calm));
  // With a retry 400 of 300 arrive.
  const Lab lab(alone(storm(1, 200)));
  const World world = lab.play({surge(2.5, 60_s)}, 1, 24_h);
  CHECK(downtime(world, "request") == Approx(24 * 3600 - 1.5));
  CHECK_FALSE(healthy(world));
  CHECK(count(world, "http.overload_over") == 0);
  CHECK(http::attempts_now(http::view(world, ServiceId::of(0))) == Approx(400));
  // Steps of the load are no news.
  CHECK(count(world, "http.load_step") <= 1);
}

TEST_CASE("retry storm: less load, a budget, short queues or a person end it", "[http][overload]") {
  const auto ends = [](Topology topology, std::vector<Action> script) {
    const Lab lab(std::move(topology));
    const World world = lab.play(script, 1, 24_h);
    CHECK(healthy(world));
    const auto found = outages(world, "request");
    REQUIRE(found.size() == 1);
    return found[0].first + found[0].second;
  };
  // 300 of 400 attempts are left away from one hour on: 100 drain what has come together.
  CHECK(ends(alone(storm(1, 200)), {surge(2.5, 60_s), surge(0.5, 12_h, 1_h)}) < 12 * 3600);

  HttpSettings budget = storm(1, 200);
  budget.budget = 0.1;
  // At most 220 attempts: 80 a second drain. From 2.5 s on a tenth comes on top of the surge, and for a second after
  // it.
  const double most = 200 * 60 + 50 * 57.5 + 50;
  CHECK(ends(alone(budget), {surge(2.5, 60_s)}) == Approx(60 + (most - 300) / 80).epsilon(0.01));

  HttpSettings bounded = storm(1, 200);
  bounded.queue_per_pod = 99;
  CHECK(ends(alone(bounded), {surge(2.5, 60_s)}) == Approx(61).margin(1.1));

  Topology helped = alone(storm(1, 200));
  people::Parameters& p = helped.people;
  p.on_call = 1;
  p.notice = Law::constant(2_min);
  p.engage = Law::constant(5_min);
  p.identify = Law::constant(20_min);
  p.repair_load = Law::constant(10_min);
  const Lab lab(helped);
  const World world = lab.play({surge(2.5, 60_s)}, 1, 2_h);
  CHECK(*first(world, "people.traffic_limited") == Approx(37 * 60));
  CHECK(downtime(world, "request") == Approx(37 * 60 - 1.5));
  CHECK(downtime(world, "capacity") == Approx(37 * 60));
  CHECK(healthy(world));
}

TEST_CASE("retry storm: people cannot end a load that servers do not take, and let in what they do",
          "[http][overload]") {
  Topology topology = alone(storm(1, 200));
  people::Parameters& p = topology.people;
  p.on_call = 1;
  p.notice = p.engage = p.identify = p.repair_load = Law::constant(1_min);
  const Lab lab(topology);
  World world = lab.prepare({surge(2.0, 1_h)}, 1);
  run_until(world, origin + 5_min);
  const http::Context c = http::view(world, ServiceId::of(0));
  CHECK(http::attempts_now(c) == Approx(400));
  CHECK(http::failing_now(c, 0) == Approx(0.25));  // 300 of 400, and who is refused is told not to come back
  run_until(world, origin + 2_h);
  CHECK(healthy(world));
  CHECK(downtime(world, "request") == Approx(3600 - 1.5 * 2).margin(3));
}

TEST_CASE("retry storm: with one of three machines dead, retries load the others", "[http][overload][oracle]") {
  // A third of the attempts meets silence until the pod is out of rotation: 1 + 1/3 + 1/9 of the requests, a third of
  // that for each server. 190 x 1.44 / 3 = 91 of 100 is carried, 220 x 1.44 / 3 = 106 is not.
  for (const double requests : {190.0, 220.0}) {
    HttpSettings settings = storm(2, requests);
    settings.tolerance = 0.04;
    const Lab lab(alone(settings));
    const Plan& plan = lab.plan();
    const std::string node(
        plan.name(plan.nodes[plan.processes[plan.services[ServiceId::of(0)].members[0]].node].component));
    World world = lab.prepare({action(0_s, Verb::node_crash, node, 1_h)}, 1);
    run_until(world, origin + 20_s);
    CAPTURE(requests);
    CHECK(outages(world, "capacity").empty() == (requests < 200));
    if (requests < 200) {
      CHECK(http::attempts_now(http::view(world, ServiceId::of(0))) == Approx(requests * 13 / 9));
      CHECK(http::failing_now(http::view(world, ServiceId::of(0)), 0) == Approx(1 / 27.0));
    }
    run_until(world, origin + 24_h);
    // Two servers take 190 requests once nobody is sent to the dead one. 220 they do not, and in the storm that this
    // makes three do not take 660 attempts either.
    CHECK(healthy(world) == (requests < 200));
  }
}

TEST_CASE("retry storm: a fork with a budget, a deadline, shorter queues or no retries ends it", "[http][overload]") {
  const Lab lab(alone(storm(1, 200)));
  for (int change = 0; change < 4; ++change) {
    HttpSettings changed = storm(1, 200);
    if (change == 0) changed.budget = 0.1;
    if (change == 2) changed.queue_per_pod = 90;
    if (change == 3) changed.retries_add_load = false;
    Topology topology = alone(changed);
    auto& spec = topology.services[0].own.as<http::Spec>();
    if (change == 1) spec.clients[0].parameters.deadline = 500_ms;  // gone before its time-out
    if (change == 3) spec.queue_per_pod = 0;
    const Lab other(topology);
    World world = lab.prepare({surge(2.5, 60_s)}, 1);
    run_until(world, origin + 10_min);
    CHECK(outages(world, "request").size() == 1);
    change_plan(world, other.plan());
    run_until(world, origin + 10_h);
    CAPTURE(change);
    CHECK(healthy(world));
    CHECK(downtime(world, "request") < 9 * 3600);
  }
}

TEST_CASE("retry storm: each client sees the queue by its own patience", "[http][overload][oracle]") {
  // 66.7 requests more a second and server for 60 s; then 33.3 of 100 are left for 4,000 of them.
  Topology topology = alone(storm(0, 200));
  auto& spec = topology.services[0].own.as<http::Spec>();
  spec.clients.push_back({"patient", "region", {5_s, 0, Duration(), 10_s, 1, 1000}});
  spec.clients.push_back({"hasty", "region", {2_s, 0, Duration(), 500_ms, 1, 1000}});
  spec.slis.push_back({"patient", http::SliKind::request, "patient", 0.01, Duration(), std::nullopt});
  spec.slis.push_back({"hasty", http::SliKind::request, "hasty", 0.01, Duration(), std::nullopt});
  const Lab lab(topology);
  const World world = lab.play({surge(2.5, 60_s)}, 1, 10_min);
  for (const auto& [sli, wait_s] : {std::pair{"request", 1.0}, std::pair{"patient", 5.0}, std::pair{"hasty", 0.5}}) {
    const auto found = outages(world, sli);
    CAPTURE(sli);
    REQUIRE(found.size() == 1);
    CHECK(found[0].first == Approx(wait_s * 100 / (200 / 3.0)));
    CHECK(found[0].first + found[0].second == Approx(60 + (4000 - wait_s * 100) / (100 / 3.0)));
  }
}

TEST_CASE("retry storm: a slow path takes its part of the patience", "[http][overload][oracle]") {
  // 90 requests wait 0.9 s at most; 0.3 s each way on top is more than 1 s.
  HttpSettings settings = storm(1, 200);
  settings.queue_per_pod = 90;
  Topology topology = alone(settings);
  const Lab lab(topology);
  Action slow = action(0_s, Verb::network_slow, "zones", 12_h);
  slow.target = "all(zones)";
  slow.delay = 300_ms;
  CHECK(downtime(lab.play({surge(2.5, 60_s)}, 1, 1_h), "request") < 65);
  CHECK(downtime(lab.play({slow, surge(2.5, 60_s, 1_s)}, 1, 1_h), "request") > 3000);
}

TEST_CASE("retry storm: limits end when servers take what reaches them, though one of them hangs", "[http][overload]") {
  HttpSettings settings = storm(1, 120);
  settings.frontend = http::Frontend::none;
  Topology topology = alone(settings);
  people::Parameters& p = topology.people;
  p.on_call = 1;
  p.notice = p.engage = p.identify = p.repair_load = Law::constant(1_min);
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::process_stop, "web/server-0"), surge(4, 60_s, 10_s)}, 1);
  run_until(world, origin + 1_h);
  const http::Context c = http::view(world, ServiceId::of(0));
  CHECK_FALSE(c.state.overload.limited);
  CHECK(http::attempts_now(c) == Approx(120 * 4 / 3.0));
  CHECK(count(world, "people.traffic_limited") == 1);
}

}  // namespace http_retry_storm_test
