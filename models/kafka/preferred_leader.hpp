// Leadership returns to the first replica of the assignment: once, an interval after an imbalance began (up to 3.9), or
// at periodic checks (4.0). K39 QuorumController.maybeScheduleNextBalancePartitionLeaders; Kafka sheet section 1.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Arms the check if some partition is not led by its preferred replica and no check is pending.
void schedule_preferred_leader_check(Context& c);
/// Every partition is led by its preferred replica.
bool leaders_preferred(const Context& c);
/// A check is pending that will move leaderships: to clients that is one more event of what brought them where they
/// are.
bool leaders_due(const Context& c);

}  // namespace nines::models::kafka
