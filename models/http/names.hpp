// Names that clients look up at the cluster's DNS.
//
// A client in the cluster that opens a connection looks the service's name up, and goes on with the answer for as long
// as it may be kept. When look-ups begin to fail, what is left of that time is uniform; from its end on each new
// connection needs a look-up of its own, until they succeed again. Connections that are open go on. Source: CoreDNS
// documentation, plugin kubernetes (ttl); JDK documentation, networkaddress.cache.ttl; Kubernetes sheet, section 6.
//
// Left out: that one success while look-ups fail now and then is kept too; look-ups of what servers themselves ask.
#pragma once

#include "models/http/context.hpp"

namespace nines::models::http {

/// Look-ups may have begun to fail, or succeed again.
void follow_names(Context& c);
/// Whether new connections of the client need a look-up that may fail.
bool looks_up(const Context& c, std::size_t client);

}  // namespace nines::models::http
