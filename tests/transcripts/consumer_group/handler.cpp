// A consumer group of the small design's topic in a world: three members, whose programs take no time for anything.
//
//   world [protocol=classic|consumer] [assignor=range|cooperative-sticky] [static=0] [closes=1] [away=1000] [seed=1]
//         [run=0]                                                                            begins
//
// `away`: a process that ends is started so many seconds later. `at` and `run` as in
// tests/transcripts/world_handler.hpp.
#include <catch2/catch.hpp>

#include "tests/models/consumer_group_topology.hpp"
#include "tests/transcripts/world_handler.hpp"

namespace consumer_group_handler {

namespace {

using namespace nines::models;
using namespace nines::tests::transcripts;

class GroupWorld : public WorldHandler {
 public:
  GroupWorld() {
    command("world", [this](Arguments& a) { return begin(a); });
  }

 private:
  std::string begin(Arguments& a) {
    testing::GroupSettings settings;
    const auto number = [&](const char* key, const char* otherwise) {
      return std::stol(a.option(key).value_or(otherwise));
    };
    const auto one_of = [&](const char* key, const std::string& usual, const std::string& other) {
      const std::string given = a.option(key).value_or(usual);
      if (given != usual && given != other) throw Refused("there is no '" + given + "'");
      return given == other;
    };
    if (one_of("protocol", "classic", "consumer")) settings.protocol = consumer_group::Protocol::consumer;
    if (one_of("assignor", "range", "cooperative-sticky"))
      settings.assignor = consumer_group::Assignor::cooperative_sticky;
    settings.static_members = number("static", "0") != 0;
    settings.close_on_stop = number("closes", "1") != 0;
    settings.away = Duration::seconds(number("away", "1000"));
    Topology design = testing::group_topology(settings);
    testing::without_changes(design);
    design.people.on_call = 0;
    begin_with(std::move(design), static_cast<std::uint64_t>(number("seed", "1")),
               static_cast<std::uint64_t>(number("run", "0")));
    return "";
  }
};

NINES_TRANSCRIPTS("consumer_group", GroupWorld);

}  // namespace

}  // namespace consumer_group_handler
