#include "models/etcd/plan.hpp"

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::etcd {

raft::Rules rules_of(const Parameters& parameters) {
  raft::Rules rules;
  rules.election_ticks = static_cast<raft::Ticks>(parameters.election_timeout / parameters.heartbeat_interval);
  rules.pre_vote = parameters.pre_vote;
  rules.check_quorum = parameters.check_quorum;
  return rules;
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.rules = rules_of(spec.parameters);
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, client});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

}  // namespace nines::models::etcd
