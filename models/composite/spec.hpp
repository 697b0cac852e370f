// A composite service as a topology file says it: nothing but a structure over parts, black boxes and SLIs of other
// services.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"
#include "models/structure/spec.hpp"

namespace nines::models::composite {

/// It holds while what it requires works.
struct SliSpec {
  std::string name;
  structure::RequirementSpec requirement;
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::vector<SliSpec> slis;
};

/// REQUIRES: a service of kind composite.
inline Spec& spec_of(ServiceSpec& service) { return service.own.as<Spec>(); }
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::composite
