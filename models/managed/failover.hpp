// Nodes that are lost, replaced and maintained, and who takes their requests.
//
// Phases of a fail-over: the provider, or the other members, find out (detect); another node takes over (decide); the
// endpoint's name or load balancer follows (propagate); clients come (client.hpp). The lost node's machine is replaced
// meanwhile. In a maintenance a node hands over first, so that nobody has to find out.
//
// Sources: ElastiCache user guide, AutoFailover and Durability.Options; MSK developer guide, patching-impact and
// cluster states; Amazon MQ developer guide, maintaining-brokers, rabbitmq-broker-architecture-cluster and
// active-standby-broker-deployment; redisson issues 3897 and 4893, lettuce issue 1349.
#pragma once

#include "models/managed/state.hpp"

namespace nines::models::managed {

/// The node serves, and the provider and the other members reach it.
bool usable(const Context& c, Number node);
/// Some node is where requests of the group go, and enough others are there.
bool takes(const Context& c, Number group, SliKind kind);

/// Something may have changed about nodes, machines, links or outages: looks at all of it, and tells SLIs.
void look(Context& c);

void node_started(Context& c, Number node);
void node_died(Context& c, Number node);
/// Maintains one node after the other. False if that is going on already.
bool maintain(Context& c);

}  // namespace nines::models::managed
