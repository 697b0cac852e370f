// Which brokers hold the replicas of a new topic's partitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace nines::models::kafka {

/// Brokers by position, in the order of replicas; the first is the preferred leader.
using Assignment = std::vector<std::uint16_t>;

/// Places the replicas of one new topic as KRaft does (apache/kafka metadata, placement/StripedReplicaPlacer, 3.9 and
/// 4.0), with all brokers unfenced.
///
/// Racks take turns: the leader's rack goes on by one from partition to partition, and the other replicas follow rack
/// by rack, round and round. So three replicas in two racks lie in A, B, A: one copy crosses. Within a rack brokers
/// take turns too, from a start that goes on by one with every partition. After as many partitions as there are
/// brokers, the order of racks and of the brokers in each is shuffled, so that the partitions of a failed leader
/// spread.
///
/// With a replica in every rack, each rack leads its share of such a round to within one partition, and where a rack
/// has one broker, or there is one rack, so does each broker. Where the number of racks and of brokers in each have a
/// common divisor Kafka is not so even: of nine brokers in three racks, three lead everything until the first shuffle.
class StripedPlacer {
 public:
  /// A number below `bound`: Kafka draws where it starts and how it shuffles.
  using Draw = std::function<std::size_t(std::size_t bound)>;

  /// `racks`: of each broker; all equal where none is configured. REQUIRES: at least one broker.
  StripedPlacer(const std::vector<std::uint16_t>& racks, Draw draw);

  /// The next partition. REQUIRES: 1 <= replicas <= number of brokers, the same for all partitions.
  Assignment place(std::size_t replicas);

 private:
  struct Rack {
    std::vector<std::uint16_t> brokers;
    std::size_t start = 0;
    std::size_t taken = 0;  ///< for the present partition
    std::size_t partition = 0;
  };

  bool take(Rack& rack, Assignment& into);
  void shuffle();

  std::vector<Rack> racks_;
  Draw draw_;
  std::size_t brokers_ = 0;
  std::size_t partition_ = 0;  ///< since the last shuffle
  std::size_t first_ = 0;      ///< rack of the next leader
};

/// Places the replicas of one new topic as brokers do whose metadata is in ZooKeeper (apache/kafka 3.6 and 3.9
/// AdminUtils), with all brokers alive.
///
/// Brokers stand in a row, rack by rack in turn. The leader goes on by one from partition to partition; the second
/// replica stands a shift behind it, the others follow. The shift grows by one each time that the row has been gone
/// through, with racks by as many places as there are racks. A rack gets no second replica while another has none.
class ShiftedPlacer {
 public:
  /// `racks`: of each broker; all equal where none is configured. REQUIRES: at least one broker.
  ShiftedPlacer(const std::vector<std::uint16_t>& racks, const StripedPlacer::Draw& draw);

  /// The next partition. REQUIRES: 1 <= replicas <= number of brokers.
  Assignment place(std::size_t replicas);

 private:
  std::vector<std::uint16_t> row_;   ///< brokers
  std::vector<std::uint16_t> rack_;  ///< by place in the row
  std::size_t rack_count_ = 0;
  std::size_t start_ = 0;
  std::size_t shift_ = 0;
  std::size_t partition_ = 0;
};

/// In place of Kafka's chance for a topic before which `placed` partitions were placed on brokers in `racks` racks. A
/// figure must hang neither on the seed by way of a placement nor on luck: a topic starts where the one before ended,
/// so that leaders are even however few partitions topics have, and shuffles are always the same.
StripedPlacer::Draw placement_draws(std::size_t racks, std::size_t placed);

}  // namespace nines::models::kafka
