// What a kind of service is, knowing no protocol. A protocol is one folder whose kind.cpp says all of this; the only
// list of kinds is models/service/kinds.def.
//
// A kind is a type without state whose static members are the rows of `Kind`; `row_of<K>()` makes the row, and the
// concept `Protocol` tells which member is missing. A kind with processes derives from `WithProcesses`, one without
// from `WithoutProcesses`; what these answer already a kind says only if it differs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "models/event_table.hpp"
#include "models/fabric/fabric.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/measurement/plan.hpp"
#include "models/platform_part.hpp"
#include "models/process.hpp"
#include "models/purpose.hpp"
#include "models/scenario.hpp"
#include "models/service/left_out.hpp"
#include "models/service/parameters.hpp"
#include "models/service/plan.hpp"
#include "models/service/records.hpp"
#include "models/service/report.hpp"
#include "models/service/session.hpp"
#include "models/service/spec.hpp"
#include "models/structure/dependency_builder.hpp"

namespace nines::models {
struct Plan;
struct World;
struct Topology;
class Namer;
namespace measurement {
struct Loss;
}
}  // namespace nines::models

namespace nines::models::service {

struct ObjectSpec;

/// A role that pods of a kind can play.
struct Role {
  std::string_view name;  ///< as files say it
  std::string_view meaning;
  bool copies = false;  ///< copies data between its processes, within throttles of its own
  bool serves = false;  ///< clients talk to it
  bool stores = true;   ///< of a kind that stores: a process that plays nothing else needs a volume for it, too
};

/// Whether a role of the process says so; false of a process without service.
bool any_role(const Plan& plan, ProcessId process, bool Role::*says);

/// What a process answers to another one that stores in its service.
enum class Answers : std::uint8_t {
  none,
  old_reads,   ///< reads that may be old
  reads,       ///< reads of what is so now, and no writes
  everything,  ///< reads and writes
};

/// A fact about an SLI's client that results show beside the figures.
struct Fact {
  std::string_view key;                               ///< in JSON
  std::variant<std::string, double, Duration> value;  ///< of a duration its key says the unit: seconds
};

/// Bytes that a service moves while everything is healthy: what the bill charges and what links and volumes carry.
class TrafficSink {
 public:
  virtual ~TrafficSink() = default;
  /// From one process to another, to replicate what clients write. Also for what a process writes for itself
  /// (`from` is `to`).
  virtual void replicate(ProcessId from, ProcessId to, double bytes_per_s) = 0;
  /// From clients to a process, which writes it to its volume; to clients from a process. Clients share it equally.
  virtual void clients(std::span<const infrastructure::Endpoint> places, ProcessId process, double produced_per_s,
                       double consumed_per_s) = 0;
};

/// One thing that a replay shows before and after each event that changes it.
struct Shown {
  ComponentId name = 0;     ///< under which it is shown
  std::string_view what;    ///< "leader", "epoch", "ISR", "controller"
  std::uint64_t value = 0;  ///< its state; `Kind::shown_text` tells it
  std::uint32_t item = 0;   ///< among what the service shows
  bool internal = false;    ///< of parts that no SLI looks at
  ComponentId about = 0;    ///< whose event a change is put down to, if it is not `name`
};

/// What clients ask of a service, and what that takes.
struct Load {
  double requests_per_s = 0;    ///< of all clients
  double capacity_per_pod = 0;  ///< requests per second that one process takes
  double cpu_at_capacity = 0;   ///< processors that it uses then
};

/// A load balancer of the provider in front of a service.
enum class Balancer : std::uint8_t {
  application,  ///< by an Ingress: one for all services that have one, with a rule each
  network,      ///< by a Service of type LoadBalancer, or by hand: one for each service
};

/// A figure of a service that monitoring reads.
struct Metric {
  std::string_view name;
  std::string_view meaning;
};

/// What it reads now.
struct Reading {
  double value = 0;
  double per_s = 0;  ///< by which it changes until the next event
};

/// What the provider charges for a service itself, beside machines and volumes.
struct Charge {
  std::string name;
  double usd_per_month = 0;
};

/// A name within a service that scenarios can target.
struct Target {
  std::string name;
  bool led = false;  ///< leader() and follower() can be asked of it
};

struct Kind {
  std::string_view name;   ///< in files: "kafka"
  std::string_view title;  ///< "a Kafka cluster"
  std::span<const Role> roles;
  bool hosted = true;             ///< it has processes, which run on machines
  bool stores = true;             ///< each of its processes has a volume
  bool holds_objects = false;     ///< control planes can keep their objects in it
  bool keeps_sessions = false;    ///< processes of other services can keep sessions with it
  bool looks_at_touched = false;  ///< it asks models/service/unseen.hpp whom to look at
  bool runs_platform = false;     ///< it is the control plane of the topology's Kubernetes cluster
  /// Its servers are the provider's, on machines of the provider's: nobody else replaces them, restarts them by hand,
  /// or changes them.
  bool provider_runs = false;
  /// A packet's way within it, or to its clients, may take so much longer than usual: who waits for less gives up, as
  /// its protocol has it. Longer ways are refused in scenarios.
  double longest_delay_s = common_delay_s;
  bool parks = false;                                ///< some of its processes may be places for which no pod is wanted
  Controller controller = Controller::operator_set;  ///< who runs its pods in Kubernetes if the file does not say

