// A service that the provider runs, as a kind of service: ElastiCache, MSK, Amazon MQ. Its nodes are processes on
// machines of the provider's, in the topology's zones, so that machines and zones fail as those of one's own do; who
// replaces them is the provider.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/managed/client.hpp"
#include "models/managed/events.hpp"
#include "models/managed/failover.hpp"
#include "models/managed/fields.hpp"
#include "models/platform.hpp"
#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"
#include "models/topology.hpp"
#include "models/world.hpp"

namespace nines::models::managed {

namespace {

constexpr service::Role roles_of_nodes[] = {
    {"node", "a node of the service: cache node, broker", false, true},
};

Number number_of(const World& world, ServiceId service, ProcessId process) {
  return static_cast<Number>(world.plan->services[service].position_of(process));
}

/// REQUIRES: it is given, or the type is known.
double price_of(const Spec& spec) {
  const Parameters& p = spec.parameters;
  if (spec.node_usd_per_h > 0) return spec.node_usd_per_h;
  switch (*known_type(spec)) {
    case NodeType::cache_r6g_large: return p.cache_r6g_large.usd;
    case NodeType::cache_t3_medium: return p.cache_t3_medium.usd;
    case NodeType::kafka_m5_large: return p.kafka_m5_large.usd;
    case NodeType::mq_m5_large: break;
  }
  return p.queue_m5_large.usd;
}

/// "cache/nodes"; "cache/shard-2" where there are several.
Number group_named(const models::Plan& plan, ServiceId service, std::string_view named) {
  const ServicePlan& own = plan_of(plan, service);
  for (std::size_t group = 0; group < own.groups.size() && own.groups.size() > 1; ++group) {
    if (named == fmt::format("{}/shard-{}", plan.services[service].name, group)) return static_cast<Number>(group);
  }
  return nobody;
}

bool names_all(const models::Plan& plan, ServiceId service, std::string_view named) {
  const std::string& name = plan.services[service].name;
  return named == name || named == name + "/nodes";
}

/// The group that somebody leads under that name.
Number led(const models::Plan& plan, ServiceId service, std::string_view named) {
  if (all_lead(spec_of(plan.spec(service)))) return nobody;
  return names_all(plan, service, named) ? Number{0} : group_named(plan, service, named);
}

struct Managed : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = managed::Spec;
  static constexpr std::string_view name = "managed";
  static constexpr std::string_view title = "a service that the provider runs: ElastiCache, MSK or Amazon MQ";
  static constexpr std::span<const service::Role> roles = roles_of_nodes;
  static constexpr bool stores = false;  // its disks are the provider's, and are replaced with their nodes
  static constexpr bool provider_runs = true;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &managed::check;
  static constexpr auto build = &managed::build;
  static constexpr std::string_view led_forms = "<service>, <service>/nodes, <service>/shard-<number>";

