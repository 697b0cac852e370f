// Records that a service keeps for others to read: topics in partitions, and who coordinates groups of readers. What a
// kind whose processes read asks of a kind whose servers keep them, by numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/service/spec.hpp"
#include "models/structure/dependency_builder.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::service {

/// Partitions that live through everything together, as the service numbers them.
using Part = std::uint16_t;
/// Programs of one place that ask the service, as it numbers them.
using Reader = std::uint16_t;

/// How one part stands with one reader.
struct Standing {
  ProcessId leader;          ///< the server that serves it now; none if no server does
  std::uint32_t term = 0;    ///< of that leadership
  bool found = false;        ///< the reader sends to that leader, and is answered
  bool readable = false;     ///< it also gets what is new
  bool writable = false;     ///< a write that waits for replicas is acknowledged
  double records_per_s = 0;  ///< that are added to one partition
};

/// A topic as a file says it.
struct Topic {
  std::string name;
  std::int64_t partitions = 0;
  double records_per_s = 0;  ///< produced to all of it
};

struct Records {
  std::vector<Topic> (*topics)(const ServiceSpec& service);
  /// Names of clients, whose timings readers can have.
  std::vector<std::string> (*clients)(const ServiceSpec& service);
  /// Whether it coordinates groups of readers.
  bool (*coordinates)(const ServiceSpec& service);
  /// Why it does not move partitions of a group one by one itself (KIP-848); empty if it does.
  std::string (*lacks_consumer_protocol)(const ServiceSpec& service);
  /// REQUIRES of the rest: the service has been built.
  Part (*part)(const Plan& plan, ServiceId service, std::string_view topic, std::int64_t partition);
  /// That whose leader coordinates the group of that name.
  Part (*part_of_group)(const Plan& plan, ServiceId service, std::string_view group);
  /// Adds a reader at that place which goes by the timings of a client; while the plan is built.
  Reader (*add_reader)(Plan& plan, ServiceId service, std::string_view client, ComponentId component,
                       infrastructure::Endpoint place);
  Standing (*look)(const World& world, ServiceId service, Reader reader, Part part);
  /// What it takes that the part is read, or written and replicated.
  structure::Vertex (*needs)(structure::DependencyBuilder& builder, ServiceId service, Part part, bool written);
};

}  // namespace nines::models::service
