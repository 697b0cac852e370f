#include "models/consumer_group/group.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "models/infrastructure/conditions.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"

namespace nines::models::consumer_group {

namespace {

using sim::Grid;

constexpr std::string_view capacity = "records_per_s";

const service::Records& records_of(const Context& c, ServiceId service) {
  return *c.world.plan->services[service].kind->records;
}

ZoneId zone_of(const Context& c, Number number) {
  return c.world.plan->nodes[c.world.processes[c.process(number)].node].zone;
}

bool runs(const Context& c, Number number) {
  return c.member(number).started && c.world.processes[c.process(number)].status == ProcessState::Status::running;
}

bool reaches(const Context& c, Number number, ProcessId server) {
  return server.exists() && contact(c.world, c.process(number), server) == Contact::ok;
}

/// How the part that coordinates the group stands with the member.
service::Standing coordinator_of(const Context& c, Number number) {
  const bool copies = c.plan.target.exists();
  const std::vector<service::Reader>& readers = copies ? c.plan.writers : c.plan.readers;
  return records_of(c, c.plan.coordinator)
      .look(c.world, c.plan.coordinator, readers[zone_of(c, number).value], c.plan.coordinating);
}

bool talks(const Context& c, Number number) {
  if (!runs(c, number) || !c.state.loaded || !c.state.coordinator.exists()) return false;
  const service::Standing standing = coordinator_of(c, number);
  return standing.found && reaches(c, number, standing.leader);
}

/// The group's assignment can be stored: the partition that it is stored in takes writes.
bool can_store(const Context& c) {
  for (Number number = 0; number < c.members(); ++number) {
    if (c.member(number).talks && coordinator_of(c, number).writable) return true;
  }
  return false;
}

Grid beats_of(const Context& c, Number number) { return {c.member(number).beat, c.parameters.heartbeat}; }

Entry* entry_of(Context& c, Number number, std::uint32_t life) {
  const auto found = std::find_if(c.state.entries.begin(), c.state.entries.end(),
                                  [&](const Entry& entry) { return entry.member == number && entry.life == life; });
  return found == c.state.entries.end() ? nullptr : &*found;
}
/// Of the member's present life.
Entry* entry_of(Context& c, Number number) { return entry_of(c, number, c.member(number).life); }

bool lives(const Context& c, const Entry& entry) { return c.member(entry.member).life == entry.life; }

void set_by(Context& c, std::string_view Keys::*key) {
  if (c.rules.keys != nullptr) c.world.set_by(c.rules.keys->*key);
}

// ---- who reads ----

bool can_work(const Context& c, Number number) {
  if (!c.plan.downstream.exists()) return true;
  const models::ServicePlan& downstream = c.world.plan->services[c.plan.downstream];
  return std::any_of(downstream.members.begin(), downstream.members.end(), [&](ProcessId server) {
    return downstream.kind->answers(c.world, c.plan.downstream, server, c.process(number)) ==
           service::Answers::everything;
  });
}

/// It could work partitions off now.
bool works(const Context& c, Number number) {
  const Member& member = c.member(number);
  return runs(c, number) && !member.closing && member.reads && !member.blocked;
}

bool reads(const Context& c, Number number, const PartitionPlan& partition) {
  const std::size_t zone = zone_of(c, number).value;
  const service::Standing source =
      records_of(c, c.plan.source).look(c.world, c.plan.source, c.plan.readers[zone], partition.part);
  if (!source.readable || !reaches(c, number, source.leader)) return false;
  if (!c.plan.target.exists()) return true;
  const service::Standing target =
      records_of(c, c.plan.target).look(c.world, c.plan.target, c.plan.writers[zone], partition.target);
  return target.writable && reaches(c, number, target.leader);
}

/// Records that the partition's reader works off per second, as it is now.
double flows(const Partition& partition) {
  const bool all = partition.lag.rows() <= 0;
  return all ? std::min(partition.lag.coming(), partition.lag.leaving()) : partition.lag.leaving();
}

void advance(Context& c) {
  for (Partition& partition : c.state.partitions) {
    partition.lag.go_to(c.now());
    // What leaves within the grain of time is gone.
    constexpr double grain_s = 2e-9;
    if (partition.lag.leaving() > partition.lag.coming() && partition.lag.rows() < partition.lag.leaving() * grain_s)
      partition.lag.sent_but(0);
  }
}

/// The member notes how far it has read all that it has.
void commit_all(Context& c, Number number) {
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    const Unit& unit = c.state.units[c.plan.partitions[i].unit];
    if (unit.member == number && unit.life == c.member(number).life) c.state.partitions[i].since = c.now();
  }
}

/// Who reads what the member has cannot note from now on how far: it has at its last commit, or when it began.
void freeze(Context& c, Number number) {
  const Member& member = c.member(number);
  const sim::Time committed = Grid{member.commit, c.parameters.commit}.at_or_before(c.now());
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    const Unit& unit = c.state.units[c.plan.partitions[i].unit];
    Partition& partition = c.state.partitions[i];
    if (unit.member != number || unit.life != member.life || partition.frozen) continue;
    partition.frozen = true;
    const Duration since = c.now() - std::max(committed, partition.since);
    partition.noted = partition.lag.left() - flows(partition) * since.to_seconds();
  }
}
void thaw(Context& c, Number number) {
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    const Unit& unit = c.state.units[c.plan.partitions[i].unit];
    if (unit.member == number && unit.life == c.member(number).life) c.state.partitions[i].frozen = false;
  }
}

