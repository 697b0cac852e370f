// The control plane of a Kubernetes cluster on machines of one's own, as a topology file says it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/control_plane/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::control_plane {

/// Roles of its pools, in the order of `Kind::roles`.
enum class Role : std::uint8_t { api_server, controller_manager, scheduler };

/// How clients and kubelets find an API server (kubeadm's controlPlaneEndpoint).
enum class EndpointKind : std::uint8_t { load_balancer, virtual_ip, first_server };
inline constexpr std::array<std::string_view, 3> endpoint_kind_names{"load-balancer", "virtual-ip", "first-server"};

/// What the load balancer checks: whether the port is open, or whether the API server is ready, its store included.
enum class HealthCheck : std::uint8_t { readyz, port };
inline constexpr std::array<std::string_view, 2> health_check_names{"readyz", "port"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
};

enum class SliKind : std::uint8_t { api_read, api_write, controllers };
inline constexpr std::array<std::string_view, 3> sli_kind_names{"api-read", "api-write", "controllers"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::api_write;
  std::string client;  ///< empty of `controllers`
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string store;            ///< the service that holds the objects
  bool store_is_local = false;  ///< an API server uses the member on its own machine only
  EndpointKind endpoint = EndpointKind::load_balancer;
  HealthCheck health_check = HealthCheck::readyz;  ///< of a load balancer
  Parameters parameters;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is a control plane.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::control_plane
