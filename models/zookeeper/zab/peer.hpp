// One server of a ZooKeeper ensemble as a pure machine: Fast Leader Election, and Zab from discovery to broadcast. Its
// state and one input give its next state and what it wants done.
//
// No clock, network, disk or random draw is in here. Whoever drives the machine
//   - hands it its inputs one after the other, and messages from one server to another in the order in which they left;
//   - hands a server's messages to itself on to it like others: its own vote counts, and its wait begins, when it has
//   gone
//     through the server's own queues;
//   - keeps one timer a server: an output with `timer` starts it anew for `Peer::wait`, whatever it was;
//   - writes epochs and history to the disk when an output says `must_sync`, before it sends the output's messages; a
//     leader's proposals leave beside its own write, and `Persisted` tells it of its end;
//   - says `Closed` some time after an output with `closes`: a server that has lost its leader, or its followers, first
//     closes its clients' connections and stops its pipeline, and until then answers others as before;
//   - says `Loaded` some time after an output with `loads`: a new leader writes a snapshot before it takes followers;
//   - says `Opened` some time after `Note::serves`: followers are told that they are up to date when their leader's
//     pipeline has started (LearnerHandler.run: waitForStartup).
//
// Rules, the same from 3.5 to 3.9: apache/zookeeper FastLeaderElection (lookForLeader, totalOrderPredicate,
// WorkerReceiver, checkLeader), Leader (lead, getEpochToPropose, waitForEpochAck, waitForNewLeaderAck), LearnerHandler
// (run, syncFollower), Learner (connectToLeader, registerWithLeader, syncWithLeader), Follower.followLeader;
// zookeeper.md section 2.
//
// Left out: observers, weights and groups of servers, changes of the ensemble (reconfig), the oracle of two servers,
// commits that a follower is sent while it still synchronises.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "models/zookeeper/zab/log.hpp"

