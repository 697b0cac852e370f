// Cruise Control heals: replicas of brokers that are gone come back on others.
//
// It asks which brokers live each anomaly.detection.interval.ms. One that has replicas and does not live has failed
// from the look on that finds it gone. When the longest of these failures has lasted broker.failure.alert.threshold.ms
// it tells people, and after broker.failure.self.healing.threshold.ms it moves the replicas of all failed brokers to
// others, if it is told to heal, if its notifier is the one that does (the default one does nothing), and if not too
// many have failed. Each rack can take one replica of a partition only: with fewer racks alive than replicas nothing is
// moved, and it tries again at each look. What it moves stays below default.replication.throttle.
//
// Source: linkedin/cruise-control (August 2026) KafkaBrokerFailureDetector, AbstractBrokerFailureDetector,
// AnomalyDetectorManager, SelfHealingNotifier.onBrokerFailure, BrokerFailures, RackAwareGoal. Left out: its own
// process, which is taken to live; the load samples that it needs before it can plan; goals other than racks and even
// numbers of partitions, disk space among them; partitions that it moves five at a time and looks after each 10 s; goal
// violations, slow brokers and failed disks that it heals.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// A broker has been fenced, or is back: it will be looked for, or need not be.
void watch_failures(Context& c);

}  // namespace nines::models::kafka
