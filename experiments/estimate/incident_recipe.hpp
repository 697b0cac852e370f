// An incident as one word of a command line, and back: what `nines assess --worst` prints and `nines replay --incident`
// plays.
//
// "5f0c21aa-1c0000000000a3-b3~5-4@0-17@98765432100x2": fingerprint of what it is an incident of, name of its
// randomness, background (if any), then each fault: number of its source, nanoseconds after the first one, by how much
// its first repair is drawn longer (if at all), sources whose clocks run from then on (if any: "s3~5+9").
#pragma once

#include <string>
#include <string_view>

#include "experiments/estimate/assess.hpp"
#include "experiments/loader/topology_file.hpp"

namespace nines::experiments {

/// Eight hexadecimal digits that differ where topology, profiles, seed or the faults that are left in differ: incidents
/// of one mean nothing for another.
std::string incident_fingerprint(const loader::LoadedTopology& input, const models::Plan& plan);

std::string incident_word(const IncidentRecipe& recipe, std::string_view fingerprint);

/// Throws std::invalid_argument for a word that is damaged, or of something else than `plan`.
IncidentRecipe incident_of(std::string_view word, std::string_view fingerprint, const models::Plan& plan);

/// "node-crash kafka-us-west-2a-0": the fault behind a source.
std::string source_name(const models::Plan& plan, std::uint32_t source);

}  // namespace nines::experiments
