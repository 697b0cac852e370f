// How often the intervals of the incident method cover the truth, on models drawn at random.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/estimate/strata.hpp"
#include "tests/experiments/drawn_models.hpp"

namespace nines::experiments::testing {

/// What repetitions with different seeds showed of one figure of one model. Repetitions that raised an alarm are
/// counted apart: their intervals promise nothing.
struct Coverage {
  std::string figure;
  double truth = 0;
  int without_alarm = 0;
  int covered = 0;  ///< of those
  int below = 0;    ///< whose interval lies below the truth
  int absent = 0;   ///< no interval, and no alarm
  int alarms = 0;
  double bias = 0;        ///< mean of log(value / truth) over all repetitions
  double bias_error = 0;  ///< its standard error
};

struct LaboratoryRow {
  std::uint64_t model = 0;
  std::string kind;
  std::vector<Coverage> figures;
  double incidents = 0;  ///< played in a repetition, mean
  double seconds = 0;    ///< CPU of a repetition, mean
};

struct LaboratoryOptions {
  int repetitions = 40;
  double precision = 0.1;
  std::uint64_t max_incidents = 200'000;
  std::size_t threads = 2;
  Forcing forcing = Forcing::balanced;
};

/// All models together, by figure.
struct LaboratoryTotal {
  std::string figure;
  int repetitions = 0;
  int without_alarm = 0;
  int covered = 0;
  int below = 0;
  int absent = 0;
  double bias = 0;  ///< mean over models, in standard errors of one repetition
  int models = 0;
  [[nodiscard]] double coverage() const { return static_cast<double>(covered) / (without_alarm - absent); }
};

std::vector<LaboratoryTotal> totals_of(const std::vector<LaboratoryRow>& rows);

/// The truth is exact; of models whose laws have no phases only what means decide is compared.
LaboratoryRow try_model(std::uint64_t number, const DrawnModel& model, const LaboratoryOptions& options);

}  // namespace nines::experiments::testing
