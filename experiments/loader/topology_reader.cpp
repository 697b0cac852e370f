#include "experiments/loader/topology_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/service_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/versions.hpp"
#include "sim/math.hpp"

namespace nines::loader {

namespace {

using models::Topology;

constexpr std::size_t most_groups = 64;
constexpr std::size_t most_services = 16;
constexpr std::size_t most_pools = 32;
constexpr std::size_t most_operations = 100;
constexpr std::size_t most_tiers = 10;
constexpr double hours_per_month = 730;  // of the Spot advisor's figures, as the profile says

// Limits of gp3 since 2025-09: 1 GiB to 64 TiB, 3,000 to 80,000 IOPS (500 per GiB), 125 to 2,000 MiB/s (0.25 per IOPS).
constexpr double gib = 0x1p30;
constexpr double mib = 0x1p20;

class StructureReader {
 public:
  StructureReader(const TopologyInput& input, LoadedTopology& loaded)
      : input_(input), loaded_(loaded), topology_(loaded.topology) {}

  void read() {
    const bool machines = has_processes(*input_.document);
    const std::vector<FieldSpec> fields = root_fields(machines);
    const Object root(Value(*input_.document, *input_.problems), fields, "a topology");
    root.read("name", read_name, topology_.name);
    root.read("title", read_text, topology_.title);
    read_notes(root);
    if (!machines) refuse_machines(root);
    read_region(root);
    read_zones(root);
    const std::vector<Value> groups = root.elements("node_groups", most_groups, true);
    for (const Value& group : groups) read_node_group(group);
    if (const auto platform = root.get("platform")) read_platform(*platform);
    read_components(root, topology_, loaded_.assumptions);
    read_services(root);
    for (const Value& operation : root.elements("operations", most_operations)) read_operation(operation);
  }

 private:
  /// Machines are there for processes: with a service that has some their fields are required, without one no model
  /// reads them.
  static constexpr std::array<std::string_view, 4> machine_fields{"region", "zones", "platform", "node_groups"};

  static bool of_machines(std::string_view field) {
    return std::find(machine_fields.begin(), machine_fields.end(), field) != machine_fields.end();
  }

  static std::vector<FieldSpec> root_fields(bool machines) {
    std::vector<FieldSpec> fields(topology_fields().begin(), topology_fields().end());
    for (FieldSpec& field : fields) field.required = field.required || (machines && of_machines(field.name));
    return fields;
  }

  static void refuse_machines(const Object& root) {
    for (const FieldSpec& field : topology_fields()) {
      if ((of_machines(field.name) || field.name == "operations") && root.has(field.name))
        root.get(field.name)
            ->report_key(
                fmt::format("no model of this topology reads '{}': it has no service that has processes.", field.name));
    }
  }

  void read_services(const Object& root) {
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& service : root.elements("services", most_services, true)) {
      read_service(service, topology_.services.emplace_back());
      names.emplace_back(topology_.services.back().name, service);
      loaded_.services.push_back(names.back().first);
    }
    report_duplicates(names, "service");
    check_parts(requirements_, topology_);
  }

  void read_notes(const Object& root) {
    for (const Value& note : root.elements("notes", 100)) {
      std::string text;
      if (read_text(note, text)) loaded_.notes.push_back(text);
    }
    if (const auto source = root.get("source")) {
      std::string ignored;
      read_text(*source, ignored);
    }
  }

  void read_region(const Object& root) {
    if (!root.read("region", read_name, topology_.region)) return;
    const std::vector<std::string> known = input_.profiles->variants(Group::prices);
    if (std::find(known.begin(), known.end(), topology_.region) == known.end()) {
      const std::vector<std::string_view> views(known.begin(), known.end());
      root.at("region").report(fmt::format("no profile has prices of region '{}' (known: {}).{} {}", topology_.region,
                                           one_of(views), did_you_mean(topology_.region, views),
                                           how_to_give_prices(topology_.region)));
      topology_.region.clear();
      return;
    }
    std::vector<std::string_view> missing;
    for (const ParameterInfo& info : parameters()) {
      if (info.group == Group::prices && input_.profiles->entry(info, topology_.region) == nullptr)
        missing.push_back(info.key);
    }
    if (missing.empty()) return;
    root.at("region").report(fmt::format("the prices of region '{}' lack {}: add {} under \"regions\".",
                                         topology_.region, fmt::join(missing, ", "),
                                         missing.size() == 1 ? "it" : "them"));
    topology_.region.clear();
  }

