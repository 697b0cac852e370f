// Replicas are moved to other brokers (kafka-reassign-partitions, AlterPartitionReassignments).
//
// A new replica is assigned beside the old one, in its place in the order; the old one comes last. The new one begins
// with an empty log, copies all that retention keeps over the shared fabric, and joins the ISR. When all replicas that
// stay are in sync (before 3.8: when the new one is) the old one is taken out of the assignment and of the ISR, another
// leads if it did, the leader epoch rises, and its broker deletes what it has when it learns of it. A broker that is
// gone can be emptied as well: its replicas are not needed as sources. Leaders return to the new replica as to any
// preferred one. Where everything goes is planned at once; all partitions of a group move to one broker at the same
// time, one replica of a group after the other. With a limit, what is copied stays below it into and out of each
// broker, live records of new replicas included: bytes b to one broker take b / (limit - live) seconds. A leader holds
// back every follower of a moving partition that is out of sync.
//
// Source: apache/kafka 3.9 ReplicationControlManager.changePartitionReassignment and cancelPartitionReassignment,
// PartitionReassignmentReplicas (maybeCompleteReassignment), PartitionChangeBuilder, ReassignPartitionsCommand
// (--throttle, calculateLeaderThrottles). Left out: a reassignment that people cancel; one of theirs whose new
// replica's broker is lost waits for that broker. Two replicas of one partition that go to other brokers at the same
// time: there one move has both, here the second begins when the first is done.
#pragma once

#include <optional>
#include <string>

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Who has replicas moved, and on what terms.
struct Mover {
  double throttle = 0;          ///< bytes per second into and out of a broker; 0: no limit
  bool heals = false;           ///< it is Cruise Control
  bool keeps_racks = false;     ///< no two replicas of a partition come into one rack, or nothing is moved
  bool spares_removed = false;  ///< what it emptied within `removal_memory` gets nothing
  Duration removal_memory;
};

/// Why replicas of the process can never be moved elsewhere; none if they can.
std::optional<std::string> why_not_emptied(const models::Plan& plan, ServiceId service, ProcessId process);
/// Begins to move all replicas of these brokers to others. Returns false, and changes nothing, if the controller cannot
/// decide, a move is under way, or nothing finds a place; with `keeps_racks` if anything finds none. Notes what stays.
bool empty_brokers(Context& c, const std::vector<Position>& brokers, const Mover& mover);
/// Begins moves that had to wait and can begin.
void go_on_with_moves(Context& c);
/// The group's ISR has changed: that may end its move.
void end_move(Context& c, GroupId group);
/// A broker has been fenced. Cruise Control takes its moves back if it was to have a replica of a partition that moves,
/// and plans anew at its next look (Executor.maybeMarkTaskAsDead, handleDeadInterBrokerReplicaTasks).
void stop_healing(Context& c, Position fenced);
/// The world goes on with another plan, which may say another limit.
void throttle_changed(Context& c);
/// Its process has ended: what it had to delete is as good as deleted.
void drop_left_replicas(Context& c, Position broker);
/// Its broker has learned that it is to have the replica no more.
void drop_replica(Context& c, GroupId group, Slot slot);

}  // namespace nines::models::kafka
