#include "models/kubernetes/horizontal_autoscaler.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/replica_calculator.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Uses that differ by less are the same: sums of quotients.
constexpr double rounding = 1e-9;

using Change = AutoscalerState::Change;

AutoscalerState& state_of(World& world, WorkloadId id) { return world.kubernetes.autoscalers[id]; }
const WorkloadPlan& plan_of(const World& world, WorkloadId id) { return world.plan->workloads[id]; }

/// Its container runs, and the metrics server reaches its kubelet.
bool readable(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  const bool runs = pod.object == PodObject::bound && pod.container == Container::running &&
                    world.processes[process].status != ProcessState::Status::absent;
  return runs && world.kubernetes.nodes[pod.container_node].answering;
}

void add_up(const World& world, PodMetrics& pod) {
  pod.used += pod.use * (world.now - pod.since).to_seconds();
  pod.since = world.now;
}

/// Something is not as it was last noted.
bool differs(const World& world, WorkloadId id, const std::vector<double>& use) {
  const WorkloadPlan& plan = plan_of(world, id);
  if (plan.autoscaler->metric == ScalingMetric::requests) return true;
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    const PodMetrics& pod = world.kubernetes.autoscalers[id].pods[i];
    if (std::abs(pod.use - use[i]) > rounding || pod.known != readable(world, plan.pods[i])) return true;
    if (seen_ready(world, plan.pods[i]).value_or(pod.ready) != pod.ready) return true;
  }
  return false;
}

/// What its pods use, and whether they are Ready, as it is now.
void take_note(World& world, WorkloadId id, const std::vector<double>& use) {
  AutoscalerState& state = state_of(world, id);
  const WorkloadPlan& plan = plan_of(world, id);
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    PodMetrics& pod = state.pods[i];
    const PodState& object = world.kubernetes.pods[plan.pods[i]];
    add_up(world, pod);
    pod.use = use[i];
    if (object.container == Container::running && object.container_pod == object.incarnation)
      pod.ran = object.incarnation;
    const std::optional<bool> ready = seen_ready(world, plan.pods[i]);
    if (!ready || *ready == pod.ready) continue;
    pod.ready = *ready;
    pod.ready_since = world.now;
  }
}

void expect_review(World& world, WorkloadId id) {
  AutoscalerState& state = state_of(world, id);
  if (!world.queue.pending(state.review_timer))
    state.review_timer = world.schedule(world.kubernetes.reviews.after(world.now), ReplicasReviewed{id});
}

bool reads_cpu(const WorkloadPlan& plan) {
  return plan.autoscaler.has_value() && plan.autoscaler->metric == ScalingMetric::cpu;
}

/// It goes on as if it had looked all the time.
void wake(World& world, WorkloadId id) {
  AutoscalerState& state = state_of(world, id);
  if (state.awake) return;
  state.awake = true;
  state.recommended.push_back({world.kubernetes.reviews.at_or_before(world.now), expected_pods(world, id)});
  expect_review(world, id);
  if (!reads_cpu(plan_of(world, id))) return;
  state.scraped_at = world.kubernetes.scrapes.at_or_before(world.now);
  for (PodMetrics& pod : state.pods) {
    pod.used = 0;
    pod.since = state.scraped_at;
    if (pod.known) pod.at = state.scraped_at;
  }
  state.scrape_timer = world.schedule(world.kubernetes.scrapes.after(world.now), MetricsScraped{id});
}

template <class Act>
void for_autoscaled(World& world, ServiceId service, Act act) {
  for (const WorkloadId id : world.plan->services[service].workloads) {
    if (world.plan->workloads[id].autoscaler) act(id);
  }
}

/// A look that leaves no record; what follows has the last change as its cause.
class SilentLook {
 public:
  SilentLook(World& world, WorkloadId id) : scope_(retracted(world), cause(world, id)) {}

