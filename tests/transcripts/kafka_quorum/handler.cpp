// Elections of the controller with their times; the rules step by step are in kraft/.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace kafka_quorum_handler {

namespace {

NINES_TRANSCRIPTS("kafka_quorum", nines::tests::transcripts::WorldHandler);

}  // namespace

}  // namespace kafka_quorum_handler
