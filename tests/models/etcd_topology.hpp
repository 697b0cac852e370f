// An etcd cluster on the machines of the small design: one member a zone, round trips of a millisecond, writes at once.
#pragma once

#include <string>

#include "models/etcd/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct EtcdSettings {
  std::int64_t members = 3;
  Duration tick = Duration::milliseconds(100);
  Duration election = Duration::milliseconds(1000);
  bool pre_vote = true;
  double writes_per_s = 10;
  Duration round_trip = Duration::milliseconds(1);
  Duration write = {};
  Duration attempt = Duration::milliseconds(100);
};

inline Topology etcd_topology(const EtcdSettings& settings = {}) {
  Topology topology = small_topology();
  if (settings.members > 3) topology.node_groups[0].nodes_per_zone = 2;  // each has a machine of its own
  ServiceSpec service;
  service.name = "etcd";
  service.kind = service::find_kind("etcd");
  etcd::Spec spec;
  spec.version = "3.5";
  etcd::Parameters& parameters = spec.parameters;
  parameters.heartbeat_interval = settings.tick;
  parameters.election_timeout = settings.election;
  parameters.pre_vote = settings.pre_vote;
  parameters.check_quorum = parameters.tick_advance = true;
  parameters.snapshot_count = 100'000;
  parameters.catch_up_entries = 5'000;
  parameters.request_timeout = Duration::seconds(5);
  parameters.fsync = Law::constant(settings.write);
  parameters.start = Law::constant(Duration::seconds(1));
  parameters.replacement = Law::constant(Duration::seconds(900));
  parameters.restore = Law::constant(Duration::seconds(2700));
  parameters.backup_interval = Duration::seconds(3600);
  spec.writes_per_s = settings.writes_per_s;
  spec.write_size = {1'000};
  spec.database = {100e6};
  spec.clients = {{"app", "region", {settings.attempt, Duration()}}};
  for (const auto kind : {etcd::SliKind::write, etcd::SliKind::read, etcd::SliKind::serializable_read}) {
    etcd::SliSpec sli;
    sli.name = etcd::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    sli.client = "app";
    sli.deadline = Duration::milliseconds(100);
    spec.slis.push_back(std::move(sli));
  }
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[0];
  pool.name = "member";
  pool.roles = role_bit(0);
  pool.replicas = settings.members;
  pool.cpu = 1;
  pool.memory = {2e9};
  service.pools = {pool};
  topology.services = {service};
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = settings.round_trip;
  return topology;
}

}  // namespace nines::models::testing
