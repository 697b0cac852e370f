// The fabric on SimGrid's engine: every flow is one of its communications, every resource one of its links, and the
// simulator's kernel drives it from event to event. For replays, and as an independent check of the native fabric.
//
// SimGrid has one engine a process, which cannot be copied, and its results do not claim to be the same bytes on every
// machine; so there is at most one of these at a time, and none in Monte Carlo runs.
//
// Where the models coincide (`SimGridModel::max_min`): CM02 without cross traffic, TCP window, latency weights and
// correction factors shares max-min fairly. Some things of SimGrid 3.32 are put right on the way:
//  - a communication never gets faster than its slowest link was when it began: its bound is set to the flow's cap;
//  - its weight is its latency (round-trip bias): it is set to the flow's, and latency is waited for before;
//  - it aborts on a rate of zero: flows over resources without capacity are suspended;
//  - a resumed action counts its pause as moved at its last rate, and its other links can be forgotten when its first
//    one changes at the same instant; both are prevented;
//  - a cancelled or failed action keeps its share until the next event: it is suspended first;
//  - `run_until` stops up to 10 microseconds early: it is called until the clock is there.
// With `SimGridModel::tcp` (LV08, SimGrid's default) these stand instead: bandwidth x 0.97, latency x 13.01, shares
// inverse to the round trip (weight-S 20537), rate at most window / (2 latency) with a window of 4 MiB. The 5 % of each
// flow's rate that LV08 adds on its way back have no effect: routes here have no way back.
#pragma once

#include <memory>

#include "models/fabric/fabric.hpp"

namespace nines::models::fabric {

enum class SimGridModel : std::uint8_t {
  max_min,  ///< the rule of `Fabric`; loads have to be whole numbers
  tcp,      ///< SimGrid's model of TCP; weights are SimGrid's own, FlowSpec::latency gives way to the resources'
};

/// At most one in the life of a process (fork for more). Resources can be added until the first flow; a flow needs at
/// least one. Throws std::logic_error if SimGrid's engine has been used in this process.
std::unique_ptr<Fabric> make_simgrid_fabric(SimGridModel model);

}  // namespace nines::models::fabric
