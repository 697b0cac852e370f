// Add-ons of a cluster as a kind of service: pods like any other, on which everything else depends in its own way.
//
//   cluster-dns        clients that connect anew find no address; open connections go on
//   kube-proxy         where it is away the rules of the machine stay as they were
//   volume-controller  nothing is attached or detached; what is mounted goes on
//   volume-node        no volume is mounted on the machine
//   network-plugin     no pod starts on the machine; those that run go on
//
// Source: kubernetes.io documentation, cluster components; Amazon EKS user guide, add-ons; Kubernetes sheet, section 6.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "models/addon/cluster_dns.hpp"
#include "models/addon/context.hpp"
#include "models/addon/fields.hpp"
#include "models/addon/lease.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/service/resolver.hpp"

namespace nines::models::addon {

namespace {

/// Shares that differ by less are the same: sums of products of probabilities.
constexpr double rounding = 1e-12;
/// PriorityClass system-cluster-critical (kubernetes/kubernetes pkg/apis/scheduling/types.go); pods of a DaemonSet are
/// never compared.
constexpr std::int64_t cluster_critical = 2'000'000'000;

constexpr service::Role roles_of_pools[] = {{"pod", "does what the add-on is for", false, false}};

Position position_of(const World& world, ServiceId service, ProcessId process) {
  return static_cast<Position>(world.plan->services[service].position_of(process));
}

bool each(const Context& c) { return on_each_machine(part_of(c.spec)); }

template <class E>
void step_after(Context& c, Position pod, Purpose purpose, const Law& law) {
  Pod& its = c.state.pods[pod];
  c.world.queue.cancel(its.step_timer);
  const Duration takes = c.world.draw(c.component(pod), purpose, law);
  its.step_timer = c.world.schedule(c.world.now + takes, E{c.service.value, pod});
}

// ---- where it is away ----

/// Its pods that may not work: whoever was never touched does.
std::vector<NodeId> machines_without_now(const Context& c) {
  std::vector<NodeId> without;
  for (const ProcessId process : c.world.processes.touched()) {
    const ProcessPlan& plan = c.world.plan->processes[process];
    if (plan.service == c.service && !works(c, position_of(c.world, c.service, process))) without.push_back(plan.node);
  }
  std::sort(without.begin(), without.end());
  return without;
}

template <class E>
void note_machines(Context& c, const std::vector<NodeId>& machines, const std::vector<NodeId>& but) {
  for (const NodeId node : machines) {
    if (!std::binary_search(but.begin(), but.end(), node))
      c.world.note(E{c.service.value, c.plan.on_machine[node.value]});
  }
}

void follow_machines(Context& c) {
  std::vector<NodeId> now = machines_without_now(c);
  if (now == c.state.without) return;
  const std::vector<NodeId> before = std::exchange(c.state.without, std::move(now));
  note_machines<PartLost>(c, c.state.without, before);
  note_machines<PartBack>(c, before, c.state.without);
  const bool back = !std::includes(c.state.without.begin(), c.state.without.end(), before.begin(), before.end());
  if (back) kubernetes::part_works_again(c.world, part_of(c.spec));
  service::answers_changed(c.world, c.service);
}

// ---- the cluster DNS, and controllers ----

void follow_acting(Context& c, bool acts) {
  if (acts == c.state.acts) return;
  c.state.acts = acts;
  if (acts)
    c.world.note(PartBack{c.service.value, c.spec.function == Function::volume_controller ? c.state.lease.holder : 0});
  else
    c.world.note(PartLost{c.service.value, c.spec.function == Function::volume_controller ? c.state.lease.holder : 0});
  if (acts) kubernetes::part_works_again(c.world, part_of(c.spec));
}

void follow_credentials(Context& c) {
  const bool given = !c.spec.credentials || faults::gives_credentials(c.world, c.service);
  if (given == c.state.credentials_given) return;
  c.state.credentials_given = given;
  c.world.queue.cancel(c.state.credentials_timer);
  if (given) {
    c.state.authorised = true;
    return;
  }
  const Duration left =
      c.world.draw(c.component(), Purpose::controller_credentials, c.spec.parameters.credentials_left);
  c.state.credentials_timer =
      c.world.schedule(c.world.now + left, AddonUnauthorised{c.service.value, c.state.lease.holder});
}

bool any_works(const Context& c) {
  for (Position pod = 0; pod < c.size(); ++pod) {
    if (works(c, pod)) return true;
  }
  return false;
}

// ---- SLIs ----

/// No machine that is up is without it.
bool works_everywhere(const Context& c) {
  return std::ranges::none_of(c.state.without, [&](NodeId node) { return infrastructure::node_up(c.world, node); });
}

bool holds(const Context& c, std::size_t sli) {
  const SliSpec& spec = c.spec.slis[sli];
  if (spec.kind == SliKind::works) return each(c) ? works_everywhere(c) : c.state.acts;
  const LookUp found = look_up(c, c.plan.slis[sli].place);
  const double fail = spec.kind == SliKind::resolve ? service::fails(found) : found.refused + found.silent;
  return fail <= spec.tolerance + rounding;
}

void look_at_slis(Context& c) {
  for (std::size_t sli = 0; sli < c.plan.slis.size(); ++sli) {
    const bool now = holds(c, sli);
    if (now == (c.state.holds[sli] != 0)) continue;
    c.state.holds[sli] = now ? 1 : 0;
    measurement::set_status(c.world, c.plan.slis[sli].index, GroupId::of(0), now);
  }
}

struct Addon : service::WithClients<ServicePlan, service::WithProcesses>, service::SlisOf<Spec> {
  using Spec = addon::Spec;
  static constexpr std::string_view name = "addon";
  static constexpr std::string_view title = "an add-on of a Kubernetes cluster";
  static constexpr bool stores = false;
  static constexpr Controller controller = Controller::deployment;
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &addon::check;
  static constexpr auto check_combinations = &addon::check_combinations;
  static constexpr auto build = &addon::build;
  static constexpr auto connect = &addon::connect;
  static constexpr std::string_view led_forms = "<service>/pods";

