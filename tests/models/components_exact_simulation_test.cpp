// The exact solver and the simulation mean the same: random small topologies, solved and simulated.
//
// False alarms: each comparison of a mean over 64 replications with its exact value is a t-test with 63 degrees of
// freedom; |t| > 7.5 has probability 3e-10, and there are less than 2,000 comparisons: below 1e-6 together. The mean
// square of t over the comparisons of a test is also held against its own law.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/components/markov_model.hpp"
#include "models/faults/clocks.hpp"
#include "models/measurement/sli.hpp"
#include "models/world.hpp"
#include "sim/random.hpp"
#include "sim/time_units.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/service_parts.hpp"

namespace components_exact_simulation_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::components;
using namespace nines::models::testing;

namespace {

constexpr std::size_t replications = 64;
constexpr double most_deviations = 7.5;
constexpr double warm_up_hours = 50;

struct Estimate {
  double mean = 0;
  double error = 0;
};

Estimate estimate(const std::array<double, replications>& values) {
  constexpr double n = replications;
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

struct Simulated {
  Estimate unavailability;
  Estimate outages_per_hour;
};

/// Long-run measures of SLI 0, from replications of `hours` after a warm-up.
Simulated simulate(const Plan& plan, double hours) {
  std::array<double, replications> down{};
  std::array<double, replications> outages{};
  for (std::size_t run = 0; run < replications; ++run) {
    World world = initial_world(plan, run);
    faults::start_fault_clocks(world);
    run_until(world, sim::Time::zero() + of_hours(warm_up_hours));
    const double before = measurement::partition_seconds(world, 0);
    const std::size_t seen = world.measurement.outages.size();
    run_until(world, sim::Time::zero() + of_hours(warm_up_hours + hours));
    down[run] = (measurement::partition_seconds(world, 0) - before) / sim::seconds_per_hour / hours;
    outages[run] = static_cast<double>(world.measurement.outages.size() - seen) / hours;
  }
  return {estimate(down), estimate(outages)};
}

std::string text_of(const Law& law) {
  constexpr const char* names[] = {"constant", "uniform", "exponential", "lognormal", "erlang", "weibull"};
  return std::string(names[static_cast<std::size_t>(law.law)]) + " " + std::to_string(law.a.to_seconds());
}

std::string text_of(const structure::RequirementSpec& requirement) {
  if (requirement.of.empty()) return requirement.part;
  std::string text = std::to_string(requirement.at_least) + "(";
  for (const structure::RequirementSpec& child : requirement.of) text += text_of(child) + " ";
  return text + ")";
}

/// What a failing comparison is about.
std::string text_of(const Topology& topology) {
  std::string text;
  for (const ComponentSpec& box : topology.components) {
    text += box.name + " x" + std::to_string(box.count) + " rate " + std::to_string(box.failure_rate.per_hour);
    if (box.failure) text += " life " + text_of(*box.failure);
    text += ", repair " + text_of(*box.repair) + " by '" + box.crew + "'";
    for (const std::string& mask : box.masked_by) text += ", masked by " + mask;
    if (!box.after_mask.empty()) text += ", after a mask " + box.after_mask;
    for (const StageSpec& stage : box.stages) {
      text += ", stage " + text_of(stage.duration) + " success " + std::to_string(stage.success);
      text += (stage.works ? " works" : "") + std::string(stage.fails ? " fails" : "");
    }
    if (box.standby) {
      text +=
          ", active " + std::to_string(box.standby->active) + " dormant " + std::to_string(box.standby->dormant_factor);
      if (box.standby->switchover)
        text += " switchover " + text_of(box.standby->switchover->duration) + " coverage " +
                std::to_string(box.standby->switchover->coverage) + " else " +
                text_of(box.standby->switchover->uncovered_duration);
    }
    text += "\n";
  }
  for (const CrewSpec& crew : topology.crews)
    text += crew.name + " of " + std::to_string(crew.size) + " policy " +
            std::to_string(static_cast<int>(crew.policy)) + " interrupts " +
            std::to_string(static_cast<int>(crew.interrupts)) + " inspection " + text_of(crew.inspection) + "\n";
  for (const ShockSpec& shock : topology.shocks) {
    text += "shock " + std::to_string(shock.rate.per_hour) + " share " + std::to_string(shock.share) + " hits";
    for (const std::string& hit : shock.hits) text += " " + hit;
    text += "\n";
  }
  return text + "needs " + text_of(composite_spec(topology).slis.front().requirement);
}

/// Chains of many dimensions take long beyond this; here only the long run is looked at.
constexpr ExactOptions small_only{1500, 1, 20'000'000, 0};

/// How far apart exact and simulated are, in standard errors.
struct Deviations {
  double unavailability = 0;
  double outages = 0;
};

double deviation(double exact, const Estimate& simulated) {
  // What never changed is as exact as it gets.
  const double floor = 1e-12;
  const double distance = std::max(0.0, std::abs(simulated.mean - exact) - floor);
  return distance > 0 ? distance / simulated.error : 0;
}

Deviations compare(const Plan& plan, const ExactSli& exact, double hours) {
  const Simulated simulated = simulate(plan, hours);
  INFO(text_of(plan.topology));
  INFO("unavailability " << exact.unavailability << " exact, " << simulated.unavailability.mean << " +- "
                         << simulated.unavailability.error << " simulated");
  INFO("outages per hour " << exact.outages_per_hour << " exact, " << simulated.outages_per_hour.mean << " +- "
                           << simulated.outages_per_hour.error << " simulated");
  const Deviations found{deviation(exact.unavailability, simulated.unavailability),
                         deviation(exact.outages_per_hour, simulated.outages_per_hour)};
  CHECK(found.unavailability <= most_deviations);
  CHECK(found.outages <= most_deviations);
  return found;
}

void compare(const Topology& topology, double hours) {
  const Plan plan = build_plan(topology, 1);
  compare(plan, solve_exactly(plan, 0, small_only), hours);
}

/// Small topologies by number.
class Draw {
 public:
  explicit Draw(std::uint64_t number) : number_(number) {}

  Topology topology() {
    Topology result;
    result.name = "random";
    const std::size_t boxes = 2 + below(3);
    const std::size_t crews = chance(0.2) ? 0 : 1 + below(2);
    for (std::size_t i = 0; i < crews; ++i) result.crews.push_back(crew(i));
    for (std::size_t i = 0; i < boxes; ++i) result.components.push_back(component(i, result));
    for (CrewSpec& spec : result.crews) {
      for (auto box = result.components.rbegin(); box != result.components.rend(); ++box) {
        if (box->crew == spec.name) spec.order.push_back(box->name);
      }
    }
    if (chance(0.6)) result.shocks.push_back(shock(result));
    structure::RequirementSpec requirement;
    requirement.of = parts(result);
    std::int64_t units = 0;
    for (const auto& component : result.components)
      units += component.standby ? component.standby->active : component.count;
    requirement.at_least = 1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(units)));
    if (chance(0.4)) nest(requirement);
    result.services.push_back(composite_service("system", {{"works", requirement, {}, {}}}));
    return result;
  }

