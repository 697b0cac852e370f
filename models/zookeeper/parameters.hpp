// ZooKeeper's own settings, and the timings of its code that no setting changes. Keys without a dot before them are
// those of zoo.cfg; what the administrator's guide lists as a Java system property `zookeeper.X` stands in zoo.cfg as
// `X`. Values by version: profile `zookeeper`, after the ZooKeeper fact sheet, section 1.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::zookeeper {

// clang-format off
#define NINES_ZOOKEEPER_PARAMETERS(X) \
  X(Duration, tick_time, "tickTime", "unit of the limits: a leader pings each half of it, and looks at each whole one whether a quorum follows") \
  X(Count, init_limit, "initLimit", "ticks that a follower may take to connect and to get the leader's history, and a leader waits for a quorum of them") \
  X(Count, sync_limit, "syncLimit", "ticks without a word after which a follower and its leader give each other up") \
  X(Duration, min_session_timeout, "minSessionTimeout", "a shorter session time-out is not granted; 0: two ticks") \
  X(Duration, max_session_timeout, "maxSessionTimeout", "nor a longer one; 0: twenty ticks") \
  X(Count, snap_count, "snapCount", "transactions after which a server writes a snapshot: those since are read anew when it starts") \
  X(Count, commit_log_count, "commitLogCount", "transactions that a leader keeps in memory for followers that lack them") \
  X(Ratio, snapshot_size_factor, "snapshotSizeFactor", "a follower is sent transactions from the log as long as they are not more than this share of the snapshot's size") \
  X(Duration, connect_delay, "leaderConnectDelayDuringRetryMs", "a follower that nobody answered at the leader's port tries again after this") \
  X(Count, connect_limit, "connectToLearnerMasterLimit", "ticks that a follower may take to connect; 0: initLimit") \
  X(Duration, min_notification, "fastleader.minNotificationInterval", "a server that looks for a leader and hears nothing tells its vote again after this, then after twice as long, and so on") \
  X(Duration, max_notification, "fastleader.maxNotificationInterval", "longest wait before a vote is told again") \
  X(Duration, finalize_wait, "zookeeper.finalize_wait", "a quorum agrees: so long without a better vote makes it final") \
  X(Count, connect_tries, "zookeeper.connect_tries", "tries to reach the leader's port before the election is repeated") \
  X(Law, handling, "zookeeper.handling", "from the arrival of a server's message until the thread that it concerns has acted on it") \
  X(Law, teardown, "zookeeper.connection_teardown", "from the death of a process until others see their connections to it closed") \
  X(Law, close, "zookeeper.close", "a server that has lost its leader, or its followers, closes its clients' connections and stops its pipeline before it looks for a leader") \
  X(Law, leader_setup, "zookeeper.leader_setup", "from the end of an election until the port of the new leader is open") \
  X(Law, follower_setup, "zookeeper.follower_setup", "from the end of an election until a follower tries the leader's port") \
  X(Law, pipeline_start, "zookeeper.pipeline_start", "a leader or follower with a quorum's history starts its pipeline, and clients are taken") \
  X(Law, fsync, "zookeeper.fsync", "durable write of a transaction or of an epoch") \
  X(Law, start, "zookeeper.start", "from container start until the server looks for a leader, beside the reading of its data") \
  X(Law, exit, "zookeeper.exit", "from SIGTERM until the process has ended: it hands nothing over, and serves until then") \
  X(Bandwidth, load_rate, "zookeeper.load_rate", "at which a server that starts reads its snapshot") \
  X(Count, replay_rate, "zookeeper.replay_rate", "transactions per second that a server that starts reads from its log") \
  X(Count, scan_rate, "zookeeper.scan_rate", "transactions per second that a server which stops goes through: it reads its present log file anew") \
  X(Bandwidth, snapshot_write_rate, "zookeeper.snapshot_write_rate", "at which a new leader writes a snapshot of its database before it takes followers") \
  X(Bandwidth, snapshot_send_rate, "zookeeper.snapshot_send_rate", "at which a snapshot goes from a leader to a follower: written out, sent, read in and put on its disk")

#define NINES_ZOOKEEPER_CLIENT_PARAMETERS(X) \
  X(Duration, request_interval, "zookeeper.client.request_interval", "time between two requests of the client: each keeps its session alive; 0: none but pings") \
  X(Ratio, read_share, "zookeeper.client.read_share", "of its session time-out, after which a client gives up a server that does not answer; half as long without a request makes it ping") \
  X(Duration, cleanup, "zookeeper.client.cleanup", "wait of a client between the end of a connection and its next step") \
  X(Duration, reconnect_spread, "zookeeper.client.reconnect_spread", "before it connects again a client waits from 0 to this, evenly") \
  X(Duration, round_wait, "zookeeper.client.round_wait", "further wait when it comes back to the server that it was connected to last") \
  X(Ratio, expires_after, "zookeeper.client.expires_after", "of its session time-out, without a word from any server, after which a client takes its session for expired; 0: it waits to be told") \
  X(Ratio, lost_after, "zookeeper.client.lost_after", "of its session time-out, since it was disconnected, after which the client's program takes its locks for lost (Curator's LOST)")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_ZOOKEEPER_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_ZOOKEEPER_CLIENT_PARAMETERS);

}  // namespace nines::models::zookeeper
