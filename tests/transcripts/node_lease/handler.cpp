// The node controller's view of a kubelet: leases, Unknown, taints, eviction; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace node_lease_handler {

namespace {

NINES_TRANSCRIPTS("node_lease", nines::tests::transcripts::WorldHandler);

}  // namespace

}  // namespace node_lease_handler
