// One member of an etcd cluster's Raft as a pure machine: its state and one input give its next state and what it wants
// done. etcd differs from the paper where it matters for recovery: time counts in ticks, a voter that has heard of its
// leader of late ignores requests for votes (its lease), a leader that hears no majority steps down (check-quorum), and
// since 3.5 a member asks whether it would win before it stands (pre-vote).
//
// No clock, network, disk or random draw is in here. Whoever drives the machine
//   - hands it its ticks and its messages, one input after the other;
//   - sets `timeout` to E .. 2E - 1 ticks, evenly, whenever an output says `draw_timeout` (E: `Rules::election_ticks`);
//   - writes term, vote and log to the disk when an output says `must_sync`, before it sends the output's messages: a
//     leader's leave at once, beside its own write (thesis section 10.2.1), and `Persisted` tells it of its end.
//
// Rules: etcd-io/raft raft.go (Step, stepLeader, stepCandidate, stepFollower, tickElection, tickHeartbeat), the same
// from etcd 3.4 on; Raft and etcd sheet section 2; thesis sections 3 to 6 and 9.6.
//
// Left out: joint consensus (etcd changes one member at a time), reads, limits of messages in flight, proposals that
// followers forward (the driver does that), the empty append that tells a lone follower of a commit before the next
// heartbeat does.
#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "models/etcd/raft/log.hpp"

