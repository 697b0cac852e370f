// The control plane of a Kubernetes cluster on machines of one's own, as a kind of service: where each part stands.
#include <fmt/format.h>

#include <algorithm>

#include "models/control_plane/api_server.hpp"
#include "models/control_plane/control_plane.hpp"
#include "models/control_plane/endpoint.hpp"
#include "models/control_plane/fields.hpp"
#include "models/control_plane/leader_election.hpp"
#include "models/control_plane/upgrade.hpp"
#include "models/platform.hpp"

namespace nines::models::control_plane {

namespace {

constexpr service::Role roles_of_pools[] = {
    {"apiserver", "answers requests, and keeps objects in the store", false, true},
    {"controller-manager", "acts on nodes, pods and volumes while it holds its lease"},
    {"scheduler", "binds pods to nodes while it holds its lease"},
};

Position position_of(const World& world, ServiceId service, ProcessId process) {
  return static_cast<Position>(world.plan->services[service].position_of(process));
}

bool has_role(const World& world, ProcessId process, Role role) {
  return plays(world.plan->processes[process].roles, static_cast<std::size_t>(role));
}

struct OwnControlPlane : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = control_plane::Spec;
  static constexpr std::string_view name = "control-plane";
  static constexpr std::string_view title = "the control plane of a Kubernetes cluster, on machines of one's own";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr std::string_view product = "Kubernetes";
  static constexpr bool stores = false;
  static constexpr bool runs_platform = true;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &control_plane::check;
  static constexpr auto build = &control_plane::build;
  static constexpr auto connect = &control_plane::connect;
  static constexpr std::string_view led_forms = "<service>/controller-managers, <service>/schedulers";

