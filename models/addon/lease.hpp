// Which of several controllers acts: the one that holds the lease.
//
// The sidecars of a CSI driver's controller renew every retry period. The others try after every retry period and up to
// `jitter` of it more, and count the lease's duration from the try at which they first saw the last renewal. They go by
// the name of their pod: a container that is started again in place holds the lease still, and acts at once; a new pod
// waits like any other. Source: kubernetes-csi/csi-lib-utils leaderelection/leader_election.go (15 s, 10 s, 5 s;
// identity is the host name; the lease is not released at the end), kubernetes/client-go tools/leaderelection
// (tryAcquireOrRenew, JitterFactor 1.2). Left out: a holder that exits because it could not renew while the API servers
// were away; that all sidecars have leases of their own.
#pragma once

#include "models/addon/context.hpp"

namespace nines::models::addon {

/// Does the holder renew, and who could take the lease?
void look_at_lease(Context& c);
/// Somebody holds it, renews it, and acts.
bool somebody_acts(const Context& c);
/// A controller has started, and sees the lease as it is now.
void candidate_started(Context& c, Position pod);
void candidate_died(Context& c, Position pod);

}  // namespace nines::models::addon
