// ZooKeeper as a kind of service.
#include "models/service/kind.hpp"

#include <fmt/format.h>

namespace nines::models::zookeeper {

namespace {

struct Spec {};

constexpr service::Role roles_of_pools[] = {{"server", "serves", false, true}};

struct ZooKeeper : service::WithProcesses {
  using Spec = zookeeper::Spec;
  static constexpr std::string_view name = "zookeeper";
  static constexpr std::string_view title = "zookeeper";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static std::vector<std::string> sli_names(const ServiceSpec&) { return {}; }
  static const SlaSpec* sla_of(const ServiceSpec&, std::size_t) { return nullptr; }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("server-{}", number);
  }
  static void build(Plan&, Namer&, ServiceId) {}
  static void initialise(World&, ServiceId) {}
  static void process_started(World&, ServiceId, ProcessId) {}
  static void process_died(World&, ServiceId, ProcessId) {}
  static void process_terminating(World&, ServiceId, ProcessId) {}
  static void contacts_changed(World&, ServiceId) {}
  static bool ready(const World&, ServiceId, ProcessId) { return true; }
  static bool healthy(const World&, ServiceId) { return true; }
  static void needs(structure::DependencyBuilder&, structure::Vertex, measurement::SliIndex) {}
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<ZooKeeper>();

}  // namespace nines::models::zookeeper
