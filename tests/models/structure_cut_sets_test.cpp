// Minimal cut sets against lists by hand, against all subsets of random structures, and against the closed forms.
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <set>

#include "models/plan.hpp"
#include "models/structure/cut_sets.hpp"
#include "models/structure/dependency.hpp"
#include "models/structure/evaluate.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace structure_cut_sets_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using structure::CutGroup;
using structure::CutSet;
using structure::CutSets;
using structure::RequirementSpec;

namespace {

using Names = std::set<std::string>;

components::ComponentSpec box(std::string name, Count count = 1, double mean_h = 2000, Duration repair = 4_h) {
  components::ComponentSpec spec;
  spec.name = std::move(name);
  spec.count = count;
  spec.failure_rate = {1 / mean_h};
  spec.repair = Law::exponential(repair);
  return spec;
}

components::ComponentSpec masked(components::ComponentSpec spec, std::vector<std::string> by) {
  spec.masked_by = std::move(by);
  return spec;
}

RequirementSpec part(std::string name) { return {std::move(name), 1, {}}; }
RequirementSpec at_least(std::int64_t needed, std::vector<RequirementSpec> of) { return {"", needed, std::move(of)}; }
RequirementSpec all_of(std::vector<RequirementSpec> of) {
  const auto count = static_cast<std::int64_t>(of.size());
  return at_least(count, std::move(of));
}
RequirementSpec any_of(std::vector<RequirementSpec> of) { return at_least(1, std::move(of)); }

Topology boxes(std::vector<components::ComponentSpec> components, RequirementSpec requirement) {
  Topology topology;
  topology.name = "boxes";
  topology.components = std::move(components);
  topology.services = {composite_service("system", {{"works", std::move(requirement), {}, {}}})};
  return topology;
}

Names names(const Plan& plan, const std::vector<ComponentId>& parts) {
  Names result;
  for (const ComponentId part : parts) result.emplace(plan.name(part));
  return result;
}

std::set<Names> names(const Plan& plan, const CutSets& cuts) {
  std::set<Names> result;
  for (const CutSet& cut : cuts.sets) result.insert(names(plan, cut.parts));
  CHECK(result.size() == cuts.sets.size());
  return result;
}

std::set<Names> cuts_of(const Topology& topology, int order = 3) {
  const Plan plan = build_plan(topology, 1);
  const CutSets cuts = structure::minimal_cut_sets(plan, 0, order);
  CHECK(cuts.complete);
  CHECK(cuts.order == order);
  return names(plan, cuts);
}

std::vector<std::string> texts(const std::vector<CutGroup>& groups) {
  std::vector<std::string> result;
  for (const CutGroup& group : groups) {
    result.push_back(std::to_string(group.count) + " x " + group.text + (group.order_matters ? " *" : ""));
  }
  return result;
}

measurement::SliIndex sli_named(const Plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.slis.size(); ++i) {
    if (plan.slis[i].name == name) return static_cast<measurement::SliIndex>(i);
  }
  FAIL("no SLI " << name);
  return 0;
}

// ---- all subsets ----

/// Minimal sets among all subsets of `parts` of at most `order` that `is_down`, which is monotone, calls down.
std::set<std::set<ComponentId>> brute_force(const std::vector<ComponentId>& parts, std::size_t order,
                                            const std::function<bool(const std::set<ComponentId>&)>& is_down) {
  std::set<std::set<ComponentId>> minimal;
  std::set<ComponentId> chosen;
  const std::function<void(std::size_t)> choose = [&](std::size_t from) {
    if (is_down(chosen)) {
      for (const ComponentId part : chosen) {
        std::set<ComponentId> fewer = chosen;
        fewer.erase(part);
        if (is_down(fewer)) return;
      }
      minimal.insert(chosen);
      return;
    }
    if (chosen.size() == order) return;
    for (std::size_t at = from; at < parts.size(); ++at) {
      chosen.insert(parts[at]);
      choose(at + 1);
      chosen.erase(parts[at]);
    }
  };
  choose(0);
  return minimal;
}

std::set<std::set<ComponentId>> as_sets(const CutSets& cuts) {
  std::set<std::set<ComponentId>> result;
  for (const CutSet& cut : cuts.sets) result.insert({cut.parts.begin(), cut.parts.end()});
  return result;
}

