// Files of CronJobs: what is wrong with one is said once, where it is.
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/places.hpp"

namespace cronjob_file_test {

using namespace nines;
using loader::testing::error_of;
using loader::testing::replaced;

namespace {

std::string shipped() { return loader::testing::read_file(tests::source_file("topologies/redis-eks-backup.json")); }

std::string error(const std::string& from, const std::string& to) {
  return error_of([&] { loader::load_topology_text("redis-eks-backup.json", replaced(shipped(), from, to)); });
}

}  // namespace

TEST_CASE("cronjob: what a file cannot say is an error at its place", "[cronjob]") {
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {R"("schedule": "0 2 * * *")", R"("schedule": "0 2 1 * *")", "/services/1/schedule: expected a schedule"},
      {R"("claim": "redis/server-0")", R"("claim": "redis/server-O")", "Did you mean 'redis/server-0'?"},
      {R"("max_age_s": 90000)", R"("max_age_s": 80000)", "/services/1/slis/0/max_age_s: a success is as old as"},
      {R"("concurrency": "Forbid")", R"("concurrency": "Forbidden")", "Did you mean 'Forbid'?"},
      {R"("schedule": "0 2 * * *")", R"("schedule": "0 2 * * *", "controller": "deployment")", "Jobs run its pods"},
  };
  for (const auto& [from, to, says] : wrong) {
    INFO(to << "\n" << error(from, to));
    CHECK(error(from, to).find(says) != std::string::npos);
  }
  // Told to be beside the pod whose volume it mounts it finds it among several machines of the zone.
  CHECK(error(R"("claim": "redis/server-0",)", R"("claim": "redis/server-0", "beside_claim": true,)").empty());
  const std::string beside =
      replaced(replaced(shipped(), R"("nodes_per_zone": 1)", R"("nodes_per_zone": 2)"), R"("claim": "redis/server-0",)",
               R"("claim": "redis/server-0", "beside_claim": true,)");
  CHECK_NOTHROW(loader::load_topology_text("redis-eks-backup.json", beside));
}

}  // namespace cronjob_file_test
