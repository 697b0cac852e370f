// Shipped files load and mean what they say; random damage to them never does worse than a message.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <regex>
#include <set>

#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/component_inputs.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/parameters.hpp"
#include "experiments/loader/profile.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/models/service_parts.hpp"

namespace loader_files_test {

using namespace nines;
using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_file(directory))) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

LoadedTopology seed(const std::vector<Override>& sets = {}) {
  return load_topology(source_file("topologies/kafka-eks.json"), sets);
}

const Assumption& find(const LoadedTopology& loaded, std::string_view key) {
  for (const Assumption& assumption : loaded.assumptions) {
    if (assumption.key == key) return assumption;
  }
  throw std::logic_error("no such assumption");
}

}  // namespace

TEST_CASE("every shipped topology loads and bears the name of its file", "[loader]") {
  const std::vector<std::string> files = files_in("topologies");
  CHECK(files.size() >= 5);
  for (const std::string& file : files) {
    INFO(file);
    const LoadedTopology loaded = load_topology(file);
    CHECK(loaded.topology.name == std::filesystem::path(file).stem().string());
    // Rack awareness spreads nothing where all brokers are in one zone; two Sentinels survive no loss.
    // Probes that ask for a port pass while what is behind it hangs; a backup as a guide writes it.
    const std::map<std::string, std::size_t> warned{{"kafka-eks-one-zone", 1}, {"redis-eks-values-ha", 1},
                                                    {"rabbitmq-eks", 1},       {"http-probes", 4},
                                                    {"http-retries", 2},       {"redis-eks-backup", 2}};
    CHECK(loaded.warnings.size() == (warned.contains(loaded.topology.name) ? warned.at(loaded.topology.name) : 0));
    std::size_t slis = 0;
    for (const models::ServiceSpec& service : loaded.topology.services) slis += service.kind->sli_names(service).size();
    CHECK(slis >= 2);
  }
}

TEST_CASE("loader: a queue into which more is published than consumers take has no health to begin from", "[loader]") {
  const auto load = [](const std::string& published) {
    const std::vector<Override> sets{{"/services/0/queues/0/publish_per_s", published}};
    return load_topology(tests::source_file("topologies/rabbitmq-eks.json"), sets);
  };
  CHECK_NOTHROW(load("500"));
  CHECK_THROWS_WITH(load("501"), Catch::Contains("/services/0/queues/0/publish_per_s: More is published than the 500"));
}

TEST_CASE("a loaded topic that stores nothing is warned of", "[loader]") {
  const LoadedTopology loaded = seed({{"/services/kafka/topics/my-topic/stored_per_partition", "0B"}});
  CHECK(
      loaded.warnings ==
      std::vector<std::string>{
          "--set /services/kafka/topics/my-topic/stored_per_partition: warning: "
          "/services/0/topics/0/stored_per_partition: 'my-topic' stores nothing, so that nothing can be lost or has to "
          "be copied: say what retention keeps."});
}

TEST_CASE("a throttle's rate holds for the replicas that a topic lists, one without the other is warned of",
          "[loader]") {
  const Override rate{"/services/kafka/config/follower.replication.throttled.rate", "10000000"};
  const std::string list = "/services/kafka/topics/my-topic/config/follower.replication.throttled.replicas";
  CHECK(seed({rate}).warnings ==
        std::vector<std::string>{"--set /services/kafka/config/follower.replication.throttled.rate: warning: "
                                 "/services/0/config/follower.replication.throttled.rate: the rate does nothing: no "
                                 "topic lists replicas in follower.replication.throttled.replicas; \"*\" lists all."});
  CHECK(seed({{list, "\"*\""}}).warnings ==
        std::vector<std::string>{"--set " + list + ": warning: /services/0/topics/0/config/" +
                                 "follower.replication.throttled.replicas: the list does nothing without a rate: set " +
                                 "follower.replication.throttled.rate in the config of 'kafka'."});
  const LoadedTopology all = seed({rate, {list, "\"*\""}});
  CHECK(all.warnings.empty());
  CHECK(models::kafka_spec(all.topology).topics[0].throttled_followers.holds(11, 2));
  CHECK_FALSE(models::kafka_spec(all.topology).topics[1].throttled_followers.holds(0, 0));
  CHECK(models::kafka_spec(all.topology).topics[0].throttled_leaders.empty());

  const LoadedTopology some = seed({rate, {list, "\"0:1,11:2\""}});
  CHECK(some.warnings.empty());
  const models::kafka::ThrottledReplicas& replicas = models::kafka_spec(some.topology).topics[0].throttled_followers;
  CHECK((replicas.holds(0, 1) && replicas.holds(11, 2)));
  CHECK_FALSE((replicas.holds(1, 1) || replicas.holds(11, 1)));
}

