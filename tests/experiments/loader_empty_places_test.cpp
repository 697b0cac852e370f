// Where an object or an array is expected, an empty one or none is a problem or is fine; it is never read regardless.
#include <catch2/catch.hpp>

#include "experiments/loader/lab_file.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/sweep_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/fuzz/mutate.hpp"

namespace loader_empty_places_test {

using namespace nines;
using namespace nines::loader;
using nines::experiments::testing::Scratch;
using nines::experiments::testing::spill;
using nines::loader::testing::error_of;

namespace {

/// Puts {}, [] and null in each place of the file that holds an object or an array, and reads it.
std::size_t with_empty_places(const std::string& file, const std::function<void(const std::string&)>& load) {
  const Scratch scratch;
  const fuzz::Json whole = fuzz::Json::parse(testing::read_file(file));
  std::size_t refused = 0;
  for (const std::string& place : fuzz::pointers(whole)) {
    const fuzz::Json::json_pointer pointer(place);
    if (!whole.at(pointer).is_structured()) continue;
    for (const fuzz::Json& empty : {fuzz::Json::object(), fuzz::Json::array(), fuzz::Json()}) {
      fuzz::Json changed = whole;
      changed[pointer] = empty;
      const std::string path = scratch / "changed.json";
      spill(path, changed.dump(1));
      const std::string error = error_of([&] { load(path); });
      INFO(place << " = " << empty.dump() << ": " << error);
      refused += error.empty() ? 0 : 1;
      if (!error.empty()) REQUIRE(error.find(path) == 0);
    }
  }
  return refused;
}

}  // namespace

TEST_CASE("loader: empty places", "[loader]") {
  const auto topology = [](const std::string& path) { static_cast<void>(load_topology(path, {}, {})); };
  for (const char* file : {"topologies/kafka-eks-spot.json", "topologies/kafka-eks-nvme.json",
                           "topologies/benchmarks/repair-shapes.json", "topologies/benchmarks/hecs-2-of-3.json",
                           "topologies/benchmarks/common-cause.json", "topologies/benchmarks/active-standby.json"}) {
    CHECK(with_empty_places(tests::source_file(file), topology) > 10);
  }
  for (const char* file :
       {"experiments/scenarios/zone-outage-during-rolling-restart.json", "experiments/scenarios/rebuild-nvme.json"}) {
    CHECK(with_empty_places(tests::source_file(file),
                            [](const std::string& path) { static_cast<void>(load_scenario(path)); }) > 3);
  }
  for (const char* file : {"experiments/sweeps/spot-share.json", "experiments/sweeps/kafka-cheapest.json"}) {
    CHECK(with_empty_places(tests::source_file(file),
                            [](const std::string& path) { static_cast<void>(load_sweep(path)); }) > 10);
  }
  for (const char* file : {"experiments/labs/spot-storm.json", "experiments/labs/common-cause.json"}) {
    CHECK(with_empty_places(tests::source_file(file),
                            [](const std::string& path) { static_cast<void>(load_lab(path, 1)); }) > 10);
  }
}

TEST_CASE("loader: empty places of a profile", "[loader]") {
  const auto with = [](const std::string& path) {
    LoadOptions options;
    options.profile = path;
    static_cast<void>(load_topology(tests::source_file("topologies/benchmarks/single-unit.json"), {}, options));
  };
  const Scratch scratch;
  // Some of the types, so that it does not take minutes.
  fuzz::Json types =
      fuzz::Json::parse(testing::read_file(tests::source_file("topologies/profiles/instance-types.json")));
  fuzz::Json& list = types["instance_types"];
  while (list.size() > 1) list.erase(list.size() - 1);
  list[0]["network_burst"] = {{"rate", "100Gbit/s"}, {"full_for_s", 60}, {"source", "s"}};
  list[0]["ebs_burst"] = list[0]["network_burst"];
  spill(scratch / "types.json", types.dump());
  CHECK(with_empty_places(scratch / "types.json", with) > 10);
  // One entry of each shape: a law, a number with a unit.
  fuzz::Json people = fuzz::Json::parse(testing::read_file(tests::source_file("topologies/profiles/people.json")));
  fuzz::Json kept = fuzz::Json::object();
  for (const char* key : {"people.notice", "people.hourly_cost"}) kept[key] = people["parameters"][key];
  people["parameters"] = kept;
  spill(scratch / "people.json", people.dump());
  CHECK(with_empty_places(scratch / "people.json", with) > 10);
}

}  // namespace loader_empty_places_test
