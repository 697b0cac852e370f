#include "experiments/loader/component_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/loader/component_inputs.hpp"
#include "experiments/loader/fields.hpp"

namespace nines::loader {

namespace {

using models::Topology;
using models::components::ComponentSpec;
using models::components::CrewPolicy;
using models::components::CrewSpec;
using models::components::Interrupts;
using models::components::ShockSpec;
using models::components::StageSpec;
using models::components::StandbySpec;
using models::components::SwitchoverSpec;

constexpr std::size_t most_components = 1'000;
constexpr std::size_t most_crews = 1'000;
constexpr std::size_t most_shocks = 1'000;
constexpr std::size_t most_stages_of_recovery = 16;

/// Names that selectors of scenarios keep for themselves.
constexpr std::array<std::string_view, 4> reserved_names{"nodes", "zones", "region", "control-plane"};

class ComponentReader {
 public:
  ComponentReader(Topology& topology, std::vector<Assumption>& assumptions)
      : topology_(topology), assumptions_(assumptions) {}

  void read(const Object& root) {
    // Specs must not move while their numbers are read into them.
    const std::vector<Value> components = root.elements("components", most_components);
    topology_.components.resize(components.size());
    read_all(components, topology_.components, "component", [&](const Value& v, ComponentSpec& s) { component(v, s); });
    const std::vector<Value> crews = root.elements("crews", most_crews);
    topology_.crews.resize(crews.size());
    read_all(crews, topology_.crews, "crew", [&](const Value& v, CrewSpec& s) { crew(v, s); });
    const std::vector<Value> shocks = root.elements("shocks", most_shocks);
    topology_.shocks.resize(shocks.size());
    read_all(shocks, topology_.shocks, "shock", [&](const Value& v, ShockSpec& s) { shock(v, s); });
    check_references();
  }

 private:
  /// A name that was read before what it names.
  struct Reference {
    Value at;
    std::string name;
  };

  template <class Spec, class ReadOne>
  static void read_all(const std::vector<Value>& values, std::vector<Spec>& specs, std::string_view what,
                       ReadOne read_one) {
    std::vector<std::pair<std::string, Value>> names;
    for (std::size_t i = 0; i < values.size(); ++i) {
      read_one(values[i], specs[i]);
      if (!specs[i].name.empty()) names.emplace_back(specs[i].name, values[i]);
    }
    report_duplicates(names, what);
  }

  void component(const Value& value, ComponentSpec& spec) {
    const Object object(value, component_fields(), "a component");
    if (object.read("name", read_name, spec.name) &&
        std::find(reserved_names.begin(), reserved_names.end(), spec.name) != reserved_names.end())
      object.at("name").report(fmt::format("'{}' is a word of scenarios and cannot name a component.", spec.name));
    object.whole("count", spec.count);
    const std::array names{spec.name};
    read_component_input(object, "failure", ComponentInput::failure, names, &spec, assumptions_);
    if (object.has("repair"))
      read_component_input(object, "repair", ComponentInput::repair, names, &spec.repair.emplace(), assumptions_);
    if (object.read("crew", read_name, spec.crew)) crew_references_.push_back({object.at("crew"), spec.crew});
    read_names(object, "masked_by", "mask", spec.masked_by);
    stages(object, spec);
    for (const std::string_view field : {"crew", "stages"}) {
      if (object.has(field) && !object.has("repair"))
        object.at(field).report_key(fmt::format("no model reads '{}' of a component without 'repair'.", field));
    }
    if (const auto found = object.get("standby")) standby(*found, spec, spec.standby.emplace());
    if (const auto found = object.get("after_mask")) after_mask(object, *found, spec);
  }

  void stages(const Object& object, ComponentSpec& spec) {
    const std::vector<Value> values = object.elements("stages", most_stages_of_recovery);
    spec.stages.resize(values.size());
    read_all(values, spec.stages, "stage of the component", [&](const Value& value, StageSpec& stage) {
      const Object fields(value, stage_fields(), "a stage");
      fields.read("name", read_name, stage.name);
      const std::array names{spec.name, stage.name};
      read_component_input(fields, "duration", ComponentInput::stage_duration, names, &stage.duration, assumptions_);
      read_component_input(fields, "success", ComponentInput::stage_success, names, &stage.success, assumptions_);
      fields.read("works", read_boolean, stage.works);
      fields.read("fails", read_boolean, stage.fails);
    });
  }

  static void after_mask(const Object& object, const Value& value, ComponentSpec& spec) {
    if (!read_name(value, spec.after_mask)) return;
    for (const std::string_view field : {"masked_by", "stages"}) {
      if (!object.has(field))
        return value.report_key(fmt::format("no model reads 'after_mask' of a component without '{}'.", field));
    }
    if (object.has("standby")) return value.report_key("no model reads 'after_mask' of a component with 'standby'.");
    if (!check_known(value, spec.after_mask, names_of(spec.stages), "stage of the component")) return;
    if (!spec.failure) return;
    bool after = false;
    for (const StageSpec& stage : spec.stages) {
      after = after || stage.name == spec.after_mask;
      if (after && !stage.fails)
        return value.report(
            fmt::format("expected a stage in which, and in all after it, the unit can fail ('fails'), as the failure "
                        "law has a memory; it cannot in '{}'.",
                        stage.name));
    }
  }

