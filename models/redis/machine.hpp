// One Sentinel as a machine without clock, network and draws: what it believes, and what follows from each input. The
// adapter (sentinels.hpp) says what time it is, carries messages and draws.
//
// Rules are those of redis src/sentinel.c (7.0 to 7.4; functions are named where they are played): sentinelTimer visits
// the master, then its replicas, then the other Sentinels, and for each of them reconnects, sends what is due, and
// looks whether it is down; for the master it goes on to ODOWN, failover, and questions to the others.
//
// Left out: several masters, scripts. Addresses that change are the adapter's
// (addresses.hpp): here there is the entry that came anew (`entry_anew`), and the entries that nobody answers for any
// more.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models::redis::sentinel {

using sim::Time;
/// Servers and Sentinels by number, each from 0.
using Number = std::uint8_t;
inline constexpr Number nobody = 0xFF;
using Epoch = std::uint32_t;

/// What the configuration and the code say.
struct Rules {
  Duration down_after;
  Duration failover_timeout;
  std::int64_t parallel_syncs = 1;
  std::int64_t quorum = 2;
  Duration ping_period;       ///< sentinel_ping_period; a link is pinged each min(down_after, this)
  Duration info_period;       ///< sentinel_info_period
  Duration watch_period;      ///< that of replicas of a master that is down, or that have lost their master
  Duration hello_period;      ///< sentinel_publish_period
  Duration ask_period;        ///< sentinel_ask_period
  Duration election_timeout;  ///< SENTINEL_ELECTION_TIMEOUT
  Duration desync;            ///< SENTINEL_MAX_DESYNC
  Duration reconf_timeout;    ///< sentinel_slave_reconf_timeout
  Duration min_link_age;      ///< sentinel_min_link_reconnect_period
  Duration tilt_trigger;      ///< SENTINEL_TILT_TRIGGER
  Duration tilt_period;       ///< SENTINEL_TILT_PERIOD
};

/// The command link to a server or to another Sentinel (instanceLink).
struct Link {
  bool connected = true;
  Time connected_at;                   ///< cc_conn_time
  Time tried_at;                       ///< last_reconn_time
  Time pinged_at;                      ///< last_ping_time
  Time waiting_since = Time::never();  ///< act_ping_time: the first ping without answer; never: none is out
  Time answered_at;                    ///< last_pong_time and last_avail_time
  Time answer_due = Time::never();     ///< an answer that is on its way gets here; never: none is
  bool unacknowledged = false;         ///< the adapter's: what was sent has not reached the other's machine
};

enum class Role : std::uint8_t { master, replica };

/// What a server's INFO says.
struct Info {
  Role role = Role::replica;
  Number master = nobody;  ///< whom it replicates
  bool link_up = true;     ///< master_link_status
  Duration link_down;      ///< master_link_down_since_seconds; below 0: it was never up (replicationUnsetMaster)
  double offset = 0;       ///< slave_repl_offset
  std::int64_t priority = 100;
  std::uint32_t run = 0;  ///< run_id: order of runs decides ties
};

/// A data server as a Sentinel knows it (sentinelRedisInstance of a master or replica).
struct Server {
  Link link;
  Info info;
  Time info_at = Time::never();  ///< info_refresh; never: none yet
  bool down = false;             ///< SRI_S_DOWN
  Time down_since = Time::never();
  Role role = Role::replica;  ///< role_reported
  Time role_since;            ///< role_reported_time
  Time master_since;          ///< slave_conf_change_time
  bool promoted = false;
  enum class Reconf : std::uint8_t { none, sent, in_progress, done } reconf = Reconf::none;
  Time reconf_sent_at;
  Time hello_at;  ///< last_pub_time
};

/// Another Sentinel.
struct Peer {
  Link link;
  bool down = false;
  bool says_down = false;  ///< SRI_MASTER_DOWN
  Time replied_at;         ///< last_master_down_reply_time
  Number vote = nobody;    ///< ri->leader
  Epoch vote_epoch = 0;    ///< ri->leader_epoch
  Time hello_at;
};

