// What black boxes do when much happens at once, against chains written by hand: ties that a shock makes, crews that
// interrupt, units that catch up after a mask, durations of zero length. The simulation is held against the exact
// solver in components_exact_simulation_test.cpp.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/components/events.hpp"
#include "models/components/markov_model.hpp"
#include "models/components/unit.hpp"
#include "models/faults/clocks.hpp"
#include "models/world.hpp"
#include "sim/markov.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/service_parts.hpp"

namespace components_semantics_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::components;
using namespace nines::models::testing;

namespace {

constexpr double twelve_digits = 1e-12;
/// Of units that only a shock or a mask is meant to fail: too rare to show in any digit that is looked at.
constexpr double hardly_ever = 1e-15;

/// Long-run share of time in, and entries per hour into, the states in which `down`.
struct ByHand {
  double unavailability = 0;
  double outages_per_hour = 0;
};

ByHand by_hand(const sim::MarkovChain& chain, const sim::StateSet& down) {
  const sim::StateVector probability = sim::steady_state(chain);
  return {sim::sum_over(probability, down), sim::entry_frequency(chain, probability, down)};
}

void check(const Topology& topology, const ByHand& expected, double digits = twelve_digits) {
  const ExactSli exact = solve(topology);
  CHECK(exact.unavailability == Approx(expected.unavailability).epsilon(digits));
  CHECK(exact.outages_per_hour == Approx(expected.outages_per_hour).epsilon(digits));
}

/// Two boxes of one unit that hardly ever fail but by a shock, repaired by one crew; the SLI is the first of them.
Topology struck(CrewPolicy policy, std::vector<std::string> hits, std::string seen) {
  Topology topology =
      boxes_topology({box("a", 1, hardly_ever, 2, "ops"), box("b", 1, hardly_ever, 5, "ops")}, part(std::move(seen)));
  topology.crews.push_back({"ops", 1, policy, {}, {}});
  if (policy == CrewPolicy::priority) topology.crews.front().order = {"a", "b"};
  topology.shocks.push_back({"storm", {0.1}, std::move(hits), 1});
  return topology;
}

/// Of `struck`: `a_first`: how likely the crew begins with a when both have failed at once.
sim::MarkovChain struck_chain(double a_first) {
  enum : std::size_t { both, a_then_b, b_alone, b_then_a, a_alone, states };
  constexpr double shock = 0.1;
  std::vector<sim::Transition> transitions{
      {a_then_b, b_alone, 1.0 / 2}, {b_alone, both, 1.0 / 5}, {b_alone, b_then_a, shock},
      {b_then_a, a_alone, 1.0 / 5}, {a_alone, both, 1.0 / 2}, {a_alone, a_then_b, shock},
  };
  if (a_first > 0) transitions.push_back({both, a_then_b, shock * a_first});
  if (a_first < 1) transitions.push_back({both, b_then_a, shock * (1 - a_first)});
  return {states, transitions};
}

const sim::StateSet a_is_down{0, 1, 0, 1, 1};
const sim::StateSet b_is_down{0, 1, 1, 1, 0};

constexpr double ten_digits = 1e-10;

/// a fails, and its repair is more urgent than that of b, which has two phases.
Topology urgent(Interrupts interrupts, std::string seen) {
  Topology topology =
      boxes_topology({box("b", 1, 0.2, 0, "ops"), box("a", 1, 0.3, 1 / 1.5, "ops")}, part(std::move(seen)));
  topology.components.front().repair = Law::erlang(of_hours(2), 2);
  topology.crews.push_back({"ops", 1, CrewPolicy::priority, {"a", "b"}, {}, interrupts});
  return topology;
}

/// A zone and, behind it, a unit whose stage "catch-up" it goes through when the zone is back.
std::vector<ComponentSpec> zone_and_replica(std::int64_t count, bool fails) {
  ComponentSpec replica = box("replica", count, 0.05, 0.5);
  replica.masked_by = {"zone"};
  replica.stages = {{"load", exponential_hours(0.25), 1, false, false},
                    {"catch-up", exponential_hours(2), 1, false, fails}};
  replica.after_mask = "catch-up";
  return {box("zone", count, 0.02, 3), replica};
}

/// States of `zone_and_replica` for one position: zone up, then zone down, by what the replica does.
enum : std::size_t { whole, repairing, loading, catching_up, below, position_states = 2 * below };

sim::MarkovChain position(bool fails) {
  constexpr double zone_fails = 0.02;
  constexpr double zone_back = 1.0 / 3;
  std::vector<sim::Transition> transitions;
  for (const std::size_t zone : {std::size_t{0}, std::size_t{below}}) {
    transitions.push_back({zone + whole, zone + repairing, 0.05});
    transitions.push_back({zone + repairing, zone + loading, 2});
    transitions.push_back({zone + loading, zone + catching_up, 4});
    transitions.push_back({zone + catching_up, zone + whole, 0.5});
    if (fails) transitions.push_back({zone + catching_up, zone + repairing, 0.05});
  }
  for (std::size_t replica = 0; replica < below; ++replica) {
    transitions.push_back({replica, below + replica, zone_fails});
    transitions.push_back({below + replica, replica == whole ? std::size_t{catching_up} : replica, zone_back});
  }
  return {position_states, transitions};
}

sim::StateSet position_down() {
  sim::StateSet down(position_states, 1);
  down[whole] = 0;
  return down;
}

}  // namespace

