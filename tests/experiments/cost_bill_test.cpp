// The bill against figures worked by hand from list prices.
#include <catch2/catch.hpp>

#include "models/economics/cost.hpp"
#include "models/http/spec.hpp"
#include "tests/experiments/replay_inputs.hpp"

namespace cost_bill_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::economics;
using namespace nines::experiments::testing;

namespace {

std::int64_t item(const Bill& bill, std::string_view part) {
  std::int64_t cents = 0;
  int found = 0;
  for (const Item& entry : bill.items) {
    if (entry.name.find(part) == std::string::npos) continue;
    cents += entry.cents;
    ++found;
  }
  INFO(part);
  REQUIRE(found == 1);
  return cents;
}

bool has(const Bill& bill, std::string_view part) {
  for (const Item& entry : bill.items) {
    if (entry.name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("bill: the seed's machines, control plane and volumes at list prices", "[cost]") {
  Plan plan = plan_of("kafka-eks");
  plan.topology.services[0].pools[1].storage.kind = VolumeKind::nvme;  // brokers' volumes only
  const Bill bill = monthly_bill(plan, 0);
  CHECK(item(bill, "control plane") == 73'00);
  CHECK(item(bill, "r8g.4xlarge") == 2064'21);  // 3 x 0.94256 x 730
  CHECK(item(bill, "gp3 storage") == 240'00);   // 3 x 1000 GiB x 0.08
  CHECK_FALSE(has(bill, "IOPS"));               // 3,000 are free
  CHECK_FALSE(has(bill, "throughput"));         // so are 125 MiB/s
  CHECK_FALSE(has(bill, "operators"));
}

TEST_CASE("bill: items add up to the total in whole cents", "[cost]") {
  for (const char* name :
       {"kafka-eks", "kafka-eks-dual-role", "kafka-eks-nvme", "kafka-eks-spot", "kafka-eks-one-zone"}) {
    const Bill bill = monthly_bill(plan_of(name), 1.234);
    std::int64_t sum = 0;
    for (const Item& entry : bill.items) sum += entry.cents;
    INFO(name);
    CHECK(bill.cents() == sum);
    CHECK(bill.usd() == static_cast<double>(sum) / 100);
    CHECK(sum > 0);
  }
}

TEST_CASE("bill: volumes of every kind", "[cost]") {
  Plan plan = plan_of("kafka-eks");
  Prices& prices = plan.topology.prices;
  prices.gp2_gib_month = {0.10};
  prices.io2_gib_month = {0.125};
  prices.io2_iops_month = {0.065};
  prices.st1_gib_month = {0.045};
  prices.efs_gib_month = {0.30};
  prices.efs_mibps_month = {6};
  const auto bill_of = [&](StorageSpec storage) {
    for (PoolSpec& pool : plan.topology.services[0].pools) pool.storage = storage;
    return monthly_bill(plan, 0);
  };
  constexpr double gib = 0x1p30, mib = 0x1p20;  // of each of six volumes
  CHECK(item(bill_of({VolumeKind::gp2, {1000 * gib}, {}, 0}), "gp2 storage") == 600'00);
  const Bill io2 = bill_of({VolumeKind::io2, {1000 * gib}, {}, 5000});
  CHECK(item(io2, "io2 storage") == 750'00);
  CHECK(item(io2, "io2 IOPS") == 1950'00);
  CHECK(item(bill_of({VolumeKind::st1, {1000 * gib}, {}, 0}), "st1 storage") == 270'00);
  const Bill efs = bill_of({VolumeKind::efs, {1000 * gib}, {100 * mib}, 0});
  CHECK(item(efs, "EFS storage") == 1800'00);
  CHECK(item(efs, "EFS throughput") == 3600'00);
}

TEST_CASE("bill: what is beyond the free part of gp3 is charged", "[cost]") {
  Plan plan = plan_of("kafka-eks");
  plan.topology.services[0].pools[0].storage.iops = 6000;
  plan.topology.services[0].pools[0].storage.throughput = {250.0 * 1024 * 1024};
  const Bill bill = monthly_bill(plan, 0);
  CHECK(item(bill, "IOPS") == 45'00);        // 3 x 3,000 x 0.005
  CHECK(item(bill, "throughput") == 15'00);  // 3 x 125 x 0.04
}

TEST_CASE("bill: Spot machines cost the Spot price", "[cost]") {
  Topology topology = plan_of("kafka-eks").topology;
  NodeGroupSpec& group = topology.node_groups[1];
  group.capacity = Capacity::spot;
  group.instance.spot_hour = {0.1};
  CHECK(item(monthly_bill(build_plan(topology, 1), 0), "Spot") == 219'00);  // 3 x 0.1 x 730
}

TEST_CASE(
    "bill: replication between three zones is 4 cents a produced GB, clients in the region cross two times in three",
    "[cost]") {
  const Plan plan = plan_of("kafka-eks");
  // 2 topics x 5,000 records/s x 100 B
  const double produced = 1e6;
  const ZoneTraffic traffic = zone_traffic(plan);
  CHECK(traffic.replication == Approx(2 * produced));
  // One client in the region, one in zone a, load shared equally; leaders spread over three zones.
  CHECK(traffic.produce == Approx(produced * 2 / 3));
  CHECK(traffic.consume == Approx(produced * 2 / 3));
  const double gb = produced * 730 * 3600 / 1e9;
  CHECK(item(monthly_bill(plan, 0), "replication") == static_cast<std::int64_t>(gb * 4 + 0.5));
}

TEST_CASE("bill: of three replicas in two zones one crosses, for they lie in A, B, A", "[cost]") {
  Topology topology = shipped("kafka-eks").topology;
  topology.zones.pop_back();
  for (NodeGroupSpec& group : topology.node_groups) {
    group.zones = topology.zones;
    group.nodes_per_zone = 2;
  }
  topology.services[0].pools[0].replicas = 4;
  const Plan plan = build_plan(topology, 1);
  const double produced = 1e6;
  CHECK(zone_traffic(plan).replication == Approx(produced));
}

TEST_CASE("bill: nothing crosses zones when there is one for all", "[cost]") {
  Plan plan = plan_of("kafka-eks-one-zone");
  CHECK(zone_traffic(plan).replication == 0);
}

TEST_CASE("bill: people's hours at their price", "[cost]") {
  Plan plan = plan_of("kafka-eks");
  plan.topology.people.hourly_cost = {80};
  CHECK(item(monthly_bill(plan, 2.5), "operators") == 200'00);
}

TEST_CASE("bill: load balancers by the hour, and by what they pass on", "[cost]") {
  Plan plan = plan_of("http-eks");
  Prices& prices = plan.topology.prices;
  prices.nlb_hour = prices.alb_hour = {0.0225};
  prices.nlb_unit_hour = {0.006};
  prices.alb_unit_hour = {0.008};
  prices.request_size = {10'000};
  auto& spec = plan.topology.services[0].own.as<http::Spec>();
  spec.requests_per_s = 1000;
  spec.capacity_per_pod = 1000;
  spec.frontend = http::Frontend::nlb;
  const Bill network = monthly_bill(plan, 0);
  CHECK(item(network, "x network") == 16'43);        // 0.0225 x 730
  CHECK(item(network, "capacity units") == 157'68);  // 36 GB an hour: 36 x 0.006 x 730
  spec.frontend = http::Frontend::alb;
  const Bill application = monthly_bill(plan, 0);
  CHECK(item(application, "x application") == 16'43);
  CHECK(item(application, "capacity units") == 210'24);
  CHECK_FALSE(has(application, "network"));
  // One Ingress may lead to many services; each Service of type LoadBalancer has a load balancer of its own.
  plan.topology.services.push_back(plan.topology.services[0]);
  CHECK(item(monthly_bill(plan, 0), "1 x application") == 16'43);
  for (ServiceSpec& service : plan.topology.services) service.own.as<http::Spec>().frontend = http::Frontend::nlb;
  CHECK(item(monthly_bill(plan, 0), "2 x network") == 32'85);
  for (ServiceSpec& service : plan.topology.services)
    service.own.as<http::Spec>().frontend = http::Frontend::cluster_ip;
  CHECK_FALSE(has(monthly_bill(plan, 0), "balancer"));
}

TEST_CASE("bill: a load balancer before three masters, none before one", "[cost]") {
  CHECK(item(monthly_bill(plan_of("kubeadm-3-masters"), 0), "1 x network load balancer") == 16'43);
  CHECK_FALSE(has(monthly_bill(plan_of("kubeadm-1-master"), 0), "balancer"));
  CHECK_FALSE(has(monthly_bill(plan_of("eks-control-plane"), 0), "balancer"));  // it is in the provider's fee
}

TEST_CASE("bill: snapshots that volumes are made from", "[cost]") {
  Plan plan = plan_of("kafka-eks");
  plan.topology.prices.snapshot_gib_month = {0.05};
  CHECK_FALSE(has(monthly_bill(plan, 0), "snapshots"));
  plan.topology.services[0].pools[0].storage.restore = Restore::snapshot;
  CHECK(item(monthly_bill(plan, 0), "snapshots") == 150'00);  // 3 x 1000 GiB x 0.05
}

}  // namespace cost_bill_test