 private:
  static World& retracted(World& world) {
    world.trace.retract(world.trace.current());
    return world;
  }
  static sim::CauseId cause(const World& world, WorkloadId id) {
    const sim::CauseId known = world.kubernetes.autoscalers[id].cause;
    return world.trace.holds(known) ? known : sim::no_cause;
  }
  CauseScope scope_;
};

// ---- metrics server ----

void scrape(World& world, WorkloadId id) {
  AutoscalerState& state = state_of(world, id);
  const Parameters& parameters = world.plan->kube();
  const WorkloadPlan& plan = plan_of(world, id);
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    PodMetrics& pod = state.pods[i];
    add_up(world, pod);
    const double used = pod.used;
    pod.used = 0;
    pod.known = false;
    const bool seen_before = pod.scraped;
    pod.scraped = readable(world, plan.pods[i]) && !pod.hidden && !state.blind;
    if (!pod.scraped) continue;
    const sim::Time started = world.processes[plan.pods[i]].started;
    const Duration age = world.now - started;
    if (seen_before && started < state.scraped_at) {
      pod.window = world.now - state.scraped_at;
    } else if (age >= parameters.metrics_least_window && age < parameters.metrics_resolution) {
      pod.window = age;
    } else {
      continue;
    }
    pod.known = true;
    pod.value = used / pod.window.to_seconds();
    pod.at = world.now;
  }
  state.scraped_at = world.now;
}

// ---- decisions ----

/// A pod that is on the API server's list of the workload.
bool listed(const World& world, ProcessId process) {
  const PodObject object = world.kubernetes.pods[process].object;
  return object == PodObject::pending || object == PodObject::bound;
}

Standing standing_of(const World& world, ProcessId process, const PodMetrics& pod) {
  const PodState& object = world.kubernetes.pods[process];
  const Parameters& parameters = world.plan->kube();
  const bool pending = object.object == PodObject::pending || pod.ran != object.incarnation;
  if (pending) return Standing::unready;
  if (!pod.known) return Standing::missing;
  const bool initialises = world.now < object.bound_at + parameters.hpa_cpu_initialization;
  const bool unready = initialises ? !pod.ready || pod.at < pod.ready_since + pod.window
                                   : !pod.ready && pod.ready_since < object.bound_at + parameters.hpa_initial_readiness;
  return unready ? Standing::unready : Standing::counts;
}

double requested_cpu(const World& world, WorkloadId id) {
  return world.plan->pool_of(plan_of(world, id).pods.front()).cpu;
}

/// What its metrics ask for; none if there is nothing to go by.
std::optional<std::int64_t> wanted(const World& world, WorkloadId id) {
  const AutoscalerState& state = world.kubernetes.autoscalers[id];
  const WorkloadPlan& plan = plan_of(world, id);
  const AutoscalerSpec& spec = *plan.autoscaler;
  const Ratio tolerance = world.plan->kube().hpa_tolerance;
  const std::int64_t now = expected_pods(world, id);
  if (state.blind) return std::nullopt;
  if (spec.metric == ScalingMetric::requests) {
    const double requests = state.reads_zero ? 0 : services::requests_per_s(world, plan.service);
    return replicas_by_requests(requests, spec.target, tolerance, now);
  }
  std::vector<PodSample> samples;
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    if (listed(world, plan.pods[i]))
      samples.push_back({standing_of(world, plan.pods[i], state.pods[i]), state.pods[i].value});
  }
  return replicas_by_cpu(samples, requested_cpu(world, id), spec.target, tolerance, now);
}

std::int64_t sum_since(const std::vector<Change>& changes, sim::Time from) {
  std::int64_t sum = 0;
  for (const Change& change : changes) {
    if (change.at > from) sum += change.count;
  }
  return sum;
}

void forget_before(std::vector<Change>& changes, sim::Time from) {
  std::erase_if(changes, [&](const Change& change) { return change.at < from; });
}