/// Whoever begins with the unit goes on where its position was last noted.
double read_again(Context& c, std::uint32_t unit) {
  double again = 0;
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    Partition& partition = c.state.partitions[i];
    if (c.plan.partitions[i].unit != unit || !partition.frozen) continue;
    partition.frozen = false;
    const double rows = partition.lag.left() - partition.noted;
    const double usual = rows / c.parameters.commit.to_seconds();
    if (rows <= 0) continue;
    partition.lag.give_back(rows, std::max(partition.lag.coming(), usual));
    again += rows;
  }
  return again;
}

void take_over(Context& c, std::uint32_t unit, Number member) {
  Unit& its = c.state.units[unit];
  const std::uint32_t life = member == nobody ? 0 : c.member(member).life;
  if (its.member == member && its.life == life) return;
  its = {member, life};
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    if (c.plan.partitions[i].unit == unit) c.state.partitions[i].since = c.now();
  }
}

// ---- rates ----

/// Shares what the member works off evenly among its partitions; what one does not need the others have.
void share_out(Context& c, Number number, std::vector<Partition*>& of) {
  double left = c.rules.records_per_s * infrastructure::cpu_share(c.world, c.world.processes[c.process(number)].node);
  const auto wants = [](const Partition* partition) {
    return partition->lag.rows() > 0 ? std::numeric_limits<double>::infinity() : partition->lag.coming();
  };
  std::stable_sort(of.begin(), of.end(), [&](const Partition* a, const Partition* b) { return wants(a) < wants(b); });
  for (std::size_t i = 0; i < of.size(); ++i) {
    const double even = left / static_cast<double>(of.size() - i);
    const double needed = wants(of[i]);
    if (needed < even) {
      // All that comes, with something to spare so that no rounding is left.
      of[i]->lag.set_leaving(needed + (even - needed) / 2);
      left -= needed;
    } else {
      of[i]->lag.set_leaving(even);
      left -= even;
    }
  }
}

void set_rates(Context& c) {
  const service::Records& source = records_of(c, c.plan.source);
  std::vector<std::vector<Partition*>> of(c.members());
  for (std::size_t i = 0; i < c.state.partitions.size(); ++i) {
    const PartitionPlan& plan = c.plan.partitions[i];
    Partition& partition = c.state.partitions[i];
    partition.lag.set_coming(source.look(c.world, c.plan.source, c.plan.readers.front(), plan.part).records_per_s);
    const Unit& unit = c.state.units[plan.unit];
    const bool assigned = unit.member != nobody && unit.life == c.member(unit.member).life;
    partition.read = assigned && works(c, unit.member) && reads(c, unit.member, plan);
    if (partition.read)
      of[unit.member].push_back(&partition);
    else
      partition.lag.set_leaving(0);
  }
  for (Number number = 0; number < c.members(); ++number) {
    if (!of[number].empty()) share_out(c, number, of[number]);
  }
}

/// Of a group that copies: what is not in the target when the source is gone is what its loss would cost.
void look_at_source(Context& c) {
  if (!c.plan.target.exists()) return;
  const service::Records& source = records_of(c, c.plan.source);
  const bool away = std::none_of(c.plan.partitions.begin(), c.plan.partitions.end(), [&](const PartitionPlan& plan) {
    return source.look(c.world, c.plan.source, c.plan.readers.front(), plan.part).leader.exists();
  });
  if (away && !c.state.source_away) {
    c.state.not_copied = lag(c);
    c.state.not_copied_age = age(c);
    const CauseScope because(c.world,
                             c.world.note(SourceAway{c.service.value}, static_cast<std::int64_t>(c.state.not_copied)));
    c.state.source_timer = c.world.schedule(c.now() + c.rules.source_lost, SourceLost{c.service.value});
  }
  if (!away) c.world.queue.cancel(c.state.source_timer);
  c.state.source_away = away;
}

bool too_old(const Partition& partition, Duration limit) {
  return partition.lag.now() - partition.lag.oldest() > limit;
}

void look_at_slis(Context& c) {
  for (std::size_t i = 0; i < c.plan.slis.size(); ++i) {
    const SliPlan& sli = c.plan.slis[i];
    const bool holds =
        std::all_of(c.state.partitions.begin(), c.state.partitions.end(), [&](const Partition& partition) {
          return sli.kind == SliKind::consuming ? partition.read : !too_old(partition, sli.limit);
        });
    if (c.state.holds[i] == holds) continue;
    c.state.holds[i] = holds;
    measurement::set_status(c.world, sli.index, GroupId::of(0), holds);
  }
}

