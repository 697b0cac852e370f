// A composite is a kind of service like any other: it has no processes, and its SLIs hold while what they require
// works.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/composite/fields.hpp"
#include "models/composite/spec.hpp"
#include "models/measurement/sli_names.hpp"
#include "models/namer.hpp"
#include "models/plan.hpp"

namespace nines::models::composite {

namespace {

using components::BoxId;
using measurement::SliIndex;

/// Resolves the requirements of one service's SLIs.
class Connector {
 public:
  explicit Connector(Plan& plan) : plan_(plan), structures_(plan.structures) {}

  void connect(SliIndex sli, const structure::RequirementSpec& spec) {
    structures_.of_sli[sli] = static_cast<std::int16_t>(structures_.requirements.size());
    structure::Requirement requirement;
    requirement.sli = sli;
    add_node(requirement, spec, true);
    for (const structure::Node& node : requirement.nodes) {
      if (node.kind == structure::Node::Kind::box) depend(node.box, sli);
    }
    add_parts(requirement);
    structures_.requirements.push_back(std::move(requirement));
  }

 private:
  static void add_parts(structure::Requirement& requirement) {
    for (structure::Node& node : requirement.nodes) {
      if (node.kind == structure::Node::Kind::at_least) continue;
      const auto known = std::find_if(requirement.parts.begin(), requirement.parts.end(), [&](const auto& part) {
        return part.kind == node.kind && part.box == node.box && part.sli == node.sli;
      });
      node.part = static_cast<std::uint32_t>(known - requirement.parts.begin());
      if (known == requirement.parts.end()) requirement.parts.push_back(node);
    }
    if (requirement.parts.size() > structure::most_parts) requirement.parts.clear();
  }
  std::uint32_t add_node(structure::Requirement& requirement, const structure::RequirementSpec& spec, bool root) {
    const auto at = static_cast<std::uint32_t>(requirement.nodes.size());
    requirement.nodes.emplace_back();
    if (!spec.part.empty()) {
      requirement.nodes[at] = part(requirement.sli, spec.part);
      if (root && requirement.nodes[at].kind == structure::Node::Kind::box) {
        requirement.nodes[at].needed = plan_.black_boxes.boxes[requirement.nodes[at].box].active;
      }
      return at;
    }
    requirement.nodes[at].needed = static_cast<std::uint32_t>(spec.at_least);
    for (const structure::RequirementSpec& child : spec.of) {
      const std::uint32_t index = add_node(requirement, child, false);
      requirement.nodes[at].of.push_back(index);
    }
    return at;
  }

  structure::Node part(SliIndex reader, const std::string& name) {
    structure::Node node;
    for (const BoxId box : plan_.black_boxes.boxes.ids()) {
      if (plan_.topology.components[plan_.black_boxes.boxes[box].spec].name != name) continue;
      node.kind = structure::Node::Kind::box;
      node.box = box;
      return node;
    }
    if (const auto sli = measurement::sli_named(plan_, name)) {
      node.kind = structure::Node::Kind::sli;
      node.sli = *sli;
      structures_.readers[*sli].push_back(reader);
      return node;
    }
    throw std::invalid_argument(fmt::format("a requirement names '{}', which is no component and no SLI", name));
  }

  /// The SLI may change with the box and with whatever masks it.
  void depend(BoxId box, SliIndex sli) {
    std::vector<SliIndex>& slis = plan_.black_boxes.boxes[box].requirements;
    if (std::find(slis.begin(), slis.end(), sli) == slis.end()) slis.push_back(sli);
    for (const BoxId mask : plan_.black_boxes.boxes[box].masked_by) depend(mask, sli);
  }

  Plan& plan_;
  structure::Structures& structures_;
};

struct Composite : service::WithoutProcesses, service::SlisOf<Spec> {
  using Spec = composite::Spec;
  static constexpr std::string_view name = "composite";
  static constexpr std::string_view title = "a composite service";
  static constexpr const service::ObjectSpec* fields = &service_fields;

  static void build(Plan& plan, Namer& namer, ServiceId id) {
    const std::vector<SliSpec>& slis = spec_of(plan.spec(id)).slis;
    for (std::size_t i = 0; i < slis.size(); ++i) {
      add_sli(plan, namer, id, i, slis[i].name, slis[i].deadline, slis[i].sla);
    }
  }

  static void connect(Plan& plan, ServiceId id) {
    Connector connector(plan);
    for (SliIndex sli = 0; sli < plan.slis.size(); ++sli) {
      if (plan.slis[sli].service != id) continue;
      connector.connect(sli, spec_of(plan.spec(id)).slis[plan.slis[sli].spec].requirement);
    }
  }

  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, SliIndex sli) {
    builder.need(vertex, builder.requirement(sli));
  }

  static std::span<const service::LeftOut> left_out() {
    static const std::vector<service::LeftOut> list{
        {"delays", "delays between the parts of a composite: it holds or not the instant that its requirement does"},
        {"composite-clients",
         "clients of composites: retries, time-outs, caches and queues that bridge an outage of a part",
         service::Truth::better},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Composite>();

}  // namespace nines::models::composite
