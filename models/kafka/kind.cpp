// Kafka as a kind of service: where each part of it stands.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/kafka/access.hpp"
#include "models/kafka/boundary.hpp"
#include "models/kafka/broker_start.hpp"
#include "models/kafka/build.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/checks.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/controlled_shutdown.hpp"
#include "models/kafka/dependencies.hpp"
#include "models/kafka/fields.hpp"
#include "models/kafka/names.hpp"
#include "models/kafka/readers.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/kafka/service.hpp"
#include "models/kafka/shown.hpp"
#include "models/kafka/traffic.hpp"
#include "models/kafka/zk/control.hpp"
#include "models/service/clients.hpp"

namespace nines::models::kafka {

namespace {

constexpr service::Role roles_of_pools[] = {
    {"broker", "holds partitions and serves clients", true, true},
    {"controller", "votes in the controller quorum"},
};

Service number(ServiceId service) { return static_cast<Service>(service.value); }

struct Kafka : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = kafka::Spec;
  static constexpr std::string_view name = "kafka";
  static constexpr std::string_view title = "a Kafka service";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr std::string_view product = "Kafka";
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto complete = &kafka::complete;
  static constexpr auto resolve = &kafka::resolve;
  static constexpr const service::Records* records = &kafka::records;
  static constexpr std::string_view led_forms = "<service>/controllers or <service>/<topic>/<partition>";

  static double writes_per_s(const ServiceSpec& service) {
    double sum = 0;
    for (const TopicSpec& topic : spec_of(service).topics) sum += topic.records_per_s;
    return sum;
  }
  /// Node ids count on over the pools in file order, as Strimzi numbers them.
  static std::string member_name(const ServiceSpec&, const PoolSpec& pool, std::size_t number) {
    const bool broker = plays(pool.roles, Role::broker), controller = plays(pool.roles, Role::controller);
    return fmt::format("{}-{}", broker && controller ? "node" : broker ? "broker" : "controller", number);
  }
  static constexpr auto check = &kafka::check;
  static constexpr auto check_combinations = &kafka::check_combinations;
  static constexpr auto build = &kafka::build;
  static constexpr auto connect = &kafka::connect;

  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    WithClients::purposes(plan, id, by_component);
    const ServicePlan& service = plan_of(plan, id);
    for (const TopicPlan& topic : service.topics) by_component[topic.component] = selected_purposes;
    for (const GroupPlan& group : service.groups) by_component[group.component] = selected_purposes;
  }

