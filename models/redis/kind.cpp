// Redis as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/redis/client.hpp"
#include "models/redis/fields.hpp"
#include "models/redis/sentinels.hpp"
#include "models/redis/server.hpp"
#include "models/redis/shards.hpp"
#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"

namespace nines::models::redis {

namespace {

constexpr service::Role roles_of_pools[] = {
    {"server", "holds data: a master, or a replica of one", true, true},
    {"sentinel", "watches the master, and replaces it with the others", false, false, false},
};

Number server_number(const ServicePlan& plan, ProcessId process) {
  const auto found = std::find(plan.servers.begin(), plan.servers.end(), process);
  return found == plan.servers.end() ? nobody : static_cast<Number>(found - plan.servers.begin());
}
Number sentinel_number(const ServicePlan& plan, ProcessId process) {
  const auto found = std::find(plan.sentinels.begin(), plan.sentinels.end(), process);
  return found == plan.sentinels.end() ? nobody : static_cast<Number>(found - plan.sentinels.begin());
}

/// "redis/shard-2" names shard 2; the service itself, and "redis/servers", what the first shard's master leads.
Number shard_named(const models::Plan& plan, ServiceId service, std::string_view named) {
  const std::string& name = plan.services[service].name;
  if (named == name || named == name + "/servers") return 0;
  for (Number shard = 0; shard < plan_of(plan, service).shards; ++shard) {
    if (named == fmt::format("{}/shard-{}", name, shard)) return shard;
  }
  return nobody;
}

struct Redis : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = redis::Spec;
  static constexpr std::string_view name = "redis";
  static constexpr std::string_view title = "Redis with replicas, Sentinels or as a cluster";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr std::string_view product = "Redis";
  static constexpr Controller controller = Controller::stateful_set;
  /// Sentinels, links and the bus count ways by their time-outs.
  static constexpr double longest_delay_s = models::longest_delay_s;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &redis::check;
  static constexpr auto build = &redis::build;
  static bool has_quota(const ServiceSpec& service) {
    return fills_memory(spec_of(service)) || fills_disk(spec_of(service));
  }
  /// How often a disk is full nobody knows, and disks of other products are not: only scenarios fill it.
  static bool quota_by_rate(const ServiceSpec& service) { return fills_memory(spec_of(service)); }
  static constexpr std::string_view led_forms = "<service>, <service>/servers, <service>/shard-<number>";

