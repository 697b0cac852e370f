#include "experiments/estimate/assess.hpp"

#include "experiments/estimate/sla.hpp"

namespace nines::experiments {

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
