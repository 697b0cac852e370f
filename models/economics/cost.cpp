#include "models/economics/cost.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/service/kind.hpp"

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
    for (const ServiceSpec& service : topology_.services) {
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

/// Bytes per second that cross zones.
class CrossZone : public service::TrafficSink {
 public:
  explicit CrossZone(const Plan& plan) : plan_(plan) {}

  void replicate(ProcessId from, ProcessId to, double bytes_per_s) override {
    if (zone_of(from) != zone_of(to)) traffic.replication += bytes_per_s;
  }
  void clients(std::span<const infrastructure::Endpoint> places, ProcessId process, double produced_per_s,
               double consumed_per_s) override {
    const double foreign = foreign_share(places, zone_of(process));
    traffic.produce += produced_per_s * foreign;
    traffic.consume += consumed_per_s * foreign;
  }

  ZoneTraffic traffic;

 private:
  [[nodiscard]] ZoneId zone_of(ProcessId process) const { return plan_.nodes[plan_.processes[process].node].zone; }

  /// Share of client traffic to a zone that comes from another one; a client in the region is spread over all zones.
  [[nodiscard]] double foreign_share(std::span<const infrastructure::Endpoint> places, ZoneId zone) const {
    const double spread = 1 - 1 / static_cast<double>(plan_.zones.size());
    if (places.empty()) return spread;
    double foreign = 0;
    for (const infrastructure::Endpoint place : places) {
      if (place == plan_.network.backbone) {
        foreign += spread;
      } else if (place != plan_.network.zone_fabric[zone.value]) {
        foreign += 1;
      }
    }
    return foreign / static_cast<double>(places.size());
  }

  const Plan& plan_;
};

}  // namespace

std::int64_t Bill::cents() const {
  std::int64_t sum = 0;
  for (const Item& item : items) sum += item.cents;
  return sum;
}

ZoneTraffic zone_traffic(const Plan& plan) {
  CrossZone sink(plan);
  for (const ServiceId service : plan.services.ids()) plan.services[service].kind->traffic(plan, service, sink);
  return sink.traffic;
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