TEST_CASE("every shipped scenario loads and bears the name of its file", "[loader]") {
  const std::vector<std::string> files = files_in("experiments/scenarios");
  CHECK(files.size() >= 10);
  for (const std::string& file : files) {
    INFO(file);
    const Scenario scenario = load_scenario(file);
    CHECK(scenario.name == std::filesystem::path(file).stem().string());
    CHECK(scenario.actions.at(0).at == models::Duration());
  }
}

TEST_CASE("the seed's design is what the seed says", "[loader]") {
  const models::Topology topology = seed().topology;
  CHECK(topology.zones == std::vector<std::string>{"us-west-2a", "us-west-2b", "us-west-2c"});
  CHECK(topology.managed_control_plane());
  const models::NodeGroupSpec& group = topology.node_groups.at(1);
  CHECK(group.instance.name == "r8g.4xlarge");
  CHECK(group.instance.vcpu == 16);
  CHECK(group.instance.memory.count == 128 * 0x1p30);
  CHECK(group.instance.on_demand_hour.usd == Approx(0.94256));
  CHECK(group.auto_recovery);
  CHECK(group.interruption == models::Interruption::queue);
  const models::kafka::Spec& kafka = models::kafka_spec(topology);
  const models::PoolSpec& brokers = topology.services.at(0).pools.at(0);
  CHECK((brokers.roles == models::kafka::role_bit(models::kafka::Role::broker) && brokers.replicas == 3));
  CHECK(brokers.memory.count == 58 * 0x1p30);
  CHECK(brokers.storage.size.count == 1000 * 0x1p30);
  CHECK(brokers.storage.iops == 3000);
  CHECK(brokers.storage.throughput.bytes_per_s == 125 * 0x1p20);
  CHECK(kafka.topics.at(0).name == "my-topic");
  CHECK(kafka.topics.at(1).partitions == 12);
  CHECK(kafka.topics.at(0).min_insync_replicas == 2);
  CHECK(kafka.parameters.session_timeout == models::Duration::seconds(9));
  CHECK(kafka.parameters.fence_check_divisor == 0);
  CHECK(kafka.clients.at(0).parameters.retry_backoff_max == models::Duration::seconds(1));
  CHECK(kafka.slis.at(0).deadline == models::Duration::milliseconds(100));
  CHECK(kafka.slis.at(0).sla->window == models::Duration::seconds(730 * 3600));
  CHECK(topology.operations.at(0).rate.per_year() == Approx(12));
  CHECK(topology.prices.gp3_gib_month.usd == 0.08);
  CHECK(topology.price_date == "2026-07-20");
}

TEST_CASE("the dual-role design resolves min ISR from the topic and timers from version 3.6", "[loader]") {
  const LoadedTopology loaded = load_topology(source_file("topologies/kafka-eks-dual-role.json"));
  const models::kafka::Spec& kafka = models::kafka_spec(loaded.topology);
  CHECK(loaded.topology.services.at(0).pools.at(0).roles == 3);
  CHECK(kafka.topics.at(0).min_insync_replicas == 2);
  CHECK(kafka.parameters.min_insync_replicas == 1);
  CHECK_FALSE(kafka.parameters.strict_min_isr);
  CHECK_FALSE(kafka.parameters.resign_without_quorum);
  CHECK(kafka.clients.at(0).parameters.retry_backoff_max == models::Duration::milliseconds(100));
}