void arm_lag(Context& c) {
  Time next = Time::never();
  bool waits = false;
  for (const Partition& partition : c.state.partitions) {
    const bool backlog = partition.lag.rows() > 0;
    waits = waits || backlog || partition.lag.leaving() < partition.lag.coming();
    if (backlog) next = std::min(next, partition.lag.empty_at());
    if (!backlog && partition.lag.leaving() >= partition.lag.coming()) continue;
    for (const SliPlan& sli : c.plan.slis) {
      if (sli.kind != SliKind::consumed) continue;
      const bool old = too_old(partition, sli.limit);
      next = std::min(next, old ? partition.lag.young_at(sli.limit) : partition.lag.too_old_at(sli.limit));
    }
  }
  if (c.state.lagging && !waits) c.world.note(CaughtUp{c.service.value});
  c.state.lagging = waits;
  if (next != Time::never()) next = std::max(next, c.now() + Duration::nanoseconds(1));
  sim::EventQueue& queue = c.world.queue;
  if (queue.pending(c.state.lag_timer)) {
    if (queue.when(c.state.lag_timer) == next) return;
    queue.cancel(c.state.lag_timer);
  }
  if (next != Time::never()) c.state.lag_timer = c.world.schedule(next, LagDue{c.service.value});
}

/// After anything that may change who reads, or how fast.
void flow(Context& c) {
  set_rates(c);
  look_at_source(c);
  look_at_slis(c);
  arm_lag(c);
}

// ---- the coordinator ----

void await_session(Context& c, Entry& entry) {
  if (c.world.queue.pending(entry.session) || !c.state.loaded) return;
  const Time heard = std::max(entry.since, beats_of(c, entry.member).at_or_before(c.now()));
  const Time out = std::max(heard + c.parameters.session, c.now());
  entry.session = c.world.schedule(out, MemberLost{c.service.value, entry.member, entry.life});
}

void prepare(Context& c, std::span<const Number> at_once = {});

/// The member is in the coordinator's list, and the rebalance is on: it joins again at its next heartbeat, and once it
/// has worked off what it has in hand.
void learns(Context& c, Entry& entry, bool at_once) {
  Member& member = c.member(entry.member);
  if (entry.joined || !lives(c, entry) || !member.talks || c.world.queue.pending(member.join_timer)) return;
  const Time heard = at_once ? c.now() : beats_of(c, entry.member).after(c.now());
  const Duration in_hand = c.world.draw(c.component(entry.member), Purpose::message_handling, c.parameters.poll);
  member.join_timer = c.world.schedule(heard + in_hand, Rejoined{c.service.value, entry.member, entry.life});
}

void joins_soon(Context& c, Number number) {
  Member& member = c.member(number);
  if (c.world.queue.pending(member.join_timer) || member.closing) return;
  const Duration takes = c.world.draw(c.component(number), Purpose::registration_jitter, c.parameters.join);
  member.join_timer = c.world.schedule(c.now() + takes, MemberJoins{c.service.value, number, member.life});
}

void complete(Context& c) {
  State& state = c.state;
  state.filling = state.members_came = false;
  c.world.queue.cancel(state.round_timer);
  const bool anybody = std::any_of(state.entries.begin(), state.entries.end(), [](const Entry& e) { return e.joined; });
  if (!c.rules.static_members || !anybody) {
    std::erase_if(state.entries, [&](const Entry& entry) {
      if (entry.joined || (c.rules.static_members && !anybody)) return false;
      c.world.queue.cancel(entry.session);
      return true;
    });
  }
  ++state.generation;
  if (state.entries.empty()) {
    state.phase = Phase::empty;
    return;
  }
  if (!anybody) {  // only static members that are away
    state.round_timer =
        c.world.schedule(c.now() + c.parameters.max_poll, RebalanceTimedOut{c.service.value, state.generation});
    return;
  }
  state.phase = Phase::completing;
  for (Entry& entry : state.entries) {
    if (entry.joined) entry.since = c.now();
    if (!lives(c, entry) || !c.member(entry.member).talks) await_session(c, entry);
  }
  const Duration takes = c.world.draw(c.itself(), Purpose::message_handling, c.parameters.sync);
  state.round_timer = c.world.schedule(c.now() + takes, Rebalanced{c.service.value, state.generation});
}

void try_complete(Context& c) {
  if (c.state.phase != Phase::preparing || c.state.filling) return;
  const bool all =
      std::all_of(c.state.entries.begin(), c.state.entries.end(), [](const Entry& entry) { return entry.joined; });
  if (all) complete(c);
}

/// Everybody has to join, but for those that have just done so. Those in `at_once` know without a heartbeat.
void prepare(Context& c, std::span<const Number> at_once) {
  State& state = c.state;
  c.world.queue.cancel(state.round_timer);
  c.world.queue.cancel(state.reassign_timer);
  const bool prompt = state.phase == Phase::completing;  // they wait for an answer
  state.awaits_storage = false;
  state.filling = state.phase == Phase::empty && !state.entries.empty();
  state.members_came = false;
  state.phase = Phase::preparing;
  const CauseScope because(c.world, c.world.note(RebalanceBegins{c.service.value}));
  if (state.filling) {
    state.remaining = std::max(c.parameters.max_poll - c.parameters.initial_delay, Duration());
    state.round_timer =
        c.world.schedule(c.now() + c.parameters.initial_delay, InitialDelayOver{c.service.value, state.generation});
    return;
  }
  state.round_timer =
      c.world.schedule(c.now() + c.parameters.max_poll, RebalanceTimedOut{c.service.value, state.generation});
  for (Entry& entry : state.entries) {
    const bool knows = std::find(at_once.begin(), at_once.end(), entry.member) != at_once.end();
    learns(c, entry, prompt || knows);
  }
  try_complete(c);
}

