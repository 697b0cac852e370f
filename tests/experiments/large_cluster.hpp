// A cluster of plain Kubernetes of any size, as the text of a topology: m5.large machines in three zones, each with its
// pod of a DaemonSet and Deployments of a hundred pods with five sorts of requests; and an HTTP service of three pods.
// A third of the machines can be lost: what is left has room for all pods.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>

namespace nines::experiments::testing {

struct ClusterSize {
  int nodes = 0;  ///< a multiple of three
  int pods_per_node = 30;
  int replicas = 100;  ///< of a Deployment
};

inline std::string large_cluster(const ClusterSize& size) {
  constexpr std::array requests{R"("cpu": 0.02, "memory": "96Mi")", R"("cpu": 0.03, "memory": "128Mi")",
                                R"("cpu": 0.05, "memory": "128Mi")", R"("cpu": 0.02, "memory": "192Mi")",
                                R"("cpu": 0.04, "memory": "160Mi")"};
  constexpr int servers = 3;
  const int deployments = (size.nodes * (size.pods_per_node - 1) - servers) / size.replicas;
  std::string workloads = fmt::format(
      R"({{"name": "agent", "controller": "daemonset", "replicas": {}, "node_group": "general", "cpu": 0.02, "memory": "64Mi"}})",
      size.nodes);
  for (int i = 0; i < deployments; ++i) {
    workloads += fmt::format(
        ",\n    {{\"name\": \"app-{}\", \"controller\": \"deployment\", \"replicas\": {}, \"node_group\": \"general\", "
        "{}, "
        "\"anti_affinity\": \"preferred\"}}",
        i, size.replicas, requests[static_cast<std::size_t>(i) % requests.size()]);
  }
  return fmt::format(R"({{
  "schema": "nines/topology/1",
  "name": "cluster-{0}",
  "title": "{0} machines of plain Kubernetes",
  "region": "us-west-2",
  "zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
  "platform": {{"kind": "eks", "kubernetes_version": "1.31", "workloads": [
    {1}]}},
  "node_groups": [{{
    "name": "general", "instance_type": "m5.large", "zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
    "nodes_per_zone": {2}, "capacity": "on-demand", "provisioner": "karpenter", "max_pods": 110}}],
  "services": [{{
    "name": "web", "kind": "http", "frontend": "nlb", "target": "ip",
    "load": {{"requests_per_s": 300, "capacity_per_pod": 200}},
    "probes": {{"readiness": {{}}, "liveness": {{"initial_delay_s": 5}}}},
    "pre_stop_s": 15,
    "pools": [{{"name": "server", "roles": ["server"], "replicas": {3}, "node_group": "general", "cpu": 0.1, "memory": "256Mi"}}],
    "clients": [{{"name": "app", "place": "region"}}],
    "slis": [{{"name": "every-request", "kind": "request", "client": "app", "deadline_s": 0}}]}}],
  "overrides": {{"process.pause.rate": "0/yr"}}
}}
)",
                     size.nodes, workloads, size.nodes / 3, servers);
}

}  // namespace nines::experiments::testing
