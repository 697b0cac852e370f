#include "models/kafka/session.hpp"

#include <algorithm>
#include <vector>

#include "models/coverage.hpp"
#include "models/kafka/broker_start.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/cruise_control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

/// Whether the broker talks to the controller at all: registered or trying to.
bool talks(const BrokerState& broker) {
  return broker.phase != BrokerPhase::down && broker.phase != BrokerPhase::closing;
}

Duration heartbeat_period(const Context& c, Position broker) {
  return c.parameters.heartbeat_interval + c.rtt(c.broker_process(broker), c.voter_process(c.state.active));
}

void advance_retries(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.retry.advance(c.now(), c.parameters.session_timeout / 2, c.parameters.heartbeat_retry_backoff,
                       c.parameters.session_timeout, [&] {
                         const double u = c.world.uniform(c.broker_component(position), Purpose::heartbeat_jitter);
                         return 1 + c.parameters.heartbeat_retry_jitter * (2 * u - 1);
                       });
}

void arm_session(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  if (broker.fenced || c.state.active == nobody) return;
  if (NINES_MUTATED(session_timeout_ignored)) return;
  const sim::Time at = fence_check_at(broker.last_contact, c.parameters.session_timeout,
                                      c.parameters.fence_check_divisor > 0, c.state.fence_checks);
  broker.session_timer = c.world.schedule(std::max(at, c.now()), SessionExpired{c.service, position});
}

void lose_contact(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.in_contact = false;
  broker.contact_lost = c.now();
  const ProcessId controller = c.voter_process(c.state.active);
  broker.lost_in_silence = contact(c.world, c.broker_process(position), controller) == Contact::silence;
  const sim::Grid heartbeats = heartbeats_of(c, position);
  broker.last_contact = heartbeats.at_or_before(c.now());
  broker.retry = {heartbeats.after(c.now()), 0};
  arm_session(c, position);
}

/// Nothing disturbs the way of the active controller's answers: brokers of which nothing was touched reach it.
bool controller_undisturbed(const Context& c) {
  if (c.state.active == nobody) return false;
  const ProcessId process = c.voter_process(c.state.active);
  const infrastructure::State& infra = c.world.infrastructure;
  return !stalled(c, process) && infra.reachability.reaches.empty() && !infra.reachability.pods_blocked &&
         !c.world.processes.is_touched(process) && !infra.nodes.is_touched(c.world.processes[process].node);
}

void session_changed(Context& c, Position position) {
  const BrokerState& broker = c.state.brokers[position];
  const bool reaches = talks(broker) && reaches_controller(c, position);
  const bool at_rest = broker.in_contact && reaches && !broker.fenced && !broker.expiry_pending;
  if (at_rest) return;
  BrokerState& state = c.state.brokers.edit(position);
  if (state.in_contact && !reaches) lose_contact(c, position);
  if (!state.in_contact && reaches && !c.world.queue.pending(state.reach_timer)) {
    advance_retries(c, position);
    state.reach_timer =
        c.world.schedule(state.retry.success_at(c.now()), HeartbeatResumed{c.service, position, state.incarnation});
  }
  if (!reaches) c.world.queue.cancel(state.reach_timer);
  // What it asked for could not be committed then; its next heartbeats ask again.
  if (state.in_contact && state.fenced) controller_reached(c, position);
  if (state.expiry_pending && can_commit(c)) {
    state.expiry_pending = false;
    state.session_timer = c.world.schedule(c.now(), SessionExpired{c.service, position});
  }
}

}  // namespace

sim::Grid heartbeats_of(const Context& c, Position position) {
  const sim::Grid& own = c.state.brokers[position].heartbeats;
  if (own.period > Duration()) return own;
  const Plan& plan = *c.world.plan;
  const auto zone = [&](ProcessId process) { return plan.nodes[plan.processes[process].node].zone; };
  const RestingClocks& resting = c.state.resting;
  const bool near = zone(c.broker_process(position)) == zone(c.voter_process(resting.active));
  const Duration period = near ? resting.heartbeats_near : resting.heartbeats_far;
  const double u = c.world.first_uniform(c.broker_component(position), Purpose::heartbeat_phase);
  return {sim::Time::zero() + sim::scaled(period, u), period};
}

sim::Time fence_check_at(sim::Time last_contact, sim::Duration session_timeout, bool periodic,
                         const sim::Grid& checks) {
  const sim::Time expiry = last_contact + session_timeout;
  return periodic ? checks.at_or_after(expiry) : expiry;
}

