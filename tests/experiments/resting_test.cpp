// Layouts in which incidents begin, and that both methods agree where a design is well in many of them.
#include "experiments/estimate/resting.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/reach.hpp"
#include "experiments/estimate/strata.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/faults/sources.hpp"
#include "models/world.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"
#include "tests/places.hpp"

namespace resting_test {

using namespace nines;
using namespace nines::experiments;

namespace {

using Sets = std::vector<loader::Override>;

models::Plan plan_of(const std::string& design, const Sets& sets = {}) {
  return models::build_plan(loader::load_topology(tests::source_file("topologies/" + design + ".json"), sets).topology,
                            1);
}

/// Spot machines that are reclaimed in storms, and zones that lose power often: machines are seldom where they began.
const Sets stormy{{"/node_groups/web/capacity", "spot"}, {"/overrides/zone.power_loss.rate", "1/yr"}};

double error_of(const sim::Estimate& estimate) {
  constexpr double standard = 1.96;
  return (sim::log(estimate.ci95->upper) - sim::log(estimate.ci95->lower)) / (2 * standard);
}

/// Difference of the logarithms in its standard errors.
double apart(const sim::Estimate& a, const sim::Estimate& b) {
  return std::abs(sim::log(*a.value / *b.value)) / std::hypot(error_of(a), error_of(b));
}

}  // namespace

TEST_CASE("resting: a new cluster shows the layout that it was built with", "[resting]") {
  const models::Plan plan = plan_of("http-eks");
  const models::Layout first = models::first_layout(plan);
  CHECK(models::layout_of(models::initial_world(plan, 0)) == first);
  const models::Plan again = models::with_layout(plan, first);
  CHECK(again.components == plan.components);
  CHECK(again.stream_keys == plan.stream_keys);
  for (const models::ProcessId process : plan.processes.ids())
    CHECK(again.processes[process].node == plan.processes[process].node);
}

TEST_CASE("resting: a cluster that begins with a layout shows it, and is otherwise the same", "[resting]") {
  const models::Plan plan = plan_of("http-eks", stormy);
  const std::shared_ptr<const Resting> resting = Resting::of(plan);
  REQUIRE(resting->drifts());
  REQUIRE(resting->layouts().size() > 3);
  for (const models::Layout& layout : resting->layouts()) {
    const models::Plan its = models::with_layout(plan, layout);
    CHECK(models::layout_of(models::initial_world(its, 0)) == layout);
    REQUIRE(its.faults.size() == plan.faults.size());
    CHECK(its.components == plan.components);
    CHECK(its.stream_keys == plan.stream_keys);
  }
}

TEST_CASE("resting: a machine's faults meet layouts in which it is there", "[resting]") {
  const models::Plan plan = plan_of("http-eks", stormy);
  const std::shared_ptr<const Resting> resting = Resting::of(plan);
  double machines = 0;
  double empty = 0;
  for (const models::FaultSource& source : plan.faults) {
    const models::NodeId node = models::faults::machine_struck(source);
    const double exposure = resting->exposure(source);
    CHECK(exposure >= 0);
    CHECK(exposure <= 1);
    if (!node.exists()) {
      CHECK(exposure == (source.dormant ? 0 : 1));
      continue;
    }
    if (source.verb == models::Verb::node_crash) {
      machines += exposure;
      empty += plan.nodes[node].parked ? exposure : 0;
    }
    for (const double u : {0.001, 0.3, 0.7, 0.999}) {
      const auto drawn = resting->draw(source, u);
      if (drawn && exposure > 0) CHECK(resting->layouts()[*drawn].machine[node.value] != 0);
      if (exposure == 0) CHECK_FALSE(drawn);
    }
  }
  CHECK(machines > 3);  // one for each pod at least
  CHECK(empty > 0.01);  // some are where a new cluster has none
}

TEST_CASE("resting: a further fault comes at any moment of its window, wherever its machine is in the long run",
          "[resting]") {
  const models::Plan plan = plan_of("http-eks", stormy);
  const FaultClasses classes(plan, Forcing::balanced, Resting::of(plan));
  const Reach reach(plan, classes);
  IncidentSampler sampler(plan, classes, reach, 0);
  std::size_t crash = 0;
  while (!classes.all()[crash].name.starts_with("node-crash")) ++crash;
  const Stratum stratum{crash, 1, false, stratum_key(classes.all()[crash], 1) * 0x9E3779B97F4A7C15ULL, {}};
  double sum = 0;
  std::uint64_t count = 0;
  for (std::uint64_t sample = 0; sample < 3000; ++sample) {
    sampler.draw(stratum, sample, [&](const IncidentTerm& term) {
      if (term.strikes.size() < 2) return;
      const models::FaultSource& second = plan.faults[term.strikes[1].source];
      if (!models::faults::machine_struck(second).exists() || classes.exposure(term.strikes[1].source) <= 0) return;
      sum += (term.strikes[1].at - incident_start).to_seconds() / term.before->length_s;
      ++count;
    });
  }
  REQUIRE(count > 500);
  // Uniform where nothing hurries it: six standard errors of the mean are 0.08 or less.
  const double n = static_cast<double>(count);
  CHECK(sum / n == Approx(0.5).margin(6 * std::sqrt(1 / (12 * n))));
}

TEST_CASE("resting: designs whose pods go back where they were begin as new clusters", "[resting]") {
  for (const char* design : {"kafka-eks", "redis-eks-replication", "http-fargate", "etcd-hosts"})
    CHECK_FALSE(Resting::of(plan_of(design))->drifts());
}

TEST_CASE("resting: restarts of a cluster meet the masters that the one before has made", "[resting]") {
  // Pods restart from the last to the first. In a new cluster the first three are masters, each hands over to its
  // replica once. Then the last three are masters: they hand over to the first three, which hand over to them again.
  models::Plan plan = plan_of("redis-eks-cluster-corrected");
  double restarts = 0;
  for (models::FaultSource& source : plan.faults) {
    const bool restart = source.verb == models::Verb::rolling_restart && source.index == 0;
    if (!restart) source.rate.per_hour *= 1e-9;
    if (restart) restarts = source.rate.per_hour * sim::hours_per_year;
  }
  REQUIRE(restarts > 0);
  const std::shared_ptr<const Resting> resting = Resting::of(plan);
  for (const models::Layout& layout : resting->layouts()) {
    const models::Plan again = models::with_layout(plan, layout);
    CHECK(models::layout_of(models::initial_world(again, 0)) == layout);
  }
  const auto restart = std::find_if(plan.faults.begin(), plan.faults.end(), [](const models::FaultSource& source) {
    return source.verb == models::Verb::rolling_restart && source.index == 0;
  });
  const models::Layout& usual = resting->layouts()[resting->draw(*restart, 0.5).value()];
  CHECK(usual.roles.front() == std::vector<std::uint16_t>{3, 4, 5});
  AssessOptions options;
  options.precision = 0.3;
  options.max_incidents = 20'000;
  const Assessment incidents = assess(plan, options);
  CHECK(*incidents.slis[0].outages_per_year.value / restarts == Approx(6).epsilon(0.05));
  options.method = Method::timeline;
  options.max_years = 40;
  // Some 360 restarts: 5.5 standard errors of their number are three tenths. In a new cluster it would be 3.
  CHECK(*assess(plan, options).slis[0].outages_per_year.value / restarts == Approx(6).epsilon(0.3));
}

TEST_CASE("resting: incidents and simulated years agree where machines drift between zones", "[resting][slow]") {
  // Three comparisons at 5.5 standard errors: by the normal law a false alarm comes for one seed in ten millions.
  const models::Plan plan = plan_of("http-eks", stormy);
  AssessOptions options;
  options.precision = 0.015;
  const Assessment incidents = assess(plan, options);
  options.method = Method::timeline;
  options.max_years = 20'000;
  const Assessment years = assess(plan, options);
  REQUIRE(incidents.slis.size() == years.slis.size());
  for (std::size_t sli = 0; sli < years.slis.size(); ++sli) {
    INFO(plan.slis[sli].name);
    const sim::Estimate& one = incidents.slis[sli].unavailability;
    const sim::Estimate& other = years.slis[sli].unavailability;
    CHECK(apart(one, other) < 5.5);
    // A difference of 18 % would be seen of the SLI that samples are drawn for, of a quarter of the others.
    CHECK(5.5 * std::hypot(error_of(one), error_of(other)) < (sli == 0 ? 0.18 : 0.25));
  }
}

}  // namespace resting_test
