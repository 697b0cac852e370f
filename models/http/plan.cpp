#include "models/http/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::http {

namespace {

/// Who tries again more often does not feel the last of them.
constexpr std::int64_t most_watched_retries = 20;

/// Machines of the group are masters: kubeadm labels them node.kubernetes.io/exclude-from-external-load-balancers
/// (kubernetes/kubernetes cmd/kubeadm/app/phases/markcontrolplane).
bool has_control_plane(const Topology& topology, std::size_t group) {
  return std::ranges::any_of(topology.services, [&](const ServiceSpec& service) {
    return service.kind->runs_platform && std::ranges::any_of(service.pools, [&](const PoolSpec& pool) {
             return pool.node_group == topology.node_groups[group].name;
           });
  });
}

std::vector<TargetPlan> targets_of(const models::Plan& plan, ServiceId id, const Spec& spec) {
  std::vector<TargetPlan> targets;
  if (!balanced(spec)) return targets;
  if (spec.target == Target::instance) {
    for (const NodeId node : plan.nodes.ids()) {
      if (!plan.on_fargate(node) && !has_control_plane(plan.topology, plan.nodes[node].group))
        targets.push_back({plan.nodes[node].component, node, 0});
    }
    return targets;
  }
  const std::vector<ProcessId>& members = plan.services[id].members;
  for (std::uint32_t i = 0; i < members.size(); ++i)
    targets.push_back({plan.processes[members[i]].component, NodeId::none(), i});
  return targets;
}

}  // namespace

Patience patience_of(const ClientParameters& client) {
  return {.retries = client.retries,
          .attempt_timeout = client.attempt_timeout,
          .retry_wait = client.retry_wait,
          .deadline = client.deadline,
          .retry_backoff = client.retry_backoff};
}

std::size_t servers_needed(const Spec& spec) {
  if (spec.requests_per_s <= 0 || spec.capacity_per_pod <= 0) return 1;
  // Ratios of decimals that are whole numbers stay whole.
  constexpr double rounding = 1e-9;
  constexpr double most = 1e9;  // more than there can be
  const double needed = std::ceil(spec.requests_per_s / spec.capacity_per_pod * (1 - rounding));
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::min(needed, most)));
}

double cpu_at_capacity(const ServiceSpec& service) {
  const double given = spec_of(service).cpu_at_capacity;
  return given > 0 || service.pools.empty() ? given : service.pools.front().cpu;
}

infrastructure::HealthCheck health_check(const Spec& spec) {
  const Parameters& p = spec.parameters;
  if (spec.frontend == Frontend::nlb) return {p.nlb_interval, p.nlb_timeout, p.nlb_unhealthy, p.nlb_healthy};
  return {p.alb_interval, p.alb_timeout, p.alb_unhealthy, p.alb_healthy};
}

const Law& listing(const Spec& spec, bool ready) {
  const Parameters& p = spec.parameters;
  if (!balanced(spec) || spec.target == Target::instance) return p.propagation;
  if (spec.frontend == Frontend::nlb) return ready ? p.nlb_registration : p.nlb_deregistration;
  return ready ? p.alb_registration : p.alb_deregistration;
}

/// An attempt is given up after its time-out, and a request at its deadline, of which failed attempts have taken a
/// part.
std::vector<Duration> watched_waits(const Spec& spec) {
  std::set<Duration> waits;
  for (const SliSpec& sli : spec.slis) {
    const ClientParameters& client = spec.clients[service::client_named(spec.clients, sli.client)].parameters;
    const Patience patience = patience_of(client);
    waits.insert(client.attempt_timeout);
    Duration waited;
    for (std::int64_t failed = 0; failed <= std::min(client.retries, most_watched_retries); ++failed) {
      if (failed > 0) waited += wait_before(patience, failed);
      for (std::int64_t silent = 0; silent <= failed; ++silent) {
        const Duration left = client.deadline - waited - client.attempt_timeout * silent;
        if (left > Duration() && left < client.attempt_timeout) waits.insert(left);
      }
    }
  }
  return {waits.begin(), waits.end()};
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), client});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  if (!spec.load_client.empty())
    service.load_client = static_cast<std::uint16_t>(service::client_named(spec.clients, spec.load_client));
  if (!spec.load_client.empty()) service.watched_waits = watched_waits(spec);
  service.targets = targets_of(plan, id, spec);
  service.target_of.assign(plan.nodes.size(), no_target);
  for (std::uint32_t i = 0; i < service.targets.size(); ++i) {
    if (service.targets[i].node.exists()) service.target_of[service.targets[i].node] = i;
  }
  service.burstable = std::ranges::any_of(plan.services[id].members, [&](ProcessId member) {
    const NodeGroupSpec& group = plan.topology.node_groups[plan.nodes[plan.processes[member].node].group];
    return group.instance.cpu_baseline > 0;
  });
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  const auto hear = [&](PlatformPart part) {
    if (const ServiceId player = plan.player(part); player.exists()) plan.services[player].users.push_back(id);
  };
  if (by_rules(spec)) hear(PlatformPart::routes);
  if (std::ranges::any_of(spec.clients, [](const ClientSpec& client) { return client.new_connections > 0; }))
    hear(PlatformPart::names);
}

}  // namespace nines::models::http
