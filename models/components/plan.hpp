// The part of the plan that belongs to black boxes: boxes (components of the file) with their units, crews, shocks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/components/spec.hpp"
#include "models/ids.hpp"

namespace nines::models::components {

using models::BoxId;
using models::UnitId;
using CrewId = Index<struct CrewTag>;
using ShockId = Index<struct ShockTag>;

struct BoxPlan {
  ComponentId component = 0;  ///< of a box with one unit also the unit's
  std::uint16_t spec = 0;     ///< index into Topology::components
  UnitId first;
  std::uint16_t count = 1;
  std::uint16_t active = 1;  ///< units that serve at a time; all without standby
  CrewId crew;               ///< none: every unit has its own
  /// Of a box that ages: quantiles of the age of a unit that has been renewed for ever, in seconds, at equal steps.
  std::vector<double> stationary_ages;
  std::vector<BoxId> masked_by;
  std::vector<BoxId> masks;  ///< directly or through others, each after all that mask it
  /// Index of the stage with which a unit begins when its mask is lifted.
  std::optional<std::uint8_t> after_mask;
  std::vector<SliIndex> requirements;  ///< SLIs that may change with it, through masks too
};

inline constexpr std::uint32_t no_source = 0xFFFFFFFF;

struct UnitPlan {
  ComponentId component = 0;
  BoxId box;
  std::uint32_t source = no_source;  ///< its clock: index into Plan::faults
};

struct CrewPlan {
  ComponentId component = 0;
  std::uint16_t spec = 0;    ///< index into Topology::crews
  std::vector<BoxId> boxes;  ///< of policy `priority` most urgent first, else in file order
};

struct ShockPlan {
  ComponentId component = 0;
  std::uint16_t spec = 0;  ///< index into Topology::shocks
  std::vector<BoxId> hits;
};

struct BlackBoxes {
  Table<BoxId, BoxPlan> boxes;
  Table<UnitId, UnitPlan> units;
  Table<CrewId, CrewPlan> crews;
  Table<ShockId, ShockPlan> shocks;
};

}  // namespace nines::models::components
