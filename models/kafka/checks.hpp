// What no single field of a Kafka service shows: whether the service can exist, and what does nothing in it.
#pragma once

#include "models/service/report.hpp"
#include "models/service/spec.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::kafka {

/// Partitions of one service, those of __consumer_offsets included.
inline constexpr std::int64_t most_partitions = 250'000;

/// Whether a model of such a service reads the broker's parameter: with ZooKeeper others than without.
bool reads_parameter(const ServiceSpec& service, std::string_view key);
/// Fields that follow from others, and those that contradict them: the kind of an SLI is its name unless it says so.
void complete(service::Report& report, const Topology& topology, ServiceSpec& service);
/// What topics take over from the brokers' configuration.
void resolve(service::Report& report, ServiceSpec& service);
void check(service::Report& report, const Topology& topology, const ServiceSpec& service);
void check_combinations(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::kafka
