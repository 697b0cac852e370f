// How many faults it takes to put an SLI out, as far as the structure says: which strata can show an outage at all.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "experiments/estimate/strata.hpp"
#include "models/structure/cut_guide.hpp"

namespace nines::experiments {

class Reach {
 public:
  /// REQUIRES: the plan outlives this.
  Reach(const models::Plan& plan, const FaultClasses& fault_classes);

  /// Whether an incident of the fault class with `depth` further faults can put the SLI out. True where nobody knows:
  /// of services with a protocol, and where faults of the background may come in between.
  [[nodiscard]] bool possible(std::size_t sli, std::size_t fault_class, int depth) const;
  /// Whether the structure of the SLI is known.
  [[nodiscard]] bool known(std::size_t sli) const { return slis_[sli].has_value(); }
  /// What leads to an outage of the SLI next. REQUIRES: its structure is known.
  [[nodiscard]] const models::structure::CutGuide& guide(std::size_t sli) const { return slis_[sli]->guide; }
  /// About the unavailability from cuts of `parts` parts, by parts; independent repairs. Empty if not known.
  [[nodiscard]] std::vector<double> by_parts(std::size_t sli) const;
  /// Further faults that matter to the SLI: those of its largest cuts that may add to its unavailability. None if not
  /// known.
  [[nodiscard]] std::optional<int> depth(std::size_t sli) const;

 private:
  struct Known {
    models::structure::CutGuide guide;
    std::vector<int> needed;       ///< by fault class: fewest further faults
    std::vector<double> by_parts;  ///< unavailability
  };
  std::vector<std::optional<Known>> slis_;
};

}  // namespace nines::experiments
