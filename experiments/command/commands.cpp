#include "experiments/command/commands.hpp"

#include <fmt/format.h>

#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"

namespace nines::experiments {

void write_result(const CommonOptions& options, std::string_view text) {
  options.format == "text" ? write_text(options.output, text) : write_output(options.output, text);
}

std::vector<std::string> command_words(std::string_view verb, const std::vector<std::string>& names,
                                       const CommonOptions& options) {
  std::vector<std::string> words{"nines", std::string(verb)};
  words.insert(words.end(), names.begin(), names.end());
  for (const std::string& set : options.sets) words.insert(words.end(), {"--set", set});
  if (!options.profile.empty()) words.insert(words.end(), {"--profile", options.profile});
  if (!options.prices.empty()) words.insert(words.end(), {"--prices", options.prices});
  for (const std::string& fault : options.without_faults) words.insert(words.end(), {"--without-fault", fault});
  if (options.seed != CommonOptions{}.seed) words.insert(words.end(), {"--seed", fmt::format("{}", options.seed)});
  return words;
}

std::string command_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + escape::shell(word);
  return line;
}

void write_times(const CommonOptions& options, double wall_s, double events) {
  if (options.quiet) return;
  write_message(fmt::format("{:.1f} s{}", wall_s,
                            wall_s > 0 && events > 0 ? fmt::format(", {:.2g} events/s", events / wall_s) : ""));
}

}  // namespace nines::experiments