  // ---- files ----
  /// The server as people call it, in messages: "Kafka". Empty of a kind that no server stands behind.
  std::string_view product;
  /// Fields of its own spec; null if it has none but what every service has. One of shape `version` makes the values of
  /// its parameters, and with them the versions known, those of that version in the profiles.
  const ObjectSpec* fields = nullptr;
  /// Its parameters; none if it has only fields.
  std::span<const ParameterGroup> parameters;
  /// How others read what it keeps; null if it keeps no records for others.
  const Records* records = nullptr;
  /// Fills what follows from other fields of the file, and reports what contradicts them. Fields are as they were read:
  /// those that could not be are at their defaults, and reported. Parameters are not known yet.
  void (*complete)(Report& report, const Topology& topology, ServiceSpec& service);
  /// Fills what follows from its parameters, which are known now.
  void (*resolve)(Report& report, ServiceSpec& service);

  // ---- spec and plan ----
  /// What no single field shows: whether the service can exist, and which of its settings do nothing.
  void (*check)(Report& report, const Topology& topology, const ServiceSpec& service);
  void (*check_combinations)(Report& report, const Topology& topology, const ServiceSpec& service);
  /// Its data can reach a quota at which it takes no writes until people have made room (verb space-quota).
  bool (*has_quota)(const ServiceSpec& service);
  /// How often its data grow to that quota; 0: the design does not say how they grow.
  Rate (*reaches_quota)(const ServiceSpec& service);
  /// Whether `change.space_quota.rate` is of its quota; otherwise it is full where a scenario says so.
  bool (*quota_by_rate)(const ServiceSpec& service);
  /// Writes of all clients a second that people could delete; 0: it keeps nothing, or nobody says how much is written.
  double (*writes_per_s)(const ServiceSpec& service);
  sim::Value (*new_spec)();
  /// The own spec of a service, which the kind's fields describe.
  void* (*own_spec)(ServiceSpec& service);
  /// Names of the SLIs of a spec, in their order.
  std::vector<std::string> (*sli_names)(const ServiceSpec& spec);
  /// What the promise of an SLI is; null if nothing is promised.
  const SlaSpec* (*sla_of)(const ServiceSpec& spec, std::size_t sli);
  /// Name of a process within its service: "broker-3". `number` counts over all pools.
  std::string (*member_name)(const ServiceSpec& spec, const PoolSpec& pool, std::size_t number);
  /// Fills the service's own plan, adds its components and SLIs. REQUIRES: its processes are in the plan.
  void (*build)(Plan& plan, Namer& namer, ServiceId service);
  /// Resolves what refers to other services and to black boxes. REQUIRES: all services have been built.
  void (*connect)(Plan& plan, ServiceId service);
  /// What components of the service can draw for, where that is less than for a process.
  void (*purposes)(const Plan& plan, ServiceId service, std::vector<PurposeRange>& by_component);
  /// Whether a world of one plan can go on with the other.
  bool (*same_shape)(const ServicePlan& a, const ServicePlan& b);

