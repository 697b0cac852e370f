#include "experiments/incident.hpp"

#include <algorithm>
#include <cassert>

#include "experiments/health.hpp"
#include "models/faults/clocks.hpp"
#include "models/measurement/sli.hpp"

namespace nines::experiments {

namespace measurement = models::measurement;

const IncidentRun& IncidentPlayer::play(std::uint64_t run, std::span<const Strike> strikes, bool natural) {
  assert(!strikes.empty() && strikes.front().at == incident_start);
  models::reset_world(world_, resting_, run);
  world_.now = incident_start;
  models::faults::start_fault_clocks(world_, background_);
  const sim::Time limit = incident_start + incident_limit;
  bool over = false;
  for (std::size_t next = 0; !over;) {
    const sim::Time due = world_.queue.next_time();
    if (next < strikes.size() && strikes[next].at <= due) {
      strike(strikes[next++]);
      if (natural && next == strikes.size()) models::faults::start_fault_clocks(world_);
      continue;
    }
    // Between two events at one instant nothing is settled.
    const bool well = next == strikes.size() && due != world_.now && healthy(world_);
    if (const sim::Time end = well ? forgets_at(world_) : due; end < due) {
      world_.now = std::max(world_.now, end);
      over = true;
    } else if (!models::step(world_, limit)) {
      break;
    }
  }
  if (!over) models::run_until(world_, limit);
  observe(over);
  return result_;
}

void IncidentPlayer::strike(const Strike& strike) {
  world_.now = strike.at;
  // The fault's own event is the root of its chain.
  const models::CauseScope root(world_, sim::no_cause);
  models::faults::strike(world_, plan_.faults[strike.source]);
}

void IncidentPlayer::observe(bool over) {
  result_.outages.clear();
  result_.losses.clear();
  result_.length_s = (world_.now - incident_start).to_seconds();
  result_.worked_s = world_.people.worked.to_seconds();
  result_.censored = !over;
  const auto& records = world_.trace.records();
  result_.failovers =
      static_cast<double>(std::count_if(records.begin(), records.end(), [](const sim::TraceRecord& record) {
        return record.kind == models::kind_of<models::kafka::BrokerFenced>;
      }));
  result_.events = world_.events;
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
