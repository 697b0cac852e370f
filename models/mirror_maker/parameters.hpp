// Configuration keys of MirrorMaker 2 and of the Connect workers that run it, and what no key sets. Connect's own keys
// have the prefix `connect.` here, for consumers have keys of the same names. Values: profile `mirror-maker`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::mirror_maker {

// clang-format off
#define NINES_MIRROR_MAKER_PARAMETERS(X) \
  X(Duration, session, "connect.session.timeout.ms", "silence of a worker after which the coordinator takes it out of the group (Connect: session.timeout.ms)") \
  X(Duration, heartbeat, "connect.heartbeat.interval.ms", "a worker sends a heartbeat so often (Connect: heartbeat.interval.ms)") \
  X(Duration, least_session, "mirror.least_session", "brokers refuse workers with a shorter session (group.min.session.timeout.ms of the target)") \
  X(Duration, most_session, "mirror.most_session", "the same with a longer one (group.max.session.timeout.ms of the target)") \
  X(Duration, rebalance, "connect.rebalance.timeout.ms", "a rebalance waits no longer for workers (Connect: rebalance.timeout.ms)") \
  X(Duration, reassignment, "scheduled.rebalance.max.delay.ms", "tasks of a worker that is gone stay with nobody for so long") \
  X(Duration, flush, "offset.flush.interval.ms", "tasks note so often how far they have copied; what a crash leaves unnoted is copied again") \
  X(Duration, initial_delay, "mirror.initial_rebalance_delay", "the coordinator waits so long for more workers before it fills an empty group (group.initial.rebalance.delay.ms of the target)") \
  X(Law, start, "mirror.start", "from the start of the process until the worker looks for its group: plug-ins are scanned") \
  X(Law, join, "mirror.join", "from then, or from the end of a disturbance, until its JoinGroup request is with the coordinator") \
  X(Law, poll, "mirror.poll", "from the heartbeat by which a worker learns of a rebalance until it joins again") \
  X(Law, sync, "mirror.sync", "from the last JoinGroup request until tasks copy: assignment, start of tasks, their offsets") \
  X(Law, load, "mirror.coordinator_load", "a new coordinator reads its partition of __consumer_offsets, and answers nobody before that") \
  X(bool, close_on_stop, "mirror.close_on_stop", "a worker that gets SIGTERM notes how far its tasks have copied and leaves the group before it ends") \
  X(Duration, checkpoints, "emit.checkpoints.interval.seconds", "positions of consumer groups are written to the target so often") \
  X(Duration, group_sync, "sync.group.offsets.interval.seconds", "consumer groups of the target are moved to them so often") \
  X(Duration, source_lost, "mirror.source_lost", "a source of which no partition can be read for so long counts as lost: people go over to the target, without what was not copied") \
  X(Duration, consumer_commit, "mirror.consumer_commit_interval", "consumers of the source note so often what they have read")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_MIRROR_MAKER_PARAMETERS);

}  // namespace nines::models::mirror_maker
