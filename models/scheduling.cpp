#include "models/scheduling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/plan.hpp"
#include "sim/math.hpp"

namespace nines::models {

namespace {

// Weights of plugins and their constants: kubernetes/kubernetes pkg/scheduler/apis/config/v1/default_plugins.go,
// plugins/podtopologyspread/plugin.go (system defaults), pkg/scheduler/util/pod_resources.go.
constexpr std::int64_t most_score = 100;
constexpr std::int64_t spread_weight = 2;
constexpr std::int64_t affinity_weight = 2;
constexpr SpreadSpec default_spread[] = {{Domain::zone, 3, Unsatisfiable::schedule_anyway},
                                         {Domain::host, 5, Unsatisfiable::schedule_anyway}};
constexpr double least_counted_cpu = 0.1;
constexpr double least_counted_memory = 200.0 * 0x1p20;

/// Pods of one pool, or of one workload without service.
bool alike(const Plan& plan, ProcessId a, ProcessId b) {
  return plan.processes[a].workload == plan.processes[b].workload && plan.processes[a].pool == plan.processes[b].pool;
}

/// The anti-affinity of `who` is against `other`.
bool names(const Plan& plan, ProcessId who, ProcessId other) {
  if (alike(plan, who, other)) return true;
  const std::vector<std::string>& across = plan.placement_of(who).across;
  if (across.empty() || plan.processes[who].service != plan.processes[other].service) return false;
  return std::find(across.begin(), across.end(), plan.pool_of(other).name) != across.end();
}

/// What requests nothing counts all the same where machines are compared.
Request counted(const Request& request) {
  return {request.cpu > 0 ? request.cpu : least_counted_cpu, request.memory > 0 ? request.memory : least_counted_memory,
          request.disk, request.volumes};
}

/// Part of a capacity that is used; of one without limit none.
double used(double amount, double capacity) { return std::isinf(capacity) ? 0 : std::min(1.0, amount / capacity); }

const InstanceType& type_of(const Plan& plan, NodeId node) {
  return plan.topology.node_groups[plan.nodes[node].group].instance;
}

}  // namespace

std::string_view text_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::closed: return "takes no pods";
    case Refusal::volume: return "cannot have its volume";
    case Refusal::pod_limit: return "has as many pods as it may have";
    case Refusal::attachments: return "has as many network volumes as it can have attached";
    case Refusal::room: return "lacks the processors, memory or local disk that it requests";
    case Refusal::kept_apart: return "has a pod that it keeps apart from (anti_affinity)";
    case Refusal::skew: return "would make its pool's spread too uneven (topology_spread)";
  }
  return {};
}

Request request(const Plan& plan, ProcessId pod) {
  if (!plan.processes[pod].service.exists()) {
    const WorkloadPlan& workload = plan.workload_of(pod);
    return {workload.cpu, workload.memory.count, 0, 0};
  }
  const PoolSpec& pool = plan.pool_of(pod);
  const bool local = pool.storage.kind == VolumeKind::nvme;
  const bool own = pool.storage.size.count > 0 && rules_of(pool.storage.kind).home == VolumeHome::zone;
  // What goes beside the pod whose volume it mounts finds it attached.
  const auto& job = plan.workload_of(pod).job;
  const bool anothers = job && !job->claim.empty() && !job->beside_claim;
  return {pool.cpu, pool.memory.count, local ? pool.storage.size.count : 0, own || anothers ? 1 : 0};
}

void add_pod(SlotLoad& load, const Plan& plan, ProcessId pod) {
  const Request more = request(plan, pod);
  load.requested.add(more);
  load.counted.add(counted(more));
  ++load.pods;
}

std::optional<Refusal> full_for(const Plan& plan, NodeId node, const SlotLoad& load, const Request& request) {
  if (load.pods + 1 > plan.nodes[node].pods) return Refusal::pod_limit;
  if (request.volumes > 0 && load.requested.volumes + request.volumes > plan.nodes[node].volumes)
    return Refusal::attachments;
  const InstanceType& type = type_of(plan, node);
  Request sum = load.requested;
  sum.add(request);
  const bool room = sum.cpu <= type.vcpu && sum.memory <= type.memory.count &&
                    (request.disk <= 0 || sum.disk <= type.local_disk.count);
  return room ? std::nullopt : std::optional(Refusal::room);
}