TEST_CASE("components: all that a shock hits waits before a crew chooses", "[components]") {
  // In whatever order the shock names them.
  for (const std::vector<std::string>& hits : {std::vector<std::string>{"a", "b"}, {"b", "a"}}) {
    check(struck(CrewPolicy::priority, hits, "a"), by_hand(struck_chain(1), a_is_down), ten_digits);
    check(struck(CrewPolicy::priority, hits, "b"), by_hand(struck_chain(1), b_is_down), ten_digits);
    check(struck(CrewPolicy::random, hits, "a"), by_hand(struck_chain(0.5), a_is_down), ten_digits);
    // Who failed first is a tie.
    check(struck(CrewPolicy::fcfs, hits, "a"), by_hand(struck_chain(0.5), a_is_down), ten_digits);
    check(struck(CrewPolicy::fcfs, hits, "b"), by_hand(struck_chain(0.5), b_is_down), ten_digits);
  }
}

TEST_CASE("components: a tie is among units, not boxes", "[components]") {
  // Of three units of a and one of b, the crew begins with b one time in four. All fail at once and never again: the
  // time until b is back is a sum of repairs of 1 h, as many as there are before it, and its own.
  Topology topology =
      boxes_topology({box("a", 3, hardly_ever, 1, "ops"), box("b", 1, hardly_ever, 1, "ops")}, part("b"));
  topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
  // So rare that the crew has always finished.
  constexpr double rate = 1e-9;
  topology.shocks.push_back({"storm", {rate}, {"a", "b"}, 1});
  CHECK(solve(topology).unavailability == Approx(rate * (1 + 2 + 3 + 4) / 4).epsilon(1e-6));
}

TEST_CASE("components: an interrupted repair goes on where it was, or begins anew", "[components]") {
  enum : std::size_t { a_up, a_down = 3, states = 6 };  // plus: b up, in its first, in its second phase
  const auto chain = [](Interrupts interrupts) {
    std::vector<sim::Transition> transitions;
    for (std::size_t b = 0; b < 3; ++b) {
      transitions.push_back({a_up + b, a_down + (interrupts == Interrupts::repeat && b == 2 ? 1 : b), 0.3});
      if (b != 2 || interrupts == Interrupts::resume) transitions.push_back({a_down + b, a_up + b, 1.5});
    }
    transitions.push_back({a_up, a_up + 1, 0.2});
    transitions.push_back({a_down, a_down + 1, 0.2});
    transitions.push_back({a_up + 1, a_up + 2, 1});
    transitions.push_back({a_up + 2, a_up, 1});
    return sim::MarkovChain(states, transitions);
  };
  const sim::StateSet b_down{0, 1, 1, 0, 1, 1};
  // The state that repeat never enters: the repair of a goes on, b is in its second phase.
  for (const Interrupts interrupts : {Interrupts::resume, Interrupts::repeat}) {
    std::vector<sim::Transition> transitions = chain(interrupts).transitions();
    if (interrupts == Interrupts::repeat) transitions.push_back({a_down + 2, a_up + 1, 1});
    const sim::MarkovChain by(states, transitions);
    check(urgent(interrupts, "b"), by_hand(by, b_down));
    // What is most urgent has the crew to itself.
    check(urgent(interrupts, "a"), {0.3 / 1.8, 0.3 * 1.5 / 1.8});
  }
  // Where no repair is interrupted, a waits.
  CHECK(solve(urgent(Interrupts::none, "a")).unavailability > 0.3 / 1.8 * 1.01);
}

