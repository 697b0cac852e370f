// The cluster DNS: which pods are asked, and how a look-up ends.
//
// Its pods stand behind one address. A pod is listed in the rules of the nodes from when it is Ready until it is so no
// longer, each change with its delay; each try of a look-up goes to one that is listed, chosen at random. A pod whose
// machine has died in silence stays listed until the node controller has noticed: a resolver waits for its time-out,
// and asks again. A pod that stops answers meanwhile (lameduck). What is more than a pod can answer is lost: queries
// are packets that nobody refuses. Source: CoreDNS documentation, plugins health (lameduck), cache and kubernetes
// (ttl); kubernetes/kubernetes cmd/kubeadm/app/phases/addons/dns; Amazon EKS user guide, coredns-autoscaling (two pods,
// that can be overwhelmed); Kubernetes sheet, section 6.
//
// Left out: answers for names outside of the cluster, which depend on the resolver behind; search lists, which multiply
// queries; caches on machines (NodeLocal DNSCache).
#pragma once

#include "models/addon/context.hpp"

namespace nines::models::addon {

/// Lists follow the readiness of pods, and rules of machines that do not follow stay behind.
void follow_endpoints(Context& c);
/// No change is on its way.
bool endpoints_settled(const Context& c);
/// How a try of a look-up from `place` ends now.
LookUp look_up(const Context& c, infrastructure::Endpoint place);

}  // namespace nines::models::addon
