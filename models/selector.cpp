#include "models/selector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <type_traits>
#include <utility>

#include "models/components/unit.hpp"
#include "models/faults/possible.hpp"
#include "models/infrastructure/capacity.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

enum class Kind : std::uint8_t { none, process, node, zone, volume, service, endpoint, unit, shock, capacity_pool };

/// What a name means before the verb asks for a kind.
struct Things {
  Kind kind = Kind::none;
  std::vector<std::uint32_t> members;
};

/// Where an action looks things up: the plan, and the world if it is done now.
struct View {
  const Plan& plan;
  const World* world = nullptr;

  [[nodiscard]] NodeId machine(ProcessId process) const {
    return world != nullptr ? world->processes[process].node : plan.processes[process].node;
  }
  [[nodiscard]] bool parked(ProcessId process) const {
    return world != nullptr ? world->kubernetes.pods[process].parked : plan.processes[process].parked;
  }
  /// No machine is there in health, and none has come.
  [[nodiscard]] bool empty_place(NodeId node) const {
    return plan.nodes[node].parked && (world == nullptr || !infrastructure::node_up(*world, node));
  }
  /// The pool that the machine is of; none of a bare host.
  [[nodiscard]] std::optional<std::uint32_t> capacity_pool(NodeId node) const {
    const std::vector<CapacityPoolId>& offerings = plan.nodes[node].offerings;
    if (offerings.empty()) return std::nullopt;
    return (world != nullptr ? infrastructure::pool_of(*world, node) : offerings.front()).value;
  }
};

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::none: return "nothing";
    case Kind::process: return "process";
    case Kind::node: return "node";
    case Kind::zone: return "zone";
    case Kind::volume: return "volume";
    case Kind::service: return "service";
    case Kind::endpoint: return "place on the network";
    case Kind::unit: return "component";
    case Kind::shock: return "shock";
    case Kind::capacity_pool: return "capacity pool";
  }
  return "";
}

Kind wanted(TargetKind kind) {
  switch (kind) {
    case TargetKind::process: return Kind::process;
    case TargetKind::node: return Kind::node;
    case TargetKind::zone: return Kind::zone;
    case TargetKind::volume: return Kind::volume;
    case TargetKind::service: return Kind::service;
    case TargetKind::any: return Kind::endpoint;
    case TargetKind::component: return Kind::unit;
    case TargetKind::shock: return Kind::shock;
    case TargetKind::capacity_pool: return Kind::capacity_pool;
  }
  return Kind::none;
}

std::vector<std::uint32_t> first_indices(std::size_t count) {
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), std::uint32_t{0});
  return all;
}

template <class Id>
std::vector<std::uint32_t> values(const std::vector<Id>& ids) {
  std::vector<std::uint32_t> out;
  for (const Id id : ids) out.push_back(id.value);
  return out;
}

/// Position of the item of `table` whose component is called `name`.
template <class T>
std::optional<std::uint32_t> named(const Plan& plan, const T& table, std::string_view name) {
  std::uint32_t position = 0;
  for (const auto& item : table) {
    if (plan.name(item.component) == name) return position;
    ++position;
  }
  return std::nullopt;
}

/// The service that has a name which somebody can lead; none if there is none.
ServiceId service_that_is_led(const Plan& plan, std::string_view name) {
  for (const ServiceId id : plan.services.ids()) {
    if (plan.services[id].kind->is_led(plan, id, name)) return id;
  }
  return ServiceId::none();
}

// ---- names ----

Things processes_named(const Plan& plan, std::string_view name) {
  if (const auto process = named(plan, plan.processes, name)) return {Kind::process, {*process}};
  for (const ServiceId id : plan.services.ids()) {
    const std::vector<ProcessId> found = plan.services[id].kind->members_named(plan, id, name);
    if (!found.empty()) return {Kind::process, values(found)};
  }
  return {};
}

