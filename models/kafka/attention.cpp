#include "models/kafka/attention.hpp"

#include "models/coverage.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/replication.hpp"

namespace nines::models::kafka {

namespace {

/// Inserts the groups with a replica on the broker for which `concerns(state of the group, slot of the replica)`.
template <class Concerns>
void insert_hosted(const Context& c, GroupSet& unseen, Position broker, Concerns&& concerns) {
  for (const auto& [group, slot] : c.plan.hosted[broker]) {
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

}  // namespace

void see_all_anew(Context& c) {
  c.state.followers_unseen.fill(c.plan.groups.size());
  c.state.clients_unseen.fill(c.plan.groups.size());
  c.state.clients_troubled.fill(c.plan.groups.size());
  c.state.clients_lost.fill(c.plan.groups.size());
  const std::size_t brokers = c.state.brokers.size();
  c.state.client_contacts.assign(c.plan.clients.size() * brokers, Contact::ok);
  c.state.fetch_contacts.assign(brokers * brokers, Contact::ok);
  see_contacts(c);
  see_brokers(c);
}

void group_changed(Context& c, GroupId group) {
  c.state.followers_unseen.insert(group);
  c.state.clients_unseen.insert(group);
}

void see_brokers(Context& c) {
  for (Position broker = 0; broker < c.state.brokers.size(); ++broker) {
    BrokerState& state = c.state.brokers[broker];
    const bool new_service = note(state.seen_serving, serves(c, broker));
    const bool new_standing = note(state.seen_active, active(c.state, broker));
    if (new_service) c.state.live_changed = true;
    if (new_service) insert_hosted(c, c.state.followers_unseen, broker, takes_part);
    if (new_service) insert_hosted(c, c.state.clients_unseen, broker, is_asked);
    if (new_standing) insert_hosted(c, c.state.followers_unseen, broker, may_want_to_join);
  }
}

void see_contacts(Context& c) {
  const std::size_t brokers = c.state.brokers.size();
  for (Position to = 0; to < brokers; ++to) {
    bool new_to_clients = false;
    bool new_to_followers = false;
    for (const ClientId client : c.plan.clients.ids()) {
      const Contact met = contact(c.world, c.plan.clients[client].place, c.broker_process(to));
      new_to_clients = note(c.state.client_contacts[client.value * brokers + to], met) || new_to_clients;
    }
    for (Position from = 0; from < brokers; ++from) {
      if (from == to) continue;
      const Contact met = contact(c.world, c.broker_process(from), c.broker_process(to));
      new_to_followers = note(c.state.fetch_contacts[from * brokers + to], met) || new_to_followers;
    }
    if (new_to_clients) insert_hosted(c, c.state.clients_unseen, to, is_asked);
    if (new_to_followers) insert_hosted(c, c.state.followers_unseen, to, is_asked);
  }
}

bool sees_truly(const Context& c) {
  const std::size_t brokers = c.state.brokers.size();
  for (Position to = 0; to < brokers; ++to) {
    const BrokerState& state = c.state.brokers[to];
    if (state.seen_serving != serves(c, to) || state.seen_active != active(c.state, to)) return false;
    for (const ClientId client : c.plan.clients.ids()) {
      const Contact met = contact(c.world, c.plan.clients[client].place, c.broker_process(to));
      if (client_contact(c, client, to) != met) return false;
    }
    for (Position from = 0; from < brokers; ++from) {
      const Contact met = contact(c.world, c.broker_process(from), c.broker_process(to));
      if (from != to && fetch_contact(c, from, to) != met) return false;
    }
  }
  return true;
}

}  // namespace nines::models::kafka
