// Parameters are declared once, as rows of X-macro tables: type, field, key, meaning. From a row come the struct field
// that the models read, the entry that a profile must provide, `--set`, `nines explain`, and the JSON Schema. No row
// has a default: every default lives in a profile with unit, source and plausible range.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "models/units.hpp"

namespace nines::models {

/// One declared parameter of group `Group`. The member's type tells the dimension.
template <class Group>
struct Parameter {
  std::string_view key;
  std::variant<Duration Group::*, Law Group::*, Rate Group::*, Ratio Group::*, Count Group::*, bool Group::*,
               Bytes Group::*, Bandwidth Group::*, Money Group::*>
      field;
  std::string_view meaning;
};

#define NINES_PARAMETER_FIELD(type, field, key, meaning) type field{};
#define NINES_PARAMETER_ROW(type, field, key, meaning) {key, &Self::field, meaning},

/// Defines `struct name` with the fields of `table` and `name::table()`, its rows.
#define NINES_PARAMETER_GROUP(name, rows)                                         \
  struct name {                                                                   \
    rows(NINES_PARAMETER_FIELD) static std::span<const Parameter<name>> table() { \
      using Self = name;                                                          \
      static constexpr Parameter<name> all[] = {rows(NINES_PARAMETER_ROW)};       \
      return all;                                                                 \
    }                                                                             \
  }

}  // namespace nines::models
