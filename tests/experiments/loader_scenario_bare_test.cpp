// A scenario may be as short as its actions.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "experiments/loader/scenario_file.hpp"

namespace loader_scenario_bare_test {

using namespace nines;

TEST_CASE("a scenario of actions only is named after its file, and its times count from the first action", "[loader]") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "nines-bare-scenario.json";
  std::ofstream(path) << R"json({"actions": [{"at_s": 7, "do": "process-kill", "target": "leader(kafka/controllers)"},
                                         {"at_s": 5, "do": "process-kill", "target": "random(kafka/brokers)"}]})json";
  const loader::Scenario scenario = loader::load_scenario(path.string(), {});
  std::filesystem::remove(path);
  CHECK(scenario.name == "nines-bare-scenario");
  REQUIRE(scenario.actions.size() == 2);
  CHECK(scenario.actions[0].at == sim::Duration());
  CHECK(scenario.actions[0].target == "random(kafka/brokers)");
  CHECK(scenario.actions[1].at == sim::Duration::seconds(2));
}

}  // namespace loader_scenario_bare_test