TEST_CASE("profiles follow the versions of Kafka and Kubernetes", "[loader]") {
  const auto with = [](const char* kafka, const char* kubernetes) {
    return seed({{"/services/kafka/version", std::string("\"") + kafka + "\""},
                 {"/platform/kubernetes_version", std::string("\"") + kubernetes + "\""}})
        .topology;
  };
  const models::Topology old = with("3.9", "1.31");
  const models::Topology four = with("4.0", "1.32");
  const models::Topology one = with("4.1", "1.34");
  const auto& k39 = models::kafka_spec(old).parameters;
  const auto& k40 = models::kafka_spec(four).parameters;
  const auto& k41 = models::kafka_spec(one).parameters;
  CHECK((k39.fence_check_divisor == 0 && k40.fence_check_divisor == 8));
  CHECK((k39.fence_gap == models::Duration() && k40.fence_gap == models::Duration::milliseconds(10)));
  CHECK((!k39.pre_vote && k40.pre_vote));
  CHECK((k39.watermark_waits_for_fetch && k40.watermark_waits_for_fetch && !k41.watermark_waits_for_fetch));
  CHECK((!k40.eligible_leader_replicas && k41.eligible_leader_replicas));
  CHECK((k39.recovery_threads == 1 && k40.recovery_threads == 2));
  CHECK((!k39.rebalance_periodic && k40.rebalance_periodic));
  CHECK(old.kubernetes.node_monitor_grace_period == models::Duration::seconds(40));
  CHECK(four.kubernetes.node_monitor_grace_period == models::Duration::seconds(50));
}

TEST_CASE("every parameter has a sourced entry for every version and region", "[loader]") {
  const ProfileSet profiles({});
  std::set<std::string_view> keys;
  for (const ParameterInfo& info : parameters()) {
    INFO(info.key);
    CHECK(keys.insert(info.key).second);
    std::vector<std::string> variants = profiles.variants(info.group);
    if (variants.empty()) variants.emplace_back();
    for (const std::string& variant : variants) {
      const Entry* entry = profiles.entry(info, variant);
      REQUIRE(entry != nullptr);
      CHECK(entry->source.size() > 3);
      // A source is a document that a reader can find, not a path of the machine on which it was read.
      static const std::regex absolute_path("(^| )/[A-Za-z0-9_.-]+/");
      CHECK_FALSE(std::regex_search(entry->source, absolute_path));
      CHECK(entry->low <= entry->number);
      CHECK(entry->number <= entry->high);
    }
  }
  CHECK(profiles.variants(*find_group("kafka broker")) ==
        std::vector<std::string>{"3.6", "3.7", "3.8", "3.9", "4.0", "4.1", "4.2"});
  CHECK(profiles.variants(Group::prices) ==
        std::vector<std::string>{"ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
                                 "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1",
                                 "us-east-2", "us-west-1", "us-west-2"});
}

TEST_CASE("assumptions tell value, range, source and origin", "[loader]") {
  const LoadedTopology loaded = seed({{"/overrides/ebs.attach", "3 s"}});
  CHECK(find(loaded, "min.insync.replicas").origin == "topology");
  CHECK(find(loaded, "broker.session.timeout.ms").origin == "profile kafka");
  CHECK(find(loaded, "kafka.fence_gap").origin == "profile kafka (3.9)");
  CHECK(find(loaded, "ebs.attach").origin == "--set");
  CHECK(find(loaded, "ebs.attach").low == 3);
  CHECK(find(loaded, "people.identify").text == "lognormal median 50 min sigma 1");
  CHECK(find(loaded, "price.gp3.storage").origin == "profile prices (us-west-2)");
  CHECK(loaded.topology.infrastructure.volume_attach.a == models::Duration::seconds(3));
  CHECK(loaded.topology.infrastructure.volume_attach.law == models::Law::Law::constant);
  // Every row of every table once a holder: 2 clients hold the client parameters.
  std::size_t expected = 2;  // on-demand prices of two machine types
  for (const ParameterInfo& info : parameters()) {
    const std::string_view group = group_name(info.group);
    // Nobody holds those of kinds and parts that the design does not have.
    const KindGroup* of_kind = kind_group(info.group);
    const auto is_of_kind = [&](const models::ServiceSpec& service) { return service.kind == of_kind->kind; };
    if (of_kind != nullptr && std::ranges::none_of(loaded.topology.services, is_of_kind)) continue;
    if (group == "hosts" || group == "alerts" || is_of_others(info.key, loaded.topology)) continue;
    // Nor does it read all of its own kind's.
    const bool reads = of_kind == nullptr || of_kind->group->reads == nullptr ||
                       of_kind->group->reads(loaded.topology.services[0], info.key);
    if (!reads) continue;
    expected += group == "kafka client" ? 2u : 1u;
  }
  CHECK(loaded.assumptions.size() == expected);
}

