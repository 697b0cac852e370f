// A consumer group: processes that read topics of another service together.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/consumer_group/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::consumer_group {

/// How partitions are dealt out, and with it what a rebalance stops.
enum class Assignor : std::uint8_t {
  range,               ///< consecutive partitions of each topic; eager: everybody stops until all have joined again
  cooperative_sticky,  ///< as many for each, with few moves; only partitions that move stop
};
inline constexpr std::array<std::string_view, 2> assignor_names{"range", "cooperative-sticky"};

/// `group.protocol`.
enum class Protocol : std::uint8_t {
  classic,   ///< rebalances that everybody joins
  consumer,  ///< the coordinator moves partitions one by one (KIP-848, from 4.0)
};
inline constexpr std::array<std::string_view, 2> protocol_names{"classic", "consumer"};

enum class SliKind : std::uint8_t {
  consumed,   ///< no record that has not been read is older than a limit
  consuming,  ///< every partition is being read
};
inline constexpr std::array<std::string_view, 2> sli_kind_names{"consumed", "consuming"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::consumed;
  Duration limit;  ///< of `consumed`
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string source;               ///< the service that keeps the topics
  std::string client;               ///< of that service: its timings are those of members' connections
  std::vector<std::string> topics;  ///< of that service
  Protocol protocol = Protocol::classic;
  Assignor assignor = Assignor::range;  ///< of the classic protocol
  bool static_members = false;          ///< group.instance.id: a member that comes back in time keeps its partitions
  std::string downstream;               ///< a service without which no record can be worked off; empty: none
  double records_per_s = 0;             ///< that one member can work off
  Parameters parameters;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind consumer_group.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::consumer_group