  static double writes_per_s(const ServiceSpec& service) { return spec_of(service).writes_per_s; }
  static std::string member_name(const ServiceSpec&, const PoolSpec& pool, std::size_t number) {
    return fmt::format("{}-{}", plays(pool.roles, server_role) ? "server" : "sentinel", number);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.as<ServicePlan>();
    const auto& other = b.own.as<ServicePlan>();
    return one.clients.size() == other.clients.size() && one.slis.size() == other.slis.size() &&
           one.servers == other.servers && one.sentinels == other.sentinels && one.shards == other.shards &&
           one.accesses == other.accesses && one.addressed == other.addressed;
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    const ServicePlan& plan = plan_of(*world.plan, service);
    const std::size_t count = plan.servers.size();
    State state;
    state.servers.resize(count);
    for (Number i = 0; i < count; ++i) {
      Server& server = state.servers[i];
      const Number chief = plan.first_chief[plan.shard_of[i]];
      server.master = i == chief ? nobody : chief;
      server.line = plan.shard_of[i];
      server.connection = server.master == nobody ? Connection::down : Connection::up;
      server.was_up = server.master != nobody;
    }
    state.lines = plan.shards;
    Watch watch;
    watch.machine = sentinel::beginning(count, plan.sentinels.size(), plan.first_chief[0], world.now);
    watch.known.assign(count, 0);
    watch.informed_at.assign(count, world.now);
    state.sentinels.assign(plan.sentinels.size(), watch);
    state.known.assign(count, watch.known);
    state.nodes = bus::beginning(count, plan.first_chief, world.now);
    state.cron_phase.resize(count);
    state.cron_timer.resize(count);
    state.turned_at.resize(count);
    state.votes_timer.resize(count);
    state.rates.assign(count, 0);
    state.offsets.assign(count, 0);
    state.rates_since = world.now;
    state.chief = plan.first_chief;
    state.labelled = plan.first_chief[0];
    state.accesses.resize(plan.accesses.size());
    for (std::size_t i = 0; i < plan.accesses.size(); ++i)
      state.accesses[i].target = state.accesses[i].knows = plan.first_chief[plan.accesses[i].shard];
    state.refreshing.resize(plan.clients.size());
    if (plan.addressed) state.client_addresses.assign(plan.accesses.size() * count, 0);
    world.services[service] = sim::Value::of(std::move(state));
    Context c = context(world, service);
    set_rates(c);
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    for (Number i = 0; i < c.servers(); ++i) {
      const ComponentId component = c.component(c.server_process(i));
      constexpr double most = 1e9;
      c.server(i).run = static_cast<std::uint32_t>(world.first_uniform(component, Purpose::run_id) * most);
      c.state.cron_phase[i] = world.phase(component, Purpose::stream_phase, c.parameters.cluster_cron);
    }
    c.state.nodes.second = world.phase(c.component(c.server_process(0)), Purpose::stream_phase, Duration::seconds(1));
    for (std::uint16_t i = 0; i < c.state.accesses.size(); ++i) {
      const ComponentId client = c.plan.clients[c.plan.slis[c.plan.accesses[i].sli].client].component;
      constexpr double most = 200;
      c.state.accesses[i].asks = static_cast<Number>(world.first_uniform(client, Purpose::client_endpoint) * most);
    }
    c.state.grown_at = c.state.rates_since = world.now;
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    settle(c);
  }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    if (const Number server = server_number(c.plan, process); server != nobody) server_started(c, server);
    if (const Number sentinel = sentinel_number(c.plan, process); sentinel != nobody) sentinel_started(c, sentinel);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    if (const Number server = server_number(c.plan, process); server != nobody) server_died(c, server);
    if (const Number sentinel = sentinel_number(c.plan, process); sentinel != nobody) sentinel_died(c, sentinel);
  }
  static void process_terminating(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const Number server = server_number(c.plan, process);
    if (server != nobody) return server_terminating(c, server);
    kubernetes::process_exited(world, process, Ending::clean);
  }
  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    for (Number i = 0; i < c.sentinels(); ++i) {
      switch (world.processes[c.sentinel_process(i)].status) {
        case ProcessState::Status::stopped: stand_still(c, i); break;
        case ProcessState::Status::running: go_on(c, i); break;
        case ProcessState::Status::absent: break;
      }
    }
    settle(c);
  }
  static void conditions_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }
  static void flow_ended(World& world, ServiceId service, const fabric::Ending& ending) {
    Context c = context(world, service);
    copy_ended(c, ending);
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    const Number server = server_number(c.plan, process);
    if (server != nobody) return serves(c, server);
    return runs_sentinel(c, sentinel_number(c.plan, process));
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Number i = 0; i < c.servers(); ++i) {
      if (c.server_process(i) != process && !well(c, i)) return false;
    }
    return true;
  }
  /// Masters last: each of them costs a failover.
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    const Context c = view(world, service);
    std::vector<ProcessId> order;
    const auto add = [&](ProcessId process) {
      if (std::find(order.begin(), order.end(), process) == order.end()) order.push_back(process);
    };
    std::vector<ProcessId> masters;
    for (Number i = 0; i < c.servers(); ++i) {
      if (c.server(i).master == nobody) masters.push_back(c.server_process(i));
    }
    const auto is_master = [&](ProcessId process) {
      return std::find(masters.begin(), masters.end(), process) != masters.end();
    };
    for (const ProcessId process : world.plan->services[service].members) {
      if (!is_master(process)) add(process);
    }
    for (const ProcessId process : masters) add(process);
    return order;
  }
  /// It serves, and is its shard's master or has all that this one writes.
  static bool well(const Context& c, Number number) {
    const Server& server = c.server(number);
    const Number chief = c.state.chief[shard_of(c, number)];
    if (!serves(c, number)) return false;
    if (number == chief) return server.master == nobody;
    return server.master == chief && server.connection == Connection::up && server.silent_since == sim::Time::never();
  }
  /// Who was promoted stays it.
  static bool roles_drift(const models::Plan& plan, ServiceId service) {
    const Mode mode = spec_of(plan.spec(service)).mode;
    return (mode == Mode::sentinel || mode == Mode::cluster) &&
           plan_of(plan, service).servers.size() > plan_of(plan, service).shards;
  }
  static std::optional<std::vector<std::uint16_t>> roles_now(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (c.clustered() && c.state.nodes.shard_of != c.plan.shard_of) return std::nullopt;  // some have migrated
    return std::vector<std::uint16_t>(c.state.chief.begin(), c.state.chief.end());
  }
  static void begin_with(models::Plan& plan, ServiceId service, const std::vector<std::uint16_t>& roles) {
    std::vector<Number>& first = plan.services[service].own.as<ServicePlan>().first_chief;
    for (std::size_t shard = 0; shard < first.size(); ++shard) first[shard] = static_cast<Number>(roles[shard]);
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (c.state.awake || c.state.labelled != c.state.chief[0]) return false;
    for (Number i = 0; i < c.servers(); ++i) {
      if (!well(c, i) || c.server(i).save_failed) return false;
    }
    for (Number i = 0; i < c.sentinels(); ++i) {
      if (!runs_sentinel(c, i)) return false;
    }
    return std::all_of(c.state.accesses.begin(), c.state.accesses.end(),
                       [](const Access& access) { return access.holds; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const ServicePlan& own = plan_of(plan, service);
    const std::string& name_of_service = plan.services[service].name;
    if (named == name_of_service || named == name_of_service + "/servers") return own.servers;
    if (named == name_of_service + "/sentinels") return own.sentinels;
    const Number shard = shard_named(plan, service, named);
    if (shard == nobody) return {};
    std::vector<ProcessId> members;
    for (Number i = 0; i < own.servers.size(); ++i) {
      if (own.shard_of[i] == shard) members.push_back(own.servers[i]);
    }
    return members;
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return shard_named(plan, service, named) != nobody;
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view named) {
    const Context c = view(world, service);
    return c.server_process(c.state.chief[shard_named(*world.plan, service, named)]);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    const std::string& name_of_service = plan.services[service].name;
    std::vector<service::Target> all{{name_of_service + "/servers", true}};
    if (!plan_of(plan, service).sentinels.empty()) all.push_back({name_of_service + "/sentinels", false});
    for (Number shard = 0; shard < plan_of(plan, service).shards; ++shard)
      all.push_back({fmt::format("{}/shard-{}", name_of_service, shard), true});
    return all;
  }

  /// One server of each shard; without failover, the master.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    builder.need_place(vertex, service.clients[sli.client].place);
    const Discovery discovery = service.discovery[sli.client];
    const bool fixed = spec_of(plan.spec(id)).mode == Mode::replication || discovery == Discovery::fixed;
    if (fixed && sli.kind == SliKind::write) return builder.need(vertex, builder.process(service.servers[0]));
    for (Number shard = 0; shard < service.shards; ++shard) {
      std::vector<structure::Vertex> any;
      for (Number i = 0; i < service.servers.size(); ++i) {
        if (service.shard_of[i] == shard) any.push_back(builder.process(service.servers[i]));
      }
      builder.need(vertex, builder.at_least(1, any));
    }
  }
  /// Masters are the first servers.
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const double bytes_per_s = spec.writes_per_s * spec.write_size.count / service.shards;
    if (bytes_per_s <= 0) return;
    const std::vector<infrastructure::Endpoint> places = service::places_of(service.clients);
    for (Number i = 0; i < service.servers.size(); ++i) {
      const Number shard = service.shard_of[i];
      if (i == shard)
        sink.clients(places, service.servers[i], bytes_per_s, 0);
      else
        sink.replicate(service.servers[shard], service.servers[i], bytes_per_s);
    }
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name_of_service = world.plan->services[service].component;
    for (Number shard = 0; shard < c.plan.shards; ++shard)
      into.push_back({name_of_service, "master", c.state.chief[shard], shard, false, name_of_service});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    const ProcessId process = plan_of(plan, service).servers[shown.value];
    return std::string(plan.name(plan.processes[process].component));
  }
  static std::span<const service::Metric> metrics() {
    // Source: redis_exporter, redis_memory_used_bytes over redis_memory_max_bytes, redis_connected_slaves.
    static constexpr service::Metric exported[] = {
        {"memory_used_share", "data of the fullest master over its maxmemory; 0 without a limit"},
        {"connected_replicas", "replicas that get each write, of all masters together"},
    };
    return exported;
  }
  static service::Reading metric(const World& world, ServiceId service, std::size_t metric) {
    const Context c = view(world, service);
    double replicas = 0;
    double share = 0;
    for (Number number = 0; number < c.state.servers.size(); ++number) {
      const Server& server = c.server(number);
      if (server.master != nobody && server.connection == Connection::up && redis::answers(c, number)) ++replicas;
      const double most = c.parameters.max_memory.count;
      if (server.master == nobody && most > 0) share = std::max(share, data_of(c, number) / most);
    }
    return {metric == 0 ? share : replicas, 0};
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"redis-blocked", "slow commands and BUSY scripts, other than as pauses of a process (process-pause)", worse},
        {"redis-cpu", "starved processors: commands take no longer, and a fault cpu-starved changes nothing here",
         worse},
        {"redis-saves",
         "forks for snapshots and rewrites of the AOF, of which only those for full resyncs are played; snapshots that "
         "fail for want of memory; a server with appendfsync always that cannot write, which ends, and here refuses "
         "writes; replicas that cannot, which end too",
         worse},
        {"redis-refused-ping",
         "the answer to PING of a server that refuses writes for a failed save, which is an error: its Sentinels fail "
         "over to another, a probe that wants PONG takes it out of its Service or has it restarted, and here it goes "
         "on "
         "to serve reads",
         either},
        {"redis-memory",
         "memory other than data, backlog, replicas' buffers and copied pages: clients' buffers, "
         "fragmentation",
         worse},
        {"redis-probes", "liveness probes of a server that hangs on its disk: its container is not restarted", either},
        {"redis-addresses",
         "replicas that keep an address which they resolved before a pod was replaced, and clients of any discovery "
         "but dns and cluster that do",
         worse},
        {"redis-containers", "a pod of server and Sentinel ends as a whole, never one of its containers alone", either},
        {"redis-slots", "resharding, and failover by hand other than before a master's pod ends (stops: hands-over)",
         either},
        {"redis-cluster-links",
         "connections between a cluster's nodes after a partition: they hear each other at the next ping, and not when "
         "TCP tries again; an old master that was replaced takes writes some tenths of a second longer",
         worse},
        {"redis-migration",
         "minimal cuts count a shard's first replicas only: one that would come over from another master "
         "(cluster-allow-replica-migration) is played, and in no cut",
         worse},
        {"redis-pauses",
         "writes that wait while a hand-over has paused their server are tried again as if they had been refused",
         either},
        {"redis-wait", "WAIT, and clients that write the same again after an error", either},
        {"redis-dataset", "the dataset is always as large as the file says"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Redis>();

}  // namespace nines::models::redis
