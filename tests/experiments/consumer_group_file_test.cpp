// Settings of the consumer protocol with which no broker starts are errors.
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"

namespace consumer_group_file_test {

using namespace nines::loader;
using namespace nines::loader::testing;

TEST_CASE("with the consumer protocol brokers do not start outside their bounds", "[consumer_group][loader]") {
  const std::string classic = read_file(source_file("topologies/kafka-consumers-hosts.json"));
  const std::string newer = replaced(classic, R"("version": "3.9")", R"("version": "4.0")");
  const auto error = [&](const std::string& config) {
    const std::string text = replaced(newer, R"("topics": ["my-topic"],)",
                                      R"("topics": ["my-topic"], "protocol": "consumer", "config": {)" + config + "},");
    return error_of([&] { (void)load_topology_text("in.json", text); });
  };
  CHECK(error(R"("group.consumer.session.timeout.ms": 60000, "group.consumer.heartbeat.interval.ms": 15000)") == "");
  for (const char* session : {"44000", "61000"})
    CHECK_THAT(error(std::string(R"("group.consumer.session.timeout.ms": )") + session),
               Catch::Contains("a broker does not start outside group.consumer.min.session.timeout.ms"));
  for (const char* heartbeat : {"4000", "16000"})
    CHECK_THAT(error(std::string(R"("group.consumer.heartbeat.interval.ms": )") + heartbeat),
               Catch::Contains("a broker does not start outside group.consumer.min.heartbeat.interval.ms"));
}

}  // namespace consumer_group_file_test
