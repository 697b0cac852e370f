// Volumes: loss and replacement. A lost volume fails every access until a person has replaced it (AWS sheet, section 6:
// "AFR" is complete or partial loss; EBS restores nothing by itself).
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// The data are gone and every access fails; a person will be needed. Returns whether the volume was in order.
bool lose_volume(World& world, VolumeId volume);

}  // namespace nines::models::infrastructure