  // ---- sessions of other services' processes with it; REQUIRES of all but the last: keeps_sessions ----
  /// A process will keep sessions with it, the first of them from the beginning on. REQUIRES: called by `connect`.
  /// Returns the number by which the others name it.
  std::uint16_t (*add_session)(Plan& plan, ServiceId service, const SessionPlan& session);
  /// The process begins to ask for a session, and does so until it has one. REQUIRES: it runs.
  void (*open_session)(World& world, ServiceId service, std::uint16_t session);
  /// It ends its session in order, and asks for none any more.
  void (*close_session)(World& world, ServiceId service, std::uint16_t session);
  SessionView (*session)(const World& world, ServiceId service, std::uint16_t session);
  /// The session time-out that it grants to who asks for `wanted`.
  Duration (*session_granted)(const ServiceSpec& service, Duration wanted);
  /// To the service whose process keeps session `id`. It calls nothing of the other service.
  void (*session_changed)(World& world, ServiceId user, ProcessId process, std::uint32_t id, SessionNews news);

  // ---- the world ----
  /// Its events; none if it has none.
  std::span<const EventRow> (*events)();
  /// Whether one of its events, by its name, can happen in a service of this design.
  bool (*happens)(const ServiceSpec& service, std::string_view event);
  /// The healthy state at time zero; nothing is drawn yet.
  void (*initialise)(World& world, ServiceId service);
  /// All incidents begin with this state: copies of it go back to it.
  void (*freeze)(sim::Value& state);
  /// Draws what differs from run to run: phases of timers, who leads. REQUIRES: initialised, nothing happened.
  void (*draw_phases)(World& world, ServiceId service);
  /// The world got another plan: what was concluded from the old one is looked at again.
  void (*plan_changed)(World& world, ServiceId service);

  // ---- what happens to its processes ----
  /// A container runs. From here on, and not before, its server may answer: one that crash-loops is never told.
  void (*process_started)(World& world, ServiceId service, ProcessId process);
  /// It is gone; contacts have not been re-examined.
  void (*process_died)(World& world, ServiceId service, ProcessId process);
  /// SIGTERM: it calls `kubernetes::process_exited` when it is done.
  void (*process_terminating)(World& world, ServiceId service, ProcessId process);
  /// The volume of a running process fails every access from now on.
  void (*disk_failed)(World& world, ServiceId service, ProcessId process);
  /// Some process, machine or link changed: it re-examines its contacts.
  void (*contacts_changed)(World& world, ServiceId service);
  /// The API server sees a pod as Ready, or no longer (kubernetes::seen_ready): what goes by endpoints looks anew.
  void (*readiness_changed)(World& world, ServiceId service);
  /// Volumes, machines or paths give less than before, or more again: it asks models/infrastructure/conditions.hpp.
  void (*conditions_changed)(World& world, ServiceId service);
  /// A service whose processes it asks answers otherwise than before.
  void (*answers_changed)(World& world, ServiceId service);
  /// The wall clock of a machine has jumped forward. Whether anything of the service there goes by it: what goes by
  /// monotonic time does not notice.
  bool (*clock_jumped)(World& world, ServiceId service, NodeId node, Duration by);
  /// A transfer to one of its processes has ended.
  void (*flow_ended)(World& world, ServiceId service, const fabric::Ending& ending);

