// Configuration keys of Kafka that are valid but that nothing in this model reads: they are taken with a warning that
// says why they change nothing, so that a real server.properties can be pasted.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "experiments/loader/reader.hpp"

namespace nines::loader {

/// Whose configuration a key is of. Clients are producers and consumers.
enum class KeyOwner : std::uint8_t { broker, topic, client };

/// The documented keys of Kafka 3.6 to 4.1 that no model reads, sorted. Keys that a model reads are parameters.
std::span<const std::string_view> inert_keys(KeyOwner owner);

/// Beginnings of such keys with a free rest: `listener.name.` ...
std::span<const std::string_view> inert_beginnings(KeyOwner owner);

/// Why the key changes nothing in this model, as the rest of "this changes nothing in this model: ..."; empty if it is
/// no such key. Keys with a free part (`listener.name.external.ssl.keystore.location`) are known by their beginnings.
std::string_view inert_reason(KeyOwner owner, std::string_view key);

/// Whether the member is such a key: then it is warned of, or reported if its value is no scalar.
bool take_inert(const Value& member, KeyOwner owner, std::string_view key);

/// `fields` and the inert keys of the owner: an Object then takes them.
std::vector<FieldSpec> with_inert(std::span<const FieldSpec> fields, KeyOwner owner);

}  // namespace nines::loader
