// The part of `build_plan` that belongs to black boxes and to the structures over them.
#pragma once

#include "models/build_kafka_plan.hpp"

namespace nines::models {

/// Boxes, units, crews and shocks. Throws std::invalid_argument for a name that does not exist and for what no
/// simulation can do: a standby that ages, a standby with a stage in which it serves or fails or that follows a mask, a
/// unit that ages and cannot fail in a stage after a mask.
void fill_components(Plan& plan, Namer& namer);
/// Composite services, their SLIs and requirements. REQUIRES: all other services and their SLIs are in the plan.
void fill_structures(Plan& plan, Namer& namer);

}  // namespace nines::models
