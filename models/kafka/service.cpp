#include "models/kafka/service.hpp"

#include <algorithm>

#include "models/kafka/broker_start.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/kafka/zk/control.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

sim::Grid random_grid(World& world, ComponentId component, Purpose purpose, Duration period) {
  return {sim::Time::zero() + world.phase(component, purpose, period), period};
}

void draw_quorum(Context& c) {
  const std::size_t voters = c.state.voters.size();
  const double u = c.world.uniform(c.plan.component, Purpose::quorum_election);
  c.state.active = static_cast<Position>(u * static_cast<double>(voters));
  for (Position voter = 0; voter < voters; ++voter) {
    c.state.voters[voter].leader = c.state.active;
    if (voter != c.state.active) continue;
    c.state.voters[voter].role = VoterRole::leader;
    c.state.voters[voter].acts = true;
  }
  c.state.noops = random_grid(c.world, c.plan.component, Purpose::noop_phase, c.parameters.metadata_idle_interval);
  const Duration check = c.parameters.session_timeout / std::max<Count>(1, c.parameters.fence_check_divisor);
  c.state.fence_checks = random_grid(c.world, c.plan.component, Purpose::fence_check_phase, check);
  const infrastructure::Parameters& infra = c.world.plan->infra();
  c.state.resting = {c.state.active, c.parameters.heartbeat_interval + infra.rtt_intra_zone,
                     c.parameters.heartbeat_interval + infra.rtt_inter_zone, c.parameters.replica_lag_time_max / 2};
  c.state.rebalance_checks =
      random_grid(c.world, c.plan.component, Purpose::rebalance_phase, c.parameters.leader_imbalance_interval);
}

void initialise_groups(Context& c) {
  c.state.groups.assign(c.plan.groups.size(), GroupState{});
  c.state.logs.assign(c.plan.groups.size(), {});
  for (const GroupId id : c.plan.groups.ids()) {
    GroupState& group = c.state.groups.edit(id);
    const GroupPlan& plan = c.plan.groups[id];
    group.record = {0, 1, 0, placed(plan)};
    group.leader_isr = placed(plan);
    // A slot to spare holds nothing.
    for (Slot slot = plan.factor; slot < plan.replicas; ++slot) put_in_mode(group, slot, ReplicaState::Mode::stopped);
    for (Slot slot = 0; slot < plan.factor; ++slot) {
      put_in_mode(group, slot, slot == 0 ? ReplicaState::Mode::leading : ReplicaState::Mode::in_step);
      group.replicas[slot].known_leader = 0;
      group.replicas[slot].known_epoch = 1;
    }
  }
  RouteState working;
  working.leader = 0;
  c.state.routes.assign(c.plan.clients.size() * c.plan.groups.size(), working);
  c.state.route_clocks.assign(c.plan.clients.size() * c.plan.groups.size(), {});
  c.state.clients.assign(c.plan.clients.size(), ClientState{});
  c.state.stalls.assign(c.plan.clients.size() * c.state.brokers.size(), 0);
}

bool partition_survives_restart(const Context& c, GroupId id, Slot slot) {
  const GroupPlan& plan = c.plan.groups[id];
  const int needed = c.plan.topics[plan.topic].min_isr;
  // A topic with RF <= min.insync.replicas cannot be kept up by any order of restarts; the roller ignores it.
  if (plan.factor <= needed) return true;
  const SlotSet isr = c.state.groups[id].record.isr;
  if (size(isr) < needed) return false;
  return !(size(isr) == needed && has(isr, slot));
}

bool broker_may_restart(const Context& c, Position broker) {
  return std::all_of(c.hosted(broker).begin(), c.hosted(broker).end(),
                     [&](const auto& hosted) { return partition_survives_restart(c, hosted.first, hosted.second); });
}

bool voter_may_restart(const Context& c, Position voter) {
  const std::size_t voters = c.plan.controllers.size();
  if (voters == 1) return true;
  std::size_t others = 0;
  for (Position other = 0; other < voters; ++other) {
    const VoterState& state = c.state.voters[other];
    const bool caught_up = other == c.state.active || (state.role == VoterRole::follower && state.attached);
    if (other != voter && caught_up && c.runs(c.voter_process(other))) ++others;
  }
  if (voters == 2) return others == 1;
  return others >= (voters + 2) / 2;
}

}  // namespace