 private:
  double uniform() { return sim::to_unit(sim::random_bits(key, number_, drawn_++)); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }
  bool chance(double share) { return uniform() < share; }
  double between(double low, double high) { return low + (high - low) * uniform(); }

  Law law(double mean) {
    if (chance(0.1)) return Law::constant({});
    if (chance(0.3)) return Law::erlang(of_hours(mean), 2 + static_cast<int>(below(2)));
    return exponential_hours(mean);
  }

  CrewSpec crew(std::size_t number) {
    CrewSpec spec;
    spec.name = "crew-" + std::to_string(number);
    spec.size = chance(0.7) ? 1 : 2;
    spec.policy = static_cast<CrewPolicy>(below(4));
    if (spec.policy == CrewPolicy::priority) spec.interrupts = static_cast<Interrupts>(below(3));
    spec.inspection = law(between(0.1, 0.5));
    return spec;
  }

  ComponentSpec component(std::size_t number, const Topology& so_far) {
    ComponentSpec spec;
    spec.name = "box-" + std::to_string(number);
    spec.count = 1 + static_cast<std::int64_t>(below(3));
    spec.failure_rate = {between(0.05, 0.4)};
    spec.repair = law(between(0.3, 2));
    if (!so_far.crews.empty() && chance(0.8)) spec.crew = so_far.crews[below(so_far.crews.size())].name;
    const bool standby = spec.count > 1 && chance(0.35);
    if (!standby && chance(0.25)) age(spec);
    const std::size_t stages = chance(0.5) ? 0 : 1 + below(2);
    for (std::size_t i = 0; i < stages; ++i) spec.stages.push_back(stage(i, standby));
    if (standby) spec.standby = standby_of(spec);
    mask(spec, so_far);
    if (!spec.masked_by.empty() && !spec.stages.empty() && !standby && chance(0.7)) catch_up(spec);
    return spec;
  }