TEST_CASE("an override may be a law or carry its own range and source", "[loader]") {
  const LoadedTopology loaded =
      seed({{"/overrides/people.notice", R"({"law": "exponential", "mean": "4 min"})"},
            {"/overrides/node.loss.rate",
             R"({"value": "0.04/yr", "range": ["0.01/yr", "0.1/yr"], "source": "3 in 80 node-years"})"},
            {"/overrides/kubelet.pod_start", R"({"law": "uniform", "low": 1, "high": 3, "unit": "s"})"},
            {"/overrides/follower.replication.throttled.rate", "0"},
            {"/overrides/zone.isolation.rate", "0/yr"},
            {"/overrides/ebs.attach.stuck_probability", "1 %"}});
  CHECK(loaded.topology.people.notice.law == models::Law::Law::exponential);
  CHECK(loaded.topology.people.notice.a == models::Duration::seconds(240));
  CHECK(find(loaded, "node.loss.rate").high == Approx(0.1));
  CHECK(find(loaded, "node.loss.rate").source == "3 in 80 node-years");
  CHECK(find(loaded, "kubelet.pod_start").value == Approx(2));
  CHECK(loaded.topology.infrastructure.volume_stuck_probability == Approx(0.01));
}

TEST_CASE("a user's profile replaces entries and is named as their origin", "[loader]") {
  const std::string path = (std::filesystem::temp_directory_path() / "nines-user-profile.json").string();
  std::ofstream(path) << R"({"schema": "nines/profile/1", "name": "mine", "title": "t", "parameters": {
    "people.on_call": {"value": 0, "unit": "1", "range": [0, 0], "source": "nobody"}}})";
  const LoadedTopology plain = seed();
  const LoadedTopology loaded = load_topology(source_file("topologies/kafka-eks.json"), {}, {path, ""});
  std::filesystem::remove(path);
  CHECK(plain.topology.people.on_call == 1);
  CHECK(loaded.topology.people.on_call == 0);
  CHECK(find(loaded, "people.on_call").origin == "profile " + path);
  CHECK(plain.input_hash == loaded.input_hash);
  CHECK(plain.profile_hash != loaded.profile_hash);
}

TEST_CASE("hashes follow values, not layout", "[loader]") {
  const std::string text = read_file(source_file("topologies/kafka-eks.json"));
  const auto hash = [](const std::string& t) { return load_topology_text("x", t).input_hash; };
  CHECK(hash(text) == seed().input_hash);
  CHECK(hash(replaced(text, "\"schema\":", "\n\n   \"schema\"  :")) == hash(text));
  CHECK(hash(replaced(text, "\"records_per_s\": 5000", "\"records_per_s\": 5001")) != hash(text));
  CHECK(seed({{"/platform/kubernetes_version", "\"1.30\""}}).input_hash ==
        hash(replaced(text, "\"kubernetes_version\": \"1.31\"", "\"kubernetes_version\": \"1.30\"")));
}

