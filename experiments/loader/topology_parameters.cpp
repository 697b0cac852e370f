#include <fmt/format.h>

#include <algorithm>

#include "experiments/loader/component_inputs.hpp"
#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/kafka/spec.hpp"
#include "sim/math.hpp"

namespace nines::loader {

namespace {

using models::Topology;

constexpr double hours_per_month = 730;

KeyOwner owner_of(Group group) { return group == Group::kafka_broker ? KeyOwner::broker : KeyOwner::client; }

/// Nearest keys are looked for among those that the place takes, first those that do something.
std::vector<std::string_view> keys_of(Group group) {
  std::vector<std::string_view> keys;
  for (const ParameterInfo& info : parameters()) {
    if (info.group == group && is_kafka_key(info)) keys.push_back(info.key);
  }
  const std::span<const std::string_view> inert = inert_keys(owner_of(group));
  keys.insert(keys.end(), inert.begin(), inert.end());
  return keys;
}

/// Values that a topology gives to parameters, by key.
using Given = std::map<std::string, Value, std::less<>>;

void report_key_problem(const Value& value, const std::string& key, Group group) {
  const ParameterInfo* info = find_parameter(key);
  const std::vector<std::string_view> keys = keys_of(group);
  if (info == nullptr) {
    value.report_key(fmt::format("no model reads this {} key.{}", group_name(group), did_you_mean(key, keys)));
  } else if (info->group == Group::kafka_client && group == Group::kafka_broker) {
    value.report_key("this is a key of clients: set it in the config of a client.");
  } else if (info->group == Group::kafka_broker && group == Group::kafka_client) {
    value.report_key("this is a key of brokers: set it in the config of the service.");
  } else {
    value.report_key(fmt::format("this is no configuration key of Kafka: set it under /overrides."));
  }
}

/// Members of a `config` object that are keys of `group`; those that no model reads are warned of, others reported.
Given read_config(const Value& parent, Group group) {
  Given given;
  if (!parent.json().is_object() || !parent.json().contains("config")) return given;
  const Value config = parent.member("config");
  if (!config.json().is_object()) {
    config.expected("an object of configuration keys");
    return given;
  }
  std::size_t unknown = 0;
  for (const auto& [key, ignored] : config.json().get_ref<const Json::object_t&>()) {
    const ParameterInfo* info = find_parameter(key);
    const Value value = config.member(key);
    if (info != nullptr && info->group == group && is_kafka_key(*info))
      given.emplace(key, value);
    else if (take_inert(value, owner_of(group), key))
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
    if (!runs_kafka(*input_.document)) {
      // Zones, machines, people and prices are there for Kafka; black boxes state their own numbers.
      for (const auto& [key, value] : shared)
        value.report_key(fmt::format("no model of this topology reads '{}': it has no service of kind 'kafka'.", key));
      return;
    }
    for (const auto& [key, value] : shared) read_override(key, value);
    for (const ParameterInfo& info : parameters()) {
      if (info.group != Group::kafka_broker && info.group != Group::kafka_client) resolve({&topology_}, info, nullptr);
    }
    for (std::size_t i = 0; i < topology_.services.size(); ++i) {
      if (topology_.services[i].own.holds<models::kafka::Spec>()) read_service(i);
    }
    for (const models::NodeGroupSpec& group : topology_.node_groups) add_type(group);
  }

 private:
  [[nodiscard]] std::string_view variant(const ParameterInfo& info, std::size_t service) const {
    switch (info.group) {
      case Group::prices: return topology_.region;
      case Group::kubernetes: return topology_.kubernetes_version;
      case Group::kafka_broker:
      case Group::kafka_client: return models::kafka::spec_of(topology_.services[service]).version;
      default: return {};
    }
  }

  /// An override is read once, though several services may hold the parameter.
  void read_override(const std::string& key, const Value& value) {
    const ParameterInfo& info = *find_parameter(key);
    const bool of_service = info.group == Group::kafka_broker || info.group == Group::kafka_client;
    std::size_t service = 0;
    while (service < topology_.services.size() && !topology_.services[service].own.holds<models::kafka::Spec>())
      ++service;
    if (of_service && service == topology_.services.size()) return;
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
    add(holder, info, *entry);
  }

  void add(const Holder& holder, const ParameterInfo& info, const Entry& entry) {
    Assumption& a = assumptions_.emplace_back(assumption_of(info, entry));
    if (info.group == Group::kafka_broker || info.group == Group::kafka_client)
      a.service = topology_.services[holder.service].name;
    if (info.group == Group::kafka_client) a.client = models::kafka::spec_of(topology_.services[holder.service]).clients[holder.client].name;
  }

  void read_service(std::size_t index) {
    models::kafka::Spec& service = models::kafka::spec_of(topology_.services[index]);
    const Value value = root_.member("services").element(index);
    const Entries config = read_group(value, Group::kafka_broker, index);
    for (const ParameterInfo& info : parameters()) {
      if (info.group == Group::kafka_broker) resolve({&topology_, index, 0}, info, &config);
    }
    for (std::size_t i = 0; i < service.clients.size(); ++i) {
      const Entries client_config = read_group(value.member("clients").element(i), Group::kafka_client, index);
      for (const ParameterInfo& info : parameters()) {
        if (info.group == Group::kafka_client) resolve({&topology_, index, i}, info, &client_config);
      }
    }
    for (std::size_t i = 0; i < service.topics.size(); ++i) {
      read_unclean(value.member("topics").element(i), service, service.topics[i]);
      models::kafka::TopicSpec& topic = service.topics[i];
      if (topic.min_insync_replicas == 0) topic.min_insync_replicas = service.parameters.min_insync_replicas;
      topic.min_insync_replicas = std::min(topic.min_insync_replicas, topic.replication_factor);
    }
  }

  static void read_unclean(const Value& value, const models::kafka::Spec& service, models::kafka::TopicSpec& topic) {
    topic.unclean_leader_election = service.parameters.unclean_leader_election;
    const std::string key = "unclean.leader.election.enable";
    if (!value.json().is_object() || !value.json().contains("config")) return;
    const Value config = value.member("config");
    if (config.json().is_object() && config.json().contains(key))
      read_boolean(config.member(key), topic.unclean_leader_election);
  }

  /// Prices and reclaim rate of a machine type in use, once a type.
  void add_type(const models::NodeGroupSpec& group) {
    const TypeEntry* type = input_.profiles->type(group.instance.name);
    if (type == nullptr) return;
    const auto region = type->regions.find(topology_.region);
    if (region == type->regions.end()) return;
    const auto add_price = [&](std::string_view what, const Entry& entry, std::string_view meaning) {
      const std::string key = type_key(group.instance.name, what);
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
    if (group.capacity == models::Capacity::on_demand) {
      add_price("on_demand", region->second.on_demand, "on-demand price of an instance");
      return;
    }
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
    models::InstanceType& type = group.instance;
    if (key == type_key(type.name, "on_demand")) type.on_demand_hour.usd = value;
    if (key == type_key(type.name, "spot")) type.spot_hour.usd = value;
    if (key == type_key(type.name, "spot_reclaim") && group.capacity == models::Capacity::spot)
      type.spot_reclaim.per_hour = value / hours_per_month;
  }
}

}  // namespace

void prepare_for_edits(Document& document) {
  document.ensure_object("/overrides");
  const auto size_at = [](const Json& json, const char* key) -> std::size_t {
    return json.is_object() && json.contains(key) && json[key].is_array() ? json[key].size() : 0;
  };
  const std::size_t services = size_at(document.root(), "services");
  for (std::size_t i = 0; i < services; ++i) {
    if (is_composite(document.root()["services"][i])) continue;
    const std::string service = fmt::format("/services/{}", i);
    document.ensure_object(service + "/config");
    for (const char* list : {"topics", "clients"}) {
      const std::size_t count = size_at(document.root()["services"][i], list);
      for (std::size_t j = 0; j < count; ++j) document.ensure_object(fmt::format("{}/{}/{}/config", service, list, j));
    }
  }
}

void read_parameters(const TopologyInput& input, Topology& topology, std::vector<Assumption>& assumptions) {
  ParameterReader(input, topology, assumptions).read();
}

void assign(Topology& topology, const Assumption& assumption, double value) {
  if (assign_component_input(topology, assumption, value)) return;
  const ParameterInfo* info = find_parameter(assumption.key);
  if (info == nullptr) return assign_type(topology, assumption.key, value);
  Holder holder{&topology, index_of_service(topology, assumption.service), 0};
  if (info->group == Group::kafka_client) {
    const auto& clients = models::kafka::spec_of(topology.services[holder.service]).clients;
    while (holder.client < clients.size() && clients[holder.client].name != assumption.client) ++holder.client;
  }
  const Unit* unit = find_unit(assumption.center == "rate" ? Dimension::rate : info->dimension, assumption.unit);
  const double base = unit == nullptr ? value : to_base(*unit, value);
  // The law in the topology may have been moved before: it is scaled from where it is now.
  if (info->dimension == Dimension::law)
    return assign(holder, *info, with_center(std::get<models::Law>(value_of(holder, *info)), assumption.center, base));
  assign(holder, *info, number_of(info->dimension, base));
}

}  // namespace nines::loader
