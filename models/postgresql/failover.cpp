#include "models/postgresql/failover.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/postgresql/patroni.hpp"
#include "models/postgresql/replication.hpp"
#include "models/service/kind.hpp"

namespace nines::models::postgresql {

namespace {

using patroni::Decision;
using patroni::Holder;

constexpr std::uint64_t bit(Number number) { return std::uint64_t{1} << number; }

bool has_own_store(const Context& c) { return c.plan.store.exists(); }

/// The store of the key takes writes from the server's machine.
bool store_answers(const Context& c, Number number) {
  const ProcessId process = c.process(number);
  if (!has_own_store(c)) return kubernetes::reaches_control_plane(c.world, c.world.processes[process].node);
  const models::ServicePlan& store = c.world.plan->services[c.plan.store];
  return std::any_of(store.members.begin(), store.members.end(), [&](ProcessId member) {
    return store.kind->answers(c.world, c.plan.store, member, process) == service::Answers::everything;
  });
}

/// Its Patroni takes turns.
bool turns(const Context& c, Number number) { return awake(c, number) && c.server(number).phase != Phase::starting; }

sim::Grid loop_of(const Context& c, Number number) { return {c.server(number).loop, c.parameters.loop_wait}; }

bool is_busy(const Server& server) { return server.phase != Phase::up; }

/// Another member could take over from the leader.
bool can_take_over(const Context& c, Number number) {
  const bool named = !c.spec.synchronous() || (c.state.syncs & bit(number)) != 0;
  return named && serves(c, number) && c.server(number).phase == Phase::up && !c.server(number).leaving &&
         store_answers(c, number);
}

Holder holder_as(const Context& c, Number number) {
  if (c.state.key.holder == nobody) return Holder::nobody;
  return c.state.key.holder == number ? Holder::self : Holder::other;
}

patroni::View view_of(const Context& c, Number number) {
  const Server& server = c.server(number);
  patroni::View view;
  view.store = store_answers(c, number);
  view.holder = holder_as(c, number);
  view.data = server.has_data;
  view.busy = is_busy(server) || server.leaving;
  view.primary = server.primary && server.phase == Phase::up;
  view.overdue =
      server.phase == Phase::recovering && c.now() - server.recovering_since >= c.parameters.primary_start_timeout;
  view.superseded = c.state.chief != number;
  const bool synchronous = c.spec.synchronous();
  view.excluded = synchronous && c.state.syncs != 0 && (c.state.syncs & bit(number)) == 0 && c.state.chief != number;
  // With /sync that names nobody only the last leader may come back.
  if (synchronous && c.state.syncs == 0) view.excluded = c.state.chief != number;
  const double has = position(c, number);
  view.lagging = c.state.key.reported - has > c.parameters.maximum_lag.count;
  view.all_answer = c.parameters.failsafe;
  for (Number other = 0; other < c.servers(); ++other) {
    if (other == number) continue;
    const bool answers = contact(c.world, c.process(number), c.process(other)) == Contact::ok && turns(c, other);
    view.all_answer = view.all_answer && answers;
    view.rival = view.rival || can_take_over(c, other);
    if (!answers || !serves(c, other)) continue;
    view.primary_alive = view.primary_alive || is_primary(c, other);
    // In synchronous mode only those that /sync names are asked, and a former leader may have more.
    const bool asked = !synchronous || ((c.state.syncs & bit(other)) != 0 && other != c.state.chief);
    constexpr double whole_byte = 1;
    view.ahead = view.ahead || (asked && position(c, other) >= has + whole_byte);
  }
  view.sync_changes = synchronous && view.primary && wanted_syncs(c, number) != c.state.syncs;
  return view;
}

void turn_at(Context& c, Number number, sim::Time at) {
  Server& server = c.server(number);
  c.world.queue.cancel(server.turn_timer);
  server.turn_timer = c.world.schedule(at, TurnDue{c.service.value, number, server.life});
}

/// Who leads the store, if it has a leader.
ProcessId store_leader(const Context& c) {
  if (!has_own_store(c)) return ProcessId::none();
  return c.world.plan->services[c.plan.store].kind->leader(c.world, c.plan.store, {});
}

void renew(Context& c, Number number) {
  Key& key = c.state.key;
  key.renewed = true;
  key.renewed_at = c.now();
  key.reported = position(c, number);
  c.world.queue.cancel(key.expiry);
}

/// Who waits for the key to be free is woken by its store.
void wake_others(Context& c, Number but) {
  for (Number i = 0; i < c.servers(); ++i) {
    if (i != but && turns(c, i)) turn_at(c, i, c.now());
  }
}

void take_key(Context& c, Number number) {
  Server& server = c.server(number);
  c.state.key.holder = number;
  renew(c, number);
  const CauseScope because(c.world, c.world.note(LeaderAcquired{c.service.value, number}));
  if (!server.primary) begin_promotion(c, number);
}

/// Some member that it must ask answers nothing: its machine is gone, or cut off.
bool asks_in_vain(const Context& c, Number number) {
  for (Number other = 0; other < c.servers(); ++other) {
    if (other == number) continue;
    if (contact(c.world, c.process(number), c.process(other)) == Contact::silence) return true;
  }
  return false;
}

void change_syncs(Context& c, Number primary) {
  const std::uint64_t wanted = wanted_syncs(c, primary);
  const CauseScope because(
      c.world, c.world.note(SyncsChanged{c.service.value, primary}, static_cast<std::int64_t>(std::popcount(wanted))));
  c.state.syncs = wanted;
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    const bool free = server.leaving && !server.frozen && (wanted & bit(i)) == 0;
    if (free && server.phase == Phase::up) begin_stop(c, i);
  }
}

/// The standby that waited to be taken out of /sync ends now, for nobody takes it out any more.
void let_leave(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    const bool free = server.leaving && !server.frozen && !waited_for(c, i);
    if (free && server.phase == Phase::up) begin_stop(c, i);
  }
}

