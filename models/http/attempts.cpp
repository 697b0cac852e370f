#include "models/http/attempts.hpp"

#include <algorithm>

#include "models/http/rotation.hpp"
#include "models/http/standings.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/literal_walks.hpp"
#include "models/platform.hpp"

namespace nines::models::http {

namespace {

using infrastructure::Endpoint;

/// A client that cannot reach its load balancer reaches nothing.
bool reaches_frontend(const Context& c, Endpoint client) {
  const infrastructure::Reachability& state = c.world.infrastructure.reachability;
  const Endpoint from = asked_from(c, client);
  return infrastructure::reaches(state, client, from) && infrastructure::reaches(state, from, client);
}

Odds odds_of(std::size_t servers, std::size_t answering, std::size_t refused) {
  // Without any, nodes reject and load balancers answer with an error.
  if (servers == 0) return {0, 1, 0};
  const auto all = static_cast<double>(servers);
  return {static_cast<double>(answering) / all, static_cast<double>(refused) / all,
          static_cast<double>(servers - answering - refused) / all};
}

/// Servers have been counted, and stand alike where they count alike.
bool counted(const Context& c) { return !literal_walks && !c.state.standings.all_changed && alike(c); }

Choice choose_counted(const Context& c, Duration attempt_timeout) {
  const Rotation rotation = counted_rotation(c);
  const Duration trip = c.world.plan->infra().rtt_inter_zone;
  const std::size_t answering = trip > attempt_timeout ? 0 : rotation.answering;
  return {odds_of(rotation.servers, answering, rotation.refusing), answering, {}, answering > 0 ? trip : Duration()};
}

/// `gone`: as many of the chosen have an address whose pod is no more.
Choice choose_among(const Context& c, Endpoint from, Duration attempt_timeout, const std::vector<std::size_t>& there,
                    std::size_t gone) {
  Choice choice;
  std::size_t refused = 0;
  const std::size_t of = there.size() + gone;
  for (const std::size_t server : there) {
    const Contact found = contact_of(c, from, server);
    if (found == Contact::reset) ++refused;
    if (found != Contact::ok) continue;
    const Duration trip = round_trip(c, from, server);
    if (trip > attempt_timeout) continue;
    choice.which.push_back(server);
    choice.answer = std::max(choice.answer, trip);
  }
  choice.answering = choice.which.size();
  choice.odds = odds_of(of, choice.answering, refused);
  return choice;
}

Choice choose_server(const Context& c, Endpoint from, Duration attempt_timeout, Named named) {
  return counted(c) && named == Named::no ? choose_counted(c, attempt_timeout)
                                          : choose_among(c, from, attempt_timeout, rotation(c), 0);
}

/// By the rules of a machine that are of an earlier time.
Choice choose_by(const Context& c, const service::StaleRoutes& rules, Endpoint from, Duration attempt_timeout) {
  if (rules.none) return {{0, 0, 1}, 0, {}, {}};
  std::vector<std::size_t> there;
  for (const service::ListedPod& pod : rules.pods) {
    if (still_there(c, pod)) there.push_back(pod.member);
  }
  return choose_among(c, from, attempt_timeout, there, rules.pods.size() - there.size());
}

/// The odds of a choice of which each machine makes its share by its own rules. Load goes by the rules that follow.
void mix(const Context& c, const std::vector<service::RouteView>& views, Endpoint from, Duration attempt_timeout,
         Choice& choice) {
  const Odds fresh = choice.odds;
  Odds sum{};
  for (const service::RouteView& view : views) {
    const Choice its =
        view.stale == nullptr ? Choice{fresh, 0, {}, {}} : choose_by(c, *view.stale, from, attempt_timeout);
    sum.answered += view.weight * its.odds.answered;
    sum.refused += view.weight * its.odds.refused;
    sum.silent += view.weight * its.odds.silent;
    choice.answer = std::max(choice.answer, its.answer);
  }
  choice.odds = sum;
}

/// Machines in rotation choose alike, but for those whose rules are of an earlier time.
std::vector<service::RouteView> views_of_targets(const Context& c) {
  const std::vector<NodeId> machines = machines_in_rotation(c);
  std::vector<service::RouteView> views{{1, nullptr}};
  for (const service::StaleRoutes& its : c.state.stale) {
    if (std::ranges::count(machines, its.node) > 0) views.push_back({1 / static_cast<double>(machines.size()), &its});
  }
  const auto follow = static_cast<double>(machines.size() + 1 - views.size());
  if (!machines.empty()) views.front().weight = follow / static_cast<double>(machines.size());
  return views;
}

/// Share of machines in rotation that pass a request on.
double passed_on(const Context& c) {
  if (!balanced(c.spec) || c.spec.target != Target::instance) return 1;
  if (counted(c)) {
    const MachineRotation counts = counted_machines(c);
    return counts.machines == 0 ? 0 : static_cast<double>(counts.passing) / static_cast<double>(counts.machines);
  }
  const std::vector<NodeId> machines = machines_in_rotation(c);
  if (machines.empty()) return 0;
  const auto passing = std::ranges::count_if(machines, [&](NodeId node) { return passes_on(c, node); });
  return static_cast<double>(passing) / static_cast<double>(machines.size());
}

}  // namespace

Endpoint asked_from(const Context& c, Endpoint client) {
  return balanced(c.spec) ? c.world.plan->network.backbone : client;
}

Duration round_trip(const Context& c, Endpoint from, std::size_t server) {
  const infrastructure::Parameters& infra = c.world.plan->infra();
  const Duration trip = infra.rtt_inter_zone;
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, c.process(server));
  if (path == infrastructure::PathCondition{}) return trip;
  return trip + infrastructure::round_trip_longer(infra, path, trip);
}

Contact contact_of(const Context& c, Endpoint from, std::size_t server) {
  const Contact found = contact(c.world, from, c.process(server));
  // Nobody listens before the server has started, and once it stops; without credentials it answers with errors.
  const Server& its = c.state.servers[server];
  return found == Contact::ok && !(its.serving && its.authorised) ? Contact::reset : found;
}

Choice attempt(const Context& c, Endpoint client, Duration attempt_timeout, Named named) {
  if (!reaches_frontend(c, client)) return {{0, 0, 1}, 0, {}, {}};
  Choice choice = choose_server(c, asked_from(c, client), attempt_timeout, named);
  if (!c.state.stale.empty()) {
    const auto views = balanced(c.spec) ? views_of_targets(c) : service::route_views(c.world, c.state.stale, client);
    mix(c, views, asked_from(c, client), attempt_timeout, choice);
  }
  const double passed = passed_on(c);
  choice.odds = {choice.odds.answered * passed, choice.odds.refused * passed, choice.odds.silent * passed + 1 - passed};
  return choice;
}

}  // namespace nines::models::http
