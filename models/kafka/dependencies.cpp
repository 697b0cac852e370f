#include "models/kafka/dependencies.hpp"

#include <algorithm>
#include <map>

#include "models/kafka/access.hpp"

namespace nines::models::kafka {

namespace {

/// Replicas of `group` that must be in sync; 0 if any leader will do.
std::uint32_t in_sync(const Spec& spec, const ServicePlan& service, const GroupPlan& group, SliKind kind) {
  const std::uint32_t min_isr = service.topics[group.topic].min_isr;
  if (kind == SliKind::write) return min_isr;
  if (kind != SliKind::visible) return 0;
  // Before 3.7 the high watermark advances over the in-sync replicas, however few they are.
  return spec.parameters.strict_min_isr ? min_isr : 1;
}

}  // namespace

void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
  const models::Plan& plan = builder.plan();
  const ServiceId id = plan.slis[index].service;
  const ServicePlan& service = plan_of(plan, id);
  const Spec& spec = spec_of(plan.spec(id));
  const auto found =
      std::find_if(service.slis.begin(), service.slis.end(), [&](const SliPlan& sli) { return sli.index == index; });
  builder.need_place(vertex, service.clients[found->client].place);
  const structure::Vertex partitions = builder.condition(plan.slis[index].tolerated_down);
  builder.need(vertex, partitions);
  // Who decides: the voters, or the store's servers. Then any broker can be the controller.
  const std::vector<ProcessId>& quorum =
      service.has_store() ? plan.services[service.store].members : service.controllers;
  std::map<structure::Vertex, std::uint32_t> weights;
  for (const GroupPlan& group : service.groups) {
    if (service.topics[group.topic].internal) continue;
    std::vector<ProcessId> replicas;
    for (std::size_t slot = 0; slot < group.factor; ++slot) replicas.push_back(service.brokers[group.broker[slot]]);
    weights[builder.replicas(replicas, in_sync(spec, service, group, found->kind), quorum)] += group.partitions;
  }
  for (const auto& [group, weight] : weights) builder.need(partitions, group, weight);
}

}  // namespace nines::models::kafka
