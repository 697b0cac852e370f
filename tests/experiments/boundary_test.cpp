// What an answer leaves out is said in it, by kind and with the way it errs, by every verb; so is what was warned of.
#include "experiments/report/boundary.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "experiments/loader/document.hpp"
#include "models/selector.hpp"
#include "tests/experiments/replay_inputs.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace boundary_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

/// The item of a kind that the design itself is responsible for; null if none.
const LeftOut* of_kind(const std::vector<LeftOut>& items, std::string_view kind) {
  for (const LeftOut& item : items) {
    if (item.of_design && item.kind == kind) return &item;
  }
  return nullptr;
}

std::vector<LeftOut> of_kafka(const std::vector<loader::Override>& sets, std::vector<std::string> without = {}) {
  models::Topology topology = shipped("kafka-eks", sets).topology;
  topology.without_faults = std::move(without);
  return left_out(models::build_plan(topology, 1));
}

std::vector<LeftOut> of_boxes(const std::string& component, const std::string& more = "") {
  const std::string text =
      R"({ "schema": "nines/topology/1", "name": "t", "title": "t", "components": [)" + component + "]" + more +
      R"(, "services": [{ "name": "s", "kind": "composite", "slis": [{ "name": "up", "requires": "a" }] }] })";
  return left_out(models::build_plan(loader::load_topology_text("in.json", text).topology, 1));
}

/// In a directory of its own.
Outcome run(const std::string& arguments) {
  static const Scratch scratch;
  return shell("cd " + (scratch / "") + " && " + tests::nines_binary() + " " + arguments);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string few = " --max-incidents 3000 --draws 0";

}  // namespace

TEST_CASE("boundary: what a Kafka design leaves out is named by kind, and only then", "[boundary]") {
  struct Case {
    const char* kind;
    std::vector<loader::Override> with;
    std::vector<loader::Override> without;
    const char* says;
  };
  // What strikes only where somebody gives it a rate.
  const std::vector<loader::Override> rates_of_one_s_own{{"/overrides/pod.memory_pressure.rate", "1/yr"},
                                                         {"/overrides/node.kubelet_stop.rate", "1/yr"},
                                                         {"/overrides/pod.disk_pressure.rate", "1/yr"},
                                                         {"/overrides/change.network_policy.rate", "0.01/yr"}};
  const Case cases[] = {
      {"kubeadm-masters", {{"/platform/kind", "kubeadm"}}, {}, "none is modelled or billed"},
      {"spot-capacity", {{"/node_groups/kafka/capacity", "spot"}}, {}, "Spot pools have to give (node group kafka)"},
      {"planned-work", {{"/operations", "[]"}}, {}, "no rolling restart and no drain"},
      {"planned-drains",
       {},
       {{"/operations",
         R"([{"do": "drain", "target": "kafka", "rate": "4/yr"}, {"do": "drain", "target": "core", "rate": "4/yr"}])"}},
       "core, kafka"},
      {"planned-restarts",
       {{"/operations", R"([{"do": "drain", "target": "kafka", "rate": "4/yr"}])"}},
       {},
       "restarts kafka"},
      {"no-load", {{"/services/kafka/topics/my-topic/load/records_per_s", "0"}}, {}, "kafka/my-topic"},
      {"faults-never", {{"/overrides/change.command.rate", "0/yr"}}, rates_of_one_s_own, "wrong-command"},
  };
  for (const Case& c : cases) {
    INFO(c.kind);
    const auto with = of_kafka(c.with);
    REQUIRE(of_kind(with, c.kind) != nullptr);
    CHECK_THAT(of_kind(with, c.kind)->text, Catch::Contains(c.says));
    CHECK(of_kind(with, c.kind)->truth == Truth::worse);
    CHECK(of_kind(of_kafka(c.without), c.kind) == nullptr);
  }
}