enum class Failover : std::uint8_t {
  none,
  wait_start,
  select_replica,
  send_replicaof_no_one,
  wait_promotion,
  reconfigure_replicas,
  update_config,
};

struct Sentinel {
  std::vector<Server> servers;
  std::vector<Peer> peers;  ///< by number, itself included and unused
  /// Entries of Sentinels that came back as others: they count in the majority until SENTINEL RESET.
  std::uint8_t strangers = 0;
  Number master = 0;
  Epoch current_epoch = 0;
  Epoch config_epoch = 0;
  Number vote = nobody;  ///< master->leader: whom it has voted for
  Epoch vote_epoch = 0;  ///< master->leader_epoch
  bool objectively_down = false;
  Failover state = Failover::none;
  bool forced = false;  ///< SRI_FORCE_FAILOVER: somebody has told it to, so that it needs no votes
  Epoch failover_epoch = 0;
  Time failover_start = Time::from_count(-1);  ///< before time zero: none yet, or forgotten
  Time state_since;
  Number promoted = nobody;
  bool tilt = false;
  Time tilt_since;
  Time ticked_at;  ///< previous_time
};

// ---- inputs ----

struct Tick {};
/// The other side has closed or refused the link.
struct LinkLost {
  bool server = true;
  Number number = 0;
};
struct InfoReply {
  Number server = 0;
  Info info;
};
/// SENTINEL is-master-down-by-addr of another Sentinel; `candidate` asks for its vote if it is somebody.
struct DownQuestion {
  Number from = 0;
  Number master = 0;
  Epoch epoch = 0;
  Number candidate = nobody;
};
struct DownAnswer {
  Number from = 0;
  bool down = false;
  Number vote = nobody;
  Epoch vote_epoch = 0;
};
/// What a Sentinel publishes of itself and the master.
struct Hello {
  Number from = 0;
  Epoch current_epoch = 0;
  Number master = 0;
  Epoch config_epoch = 0;
};
/// SENTINEL FAILOVER: nothing comes of it while a failover is under way, or without a replica that is good enough.
struct FailoverByHand {};
using Input = std::variant<Tick, LinkLost, InfoReply, DownQuestion, DownAnswer, Hello, FailoverByHand>;

// ---- outputs ----

/// A command to a server or Sentinel. Connecting sends a ping, too.
struct Connect {
  bool server = true;
  Number number = 0;
};
struct Ping {
  bool server = true;
  Number number = 0;
};
struct AskInfo {
  Number server = 0;
};
struct Say {
  bool server = true;
  Number number = 0;
  Hello hello;
};
struct Ask {
  Number to = 0;
  DownQuestion question;
};
struct Answer {
  Number to = 0;
  DownAnswer answer;
};
/// REPLICAOF in a transaction that also kills the server's clients. `master` nobody: NO ONE.
struct ReplicaOf {
  Number server = 0;
  Number master = nobody;
};
using Command = std::variant<Connect, Ping, AskInfo, Say, Ask, Answer, ReplicaOf>;

enum class Note : std::uint8_t {
  master_down,       ///< +sdown of the master
  master_up,         ///< -sdown
  objectively_down,  ///< +odown
  try_failover,
  votes,  ///< +vote-for-leader
  elected,
  not_elected,  ///< -failover-abort-not-elected
  selected,
  no_good_replica,  ///< -failover-abort-no-good-slave
  replicaof_sent,
  abort_timeout,  ///< -failover-abort-slave-timeout
  promoted,
  reconfigured,  ///< +slave-reconf-done
  failover_end,
  failover_end_timeout,
  switched,  ///< +switch-master
  convert_to_replica,
  fix_config,  ///< +fix-slave-config
  tilt,
  tilt_end,
};
std::string_view text(Note note);

struct Noted {
  Note note;
  Number server = nobody;
};

