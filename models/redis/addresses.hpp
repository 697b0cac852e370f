// Who knows whom by which address, where pods announce addresses instead of names: a pod that is created anew is
// somebody else.
//
// Rules: redis 7.0 src/sentinel.c (replicas are found in their master's INFO; a Sentinel with a new address and a new
// run id is one more, with its run id it is the same; entries stay until SENTINEL RESET), src/cluster_legacy.c
// (nodes.conf keeps addresses; who is pinged by a known node takes its address from there, others from gossip); Redis
// sheet, section
// 11. A pod that is a Sentinel alone keeps its configuration in itself and loses it (the OT operator's, spotahome's).
//
// What finds nobody any more - a master that is back under another address, a Sentinel's former entry, a cluster whose
// nodes all moved at once - waits for an operator or a person (`redis.readmit`).
#pragma once

#include "models/redis/server.hpp"

namespace nines::models::redis {

/// A Sentinel's entry of a server leads to it.
bool sentinel_knows(const Context& c, Number sentinel, Number server);
/// A cluster node's entry of another leads to it.
bool node_knows(const Context& c, Number node, Number other);
/// A replica looks for its master where that is.
bool finds_master(const Context& c, Number server);

/// A server, or a Sentinel, has started: it may have another address. Whether it has.
bool server_moves(Context& c, Number server);
bool sentinel_moves(Context& c, Number sentinel);
/// A Sentinel reads in its master's INFO where replicas are.
void learn_replicas(Context& c, Number sentinel);
/// A cluster node has pinged the others.
void exchange_addresses(Context& c, Number node);

}  // namespace nines::models::redis
