#include "models/control_plane/control_plane.hpp"

#include <algorithm>

#include "models/control_plane/api_server.hpp"
#include "models/control_plane/endpoint.hpp"
#include "models/control_plane/leader_election.hpp"
#include "models/control_plane/upgrade.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"

namespace nines::models::control_plane {

namespace {

/// What a call of a client gets, of kubectl as of a pipeline: each opens a connection of its own. So the first one
/// after the end of the servers' certificate fails (`x509: certificate has expired`), while kubelets keep the
/// connections that they have. The client's own certificate, in admin.conf, ends on the same day.
service::Answers answers_to_call(const Context& c, infrastructure::Endpoint place) {
  const Handshakes handshakes = faults::handshakes_of_new_process(c.world, c.process(c.plan.servers.front()));
  return handshakes == Handshakes::succeed ? answers_at(c, place) : service::Answers::none;
}

bool holds(const Context& c, const SliPlan& sli) {
  switch (sli.kind) {
    case SliKind::api_read: return answers_to_call(c, sli.place) != service::Answers::none;
    case SliKind::api_write: return answers_to_call(c, sli.place) == service::Answers::everything;
    case SliKind::controllers: return acts(c, c.state.managers) && acts(c, c.state.schedulers);
  }
  return false;
}

void tell_platform(Context& c) {
  kubernetes::ControlPlane now;
  now.api = best_answers(c) == service::Answers::everything;
  now.managers = acts(c, c.state.managers);
  now.scheduler = acts(c, c.state.schedulers);
  now.front = front(c);
  const kubernetes::ControlPlane& before = c.world.kubernetes.control_plane;
  now.managers_so_far = now.managers ? c.state.managers.number : before.managers_so_far;
  if (now == before) return;
  if (before.api && !now.api) c.world.note(ApiLost{c.service.value});
  if (!before.api && now.api) c.world.note(ApiBack{c.service.value});
  if (before.managers && !now.managers) c.world.note(ControllersStop{c.service.value, false});
  if (before.scheduler && !now.scheduler) c.world.note(ControllersStop{c.service.value, true});
  kubernetes::control_plane_changed(c.world, now);
}

}  // namespace

Context context(World& world, ServiceId service) {
  const Spec& spec = spec_of(world.plan->spec(service));
  return {world, service, plan_of(*world.plan, service), spec.parameters, world.services[service].as<State>()};
}

const Context view(const World& world, ServiceId service) {
  // Questions change nothing: no mechanism is reached through a const context.
  return context(const_cast<World&>(world), service);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

bool up(const Context& c, Position member) {
  return c.state.members[member].started &&
         c.world.processes[c.process(member)].status == ProcessState::Status::running;
}

void settle(Context& c) {
  look_at_stores(c);
  look_at_endpoint(c);
  look_at_leases(c);
  for (const SliPlan& sli : c.plan.slis) measurement::set_status(c.world, sli.index, GroupId::of(0), holds(c, sli));
  tell_platform(c);
  follow_upgrade(c);
}

#define NINES_CONTROL_PLANE_MEMBER_SUBJECT(E)                              \
  ComponentId subject(const models::Plan& plan, const E& event) {          \
    const auto& members = plan.services[ServiceId{event.service}].members; \
    return plan.processes[members[event.member]].component;                \
  }
NINES_CONTROL_PLANE_MEMBER_EVENTS(NINES_CONTROL_PLANE_MEMBER_SUBJECT)
#undef NINES_CONTROL_PLANE_MEMBER_SUBJECT
#define NINES_CONTROL_PLANE_OTHER_SUBJECT(E)                      \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_CONTROL_PLANE_OTHER_EVENTS(NINES_CONTROL_PLANE_OTHER_SUBJECT)
#undef NINES_CONTROL_PLANE_OTHER_SUBJECT

}  // namespace nines::models::control_plane
