// ZooKeeper as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"
#include "models/service/settling.hpp"
#include "models/zookeeper/client.hpp"
#include "models/zookeeper/ensemble.hpp"
#include "models/zookeeper/fields.hpp"

namespace nines::models::zookeeper {

namespace {

constexpr service::Role roles_of_pools[] = {{"server", "votes, holds all data and serves clients", false, true}};

struct ZooKeeper : service::ByPosition<Position, &context, &server_started, &server_died, &server_terminating>,
                   service::SlisOf<Spec> {
  using Spec = zookeeper::Spec;
  static constexpr bool keeps_sessions = true;
  static Duration session_granted(const ServiceSpec& service, Duration wanted) {
    return granted(spec_of(service).parameters, wanted);
  }
  static constexpr std::string_view name = "zookeeper";
  static constexpr std::string_view title = "a ZooKeeper ensemble";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr std::string_view product = "ZooKeeper";
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &zookeeper::check;
  static constexpr auto build = &zookeeper::build;
  static constexpr std::string_view led_forms = "<service>/servers";

  static double writes_per_s(const ServiceSpec& service) { return spec_of(service).writes_per_s; }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("server-{}", number);
  }
  /// Processes of other services that keep sessions are no clients that a file can name.
  static std::vector<std::pair<ComponentId, infrastructure::Endpoint>> client_places(const models::Plan& plan,
                                                                                     ServiceId id) {
    std::vector<std::pair<ComponentId, infrastructure::Endpoint>> places;
    for (const ClientPlan& client : plan_of(plan, id).clients) {
      if (!client.owner.exists()) places.emplace_back(client.component, client.place);
    }
    return places;
  }
  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    for (const auto& [component, place] : client_places(plan, id)) by_component[component] = client_purposes;
  }
  static constexpr auto same_shape = &service::same_members<ServicePlan>;
  static constexpr auto add_session = &zookeeper::add_session;
  static void open_session(World& world, ServiceId service, std::uint16_t session) {
    Context c = context(world, service);
    zookeeper::open_session(c, session);
  }
  static void close_session(World& world, ServiceId service, std::uint16_t session) {
    Context c = context(world, service);
    zookeeper::close_session(c, session);
  }
  static service::SessionView session(const World& world, ServiceId service, std::uint16_t session) {
    return session_of(view(world, service), session);
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    const models::Plan& plan = *world.plan;
    const std::size_t count = plan.services[service].members.size();
    Server healthy;
    healthy.peer.accepted_epoch = healthy.peer.current_epoch = 1;
    healthy.peer.round = 1;
    healthy.peer.log.append(1, 1);
    healthy.disk = zab::stable(healthy.peer);
    state.committed = healthy.peer.log;
    state.servers.assign(count, healthy);
    state.arrivals.assign(count * count * 2, sim::Time());
    const Spec& spec = spec_of(plan.spec(service));
    bool first = true;  // of the two of a process
    for (const ClientPlan& client : plan_of(plan, service).clients) {
      Client& its = state.clients.emplace_back();
      its.timeout = granted(spec.parameters, client.timeout);
      for (std::size_t i = 0; i < count; ++i) its.order.push_back(static_cast<Position>(i));
      if (!client.owner.exists()) continue;
      its.incarnation = world.processes[client.owner].incarnation;
      its.session = first ? 1 : 0;
      if (!first) {
        its.phase = Phase::closed;
        its.alive = its.touched = false;
      }
      first = !first;
    }
    state.accesses.resize(plan_of(plan, service).slis.size());
    world.services[service] = sim::Value::of(std::move(state));
    lead(world, service, 0);
  }
  /// `leader` leads, and everybody else follows it.
  static void lead(World& world, ServiceId service, Position leader) {
    Context c = context(world, service);
    c.state.leader = leader;
    for (Position i = 0; i < c.size(); ++i) {
      Server& server = c.server(i);
      zab::Peer& peer = server.peer;
      const bool leads = i == leader;
      peer.role = leads ? zab::Role::leading : zab::Role::following;
      peer.step = zab::Step::broadcast;
      peer.vote = {leader, peer.log.last(), peer.current_epoch};
      peer.leader = leads ? zab::nobody : leader;
      peer.committed = peer.persisted = peer.log.last();
      peer.loaded = peer.epoch_known = peer.epoch_acked = peer.opened = leads;
      peer.epoch = leads ? peer.current_epoch : 0;
      peer.learners = {};
      for (Position other = 0; leads && other < c.size(); ++other) {
        peer.told = peer.acked_epoch = peer.acked_history = static_cast<zab::Servers>(peer.told | zab::only(other));
        if (other == i) continue;
        peer.learners[other] = {zab::Learner::State::synced, peer.log.last(), peer.log.last(), 1};
      }
      server.attached = !leads;
      server.listens = leads;
    }
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    const double who = world.uniform(world.plan->services[service].component, Purpose::initial_leader);
    lead(world, service, static_cast<Position>(who * static_cast<double>(c.size())));
    for (Position i = 0; i < c.size(); ++i) {
      c.server(i).tick_phase = world.phase(c.component(i), Purpose::tick_phase, c.tick());
      c.server(i).expiry_phase = world.phase(c.component(i), Purpose::fence_check_phase, c.tick());
    }
    for (std::uint16_t i = 0; i < c.state.clients.size(); ++i) {
      Client& client = c.state.clients[i];
      const ComponentId component = c.plan.clients[i].component;
      if (client.phase == Phase::closed) continue;
      // A client shuffles its list of servers, and is connected to the first.
      shuffle(c, i);
      client.phase_of_pings = world.phase(component, Purpose::client_metadata_phase, ping_interval(c, i));
    }
    c.state.grown_at = c.now();
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    for (std::uint16_t i = 0; i < c.state.clients.size(); ++i)
      c.state.clients[i].timeout = granted(c.parameters, c.plan.clients[i].timeout);
    settle(c);
  }

  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    zookeeper::contacts_changed(c);
  }
  static void conditions_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    zookeeper::conditions_changed(c);
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    // Probes send `ruok`, which a server without leader answers too (Strimzi, Bitnami).
    return view(world, service).server(number_of(world, service, process)).up;
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Position i = 0; i < c.size(); ++i) {
      if (!in_quorum(c, i) && c.process(i) != process) return false;
    }
    return c.state.leader != zab::nobody;
  }
  /// Followers first: each move of the leader costs an election.
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    return world.plan->services[service].with_last(view(world, service).state.leader);
  }
  static service::Answers answers(const World& world, ServiceId service, ProcessId process, ProcessId from) {
    const Context c = view(world, service);
    const Position server = number_of(world, service, process);
    if (contact(world, from, process) != Contact::ok || !serves(c, server)) return service::Answers::none;
    return c.state.acts && in_quorum(c, server) ? service::Answers::everything : service::Answers::old_reads;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (!c.state.acts) return false;
    for (Position i = 0; i < c.size(); ++i) {
      if (!runs(c, i) || !in_quorum(c, i) || c.server(i).writing) return false;
    }
    const bool connected = std::all_of(c.state.clients.begin(), c.state.clients.end(), [](const Client& client) {
      if (client.phase == Phase::closed) return !client.alive;
      return client.phase == Phase::connected && client.alive && client.touched && !client.silent;
    });
    return connected && std::all_of(c.state.accesses.begin(), c.state.accesses.end(),
                                    [](const Access& access) { return access.holds; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    return is_led(plan, service, named) ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return named == plan.services[service].name + "/servers";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view) {
    const Context c = view(world, service);
    return c.state.leader == zab::nobody ? ProcessId::none() : c.process(c.state.leader);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/servers", true}};
  }

  /// A session needs a quorum too: without one time stands still for it, but none can be opened.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    builder.need_place(vertex, service.clients[sli.client].place);
    // A server without a quorum closes its clients' connections: it does not even read.
    builder.need(vertex, builder.majority(plan.services[id].members));
  }
  /// The leader is any server; here the first.
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const double bytes_per_s = spec.writes_per_s * spec.write_size.count;
    if (bytes_per_s <= 0) return;
    const std::vector<ProcessId>& members = plan.services[id].members;
    for (std::size_t i = 1; i < members.size(); ++i) sink.replicate(members[0], members[i], bytes_per_s);
    std::vector<infrastructure::Endpoint> places;
    for (const auto& [component, place] : client_places(plan, id)) places.push_back(place);
    sink.clients(places, members[0], bytes_per_s, 0);
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "leader", c.state.leader, 0, false, name});
    into.push_back(
        {name, "epoch", c.state.leader == zab::nobody ? 0 : c.server(c.state.leader).peer.epoch, 1, false, name});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.item == 1) return shown.value == 0 ? "none" : fmt::format("{}", shown.value);
    if (shown.value == zab::nobody) return "none";
    return std::string(plan.name(plan.processes[plan.services[service].members[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"zookeeper-cpu",
         "starved processors (a fault cpu-starved changes nothing here) and long pauses of the collector, beside "
         "processes "
         "that stand still"},
        {"zookeeper-in-flight", "writes on their way when a leader dies: followers' histories differ by none", either},
        {"zookeeper-load",
         "load that is more than disks and processors can take, and limits on requests and connections", worse},
        {"zookeeper-tcp", "TCP's waits while a connection is opened over a path that is cut (1, 3, 7 s and so on)"},
        {"zookeeper-names",
         "addresses of other servers that change, and names that cannot be resolved (ZOOKEEPER-3756)"},
        {"zookeeper-ensemble", "observers, changes of the ensemble, read-only servers, SASL and TLS between servers",
         either},
        {"zookeeper-watches", "watches: what a client sees of others' changes, and the load of setting them again"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<ZooKeeper>();

}  // namespace nines::models::zookeeper
