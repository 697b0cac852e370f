// The numbers of black boxes that uncertainty can move: how they are called, what they mean, and where they are kept.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "experiments/loader/parameters.hpp"
#include "experiments/loader/reader.hpp"
#include "experiments/loader/topology_file.hpp"

namespace nines::loader {

/// Order of `component_inputs()`.
enum class ComponentInput : std::uint8_t {
  failure,
  repair,
  stage_duration,
  stage_success,
  dormant_factor,
  switchover,
  coverage,
  uncovered_duration,
  inspection,
  shock_rate,
  shock_share,
};

struct ComponentInputInfo {
  std::string_view pattern;  ///< key of its assumption, "*" for each name
  Dimension dimension;
  bool zero_is_meant;
  std::string_view meaning;
};
std::span<const ComponentInputInfo> component_inputs();
/// The row whose pattern `key` fits, or null.
const ComponentInputInfo* find_component_input(std::string_view key);

/// Where a number is kept. A whole component stands for its failure law and rate.
using ComponentSlot = std::variant<models::components::ComponentSpec*, models::Law*, models::Rate*, models::Ratio*>;

/// Reads the field if it is there, puts it into `slot` and lists it as an assumption. `names` replace the "*" of the
/// pattern.
bool read_component_input(const Object& object, std::string_view field, ComponentInput input,
                          std::span<const std::string> names, ComponentSlot slot, std::vector<Assumption>& assumptions);

/// Key of the assumption behind a pointer into the file: "/components/0/stages/catch-up/duration" is
/// "component/broker/stages/catch-up". Empty if the pointer leads elsewhere.
std::string component_key(const models::Topology& topology, std::string_view pointer);

/// `assign` for numbers of black boxes; false if the assumption is none.
bool assign_component_input(models::Topology& topology, const Assumption& assumption, double value);

}  // namespace nines::loader
