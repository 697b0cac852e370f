#include "models/economics/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/fargate.hpp"
#include "models/service/kind.hpp"

namespace nines::models::economics {

namespace {

constexpr double mib = 1024.0 * 1024;
constexpr double gb = 1e9;
/// What a gp3 volume has without further charge.
constexpr std::int64_t gp3_free_iops = 3000;
constexpr double gp3_free_mibps = 125;
/// What a load balancer passes on in an hour for one capacity unit.
constexpr double capacity_unit_bytes_per_h = 1e9;

class Biller {
 public:
  explicit Biller(const Plan& plan) : plan_(plan), topology_(plan.topology), prices_(plan.topology.prices) {}

  Bill bill(double operator_hours, double machines_usd) {
    if (topology_.managed_control_plane() && !topology_.node_groups.empty()) {
      add("managed control plane", hourly(prices_.control_plane_hour.usd));
    }
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) machines(i);
    credits();
    add("machines beyond those in health", machines_usd);
    storage();
    load_balancers();
    add(fmt::format("{} x NAT gateway", topology_.nat_gateways),
        hourly(prices_.nat_gateway_hour.usd) * static_cast<double>(topology_.nat_gateways));
    transfer();
    provided();
    if (operator_hours > 0) {
      add(fmt::format("operators, {:.2f} h on incidents", operator_hours),
          operator_hours * topology_.people.hourly_cost.usd);
    }
    if (plan_.control_plane.exists() && plan_.services[plan_.control_plane].kind->hosted) {
      const double care_h = topology_.people.control_plane_care.to_seconds() / 3600;
      add(fmt::format("operators, {:g} h on the control plane", care_h), care_h * topology_.people.hourly_cost.usd);
    }
    care();
    return std::move(bill_);
  }

 private:
  [[nodiscard]] double hourly(double usd) const { return usd * prices_.hours_per_month; }

  void add(std::string name, double usd) {
    const auto cents = static_cast<std::int64_t>(usd * 100 + 0.5);
    if (cents > 0) bill_.items.push_back({std::move(name), cents});
  }

  /// In health every machine is of its slot's first pool.
  void machines(std::size_t index) {
    const NodeGroupSpec& group = topology_.node_groups[index];
    if (group.provisioner == Provisioner::fargate) return fargate(group);
    if (group.bare) return;
    std::vector<std::pair<const CapacityPool*, double>> alike;  // pools of one type and sort, in the order of slots
    for (const NodePlan& node : plan_.nodes) {
      if (node.group != index || node.parked) continue;
      const CapacityPool& pool = plan_.capacity_pools[node.offerings.front()];
      const auto known = std::find_if(alike.begin(), alike.end(), [&](const auto& line) {
        return line.first->type == pool.type && line.first->capacity == pool.capacity;
      });
      if (known == alike.end()) {
        alike.emplace_back(&pool, 1);
      } else {
        known->second += 1;
      }
    }
    for (const auto& [pool, count] : alike) {
      add(fmt::format("{} x {} {} (node group {})", count, pool->type,
                      pool->capacity == Capacity::spot ? "Spot" : "on demand", group.name),
          hourly(pool->hour.usd) * count);
    }
  }

  /// Processors that services use in health on each machine, as far as they say so.
  [[nodiscard]] Table<NodeId, double> processors() const {
    Table<NodeId, double> used;
    used.assign(plan_.nodes.size(), 0);
    for (const ServiceId id : plan_.services.ids()) {
      const std::optional<service::Load> load = plan_.services[id].kind->load(plan_.spec(id));
      if (!load) continue;
      std::vector<ProcessId> pods = plan_.services[id].members;
      std::erase_if(pods, [&](ProcessId process) { return plan_.processes[process].parked; });
      const double share = load->requests_per_s / static_cast<double>(pods.size()) / load->capacity_per_pod;
      for (const ProcessId process : pods)
        used[plan_.processes[process].node] += std::min(1.0, share) * load->cpu_at_capacity;
    }
    return used;
  }

