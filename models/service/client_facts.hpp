// What results say about the client of an SLI, for kinds whose SLIs name one of the service's clients.
#pragma once

#include <vector>

#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::service {

/// What results say about an SLI of a kind whose SLIs name a client and have a deadline: both, and the client's place.
template <class Spec>
std::vector<Fact> client_facts(const Plan& plan, measurement::SliIndex index) {
  const measurement::SliPlan& sli = plan.slis[index];
  const Spec& spec = plan.spec(sli.service).own.template as<Spec>();
  const auto& its = spec.slis[sli.spec];
  std::vector<Fact> facts{{"name", its.client}};
  const std::size_t client = client_named(spec.clients, its.client);
  if (client < spec.clients.size()) facts.push_back({"place", spec.clients[client].place});
  facts.push_back({"deadline_s", its.deadline});
  return facts;
}

}  // namespace nines::models::service
