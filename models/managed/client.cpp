#include "models/managed/client.hpp"

#include <algorithm>

#include "models/infrastructure/reachability.hpp"
#include "models/managed/events.hpp"
#include "models/managed/failover.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::managed {

namespace {

std::uint16_t client_of(const Context& c, std::size_t access) {
  return c.plan.slis[c.plan.accesses[access].sli].client;
}
ComponentId component_of(const Context& c, std::size_t access) {
  return c.plan.clients[client_of(c, access)].component;
}
const ClientSpec& client_spec(const Context& c, std::size_t access) { return c.spec.clients[client_of(c, access)]; }

/// Knows where to go, and connects.
void connect(Context& c, std::size_t number) {
  Access& access = c.state.accesses[number];
  const Duration wait =
      c.world.phase(component_of(c, number), Purpose::client_jitter, client_spec(c, number).parameters.retry_wait);
  access.timer = c.world.schedule(c.world.now + wait,
                                  Reconnected{c.service.value, static_cast<std::uint16_t>(number), access.wanted});
}

/// Others lead than when it connected last.
bool has_moved(const Access& access, const Group& group) { return group.moved > access.epoch; }

/// How long until a client knows that another node leads, once it can know.
Duration until_known(Context& c, std::size_t number, const Group& group) {
  const ClientSpec& client = client_spec(c, number);
  if (!has_moved(c.state.accesses[number], group)) return {};
  if (client.follows == Follows::dns)
    return c.world.phase(component_of(c, number), Purpose::name_cache, client.parameters.ttl);
  // Who hands over tells its clients where to go (MOVED, NOT_LEADER_OR_FOLLOWER).
  if (client.follows == Follows::members && !group.planned)
    return c.world.phase(component_of(c, number), Purpose::client_metadata_phase, client.parameters.refresh);
  return {};
}

void look_at_access(Context& c, std::size_t number) {
  Access& access = c.state.accesses[number];
  const Group& group = c.state.groups[c.plan.accesses[number].group];
  if (!group.serving || access.epoch == group.epoch) return;
  if (c.world.queue.pending(access.timer)) {
    if (access.wanted == group.epoch) return;
    c.world.queue.cancel(access.timer);
  }
  if (has_moved(access, group) && !group.announced && client_spec(c, number).follows != Follows::members) return;
  access.wanted = group.epoch;
  const Duration takes = until_known(c, number, group);
  if (takes == Duration()) return connect(c, number);
  access.timer = c.world.schedule(c.world.now + takes,
                                  ViewRenewed{c.service.value, static_cast<std::uint16_t>(number), access.wanted});
}

bool reaches(const Context& c, infrastructure::Endpoint place, Number node) {
  return contact(c.world, place, c.plan.nodes[node]) == Contact::ok;
}

/// A cache is read from any of its nodes, by the reader endpoint or by clients that know the members.
bool reads_anywhere(const Context& c, SliKind kind) {
  return kind == SliKind::read && c.spec.product == Product::elasticache;
}

Address& address_of(const Context& c, std::size_t client, Number node) {
  return c.state.addresses[client * c.plan.nodes.size() + node];
}

/// Requests to who leads wait for an address that means nobody any more: of who leads now, or of who led (lettuce issue
/// 1349). Those of a replica go elsewhere.
bool waits_for_address(const Context& c, std::size_t client, Number group) {
  for (const Number node : c.plan.groups[group]) {
    const Address& address = address_of(c, client, node);
    if (address.stale && (address.led || c.state.groups[group].leader == node)) return true;
  }
  return false;
}

bool holds(const Context& c, std::size_t number) {
  const Access& access = c.state.accesses[number];
  const AccessPlan& plan = c.plan.accesses[number];
  const SliKind kind = c.plan.slis[plan.sli].kind;
  const std::uint16_t client = client_of(c, number);
  const infrastructure::Endpoint place = c.plan.clients[client].place;
  const std::vector<Number>& nodes = c.plan.groups[plan.group];
  if (reads_anywhere(c, kind))
    return std::any_of(nodes.begin(), nodes.end(), [&](Number node) {
      return usable(c, node) && c.state.nodes[node].has_data && !address_of(c, client, node).stale &&
             reaches(c, place, node);
    });
  const Group& group = c.state.groups[plan.group];
  if (!takes(c, plan.group, kind) || access.epoch != group.epoch) return false;
  if (waits_for_address(c, client, plan.group)) return false;
  if (!all_lead(c.spec)) return reaches(c, place, group.leader);
  return std::all_of(nodes.begin(), nodes.end(),
                     [&](Number node) { return !usable(c, node) || reaches(c, place, node); });
}

/// The service takes changes of itself.
bool is_changeable(const Context& c, infrastructure::Endpoint place) {
  if (c.state.maintaining || faults::control_plane_out(c.world, c.service)) return false;
  for (Number node = 0; node < c.plan.nodes.size(); ++node) {
    if (!usable(c, node)) return false;
  }
  return infrastructure::meet(c.world.infrastructure.reachability, place, c.world.plan->network.backbone);
}

}  // namespace

