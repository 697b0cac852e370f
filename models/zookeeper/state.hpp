// What changes in a ZooKeeper ensemble. Values only: copying it forks the ensemble.
//
// In health nothing of it is an event. A follower that hears its leader is `attached`: pings and transactions reach it
// by arithmetic, on the grid of the leader's half ticks. A session whose client's pings reach the leader has no timer;
// when they cease the last of them is read off the client's grid and the leader's.
#pragma once

#include <array>
#include <vector>

#include "models/zookeeper/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::zookeeper {

/// What a process comes to without others.
enum class Stage : std::uint8_t { written, up, shut_down, port_opened, snapshot_written, pipeline_started, exited };

struct Server {
  zab::Peer peer;
  zab::Stable disk;         ///< what it would find after a crash
  bool up = true;           ///< it has read its data, and answers other servers
  bool frozen = false;      ///< its process stands still
  bool attached = true;     ///< follows `State::leader`, hears it, and has its whole history
  bool listens = false;     ///< of a leader: its port is open
  bool open = true;         ///< it takes clients
  bool overdue = false;     ///< its timer has run out while it stood still
  std::vector<Stage> late;  ///< came about while it stood still
  sim::Time frozen_at;      ///< when it stood still last
  sim::Time closed;         ///< when others see that its last process's connections are closed
  bool writing = false;
  bool must_sync = false;
  std::uint32_t life = 0;         ///< processes so far
  std::uint64_t log_begun = 0;    ///< transactions in its history when its present log file began
  std::uint32_t leader_life = 0;  ///< of the process that it is connected to
  // Of a leader, by follower.
  std::array<std::uint32_t, zab::most_servers> learner_lives{};  ///< processes that are connected to it
  std::array<sim::TimerId, zab::most_servers> drop_timers{};     ///< it will give the follower up
  std::array<sim::TimerId, zab::most_servers> gone_timers{};     ///< it will see the connection closed
  std::array<sim::Time, zab::most_servers> stuck_since{};        ///< the path took no packet from then on; 0: it does
  std::array<sim::Time, zab::most_servers> resumes{};  ///< the path is back: TCP tries again then; 0: it is not
  std::array<sim::TimerId, zab::most_servers> resume_timers{};
  Duration tick_phase;    ///< of its ticks as leader, in [0, tick)
  Duration expiry_phase;  ///< of the instants at which it lets sessions expire, in [0, tick)
  sim::TimerId timer;     ///< of `Peer::wait`
  sim::TimerId write_timer;
  sim::TimerId start_timer;
  sim::TimerId exit_timer;
  sim::TimerId stage_timer;  ///< pending PortOpened, SnapshotWritten, PipelineStarted or ShutDown
  sim::TimerId read_timer;   ///< it will give its leader up
  sim::TimerId check_timer;  ///< of a leader: its next look at the quorum
  sim::TimerId lost_timer;   ///< it will see the connection to its leader closed
  zab::Stable being_written;
  std::vector<zab::Message> held;    ///< until the write is done
  std::vector<zab::Message> outbox;  ///< until a write on its way is done
  std::vector<zab::Message> inbox;   ///< while it stands still
};

/// A message on its way, or held up by a path that lets nothing through.
struct Packet {
  zab::Message message;
  std::uint32_t sender_life = 0;
  std::uint32_t receiver_life = 0;
  sim::Time sent;
  bool used = false;
};

enum class Phase : std::uint8_t {
  connected,
  pausing,     ///< before its next attempt
  connecting,  ///< it waits for an answer that may not come
  answered,    ///< the answer is on its way
  dormant,     ///< nobody could serve it: its attempts are no events
  closed,      ///< of a process of another service: it asks for no session
};

struct Client {
  Phase phase = Phase::connected;
  std::vector<Position> order;  ///< in which it goes round the servers
  std::uint16_t at = 0;         ///< in `order`: whom it is connected to, or tries next
  std::uint16_t last = 0;       ///< whom it was connected to last
  std::uint32_t tries = 0;      ///< since it was disconnected
  bool fresh = false;           ///< its first connection of a new session
  bool silent = false;          ///< its server does not answer: it will give it up
  Duration phase_of_pings;
  sim::Time stuck_since;  ///< the path to its server took no packet from then on; 0: it does
  sim::Time resumes;      ///< that path is back: TCP tries again then; 0: it is not, or has
  sim::Time heard;        ///< the last word from a server
  sim::Time suspended;
  sim::TimerId timer;
  sim::TimerId lock_timer;
  // Of a process of another service.
  std::uint32_t incarnation = 0;  ///< of the process that keeps it
  std::uint32_t session = 0;      ///< number of its session: they are counted by process
  bool frozen = false;            ///< the process stands still
  bool ends = false;              ///< it has asked for the end of its session
  // Its session, as the ensemble has it.
  bool alive = true;
  bool touched = true;    ///< its pings reach the leader
  bool expiring = false;  ///< it is due, and the leader has no quorum that would agree
  bool kept = true;       ///< it has its session since it was disconnected last
  Duration timeout;       ///< as granted
  sim::TimerId expiry;
};

/// What a client does about one SLI.
struct Access {
  bool holds = true;
  sim::TimerId timer;  ///< pending RequestAnswered
};

struct State {
  std::vector<Server> servers;
  std::vector<Client> clients;
  std::vector<Access> accesses;  ///< by SLI of the plan
  std::vector<Packet> packets;   ///< slots
  std::vector<std::uint16_t> free_packets;
  std::vector<std::uint16_t> stalled;  ///< packets that no path carries, in the order sent
  std::vector<sim::Time> arrivals;     ///< of the last message, by sender, receiver and port
  Position leader = zab::nobody;       ///< who serves as leader with the highest epoch
  bool acts = true;                    ///< it commits what clients write
  sim::Time grown_at;                  ///< clients' writes up to then are in the histories
  zab::Log committed;                  ///< the longest history that a leader has committed
};

/// REQUIRES: the service is of kind zookeeper.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::zookeeper
