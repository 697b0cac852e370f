// What files say of backups, and what they are worth in closed form.
#include "experiments/estimate/backups.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/places.hpp"

namespace backups_test {

using namespace nines;
using loader::testing::error_of;
using loader::testing::replaced;

namespace {

std::string shipped() { return loader::testing::read_file(tests::source_file("topologies/redis-eks-backup.json")); }
models::Topology load(const std::string& text) { return loader::load_topology_text("backup.json", text).topology; }
std::string error(const std::string& from, const std::string& to) {
  return error_of([&] { load(replaced(shipped(), from, to)); });
}

}  // namespace

TEST_CASE("backups: a file says every how many hours, for how long, and how much", "[backups][loader]") {
  const models::Topology topology = load(shipped());
  REQUIRE(topology.backups.size() == 1);
  CHECK(topology.backups[0].every.to_seconds() == 86'400);
  CHECK(topology.backups[0].retention.to_seconds() == 7 * 86'400);
  CHECK(topology.backups[0].size.count == 2e8);
  CHECK_FALSE(topology.backups[0].tested);
  CHECK(error(R"("service": "redis")", R"("service": "radis")").find("'redis'") != std::string::npos);
  CHECK(error(R"("service": "redis")", R"("service": "report")").find("service that keeps data") != std::string::npos);
  CHECK(error(R"("every_h": 24,)", "").find("without 'every_h' there is no backup") != std::string::npos);
  CHECK(error(R"("retention_h": 168,)", "").find("needs 'retention_h'") != std::string::npos);
  CHECK(error(R"("retention_h": 168,)", R"("retention_h": 12,)").find("at least 'every_h'") != std::string::npos);
  CHECK(error(R"("size": "200MB")", R"("size": "0B")").find("/backups/0/size") != std::string::npos);
}

TEST_CASE("backups: what they are worth has a closed form", "[backups]") {
  models::Topology topology = load(shipped());
  const auto worth = [&] { return experiments::worth_of(topology, topology.backups[0]); };
  // Half a day, and a day for each of 0.2 + 0.04 + ... that cannot be restored; seven are kept.
  CHECK(*worth().mean_rpo_s == Approx(86'400 * 0.75).epsilon(0.001));
  CHECK(worth().nothing_left == Approx(std::pow(0.2, 7)));
  // Lognormal laws of medians 2 min and 60 min, sigma 1; 2 s of copying at 100 MB/s.
  CHECK(worth().mean_rto_s == Approx(62 * 60 * std::exp(0.5) + 1.25 * 2).epsilon(0.0001));
  // P(lognormal of median 12 h, sigma 1.5 > 168 h - U(0, 24) h): 1 - Phi(ln(x / 12) / 1.5) over the newest one's age.
  double late = 0;
  constexpr int steps = 2000;
  for (int i = 0; i < steps; ++i) {
    const double left = 168 - 24 * (i + 0.5) / steps;
    late += 0.5 * std::erfc(std::log(left / 12) / 1.5 / std::sqrt(2.0)) / steps;
  }
  CHECK(worth().too_late == Approx(late).epsilon(1e-4));
  // Backups that cannot fail, and such that always do.
  topology.changes.restore_failure = 0;
  CHECK(*worth().mean_rpo_s == Approx(86'400 / 2));
  CHECK(worth().nothing_left == 0);
  topology.changes.restore_failure = 1;
  CHECK_FALSE(worth().mean_rpo_s);
  CHECK(worth().nothing_left == 1);
  topology = load(replaced(shipped(), R"("every_h": 24,)", R"("every_h": 24, "tested": true,)"));
  CHECK(*worth().mean_rpo_s == Approx(86'400 * (0.5 + 0.02 / 0.98)).epsilon(0.001));
  topology.backups[0].every = models::Duration();
  CHECK_FALSE(worth().mean_rpo_s);
  CHECK(worth().nothing_left == 1);
  CHECK(worth().too_late == 1);
}

}  // namespace backups_test
