// The controller's one thread: what it does, one thing after the other.
#include <algorithm>

#include "models/coverage.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/controlled_shutdown.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/zk/sessions.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka::zk {

namespace {

std::int64_t all_partitions(const Context& c) {
  std::int64_t count = 0;
  for (const GroupPlan& group : c.plan.groups) count += group.partitions;
  return count;
}

/// Partitions that the broker leads, and those that it follows in the ISR; of all, or of those with other replicas.
struct Load {
  std::int64_t led = 0;
  std::int64_t followed = 0;
  std::int64_t hosted = 0;
  std::int64_t leaderless = 0;
};
Load load_of(const Context& c, Position broker) {
  Load load;
  for (const auto& [id, slot] : c.hosted(broker)) {
    const PartitionRecord& record = c.state.groups[id].record;
    const std::int64_t count = c.plan.groups[id].partitions;
    load.hosted += count;
    if (record.leader == slot) load.led += count;
    if (record.leader != slot && has(record.isr, slot)) load.followed += count;
    if (record.leader == no_slot) load.leaderless += count;
  }
  return load;
}

/// Of the partitions that the broker should lead, those that another leads.
struct Balance {
  std::int64_t preferred = 0;
  std::int64_t elsewhere = 0;
};
bool unbalanced(const Context& c, const Balance& balance) {
  constexpr std::int64_t whole = 100;
  return balance.elsewhere * whole > c.parameters.leader_imbalance_percentage * balance.preferred;
}
std::vector<Balance> balances(const Context& c) {
  std::vector<Balance> all(c.plan.brokers.size());
  for (const GroupId id : c.plan.groups.ids()) {
    Balance& balance = all[c.broker_of(id, 0)];
    balance.preferred += c.plan.groups[id].partitions;
    if (c.state.groups[id].record.leader != 0) balance.elsewhere += c.plan.groups[id].partitions;
  }
  return all;
}

Duration length_of(Context& c, const Job& job) {
  const BrokerParameters& p = c.parameters;
  const ProcessId process = c.broker_process(c.state.zk.holder);
  const auto brokers = static_cast<std::int64_t>(c.plan.brokers.size());
  const Duration both = p.zk_partition_read + p.zk_partition_write;
  Duration takes;
  switch (job.task) {
    case Task::load:
      takes = c.world.draw(c.component(process), Purpose::controller_activation, p.zk_controller_start) +
              p.zk_partition_read * all_partitions(c);
      break;
    case Task::broker_lost: takes = p.zk_partition_read * brokers + both * load_of(c, job.broker).led; break;
    case Task::isr_shrinks: {
      const Load load = load_of(c, job.broker);
      takes = p.zk_partition_read * load.hosted + p.zk_partition_write * (load.followed + (job.found ? load.led : 0));
      break;
    }
    case Task::broker_joined: takes = p.zk_partition_read * brokers + both * load_of(c, job.broker).leaderless; break;
    case Task::shutdown: {
      const Load load = load_of(c, job.broker);
      takes = both * (load.led + load.followed);
      break;
    }
    case Task::rebalance: {
      for (const Balance& balance : balances(c)) {
        if (unbalanced(c, balance)) takes += both * balance.elsewhere;
      }
      break;
    }
  }
  return at_cpu(c, process, takes);
}

bool queued(const Context& c, Task task) {
  return std::any_of(c.state.zk.jobs.begin(), c.state.zk.jobs.end(),
                     [task](const Job& job) { return job.task == task; });
}

/// The new controller knows everything: it acts on what it has found, and tells everybody.
void act(Context& c) {
  State& zk = c.state.zk;
  c.state.active = zk.holder;
  c.state.active_epoch = zk.epoch;
  const CauseScope because(c.world, c.world.note(ControllerReady{c.service, zk.holder}, zk.epoch));
  c.state.rebalance_checks = {c.now() + c.parameters.zk_rebalance_delay, c.parameters.leader_imbalance_interval};
  for (Position position = 0; position < zk.brokers.size(); ++position) {
    Broker& broker = broker_of(c, position);
    if (c.state.brokers[position].shutting_down) {
      c.state.brokers.edit(position).shutting_down = false;
      broker_changed(c, position);
    }
    // Another process than the one that was known: to this controller it is the only one.
    if (broker.registered && !c.state.brokers[position].fenced) broker.seen_session = broker.session;
  }
  c.state.decided = true;
  send_decisions(c);
  // Replicas of brokers that it has not found leave their ISRs first, then leaders are elected: among those that it has
  // found (KafkaController.onControllerFailover: ReplicaStateMachine.startup, PartitionStateMachine.startup).
  std::vector<Position> gone;
  for (Position position = 0; position < zk.brokers.size(); ++position) {
    if (zk.brokers[position].registered) continue;
    push(c, Task::isr_shrinks, position, true);
    if (c.state.brokers[position].fenced) continue;
    c.state.brokers.edit(position).fenced = true;
    broker_changed(c, position);
    broker_of(c, position).losing = true;
    gone.push_back(position);
  }
  for (const Position position : gone) push(c, Task::broker_lost, position, true);
  look_at_registrations(c);
  schedule_preferred_leader_check(c);
}

/// It has another process than the controller knows of, registered anew (bounced brokers in the source).
bool bounced(const Context& c, Position position) { return c.state.zk.brokers[position].registered; }

/// Of those that one look finds gone none may lead, before the first election (KafkaController.processBrokerChange:
/// removeLiveBrokers, then onBrokerFailure of all). Those that have bounced are a look of their own, which comes first.
void take_for_dead(Context& c, Position position) {
  const bool of_bounced = bounced(c, position);
  const auto dead = [&](Position other) {
    if (bounced(c, other) != of_bounced || c.state.brokers[other].fenced) return;
    c.state.brokers.edit(other).fenced = true;
    broker_changed(c, other);
  };
  dead(position);
  for (const Job& job : c.state.zk.jobs) {
    if (job.task == Task::broker_lost && !job.found) dead(job.broker);
  }
}

/// What is left of the same event when leaders have been moved: the ISRs that the broker followed in.
Job rest_of(const Job& lost) {
  Job rest;
  rest.task = Task::isr_shrinks;
  rest.broker = lost.broker;
  return rest;
}

void lose(Context& c, const Job& job) {
  const Position position = job.broker;
  BrokerState& broker = c.state.brokers.edit(position);
  broker_of(c, position).losing = false;
  broker_of(c, position).unsent = false;
  const CauseScope because(c.world, c.world.note(BrokerRemoved{c.service, position}));
  NINES_TAKES(broker_fenced);
  take_for_dead(c, position);
  broker.fenced = true;
  broker.shutting_down = false;
  broker_changed(c, position);
  ++c.world.measurement.failovers;
  broker_removed(c, position, Hosted::led);
  send_decisions(c);
  if (job.found) return;
  // ISRs shrink when all elections of the same look are over.
  auto& jobs = c.state.zk.jobs;
  const auto after = std::find_if(jobs.begin(), jobs.end(), [&](const Job& other) {
    return other.task != Task::broker_lost || other.found || bounced(c, other.broker) != bounced(c, position);
  });
  jobs.insert(after, rest_of(job));
}

void join(Context& c, Position position) {
  Broker& broker = broker_of(c, position);
  broker.joining = false;
  if (!broker.registered) return;  // gone again
  const CauseScope because(c.world, c.world.note(BrokerJoined{c.service, position}));
  BrokerState& state = c.state.brokers.edit(position);
  state.fenced = false;
  state.shutting_down = false;
  broker.seen_session = broker.session;
  broker_changed(c, position);
  broker_returned(c, position);
  // It is sent all that it hosts, whether anything about that is new or not.
  c.state.decided = true;
  send_decisions(c);
}

/// Partitions with other replicas that the broker still leads.
bool still_leads(const Context& c, Position position) {
  return std::any_of(c.hosted(position).begin(), c.hosted(position).end(), [&](const auto& hosted) {
    return c.state.groups[hosted.first].record.leader == hosted.second && c.plan.groups[hosted.first].factor > 1;
  });
}

void try_shutdown_later(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  if (broker_of(c, position).shutdown_tries >= c.parameters.controlled_shutdown_tries) return close_broker(c, position);
  broker.step_timer = c.world.schedule(c.now() + c.parameters.controlled_shutdown_backoff,
                                       ShutdownTried{c.service, position, broker.incarnation, false});
}

void let_go(Context& c, Position position) {
  broker_of(c, position).shutdown_asked = false;
  BrokerState& broker = c.state.brokers.edit(position);
  if (broker.fenced) {
    // The controller knows of no such broker, and says so (KafkaController.doControlledShutdown).
    if (broker.phase != BrokerPhase::stopping || !c.world.queue.pending(broker.step_timer)) return;
    if (!reaches_active(c, position)) return;
    c.world.queue.cancel(broker.step_timer);
    return try_shutdown_later(c, position);
  }
  NINES_TAKES(shutdown_begun);
  broker.shutting_down = true;
  broker_changed(c, position);
  broker_hands_over(c, position);
  send_decisions(c);
  const bool waits =
      broker.phase == BrokerPhase::stopping && c.world.queue.pending(broker.step_timer) && reaches_active(c, position);
  if (!waits) return;
  c.world.queue.cancel(broker.step_timer);
  if (still_leads(c, position)) return try_shutdown_later(c, position);
  NINES_TAKES(shutdown_granted);
  close_broker(c, position);
}

void move_leaders_back(Context& c) {
  const std::vector<Balance> all = balances(c);
  bool moved = false;
  for (const GroupId id : c.plan.groups.ids()) {
    if (unbalanced(c, all[c.broker_of(id, 0)])) moved = elect_preferred(c, id) || moved;
  }
  if (moved) {
    const CauseScope scope(c.world, c.world.note(PreferredLeadersElected{c.service}));
    send_decisions(c);
  }
  schedule_preferred_leader_check(c);
}

void perform(Context& c, const Job& job) {
  switch (job.task) {
    case Task::load: return act(c);
    case Task::broker_lost: return lose(c, job);
    case Task::isr_shrinks: broker_removed(c, job.broker, Hosted::followed); return send_decisions(c);
    case Task::broker_joined: return join(c, job.broker);
    case Task::shutdown: return let_go(c, job.broker);
    case Task::rebalance: return move_leaders_back(c);
  }
}

void ask_for_shutdown(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  Broker& its = broker_of(c, position);
  ++its.shutdown_tries;
  const auto fails_at = [&](Duration later) {
    broker.step_timer = c.world.schedule(c.now() + later, ShutdownTried{c.service, position, broker.incarnation, true});
  };
  if (c.state.active == nobody) return try_shutdown_later(c, position);
  if (reaches_active(c, position)) {
    if (!its.shutdown_asked) push(c, Task::shutdown, position);
    its.shutdown_asked = true;
    return fails_at(c.parameters.zk_request_timeout);
  }
  const bool silent = contact(c.world, c.broker_process(position), c.active_process()) == Contact::silence;
  silent ? fails_at(c.parameters.controller_socket_timeout) : try_shutdown_later(c, position);
}

}  // namespace

