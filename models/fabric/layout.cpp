#include "models/fabric/layout.hpp"

#include <algorithm>

namespace nines::models::fabric {
namespace {

void leave(Route& route, const Layout& layout, ZoneId from, ZoneId to) {
  if (from != to) route.add(layout.out[from]).add(layout.in[to]);
}

}  // namespace

Layout add_resources(Fabric& fabric, const Plan& plan) {
  Layout layout;
  const Duration card = plan.infra().rtt_intra_zone / 4;
  const Duration way = std::max(Duration(), plan.infra().rtt_inter_zone / 4 - card);
  for (const NodeId node : plan.nodes.ids()) {
    const InstanceType& type = plan.topology.node_groups[plan.nodes[node].group].instance;
    layout.up.add(fabric.add({type.network, {}, card}));
    layout.down.add(fabric.add({type.network, {}, card}));
    layout.ebs.add(fabric.add({type.ebs}));
  }
  for (const VolumeId volume : plan.volumes.ids()) layout.volume.add(fabric.add({plan.volumes[volume].throughput}));
  for (std::size_t zone = 0; zone < plan.zones.size(); ++zone) {
    layout.out.add(fabric.add({unlimited, {}, way}));
    layout.in.add(fabric.add({unlimited, {}, way}));
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
