// Sentinels inside the world: drives the pure machines of machine.hpp with clocks, network and draws.
//
// While everything is as they know it they sleep. They wake when a contact or a server changes, with ages of pings and
// INFO drawn as they would be found at a random moment, and sleep again when what they believe is so and can stay so.
// While an answer takes so long that a connection is made anew for it, nobody sleeps.
#pragma once

#include "models/redis/server.hpp"

namespace nines::models::redis {

/// It runs and answers.
bool runs_sentinel(const Context& c, Number sentinel);
/// Contacts or servers have changed: links that were cut are told so, sleepers wake if anything is other than they
/// know.
void look_at_sentinels(Context& c);

/// Before rates change: what they have read in INFO was of the time before. After it: what they will read.
void sentinels_read(Context& c);
void sentinels_will_read(Context& c);

void sentinel_started(Context& c, Number sentinel);
void sentinel_died(Context& c, Number sentinel);
/// Its process stands still, or goes on.
void stand_still(Context& c, Number sentinel);
void go_on(Context& c, Number sentinel);
/// Somebody tells it where the master and all servers are: it begins anew with them.
void monitor_anew(Context& c, Number sentinel, Number master);
/// SENTINEL FAILOVER: it begins to replace a master that is well. False if it does not run or refuses.
bool fail_over_by_hand(Context& c, Number sentinel);

}  // namespace nines::models::redis
