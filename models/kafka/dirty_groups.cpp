#include "models/kafka/dirty_groups.hpp"

#include <algorithm>

#include "models/coverage.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/replication.hpp"

namespace nines::models::kafka {

namespace {

/// Inserts the groups with a replica on the broker for which `concerns(state of the group, slot of the replica)`.
template <class Concerns>
void insert_hosted(const Context& c, GroupSet& unseen, Position broker, Concerns&& concerns) {
  for (const auto& [group, slot] : c.hosted(broker)) {
    if (concerns(c.state.groups[group], slot)) unseen.insert(group);
  }
}

/// Requests go to replicas that take themselves for the leader, and to no others.
bool is_asked(const GroupState& group, Slot slot) { return group.replicas[slot].known_leader == slot; }
/// Without a leader that it knows of a replica neither leads nor follows.
bool takes_part(const GroupState& group, Slot slot) { return group.replicas[slot].known_leader != no_slot; }
bool may_want_to_join(const GroupState& group, Slot slot) { return !has(group.leader_isr, slot); }

/// Stores `now` as what was seen; returns whether it is new.
template <class T>
bool note(T& seen, T now) {
  const bool is_new = seen != now;
  seen = now;
  return is_new;
}

SeenProcess process_of(const Context& c, Position broker) {
  const ProcessId process = c.broker_process(broker);
  const ProcessState& state = c.world.processes[process];
  const bool up = host_up(c.world, process);
  const bool runs = state.status == ProcessState::Status::running;
  const Contact answer =
      runs ? Contact::ok : (state.status == ProcessState::Status::stopped ? Contact::silence : Contact::reset);
  const bool hangs = runs && stalled(c, process);
  return {state.node,       up && runs,          up && !hangs ? answer : Contact::silence,
          state.handshakes, state.serves_errors, state.denied};
}

/// Neither the process nor its machine nor its volume is other than in health, and none was.
bool untouched(const Context& c, Position broker) {
  const ProcessId process = c.broker_process(broker);
  if (c.state.seen.is_touched(broker) || stalled(c, process)) return false;
  return !c.world.processes.is_touched(process) &&
         !c.world.infrastructure.nodes.is_touched(c.world.processes[process].node);
}

void see_broker(Context& c, Position broker) {
  const BrokerState& state = c.state.brokers[broker];
  const bool new_service = state.seen_serving != serves(c, broker);
  const bool new_standing = state.seen_active != active(c.state, broker);
  if (new_service) {
    c.state.brokers.edit(broker).seen_serving = !state.seen_serving;
    c.state.live_changed = true;
    loads_changed(c, broker);
    insert_hosted(c, c.state.followers_unseen, broker, takes_part);
    insert_hosted(c, c.state.clients_unseen, broker, is_asked);
  }
  if (new_standing) {
    c.state.brokers.edit(broker).seen_active = !state.seen_active;
    insert_hosted(c, c.state.followers_unseen, broker, may_want_to_join);
  }
}

void see_clients_of(Context& c, Position broker) {
  bool is_new = false;
  for (const ClientId client : c.plan.clients.ids()) {
    const Contact met = client_data_contact(c, c.plan.clients[client].place, broker);
    if (client_contact(c, client, broker) == met) continue;
    c.state.client_contacts.edit(broker * c.plan.clients.size() + client.value) = met;
    is_new = true;
  }
  if (is_new) insert_hosted(c, c.state.clients_unseen, broker, is_asked);
}

}  // namespace

void see_all_anew(Context& c) {
  c.state.followers_unseen.fill(c.plan.groups.size());
  c.state.clients_unseen.fill(c.plan.groups.size());
  c.state.clients_held.clear(c.plan.groups.size());
  c.state.clients_troubled.fill(c.plan.groups.size());
  c.state.clients_lost.fill(c.plan.groups.size());
  const std::size_t brokers = c.state.brokers.size();
  c.state.client_contacts.assign(c.plan.clients.size() * brokers, Contact::ok);
  c.state.seen.assign(brokers, {});
  for (Position broker = 0; broker < brokers; ++broker) {
    c.state.seen.edit(broker) = process_of(c, broker);
    see_clients_of(c, broker);
    see_broker(c, broker);
  }
  c.state.seen_network = c.world.infrastructure.reachability.changes;
}

void group_changed(Context& c, GroupId group) {
  c.state.followers_unseen.insert(group);
  c.state.clients_unseen.insert(group);
}

void broker_changed(Context& c, Position broker) {
  auto& unseen = c.state.brokers_unseen;
  if (std::find(unseen.begin(), unseen.end(), broker) == unseen.end()) unseen.push_back(broker);
}

void see_brokers(Context& c) {
  for (const Position broker : c.state.brokers_unseen) see_broker(c, broker);
  c.state.brokers_unseen.clear();
}

void see_contacts(Context& c) {
  const bool new_network = note(c.state.seen_network, c.world.infrastructure.reachability.changes);
  if (new_network) c.state.followers_unseen.fill(c.plan.groups.size());
  for (Position broker = 0; broker < c.state.brokers.size(); ++broker) {
    if (!new_network && untouched(c, broker)) continue;
    const SeenProcess process = process_of(c, broker);
    const bool new_process = c.state.seen[broker] != process;
    if (new_process || new_network) see_clients_of(c, broker);
    if (!new_process) continue;
    c.state.seen.edit(broker) = process;
    c.state.brokers.edit(broker);  // counts as touched from now on
    broker_changed(c, broker);
    // What it fetches, and what is fetched from it.
    insert_hosted(c, c.state.followers_unseen, broker, takes_part);
  }
}

bool sees_truly(const Context& c) {
  const std::size_t brokers = c.state.brokers.size();
  for (Position to = 0; to < brokers; ++to) {
    const BrokerState& state = c.state.brokers[to];
    if (state.seen_serving != serves(c, to) || state.seen_active != active(c.state, to)) return false;
    for (const ClientId client : c.plan.clients.ids()) {
      const Contact met = client_data_contact(c, c.plan.clients[client].place, to);
      if (client_contact(c, client, to) != met) return false;
    }
    for (Position from = 0; from < brokers; ++from) {
      const Contact met = data_contact(c, from, to);
      if (from != to && fetch_contact(c, from, to) != met) return false;
    }
  }
  return true;
}

}  // namespace nines::models::kafka
