// Nodes of a Redis Cluster inside the world: drives the bus of bus.hpp with clocks, network and draws.
//
// While everything is as the nodes know it they sleep. When they wake, the time before is played with everything as it
// was: so ages of pings and pongs are as they would be found at a random moment.
#pragma once

#include "models/redis/server.hpp"

namespace nines::models::redis {

void look_at_bus(Context& c);
void node_started(Context& c, Number server);
void node_died(Context& c, Number server);
/// A master that is to end has a replica take its place (CLUSTER FAILOVER). False if it is none, or nobody can.
/// `server_stops` follows, when that is done or was given up.
bool begin_hand_over(Context& c, Number server);
/// The same of a master under Sentinels (the hook of Bitnami's chart: CLIENT PAUSE, SENTINEL FAILOVER, and then it asks
/// whoever answers whether it is the master no more).
bool begin_sentinels_hand_over(Context& c, Number server);
/// A node takes requests for a shard: it owns it, and the cluster is up as far as it knows.
bool node_serves(const Context& c, Number server, Number shard);

}  // namespace nines::models::redis
