// A leader's view of its followers: lag, shrinking and growing ISRs; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace kafka_isr_handler {

namespace {

NINES_TRANSCRIPTS("kafka_isr", nines::tests::transcripts::WorldHandler);

}  // namespace

}  // namespace kafka_isr_handler
