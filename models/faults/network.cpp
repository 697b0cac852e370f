#include "models/faults/network.hpp"

#include <algorithm>
#include <optional>

#include "models/faults/degrade.hpp"
#include "models/faults/events.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/node.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/infrastructure/volume.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

using infrastructure::Address;

/// How many faults are on that take away one of the region's services; null of other faults.
std::uint32_t* outages_of(World& world, Verb verb) {
  switch (verb) {
    case Verb::region_api_outage: return &world.infrastructure.api_outages;
    case Verb::kms_outage: return &world.infrastructure.kms_outages;
    case Verb::credentials_outage: return &world.infrastructure.credentials_outages;
    default: return nullptr;
  }
}

void put_in_force(World& world, const Ongoing& fault) {
  if (degrades(fault.verb)) return infrastructure::degrade(world, fault.condition);
  if (fault.verb == Verb::zone_isolation) return infrastructure::isolate_zone(world, fault.zone);
  // Its service looks whether one is on.
  if (fault.verb == Verb::control_plane_outage || fault.verb == Verb::service_outage) return;
  if (fault.verb == Verb::load_change) return;  // its service asks how much is asked of it
  if (fault.verb == Verb::metrics_outage)
    return kubernetes::metrics_fail(world, fault.service, fault.zero, fault.extent);
  if (fault.verb == Verb::node_not_ready) return kubernetes::plugin_fails(world, fault.condition.node);
  if (fault.verb == Verb::kubelet_stop) return kubernetes::kubelet_hangs(world, fault.condition.node, true);
  if (std::uint32_t* outages = outages_of(world, fault.verb)) {
    ++*outages;
    return;
  }
  infrastructure::block(world.plan->network, world.infrastructure.reachability, fault.side, fault.other, fault.one_way);
}

void lift(World& world, const Ongoing& fault) {
  if (degrades(fault.verb)) return infrastructure::restore(world, fault.id);
  if (fault.verb == Verb::zone_isolation) return infrastructure::rejoin_zone(world, fault.zone);
  if (fault.verb == Verb::control_plane_outage || fault.verb == Verb::service_outage) return;
  if (fault.verb == Verb::load_change) return;
  if (fault.verb == Verb::metrics_outage) return kubernetes::metrics_work(world, fault.service);
  if (fault.verb == Verb::node_not_ready) return kubernetes::plugin_works(world, fault.condition.node);
  if (fault.verb == Verb::kubelet_stop) return kubernetes::kubelet_hangs(world, fault.condition.node, false);
  if (std::uint32_t* outages = outages_of(world, fault.verb)) {
    --*outages;
    return;
  }
  infrastructure::unblock(world.plan->network, world.infrastructure.reachability, fault.side, fault.other,
                          fault.one_way);
}

void links_changed(World& world) {
  infrastructure::examine_status_checks(world);
  kubernetes::node_reachability_changed(world);
  services::contacts_changed(world);
}

void changed(World& world, const Ongoing& fault) {
  if (degrades(fault.verb)) return services::conditions_changed(world);
  if (fault.verb == Verb::node_not_ready || fault.verb == Verb::kubelet_stop) return;  // its kubelet has been told
  if (fault.verb == Verb::metrics_outage) return;                                      // and so has the autoscaler
  if (fault.verb == Verb::load_change) return services::conditions_changed(world);
  if (fault.verb == Verb::credentials_outage) return services::contacts_changed(world);
  if (outages_of(world, fault.verb) == nullptr) return links_changed(world);
  if (infrastructure::provider_acts(world)) kubernetes::provider_resumes(world);
}

/// The place of a pod's machine; of a place itself.
Address place_of(const World& world, Address address) {
  const infrastructure::Network& network = world.plan->network;
  const ProcessId pod = infrastructure::process_at(network, address);
  return pod.exists() ? network.node_endpoint[world.processes[pod].node.value] : address;
}

/// Equal, or one is the machine of the other.
bool touch(const World& world, Address a, Address b) {
  return a == b || place_of(world, a) == b || a == place_of(world, b);
}

/// One side of a partition names the machine for itself, not as a part of its zone.
bool names_machine(const Plan& plan, const std::vector<Address>& side, NodeId node) {
  const auto has = [&](Address address) { return std::find(side.begin(), side.end(), address) != side.end(); };
  return has(plan.network.node_endpoint[node.value]) && !has(plan.network.zone_fabric[plan.nodes[node].zone.value]);
}

