// SLIs by the name that users and results give them: "service/sli".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/plan.hpp"

namespace nines::experiments {

inline std::string sli_name(const models::Plan& plan, std::size_t sli) {
  return plan.services[plan.slis[sli].service].name + "/" + plan.slis[sli].name;
}

/// Of all SLIs, in the plan's order.
inline std::vector<std::string> sli_names(const models::Plan& plan) {
  std::vector<std::string> names;
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) names.push_back(sli_name(plan, sli));
  return names;
}

/// Index into Plan::slis; nothing if the plan has no SLI of that name.
inline std::optional<std::size_t> sli_named(const models::Plan& plan, const std::string& name) {
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
    if (sli_name(plan, sli) == name) return sli;
  }
  return std::nullopt;
}

}  // namespace nines::experiments