Things machines_named(const Plan& plan, std::string_view name) {
  if (const auto node = named(plan, plan.nodes, name)) return {Kind::node, {*node}};
  if (name == "nodes") return {Kind::node, first_indices(plan.nodes.size())};
  Things group{Kind::node, {}};
  for (const NodeId node : plan.nodes.ids()) {
    if (plan.topology.node_groups[plan.nodes[node].group].name == name) group.members.push_back(node.value);
  }
  return group.members.empty() ? Things{} : group;
}

Things zones_named(const Plan& plan, std::string_view name, Kind want) {
  if (name == "zones") return {Kind::zone, first_indices(plan.zones.size())};
  const auto zone = named(plan, plan.zones, name);
  if (!zone) return {};
  if (want == Kind::node) return {Kind::node, values(plan.zones[ZoneId::of(*zone)].nodes)};
  return {Kind::zone, {*zone}};
}

Things service_named(const Plan& plan, std::string_view name, Kind want) {
  const auto service = named(plan, plan.services, name);
  if (!service) return {};
  const ServicePlan& its = plan.services[ServiceId::of(*service)];
  if (want == Kind::service && (its.kind->runs_platform || !its.members.empty())) return {Kind::service, {*service}};
  return its.members.empty() ? Things{} : Things{Kind::process, values(its.members)};
}

Things places_named(const Plan& plan, std::string_view name) {
  if (name == "region" || name == "control-plane") return {Kind::endpoint, {plan.network.backbone}};
  for (const ServiceId id : plan.services.ids()) {
    for (const auto& [client, place] : plan.services[id].kind->client_places(plan, id)) {
      if (plan.name(client) == name) return {Kind::endpoint, {place}};
    }
  }
  return {};
}

/// Units of a black box by the box's name or one unit by its own; shocks by their name in the file.
Things black_boxes_named(const Plan& plan, std::string_view name) {
  const components::BlackBoxes& all = plan.black_boxes;
  if (const auto box = named(plan, all.boxes, name)) {
    const components::BoxPlan& found = all.boxes[components::BoxId::of(*box)];
    Things units{Kind::unit, first_indices(found.count)};
    for (std::uint32_t& index : units.members) index = static_cast<std::uint32_t>(index + found.first.value);
    return units;
  }
  if (const auto unit = named(plan, all.units, name)) return {Kind::unit, {*unit}};
  for (const components::ShockId shock : all.shocks.ids()) {
    if (plan.topology.shocks[all.shocks[shock].spec].name == name) return {Kind::shock, {shock.value}};
  }
  return {};
}

/// All that `name` can mean to a verb that wants `want`. Where a name means two things, the one nearer to `want` wins.
Things things_named(const Plan& plan, std::string_view name, Kind want) {
  if (want == Kind::node) {
    if (Things found = machines_named(plan, name); found.kind != Kind::none) return found;
  }
  // A kind may call some of its processes by the service's name.
  if (want == Kind::service) {
    if (Things found = service_named(plan, name, want); found.kind != Kind::none) return found;
  }
  if (Things found = processes_named(plan, name); found.kind != Kind::none) return found;
  if (Things found = service_named(plan, name, want); found.kind != Kind::none) return found;
  if (Things found = zones_named(plan, name, want); found.kind != Kind::none) return found;
  if (Things found = machines_named(plan, name); found.kind != Kind::none) return found;
  if (const auto volume = named(plan, plan.volumes, name)) return {Kind::volume, {*volume}};
  if (const auto pool = named(plan, plan.capacity_pools, name)) return {Kind::capacity_pool, {*pool}};
  if (Things found = black_boxes_named(plan, name); found.kind != Kind::none) return found;
  return want == Kind::endpoint ? places_named(plan, name) : Things{};
}

// ---- conversions ----

/// Numbers without repetition, in the order in which they came.
class Unique {
 public:
  void add(std::uint32_t value) {
    if (known_.insert(value).second) list_.push_back(value);
  }
  std::vector<std::uint32_t> take() { return std::move(list_); }

 private:
  std::vector<std::uint32_t> list_;
  std::set<std::uint32_t> known_;
};

