// One voter of KRaft's quorum as a pure machine: its state and one input give its next state and what it wants done.
//
// No clock, network, disk or random draw is in here, so that a rule can be read, played step by step
// (tests/transcripts/ kraft) and searched for counter-examples. Whoever drives the machine says what happened, in the
// order in which it happened, and carries the effects out in the order in which they are listed.
//
// KRaft is pull-based: followers fetch. In health a fetch changes nothing but a timer, so the machine hears only of a
// leader that was found, of fetches that fail, and of a majority that is not heard. A follower has its leader's log as
// soon as it follows it.
//
// Rules: K39 KafkaRaftClient, QuorumState, FollowerState, CandidateState, LeaderState, ResignedState, UnattachedState;
// K4 ProspectiveState; KIP-595, KIP-996; Kafka sheet section 3.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "sim/time.hpp"

namespace nines::models::kafka::raft {

/// Position of a voter in the quorum's list.
using VoterId = std::uint16_t;
inline constexpr VoterId nobody = 0xFFFF;

enum class Role : std::uint8_t {
  down,
  follower,     ///< of a leader of its epoch
  prospective,  ///< asks for pre-votes (KIP-996)
  candidate,    ///< asks for votes
  leader,
  resigned,     ///< a leader that has given up; waits for a time-out before it stands again
  unattached,   ///< knows no leader of its epoch; it may have voted
  backing_off,  ///< lost an election; waits before the next one
};

/// A voter. `epoch` and `voted_for` are on its disk, and so is its log: they outlive the process.
struct Voter {
  Role role = Role::follower;
  bool attached = true;        ///< fetches from its leader succeed: no timer runs
  bool acts = false;           ///< has committed a record as the leader of its epoch
  std::uint8_t retries = 0;    ///< elections lost in a row, at most `most_retries`
  VoterId voted_for = nobody;  ///< in `epoch`
  VoterId leader = nobody;     ///< whom it follows; itself while it leads
  std::uint32_t epoch = 1;
  std::uint32_t granted = 0;      ///< who has granted it the vote that it asks for: bits of voters
  std::uint32_t log_version = 0;  ///< newest metadata version on its disk

