// The control plane that EKS runs, as a topology file says it, and what follows from it.
#pragma once

#include <vector>

#include "models/control_plane/plan.hpp"
#include "models/eks/parameters.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::eks {

struct Spec {
  Parameters parameters;
  std::vector<control_plane::ClientSpec> clients;
  std::vector<control_plane::SliSpec> slis;
};

/// REQUIRES: the service is of kind eks.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

struct ServicePlan {
  std::vector<control_plane::ClientPlan> clients;
  std::vector<control_plane::SliPlan> slis;
};

/// REQUIRES: the service is of kind eks.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

struct State {
  bool serves = true;
  bool controllers = true;       ///< controller manager and scheduler act
  std::uint32_t zones_lost = 0;  ///< of those that the control plane is spread over
  sim::Time stopped;             ///< meaningful unless it serves
  std::uint32_t managers_so_far = 0;
  bool upgrading = false;          ///< new API servers are being put up
  bool swapping = false;           ///< they take the place of the old ones
  bool anew = false;               ///< controllers of another version wait for the leases
  bool fails = false;              ///< of the upgrade under way
  sim::TimerId failover_timer;     ///< pending ZoneFailedOver
  sim::TimerId controllers_timer;  ///< pending ControllersResume
};

}  // namespace nines::models::eks
