// Add-ons of a cluster: pods like any other, and what stops with them. Constant laws: what they leave is exact.
#include <catch2/catch.hpp>
#include <random>

#include "models/addon/spec.hpp"
#include "models/health.hpp"
#include "models/http/requests.hpp"
#include "models/http/state.hpp"
#include "models/process.hpp"
#include "models/service/resolver.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/lab.hpp"

namespace addon_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using addon::Function;

namespace {

addon::Parameters parameters() {
  addon::Parameters p;
  p.start = Law::constant(2_s);
  p.stop = Law::constant(5_s);
  p.propagation = Law::constant(1_s);
  p.resolver_timeout = 5_s;
  p.resolver_attempts = 2;
  p.name_cache = 30_s;
  p.lease_duration = 15_s;
  p.credentials_left = Law::constant(20_min);
  p.lease_retry = 5_s;
  p.lease_jitter = 1.2;
  return p;
}

ServiceSpec add_on(const std::string& name, Function function, const std::string& group, std::int64_t pods) {
  addon::Spec spec;
  spec.function = function;
  spec.parameters = parameters();
  if (function == Function::cluster_dns) {
    spec.clients = {{"pods", "region"}};
    spec.slis = {{"resolve", addon::SliKind::resolve, "pods", 0, Duration(), std::nullopt},
                 {"at-once", addon::SliKind::resolve_at_once, "pods", 0, Duration(), std::nullopt}};
  } else {
    spec.slis = {{"works", addon::SliKind::works, "", 0, Duration(), std::nullopt}};
  }
  ServiceSpec service;
  service.name = name;
  service.kind = service::find_kind("addon");
  service.own = sim::Value::of(std::move(spec));
  service.probes = ProbesSpec{};
  if (function == Function::cluster_dns)
    service.probes->readiness = ProbeSpec{Duration(), 1_s, 1_s, 3, ProbeAsks::served, {}};
  service.controller =
      on_each_machine(static_cast<PlatformPart>(function)) ? Controller::daemon_set : Controller::deployment;
  PoolSpec pool;
  pool.name = "pod";
  pool.roles = role_bit(0);
  pool.replicas = pods;
  pool.node_group = group;
  pool.cpu = 0.1;
  pool.memory = {1e8};
  service.pools = {pool};
  return service;
}

/// The HTTP service of three servers on six machines, whose client looks names up for every request, and add-ons.
Topology design(const std::vector<Function>& functions, HttpSettings settings = {}) {
  Topology topology = http_topology(settings);
  topology.kubernetes.kubelet_jitter = 0;
  topology.kubernetes.taint_delay = Law::constant(100_ms);
  const std::string group = topology.node_groups[0].name;
  const std::int64_t machines = topology.node_groups[0].machines();
  for (const Function function : functions) {
    const bool each = on_each_machine(static_cast<PlatformPart>(function));
    topology.services.push_back(add_on(std::string(addon::function_names[static_cast<std::size_t>(function)]), function,
                                       group, each ? machines : 2));
    if (function == Function::cluster_dns) topology.services[0].own.as<http::Spec>().clients[0].new_connections = 1;
  }
  return topology;
}

std::string machine_of(const World& world, const std::string& process) {
  const Plan& plan = *world.plan;
  for (const ProcessId id : plan.processes.ids()) {
    if (plan.name(plan.processes[id].component) == process)
      return std::string(plan.name(plan.nodes[world.processes[id].node].component));
  }
  return {};
}

/// Outages of any service's SLI, all together, in seconds.
double away(const World& world, std::string_view sli) {
  double sum = 0;
  for (std::size_t i = 0; i < world.plan->slis.size(); ++i) {
    if (world.plan->name(world.plan->slis[i].component) != sli) continue;
    for (const auto& outage : world.measurement.outages) {
      if (outage.sli == i) sum += (outage.end - outage.start).to_seconds();
    }
  }
  return sum;
}

}  // namespace

// ---- resolvers: closed forms ----