/// What process `index` stands for when `want` is asked; nothing if it has none.
std::optional<std::uint32_t> from_process(const View& view, std::uint32_t index, Kind want) {
  const ProcessId process{index};
  const NodeId node = view.machine(process);
  if (want != Kind::process && view.parked(process)) return std::nullopt;  // it is nowhere
  switch (want) {
    case Kind::process: return index;
    case Kind::node: return node.value;
    case Kind::zone: return view.plan.nodes[node].zone.value;
    case Kind::endpoint: return infrastructure::address(view.plan.network, process);
    case Kind::volume:
      return view.plan.processes[process].volume.exists() ? std::optional(view.plan.processes[process].volume.value)
                                                          : std::nullopt;
    case Kind::capacity_pool: return view.capacity_pool(node);
    case Kind::service:
    case Kind::unit:
    case Kind::shock:
    case Kind::none: break;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> from_node(const View& view, std::uint32_t index, Kind want) {
  if (want == Kind::node) return index;
  if (want == Kind::zone) return view.plan.nodes[NodeId{index}].zone.value;
  if (want == Kind::endpoint) return view.plan.network.node_endpoint[index];
  if (want == Kind::capacity_pool) return view.capacity_pool(NodeId{index});
  return std::nullopt;
}

void add_zone_pools(const Plan& plan, std::uint32_t zone, Unique& out) {
  for (const CapacityPoolId pool : plan.capacity_pools.ids()) {
    if (plan.capacity_pools[pool].zone == ZoneId::of(zone)) out.add(pool.value);
  }
}

void add_zone_endpoints(const Plan& plan, std::uint32_t zone, Unique& out) {
  out.add(plan.network.zone_fabric[zone]);
  for (const NodeId node : plan.zones[ZoneId::of(zone)].nodes) out.add(plan.network.node_endpoint[node.value]);
}

/// `things` as things of kind `want`, without repetition; members that have none are left out.
std::vector<std::uint32_t> converted(const View& view, const Things& things, Kind want) {
  Unique out;
  for (const std::uint32_t index : things.members) {
    if (things.kind == Kind::zone && want == Kind::endpoint) {
      add_zone_endpoints(view.plan, index, out);
      continue;
    }
    if (things.kind == Kind::zone && want == Kind::capacity_pool) {
      add_zone_pools(view.plan, index, out);
      continue;
    }
    std::optional<std::uint32_t> value;
    if (things.kind == want && want != Kind::node) value = index;
    if (things.kind == Kind::process) value = from_process(view, index, want);
    if (things.kind == Kind::node) {
      // Of several, a place where no machine is stands for none.
      if (want == Kind::node && things.members.size() > 1 && view.empty_place(NodeId{index})) continue;
      value = from_node(view, index, want);
    }
    if (value) out.add(*value);
  }
  return out.take();
}

// ---- choices that depend on the world ----

bool runs(const World& world, Kind kind, std::uint32_t index) {
  if (kind == Kind::process) return world.processes[ProcessId{index}].status == ProcessState::Status::running;
  if (kind == Kind::node) return infrastructure::node_up(world, NodeId{index});
  if (kind == Kind::unit) return components::exposure(world, components::UnitId::of(index)) > 0;
  return true;
}

ComponentId component_of(const Plan& plan, Kind kind, std::uint32_t index) {
  switch (kind) {
    case Kind::process: return plan.processes[ProcessId{index}].component;
    case Kind::node: return plan.nodes[NodeId{index}].component;
    case Kind::zone: return plan.zones[ZoneId::of(index)].component;
    case Kind::volume: return plan.volumes[VolumeId{index}].component;
    case Kind::service: return plan.services[ServiceId::of(index)].component;
    case Kind::unit: return plan.black_boxes.units[components::UnitId::of(index)].component;
    case Kind::shock: return plan.black_boxes.shocks[components::ShockId::of(index)].component;
    case Kind::capacity_pool: return plan.capacity_pools[CapacityPoolId::of(index)].component;
    case Kind::endpoint:
    case Kind::none: break;
  }
  return 0;
}

/// One of `things` at random, among those that run if any does.
Things pick(World& world, const Things& things) {
  if (things.members.empty()) return things;
  std::vector<std::uint32_t> running;
  for (const std::uint32_t index : things.members) {
    if (runs(world, things.kind, index)) running.push_back(index);
  }
  const auto& candidates = running.empty() ? things.members : running;
  const double u = world.uniform(component_of(*world.plan, things.kind, things.members.front()), Purpose::selection);
  const auto position = static_cast<std::size_t>(u * static_cast<double>(candidates.size()));
  return {things.kind, {candidates[std::min(position, candidates.size() - 1)]}};
}

/// Who leads `name` now; none if nobody does.
ProcessId leader_of(const World& world, std::string_view name) {
  const ServiceId service = service_that_is_led(*world.plan, name);
  if (service.exists()) return world.plan->services[service].kind->leader(world, service, name);
  return ProcessId::none();
}

Things chosen(World& world, const Selector& selector, Kind want) {
  if (selector.kind == Selector::Kind::leader) {
    const ProcessId leader = leader_of(world, selector.name);
    return leader.exists() ? Things{Kind::process, {leader.value}} : Things{};
  }
  Things things = things_named(*world.plan, selector.name, want);
  if (selector.kind == Selector::Kind::follower) {
    const ProcessId leader = leader_of(world, selector.name);
    things.members.erase(std::remove(things.members.begin(), things.members.end(), leader.value), things.members.end());
    return pick(world, things);
  }
  return selector.kind == Selector::Kind::random ? pick(world, things) : things;
}

std::vector<std::uint32_t> targets_now(World& world, std::string_view text, Kind want) {
  const auto selector = parse_selector(text);
  if (!selector) return {};
  return converted({*world.plan, &world}, chosen(world, *selector, want), want);
}

// ---- messages ----

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// Names of one or several things, in the order of the plan.
std::vector<std::string> all_names(const Plan& plan) {
  std::vector<std::string> names;
  std::set<std::string, std::less<>> known;
  const auto add = [&](std::string_view name) {
    if (known.emplace(name).second) names.emplace_back(name);
  };
  for (const ProcessPlan& process : plan.processes) add(plan.name(process.component));
  for (const ServiceId id : plan.services.ids()) {
    const ServicePlan& service = plan.services[id];
    add(plan.name(service.component));
    for (const service::Target& target : service.kind->targets(plan, id)) add(target.name);
    for (const auto& [client, place] : service.kind->client_places(plan, id)) add(plan.name(client));
  }
  for (const NodePlan& node : plan.nodes) add(plan.name(node.component));
  for (const NodeGroupSpec& group : plan.topology.node_groups) add(group.name);
  for (const ZonePlan& zone : plan.zones) add(plan.name(zone.component));
  for (const VolumePlan& volume : plan.volumes) add(plan.name(volume.component));
  for (const CapacityPool& pool : plan.capacity_pools) add(plan.name(pool.component));
  for (const components::BoxPlan& box : plan.black_boxes.boxes) add(plan.name(box.component));
  for (const components::UnitPlan& unit : plan.black_boxes.units) add(plan.name(unit.component));
  for (const components::ShockSpec& shock : plan.topology.shocks) add(shock.name);
  for (const std::string_view fixed : {"nodes", "zones", "region", "control-plane"}) add(fixed);
  return names;
}

/// Of `names` the nearest that is valid, of those as near the first.
template <class Valid>
std::string nearest(const std::vector<std::string>& names, std::string_view wrong, Valid valid) {
  std::vector<std::pair<std::size_t, const std::string*>> by_distance;
  for (const std::string& name : names) by_distance.emplace_back(edit_distance(name, wrong), &name);
  std::stable_sort(by_distance.begin(), by_distance.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [distance, name] : by_distance) {
    if (valid(*name)) return fmt::format("; the nearest valid name is '{}'", *name);
  }
  return {};
}

/// The nearest name that a target of kind `want` can use.
std::string nearest_target(const Plan& plan, Kind want, std::string_view wrong) {
  const auto there = [&](std::uint32_t index) { return want != Kind::node || !plan.nodes[NodeId{index}].parked; };
  return nearest(all_names(plan), wrong, [&](const std::string& name) {
    return std::ranges::any_of(converted({plan}, things_named(plan, name, want), want), there);
  });
}

/// What leader() and follower() can be asked of.
std::vector<std::string> led_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const ServiceId id : plan.services.ids()) {
    for (const service::Target& target : plan.services[id].kind->targets(plan, id)) {
      if (target.led) names.push_back(target.name);
    }
  }
  return names;
}