  void standby(const Value& value, const ComponentSpec& component, StandbySpec& spec) {
    const Object object(value, standby_fields(), "a standby");
    if (component.count < 2)
      value.report_key("no unit can stand by: the component has only one.");
    else if (component.count > most_units_with_standby)
      value.report_key(fmt::format("expected at most {} units in a component with 'standby', got {}.",
                                   most_units_with_standby, component.count));
    else
      object.whole("active", spec.active, component.count - 1);
    const std::array names{component.name};
    read_component_input(object, "dormant_factor", ComponentInput::dormant_factor, names, &spec.dormant_factor,
                         assumptions_);
    const auto found = object.get("switchover");
    if (!found) return;
    SwitchoverSpec& switchover = spec.switchover.emplace();
    const Object fields(*found, switchover_fields(), "a switchover");
    read_component_input(fields, "duration", ComponentInput::switchover, names, &switchover.duration, assumptions_);
    read_component_input(fields, "coverage", ComponentInput::coverage, names, &switchover.coverage, assumptions_);
    read_component_input(fields, "uncovered_duration", ComponentInput::uncovered_duration, names,
                         &switchover.uncovered_duration, assumptions_);
    if (fields.has("coverage") != fields.has("uncovered_duration"))
      found->report("expected both 'coverage' and 'uncovered_duration', or neither.");
  }

  void crew(const Value& value, CrewSpec& spec) {
    const Object object(value, crew_fields(), "a crew");
    object.read("name", read_name, spec.name);
    object.whole("size", spec.size);
    std::size_t choice = 0;
    const bool known = !object.has("policy") || object.read("policy", read_choice, choice, std::span(crew_policies),
                                                            std::string_view("a policy of a crew"));
    read_names(object, "order", "component in the order", spec.order);
    std::size_t interrupts = 0;
    if (object.has("interrupts") && object.read("interrupts", read_choice, interrupts, std::span(interrupt_kinds),
                                                std::string_view("what becomes of an interrupted repair")))
      spec.interrupts = static_cast<Interrupts>(interrupts);
    read_component_input(object, "inspection", ComponentInput::inspection, std::array{spec.name}, &spec.inspection,
                         assumptions_);
    if (!known) return;
    spec.policy = static_cast<CrewPolicy>(choice);
    if (spec.policy != CrewPolicy::priority && object.has("interrupts"))
      object.get("interrupts")
          ->report_key(fmt::format("no model reads 'interrupts' of a crew with policy '{}'.", crew_policies[choice]));
    policy_field(object, "order", spec, CrewPolicy::priority);
    policy_field(object, "inspection", spec, CrewPolicy::inspection);
  }

  /// A field that one policy needs and the others do not read.
  static void policy_field(const Object& object, std::string_view field, const CrewSpec& spec, CrewPolicy wanted) {
    const std::string_view policy = crew_policies[static_cast<std::size_t>(spec.policy)];
    if (const auto found = object.get(field)) {
      if (spec.policy != wanted)
        found->report_key(fmt::format("no model reads '{}' of a crew with policy '{}'.", field, policy));
    } else if (spec.policy == wanted) {
      object.value().report(fmt::format("missing field '{}' of a crew with policy '{}'.", field, policy));
    }
  }

  void shock(const Value& value, ShockSpec& spec) {
    const Object object(value, shock_fields(), "a shock");
    object.read("name", read_name, spec.name);
    const std::array names{spec.name};
    read_component_input(object, "rate", ComponentInput::shock_rate, names, &spec.rate, assumptions_);
    read_component_input(object, "share", ComponentInput::shock_share, names, &spec.share, assumptions_);
    read_names(object, "hits", "hit of the shock", spec.hits);
    if (object.has("hits") && object.get("hits")->json().is_array() && object.get("hits")->json().empty())
      object.at("hits").report("expected at least one component, got none.");
  }

  /// An array of names of components, each once.
  void read_names(const Object& object, std::string_view field, std::string_view what, std::vector<std::string>& out) {
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& element : object.elements(field, most_components)) {
      std::string name;
      if (!read_name(element, name)) continue;
      component_references_.push_back({element, name});
      names.emplace_back(name, element);
      out.push_back(name);
    }
    report_duplicates(names, what);
  }

  template <class Spec>
  static std::vector<std::string> names_of(const std::vector<Spec>& specs) {
    std::vector<std::string> names;
    for (const Spec& spec : specs) {
      if (!spec.name.empty()) names.push_back(spec.name);
    }
    return names;
  }

  void check_references() const {
    const std::vector<std::string> components = names_of(topology_.components);
    for (const Reference& reference : component_references_)
      check_known(reference.at, reference.name, components, "component");
    const std::vector<std::string> crews = names_of(topology_.crews);
    for (const Reference& reference : crew_references_) {
      if (topology_.crews.empty())
        reference.at.report(fmt::format("there is no crew '{}': the topology has no crews.", reference.name));
      else
        check_known(reference.at, reference.name, crews, "crew");
    }
  }

  Topology& topology_;
  std::vector<Assumption>& assumptions_;
  std::vector<Reference> component_references_;
  std::vector<Reference> crew_references_;
};

}  // namespace

void read_components(const Object& root, Topology& topology, std::vector<Assumption>& assumptions) {
  ComponentReader(topology, assumptions).read(root);
}

models::Count serving_units(const ComponentSpec& spec) { return spec.standby ? spec.standby->active : spec.count; }

}  // namespace nines::loader
