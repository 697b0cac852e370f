// Workers that write locally and send later, as a kind of service.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kubernetes/address.hpp"
#include "models/local_first/fields.hpp"
#include "models/local_first/workers.hpp"
#include "models/service/settling.hpp"

namespace nines::models::local_first {

namespace {

constexpr service::Role roles_of_pools[] = {
    {"worker", "takes work, keeps it in a file, and sends it on", false, false}};

struct LocalFirst : service::Settling<Number, &context, &settle, &worker_started, &worker_died, &worker_terminating>,
                    service::SlisOf<Spec> {
  using Spec = local_first::Spec;
  static constexpr std::string_view name = "local_first";
  static constexpr std::string_view title = "workers with files of their own";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  /// A pod without volume writes to a directory of its own, which goes with it.
  static constexpr bool stores = false;
  static constexpr Controller controller = Controller::deployment;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &local_first::check;
  static constexpr auto build = &local_first::build;
  static constexpr auto connect = &local_first::connect;

  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("worker-{}", number);
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    return a.own.as<ServicePlan>().slis.size() == b.own.as<ServicePlan>().slis.size() && a.members == b.members;
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    for (const ProcessId worker : plan.services[id].members)
      by_component[plan.processes[worker].component] = platform_purposes;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    state.workers.resize(world.plan->services[service].members.size());
    state.holds.assign(plan_of(*world.plan, service).slis.size(), true);
    world.services[service] = sim::Value::of(std::move(state));
    Context c = context(world, service);
    const double share = c.spec.rows_per_s / static_cast<double>(c.workers());
    for (Number i = 0; i < c.workers(); ++i) c.worker(i).outbox.set_coming(share);
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    for (Number i = 0; i < c.workers(); ++i) {
      Worker& worker = c.worker(i);
      worker.turn = c.now() + world.phase(c.component(i), Purpose::tick_phase, c.parameters.interval);
      worker.address = kubernetes::address_of(world, c.process(i));
    }
  }
  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return view(world, service).worker(number_of(world, service, process)).started;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    for (Number i = 0; i < c.workers(); ++i) {
      if (!accepts(c, i) || c.worker(i).sending != Sending::in_turns) return false;
    }
    return std::all_of(c.state.holds.begin(), c.state.holds.end(), [](bool holds) { return holds; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const std::string& itself = plan.services[service].name;
    const bool all = named == itself || named == itself + "/workers";
    return all ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/workers", false}};
  }

  /// Work needs one worker; that everything is sent needs all of them, and the service that it is sent to.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    std::vector<structure::Vertex> workers;
    for (const ProcessId worker : plan.services[id].members) workers.push_back(builder.process(worker));
    if (service.slis[plan.slis[index].spec].kind == SliKind::accept)
      return builder.need(vertex, builder.at_least(1, workers));
    for (const structure::Vertex worker : workers) builder.need(vertex, worker);
    std::vector<structure::Vertex> takers;
    for (const ProcessId member : plan.services[service.upstream].members) takers.push_back(builder.process(member));
    builder.need(vertex, builder.at_least(1, takers));
  }
  static void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
    const Spec& spec = spec_of(plan.spec(id));
    const std::vector<ProcessId>& workers = plan.services[id].members;
    const double bytes = spec.rows_per_s * spec.row_size.count / static_cast<double>(workers.size());
    if (bytes <= 0) return;
    for (const ProcessId worker : workers) {
      if (plan.processes[worker].volume.exists()) sink.replicate(worker, worker, bytes);
    }
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    for (Number i = 0; i < c.workers(); ++i)
      into.push_back(
          {c.component(i), "sends", static_cast<std::uint64_t>(c.worker(i).sending), i, false, c.component(i)});
  }
  static std::string shown_text(const models::Plan&, ServiceId, const service::Shown& shown) {
    constexpr std::string_view words[] = {"in turns", "nothing", "what has gathered"};
    return std::string(words[shown.value]);
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"local-first-batches", "rows that are sent twice because a worker ends between sending and marking them",
         worse},
        {"local-first-cpu", "starved processors: workers work as fast, and a fault cpu-starved changes nothing here",
         worse},
        {"local-first-load",
         "what sending costs the central service while workers drain: it takes them at local_first.send_rate each",
         worse},
        {"local-first-queue",
         "the queue that work comes from never runs empty and never loses anything: a broker's own "
         "model says that",
         worse},
        {"local-first-files",
         "files that are damaged, locked or on a network file system, where SQLite's WAL does not "
         "work",
         worse},
        {"local-first-reads", "readers that miss in the central service what is still in a worker's file", worse},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<LocalFirst>();

}  // namespace nines::models::local_first