/// "; expected <service>/controllers"
std::string led_forms(const Plan& plan) {
  std::vector<std::string_view> forms;
  for (const ServicePlan& service : plan.services) {
    const std::string_view form = service.kind->led_forms;
    if (!form.empty() && std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(form);
  }
  return forms.empty() ? std::string() : fmt::format("; expected {}", fmt::join(forms, " or "));
}

std::optional<std::string> check_led(const Plan& plan, const Selector& selector, std::string_view text) {
  if (!service_that_is_led(plan, selector.name).exists()) {
    return fmt::format("'{}': nobody leads '{}'{}{}", text, selector.name, led_forms(plan),
                       nearest(led_names(plan), selector.name, [](const std::string&) { return true; }));
  }
  if (selector.kind == Selector::Kind::follower &&
      things_named(plan, selector.name, Kind::process).members.size() < 2) {
    return fmt::format("'{}': '{}' has a single member, so no follower", text, selector.name);
  }
  return std::nullopt;
}

/// Why `text` can never name something of kind `want`.
std::optional<std::string> check_text(const Plan& plan, std::string_view text, Kind want) {
  const auto selector = parse_selector(text);
  if (!selector) {
    return fmt::format("'{}' is no target; expected a name, leader(x), follower(x), random(x) or all(x)", text);
  }
  if (selector->kind == Selector::Kind::leader || selector->kind == Selector::Kind::follower) {
    if (const auto problem = check_led(plan, *selector, text)) return problem;
  }
  const Things things = things_named(plan, selector->name, want);
  if (things.kind == Kind::none) {
    return fmt::format("'{}' does not exist in this topology{}", selector->name,
                       nearest_target(plan, want, selector->name));
  }
  const auto targets = converted({plan}, things, want);
  if (targets.empty()) {
    return fmt::format("'{}' is a {}, expected a {}{}", selector->name, kind_name(things.kind), kind_name(want),
                       nearest_target(plan, want, selector->name));
  }
  // Places where no machine is in health count for nothing.
  const auto things_there = std::ranges::count_if(
      targets, [&](std::uint32_t index) { return want != Kind::node || !plan.nodes[NodeId{index}].parked; });
  const bool elastic = std::ranges::any_of(targets, [&](std::uint32_t index) {
    return want != Kind::node || plan.topology.node_groups[plan.nodes[NodeId{index}].group].scaling.has_value();
  });
  if (selector->kind == Selector::Kind::name && things_there == 0 && !elastic) {
    return fmt::format("'{}' has no machine in health: it is a place for one that another zone lacks{}", selector->name,
                       nearest_target(plan, want, selector->name));
  }
  if (selector->kind == Selector::Kind::name && want != Kind::endpoint && things_there > 1) {
    return fmt::format("'{0}' names {1} things; write all({0}) or random({0})", selector->name, things_there);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Selector> parse_selector(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) {
    if (text.empty() || text.find(')') != std::string_view::npos) return std::nullopt;
    return Selector{Selector::Kind::name, text};
  }
  if (text.back() != ')' || open + 2 >= text.size()) return std::nullopt;
  const std::string_view head = text.substr(0, open), name = text.substr(open + 1, text.size() - open - 2);
  if (name.find_first_of("()") != std::string_view::npos) return std::nullopt;
  if (head == "leader") return Selector{Selector::Kind::leader, name};
  if (head == "follower") return Selector{Selector::Kind::follower, name};
  if (head == "random") return Selector{Selector::Kind::random, name};
  if (head == "all") return Selector{Selector::Kind::all, name};
  return std::nullopt;
}

const VerbInfo& verb_info(Verb verb) {
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const VerbInfo& info) { return info.verb == verb; });
  assert(found != verbs.end());
  return *found;
}

