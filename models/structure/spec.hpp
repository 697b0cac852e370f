// What must work for a service to work: nested "at least k of" requirements over parts that have names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nines::models::structure {

/// A part by name, or "at least k of" further requirements.
///
/// A part is a component or "service/sli". Among the requirements of an `at_least`, a component of several units counts
/// once for each unit that serves; an SLI and a nested requirement count once. A part alone, as a whole requirement,
/// asks for all of its units.
struct RequirementSpec {
  std::string part;                 ///< not empty: a leaf; the other fields are unused
  std::int64_t at_least = 1;        ///< >= 1, at most what `of` can count
  std::vector<RequirementSpec> of;  ///< not empty unless a leaf
};

}  // namespace nines::models::structure
