#include "experiments/assess.hpp"

namespace nines::experiments {

Assessment assess(const models::Plan& plan, const AssessOptions& options) {
  switch (options.method) {
    case Method::timeline: return assess_by_timeline(plan, options);
    case Method::exact: return assess_exactly(plan, options);
    case Method::incidents: break;
  }
  return assess_by_incidents(plan, options);
}

}  // namespace nines::experiments
