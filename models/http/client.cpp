#include "models/http/client.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/http/names.hpp"
#include "models/http/rotation.hpp"
#include "models/http/standings.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/literal_walks.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/service/resolver.hpp"

namespace nines::models::http {

namespace {

/// Shares that differ by less are the same: sums of products of probabilities.
constexpr double rounding = 1e-12;

using infrastructure::Endpoint;

const ClientParameters& client_of(const Context& c, std::size_t sli) {
  return c.spec.clients[c.plan.slis[sli].client].parameters;
}
Endpoint place_of(const Context& c, std::size_t sli) { return c.plan.clients[c.plan.slis[sli].client].place; }

/// From where a server is asked: a load balancer is in the region.
Endpoint asked_from(const Context& c, Endpoint client) {
  return balanced(c.spec) ? c.world.plan->network.backbone : client;
}

/// A client that cannot reach its load balancer reaches nothing.
bool reaches_frontend(const Context& c, Endpoint client) {
  const infrastructure::Reachability& state = c.world.infrastructure.reachability;
  const Endpoint from = asked_from(c, client);
  return infrastructure::reaches(state, client, from) && infrastructure::reaches(state, from, client);
}

/// From a request to its answer, of a server that is not overloaded: a round trip, and what a bad path adds.
Duration round_trip(const Context& c, Endpoint from, std::size_t server) {
  const infrastructure::Parameters& infra = c.world.plan->infra();
  const Duration trip = infra.rtt_inter_zone;
  const infrastructure::PathCondition path = infrastructure::path_condition(c.world, from, c.process(server));
  if (path == infrastructure::PathCondition{}) return trip;
  return trip + infrastructure::round_trip_longer(infra, path, trip);
}

/// How an attempt ends whose server is chosen out of the rotation.
struct Choice {
  Odds odds;
  std::size_t answering = 0;       ///< servers that answer in time
  std::vector<std::size_t> which;  ///< which they are; empty on a whole network, where they are alike
  Duration answer;                 ///< the longest of theirs
};

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

Choice choose_server(const Context& c, Endpoint from, Duration attempt_timeout) {
  return counted(c) ? choose_counted(c, attempt_timeout) : choose_among(c, from, attempt_timeout, rotation(c), 0);
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

Choice attempt(const Context& c, Endpoint client, Duration attempt_timeout) {
  if (!reaches_frontend(c, client)) return {{0, 0, 1}, 0, {}, {}};
  Choice choice = choose_server(c, asked_from(c, client), attempt_timeout);
  if (!c.state.stale.empty()) {
    const auto views = balanced(c.spec) ? views_of_targets(c) : service::route_views(c.world, c.state.stale, client);
    mix(c, views, asked_from(c, client), attempt_timeout, choice);
  }
  const double passed = passed_on(c);
  choice.odds = {choice.odds.answered * passed, choice.odds.refused * passed, choice.odds.silent * passed + 1 - passed};
  return choice;
}

double requests_now(const Context& c) { return c.spec.requests_per_s * faults::load_factor(c.world, c.service); }

/// Share of the load that servers take which answer.
double taken_share(const Context& c, const Choice& choice) {
  const double all = requests_now(c);
  if (all <= 0 || choice.answering == 0) return 1;
  const double each = all / static_cast<double>(choice.answering);
  if (choice.which.empty())
    return static_cast<double>(choice.answering) * std::min(each, c.spec.capacity_per_pod) / all;
  double taken = 0;
  for (const std::size_t server : choice.which) {
    const NodeId node = c.world.processes[c.process(server)].node;
    const double most = c.spec.capacity_per_pod * infrastructure::cpu_share(c.world, node);
    taken += std::min(each, most) * infrastructure::credit_share(c.world, node);
  }
  return taken / all;
}

Choice attempt_of(const Context& c, std::size_t sli) {
  return attempt(c, place_of(c, sli), client_of(c, sli).attempt_timeout);
}

/// How an attempt ends that has to look the name up first.
std::vector<End> with_look_up(const Context& c, Endpoint place, const Choice& choice, Duration attempt_timeout) {
  std::vector<End> ends;
  const auto add = [&](double probability, Duration takes, bool answered) {
    if (probability <= 0) return;
    const bool in_time = takes <= attempt_timeout;
    ends.push_back({probability, std::min(takes, attempt_timeout), answered && in_time});
  };
  for (const service::LookUpEnd& end : service::ends_of(services::look_up(c.world, place))) {
    if (!end.answered) {
      add(end.probability, end.takes, false);
      continue;
    }
    add(end.probability * choice.odds.answered, end.takes + choice.answer, true);
    add(end.probability * choice.odds.refused, end.takes, false);
    add(end.probability * choice.odds.silent, attempt_timeout, false);
  }
  return ends;
}

bool holds(const Context& c, std::size_t sli) {
  const SliSpec& spec = c.spec.slis[sli];
  if (spec.kind == SliKind::request) return failing_now(c, sli) <= spec.tolerance + rounding;
  const Choice choice = attempt_of(c, sli);
  return choice.answering > 0 && taken_share(c, choice) >= 1 - rounding;
}

}  // namespace

Contact contact_of(const Context& c, Endpoint from, std::size_t server) {
  const Contact found = contact(c.world, from, c.process(server));
  // Nobody listens before the server has started, and once it stops; without credentials it answers with errors.
  const Server& its = c.state.servers[server];
  return found == Contact::ok && !(its.serving && its.authorised) ? Contact::reset : found;
}

double failing_now(const Context& c, std::size_t sli) {
  const Choice choice = attempt_of(c, sli);
  const ClientParameters& client = client_of(c, sli);
  const Patience patience{client.retries, client.attempt_timeout, client.retry_wait, client.deadline};
  double failing = failing_share(choice.odds, patience, choice.answer);
  const std::uint16_t who = c.plan.slis[sli].client;
  if (looks_up(c, who)) {
    const double anew = c.spec.clients[who].new_connections;
    const std::vector<End> ends = with_look_up(c, place_of(c, sli), choice, client.attempt_timeout);
    failing = anew * failing_share(ends, patience) + (1 - anew) * failing;
  }
  return 1 - std::min(1 - failing, taken_share(c, choice));
}

namespace {

/// Servers in rotation that answer the region.
std::vector<std::size_t> taking(const Context& c) {
  const Endpoint region = c.world.plan->network.backbone;
  std::vector<std::size_t> servers = rotation(c);
  std::erase_if(servers, [&](std::size_t server) { return contact_of(c, region, server) != Contact::ok; });
  return servers;
}

/// Processors that a server would use, of as many that share the load, if its machine's credit did not matter.
double wanted_cpu(const Context& c, std::size_t server, std::size_t sharing) {
  const double each = requests_now(c) / static_cast<double>(sharing);
  const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.process(server)].node);
  return std::min(each / c.spec.capacity_per_pod, cpu) * cpu_at_capacity(c.world.plan->spec(c.service));
}

}  // namespace

