// What changes in a Redis service. Values only: copying it forks the service.
//
// In health nothing of it is an event: Sentinels and cluster nodes sleep while everything is as they know it, and wake
// with phases that are drawn then.
#pragma once

#include <variant>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "models/redis/plan.hpp"
#include "models/redis/watchdog.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::redis {

/// How a replica stands to its master.
enum class Connection : std::uint8_t {
  down,
  waits,   ///< for the master to begin to send everything
  copies,  ///< everything is on its way
  loads,   ///< what has come
  up,      ///< gets each write
};

/// How a master has come back with less than it had, while nobody was promoted in its place.
struct Returns {
  std::vector<sim::Time> at;  ///< when that was booked as lost
  bool emptied = false;       ///< it came back with nothing
  double rewound = 0;         ///< bytes of its stream that it came back without, all together
  double rewound_since = 0;   ///< of these, after it was empty for the first time
};

struct Server {
  bool started = true;            ///< its process answers
  bool loading = false;           ///< with -LOADING
  bool told_to_end = false;       ///< it got SIGTERM
  bool awaits_replicas = false;   ///< and takes no more writes until replicas have everything
  bool stopping = false;          ///< and writes its snapshot
  Number hands_over_to = nobody;  ///< a replica that is about to take its place: it takes no writes
  bool pauses = false;            ///< CLIENT PAUSE: it takes no writes, while Sentinels replace it
  bool asked = false;             ///< hands_over_to has asked for votes
  sim::Time hands_over_since;
  bool forking = false;         ///< stands still for it
  bool hangs = false;           ///< in a write to its disk
  bool waits_for_disk = false;  ///< with its data
  bool save_failed = false;     ///< its last snapshot has: it refuses writes
  bool has_data = true;
  bool superseded = false;  ///< somebody else was promoted in its place, and it does not know
  sim::Time superseded_at;
  double came_back_without = 0;  ///< superseded: acknowledged bytes that it has lost itself since
  Returns returns;
  std::vector<sim::Time> written_off;  ///< superseded: its deaths at which what it had taken alone was booked as lost
  bool acknowledges = true;            ///< its master counts it for min-replicas-to-write
  Number lingers = nobody;             ///< a former master that it left in silence, and that still counts it
  std::uint32_t life = 0;
  std::uint32_t run = 0;          ///< order of its run_id among the others
  Number master = nobody;         ///< whom it replicates; nobody: it is a master
  std::uint32_t line = 0;         ///< replication id
  double offset = 0;              ///< bytes of the replication stream
  std::uint32_t line_before = 0;  ///< replid2, which it continues up to `before_until`
  double before_until = 0;
  double counted = 0;  ///< own writes up to this offset have been accounted for
  Connection connection = Connection::up;
  sim::Time connection_since;
  bool was_up = true;                           ///< the link to its master has been, since it began to be a replica
  sim::Time lacks_since = sim::Time::never();   ///< acknowledged since then, and it has not got it
  std::uint32_t address = 0;                    ///< addresses.hpp
  std::uint32_t master_address = 0;             ///< where it looks for its master
  std::uint32_t master_life = 0;                ///< of the master that it is connected to
  sim::Time silent_since = sim::Time::never();  ///< it is connected, and nothing comes
  fabric::FlowId flow;
  sim::Time copy_since;      ///< copies: since when
  double rate_at_death = 0;  ///< bytes per second that it wrote when its process ended
  sim::Time paused_at;       ///< awaits_replicas: since when
  sim::TimerId end_timer;    ///< told_to_end: its cron
  sim::TimerId start_timer;
  sim::TimerId link_timer;
  sim::TimerId silence_timer;
  sim::TimerId ack_timer;
  sim::TimerId buffer_timer;
  sim::TimerId save_timer;    ///< a snapshot fails, or succeeds again
  sim::TimerId still_timer;   ///< it will stand still
  sim::TimerId memory_timer;  ///< of a master: it will be killed for its memory
};

/// A Sentinel and its process.
struct Watch {
  sentinel::Sentinel machine;
  bool started = true;
  bool frozen = false;
  std::uint32_t life = 0;
  std::uint32_t address = 0;
  std::uint32_t pod = 0;               ///< of its process
  std::vector<std::uint32_t> known;    ///< addresses of servers that it has
  sim::CauseId cause = sim::no_cause;  ///< what it goes on about
  std::vector<double> numbers;         ///< drawn for its next ticks
  std::vector<sim::Time> ticks;        ///< that follow from these, as far as somebody has asked
  std::size_t numbers_used = 0;        ///< of these
  sim::Time tick_at;                   ///< its next tick; those that do nothing pass uncalled
  sim::Time deed_at;                   ///< no tick before does anything but what is calm
  sentinel::Calm calm;
  std::vector<sim::Time> informed_at;  ///< by server: INFO that was asked for last arrives, or has arrived
  sim::Time look_at;                   ///< its first tick at which somebody must look whether all may sleep
  sim::TimerId tick_timer;
  sim::TimerId start_timer;
};