  static double writes_per_s(const ServiceSpec& service) { return spec_of(service).writes_per_s; }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("node-{}", number);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.as<ServicePlan>();
    const auto& other = b.own.as<ServicePlan>();
    return one.nodes == other.nodes && one.groups == other.groups && one.slis.size() == other.slis.size() &&
           one.accesses.size() == other.accesses.size();
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static void initialise(World& world, ServiceId service) {
    const ServicePlan& plan = plan_of(*world.plan, service);
    State state;
    state.nodes.resize(plan.nodes.size());
    state.groups.resize(plan.groups.size());
    for (std::size_t group = 0; group < plan.groups.size(); ++group) state.groups[group].leader = plan.groups[group][0];
    state.accesses.resize(plan.accesses.size());
    for (std::size_t i = 0; i < plan.accesses.size(); ++i)
      state.accesses[i].leader = plan.groups[plan.accesses[i].group][0];
    state.addresses.resize(plan.clients.size() * plan.nodes.size());
    world.services[service] = sim::Value::of(std::move(state));
  }
  static void plan_changed(World& world, ServiceId service) { contacts_changed(world, service); }
  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    node_started(c, number_of(world, service, process));
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    node_died(c, number_of(world, service, process));
  }
  static void process_terminating(World& world, ServiceId, ProcessId process) {
    kubernetes::process_exited(world, process, Ending::clean);
  }
  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    look(c);
  }
  static bool maintain(World& world, ServiceId service) {
    Context c = context(world, service);
    return managed::maintain(c);
  }
  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return world.services[service].as<State>().nodes[number_of(world, service, process)].started;
  }
  static bool healthy(const World& world, ServiceId service) {
    const State& state = world.services[service].as<State>();
    const auto node_rests = [](const Node& node) { return node.started && !node.maintained && node.has_data; };
    const auto group_rests = [&](const Group& group) {
      return group.serving && group.announced && !world.queue.pending(group.sync_timer);
    };
    const auto access_rests = [&](std::size_t i) {
      const Group& group = state.groups[plan_of(*world.plan, service).accesses[i].group];
      return state.accesses[i].epoch == group.epoch;
    };
    for (std::size_t i = 0; i < state.accesses.size(); ++i) {
      if (!access_rests(i)) return false;
    }
    const auto is_stale = [](const Address& address) { return address.stale; };
    if (std::any_of(state.addresses.begin(), state.addresses.end(), is_stale)) return false;
    return !state.maintaining && std::all_of(state.nodes.begin(), state.nodes.end(), node_rests) &&
           std::all_of(state.groups.begin(), state.groups.end(), group_rests);
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const ServicePlan& own = plan_of(plan, service);
    if (names_all(plan, service, named)) return own.nodes;
    const Number group = group_named(plan, service, named);
    std::vector<ProcessId> members;
    if (group == nobody) return members;
    for (const Number node : own.groups[group]) members.push_back(own.nodes[node]);
    return members;
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return led(plan, service, named) != nobody;
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view named) {
    const Group& group = world.services[service].as<State>().groups[led(*world.plan, service, named)];
    return group.serving ? plan_of(*world.plan, service).nodes[group.leader] : ProcessId::none();
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    const std::string& name_of_service = plan.services[service].name;
    std::vector<service::Target> all{{name_of_service + "/nodes", is_led(plan, service, name_of_service)}};
    const std::size_t groups = plan_of(plan, service).groups.size();
    for (std::size_t group = 0; group < groups && groups > 1; ++group)
      all.push_back({fmt::format("{}/shard-{}", name_of_service, group), true});
    return all;
  }

  /// One node of each group, more than half of them, or as many zones as topics need; all nodes for changes.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    builder.need_place(vertex, service.clients[sli.client].place);
    if (sli.kind == SliKind::control) {
      for (const ProcessId process : service.nodes) builder.need(vertex, builder.process(process));
      return;
    }
    for (const std::vector<Number>& group : service.groups) {
      std::vector<structure::Vertex> nodes;
      for (const Number node : group) nodes.push_back(builder.process(service.nodes[node]));
      if (all_lead(spec)) return need_replicas(builder, vertex, spec, service, sli.kind);
      const bool reads = sli.kind == SliKind::read && forgets(spec);
      if (!fails_over(spec) && !reads) {
        builder.need(vertex, nodes.front());
      } else {
        const std::size_t least = needs_majority(spec) ? nodes.size() / 2 + 1 : 1;
        builder.need(vertex, builder.at_least(static_cast<std::uint32_t>(least), nodes));
      }
    }
  }
  static void need_replicas(structure::DependencyBuilder& builder, structure::Vertex vertex, const Spec& spec,
                            const ServicePlan& service, SliKind kind) {
    const models::Plan& plan = builder.plan();
    const auto away = static_cast<std::uint32_t>(kind == SliKind::write ? spec.copies - spec.in_sync : spec.copies - 1);
    const bool spread = static_cast<std::size_t>(spec.copies) <= service.zones;
    std::vector<structure::Vertex> places;
    for (const ZoneId zone : plan.zones.ids()) {
      const structure::Vertex place = builder.condition();
      bool any = false;
      for (const ProcessId process : service.nodes) {
        if (plan.nodes[plan.processes[process].node].zone != zone) continue;
        any = true;
        spread ? builder.need(place, builder.process(process)) : places.push_back(builder.process(process));
      }
      if (spread && any) places.push_back(place);
    }
    const auto count = static_cast<std::uint32_t>(places.size());
    builder.need(vertex, builder.at_least(count > away ? count - away : 1, places));
  }
  /// The provider does not charge what nodes copy to each other (AWS pricing of MSK, ElastiCache and Amazon MQ); what
  /// clients send to other zones it does.
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const double bytes_per_s = spec.writes_per_s * spec.write_size.count;
    if (bytes_per_s <= 0) return;
    const std::vector<infrastructure::Endpoint> places = service::places_of(service.clients);
    const bool consumed = spec.product != Product::elasticache;  // each message once
    std::vector<ProcessId> leaders;
    if (all_lead(spec)) leaders = service.nodes;
    for (const std::vector<Number>& group : service.groups) {
      if (!all_lead(spec)) leaders.push_back(service.nodes[group[0]]);
    }
    const double each = bytes_per_s / static_cast<double>(leaders.size());
    for (const ProcessId leader : leaders) sink.clients(places, leader, each, consumed ? each : 0);
  }
  static std::vector<service::Charge> charges(const Topology& topology, const ServiceSpec& service) {
    const Spec& spec = spec_of(service);
    std::int64_t nodes = 0;
    for (const PoolSpec& pool : service.pools) nodes += pool.replicas;
    const auto count = static_cast<double>(nodes);
    std::vector<service::Charge> all{{fmt::format("{} x {} ({})", nodes, spec.node_type, service.name),
                                      count * price_of(spec) * topology.prices.hours_per_month}};
    if (spec.storage.count <= 0) return all;
    const Parameters& p = spec.parameters;
    const bool shared = spec.mode == Mode::active_standby;
    const Money price = spec.product == Product::msk ? p.kafka_storage : shared ? p.queue_shared : p.queue_storage;
    const double size = spec.storage.gib() * (shared ? 1 : count);
    all.push_back({fmt::format("storage of {}, {:.0f} GiB", service.name, size), size * price.usd});
    return all;
  }
  static Duration care(const ServiceSpec& service) { return spec_of(service).parameters.care; }
  static std::size_t parts(const models::Plan& plan, ServiceId service) {
    return plan_of(plan, service).accesses.size();
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const State& state = world.services[service].as<State>();
    const ComponentId name_of_service = world.plan->services[service].component;
    const bool shares = all_lead(spec_of(world.plan->spec(service)));
    for (std::size_t group = 0; group < state.groups.size(); ++group) {
      const std::uint64_t value = !state.groups[group].serving ? nobody : shares ? 0 : state.groups[group].leader;
      into.push_back({name_of_service, shares ? "leaders" : "leader", value, static_cast<std::uint32_t>(group), false,
                      name_of_service});
    }
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.value == nobody) return "nobody";
    if (shown.what == "leaders") return "all";
    return std::string(plan.name(plan.processes[plan_of(plan, service).nodes[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"managed-inside",
         "what the provider does inside its services: a phase lasts as long as a law says, which is an assumption "
         "where "
         "no document or report gives it",
         either},
        {"managed-conditions",
         "slow disks and networks, starved processors and full storage of the provider's nodes: services do not notice "
         "them",
         worse},
        {"managed-capacity", "limits of node types: throughput, connections, credits, memory that is full", worse},
        {"managed-split", "writes that a primary takes which its clients reach and the provider does not", worse},
        {"managed-empty",
         "a cache that has come back empty: it answers, and its data come as they are written, or when people have "
         "restored a snapshot",
         worse},
        {"managed-window",
         "when in the week a maintenance window is, and load that is lower then: maintenance strikes at the rate of "
         "its operation, and what a window does not hold is left to another one",
         either},
        {"managed-people", "people who look on while the provider repairs: they cost nothing here", worse},
        {"managed-exclusions",
         "what SLAs do not count, such as scheduled maintenance, and that credits have to be claimed", either},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Managed>();

}  // namespace nines::models::managed