void initialise(World& world, Service service) {
  Context c = context(world, service);
  c.state.voters.assign(c.plan.controllers.size(), VoterState{});
  c.state.brokers.assign(c.plan.brokers.size(), BrokerState{});
  c.state.metadata.assign(c.plan.brokers.size(), {});
  c.state.up_to_date = static_cast<std::uint32_t>(c.plan.brokers.size());
  if (c.plan.has_store()) zk::initialise_control(c);
  c.state.undone.assign(c.plan.brokers.size(), {});
  c.state.busy.assign(c.plan.brokers.size(), {});
  c.state.live_at.assign(c.plan.brokers.size(), 0);
  c.state.fetched.assign(c.plan.brokers.size() * c.plan.brokers.size(), 0);
  initialise_groups(c);
  for (const GroupId group : c.plan.groups.ids()) {
    c.state.groups.edit(group).flow = flow_of(c, group);
    update_rates(c, group);
  }
  count_fetchers(c);
  see_all_anew(c);
  // In health there is nothing to do, and every incident would begin with finding that out.
  for (const GroupId group : c.plan.groups.ids()) {
    if (followers_at_rest(c, group)) c.state.followers_unseen.erase(group);
    if (!clients_at_rest(c, group)) continue;
    c.state.clients_unseen.erase(group);
    c.state.clients_troubled.erase(group);
    c.state.clients_lost.erase(group);
  }
}

void draw_phases(World& world, Service service) {
  Context c = context(world, service);
  if (!c.plan.has_store()) return draw_quorum(c);
  zk::draw_controller(c);
  c.state.resting.isr_checks = c.parameters.replica_lag_time_max / 2;
  c.state.rebalance_checks =
      random_grid(c.world, c.plan.component, Purpose::rebalance_phase, c.parameters.leader_imbalance_interval);
}

void plan_changed(World& world, Service service) {
  Context c = context(world, service);
  see_conditions(c);
  see_all_anew(c);
  throttle_changed(c);
  replan_all_transfers(c);
  // Nothing else need happen for the new settings to tell: with fewer replicas demanded, writes are taken at once.
  replication_changed(c);
  clients_changed(c);
}

void contacts_changed(World& world, Service service) {
  Context c = context(world, service);
  see_conditions(c);
  see_contacts(c);
  control_changed(c);
  replication_changed(c);
  clients_changed(c);
}

void answers_changed(World& world, Service service) {
  Context c = context(world, service);
  control_changed(c);
  replication_changed(c);
  clients_changed(c);
}

void conditions_changed(World& world, Service service) { contacts_changed(world, service); }

bool ready(const Context& c, ProcessId process) {
  if (!c.runs(process)) return false;
  const Position broker = broker_at(c.plan, process);
  if (broker != nobody) {
    const BrokerPhase phase = c.state.brokers[broker].phase;
    // With ZooKeeper a broker is up when it has registered, whatever the controller does.
    return phase == BrokerPhase::running || (c.plan.has_store() && phase == BrokerPhase::unfencing);
  }
  return c.state.voters[voter_at(c.plan, process)].role != VoterRole::down;
}

bool may_restart(const Context& c, ProcessId process) {
  if (NINES_MUTATED(roll_without_checks)) return true;
  const Position broker = broker_at(c.plan, process);
  const Position voter = voter_at(c.plan, process);
  return (broker == nobody || broker_may_restart(c, broker)) && (voter == nobody || voter_may_restart(c, voter));
}

std::vector<ProcessId> restart_order(const Context& c) {
  std::vector<ProcessId> order = c.world.plan->services[ServiceId::of(c.service)].members;
  const ProcessId leader = decider(c);
  const auto rank = [&](ProcessId process) {
    if (c.plan.has_store()) return process == leader ? 1 : 0;
    if (voter_at(c.plan, process) == nobody) return 2;
    return process == leader ? 1 : 0;
  };
  std::stable_sort(order.begin(), order.end(), [&](ProcessId a, ProcessId b) { return rank(a) < rank(b); });
  return order;
}

bool healthy(const Context& c) {
  return c.state.up_to_date == c.state.brokers.size() && control_healthy(c) && replicas_complete(c) &&
         clients_healthy(c) && !leaders_due(c) && c.state.moves.moving == 0;
}

}  // namespace nines::models::kafka
