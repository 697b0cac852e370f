// Who decides about partitions, and how decisions reach brokers: a quorum of controllers and its log (quorum.hpp,
// session.hpp, metadata.hpp), or brokers that take turns, with ZooKeeper (zk/control.hpp). Replication, clients and
// what a cluster shows ask here; nothing else in this folder asks which of the two it is, but starts and stops of
// brokers.
#pragma once

#include "models/kafka/context.hpp"
#include "models/service/session.hpp"

namespace nines::models::kafka {

/// A decision made now would stand.
bool decides(const Context& c);
/// Requests of the broker reach who decides.
bool reaches_decider(const Context& c, Position broker);
/// From a leader's AlterPartition until its answer. REQUIRES: decides, reaches_decider.
Duration isr_change_delay(Context& c, GroupId group);
/// Tells brokers of the decisions since the last call, if any.
void tell_brokers(Context& c);
/// Re-examines who reaches whom. Call after any change of processes or links.
void control_changed(Context& c);
/// Control has settled: it decides, and every broker takes part and knows everything.
bool control_healthy(const Context& c);
/// The process of who decides; none if nobody does.
ProcessId decider(const Context& c);

}  // namespace nines::models::kafka
