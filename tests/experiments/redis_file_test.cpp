// What is wrong with a file about Redis or RabbitMQ is one clear error or warning with its place.
#include <algorithm>
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "models/plan.hpp"
#include "models/selector.hpp"
#include "tests/experiments/loader_support.hpp"

namespace redis_file_test {

using namespace nines;
using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

LoadedTopology load(const std::string& name, const std::vector<Override>& sets) {
  return load_topology(source_file("topologies/" + name + ".json"), sets);
}
std::string refused(const std::string& name, const std::vector<Override>& sets) {
  return error_of([&] { (void)load(name, sets); });
}

}  // namespace

TEST_CASE("clients of Redis have what their discovery needs and nothing else", "[redis][loader]") {
  const std::string client = "/services/redis/clients/app";
  CHECK_THAT(refused("redis-eks-sentinel", {{client + "/refresh", "\"never\""}}),
             Catch::Contains("Only a client of a cluster (discovery cluster) has this."));
  CHECK_THAT(refused("redis-eks-cluster", {{client + "/resolves", "\"once\""}}),
             Catch::Contains("Only a client that goes by a name (discovery dns) has this."));
  CHECK_THAT(refused("redis-eks-cluster", {{client + "/discovery", "\"dns\""}}),
             Catch::Contains("Clients of mode cluster cannot find a server by dns."));
  CHECK_THAT(refused("redis-eks-cluster", {{client + "/refresh", "\"adaptiv\""}}), Catch::Contains("'adaptive'"));
  CHECK(refused("redis-eks-sentinel", {{client + "/discovery", "\"dns\""}, {client + "/resolves", "\"once\""}}) == "");
  CHECK(refused("redis-eks-cluster", {{client + "/refresh", "\"adaptive-and-periodic\""}}) == "");
}

TEST_CASE("save points belong to snapshots", "[redis][loader]") {
  const std::vector<Override> points{{"/services/redis/save", R"([{"after_s": 900, "changes": 1}])"}};
  CHECK_THAT(refused("redis-eks-cluster", points), Catch::Contains("Only persistence snapshots"));
  std::vector<Override> with = points;
  with.push_back({"/services/redis/persistence", "\"snapshots\""});
  CHECK(refused("redis-eks-cluster", with) == "");
}

// Shared parameters that mean something only by what a service's own parameters say.
TEST_CASE("a full disk or memory of Redis has its repair whichever keeps the data, and its rate only by maxmemory",
          "[redis][loader]") {
  const auto changes = [](const char* persistence, const char* most) {
    return load("redis-eks-sentinel",
                {{"/services/redis/persistence", persistence}, {"/services/redis/config/maxmemory", most}})
        .topology;
  };
  for (const char* kept : {"\"snapshots\"", "\"aof-everysec\""}) {
    const models::Topology disk = changes(kept, "0");
    CHECK(disk.people.repair_space.quantile(0.5) > models::Duration::seconds(60));
    const models::Plan plan = models::build_plan(disk, 1);
    CHECK(std::none_of(plan.faults.begin(), plan.faults.end(),
                       [](const auto& source) { return source.verb == models::Verb::space_quota; }));
  }
  const models::Plan full = models::build_plan(changes("\"none\"", "500000000"), 1);
  CHECK(std::any_of(full.faults.begin(), full.faults.end(),
                    [](const auto& source) { return source.verb == models::Verb::space_quota; }));
}

// Sentinels keep nothing that must outlive their pod: emptyDir, or none.
TEST_CASE("a pool of Sentinels alone needs no storage on Kubernetes", "[redis][loader]") {
  const std::string good = read_file(source_file("topologies/redis-eks-sentinel.json"));
  const std::string pool =
      R"({ "name": "watch", "roles": ["sentinel"], "replicas": 3, "node_group": "workers", "cpu": 0.1,
    "memory": "64Mi" },)";
  const auto with = [&](const std::string& added) {
    return replaced(replaced(good, R"("pools": [)", R"("pools": [)" + added), R"(            "server",
            "sentinel")",
                    R"(            "server")");
  };
  CHECK(error_of([&] { (void)load_topology_text("redis-eks-sentinel.json", with(pool)); }) == "");
  CHECK_THAT(error_of([&] {
               (void)load_topology_text("redis-eks-sentinel.json", with(replaced(pool, "sentinel", "server")));
             }),
             Catch::Contains("missing field 'storage'"));
}

