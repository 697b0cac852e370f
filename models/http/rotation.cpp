#include "models/http/rotation.hpp"

#include <algorithm>
#include <optional>

#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"

namespace nines::models::http {

namespace {

/// A target's answer to a health check.
enum class Answer : std::uint8_t { connects, refused, silent };

// ---- lists ----

template <class E>
void list_after(Context& c, std::uint32_t server, bool ready) {
  const Duration delay = c.world.draw(c.component(server), Purpose::endpoint_propagation, listing(c.spec, ready));
  c.state.edit_server(server).list_timer = c.world.schedule(c.world.now + delay, E{c.service.value, server});
}

/// The pod of now among those of its name.
std::uint32_t pod_of(const Context& c, std::uint32_t server) {
  return c.world.kubernetes.pods[c.process(server)].incarnation;
}

bool has_rules(const Context& c, NodeId node) {
  return std::ranges::none_of(c.state.stale,
                              [&](const service::StaleRoutes& its) { return its.node == node && its.none; });
}

void follow_readiness(Context& c, std::uint32_t server) {
  const Server& its = c.state.servers[server];
  const std::optional<bool> ready = kubernetes::seen_ready(c.world, c.process(server));
  if (!ready) return;
  // A new pod is not what is listed: the address of the old one leaves first.
  const bool as_it_should = its.listed ? *ready && its.pod == pod_of(c, server) : !*ready;
  if (as_it_should) return (void)c.world.queue.cancel(its.list_timer);
  if (c.world.queue.pending(its.list_timer)) return;
  if (its.listed)
    list_after<Unlisted>(c, server, false);
  else
    list_after<Listed>(c, server, true);
}

// ---- health checks ----

/// What a check meets. Who takes connections and answers with errors passes.
Answer answer_of(const Context& c, const TargetPlan& target) {
  if (target.node.exists()) return passes_on(c, target.node) ? Answer::connects : Answer::silent;
  const ProcessId process = c.process(target.server);
  const Contact found = contact(c.world, c.world.plan->network.backbone, process);
  if (found == Contact::silence) return Answer::silent;
  const bool runs = c.world.processes[process].status == ProcessState::Status::running;
  if (!runs || !c.state.servers[target.server].serving) return Answer::refused;
  const Overload& overload = c.state.overload;
  const bool connects_alone = c.spec.frontend == Frontend::nlb;
  const bool in_time =
      connects_alone || overload.calm() || answers_within(overload, target.server, health_check(c.spec).timeout);
  return in_time ? Answer::connects : Answer::silent;
}

/// When checks have met often enough what they meet now.
sim::Time convinced_at(const Context& c, std::uint32_t index, Answer answer) {
  const TargetState& its = c.state.targets[index];
  const infrastructure::HealthCheck check = health_check(c.spec);
  const std::int64_t checks = answer != Answer::connects ? check.unhealthy : its.fresh ? 1 : check.healthy;
  const double phase = c.world.first_uniform(c.plan.targets[index].component, Purpose::target_check_phase);
  return end_of_streak(check, {its.since, answer == Answer::silent, checks}, c.world.now, phase);
}

void follow_checks(Context& c, std::uint32_t index) {
  const TargetPlan& target = c.plan.targets[index];
  const TargetState& its = c.state.targets[index];
  const Answer answer = answer_of(c, target);
  const bool connects = answer == Answer::connects;
  if (!registered(c, target) && (its.healthy || !its.fresh)) {
    // When it is a target again it is a new one.
    TargetState& edited = c.state.edit_target(index);
    edited.healthy = false;
    edited.fresh = true;
  }
  if (connects == its.healthy || !registered(c, target)) return (void)c.world.queue.cancel(its.timer);
  if (c.world.queue.pending(its.timer)) return;
  TargetState& edited = c.state.edit_target(index);
  edited.since = c.world.now;
  const sim::Time at = convinced_at(c, index, answer);
  if (connects)
    edited.timer = c.world.schedule(at, TargetPassed{c.service.value, index});
  else
    edited.timer = c.world.schedule(at, TargetFailed{c.service.value, index});
}

/// Names of the parameters of a load balancer, for records of events that name those of the usual front end.
struct Keys {
  std::string_view interval, registration, deregistration;
};
constexpr Keys nlb_keys{"nlb.health_check.interval", "nlb.registration", "nlb.deregistration"};
constexpr Keys alb_keys{"alb.health_check.interval", "alb.registration", "alb.deregistration"};

const Keys& keys(const Spec& spec) { return spec.frontend == Frontend::nlb ? nlb_keys : alb_keys; }

bool follows_readiness(const Context& c) { return c.spec.frontend != Frontend::none && c.world.plan->has_kubernetes(); }

void check_ended(World& world, ServiceId service, std::uint32_t target, bool healthy) {
  Context c = context(world, service);
  world.set_by(keys(c.spec).interval);
  TargetState& its = c.state.edit_target(target);
  its.healthy = healthy;
  its.fresh = false;
  look(c);
}

}  // namespace

void look_at_target(Context& c, std::uint32_t index) { follow_checks(c, index); }

bool to_pods(const Spec& spec) { return balanced(spec) && spec.target == Target::ip; }

bool registered(const Context& c, const TargetPlan& target) {
  return target.node.exists() ? c.world.kubernetes.nodes[target.node].object : c.state.servers[target.server].listed;
}

bool passes_on(const Context& c, NodeId node) {
  const infrastructure::Network& network = c.world.plan->network;
  const infrastructure::Reachability& state = c.world.infrastructure.reachability;
  const infrastructure::Endpoint place = network.node_endpoint[node.value];
  return infrastructure::node_up(c.world, node) && has_rules(c, node) &&
         infrastructure::meet(state, network.backbone, place);
}

std::vector<service::ListedPod> listed_now(const Context& c) {
  std::vector<service::ListedPod> pods;
  for (std::uint32_t server = 0; server < c.size(); ++server) {
    if (c.state.servers[server].listed) pods.push_back({server, c.state.servers[server].pod});
  }
  return pods;
}

bool still_there(const Context& c, const service::ListedPod& pod) { return pod.pod == pod_of(c, pod.member); }

void follow_rules(Context& c) {
  if (by_rules(c.spec) && c.world.plan->player(PlatformPart::routes).exists())
    service::follow_routes(c.world, c.state.stale, listed_now(c));
}

void checks_changed(Context& c) {
  for (std::uint32_t index = 0; index < c.plan.targets.size(); ++index) {
    if (!c.world.queue.pending(c.state.targets[index].timer)) continue;
    TargetState& edited = c.state.edit_target(index);
    const sim::Time at = convinced_at(c, index, answer_of(c, c.plan.targets[index]));
    assert(at >= c.world.now);
    edited.timer = c.world.queue.reschedule(edited.timer, at);
  }
}

void follow(Context& c, const Changed& changed) {
  if (follows_readiness(c)) {
    for (const std::uint32_t server : changed.servers) follow_readiness(c, server);
  }
  // Clients that have the list have that of the pods that are wanted: rolls and autoscalers change it.
  if (c.spec.frontend == Frontend::none) {
    for (const std::uint32_t server : changed.servers) {
      const bool wanted = !c.parked(server);
      if (c.state.servers[server].listed != wanted) c.state.edit_server(server).listed = wanted;
    }
  }
  for (const std::uint32_t target : changed.targets) follow_checks(c, target);
}

std::vector<std::size_t> rotation(const Context& c) {
  std::vector<std::size_t> listed;
  std::vector<std::size_t> healthy;
  for (std::size_t server = 0; server < c.size(); ++server) {
    if (!c.state.servers[server].listed) continue;
    listed.push_back(server);
    if (to_pods(c.spec) && c.state.targets[server].healthy) healthy.push_back(server);
  }
  return healthy.empty() ? listed : healthy;
}

std::vector<NodeId> machines_in_rotation(const Context& c) {
  std::vector<NodeId> all;
  std::vector<NodeId> healthy;
  for (std::size_t i = 0; i < c.plan.targets.size(); ++i) {
    const TargetPlan& target = c.plan.targets[i];
    if (!target.node.exists() || !registered(c, target)) continue;
    all.push_back(target.node);
    if (c.state.targets[i].healthy) healthy.push_back(target.node);
  }
  return healthy.empty() ? all : healthy;
}

// ---- events ----

void on(World& world, const Listed& event) {
  Context c = context(world, ServiceId{event.service});
  if (to_pods(c.spec)) world.set_by(keys(c.spec).registration);
  Server& its = c.state.edit_server(event.server);
  its.listed = true;
  its.pod = pod_of(c, event.server);
  look(c);
}

void on(World& world, const Unlisted& event) {
  Context c = context(world, ServiceId{event.service});
  if (to_pods(c.spec)) world.set_by(keys(c.spec).deregistration);
  c.state.edit_server(event.server).listed = false;
  look(c);
}

void on(World& world, const TargetPassed& event) { check_ended(world, ServiceId{event.service}, event.target, true); }
void on(World& world, const TargetFailed& event) { check_ended(world, ServiceId{event.service}, event.target, false); }

}  // namespace nines::models::http
