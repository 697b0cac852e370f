#include "models/faults/network.hpp"

#include <algorithm>

#include "models/faults/events.hpp"
#include "models/infrastructure/node.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

using infrastructure::Address;

void put_in_force(World& world, const Ongoing& fault) {
  if (fault.verb == Verb::zone_isolation) return infrastructure::isolate_zone(world, fault.zone);
  infrastructure::block(world.plan->network, world.infrastructure.reachability, fault.side, fault.other, fault.one_way);
}

void lift(World& world, const Ongoing& fault) {
  if (fault.verb == Verb::zone_isolation) return infrastructure::rejoin_zone(world, fault.zone);
  infrastructure::unblock(world.plan->network, world.infrastructure.reachability, fault.side, fault.other,
                          fault.one_way);
}

void links_changed(World& world) {
  infrastructure::examine_status_checks(world);
  kubernetes::node_reachability_changed(world);
  services::contacts_changed(world);
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

void begin(World& world, Ongoing fault, Duration duration) {
  fault.id = world.faults.ongoing_so_far++;
  fault.ends = duration < Duration::infinite();
  if (fault.ends) {
    fault.timer = world.schedule(world.now + duration, FaultEnds{fault.id, fault.component}, sim::Priority::fault);
  }
  put_in_force(world, fault);
  world.faults.ongoing.push_back(std::move(fault));
  links_changed(world);
}

bool touches_any(const World& world, const std::vector<Address>& targets) {
  const auto& ongoing = world.faults.ongoing;
  return std::any_of(ongoing.begin(), ongoing.end(),
                     [&](const Ongoing& fault) { return touched(world, fault, targets); });
}

void heal(World& world, const std::vector<Address>& targets) {
  std::erase_if(world.faults.ongoing, [&](const Ongoing& fault) {
    if (!touched(world, fault, targets)) return false;
    world.queue.cancel(fault.timer);
    lift(world, fault);
    return true;
  });
  links_changed(world);
}

void machine_replaced(World& world, NodeId node) {
  std::erase_if(world.faults.ongoing, [&](Ongoing& fault) {
    if (fault.verb != Verb::partition) return false;
    const bool here = names_machine(*world.plan, fault.side, node);
    const bool there = names_machine(*world.plan, fault.other, node);
    if (!here && !there) return false;
    lift(world, fault);
    const Address machine = world.plan->network.node_endpoint[node.value];
    if (here) std::erase(fault.side, machine);
    if (there) std::erase(fault.other, machine);
    if (fault.side.empty() || fault.other.empty()) {
      world.queue.cancel(fault.timer);
      return true;
    }
    put_in_force(world, fault);
    return false;
  });
}

void on(World& world, const FaultEnds& event) {
  auto& ongoing = world.faults.ongoing;
  const auto at =
      std::find_if(ongoing.begin(), ongoing.end(), [&](const Ongoing& fault) { return fault.id == event.id; });
  world.stale = at == ongoing.end();
  if (world.stale) return;
  const Ongoing fault = *at;
  ongoing.erase(at);
  lift(world, fault);
  links_changed(world);
}

bool healthy(const World& world) {
  const auto& ongoing = world.faults.ongoing;
  const bool network_at_rest =
      std::none_of(ongoing.begin(), ongoing.end(), [](const Ongoing& fault) { return fault.ends; });
  const auto& services = world.faults.services;
  const bool nothing_to_mend = std::none_of(services.begin(), services.end(), [](const ServiceState& service) {
    return service.change != Change::none || service.certificate_expired || service.scaled_to_zero;
  });
  return network_at_rest && nothing_to_mend && world.infrastructure.outages.empty() &&
         infrastructure::machines_settled(world);
}

}  // namespace nines::models::faults
