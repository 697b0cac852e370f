// Files of stateless services: what is wrong with one is said once, where it is.
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "models/http/load.hpp"
#include "models/http/spec.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/places.hpp"

namespace http_file_test {

using namespace nines;
using namespace nines::sim::literals;
using loader::testing::error_of;
using loader::testing::replaced;

namespace {

std::string shipped() { return loader::testing::read_file(tests::source_file("topologies/http-eks.json")); }

std::string error(const std::string& text) {
  return error_of([&] { loader::load_topology_text("http-eks.json", text); });
}

}  // namespace

TEST_CASE("http: a file is read by its table, and probes keep what a manifest leaves out", "[http]") {
  const models::Topology topology = loader::load_topology_text("http-eks.json", shipped()).topology;
  const models::ServiceSpec& service = topology.services.at(0);
  const auto& spec = models::http::spec_of(service);
  CHECK(service.controller == models::Controller::deployment);
  CHECK(service.pre_stop == 15_s);
  REQUIRE((service.probes && service.probes->liveness && service.probes->readiness));
  CHECK_FALSE(service.probes->startup);
  CHECK(service.probes->liveness->initial_delay == 5_s);
  CHECK_FALSE(service.probes->liveness->period);
  CHECK(topology.kubernetes.probe_period == 10_s);
  CHECK(spec.frontend == models::http::Frontend::nlb);
  CHECK(spec.parameters.nlb_interval == 10_s);
  CHECK(spec.clients.at(1).parameters.retries == 2);
  CHECK(spec.slis.at(1).tolerance == 0.05);
  const std::string none =
      replaced(shipped(), R"("probes": { "readiness": {}, "liveness": { "initial_delay_s": 5 } },)", "");
  const models::ServiceSpec unprobed = loader::load_topology_text("http-eks.json", none).topology.services.at(0);
  REQUIRE(unprobed.probes);
  CHECK_FALSE((unprobed.probes->readiness || unprobed.probes->liveness || unprobed.probes->startup));
}

TEST_CASE("http: what a file cannot say is an error at its place", "[http]") {
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {R"("frontend": "nlb")", R"("frontend": "nbl")", "Did you mean 'nlb'?"},
      {R"("frontend": "nlb")", R"("frontend": "cluster-ip")", "/services/0/target: only a load balancer has targets"},
      {R"("requests_per_s": 300)", R"("requests_per_s": 700)", "3 servers take 600 requests per second, not 700"},
      {R"("load": { "requests_per_s": 300, "capacity_per_pod": 200 },)", "", "/services/0/slis/2/kind: without a load"},
      {R"("kind": "capacity",)", R"("kind": "capacity", "tolerance": 0.1,)", "only SLIs of kind request tolerate"},
      {R"("initial_delay_s": 5)", R"("initial_delay_s": 5, "timeout_s": 11)",
       "/services/0/probes/liveness: the time-out (11 s) must be at most the period (10 s)"},
      {R"("liveness": {)", R"("livenes": {)", "Did you mean 'liveness'?"},
      {R"("initial_delay_s": 5)", R"("failure_threshold": 0)", "/services/0/probes/liveness/failure_threshold"},
      {R"("nlb.health_check.interval": "10s")", R"("nlb.health_check.interval": "5s")",
       "nlb.health_check.timeout (10 s) must be at most nlb.health_check.interval (5 s)"},
      {R"("client": "mesh")", R"("client": "mash")", "Did you mean 'mesh'?"},
      {R"("capacity_per_pod": 200)", R"("capacity_per_pod": 200, "client": "mash")",
       "/services/0/load/client: there is no client 'mash' (known: app or mesh)"},
      {R"("http.client.retries": 2)", R"("http.client.retries": 101)",
       "/services/0/clients/1/config/http.client.retries: expected at most 100"},
      {R"("http.client.retries": 2)", R"("http.client.retry_backoff": 11)",
       "/services/0/clients/1/config/http.client.retry_backoff: expected from 1 to 10"},
      {R"("capacity_per_pod": 200)", R"("capacity_per_pod": 200, "queue_per_pod": 10)",
       "/services/0/load/queue_per_pod: how long clients wait"},
      {R"("capacity_per_pod": 200)", R"("capacity_per_pod": 200, "client": "mesh", "queue_per_pod": -1)",
       "/services/0/load/queue_per_pod"},
  };
  for (const auto& [before, after, message] : wrong) {
    INFO(after);
    CHECK_THAT(error(replaced(shipped(), before, after)), Catch::Contains(message));
  }
}

TEST_CASE("http: a load whose retries are followed is tried again twenty times at most", "[http]") {
  const std::string followed =
      replaced(shipped(), R"("capacity_per_pod": 200)", R"("capacity_per_pod": 200, "client": "mesh")");
  const models::Topology topology = loader::load_topology_text("http-eks.json", followed).topology;
  CHECK(models::http::holds_retries(models::http::spec_of(topology.services.at(0))));
  CHECK_THAT(
      error(replaced(followed, R"("http.client.retries": 2)", R"("http.client.retries": 21)")),
      Catch::Contains("/services/0/clients/1/config/http.client.retries") && Catch::Contains("at most 20 retries"));
}

TEST_CASE("autoscaling: what a file cannot say is an error at its place", "[autoscaler][elastic]") {
  const std::string shipped = loader::testing::read_file(tests::source_file("topologies/eks-elastic.json"));
  const auto fails = [&](const std::string& before, const std::string& after) {
    return error_of([&] { loader::load_topology_text("eks-elastic.json", replaced(shipped, before, after)); });
  };
  CHECK(loader::load_topology_text("eks-elastic.json", shipped).topology.node_groups.at(0).machines() == 3);
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {R"("requests_per_s": 390)", R"("requests_per_s": 500)",
       "/services/0/pools/0/replicas: with this load the autoscaler would not keep 3 pods: expected 4"},
      {R"("replicas": 3)", R"("replicas": 11)", "/services/0/pools/0/autoscaler: the pool's 'replicas', 11"},
      {R"("max": 10, "cpu_utilization": 0.7)", R"("max": 10)", "expected one of 'cpu_utilization' and"},
      {R"("max": 10, "cpu_utilization": 0.7)", R"("max": 10, "cpu_utilisation": 0.7)",
       "Did you mean 'cpu_utilization'?"},
      {R"("frontend": "nlb",)", R"("frontend": "nlb", "controller": "statefulset",)", "only pods of a Deployment"},
      {R"("min": 1, "desired": 3)", R"("min": 4, "desired": 3)",
       "/node_groups/0/scaling/desired: expected a number from"},
      {R"("scaling": {)", R"("nodes_per_zone": 1, "scaling": {)", "both say how many machines there are"},
      {R"("provisioner": "asg")", R"("provisioner": "none")", "nothing here launches machines for pods"},
      {R"("provisioner": "asg")", R"("provisioner": "karpenter")",
       "/node_groups/0/scaling/min: Karpenter knows no least"},
      {R"("cpu": 1, "memory")", R"("cpu": 0.9, "memory")", "would be taken away: 45 % of it is requested"},
  };
  for (const auto& [before, after, message] : wrong) {
    INFO(after);
    CHECK_THAT(fails(before, after), Catch::Contains(message));
  }
}

}  // namespace http_file_test
