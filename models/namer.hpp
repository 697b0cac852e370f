// Names of components, which traces, results and random streams go by.
#pragma once

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

}  // namespace nines::models
