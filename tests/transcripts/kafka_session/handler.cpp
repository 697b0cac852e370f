// The controller's view of a broker: heartbeats, sessions, fencing, controlled shutdown; in a world.
#include <catch2/catch.hpp>

#include "tests/transcripts/world_handler.hpp"

namespace kafka_session_handler {

namespace {

NINES_TRANSCRIPTS("kafka_session", nines::tests::transcripts::WorldHandler);

}  // namespace

}  // namespace kafka_session_handler