/// Damps what the metrics ask for: the most of late, if that is less than there are.
std::int64_t stabilised(const World& world, WorkloadId id, std::int64_t wants, std::int64_t now) {
  const bool behavior = plan_of(world, id).autoscaler->behavior;
  if ((behavior && wants >= now) || NINES_MUTATED(stabilisation_skipped)) return wants;
  // Reviews are 15 s and their own work apart: the one of just so long ago is past.
  const sim::Time from = world.now - world.plan->kube().hpa_downscale_stabilization;
  for (const Change& earlier : world.kubernetes.autoscalers[id].recommended) {
    if (earlier.at > from) wants = std::max(wants, earlier.count);
  }
  return wants;
}

std::int64_t limited(const World& world, WorkloadId id, std::int64_t wants, std::int64_t now) {
  const AutoscalerState& state = world.kubernetes.autoscalers[id];
  const AutoscalerSpec& spec = *plan_of(world, id).autoscaler;
  const Parameters& parameters = world.plan->kube();
  if (!spec.behavior) {
    const std::int64_t most = most_without_behavior(now, parameters.hpa_limit_factor, parameters.hpa_limit_minimum);
    return std::clamp(wants, spec.min, std::min(spec.max, most));
  }
  const sim::Time from = world.now - parameters.hpa_policy_period;
  const std::int64_t added = sum_since(state.added, from);
  const std::int64_t removed = sum_since(state.removed, from);
  if (wants > now)
    return std::min(
        {wants, spec.max, most_with_behavior(now, added, removed, parameters.hpa_up_share, parameters.hpa_up_pods)});
  return std::max({wants, spec.min, fewest_with_behavior(now, added, removed, parameters.hpa_down_share)});
}

// ---- which pods ----

/// Pods that are parked, those first whose last container has stopped.
std::vector<ProcessId> to_add(const World& world, WorkloadId id, std::size_t count) {
  std::vector<ProcessId> pods = plan_of(world, id).pods;
  std::erase_if(pods, [&](ProcessId process) { return !world.kubernetes.pods[process].parked; });
  std::ranges::stable_sort(
      pods, {}, [&](ProcessId process) { return world.kubernetes.pods[process].container != Container::none; });
  pods.resize(std::min(pods.size(), count));
  return pods;
}

/// The order in which a ReplicaSet does without its pods.
std::vector<ProcessId> to_remove(const World& world, WorkloadId id, std::size_t count) {
  const WorkloadPlan& plan = plan_of(world, id);
  const auto neighbours = [&](ProcessId process) {
    const PodState& pod = world.kubernetes.pods[process];
    return std::ranges::count_if(plan.pods, [&](ProcessId other) {
      const PodState& its = world.kubernetes.pods[other];
      return its.object == PodObject::bound && its.node == pod.node && its.machine == pod.machine;
    });
  };
  const auto rank = [&](std::size_t i) {
    const PodState& pod = world.kubernetes.pods[plan.pods[i]];
    const PodMetrics& seen = world.kubernetes.autoscalers[id].pods[i];
    const bool bound = pod.object == PodObject::bound;
    const bool runs = bound && seen.ran == pod.incarnation;
    return std::tuple(bound, runs, seen.ready, bound ? -neighbours(plan.pods[i]) : 0,
                      sim::Time::zero() - seen.ready_since);
  };
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    if (!world.kubernetes.pods[plan.pods[i]].parked) order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, rank);
  order.resize(std::min(order.size(), count));
  std::vector<ProcessId> pods;
  for (const std::size_t i : order) pods.push_back(plan.pods[i]);
  return pods;
}

void scale(World& world, WorkloadId id, std::int64_t from, std::int64_t to) {
  AutoscalerState& state = state_of(world, id);
  const auto count = static_cast<std::size_t>(std::abs(to - from));
  if (to > from) {
    const CauseScope scope(world, world.note(ReplicasRaised{id}, to));
    state.added.push_back({world.now, to - from});
    for (const ProcessId process : to_add(world, id, count)) unpark(world, process);
  } else {
    const CauseScope scope(world, world.note(ReplicasLowered{id}, to));
    state.removed.push_back({world.now, from - to});
    for (const ProcessId process : to_remove(world, id, count)) park(world, process);
    look_after_rollouts(world);
  }
}