TEST_CASE("resolver: with one of two endpoints silent a look-up fails in a quarter of cases", "[addon][oracle]") {
  const LookUp half{0.5, 0, 0.5, 5_s, 2, {}};
  CHECK(service::fails(half) == Approx(0.25));
  double sum = 0;
  double waits = 0;
  for (const service::LookUpEnd& end : service::ends_of(half)) {
    sum += end.probability;
    if (end.answered) waits += end.probability * end.takes.to_seconds();
    if (!end.answered) CHECK(end.takes == 10_s);
  }
  CHECK(sum == Approx(1));
  CHECK(waits == Approx(0.25 * 5));
  const LookUp refused{0.5, 0.5, 0, 5_s, 2, {}};
  CHECK(service::fails(refused) == Approx(0.25));
  for (const service::LookUpEnd& end : service::ends_of(refused)) CHECK(end.takes == Duration());
}

TEST_CASE("resolver: its ends are what a resolver does, try by try", "[addon][oracle]") {
  // 200,000 look-ups: each share is held at 5.5 standard errors, 4e-8 a comparison, twelve of them.
  const LookUp odds{0.6, 0.1, 0.3, 5_s, 3, {}};
  std::mt19937_64 dice(7);
  std::uniform_real_distribution<> uniform;
  std::map<std::pair<bool, std::int64_t>, double> counted;
  constexpr int n = 200'000;
  for (int i = 0; i < n; ++i) {
    std::int64_t waited = 0;
    bool answered = false;
    for (int attempt = 0; attempt < 3 && !answered; ++attempt) {
      const double u = uniform(dice);
      answered = u < 0.6;
      if (!answered && u >= 0.7) waited += 5;
    }
    counted[{answered, waited}] += 1.0 / n;
  }
  std::map<std::pair<bool, std::int64_t>, double> exact;
  for (const service::LookUpEnd& end : service::ends_of(odds))
    exact[{end.answered, static_cast<std::int64_t>(end.takes.to_seconds())}] += end.probability;
  REQUIRE(exact.size() == counted.size());
  for (const auto& [end, share] : exact) CHECK(counted[end] == Approx(share).margin(5.5 * std::sqrt(share / n)));
}

TEST_CASE("requests: ends of attempts give what odds do, where both say the same", "[addon][oracle]") {
  for (const std::int64_t retries : {0, 1, 4}) {
    const http::Patience patience{retries, 1_s, 25_ms, 4_s};
    const http::Odds odds{0.5, 0.2, 0.3};
    const std::vector<http::End> ends{{0.5, 10_ms, true}, {0.2, Duration(), false}, {0.3, 1_s, false}};
    CHECK(http::failing_share(ends, patience) == Approx(http::failing_share(odds, patience, 10_ms)));
  }
}

// ---- the cluster DNS ----

TEST_CASE("dns: a dead machine's endpoint is asked until its node is Unknown and the rules follow", "[addon][oracle]") {
  const Lab lab(design({Function::cluster_dns}));
  const std::string machine = machine_of(lab.prepare({}, 1), "cluster-dns/pod-0");
  const World world = lab.play({action(0_s, Verb::node_crash, machine, 1_h)}, 1, 20_min);
  const double unknown = *first(world, "k8s.node_unknown", machine);
  CHECK(*first(world, "addon.dns_unlisted", "cluster-dns/pod-0") == Approx(unknown + 1));
  CHECK(away(world, "cluster-dns/resolve") == Approx(unknown + 1));
  CHECK(away(world, "cluster-dns/at-once") == Approx(unknown + 1));
  // Its pod elsewhere: it works 2 s after its container's start, is found Ready within 1 s, and listed 1 s later.
  const double started = *first(world, "k8s.pod_started", "cluster-dns/pod-0");
  CHECK(*first(world, "addon.up", "cluster-dns/pod-0") == Approx(started + 2));
  CHECK(*first(world, "addon.dns_listed", "cluster-dns/pod-0") >= started + 2 + 1);
  CHECK(*first(world, "addon.dns_listed", "cluster-dns/pod-0") <= started + 2 + 1 + 1);
}

