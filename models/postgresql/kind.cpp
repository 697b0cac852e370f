// PostgreSQL as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "models/infrastructure/conditions.hpp"
#include "models/platform.hpp"
#include "models/postgresql/client.hpp"
#include "models/postgresql/failover.hpp"
#include "models/postgresql/fields.hpp"
#include "models/postgresql/replication.hpp"
#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"
#include "models/service/settling.hpp"

namespace nines::models::postgresql {

namespace {

constexpr service::Role roles_of_pools[] = {{"server", "holds the data, as the primary or as a standby", false, true}};

struct PostgreSql
    : service::WithClients<ServicePlan,
                           service::ByPosition<Number, &context, &server_started, &server_died, &server_terminating>>,
      service::SlisOf<Spec> {
  using Spec = postgresql::Spec;
  static constexpr std::string_view name = "postgresql";
  static constexpr std::string_view title = "PostgreSQL";
  static constexpr std::string_view product = "PostgreSQL";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &postgresql::check;
  static constexpr auto build = &postgresql::build;
  static constexpr auto connect = static_cast<void (*)(models::Plan&, ServiceId)>(&postgresql::connect);
  static constexpr std::string_view led_forms = "<service>/servers";

  static double writes_per_s(const ServiceSpec& service) { return spec_of(service).writes_per_s; }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("server-{}", number);
  }
  static constexpr auto same_shape = &service::same_members<ServicePlan>;
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    const models::Plan& plan = *world.plan;
    const std::size_t count = plan.services[service].members.size();
    State state;
    state.servers.resize(count);
    state.timelines.resize(1);
    for (Number i = 0; i < count; ++i) {
      Server& server = state.servers[i];
      server.primary = i == 0;
      server.anchor_wal = std::numeric_limits<double>::lowest();
      if (i == 0) continue;
      server.connection = Connection::streams;
      server.upstream = 0;
    }
    const Spec& spec = spec_of(plan.spec(service));
    if (spec.synchronous() && spec.failover == Failover::patroni) {
      for (Number i = 1; i < count && i <= spec.synchronous_standbys; ++i) state.syncs |= std::uint64_t{1} << i;
    }
    state.accesses.resize(plan_of(plan, service).slis.size());
    state.told = 2;
    world.services[service] = sim::Value::of(std::move(state));
    Context c = context(world, service);
    set_rates(c);
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    const Duration interval = c.plan.checkpoint_interval;
    for (Number i = 0; i < c.servers(); ++i) {
      Server& server = c.server(i);
      server.anchor = c.now() - interval - world.phase(c.component(i), Purpose::snapshot_age, interval);
      server.loop = c.now() + world.phase(c.component(i), Purpose::tick_phase, c.parameters.loop_wait);
    }
    c.state.grown_at = c.now();
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }

  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    for (Number i = 0; i < c.servers(); ++i) look_at_process(c, i);
    settle(c);
  }
  static void conditions_changed(World& world, ServiceId service) { answers_changed(world, service); }
  static void answers_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }
  static void flow_ended(World& world, ServiceId service, const fabric::Ending& ending) {
    Context c = context(world, service);
    copy_ended(c, ending);
  }

  static HandWork hand_work(const World& world, ServiceId service, ProcessId process) {
    return postgresql::hand_work(view(world, service), number_of(world, service, process));
  }
  static bool done_by_hand(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    return postgresql::done_by_hand(c, number_of(world, service, process));
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return serves(view(world, service), number_of(world, service, process));
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Number i = 0; i < c.servers(); ++i) {
      if (c.process(i) != process && !well(c, i)) return false;
    }
    return true;
  }
  /// The primary last: it costs a fail-over.
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    return world.plan->services[service].with_last(view(world, service).state.chief);
  }
  static service::Answers answers(const World& world, ServiceId service, ProcessId process, ProcessId from) {
    return postgresql::answers(view(world, service), number_of(world, service, process), contact(world, from, process));
  }
  /// It serves as the primary, or has all that this one writes.
  static bool well(const Context& c, Number number) {
    const Number chief = c.state.chief;
    if (number == chief) return is_primary(c, chief) && commits(c, chief);
    return serves(c, number) && streams_to(c, chief, number) && !c.server(number).leaving;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    for (Number i = 0; i < c.servers(); ++i) {
      if (!well(c, i)) return false;
    }
    if (c.by_patroni() && (c.state.key.holder != c.state.chief || !c.state.key.renewed)) return false;
    if (c.by_patroni() && c.spec.synchronous() && wanted_syncs(c, c.state.chief) != c.state.syncs) return false;
    if (c.state.labelled != c.state.chief) return false;
    return std::all_of(c.state.accesses.begin(), c.state.accesses.end(),
                       [](const Access& access) { return access.holds; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    return is_led(plan, service, named) ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    const std::string& itself = plan.services[service].name;
    return named == itself || named == itself + "/servers";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view) {
    const Context c = view(world, service);
    return c.process(c.state.chief);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/servers", true}};
  }

  /// Reads need a server that the client may come to, writes as many as commits wait for besides; with Patroni also
  /// its store, but that only when something else has failed, or for longer than its time-outs.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    const Spec& spec = spec_of(plan.spec(id));
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    builder.need_place(vertex, service.clients[sli.client].place);
    const std::vector<ProcessId>& members = plan.services[id].members;
    const bool writes = sli.kind == SliKind::write;
    const bool pinned = spec.clients[sli.client].discovery == Discovery::fixed;
    const bool first = pinned || (writes && spec.failover == Failover::none);
    if (first) builder.need(vertex, builder.process(members[0]));
    // Patroni goes on without a standby; without it, or in strict mode, commits wait for as many as are asked for.
    const bool waits = writes && spec.synchronous() && (spec.failover == Failover::none || spec.parameters.strict);
    std::vector<structure::Vertex> all;
    for (const ProcessId member : members) all.push_back(builder.process(member));
    const auto needed = static_cast<std::uint32_t>(waits ? 1 + spec.synchronous_standbys : 1);
    if (!first || waits) builder.need(vertex, builder.at_least(needed, all));
    if (writes && service.store.exists() && !spec.parameters.failsafe)
      builder.need(vertex, builder.majority(plan.services[service.store].members));
  }
  /// The primary is any server; here the first.
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const double rows = spec.writes_per_s * spec.write_size.count;
    const double wal = spec.writes_per_s * service.wal_per_write;
    if (rows <= 0) return;
    const std::vector<ProcessId>& members = plan.services[id].members;
    const std::vector<infrastructure::Endpoint> places = service::places_of(service.clients);
    sink.clients(places, members[0], rows, 0);
    if (wal > rows) sink.replicate(members[0], members[0], wal - rows);
    for (std::size_t i = 1; i < members.size(); ++i) sink.replicate(members[0], members[i], wal);
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId itself = c.itself();
    into.push_back({itself, "primary", c.state.chief, 0, false, itself});
    into.push_back({itself, "timeline", c.server(c.state.chief).timeline + 1U, 1, false, itself});
    if (c.spec.synchronous() && c.by_patroni()) {
      into.push_back(
          {itself, "synchronous standbys", static_cast<std::uint64_t>(std::popcount(c.state.syncs)), 2, false, itself});
    }
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.item != 0) return fmt::format("{}", shown.value);
    return std::string(plan.name(plan.processes[plan.services[service].members[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"postgresql-processes", "a server and its Patroni end together: neither ever runs without the other", worse},
        {"postgresql-watchdog",
         "a Patroni that is starved while its server goes on taking writes, and the watchdog that is to end that",
         worse},
        {"postgresql-cpu",
         "starved processors: what servers, their Patroni and clients do takes no longer, and a fault cpu-starved "
         "changes "
         "nothing here",
         worse},
        {"postgresql-load",
         "load that is more than disks and processors can take, locks, vacuum, wraparound, connections used up", worse},
        {"postgresql-replay",
         "queries on standbys that hold replay up, or are cancelled by it; page reads that replay "
         "waits for: it goes at one rate",
         either},
        {"postgresql-pg-wal", "WAL that slots hold back fills no volume", worse},
        {"postgresql-catch-up",
         "of what a standby is sent while it catches up it keeps nothing if that breaks off, and what is written "
         "meanwhile goes on at the rate of its beginning",
         either},
        {"postgresql-pool",
         "connection poolers, proxies with health checks, and clients that keep an old address of a "
         "Service",
         worse},
        {"postgresql-operators",
         "operators that decide by Kubernetes alone (CloudNativePG), switchovers by hand, "
         "standby clusters, cascading and delayed standbys, quorum commit of Patroni",
         either},
        {"postgresql-cancelled",
         "commits that a client cancels while they wait for a standby: they are visible, and "
         "may be lost",
         worse},
        {"postgresql-partition", "people who promote a standby by hand while the primary is only cut off", worse},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<PostgreSql>();

}  // namespace nines::models::postgresql
