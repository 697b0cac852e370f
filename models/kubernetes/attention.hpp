// Who has to be looked at when something happens to a machine or to some pods.
//
// Nothing here decides: each answer is a superset of those whom the question is about, and whoever asks examines them
// as if it had gone over all. What an event costs hangs on what it touched, not on the size of the cluster.
#pragma once

#include <cstddef>
#include <vector>

#include "models/ids.hpp"
#include "models/platform.hpp"
#include "sim/marks.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

struct Attention;

using Volumes = std::vector<VolumeId>;
using Nodes = std::vector<NodeId>;

/// Nobody has been looked at yet.
void initialise_attention(World& world);
/// An event begins: what the last one edited is kept for those who ask later.
void event_begins(World& world);

/// Volumes of the processes near the slot (`near` of models/platform.hpp): all that are at a machine of the slot.
/// Ascending.
Volumes volumes_near(const World& world, NodeId node);
/// The pod is bound to a machine of the slot.
void arrives(World& world, ProcessId process, NodeId node);

/// Workloads that may be rolled just now: ascending.
std::vector<WorkloadId> touched_rolls(const World& world);
/// Nodes of which anything is not as in the healthy cluster at rest: ascending.
Nodes touched_nodes(const World& world);

/// A walk over pods that could perhaps take a step towards their container. It goes over them as a loop over all pods
/// would: with those that turn up ahead on the way.
class StartWalk {
 public:
  /// `node`: those near the slot are walked over whatever they do.
  explicit StartWalk(World& world, NodeId node = NodeId::none());
  /// None: that was the last one.
  ProcessId next();

 private:
  void stir_edited();

  World& world_;
  Pods near_;
  std::size_t at_ = 0;
  std::size_t near_at_ = 0;
  std::size_t nodes_edited_ = 0;
};

/// Brings the classes of machines up to date with what has changed.
void renew_slots(World& world);

/// Sets of pods in `Attention`.
using PodSet = sim::Marks Attention::*;
/// The next pod of the set, from `from` on; none if there is no further one. Who is no longer what the set is of may be
/// among them.
ProcessId next_of(const World& world, PodSet set, ProcessId from);

}  // namespace nines::models::kubernetes
