// What probes ask: the server, its port, anything at all, or another service; and what overload makes of them.
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/lab.hpp"
#include "tests/places.hpp"

namespace probes_test {

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;
using models::testing::action;
using models::testing::count;
using models::testing::first;
using models::testing::http_topology;
using models::testing::HttpSettings;
using models::testing::Lab;
using models::testing::outages;
using models::testing::sample;

namespace {

ProbesSpec probes_that_ask(ProbeAsks readiness, ProbeAsks liveness, std::string dependency = {}) {
  ProbesSpec probes;
  probes.readiness.emplace().asks = readiness;
  probes.liveness.emplace().asks = liveness;
  if (readiness == ProbeAsks::dependency) probes.readiness->dependency = dependency;
  if (liveness == ProbeAsks::dependency) probes.liveness->dependency = dependency;
  return probes;
}

Topology web(const ProbesSpec& probes) {
  HttpSettings settings;
  settings.probes = probes;
  return http_topology(settings);
}

/// The same beside a service `auth` of one server.
Topology web_beside_auth(const ProbesSpec& probes) {
  Topology topology = web(probes);
  ServiceSpec auth = topology.services.front();
  auth.name = "auth";
  auth.pools.front().replicas = 1;
  auth.probes = probes_that_ask(ProbeAsks::served, ProbeAsks::served);
  auto& spec = auth.own.as<http::Spec>();
  spec.clients.front().name = "auth-app";
  spec.slis.resize(1);
  spec.slis.front().client = "auth-app";
  spec.slis.front().name = "auth-request";
  topology.services.push_back(auth);
  return topology;
}

}  // namespace

TEST_CASE("probes: one of the port passes while the server hangs, one of the server does not", "[probes]") {
  const std::vector<Action> hang{action(0_s, Verb::process_stop, "web/server-0")};
  const Lab asked(web(probes_that_ask(ProbeAsks::served, ProbeAsks::served)));
  const World served = asked.play(hang, 1, 10_min);
  REQUIRE(first(served, "k8s.liveness_failed"));
  CHECK(*first(served, "k8s.liveness_failed") >= 21);
  CHECK(*first(served, "k8s.liveness_failed") <= 31);
  REQUIRE(outages(served, "request").size() == 1);
  CHECK(outages(served, "request").front().second < 60);
  const Lab knocked(web(probes_that_ask(ProbeAsks::process, ProbeAsks::process)));
  const World port = knocked.play(hang, 1, 10_min);
  CHECK(count(port, "k8s.liveness_failed") == 0);
  CHECK(count(port, "k8s.pod_unready") == 0);
  REQUIRE(outages(port, "request").size() == 1);
  CHECK(outages(port, "request").front().second == Approx(600));
}

TEST_CASE("probes: one that is content with any answer makes a pod Ready before its server is", "[probes]") {
  const std::vector<Action> kill{action(0_s, Verb::process_kill, "web/server-0")};
  const auto ready_before_up = [&](ProbeAsks asks) {
    Topology topology = web(probes_that_ask(asks, ProbeAsks::served));
    topology.services.front().probes->readiness->period = 1_s;
    topology.services.front().probes->liveness->initial_delay = 60_s;
    topology.services.front().own.as<http::Spec>().parameters.start = Law::constant(30_s);
    const Lab lab(std::move(topology));
    const World world = lab.play(kill, 1, 2_min);
    REQUIRE(first(world, "k8s.pod_ready"));
    REQUIRE(first(world, "http.server_up"));
    return *first(world, "http.server_up") - *first(world, "k8s.pod_ready");
  };
  CHECK(ready_before_up(ProbeAsks::answers) > 28);
  CHECK(ready_before_up(ProbeAsks::process) > 28);
  CHECK(ready_before_up(ProbeAsks::served) <= 0);
}

// The last of three pods leaves after the maximum of three phases, U(0, 10 s) each: in the mean three quarters of the
// period, after two further periods; the rules of the nodes follow a second later.
TEST_CASE("probes: readiness that asks another service takes every pod out when that is away", "[probes]") {
  const Lab lab(web_beside_auth(probes_that_ask(ProbeAsks::dependency, ProbeAsks::served, "auth")));
  const auto away = [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_stop, "auth/server-0", 60_s)}, run, 20_min);
    return world;
  };
  const auto gone = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const auto found = outages(away(run), "request");
    return found.empty() ? std::nullopt : std::optional(found.front().first);
  });
  CHECK(gone.size == 300);
  // `auth` itself is a server that hangs: it answers nobody from the first moment on.
  CHECK(models::testing::agrees(gone, 20 + 7.5 + 1));
  const World back = away(1);
  CHECK(count(back, "k8s.liveness_failed") <= 1);  // that of auth
  CHECK(outages(back, "request").size() == 1);
  const Lab served(web_beside_auth(probes_that_ask(ProbeAsks::served, ProbeAsks::served)));
  CHECK(outages(served.play({action(0_s, Verb::process_stop, "auth/server-0", 60_s)}, 1, 20_min), "request").empty());
}

