// Configuration keys of PostgreSQL and Patroni that are valid but that nothing in this model reads.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::postgresql {

extern const service::InertKeys inert_keys;

}  // namespace nines::models::postgresql