  // ---- what it tells the platform ----
  /// Readiness probe: the server has finished its start.
  bool (*ready)(const World& world, ServiceId service, ProcessId process);
  /// A server that is ready answers a probe that waits so long: not if requests wait longer.
  bool (*answers_within)(const World& world, ServiceId service, ProcessId process, Duration patience);
  /// A Job of its workload, in that place, has succeeded or failed for good.
  void (*job_ended)(World& world, ServiceId service, std::uint32_t place, bool succeeded);
  /// Something is about to happen: what it leaves out of a healthy world it begins to play.
  void (*disturbed)(World& world, ServiceId service);
  /// Whether who leads what need not be as in a new cluster for all to be well, and tells for later faults.
  bool (*roles_drift)(const Plan& plan, ServiceId service);
  /// Who leads what; none if no new cluster could begin so. REQUIRES: all is well.
  std::optional<std::vector<std::uint16_t>> (*roles_now)(const World& world, ServiceId service);
  /// Worlds of the plan begin with these roles, which `roles_now` said.
  void (*begin_with)(Plan& plan, ServiceId service, const std::vector<std::uint16_t>& roles);
  /// The check before an orderly restart of one process of a healthy service.
  bool (*may_restart)(const World& world, ServiceId service, ProcessId process);
  /// In which a rolling restart takes the processes.
  std::vector<ProcessId> (*restart_order)(const World& world, ServiceId service);
  /// What a process of another service gets from `process` now.
  Answers (*answers)(const World& world, ServiceId service, ProcessId process, ProcessId from);
  /// What is asked of a service of this design; none of a kind or a service without load.
  std::optional<Load> (*load)(const ServiceSpec& spec);
  /// The load balancer of the provider that stands before a service of this design; none if there is none.
  std::optional<Balancer> (*balancer)(const ServiceSpec& spec);
  /// What a service of this design costs itself: node hours, storage.
  std::vector<Charge> (*charges)(const Topology& topology, const ServiceSpec& spec);
  /// Work of one's own people on a service that the provider runs, a month, outside incidents.
  Duration (*care)(const ServiceSpec& spec);
  /// Processors that each of its members uses now.
  std::vector<double> (*use)(const World& world, ServiceId service);
  /// Requests per second that are sent to it now, of a kind with a load: retries too, if it follows them.
  double (*requests_per_s)(const World& world, ServiceId service);
  /// People limit its traffic to what its servers answer.
  void (*load_limited)(World& world, ServiceId service);
  /// What people are to do about the process, who were asked for it (people::Repair::by_hand).
  HandWork (*hand_work)(const World& world, ServiceId service, ProcessId process);
  /// They have done it. False if it cannot be done yet: then they try again.
  bool (*done_by_hand)(World& world, ServiceId service, ProcessId process);
  /// Figures that monitoring can read; none if it exports none.
  std::span<const Metric> (*metrics)();
  /// What the metric with that number reads now.
  Reading (*metric)(const World& world, ServiceId service, std::size_t metric);
  /// The part that a service of this design plays for the whole cluster; none plays but one.
  std::optional<PlatformPart> (*part)(const ServiceSpec& spec);
  /// Whether it is played now; of a part on each machine, on that one.
  bool (*part_works)(const World& world, ServiceId service, NodeId node);
  /// Machines on which it is not, ascending.
  const std::vector<NodeId>& (*machines_without)(const World& world, ServiceId service);
  /// Of a service that answers look-ups: how one from `place` ends now.
  LookUp (*look_up)(const World& world, ServiceId service, infrastructure::Endpoint place);
  /// The service in which it keeps its objects was restored from a backup of that age.
  void (*store_restored)(World& world, ServiceId service, Duration age);
  /// Upgrades the control plane that it is. False if that is going on already.
  bool (*upgrade)(World& world, ServiceId service, Variant variant);
  /// The provider maintains the nodes of a service that it runs, one after the other. False if it is at it already.
  bool (*maintain)(World& world, ServiceId service);
  /// Why the data of the process can never be moved to others; none if they can.
  std::optional<std::string> (*why_not_emptied)(const Plan& plan, ServiceId service, ProcessId process);
  /// People have its data moved from one of its processes to others. False if it cannot, or is at it already.
  bool (*empty_process)(World& world, ServiceId service, ProcessId process);
  /// Nothing is left to recover.
  bool (*healthy)(const World& world, ServiceId service);