  void age(ComponentSpec& spec) {
    const Duration mean = of_hours(1 / spec.failure_rate.per_hour);
    spec.failure = Law::erlang(mean, 2);
  }

  StageSpec stage(std::size_t number, bool standby) {
    StageSpec spec;
    spec.name = "stage-" + std::to_string(number);
    spec.duration = law(between(0.2, 1));
    if (chance(0.4)) spec.success = between(0.4, 1);
    spec.works = !standby && chance(0.4);
    spec.fails = !standby && chance(0.5);
    return spec;
  }

  StandbySpec standby_of(const ComponentSpec& spec) {
    StandbySpec standby;
    standby.active = 1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(spec.count) - 1));
    standby.dormant_factor = chance(0.3) ? 0 : uniform();
    if (chance(0.7)) standby.switchover = SwitchoverSpec{law(between(0.1, 0.5)), uniform(), law(between(0.3, 1))};
    return standby;
  }

  /// A mask of one unit, or of as many where neither has standby.
  void mask(ComponentSpec& spec, const Topology& so_far) {
    if (so_far.components.empty() || !chance(0.5)) return;
    const ComponentSpec& other = so_far.components[below(so_far.components.size())];
    const bool aligned = other.count == spec.count && !spec.standby && !other.standby;
    if (other.count == 1 || aligned) spec.masked_by = {other.name};
  }

  void catch_up(ComponentSpec& spec) {
    const std::size_t first = below(spec.stages.size());
    spec.after_mask = spec.stages[first].name;
    if (!spec.failure) return;
    for (std::size_t i = first; i < spec.stages.size(); ++i) spec.stages[i].fails = true;
  }

  ShockSpec shock(const Topology& so_far) {
    ShockSpec spec{"shock", {between(0.02, 0.2)}, {}, chance(0.5) ? 1 : between(0.2, 1)};
    for (const ComponentSpec& box : so_far.components) {
      if (chance(0.6)) spec.hits.push_back(box.name);
    }
    if (spec.hits.empty()) spec.hits.push_back(so_far.components.front().name);
    return spec;
  }

  static std::vector<structure::RequirementSpec> parts(const Topology& of) {
    std::vector<structure::RequirementSpec> result;
    for (const ComponentSpec& box : of.components) result.push_back(part(box.name));
    return result;
  }

  /// The first parts must also be there by themselves.
  void nest(structure::RequirementSpec& requirement) {
    const std::vector<structure::RequirementSpec> both(requirement.of.begin(), requirement.of.begin() + 2);
    requirement = at_least(chance(0.5) ? 1 : 2, {at_least(1, both), std::move(requirement)});
  }

  static constexpr std::uint64_t key = 0x5EED;
  std::uint64_t number_;
  std::uint32_t drawn_ = 0;
};

