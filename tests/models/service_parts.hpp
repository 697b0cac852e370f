// The own parts of services in tests, which have a single Kafka cluster or a single composite in most cases.
#pragma once

#include <string>
#include <utility>

#include "models/composite/spec.hpp"
#include "models/kafka/access.hpp"
#include "models/service/kind.hpp"
#include "tests/models/service_parts.hpp"

namespace nines::models {

/// The position-th service of kind `Own`.
template <class Own>
ServiceSpec& service_with(Topology& topology, std::size_t position = 0) {
  for (ServiceSpec& service : topology.services) {
    if (service.own.holds<Own>() && position-- == 0) return service;
  }
  throw std::out_of_range("no such service");
}
inline kafka::Spec& kafka_spec(Topology& topology) { return kafka::spec_of(service_with<kafka::Spec>(topology)); }
inline const kafka::Spec& kafka_spec(const Topology& topology) { return kafka_spec(const_cast<Topology&>(topology)); }
inline composite::Spec& composite_spec(Topology& topology, std::size_t position = 0) {
  return composite::spec_of(service_with<composite::Spec>(topology, position));
}
inline const composite::Spec& composite_spec(const Topology& topology, std::size_t position = 0) {
  return composite_spec(const_cast<Topology&>(topology), position);
}
inline const kafka::ServicePlan& kafka_plan(const Plan& plan) { return kafka::plan_of(plan, ServiceId::of(0)); }
inline const std::vector<ProcessId>& members(const Plan& plan) { return plan.services[ServiceId::of(0)].members; }
inline kafka::State& kafka_state(World& world) { return kafka::state_of(world, ServiceId::of(0)); }
inline const kafka::State& kafka_state(const World& world) { return kafka::state_of(world, ServiceId::of(0)); }

inline ServiceSpec composite_service(std::string name, std::vector<composite::SliSpec> slis) {
  ServiceSpec service;
  service.name = std::move(name);
  service.kind = service::find_kind("composite");
  service.own = sim::Value::of(composite::Spec{std::move(slis)});
  return service;
}
inline ServiceSpec kafka_service_of(std::string name, std::vector<PoolSpec> pools, kafka::Spec spec) {
  ServiceSpec service;
  service.name = std::move(name);
  service.kind = service::find_kind("kafka");
  service.pools = std::move(pools);
  service.own = sim::Value::of(std::move(spec));
  return service;
}

}  // namespace nines::models
