#include "models/fabric/layout.hpp"

#include <algorithm>

#include "models/plan.hpp"

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

/// Every record is written by all replicas; its leader sends it to the others and to the consumers.
Table<NodeId, HealthLoad> health_loads(const Plan& plan) {
  Table<NodeId, HealthLoad> loads;
  loads.assign(plan.nodes.size(), {});
  for (const kafka::ServicePlan& service : plan.kafka) {
    for (const kafka::GroupPlan& group : service.groups) {
      const kafka::TopicPlan& topic = service.topics[group.topic];
      const double bytes_per_s = topic.bytes_per_s() * group.partitions;
      for (std::size_t slot = 0; slot < group.replicas; ++slot) {
        const ProcessPlan& process = plan.processes[service.brokers[group.broker[slot]]];
        HealthLoad& load = loads[process.node];
        load.down += bytes_per_s;
        if (plan.volumes[process.volume].kind != VolumeKind::nvme) load.ebs += bytes_per_s;
        if (slot == 0) load.up += bytes_per_s * (group.replicas - 1 + topic.consumer_fanout);
      }
    }
  }
  return loads;
}

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
  const Table<NodeId, HealthLoad> loads = health_loads(plan);
  for (const NodeId node : plan.nodes.ids()) {
    const InstanceType& type = plan.topology.node_groups[plan.nodes[node].group].instance;
    layout.up.add(fabric.add(with_burst(type.network, type.network_burst, loads[node].up, card)));
    layout.down.add(fabric.add(with_burst(type.network, type.network_burst, loads[node].down, card)));
    layout.ebs.add(fabric.add(with_burst(type.ebs, type.ebs_burst, loads[node].ebs)));
  }
  for (const VolumeId volume : plan.volumes.ids()) layout.volume.add(fabric.add({plan.volumes[volume].throughput}));
  for (std::size_t zone = 0; zone < plan.zones.size(); ++zone) {
    layout.out.add(fabric.add({unlimited, {}, way}));
    layout.in.add(fabric.add({unlimited, {}, way}));
  }
  for (const ProcessPlan& process : plan.processes) {
    layout.follower_throttle.add(process.broker ? fabric.add({unlimited}) : ResourceId::none());
    layout.leader_throttle.add(process.broker ? fabric.add({unlimited}) : ResourceId::none());
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
  if (plan.volumes[volume].kind != VolumeKind::nvme) route.add(layout.ebs[node], load);
  return route;
}

}  // namespace nines::models::fabric
