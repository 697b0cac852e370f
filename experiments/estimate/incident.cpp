#include "experiments/estimate/incident.hpp"

#include <algorithm>
#include <cassert>

#include "experiments/estimate/work_limit.hpp"
#include "models/faults/clocks.hpp"
#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/measurement/sli.hpp"
#include "models/structure/evaluate.hpp"
#include "sim/random.hpp"

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

IncidentPlayer::IncidentPlayer(const models::Plan& plan) : IncidentPlayer(plan, Resting::new_cluster()) {}

IncidentPlayer::IncidentPlayer(const models::Plan& plan, std::shared_ptr<const Resting> resting)
    : plan_(plan),
      resting_(std::move(resting)),
      layout_key_(sim::stream_key(plan.seed, "incidents", "layouts")),
      most_events_(most_events / cost_of_an_event(plan)) {}

IncidentPlayer::Start& IncidentPlayer::start_of(std::uint64_t run, const Strike& first) {
  const double u = resting_->drifts() ? sim::to_unit(sim::random_bits(layout_key_, run, 0)) : 0;
  const std::optional<std::size_t> layout = resting_->draw(plan_.faults[first.source], u);
  const std::size_t number = layout.value_or(0);
  const auto known = starts_.find(number);
  if (known != starts_.end()) return known->second;
  Start start;
  if (layout) start.own = std::make_unique<const models::Plan>(with_layout(plan_, resting_->layouts()[number]));
  start.resting = models::resting_world(start.own ? *start.own : plan_);
  return starts_.emplace(number, std::move(start)).first->second;
}

const IncidentRun& IncidentPlayer::play(std::uint64_t run, std::span<const Strike> strikes) {
  assert(!strikes.empty() && strikes.front().at == incident_start);
  now_ = &start_of(run, strikes.front());
  models::World& world = now_->world;
  models::reset_world(world, now_->resting, run);
  world.now = incident_start;
  world.faults.forcing.records = true;
  world.faults.forcing.latest.assign(plan_.black_boxes.units.size(), 0);
  models::faults::start_fault_clocks(world, background_);
  sim::Time limit = incident_start + patience;
  bool over = false;
  for (std::size_t next = 0; !over;) {
    const sim::Time due = world.queue.next_time();
    if (next < strikes.size() && strikes[next].at <= due) {
      strike(strikes[next++]);
      if (watch_) watch_(world);
      limit = std::max(limit, world.now + patience);
      continue;
    }
    // Between two events at one instant nothing is settled.
    const bool well = next == strikes.size() && due != world.now && healthy(world);
    if (const sim::Time end = well ? forgets_at(world) : due; end < due) {
      world.now = std::max(world.now, end);
      over = true;
      continue;
    }
    if (due > limit && due < incident_start + longest_followed && mending(world)) limit = due + patience;
    if (world.events >= most_events_ || !models::step(world, limit)) break;
    if (watch_) watch_(world);
  }
  if (!over && world.events < most_events_) models::run_until(world, limit);
  observe(over);
  return result_;
}

void IncidentPlayer::strike(const Strike& strike) {
  models::World& world = now_->world;
  world.now = strike.at;
  // The fault's own event is the root of its chain.
  const models::CauseScope root(world, sim::no_cause);
  world.faults.forcing.bends = true;
  world.faults.forcing.longer = strike.longer;
  models::faults::strike(world, plan_.faults[strike.source]);
  world.faults.forcing.bends = false;
  models::faults::start_fault_clocks(world, strike.starts);
  failed_.clear();
  if (world.components.not_whole == 0) return;
  for (const models::components::UnitId unit : plan_.black_boxes.units.ids()) {
    if (world.components.units[unit].phase != models::components::Phase::whole) failed_.push_back(unit);
  }
}

void IncidentPlayer::observe(bool over) {
  const models::World& world = now_->world;
  result_.outages.clear();
  result_.losses.clear();
  result_.length_s = (world.now - incident_start).to_seconds();
  result_.worked_s = world.people.worked.to_seconds();
  result_.rented_usd = models::infrastructure::metered_usd(world);
  result_.censored = !over;
  result_.weight = world.faults.forcing.weight;
  result_.failovers = static_cast<double>(world.measurement.failovers);
  result_.redelivered = world.measurement.redelivered;
  result_.events = world.events;
  result_.told = world.alerts.told;
  result_.parts_s = models::structure::part_seconds(world);
  result_.slis.assign(plan_.slis.size(), SliObservation{});
  for (std::size_t sli = 0; sli < plan_.slis.size(); ++sli) {
    result_.slis[sli].until_out_s = result_.length_s;
    result_.slis[sli].partition_s = measurement::partition_seconds(world, static_cast<measurement::SliIndex>(sli));
  }
  for (const measurement::Outage& outage : world.measurement.outages) observe(outage);
  for (const measurement::SliState& state : world.measurement.slis) {
    if (state.out) observe(state.open);
  }
  for (const measurement::Loss& loss : world.measurement.losses) result_.losses.push_back(seen(world, loss));
}

void IncidentPlayer::observe(const measurement::Outage& outage) {
  const models::World& world = now_->world;
  result_.outages.push_back(seen(world, outage, world.now));
  const OutageSeen& entry = result_.outages.back();
  SliObservation& sli = result_.slis[outage.sli];
  sli.downtime_s += entry.length.to_seconds();
  sli.until_out_s = std::min(sli.until_out_s, (entry.start - incident_start).to_seconds());
  sli.outages += 1;
  sli.out = true;
}

}  // namespace nines::experiments