  /// The form of a price list, for messages.
  static std::string how_to_give_prices(std::string_view region) {
    return fmt::format(
        "Give its prices by --prices FILE: {{\"schema\": \"nines/profile/1\", \"name\": ..., \"title\": ..., "
        "\"regions\": "
        "{{\"{}\": {{\"date\": ..., \"parameters\": {{\"price.gp3.storage\": ...}}}}}}, \"instance_types\": [...]}}; "
        "README.md, "
        "\"Prices of your own\", shows one.",
        region);
  }

  static std::string how_to_give_type(std::string_view name, std::string_view region) {
    return fmt::format(
        "Give it by --prices FILE: \"instance_types\": [{{\"name\": {}, ..., \"regions\": {{\"{}\": "
        "{{\"on_demand\": ...}}}}}}]; "
        "README.md, \"Prices of your own\", shows one.",
        shown(Json(name)), region);
  }

  void read_zones(const Object& root) {
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& zone : root.elements("zones", most_zones, true)) {
      std::string name;
      if (!read_name(zone, name)) continue;
      if (name == "region") zone.report("'region' stands for all zones and cannot name one.");
      names.emplace_back(name, zone);
      topology_.zones.push_back(name);
    }
    report_duplicates(names, "zone");
  }

  [[nodiscard]] std::vector<std::string> group_names() const {
    std::vector<std::string> names;
    for (const models::NodeGroupSpec& group : topology_.node_groups) names.push_back(group.name);
    return names;
  }

