#include "models/control_plane/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/control_plane/sli_fields.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::control_plane {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "control plane",
    .read_by = "API servers, controller managers, schedulers, and what stands in front of them",
    .held_by = "the service",
    .timings = "control_plane.",
});

constexpr FieldSpec service_rows[] = {
    config_of({"config", config, optional, "flags by their names, without dashes before them, and timings"},
              parameter_groups[0]),
    into<&Spec::store>({"store", name, required, "the service that holds the objects"}),
    into<&Spec::store_is_local>({"store_is_local", boolean, optional,
                                 "an API server asks the store's member on its own machine only (kubeadm's stacked "
                                 "topology); false: any member"}),
    into<&Spec::endpoint>(choice_of("endpoint", required,
                                    "load-balancer: with health checks; virtual-ip: an address that moves; "
                                    "first-server: the address of the first API server",
                                    endpoint_kind_names, "an endpoint")),
    into<&Spec::health_check>(choice_of("health_check", optional,
                                        "of a load balancer: readyz, the API server and its store (default); port",
                                        health_check_names, "a health check")),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the API servers are asked"},
                            client_object, "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

bool has_role(const ServiceSpec& service, Role role) {
  return std::any_of(service.pools.begin(), service.pools.end(), [&](const PoolSpec& pool) {
    return pool.replicas > 0 && plays(pool.roles, static_cast<std::size_t>(role));
  });
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {server_group};

constinit const ObjectSpec service_fields{"control_plane_service", "the control plane of a Kubernetes cluster",
                                          service_rows};

void check_clients(service::Report& report, const Topology& topology, const std::vector<ClientSpec>& clients,
                   const std::vector<SliSpec>& slis) {
  const std::string& at = report.at();
  const auto runs_platform = [](const ServiceSpec& service) { return service.kind->runs_platform; };
  if (std::count_if(topology.services.begin(), topology.services.end(), runs_platform) > 1)
    report.problem(at + "/kind", "A cluster has one control plane: remove the other service of such a kind.");
  const std::vector<std::string> names = service::check_places(report, topology, clients);
  for (std::size_t i = 0; i < slis.size(); ++i) {
    const std::string here = fmt::format("{}/slis/{}", at, i);
    const bool asks = slis[i].kind != SliKind::controllers;
    if (asks && slis[i].client.empty()) {
      report.problem(here, fmt::format("An SLI of kind {} needs a 'client' that sees it.",
                                       sli_kind_names[static_cast<std::size_t>(slis[i].kind)]));
    } else if (!asks && !slis[i].client.empty()) {
      report.problem(here + "/client", "Whether controllers act depends on no client: remove the field.");
    } else if (asks) {
      report.check_known(here + "/client", slis[i].client, names, "client");
    }
  }
}

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  check_clients(report, topology, spec.clients, spec.slis);
  if (topology.platform != PlatformKind::kubeadm)
    report.problem(at + "/kind", "Only a platform of kind 'kubeadm' has a control plane on machines of one's own.");
  std::vector<std::string> stores;
  for (const ServiceSpec& other : topology.services) {
    if (other.kind->holds_objects) stores.push_back(other.name);
  }
  report.check_known(at + "/store", spec.store, stores, "store");
  constexpr std::pair<Role, std::string_view> roles[] = {{Role::api_server, "apiserver"},
                                                         {Role::controller_manager, "controller-manager"},
                                                         {Role::scheduler, "scheduler"}};
  for (const auto& [role, name] : roles) {
    if (!has_role(service, role))
      report.problem(at + "/pools", fmt::format("A control plane needs a pool with the role '{}'.", name));
  }
  const Parameters& p = spec.parameters;
  if (p.renew_deadline >= p.lease_duration || p.retry_period >= p.renew_deadline) {
    report.problem(at,
                   "Expected leader-elect-retry-period < leader-elect-renew-deadline < "
                   "leader-elect-lease-duration: others do not start (client-go leaderelection).");
  }
  constexpr Duration least = Duration::milliseconds(1);
  if (p.retry_period < least) report.problem(at, "Expected leader-elect-retry-period of 1 ms at least.");
  const bool often = sim::scaled(p.address_retry, 1 + p.retry_jitter) < p.address_lease;
  if (spec.endpoint == EndpointKind::virtual_ip && (p.address_retry < least || !often)) {
    report.problem(at,
                   "Expected virtual_ip.retry of 1 ms at least, and with leader_election.jitter on top less than "
                   "virtual_ip.lease: its holder renews in time.");
  }
}

}  // namespace nines::models::control_plane
