// JSON Schemas (draft-07) of the files that people write and of the results, generated from the tables that the readers
// use: field tables, parameter tables, verbs.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace nines::loader {

inline constexpr std::array<std::string_view, 11> schema_kinds{"topology", "scenario",     "sweep",     "lab",
                                                               "profile",  "assessment",   "replay",    "comparison",
                                                               "advice",   "sweep-result", "lab-result"};

/// Text of the schema, ending with a newline. REQUIRES: `kind` is one of `schema_kinds`.
std::string schema_text(std::string_view kind);

}  // namespace nines::loader
