// Brokers and voters whose volume, machine or network gives less than it should: a grey failure keeps its heartbeats.
//
// A stalled volume holds up whoever touches it, and nothing else. Threads that append hang, request threads one after
// the other until none is left, and a follower's fetchers: to clients and other brokers the data plane is silent. The
// threads that send heartbeats and alter ISRs do not touch the log, so the broker is never fenced. As a follower it
// leaves ISRs after replica.lag.time.max.ms. As a leader it keeps its partitions: nobody is told to take them, its
// followers leave the ISR, and acknowledgements wait for the end of the stall. What is decided meanwhile the broker
// does not learn, for its metadata log is on the same volume. A voter hangs in the write of its log: its quorum misses
// it. Sources: Kafka sheet, fact 9, section 7 (hang), oracle 11; KAFKA-8733; apache/kafka 3.9 KafkaRequestHandler,
// BrokerLifecycleManager (a thread of its own), KafkaRaftClient (one thread appends and answers).
//
// A volume or network that is slow carries as much live load as it can. What a follower cannot take grows behind it at
// that rate: it leaves the ISR if it has not kept up for replica.lag.time.max.ms (Replica.isCaughtUp), and while it is
// in it, acknowledgements with acks=all wait for it: after t seconds at a share r of the load for t (1 - r) / r. What a
// leader cannot take waits at its producers in the same way. With the share 1 a replica copies what it misses, live
// load first, as any that is behind (catch_up.hpp).
//
// Delay and loss are added to every round trip (Context::rtt). Of a lossy path each connection carries what TCP makes
// of it (infrastructure/conditions.hpp).
#pragma once

#include "models/infrastructure/conditions.hpp"
#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Live load below its demand by more than rounding is held back.
inline constexpr double served = 1 - 1e-6;

/// The process hangs as soon as it touches its volume.
inline bool stalled(const Context& c, ProcessId process) {
  return !c.world.infrastructure.degradations.empty() && infrastructure::volume_stalled(c.world, process);
}

/// What a follower's fetch, or a client's request, meets at the data plane of a broker.
Contact data_contact(const Context& c, Position from, Position to);
Contact client_data_contact(const Context& c, infrastructure::Endpoint from, Position to);

/// Looks at what every broker has now. Call before contacts are looked at. Groups that it concerns are looked at next.
void see_conditions(Context& c);

/// While packets are lost or delayed, what a client waits for hangs on machines and leaders of other groups too: all
/// are looked at. Call at the beginning of a look at clients.
void see_paths(Context& c);

/// `time` of CPU, on the process's machine.
inline Duration at_cpu(const Context& c, ProcessId process, Duration time) {
  if (c.world.infrastructure.degradations.empty()) return time;
  const double share = infrastructure::cpu_share(c.world, c.world.processes[process].node);
  return share < 1 ? Duration::from_seconds(time.to_seconds() / share) : time;
}

/// A durable write that takes `time`, to the process's volume.
inline Duration at_disk(const Context& c, ProcessId process, Duration time) {
  if (c.world.infrastructure.degradations.empty()) return time;
  const VolumeId volume = c.world.plan->processes[process].volume;
  return volume.exists() ? time + infrastructure::disk_condition(c.world, volume).latency : time;
}

/// Most bytes per second that the fetchers of one broker bring from another.
Bandwidth fetchers_carry(const Context& c, Position to, Position from);

/// Share of the live load between two brokers, or of what is produced to one, that gets through now. REQUIRES: the live
/// loads of impaired brokers have been worked out (catch_up.cpp).
double share_between(const Context& c, Position to, Position from, double live_per_s);
double share_taken(const Context& c, Position leader);

/// Replicas in step that cannot keep up fall behind, leaders that cannot are noted. Returns whether any replica did:
/// then transfers are to be planned anew.
bool fall_behind(Context& c);
/// The replica lags no more, or is not fetched any more.
void forget_lag(Context& c, GroupId group, Slot slot);
/// Works out anew when acknowledgements that wait for the replica come too late, at the share `r` of its live load.
void expect_late_acks(Context& c, GroupId group, Slot slot, double r);

/// Share of what is produced to the broker that it takes.
inline double accepted_share(const Context& c, Position leader) {
  for (const SlowLeader& slow : c.state.slow_leaders) {
    if (slow.broker == leader) return slow.share;
  }
  return 1;
}

/// Whether what an SLI's client asks of the group's leader is done within the deadline, by what conditions add to it.
bool in_time(const Context& c, const SliPlan& sli, GroupId group);

/// A machine's clock has jumped: voters' timers go by it. Whether there is a voter on it.
bool clock_jumped(Context& c, NodeId node, Duration by);

}  // namespace nines::models::kafka
