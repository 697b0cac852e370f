#include "experiments/report/ticks.hpp"

#include <algorithm>
#include <cmath>

namespace nines::experiments {

Ticks round_ticks(double low, double high) {
  const double rough = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  Ticks ticks;
  ticks.step = power;
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (ticks.step < rough) ticks.step = factor * power;
  }
  // Counted, so that it ends also where a step is less than the last bit of the ends.
  constexpr int most = 12;
  const double first = std::ceil(low / ticks.step);
  for (int i = 0; i < most && (first + i) * ticks.step <= high; ++i) ticks.at.push_back((first + i) * ticks.step);
  return ticks;
}

Ticks logarithmic_ticks(double low, double high) {
  constexpr double few_decades = 2.5;
  constexpr int most_decades = 40;
  Ticks ticks;
  const auto first = static_cast<int>(std::floor(low));
  const auto last = std::min(static_cast<int>(std::ceil(high)), first + most_decades);
  for (int decade = first; decade <= last; ++decade) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && high - low > few_decades) continue;
      const double at = decade + std::log10(factor);
      if (at >= low && at <= high) ticks.at.push_back(at);
    }
  }
  return ticks;
}

}  // namespace nines::experiments
