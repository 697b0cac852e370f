// A stateless HTTP service as a kind of service: where each part of it stands.
//
// Servers are alike and share nothing. One takes requests from when it has started until it gets SIGTERM; then it
// answers those that are under way, and exits.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/http/client.hpp"
#include "models/http/context.hpp"
#include "models/http/credentials.hpp"
#include "models/http/fields.hpp"
#include "models/http/load.hpp"
#include "models/http/names.hpp"
#include "models/http/rotation.hpp"
#include "models/http/standings.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"

namespace nines::models::http {

namespace {

constexpr service::Role roles_of_pools[] = {{"server", "serves clients", false, true}};

std::uint32_t position_of(const World& world, ServiceId service, ProcessId process) {
  return static_cast<std::uint32_t>(world.plan->services[service].position_of(process));
}

bool autoscaled(const models::Plan& plan, ServiceId service) {
  return std::ranges::any_of(plan.services[service].workloads,
                             [&](WorkloadId id) { return plan.workloads[id].autoscaler.has_value(); });
}

/// Pods that its controller wants now.
std::size_t wanted_pods(const Context& c) {
  std::size_t count = 0;
  for (std::size_t server = 0; server < c.size(); ++server) count += !c.parked(server);
  return count;
}

// Numbers of what it shows of a load that holds retries.
constexpr std::uint32_t shown_rate = 3;
constexpr std::uint32_t shown_queue = 4;

/// To two digits: what is shown changes when there is something to see.
std::uint64_t two_digits(double value) {
  double unit = 1;
  while (value >= 100 * unit) unit *= 10;
  return static_cast<std::uint64_t>(std::round(value / unit) * unit);
}

template <class E>
void step_after(Context& c, std::uint32_t server, Purpose purpose, const Law& law) {
  Server& its = c.state.edit_server(server);
  c.world.queue.cancel(its.step_timer);
  const Duration takes = c.world.draw(c.component(server), purpose, law);
  its.step_timer = c.world.schedule(c.world.now + takes, E{c.service.value, server});
}

struct Http : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = http::Spec;
  static constexpr std::string_view name = "http";
  static constexpr std::string_view title = "a stateless HTTP service";
  static constexpr bool stores = false;
  static constexpr bool looks_at_touched = true;
  static constexpr bool parks = true;
  static constexpr Controller controller = Controller::deployment;
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &http::check;
  static constexpr auto check_combinations = &http::check_combinations;
  static constexpr auto build = &http::build;
  static constexpr auto connect = &http::connect;

