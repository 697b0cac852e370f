// Every malformed input gives its one clear message: place, pointer, what was expected, nearest name.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "experiments/loader/profile.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"

namespace loader_bad_input_test {

using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

const std::string& good_topology() {
  static const std::string text = read_file(source_file("topologies/kafka-eks.json"));
  return text;
}

const std::string good_scenario = R"json({
  "schema": "nines/scenario/1",
  "name": "s",
  "title": "t",
  "actions": [
    { "at_s": 0, "do": "process-kill", "target": "leader(kafka/controllers)"
},
    { "at_s": 5, "do": "partition", "target": "us-west-2a", "from": "us-west-2b", "one_way": true },
    { "at_s": 9, "do": "zone-power-loss", "target": "us-west-2a", "duration_s": 60, "extent": 0.5 }
  ],
  "expect": [
    { "text": "e", "sli": "kafka/write", "outage_s": { "max": 10 } },
    { "text": "f", "milestone": "kafka.fenced", "at_s": { "min": 7 } }
  ]
})json";

const std::string good_profile = R"({
  "schema": "nines/profile/1",
  "name": "mine",
  "title": "t",
  "parameters": {
    "process.crash.rate": {"value": 2, "unit": "/yr", "range": [1, 3], "source": "record"},
    "ebs.attach": {"law": "lognormal", "median": 2, "sigma": 0.5, "unit": "s", "range": [1, 4], "source": "record"},
    "controlled.shutdown.enable": {"value": false, "source": "record"}
  },
  "versions": { "3.9": { "parameters": {
    "kafka.fence_gap": {"value": 3, "unit": "ms", "range": [0, 10], "source": "record"} } } },
  "instance_types": [
    {"name": "x1.big", "vcpu": 4, "memory": "16GiB", "network": "1Gbit/s", "ebs": "1Gbit/s", "source": "record",
      "regions": {"us-west-2": {"on_demand": {"value": 1, "unit": "USD/h", "range": [1, 1], "source": "record"}}}}
  ]
})";

/// An edit of a good text, and what the message must hold.
struct Bad {
  const char* from;
  const char* to;
  std::vector<const char*> parts;
};