// ---- sleep ----

/// Time alone changes nothing of how the pod counts.
bool steady(const World& world, ProcessId process, const PodMetrics& pod) {
  const PodState& object = world.kubernetes.pods[process];
  if (!listed(world, process) || pod.ran != object.incarnation) return true;
  if (pod.known != (readable(world, process) && !pod.hidden)) return false;
  if (!pod.known) return true;
  if (std::abs(pod.value - pod.use) > rounding) return false;
  const bool initialises = world.now < object.bound_at + world.plan->kube().hpa_cpu_initialization;
  return !initialises || (pod.ready && pod.at >= pod.ready_since + pod.window);
}

bool all_steady(const World& world, WorkloadId id) {
  const WorkloadPlan& plan = plan_of(world, id);
  if (plan.autoscaler->metric == ScalingMetric::requests) return true;
  for (std::size_t i = 0; i < plan.pods.size(); ++i) {
    if (!steady(world, plan.pods[i], world.kubernetes.autoscalers[id].pods[i])) return false;
  }
  return true;
}

void fall_asleep(World& world, WorkloadId id) {
  AutoscalerState& state = state_of(world, id);
  state.awake = false;
  world.queue.cancel(state.scrape_timer);
  world.queue.cancel(state.review_timer);
}

void review(World& world, WorkloadId id) {
  AutoscalerState& state = state_of(world, id);
  const Parameters& parameters = world.plan->kube();
  if (world.kubernetes.scaled_to_zero[id] != 0) return;
  const std::int64_t now = expected_pods(world, id);
  const std::optional<std::int64_t> wants = wanted(world, id);
  if (!wants) {
    if (!state.told) world.note(MetricsMissing{id});
    state.told = true;
    return;
  }
  state.told = false;
  const std::int64_t damped = stabilised(world, id, *wants, now);
  forget_before(state.recommended, world.now - parameters.hpa_downscale_stabilization);
  forget_before(state.added, world.now - parameters.hpa_policy_period);
  forget_before(state.removed, world.now - parameters.hpa_policy_period);
  state.recommended.push_back({world.now, *wants});
  const std::int64_t result = limited(world, id, damped, now);
  if (result != now) return scale(world, id, now, result);
  const AutoscalerSpec& spec = *plan_of(world, id).autoscaler;
  const bool at_rest = std::clamp(*wants, spec.min, spec.max) == now && damped == *wants;
  if (at_rest && all_steady(world, id)) fall_asleep(world, id);
}

}  // namespace

void initialise_autoscalers(World& world) {
  // Who is healthy is asked after each event: those that have none are in no table beyond the last one that has.
  std::size_t size = 0;
  for (const WorkloadId id : world.plan->workloads.ids()) {
    if (plan_of(world, id).autoscaler) size = id.value + std::size_t{1};
  }
  world.kubernetes.autoscalers.assign(size, {});
  for (const WorkloadId id : world.kubernetes.autoscalers.ids()) {
    const WorkloadPlan& plan = plan_of(world, id);
    if (!plan.autoscaler) continue;
    const std::optional<service::Load> load =
        world.plan->services[plan.service].kind->load(world.plan->spec(plan.service));
    const auto pods = static_cast<double>(expected_pods(world, id));
    PodMetrics metrics;
    metrics.ready_since = world.now - world.plan->kube().hpa_cpu_initialization;
    metrics.window = world.plan->kube().metrics_resolution;
    metrics.known = metrics.scraped = true;
    metrics.use = metrics.value =
        std::min(1.0, load->requests_per_s / pods / load->capacity_per_pod) * load->cpu_at_capacity;
    state_of(world, id).pods.assign(plan.pods.size(), metrics);
    for (std::size_t i = 0; i < plan.pods.size(); ++i) {
      PodState& pod = world.kubernetes.pods.edit(plan.pods[i]);
      pod.bound_at = metrics.ready_since;
      if (!pod.parked) continue;
      PodMetrics& its = state_of(world, id).pods[i];
      its.use = its.value = 0;
      its.known = its.scraped = its.ready = false;
    }
  }
}

