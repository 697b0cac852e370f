// etcd as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/etcd/client.hpp"
#include "models/etcd/cluster.hpp"
#include "models/etcd/fields.hpp"
#include "models/etcd/members.hpp"
#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"
#include "models/service/settling.hpp"

namespace nines::models::etcd {

namespace {

constexpr service::Role roles_of_pools[] = {{"member", "votes, holds all data and serves clients", false, true}};

struct Etcd
    : service::WithClients<ServicePlan,
                           service::ByPosition<Position, &context, &member_started, &member_died, &member_terminating>>,
      service::SlisOf<Spec> {
  using Spec = etcd::Spec;
  static constexpr std::string_view name = "etcd";
  static constexpr std::string_view title = "an etcd cluster";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr std::string_view product = "etcd";
  static constexpr bool holds_objects = true;
  static bool has_quota(const ServiceSpec&) { return true; }
  static Rate reaches_quota(const ServiceSpec& service) {
    const etcd::Spec& spec = spec_of(service);
    const double room = spec.quota.count - spec.database.count;
    constexpr double hours_a_day = 24;
    if (spec.growth_per_day.count <= 0 || room <= 0) return {};
    return {spec.growth_per_day.count / room / hours_a_day};
  }
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &etcd::check;
  static constexpr auto build = &etcd::build;
  static constexpr std::string_view led_forms = "<service>/members";

  static double writes_per_s(const ServiceSpec& service) { return spec_of(service).writes_per_s; }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("member-{}", number);
  }
  static constexpr auto same_shape = &service::same_members<ServicePlan>;
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    const models::Plan& plan = *world.plan;
    const auto count = plan.services[service].members.size();
    raft::Members all;
    for (Position i = 0; i < count; ++i) all.voters = static_cast<raft::MemberSet>(all.voters | raft::only(i));
    Member healthy;
    healthy.node.log = raft::Log(all);
    healthy.node.log.append(1);
    healthy.node.log.commit(1);
    healthy.node.term = 1;
    healthy.disk = raft::stable(healthy.node);
    state.members.assign(count, healthy);
    state.accesses.resize(plan_of(plan, service).slis.size());
    world.services[service] = sim::Value::of(std::move(state));
    lead(world, service, 0);
  }
  /// `leader` leads, and everybody else hears it.
  static void lead(World& world, ServiceId service, Position leader) {
    Context c = context(world, service);
    c.state.leader = leader;
    for (Position i = 0; i < c.size(); ++i) {
      Member& member = c.member(i);
      member.node.role = i == leader ? raft::Role::leader : raft::Role::follower;
      member.node.vote = member.disk.vote = member.node.lead = leader;
      member.attached = i != leader;
      member.node.progress.clear();
      if (i != leader) continue;
      const raft::Index last = member.node.log.last().index;
      member.node.progress.assign(raft::most_members, {});
      for (raft::Progress& progress : member.node.progress) {
        progress = {raft::Progress::State::replicate, false, true, last, last + 1};
      }
    }
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    const double who = world.uniform(world.plan->services[service].component, Purpose::initial_leader);
    lead(world, service, static_cast<Position>(who * static_cast<double>(c.size())));
    const auto election = static_cast<double>(c.plan.rules.election_ticks);
    for (Position i = 0; i < c.size(); ++i) {
      Member& member = c.member(i);
      member.phase = world.phase(c.component(i), Purpose::tick_phase, c.tick());
      member.counted_until = c.now();
      const double u = world.uniform(c.component(i), Purpose::election_timeout);
      member.node.timeout = c.plan.rules.election_ticks + static_cast<raft::Ticks>(u * election);
      if (i == c.state.leader) {
        member.node.elapsed =
            static_cast<raft::Ticks>(world.uniform(c.component(i), Purpose::election_timeout) * election);
      }
    }
    for (std::uint16_t i = 0; i < c.state.accesses.size(); ++i) {
      const ComponentId client = c.plan.clients[c.plan.slis[i].client].component;
      const double u = world.first_uniform(client, Purpose::client_endpoint);
      c.state.accesses[i].endpoint = static_cast<Position>(u * static_cast<double>(c.size()));
    }
    c.state.grown_at = c.now();
    c.state.election_ticks = c.plan.rules.election_ticks;
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    rules_changed(c);
    settle(c);
  }

  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    for (Position i = 0; i < c.size(); ++i) {
      switch (world.processes[c.process(i)].status) {
        case ProcessState::Status::stopped: stand_still(c, i); break;
        case ProcessState::Status::running: go_on(c, i); break;
        case ProcessState::Status::absent: break;
      }
    }
    settle(c);
  }

  static void conditions_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    etcd::conditions_changed(c);
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    // Probes ask for /health?serializable=true (kubeadm's manifest): whether the member itself answers, leader or not.
    return view(world, service).member(number_of(world, service, process)).serving;
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Position i = 0; i < c.size(); ++i) {
      const bool well = i == c.state.leader || c.member(i).attached;
      if (!well && c.process(i) != process) return false;
    }
    return true;
  }
  static service::Answers answers(const World& world, ServiceId service, ProcessId process, ProcessId from) {
    return etcd::answers(view(world, service), number_of(world, service, process), contact(world, from, process));
  }
  /// Followers first: each move of the leader costs a hand-over.
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    return world.plan->services[service].with_last(view(world, service).state.leader);
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (!leader_acts(c)) return false;
    for (Position i = 0; i < c.size(); ++i) {
      const Member& member = c.member(i);
      const bool follows = i == c.state.leader || member.attached;
      const bool votes = raft::contains(c.member(c.state.leader).node.log.members().voters, i);
      if (!runs(c, i) || !follows || !votes || member.writing || member.stopping) return false;
    }
    if (faults::out_of_space(world, service)) return false;
    return std::all_of(c.state.accesses.begin(), c.state.accesses.end(),
                       [](const Access& access) { return access.holds; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    return is_led(plan, service, named) ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return named == plan.services[service].name + "/members";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view) {
    const Context c = view(world, service);
    return c.state.leader == raft::nobody ? ProcessId::none() : c.process(c.state.leader);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/members", true}};
  }

  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    builder.need_place(vertex, service.clients[sli.client].place);
    const std::vector<ProcessId>& members = plan.services[id].members;
    if (sli.kind != SliKind::serializable_read) return builder.need(vertex, builder.majority(members));
    std::vector<structure::Vertex> any;
    for (const ProcessId member : members) any.push_back(builder.process(member));
    builder.need(vertex, builder.at_least(1, any));
  }
  /// The leader is any member; here the first.
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const double bytes_per_s = spec.writes_per_s * spec.write_size.count;
    if (bytes_per_s <= 0) return;
    const std::vector<ProcessId>& members = plan.services[id].members;
    for (std::size_t i = 1; i < members.size(); ++i) sink.replicate(members[0], members[i], bytes_per_s);
    const std::vector<infrastructure::Endpoint> places = service::places_of(plan_of(plan, id).clients);
    sink.clients(places, members[0], bytes_per_s, 0);
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "leader", c.state.leader, 0, false, name});
    into.push_back(
        {name, "term", c.state.leader == raft::nobody ? 0 : c.member(c.state.leader).node.term, 1, false, name});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.item == 1) return shown.value == 0 ? "none" : fmt::format("{}", shown.value);
    if (shown.value == raft::nobody) return "none";
    return std::string(plan.name(plan.processes[plan.services[service].members[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"etcd-cpu",
         "starved processors (a fault cpu-starved changes nothing here) and jumping clocks: etcd's ticks go by a clock "
         "that "
         "does not jump"},
        {"etcd-space",
         "what fills the database, beside growth_per_day if it is given; members that stand still while they are "
         "defragmented, corruption"},
        {"etcd-in-flight", "writes on their way when a leader dies: followers' logs differ by none", either},
        {"etcd-snapshot", "time that a snapshot takes over the network: it arrives like any message", worse},
        {"etcd-load", "load that is more than disks and processors can take", worse},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Etcd>();

}  // namespace nines::models::etcd
