// SLIs by the name that users and results give them: "service/sli".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/plan.hpp"

namespace nines::models::measurement {

inline std::string sli_name(const Plan& plan, std::size_t sli) {
  return plan.services[plan.slis[sli].service].name + "/" + plan.slis[sli].name;
}

/// Index into Plan::slis; nothing if the plan has no SLI of that name.
inline std::optional<SliIndex> sli_named(const Plan& plan, std::string_view name) {
  for (SliIndex sli = 0; sli < plan.slis.size(); ++sli) {
    if (sli_name(plan, sli) == name) return sli;
  }
  return std::nullopt;
}

}  // namespace nines::models::measurement