TEST_CASE("drawing a parameter from its range keeps the shape of its law", "[loader]") {
  LoadedTopology loaded = load_topology(source_file("topologies/kafka-eks-spot.json"));
  const auto draw = [&](std::string_view key, double value) { assign(loaded.topology, find(loaded, key), value); };
  draw("people.identify", 25);
  CHECK(loaded.topology.people.identify.a == models::Duration::seconds(25 * 60));
  CHECK(loaded.topology.people.identify.shape == 1);
  draw("people.identify", 100);  // from the value before, not from the profile's
  CHECK(loaded.topology.people.identify.a == models::Duration::seconds(100 * 60));
  draw("node.loss.rate", 0.1);
  CHECK(loaded.topology.infrastructure.node_loss_rate.per_year() == Approx(0.1));
  draw("retry.backoff.max.ms", 500);
  CHECK(models::kafka_spec(loaded.topology).clients[0].parameters.retry_backoff_max ==
        models::Duration::milliseconds(500));
  CHECK(models::kafka_spec(loaded.topology).clients[1].parameters.retry_backoff_max == models::Duration::seconds(1));
  draw("kafka.fsync", 4);
  CHECK(models::kafka_spec(loaded.topology).parameters.fsync.a == models::Duration::milliseconds(4));
  draw("instance-type/r8g.4xlarge/spot_reclaim", 0.73);
  CHECK(loaded.topology.node_groups[1].instance.spot_reclaim.per_hour == Approx(0.001));
  // A monthly probability of 30 % is a rate of -ln(0.7) a month.
  CHECK(find(loaded, "instance-type/r8g.4xlarge/spot_reclaim").value == Approx(0.35667494));
  for (const Assumption& assumption : loaded.assumptions) {
    if (!assumption.boolean) assign(loaded.topology, assumption, assumption.value);
  }
  CHECK(loaded.topology.people.identify.a == models::Duration::seconds(50 * 60));
}

TEST_CASE("actions are sorted by time and keep the order of equal times", "[loader]") {
  const Scenario scenario =
      load_scenario_text("x", R"json({"schema": "nines/scenario/1", "name": "s", "title": "t", "actions": [
    {"at_s": 9, "do": "heal", "target": "all(zones)"},
    {"at_s": 0, "do": "process-kill", "target": "a"},
    {"at_s": 9, "do": "process-kill", "target": "b"}], "until_s": 100,
    "expect": [{"text": "o", "order": ["a.b", "c.d"], "fraction": 0.9}, {"text": "n", "milestone": "a.b", "absent": true},
               {"text": "c", "sli": "kafka/read", "count": {"max": 0}}, {"text": "l", "data_loss": "kafka", "records": {"min": 1}}]
})json");
  CHECK(scenario.actions[0].target == "a");
  CHECK(scenario.actions[1].verb == models::Verb::heal);
  CHECK(scenario.actions[2].target == "b");
  CHECK(scenario.until == models::Duration::seconds(100));
  CHECK(scenario.expectations[0].fraction == 0.9);
  CHECK(std::get<OrderExpectation>(scenario.expectations[0].check).milestones.size() == 2);
  CHECK(std::get<AbsentExpectation>(scenario.expectations[1].check).milestone == "a.b");
  CHECK(std::get<CountExpectation>(scenario.expectations[2].check).sli.sli == "read");
  CHECK(std::get<DataLossExpectation>(scenario.expectations[3].check).records.holds(1));
}

TEST_CASE("explain and lists know what there is", "[loader]") {
  const LoadedTopology loaded = seed();
  CHECK(explain(loaded, "ebs.attach").values.size() == 1);
  CHECK(explain(loaded, "request.timeout.ms").values.size() == 2);
  CHECK(explain(loaded, "/services/kafka/clients/app/config/request.timeout.ms").values.size() == 1);
  CHECK(explain(loaded, "/services/0/config/min.insync.replicas").values.at(0).text == "2");
  CHECK(explain(loaded, "/node_groups/kafka/capacity").meaning.find("paid") != std::string::npos);
  CHECK(explain("controller_manager.node_monitor_grace_period").values.size() >= 2);
  CHECK_THAT(error_of([&] { (void)explain(loaded, "ebs.atach"); }), Catch::Contains("Did you mean 'ebs.attach'?"));
  CHECK(list_parameters().size() == parameters().size() + component_inputs().size());
  CHECK(list_verbs().size() == models::verbs.size());
  CHECK(list_instance_types().size() >= 8);
  CHECK(list_topologies().size() >= 5);
  CHECK(list_profiles().size() >= 6);
  CHECK(list_scenarios(source_file("experiments/scenarios")).size() >= 10);
}

