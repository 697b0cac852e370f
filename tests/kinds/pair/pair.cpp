#include "tests/kinds/pair/pair.hpp"

#include <fmt/format.h>

#include "models/measurement/sli.hpp"
#include "models/namer.hpp"
#include "models/plan.hpp"
#include "models/process.hpp"
#include "models/service/clients.hpp"
#include "models/service/fields.hpp"
#include "models/world.hpp"

namespace nines::models::pair {

namespace {

using namespace service::rows;

constexpr service::FieldSpec rows[] = {
    into<&Spec::timeout>(time_s("timeout_s", true, "silence after which the standby takes over", 3600, true)),
    into<&Spec::start>(time_s("start_s", true, "from a container's start until its server answers", 3600)),
    into<&Spec::client>({"client", service::Shape::name, true, "who asks"}),
    into<&Spec::place>({"place", service::Shape::name, true, "a zone, or \"region\""}),
    into<&Spec::deadline>(time_s("deadline_s", true, "interruptions no longer than this are latency", 3600)),
    into<&Spec::sla>(service::sla_row),
};
constexpr service::ObjectSpec object{"pair", "a primary and its standby", rows};

constexpr service::Role roles_of_pools[] = {{"server", "is the primary or the standby", false, true}};

const ServicePlan& own(const Plan& plan, ServiceId service) { return plan.services[service].own.as<ServicePlan>(); }
const Spec& spec_of(const Plan& plan, ServiceId service) { return plan.spec(service).own.as<Spec>(); }
State& state_of(World& world, ServiceId service) { return world.services[service].as<State>(); }
ProcessId member(const World& world, ServiceId service, std::size_t position) {
  return world.plan->services[service].members[position];
}
std::size_t position_of(const World& world, ServiceId service, ProcessId process) {
  return member(world, service, 0) == process ? 0 : 1;
}

void look(World& world, ServiceId service) {
  State& state = state_of(world, service);
  const ServicePlan& plan = own(*world.plan, service);
  const ProcessId primary = member(world, service, state.primary), standby = member(world, service, 1 - state.primary);
  const bool serves = state.serving[state.primary] && contact(world, plan.place, primary) == Contact::ok;
  measurement::set_status(world, plan.sli, GroupId::of(0), serves);
  const bool heard = state.serving[state.primary] && contact(world, standby, primary) == Contact::ok;
  const bool able = state.serving[1 - state.primary];
  if (heard || !able) {
    world.queue.cancel(state.take_over);
  } else if (!world.queue.pending(state.take_over)) {
    state.take_over = world.schedule(world.now + spec_of(*world.plan, service).timeout, TakeOverDue{service.value});
  }
}

struct Pair : service::WithProcesses {
  using Spec = pair::Spec;
  static constexpr std::string_view name = "pair";
  static constexpr std::string_view title = "a primary with its standby";
  static constexpr bool stores = false;
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &object;

  static std::vector<std::string> sli_names(const ServiceSpec&) { return {"answers"}; }
  static const SlaSpec* sla_of(const ServiceSpec& spec, std::size_t) {
    const auto& sla = spec.own.as<Spec>().sla;
    return sla ? &*sla : nullptr;
  }
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("server-{}", number);
  }
  static void build(Plan& plan, Namer& namer, ServiceId id) {
    const Spec& spec = spec_of(plan, id);
    ServicePlan& service = (plan.services[id].own = sim::Value::of(ServicePlan{})).as<ServicePlan>();
    const service::ClientPlan client = service::add_client(plan, namer, id, spec.client, spec.place);
    service.client = client.component;
    service.place = client.place;
    service.sli = static_cast<measurement::SliIndex>(plan.slis.size());
    add_sli(plan, namer, id, 0, "answers", spec.deadline, spec.sla);
  }

  static std::span<const EventRow> events() {
    static constexpr auto all = rows_of(Events{});
    return all;
  }
  static void initialise(World& world, ServiceId service) { world.services[service] = sim::Value::of(State{}); }
  static void process_started(World& world, ServiceId service, ProcessId process) {
    const std::size_t position = position_of(world, service, process);
    const ServerUp up{service.value, static_cast<std::uint16_t>(position)};
    state_of(world, service).up[position] = world.schedule(world.now + spec_of(*world.plan, service).start, up);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    State& state = state_of(world, service);
    const std::size_t position = position_of(world, service, process);
    state.serving[position] = false;
    world.queue.cancel(state.up[position]);
  }
  static void process_terminating(World& world, ServiceId, ProcessId process) {
    kubernetes::process_exited(world, process, Ending::clean);
  }
  static void contacts_changed(World& world, ServiceId service) { look(world, service); }
  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return world.services[service].as<State>().serving[position_of(world, service, process)];
  }
  static bool healthy(const World& world, ServiceId service) {
    const State& state = world.services[service].as<State>();
    return state.serving[0] && state.serving[1] && !world.queue.pending(state.take_over);
  }

  static std::vector<ProcessId> members_named(const Plan& plan, ServiceId service, std::string_view named) {
    return is_led(plan, service, named) ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static bool is_led(const Plan& plan, ServiceId service, std::string_view named) {
    return named == plan.services[service].name + "/servers";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view) {
    return member(world, service, world.services[service].as<State>().primary);
  }
  static std::vector<service::Target> targets(const Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/servers", true}};
  }
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex sli) {
    const std::vector<ProcessId>& members = builder.plan().services[builder.plan().slis[sli].service].members;
    builder.need(vertex, builder.at_least(1, {builder.process(members[0]), builder.process(members[1])}));
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "primary", world.services[service].as<State>().primary, 0, false, name});
  }
  static std::string shown_text(const Plan&, ServiceId, const service::Shown& shown) {
    return fmt::format("server-{}", shown.value);
  }
  static std::span<const service::LeftOut> left_out() {
    static const std::vector<service::LeftOut> list{{"split-brain", "a primary that does not know that it is none"}};
    return list;
  }
};

}  // namespace

constinit const service::Kind kind = service::row_of<Pair>();

ComponentId subject(const Plan& plan, const TakeOverDue& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const TookOver& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const ServerUp& event) {
  const models::ServicePlan& service = plan.services[ServiceId{event.service}];
  return plan.processes[service.members[event.position]].component;
}

void on(World& world, const TakeOverDue& event) {
  const ServiceId service{event.service};
  State& state = state_of(world, service);
  state.primary = 1 - state.primary;
  ++world.measurement.failovers;
  const CauseScope because(world, world.note(TookOver{event.service}));
  look(world, service);
}

void on(World& world, const ServerUp& event) {
  const ServiceId service{event.service};
  state_of(world, service).serving[event.position] = true;
  services::contacts_changed(world);
}

}  // namespace nines::models::pair
