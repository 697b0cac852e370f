#include "models/postgresql/plan.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::postgresql {

WalLoad wal_load(const Spec& spec) {
  const Parameters& p = spec.parameters;
  const double page = p.page.count;
  return {spec.writes_per_s, spec.write_size.count, p.pages_per_write, page > 0 ? spec.hot_set.count / page : 0,
          p.full_page_writes ? page : 0};
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  const WalLoad load = wal_load(spec);
  service.checkpoint_interval = postgresql::checkpoint_interval(
      load, spec.parameters.checkpoint_timeout, spec.parameters.max_wal_size.count, spec.parameters.completion_target);
  service.wal_per_write = postgresql::wal_per_write(load, service.checkpoint_interval);
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, client});
    measurement::SliPlan& added = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    added.counts_replicated_losses = added.counts_unreplicated_losses = sli.kind == SliKind::write;
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  if (spec.failover != Failover::patroni) return;
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  if (spec.dcs.empty()) {
    if (plan.control_plane.exists()) plan.services[plan.control_plane].users.push_back(id);
    return;
  }
  service.store = plan.service_named(spec.dcs);
  if (!service.store.exists()) throw std::invalid_argument(fmt::format("'{}' is no service to store in", spec.dcs));
  plan.services[service.store].users.push_back(id);
}

}  // namespace nines::models::postgresql