void all_join_again(Context& c) {
  for (Entry& entry : c.state.entries) entry.joined = false;
}

// ---- the consumer protocol: no rebalance; each member gives up and takes at its heartbeats ----

/// Whether nobody has the unit who is in the group.
bool is_free(Context& c, const Unit& unit) {
  return unit.member == nobody || entry_of(c, unit.member, unit.life) == nullptr;
}

/// The coordinator deals units out anew among those in its list.
void aim(Context& c) {
  State& state = c.state;
  std::vector<Number> listed;
  for (std::size_t i = 0; i < state.entries.size(); ++i) listed.push_back(static_cast<Number>(i));
  std::vector<Number> kept;
  for (const Unit& goal : state.goals) {
    const Entry* entry = goal.member == nobody ? nullptr : entry_of(c, goal.member, goal.life);
    kept.push_back(entry == nullptr ? nobody : static_cast<Number>(entry - state.entries.data()));
  }
  const std::vector<Number> wanted = assign(c.plan, listed, kept);
  for (std::size_t unit = 0; unit < state.goals.size(); ++unit) {
    if (wanted[unit] == nobody)
      state.goals[unit] = {};
    else
      state.goals[unit] = {state.entries[wanted[unit]].member, state.entries[wanted[unit]].life};
  }
  ++state.generation;
}

/// The member gives up what others are to have, and takes what it is to have and nobody has.
void reconcile(Context& c, Number number) {
  const Unit self{number, c.member(number).life};
  double again = 0;
  for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
    const Unit goal = c.state.goals[unit];
    if (c.state.units[unit] == self && goal != self) take_over(c, unit, nobody);
    if (goal != self || c.state.units[unit] == self || !is_free(c, c.state.units[unit])) continue;
    take_over(c, unit, number);
    again += read_again(c, unit);
  }
  if (again <= 0) return;
  c.world.measurement.redelivered += again;
  c.world.note(ReadAgain{c.service.value});
}

/// Whoever has something to give up or to take learns of it at its next heartbeat.
void tell_members(Context& c) {
  for (Entry& entry : c.state.entries) {
    const Unit self{entry.member, entry.life};
    bool any = false;
    for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
      const bool mine = c.state.units[unit] == self, wanted = c.state.goals[unit] == self;
      any = any || (mine && !wanted) || (!mine && wanted && is_free(c, c.state.units[unit]));
    }
    if (any) learns(c, entry, false);
  }
}

/// The coordinator's list has changed, or somebody has joined.
void list_changed(Context& c) {
  if (c.rules.by_server()) {
    aim(c);
    return tell_members(c);
  }
  switch (c.state.phase) {
    case Phase::empty:
    case Phase::stable:
    case Phase::completing: return prepare(c);
    case Phase::preparing: return try_complete(c);
  }
}

void remove_entry(Context& c, Number number, std::uint32_t life) {
  Entry* entry = entry_of(c, number, life);
  if (entry == nullptr) return;
  c.world.queue.cancel(entry->session);
  c.state.entries.erase(c.state.entries.begin() + (entry - c.state.entries.data()));
  if (c.state.phase != Phase::preparing) all_join_again(c);
  list_changed(c);
}

/// The member's JoinGroup request is with the coordinator.
void join(Context& c, Number number) {
  Member& member = c.member(number);
  commit_all(c, number);  // before it joins (ConsumerCoordinator.onJoinPrepare)
  Entry* entry = entry_of(c, number);
  const auto ghost = std::find_if(c.state.entries.begin(), c.state.entries.end(),
                                  [&](const Entry& e) { return e.member == number && e.life != member.life; });
  const bool replaces = entry == nullptr && c.rules.static_members && ghost != c.state.entries.end();
  if (replaces) {
    c.world.queue.cancel(ghost->session);
    for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
      if (c.state.units[unit] == Unit{number, ghost->life}) c.state.units[unit].life = member.life;
      if (c.rules.by_server() && c.state.goals[unit] == Unit{number, ghost->life})
        c.state.goals[unit].life = member.life;
    }
    ghost->life = member.life;
    ghost->since = c.now();
    entry = &*ghost;
    if (c.state.phase == Phase::completing) all_join_again(c);
  }
  if (entry != nullptr && c.state.phase == Phase::stable) {
    // It gets what it had.
    double again = 0;
    for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
      if (replaces && c.state.units[unit].member == number) again += read_again(c, unit);
    }
    if (again > 0) {
      c.world.measurement.redelivered += again;
      c.world.note(ReadAgain{c.service.value});
    }
    c.world.queue.cancel(entry->session);
    member.reads = true;
    return;
  }
  if (entry != nullptr && !replaces && c.state.phase == Phase::completing) {
    entry->joined = true;
    return;
  }
  member.reads = member.reads && !c.rules.eager();
  if (entry == nullptr) {
    if (c.state.phase == Phase::stable || c.state.phase == Phase::completing) all_join_again(c);
    const auto place = std::find_if(c.state.entries.begin(), c.state.entries.end(), [&](const Entry& e) {
      return e.member > number || (e.member == number && e.life > member.life);
    });
    c.state.entries.insert(place, Entry{number, member.life, true, false, c.now(), {}});
    if (c.state.filling) c.state.members_came = true;
  } else {
    entry->joined = true;
  }
  if (c.rules.by_server()) {
    // Its first heartbeat is its request to join.
    member.reads = true;
    entry_of(c, number)->joined = false;
    entry_of(c, number)->lasting = true;
    aim(c);
    reconcile(c, number);
    return tell_members(c);
  }
  list_changed(c);
}

