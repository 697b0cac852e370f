// Configuration keys of consumers, and what no key sets. Values: profile `consumer-group`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::consumer_group {

// clang-format off
#define NINES_CONSUMER_GROUP_PARAMETERS(X) \
  X(Duration, session, "session.timeout.ms", "silence of a member after which the coordinator takes it out of the group") \
  X(Duration, heartbeat, "heartbeat.interval.ms", "a member sends a heartbeat so often; by its answer it learns that the group rebalances") \
  X(Duration, server_session, "group.consumer.session.timeout.ms", "the same with the consumer protocol; the brokers set it, here the group") \
  X(Duration, server_heartbeat, "group.consumer.heartbeat.interval.ms", "the same with the consumer protocol; at a heartbeat a member learns what it is to give up and to take") \
  X(Duration, least_session, "group.min.session.timeout.ms", "brokers refuse members of the classic protocol with a shorter session.timeout.ms; the brokers set it, here the group") \
  X(Duration, most_session, "group.max.session.timeout.ms", "the same with a longer one") \
  X(Duration, least_server_session, "group.consumer.min.session.timeout.ms", "no broker starts with a shorter group.consumer.session.timeout.ms; the brokers set it, here the group") \
  X(Duration, most_server_session, "group.consumer.max.session.timeout.ms", "the same with a longer one") \
  X(Duration, least_server_heartbeat, "group.consumer.min.heartbeat.interval.ms", "no broker starts with a shorter group.consumer.heartbeat.interval.ms; the brokers set it, here the group") \
  X(Duration, most_server_heartbeat, "group.consumer.max.heartbeat.interval.ms", "the same with a longer one") \
  X(Duration, max_poll, "max.poll.interval.ms", "a member that does not ask for records for this long leaves the group; a rebalance waits no longer for members") \
  X(Duration, commit, "auto.commit.interval.ms", "a member notes what it has read so often; what a crash leaves unnoted is read again") \
  X(Duration, initial_delay, "group.initial.rebalance.delay.ms", "the coordinator waits so long for more members before it fills an empty group") \
  X(Law, start, "consumer.start", "from the start of the process until the member looks for its group") \
  X(Law, join, "consumer.join", "from then, or from the end of a disturbance, until its JoinGroup request is with the coordinator") \
  X(Law, poll, "consumer.poll", "from the heartbeat by which a member learns of a rebalance until it joins again: the records that it has in hand") \
  X(Law, sync, "consumer.sync", "from the last JoinGroup request until members read: assignment, its storage, their positions") \
  X(Law, load, "consumer.coordinator_load", "a new coordinator reads its partition of __consumer_offsets, and answers nobody before that") \
  X(bool, close_on_stop, "consumer.close_on_stop", "a member that gets SIGTERM notes what it has read and leaves the group before it ends")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_CONSUMER_GROUP_PARAMETERS);

}  // namespace nines::models::consumer_group
