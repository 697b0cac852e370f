#include "models/local_first/workers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/kubernetes/address.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"

namespace nines::models::local_first {

namespace {

constexpr std::string_view rule_file = "rows that had not been sent were in a file that is gone";
constexpr std::string_view rule_power =
    "synchronous normal: commits since SQLite's last checkpoint when the power went";

sim::Grid turns_of(const Context& c, Number number) { return {c.worker(number).turn, c.parameters.interval}; }

bool runs(const Context& c, Number number) {
  return c.worker(number).started && c.world.processes[c.process(number)].status == ProcessState::Status::running &&
         !infrastructure::volume_stalled(c.world, c.process(number));
}

/// The central service takes what the worker sends.
bool can_send(const Context& c, Number number) {
  if (!runs(c, number)) return false;
  const models::ServicePlan& upstream = c.world.plan->services[c.plan.upstream];
  return std::any_of(upstream.members.begin(), upstream.members.end(), [&](ProcessId member) {
    return upstream.kind->answers(c.world, c.plan.upstream, member, c.process(number)) == service::Answers::everything;
  });
}

/// Up to now rows have come, and been sent at its turns.
void advance(Context& c, Number number) {
  Worker& worker = c.worker(number);
  const Time last = worker.outbox.now();
  worker.outbox.go_to(c.now());
  if (worker.sending != Sending::in_turns) return;
  const Time turn = turns_of(c, number).at_or_before(c.now());
  if (turn >= last) worker.outbox.sent_but(worker.outbox.coming() * (c.now() - turn).to_seconds());
}

void lose(Context& c, Number number, double rows, std::string_view rule) {
  const double lost = c.worker(number).outbox.lose(rows);
  c.worker(number).full = false;
  // Less is rounding.
  constexpr double least = 1e-6;
  if (lost <= least) return;
  const CauseScope because(c.world, c.world.note(RowsLost{c.service.value, number}));
  measurement::Loss loss;
  loss.service = c.service;
  loss.at = c.now();
  loss.records_one = lost;
  loss.seconds = c.spec.rows_per_s > 0 ? lost / c.spec.rows_per_s : 0;
  loss.rule = rule;
  loss.cause = c.world.trace.current();
  c.world.measurement.losses.push_back(loss);
}

void turn_at(Context& c, Number number, Time at) {
  Worker& worker = c.worker(number);
  worker.turn_timer = c.world.schedule(at, TurnDue{c.service.value, number, worker.life});
}

void look_at_sending(Context& c, Number number) {
  Worker& worker = c.worker(number);
  const bool can = can_send(c, number);
  if (!can) {
    c.world.queue.cancel(worker.turn_timer);
    if (worker.sending == Sending::away) return;
    worker.drained = worker.sending == Sending::drains;
    worker.sending = Sending::away;
    worker.away_since = c.now();
    worker.outbox.set_leaving(0);
    c.world.note(SyncStops{c.service.value, number});
    return;
  }
  if (worker.sending == Sending::drains && worker.outbox.rows() <= 0 && !worker.stopping) {
    worker.sending = Sending::in_turns;
    worker.outbox.set_leaving(0);
    c.world.note(BacklogDrained{c.service.value, number});
  }
  if (worker.sending != Sending::away || c.world.queue.pending(worker.turn_timer)) return;
  const Time next = turns_of(c, number).after(worker.away_since);
  // Back before its next turn: it never noticed.
  if (next > c.now() && !worker.drained)
    worker.sending = Sending::in_turns;
  else
    turn_at(c, number, turns_of(c, number).after(c.now()));
}

void look_at_file(Context& c, Number number) {
  Worker& worker = c.worker(number);
  const double room = c.plan.room[number];
  if (room <= 0) return;
  if (worker.sending != Sending::away) {
    worker.full = false;
  } else if (!worker.full && worker.outbox.holds_at(room) <= c.now()) {
    worker.full = true;
    c.world.note(FileFull{c.service.value, number});
  }
}

bool too_old(const Context& c, Number number, Duration limit) {
  const Worker& worker = c.worker(number);
  return worker.sending != Sending::in_turns && worker.outbox.now() - worker.outbox.oldest() > limit;
}

void arm(Context& c, Number number) {
  Worker& worker = c.worker(number);
  c.world.queue.cancel(worker.due_timer);
  if (worker.sending == Sending::in_turns) return;
  const service::Backlog& outbox = worker.outbox;
  Time next = Time::never();
  if (worker.sending == Sending::drains) next = outbox.empty_at();
  const double room = c.plan.room[number];
  if (room > 0 && !worker.full && worker.sending == Sending::away) next = std::min(next, outbox.holds_at(room));
  for (const SliPlan& sli : c.plan.slis) {
    if (sli.kind != SliKind::synced) continue;
    const bool old = too_old(c, number, sli.limit);
    next = std::min(next, old ? outbox.young_at(sli.limit) : outbox.too_old_at(sli.limit));
  }
  if (next == Time::never()) return;
  worker.due_timer = c.world.schedule(std::max(next, c.now() + Duration::nanoseconds(1)),
                                      OutboxDue{c.service.value, number, worker.life});
}

void look_at_slis(Context& c) {
  for (std::size_t i = 0; i < c.plan.slis.size(); ++i) {
    const SliPlan& sli = c.plan.slis[i];
    bool holds = sli.kind == SliKind::synced;
    for (Number number = 0; number < c.workers(); ++number) {
      if (sli.kind == SliKind::synced)
        holds = holds && !too_old(c, number, sli.limit);
      else
        holds = holds || accepts(c, number);
    }
    if (c.state.holds[i] == holds) continue;
    c.state.holds[i] = holds;
    measurement::set_status(c.world, sli.index, GroupId::of(0), holds);
  }
}

/// One that was told to end has sent what it had, or cannot.
void look_at_ends(Context& c) {
  for (Number number = 0; number < c.workers(); ++number) {
    Worker& worker = c.worker(number);
    if (!worker.stopping || !worker.started) continue;
    const bool sends = c.parameters.flush && worker.sending == Sending::drains && worker.outbox.rows() > 0;
    if (!sends && runs(c, number)) {
      worker.started = false;
      return kubernetes::process_exited(c.world, c.process(number), Ending::clean);
    }
  }
}

bool past(World& world, const Worker& worker, std::uint32_t life) {
  world.stale = worker.life != life;
  return world.stale;
}

}  // namespace

Context context(World& world, ServiceId service) {
  const Spec& spec = spec_of(world.plan->spec(service));
  return {world, service, plan_of(*world.plan, service), spec, spec.parameters, world.services[service].as<State>()};
}
const Context view(const World& world, ServiceId service) {
  // A const context changes nothing.
  return context(const_cast<World&>(world), service);
}

bool accepts(const Context& c, Number number) {
  const Worker& worker = c.worker(number);
  return runs(c, number) && !worker.stopping && !worker.full;
}

double unsent(const Context& c, Number number) {
  const Worker& worker = c.worker(number);
  service::Backlog outbox = worker.outbox;
  const Time last = outbox.now();
  outbox.go_to(c.now());
  const Time turn = turns_of(c, number).at_or_before(c.now());
  if (worker.sending == Sending::in_turns && turn >= last)
    outbox.sent_but(outbox.coming() * (c.now() - turn).to_seconds());
  return outbox.rows();
}

void settle(Context& c) {
  std::size_t taking = 0;
  for (Number i = 0; i < c.workers(); ++i) {
    advance(c, i);
    look_at_sending(c, i);
    look_at_file(c, i);
    taking += accepts(c, i) ? 1 : 0;
  }
  const double share = taking > 0 ? c.spec.rows_per_s / static_cast<double>(taking) : 0;
  for (Number i = 0; i < c.workers(); ++i) {
    c.worker(i).outbox.set_coming(accepts(c, i) ? share : 0);
    arm(c, i);
  }
  look_at_slis(c);
  look_at_ends(c);
}

void worker_started(Context& c, Number number) {
  Worker& worker = c.worker(number);
  advance(c, number);
  ProcessState& process = c.world.processes.edit(c.process(number));
  const std::uint32_t address = kubernetes::address_of(c.world, c.process(number));
  const bool another_pod = std::exchange(worker.address, address) != address;
  const bool has_volume = c.world.plan->processes[c.process(number)].volume.exists();
  const bool file_lost = std::exchange(process.disk_lost, false) || (!has_volume && another_pod);
  if (file_lost) lose(c, number, worker.outbox.rows(), rule_file);
  const Duration takes = c.world.draw(c.component(number), Purpose::process_start, c.parameters.start);
  worker.start_timer = c.world.schedule(c.now() + takes, WorkerUp{c.service.value, number, worker.life});
}

void worker_died(Context& c, Number number) {
  Worker& worker = c.worker(number);
  advance(c, number);
  const double rate = worker.outbox.coming();
  worker.started = worker.stopping = false;
  ++worker.life;
  c.world.queue.cancel(worker.start_timer);
  c.world.queue.cancel(worker.turn_timer);
  c.world.queue.cancel(worker.due_timer);
  const bool dark = c.world.processes[c.process(number)].ending == Ending::power_loss;
  if (dark && c.spec.synchronous == Synchronous::normal && c.parameters.pages_per_row > 0) {
    // A checkpoint makes all durable; from then on the kernel writes the file back turn after turn.
    const double rows = c.world.uniform(c.component(number), Purpose::snapshot_age) *
                        static_cast<double>(c.parameters.autocheckpoint) / c.parameters.pages_per_row;
    const double turn = rate * c.parameters.writeback.to_seconds();
    lose(c, number, turn > 0 ? std::fmod(rows, turn) : 0, rule_power);
  }
  settle(c);
}

void worker_terminating(Context& c, Number number) {
  Worker& worker = c.worker(number);
  if (!worker.started) return kubernetes::process_exited(c.world, c.process(number), Ending::clean);
  if (worker.stopping) return;
  worker.stopping = true;
  advance(c, number);
  if (c.parameters.flush && can_send(c, number) && worker.outbox.rows() > 0) {
    worker.sending = Sending::drains;
    worker.outbox.set_leaving(static_cast<double>(c.parameters.send_rate));
  }
  settle(c);
}

// ---- events ----

void on(World& world, const WorkerUp& event) {
  Context c = context(world, ServiceId{event.service});
  Worker& worker = c.worker(event.worker);
  if (past(world, worker, event.life)) return;
  worker.started = true;
  settle(c);
}

void on(World& world, const TurnDue& event) {
  Context c = context(world, ServiceId{event.service});
  Worker& worker = c.worker(event.worker);
  if (past(world, worker, event.life)) return;
  if (worker.sending != Sending::away || !can_send(c, event.worker)) {
    world.stale = true;
    return;
  }
  advance(c, event.worker);
  worker.sending = Sending::drains;
  worker.outbox.set_leaving(static_cast<double>(c.parameters.send_rate));
  const CauseScope because(world, world.note(SyncResumes{event.service, event.worker}));
  settle(c);
}

void on(World& world, const OutboxDue& event) {
  Context c = context(world, ServiceId{event.service});
  if (past(world, c.worker(event.worker), event.life)) return;
  settle(c);
}

}  // namespace nines::models::local_first
