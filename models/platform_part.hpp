// What some pods of a cluster do for all others: name look-ups, the rules of machines, volumes, the network of pods.
// A kind of service says which part a service of it plays (`Kind::part`). Where no service plays a part it never fails.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/units.hpp"

namespace nines::models {

struct World;
struct Plan;

enum class PlatformPart : std::uint8_t {
  names,         ///< answers look-ups of names
  routes,        ///< on each machine: keeps the rules by which a Service's address leads to pods
  volumes,       ///< has volumes attached and detached by the provider
  mounts,        ///< on each machine: mounts them
  pod_networks,  ///< on each machine: gives a pod that starts its address
};
inline constexpr std::size_t platform_parts = 5;
/// What fails without it, for people.
inline constexpr std::array<std::string_view, platform_parts> platform_part_names{
    "cluster DNS", "kube-proxy", "the CSI driver's controller", "the CSI driver on machines", "the network plugin"};

constexpr bool on_each_machine(PlatformPart part) {
  return part != PlatformPart::names && part != PlatformPart::volumes;
}

/// How one try of a look-up ends, and how a resolver goes on: probabilities that add up to 1.
struct LookUp {
  double answered = 1;
  double refused = 0;  ///< at once
  double silent = 0;
  Duration timeout;           ///< a resolver waits so long for an answer
  std::int64_t attempts = 1;  ///< tries of one look-up
  Duration kept;              ///< how long a client goes on with an answer
};

namespace services {
/// Whether the part is played now; of one on each machine, on that one. True where no service plays it, or no pod of it
/// belongs on the machine.
bool part_works(const World& world, PlatformPart part, NodeId node = NodeId::none());
/// Machines on which it is not, ascending. REQUIRES: on_each_machine(part).
const std::vector<NodeId>& machines_without(const World& world, PlatformPart part);
/// A look-up by a client at `place`, now.
LookUp look_up(const World& world, infrastructure::Endpoint place);
}  // namespace services

namespace kubernetes {
/// The part is played again somewhere: what waited for it goes on.
void part_works_again(World& world, PlatformPart part);
}  // namespace kubernetes

}  // namespace nines::models
