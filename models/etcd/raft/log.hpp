// A member's log as Raft needs it: which term wrote which index, what is committed, and who was a member when. Entries
// have no contents: a run of indices of one term is one row, so that a log of a million writes costs as much as one of
// three.
//
// Rules: Raft paper section 5.3 and figure 2; etcd-io/raft log.go (term, matchTerm, maybeAppend, findConflictByTerm,
// isUpToDate), whose commit index moves only forward.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

namespace nines::models::etcd::raft {

using Term = std::uint32_t;
using Index = std::uint64_t;

/// A member, by its place in the list of all that ever can be. At most 16: etcd discourages more than 7 voters.
using MemberId = std::uint8_t;
inline constexpr MemberId nobody = 0xFF;
inline constexpr MemberId most_members = 16;

/// A set of members, bit by bit.
using MemberSet = std::uint16_t;
constexpr MemberSet only(MemberId member) { return static_cast<MemberSet>(1U << member); }
constexpr bool contains(MemberSet set, MemberId member) { return (set >> member & 1U) != 0; }
constexpr int size(MemberSet set) { return __builtin_popcount(set); }

/// Who belongs to the cluster. Learners get the log and have no vote.
struct Members {
  MemberSet voters = 0;
  MemberSet learners = 0;

  [[nodiscard]] MemberSet all() const { return static_cast<MemberSet>(voters | learners); }
  [[nodiscard]] int majority() const { return size(voters) / 2 + 1; }
  friend bool operator==(const Members&, const Members&) = default;
};

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
  Members members;
  friend bool operator==(const Change&, const Change&) = default;
};

/// Entries in a row, as a leader sends them.
struct Slice {
  EntryId before;  ///< the entry just before the first one
  Index last = 0;  ///< of its last entry; `before.index` if there is none
  std::vector<Run> runs = {};
  std::vector<Change> changes = {};

  [[nodiscard]] bool empty() const { return last == before.index; }
  [[nodiscard]] EntryId last_id() const { return runs.empty() ? before : EntryId{runs.back().term, last}; }
  friend bool operator==(const Slice&, const Slice&) = default;
};

class Log {
 public:
  Log() = default;
  /// The log of a member of a new cluster, or of one that was set up from a snapshot that ends at `snapshot`.
  explicit Log(const Members& members, EntryId snapshot = {})
      : snapshot_(snapshot), founders_(members), last_(snapshot.index), committed_(snapshot.index) {}

  [[nodiscard]] EntryId last() const { return {runs_.empty() ? snapshot_.term : runs_.back().term, last_}; }
  [[nodiscard]] Index committed() const { return committed_; }
  /// What is not in the log any more ends here; followers that need it get a snapshot.
  [[nodiscard]] EntryId snapshot() const { return snapshot_; }
  /// Of the entry at `index`, that of the snapshot included; nothing of others.
  [[nodiscard]] std::optional<Term> term(Index index) const;
  [[nodiscard]] bool has(EntryId entry) const { return term(entry.index) == entry.term; }
  /// A candidate whose log ends at `entry` may be voted for: later term, or the same term and no shorter.
  [[nodiscard]] bool is_up_to_date(EntryId entry) const;
  /// Members as committed entries have them.
  [[nodiscard]] const Members& members() const { return members_at(committed_); }
  [[nodiscard]] const Members& members_at(Index index) const;
  /// Entries after `index`. REQUIRES: term(index) is known.
  [[nodiscard]] Slice after(Index index) const;
  /// The last entry up to `index` whose term is not above `term`: where two logs may agree at best. What is compacted
  /// counts as term 0.
  [[nodiscard]] EntryId hint(Index index, Term term) const;

  /// Adds `count` entries. REQUIRES: term >= last().term, count > 0.
  void append(Term term, Index count = 1);
  /// Adds an entry that makes `members` the members once it is committed.
  void append(Term term, const Members& members);
  /// What a follower does with a leader's entries: false if they do not fit behind what it has. Entries of others that
  /// contradict them go. The commit index follows the leader's as far as the slice reaches.
  /// REQUIRES: no committed entry is contradicted.
  bool accept(const Slice& slice, Index leader_commit);
  /// Moves the commit index forward. REQUIRES: index <= last().index.
  void commit(Index index);
  /// Entries up to `index` go into the snapshot. REQUIRES: index <= committed().
  void compact(Index index);
  /// The log becomes what a snapshot says. REQUIRES: the snapshot is beyond what is committed.
  void restore(EntryId snapshot, const Members& members);

  friend bool operator==(const Log&, const Log&) = default;

 private:
  void cut_after(Index index);

  EntryId snapshot_;
  Members founders_;  ///< members as of the snapshot
  Index last_ = 0;
  Index committed_ = 0;
  std::vector<Run> runs_;        ///< ascending; the first begins just after the snapshot
  std::vector<Change> changes_;  ///< ascending, all after the snapshot
};

}  // namespace nines::models::etcd::raft
