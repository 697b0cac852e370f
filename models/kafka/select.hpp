// Who leads now: for selectors such as leader(kafka/controllers).
#pragma once

#include <cstdint>
#include <string_view>

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kafka {

/// The active controller's process; none while there is no active controller.
ProcessId controller_leader(const World& world, std::size_t service);
/// The broker that leads a partition by the controller's newest decision; none if it has no leader.
ProcessId partition_leader(const World& world, std::size_t service, std::string_view topic, std::int64_t partition);

}  // namespace nines::models::kafka
