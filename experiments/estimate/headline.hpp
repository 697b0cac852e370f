// What is asked first of a design: how long an outage lasts (RTO), what is lost (RPO), how likely a month and a year
// miss the target, and what must not fail. Read off an assessment, whatever its method.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"

namespace nines::experiments {

/// The kind of fault (of black boxes: the component or shock) whose outages last longest, by the longest p95 among its
/// targets; where none ended, by name alone.
/// Kinds that put the SLI out less than once in a million years are passed over while there is another.
struct LongestFault {
  std::string fault;
  std::optional<double> p95_s;
  double outages_per_year = 0;  ///< of all its targets
  bool never_ends = false;      ///< some of its outages nothing ends
};

/// The kind of fault that loses most: by records in one incident, or, where the method does not tell, in all.
struct LossiestFault {
  std::string fault;
  std::optional<double> records_p95;
  double losses_per_year = 0;  ///< 0: not known
};

struct Headline {
  std::size_t sli = 0;  ///< index into Assessment::slis
  std::optional<LongestFault> longest;
  std::optional<LossiestFault> lossiest;
  bool holds_data = false;                 ///< a service that can lose acknowledged records
  std::vector<std::string> single_points;  ///< of failure, by the structure
};

/// One for each SLI, in their order.
std::vector<Headline> headlines(const models::Plan& plan, const Assessment& result);

/// How well a loss is known, for words: a number of records a year says something only where losses come in numbers.
enum class LossKnown : std::uint8_t {
  unseen,    ///< no incident lost anything: there is a bound
  few,       ///< seen in too few incidents of the sample for a figure: most_losses_per_year() is the bound
  beyond,    ///< seen, but surely less than once in a million years
  seldom,    ///< less than once in a hundred years: "once in N years, so many records"
  bounded,   ///< the interval is wider than the figure: its upper end says more
  a_figure,  ///< a yearly figure means something
};
LossKnown loss_known(const DataLoss& loss);
/// Upper end, 95 %, of the losses a year: of few incidents that of a Poisson count. Nothing if there is no bound.
std::optional<double> most_losses_per_year(const DataLoss& loss);

}  // namespace nines::experiments
