// An HTTP service on the machines of the small design: three servers, one a zone, and nothing that happens by itself.
#pragma once

#include <string>
#include <vector>

#include "models/http/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct HttpSettings {
  http::Frontend frontend = http::Frontend::cluster_ip;
  http::Target target = http::Target::ip;
  std::int64_t servers = 3;
  std::int64_t machines_a_zone = 2;
  Controller controller = Controller::deployment;
  double requests_per_s = 0;
  double capacity_per_pod = 0;
  double tolerance = 0;
  std::int64_t retries = 0;
  Duration retry_wait{};
  double backoff = 1;
  double budget = 1000;
  bool retries_add_load = false;
  double queue_per_pod = 0;
  ProbesSpec probes{};
  Duration pre_stop{};
  std::optional<AutoscalerSpec> autoscaler{};
  std::optional<GroupScaling> scaling{};
  Provisioner provisioner = Provisioner::karpenter;
  AntiAffinity anti_affinity = AntiAffinity::host;
};

/// Start 1 s, stop 200 ms, propagation 1 s, registration 5 s, deregistration 3 s; checks every 10 s, time-out 4 s, 3
/// failures, 2 successes; attempts of 1 s within a deadline of 10 s. SLIs `request` and, with a load, `capacity`.
inline Topology http_topology(const HttpSettings& settings = {}) {
  using namespace sim::literals;
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.pod_start = Law::constant(4_s);
  topology.kubernetes.image_pull = Law::constant(6_s);
  topology.kubernetes.container_restart = Law::constant(1_s);
  http::Spec spec;
  spec.frontend = settings.frontend;
  spec.target = settings.target;
  http::Parameters& p = spec.parameters;
  p.start = Law::constant(1_s);
  p.stop = Law::constant(200_ms);
  p.propagation = Law::constant(1_s);
  p.nlb_interval = p.alb_interval = 10_s;
  p.nlb_timeout = p.alb_timeout = 4_s;
  p.nlb_unhealthy = p.alb_unhealthy = 3;
  p.nlb_healthy = p.alb_healthy = 2;
  p.nlb_registration = p.alb_registration = Law::constant(5_s);
  p.nlb_deregistration = p.alb_deregistration = Law::constant(3_s);
  spec.requests_per_s = settings.requests_per_s;
  spec.capacity_per_pod = settings.capacity_per_pod;
  spec.queue_per_pod = settings.queue_per_pod;
  if (settings.retries_add_load) spec.load_client = "app";
  spec.clients = {
      {"app", "region", {1_s, settings.retries, settings.retry_wait, 10_s, settings.backoff, settings.budget}}};
  spec.slis = {{"request", http::SliKind::request, "app", settings.tolerance, Duration(), SlaSpec{0.999, 730_h, {}}}};
  if (settings.requests_per_s > 0)
    spec.slis.push_back({"capacity", http::SliKind::capacity, "app", 0, Duration(), std::nullopt});
  ServiceSpec service;
  service.name = "web";
  service.kind = service::find_kind("http");
  service.own = sim::Value::of(std::move(spec));
  service.controller = settings.controller;
  if (rules_of(settings.controller).kubernetes) service.probes = settings.probes;
  service.pre_stop = settings.pre_stop;
  PoolSpec pool;
  pool.name = "server";
  pool.roles = role_bit(0);
  pool.replicas = settings.servers;
  pool.node_group = topology.node_groups[0].name;
  pool.cpu = 1;
  pool.memory = {1e9};
  pool.autoscaler = settings.autoscaler;
  pool.placement.anti_affinity = settings.anti_affinity;
  service.pools = {pool};
  service.budget = DisruptionBudget::at_most(1);
  topology.services = {service};
  topology.workloads.clear();
  topology.operations.clear();
  NodeGroupSpec& group = topology.node_groups[0];
  group.nodes_per_zone = settings.machines_a_zone;
  group.scaling = settings.scaling;
  if (settings.scaling) group.provisioner = settings.provisioner;
  return topology;
}

}  // namespace nines::models::testing
