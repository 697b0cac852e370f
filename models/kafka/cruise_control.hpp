// Cruise Control heals: replicas of brokers that are gone come back on others.
//
// It asks which brokers live each broker.failure.detection.interval.ms. One that has replicas and does not live has
// failed from the look on that finds it gone, until a look finds it back. When the longest of these failures has lasted
// broker.failure.alert.threshold.ms it tells people of each of them, and after broker.failure.self.healing.threshold.ms
// it tells them once more and moves the replicas of all failed brokers to others, if it is told to heal, if its
// notifier is the one that does (the default one does nothing, and tells nobody), and if not too many have failed. Each
// rack can take one replica of a partition only: with fewer racks alive than the largest replication factor nothing is
// moved, whatever has failed, and it tries again at each look. A broker that it emptied within
// removal.history.retention.time.ms gets nothing. It moves so many partitions into and out of a broker at a time, looks
// each execution.progress.check.interval.ms whether some are done, and begins with others then. What it moves stays
// below default.replication.throttle. When a broker is lost that was to have a replica of what moves, all moves under
// way are taken back, and the next look plans anew.
//
// Source: linkedin/cruise-control (August 2026) KafkaBrokerFailureDetector, AbstractBrokerFailureDetector,
// AnomalyDetectorManager, SelfHealingNotifier.onBrokerFailure, BrokerFailures, RackAwareGoal, RunnableUtils, Executor.
// Left out: its own process, which is taken to live; the load samples that it needs before it can plan; goals other
// than racks and even numbers of partitions, capacities among them, which can refuse; that it notices a lost target at
// its next look only; partitions of one placement that it moves one after the other; goal violations, slow brokers and
// failed disks that it heals.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// A broker has been fenced, or is back: it will be looked for, or need not be.
void watch_failures(Context& c);

}  // namespace nines::models::kafka