  /// A manifest that names no probe has none; add-ons make room for themselves.
  static void complete(service::Report&, const Topology& topology, ServiceSpec& service) {
    if (topology.has_kubernetes() && !service.probes) service.probes.emplace();
    service.asks_for_credentials = spec_of(service).credentials;
    for (PoolSpec& pool : service.pools) {
      if (pool.placement.priority == 0) pool.placement.priority = cluster_critical;
    }
  }
  static std::string member_name(const ServiceSpec&, const PoolSpec& pool, std::size_t number) {
    return fmt::format("{}-{}", pool.name, number);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.as<ServicePlan>();
    const auto& other = b.own.as<ServicePlan>();
    return service::same_members<ServicePlan>(a, b) && one.on_machine == other.on_machine;
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    WithClients::purposes(plan, id, by_component);
    if (!on_each_machine(part_of(spec_of(plan.spec(id))))) return;
    for (const ProcessId member : plan.services[id].members)
      by_component[plan.processes[member].component] = stateless_purposes;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    state.pods.resize(world.plan->services[service].members.size());
    state.holds.assign(plan_of(*world.plan, service).slis.size(), 1);
    world.services[service] = sim::Value::of(std::move(state));
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    if (c.spec.function != Function::volume_controller) return;
    const double u = world.uniform(c.component(), Purpose::initial_leader);
    c.state.lease.holder = static_cast<Position>(u * static_cast<double>(c.size()));
  }
  static void plan_changed(World& world, ServiceId service) { look_at(world, service); }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    step_after<AddonUp>(c, position_of(world, service, process), Purpose::process_start, c.spec.parameters.start);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const Position pod = position_of(world, service, process);
    c.state.pods[pod].up = false;
    world.queue.cancel(c.state.pods[pod].step_timer);
    candidate_died(c, pod);
  }
  static void process_terminating(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    step_after<AddonStopped>(c, position_of(world, service, process), Purpose::clean_close, c.spec.parameters.stop);
  }
  static void contacts_changed(World& world, ServiceId service) { look_at(world, service); }
  static void readiness_changed(World& world, ServiceId service) { look_at(world, service); }
  static void conditions_changed(World& world, ServiceId service) { look_at(world, service); }
  static void answers_changed(World& world, ServiceId service) {
    look_at(world, service);
    // Who asks it may have been told of the same before it had looked.
    service::answers_changed(world, service);
  }
  static void look_at(World& world, ServiceId service) {
    Context c = context(world, service);
    settle(c);
  }

  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return works(view(world, service), position_of(world, service, process));
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (!std::ranges::all_of(c.state.holds, [](char holds) { return holds != 0; })) return false;
    if (each(c)) return c.state.without.empty();
    if (!std::ranges::all_of(c.state.pods, &Pod::up) || !c.state.acts) return false;
    return c.spec.function != Function::cluster_dns || (endpoints_settled(c) && c.state.stale.empty());
  }

