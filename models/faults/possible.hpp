// Which verbs make no sense for a thing: because nothing there evicts, rolls out or takes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/ids.hpp"
#include "models/scenario.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::faults {

/// Why the verb can do nothing to a thing of its target kind; nothing if it can. `index` as in `FaultSource`; of
/// verbs that concern a volume, of the volume.
std::optional<std::string> why_impossible(const Plan& plan, Verb verb, std::uint32_t index);
/// The same of one of its forms.
std::optional<std::string> why_impossible(const Plan& plan, Verb verb, Variant variant, std::uint32_t index);

/// Whether an event, by its name, can happen in this design at all: false if what has it is not there.
bool can_happen(const Plan& plan, std::string_view event);

/// Whether a revision of the service that its probes pass can turn clients away: they talk to some process of it.
bool turns_clients_away(const Plan& plan, ServiceId service);

}  // namespace nines::models::faults