std::string_view variant_name(Variant variant) {
  for (const VariantInfo& info : verb_variants) {
    if (info.variant == variant) return info.name;
  }
  return {};
}

std::string options_taken(const VerbInfo& verb) {
  std::vector<std::string_view> names;
  for (const OptionInfo& option : verb_options) {
    if (verb.takes.has(option.option)) names.push_back(option.name);
  }
  if (names.empty()) return "no options";
  if (names.size() == 1) return std::string(names.front());
  return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

namespace {

/// Whether a step says the option.
bool says(const Options& step, const OptionInfo& option) {
  return std::visit(
      [&](const auto member) {
        const auto& value = step.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) return !value.empty();
        if constexpr (std::is_same_v<Value, bool>) return value;
        if constexpr (std::is_same_v<Value, Variant>) return value != Variant::drawn;
        if constexpr (requires { value.has_value(); }) return value.has_value();
      },
      option.member);
}

}  // namespace

std::optional<std::string> check_options(const Action& action) {
  const VerbInfo& verb = verb_info(action.verb);
  for (const OptionInfo& option : verb_options) {
    if (says(action, option) && !verb.takes.has(option.option))
      return fmt::format("{} does not take '{}'; it takes {}", verb.name, option.name, options_taken(verb));
  }
  if (action.verb == Verb::load_change && !action.factor)
    return std::string("load-change: how many times the usual load it is, 'factor', is missing");
  if (action.verb == Verb::volume_modify && !action.factor)
    return std::string("volume-modify: how many times the present throughput or size, 'factor', is missing");
  if (action.verb == Verb::volume_modify &&
      (*action.factor <= 0 || (action.variant == Variant::size && *action.factor < 1)))
    return fmt::format("volume-modify: expected 'factor' {}, got {:g}: {}",
                       action.variant == Variant::size ? "of at least 1" : "above 0", *action.factor,
                       action.variant == Variant::size ? "no volume can be made smaller" : "a volume keeps some speed");
  if (action.variant == Variant::zero && action.extent)
    return fmt::format("{}: one external metric says 0, so that 'extent' has nothing to choose from", verb.name);
  if (action.verb == Verb::disk_slow && action.delay && action.delay->to_seconds() > common_delay_s)
    return fmt::format(
        "disk-slow: expected 'delay_s' of at most {:g}, got {:g}: writes that take longer cross time-outs, "
        "as those of volume-stalled do, which is modelled",
        common_delay_s, action.delay->to_seconds());
  if (action.share && !action.from.empty())
    return fmt::format("{}: 'share' is of a machine's whole network, so that it does not go with 'from'", verb.name);
  return std::nullopt;
}

