// Graded conditions: a volume, machine or path that works, but gives less than it should.
//
// Each fault says what is left of one thing. Where several are on at once
//   - of shares the least holds: each says what the thing still carries, and the tightest limit binds;
//   - delays add up, for each is a further part of the way;
//   - losses are independent: a packet arrives if it survives each of them.
// A fault of a machine ends when another machine takes its place (a crash or a reboot does not end it), one of a volume
// with the volume; one of a zone stays with the place.
//
// A packet crosses a fault's path if one end is in its `side` and the other in its `other`, or, if that is empty, not
// in its `side`. What is inside a zone does not notice what goes wrong on the zone's ways out.
//
// Loss as TCP sees it. A segment that is lost is sent again after the retransmission time-out, which doubles each time
// (RFC 6298): a request and its answer are late by the mean of these waits. A connection that loses the share p of its
// segments carries no more than
//     s / (R sqrt(2 p / 3) + T 3 sqrt(3 p / 8) p (1 + 32 p^2))
// with segment s, round trip R and time-out T: RFC 5348, section 3.1, after Padhye et al., SIGCOMM 1998; without
// time-outs it is the formula of Mathis et al., CCR 27(3), 1997. Newer stacks (RACK-TLP, RFC 8985) do better than that
// where they save a time-out.
#pragma once

#include <optional>

#include "models/ids.hpp"
#include "models/infrastructure/parameters.hpp"
#include "models/infrastructure/state.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// What a volume gives.
struct DiskCondition {
  double share = 1;  ///< of its throughput as planned; 0: every access hangs; above 1 once it has been made faster
  Duration latency;  ///< that each durable write takes longer
};
DiskCondition disk_condition(const World& world, VolumeId volume);
/// Whether the process has a volume, and every access to it hangs.
bool volume_stalled(const World& world, ProcessId process);

/// Share of its network bandwidth, and of the CPU that they would use, that processes on the machine have.
double network_share(const World& world, NodeId node);
double cpu_share(const World& world, NodeId node);
/// Processors that a machine whose CPU credit is spent leaves the process, of its baseline by what each wants; none if
/// its credit limits nothing.
std::optional<double> cpu_left(const World& world, ProcessId process);

/// What a path adds, one way.
struct PathCondition {
  double loss = 0;  ///< probability that a packet is lost
  Duration delay;
  friend bool operator==(const PathCondition&, const PathCondition&) = default;
};
PathCondition path_condition(const World& world, ProcessId from, ProcessId to);
PathCondition path_condition(const World& world, Endpoint from, ProcessId to);
/// Whether it loses or delays packets.
inline bool of_paths(const Degradation& fault) {
  return !fault.side.empty() && (fault.loss > 0 || fault.delay > Duration());
}
/// Whether any packet to or from the process is lost or delayed.
bool on_bad_path(const World& world, ProcessId process);

/// A round trip between two processes, or a client's place and a process, without what conditions add.
Duration round_trip(const World& world, ProcessId a, ProcessId b);
Duration round_trip(const World& world, Endpoint place, ProcessId process);
/// Mean time that a round trip of `rtt` takes longer; infinite if half of the round trips fail.
Duration round_trip_longer(const Parameters& parameters, const PathCondition& path, Duration rtt);
/// Most bytes per second of one TCP connection; infinite without loss.
Bandwidth connection_carries(const Parameters& parameters, const PathCondition& path, Duration rtt);

/// Puts a fault's hold in force, or takes it away; the fabric follows. Tells services nothing.
void degrade(World& world, const Degradation& degradation);
void restore(World& world, std::uint32_t id);

}  // namespace nines::models::infrastructure
