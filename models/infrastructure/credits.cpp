#include "models/infrastructure/credits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/infrastructure/events.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"
#include "sim/time_units.hpp"

namespace nines::models::infrastructure {

namespace {

constexpr double account_hours = 24;
/// Sums of quotients: wants that differ by less are the same.
constexpr double rounding = 1e-9;

const NodeGroupSpec& group_spec(const Plan& plan, NodeId node) {
  return plan.topology.node_groups[plan.nodes[node].group];
}

bool counts(const Plan& plan, NodeId node) { return group_spec(plan, node).instance.cpu_baseline > 0; }
bool unlimited(const Plan& plan, NodeId node) { return group_spec(plan, node).unlimited_credits; }
/// Its account decides what it gives.
bool held_back(const Plan& plan, NodeId node) { return counts(plan, node) && !unlimited(plan, node); }

/// Processor-seconds that its account may lack before it is held back, or billed: all that it has earned, and in
/// unlimited mode as much again in advance.
double deepest(const Plan& plan, NodeId node) { return full_account(plan, node) * (unlimited(plan, node) ? 2 : 1); }

double credit_usd(const World& world, double processor_seconds) {
  return processor_seconds / sim::seconds_per_hour * world.plan->topology.prices.cpu_credit_hour.usd;
}

/// So many of its processors are billed from now on. In health they are in the bill of the month.
void lend(World& world, NodeId node, double processors, bool in_health = false) {
  NodeState& state = world.infrastructure.nodes.edit(node);
  if (!in_health) bills(world, credit_usd(world, (processors - state.lent) * sim::seconds_per_hour));
  state.lent = processors;
}

/// Processor-seconds a second that its account loses; below zero it gains.
double drain(const World& world, NodeId node) {
  return world.infrastructure.nodes[node].cpu_wanted - baseline(*world.plan, node);
}

/// Brings the account up to now.
void settle(World& world, NodeId node) {
  NodeState& state = world.infrastructure.nodes.edit(node);
  const double passed = (world.now - state.credit_at).to_seconds();
  const double spent = state.credit_spent + drain(world, node) * passed;
  state.credit_spent = std::clamp(spent, 0.0, deepest(*world.plan, node));
  state.credit_at = world.now;
}

/// It is empty, or will be when what is wanted now has been used for so long.
void look_ahead(World& world, NodeId node) {
  NodeState& state = world.infrastructure.nodes.edit(node);
  world.queue.cancel(state.credits_timer);
  const bool lends = unlimited(*world.plan, node);
  const double loses = drain(world, node);
  if (lends && world.now == sim::Time::zero()) {  // as it has been for days
    state.credit_spent = loses > rounding ? deepest(*world.plan, node) : 0;
    return lend(world, node, loses > rounding ? loses : 0, true);
  }
  const double left = deepest(*world.plan, node) - state.credit_spent;
  const bool empty = loses > rounding && left <= 0;
  state.throttled = empty && !lends;
  if (lends) lend(world, node, empty ? loses : 0);
  if (loses <= rounding || left <= 0) return;
  const sim::Time at = world.now + Duration::from_seconds(left / loses);
  state.credits_timer = lends ? world.schedule(at, CreditsBilled{node, state.machine})
                              : world.schedule(at, CreditsSpent{node, state.machine});
}

void want(World& world, NodeId node, double more) {
  if (!node.exists()) return;
  settle(world, node);
  NodeState& state = world.infrastructure.nodes.edit(node);
  state.cpu_wanted = std::max(0.0, state.cpu_wanted + more);
  look_ahead(world, node);
}

}  // namespace

double baseline(const Plan& plan, NodeId node) {
  const InstanceType& type = group_spec(plan, node).instance;
  return type.vcpu * type.cpu_baseline;
}

double full_account(const Plan& plan, NodeId node) {
  return baseline(plan, node) * account_hours * sim::seconds_per_hour;
}

std::optional<std::string> over_baseline(const Plan& plan) {
  const World world = resting_world(plan);
  for (const NodeId node : plan.nodes.ids()) {
    if (!held_back(plan, node) || drain(world, node) <= rounding) continue;
    return fmt::format(
        "'{}' would use {:.2f} processors in health, and its baseline is {:.2f}: its credit would be gone",
        plan.name(plan.nodes[node].component), world.infrastructure.nodes[node].cpu_wanted, baseline(plan, node));
  }
  return std::nullopt;
}

void uses_cpu(World& world, ProcessId process, double processors) {
  const CpuUse before = world.infrastructure.cpu_uses[process];
  NodeId node = world.processes[process].node;
  if (!counts(*world.plan, node)) {
    if (!before.node.exists()) return;
    node = NodeId::none();
    processors = 0;
  }
  if (before.node == node && std::abs(before.processors - processors) <= rounding) return;
  world.infrastructure.cpu_uses.edit(process) = {node, processors};
  if (before.node == node) return want(world, node, processors - before.processors);
  want(world, before.node, -before.processors);
  want(world, node, processors);
}

double credit_share(const World& world, NodeId node) {
  const NodeState& state = world.infrastructure.nodes[node];
  return state.throttled ? baseline(*world.plan, node) / state.cpu_wanted : 1;
}

std::optional<double> cpu_left(const World& world, ProcessId process) {
  const CpuUse its = world.infrastructure.cpu_uses[process];
  if (!its.node.exists()) return std::nullopt;
  const NodeState& state = world.infrastructure.nodes[its.node];
  if (!state.throttled) return std::nullopt;
  return baseline(*world.plan, its.node) * its.processors / state.cpu_wanted;
}

void close_account(World& world, NodeId node) {
  if (!counts(*world.plan, node) || !unlimited(*world.plan, node)) return;
  settle(world, node);
  NodeState& state = world.infrastructure.nodes.edit(node);
  world.queue.cancel(state.credits_timer);
  const double full = full_account(*world.plan, node);
  bills_once(world, credit_usd(world, std::clamp(state.credit_spent - full, 0.0, full)));
  bills(world, -credit_usd(world, state.lent * sim::seconds_per_hour));
  state.credit_spent = std::min(state.credit_spent, full);
  state.lent = 0;
}

void start_account(World& world, NodeId node, const NodeState& old) {
  if (!counts(*world.plan, node)) return;
  NodeState& state = world.infrastructure.nodes.edit(node);
  state.cpu_wanted = old.cpu_wanted;
  const double full = full_account(*world.plan, node);
  state.credit_spent = full;
  state.credit_at = world.now;
  look_ahead(world, node);
}

sim::Time accounts_full_at(const World& world) {
  sim::Time at = world.now;
  for (const NodeId node : world.infrastructure.nodes.touched()) {
    const NodeState& state = world.infrastructure.nodes[node];
    if (!held_back(*world.plan, node) || state.credit_spent <= 0) continue;
    const double gains = -drain(world, node);
    if (gains <= rounding) continue;
    at = std::max(at, state.credit_at + Duration::from_seconds(state.credit_spent / gains));
  }
  return at;
}

namespace {

/// The account of the event's machine is at its end; false if another one has its slot.
template <class E>
bool ends(World& world, const E& event) {
  world.stale = world.infrastructure.nodes[event.node].machine != event.machine;
  if (world.stale) return false;
  settle(world, event.node);
  world.infrastructure.nodes.edit(event.node).credit_spent = deepest(*world.plan, event.node);
  return true;
}

}  // namespace

ComponentId subject(const Plan& plan, const CreditsSpent& event) { return plan.nodes[event.node].component; }

void on(World& world, const CreditsSpent& event) {
  if (!ends(world, event)) return;
  world.infrastructure.nodes.edit(event.node).throttled = !NINES_MUTATED(credit_endless);
  services::conditions_changed(world);
}

ComponentId subject(const Plan& plan, const CreditsBilled& event) { return plan.nodes[event.node].component; }

void on(World& world, const CreditsBilled& event) {
  if (ends(world, event)) look_ahead(world, event.node);
}

}  // namespace nines::models::infrastructure
