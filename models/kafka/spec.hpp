// A Kafka cluster as a topology file says it, beside its pools.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/kafka/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::kafka {

/// Roles of a pool, in the order of the kind's list.
enum class Role : std::uint8_t { broker, controller };
constexpr bool plays(Roles roles, Role role) { return models::plays(roles, static_cast<std::size_t>(role)); }
constexpr Roles role_bit(Role role) { return models::role_bit(static_cast<std::size_t>(role)); }

/// Value of a topic's `leader.` or `follower.replication.throttled.replicas`. A throttle's rate holds for these
/// replicas only; without a list it holds for none (apache/kafka 3.9 ReplicationQuotaManager.isThrottled).
struct ThrottledReplicas {
  std::string text;                                       ///< as the file says it; empty: no list
  bool all = false;                                       ///< "*"
  std::set<std::pair<std::size_t, std::size_t>> members;  ///< partition and node id of the broker

  [[nodiscard]] bool holds(std::size_t partition, std::size_t node) const {
    return all || members.contains({partition, node});
  }
  [[nodiscard]] bool empty() const { return !all && members.empty(); }
};

struct TopicSpec {
  std::string name;
  std::int64_t partitions = 0;
  std::int64_t replication_factor = 0;
  std::int64_t min_insync_replicas =
      0;  ///< already the effective value: the topic's or the cluster's, at most the factor
  bool unclean_leader_election = false;
  ThrottledReplicas throttled_followers;
  ThrottledReplicas throttled_leaders;
  double records_per_s = 0;  ///< produced to the whole topic
  Bytes record_size;
  double acks_one_share = 0;   ///< share of records produced with acks=1; the rest with acks=all
  double consumer_fanout = 1;  ///< times each record is read
  Bytes stored_per_partition;  ///< what retention keeps: a fresh replica copies it
};

/// Where a client runs and how long it is willing to wait.
struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone's name, or "region": spread over all zones that the backbone reaches
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t { write, write_acks1, read, visible };
enum class SliScope : std::uint8_t { all, any, share };

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  SliScope scope = SliScope::all;
  double share = 1;   ///< with scope `share`: part of the partitions that must work
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string version;  ///< "3.6", "3.9", "4.0" or "4.1"
  std::string store;    ///< the service of kind zookeeper that holds the metadata; empty: KRaft
  BrokerParameters parameters;
  bool cruise_control = false;  ///< the design has one
  bool notifier_heals = false;  ///< its notifier is the one that lets it heal
  CruiseControlParameters cruise;
  bool rack_aware = true;
  std::vector<TopicSpec> topics;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: a service of kind kafka.
inline Spec& spec_of(ServiceSpec& service) { return service.own.as<Spec>(); }
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::kafka
