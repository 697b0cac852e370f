#include "models/kafka/replication.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "models/coverage.hpp"
#include "models/infrastructure/write_back.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/kafka/session.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

void stop_following(Context& c, GroupId id, Slot slot);

// Fewer records than this are rounding noise of the fluid log, not records.
constexpr double noise = 1e-6;

const TopicPlan& topic_of(const Context& c, GroupId group) { return c.topic_of(group); }

double offered(const TopicPlan& topic) { return topic.records_all_per_s + topic.records_one_per_s; }

LogPosition operator-(const LogPosition& a, const LogPosition& b) { return {a.all - b.all, a.one - b.one}; }
LogPosition later(const LogPosition& a, const LogPosition& b) {
  return {std::max(a.all, b.all), std::max(a.one, b.one)};
}
LogPosition earlier(const LogPosition& a, const LogPosition& b) {
  return {std::min(a.all, b.all), std::min(a.one, b.one)};
}

/// What retention keeps of a log, by what the topology says is stored: records of both kinds as they are produced.
LogPosition retained(const TopicPlan& topic) {
  if (topic.record_bytes <= 0) return {};
  const double records = topic.stored_bytes / topic.record_bytes;
  const double one_share = offered(topic) > 0 ? topic.records_one_per_s / offered(topic) : 0;
  return {records * (1 - one_share), records * one_share};
}

/// Where the log of the lineage begins.
LogPosition log_start(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  const GroupLog& log = c.state.logs[id];
  assert(log.since == c.now());
  return later(group.oldest, log.acknowledged - retained(topic_of(c, id)));
}

/// Log of a follower in step: all acknowledged with acks=all, and acks=1 but for the replication latency.
LogPosition in_step_position(const Context& c, GroupId id) {
  const GroupLog& log = c.state.logs[id];
  const double unreplicated = log.rate_one * c.parameters.replication_latency.to_seconds();
  return {log.acknowledged.all, log.acknowledged.one - unreplicated};
}

LogPosition position_of(const Context& c, GroupId id, Slot slot) {
  const GroupLog& log = c.state.logs[id];
  assert(log.since == c.now());
  const ReplicaState& replica = c.state.groups[id].replicas[slot];
  switch (replica.mode) {
    case ReplicaState::Mode::leading: return log.acknowledged;
    case ReplicaState::Mode::in_step: return in_step_position(c, id);
    case ReplicaState::Mode::stopped: return replica.position;
    case ReplicaState::Mode::catching_up: break;
  }
  LogPosition position = log.acknowledged - replica.missing;
  // While it is in the ISR, what it does not hold has not been acknowledged to those who wait for all.
  if (replica.lags && has(c.state.groups[id].leader_isr, slot)) position.all = log.acknowledged.all;
  return position;
}

/// What each fetcher of the group brings.
double fetched_rate(const Context& c, GroupId id) {
  const GroupLog& log = c.state.logs[id];
  const double rate = (log.rate_all + log.rate_one) * c.plan.groups[id].partitions;
  return std::nearbyint(rate / fetched_grain) * fetched_grain;
}

/// Followers that wait for a record to come may get one.
void note_flow(Context& c, GroupId id) {
  if (!c.state.records_awaited) return;
  const GroupLog& log = c.state.logs[id];
  if (log.rate_all + log.rate_one <= 0) return;
  const GroupState& group = c.state.groups[id];
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    const Position from = c.broker_of(id, slot);
    if (!has(group.in_step, slot) || !c.state.brokers[from].awaits_record) continue;
    auto& began = c.state.flows_began;
    if (std::find(began.begin(), began.end(), from) == began.end()) began.push_back(from);
  }
}

/// While it lives, the group's replicas in step are out of the counts of fetchers: modes and owner may change.
class FetchedChange {
 public:
  FetchedChange(Context& c, GroupId id) : c_(c), id_(id) { count(false); }
  ~FetchedChange() {
    count(true);
    note_flow(c_, id_);
  }
  FetchedChange(const FetchedChange&) = delete;
  FetchedChange& operator=(const FetchedChange&) = delete;

 private:
  void count(bool in) {
    const GroupState& group = c_.state.groups[id_];
    const GroupPlan& plan = c_.plan.groups[id_];
    const Position to = c_.broker_of(id_, group.owner);
    for (Slot slot = 0; slot < plan.replicas; ++slot) {
      if (!has(group.in_step, slot)) continue;
      c_.state.fetched.edit(c_.broker_of(id_, slot) * c_.state.brokers.size() + to) += in ? 1U : ~0U;
    }
  }

  Context& c_;
  GroupId id_;
};

void set_mode(Context& c, GroupId id, Slot slot, ReplicaState::Mode mode) {
  GroupState& group = c.state.groups.edit(id);
  const ReplicaState& replica = group.replicas[slot];
  if (replica.mode == mode) return;
  load_changed(c, id);
  if (replica.mode == ReplicaState::Mode::catching_up) quit_transfer(c, id, slot);
  if (replica.lags) {
    group.replicas[slot].lags = false;
    forget_lag(c, id, slot);
  }
  const FetchedChange change(c, id);
  put_in_mode(group, slot, mode);
  if (mode == ReplicaState::Mode::catching_up) join_transfer(c, id, slot);
}

