// Words of files and of the server that name ZooKeeper: the only place in this folder beside the table of parameters
// that does.
#pragma once

#include <string_view>

namespace nines::models::kafka::zk::names {

inline constexpr std::string_view field = "zookeeper";  ///< of a service: who holds its metadata
inline constexpr std::string_view product = "ZooKeeper";
inline constexpr std::string_view keys = "zookeeper.";           ///< settings of a broker begin so
inline constexpr std::string_view timings = "kafka.zookeeper.";  ///< and timings of its code

inline constexpr std::string_view session_timeout = "zookeeper.session.timeout.ms";
inline constexpr std::string_view connection_timeout = "zookeeper.connection.timeout.ms";
inline constexpr std::string_view partition_read = "kafka.zookeeper.partition_read";
inline constexpr std::string_view partition_write = "kafka.zookeeper.partition_write";
inline constexpr std::string_view request_backoff = "kafka.zookeeper.request_backoff";
inline constexpr std::string_view reaction = "kafka.zookeeper.reaction";
inline constexpr std::string_view controller_start = "kafka.zookeeper.controller_start";

}  // namespace nines::models::kafka::zk::names
