// What a topology file says of a consumer group, as tables.
#pragma once

#include "models/consumer_group/plan.hpp"
#include "models/service/fields.hpp"
#include "models/service/records.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::consumer_group {

extern const service::ObjectSpec service_fields;
extern const service::ParameterGroup parameter_groups[1];
/// Of an SLI of a group of readers: greatest age of a record.
inline constexpr double longest_limit_s = 30 * 86'400.0;
/// That one reader can work off.
inline constexpr double most_records_per_s = 1e8;

/// The service of that name if it keeps records for others; reports at `field` what is wrong with it, and returns null.
const ServiceSpec* check_source(service::Report& report, const Topology& topology, std::string_view field,
                                const std::string& name);
/// Reports clients that the service does not have.
void check_client(service::Report& report, const ServiceSpec& source, std::string_view field, const std::string& name);
/// Reports topics that the service does not have, and returns those that it has, in the order of `names`.
std::vector<service::Topic> check_topics(service::Report& report, const ServiceSpec& source,
                                         const std::vector<std::string>& names);
/// Reports a group that cannot work off what comes, as it is dealt out, and warns of one that cannot without a member.
void check_capacity(service::Report& report, const ServiceSpec& service, const Dealing& dealing, double records_per_s);
/// Keys of the clocks of a group, and who goes by them.
struct Clocks {
  std::string_view session, heartbeat, commit, readers;
};
/// Reports clocks that cannot be.
void check_clocks(service::Report& report, const Clocks& keys, Duration session, Duration heartbeat, Duration commit);
/// Session time-outs or heartbeat intervals that brokers take, with the broker keys that say so.
struct SessionBounds {
  Duration least, most;
  std::string_view least_key, most_key;
};
/// Warns of a session time-out outside the bounds.
void check_session(service::Report& report, std::string_view key, Duration session, const SessionBounds& bounds);
/// Reports a setting of brokers outside the bounds: with it no broker starts.
void check_server_setting(service::Report& report, std::string_view key, Duration value, const SessionBounds& bounds);
/// Reports an SLI whose kind goes by the age of records and that has no limit, or the other way round. `aged`: its kind
/// does, which is named `kind`; a record that is not `done` counts.
void check_limit(service::Report& report, const std::string& where, bool aged, Duration limit, std::string_view kind,
                 std::string_view done);
/// What no single field shows.
void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::consumer_group
