// The exact method: black boxes with memoryless laws, solved as Markov chains (models/components/markov_model.hpp).
#include <stdexcept>

#include "experiments/assess.hpp"
#include "experiments/sla.hpp"
#include "models/components/markov_model.hpp"

namespace nines::experiments {

namespace {

constexpr double hours_per_year = 8760;

/// A figure without sampling error.
sim::Estimate exactly(double value) {
  sim::Estimate result;
  result.value = value;
  result.ci95 = sim::Interval{value, value};
  return result;
}

void add_steady_state(const models::Plan& plan, const AssessOptions& options, SliResult& result) {
  const models::components::ExactSli exact = models::components::solve_exactly(plan, result.index);
  result.unavailability = result.request_unavailability = exactly(exact.unavailability);
  result.without_planned = result.without_people = exact.unavailability;
  result.outages_per_year = exactly(exact.outages_per_hour * hours_per_year);
  if (exact.outages_per_hour > 0) result.recovery.mean = exact.unavailability / exact.outages_per_hour * 3600;
  if (exact.mttf_h) result.mttf_h = exactly(*exact.mttf_h);
  if (!exact.limits.empty()) result.alarms.push_back(exact.limits);
  const auto& sla = plan.slis[result.index].sla;
  if (!sla) return;
  SlaResult& judged = result.sla.emplace();
  judged.spec = *sla;
  if (!exact.breach_probability) return;
  judged.breach_probability = exactly(*exact.breach_probability);
  judged.verdict = verdict_of(judged.breach_probability, options.risk);
}

}  // namespace

Assessment assess_exactly(const models::Plan& plan, const AssessOptions& options) {
  Assessment result;
  result.method = Method::exact;
  for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
    SliResult& entry = result.slis.emplace_back();
    entry.index = static_cast<models::measurement::SliIndex>(sli);
    if (options.mission_h > 0) {
      entry.mission_failure = models::components::down_by(plan, entry.index, options.mission_h);
      if (options.mission_only) continue;
    }
    add_steady_state(plan, options, entry);
  }
  result.precise = true;
  return result;
}

}  // namespace nines::experiments
