// Redis on the machines of the small design: servers and Sentinels one a zone in turn, round trips of 0.2 ms.
#pragma once

#include <string>

#include "models/redis/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::models::testing {

struct RedisSettings {
  redis::Mode mode = redis::Mode::sentinel;
  std::int64_t servers = 3;
  std::int64_t sentinels = 3;
  std::int64_t masters = 3;  ///< of a cluster
  std::int64_t quorum = 2;
  std::int64_t parallel_syncs = 1;
  Duration down_after = Duration::seconds(1);
  Duration failover_timeout = Duration::seconds(10);
  Duration node_timeout = Duration::seconds(2);
  std::int64_t min_replicas = 0;
  redis::Persistence persistence = redis::Persistence::none;
  redis::Discovery discovery = redis::Discovery::probe;
  double writes_per_s = 1000;
  Duration start = Duration::seconds(3600);  ///< a server that is killed stays away
  Duration attempt = Duration::milliseconds(100);
  Duration retry = Duration::milliseconds(5);
  double memory_limit = 0;
  double max_memory = 0;
  redis::Announces announces = redis::Announces::hostnames;
  redis::Stops stops = redis::Stops::by_signal;
};

inline redis::Parameters redis_parameters() {
  redis::Parameters p;
  const auto ms = [](std::int64_t count) { return Duration::milliseconds(count); };
  p.parallel_syncs = 1;
  p.sentinel_hz = 10;
  p.ping_period = p.watch_period = p.ask_period = p.desync = ms(1'000);
  p.info_period = p.sentinel_election_timeout = p.reconf_timeout = ms(10'000);
  p.hello_period = p.tilt_trigger = ms(2'000);
  p.min_link_age = ms(15'000);
  p.tilt_period = ms(30'000);
  p.max_lag = p.repl_ping_period = ms(10'000);
  p.repl_timeout = p.buffer_soft_period = ms(60'000);
  constexpr double mib = 1024.0 * 1024;
  p.backlog = {mib};
  p.buffer_hard = {256 * mib};
  p.buffer_soft = {64 * mib};
  p.cron_period = p.fsync_interval = ms(1'000);
  p.replication_delay = ms(1);
  p.server_cron = ms(100);
  p.shutdown_timeout = ms(10'000);
  p.handshake_trips = 3;
  p.stop_writes = true;
  p.save_retry = ms(5'000);
  p.save_interval = ms(300'000);
  p.load_rate = p.serialise_rate = {150e6};
  p.relabel = Law::constant(ms(6'000));
  p.readmit = Law::constant(ms(600'000));
  p.postpone = ms(2'000);
  p.copied_per_write = {4096};
  p.fork_pause = ms(15);
  p.full_coverage = true;
  p.validity_factor = 10;
  p.cluster_cron = ms(100);
  p.election_fixed = p.election_random = ms(500);
  p.rank_delay = ms(1'000);
  p.manual_failover_timeout = p.migration_delay = ms(5'000);
  p.migrates = true;
  p.migration_barrier = 1;
  p.hand_over_wait = ms(20'000);
  p.hand_over_poll = ms(1'000);
  p.writable_delay = ms(2'000);
  return p;
}

inline Topology redis_topology(const RedisSettings& settings = {}) {
  Topology topology = small_topology();
  topology.node_groups[0].nodes_per_zone = 4;  // each has a machine of its own
  ServiceSpec service;
  service.name = "redis";
  service.kind = service::find_kind("redis");
  service.controller = Controller::stateful_set;
  redis::Spec spec;
  spec.version = "7.0";
  spec.mode = settings.mode;
  spec.persistence = settings.persistence;
  if (settings.mode == redis::Mode::cluster) spec.masters = settings.masters;
  spec.parameters = redis_parameters();
  spec.parameters.down_after = settings.down_after;
  spec.parameters.failover_timeout = settings.failover_timeout;
  spec.parameters.quorum = settings.quorum;
  spec.parameters.parallel_syncs = settings.parallel_syncs;
  spec.parameters.node_timeout = settings.node_timeout;
  spec.parameters.min_replicas = settings.min_replicas;
  spec.parameters.memory_limit = {settings.memory_limit};
  spec.parameters.max_memory = {settings.max_memory};
  spec.announces = settings.announces;
  spec.stops = settings.stops;
  spec.parameters.start = Law::constant(settings.start);
  spec.writes_per_s = settings.writes_per_s;
  spec.write_size = {100};
  spec.dataset = {15e6};
  const bool cluster = settings.mode == redis::Mode::cluster;
  spec.clients = {
      {"app", "region", cluster ? redis::Discovery::cluster : settings.discovery, {settings.attempt, settings.retry}}};
  for (const auto kind : {redis::SliKind::write, redis::SliKind::read}) {
    redis::SliSpec sli;
    sli.name = redis::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    sli.client = "app";
    sli.deadline = Duration::milliseconds(50);
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
  if (settings.mode == redis::Mode::sentinel) {
    pool.name = "sentinel";
    pool.roles = role_bit(1);
    pool.replicas = settings.sentinels;
    service.pools.push_back(pool);
  }
  topology.services = {service};
  topology.operations.clear();
  topology.infrastructure.rtt_intra_zone = topology.infrastructure.rtt_inter_zone = Duration::nanoseconds(200'000);
  return topology;
}

}  // namespace nines::models::testing