std::vector<double> use(const Context& c) {
  std::vector<double> use(c.size(), 0);
  const std::vector<std::size_t> servers = taking(c);
  for (const std::size_t server : servers) {
    const NodeId node = c.world.processes[c.process(server)].node;
    use[server] = wanted_cpu(c, server, servers.size()) * infrastructure::credit_share(c.world, node);
  }
  return use;
}

void account_for_cpu(Context& c) {
  if (c.spec.capacity_per_pod <= 0 || !c.plan.burstable) return;
  std::vector<double> wanted(c.size(), 0);
  const std::vector<std::size_t> servers = taking(c);
  for (const std::size_t server : servers) wanted[server] = wanted_cpu(c, server, servers.size());
  for (std::size_t server = 0; server < c.size(); ++server)
    infrastructure::uses_cpu(c.world, c.process(server), wanted[server]);
}

std::size_t answering(const Context& c) { return taking(c).size(); }

void look_at_slis(Context& c) {
  for (std::size_t sli = 0; sli < c.plan.slis.size(); ++sli) {
    const bool now = holds(c, sli);
    if (now == (c.state.holds[sli] != 0)) continue;
    c.state.holds[sli] = now ? 1 : 0;
    std::optional<CauseScope> because;
    if (now) because.emplace(c.world, c.world.note(FirstSuccess{c.service.value, static_cast<std::uint16_t>(sli)}));
    measurement::set_status(c.world, c.plan.slis[sli].index, GroupId::of(0), now);
  }
}

}  // namespace nines::models::http