TEST_CASE("components: the least urgent repair is interrupted", "[components]") {
  // Three boxes, two members: with all three failed, the first two are under repair.
  constexpr std::array rate{0.2, 0.3, 0.5};
  constexpr std::array repair{1.0, 0.7, 1.3};
  std::vector<sim::Transition> transitions;
  sim::StateSet last_is_down;
  for (std::size_t state = 0; state < 8; ++state) {  // bit i: box i has failed
    std::size_t members = 2;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t other = state ^ (std::size_t{1} << i);
      if (other > state) {
        transitions.push_back({state, other, rate[i]});
      } else if (members > 0) {
        transitions.push_back({state, other, 1 / repair[i]});
        --members;
      }
    }
    last_is_down.push_back((state & 4U) != 0 ? 1 : 0);
  }
  Topology topology = boxes_topology({box("a", 1, rate[0], repair[0], "ops"), box("b", 1, rate[1], repair[1], "ops"),
                                      box("c", 1, rate[2], repair[2], "ops")},
                                     part("c"));
  topology.crews.push_back({"ops", 2, CrewPolicy::priority, {"a", "b", "c"}, {}, Interrupts::resume});
  check(topology, by_hand({8, transitions}, last_is_down));
  // And in the simulation.
  const Plan plan = build_plan(topology, 1);
  World world = initial_world(plan, 0);
  const auto phase = [&](std::size_t unit) { return world.components.units[UnitId::of(unit)].phase; };
  for (const std::size_t unit : {2U, 1U, 0U}) components::fail(world, UnitId::of(unit));
  CHECK((phase(0) == Phase::repairing && phase(1) == Phase::repairing && phase(2) == Phase::waiting));
}

TEST_CASE("components: the simulation lets a crew choose among all that a shock hit", "[components]") {
  for (const std::vector<std::string>& hits : {std::vector<std::string>{"a", "b"}, {"b", "a"}}) {
    const Plan plan = build_plan(struck(CrewPolicy::priority, hits, "a"), 1);
    World world = initial_world(plan, 0);
    REQUIRE(components::strike(world, ShockId::of(0)));
    CHECK(world.components.units[UnitId::of(0)].phase == Phase::repairing);
    CHECK(world.components.units[UnitId::of(1)].phase == Phase::waiting);
  }
  // Among three units of a and one of b that fail at once, b is first one time in four, as likely by box one in two.
  for (const auto& [policy, share] : {std::pair(CrewPolicy::fcfs, 0.25), std::pair(CrewPolicy::random, 0.5)}) {
    Topology topology = struck(policy, {"a", "b"}, "a");
    topology.components.front().count = 3;
    const Plan plan = build_plan(topology, 1);
    constexpr std::size_t runs = 4000;
    double first = 0;
    for (std::size_t run = 0; run < runs; ++run) {
      World world = initial_world(plan, run);
      REQUIRE(components::strike(world, ShockId::of(0)));
      first += world.components.units[UnitId::of(3)].phase == Phase::repairing ? 1 : 0;
    }
    // Six standard deviations.
    CHECK(std::abs(first / runs - share) < 6 * std::sqrt(share * (1 - share) / runs));
  }
}

