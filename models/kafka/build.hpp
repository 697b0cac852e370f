// The part of `build_plan` that belongs to a Kafka service.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct Plan;
class Namer;
}  // namespace nines::models

namespace nines::models::kafka {

/// Topics with their assignments, clients, SLIs. REQUIRES: the service's processes are placed. Throws
/// std::invalid_argument on what cannot be placed.
void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Brokers keep sessions with the service that holds their metadata, if there is one. Throws as `build`.
void connect(models::Plan& plan, ServiceId service);

}  // namespace nines::models::kafka
