// What follows from the spec of a group of readers and never changes. Consumers and the workers that copy topics to
// another cluster are groups alike: what sets them apart are rules.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/consumer_group/spec.hpp"
#include "models/ids.hpp"
#include "models/plan.hpp"
#include "models/service/records.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::consumer_group {

/// A member by its position among the service's processes.
using Number = std::uint16_t;
inline constexpr Number nobody = 0xFFFF;

/// Keys of the parameters that set its delays, where they are not those of consumers.
struct Keys {
  std::string_view session, heartbeat, max_poll, start, join, sync;
};

/// By what a group goes.
struct Rules {
  Parameters parameters;
  Protocol protocol = Protocol::classic;
  Assignor assignor = Assignor::range;
  bool static_members = false;
  double records_per_s = 0;  ///< that one member can work off
  /// What a member that is gone has left stays with nobody for so long (Connect: scheduled.rebalance.max.delay.ms).
  Duration reassignment_delay;
  /// Of a group that copies: a source of which nothing can be read for so long counts as lost.
  Duration source_lost;
  /// A member that does not find its coordinator stops what it does (Connect).
  bool needs_coordinator = false;
  const Keys* keys = nullptr;  ///< null: those of consumers

  [[nodiscard]] bool eager() const { return protocol == Protocol::classic && assignor == Assignor::range; }
  [[nodiscard]] bool by_server() const { return protocol == Protocol::consumer; }
};

struct PartitionPlan {
  service::Part part = 0;    ///< of the source
  service::Part target = 0;  ///< of the target, if there is one
  std::uint16_t topic = 0;   ///< of the spec's list
  std::uint32_t unit = 0;    ///< what it is assigned with
};

struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::consumed;
  Duration limit;
};

struct ServicePlan {
  Rules rules;
  ServiceId source;
  ServiceId target;       ///< where records are copied to; none if they are worked off
  ServiceId coordinator;  ///< the service that coordinates the group
  ServiceId downstream;
  service::Part coordinating = 0;         ///< its part that does
  std::vector<ComponentId> places;        ///< readers by zone
  std::vector<ComponentId> other_places;  ///< the same of the target, if there is one
  std::vector<service::Reader> readers;   ///< of the source, by zone
  std::vector<service::Reader> writers;   ///< of the target, by zone
  std::vector<PartitionPlan> partitions;
  std::vector<std::uint16_t> topics;  ///< by unit: of its first partition
  std::uint32_t units = 0;
  std::uint32_t needed = 1;  ///< members without which what comes is not worked off
  std::vector<SliPlan> slis;
};

/// REQUIRES: the service is a group of readers.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

/// Names of readers, one for each zone. While a service is built.
std::vector<ComponentId> name_readers(const models::Plan& plan, Namer& namer, ServiceId service, std::string_view what);
/// Adds them to the service that they ask. While services are connected.
std::vector<service::Reader> add_readers(models::Plan& plan, ServiceId asked, std::string_view client,
                                         const std::vector<ComponentId>& places);
/// The service of that name, which then tells `user` when its answers change. Throws std::invalid_argument if there is
/// none.
ServiceId connect_to(models::Plan& plan, std::string_view name, ServiceId user);

/// By what a group of that spec goes.
Rules rules_of(const Spec& spec);
void build(models::Plan& plan, Namer& namer, ServiceId service);
void connect(models::Plan& plan, ServiceId service);

/// What members are dealt, and how much of it comes: enough of a plan to deal it out before there is one.
struct Dealing {
  Rules rules;
  std::vector<std::uint16_t> topics;  ///< by unit
  std::vector<double> loads;          ///< records per second, by unit
};
/// Each partition by itself, of those topics that are read.
Dealing dealing_of(const Rules& rules, const std::vector<service::Topic>& all, const std::vector<std::string>& read);
/// What the member gets that gets most when so many are dealt everything.
double greatest_load(const Dealing& dealing, std::size_t members);
/// The fewest members that work off what comes, of which each works off `each`; `most` if fewer do not.
std::uint32_t least_members(const Dealing& dealing, double each, std::size_t most);

/// Who is to have which unit: `members` in order, `kept` the present holder of each unit (`nobody`: none of them).
std::vector<Number> assign(const ServicePlan& plan, std::span<const Number> members, std::span<const Number> kept);
/// The same by the topic of each unit.
std::vector<Number> assign(const Rules& rules, std::span<const std::uint16_t> topics, std::span<const Number> members,
                           std::span<const Number> kept);

}  // namespace nines::models::consumer_group
