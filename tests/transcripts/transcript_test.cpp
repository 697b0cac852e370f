// The runner of transcripts: what it accepts, what it refuses, what it reports, what it rewrites.
#include "tests/transcripts/transcript.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/places.hpp"

namespace transcript_test {

using namespace nines::tests::transcripts;

namespace {

/// A counter: something with a state and a command that can be refused.
class Counter : public Handler {
 public:
  Counter() {
    command("add", [this](Arguments& arguments) {
      total_ += std::stoi(arguments.word("a number"));
      return std::to_string(total_);
    });
    command("quiet", [](Arguments&) { return std::string(); });
    command("paragraphs", [](Arguments&) { return std::string("one\n\ntwo\n"); });
    command("rule", [](Arguments&) { return std::string("----"); });
  }

 private:
  int total_ = 0;
};

const std::string header = "# Sums grow. Source: arithmetic.\n\n";

std::vector<std::string> problems_of(std::string text, bool rewrite = false) {
  Counter counter;
  return check("file.txt", text, counter, rewrite);
}

std::string rewritten(std::string text) {
  Counter counter;
  CHECK(check("file.txt", text, counter, true).empty());
  return text;
}

std::string problem_of(const std::string& text) {
  const std::vector<std::string> problems = problems_of(text);
  REQUIRE(problems.size() == 1);
  return problems.front();
}

}  // namespace

TEST_CASE("a transcript with the right outputs passes", "[transcripts]") {
  CHECK(problems_of(header + "add 1\n----\n1\n\n# a comment\nadd 2\n----\n3\n").empty());
  CHECK(problems_of(header + "quiet\n----\n\nadd 2\n----\n2\n").empty());
  CHECK(problems_of(header + "quiet\n----\n").empty());
  CHECK(problems_of(header + "paragraphs\n----\n----\none\n\ntwo\n----\n----\n\nadd 1\n----\n1\n# end\n\n").size() ==
        1);
  CHECK(problems_of(header + "paragraphs\n----\n----\none\n\ntwo\n----\n----\n\nadd 1\n----\n1\n\n# end\n").empty());
}

TEST_CASE("a wrong output is told with its line and the difference, and the commands after it go on", "[transcripts]") {
  const std::string text = header + "add 1\n----\n1\n\nadd 2\n----\n4\n\nadd 3\n----\n6\n";
  CHECK(problem_of(text) == "file.txt:7: add 2\n  - 4\n  + 3\n");
  CHECK(problem_of(header + "paragraphs\n----\none\ntwo\n") == "file.txt:3: paragraphs\n    one\n  + \n    two\n");
  CHECK(problem_of(header + "quiet\n----\n1\n") == "file.txt:3: quiet\n  - 1\n");
}

TEST_CASE("what is not a transcript is refused with its line", "[transcripts]") {
  CHECK(problem_of("add 1\n----\n1\n").starts_with("file.txt:1: the comment at the top"));
  CHECK(problem_of("# no source\n\nadd 1\n----\n1\n").starts_with("file.txt:1: the comment at the top"));
  CHECK(problem_of(header) == "file.txt:2: a transcript without a command");
  CHECK(problem_of(header + "add 1\n1\n") == "file.txt:3: expected '----' after the command 'add 1'");
  CHECK(problem_of(header + "add 1\n----\n1\n\njunk\n") == "file.txt:7: expected '----' after the command 'junk'");
  CHECK(problem_of(header + "add 1\n----\n----\n1\n") ==
        "file.txt:3: an output that began with two lines '----' ends with two and an empty line");
  CHECK(problem_of(header + "add 1\n----\n----\n1\n----\n----\njunk\n") ==
        "file.txt:3: an output that began with two lines '----' ends with two and an empty line");
  CHECK(problem_of(header + "----\n1\n") == "file.txt:3: expected a command, got '----'");
}

TEST_CASE("a command that its handler does not accept is an error, also when outputs are rewritten", "[transcripts]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"multiply 2", "file.txt:3: multiply 2: unknown command; there are: add paragraphs quiet rule"},
      {"add", "file.txt:3: add: expected a number"},
      {"add 1 2", "file.txt:3: add 1 2: '2' means nothing here"},
      {"add 1 by=2", "file.txt:3: add 1 by=2: 'by=' means nothing here"},
  };
  for (const auto& [command, problem] : cases) {
    CHECK(problem_of(header + command + "\n----\n1\n") == problem);
    CHECK(problems_of(header + command + "\n----\n1\n", true) == std::vector{problem});
  }
}

TEST_CASE("rewriting puts the outputs in place and leaves the rest", "[transcripts]") {
  const std::string before =
      header + "add 1\n----\n\n# why\n\nadd 2\n----\n7\n8\n\nparagraphs\n----\n\nrule\n----\n\n# end\n";
  const std::string after = rewritten(before);
  CHECK(after == header +
                     "add 1\n----\n1\n\n# why\n\nadd 2\n----\n3\n\nparagraphs\n----\n----\none\n\ntwo\n----\n----\n\n" +
                     "rule\n----\n----\n----\n----\n----\n\n# end\n");
  CHECK(problems_of(after).empty());
  CHECK(rewritten(after) == after);
}

TEST_CASE("every folder of transcripts has a handler", "[transcripts]") {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(nines::tests::source_file("tests/transcripts"))) {
    if (entry.is_directory()) found.push_back(entry.path().filename().string());
  }
  std::vector<std::string> handled = folders();
  std::sort(found.begin(), found.end());
  std::sort(handled.begin(), handled.end());
  CHECK(found == handled);
}

}  // namespace transcript_test