void perform(Context& c, Number number, Decision decision) {
  Server& server = c.server(number);
  switch (decision) {
    case Decision::nothing:
    case Decision::go_on: return;
    case Decision::renew: return renew(c, number);
    case Decision::promote: renew(c, number); return begin_promotion(c, number);
    case Decision::stand:
      if (!asks_in_vain(c, number)) return take_key(c, number);
      if (!c.world.queue.pending(server.race_timer)) {
        server.race_timer =
            c.world.schedule(c.now() + c.parameters.member_timeout, RaceDecided{c.service.value, number, server.life});
      }
      return;
    case Decision::step_down: return demote(c, number, true);
    case Decision::demote: return demote(c, number, false);
    case Decision::release: return release_key(c, number);
    case Decision::change_syncs: renew(c, number); return change_syncs(c, number);
  }
}

bool changes_something(const Context& c, Number number, Decision decision) {
  switch (decision) {
    case Decision::nothing: return false;
    case Decision::renew: return !c.state.key.renewed;
    case Decision::go_on: return true;
    case Decision::stand: return !c.world.queue.pending(c.server(number).race_timer);
    default: return true;
  }
}

/// Whether the holder renews its key at each of its turns as things are.
bool renews(const Context& c, Number number) {
  if (!turns(c, number) || !store_answers(c, number)) return false;
  const Decision decision = patroni::decide(view_of(c, number));
  return decision != Decision::release;
}

void expire_at(Context& c, sim::Time at) {
  Duration later;
  if (has_own_store(c)) later = c.world.phase(c.itself(), Purpose::lease_phase, c.parameters.lease_check);
  c.state.key.expiry = c.world.schedule(std::max(at, c.now()) + later, LeaderExpired{c.service.value});
}

