// Configuration keys of consumers that are valid but that nothing in this model reads.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::consumer_group {

extern const service::InertKeys inert_keys;

}  // namespace nines::models::consumer_group