/// As the simulation evaluates it.
bool composite_down(const Plan& plan, measurement::SliIndex sli, const std::set<ComponentId>& failed) {
  const components::BlackBoxes& all = plan.black_boxes;
  const std::function<bool(components::BoxId, std::uint16_t)> unit_up = [&](components::BoxId id, std::uint16_t at) {
    const components::BoxPlan& plan_of = all.boxes[id];
    if (failed.contains(all.units[components::UnitId::of(plan_of.first.value + std::size_t{at})].component)) {
      return false;
    }
    return std::all_of(plan_of.masked_by.begin(), plan_of.masked_by.end(), [&](components::BoxId mask) {
      return unit_up(mask, all.boxes[mask].count == 1 ? std::uint16_t{0} : at);
    });
  };
  const auto units = [&](components::BoxId id) {
    std::uint32_t up = 0;
    for (std::uint16_t at = 0; at < all.boxes[id].count; ++at) up += unit_up(id, at) ? 1 : 0;
    return std::min<std::uint32_t>(up, all.boxes[id].active);
  };
  const auto& structures = plan.structures;
  const auto sli_holds = [&](measurement::SliIndex other) { return !composite_down(plan, other, failed); };
  return !structure::holds(structures.requirements[static_cast<std::size_t>(structures.of_sli[sli])], 0, units,
                           sli_holds);
}

class RandomStructure {
 public:
  explicit RandomStructure(std::uint32_t seed) : random_(seed) {}

  Topology topology() {
    std::vector<components::ComponentSpec> components;
    std::size_t units = 0;
    while (units < 9) {
      components::ComponentSpec spec = box("part-" + std::to_string(components.size()), below(3) + 1);
      units += static_cast<std::size_t>(spec.count);
      for (const auto& other : components) {
        if ((other.count == 1 || other.count == spec.count) && !other.standby && below(4) == 0) {
          spec.masked_by.push_back(other.name);
        }
      }
      if (spec.count > 1 && spec.masked_by.empty() && below(3) == 0) spec.standby = components::StandbySpec{1, 1, {}};
      components.push_back(std::move(spec));
    }
    components_ = components;
    Topology result = boxes(std::move(components), requirement(3));
    composite_spec(result).slis.push_back({"second", all_of({part("system/works"), requirement(1)}), {}, {}});
    return result;
  }

 private:
  std::int64_t below(std::int64_t bound) { return static_cast<std::int64_t>(random_() % static_cast<unsigned>(bound)); }

  RequirementSpec requirement(int depth) {
    std::vector<RequirementSpec> of;
    std::int64_t countable = 0;
    const std::int64_t children = below(3) + 2;
    for (std::int64_t i = 0; i < children; ++i) {
      if (depth > 0 && below(2) == 0) {
        of.push_back(requirement(depth - 1));
        ++countable;
      } else {
        const auto& spec = components_[static_cast<std::size_t>(below(static_cast<std::int64_t>(components_.size())))];
        of.push_back(part(spec.name));
        countable += spec.standby ? spec.standby->active : spec.count;
      }
    }
    return at_least(below(countable) + 1, std::move(of));
  }

  std::mt19937 random_;
  std::vector<components::ComponentSpec> components_;
};

}  // namespace

TEST_CASE("cut sets of series, parallel and k of n", "[structure]") {
  const std::vector<components::ComponentSpec> abc = {box("a"), box("b"), box("c")};
  const std::vector<RequirementSpec> parts = {part("a"), part("b"), part("c")};
  CHECK(cuts_of(boxes(abc, all_of(parts))) == std::set<Names>{{"a"}, {"b"}, {"c"}});
  CHECK(cuts_of(boxes(abc, any_of(parts))) == std::set<Names>{{"a", "b", "c"}});
  CHECK(cuts_of(boxes(abc, at_least(2, parts))) == std::set<Names>{{"a", "b"}, {"a", "c"}, {"b", "c"}});
  CHECK(cuts_of(boxes(abc, any_of(parts)), 2).empty());
  // A part alone, as a whole requirement, asks for all its units.
  CHECK(cuts_of(boxes({box("a", 2)}, part("a"))) == std::set<Names>{{"a-0"}, {"a-1"}});
}

