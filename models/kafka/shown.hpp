// What a replay shows of a Kafka service before and after each event that changes it: the active controller, and of
// partitions who leads, in which epoch, and who is in sync. And what its exporters tell monitoring.
#pragma once

#include <string>
#include <vector>

#include "models/service/kind.hpp"

namespace nines::models::kafka {

void show(const World& world, ServiceId service, std::vector<service::Shown>& into);
std::string shown_text(const models::Plan& plan, ServiceId service, const service::Shown& shown);

std::span<const service::Metric> metrics();
service::Reading metric(const World& world, ServiceId service, std::size_t metric);

}  // namespace nines::models::kafka
