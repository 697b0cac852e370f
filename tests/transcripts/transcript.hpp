// Transcripts: text files of commands, each with the whole output that it must give (README.md beside this file).
//
// In the manner of etcd/raft's data-driven tests: a rule of a protocol is a story that a person can read and check
// against its source, and a change of behaviour is a difference of text.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nines::tests::transcripts {

/// One command of a transcript.
struct Step {
  std::size_t line = 0;  ///< of the command, from 1
  std::string before;    ///< comments and empty lines before it, as they stand
  std::string command;   ///< one line
  std::string output;    ///< as the file has it; every line ends with a newline
};

struct Transcript {
  std::vector<Step> steps;  ///< at least one
  std::string after;        ///< comments after the last output
};

/// A transcript that does not follow the format, or a command that its handler does not accept.
struct Malformed : std::runtime_error {
  Malformed(std::size_t where, const std::string& what) : std::runtime_error(what), line(where) {}
  std::size_t line;
};

/// Throws Malformed: no header with a source, no command, a command without output, junk after an output.
Transcript parse(std::string_view text);
/// The text of a transcript. `render(parse(text)) == text` for a text that the runner wrote.
std::string render(const Transcript& transcript);
/// The lines of both, those that differ after "-" (expected) or "+" (got); a longest common subsequence.
std::string difference(std::string_view expected, std::string_view got);

/// What a handler throws about a command that it cannot take.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The words after the name of a command; "key=value" is an option, whatever its place.
class Arguments {
 public:
  explicit Arguments(std::string_view line);
  /// The next plain word. Throws Refused if there is none.
  std::string word(std::string_view what);
  std::optional<std::string> next();
  std::vector<std::string> rest();
  std::optional<std::string> option(std::string_view key);
  /// All options that were not asked for yet.
  std::map<std::string, std::string> options();
  /// Throws Refused if a word or an option was not asked for.
  void done() const;

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::map<std::string, std::string> options_;
};

/// "60s", "500ms", "6min", "2h" in seconds. Throws Refused.
double seconds(const std::string& text);

/// Carries the commands of one file out; made anew for each file.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Output of one command line. Throws Refused.
  std::string run(std::string_view line);

 protected:
  /// What a command does with its arguments; returns its output, without the last newline or with it.
  using Command = std::function<std::string(Arguments&)>;
  void command(std::string name, Command run) { commands_[std::move(name)] = std::move(run); }

 private:
  std::map<std::string, Command, std::less<>> commands_;
};

using MakeHandler = std::function<std::unique_ptr<Handler>()>;

/// What is wrong with one file, each beginning with "name:line: "; nothing if it is as it should be. With
/// `rewrite`, outputs that differ are put into `text` instead of being reported.
std::vector<std::string> check(const std::string& name, std::string& text, Handler& handler, bool rewrite);

/// Runs every file of tests/transcripts/<folder>, each as a section of the present test case.
void run_folder(const std::string& folder, const MakeHandler& make);

/// Folders that have a handler.
std::vector<std::string>& folders();
struct Registered {
  explicit Registered(const char* folder) { folders().emplace_back(folder); }
};

/// In the handler's file: a test case that runs every transcript of the folder through a `HandlerType`.
#define NINES_TRANSCRIPTS(folder, HandlerType)                                                       \
  static const ::nines::tests::transcripts::Registered registered_folder(folder);                    \
  TEST_CASE("transcripts of " folder, "[transcripts][" folder "]") {                                 \
    ::nines::tests::transcripts::run_folder(folder, [] { return std::make_unique<HandlerType>(); }); \
  }                                                                                                  \
  static_assert(true)

}  // namespace nines::tests::transcripts
