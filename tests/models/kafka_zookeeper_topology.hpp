// The small design with its metadata in ZooKeeper: Kafka 3.6 with kafka/broker-0 to -2 as service 0, and
// zookeeper/server-0 to -2 as service 1, one of each a zone. Costs of ZooKeeper's code take no time.
#pragma once

#include <utility>

#include "models/zookeeper/ensemble.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/zookeeper_topology.hpp"

namespace nines::models::testing {

inline Topology kafka_zookeeper_topology(ZooKeeperSettings settings = {}) {
  Topology topology = small_topology();
  Topology ensemble = zookeeper_topology(settings);
  zookeeper::Spec& store = ensemble.services[0].own.as<zookeeper::Spec>();
  store.clients.clear();
  store.slis.clear();
  ServiceSpec& service = topology.services[0];
  service.pools.resize(1);
  kafka::Spec& spec = kafka_spec(topology);
  spec.version = "3.6";
  spec.store = "zookeeper";
  spec.parameters.strict_min_isr = false;
  for (kafka::TopicSpec& topic : spec.topics) topic.acks_one_share = 0;
  topology.services.push_back(std::move(ensemble.services[0]));
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = settings.round_trip;
  return topology;
}

/// What differs from run to run is only who does what, and phases of timers: costs of brokers' code are constant.
inline void make_certain(kafka::BrokerParameters& p) {
  using namespace sim::literals;
  p.zk_reaction = Law::constant(5_ms);
  p.zk_controller_start = Law::constant(100_ms);
  p.metadata_apply = Law::constant(20_ms);
  p.first_leadership = p.fetcher_start = p.fetcher_connect = Law::constant(Duration());
  p.process_start = Law::constant(2_s);
  p.log_load = Law::constant(500_ms);
  p.clean_close = Law::constant(700_ms);
}

inline const zookeeper::State& ensemble_state(const World& world) {
  return world.services[ServiceId::of(1)].as<zookeeper::State>();
}

}  // namespace nines::models::testing