bool touched(const World& world, const Ongoing& fault, const std::vector<Address>& targets) {
  const auto meets = [&](const std::vector<Address>& side) {
    return std::any_of(side.begin(), side.end(), [&](Address a) {
      return std::any_of(targets.begin(), targets.end(), [&](Address b) { return touch(world, a, b); });
    });
  };
  return meets(fault.side) || meets(fault.other);
}

}  // namespace

ComponentId region_of(const Plan& plan) { return plan.zones[ZoneId::of(0)].component; }

ComponentId component_at(const Plan& plan, const std::vector<infrastructure::Address>& addresses) {
  for (const infrastructure::Address address : addresses) {
    const ProcessId pod = infrastructure::process_at(plan.network, address);
    if (pod.exists()) return plan.processes[pod].component;
    for (const ZoneId zone : plan.zones.ids()) {
      if (plan.network.zone_fabric[zone.value] == address) return plan.zones[zone].component;
    }
    for (const NodeId node : plan.nodes.ids()) {
      if (plan.network.node_endpoint[node.value] == address) return plan.nodes[node].component;
    }
  }
  return region_of(plan);
}

void begin(World& world, Ongoing fault, Duration duration) {
  fault.id = fault.condition.id = world.faults.ongoing_so_far++;
  fault.ends = duration < Duration::infinite();
  if (fault.ends && degrades(fault.verb)) {
    fault.timer = world.schedule(world.now + duration, ConditionEnds{fault.id, fault.component}, sim::Priority::fault);
  } else if (fault.ends && fault.service.exists()) {
    fault.timer = world.schedule(world.now + duration, UsualAgain{fault.id, fault.component}, sim::Priority::fault);
  } else if (fault.ends) {
    fault.timer = world.schedule(world.now + duration, FaultEnds{fault.id, fault.component}, sim::Priority::fault);
  }
  put_in_force(world, fault);
  world.faults.ongoing.push_back(fault);
  changed(world, fault);
}

bool touches_any(const World& world, const std::vector<Address>& targets) {
  const auto& ongoing = world.faults.ongoing;
  return std::any_of(ongoing.begin(), ongoing.end(),
                     [&](const Ongoing& fault) { return touched(world, fault, targets); });
}

void heal(World& world, const std::vector<Address>& targets) {
  bool conditions = false;
  bool links = false;
  std::erase_if(world.faults.ongoing, [&](const Ongoing& fault) {
    if (!touched(world, fault, targets)) return false;
    world.queue.cancel(fault.timer);
    lift(world, fault);
    (degrades(fault.verb) ? conditions : links) = true;
    return true;
  });
  if (conditions) services::conditions_changed(world);
  if (links) links_changed(world);
}

void machine_replaced(World& world, NodeId node) {
  std::erase_if(world.faults.ongoing, [&](Ongoing& fault) {
    const bool of_machine =
        fault.verb == Verb::cpu_starved || fault.verb == Verb::node_not_ready || fault.verb == Verb::kubelet_stop;
    if (of_machine && fault.condition.node == node) {
      lift(world, fault);
      world.queue.cancel(fault.timer);
      return true;
    }
    const bool between_sides =
        fault.verb == Verb::partition || fault.verb == Verb::network_slow || fault.verb == Verb::packet_loss;
    if (!between_sides) return false;
    const bool here = names_machine(*world.plan, fault.side, node);
    const bool there = names_machine(*world.plan, fault.other, node);
    if (!here && !there) return false;
    lift(world, fault);
    const Address machine = world.plan->network.node_endpoint[node.value];
    if (here) std::erase(fault.side, machine);
    if (there) std::erase(fault.other, machine);
    const bool one_sided = fault.verb != Verb::partition && !there && fault.other.empty();
    fault.condition.side = fault.side;
    fault.condition.other = fault.other;
    if (fault.side.empty() || (fault.other.empty() && !one_sided)) {
      world.queue.cancel(fault.timer);
      return true;
    }
    put_in_force(world, fault);
    return false;
  });
}