void look_at_key(Context& c) {
  Key& key = c.state.key;
  if (key.holder == nobody) return;
  if (key.renewed && !renews(c, key.holder)) {
    const Server& holder = c.server(key.holder);
    key.renewed = false;
    key.renewed_at = loop_of(c, key.holder).at_or_before(c.now());
    key.granted_by = store_leader(c);
    const double since = (c.now() - key.renewed_at).to_seconds();
    key.reported = holder.wal - since * std::max(holder.rate_at_death, c.state.rates[key.holder]);
    return expire_at(c, key.renewed_at + c.parameters.ttl);
  }
  if (key.renewed) return;
  // An etcd without leader ends no lease; its next leader begins each anew (lessor.go Promote).
  const ProcessId leads = store_leader(c);
  if (std::exchange(key.granted_by, leads) != leads) {
    c.world.queue.cancel(key.expiry);
    if (leads.exists()) expire_at(c, c.now() + c.parameters.ttl);
    return;
  }
  if (!c.world.queue.pending(key.expiry)) {
    for (Number i = 0; i < c.servers(); ++i) {
      if (store_answers(c, i)) return expire_at(c, c.now() + c.parameters.ttl);
    }
  }
}

void look_at_turn(Context& c, Number number) {
  Server& server = c.server(number);
  if (!turns(c, number)) return;
  const bool store = store_answers(c, number);
  if (c.world.queue.pending(server.store_timer)) {
    if (!store) return;
    // The attempt of this turn gets through after all.
    c.world.queue.cancel(server.store_timer);
    return turn_at(c, number, c.now());
  }
  const patroni::View view = view_of(c, number);
  const bool waits = !view.store && view.primary && view.data && !view.busy;
  if (!waits && !changes_something(c, number, patroni::decide(view))) {
    // One that recovers looks again when it has done so for too long.
    if (view.busy && view.holder == Holder::self && server.phase == Phase::recovering && view.rival && !view.overdue) {
      const sim::Time overdue = server.recovering_since + c.parameters.primary_start_timeout;
      if (!c.world.queue.pending(server.turn_timer)) turn_at(c, number, loop_of(c, number).at_or_after(overdue));
      return;
    }
    c.world.queue.cancel(server.turn_timer);
    return;
  }
  if (c.world.queue.pending(server.turn_timer)) return;
  sim::Time next = loop_of(c, number).at_or_after(c.now());
  if (next <= server.turned) next = loop_of(c, number).after(server.turned);
  turn_at(c, number, next);
}

/// No server has the data any more.
bool data_gone(const Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    if ((server.has_data || server.phase == Phase::copying) && !c.world.processes[c.process(i)].disk_lost) return false;
  }
  return true;
}

/// A server that can take a backup.
Number restore_place(const Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    const bool there = awake(c, i) && disk_works(c, i) && c.server(i).phase == Phase::up;
    if (there && (!c.by_patroni() || store_answers(c, i))) return i;
  }
  return nobody;
}

/// The standby that has most, of those that people reach.
Number best_standby(const Context& c) {
  Number best = nobody;
  for (Number i = 0; i < c.servers(); ++i) {
    if (i == c.state.chief || !serves(c, i) || c.server(i).leaving) continue;
    if (c.by_patroni() && !store_answers(c, i)) continue;
    if (best == nobody || position(c, i) > position(c, best)) best = i;
  }
  return best;
}

/// People need not do anything about the primary: it serves, or is on its way.
bool chief_is_well(const Context& c) {
  const Server& chief = c.server(c.state.chief);
  if (!chief.has_data) return false;
  const bool gone = chief.phase == Phase::down || (chief.phase == Phase::up && !chief.primary);
  return !gone;
}

/// Patroni has no leader, and no member that may become it: in synchronous mode those that /sync names are gone, or all
/// that are left lag too far.
bool nobody_may_lead(const Context& c) {
  if (c.state.key.holder != nobody) return false;
  bool any = false;
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    if (!turns(c, i) && !(awake(c, i) && server.phase == Phase::starting)) continue;
    const bool comes = server.has_data && is_busy(server);
    if (comes || patroni::decide(view_of(c, i)) != Decision::nothing) return false;
    any = any || (server.has_data && store_answers(c, i));
  }
  return any;
}

bool people_are_needed(const Context& c) { return c.by_patroni() ? nobody_may_lead(c) : !chief_is_well(c); }

Errand errand_now(const Context& c) {
  if (data_gone(c)) return restore_place(c) == nobody ? Errand::none : Errand::restore;
  return c.servers() > 1 && people_are_needed(c) ? Errand::promote : Errand::none;
}