/// Keeps the broker's list of fetchers that are about something.
void set_fetcher(Context& c, GroupId id, Slot slot, Fetcher fetcher) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  const bool was_busy = replica.fetcher != Fetcher::free;
  const bool is_busy = fetcher != Fetcher::free;
  replica.fetcher = fetcher;
  if (was_busy == is_busy) return;
  std::vector<Replica>& busy = c.state.busy.edit(c.broker_of(id, slot));
  const auto at = std::lower_bound(busy.begin(), busy.end(), id,
                                   [](const Replica& other, GroupId group) { return other.group < group; });
  if (is_busy) {
    busy.insert(at, {id, slot});
  } else {
    busy.erase(at);
  }
}

/// Brings the group's log up to the present, before something changes on which its rates depend.
void begin_change(Context& c, GroupId id) {
  settle(c, id);
  group_changed(c, id);
}

inline bool fetches(const Context& c, GroupId id, Slot slot) {
  const GroupState& group = c.state.groups[id];
  const ReplicaState& replica = group.replicas[slot];
  const Slot leader = group.owner;
  if (slot == leader || replica.known_leader != leader) return false;
  // A leader refuses a follower of another epoch, newer or older (K39 Partition.checkCurrentLeaderEpoch).
  const ReplicaState& leading = group.replicas[leader];
  if (leading.known_leader != leader || leading.known_epoch != replica.known_epoch) return false;
  const Position from = c.broker_of(id, slot);
  const Position to = c.broker_of(id, leader);
  // A part of a look, so what the look has just seen of the brokers holds.
  if (!c.state.brokers[from].seen_serving || !c.state.brokers[to].seen_serving) return false;
  return fetch_contact(c, from, to) == Contact::ok;
}

void watch_lag(Context& c, GroupId id, Slot slot) {
  GroupState& group = c.state.groups.edit(id);
  if (!has(group.leader_isr, slot) || offered(topic_of(c, id)) <= 0) return;
  ReplicaState& replica = group.replicas[slot];
  const Position leader = c.broker_of(id, group.owner);
  const sim::Time due = replica.stopped_since + c.parameters.replica_lag_time_max;
  const sim::Time check = isr_checks_of(c, leader).after(std::max(due, c.now()));
  c.world.queue.cancel(replica.lag_timer);
  replica.lag_timer =
      c.world.schedule(check, IsrExpiryCheck{c.service, id, slot, group.replicas[group.owner].known_epoch});
}

/// A replica that catches up stands still where it has got to.
void leave_transfer(Context& c, GroupId id, Slot slot) {
  settle_transfer(c, id, slot);
  transfer_changed(c, id, slot);
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  replica.position = position_of(c, id, slot);
  set_mode(c, id, slot, ReplicaState::Mode::stopped);
}

/// The replica stays where it is.
void stand_still(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  if (replica.mode == ReplicaState::Mode::catching_up) {
    leave_transfer(c, id, slot);
  } else {
    replica.position = position_of(c, id, slot);
    set_mode(c, id, slot, ReplicaState::Mode::stopped);
  }
  replica.stopped_since = c.now();
}

/// The fetch to a silent leader is under way until the socket times out; any other fails at once.
void fail_fetch(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  const Contact met = fetch_contact(c, c.broker_of(id, slot), c.broker_of(id, replica.known_leader));
  const bool waits = met == Contact::silence;
  set_fetcher(c, id, slot, waits ? Fetcher::waiting : Fetcher::delayed);
  replica.next_fetch = c.now() + (waits ? c.parameters.replica_socket_timeout : c.parameters.replica_fetch_backoff);
}

void stop_fetching(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  stand_still(c, id, slot);
  const bool asks = replica.known_leader != no_slot && serves(c, c.broker_of(id, slot));
  if (asks && replica.fetcher == Fetcher::free) fail_fetch(c, id, slot);
  watch_lag(c, id, slot);
}

bool fetcher_runs(const Context& c, Position from, Position to) {
  return c.state.fetched[from * c.state.brokers.size() + to] > 0;
}

/// When the next record comes to a broker's running fetchers from another, for its replicas in step.
sim::Time next_record(const Context& c, Position from, Position to) {
  if (!fetcher_runs(c, from, to)) return sim::Time::never();
  double per_s = 0;
  for (const auto& [id, slot] : c.hosted(from)) {
    const GroupState& group = c.state.groups[id];
    if (has(group.in_step, slot) && c.broker_of(id, group.owner) == to) per_s += fetched_rate(c, id);
  }
  return per_s > 0 ? c.now() + Duration::from_seconds(1 / per_s) : sim::Time::never();
}

Position leader_broker(const Context& c, GroupId id, Slot slot) {
  return c.broker_of(id, c.state.groups[id].replicas[slot].known_leader);
}

/// Requests of the replica's broker reach the leader that the replica knows, and are served.
bool meets_leader(const Context& c, GroupId id, Slot slot) {
  const Position to = leader_broker(c, id, slot);
  return fetch_contact(c, c.broker_of(id, slot), to) == Contact::ok && serves(c, to);
}

/// The fetcher sends its first fetch for the replica. A leader that has not yet learnt that it is one refuses it
/// (UNKNOWN_LEADER_EPOCH), and the next one waits for the back-off.
void first_fetch(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  const ReplicaState& leader = c.state.groups[id].replicas[replica.known_leader];
  const bool leads = acts_as_leader(c, id, replica.known_leader) && leader.known_epoch == replica.known_epoch;
  set_fetcher(c, id, slot, Fetcher::free);
  if (!leads || !meets_leader(c, id, slot)) fail_fetch(c, id, slot);
}

