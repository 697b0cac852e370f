#include "models/control_plane/api_server.hpp"

#include <algorithm>

#include "models/platform.hpp"

namespace nines::models::control_plane {

namespace {

std::size_t index_of(const Context& c, Position server) {
  const auto& servers = c.plan.servers;
  return static_cast<std::size_t>(std::find(servers.begin(), servers.end(), server) - servers.begin());
}

/// The best answer of the members of the store that it may ask.
service::Answers store_answers(const Context& c, Position server) {
  const service::Kind& store = *c.world.plan->services[c.plan.store].kind;
  service::Answers best = service::Answers::none;
  for (const ProcessId member : c.plan.stores[index_of(c, server)]) {
    best = std::max(best, store.answers(c.world, c.plan.store, member, c.process(server)));
  }
  return best;
}

bool running(const Context& c, Position server) {
  return c.world.processes[c.process(server)].status == ProcessState::Status::running;
}

/// From the loss of its store until the kubelet kills it: the last of so many probes of an unknown phase.
Duration until_killed(Context& c, Position server) {
  const Duration period = c.parameters.liveness_period;
  return c.world.phase(c.component(server), Purpose::liveness_phase, period) +
         (c.parameters.liveness_failures - 1) * period;
}

}  // namespace

service::Answers answers_of(const Context& c, Position server) {
  if (!up(c, server)) return service::Answers::none;
  // What it has in its caches it answers without a store.
  return std::max(service::Answers::old_reads, store_answers(c, server));
}

void server_started(Context& c, Position server) {
  Member& member = c.state.members[server];
  const bool stored = store_answers(c, server) >= service::Answers::reads;
  if (stored) {
    const Duration takes = c.world.draw(c.component(server), Purpose::process_start, c.parameters.apiserver_start);
    member.start_timer = c.world.schedule(c.now() + takes, ServerUp{c.service.value, server, member.life});
  } else {
    member.exit_timer =
        c.world.schedule(c.now() + c.parameters.store_timeout, ServerGivesUp{c.service.value, server, member.life});
  }
}

void look_at_stores(Context& c) {
  for (const Position server : c.plan.servers) {
    Member& member = c.state.members[server];
    if (!running(c, server)) continue;
    const bool stored = store_answers(c, server) >= service::Answers::reads;
    const bool waits = c.world.queue.pending(member.exit_timer);
    if (stored && waits) {
      c.world.queue.cancel(member.exit_timer);
      if (!member.started) server_started(c, server);
    } else if (!stored && !waits && member.started) {
      member.exit_timer =
          c.world.schedule(c.now() + until_killed(c, server), ServerGivesUp{c.service.value, server, member.life});
    }
  }
}

void on(World& world, const ServerUp& event) { member_up(world, event); }

void on(World& world, const ServerGivesUp& event) {
  Context c = context(world, ServiceId{event.service});
  if (c.state.members[event.member].life != event.life || !running(c, event.member)) {
    world.stale = true;
    return;
  }
  static constexpr std::string_view liveness = "apiserver.liveness.period";
  if (c.state.members[event.member].started) world.set_by(liveness);
  kubernetes::process_exited(world, c.process(event.member), Ending::crash);
}

}  // namespace nines::models::control_plane
