#include "experiments/replication.hpp"

#include <algorithm>

#include "experiments/health.hpp"
#include "models/faults/clocks.hpp"
#include "models/measurement/sli.hpp"

namespace nines::experiments {

namespace {

using models::World;
namespace measurement = models::measurement;

/// How long an outage is followed beyond the span.
constexpr sim::Duration patience = sim::Duration::seconds(30LL * 24 * 3600);
/// Records after which it is worth asking whether the trace may be forgotten.
constexpr std::size_t trace_chunk = 512;

class Observer {
 public:
  Observer(const models::Plan& plan, std::uint64_t index, sim::Duration span)
      : world_(models::initial_world(plan, index)), end_(sim::Time::zero() + span) {
    models::faults::start_fault_clocks(world_);
  }

  Replication observe() {
    while (models::step(world_, end_)) drain();
    models::run_until(world_, end_);
    close_books();
    const sim::Time limit = end_ + patience;
    while (any_out() && models::step(world_, limit)) drain();
    if (any_out()) models::run_until(world_, limit);
    give_up();
    return std::move(seen_);
  }

 private:
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
    if (world_.trace.records().size() >= next_look_) tidy();
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
      if (record.parent == sim::no_cause && models::event_info(record.kind).name.starts_with("fault.")) {
        ++seen_.incidents;
      }
    }
  }

  void record(const measurement::Outage& outage) {
    if (outage.start >= end_) return;
    OutageSeen entry = seen(world_, outage, world_.now);
    entry.end = std::min(entry.end, end_);
    seen_.outages.push_back(std::move(entry));
  }

  void record(const measurement::Loss& loss) {
    if (loss.at >= end_) return;
    seen_.losses.push_back(seen(world_, loss));
  }

  /// What is counted at the end of the span, whatever comes after.
  void close_books() {
    count_incidents();
    for (std::size_t sli = 0; sli < world_.measurement.slis.size(); ++sli) {
      seen_.partition_seconds.push_back(
          measurement::partition_seconds(world_, static_cast<measurement::SliIndex>(sli)));
    }
    seen_.worked = world_.people.worked;
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
  sim::Time end_;
  Replication seen_;
  std::size_t next_look_ = trace_chunk;
};

}  // namespace

Replication replicate(const models::Plan& plan, std::uint64_t index, sim::Duration span) {
  return Observer(plan, index, span).observe();
}

}  // namespace nines::experiments