  /// What burstable machines in unlimited mode use beyond their baseline in health.
  void credits() {
    const Table<NodeId, double> used = processors();
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) {
      const NodeGroupSpec& group = topology_.node_groups[i];
      if (group.instance.cpu_baseline <= 0 || !group.unlimited_credits) continue;
      double beyond = 0;
      for (const NodeId node : plan_.nodes.ids()) {
        if (plan_.nodes[node].group == i)
          beyond += std::max(0.0, used[node] - group.instance.vcpu * group.instance.cpu_baseline);
      }
      add(fmt::format("CPU credits, {:.2f} vCPU beyond the baseline (node group {})", beyond, group.name),
          hourly(beyond * prices_.cpu_credit_hour.usd));
    }
  }

  /// A pod is billed by the size that Fargate gives it.
  void fargate(const NodeGroupSpec& group) {
    const auto pods = [&](std::int64_t count, double cpu, Bytes memory) {
      const kubernetes::FargateSize size = kubernetes::fargate_size(cpu, memory.count);
      add(fmt::format("{} x {:g} vCPU {:g} GB on Fargate ({})", count, size.vcpu, size.memory_gb, group.name),
          hourly(size.vcpu * prices_.fargate_vcpu_hour.usd + size.memory_gb * prices_.fargate_gb_hour.usd) *
              static_cast<double>(count));
    };
    for (const ServiceSpec& service : topology_.services) {
      for (const PoolSpec& pool : service.pools) {
        if (pool.node_group == group.name) pods(pool.replicas, pool.cpu, pool.memory);
      }
    }
    for (const WorkloadSpec& workload : topology_.workloads) {
      if (workload.node_group == group.name) pods(workload.replicas, workload.cpu, workload.memory);
    }
  }

  /// All volumes of a kind; IOPS and MiB/s beyond what each has without further charge.
  struct Volumes {
    double gib = 0;
    double iops = 0;
    double mibps = 0;
  };
  [[nodiscard]] Volumes volumes(VolumeKind kind, std::int64_t free_iops = 0, double free_mibps = 0) const {
    Volumes sum;
    for (const ServiceSpec& service : topology_.services) {
      for (const PoolSpec& pool : service.pools) {
        if (pool.storage.kind != kind) continue;
        const auto count = static_cast<double>(pool.replicas);
        sum.gib += count * pool.storage.size.gib();
        sum.iops += count * static_cast<double>(std::max<std::int64_t>(0, pool.storage.iops - free_iops));
        sum.mibps += count * std::max(0.0, pool.storage.throughput.bytes_per_s / mib - free_mibps);
      }
    }
    return sum;
  }

  /// GiB of the volumes that are made anew from snapshots: a snapshot holds what has ever been written to its volume,
  /// which is all of it once its data have been replaced.
  [[nodiscard]] double snapshots() const {
    double sum = 0;
    for (const ServiceSpec& service : topology_.services) {
      for (const PoolSpec& pool : service.pools) {
        const bool taken = rules_of(pool.storage.kind).ebs && pool.storage.restore == Restore::snapshot;
        if (taken) sum += static_cast<double>(pool.replicas) * pool.storage.size.gib();
      }
    }
    return sum;
  }

  void storage() {
    const Volumes gp3 = volumes(VolumeKind::gp3, gp3_free_iops, gp3_free_mibps);
    add(fmt::format("gp3 storage, {:.0f} GiB", gp3.gib), gp3.gib * prices_.gp3_gib_month.usd);
    add(fmt::format("gp3 IOPS above {}, {:.0f}", gp3_free_iops, gp3.iops), gp3.iops * prices_.gp3_iops_month.usd);
    add(fmt::format("gp3 throughput above {:.0f} MiB/s, {:.0f} MiB/s", gp3_free_mibps, gp3.mibps),
        gp3.mibps * prices_.gp3_mibps_month.usd);
    const Volumes root = volumes(VolumeKind::root);
    add(fmt::format("root volumes that hold data, {:.0f} GiB", root.gib), root.gib * prices_.gp3_gib_month.usd);
    double system = 0;
    for (const NodeGroupSpec& group : topology_.node_groups)
      system += group.root_volume.gib() * static_cast<double>(group.machines());
    add(fmt::format("root volumes of machines, {:.0f} GiB", system), system * prices_.gp3_gib_month.usd);
    add(fmt::format("snapshots of volumes, at most {:.0f} GiB", snapshots()),
        snapshots() * prices_.snapshot_gib_month.usd);
    const Volumes gp2 = volumes(VolumeKind::gp2);
    add(fmt::format("gp2 storage, {:.0f} GiB", gp2.gib), gp2.gib * prices_.gp2_gib_month.usd);
    const Volumes io2 = volumes(VolumeKind::io2);
    add(fmt::format("io2 storage, {:.0f} GiB", io2.gib), io2.gib * prices_.io2_gib_month.usd);
    add(fmt::format("io2 IOPS, {:.0f}", io2.iops), io2.iops * prices_.io2_iops_month.usd);
    const Volumes st1 = volumes(VolumeKind::st1);
    add(fmt::format("st1 storage, {:.0f} GiB", st1.gib), st1.gib * prices_.st1_gib_month.usd);
    const Volumes efs = volumes(VolumeKind::efs);
    add(fmt::format("EFS storage, {:.0f} GiB", efs.gib), efs.gib * prices_.efs_gib_month.usd);
    add(fmt::format("EFS throughput, {:.0f} MiB/s", efs.mibps), efs.mibps * prices_.efs_mibps_month.usd);
  }

