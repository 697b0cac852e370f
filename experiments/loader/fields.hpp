// Field tables of the files people write: what readers accept and what the JSON Schemas say, in one place.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "experiments/loader/reader.hpp"
#include "models/service/spec.hpp"
#include "models/workload.hpp"

namespace nines::loader {

// ---- choices ------------------------------------------------------------------------------------------------------
inline constexpr std::array<std::string_view, 3> platform_kinds{"eks", "kubeadm", "none"};  ///< of PlatformKind
/// Order of Controller.
inline constexpr auto controller_kinds = [] {
  std::array<std::string_view, models::controller_rules.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = models::controller_rules[i].name;
  return names;
}();
inline constexpr std::array<std::string_view, 2> management_kinds{"ordered-ready", "parallel"};  ///< of PodManagement
inline constexpr std::array<std::string_view, 2> credit_kinds{"unlimited", "standard"};
inline constexpr std::array<std::string_view, 2> capacity_kinds{"on-demand", "spot"};  ///< order of Capacity
inline constexpr std::array<std::string_view, 4> provisioner_kinds{"karpenter", "asg", "none",
                                                                   "fargate"};                    ///< its order
inline constexpr std::array<std::string_view, 3> interruption_kinds{"queue", "handler", "none"};  ///< of Interruption
/// Order of Allocation.
inline constexpr std::array<std::string_view, 3> allocation_kinds{"lowest-price", "capacity-optimized",
                                                                  "price-capacity-optimized"};
inline constexpr std::array<std::string_view, 3> repair_kinds{"provider", "node-repair", "none"};  ///< of MachineRepair
inline constexpr std::array<std::string_view, 2> unhealthy_kinds{"IfHealthyBudget", "AlwaysAllow"};
inline constexpr std::array<std::string_view, 2> replacement_kinds{"launch-first", "evict-first"};  ///< of Replacement
/// Order of VolumeKind.
inline constexpr auto volume_kinds = [] {
  std::array<std::string_view, models::volume_rules.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = models::volume_rules[i].name;
  return names;
}();
inline constexpr std::array<std::string_view, 4> affinity_kinds{"host", "zone", "preferred", "none"};  ///< AntiAffinity
inline constexpr std::array<std::string_view, 2> spread_domains{"zone", "host"};                       ///< of Domain
/// Order of Unsatisfiable; Kubernetes' words.
inline constexpr std::array<std::string_view, 2> unsatisfiable_kinds{"DoNotSchedule", "ScheduleAnyway"};
inline constexpr std::array<std::string_view, 2> restore_kinds{"peers", "snapshot"};  ///< of Restore
inline constexpr std::array<std::string_view, 4> probe_questions{"served", "process", "answers",
                                                                 "dependency"};  ///< ProbeAsks
/// Order of Binding and of Reclaim; Kubernetes' words.
inline constexpr std::array<std::string_view, 2> binding_kinds{"WaitForFirstConsumer", "Immediate"};
inline constexpr std::array<std::string_view, 2> reclaim_kinds{"Delete", "Retain"};
/// Order of CrewPolicy.
inline constexpr std::array<std::string_view, 4> crew_policies{"fcfs", "priority", "random", "inspection"};
inline constexpr std::array<std::string_view, 3> interrupt_kinds{"none", "resume", "repeat"};  ///< of Interrupts
inline constexpr std::array<std::string_view, 4> operation_verbs{"rolling-restart", "drain", "node-update",
                                                                 "control-plane-upgrade"};

// ---- topology -----------------------------------------------------------------------------------------------------
std::span<const FieldSpec> topology_fields();
std::span<const FieldSpec> platform_fields();
std::span<const FieldSpec> operator_fields();
std::span<const FieldSpec> workload_fields();
/// What says who runs the pods of a service, or of a pool: controller and order.
std::span<const FieldSpec> controller_fields();
std::span<const FieldSpec> node_group_fields();
std::span<const FieldSpec> quota_fields();
std::span<const FieldSpec> budget_fields();
std::span<const FieldSpec> autoscaler_fields();
std::span<const FieldSpec> scaling_fields();
/// What a service with processes says of its containers: probes and hooks.
std::span<const FieldSpec> container_fields();
std::span<const FieldSpec> probes_fields();
std::span<const FieldSpec> probe_fields();
/// As every kind of service has them; `pool_fields` says which roles there are.
std::span<const FieldSpec> pool_rows();
std::span<const FieldSpec> spread_fields();
std::span<const FieldSpec> storage_fields();
std::span<const FieldSpec> sla_fields();
std::span<const FieldSpec> credit_fields();
std::span<const FieldSpec> operation_fields();
std::span<const FieldSpec> backup_fields();
std::span<const FieldSpec> monitoring_fields();
std::span<const FieldSpec> alert_fields();
std::span<const FieldSpec> component_fields();
std::span<const FieldSpec> stage_fields();
std::span<const FieldSpec> standby_fields();
std::span<const FieldSpec> switchover_fields();
std::span<const FieldSpec> crew_fields();
std::span<const FieldSpec> shock_fields();
/// Of `{"at_least": k, "of": [..]}`, `{"all": [..]}` and `{"any": [..]}`.
std::span<const FieldSpec> at_least_fields();
std::span<const FieldSpec> all_fields();
std::span<const FieldSpec> any_fields();

// ---- scenario -----------------------------------------------------------------------------------------------------
std::span<const FieldSpec> scenario_fields();
std::span<const FieldSpec> action_fields();
std::span<const FieldSpec> expectation_fields();
std::span<const FieldSpec> bounds_fields();

// ---- sweep --------------------------------------------------------------------------------------------------------
inline constexpr std::array<std::string_view, 2> scale_kinds{"linear", "log"};
inline constexpr std::array<std::string_view, 2> sample_kinds{"latin-hypercube", "sobol"};
/// Order of FigureKind.
inline constexpr std::array<std::string_view, 12> figure_kinds{
    "unavailability",     "request_unavailability", "downtime_minutes_per_year", "outages_per_year",
    "mean_outage_s",      "p95_outage_s",           "losses_per_year",           "records_lost_per_year",
    "breach_probability", "cost_usd_per_month",     "operator_hours_per_month",  "failovers_per_year"};
std::span<const FieldSpec> sweep_fields();
std::span<const FieldSpec> sweep_parameter_fields();
std::span<const FieldSpec> sweep_level_fields();
std::span<const FieldSpec> sweep_range_fields();
std::span<const FieldSpec> sweep_sample_fields();
std::span<const FieldSpec> sweep_figure_fields();
std::span<const FieldSpec> sweep_requirement_fields();
std::span<const FieldSpec> sweep_objective_fields();

// ---- lab ----------------------------------------------------------------------------------------------------------
inline constexpr std::array<std::string_view, 3> lab_levels{"beginner", "intermediate", "advanced"};
/// Order of LabFigureKind.
inline constexpr std::array<std::string_view, 16> lab_figure_kinds{"milestone_s",
                                                                   "milestones",
                                                                   "milestone_share",
                                                                   "outage_s",
                                                                   "outages",
                                                                   "outage_share",
                                                                   "records_lost",
                                                                   "loss_share",
                                                                   "availability",
                                                                   "unavailability",
                                                                   "downtime_minutes_per_year",
                                                                   "outages_per_year",
                                                                   "breach_window",
                                                                   "breach_month",
                                                                   "breach_year",
                                                                   "credit_share"};
/// Order of LabFigure::Of.
inline constexpr std::array<std::string_view, 6> lab_of_kinds{"mean", "min", "p5", "p50", "p95", "max"};
inline constexpr std::array<std::string_view, 2> lab_plays{"run", "what-if"};
std::span<const FieldSpec> lab_fields();
std::span<const FieldSpec> lab_prediction_fields();
std::span<const FieldSpec> lab_option_fields();
std::span<const FieldSpec> lab_run_fields();
std::span<const FieldSpec> lab_assess_fields();
std::span<const FieldSpec> lab_figure_fields();
std::span<const FieldSpec> lab_statement_fields();
std::span<const FieldSpec> lab_what_if_fields();

// ---- profile ------------------------------------------------------------------------------------------------------
std::span<const FieldSpec> profile_fields();
std::span<const FieldSpec> variant_fields();
std::span<const FieldSpec> type_fields();
std::span<const FieldSpec> type_region_fields();
std::span<const FieldSpec> burst_fields();

/// Names of the definitions in the schema of a topology that are of no kind of service.
std::span<const std::string_view> own_definitions();

/// The objects below the root of a kind of file, for its schema. `kind`: topology, scenario, sweep, lab or profile.
std::span<const ObjectSpec> object_specs(std::string_view kind);

/// Verb names in the order of `models::verbs`.
std::span<const std::string_view> verb_names();

}  // namespace nines::loader
