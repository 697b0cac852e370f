// Names: consumer configuration of Kafka 3.6 to 4.2.
#include "models/consumer_group/inert_keys.hpp"

#include <string_view>

namespace nines::models::consumer_group {

namespace {

using Reason = service::InertKeys::Reason;

// clang-format off
constexpr std::string_view keys_names[] = {
    "allow.auto.create.topics", "auto.include.jmx.reporter", "auto.offset.reset", "bootstrap.servers", "check.crcs",
    "client.dns.lookup", "client.id", "client.rack", "connections.max.idle.ms", "default.api.timeout.ms",
    "enable.auto.commit", "enable.metrics.push", "exclude.internal.topics", "fetch.max.bytes", "fetch.max.wait.ms",
    "fetch.min.bytes", "group.id", "group.instance.id", "group.protocol", "group.remote.assignor",
    "interceptor.classes", "isolation.level", "key.deserializer", "max.partition.fetch.bytes", "max.poll.records",
    "metadata.max.age.ms", "metric.reporters", "metrics.num.samples", "metrics.recording.level",
    "metrics.sample.window.ms", "partition.assignment.strategy", "receive.buffer.bytes", "reconnect.backoff.max.ms",
    "reconnect.backoff.ms", "request.timeout.ms", "retry.backoff.max.ms", "retry.backoff.ms", "sasl.jaas.config",
    "sasl.mechanism", "security.protocol", "security.providers", "send.buffer.bytes",
    "socket.connection.setup.timeout.max.ms", "socket.connection.setup.timeout.ms", "value.deserializer",
};
constexpr std::string_view keys_beginnings[] = {
    "sasl.", "ssl.",
};
constexpr Reason keys_reasons[] = {
    {"", "no mechanism of this model goes by it"},
    {"auto.offset.reset", "a group has positions from the beginning on"},
    {"bootstrap", "'source' says where"},
    {"enable.auto.commit", "members note their positions by 'auto.commit.interval.ms'"},
    {"fetch", "how records are fetched is not modelled"},
    {"group.id", "its name is the service's"},
    {"group.instance.id", "'static_members' says it"},
    {"group.protocol", "'protocol' says it"},
    {"group.remote.assignor", "'assignor' says it"},
    {"isolation", "transactions are not modelled"},
    {"max.partition", "how records are fetched is not modelled"},
    {"max.poll.records", "'records_per_s' says how much a member works off"},
    {"partition.assignment", "'assignor' says it"},
    {"reconnect", "connections have the timings of 'source_client'"},
    {"request.timeout", "connections have the timings of 'source_client'"},
    {"retry.", "connections have the timings of 'source_client'"},
    {"sasl", "who may connect is not modelled"},
    {"security", "who may connect is not modelled"},
    {"socket.connection", "connections have the timings of 'source_client'"},
    {"ssl", "who may connect is not modelled"},
};
// clang-format on

}  // namespace

constinit const service::InertKeys inert_keys{keys_names, keys_beginnings, keys_reasons};

}  // namespace nines::models::consumer_group
