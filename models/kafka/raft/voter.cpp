#include "models/kafka/raft/voter.hpp"

#include <algorithm>

#include "models/coverage.hpp"
#include "sim/math.hpp"

namespace nines::models::kafka::raft {

namespace {

struct Machine {
  const Quorum& quorum;
  const VoterId self;
  Voter& voter;
  Effects effects{};
  bool persists = false;

  void ignore() { effects.ignored = true; }

  /// What one input changes of them is one write.
  void persist(std::uint32_t epoch, VoterId vote) {
    if (epoch == voter.epoch && vote == voter.voted_for) return;
    voter.epoch = epoch;
    voter.voted_for = vote;
    if (!persists) effects.add(Persist{});
    persists = true;
  }

  void adopt_epoch(std::uint32_t epoch) {
    if (epoch <= voter.epoch) return;
    voter.retries = 0;
    persist(epoch, nobody);
  }

  /// The voter is no leader any more, if it was one.
  void stop_leading() {
    if (voter.role == Role::leader) {
      effects.add(Note::stepped_down);
      effects.add(UnwatchMajority{});
    }
    voter.acts = false;
  }

  void become(Role role) {
    voter.role = role;
    voter.leader = nobody;
    voter.attached = false;
  }

  void become_unattached() {
    stop_leading();
    become(Role::unattached);
    effects.add(SetTimer{Timer::election});
  }

  void follow(const BeginQuorumEpoch& leader) {
    NINES_TAKES(voter_follows);
    stop_leading();
    // Who follows it already has fetched on since the message was sent.
    const bool follows = voter.role == Role::follower && voter.leader == leader.from && voter.epoch == leader.epoch;
    voter.log_version = follows ? std::max(voter.log_version, leader.log_version) : leader.log_version;
    adopt_epoch(leader.epoch);
    voter.role = Role::follower;
    voter.leader = leader.from;
    voter.attached = true;
    voter.retries = 0;
    effects.add(CancelTimer{});
  }

  void ask_for_votes(bool pre) {
    voter.granted = 1U << self;
    // A vote is durable before it is asked for; a pre-vote is not persisted (KIP-996).
    effects.add(Send{nobody, !pre, VoteRequest{self, pre, voter.epoch, voter.log_version}});
  }

  void lead() {
    NINES_TAKES(candidate_elected);
    voter.role = Role::leader;
    voter.leader = self;
    voter.attached = true;
    voter.retries = 0;
    effects.add(CancelTimer{});
    effects.add(Note::elected);
    effects.add(Send{nobody, false, BeginQuorumEpoch{self, voter.epoch, voter.log_version}});
  }

  void stand_for_election() {
    become(Role::candidate);
    effects.add(SetTimer{Timer::election});
    persist(voter.epoch + 1, self);
    ask_for_votes(false);
    if (quorum.majority == 1) lead();
  }

  void ask_before_standing() {
    become(Role::prospective);
    effects.add(SetTimer{Timer::election});
    ask_for_votes(true);
    if (quorum.majority == 1) stand_for_election();
  }

  void resign() {
    NINES_TAKES(leader_resigns);
    stop_leading();
    become(Role::resigned);
    effects.add(SetTimer{Timer::election});
  }

  void stop() {
    stop_leading();
    voter.role = Role::down;
    voter.attached = false;
    effects.add(CancelTimer{});
  }

  // ---- inputs ----

  void on(const Started& input) {
    if (input.disk_lost) voter.log_version = 0;
    become_unattached();
  }

  void on(const Died&) { stop(); }

  void on(const Stopping&) {
    const bool led = voter.role == Role::leader;
    stop();
    if (!led) return;
    NINES_TAKES(end_quorum_epoch);
    effects.add(Send{nobody, false, EndQuorumEpoch{self, voter.epoch}});
  }

  void on(const TimerExpired&) {
    switch (voter.role) {
      case Role::down:
      case Role::leader: return ignore();
      case Role::candidate:
        NINES_TAKES(candidate_times_out);
        voter.role = Role::backing_off;
        voter.retries = static_cast<std::uint8_t>(std::min<int>(voter.retries + 1, most_retries));
        effects.add(SetTimer{Timer::backoff, voter.retries});
        return;
      case Role::prospective: NINES_TAKES(prospective_gives_up); return become_unattached();
      case Role::follower:
        quorum.pre_vote ? NINES_TAKES(fetch_timeout_prospective) : NINES_TAKES(fetch_timeout_candidate);
        break;
      case Role::backing_off: NINES_TAKES(candidate_repeats); break;
      case Role::resigned: NINES_TAKES(resigned_stands); break;
      case Role::unattached: break;
    }
    quorum.pre_vote ? ask_before_standing() : stand_for_election();
  }

