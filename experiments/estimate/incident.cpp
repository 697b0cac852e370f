#include "experiments/estimate/incident.hpp"

#include <algorithm>
#include <cassert>

#include "experiments/estimate/work_limit.hpp"
#include "models/faults/clocks.hpp"
#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/measurement/sli.hpp"
#include "models/structure/evaluate.hpp"

namespace nines::experiments {

namespace measurement = models::measurement;

namespace {

/// Nobody waits longer, whatever is under way; the clock ends at 292 years.
constexpr sim::Duration longest_followed = sim::Duration::seconds(200LL * 365 * 24 * 3600);

/// Nor longer than through so many events: an incident within which something else fails all the time.
constexpr std::uint64_t most_events = 1'000'000;

/// Whether something is under way that ends by itself: a repair, a person at work, a copy.
bool mending(const models::World& world) {
  for (const models::components::UnitState& unit : world.components.units) {
    if (world.queue.pending(unit.timer)) return true;
  }
  for (const models::components::BoxState& box : world.components.boxes) {
    if (box.switching) return true;
  }
  for (const models::people::Job& job : world.people.jobs) {
    if (world.queue.pending(job.timer)) return true;
  }
  return world.queue.pending(world.fabric.timer);
}

}  // namespace

IncidentPlayer::IncidentPlayer(const models::Plan& plan)
    : plan_(plan), resting_(models::resting_world(plan)), most_events_(most_events / cost_of_an_event(plan)) {}

const IncidentRun& IncidentPlayer::play(std::uint64_t run, std::span<const Strike> strikes) {
  assert(!strikes.empty() && strikes.front().at == incident_start);
  models::reset_world(world_, resting_, run);
  world_.now = incident_start;
  world_.faults.forcing.records = true;
  world_.faults.forcing.latest.assign(plan_.black_boxes.units.size(), 0);
  models::faults::start_fault_clocks(world_, background_);
  sim::Time limit = incident_start + patience;
  bool over = false;
  for (std::size_t next = 0; !over;) {
    const sim::Time due = world_.queue.next_time();
    if (next < strikes.size() && strikes[next].at <= due) {
      strike(strikes[next++]);
      if (watch_) watch_(world_);
      limit = std::max(limit, world_.now + patience);
      continue;
    }
    // Between two events at one instant nothing is settled.
    const bool well = next == strikes.size() && due != world_.now && healthy(world_);
    if (const sim::Time end = well ? forgets_at(world_) : due; end < due) {
      world_.now = std::max(world_.now, end);
      over = true;
      continue;
    }
    if (due > limit && due < incident_start + longest_followed && mending(world_)) limit = due + patience;
    if (world_.events >= most_events_ || !models::step(world_, limit)) break;
    if (watch_) watch_(world_);
  }
  if (!over && world_.events < most_events_) models::run_until(world_, limit);
  observe(over);
  return result_;
}

void IncidentPlayer::strike(const Strike& strike) {
  world_.now = strike.at;
  // The fault's own event is the root of its chain.
  const models::CauseScope root(world_, sim::no_cause);
  world_.faults.forcing.bends = true;
  world_.faults.forcing.longer = strike.longer;
  models::faults::strike(world_, plan_.faults[strike.source]);
  world_.faults.forcing.bends = false;
  models::faults::start_fault_clocks(world_, strike.starts);
  failed_.clear();
  if (world_.components.not_whole == 0) return;
  for (const models::components::UnitId unit : plan_.black_boxes.units.ids()) {
    if (world_.components.units[unit].phase != models::components::Phase::whole) failed_.push_back(unit);
  }
}

void IncidentPlayer::observe(bool over) {
  result_.outages.clear();
  result_.losses.clear();
  result_.length_s = (world_.now - incident_start).to_seconds();
  result_.worked_s = world_.people.worked.to_seconds();
  result_.rented_usd = models::infrastructure::metered_usd(world_);
  result_.censored = !over;
  result_.weight = world_.faults.forcing.weight;
  result_.failovers = static_cast<double>(world_.measurement.failovers);
  result_.redelivered = world_.measurement.redelivered;
  result_.events = world_.events;
  result_.told = world_.alerts.told;
  result_.parts_s = models::structure::part_seconds(world_);
  result_.slis.assign(plan_.slis.size(), SliObservation{});
  for (std::size_t sli = 0; sli < plan_.slis.size(); ++sli) {
    result_.slis[sli].until_out_s = result_.length_s;
    result_.slis[sli].partition_s = measurement::partition_seconds(world_, static_cast<measurement::SliIndex>(sli));
  }
  for (const measurement::Outage& outage : world_.measurement.outages) observe(outage);
  for (const measurement::SliState& state : world_.measurement.slis) {
    if (state.out) observe(state.open);
  }
  for (const measurement::Loss& loss : world_.measurement.losses) result_.losses.push_back(seen(world_, loss));
}

void IncidentPlayer::observe(const measurement::Outage& outage) {
  result_.outages.push_back(seen(world_, outage, world_.now));
  const OutageSeen& entry = result_.outages.back();
  SliObservation& sli = result_.slis[outage.sli];
  sli.downtime_s += entry.length.to_seconds();
  sli.until_out_s = std::min(sli.until_out_s, (entry.start - incident_start).to_seconds());
  sli.outages += 1;
  sli.out = true;
}

}  // namespace nines::experiments
