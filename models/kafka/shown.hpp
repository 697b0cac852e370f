// What a replay shows of a Kafka service before and after each event that changes it: the active controller, and of
// partitions who leads, in which epoch, and who is in sync.
#pragma once

#include <string>
#include <vector>

#include "models/service/kind.hpp"

namespace nines::models::kafka {

void show(const World& world, ServiceId service, std::vector<service::Shown>& into);
std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown);

}  // namespace nines::models::kafka
