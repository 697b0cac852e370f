#include "tests/transcripts/transcript.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/places.hpp"

namespace nines::tests::transcripts {

namespace {

constexpr std::string_view rule = "----";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::string joined(const std::vector<std::string_view>& lines) {
  std::string text;
  for (const std::string_view line : lines) text.append(line).append("\n");
  return text;
}

bool is_comment(std::string_view line) { return line.starts_with('#'); }

class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(lines_of(text)) {}

  Transcript read() {
    check_header();
    Transcript transcript;
    for (;;) {
      std::string before = comments();
      if (at_ == lines_.size()) {
        transcript.after = std::move(before);
        break;
      }
      transcript.steps.push_back(step(std::move(before)));
    }
    if (transcript.steps.empty()) throw Malformed(lines_.size(), "a transcript without a command");
    return transcript;
  }

 private:
  /// The comment at the top names what the rule comes from.
  void check_header() {
    bool source = false;
    for (const std::string_view line : lines_) {
      if (!is_comment(line)) break;
      source |= line.find("Source:") != std::string_view::npos;
    }
    if (!source)
      throw Malformed(1, "the comment at the top of a transcript says its rule and, after 'Source:', where it is from");
  }

  std::string comments() {
    std::vector<std::string_view> found;
    while (at_ < lines_.size() && (lines_[at_].empty() || is_comment(lines_[at_]))) found.push_back(lines_[at_++]);
    return joined(found);
  }

  Step step(std::string before) {
    Step step;
    step.before = std::move(before);
    step.line = at_ + 1;
    step.command = lines_[at_++];
    if (step.command.starts_with(' ') || step.command.ends_with(' ') || step.command == rule) {
      throw Malformed(step.line, "expected a command, got '" + step.command + "'");
    }
    if (!take_rule()) throw Malformed(step.line, "expected '----' after the command '" + step.command + "'");
    step.output = take_rule() ? long_output(step.line) : short_output();
    return step;
  }

  bool take_rule() {
    if (at_ == lines_.size() || lines_[at_] != rule) return false;
    ++at_;
    return true;
  }

  /// Up to an empty line, which belongs to it.
  std::string short_output() {
    std::vector<std::string_view> found;
    while (at_ < lines_.size() && !lines_[at_].empty()) found.push_back(lines_[at_++]);
    if (at_ < lines_.size()) ++at_;
    return joined(found);
  }

  /// Up to two rules that an empty line or the end follows.
  std::string long_output(std::size_t line) {
    std::vector<std::string_view> found;
    while (at_ < lines_.size() && !ends_long_output()) found.push_back(lines_[at_++]);
    if (at_ == lines_.size()) {
      throw Malformed(line, "an output that began with two lines '----' ends with two and an empty line");
    }
    at_ = std::min(at_ + 3, lines_.size());
    return joined(found);
  }

  [[nodiscard]] bool ends_long_output() const {
    const bool rules = at_ + 1 < lines_.size() && lines_[at_] == rule && lines_[at_ + 1] == rule;
    return rules && (at_ + 2 == lines_.size() || lines_[at_ + 2].empty());
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
};

/// Whether the output cannot stand in the short form.
bool needs_long_form(const std::string& output) {
  return output.starts_with("\n") || output.starts_with("----\n") || output.find("\n\n") != std::string::npos;
}

std::string prefixed(const std::string& name, std::size_t line, const std::string& what) {
  return name + ":" + std::to_string(line) + ": " + what;
}

/// Output without spaces at the ends of lines, the last line ended.
std::string tidy(const std::string& output) {
  std::string text;
  for (std::string_view line : lines_of(output)) {
    while (line.ends_with(' ')) line.remove_suffix(1);
    text.append(line).append("\n");
  }
  return text;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace

Transcript parse(std::string_view text) { return Reader(text).read(); }

std::string render(const Transcript& transcript) {
  std::string text;
  for (std::size_t i = 0; i < transcript.steps.size(); ++i) {
    const Step& step = transcript.steps[i];
    text += step.before + step.command + "\n----\n";
    text += needs_long_form(step.output) ? "----\n" + step.output + "----\n----\n" : step.output;
    if (i + 1 < transcript.steps.size() || !transcript.after.empty()) text += "\n";
  }
  return text + transcript.after;
}

std::string difference(std::string_view expected, std::string_view got) {
  const std::vector<std::string_view> a = lines_of(expected);
  const std::vector<std::string_view> b = lines_of(got);
  // common[i][j]: length of the longest common subsequence of what follows i in a and j in b.
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string text;
  const auto put = [&](const char* mark, std::string_view line) { text.append(mark).append(line).append("\n"); };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      put("    ", a[i]);
      ++i;
      ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      put("  - ", a[i++]);
    } else {
      put("  + ", b[j++]);
    }
  }
  return text;
}

Arguments::Arguments(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string word;
  while (words >> word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      words_.push_back(word);
    } else if (!options_.emplace(word.substr(0, equals), word.substr(equals + 1)).second) {
      throw Refused("'" + word.substr(0, equals) + "=' is there twice");
    }
  }
}

