#include "models/http/client.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/http/rotation.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"

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

Contact contact_of(const Context& c, Endpoint from, std::size_t server) {
  const Contact found = contact(c.world, from, c.process(server));
  // Nobody listens before the server has started, and once it stops; without credentials it answers with errors.
  const Server& its = c.state.servers[server];
  return found == Contact::ok && !(its.serving && its.authorised) ? Contact::reset : found;
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
  std::vector<std::size_t> answering;
  Duration answer;  ///< the longest of those that are in time
};

Choice choose_server(const Context& c, Endpoint from, Duration attempt_timeout) {
  Choice choice;
  std::size_t refused = 0;
  const std::vector<std::size_t> servers = rotation(c);
  for (const std::size_t server : servers) {
    const Contact found = contact_of(c, from, server);
    if (found == Contact::reset) ++refused;
    if (found != Contact::ok) continue;
    const Duration trip = round_trip(c, from, server);
    if (trip > attempt_timeout) continue;
    choice.answering.push_back(server);
    choice.answer = std::max(choice.answer, trip);
  }
  // Without any, nodes reject and load balancers answer with an error.
  const auto all = static_cast<double>(servers.size());
  if (servers.empty()) return {{0, 1, 0}, {}, {}};
  choice.odds.answered = static_cast<double>(choice.answering.size()) / all;
  choice.odds.refused = static_cast<double>(refused) / all;
  choice.odds.silent = static_cast<double>(servers.size() - choice.answering.size() - refused) / all;
  return choice;
}

/// Share of machines in rotation that pass a request on.
double passed_on(const Context& c) {
  if (!balanced(c.spec) || c.spec.target != Target::instance) return 1;
  const std::vector<NodeId> machines = machines_in_rotation(c);
  if (machines.empty()) return 0;
  const auto passing = std::ranges::count_if(machines, [&](NodeId node) { return passes_on(c, node); });
  return static_cast<double>(passing) / static_cast<double>(machines.size());
}

Choice attempt(const Context& c, Endpoint client, Duration attempt_timeout) {
  if (!reaches_frontend(c, client)) return {{0, 0, 1}, {}, {}};
  Choice choice = choose_server(c, asked_from(c, client), attempt_timeout);
  const double passed = passed_on(c);
  choice.odds = {choice.odds.answered * passed, choice.odds.refused * passed, choice.odds.silent * passed + 1 - passed};
  return choice;
}

double requests_now(const Context& c) { return c.spec.requests_per_s * faults::load_factor(c.world, c.service); }

/// Of the load, spread equally over those that answer, the share that they take.
double taken_share(const Context& c, const std::vector<std::size_t>& answering) {
  const double all = requests_now(c);
  if (all <= 0 || answering.empty()) return 1;
  const double each = all / static_cast<double>(answering.size());
  double taken = 0;
  for (const std::size_t server : answering) {
    const NodeId node = c.world.processes[c.process(server)].node;
    const double most = c.spec.capacity_per_pod * infrastructure::cpu_share(c.world, node);
    taken += std::min(each, most) * infrastructure::credit_share(c.world, node);
  }
  return taken / all;
}

Choice attempt_of(const Context& c, std::size_t sli) {
  return attempt(c, place_of(c, sli), client_of(c, sli).attempt_timeout);
}

bool holds(const Context& c, std::size_t sli) {
  const SliSpec& spec = c.spec.slis[sli];
  if (spec.kind == SliKind::request) return failing_now(c, sli) <= spec.tolerance + rounding;
  const Choice choice = attempt_of(c, sli);
  return !choice.answering.empty() && taken_share(c, choice.answering) >= 1 - rounding;
}

}  // namespace

double failing_now(const Context& c, std::size_t sli) {
  const Choice choice = attempt_of(c, sli);
  const ClientParameters& client = client_of(c, sli);
  const Patience patience{client.retries, client.attempt_timeout, client.retry_wait, client.deadline};
  const double failing = failing_share(choice.odds, patience, choice.answer);
  return 1 - std::min(1 - failing, taken_share(c, choice.answering));
}

std::vector<double> use(const Context& c) {
  std::vector<double> use(c.size(), 0);
  const Choice choice = choose_server(c, c.world.plan->network.backbone, Duration::infinite());
  if (choice.answering.empty()) return use;
  const double each = requests_now(c) / static_cast<double>(choice.answering.size());
  for (const std::size_t server : choice.answering) {
    const NodeId node = c.world.processes[c.process(server)].node;
    const double cpu = std::min(each / c.spec.capacity_per_pod, infrastructure::cpu_share(c.world, node));
    use[server] = cpu * cpu_at_capacity(c.world.plan->spec(c.service)) * infrastructure::credit_share(c.world, node);
  }
  return use;
}

void account_for_cpu(Context& c) {
  if (c.spec.capacity_per_pod <= 0 || !c.plan.burstable) return;
  std::vector<double> wanted(c.size(), 0);
  const Choice choice = choose_server(c, c.world.plan->network.backbone, Duration::infinite());
  const double each = requests_now(c) / static_cast<double>(std::max<std::size_t>(1, choice.answering.size()));
  for (const std::size_t server : choice.answering) {
    const NodeId node = c.world.processes[c.process(server)].node;
    wanted[server] = std::min(each / c.spec.capacity_per_pod, infrastructure::cpu_share(c.world, node)) *
                     cpu_at_capacity(c.world.plan->spec(c.service));
  }
  for (std::size_t server = 0; server < c.size(); ++server)
    infrastructure::uses_cpu(c.world, c.process(server), wanted[server]);
}

std::size_t answering(const Context& c) {
  const Endpoint region = c.world.plan->network.backbone;
  const std::vector<std::size_t> servers = rotation(c);
  return static_cast<std::size_t>(
      std::ranges::count_if(servers, [&](std::size_t server) { return contact_of(c, region, server) == Contact::ok; }));
}

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
