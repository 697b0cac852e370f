#include "models/http/names.hpp"

#include "models/platform_part.hpp"

namespace nines::models::http {

void follow_names(Context& c) {
  for (std::size_t client = 0; client < c.plan.clients.size(); ++client) {
    if (c.spec.clients[client].new_connections <= 0) continue;
    Names& its = c.state.names[client];
    const LookUp found = services::look_up(c.world, c.plan.clients[client].place);
    if (found.refused + found.silent <= 0) {
      c.world.queue.cancel(its.timer);
      its.known = true;
    } else if (its.known && found.kept <= Duration()) {
      its.known = false;
    } else if (its.known && !c.world.queue.pending(its.timer)) {
      const Duration left = c.world.phase(c.plan.clients[client].component, Purpose::name_cache, found.kept);
      its.timer =
          c.world.schedule(c.world.now + left, NameForgotten{c.service.value, static_cast<std::uint16_t>(client)});
    }
  }
}

bool looks_up(const Context& c, std::size_t client) { return !c.state.names[client].known; }

void on(World& world, const NameForgotten& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.names[event.client].known = false;
  look(c);
}

}  // namespace nines::models::http
