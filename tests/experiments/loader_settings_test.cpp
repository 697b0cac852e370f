// Settings that are taken, but not as they stand: versions between the known ones, keys that no model reads, settings
// that act only together with others. Each says so, and changes nothing else.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/profile.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/loader/versions.hpp"
#include "models/kafka/inert_keys.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/models/service_parts.hpp"

namespace loader_settings_test {

using namespace nines::loader;
using namespace nines::loader::testing;
using Catch::Contains;
namespace models = nines::models;

namespace {

LoadedTopology seed(const std::vector<Override>& sets = {}, const LoadOptions& options = {}) {
  return load_topology(source_file("topologies/kafka-eks.json"), sets, options);
}

/// The one warning that the edits give; fails if there is another number of them.
std::string warning_of(const std::vector<Override>& sets) {
  const std::vector<std::string> warnings = seed(sets).warnings;
  INFO(sets.front().pointer << "=" << sets.front().value);
  REQUIRE(warnings.size() == 1);
  return warnings.front();
}

const std::string kafka = "/services/kafka";

double number(const LoadedTopology& loaded, std::string_view key) {
  for (const Assumption& assumption : loaded.assumptions) {
    if (assumption.key == key) return assumption.value;
  }
  throw std::logic_error("no such assumption");
}

struct PriceList {
  explicit PriceList(const std::string& text)
      : path((std::filesystem::temp_directory_path() / ("nines-prices-" + std::to_string(::getpid()) + ".json"))
                 .string()) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~PriceList() { std::remove(path.c_str()); }
  PriceList(const PriceList&) = delete;
  PriceList& operator=(const PriceList&) = delete;
  [[nodiscard]] LoadOptions options() const { return {"", "", path}; }
  std::string path;
};

}  // namespace

// Amazon EKS user guide, managed node groups, capacity types.
TEST_CASE("EKS sees to the Spot machines of an Auto Scaling group unless the file says that it is one's own",
          "[loader][settings]") {
  const std::string group = "/node_groups/kafka/";
  const std::vector<Override> spot{
      {group + "capacity", "spot"}, {group + "provisioner", "asg"}, {group + "interruption", "null"}};
  const auto with = [&](std::vector<Override> more) {
    more.insert(more.begin(), spot.begin(), spot.end());
    return more;
  };
  const models::NodeGroupSpec managed = seed(spot).topology.node_groups[1];
  CHECK(managed.interruption == models::Interruption::queue);
  CHECK(managed.capacity_rebalancing);
  const LoadedTopology own = seed(with({{group + "managed", "false"}}));
  CHECK(own.topology.node_groups[1].interruption == models::Interruption::none);
  CHECK_FALSE(own.topology.node_groups[1].capacity_rebalancing);
  const auto warned_of_nobody = [](const LoadedTopology& loaded) {
    return std::ranges::any_of(loaded.warnings, [](const std::string& warning) {
      return warning.find("nobody hears of Spot notices in node group 'kafka'") != std::string::npos;
    });
  };
  CHECK(warned_of_nobody(own));
  CHECK_FALSE(warned_of_nobody(seed(spot)));
  CHECK(warned_of_nobody(seed(with({{"/platform/kind", "kubeadm"}}))));
  const std::vector<std::pair<Override, std::string>> contradictions{
      {{group + "interruption", "none"}, "EKS itself drains the Spot machines"},
      {{group + "interruption", "handler"}, "EKS itself drains the Spot machines"},
      {{group + "capacity_rebalancing", "false"}, "in a managed node group it is always on"},
      {{group + "on_demand_base", "1"}, "all Spot or all on demand"}};
  for (const auto& [field, says] : contradictions) {
    INFO(field.pointer);
    CHECK_THAT(error_of([&] { (void)seed(with({field, {group + "managed", "true"}})); }), Catch::Contains(says));
    CHECK(error_of([&] { (void)seed(with({field, {group + "managed", "false"}})); }).empty());
    // What no managed group can have says that it is none.
    const models::NodeGroupSpec said = seed(with({field})).topology.node_groups[1];
    CHECK(said.interruption == seed(with({field, {group + "managed", "false"}})).topology.node_groups[1].interruption);
    CHECK_FALSE(said.capacity_rebalancing);
  }
  CHECK_THAT(error_of([&] {
               (void)seed({{group + "managed", "true"}});
             }),
             Catch::Contains("only Auto Scaling groups of eks with capacity 'spot' read this"));
}

TEST_CASE("versions: forms of a release, and what is none", "[loader]") {
  const auto parsed = [](const char* text, int major, int minor, bool exact) {
    const auto release = parse_release(text);
    INFO(text);
    REQUIRE(release);
    CHECK((release->major == major && release->minor == minor && release->exact == exact));
  };
  parsed("3.9", 3, 9, true);
  parsed("v1.31", 1, 31, true);
  parsed("3.9.2", 3, 9, false);
  parsed("1.31.4-eks-7f9249a", 1, 31, false);
  parsed("v1.34.1+k3s1", 1, 34, false);
  parsed("4.0-SNAPSHOT", 4, 0, false);
  for (const char* text : {"", "3", "3.", ".9", "3.x", "3..9", "three", "latest", "0.0", "-3.9", "3.-9", "3.9.",
                           "3.9.x", "3,9", "3.9 ", " 3.9", "99999.1", "3.9-", "3.9.1;rm"}) {
    INFO(text);
    CHECK_FALSE(parse_release(text));
  }
  CHECK(version_less("1.9", "1.10"));
  CHECK_FALSE(version_less("1.10", "1.9"));
  CHECK(version_less("9", "10"));
  CHECK_FALSE(version_less("10", "9"));
}

TEST_CASE("versions: where releases have one number, what follows the dot is the patch", "[loader]") {
  const auto release = [](const char* text) { return parse_release(text, Numbers::major); };
  CHECK((release("17") && release("17")->major == 17 && release("17")->exact));
  for (const char* text : {"17.2", "v17.2", "17-alpine", "17+b1", "17.10-1.pgdg"}) {
    INFO(text);
    REQUIRE(release(text));
    CHECK((release(text)->major == 17 && release(text)->minor == 0 && !release(text)->exact));
  }
  for (const char* text : {"", "17.", ".17", "x", "17.x", "0", "latest"}) {
    INFO(text);
    CHECK_FALSE(release(text));
  }
}

TEST_CASE("versions: every product whose releases have one number takes patches, and the nearest of others",
          "[loader]") {
  struct Case {
    const char* asked;
    const char* taken;
    const char* says;
  };
  const Case of_postgresql[] = {{"13", "13", ""},
                                {"17", "17", ""},
                                {"17.2", "17", "17.2 is taken as 17: patch releases"},
                                {"13.0", "13", "taken as 13"},
                                {"18", "17", "18 is not modelled: 17, the nearest that is not newer"},
                                {"18.1", "17", "18.1 is not modelled: 17, the nearest"},
                                {"12", "13", "12 is older than every version that is modelled: 13"},
                                {"9.6", "13", "9.6 is older than every version"}};
  const std::string version = "/services/postgresql/version";
  const auto load = [&](const std::string& asked) {
    const std::vector<Override> sets{{version, "\"" + asked + "\""}};
    return load_topology(source_file("topologies/postgresql-hosts.json"), sets, {});
  };
  for (const Case& c : of_postgresql) {
    INFO(c.asked);
    const LoadedTopology loaded = load(c.asked);
    const LoadedTopology plain = load(c.taken);
    CHECK(loaded.warnings.size() == plain.warnings.size() + (*c.says == 0 ? 0 : 1));
    if (*c.says != 0) CHECK_THAT(loaded.warnings.front(), Contains("PostgreSQL ") && Contains(c.says));
    REQUIRE(loaded.assumptions.size() == plain.assumptions.size());
    for (std::size_t i = 0; i < plain.assumptions.size(); ++i)
      CHECK(loaded.assumptions[i].value == plain.assumptions[i].value);
  }
  for (const char* nonsense : {"banana", "171", "17.x", "0"}) {
    INFO(nonsense);
    CHECK_THAT(error_of([&] { (void)load(nonsense); }), Contains("there is no PostgreSQL version"));
  }
  // A profile that is added later is covered too: any whose releases have no dot.
  for (const auto& file : std::filesystem::directory_iterator(source_file("topologies/profiles"))) {
    const Json profile = Json::parse(std::ifstream(file.path()));
    const auto versions = profile.find("versions");
    if (versions == profile.end()) continue;
    std::vector<std::string> known;
    for (const auto& [name, entries] : versions->items()) known.push_back(name);
    std::sort(known.begin(), known.end(), version_less);
    const auto parsed = [&](const std::string& name) {
      return parse_release(name,
                           known.back().find('.') == std::string::npos ? Numbers::major : Numbers::major_and_minor);
    };
    INFO(file.path().string());
    CHECK(std::all_of(known.begin(), known.end(), [&](const std::string& name) { return parsed(name).has_value(); }));
  }
}

TEST_CASE("versions: the nearest that is not newer stands for one that is not known, with a warning", "[loader]") {
  struct Case {
    const char* asked;
    const char* taken;
    const char* says;
  };
  const Case of_kafka[] = {{"3.6", "3.6", ""},
                           {"4.1", "4.1", ""},
                           {"3.7", "3.7", ""},
                           {"3.8", "3.8", ""},
                           {"3.9.2", "3.9", "is taken as 3.9"},
                           {"4.2", "4.2", ""},
                           {"4.3", "4.2", "4.2, the nearest that is not newer"},
                           {"5.0", "4.2", "4.2, the nearest that is not newer"},
                           {"3.5", "3.6", "older than every version that is modelled: 3.6, the oldest"},
                           {"2.8.1", "3.6", "older than every version"}};
  for (const Case& c : of_kafka) {
    INFO(c.asked);
    const LoadedTopology loaded = seed({{kafka + "/version", c.asked}});
    CHECK(models::kafka_spec(loaded.topology).version == c.taken);
    CHECK(loaded.warnings.size() == (*c.says == 0 ? 0 : 1));
    for (const std::string& warning : loaded.warnings)
      CHECK_THAT(warning, Contains("--set /services/kafka/version: warning: /services/0/version: Kafka " +
                                   std::string(c.asked)) &&
                              Contains(c.says));
    // Every parameter is that of the version which stands for it.
    const LoadedTopology plain = seed({{kafka + "/version", "\"" + std::string(c.taken) + "\""}});
    REQUIRE(loaded.assumptions.size() == plain.assumptions.size());
    for (std::size_t i = 0; i < plain.assumptions.size(); ++i)
      CHECK(loaded.assumptions[i].value == plain.assumptions[i].value);
  }
  const Case of_kubernetes[] = {{"1.30", "1.30", ""},
                                {"1.36", "1.34", "1.34, the nearest"},
                                {"v1.31.4-eks-7f9249a", "1.31", "is taken as 1.31"},
                                {"1.20", "1.28", "the oldest"}};
  for (const Case& c : of_kubernetes) {
    INFO(c.asked);
    const LoadedTopology loaded = seed({{"/platform/kubernetes_version", c.asked}});
    CHECK(loaded.topology.kubernetes_version == c.taken);
    CHECK(loaded.warnings.size() == (*c.says == 0 ? 0 : 1));
  }
  for (const char* nonsense : {"banana", "3", "33.9", "3.99", "true", "[3, 9]"}) {
    INFO(nonsense);
    CHECK_THAT(error_of([&] { (void)seed({{kafka + "/version", nonsense}}); }), Contains("/services/0/version: "));
  }
}

TEST_CASE("an edit: a number where a text is wanted is the text that was typed", "[loader]") {
  CHECK(seed({{"/platform/kubernetes_version", "1.30"}}).topology.kubernetes_version == "1.30");
  CHECK(seed({{"/name", "007"}}).topology.name == "007");
  CHECK(seed({{"/name", "1e3"}}).topology.name == "1e3");
  CHECK(seed({{"/title", "true"}}).topology.title == "true");
  CHECK(seed({{"/title", "=a=~b"}}).topology.title == "=a=~b");
  // A file, a sweep's among them, has lost what was typed: 1.30 is 1.3 there.
  CHECK_THAT(error_of([] {
               (void)seed({{"/platform/kubernetes_version", "1.34", true}});
             }),
             Contains("expected a string, got 1.34. Put double quotes around it."));
  CHECK_THAT(error_of([] { (void)seed({{"/title", "{a: 1}"}}); }), Contains("begins like JSON and is none"));
}

TEST_CASE("inert keys: every documented key has a reason and no key is both read and inert", "[loader]") {
  const std::pair<const InertKeys*, const char*> owners[] = {{&models::kafka::inert_broker_keys, "kafka broker"},
                                                             {&models::kafka::inert_topic_keys, ""},
                                                             {&models::kafka::inert_client_keys, "kafka client"}};
  for (const auto& [owner, group] : owners) {
    CHECK(std::is_sorted(owner->keys.begin(), owner->keys.end()));
    CHECK(std::adjacent_find(owner->keys.begin(), owner->keys.end()) == owner->keys.end());
    for (const std::string_view key : owner->keys) {
      INFO(key);
      CHECK_FALSE(owner->reason(key).empty());
      const ParameterInfo* info = find_parameter(key);
      CHECK((info == nullptr || group_name(info->group) != group));
    }
  }
  const InertKeys& broker = models::kafka::inert_broker_keys;
  CHECK(broker.keys.size() > 300);
  CHECK(broker.reason("min.insync.replicas").empty());
  CHECK(broker.reason("default.replication.facto").empty());
  CHECK(broker.reason("listener.name.").empty());
  CHECK_FALSE(broker.reason("listener.name.external.ssl.keystore.location").empty());
}

TEST_CASE("inert keys: of every kind they are sorted, have a reason, and are none that a model reads", "[loader]") {
  std::size_t groups = 0;
  for (const models::service::Kind* kind : models::service::kinds()) {
    for (const models::service::ParameterGroup& group : kind->parameters) {
      if (group.inert == nullptr) continue;
      ++groups;
      INFO(kind->name << ": " << group.name);
      const auto keys = group.inert->keys;
      CHECK(std::is_sorted(keys.begin(), keys.end()));
      CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
      for (const std::string_view key : keys) {
        INFO(key);
        CHECK_FALSE(group.inert->reason(key).empty());
        for (std::size_t i = 0; i < group.table.size(); ++i) CHECK(group.table.row(i).key != key);
      }
    }
  }
  CHECK(groups >= 9);
}

TEST_CASE("inert keys: real settings of PostgreSQL, Redis, RabbitMQ and MirrorMaker warn, slips are errors",
          "[loader]") {
  struct Case {
    const char* design;
    const char* place;
    const char* key;
    const char* value;
    const char* says;
  };
  const Case real[] = {
      {"postgresql-hosts", "/services/postgresql/config/", "shared_buffers", "\"8GB\"", "memory"},
      {"postgresql-hosts", "/services/postgresql/config/", "synchronous_commit", "\"off\"", "field"},
      {"postgresql-hosts", "/services/postgresql/config/", "patroni.synchronous_mode", "true", "synchronous_standbys"},
      {"redis-sentinel-hosts", "/services/redis/config/", "appendonly", "\"yes\"", "persistence"},
      {"redis-sentinel-hosts", "/services/redis/config/", "tls-port", "6380", "connect"},
      {"rabbitmq-hosts", "/services/rabbitmq/config/", "heartbeat", "60", "time-outs"},
      {"rabbitmq-hosts", "/services/rabbitmq/config/", "log.console.level", "\"info\"", "log"},
      {"kafka-mirror-hosts", "/services/mirror/config/", "replication.policy.class",
       "\"org.apache.kafka.connect.mirror.IdentityReplicationPolicy\"", "same name"},
      {"kafka-mirror-hosts", "/services/mirror/config/", "sync.topic.acls.enabled", "false", "copies"},
      {"kafka-consumers-hosts", "/services/payments/config/", "max.poll.records", "500", "records_per_s"}};
  for (const Case& c : real) {
    INFO(c.design << " " << c.key);
    const std::string file = source_file("topologies/" + std::string(c.design) + ".json");
    const std::vector<Override> sets{{std::string(c.place) + c.key, c.value}};
    const LoadedTopology plain = load_topology(file, {}, {});
    const LoadedTopology loaded = load_topology(file, sets, {});
    REQUIRE(loaded.warnings.size() == plain.warnings.size() + 1);
    CHECK_THAT(loaded.warnings.front(), Contains("changes nothing in this model") && Contains(c.says));
    REQUIRE(loaded.assumptions.size() == plain.assumptions.size());
    for (std::size_t i = 0; i < plain.assumptions.size(); ++i)
      CHECK(loaded.assumptions[i].value == plain.assumptions[i].value);
    const std::vector<Override> slip{{std::string(c.place) + c.key + "x", c.value}};
    const std::string_view key(c.key);
    const bool free_rest = key.starts_with("tls-") || key.starts_with("log.");
    if (!free_rest) CHECK_THAT(error_of([&] { (void)load_topology(file, slip, {}); }), Contains("no model reads this"));
  }
}

TEST_CASE("settings of Patroni change nothing without it, and say so", "[loader]") {
  const std::string file = source_file("topologies/tickets-3-nodes-eks.json");
  const std::string config = "/services/postgresql/config/";
  const auto loaded = [&](const std::vector<Override>& sets) { return load_topology(file, sets, {}); };
  const std::size_t usual = loaded({}).warnings.size();
  const LoadedTopology patroni = loaded({{config + "patroni.ttl", "\"20s\""}});
  REQUIRE(patroni.warnings.size() == usual + 1);
  CHECK_THAT(patroni.warnings.front(), Contains("patroni.ttl"));
  for (const Assumption& assumption : patroni.assumptions) CHECK_FALSE(assumption.key.starts_with("patroni."));
  // People rewind a former primary too.
  CHECK(loaded({{config + "use_pg_rewind", "true"}}).warnings.size() == usual);
}

TEST_CASE("inert keys: they warn and change nothing, whatever their values", "[loader]") {
  const LoadedTopology plain = seed();
  const std::pair<std::string, const InertKeys*> places[] = {
      {kafka + "/config/", &models::kafka::inert_broker_keys},
      {kafka + "/topics/my-topic/config/", &models::kafka::inert_topic_keys},
      {kafka + "/clients/app/config/", &models::kafka::inert_client_keys}};
  for (const auto& [place, owner] : places) {
    for (const std::string_view key : owner->keys) {
      INFO(place << key);
      const LoadedTopology loaded = seed({{place + std::string(key), "7"}});
      REQUIRE(loaded.warnings.size() == 1);
      CHECK_THAT(loaded.warnings[0], Contains("changes nothing in this model: "));
      REQUIRE(loaded.assumptions.size() == plain.assumptions.size());
      for (std::size_t i = 0; i < plain.assumptions.size(); ++i)
        CHECK(loaded.assumptions[i].value == plain.assumptions[i].value);
    }
  }
  CHECK_THAT(error_of([] {
               (void)seed({{kafka + "/topics/my-topic/config/retention.m", "7"}});
             }),
             Contains("Did you mean 'retention.ms'?"));
  CHECK_THAT(error_of([] {
               (void)seed({{kafka + "/clients/app/config/ack", "7"}});
             }),
             Contains("Did you mean 'acks'?"));
}

TEST_CASE("combinations: what acts only together with something that is missing warns, and is quiet with it",
          "[loader]") {
  struct Case {
    std::vector<Override> lacking;
    std::vector<Override> complete;
    const char* pointer;
    const char* says;
  };
  const std::string one_share = kafka + "/topics/my-topic/load/acks_one_share";
  const std::string other_share = kafka + "/topics/my-topic-reversed/load/acks_one_share";
  const std::string first = kafka + "/topics/my-topic/";
  const Override snapshot{kafka + "/pools/broker/storage/restore", "snapshot"};
  const Case cases[] = {
      {{{one_share, "1"}, {other_share, "1"}},
       {{one_share, "0.9"}, {other_share, "1"}},
       "/services/0/config/min.insync.replicas",
       "acks=all only"},
      {{{first + "config/min.insync.replicas", "2"}, {one_share, "1"}},
       {{first + "config/min.insync.replicas", "2"}},
       "/services/0/topics/0/config/min.insync.replicas",
       "lower its acks_one_share"},
      {{{first + "replication_factor", "1"}},
       {{first + "replication_factor", "3"}},
       "/services/0/config/min.insync.replicas",
       "counts as 1"},
      {{{kafka + "/config/unclean.leader.election.enable", "true"}, {kafka + "/version", "4.1"}},
       {{kafka + "/config/unclean.leader.election.enable", "true"}},
       "/services/0/config/unclean.leader.election.enable",
       "eligible leader replicas"},
      {{{kafka + "/config/leader.imbalance.check.interval.seconds", "60"},
        {kafka + "/config/auto.leader.rebalance.enable", "false"}},
       {{kafka + "/config/leader.imbalance.check.interval.seconds", "60"}},
       "/services/0/config/leader.imbalance.check.interval.seconds",
       "auto.leader.rebalance.enable is false"},
      {{{"/node_groups/kafka/zones", R"(["us-west-2a"])"}, {"/node_groups/kafka/nodes_per_zone", "3"}},
       {},
       "/services/0/rack_aware",
       "are in one"},
      {{{"/zones/-", "us-west-2d"}},
       {{"/zones/-", "us-west-2d"}, {"/node_groups/core/zones/-", "us-west-2d"}},
       "/zones/3",
       "has no machines"},
      {{{"/platform/operator/node_group", "kafka"}}, {}, "/node_groups/0", "nothing runs on node group 'core'"},
      {{{"/node_groups/kafka/replacement", "evict-first"}},
       {{"/node_groups/kafka/replacement", "evict-first"},
        {"/operations/-", R"({"do": "drain", "target": "kafka", "rate": "4/yr"})"}},
       "/node_groups/1/replacement",
       "no operation drains 'kafka'"},
      {{{kafka + "/clients/-", R"({"name": "idle", "place": "region"})"}},
       {},
       "/services/0/clients/2",
       "no SLI is seen by client 'idle'"},
      {{{kafka + "/clients/app/config/retry.backoff.max.ms", "50"}},
       {{kafka + "/clients/app/config/retry.backoff.max.ms", "500"}},
       "/services/0/clients/0/config/retry.backoff.max.ms",
       "less than retry.backoff.ms"},
      {{{first + "load/records_per_s", "0"}}, {}, "/services/0/topics/0/load/records_per_s", "carries no load"},
      {{{kafka + "/slis/write/sla/credits/0/below", "0.9995"}},
       {},
       "/services/0/slis/0/sla/credits/0/below",
       "above the target"},
      {{{"/overrides/spot.notice", "100 s"}},
       {{"/overrides/spot.notice", "100 s"}, {"/node_groups/kafka/capacity", "spot"}},
       "/overrides/spot.notice",
       "no node group has capacity 'spot'"},
      {{{"/overrides/node_repair.toleration", "10 min"}},
       {{"/overrides/node_repair.toleration", "10 min"}, {"/node_groups/kafka/repair", "node-repair"}},
       "/overrides/node_repair.toleration",
       "repair 'node-repair'"},
      {{{"/overrides/ebs.snapshot.age", "1 h"}},
       {{"/overrides/ebs.snapshot.age", "1 h"}, snapshot},
       "/overrides/ebs.snapshot.age",
       "restore 'snapshot'"},
      {{{"/overrides/price.eks.control_plane", "0.2 USD/h"}, {"/platform/kind", "kubeadm"}},
       {{"/overrides/price.eks.control_plane", "0.2 USD/h"}},
       "/overrides/price.eks.control_plane",
       "no managed control plane"},
      {{{"/overrides/controller_manager.secondary_node_eviction_rate", "0.02/s"}},
       {},
       "/overrides/controller_manager.secondary_node_eviction_rate",
       "no zone has more machines"},
      {{{"/overrides/controller_manager.unhealthy_zone_threshold", "0.6"}},
       {{"/overrides/controller_manager.unhealthy_zone_threshold", "0.6"}, {"/node_groups/kafka/nodes_per_zone", "3"}},
       "/overrides/controller_manager.unhealthy_zone_threshold",
       "four machines"},
  };
  for (const Case& c : cases) {
    INFO(c.pointer);
    const std::string warning = warning_of(c.lacking);
    CHECK_THAT(warning, Contains(std::string(": warning: ") + c.pointer + ": ") && Contains(c.says));
    if (!c.complete.empty()) CHECK(seed(c.complete).warnings == std::vector<std::string>{});
  }
}

TEST_CASE("combinations: crews that never choose, credits of what has no bill", "[loader]") {
  const std::string boxes = R"({ "schema": "nines/topology/1", "name": "pair", "title": "t",
    "components": [{ "name": "a", "count": 2, "crew": "ops", "failure": {"law": "exponential", "mean": "1000 h"}, "repair": "4 h" }],
    "crews": [{ "name": "ops", "size": 1 }],
    "services": [{ "name": "shop", "kind": "composite", "slis": [{ "name": "up", "requires": "a",
      "sla": { "target": 0.99, "window_h": 730 } }] }] })";
  const auto warnings = [](const std::string& text) { return load_topology_text("in.json", text).warnings; };
  CHECK(warnings(boxes) == std::vector<std::string>{});
  const auto idle = warnings(replaced(boxes, R"("size": 1)", R"("size": 2)"));
  REQUIRE(idle.size() == 1);
  CHECK_THAT(idle[0], Catch::StartsWith("in.json:3:15: warning: /crews/0: crew 'ops' has 2 members for 2 units"));
  const auto credits = warnings(
      replaced(boxes, R"("window_h": 730)", R"("window_h": 730, "credits": [{"below": 0.99, "credit": 0.1}])"));
  REQUIRE(credits.size() == 1);
  CHECK_THAT(credits[0], Contains("black boxes have none"));
  const auto single = warnings(replaced(boxes, R"("size": 1)", R"("policy": "priority", "order": ["a"])"));
  REQUIRE(single.size() == 1);
  CHECK_THAT(single[0], Contains("nothing to order"));
}