  static std::optional<PlatformPart> part(const ServiceSpec& service) { return part_of(spec_of(service)); }
  static bool part_works(const World& world, ServiceId service, NodeId node) {
    const Context c = view(world, service);
    if (!each(c)) return c.state.acts;
    return !node.exists() || !std::binary_search(c.state.without.begin(), c.state.without.end(), node);
  }
  static const std::vector<NodeId>& machines_without(const World& world, ServiceId service) {
    return state_of(world.services[service]).without;
  }
  static LookUp look_up(const World& world, ServiceId service, infrastructure::Endpoint place) {
    return addon::look_up(view(world, service), place);
  }
  static std::optional<service::Load> load(const ServiceSpec& service) {
    const Spec& spec = spec_of(service);
    if (spec.capacity_per_pod <= 0) return std::nullopt;
    return service::Load{spec.queries_per_s, spec.capacity_per_pod, 0};
  }
  static std::vector<double> use(const World& world, ServiceId service) {
    return std::vector<double>(world.plan->services[service].members.size(), 0);
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const models::ServicePlan& its = plan.services[service];
    return named == its.name + "/pods" ? its.members : std::vector<ProcessId>{};
  }
  static bool is_led(const models::Plan& plan, ServiceId service, std::string_view named) {
    return spec_of(plan.spec(service)).function == Function::volume_controller &&
           named == plan.services[service].name + "/pods";
  }
  static ProcessId leader(const World& world, ServiceId service, std::string_view) {
    const Context c = view(world, service);
    return c.state.acts ? c.process(c.state.lease.holder) : ProcessId::none();
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    const bool led = spec_of(plan.spec(service)).function == Function::volume_controller;
    return {{plan.services[service].name + "/pods", led}};
  }
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const Spec& spec = spec_of(plan.spec(id));
    std::vector<structure::Vertex> pods;
    for (const ProcessId member : plan.services[id].members) pods.push_back(builder.process(member));
    const auto all = static_cast<std::uint32_t>(pods.size());
    builder.need(vertex, builder.at_least(on_each_machine(part_of(spec)) ? all : 1, pods));
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    const ComponentId name = world.plan->services[service].component;
    if (each(c)) return into.push_back({name, "away on", c.state.without.size(), 0, false, name});
    std::size_t working = 0;
    for (Position pod = 0; pod < c.size(); ++pod) working += works(c, pod) ? 1 : 0;
    into.push_back({name, "working", working, 0, false, name});
    if (c.spec.function == Function::volume_controller)
      into.push_back({name, "acts", c.state.acts ? std::uint64_t{c.state.lease.holder} : nobody, 1, false, name});
    if (c.spec.function != Function::cluster_dns) return;
    const auto listed = std::ranges::count_if(c.state.pods, &Pod::listed);
    into.push_back({name, "asked", static_cast<std::uint64_t>(listed), 1, false, name});
  }
  static std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown) {
    const models::ServicePlan& its = plan.services[service];
    if (shown.what != "acts") return fmt::format("{} of {}", shown.value, its.members.size());
    if (shown.value == nobody) return "none";
    return std::string(plan.name(plan.processes[its.members[shown.value]].component));
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"addon-queries",
         "look-ups of names outside of the cluster, and their resolver's limits; search lists, which make several "
         "queries of one; caches on machines",
         either},
        {"addon-clients",
         "look-ups by clients of other services than stateless ones: they reach their servers without"},
        {"addon-rules", "rules of machines that are cut off from the API servers, which stay as they were", either},
        {"addon-unmounts",
         "unmounts while the driver on the machine is away, and the waits of a kubelet between its tries"},
        {"addon-credentials",
         "controllers that start while their role is broken: they go on as long as those that ran before"},
        {"addon-leases", "controllers that lose their lease because the API servers were away, and start again"},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<Addon>();

Context context(World& world, ServiceId service) {
  return {world, service, plan_of(*world.plan, service), spec_of(world.plan->spec(service)),
          world.services[service].as<State>()};
}

const Context view(const World& world, ServiceId service) { return context(const_cast<World&>(world), service); }

bool works(const Context& c, Position pod) {
  return c.state.pods[pod].up && c.world.processes[c.process(pod)].status == ProcessState::Status::running;
}

void settle(Context& c) {
  switch (c.spec.function) {
    case Function::cluster_dns:
      follow_endpoints(c);
      follow_acting(c, any_works(c));
      break;
    case Function::volume_controller:
      look_at_lease(c);
      follow_credentials(c);
      follow_acting(c, somebody_acts(c) && c.state.authorised);
      break;
    default: follow_machines(c);
  }
  look_at_slis(c);
}

// ---- events ----

namespace {

/// Its own doing, of which nobody else has told the others.
void settle_and_tell(Context& c) {
  settle(c);
  service::answers_changed(c.world, c.service);
}

}  // namespace

void on(World& world, const AddonUp& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.pods[event.pod].up = true;
  candidate_started(c, event.pod);
  settle_and_tell(c);
}

void on(World& world, const AddonStopped& event) {
  kubernetes::process_exited(world, context(world, ServiceId{event.service}).process(event.pod), Ending::clean);
}

void on(World& world, const AddonUnauthorised& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.authorised = false;
  faults::role_shows(world, c.service);
  settle_and_tell(c);
}

void on(World& world, const DnsListed& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.pods[event.pod].listed = true;
  c.state.pods[event.pod].pod = c.pod_of(event.pod);
  settle_and_tell(c);
}

void on(World& world, const DnsUnlisted& event) {
  Context c = context(world, ServiceId{event.service});
  c.state.pods[event.pod].listed = false;
  settle_and_tell(c);
}

#define NINES_ADDON_POD_SUBJECT(E)                                                               \
  ComponentId subject(const models::Plan& plan, const E& event) {                                \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.pod]].component; \
  }
NINES_ADDON_EVENTS(NINES_ADDON_POD_SUBJECT)
#undef NINES_ADDON_POD_SUBJECT

}  // namespace nines::models::addon
