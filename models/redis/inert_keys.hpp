// Configuration keys of Redis, Valkey and Sentinel that are valid but that nothing in this model reads.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::redis {

extern const service::InertKeys inert_keys;

}  // namespace nines::models::redis
