// Files with Fargate and with planned replacement: what is wrong is said once, where it is; shipped scenarios hold.
#include <catch2/catch.hpp>

#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/places.hpp"

namespace fargate_file_test {

using namespace nines;
using namespace nines::sim::literals;
using loader::testing::error_of;
using loader::testing::replaced;

namespace {

std::string shipped(const std::string& name) {
  return loader::testing::read_file(tests::source_file("topologies/" + name + ".json"));
}

std::string error(const std::string& name, const std::string& before, const std::string& after) {
  return error_of([&] { loader::load_topology_text(name + ".json", replaced(shipped(name), before, after)); });
}

}  // namespace

TEST_CASE("fargate: a profile has slots in each zone, and one machine a pod in health", "[fargate]") {
  const models::Topology topology = loader::load_topology_text("http-fargate.json", shipped("http-fargate")).topology;
  CHECK(topology.node_groups[0].provisioner == models::Provisioner::fargate);
  CHECK(topology.node_groups[0].nodes_per_zone == 12);
  const models::Plan plan = models::build_plan(topology, 1);
  CHECK(plan.nodes.size() == 36);
  std::size_t taken = 0;
  for (const models::NodeId node : plan.nodes.ids()) taken += plan.vacant(node) ? 0 : 1;
  CHECK(taken == 6);
}

TEST_CASE("fargate: what it does not run is an error at its place", "[fargate]") {
  const std::string group = R"("provisioner": "fargate")";
  const std::string pool = R"("replicas": 6,)";
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {group, R"("provisioner": "fargat")", "Did you mean 'fargate'?"},
      {group, group + R"(, "capacity": "spot")", "/node_groups/0/capacity: Fargate Spot runs tasks of ECS only"},
      {group, group + R"(, "instance_type": "m5.large")", "/node_groups/0/instance_type: each pod on Fargate"},
      {group, group + R"(, "nodes_per_zone": 3)", "/node_groups/0/nodes_per_zone: each pod on Fargate"},
      {group, group + R"(, "expire_after_h": 720)", "/node_groups/0/expire_after_h: each pod on Fargate"},
      {pool, pool + R"("storage": {"kind": "gp3", "size": "10Gi", "iops": 3000, "throughput": "125MiB/s"},)",
       "expected kind efs"},
      {pool, pool + R"("controller": "daemonset",)", "Fargate runs no daemonset"},
      {pool, pool + R"("priority": 5,)", "/services/0/pools/0/priority: the scheduler of Fargate does not go by this"},
      {pool, pool + R"("anti_affinity": "zone",)", "keeps no pods in zones apart"},
      {R"("memory": "7936Mi")", R"("memory": "200Gi")", "Fargate has no size for 2 vCPU and 200 GiB"},
      {R"("target": "ip")", R"("target": "instance")",
       "/services/0/target: pods of node group 'profile' run on Fargate"},
      {R"("kind": "eks")", R"("kind": "kubeadm")", "Fargate runs pods of eks only"},
  };
  for (const auto& [before, after, message] : wrong) {
    INFO(after);
    CHECK_THAT(error("http-fargate", before, after), Catch::Contains(message));
  }
}

TEST_CASE("planned replacement: fields are refused where nobody reads them", "[node-update]") {
  const std::string karpenter = R"("provisioner": "karpenter")";
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {karpenter, karpenter + R"(, "force_update": true)", "/node_groups/0/force_update: only managed node groups"},
      {karpenter, R"("provisioner": "asg", "expire_after_h": 720)", "/node_groups/0/expire_after_h: only Karpenter's"},
      {karpenter, R"("provisioner": "asg", "termination_grace_s": 60)", "only Karpenter's groups read this"},
      {R"({ "do": "drain", "target": "web")", R"({ "do": "node-update", "target": "wep")", "Did you mean 'web'?"},
      {R"({ "do": "drain", "target": "web")", R"({ "do": "node-update", "variant": "evict-first", "target": "web")",
       "node-update takes no 'variant'"},
  };
  for (const auto& [before, after, message] : wrong) {
    INFO(after);
    CHECK_THAT(error("http-eks", before, after), Catch::Contains(message));
  }
  const std::string fields = karpenter + R"(, "expire_after_h": 720, "termination_grace_s": 600)";
  const auto spec = loader::load_topology_text("http-eks.json", replaced(shipped("http-eks"), karpenter, fields))
                        .topology.node_groups[0];
  CHECK(spec.expire_after == 720_h);
  CHECK(spec.termination_grace == 10_min);
}

TEST_CASE("fargate: the shipped scenarios meet their expectations", "[fargate][scenarios]") {
  const auto loaded = loader::load_topology(tests::source_file("topologies/http-fargate.json"), {}, {});
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  for (const std::string name : {"fargate-node-loss", "fargate-patch"}) {
    const loader::Scenario scenario =
        loader::load_scenario(tests::source_file("experiments/scenarios/" + name + ".json"), {});
    experiments::ReplayOptions options;
    options.runs = 60;
    const auto results = experiments::replay(plan, scenario, options).base.expectations;
    CHECK_FALSE(results.empty());
    for (const auto& result : results) {
      INFO(name << ": " << result.text << ": " << result.met_fraction << ", worst " << result.worst);
      CHECK(result.met());
    }
  }
}

TEST_CASE("fargate: a pod's start has the published quantiles", "[fargate][oracle]") {
  // Median 60 to 90 s, some 5 % above 120 s: aws/containers-roadmap 649, apache/airflow 28046.
  const auto loaded = loader::load_topology(tests::source_file("topologies/http-fargate.json"), {}, {});
  const models::kubernetes::Parameters& p = loaded.topology.kubernetes;
  constexpr int steps = 60;
  std::size_t below_90 = 0, below_60 = 0, above_120 = 0, all = 0;
  const auto at = [](int i) { return (i + 0.5) / steps; };
  for (int i = 0; i < steps; ++i) {
    for (int j = 0; j < steps; ++j) {
      for (int k = 0; k < steps; ++k) {
        const double start =
            (p.fargate_launch.quantile(at(i)) + p.image_pull.quantile(at(j)) + p.pod_start.quantile(at(k)))
                .to_seconds();
        ++all;
        below_60 += start < 60 ? 1 : 0;
        below_90 += start < 90 ? 1 : 0;
        above_120 += start > 120 ? 1 : 0;
      }
    }
  }
  const auto share = [&](std::size_t count) { return static_cast<double>(count) / static_cast<double>(all); };
  CHECK(share(below_60) < 0.5);
  CHECK(share(below_90) > 0.5);
  CHECK(share(above_120) == Approx(0.05).margin(0.01));
}

}  // namespace fargate_file_test
