// Losses of records that nobody had asked to be told of.
#pragma once

#include <string_view>

namespace nines::models::measurement {

/// The rule of such a loss begins so: its records were never acknowledged, because no client asked that they be.
inline constexpr std::string_view unasked = "no confirms";

inline bool is_unasked(std::string_view rule) { return rule.starts_with(unasked); }

}  // namespace nines::models::measurement
