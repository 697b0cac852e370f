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

// Asked several times an event: `inline` so that the compiler makes one function of it all.

inline bool host_is_up(const World& world, ProcessId process) {
  const ProcessState& state = world.processes[process];
  const infrastructure::Life life = world.infrastructure.nodes[state.node].life;
  if (life != infrastructure::Life::up && life != infrastructure::Life::stopping) return false;
  const bool absent = state.status == ProcessState::Status::absent;
  return !absent || world.infrastructure.left_behind[process] != state.incarnation;
}

/// No connection is made: the TLS handshake fails at one of the two.
inline bool handshake_fails(const World& world, ProcessId from, ProcessId to) {
  return world.processes[from].handshakes == Handshakes::fail || world.processes[to].handshakes == Handshakes::fail;
}

inline bool turns_clients_away(const ProcessState& state) {
  const bool errors = state.serves_errors && !NINES_MUTATED(defect_is_harmless);
  return errors || state.handshakes != Handshakes::succeed;
}

/// A sender or receiver of packets: a machine, and the pod on it if there is one.
struct Party {
  Endpoint place = 0;
  ProcessId process;
};

inline Party party(const World& world, ProcessId process) {
  return {world.plan->network.node_endpoint[world.processes[process].node.value], process};
}

Address pod_of(const World& world, const Party& party) {
  return party.process.exists() ? infrastructure::address(world.plan->network, party.process) : party.place;
}

bool pods_pass(const World& world, const Party& from, const Party& to) {
  const infrastructure::Reachability& state = world.infrastructure.reachability;
  const Address here = pod_of(world, from);
  const Address there = pod_of(world, to);
  return !infrastructure::blocked(state, here, there) && !infrastructure::blocked(state, here, to.place) &&
         !infrastructure::blocked(state, from.place, there);
}

inline bool passes(const World& world, const Party& from, const Party& to) {
  const infrastructure::Reachability& state = world.infrastructure.reachability;
  if (!infrastructure::reaches(state, from.place, to.place)) return false;
  return !state.pods_blocked || pods_pass(world, from, to);
}

inline Contact contact_of(const World& world, const Party& from, ProcessId to) {
  const Party there = party(world, to);
  if (world.processes[to].denied) return Contact::silence;
  if (!host_is_up(world, to) || !passes(world, from, there) || !passes(world, there, from)) return Contact::silence;
  switch (world.processes[to].status) {
    case ProcessState::Status::running: return Contact::ok;
    case ProcessState::Status::stopped: return Contact::silence;
    case ProcessState::Status::absent: break;
  }
  return Contact::reset;
}

}  // namespace

Contact contact(const World& world, ProcessId from, ProcessId to) {
  const ProcessState& sender = world.processes[from];
  const bool sends = sender.status == ProcessState::Status::running && !sender.denied && host_is_up(world, from);
  if (!sends) return Contact::silence;
  const Contact found = contact_of(world, party(world, from), to);
  return found == Contact::ok && handshake_fails(world, from, to) ? Contact::reset : found;
}

Contact contact(const World& world, infrastructure::Endpoint from, ProcessId to) {
  const Contact found = contact_of(world, {from, ProcessId::none()}, to);
  return found == Contact::ok && turns_clients_away(world.processes[to]) ? Contact::reset : found;
}

bool host_up(const World& world, ProcessId process) { return host_is_up(world, process); }

}  // namespace nines::models
