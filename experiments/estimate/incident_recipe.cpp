#include "experiments/estimate/incident_recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "models/selector.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

/// Longer repairs are drawn by so many powers at most (strata.cpp draws no more).
constexpr std::uint64_t most_longer = 8;
/// More faults than any incident is given.
constexpr std::size_t most_strikes = 64;

/// "3~5+9": numbers in their order, runs of neighbours as ranges.
std::string ranges_text(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t at = 0; at < numbers.size();) {
    std::size_t end = at + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    text += fmt::format("{}{}", text.empty() ? "" : "+", numbers[at]);
    if (end - at > 1) text += fmt::format("~{}", numbers[end - 1]);
    at = end;
  }
  return text;
}

[[noreturn]] void damaged(std::string_view word) {
  throw std::invalid_argument(
      fmt::format("--incident {}: not an incident as nines assess --worst prints them", word.substr(0, 80)));
}

/// Reads a word from left to right.
class Reader {
 public:
  explicit Reader(std::string_view word) : word_(word), left_(word) {}

  [[nodiscard]] bool done() const { return left_.empty(); }
  [[nodiscard]] bool next_is(char c) const { return !left_.empty() && left_.front() == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void need(char c) {
    if (!take(c)) damaged(word_);
  }
  std::string_view letters(std::size_t count) {
    if (left_.size() < count) damaged(word_);
    const std::string_view text = left_.substr(0, count);
    left_.remove_prefix(count);
    return text;
  }
  std::uint64_t number(std::uint64_t most, int base = 10) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value, base);
    if (error != std::errc() || value > most) damaged(word_);
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }
  std::uint32_t source(std::size_t sources) {
    if (sources == 0) damaged(word_);
    return static_cast<std::uint32_t>(number(sources - 1));
  }
  std::vector<std::uint32_t> ranges(std::size_t sources) {
    std::vector<std::uint32_t> numbers;
    do {
      const std::uint32_t first = source(sources);
      const std::uint32_t last = take('~') ? source(sources) : first;
      // Each clock is started once.
      if (last < first || numbers.size() + (last - first) >= sources) damaged(word_);
      for (std::uint32_t number = first; number <= last; ++number) numbers.push_back(number);
    } while (take('+'));
    return numbers;
  }

 private:
  std::string_view word_;
  std::string_view left_;
};

Strike read_strike(Reader& reader, std::size_t sources) {
  // Two hundred years, longer than any incident is followed.
  constexpr std::uint64_t longest_ns = 200ULL * 365 * 24 * 3600 * 1'000'000'000ULL;
  Strike strike;
  strike.source = reader.source(sources);
  reader.need('@');
  strike.at = incident_start + sim::Duration::nanoseconds(static_cast<std::int64_t>(reader.number(longest_ns)));
  if (reader.take('x')) strike.longer = static_cast<int>(reader.number(most_longer));
  if (reader.take('s')) strike.starts = reader.ranges(sources);
  return strike;
}

bool clock_starts_twice(const IncidentRecipe& recipe, std::size_t sources) {
  std::vector<char> runs(sources, 0);
  bool twice = false;
  const auto start = [&](const std::vector<std::uint32_t>& started) {
    for (const std::uint32_t source : started) {
      twice = twice || runs[source] != 0;
      runs[source] = 1;
    }
  };
  start(recipe.background);
  for (const Strike& strike : recipe.strikes) start(strike.starts);
  return twice;
}

}  // namespace

std::string source_name(const models::Plan& plan, std::uint32_t source) {
  const models::FaultSource& fault = plan.faults[source];
  const std::string_view form = models::variant_name(fault.variant);
  return fmt::format("{}{}{} {}", models::verb_info(fault.verb).name, form.empty() ? "" : "/", form,
                     plan.name(fault.target));
}

std::string incident_fingerprint(const loader::LoadedTopology& input, const models::Plan& plan) {
  std::string all = fmt::format("{} {} {}", input.input_hash, input.profile_hash, plan.seed);
  for (std::uint32_t source = 0; source < plan.faults.size(); ++source) all += "\n" + source_name(plan, source);
  return fmt::format("{:016x}", sim::fnv1a(all)).substr(0, 8);
}

std::string incident_word(const IncidentRecipe& recipe, std::string_view fingerprint) {
  std::string word = fmt::format("{}-{:x}", fingerprint, recipe.run);
  if (!recipe.background.empty()) word += "-b" + ranges_text(recipe.background);
  for (const Strike& strike : recipe.strikes) {
    word += fmt::format("-{}@{}", strike.source, (strike.at - incident_start).count());
    if (strike.longer > 0) word += fmt::format("x{}", strike.longer);
    if (!strike.starts.empty()) word += "s" + ranges_text(strike.starts);
  }
  return word;
}

IncidentRecipe incident_of(std::string_view word, std::string_view fingerprint, const models::Plan& plan) {
  Reader reader(word);
  const std::string_view of = reader.letters(fingerprint.size());
  if (!std::all_of(of.begin(), of.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); })) {
    damaged(word);
  }
  reader.need('-');
  IncidentRecipe recipe;
  recipe.run = reader.number(~std::uint64_t{0}, 16);
  reader.need('-');
  // Whether it is of this plan is said before its numbers are judged.
  if (of != fingerprint) {
    throw std::invalid_argument(fmt::format(
        "--incident {}: it is of another topology, seed or set of faults. Give the TOPOLOGY, --set, --profile, "
        "--without-fault and --seed of the assessment that named it.",
        word.substr(0, 80)));
  }
  if (reader.take('b')) {
    recipe.background = reader.ranges(plan.faults.size());
    reader.need('-');
  }
  do {
    recipe.strikes.push_back(read_strike(reader, plan.faults.size()));
    const std::size_t count = recipe.strikes.size();
    const bool first_is_late = count == 1 && recipe.strikes.front().at != incident_start;
    const bool backwards = count > 1 && recipe.strikes[count - 1].at < recipe.strikes[count - 2].at;
    if (first_is_late || backwards || count > most_strikes) damaged(word);
  } while (reader.take('-'));
  if (!reader.done() || clock_starts_twice(recipe, plan.faults.size())) damaged(word);
  return recipe;
}

}  // namespace nines::experiments