TEST_CASE("cut sets of nested requirements leave out supersets", "[structure]") {
  const Topology topology =
      boxes({box("line"), box("left", 2), box("right", 2), box("switch")},
            all_of({part("switch"),
                    any_of({all_of({part("line"), at_least(1, {part("left")})}), at_least(1, {part("right")})})}));
  CHECK(cuts_of(topology) == std::set<Names>{{"switch"}, {"line", "right-0", "right-1"}});
  CHECK(cuts_of(topology, 4) ==
        std::set<Names>{{"switch"}, {"line", "right-0", "right-1"}, {"left-0", "left-1", "right-0", "right-1"}});
}

TEST_CASE("a standby serves until all units are gone", "[structure]") {
  components::ComponentSpec spec = box("server", 3);
  spec.standby = components::StandbySpec{2, 1, {}};
  CHECK(cuts_of(boxes({spec}, part("server"))) ==
        std::set<Names>{{"server-0", "server-1"}, {"server-0", "server-2"}, {"server-1", "server-2"}});
  CHECK(cuts_of(boxes({spec}, at_least(1, {part("server")}))) == std::set<Names>{{"server-0", "server-1", "server-2"}});
}

TEST_CASE("zones are parts that take their nodes with them (S6)", "[structure]") {
  const Topology topology = boxes({box("a1"), box("a2"), box("a3"), masked(box("n1", 2), {"a1"}),
                                   masked(box("n2", 2), {"a2"}), masked(box("n3"), {"a3"})},
                                  at_least(3, {part("n1"), part("n2"), part("n3")}));
  std::set<Names> expected = {{"a1", "a2"}, {"a1", "a3"}, {"a2", "a3"}};
  const std::vector<std::pair<std::string, std::string>> nodes = {
      {"n1-0", "a1"}, {"n1-1", "a1"}, {"n2-0", "a2"}, {"n2-1", "a2"}, {"n3", "a3"}};
  for (const auto& [node, zone] : nodes) {
    for (const std::string other : {"a1", "a2"}) {
      if (other != zone) expected.insert({node, other});
    }
  }
  // The zone with one node counts as one node, in place of it.
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (std::size_t j = i + 1; j < nodes.size(); ++j) {
      for (std::size_t k = j + 1; k < nodes.size(); ++k) {
        expected.insert({nodes[i].first, nodes[j].first, nodes[k].first});
        if (k == 4) expected.insert({nodes[i].first, nodes[j].first, "a3"});
      }
    }
  }
  CHECK(cuts_of(topology) == expected);
  const Plan plan = build_plan(topology, 1);
  const CutSets cuts = structure::minimal_cut_sets(plan, 0);
  CHECK(cuts.all_orders);
  CHECK(structure::single_points_of_failure(cuts).empty());
}

TEST_CASE("cut sets of random structures are those among all subsets", "[structure]") {
  std::size_t sets = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Plan plan = build_plan(RandomStructure(seed).topology(), 1);
    std::vector<ComponentId> parts;
    for (const auto& unit : plan.black_boxes.units) parts.push_back(unit.component);
    for (measurement::SliIndex sli = 0; sli < plan.slis.size(); ++sli) {
      for (const int order : {1, 3, 6}) {
        const CutSets cuts = structure::minimal_cut_sets(plan, sli, order);
        const auto expected =
            brute_force(parts, static_cast<std::size_t>(order),
                        [&](const std::set<ComponentId>& failed) { return composite_down(plan, sli, failed); });
        REQUIRE(as_sets(cuts) == expected);
        REQUIRE(cuts.complete);
        if (cuts.all_orders) {
          const auto every = brute_force(parts, parts.size(), [&](const std::set<ComponentId>& failed) {
            return composite_down(plan, sli, failed);
          });
          REQUIRE(expected == every);
        }
        sets += cuts.sets.size();
      }
    }
  }
  CHECK(sets > 3000);
}

TEST_CASE("what needs itself is refused", "[structure]") {
  Plan plan = build_plan(boxes({box("a"), box("b")}, all_of({part("a"), part("b")})), 1);
  plan.black_boxes.boxes[components::BoxId{0}].masked_by = {components::BoxId{1}};
  plan.black_boxes.boxes[components::BoxId{1}].masked_by = {components::BoxId{0}};
  CHECK_THROWS_AS(structure::minimal_cut_sets(plan, 0), std::invalid_argument);
  CHECK_THROWS_AS(structure::minimal_cut_sets(plan, 0, 0), std::invalid_argument);
  CHECK_THROWS_AS(structure::minimal_cut_sets(plan, 0, structure::order_limit + 1), std::invalid_argument);
}