/// The broker's fetchers know of the replica. Where one already runs to its leader, the replica is part of the next
/// fetch, and the one under way is answered only by a record for the partitions that it asked for, or after
/// replica.fetch.wait.max.ms: a producer whose acks=all request waits for this very replica sends no such record. (The
/// request that begins to wait brings its last ones.)
/// Source: K39 DelayedFetch, SocketServer.Processor; Kafka sheet section 15.
void join_fetcher(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  const Position from = c.broker_of(id, slot);
  const Position to = leader_broker(c, id, slot);
  if (!meets_leader(c, id, slot) || !fetcher_runs(c, from, to)) return first_fetch(c, id, slot);
  set_fetcher(c, id, slot, Fetcher::joining);
  replica.next_fetch =
      c.now() + c.world.phase(c.broker_component(from), Purpose::fetch_phase, c.parameters.replica_fetch_wait_max);
  replica.next_record = next_record(c, from, to);
  if (replica.next_record != sim::Time::never()) return;
  c.state.brokers.edit(from).awaits_record = true;
  c.state.records_awaited = true;
}

void wake_fetcher(Context& c, Position position, sim::Time at) {
  if (c.world.queue.when(c.state.brokers[position].fetch_timer) <= at) return;
  BrokerState& broker = c.state.brokers.edit(position);
  c.world.queue.cancel(broker.fetch_timer);
  broker.fetch_timer = c.world.schedule(at, FetchResumed{c.service, position});
}

/// Takes what the fetcher does about the replica up to the present. Returns whether the replica may be fetched now if
/// its leader answers.
bool busy_fetcher_ready(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  const Position position = c.broker_of(id, slot);
  if (replica.fetcher == Fetcher::ending) {
    if (c.now() >= replica.next_fetch)
      stop_following(c, id, slot);
    else
      wake_fetcher(c, position, replica.next_fetch);
    return true;  // until then it goes on as before
  }
  if (replica.fetcher == Fetcher::starting && c.now() >= replica.next_fetch) join_fetcher(c, id, slot);
  if (replica.fetcher == Fetcher::joining) {
    if (c.now() >= std::min(replica.next_fetch, replica.next_record)) first_fetch(c, id, slot);
  }
  switch (replica.fetcher) {
    case Fetcher::free: return true;
    case Fetcher::starting: wake_fetcher(c, position, replica.next_fetch); return false;
    case Fetcher::joining: wake_fetcher(c, position, std::min(replica.next_fetch, replica.next_record)); return false;
    default: break;
  }
  if (replica.fetcher == Fetcher::waiting && c.now() <= replica.next_fetch) return true;
  return sim::Grid{replica.next_fetch, c.parameters.replica_fetch_backoff}.at_or_after(c.now()) == c.now();
}

inline bool fetcher_ready(Context& c, GroupId id, Slot slot) {
  return c.state.groups[id].replicas[slot].fetcher == Fetcher::free || busy_fetcher_ready(c, id, slot);
}

/// The fetch of a replica whose leader would answer now is repeated at the end of its back-off.
void expect_next_try(Context& c, GroupId id, Slot slot) {
  const ReplicaState& replica = c.state.groups[id].replicas[slot];
  if (replica.fetcher != Fetcher::waiting && replica.fetcher != Fetcher::delayed) return;
  const sim::Grid tries{replica.next_fetch, c.parameters.replica_fetch_backoff};
  wake_fetcher(c, c.broker_of(id, slot), std::max(replica.next_fetch, tries.at_or_after(c.now())));
}

/// The replica is not fetched any more: its broker stops, and is out of the ISR.
void stop_following(Context& c, GroupId id, Slot slot) {
  begin_change(c, id);
  load_changed(c, id);
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  replica.known_leader = no_slot;
  set_fetcher(c, id, slot, Fetcher::free);
}

void start_fetching(Context& c, GroupId id, Slot slot) {
  GroupState& group = c.state.groups.edit(id);
  ReplicaState& replica = group.replicas[slot];
  set_fetcher(c, id, slot, Fetcher::free);
  settle_transfer(c, id, slot);  // it is none of those that the transfer has filled so far
  // What the leader does not have is truncated (KIP-101, KIP-320); below its log's start there is nothing to fetch.
  const GroupLog& log = c.state.logs[id];
  replica.position = earlier(later(replica.position, log_start(c, id)), log.acknowledged);
  const LogPosition target = in_step_position(c, id);
  replica.missing = log.acknowledged - replica.position;
  const bool behind = replica.position.all < target.all - noise || replica.position.one < target.one - noise;
  set_mode(c, id, slot, behind ? ReplicaState::Mode::catching_up : ReplicaState::Mode::in_step);
  if (behind) {
    transfer_changed(c, id, slot);
  } else {
    c.world.queue.cancel(replica.lag_timer);
  }
}

inline bool may_join(const Context& c, GroupId id, Slot slot) {
  const Position position = c.broker_of(id, slot);
  // KIP-841: neither fenced nor shutting down; KIP-903: the present incarnation. One that has been moved away fetches
  // on until its broker has learned of it.
  return active(c.state, position) && has(c.assigned(id), slot) &&
         c.state.groups[id].replicas[slot].mode == ReplicaState::Mode::in_step;
}

bool can_alter_partition(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  return group.record.leader == group.owner && acts_as_leader(c, id, group.owner) &&
         reaches_decider(c, c.broker_of(id, group.owner)) && decides(c);
}

