#include "models/http/load.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/http/client.hpp"
#include "models/http/names.hpp"
#include "models/http/rotation.hpp"
#include "models/http/standings.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/literal_walks.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/service/resolver.hpp"

namespace nines::models::http {

namespace {

const ClientParameters& sender(const Context& c) { return c.spec.clients[c.plan.load_client].parameters; }

/// How long those who look after the servers wait for an answer: probes that ask whether a server serves, and health
/// checks of a load balancer. In the order of `Server::answers`.
std::vector<Duration> checks_of(const Context& c) {
  std::vector<Duration> patience;
  const kubernetes::Parameters& defaults = c.world.plan->kube();
  if (const auto& probes = c.world.plan->spec(c.service).probes; probes && c.world.plan->has_kubernetes()) {
    for (const auto which : {&ProbesSpec::readiness, &ProbesSpec::liveness}) {
      const std::optional<ProbeSpec>& probe = *probes.*which;
      const bool waits = probe && (probe->asks == ProbeAsks::served || probe->asks == ProbeAsks::dependency);
      if (waits) patience.push_back(probe->timeout.value_or(defaults.probe_timeout));
    }
  }
  // A Network Load Balancer's checks connect and no more: the kernel takes them, whoever waits behind.
  if (to_pods(c.spec) && c.spec.frontend == Frontend::alb) patience.push_back(c.spec.parameters.alb_timeout);
  return patience;
}

LoadRules rules_of(const Context& c) {
  const ClientParameters& client = sender(c);
  LoadRules rules;
  rules.retries = client.retries;
  rules.attempt_timeout = client.attempt_timeout;
  const Patience patience = patience_of(client);
  for (std::int64_t retry = 1; retry <= client.retries; ++retry) rules.waits.push_back(wait_before(patience, retry));
  rules.deadline = client.deadline;
  rules.round_trip = c.world.plan->infra().rtt_inter_zone;
  rules.retry_budget = client.retry_budget;
  rules.queue = c.spec.queue_per_pod;
  rules.watched = c.plan.watched_waits;
  for (const Duration wait : checks_of(c)) rules.watched.push_back(wait);
  return rules;
}

Choice attempt_of_sender(const Context& c, Named named) {
  return attempt(c, c.plan.clients[c.plan.load_client].place, sender(c).attempt_timeout, named);
}

double capacity_now(const Context& c, std::size_t server) {
  const double share = infrastructure::cpu_share(c.world, c.world.processes[c.process(server)].node);
  const std::optional<double> left = infrastructure::cpu_left(c.world, c.process(server));
  if (!left) return c.spec.capacity_per_pod * share;
  return c.spec.capacity_per_pod * std::min(share, *left / cpu_at_capacity(c.world.plan->spec(c.service)));
}

/// Share of attempts that reach nobody, since their connection needs a look-up which fails.
double unknown_name(const Context& c) {
  if (!looks_up(c, c.plan.load_client)) return 0;
  const LookUp look_up = services::look_up(c.world, c.plan.clients[c.plan.load_client].place);
  return c.spec.clients[c.plan.load_client].new_connections * service::fails(look_up);
}

Inflow inflow_of(const Context& c) {
  const Choice choice = attempt_of_sender(c, Named::yes);
  const double known = 1 - unknown_name(c);
  Inflow inflow;
  inflow.fresh = requests_now(c);
  inflow.refused = choice.odds.refused * known;
  inflow.silent = choice.odds.silent * known + 1 - known;
  // Who is asked by rules of an earlier time alone answers nobody that is counted here.
  if (choice.which.empty()) inflow.refused += choice.odds.answered * known;
  const double share =
      choice.which.empty() ? 0 : choice.odds.answered * known / static_cast<double>(choice.which.size());
  const infrastructure::Endpoint from = asked_from(c, c.plan.clients[c.plan.load_client].place);
  for (std::uint32_t server = 0; server < c.size(); ++server) {
    const bool runs = c.world.processes[c.process(server)].status == ProcessState::Status::running;
    if (!runs || !c.state.servers[server].serving) continue;
    const bool sent = std::binary_search(choice.which.begin(), choice.which.end(), std::size_t{server});
    // One that hangs keeps its queue. One that requests are not sent to goes on with what it has.
    const bool hangs = !sent && contact_of(c, c.world.plan->network.backbone, server) == Contact::silence;
    inflow.servers.push_back(
        {server, sent ? share : 0, hangs ? 0 : capacity_now(c, server), round_trip(c, from, server)});
  }
  return inflow;
}

/// Servers that are alike take what is sent: nobody has to be looked at.
bool carried_by_all(const Context& c) {
  if (literal_walks || looks_up(c, c.plan.load_client) || !c.state.stale.empty()) return false;
  const Choice choice = attempt_of_sender(c, Named::no);
  if (!choice.which.empty() || choice.answering == 0) return false;
  return choice.odds.refused <= 0 && choice.odds.silent <= 0 &&
         requests_now(c) <= static_cast<double>(choice.answering) * c.spec.capacity_per_pod;
}

void wait_for_change(Context& c) {
  State& state = c.state;
  c.world.queue.cancel(state.load_timer);
  const std::optional<sim::Time> next = next_change(state.overload);
  if (!next) return;
  // Steps of a load are no news: what follows is because of what began it.
  const CauseScope because(c.world, state.overload_cause);
  state.load_timer = c.world.schedule(*next, LoadStep{c.service.value});
}

ProcessId first_server(const Context& c) { return c.process(0); }

/// Overload begins or ends. People hear of it, and do not have to any more when all is calm: not if it comes in waves.
void tell(Context& c) {
  State& state = c.state;
  const bool now = overloaded(state.overload);
  if (now && !state.overloaded) {
    state.overload_cause = c.world.note(Overloaded{c.service.value});
    const CauseScope because(c.world, state.overload_cause);
    people::ask_for_repair(c.world, people::Repair::overload, first_server(c));
  }
  if (!now && state.overloaded) state.overload_cause = c.world.note(OverloadOver{c.service.value});
  state.overloaded = now;
  if (state.overload.calm()) people::withdraw(c.world, people::Repair::overload, first_server(c));
}

}  // namespace

double requests_now(const Context& c) { return c.spec.requests_per_s * faults::load_factor(c.world, c.service); }

double attempts_now(const Context& c) { return c.state.overload.calm() ? requests_now(c) : attempts(c.state.overload); }

void follow_load(Context& c) {
  Overload& overload = c.state.overload;
  if (!holds_retries(c.spec)) {
    if (overload.calm()) return;
    // A fork knows of no retries: there is nothing that would follow them.
    overload = {};
    tell(c);
    wait_for_change(c);
    return;
  }
  if (overload.calm()) {
    if (carried_by_all(c)) return;
    c.state.overload_cause = c.world.trace.current();
  } else {
    advance(overload, c.world.now);
  }
  change(overload, rules_of(c), c.world.now, inflow_of(c));
  tell(c);
  wait_for_change(c);
}

void follow_checks_under_load(Context& c) {
  Overload& overload = c.state.overload;
  std::vector<char>& slow = c.state.slow;
  if (overload.calm() && slow.empty()) return;
  const std::vector<Duration> checks = checks_of(c);
  if (checks.empty()) return;
  slow.resize(c.size(), 0);
  const CauseScope because(c.world, c.state.overload_cause);
  bool any = false;
  for (std::uint32_t server = 0; server < c.size(); ++server) {
    char now = 0;
    for (std::size_t i = 0; i < checks.size() && !overload.calm(); ++i) {
      if (!answers_within(overload, server, checks[i])) now = static_cast<char>(now | (1 << i));
    }
    any = any || now != 0;
    if (now == slow[server]) continue;
    slow[server] = now;
    kubernetes::answers_otherwise(c.world, c.process(server));
    if (to_pods(c.spec)) look_at_target(c, server);
  }
  if (!any) slow.clear();
}

void limit_load(Context& c) {
  Overload& overload = c.state.overload;
  if (overload.calm()) return;
  advance(overload, c.world.now);
  if (!overload.calm()) limit(overload);
  tell(c);
  wait_for_change(c);
  look(c);
}

Choice under_load(const Context& c, Choice choice, Duration attempt_timeout) {
  const Overload& overload = c.state.overload;
  if (overload.calm() || choice.which.empty()) return choice;
  const double share = choice.odds.answered / static_cast<double>(choice.which.size());
  double answered = 0;
  double refused = 0;
  double silent = 0;
  Duration wait;
  for (const ServerLoad& server : overload.inflow.servers) {
    if (!std::binary_search(choice.which.begin(), choice.which.end(), std::size_t{server.server})) continue;
    const Outcome outcome = outcome_at(overload, server, attempt_timeout);
    answered += share * outcome.answered;
    refused += share * outcome.refused;
    silent += share * outcome.silent;
    if (outcome.answered > 0) wait = std::max(wait, outcome.wait);
  }
  choice.odds = {answered, choice.odds.refused + refused, choice.odds.silent + silent};
  choice.answer += wait;
  return choice;
}

double wanted_cpu(const Context& c, std::size_t server, std::size_t sharing) {
  const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.process(server)].node);
  const double each = attempts_now(c) / static_cast<double>(sharing);
  const std::vector<double>& waiting = c.state.overload.waiting;
  const bool busy = server < waiting.size() && waiting[server] > 0;
  const double used = busy ? cpu : std::min(each / c.spec.capacity_per_pod, cpu);
  return used * cpu_at_capacity(c.world.plan->spec(c.service));
}

// ---- events ----

void on(World& world, const LoadStep& event) {
  Context c = context(world, ServiceId{event.service});
  world.unrecorded = true;
  {
    const CauseScope because(world, c.state.overload_cause);
    follow_load(c);
  }
  // What follows does so because the overload goes on, or because it is over.
  const CauseScope because(world, c.state.overload_cause);
  look(c);
}

}  // namespace nines::models::http
