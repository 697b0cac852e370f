// Configuration keys that a server knows but that no model reads: they are taken with a warning that says why they
// change nothing, so that a real configuration can be pasted.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "experiments/loader/reader.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

using models::service::InertKeys;

/// Whether the member is such a key: then it is warned of, or reported if its value is no scalar. `inert` may be null.
bool take_inert(const Value& member, const models::service::Kind& kind, const InertKeys* inert, std::string_view key);

/// `fields` and the inert keys: an Object then takes them.
std::vector<FieldSpec> with_inert(std::span<const FieldSpec> fields, const InertKeys& inert);

/// A table or group that has inert keys, and the kind that it is of.
struct InertOf {
  const models::service::Kind* kind = nullptr;
  const InertKeys* keys = nullptr;
};
/// All of all kinds, in the order of their fields.
std::vector<InertOf> all_inert_keys();

}  // namespace nines::loader
