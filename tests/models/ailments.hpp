// What is still wrong with a world that ought to be well, for the message of a failure.
#pragma once

#include <string>

#include "models/world.hpp"

namespace nines::models::testing {

bool everything_healthy(const World& world);
std::string ailments(const World& world);

}  // namespace nines::models::testing