std::int64_t resource_score(const Plan& plan, NodeId node, const SlotLoad& load, const Request& request) {
  const InstanceType& type = type_of(plan, node);
  Request all = load.counted;
  all.add(counted(request));
  const auto free = [](double amount, double capacity) {
    return static_cast<std::int64_t>(static_cast<double>(most_score) * (1 - used(amount, capacity)));
  };
  const std::int64_t least_allocated = (free(all.cpu, type.vcpu) + free(all.memory, type.memory.count)) / 2;
  Request asked = load.requested;
  asked.add(request);
  const double uneven = std::abs(used(asked.cpu, type.vcpu) - used(asked.memory, type.memory.count)) / 2;
  return least_allocated + static_cast<std::int64_t>((1 - uneven) * static_cast<double>(most_score));
}

Relation relation(const Plan& plan, ProcessId pod, ProcessId other) {
  const bool own = names(plan, pod, other);
  const bool theirs = names(plan, other, pod);
  if (!own && !theirs) return {};
  const auto demanded = [&](AntiAffinity kind) {
    return (own && plan.placement_of(pod).anti_affinity == kind) ||
           (theirs && plan.placement_of(other).anti_affinity == kind);
  };
  return {alike(plan, pod, other), demanded(AntiAffinity::preferred), demanded(AntiAffinity::host),
          demanded(AntiAffinity::zone)};
}

const std::vector<ProcessId>& related(const Plan& plan, ProcessId pod) {
  const ServiceId service = plan.processes[pod].service;
  return service.exists() ? plan.services[service].members : plan.workload_of(pod).pods;
}

Scheduling::Scheduling(const Plan& plan, ProcessId pod) : plan_(plan), pod_(pod), request_(request(plan, pod)) {
  alike_.assign(plan.zones.size(), 0);
  barred_.assign(plan.zones.size(), 0);
}

ZoneId Scheduling::zone_of(const Candidate& candidate) const { return plan_.nodes[candidate.place.node].zone; }

void Scheduling::add(const Placement& machine, std::optional<Refusal> refusal) {
  Candidate& candidate = candidates_.emplace_back();
  candidate.place = machine;
  candidate.refusal = refusal;
}

void Scheduling::add_alike(const Candidate& candidate) {
  candidates_.push_back(candidate);
  alike_[zone_of(candidate)] += candidate.kin.alike * candidate.many;
}

void Scheduling::count(ProcessId other, const Placement& machine, bool being_deleted) {
  const Relation to = relation(plan_, pod_, other);
  if (to.bars_zone) barred_[plan_.nodes[machine.node].zone] = 1;
  const auto before = [](const Candidate& candidate, const Placement& place) {
    return std::pair(candidate.place.node, candidate.place.machine) < std::pair(place.node, place.machine);
  };
  const auto found = std::lower_bound(candidates_.begin(), candidates_.end(), machine, before);
  if (found == candidates_.end() || found->place != machine) return;
  add_pod(found->load, plan_, other);
  found->kin.barred = found->kin.barred || to.bars_host;
  if (to.prefers) ++found->kin.shunned;
  if (!to.alike || being_deleted) return;
  ++found->kin.alike;
  ++alike_[zone_of(*found)];
}

// ---- filters ----

std::int64_t Scheduling::alike_in(Domain domain, const Candidate& candidate) const {
  return domain == Domain::zone ? alike_[zone_of(candidate)] : candidate.kin.alike;
}

bool Scheduling::skews(const SpreadSpec& spread, const Candidate& candidate) const {
  if (spread.unsatisfiable != Unsatisfiable::do_not_schedule) return false;
  std::int64_t least = alike_in(spread.topology, candidate);
  for (const Candidate& other : candidates_) least = std::min(least, alike_in(spread.topology, other));
  return alike_in(spread.topology, candidate) + 1 - least > spread.max_skew;
}

