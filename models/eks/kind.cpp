// The control plane that EKS runs, as a kind of service: no machine of it is known, only that it is spread over three
// zones, and how often and how long it is away.
//
// An upgrade is blue and green: API servers of the next version are put up beside the old ones and checked, and take
// their place if they pass. Whoever talks to a server at that moment sees an error, watches begin anew, etcd may elect,
// and the controllers of the new version wait for the leases of the old ones. If they fail their checks the provider
// removes them, and the cluster stays as it was. Machines and what runs there notice nothing. An upgrade that has begun
// cannot be stopped. Source: Amazon EKS user guide, update existing cluster to new Kubernetes version ("launching new
// API server nodes ... to replace the existing ones", "minor service interruptions", reverted if checks fail).
//
// Source: AWS documentation, EKS user guide (two API servers or more, three etcd members, over three zones, behind a
// network load balancer); Kubernetes sheet, section 6; AWS sheet, sections 1 and 4.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/control_plane/sli_fields.hpp"
#include "models/eks/events.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/measurement/sli.hpp"
#include "models/namer.hpp"
#include "models/platform.hpp"
#include "models/service/fields.hpp"
#include "models/topology.hpp"
#include "models/world.hpp"

namespace nines::models::eks {

namespace {

using control_plane::SliKind;

// ---- fields ----

using namespace service::rows;
using enum service::Shape;

constexpr service::ParameterGroup parameter_groups[] = {service::held_by_service<&Spec::parameters>({
    .name = "EKS",
    .read_by = "the control plane",
    .held_by = "the service",
    .timings = "eks.",
})};

constexpr service::FieldSpec service_rows[] = {
    config_of({"config", config, false, "timings"}, parameter_groups[0]),
    list_of<&Spec::clients>({"clients", objects, true, "places from which the API servers are asked"},
                            control_plane::client_object, "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, true, "what is measured"}, control_plane::sli_object, "SLI",
                         service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));
constexpr service::ObjectSpec service_fields{"eks_service", "the control plane that EKS runs", service_rows};

// ---- what it can do ----

/// The control plane is spread over so many zones, of which the topology's are some; a majority must be there.
constexpr std::uint32_t spread_over = 3;
constexpr std::uint32_t tolerated = 1;

std::uint32_t zones_lost(const World& world) {
  std::uint32_t lost = 0;
  const infrastructure::Network& network = world.plan->network;
  const std::size_t zones = std::min<std::size_t>(spread_over, world.plan->zones.size());
  for (std::size_t i = 0; i < zones; ++i) {
    const bool there =
        infrastructure::zone_can_launch(world, ZoneId::of(i)) &&
        infrastructure::meet(world.infrastructure.reachability, network.zone_fabric[i], network.backbone);
    if (!there) ++lost;
  }
  return lost;
}

bool holds(const World& world, const State& state, const control_plane::SliPlan& sli) {
  if (sli.kind == SliKind::controllers) return state.controllers;
  return state.serves &&
         infrastructure::meet(world.infrastructure.reachability, sli.place, world.plan->network.backbone);
}

void stop(World& world, ServiceId service, State& state) {
  state.serves = state.controllers = false;
  state.stopped = world.now;
  if (!state.anew) world.queue.cancel(state.controllers_timer);
  world.note(ApiLost{service.value});
}

void serve(World& world, ServiceId service, State& state) {
  const Parameters& p = spec_of(world.plan->spec(service)).parameters;
  state.serves = true;
  const CauseScope scope(world, world.note(ApiBack{service.value}));
  if (state.anew) return;  // they take the leases of the old version in their own time
  if (world.now - state.stopped < p.renew_deadline) {
    state.controllers = true;  // they renew their leases in time
    return;
  }
  const ComponentId component = world.plan->services[service].component;
  const Duration takes = world.draw(component, Purpose::cache_sync, p.controllers_resume);
  state.controllers_timer = world.schedule(world.now + takes, ControllersResume{service.value});
}

/// Controllers of the new version take over whatever becomes of the API servers meanwhile.
void take_leases(World& world, ServiceId service, State& state) {
  const Law& law = spec_of(world.plan->spec(service)).parameters.upgrade_takeover;
  const Duration takes = world.draw(world.plan->services[service].component, Purpose::upgrade_swap, law);
  state.anew = true;
  state.controllers_timer = world.schedule(world.now + takes, ControllersResume{service.value});
}

void tell(World& world, ServiceId service, const State& state) {
  for (const control_plane::SliPlan& sli : plan_of(*world.plan, service).slis)
    measurement::set_status(world, sli.index, GroupId::of(0), holds(world, state, sli));
  kubernetes::ControlPlane now = world.kubernetes.control_plane;
  now.api = state.serves;
  now.managers = now.scheduler = state.controllers;
  now.managers_so_far = state.managers_so_far;
  kubernetes::control_plane_changed(world, now);
}

void look(World& world, ServiceId service) {
  State& state = world.services[service].as<State>();
  const std::uint32_t lost = zones_lost(world);
  if (lost > state.zones_lost) {
    const ComponentId component = world.plan->services[service].component;
    const Law& law = spec_of(world.plan->spec(service)).parameters.zone_failover;
    world.queue.cancel(state.failover_timer);
    state.failover_timer =
        world.schedule(world.now + world.draw(component, Purpose::zone_failover, law), ZoneFailedOver{service.value});
  }
  state.zones_lost = lost;
  const bool serves = lost <= tolerated && !faults::control_plane_out(world, service) &&
                      !world.queue.pending(state.failover_timer) && !state.swapping;
  if (serves != state.serves) serves ? serve(world, service, state) : stop(world, service, state);
  tell(world, service, state);
}

struct Eks : service::WithClients<ServicePlan, service::WithoutProcesses>, service::SlisOf<Spec> {
  using Spec = eks::Spec;
  static constexpr std::string_view name = "eks";
  static constexpr std::string_view title = "the control plane that EKS runs";
  static constexpr std::string_view product = "EKS";
  static constexpr bool runs_platform = true;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;

