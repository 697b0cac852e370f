#include "models/fabric/layout.hpp"

#include <algorithm>

#include "models/plan.hpp"
#include "models/service/kind.hpp"

namespace nines::models::fabric {
namespace {

void leave(Route& route, const Layout& layout, ZoneId from, ZoneId to) {
  if (from != to) route.add(layout.out[from]).add(layout.in[to]);
}

/// Bytes per second that a machine moves while everything is healthy.
struct HealthLoad {
  double up = 0;
  double down = 0;
  double ebs = 0;
};

class HealthLoads : public service::TrafficSink {
 public:
  explicit HealthLoads(const Plan& plan) : plan_(plan) {
    loads_.assign(plan.nodes.size(), {});
    volumes_.assign(plan.volumes.size(), 0);
    for (const ServiceId service : plan.services.ids()) plan.services[service].kind->traffic(plan, service, *this);
  }

  void replicate(ProcessId from, ProcessId to, double bytes_per_s) override {
    loads_[plan_.processes[from].node].up += bytes_per_s;
    write(to, bytes_per_s);
  }
  void clients(std::span<const infrastructure::Endpoint>, ProcessId process, double produced_per_s,
               double consumed_per_s) override {
    loads_[plan_.processes[process].node].up += consumed_per_s;
    write(process, produced_per_s);
  }

  [[nodiscard]] const HealthLoad& of(NodeId node) const { return loads_[node]; }
  [[nodiscard]] double of(VolumeId volume) const { return volumes_[volume]; }

 private:
  void write(ProcessId process, double bytes_per_s) {
    HealthLoad& load = loads_[plan_.processes[process].node];
    load.down += bytes_per_s;
    const VolumeId volume = plan_.processes[process].volume;
    if (!volume.exists()) return;
    volumes_[volume] += bytes_per_s;
    if (rules_of(plan_.volumes[volume].kind).ebs) load.ebs += bytes_per_s;
  }

  const Plan& plan_;
  Table<NodeId, HealthLoad> loads_;
  Table<VolumeId, double> volumes_;
};

ResourceSpec with_burst(Bandwidth sustained, const Burst& burst, double health_load, Duration latency = {}) {
  if (!(burst.rate > sustained)) return {sustained, {}, latency};
  const Bytes level = health_load <= sustained.bytes_per_s ? burst.bucket : Bytes{};
  return {burst.rate, {sustained, burst.bucket, level}, latency};
}

}  // namespace

Layout add_resources(Fabric& fabric, const Plan& plan) {
  Layout layout;
  const Duration card = plan.infra().rtt_intra_zone / 4;
  const Duration way = std::max(Duration(), plan.infra().rtt_inter_zone / 4 - card);
  const HealthLoads loads(plan);
  for (const NodeId node : plan.nodes.ids()) {
    const InstanceType& type = plan.topology.node_groups[plan.nodes[node].group].instance;
    layout.up.add(fabric.add(with_burst(type.network, type.network_burst, loads.of(node).up, card)));
    layout.down.add(fabric.add(with_burst(type.network, type.network_burst, loads.of(node).down, card)));
    layout.ebs.add(fabric.add(with_burst(type.ebs, type.ebs_burst, loads.of(node).ebs)));
  }
  for (const VolumeId volume : plan.volumes.ids()) {
    const VolumePlan& its = plan.volumes[volume];
    layout.volume.add(fabric.add(with_burst(its.throughput, its.burst, loads.of(volume))));
  }
  for (std::size_t zone = 0; zone < plan.zones.size(); ++zone) {
    layout.out.add(fabric.add({unlimited, {}, way}));
    layout.in.add(fabric.add({unlimited, {}, way}));
  }
  for (const ProcessId process : plan.processes.ids()) {
    const bool copies = service::any_role(plan, process, &service::Role::copies);
    layout.follower_throttle.add(copies ? fabric.add({unlimited}) : ResourceId::none());
    layout.leader_throttle.add(copies ? fabric.add({unlimited}) : ResourceId::none());
  }
  return layout;
}

Route network_route(const Layout& layout, const Plan& plan, NodeId from, NodeId to) {
  Route route;
  if (from == to) return route;
  route.add(layout.up[from]);
  leave(route, layout, plan.nodes[from].zone, plan.nodes[to].zone);
  return route.add(layout.down[to]);
}

Route network_route(const Layout& layout, const Plan& plan, ZoneId from, NodeId to) {
  Route route;
  leave(route, layout, from, plan.nodes[to].zone);
  return route.add(layout.down[to]);
}

Route network_route(const Layout& layout, const Plan& plan, NodeId from, ZoneId to) {
  Route route;
  route.add(layout.up[from]);
  leave(route, layout, plan.nodes[from].zone, to);
  return route;
}

Route disk_route(const Layout& layout, const Plan& plan, NodeId node, VolumeId volume, double load) {
  Route route;
  route.add(layout.volume[volume], load);
  const VolumeRules& rules = rules_of(plan.volumes[volume].kind);
  if (rules.ebs) route.add(layout.ebs[node], load);
  if (rules.home == VolumeHome::region) route.add(layout.up[node], load);
  return route;
}

}  // namespace nines::models::fabric