/// What a server's INFO says until the world changes, as far as it is not constant.
struct Shown {
  double offset = 0;       ///< at `rates_since` of a master that is written to
  double rate = 0;         ///< its own bytes per second
  Number master = nobody;  ///< whom it follows so closely that its offset goes by that one's; nobody: by its own
  double lacks = 0;        ///< of what that one has
  bool link_up = true;
  bool was_up = true;
  sim::Time connection_since;
};

/// A message of a Sentinel on its way, or a server's answer to it.
struct InfoRequest {
  Number server = 0;
};
struct Packet {
  std::variant<InfoRequest, sentinel::DownQuestion, sentinel::DownAnswer, sentinel::Hello, sentinel::ReplicaOf> body;
  Number to = 0;           ///< a Sentinel; of ReplicaOf a server
  std::uint32_t life = 0;  ///< of the receiver when it was sent
};

enum class ClientConnection : std::uint8_t {
  stands,
  silent,  ///< nothing comes over it, and it has not been given up
  broken,  ///< it is made anew, attempt by attempt
};

/// What set the moment at which a client asks for a refresh.
enum class AskedBy : std::uint8_t {
  period,
  attempts,  ///< so many attempts to connect anew
  silence,   ///< until a silent connection was given up
  rest,      ///< until the last refresh was long enough ago
  moved,     ///< MOVED, at once
};

/// What a client does about one SLI on one shard.
struct Access {
  bool holds = true;
  Number target = 0;        ///< the server that it talks to
  Number asks = 0;          ///< the next Sentinel or node that it asks where to go
  sim::Time attempt;        ///< its present or next attempt begins; meaningful unless it holds
  std::int64_t tries = 0;   ///< attempts that have failed since it was answered last
  bool waits_long = false;  ///< the present attempt meets silence
  bool stale = false;       ///< of fresh reads: what it reads is too old
  sim::TimerId timer;
  sim::TimerId stale_timer;
  // Of who keeps something (Keeps).
  Number knows = 0;           ///< who has the shard by its map, or is behind its name
  std::uint32_t address = 0;  ///< of a name: that server's, as it was answered
  bool astray = false;        ///< it has lost `knows`, or is sent on by it
  // Of who keeps a map: its connection to `knows`.
  ClientConnection connection = ClientConnection::stands;
  std::uint32_t life = 0;         ///< of the server that it is, or was, connected to
  sim::Time silent_since;         ///< silent
  bool unacknowledged = false;    ///< silent: what it has sent has not got through
  bool unheard = false;           ///< broken: attempts meet silence
  watchdog::Attempts attempts;    ///< broken: as far as they have been counted
  sim::TimerId connection_timer;  ///< it goes on, is given up, or is made anew
  sim::TimerId restart_timer;
};

/// What a client that keeps something does to learn anew.
struct Refreshing {
  sim::Time lost;   ///< resolves when-asked: since when it has asked for the name
  sim::Time rests;  ///< refresh adaptive: nothing asks for a refresh before
  sim::Time asked;  ///< the refresh that is due was asked for then, or will be; meaningful while `timer` is pending
  AskedBy by = AskedBy::period;
  sim::TimerId timer;
};

/// Milestones of the failover that is under way, which are told once.
struct Told {
  std::uint32_t down_by = 0;  ///< Sentinels that have found the master down, as bits
  bool objectively_down = false;
  bool switched = false;
  bool maybe_failed = false;
  bool maybe_failed_again = false;
  bool failed = false;
  bool too_old = false;
};

struct State {
  std::vector<Server> servers;
  std::vector<Watch> sentinels;
  std::vector<Shown> shown;  ///< by server; while Sentinels are awake
  Number restless = 0;       ///< the Sentinel that could not rest when somebody last looked
  bus::Nodes nodes;
  std::vector<std::vector<std::uint32_t>> known;  ///< of cluster nodes: addresses of others that they have
  std::vector<Duration> cron_phase;               ///< of cluster nodes
  std::vector<sim::TimerId> cron_timer;
  std::vector<sim::Time> turned_at;  ///< of cluster nodes that are awake: turns until then are counted
  std::vector<sim::TimerId> votes_timer;
  std::vector<Access> accesses;                 ///< by plan
  std::vector<Refreshing> refreshing;           ///< by client
  std::vector<std::uint32_t> client_addresses;  ///< by access and server, as it knows them; empty unless `addressed`
  std::vector<Packet> packets;                  ///< slots
  std::vector<std::uint16_t> free_packets;
  std::vector<double> rates;    ///< by server: bytes per second that clients write there
  std::vector<double> offsets;  ///< by server: its offset when rates were set
  bool clients_astray = false;  ///< some client is out, or does not know who has what
  sim::Time rates_since;
  sim::Time grown_at;
  std::vector<Number> chief;  ///< by shard: who was made master last
  Number labelled = 0;        ///< the server with the master's label
  sim::TimerId relabel_timer;
  bool awake = false;
  sim::Time looked_at;                 ///< last look whether it may sleep
  sim::Time look_due;                  ///< of cluster nodes: the next such look
  sim::CauseId cause = sim::no_cause;  ///< of what cluster nodes do
  std::uint32_t lines = 0;
  Told told;
};

/// REQUIRES: the service is of kind redis.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::redis
