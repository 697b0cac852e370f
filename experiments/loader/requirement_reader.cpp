#include <fmt/format.h>

#include <algorithm>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/service_reader.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

namespace {

using models::Count;
using models::Topology;
using models::components::ComponentSpec;
using models::structure::RequirementSpec;

constexpr std::size_t most_required_parts = 10'000;

const ComponentSpec* component_named(const Topology& topology, std::string_view name) {
  const auto found = std::find_if(topology.components.begin(), topology.components.end(),
                                  [&](const ComponentSpec& spec) { return spec.name == name; });
  return found == topology.components.end() ? nullptr : &*found;
}

/// What an element of `of` counts.
Count counts_of(const Topology& topology, const RequirementSpec& spec) {
  const ComponentSpec* component = component_named(topology, spec.part);
  return component == nullptr ? 1 : serving_units(*component);
}

class RequirementReader {
 public:
  explicit RequirementReader(const Topology& topology) : topology_(topology) {}

  void read(const Value& value, RequirementSpec& spec, std::size_t depth, bool counted) {
    if (value.json().is_string()) return part(value, spec, counted);
    if (!value.json().is_object()) {
      value.expected(R"(a part by name, or an object with "at_least" and "of", "all", or "any")");
    } else if (depth >= most_nesting) {
      value.report(fmt::format("expected requirements nested at most {} deep.", most_nesting));
    } else if (value.json().contains("all")) {
      group(Object(value, all_fields(), "a requirement"), "all", spec, depth);
    } else if (value.json().contains("any")) {
      group(Object(value, any_fields(), "a requirement"), "any", spec, depth);
    } else {
      group(Object(value, at_least_fields(), "a requirement"), "of", spec, depth);
    }
  }

 private:
  /// `counted`: among the requirements of an at_least.
  void part(const Value& value, RequirementSpec& spec, bool counted) {
    spec.part = value.json().get<std::string>();
    const ComponentSpec* component = component_named(topology_, spec.part);
    if (counted || component == nullptr || !component->standby) return;
    // A part alone asks for all units; of a component with standby all that can serve.
    const RequirementSpec leaf = spec;
    spec = {{}, serving_units(*component), {leaf}};
  }

  void group(const Object& object, std::string_view list, RequirementSpec& spec, std::size_t depth) {
    const std::vector<Value> values = object.elements(list, most_required_parts, true);
    spec.of.resize(values.size());
    Count most = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      read(values[i], spec.of[i], depth + 1, true);
      most += counts_of(topology_, spec.of[i]);
    }
    if (list == "all") spec.at_least = most;
    if (list == "of" && !values.empty()) object.whole("at_least", spec.at_least, most);
  }

  const Topology& topology_;
};

/// Calls `use(value, part)` for every part that a requirement names.
template <class Use>
void for_each_part(const Value& value, Use use) {
  if (value.json().is_string()) return use(value, value.json().get_ref<const std::string&>());
  if (!value.json().is_object()) return;
  for (const std::string_view list : {"all", "any", "of"}) {
    if (!value.json().contains(std::string(list)) || !value.member(list).json().is_array()) continue;
    for (std::size_t i = 0; i < value.member(list).json().size(); ++i)
      for_each_part(value.member(list).element(i), use);
  }
}

}  // namespace

void read_requirement(const Value& value, const Topology& topology, RequirementSpec& spec) {
  RequirementReader(topology).read(value, spec, 0, false);
}

std::vector<std::string> qualified_slis(const models::ServiceSpec& service) {
  std::vector<std::string> names = service.kind->sli_names(service);
  for (std::string& name : names) name = fmt::format("{}/{}", service.name, name);
  return names;
}

void check_parts(const std::vector<Value>& requirements, const Topology& topology) {
  std::vector<std::string> known;
  for (const ComponentSpec& component : topology.components) known.push_back(component.name);
  // Services with processes first: they are what composites are made of.
  for (const bool hosted : {true, false}) {
    for (const models::ServiceSpec& service : topology.services) {
      if (service.kind->hosted != hosted) continue;
      for (std::string& sli : qualified_slis(service)) known.push_back(std::move(sli));
    }
  }
  const auto check = [&](const Value& at, const std::string& part) {
    // Long lists of names help nobody: the nearest is said, and all only if they are few.
    constexpr std::size_t most_shown = 20;
    if (std::find(known.begin(), known.end(), part) != known.end()) return;
    const std::vector<std::string_view> views(known.begin(), known.end());
    at.report(fmt::format("there is no component or service/sli '{}'{}.{}", part.substr(0, 200),
                          views.size() <= most_shown ? fmt::format(" (known: {})", one_of(views)) : "",
                          did_you_mean(part, views)));
  };
  for (const Value& requirement : requirements) for_each_part(requirement, check);
}

}  // namespace nines::loader