  /// A copy on its way belongs to the throttles that held when it began, and where replicas are to the places there
  /// are.
  static bool same_shape(const models::ServicePlan& one, const models::ServicePlan& other) {
    const auto& a = one.own.as<ServicePlan>();
    const auto& b = other.own.as<ServicePlan>();
    const auto same_group = [](const GroupPlan& x, const GroupPlan& y) {
      return x.throttled_followers == y.throttled_followers && x.throttled_leaders == y.throttled_leaders &&
             x.factor == y.factor && x.replicas == y.replicas && std::ranges::equal(x.broker, y.broker);
    };
    return std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(), same_group) &&
           a.slis.size() == b.slis.size() && a.clients.size() == b.clients.size() && a.controllers == b.controllers &&
           a.brokers == b.brokers && a.store == b.store && a.racks == b.racks;
  }

  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static void initialise(World& world, ServiceId service) {
    world.services[service] = sim::Value::of(State{});
    kafka::initialise(world, number(service));
  }
  static void freeze(sim::Value& value) { value.as<State>().freeze(); }
  static void draw_phases(World& world, ServiceId service) { kafka::draw_phases(world, number(service)); }
  static void plan_changed(World& world, ServiceId service) { kafka::plan_changed(world, number(service)); }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, number(service));
    member_started(c, process);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, number(service));
    member_died(c, process);
  }
  static void process_terminating(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, number(service));
    member_terminating(c, process);
  }
  static void contacts_changed(World& world, ServiceId service) { kafka::contacts_changed(world, number(service)); }
  static void conditions_changed(World& world, ServiceId service) { kafka::conditions_changed(world, number(service)); }
  /// What its store answers.
  static void answers_changed(World& world, ServiceId service) { kafka::answers_changed(world, number(service)); }
  static void session_changed(World& world, ServiceId service, ProcessId process, std::uint32_t session,
                              service::SessionNews news) {
    Context c = context(world, number(service));
    zk::session_changed(c, broker_at(c.plan, process), session, news);
  }
  static bool empty_process(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, number(service));
    Mover people;
    people.throttle = c.parameters.reassignment_throttle.bytes_per_s;
    const Position broker = broker_at(c.plan, process);
    if (broker == nobody) return false;
    if (empty_brokers(c, {broker}, people)) return true;
    world.note(ReassignmentRefused{c.service, broker});
    return false;
  }
  static constexpr auto why_not_emptied = &kafka::why_not_emptied;
  static constexpr auto happens = &kafka::happens;
  static bool clock_jumped(World& world, ServiceId service, NodeId node, Duration by) {
    Context c = context(world, number(service));
    return kafka::clock_jumped(c, node, by);
  }
  static void flow_ended(World& world, ServiceId, const fabric::Ending& ending) { catch_up_delivered(world, ending); }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return kafka::ready(view(world, number(service)), process);
  }
  static bool may_restart(const World& world, ServiceId service, ProcessId process) {
    return kafka::may_restart(view(world, number(service)), process);
  }
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service) {
    return kafka::restart_order(view(world, number(service)));
  }
  static bool healthy(const World& world, ServiceId service) { return kafka::healthy(view(world, number(service))); }

  static constexpr auto members_named = &kafka::members_named;
  static constexpr auto is_led = &kafka::is_led;
  static constexpr auto leader = &kafka::leader;
  static constexpr auto targets = &kafka::targets;

  static constexpr auto metrics = &kafka::metrics;
  static constexpr auto metric = &kafka::metric;
  static constexpr auto needs = &kafka::needs;
  static constexpr auto traffic = &kafka::traffic;
  static std::size_t parts(const models::Plan& plan, ServiceId service) { return plan_of(plan, service).groups.size(); }
  static std::string loss_item(const models::Plan& plan, ServiceId service, const measurement::Loss& loss) {
    const std::vector<TopicSpec>& topics = spec_of(plan.spec(service)).topics;
    const std::uint16_t topic = plan_of(plan, service).topics[TopicId::of(loss.item)].spec;
    return topic < topics.size() ? topics[topic].name : "__consumer_offsets";
  }
  static std::vector<service::Fact> sli_facts(const models::Plan& plan, measurement::SliIndex index) {
    const measurement::SliPlan& sli = plan.slis[index];
    const Spec& spec = spec_of(plan.spec(sli.service));
    const SliSpec& its = spec.slis[sli.spec];
    std::vector<service::Fact> facts{{"name", its.client}};
    for (const ClientSpec& client : spec.clients) {
      if (client.name != its.client) continue;
      facts.push_back({"place", client.place});
      facts.push_back({"request_timeout_s", client.parameters.request_timeout});
      facts.push_back({"delivery_timeout_s", client.parameters.delivery_timeout});
    }
    constexpr const char* scopes[] = {"all", "any", "share"};
    facts.push_back({"scope", scopes[static_cast<std::size_t>(its.scope)]});
    if (its.scope == SliScope::share) facts.push_back({"share", its.share});
    facts.push_back({"deadline_s", its.deadline});
    return facts;
  }
  static constexpr auto show = &kafka::show;
  static constexpr auto shown_text = &kafka::shown_text;
  static std::vector<ComponentId> internal(const models::Plan& plan, ServiceId id) {
    const ServicePlan& service = plan_of(plan, id);
    std::vector<ComponentId> list;
    for (const GroupPlan& group : service.groups) {
      if (service.topics[group.topic].internal) list.push_back(group.component);
    }
    return list;
  }
  static constexpr auto left_out = &kafka::left_out;
  static constexpr auto left_out_here = &kafka::left_out_here;
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Kafka>();

}  // namespace nines::models::kafka
