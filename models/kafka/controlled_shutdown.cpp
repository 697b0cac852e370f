#include "models/kafka/controlled_shutdown.hpp"

#include "models/coverage.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/log_files.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/kafka/zk/control.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

/// Every other active broker has sent a heartbeat since it applied the metadata that moved the leaderships.
bool others_have_reported(const Context& c, Position position) {
  const std::uint32_t version = c.state.brokers[position].shutdown_version;
  for (Position other = 0; other < c.state.brokers.size(); ++other) {
    const BrokerState& state = c.state.brokers[other];
    if (other == position || !active(c.state, other)) continue;
    const MetadataProgress& metadata = c.state.metadata[other];
    if (metadata.applied_version < version || !state.in_contact) return false;
    if (heartbeats_of(c, other).at_or_before(c.now()) < metadata.applied_at) return false;
  }
  return true;
}

sim::Time gives_up_at(const Context& c, Position position) {
  return c.state.brokers[position].shutdown_since + c.parameters.shutdown_timeout;
}

void poll(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  if (reaches_controller(c, position) && can_commit(c)) {
    const bool granted = broker.fenced || (partitions_led(c, position) == 0 && others_have_reported(c, position));
    if (granted) {
      broker.fenced ? NINES_TAKES(shutdown_granted_while_fenced) : NINES_TAKES(shutdown_granted);
      if (!broker.fenced) fence(c, position);
      close_broker(c, position);
      return;
    }
    if (!broker.shutting_down) {
      NINES_TAKES(shutdown_begun);
      broker.shutting_down = true;
      broker_changed(c, position);
      broker_removed(c, position);
      broker.shutdown_version = c.state.version + 1;
      publish(c);
      // Without leaderships and ISR memberships there is nothing to tell the others.
      broker.shutdown_version = std::min(broker.shutdown_version, c.state.version);
    }
  }
  const sim::Time deadline = gives_up_at(c, position);
  if (c.now() >= deadline) {
    close_broker(c, position);
    return;
  }
  const Duration wait = broker.shutdown_polls == 0 ? c.parameters.shutdown_poll : c.parameters.heartbeat_interval;
  ++broker.shutdown_polls;
  broker.step_timer =
      c.world.schedule(std::min(deadline, c.now() + wait), ShutdownPoll{c.service, position, broker.incarnation});
}

void stop_broker(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  c.world.queue.cancel(broker.step_timer);
  const bool serving = broker.phase == BrokerPhase::running || broker.phase == BrokerPhase::unfencing;
  if (!serving || !c.parameters.controlled_shutdown || NINES_MUTATED(controlled_shutdown_skipped)) {
    close_broker(c, position);
    return;
  }
  broker.phase = BrokerPhase::stopping;
  broker_changed(c, position);
  broker.shutdown_polls = 0;
  broker.shutdown_since = c.now();
  if (c.plan.has_store()) return zk::begin_shutdown(c, position);
  poll(c, position);
}

}  // namespace

void close_broker(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.phase = BrokerPhase::closing;
  broker_changed(c, position);
  const FileWork work = close_logs(c, position);
  broker.step_set_by = work.set_by;
  broker.step_timer = c.world.schedule(c.now() + work.length, LogsClosed{c.service, position, broker.incarnation});
  services::contacts_changed(c.world);
}

namespace {

/// It has begun to load its logs, or has not touched those that its last life left dirty.
bool is_starting(const Context& c, Position position) {
  const BrokerPhase phase = c.state.brokers[position].phase;
  if (phase == BrokerPhase::recovering || phase == BrokerPhase::catching_up) return true;
  const bool untouched = phase == BrokerPhase::down || phase == BrokerPhase::registering;
  return untouched && c.world.processes[c.broker_process(position)].ending != Ending::clean;
}

}  // namespace

void member_terminating(Context& c, ProcessId process) {
  const Position position = broker_at(c.plan, process);
  const Position voter = voter_at(c.plan, process);
  if (position != nobody && c.plan.has_store() && is_starting(c, position)) {
    // It cannot shut down yet, and its hook halts it: no mark that its logs are whole, and its session lives on
    // (KafkaServer.shutdown, isStartingUp; kafka.Kafka).
    return kubernetes::process_exited(c.world, process, Ending::crash);
  }
  if (position != nobody && c.state.brokers[position].phase != BrokerPhase::down) {
    stop_broker(c, position);  // a dual-role process stops its voter last, with the exit
    return;
  }
  if (voter != nobody && c.state.voters[voter].role != VoterRole::down) voter_stopping(c, voter);
  kubernetes::process_exited(c.world, process, Ending::clean);
}

void on(World& world, const ShutdownPoll& event) {
  Context c = context(world, event.service);
  const BrokerState& broker = c.state.brokers[event.broker];
  if (broker.incarnation != event.incarnation || broker.phase != BrokerPhase::stopping) {
    world.stale = true;
    return;
  }
  if (c.now() >= gives_up_at(c, event.broker)) world.set_by(inputs::shutdown_timeout);
  poll(c, event.broker);
}

void on(World& world, const LogsClosed& event) {
  Context c = context(world, event.service);
  const BrokerState& broker = c.state.brokers[event.broker];
  if (broker.incarnation != event.incarnation || broker.phase != BrokerPhase::closing) {
    world.stale = true;
    return;
  }
  const ProcessId process = c.broker_process(event.broker);
  if (c.runs(process) && stalled(c, process)) {
    world.stale = true;
    world.schedule(c.now() + c.parameters.heartbeat_interval, event);  // its logs cannot be flushed now
    return;
  }
  world.set_by(*broker.step_set_by);
  const Position voter = voter_at(c.plan, process);
  if (voter != nobody && c.state.voters[voter].role != VoterRole::down) voter_stopping(c, voter);
  if (c.plan.has_store()) return zk::logs_closed(c, event.broker);
  kubernetes::process_exited(world, process, Ending::clean);
}

}  // namespace nines::models::kafka
