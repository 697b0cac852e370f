// What the model of Kafka leaves out, of every design and of one.
#pragma once

#include <span>
#include <vector>

#include "models/service/kind.hpp"

namespace nines::models::kafka {

std::span<const service::LeftOut> left_out();
std::vector<service::LeftOut> left_out_here(const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::kafka
