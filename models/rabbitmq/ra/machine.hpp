// One Ra server, the replica of a quorum queue, as a pure machine: its state and one input give its next state and what
// it wants done. Ra is Raft with other clocks: there are no heartbeats of a leader and no periodic timer of a follower.
// A follower arms its timer once, when something says that its leader may be gone: a monitor that goes DOWN (the
// connection, or the leader's process), or the failure detector aten that has heard nothing of the leader's node. The
// first append cancels it. Nothing demotes a leader but a higher term: without a majority it keeps its role, takes
// entries, and commits none.
//
// No clock, network, disk or random draw is in here. Whoever drives the machine
//   - hands it messages, one input after the other, those from one member to another in the order sent (Erlang's
//     promise; the log rules rely on it), votes excepted, which travel by processes of their own. A connection that
//     breaks loses a tail of them;
//   - keeps the server's one timer: when an output says `timer_changed`, what was armed is void, and if `Node::timer`
//     is a timer, `TimerFired` follows after a delay drawn from `delay`;
//   - hands a leader `Tick` each tick interval (5 s in RabbitMQ) from its election on, or only when `needs_tick`;
//   - when an output says `sync_vote`, writes term and vote to the disk and waits before it sends its messages, as Ra
//     does, whose process stands meanwhile;
//   - when an output says `write`, begins a write of the log up to `Node::log.last()`, and tells `Persisted` when it is
//     fsynced; writes end in the order in which they began. Messages do not wait for it;
//   - when an output says `monitor`, watches that member's process and node from then on, and tells `Down` once: at
//     once if it is not there, when its connection breaks (`noconnection`), or when the process ends while its node
//     stays connected. Aten's `Suspected` and `Trusted` may be told for any member: only the leader's count.
//
// Rules: rabbitmq/ra v2.2.0 ra_server.erl and ra_server_proc.erl; timers are the same up to v3.1. Where 2.2.0 could
// break Raft's promises the machine does not: a follower confirms only what it has compared with the log of this term's
// leader (v3.1, and beyond it for writes that end late), a pre-vote is no vote (v3.1), refusals of former terms are
// ignored, and a leader that waits for its successor gives way to any higher term.
//
// Left out: machine versions (all members run the same), several messages where one takes what the
// pipeline allows, consistent queries and their heartbeats, non-voting members (2.7 on), chunks of a snapshot and the
// state in which a member waits for them (a snapshot arrives whole), a write-ahead log that is down, peers whose
// connection is busy.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "models/rabbitmq/ra/log.hpp"
#include "models/units.hpp"

