// What a request meets on its way: an answer, a reset, or silence.
//
// A powered host whose port nobody listens on answers with a reset at once; a host that is down, replaced or cut off
// answers nothing, and so does a stopped process, whose kernel still takes packets (Kafka sheet, section 5). An error
// at once is a reset too: a failed TLS handshake, or a server whose configuration makes it turn clients away.
#include "models/infrastructure/reachability.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

using infrastructure::Address;
using infrastructure::Endpoint;

/// No connection is made: the TLS handshake fails at one of the two.
bool handshake_fails(const World& world, ProcessId from, ProcessId to) {
  return world.processes[from].handshakes == Handshakes::fail || world.processes[to].handshakes == Handshakes::fail;
}

bool turns_clients_away(const ProcessState& state) {
  const bool errors = state.serves_errors && !NINES_MUTATED(defect_is_harmless);
  return errors || state.handshakes != Handshakes::succeed;
}

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
  if (!sends) return Contact::silence;
  const Contact found = contact_of(world, party(world, from), to);
  return found == Contact::ok && handshake_fails(world, from, to) ? Contact::reset : found;
}

Contact contact(const World& world, infrastructure::Endpoint from, ProcessId to) {
  const Contact found = contact_of(world, {from, from}, to);
  return found == Contact::ok && turns_clients_away(world.processes[to]) ? Contact::reset : found;
}

bool host_up(const World& world, ProcessId process) {
  const ProcessState& state = world.processes[process];
  if (!infrastructure::node_up(world, state.node)) return false;
  const bool absent = state.status == ProcessState::Status::absent;
  return !absent || world.infrastructure.left_behind[process] != state.incarnation;
}

}  // namespace nines::models