TEST_CASE("single points of failure and pairs survive a limit", "[structure]") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Plan plan = build_plan(RandomStructure(seed).topology(), 1);
    const CutSets whole = structure::minimal_cut_sets(plan, 1, 4);
    for (const std::size_t limit : {1, 3, 10}) {
      const CutSets cuts = structure::minimal_cut_sets(plan, 1, 4, limit);
      if (cuts.complete) {
        CHECK(as_sets(cuts) == as_sets(whole));
        continue;
      }
      const auto up_to = [&](const CutSets& of) {
        auto sets = as_sets(of);
        std::erase_if(sets, [&](const auto& set) { return static_cast<int>(set.size()) > cuts.certain; });
        return sets;
      };
      CHECK(cuts.certain >= 1);
      CHECK(up_to(cuts) == up_to(whole));
    }
  }
}

TEST_CASE("a limit on the sets is told", "[structure]") {
  const Plan plan = build_plan(boxes({box("a", 12)}, at_least(10, {part("a")})), 1);
  CHECK(structure::minimal_cut_sets(plan, 0).sets.size() == 220);
  const CutSets few = structure::minimal_cut_sets(plan, 0, 3, 50);
  CHECK(few.sets.size() <= 50);
  CHECK_FALSE(few.complete);
  CHECK_FALSE(few.all_orders);
  CHECK(few.certain == 2);
  // Far beyond the order: nothing is enumerated in vain.
  const Plan wide = build_plan(boxes({box("a", 400)}, at_least(300, {part("a")})), 1);
  const CutSets none = structure::minimal_cut_sets(wide, 0);
  CHECK(none.sets.empty());
  CHECK(none.complete);
  CHECK_FALSE(none.all_orders);
}

// ---- figures ----

TEST_CASE("rare-event sum and Esary-Proschan bound of 3 of 5 (S4)", "[structure][oracle]") {
  const Plan plan = build_plan(boxes({box("node", 5)}, at_least(3, {part("node")})), 1);
  const CutSets cuts = structure::minimal_cut_sets(plan, 0);
  const auto figures = structure::rare_event(plan, cuts);
  REQUIRE(figures);
  CHECK(cuts.all_orders);
  CHECK(figures->sum == Approx(7.952191362e-8).epsilon(1e-9));
  CHECK(figures->esary_proschan == Approx(7.952191077e-8).epsilon(1e-9));
  // Three nodes down are left at the rate 3 mu.
  CHECK(figures->per_year == Approx(7.952191362e-8 * 3 / 4 * 8760).epsilon(1e-9));
  CHECK(structure::couplings(plan, cuts).empty());
}

TEST_CASE("bounds over zones lie above the exact unavailability (S6)", "[structure][oracle]") {
  const auto zone = [](std::string name) { return box(std::move(name), 1, 8760, 3_h); };
  const Plan plan = build_plan(boxes({zone("a1"), zone("a2"), zone("a3"), masked(box("n1", 2), {"a1"}),
                                      masked(box("n2", 2), {"a2"}), masked(box("n3"), {"a3"})},
                                     at_least(3, {part("n1"), part("n2"), part("n3")})),
                               1);
  const auto figures = structure::rare_event(plan, structure::minimal_cut_sets(plan, 0));
  REQUIRE(figures);
  CHECK(figures->esary_proschan > 4.527888967e-6);
  CHECK(figures->esary_proschan < 4.527888967e-6 * 1.01);
  CHECK(figures->sum > figures->esary_proschan);
}

TEST_CASE("figures follow stages, are void under couplings, and absent without repair", "[structure]") {
  components::ComponentSpec spec = box("a", 1, 1000, 1_h);
  spec.stages = {{"retry", Law::constant(1_h), 0.5, false, false}, {"copy", Law::constant(10_h), 1, true, false}};
  const Plan plan = build_plan(boxes({spec}, part("a")), 1);
  const auto figures = structure::estimate(plan, structure::minimal_cut_sets(plan, 0).sets.front());
  REQUIRE(figures);
  CHECK(figures->unavailability == Approx(3.0 / 1013));
  CHECK(figures->per_year == Approx(8760.0 / 1013));

  components::ComponentSpec mortal = box("m");
  mortal.repair.reset();
  const Plan dies = build_plan(boxes({mortal}, part("m")), 1);
  CHECK_FALSE(structure::rare_event(dies, structure::minimal_cut_sets(dies, 0)));

  Topology coupled = boxes({box("a", 2), box("b", 2)}, at_least(1, {part("a"), part("b")}));
  coupled.components[0].crew = "crew";
  coupled.crews = {{"crew", 1, components::CrewPolicy::fcfs, {}, {}}};
  coupled.shocks = {{"flood", {1e-4}, {"b"}, 1}};
  coupled.components[1].standby = components::StandbySpec{1, 0, {}};
  const Plan plan_coupled = build_plan(coupled, 1);
  CHECK(structure::couplings(plan_coupled, structure::minimal_cut_sets(plan_coupled, 0)) == std::vector<std::string>{});
  CHECK(structure::couplings(plan_coupled, structure::minimal_cut_sets(plan_coupled, 0, 4)) ==
        std::vector<std::string>{"units queue at crew 'crew': 1 repairers for 2 units",
                                 "shock 'flood' fails units at once", "units of 'b' stand by"});
}

