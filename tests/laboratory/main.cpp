// Prints the table of the coverage laboratory: coverage FIRST COUNT REPETITIONS [PRECISION [MAX_INCIDENTS]]
#include <fmt/format.h>

#include <cstdlib>

#include "tests/experiments/coverage_laboratory.hpp"

int main(int argc, char** argv) {
  using namespace nines::experiments::testing;
  if (argc < 4) return 2;
  const auto first = static_cast<std::uint64_t>(std::atoll(argv[1]));
  const auto count = static_cast<std::uint64_t>(std::atoll(argv[2]));
  LaboratoryOptions options;
  options.repetitions = std::atoi(argv[3]);
  if (argc > 4) options.precision = std::atof(argv[4]);
  if (argc > 5) options.max_incidents = static_cast<std::uint64_t>(std::atoll(argv[5]));
  for (std::uint64_t number = first; number < first + count; ++number) {
    const LaboratoryRow row = try_model(number, draw_model(number), options);
    for (const Coverage& figure : row.figures) {
      fmt::print(
          "{:>3} {:14} {:14} {:>10.3e}  covered {:>2}/{:>2} below {:>2} absent {:>2} alarms {:>2}  bias {:+.3f} +- "
          "{:.3f}  {:.0f} inc {:.2f} s\n",
          row.model, row.kind, figure.figure, figure.truth, figure.covered, figure.without_alarm, figure.below,
          figure.absent, figure.alarms, figure.bias, figure.bias_error, row.incidents, row.seconds);
    }
    std::fflush(stdout);
  }
}