/// False if there is nobody to promote yet.
bool promote_by_hand(Context& c) {
  const Number best = best_standby(c);
  if (best == nobody || c.server(best).phase != Phase::up) return false;
  c.state.errand = Errand::none;
  const CauseScope because(c.world, c.world.note(PromotedByHand{c.service.value}));
  if (c.by_patroni())
    take_key(c, best);
  else
    begin_promotion(c, best);
  settle(c);
  return true;
}

void restore_backup(Context& c) {
  const Number there = restore_place(c);
  c.state.errand = Errand::none;
  const CauseScope because(c.world, c.world.note(BackupRestored{c.service.value}));
  const Parameters& p = c.parameters;
  const Duration oldest = p.archive_timeout > Duration() ? p.archive_timeout : p.backup_interval;
  const Duration age = c.world.phase(c.itself(), Purpose::snapshot_age, oldest);
  const double records = age.to_seconds() * c.spec.writes_per_s;
  lose(c, records * c.plan.wal_per_write, rule_backup, true);
  Server& server = c.server(there);
  server.has_data = true;
  server.wal = c.state.acknowledged = c.state.acknowledged - records * c.plan.wal_per_write;
  server.timeline = c.server(c.state.chief).timeline;
  if (c.by_patroni()) {
    c.state.syncs = 0;
    c.state.key.holder = there;
    renew(c, there);
  }
  begin_promotion(c, there);
  settle(c);
}

bool gone(World& world, const Server& server, std::uint32_t life) {
  world.stale = server.life != life;
  return world.stale;
}

}  // namespace

bool waited_for(const Context& c, Number standby) {
  return c.by_patroni() && c.spec.synchronous() && (c.state.syncs & bit(standby)) != 0 && standby != c.state.chief &&
         is_primary(c, c.state.chief);
}

std::uint64_t wanted_syncs(const Context& c, Number primary) {
  const auto most = static_cast<int>(c.spec.synchronous_standbys);
  std::uint64_t wanted = 0;
  // Those that are synchronous stay so while they are connected; a silent one counts until it is dropped.
  const auto add = [&](Number i, bool present) {
    const Server& server = c.server(i);
    const bool there = server.connection == Connection::streams && server.upstream == primary && !server.dropped &&
                       !server.leaving && server.phase == Phase::up;
    const bool silent = server.silent_since != sim::Time::never();
    if (there && (present || !silent) && std::popcount(wanted) < most) wanted |= bit(i);
  };
  for (Number i = 0; i < c.servers(); ++i) {
    if ((c.state.syncs & bit(i)) != 0) add(i, true);
  }
  for (Number i = 0; i < c.servers(); ++i) add(i, false);
  return wanted == 0 && c.parameters.strict ? c.state.syncs : wanted;
}

void look_at_members(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) {
    Server& server = c.server(i);
    const bool there = turns(c, i) && store_answers(c, i);
    if (!there && server.absent_since == sim::Time::never()) server.absent_since = c.now();
    if (!there || server.absent_since == sim::Time::never()) continue;
    const sim::Time expired = member_expires(c, i);
    const bool forgotten = expired != sim::Time::never() && c.now() - expired >= c.parameters.member_slots_ttl;
    // A slot that is in use cannot be dropped.
    if (forgotten && server.connection == Connection::down) server.slot = false;
    server.absent_since = sim::Time::never();
  }
}

sim::Time member_expires(const Context& c, Number number) {
  const sim::Time since = c.server(number).absent_since;
  if (!c.by_patroni() || !has_own_store(c) || since == sim::Time::never()) return sim::Time::never();
  return loop_of(c, number).at_or_before(since) + c.parameters.ttl;
}

void wake_patroni(Context& c, Number number) {
  if (c.by_patroni() && turns(c, number)) turn_at(c, number, c.now());
}

void look_at_patroni(Context& c) {
  look_at_key(c);
  for (Number i = 0; i < c.servers(); ++i) look_at_turn(c, i);
  let_leave(c);
}

