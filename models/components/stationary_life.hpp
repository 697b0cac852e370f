// Units that age, seen at an arbitrary instant of a long run in which shocks end some of their lives.
#pragma once

#include <vector>

#include "models/plan.hpp"

namespace nines::models::components {

/// A life ends by itself or, as a Poisson process that knows nothing of its age, by a shock.
struct StationaryLife {
  std::vector<double> ages;      ///< quantiles of the age at equal steps, in s; the last one holds all but 1e-9
  double failures_per_hour = 0;  ///< lives that end by themselves, per hour of a whole unit
};
StationaryLife stationary_life(const Law& life, double shocks_per_hour);

/// How often shocks hit a given unit of the box.
double shocks_per_hour(const Plan& plan, BoxId box);

}  // namespace nines::models::components