TEST_CASE("components: a repair with a fixed duration is interrupted and resumed", "[components]") {
  Topology topology = urgent(Interrupts::resume, "b");
  for (ComponentSpec& spec : topology.components) spec.failure_rate = {hardly_ever};
  topology.components[0].repair = Law::constant(of_hours(5));
  topology.components[1].repair = Law::constant(of_hours(1));
  for (const Interrupts interrupts : {Interrupts::none, Interrupts::resume, Interrupts::repeat}) {
    topology.crews.front().interrupts = interrupts;
    const Plan plan = build_plan(topology, 1);
    World world = initial_world(plan, 0);
    const UnitId b = UnitId::of(0);
    const UnitId a = UnitId::of(1);
    const auto at = [](double hours) { return sim::Time::zero() + of_hours(hours); };
    const auto is_whole = [&](UnitId unit) { return world.components.units[unit].phase == Phase::whole; };
    REQUIRE(components::fail(world, b));
    run_until(world, at(2));
    REQUIRE(components::fail(world, a));
    run_until(world, at(2.9));
    CHECK_FALSE(is_whole(a));
    // a: 3 h after the start if it interrupts, else after b, 6 h. b: 5 h, 6 h, 3 + 5 h.
    const double a_back = interrupts == Interrupts::none ? 6 : 3;
    const double b_back = interrupts == Interrupts::none ? 5 : interrupts == Interrupts::resume ? 6 : 8;
    for (const auto& [unit, back] : {std::pair(a, a_back), std::pair(b, b_back)}) {
      World later = world;
      run_until(later, at(back - 0.01));
      CHECK(later.components.units[unit].phase != Phase::whole);
      run_until(later, at(back));
      CHECK(later.components.units[unit].phase == Phase::whole);
    }
  }
}

TEST_CASE("components: a unit catches up after its mask is lifted", "[components]") {
  // In a chain of its own with its zone.
  for (const bool fails : {false, true}) {
    const Topology topology = boxes_topology(zone_and_replica(1, fails), part("replica"));
    check(topology, by_hand(position(fails), position_down()));
    const sim::FirstPassage passage =
        sim::first_passage(position(fails), sim::certain_state(position_states, whole), position_down());
    CHECK(solve(topology).mttf_h.value() == Approx(sim::sum_over(passage.hours, sim::complement(position_down()))));
  }
  // The closed form where it never fails by itself: the zone is up and, since it came back, the stage has passed.
  Topology topology = boxes_topology(zone_and_replica(1, false), part("replica"));
  topology.components[1].failure_rate = {hardly_ever};
  const double zone_up = (1.0 / 3) / (0.02 + 1.0 / 3);
  CHECK(solve(topology).unavailability == Approx(1 - zone_up * 0.5 / (0.5 + 0.02)).epsilon(ten_digits));
}

TEST_CASE("components: whenever its mask is lifted, a unit begins to catch up anew", "[components]") {
  std::vector<ComponentSpec> boxes = zone_and_replica(1, false);
  for (ComponentSpec& spec : boxes) spec.failure_rate = {hardly_ever};
  boxes[0].failure_rate = {0.1};
  SECTION("exact") {
    boxes[1].stages[1].duration = Law::erlang(of_hours(2), 2);
    boxes[1].stages.push_back({"warm-up", exponential_hours(1), 1, true, false});
    enum : std::size_t { up, first, second, warm, behind, states };
    // Behind the mask the stages go on, but all is begun anew.
    const sim::MarkovChain chain(states, {{up, behind, 0.1},
                                          {first, behind, 0.1},
                                          {second, behind, 0.1},
                                          {warm, behind, 0.1},
                                          {behind, first, 1.0 / 3},
                                          {first, second, 1},
                                          {second, warm, 1},
                                          {warm, up, 1}});
    check(boxes_topology(boxes, part("replica")), by_hand(chain, {0, 1, 1, 0, 1}), ten_digits);
  }
  SECTION("simulation") {
    boxes[0].repair = Law::constant(of_hours(3));
    boxes[1].repair = Law::constant(of_hours(1));
    boxes[1].stages[0].duration = Law::constant(of_hours(2));
    boxes[1].stages[1].duration = Law::constant(of_hours(6));
    const Plan plan = build_plan(boxes_topology(boxes, part("replica")), 1);
    World world = initial_world(plan, 0);
    const UnitId zone = UnitId::of(0);
    const UnitId replica = UnitId::of(1);
    const auto fails_at = [&](double hours, UnitId unit) {
      run_until(world, sim::Time::zero() + of_hours(hours));
      REQUIRE(components::fail(world, unit));
    };
    const auto serves_again_at = [&](double hours) {
      World later = world;
      run_until(later, sim::Time::zero() + of_hours(hours - 0.01));
      CHECK(later.components.boxes[BoxId::of(1)].working == 0);
      CHECK_FALSE(components::healthy(later));
      run_until(later, sim::Time::zero() + of_hours(hours));
      CHECK(later.components.boxes[BoxId::of(1)].working == 1);
      CHECK(components::healthy(later));
    };
    fails_at(0, zone);
    serves_again_at(3 + 6);
    fails_at(4, zone);  // while the replica catches up, which would take until 9 h
    serves_again_at(4 + 3 + 6);
    // Its repair and what it has to load go on behind the mask: it has begun to catch up when the zone is back.
    fails_at(19.5, replica);
    fails_at(20, zone);
    serves_again_at(20 + 3 + 6);
    // Here it is still loading.
    fails_at(39, zone);
    fails_at(40, replica);
    serves_again_at(40 + 1 + 2 + 6);
    // To have caught up behind the mask is not enough.
    fails_at(60, replica);
    fails_at(67, zone);
    serves_again_at(67 + 3 + 6);
  }
}

