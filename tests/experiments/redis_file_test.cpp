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
  CHECK(warned({{"/services/rabbitmq/pools/node/replicas", "1"}}));
  CHECK_FALSE(
      warned({{"/services/rabbitmq/queues/orders/replicas", "1"}, {"/services/rabbitmq/deployed_by", "\"chart\""}}));
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
  CHECK(trouble("redis-eks-sentinel", "leader(redis)", 5) == "");
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
