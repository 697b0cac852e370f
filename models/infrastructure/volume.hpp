// Volumes: loss and replacement, and changes of those that are in use. A lost volume fails every access until a person
// has replaced it (AWS sheet, section 6: "AFR" is complete or partial loss; EBS restores nothing by itself).
//
// A change (ModifyVolume) goes through modifying and optimizing to completed. A new size is there once the volume is
// optimizing, within seconds; then the file system is extended on the machine. A new throughput takes hours, in
// proportion to the size; until then a volume gives no less than the lesser of the two: the old one where it grows, the
// new one where it shrinks. A change that fails leaves the volume as it was. None can begin before the last one is
// completed, and only so many within a day; until 2026 six hours had to pass between two. Source: Amazon EC2 API
// reference, ModifyVolume; Amazon EBS user guide, monitor the progress of volume modifications (a fully used 1-TiB
// volume takes about 6 hours; a transient fault can result in a failed state).
//
// Left out: what a volume gives in between while it is optimizing; changes of its kind; volumes that are not
// initialised, which take longer; the bill.
#pragma once

#include "models/ids.hpp"
#include "models/scenario.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// The data are gone and every access fails; a person will be needed. Returns whether the volume was in order.
bool lose_volume(World& world, VolumeId volume);

/// Somebody asks for `factor` times its present throughput or size; the provider refuses if it may not be changed now.
/// `variant`: speed, size or fails; drawn: speed, which may fail.
void modify_volume(World& world, VolumeId volume, Variant variant, double factor);
/// No change is under way.
bool volumes_settled(const World& world);
/// What the volume gives, as a multiple of the plan's throughput.
double volume_speed(const World& world, VolumeId volume);

}  // namespace nines::models::infrastructure