TEST_CASE("dns: a client goes on with its answer for what is left of it, then new connections fail",
          "[addon][oracle]") {
  Topology topology = design({Function::cluster_dns});
  const Lab lab(topology);
  const auto all_hang = [&](std::uint64_t run) {
    return lab.play({action(0_s, Verb::process_stop, "all(cluster-dns/pods)"),
                     action(5_min, Verb::process_continue, "all(cluster-dns/pods)")},
                    run, 10_min);
  };
  const Sampled forgotten = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = all_hang(run);
    const double at = *first(world, "http.name_forgotten");
    const double back = *first(world, "addon.dns_listed");  // as soon as a probe has found one of them Ready
    CHECK(back > 300);
    CHECK(back <= 300 + 1 + 1);
    CHECK(away(world, "web/request") == Approx(back - at));
    CHECK(away(world, "cluster-dns/resolve") == Approx(back));
    return at;
  });
  CHECK(agrees(forgotten, 15));  // uniform in (0, 30)
  CHECK(forgotten.highest <= 30);
  // Without a cache they fail at once; where nine in ten connections are open, a tenth of the requests does.
  topology.services[1].own.as<addon::Spec>().parameters.name_cache = Duration();
  topology.services[0].own.as<http::Spec>().clients[0].new_connections = 0.1;
  for (const double tolerance : {0.0999, 0.1001}) {
    topology.services[0].own.as<http::Spec>().slis[0].tolerance = tolerance;
    const Lab tenth(topology);
    const World world = tenth.play({action(0_s, Verb::process_stop, "all(cluster-dns/pods)"),
                                    action(5_min, Verb::process_continue, "all(cluster-dns/pods)")},
                                   1, 10_min);
    const double back = *first(world, "addon.dns_listed");
    CHECK(away(world, "web/request") == Approx(tolerance < 0.1 ? back : 0).margin(1e-9));
    CHECK(count(world, "http.name_forgotten") == 0);
  }
}

TEST_CASE("dns: a client that waits longer than the resolver is served by the second try", "[addon][oracle]") {
  // One of two silent, nothing kept: a quarter of the look-ups fails, another quarter takes 5 s.
  Topology topology = design({Function::cluster_dns});
  topology.services[1].own.as<addon::Spec>().parameters.name_cache = Duration();
  for (const auto& [timeout, share] : {std::pair{1_s, 0.5}, std::pair{6_s, 0.25}}) {
    for (const double off : {-0.001, 0.001}) {
      auto& spec = topology.services[0].own.as<http::Spec>();
      spec.clients[0].parameters.attempt_timeout = timeout;
      spec.slis[0].tolerance = share + off;
      const Lab lab(topology);
      const World world = lab.play({action(0_s, Verb::process_stop, "cluster-dns/pod-0"),
                                    action(20_s, Verb::process_continue, "cluster-dns/pod-0")},
                                   1, 2_min);
      // Until the silent one is unlisted: its readiness probe sees to that.
      CHECK(away(world, "web/request") == Approx(off < 0 ? *first(world, "addon.dns_unlisted") : 0).margin(1e-9));
    }
  }
}

TEST_CASE("dns: what is more than its pods answer is lost", "[addon][oracle]") {
  Topology topology = design({Function::cluster_dns});
  auto& spec = topology.services[1].own.as<addon::Spec>();
  spec.queries_per_s = 1000;
  spec.capacity_per_pod = 600;
  // Of 1,000 queries one pod answers 600: 0.4 squared of the look-ups fail while it is alone.
  const auto with = [&](double tolerance) {
    spec.slis[0].tolerance = tolerance;
    return Lab(topology);
  };
  const std::vector<Action> script = {action(0_s, Verb::process_stop, "cluster-dns/pod-0"),
                                      action(20_s, Verb::process_continue, "cluster-dns/pod-0")};
  const Lab narrow = with(0.159);
  const Lab wide = with(0.161);
  const World strict = narrow.play(script, 1, 2_min);
  const World lenient = wide.play(script, 1, 2_min);
  const double alone = *first(strict, "addon.dns_listed") - *first(strict, "addon.dns_unlisted");
  CHECK(alone > 1);
  CHECK(away(strict, "cluster-dns/resolve") - away(lenient, "cluster-dns/resolve") == Approx(alone));
  // Before, while the silent pod is listed, a quarter of the look-ups meets it twice.
  CHECK(away(lenient, "cluster-dns/resolve") == Approx(*first(strict, "addon.dns_unlisted")));
}

