// API servers: they answer while they run and reach their store.
//
// One that starts retries for a while and exits without a store. One that runs fails its liveness probe, which includes
// the store, and the kubelet restarts it (kubernetes/kubernetes staging/src/k8s.io/apiserver pkg/server/options/etcd.go
// addEtcdHealthEndpoint; cmd/kubeadm/app/util/staticpod/utils.go LivenessProbe). Until then lists that watches keep up
// to date are answered, old as they may be (storage/cacher).
#pragma once

#include "models/control_plane/control_plane.hpp"

namespace nines::models::control_plane {

/// What an API server can do for who reaches it.
service::Answers answers_of(const Context& c, Position server);

void server_started(Context& c, Position server);
/// Stores have changed: whose probes fail from now on, or pass again?
void look_at_stores(Context& c);

}  // namespace nines::models::control_plane
