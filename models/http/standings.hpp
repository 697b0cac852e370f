// How many servers and targets stand how: what looks and questions go by, so that an event costs what it has touched.
//
// On a whole network a request meets the same at a server from wherever it comes, and servers that stand alike need not
// be told apart. While anything is cut off or slowed down that is not so: then whoever asks goes over all of them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/http/context.hpp"

namespace nines::models::http {

/// Whom a look has to look at; ascending.
struct Changed {
  std::vector<std::uint32_t> servers;
  std::vector<std::uint32_t> targets;
};

/// Those about which something may have changed since they were last counted.
Changed changed(const Context& c);

/// Counts those anew. Call after every look, with what it looked at.
void count(Context& c, const Changed& changed);
/// Counts everybody: for a new service.
void count_all(Context& c);

/// Servers that count alike need not be told apart: nothing between clients and servers is cut off, lost or slowed
/// down, no machine is short of CPU or counts its CPU credit, and the rules of all machines follow.
bool alike(const Context& c);

/// All servers are as their controller wants them, and all targets that should be are healthy.
bool all_settled(const Context& c);

/// Servers that get requests, by what a request meets there. REQUIRES: alike, counted.
struct Rotation {
  std::uint32_t servers = 0;
  std::uint32_t answering = 0;
  std::uint32_t refusing = 0;
};
Rotation counted_rotation(const Context& c);
/// Machines that get requests, and those that pass them on. REQUIRES: alike, counted.
struct MachineRotation {
  std::uint32_t machines = 0;
  std::uint32_t passing = 0;
};
MachineRotation counted_machines(const Context& c);

}  // namespace nines::models::http
