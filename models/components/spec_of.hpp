// What the file says of a box or a crew of the plan.
#pragma once

#include "models/plan.hpp"

namespace nines::models::components {

inline const ComponentSpec& spec_of(const Plan& plan, BoxId box) {
  return plan.topology.components[plan.black_boxes.boxes[box].spec];
}

inline const CrewSpec& spec_of(const Plan& plan, CrewId crew) {
  return plan.topology.crews[plan.black_boxes.crews[crew].spec];
}

}  // namespace nines::models::components
