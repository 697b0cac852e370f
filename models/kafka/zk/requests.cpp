// LeaderAndIsr and UpdateMetadata: from the controller to each broker, by a thread and a connection of its own.
#include <algorithm>

#include "models/infrastructure/retransmission.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/zk/sessions.hpp"

namespace nines::models::kafka::zk {

namespace {

/// What a request of the controller meets at a broker: one that has not opened its port, or has closed it, resets it.
Contact meets(const Context& c, Position position) {
  const ProcessId broker = c.broker_process(position);
  const Contact found = position == c.state.active ? Contact::ok : contact(c.world, c.active_process(), broker);
  if (found != Contact::ok) return found;
  if (stalled(c, broker)) return Contact::silence;  // it hangs in what it has to do to its logs
  return serves(c, position) ? Contact::ok : Contact::reset;
}

/// The broker has a newer registration than the controller has taken note of: it refuses what is meant for the older
/// one (KafkaApis, STALE_BROKER_EPOCH), and is sent everything when it is noted.
bool outlived(const Broker& broker) { return broker.registered && broker.session != broker.seen_session; }

void is_unsent(Context& c, Position position, Contact met) {
  Broker& broker = broker_of(c, position);
  if (broker.unsent && broker.silent == (met == Contact::silence)) return;
  broker.unsent = true;
  broker.silent = met == Contact::silence;
  broker.unsent_since = c.now();
}

/// It will be answered if it arrives, from `sent` on.
void arrive(Context& c, Position position, sim::Time sent) {
  MetadataProgress& metadata = c.state.metadata.edit(position);
  const Duration way =
      position == c.state.active ? Duration() : c.rtt(c.active_process(), c.broker_process(position)) / 2;
  metadata.expected_version = c.state.version;
  metadata.expected_apply = std::max(metadata.expected_apply, sent + way + apply_time(c, position));
  c.world.schedule(metadata.expected_apply,
                   ControlRequestArrived{c.service, position, c.state.brokers[position].incarnation, c.state.version,
                                         c.state.zk.epoch},
                   sim::Priority::message);
}

void send(Context& c, Position position) {
  if (outlived(broker_of(c, position))) return;
  const Contact met = meets(c, position);
  // What waits goes first, and this with it.
  if (met != Contact::ok || broker_of(c, position).unsent) return is_unsent(c, position, met);
  arrive(c, position, c.now());
}

/// When a request that has not got through is sent again over a path that is back, or to a broker that listens again: a
/// refused one after the back-off; one that met silence when TCP tries it again, or else, when it has been given up, on
/// a new connection.
sim::Time next_try(const Context& c, Position position) {
  const BrokerParameters& p = c.parameters;
  const Broker& broker = broker_of(c, position);
  if (!broker.silent) {
    const sim::Grid tries{broker.unsent_since + p.zk_request_backoff, p.zk_request_backoff};
    return tries.at_or_after(std::max(c.now(), tries.origin));
  }
  const sim::Time given_up = broker.unsent_since + p.zk_request_timeout;
  const Duration timeout = c.rtt(c.active_process(), c.broker_process(position)) + c.world.plan->infra().tcp_rto_min;
  const sim::Time again = infrastructure::sent_again(broker.unsent_since, timeout, c.now());
  if (again < given_up) return again;
  // The kernel repeats an unanswered SYN after a second, then after two more and so on (RFC 6298, section 2.1).
  constexpr Duration first_syn = Duration::seconds(1);
  const sim::Grid attempts{given_up + p.zk_request_backoff, p.controller_socket_timeout + p.zk_request_backoff};
  if (c.now() <= attempts.origin) return attempts.origin;
  return infrastructure::sent_again(attempts.at_or_before(c.now()), first_syn, c.now());
}

}  // namespace

void send_decisions(Context& c) {
  if (!c.state.decided) return;
  begin_version(c);
  for (Position position = 0; position < c.state.zk.brokers.size(); ++position) {
    if (!c.state.brokers[position].fenced) send(c, position);
  }
  schedule_preferred_leader_check(c);
}

void resend(Context& c) {
  if (c.state.active == nobody || !serves(c, c.state.active)) return;
  for (Position position = 0; position < c.state.zk.brokers.size(); ++position) {
    Broker& broker = broker_of(c, position);
    if (!broker.unsent || c.state.brokers[position].fenced || outlived(broker)) continue;
    const Contact met = meets(c, position);
    if (met != Contact::ok) {
      is_unsent(c, position, met);
      continue;
    }
    const sim::Time at = next_try(c, position);
    broker.unsent = false;
    arrive(c, position, at);
  }
}

}  // namespace nines::models::kafka::zk

namespace nines::models::kafka {

void on(World& world, const ControlRequestArrived& event) {
  Context c = context(world, event.service);
  const Position position = event.broker;
  BrokerState& broker = c.state.brokers.edit(position);
  zk::Broker& its = zk::broker_of(c, position);
  world.stale = true;
  if (broker.incarnation != event.incarnation || event.epoch < its.heard_epoch) return;
  const bool of_present = event.epoch == c.state.zk.epoch && c.state.active != nobody;
  if (of_present && zk::outlived(its)) return;
  if (of_present && zk::meets(c, position) != Contact::ok) {
    if (!broker.fenced) zk::is_unsent(c, position, zk::meets(c, position));
    return;
  }
  if (!serves(c, position) || stalled(c, c.broker_process(position))) return;
  its.heard_epoch = event.epoch;
  if (c.state.metadata[position].applied_version >= event.version) return;
  world.stale = false;
  const bool changed = apply_metadata(c, position, event.version);
  if (broker.phase == BrokerPhase::unfencing) {
    broker.phase = BrokerPhase::running;
    broker_changed(c, position);
  }
  if (!changed) return;
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
