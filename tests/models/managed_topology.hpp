// Services that the provider runs, one node a machine of the provider's over three zones. Phases are constants, so that
// outages are sums.
#pragma once

#include "models/managed/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct ManagedSettings {
  managed::Product product = managed::Product::elasticache;
  managed::Mode mode = managed::Mode::replicated;
  std::int64_t nodes = 3;
  std::int64_t shards = 1;
  bool automatic_failover = true;
  managed::Durability durability = managed::Durability::none;
  managed::Queues queues = managed::Queues::mirrored;
  double dataset = 5e6;  ///< 5,000 records
  Duration snapshot_every;
  double backlog = 0;
  managed::Follows follows = managed::Follows::dns;
  Duration ttl;
};

/// Phases in seconds: detect 20, promote 10, announce 15, hand over 1, replacement 300, start 60, maintenance 420.
inline managed::Parameters managed_parameters() {
  managed::Parameters p;
  const auto s = [](std::int64_t count) { return Law::constant(Duration::seconds(count)); };
  p.cache_detect = p.kafka_detect = p.queue_detect = s(20);
  p.cache_promote = p.kafka_promote = p.queue_promote = s(10);
  p.cache_dns = p.queue_balancer = s(15);
  p.cache_hand_over = p.kafka_hand_over = p.queue_hand_over = s(1);
  p.cache_replacement = p.kafka_replacement = p.queue_replacement = s(300);
  p.cache_start = p.kafka_start = p.queue_start = s(60);
  p.cache_maintenance = p.kafka_maintenance = p.queue_maintenance = s(420);
  p.cache_window = p.queue_window = Duration::seconds(3600);
  p.cache_lag = s(2);
  p.cache_log_lag = Law::uniform(Duration(), Duration::seconds(10));
  p.cache_readdress = s(40);
  p.queue_sync = {20e6};
  p.cache_r6g_large = {0.206};
  p.cache_t3_medium = {0.068};
  p.kafka_m5_large = {0.21};
  p.kafka_storage = p.queue_storage = {0.1};
  p.queue_m5_large = {0.288};
  p.queue_shared = {0.3};
  p.care = Duration::seconds(1800);
  return p;
}

inline Topology managed_topology(const ManagedSettings& settings = {}) {
  Topology topology = small_topology();
  topology.platform = PlatformKind::none;
  topology.workloads.clear();
  topology.operations.clear();
  without_rates(topology.infrastructure);
  without_changes(topology);
  NodeGroupSpec group = topology.node_groups.back();
  group.name = "provider";
  group.bare = true;
  group.provisioner = Provisioner::none;
  group.interruption = Interruption::none;
  group.auto_recovery = false;
  group.repair = MachineRepair::none;
  group.replacement = Replacement::evict_first;
  const std::int64_t zones = std::min<std::int64_t>(3, settings.nodes);
  group.zones.assign(topology.zones.begin(), topology.zones.begin() + zones);
  group.nodes_per_zone = settings.nodes / zones;
  topology.node_groups = {group};
  managed::Spec spec;
  spec.product = settings.product;
  spec.mode = settings.mode;
  spec.node_type = settings.product == managed::Product::elasticache ? "cache.r6g.large"
                   : settings.product == managed::Product::msk       ? "kafka.m5.large"
                                                                     : "mq.m5.large";
  spec.shards = settings.shards;
  spec.automatic_failover = settings.automatic_failover;
  spec.durability = settings.durability;
  spec.queues = settings.queues;
  spec.dataset = {settings.dataset};
  spec.snapshot_every = settings.snapshot_every;
  spec.backlog = {settings.backlog};
  spec.writes_per_s = 200;
  spec.write_size = {1000};
  spec.parameters = managed_parameters();
  managed::ClientSpec client{"app", "region", settings.follows, {}};
  client.parameters.ttl = settings.ttl;
  spec.clients = {client};
  for (const auto kind : {managed::SliKind::write, managed::SliKind::read, managed::SliKind::control}) {
    managed::SliSpec sli;
    sli.name = managed::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    sli.client = "app";
    spec.slis.push_back(std::move(sli));
  }
  ServiceSpec service;
  service.name = "store";
  service.kind = service::find_kind("managed");
  service.controller = Controller::supervisor;
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool;
  pool.name = "node";
  pool.roles = role_bit(0);
  pool.replicas = settings.nodes;
  pool.node_group = "provider";
  pool.placement.anti_affinity = AntiAffinity::none;
  service.pools = {pool};
  topology.services = {service};
  return topology;
}

inline managed::Spec& managed_spec(Topology& topology) { return topology.services[0].own.as<managed::Spec>(); }

}  // namespace nines::models::testing
