// The table of the coverage laboratory, as Markdown: coverage_laboratory [MODELS [REPETITIONS [balanced|proportional]]]
#include "tests/experiments/coverage_laboratory.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  using namespace nines::experiments;
  using namespace nines::experiments::testing;
  const auto models = static_cast<std::uint64_t>(argc > 1 ? std::atoi(argv[1]) : 40);
  LaboratoryOptions options;
  if (argc > 2) options.repetitions = std::atoi(argv[2]);
  if (argc > 3 && std::string_view(argv[3]) == "proportional") options.forcing = Forcing::proportional;
  std::vector<LaboratoryRow> rows;
  fmt::print("| model | kind | figure | truth | covered | alarms | mean bias, % | incidents | CPU s |\n");
  fmt::print("| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  for (std::uint64_t number = 0; number < models; ++number) {
    rows.push_back(try_model(number, draw_model(number), options));
    for (const Coverage& figure : rows.back().figures) {
      fmt::print("| {} | {} | {} | {:.3e} | {} of {} | {} | {:+.1f} +- {:.1f} | {:.0f} | {:.2f} |\n", number,
                 rows.back().kind, figure.figure, figure.truth, figure.covered, figure.without_alarm - figure.absent,
                 figure.alarms, 100 * figure.bias, 100 * figure.bias_error, rows.back().incidents, rows.back().seconds);
    }
    std::fflush(stdout);
  }
  fmt::print(
      "\n| figure | covered without alarm | truth above | no interval | alarms | mean bias, standard errors |\n");
  fmt::print("| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (const LaboratoryTotal& total : totals_of(rows)) {
    fmt::print("| {} | {} of {} ({:.1f} %) | {} | {} | {} of {} | {:+.2f} |\n", total.figure, total.covered,
               total.without_alarm - total.absent, 100 * total.coverage(), total.below, total.absent,
               total.repetitions - total.without_alarm, total.repetitions, total.bias);
  }
}