TEST_CASE("warnings: by position, each once, and the same text as errors have", "[loader]") {
  std::string text = read_file(source_file("topologies/kafka-eks.json"));
  text = replaced(text, R"("min.insync.replicas": 2,)",
                  R"("num.partitions": 1, "min.insync.replicas": 2, "ssl.client.auth": "none",)");
  text = replaced(text, R"("kubernetes_version": "1.31")", R"("kubernetes_version": "1.99")");
  text = replaced(text, "1.99", "1.35");
  const auto warnings = load_topology_text("in.json", text).warnings;
  REQUIRE(warnings.size() == 3);
  CHECK_THAT(warnings[0], Catch::StartsWith("in.json:15:") && Contains(": warning: /platform/kubernetes_version: "));
  const std::string line = std::to_string(line_of(text, R"("num.partitions")"));
  CHECK_THAT(warnings[1], Catch::StartsWith("in.json:" + line + ":19: warning: /services/0/config/num.partitions: "));
  CHECK_THAT(warnings[2], Contains("/services/0/config/ssl.client.auth: "));
}

TEST_CASE("replicas: a DaemonSet has a pod on each machine, however many there are", "[loader]") {
  const auto proxies = [](const std::string& machines) {
    const std::vector<Override> sets{{"/node_groups/workers/nodes_per_zone", machines}};
    const LoadedTopology loaded = load_topology(source_file("topologies/eks-addons.json"), sets);
    for (const models::ServiceSpec& service : loaded.topology.services) {
      if (service.controller == models::Controller::daemon_set) return service.pools.at(0).replicas;
    }
    return std::int64_t{0};
  };
  CHECK(proxies("2") == 6);
  CHECK(proxies("3") == 9);
  // Any other controller is told how many.
  const std::string text = replaced(read_file(source_file("topologies/http-eks.json")), R"("replicas": 3,)", "");
  CHECK_THAT(error_of([&] { load_topology_text("http-eks.json", text); }),
             Contains("missing field 'replicas' of a pool"));
}

