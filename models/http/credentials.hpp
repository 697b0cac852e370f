// Temporary credentials of servers that need them for what they do (IAM roles for service accounts).
//
// While the region's token service answers, nothing of it is an event: a server renews its credentials some time before
// they expire. When it stops to answer, each server goes on with what it has, whose remaining life is uniform between
// that time and the whole; from then on its requests fail. So of servers that started long before, none fails before
// `credentials.refresh_before`, and the share that fails grows evenly from then until `credentials.lifetime`. A server
// that starts meanwhile has none. When the service is back, the next request brings credentials.
//
// Source: AWS documentation, IAM roles for service accounts (credentials of one hour by default), AWS SDKs
// (credential providers renew some minutes before the end); seed guide on EKS. Left out: the web identity token itself,
// which the kubelet renews at 80 % of its life and which outlives these credentials; requests that need none.
#pragma once

#include "models/http/context.hpp"

namespace nines::models::http {

/// The token service may have stopped or come back.
void follow_credentials(Context& c);
/// A server begins to serve: it has credentials if it can get some.
void credentials_of_new(Context& c, std::uint32_t server);

}  // namespace nines::models::http
