// The part of `build_plan` that belongs to black boxes.
#pragma once

namespace nines::models {
struct Plan;
class Namer;
}  // namespace nines::models

namespace nines::models::components {

/// Boxes, units, crews and shocks. Throws std::invalid_argument for a name that does not exist and for what no
/// simulation can do: a standby that ages, a standby with a stage in which it serves or fails or that follows a mask, a
/// unit that ages and cannot fail in a stage after a mask.
void build(Plan& plan, Namer& namer);

}  // namespace nines::models::components
