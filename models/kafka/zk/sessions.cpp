// Registrations, and who becomes the controller.
#include "models/kafka/zk/sessions.hpp"

#include "models/infrastructure/volume.hpp"
#include "models/kafka/broker_start.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/controlled_shutdown.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/replication.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"

namespace nines::models::kafka::zk {

namespace {

const service::Kind& store(const Context& c) { return *c.world.plan->services[c.plan.store].kind; }

bool same_life(const Context& c, Position position, std::uint32_t incarnation) {
  return c.state.brokers[position].incarnation == incarnation && c.runs(c.broker_process(position));
}

/// A process that goes on after it was killed before its end comes to it as it left off: unclean logs stay unclean.
void give_up(Context& c, Position position) {
  const ProcessId process = c.broker_process(position);
  const bool clean = c.world.processes[process].ending == Ending::clean;
  kubernetes::process_exited(c.world, process, clean ? Ending::clean : Ending::crash);
}

/// It wants to register: its logs are loaded, or its session has expired while it served.
bool unregistered(const Context& c, Position position) {
  const BrokerPhase phase = c.state.brokers[position].phase;
  if (phase == BrokerPhase::catching_up) return true;
  const Broker& broker = c.state.zk.brokers[position];
  const bool serving = phase == BrokerPhase::unfencing || phase == BrokerPhase::running;
  return serving && !broker.registered;
}

void ask_to_register(Context& c, Position position) {
  Broker& broker = broker_of(c, position);
  if (!unregistered(c, position) || c.world.queue.pending(broker.register_timer)) return;
  const service::SessionView session = session_of(c, position);
  if (!session.writes) return;
  broker.register_timer = c.world.schedule(
      c.now() + session.write, RegistrationTried{c.service, position, c.state.brokers[position].incarnation});
}

void go_on_starting(Context& c, Position position) {
  if (c.state.brokers[position].phase != BrokerPhase::registering) return;
  if (!session_of(c, position).alive) return;
  c.world.queue.cancel(broker_of(c, position).connect_timer);
  begin_loading(c, position);
}

}  // namespace

service::SessionView session_of(const Context& c, Position broker) {
  return store(c).session(c.world, c.plan.store, c.plan.sessions[broker]);
}

bool takes_part(const Context& c, Position broker) {
  const BrokerPhase phase = c.state.brokers[broker].phase;
  const bool up = phase == BrokerPhase::unfencing || phase == BrokerPhase::running || phase == BrokerPhase::stopping;
  return up && c.runs(c.broker_process(broker)) && c.state.zk.brokers[broker].registered;
}

bool gets_on(const Context& c) {
  const State& zk = c.state.zk;
  if (zk.holder == nobody || !c.runs(c.broker_process(zk.holder))) return false;
  const service::SessionView session = session_of(c, zk.holder);
  return session.writes && session.id == zk.holder_session;
}

void initialise_control(Context& c) { c.state.zk.brokers.assign(c.plan.brokers.size(), {}); }

void draw_controller(Context& c) {
  const double u = c.world.uniform(c.plan.component, Purpose::quorum_election);
  State& zk = c.state.zk;
  zk.holder = static_cast<Position>(u * static_cast<double>(c.plan.brokers.size()));
  zk.holder_session = zk.brokers[zk.holder].session;
  c.state.active = zk.holder;
}

void tell_controller(Context& c) {
  const State& zk = c.state.zk;
  if (zk.holder == nobody) return;
  const Duration way = session_of(c, zk.holder).trip / 2;
  const Duration own = c.world.draw(c.broker_component(zk.holder), Purpose::message_handling, c.parameters.zk_reaction);
  c.world.schedule(c.now() + way + at_cpu(c, c.broker_process(zk.holder), own), RegistrationsSeen{c.service, zk.epoch},
                   sim::Priority::message);
}

void stand_for_controller(Context& c) {
  const State& zk = c.state.zk;
  if (zk.holder != nobody) return;
  for (Position position = 0; position < zk.brokers.size(); ++position) {
    Broker& broker = broker_of(c, position);
    if (c.world.queue.pending(broker.stand_timer) || !takes_part(c, position)) continue;
    const service::SessionView session = session_of(c, position);
    if (!session.writes || session.id != broker.session) continue;
    // The watch, a look at who is the controller, and the transaction.
    const Duration own =
        c.world.draw(c.broker_component(position), Purpose::message_handling, c.parameters.zk_reaction);
    const Duration takes = session.trip / 2 + at_cpu(c, c.broker_process(position), own) + session.trip + session.write;
    broker.stand_timer =
        c.world.schedule(c.now() + takes, ControllerTried{c.service, position, c.state.brokers[position].incarnation});
  }
}

void session_changed(Context& c, Position position, std::uint32_t session, service::SessionNews news) {
  // What a broker learns of its own session shows in `session_of`, and is looked at when that changes.
  if (news != service::SessionNews::ended) return;
  Broker& broker = broker_of(c, position);
  State& zk = c.state.zk;
  if (broker.registered && broker.session == session) {
    broker.registered = false;
    const CauseScope because(c.world, c.world.note(RegistrationGone{c.service, position}));
    if (zk.holder != position) tell_controller(c);
  }
  if (zk.holder == position && zk.holder_session == session) {
    const CauseScope because(c.world, c.world.note(ControllerGone{c.service, position}, zk.epoch));
    end_term(c);
    stand_for_controller(c);
  }
}

void control_changed(Context& c) {
  for (Position position = 0; position < c.state.zk.brokers.size(); ++position) {
    if (!c.runs(c.broker_process(position))) continue;
    go_on_starting(c, position);
    ask_to_register(c, position);
  }
  stand_for_controller(c);
  if (c.state.zk.unseen && gets_on(c)) {
    c.state.zk.unseen = false;
    tell_controller(c);
  }
  advance(c);
  resend(c);
}

void start_broker(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.phase = BrokerPhase::registering;
  broker_changed(c, position);
  broker.registering_since = c.now();
  broker_of(c, position).connect_timer = c.world.schedule(c.now() + c.parameters.zk_connection_timeout,
                                                          ConnectionTimedOut{c.service, position, broker.incarnation});
  store(c).open_session(c.world, c.plan.store, c.plan.sessions[position]);
}

void logs_loaded(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  broker.phase = BrokerPhase::catching_up;
  broker_changed(c, position);
  broker.isr_checks = {c.now(), c.parameters.replica_lag_time_max / 2};
  ask_to_register(c, position);
}

void broker_died(Context& c, Position position) {
  const Broker& broker = broker_of(c, position);
  for (const sim::TimerId timer : {broker.register_timer, broker.stand_timer, broker.connect_timer})
    c.world.queue.cancel(timer);
}

void logs_closed(Context& c, Position position) {
  store(c).close_session(c.world, c.plan.store, c.plan.sessions[position]);
  kubernetes::process_exited(c.world, c.broker_process(position), Ending::clean);
}

bool control_healthy(const Context& c) {
  const State& zk = c.state.zk;
  if (c.state.active == nobody || zk.holder != c.state.active || !zk.jobs.empty()) return false;
  for (Position position = 0; position < zk.brokers.size(); ++position) {
    const Broker& broker = zk.brokers[position];
    const BrokerState& state = c.state.brokers[position];
    const bool known = broker.registered && broker.session == broker.seen_session && !state.fenced;
    if (!known || state.phase != BrokerPhase::running || state.shutting_down || broker.unsent) return false;
    if (!c.runs(c.broker_process(position)) || c.world.queue.pending(broker.register_timer)) return false;
    if (c.state.metadata[position].applied_version != c.state.version) return false;
  }
  return true;
}

}  // namespace nines::models::kafka::zk

