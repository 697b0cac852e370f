// What exists, as a topology file says it: plain values with names, every quantity resolved from file and profiles.
// The loader fills it; `build_plan` turns it into the immutable plan. It reads no file itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/components/spec.hpp"
#include "models/economics/parameters.hpp"
#include "models/faults/parameters.hpp"
#include "models/infrastructure/parameters.hpp"
#include "models/kubernetes/parameters.hpp"
#include "models/people/parameters.hpp"
#include "models/scenario.hpp"
#include "models/service/spec.hpp"
#include "models/units.hpp"

namespace nines::models {

/// Bandwidth above the sustained one while credit lasts, a token bucket that full use empties and rest fills.
struct Burst {
  Bandwidth rate;  ///< 0: none
  Bytes bucket;    ///< bytes above the sustained bandwidth that a full bucket is good for
};

/// A machine type of the catalogue (profile `instance-types`).
struct InstanceType {
  std::string name;
  double vcpu = 0;
  Bytes memory;
  Bandwidth network;  ///< sustained network bandwidth
  Bandwidth ebs;      ///< sustained bandwidth to network volumes
  Burst network_burst;
  Burst ebs_burst;
  Bytes local_disk;  ///< instance store; 0 if none
  Bandwidth local_disk_rate;
  Money on_demand_hour;  ///< in the topology's region
  Money spot_hour;
  Rate spot_reclaim;  ///< reclaims of one Spot instance
};

enum class Capacity : std::uint8_t { on_demand, spot };
enum class Provisioner : std::uint8_t { karpenter, asg, none };

/// Who replaces a machine that fails without being lost.
enum class MachineRepair : std::uint8_t {
  provider,     ///< an Auto Scaling group those that fail their status checks; else nobody
  node_repair,  ///< also Karpenter's or EKS' node repair, those whose Node is not Ready for long
  none,         ///< nobody: health checks are suspended
};

/// In which order planned work replaces a machine.
enum class Replacement : std::uint8_t { launch_first, evict_first };

/// Machines of one type, `nodes_per_zone` in each of `zones`.
struct NodeGroupSpec {
  std::string name;
  InstanceType instance;
  std::vector<std::string> zones;
  std::int64_t nodes_per_zone = 1;
  Capacity capacity = Capacity::on_demand;
  Provisioner provisioner = Provisioner::karpenter;
  bool interruption_queue = true;  ///< Spot notices and failed status checks reach the provisioner
  bool auto_recovery = true;       ///< the provider restarts the instance on other hardware after a host loss
  MachineRepair repair = MachineRepair::provider;
  Replacement replacement = Replacement::launch_first;
};

/// The operator's deployment; pods that it owns are created again only while it runs.
struct OperatorSpec {
  std::string name;
  std::string node_group;
};

/// Planned work that happens by itself in `assess`.
struct OperationSpec {
  std::string verb;  ///< "rolling-restart" or "drain"
  std::string target;
  Rate rate;
  Variant variant = Variant::drawn;  ///< one of `verb_variants` of the verb
};

struct Topology {
  std::string name;
  std::string title;
  std::string region;
  std::vector<std::string> zones;
  std::string kubernetes_version;
  bool managed_control_plane = true;
  OperatorSpec operator_;
  std::vector<NodeGroupSpec> node_groups;
  std::vector<ServiceSpec> services;  ///< in the order of the file, of every kind
  std::vector<components::ComponentSpec> components;
  std::vector<components::CrewSpec> crews;
  std::vector<components::ShockSpec> shocks;
  std::vector<OperationSpec> operations;
  std::vector<std::string> without_faults;  ///< verbs that no clock starts
  infrastructure::Parameters infrastructure;
  kubernetes::Parameters kubernetes;
  people::Parameters people;
  faults::Parameters changes;
  economics::Prices prices;
  std::string price_date;
};

}  // namespace nines::models