TEST_CASE("regions: every region of the price profile takes a design, with its own prices", "[loader]") {
  const ProfileSet profiles{LoadOptions{}};
  const std::vector<std::string> regions = profiles.variants(Group::prices);
  CHECK(regions.size() >= 14);
  for (const std::string& region : regions) {
    INFO(region);
    std::string text = read_file(source_file("topologies/kafka-eks.json"));
    for (std::size_t at = text.find("us-west-2"); at != std::string::npos; at = text.find("us-west-2", at + 1))
      text.replace(at, std::string("us-west-2").size(), region);
    const LoadedTopology loaded = load_topology_text("in.json", text);
    CHECK(loaded.topology.node_groups[1].instance.on_demand_hour.usd > 0.5);
    CHECK_THAT(loaded.price_source, Catch::StartsWith("list prices of 20"));
    for (const Assumption& assumption : loaded.assumptions) {
      if (assumption.key.starts_with("price.")) CHECK_FALSE(assumption.source.empty());
    }
  }
  const std::string unknown = error_of([] { (void)seed({{"/region", "mars-north-1"}}); });
  CHECK_THAT(unknown, Contains("no profile has prices of region 'mars-north-1'") && Contains("--prices FILE"));
  const std::string type = error_of([] { (void)seed({{"/node_groups/kafka/instance_type", "z9.mega"}}); });
  CHECK_THAT(type, Contains("there is no instance type 'z9.mega'") && Contains("--prices FILE"));
}