std::optional<Refusal> Scheduling::refusal(const Candidate& candidate) const {
  if (candidate.refusal) return candidate.refusal;
  if (const auto full = full_for(plan_, candidate.place.node, candidate.load, request_)) return full;
  if (candidate.kin.barred || barred_[zone_of(candidate)] != 0) return Refusal::kept_apart;
  for (const SpreadSpec& spread : plan_.placement_of(pod_).spread) {
    if (skews(spread, candidate)) return Refusal::skew;
  }
  return std::nullopt;
}

// ---- scores ----

Scheduling::Scores Scheduling::spread_scores(const Fitting& fitting) const {
  const std::vector<SpreadSpec>& given = plan_.placement_of(pod_).spread;
  const std::span<const SpreadSpec> spreads = given.empty() ? std::span(default_spread) : std::span(given);
  std::set<ZoneId> zones;
  std::int64_t hosts = 0;
  for (const Candidate* candidate : fitting) {
    zones.insert(zone_of(*candidate));
    hosts += candidate->many;
  }
  const double zone_weight = sim::log(static_cast<double>(zones.size() + 2));
  const double host_weight = sim::log(static_cast<double>(hosts + 2));
  Scores scores;
  for (const Candidate* candidate : fitting) {
    double sum = 0;
    for (const SpreadSpec& spread : spreads) {
      if (spread.unsatisfiable != Unsatisfiable::schedule_anyway) continue;
      const double weight = spread.topology == Domain::zone ? zone_weight : host_weight;
      sum += static_cast<double>(alike_in(spread.topology, *candidate)) * weight +
             static_cast<double>(spread.max_skew - 1);
    }
    scores.push_back(static_cast<std::int64_t>(sum + 0.5));
  }
  const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t low = *least;
  const std::int64_t high = *most;
  for (std::int64_t& score : scores) score = high == 0 ? most_score : most_score * (high + low - score) / high;
  return scores;
}

Scheduling::Scores Scheduling::affinity_scores(const Fitting& fitting) {
  Scores scores;
  for (const Candidate* candidate : fitting) scores.push_back(-candidate->kin.shunned);
  const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t low = *least;
  const std::int64_t range = *most - *least;
  for (std::int64_t& score : scores) score = range == 0 ? 0 : most_score * (score - low) / range;
  return scores;
}

Scheduling::Scores Scheduling::resource_scores(const Fitting& fitting) const {
  Scores scores;
  for (const Candidate* candidate : fitting) {
    scores.push_back(resource_score(plan_, candidate->place.node, candidate->load, request_));
  }
  return scores;
}

Choice Scheduling::choose(NodeId last) const {
  Choice choice;
  Fitting fitting;
  for (const Candidate& candidate : candidates_) {
    const std::optional<Refusal> why = refusal(candidate);
    if (why)
      choice.refusal = std::max(choice.refusal, *why);
    else if (candidate.place.node == last)
      return {candidate.place, choice.refusal};
    else
      fitting.push_back(&candidate);
  }
  if (fitting.empty()) return choice;
  const Scores spread = spread_scores(fitting);
  const Scores affinity = affinity_scores(fitting);
  const Scores resources = resource_scores(fitting);
  const auto score = [&](std::size_t at) {
    return spread_weight * spread[at] + affinity_weight * affinity[at] + resources[at];
  };
  std::size_t best = 0;
  for (std::size_t at = 1; at < fitting.size(); ++at) {
    if (score(at) > score(best)) best = at;
  }
  choice.place = fitting[best]->place;
  return choice;
}

// ---- a new cluster ----

NoPlace::NoPlace(const Plan& plan, ProcessId pod, std::string_view name, std::uint16_t group, Refusal why)
    : std::invalid_argument(fmt::format("{} fits on no machine of node group '{}': each {}, or fails before that", name,
                                        plan.topology.node_groups[group].name, text_of(why))),
      service(plan.processes[pod].service),
      refusal(why) {
  const auto without = std::count_if(plan.workloads.begin(), plan.workloads.end(),
                                     [](const WorkloadPlan& workload) { return !workload.service.exists(); });
  index = service.exists() ? plan.processes[pod].pool : static_cast<std::size_t>(without - 1);
  for (const ProcessId other : plan.processes.ids()) before += other != pod && alike(plan, pod, other);
}

