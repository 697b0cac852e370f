// What a replay says of what was lost: acknowledged records, and those for which nobody had asked to be told.
#include <catch2/catch.hpp>
#include <string>

#include "experiments/command/commands.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/places.hpp"

namespace replay_losses_test {

using namespace nines::experiments;
using nines::experiments::testing::Scratch;
using nines::experiments::testing::slurp;
using nines::experiments::testing::spill;

namespace {

/// Two nodes of three gone and then the third, with what its channel holds, of a publisher that asks for confirms or
/// not.
std::string played(const char* kind) {
  const Scratch scratch;
  spill(scratch / "lost.json", R"({"schema": "nines/scenario/1", "name": "lost", "title": "all nodes end", "actions": [
    {"at_s": 0, "do": "process-kill", "target": "rabbitmq/node-0"},
    {"at_s": 0, "do": "process-kill", "target": "rabbitmq/node-1"},
    {"at_s": 20, "do": "process-kill", "target": "rabbitmq/node-2"}]})");
  ReplayCommand command;
  command.topology = nines::tests::source_file("topologies/rabbitmq-hosts.json");
  command.scenario = scratch / "lost.json";
  command.runs = 20;
  command.common.sets = {std::string("/services/rabbitmq/slis/publish/kind=") + kind};
  command.common.quiet = true;
  command.common.output = scratch / "answer.txt";
  REQUIRE(run_replay(command) == exit_code::done);
  return slurp(command.common.output);
}

}  // namespace

TEST_CASE("a replay that lost what nobody had asked to be told of says so, and nothing of acknowledged records",
          "[replay]") {
  const std::string unasked = played("accept");
  CHECK_THAT(unasked, Catch::Contains("Records lost for which no confirm had been asked"));
  CHECK_THAT(unasked, Catch::Contains("no confirms: what"));
  CHECK_THAT(unasked, !Catch::Contains("No acknowledged record was lost"));
  const std::string asked = played("publish");
  CHECK_THAT(asked, Catch::Contains("No acknowledged record was lost"));
  CHECK_THAT(asked, !Catch::Contains("no confirm had been asked"));
}

}  // namespace replay_losses_test
