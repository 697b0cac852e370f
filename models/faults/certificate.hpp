// An expired certificate: from one moment on no new TLS connection to a process of the service, or between two of them,
// succeeds. Connections that exist go on.
//
// Servers keep theirs for as long as their processes run: a process that starts while the certificate is expired
// reaches nobody and is reached by nobody, so every restart costs a replica until the renewal. Clients keep theirs for
// a drawn time, the same for all clients of the service: then they have to connect anew and are refused. Of many
// clients some connect anew all the time, so monitoring sees failures from the first moment on. With the renewal every
// handshake succeeds at once, and whoever renewed it starts the servers that had given up.
//
// Of a control plane, kubelets stay connected, and a machine that is new is refused. Controllers and schedulers show
// certificates that end on the same day, and API servers look at those with each request: they lose their leases.
//
// Left out: connections between servers that the network breaks meanwhile (they go on here), the restart that some
// servers need to read a new certificate, certificates of other clients. Sources: AWS sheet, section 10
// (people); Kubernetes sheet, section 5 (certificates end for all at the same day).
#pragma once

#include <cstdint>

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Returns false, and changes nothing, if the service's certificate has expired already.
bool expire_certificate(World& world, std::uint16_t service);

}  // namespace nines::models::faults