NoPlace::NoPlace(const Plan& plan, ProcessId pod, const std::string& why)
    : std::invalid_argument(why),
      service(plan.processes[pod].service),
      index(plan.processes[pod].pool),
      waits(true),
      refusal(Refusal::volume) {}

FirstPlaces::FirstPlaces(const Plan& plan) : plan_(plan) {
  loads_.assign(plan.nodes.size(), {});
  kin_.assign(plan.nodes.size(), {});
  barred_.assign(plan.zones.size(), 0);
  classes_.assign(plan.nodes.size());
}

void FirstPlaces::renew(NodeId node) {
  const NodePlan& slot = plan_.nodes[node];
  const SlotLoad& load = loads_[node];
  if (slot.parked) return;
  classes_.set(node, Key{slot.group, slot.zone, full_for(plan_, node, load, request_),
                         resource_score(plan_, node, load, request_), kin_[node]});
}

SlotKin& FirstPlaces::kin(NodeId node) {
  if (kin_[node] == SlotKin{}) with_kin_.push_back(node);
  return kin_[node];
}

void FirstPlaces::relate(ProcessId pod, ProcessId other, NodeId node) {
  const Relation to = relation(plan_, pod, other);
  if (to.bars_zone) barred_[plan_.nodes[node].zone] = 1;
  if (!to.alike && !to.prefers && !to.bars_host) return;
  SlotKin& its = kin(node);
  its.barred = its.barred || to.bars_host;
  if (to.prefers) ++its.shunned;
  if (to.alike) ++its.alike;
}

void FirstPlaces::begin_pool(ProcessId pod) {
  const auto same = [&](ProcessId a, ProcessId b) {
    return plan_.processes[a].workload == plan_.processes[b].workload &&
           plan_.processes[a].pool == plan_.processes[b].pool;
  };
  if (pool_.exists() && same(pool_, pod)) return;
  pool_ = pod;
  const std::vector<NodeId> before = std::move(with_kin_);
  with_kin_.clear();
  for (const NodeId node : before) kin_[node] = {};
  barred_.assign(plan_.zones.size(), 0);
  for (const ProcessId other : related(plan_, pod)) {
    const ProcessPlan& its = plan_.processes[other];
    if (other != pod && its.node.exists() && !its.parked) relate(pod, other, plan_.processes[other].node);
  }
  request_ = request(plan_, pod);
  for (const NodeId node : plan_.nodes.ids()) renew(node);
}

Choice FirstPlaces::choose(ProcessId pod, std::uint16_t group, bool first_machine, ZoneId only) {
  begin_pool(pod);
  std::vector<Scheduling::Candidate> candidates;
  classes_.each(group, [&](const Key& key, const std::vector<NodeId>& slots) {
    candidates.push_back(
        {{slots.front(), 0}, std::nullopt, loads_[slots.front()], key.kin, static_cast<std::int64_t>(slots.size())});
  });
  std::sort(candidates.begin(), candidates.end(),
            [](const auto& a, const auto& b) { return a.place.node < b.place.node; });
  if (first_machine && !candidates.empty()) {
    candidates.resize(1);
    candidates.front().many = 1;
  }
  Scheduling scheduling(plan_, pod);
  for (const Scheduling::Candidate& candidate : candidates) scheduling.add_alike(candidate);
  for (const ZoneId zone : barred_.ids()) {
    if (barred_[zone] != 0 || (only.exists() && zone != only)) scheduling.bar(zone);
  }
  return scheduling.choose();
}

void FirstPlaces::put(ProcessId pod, NodeId node) {
  add_pod(loads_[node], plan_, pod);
  relate(pool_, pod, node);
  renew(node);
}

}  // namespace nines::models
