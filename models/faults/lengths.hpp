// How long a fault lasts that a clock starts, as its own law says it: until it ends by itself, or until people have
// mended it. For estimators, which see of a heavy tail only what they have sampled.
#pragma once

#include <optional>

namespace nines::models {
struct FaultSource;
struct Plan;
}  // namespace nines::models

namespace nines::models::faults {

struct Length {
  double mean_s = 0;
  double variance_s2 = 0;
};
/// None of faults whose length follows from what they do, such as the loss of a machine.
std::optional<Length> length_of(const Plan& plan, const FaultSource& source);

}  // namespace nines::models::faults
