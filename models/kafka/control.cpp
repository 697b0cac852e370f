#include "models/kafka/control.hpp"

#include "models/kafka/broker_start.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/kafka/session.hpp"
#include "models/kafka/zk/control.hpp"

namespace nines::models::kafka {

bool decides(const Context& c) { return c.plan.has_store() ? zk::can_decide(c) : can_commit(c); }

bool reaches_decider(const Context& c, Position broker) {
  return c.plan.has_store() ? zk::reaches_active(c, broker) : reaches_controller(c, broker);
}

Duration isr_change_delay(Context& c, GroupId id) {
  if (c.plan.has_store()) return zk::isr_change_delay(c, id);
  const Position leader = c.broker_of(id, c.state.groups[id].owner);
  return c.rtt(c.broker_process(leader), c.voter_process(c.state.active)) + commit_delay(c);
}

void tell_brokers(Context& c) {
  if (c.plan.has_store()) return zk::send_decisions(c);
  go_on_with_moves(c);
  publish(c);
}

void control_changed(Context& c) {
  if (c.plan.has_store()) return zk::control_changed(c);
  quorum_changed(c);
  sessions_changed(c);
  metadata_contacts_changed(c);
}

namespace {

bool brokers_healthy(const Context& c) {
  const auto touched = c.state.brokers.touched();  // in a resting world all are
  // This is asked after each event: the one that was not healthy then is looked at first.
  std::size_t at = c.state.unhealthy < touched.size() ? c.state.unhealthy : 0;
  for (std::size_t looked_at = 0; looked_at < touched.size(); ++looked_at) {
    if (!broker_healthy(c, static_cast<Position>(touched[at]))) {
      c.state.unhealthy = at;
      return false;
    }
    at = at + 1 == touched.size() ? 0 : at + 1;
  }
  return true;
}

}  // namespace

bool control_healthy(const Context& c) {
  if (c.plan.has_store()) return zk::control_healthy(c);
  return brokers_healthy(c) && quorum_healthy(c);
}

ProcessId decider(const Context& c) { return c.state.active == nobody ? ProcessId::none() : c.active_process(); }

}  // namespace nines::models::kafka