  void read_node_group(const Value& value) {
    models::NodeGroupSpec& spec = topology_.node_groups.emplace_back();
    const Object object(value, node_group_fields(), "a node group");
    object.read("name", read_name, spec.name);
    for (std::size_t i = 0; i + 1 < topology_.node_groups.size(); ++i) {
      if (!spec.name.empty() && topology_.node_groups[i].name == spec.name)
        object.at("name").report(
            fmt::format("expected a name that no other node group has, got '{}' again.", spec.name));
    }
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& zone : object.elements("zones", most_zones, true)) {
      std::string name;
      if (!read_name(zone, name)) continue;
      check_known(zone, name, topology_.zones, "zone");
      names.emplace_back(name, zone);
      spec.zones.push_back(name);
    }
    report_duplicates(names, "zone of the group");
    object.whole("nodes_per_zone", spec.nodes_per_zone);
    std::size_t choice = 0;
    if (object.read("capacity", read_choice, choice, std::span(capacity_kinds), std::string_view("a capacity")))
      spec.capacity = static_cast<models::Capacity>(choice);
    if (object.read("provisioner", read_choice, choice, std::span(provisioner_kinds),
                    std::string_view("a provisioner")))
      spec.provisioner = static_cast<models::Provisioner>(choice);
    read_type(object, spec);
    read_group_options(object, spec);
  }

  void read_group_options(const Object& object, models::NodeGroupSpec& spec) {
    const bool karpenter = spec.provisioner == models::Provisioner::karpenter;
    spec.interruption_queue = karpenter;
    if (object.read("interruption_queue", read_boolean, spec.interruption_queue) && !karpenter)
      object.at("interruption_queue").report_key("only Karpenter reads an interruption queue: remove the field.");
    const bool local_disk = spec.instance.local_disk.count > 0;
    spec.auto_recovery = !local_disk;
    if (object.read("auto_recovery", read_boolean, spec.auto_recovery) && spec.auto_recovery && local_disk)
      object.get("auto_recovery")
          ->report(
              fmt::format("{} has local disks: the provider does not recover such instances.", spec.instance.name));
    read_repair(object, spec);
    read_replacement(object, spec);
  }

  static void read_repair(const Object& object, models::NodeGroupSpec& spec) {
    std::size_t choice = 0;
    if (!object.read("repair", read_choice, choice, std::span(repair_kinds), std::string_view("who repairs machines")))
      return;
    spec.repair = static_cast<models::MachineRepair>(choice);
    if (spec.provisioner == models::Provisioner::none && spec.repair != models::MachineRepair::provider)
      object.at("repair").report_key("nothing provisions the machines of this group: remove the field.");
    if (spec.provisioner == models::Provisioner::karpenter && spec.repair == models::MachineRepair::none)
      object.at("repair").report("Karpenter replaces no machine that fails without node repair: remove the field.");
  }

  static void read_replacement(const Object& object, models::NodeGroupSpec& spec) {
    const bool launched = spec.provisioner != models::Provisioner::none;
    spec.replacement = launched ? models::Replacement::launch_first : models::Replacement::evict_first;
    std::size_t choice = 0;
    if (!object.read("replacement", read_choice, choice, std::span(replacement_kinds),
                     std::string_view("an order of replacement")))
      return;
    spec.replacement = static_cast<models::Replacement>(choice);
    if (!launched && spec.replacement == models::Replacement::launch_first)
      object.get("replacement")
          ->report("nothing provisions the machines of this group: they cannot be launched first.");
  }

  void read_type(const Object& object, models::NodeGroupSpec& spec) {
    std::string name;
    if (!object.read("instance_type", read_text, name)) return;
    const Value at = object.at("instance_type");
    const TypeEntry* found = input_.profiles->type(name);
    if (found == nullptr) {
      const std::vector<std::string> known = input_.profiles->type_names();
      const std::vector<std::string_view> views(known.begin(), known.end());
      std::string quoted = shown(Json(name));  // without what would garble a terminal
      quoted.front() = quoted.back() = '\'';
      at.report(fmt::format("there is no instance type {} (known: {}).{} {}", quoted, one_of(views),
                            did_you_mean(name, views), how_to_give_type(name, topology_.region)));
      return;
    }
    const TypeEntry& entry = *found;
    spec.instance = entry.type;
    if (topology_.region.empty()) return;
    const auto region = entry.regions.find(topology_.region);
    const bool spot = spec.capacity == models::Capacity::spot;
    if (region == entry.regions.end() || (!spot && region->second.on_demand.number < 0)) {
      std::vector<std::string_view> known;
      for (const auto& [key, prices] : entry.regions) known.push_back(key);
      at.report(fmt::format("the profiles have no price of {} in {} (known: {}). {}", name, topology_.region,
                            one_of(known), how_to_give_type(name, topology_.region)));
      return;
    }
    const TypeInRegion& prices = region->second;
    spec.instance.on_demand_hour.usd = std::max(0.0, prices.on_demand.number);
    if (!spot) return;
    if (prices.spot.number < 0 || prices.spot_reclaim.number < 0) {
      object.get("capacity")
          ->report(fmt::format("the profiles have no Spot price and reclaim probability of {} in {}. Give 'spot' and "
                               "'spot_reclaim_monthly' of "
                               "the type by --prices FILE.",
                               name, topology_.region));
      return;
    }
    spec.instance.spot_hour.usd = prices.spot.number;
    spec.instance.spot_reclaim.per_hour = -sim::log1p(-prices.spot_reclaim.number) / hours_per_month;
  }

  void read_platform(const Value& value) {
    const Object object(value, platform_fields(), "the platform");
    std::size_t choice = 0;
    if (object.read("kind", read_choice, choice, std::span(platform_kinds), std::string_view("a platform")))
      topology_.managed_control_plane = choice == 0;
    object.read("kubernetes_version", read_version, topology_.kubernetes_version,
                input_.profiles->variants(Group::kubernetes), std::string_view("Kubernetes"));
    const auto deployment = object.get("operator");
    if (!deployment) return;
    const Object fields(*deployment, operator_fields(), "the operator");
    fields.read("name", read_name, topology_.operator_.name);
    if (fields.read("node_group", read_name, topology_.operator_.node_group))
      check_known(fields.at("node_group"), topology_.operator_.node_group, group_names(), "node group");
  }

  void read_service(const Value& value, models::ServiceSpec& service) {
    const Kind& kind = kind_meant(value.json());
    service.kind = &kind;
    service.own = kind.new_spec();
    const Object object(value, service_fields(kind), value.json().is_object() ? kind.title : "a service",
                        fields_of_other_services(kind));
    object.read("name", read_name, service.name);
    std::size_t choice = 0;
    object.read("kind", read_choice, choice, kind_names(), std::string_view("a kind of service"));
    if (kind.hosted) read_processes(object, service);
    read_own_fields(input_, object, topology_, service, requirements_);
    ServiceReport report(input_, topology_.services.size() - 1);
    kind.complete(report, topology_, service);
  }

  void read_processes(const Object& object, models::ServiceSpec& service) {
    if (const auto budget = object.get("pdb")) {
      const Object fields(*budget, budget_fields(), "a disruption budget");
      fields.whole("max_unavailable", service.max_unavailable);
    }
    read_list(object, "pools", most_pools, "pool",
              [&](const Value& v) { return read_pool(v, *service.kind, service.pools.emplace_back()); });
  }

  /// Reads an array of named things; `read_one` returns the name.
  template <class ReadOne>
  static void read_list(const Object& object, std::string_view field, std::size_t most, std::string_view what,
                        ReadOne read_one) {
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& element : object.elements(field, most, true)) {
      std::string name = read_one(element);
      if (!name.empty()) names.emplace_back(std::move(name), element);
    }
    report_duplicates(names, what);
  }

  std::string read_pool(const Value& value, const Kind& kind, models::PoolSpec& spec) {
    const std::vector<FieldSpec> known = pool_fields(kind);
    const Object object(value, known, "a pool");
    object.read("name", read_name, spec.name);
    if (!kind.roles.empty()) read_roles(object, role_names(kind), spec);
    object.whole("replicas", spec.replicas);
    object.number("cpu", spec.cpu);
    object.read("memory", read_quantity, spec.memory.count, Dimension::bytes, true);
    const models::NodeGroupSpec* group = nullptr;
    if (object.read("node_group", read_name, spec.node_group) &&
        check_known(object.at("node_group"), spec.node_group, group_names(), "node group")) {
      for (const models::NodeGroupSpec& candidate : topology_.node_groups) {
        if (candidate.name == spec.node_group) group = &candidate;
      }
    }
    if (const auto storage = object.get("storage")) read_storage(*storage, group, spec.storage);
    return spec.name;
  }

  static void read_roles(const Object& object, const std::vector<std::string_view>& roles, models::PoolSpec& spec) {
    for (const Value& role : object.elements("roles", roles.size(), true)) {
      std::size_t choice = 0;
      if (!read_choice(role, choice, roles, "a role")) continue;
      const models::Roles flag = models::role_bit(choice);
      if ((spec.roles & flag) != 0) role.report("this role is named twice.");
      spec.roles |= flag;
    }
  }

  static void read_storage(const Value& value, const models::NodeGroupSpec* group, models::StorageSpec& spec) {
    const Object object(value, storage_fields(), "storage");
    std::size_t choice = 0;
    const bool known =
        object.read("kind", read_choice, choice, std::span(volume_kinds), std::string_view("a kind of volume"));
    const bool sized = object.read("size", read_quantity, spec.size.count, Dimension::bytes, true);
    if (!known) return;
    spec.kind = static_cast<models::VolumeKind>(choice);
    if (spec.kind == models::VolumeKind::gp3)
      read_gp3(object, sized, spec);
    else
      read_nvme(object, group, sized, spec);
  }

  static void read_gp3(const Object& object, bool sized, models::StorageSpec& spec) {
    std::size_t restore = 0;
    if (object.read("restore", read_choice, restore, std::span(restore_kinds),
                    std::string_view("where the data of a lost volume come from")))
      spec.restore = static_cast<models::Restore>(restore);
    if (sized && (spec.size.count < gib || spec.size.count > 65536 * gib))
      object.at("size").expected("the size of a gp3 volume, 1Gi to 64Ti");
    for (const std::string_view field : {"iops", "throughput"}) {
      if (!object.has(field)) object.value().report(fmt::format("missing field '{}' of gp3 storage.", field));
    }
    if (object.whole("iops", spec.iops) && sized && spec.iops > gp3_base_iops &&
        static_cast<double>(spec.iops) > 500 * spec.size.count / gib)
      object.at("iops").expected("at most 500 IOPS per GiB of a gp3 volume");
    if (!object.read("throughput", read_quantity, spec.throughput.bytes_per_s, Dimension::bandwidth, true)) return;
    const double rate = spec.throughput.bytes_per_s / mib;
    if (rate < 125 || rate > 2000)
      object.at("throughput").expected("the throughput of a gp3 volume, 125MiB/s to 2000MiB/s");
    else if (spec.iops > 0 && rate > 0.25 * static_cast<double>(spec.iops))
      object.at("throughput").expected("at most 0.25 MiB/s per provisioned IOPS of a gp3 volume");
  }

  static void read_nvme(const Object& object, const models::NodeGroupSpec* group, bool sized,
                        models::StorageSpec& spec) {
    for (const std::string_view field : {"iops", "throughput"}) {
      if (const auto found = object.get(field))
        found->report_key("no model reads this of nvme storage: the machine type says how fast its disk is.");
    }
    if (const auto found = object.get("restore"))
      found->report_key("no model reads this of nvme storage: a local disk has no snapshots.");
    if (group == nullptr || group->instance.name.empty()) return;
    const models::InstanceType& type = group->instance;
    spec.throughput = type.local_disk_rate;
    if (type.local_disk.count <= 0) {
      object.at("kind").report(fmt::format("{} of node group '{}' has no local disk.", type.name, group->name));
    } else if (sized && spec.size > type.local_disk) {
      object.at("size").expected(
          fmt::format("at most the local disk of {}, {:.0f} GiB", type.name, type.local_disk.count / gib));
    }
  }

  void read_operation(const Value& value) {
    models::OperationSpec& spec = topology_.operations.emplace_back();
    const Object object(value, operation_fields(), "an operation");
    std::size_t choice = 0;
    const bool known =
        object.read("do", read_choice, choice, std::span(operation_verbs), std::string_view("an operation"));
    object.read("rate", read_quantity, spec.rate.per_hour, Dimension::rate, true);
    const bool drains = known && operation_verbs[choice] == "drain";
    std::size_t order = 0;
    if (object.read("variant", read_choice, order, std::span(replacement_kinds),
                    std::string_view("an order of replacement"))) {
      if (!drains && known)
        object.at("variant").report_key(fmt::format("{} takes no 'variant'.", operation_verbs[choice]));
      spec.variant = order == 0 ? models::Variant::launch_first : models::Variant::evict_first;
    }
    if (!object.read("target", read_name, spec.target) || !known) return;
    spec.verb = operation_verbs[choice];
    std::vector<std::string> services;
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted) services.push_back(service.name);
    }
    if (choice == 0)
      check_known(object.at("target"), spec.target, services, "service");
    else
      check_known(object.at("target"), spec.target, group_names(), "node group");
  }

  const TopologyInput& input_;
  LoadedTopology& loaded_;
  Topology& topology_;
  std::vector<Value> requirements_;  ///< what names parts, until all services have been read
};

}  // namespace

void read_sla(const Value& value, models::SlaSpec& spec) {
  const Object object(value, sla_fields(), "an SLA");
  object.number("target", spec.target);
  double hours = 0;
  if (object.number("window_h", hours)) spec.window = models::Duration::from_seconds(hours * 3600);
  double above = 2;
  for (const Value& element : object.elements("credits", most_tiers)) {
    models::CreditTier& tier = spec.credits.emplace_back();
    const Object fields(element, credit_fields(), "a tier of credits");
    if (fields.number("below", tier.below)) {
      if (tier.below >= above) fields.at("below").expected("a lower availability than the tier before");
      above = tier.below;
    }
    fields.number("credit", tier.credit);
  }
}

void read_structure(const TopologyInput& input, LoadedTopology& loaded) { StructureReader(input, loaded).read(); }

}  // namespace nines::loader
