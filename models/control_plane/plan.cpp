#include "models/control_plane/plan.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::control_plane {

namespace {

std::vector<Position> with_role(const models::Plan& plan, ServiceId id, Role role) {
  std::vector<Position> found;
  const std::vector<ProcessId>& members = plan.services[id].members;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (plays(plan.processes[members[i]].roles, static_cast<std::size_t>(role)))
      found.push_back(static_cast<Position>(i));
  }
  return found;
}

}  // namespace

std::vector<SliPlan> build_slis(models::Plan& plan, Namer& namer, ServiceId id, const std::vector<ClientSpec>& clients,
                                const std::vector<SliSpec>& slis, std::vector<ClientPlan>& into) {
  into = service::add_clients(plan, namer, id, clients);
  std::vector<SliPlan> plans;
  for (std::size_t i = 0; i < slis.size(); ++i) {
    const SliSpec& sli = slis[i];
    const std::size_t client = service::client_named(clients, sli.client);
    const infrastructure::Endpoint place = client < into.size() ? into[client].place : plan.network.backbone;
    plans.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, place});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  return plans;
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.servers = with_role(plan, id, Role::api_server);
  service.managers = with_role(plan, id, Role::controller_manager);
  service.schedulers = with_role(plan, id, Role::scheduler);
  service.slis = build_slis(plan, namer, id, spec.clients, spec.slis, service.clients);
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  service.store = plan.service_named(spec.store);
  if (!service.store.exists()) throw std::invalid_argument(fmt::format("'{}' is no service to store in", spec.store));
  plan.services[service.store].users.push_back(id);
  for (const Position server : service.servers) {
    const NodeId machine = plan.processes[plan.services[id].members[server]].node;
    std::vector<ProcessId> asked;
    for (const ProcessId member : plan.services[service.store].members) {
      if (!spec.store_is_local || plan.processes[member].node == machine) asked.push_back(member);
    }
    if (asked.empty()) {
      throw std::invalid_argument(fmt::format("the machine of {} has no member of '{}', which its API server asks",
                                              plan.name(plan.processes[plan.services[id].members[server]].component),
                                              spec.store));
    }
    service.stores.push_back(std::move(asked));
  }
}

}  // namespace nines::models::control_plane
