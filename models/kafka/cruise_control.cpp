#include "models/kafka/cruise_control.hpp"

#include <algorithm>
#include <utility>

#include "models/kafka/access.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/reassignment.hpp"

namespace nines::models::kafka {

namespace {

const Spec& spec(const Context& c) { return spec_of(c.world.plan->spec(ServiceId::of(c.service))); }

/// A broker with replicas by the metadata, which no longer counts among those that live (updateFailedBrokers).
bool has_failed(const Context& c, Position broker) {
  if (!c.state.brokers[broker].fenced) return false;
  const auto& hosted = c.hosted(broker);
  return std::any_of(hosted.begin(), hosted.end(),
                     [&](const auto& replica) { return has(c.assigned(replica.first), replica.second); });
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

/// AbstractBrokerFailureDetector.tooManyFailedBrokers.
bool fixable(const Context& c, const CruiseControlParameters& p, std::size_t failed) {
  std::size_t alive = 0;
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) alive += c.state.brokers[broker].fenced ? 0 : 1;
  const double share = static_cast<double>(failed) / static_cast<double>(failed + alive);
  return static_cast<Count>(failed) <= p.most_failed && share <= p.most_failed_share;
}

/// RackAwareGoal.initGoalState: of any topic, moved or not.
bool racks_suffice(const Context& c) {
  std::vector<std::uint16_t> racks;
  for (Position broker = 0; broker < c.plan.brokers.size(); ++broker) {
    if (!c.state.brokers[broker].fenced) racks.push_back(c.plan.racks[broker]);
  }
  std::sort(racks.begin(), racks.end());
  const auto alive = static_cast<std::size_t>(std::unique(racks.begin(), racks.end()) - racks.begin());
  return std::all_of(c.plan.groups.begin(), c.plan.groups.end(),
                     [&](const GroupPlan& group) { return group.factor <= alive; });
}

void fail_to_heal(Context& c) {
  if (!std::exchange(c.state.moves.failed_to_heal, true)) c.world.note(SelfHealingFailed{c.service});
}

void heal(Context& c, const CruiseControlParameters& p, const std::vector<Position>& failed) {
  // It waits while somebody else moves replicas, and until somebody decides.
  if (c.state.moves.any() || !decides(c)) return;
  Mover mover;
  mover.throttle = p.throttle.bytes_per_s;
  mover.heals = mover.keeps_racks = true;
  mover.spares_removed = p.spares_removed;
  mover.removal_memory = p.removal_memory;
  if (!racks_suffice(c) || !empty_brokers(c, failed, mover)) return fail_to_heal(c);
  c.state.moves.failed_to_heal = false;
}

/// People are told of each failure that they have not been told of yet (SelfHealingNotifier.hasNewFailureToAlert).
void alert(Context& c, const std::vector<Position>& failed, bool begins_to_heal) {
  std::vector<sim::Time>& alerted = c.state.moves.alerted[begins_to_heal ? 1 : 0];
  alerted.resize(c.plan.brokers.size(), sim::Time::never());
  bool any = false;
  for (const Position broker : failed) {
    const sim::Time since = c.state.moves.failed_at[broker];
    any = any || alerted[broker] != since;
    alerted[broker] = since;
  }
  if (any) c.world.note(BrokerFailureAlert{c.service});
}

}  // namespace

void watch_failures(Context& c) {
  if (!spec(c).cruise_control) return;
  Moves& moves = c.state.moves;
  if (!any_failed(c)) {
    // What it has found it forgets at its next look only.
    const bool found = std::any_of(moves.failed_at.begin(), moves.failed_at.end(),
                                   [](sim::Time at) { return at != sim::Time::never(); });
    if (!found) c.world.queue.cancel(moves.look_timer);
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
  if (failed.empty()) {
    moves.failed_to_heal = false;
    return;
  }
  sim::Time next = moves.looks.after(c.now());
  // NoopNotifier does nothing, and while replicas are moved by it nothing else is looked at.
  if (spec(c).notifier_heals && !moves.heals) {
    const sim::Time alert_at = earliest + p.alert_threshold;
    const sim::Time heal_at = earliest + p.healing_threshold;
    if (c.now() < alert_at) {
      next = std::min(next, alert_at);
    } else if (c.now() < heal_at) {
      alert(c, failed, false);
      next = std::min(next, heal_at);
    } else {
      const bool can_fix = fixable(c, p, failed.size());
      alert(c, failed, p.heals && can_fix);
      if (p.heals) can_fix ? heal(c, p, failed) : fail_to_heal(c);
    }
  }
  look_at(c, next);
}

}  // namespace nines::models::kafka
