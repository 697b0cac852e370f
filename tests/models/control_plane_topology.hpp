// A control plane on masters of its own, one a zone, beside whatever else a design has.
#pragma once

#include <string>
#include <utility>

#include "models/control_plane/spec.hpp"
#include "models/eks/spec.hpp"
#include "models/service/kind.hpp"
#include "tests/models/etcd_topology.hpp"

namespace nines::models::testing {

struct ControlPlaneSettings {
  std::int64_t masters = 3;
  control_plane::EndpointKind endpoint = control_plane::EndpointKind::load_balancer;
  Provisioner provisioner = Provisioner::none;
  bool stacked = true;  ///< each API server asks the etcd member on its own machine
};

inline PoolSpec master_pool(std::string name, std::size_t role, std::int64_t replicas) {
  PoolSpec pool;
  pool.name = std::move(name);
  pool.roles = role_bit(role);
  pool.replicas = replicas;
  pool.node_group = "masters";
  return pool;
}

/// What is measured of any control plane, without deadlines.
inline std::vector<control_plane::SliSpec> control_plane_slis() {
  std::vector<control_plane::SliSpec> slis;
  for (const auto kind :
       {control_plane::SliKind::api_read, control_plane::SliKind::api_write, control_plane::SliKind::controllers}) {
    control_plane::SliSpec sli;
    sli.name = control_plane::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    if (kind != control_plane::SliKind::controllers) sli.client = "kubectl";
    slis.push_back(std::move(sli));
  }
  return slis;
}

inline ServiceSpec control_plane_service(const ControlPlaneSettings& settings) {
  using sim::Duration;
  ServiceSpec service;
  service.name = "control-plane";
  service.kind = service::find_kind("control-plane");
  service.controller = Controller::static_pod;
  service.budget.reset();
  const char* names[] = {"apiserver", "controller-manager", "scheduler"};
  for (std::size_t role = 0; role < 3; ++role)
    service.pools.push_back(master_pool(names[role], role, settings.masters));
  control_plane::Spec spec;
  spec.store = "etcd";
  spec.store_is_local = settings.stacked;
  spec.endpoint = settings.endpoint;
  control_plane::Parameters& p = spec.parameters;
  p.apiserver_start = Law::constant(Duration::seconds(8));
  p.store_timeout = Duration::seconds(20);
  p.liveness_period = Duration::seconds(10);
  p.liveness_failures = 8;
  p.controller_start = Law::constant(Duration::seconds(2));
  p.lease_duration = Duration::seconds(15);
  p.renew_deadline = Duration::seconds(10);
  p.retry_period = Duration::seconds(2);
  p.retry_jitter = 1.2;
  p.cache_sync = Law::constant(Duration::seconds(3));
  p.health_interval = Duration::seconds(10);
  p.health_timeout = Duration::seconds(5);
  p.unhealthy_threshold = p.healthy_threshold = 3;
  p.address_lease = Duration::seconds(15);
  p.address_retry = Duration::seconds(2);
  p.restore_kubelets = Law::constant(Duration::seconds(300));
  p.upgrade_step = Law::constant(Duration::seconds(30));
  p.upgrade_next = Law::constant(Duration::seconds(300));
  spec.clients = {{"kubectl", "region"}};
  spec.slis = control_plane_slis();
  service.own = sim::Value::of(std::move(spec));
  return service;
}

/// The design with masters, and as its last services their etcd and a control plane.
inline Topology with_masters(Topology topology, const ControlPlaneSettings& settings = {}) {
  NodeGroupSpec masters = topology.node_groups[0];
  masters.name = "masters";
  masters.nodes_per_zone = 1;
  masters.zones.resize(static_cast<std::size_t>(settings.masters));
  masters.capacity = Capacity::on_demand;
  masters.provisioner = settings.provisioner;
  topology.node_groups.push_back(masters);
  ServiceSpec etcd = etcd_topology({.members = settings.masters, .write = Duration::milliseconds(2)}).services[0];
  etcd.controller = Controller::static_pod;
  etcd.budget.reset();
  const StorageSpec storage{VolumeKind::root, {50e9}, {125e6}, 3000, Restore::peers};
  etcd.pools = {master_pool("member", 0, settings.masters)};
  etcd.pools[0].storage = storage;
  topology.services.push_back(etcd);
  topology.services.push_back(control_plane_service(settings));
  topology.platform = PlatformKind::kubeadm;
  return topology;
}

/// The design with the control plane that EKS runs, as its last service.
inline Topology with_eks(Topology topology) {
  using sim::Duration;
  ServiceSpec service;
  service.name = "control-plane";
  service.kind = service::find_kind("eks");
  eks::Spec spec;
  spec.parameters.zone_failover = Law::constant(Duration::seconds(6));
  spec.parameters.renew_deadline = Duration::seconds(10);
  spec.parameters.controllers_resume = Law::constant(Duration::seconds(8));
  spec.parameters.upgrade_length = Law::constant(Duration::seconds(600));
  spec.parameters.upgrade_failure = 0;
  spec.parameters.upgrade_interruption = Law::constant(Duration::seconds(2));
  spec.parameters.upgrade_takeover = Law::constant(Duration::seconds(20));
  spec.clients = {{"kubectl", "region"}};
  spec.slis = control_plane_slis();
  service.own = sim::Value::of(std::move(spec));
  topology.services.push_back(std::move(service));
  return topology;
}

}  // namespace nines::models::testing