/// The leader asks for an ISR change if it wants one, can, and is not already asking.
void ask_for_isr_change(Context& c, GroupId id) {
  const GroupState& seen = c.state.groups[id];
  const auto behind = static_cast<SlotSet>(seen.in_step & ~seen.leader_isr);
  if ((behind | seen.pending_expand | seen.pending_shrink) == 0) return;
  SlotSet expand = 0;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (has(behind, slot) && may_join(c, id, slot)) expand = with(expand, slot);
  }
  if ((expand | seen.pending_expand | seen.pending_shrink) == 0) return;
  GroupState& group = c.state.groups.edit(id);
  group.pending_expand = expand;
  const bool wanted = (group.pending_expand | group.pending_shrink) != 0;
  if (!wanted || c.world.queue.pending(group.isr_timer) || !can_alter_partition(c, id)) return;
  group.isr_timer = c.world.schedule(c.now() + isr_change_delay(c, id), IsrUpdateDue{c.service, id, group.record.epoch},
                                     sim::Priority::message);
}

/// What is still to be done comes by itself: fetchers that wait are woken, a wanted ISR change is on its way. While the
/// leader cannot ask for one, every look has to see whether it can.
bool followers_settled(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  return (group.pending_expand | group.pending_shrink) == 0 || c.world.queue.pending(group.isr_timer);
}

/// Replicas in step by follower and leader, by a look at every replica.
std::vector<std::uint32_t> fetched_anew(const Context& c) {
  std::vector<std::uint32_t> counts(c.state.brokers.size() * c.state.brokers.size());
  for (const GroupId id : c.plan.groups.ids()) {
    const GroupState& group = c.state.groups[id];
    for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
      if (group.replicas[slot].mode != ReplicaState::Mode::in_step) continue;
      ++counts[c.broker_of(id, slot) * c.state.brokers.size() + c.broker_of(id, group.owner)];
    }
  }
  return counts;
}

void check_looks(const Context& c) {
  if (!probing) return;
  assert(sees_truly(c));
  assert(std::ranges::equal(fetched_anew(c), c.state.fetched));
  for (const GroupId id : c.plan.groups.ids()) {
    assert(c.state.followers_unseen.contains(id) || followers_at_rest(c, id));
  }
}

inline void settle_log(Context& c, GroupId id) {
  const sim::Time now = c.now();
  if (c.state.logs[id].since == now) return;
  GroupLog& log = c.state.logs.edit(id);
  const double seconds = (now - log.since).to_seconds();
  log.acknowledged.all += log.rate_all * seconds;
  log.acknowledged.one += log.rate_one * seconds;
  if (const GroupState& group = c.state.groups[id]; group.zombie != no_slot) {
    c.state.groups.edit(id).zombie_one += group.zombie_rate * seconds;
  }
  log.since = now;
}

/// What the machine's power loss takes from a log, which has not been written to for `written_for`; Kafka does not
/// fsync (fact 10). `moment`: of its file's turn of write-back.
void lose_unflushed(Context& c, GroupId id, ReplicaState& replica, Duration written_for, double moment) {
  const GroupLog& log = c.state.logs[id];
  const double now = log.rate_all + log.rate_one;
  const double writes_per_s = now > 0 ? now : log.earlier_rate_all + log.earlier_rate_one;
  const auto dirty = infrastructure::dirty_for(c.world.plan->infra(), writes_per_s, moment);
  if (!dirty || *dirty <= written_for) return;
  const bool goes_on = now > 0;
  replica.position.all -= (goes_on ? log.rate_all : log.earlier_rate_all) / writes_per_s;
  replica.position.one -= (goes_on ? log.rate_one : log.earlier_rate_one) / writes_per_s;
  const double window = (*dirty - written_for).to_seconds();
  const double recent = std::min(window, (c.now() - log.since_change).to_seconds());
  const double before = window - recent;
  replica.position.all -= log.rate_all * recent + log.earlier_rate_all * before;
  replica.position.one -= log.rate_one * recent + log.earlier_rate_one * before;
}

void record_loss(Context& c, GroupId id, LogPosition lost, std::string_view rule) {
  const TopicPlan& topic = topic_of(c, id);
  const double partitions = c.plan.groups[id].partitions;
  if (lost.all <= noise && lost.one <= noise) return;
  const sim::CauseId cause =
      c.world.note(RecordsLost{c.service, id}, static_cast<std::int64_t>((lost.all + lost.one) * partitions));
  if (topic.internal) return;
  measurement::Loss loss;
  loss.service = ServiceId::of(c.service);
  loss.item = c.plan.groups[id].topic.value;
  loss.at = c.now();
  loss.records_all = std::max(0.0, lost.all) * partitions;
  loss.records_one = std::max(0.0, lost.one) * partitions;
  const double all_seconds = topic.records_all_per_s > 0 ? lost.all / topic.records_all_per_s : 0;
  const double one_seconds = topic.records_one_per_s > 0 ? lost.one / topic.records_one_per_s : 0;
  loss.seconds = std::max({0.0, all_seconds, one_seconds});
  loss.rule = rule;
  loss.cause = cause;
  c.world.measurement.losses.push_back(loss);
}

/// A leader that another one has replaced learns it or dies: what it took in the meantime is truncated.
void end_zombie(Context& c, GroupId id, Slot slot) {
  GroupState& group = c.state.groups.edit(id);
  if (group.zombie != slot) return;
  begin_change(c, id);
  record_loss(c, id, {0, group.zombie_one}, "zombie leader: acks=1 taken after another leader was elected");
  group.zombie = no_slot;
  group.zombie_one = 0;
  group.zombie_rate = 0;
}

