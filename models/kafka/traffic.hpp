// What a Kafka service moves while everything is healthy.
#pragma once

#include "models/service/kind.hpp"

namespace nines::models::kafka {

/// Every record is written by all replicas; its leader sends it to the others and to the consumers.
void traffic(const models::Plan& plan, ServiceId service, service::TrafficSink& sink);

}  // namespace nines::models::kafka
