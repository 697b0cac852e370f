// Timings of a stateless HTTP service: its servers, what routes to them, its clients. Values: profile `http`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::http {

// clang-format off
/// Settings of one sort of load balancer.
#define NINES_HTTP_BALANCER(X, sort, name) \
  X(Duration, sort##_interval, #sort ".health_check.interval", "period of " name "'s health checks of a target (HealthCheckIntervalSeconds)") \
  X(Duration, sort##_timeout, #sort ".health_check.timeout", "silence after which such a check has failed (HealthCheckTimeoutSeconds)") \
  X(Count, sort##_unhealthy, #sort ".health_check.unhealthy_threshold", "failures in a row from which a target gets no requests (UnhealthyThresholdCount)") \
  X(Count, sort##_healthy, #sort ".health_check.healthy_threshold", "successes in a row from which it gets requests again (HealthyThresholdCount); a new target needs one") \
  X(Law, sort##_registration, #sort ".registration", "from when a pod is Ready until its address is a target of " name) \
  X(Law, sort##_deregistration, #sort ".deregistration", "from when a pod is Ready no longer, or is deleted, until " name " sends it no new requests")

#define NINES_HTTP_PARAMETERS(X) \
  X(Law, start, "http.start", "from container start until the server takes requests") \
  X(Law, stop, "http.stop", "from SIGTERM, when the server takes no new requests any more, until those under way are answered and it exits") \
  X(Law, propagation, "kube_proxy.propagation", "from when a pod is Ready, or is so no longer, until the rules of the nodes say so: EndpointSlice, watch, kube-proxy") \
  X(Duration, credentials_lifetime, "credentials.lifetime", "life of a server's temporary credentials; read of a service that has `credentials`") \
  X(Duration, credentials_refresh, "credentials.refresh_before", "how long before their end a server renews them") \
  NINES_HTTP_BALANCER(X, nlb, "a Network Load Balancer") \
  NINES_HTTP_BALANCER(X, alb, "an Application Load Balancer")

#define NINES_HTTP_CLIENT_PARAMETERS(X) \
  X(Duration, attempt_timeout, "http.client.attempt_timeout", "a client gives an attempt up after this silence") \
  X(Count, retries, "http.client.retries", "further attempts after the first has failed") \
  X(Duration, retry_wait, "http.client.retry_wait", "wait before the first of them") \
  X(Duration, deadline, "http.client.deadline", "a request that is not answered by then has failed") \
  X(Ratio, retry_backoff, "http.client.retry_backoff", "factor by which the wait grows with each further retry") \
  X(Ratio, retry_budget, "http.client.retry_budget", "retries at most, as a multiple of first attempts, over all requests of a load whose retries are followed")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_HTTP_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_HTTP_CLIENT_PARAMETERS);

}  // namespace nines::models::http