struct Output {
  std::vector<Command> commands;
  std::vector<Noted> notes;
  bool draw_desync = false;  ///< the adapter adds a part of `Rules::desync` to `failover_start`
};

/// A Sentinel that knows all servers and Sentinels, healthy at `now`.
Sentinel beginning(std::size_t servers, std::size_t sentinels, Number master, Time now);
/// The same Sentinel after a restart of its process at `now`: its configuration file has epochs, votes, who there is,
/// and as master whom it had told clients of.
void restart(Sentinel& sentinel, Time now);

/// The same after its configuration file was lost: it has epochs, votes and former entries no more.
void restart_without_configuration(Sentinel& sentinel, Time now);
/// Somebody has told it anew where the master is (SENTINEL REMOVE and MONITOR): whom else it knew it finds again, and
/// former entries are gone. Epochs stay.
void monitor_anew(Sentinel& sentinel, Number master, Time now);
/// A server that was known by another address has a new entry.
void entry_anew(Sentinel& sentinel, Number server, Time now);

/// What sentinel `self` does about an input at `now`.
Output step(const Rules& rules, Number self, Sentinel& sentinel, Time now, const Input& input);

/// Who gets what a Sentinel sends, at present.
class Reached {
 public:
  virtual ~Reached() = default;
  [[nodiscard]] virtual bool server(Number number) const = 0;
  [[nodiscard]] virtual bool peer(Number number) const = 0;
  /// From when on INFO that a server is asked for comes later than that which it was asked for already; never() if it
  /// was not asked.
  [[nodiscard]] virtual Time asked(Number number) const = 0;
};
/// What goes back and forth while all is as it is known to be: pings whose answers come before the next tick, INFO that
/// says what is known already, hellos without news, and whatever goes to somebody who does not get it. It needs no
/// step: `calm_tick` plays it. The adapter knows of whom this holds, until the world or the Sentinel's own state
/// changes.
struct Calm {
  enum class Way : std::uint8_t {
    unknown,  ///< ticks are called
    answers,  ///< it is connected, and answers
    silent,   ///< it is connected, a ping waits, and nothing comes back
    refused,  ///< it is not connected, a ping waits, and each attempt to connect is refused
  };
  struct Link {
    Way way = Way::unknown;
    bool informs = false;              ///< of a server that answers: its INFO says nothing new
    Duration trip;                     ///< until an answer
    Time informed_at = Time::never();  ///< INFO that is under way arrives; never: none is
  };
  std::vector<Link> servers;
  std::vector<Link> peers;
  bool greets = false;        ///< hellos tell nobody anything
  Time next = Time::never();  ///< before this nothing of it is due
};
/// A tick at `now` at which nothing is due but what is calm. REQUIRES: INFO that has arrived was taken.
void calm_tick(const Rules& rules, Number self, Sentinel& sentinel, Calm& calm, Time now);
/// `Calm::next` as the Sentinel is.
Time next_calm(const Rules& rules, Number self, const Sentinel& sentinel, const Calm& calm);

/// The first moment from `next` on, which is its next tick, at which a tick may do anything but pass, or what is calm,
/// unless an input comes before. Ticks until then need no `step`, if `pass` tells of the last of them. What is sent to
/// somebody who does not get it is nothing.
Time next_deed(const Rules& rules, Number self, const Sentinel& sentinel, Time next, const Reached& reached,
               const Calm& calm);
/// Ticks have passed, the last of them at `last`.
void pass(Sentinel& sentinel, Time last);

/// What `SENTINEL get-master-addr-by-name` answers: the promoted replica from when its promotion was seen.
Number current_master(const Sentinel& sentinel);
/// The replica that would be promoted now; nobody if none is good enough (sentinelSelectSlave).
Number select_replica(const Rules& rules, const Sentinel& sentinel, Time now);
/// Votes that elect a leader among so many known Sentinels.
std::int64_t votes_needed(const Rules& rules, std::size_t known);

}  // namespace nines::models::redis::sentinel