namespace nines::models::etcd::raft {

using Ticks = std::uint32_t;

enum class Role : std::uint8_t { down, follower, pre_candidate, candidate, leader };

/// What all members of a cluster have in common.
struct Rules {
  Ticks election_ticks = 10;  ///< election-timeout / heartbeat-interval, rounded down
  Ticks heartbeat_ticks = 1;
  bool pre_vote = true;  ///< `pre-vote`: false in 3.4, true from 3.5 on
  bool check_quorum = true;
};

/// What a leader knows of a member's log.
struct Progress {
  enum class State : std::uint8_t {
    probe,      ///< one append at a time, until one fits
    replicate,  ///< appends are sent without waiting for answers
    snapshot,   ///< it needs entries that are compacted: nothing is sent until it has the snapshot
  };
  State state = State::probe;
  bool probing = false;  ///< a probe is out: no other until an answer or a heartbeat's answer
  bool active = false;   ///< was heard since the last check of the quorum
  Index match = 0;       ///< the logs agree up to here
  Index next = 1;        ///< to be sent next
  friend bool operator==(const Progress&, const Progress&) = default;
};

/// A member. What of `term`, `vote` and `log` is on its disk outlives the process (`Stable`).
struct Node {
  Role role = Role::follower;
  MemberId vote = nobody;        ///< in `term`
  MemberId lead = nobody;        ///< whom it takes for its leader; itself while it leads
  MemberId transferee = nobody;  ///< of a leader: whom it hands over to
  Term term = 0;
  Ticks elapsed = 0;  ///< since it heard of its leader, gave its vote, or changed its role; of a leader since its check
  Ticks heartbeat = 0;    ///< of a leader, since its last heartbeats
  Ticks timeout = 0;      ///< it campaigns when as many have elapsed
  MemberSet granted = 0;  ///< answers to its campaign
  MemberSet refused = 0;
  Index pending_change = 0;  ///< of a leader: no other change of members before this one is committed
  Log log;
  std::vector<Progress> progress;  ///< of a leader, by member; else empty
  friend bool operator==(const Node&, const Node&) = default;
};

/// What a member finds on its disk when it starts.
struct Stable {
  Term term = 0;
  MemberId vote = nobody;
  Log log;
};
inline Stable stable(const Node& node) { return {node.term, node.vote, node.log}; }

// ---- messages: outputs of one member, inputs of another ----

struct VoteRequest {
  bool pre;       ///< a pre-vote: nobody promises anything
  bool transfer;  ///< the leader has asked for it: leases do not count
  EntryId last;   ///< of the candidate's log
  friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};
struct VoteResponse {
  bool pre;
  bool granted;
  friend bool operator==(const VoteResponse&, const VoteResponse&) = default;
};
struct Append {
  Slice entries;
  Index commit;
  friend bool operator==(const Append&, const Append&) = default;
};
struct AppendResponse {
  bool accepted;
  Index index;   ///< accepted: the logs agree up to here; else what was refused
  EntryId hint;  ///< refused: where they may agree
  friend bool operator==(const AppendResponse&, const AppendResponse&) = default;
};
struct Heartbeat {
  Index commit = 0;
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};
struct HeartbeatResponse {
  friend bool operator==(const HeartbeatResponse&, const HeartbeatResponse&) = default;
};
struct InstallSnapshot {
  EntryId last;
  Members members;
  friend bool operator==(const InstallSnapshot&, const InstallSnapshot&) = default;
};
/// Stand now, whatever your timer says.
struct TimeoutNow {
  friend bool operator==(const TimeoutNow&, const TimeoutNow&) = default;
};

using Body = std::variant<VoteRequest, VoteResponse, Append, AppendResponse, Heartbeat, HeartbeatResponse,
                          InstallSnapshot, TimeoutNow>;

struct Message {
  MemberId from = nobody;
  MemberId to = nobody;
  /// Of the sender; of a pre-vote the one it would stand in, and so of a pre-vote that is granted.
  Term term = 0;
  Body body = Heartbeat{};
  friend bool operator==(const Message&, const Message&) = default;
};

// ---- other inputs ----

/// The process starts with what is on its disk. A disk that was lost does not make a member: it is replaced by a new
/// one.
struct Started {
  Stable disk;
};
/// The process is gone.
struct Died {};
/// So many ticks of its clock have passed. REQUIRES: at most `ticks_to_action`.
struct Tick {
  Ticks count = 1;
};
/// A client of the leader writes `count` entries. Others drop it.
struct Propose {
  Index count = 1;
};
/// The leader is asked to make these the members: one is added, removed or promoted. Others drop it.
struct ProposeMembers {
  Members members;
};
/// The leader is asked to hand over to this member.
struct TransferTo {
  MemberId member;
};
/// The log up to `entry` is on the member's own disk.
struct Persisted {
  EntryId entry;
};
/// Messages to this member do not get through at present.
struct Unreachable {
  MemberId member;
};
/// The snapshot that was sent to this member has arrived, or has not.
struct SnapshotSent {
  MemberId member;
  bool arrived;
};

using Input = std::variant<Message, Started, Died, Tick, Propose, ProposeMembers, TransferTo, Persisted, Unreachable,
                           SnapshotSent>;

/// What others hear of.
enum class Note : std::uint8_t {
  campaigns,  ///< its timer has run out: with pre-vote it asks first, else it stands
  stands,     ///< it is a candidate in a new term
  elected,
  steps_down,     ///< leads no more
  lease_ignores,  ///< it was asked for its vote while it believes in its leader
  refuses_vote,
  dropped,  ///< a proposal that it could not take
};

struct Output {
  bool must_sync = false;     ///< term, vote or log have changed
  bool draw_timeout = false;  ///< `timeout` is to be drawn anew
  std::vector<Message> messages = {};
  std::vector<Note> notes = {};
  bool ignored = false;  ///< the input came too late, or means nothing to this member: it changed nothing
};

/// What `input` makes of member `self`.
Output step(const Rules& rules, MemberId self, Node& node, const Input& input);

/// Ticks after which something happens by itself, at least 1: a campaign; of a leader heartbeats or the check of its
/// quorum. 0: nothing ever does.
Ticks ticks_to_action(const Rules& rules, MemberId self, const Node& node);

/// A member that believes in its leader ignores requests for votes.
bool in_lease(const Rules& rules, const Node& node);

}  // namespace nines::models::etcd::raft
