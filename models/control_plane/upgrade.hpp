// Upgrade of a control plane of one's own with kubeadm: a master after the other, a component after the other.
//
// On each master kubeadm puts new manifests of static pods in the place of the old ones: the store's member if it is
// there, API server, controller manager, scheduler. The kubelet stops the old pod and starts the new one, whose image
// has been pulled; kubeadm waits until it runs. Then people go on to the next master. While the component before is
// away nothing else is touched, so that of three masters two serve at any time, and of one none while its API server or
// its member starts. Source: kubernetes/kubernetes cmd/kubeadm/app/phases/upgrade/staticpods.go
// (performEtcdStaticPodUpgrade before the others, WaitForPodsWithLabel, UpgradeManifestTimeout 5 min); kubernetes.io
// documentation, upgrading kubeadm clusters.
//
// Left out: drains and restarts of kubelets that belong to it; components that do not come up, which kubeadm puts back
// (`failed-upgrade` stands for them); etcd that stands elsewhere and is upgraded by itself.
#pragma once

#include "models/control_plane/control_plane.hpp"

namespace nines::models::control_plane {

/// False if an upgrade is going on.
bool begin_upgrade(Context& c);
/// The component that was restarted may be Ready again.
void follow_upgrade(Context& c);

}  // namespace nines::models::control_plane
