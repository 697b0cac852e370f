// Downtime of a window of operation: the law of a sum of outages of random number and size, and the chance of breaching
// a budget.
//
// The system is up for exponential times, so outages arrive at random while it is up. Over a window t the downtime D
// exceeds a budget x exactly if the outages that arrive in the first t - x hours of uptime last longer than x together
// (Takacs 1957): hence a compound Poisson sum with the exposure t - x.
// Units: hours and events per hour of uptime. Same input, same bytes, on every x86-64 machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nines::sim {

/// Outages of one length; several thousand of them describe a sample of simulated incidents.
struct OutageKind {
  double rate = 0;   ///< per hour, >= 0
  double hours = 0;  ///< length, >= 0
};

/// Probability that outages arriving at random during an exposure last longer than a budget in total, and how it
/// changes with the rate of each length of outage.
///
/// Lengths are spread over the two nearest points of a grid of the budget so that means are kept (Panjer 1981 on an
/// arithmetic law); the error is of second order in the grid, about 1e-6 of the result at 2,048 cells where the law is
/// smooth and some tens of outages at most are expected. What spreading adds to the scatter is told by
/// added_variance(). One outage by itself is compared with the budget exactly; where several add up to the budget
/// itself, half of that mass counts as beyond. However small the result, it is not a difference of near-equal numbers
/// (absolute floor 1e-36). Cost: 0.5 ms at 2,048 cells, growing with the square of the cells; up to 10 ms where the
/// result is below 1e-5 although outages are frequent.
class DowntimeTail {
 public:
  static constexpr std::size_t usual_cells = 2048;

  /// REQUIRES: exposure > 0 and budget > 0 (hours), cells >= 2, rates and lengths finite and >= 0, mean number of
  /// outages in the exposure <= 1e8.
  DowntimeTail(std::span<const OutageKind> outages, double exposure, double budget, std::size_t cells = usual_cells);

  /// P(total length > budget).
  [[nodiscard]] double breach() const { return breach_; }
  /// P(total length + `hours` > budget) - breach(): what one more outage adds. REQUIRES: hours >= 0.
  [[nodiscard]] double added_by(double hours) const;
  /// Derivative of breach() by the rate (per hour) of outages of length `hours`; unit: hours.
  [[nodiscard]] double derivative(double hours) const { return exposure_ * added_by(hours); }
  /// Share by which the grid raises the variance of the total length of the outages within the budget. It matters where
  /// very many short outages fill the budget; with cells of a tenth of their length it is below 0.01.
  [[nodiscard]] double added_variance() const { return added_variance_; }

 private:
  double exposure_ = 0;
  double budget_ = 0;
  double breach_ = 0;
  double added_variance_ = 0;
  double none_beyond_ = 1;     ///< probability that no single outage exceeds the budget
  std::vector<double> added_;  ///< added_by() at the grid points and, last, beyond the budget; given that none does
};

/// P(downtime in `window` > `budget`) of a system that starts up. REQUIRES: 0 < budget < window.
DowntimeTail downtime_tail(std::span<const OutageKind> outages, double window, double budget,
                           std::size_t cells = DowntimeTail::usual_cells);

/// The same where every outage lasts `hours` (Takacs; Poisson tail): exact, about 12 digits of the smaller tail. An
/// outage that ends exactly with the budget is within it, as far as budget / hours can be represented.
/// REQUIRES: rate >= 0, hours > 0, 0 <= budget < window.
double breach_with_fixed_outages(double rate, double hours, double window, double budget);

/// The same where outages are exponential with mean `hours`; exact, about 12 digits, without subtraction.
/// REQUIRES: as above; rate x window <= 1e8.
double breach_with_exponential_outages(double rate, double hours, double window, double budget);

}  // namespace nines::sim
