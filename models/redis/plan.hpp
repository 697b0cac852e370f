// What follows from the spec of a Redis service and never changes.
#pragma once

#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/redis/bus.hpp"
#include "models/redis/machine.hpp"
#include "models/redis/spec.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::redis {

/// A data server by its position among the service's servers, or a Sentinel among its Sentinels.
using Number = sentinel::Number;
using sentinel::nobody;

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::write;
  std::uint16_t client = 0;
  Duration oldest;  ///< of fresh_read
};

/// What a client goes by until it learns better.
enum class Keeps : std::uint8_t {
  nothing,  ///< it asks whenever it must connect
  map,      ///< of a cluster: who has what, and where
  name,     ///< an answer of DNS
};

/// What one client does about one SLI on one shard.
struct AccessPlan {
  std::uint16_t sli = 0;  ///< of ServicePlan::slis
  Number shard = 0;
  Keeps keeps = Keeps::nothing;
  bool addressed = false;  ///< it goes by addresses, which may be those of nobody
  bool operator==(const AccessPlan&) const = default;
};

inline constexpr std::size_t server_role = 0;
inline constexpr std::size_t sentinel_role = 1;

struct ServicePlan {
  std::vector<ProcessId> servers;
  std::vector<ProcessId> sentinels;
  std::vector<Number> shard_of;          ///< of servers, in the beginning
  std::vector<std::int64_t> priorities;  ///< of servers
  Number shards = 1;
  std::vector<Number> first_chief;  ///< by shard, in the beginning
  sentinel::Rules sentinel_rules;
  std::vector<Duration>
      tick_lengths;  ///< of Sentinels: sentinelTimer draws its next frequency each time; longest first
  bus::Rules bus_rules;
  std::vector<ClientPlan> clients;
  std::vector<Discovery> discovery;  ///< of clients
  std::vector<SliPlan> slis;
  std::vector<AccessPlan> accesses;  ///< by SLI, then shard
  bool keepers = false;              ///< some access keeps something
  bool addressed = false;            ///< some access is
};

/// REQUIRES: the service is of kind redis.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);

/// Rules that the parameters make.
sentinel::Rules sentinel_rules_of(const Parameters& parameters);
bus::Rules bus_rules_of(const Parameters& parameters);

}  // namespace nines::models::redis