// ---- the end of a rebalance ----

/// Units that the leader has assigned before and that nobody has now; they wait for their worker (Connect).
bool waits_for_worker(Context& c, const std::vector<Number>& kept) {
  State& state = c.state;
  const bool same_leader =
      state.leader_life == c.member(state.leader).life && entry_of(c, state.leader, state.leader_life) != nullptr;
  if (!same_leader) {
    // It knows nothing of what was assigned: whatever nobody has is new to it.
    state.leader = state.entries.front().member;
    state.leader_life = state.entries.front().life;
    state.due = Time::never();
    return false;
  }
  bool lost = false;
  for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) lost = lost || kept[unit] == nobody;
  if (!lost || state.moved || c.now() >= state.due) {
    state.due = Time::never();
    return false;
  }
  if (state.due == Time::never()) state.due = c.now() + c.rules.reassignment_delay;
  return true;
}

void assign_units(Context& c) {
  State& state = c.state;
  std::vector<Number> members;
  for (const Entry& entry : state.entries) {
    if (members.empty() || members.back() != entry.member) members.push_back(entry.member);
  }
  std::vector<Number> kept(c.plan.units, nobody);
  for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
    const Unit& its = state.units[unit];
    if (its.member != nobody && entry_of(c, its.member, its.life) != nullptr) kept[unit] = its.member;
  }
  std::vector<Number> wanted;
  if (c.rules.reassignment_delay > Duration() && waits_for_worker(c, kept))
    wanted = kept;
  else
    wanted = assign(c.plan, members, kept);
  std::vector<Number> gives;
  double again = 0;
  for (std::uint32_t unit = 0; unit < c.plan.units; ++unit) {
    Number to = wanted[unit];
    // What one that is there has to give up another gets in the next round.
    if (!c.rules.eager() && kept[unit] != nobody && to != kept[unit]) {
      to = nobody;
      gives.push_back(kept[unit]);
    }
    const Unit before = state.units[unit];
    take_over(c, unit, to);
    const Unit& its = state.units[unit];
    if (its.member != nobody && (its.member != before.member || its.life != before.life)) again += read_again(c, unit);
  }
  for (Entry& entry : state.entries) {
    entry.lasting = true;
    if (!lives(c, entry)) continue;
    if (!c.member(entry.member).talks) continue;
    // With an eager assignor nobody has read anything since it joined.
    if (c.rules.eager()) commit_all(c, entry.member);
    c.member(entry.member).reads = true;
  }
  state.phase = Phase::stable;
  all_join_again(c);
  if (again > 0) {
    c.world.measurement.redelivered += again;
    c.world.note(ReadAgain{c.service.value});
  }
  if (state.due != Time::never() && gives.empty())
    state.reassign_timer = c.world.schedule(state.due, ReassignmentDue{c.service.value, state.generation});
  state.moved = !gives.empty();
  if (state.moved) prepare(c, gives);
}

// ---- looks ----

void look_at_coordinator(Context& c) {
  State& state = c.state;
  ProcessId leader;
  std::uint32_t term = 0;
  // Who leads does not depend on who asks.
  const service::Reader reader = (c.plan.target.exists() ? c.plan.writers : c.plan.readers).front();
  const service::Standing standing =
      records_of(c, c.plan.coordinator).look(c.world, c.plan.coordinator, reader, c.plan.coordinating);
  leader = standing.leader;
  term = standing.term;
  const std::uint32_t incarnation = leader.exists() ? c.world.processes[leader].incarnation : 0;
  if (leader == state.coordinator && term == state.term && incarnation == state.incarnation) return;
  state.coordinator = leader;
  state.term = term;
  state.incarnation = incarnation;
  state.loaded = false;
  c.world.queue.cancel(state.load_timer);
  c.world.queue.cancel(state.round_timer);
  c.world.queue.cancel(state.reassign_timer);
  for (Entry& entry : state.entries) c.world.queue.cancel(entry.session);
  if (!leader.exists()) return;
  const Duration takes = c.world.draw(c.itself(), Purpose::log_load, c.parameters.load);
  state.load_timer = c.world.schedule(c.now() + takes, CoordinatorLoaded{c.service.value, term});
}

/// A worker that has lost its coordinator looks for it for one heartbeat's interval, then stops its tasks: at once
/// where the connection is closed, else when no answer has come for a session time-out (WorkerCoordinator.poll,
/// AbstractCoordinator.HeartbeatThread).
void miss_coordinator(Context& c, Number number) {
  Member& member = c.member(number);
  if (!c.rules.needs_coordinator || !runs(c, number) || c.world.queue.pending(member.away_timer)) return;
  const ProcessId coordinator = c.state.coordinator;
  const bool silent = coordinator.exists() && contact(c.world, c.process(number), coordinator) == Contact::silence;
  const Time heard = beats_of(c, number).at_or_before(c.now());
  const Time lost = silent ? std::max(heard + c.parameters.session, c.now()) : c.now();
  member.away_timer =
      c.world.schedule(lost + c.parameters.heartbeat, CoordinatorMissed{c.service.value, number, member.life, silent});
}

