#include "experiments/loader/service_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace nines::loader {

const Json* value_at(const Document& document, const std::string& pointer) {
  const Json* at = &document.root();
  for (const std::string& step : split_pointer(pointer)) {
    if (at->is_object() && at->contains(step)) {
      at = &(*at)[step];
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto [end, bad] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (bad != std::errc{} || end != step.data() + step.size() || index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

namespace {

std::string shown_at(const Document& document, const std::string& pointer) {
  const Json* value = value_at(document, pointer);
  return value == nullptr ? "nothing" : shown(*value);
}

}  // namespace

void ServiceReport::expected(const std::string& pointer, std::string_view what) {
  problem(pointer, fmt::format("expected {}, got {}.", what, shown_at(*input_.document, pointer)));
}

void ServiceReport::expected_one_of(const std::string& pointer, std::string_view what,
                                    std::span<const std::string_view> choices, std::string_view or_else,
                                    std::string_view name) {
  problem(pointer, fmt::format("expected {} ({}){}, got {}.{}", what, one_of(choices), or_else,
                               shown_at(*input_.document, pointer), did_you_mean(name, choices)));
}

void ServiceReport::check_known(const std::string& pointer, const std::string& name, std::span<const std::string> known,
                                std::string_view what) {
  if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return;
  problem(pointer, no_such(what, name, known));
}

std::string ServiceReport::text_at(const std::string& pointer) const {
  const Json* value = value_at(*input_.document, pointer);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
}

}  // namespace nines::loader
