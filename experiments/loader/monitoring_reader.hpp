// Monitoring and its alerting rules, as a topology file says them.
#pragma once

#include "experiments/loader/reader.hpp"
#include "models/topology.hpp"

namespace nines::loader {

/// REQUIRES: the services of the topology have been read.
void read_monitoring(const Value& value, models::Topology& topology);

}  // namespace nines::loader
