// Timings of a cluster's add-ons. Values: profile `addon`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::addon {

// clang-format off
#define NINES_ADDON_PARAMETERS(X) \
  X(Law, start, "addon.start", "from container start until an add-on does its work") \
  X(Law, stop, "addon.stop", "from SIGTERM until it exits; meanwhile it goes on") \
  X(Law, propagation, "addon.endpoints", "from when a cluster DNS pod is Ready, or is so no longer, until the rules of the nodes say so") \
  X(Duration, resolver_timeout, "resolver.timeout", "silence after which a resolver gives one try of a look-up up (resolv.conf, timeout)") \
  X(Count, resolver_attempts, "resolver.attempts", "tries of one look-up (resolv.conf, attempts)") \
  X(Duration, name_cache, "resolver.cache", "how long clients go on with an answer: the record's time to live where they keep it, 0 where they do not") \
  X(Law, credentials_left, "addon.credentials.left", "how long a controller with 'credentials' that can renew them no more goes on with those that it has") \
  X(Duration, lease_duration, "addon.lease.duration", "silence of the acting controller after which the other one takes its lease (--leader-election-lease-duration)") \
  X(Duration, lease_retry, "addon.lease.retry_period", "between two renewals of its lease, and between two tries of the other one (--leader-election-retry-period)") \
  X(Ratio, lease_jitter, "addon.lease.jitter", "share by which a try of the other one comes later, at most")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_ADDON_PARAMETERS);

}  // namespace nines::models::addon
