// Where an axis has its marks.
#pragma once

#include <vector>

namespace nines::experiments {

struct Ticks {
  std::vector<double> at;
  double step = 1;
};

/// Some four to nine multiples of 1, 2 or 5 times a power of ten. REQUIRES: low < high, both finite.
Ticks round_ticks(double low, double high);
/// Of a logarithmic axis: 1, 2 and 5 of every power of ten, or the powers alone where there are many. `low`, `high` and
/// the marks are logarithms.
Ticks logarithmic_ticks(double low, double high);

}  // namespace nines::experiments
