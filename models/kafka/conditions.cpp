#include "models/kafka/conditions.hpp"

#include <algorithm>
#include <vector>

#include "models/kafka/broker_start.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/service.hpp"

namespace nines::models::kafka {

namespace {

using infrastructure::PathCondition;

bool anything_degraded(const Context& c) { return !c.world.infrastructure.degradations.empty(); }

bool hangs(const Context& c, Position broker) {
  return c.runs(c.broker_process(broker)) && stalled(c, c.broker_process(broker));
}

SeenConditions conditions_of(const Context& c, Position broker) {
  const ProcessId process = c.broker_process(broker);
  const NodeId node = c.world.processes[process].node;
  const VolumeId volume = c.world.plan->processes[process].volume;
  SeenConditions seen;
  if (volume.exists()) seen.disk = infrastructure::disk_condition(c.world, volume).share;
  seen.network = infrastructure::network_share(c.world, node);
  seen.cpu = infrastructure::cpu_share(c.world, node);
  seen.paths = infrastructure::on_bad_path(c.world, process);
  return seen;
}

bool impairs(const SeenConditions& seen) { return seen != SeenConditions{} && seen.disk > 0; }

/// Its fetchers hung in an append, and go on with the next fetch at once.
void fetchers_go_on(Context& c, Position broker) {
  for (const auto& [id, slot] : c.hosted(broker)) end_wait(c, id, slot);
}

void look_at_groups_of(Context& c, Position broker) {
  for (const auto& [group, slot] : c.hosted(broker)) group_changed(c, group);
  c.state.brokers.edit(broker);  // counts as touched from now on
  c.state.live_changed = true;
  loads_changed(c, broker);
}

/// The least deadline of those whose requests wait for the replicas.
Duration patience(const Context& c) {
  Duration least = Duration::infinite();
  for (const SliPlan& sli : c.plan.slis) {
    if (sli.kind != SliKind::read) least = std::min(least, c.world.plan->slis[sli.index].deadline);
  }
  return least;
}

/// From now until what is then produced waits longer than `patience` to be taken, if `behind` seconds of production
/// wait now and the share `r` of what comes is taken: records that wait for w seconds of production wait w / r.
Duration until_late(Duration patience, double behind, double r) {
  if (patience == Duration::infinite() || r >= served) return Duration::infinite();
  return Duration::from_seconds(std::max(0.0, (r * patience.to_seconds() - behind) / (1 - r)));
}

Duration sum(Duration a, Duration b) {
  return a == Duration::infinite() || b == Duration::infinite() ? Duration::infinite() : a + b;
}

/// Bytes per second that one program of the client sends to the broker.
double sent_to(const Context& c, const ClientPlan& client, Position broker) {
  double bytes = 0;
  for (const auto& [id, slot] : c.hosted(broker)) {
    if (c.state.groups[id].owner != slot) continue;
    const TopicPlan& topic = c.topic_of(id);
    const double records = client.role == ClientRole::producer ? topic.records_all_per_s : topic.records_one_per_s;
    bytes += records * topic.record_bytes * c.plan.groups[id].partitions;
  }
  return bytes / std::max<std::uint32_t>(1, c.plan.programs[static_cast<std::size_t>(client.role)]);
}

/// How long what the SLI's client asks for takes: without what conditions add, and that.
struct AnswerTime {
  Duration base;
  Duration longer;
};

AnswerTime answer_time(const Context& c, const SliPlan& sli, GroupId group) {
  const infrastructure::Parameters& infra = c.world.plan->infra();
  const Position leader = c.broker_of(group, c.state.groups[group].owner);
  const ClientPlan& client = c.plan.clients[sli.client];
  AnswerTime time;
  time.base = infrastructure::round_trip(c.world, client.place, c.broker_process(leader));
  const PathCondition path = infrastructure::path_condition(c.world, client.place, c.broker_process(leader));
  time.longer = infrastructure::round_trip_longer(infra, path, time.base);
  if (sli.kind == SliKind::write_acks1 || sli.kind == SliKind::read) return time;
  // The high watermark moves with the next fetch of the slowest in the ISR: one round trip more.
  const GroupState& state = c.state.groups[group];
  Duration slowest;
  for (Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (slot == state.owner || !has(state.leader_isr, slot)) continue;
    const ProcessId follower = c.broker_process(c.broker_of(group, slot));
    const PathCondition way = infrastructure::path_condition(c.world, follower, c.broker_process(leader));
    const Duration rtt = infrastructure::round_trip(c.world, follower, c.broker_process(leader));
    slowest = std::max(slowest, infrastructure::round_trip_longer(infra, way, rtt));
  }
  time.base += c.parameters.replication_latency;
  time.longer = sum(time.longer, slowest);
  return time;
}

/// TCP lets what the client sends to the leader through.
bool connection_suffices(const Context& c, const SliPlan& sli, Position leader) {
  const ClientPlan& client = c.plan.clients[sli.client];
  if (client.role == ClientRole::consumer) return true;
  const PathCondition path = infrastructure::path_condition(c.world, client.place, c.broker_process(leader));
  if (path.loss <= 0) return true;
  const Bandwidth most = infrastructure::connection_carries(
      c.world.plan->infra(), path, infrastructure::round_trip(c.world, client.place, c.broker_process(leader)));
  return sent_to(c, client, leader) <= most.bytes_per_s;
}

SlowLeader* slow_leader(Context& c, Position broker) {
  for (SlowLeader& slow : c.state.slow_leaders) {
    if (slow.broker == broker) return &slow;
  }
  return nullptr;
}

/// The leader takes the share `r` of what is produced to it from now on.
void note_share_taken(Context& c, Position broker, double r) {
  SlowLeader* slow = slow_leader(c, broker);
  if (slow == nullptr && r >= served) return;
  if (slow != nullptr && slow->share == r) return;
  for (const auto& [id, slot] : c.hosted(broker)) {
    if (c.state.groups[id].owner == slot) group_changed(c, id);
  }
  if (r >= served) {
    c.world.queue.cancel(slow->timer);
    std::erase_if(c.state.slow_leaders, [&](const SlowLeader& it) { return it.broker == broker; });
    return;
  }
  if (slow == nullptr) {
    c.state.slow_leaders.push_back({});
    slow = &c.state.slow_leaders.back();
    slow->broker = broker;
  }
  slow->share = r;
  if (slow->late) return;
  c.world.queue.cancel(slow->timer);
  const Duration wait = until_late(patience(c), 0, r);
  if (wait < Duration::infinite()) slow->timer = c.world.schedule(c.now() + wait, LeaderLate{c.service, broker});
}

Lag* lag_of(Context& c, GroupId group, Slot slot) {
  for (Lag& lag : c.state.lags) {
    if (lag.group == group && lag.slot == slot) return &lag;
  }
  return nullptr;
}

/// Bytes per second of live records that `to` fetches from `from`, for replicas in step or behind.
double followed(const Context& c, Position to, Position from) {
  double bytes = 0;
  for (const auto& [id, slot] : c.hosted(to)) {
    const GroupState& group = c.state.groups[id];
    if (c.broker_of(id, group.owner) != from || slot == group.owner || !follows(group.replicas[slot])) continue;
    bytes += c.topic_of(id).bytes_per_s() * c.plan.groups[id].partitions;
  }
  return bytes;
}

/// Replicas in step that `to` fetches from `from` fall behind if they cannot keep up. Returns whether any did.
bool pair_falls_behind(Context& c, Position to, Position from) {
  const double live = followed(c, to, from);
  if (live <= 0) return false;
  const double r = share_between(c, to, from, live);
  if (r >= served) return false;
  bool any = false;
  for (const auto& [id, slot] : c.hosted(to)) {
    const GroupState& group = c.state.groups[id];
    if (c.broker_of(id, group.owner) != from || slot == group.owner) continue;
    if (group.replicas[slot].mode != ReplicaState::Mode::in_step || c.topic_of(id).bytes_per_s() <= 0) continue;
    begin_lag(c, id, slot);
    c.state.lags.push_back({id, slot, false, {}});
    expect_late_acks(c, id, slot, r);
    any = true;
  }
  return any;
}

}  // namespace

Contact data_contact(const Context& c, Position from, Position to) {
  if (hangs(c, from) || hangs(c, to)) return Contact::silence;
  return contact(c.world, c.broker_process(from), c.broker_process(to));
}

Contact client_data_contact(const Context& c, infrastructure::Endpoint from, Position to) {
  return hangs(c, to) ? Contact::silence : contact(c.world, from, c.broker_process(to));
}

void see_conditions(Context& c) {
  State& state = c.state;
  if (!anything_degraded(c) && state.conditions.empty()) return;
  if (state.conditions.empty()) state.conditions.assign(state.brokers.size(), {});
  state.impaired.clear();
  bool any = false;
  for (Position broker = 0; broker < state.brokers.size(); ++broker) {
    const SeenConditions now = conditions_of(c, broker);
    SeenConditions& seen = state.conditions[broker];
    if (now != seen) {
      if (seen.disk <= 0 && now.disk > 0) fetchers_go_on(c, broker);
      loading_conditions_changed(c, broker);
      look_at_groups_of(c, broker);
    }
    seen = now;
    any = any || now != SeenConditions{};
    if (impairs(now)) state.impaired.push_back(broker);
  }
  if (!any) {
    state.conditions.clear();
    for (const SlowLeader& slow : std::vector<SlowLeader>(state.slow_leaders)) note_share_taken(c, slow.broker, 1);
  }
}

void see_paths(Context& c) {
  const infrastructure::State& infra = c.world.infrastructure;
  if (c.state.seen_paths == infra.paths_degraded && infra.degradations.empty()) return;
  const bool changed = c.state.seen_paths != infra.paths_degraded;
  const bool degraded = std::any_of(infra.degradations.begin(), infra.degradations.end(), infrastructure::of_paths);
  c.state.seen_paths = infra.paths_degraded;
  if (changed || degraded) c.state.clients_unseen.fill(c.plan.groups.size());
}

Bandwidth fetchers_carry(const Context& c, Position to, Position from) {
  const double threads = static_cast<double>(c.parameters.replica_fetchers);
  double one = c.parameters.fetcher_rate.bytes_per_s;
  if (anything_degraded(c)) {
    const ProcessId follower = c.broker_process(to);
    const ProcessId leader = c.broker_process(from);
    one *= infrastructure::cpu_share(c.world, c.world.processes[follower].node);
    const PathCondition path = infrastructure::path_condition(c.world, leader, follower);
    const Bandwidth most = infrastructure::connection_carries(c.world.plan->infra(), path,
                                                              infrastructure::round_trip(c.world, follower, leader));
    one = std::min(one, most.bytes_per_s);
  }
  return {threads * one};
}

double share_between(const Context& c, Position to, Position from, double live_per_s) {
  double share = 1;
  for (const LiveLoad& load : c.state.live) {
    if (load.broker == to) share = std::min(share, load.in_share);
    if (load.broker == from) share = std::min(share, load.out_share);
  }
  if (live_per_s > 0) share = std::min(share, fetchers_carry(c, to, from).bytes_per_s / live_per_s);
  return share >= served ? 1 : share;
}

double share_taken(const Context& c, Position leader) {
  for (const LiveLoad& load : c.state.live) {
    if (load.broker == leader) return load.in_share >= served ? 1 : load.in_share;
  }
  return 1;
}

bool fall_behind(Context& c) {
  if (c.state.impaired.empty() && c.state.slow_leaders.empty()) return false;
  bool any = false;
  for (const Position broker : c.state.impaired) {
    for (Position other = 0; other < c.state.brokers.size(); ++other) {
      if (other == broker) continue;
      any = pair_falls_behind(c, broker, other) || any;
      any = pair_falls_behind(c, other, broker) || any;
    }
    note_share_taken(c, broker, share_taken(c, broker));
  }
  // Those that are in order again.
  for (const SlowLeader& slow : std::vector<SlowLeader>(c.state.slow_leaders)) {
    const auto& impaired = c.state.impaired;
    if (std::find(impaired.begin(), impaired.end(), slow.broker) == impaired.end()) note_share_taken(c, slow.broker, 1);
  }
  return any;
}

void forget_lag(Context& c, GroupId group, Slot slot) {
  Lag* lag = lag_of(c, group, slot);
  if (lag == nullptr) return;
  c.world.queue.cancel(lag->timer);
  c.state.lags.erase(c.state.lags.begin() + (lag - c.state.lags.data()));
}

void expect_late_acks(Context& c, GroupId id, Slot slot, double r) {
  Lag* lag = lag_of(c, id, slot);
  if (lag == nullptr) return;
  c.world.queue.cancel(lag->timer);
  if (lag->late) return;
  const TopicPlan& topic = c.topic_of(id);
  const ReplicaState& replica = c.state.groups[id].replicas[slot];
  const double offered = topic.records_all_per_s + topic.records_one_per_s;
  const double behind = (replica.missing.all + replica.missing.one) / offered;
  const Duration wait = until_late(patience(c), behind, r);
  if (wait < Duration::infinite()) lag->timer = c.world.schedule(c.now() + wait, AcksLate{c.service, slot, id});
}

bool in_time(const Context& c, const SliPlan& sli, GroupId group) {
  if (sli.kind == SliKind::write || sli.kind == SliKind::visible) {
    for (const Lag& lag : c.state.lags) {
      if (lag.late && lag.group == group && has(c.state.groups[group].leader_isr, lag.slot)) return false;
    }
  }
  if (!anything_degraded(c)) return true;
  const Position leader = c.broker_of(group, c.state.groups[group].owner);
  if (sli.kind == SliKind::write || sli.kind == SliKind::write_acks1) {
    for (const SlowLeader& slow : c.state.slow_leaders) {
      if (slow.broker == leader && slow.late) return false;
    }
    if (!connection_suffices(c, sli, leader)) return false;
  }
  const AnswerTime time = answer_time(c, sli, group);
  return time.longer == Duration() || sum(time.base, time.longer) <= c.world.plan->slis[sli.index].deadline;
}

bool clock_jumped(Context& c, NodeId node, Duration by) {
  bool any = false;
  for (Position voter = 0; voter < c.state.voters.size(); ++voter) {
    const ProcessId process = c.voter_process(voter);
    if (c.world.processes[process].node != node || !c.runs(process)) continue;
    voter_clock_jumped(c, voter, by);
    any = true;
  }
  if (any) contacts_changed(c.world, c.service);
  return any;
}

void on(World& world, const AcksLate& event) {
  Context c = context(world, event.service);
  Lag* lag = lag_of(c, event.group, event.slot);
  world.stale = lag == nullptr || !has(c.state.groups[event.group].leader_isr, event.slot);
  if (world.stale) return;
  lag->late = true;
  group_changed(c, event.group);
  clients_changed(c);
}

void on(World& world, const LeaderLate& event) {
  Context c = context(world, event.service);
  SlowLeader* slow = slow_leader(c, event.broker);
  world.stale = slow == nullptr;
  if (world.stale) return;
  slow->late = true;
  for (const auto& [id, slot] : c.hosted(event.broker)) {
    if (c.state.groups[id].owner == slot) group_changed(c, id);
  }
  clients_changed(c);
}

}  // namespace nines::models::kafka
