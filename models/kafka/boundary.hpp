// What the model of Kafka leaves out, of every design and of one.
#pragma once

#include <span>
#include <vector>

#include "models/service/kind.hpp"

namespace nines::models::kafka {

std::span<const service::LeftOut> left_out();
std::vector<service::LeftOut> left_out_here(const Topology& topology, const ServiceSpec& service);

/// Whether the event can happen in a service of that design: the controller of KRaft and the one of brokers with
/// another store have events of their own.
bool happens(const ServiceSpec& service, std::string_view event);

}  // namespace nines::models::kafka
