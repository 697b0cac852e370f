// The part of `build_plan` that belongs to one Kafka service.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "models/plan.hpp"

namespace nines::models {

/// Gives things of a plan their unique names.
class Namer {
 public:
  explicit Namer(Plan& plan) : plan_(plan) {}
  /// A new component called `name`, or `name (kind)` if something else has that name already.
  ComponentId add(std::string name, std::string_view kind);

 private:
  Plan& plan_;
  std::set<std::string, std::less<>> taken_;
};

/// Topics, partition groups, clients, SLIs of service `index`, whose processes are already in `service`.
/// Throws std::invalid_argument for a replication factor that cannot be placed.
void fill_kafka_plan(Plan& plan, Namer& namer, kafka::ServicePlan& service);

}  // namespace nines::models