namespace nines::models::zookeeper::zab {

enum class Role : std::uint8_t { down, looking, following, leading };

/// How far a follower or a leader has come. REQUIRES nothing of who looks for a leader.
enum class Step : std::uint8_t {
  discovery,  ///< the epoch is agreed upon
  sync,       ///< followers get the leader's history
  broadcast,  ///< clients are served
  closing,    ///< it has lost its leader or its followers, and stops
};

struct Rules {
  std::size_t servers = 3;
  std::uint32_t connect_tries = 5;  ///< to reach the leader's port; then it looks for a leader again
  std::uint64_t diff_most = 500;    ///< transactions that a follower may lack without being sent a snapshot
  [[nodiscard]] std::size_t quorum() const { return servers / 2 + 1; }
};

/// Whom a server wants for leader, and why.
struct Vote {
  ServerId leader = nobody;
  Zxid zxid;        ///< the last in the leader's history
  Epoch epoch = 0;  ///< the leader's current epoch
  friend bool operator==(const Vote&, const Vote&) = default;
};
/// The later epoch wins, then the longer history, then the higher id (totalOrderPredicate).
bool better(const Vote& one, const Vote& other);

/// A vote as its sender told it.
struct Heard {
  Vote vote;
  Role state = Role::down;  ///< of the sender; down: nothing was heard
  friend bool operator==(const Heard&, const Heard&) = default;
};

/// What the one timer of a server is running for.
enum class Wait : std::uint8_t {
  none,
  notification,  ///< nothing new is heard: 200 ms at first, twice as long each time (`Peer::doublings`)
  finalize,      ///< a quorum agrees: a better vote may still come
  retry,         ///< nobody listened at the leader's port
  init,          ///< epoch, history or a quorum of followers must come within initLimit
  sync,          ///< the leader must say within syncLimit that it serves
};

/// A follower as its leader knows it.
struct Learner {
  enum class State : std::uint8_t { none, connected, told_epoch, waiting, syncing, synced } state = State::none;
  Zxid last;           ///< the last in its history when it came
  Zxid acked;          ///< its disk holds the history up to here
  Epoch accepted = 0;  ///< when it came
  friend bool operator==(const Learner&, const Learner&) = default;
};

struct Peer {
  Role role = Role::down;
  Step step = Step::discovery;
  Wait wait = Wait::none;
  std::uint8_t doublings = 0;
  std::uint32_t round = 0;  ///< of elections (logicalclock); forgotten when the process ends
  Vote vote;                ///< its proposal; of who leads or follows the outcome, with the epoch that came of it
  std::array<Heard, most_servers> received{};  ///< in this round
  std::array<Heard, most_servers> outside{};   ///< from those who lead or follow
  ServerId leader = nobody;                    ///< of a follower
  std::uint32_t tries = 0;
  // On its disk.
  Epoch accepted_epoch = 0;
  Epoch current_epoch = 0;
  Log log;
  // Of a leader.
  bool loaded = false;
  bool epoch_known = false;  ///< a quorum has told its accepted epochs
  bool epoch_acked = false;  ///< a quorum has acknowledged the new one
  Epoch epoch = 0;           ///< that it proposes
  Servers told = 0;          ///< who has told its accepted epoch
  Servers acked_epoch = 0;
  Servers acked_history = 0;  ///< NEWLEADER
  bool opened = false;        ///< its pipeline has started
  std::array<Learner, most_servers> learners{};
  Zxid persisted;  ///< of its own history, on its own disk
  // Of both.
  Zxid committed;
  friend bool operator==(const Peer&, const Peer&) = default;
};

/// What a server finds on its disk when it starts.
struct Stable {
  Epoch accepted_epoch = 0;
  Epoch current_epoch = 0;
  Log log;
};
inline Stable stable(const Peer& peer) { return {peer.accepted_epoch, peer.current_epoch, peer.log}; }

// ---- messages ----

/// On the election port.
struct Notification {
  Heard heard;
  std::uint32_t round;
  friend bool operator==(const Notification&, const Notification&) = default;
};
// On the leader's port.
struct FollowerInfo {
  Epoch accepted;
  friend bool operator==(const FollowerInfo&, const FollowerInfo&) = default;
};
/// Nobody listens there: answered by the machine of a server that does not lead, or by the driver for its host.
struct Refused {
  friend bool operator==(const Refused&, const Refused&) = default;
};
struct LeaderInfo {
  Epoch epoch;
  friend bool operator==(const LeaderInfo&, const LeaderInfo&) = default;
};
struct AckEpoch {
  std::optional<Epoch> current;  ///< none: it had accepted this epoch before, and its word does not count again
  Zxid last;
  friend bool operator==(const AckEpoch&, const AckEpoch&) = default;
};
enum class Sync : std::uint8_t { diff, trunc, snap };
/// The follower's history becomes the leader's; NEWLEADER ends it.
struct History {
  Sync mode;
  std::uint64_t count;  ///< transactions that are sent; of a snapshot all
  Epoch epoch;
  Log log;
  friend bool operator==(const History&, const History&) = default;
};
struct AckHistory {
  Epoch epoch;
  Zxid last;
  friend bool operator==(const AckHistory&, const AckHistory&) = default;
};
struct UpToDate {
  Zxid committed;
  friend bool operator==(const UpToDate&, const UpToDate&) = default;
};
struct Proposal {
  Epoch epoch;
  Zxid before;
  std::uint64_t count;
  friend bool operator==(const Proposal&, const Proposal&) = default;
};
struct Ack {
  Zxid last;
  friend bool operator==(const Ack&, const Ack&) = default;
};
struct Commit {
  Zxid zxid;
  friend bool operator==(const Commit&, const Commit&) = default;
};
/// The connection to the leader's port is closed.
struct Goodbye {
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

using Body = std::variant<Notification, FollowerInfo, Refused, LeaderInfo, AckEpoch, History, AckHistory, UpToDate,
                          Proposal, Ack, Commit, Goodbye>;
struct Message {
  ServerId from = nobody;
  ServerId to = nobody;
  Body body = Goodbye{};
  friend bool operator==(const Message&, const Message&) = default;
};

// ---- other inputs ----

struct Started {
  Stable disk;
};
struct Died {};
/// The timer has run out.
struct TimeIsUp {};
/// The connection between a follower and its leader has broken; or nothing came through it for too long.
struct Lost {
  ServerId peer;
};
struct Closed {};
struct Loaded {};
struct Opened {};
/// A tick of a leader has found no quorum of followers.
struct QuorumLost {};
/// Clients write; others than a leader that serves drop it.
struct Propose {
  std::uint64_t count = 1;
};
/// A leader's own disk holds its history up to `zxid`.
struct Persisted {
  Zxid zxid;
};

using Input =
    std::variant<Message, Started, Died, TimeIsUp, Lost, Closed, Loaded, Opened, QuorumLost, Propose, Persisted>;

/// What others hear of.
enum class Note : std::uint8_t {
  looks,      ///< it looks for a leader
  leads,      ///< it has been elected
  follows,    ///< it has found its leader
  serves,     ///< as leader, with a quorum that has its history
  joins,      ///< as follower
  steps_down  ///< from the lead
};

struct Output {
  bool must_sync = false;
  bool timer = false;
  bool closes = false;
  bool loads = false;
  std::vector<Message> messages = {};
  std::vector<Note> notes = {};
};

/// What `input` makes of server `self`.
Output step(const Rules& rules, ServerId self, Peer& peer, const Input& input);

/// It serves clients: it leads or follows, and has what a quorum has.
inline bool serves(const Peer& peer) {
  return (peer.role == Role::leading || peer.role == Role::following) && peer.step == Step::broadcast;
}

}  // namespace nines::models::zookeeper::zab
