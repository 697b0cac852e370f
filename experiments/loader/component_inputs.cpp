#include "experiments/loader/component_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "experiments/loader/entry.hpp"
#include "sim/time_units.hpp"

namespace nines::loader {

namespace {

using models::Law;
using models::Topology;
using models::components::ComponentSpec;

constexpr std::array input_table{
    ComponentInputInfo{"component/*/failure", Dimension::life, false, "life of a unit of the component"},
    ComponentInputInfo{"component/*/repair", Dimension::law, true, "repair of a failed unit, waiting for a crew aside"},
    ComponentInputInfo{"component/*/stages/*", Dimension::law, true, "phase of recovery after the repair"},
    ComponentInputInfo{"component/*/stages/*/success", Dimension::ratio, false,
                       "probability that the phase leads on; else it is gone through again"},
    ComponentInputInfo{"component/*/standby/dormant_factor", Dimension::ratio, true,
                       "failure rate of a standby unit over that of a serving one"},
    ComponentInputInfo{"component/*/standby/switchover", Dimension::law, true,
                       "time without service while a standby takes over"},
    ComponentInputInfo{"component/*/standby/coverage", Dimension::ratio, true,
                       "probability that a standby takes over as it should"},
    ComponentInputInfo{"component/*/standby/uncovered_duration", Dimension::law, true,
                       "time without service if it does not"},
    ComponentInputInfo{"crew/*/inspection", Dimension::law, true, "inspection of a component that has a failed unit"},
    ComponentInputInfo{"shock/*/rate", Dimension::rate, false, "how often the common cause strikes"},
    ComponentInputInfo{"shock/*/share", Dimension::ratio, false, "probability that a given unit is hit"},
};

std::vector<std::string> steps_of(std::string_view key) { return split_pointer(fmt::format("/{}", key)); }

bool fits(std::string_view pattern, const std::vector<std::string>& steps) {
  const std::vector<std::string> wanted = steps_of(pattern);
  return std::equal(wanted.begin(), wanted.end(), steps.begin(), steps.end(),
                    [](const std::string& want, const std::string& step) { return want == "*" || want == step; });
}

std::string key_of(std::string_view pattern, std::span<const std::string> names) {
  std::string key;
  std::size_t next = 0;
  for (const char c : pattern) {
    if (c == '*')
      key += names[next++];
    else
      key += c;
  }
  return key;
}

/// "--set" if the value, or a part of it, comes from there.
std::string origin_of(const Value& value) {
  const auto edited = [](const Value& v) { return v.document().set_by_override(v.pointer()); };
  const std::function<bool(const Value&)> any = [&](const Value& v) {
    if (edited(v)) return true;
    if (v.json().is_object()) {
      for (const auto& [key, ignored] : v.json().get_ref<const Json::object_t&>()) {
        if (any(v.member(key))) return true;
      }
    }
    for (std::size_t i = 0; v.json().is_array() && i < v.json().size(); ++i) {
      if (any(v.element(i))) return true;
    }
    return false;
  };
  return any(value) ? "--set" : "topology";
}

void set_life(ComponentSpec& spec, const Law& law) {
  spec.failure = law;
  spec.failure_rate.per_hour = sim::seconds_per_hour / law.mean().to_seconds();
}

void store(const ComponentSlot& slot, const ParameterValue& value) {
  if (const auto* component = std::get_if<ComponentSpec*>(&slot)) {
    if (const auto* law = std::get_if<Law>(&value)) return set_life(**component, *law);
    (*component)->failure.reset();
    (*component)->failure_rate = std::get<models::Rate>(value);
  } else if (const auto* law = std::get_if<Law*>(&slot)) {
    **law = std::get<Law>(value);
  } else if (const auto* rate = std::get_if<models::Rate*>(&slot)) {
    **rate = std::get<models::Rate>(value);
  } else {
    *std::get<models::Ratio*>(slot) = std::get<models::Ratio>(value);
  }
}

/// `base`: the value in base units.
void move(const ComponentSlot& slot, std::string_view center, double base) {
  if (const auto* component = std::get_if<ComponentSpec*>(&slot)) {
    ComponentSpec& spec = **component;
    if (spec.failure)
      set_life(spec, with_center(*spec.failure, center, base));
    else
      spec.failure_rate.per_hour = center == "rate" ? base : sim::seconds_per_hour / base;
  } else if (const auto* law = std::get_if<Law*>(&slot)) {
    **law = with_center(**law, center, base);
  } else if (const auto* rate = std::get_if<models::Rate*>(&slot)) {
    (*rate)->per_hour = base;
  } else {
    *std::get<models::Ratio*>(slot) = base;
  }
}

template <class Spec>
Spec* named(std::vector<Spec>& specs, std::string_view name) {
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const Spec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

/// REQUIRES: `input` is one of a component.
ComponentSlot slot_in(ComponentSpec& spec, ComponentInput input, const std::vector<std::string>& steps) {
  constexpr std::size_t stage_step = 3;  // component/<name>/stages/<stage>
  switch (input) {
    case ComponentInput::repair: return &*spec.repair;
    case ComponentInput::stage_duration: return &named(spec.stages, steps[stage_step])->duration;
    case ComponentInput::stage_success: return &named(spec.stages, steps[stage_step])->success;
    case ComponentInput::dormant_factor: return &spec.standby->dormant_factor;
    case ComponentInput::switchover: return &spec.standby->switchover->duration;
    case ComponentInput::coverage: return &spec.standby->switchover->coverage;
    case ComponentInput::uncovered_duration: return &spec.standby->switchover->uncovered_duration;
    default: return &spec;
  }
}

/// REQUIRES: the topology holds the input.
ComponentSlot slot_of(Topology& topology, ComponentInput input, const std::vector<std::string>& steps) {
  switch (input) {
    case ComponentInput::inspection: return &named(topology.crews, steps[1])->inspection;
    case ComponentInput::shock_rate: return &named(topology.shocks, steps[1])->rate;
    case ComponentInput::shock_share: return &named(topology.shocks, steps[1])->share;
    default: return slot_in(*named(topology.components, steps[1]), input, steps);
  }
}

/// A step of a pointer may be an index or already the name.
template <class Spec>
std::string name_at(const std::vector<Spec>& specs, const std::string& step) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (step == std::to_string(i)) return specs[i].name;
  }
  return step;
}

}  // namespace