void look_at_accesses(Context& c) {
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) look_at_access(c, i);
}

void node_lost(Context& c, Number node) {
  for (std::size_t client = 0; client < c.plan.clients.size(); ++client) address_of(c, client, node).led = false;
  for (std::size_t i = 0; i < c.state.accesses.size(); ++i) {
    const bool led = c.plan.accesses[i].group == c.plan.group_of[node] && c.state.accesses[i].leader == node;
    if (led) address_of(c, client_of(c, i), node).led = true;
  }
}

void address_changed(Context& c, Number node) {
  for (std::size_t client = 0; client < c.plan.clients.size(); ++client) {
    Address& address = address_of(c, client, node);
    address.stale = true;
    const Duration takes =
        c.world.draw(c.plan.clients[client].component, Purpose::client_readdress, c.spec.parameters.cache_readdress);
    c.world.queue.cancel(address.timer);
    address.timer =
        c.world.schedule(c.world.now + takes, Readdressed{c.service.value, static_cast<std::uint16_t>(client), node});
  }
}

void tell(Context& c) {
  const bool answers = !faults::service_out(c.world, c.service);
  std::vector<bool> up(c.plan.slis.size(), answers);
  for (std::size_t i = 0; i < c.state.accesses.size() && answers; ++i) {
    if (!holds(c, i)) up[c.plan.accesses[i].sli] = false;
  }
  for (std::size_t i = 0; i < up.size(); ++i) {
    const SliPlan& sli = c.plan.slis[i];
    if (sli.kind == SliKind::control) up[i] = answers && is_changeable(c, c.plan.clients[sli.client].place);
    measurement::set_status(c.world, sli.index, GroupId::of(0), up[i]);
  }
}

// ---- events ----

#define NINES_MANAGED_SUBJECT(E)                                                               \
  ComponentId subject(const models::Plan& plan, const E& event) {                              \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service});                      \
    return service.clients[service.slis[service.accesses[event.access].sli].client].component; \
  }
NINES_MANAGED_ACCESS_EVENTS(NINES_MANAGED_SUBJECT)
#undef NINES_MANAGED_SUBJECT

ComponentId subject(const models::Plan& plan, const Readdressed& event) {
  return plan_of(plan, ServiceId{event.service}).clients[event.client].component;
}

void on(World& world, const ViewRenewed& event) {
  static constexpr std::string_view refresh = "managed.client.refresh";
  Context c = context(world, ServiceId{event.service});
  if (client_spec(c, event.access).follows == Follows::members) world.set_by(refresh);
  connect(c, event.access);
}

void on(World& world, const Reconnected& event) {
  Context c = context(world, ServiceId{event.service});
  Access& access = c.state.accesses[event.access];
  access.epoch = event.epoch;
  access.leader = c.state.groups[c.plan.accesses[event.access].group].leader;
  look(c);
}

void on(World& world, const Readdressed& event) {
  Context c = context(world, ServiceId{event.service});
  address_of(c, event.client, event.node).stale = false;
  look(c);
}

}  // namespace nines::models::managed
