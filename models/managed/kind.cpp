// A managed service as a kind of service.
#include "models/service/kind.hpp"

namespace nines::models::managed {

namespace {

struct Spec {};

struct Managed : service::WithoutProcesses {
  using Spec = managed::Spec;
  static constexpr std::string_view name = "managed";
  static constexpr std::string_view title = "a managed service";
  static std::vector<std::string> sli_names(const ServiceSpec&) { return {}; }
  static const SlaSpec* sla_of(const ServiceSpec&, std::size_t) { return nullptr; }
  static void build(Plan&, Namer&, ServiceId) {}
  static void needs(structure::DependencyBuilder&, structure::Vertex, measurement::SliIndex) {}
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Managed>();

}  // namespace nines::models::managed