TEST_CASE("components: each unit catches up after its own mask", "[components]") {
  // Three replicas in three zones: three independent positions.
  const Topology topology = boxes_topology(zone_and_replica(3, true), at_least(2, {part("replica")}));
  const ByHand one = by_hand(position(true), position_down());
  const double down = one.unavailability;
  const double up = 1 - down;
  check(topology, {3 * up * down * down + down * down * down, 3 * one.outages_per_hour * 2 * up * down});
  CHECK(solve(topology).mttf_h.has_value());
  // A mask of one unit lifts for all at once.
  std::vector<ComponentSpec> boxes = zone_and_replica(3, true);
  boxes.front().count = 1;
  const double together = solve(boxes_topology(boxes, at_least(2, {part("replica")}))).unavailability;
  CHECK(together > 3 * up * down * down);
}

TEST_CASE("components: a blip of a mask is enough to have to catch up", "[components]") {
  Topology topology = boxes_topology(zone_and_replica(1, false), part("replica"));
  topology.components[0].repair = Law::constant({});
  topology.components[1].failure_rate = {hardly_ever};
  check(topology, {0.02 / (0.02 + 0.5), 0.02 * 0.5 / (0.02 + 0.5)}, ten_digits);
}

TEST_CASE("components: what is refused where units catch up", "[components]") {
  std::vector<ComponentSpec> boxes = zone_and_replica(3, true);
  SECTION("one mask for all besides one for each") {
    boxes.push_back(box("power", 1, 0.01, 1));
    boxes[1].masked_by.push_back("power");
    CHECK_THROWS_WITH(solve(boxes_topology(boxes, part("replica"))),
                      Catch::Contains("component 'replica'") && Catch::Contains("'power' masks them all"));
  }
  SECTION("a crew") {
    boxes[1].crew = "ops";
    Topology topology = boxes_topology(boxes, part("replica"));
    topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
    CHECK_THROWS_WITH(solve(topology), Catch::Contains("share a crew") && Catch::Contains("--method incidents"));
    // Seen only as one who keeps the crew busy.
    topology.components.push_back(box("other", 1, 0.01, 1, "ops"));
    composite_spec(topology).slis.front().requirement = part("other");
    CHECK_THROWS_WITH(solve(topology), Catch::Contains("share a crew"));
  }
  SECTION("a shock") {
    Topology topology = boxes_topology(boxes, part("replica"));
    topology.shocks.push_back({"storm", {0.1}, {"zone"}, 1});
    CHECK_THROWS_WITH(solve(topology), Catch::Contains("shock 'storm' hits 'zone'"));
  }
  SECTION("a life with a memory in a stage in which the unit cannot fail") {
    boxes[1].failure = Law::weibull(of_hours(20), 2);
    boxes[1].stages[1].fails = false;
    CHECK_THROWS_WITH(build_plan(boxes_topology(boxes, part("replica")), 1), Catch::Contains("stage 'catch-up'"));
  }
  SECTION("standby") {
    boxes[1].standby = StandbySpec{1, 1, {}};
    boxes[1].stages[1].fails = false;
    CHECK_THROWS_WITH(build_plan(boxes_topology(boxes, part("replica")), 1), Catch::Contains("standby"));
  }
}