namespace {

/// Damage of one kind at a random place.
std::string damaged(const std::string& text, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::string out = text;
  const std::size_t at = below(out.size());
  static const std::vector<std::string> pieces{"null",
                                               "-1",
                                               "1e400",
                                               "0",
                                               "\"\"",
                                               "[]",
                                               "{}",
                                               "\"x\"",
                                               "true",
                                               "1e18",
                                               "{",
                                               "}",
                                               "[",
                                               "]",
                                               "\"",
                                               ",",
                                               ":",
                                               "\\",
                                               "\xff",
                                               std::string(1, '\0'),
                                               "99999999999999999999",
                                               "\"1e300 yr\"",
                                               "\"-5Gi\"",
                                               "1.5"};
  switch (below(7)) {
    case 0: return out.substr(0, at);
    case 1: return out.erase(at, 1 + below(40));
    case 2: return out.insert(at, pieces[below(pieces.size())]);
    case 3: out[at] = static_cast<char>(random() % 256); return out;
    case 4: return out.insert(below(out.size()), out.substr(at, 1 + below(200)));
    default: break;
  }
  // Replace a whole value: from behind a colon to the next separator.
  const std::size_t colon = out.find(':', at);
  if (colon == std::string::npos) return out;
  const std::size_t end = out.find_first_of(",}]\n", colon);
  return out.replace(colon + 1, end == std::string::npos ? std::string::npos : end - colon - 1,
                     pieces[below(pieces.size())]);
}

/// Loads and says whether that worked; anything but InputError escapes and fails the test.
template <class Load>
bool survives(Load load) {
  try {
    load();
    return true;
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("error: ") != std::string::npos);
    CHECK(error.problems().size() >= 1);
    return false;
  }
}

}  // namespace

TEST_CASE("random damage to a topology or scenario gives a message or a topology, soon", "[loader]") {
  const std::string topology = read_file(source_file("topologies/kafka-eks.json"));
  const std::string scenario = read_file(source_file("experiments/scenarios/broker-kill.json"));
  std::mt19937_64 random(20261121);
  const auto start = std::chrono::steady_clock::now();
  int loaded = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string text = damaged(topology, random);
    if (i % 3 == 0) text = damaged(text, random);
    loaded += survives([&] { (void)load_topology_text("x", text); });
    const std::string other = damaged(scenario, random);
    loaded += survives([&] { (void)load_scenario_text("x", other); });
  }
  CHECK(loaded > 10);  // some damage is harmless: a check that nothing is rejected wholesale
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(3));
}

TEST_CASE("random damage to black boxes gives a message or a topology", "[loader]") {
  std::mt19937_64 random(4711);
  int loaded = 0;
  for (const char* name : {"active-standby", "quorum-zones", "leader-restart", "ftwc-4-line-first", "hecs-2-of-3"}) {
    const std::string text = read_file(source_file("topologies/benchmarks/" + std::string(name) + ".json"));
    for (int i = 0; i < 600; ++i) {
      std::string bad = damaged(text, random);
      if (i % 3 == 0) bad = damaged(bad, random);
      loaded += survives([&] {
        // What loads can be drawn from its ranges.
        LoadedTopology topology = load_topology_text("x", bad);
        for (const Assumption& assumption : topology.assumptions)
          assign(topology.topology, assumption, assumption.value);
      });
    }
  }
  CHECK(loaded > 10);
}

TEST_CASE("random edits by --set give a message or a topology", "[loader]") {
  std::mt19937_64 random(7);
  const std::vector<std::string> steps{"services",   "kafka",      "0",        "topics",      "my-topic", "config",
                                       "overrides",  "ebs.attach", "-",        "zones",       "",         "~",
                                       "partitions", "clients",    "99999999", "node_groups", "slis",     "sla"};
  const std::vector<std::string> edit_values{
      "1", "-1", "{}", "[]", "null", "\"\"", "x", "[[[", "1e999", "3 s", "{\"law\":\"uniform\"}", "\xff\xfe"};
  for (int i = 0; i < 800; ++i) {
    std::vector<Override> sets;
    for (std::size_t j = 0; j < 1 + random() % 3; ++j) {
      std::string pointer;
      for (std::size_t k = 0; k < 1 + random() % 6; ++k) pointer += '/' + steps[random() % steps.size()];
      sets.push_back({pointer, edit_values[random() % edit_values.size()]});
    }
    survives([&] { (void)load_topology(source_file("topologies/kafka-eks.json"), sets); });
  }
}

