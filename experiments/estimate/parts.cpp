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

std::size_t first_part(const models::Plan& plan, std::size_t sli) {
  std::size_t first = 0;
  for (std::int16_t i = 0; i < plan.structures.of_sli[sli]; ++i)
    first += plan.structures.requirements[static_cast<std::size_t>(i)].parts.size();
  return first;
}

}  // namespace nines::experiments
