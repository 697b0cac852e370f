// Clients of a service: places from which it is used, and who sees its SLIs. What kinds share about them; a kind's own
// spec has a list `clients` of structs with `name` and `place`, its plan a list `clients` of structs with `component`
// and `place`.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/plan.hpp"
#include "models/purpose.hpp"
#include "models/service/parameters.hpp"
#include "models/service/report.hpp"

namespace nines::models {
class Namer;
struct Topology;
}  // namespace nines::models

namespace nines::models::service {

struct ClientPlan {
  ComponentId component = 0;
  infrastructure::Endpoint place = 0;
};

/// Where a client in `place`, a zone or "region", is on the network. Throws std::invalid_argument if there is no such
/// place.
infrastructure::Endpoint client_place(const Plan& plan, std::string_view place, std::string_view service);

/// Names a client of the service as a component of the plan, and finds its place. Throws as `client_place`.
ClientPlan add_client(const Plan& plan, Namer& namer, ServiceId service, std::string_view name, std::string_view place);

/// The same for all clients of a spec, in their order.
template <class ClientSpec>
std::vector<ClientPlan> add_clients(const Plan& plan, Namer& namer, ServiceId service,
                                    const std::vector<ClientSpec>& clients) {
  std::vector<ClientPlan> plans;
  for (const ClientSpec& client : clients) plans.push_back(add_client(plan, namer, service, client.name, client.place));
  return plans;
}

/// Where the clients of a service's plan are, in their order.
template <class Clients>
std::vector<infrastructure::Endpoint> places_of(const Clients& clients) {
  std::vector<infrastructure::Endpoint> places;
  for (const auto& client : clients) places.push_back(client.place);
  return places;
}

/// Whether two plans of a service have the same processes, and as many clients and SLIs.
template <class OwnPlan>
bool same_members(const ServicePlan& a, const ServicePlan& b) {
  const auto& one = a.own.as<OwnPlan>();
  const auto& other = b.own.as<OwnPlan>();
  return one.clients.size() == other.clients.size() && one.slis.size() == other.slis.size() && a.members == b.members;
}

/// Position of the client of that name in a spec; how many there are if there is none.
template <class ClientSpec>
std::size_t client_named(const std::vector<ClientSpec>& clients, std::string_view name) {
  const auto found =
      std::find_if(clients.begin(), clients.end(), [&](const ClientSpec& client) { return client.name == name; });
  return static_cast<std::size_t>(found - clients.begin());
}

/// Reports a client's place that is none. `number`: its position in the file's list.
void check_place(Report& report, const Topology& topology, std::size_t number, const std::string& place);

/// Reports places that do not exist. Returns the names of the clients, in their order.
template <class ClientSpec>
std::vector<std::string> check_places(Report& report, const Topology& topology,
                                      const std::vector<ClientSpec>& clients) {
  std::vector<std::string> names;
  for (const ClientSpec& client : clients) {
    check_place(report, topology, names.size(), client.place);
    names.push_back(client.name);
  }
  return names;
}

/// Reports places that do not exist, and SLIs of clients that do not.
template <class ClientSpec, class SliSpec>
void check_clients(Report& report, const Topology& topology, const std::vector<ClientSpec>& clients,
                   const std::vector<SliSpec>& slis) {
  const std::vector<std::string> names = check_places(report, topology, clients);
  for (std::size_t i = 0; i < slis.size(); ++i)
    report.check_known(fmt::format("{}/slis/{}/client", report.at(), i), slis[i].client, names, "client");
}

/// The parameters that each client of a service holds, as `parameters`. `name`: as lists show them, "etcd client".
template <class Spec, class ClientSpec>
constexpr ParameterGroup client_parameters(std::string_view name) {
  return held_by_elements<&Spec::clients, &ClientSpec::name, &ClientSpec::parameters>(
      {.name = name, .read_by = "clients", .held_by = "a client", .list = "clients"});
}

/// Of a kind whose own plan has clients, on top of what it is without them (`WithProcesses` or `WithoutProcesses`).
template <class OwnPlan, class Base>
struct WithClients : Base {
  static void purposes(const Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    for (const auto& client : plan.services[id].own.as<OwnPlan>().clients)
      by_component[client.component] = client_purposes;
  }
  static std::vector<std::pair<ComponentId, infrastructure::Endpoint>> client_places(const Plan& plan, ServiceId id) {
    std::vector<std::pair<ComponentId, infrastructure::Endpoint>> places;
    for (const auto& client : plan.services[id].own.as<OwnPlan>().clients)
      places.emplace_back(client.component, client.place);
    return places;
  }
};

}  // namespace nines::models::service
