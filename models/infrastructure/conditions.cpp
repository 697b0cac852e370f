#include "models/infrastructure/conditions.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "models/infrastructure/reachability.hpp"
#include "models/infrastructure/volume.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

namespace {

bool has(const std::vector<Address>& addresses, Address address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

/// A sender or receiver: a place, and the pod there if it is one.
struct Party {
  Endpoint place = 0;
  std::optional<Address> pod;
};

Party party(const World& world, ProcessId process) {
  const Network& network = world.plan->network;
  return {network.node_endpoint[world.processes[process].node.value], address(network, process)};
}

bool is_in(const std::vector<Address>& addresses, const Party& who) {
  return has(addresses, who.place) || (who.pod && has(addresses, *who.pod));
}

bool crosses(const Degradation& fault, const Party& from, const Party& to) {
  const auto way = [&](const Party& here, const Party& there) {
    return is_in(fault.side, here) && (fault.other.empty() ? !is_in(fault.side, there) : is_in(fault.other, there));
  };
  return way(from, to) || way(to, from);
}

PathCondition condition_between(const World& world, const Party& from, const Party& to) {
  PathCondition sum;
  double arrives = 1;
  for (const Degradation& fault : world.infrastructure.degradations) {
    if (!of_paths(fault) || !crosses(fault, from, to)) continue;
    arrives *= 1 - fault.loss;
    sum.delay += fault.delay;
  }
  sum.loss = 1 - arrives;
  return sum;
}

}  // namespace

DiskCondition disk_condition(const World& world, VolumeId volume) {
  DiskCondition sum;
  for (const Degradation& fault : world.infrastructure.degradations) {
    if (fault.volume != volume) continue;
    sum.share = std::min(sum.share, fault.share);
    sum.latency += fault.delay;
  }
  if (!world.infrastructure.modifications.empty()) sum.share *= volume_speed(world, volume);
  return sum;
}

bool volume_stalled(const World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  return volume.exists() && disk_condition(world, volume).share <= 0;
}

double network_share(const World& world, NodeId node) {
  double share = 1;
  const Endpoint place = world.plan->network.node_endpoint[node.value];
  for (const Degradation& fault : world.infrastructure.degradations) {
    if (has(fault.side, place)) share = std::min(share, fault.share);
  }
  return share;
}

double cpu_share(const World& world, NodeId node) {
  double share = 1;
  for (const Degradation& fault : world.infrastructure.degradations) {
    if (fault.node == node) share = std::min(share, fault.cpu);
  }
  return share;
}

PathCondition path_condition(const World& world, ProcessId from, ProcessId to) {
  if (world.infrastructure.degradations.empty()) return {};
  return condition_between(world, party(world, from), party(world, to));
}

PathCondition path_condition(const World& world, Endpoint from, ProcessId to) {
  if (world.infrastructure.degradations.empty()) return {};
  return condition_between(world, {from, std::nullopt}, party(world, to));
}

bool on_bad_path(const World& world, ProcessId process) {
  const auto& all = world.infrastructure.degradations;
  return std::any_of(all.begin(), all.end(), [&](const Degradation& fault) {
    if (!of_paths(fault)) return false;
    const Party who = party(world, process);
    return is_in(fault.side, who) || fault.other.empty() || is_in(fault.other, who);
  });
}

Duration round_trip(const World& world, ProcessId a, ProcessId b) {
  const Plan& plan = *world.plan;
  const bool near = plan.nodes[world.processes[a].node].zone == plan.nodes[world.processes[b].node].zone;
  return near ? plan.infra().rtt_intra_zone : plan.infra().rtt_inter_zone;
}

Duration round_trip(const World& world, Endpoint place, ProcessId process) {
  const Plan& plan = *world.plan;
  const ZoneId zone = plan.nodes[world.processes[process].node].zone;
  return plan.network.zone_fabric[zone.value] == place ? plan.infra().rtt_intra_zone : plan.infra().rtt_inter_zone;
}

Duration round_trip_longer(const Parameters& parameters, const PathCondition& path, Duration rtt) {
  const Duration delayed = path.delay * 2;
  if (path.loss <= 0) return delayed;
  // Waits of T, 2 T, 4 T after one, two, three failures in a row: with the probability q of each the mean of their sum
  // is q T / (1 - 2 q).
  const double fails = 1 - (1 - path.loss) * (1 - path.loss);
  if (fails >= 0.5) return Duration::infinite();
  const double timeout = (parameters.tcp_rto_min + rtt + delayed).to_seconds();
  return delayed + Duration::from_seconds(fails * timeout / (1 - 2 * fails));
}

Bandwidth connection_carries(const Parameters& parameters, const PathCondition& path, Duration rtt) {
  if (path.loss <= 0) return {std::numeric_limits<double>::infinity()};
  const double p = path.loss;
  const double round = (rtt + path.delay * 2).to_seconds();
  const double timeout = parameters.tcp_rto_min.to_seconds() + round;
  const double per_segment = round * std::sqrt(2 * p / 3) + timeout * 3 * std::sqrt(3 * p / 8) * p * (1 + 32 * p * p);
  return {parameters.tcp_segment.count / per_segment};
}

void degrade(World& world, const Degradation& degradation) {
  world.infrastructure.degradations.push_back(degradation);
  if (of_paths(degradation)) ++world.infrastructure.paths_degraded;
  if (degradation.share < 1) fabric::apply_conditions(world);
}

void restore(World& world, std::uint32_t id) {
  auto& all = world.infrastructure.degradations;
  const auto at = std::find_if(all.begin(), all.end(), [&](const Degradation& fault) { return fault.id == id; });
  assert(at != all.end());
  if (of_paths(*at)) ++world.infrastructure.paths_degraded;
  const bool bandwidth = at->share < 1;
  all.erase(at);
  if (bandwidth) fabric::apply_conditions(world);
}

}  // namespace nines::models::infrastructure