namespace nines::models::kafka {

void on(World& world, const ConnectionTimedOut& event) {
  Context c = context(world, event.service);
  const BrokerState& broker = c.state.brokers[event.broker];
  world.stale = broker.incarnation != event.incarnation || broker.phase != BrokerPhase::registering;
  if (world.stale) return;
  const ProcessId process = c.broker_process(event.broker);
  if (!c.runs(process)) {
    // One that stands still finds its time over when it goes on.
    zk::broker_of(c, event.broker).connect_timer = world.schedule(c.now() + c.parameters.zk_connection_timeout, event);
    return;
  }
  zk::give_up(c, event.broker);
}

void on(World& world, const RegistrationTried& event) {
  Context c = context(world, event.service);
  const Position position = event.broker;
  zk::Broker& broker = zk::broker_of(c, position);
  const service::SessionView session = zk::session_of(c, position);
  // What it could not write it tries again when it can.
  world.stale = !zk::same_life(c, position, event.incarnation) || !zk::unregistered(c, position) || !session.writes;
  if (world.stale) return;
  if (broker.registered && broker.session != session.id) {
    const CauseScope because(world, world.note(RegistrationRefused{c.service, position}));
    close_broker(c, position);
    return;
  }
  broker.registered = true;
  broker.session = session.id;
  const CauseScope because(world, world.note(RegistrationMade{c.service, position}));
  BrokerState& state = c.state.brokers.edit(position);
  if (state.phase == BrokerPhase::catching_up) {
    state.phase = BrokerPhase::unfencing;
    broker_changed(c, position);
  }
  zk::tell_controller(c);
  services::contacts_changed(world);
}

void on(World& world, const RegistrationsSeen& event) {
  Context c = context(world, event.service);
  if (event.epoch != c.state.zk.epoch || c.state.active == nobody) {
    // One that still reads finds them as they are when it has.
    world.stale = true;
    return;
  }
  if (!zk::gets_on(c)) {
    c.state.zk.unseen = true;
    return;
  }
  zk::look_at_registrations(c);
}

void on(World& world, const ControllerTried& event) {
  Context c = context(world, event.service);
  const service::SessionView session = zk::session_of(c, event.broker);
  const bool may = zk::same_life(c, event.broker, event.incarnation) && zk::takes_part(c, event.broker) &&
                   session.writes && session.id == zk::broker_of(c, event.broker).session;
  world.stale = c.state.zk.holder != nobody || !may;
  if (!world.stale) zk::begin_term(c, event.broker);
}

}  // namespace nines::models::kafka