/// `outages`: to be seen in all replications of a topology; each lasts `most_hours` at most.
void compare_random(std::uint64_t first, std::uint64_t last, double outages, double most_hours) {
  std::size_t compared = 0;
  double squares = 0;
  for (std::uint64_t number = first; number < last; ++number) {
    INFO("random topology " << number);
    const Plan plan = build_plan(Draw(number).topology(), 1);
    ExactSli exact;
    try {
      exact = solve_exactly(plan, 0, small_only);
    } catch (const std::invalid_argument&) {  // too large, or units that catch up would have to be told apart
      continue;
    }
    const double hours = outages / replications / exact.outages_per_hour;
    // Of the rarest too few would be seen for a law of their mean.
    if (hours > most_hours) continue;
    const Deviations found = compare(plan, exact, std::max(hours, 10.0));
    squares += found.unavailability * found.unavailability + found.outages * found.outages;
    ++compared;
  }
  CHECK(compared >= (last - first) / 2);
  // Two of each topology, which depend on each other: a mean of about 1, with a standard deviation of at most
  // sqrt(2 / compared), to which the tails of t add a little.
  const double mean_square = squares / static_cast<double>(2 * compared);
  INFO("mean square of the deviations " << mean_square << " over " << compared << " topologies");
  CHECK(mean_square <= 1.05 + 8 * std::sqrt(2 / static_cast<double>(compared)));
}

}  // namespace

TEST_CASE("exact and simulated: a life that ends with its stage", "[components]") {
  ComponentSpec pair = box("pair", 2, 0.5, 0.5);
  pair.failure = Law::erlang(of_hours(2), 4);
  pair.stages = {{"watched", exponential_hours(1), 0.5, false, true}, {"safe", exponential_hours(1), 1, false, false}};
  compare(boxes_topology({pair}, at_least(1, {part("pair")})), 1000);
}

TEST_CASE("exact and simulated: a shock that takes unit and standby", "[components]") {
  ComponentSpec pair = box("pair", 3, 0.1, 1);
  pair.standby = StandbySpec{2, 0.5, SwitchoverSpec{exponential_hours(0.5), 0.7, exponential_hours(1)}};
  Topology topology = boxes_topology({pair}, at_least(1, {part("pair")}));
  topology.shocks.push_back({"all", {0.3}, {"pair"}, 1});
  compare(topology, 1000);
  topology.shocks.front().share = 0.6;
  compare(topology, 1000);
}

TEST_CASE("exact and simulated: who waits for a switchover keeps his place in the queue", "[components]") {
  ComponentSpec pair = box("pair", 2, 0.3, 1, "ops");
  pair.standby = StandbySpec{1, 1, SwitchoverSpec{exponential_hours(1), 1, {}}};
  Topology topology =
      boxes_topology({pair, box("other", 2, 0.5, 0.5, "ops")}, at_least(2, {part("pair"), part("other")}));
  topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
  compare(topology, 1000);
}

TEST_CASE("exact and simulated: units masked one by one that share a crew and a shock", "[components]") {
  ComponentSpec broker = box("broker", 3, 0.2, 0.5, "ops");
  broker.masked_by = {"zone", "power"};
  ComponentSpec disk = box("disk", 3, 0.1, 0.7, "ops");
  disk.masked_by = {"broker"};
  Topology topology = boxes_topology({box("power", 1, 0.1, 0.3), box("zone", 3, 0.1, 1), broker, disk},
                                     at_least(3, {part("broker"), part("disk")}));
  topology.crews.push_back({"ops", 1, CrewPolicy::random, {}, {}});
  topology.shocks.push_back({"storm", {0.1}, {"zone", "disk"}, 0.5});
  compare(topology, 1000);
}

TEST_CASE("exact and simulated: random topologies", "[components]") { compare_random(0, 200, 400, 300); }
TEST_CASE("exact and simulated: many random topologies", "[components][slow]") {
  compare_random(300, 700, 10'000, 5'000);
}

}  // namespace components_exact_simulation_test
