// A transcript that no broken rule fails would prove nothing: each of these breaks one that a file is about.
#include "models/mutation.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/places.hpp"
#include "tests/transcripts/world_handler.hpp"

namespace mutation_test {

using namespace nines::models;
using namespace nines::tests::transcripts;

namespace {

struct Broken {
  Mutation mutation;
  const char* file;
};

std::vector<std::string> problems_of(const std::string& file) {
  std::ifstream input(nines::tests::source_file("tests/transcripts/" + file), std::ios::binary);
  REQUIRE(input);
  std::ostringstream contents;
  contents << input.rdbuf();
  std::string text = contents.str();
  WorldHandler handler;
  return check(file, text, handler, false);
}

}  // namespace

TEST_CASE("a broken rule fails the transcript that is about it", "[transcripts]") {
  const Broken broken = GENERATE(Broken{Mutation::session_timeout_ignored, "kafka_session/fence_at_expiry.txt"},
                                 Broken{Mutation::session_timeout_ignored, "kafka_session/fence_at_check.txt"},
                                 Broken{Mutation::fresh_session_skipped, "kafka_session/new_controller.txt"},
                                 Broken{Mutation::controlled_shutdown_skipped, "kafka_session/controlled_shutdown.txt"},
                                 Broken{Mutation::quorum_of_one, "kafka_session/quorum_lost.txt"},
                                 Broken{Mutation::quorum_of_one, "kafka_quorum/leader_crash.txt"},
                                 Broken{Mutation::unclean_election_always, "kafka_isr/last_member_offline.txt"},
                                 Broken{Mutation::isolation_is_harmless, "node_lease/brief_silence.txt"},
                                 Broken{Mutation::isolation_is_harmless, "node_lease/everything_silent.txt"},
                                 Broken{Mutation::volume_in_wrong_zone, "volume_attach/zone_bound.txt"});
  INFO(broken.file);
  CHECK(problems_of(broken.file).empty());
  active_mutation = broken.mutation;
  const std::vector<std::string> problems = problems_of(broken.file);
  active_mutation = Mutation::none;
  CHECK_FALSE(problems.empty());
}

}  // namespace mutation_test
