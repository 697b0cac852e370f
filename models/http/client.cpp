#include "models/http/client.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/http/attempts.hpp"
#include "models/http/load.hpp"
#include "models/http/names.hpp"
#include "models/http/rotation.hpp"
#include "models/infrastructure/conditions.hpp"
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
  const Duration attempt_timeout = client_of(c, sli).attempt_timeout;
  const bool calm = c.state.overload.calm();
  const Choice choice = attempt(c, place_of(c, sli), attempt_timeout, calm ? Named::no : Named::yes);
  return calm ? choice : under_load(c, choice, attempt_timeout);
}

/// Share of a client's retries that its budget lets through.
double retried(const Context& c, std::uint16_t client) {
  const bool sends = holds_retries(c.spec) && client == c.plan.load_client && !c.state.overload.calm();
  return sends ? granted(c.state.overload) : 1;
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
  if (choice.answering == 0) return false;
  return holds_retries(c.spec) ? !exceeded(c.state.overload) : taken_share(c, choice) >= 1 - rounding;
}

}  // namespace

double failing_now(const Context& c, std::size_t sli) {
  const Choice choice = attempt_of(c, sli);
  const ClientParameters& client = client_of(c, sli);
  const std::uint16_t who = c.plan.slis[sli].client;
  Patience patience = patience_of(client);
  patience.granted = retried(c, who);
  double failing = failing_share(choice.odds, patience, choice.answer);
  if (looks_up(c, who)) {
    const double anew = c.spec.clients[who].new_connections;
    const std::vector<End> ends = with_look_up(c, place_of(c, sli), choice, client.attempt_timeout);
    failing = anew * failing_share(ends, patience) + (1 - anew) * failing;
  }
  return holds_retries(c.spec) ? failing : 1 - std::min(1 - failing, taken_share(c, choice));
}

namespace {

/// Servers in rotation that answer the region.
std::vector<std::size_t> taking(const Context& c) {
  const Endpoint region = c.world.plan->network.backbone;
  std::vector<std::size_t> servers = rotation(c);
  std::erase_if(servers, [&](std::size_t server) { return contact_of(c, region, server) != Contact::ok; });
  return servers;
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
    const bool requests = c.spec.slis[sli].kind == SliKind::request;
    if (now && requests)
      because.emplace(c.world, c.world.note(FirstSuccess{c.service.value, static_cast<std::uint16_t>(sli)}));
    measurement::set_status(c.world, c.plan.slis[sli].index, GroupId::of(0), now);
  }
}

}  // namespace nines::models::http