  /// Of machines that are no provider's there are none. Source: AWS Elastic Load Balancing pricing.
  void load_balancers() {
    if (!topology_.rents_machines()) return;
    double network = 0, application = 0, network_per_s = 0, application_per_s = 0;
    for (const ServiceSpec& service : topology_.services) {
      const std::optional<service::Balancer> balancer = service.kind->balancer(service);
      if (!balancer) continue;
      const std::optional<service::Load> load = service.kind->load(service);
      const double requests_per_s = load ? load->requests_per_s : 0;
      if (*balancer == service::Balancer::network) {
        network += 1;
        network_per_s += requests_per_s;
      } else {
        application = 1;
        application_per_s += requests_per_s;
      }
    }
    balancers("application", application, prices_.alb_hour, application_per_s, prices_.alb_unit_hour);
    balancers("network", network, prices_.nlb_hour, network_per_s, prices_.nlb_unit_hour);
  }

  void balancers(std::string_view sort, double count, Money hour, double requests_per_s, Money unit_hour) {
    add(fmt::format("{} x {} load balancer", count, sort), hourly(hour.usd) * count);
    const double units = requests_per_s * prices_.request_size.count * 3600 / capacity_unit_bytes_per_h;
    add(fmt::format("capacity units of {} load balancers, {:.2f} in the mean", sort, units),
        hourly(unit_hour.usd) * units);
  }

  /// What services that the provider runs cost themselves.
  void provided() {
    for (const ServiceSpec& service : topology_.services) {
      for (service::Charge& charge : service.kind->charges(topology_, service))
        add(std::move(charge.name), charge.usd_per_month);
    }
  }

  /// Servers that store data are looked after by people, those of a control plane in `people.control_plane_care`.
  void care() {
    for (const ServiceSpec& service : topology_.services) {
      const service::Kind& kind = *service.kind;
      const bool own = kind.hosted && kind.stores && !kind.runs_platform && !kind.holds_objects;
      const Duration takes = kind.provider_runs ? kind.care(service) : own ? topology_.people.service_care : Duration();
      const double hours = takes.to_seconds() / 3600;
      add(fmt::format("operators, {:g} h on {}", hours, service.name), hours * topology_.people.hourly_cost.usd);
    }
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

Bill monthly_bill(const Plan& plan, double operator_hours_per_month, double machines_usd_per_month) {
  return Biller(plan).bill(operator_hours_per_month, machines_usd_per_month);
}

const std::vector<std::string_view>& not_included() {
  static const std::vector<std::string_view> list{
      "root volumes that hold only the system, of node groups without 'root_volume'; backups, snapshots that no volume "
      "is made from",
      "NAT gateways, if the file names none ('nat_gateways'), and what they pass on; public addresses",
      "transfer to the Internet and to other regions",
      "monitoring, logs and image registry",
      "Savings Plans, reservations and private discounts",
      "support plan and taxes",
      "people outside incidents, but for the care of an own control plane and of services (people.service_care)",
  };
  return list;
}

}  // namespace nines::models::economics
