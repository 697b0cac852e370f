#include "experiments/estimate/replication.hpp"

#include <algorithm>

#include "experiments/estimate/work_limit.hpp"
#include "models/faults/clocks.hpp"
#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/measurement/sli.hpp"
#include "models/structure/evaluate.hpp"

namespace nines::experiments {

namespace {

using models::World;
namespace measurement = models::measurement;

/// Records after which it is worth asking whether the trace may be forgotten.
constexpr std::size_t trace_chunk = 512;

class Observer {
 public:
  Observer(const models::Plan& plan, std::uint64_t index, const WarmUp& warm_up, sim::Duration span)
      : world_(models::initial_world(plan, index)),
        begin_(sim::Time::zero() + warm_up.length),
        end_(begin_ + span),
        limit_(end_ + warm_up.follow),
        most_events_(most_events_of_a_run(plan)) {
    seen_.first_outage.assign(plan.slis.size(), sim::Time::never());
    models::faults::start_fault_clocks(world_);
  }

  Replication observe() {
    while (step(begin_)) drain();
    models::run_until(world_, begin_);
    open_tally();
    while (step(end_)) drain();
    models::run_until(world_, end_);
    close_tally();
    const std::uint64_t enough = world_.events + most_events_;
    while (any_out() && world_.events < enough && models::step(world_, limit_)) drain();
    if (any_out() && world_.events < enough) models::run_until(world_, limit_);
    give_up();
    return std::move(seen_);
  }

 private:
  bool step(sim::Time until) {
    if (world_.events >= most_events_) refuse_replication(most_events_);
    return models::step(world_, until);
  }

  void drain() {
    measurement::State& state = world_.measurement;
    if (!state.outages.empty()) {
      for (const measurement::Outage& outage : state.outages) record(outage);
      state.outages.clear();
    }
    if (!state.losses.empty()) {
      for (const measurement::Loss& loss : state.losses) record(loss);
      state.losses.clear();
    }
    if (world_.people.worked > sim::Duration()) collect_work();
    if (world_.trace.records().size() >= next_look_) tidy();
  }

  /// Many people work longer than a Duration can hold.
  void collect_work() {
    seen_.worked_s += world_.people.worked.to_seconds();
    world_.people.worked = sim::Duration();
  }

  /// Nothing refers to the past of a healthy world.
  void tidy() {
    if (world_.queue.next_time() > world_.now && healthy(world_)) {
      count_incidents();
      world_.trace.forget();
    }
    next_look_ = world_.trace.records().size() + trace_chunk;
  }

  void count_incidents() {
    if (world_.now > end_) return;
    for (const sim::TraceRecord& record : world_.trace.records()) {
      if (record.at < begin_) continue;
      if (record.parent == sim::no_cause && models::event_info(record.kind).name.starts_with("fault.")) {
        ++seen_.incidents;
      }
    }
  }

  void record(const measurement::Outage& outage) {
    if (outage.start >= end_) return;
    sim::Time& first = seen_.first_outage[outage.sli];
    first = std::min(first, outage.start);
    if (outage.end <= begin_) return;
    OutageSeen entry = seen(world_, outage, world_.now);
    entry.begun_before = entry.start < begin_;
    entry.start = std::max(entry.start, begin_);
    entry.end = std::min(entry.end, end_);
    seen_.outages.push_back(std::move(entry));
  }

  void record(const measurement::Loss& loss) {
    if (loss.at < begin_ || loss.at >= end_) return;
    seen_.losses.push_back(seen(world_, loss));
  }

  /// What the span starts with.
  void open_tally() {
    drain();
    for (std::size_t sli = 0; sli < world_.measurement.slis.size(); ++sli) {
      seen_.partition_seconds.push_back(-partition_seconds(sli));
    }
    seen_.worked_s = 0;
    seen_.rented_usd = -models::infrastructure::metered_usd(world_);
    world_.measurement.failovers = 0;
    world_.measurement.redelivered = 0;
    world_.alerts.told.clear();
    models::structure::start_period(world_);
  }

  [[nodiscard]] double partition_seconds(std::size_t sli) const {
    return measurement::partition_seconds(world_, static_cast<measurement::SliIndex>(sli));
  }

  /// What is counted at the end of the span, whatever comes after.
  void close_tally() {
    count_incidents();
    for (std::size_t sli = 0; sli < world_.measurement.slis.size(); ++sli) {
      // An interruption that ends within its deadline after all is taken back: no less than nothing is left.
      double& sum = seen_.partition_seconds[sli];
      sum = std::max(0.0, sum + partition_seconds(sli));
    }
    collect_work();
    seen_.rented_usd += models::infrastructure::metered_usd(world_);
    seen_.failovers = world_.measurement.failovers;
    seen_.redelivered = world_.measurement.redelivered;
    seen_.told = world_.alerts.told;
    seen_.parts_s = models::structure::part_seconds(world_);
    seen_.events = world_.events;
    // Records of the span stay: outages that last refer to them.
    next_look_ = static_cast<std::size_t>(-1);
  }

  [[nodiscard]] bool any_out() const {
    return std::any_of(world_.measurement.slis.begin(), world_.measurement.slis.end(),
                       [&](const measurement::SliState& state) { return state.out && state.open.start < end_; });
  }

  void give_up() {
    for (const measurement::SliState& state : world_.measurement.slis) {
      if (state.out && state.open.start < end_) record(state.open);
    }
  }

  World world_;
  sim::Time begin_;
  sim::Time end_;
  sim::Time limit_;
  std::uint64_t most_events_;
  Replication seen_;
  std::size_t next_look_ = trace_chunk;
};

}  // namespace

Replication replicate(const models::Plan& plan, std::uint64_t index, const WarmUp& warm_up, sim::Duration span) {
  return Observer(plan, index, warm_up, span).observe();
}

}  // namespace nines::experiments