void look_at_talk(Context& c, Number number) {
  Member& member = c.member(number);
  const bool now = talks(c, number);
  if (now == member.talks) return;
  Entry* entry = entry_of(c, number);
  if (!now) {
    // Connect's tasks note their positions in a topic, whoever coordinates the group.
    if (!c.rules.needs_coordinator) freeze(c, number);
    member.talks = false;
    c.world.queue.cancel(member.join_timer);
    miss_coordinator(c, number);
    if (entry == nullptr) return;
    // Whoever waits in a rebalance is not timed out (ClassicGroupMember.hasSatisfiedHeartbeat).
    const bool awaited = entry->joined && (c.state.phase == Phase::preparing || c.state.phase == Phase::completing);
    if (!awaited) await_session(c, *entry);
    return;
  }
  member.talks = true;
  c.world.queue.cancel(member.away_timer);
  if (entry == nullptr) return joins_soon(c, number);
  thaw(c, number);
  c.world.queue.cancel(entry->session);
  if (c.rules.by_server()) return tell_members(c);
  if (c.state.phase == Phase::preparing && !entry->joined) return learns(c, *entry, false);
  if (!member.reads && c.state.phase == Phase::stable) joins_soon(c, number);
}

void look_at_work(Context& c, Number number) {
  if (!c.plan.downstream.exists()) return;
  Member& member = c.member(number);
  const bool blocked = runs(c, number) && !can_work(c, number);
  if (blocked == member.blocked) return;
  member.blocked = blocked;
  c.world.queue.cancel(member.poll_timer);
  if (blocked) {
    member.poll_timer =
        c.world.schedule(c.now() + c.parameters.max_poll, PollOverdue{c.service.value, number, member.life});
    return;
  }
  if (!member.talks) return;
  Entry* entry = entry_of(c, number);
  if (entry == nullptr) return joins_soon(c, number);
  if (c.state.phase == Phase::preparing) return learns(c, *entry, false);
  if (!member.reads && c.state.phase == Phase::stable) joins_soon(c, number);
}

bool past(World& world, const Context& c, Number number, std::uint32_t life) {
  world.stale = c.member(number).life != life;
  return world.stale;
}

}  // namespace

Context context(World& world, ServiceId service) {
  const ServicePlan& plan = plan_of(*world.plan, service);
  return {world, service, plan, plan.rules, plan.rules.parameters, world.services[service].as<State>()};
}
const Context view(const World& world, ServiceId service) {
  // A const context changes nothing.
  return context(const_cast<World&>(world), service);
}

void initialise(World& world, ServiceId service) {
  const ServicePlan& plan = plan_of(*world.plan, service);
  const std::size_t count = world.plan->services[service].members.size();
  State state;
  state.members.resize(count);
  state.partitions.resize(plan.partitions.size());
  state.holds.assign(plan.slis.size(), true);
  std::vector<Number> members;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<Number>(i);
    members.push_back(number);
    state.entries.push_back({number, 0, false, true, world.now, {}});
  }
  const std::vector<Number> kept(plan.units, nobody);
  for (const Number member : assign(plan, members, kept)) state.units.push_back({member, 0});
  if (plan.rules.by_server()) state.goals = state.units;
  world.services[service] = sim::Value::of(std::move(state));
}

void draw_phases(Context& c) {
  for (Number i = 0; i < c.members(); ++i) {
    Member& member = c.member(i);
    member.beat = c.now() + c.world.phase(c.component(i), Purpose::heartbeat_phase, c.parameters.heartbeat);
    member.commit = c.now() + c.world.phase(c.component(i), Purpose::tick_phase, c.parameters.commit);
  }
  const double u = c.world.uniform(c.itself(), Purpose::initial_leader);
  c.state.leader = static_cast<Number>(u * c.members());
  const service::Reader reader = (c.plan.target.exists() ? c.plan.writers : c.plan.readers).front();
  const service::Standing standing =
      records_of(c, c.plan.coordinator).look(c.world, c.plan.coordinator, reader, c.plan.coordinating);
  c.state.coordinator = standing.leader;
  c.state.term = standing.term;
  c.state.loaded = true;
  if (standing.leader.exists()) c.state.incarnation = c.world.processes[standing.leader].incarnation;
  set_rates(c);
}

void settle(Context& c) {
  advance(c);
  look_at_coordinator(c);
  for (Number number = 0; number < c.members(); ++number) {
    look_at_talk(c, number);
    look_at_work(c, number);
  }
  if (c.state.awaits_storage && c.state.loaded && c.state.phase == Phase::completing && can_store(c)) {
    c.state.awaits_storage = false;
    const Duration takes = c.world.draw(c.itself(), Purpose::message_handling, c.parameters.sync);
    c.state.round_timer = c.world.schedule(c.now() + takes, Rebalanced{c.service.value, c.state.generation});
  }
  flow(c);
}

