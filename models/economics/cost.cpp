#include "models/economics/cost.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nines::models::economics {

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr double mib = 1024.0 * 1024;
constexpr double gb = 1e9;
/// What a gp3 volume has without further charge.
constexpr std::int64_t gp3_free_iops = 3000;
constexpr double gp3_free_mibps = 125;

class Biller {
 public:
  explicit Biller(const Plan& plan) : plan_(plan), topology_(plan.topology), prices_(plan.topology.prices) {}

  Bill bill(double operator_hours) {
    if (topology_.managed_control_plane && !topology_.node_groups.empty()) {
      add("managed control plane", hourly(prices_.control_plane_hour.usd));
    }
    for (const NodeGroupSpec& group : topology_.node_groups) machines(group);
    storage();
    transfer();
    if (operator_hours > 0) {
      add(fmt::format("operators, {:.2f} h on incidents", operator_hours),
          operator_hours * topology_.people.hourly_cost.usd);
    }
    return std::move(bill_);
  }

 private:
  [[nodiscard]] double hourly(double usd) const { return usd * prices_.hours_per_month; }

  void add(std::string name, double usd) {
    const auto cents = static_cast<std::int64_t>(usd * 100 + 0.5);
    if (cents > 0) bill_.items.push_back({std::move(name), cents});
  }

  void machines(const NodeGroupSpec& group) {
    const bool spot = group.capacity == Capacity::spot;
    const auto count = static_cast<double>(group.nodes_per_zone) * static_cast<double>(group.zones.size());
    const double price = spot ? group.instance.spot_hour.usd : group.instance.on_demand_hour.usd;
    add(fmt::format("{} x {} {} (node group {})", count, group.instance.name, spot ? "Spot" : "on demand", group.name),
        hourly(price) * count);
  }

  void storage() {
    double size = 0;
    double iops = 0;
    double throughput = 0;
    for (const KafkaSpec& service : topology_.services) {
      for (const PoolSpec& pool : service.pools) {
        if (pool.storage.kind != VolumeKind::gp3) continue;
        const auto count = static_cast<double>(pool.replicas);
        size += count * pool.storage.size.count / gib;
        iops += count * static_cast<double>(std::max<std::int64_t>(0, pool.storage.iops - gp3_free_iops));
        throughput += count * std::max(0.0, pool.storage.throughput.bytes_per_s / mib - gp3_free_mibps);
      }
    }
    add(fmt::format("gp3 storage, {:.0f} GiB", size), size * prices_.gp3_gib_month.usd);
    add(fmt::format("gp3 IOPS above {}, {:.0f}", gp3_free_iops, iops), iops * prices_.gp3_iops_month.usd);
    add(fmt::format("gp3 throughput above {:.0f} MiB/s, {:.0f} MiB/s", gp3_free_mibps, throughput),
        throughput * prices_.gp3_mibps_month.usd);
  }

  void transfer() {
    const ZoneTraffic traffic = zone_traffic(plan_);
    moved("replication between zones", traffic.replication);
    moved("producers to other zones", traffic.produce);
    moved("consumers from other zones", traffic.consume);
  }

  /// The provider charges what leaves one zone and again what enters the other.
  void moved(std::string_view what, double bytes_per_s) {
    const double month = bytes_per_s * prices_.hours_per_month * 3600 / gb;
    add(fmt::format("{}, {:.0f} GB", what, month), month * 2 * prices_.inter_zone_gb.usd);
  }

  const Plan& plan_;
  const Topology& topology_;
  const Prices& prices_;
  Bill bill_;
};

/// Share of a service's client traffic to a zone that comes from another one: clients share the load equally; one
/// placed in the region is spread over all zones.
double foreign_share(const Plan& plan, const KafkaSpec& service, ZoneId zone) {
  const double spread = 1 - 1 / static_cast<double>(plan.zones.size());
  if (service.clients.empty()) return spread;
  double foreign = 0;
  for (const ClientSpec& client : service.clients) {
    if (client.place == "region") {
      foreign += spread;
    } else if (client.place != plan.name(plan.zones[zone].component)) {
      foreign += 1;
    }
  }
  return foreign / static_cast<double>(service.clients.size());
}

ZoneId zone_of(const Plan& plan, const kafka::ServicePlan& service, std::uint16_t broker) {
  return plan.nodes[plan.processes[service.brokers[broker]].node].zone;
}

}  // namespace

std::int64_t Bill::cents() const {
  std::int64_t sum = 0;
  for (const Item& item : items) sum += item.cents;
  return sum;
}

ZoneTraffic zone_traffic(const Plan& plan) {
  ZoneTraffic traffic;
  for (const kafka::ServicePlan& service : plan.kafka) {
    const KafkaSpec& spec = plan.topology.services[service.index];
    for (const kafka::GroupPlan& group : service.groups) {
      const kafka::TopicPlan& topic = service.topics[group.topic];
      if (topic.internal) continue;
      const double bytes = topic.bytes_per_s() * group.partitions;
      const ZoneId leader = zone_of(plan, service, group.broker[0]);
      for (std::uint8_t slot = 1; slot < group.replicas; ++slot) {
        if (zone_of(plan, service, group.broker[slot]) != leader) traffic.replication += bytes;
      }
      const double foreign = bytes * foreign_share(plan, spec, leader);
      traffic.produce += foreign;
      traffic.consume += foreign * spec.topics[topic.spec].consumer_fanout;
    }
  }
  return traffic;
}

Bill monthly_bill(const Plan& plan, double operator_hours_per_month) {
  return Biller(plan).bill(operator_hours_per_month);
}

const std::vector<std::string_view>& not_included() {
  static const std::vector<std::string_view> list{
      "root volumes, snapshots and backups",
      "load balancers, NAT gateways, public addresses",
      "transfer to the Internet and to other regions",
      "monitoring, logs and image registry",
      "Savings Plans, reservations and private discounts",
      "support plan and taxes",
      "people outside incidents",
  };
  return list;
}

}  // namespace nines::models::economics