/// A file of its own that goes away with the object.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& text) {
    static int number = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("nines-loader-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".json"))
                .string();
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~ScratchFile() { std::remove(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void check_all(const std::vector<Bad>& table, const std::string& good,
               const std::function<void(const std::string&)>& load) {
  REQUIRE(error_of([&] { load(good); }) == "");
  for (const Bad& bad : table) {
    const std::string text = replaced(good, bad.from, bad.to);
    const std::string message = error_of([&] { load(text); });
    INFO("edit: " << bad.from << " -> " << bad.to);
    INFO("message: " << message);
    CHECK(message.find("error: ") != std::string::npos);
    for (const char* part : bad.parts) CHECK_THAT(message, Catch::Contains(part));
  }
}

/// The line on which the edit is must be the line of the message.
void check_lines(const std::vector<Bad>& table, const std::string& good,
                 const std::function<void(const std::string&)>& load) {
  for (const Bad& bad : table) {
    const std::string text = replaced(good, bad.from, bad.to);
    const std::string message = error_of([&] { load(text); });
    INFO("edit: " << bad.from << " -> " << bad.to);
    CHECK_THAT(message, Catch::StartsWith("in.json:" + std::to_string(line_of(good, bad.from)) + ":"));
  }
}

// clang-format off
/// Faults that show at the place of the edit.
const std::vector<Bad> local_faults{
    {R"("region": "us-west-2")", R"("regoin": "us-west-2")", {"/regoin: unknown field of a topology. Did you mean 'region'?"}},
    {R"("region": "us-west-2")", R"("region": "us-west-3")", {"/region: no profile has prices of region 'us-west-3'", "Did you mean 'us-west-1'?"}},
    {R"("region": "us-west-2")", R"("region": 2)", {"/region: expected a name", "got 2."}},
    {R"("name": "kafka-eks")", R"("name": "kafka eks")", {"/name: expected a name of letters, digits", R"(got "kafka eks")"}},
    {R"("name": "kafka-eks")", R"("name": "")", {"/name: expected a name"}},
    {R"("kind": "eks")", R"("kind": "ekz")", {"/platform/kind: expected a platform (eks, kubeadm or none), got \"ekz\". Did you mean 'eks'?"}},
    {R"("kubernetes_version": "1.31")", R"("kubernetes_version": "1.310")", {"/platform/kubernetes_version: there is no Kubernetes version '1.310' (known: 1.28,"}},
    {R"("operator": {"name")", R"("operator": {"nam")", {"/platform/operator/nam: unknown field of the operator. Did you mean 'name'?"}},
    {R"("node_group": "core")", R"("node_group": "cor")", {"/platform/operator/node_group: there is no node group 'cor'", "Did you mean 'core'?"}},
    {R"("instance_type": "r8g.4xlarge")", R"("instance_type": "r8g.4xlrage")", {"/node_groups/1/instance_type: there is no instance type 'r8g.4xlrage'", "Did you mean 'r8g.4xlarge'?"}},
    {R"("capacity": "on-demand")", R"("capacity": "on_demand")", {"/node_groups/0/capacity: expected a capacity (on-demand or spot)", "Did you mean 'on-demand'?"}},
    {R"("provisioner": "karpenter")", R"("provisioner": "carpenter")", {"/node_groups/1/provisioner", "Did you mean 'karpenter'?"}},
    {R"("nodes_per_zone": 1)", R"("nodes_per_zone": 0)", {"/node_groups/0/nodes_per_zone: expected a whole number from 1 to 10000, got 0."}},
    {R"("nodes_per_zone": 1)", R"("nodes_per_zone": 1.5)", {"/node_groups/0/nodes_per_zone: expected a whole number", "got 1.5."}},
    {R"("nodes_per_zone": 1)", R"("nodes_per_zone": "1")", {"/node_groups/0/nodes_per_zone: expected a whole number", "got \"1\"."}},
    {R"("interruption": "queue")", R"("interruption": "queu")", {"/node_groups/1/interruption: expected who hears of interruptions (queue, handler or none)", "Did you mean 'queue'?"}},
    {R"("interruption": "queue")", R"("interruptions": "queue")", {"/node_groups/1/interruptions: unknown field of a node group. Did you mean 'interruption'?"}},
    {R"("kind": "kafka")", R"("kind": "kafak")", {"/services/0/kind: expected a kind of service (kafka, composite, etcd, control-plane, eks, http, redis, rabbitmq, addon, cronjob, zookeeper, postgresql, ...)", "Did you mean 'kafka'?"}},
    {R"("version": "3.9")", R"("version": "3.x")", {"/services/0/version: there is no Kafka version '3.x' (known: 3.6, 3.7, 3.8, 3.9, 4.0, 4.1 or 4.2)"}},
    {R"("version": "3.9")", R"("version": 3.9)", {"/services/0/version: expected a string, got 3.9. Put double quotes around it."}},
    {R"("min.insync.replicas": 2)", R"("min.insync.replica": 2)", {"/services/0/config/min.insync.replica: no model reads this kafka broker key. Did you mean 'min.insync.replicas'?"}},
    {R"("min.insync.replicas": 2)", R"("min.insync.replicas": 0)", {"/services/0/config/min.insync.replicas: expected a value > 0, got 0."}},
    {R"("min.insync.replicas": 2)", R"("min.insync.replicas": 2.5)", {"/services/0/config/min.insync.replicas: expected a whole number, got 2.5."}},
    {R"("min.insync.replicas": 2)", R"("min.insync.replicas": -1)", {"/services/0/config/min.insync.replicas: expected a value > 0, got -1."}},
    {R"("min.insync.replicas": 2)", R"("broker.session.timeout.ms": "9 s")", {"/services/0/config/broker.session.timeout.ms: expected a number (of ms), got \"9 s\"."}},
    {R"("min.insync.replicas": 2)", R"("broker.session.timeout.ms": 0)", {"/services/0/config/broker.session.timeout.ms: expected a value > 0, got 0."}},
    {R"("min.insync.replicas": 2)", R"("kafka.fsync": "3 ms")", {"/services/0/config/kafka.fsync: this is no configuration key of Kafka: set it under /overrides."}},
    {R"("min.insync.replicas": 2)", R"("request.timeout.ms": 3000)", {"/services/0/config/request.timeout.ms: this is a key of clients"}},
    {R"("min.insync.replicas": 2)", R"("default.replication.factr": 3)", {"/services/0/config/default.replication.factr: no model reads this kafka broker key. Did you mean 'default.replication.factor'?"}},
    {R"("min.insync.replicas": 2)", R"("log.retention.hours": [1])", {"/services/0/config/log.retention.hours: expected a string, a number, true or false, got an array."}},
    {R"("rack_aware": true)", R"("rack_aware": 1)", {"/services/0/rack_aware: expected true or false, got 1."}},
    {R"("max_unavailable": 1)", R"("max_unavailable": -1)", {"/services/0/pdb/max_unavailable: expected a whole number from 0"}},
    {R"("roles": ["broker"])", R"("roles": ["brokers"])", {"/services/0/pools/0/roles/0: expected a role (broker or controller), got \"brokers\". Did you mean 'broker'?"}},
    {R"("roles": ["broker"])", R"("roles": "broker")", {"/services/0/pools/0/roles: expected an array, got \"broker\"."}},
    {R"("cpu": 6)", R"("cpu": 0)", {"/services/0/pools/0/cpu: expected a number > 0"}},
    {R"("cpu": 6)", R"("cpu": null)", {"/services/0/pools/0/cpu: expected a number > 0", "got null."}},
    {R"("memory": "58Gi")", R"("memory": 58)", {"/services/0/pools/0/memory: expected a string with a unit, such as \"1000Gi\"", "got 58."}},
    {R"("memory": "58Gi")", R"("memory": "58 gigs")", {"/services/0/pools/0/memory", "'gigs' is no unit of it."}},
    {R"("memory": "58Gi")", R"("memory": "-58Gi")", {"/services/0/pools/0/memory: expected a value > 0", "got \"-58Gi\"."}},
    {R"("kind": "gp3")", R"("kind": "gp4")", {"/services/0/pools/0/storage/kind: expected a kind of volume (gp3, nvme, gp2, io2, st1, efs or root), got \"gp4\". Did you mean 'gp3'?"}},
    {R"("kind": "gp3", "size": "1000Gi", "iops": 3000, "throughput": "125MiB/s")", R"("kind": "st1", "size": "100Gi")", {"/services/0/pools/0/storage/size: expected the size of a volume of kind st1, 125Gi to 16Ti, got \"100Gi\"."}},
    {R"("kind": "gp3", "size": "1000Gi", "iops": 3000,)", R"("kind": "efs", "size": "1000Gi", "restore": "snapshot",)", {"/services/0/pools/0/storage/restore: no model reads this of efs storage: it is never lost."}},
    {R"("kind": "gp3", "size": "1000Gi", "iops": 3000,)", R"("kind": "io2", "size": "1000Gi", "iops": 3000,)", {"/services/0/pools/0/storage/throughput: no model reads this of io2 storage: it follows from its kind, size or IOPS."}},
    {R"("replicas": 3)", R"("anti_affinity": "hosts", "replicas": 3)", {"/services/0/pools/0/anti_affinity: expected how pods keep apart (host, zone, preferred or none), got \"hosts\". Did you mean 'host'?"}},
    {R"("replicas": 3)", R"("across": ["controllers"], "replicas": 3)", {"/services/0/pools/0/across/0: there is no pool of the service 'controllers'", "Did you mean 'controller'?"}},
    {R"("replicas": 3)", R"("across": ["broker"], "replicas": 3)", {"/services/0/pools/0/across/0: a pool keeps apart from itself by 'anti_affinity': remove its own name."}},
    {R"("replicas": 3)", R"("topology_spread": [{"topology": "zone", "max_skew": 0, "when_unsatisfiable": "DoNotSchedule"}], "replicas": 3)", {"/services/0/pools/0/topology_spread/0/max_skew: expected a whole number from 1"}},
    {R"("replicas": 3)", R"("topology_spread": [{"topology": "zone", "when_unsatisfiable": "Never"}], "replicas": 3)", {"/services/0/pools/0/topology_spread/0/when_unsatisfiable: expected what happens then (DoNotSchedule or ScheduleAnyway), got \"Never\"."}},
    {R"("kind": "gp3", "size": "1000Gi", "iops": 3000, "throughput": "125MiB/s")", R"("kind": "nvme", "size": "1000Gi")", {"/services/0/pools/0/storage/kind: r8g.4xlarge of node group 'kafka' has no local disk."}},
    {R"("size": "1000Gi")", R"("size": "100Ti")", {"/services/0/pools/0/storage/size: expected the size of a volume of kind gp3, 1Gi to 64Ti, got \"100Ti\"."}},
    {R"("size": "1000Gi")", R"("size": "0Gi")", {"/services/0/pools/0/storage/size: expected a value > 0"}},
    {R"("iops": 3000)", R"("iops": 2000)", {"/services/0/pools/0/storage/iops: expected a whole number from 3000 to 80000, got 2000."}},
    {R"("throughput": "125MiB/s")", R"("throughput": "1000MiB/s")", {"/services/0/pools/0/storage/throughput: expected at most 0.25 MiB/s per provisioned IOPS"}},
    {R"("throughput": "125MiB/s")", R"("throughput": "125MiB")", {"/services/0/pools/0/storage/throughput", "'MiB' is no unit of it. Did you mean 'MiB/s'?"}},
    {R"("partitions": 12)", R"("partitions": 1000000000)", {"/services/0/topics/0/partitions: expected a whole number from 1 to 250000, got 1000000000."}},
    {R"("partitions": 12)", R"("partitions": 99999999999999999999999)", {"/services/0/topics/0/partitions: expected a whole number from 1 to 250000"}},
    {R"("partitions": 12)", R"("partitions": 0)", {"/services/0/topics/0/partitions: expected a whole number from 1"}},
    {R"("replication_factor": 3)", R"("replication_factor": 9)", {"/services/0/topics/0/replication_factor: expected a whole number from 1 to 8, got 9."}},
    {R"("replication_factor": 3)", R"("replication_factor": 4)", {"/services/0/topics/0/replication_factor: expected at most the number of brokers, 3, got 4."}},
    {R"("replication_factor": 3,)", R"("replication_factor": 3, "config": {"min.insync.replicas": 4},)", {"/services/0/topics/0/config/min.insync.replicas: expected at most the replication factor 3, got 4."}},
    {R"("replication_factor": 3,)", R"("replication_factor": 3, "config": {"leader.replication.throttled.replicas": "0-1"},)", {"/services/0/topics/0/config/leader.replication.throttled.replicas: expected \"*\" or a list such as \"0:1,0:2\" of partitions (0 to 11) and brokers, got \"0-1\"."}},
    {R"("replication_factor": 3,)", R"("replication_factor": 3, "config": {"leader.replication.throttled.replicas": "12:1"},)", {"/services/0/topics/0/config/leader.replication.throttled.replicas: expected \"*\" or a list"}},
    {R"("replication_factor": 3,)", R"("replication_factor": 3, "config": {"leader.replication.throttled.replicas": "0:1,0:3"},)", {"/services/0/topics/0/config/leader.replication.throttled.replicas: no broker of 'kafka' has number 3: it is the number in its name."}},
    {R"("replication_factor": 3,)", R"("replication_factor": 3, "config": {"min.isr": 2},)", {"/services/0/topics/0/config/min.isr: unknown field of a topic's configuration."}},
    {R"("records_per_s": 5000)", R"("records_per_s": -5)", {"/services/0/topics/0/load/records_per_s: expected a number >= 0", "got -5."}},
    {R"("record_size": "100B")", R"("record_size": "0B")", {"/services/0/topics/0/load/record_size: expected a value > 0"}},
    {R"("acks_one_share": 0)", R"("acks_one_share": 1.5)", {"/services/0/topics/0/load/acks_one_share: expected a number >= 0 and <= 1, got 1.5."}},
    {R"("place": "region")", R"("place": "us-west-2d")", {"/services/0/clients/0/place: there is no zone 'us-west-2d'", "Did you mean 'us-west-2a'?"}},
    {R"("client": "app")", R"("client": "apps")", {"/services/0/slis/0/client: there is no client 'apps'", "Did you mean 'app'?"}},
    {R"("name": "write",)", R"("name": "writes",)", {"/services/0/slis/0/name: expected a kind of SLI (write, write-acks1, read or visible) or a field 'kind', got \"writes\". Did you mean 'write'?"}},
    {R"("scope": "all",)", R"("scope": "every",)", {"/services/0/slis/0/scope: expected a scope (all, any or share), got \"every\"."}},
    {R"("scope": "all",)", R"("scope": "all", "share": 0.9,)", {"/services/0/slis/0/share: no model reads a share with scope 'all'"}},
    {R"("deadline_s": 0.1)", R"("deadline_s": "100 ms")", {"/services/0/slis/0/deadline_s: expected a number >= 0", "got \"100 ms\"."}},
    {R"("target": 0.999)", R"("target": 99.9)", {"/services/0/slis/0/sla/target: expected a number >= 1e-06 and < 1, got 99.9."}},
    {R"("target": 0.999)", R"("target": 1)", {"/services/0/slis/0/sla/target: expected a number >= 1e-06 and < 1, got 1."}},
    {R"("window_h": 730)", R"("window_h": 0)", {"/services/0/slis/0/sla/window_h: expected a number >= 0.1 and <= 8760"}},
    {R"("below": 0.999)", R"("below": 0.98)", {"/services/0/slis/0/sla/credits/1/below: expected a lower availability than the tier before, got 0.99."}},
    {R"("do": "rolling-restart")", R"("do": "rolling-restrat")", {"/operations/0/do: expected an operation (rolling-restart, drain, node-update or control-plane-upgrade)", "Did you mean 'rolling-restart'?"}},
    {R"("target": "kafka")", R"("target": "kafak")", {"/operations/0/target: there is no service 'kafak'", "Did you mean 'kafka'?"}},
    {R"("rate": "12/yr")", R"("rate": 12)", {"/operations/0/rate: expected a string with a unit, such as \"0.05/yr\"", "got 12."}},
    {R"("rate": "12/yr")", R"("rate": "12/yr", "variant": "launch-first")", {"/operations/0/variant: rolling-restart takes no 'variant'."}},
    {R"("provisioner": "asg")", R"("provisioner": "asg", "repair": "node_repair")", {"/node_groups/0/repair: expected who repairs machines (provider, node-repair or none)", "Did you mean 'node-repair'?"}},
    {R"("interruption": "queue")", R"("repair": "none")", {"/node_groups/1/repair: Karpenter replaces no machine that fails without node repair: remove the field."}},
    {R"("provisioner": "asg")", R"("provisioner": "none", "replacement": "launch-first")", {"/node_groups/0/replacement: nothing provisions the machines of this group: they cannot be launched first."}},
    {R"("rate": "12/yr")", R"("rate": "0/yr")", {"/operations/0/rate: expected a value > 0", "got \"0/yr\"."}},
    {R"("schema": "nines/topology/1")", R"("schema": "nines/topology/2")", {"/schema: expected \"nines/topology/1\", got \"nines/topology/2\": this program reads version 1 only."}},
    {R"("schema": "nines/topology/1")", R"("schema": "nines/scenario/1")", {"/schema: expected \"nines/topology/1\", got \"nines/scenario/1\"."}},
    {R"("title": )", R"("name": )", {"/name: duplicate key 'name'; the first is on line 4"}},
};

/// Faults that show elsewhere, or only when all is known.
const std::vector<Bad> other_faults{
    {R"("notes": [)", R"("zones": [)", {"duplicate key 'zones'"}},
    {R"("schema": "nines/topology/1",)", "", {"missing field 'schema': expected \"nines/topology/1\"."}},
    {R"("zones": ["us-west-2a", "us-west-2b", "us-west-2c"])", R"("zones": [])", {"/zones: expected at least one element, got none."}},
    {R"("zones": ["us-west-2a", "us-west-2b", "us-west-2c"])", R"("zones": ["us-west-2a", "us-west-2a"])", {"/zones/1: expected a name that no other zone has, got 'us-west-2a' again (first at /zones/0)."}},
    {R"("zones": ["us-west-2a", "us-west-2b", "us-west-2c"])", R"("zones": ["us-west-2a", "us-west-2b", "us-west-2d"])", {"/node_groups/0/zones/2: there is no zone 'us-west-2c' (known: us-west-2a, us-west-2b or us-west-2d)"}},
    {R"("zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
  "platform")", R"("zones": ["us-west-2a", "us-west-2b", "us-west-2c", "us-east-1a"],
  "platform")", {"/zones/3: zone 'us-east-1a' is not in region 'us-west-2'."}},
    {R"("region": "us-west-2")", R"("region": "ap-northeast-2")", {"/zones/0: zone 'us-west-2a' is not in region 'ap-northeast-2'."}},
    {R"("roles": ["controller"])", R"("roles": ["broker"])", {"/services/0/pools: expected a pool with role 'controller', got none: KRaft needs voters."}},
    {R"("roles": ["broker"])", R"("roles": ["controller"])", {"/services/0/pools: expected a pool with role 'broker', got none."}},
    {R"("replicas": 3)", R"("replicas": 4)", {"/services/0/pools/0/replicas: expected at most one pod a machine: node group 'kafka' has 3, got 4."}},
    {R"("replicas": 3)", R"("across": ["controller"], "replicas": 3)", {"/services/0/pools/1: 3 of 3 pods (1 cpu, 4 GiB) do not fit on the 3 machines of node group 'kafka' (r8g.4xlarge: 16 vcpu, 128 GiB): what else would do has a pod that it keeps apart from (anti_affinity)."}},
    {R"("instance_type": "m5.xlarge")", R"("instance_type": "t3.micro")", {"/node_groups/0/instance_type: a machine of 'core' may have 4 pods, and those of the system take 4: none is left. Choose a larger type, or platform.prefix_delegation."}},
    {R"("interruption": "queue")", R"("max_pods": 4, "interruption": "queue")", {"/node_groups/1/max_pods: a machine of 'kafka' may have 4 pods, and those of the system take 4: none is left."}},
    {R"("interruption": "queue")", R"("max_pods": 5, "interruption": "queue")", {"/services/0/pools/1: 3 of 3 pods (1 cpu, 4 GiB) do not fit on the 3 machines", "has as many pods as it may have."}},
    {R"("replicas": 3)", R"("replicas": 2)", {"/services/0/topics/0/replication_factor: expected at most the number of brokers, 2, got 3.", "/services/0/config/offsets.topic.replication.factor: expected at most the number of brokers, 2, got 3."}},
    {R"("memory": "58Gi")", R"("memory": "126Gi")", {"/services/0/pools/1: 3 of 3 pods (1 cpu, 4 GiB) do not fit on the 3 machines of node group 'kafka' (r8g.4xlarge: 16 vcpu, 128 GiB)"}},
    {R"("cpu": 6)", R"("cpu": 17)", {"/services/0/pools/0: 3 of 3 pods (17 cpu, 58 GiB) do not fit"}},
    {R"("min.insync.replicas": 2,)", R"("broker.heartbeat.interval.ms": 9000,)", {"/services/0/config/broker.heartbeat.interval.ms: expected an interval shorter than broker.session.timeout.ms, 9000 ms, got 9000 ms."}},
    {R"("place": "region"})", R"("place": "region", "config": {"delivery.timeout.ms": 1000}})", {"/services/0/clients/0/config/delivery.timeout.ms: expected at least request.timeout.ms, 30000 ms, got 1000 ms."}},
    {R"("place": "region"})", R"("place": "region", "config": {"retry.backof.ms": 1000}})", {"/services/0/clients/0/config/retry.backof.ms: no model reads this kafka client key. Did you mean 'retry.backoff.ms'?"}},
    {R"("name": "app-inside", "place")", R"("name": "app", "place")", {"/services/0/clients/1: expected a name that no other client has, got 'app' again", "there is no client 'app-inside'"}},
    {R"("name": "my-topic-reversed")", R"("name": "my-topic")", {"/services/0/topics/1: expected a name that no other topic has, got 'my-topic' again"}},
    {R"("name": "core")", R"("name": "kafka")", {"/node_groups/1/name: expected a name that no other node group has, got 'kafka' again."}},
    {R"("name": "strimzi-cluster-operator")", R"("name": "kafka")", {"/platform/operator/name: the name 'kafka' is taken by /services/0/name."}},
    {R"("partitions": 12)", R"("partitions": 249999)", {"/services: expected at most 250000 partitions, those of __consumer_offsets included, got 250061."}},
    {R"("stored_per_partition": "25GB")", R"("stored_per_partition": "1Ti")", {"/services/0/topics: the replicas of all topics hold", "the 3 brokers' volumes only 3000 GiB."}},
    {R"("records_per_s": 5000)", R"("records_per_s": 5000000)", {"/services/0/topics: the topics write", "to 3 volumes that take 375.0 MiB/s together."}},
    {R"("scope": "all",)", R"("scope": "share",)", {"/services/0/slis/0: missing field 'share' of an SLI with scope 'share'"}},
    {R"("scope": "all",)", R"("scope": "share", "share": 1,)", {"/services/0/slis/0/share: expected a number > 0 and < 1, got 1."}},
    {R"("iops": 3000, )", "", {"/services/0/pools/0/storage: missing field 'iops' of gp3 storage."}},
    {R"("provisioner": "asg")", R"("provisioner": "asg", "on_demand_fallback": true)", {"/node_groups/0/on_demand_fallback: only Karpenter's groups read this: remove the field."}},
    {R"("interruption": "queue")", R"("on_demand_base": 1)", {"/node_groups/1/on_demand_base: only Auto Scaling groups with capacity 'spot' read this: remove the field."}},
    {R"("interruption": "queue")", R"("instance_types": ["m5.large"])", {"/node_groups/1/instance_types/0: m5.large is smaller than r8g.4xlarge (16 vcpu and 128 GiB", "/node_groups/1/instance_types: expected 'r8g.4xlarge', the group's 'instance_type', as the first of its types."}},
    {R"("interruption": "queue")", R"("instance_types": ["r8g.4xlarge", "r8g.8xlrage"])", {"/node_groups/1/instance_types/1: there is no instance type 'r8g.8xlrage'"}},
    {R"("operations": [)", R"("quota_vcpu": {"on_demand": 50}, "operations": [)", {"/quota_vcpu/on_demand: expected at least the 60 vCPUs of the node groups (each machine of its largest type), got 50."}},
    {R"("instance_type": "r8g.4xlarge")", R"("auto_recovery": true, "instance_type": "i3en.3xlarge")", {"/node_groups/1/auto_recovery: i3en.3xlarge has local disks"}},
    {R"("operations": [)", R"("overrides": {"ebs.atach": "2 s"}, "operations": [)", {"/overrides/ebs.atach: no model reads this parameter. Did you mean 'ebs.attach'?"}},
    {R"("operations": [)", R"("overrides": {"ebs.attach": 2}, "operations": [)", {"/overrides/ebs.attach: expected a string with a unit, such as \"8 min\"", "got 2."}},
    {R"("operations": [)", R"("overrides": {"ebs.attach": {"law": "log-normal", "median": "2 s", "sigma": 1}}, "operations": [)", {"/overrides/ebs.attach/law: expected a distribution (constant, uniform, exponential, lognormal, erlang, weibull or mixture)", "Did you mean 'lognormal'?"}},
    {R"("operations": [)", R"("overrides": {"ebs.attach": {"law": "lognormal", "medain": "2 s", "sigma": 1}}, "operations": [)", {"/overrides/ebs.attach/medain: unknown field of a parameter. Did you mean 'median'?"}},
    {R"("operations": [)", R"("overrides": {"ebs.attach": {"law": "uniform", "low": "3 s", "high": "2 s"}}, "operations": [)", {"/overrides/ebs.attach/high: expected a value >= 'low', got \"2 s\"."}},
    {R"("operations": [)", R"("overrides": {"ebs.loss.rate": {"law": "constant", "value": 1, "unit": "/yr"}}, "operations": [)", {"/overrides/ebs.loss.rate/law: 'ebs.loss.rate' is a rate, not a distribution"}},
    {R"("operations": [)", R"("overrides": {"ebs.loss.rate": "0.1 s"}, "operations": [)", {"/overrides/ebs.loss.rate: expected a string with a unit, such as \"0.05/yr\"", "Did you mean '/s'?"}},
    {R"("operations": [)", R"("overrides": {"ebs.loss.rate": {"value": "0.1/yr", "range": ["0.2/yr", "0.3/yr"]}}, "operations": [)", {"/overrides/ebs.loss.rate/range: expected a range around the value 0.1 /yr, got [0.2, 0.3]."}},
    {R"("operations": [)", R"("overrides": {"ebs.attach.stuck_probability": 2}, "operations": [)", {"/overrides/ebs.attach.stuck_probability: expected a share from 0 to 1, got 2."}},
    {R"("operations": [)", R"("overrides": {"people.on_call": 1.5}, "operations": [)", {"/overrides/people.on_call: expected a whole number, got 1.5."}},
    {R"("operations": [)", R"("overrides": {"price.gp3.storage": "0.1 USD/h"}, "operations": [)", {"/overrides/price.gp3.storage: expected a price in USD/GiB-month, got \"0.1 USD/h\"."}},
    {R"("operations": [)", R"("overrides": {"kubelet.restart_backoff.max": "200 years"}, "operations": [)", {"/overrides/kubelet.restart_backoff.max", "'years' is no unit of it."}},
    {R"("operations": [)", R"("overrides": {"kubelet.restart_backoff.max": "1e30 d"}, "operations": [)", {"/overrides/kubelet.restart_backoff.max: expected a smaller value"}},
    {R"("operations": [)", R"("overrides": {"kubelet.restart_backoff.max": "nan s"}, "operations": [)", {"/overrides/kubelet.restart_backoff.max: expected a string with a unit"}},
    {R"("operations": [)", R"("overrides": [], "operations": [)", {"/overrides: expected an object of parameters, got an array."}},
    {R"("services": [)", R"("services": 5, "ignored": [)", {"/services: expected an array, got 5.", "/ignored: unknown field of a topology."}},
    {R"("services": [)", R"("services": [ 7, )", {"/services/0: expected an object that describes a service, got 7."}},
};
// clang-format on

}  // namespace

TEST_CASE("every broken topology gives its message", "[loader]") {
  const auto load = [](const std::string& text) { (void)load_topology_text("in.json", text); };
  check_all(local_faults, good_topology(), load);
  check_all(other_faults, good_topology(), load);
}

TEST_CASE("the message names the line of the fault", "[loader]") {
  check_lines(local_faults, good_topology(),
              [](const std::string& text) { (void)load_topology_text("in.json", text); });
}

TEST_CASE("columns point at the value or at the unknown key", "[loader]") {
  const std::string text = "{\n  \"schema\": \"nines/topology/1\",\n  \"ñame\": 1\n}";
  const std::string message = error_of([&] { (void)load_topology_text("in.json", text); });
  CHECK_THAT(message, Catch::Contains("in.json:3:3: error: /ñame: unknown field"));
  CHECK_THAT(error_of([] { (void)load_topology_text("in.json", "{\"schema\": 7}"); }),
             Catch::StartsWith("in.json:1:12: error: /schema: "));
}

TEST_CASE("text that is no JSON gives one message with its place", "[loader]") {
  const auto message = [](const std::string& text) {
    return error_of([&] { (void)load_topology_text("in.json", text); });
  };
  CHECK_THAT(message(""), Catch::Contains("unexpected end of input"));
  CHECK_THAT(message("{"), Catch::Contains("in.json:1:"));
  CHECK_THAT(message("{\n\"a\": 1,\n}"),
             Catch::StartsWith("in.json:3:1: error: syntax error while parsing object key"));
  CHECK_THAT(message("{\"a\": tru}"), Catch::Contains("invalid literal"));
  CHECK_THAT(message("{\"a\": 1e999}"), Catch::Contains("in.json:1:"));
  CHECK_THAT(message("{\"a\": NaN}"), Catch::Contains("invalid literal"));
  CHECK_THAT(message("{\"a\": \"\xff\"}"), Catch::Contains("ill-formed UTF-8"));
  CHECK_THAT(message("{\"a\": 1} x"), Catch::Contains("expected end of input"));
  CHECK_THAT(message(std::string(100'000, '[')), Catch::Contains("nested deeper than 24 levels"));
  CHECK_THAT(message("[" + std::string(5u << 20, ' ') + "]"), Catch::Contains("larger than 4 MiB"));
  CHECK_THAT(message("{\"" + std::string(300, 'k') + "\": 1}"), Catch::Contains("a key longer than 200 bytes"));
  std::string many = "[0";
  for (int i = 0; i < 200'000; ++i) many += ",0";
  CHECK_THAT(message(many + "]"), Catch::Contains("more than 100000 values"));
  CHECK_THAT(message("[]"), Catch::Contains("expected an object with \"schema\": \"nines/topology/1\", got an array."));
  CHECK_THAT(message("3"), Catch::Contains("expected an object"));
}

TEST_CASE("things that are no files are said to be none", "[loader]") {
  const auto message = [](const std::string& path) { return error_of([&] { (void)load_topology(path); }); };
  CHECK(message("/nowhere/x.json") == "/nowhere/x.json: error: no such file");
  CHECK_THAT(message(source_file("topologies")), Catch::EndsWith("error: expected a file, got a directory"));
  CHECK_THAT(message("/dev/zero"), Catch::EndsWith("error: expected a regular file"));
  CHECK_THAT(message(""), Catch::EndsWith("error: expected a file name"));
}

TEST_CASE("all problems come in one run, by position, at most twenty", "[loader]") {
  std::string text = replaced(good_topology(), R"("rack_aware": true)", R"("rack_aware": 1)");
  text = replaced(text, R"("nodes_per_zone": 1)", R"("nodes_per_zone": 0)");
  const std::string message = error_of([&] { (void)load_topology_text("in.json", text); });
  CHECK(message.find("/node_groups/0/nodes_per_zone") < message.find("/services/0/rack_aware"));
  std::string many = "{\"schema\": \"nines/topology/1\"";
  for (int i = 0; i < 60; ++i) many += ",\n\"field" + std::to_string(i) + "\": 1";
  const std::string long_message = error_of([&] { (void)load_topology_text("in.json", many + "}"); });
  CHECK(std::count(long_message.begin(), long_message.end(), '\n') == 20);
  CHECK_THAT(long_message, Catch::Contains("\nand "));
}

TEST_CASE("every broken scenario gives its message", "[loader]") {
  // clang-format off
  const std::vector<Bad> faults{
      {R"("process-kill")", R"("proces-kill")", {"/actions/0/do: expected a verb", "Did you mean 'process-kill'?"}},
      {R"("process-kill")", "3", {"/actions/0/do: expected a verb", "got 3."}},
      {"\"leader(kafka/controllers)\"", "\"leder(kafka/controllers)\"", {"/actions/0/target: expected a name, or leader(x)", "Did you mean 'leader'?"}},
      {"\"leader(kafka/controllers)\"", "\"leader(kafka/controllers\"", {"/actions/0/target: expected a name, or leader(x)"}},
      {"\"leader(kafka/controllers)\"", "\"leader()\"", {"/actions/0/target"}},
      {"\"leader(kafka/controllers)\"", "\"all(all(x))\"", {"/actions/0/target"}},
      {"\"leader(kafka/controllers)\"", "\"a b\"", {"/actions/0/target"}},
      {R"("at_s": 0)", R"("at_s": -1)", {"/actions/0/at_s: expected a number >= 0"}},
      {R"("at_s": 0)", R"("at_s": "0")", {"/actions/0/at_s: expected a number"}},
      {R"("at_s": 0, )", "", {"/actions/0: missing field 'at_s'"}},
      {R"("at_s": 0, )", R"("at_s": 0, "duration_s": 3, )", {"/actions/0/duration_s: process-kill does not take 'duration_s'; it takes no options."}},
      {R"("at_s": 0, )", R"("at_s": 0, "from": "x", )", {"/actions/0/from: process-kill does not take 'from'; it takes no options."}},
      {R"("at_s": 0, )", R"("at_s": 0, "extent": 0.5, )", {"/actions/0/extent: process-kill does not take 'extent'"}},
      {R"("one_way": true)", R"("loss": 0.1)", {"/actions/1/loss: partition does not take 'loss'; it takes duration_s, from and one_way."}},
      {R"("one_way": true)", R"("variant": "pod")", {"/actions/1/variant: partition does not take 'variant'"}},
      {R"("do": "partition")", R"("delay_s": 7, "do": "network-slow")",
       {"/actions/1/delay_s: expected a number > 0 and <= 5, got 7.", "/actions/1/one_way: network-slow does not take 'one_way'; it takes duration_s, from, share and delay_s."}},
      {R"("do": "partition", "target": "us-west-2a", "from": "us-west-2b", "one_way": true)",
       R"("do": "network-slow", "target": "us-west-2a", "from": "us-west-2b", "share": 0.5)",
       {"/actions/1: network-slow: 'share' is of a machine's whole network"}},
      {R"("do": "partition", "target": "us-west-2a", "from": "us-west-2b", "one_way": true)",
       R"("do": "packet-loss", "target": "us-west-2a", "loss": 0.5)", {"/actions/1/loss: expected a number > 0 and <= 0.25, got 0.5."}},
      {R"("do": "partition", "target": "us-west-2a", "from": "us-west-2b", "one_way": true)",
       R"("do": "disk-slow", "target": "kafka/broker-0", "share": 0)", {"/actions/1/share: expected a number > 0 and < 1, got 0."}},
      {R"("from": "us-west-2b", )", "", {"/actions/1: missing field 'from' of a partition"}},
      {R"("one_way": true)", R"("oneway": true)", {"/actions/1/oneway: unknown field of an action. Did you mean 'one_way'?"}},
      {R"("duration_s": 60)", R"("duration_s": 0)", {"/actions/2/duration_s: expected a number > 0"}},
      {R"("extent": 0.5)", R"("extent": 1.5)", {"/actions/2/extent: expected a number > 0 and <= 1"}},
      {R"("sli": "kafka/write")", R"("sli": "write")", {"/expect/0/sli: expected service/sli"}},
      {R"("outage_s": { "max": 10 })", R"("outage_s": {})", {"/expect/0/outage_s: expected 'min', 'max' or both."}},
      {R"("outage_s": { "max": 10 })", R"("outage_s": { "min": 20, "max": 10 })", {"/expect/0/outage_s: expected min <= max."}},
      {R"("outage_s": { "max": 10 })", R"("outage_s": { "max": 10 }, "count": { "max": 1 })", {"/expect/0: expected exactly one of 'outage_s' and 'count' with 'sli'."}},
      {R"("outage_s": { "max": 10 })", R"("at_s": { "max": 10 })", {"/expect/0/at_s: 'at_s' does not go with 'sli'."}},
      {R"("milestone": "kafka.fenced")", R"("milestone": "fenced")", {"/expect/1/milestone: expected the dotted name of a milestone"}},
      {R"("milestone": "kafka.fenced", )", "", {"/expect/1: expected exactly one of 'sli', 'milestone', 'order' and 'data_loss'."}},
      {R"("milestone": "kafka.fenced", "at_s": { "min": 7 })", R"("order": ["kafka.fenced"])", {"/expect/1/order: expected at least two milestones."}},
      {R"("milestone": "kafka.fenced", "at_s": { "min": 7 })", R"("data_loss": "kafka")", {"/expect/1: expected 'records' with 'data_loss'."}},
      {R"("text": "e",)", R"("text": "e", "fraction": 2,)", {"/expect/0/fraction: expected a number > 0 and <= 1"}},
      {R"("expect")", R"("expects")", {"/expects: unknown field of a scenario. Did you mean 'expect'?"}},
      {"nines/scenario/1", "nines/scenario/9", {"this program reads version 1 only"}},
  };
  // clang-format on
  check_all(faults, good_scenario, [](const std::string& text) { (void)load_scenario_text("in.json", text); });
}

TEST_CASE("every broken profile gives its message", "[loader]") {
  // clang-format off
  const std::vector<Bad> faults{
      {R"("process.crash.rate")", R"("proces.crash.rate")", {"/parameters/proces.crash.rate: no model reads this parameter. Did you mean 'process.crash.rate'?"}},
      {R"("value": 2,)", R"("value": 5,)", {"/parameters/process.crash.rate/range: expected a range around the value 5 /yr, got [1, 3]."}},
      {R"("value": 2,)", R"("value": "2/yr",)", {"/parameters/process.crash.rate/value: expected a number (of /yr), got \"2/yr\"."}},
      {R"("value": 2,)", "", {"/parameters/process.crash.rate: missing field 'value'"}},
      {R"("range": [1, 3], )", "", {"/parameters/process.crash.rate: missing field 'range'"}},
      {R"("range": [1, 3])", R"("range": [3, 1])", {"/parameters/process.crash.rate/range: expected 0 <= low <= high"}},
      {R"("range": [1, 3])", R"("range": 2)", {"/parameters/process.crash.rate/range: expected an array [low, high], got 2."}},
      {R"("unit": "/yr")", R"("unit": "/y")", {"/parameters/process.crash.rate/unit: expected a unit of rate", "Did you mean '/yr'?"}},
      {R"("unit": "/yr", )", "", {"/parameters/process.crash.rate: missing field 'unit'"}},
      {R"(, "source": "record"},
    "ebs)", R"(},
    "ebs)", {"/parameters/process.crash.rate: missing field 'source'"}},
      {R"("sigma": 0.5)", R"("sigma": -1)", {"/parameters/ebs.attach/sigma: expected a number >= 0 and <= 5"}},
      {R"("value": false)", R"("value": 0)", {"/parameters/controlled.shutdown.enable/value: expected true or false, got 0."}},
      {R"("versions": { "3.9")", R"("versions": { "2.9")", {"/versions/2.9: no model knows this version"}},
      {R"("vcpu": 4)", R"("vcpu": 0)", {"/instance_types/0/vcpu: expected a number > 0"}},
      {R"("ebs": "1Gbit/s")", R"("ebs": "1Gbit/s", "local_disk": "5GB")", {"/instance_types/0: expected both 'local_disk' and 'local_disk_rate', or neither."}},
      {R"("on_demand": {"value": 1)", R"("on_demand": {"value": -1)", {"/instance_types/0/regions/us-west-2/on_demand/value: expected a value >= 0"}},
      {R"("title": "t",)", "", {"missing field 'title'"}},
  };
  // clang-format on
  check_all(faults, good_profile, [](const std::string& text) {
    const ScratchFile file(text);
    (void)load_topology(source_file("topologies/kafka-eks.json"), {}, {file.path(), ""});
  });
}

TEST_CASE("a default profile set that lacks a parameter names it", "[loader]") {
  namespace fs = std::filesystem;
  const fs::path directory = fs::temp_directory_path() / ("nines-profiles-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  const auto message = [&] {
    return error_of([&] {
      (void)load_topology(source_file("topologies/kafka-eks.json"), {}, {"", directory.string()});
    });
  };
  CHECK_THAT(message(), Catch::Contains("expected a directory with the default profiles"));
  for (const auto& entry : fs::directory_iterator(source_file("topologies/profiles")))
    fs::copy_file(entry.path(), directory / entry.path().filename());
  CHECK(message() == "");
  const std::string people = read_file((directory / "people.json").string());
  std::ofstream(directory / "people.json") << replaced(people, R"("people.engage": )", R"("people.notice2": )");
  CHECK_THAT(message(), Catch::Contains("Did you mean 'people.notice'?"));
  const std::size_t at = people.find(R"(    "people.engage")");
  std::ofstream(directory / "people.json") << std::string(people).erase(at, people.find('\n', at) - at + 1);
  CHECK_THAT(message(), Catch::Contains("no default profile holds 'people.engage'"));
  std::ofstream(directory / "people.json") << people;
  std::ofstream(directory / "twice.json") << replaced(people, R"("name": "people")", R"("name": "twice")");
  CHECK_THAT(message(), Catch::Contains("more than one default profile holds 'people.engage'"));
  fs::remove_all(directory);
}

TEST_CASE("an override is checked like the file and named in the message", "[loader]") {
  const auto message = [](std::vector<std::string> arguments) {
    return error_of([&] {
      std::vector<Override> sets;
      for (const std::string& argument : arguments) sets.push_back(parse_override(argument));
      (void)load_topology(source_file("topologies/kafka-eks.json"), sets);
    });
  };
  CHECK(message({"/services/kafka/config/min.insync.replicas=1", "/node_groups/kafka/capacity=spot",
                 "/overrides/ebs.attach=3 s", "/services/0/topics/my-topic/partitions=24", "/zones/-=us-west-2d",
                 R"(/overrides/people.notice={"law":"exponential","mean":"4 min"})"}) == "");
  CHECK_THAT(message({"/services/kafka/config/min.insync.replicas=0"}),
             Catch::Equals("--set /services/kafka/config/min.insync.replicas: error: "
                           "/services/0/config/min.insync.replicas: expected a value > 0, got 0."));
  CHECK_THAT(message({"/services/kafak/version=4.0"}), Catch::Contains("Did you mean '/services/kafka/version'?"));
  CHECK_THAT(message({"/a/b/c=1"}), Catch::Contains("error: /a: nothing is there. The nearest that exists is '/'."));
  CHECK_THAT(message({"/services/7/version=4.0"}), Catch::Contains("/services/7: nothing is there."));
  CHECK_THAT(message({"/name/x=4"}), Catch::Contains("/name/x: nothing is there."));
  CHECK_THAT(message({"/services/0/versio=4.0"}), Catch::Contains("Did you mean 'version'?"));
  CHECK_THAT(message({"/services=[]"}), Catch::Contains("/services: expected at least one element, got none."));
  CHECK_THAT(message({"/schema=nines/topology/2"}), Catch::StartsWith("--set /schema: error: /schema: expected"));
  CHECK_THAT(message({R"(/overrides={"x":1})"}),
             Catch::Contains("--set /overrides: error: /overrides/x: no model reads"));
  CHECK_THAT(message({"services=1"}), Catch::Contains("expected a JSON pointer that begins with '/'"));
  CHECK_THAT(message({"/services"}), Catch::Contains("found no '='"));
  CHECK_THAT(message({"/services/a~b/version=4.0"}), Catch::Contains("a '~' of a name is written '~0'"));
  CHECK_THAT(message({"/overrides/node.crash.rate={value:3}"}),
             Catch::Contains("the value begins like JSON and is none") && Catch::Contains("single quotes"));
  CHECK_THAT(message({"/zones=[us-west-2a]"}), Catch::Contains("the value begins like JSON and is none"));
  CHECK_THAT(message({"/=1"}), Catch::Contains("/: unknown field of a topology."));
}

}  // namespace loader_bad_input_test