TEST_CASE("groups name alternatives and kinds", "[structure]") {
  const Plan plan = build_plan(boxes({box("line"), box("left", 3), box("switch")},
                                     all_of({any_of({part("line"), part("switch")}), at_least(2, {part("left")})})),
                               1);
  const auto groups = structure::grouped(plan, structure::minimal_cut_sets(plan, 0));
  CHECK(texts(groups) == std::vector<std::string>{"3 x 2 of left", "1 x line + switch"});
  REQUIRE(groups.front().estimate);
  CHECK(groups.front().estimate->unavailability == Approx(3 * (4.0 / 2004) * (4.0 / 2004)));
}

// ---- Kafka ----

namespace {

/// The design by hand: broker i is lost with its process, volume, machine or zone, controllers likewise.
class SmallKafka {
 public:
  explicit SmallKafka(const Plan& plan) : plan_(plan) {}

  [[nodiscard]] std::vector<ComponentId> parts() const {
    std::vector<ComponentId> result;
    for (const auto& zone : plan_.zones) result.push_back(zone.component);
    for (const auto& node : plan_.nodes) result.push_back(node.component);
    for (const auto& volume : plan_.volumes) result.push_back(volume.component);
    for (const ProcessId process : members(plan_)) result.push_back(plan_.processes[process].component);
    return result;
  }

  [[nodiscard]] std::size_t up(const std::vector<ProcessId>& processes, const std::set<ComponentId>& failed) const {
    return static_cast<std::size_t>(
        std::count_if(processes.begin(), processes.end(), [&](ProcessId id) { return up(id, failed); }));
  }

  [[nodiscard]] bool up(ProcessId id, const std::set<ComponentId>& failed) const {
    const ProcessPlan& process = plan_.processes[id];
    const NodePlan& node = plan_.nodes[process.node];
    return !failed.contains(process.component) && !failed.contains(plan_.volumes[process.volume].component) &&
           !failed.contains(node.component) && !failed.contains(plan_.zones[node.zone].component);
  }

 private:
  const Plan& plan_;
};

}  // namespace

TEST_CASE("cut sets of writes on three zones", "[structure][kafka]") {
  const Plan plan = build_plan(small_topology(), 1);
  const SmallKafka kafka(plan);
  const kafka::ServicePlan& service = kafka_plan(plan);
  for (const std::string_view name : {"write", "visible"}) {
    const CutSets cuts = structure::minimal_cut_sets(plan, sli_named(plan, name));
    CHECK(structure::single_points_of_failure(cuts).empty());
    CHECK(cuts.complete);
    CHECK(as_sets(cuts) == brute_force(kafka.parts(), 3, [&](const std::set<ComponentId>& failed) {
            const std::size_t brokers = kafka.up(service.brokers, failed);
            const bool elects = kafka.up(service.controllers, failed) >= 2;
            return brokers < 2 || (brokers < 3 && !elects);
          }));
    for (const CutSet& cut : cuts.sets) {
      const std::set<ComponentId> failed(cut.parts.begin(), cut.parts.end());
      CHECK(cut.order_matters == (kafka.up(service.brokers, failed) >= 2));
    }
  }
}

