#include "models/http/standings.hpp"

#include <algorithm>
#include <numeric>

#include "models/http/client.hpp"
#include "models/http/rotation.hpp"
#include "models/literal_walks.hpp"
#include "models/service/unseen.hpp"

namespace nines::models::http {

namespace {

using Listing = ServerStanding::Listing;

bool by_machine(const Context& c) { return balanced(c.spec) && c.spec.target == Target::instance; }

bool server_settled(const Context& c, std::size_t server) {
  const Server& its = c.state.servers[server];
  const bool parked = c.parked(server);
  if (its.serving == parked || !its.authorised || its.listed == parked || c.world.queue.pending(its.list_timer))
    return false;
  const bool is_target = !c.plan.targets.empty() && !by_machine(c);
  return !is_target || !its.listed || c.state.targets[server].healthy;
}

ServerStanding standing_of(const Context& c, std::size_t server) {
  ServerStanding its;
  if (c.state.servers[server].listed) {
    const bool checked = to_pods(c.spec) && c.state.targets[server].healthy;
    its.listing = checked ? Listing::healthy : Listing::listed;
  }
  its.answer = contact_of(c, c.world.plan->network.backbone, server);
  its.settled = server_settled(c, server);
  return its;
}

MachineStanding machine_of(const Context& c, std::size_t target) {
  const TargetPlan& its = c.plan.targets[target];
  return {registered(c, its), c.state.targets[target].healthy, passes_on(c, its.node)};
}

void add(Standings& s, const ServerStanding& its, std::uint32_t by) {
  s.by_listing[static_cast<std::size_t>(its.listing)][static_cast<std::size_t>(its.answer)] += by;
  if (!its.settled) s.unsettled += by;
}
void add(Standings& s, const MachineStanding& its, std::uint32_t by) {
  if (!its.registered) return;
  s.registered += by;
  if (its.passes) s.registered_passing += by;
  if (its.healthy) s.healthy += by;
  if (its.healthy && its.passes) s.healthy_passing += by;
}

constexpr std::uint32_t one_less = ~std::uint32_t{0};

void sort_out(std::vector<std::uint32_t>& list) {
  std::ranges::sort(list);
  const auto twice = std::ranges::unique(list);
  list.erase(twice.begin(), twice.end());
}

Changed everybody(const Context& c) {
  Changed all;
  all.servers.resize(c.size());
  all.targets.resize(c.plan.targets.size());
  std::iota(all.servers.begin(), all.servers.end(), 0U);
  std::iota(all.targets.begin(), all.targets.end(), 0U);
  return all;
}

Changed touched(const Context& c, bool whole_event) {
  Changed found;
  const models::ServicePlan& service = c.world.plan->services[c.service];
  const bool machines = by_machine(c);
  service::each_touched(
      c.world, c.service, whole_event,
      [&](ProcessId process) {
        if (c.world.plan->processes[process].service == c.service)
          found.servers.push_back(static_cast<std::uint32_t>(service.position_of(process)));
      },
      [&](NodeId node) {
        if (machines && c.plan.target_of[node] != no_target) found.targets.push_back(c.plan.target_of[node]);
      });
  const Standings& s = c.state.standings;
  s.changed_servers.each([&](std::size_t server) { found.servers.push_back(static_cast<std::uint32_t>(server)); });
  s.changed_targets.each([&](std::size_t target) { found.targets.push_back(static_cast<std::uint32_t>(target)); });
  if (!machines && !c.plan.targets.empty()) {
    found.servers.insert(found.servers.end(), found.targets.begin(), found.targets.end());
    sort_out(found.servers);
    found.targets = found.servers;
    return found;
  }
  sort_out(found.servers);
  sort_out(found.targets);
  return found;
}

}  // namespace

bool alike(const Context& c) {
  const infrastructure::State& state = c.world.infrastructure;
  return c.state.stale.empty() && !c.plan.burstable && state.reachability.reaches.empty() &&
         !state.reachability.pods_blocked && !state.reachability.places_blocked && state.degradations.empty();
}

Changed changed(const Context& c) {
  const Standings& s = c.state.standings;
  const bool all =
      literal_walks || s.all_changed || s.managers != c.world.kubernetes.control_plane.managers || !alike(c);
  Changed found = all ? everybody(c) : touched(c, false);
  take_looks(found.servers.size() + found.targets.size());
  return found;
}

void count(Context& c, const Changed& changed) {
  Standings& s = c.state.standings;
  for (const std::uint32_t server : changed.servers) {
    ServerStanding& its = s.servers.edit(server);
    add(s, its, one_less);
    its = standing_of(c, server);
    add(s, its, 1);
  }
  if (by_machine(c)) {
    for (const std::uint32_t target : changed.targets) {
      MachineStanding& its = s.machines.edit(target);
      add(s, its, one_less);
      its = machine_of(c, target);
      add(s, its, 1);
    }
  }
  s.changed_servers.clear();
  s.changed_targets.clear();
  s.managers = c.world.kubernetes.control_plane.managers;
  // When the network is whole again everybody is looked at once more.
  s.all_changed = !alike(c);
  service::forget_touched(c.world, c.service);
}

void count_all(Context& c) {
  Standings& s = c.state.standings;
  const bool machines = by_machine(c);
  s.servers.assign(c.size(), {});
  s.machines.assign(machines ? c.plan.targets.size() : 0, {});
  s.changed_servers.assign(c.size());
  s.changed_targets.assign(c.plan.targets.size());
  s.by_listing = {};
  s.by_listing[static_cast<std::size_t>(Listing::out)][static_cast<std::size_t>(Contact::silence)] =
      static_cast<std::uint32_t>(c.size());
  count(c, everybody(c));
}

bool all_settled(const Context& c) {
  if (!c.state.stale.empty()) return false;
  // Who was counted and has not changed since is as it was counted.
  const Standings& s = c.state.standings;
  std::uint32_t unsettled = s.unsettled;
  std::uint32_t unhealthy = s.registered - s.healthy;
  const Changed since = literal_walks ? everybody(c) : touched(c, true);
  for (const std::uint32_t server : since.servers) {
    if (!server_settled(c, server)) return false;
    if (!s.servers[server].settled) --unsettled;
  }
  if (!by_machine(c)) return unsettled == 0;
  for (const std::uint32_t target : since.targets) {
    const MachineStanding now = machine_of(c, target);
    if (now.registered && !now.healthy) return false;
    if (s.machines[target].registered && !s.machines[target].healthy) --unhealthy;
  }
  return unsettled == 0 && unhealthy == 0;
}

Rotation counted_rotation(const Context& c) {
  const auto& by = c.state.standings.by_listing;
  const auto at = [&](Listing listing, Contact answer) {
    return by[static_cast<std::size_t>(listing)][static_cast<std::size_t>(answer)];
  };
  const auto of = [&](Listing listing) {
    return Rotation{at(listing, Contact::ok) + at(listing, Contact::reset) + at(listing, Contact::silence),
                    at(listing, Contact::ok), at(listing, Contact::reset)};
  };
  // Without a healthy one all that are listed get requests.
  const Rotation healthy = of(Listing::healthy);
  return healthy.servers > 0 ? healthy : of(Listing::listed);
}

MachineRotation counted_machines(const Context& c) {
  const Standings& s = c.state.standings;
  if (s.healthy > 0) return {s.healthy, s.healthy_passing};
  return {s.registered, s.registered_passing};
}

}  // namespace nines::models::http
