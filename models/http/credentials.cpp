#include "models/http/credentials.hpp"

#include "models/platform.hpp"

namespace nines::models::http {

namespace {

void stop_renewing(Context& c, std::uint32_t server) {
  const Parameters& p = c.spec.parameters;
  const Duration spread = p.credentials_lifetime - p.credentials_refresh;
  const Duration left = p.credentials_refresh + c.world.phase(c.component(server), Purpose::credentials_phase, spread);
  c.state.edit_server(server).credentials_timer =
      c.world.schedule(c.world.now + left, CredentialsExpired{c.service.value, server});
}

}  // namespace

void follow_credentials(Context& c) {
  const bool given = !c.spec.credentials || faults::gives_credentials(c.world, c.service);
  if (given == c.state.credentials_given) return;
  c.state.credentials_given = given;
  for (std::uint32_t server = 0; server < c.size(); ++server) {
    const Server& its = c.state.servers[server];
    c.world.queue.cancel(its.credentials_timer);
    if (given)
      c.state.edit_server(server).authorised = true;
    else if (its.serving)
      stop_renewing(c, server);
  }
}

void credentials_of_new(Context& c, std::uint32_t server) {
  c.world.queue.cancel(c.state.servers[server].credentials_timer);
  c.state.edit_server(server).authorised = c.state.credentials_given;
  if (!c.state.credentials_given) faults::role_shows(c.world, c.service);
}

void on(World& world, const CredentialsExpired& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.edit_server(event.server).authorised = false;
  faults::role_shows(world, c.service);
  look(c);
}

}  // namespace nines::models::http
