// What a restored backup of the store does to the cluster: the API servers know what there was when it was made.
//
// Objects that have been created since are gone, those that have been deleted are back, and a pod that has been created
// anew is the one before, bound to the machine of then. Kubelets go by the API servers: a container of a pod that these
// do not know is stopped, and what they bind to a machine is started there. A pod that is bound to a machine which is
// gone is collected, and created anew. A machine that has joined since has no Node object: its kubelet registers when
// it starts only, so whoever restores the backup restarts kubelets too. A volume that has taken the place of a lost one
// since is unknown; its claim is bound to the lost one, and somebody has to make another: the one in between stays with
// the provider, and on the bill. Source: kubernetes.io documentation, operating etcd clusters, restoring (restart all
// components, so that they do not rely on stale data); kubernetes/kubernetes pkg/kubelet (HandlePodRemoves,
// registerWithAPIServer); Raft and etcd sheet, section 5.
//
// Kept only where a control plane of one's own has a store that can be restored. Left out: load balancers that the
// cloud made since, and other objects than pods, Nodes and volumes; pods of DaemonSets; what caches of API servers and
// controllers make of revisions that go back, if they are not restarted.
#pragma once

#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Whether objects of before may have to be told.
bool keeps_history(const World& world);
void initialise_history(World& world);
/// The last event is over: what it made of pods and Nodes is written down.
void write_history(World& world);
/// A volume has taken the place of a lost one.
void volume_made(World& world, VolumeId volume);

}  // namespace nines::models::kubernetes
