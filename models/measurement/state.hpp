// What the user sees, integrated as it changes: SLIs, outages, loss.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/measurement/plan.hpp"
#include "sim/event.hpp"
#include "sim/time.hpp"
#include "sim/undoable.hpp"

namespace nines::models::measurement {

/// A maximal interval in which an SLI did not hold.
struct Outage {
  SliIndex sli = 0;
  sim::Time start;
  sim::Time end;                        ///< Time::never() while it lasts
  sim::CauseId opened = sim::no_cause;  ///< what broke the SLI
  sim::CauseId closed = sim::no_cause;  ///< what restored it
};

struct SliState {
  std::uint32_t down_partitions = 0;
  bool out = false;  ///< more partitions down than the scope tolerates
  Outage open;       ///< while `out`
  double partition_seconds =
      0;  ///< integral of down partitions over time, shorter interruptions than the deadline left out
};

/// Records that had been acknowledged and are gone.
struct Loss {
  ServiceId service;
  std::uint16_t item = 0;  ///< what of the service lost them, as its kind numbers it: a topic
  sim::Time at;
  double records_all = 0;  ///< acknowledged with acks=all
  double records_one = 0;  ///< acknowledged with acks=1
  double records_any = 0;  ///< acknowledged in whatever way: each client that loses anything loses these
  bool whole = false;      ///< `item` says nothing: it is of the whole service
  double seconds = 0;      ///< of production that they amount to
  std::string_view rule;   ///< the protocol rule that allowed it
  sim::CauseId cause = sim::no_cause;
};

/// Records that were never acknowledged because their producers gave up on them.
struct GivenUp {
  sim::Time at;
  SliIndex sli = 0;
  double records = 0;
};

struct State {
  std::vector<SliState> slis;
  std::vector<sim::Undoable<sim::Time>> down_since;  ///< by SLI and group; Time::never() while up
  std::vector<Outage> outages;  ///< finished ones longer than their SLI's deadline, in order of their end
  std::vector<Loss> losses;
  std::uint64_t failovers = 0;    ///< servers that their service took for dead: fenced brokers
  double redelivered = 0;         ///< records that were sent to a consumer a second time
  std::vector<GivenUp> given_up;  ///< at the end of each interruption that was too long for its producers

  void freeze() {
    for (sim::Undoable<sim::Time>& since : down_since) since.freeze();
  }
};

}  // namespace nines::models::measurement