TEST_CASE("boundary: what machines in other zones leave out is named by group, and only then", "[boundary]") {
  const auto of = [](const std::string& design, const std::vector<loader::Override>& sets) {
    return left_out(models::build_plan(shipped(design, sets).topology, 1));
  };
  const std::vector<loader::Override> asg{{"/node_groups/web/provisioner", "asg"}};
  const std::vector<loader::Override> asg_spot{asg.front(), {"/node_groups/web/capacity", "spot"}};
  const std::vector<loader::Override> own_spot{
      asg.front(), {"/node_groups/web/capacity", "spot"}, {"/node_groups/web/managed", "false"}};
  struct Case {
    const char* kind;
    const char* design;
    std::vector<loader::Override> with;
    std::vector<loader::Override> without;
    Truth truth;
  };
  const Case cases[] = {
      {"zone-of-successors", "http-eks", asg, {}, Truth::either},
      {"unhealthy-at-once", "http-eks", asg, {}, Truth::worse},
      {"spot-managed", "http-eks", asg_spot, asg, Truth::worse},
      {"spot-hooks", "http-eks", own_spot, asg_spot, Truth::either},
      {"karpenter-choices", "http-eks", {}, asg, Truth::either},
      {"karpenter-status-checks", "http-eks", {}, asg, Truth::better},
      {"other-zones",
       "kafka-eks-nvme",
       {},
       {{"/node_groups/kafka/zones", R"(["us-west-2a"])"}, {"/node_groups/kafka/nodes_per_zone", "3"}},
       Truth::better},
      {"layouts-of-scaled-groups",
       "eks-elastic-spot",
       {},
       {{"/node_groups/spot-workers/capacity", "on-demand"}},
       Truth::better},
      {"other-zones-bound", "kafka-eks", {{"/node_groups/kafka/provisioner", "asg"}}, {}, Truth::either},
  };
  for (const Case& c : cases) {
    INFO(c.kind);
    const auto names = [&](const std::vector<loader::Override>& sets) {
      const auto items = of(c.design, sets);
      const LeftOut* item = of_kind(items, c.kind);
      if (item != nullptr) CHECK(item->truth == c.truth);
      const std::string group = std::string(c.design).starts_with("eks") ? "workers"
                                : std::string(c.design) == "http-eks"    ? "web"
                                                                         : "kafka";
      return item != nullptr && item->text.find(group) != std::string::npos;
    };
    CHECK(names(c.with));
    CHECK_FALSE(names(c.without));
  }
}

TEST_CASE("boundary: every fault that is switched off is named", "[boundary]") {
  std::set<std::string> striking;
  for (const models::FaultSource& source : models::build_plan(shipped("kafka-eks").topology, 1).faults)
    striking.insert(std::string(models::verb_info(source.verb).name));
  for (const std::string& verb : striking) {
    INFO(verb);
    const auto items = of_kafka({}, {verb});
    REQUIRE(of_kind(items, "faults-left-out") != nullptr);
    CHECK_THAT(of_kind(items, "faults-left-out")->text, Catch::Contains(verb));
    const auto* never = of_kind(items, "faults-never");
    CHECK((never == nullptr || never->text.find(verb) == std::string::npos));
  }
  // And all whose rate is 0: none of them is left without a word.
  models::Topology quiet = without_faults(shipped("kafka-eks").topology);
  quiet.infrastructure.capacity_failure_probability = 0;
  quiet.infrastructure.volume_stuck_probability = 0;
  const auto items = left_out(models::build_plan(quiet, 1));
  REQUIRE(of_kind(items, "faults-never") != nullptr);
  for (const std::string& verb : striking) {
    if (verb != "rolling-restart" && verb != "drain")
      CHECK_THAT(of_kind(items, "faults-never")->text, Catch::Contains(verb));
  }
  CHECK(of_kind(items, "planned-work") != nullptr);
  CHECK(of_kind(items, "launches-never-fail") != nullptr);
  CHECK(of_kind(items, "attachments-never-hang") != nullptr);
}