bool can_decide(const Context& c) {
  return c.state.active != nobody && c.state.active == c.state.zk.holder && gets_on(c);
}

bool reaches_active(const Context& c, Position position) {
  if (c.state.active == nobody) return false;
  const ProcessId broker = c.broker_process(position);
  const ProcessId controller = c.active_process();
  // The process after that of the controller is none.
  if (!c.runs(broker) || !serves(c, c.state.active)) return false;
  if (broker == controller) return true;
  return !stalled(c, controller) && contact(c.world, broker, controller) == Contact::ok;
}

Duration isr_change_delay(Context& c, GroupId id) {
  const Position leader = c.broker_of(id, c.state.groups[id].owner);
  const State& zk = c.state.zk;
  Duration queue;
  for (const Job& job : zk.jobs) {
    queue += job.begun ? job.left : length_of(c, job);
    if (job.task == Task::broker_lost && !job.found) queue += length_of(c, rest_of(job));
  }
  if (c.world.queue.pending(zk.job_timer) && !zk.jobs.empty())
    queue += c.world.queue.when(zk.job_timer) - c.now() - zk.jobs.front().left;
  const Duration way = leader == c.state.active ? Duration() : c.rtt(c.broker_process(leader), c.active_process());
  return way + queue + session_of(c, c.state.active).write;
}

