#include "experiments/estimate/resting.hpp"

#include <algorithm>
#include <map>

#include "experiments/estimate/work_limit.hpp"
#include "models/faults/clocks.hpp"
#include "models/faults/sources.hpp"
#include "models/health.hpp"
#include "models/world.hpp"

namespace nines::experiments {

namespace {

constexpr sim::Duration month = sim::Duration::seconds(30LL * 24 * 3600);
/// Planned work and storms that move machines come several times a year.
constexpr int warm_up_months = 24;
constexpr std::size_t most_months = 2400;
/// Each layout has a plan and worlds of its own: large designs have fewer.
constexpr std::size_t most_months_times_parts = 120'000;
/// Fewer say nothing of a law.
constexpr std::size_t fewest_months = 16;
constexpr std::uint64_t most_events = 1'500'000;
/// Roles change so often that fewer months tell.
constexpr std::uint64_t most_events_of_roles = 400'000;
/// Names the randomness of the play: no run of incidents or timelines has this number.
constexpr std::uint64_t run_of_layouts = ~std::uint64_t{0} - 1;

/// Forgets what nobody asks for.
void tidy(models::World& world) {
  world.measurement.outages.clear();
  world.measurement.losses.clear();
  world.alerts.told.clear();
  world.people.worked = sim::Duration();
  if (world.queue.next_time() > world.now && models::healthy(world)) world.trace.forget();
}

/// Layouts by how many months began in them.
std::map<models::Layout, std::size_t> play(const models::Plan& plan) {
  std::map<models::Layout, std::size_t> found;
  const std::size_t parts = plan.nodes.size() + plan.processes.size();
  const std::size_t months =
      std::clamp(most_months_times_parts / std::max<std::size_t>(1, parts), fewest_months, most_months);
  const std::uint64_t events =
      (models::only_roles_drift(plan) ? most_events_of_roles : most_events) / cost_of_an_event(plan);
  models::World world = models::initial_world(plan, run_of_layouts);
  models::faults::start_fault_clocks(world);
  sim::Time next = sim::Time::zero() + warm_up_months * month;
  for (std::size_t at = 0; at < months; ++at, next = next + month) {
    while (world.events < events && models::step(world, next)) {
      constexpr std::size_t chunk = 512;
      if (world.trace.records().size() >= chunk && world.events % chunk == 0) tidy(world);
    }
    if (world.events >= events) break;
    models::run_until(world, next);
    if (!models::healthy(world)) continue;
    if (const auto layout = models::layout_of(world)) ++found[*layout];
  }
  return found;
}

}  // namespace

std::shared_ptr<const Resting> Resting::new_cluster() { return std::make_shared<const Resting>(); }

std::shared_ptr<const Resting> Resting::of(const models::Plan& plan) {
  if (!models::layouts_drift(plan)) return new_cluster();
  const std::map<models::Layout, std::size_t> found = play(plan);
  std::size_t months = 0;
  for (const auto& [layout, count] : found) months += count;
  if (months < fewest_months) return new_cluster();
  auto resting = std::make_shared<Resting>();
  for (const auto& [layout, count] : found) {
    resting->layouts_.push_back(layout);
    resting->shares_.push_back(static_cast<double>(count) / static_cast<double>(months));
  }
  return resting;
}

double Resting::exposure(const models::FaultSource& source) const {
  const models::NodeId node = models::faults::machine_struck(source);
  if (!drifts() || !node.exists()) return source.dormant ? 0 : 1;
  double share = 0;
  for (std::size_t i = 0; i < layouts_.size(); ++i) share += layouts_[i].machine[node.value] != 0 ? shares_[i] : 0;
  return share;
}

std::optional<std::size_t> Resting::draw(const models::FaultSource& source, double u) const {
  if (!drifts()) return std::nullopt;
  const models::NodeId node = models::faults::machine_struck(source);
  const auto share = [&](std::size_t i) {
    return !node.exists() || layouts_[i].machine[node.value] != 0 ? shares_[i] : 0;
  };
  double all = 0;
  for (std::size_t i = 0; i < layouts_.size(); ++i) all += share(i);
  std::optional<std::size_t> last;
  double passed = 0;
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    if (share(i) <= 0) continue;
    last = i;
    passed += share(i);
    if (passed > u * all) break;
  }
  return last;
}

double Resting::rented_usd_per_h(const models::Plan& plan) const {
  double usd = 0;
  for (const models::NodeId node : plan.nodes.ids()) {
    if (!drifts() || plan.nodes[node].offerings.empty()) continue;
    const double hour = plan.capacity_pools[plan.nodes[node].offerings.front()].hour.usd;
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      const int more = (layouts_[i].machine[node.value] != 0 ? 1 : 0) - (plan.nodes[node].parked ? 0 : 1);
      usd += shares_[i] * more * hour;
    }
  }
  return usd;
}

}  // namespace nines::experiments
