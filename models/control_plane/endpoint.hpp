// What stands in front of the API servers: a load balancer with health checks, an address that moves, or nothing.
//
// A load balancer sends requests to every API server in its rotation, also to a dead one until so many checks have
// failed; if none passes it sends them to all (AWS documentation, target group health: fail open). It has no fault of
// its own. A virtual address is on one machine; another one takes it when the lease of the
// first has run out (kube-vip). `first-server`: clients know one address only.
#pragma once

#include "models/control_plane/control_plane.hpp"

namespace nines::models::control_plane {

/// Whom the load balancer lets requests go to, who has the address: looks at what has changed.
void look_at_endpoint(Context& c);
/// Its health checks have other settings: those that go on are judged by them.
void checks_changed(Context& c);
/// What every request from `place` gets: the worst of the API servers that it may meet.
service::Answers answers_at(const Context& c, infrastructure::Endpoint place);
/// What a client gets that tries again until it meets the best of them.
service::Answers best_answers(const Context& c);
/// Where on the network requests go.
infrastructure::Endpoint front(const Context& c);

}  // namespace nines::models::control_plane