  // ---- names ----
  /// Processes behind a name within the service, such as "kafka/brokers" or "kafka/my-topic/3"; empty if there is none.
  std::vector<ProcessId> (*members_named)(const Plan& plan, ServiceId service, std::string_view name);
  /// Whether somebody can lead what has that name.
  bool (*is_led)(const Plan& plan, ServiceId service, std::string_view name);
  /// Who leads it now; none if nobody does. REQUIRES: is_led.
  ProcessId (*leader)(const World& world, ServiceId service, std::string_view name);
  /// Examples of all of these names, for messages and lists.
  std::vector<Target> (*targets)(const Plan& plan, ServiceId service);
  /// Forms of names that are led: "<service>/controllers".
  std::string_view led_forms;
  /// Names of its clients with their places on the network.
  std::vector<std::pair<ComponentId, infrastructure::Endpoint>> (*client_places)(const Plan& plan, ServiceId service);

  // ---- structure, traffic, results ----
  /// Adds what an SLI of the service needs to the graph, below `vertex`.
  void (*needs)(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex sli);
  /// What it moves while everything is healthy.
  void (*traffic)(const Plan& plan, ServiceId service, TrafficSink& sink);
  /// Parts that an event may have to look at: by it the work of a run is limited.
  std::size_t (*parts)(const Plan& plan, ServiceId service);
  /// Name of what lost records, such as a topic.
  std::string (*loss_item)(const Plan& plan, ServiceId service, const measurement::Loss& loss);
  /// What results say about the client and the scope of an SLI.
  std::vector<Fact> (*sli_facts)(const Plan& plan, measurement::SliIndex sli);
  /// What a replay shows of it now, always as many and in the same order.
  void (*show)(const World& world, ServiceId service, std::vector<Shown>& into);
  std::string (*shown_text)(const Plan& plan, ServiceId service, const Shown& shown);
  /// Components that no SLI looks at.
  std::vector<ComponentId> (*internal)(const Plan& plan, ServiceId service);
  /// What every model of the kind leaves out.
  std::span<const LeftOut> (*left_out)();
  /// What this design of it leaves out.
  std::vector<LeftOut> (*left_out_here)(const Topology& topology, const ServiceSpec& spec);
};

/// Points on which a kind may have nothing to say.
struct Defaults {
  static constexpr std::string_view product = "";
  static constexpr bool stores = true;
  static constexpr bool holds_objects = false;
  static constexpr bool keeps_sessions = false;
  static constexpr bool looks_at_touched = false;
  static constexpr bool runs_platform = false;
  static constexpr bool provider_runs = false;
  static constexpr double longest_delay_s = common_delay_s;
  static constexpr bool parks = false;
  static constexpr Controller controller = Controller::operator_set;
  static constexpr const ObjectSpec* fields = nullptr;
  static constexpr std::span<const ParameterGroup> parameters = {};
  static constexpr const Records* records = nullptr;
  static void complete(Report&, const Topology&, ServiceSpec&) {}
  static void resolve(Report&, ServiceSpec&) {}
  static std::span<const EventRow> events() { return {}; }
  static void check(Report&, const Topology&, const ServiceSpec&) {}
  static void check_combinations(Report&, const Topology&, const ServiceSpec&) {}
  static bool has_quota(const ServiceSpec&) { return false; }
  static double writes_per_s(const ServiceSpec&) { return 0; }
  static Rate reaches_quota(const ServiceSpec&) { return {}; }
  static bool quota_by_rate(const ServiceSpec&) { return true; }
  static void connect(Plan&, ServiceId) {}
  static void purposes(const Plan&, ServiceId, std::vector<PurposeRange>&) {}
  static bool same_shape(const ServicePlan&, const ServicePlan&) { return true; }
  static std::uint16_t add_session(Plan&, ServiceId, const SessionPlan&) { return 0; }
  static void open_session(World&, ServiceId, std::uint16_t) {}
  static void close_session(World&, ServiceId, std::uint16_t) {}
  static SessionView session(const World&, ServiceId, std::uint16_t) { return {}; }
  static Duration session_granted(const ServiceSpec&, Duration wanted) { return wanted; }
  static void session_changed(World&, ServiceId, ProcessId, std::uint32_t, SessionNews) {}
  static void freeze(sim::Value&) {}
  static void draw_phases(World&, ServiceId) {}
  static void plan_changed(World&, ServiceId) {}
  static void readiness_changed(World&, ServiceId) {}
  static void conditions_changed(World&, ServiceId) {}
  static void answers_changed(World&, ServiceId) {}
  static Answers answers(const World&, ServiceId, ProcessId, ProcessId) { return Answers::none; }
  static bool clock_jumped(World&, ServiceId, NodeId, Duration) { return false; }
  static void flow_ended(World&, ServiceId, const fabric::Ending&) {}
  /// The process ends: it cannot do without its volume.
  static void disk_failed(World& world, ServiceId service, ProcessId process);
  static bool answers_within(const World&, ServiceId, ProcessId, Duration) { return true; }
  static void job_ended(World&, ServiceId, std::uint32_t, bool) {}
  static void disturbed(World&, ServiceId) {}
  static bool roles_drift(const Plan&, ServiceId) { return false; }
  static std::optional<std::vector<std::uint16_t>> roles_now(const World&, ServiceId) {
    return std::vector<std::uint16_t>();
  }
  static void begin_with(Plan&, ServiceId, const std::vector<std::uint16_t>&) {}
  static bool may_restart(const World&, ServiceId, ProcessId) { return true; }
  static std::optional<Load> load(const ServiceSpec&) { return std::nullopt; }
  static std::optional<Balancer> balancer(const ServiceSpec&) { return std::nullopt; }
  static std::vector<Charge> charges(const Topology&, const ServiceSpec&) { return {}; }
  static Duration care(const ServiceSpec&) { return {}; }
  static bool maintain(World&, ServiceId) { return false; }
  static bool empty_process(World&, ServiceId, ProcessId) { return false; }
  static std::optional<std::string> why_not_emptied(const Plan&, ServiceId, ProcessId) {
    return "what its service keeps is not moved from one process to another in this model";
  }
  static bool happens(const ServiceSpec&, std::string_view) { return true; }
  static std::vector<double> use(const World&, ServiceId) { return {}; }
  /// Those of its load, as scenarios change it.
  static double requests_per_s(const World& world, ServiceId service);
  static void load_limited(World&, ServiceId) {}
  static HandWork hand_work(const World&, ServiceId, ProcessId) { return {}; }
  static bool done_by_hand(World&, ServiceId, ProcessId) { return true; }
  static std::span<const Metric> metrics() { return {}; }
  static Reading metric(const World&, ServiceId, std::size_t) { return {}; }
  static std::optional<PlatformPart> part(const ServiceSpec&) { return std::nullopt; }
  static bool part_works(const World&, ServiceId, NodeId) { return true; }
  static const std::vector<NodeId>& machines_without(const World&, ServiceId) {
    static const std::vector<NodeId> none;
    return none;
  }
  static LookUp look_up(const World&, ServiceId, infrastructure::Endpoint) { return {}; }
  static void store_restored(World&, ServiceId, Duration) {}
  static bool upgrade(World&, ServiceId, Variant) { return false; }
  static std::vector<ProcessId> restart_order(const World& world, ServiceId service);
  static std::vector<ProcessId> members_named(const Plan&, ServiceId, std::string_view) { return {}; }
  static bool is_led(const Plan&, ServiceId, std::string_view) { return false; }
  static ProcessId leader(const World&, ServiceId, std::string_view) { return ProcessId::none(); }
  static std::vector<Target> targets(const Plan&, ServiceId) { return {}; }
  static constexpr std::string_view led_forms = "";
  static std::vector<std::pair<ComponentId, infrastructure::Endpoint>> client_places(const Plan&, ServiceId) {
    return {};
  }
  static void traffic(const Plan&, ServiceId, TrafficSink&) {}
  static std::size_t parts(const Plan&, ServiceId) { return 0; }
  /// The service itself.
  static std::string loss_item(const Plan& plan, ServiceId service, const measurement::Loss& loss);
  static std::vector<Fact> sli_facts(const Plan& plan, measurement::SliIndex sli);
  static void show(const World&, ServiceId, std::vector<Shown>&) {}
  static std::string shown_text(const Plan&, ServiceId, const Shown&) { return {}; }
  static std::vector<ComponentId> internal(const Plan&, ServiceId) { return {}; }
  static std::span<const LeftOut> left_out() { return {}; }
  static std::vector<LeftOut> left_out_here(const Topology&, const ServiceSpec&) { return {}; }
};

/// Of a kind that has no processes: it holds or not as others do.
struct WithoutProcesses : Defaults {
  static constexpr bool hosted = false;
  static constexpr std::span<const Role> roles = {};
  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t) { return {}; }
  static void initialise(World&, ServiceId) {}
  static void process_started(World&, ServiceId, ProcessId) {}
  static void process_died(World&, ServiceId, ProcessId) {}
  static void process_terminating(World&, ServiceId, ProcessId) {}
  static void disk_failed(World&, ServiceId, ProcessId) {}
  static void contacts_changed(World&, ServiceId) {}
  static bool ready(const World&, ServiceId, ProcessId) { return true; }
  static bool healthy(const World&, ServiceId) { return true; }
};

