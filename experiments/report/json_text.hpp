// JSON as programs read it back: shortest numbers that round-trip, arrays of numbers on one line.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sim/time.hpp"

namespace nines::experiments {

using Json = nlohmann::ordered_json;

/// Text with two spaces of indentation and a newline at the end. Numbers that are not finite become null.
std::string json_text(const Json& value);

/// Seconds, correctly rounded: printed shortest they show the exact count of nanoseconds, so sums of printed numbers
/// hold to the last digit.
inline double seconds(sim::Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

/// The value, or null.
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace nines::experiments
