// An add-on of a cluster, as a topology file says it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/addon/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/platform_part.hpp"
#include "models/service/spec.hpp"

namespace nines::models::addon {

/// What it does for the cluster: the parts of `PlatformPart`, in their order.
enum class Function : std::uint8_t { cluster_dns, kube_proxy, volume_controller, volume_node, network_plugin };
inline constexpr std::array<std::string_view, platform_parts> function_names{
    "cluster-dns", "kube-proxy", "volume-controller", "volume-node", "network-plugin"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
};

enum class SliKind : std::uint8_t { resolve, resolve_at_once, works };
inline constexpr std::array<std::string_view, 3> sli_kind_names{"resolve", "resolve-at-once", "works"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::resolve;
  std::string client;    ///< empty of `works`
  double tolerance = 0;  ///< share of look-ups that may fail
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  Function function = Function::cluster_dns;
  bool credentials = false;  ///< of the volume controller: it needs temporary credentials of the region's token service
  Parameters parameters;
  double queries_per_s = 0;     ///< of all clients of the cluster DNS; 0: too few to count
  double capacity_per_pod = 0;  ///< that one pod answers
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is an add-on.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

inline PlatformPart part_of(const Spec& spec) { return static_cast<PlatformPart>(spec.function); }

}  // namespace nines::models::addon
