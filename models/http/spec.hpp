// A stateless HTTP service as a topology file says it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/http/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::http {

/// What stands between clients and servers.
enum class Frontend : std::uint8_t { none, cluster_ip, nlb, alb };
inline constexpr std::array<std::string_view, 4> frontend_names{"none", "cluster-ip", "nlb", "alb"};

/// What a load balancer sends requests to: pods, or a port of every node, whose kube-proxy sends them on.
enum class Target : std::uint8_t { ip, instance };
inline constexpr std::array<std::string_view, 2> target_names{"ip", "instance"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  ClientParameters parameters;
  double new_connections = 0;  ///< share of its requests for which it looks the name up at the cluster's DNS
};

enum class SliKind : std::uint8_t { request, capacity };
inline constexpr std::array<std::string_view, 2> sli_kind_names{"request", "capacity"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::request;
  std::string client;
  double tolerance = 0;  ///< share of requests that may fail
  Duration deadline;     ///< shorter interruptions are none
  std::optional<SlaSpec> sla;
};

struct Spec {
  Frontend frontend = Frontend::cluster_ip;
  Target target = Target::ip;
  Parameters parameters;
  bool credentials = false;     ///< servers need temporary credentials of the region's token service
  double requests_per_s = 0;    ///< of all clients; 0: too few to count
  double capacity_per_pod = 0;  ///< requests per second that one server takes
  double cpu_at_capacity = 0;   ///< processors that it uses then; 0: what its pod requests
  double queue_per_pod = 0;     ///< requests that wait in a server at most
  std::string load_client;      ///< whose retries are part of the load; empty: nobody's
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind http.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

inline bool balanced(const Spec& spec) { return spec.frontend == Frontend::nlb || spec.frontend == Frontend::alb; }

/// The rules of machines lead to its pods.
inline bool by_rules(const Spec& spec) {
  return spec.frontend == Frontend::cluster_ip || (balanced(spec) && spec.target == Target::instance);
}

/// Servers that the load needs; at least one.
std::size_t servers_needed(const Spec& spec);
/// Processors that a server uses at its capacity. REQUIRES: the service is of kind http.
double cpu_at_capacity(const ServiceSpec& service);

}  // namespace nines::models::http