// Field report B32.
TEST_CASE("a quorum queue of one member under the operator is warned of", "[rabbitmq][loader]") {
  const auto warned = [](const std::vector<Override>& sets) {
    const std::vector<std::string> warnings = load("rabbitmq-eks-corrected", sets).warnings;
    return std::any_of(warnings.begin(), warnings.end(), [](const std::string& text) {
      return text.find("A quorum queue of one member") != std::string::npos;
    });
  };
  CHECK_FALSE(warned({}));
  CHECK(warned({{"/services/rabbitmq/queues/orders/replicas", "1"}}));
  // A cluster of one node is asked nothing (rabbit_nodes:is_single_node_cluster).
  CHECK_FALSE(warned({{"/services/rabbitmq/pools/node/replicas", "1"}}));
  CHECK_FALSE(
      warned({{"/services/rabbitmq/queues/orders/replicas", "1"}, {"/services/rabbitmq/deployed_by", "\"chart\""}}));
}

TEST_CASE("delays that last at the same time are held against the bound together", "[redis][loader]") {
  const models::Plan plan = models::build_plan(load("rabbitmq-eks", {}).topology, 1);
  const auto slow = [](double at, double lasts, double seconds) {
    models::Action action;
    action.verb = models::Verb::network_slow;
    action.target = "leader(rabbitmq)";
    action.at = models::Duration::from_seconds(at);
    if (lasts > 0) action.duration = models::Duration::from_seconds(lasts);
    action.delay = models::Duration::from_seconds(seconds);
    return action;
  };
  CHECK_FALSE(models::check_together(plan, {slow(0, 10, 0.25), slow(5, 10, 0.25)}));
  CHECK_FALSE(models::check_together(plan, {slow(0, 10, 0.5), slow(10, 10, 0.5)}));
  const auto trouble = models::check_together(plan, {slow(0, 10, 0.5), slow(9, 10, 0.5)});
  REQUIRE(trouble);
  CHECK(trouble->first == 1);
  CHECK_THAT(trouble->second, Catch::Contains("here to 1 s, expected 0.5 at most"));
  // One that lasts as long as the profile's law says may last for ever.
  CHECK(models::check_together(plan, {slow(0, 0, 0.5), slow(1e6, 10, 0.1)}));
}

TEST_CASE("a publisher without confirms publishes something", "[rabbitmq][loader]") {
  const std::vector<Override> accepts{
      {"/services/rabbitmq/slis", R"([{"name": "accept", "kind": "accept", "client": "app", "deadline_s": 1}])"},
      {"/services/rabbitmq/queues/orders/publish_per_s", "0"}};
  CHECK_THAT(refused("rabbitmq-eks-corrected", accepts), Catch::Contains("publish_per_s above 0"));
}

TEST_CASE("settings of clients with maps are bounded where attempts are worked out", "[redis][loader]") {
  const std::string client = "/services/redis/clients/app";
  const auto wrong = [&](const std::string& key, const std::string& value) {
    return refused("redis-eks-cluster",
                   {{client + "/refresh", "\"adaptive\""}, {client + "/config", "{\"" + key + "\": " + value + "}"}});
  };
  CHECK_THAT(wrong("redis.client.refresh_reconnects", "1000000000"), Catch::Contains("must be from 1 to 1000"));
  CHECK_THAT(wrong("redis.client.refresh_least_interval", "\"50 ms\""), Catch::Contains("must be 0.1 s at least"));
  CHECK_THAT(wrong("redis.client.reconnect_most", "\"25 h\""), Catch::Contains("must be a day at most"));
  CHECK(wrong("redis.client.refresh_reconnects", "1000") == "");
}

TEST_CASE("long ways are refused of kinds whose time-outs they would cross", "[redis][loader]") {
  const auto trouble = [](const std::string& name, const std::string& target, double seconds) {
    const models::Plan plan = models::build_plan(load(name, {}).topology, 1);
    models::Action slow;
    slow.verb = models::Verb::network_slow;
    slow.target = target;
    slow.delay = models::Duration::from_seconds(seconds);
    return models::check_target(plan, slow).value_or("");
  };
  CHECK(trouble("redis-eks-sentinel", "leader(redis)", 4.9) == "");
  // A kubelet waits 10 s for an answer: twice the delay and a round trip must be less.
  CHECK_THAT(trouble("redis-eks-sentinel", "leader(redis)", 5), Catch::Contains("a kubelet waits 10 s for an answer"));
  CHECK(trouble("redis-sentinel-hosts", "leader(redis)", 5) == "");
  CHECK(trouble("rabbitmq-eks", "leader(rabbitmq)", 0.5) == "");
  CHECK_THAT(trouble("rabbitmq-eks", "leader(rabbitmq)", 0.6),
             Catch::Contains("expected 'delay_s' of at most 0.5, got 0.6") && Catch::Contains("'rabbitmq'"));
  models::Action slow;
  slow.verb = models::Verb::disk_slow;
  slow.target = "redis/server-0";
  slow.delay = models::Duration::from_seconds(2);
  CHECK_THAT(models::check_options(slow).value_or(""), Catch::Contains("volume-stalled"));
}

}  // namespace redis_file_test
