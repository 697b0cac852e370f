// What the loader's tests share: a sound topology to break, and the text of the error that breaking it gives.
#pragma once

#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"
#include "tests/places.hpp"

namespace nines::loader::testing {

using tests::source_file;

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What `what()` of the InputError says that `load` throws; empty if it throws none.
inline std::string error_of(const std::function<void()>& load) {
  try {
    load();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// `text` with the first `from` replaced. `from` must be there: a test that changes nothing tests nothing.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not in the text: " + std::string(from));
  return text.replace(at, from.size(), to);
}

/// Line (from 1) on which the first `part` begins.
inline int line_of(std::string_view text, std::string_view part) {
  int line = 1;
  for (const char c : text.substr(0, text.find(part))) line += c == '\n';
  return line;
}

}  // namespace nines::loader::testing
