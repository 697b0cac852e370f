// Which single changes of a design buy most: each change of the catalogue played against the design under the same
// faults, ranked by minutes of downtime a dollar.
//
// Small models of black boxes are solved exactly; of a design that is not, or changed so that it no longer is, both
// play the same blocks of incidents (compare.hpp), so that what they have in common cancels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/advise/catalogue.hpp"
#include "experiments/compare/compare.hpp"

namespace nines::experiments {

struct AdviseOptions {
  std::string target;  ///< "service/sli" whose downtime counts
  double precision = 0.1;
  std::uint64_t max_incidents = 500'000;  ///< of all designs together, planning included
  double risk = 0.05;
  std::size_t threads = 1;
  bool may_solve = true;  ///< exactly, what is small enough
  std::function<void(std::uint64_t incidents, double half_width)> progress;
};

/// A change whose design can exist, with its plan.
struct Variant {
  Change change;
  std::unique_ptr<Input> input;
};

/// What a change comes to, as far as the interval tells.
enum class Effect : std::uint8_t {
  helps,
  next_to_nothing,  ///< told, but below a thousandth of the design's downtime
  within_noise,
  harms,
};

struct Advice {
  std::size_t variant = 0;  ///< index of the change
  Effect effect = Effect::within_noise;
  Delta downtime_minutes_per_year;
  Delta cost_usd_per_month;
  std::optional<double> minutes_per_dollar;  ///< saved a year, of what costs more and helps
  Verdict verdict = Verdict::open;           ///< over all SLIs with a target, the inputs as they are
  bool promised = false;                     ///< there is one
  /// Of the SLI whose losses change most, surely; none where no change is told.
  std::optional<Delta> losses_per_year;
  bool exact = false;  ///< the difference was solved
};

struct AdviceResult {
  Assessment base;
  Verdict verdict = Verdict::open;
  bool promised = false;
  bool exact = false;           ///< the design was solved
  bool priced = false;          ///< the designs have a bill
  std::vector<Advice> ranked;   ///< best first: what helps and costs nothing, by minutes; then by minutes a dollar;
                                ///< what lies within noise; what harms
  std::uint64_t incidents = 0;  ///< planning included
  std::uint64_t blocks = 0;
};

/// REQUIRES: `base` and all variants have the target SLI. Throws std::invalid_argument if nothing can fail, or
/// `max_incidents` are too few to tell anything of so many designs.
AdviceResult advise(const Input& base, const std::vector<Variant>& variants, const AdviseOptions& options);

}  // namespace nines::experiments