  /// A manifest that names no probe has none. What the rest of the program asks of every service.
  static void complete(service::Report&, const Topology& topology, ServiceSpec& service) {
    if (topology.has_kubernetes() && !service.probes) service.probes.emplace();
    service.asks_for_credentials = spec_of(service).credentials;
    auto& spec = service.own.as<Spec>();
    if (spec.requests_per_s > 0 && spec.capacity_per_pod <= 0)
      spec.capacity_per_pod = std::numeric_limits<double>::infinity();
  }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("server-{}", number);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.as<ServicePlan>();
    const auto& other = b.own.as<ServicePlan>();
    return service::same_members<ServicePlan>(a, b) && one.targets.size() == other.targets.size();
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static bool happens(const ServiceSpec& service, std::string_view event) {
    const Spec& spec = spec_of(service);
    const bool of_targets = event == TargetPassed::info.name || event == TargetFailed::info.name;
    if (of_targets) return balanced(spec);
    return spec.credentials || event != CredentialsExpired::info.name;
  }

  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    WithClients::purposes(plan, id, by_component);
    for (const ProcessId member : plan.services[id].members)
      by_component[plan.processes[member].component] = stateless_purposes;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    const std::vector<ProcessId>& members = world.plan->services[service].members;
    state.servers.assign(members.size(), {});
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!world.plan->processes[members[i]].parked) continue;
      state.servers.edit(i).serving = state.servers.edit(i).listed = false;
    }
    const std::vector<TargetPlan>& targets = plan_of(*world.plan, service).targets;
    state.targets.assign(targets.size(), {});
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const TargetPlan& target = targets[i];
      const bool parked = target.node.exists() ? world.plan->nodes[target.node].parked
                                               : world.plan->processes[members[target.server]].parked;
      if (parked) state.targets.edit(i) = {false, true, {}, {}};
    }
    state.holds.assign(plan_of(*world.plan, service).slis.size(), 1);
    state.names.resize(plan_of(*world.plan, service).clients.size());
    world.services[service] = sim::Value::of(std::move(state));
    Context c = context(world, service);
    count_all(c);
    account_for_cpu(c);
  }
  static void freeze(sim::Value& value) {
    auto& state = value.as<State>();
    state.servers.freeze();
    state.targets.freeze();
    state.standings.servers.freeze();
    state.standings.machines.freeze();
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    c.state.standings.all_changed = true;
    checks_changed(c);
    look(c);
  }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    step_after<ServerUp>(c, position_of(world, service, process), Purpose::process_start, c.spec.parameters.start);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    Server& server = c.state.edit_server(position_of(world, service, process));
    server.serving = false;
    world.queue.cancel(server.step_timer);
    world.queue.cancel(server.credentials_timer);
  }
  static void process_terminating(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const std::uint32_t server = position_of(world, service, process);
    c.state.edit_server(server).serving = false;
    step_after<ServerStopped>(c, server, Purpose::clean_close, c.spec.parameters.stop);
    look(c);
  }
  static void contacts_changed(World& world, ServiceId service) { look_at(world, service); }
  static void readiness_changed(World& world, ServiceId service) { look_at(world, service); }
  static void conditions_changed(World& world, ServiceId service) { look_at(world, service); }
  static void answers_changed(World& world, ServiceId service) { look_at(world, service); }
  static void look_at(World& world, ServiceId service) {
    Context c = context(world, service);
    look(c);
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return view(world, service).state.servers[position_of(world, service, process)].serving;
  }
  static bool answers_within(const World& world, ServiceId service, ProcessId process, Duration patience) {
    const Overload& overload = view(world, service).state.overload;
    return overload.calm() || http::answers_within(overload, position_of(world, service, process), patience);
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    return std::ranges::all_of(c.state.holds, [](char holds) { return holds != 0; }) &&
           std::ranges::all_of(c.state.names, &Names::known) && c.state.overload.calm() && all_settled(c);
  }

  static std::optional<service::Load> load(const ServiceSpec& service) {
    const Spec& spec = spec_of(service);
    if (spec.capacity_per_pod <= 0) return std::nullopt;
    return service::Load{spec.requests_per_s, spec.capacity_per_pod, cpu_at_capacity(service)};
  }
  static std::optional<service::Balancer> balancer(const ServiceSpec& service) {
    if (!balanced(spec_of(service))) return std::nullopt;
    return spec_of(service).frontend == Frontend::alb ? service::Balancer::application : service::Balancer::network;
  }
  static std::vector<double> use(const World& world, ServiceId service) { return http::use(view(world, service)); }
  static double requests_per_s(const World& world, ServiceId service) { return attempts_now(view(world, service)); }
  static void load_limited(World& world, ServiceId service) {
    Context c = context(world, service);
    limit_load(c);
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const models::ServicePlan& its = plan.services[service];
    return named == its.name + "/servers" ? its.members : std::vector<ProcessId>{};
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/servers", false}};
  }
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    builder.need_place(vertex, service.clients[service.slis[plan.slis[index].spec].client].place);
    std::vector<structure::Vertex> servers;
    for (const ProcessId member : plan.services[id].members) {
      if (!plan.processes[member].parked) servers.push_back(builder.process(member));
    }
    builder.need(vertex, builder.at_least(static_cast<std::uint32_t>(servers_needed(spec_of(plan.spec(id)))), servers));
  }
  static std::vector<service::Fact> sli_facts(const models::Plan& plan, measurement::SliIndex index) {
    const measurement::SliPlan& sli = plan.slis[index];
    const Spec& spec = spec_of(plan.spec(sli.service));
    const SliSpec& its = spec.slis[sli.spec];
    const ClientSpec& client = spec.clients[plan_of(plan, sli.service).slis[sli.spec].client];
    std::vector<service::Fact> facts{{"name", its.client}, {"place", client.place}};
    if (its.kind == SliKind::request) facts.push_back({"tolerance", its.tolerance});
    facts.push_back({"deadline_s", its.deadline});
    return facts;
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "in rotation", rotation(c).size(), 0, false, name});
    into.push_back({name, "answering", answering(c), 1, false, name});
    if (autoscaled(*world.plan, service)) into.push_back({name, "wanted", wanted_pods(c), 2, false, name});
    if (!holds_retries(c.spec)) return;
    into.push_back({name, "attempts/s", two_digits(attempts_now(c)), shown_rate, false, name});
    into.push_back({name, "waiting", two_digits(waiting(c.state.overload)), shown_queue, false, name});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.item == shown_rate || shown.item == shown_queue) return fmt::format("{}", shown.value);
    std::int64_t pods = 0;  // what a roll starts beside them comes on top
    for (const PoolSpec& pool : plan.spec(service).pools) pods += pool.most_replicas();
    return fmt::format("{} of {}", shown.value, pods);
  }
  /// What clients depend on that this design takes for granted.
  static std::vector<service::LeftOut> left_out_here(const Topology& topology, const ServiceSpec& service) {
    const Spec& spec = spec_of(service);
    const auto played = [&](PlatformPart part) {
      return std::ranges::any_of(topology.services, [&](const auto& other) { return other.kind->part(other) == part; });
    };
    std::vector<service::LeftOut> list;
    if (holds_retries(spec))
      list.push_back(
          {"http-retry-jitter",
           fmt::format("jitter of the waits before retries of {}, which smooths waves of them", service.name),
           service::Truth::either, true});
    if (spec.requests_per_s > 0 && !holds_retries(spec))
      list.push_back({"http-retry-load",
                      fmt::format("load that retries of {} add, and queues: its 'load' names no client; what is more "
                                  "than servers take fails at once, alone",
                                  service.name),
                      service::Truth::either, true});
    if (!topology.has_kubernetes()) return list;
    if (by_rules(spec) && !played(PlatformPart::routes))
      list.push_back({"http-kube-proxy",
                      fmt::format("kube-proxies that fail, on the way to {}: no add-on of that function is among the "
                                  "services",
                                  service.name),
                      service::Truth::worse, true});
    const bool asks = std::ranges::any_of(spec.clients, [](const auto& client) { return client.new_connections > 0; });
    if (spec.frontend == Frontend::cluster_ip && !(asks && played(PlatformPart::names)))
      list.push_back({"http-cluster-dns",
                      fmt::format("look-ups of {} that fail: no client of it has 'new_connections', or no cluster DNS "
                                  "is among the services",
                                  service.name),
                      service::Truth::worse, true});
    return list;
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"http-queueing", "queues and latencies of servers below their capacity"},
        {"http-clients-remember", "clients that remember which server has failed them", better},
        {"http-overload-refuses-checks",
         "probes and health checks that an overloaded server refuses because its queue is full: one that waits for "
         "less than its time-out is taken to be answered",
         worse},
        {"http-connections",
         "connections that outlive a request, and the deregistration delay of load balancers that is for them", either},
        {"http-load-varies", "loads that vary by themselves: by day and week, or as clients come and go", either},
        {"http-readiness-gates",
         "readiness gates: a rolling update goes on although the load balancer has not taken the new pods yet", better},
        {"http-nodes-differ", "nodes that follow a change of endpoints at different times: all follow at one", either},
        {"http-frontends", "load balancers that fail"},
        {"http-under-way", "requests that are under way when their server dies or is killed"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Http>();

Context context(World& world, ServiceId service) {
  return {world, service, plan_of(*world.plan, service), spec_of(world.plan->spec(service)),
          world.services[service].as<State>()};
}

const Context view(const World& world, ServiceId service) { return context(const_cast<World&>(world), service); }

void look(Context& c) {
  follow_credentials(c);
  follow_rules(c);
  const Changed whom = changed(c);
  follow(c, whom);
  count(c, whom);
  follow_names(c);
  account_for_cpu(c);
  follow_load(c);
  follow_checks_under_load(c);
  if (!c.state.overload.calm()) account_for_cpu(c);
  look_at_slis(c);
  kubernetes::demand_changed(c.world, c.service);
}

// ---- events ----

void on(World& world, const ServerUp& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.edit_server(event.server).serving = true;
  credentials_of_new(c, event.server);
  look(c);
}

void on(World& world, const ServerStopped& event) {
  kubernetes::process_exited(world, context(world, ServiceId{event.service}).process(event.server), Ending::clean);
}

#define NINES_HTTP_SERVER_SUBJECT(E)                                                                \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.server]].component; \
  }
NINES_HTTP_SERVER_EVENTS(NINES_HTTP_SERVER_SUBJECT)
#undef NINES_HTTP_SERVER_SUBJECT
#define NINES_HTTP_TARGET_SUBJECT(E)                                                \
  ComponentId subject(const models::Plan& plan, const E& event) {                   \
    return plan_of(plan, ServiceId{event.service}).targets[event.target].component; \
  }
NINES_HTTP_TARGET_EVENTS(NINES_HTTP_TARGET_SUBJECT)
#undef NINES_HTTP_TARGET_SUBJECT
#define NINES_HTTP_LOAD_SUBJECT(E)                                \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_HTTP_LOAD_EVENTS(NINES_HTTP_LOAD_SUBJECT)
#undef NINES_HTTP_LOAD_SUBJECT
ComponentId subject(const models::Plan& plan, const NameForgotten& event) {
  return plan_of(plan, ServiceId{event.service}).clients[event.client].component;
}
ComponentId subject(const models::Plan& plan, const FirstSuccess& event) {
  const ServicePlan& service = plan_of(plan, ServiceId{event.service});
  return service.clients[service.slis[event.sli].client].component;
}

}  // namespace nines::models::http
