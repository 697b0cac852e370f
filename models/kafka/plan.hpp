// The part of the plan that belongs to one Kafka service: processes by role, partitions by assignment, clients, SLIs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/kafka/spec.hpp"

namespace nines::models::kafka {

/// Most replicas a partition can have in this model.
inline constexpr std::size_t replica_limit = 8;
/// Position of a replica in its partition's assignment; the first is the preferred leader.
using Slot = std::uint8_t;
inline constexpr Slot no_slot = 0xFF;
/// A set of slots, bit by bit.
using SlotSet = std::uint8_t;

struct TopicPlan {
  ComponentId component = 0;
  std::uint16_t spec = 0;  ///< index into Spec::topics; 0xFFFF for __consumer_offsets
  std::int64_t partitions = 0;
  std::uint8_t min_isr = 1;  ///< effective: at most the replication factor
  bool unclean = false;
  double records_all_per_s = 0;  ///< acks=all, per partition
  double records_one_per_s = 0;  ///< acks=1, per partition
  double record_bytes = 0;
  double consumer_fanout = 0;     ///< times each record is read
  double stored_bytes = 0;        ///< per partition
  bool internal = false;          ///< __consumer_offsets: no SLI looks at it
  std::vector<GroupId> group_of;  ///< by partition

  /// Produced to one partition.
  [[nodiscard]] double bytes_per_s() const { return (records_all_per_s + records_one_per_s) * record_bytes; }
};

/// Partitions of one topic with the same ordered assignment and the same throttled replicas. They live through
/// everything together.
struct GroupPlan {
  ComponentId component = 0;  ///< "kafka/my-topic/0+3+6": topic and partition numbers
  TopicId topic;
  std::uint32_t partitions = 1;           ///< how many
  std::uint8_t factor = 0;                ///< replicas
  std::uint8_t replicas = 0;              ///< slots: one more than replicas where one can be moved to another broker
  std::uint16_t broker[replica_limit]{};  ///< by slot: position in ServicePlan::brokers; of a slot to spare 0
  // Replicas on the topic's lists: throttled while they catch up, or as the leader of others that do.
  SlotSet throttled_followers = 0;
  SlotSet throttled_leaders = 0;
};

/// Why no replica of a partition with so many can be moved in this model, although there are more brokers; empty if
/// one can. `brokers`: of the service.
[[nodiscard]] std::string_view limit_of_moves(std::size_t replicas, std::size_t brokers);

/// The slots that have a replica from the beginning on.
constexpr SlotSet placed(const GroupPlan& group) { return static_cast<SlotSet>((1U << group.factor) - 1); }

/// What a client program is to Kafka. An application that writes with both kinds of acknowledgement and reads runs one
/// of each: they share neither connections nor metadata.
enum class ClientRole : std::uint8_t { producer, producer_acks1, consumer };
inline constexpr std::size_t client_roles = 3;
constexpr ClientRole role_of(SliKind kind) {
  if (kind == SliKind::write) return ClientRole::producer;
  return kind == SliKind::write_acks1 ? ClientRole::producer_acks1 : ClientRole::consumer;
}

struct ClientPlan {
  ComponentId component = 0;  ///< one for all programs of an application
  infrastructure::Endpoint place = 0;
  std::uint16_t spec = 0;  ///< index into Spec::clients
  ClientRole role = ClientRole::producer;
  Duration patience;  ///< of an interruption no longer than this it gives no record up
};

struct SliPlan {
  std::uint16_t index = 0;  ///< position in Plan::slis
  ClientId client;
  SliKind kind = SliKind::write;
};

struct ServicePlan {
  ComponentId component = 0;
  std::vector<ProcessId> brokers;       ///< in order of node id
  std::vector<std::uint16_t> racks;     ///< of brokers, for moves: zones, or each by itself
  std::vector<std::uint16_t> node_ids;  ///< of brokers: the numbers in their names
  std::vector<ProcessId> controllers;   ///< voters of KRaft; none with a store
  ServiceId store;                      ///< holds the metadata, and brokers take turns as the controller; none: KRaft
  std::vector<std::uint16_t> sessions;  ///< of brokers with the store, by its numbers
  Table<TopicId, TopicPlan> topics;
  Table<GroupId, GroupPlan> groups;
  std::vector<std::vector<std::pair<GroupId, Slot>>> hosted;  ///< by broker position
  Table<ClientId, ClientPlan> clients;
  std::array<std::uint32_t, client_roles> programs{};  ///< clients by role
  std::vector<ClientId> producers;                     ///< with acks=all
  Table<SliId, SliPlan> slis;
  std::vector<SliPlan> write_slis;  ///< those of kind `write`: the only ones that a stalled connection concerns

  [[nodiscard]] bool has_store() const { return store.exists(); }
  /// Who can be the controller: voters of KRaft, or all brokers.
  [[nodiscard]] const std::vector<ProcessId>& candidates() const { return has_store() ? brokers : controllers; }
};

}  // namespace nines::models::kafka
