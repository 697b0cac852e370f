// The load of a service in its world, with what retries add to it: what servers get, what waits, and when that changes.
// How it moves: models/http/overload.hpp. Here is what the world gives it, and who ends it.
//
// Without `load.client` nobody's retries are followed, and what is more than servers take fails at once.
#pragma once

#include <cstdint>

#include "models/http/attempts.hpp"
#include "models/http/context.hpp"

namespace nines::models::http {

/// Whether the load holds retries.
inline bool holds_retries(const Spec& spec) { return !spec.load_client.empty(); }

/// Servers, what reaches them or the load may have changed; or time has passed.
void follow_load(Context& c);
/// Probes and health checks that now wait too long for their answers, or no longer do, are told of it. REQUIRES: the
/// load has been followed.
void follow_checks_under_load(Context& c);
/// People limit the traffic of the service.
void limit_load(Context& c);

/// Requests per second without retries.
double requests_now(const Context& c);
/// Attempts per second: requests, and retries if the load holds them.
double attempts_now(const Context& c);
/// What becomes of an attempt once queues and refusals of the servers count. REQUIRES: its servers are named.
Choice under_load(const Context& c, Choice choice, Duration attempt_timeout);
/// Processors that a server would use, of as many that share the load, if its machine's credit did not matter.
double wanted_cpu(const Context& c, std::size_t server, std::size_t sharing);

}  // namespace nines::models::http
