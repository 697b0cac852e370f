#include "models/local_first/plan.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "models/namer.hpp"
#include "models/service/kind.hpp"

namespace nines::models::local_first {

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  for (const ProcessId worker : plan.services[id].members) {
    const VolumeId volume = plan.processes[worker].volume;
    const double own = volume.exists() ? plan.volumes[volume].size.count : 0;
    const double room = spec.room.count > 0 ? spec.room.count : own;
    service.room.push_back(room / spec.row_size.count);
  }
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, sli.limit});
    measurement::SliPlan& added = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    added.counts_unreplicated_losses = sli.kind == SliKind::accept;
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  service.upstream = plan.service_named(spec.upstream);
  if (!service.upstream.exists())
    throw std::invalid_argument(fmt::format("'{}' is no service to send to", spec.upstream));
  plan.services[service.upstream].users.push_back(id);
}

}  // namespace nines::models::local_first
