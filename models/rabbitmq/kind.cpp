// RabbitMQ as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "models/rabbitmq/classic.hpp"
#include "models/rabbitmq/client.hpp"
#include "models/rabbitmq/fields.hpp"
#include "models/rabbitmq/load.hpp"
#include "models/rabbitmq/nodes.hpp"
#include "models/rabbitmq/quorum.hpp"
#include "models/rabbitmq/single_active.hpp"
#include "models/rabbitmq/streams.hpp"
#include "models/service/client_facts.hpp"
#include "models/service/clients.hpp"
#include "models/service/settling.hpp"

namespace nines::models::rabbitmq {

namespace {

constexpr service::Role roles_of_nodes[] = {
    {"node", "a broker: holds queues, and clients connect to it", true, true},
};

/// "rabbitmq/orders" names a queue, "rabbitmq/orders-2" one of several that are alike; the service, and
/// "rabbitmq/nodes", are led by who leads the first queue.
Number queue_named(const models::Plan& plan, ServiceId service, std::string_view named) {
  const std::string& name = plan.services[service].name;
  if (named == name || named == name + "/nodes") return 0;
  const ServicePlan& own = plan_of(plan, service);
  const auto found = std::find_if(own.queues.begin(), own.queues.end(),
                                  [&](const QueuePlan& queue) { return plan.name(queue.component) == named; });
  return found == own.queues.end() ? nobody : static_cast<Number>(found - own.queues.begin());
}

/// Of an SLI of kind deliver whose queues all have a single active consumer: the clients that any of them could be.
std::vector<std::size_t> any_of_them(const Spec& spec, const ServicePlan& plan, const SliPlan& sli) {
  std::vector<std::size_t> clients;
  if (sli.kind != SliKind::deliver) return clients;
  for (Number queue = sli.first_queue; queue < sli.first_queue + sli.queues; ++queue) {
    if (!spec_of(spec, plan.queues[queue]).single_active) return {};
  }
  const auto reads_all = [&](const SliPlan& other) {
    return other.kind == SliKind::deliver && other.first_queue <= sli.first_queue &&
           other.first_queue + other.queues >= sli.first_queue + sli.queues;
  };
  for (const SliPlan& other : plan.slis) {
    if (reads_all(other)) clients.push_back(other.client);
  }
  return clients;
}

struct RabbitMq
    : service::WithClients<ServicePlan,
                           service::ByPosition<Number, &context, &node_started, &node_died, &node_terminating>>,
      service::SlisOf<Spec> {
  using Spec = rabbitmq::Spec;
  static constexpr std::string_view name = "rabbitmq";
  static constexpr std::string_view title = "RabbitMQ: nodes of a cluster with their queues";
  static constexpr std::span<const service::Role> roles = roles_of_nodes;
  static constexpr std::string_view product = "RabbitMQ";
  static constexpr Controller controller = Controller::stateful_set;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto resolve = &rabbitmq::resolve;
  static constexpr auto check = &rabbitmq::check;
  static constexpr auto build = &rabbitmq::build;
  static constexpr std::string_view led_forms = "<service>, <service>/nodes, <service>/<queue>";

  static double writes_per_s(const ServiceSpec& service) {
    double sum = 0;
    for (const QueueSpec& queue : spec_of(service).queues)
      sum += queue.publish_per_s * static_cast<double>(queue.count);
    return sum;
  }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("node-{}", number);
  }
  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    WithClients::purposes(plan, id, by_component);
    for (const QueuePlan& queue : plan_of(plan, id).queues) by_component[queue.component] = selected_purposes;
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.as<ServicePlan>();
    const auto& other = b.own.as<ServicePlan>();
    const auto same_queue = [](const QueuePlan& x, const QueuePlan& y) { return x.replicas == y.replicas; };
    return one.nodes == other.nodes && one.slis.size() == other.slis.size() &&
           one.accesses.size() == other.accesses.size() &&
           std::equal(one.queues.begin(), one.queues.end(), other.queues.begin(), other.queues.end(), same_queue);
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    const ServicePlan& plan = plan_of(*world.plan, service);
    const std::size_t count = plan.nodes.size();
    State state;
    state.nodes.resize(count);
    state.links.resize(count * count);
    state.queues.resize(plan.queues.size());
    state.accesses.resize(plan.accesses.size());
    world.services[service] = sim::Value::of(std::move(state));
    Context c = context(world, service);
    for (Number number = 0; number < c.queues(); ++number) {
      Queue& queue = c.queue(number);
      queue.in.resize(count);
      queue.out.resize(count);
      if (c.is_stream(number)) {
        begin_stream(c, number);
        continue;
      }
      if (c.is_classic(number)) {
        queue.copies.resize(count);
        begin_classic(c, number);
        continue;
      }
      queue.replicas.resize(count);
      queue.arrival.resize(count * count);
      const std::vector<Number>& nodes = plan.queues[number].replicas;
      queue.leader = nodes[0];
      for (const Number node : nodes) {
        queue.replicas[node].machine = healthy_replica(c, number, node);
        if (node != nodes[0]) queue.replicas[node].watched = only(nodes[0]);
      }
    }
    set_rates(c);
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    for (Number number = 0; number < c.nodes(); ++number) {
      Node& node = c.node(number);
      const Duration tick = c.parameters.net_ticktime / std::max<Count>(c.parameters.net_ticks, 1);
      node.net_phase = world.phase(c.component(number), Purpose::net_tick_phase, tick);
      node.poll_phase = world.phase(c.component(number), Purpose::silence_poll_phase, c.parameters.poll_interval);
    }
    begin_accesses(c);
    begin_subscriptions(c);
    c.state.grown_at = world.now;
    set_rates(c);
    look_at_alarms(c);
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }

