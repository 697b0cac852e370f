// Names within a Kafka service that scenarios target: "kafka/brokers", "kafka/controllers", "kafka/my-topic/3".
#pragma once

#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/service/kind.hpp"

namespace nines::models::kafka {

/// The brokers, the voters, or the replicas of a partition; empty if the name is none of them.
std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view name);
/// Voters and partitions are led.
bool is_led(const models::Plan& plan, ServiceId service, std::string_view name);
/// The active controller's process, or the broker that leads the partition by the controller's newest decision; none
/// if there is none now. REQUIRES: is_led.
ProcessId leader(const World& world, ServiceId service, std::string_view name);
std::vector<service::Target> targets(const models::Plan& plan, ServiceId service);

}  // namespace nines::models::kafka
