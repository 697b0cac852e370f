// Replicas are moved to other brokers (kafka-reassign-partitions, AlterPartitionReassignments).
//
// A new replica is assigned beside the old one. It begins with an empty log, copies all that retention keeps over the
// shared fabric, and joins the ISR; with that the old one is taken out of the assignment and of the ISR, another leads
// if it did, and its broker deletes what it has when it learns of it. A broker that is gone can be emptied as well: its
// replicas are not needed as sources. Leaders return to the new replica as to any preferred one. All partitions of a
// group move to one broker at the same time, one replica of a group after the other. With a limit, what is copied
// stays below it into and out of each broker, live records of new replicas included: bytes b to one broker take
// b / (limit - live) seconds.
//
// Source: apache/kafka 3.9 ReplicationControlManager.changePartitionReassignment, PartitionReassignmentReplicas
// (maybeCompleteReassignment), ReassignPartitionsCommand (--throttle lists the replicas that it moves and those that it
// moves them from). Left out: a reassignment that is cancelled, and one of a group whose new replica's broker is lost,
// which waits for that broker.
#pragma once

#include <optional>
#include <string>

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Who has replicas moved, and on what terms.
struct Mover {
  double throttle = 0;       ///< bytes per second into and out of a broker; 0: no limit
  bool heals = false;        ///< it is Cruise Control
  bool keeps_racks = false;  ///< no two replicas of a partition come into one rack, or nothing is moved
};

/// Why replicas of the process can never be moved elsewhere; none if they can.
std::optional<std::string> why_not_emptied(const models::Plan& plan, ServiceId service, ProcessId process);
/// Begins to move all replicas of these brokers to others. Returns false, and changes nothing, if the controller cannot
/// decide, a move is under way, or nothing finds a place; with `keeps_racks` if anything finds none.
bool empty_brokers(Context& c, const std::vector<Position>& brokers, const Mover& mover);
/// The group's ISR has changed: a new replica in it ends the move.
void end_move(Context& c, GroupId group);
/// Its broker has learned that it is to have the replica no more.
void drop_replica(Context& c, GroupId group, Slot slot);

}  // namespace nines::models::kafka
