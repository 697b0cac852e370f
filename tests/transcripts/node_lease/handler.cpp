// The node controller's view of a kubelet: leases, Unknown, taints, eviction; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace {

NINES_TRANSCRIPTS("node_lease", nines::tests::transcripts::WorldHandler);

}  // namespace