TEST_CASE("an object of very many unknown fields is refused soon", "[loader]") {
  std::string text = "{\"schema\": \"nines/topology/1\", \"overrides\": {\"a\": 0";
  for (int i = 0; i < 60'000; ++i) text += ",\"b" + std::to_string(i) + "\": 0";
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(survives([&] { (void)load_topology_text("x", text + "}}"); }));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("loader: a user's own failures update a rate", "[loader]") {
  const std::string kafka = (topologies_directory() / "kafka-eks.json").string();
  const auto rate_with = [&](const std::string& record) {
    const std::vector<Override> edits{{"/overrides/node.crash.rate", record}};
    const LoadedTopology loaded = load_topology(kafka, edits);
    const auto found = std::find_if(loaded.assumptions.begin(), loaded.assumptions.end(),
                                    [](const Assumption& a) { return a.key == "node.crash.rate"; });
    CHECK(loaded.topology.infrastructure.node_crash_rate.per_year() == Approx(found->value));
    return *found;
  };
  const double prior = rate_with(R"({"record": {"events": 0, "component_years": 1e-9}})").value;
  CHECK(prior == Approx(0.5));  // the profile's value
  // A record without evidence, or with next to none, leaves the range alone too.
  const Assumption profile = rate_with("\"0.5/yr\"");
  const LoadedTopology plain = load_topology(kafka);
  const auto stated = std::find_if(plain.assumptions.begin(), plain.assumptions.end(),
                                   [](const Assumption& a) { return a.key == "node.crash.rate"; });
  for (const char* years : {"0", "1e-9", "1e-3"}) {
    const Assumption same = rate_with(R"({"record": {"events": 0, "component_years": )" + std::string(years) + "}}");
    CHECK(same.value == Approx(stated->value).epsilon(2e-3));
    CHECK(same.low == Approx(stated->low).epsilon(2e-3));
    CHECK(same.high == Approx(stated->high).epsilon(2e-3));
  }
  CHECK(profile.value == Approx(stated->value));
  CHECK_THROWS_WITH(rate_with(R"({"record": {"events": 1, "component_years": 0}})"),
                    Catch::Contains("/component_years: expected a number > 0"));
  // Its ends are those of a log-normal prior times the likelihood, by sums over a grid of their own.
  const double sigma = std::log(stated->high / stated->low) / (2 * 1.959964);
  const double mu = std::log(stated->high * stated->low) / 2;
  for (const auto& [events, years] : {std::pair(0, 5.0), std::pair(3, 80.0), std::pair(40, 10.0)}) {
    const Assumption found = rate_with(R"({"record": {"events": )" + std::to_string(events) +
                                       R"(, "component_years": )" + std::to_string(years) + "}}");
    double below = 0, inside = 0, all = 0;
    for (double u = -16; u < 8; u += 1e-4) {
      const double z = (u - mu) / sigma;
      const double density = std::exp(events * (u - 2) - years * std::exp(u) + years * 0.02 - z * z / 2);
      all += density;
      if (std::exp(u) < found.low) below += density;
      if (std::exp(u) >= found.low && std::exp(u) <= found.high) inside += density;
    }
    CHECK(below / all == Approx(0.025).epsilon(0.01));
    CHECK(inside / all == Approx(0.95).epsilon(0.001));
  }
  // Ten thousand component-years speak for themselves; the range is then theirs.
  const Assumption much = rate_with(R"({"record": {"events": 2000, "component_years": 10000}})");
  CHECK(much.value == Approx(0.2).epsilon(0.01));
  CHECK(much.high / much.low == Approx(std::exp(2 * 1.96 / std::sqrt(2000.0))).epsilon(0.01));
  // A few events in between move it between the two.
  const Assumption some = rate_with(R"({"record": {"events": 3, "component_years": 80}})");
  CHECK(some.value > 3.0 / 80);
  CHECK(some.value < prior);
}

}  // namespace loader_files_test