namespace {

/// What an outage of metrics can do depends on where the autoscaler has them from.
std::optional<std::string> check_metrics(const Plan& plan, const Action& action,
                                         const std::vector<std::uint32_t>& services) {
  if (action.verb != Verb::metrics_outage) return std::nullopt;
  for (const std::uint32_t service : services) {
    for (const WorkloadId id : plan.services[ServiceId::of(service)].workloads) {
      const std::optional<AutoscalerSpec>& autoscaler = plan.workloads[id].autoscaler;
      if (!autoscaler) continue;
      const bool external = autoscaler->metric == ScalingMetric::requests;
      if (action.variant == Variant::zero && !external)
        return fmt::format(
            "'{}' scales by CPU, and the metrics server never says 0 of a pod that it cannot read: "
            "expected variant missing",
            action.target);
      if (action.extent && external)
        return fmt::format("'{}' scales by one external metric, and by none of each pod: remove 'extent'",
                           action.target);
    }
  }
  return std::nullopt;
}

/// Whether every service holds ways that take so much longer.
std::optional<std::string> check_delay(const Plan& plan, const Action& action) {
  if (action.verb != Verb::network_slow || !action.delay) return std::nullopt;
  const double seconds = action.delay->to_seconds();
  for (const ServiceSpec& service : plan.topology.services) {
    if (seconds <= service.kind->longest_delay_s) continue;
    return fmt::format(
        "network-slow: expected 'delay_s' of at most {:g}, got {:g}: longer ways cross time-outs within '{}' (kind "
        "{}), of which its model makes no part; what is modelled of them is a partition",
        service.kind->longest_delay_s, seconds, service.name, service.kind->name);
  }
  if (*action.delay <= longest_delay(plan)) return std::nullopt;
  return fmt::format(
      "network-slow: expected 'delay_s' of less than {:g}, got {:g}: a kubelet waits {:g} s for an answer, both ways "
      "and a round trip, and its machine would be lost; what is modelled of that is a partition",
      longest_delay(plan).to_seconds(), seconds, plan.topology.kubernetes.node_status_period.to_seconds());
}

}  // namespace

