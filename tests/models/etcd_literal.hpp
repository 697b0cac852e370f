// An etcd cluster played literally: every tick, message and disk write is an event. What the model concludes from fewer
// events is held against this.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "models/etcd/raft/node.hpp"
#include "sim/time.hpp"
#include "tests/models/dice.hpp"

namespace nines::models::testing {

struct LiteralSettings {
  int members = 3;
  sim::Duration tick = sim::Duration::milliseconds(100);
  etcd::raft::Rules rules;
  sim::Duration one_way = sim::Duration::nanoseconds(500'000);
  sim::Duration write = {};         ///< of every write of term, vote and log: at least
  sim::Duration write_spread = {};  ///< and evenly up to so much longer
  etcd::raft::Ticks spread = 0;     ///< time-outs last evenly up to so many ticks longer; 0: up to twice as long
  /// As the paper's figure 2 has it: only a vote that is given and a leader's message begin a time-out anew. etcd
  /// begins one with every later term and with every lost round, too (raft.go becomeFollower).
  bool paper_timers = false;
};

class LiteralEtcd {
 public:
  /// All is well, member 0 leads in term 1, and every clock has its own phase.
  LiteralEtcd(const LiteralSettings& settings, std::uint64_t seed);

  void run_until(sim::Time until);
  /// Plays on until a member leads, at most until `until`.
  std::optional<sim::Time> next_election(sim::Time until);

  void kill(int member);
  void start(int member);
  /// SIGSTOP and SIGCONT: packets wait meanwhile.
  void stop(int member);
  void carry_on(int member);
  /// Packets between two members are lost, both ways, or get through again.
  void cut(int a, int b, bool lost);
  /// SIGTERM of a leader begins with this.
  void transfer(int from, int to);
  /// A client of `member` writes.
  void propose(int member) { input(member, etcd::raft::Propose{}); }
  /// An entry of a leader that has just died had reached `member`, and not all.
  void had_received(int member);
  /// The disk of `member` takes so much longer for the write that is on its way or the next one.
  void stall(int member, sim::Duration extra) { members_[at(member)].stall = extra; }

  [[nodiscard]] const etcd::raft::Node& node(int member) const { return members_[at(member)].node; }
  [[nodiscard]] sim::Time now() const { return now_; }
  [[nodiscard]] int leader() const;  ///< the one of the highest term; -1: none
  [[nodiscard]] int campaigns() const { return campaigns_; }
  [[nodiscard]] int leases_ignored() const { return leases_ignored_; }
  [[nodiscard]] int step_downs() const { return step_downs_; }
  [[nodiscard]] std::optional<sim::Time> first_campaign() const { return first_campaign_; }
  void forget_campaigns() {
    campaigns_ = leases_ignored_ = step_downs_ = 0;
    first_campaign_.reset();
  }

 private:
  struct Member {
    etcd::raft::Node node;
    etcd::raft::Stable disk;
    bool stopped = false;
    bool writing = false;
    bool tick_waits = false;  ///< a ticker holds one tick for who is busy, and drops the others
    std::uint32_t life = 0;
    sim::Duration stall;
    bool must_sync = false;
    std::vector<etcd::raft::Message> outbox;
    std::vector<etcd::raft::Message> inbox;  ///< of one that is stopped
  };
  enum class Kind : std::uint8_t { tick, arrival, written };
  struct Event {
    sim::Time when;
    std::uint64_t number = 0;  ///< events of one instant: first come, first served
    Kind kind = Kind::tick;
    int member = 0;
    std::uint32_t life = 0;
    std::size_t parcel = 0;  ///< what it brings
    friend bool operator<(const Event& a, const Event& b) {
      return a.when != b.when ? a.when > b.when : a.number > b.number;  // the earliest is at the top of the queue
    }
  };
  /// A message on its way, or what a write puts on the disk and sends afterwards.
  struct Parcel {
    etcd::raft::Stable disk;
    std::vector<etcd::raft::Message> messages;
  };

  static std::size_t at(int member) { return static_cast<std::size_t>(member); }
  etcd::raft::Ticks draw_timeout();
  void plan(sim::Time when, Kind kind, int member, Parcel parcel = {});
  bool next(sim::Time until);
  void input(int member, const etcd::raft::Input& what);
  void ready(int member);
  void written(int member, Parcel parcel);
  void arrive(int member, const etcd::raft::Message& message);
  void send(const std::vector<etcd::raft::Message>& messages);
  void tick(int member);

  LiteralSettings settings_;
  Dice dice_;
  sim::Time now_;
  std::uint64_t events_ = 0;
  std::priority_queue<Event> queue_;
  std::vector<Parcel> parcels_;
  std::vector<std::size_t> free_parcels_;
  std::vector<Member> members_;
  std::vector<bool> cuts_;  ///< by pair
  int campaigns_ = 0;
  int leases_ignored_ = 0;
  int step_downs_ = 0;
  bool elected_ = false;
  std::optional<sim::Time> first_campaign_;
};

}  // namespace nines::models::testing
