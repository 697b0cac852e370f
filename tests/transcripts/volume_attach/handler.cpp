// Where a volume may be: detach, force detach and attach; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace volume_attach_handler {

namespace {

NINES_TRANSCRIPTS("volume_attach", nines::tests::transcripts::WorldHandler);

}  // namespace

}  // namespace volume_attach_handler
