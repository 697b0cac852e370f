// PostgreSQL on the machines of the small design: one server a zone in turn, with the API of Kubernetes or an etcd
// as Patroni's store. Every law is a constant.
#pragma once

#include <string>

#include "models/postgresql/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/etcd_topology.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct PostgresSettings {
  std::int64_t servers = 3;
  postgresql::Failover failover = postgresql::Failover::patroni;
  bool etcd = true;
  postgresql::Commit commit = postgresql::Commit::on;
  std::int64_t synchronous = 0;
  postgresql::Stops stops = postgresql::Stops::fast;
  bool strict = false;
  bool failsafe = false;
  bool rewind = true;
  bool slots = true;
  postgresql::Discovery discovery = postgresql::Discovery::multi_host;
  double writes_per_s = 1000;
  double write_bytes = 1000;
  double hot_set = 0;
  double database = 10e9;
  Duration start = Duration::seconds(3600);  ///< a server that is killed stays away
  Duration command = Duration::seconds(5);
  Duration user_timeout = {};
  Duration archive = {};
};

inline postgresql::Parameters postgresql_parameters() {
  postgresql::Parameters p;
  const auto s = [](std::int64_t count) { return Duration::seconds(count); };
  p.checkpoint_timeout = p.primary_start_timeout = s(300);
  p.max_wal_size = {1e12};
  p.completion_target = 0.9;
  p.full_page_writes = true;
  p.sender_timeout = p.receiver_timeout = s(60);
  p.retry_interval = s(5);
  p.writer_delay = Duration::milliseconds(200);
  p.start = Law::constant(s(3600));
  p.fast_stop = p.promote = Law::constant(s(1));
  p.replay_rate = {50e6};
  p.replication_delay = Duration::milliseconds(2);
  p.fsync = Law::constant(Duration());
  p.rewind_takes = Law::constant(s(20));
  p.backup_rate = {100e6};
  p.page = {8192};
  p.pages_per_write = 3;
  p.by_hand = Law::constant(s(1800));
  p.restore = Law::constant(s(7200));
  p.backup_interval = s(86'400);
  p.relabel = Law::constant(s(1));
  p.ttl = s(30);
  p.loop_wait = p.retry_timeout = s(10);
  p.maximum_lag = {1 << 20};
  p.member_timeout = s(2);
  p.lease_check = Duration::milliseconds(500);
  p.member_slots_ttl = s(1800);
  return p;
}

inline ServiceSpec postgresql_service(const PostgresSettings& settings, const Topology& topology) {
  ServiceSpec service;
  service.name = "postgresql";
  service.kind = service::find_kind("postgresql");
  service.controller = Controller::stateful_set;
  postgresql::Spec spec;
  spec.version = "16";
  spec.failover = settings.failover;
  if (settings.etcd && settings.failover == postgresql::Failover::patroni) spec.dcs = "etcd";
  spec.commit = settings.commit;
  spec.stops = settings.stops;
  spec.synchronous_standbys = settings.synchronous;
  spec.parameters = postgresql_parameters();
  spec.parameters.strict = settings.strict;
  spec.parameters.failsafe = settings.failsafe;
  spec.parameters.rewind = settings.rewind;
  spec.parameters.slots = settings.slots;
  spec.parameters.start = Law::constant(settings.start);
  spec.parameters.archive_timeout = settings.archive;
  spec.writes_per_s = settings.writes_per_s;
  spec.write_size = {settings.write_bytes};
  spec.database = {settings.database};
  spec.hot_set = {settings.hot_set};
  spec.clients = {{"app",
                   "region",
                   settings.discovery,
                   {Duration::seconds(2), settings.command, settings.user_timeout,
                    Duration::nanoseconds(924'600'000'000), Duration::milliseconds(100)}}};
  for (const auto kind : {postgresql::SliKind::write, postgresql::SliKind::read}) {
    postgresql::SliSpec sli;
    sli.name = postgresql::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    sli.client = "app";
    sli.deadline = Duration::milliseconds(100);
    spec.slis.push_back(std::move(sli));
  }
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[0];
  pool.name = "server";
  pool.roles = role_bit(0);
  pool.replicas = settings.servers;
  pool.cpu = 1;
  pool.memory = {2e9};
  service.pools = {pool};
  return service;
}

inline Topology postgresql_topology(const PostgresSettings& settings = {}) {
  Topology topology = small_topology();
  topology.node_groups[0].nodes_per_zone = 4;  // each has a machine of its own
  std::vector<ServiceSpec> services{postgresql_service(settings, topology)};
  if (settings.etcd && settings.failover == postgresql::Failover::patroni) {
    services.push_back(etcd_topology().services[0]);
    services.back().own.as<etcd::Spec>().slis.clear();
  }
  topology.services = services;
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = Duration::milliseconds(1);
  return topology;
}

/// The same on machines without Kubernetes: their supervisors start a process again at once.
inline Topology on_hosts(Topology topology) {
  topology.platform = PlatformKind::none;
  topology.workloads.clear();
  for (NodeGroupSpec& group : topology.node_groups) {
    group.bare = true;
    group.provisioner = Provisioner::none;
    group.auto_recovery = false;
    group.instance.local_disk = {4e12};
    group.instance.local_disk_rate = {1e9};
  }
  for (ServiceSpec& service : topology.services) {
    service.controller = Controller::supervisor;
    for (PoolSpec& pool : service.pools) pool.storage.kind = VolumeKind::nvme;
  }
  topology.hosts.restarts = true;
  topology.hosts.restart_wait = Duration::milliseconds(100);
  return topology;
}

}  // namespace nines::models::testing
