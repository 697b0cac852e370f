// A ZooKeeper ensemble on the machines of the small design: one server a zone, round trips of a millisecond, costs of
// the code that take no time unless a test says so.
#pragma once

#include <string>

#include "models/service/kind.hpp"
#include "models/zookeeper/spec.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

/// ZooKeeper 3.8 with the sample configuration. Costs of handling are left at none.
inline zookeeper::Parameters zookeeper_parameters() {
  zookeeper::Parameters p;
  p.tick_time = Duration::seconds(2);
  p.init_limit = 10;
  p.sync_limit = 5;
  p.snap_count = 100'000;
  p.commit_log_count = 500;
  p.snapshot_size_factor = 0.33;
  p.connect_delay = Duration::milliseconds(100);
  p.min_notification = p.finalize_wait = Duration::milliseconds(200);
  p.max_notification = Duration::seconds(60);
  p.connect_tries = 5;
  const Law none = Law::constant(Duration());
  p.handling = p.teardown = p.close = p.leader_setup = p.follower_setup = p.pipeline_start = p.fsync = p.exit = none;
  p.start = Law::constant(Duration::seconds(2));
  p.load_rate = {50e6};
  p.replay_rate = 50'000;
  p.scan_rate = 1'000'000;
  p.snapshot_write_rate = {100e6};
  p.snapshot_send_rate = {40e6};
  return p;
}

/// Costs as they were seen on real servers: profile `zookeeper`.
inline void add_costs(zookeeper::Parameters& p) {
  const auto lognormal = [](double ms, double sigma) {
    return Law::lognormal(Duration::from_seconds(ms / 1e3), sigma);
  };
  p.handling = lognormal(2, 0.8);
  p.teardown = lognormal(15, 0.4);
  p.close = lognormal(16, 0.5);
  p.leader_setup = lognormal(10, 0.5);
  p.follower_setup = lognormal(1.5, 0.5);
  p.pipeline_start = lognormal(8, 0.7);
  p.exit = lognormal(40, 0.4);
}

/// The Java client of 3.8.
inline zookeeper::ClientParameters zookeeper_client_parameters() {
  zookeeper::ClientParameters p;
  p.read_share = 2.0 / 3;
  p.cleanup = Duration::milliseconds(100);
  p.reconnect_spread = p.round_wait = Duration::seconds(1);
  p.lost_after = 1;
  return p;
}

struct ZooKeeperSettings {
  std::int64_t servers = 3;
  double writes_per_s = 0;
  double database = 1e6;
  Duration session = Duration::seconds(10);
  Duration round_trip = Duration::milliseconds(1);
  zookeeper::Parameters parameters = zookeeper_parameters();
  zookeeper::ClientParameters client = zookeeper_client_parameters();
};

/// Service zookeeper with zookeeper/server-0 and so on; clients zookeeper/app in the region and zookeeper/near in the
/// first zone; SLIs write, read and session of the first, near-read and near-session of the other.
inline Topology zookeeper_topology(const ZooKeeperSettings& settings = {}) {
  Topology topology = small_topology();
  if (settings.servers > 3) topology.node_groups[0].nodes_per_zone = 2;  // each has a machine of its own
  ServiceSpec service;
  service.name = "zookeeper";
  service.kind = service::find_kind("zookeeper");
  zookeeper::Spec spec;
  spec.version = "3.8";
  spec.parameters = settings.parameters;
  spec.writes_per_s = settings.writes_per_s;
  spec.write_size = {1'000};
  spec.database = {settings.database};
  spec.clients = {{"app", "region", settings.session, settings.client},
                  {"near", topology.zones[0], settings.session, settings.client}};
  const auto add = [&](const char* name, zookeeper::SliKind kind, const char* client) {
    zookeeper::SliSpec sli;
    sli.name = name;
    sli.kind = kind;
    sli.client = client;
    sli.deadline = Duration::milliseconds(100);
    spec.slis.push_back(std::move(sli));
  };
  add("write", zookeeper::SliKind::write, "app");
  add("read", zookeeper::SliKind::read, "app");
  add("session", zookeeper::SliKind::session, "app");
  add("near-session", zookeeper::SliKind::session, "near");
  add("near-read", zookeeper::SliKind::read, "near");
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[0];
  pool.name = "server";
  pool.roles = role_bit(0);
  pool.replicas = settings.servers;
  pool.cpu = 1;
  pool.memory = {2e9};
  service.pools = {pool};
  topology.services = {service};
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = settings.round_trip;
  return topology;
}

}  // namespace nines::models::testing
