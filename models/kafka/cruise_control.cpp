#include "models/kafka/cruise_control.hpp"

#include <algorithm>

#include "models/kafka/access.hpp"
#include "models/kafka/reassignment.hpp"

namespace nines::models::kafka {

namespace {

const Spec& spec(const Context& c) { return spec_of(c.world.plan->spec(ServiceId::of(c.service))); }

bool has_failed(const Context& c, Position broker) {
  return c.state.brokers[broker].fenced && !c.hosted(broker).empty();
}

bool any_failed(const Context& c) {
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) {
    if (has_failed(c, broker)) return true;
  }
  return false;
}

void look_at(Context& c, sim::Time at) {
  c.world.queue.cancel(c.state.moves.look_timer);
  c.state.moves.look_timer = c.world.schedule(at, BrokerFailureLook{c.service});
}

/// BrokerFailures: not too many for what is left (tooManyFailedBrokers).
bool fixable(const Context& c, const CruiseControlParameters& p, std::size_t failed) {
  const auto all = static_cast<double>(c.plan.brokers.size());
  return static_cast<Count>(failed) <= p.most_failed && static_cast<double>(failed) / all <= p.most_failed_share;
}

void heal(Context& c, const CruiseControlParameters& p, const std::vector<Position>& failed) {
  if (c.state.moves.moving > 0 || !p.heals || !spec(c).notifier_heals) return;
  const Mover mover{p.throttle.bytes_per_s, true, true};
  if (fixable(c, p, failed.size()) && empty_brokers(c, failed, mover)) {
    c.state.moves.failed_to_heal = false;
    return;
  }
  if (!c.state.moves.failed_to_heal) c.world.note(SelfHealingFailed{c.service});
  c.state.moves.failed_to_heal = true;
}

}  // namespace

void watch_failures(Context& c) {
  if (!spec(c).cruise_control) return;
  Moves& moves = c.state.moves;
  if (!any_failed(c)) {
    c.world.queue.cancel(moves.look_timer);
    moves.failed_at.clear();
    moves.alerted = moves.failed_to_heal = false;
    return;
  }
  if (c.world.queue.pending(moves.look_timer)) return;
  const Duration interval = spec(c).cruise.detection_interval;
  if (moves.looks.period != interval)
    moves.looks = {sim::Time::zero() + c.world.phase(c.plan.component, Purpose::scan_phase, interval), interval};
  look_at(c, moves.looks.after(c.now()));
}

void on(World& world, const BrokerFailureLook& event) {
  Context c = context(world, event.service);
  Moves& moves = c.state.moves;
  const CruiseControlParameters& p = spec(c).cruise;
  moves.failed_at.resize(c.plan.brokers.size(), sim::Time::never());
  std::vector<Position> failed;
  sim::Time earliest = sim::Time::never();
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) {
    if (!has_failed(c, broker)) {
      moves.failed_at[broker] = sim::Time::never();
      continue;
    }
    if (moves.failed_at[broker] == sim::Time::never()) {
      moves.failed_at[broker] = c.now();
      world.note(BrokerFailureFound{event.service, broker});
    }
    failed.push_back(broker);
    earliest = std::min(earliest, moves.failed_at[broker]);
  }
  world.stale = failed.empty();
  if (failed.empty()) return watch_failures(c);
  const sim::Time alert_at = earliest + p.alert_threshold;
  const sim::Time heal_at = earliest + p.healing_threshold;
  sim::Time next = moves.looks.after(c.now());
  if (c.now() < alert_at) {
    next = std::min(next, alert_at);
  } else if (c.now() < heal_at) {
    if (!std::exchange(moves.alerted, true)) world.note(BrokerFailureAlert{event.service});
    next = std::min(next, heal_at);
  } else {
    heal(c, p, failed);
  }
  if (any_failed(c)) look_at(c, next);
}

}  // namespace nines::models::kafka