std::optional<std::string> Arguments::next() {
  if (at_ == words_.size()) return std::nullopt;
  return words_[at_++];
}

std::string Arguments::word(std::string_view what) {
  std::optional<std::string> found = next();
  if (!found) throw Refused("expected " + std::string(what));
  return *std::move(found);
}

std::vector<std::string> Arguments::rest() {
  std::vector<std::string> found;
  while (std::optional<std::string> word = next()) found.push_back(*std::move(word));
  return found;
}

std::optional<std::string> Arguments::option(std::string_view key) {
  const auto found = options_.find(std::string(key));
  if (found == options_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  options_.erase(found);
  return value;
}

std::map<std::string, std::string> Arguments::options() { return std::exchange(options_, {}); }

void Arguments::done() const {
  if (at_ < words_.size()) throw Refused("'" + words_[at_] + "' means nothing here");
  if (!options_.empty()) throw Refused("'" + options_.begin()->first + "=' means nothing here");
}

double seconds(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const std::map<std::string, double> units{{"ms", 0.001}, {"s", 1}, {"min", 60}, {"h", 3600}};
  const auto found = units.find(unit);
  if (error != std::errc() || found == units.end())
    throw Refused("expected a time such as 500ms, 60s, 6min or 2h, got '" + text + "'");
  return value * found->second;
}

std::string Handler::run(std::string_view line) {
  const std::size_t end = line.find(' ');
  const auto found = commands_.find(line.substr(0, end));
  if (found == commands_.end()) {
    std::string names;
    for (const auto& [name, unused] : commands_) names += " " + name;
    throw Refused("unknown command; there are:" + names);
  }
  Arguments arguments(end == std::string_view::npos ? std::string_view() : line.substr(end));
  std::string output = found->second(arguments);
  arguments.done();
  return output;
}

std::vector<std::string> check(const std::string& name, std::string& text, Handler& handler, bool rewrite) {
  std::vector<std::string> problems;
  Transcript transcript;
  try {
    transcript = parse(text);
  } catch (const Malformed& error) {
    return {prefixed(name, error.line, error.what())};
  }
  for (Step& step : transcript.steps) {
    std::string output;
    try {
      output = tidy(handler.run(step.command));
    } catch (const Refused& error) {
      // What follows would be about another state.
      problems.push_back(prefixed(name, step.line, step.command + ": " + error.what()));
      return problems;
    }
    if (output == step.output) continue;
    if (!rewrite) problems.push_back(prefixed(name, step.line, step.command) + "\n" + difference(step.output, output));
    step.output = std::move(output);
  }
  if (rewrite) text = render(transcript);
  return problems;
}

void run_folder(const std::string& folder, const MakeHandler& make) {
  const char* const wish = std::getenv("NINES_REWRITE_TRANSCRIPTS");
  const bool rewrite = wish != nullptr && std::string_view(wish) == "1";
  const std::string place = "tests/transcripts/" + folder;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_file(place))) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  for (const std::filesystem::path& path : files) {
    DYNAMIC_SECTION(path.filename().string()) {
      const std::string before = contents(path);
      std::string text = before;
      const std::unique_ptr<Handler> handler = make();
      for (const std::string& problem : check(place + "/" + path.filename().string(), text, *handler, rewrite)) {
        FAIL_CHECK(problem);
      }
      if (text != before) {
        std::ofstream(path, std::ios::binary) << text;
        WARN("rewritten: read the difference of " << path.filename().string());
      }
      SUCCEED();
    }
  }
}

std::vector<std::string>& folders() {
  static std::vector<std::string> all;
  return all;
}

}  // namespace nines::tests::transcripts
