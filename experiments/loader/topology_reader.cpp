#include "experiments/loader/topology_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/document.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/monitoring_reader.hpp"
#include "experiments/loader/service_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/versions.hpp"
#include "models/capacity_pools.hpp"
#include "models/kubernetes/fargate.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::loader {

namespace {

using models::Topology;

constexpr std::size_t most_groups = 64;
constexpr std::size_t most_types = 32;
constexpr std::size_t most_services = 16;
constexpr std::size_t most_pools = 32;
constexpr std::size_t most_operations = 100;
constexpr std::size_t most_tiers = 10;
constexpr std::size_t most_spreads = 10;

constexpr double mib = 0x1p20;

/// What a volume of a kind can be provisioned with; 0: not of this kind.
struct VolumeLimits {
  double least_gib;
  double most_gib;
  std::string_view least_size;
  std::string_view most_size;
  std::int64_t least_iops;
  std::int64_t most_iops;
  double iops_per_gib;
  double least_mibps;
  double most_mibps;
};
/// Order of VolumeKind. Source: AWS documentation of EBS volume types (gp3 as since 2025-09, io2 Block Express) and of
/// EFS quotas.
constexpr std::array volume_limits{
    VolumeLimits{1, 65'536, "1Gi", "64Ti", gp3_base_iops, gp3_most_iops, 500, 125, 2'000},  // gp3
    VolumeLimits{},                                                                         // nvme
    VolumeLimits{1, 16'384, "1Gi", "16Ti", 0, 0, 0, 0, 0},                                  // gp2
    VolumeLimits{4, 65'536, "4Gi", "64Ti", io2_least_iops, io2_most_iops, 1'000, 0, 0},     // io2
    VolumeLimits{125, 16'384, "125Gi", "16Ti", 0, 0, 0, 0, 0},                              // st1
    VolumeLimits{1, 1'048'576, "1Gi", "1Pi", 0, 0, 0, 1, 3'072},                            // efs
    VolumeLimits{1, 65'536, "1Gi", "64Ti", 0, 0, 0, 0, 0},                                  // root
};
static_assert(volume_limits.size() == volume_kinds.size());
constexpr double mibps_per_iops = 0.25;
constexpr double io2_most_mibps = 4'000;

class StructureReader {
 public:
  StructureReader(const TopologyInput& input, LoadedTopology& loaded)
      : input_(input), loaded_(loaded), topology_(loaded.topology) {}

  void read() {
    const bool machines = has_processes(*input_.document);
    topology_.platform = platform_meant(*input_.document);
    const std::vector<FieldSpec> fields = machines && kubernetes()
                                              ? with_required(topology_fields(), {"region", "zones", "node_groups"})
                                              : with_required(topology_fields(), {});
    const Object root(Value(*input_.document, *input_.problems), fields, "a topology");
    root.read("name", read_name, topology_.name);
    topology_.title = topology_.name;
    root.read("title", read_text, topology_.title);
    read_notes(root);
    if (!machines) refuse_machines(root);
    read_region(root);
    read_zones(root);
    if (machines && !kubernetes()) name_place(root);
    const std::vector<Value> groups = root.elements("node_groups", most_groups, true);
    for (const Value& group : groups) read_node_group(group);
    check_region_of_types(root);
    if (const auto quota = root.get("quota_vcpu")) read_quota(*quota);
    if (root.whole("nat_gateways", topology_.nat_gateways) && !topology_.rents_machines())
      root.at("nat_gateways").report_key("no provider has rented anything here: remove the field.");
    const auto platform = root.get("platform");
    if (platform) read_platform(*platform);
    read_components(root, topology_, loaded_.assumptions);
    read_services(root);
    size_fargate();
    check_prices(root);
    if (platform) check_operated(*platform);
    for (const Value& operation : root.elements("operations", most_operations)) read_operation(operation);
    if (!root.has("operations")) plan_by_default();
    std::vector<std::pair<std::string, Value>> saved;
    for (const Value& backup : root.elements("backups", most_services)) {
      read_backup(backup);
      saved.emplace_back(topology_.backups.back().service, backup);
    }
    report_duplicates(saved, "backup of service");
    if (const auto monitoring = root.get("monitoring"); monitoring && machines) read_monitoring(*monitoring, topology_);
  }

 private:
  /// Machines are there for processes: with a service that has some their fields are required, without one no model
  /// reads them.
  static constexpr std::array<std::string_view, 6> machine_fields{"region",      "zones",      "platform",
                                                                  "node_groups", "quota_vcpu", "nat_gateways"};

  static bool of_machines(std::string_view field) {
    return std::find(machine_fields.begin(), machine_fields.end(), field) != machine_fields.end();
  }

  /// The same fields, of which these are required too.
  static std::vector<FieldSpec> with_required(std::span<const FieldSpec> fields,
                                              std::initializer_list<std::string_view> names) {
    std::vector<FieldSpec> all(fields.begin(), fields.end());
    for (FieldSpec& field : all)
      field.required = field.required || std::find(names.begin(), names.end(), field.name) != names.end();
    return all;
  }

  /// Without a platform there is no Kubernetes; one whose kind cannot be read counts as one.
  static models::PlatformKind platform_meant(const Document& document) {
    const Json* kind = value_at(document, "/platform/kind");
    if (value_at(document, "/platform") == nullptr) return models::PlatformKind::none;
    if (kind == nullptr || !kind->is_string()) return models::PlatformKind::eks;
    const auto found = std::find(platform_kinds.begin(), platform_kinds.end(), kind->get_ref<const std::string&>());
    return found == platform_kinds.end() ? models::PlatformKind::eks
                                         : static_cast<models::PlatformKind>(found - platform_kinds.begin());
  }

  [[nodiscard]] bool kubernetes() const { return topology_.has_kubernetes(); }

  static void refuse_machines(const Object& root) {
    for (const FieldSpec& field : topology_fields()) {
      const bool of_people = field.name == "operations" || field.name == "monitoring" || field.name == "backups";
      if ((of_machines(field.name) || of_people) && root.has(field.name))
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
    check_prices(root);
  }

  /// The region has every price that the topology needs, as far as it has been read.
  void check_prices(const Object& root) {
    if (topology_.region.empty()) return;
    std::vector<std::string_view> missing;
    for (const ParameterInfo& info : parameters()) {
      if (info.group == Group::prices && !is_of_others(info.key, topology_) &&
          input_.profiles->entry(info, topology_.region) == nullptr)
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

  /// Machine types are a provider's, who has regions with prices.
  void check_region_of_types(const Object& root) const {
    if (topology_.rents_machines() && !kubernetes() && !root.has("region"))
      root.value().report("missing field 'region': node groups with an 'instance_type' have their prices there.");
  }

  /// Hosts that are in no zone are all in one place.
  void name_place(const Object& root) {
    if (root.has("zones")) return;
    topology_.zones_named = false;
    topology_.zones = {"site"};
  }

  [[nodiscard]] std::vector<std::string> group_names() const {
    std::vector<std::string> names;
    for (const models::NodeGroupSpec& group : topology_.node_groups) names.push_back(group.name);
    return names;
  }

  void read_node_group(const Value& value) {
    models::NodeGroupSpec& spec = topology_.node_groups.emplace_back();
    const bool fargate = meant_for_fargate(value);
    spec.bare = !kubernetes() && !fargate && value.json().is_object() && !value.json().contains("instance_type");
    const bool scales = value.json().is_object() && value.json().contains("scaling");
    std::vector<FieldSpec> fields =
        kubernetes() ? with_required(node_group_fields(), {"zones"}) : with_required(node_group_fields(), {});
    if (!fargate && !scales) fields = with_required(fields, {"nodes_per_zone"});
    if (!fargate && !spec.bare) fields = with_required(fields, {"instance_type", "capacity", "provisioner"});
    const Object object(value, fields, "a node group");
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
    if (!object.has("zones")) spec.zones = topology_.zones;
    object.whole("nodes_per_zone", spec.nodes_per_zone);
    if (fargate) return read_fargate(object, spec);
    std::int64_t pods = 0;
    if (object.whole("max_pods", pods)) spec.max_pods = pods;
    if (object.whole("max_volumes", pods)) spec.max_volumes = pods;
    object.read("root_volume", read_quantity, spec.root_volume.count, Dimension::bytes, true);
    refuse_group_fields(object, spec);
    if (spec.bare) return read_hosts(object, spec);
    std::size_t choice = 0;
    if (object.read("capacity", read_choice, choice, std::span(capacity_kinds), std::string_view("a capacity")))
      spec.capacity = static_cast<models::Capacity>(choice);
    if (object.read("provisioner", read_choice, choice, std::span(provisioner_kinds),
                    std::string_view("a provisioner")))
      spec.provisioner = static_cast<models::Provisioner>(choice);
    read_spot_options(object, spec);
    read_scaling(object, spec);
    read_type(object, spec);
    read_group_options(object, spec);
  }

  /// A group whose number of machines changes.
  void read_scaling(const Object& object, models::NodeGroupSpec& spec) const {
    const auto value = object.get("scaling");
    if (!value) return;
    const bool karpenter = spec.provisioner == models::Provisioner::karpenter;
    if (object.has("nodes_per_zone"))
      return value->report_key("'scaling' and 'nodes_per_zone' both say how many machines there are: remove one.");
    if (!kubernetes() || spec.provisioner == models::Provisioner::none)
      return value->report_key(
          "nothing here launches machines for pods: expected a provisioner on Kubernetes, or "
          "'nodes_per_zone'.");
    if (spec.on_demand_base > 0 || spec.on_demand_percentage > 0)
      return value->report_key(
          "which of its machines on demand go first is not modelled: remove 'on_demand_base' and "
          "'on_demand_percentage_above_base', or say 'nodes_per_zone'.");
    models::GroupScaling& scaling = spec.scaling.emplace();
    const Object fields(*value, scaling_fields(), "the scaling of a group");
    if (fields.whole("min", scaling.min) && karpenter)
      fields.at("min").report_key("Karpenter knows no least number of machines: remove the field.");
    const bool desired = fields.whole("desired", scaling.desired);
    const bool max = fields.whole("max", scaling.max);
    if (desired && (scaling.desired < scaling.min || (max && scaling.desired > scaling.max)))
      fields.at("desired").report(fmt::format("expected a number from 'min' ({}) to 'max' ({}), got {}.", scaling.min,
                                              scaling.max, scaling.desired));
  }

  // ---- Fargate ----

  static bool meant_for_fargate(const Value& value) {
    if (!value.json().is_object() || !value.json().contains("provisioner")) return false;
    const Json& provisioner = value.json().at("provisioner");
    return provisioner.is_string() && provisioner.get_ref<const std::string&>() == "fargate";
  }

  /// A Fargate profile has zones; all else is the pods'.
  void read_fargate(const Object& object, models::NodeGroupSpec& spec) const {
    spec.provisioner = models::Provisioner::fargate;
    spec.interruption = models::Interruption::none;
    spec.auto_recovery = false;
    spec.replacement = models::Replacement::evict_first;
    spec.instance = unlimited_host();
    spec.instance.name = "fargate";
    spec.instance.local_disk = {};
    if (topology_.platform != models::PlatformKind::eks)
      object.at("provisioner").report("Fargate runs pods of eks only: expected karpenter, asg or none.");
    for (const FieldSpec& field : node_group_fields()) {
      const auto found = object.get(field.name);
      if (!found || field.name == "name" || field.name == "zones" || field.name == "provisioner") continue;
      found->report_key(field.name == "capacity" && found->json() == Json("spot")
                            ? "Fargate Spot runs tasks of ECS only, no pods: remove the field."
                            : "each pod on Fargate has a machine of its own, of its own size: remove the field.");
    }
  }

  /// What Fargate does not run, and what its scheduler does not go by.
  static void check_fargate_pod(const Object& object, const models::NodeGroupSpec* group, models::Controller controller,
                                double cpu, models::Bytes memory, const models::PlacementSpec& placement) {
    if (group == nullptr || group->provisioner != models::Provisioner::fargate) return;
    if (models::rules_of(controller).fixed)
      object.at("node_group")
          .report(
              fmt::format("Fargate runs no {}: a machine of its own has one pod.", models::rules_of(controller).name));
    for (const std::string_view field : {"topology_spread", "priority"}) {
      if (const auto found = object.get(field))
        found->report_key("the scheduler of Fargate does not go by this: remove the field.");
    }
    if (placement.anti_affinity == models::AntiAffinity::zone)
      object.at("anti_affinity").report("the scheduler of Fargate keeps no pods in zones apart: remove the field.");
    if (models::kubernetes::fargate_size(cpu, memory.count).vcpu <= 0)
      object.at(object.has("memory") ? "memory" : "cpu")
          .report(fmt::format(
              "Fargate has no size for {:g} vCPU and {:g} GiB beside the 256 MiB of Kubernetes' own: at most 16 "
              "vCPU and 120 GB.",
              cpu, memory.gib()));
  }

  /// A group of Fargate has so many slots that every pod finds one in any of its zones, while that of its predecessor
  /// stops; in a single zone beside it.
  void size_fargate() {
    for (models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.provisioner != models::Provisioner::fargate) continue;
      std::int64_t pods = 0;
      for (const models::ServiceSpec& service : topology_.services) {
        for (const models::PoolSpec& pool : service.pools) {
          if (pool.node_group != group.name) continue;
          // A rolling update of a Deployment may double its pods for a while.
          const bool doubles =
              service.kind->parks && pool.controller.value_or(service.controller) == models::Controller::deployment;
          pods += doubles ? 2 * pool.most_replicas() : pool.replicas;
        }
      }
      for (const models::WorkloadSpec& workload : topology_.workloads)
        pods += workload.node_group == group.name ? workload.replicas : 0;
      group.nodes_per_zone = std::max<std::int64_t>(1, group.zones.size() > 1 ? pods : 2 * pods);
    }
  }

  // ---- hosts without a provider ----

  static constexpr std::array<std::string_view, 5> host_fields{"cpu", "memory", "network", "disk", "disk_rate"};

  /// What no model reads of such a group.
  void refuse_group_fields(const Object& object, const models::NodeGroupSpec& spec) const {
    const auto refuse = [&](std::string_view field, std::string_view why) {
      if (const auto found = object.get(field)) found->report_key(fmt::format("{}: remove the field.", why));
    };
    if (spec.bare) {
      for (const std::string_view field :
           {"capacity", "provisioner", "auto_recovery", "repair", "instance_types", "allocation", "on_demand_fallback",
            "root_volume", "on_demand_base", "on_demand_percentage_above_base", "capacity_rebalancing", "managed",
            "cpu_credits"})
        refuse(field, "hosts without 'instance_type' have no provider, and people replace them");
    } else {
      for (const std::string_view field : host_fields) refuse(field, "the machine type says it");
    }
    if (kubernetes()) return;
    for (const std::string_view field : {"interruption", "replacement", "capacity_rebalancing", "managed"})
      refuse(field, "without Kubernetes no machine is drained");
    for (const std::string_view field : {"shutdown_grace_s", "shutdown_grace_critical_s"})
      refuse(field, "without Kubernetes there is no kubelet");
    refuse("max_pods", "without Kubernetes there are no pods");
    refuse("max_volumes", "without Kubernetes nothing attaches volumes");
  }

  /// What one has that the file does not limit.
  static models::InstanceType unlimited_host() {
    constexpr double unlimited = std::numeric_limits<double>::infinity();
    models::InstanceType host;
    host.name = "host";
    host.vcpu = unlimited;
    host.memory.count = unlimited;
    host.network.bytes_per_s = unlimited;
    host.ebs.bytes_per_s = unlimited;
    host.local_disk.count = unlimited;
    host.local_disk_rate.bytes_per_s = unlimited;
    return host;
  }

  static void make_bare(models::NodeGroupSpec& spec) {
    spec.bare = true;
    spec.provisioner = models::Provisioner::none;
    spec.interruption = models::Interruption::none;
    spec.auto_recovery = false;
    spec.repair = models::MachineRepair::none;
    spec.replacement = models::Replacement::evict_first;
    spec.instance = unlimited_host();
  }

  static void read_hosts(const Object& object, models::NodeGroupSpec& spec) {
    make_bare(spec);
    models::InstanceType& host = spec.instance;
    object.number("cpu", host.vcpu);
    object.read("memory", read_quantity, host.memory.count, Dimension::bytes, true);
    object.read("network", read_quantity, host.network.bytes_per_s, Dimension::bandwidth, true);
    object.read("disk", read_quantity, host.local_disk.count, Dimension::bytes, true);
    object.read("disk_rate", read_quantity, host.local_disk_rate.bytes_per_s, Dimension::bandwidth, true);
  }

  /// Hosts of a pool that names none, one for each of its processes, over the zones in turn.
  const models::NodeGroupSpec* own_hosts(const Object& object, const std::string& service,
                                         const models::PoolSpec& pool) {
    models::NodeGroupSpec spec;
    make_bare(spec);
    spec.name = fmt::format("{}-{}", service, pool.name);
    const auto zones = static_cast<std::int64_t>(topology_.zones.size());
    const std::int64_t used = std::min(std::max<std::int64_t>(1, pool.replicas), zones);
    spec.zones.assign(topology_.zones.begin(), topology_.zones.begin() + used);
    spec.nodes_per_zone = std::max<std::int64_t>(1, pool.replicas) / std::max<std::int64_t>(1, used);
    if (used > 0 && pool.replicas % used != 0) {
      object.at("replicas")
          .report(fmt::format(
              "{} processes cannot be spread evenly over {} zones: name the pool's machines by 'node_group'.",
              pool.replicas, zones));
    }
    topology_.node_groups.push_back(spec);
    return &topology_.node_groups.back();
  }

  void read_group_options(const Object& object, models::NodeGroupSpec& spec) {
    const bool karpenter = spec.provisioner == models::Provisioner::karpenter;
    if (karpenter && !kubernetes())
      object.at("provisioner").report("Karpenter is a part of Kubernetes, which is not here: expected asg or none.");
    spec.interruption = karpenter ? models::Interruption::queue : models::Interruption::none;
    std::size_t choice = 0;
    if (object.read("interruption", read_choice, choice, std::span(interruption_kinds),
                    std::string_view("who hears of interruptions")))
      spec.interruption = static_cast<models::Interruption>(choice);
    read_manager(object, spec);
    const bool local_disk = spec.instance.local_disk.count > 0;
    spec.auto_recovery = !local_disk;
    if (object.read("auto_recovery", read_boolean, spec.auto_recovery) && spec.auto_recovery && local_disk)
      object.get("auto_recovery")
          ->report(
              fmt::format("{} has local disks: the provider does not recover such instances.", spec.instance.name));
    read_repair(object, spec);
    read_replacement(object, spec);
    read_planned(object, spec);
  }

  /// Spot machines of a managed node group: EKS acts on rebalance recommendations, drains at the notice, and mixes no
  /// capacity types (Amazon EKS user guide, managed node groups, capacity types).
  void read_manager(const Object& object, models::NodeGroupSpec& spec) const {
    const bool could = topology_.platform == models::PlatformKind::eks &&
                       spec.provisioner == models::Provisioner::asg && spec.capacity == models::Capacity::spot;
    // What no managed node group can have says that it is none.
    std::vector<std::pair<std::string_view, std::string_view>> contradictions;
    if (object.has("interruption") && spec.interruption != models::Interruption::queue)
      contradictions.emplace_back("interruption", "EKS itself drains the Spot machines of a managed node group");
    if (object.has("capacity_rebalancing") && !spec.capacity_rebalancing)
      contradictions.emplace_back("capacity_rebalancing", "in a managed node group it is always on");
    for (const std::string_view field : {"on_demand_base", "on_demand_percentage_above_base"}) {
      if (object.has(field)) contradictions.emplace_back(field, "a managed node group is all Spot or all on demand");
    }
    bool managed = could && contradictions.empty();
    const bool said = object.read("managed", read_boolean, managed);
    if (said && !could)
      object.get("managed")->report_key(
          "only Auto Scaling groups of eks with capacity 'spot' read this: remove the field.");
    if (!could || !managed) return;
    for (const auto& [field, what] : contradictions) {
      object.get(field)->report(
          fmt::format("{}: remove the field, or say \"managed\": false of a group that is none of EKS' managed node "
                      "groups.",
                      what));
    }
    spec.interruption = models::Interruption::queue;
    spec.capacity_rebalancing = true;
  }

  /// How machines are replaced by plan.
  static void read_planned(const Object& object, models::NodeGroupSpec& spec) {
    const auto refuse = [&](std::string_view field, models::Provisioner whose, std::string_view name) {
      const auto found = object.get(field);
      if (found && spec.provisioner != whose)
        found->report_key(fmt::format("only {} read this: remove the field.", name));
    };
    double hours = 0;
    if (object.number("expire_after_h", hours))
      spec.expire_after = models::Duration::from_seconds(hours * sim::seconds_per_hour);
    models::Duration grace;
    if (read_seconds(object, "termination_grace_s", grace)) spec.termination_grace = grace;
    object.read("force_update", read_boolean, spec.force_update);
    read_seconds(object, "shutdown_grace_s", spec.shutdown_grace);
    if (read_seconds(object, "shutdown_grace_critical_s", spec.shutdown_grace_critical) &&
        spec.shutdown_grace_critical > spec.shutdown_grace)
      object.at("shutdown_grace_critical_s").report("it is a part of 'shutdown_grace_s', and cannot be longer.");
    refuse("expire_after_h", models::Provisioner::karpenter, "Karpenter's groups");
    refuse("termination_grace_s", models::Provisioner::karpenter, "Karpenter's groups");
    refuse("force_update", models::Provisioner::asg, "managed node groups (provisioner asg)");
  }

  /// What only Spot groups have, most of it only those of one provisioner.
  static void read_spot_options(const Object& object, models::NodeGroupSpec& spec) {
    const bool spot = spec.capacity == models::Capacity::spot;
    const bool karpenter = spec.provisioner == models::Provisioner::karpenter;
    const bool asg = spec.provisioner == models::Provisioner::asg;
    const auto refuse = [&](std::string_view field, bool fits, std::string_view whose) {
      const auto found = object.get(field);
      if (found && !fits) found->report_key(fmt::format("only {} read this: remove the field.", whose));
    };
    std::size_t choice = 0;
    if (object.read("allocation", read_choice, choice, std::span(allocation_kinds),
                    std::string_view("an allocation strategy")))
      spec.allocation = static_cast<models::Allocation>(choice);
    object.read("on_demand_fallback", read_boolean, spec.on_demand_fallback);
    object.whole("on_demand_base", spec.on_demand_base);
    object.whole("on_demand_percentage_above_base", spec.on_demand_percentage);
    object.read("capacity_rebalancing", read_boolean, spec.capacity_rebalancing);
    refuse("allocation", spot && asg && object.has("instance_types"),
           "Auto Scaling groups with capacity 'spot' and several 'instance_types'");
    refuse("on_demand_fallback", karpenter, "Karpenter's groups");
    for (const std::string_view field : {"on_demand_base", "on_demand_percentage_above_base", "capacity_rebalancing"})
      refuse(field, spot && asg, "Auto Scaling groups with capacity 'spot'");
  }

  void read_repair(const Object& object, models::NodeGroupSpec& spec) const {
    std::size_t choice = 0;
    if (!object.read("repair", read_choice, choice, std::span(repair_kinds), std::string_view("who repairs machines")))
      return;
    spec.repair = static_cast<models::MachineRepair>(choice);
    if (spec.provisioner == models::Provisioner::none && spec.repair != models::MachineRepair::provider)
      object.at("repair").report_key("nothing provisions the machines of this group: remove the field.");
    if (spec.repair == models::MachineRepair::node_repair && !kubernetes())
      object.at("repair").report("node repair is a part of Kubernetes, which is not here: expected provider or none.");
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

  static void read_credits(const Object& object, models::NodeGroupSpec& spec) {
    std::size_t choice = 0;
    if (!object.read("cpu_credits", read_choice, choice, std::span(credit_kinds),
                     std::string_view("a mode of credits")))
      return;
    spec.unlimited_credits = choice == 0;
    if (spec.instance.cpu_baseline <= 0)
      object.at("cpu_credits")
          .report_key(fmt::format(
              "{} has no CPU credits (of the catalogue's types T3, T3a and T4g have them): remove the field.",
              spec.instance.name));
  }

  void read_type(const Object& object, models::NodeGroupSpec& spec) {
    std::string name;
    if (!object.read("instance_type", read_text, name)) return;
    read_type_named(object, object.at("instance_type"), name, spec, spec.instance);
    read_credits(object, spec);
    const auto types = object.get("instance_types");
    if (!types) return;
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& value : object.elements("instance_types", most_types, true)) {
      std::string other;
      if (!read_text(value, other)) continue;
      names.emplace_back(other, value);
      if (other == name) continue;
      models::InstanceType type;
      if (!read_type_named(object, value, other, spec, type)) continue;
      check_not_smaller(value, type, spec.instance);
      spec.alternatives.push_back(type);
    }
    report_duplicates(names, "instance type of the group");
    if (names.empty() || names.front().first != name)
      types->report(fmt::format("expected '{}', the group's 'instance_type', as the first of its types.", name));
  }

  /// Pods are placed by the size of the group's own type, and must fit on a machine of any other.
  static void check_not_smaller(const Value& at, const models::InstanceType& type, const models::InstanceType& own) {
    const bool smaller = type.vcpu < own.vcpu || type.memory < own.memory || type.local_disk < own.local_disk ||
                         type.network < own.network || type.ebs < own.ebs;
    if (smaller)
      at.report(
          fmt::format("{} is smaller than {} ({:g} vcpu and {:g} GiB; network, path to EBS and local disk count "
                      "too): name the smallest type as 'instance_type'.",
                      type.name, own.name, own.vcpu, own.memory.gib()));
  }

  /// Whether such a type is known, and has the prices that the group needs in its region.
  bool read_type_named(const Object& object, const Value& at, const std::string& name,
                       const models::NodeGroupSpec& spec, models::InstanceType& type) {
    const TypeEntry* found = input_.profiles->type(name);
    if (found == nullptr) {
      const std::vector<std::string> known = input_.profiles->type_names();
      const std::vector<std::string_view> views(known.begin(), known.end());
      std::string quoted = shown(Json(name));  // without what would garble a terminal
      quoted.front() = quoted.back() = '\'';
      at.report(fmt::format("there is no instance type {} (known: {}).{} {}", quoted, one_of(views),
                            did_you_mean(name, views), how_to_give_type(name, topology_.region)));
      return false;
    }
    const TypeEntry& entry = *found;
    type = entry.type;
    if (topology_.region.empty()) return true;
    const auto region = entry.regions.find(topology_.region);
    const bool spot = spec.capacity == models::Capacity::spot;
    const bool billed = !spot || models::on_demand_machines(spec) > 0;
    if (region == entry.regions.end() || (billed && region->second.on_demand.number < 0)) {
      std::vector<std::string_view> known;
      for (const auto& [key, prices] : entry.regions) known.push_back(key);
      at.report(fmt::format("the profiles have no price of {} in {} (known: {}). {}", name, topology_.region,
                            one_of(known), how_to_give_type(name, topology_.region)));
      return false;
    }
    const TypeInRegion& prices = region->second;
    type.on_demand_hour.usd = std::max(0.0, prices.on_demand.number);
    if (!spot) return true;
    if (prices.spot.number < 0 || prices.spot_reclaim.number < 0) {
      object.get("capacity")
          ->report(fmt::format("the profiles have no Spot price and reclaim probability of {} in {}. Give 'spot' and "
                               "'spot_reclaim_monthly' of "
                               "the type by --prices FILE.",
                               name, topology_.region));
      return false;
    }
    type.spot_hour.usd = prices.spot.number;
    type.spot_reclaim.per_hour = -sim::log1p(-prices.spot_reclaim.number) / sim::hours_per_month;
    return true;
  }

  void read_quota(const Value& value) {
    const Object object(value, quota_fields(), "the account's quota");
    object.number("on_demand", topology_.quota.on_demand);
    object.number("spot", topology_.quota.spot);
    const models::VcpuQuota needed = models::vcpus_in_health(topology_);
    const auto check = [&](std::string_view field, double quota, double least) {
      if (quota < least)
        object.at(field).report(
            fmt::format("expected at least the {:g} vCPUs of the node groups (each machine of its largest type), got "
                        "{:g}.",
                        least, quota));
    };
    check("on_demand", topology_.quota.on_demand, needed.on_demand);
    check("spot", topology_.quota.spot, needed.spot);
  }

  // ---- platform and workloads ----

  void read_platform(const Value& value) {
    std::vector<FieldSpec> known = with_required(platform_fields(), {});
    if (kubernetes()) known = with_required(known, {"kubernetes_version"});
    const Object object(value, known, "the platform");
    std::size_t choice = 0;
    object.read("kind", read_choice, choice, std::span(platform_kinds), std::string_view("a platform"));
    if (!kubernetes()) {
      for (const std::string_view field : {"kubernetes_version", "operator", "workloads", "prefix_delegation"}) {
        if (const auto found = object.get(field))
          found->report_key("platform.kind 'none' has no Kubernetes that would read it: remove the field.");
      }
      return;
    }
    object.read("kubernetes_version", read_version, topology_.kubernetes_version,
                input_.profiles->variants(Group::kubernetes), std::string_view("Kubernetes"));
    if (object.read("prefix_delegation", read_boolean, topology_.prefix_delegation) &&
        topology_.platform != models::PlatformKind::eks)
      object.at("prefix_delegation").report_key("only the network plugin of eks delegates prefixes: remove the field.");
    if (const auto deployment = object.get("operator")) read_operator(*deployment);
    for (const Value& workload : object.elements("workloads", most_workloads)) read_workload(workload);
  }

  void read_operator(const Value& value) {
    models::WorkloadSpec& spec = topology_.workloads.emplace_back();
    const Object fields(value, operator_fields(), "the operator");
    fields.read("name", read_name, spec.name);
    if (fields.read("node_group", read_name, spec.node_group))
      check_known(fields.at("node_group"), spec.node_group, group_names(), "node group");
    has_short_operator_ = true;
  }

  void read_workload(const Value& value) {
    models::WorkloadSpec& spec = topology_.workloads.emplace_back();
    const Object object(value, workload_fields(), "a workload");
    object.read("name", read_name, spec.name);
    std::size_t choice = 0;
    if (object.read("controller", read_choice, choice, std::span(controller_kinds), std::string_view("a controller"))) {
      spec.controller = static_cast<models::Controller>(choice);
      if (spec.controller == models::Controller::operator_set)
        object.at("controller").report("an operator creates pods of services only: expected another controller.");
      if (models::rules_of(spec.controller).ends)
        object.at("controller").report("Jobs run pods of services only: expected another controller.");
      if (spec.controller == models::Controller::supervisor)
        object.at("controller").report("no model reads a process that has no service and no kubelet: remove it.");
    }
    const models::NodeGroupSpec* group = nullptr;
    if (object.read("node_group", read_name, spec.node_group) &&
        check_known(object.at("node_group"), spec.node_group, group_names(), "node group"))
      group = group_named(spec.node_group);
    const bool given = object.whole("replicas", spec.replicas);
    if (models::rules_of(spec.controller).fixed && group != nullptr && !on_fargate(*group)) {
      const std::int64_t machines = machines_of(*group);
      if (!given) spec.replicas = machines;
      check_one_a_machine(object, spec.controller, spec.replicas, *group);
    }
    object.number("cpu", spec.cpu);
    object.read("memory", read_quantity, spec.memory.count, Dimension::bytes, false);
    read_limits(object, spec.budget);
    read_placement(object, spec.controller, spec.placement);
    check_fargate_pod(object, group, spec.controller, spec.cpu, spec.memory, spec.placement);
    for (const Value& operated : object.elements("operates", most_services)) {
      std::string name;
      if (read_name(operated, name)) spec.operates.push_back(name);
    }
  }

  void read_placement(const Object& object, models::Controller controller, models::PlacementSpec& spec) const {
    const std::string_view why = !kubernetes() ? "without Kubernetes nobody looks for a machine: remove the field."
                                 : models::rules_of(controller).fixed
                                     ? "each pod of this controller belongs to its machine: remove the field."
                                     : "";
    for (const std::string_view field : {"anti_affinity", "topology_spread", "priority"}) {
      if (const auto found = object.get(field); found && !why.empty()) found->report_key(std::string(why));
    }
    std::size_t choice = 0;
    if (object.read("anti_affinity", read_choice, choice, std::span(affinity_kinds),
                    std::string_view("how pods keep apart")))
      spec.anti_affinity = static_cast<models::AntiAffinity>(choice);
    object.whole("priority", spec.priority);
    for (const Value& element : object.elements("topology_spread", most_spreads)) {
      models::SpreadSpec& spread = spec.spread.emplace_back();
      const Object fields(element, spread_fields(), "a spread");
      if (fields.read("topology", read_choice, choice, std::span(spread_domains), std::string_view("a topology")))
        spread.topology = static_cast<models::Domain>(choice);
      fields.whole("max_skew", spread.max_skew);
      if (fields.read("when_unsatisfiable", read_choice, choice, std::span(unsatisfiable_kinds),
                      std::string_view("what happens then")))
        spread.unsatisfiable = static_cast<models::Unsatisfiable>(choice);
    }
  }

  static void read_across(const Object& object, models::PlacementSpec& spec) {
    for (const Value& element : object.elements("across", most_pools)) {
      if (!read_name(element, spec.across.emplace_back())) spec.across.pop_back();
    }
    if (object.has("across") && spec.anti_affinity == models::AntiAffinity::none)
      object.at("across").report_key("with anti_affinity 'none' its pods keep apart from nothing: remove the field.");
  }

  /// Pools that others keep apart from are there, once all pools are known.
  static void check_across(const Object& object, const models::ServiceSpec& service) {
    std::vector<std::string> names;
    for (const models::PoolSpec& pool : service.pools) names.push_back(pool.name);
    const std::vector<Value> pools = object.elements("pools", most_pools, true);
    for (std::size_t i = 0; i < service.pools.size(); ++i) {
      const models::PoolSpec& pool = service.pools[i];
      for (std::size_t j = 0; j < pool.placement.across.size(); ++j) {
        const Value at = pools[i].member("across").element(j);
        if (pool.placement.across[j] == pool.name)
          at.report("a pool keeps apart from itself by 'anti_affinity': remove its own name.");
        else
          check_known(at, pool.placement.across[j], names, "pool of the service");
      }
    }
  }

  static bool on_fargate(const models::NodeGroupSpec& group) {
    return group.provisioner == models::Provisioner::fargate;
  }

  static std::int64_t machines_of(const models::NodeGroupSpec& group) { return group.machines(); }

  static void check_one_a_machine(const Object& object, models::Controller controller, std::int64_t replicas,
                                  const models::NodeGroupSpec& group) {
    if (group.scaling)
      return object.value().report(fmt::format(
          "pods of a {} on node group '{}', whose machines come and go, are not modelled: choose another group.",
          models::rules_of(controller).name, group.name));
    if (replicas == machines_of(group)) return;
    object.at("replicas")
        .report(fmt::format("a {} has one pod on each machine: node group '{}' has {}, got {}.",
                            models::rules_of(controller).name, group.name, machines_of(group), replicas));
  }

  [[nodiscard]] const models::NodeGroupSpec* group_named(const std::string& name) const {
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.name == name) return &group;
    }
    return nullptr;
  }

  /// Every set that an operator owns has one, and no operator is there for nothing.
  void check_operated(const Value& platform) {
    std::vector<std::string> hosted;
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted) hosted.push_back(service.name);
    }
    for (std::size_t i = 0; i < topology_.workloads.size(); ++i) {
      models::WorkloadSpec& workload = topology_.workloads[i];
      if (has_short_operator_ && i == 0) {
        workload.operates = hosted;
        continue;
      }
      const Value at = platform.member("workloads").element(i - (has_short_operator_ ? 1 : 0));
      for (std::size_t j = 0; j < workload.operates.size(); ++j) {
        const Value name = at.member("operates").element(j);
        if (!check_known(name, workload.operates[j], hosted, "service with processes")) continue;
        if (has_short_operator_) name.report("'platform.operator' operates every service: name one of the two only.");
      }
    }
    if (has_short_operator_) return;
    for (std::size_t i = 0; i < topology_.services.size(); ++i) check_has_operator(i);
  }

  static bool has_owned_pods(const models::ServiceSpec& service) {
    return std::any_of(service.pools.begin(), service.pools.end(), [&](const models::PoolSpec& pool) {
      return models::rules_of(pool.controller.value_or(service.controller)).owned;
    });
  }

  void check_has_operator(std::size_t index) {
    const models::ServiceSpec& service = topology_.services[index];
    if (!service.kind->hosted || !has_owned_pods(service)) return;
    const auto operators = std::count_if(
        topology_.workloads.begin(), topology_.workloads.end(), [&](const models::WorkloadSpec& workload) {
          return std::find(workload.operates.begin(), workload.operates.end(), service.name) != workload.operates.end();
        });
    if (operators == 1) return;
    const Value at = Value(*input_.document, *input_.problems).member("services").element(index);
    if (operators == 0)
      at.report(
          fmt::format("no operator creates the pods of '{}': name one in /platform/operator, or in /platform/workloads "
                      "with 'operates', or say another 'controller' here ({}).",
                      service.name, one_of(std::span(controller_kinds).subspan(1, 4))));
    else
      at.report(fmt::format("{} workloads operate '{}': expected one.", operators, service.name));
  }

  // ---- services ----

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
    service.controller = kubernetes() ? service.kind->controller : models::Controller::supervisor;
    if (const auto controller = read_controller(object, *service.kind)) service.controller = *controller;
    read_management(object, service.controller, service.management);
    service.budget.reset();
    read_budget(object, service.controller, service.budget, service.evicts_unhealthy);
    read_containers(object, service);
    read_list(object, "pools", most_pools, "pool",
              [&](const Value& v) { return read_pool(v, service, service.pools.emplace_back()); });
    check_across(object, service);
  }

  [[nodiscard]] std::optional<models::Controller> read_controller(const Object& object, const Kind& kind) const {
    std::size_t choice = 0;
    if (!object.read("controller", read_choice, choice, std::span(controller_kinds), std::string_view("a controller")))
      return std::nullopt;
    const auto controller = static_cast<models::Controller>(choice);
    if (models::rules_of(controller).ends != models::rules_of(kind.controller).ends)
      object.at("controller")
          .report(models::rules_of(kind.controller).ends
                      ? "Jobs run its pods: remove the field."
                      : "a Job's pods come to an end, which this kind of service's do not: expected "
                        "another controller.");
    if (models::rules_of(controller).kubernetes && !kubernetes())
      object.at("controller").report("there is no Kubernetes here that would run it: expected supervisor.");
    if (!models::rules_of(controller).kubernetes && kubernetes())
      object.at("controller")
          .report(fmt::format("processes beside the pods of a Kubernetes node are not modelled: expected {}, or "
                              "platform.kind none.",
                              one_of(std::span(controller_kinds).first(5))));
    return controller;
  }

  static void read_management(const Object& object, models::Controller controller, models::PodManagement& management) {
    std::size_t choice = 0;
    if (!object.read("pod_management", read_choice, choice, std::span(management_kinds),
                     std::string_view("an order of creation")))
      return;
    management = static_cast<models::PodManagement>(choice);
    if (controller != models::Controller::stateful_set)
      object.at("pod_management").report_key("only a StatefulSet creates its pods in an order: remove the field.");
  }

  /// Pods, or a share of them in per cent, as Kubernetes' IntOrString.
  static bool read_pods(const Value& value, models::DisruptionBudget& budget) {
    budget.percent = value.json().is_string();
    if (!budget.percent) return read_count(value, budget.amount, 0, most_processes);
    const std::string text = value.json().get<std::string>();
    constexpr std::int64_t whole = 100;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, budget.amount);
    const bool good =
        error == std::errc() && rest + 1 == end && *rest == '%' && budget.amount >= 0 && budget.amount <= whole;
    if (!good) value.expected("a whole number of pods, or per cent from \"0%\" to \"100%\"");
    return good;
  }

  /// At most one of both is given.
  static void read_limits(const Object& object, std::optional<models::DisruptionBudget>& budget) {
    models::DisruptionBudget read;
    if (object.has("max_unavailable") && object.has("min_available"))
      return object.at("min_available").report_key("'max_unavailable' says it already: remove one of them.");
    if (object.read("max_unavailable", read_pods, read)) budget = read;
    read.of = models::DisruptionBudget::Of::min_available;
    if (object.read("min_available", read_pods, read)) budget = read;
  }

  static void read_budget(const Object& object, models::Controller controller,
                          std::optional<models::DisruptionBudget>& limits, bool& evicts_unhealthy) {
    const auto budget = object.get("pdb");
    if (!budget) return;
    const Object fields(*budget, budget_fields(), "a disruption budget");
    if (fields.valid() && !fields.has("max_unavailable") && !fields.has("min_available"))
      budget->report("missing field 'max_unavailable' or 'min_available' of a disruption budget.");
    read_limits(fields, limits);
    std::size_t choice = 0;
    if (fields.read("unhealthy_pod_eviction", read_choice, choice, std::span(unhealthy_kinds),
                    std::string_view("a policy for pods that are not Ready")))
      evicts_unhealthy = choice == 1;
    if (!models::rules_of(controller).evicted)
      budget->report_key(
          fmt::format("nothing evicts the pods of a {}: remove the budget.", models::rules_of(controller).name));
  }

  void read_containers(const Object& object, models::ServiceSpec& service) const {
    for (const std::string_view field : {"probes", "pre_stop_s"}) {
      if (object.has(field) && !kubernetes())
        object.at(field).report_key("no kubelet runs these processes: remove the field.");
    }
    read_seconds(object, "pre_stop_s", service.pre_stop);
    if (const auto probes = object.get("probes")) read_probes(*probes, service.probes.emplace());
  }

  static void read_probes(const Value& value, models::ProbesSpec& spec) {
    const Object object(value, probes_fields(), "probes");
    const auto read = [&](std::string_view name, std::optional<models::ProbeSpec>& into) {
      if (const auto probe = object.get(name)) read_probe(*probe, into.emplace());
    };
    read("startup", spec.startup);
    read("readiness", spec.readiness);
    read("liveness", spec.liveness);
  }

  static void read_probe(const Value& value, models::ProbeSpec& spec) {
    const Object object(value, probe_fields(), "a probe");
    const auto seconds = [&](std::string_view field, std::optional<models::Duration>& into) {
      models::Duration read;
      if (read_seconds(object, field, read)) into = read;
    };
    seconds("initial_delay_s", spec.initial_delay);
    seconds("period_s", spec.period);
    seconds("timeout_s", spec.timeout);
    std::int64_t failures = 0;
    if (object.whole("failure_threshold", failures)) spec.failure_threshold = failures;
    std::size_t choice = 0;
    if (object.read("asks", read_choice, choice, std::span(probe_questions), std::string_view("what a probe asks")))
      spec.asks = static_cast<models::ProbeAsks>(choice);
    const bool named = object.read("dependency", read_name, spec.dependency);
    const bool asks_on = spec.asks == models::ProbeAsks::dependency;
    if (named && !asks_on)
      object.at("dependency").report_key("only a probe that asks 'dependency' has one: remove it.");
    if (!object.has("dependency") && asks_on)
      object.value().report("missing field 'dependency': the service that the probe asks.");
  }

  static bool read_seconds(const Object& object, std::string_view field, models::Duration& into) {
    double seconds = 0;
    if (!object.number(field, seconds)) return false;
    into = models::Duration::from_seconds(seconds);
    return true;
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

  /// Whether the pool's controller, its own or its service's, runs a pod on each machine.
  static bool one_a_machine(const Value& pool, const models::ServiceSpec& service) {
    models::Controller controller = service.controller;
    const Json& json = pool.json();
    if (json.is_object() && json.contains("controller") && json["controller"].is_string()) {
      const auto named = std::ranges::find(controller_kinds, json["controller"].get<std::string>());
      if (named != controller_kinds.end())
        controller = static_cast<models::Controller>(named - controller_kinds.begin());
    }
    return models::rules_of(controller).fixed && models::rules_of(controller).kubernetes;
  }

  /// Whether processes of the pool keep data: of a kind that does, those of some role may not.
  static bool needs_storage(const Value& pool, const Kind& kind) {
    if (!kind.stores) return false;
    const Json& json = pool.json();
    if (!json.is_object() || !json.contains("roles") || !json["roles"].is_array() || json["roles"].empty()) return true;
    const Json& named = json["roles"];
    return !std::all_of(named.begin(), named.end(), [&](const Json& name) {
      const auto role = std::ranges::find_if(
          kind.roles, [&](const auto& its) { return name.is_string() && its.name == name.get<std::string>(); });
      return role != kind.roles.end() && !role->stores;
    });
  }

  std::string read_pool(const Value& value, const models::ServiceSpec& service, models::PoolSpec& spec) {
    const Kind& kind = *service.kind;
    std::vector<FieldSpec> known = pool_fields(kind);
    if (kubernetes()) known = with_required(known, {"cpu", "memory", "node_group"});
    if (kubernetes() && needs_storage(value, kind)) known = with_required(known, {"storage"});
    const bool follows = one_a_machine(value, service);
    if (!follows) known = with_required(known, {"replicas"});
    const Object object(value, known, "a pool");
    object.read("name", read_name, spec.name);
    if (!kind.roles.empty()) read_roles(object, role_names(kind), spec);
    const bool given = object.whole("replicas", spec.replicas);
    object.number("cpu", spec.cpu);
    object.read("memory", read_quantity, spec.memory.count, Dimension::bytes, true);
    const models::NodeGroupSpec* group = nullptr;
    if (object.has("node_group")) {
      if (object.read("node_group", read_name, spec.node_group) &&
          check_known(object.at("node_group"), spec.node_group, group_names(), "node group"))
        group = group_named(spec.node_group);
    } else if (!kubernetes()) {
      group = own_hosts(object, service.name, spec);
      spec.node_group = group->name;
    }
    if (!given && follows && group != nullptr) spec.replicas = machines_of(*group);
    spec.controller = read_controller(object, kind);
    const models::Controller controller = spec.controller.value_or(service.controller);
    if (!spec.controller && (object.has("pod_management") || object.has("pdb")))
      object.at(object.has("pdb") ? "pdb" : "pod_management")
          .report_key("a pool has this only with a 'controller' of its own: set it, or say this of the service.");
    if (spec.controller) {
      read_management(object, controller, spec.management);
      read_budget(object, controller, spec.budget, spec.evicts_unhealthy);
    }
    read_placement(object, controller, spec.placement);
    read_across(object, spec.placement);
    if (const auto autoscaler = object.get("autoscaler")) read_autoscaler(*autoscaler, kind, controller, spec);
    check_fargate_pod(object, group, controller, spec.cpu, spec.memory, spec.placement);
    if (models::rules_of(controller).fixed && models::rules_of(controller).kubernetes && group != nullptr &&
        !on_fargate(*group))
      check_one_a_machine(object, controller, spec.replicas, *group);
    const auto storage = object.get("storage");
    if (storage) read_storage(*storage, group, spec.storage);
    if (!storage && kind.stores && group != nullptr && group->bare) {
      spec.storage.kind = models::VolumeKind::nvme;
      spec.storage.size = group->instance.local_disk;
      spec.storage.throughput = group->instance.local_disk_rate;
    }
    if (storage) check_storage(*storage, controller, spec);
    if (storage && group != nullptr && on_fargate(*group) && spec.storage.kind != models::VolumeKind::efs)
      storage->report("Fargate mounts no volume but EFS: expected kind efs.");
    return spec.name;
  }

  void read_autoscaler(const Value& value, const Kind& kind, models::Controller controller,
                       models::PoolSpec& spec) const {
    const Object object(value, autoscaler_fields(), "an autoscaler");
    if (!kubernetes()) return value.report_key("no HorizontalPodAutoscaler is without Kubernetes: remove the field.");
    if (controller != models::Controller::deployment || kind.stores)
      return value.report_key("only pods of a Deployment of servers that store nothing are scaled here: remove it.");
    models::AutoscalerSpec autoscaler;
    const bool min = object.whole("min", autoscaler.min);
    const bool max = object.whole("max", autoscaler.max);
    const bool cpu = object.number("cpu_utilization", autoscaler.target);
    const bool requests = object.number("requests_per_pod", autoscaler.target);
    object.read("behavior", read_boolean, autoscaler.behavior);
    if (requests) autoscaler.metric = models::ScalingMetric::requests;
    if (object.has("cpu_utilization") == object.has("requests_per_pod"))
      return value.report("expected one of 'cpu_utilization' and 'requests_per_pod'.");
    if (!min || !max || (!cpu && !requests)) return;
    if (autoscaler.max < autoscaler.min)
      return object.at("max").report(
          fmt::format("expected at least 'min' ({}), got {}.", autoscaler.min, autoscaler.max));
    if (spec.replicas < autoscaler.min || spec.replicas > autoscaler.max)
      return value.report(fmt::format("the pool's 'replicas', {}, are what it keeps in health: expected {} to {}.",
                                      spec.replicas, autoscaler.min, autoscaler.max));
    spec.autoscaler = autoscaler;
  }

  /// Volumes that a controller's pods cannot have.
  static void check_storage(const Value& storage, models::Controller controller, const models::PoolSpec& spec) {
    if (spec.storage.size.count <= 0) return;
    const models::ControllerRules& rules = models::rules_of(controller);
    const models::VolumeHome home = models::rules_of(spec.storage.kind).home;
    const auto report = [&](std::string_view why) { storage.report(std::string(why)); };
    if (rules.kubernetes && rules.fixed && home == models::VolumeHome::zone)
      report("pods that belong to their machine have its own disks only: expected kind nvme or root.");
    if (!rules.kubernetes && home != models::VolumeHome::machine)
      report(
          "without Kubernetes nothing attaches a network volume to another machine: expected kind nvme, the local "
          "disk "
          "of the machine.");
    if (controller == models::Controller::deployment && home == models::VolumeHome::machine)
      report(
          "a Deployment's pod may come back on another machine, where this local disk is not: expected kind gp3, or "
          "another controller.");
    if (controller == models::Controller::deployment && home == models::VolumeHome::zone && spec.replicas > 1)
      report(
          "pods of a Deployment share one claim, which one machine at a time can attach: expected one replica, or "
          "controller statefulset.");
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
    if (spec.kind == models::VolumeKind::nvme)
      read_nvme(object, group, sized, spec);
    else
      read_network_volume(object, volume_limits[choice], sized, spec);
  }

  static void read_network_volume(const Object& object, const VolumeLimits& limits, bool sized,
                                  models::StorageSpec& spec) {
    const std::string_view name = models::rules_of(spec.kind).name;
    std::size_t restore = 0;
    if (object.read("restore", read_choice, restore, std::span(restore_kinds),
                    std::string_view("where the data of a lost volume come from")))
      spec.restore = static_cast<models::Restore>(restore);
    if (object.has("restore") && models::rules_of(spec.kind).home != models::VolumeHome::zone)
      object.at("restore").report_key(fmt::format(
          "no model reads this of {} storage: it is {}.", name,
          models::rules_of(spec.kind).home == models::VolumeHome::region ? "never lost" : "lost with its machine"));
    object.read("encrypted", read_boolean, spec.encrypted);
    std::size_t choice = 0;
    if (object.read("binding", read_choice, choice, std::span(binding_kinds), std::string_view("a binding mode")))
      spec.binding = static_cast<models::Binding>(choice);
    if (object.read("reclaim", read_choice, choice, std::span(reclaim_kinds), std::string_view("a reclaim policy")))
      spec.reclaim = static_cast<models::Reclaim>(choice);
    for (const std::string_view field : {"binding", "reclaim"}) {
      if (object.has(field) && models::rules_of(spec.kind).home != models::VolumeHome::zone)
        object.at(field).report_key(fmt::format("no model reads this of {} storage: remove the field.", name));
    }
    if (object.has("encrypted") && models::rules_of(spec.kind).home != models::VolumeHome::zone)
      object.at("encrypted").report_key(fmt::format("no model reads this of {} storage: nothing attaches it.", name));
    if (sized && (spec.size.gib() < limits.least_gib || spec.size.gib() > limits.most_gib))
      object.at("size").expected(
          fmt::format("the size of a volume of kind {}, {} to {}", name, limits.least_size, limits.most_size));
    read_iops(object, limits, sized, spec);
    read_throughput(object, limits, spec);
    // What a volume carries by its operations alone.
    if (spec.kind == models::VolumeKind::root) spec.throughput.bytes_per_s = gp3_base_mibps * mib;
    if (limits.most_iops > 0 && limits.most_mibps == 0)
      spec.throughput.bytes_per_s = mib * std::min(mibps_per_iops * static_cast<double>(spec.iops), io2_most_mibps);
  }

  /// A field that kinds of volume without it must not have.
  static bool belongs(const Object& object, std::string_view field, bool known, std::string_view kind) {
    if (known && !object.has(field))
      object.value().report(fmt::format("missing field '{}' of {} storage.", field, kind));
    if (!known && object.has(field))
      object.at(field).report_key(
          fmt::format("no model reads this of {} storage: it follows from its kind, size or IOPS.", kind));
    return known && object.has(field);
  }

  static void read_iops(const Object& object, const VolumeLimits& limits, bool sized, models::StorageSpec& spec) {
    const std::string_view name = models::rules_of(spec.kind).name;
    if (!belongs(object, "iops", limits.most_iops > 0, name) || !object.whole("iops", spec.iops)) return;
    if (spec.iops < limits.least_iops || spec.iops > limits.most_iops)
      object.at("iops").expected(fmt::format("a whole number from {} to {}", limits.least_iops, limits.most_iops));
    else if (sized && spec.iops > limits.least_iops &&
             static_cast<double>(spec.iops) > limits.iops_per_gib * spec.size.gib())
      object.at("iops").expected(fmt::format("at most {:g} IOPS per GiB of a {} volume", limits.iops_per_gib, name));
  }

  static void read_throughput(const Object& object, const VolumeLimits& limits, models::StorageSpec& spec) {
    const std::string_view name = models::rules_of(spec.kind).name;
    if (!belongs(object, "throughput", limits.most_mibps > 0, name) ||
        !object.read("throughput", read_quantity, spec.throughput.bytes_per_s, Dimension::bandwidth, true))
      return;
    const double rate = spec.throughput.bytes_per_s / mib;
    if (rate < limits.least_mibps || rate > limits.most_mibps)
      object.at("throughput")
          .expected(fmt::format("the throughput of a {} volume, {:g}MiB/s to {:g}MiB/s", name, limits.least_mibps,
                                limits.most_mibps));
    else if (spec.iops > 0 && rate > mibps_per_iops * static_cast<double>(spec.iops))
      object.at("throughput")
          .expected(fmt::format("at most {:g} MiB/s per provisioned IOPS of a {} volume", mibps_per_iops, name));
  }

  static void read_nvme(const Object& object, const models::NodeGroupSpec* group, bool sized,
                        models::StorageSpec& spec) {
    for (const std::string_view field : {"iops", "throughput"}) {
      if (const auto found = object.get(field))
        found->report_key("no model reads this of nvme storage: the machine type says how fast its disk is.");
    }
    if (const auto found = object.get("restore"))
      found->report_key("no model reads this of nvme storage: a local disk has no snapshots.");
    for (const std::string_view field : {"encrypted", "binding", "reclaim"}) {
      if (const auto found = object.get(field))
        found->report_key("no model reads this of nvme storage: nothing attaches it.");
    }
    if (group == nullptr || group->instance.name.empty()) return;
    const models::InstanceType& type = group->instance;
    spec.throughput = type.local_disk_rate;
    if (type.local_disk.count <= 0) {
      object.at("kind").report(fmt::format("{} of node group '{}' has no local disk.", type.name, group->name));
    } else if (sized && spec.size > type.local_disk) {
      object.at("size").expected(
          fmt::format("at most the local disk of {}, {:.0f} GiB", type.name, type.local_disk.gib()));
    }
  }

  /// Its provider maintains it.
  static bool provider_runs(const models::ServiceSpec& service) { return service.kind->provider_runs; }

  void read_operation(const Value& value) {
    models::OperationSpec& spec = topology_.operations.emplace_back();
    const Object object(value, operation_fields(), "an operation");
    std::size_t choice = 0;
    const bool known =
        object.read("do", read_choice, choice, std::span(operation_verbs), std::string_view("an operation"));
    object.read("rate", read_quantity, spec.rate.per_hour, Dimension::rate, true);
    const bool drains = known && operation_verbs[choice] == "drain";
    const bool maintains = known && choice == 0 && std::ranges::any_of(topology_.services, provider_runs);
    if (known && !kubernetes() && !maintains)
      object.at("do").report("without Kubernetes nobody plans work here: remove the operation.");
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
      if (service.kind->hosted && (kubernetes() || provider_runs(service))) services.push_back(service.name);
    }
    if (choice == 0)
      check_known(object.at("target"), spec.target, services, "service");
    else if (check_known(object.at("target"), spec.target, group_names(), "node group") && choice == 2 &&
             group_named(spec.target)->provisioner == models::Provisioner::none)
      object.at("target").report(
          fmt::format("nothing provisions the machines of '{}': nobody replaces them by new ones.", spec.target));
  }

  /// What people plan for every cluster: services are restarted, machines replaced.
  void plan_by_default() {
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted && (kubernetes() || provider_runs(service)))
        topology_.operations.push_back({"rolling-restart", service.name, {}, models::Variant::drawn, true});
    }
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (kubernetes() && !group.bare && group.provisioner != models::Provisioner::none && !group.expire_after)
        topology_.operations.push_back({"node-update", group.name, {}, models::Variant::drawn, true});
    }
  }

  void read_backup(const Value& value) {
    models::BackupSpec& spec = topology_.backups.emplace_back();
    const Object object(value, backup_fields(), "a backup");
    std::vector<std::string> services;
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted && service.kind->writes_per_s(service) > 0) services.push_back(service.name);
    }
    if (object.read("service", read_name, spec.service)) {
      if (services.empty())
        object.at("service").report("no service here keeps data of which the file says how much is written.");
      else
        check_known(object.at("service"), spec.service, services, "service that keeps data");
    }
    double every_h = 0;
    double retention_h = 0;
    object.read("tested", read_boolean, spec.tested);
    const bool kept = object.number("retention_h", retention_h);
    const bool sized = object.read("size", read_quantity, spec.size.count, Dimension::bytes, true);
    if (!object.number("every_h", every_h)) {
      for (const std::string_view field : {"retention_h", "size", "tested"}) {
        if (!object.has("every_h") && object.has(field))
          object.at(field).report_key(fmt::format("without 'every_h' there is no backup: remove '{}'.", field));
      }
      return;
    }
    if (!kept && !object.has("retention_h")) object.value().report("a backup with 'every_h' needs 'retention_h'.");
    if (!sized && !object.has("size")) object.value().report("a backup with 'every_h' needs 'size'.");
    if (kept && retention_h < every_h)
      object.at("retention_h").expected("at least 'every_h': else there are times without any backup");
    spec.every = models::Duration::from_seconds(every_h * 3600);
    spec.retention = models::Duration::from_seconds(retention_h * 3600);
  }

  const TopologyInput& input_;
  LoadedTopology& loaded_;
  Topology& topology_;
  bool has_short_operator_ = false;  ///< it is the first workload
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
