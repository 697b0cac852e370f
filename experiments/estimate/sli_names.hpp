// Names of SLIs, as users and results give them.
#pragma once

#include <string>
#include <vector>

#include "models/measurement/sli_names.hpp"

namespace nines::experiments {

using models::measurement::sli_name;
using models::measurement::sli_named;

/// Of all SLIs, in the plan's order.
inline std::vector<std::string> sli_names(const models::Plan& plan) {
  std::vector<std::string> names;
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) names.push_back(sli_name(plan, sli));
  return names;
}

}  // namespace nines::experiments