  static void contacts_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    look_at_frozen(c);
  }
  static void readiness_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }
  static void conditions_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    grow(c);
    settle(c);
  }

  /// The AMQP port answers.
  static bool ready(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    const Number number = number_of(world, service, process);
    return serves(c, number) && c.node(number).listens;
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    const Context c = view(world, service);
    for (Number number = 0; number < c.nodes(); ++number) {
      if (c.process(number) != process && !serves(c, number)) return false;
    }
    return true;
  }
  /// Highest ordinal first.
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    std::vector<ProcessId> order = world.plan->services[service].members;
    std::reverse(order.begin(), order.end());
    return order;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (!nodes_at_rest(c)) return false;
    for (Number queue = 0; queue < c.queues(); ++queue) {
      if (c.is_quorum(queue) && !quorum_at_rest(c, queue)) return false;
      if (c.is_stream(queue) && !stream_at_rest(c, queue)) return false;
      if (c.is_classic(queue) && !classic_at_rest(c, queue)) return false;
      if (c.queue(queue).backlog > 0 && c.queue(queue).published < c.queue(queue).consumed) return false;
      if (!c.queue(queue).held.empty() || !subscriptions_at_rest(c, queue)) return false;
    }
    const auto is_well = [](const Access& access) { return access.holds && access.channel == Channel::works; };
    return !c.state.alarmed && std::all_of(c.state.accesses.begin(), c.state.accesses.end(), is_well);
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const std::string& name_of_service = plan.services[service].name;
    const ServicePlan& own = plan_of(plan, service);
    if (named == name_of_service || named == name_of_service + "/nodes") return own.nodes;
    const Number queue = queue_named(plan, service, named);
    std::vector<ProcessId> members;
    if (queue == nobody) return members;
    for (const Number node : own.queues[queue].replicas) members.push_back(own.nodes[node]);
    return members;
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return queue_named(plan, service, named) != nobody;
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view named) {
    const Context c = view(world, service);
    const Number number = queue_named(*world.plan, service, named);
    const Queue& queue = c.queue(number);
    if (c.is_classic(number)) return c.process(queue.home);
    return queue.leader == nobody ? ProcessId::none() : c.process(queue.leader);
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    std::vector<service::Target> all{{plan.services[service].name + "/nodes", true}};
    for (const QueuePlan& queue : plan_of(plan, service).queues)
      all.push_back({std::string(plan.name(queue.component)), true});
    return all;
  }

  /// A majority of a quorum queue's replicas; one mirror; the node of a classic queue.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const SliPlan& sli = service.slis[plan.slis[index].spec];
    const auto need_connection = [&](structure::Vertex who, std::size_t number) {
      const ClientSpec& client = spec.clients[number];
      builder.need_place(who, service.clients[number].place);
      if (client.endpoint == Endpoint::fixed)
        builder.need(who, builder.process(service.nodes[static_cast<std::size_t>(client.node)]));
    };
    const std::vector<std::size_t> consumers = any_of_them(spec, service, sli);
    if (consumers.empty()) {
      need_connection(vertex, sli.client);
    } else {
      std::vector<structure::Vertex> any;
      for (const std::size_t consumer : consumers) need_connection(any.emplace_back(builder.condition()), consumer);
      builder.need(vertex, builder.at_least(1, any));
    }
    for (Number number = sli.first_queue; number < sli.first_queue + sli.queues; ++number) {
      const QueuePlan& queue = service.queues[number];
      std::vector<structure::Vertex> nodes;
      for (const Number node : queue.replicas) nodes.push_back(builder.process(service.nodes[node]));
      const QueueType type = spec_of(spec, queue).type;
      const bool quorum = type == QueueType::quorum || type == QueueType::stream;
      builder.need(vertex, builder.at_least(static_cast<std::uint32_t>(quorum ? nodes.size() / 2 + 1 : 1), nodes));
    }
    // More than half of all nodes, or the rest pauses.
    if (spec.khepri || spec.handling != Handling::pause_minority) return;
    std::vector<structure::Vertex> all;
    for (const ProcessId process : service.nodes) all.push_back(builder.process(process));
    builder.need(vertex, builder.at_least(static_cast<std::uint32_t>(all.size() / 2 + 1), all));
  }
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const ServicePlan& service = plan_of(plan, id);
    const std::vector<infrastructure::Endpoint> places = service::places_of(service.clients);
    for (const QueuePlan& queue : service.queues) {
      const QueueSpec& its = spec_of(spec, queue);
      const double bytes_per_s = its.publish_per_s * its.message_size.count;
      if (bytes_per_s <= 0) continue;
      const ProcessId leader = service.nodes[queue.replicas[0]];
      sink.clients(places, leader, bytes_per_s, bytes_per_s);
      for (std::size_t i = 1; i < queue.replicas.size(); ++i)
        sink.replicate(leader, service.nodes[queue.replicas[i]], bytes_per_s);
    }
  }
  static std::size_t parts(const models::Plan& plan, ServiceId service) { return plan_of(plan, service).queues.size(); }
  static std::string loss_item(const models::Plan& plan, ServiceId service, const measurement::Loss& loss) {
    return std::string(plan.name(plan_of(plan, service).queues[loss.item].component));
  }
  static constexpr auto sli_facts = &service::client_facts<Spec>;
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    for (Number number = 0; number < c.queues(); ++number) {
      const Queue& queue = c.queue(number);
      const ComponentId about = c.plan.queues[number].component;
      into.push_back({about, "leader", c.is_classic(number) ? queue.home : queue.leader, number, false, about});
    }
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    if (shown.value == nobody) return "nobody";
    const ProcessId process = plan_of(plan, service).nodes[shown.value];
    return std::string(plan.name(plan.processes[process].component));
  }
  static std::span<const service::Metric> metrics() {
    // Source: rabbitmq_prometheus, rabbitmq_queue_messages and rabbitmq_queue_consumers, by queue.
    static constexpr service::Metric exported[] = {
        {"queue_messages", "messages of the queue with most, unacknowledged ones included"},
        {"queue_consumers", "consumers of the queue with fewest, of those that any SLI consumes from"},
    };
    return exported;
  }
  static service::Reading metric(const World& world, ServiceId service, std::size_t metric) {
    const Context c = view(world, service);
    service::Reading most;
    double fewest = std::numeric_limits<double>::infinity();
    for (Number queue = 0; queue < c.queues(); ++queue) {
      const service::Reading its = waiting(c, queue);
      if (its.value > most.value || (its.value == most.value && its.per_s > most.per_s)) most = its;
      const bool consumed = std::any_of(c.plan.accesses.begin(), c.plan.accesses.end(), [&](const auto& access) {
        return access.queue == queue && c.plan.slis[access.sli].kind == SliKind::deliver;
      });
      if (consumed) fewest = std::min(fewest, static_cast<double>(consumers_served(c, queue)));
    }
    return metric == 0 ? most : service::Reading{fewest, 0};
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"rabbitmq-streams",
         "of streams: super streams, deduplication, offsets that consumers store, and what they read twice for that; "
         "delayed messages, what becomes of dead-lettered ones, shovels and federation",
         either},
        {"rabbitmq-former-writer",
         "what a stream's writer had taken without spreading it, where the same member is chosen to write again: its "
         "log "
         "has it, and here it is lost",
         better},
        {"rabbitmq-definitions",
         "declarations, bindings and policies that change; boot is as long as the profile says "
         "whatever the number of queues",
         worse},
        {"rabbitmq-wal", "queues that share a node's log do not slow each other down", worse},
        {"rabbitmq-catch-up", "bytes that replicas take to catch up use no network, and take no time by themselves",
         worse},
        {"rabbitmq-latency", "latency of confirms and deliveries while they come, and flow control of slow queues",
         worse},
        {"rabbitmq-blips", "connections that break for less than a ping period, after which Mnesia stays partitioned",
         worse},
        {"rabbitmq-consumers",
         "consumers that crash or hang by themselves, messages that kill who gets them, negative acknowledgements; "
         "whether a consumer had done what it did not acknowledge; priorities of consumers, and single active ones of "
         "streams and mirrored queues; publishers that send again what a lost node had not confirmed",
         worse},
        {"rabbitmq-memory", "memory is that of the profile and of messages that wait; no node is killed for want of it",
         worse},
        {"rabbitmq-leaders",
         "leaders stay where failures have left them: no locator acts after a declaration, nobody rebalances, and a "
         "stream "
         "has no preferred leader",
         either},
        {"rabbitmq-replicas",
         "nodes are neither added to a cluster nor removed from it; quorum queues' membership changes only where a "
         "disk was lost",
         either},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<RabbitMq>();

}  // namespace nines::models::rabbitmq
