// The pure machine of a quorum's voter under random schedules: messages late, lost, twice and out of order, crashes,
// timers in any order. The step-by-step rules are in tests/transcripts/kraft.
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "models/kafka/raft/voter.hpp"
#include "tests/models/dice.hpp"

namespace kafka_raft_voter_test {

using namespace nines;
using namespace nines::models::kafka;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using raft::VoterId;

namespace {

/// Voters on a network without order or time. `safe` is false once something has happened that must not.
class Explorer {
 public:
  Explorer(std::uint64_t schedule, VoterId voters, bool pre_vote)
      : dice_(schedule), quorum_{voters, static_cast<VoterId>(voters / 2 + 1), pre_vote, true} {
    raft::Voter follower;
    follower.leader = 0;
    voters_.assign(voters, follower);
    voters_[0].role = raft::Role::leader;
    voters_[0].acts = true;
    leaders_[1] = 0;
    timers_.assign(voters, false);
  }

  void wander(int steps) {
    for (int i = 0; i < steps && safe; ++i) one_step();
  }

  /// Everybody is up and every message arrives: somebody must lead and act.
  bool settles() {
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      if (voters_[voter].role == raft::Role::down) tell(voter, raft::Started{});
    }
    for (int round = 0; round < 100 && safe; ++round) {
      packets_.clear();
      const VoterId standing = any_voter();
      expire(standing);
      while (!packets_.empty()) deliver();
      for (VoterId leader = 0; leader < quorum_.voters; ++leader) {
        if (voters_[leader].role != raft::Role::leader) continue;
        for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
          if (voter != leader) tell(voter, begin_of(leader));
        }
        commit(leader);
        if (append(leader)) return true;
      }
      // Followers of a leader that is none any more find out.
      for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
        const raft::Voter& its = voters_[voter];
        const bool follows = its.role == raft::Role::follower && its.attached;
        if (follows && voters_[its.leader].role != raft::Role::leader) tell(voter, raft::FetchFailed{});
      }
    }
    return false;
  }

  bool safe = true;
  std::string what;
  std::uint32_t elections = 0;
  [[nodiscard]] std::uint32_t committed() const { return committed_; }

 private:
  struct Packet {
    VoterId to;
    raft::Message message;
  };

  VoterId any_voter() { return static_cast<VoterId>(dice_.below(quorum_.voters)); }

  void one_step() {
    const VoterId voter = any_voter();
    const double what_happens = dice_.uniform();
    if (what_happens < 0.4) return deliver();
    if (what_happens < 0.45) return repeat();
    if (what_happens < 0.5) return expire(voter);
    if (what_happens < 0.52) return tell(voter, raft::FetchFailed{});
    if (what_happens < 0.54) return rarely(voter);
    const VoterId leader = any_leader();
    if (leader == raft::nobody) return;
    if (what_happens < 0.7 && voter != leader) return tell(voter, begin_of(leader));
    if (what_happens < 0.8) return commit(leader);
    append(leader);
  }

  void repeat() {
    if (!packets_.empty()) packets_.push_back(dice_.pick(packets_));
  }

  VoterId any_leader() {
    std::vector<VoterId> leaders;
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      if (voters_[voter].role == raft::Role::leader) leaders.push_back(voter);
    }
    return leaders.empty() ? raft::nobody : dice_.pick(leaders);
  }

  void rarely(VoterId voter) {
    if (voters_[voter].role == raft::Role::down) return tell(voter, raft::Started{});
    switch (dice_.below(3)) {
      case 0: return tell(voter, raft::Died{});
      case 1: return tell(voter, raft::Stopping{});
      default: return tell(voter, raft::MajoritySilent{voters_[voter].epoch});
    }
  }

  [[nodiscard]] raft::BeginQuorumEpoch begin_of(VoterId leader) const {
    return {leader, voters_[leader].epoch, voters_[leader].log_version};
  }

  void expire(VoterId voter) {
    if (!timers_[voter]) return;
    timers_[voter] = false;
    tell(voter, raft::TimerExpired{});
  }

  void deliver() {
    if (packets_.empty()) return;
    const std::size_t which = dice_.below(packets_.size());
    const Packet packet = packets_[which];
    packets_.erase(packets_.begin() + static_cast<std::ptrdiff_t>(which));
    if (voters_[packet.to].role == raft::Role::down) return;
    std::visit([&](const auto& message) { tell(packet.to, message); }, packet.message);
  }

  [[nodiscard]] std::vector<VoterId> fetching_from(VoterId leader) const {
    std::vector<VoterId> found{leader};
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      const raft::Voter& its = voters_[voter];
      const bool follows = its.role == raft::Role::follower && its.attached && its.leader == leader;
      if (follows && its.epoch == voters_[leader].epoch) found.push_back(voter);
    }
    return found;
  }

  void commit(VoterId leader) {
    if (voters_[leader].role != raft::Role::leader || fetching_from(leader).size() < quorum_.majority) return;
    tell(leader, raft::Committed{voters_[leader].epoch});
  }

  bool append(VoterId leader) {
    const std::vector<VoterId> holders = fetching_from(leader);
    if (!voters_[leader].acts || holders.size() < quorum_.majority) return false;
    // The record that a second leader commits at the same place would replace this one.
    fail_if(voters_[leader].log_version != committed_, "two histories");
    committed_ = voters_[leader].log_version + 1;
    for (const VoterId holder : holders) raft::append(voters_[holder], committed_);
    return true;
  }

  void tell(VoterId voter, const raft::Input& input) {
    const raft::Voter before = voters_[voter];
    const raft::Effects effects = raft::step(quorum_, voter, voters_[voter], input);
    const raft::Voter& after = voters_[voter];
    for (const raft::Effect& effect : effects) {
      if (std::holds_alternative<raft::SetTimer>(effect)) timers_[voter] = true;
      if (std::holds_alternative<raft::CancelTimer>(effect)) timers_[voter] = false;
      if (const auto* send = std::get_if<raft::Send>(&effect)) post(voter, *send);
    }
    fail_if(effects.ignored && (after != before || effects.begin() != effects.end()), "an ignored input had an effect");
    fail_if(after.epoch < before.epoch, "an epoch went back");
    const bool voted = before.voted_for != raft::nobody;
    fail_if(after.epoch == before.epoch && voted && after.voted_for != before.voted_for, "a vote was taken back");
    const bool waits = after.role != raft::Role::down && after.role != raft::Role::leader &&
                       !(after.role == raft::Role::follower && after.attached);
    fail_if(waits != timers_[voter], "a timer runs for nobody, or nobody's timer runs");
    if (after.role == raft::Role::leader && before.role != raft::Role::leader) {
      ++elections;
      fail_if(!leaders_.emplace(after.epoch, voter).second, "two leaders in one epoch");
      fail_if(after.log_version < committed_, "a leader without a committed record");
    }
  }

  void post(VoterId from, const raft::Send& send) {
    for (VoterId to = 0; to < quorum_.voters; ++to) {
      if (send.to == raft::nobody ? to != from : to == send.to) packets_.push_back({to, send.message});
    }
  }

  void fail_if(bool wrong, const char* why) {
    if (!wrong || !safe) return;
    safe = false;
    what = why;
  }

  Dice dice_;
  raft::Quorum quorum_;
  std::vector<raft::Voter> voters_;
  std::vector<bool> timers_;
  std::vector<Packet> packets_;
  std::map<std::uint32_t, VoterId> leaders_;  ///< by epoch
  std::uint32_t committed_ = 0;
};

}  // namespace

