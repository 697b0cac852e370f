#include "models/redis/plan.hpp"

#include <algorithm>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::redis {

sentinel::Rules sentinel_rules_of(const Parameters& p) {
  sentinel::Rules rules;
  rules.down_after = p.down_after;
  rules.failover_timeout = p.failover_timeout;
  rules.parallel_syncs = p.parallel_syncs;
  rules.quorum = p.quorum;
  rules.ping_period = p.ping_period;
  rules.info_period = p.info_period;
  rules.watch_period = p.watch_period;
  rules.hello_period = p.hello_period;
  rules.ask_period = p.ask_period;
  rules.election_timeout = p.sentinel_election_timeout;
  rules.desync = p.desync;
  rules.reconf_timeout = p.reconf_timeout;
  rules.min_link_age = p.min_link_age;
  rules.tilt_trigger = p.tilt_trigger;
  rules.tilt_period = p.tilt_period;
  return rules;
}

bus::Rules bus_rules_of(const Parameters& p) {
  bus::Rules rules;
  rules.node_timeout = p.node_timeout;
  rules.cron_period = p.cluster_cron;
  rules.election_fixed = p.election_fixed;
  rules.election_random = p.election_random;
  rules.rank_delay = p.rank_delay;
  rules.scaled_delay = p.scaled_delay;
  rules.full_coverage = p.full_coverage;
  rules.validity_factor = p.validity_factor;
  rules.repl_ping_period = p.repl_ping_period;
  rules.writable_delay = p.writable_delay;
  rules.migrates = p.migrates;
  rules.migration_barrier = p.migration_barrier;
  rules.migration_delay = p.migration_delay;
  return rules;
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  for (const ProcessId process : plan.services[id].members) {
    const Roles roles = plan.processes[process].roles;
    if (plays(roles, server_role)) service.servers.push_back(process);
    if (plays(roles, sentinel_role)) service.sentinels.push_back(process);
  }
  service.shards = static_cast<Number>(spec.mode == Mode::cluster ? spec.masters : 1);
  for (std::size_t i = 0; i < service.servers.size(); ++i)
    service.shard_of.push_back(static_cast<Number>(i % service.shards));
  for (Number shard = 0; shard < service.shards; ++shard) service.first_chief.push_back(shard);
  service.priorities.assign(service.servers.size(), default_priority);
  for (const PrioritySpec& its : spec.priorities)
    service.priorities[static_cast<std::size_t>(its.server)] = its.priority;
  service.sentinel_rules = sentinel_rules_of(spec.parameters);
  const auto least = static_cast<double>(spec.parameters.sentinel_hz);
  for (double hz = least; hz < 2 * least; ++hz) service.tick_lengths.push_back(Duration::from_seconds(1 / hz));
  service.bus_rules = bus_rules_of(spec.parameters);
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (const ClientSpec& client : spec.clients) service.discovery.push_back(client.discovery);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, client, sli.oldest});
    measurement::SliPlan& added = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    added.counts_unreplicated_losses = sli.kind == SliKind::write;
    added.partitions = service.shards;
    added.group_partitions.assign(service.shards, 1);
    const ClientSpec& its = spec.clients[client];
    Keeps keeps = its.discovery == Discovery::dns ? Keeps::name : Keeps::nothing;
    if (its.discovery == Discovery::cluster && its.refresh != Refresh::on_failure) keeps = Keeps::map;
    const bool learns = its.discovery == Discovery::cluster && (keeps == Keeps::map || its.seeds == Seeds::addresses);
    const bool addressed = learns && spec.announces == Announces::addresses;
    for (Number shard = 0; shard < service.shards; ++shard)
      service.accesses.push_back({static_cast<std::uint16_t>(i), shard, keeps, addressed});
    service.keepers = service.keepers || keeps != Keeps::nothing;
    service.addressed = service.addressed || addressed;
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

}  // namespace nines::models::redis
