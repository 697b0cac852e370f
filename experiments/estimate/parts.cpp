#include "experiments/estimate/parts.hpp"

#include "experiments/estimate/sli_names.hpp"

namespace nines::experiments {

std::vector<std::string> part_names(const models::Plan& plan, std::size_t sli) {
  std::vector<std::string> names;
  const models::structure::Structures& structures = plan.structures;
  if (structures.of_sli[sli] < 0) return names;
  for (const models::structure::Node& part :
       structures.requirements[static_cast<std::size_t>(structures.of_sli[sli])].parts) {
    const bool box = part.kind == models::structure::Node::Kind::box;
    names.push_back(box ? plan.topology.components[plan.black_boxes.boxes[part.box].spec].name
                        : sli_name(plan, part.sli));
  }
  return names;
}

namespace {

std::size_t parts_before(const models::Plan& plan, std::size_t requirement) {
  std::size_t parts = 0;
  for (std::size_t i = 0; i < requirement; ++i) parts += plan.structures.requirements[i].parts.size();
  return parts;
}

}  // namespace

std::size_t part_count(const models::Plan& plan) { return parts_before(plan, plan.structures.requirements.size()); }

std::size_t first_part(const models::Plan& plan, std::size_t sli) {
  const std::int16_t requirement = plan.structures.of_sli[sli];
  return requirement < 0 ? 0 : parts_before(plan, static_cast<std::size_t>(requirement));
}

}  // namespace nines::experiments