std::string_view loss_rule(const GroupState& group, Slot slot) {
  if (group.replicas[slot].emptied) return "a replica with an empty disk became leader; the others truncate to it";
  if (group.replicas[slot].unflushed) return "power loss took records that no replica had written to disk";
  if (size(group.record.isr) == 1 && !has(group.leader_isr, slot)) return "unclean leader election";
  return "acks=1 tail not yet fetched by the new leader";
}

/// The replica takes over the lineage: what it does not hold of the acknowledged log is gone.
void take_over(Context& c, GroupId id, Slot slot, const PartitionRecord& record) {
  GroupState& group = c.state.groups.edit(id);
  begin_change(c, id);
  const Slot before = group.owner;
  // Nobody goes on fetching from the leader before.
  for (Slot other = 0; other < c.plan.groups[id].replicas; ++other) {
    if (group.replicas[other].mode == ReplicaState::Mode::catching_up) leave_transfer(c, id, other);
  }
  GroupLog& log = c.state.logs.edit(id);
  const LogPosition own = position_of(c, id, slot);
  const LogPosition start = log_start(c, id);
  record_loss(c, id, log.acknowledged - later(own, start), loss_rule(group, slot));
  const FetchedChange change(c, id);
  if (before != slot) {
    ReplicaState& old = group.replicas[before];
    old.position = own;
    if (old.mode == ReplicaState::Mode::leading) {
      put_in_mode(group, before, ReplicaState::Mode::stopped);
      old.stopped_since = c.now();
    }
    const bool still_leads = acts_as_leader(c, id, before);
    group.zombie = still_leads ? before : no_slot;
    group.zombie_one = 0;
  }
  // Everybody else has to fetch from the new leader; those in step with the old one keep their logs.
  for (Slot other = 0; other < c.plan.groups[id].replicas; ++other) {
    ReplicaState& replica = group.replicas[other];
    if (other == slot || replica.mode != ReplicaState::Mode::in_step) continue;
    replica.position = in_step_position(c, id);
    put_in_mode(group, other, ReplicaState::Mode::stopped);
  }
  log.acknowledged = own;
  group.oldest = earlier(start, own);
  group.owner = slot;
  group.owner_epoch = record.epoch;
  group.leader_isr = record.isr;
  group.leader_isr_version = record.version;
  group.pending_shrink = 0;
  ReplicaState& leader = group.replicas[slot];
  put_in_mode(group, slot, ReplicaState::Mode::leading);
  leader.missing = {};
  leader.emptied = false;
  leader.unflushed = false;
  for (Slot other = 0; other < c.plan.groups[id].replicas; ++other) {
    if (other == slot) continue;
    // A new leader counts its followers' lag from its own start (K39 Partition.makeLeader).
    group.replicas[other].stopped_since = c.now();
    if (group.replicas[other].mode == ReplicaState::Mode::stopped) watch_lag(c, id, other);
  }
}

/// `watermark_advances` of a group whose leader acts as one.
inline bool isr_follows(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  if (c.parameters.strict_min_isr && rejects_all(c, id)) return false;
  if (NINES_MUTATED(watermark_ignores_isr)) return true;
  const auto behind = static_cast<SlotSet>(without(group.leader_isr, group.owner) & ~group.in_step);
  if (behind == 0) return true;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    // One that lags lets acknowledgements through, late as it is (conditions.hpp).
    if (has(behind, slot) && !group.replicas[slot].lags) return false;
  }
  return true;
}

/// Records per second and partition that the leader of the lineage and a zombie accept now.
struct Rates {
  double all = 0;
  double one = 0;
  double zombie = 0;
};

inline Rates rates_of(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  const Flow& flow = group.flow;
  const TopicPlan& topic = topic_of(c, id);
  Rates rates;
  if (flow.leads) {
    const RoutedShares shares = routed_shares(c, id, group.owner);
    const double taken = accepted_share(c, c.broker_of(id, group.owner));
    if (flow.acknowledges && topic.records_all_per_s > 0) rates.all = topic.records_all_per_s * shares.all * taken;
    if (topic.records_one_per_s > 0) rates.one = topic.records_one_per_s * shares.one * taken;
  }
  if (group.zombie != no_slot && acts_as_leader(c, id, group.zombie)) {
    rates.zombie = topic.records_one_per_s * routed_shares(c, id, group.zombie).one;
  }
  return rates;
}

bool rates_are(const Context& c, GroupId id, const Rates& rates) {
  const GroupLog& log = c.state.logs[id];
  return rates.all == log.rate_all && rates.one == log.rate_one && rates.zombie == c.state.groups[id].zombie_rate;
}

}  // namespace

bool acknowledges_all(const Context& c, GroupId id) { return watermark_advances(c, id) && !rejects_all(c, id); }

bool watermark_advances(const Context& c, GroupId id) {
  return acts_as_leader(c, id, c.state.groups[id].owner) && isr_follows(c, id);
}

Flow flow_of(const Context& c, GroupId id) {
  Flow flow;
  flow.leads = acts_as_leader(c, id, c.state.groups[id].owner);
  flow.advances = flow.leads && isr_follows(c, id);
  flow.acknowledges = flow.advances && !rejects_all(c, id);
  return flow;
}

void count_fetchers(Context& c) {
  const std::vector<std::uint32_t> counts = fetched_anew(c);
  for (std::size_t pair = 0; pair < counts.size(); ++pair) c.state.fetched.edit(pair) = counts[pair];
}

void settle(Context& c, GroupId id) { settle_log(c, id); }

