#include "models/faults/certificate.hpp"

#include "models/faults/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

void set_handshakes(World& world, std::uint16_t service, Handshakes handshakes) {
  for (const ProcessId process : world.plan->services[ServiceId::of(service)].members) {
    ProcessState& state = world.processes.edit(process);
    const bool worse = state.handshakes == Handshakes::fail && handshakes == Handshakes::fail_for_clients;
    if (!worse) state.handshakes = handshakes;
  }
  services::contacts_changed(world);
}

}  // namespace

bool expire_certificate(World& world, std::uint16_t service) {
  ServiceState& state = world.faults.services[service];
  if (state.certificate_expired) return false;
  const CauseScope scope(world, world.note(CertificateExpired{service}));
  state.certificate_expired = true;
  const ServicePlan& plan = world.plan->services[ServiceId::of(service)];
  const Duration keep =
      world.draw(plan.component, Purpose::client_reconnect, world.plan->topology.changes.certificate_reconnect);
  state.reconnect_timer = world.schedule(world.now + keep, ClientsReconnect{service});
  people::ask_for_repair(world, people::Repair::expired_certificate, plan.members.front());
  services::contacts_changed(world);
  return true;
}

Handshakes handshakes_of_new_process(const World& world, ProcessId process) {
  const auto service = world.plan->processes[process].service.value;
  const bool expired = world.faults.services[service].certificate_expired;
  return expired && !NINES_MUTATED(certificates_never_expire) ? Handshakes::fail : Handshakes::succeed;
}

void certificate_renewed(World& world, ProcessId process) {
  const auto service = world.plan->processes[process].service.value;
  ServiceState& state = world.faults.services[service];
  state.certificate_expired = false;
  world.queue.cancel(state.reconnect_timer);
  set_handshakes(world, service, Handshakes::succeed);
  // Each in its own back-off, servers that need each other's votes might hardly ever run at the same time.
  for (const ProcessId member : world.plan->services[ServiceId::of(service)].members)
    kubernetes::restart_now(world, member);
  if (ServiceId::of(service) == world.plan->control_plane) kubernetes::node_reachability_changed(world);
}

void on(World& world, const ClientsReconnect& event) {
  if (!NINES_MUTATED(certificates_never_expire)) set_handshakes(world, event.service, Handshakes::fail_for_clients);
}

}  // namespace nines::models::faults
