// A consumer group that reads a topic of the small design, with laws that are constants.
#pragma once

#include "models/consumer_group/group.hpp"
#include "models/consumer_group/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct GroupSettings {
  std::int64_t members = 3;
  consumer_group::Protocol protocol = consumer_group::Protocol::classic;
  consumer_group::Assignor assignor = consumer_group::Assignor::range;
  bool static_members = false;
  double records_per_s = 1000;              ///< of one member; 1000 come
  Duration away = Duration::seconds(1000);  ///< a process that is killed is back after so long
  Duration limit = Duration::seconds(30);
  Duration load = Duration::seconds(1);
  bool close_on_stop = true;
};

inline consumer_group::Parameters group_parameters(const GroupSettings& settings) {
  consumer_group::Parameters p;
  p.session = p.server_session = Duration::seconds(45);
  p.heartbeat = Duration::seconds(3);
  p.server_heartbeat = Duration::seconds(5);
  p.max_poll = Duration::seconds(300);
  p.commit = Duration::seconds(5);
  p.initial_delay = Duration::seconds(3);
  p.start = p.join = p.poll = p.sync = Law::constant(Duration());
  p.load = Law::constant(settings.load);
  p.close_on_stop = settings.close_on_stop;
  return p;
}

/// Service 0 is the group, "readers"; service 1 is Kafka.
inline Topology group_topology(const GroupSettings& settings) {
  Topology topology = small_topology();
  kafka_spec(topology).topics.resize(1);
  topology.kubernetes.container_restart = Law::constant(settings.away);
  ServiceSpec service;
  service.name = "readers";
  service.kind = service::find_kind("consumer_group");
  service.controller = Controller::stateful_set;
  consumer_group::Spec spec;
  spec.source = "kafka";
  spec.client = "app";
  spec.topics = {"my-topic"};
  spec.protocol = settings.protocol;
  spec.assignor = settings.assignor;
  spec.static_members = settings.static_members;
  spec.records_per_s = settings.records_per_s;
  spec.parameters = group_parameters(settings);
  spec.slis.resize(2);
  spec.slis[0].name = "consumed";
  spec.slis[0].limit = settings.limit;
  spec.slis[1].name = "consuming";
  spec.slis[1].kind = consumer_group::SliKind::consuming;
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[1];
  pool.name = "member";
  pool.roles = role_bit(0);
  pool.replicas = settings.members;
  pool.storage = {};
  service.pools = {pool};
  topology.services.insert(topology.services.begin(), std::move(service));
  return topology;
}

}  // namespace nines::models::testing