namespace nines::models::rabbitmq::ra {

enum class Role : std::uint8_t {
  down,
  follower,
  pre_vote,
  candidate,
  leader,
  /// A follower whose log lacks what the leader sends, until the leader has gone back far enough, or a leader that
  /// hands over (`Node::condition`).
  await_condition,
};

/// The one timer of a server (state_timeout of its gen_statem). An election timer that is armed is never replaced by
/// another; a change of role cancels it.
enum class Timer : std::uint8_t {
  none,
  really_short,  ///< the leader's process is gone
  short_timer,   ///< the leader's connection is gone; a replica is back from its log; a new candidate
  medium,        ///< a candidate that has none
  long_timer,    ///< aten suspects the leader; a new pre-vote; a follower that was something else before
  condition,     ///< await_condition gives up
};

/// What timers are drawn from.
struct Timing {
  Duration broadcast;           ///< broadcast_time, 100 ms
  std::int64_t multiplier = 5;  ///< DEFAULT_ELECTION_MULT
  Duration poll;                ///< aten's poll_interval, 5000 ms in RabbitMQ
  Duration condition;           ///< await_condition_timeout, 30 s
};
/// base + U with U even over the whole milliseconds 1 .. spread; spread zero: base.
struct Delay {
  Duration base;
  Duration spread;
};
/// ra_server_proc:election_timeout_action.
Delay delay(const Timing& timing, Timer timer);

/// What all members of a cluster have in common.
struct Rules {
  Index max_pipeline = 4096;  ///< DEFAULT_MAX_PIPELINE_COUNT: entries sent and not yet confirmed, by member
  Index batch = 128;          ///< AER_CHUNK_SIZE: what a tick sends again at least
  /// min_snapshot_interval: entries that the state machine does not need any more, before whoever drives the machine
  /// has them go into a snapshot (`Log::compact`).
  Index snapshot_interval = 4096;
};

/// What a leader knows of a member.
struct Peer {
  Index next = 1;              ///< next_index: sent next
  Index match = 0;             ///< match_index: written on its disk up to here
  Index commit_sent = 0;       ///< commit_index_sent
  bool gets_snapshot = false;  ///< nothing else is sent meanwhile
  friend bool operator==(const Peer&, const Peer&) = default;
};

enum class Condition : std::uint8_t { none, missing, term_mismatch, transfer };

struct Node {
  Role role = Role::follower;
  Condition condition = Condition::none;
  Timer timer = Timer::none;
  MemberId vote = nobody;       ///< voted_for, in `term`
  MemberId lead = nobody;       ///< leader_id: whom it takes for its leader; itself while it leads
  MemberId monitored = nobody;  ///< leader_monitor
  Term term = 0;
  std::uint32_t token = 0;  ///< of its present pre-vote
  MemberSet granted = 0;    ///< answers to its (pre-)vote
  Index commit = 0;         ///< commit_index: of a follower as the leader said, maybe beyond its own log
  Index applied = 0;        ///< last_applied: committed and here. What clients hear of.
  Index agreed = 0;         ///< of a follower: its log is that of the leader of `agreed_term` up to here
  Term agreed_term = 0;
  Index noop = 0;  ///< of a leader: the entry with which its term began; it serves once this is applied
  Log log;
  std::vector<Peer> peers;  ///< of a leader, by member; else empty
  friend bool operator==(const Node&, const Node&) = default;
};

/// What a server finds on its disk when it starts.
struct Stable {
  Term term = 0;
  MemberId vote = nobody;
  Index applied = 0;
  Log log;
};
/// What of a server is on its disk: its log as far as it is written. (Term and vote always are: see `sync_vote`.)
Stable stable(const Node& node);
/// A disk that was never written, of a server that is new to a cluster of `members`: one that was just added, or one
/// whose disk was lost and that was started under its old name. The latter is not safe: it may vote for who lacks what
/// it had confirmed. RabbitMQ's way is to remove the member (forget_cluster_node, delete_member) and to add it again.
Stable empty_disk(MemberSet members);
/// A member of a healthy cluster in which all have everything that was written up to `last`.
Node healthy(MemberSet members, MemberId self, MemberId leader, EntryId last);

// ---- messages: outputs of one member, inputs of another ----

struct PreVote {
  EntryId last;  ///< of the sender's log
  std::uint32_t token;
  friend bool operator==(const PreVote&, const PreVote&) = default;
};
struct PreVoteResult {
  std::uint32_t token;
  bool granted;
  friend bool operator==(const PreVoteResult&, const PreVoteResult&) = default;
};
struct RequestVote {
  EntryId last;
  friend bool operator==(const RequestVote&, const RequestVote&) = default;
};
struct VoteResult {
  bool granted;
  friend bool operator==(const VoteResult&, const VoteResult&) = default;
};
/// append_entries_rpc, also without entries.
struct Append {
  Slice entries;
  Index commit;
  friend bool operator==(const Append&, const Append&) = default;
};
struct AppendReply {
  bool success;
  Index next;    ///< what the sender wants next
  EntryId last;  ///< written on its disk up to here; of a mismatch: applied up to here
  friend bool operator==(const AppendReply&, const AppendReply&) = default;
};
struct InstallSnapshot {
  EntryId last;
  MemberSet members;
  friend bool operator==(const InstallSnapshot&, const InstallSnapshot&) = default;
};
struct SnapshotResult {
  EntryId last;
  friend bool operator==(const SnapshotResult&, const SnapshotResult&) = default;
};
/// Of a leader that hands over: stand now.
struct TryBecomeLeader {
  friend bool operator==(const TryBecomeLeader&, const TryBecomeLeader&) = default;
};
using Body = std::variant<PreVote, PreVoteResult, RequestVote, VoteResult, Append, AppendReply, InstallSnapshot,
                          SnapshotResult, TryBecomeLeader>;
struct Message {
  MemberId from = nobody;
  MemberId to = nobody;
  Term term = 0;  ///< of the sender
  Body body = TryBecomeLeader{};
  friend bool operator==(const Message&, const Message&) = default;
};

// ---- other inputs ----

/// The server starts with what is on its disk.
struct Started {
  Stable disk;
};
/// The server is gone, with or without its node.
struct Died {};
/// The armed timer has run out.
struct TimerFired {};
/// A leader's tick.
struct Tick {};
/// The monitor of `member` has fired (once; a new one is set by `Output::monitor`).
struct Down {
  MemberId member;
  bool noconnection;  ///< its node is not connected; else its process has ended
};
/// Aten has heard nothing from the node of `member` (node_event down), or hears it again (up).
struct Suspected {
  MemberId member;
};
struct Trusted {
  MemberId member;
};
/// A command that a client has sent to its leader: `count` entries. Others drop it.
struct Propose {
  Index count = 1;
};
/// add_member, remove_member: takes effect when it is appended; the driver starts and stops servers.
struct AddMember {
  MemberId member;
};
struct RemoveMember {
  MemberId member;
};
/// ra:transfer_leadership (rebalancing of queues). Draining a node does not use it: it stops the leader's server.
struct TransferTo {
  MemberId member;
};
/// ra:trigger_election: of a cluster that was just declared.
struct TriggerElection {};
/// The log up to `entry` is on the disk.
struct Persisted {
  EntryId entry;
};
/// A snapshot did not reach this member, or the member had no use for it (`Output::ignored`).
struct SnapshotFailed {
  MemberId member;
};
using Input = std::variant<Message, Started, Died, TimerFired, Tick, Down, Suspected, Trusted, Propose, AddMember,
                           RemoveMember, TransferTo, TriggerElection, Persisted, SnapshotFailed>;

/// What others hear of.
enum class Note : std::uint8_t {
  asks,           ///< a pre-vote has begun
  stands,         ///< it is a candidate in a new term
  elected,        ///< it leads; clients are served from when `Node::noop` is applied
  abdicates,      ///< it leads no more: it saw a higher term, or handed over
  leader_change,  ///< it has a new leader (`Node::lead`): its node watches that leader's node by aten, callers that
                  ///< waited are sent there
  removed,        ///< it led, is a member no more, and stops
  dropped,        ///< a command that it could not take
};

struct Output {
  bool sync_vote = false;
  bool write = false;
  bool timer_changed = false;
  MemberId monitor = nobody;
  std::vector<Message> messages = {};
  std::vector<Note> notes = {};
  bool ignored = false;  ///< the input means nothing to this server: it changed nothing
};

/// What `input` makes of member `self`.
Output step(const Rules& rules, MemberId self, Node& node, const Input& input);

/// A tick would make this server send something.
bool needs_tick(MemberId self, const Node& node);

}  // namespace nines::models::rabbitmq::ra