TEST_CASE("dns: pods that are drained one after the other are never missed", "[addon]") {
  const Lab lab(design({Function::cluster_dns}));
  const World start = lab.prepare({}, 1);
  const World world =
      lab.play({action(0_s, Verb::drain, machine_of(start, "cluster-dns/pod-0"), Variant::evict_first)}, 1, 30_min);
  CHECK(away(world, "cluster-dns/resolve") == Approx(0).margin(1e-9));
  CHECK(count(world, "addon.dns_unlisted") >= 1);
  CHECK(healthy(world));
}

// ---- kube-proxy ----

TEST_CASE("kube-proxy: a machine without it goes on sending to a pod that is gone", "[addon][oracle]") {
  // One of five machines that are up: its clients meet the dead pod with a third of their requests, until it is back.
  for (const double off : {-0.001, 0.001}) {
    HttpSettings settings;
    settings.tolerance = 1.0 / 15 + off;
    const Lab lab(design({Function::kube_proxy}, settings));
    const World start = lab.prepare({}, 1);
    const std::string dead = machine_of(start, "web/server-0");
    std::string proxy;
    for (int i = 0; i < 6 && proxy.empty(); ++i) {
      const std::string name = "kube-proxy/pod-" + std::to_string(i);
      bool carries = false;
      for (int j = 0; j < 3; ++j)
        carries = carries || machine_of(start, name) == machine_of(start, "web/server-" + std::to_string(j));
      if (!carries) proxy = name;
    }
    REQUIRE(!proxy.empty());
    const World world = lab.play({action(0_s, Verb::process_stop, proxy), action(1_s, Verb::node_crash, dead, 2_h),
                                  action(1_h, Verb::process_continue, proxy)},
                                 1, 4_h);
    const double unlisted = *first(world, "http.out_of_rotation", "web/server-0");
    CHECK(outages(world, "request").front().second == Approx((off < 0 ? 3600 : unlisted) - 1));
    CHECK(world.services[ServiceId::of(0)].as<http::State>().stale.empty());
  }
}

TEST_CASE("kube-proxy: in health, and when it is started again at once, nothing is behind", "[addon]") {
  const Lab lab(design({Function::kube_proxy}));
  const World world = lab.play({action(0_s, Verb::process_kill, "kube-proxy/pod-0")}, 1, 5_min);
  CHECK(away(world, "web/request") == Approx(0).margin(1e-9));
  CHECK(*first(world, "addon.back") == Approx(1 + 2));
  CHECK(healthy(world));
}

// ---- volumes ----

namespace {

Topology with_volumes(const std::vector<Function>& functions) {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.operations.clear();
  topology.infrastructure.volume_stuck_probability = 0;
  const NodeGroupSpec& group = topology.node_groups[0];
  for (const Function function : functions) {
    const bool each = on_each_machine(static_cast<PlatformPart>(function));
    topology.services.push_back(add_on(std::string(addon::function_names[static_cast<std::size_t>(function)]), function,
                                       group.name, each ? group.machines() : 2));
  }
  return topology;
}

const std::string broker = "kafka/broker-1";

}  // namespace

