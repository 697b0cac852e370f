// The monthly bill of a topology, in whole cents so that items add up to the total exactly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/plan.hpp"

namespace nines::models::economics {

struct Item {
  std::string name;
  std::int64_t cents = 0;
};

struct Bill {
  std::vector<Item> items;
  [[nodiscard]] std::int64_t cents() const;
  [[nodiscard]] double usd() const { return static_cast<double>(cents()) / 100; }
};

/// List prices of what the topology rents, what its load moves between zones, the hours that people work on incidents,
/// and what machines beyond those in health cost meanwhile (0 or less: nothing is added).
/// REQUIRES: operator_hours_per_month >= 0.
Bill monthly_bill(const Plan& plan, double operator_hours_per_month, double machines_usd_per_month = 0);

/// Traffic between zones in bytes per second in health, by who causes it.
struct ZoneTraffic {
  double replication = 0;  ///< leaders to followers
  double produce = 0;      ///< clients to leaders
  double consume = 0;      ///< leaders to clients
};
ZoneTraffic zone_traffic(const Plan& plan);

/// What a real invoice has besides.
const std::vector<std::string_view>& not_included();

}  // namespace nines::models::economics
