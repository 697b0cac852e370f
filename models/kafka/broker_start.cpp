#include "models/kafka/broker_start.hpp"

#include <algorithm>

#include "models/coverage.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/controlled_shutdown.hpp"
#include "models/kafka/cruise_control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/log_files.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/kafka/zk/control.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"

namespace nines::models::kafka {

namespace {

bool applies(const Context& c, Position position, std::uint32_t incarnation, BrokerPhase phase) {
  const BrokerState& broker = c.state.brokers[position];
  return broker.incarnation == incarnation && broker.phase == phase && c.runs(c.broker_process(position));
}

/// A stopped process goes on where it was when it continues, and one that hangs in its volume when that does: its step
/// is tried again later. Returns whether.
template <class E>
bool postponed(Context& c, ProcessId process, std::uint32_t incarnation, const E& event) {
  const ProcessState& state = c.world.processes[process];
  const bool waits = state.status == ProcessState::Status::stopped ||
                     (state.status == ProcessState::Status::running && stalled(c, process));
  if (!waits || state.incarnation != incarnation) return false;
  c.world.schedule(c.now() + c.parameters.heartbeat_interval, event);
  return true;
}

Duration registration_pause(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  const double u = c.world.uniform(c.broker_component(position), Purpose::registration_jitter);
  const double factor = 1 + c.parameters.heartbeat_retry_jitter * (2 * u - 1);
  return client_backoff(broker.registration_tries++, c.parameters.heartbeat_retry_backoff, c.parameters.session_timeout,
                        factor);
}

void registered(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  NINES_TAKES(registration_accepted);
  const CauseScope scope(c.world, c.world.note(BrokerRegistered{c.service, position}));
  if (!broker.fenced) fence(c, position);
  if (c.world.processes[c.broker_process(position)].ending != Ending::clean) broker_stopped_uncleanly(c, position);
  publish(c);
  broker.registered_version = c.state.version;
  in_contact_from_now(c, position);
  broker.phase = BrokerPhase::catching_up;
  broker_changed(c, position);
  const Duration replay =
      c.world.draw(c.broker_component(position), Purpose::metadata_catch_up, c.parameters.metadata_catch_up);
  broker.step_timer = c.world.schedule(c.now() + replay, MetadataCaughtUp{c.service, position, broker.incarnation});
}

void ask_to_be_unfenced(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  if (c.world.queue.pending(broker.step_timer) || !broker.in_contact || !can_commit(c)) return;
  broker.step_timer = c.world.schedule(c.now() + commit_delay(c),
                                       BrokerUnfenced{c.service, position, broker.incarnation}, sim::Priority::message);
}

void start_broker(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  const VolumeId volume = c.world.plan->processes[c.broker_process(position)].volume;
  if (volume.exists() && !infrastructure::volume_usable(c.world, volume)) {
    kubernetes::process_exited(c.world, c.broker_process(position), Ending::crash);
    return;
  }
  if (c.world.processes[c.broker_process(position)].disk_lost) replicas_emptied(c, position);
  if (c.plan.has_store()) return zk::start_broker(c, position);
  broker.phase = BrokerPhase::registering;
  broker_changed(c, position);
  broker.registering_since = c.now();
  broker.registration_tries = 0;
  broker.in_contact = false;
  broker.retry = {c.now(), 0};
  try_to_register(c, position);
}

}  // namespace

void member_started(Context& c, ProcessId process) {
  const Duration start =
      at_cpu(c, process, c.world.draw(c.component(process), Purpose::process_start, c.parameters.process_start));
  const std::uint32_t incarnation = c.world.processes[process].incarnation;
  const Position voter = voter_at(c.plan, process);
  const Position broker = broker_at(c.plan, process);
  if (voter != nobody)
    c.world.schedule(c.now() + start, ProcessUp{c.service, true, voter, incarnation}, sim::Priority::state);
  if (broker != nobody) {
    BrokerState& state = c.state.brokers.edit(broker);
    state.phase = BrokerPhase::down;
    broker_changed(c, broker);
    state.incarnation = incarnation;
    c.world.schedule(c.now() + start, ProcessUp{c.service, false, broker, incarnation}, sim::Priority::state);
  }
}

void member_died(Context& c, ProcessId process) {
  const Ending ending = c.world.processes[process].ending;
  const Position voter = voter_at(c.plan, process);
  if (voter != nobody && c.state.voters[voter].role != VoterRole::down) voter_died(c, voter);
  const Position position = broker_at(c.plan, process);
  if (position == nobody) return;
  BrokerState& broker = c.state.brokers.edit(position);
  if (broker.phase != BrokerPhase::down) replicas_stopped(c, position, ending == Ending::power_loss);
  broker.phase = BrokerPhase::down;
  broker_changed(c, position);
  ++broker.incarnation;
  broker.has_led = false;
  c.world.queue.cancel(broker.step_timer);
  if (c.plan.has_store()) zk::broker_died(c, position);
}

void try_to_register(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  // A broker that cannot register in time gives up and exits (initial.broker.registration.timeout.ms).
  if (c.now() - broker.registering_since >= c.parameters.registration_timeout) {
    NINES_TAKES(registration_gave_up);
    kubernetes::process_exited(c.world, c.broker_process(position), Ending::crash);
    return;
  }
  if (reaches_controller(c, position) && can_commit(c) && !session_valid(c, position)) {
    registered(c, position);
    return;
  }
  if (session_valid(c, position)) NINES_TAKES(registration_refused);
  const sim::Time deadline = broker.registering_since + c.parameters.registration_timeout;
  const sim::Time next = std::min(deadline, c.now() + registration_pause(c, position));
  broker.step_timer = c.world.schedule(next, RegistrationAttempt{c.service, position, broker.incarnation});
}

void controller_reached(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  if (!broker.fenced) return;
  if (broker.phase == BrokerPhase::unfencing || broker.phase == BrokerPhase::running) ask_to_be_unfenced(c, position);
}

bool broker_healthy(const Context& c, Position position) {
  const BrokerState& broker = c.state.brokers[position];
  return broker.phase == BrokerPhase::running && !broker.fenced && !broker.shutting_down && broker.in_contact &&
         c.runs(c.broker_process(position)) && c.state.metadata[position].applied_version == c.state.version;
}

void on(World& world, const ProcessUp& event) {
  Context c = context(world, event.service);
  const ProcessId process = event.voter ? c.voter_process(event.position) : c.broker_process(event.position);
  if (postponed(c, process, event.incarnation, event)) return;
  if (!c.runs(process) || world.processes[process].incarnation != event.incarnation) {
    world.stale = true;
    return;
  }
  if (event.voter) {
    voter_started(c, event.position, world.processes[process].disk_lost);
    // A pure controller has no logs to load; a dual-role process clears the flag with its logs.
    if (broker_at(c.plan, process) == nobody) world.processes.edit(process).disk_lost = false;
    services::contacts_changed(world);
  } else {
    start_broker(c, event.position);
  }
}

void on(World& world, const RegistrationAttempt& event) {
  Context c = context(world, event.service);
  if (postponed(c, c.broker_process(event.broker), event.incarnation, event)) return;
  if (!applies(c, event.broker, event.incarnation, BrokerPhase::registering)) {
    world.stale = true;
    return;
  }
  try_to_register(c, event.broker);
}

void on(World& world, const MetadataCaughtUp& event) {
  Context c = context(world, event.service);
  if (postponed(c, c.broker_process(event.broker), event.incarnation, event)) return;
  if (!applies(c, event.broker, event.incarnation, BrokerPhase::catching_up)) {
    world.stale = true;
    return;
  }
  image_loaded(c, event.broker);
  begin_loading(c, event.broker);
}

void begin_loading(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  const ProcessState& process = c.world.processes[c.broker_process(position)];
  broker.phase = BrokerPhase::recovering;
  broker_changed(c, position);
  // A snapshot is taken of a running broker: to its logs that is an unclean stop.
  const bool unclean = process.disk_lost ? restored_from_snapshot(c, position) : process.ending != Ending::clean;
  const FileWork load = load_logs(c, position, unclean);
  broker.step_set_by = load.set_by;
  broker.load_length = load.length;
  broker.load_recovery = unclean ? log_recovery(c, position).length : Duration();
  broker.load_left = {};
  broker.step_timer = c.world.schedule(c.now() + load.length, LogsLoaded{c.service, position, broker.incarnation});
}

void loading_conditions_changed(Context& c, Position position) {
  if (c.state.brokers[position].phase != BrokerPhase::recovering) return;
  BrokerState& broker = c.state.brokers.edit(position);
  const bool under_way = c.world.queue.pending(broker.step_timer);
  Duration left = broker.load_left;
  if (under_way) left = c.world.queue.when(broker.step_timer) - c.now();
  if (left <= Duration() || broker.load_length <= Duration()) return;
  if (under_way) c.world.queue.cancel(broker.step_timer);
  broker.load_left = {};
  if (stalled(c, c.broker_process(position))) {
    broker.load_left = left;
    return;
  }
  // What is done is done; the rest takes as much longer or shorter as the whole would now.
  const Duration recovery = broker.load_recovery > Duration() ? log_recovery(c, position).length : Duration();
  const Duration length = broker.load_length - broker.load_recovery + recovery;
  left = sim::scaled(left, length.to_seconds() / broker.load_length.to_seconds());
  broker.load_length = length;
  broker.load_recovery = recovery;
  broker.step_timer = c.world.schedule(c.now() + left, LogsLoaded{c.service, position, broker.incarnation});
}

void on(World& world, const LogsLoaded& event) {
  Context c = context(world, event.service);
  if (postponed(c, c.broker_process(event.broker), event.incarnation, event)) return;
  if (!applies(c, event.broker, event.incarnation, BrokerPhase::recovering)) {
    world.stale = true;
    return;
  }
  BrokerState& broker = c.state.brokers.edit(event.broker);
  world.set_by(*broker.step_set_by);
  world.processes.edit(c.broker_process(event.broker)).disk_lost = false;
  if (c.plan.has_store()) return zk::logs_loaded(c, event.broker);
  broker.phase = BrokerPhase::unfencing;
  broker_changed(c, event.broker);
  broker.isr_checks = {c.now(), c.parameters.replica_lag_time_max / 2};
  act_on_image(c, event.broker);
  ask_to_be_unfenced(c, event.broker);
  services::contacts_changed(world);
}

void on(World& world, const BrokerUnfenced& event) {
  Context c = context(world, event.service);
  BrokerState& broker = c.state.brokers.edit(event.broker);
  const bool asked = broker.phase == BrokerPhase::unfencing || broker.phase == BrokerPhase::running;
  if (broker.incarnation != event.incarnation || !asked || !broker.fenced || !can_commit(c)) {
    world.stale = true;
    return;
  }
  NINES_TAKES(broker_unfenced);
  broker.fenced = false;
  broker.shutting_down = false;
  broker.phase = BrokerPhase::running;
  broker_changed(c, event.broker);
  broker_returned(c, event.broker);
  publish(c);
  watch_failures(c);
  schedule_preferred_leader_check(c);
  // A broker that fell silent between its request and the commit is unfenced all the same; its session now counts.
  if (!broker.in_contact) restart_session(c, event.broker);
  services::contacts_changed(world);
}

}  // namespace nines::models::kafka
