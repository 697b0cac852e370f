// PostgreSQL under Patroni in a world; server 0 is the primary. Every law is a constant: stops and promotions take a
// second, a server that is killed starts `start` later.
//
//   world [servers=3] [store=etcd|kubernetes] [synchronous=0] [strict=0] [failsafe=0] [failover=patroni|none]
//         [start=3600] [seed=1] [run=0]                                                      begins
//
// `at` and `run` as in tests/transcripts/world_handler.hpp.
#include <catch2/catch.hpp>

#include "tests/models/postgresql_topology.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/transcripts/world_handler.hpp"

namespace postgresql_handler {

namespace {

using namespace nines::models;
using namespace nines::tests::transcripts;

class PostgresWorld : public WorldHandler {
 public:
  PostgresWorld() {
    command("world", [this](Arguments& a) { return begin(a); });
  }

 private:
  std::string begin(Arguments& a) {
    testing::PostgresSettings settings;
    const auto number = [&](const char* key, const char* otherwise) {
      return std::stol(a.option(key).value_or(otherwise));
    };
    const auto one_of = [&](const char* key, const std::string& usual, const std::string& other) {
      const std::string given = a.option(key).value_or(usual);
      if (given != usual && given != other) throw Refused("there is no '" + given + "'");
      return given == other;
    };
    settings.servers = number("servers", "3");
    settings.etcd = !one_of("store", "etcd", "kubernetes");
    settings.synchronous = number("synchronous", "0");
    settings.strict = number("strict", "0") != 0;
    settings.failsafe = number("failsafe", "0") != 0;
    if (one_of("failover", "patroni", "none")) settings.failover = postgresql::Failover::none;
    settings.start = Duration::seconds(number("start", "3600"));
    Topology design = testing::postgresql_topology(settings);
    testing::without_changes(design);
    design.people.on_call = static_cast<Count>(number("on-call", "0"));
    design.people.notice = Law::constant(Duration::seconds(180));
    design.people.engage = Law::constant(Duration::seconds(900));
    begin_with(std::move(design), static_cast<std::uint64_t>(number("seed", "1")),
               static_cast<std::uint64_t>(number("run", "0")));
    return "";
  }
};

NINES_TRANSCRIPTS("postgresql", PostgresWorld);

}  // namespace

}  // namespace postgresql_handler