TEST_CASE("prices: a list counts before all profiles, item by item", "[loader]") {
  const PriceList list(R"({ "schema": "nines/profile/1", "name": "ours", "title": "what we pay",
    "parameters": {"people.hourly_cost": {"value": 80, "unit": "USD/h", "range": [80, 80], "source": "payroll"}},
    "regions": {"us-west-2": {"date": "2026-11-01", "parameters": {
      "price.gp3.storage": {"value": 0.07, "unit": "USD/GiB-month", "range": [0.07, 0.07], "source": "contract"} }}},
    "instance_types": [
      {"name": "r8g.4xlarge", "regions": {"us-west-2": {"on_demand": {"value": 0.5, "unit": "USD/h", "range": [0.5, 0.5], "source": "contract"}}}},
      {"name": "z1.own", "vcpu": 8, "memory": "64GiB", "network": "5Gbit/s", "ebs": "5Gbit/s", "source": "data sheet",
        "regions": {"us-west-2": {"on_demand": {"value": 0.25, "unit": "USD/h", "range": [0.25, 0.25], "source": "contract"}}}}] })");
  const LoadedTopology plain = seed();
  const LoadedTopology ours = seed({}, list.options());
  CHECK(number(ours, "price.gp3.storage") == 0.07);
  CHECK(number(ours, "people.hourly_cost") == 80);
  CHECK(number(ours, "instance-type/r8g.4xlarge/on_demand") == 0.5);
  // What the list does not name is as it was.
  const models::InstanceType& type = ours.topology.node_groups[1].instance;
  CHECK(type.vcpu == plain.topology.node_groups[1].instance.vcpu);
  CHECK(type.ebs.bytes_per_s == plain.topology.node_groups[1].instance.ebs.bytes_per_s);
  CHECK(number(ours, "price.gp3.iops") == number(plain, "price.gp3.iops"));
  CHECK(number(ours, "instance-type/m5.xlarge/on_demand") == number(plain, "instance-type/m5.xlarge/on_demand"));
  CHECK(plain.price_source == "list prices of 2026-07-20");
  CHECK_THAT(ours.price_source,
             Catch::StartsWith("list prices of 2026-07-20; prices " + list.path + " of 2026-11-01 for ") &&
                 Contains("price.gp3.storage") && Contains("instance-type/r8g.4xlarge/on_demand"));
  CHECK_THAT(seed({{"/overrides/price.gp3.storage", "0.01 USD/GiB-month"}}).price_source,
             Contains("; --set for price.gp3.storage"));
  CHECK(seed({{"/node_groups/kafka/instance_type", "z1.own"}}, list.options()).topology.node_groups[1].instance.vcpu ==
        8);
  // Spot of the type is still that of the shipped profile.
  CHECK(
      seed({{"/node_groups/kafka/capacity", "spot"}}, list.options()).topology.node_groups[1].instance.spot_hour.usd ==
      seed({{"/node_groups/kafka/capacity", "spot"}}).topology.node_groups[1].instance.spot_hour.usd);
}