void member_started(Context& c, Number number) {
  Member& member = c.member(number);
  const Duration takes = c.world.draw(c.component(number), Purpose::process_start, c.parameters.start);
  member.start_timer = c.world.schedule(c.now() + takes, MemberStarted{c.service.value, number, member.life});
}

void member_died(Context& c, Number number) {
  Member& member = c.member(number);
  advance(c);
  if (member.talks || c.rules.needs_coordinator) freeze(c, number);
  if (member.talks) {
    member.talks = false;
    if (Entry* entry = entry_of(c, number)) {
      const bool awaited = entry->joined && (c.state.phase == Phase::preparing || c.state.phase == Phase::completing);
      if (!awaited) await_session(c, *entry);
    }
  }
  for (sim::TimerId* timer : {&member.start_timer, &member.join_timer, &member.poll_timer, &member.away_timer})
    c.world.queue.cancel(*timer);
  member.started = member.closing = member.blocked = member.reads = false;
  ++member.life;
  settle(c);
}

void member_terminating(Context& c, Number number) {
  Member& member = c.member(number);
  if (member.closing) return;
  if (member.started && c.parameters.close_on_stop) {
    advance(c);
    if (member.talks) thaw(c, number);
    member.closing = true;
    c.world.queue.cancel(member.join_timer);
    // Static members do not leave: they are expected back (KIP-345).
    if (member.talks && !c.rules.static_members && entry_of(c, number) != nullptr) {
      const CauseScope because(c.world, c.world.note(MemberLeaves{c.service.value, number}));
      remove_entry(c, number, member.life);
    }
    // What it has read is noted.
    member.talks = false;
    if (Entry* entry = entry_of(c, number)) await_session(c, *entry);
    settle(c);
  }
  kubernetes::process_exited(c.world, c.process(number), Ending::clean);
}

double lag(const Context& c) {
  double rows = 0;
  for (const Partition& partition : c.state.partitions) {
    service::Backlog lag = partition.lag;
    lag.go_to(c.now());
    rows += lag.rows();
  }
  return rows;
}

double lag_growth(const Context& c) {
  double rows_per_s = 0;
  for (const Partition& partition : c.state.partitions) {
    const double grows = partition.lag.coming() - partition.lag.leaving();
    if (grows > 0 || partition.lag.rows() > 0) rows_per_s += grows;
  }
  return rows_per_s;
}

Duration age(const Context& c) {
  Duration oldest;
  for (const Partition& partition : c.state.partitions) {
    service::Backlog lag = partition.lag;
    lag.go_to(c.now());
    oldest = std::max(oldest, c.now() - lag.oldest());
  }
  return oldest;
}

double age_growth(const Context& c) {
  const Partition* oldest = nullptr;
  for (const Partition& partition : c.state.partitions) {
    if (partition.lag.rows() > 0 && (oldest == nullptr || partition.lag.oldest() < oldest->lag.oldest()))
      oldest = &partition;
  }
  if (oldest == nullptr) return 0;
  // It is read in the order in which it came, at the rate at which it came then.
  const double came = oldest->lag.oldest_came_at();
  return came > 0 ? 1 - oldest->lag.leaving() / came : 1;
}

std::size_t listed(const Context& c) { return c.state.entries.size(); }

bool healthy(const Context& c) {
  const State& state = c.state;
  if (state.phase != Phase::stable || !state.loaded || state.lagging || state.entries.size() != state.members.size() ||
      state.due != Time::never())
    return false;
  return std::all_of(state.members.begin(), state.members.end(),
                     [](const Member& m) { return m.started && m.talks && m.reads && !m.blocked && !m.closing; }) &&
         (state.goals.empty() || state.goals == state.units) &&
         std::all_of(state.units.begin(), state.units.end(), [](const Unit& unit) { return unit.member != nobody; }) &&
         std::all_of(state.holds.begin(), state.holds.end(), [](bool holds) { return holds; });
}

// ---- events ----

void on(World& world, const MemberStarted& event) {
  Context c = context(world, ServiceId{event.service});
  if (past(world, c, event.member, event.life)) return;
  set_by(c, &Keys::start);
  Member& member = c.member(event.member);
  member.started = true;
  member.beat = c.now();
  member.commit = c.now();
  settle(c);
}

void on(World& world, const MemberJoins& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.member(event.member);
  if (past(world, c, event.member, event.life) || !member.talks) {
    world.stale = true;
    return;
  }
  set_by(c, &Keys::join);
  advance(c);
  join(c, event.member);
  settle(c);
}

void on(World& world, const Rejoined& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.member(event.member);
  if (past(world, c, event.member, event.life)) return;
  Entry* entry = entry_of(c, event.member);
  if (c.rules.by_server()) {
    world.stale = entry == nullptr || !member.talks || member.closing;
    if (world.stale) return;
    set_by(c, &Keys::heartbeat);
    advance(c);
    reconcile(c, event.member);
    tell_members(c);
    return settle(c);
  }
  world.stale = entry == nullptr || entry->joined || c.state.phase != Phase::preparing || !member.talks ||
                member.closing || member.blocked;
  if (world.stale) return;
  set_by(c, &Keys::heartbeat);
  advance(c);
  join(c, event.member);
  settle(c);
}