Duration longest_delay(const Plan& plan) {
  Duration longest = Duration::from_seconds(longest_delay_s);
  for (const ServiceSpec& service : plan.topology.services)
    longest = std::min(longest, Duration::from_seconds(service.kind->longest_delay_s));
  bool kubelets = false;
  for (const ProcessId process : plan.processes.ids()) kubelets = kubelets || !hosts::supervised(plan, process);
  if (!kubelets) return longest;
  // kubernetes cmd/kubelet/app/server.go: heartbeatClientConfig.Timeout is nodeStatusUpdateFrequency.
  const Duration answer = plan.topology.kubernetes.node_status_period - plan.infra().rtt_inter_zone;
  return std::min(longest, (answer - Duration::nanoseconds(1)) / 2);
}

std::optional<std::pair<std::size_t, std::string>> check_together(const Plan& plan,
                                                                  const std::vector<Action>& actions) {
  const auto delays = [](const Action& action) { return action.verb == Verb::network_slow && action.delay; };
  const auto lasts_at = [](const Action& action, Duration at) {
    return action.at <= at && (!action.duration || at < action.at + *action.duration);
  };
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (!delays(actions[i])) continue;
    Duration sum;
    for (const Action& other : actions)
      sum += delays(other) && lasts_at(other, actions[i].at) ? *other.delay : Duration();
    if (sum <= longest_delay(plan)) continue;
    return std::pair(i,
                     fmt::format("network-slow: delays of actions that last at the same time add up on a way between "
                                 "their targets: here to {:g} s, expected {:g} at most",
                                 sum.to_seconds(), longest_delay(plan).to_seconds()));
  }
  return std::nullopt;
}

std::vector<ResolvedAction> resolve(World& world, const Action& action) {
  const Kind want = wanted(verb_info(action.verb).target);
  ResolvedAction resolved;
  static_cast<Options&>(resolved) = action;
  resolved.verb = action.verb;
  const std::vector<std::uint32_t> targets = targets_now(world, action.target, want);
  if (targets.empty()) return {};
  if (want == Kind::endpoint) {
    resolved.side = targets;
    if (!action.from.empty()) resolved.other = targets_now(world, action.from, want);
    if (!action.from.empty() && resolved.other.empty()) return {};
    return {resolved};
  }
  std::vector<ResolvedAction> all;
  for (const std::uint32_t index : targets) {
    resolved.index = index;
    all.push_back(resolved);
  }
  return all;
}

std::optional<std::string> check_target(const Plan& plan, const Action& action) {
  const Kind want = wanted(verb_info(action.verb).target);
  if (const auto problem = check_text(plan, action.target, want)) return problem;
  const Things things = things_named(plan, parse_selector(action.target)->name, want);
  for (const std::uint32_t target : converted({plan}, things, want)) {
    if (want == Kind::endpoint) break;
    if (auto problem = faults::why_impossible(plan, action.verb, action.variant, target)) return problem;
  }
  if (auto problem = check_metrics(plan, action, converted({plan}, things, want))) return problem;
  if (auto problem = check_delay(plan, action)) return problem;
  if (action.verb == Verb::partition && action.from.empty()) return "a partition has two sides: 'from' is missing";
  return action.from.empty() ? std::nullopt : check_text(plan, action.from, want);
}

std::vector<std::uint32_t> planned_targets(const Plan& plan, Verb verb, std::string_view name) {
  const Kind want = wanted(verb_info(verb).target);
  return converted({plan}, things_named(plan, name, want), want);
}

}  // namespace nines::models
