#include "models/zookeeper/plan.hpp"

#include <algorithm>

#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::zookeeper {

namespace {

/// Transactions that a follower may lack and still be sent one by one: those in the leader's memory, or those that are
/// not too much beside a snapshot (ZKDatabase.calculateTxnLogSizeLimit).
std::uint64_t diff_most(const Spec& spec) {
  const double from_log = spec.parameters.snapshot_size_factor * spec.database.count / spec.write_size.count;
  return std::max(static_cast<std::uint64_t>(spec.parameters.commit_log_count), static_cast<std::uint64_t>(from_log));
}

}  // namespace

SessionLimits session_limits(const Parameters& parameters) {
  constexpr std::int64_t least_ticks = 2;
  constexpr std::int64_t most_ticks = 20;
  const auto or_ticks = [&](Duration set, std::int64_t ticks) {
    return set > Duration() ? set : parameters.tick_time * ticks;
  };
  return {or_ticks(parameters.min_session_timeout, least_ticks), or_ticks(parameters.max_session_timeout, most_ticks)};
}

Duration granted(const Parameters& parameters, Duration wanted) {
  const SessionLimits limits = session_limits(parameters);
  return std::min(std::max(wanted, limits.least), limits.most);
}

void build(models::Plan& plan, Namer& namer, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  ServicePlan service;
  service.rules.servers = plan.services[id].members.size();
  service.rules.connect_tries = static_cast<std::uint32_t>(spec.parameters.connect_tries);
  service.rules.diff_most = diff_most(spec);
  for (const ClientSpec& client : spec.clients) {
    ClientPlan& added = service.clients.emplace_back();
    static_cast<service::ClientPlan&>(added) = service::add_client(plan, namer, id, client.name, client.place);
    added.timeout = client.session_timeout;
    added.parameters = client.parameters;
  }
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const auto client = static_cast<std::uint16_t>(service::client_named(spec.clients, sli.client));
    service.slis.push_back({static_cast<SliIndex>(plan.slis.size()), sli.kind, client});
    add_sli(plan, namer, id, i, sli.name, sli.deadline, sli.sla);
  }
  plan.services[id].own = sim::Value::of(std::move(service));
}

std::uint16_t add_session(models::Plan& plan, ServiceId id, const service::SessionPlan& session) {
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  const auto number = static_cast<std::uint16_t>(service.clients.size());
  ClientPlan client;
  client.component = plan.processes[session.process].component;
  client.owner = session.process;
  client.user = session.user;
  client.timeout = session.timeout;
  client.parameters.read_share = session.read_share;
  client.parameters.cleanup = session.cleanup;
  client.parameters.reconnect_spread = session.reconnect_spread;
  client.parameters.round_wait = session.round_wait;
  for (int slot = 0; slot < 2; ++slot) service.clients.push_back(client);
  return number;
}

}  // namespace nines::models::zookeeper