TEST_CASE("volume controller: away nothing is attached, back the volume follows its pod", "[addon][volume]") {
  Topology topology = with_volumes({Function::volume_controller});
  topology.node_groups[0].provisioner = Provisioner::asg;
  topology.infrastructure.node_auto_recovery = Law::constant(30_h);  // never before another machine has come
  const Lab lab(topology);
  const World start = lab.prepare({}, 1);
  std::string moved;  // whose machine carries none of the controllers
  for (int i = 0; i < 3; ++i) {
    const std::string name = "kafka/broker-" + std::to_string(i);
    if (machine_of(start, name) != machine_of(start, "volume-controller/pod-0") &&
        machine_of(start, name) != machine_of(start, "volume-controller/pod-1"))
      moved = name;
  }
  REQUIRE(!moved.empty());
  for (const bool away_then : {false, true}) {
    std::vector<Action> script{action(10_s, Verb::node_loss, moved)};
    if (away_then) {
      script.insert(script.begin(), action(0_s, Verb::process_stop, "all(volume-controller/pods)"));
      script.push_back(action(3_h, Verb::process_continue, "all(volume-controller/pods)"));
    }
    const World world = lab.play(script, 1, 5_h);
    const double attached = first(world, "k8s.volume_attached").value_or(-1);
    CHECK(attached > (away_then ? 3 * 3600 : 60));
    CHECK(attached < (away_then ? 3 * 3600 + 120 : 3600));
    CHECK(healthy(world));
  }
}

TEST_CASE("volume controller: without its role it goes on with the credentials that it has", "[addon][oracle]") {
  Topology topology = with_volumes({Function::volume_controller});
  ServiceSpec& driver = topology.services.back();
  driver.own.as<addon::Spec>().credentials = driver.asks_for_credentials = true;
  topology.people.on_call = 0;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::broken_role, driver.name)}, 1, 2_h);
  CHECK(*first(world, "addon.unauthorised") == Approx(1200));
  CHECK(*first(world, "addon.lost") == Approx(1200));
  CHECK_FALSE(healthy(world));  // nobody is there who would roll it back
  topology.people.on_call = 1;
  const Lab attended(topology);
  World mended = attended.play({action(0_s, Verb::broken_role, driver.name)}, 1, 24_h);
  CHECK(*first(mended, "addon.back") == Approx(*first(mended, "people.role_restored")));
  CHECK(healthy(mended));
}

TEST_CASE("volume controller: the other one takes the lease as client-go's loops would", "[addon][oracle]") {
  // Tries of the other one are 5 to 11 s apart; it counts 15 s from the one at which it saw the last renewal.
  std::mt19937_64 dice(3);
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(dice); };
  double sum = 0;
  constexpr int n = 200'000;
  for (int i = 0; i < n; ++i) {
    const double death = uniform(1000, 2000);
    const double renewed = death - uniform(0, 5);
    double at = 0;
    while (at < renewed) at += uniform(5, 11);
    const double seen = at;
    while (at < seen + 15 || at < death) at += uniform(5, 11);
    sum += at - death;
  }
  const Lab lab(with_volumes({Function::volume_controller}));
  const Sampled taken = sample(1200, [&](std::uint64_t run) -> std::optional<double> {
    const World start = lab.prepare({}, run);
    const World world = lab.play({action(0_s, Verb::process_stop, "leader(volume-controller/pods)")}, run, 2_min);
    return first(world, "addon.leads");
  });
  CHECK(agrees(taken, sum / n));
  CHECK(taken.lowest >= 10);
  CHECK(taken.highest <= 5 + 11 + 15 + 11);
}

TEST_CASE("volume controller: started again in place it still has its lease, a new pod waits", "[addon]") {
  const Lab lab(with_volumes({Function::volume_controller}));
  const World killed = lab.play({action(0_s, Verb::process_kill, "leader(volume-controller/pods)")}, 2, 2_min);
  CHECK(count(killed, "addon.leads") == 0);
  CHECK(away(killed, "volume-controller/works") < 10);
  const World deleted = lab.play({action(0_s, Verb::delete_pod, "leader(volume-controller/pods)")}, 2, 2_min);
  CHECK(count(deleted, "addon.leads") == 1);
  CHECK(away(deleted, "volume-controller/works") > 9);
}

