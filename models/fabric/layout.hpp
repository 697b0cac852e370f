// A plan's bandwidth as resources of a fabric, and the routes that transfers take over them.
#pragma once

#include "models/fabric/fabric.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::fabric {

/// Which resource stands for what. A transfer within one machine crosses no network.
///
/// Capacities: the machine type's network bandwidth, each way; its bandwidth to network volumes; the volume's
/// throughput, which reads and writes share; what a network file system carries crosses the machine's card outwards.
/// Where the type or the volume has a burst, the bucket is full at the start, unless the load of health is above what
/// is sustained. Latencies: the round trips of the infrastructure profile, of
/// which a machine's card holds a quarter of that inside a zone, and a zone's way out and in the rest of half of that
/// between zones. The ways between zones have no limit of their own: no provider publishes one.
struct Layout {
  Table<NodeId, ResourceId> up;
  Table<NodeId, ResourceId> down;
  Table<NodeId, ResourceId> ebs;  ///< shared by the machine's network volumes, reads and writes
  Table<VolumeId, ResourceId> volume;
  Table<ZoneId, ResourceId> out;
  Table<ZoneId, ResourceId> in;
  // Throttles of what a process copies from and to others, of roles that have them; their capacity follows the live
  // part of what they throttle.
  Table<ProcessId, ResourceId> follower_throttle;
  Table<ProcessId, ResourceId> leader_throttle;
};

/// Adds the plan's resources, machines first. REQUIRES: the fabric has had no flow.
Layout add_resources(Fabric& fabric, const Plan& plan);

/// From machine to machine; empty if they are the same.
Route network_route(const Layout& layout, const Plan& plan, NodeId from, NodeId to);
/// From or to a place in a zone outside the machines there: a client, an image registry, an object store.
Route network_route(const Layout& layout, const Plan& plan, ZoneId from, NodeId to);
Route network_route(const Layout& layout, const Plan& plan, NodeId from, ZoneId to);
/// Reads or writes of a volume by the machine it is attached to; `load` is the work there per byte of the flow.
Route disk_route(const Layout& layout, const Plan& plan, NodeId node, VolumeId volume, double load = 1);

}  // namespace nines::models::fabric
