// Which controller manager, and which scheduler, acts: the one that holds the lease and has listed what there is.
//
// A holder renews every retry period. One that cannot for the renew deadline exits, and its kubelet starts it again.
// The others try after every retry period and up to 1.2 of it more. Each counts the lease's duration from the try at
// which it first saw the last renewal, by its own clock; the first whose try comes after that gets the lease. Who has
// just started sees it for the first time. Source: kubernetes/client-go tools/leaderelection (acquire, renew,
// tryAcquireOrRenew, JitterFactor); Kubernetes sheet, sections 1 and 6, whose 13 to 17.4 s leave out that the renewal
// is seen late.
#pragma once

#include "models/control_plane/control_plane.hpp"

namespace nines::models::control_plane {

/// Processes or API servers have changed: does the holder of each lease still renew, who could take it?
void look_at_leases(Context& c);
/// A process has ended.
void candidate_died(Context& c, Position member);

/// When the first of the others takes a lease of such a length over from a holder that has renewed it up to now, by the
/// same rules; never if none is there. For what elects its leader so and has no state here.
sim::Time taken_over_at(Context& c, Position holder, const std::vector<Position>& candidates, Duration lease,
                        Duration retry);

/// Somebody holds the lease, renews it, and acts.
bool acts(const Context& c, const Election& election);

}  // namespace nines::models::control_plane
