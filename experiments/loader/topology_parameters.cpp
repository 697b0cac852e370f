#include <fmt/format.h>

#include <algorithm>

#include "experiments/loader/component_inputs.hpp"
#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/service_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/capacity_pools.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::loader {

namespace {

using models::Topology;

/// Nearest keys are looked for among those that the place takes, first those that do something.
std::vector<std::string_view> keys_of(Group group) {
  std::vector<std::string_view> keys;
  for (const ParameterInfo& info : parameters()) {
    if (info.group == group && is_config_key(info)) keys.push_back(info.key);
  }
  if (const InertKeys* inert = kind_group(group)->group->inert)
    keys.insert(keys.end(), inert->keys.begin(), inert->keys.end());
  return keys;
}

/// Values that a topology gives to parameters, by key.
using Given = std::map<std::string, Value, std::less<>>;

void report_key_problem(const Value& value, const std::string& key, Group group) {
  const ParameterInfo* info = find_parameter(key);
  const std::vector<std::string_view> keys = keys_of(group);
  const KindGroup& here = *kind_group(group);
  if (info == nullptr)
    return value.report_key(fmt::format("no model reads this {} key.{}", group_name(group), did_you_mean(key, keys)));
  const KindGroup* other = kind_group(info->group);
  const FieldSpec* place = other == nullptr ? nullptr : config_field(*other);
  if (place != nullptr && info->group != group && other->kind == here.kind)
    value.report_key(fmt::format("this is a key of {}: set it in the {} of {}.", other->group->read_by, place->name,
                                 other->group->held_by));
  else
    value.report_key(
        fmt::format("this is no configuration key of {}: set it under /overrides.", product_of(*here.kind)));
}

/// Members of a configuration that are keys of `group`; those that no model reads are warned of, others reported.
Given read_config(const Value& parent, Group group) {
  Given given;
  const KindGroup& of_kind = *kind_group(group);
  const FieldSpec* field = config_field(of_kind);
  if (field == nullptr || !parent.json().is_object() || !parent.json().contains(std::string(field->name))) return given;
  const Value config = parent.member(field->name);
  if (!config.json().is_object()) {
    config.expected("an object of configuration keys");
    return given;
  }
  std::size_t unknown = 0;
  for (const auto& [key, ignored] : config.json().get_ref<const Json::object_t&>()) {
    const ParameterInfo* info = find_parameter(key);
    const Value value = config.member(key);
    if (info != nullptr && info->group == group && is_config_key(*info))
      given.emplace(key, value);
    else if (take_inert(value, *of_kind.kind, of_kind.group->inert, key))
      continue;
    else if (++unknown > InputError::shown_problems)
      break;
    else
      report_key_problem(value, key, group);
  }
  return given;
}

Given read_overrides(const Value& root) {
  Given given;
  if (!root.json().is_object() || !root.json().contains("overrides")) return given;
  const Value overrides = root.member("overrides");
  if (!overrides.json().is_object()) {
    overrides.expected("an object of parameters");
    return given;
  }
  std::vector<std::string_view> keys;
  for (const ParameterInfo& info : parameters()) keys.push_back(info.key);
  std::size_t unknown = 0;
  for (const auto& [key, ignored] : overrides.json().get_ref<const Json::object_t&>()) {
    if (find_parameter(key) != nullptr)
      given.emplace(key, overrides.member(key));
    else if (++unknown > InputError::shown_problems)
      break;
    else
      overrides.member(key).report_key("no model reads this parameter." + did_you_mean(key, keys));
  }
  return given;
}

class ParameterReader {
 public:
  ParameterReader(const TopologyInput& input, Topology& topology, std::vector<Assumption>& assumptions)
      : input_(input), topology_(topology), assumptions_(assumptions), root_(*input.document, *input.problems) {}

  void read() {
    const Given shared = read_overrides(root_);
    if (!has_processes(*input_.document)) {
      // Zones, machines, people and prices are there for processes; black boxes state their own numbers.
      for (const auto& [key, value] : shared)
        value.report_key(
            fmt::format("no model of this topology reads '{}': it has no service that has processes.", key));
      return;
    }
    for (const auto& [key, value] : shared) read_override(key, value);
    // Whether a shared parameter means anything may depend on those of services; they are told after the shared ones.
    const auto first = static_cast<std::ptrdiff_t>(assumptions_.size());
    for (std::size_t i = 0; i < topology_.services.size(); ++i) read_service(i);
    const auto shared_ones = static_cast<std::ptrdiff_t>(assumptions_.size());
    for (const ParameterInfo& info : parameters()) {
      if (kind_group(info.group) == nullptr && is_read(info.group) && !is_of_others(info.key, topology_))
        resolve({&topology_}, info, nullptr);
    }
    std::rotate(assumptions_.begin() + first, assumptions_.begin() + shared_ones, assumptions_.end());
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      add_type(group, group.instance);
      for (const models::InstanceType& type : group.alternatives) add_type(group, type);
    }
  }

