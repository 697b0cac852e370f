// What machines and volumes cost beyond those in health: replacements that are launched before their predecessors go,
// groups that have grown, Fargate's machines of pods that a rolling update starts beside the others. Less while
// machines are missing.
//
// A machine is rented from its launch until the provider has it back, or another one takes its slot. One whose host
// died is rented until somebody gives it up. Prices are list prices by the hour of the pool that it came from; a
// machine of Fargate costs what that of the profile's first pod does. Beside machines: CPU credits of burstable ones in
// unlimited mode (credits.hpp), and volumes that no cluster knows any more (kubernetes/restored_objects.hpp). Source:
// AWS EC2, EBS and Fargate pricing, by the second. Left out: the minute that is billed at least, what is provisioned of
// such volumes beside their size, and what they cost after the incident is over.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// USD since the world began.
double metered_usd(const World& world);

}  // namespace nines::models::infrastructure
