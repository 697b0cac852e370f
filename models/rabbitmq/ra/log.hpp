// The log of a Ra server: which term wrote which index, how far it is on the disk, and who was a member when. Entries
// have no contents: a run of indices of one term is one row, so that a log of a million entries costs as much as one of
// three.
//
// Rules: Raft paper section 5.3 and figure 2; rabbitmq/ra v2.2.0 ra_log.erl (append, write, set_last_index,
// handle_event, install_snapshot).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace nines::models::rabbitmq::ra {

using Term = std::uint32_t;
using Index = std::uint64_t;

/// A member of a queue's cluster, by its place in the list of all that ever can be. At most 16.
using MemberId = std::uint8_t;
inline constexpr MemberId nobody = 0xFF;
inline constexpr MemberId most_members = 16;

/// A set of members, bit by bit.
using MemberSet = std::uint16_t;
constexpr MemberSet only(MemberId member) { return static_cast<MemberSet>(1U << member); }
constexpr bool contains(MemberSet set, MemberId member) { return member < most_members && (set >> member & 1U) != 0; }
constexpr int size(MemberSet set) { return __builtin_popcount(set); }
constexpr int majority(MemberSet set) { return size(set) / 2 + 1; }

/// Names one entry: two logs that hold the same have the same entries up to it (Log Matching).
struct EntryId {
  Term term = 0;
  Index index = 0;  ///< from 1; 0 of an empty log
  friend bool operator==(const EntryId&, const EntryId&) = default;
};

/// Indices from `first` on, up to the next run, were written in `term`.
struct Run {
  Term term;
  Index first;
  friend bool operator==(const Run&, const Run&) = default;
};

/// The entry at `index` changes the membership.
struct Change {
  Index index;
  MemberSet members;
  friend bool operator==(const Change&, const Change&) = default;
};

/// Entries in a row, as a leader sends them.
struct Slice {
  EntryId before;  ///< the entry just before the first one
  Index last = 0;  ///< of its last entry; `before.index` if there is none
  std::vector<Run> runs = {};
  std::vector<Change> changes = {};

  [[nodiscard]] bool empty() const { return last == before.index; }
  friend bool operator==(const Slice&, const Slice&) = default;
};

class Log {
 public:
  Log() = default;
  /// An empty log of a cluster of these members.
  explicit Log(MemberSet members) : founders_(members) {}

  [[nodiscard]] EntryId last() const { return {runs_.empty() ? snapshot_.term : runs_.back().term, last_}; }
  /// The last entry that an fsync of the write-ahead log has made safe.
  [[nodiscard]] EntryId written() const { return {*term(written_), written_}; }
  /// What is not in the log any more ends here; members that need it get a snapshot.
  [[nodiscard]] EntryId snapshot() const { return snapshot_; }
  /// Of the entry at `index`, that of the snapshot included; nothing of others.
  [[nodiscard]] std::optional<Term> term(Index index) const;
  [[nodiscard]] bool has(EntryId entry) const { return term(entry.index) == entry.term; }
  /// A candidate whose log ends at `entry` may be voted for: later term, or the same term and no shorter.
  [[nodiscard]] bool is_up_to_date(EntryId entry) const;
  /// Members as the last entry about them says, committed or not: Ra goes by what is appended.
  [[nodiscard]] MemberSet members() const { return changes_.empty() ? founders_ : changes_.back().members; }
  /// Members as of the snapshot.
  [[nodiscard]] MemberSet snapshot_members() const { return founders_; }
  /// The last entry that changes members; 0 if it is in the snapshot, or there is none.
  [[nodiscard]] Index last_change() const { return changes_.empty() ? 0 : changes_.back().index; }
  /// Entries after `before` up to `last`. REQUIRES: term(before) is known, before <= last <= last().index.
  [[nodiscard]] Slice slice(Index before, Index last) const;

  /// Adds `count` entries, not yet written. REQUIRES: term >= last().term, count > 0.
  void append(Term term, Index count = 1);
  /// Adds an entry that makes `members` the members.
  void append(Term term, MemberSet members);
  /// Takes a leader's entries that it does not have; those of others in their place go, and all behind them. False if
  /// it has all. REQUIRES: has(slice.before).
  bool take(const Slice& slice);
  /// Forgets entries after `index`. REQUIRES: snapshot().index <= index <= last().index.
  void cut_after(Index index);
  /// An fsync that contained entries up to `entry` has ended; false if it tells nothing of the log as it is now.
  bool mark_written(EntryId entry);
  /// Entries up to `index` go into the snapshot. REQUIRES: index <= last().index; the machine has applied them.
  void compact(Index index);
  /// The log becomes what a snapshot says.
  void install(EntryId snapshot, MemberSet members);

  friend bool operator==(const Log&, const Log&) = default;

 private:
  /// Last index of run `i`.
  [[nodiscard]] Index end_of(std::size_t i) const { return i + 1 < runs_.size() ? runs_[i + 1].first - 1 : last_; }

  EntryId snapshot_;
  MemberSet founders_ = 0;  ///< members as of the snapshot
  Index last_ = 0;
  Index written_ = 0;
  std::vector<Run> runs_;        ///< ascending; the first begins just after the snapshot
  std::vector<Change> changes_;  ///< ascending, all after the snapshot
};

}  // namespace nines::models::rabbitmq::ra