TEST_CASE("components: a unit that catches up goes on ageing", "[components]") {
  // Whether it has to catch up changes no instant at which it fails.
  const auto failures = [](bool catches_up) {
    std::vector<ComponentSpec> boxes = zone_and_replica(3, true);
    boxes[1].failure = Law::weibull(of_hours(20), 3);
    boxes[1].stages.front().fails = true;
    if (!catches_up) boxes[1].after_mask.clear();
    const Plan plan = build_plan(boxes_topology(boxes, part("replica")), 1);
    World world = initial_world(plan, 0);
    faults::start_fault_clocks(world);
    run_until(world, sim::Time::zero() + of_hours(2000));
    std::vector<std::pair<sim::Time, std::uint32_t>> times;
    for (const sim::TraceRecord& record : world.trace.records()) {
      if (record.kind == kind_of<UnitFailed>) times.emplace_back(record.at, record.component);
    }
    return times;
  };
  const auto with = failures(true);
  CHECK(with.size() > 200);
  CHECK(with == failures(false));
}

TEST_CASE("components: durations of zero length are passed at once", "[components]") {
  SECTION("a stage, however often it is gone through") {
    const Topology plain = boxes_topology({box("pair", 2, 0.1, 1)}, at_least(2, {part("pair")}));
    Topology staged = plain;
    staged.components.front().stages = {{"none", Law::constant({}), 1e-9, false, false}};
    CHECK(solve(staged).unavailability == solve(plain).unavailability);
    const Plan plan = build_plan(staged, 1);
    World world = initial_world(plan, 0);
    faults::start_fault_clocks(world);
    run_until(world, sim::Time::zero() + of_hours(1000));
    CHECK(world.events < 1000);
  }
  SECTION("a repair before a stage, where units are masked one by one") {
    ComponentSpec replica = box("replica", 3, 0.1, 2);
    replica.masked_by = {"zone"};
    const auto solved = [&](const ComponentSpec& spec) {
      return solve(boxes_topology({box("zone", 3, 0.01, 4), spec}, at_least(2, {part("replica")})));
    };
    const ExactSli repaired = solved(replica);
    replica.stages = {{"restart", *replica.repair, 1, false, false}};
    replica.repair = Law::constant({});
    const ExactSli restarted = solved(replica);
    CHECK(restarted.unavailability == Approx(repaired.unavailability).epsilon(twelve_digits));
    CHECK(restarted.outages_per_hour == Approx(repaired.outages_per_hour).epsilon(twelve_digits));
    CHECK(restarted.mttf_h.value() == Approx(repaired.mttf_h.value()).epsilon(twelve_digits));
  }
  SECTION("everything at once") {
    ComponentSpec pair = box("pair", 2, 0.1, 0, "ops");
    pair.repair = Law::constant({});
    pair.stages = {{"none", Law::constant({}), 0.5, false, false}};
    pair.standby = StandbySpec{1, 0.5, SwitchoverSpec{Law::constant({}), 0.5, Law::constant({})}};
    Topology topology = boxes_topology({pair}, part("pair"));
    topology.crews.push_back({"ops", 1, CrewPolicy::inspection, {}, Law::constant({})});
    topology.shocks.push_back({"storm", {0.1}, {"pair"}, 0.5});
    CHECK(solve(topology).unavailability == 0);
    const Plan plan = build_plan(topology, 1);
    World world = initial_world(plan, 0);
    faults::start_fault_clocks(world);
    run_until(world, sim::Time::zero() + of_hours(1000));
    CHECK(components::healthy(world));
    CHECK(world.measurement.outages.empty());
  }
  SECTION("refused: units that return when others fail, where positions matter") {
    ComponentSpec replica = box("replica", 3, 0.1, 0, "ops");
    replica.repair = Law::constant({});
    replica.masked_by = {"zone"};
    replica.stages = {{"watched", exponential_hours(1), 1, false, true}};
    Topology topology = boxes_topology({box("zone", 3, 0.01, 4), replica}, at_least(2, {part("replica")}));
    topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
    CHECK(solve(topology).unavailability > 0);
    topology.shocks.push_back({"storm", {0.1}, {"replica"}, 0.5});
    CHECK_THROWS_WITH(solve(topology), Catch::Contains("their repair takes no time"));
  }
}

}  // namespace components_semantics_test