TEST_CASE("boundary: perfect parts of black boxes are named", "[boundary]") {
  const std::string law = R"("failure": {"law": "exponential", "mean": "1000 h"}, "repair": "4 h")";
  const auto pair = of_boxes(R"({"name": "a", "count": 2, )" + law + "}");
  CHECK(of_kind(pair, "own-repairers") != nullptr);
  CHECK(of_kind(pair, "independent-units") != nullptr);
  const auto tied = of_boxes(R"({"name": "a", "count": 2, "crew": "c", )" + law + "}",
                             R"(, "crews": [{"name": "c"}], "shocks": [{"name": "x", "rate": "1/yr", "hits": ["a"]}])");
  CHECK(of_kind(tied, "own-repairers") == nullptr);
  CHECK(of_kind(tied, "independent-units") == nullptr);
  const auto standby = [&](const std::string& spec) {
    return of_boxes(R"({"name": "a", "count": 2, "standby": )" + spec + ", " + law + "}");
  };
  CHECK(of_kind(standby("{}"), "sure-switchover") != nullptr);
  CHECK(of_kind(standby(R"({"switchover": {"duration": "1 min", "coverage": 0.9, "uncovered_duration": "1 h"}})"),
                "sure-switchover") == nullptr);
  CHECK(of_kind(standby(R"({"dormant_factor": 0})"), "cold-standby") != nullptr);
  CHECK(of_kind(standby("{}"), "cold-standby") == nullptr);
}

TEST_CASE("boundary: several designs say each thing once, their own first", "[boundary]") {
  const models::Plan a = plan_of("kafka-eks", {{"/platform/kind", "kubeadm"}});
  const models::Plan b = plan_of("kafka-eks", {{"/operations", "[]"}});
  const auto items = left_out(std::vector<const models::Plan*>{&a, &b, &a});
  std::set<std::string> texts;
  bool general = false;
  for (const LeftOut& item : items) {
    CHECK(texts.insert(item.text).second);
    CHECK_FALSE((general && item.of_design));
    general = general || !item.of_design;
  }
  CHECK(of_kind(items, "kubeadm-masters") != nullptr);
  CHECK(of_kind(items, "planned-work") != nullptr);
}

TEST_CASE("boundary: every verb says it, as text and as JSON, and so does the bill", "[boundary]") {
  const std::string masters = "none is modelled or billed";
  const fs::path sweep = fs::temp_directory_path() / ("nines-boundary-" + std::to_string(::getpid()) + ".json");
  std::ofstream(sweep) << R"({ "schema": "nines/sweep/1", "name": "b", "title": "t", "topology": "kafka-eks",
    "set": {"/platform/kind": "kubeadm", "/services/kafka/config/num.partitions": 3},
    "parameters": [{"name": "isr", "at": "/services/kafka/config/min.insync.replicas", "values": [1, 2]}],
    "max_incidents": 2000, "objectives": [{"figure": "cost_usd_per_month"}] })";
  const std::string design = " --set /platform/kind=kubeadm --set /services/kafka/config/num.partitions=3";
  const std::string commands[] = {
      "assess kafka-eks" + design + few, "replay kafka-eks broker-kill" + design,
      "compare kafka-eks --variant /services/kafka/config/min.insync.replicas=1 --max-incidents 3000" + design,
      "sweep " + sweep.string() + " --results b.sqlite"};
  for (const std::string& command : commands) {
    INFO(command);
    const Outcome text = run(command);
    CHECK(text.code == 0);
    CHECK(holds(text.out, masters));
    CHECK(holds(text.out, "Not modelled: the truth is worse for each, unless it says otherwise"));
    CHECK(holds(text.err, ": warning: /services/0/config/num.partitions: "));
    const Outcome outcome = run(command + " --format json");
    const Json json = Json::parse(outcome.out);
    CHECK(holds(json["not_modelled"].dump(), masters));
    CHECK(holds(json["left_out"].dump(), "kubeadm-masters"));
    CHECK(holds(json["warnings"].dump(), "/services/0/config/num.partitions"));
    CHECK(holds(outcome.err, ": warning: /services/0/config/num.partitions: "));
  }
  fs::remove(sweep);
  const Json cost = Json::parse(run(commands[0] + " --format json").out)["cost"];
  CHECK(holds(cost["not_included"][0].get<std::string>(), "masters of platform.kind 'kubeadm'"));
  CHECK(cost["price_source"] == "list prices of 2026-07-20");
}

