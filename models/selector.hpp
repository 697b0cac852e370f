// Targets of a scenario: names and selectors, and what they stand for.
//
// Names: processes ("kafka/broker-0"), nodes, zones, volumes ("kafka/broker-0/data"), services; for partitions also
// clients ("kafka/client/app"), "region" and "control-plane". Names of several things: "<service>/brokers",
// "<service>/controllers", a service (its processes), "<service>/<topic>/<partition>" (the brokers that hold its
// replicas), "nodes", "zones", a node group, a zone (its nodes). A process stands for its machine, volume or zone where
// the verb asks for one; a node for its zone, or for the capacity pool that it is of; a zone for all of its pools
// ("r8g.4xlarge/us-west-2a/spot"). In a partition a process is its pod, wherever it runs; a node is all that
// is on it; a zone its nodes and the clients in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/infrastructure/network.hpp"
#include "models/scenario.hpp"

namespace nines::models {

struct Plan;
struct World;

struct Selector {
  enum class Kind : std::uint8_t { name, leader, follower, random, all };
  Kind kind = Kind::name;
  std::string_view name;  ///< points into the parsed text
};

/// "leader(kafka/controllers)" -> {leader, "kafka/controllers"}; nothing if it is not well formed.
std::optional<Selector> parse_selector(std::string_view text);

/// An action with everything looked up.
struct ResolvedAction : Options {
  Verb verb = Verb::process_kill;
  std::uint32_t index = 0;  ///< process, node, zone, volume or service, by the verb's target kind; of `any` 0
  std::vector<infrastructure::Address> side;   ///< of verbs on any place: addresses of `target`
  std::vector<infrastructure::Address> other;  ///< addresses of `from`
};

/// What `action` is done to now: one element for each thing. Empty if there is no such thing now (no active controller,
/// a partition without leader). `random` and `follower` choose among those that run, if any does, from the stream of
/// the first candidate for Purpose::selection. REQUIRES: !check_target(*world.plan, action).
std::vector<ResolvedAction> resolve(World& world, const Action& action);

/// Why `action` says an option that its verb does not take, or lacks one that it needs; nothing if all is well.
std::optional<std::string> check_options(const Action& action);

/// Why `action` can never find a target in this topology, with the nearest valid name; nothing if it can.
std::optional<std::string> check_target(const Plan& plan, const Action& action);

/// Longest delay of a packet's way, one direction, of which every service makes a part: what each kind says, and where
/// there are kubelets less than half of what they wait for an answer.
Duration longest_delay(const Plan& plan);

/// Which of `actions` makes ways longer than that together with those that last then, and why; nothing if none does.
std::optional<std::pair<std::size_t, std::string>> check_together(const Plan& plan, const std::vector<Action>& actions);

/// Things of the verb's target kind behind a plain name of one or several, as placed at the start; empty if none.
std::vector<std::uint32_t> planned_targets(const Plan& plan, Verb verb, std::string_view name);

/// Entry of the table of verbs.
const VerbInfo& verb_info(Verb verb);
/// Name of a form of a fault; empty if none is fixed.
std::string_view variant_name(Variant variant);

}  // namespace nines::models