void look_at_people(Context& c) {
  State& state = c.state;
  const Errand now = errand_now(c);
  if (state.errand != Errand::none && (now != state.errand || state.errand_about != state.chief)) {
    people::withdraw(c.world, people::Repair::by_hand, c.process(state.errand_about));
    state.errand = Errand::none;
  }
  if (now == Errand::none || state.errand != Errand::none) return;
  state.errand = now;
  state.errand_about = state.chief;
  people::ask_for_repair(c.world, people::Repair::by_hand, c.process(state.chief));
}

HandWork hand_work(const Context& c, Number number) {
  static constexpr std::string_view by_hand = "postgresql.by_hand";
  static constexpr std::string_view restore = "postgresql.restore";
  if (c.state.errand == Errand::restore && c.state.errand_about == number) return {c.parameters.restore, &restore};
  return {c.parameters.by_hand, &by_hand};
}

bool done_by_hand(Context& c, Number number) {
  grow(c);
  if (c.state.errand == Errand::none || c.state.errand_about != number) {
    if (let_copy(c, number)) settle(c);
    return true;
  }
  if (c.state.errand == Errand::promote) return promote_by_hand(c);
  restore_backup(c);
  return true;
}

void release_key(Context& c, Number number) {
  Key& key = c.state.key;
  if (key.holder != number) return;
  key.holder = nobody;
  // What its shutdown checkpoint says; one whose data are gone says nothing more (patroni/ha.py delete_leader).
  if (c.server(number).has_data) key.reported = c.server(number).wal;
  c.world.queue.cancel(key.expiry);
  const CauseScope because(c.world, c.world.note(KeyReleased{c.service.value, number}));
  wake_others(c, number);
}

void tell_users(Context& c) {
  if (c.world.plan->services[c.service].users.empty()) return;
  const Number chief = c.state.chief;
  const bool primary = is_primary(c, chief);
  const auto now = static_cast<std::uint8_t>(primary ? (commits(c, chief) ? 2 : 1) : 0);
  const bool same = now == c.state.told && chief == c.state.told_chief;
  c.state.told = now;
  c.state.told_chief = chief;
  if (!same) service::answers_changed(c.world, c.service);
}

// ---- events ----

void on(World& world, const TurnDue& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (gone(world, server, event.life)) return;
  if (!turns(c, event.server)) {
    world.stale = true;
    return;
  }
  grow(c);
  server.turned = c.now();
  const patroni::View view = view_of(c, event.server);
  if (!view.store) {
    if (view.primary && view.data && !view.busy) {
      server.store_timer =
          world.schedule(c.now() + c.parameters.retry_timeout, StoreGivenUp{event.service, event.server, event.life});
    }
    return settle(c);
  }
  const Decision decision = patroni::decide(view);
  world.unrecorded = decision == Decision::nothing;
  perform(c, event.server, decision);
  settle(c);
}

void on(World& world, const StoreGivenUp& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (gone(world, server, event.life)) return;
  grow(c);
  server.turned = std::max(server.turned, c.now());
  perform(c, event.server, patroni::decide(view_of(c, event.server)));
  settle(c);
}

void on(World& world, const RaceDecided& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (gone(world, server, event.life)) return;
  grow(c);
  const bool stands = turns(c, event.server) && patroni::decide(view_of(c, event.server)) == Decision::stand;
  if (stands)
    take_key(c, event.server);
  else
    world.stale = true;
  settle(c);
}

void on(World& world, const LeaveDue& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  if (gone(world, server, event.life)) return;
  // One that stands still ends when it goes on.
  if (!server.leaving || server.phase != Phase::up || server.frozen) {
    world.stale = true;
    return;
  }
  grow(c);
  begin_stop(c, event.server);
}

void on(World& world, const LeaderExpired& event) {
  Context c = context(world, ServiceId{event.service});
  Key& key = c.state.key;
  bool store = !has_own_store(c);
  for (Number i = 0; i < c.servers(); ++i) store = store || store_answers(c, i);
  if (key.renewed || !store) {
    world.stale = true;
    return;
  }
  grow(c);
  key.holder = nobody;
  if (has_own_store(c)) wake_others(c, nobody);
  settle(c);
}

}  // namespace nines::models::postgresql
