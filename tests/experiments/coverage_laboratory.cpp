#include "tests/experiments/coverage_laboratory.hpp"

#include <chrono>
#include <cmath>
#include <optional>

#include "experiments/assess.hpp"
#include "experiments/parallel.hpp"
#include "models/components/markov_model.hpp"

namespace nines::experiments::testing {

namespace {

struct Question {
  std::string figure;
  double truth = 0;
  sim::Estimate (*answer)(const Assessment&) = nullptr;
};

std::vector<Question> questions(const DrawnModel& model) {
  const models::Plan plan = models::build_plan(model.solvable.topology, 1);
  const models::components::ExactSli exact = models::components::solve_exactly(plan, 0);
  constexpr double hours_per_year = 8760;
  std::vector<Question> result;
  result.push_back(
      {"unavailability", exact.unavailability, [](const Assessment& a) { return a.slis[0].unavailability; }});
  result.push_back({"outages", exact.outages_per_hour * hours_per_year,
                    [](const Assessment& a) { return a.slis[0].outages_per_year; }});
  if (model.insensitive) return result;
  if (exact.mttf_h) result.push_back({"mttf", *exact.mttf_h, [](const Assessment& a) { return a.slis[0].mttf_h; }});
  const auto breach = [&](models::measurement::SliIndex sli, const char* name,
                          sim::Estimate (*answer)(const Assessment&)) {
    try {
      const double window = sli == 0 ? 730 : hours_per_year;
      const double truth =
          models::components::downtime_exceeds(plan, sli, window, 1e-4 * window, models::components::Start::steady);
      result.push_back({name, truth, answer});
    } catch (const std::invalid_argument&) {
      // Too large to be solved: nothing to compare with.
    }
  };
  breach(0, "breach month", [](const Assessment& a) { return a.slis[0].sla->breach_probability; });
  breach(1, "breach year", [](const Assessment& a) { return a.slis[1].sla->breach_probability; });
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

}  // namespace nines::experiments::testing