  friend bool operator==(const Voter&, const Voter&) = default;
};

/// What all voters of a quorum have in common.
struct Quorum {
  VoterId voters = 1;
  VoterId majority = 1;
  bool pre_vote = false;               ///< KIP-996, 4.0
  bool resign_without_quorum = false;  ///< KAFKA-15489, 3.7
};

// ---- messages: effects of one voter, inputs of another ----

struct VoteRequest {
  VoterId from;
  bool pre;  ///< a pre-vote: nothing is promised
  std::uint32_t epoch;
  std::uint32_t log_version;  ///< of the candidate
  friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};
struct VoteResponse {
  VoterId from;
  bool pre;
  bool granted;
  std::uint32_t epoch;  ///< of the request
  friend bool operator==(const VoteResponse&, const VoteResponse&) = default;
};
/// From a leader just elected. An answered fetch that names a leader tells the same.
struct BeginQuorumEpoch {
  VoterId from;
  std::uint32_t epoch;
  std::uint32_t log_version;
  friend bool operator==(const BeginQuorumEpoch&, const BeginQuorumEpoch&) = default;
};
/// From a leader that stops in order. Its successors are the other voters in the order of the quorum's list.
struct EndQuorumEpoch {
  VoterId from;
  std::uint32_t epoch;
  friend bool operator==(const EndQuorumEpoch&, const EndQuorumEpoch&) = default;
};

// ---- other inputs ----

/// The process has started; with an empty disk its log is gone.
struct Started {
  bool disk_lost = false;
};
/// The process is gone.
struct Died {};
/// The process stops in order.
struct Stopping {};
/// Its timer ran out: the one of the last `SetTimer`.
struct TimerExpired {};
/// Its leader does not answer fetches any more, or is none any more.
struct FetchFailed {};
/// A record of its own epoch is on the disks of a majority.
struct Committed {
  std::uint32_t epoch;
};
/// Whether a majority, itself included, fetches from it now.
struct MajorityFetches {
  bool fetches;
};
/// No majority has fetched from it for as long as a leader waits (`WatchMajority`), or its first record cannot be
/// committed.
struct MajoritySilent {
  std::uint32_t epoch;
};

using Input = std::variant<VoteRequest, VoteResponse, BeginQuorumEpoch, EndQuorumEpoch, Started, Died, Stopping,
                           TimerExpired, FetchFailed, Committed, MajorityFetches, MajoritySilent>;

// ---- effects ----

enum class Timer : std::uint8_t {
  election,    ///< `election_timeout`, drawn anew
  fetch,       ///< controller.quorum.fetch.timeout.ms after the last fetch that succeeded
  backoff,     ///< `election_backoff` after `retries` lost elections, drawn anew
  succession,  ///< `succession_wait` of the successor in `position`
};

/// Starts the voter's only timer, in place of one that runs.
struct SetTimer {
  Timer rule;
  std::uint8_t retries = 0;
  VoterId position = 0;
  friend bool operator==(const SetTimer&, const SetTimer&) = default;
};
struct CancelTimer {
  friend bool operator==(const CancelTimer&, const CancelTimer&) = default;
};
/// Starts the second timer, of a leader: `MajoritySilent` is due 1.5 fetch time-outs after a majority has fetched last.
/// One that runs goes on.
struct WatchMajority {
  friend bool operator==(const WatchMajority&, const WatchMajority&) = default;
};
struct UnwatchMajority {
  friend bool operator==(const UnwatchMajority&, const UnwatchMajority&) = default;
};
/// The voter's epoch and vote have changed and go to its disk.
struct Persist {
  friend bool operator==(const Persist&, const Persist&) = default;
};
using Message = std::variant<VoteRequest, VoteResponse, BeginQuorumEpoch, EndQuorumEpoch>;
struct Send {
  VoterId to;          ///< `nobody`: every other voter
  bool after_persist;  ///< leaves when the `Persist` before it is on the disk
  Message message;
  friend bool operator==(const Send&, const Send&) = default;
};
/// What others in the same process hear.
enum class Note : std::uint8_t {
  elected,
  acts,          ///< is the active controller
  stepped_down,  ///< leads no more, whether it acted or not
};

using Effect = std::variant<SetTimer, CancelTimer, WatchMajority, UnwatchMajority, Persist, Send, Note>;

/// Effects in their order; at most eight come of one input (a quorum of one with pre-votes that stands and is elected).
class Effects {
 public:
  void add(const Effect& effect) {
    assert(size_ < list_.size());
    list_[size_++] = effect;
  }
  [[nodiscard]] const Effect* begin() const { return list_.data(); }
  [[nodiscard]] const Effect* end() const { return list_.data() + size_; }

  bool ignored = false;  ///< the input came too late, or means nothing to this voter: it changed nothing

 private:
  std::array<Effect, 8> list_{};
  std::size_t size_ = 0;
};

/// What `input` makes of voter `self` of the quorum.
Effects step(const Quorum& quorum, VoterId self, Voter& voter, const Input& input);

/// The voter's log ends at `version` now. What leader and followers do in health: no other input, no effect.
/// REQUIRES: a majority has it. A log is known by its length alone, so what was never committed is not on it.
inline void append(Voter& voter, std::uint32_t version) { voter.log_version = version; }

/// Elections lost in a row after which the wait before the next one grows no more.
inline constexpr std::uint8_t most_retries = 10;

/// A voter that nobody hears stood `times` times more and lost: in place of that many inputs.
/// REQUIRES: role backing_off.
void stand_unheard(Voter& voter, std::uint32_t times);

// ---- lengths of timers; `u` is uniform on [0, 1) ----

/// From [1, 2) times controller.quorum.election.timeout.ms (K39 QuorumState.randomElectionTimeoutMs).
sim::Duration election_timeout(sim::Duration configured, double u);
/// min(100 ms x rand{0 .. 2^retries - 1}, controller.quorum.election.backoff.max.ms); the 100 ms are a tenth of the
/// maximum here (K39 KafkaRaftClient.binaryExponentialElectionBackoffMs).
sim::Duration election_backoff(sim::Duration longest, std::uint8_t retries, double u);
/// Wait of a successor before it stands: the first at once, position p >= 1 waits
/// (election.backoff.max >> (n - 1)) << (p - 1), n the number of successors (K39
/// KafkaRaftClient.strictExponentialElectionBackoffMs).
sim::Duration succession_wait(sim::Duration longest, VoterId position, VoterId successors);
/// How long a leader goes on without a majority: 1.5 fetch time-outs (KAFKA-15489).
sim::Duration majority_patience(sim::Duration fetch_timeout);

}  // namespace nines::models::kafka::raft
