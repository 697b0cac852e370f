// A server's history of transactions as Zab needs it: which epoch wrote how many. Transactions have no contents: those
// of one epoch are one row, so that a history of a million costs as much as one of three.
//
// Rules: apache/zookeeper LearnerHandler.syncFollower (a follower's last zxid is looked for in the leader's history:
// what the leader does not have is truncated, what the follower lacks is sent); ZxidUtils (a zxid is an epoch and a
// count within it).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nines::models::zookeeper::zab {

using Epoch = std::uint32_t;

/// A server, by its place in the list of all of them: `myid` less 1. At most 16.
using ServerId = std::uint8_t;
inline constexpr ServerId nobody = 0xFF;
inline constexpr ServerId most_servers = 16;

/// A set of servers, bit by bit.
using Servers = std::uint16_t;
constexpr Servers only(ServerId server) { return static_cast<Servers>(1U << server); }
constexpr bool contains(Servers set, ServerId server) { return (set >> server & 1U) != 0; }
constexpr std::size_t size(Servers set) { return static_cast<std::size_t>(__builtin_popcount(set)); }

/// Names one transaction: the same in all histories. {0, 0} comes before the first.
struct Zxid {
  Epoch epoch = 0;
  std::uint64_t count = 0;  ///< within the epoch, from 1
  friend auto operator<=>(const Zxid&, const Zxid&) = default;
};

/// The first `last` transactions of an epoch. Also the value that follows an epoch without any.
struct Chapter {
  Epoch epoch;
  std::uint64_t last;
  friend bool operator==(const Chapter&, const Chapter&) = default;
};

class Log {
 public:
  [[nodiscard]] Zxid last() const;
  [[nodiscard]] bool has(Zxid zxid) const;
  /// Number of transactions after `zxid`. REQUIRES: has(zxid).
  [[nodiscard]] std::uint64_t after(Zxid zxid) const;
  [[nodiscard]] std::uint64_t size() const { return after({}); }
  /// The last of its transactions that is not later than `zxid`.
  [[nodiscard]] Zxid at_most(Zxid zxid) const;
  /// The last transaction that both have, up to which they are the same.
  [[nodiscard]] Zxid last_shared(const Log& other) const;
  /// REQUIRES: epoch is not below that of the last transaction.
  void append(Epoch epoch, std::uint64_t count);
  /// Drops what is later than `zxid`.
  void truncate(Zxid zxid);
  friend bool operator==(const Log&, const Log&) = default;

 private:
  std::vector<Chapter> chapters_;  ///< by epoch, ascending; none is empty
};

}  // namespace nines::models::zookeeper::zab
