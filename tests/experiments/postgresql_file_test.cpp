// What is wrong with a file about PostgreSQL or about local-first workers is one clear error with its place.
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"

namespace postgresql_file_test {

using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

struct Wrong {
  const char* from;
  const char* to;
  const char* message;
};

void check_each(const std::string& file, const std::vector<Wrong>& table) {
  const std::string good = read_file(source_file(file));
  REQUIRE(error_of([&] { (void)load_topology_text("in.json", good); }) == "");
  for (const Wrong& wrong : table) {
    const std::string text = replaced(good, wrong.from, wrong.to);
    INFO(wrong.from << " -> " << wrong.to);
    CHECK_THAT(error_of([&] { (void)load_topology_text("in.json", text); }), Catch::Contains(wrong.message));
  }
}

}  // namespace

TEST_CASE("a file about PostgreSQL that cannot be is told why", "[postgresql][loader]") {
  check_each(
      "topologies/postgresql-hosts.json",
      {{R"("dcs": "etcd")", R"("dcs": "etc")", "/services/1/dcs: there is no store 'etc'"},
       {R"("dcs": "etcd",)", "", "Patroni needs a store for its key"},
       {R"("failover": "patroni",)", "", "Only Patroni has a store"},
       {R"("version": "16")", R"("version": "nine")", "/services/1/version"},
       {R"("hot_set": "2GB")", R"("hot_set": "200GB")", "no more than the size of the database"},
       {R"("use_pg_rewind": true)", R"("use_pg_rewind": true, "patroni.ttl": "20s")", "twice patroni.retry_timeout"},
       {R"("use_pg_rewind": true)", R"("use_pg_rewindd": true)", "use_pg_rewind"},
       {R"("writes_per_s": 500)", R"("writes_per_s": 900000)", "a standby would never catch up"},
       {R"("discovery": "multi-host")", R"("discovery": "multihost")", "Did you mean 'multi-host'?"}});
}

TEST_CASE("a file about local-first workers that cannot be is told why", "[local_first][loader]") {
  check_each("topologies/tickets-4-nodes.json",
             {{R"("upstream": "postgresql")", R"("upstream": "postgres")", "Did you mean 'postgresql'?"},
              {R"("upstream": "postgresql")", R"("upstream": "redis")", "/upstream"},
              {R"("limit_s": 60)", R"("limit_s": 1)", "at least local_first.sync_interval (5 s)"},
              {R"("rows_per_s": 20)", R"("rows_per_s": 2000)", "would grow for ever"},
              {R"("room": "5GB")", R"("room": "10kB")", "more than what a worker takes between two turns"}});
}

}  // namespace postgresql_file_test