TEST_CASE("cut sets of reads: a leader that nobody can replace", "[structure][kafka]") {
  const Plan plan = build_plan(small_topology(), 1);
  const SmallKafka kafka(plan);
  const kafka::ServicePlan& service = kafka_plan(plan);
  for (const std::string_view name : {"read", "write-acks1"}) {
    const CutSets cuts = structure::minimal_cut_sets(plan, sli_named(plan, name));
    CHECK(structure::single_points_of_failure(cuts).empty());
    // Every broker leads some partition, so a broker lost without controllers is enough.
    CHECK(as_sets(cuts) == brute_force(kafka.parts(), 3, [&](const std::set<ComponentId>& failed) {
            const std::size_t brokers = kafka.up(service.brokers, failed);
            return brokers == 0 || (brokers < 3 && kafka.up(service.controllers, failed) < 2);
          }));
    // Two zones at once take the majority with the last leader of some partition, whichever goes first.
    for (const CutSet& cut : cuts.sets) {
      const std::set<ComponentId> failed(cut.parts.begin(), cut.parts.end());
      CAPTURE(names(plan, cut.parts));
      const bool surely =
          kafka.up(service.brokers, failed) == 0 || (cut.parts.size() == 2 && kafka.up(service.brokers, failed) == 1);
      CHECK(cut.order_matters == !surely);
    }
  }
}

TEST_CASE("a single zone is the single point of failure", "[structure][kafka]") {
  Topology topology = small_topology();
  topology.zones = {"us-west-2a"};
  for (NodeGroupSpec& group : topology.node_groups) {
    group.nodes_per_zone = static_cast<std::int64_t>(group.zones.size());
    group.zones = topology.zones;
  }
  const Plan plan = build_plan(topology, 1);
  for (const auto* name : {"write", "write-acks1", "read", "visible"}) {
    const CutSets cuts = structure::minimal_cut_sets(plan, sli_named(plan, name));
    CHECK(names(plan, structure::single_points_of_failure(cuts)) == Names{"us-west-2a"});
    CHECK_FALSE(cuts.sets.front().order_matters);
  }
}

TEST_CASE("without a spare in-sync replica every part of a broker is one", "[structure][kafka]") {
  Topology topology = small_topology();
  for (kafka::TopicSpec& topic : kafka_spec(topology).topics) topic.min_insync_replicas = 3;
  const Plan plan = build_plan(topology, 1);
  const auto points = structure::single_points_of_failure(structure::minimal_cut_sets(plan, sli_named(plan, "write")));
  CHECK(points.size() == 3 * 4);  // process, volume, machine, zone
  const auto groups = structure::grouped(plan, structure::minimal_cut_sets(plan, sli_named(plan, "write")));
  CHECK(texts(groups) ==
        std::vector<std::string>{"12 x [kafka/broker-* | kafka/broker-*/data | machine of kafka-nodes | zone]"});
}

TEST_CASE("the zone of a client is one of its single points of failure", "[structure][kafka]") {
  Topology topology = small_topology();
  kafka_spec(topology).clients[0].place = topology.zones[1];
  const Plan plan = build_plan(topology, 1);
  const CutSets cuts = structure::minimal_cut_sets(plan, sli_named(plan, "write"));
  CHECK(names(plan, structure::single_points_of_failure(cuts)) == Names{topology.zones[1]});
}

TEST_CASE("an SLI that tolerates partitions tolerates the brokers of these", "[structure][kafka]") {
  Topology topology = small_topology();
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.topics.resize(1);
  kafka.topics[0].replication_factor = 1;
  kafka.topics[0].min_insync_replicas = 1;
  kafka.slis[0].scope = kafka::SliScope::share;
  const auto lowest = [&](double share) {
    kafka.slis[0].share = share;
    const Plan plan = build_plan(topology, 1);
    const CutSets cuts = structure::minimal_cut_sets(plan, sli_named(plan, "write"));
    REQUIRE(!cuts.sets.empty());
    return cuts.sets.front().parts.size();
  };
  // 12 partitions, 4 on each broker.
  CHECK(lowest(1) == 1);
  CHECK(lowest(8.0 / 12) == 2);
  CHECK(lowest(4.0 / 12) == 3);
}

TEST_CASE("a local disk is no part of its own", "[structure][kafka]") {
  Topology topology = small_topology();
  topology.node_groups[0].instance.local_disk = {2e12};
  topology.node_groups[0].instance.local_disk_rate = {1e9};
  topology.services[0].pools[0].storage.kind = VolumeKind::nvme;
  const Plan plan = build_plan(topology, 1);
  const auto groups = structure::grouped(plan, structure::minimal_cut_sets(plan, sli_named(plan, "write")));
  REQUIRE(!groups.empty());
  for (const CutGroup& group : groups) CHECK(group.text.find("broker-*/data") == std::string::npos);
}

