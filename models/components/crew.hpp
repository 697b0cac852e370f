// Crews: whom a free member repairs next.
#pragma once

#include "models/components/plan.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::components {

/// Free members, and those that may be interrupted, take up waiting units by the crew's policy.
void dispatch(World& world, CrewId crew);
/// A member has finished.
void release(World& world, CrewId crew);

}  // namespace nines::models::components
