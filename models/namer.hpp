// Names of components, which traces, results and random streams go by.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "models/plan.hpp"

namespace nines::models {

/// Adds components to a plan under unique names.
class Namer {
 public:
  explicit Namer(Plan& plan) : plan_(plan) {}

  /// `kind` tells a component apart whose name is taken: "kafka (service)". Throws std::invalid_argument if that is
  /// taken too.
  ComponentId add(std::string name, std::string_view kind);

 private:
  Plan& plan_;
  std::set<std::string> taken_;
};

/// Adds the `position`-th SLI of a service, of a single part, with its component. The kind completes what is returned
/// before the next one is added.
measurement::SliPlan& add_sli(Plan& plan, Namer& namer, ServiceId service, std::size_t position,
                              const std::string& name, Duration deadline, const std::optional<SlaSpec>& sla);

}  // namespace nines::models
