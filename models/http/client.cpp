#include "models/http/client.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/http/rotation.hpp"
#include "models/http/standings.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/literal_walks.hpp"
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
bool counted(const Context& c) { return !literal_walks && !c.state.standings.all_changed && whole_network(c.world); }

Choice choose_counted(const Context& c, Duration attempt_timeout) {
  const Rotation rotation = counted_rotation(c);
  const Duration trip = c.world.plan->infra().rtt_inter_zone;
  const std::size_t answering = trip > attempt_timeout ? 0 : rotation.answering;
  return {odds_of(rotation.servers, answering, rotation.refusing), answering, {}, answering > 0 ? trip : Duration()};
}

Choice choose_server(const Context& c, Endpoint from, Duration attempt_timeout) {
  if (counted(c)) return choose_counted(c, attempt_timeout);
  Choice choice;
  std::size_t refused = 0;
  const std::vector<std::size_t> servers = rotation(c);
  for (const std::size_t server : servers) {
    const Contact found = contact_of(c, from, server);
    if (found == Contact::reset) ++refused;
    if (found != Contact::ok) continue;
    const Duration trip = round_trip(c, from, server);
    if (trip > attempt_timeout) continue;
    choice.which.push_back(server);
    choice.answer = std::max(choice.answer, trip);
  }
  choice.answering = choice.which.size();
  choice.odds = odds_of(servers.size(), choice.answering, refused);
  return choice;
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
    const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.process(server)].node);
    taken += std::min(each, c.spec.capacity_per_pod * cpu);
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
  const double failing = failing_share(choice.odds, patience, choice.answer);
  return 1 - std::min(1 - failing, taken_share(c, choice));
}

std::vector<double> use(const Context& c) {
  std::vector<double> use(c.size(), 0);
  const Endpoint region = c.world.plan->network.backbone;
  std::vector<std::size_t> taking;
  for (const std::size_t server : rotation(c)) {
    if (contact_of(c, region, server) == Contact::ok) taking.push_back(server);
  }
  if (taking.empty()) return use;
  const double each = requests_now(c) / static_cast<double>(taking.size());
  for (const std::size_t server : taking) {
    const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.process(server)].node);
    use[server] = std::min(each / c.spec.capacity_per_pod, cpu) * cpu_at_capacity(c.world.plan->spec(c.service));
  }
  return use;
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
