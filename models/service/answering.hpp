// Which services can answer another one's requests at all.
#pragma once

#include <algorithm>

#include "models/service/kind.hpp"

namespace nines::models::service {

/// Some of its pods play a role that serves.
inline bool answers_others(const ServiceSpec& service) {
  return std::any_of(service.pools.begin(), service.pools.end(), [&](const PoolSpec& pool) {
    for (std::size_t role = 0; role < service.kind->roles.size(); ++role) {
      if (service.kind->roles[role].serves && plays(pool.roles, role)) return true;
    }
    return false;
  });
}

}  // namespace nines::models::service