void begin_term(Context& c, Position position) {
  State& zk = c.state.zk;
  zk.holder = position;
  zk.holder_session = session_of(c, position).id;
  ++zk.epoch;
  zk.unseen = false;
  zk.jobs.clear();
  const CauseScope because(c.world, c.world.note(ControllerCreated{c.service, position}, zk.epoch));
  push(c, Task::load, position);
}

void end_term(Context& c) {
  State& zk = c.state.zk;
  zk.holder = nobody;
  c.state.active = nobody;
  zk.jobs.clear();
  c.world.queue.cancel(zk.job_timer);
  c.world.queue.cancel(c.state.rebalance_timer);
  for (Position position = 0; position < zk.brokers.size(); ++position) {
    Broker& broker = zk.brokers[position];
    // What it had found and not yet dealt with the next one finds for itself.
    if (broker.losing && c.state.brokers[position].fenced) {
      c.state.brokers.edit(position).fenced = false;
      broker_changed(c, position);
    }
    broker.losing = broker.joining = broker.unsent = broker.shutdown_asked = false;
  }
}

void push(Context& c, Task task, Position broker, bool found) {
  Job job;
  job.task = task;
  job.broker = broker;
  job.found = found;
  c.state.zk.jobs.push_back(job);
  advance(c);
}