/// Of a kind with processes.
struct WithProcesses : Defaults {
  static constexpr bool hosted = true;
};

/// Of a kind whose own spec has a list `slis` of structs with `name` and `sla`.
template <class Spec>
struct SlisOf {
  static std::vector<std::string> sli_names(const ServiceSpec& spec) {
    std::vector<std::string> names;
    for (const auto& sli : spec.own.as<Spec>().slis) names.push_back(sli.name);
    return names;
  }
  static const SlaSpec* sla_of(const ServiceSpec& spec, std::size_t sli) {
    const std::optional<SlaSpec>& sla = spec.own.as<Spec>().slis[sli].sla;
    return sla ? &*sla : nullptr;
  }
};

/// What a protocol has to say: without one of these there is no row of it.
template <class K>
concept Protocol = requires(World& world, const World& view, Plan& plan, const Plan& built, Namer& namer, ServiceId id,
                            ProcessId process, const ServiceSpec& spec, const PoolSpec& pool,
                            structure::DependencyBuilder& builder) {
  { K::name } -> std::convertible_to<std::string_view>;
  { K::title } -> std::convertible_to<std::string_view>;
  { K::hosted } -> std::convertible_to<bool>;
  { K::roles } -> std::convertible_to<std::span<const Role>>;
  typename K::Spec;
  { K::sli_names(spec) } -> std::same_as<std::vector<std::string>>;
  { K::sla_of(spec, std::size_t{}) } -> std::same_as<const SlaSpec*>;
  { K::member_name(spec, pool, std::size_t{}) } -> std::same_as<std::string>;
  K::build(plan, namer, id);
  K::initialise(world, id);
  K::process_started(world, id, process);
  K::process_died(world, id, process);
  K::process_terminating(world, id, process);
  K::contacts_changed(world, id);
  { K::ready(view, id, process) } -> std::same_as<bool>;
  { K::healthy(view, id) } -> std::same_as<bool>;
  K::needs(builder, structure::Vertex{}, measurement::SliIndex{});
};

