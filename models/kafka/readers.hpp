// Kafka as those see it whose processes read from it: consumer groups, and workers that copy to another cluster.
#pragma once

#include "models/service/records.hpp"

namespace nines::models::kafka {

extern const service::Records records;

}  // namespace nines::models::kafka