  void on(const VoteRequest& request) {
    if (voter.role == Role::down) return ignore();
    const bool log_new_enough = request.log_version >= voter.log_version;
    bool granted = false;
    if (request.pre) {
      // A follower that has fetched from its leader refuses until its own timer runs out (FollowerState.canGrantVote).
      const bool has_leader = voter.role == Role::leader || voter.role == Role::follower;
      granted = !has_leader && log_new_enough && request.epoch >= voter.epoch;
    } else {
      if (request.epoch > voter.epoch) {
        if (voter.role == Role::leader) NINES_TAKES(higher_epoch_deposes);
        become_unattached();
        adopt_epoch(request.epoch);
      }
      const bool free = voter.voted_for == nobody || voter.voted_for == request.from;
      granted = request.epoch == voter.epoch && free && log_new_enough && voter.role == Role::unattached;
      granted ? NINES_TAKES(vote_granted) : NINES_TAKES(vote_refused);
      if (granted) persist(voter.epoch, request.from);
    }
    // A refusal promises nothing, so it need not wait, also if the voter has just heard of the epoch.
    effects.add(Send{request.from, granted && persists, VoteResponse{self, request.pre, granted, request.epoch}});
  }

  void on(const VoteResponse& response) {
    const Role awaited = response.pre ? Role::prospective : Role::candidate;
    if (!response.granted || voter.role != awaited || voter.epoch != response.epoch) return ignore();
    voter.granted |= 1U << response.from;
    if (__builtin_popcount(voter.granted) < quorum.majority) return;
    if (!response.pre) return lead();
    NINES_TAKES(prospective_to_candidate);
    stand_for_election();
  }

  void on(const BeginQuorumEpoch& leader) {
    const bool two_leaders = voter.role == Role::leader && leader.epoch == voter.epoch;
    if (voter.role == Role::down || leader.epoch < voter.epoch || two_leaders) return ignore();
    follow(leader);
  }

  void on(const EndQuorumEpoch& end) {
    if (voter.role == Role::down || voter.leader != end.from || end.epoch < voter.epoch) return ignore();
    voter.attached = false;
    const auto position = static_cast<VoterId>(self < end.from ? self : self - 1);
    effects.add(SetTimer{Timer::succession, 0, position});
  }

  void on(const FetchFailed&) {
    if (voter.role != Role::follower || !voter.attached) return ignore();
    voter.attached = false;
    effects.add(SetTimer{Timer::fetch});
  }

  void on(const Committed& input) {
    if (voter.role != Role::leader || voter.epoch != input.epoch || voter.acts) return ignore();
    voter.acts = true;
    effects.add(Note::acts);
  }

  void on(const MajorityFetches& input) {
    if (voter.role != Role::leader || !voter.acts) return ignore();
    if (input.fetches) return effects.add(UnwatchMajority{});
    if (quorum.resign_without_quorum) effects.add(WatchMajority{});
  }

  void on(const MajoritySilent& input) {
    if (voter.role != Role::leader || voter.epoch != input.epoch) return ignore();
    resign();
  }
};

}  // namespace

Effects step(const Quorum& quorum, VoterId self, Voter& voter, const Input& input) {
  Machine machine{quorum, self, voter};
  std::visit([&](const auto& what) { machine.on(what); }, input);
  return machine.effects;
}

void stand_unheard(Voter& voter, std::uint32_t times) {
  assert(voter.role == Role::backing_off);
  if (times == 0) return;
  voter.epoch += times;
  voter.voted_for = nobody;
}

sim::Duration election_timeout(sim::Duration configured, double u) { return sim::scaled(configured, 1 + u); }

sim::Duration election_backoff(sim::Duration longest, std::uint8_t retries, double u) {
  const auto steps = static_cast<std::int64_t>(u * static_cast<double>(1 << retries));
  return std::min(longest / 10 * steps, longest);
}

sim::Duration succession_wait(sim::Duration longest, VoterId position, VoterId successors) {
  if (position == 0) return {};
  return sim::Duration::nanoseconds((longest.count() >> (successors - 1)) << (position - 1));
}

sim::Duration majority_patience(sim::Duration fetch_timeout) { return fetch_timeout * 3 / 2; }

}  // namespace nines::models::kafka::raft
