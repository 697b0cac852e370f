// The shipped benchmark files, solved exactly, against the digits of the rare-event sheet, sections 2 to 4.
//
// Tolerances are half a unit of the last digit that the sheet prints, as a relative error.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "experiments/loader/topology_file.hpp"
#include "models/components/markov_model.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"
#include "tests/experiments/loader_support.hpp"

namespace exact_benchmarks_test {

using namespace nines;
namespace exact = models::components;
using exact::ExactSli;
using models::Plan;
using models::measurement::SliIndex;

namespace {

constexpr double ten_digits = 5e-10;

Plan benchmark(const std::string& name) {
  return models::build_plan(
      loader::load_topology(loader::testing::source_file("topologies/benchmarks/" + name + ".json")).topology, 1);
}

SliIndex sli(const Plan& plan, std::string_view name, std::string_view service = "system") {
  for (SliIndex i = 0; i < plan.slis.size(); ++i) {
    if (plan.slis[i].name == name && plan.services[plan.slis[i].service].name == service) return i;
  }
  throw std::logic_error("no SLI " + std::string(name));
}

ExactSli solve(const Plan& plan, std::string_view name) { return exact::solve_exactly(plan, sli(plan, name)); }

double unavailability(const std::string& file, std::string_view name = "works") {
  return solve(benchmark(file), name).unavailability;
}

}  // namespace

TEST_CASE("exact: a single unit and quorums with repairs of their own (S1, S2, S4)", "[exact]") {
  CHECK(unavailability("single-unit") == Approx(1.996007984e-3).epsilon(ten_digits));
  CHECK(unavailability("quorum-own-crews", "2-of-3") == Approx(1.193623923e-5).epsilon(ten_digits));
  CHECK(unavailability("quorum-own-crews", "3-of-5") == Approx(7.928401415e-8).epsilon(ten_digits));
}

TEST_CASE("exact: quorums with one crew (S3, S5)", "[exact]") {
  const Plan plan = benchmark("quorum-one-crew");
  const ExactSli three = solve(plan, "2-of-3");
  CHECK(three.unavailability == Approx(2.390400115e-5).epsilon(ten_digits));
  CHECK(three.outages_per_hour * sim::hours_per_year == Approx(5.224527197e-2).epsilon(ten_digits));
  CHECK(three.mttf_h.value() == Approx(168333.3333).epsilon(ten_digits));
  CHECK_FALSE(three.breach_probability.has_value());
  CHECK(three.limits.empty());
  CHECK(three.states == 4);
  CHECK(solve(plan, "3-of-5").unavailability == Approx(4.771142979e-7).epsilon(ten_digits));
}

TEST_CASE("exact: how much downtime a window of 720 h has (S3)", "[exact]") {
  const Plan plan = benchmark("quorum-one-crew");
  CHECK(solve(plan, "2-of-3-but-0.1-h").breach_from_whole.value() == Approx(4.140011551e-3).epsilon(ten_digits));
  CHECK(solve(plan, "2-of-3-but-1-h").breach_from_whole.value() == Approx(3.306404460e-3).epsilon(ten_digits));
  constexpr double window = 720;
  const SliIndex index = sli(plan, "2-of-3");
  CHECK(exact::expected_downtime(plan, index, window) / window == Approx(2.363813978e-5).epsilon(ten_digits));
  CHECK(exact::expected_downtime(plan, index, window, exact::Start::steady) / window ==
        Approx(2.390400115e-5).epsilon(ten_digits));
}

TEST_CASE("exact: quorums whose nodes go with their zones (S6)", "[exact]") {
  const Plan plan = benchmark("quorum-zones");
  CHECK(solve(plan, "2-2-1").unavailability == Approx(4.527888967e-6).epsilon(ten_digits));
  CHECK(solve(plan, "3-2").unavailability == Approx(3.444729421e-4).epsilon(ten_digits));
  CHECK(solve(plan, "one-zone").unavailability == Approx(3.424277677e-4).epsilon(ten_digits));
  CHECK(solve(plan, "1-1-1").unavailability == Approx(1.636859803e-5).epsilon(ten_digits));
}

TEST_CASE("exact: common causes (S7)", "[exact]") {
  const Plan plan = benchmark("common-cause");
  CHECK(solve(plan, "beta-0.01").unavailability == Approx(2.841123063e-5).epsilon(ten_digits));
  CHECK(solve(plan, "beta-0.05").unavailability == Approx(9.432152615e-5).epsilon(ten_digits));
  CHECK(solve(plan, "beta-0.10").unavailability == Approx(1.767326423e-4).epsilon(ten_digits));
}

TEST_CASE("exact: standby with switchover, stages, laws of which only the mean counts (S8, S9, S12)", "[exact]") {
  CHECK(unavailability("active-standby") == Approx(1.616424735e-5).epsilon(ten_digits));
  CHECK(unavailability("leader-restart") == Approx(1.253890527e-5).epsilon(ten_digits));
  CHECK(unavailability("replicas-catching-up", "write") == Approx(1.684690603e-6).epsilon(ten_digits));
}

TEST_CASE("exact: the shape of repairs that queue (S10)", "[exact]") {
  const Plan plan = benchmark("repair-shapes");
  CHECK(solve(plan, "exponential").unavailability == Approx(1.259683819e-4).epsilon(ten_digits));
  CHECK(solve(plan, "erlang-3").unavailability == Approx(8.427778327e-5).epsilon(ten_digits));
  // Without phases of their own: fitted, and the sheet's value lies where the fits say.
  for (const auto& [name, truth] : {std::pair("fixed", 6.332108456e-5), std::pair("lognormal-1", 1.693006794e-4)}) {
    INFO(name);
    const ExactSli found = solve(plan, name);
    CHECK(found.unavailability_within > 0);
    CHECK(found.unavailability_within < 0.01);
    CHECK(std::abs(found.unavailability / truth - 1) < found.unavailability_within);
    CHECK(found.unavailability == Approx(truth).epsilon(3e-4));
    REQUIRE(found.fitted.size() == 1);
    CHECK_THAT(found.fitted.front(), Catch::Contains(name) && Catch::Contains("its repair"));
  }
  exact::ExactOptions strict;
  strict.most_fit_effect = 1e-6;
  CHECK_THROWS_WITH(exact::solve_exactly(plan, sli(plan, "fixed"), strict),
                    Catch::Contains("component 'pair-fixed'") && Catch::Contains("its repair") &&
                        Catch::Contains("constant, 14400 s") && Catch::Contains("--method incidents"));
}

TEST_CASE("exact: replicas in zones (S11)", "[exact]") {
  const Plan plan = benchmark("replicas-in-zones");
  const ExactSli write = solve(plan, "write");
  CHECK(write.unavailability == Approx(1.052499215e-6).epsilon(ten_digits));
  CHECK(write.mttf_h.has_value());
  CHECK(solve(plan, "any-replica").unavailability == Approx(2.079256788e-10).epsilon(ten_digits));
}

TEST_CASE("exact: loss of the last replica (S13)", "[exact]") {
  struct Row {
    const char* file;
    double mttdl;
    double in_a_year;
  };
  for (const Row& row : {Row{"data-loss-local-disk", 1.302447963e12, 6.725796518e-9},
                         Row{"data-loss-afr-0.2", 7.002317191e18, 1.251014452e-15},
                         Row{"data-loss-afr-0.001", 5.601844845e25, 1.563770551e-22}}) {
    INFO(row.file);
    const Plan plan = benchmark(row.file);
    CHECK(solve(plan, "data").mttf_h.value() == Approx(row.mttdl).epsilon(ten_digits));
    CHECK(-sim::expm1(-sim::hours_per_year / row.mttdl) == Approx(row.in_a_year).epsilon(ten_digits));
    // The sheet's figure takes the rate of loss to be constant; from all whole it takes 3 h, to first order in rate x
    // repair time, to come up to it.
    const double expected = -sim::expm1(-(sim::hours_per_year - 3) / row.mttdl);
    CHECK(exact::down_by(plan, sli(plan, "data"), sim::hours_per_year) == Approx(expected).epsilon(1e-7));
  }
}

TEST_CASE("exact: months that breach their SLA", "[exact]") {
  const Plan plan = benchmark("monthly-breach");
  CHECK(solve(plan, "exponential-99.9").breach_from_whole.value() == Approx(3.833188472e-2).epsilon(ten_digits));
  CHECK(solve(plan, "exponential-99.95").breach_from_whole.value() == Approx(1.223413156e-1).epsilon(ten_digits));
  CHECK(solve(plan, "exponential-99.99").breach_from_whole.value() == Approx(3.043838355e-1).epsilon(ten_digits));
  const ExactSli fixed = solve(plan, "fixed-99.9");
  CHECK(fixed.unavailability == Approx(solve(plan, "exponential-99.9").unavailability).epsilon(1e-14));
  // Only the lives count until the first outage; the shape of repairs moves what a window holds by more than fits
  // allow.
  CHECK(fixed.mttf_h.value() == Approx(solve(plan, "exponential-99.9").mttf_h.value()).epsilon(1e-9));
  CHECK(fixed.lengths.value().p99 == Approx(0.25).epsilon(1e-12));
  CHECK_FALSE(fixed.breach_probability.has_value());
  CHECK_THAT(fixed.limits, Catch::Contains("component 'fixed'"));
}

TEST_CASE("exact: fault-tolerant workstation cluster under three policies", "[exact]") {
  struct Row {
    const char* policy;
    double four;
    double four_unavailability;
    double eight;
  };
  const std::array bracket_four{1997317.358683397, 1997454.421165001};
  const std::array bracket_eight{1995339.7593611279, 1995676.5076113513};
  for (const Row& row : {Row{"random", 1997387.855, 2.017732991e-6, 1995517.450},
                         Row{"switches-first", 1997447.557, 2.017546420e-6, 1995676.507},
                         Row{"line-first", 1997324.358, 2.018040660e-6, 1995339.773}}) {
    INFO(row.policy);
    const ExactSli four = solve(benchmark(std::string("ftwc-4-") + row.policy), "works");
    const ExactSli eight = solve(benchmark(std::string("ftwc-8-") + row.policy), "works");
    CHECK(four.mttf_h.value() == Approx(row.four).epsilon(3e-10));
    CHECK(four.unavailability == Approx(row.four_unavailability).epsilon(ten_digits));
    CHECK(eight.mttf_h.value() == Approx(row.eight).epsilon(3e-10));
    CHECK((four.mttf_h.value() > bracket_four[0] && four.mttf_h.value() < bracket_four[1]));
    CHECK((eight.mttf_h.value() > bracket_eight[0] && eight.mttf_h.value() < bracket_eight[1]));
  }
}

namespace {

struct WorkstationRow {
  int stations;
  double unavailability;
  double frequency;
  double mttf;
  double premium;
  double lost_by_2000;
  double down_in_2000;
};

void check_workstations(const WorkstationRow& row) {
  INFO(row.stations);
  const Plan plan = benchmark("workstation-cluster-" + std::to_string(row.stations));
  const ExactSli minimum = solve(plan, "minimum");
  CHECK(minimum.unavailability == Approx(row.unavailability).epsilon(ten_digits));
  CHECK(minimum.outages_per_hour == Approx(row.frequency).epsilon(ten_digits));
  CHECK(minimum.mttf_h.value() == Approx(row.mttf).epsilon(ten_digits));
  // Of availability the sheet prints 13 decimals.
  CHECK(solve(plan, "premium").unavailability == Approx(1 - row.premium).epsilon(2e-13 / (1 - row.premium)));
  constexpr double mission = 2000;
  const SliIndex index = sli(plan, "minimum");
  CHECK(exact::down_by(plan, index, mission) == Approx(row.lost_by_2000).epsilon(ten_digits));
  CHECK(exact::expected_downtime(plan, index, mission) == Approx(row.down_in_2000).epsilon(ten_digits));
}

}  // namespace

TEST_CASE("exact: workstation cluster of 2, 4 and 8", "[exact]") {
  const auto row = GENERATE(
      WorkstationRow{2, 2.339823365e-6, 5.815384285e-7, 1.721636160e6, 0.9999615335624, 1.158395575e-3, 4.659192405e-3},
      WorkstationRow{4, 3.701129865e-6, 9.162336515e-7, 1.093407880e6, 0.9999212408514, 1.822105149e-3, 7.363146871e-3},
      WorkstationRow{8, 2.427606481e-6, 5.964242534e-7, 1.679151506e6, 0.9998330692674, 1.187232021e-3,
                     4.831352454e-3});
  check_workstations(row);
}

TEST_CASE("exact: workstation cluster of 16", "[exact][slow]") {
  check_workstations(
      {16, 2.112648219e-6, 5.224812851e-7, 1.916180202e6, 0.9996450888603, 1.040951489e-3, 4.207094509e-3});
}

TEST_CASE("exact: distributed database", "[exact]") {
  const ExactSli shared = solve(benchmark("distributed-database-one-crew-each"), "works");
  CHECK(shared.unavailability == Approx(3.497828562e-6).epsilon(ten_digits));
  CHECK(shared.mttf_h.has_value());
  CHECK(unavailability("distributed-database-own-crews") == Approx(1.748693863e-6).epsilon(ten_digits));
}

TEST_CASE("exact: distributed database without repair", "[exact]") {
  const Plan plan = benchmark("distributed-database-no-repair");
  const SliIndex index = sli(plan, "works");
  constexpr double five_weeks = 840;
  CHECK(1 - exact::down_by(plan, index, five_weeks) == Approx(0.4020175711).epsilon(2e-10));
  CHECK(exact::mean_time_to_outage(plan, index) > 0);
  CHECK_THROWS_WITH(exact::solve_exactly(plan, index),
                    Catch::Contains("component 'processor' is never repaired, so there is no steady state"));
}

TEST_CASE("exact: hypothetical example computer system in its first hour", "[exact]") {
  struct Row {
    const char* file;
    double unreliability;
    double digits;
  };
  for (const Row& row : {Row{"hecs-1", 1.099939540476e-4, 5e-13}, Row{"hecs-2-of-2", 2.199758094e-4, 3e-10},
                         Row{"hecs-2-of-3", 3.629334822e-8, 3e-10}}) {
    INFO(row.file);
    const Plan plan = benchmark(row.file);
    CHECK(exact::down_by(plan, sli(plan, "works"), 1) == Approx(row.unreliability).epsilon(row.digits));
  }
}

}  // namespace exact_benchmarks_test