TEST_CASE("boundary: warnings fail no --check, and a check of nothing says so", "[boundary]") {
  const std::string kafka = "assess kafka-eks --check" + few;
  const int plain = run(kafka).code;
  const Outcome warned = run(kafka + " --set /services/kafka/config/num.partitions=3");
  CHECK(warned.code == plain);
  CHECK(holds(warned.err, "warning"));
  const Outcome nothing = run("assess pair-shared-crew-none --check");
  CHECK(nothing.code == 2);  // no such design: an error is no warning
  const Outcome promise = run("assess single-unit --check");
  CHECK(promise.code == 0);
  CHECK(holds(promise.err, "nines: warning: --check: no SLI has an 'sla'"));
  CHECK(holds(Json::parse(run("assess single-unit --check --format json").out)["warnings"].dump(), "--check"));
  CHECK(holds(run("compare kafka-eks kafka-eks-nvme --check -n").err, "compare has nothing to check"));
  CHECK(holds(run("assess kafka-eks -n --years 3").err, "--method timeline only"));
  CHECK(holds(run("assess kafka-eks -n --draws 0").err, "every input is taken as exact"));
  CHECK(run("assess kafka-eks -n").err.empty());
}

TEST_CASE("boundary: what is said to do nothing here changes no figure", "[boundary]") {
  struct Case {
    const char* design;
    std::vector<const char*> overrides;
  };
  const Case cases[] = {
      {"kafka-eks",
       {"spot.notice=100 s", "spot.pool_share=0.6", "node_repair.toleration=10 min", "ebs.snapshot.age=1 h",
        "ebs.snapshot.initialisation_rate=200 MiB/s", "controller_manager.secondary_node_eviction_rate=0.02/s",
        "controller_manager.unhealthy_zone_threshold=0.7", "controller_manager.large_cluster_size_threshold=10"}},
      {"kafka-eks --set /node_groups/core/provisioner=karpenter",
       {"node.provision.asg=200 s", "node.status_checks=10 min"}},
      {"kafka-eks-nvme",
       {"ebs.attach=20 s", "ebs.detach=20 s", "ebs.create=20 s", "ebs.attach.stuck_probability=0.02",
        "ebs.loss.rate=0.001/yr", "ebs_csi.poll.first=2 s", "kubelet.volume_mount=20 s", "kubelet.volume_unmount=20 s",
        "controller_manager.attach_loop=1 s", "controller_manager.max_wait_for_unmount=1 min"}},
  };
  const auto figures = [](const Outcome& outcome) {
    const Json json = Json::parse(outcome.out);
    return json["services"].dump() + json["budget"].dump() + json["cost"].dump() + json["run"]["events"].dump();
  };
  for (const Case& c : cases) {
    const std::string assess = std::string("assess ") + c.design + few + " --format json";
    const Outcome plain = run(assess);
    INFO(plain.err);
    REQUIRE(plain.code == 0);
    std::string sets;
    for (const char* override_ : c.overrides) sets += std::string(" --set '/overrides/") + override_ + "'";
    const Outcome changed = run(assess + sets);
    INFO(c.design << ": " << changed.err);
    REQUIRE(changed.code == 0);
    std::size_t said = 0;
    for (std::size_t at = changed.err.find("this does nothing here"); at != std::string::npos;
         at = changed.err.find("this does nothing here", at + 1))
      ++said;
    CHECK(said == c.overrides.size());
    CHECK(figures(changed) == figures(plain));
  }
}

}  // namespace boundary_test
