// Replicas that are behind copy what they miss over the shared fabric: one flow for each pair of a broker that catches
// up and a leader it fetches from, and one more for those of them that a throttle holds.
//
// The way: the leader's volume (what a replica misses is no longer in the page cache) and its machine's path to network
// volumes, the network, the same path and volume of the follower. The cap: num.replica.fetchers threads a source, which
// also carry the live load. Throttles hold for the replicas on the topics' lists only, and count what those of them
// outside the ISR fetch, live records included (K39 ReplicationQuotaManager.isThrottled, ReplicaManager.
// shouldLeaderThrottle, RemoteLeaderEndPoint.shouldFollowerThrottle), so they are resources that have room for the
// rest.
//
// Live load is served first and never grows for lack of something to do. It is put on the fabric by broker, what it
// writes and what it sends, and only while something catches up: the ways between zones have no limit, so the flows of
// all its clients and followers, each at its demand, cross the same resources as their sum. While live load finds no
// room, what was delivered does not help: the replica falls behind again, and does not return.
#pragma once

#include "models/fabric/fabric.hpp"
#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// The replica's part in its transfer is about to change, or has to be known: brings it up to the present. REQUIRES:
/// the group's owner is still who it fetches from.
void settle_transfer(Context& c, GroupId group, Slot slot);
/// The same for everything on its way to the broker.
void settle_transfers_to(Context& c, Position to);
/// The replica joins, or has left, what comes from its group's leader. REQUIRES: settled at this instant.
void transfer_changed(Context& c, GroupId group, Slot slot);
/// The replica catches up from now on, or no longer. REQUIRES: the group's owner is who it fetches from.
void join_transfer(Context& c, GroupId group, Slot slot);
void quit_transfer(Context& c, GroupId group, Slot slot);
/// Other throttles are about to hold for the group's replicas: those that catch up are in no transfer until they come
/// back. REQUIRES: the group's owner is who they fetch from, and stays it.
[[nodiscard]] SlotSet leave_throttles(Context& c, GroupId group);
void join_throttles(Context& c, GroupId group, SlotSet left);
/// The limit within which replicas are moved is another, in bytes per second; 0: none.
void set_move_throttle(Context& c, double bytes_per_s);
/// Who leads or follows the group changes, or does so for all groups of a broker.
void load_changed(Context& c, GroupId group);
void loads_changed(Context& c, Position broker);
/// Starts anew what has changed, and brings live load up to date. Call once after such changes.
void plan_transfers(Context& c);
/// The world goes on with another plan: everything is planned anew.
void replan_all_transfers(Context& c);

/// A flow of catch-up has ended.
void catch_up_delivered(World& world, const fabric::Ending& ending);

}  // namespace nines::models::kafka
