#include "models/addon/plan.hpp"

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::addon {

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const std::size_t client = service::client_named(spec.clients, sli.client);
    const infrastructure::Endpoint place =
        client < service.clients.size() ? service.clients[client].place : plan.network.backbone;
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), place});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  if (on_each_machine(part_of(spec))) {
    service.on_machine.assign(plan.nodes.size(), nobody);
    const std::vector<ProcessId>& members = plan.services[id].members;
    for (std::size_t i = 0; i < members.size(); ++i)
      service.on_machine[plan.processes[members[i]].node.value] = static_cast<Position>(i);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const ServiceId routes = plan.player(PlatformPart::routes);
  if (part_of(spec_of(plan.spec(id))) == PlatformPart::names && routes.exists())
    plan.services[routes].users.push_back(id);
}

}  // namespace nines::models::addon
