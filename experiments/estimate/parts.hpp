// The parts of composite SLIs, as results name and number them.
#pragma once

#include <string>
#include <vector>

#include "models/plan.hpp"

namespace nines::experiments {

/// Names of the parts of a composite SLI whose shares are told, in the order of `Requirement::parts`; none of others.
std::vector<std::string> part_names(const models::Plan& plan, std::size_t sli);
/// Parts of all composite SLIs together, as they are numbered one after the other.
std::size_t part_count(const models::Plan& plan);
/// Where its parts begin among those of all composite SLIs (models/structure/evaluate.hpp, part_seconds).
std::size_t first_part(const models::Plan& plan, std::size_t sli);

}  // namespace nines::experiments
