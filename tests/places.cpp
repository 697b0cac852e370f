// The only file that is given paths: a compiler that sees one as a constant may warn of it or not by its length.
#include "tests/places.hpp"

namespace nines::tests {

std::string source_file(const std::string& relative) {
  const std::string root = NINES_SOURCE_DIR;
  return relative.empty() ? root : root + "/" + relative;
}

std::string nines_binary() { return NINES_BINARY; }

}  // namespace nines::tests
