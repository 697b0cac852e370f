// Which packets get through: cut links and blocked pairs, both counted, so that overlapping faults nest.
//
// One-way and partial partitions are ordered pairs; an isolated zone has both uplinks down, and its inside goes on.
// Sources: the link states that public partitions show, AWS sheet section 8.
#pragma once

#include <vector>

#include "models/infrastructure/network.hpp"

namespace nines::models::infrastructure {

/// All links up, nothing blocked.
Reachability full_reachability(const Network& network);

/// The address of a pod's process.
Address address(const Network& network, ProcessId process);
/// The process behind an address; none if it is an endpoint.
ProcessId process_at(const Network& network, Address address);

/// Takes a link down, or one of the faults that hold it down away.
void cut_link(const Network& network, Reachability& reachability, std::size_t edge);
void mend_link(const Network& network, Reachability& reachability, std::size_t edge);

/// Drops all packets from `from` to `to` (each from each; one's packets to itself excepted), and without `one_way`
/// back.
void block(const Network& network, Reachability& reachability, const std::vector<Address>& from,
           const std::vector<Address>& to, bool one_way);
/// Takes back one `block` with the same arguments. REQUIRES: there was one.
void unblock(const Network& network, Reachability& reachability, const std::vector<Address>& from,
             const std::vector<Address>& to, bool one_way);

/// Whether partitions drop packets between just these addresses.
bool blocked(const Reachability& reachability, Address from, Address to);

/// Whether packets pass from one place to another.
inline bool reaches(const Reachability& reachability, Endpoint from, Endpoint to) {
  if (reachability.reaches.empty()) return true;
  const bool path = reachability.reaches[reachability.part[from] * reachability.parts + reachability.part[to]] != 0;
  return path && !(reachability.places_blocked && blocked(reachability, from, to));
}
/// Whether they pass both ways.
inline bool meet(const Reachability& reachability, Endpoint a, Endpoint b) {
  return reaches(reachability, a, b) && reaches(reachability, b, a);
}
/// Cuts a zone from the rest of the region, or takes one such fault away. Tells kubelets and services nothing.
void isolate_zone(World& world, ZoneId zone);
void rejoin_zone(World& world, ZoneId zone);

}  // namespace nines::models::infrastructure