void volume_replaced(World& world, VolumeId volume) {
  const std::size_t ended = std::erase_if(world.faults.ongoing, [&](const Ongoing& fault) {
    if (!degrades(fault.verb) || fault.condition.volume != volume) return false;
    lift(world, fault);
    world.queue.cancel(fault.timer);
    return true;
  });
  if (ended > 0) services::conditions_changed(world);
}

namespace {

/// Returns the fault that has ended, if it was still on.
std::optional<Ongoing> end(World& world, std::uint32_t id) {
  auto& ongoing = world.faults.ongoing;
  const auto at = std::find_if(ongoing.begin(), ongoing.end(), [&](const Ongoing& fault) { return fault.id == id; });
  world.stale = at == ongoing.end();
  if (world.stale) return std::nullopt;
  Ongoing fault = *at;
  ongoing.erase(at);
  lift(world, fault);
  return fault;
}

/// What says how long the fault lasts.
const std::string_view& length_of(Verb verb) {
  static constexpr std::string_view disk = "ebs.slow.duration", stall = "ebs.stall.duration",
                                    network = "network.slow.duration", loss = "network.loss.duration",
                                    cpu = "cpu.starved.duration";
  switch (verb) {
    case Verb::disk_slow: return disk;
    case Verb::volume_stalled: return stall;
    case Verb::network_slow: return network;
    case Verb::packet_loss: return loss;
    default: return cpu;
  }
}

}  // namespace

void on(World& world, const FaultEnds& event) {
  static constexpr std::string_view cluster = "control_plane.outage.duration", region = "region.api_outage.duration",
                                    plugin = "node.not_ready.duration", keys = "kms.outage.duration",
                                    tokens = "credentials.outage.duration", kubelet = "node.kubelet_stop.duration",
                                    service = "service.outage.duration";
  const std::optional<Ongoing> fault = end(world, event.id);
  if (!fault) return;
  if (fault->verb == Verb::control_plane_outage) world.set_by(cluster);
  if (fault->verb == Verb::service_outage) world.set_by(service);
  if (fault->verb == Verb::region_api_outage) world.set_by(region);
  if (fault->verb == Verb::node_not_ready) world.set_by(plugin);
  if (fault->verb == Verb::kms_outage) world.set_by(keys);
  if (fault->verb == Verb::kubelet_stop) world.set_by(kubelet);
  if (fault->verb == Verb::credentials_outage) world.set_by(tokens);
  changed(world, *fault);
}

void end_now(World& world, std::uint32_t id) {
  const std::optional<Ongoing> fault = end(world, id);
  if (!fault) return;
  world.queue.cancel(fault->timer);
  changed(world, *fault);
}

double load_factor(const World& world, ServiceId service) {
  for (const Ongoing& fault : world.faults.ongoing) {
    if (fault.verb == Verb::load_change && fault.service == service) return fault.factor;
  }
  return 1;
}

namespace {

bool is_on(const World& world, Verb verb, ServiceId service) {
  return std::ranges::any_of(world.faults.ongoing, [&](const Ongoing& fault) {
    return fault.verb == verb && fault.component == world.plan->services[service].component;
  });
}

}  // namespace

bool control_plane_out(const World& world, ServiceId service) {
  return is_on(world, Verb::control_plane_outage, service);
}

bool service_out(const World& world, ServiceId service) { return is_on(world, Verb::service_outage, service); }

void on(World& world, const ConditionEnds& event) {
  const std::optional<Ongoing> fault = end(world, event.id);
  if (!fault) return;
  world.set_by(length_of(fault->verb));
  services::conditions_changed(world);
}

void on(World& world, const UsualAgain& event) {
  const std::optional<Ongoing> fault = end(world, event.id);
  if (fault) changed(world, *fault);
}

bool healthy(const World& world) {
  const auto& ongoing = world.faults.ongoing;
  const bool network_at_rest =
      std::none_of(ongoing.begin(), ongoing.end(), [](const Ongoing& fault) { return fault.ends; });
  const auto& services = world.faults.services;
  const bool nothing_to_mend = std::none_of(services.begin(), services.end(), [](const ServiceState& service) {
    return service.change != Change::none || service.certificate_expired || service.scaled_to_zero ||
           service.out_of_space || service.denied || service.role_broken || service.damage;
  });
  return network_at_rest && nothing_to_mend && world.infrastructure.outages.empty() &&
         infrastructure::machines_settled(world) && infrastructure::volumes_settled(world);
}

}  // namespace nines::models::faults