namespace {

/// REQUIRES: one of the two is another than before.
void change_rates(Context& c, GroupId id, double all, double one) {
  settle_log(c, id);
  GroupLog& log = c.state.logs.edit(id);
  log.earlier_rate_all = log.rate_all;
  log.earlier_rate_one = log.rate_one;
  log.since_change = c.now();
  log.rate_all = all;
  log.rate_one = one;
  note_flow(c, id);
}

}  // namespace

void set_acks_all_rate(Context& c, GroupId id, double rate) {
  const GroupLog& log = c.state.logs[id];
  if (log.rate_all != rate) change_rates(c, id, rate, log.rate_one);
}

void update_rates(Context& c, GroupId id) {
  const Rates rates = rates_of(c, id);
  if (rates_are(c, id, rates)) return;
  settle_log(c, id);
  const GroupLog& log = c.state.logs[id];
  if (rates.all != log.rate_all || rates.one != log.rate_one) change_rates(c, id, rates.all, rates.one);
  if (rates.zombie != c.state.groups[id].zombie_rate) c.state.groups.edit(id).zombie_rate = rates.zombie;
}

bool rates_current(const Context& c, GroupId id) { return rates_are(c, id, rates_of(c, id)); }

void begin_lag(Context& c, GroupId id, Slot slot) {
  begin_change(c, id);
  settle_transfer(c, id, slot);  // it is none of those that the transfer has filled so far
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  replica.missing = c.state.logs[id].acknowledged - in_step_position(c, id);
  replica.stopped_since = c.now();
  set_mode(c, id, slot, ReplicaState::Mode::catching_up);
  replica.lags = true;
  transfer_changed(c, id, slot);
  watch_lag(c, id, slot);
}

void end_wait(Context& c, GroupId id, Slot slot) {
  const ReplicaState& replica = c.state.groups[id].replicas[slot];
  if (replica.fetcher != Fetcher::waiting && replica.fetcher != Fetcher::delayed) return;
  if (replica.known_leader != c.state.groups[id].owner) return;
  set_fetcher(c, id, slot, Fetcher::free);
}

void replica_complete(Context& c, GroupId id, Slot slot) {
  begin_change(c, id);
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  set_mode(c, id, slot, ReplicaState::Mode::in_step);
  c.world.queue.cancel(replica.lag_timer);
  replica.missing = {};
  replica.emptied = false;
  replica.unflushed = false;
}

void change_fetchers(Context& c, Position position) {
  BrokerState& broker = c.state.brokers.edit(position);
  const ComponentId component = c.broker_component(position);
  broker.fetchers_changed = c.now() + c.world.draw(component, Purpose::fetcher_start, c.parameters.fetcher_start);
  broker.fetchers_connected =
      broker.fetchers_changed + c.world.draw(component, Purpose::fetcher_connect, c.parameters.fetcher_connect);
}

void learn_leader(Context& c, GroupId id, Slot slot, const PartitionRecord& record) {
  c.state.live_changed = true;
  load_changed(c, id);
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  begin_change(c, id);
  const bool led = replica.known_leader == slot;
  // Its fetcher at the leader before ends.
  if (follows(replica)) {
    stand_still(c, id, slot);
    watch_lag(c, id, slot);
  }
  replica.known_leader = record.leader;
  replica.known_epoch = record.epoch;
  set_fetcher(c, id, slot, Fetcher::free);
  BrokerState& broker = c.state.brokers.edit(c.broker_of(id, slot));
  if (led && record.leader != slot) end_zombie(c, id, slot);
  if (record.leader == slot) {
    broker.has_led = true;
    GroupState& group = c.state.groups.edit(id);
    // One that comes back as the leader that it was, before anybody has taken note, begins anew too.
    const bool resumes = slot == group.owner && group.replicas[slot].mode != ReplicaState::Mode::leading;
    if (record.epoch > group.owner_epoch || resumes) {
      take_over(c, id, slot, record);
    } else if (slot != group.owner && group.zombie == no_slot) {
      // Brokers act in their own time: it begins to lead when the next leader already does.
      group.zombie = slot;
      group.zombie_one = 0;
    }
  } else if (record.leader != no_slot) {
    const bool runs = fetcher_runs(c, c.broker_of(id, slot), leader_broker(c, id, slot));
    set_fetcher(c, id, slot, Fetcher::starting);
    replica.next_fetch = runs ? broker.fetchers_changed : broker.fetchers_connected;
    replica.next_record = sim::Time::never();
  }
}

void end_fetcher(Context& c, GroupId id, Slot slot) {
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  begin_change(c, id);
  if (!follows(replica)) return stop_following(c, id, slot);
  set_fetcher(c, id, slot, Fetcher::ending);
  replica.next_fetch = c.state.brokers[c.broker_of(id, slot)].fetchers_changed;
}

void replicas_stopped(Context& c, Position position, bool power_loss) {
  settle_transfers_to(c, position);
  c.state.live_changed = true;
  loads_changed(c, position);
  for (const auto& [id, slot] : c.hosted(position)) {
    GroupState& group = c.state.groups.edit(id);
    ReplicaState& replica = group.replicas[slot];
    begin_change(c, id);
    end_zombie(c, id, slot);
    const bool lagging_already = replica.mode == ReplicaState::Mode::stopped;
    replica.position = position_of(c, id, slot);
    set_mode(c, id, slot, ReplicaState::Mode::stopped);
    // It forgets who leads; it learns it again from the metadata when it comes back.
    replica.known_leader = no_slot;
    replica.known_epoch = 0;
    set_fetcher(c, id, slot, Fetcher::free);
    if (power_loss) {
      const Duration written_for = lagging_already ? c.now() - replica.stopped_since : Duration();
      // Each partition has files of its own, whose turns began with their own first writes.
      const double moment = c.world.uniform(c.broker_component(position), Purpose::writeback);
      lose_unflushed(c, id, replica, written_for, moment);
      replica.unflushed = true;
    }
    if (!lagging_already) {
      replica.stopped_since = c.now();
      if (slot != group.owner && acts_as_leader(c, id, group.owner)) watch_lag(c, id, slot);
    }
  }
  drop_left_replicas(c, position);
}