std::span<const ComponentInputInfo> component_inputs() { return input_table; }

const ComponentInputInfo* find_component_input(std::string_view key) {
  if (key.find('/') == std::string_view::npos) return nullptr;
  const std::vector<std::string> steps = steps_of(key);
  const auto found = std::find_if(input_table.begin(), input_table.end(),
                                  [&](const ComponentInputInfo& info) { return fits(info.pattern, steps); });
  return found == input_table.end() ? nullptr : &*found;
}

bool read_component_input(const Object& object, std::string_view field, ComponentInput input,
                          std::span<const std::string> names, ComponentSlot slot,
                          std::vector<Assumption>& assumptions) {
  const std::optional<Value> value = object.get(field);
  if (!value) return false;
  const ComponentInputInfo& info = input_table[static_cast<std::size_t>(input)];
  const std::string key = key_of(info.pattern, names);
  const ParameterInfo as_parameter{key, Group::component, info.dimension, info.meaning};
  Entry entry;
  if (!read_component_entry(*value, as_parameter, info.zero_is_meant, entry)) return false;
  store(slot, entry.value);
  Assumption& a = assumptions.emplace_back(assumption_of(as_parameter, entry));
  if (a.source.empty()) a.source = "the topology, which names none";
  a.origin = origin_of(*value);
  return true;
}

std::string component_key(const Topology& topology, std::string_view pointer) {
  if (pointer.empty() || pointer[0] != '/') return {};
  std::vector<std::string> steps = split_pointer(pointer);
  if (steps.size() < 3) return {};
  if (steps[0] == "components") {
    steps[0] = "component";
    steps[1] = name_at(topology.components, steps[1]);
    for (const ComponentSpec& spec : topology.components) {
      if (spec.name == steps[1] && steps[2] == "stages" && steps.size() > 3) steps[3] = name_at(spec.stages, steps[3]);
    }
  } else if (steps[0] == "crews") {
    steps[0] = "crew";
    steps[1] = name_at(topology.crews, steps[1]);
  } else if (steps[0] == "shocks") {
    steps[0] = "shock";
    steps[1] = name_at(topology.shocks, steps[1]);
  } else {
    return {};
  }
  // Keys are shorter than pointers: what lasts is called by what it is, and a switchover belongs to its standby.
  if (steps.back() == "duration") steps.pop_back();
  if (steps.back() != "switchover") std::erase(steps, "switchover");
  const std::string key = fmt::format("{}", fmt::join(steps, "/"));
  return find_component_input(key) == nullptr ? std::string() : key;
}

bool assign_component_input(Topology& topology, const Assumption& assumption, double value) {
  const ComponentInputInfo* info = find_component_input(assumption.key);
  if (info == nullptr) return false;
  const Dimension dimension = assumption.center == "rate" ? Dimension::rate : info->dimension;
  const auto input = static_cast<ComponentInput>(info - input_table.data());
  move(slot_of(topology, input, steps_of(assumption.key)), assumption.center,
       to_base(*find_unit(dimension, assumption.unit), value));
  return true;
}

}  // namespace nines::loader
