#include "experiments/loader/versions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nines::loader {

namespace {

/// No project made so many minor releases in a row as lie beyond this: a patch was run into the minor number.
constexpr int most_minors_ahead = 20;

/// Where a release is one number ("17") the next comes about every year: what lies further ahead is a slip.
constexpr int most_releases_ahead = 5;

/// Takes a number off the front; false if none is there or it is longer than any release's.
bool take_number(std::string_view& text, int& out) {
  constexpr std::ptrdiff_t most_digits = 4;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (bad != std::errc{} || out < 0 || end - text.data() > most_digits) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool is_build(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_' || c == '+';
}

/// PostgreSQL's releases are one number, and what follows the dot is the patch; most others' are two.
Numbers numbers_of(std::string_view release) {
  return release.find('.') == std::string_view::npos ? Numbers::major : Numbers::major_and_minor;
}

bool too_far_ahead(const Release& wanted, const Release& newest, Numbers numbers) {
  if (numbers == Numbers::major) return wanted.major > newest.major + most_releases_ahead;
  return wanted.major > newest.major + 1 || wanted.minor > newest.minor + most_minors_ahead;
}

/// Always false: what read_version answers of a text that is none.
bool report_no_version(const Value& value, const std::string& text, const std::vector<std::string>& known,
                       std::string_view server, bool release) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::string quoted = shown(Json(text));  // without what would garble a terminal
  quoted.front() = quoted.back() = '\'';
  // Digits that are alike do not make releases alike.
  value.report(fmt::format("there is no {} version {} (known: {}).{}", server, quoted, one_of(views),
                           release ? "" : did_you_mean(text, views)));
  return false;
}

}  // namespace

std::optional<Release> parse_release(std::string_view text, Numbers numbers) {
  constexpr std::size_t longest = 60;
  if (text.size() > longest) return std::nullopt;
  if (text.starts_with('v')) text.remove_prefix(1);
  Release release;
  if (!take_number(text, release.major)) return std::nullopt;
  if (numbers == Numbers::major_and_minor) {
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
    if (!take_number(text, release.minor)) return std::nullopt;
  }
  if (release.major == 0 && release.minor == 0) return std::nullopt;
  release.exact = text.empty();
  if (text.empty()) return release;
  const char mark = text.front();
  if (mark == '.') {
    text.remove_prefix(1);
    int patch = 0;
    if (!take_number(text, patch)) return std::nullopt;
    if (text.empty()) return release;
  }
  const bool build = text.size() > 1 && std::string_view("-+.").find(text.front()) != std::string_view::npos;
  return build && std::all_of(text.begin(), text.end(), is_build) ? std::optional(release) : std::nullopt;
}

bool version_less(const std::string& a, const std::string& b) {
  const std::optional<Release> left = parse_release(a, numbers_of(a));
  const std::optional<Release> right = parse_release(b, numbers_of(b));
  if (!left || !right) return !left && !right ? a < b : !left;
  if (*left < *right || *right < *left) return *left < *right;
  return a < b;
}

bool read_version(const Value& value, std::string& out, const std::vector<std::string>& known,
                  std::string_view server) {
  std::string text;
  if (!read_text(value, text)) return false;
  out = text;
  if (known.empty() || std::find(known.begin(), known.end(), text) != known.end()) return true;
  const Numbers numbers = numbers_of(known.back());
  std::vector<Release> releases;
  for (const std::string& candidate : known) {
    const std::optional<Release> release = parse_release(candidate, numbers);
    // Whoever writes a profile may have named one that is no release: it stands for itself alone.
    if (!release) return report_no_version(value, text, known, server, false);
    releases.push_back(*release);
  }
  const std::optional<Release> wanted = parse_release(text, numbers);
  if (!wanted || too_far_ahead(*wanted, releases.back(), numbers)) {
    return report_no_version(value, text, known, server, wanted.has_value());
  }
  if (*wanted < releases.front()) {
    out = known.front();
    value.warn(
        fmt::format("{} {} is older than every version that is modelled: {}, the oldest, stands for it, and what "
                    "{} did differently is not in the figures.",
                    server, text, out, text));
    return true;
  }
  std::size_t taken = 0;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!(*wanted < releases[i])) taken = i;
  }
  out = known[taken];
  if (!(releases[taken] < *wanted)) {
    value.warn(fmt::format("{} {} is taken as {}: patch releases and builds are not told apart.", server, text, out));
  } else {
    value.warn(
        fmt::format("{} {} is not modelled: {}, the nearest that is not newer, stands for it, and what has changed "
                    "since is not in the figures.",
                    server, text, out));
  }
  return true;
}

}  // namespace nines::loader