template <Protocol K>
constexpr Kind row_of() {
  return {
      .name = K::name,
      .title = K::title,
      .roles = K::roles,
      .hosted = K::hosted,
      .stores = K::stores,
      .holds_objects = K::holds_objects,
      .keeps_sessions = K::keeps_sessions,
      .looks_at_touched = K::looks_at_touched,
      .runs_platform = K::runs_platform,
      .provider_runs = K::provider_runs,
      .longest_delay_s = K::longest_delay_s,
      .parks = K::parks,
      .controller = K::controller,
      .product = K::product,
      .fields = K::fields,
      .parameters = K::parameters,
      .records = K::records,
      .complete = K::complete,
      .resolve = K::resolve,
      .check = K::check,
      .check_combinations = K::check_combinations,
      .has_quota = K::has_quota,
      .reaches_quota = K::reaches_quota,
      .quota_by_rate = K::quota_by_rate,
      .writes_per_s = K::writes_per_s,
      .new_spec = [] { return sim::Value::of(typename K::Spec{}); },
      .own_spec = [](ServiceSpec& service) -> void* { return &service.own.as<typename K::Spec>(); },
      .sli_names = K::sli_names,
      .sla_of = K::sla_of,
      .member_name = K::member_name,
      .build = K::build,
      .connect = K::connect,
      .purposes = K::purposes,
      .same_shape = K::same_shape,
      .add_session = K::add_session,
      .open_session = K::open_session,
      .close_session = K::close_session,
      .session = K::session,
      .session_granted = K::session_granted,
      .session_changed = K::session_changed,
      .events = K::events,
      .happens = K::happens,
      .initialise = K::initialise,
      .freeze = K::freeze,
      .draw_phases = K::draw_phases,
      .plan_changed = K::plan_changed,
      .process_started = K::process_started,
      .process_died = K::process_died,
      .process_terminating = K::process_terminating,
      .disk_failed = K::disk_failed,
      .contacts_changed = K::contacts_changed,
      .readiness_changed = K::readiness_changed,
      .conditions_changed = K::conditions_changed,
      .answers_changed = K::answers_changed,
      .clock_jumped = K::clock_jumped,
      .flow_ended = K::flow_ended,
      .ready = K::ready,
      .answers_within = K::answers_within,
      .job_ended = K::job_ended,
      .disturbed = K::disturbed,
      .roles_drift = K::roles_drift,
      .roles_now = K::roles_now,
      .begin_with = K::begin_with,
      .may_restart = K::may_restart,
      .restart_order = K::restart_order,
      .answers = K::answers,
      .load = K::load,
      .balancer = K::balancer,
      .charges = K::charges,
      .care = K::care,
      .use = K::use,
      .requests_per_s = K::requests_per_s,
      .load_limited = K::load_limited,
      .hand_work = K::hand_work,
      .done_by_hand = K::done_by_hand,
      .metrics = K::metrics,
      .metric = K::metric,
      .part = K::part,
      .part_works = K::part_works,
      .machines_without = K::machines_without,
      .look_up = K::look_up,
      .store_restored = K::store_restored,
      .upgrade = K::upgrade,
      .maintain = K::maintain,
      .why_not_emptied = K::why_not_emptied,
      .empty_process = K::empty_process,
      .healthy = K::healthy,
      .members_named = K::members_named,
      .is_led = K::is_led,
      .leader = K::leader,
      .targets = K::targets,
      .led_forms = K::led_forms,
      .client_places = K::client_places,
      .needs = K::needs,
      .traffic = K::traffic,
      .parts = K::parts,
      .loss_item = K::loss_item,
      .sli_facts = K::sli_facts,
      .show = K::show,
      .shown_text = K::shown_text,
      .internal = K::internal,
      .left_out = K::left_out,
      .left_out_here = K::left_out_here,
  };
}

/// The service was restored from a backup of that age: whoever keeps objects in it hears of it.
void restored(World& world, ServiceId service, Duration age);
/// Processes of the service may answer otherwise than before: those who ask them look.
void answers_changed(World& world, ServiceId service);

/// All kinds, in the order of the list.
std::span<const Kind* const> kinds();
/// The kind of that name; null if there is none.
const Kind* find_kind(std::string_view name);
/// Adds a kind that the list does not name: for programs that link this library with a protocol of their own. Before
/// anything else is done. One whose name is known is left out.
void add_kind(const Kind& kind);

}  // namespace nines::models::service
