// Prints how available each SLI of a topology is. Usage: availability TOPOLOGY.json
#include <cstdio>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/topology_file.hpp"

int main(int count, char** arguments) try {
  nines::loader::use_data(NINES_DATA);  // the shipped rates, times and prices
  const auto loaded = nines::loader::load_topology(count > 1 ? arguments[1] : "-");
  const auto plan = nines::models::build_plan(loaded.topology, /*seed=*/1);
  nines::experiments::AssessOptions options;
  options.max_incidents = 20'000;
  const auto assessment = nines::experiments::assess(plan, options);
  for (const auto& sli : assessment.slis) {
    const std::string name = nines::experiments::sli_name(plan, sli.index);
    std::printf("%s: %.7f\n", name.c_str(), 1 - sli.unavailability.value.value_or(0));  // 0: no outage was seen
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