void advance(Context& c) {
  State& zk = c.state.zk;
  if (zk.jobs.empty()) return;
  const bool on = gets_on(c);
  if (on == c.world.queue.pending(zk.job_timer)) return;
  Job& job = zk.jobs.front();
  if (!on) {
    job.left = c.world.queue.when(zk.job_timer) - c.now();
    c.world.queue.cancel(zk.job_timer);
    return;
  }
  if (!job.begun) {
    job.begun = true;
    job.left = length_of(c, job);
  }
  zk.job_timer = c.world.schedule(c.now() + job.left, JobDone{c.service, zk.epoch}, sim::Priority::message);
}

void look_at_registrations(Context& c) {
  const auto lost = [&](bool of_bounced) {
    for (Position position = 0; position < c.state.zk.brokers.size(); ++position) {
      Broker& broker = broker_of(c, position);
      const bool other = !broker.registered || broker.session != broker.seen_session;
      if (broker.registered != of_bounced || c.state.brokers[position].fenced || broker.losing || !other) continue;
      broker.losing = true;
      push(c, Task::broker_lost, position);
    }
  };
  const auto join = [&](bool of_bounced) {
    for (Position position = 0; position < c.state.zk.brokers.size(); ++position) {
      Broker& broker = broker_of(c, position);
      if (!broker.registered || broker.joining || broker.losing != of_bounced) continue;
      if (!c.state.brokers[position].fenced && !broker.losing) continue;
      broker.joining = true;
      push(c, Task::broker_joined, position);
    }
  };
  // In the order of KafkaController.processBrokerChange: new ones, those that have bounced, dead ones.
  join(false);
  lost(true);
  join(true);
  lost(false);
}

void begin_shutdown(Context& c, Position position) {
  broker_of(c, position).shutdown_tries = 0;
  ask_for_shutdown(c, position);
}

bool imbalanced(const Context& c) {
  const std::vector<Balance> all = balances(c);
  return std::any_of(all.begin(), all.end(), [&](const Balance& balance) { return unbalanced(c, balance); });
}

void rebalance(Context& c) {
  if (!queued(c, Task::rebalance)) push(c, Task::rebalance, c.state.active);
}

}  // namespace nines::models::kafka::zk

namespace nines::models::kafka {

void on(World& world, const JobDone& event) {
  Context c = context(world, event.service);
  zk::State& zk = c.state.zk;
  if (event.epoch != zk.epoch || zk.jobs.empty()) {
    world.stale = true;
    return;
  }
  const zk::Job job = zk.jobs.front();
  zk.jobs.erase(zk.jobs.begin());
  const bool reads = job.task == zk::Task::load || job.task == zk::Task::broker_joined;
  world.set_by(reads ? zk::names::partition_read : zk::names::partition_write);
  zk::perform(c, job);
  zk::advance(c);
  // Who may be in an ISR may be another now.
  replication_changed(c);
  clients_changed(c);
}

void on(World& world, const ShutdownTried& event) {
  Context c = context(world, event.service);
  const BrokerState& broker = c.state.brokers[event.broker];
  world.stale = broker.incarnation != event.incarnation || broker.phase != BrokerPhase::stopping;
  if (world.stale) return;
  event.failed ? zk::try_shutdown_later(c, event.broker) : zk::ask_for_shutdown(c, event.broker);
}

}  // namespace nines::models::kafka