TEST_CASE("groups of a Kafka design are few", "[structure][kafka]") {
  const Plan plan = build_plan(small_topology(), 1);
  const auto groups = structure::grouped(plan, structure::minimal_cut_sets(plan, sli_named(plan, "write")));
  const std::string broker = "[kafka/broker-* | kafka/broker-*/data]";
  const std::string controller = "[kafka/controller-* | kafka/controller-*/data]";
  const std::string host = "[machine of kafka-nodes | zone]";
  CHECK(texts(groups) == std::vector<std::string>{"24 x " + broker + " + " + host,
                                                  "24 x " + controller + " + " + host + " *", "12 x 2 of " + broker,
                                                  "12 x 2 of " + host,
                                                  "72 x " + broker + " + 2 of " + controller + " *"});
}

TEST_CASE("a composite service inherits the cut sets of what it requires", "[structure][kafka]") {
  Topology topology = small_topology();
  topology.components = {box("gateway")};
  topology.services.push_back(
      composite_service("shop", {{"works", all_of({part("gateway"), part("kafka/write")}), {}, {}}}));
  const Plan plan = build_plan(topology, 1);
  const CutSets write = structure::minimal_cut_sets(plan, sli_named(plan, "write"));
  const CutSets shop = structure::minimal_cut_sets(plan, sli_named(plan, "works"));
  CHECK(shop.sets.size() == write.sets.size() + 1);
  CHECK(names(plan, structure::single_points_of_failure(shop)) == Names{"gateway"});
  CHECK_FALSE(structure::rare_event(plan, shop));
}

TEST_CASE("the simulated cluster is down after the same losses in the same order", "[structure][kafka]") {
  Topology topology = small_topology();
  topology.kubernetes.container_restart = Law::constant(5_h);
  for (kafka::SliSpec& sli : kafka_spec(topology).slis) sli.deadline = 0_s;
  const Lab lab(topology);
  const Plan& plan = lab.plan();
  std::vector<std::pair<ComponentId, Verb>> losses;
  for (const auto& zone : plan.zones) losses.emplace_back(zone.component, Verb::zone_isolation);
  for (const ProcessId process : members(plan)) {
    losses.emplace_back(plan.processes[process].component, Verb::process_kill);
  }
  const auto write = structure::dependencies_of(plan, sli_named(plan, "write"));
  const auto read = structure::dependencies_of(plan, sli_named(plan, "read"));
  const Duration apart = 120_s;
  const auto simulated = [&](const World& world, std::string_view sli) {
    return std::any_of(world.measurement.slis.begin(), world.measurement.slis.end(), [&](const auto& state) {
      const auto at = static_cast<std::size_t>(&state - world.measurement.slis.data());
      return plan.slis[at].name == sli && state.out;
    });
  };
  std::size_t checked = 0;
  std::size_t out = 0;
  for (std::size_t code = 0; code < losses.size() * losses.size() * losses.size(); ++code) {
    const std::vector<std::size_t> chosen = {code % losses.size(), code / losses.size() % losses.size(),
                                             code / losses.size() / losses.size()};
    if (std::set<std::size_t>(chosen.begin(), chosen.end()).size() < chosen.size()) continue;
    if (code % 4 != 0) continue;  // a sample
    std::vector<ComponentId> sequence;
    std::vector<Action> script;
    std::string text;
    for (const std::size_t loss : chosen) {
      const auto& [component, verb] = losses[loss];
      const auto length = verb == Verb::zone_isolation ? std::optional<Duration>(5_h) : std::nullopt;
      script.push_back(
          action(apart * static_cast<std::int64_t>(sequence.size()), verb, std::string(plan.name(component)), length));
      sequence.push_back(component);
      text += std::string(plan.name(component)) + ' ';
    }
    CAPTURE(text);
    const World world = lab.play(script, code, apart * static_cast<std::int64_t>(sequence.size()));
    CHECK(simulated(world, "write") == structure::down_after(write, sequence));
    CHECK(simulated(world, "read") == structure::down_after(read, sequence));
    ++checked;
    out += simulated(world, "write") ? 1 : 0;
  }
  CHECK(checked > 100);
  CHECK(out > 20);
  CHECK(out < checked);
}

}  // namespace structure_cut_sets_test