 private:
  /// Whether a model of this topology reads the group's parameters.
  [[nodiscard]] bool is_read(Group group) const {
    if (group == Group::kubernetes) return topology_.has_kubernetes();
    if (group == Group::hosts) return has_supervised(topology_);
    if (group == Group::alerts) return topology_.monitoring.has_value();
    return group != Group::prices || !topology_.region.empty() || topology_.has_kubernetes();
  }

  [[nodiscard]] std::string variant(const ParameterInfo& info, std::size_t service) const {
    if (kind_group(info.group) != nullptr) return version_of(topology_.services[service]);
    if (info.group == Group::prices) return topology_.region;
    return info.group == Group::kubernetes ? topology_.kubernetes_version : std::string{};
  }

  /// An override is read once, though several services may hold the parameter.
  void read_override(const std::string& key, const Value& value) {
    const ParameterInfo& info = *find_parameter(key);
    const KindGroup* of_kind = kind_group(info.group);
    std::size_t service = 0;
    while (of_kind != nullptr && service < topology_.services.size() &&
           topology_.services[service].kind != of_kind->kind)
      ++service;
    if (of_kind != nullptr && service == topology_.services.size()) return;
    const Entry* profile = input_.profiles->entry(info, variant(info, service));
    if (profile == nullptr) return;  // the version or region is unknown, which is reported already
    Entry entry;
    if (read_override_entry(value, info, *profile, entry)) keep(overrides_, info, value, *profile, std::move(entry));
  }

  using Entries = std::map<std::string, Entry, std::less<>>;

  void keep(Entries& into, const ParameterInfo& info, const Value& value, const Entry& profile, Entry entry) {
    entry.origin = value.document().set_by_override(value.pointer()) ? "--set" : "topology";
    if (entry.source == "user") entry.source = "set by the user; the profile has " + entry_text(info, profile);
    into[std::string(info.key)] = std::move(entry);
  }

  Entries read_group(const Value& parent, Group group, std::size_t service) {
    Entries entries;
    for (const auto& [key, value] : read_config(parent, group)) {
      const ParameterInfo& info = *find_parameter(key);
      const Entry* profile = input_.profiles->entry(info, variant(info, service));
      Entry entry;
      if (profile != nullptr && read_override_entry(value, info, *profile, entry))
        keep(entries, info, value, *profile, std::move(entry));
    }
    return entries;
  }

  void resolve(const Holder& holder, const ParameterInfo& info, const Entries* config) {
    const Entry* entry = input_.profiles->entry(info, variant(info, holder.service));
    const auto override_entry = overrides_.find(info.key);
    if (override_entry != overrides_.end()) entry = &override_entry->second;
    if (config != nullptr) {
      const auto found = config->find(info.key);
      if (found != config->end()) entry = &found->second;
    }
    if (entry == nullptr) return;
    assign(holder, info, entry->value);
    if (is_read(holder, info)) add(holder, info, *entry);
  }

  /// Of a kind's parameters not all are read by every service of it.
  [[nodiscard]] bool is_read(const Holder& holder, const ParameterInfo& info) const {
    const KindGroup* of_kind = kind_group(info.group);
    return of_kind == nullptr || of_kind->group->reads == nullptr ||
           of_kind->group->reads(topology_.services[holder.service], info.key);
  }

  static void warn_of_unread(const Value& holder, const models::service::ParameterGroup& group,
                             const models::ServiceSpec& service, const Entries& config) {
    if (group.reads == nullptr) return;
    const FieldSpec* field = config_field(*kind_group(group_of(group)));
    for (const auto& [key, entry] : config) {
      if (group.reads(service, key)) continue;
      holder.member(field->name)
          .member(key)
          .warn_key(
              fmt::format("no model reads this of a service like '{}'. Remove it to be rid of this.", service.name));
    }
  }

  void add(const Holder& holder, const ParameterInfo& info, const Entry& entry) {
    Assumption& a = assumptions_.emplace_back(assumption_of(info, entry));
    const KindGroup* of_kind = kind_group(info.group);
    if (of_kind == nullptr) return;
    a.service = topology_.services[holder.service].name;
    a.client = of_kind->group->holder_name(topology_.services[holder.service], holder.element);
  }