void replicas_emptied(Context& c, Position position) {
  const Duration age = c.world.plan->infra().snapshot_age;
  const bool snapshot = restored_from_snapshot(c, position);
  for (const auto& [id, slot] : c.hosted(position)) {
    settle(c, id);
    const TopicPlan& topic = topic_of(c, id);
    const LogPosition written = c.state.logs[id].acknowledged;
    ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
    replica.position = log_start(c, id);
    if (snapshot) {
      const double seconds = age.to_seconds();
      const LogPosition since{topic.records_all_per_s * seconds, topic.records_one_per_s * seconds};
      replica.position = later(replica.position, written - since);
    }
    replica.emptied = true;
  }
}

bool restored_from_snapshot(const Context& c, Position position) {
  const ProcessId process = c.broker_process(position);
  const StorageSpec& storage = c.world.plan->pool_of(process).storage;
  return c.world.processes[process].disk_lost && storage.restore == Restore::snapshot;
}

void begin_replica(Context& c, GroupId id, Slot slot) {
  begin_change(c, id);
  GroupState& group = c.state.groups.edit(id);
  ReplicaState& replica = group.replicas[slot];
  c.world.queue.cancel(replica.lag_timer);
  replica = {};
  put_in_mode(group, slot, ReplicaState::Mode::stopped);
  replica.position = log_start(c, id);
  replica.stopped_since = c.now();
  replica.emptied = true;
}

void end_replica(Context& c, GroupId id, Slot slot) {
  begin_change(c, id);
  load_changed(c, id);
  c.state.live_changed = true;
  end_zombie(c, id, slot);
  ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
  if (replica.mode != ReplicaState::Mode::stopped) stand_still(c, id, slot);
  replica.known_leader = no_slot;
  replica.known_epoch = 0;
  set_fetcher(c, id, slot, Fetcher::free);
  c.world.queue.cancel(replica.lag_timer);
}

bool followers_at_rest(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  if (!followers_settled(c, id)) return false;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    const ReplicaState& replica = group.replicas[slot];
    const bool asks = has(group.pending_expand, slot);
    if (!has(group.leader_isr, slot) && may_join(c, id, slot) && !asks) return false;
    if (replica.mode == ReplicaState::Mode::leading) continue;
    const bool wakes = c.world.queue.pending(c.state.brokers[c.broker_of(id, slot)].fetch_timer);
    const bool changes = replica.fetcher == Fetcher::starting || replica.fetcher == Fetcher::joining ||
                         replica.fetcher == Fetcher::ending;
    if (changes && !wakes) return false;
    const bool as_it_should = fetches(c, id, slot) == (replica.mode != ReplicaState::Mode::stopped);
    if (!as_it_should && (replica.fetcher == Fetcher::free || !wakes)) return false;
  }
  return true;
}

void replication_changed(Context& c) {
  see_brokers(c);
  check_looks(c);
  c.state.followers_unseen.each([&](GroupId id) {
    ++c.state.looks.followers;
    const GroupState& group = c.state.groups[id];
    const Slot replicas = c.plan.groups[id].replicas;
    for (Slot slot = 0; slot < replicas; ++slot) {
      const ReplicaState& replica = group.replicas[slot];
      if (replica.mode == ReplicaState::Mode::leading) continue;
      const bool ready = fetcher_ready(c, id, slot);
      const bool now_fetches = fetches(c, id, slot);
      const bool fetched = replica.mode != ReplicaState::Mode::stopped;
      if (now_fetches == fetched) continue;
      if (now_fetches && !ready) {
        expect_next_try(c, id, slot);
        continue;
      }
      begin_change(c, id);
      c.state.live_changed = true;
      load_changed(c, id);
      if (now_fetches) {
        start_fetching(c, id, slot);
      } else {
        stop_fetching(c, id, slot);
      }
    }
  });
  plan_transfers(c);
  if (fall_behind(c)) plan_transfers(c);
  c.state.followers_unseen.each([&](GroupId id) {
    ask_for_isr_change(c, id);
    if (followers_settled(c, id)) c.state.followers_unseen.erase(id);
  });
}

namespace {

/// What a broker's fetchers have waited for until now, unless it is a back-off.
const std::string_view* awaited(const Context& c, Position position) {
  const std::string_view* input = nullptr;
  for (const auto& [id, slot] : c.state.busy[position]) {
    const ReplicaState& replica = c.state.groups[id].replicas[slot];
    if (replica.fetcher == Fetcher::joining && replica.next_fetch == c.now()) return &inputs::fetch_wait_max;
    const bool changes = replica.fetcher == Fetcher::starting || replica.fetcher == Fetcher::ending;
    if (changes && replica.next_fetch == c.now()) input = &inputs::fetcher_start;
  }
  return input;
}

}  // namespace

