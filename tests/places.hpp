#pragma once

#include <string>

namespace nines::tests {

/// Absolute path of a file of the source tree; the tree itself without one.
std::string source_file(const std::string& relative = "");

/// Absolute path of the `nines` that was built with the tests.
std::string nines_binary();

}  // namespace nines::tests
