#include "tests/experiments/coverage_laboratory.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/parallel.hpp"
#include "models/components/markov_model.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments::testing {

namespace {

struct Question {
  std::string figure;
  double truth = 0;
  sim::Estimate (*answer)(const Assessment&) = nullptr;
};

sim::Estimate quantile(const std::optional<double>& value, const std::optional<sim::Interval>& ci95) {
  sim::Estimate result;
  result.value = value;
  result.ci95 = ci95;
  return result;
}

std::vector<Question> questions(const DrawnModel& model) {
  const models::Plan plan = models::build_plan(model.solvable.topology, 1);
  const models::components::ExactSli exact = models::components::solve_exactly(plan, 0);
  std::vector<Question> result;
  result.push_back(
      {"unavailability", exact.unavailability, [](const Assessment& a) { return a.slis[0].unavailability; }});
  result.push_back({"outages", exact.outages_per_hour * sim::hours_per_year,
                    [](const Assessment& a) { return a.slis[0].outages_per_year; }});
  if (model.insensitive) return result;
  if (exact.mttf_h) result.push_back({"mttf", *exact.mttf_h, [](const Assessment& a) { return a.slis[0].mttf_h; }});
  if (exact.lengths) {
    result.push_back({"p50 outage", exact.lengths->p50 * sim::seconds_per_hour, [](const Assessment& a) {
                        return quantile(a.slis[0].recovery.p50, a.slis[0].recovery.p50_ci95);
                      }});
    result.push_back({"p95 outage", exact.lengths->p95 * sim::seconds_per_hour, [](const Assessment& a) {
                        return quantile(a.slis[0].recovery.p95, a.slis[0].recovery.p95_ci95);
                      }});
  }
  if (exact.breach_probability) {
    result.push_back({"breach month", *exact.breach_probability,
                      [](const Assessment& a) { return a.slis[0].sla->breach_probability; }});
  }
  if (const auto year = models::components::solve_exactly(plan, 1).breach_probability) {
    result.push_back({"breach year", *year, [](const Assessment& a) { return a.slis[1].sla->breach_probability; }});
  }
  return result;
}

}  // namespace

LaboratoryRow try_model(std::uint64_t number, const DrawnModel& model, const LaboratoryOptions& options) {
  const std::vector<Question> asked = questions(model);
  LaboratoryRow row{number, model.kind, {}, 0, 0};
  std::vector<std::optional<Assessment>> answers(static_cast<std::size_t>(options.repetitions));
  const auto begin = std::chrono::steady_clock::now();
  parallel_for(options.threads, answers.size(), [&](std::size_t i) {
    const models::Plan plan = models::build_plan(model.topology.topology, 1000 + i);
    AssessOptions assess;
    assess.precision = options.precision;
    assess.forcing = options.forcing;
    assess.max_incidents = options.max_incidents;
    answers[i] = assess_by_incidents(plan, assess);
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  row.seconds = took.count() * static_cast<double>(options.threads) / options.repetitions;
  for (const auto& answer : answers) row.incidents += static_cast<double>(answer->incidents) / options.repetitions;
  for (const Question& question : asked) {
    Coverage& result = row.figures.emplace_back();
    result.figure = question.figure;
    result.truth = question.truth;
    double sum = 0;
    double squares = 0;
    for (const auto& answer : answers) {
      const sim::Estimate found = question.answer(*answer);
      const double log_ratio = found.value && *found.value > 0 ? std::log(*found.value / question.truth) : -1;
      sum += log_ratio;
      squares += log_ratio * log_ratio;
      if (!answer->slis[0].alarms.empty()) {
        ++result.alarms;
        continue;
      }
      ++result.without_alarm;
      if (!found.ci95) {
        ++result.absent;
      } else if (found.ci95->lower <= question.truth && question.truth <= found.ci95->upper) {
        ++result.covered;
      } else if (found.ci95->upper < question.truth) {
        ++result.below;
      }
    }
    const double n = options.repetitions;
    result.bias = sum / n;
    result.bias_error = std::sqrt(std::max(0.0, squares - sum * sum / n) / (n - 1) / n);
  }
  return row;
}

std::vector<LaboratoryTotal> totals_of(const std::vector<LaboratoryRow>& rows) {
  std::vector<LaboratoryTotal> totals;
  for (const LaboratoryRow& row : rows) {
    for (const Coverage& figure : row.figures) {
      auto at = std::find_if(totals.begin(), totals.end(),
                             [&](const LaboratoryTotal& total) { return total.figure == figure.figure; });
      if (at == totals.end()) {
        totals.push_back({});
        at = totals.end() - 1;
        at->figure = figure.figure;
      }
      const int repetitions = figure.without_alarm + figure.alarms;
      at->repetitions += repetitions;
      at->without_alarm += figure.without_alarm;
      at->covered += figure.covered;
      at->below += figure.below;
      at->absent += figure.absent;
      // A model that nearly always raises an alarm promises nothing.
      if (figure.bias_error <= 0 || 2 * figure.alarms > repetitions) continue;
      at->bias += figure.bias / figure.bias_error / std::sqrt(repetitions);
      at->models += 1;
    }
  }
  for (LaboratoryTotal& total : totals) total.bias /= std::max(1, total.models);
  return totals;
}

}  // namespace nines::experiments::testing
