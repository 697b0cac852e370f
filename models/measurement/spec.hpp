// What is promised of an SLI, as a topology file says it.
#pragma once

#include <vector>

#include "models/units.hpp"

namespace nines::models {

struct CreditTier {
  double below = 0;   ///< availability below which the tier applies
  double credit = 0;  ///< share of the monthly charge
};

struct SlaSpec {
  double target = 0;  ///< availability, in (0, 1)
  Duration window;    ///< 730 h: a month
  std::vector<CreditTier> credits;
};

}  // namespace nines::models
