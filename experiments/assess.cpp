#include "experiments/assess.hpp"

#include "experiments/sla.hpp"

namespace nines::experiments {

sim::Estimate mtbf_of(const sim::Estimate& outages_per_year) {
  constexpr double hours_per_year = 8760;
  const sim::Estimate& rate = outages_per_year;
  sim::Estimate result;
  if (rate.value && *rate.value > 0) result.value = hours_per_year / *rate.value;
  if (rate.ci95 && rate.ci95->lower > 0) {
    result.ci95 = sim::Interval{hours_per_year / rate.ci95->upper, hours_per_year / rate.ci95->lower};
  }
  if (rate.upper95 && *rate.upper95 > 0) result.lower95 = hours_per_year / *rate.upper95;
  return result;
}

namespace {

Assessment by_method(const models::Plan& plan, const AssessOptions& options) {
  switch (options.method) {
    case Method::timeline: return assess_by_timeline(plan, options);
    case Method::exact: return assess_exactly(plan, options);
    case Method::automatic: return assess_automatically(plan, options);
    case Method::incidents: break;
  }
  return assess_by_incidents(plan, options);
}

}  // namespace

Assessment assess(const models::Plan& plan, const AssessOptions& options) {
  Assessment result = by_method(plan, options);
  hold_back(result);
  return result;
}

}  // namespace nines::experiments
