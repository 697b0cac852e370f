// Random lives of a fabric: what exists, and what is done to it when. The same schedule is played on every
// implementation, driven by a bare event queue.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/fabric.hpp"

namespace nines::tests {

namespace fabric = models::fabric;

/// Something that is done to a fabric.
struct FabricAction {
  enum class What : std::uint8_t { start, cancel, set_cap, set_weight, set_capacity, set_condition };
  sim::Time at;
  What what = What::start;
  std::uint32_t index = 0;  ///< flow (by order of start) or resource
  double value = 0;
  fabric::Condition condition = fabric::Condition::works;
  fabric::FlowSpec spec;
};

struct FabricSchedule {
  std::vector<fabric::ResourceSpec> resources;
  std::vector<FabricAction> actions;  ///< by time
  std::size_t flows = 0;
};

/// What schedules may contain. The defaults are what both implementations understand.
struct ScheduleMix {
  std::size_t max_resources = 12;
  std::size_t max_flows = 24;
  bool credits = true;
  bool fractional_loads = true;
};

/// The schedule of a number. Bandwidths 1 MB/s to 10 GB/s, flows 1 MB to 100 GB, a tenth of them without an end.
FabricSchedule random_schedule(std::uint64_t number, const ScheduleMix& mix);

/// How a flow ended in a run; `at` is never() if it did not.
struct FlowEnd {
  sim::Time at = sim::Time::never();
  fabric::Outcome outcome = fabric::Outcome::done;
};

/// Plays a schedule to its last action and on until nothing ends any more, on a fabric that has no resources yet or,
/// with `first` and `origin`, on one that has them already from number `first` on, with its clock at `origin`.
/// `look` is called after every change.
template <class Look>
std::vector<FlowEnd> play(fabric::Fabric& fabric, const FabricSchedule& schedule, Look look);
std::vector<FlowEnd> play(fabric::Fabric& fabric, const FabricSchedule& schedule);

/// The driver under `play`: one timer in an event queue stands for the fabric.
class FabricRun {
 public:
  FabricRun(fabric::Fabric& fabric, const FabricSchedule& schedule, sim::Time origin = sim::Time::zero());
  /// Does what comes next. Returns whether there was something.
  bool step();
  [[nodiscard]] const std::vector<FlowEnd>& ends() const { return ends_; }
  [[nodiscard]] const std::vector<fabric::FlowId>& flows() const { return flows_; }
  [[nodiscard]] sim::Time now() const { return now_; }

  /// Goes on with a copy of the fabric.
  void use(fabric::Fabric& fabric) { fabric_ = &fabric; }

 private:
  void act(const FabricAction& action);

  fabric::Fabric* fabric_;
  const FabricSchedule* schedule_;
  sim::Time origin_;
  sim::Time now_;
  std::size_t next_action_ = 0;
  std::vector<fabric::FlowId> flows_;
  std::vector<FlowEnd> ends_;  ///< times since the origin
  std::vector<fabric::Ending> endings_;
};

template <class Look>
std::vector<FlowEnd> play(fabric::Fabric& fabric, const FabricSchedule& schedule, Look look) {
  for (const fabric::ResourceSpec& spec : schedule.resources) fabric.add(spec);
  FabricRun run(fabric, schedule);
  while (run.step()) look(run);
  return run.ends();
}

}  // namespace nines::tests
