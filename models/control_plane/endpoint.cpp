#include "models/control_plane/endpoint.hpp"

#include <algorithm>

#include "models/control_plane/api_server.hpp"
#include "models/control_plane/leader_election.hpp"
#include "models/infrastructure/health_check.hpp"
#include "models/infrastructure/reachability.hpp"

namespace nines::models::control_plane {

namespace {

using infrastructure::Endpoint;

EndpointKind kind_of(const Context& c) { return spec_of(c.world.plan->spec(c.service)).endpoint; }

infrastructure::Endpoint machine_of(const Context& c, Position server) {
  return c.world.plan->network.node_endpoint[c.world.processes[c.process(server)].node.value];
}

/// What an API server gives to whom its requests come from `place`.
service::Answers met(const Context& c, Endpoint place, Position server) {
  if (contact(c.world, place, c.process(server)) != Contact::ok) return service::Answers::none;
  return answers_of(c, server);
}

/// What a health check, or whoever holds the address for it, sees of an API server.
bool passes_check(const Context& c, Position server) {
  const service::Answers found = met(c, c.world.plan->network.backbone, server);
  const bool port = spec_of(c.world.plan->spec(c.service)).health_check == HealthCheck::port;
  return found >= service::Answers::reads || (port && found == service::Answers::old_reads);
}

/// When checks have met often enough what they meet now.
sim::Time convinced_at(const Context& c, std::uint16_t index, bool healthy) {
  const Parameters& p = c.parameters;
  const Position server = c.plan.servers[index];
  const infrastructure::HealthCheck check{p.health_interval, p.health_timeout, p.unhealthy_threshold,
                                          p.healthy_threshold};
  const double phase = c.world.first_uniform(c.component(server), Purpose::target_check_phase);
  const bool silent = contact(c.world, c.world.plan->network.backbone, c.process(server)) == Contact::silence;
  const std::int64_t checks = healthy ? check.healthy : check.unhealthy;
  return end_of_streak(check, {c.state.back_ends[index].since, silent, checks}, c.now(), phase);
}

void check_back_ends(Context& c) {
  for (std::uint16_t i = 0; i < c.state.back_ends.size(); ++i) {
    BackEnd& back_end = c.state.back_ends[i];
    const bool healthy = passes_check(c, c.plan.servers[i]);
    const bool waits = c.world.queue.pending(back_end.timer);
    if (healthy == back_end.in_rotation) {
      if (waits) c.world.queue.cancel(back_end.timer);
    } else if (!waits) {
      back_end.since = c.now();
      back_end.timer = c.world.schedule(convinced_at(c, i, healthy), BackEndMarked{c.service.value, i, healthy});
    }
  }
}

void look_at_address(Context& c) {
  const bool answers = passes_check(c, c.state.address);
  const bool waits = c.world.queue.pending(c.state.address_timer);
  if (answers) {
    if (waits) c.world.queue.cancel(c.state.address_timer);
    c.state.address_free = false;
  } else if (c.state.address_free) {
    const auto other = std::find_if(c.plan.servers.begin(), c.plan.servers.end(),
                                    [&](Position server) { return passes_check(c, server); });
    if (other == c.plan.servers.end()) return;
    c.state.address = *other;
    c.state.address_free = false;
    c.world.note(AddressTaken{c.service.value});
  } else if (!waits) {
    const Duration lease = c.parameters.address_lease;
    const sim::Time taken = taken_over_at(c, c.state.address, c.plan.servers, lease, c.parameters.address_retry);
    const sim::Time over = taken == sim::Time::never() ? c.now() + lease : taken;
    c.state.address_timer = c.world.schedule(over, AddressLeaseEnded{c.service.value});
  }
}

/// Calls `act` with every API server that a request may meet. A load balancer without healthy ones uses them all.
template <class Act>
void for_back_ends(const Context& c, Act act) {
  if (kind_of(c) != EndpointKind::load_balancer) return act(c.state.address);
  const bool open = std::none_of(c.state.back_ends.begin(), c.state.back_ends.end(),
                                 [](const BackEnd& back_end) { return back_end.in_rotation; });
  for (std::size_t i = 0; i < c.state.back_ends.size(); ++i) {
    if (open || c.state.back_ends[i].in_rotation) act(c.plan.servers[i]);
  }
}

}  // namespace

void look_at_endpoint(Context& c) {
  switch (kind_of(c)) {
    case EndpointKind::load_balancer: return check_back_ends(c);
    case EndpointKind::virtual_ip: return look_at_address(c);
    case EndpointKind::first_server: return;
  }
}

Endpoint front(const Context& c) {
  if (kind_of(c) == EndpointKind::load_balancer) return c.world.plan->network.backbone;
  return machine_of(c, c.state.address);
}

service::Answers answers_at(const Context& c, Endpoint place) {
  if (!infrastructure::meet(c.world.infrastructure.reachability, place, front(c))) return service::Answers::none;
  service::Answers worst = service::Answers::everything;
  for_back_ends(c, [&](Position server) { worst = std::min(worst, met(c, front(c), server)); });
  return worst;
}

service::Answers best_answers(const Context& c) {
  service::Answers best = service::Answers::none;
  for_back_ends(c, [&](Position server) { best = std::max(best, met(c, front(c), server)); });
  return best;
}

void checks_changed(Context& c) {
  for (std::uint16_t i = 0; i < c.state.back_ends.size(); ++i) {
    BackEnd& back_end = c.state.back_ends[i];
    if (!c.world.queue.pending(back_end.timer)) continue;
    back_end.timer = c.world.queue.reschedule(back_end.timer, convinced_at(c, i, passes_check(c, c.plan.servers[i])));
  }
}

void on(World& world, const BackEndMarked& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.back_ends[event.back_end].in_rotation = event.healthy;
  settle(c);
}

void on(World& world, const AddressLeaseEnded& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.address_free = true;
  settle(c);
}

}  // namespace nines::models::control_plane