  void read_service(std::size_t index) {
    models::ServiceSpec& service = topology_.services[index];
    const Value value = root_.member("services").element(index);
    for (const models::service::ParameterGroup& group : service.kind->parameters) {
      const Group id = group_of(group);
      const std::size_t holders = group.holders(service);
      for (std::size_t i = 0; i < holders; ++i) {
        const Value holder = group.list.empty() ? value : value.member(group.list).element(i);
        const Entries config = read_group(holder, id, index);
        for (const ParameterInfo& info : parameters()) {
          if (info.group == id) resolve({&topology_, index, i}, info, &config);
        }
        if (!config.empty()) warn_of_unread(holder, group, service, config);
      }
    }
    ServiceReport report(input_, index);
    service.kind->resolve(report, service);
  }

  /// Prices and reclaim rate of a machine type in use, once a type.
  void add_type(const models::NodeGroupSpec& group, const models::InstanceType& instance) {
    const TypeEntry* type = input_.profiles->type(instance.name);
    if (type == nullptr) return;
    const auto region = type->regions.find(topology_.region);
    if (region == type->regions.end()) return;
    const auto add_price = [&](std::string_view what, const Entry& entry, std::string_view meaning) {
      const std::string key = type_key(instance.name, what);
      const bool known =
          std::any_of(assumptions_.begin(), assumptions_.end(), [&](const Assumption& a) { return a.key == key; });
      if (known) return;
      Assumption& a = assumptions_.emplace_back();
      a.key = key;
      a.value = entry.number;
      a.low = entry.low;
      a.high = entry.high;
      a.unit = entry.unit;
      a.meaning = meaning;
      a.source = entry.source;
      a.origin = entry.origin;
      a.text = fmt::format("{:g} {}", a.value, a.unit);
    };
    if (models::on_demand_machines(group) > 0)
      add_price("on_demand", region->second.on_demand, "on-demand price of an instance");
    if (group.capacity == models::Capacity::on_demand) return;
    add_price("spot", region->second.spot, "Spot price of an instance");
    Entry reclaim = region->second.spot_reclaim;
    for (double* number : {&reclaim.number, &reclaim.low, &reclaim.high})
      *number = -sim::log1p(-std::min(*number, 0.999999));
    reclaim.unit = "/month";
    add_price("spot_reclaim", reclaim, "rate at which a Spot instance is reclaimed, -ln(1 - monthly probability)");
  }

  const TopologyInput& input_;
  Topology& topology_;
  std::vector<Assumption>& assumptions_;
  Value root_;
  Entries overrides_;
};

std::size_t index_of_service(const Topology& topology, const std::string& name) {
  std::size_t index = 0;
  while (index < topology.services.size() && topology.services[index].name != name) ++index;
  return index;
}

void assign_type(Topology& topology, const std::string& key, double value) {
  for (models::NodeGroupSpec& group : topology.node_groups) {
    const auto assign_to = [&](models::InstanceType& type) {
      if (key == type_key(type.name, "on_demand")) type.on_demand_hour.usd = value;
      if (key == type_key(type.name, "spot")) type.spot_hour.usd = value;
      if (key == type_key(type.name, "spot_reclaim") && group.capacity == models::Capacity::spot)
        type.spot_reclaim.per_hour = value / sim::hours_per_month;
    };
    assign_to(group.instance);
    for (models::InstanceType& type : group.alternatives) assign_to(type);
  }
}

}  // namespace

void prepare_for_edits(Document& document) {
  document.ensure_object("/overrides");
  const auto size_at = [](const Json& json, const char* key) -> std::size_t {
    return json.is_object() && json.contains(key) && json[key].is_array() ? json[key].size() : 0;
  };
  const std::size_t services = size_at(document.root(), "services");
  for (std::size_t i = 0; i < services; ++i) prepare_service(document, fmt::format("/services/{}", i));
}

void read_parameters(const TopologyInput& input, Topology& topology, std::vector<Assumption>& assumptions) {
  ParameterReader(input, topology, assumptions).read();
}

void assign(Topology& topology, const Assumption& assumption, double value) {
  if (assign_component_input(topology, assumption, value)) return;
  const ParameterInfo* info = find_parameter(assumption.key);
  if (info == nullptr) return assign_type(topology, assumption.key, value);
  Holder holder{&topology, index_of_service(topology, assumption.service), 0};
  if (const KindGroup* of_kind = kind_group(info->group)) {
    const models::ServiceSpec& service = topology.services[holder.service];
    const std::size_t holders = of_kind->group->holders(service);
    while (holder.element < holders && of_kind->group->holder_name(service, holder.element) != assumption.client)
      ++holder.element;
  }
  const Unit* unit = find_unit(assumption.center == "rate" ? Dimension::rate : info->dimension, assumption.unit);
  const double base = unit == nullptr ? value : to_base(*unit, value);
  // The law in the topology may have been moved before: it is scaled from where it is now.
  if (info->dimension == Dimension::law)
    return assign(holder, *info, with_center(std::get<models::Law>(value_of(holder, *info)), assumption.center, base));
  assign(holder, *info, number_of(info->dimension, base));
}

}  // namespace nines::loader
