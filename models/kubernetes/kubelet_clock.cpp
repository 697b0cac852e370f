#include "models/kubernetes/kubelet_clock.hpp"

#include <algorithm>
#include <cmath>

#include "models/world.hpp"
#include "sim/math.hpp"

namespace nines::models::kubernetes {

namespace {

/// Ticks that are drawn one by one; the intervals of more are summed up by their normal law.
constexpr std::int64_t walked = 64;
/// A sum of intervals that spreads by this many periods says nothing about the phase any more: wrapped, its density
/// differs from the uniform one by 2 exp(-2 (1.5 pi)^2), less than 1e-18.
constexpr double forgotten = 1.5;

struct Rhythm {
  Duration period;
  Ratio jitter = 0;
  Purpose purpose = Purpose::lease_phase;
};

double draw(World& world, NodeId node, const Rhythm& rhythm) {
  return world.uniform(world.plan->nodes[node].component, rhythm.purpose);
}

Duration interval(World& world, NodeId node, const Rhythm& rhythm) {
  if (rhythm.jitter <= 0) return rhythm.period;
  return sim::scaled(rhythm.period, 1 + rhythm.jitter * draw(world, node, rhythm));
}

/// The interval in which an instant lies is a long one more often than a short one; the instant lies anywhere in it.
void meet(World& world, NodeId node, Ticks& ticks, const Rhythm& rhythm, sim::Time t) {
  double factor = 1;
  if (rhythm.jitter > 0) {
    const double longest = 1 + rhythm.jitter;
    factor = std::sqrt(1 + draw(world, node, rhythm) * (longest * longest - 1));
  }
  const Duration length = sim::scaled(rhythm.period, factor);
  const Duration left = sim::scaled(length, draw(world, node, rhythm));
  ticks.begun = true;
  ticks.next = t + std::min(left, length - Duration::nanoseconds(1));
  ticks.last = ticks.next - length;
}

/// Leaves out ticks that nobody asks for, if there are many.
void skip(World& world, NodeId node, Ticks& ticks, const Rhythm& rhythm, sim::Time t) {
  const Duration gap = t - ticks.next;
  if (rhythm.jitter <= 0) {
    const std::int64_t steps = (gap - Duration::nanoseconds(1)) / rhythm.period;
    ticks.next = ticks.next + rhythm.period * steps;
    return;
  }
  const Duration mean = sim::scaled(rhythm.period, 1 + rhythm.jitter / 2);
  const auto count = static_cast<double>(gap / mean - walked / 2);
  if (count < static_cast<double>(walked)) return;
  const double spread = rhythm.jitter * std::sqrt(count / 12);  // in periods: the interval is uniform
  if (spread >= forgotten) return meet(world, node, ticks, rhythm, t);
  const double deviation = spread * sim::normal_quantile(draw(world, node, rhythm));
  // Half of the ticks that are walked are left to walk: many times the deviation.
  ticks.next = ticks.next + mean * static_cast<std::int64_t>(count) + sim::scaled(rhythm.period, deviation);
}

void move_around(World& world, NodeId node, Ticks& ticks, const Rhythm& rhythm, sim::Time t) {
  if (!ticks.begun) return meet(world, node, ticks, rhythm, t);
  if (ticks.next >= t) return;
  skip(world, node, ticks, rhythm, t);
  while (ticks.next < t) {
    ticks.last = ticks.next;
    ticks.next = ticks.last + interval(world, node, rhythm);
  }
}

}  // namespace

void lease_around(World& world, NodeId node, sim::Time t) {
  const Parameters& p = world.plan->kube();
  const Rhythm rhythm{p.lease_renew_interval, p.kubelet_jitter, Purpose::lease_phase};
  move_around(world, node, world.kubernetes.nodes.edit(node).lease, rhythm, t);
}

void status_around(World& world, NodeId node, sim::Time t) {
  const Parameters& p = world.plan->kube();
  const Rhythm rhythm{p.node_status_period, p.kubelet_jitter, Purpose::node_status_phase};
  move_around(world, node, world.kubernetes.nodes.edit(node).status, rhythm, t);
}

sim::Time next_status(World& world, NodeId node) {
  status_around(world, node, world.now);
  return world.kubernetes.nodes[node].status.next;
}

void restart_clocks(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  for (Ticks* ticks : {&state.lease, &state.status}) {
    ticks->begun = true;
    ticks->last = world.now - Duration::nanoseconds(1);
    ticks->next = world.now;
  }
}

}  // namespace nines::models::kubernetes
