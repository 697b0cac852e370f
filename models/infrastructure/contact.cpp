// What a request meets on its way: an answer, a reset, or silence.
//
// A powered host whose port nobody listens on answers with a reset at once; a host that is down, replaced or cut off
// answers nothing, and so does a stopped process, whose kernel still takes packets (Kafka sheet, section 5).
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

using infrastructure::Address;
using infrastructure::Endpoint;

/// A sender or receiver of packets: a machine, and the pod on it.
struct Party {
  Endpoint place = 0;
  Address pod = 0;  ///< equals `place` for one without pod
};

Party party(const World& world, ProcessId process) {
  const infrastructure::Network& network = world.plan->network;
  return {network.node_endpoint[world.processes[process].node.value], infrastructure::address(network, process)};
}

bool passes(const infrastructure::Reachability& state, const Party& from, const Party& to) {
  if (!infrastructure::reaches(state, from.place, to.place)) return false;
  if (!state.pods_blocked) return true;
  return !infrastructure::blocked(state, from.pod, to.pod) && !infrastructure::blocked(state, from.pod, to.place) &&
         !infrastructure::blocked(state, from.place, to.pod);
}

Contact contact_of(const World& world, const Party& from, ProcessId to) {
  const infrastructure::Reachability& state = world.infrastructure.reachability;
  const Party there = party(world, to);
  if (!host_up(world, to) || !passes(state, from, there) || !passes(state, there, from)) return Contact::silence;
  switch (world.processes[to].status) {
    case ProcessState::Status::running: return Contact::ok;
    case ProcessState::Status::stopped: return Contact::silence;
    case ProcessState::Status::absent: break;
  }
  return Contact::reset;
}

}  // namespace

Contact contact(const World& world, ProcessId from, ProcessId to) {
  const bool sends = world.processes[from].status == ProcessState::Status::running && host_up(world, from);
  return sends ? contact_of(world, party(world, from), to) : Contact::silence;
}

Contact contact(const World& world, infrastructure::Endpoint from, ProcessId to) {
  return contact_of(world, {from, from}, to);
}

bool host_up(const World& world, ProcessId process) {
  const ProcessState& state = world.processes[process];
  if (!infrastructure::node_up(world, state.node)) return false;
  const bool absent = state.status == ProcessState::Status::absent;
  return !absent || world.infrastructure.left_behind[process] != state.incarnation;
}

}  // namespace nines::models
