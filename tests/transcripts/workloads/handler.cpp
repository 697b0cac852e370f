// Controllers of workloads and supervisors of machines; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace {

NINES_TRANSCRIPTS("workloads", nines::tests::transcripts::WorldHandler);

}  // namespace
