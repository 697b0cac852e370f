// Transcripts about a whole world: three zones, three machines, three brokers and three controllers on EKS.
//
//   world [key=value ...]        begins; `partitions`, `nodes-per-zone`, `seed`, `run`, or a parameter's key
//   at TIME VERB TARGET [...]    arms an action, options for= from= variant= extent=; times count from the beginning
//   run TIME [EVENT ...]         goes on until then and prints the events of these names since the last run; "kafka.*"
//   state KIND [NAME]            what is held about brokers, voters, partitions, nodes, pods, volumes or passes
//
// A parameter that is a law becomes a constant. Nobody is on call, and nothing fails that is not commanded.
#pragma once

#include <memory>
#include <optional>

#include "models/plan.hpp"
#include "models/world.hpp"
#include "tests/transcripts/transcript.hpp"

namespace nines::tests::transcripts {

class WorldHandler : public Handler {
 public:
  WorldHandler();

 protected:
  /// A world of that design begins, a nanosecond before the first action may be.
  void begin_with(models::Topology design, std::uint64_t seed, std::uint64_t run);

 private:
  std::string begin(Arguments& arguments);
  std::string arm(Arguments& arguments);
  std::string run(Arguments& arguments);
  std::string state(Arguments& arguments);
  models::World& world();

  std::unique_ptr<models::Plan> plan_;
  std::optional<models::World> world_;
  std::size_t printed_ = 0;  ///< records of the trace
};

}  // namespace nines::tests::transcripts