  static std::string member_name(const ServiceSpec& spec, const PoolSpec& pool, std::size_t number) {
    std::size_t before = 0;  // processes of other pools
    for (const PoolSpec& other : spec.pools) {
      if (&other == &pool) break;
      before += static_cast<std::size_t>(other.replicas);
    }
    return fmt::format("{}-{}", pool.name, number - before);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    return a.members == b.members && a.own.as<ServicePlan>().slis.size() == b.own.as<ServicePlan>().slis.size();
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    const ServicePlan& plan = plan_of(*world.plan, service);
    State state;
    state.members.resize(world.plan->services[service].members.size());
    state.back_ends.resize(plan.servers.size());
    state.address = plan.servers.front();
    state.managers.holder = plan.managers.front();
    state.schedulers.holder = plan.schedulers.front();
    world.services[service] = sim::Value::of(std::move(state));
    world.kubernetes.control_plane.front = front(view(world, service));
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    const auto any = [&](const std::vector<Position>& of) {
      const double u = world.uniform(c.component(), Purpose::initial_leader);
      return of[static_cast<std::size_t>(u * static_cast<double>(of.size()))];
    };
    c.state.managers.holder = any(c.plan.managers);
    c.state.schedulers.holder = any(c.plan.schedulers);
    if (spec_of(world.plan->spec(service)).endpoint == EndpointKind::virtual_ip) c.state.address = any(c.plan.servers);
    world.kubernetes.control_plane.front = front(c);
  }
  static void store_restored(World& world, ServiceId service, Duration age) {
    Context c = context(world, service);
    const Duration kubelets = world.draw(c.component(), Purpose::upgrade_swap, c.parameters.restore_kubelets);
    kubernetes::objects_restored(world, age, kubelets);
  }
  static bool upgrade(World& world, ServiceId service, Variant) {
    Context c = context(world, service);
    return begin_upgrade(c);
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    checks_changed(c);
    settle(c);
  }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const Position position = position_of(world, service, process);
    if (has_role(world, process, Role::api_server)) return server_started(c, position);
    Member& member = c.state.members[position];
    const Duration takes = world.draw(c.component(position), Purpose::process_start, c.parameters.controller_start);
    member.start_timer = world.schedule(c.now() + takes, CandidateUp{service.value, position, member.life});
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const Position position = position_of(world, service, process);
    Member& member = c.state.members[position];
    world.queue.cancel(member.start_timer);
    world.queue.cancel(member.exit_timer);
    member.started = false;
    ++member.life;
    candidate_died(c, position);
  }
  static void process_terminating(World& world, ServiceId, ProcessId process) {
    kubernetes::process_exited(world, process, Ending::clean);
  }
  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    settle(c);
  }
  static void answers_changed(World& world, ServiceId service) { contacts_changed(world, service); }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    const Position position = position_of(world, service, process);
    if (!has_role(world, process, Role::api_server)) return up(c, position);
    return answers_of(c, position) >= service::Answers::reads;
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Position i = 0; i < c.state.members.size(); ++i) {
      if (c.process(i) != process && !up(c, i)) return false;
    }
    return true;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    for (Position i = 0; i < c.state.members.size(); ++i) {
      if (!up(c, i) || world.queue.pending(c.state.members[i].exit_timer)) return false;
    }
    const bool in_rotation = std::all_of(c.state.back_ends.begin(), c.state.back_ends.end(), [&](const BackEnd& its) {
      return its.in_rotation && !world.queue.pending(its.timer);
    });
    return c.state.upgrade.left.empty() && in_rotation && !c.state.address_free &&
           !world.queue.pending(c.state.address_timer) && acts(c, c.state.managers) && acts(c, c.state.schedulers);
  }

  static std::optional<service::Balancer> balancer(const ServiceSpec& service) {
    if (spec_of(service).endpoint != EndpointKind::load_balancer) return std::nullopt;
    return service::Balancer::network;
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const ServicePlan& its = plan_of(plan, service);
    std::vector<ProcessId> found;
    for (const auto& [form, positions] :
         {std::pair("/apiservers", &its.servers), std::pair("/controller-managers", &its.managers),
          std::pair("/schedulers", &its.schedulers)}) {
      if (named != plan.services[service].name + form) continue;
      for (const Position position : *positions) found.push_back(plan.services[service].members[position]);
    }
    return found;
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    const std::string& its = plan.services[service].name;
    return named == its + "/controller-managers" || named == its + "/schedulers";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view named) {
    const Context c = view(world, service);
    const bool schedulers = named == world.plan->services[service].name + "/schedulers";
    const Position holder = (schedulers ? c.state.schedulers : c.state.managers).holder;
    return holder == nobody ? ProcessId::none() : c.process(holder);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    const std::string& its = plan.services[service].name;
    return {{its + "/apiservers", false}, {its + "/controller-managers", true}, {its + "/schedulers", true}};
  }

  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    const std::vector<ProcessId>& members = plan.services[id].members;
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    const auto any = [&](const std::vector<Position>& of) {
      std::vector<structure::Vertex> vertices;
      for (const Position position : of) vertices.push_back(builder.process(members[position]));
      builder.need(vertex, builder.at_least(1, vertices));
    };
    std::vector<structure::Vertex> servers;
    for (std::size_t i = 0; i < service.servers.size(); ++i) {
      const structure::Vertex server = builder.condition();
      builder.need(server, builder.process(members[service.servers[i]]));
      if (service.stores[i].size() == 1) builder.need(server, builder.process(service.stores[i].front()));
      servers.push_back(server);
    }
    const bool one = spec_of(plan.spec(id)).endpoint == EndpointKind::first_server;
    builder.need(vertex, one ? servers.front() : builder.at_least(1, servers));
    if (sli.kind == SliKind::api_read) return;
    builder.need(vertex, builder.majority(plan.services[service.store].members));
    if (sli.kind != SliKind::controllers) return;
    any(service.managers);
    any(service.schedulers);
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "API", static_cast<std::uint64_t>(best_answers(c)), 0, false, name});
    into.push_back({name, "controller manager", c.state.managers.holder, 1, false, name});
    into.push_back({name, "scheduler", c.state.schedulers.holder, 2, false, name});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    constexpr std::string_view answers[] = {"down", "old reads", "reads", "up"};
    if (shown.item == 0) return std::string(answers[shown.value]);
    if (shown.value == nobody) return "none";
    return std::string(plan.name(plan.processes[plan.services[service].members[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"control-plane-load", "load of API servers and of their store: neither slows down, however much is asked"},
        {"control-plane-connections",
         "connections of kubelets that hang at a dead API server for up to 45 s, until their own checks find it"},
        {"control-plane-balancer", "faults of the load balancer in front of the API servers, or of its own machines"},
        {"control-plane-restore",
         "what a restored backup does to other objects than pods, Nodes and volumes: load balancers made since, "
         "settings, revisions that workloads had; what was made before an incident began, but after the backup. "
         "Load balancers that nothing knows any more cost until somebody finds them; of volumes the bill has what they "
         "cost until the incident is over",
         worse},
        {"control-plane-upgrades",
         "what an upgrade of the control plane breaks by itself: APIs that the next version lacks, components that do "
         "not start and that kubeadm puts back after five minutes"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<OwnControlPlane>();

void on(World& world, const CandidateUp& event) { member_up(world, event); }

}  // namespace nines::models::control_plane
