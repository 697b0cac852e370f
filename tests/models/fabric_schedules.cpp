#include "tests/models/fabric_schedules.hpp"

#include <algorithm>

#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::tests {

using models::Bandwidth;
using models::Bytes;
using models::Duration;
using sim::Time;

namespace {

struct Dice {
  std::uint64_t key;
  std::uint32_t draws = 0;
  double uniform() { return sim::to_unit(sim::random_bits(key, 0, draws++)); }
  bool chance(double probability) { return uniform() < probability; }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }
  /// Uniform in the logarithm.
  double between(double low, double high) { return low * sim::exp(uniform() * sim::log(high / low)); }
};

constexpr double slowest = 1e7;
constexpr double fastest = 1e9;

}  // namespace

FabricSchedule random_schedule(std::uint64_t number, const ScheduleMix& mix) {
  Dice dice{sim::stream_key(number, "fabric", "schedule")};
  FabricSchedule schedule;
  const std::size_t resources = 1 + dice.below(mix.max_resources);
  const double coupling = dice.uniform();  // from many small islands to one heap
  const double horizon = dice.between(1, 100);
  for (std::size_t i = 0; i < resources; ++i) {
    fabric::ResourceSpec spec;
    // A few round numbers among them, so that bottlenecks coincide.
    spec.capacity = {dice.chance(0.3) ? 1e8 : dice.between(slowest, fastest)};
    if (mix.credits && dice.chance(0.2)) {
      spec.credit.baseline = {spec.capacity.bytes_per_s * dice.between(0.1, 0.9)};
      spec.credit.size = {dice.between(1e7, 1e10)};
      spec.credit.level = {dice.chance(0.3) ? 0.0 : spec.credit.size.count * dice.uniform()};
    }
    schedule.resources.push_back(spec);
  }

  std::vector<FabricAction>& actions = schedule.actions;
  const auto at = [&] { return Time::zero() + Duration::from_seconds(horizon * dice.uniform()); };
  schedule.flows = 1 + dice.below(mix.max_flows);
  std::vector<Time> starts;
  for (std::size_t i = 0; i < schedule.flows; ++i) starts.push_back(dice.chance(0.2) ? Time::zero() : at());
  std::sort(starts.begin(), starts.end());
  for (std::size_t i = 0; i < schedule.flows; ++i) {
    FabricAction action;
    action.at = starts[i];
    fabric::FlowSpec& spec = action.spec;
    const std::size_t hops = 1 + dice.below(std::min<std::size_t>(resources, 5));
    const std::size_t window =
        std::max<std::size_t>(1, static_cast<std::size_t>(coupling * static_cast<double>(resources)));
    const std::size_t origin = dice.below(resources);
    for (std::size_t hop = 0; hop < hops; ++hop) {
      const double load = dice.chance(0.1) ? (mix.fractional_loads ? dice.between(0.2, 4) : 2.0) : 1.0;
      spec.route.add(fabric::ResourceId::of((origin + dice.below(window)) % resources), load);
    }
    if (!dice.chance(0.1)) spec.bytes = {static_cast<double>(static_cast<std::int64_t>(dice.between(1e6, 1e10)))};
    if (spec.bytes == fabric::unbounded || dice.chance(0.3)) spec.cap = {dice.between(slowest / 10, fastest)};
    if (dice.chance(0.3)) spec.weight = dice.between(0.25, 4);
    if (dice.chance(0.2)) spec.latency = Duration::from_seconds(dice.between(1e-4, 1));
    spec.owner = {1, static_cast<std::uint32_t>(i)};
    actions.push_back(action);
  }

  // What happens to them later.
  const auto add = [&](Time when, FabricAction::What what, std::size_t index, double value) {
    FabricAction action;
    action.at = when;
    action.what = what;
    action.index = static_cast<std::uint32_t>(index);
    action.value = value;
    actions.push_back(action);
  };
  const std::size_t changes = dice.below(1 + 2 * resources);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t flow = dice.below(schedule.flows);
    const std::size_t resource = dice.below(resources);
    const Time when = at();
    const Time later = starts[flow] + Duration::from_seconds(horizon * dice.uniform());
    const double kind = dice.uniform();
    if (kind < 0.15) {
      add(later, FabricAction::What::cancel, flow, 0);
    } else if (kind < 0.3) {
      add(later, FabricAction::What::set_cap, flow, dice.between(slowest / 10, fastest));
    } else if (kind < 0.4) {
      add(later, FabricAction::What::set_weight, flow, dice.between(0.25, 4));
    } else if (kind < 0.7) {
      add(when, FabricAction::What::set_capacity, resource, dice.between(slowest, fastest));
    } else {
      // Three ways to fail, all repaired after a while.
      const Time repaired = when + Duration::from_seconds(horizon * dice.uniform());
      if (kind < 0.8) {
        add(when, FabricAction::What::set_capacity, resource, 0);
        add(repaired, FabricAction::What::set_capacity, resource, dice.between(slowest, fastest));
      } else {
        add(when, FabricAction::What::set_condition, resource, 0);
        actions.back().condition = kind < 0.9 ? fabric::Condition::stalls : fabric::Condition::breaks;
        add(repaired, FabricAction::What::set_condition, resource, 0);
      }
    }
  }
  std::stable_sort(actions.begin(), actions.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return schedule;
}

FabricRun::FabricRun(fabric::Fabric& fabric, const FabricSchedule& schedule, Time origin)
    : fabric_(&fabric), schedule_(&schedule), origin_(origin), now_(origin), ends_(schedule.flows) {}

bool FabricRun::step() {
  const Time action = next_action_ < schedule_->actions.size()
                          ? Time::from_count(origin_.count() + schedule_->actions[next_action_].at.count())
                          : Time::never();
  const Time change = fabric_->next_change();
  if (action == Time::never() && change == Time::never()) return false;
  now_ = std::min(action, change);
  if (change <= action) {
    endings_.clear();
    fabric_->advance(now_, endings_);
    for (const fabric::Ending& ending : endings_) {
      ends_[ending.owner.index] = {Time::from_count(now_.count() - origin_.count()), ending.outcome};
    }
  } else {
    act(schedule_->actions[next_action_++]);
  }
  return true;
}

void FabricRun::act(const FabricAction& action) {
  const auto resource = fabric::ResourceId::of(action.index);
  using What = FabricAction::What;
  switch (action.what) {
    case What::start: flows_.push_back(fabric_->start(now_, action.spec)); break;
    case What::cancel: fabric_->cancel(now_, flows_[action.index]); break;
    case What::set_cap:
      if (fabric_->running(flows_[action.index])) fabric_->set_cap(now_, flows_[action.index], {action.value});
      break;
    case What::set_weight:
      if (fabric_->running(flows_[action.index])) fabric_->set_weight(now_, flows_[action.index], action.value);
      break;
    case What::set_capacity: fabric_->set_capacity(now_, resource, {action.value}); break;
    case What::set_condition: fabric_->set_condition(now_, resource, action.condition); break;
  }
}

std::vector<FlowEnd> play(fabric::Fabric& fabric, const FabricSchedule& schedule) {
  return play(fabric, schedule, [](const FabricRun&) {});
}

}  // namespace nines::tests
