#include "models/structure/evaluate.hpp"

#include "models/measurement/sli.hpp"
#include "models/world.hpp"

namespace nines::models::structure {

void evaluate(World& world, measurement::SliIndex sli) {
  const Structures& structures = world.plan->structures;
  const Requirement& requirement = structures.requirements[static_cast<std::size_t>(structures.of_sli[sli])];
  const auto units = [&](components::BoxId box) -> std::uint32_t { return world.components.boxes[box].working; };
  const auto sli_holds = [&](measurement::SliIndex other) { return !world.measurement.slis[other].out; };
  measurement::set_status(world, sli, GroupId::of(0), holds(requirement, 0, units, sli_holds));
}

void sli_changed(World& world, measurement::SliIndex sli) {
  for (const measurement::SliIndex reader : world.plan->structures.readers[sli]) evaluate(world, reader);
}

}  // namespace nines::models::structure