TEST_CASE("prices: the list that README.md shows is one", "[loader]") {
  const std::string readme = read_file(source_file("README.md"));
  const std::size_t section = readme.find("### Prices of your own");
  REQUIRE(section != std::string::npos);
  const std::size_t begin = readme.find("```json\n", section) + 8;
  const PriceList list(readme.substr(begin, readme.find("```", begin) - begin));
  const LoadedTopology loaded = seed({{"/node_groups/core/instance_type", "x9.own"}}, list.options());
  CHECK(loaded.topology.node_groups[0].instance.on_demand_hour.usd == 0.5);
  CHECK(number(loaded, "price.gp3.storage") == 0.07);
}

TEST_CASE("prices: a list is checked like any file, and holds prices only", "[loader]") {
  const auto message = [](const std::string& members, const std::vector<Override>& sets = {}) {
    const PriceList list(R"({ "schema": "nines/profile/1", "name": "ours", "title": "t", )" + members + "}");
    return error_of([&] { (void)seed(sets, list.options()); });
  };
  CHECK(message(R"("parameters": {})") == "");
  CHECK_THAT(
      message(R"("parameters": {"node.crash.rate": {"value": 1, "unit": "/yr", "range": [1, 1], "source": "s"}})"),
      Contains("/parameters/node.crash.rate: a price list holds prices only: give this by --profile."));
  CHECK_THAT(message(R"("versions": {})"), Contains("/versions: a price list holds prices only"));
  CHECK_THAT(message(R"("parameters": {"price.gp3.storag": {}})"), Contains("Did you mean 'price.gp3.storage'?"));
  CHECK_THAT(message(R"("instance_types": [{"name": "z1.own", "regions": {}}])"),
             Contains("/instance_types/0: missing field 'vcpu' of an instance type."));
  const std::string region = R"("regions": {"mars-north-1": {"date": "2026-11-01", "parameters": {}}})";
  CHECK(message(region) == "");
  CHECK_THAT(message(region, {{"/region", "mars-north-1"}}),
             Contains("/region: the prices of region 'mars-north-1' lack price.eks.control_plane, price.gp3.storage"));
  CHECK_THAT(error_of([] {
               (void)seed({}, {"", "", "/nowhere/p.json"});
             }),
             Contains("/nowhere/p.json: error: no such file"));
}

