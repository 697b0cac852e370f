#include "models/rabbitmq/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::rabbitmq {

namespace {

std::int64_t replicas_of(const Spec& spec, const QueueSpec& queue, std::int64_t nodes) {
  switch (queue.type) {
    case QueueType::classic: return 1;
    case QueueType::mirrored:
    case QueueType::stream: return queue.replicas == 0 ? nodes : queue.replicas;
    case QueueType::quorum:
      return queue.replicas == 0 ? std::min<std::int64_t>(spec.parameters.quorum_size, nodes) : queue.replicas;
  }
  return 1;
}

}  // namespace

Bytes told_memory(const Parameters& parameters, Bytes limit) {
  return {limit.count - std::min(parameters.operator_reserve * limit.count, parameters.operator_reserve_most.count)};
}

const QueueSpec& spec_of(const Spec& spec, const QueuePlan& queue) {
  static const QueueSpec coordinator = [] {
    QueueSpec its;
    its.name = coordinator_name;
    its.message_size = {1};
    return its;
  }();
  return queue.spec == coordinator_row ? coordinator : spec.queues[queue.spec];
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const ServiceSpec& shared = plan.spec(id);
  const Spec& spec = spec_of(shared);
  ServicePlan service;
  service.nodes = plan.services[id].members;
  const auto nodes = static_cast<std::int64_t>(service.nodes.size());
  std::vector<std::pair<Number, Number>> of_row;  // first queue, how many
  for (std::size_t row = 0; row < spec.queues.size(); ++row) {
    const QueueSpec& queue = spec.queues[row];
    of_row.emplace_back(static_cast<Number>(service.queues.size()), static_cast<Number>(queue.count));
    for (std::int64_t number = 0; number < queue.count; ++number) {
      QueuePlan added;
      added.spec = static_cast<std::uint16_t>(row);
      added.number = static_cast<Number>(number);
      for (std::int64_t i = 0; i < replicas_of(spec, queue, nodes); ++i)
        added.replicas.push_back(static_cast<Number>((queue.leader + number + i) % nodes));
      const std::string name = fmt::format("{}/{}", plan.services[id].name, queue.name);
      added.component = namer.add(queue.count == 1 ? name : fmt::format("{}-{}", name, number), "queue");
      service.queues.push_back(std::move(added));
    }
  }
  const auto queues = static_cast<Number>(service.queues.size());
  if (std::any_of(spec.queues.begin(), spec.queues.end(),
                  [](const QueueSpec& queue) { return queue.type == QueueType::stream; })) {
    service.coordinator = queues;
    QueuePlan added;
    added.spec = coordinator_row;
    for (std::int64_t node = 0; node < nodes; ++node) added.replicas.push_back(static_cast<Number>(node));
    added.component = namer.add(fmt::format("{}/{}", plan.services[id].name, coordinator_name), "queue");
    service.queues.push_back(std::move(added));
  }
  for (const std::string& name : spec.preferred) {
    for (std::int64_t i = 0; i < nodes; ++i) {
      if (name == fmt::format("node-{}", i)) service.preferred = with(service.preferred, static_cast<Number>(i));
    }
  }
  service.memory = shared.pools[0].memory;
  if (spec.deployment == Deployment::operates) service.memory = told_memory(spec.parameters, service.memory);
  const double watermark = spec.parameters.memory_watermark * service.memory.count;
  if (watermark > 0 && spec.parameters.memory_used.count >= watermark) {
    throw std::invalid_argument(fmt::format(
        "a node of {} uses {:.0f} MB by itself and its watermark is at {:.0f} MB: publishers would be blocked for ever",
        plan.spec(id).name, spec.parameters.memory_used.count / 1e6, watermark / 1e6));
  }
  service.disk = shared.pools[0].storage.size;
  switch (spec.limit_by) {
    case LimitBy::absolute: service.free_limit = spec.parameters.disk_free_limit; break;
    case LimitBy::relative: service.free_limit = {spec.parameters.disk_free_relative * service.memory.count}; break;
    case LimitBy::operates: service.free_limit = spec.parameters.operator_disk_limit; break;
  }
  service.clients = service::add_clients(plan, namer, id, spec.clients);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    SliPlan added;
    added.index = static_cast<SliIndex>(plan.slis.size());
    added.kind = sli.kind;
    added.client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    added.queues = queues;
    for (std::size_t row = 0; row < spec.queues.size(); ++row) {
      if (spec.queues[row].name == sli.queue) std::tie(added.first_queue, added.queues) = of_row[row];
    }
    measurement::SliPlan& measured = add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
    // What nobody had confirmed is lost of publishers that do not wait for that.
    measured.counts_replicated_losses = sli.kind == SliKind::publish || sli.kind == SliKind::accept;
    measured.counts_unreplicated_losses = sli.kind == SliKind::accept;
    measured.partitions = added.queues;
    measured.group_partitions.assign(added.queues, 1);
    for (Number queue = 0; queue < added.queues; ++queue)
      service.accesses.push_back({static_cast<std::uint16_t>(i), static_cast<Number>(added.first_queue + queue)});
    service.slis.push_back(added);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

}  // namespace nines::models::rabbitmq