  static void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
    const Spec& spec = spec_of(service);
    control_plane::check_clients(report, topology, spec.clients, spec.slis);
    if (!topology.managed_control_plane())
      report.problem(report.at() + "/kind", "Only a platform of kind 'eks' has a control plane that EKS runs.");
  }
  static void build(models::Plan& plan, Namer& namer, ServiceId id) {
    const Spec& spec = spec_of(plan.spec(id));
    ServicePlan service;
    service.slis = control_plane::build_slis(plan, namer, id, spec.clients, spec.slis, service.clients);
    plan.services[id].own = sim::Value::of(std::move(service));
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    return a.own.as<ServicePlan>().slis.size() == b.own.as<ServicePlan>().slis.size();
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static void initialise(World& world, ServiceId service) { world.services[service] = sim::Value::of(State{}); }
  static bool upgrade(World& world, ServiceId service, Variant variant) {
    State& state = world.services[service].as<State>();
    if (state.upgrading || !state.serves) return false;
    const Parameters& p = spec_of(world.plan->spec(service)).parameters;
    const ComponentId component = world.plan->services[service].component;
    const bool drawn = world.uniform(component, Purpose::upgrade_outcome) < p.upgrade_failure;
    state.upgrading = true;
    state.fails = variant == Variant::drawn ? drawn : variant == Variant::rolled_back;
    const Duration length = world.draw(component, Purpose::upgrade_length, p.upgrade_length);
    world.schedule(world.now + length, ServersChecked{service.value});
    return true;
  }
  static void contacts_changed(World& world, ServiceId service) { look(world, service); }
  static void plan_changed(World& world, ServiceId service) { look(world, service); }
  static bool healthy(const World& world, ServiceId service) {
    const State& state = world.services[service].as<State>();
    return state.serves && state.controllers && state.zones_lost == 0 && !state.upgrading;
  }
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex) {
    std::vector<structure::Vertex> zones;
    for (const ZoneId zone : builder.plan().zones.ids()) {
      if (zones.size() < spread_over) zones.push_back(builder.zone(zone));
    }
    if (zones.size() > tolerated)
      builder.need(vertex, builder.at_least(static_cast<std::uint32_t>(zones.size()) - tolerated, zones));
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const State& state = world.services[service].as<State>();
    const ComponentId name = world.plan->services[service].component;
    into.push_back({name, "API", state.serves ? 1U : 0U, 0, false, name});
    into.push_back({name, "controllers", state.controllers ? 1U : 0U, 1, false, name});
  }
  static std::string shown_text(const models::Plan&, ServiceId, const service::Shown& shown) {
    return shown.value != 0 ? "up" : "down";
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"eks-inside",
         "what goes on inside the control plane of EKS: it is up, or away for a time that is drawn. How often "
         "(control_plane.outage.rate) and for how long (control_plane.outage.duration) is assumed from its SLA and "
         "public incidents, not "
         "derived from its parts",
         either},
        {"eks-upgrades",
         "what an upgrade of the control plane breaks by itself: APIs that the next version lacks, clients that do not "
         "try again"},
        {"eks-throttling", "requests to EKS and EC2 that are throttled"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Eks>();

#define NINES_EKS_SUBJECT(E)                                      \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_EKS_EVENTS(NINES_EKS_SUBJECT)
#undef NINES_EKS_SUBJECT

void on(World& world, const ZoneFailedOver& event) { look(world, ServiceId{event.service}); }

void on(World& world, const ControllersResume& event) {
  const ServiceId service{event.service};
  State& state = world.services[service].as<State>();
  static constexpr std::string_view takeover = "eks.upgrade.takeover";
  if (state.anew) world.set_by(takeover);
  state.anew = false;
  if (!state.serves) return;  // they begin when they can, as after any interruption
  state.controllers = true;
  ++state.managers_so_far;
  tell(world, service, state);
}

void on(World& world, const ServersChecked& event) {
  const ServiceId service{event.service};
  State& state = world.services[service].as<State>();
  if (state.fails) {
    state.upgrading = false;
    world.note(UpgradeRolledBack{event.service});
    return;
  }
  const Law& law = spec_of(world.plan->spec(service)).parameters.upgrade_interruption;
  const Duration takes = world.draw(world.plan->services[service].component, Purpose::upgrade_swap, law);
  state.swapping = true;
  world.schedule(world.now + takes, ServersSwapped{event.service});
  look(world, service);
  world.queue.cancel(state.controllers_timer);
  take_leases(world, service, state);
}

void on(World& world, const ServersSwapped& event) {
  const ServiceId service{event.service};
  State& state = world.services[service].as<State>();
  state.swapping = state.upgrading = false;
  world.note(UpgradeDone{event.service});
  look(world, service);
}

}  // namespace nines::models::eks
