#include "models/components/stationary_life.hpp"

#include <algorithm>

#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::models::components {

namespace {

constexpr std::size_t steps = 2048;
constexpr double nearly_all = 1e-9;

std::vector<double> ages_without_shocks(const Law& life) {
  std::vector<double> ages{0};
  for (std::size_t i = 1; i < steps; ++i) {
    ages.push_back(life.stationary_age(static_cast<double>(i) / static_cast<double>(steps)).to_seconds());
  }
  ages.push_back(life.stationary_age(1 - nearly_all).to_seconds());
  return ages;
}

/// Mean of exp(-rate x) for x between a and b, alike likely.
double mean_survival(double rate, double a, double b) {
  const double exponent = rate * (b - a);
  return sim::exp(-rate * a) * (exponent > 0 ? -sim::expm1(-exponent) / exponent : 1);
}

}  // namespace

StationaryLife stationary_life(const Law& life, double shocks_per_hour) {
  StationaryLife result{ages_without_shocks(life), sim::seconds_per_hour / life.mean().to_seconds()};
  if (shocks_per_hour <= 0) return result;
  const double rate = shocks_per_hour / sim::seconds_per_hour;
  // The density of the age is P(life > x) exp(-rate x): that without shocks, reweighed within each step.
  const std::vector<double> plain = std::move(result.ages);
  std::vector<double> below{0};
  for (std::size_t i = 0; i < steps; ++i) {
    below.push_back(below.back() + mean_survival(rate, plain[i], plain[i + 1]) / static_cast<double>(steps));
  }
  // E exp(-rate life): a life that ends before the next shock.
  double by_itself = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(steps);
    by_itself += sim::exp(-rate * life.quantile(u).to_seconds()) / static_cast<double>(steps);
  }
  // From one end to the next, by whichever way: a difference that has digits, or the table.
  const double mean_h = life.mean().to_seconds() / sim::seconds_per_hour;
  constexpr double seldom = 1e-3;
  const double cycle_h = shocks_per_hour * mean_h > seldom ? (1 - by_itself) / shocks_per_hour : mean_h * below.back();
  result.failures_per_hour = by_itself / cycle_h;
  result.ages.clear();
  std::size_t at = 0;
  for (std::size_t i = 0; i <= steps; ++i) {
    const double share = i < steps ? static_cast<double>(i) / static_cast<double>(steps) : 1 - nearly_all;
    const double wanted = share * below.back();
    while (at + 1 < steps && below[at + 1] < wanted) ++at;
    const double mass = below[at + 1] - below[at];
    const double part = mass > 0 ? std::clamp((wanted - below[at]) / mass, 0.0, 1.0) : 0;
    // Within a step the density falls as exp(-rate x).
    const double exponent = rate * (plain[at + 1] - plain[at]);
    const double inside = exponent > 0 ? -sim::log1p(part * sim::expm1(-std::min(exponent, 36.0))) / rate : 0;
    result.ages.push_back(plain[at] + inside);
  }
  return result;
}

double shocks_per_hour(const Plan& plan, BoxId box) {
  double rate = 0;
  for (const ShockPlan& shock : plan.black_boxes.shocks) {
    if (std::find(shock.hits.begin(), shock.hits.end(), box) == shock.hits.end()) continue;
    const ShockSpec& spec = plan.topology.shocks[shock.spec];
    rate += spec.rate.per_hour * spec.share;
  }
  return rate;
}

}  // namespace nines::models::components
