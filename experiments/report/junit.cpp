#include "experiments/report/junit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/report/escape.hpp"

namespace nines::experiments {

namespace {

std::string attribute(std::string_view text) { return escape::markup(escape::visible(text)); }

}  // namespace

std::string junit(const std::string& suite, const std::vector<JUnitCase>& cases) {
  const auto count = [&](JUnitCase::Outcome outcome) {
    return std::count_if(cases.begin(), cases.end(), [&](const JUnitCase& its) { return its.outcome == outcome; });
  };
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"", cases.size(),
                                         count(JUnitCase::Outcome::failed), count(JUnitCase::Outcome::cannot_tell));
  std::string text =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", counts,
                  attribute(suite), counts);
  for (const JUnitCase& its : cases) {
    text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", attribute(its.group), attribute(its.name));
    switch (its.outcome) {
      case JUnitCase::Outcome::passed:
        text += fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", attribute(its.message));
        break;
      case JUnitCase::Outcome::failed:
        text += fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", attribute(its.message));
        break;
      case JUnitCase::Outcome::cannot_tell:
        text += fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", attribute(its.message));
        break;
    }
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace nines::experiments
