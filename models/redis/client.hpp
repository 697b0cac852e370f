// What clients see: each asks the server that it is connected to, and finds another when that does not do.
//
// While no server would do, attempts are arithmetic and no events.
#pragma once

#include "models/redis/server.hpp"

namespace nines::models::redis {

/// Servers, Sentinels or connections have changed: whose requests are answered now?
void look_at_accesses(Context& c);
/// Bytes per second that clients write to each server now.
void set_rates(Context& c);
/// The label follows the master some time later.
void look_at_label(Context& c);

}  // namespace nines::models::redis
