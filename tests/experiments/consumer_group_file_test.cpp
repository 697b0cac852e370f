// Settings of the consumer protocol with which no broker starts are errors.
#include <algorithm>
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

TEST_CASE("the bounds of brokers are settings of the group", "[consumer_group][loader]") {
  const std::string design = source_file("topologies/kafka-consumers-hosts.json");
  const auto warned = [&](const char* config, std::string_view part) {
    const LoadedTopology loaded = load_topology(design, std::vector<Override>{{"/services/payments/config", config}});
    return std::any_of(loaded.warnings.begin(), loaded.warnings.end(),
                       [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
  };
  constexpr std::string_view refused = "brokers refuse a group with 5 s (INVALID_SESSION_TIMEOUT)";
  CHECK(warned(R"({"session.timeout.ms": 5000})", refused));
  CHECK_FALSE(warned(R"({"session.timeout.ms": 6000})", "INVALID_SESSION_TIMEOUT"));
  CHECK_FALSE(
      warned(R"({"session.timeout.ms": 5000, "group.min.session.timeout.ms": 4000})", "INVALID_SESSION_TIMEOUT"));
  CHECK(warned(R"({"session.timeout.ms": 45000, "group.max.session.timeout.ms": 30000})", "INVALID_SESSION_TIMEOUT"));
}

TEST_CASE("the consumer protocol is refused by brokers that do not have it", "[consumer_group][loader]") {
  const std::string design = source_file("topologies/kafka-consumers-hosts.json");
  const auto error = [&](const std::vector<Override>& sets) {
    return error_of([&] { (void)load_topology(design, sets); });
  };
  CHECK_THAT(error({{"/services/payments/protocol", "\"consumer\""}}), Catch::Contains("4.0"));
  CHECK(error({{"/services/payments/protocol", "\"consumer\""}, {"/services/kafka/version", "\"4.0\""}}) == "");
}

}  // namespace consumer_group_file_test