TEST_CASE("no order of messages, losses, crashes and time-outs gives two leaders or loses a committed record",
          "[kafka][quorum]") {
  for (const bool pre_vote : {false, true}) {
    for (const VoterId voters : std::array<VoterId, 4>{1, 2, 3, 5}) {
      std::uint64_t elections = 0;
      std::uint64_t committed = 0;
      for (std::uint64_t schedule = 0; schedule < 300; ++schedule) {
        Explorer explorer(schedule, voters, pre_vote);
        explorer.wander(1500);
        INFO(voters << " voters, schedule " << schedule << ": " << explorer.what);
        REQUIRE(explorer.safe);
        const bool settled = explorer.settles();
        INFO(explorer.what);
        REQUIRE(explorer.safe);
        REQUIRE(settled);
        elections += explorer.elections;
        committed += explorer.committed();
      }
      // The schedules are not idle.
      CHECK(elections > 300 * 2);
      CHECK(committed > 300 * 30);
    }
  }
}

TEST_CASE("lengths of a voter's timers", "[kafka][quorum]") {
  CHECK(raft::election_timeout(1_s, 0) == 1_s);
  CHECK(raft::election_timeout(1_s, 0.5) == 1500_ms);
  // min(100 ms x rand{0 .. 2^r - 1}, 1000 ms)
  CHECK(raft::election_backoff(1_s, 1, 0.49) == 0_ms);
  CHECK(raft::election_backoff(1_s, 1, 0.51) == 100_ms);
  CHECK(raft::election_backoff(1_s, 3, 0.99) == 700_ms);
  CHECK(raft::election_backoff(1_s, 5, 0.99) == 1_s);
  // (1000 ms >> (n - 1)) << (p - 1)
  CHECK(raft::succession_wait(1_s, 0, 2) == 0_ms);
  CHECK(raft::succession_wait(1_s, 1, 2) == 500_ms);
  CHECK(raft::succession_wait(1_s, 1, 4) == 125_ms);
  CHECK(raft::succession_wait(1_s, 3, 4) == 500_ms);
  CHECK(raft::majority_patience(2_s) == 3_s);
}

}  // namespace kafka_raft_voter_test