void records_flow(Context& c) {
  for (const Position from : c.state.flows_began) {
    const std::vector<Replica> busy = c.state.busy[from];  // some of them may get free
    Position leader = nobody;
    sim::Time next = sim::Time::never();  // from this leader
    for (const auto& [id, slot] : busy) {
      if (c.state.groups[id].replicas[slot].fetcher != Fetcher::joining) continue;
      ReplicaState& replica = c.state.groups.edit(id).replicas[slot];
      if (replica.next_record == sim::Time::never()) {
        if (const Position to = leader_broker(c, id, slot); to != leader) {
          leader = to;
          next = next_record(c, from, to);
        }
        replica.next_record = next;
      }
      fetcher_ready(c, id, slot);
      if (replica.fetcher != Fetcher::joining) c.state.followers_unseen.insert(id);
    }
  }
  c.state.flows_began.clear();
}

namespace {

bool complete(const Context& c, GroupId id) {
  const GroupState& group = c.state.groups[id];
  const SlotSet all = c.assigned(id);
  if (group.leader_isr != all || group.record.isr != all || group.zombie != no_slot) return false;
  if (c.present(id) != all) return false;
  for (Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
    if (!has(all, slot)) continue;
    const ReplicaState::Mode mode = group.replicas[slot].mode;
    if (mode != ReplicaState::Mode::leading && mode != ReplicaState::Mode::in_step) return false;
  }
  return true;
}

}  // namespace

bool replicas_complete(const Context& c) {
  const auto touched = c.state.groups.touched();  // in a resting world all are
  const std::size_t count = touched.size();
  // Groups come back one by one, and this is asked each time: the one that was not complete then is looked at first.
  std::size_t at = c.state.incomplete < count ? c.state.incomplete : 0;
  for (std::size_t looked_at = 0; looked_at < count; ++looked_at) {
    if (!complete(c, touched[static_cast<std::ptrdiff_t>(at)])) {
      c.state.incomplete = at;
      return false;
    }
    at = at + 1 == count ? 0 : at + 1;
  }
  return true;
}

void on(World& world, const IsrExpiryCheck& event) {
  Context c = context(world, event.service);
  GroupState& group = c.state.groups.edit(event.group);
  const ReplicaState& replica = group.replicas[event.slot];
  const bool lags = replica.mode == ReplicaState::Mode::stopped || replica.mode == ReplicaState::Mode::catching_up;
  const bool same_leader =
      acts_as_leader(c, event.group, group.owner) && group.replicas[group.owner].known_epoch == event.epoch;
  const bool old_enough = c.now() - replica.stopped_since > c.parameters.replica_lag_time_max;
  if (!lags || !same_leader || !old_enough || !has(group.leader_isr, event.slot)) {
    world.stale = true;
    return;
  }
  group_changed(c, event.group);
  group.pending_shrink = with(group.pending_shrink, event.slot);
  ask_for_isr_change(c, event.group);
}

void on(World& world, const IsrUpdateDue& event) {
  Context c = context(world, event.service);
  GroupState& group = c.state.groups.edit(event.group);
  if (!can_alter_partition(c, event.group) || group.record.epoch != event.epoch) {
    c.state.followers_unseen.insert(event.group);  // what is wanted is still wanted
    world.stale = true;
    return;
  }
  group_changed(c, event.group);
  SlotSet shrink = 0;
  SlotSet expand = 0;
  for (Slot slot = 0; slot < c.plan.groups[event.group].replicas; ++slot) {
    const bool lags = group.replicas[slot].mode != ReplicaState::Mode::in_step && slot != group.owner;
    if (has(group.pending_shrink, slot) && lags) shrink = with(shrink, slot);
    if (has(group.pending_expand, slot) && may_join(c, event.group, slot)) expand = with(expand, slot);
  }
  group.pending_shrink = 0;
  group.pending_expand = 0;
  const auto isr = static_cast<SlotSet>((group.record.isr & ~shrink) | expand);
  if (isr == group.record.isr && isr == group.leader_isr) {
    world.stale = true;
    return;
  }
  change_isr(c, event.group, isr);
  group.leader_isr = group.record.isr;
  group.leader_isr_version = group.record.version;
  // It may have ended a move.
  tell_brokers(c);
  clients_changed(c);
}

namespace {

/// The time has come for what the replica's fetcher waits for; else it is woken when it does. What a look at its group
/// would do about it otherwise does not hang on the time.
bool fetcher_due(Context& c, GroupId id, Slot slot) {
  const ReplicaState& replica = c.state.groups[id].replicas[slot];
  if (replica.mode == ReplicaState::Mode::leading) return false;  // until the next leader takes over
  sim::Time at = replica.next_fetch;
  switch (replica.fetcher) {
    case Fetcher::free: return true;
    case Fetcher::starting:
    case Fetcher::ending: break;
    case Fetcher::joining: at = std::min(at, replica.next_record); break;
    case Fetcher::waiting:
    case Fetcher::delayed: {
      const bool answered = fetches(c, id, slot);
      if (answered == follows(replica)) return false;
      if (!answered || replica.fetcher == Fetcher::waiting) return true;
      at = std::max(at, sim::Grid{at, c.parameters.replica_fetch_backoff}.at_or_after(c.now()));
      break;
    }
  }
  if (at <= c.now()) return true;
  wake_fetcher(c, c.broker_of(id, slot), at);
  return false;
}

}  // namespace

void on(World& world, const FetchResumed& event) {
  Context c = context(world, event.service);
  if (const std::string_view* input = awaited(c, event.broker)) world.set_by(*input);
  see_brokers(c);
  for (const auto& [id, slot] : c.state.busy[event.broker]) {
    if (fetcher_due(c, id, slot)) c.state.followers_unseen.insert(id);
  }
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
