// RabbitMQ on the machines of the small design: nodes one a zone in turn, round trips of 0.2 ms.
#pragma once

#include <string>

#include "models/rabbitmq/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct RabbitSettings {
  std::int64_t nodes = 3;
  rabbitmq::QueueType type = rabbitmq::QueueType::quorum;
  std::int64_t replicas = 0;
  rabbitmq::Handling handling = rabbitmq::Handling::ignore;
  rabbitmq::Deployment deployment = rabbitmq::Deployment::by_hand;
  bool khepri = false;
  bool persistent = true;
  rabbitmq::SyncMode sync = rabbitmq::SyncMode::manual;
  double publish_per_s = 100;
  double consume_per_s = 0;
  double message_size = 100;
  double disk_used = 0;
  Duration restart = Duration::seconds(3600);  ///< boot of a node that is killed
  bool publishers_everywhere = false;          ///< one more at each node: publish-0, publish-1, ...
  bool consumers = true;
  rabbitmq::Acknowledge acknowledge = rabbitmq::Acknowledge::manual;
  std::int64_t prefetch = 0;
  std::int64_t delivery_limit = rabbitmq::limit_by_version;
};

inline rabbitmq::Parameters rabbitmq_parameters() {
  rabbitmq::Parameters p;
  const auto ms = [](std::int64_t count) { return Duration::milliseconds(count); };
  const auto uniform = [&](double low, double high) {
    return Law::uniform(Duration::from_seconds(low), Duration::from_seconds(high));
  };
  p.net_ticktime = ms(60'000);
  p.net_ticks = 4;
  p.net_setuptime = ms(7'000);
  p.autoheal_timeout = ms(60'000);
  p.poll_interval = p.queue_tick = ms(5'000);
  p.heartbeat_interval = p.broadcast_time = ms(100);
  p.scaling_factor = 1.5;
  p.heartbeat_lateness = ms(7);
  p.election_multiplier = 5;
  p.soft_limit = 32;
  p.channel_credit = 400;
  p.reader_credit = 300;
  p.registration_margin = ms(5'000);
  p.quorum_size = 3;
  p.resends_lost = false;
  p.handling = uniform(0.0002, 0.001);
  p.recovery = uniform(0.1, 0.2);
  p.fsync = uniform(0.0002, 0.0012);
  p.teardown = uniform(0.007, 0.025);
  p.boot = uniform(3, 8.5);
  p.broker_start = uniform(1.5, 4.5);
  p.pause_stop = ms(500);
  p.ping_period = p.memory_check = p.drain = ms(1'000);
  p.table_retry = ms(30'000);
  p.table_retries = 10;
  p.mirroring = p.partition_modes = true;
  p.partition_repair = Law::constant(ms(3'600'000));
  p.forced_boot = Law::constant(ms(2'700'000));
  p.sync_rate = {50e6};
  p.stream_rate = {100e6};
  p.writeback = ms(30'000);
  p.residence = ms(50);
  p.delivery_limit = 1'000'000;
  p.consumer_timeout = ms(1'800'000);
  p.channel_tick = ms(60'000);
  p.disconnected_timeout = Duration();
  p.memory_watermark = 0.4;
  p.disk_free_limit = {50e6};
  p.operator_disk_limit = {2e9};
  p.operator_reserve = 0.2;
  p.operator_reserve_most = {2.0 * 1024 * 1024 * 1024};
  p.memory_used = {150e6};
  p.memory_per_message = {200};
  p.disk_check = ms(10'000);
  return p;
}
inline rabbitmq::ClientParameters rabbitmq_client_parameters() {
  return {Duration::seconds(60), Duration::seconds(5), Duration::seconds(60), Duration::seconds(30)};
}

/// Clients: `app` at node 1, which the loss of node 0, the leader, leaves; SLIs publish and deliver.
inline Topology rabbitmq_topology(const RabbitSettings& settings = {}) {
  Topology topology = small_topology();
  topology.node_groups[0].nodes_per_zone = 4;
  ServiceSpec service;
  service.name = "rabbitmq";
  service.kind = service::find_kind("rabbitmq");
  service.controller = Controller::stateful_set;
  rabbitmq::Spec spec;
  spec.version = "3.10";
  spec.deployment = settings.deployment;
  spec.handling = settings.handling;
  spec.khepri = settings.khepri;
  spec.parameters = rabbitmq_parameters();
  spec.parameters.boot = Law::constant(settings.restart);
  spec.disk_used = {settings.disk_used};
  rabbitmq::QueueSpec queue;
  queue.name = "orders";
  queue.type = settings.type;
  queue.replicas = settings.replicas;
  queue.persistent = settings.persistent;
  queue.sync = settings.sync;
  queue.publish_per_s = settings.publish_per_s;
  queue.consume_per_s = settings.consume_per_s;
  queue.message_size = {settings.message_size};
  queue.delivery_limit = settings.delivery_limit;
  if (settings.type == rabbitmq::QueueType::stream) queue.max_length = {1e9};
  spec.queues = {queue};
  const std::int64_t second = settings.nodes > 1 ? 1 : 0;
  spec.clients = {{"app", "region", rabbitmq::Endpoint::fixed, second, settings.acknowledge, settings.prefetch,
                   rabbitmq_client_parameters()}};
  const auto add = [&](std::string name, rabbitmq::SliKind kind, std::string client) {
    rabbitmq::SliSpec sli;
    sli.name = std::move(name);
    sli.kind = kind;
    sli.client = std::move(client);
    sli.deadline = Duration::milliseconds(50);
    spec.slis.push_back(std::move(sli));
  };
  if (!settings.publishers_everywhere) add("publish", rabbitmq::SliKind::publish, "app");
  if (settings.consumers) add("deliver", rabbitmq::SliKind::deliver, "app");
  for (std::int64_t node = 0; settings.publishers_everywhere && node < settings.nodes; ++node) {
    const std::string name = "publish-" + std::to_string(node);
    spec.clients.push_back({name, "region", rabbitmq::Endpoint::fixed, node, rabbitmq::Acknowledge::manual, 0,
                            rabbitmq_client_parameters()});
    add(name, rabbitmq::SliKind::publish, name);
  }
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[0];
  pool.name = "node";
  pool.roles = role_bit(0);
  pool.replicas = settings.nodes;
  pool.cpu = 1;
  pool.memory = {2e9};
  service.pools = {pool};
  topology.services = {service};
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = Duration::nanoseconds(200'000);
  return topology;
}

}  // namespace nines::models::testing