TEST_CASE("probes: liveness that asks another service restarts every pod, until that is back", "[probes]") {
  const Lab lab(web_beside_auth(probes_that_ask(ProbeAsks::served, ProbeAsks::dependency, "auth")));
  const World longer = lab.play({action(0_s, Verb::node_loss, "auth/server-0")}, 1, 30_min);
  CHECK(count(longer, "k8s.liveness_failed") >= 6);
  CHECK_FALSE(outages(longer, "request").empty());
  const Lab alone(web_beside_auth(probes_that_ask(ProbeAsks::served, ProbeAsks::served)));
  const World calm = alone.play({action(0_s, Verb::node_loss, "auth/server-0")}, 1, 30_min);
  CHECK(count(calm, "k8s.liveness_failed") == 0);
  CHECK(outages(calm, "request").empty());
}

namespace {

/// 300 requests per second are as much as three servers answer; 240 and `factor` times as many come for ten minutes.
/// The second at which the first pod is Ready no longer; none if all stay so.
std::optional<double> unready_at(std::optional<Duration> timeout, double queue, double factor) {
  HttpSettings settings;
  settings.requests_per_s = 240;
  settings.capacity_per_pod = 100;
  settings.queue_per_pod = queue;
  settings.retries_add_load = true;
  if (timeout) {
    settings.probes.readiness.emplace().timeout = timeout;
    settings.probes.readiness->period = 10_s;
  }
  Topology topology = http_topology(settings);
  topology.people.on_call = 0;
  Action surge = action(0_s, Verb::load_change, "web", 10_min);
  surge.factor = factor;
  const Lab lab(std::move(topology));
  return first(lab.play({surge}, 1, 20_min), "k8s.pod_unready");
}

}  // namespace

// 360 requests per second for 300: each queue grows by 20 a second, so that after 5 s it holds 100 requests, a second's
// worth: from then on probes that wait a second fail, three of them in a row from U(0, 10 s) later on, each after its
// time-out. Those that wait three seconds fail from 15 s on.
TEST_CASE("probes: an overloaded server lets them wait in its queue, and loses its pod's readiness", "[probes]") {
  const std::optional<double> soon = unready_at(1_s, 400, 1.5);
  REQUIRE(soon);
  CHECK(*soon >= 5 + 20 + 1);
  CHECK(*soon <= 5 + 30 + 1);
  const std::optional<double> later = unready_at(3_s, 400, 1.5);
  REQUIRE(later);
  CHECK(*later >= 15 + 20 + 3);
  CHECK(*later <= 15 + 30 + 3);
  // Whose queue is shorter than a second's worth, or who gets no more than it answers, fails none.
  CHECK_FALSE(unready_at(1_s, 90, 1.5));
  CHECK_FALSE(unready_at(1_s, 400, 1.2));
  CHECK_FALSE(unready_at(std::nullopt, 400, 1.5));
}

TEST_CASE("probes: what a file cannot say of them is an error, and what is unwise a warning", "[probes]") {
  using loader::testing::error_of;
  using loader::testing::replaced;
  const std::string shipped = loader::testing::read_file(tests::source_file("topologies/http-probes.json"));
  const auto error = [&](const std::string& from, const std::string& to) {
    return error_of([&] { loader::load_topology_text("http-probes.json", replaced(shipped, from, to)); });
  };
  CHECK(error(R"("dependency": "auth")", R"("dependency": "aut")").find("Did you mean 'auth'?") != std::string::npos);
  CHECK(error(R"("asks": "process")", R"("asks": "proces")").find("Did you mean 'process'?") != std::string::npos);
  CHECK(error(R"("asks": "process")", R"("asks": "process", "dependency": "auth")").find("only a probe that asks") !=
        std::string::npos);
  const auto warnings = loader::load_topology_text("http-probes.json", shipped).warnings;
  const auto says = [&](std::string_view text) {
    return std::ranges::any_of(warnings,
                               [&](const std::string& warning) { return warning.find(text) != std::string::npos; });
  };
  CHECK(says("/services/2/probes/liveness/asks: this passes while the server hangs"));
  CHECK(says("/services/3/probes/readiness/asks: while auth is away all pods of anxious leave the rotation at once"));
  CHECK(says("/services/4/probes/liveness/asks: while auth is away every pod of panicking is restarted"));
}

}  // namespace probes_test