void draw_autoscaler_phases(World& world) {
  if (world.kubernetes.autoscalers.empty()) return;
  const Parameters& parameters = world.plan->kube();
  const ComponentId cluster = world.plan->zones[ZoneId::of(0)].component;
  const auto grid = [&](Purpose purpose, Duration period) {
    return sim::Grid{world.now + world.phase(cluster, purpose, period), period};
  };
  world.kubernetes.reviews = grid(Purpose::review_phase, parameters.hpa_sync_period);
  if (std::ranges::any_of(world.plan->workloads, reads_cpu))
    world.kubernetes.scrapes = grid(Purpose::scrape_phase, parameters.metrics_resolution);
}

bool autoscalers_settled(const World& world) {
  return std::ranges::none_of(world.kubernetes.autoscalers, &AutoscalerState::awake);
}

void autoscalers_resume(World& world, bool anew) {
  for (const WorkloadId id : world.plan->workloads.ids()) {
    if (!world.plan->workloads[id].autoscaler) continue;
    AutoscalerState& state = state_of(world, id);
    state.cause = world.trace.current();
    wake(world, id);
    take_note(world, id, services::use(world, plan_of(world, id).service));
    expect_review(world, id);
    if (!anew) continue;
    state.recommended.assign(1, {world.now, expected_pods(world, id)});
    state.added.clear();
    state.removed.clear();
  }
}

void demand_changed(World& world, ServiceId service) {
  for_autoscaled(world, service, [&](WorkloadId id) {
    const std::vector<double> use = services::use(world, service);
    const bool changed = differs(world, id, use);
    if (!changed && !state_of(world, id).awake) return;
    if (changed) state_of(world, id).cause = world.trace.current();
    wake(world, id);
    take_note(world, id, use);
  });
}

void metrics_fail(World& world, ServiceId service, bool zero, std::optional<double> extent) {
  for_autoscaled(world, service, [&](WorkloadId id) {
    AutoscalerState& state = state_of(world, id);
    state.cause = world.trace.current();
    wake(world, id);
    if (NINES_MUTATED(metrics_always_there)) return;
    state.reads_zero = zero;
    state.blind = !zero && !extent;
    if (!extent) return;
    const WorkloadPlan& plan = plan_of(world, id);
    for (std::size_t i = 0; i < plan.pods.size(); ++i) {
      if (world.kubernetes.pods[plan.pods[i]].parked) continue;
      const double u = world.uniform(world.plan->processes[plan.pods[i]].component, Purpose::metrics_hidden);
      state.pods[i].hidden = u < *extent;
      if (state.pods[i].hidden) state.pods[i].known = state.pods[i].scraped = false;
    }
  });
}

void metrics_work(World& world, ServiceId service) {
  for_autoscaled(world, service, [&](WorkloadId id) {
    AutoscalerState& state = state_of(world, id);
    state.cause = world.trace.current();
    state.reads_zero = state.blind = false;
    for (PodMetrics& pod : state.pods) pod.hidden = false;
    wake(world, id);
  });
}

void on(World& world, const MetricsScraped& event) {
  const SilentLook look(world, event.workload);
  AutoscalerState& state = state_of(world, event.workload);
  scrape(world, event.workload);
  state.scrape_timer = world.schedule(world.kubernetes.scrapes.after(world.now), event);
}

void on(World& world, const ReplicasReviewed& event) {
  const SilentLook look(world, event.workload);
  if (managers_away(world)) return;  // autoscalers_resume goes on
  AutoscalerState& state = state_of(world, event.workload);
  state.review_timer = world.schedule(world.kubernetes.reviews.after(world.now), event);
  review(world, event.workload);
}

}  // namespace nines::models::kubernetes
