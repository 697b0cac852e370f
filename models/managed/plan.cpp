#include "models/managed/plan.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "models/namer.hpp"
#include "models/service/kind.hpp"

namespace nines::models::managed {

namespace {

/// Members of a shard are in different zones where these are enough, and shards begin in one zone after the other.
void group_nodes(const models::Plan& plan, const Spec& spec, ServicePlan& service) {
  const std::size_t nodes = service.nodes.size();
  const bool sharded = spec.product == Product::elasticache && spec.mode == Mode::cluster;
  const std::size_t groups = sharded ? static_cast<std::size_t>(spec.shards) : 1;
  std::vector<Number> order(nodes);
  std::iota(order.begin(), order.end(), Number{0});
  const auto zone = [&](Number node) { return plan.nodes[plan.processes[service.nodes[node]].node].zone; };
  std::stable_sort(order.begin(), order.end(), [&](Number a, Number b) { return sharded && zone(a) < zone(b); });
  service.groups.resize(groups);
  service.group_of.resize(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    service.groups[i % groups].push_back(order[i]);
    service.group_of[order[i]] = static_cast<Number>(i % groups);
  }
  for (std::size_t group = 0; group < groups; ++group) {
    std::vector<Number>& members = service.groups[group];
    std::rotate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(group % members.size()), members.end());
  }
}

}  // namespace

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.nodes = plan.services[id].members;
  group_nodes(plan, spec, service);
  std::set<ZoneId> zones;
  for (const ProcessId process : service.nodes) zones.insert(plan.nodes[plan.processes[process].node].zone);
  service.zones = zones.size();
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    SliPlan added;
    added.index = static_cast<SliIndex>(plan.slis.size());
    added.kind = sli.kind;
    added.client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    measurement::SliPlan& measured = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    measured.counts_replicated_losses = measured.counts_unreplicated_losses = sli.kind == SliKind::write;
    for (std::size_t group = 0; group < service.groups.size() && sli.kind != SliKind::control; ++group)
      service.accesses.push_back({static_cast<std::uint16_t>(i), static_cast<Number>(group)});
    service.slis.push_back(added);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

}  // namespace nines::models::managed