TEST_CASE("settings: null takes a member away") {
  const LoadedTopology plain = seed();
  REQUIRE(plain.topology.services[0].budget == models::DisruptionBudget::at_most(1));
  CHECK_FALSE(seed({{kafka + "/pdb", "null"}}).topology.services[0].budget);
  // What must be there is missed; what is not there cannot go, nor can an element of a list.
  CHECK_THAT(error_of([] { seed({{kafka + "/version", "null"}}); }), Contains("missing field 'version'"));
  CHECK_THAT(error_of([] { seed({{kafka + "/pdbs", "null"}}); }), Contains("nothing is there."));
  CHECK_THAT(error_of([] { seed({{"/zones/0", "null"}}); }), Contains("null takes away what has a name"));
}

namespace {

const std::string budget_of_kafka = "/services/kafka/pdb";

}  // namespace

TEST_CASE("loader: a disruption budget is a number of pods or per cent", "[loader]") {
  using Of = models::DisruptionBudget::Of;
  struct Case {
    const char* text;
    Of of;
    std::int64_t amount;
    bool percent;
  };
  const Case cases[] = {{R"({"max_unavailable": 2})", Of::max_unavailable, 2, false},
                        {R"({"max_unavailable": "25%"})", Of::max_unavailable, 25, true},
                        {R"({"min_available": "100%"})", Of::min_available, 100, true},
                        {R"({"min_available": "0%"})", Of::min_available, 0, true}};
  for (const Case& c : cases) {
    INFO(c.text);
    const LoadedTopology loaded =
        load_topology(source_file("topologies/http-eks.json"), std::vector<Override>{{"/services/web/pdb", c.text}});
    const auto& budget = loaded.topology.services.front().budget;
    REQUIRE(budget);
    CHECK(budget->of == c.of);
    CHECK(budget->amount == c.amount);
    CHECK(budget->percent == c.percent);
    CHECK(loaded.warnings.empty());
  }
  for (const char* wrong : {R"("25")", R"("101%")", R"("-1%")", R"("2.5%")", R"("%")", R"("25%%")", "-1", "2.5"}) {
    INFO(wrong);
    const std::string error = error_of([&] {
      (void)seed({{budget_of_kafka, std::string(R"({"max_unavailable": )") + wrong + "}"}});
    });
    CHECK_THAT(error, Contains("max_unavailable"));
  }
  CHECK_THAT(error_of([] {
               (void)seed({{budget_of_kafka, R"({"max_unavailable": 1, "min_available": 1})"}});
             }),
             Contains("remove one of them"));
}

TEST_CASE("loader: a budget of which Kubernetes cannot count the pods is warned of", "[loader]") {
  // getExpectedScale of the disruption controller knows no operator's sets.
  const std::string warning = warning_of({{budget_of_kafka, R"({"min_available": "50%"})"}});
  CHECK_THAT(warning, Contains("/pdb") && Contains("an operator") && Contains("in per cent"));
  CHECK(seed({{budget_of_kafka, R"({"min_available": 2})"}}).warnings.empty());
  CHECK(seed({{budget_of_kafka, R"({"max_unavailable": 1})"}}).warnings.empty());
  // A StatefulSet has a scale.
  const LoadedTopology set =
      load_topology(source_file("topologies/kafka-eks-statefulset.json"),
                    std::vector<Override>{{"/services/kafka/pools/0/pdb", R"({"min_available": "50%"})"}});
  CHECK(std::ranges::none_of(set.warnings,
                             [](const std::string& text) { return text.find("in per cent") != text.npos; }));
}

}  // namespace loader_settings_test
