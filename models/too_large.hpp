// The error of exact solutions that would take too long.
#pragma once

#include <stdexcept>

namespace nines::models {

/// A question that has an exact answer in principle, beyond the limits that were set.
class TooLarge : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace nines::models
