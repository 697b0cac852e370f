// Checks as JUnit XML, which GitLab, Jenkins and GitHub's actions show beside other tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nines::experiments {

struct JUnitCase {
  enum class Outcome : std::uint8_t { passed, failed, cannot_tell };
  std::string group;  ///< class name
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string message;  ///< one line: what came out
};

/// A suite of that name. What nobody can tell is a skipped test: it neither passes nor fails.
std::string junit(const std::string& suite, const std::vector<JUnitCase>& cases);

}  // namespace nines::experiments