void on(World& world, const MemberLost& event) {
  Context c = context(world, ServiceId{event.service});
  Entry* entry = entry_of(c, event.member, event.life);
  world.stale = entry == nullptr || !c.state.loaded;
  if (world.stale) return;
  set_by(c, &Keys::session);
  advance(c);
  remove_entry(c, event.member, event.life);
  settle(c);
}

void on(World& world, const PollOverdue& event) {
  Context c = context(world, ServiceId{event.service});
  if (past(world, c, event.member, event.life)) return;
  Member& member = c.member(event.member);
  world.stale = !member.talks || !member.blocked || entry_of(c, event.member) == nullptr;
  if (world.stale) return;
  advance(c);
  freeze(c, event.member);
  member.reads = false;
  // A static member says nothing and sends no more heartbeats: it is out a session time-out later
  // (AbstractCoordinator.maybeLeaveGroup).
  if (c.rules.static_members)
    await_session(c, *entry_of(c, event.member));
  else
    remove_entry(c, event.member, event.life);
  settle(c);
}

void on(World& world, const CoordinatorMissed& event) {
  Context c = context(world, ServiceId{event.service});
  if (past(world, c, event.member, event.life)) return;
  Member& member = c.member(event.member);
  world.stale = member.talks || !member.reads || !runs(c, event.member);
  if (world.stale) return;
  set_by(c, event.silent ? &Keys::session : &Keys::heartbeat);
  advance(c);
  member.reads = false;
  settle(c);
}

void on(World& world, const InitialDelayOver& event) {
  Context c = context(world, ServiceId{event.service});
  State& state = c.state;
  world.stale = !state.filling || state.generation != event.generation;
  if (world.stale) return;
  if (state.members_came && state.remaining > Duration()) {
    state.members_came = false;
    const Duration more = std::min(c.parameters.initial_delay, state.remaining);
    state.remaining = std::max(state.remaining - more, Duration());
    state.round_timer = world.schedule(c.now() + more, InitialDelayOver{c.service.value, state.generation});
    return;
  }
  advance(c);
  complete(c);
  settle(c);
}

void on(World& world, const RebalanceTimedOut& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = c.state.phase != Phase::preparing || c.state.generation != event.generation;
  if (world.stale) return;
  set_by(c, &Keys::max_poll);
  advance(c);
  complete(c);
  settle(c);
}

void on(World& world, const Rebalanced& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = c.state.phase != Phase::completing || c.state.generation != event.generation || !c.state.loaded;
  if (world.stale) return;
  if (!can_store(c)) {
    c.state.awaits_storage = true;
    return;
  }
  set_by(c, &Keys::sync);
  advance(c);
  assign_units(c);
  settle(c);
}

void on(World& world, const CoordinatorLoaded& event) {
  Context c = context(world, ServiceId{event.service});
  State& state = c.state;
  world.stale = state.term != event.term || state.loaded;
  if (world.stale) return;
  advance(c);
  state.loaded = true;
  // Members that were never part of a stored generation are unknown to it.
  std::erase_if(state.entries, [](const Entry& entry) { return !entry.lasting; });
  for (Entry& entry : state.entries) entry.since = c.now();
  const bool disturbed = state.phase != Phase::stable;
  state.filling = state.awaits_storage = false;
  all_join_again(c);
  state.phase = state.entries.empty() ? Phase::empty : Phase::stable;
  for (Number number = 0; number < c.members(); ++number) look_at_talk(c, number);
  for (Entry& entry : state.entries) {
    if (!lives(c, entry) || !c.member(entry.member).talks) await_session(c, entry);
  }
  if (c.rules.by_server()) {
    state.phase = Phase::stable;
    tell_members(c);
    return settle(c);
  }
  if (disturbed && state.phase == Phase::stable) prepare(c);
  if (state.due != Time::never() && state.phase == Phase::stable)
    state.reassign_timer =
        world.schedule(std::max(state.due, c.now()), ReassignmentDue{c.service.value, state.generation});
  settle(c);
}

void on(World& world, const ReassignmentDue& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = c.state.phase != Phase::stable || c.state.generation != event.generation || !c.state.loaded;
  if (world.stale) return;
  advance(c);
  // Every worker asks for it at that time.
  for (Entry& entry : c.state.entries) entry.joined = lives(c, entry) && c.member(entry.member).talks;
  prepare(c);
  settle(c);
}

void on(World& world, const LagDue& event) {
  Context c = context(world, ServiceId{event.service});
  world.set_by(capacity);
  settle(c);
}

void on(World& world, const SourceLost& event) {
  static constexpr std::string_view rule =
      "the source was lost: what was not copied yet is not in the target, and whoever goes on there lacks it";
  const Context c = context(world, ServiceId{event.service});
  constexpr double one_record = 1;
  if (c.state.not_copied < one_record) return;
  measurement::Loss loss;
  loss.service = c.service;
  loss.whole = true;
  loss.at = world.now;
  loss.records_any = c.state.not_copied;
  loss.seconds = c.state.not_copied_age.to_seconds();
  loss.rule = rule;
  loss.cause = world.trace.current();
  world.measurement.losses.push_back(loss);
}

}  // namespace nines::models::consumer_group