TEST_CASE("volume driver on the machine: without it no volume is mounted there", "[addon][volume]") {
  const Lab lab(with_volumes({Function::volume_node}));
  const World start = lab.prepare({}, 1);
  std::string pod;
  for (int i = 0; i < 6 && pod.empty(); ++i) {
    const std::string name = "volume-node/pod-" + std::to_string(i);
    if (machine_of(start, name) == machine_of(start, broker)) pod = name;
  }
  REQUIRE(!pod.empty());
  const World world = lab.play({action(0_s, Verb::process_stop, pod), action(1_s, Verb::delete_pod, broker),
                                action(1_h, Verb::process_continue, pod)},
                               1, 2_h);
  CHECK(*first(world, "k8s.volume_mounted", broker) >= 3600);
  CHECK(healthy(world));
}

// ---- the network plugin ----

TEST_CASE("network plugin: where it is away no pod starts, and what runs goes on", "[addon][oracle]") {
  HttpSettings settings;
  settings.machines_a_zone = 1;  // a pod that is deleted comes back to its machine
  const Lab lab(design({Function::network_plugin}, settings));
  const World start = lab.prepare({}, 1);
  std::string pod;
  for (int i = 0; i < 3; ++i) {
    const std::string name = "network-plugin/pod-" + std::to_string(i);
    if (machine_of(start, name) == machine_of(start, "web/server-0")) pod = name;
  }
  const World runs = lab.play({action(0_s, Verb::process_stop, pod), action(1_h, Verb::process_continue, pod)}, 1, 2_h);
  CHECK(away(runs, "web/request") == Approx(0).margin(1e-9));
  const World deleted = lab.play({action(0_s, Verb::process_stop, pod), action(60_s, Verb::delete_pod, "web/server-0"),
                                  action(1_h, Verb::process_continue, pod)},
                                 1, 2_h);
  CHECK(*first(deleted, "k8s.pod_started", "web/server-0") == Approx(3600 + 4));
  // A container that crashes keeps its address.
  const World killed = lab.play({action(0_s, Verb::process_stop, pod), action(60_s, Verb::process_kill, "web/server-0"),
                                 action(1_h, Verb::process_continue, pod)},
                                1, 2_h);
  CHECK(*first(killed, "http.server_up", "web/server-0") == Approx(60 + 1 + 1));
}

// ---- invariants ----

TEST_CASE("add-ons: whatever happens to their pods, all is well in the end", "[addon]") {
  const Lab lab(design({Function::cluster_dns, Function::kube_proxy, Function::volume_controller, Function::volume_node,
                        Function::network_plugin}));
  const std::vector<std::string> names{"cluster-dns/pods", "kube-proxy/pods",     "volume-controller/pods",
                                       "volume-node/pods", "network-plugin/pods", "web/servers"};
  std::mt19937_64 dice(11);
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(dice() % n); };
  for (std::uint64_t run = 0; run < 40; ++run) {
    std::vector<Action> script;
    for (int i = 0; i < 6; ++i) {
      const Duration at = Duration::seconds(static_cast<std::int64_t>(pick(600)));
      const std::string target = (pick(4) == 0 ? "all(" : "random(") + names[pick(names.size())] + ")";
      const Verb verbs[] = {Verb::process_kill, Verb::process_terminate, Verb::process_pause, Verb::node_crash};
      const Verb verb = verbs[pick(4)];
      if (verb == Verb::node_crash && target.starts_with("all")) continue;
      const bool lasts = verb == Verb::node_crash || verb == Verb::process_pause;
      script.push_back(lasts ? action(at, verb, target, Duration::seconds(static_cast<std::int64_t>(1 + pick(900))))
                             : action(at, verb, target));
    }
    if (script.empty()) continue;
    std::ranges::sort(script, {}, &Action::at);
    const World world = lab.play(script, run, 4_h);
    INFO(run);
    CHECK(healthy(world));
    for (const char* sli : {"web/request", "cluster-dns/resolve", "kube-proxy/works"})
      CHECK(away(world, sli) < 2 * 3600);
  }
}

}  // namespace addon_test
