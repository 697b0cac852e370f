// Paired comparison: differences against exact ones, and what pairing is worth.
#include "experiments/compare/compare.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "experiments/command/inputs.hpp"
#include "experiments/estimate/joint_sampling.hpp"
#include "models/components/markov_model.hpp"
#include "sim/time_units.hpp"

namespace compare_test {

using namespace nines;
using namespace nines::experiments;

namespace {

Input load(const std::string& name, const std::vector<std::string>& sets = {}, std::uint64_t seed = 1) {
  CommonOptions common;
  common.seed = seed;
  return load_input(topology_path(name), sets, common);
}

double exact(const models::Plan& plan, std::size_t sli) {
  return models::components::solve_exactly(plan, static_cast<models::measurement::SliIndex>(sli)).unavailability;
}

CompareOptions options_for(const std::string& target, double precision) {
  CompareOptions options;
  options.target = target;
  options.precision = precision;
  options.max_incidents = 3'000'000;
  return options;
}

/// The truth lies within the interval widened from 1.96 to 5.5 standard errors (false alarm 4e-8).
bool within(const Delta& delta, double truth) {
  const double half = (delta.ci95.upper - delta.ci95.lower) / 2 * 5.5 / 1.96;
  return std::abs(delta.value - truth) <= half;
}

}  // namespace

TEST_CASE("compare: differences of black boxes are the exact ones", "[compare]") {
  struct Case {
    const char* first;
    const char* second;
    const char* edit;
    const char* target;
    std::size_t sli;
  };
  const auto one = GENERATE(
      Case{"quorum-own-crews", "quorum-one-crew", "", "system/2-of-3", 0},
      Case{"quorum-own-crews", "quorum-own-crews", "/components/three/repair/mean=5 h", "system/2-of-3", 0},
      Case{"quorum-own-crews", "quorum-own-crews", "/components/three/failure/mean=1500 h", "system/2-of-3", 0},
      Case{"active-standby", "active-standby", "/crews/0/size=2", "", 0},
      Case{"replicas-catching-up", "replicas-catching-up", "/components/0/repair/mean=20 min", "", 0});
  const Input a = load(one.first);
  const Input b =
      load(one.second, one.edit[0] == '\0' ? std::vector<std::string>{} : std::vector<std::string>{one.edit});
  const auto name = [](const models::Plan& plan) {
    return plan.services[plan.slis[0].service].name + "/" + plan.slis[0].name;
  };
  const std::string target = one.target[0] == '\0' ? name(a.plan) : one.target;
  const Comparison result = compare({&a.plan, &b.plan}, options_for(target, 0.04));
  const double truth = exact(b.plan, one.sli) - exact(a.plan, one.sli);
  const Difference& difference = result.differences.front();
  const auto found = std::find_if(difference.slis.begin(), difference.slis.end(),
                                  [&](const SliDelta& sli) { return sli.service + "/" + sli.sli == target; });
  REQUIRE(found != difference.slis.end());
  INFO(one.first << " " << one.second << " " << one.edit << ": " << found->downtime_minutes_per_year.value << " for "
                 << truth * sim::minutes_per_year);
  CHECK(difference.precise);
  CHECK(within(found->downtime_minutes_per_year, truth * sim::minutes_per_year));
  // A tenth more would have been seen.
  CHECK_FALSE(within(found->downtime_minutes_per_year, 1.3 * truth * sim::minutes_per_year));
  // What faults add up to is the whole.
  double sum = 0;
  for (const FaultDelta& fault : difference.faults) sum += fault.minutes.value;
  CHECK(sum == Approx(found->downtime_minutes_per_year.value).epsilon(1e-9));
  // Figures of each design are its own.
  for (std::size_t i = 0; i < 2; ++i) {
    const models::Plan& plan = i == 0 ? a.plan : b.plan;
    const sim::Estimate& own = result.designs[i].slis[one.sli].unavailability;
    REQUIRE(own.ci95);
    const double step = std::log(own.ci95->upper / *own.value) * 5.5 / 1.96;
    CHECK(std::abs(std::log(exact(plan, one.sli) / *own.value)) <= step);
  }
}

TEST_CASE("compare: a design does not differ from itself, whatever it is called", "[compare]") {
  const Input a = load("kafka-eks");
  const Input b = load("kafka-eks");
  CompareOptions options = options_for("kafka/write", 0.1);
  options.max_incidents = 60'000;  // no sample is too small for no difference at all
  const Comparison result = compare({&a.plan, &b.plan}, options);
  for (const SliDelta& sli : result.differences.front().slis) {
    CHECK(sli.downtime_minutes_per_year.value == 0);
    CHECK(sli.downtime_minutes_per_year.ci95.upper == 0);
    CHECK(sli.outages_per_year.ci95.lower == 0);
  }
  CHECK(result.differences.front().cost_usd_per_month.value == 0);
}

namespace {

void check_common_faults(const char* topology, const char* target, const char* edit, double precision) {
  const Input a = load(topology);
  const Input b = load(topology, {edit});
  CompareOptions options = options_for(target, precision);
  options.resolution = 1e-9;
  const Comparison paired = compare({&a.plan, &b.plan}, options);
  options.independent = true;
  options.max_incidents = 12 * paired.incidents;
  const Comparison alone = compare({&a.plan, &b.plan}, options);
  INFO(topology << " " << edit << ": " << paired.incidents << " paired, half-width " << paired.differences[0].half_width
                << "; " << alone.incidents << " alone, " << alone.differences[0].half_width);
  CHECK(paired.differences.front().precise);
  // With nearly ten times the incidents the interval is still wider than the paired one, by twice the noise of both.
  CHECK(alone.incidents > 7 * paired.incidents);
  CHECK(alone.differences.front().half_width > 1.2 * paired.differences.front().half_width);
}

}  // namespace

TEST_CASE("compare: common faults take ten times fewer incidents than faults of one's own", "[compare]") {
  check_common_faults("quorum-own-crews", "system/2-of-3", "/components/three/repair/mean=4.4 h", 0.1);
}

TEST_CASE("compare: common faults take ten times fewer incidents of a platform too", "[compare][slow]") {
  check_common_faults("kafka-eks", "kafka/write", "/services/kafka/config/broker.session.timeout.ms=6000", 0.1);
}

TEST_CASE("blocks: a block is a function of design and number alone", "[compare]") {
  const Input a = load("kafka-eks");
  const JointDesign design{&a.plan, 0};
  JointOptions options;
  const JointSampling joint = sample_alike(std::span(&design, 1), options);
  const DesignSampling sampling(design, joint, Forcing::balanced);
  PlayedBlocks at_once;
  sampling.extend(at_once, 48, 2);
  PlayedBlocks in_steps;
  for (const std::uint64_t blocks : {5, 16, 17, 48}) sampling.extend(in_steps, blocks, 1);
  REQUIRE(at_once.blocks.size() == in_steps.blocks.size());
  bool same = true;
  for (std::size_t i = 0; i < at_once.blocks.size(); ++i) {
    same = same && at_once.blocks[i].incident_h == in_steps.blocks[i].incident_h &&
           at_once.blocks[i].slis == in_steps.blocks[i].slis;
  }
  CHECK(same);
  CHECK(at_once.runs() == in_steps.runs());
  // Blocks and strata say the same: every stratum comes a whole number of times in a turn.
  const IncidentEstimator sample = sampling.estimator(at_once);
  for (std::size_t sli = 0; sli < a.plan.slis.size(); ++sli) {
    double down = 0;
    double load_h = 0;
    for (const BlockFigures& block : at_once.blocks) {
      down += block.slis[sli][static_cast<std::size_t>(Figure::downtime_h)];
      load_h += block.incident_h;
    }
    const double blocks = static_cast<double>(at_once.blocks.size());
    CHECK(down / blocks / (1 + load_h / blocks) == Approx(sample.value(sli, Figure::downtime_h)).epsilon(1e-12));
  }
}

TEST_CASE("blocks: where bounds are wanted, faults without downtime are sampled as often as they come", "[compare]") {
  const Input input = load("kafka-eks");
  const JointDesign design{&input.plan, 0};
  // Of outages that no sample has shown there are at most three times what one sample stands for: rate over samples.
  const auto unseen = [&](bool bounds) {
    JointOptions options;
    options.bounds = bounds;
    options.limits = JointOptions::Limits{2'500, 4'000};
    const JointSampling joint = sample_alike(std::span(&design, 1), options);
    const DesignSampling sampling(design, joint, Forcing::balanced);
    PlayedBlocks played;
    sampling.extend(played, blocks_of_a_turn, 1);
    return sampling.estimator(played).unseen_rate(0);
  };
  double rate = 0;
  const FaultClasses classes(input.plan, Forcing::balanced);
  for (const FaultClass& fault_class : classes.all()) rate += fault_class.rate_per_hour();
  // Four tenths of 32 incidents a block by rates, a little of it with further faults; fractions are powers of two.
  const double with = unseen(true);
  CHECK(with < 3 * rate * std::sqrt(2.0) / (0.7 * 0.4 * 32 * blocks_of_a_turn));
  CHECK(unseen(false) > 3 * with);
}

TEST_CASE("blocks: designs that share a fault see the same incident", "[compare]") {
  // The other design has a component more, and its own faults; what happens to the shared ones is the same.
  const Input a = load("quorum-own-crews");
  const Input b = load("quorum-own-crews", {"/components/five/count=6"});
  const JointDesign designs[] = {{&a.plan, 0}, {&b.plan, 0}};
  const JointSampling joint = sample_alike(designs, JointOptions{});
  const auto downtime = [&](const JointDesign& design) {
    const DesignSampling sampling(design, joint, Forcing::balanced);
    PlayedBlocks played;
    sampling.extend(played, 64, 1);
    std::vector<double> values;
    for (const BlockFigures& block : played.blocks) values.push_back(block.slis[0][0]);
    return values;
  };
  const std::vector<double> x = downtime(designs[0]);
  const std::vector<double> y = downtime(designs[1]);
  double xy = 0, xx = 0, yy = 0, mx = 0, my = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mx += x[i] / static_cast<double>(x.size());
    my += y[i] / static_cast<double>(y.size());
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  REQUIRE(xx > 0);
  CHECK(xy / std::sqrt(xx * yy) > 0.9);
}

TEST_CASE("compare: the most incidents are a maximum, planning included", "[compare]") {
  struct Case {
    const char* design;
    const char* edit;
    const char* target;
  };
  const auto one = GENERATE(Case{"kafka-eks", "/services/kafka/config/broker.session.timeout.ms=6000", "kafka/write"},
                            Case{"quorum-own-crews", "/components/three/repair/mean=5 h", "system/2-of-3"});
  const Input a = load(one.design);
  const Input b = load(one.design, {one.edit});
  for (const bool independent : {false, true}) {
    for (const std::uint64_t most : {1000, 3000, 8000}) {
      CompareOptions options = options_for(one.target, 1e-3);
      options.resolution = 1e-4;
      options.max_incidents = most;
      options.independent = independent;
      options.threads = 2;
      const Comparison result = compare({&a.plan, &b.plan}, options);
      INFO(one.design << " " << most << " " << independent);
      CHECK(result.planning + result.incidents <= most);
      CHECK(result.planning + result.incidents > most / 3);
      CHECK(result.blocks >= blocks_of_a_turn);
    }
  }
  // Too few to play one incident of everything: said before anything is played.
  CompareOptions options = options_for(one.target, 1e-3);
  options.max_incidents = 5;
  CHECK_THROWS_WITH(compare({&a.plan, &b.plan}, options), Catch::Contains("incidents at least"));
}

}  // namespace compare_test