bool reaches_controller(const Context& c, Position position) {
  if (c.state.active == nobody) return false;
  const ProcessId broker = c.broker_process(position);
  const ProcessId controller = c.voter_process(c.state.active);
  return c.runs(broker) && c.runs(controller) && !stalled(c, controller) &&
         contact(c.world, broker, controller) == Contact::ok;
}

bool session_valid(const Context& c, Position position) {
  const BrokerState& broker = c.state.brokers[position];
  if (broker.fenced) return false;
  return broker.in_contact || c.now() < broker.last_contact + c.parameters.session_timeout;
}

void in_contact_from_now(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.in_contact = true;
  broker.expiry_pending = false;
  broker.heartbeats = {c.now(), heartbeat_period(c, position)};
  c.world.queue.cancel(broker.session_timer);
  c.world.queue.cancel(broker.reach_timer);
}

sim::Grid isr_checks_of(const Context& c, Position position) {
  const sim::Grid& own = c.state.brokers[position].isr_checks;
  if (own.period > Duration()) return own;
  const Duration period = c.state.resting.isr_checks;
  const double u = c.world.first_uniform(c.broker_component(position), Purpose::isr_check_phase);
  return {sim::Time::zero() + sim::scaled(period, u), period};
}

void sessions_changed(Context& c) {
  if (controller_undisturbed(c)) {
    // In their order: it numbers the events that follow.
    const auto touched = c.state.brokers.touched();
    std::vector<std::uint32_t> positions(touched.begin(), touched.end());
    std::sort(positions.begin(), positions.end());
    for (const std::uint32_t position : positions) session_changed(c, static_cast<Position>(position));
    return;
  }
  for (Position position = 0; position < c.state.brokers.size(); ++position) session_changed(c, position);
}

void restart_sessions(Context& c) {
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    BrokerState& broker = c.state.brokers.edit(position);
    if (broker.in_contact) broker.retry = {c.now(), 0};
    broker.in_contact = false;
    broker.expiry_pending = false;
    if (!NINES_MUTATED(fresh_session_skipped)) broker.last_contact = c.now();
    c.world.queue.cancel(broker.session_timer);
    c.world.queue.cancel(broker.reach_timer);
    arm_session(c, position);
  }
  sessions_changed(c);
}

void restart_session(Context& c, Position position) { arm_session(c, position); }

void forget_sessions(Context& c) {
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    BrokerState& broker = c.state.brokers.edit(position);
    if (broker.in_contact) lose_contact(c, position);
    broker.expiry_pending = false;
    c.world.queue.cancel(broker.session_timer);
    c.world.queue.cancel(broker.reach_timer);
  }
}

void fence(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  const CauseScope scope(c.world, c.world.note(BrokerFenced{c.service, position}));
  NINES_TAKES(broker_fenced);
  broker.fenced = true;
  broker.shutting_down = false;
  broker_changed(c, position);
  c.state.last_fence = c.now();
  ++c.world.measurement.failovers;
  c.world.queue.cancel(broker.session_timer);
  broker_removed(c, position);
  stop_healing(c, position);
  tell_brokers(c);
  watch_failures(c);
}

void on(World& world, const SessionExpired& event) {
  Context c = context(world, event.service);
  BrokerState& broker = c.state.brokers.edit(event.broker);
  if (broker.in_contact || broker.fenced || c.state.active == nobody) {
    world.stale = true;
    return;
  }
  if (!can_commit(c)) {
    broker.expiry_pending = true;
    return;
  }
  const sim::Time allowed = c.state.last_fence + c.parameters.fence_gap;
  if (c.state.last_fence > sim::Time::zero() && allowed > c.now()) {
    broker.session_timer = world.schedule(allowed, event);
    return;
  }
  if (broker.shutting_down) NINES_TAKES(shutting_down_broker_fenced);
  fence(c, event.broker);
}

void on(World& world, const HeartbeatResumed& event) {
  Context c = context(world, event.service);
  BrokerState& broker = c.state.brokers.edit(event.broker);
  if (event.incarnation != broker.incarnation || broker.in_contact || !reaches_controller(c, event.broker)) {
    world.stale = true;
    return;
  }
  if (broker.phase == BrokerPhase::registering) {
    try_to_register(c, event.broker);
    return;
  }
  in_contact_from_now(c, event.broker);
  controller_reached(c, event.broker);
}

}  // namespace nines::models::kafka
