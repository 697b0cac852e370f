#include "models/kafka/quorum.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include "models/kafka/conditions.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/raft/voter.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/mutation.hpp"
#include "sim/math.hpp"

namespace nines::models::kafka {

namespace {

std::size_t voter_count(const Context& c) { return c.plan.controllers.size(); }

std::size_t majority(const Context& c) { return NINES_MUTATED(quorum_of_one) ? 1 : voter_count(c) / 2 + 1; }

/// Its process runs, and its one thread does not hang in a write.
bool voter_runs(const Context& c, Position voter) {
  return c.runs(c.voter_process(voter)) && !stalled(c, c.voter_process(voter));
}

bool voter_up(const Context& c, Position voter) {
  return c.state.voters[voter].role != VoterRole::down && voter_runs(c, voter);
}

bool reaches(const Context& c, Position from, Position to) {
  return voter_up(c, from) && voter_up(c, to) &&
         contact(c.world, c.voter_process(from), c.voter_process(to)) == Contact::ok;
}

/// A majority of the voters, the leader included, fetch from `leader` or could: one of a later epoch does not.
bool majority_in_contact(const Context& c, Position leader) {
  const std::size_t needed = majority(c);
  std::size_t count = 1;
  for (Position voter = 0; voter < voter_count(c) && count < needed; ++voter) {
    const bool later = c.state.voters[voter].epoch > c.state.voters[leader].epoch;
    if (voter != leader && !later && reaches(c, voter, leader)) ++count;
  }
  return count >= needed;
}

Duration fsync(Context& c, Position voter) {
  const Duration write = c.world.draw(c.voter_component(voter), Purpose::quorum_fsync, c.parameters.fsync);
  return at_disk(c, c.voter_process(voter), write);
}

/// Until a vote is on the voter's disk.
Duration vote_on_disk(Context& c, Position voter) {
  return fsync(c, voter) + c.world.draw(c.voter_component(voter), Purpose::vote_write, c.parameters.vote_write);
}

/// Until a voter has handled a message that has arrived.
Duration handling(Context& c, Position voter) {
  const Duration own = c.world.draw(c.voter_component(voter), Purpose::quorum_handling, c.parameters.quorum_handling);
  return at_cpu(c, c.voter_process(voter), own);
}

/// How late a timer fires after its reset or expiry: |N(0, sigma)|, scheduling and polling delays of the process.
Duration timer_lateness(Context& c, Position voter) {
  const double u = c.world.uniform(c.voter_component(voter), Purpose::quorum_skew);
  const Duration late = sim::scaled(c.parameters.timer_skew, sim::normal_quantile(u));
  return std::max(late, Duration() - late);
}

void set_timer(Context& c, Position voter, sim::Time at) {
  VoterState& state = c.state.voters[voter];
  c.world.queue.cancel(state.timer);
  state.timer = c.world.schedule(std::max(at, c.now()), QuorumTimer{c.service, voter});
}

Duration draw_election_timeout(Context& c, Position voter) {
  const double u = c.world.uniform(c.voter_component(voter), Purpose::quorum_election);
  return raft::election_timeout(c.parameters.quorum_election_timeout, u);
}

Duration draw_election_backoff(Context& c, Position voter, std::uint8_t retries) {
  const double u = c.world.uniform(c.voter_component(voter), Purpose::quorum_backoff);
  return raft::election_backoff(c.parameters.quorum_election_backoff_max, retries, u);
}

/// The active controller stops being it: its role is given up, and so are the sessions it counted.
void depose(Context& c, Position leader) {
  if (c.state.active != leader) return;
  forget_sessions(c);
  c.state.active = nobody;
  c.world.queue.cancel(c.state.rebalance_timer);
}

raft::Quorum rules(const Context& c) {
  return {static_cast<raft::VoterId>(voter_count(c)), static_cast<raft::VoterId>(majority(c)), c.parameters.pre_vote,
          c.parameters.resign_without_quorum};
}

/// Carries out what a voter's machine wants done, after its step: with the world's clock, network and draws.
class Driver {
 public:
  Driver(Context& c, Position voter) : c_(c), voter_(voter), state_(c.state.voters[voter]) {}

  void carry_out(const raft::Effects& effects) {
    for (const raft::Effect& effect : effects) {
      std::visit([this](const auto& what) { on(what); }, effect);
    }
  }

 private:
  void on(const raft::SetTimer& timer) {
    switch (timer.rule) {
      case raft::Timer::election: return set_timer(c_, voter_, c_.now() + draw_election_timeout(c_, voter_));
      case raft::Timer::backoff:
        return set_timer(c_, voter_, c_.now() + draw_election_backoff(c_, voter_, timer.retries));
      case raft::Timer::fetch: {
        const sim::Time last_fetch = c_.state.noops.at_or_before(c_.now());
        return set_timer(c_, voter_, last_fetch + c_.parameters.quorum_fetch_timeout + timer_lateness(c_, voter_));
      }
      case raft::Timer::succession: {
        const auto successors = static_cast<raft::VoterId>(voter_count(c_) - 1);
        const Duration wait =
            raft::succession_wait(c_.parameters.quorum_election_backoff_max, timer.position, successors);
        const Duration travel = c_.rtt(c_.voter_process(state_.leader), c_.voter_process(voter_)) / 2;
        return set_timer(c_, voter_, c_.now() + travel + wait);
      }
    }
  }
  void on(const raft::CancelTimer&) { c_.world.queue.cancel(state_.timer); }
  void on(const raft::WatchMajority&) {
    if (c_.world.queue.pending(state_.resign_timer)) return;
    const sim::Time last_fetch = c_.state.noops.at_or_before(c_.now());
    const sim::Time at = last_fetch + raft::majority_patience(c_.parameters.quorum_fetch_timeout);
    state_.resign_timer =
        c_.world.schedule(std::max(at, c_.now()), ControllerResigned{c_.service, voter_, state_.epoch});
  }
  void on(const raft::UnwatchMajority&) { c_.world.queue.cancel(state_.resign_timer); }
  /// Only votes wait for the disk: `on(Send)`.
  void on(const raft::Persist&) {}
  void on(const raft::Send& send) {
    std::visit([&](const auto& message) { deliver(send, message); }, send.message);
  }
  void on(raft::Note note) {
    if (note == raft::Note::stepped_down) depose(c_, voter_);
    if (note != raft::Note::elected) return;
    election_.emplace(c_.world, c_.world.note(ControllerElected{c_.service, voter_}, state_.epoch));
    const Position before = c_.state.active;
    if (before != nobody && before != voter_) depose(c_, before);
  }

  [[nodiscard]] Duration travel_to(Position other) const {
    return c_.rtt(c_.voter_process(voter_), c_.voter_process(other)) / 2;
  }

  void deliver(const raft::Send& send, const raft::VoteRequest& request) {
    const Duration durable = send.after_persist ? vote_on_disk(c_, voter_) : Duration();
    for (Position to = 0; to < voter_count(c_); ++to) {
      if (to == voter_) continue;
      c_.world.schedule(c_.now() + durable + travel_to(to) + handling(c_, to),
                        VoteRequested{c_.service, request.pre, static_cast<std::uint8_t>(voter_),
                                      static_cast<std::uint8_t>(to), request.epoch, request.log_version},
                        sim::Priority::message);
    }
  }
  void deliver(const raft::Send& send, const raft::VoteResponse& response) {
    const Duration durable = send.after_persist ? vote_on_disk(c_, voter_) : Duration();
    c_.world.schedule(c_.now() + durable + travel_to(send.to) + handling(c_, send.to),
                      VoteAnswered{c_.service, response.pre, response.granted, static_cast<std::uint8_t>(voter_),
                                   static_cast<std::uint8_t>(send.to), response.epoch},
                      sim::Priority::message);
  }
  /// Heard at once; what it takes is part of the activation.
  void deliver(const raft::Send&, const raft::BeginQuorumEpoch& begin);
  /// Handled at once: its journey is part of the wait that it starts.
  void deliver(const raft::Send&, const raft::EndQuorumEpoch& end);

  Context& c_;
  Position voter_;
  VoterState& state_;
  std::optional<CauseScope> election_;  ///< of what follows on it
};

/// Gives a voter's machine an input and carries out what comes of it. Returns whether it was for the voter.
bool tell(Context& c, Position voter, const raft::Input& input) {
  const raft::Effects effects = raft::step(rules(c), voter, c.state.voters[voter], input);
  Driver(c, voter).carry_out(effects);
  return !effects.ignored;
}

/// An elected leader acts once a record of its own epoch is committed: a voter hears of it (BeginQuorumEpoch), fetches,
/// writes the record that the answer brings and fetches again; the controller's thread takes over then.
void activate(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  const Duration own = c.world.draw(c.voter_component(voter), Purpose::controller_activation, c.parameters.activation);
  const Duration delay =
      fsync(c, voter) + c.world.plan->infra().rtt_inter_zone * 2 + at_cpu(c, c.voter_process(voter), own);
  state.timer =
      c.world.schedule(c.now() + delay, ControllerActive{c.service, voter, state.epoch}, sim::Priority::message);
}

void Driver::deliver(const raft::Send&, const raft::BeginQuorumEpoch& begin) {
  for (Position other = 0; other < voter_count(c_); ++other) {
    if (other != voter_ && reaches(c_, other, voter_)) tell(c_, other, begin);
  }
  activate(c_, voter_);
}

void Driver::deliver(const raft::Send&, const raft::EndQuorumEpoch& end) {
  for (Position other = 0; other < voter_count(c_); ++other) {
    if (other == voter_ || !voter_up(c_, other)) continue;
    // The sender is on its way out, and down by its own account.
    if (contact(c_.world, c_.voter_process(voter_), c_.voter_process(other)) == Contact::ok) tell(c_, other, end);
  }
}

/// The voter has lost one election after the other and no other voter hears it: what it does changes nothing but its
/// own epoch, so it sleeps, without a timer, until somebody does.
bool may_sleep(const Context& c, Position voter) {
  if (majority(c) == 1 || c.state.voters[voter].retries < raft::most_retries) return false;
  for (Position other = 0; other < voter_count(c); ++other) {
    if (other != voter && (reaches(c, voter, other) || reaches(c, other, voter))) return false;
  }
  return true;
}

void fall_asleep(Context& c, Position voter) {
  c.state.voters[voter].asleep_since = c.now();
  c.world.note(VoterUnheard{c.service, voter}, c.state.voters[voter].epoch);
}

/// It goes on as if it had stood again and again meanwhile, each time for an election time-out and a wait: its epoch
/// has grown by one each time, and from a moment that has nothing to do with either, what is left until it stands next
/// is a uniform part of a cycle that is drawn with a probability in proportion to its length.
void wake(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  const Duration mean = c.parameters.quorum_election_timeout * 3 / 2 + c.parameters.quorum_election_backoff_max;
  raft::stand_unheard(state, static_cast<std::uint32_t>((c.now() - state.asleep_since) / mean));
  const Duration longest = c.parameters.quorum_election_timeout * 2 + c.parameters.quorum_election_backoff_max;
  const auto uniform = [&] { return c.world.uniform(c.voter_component(voter), Purpose::quorum_election); };
  Duration cycle;
  do {
    cycle = draw_election_timeout(c, voter) + draw_election_backoff(c, voter, state.retries);
  } while (sim::scaled(longest, uniform()) > cycle);
  set_timer(c, voter, c.now() + sim::scaled(cycle, uniform()));
}

/// Whether the leader that a follower fetches from still is one, and answers.
bool hears_its_leader(const Context& c, Position voter) {
  const VoterState& state = c.state.voters[voter];
  const VoterState& leader = c.state.voters[state.leader];
  return leader.role == VoterRole::leader && leader.epoch == state.epoch && reaches(c, voter, state.leader);
}

/// A follower or voter without leader that reaches a leader of its epoch or a later one follows it.
void find_leader(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  Position best = nobody;
  for (Position other = 0; other < voter_count(c); ++other) {
    const VoterState& candidate = c.state.voters[other];
    if (other == voter || candidate.role != VoterRole::leader || candidate.epoch < state.epoch) continue;
    if (!reaches(c, voter, other)) continue;
    if (best == nobody || candidate.epoch > c.state.voters[best].epoch) best = other;
  }
  if (best == nobody) return;
  const VoterState& leader = c.state.voters[best];
  tell(c, voter, raft::BeginQuorumEpoch{best, leader.epoch, leader.log_version});
}

/// A leader that hears no majority resigns, also when another has been elected behind its back.
void watch_majority(Context& c, Position leader) {
  const VoterState& state = c.state.voters[leader];
  if (state.role != VoterRole::leader || !state.acts) return;
  // A paused leader finds the same timer expired when it continues.
  const bool lost = !voter_up(c, leader) || !majority_in_contact(c, leader);
  tell(c, leader, raft::MajorityFetches{!lost});
}

}  // namespace

bool can_commit(const Context& c) {
  const Position leader = c.state.active;
  if (leader == nobody || !voter_up(c, leader) || c.state.voters[leader].role != VoterRole::leader) return false;
  return majority_in_contact(c, leader);
}

void record_on_voters(Context& c) {
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    const bool holds = voter == c.state.active || reaches(c, voter, c.state.active);
    if (holds) raft::append(c.state.voters[voter], c.state.version);
  }
}

void quorum_changed(Context& c) {
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    VoterState& state = c.state.voters[voter];
    if (!voter_up(c, voter)) continue;
    if (state.role == VoterRole::follower && state.attached && !hears_its_leader(c, voter)) {
      tell(c, voter, raft::FetchFailed{});
    }
    // One that was paused before it could act goes on now.
    const bool idle_leader = state.role == VoterRole::leader && !state.acts && !c.world.queue.pending(state.timer);
    if (idle_leader) activate(c, voter);
    const bool searching = !(state.role == VoterRole::follower && state.attached);
    if (searching) find_leader(c, voter);
    const bool sleeps = state.role == VoterRole::backing_off && !c.world.queue.pending(state.timer);
    if (sleeps && !may_sleep(c, voter)) wake(c, voter);
  }
  for (Position voter = 0; voter < voter_count(c); ++voter) watch_majority(c, voter);
}

void voter_died(Context& c, Position voter) { tell(c, voter, raft::Died{}); }

void voter_started(Context& c, Position voter, bool disk_lost) {
  tell(c, voter, raft::Started{disk_lost});
  quorum_changed(c);
}

void voter_stopping(Context& c, Position voter) { tell(c, voter, raft::Stopping{}); }

void voter_clock_jumped(Context& c, Position voter, Duration by) {
  VoterState& state = c.state.voters[voter];
  if (!voter_up(c, voter)) return;
  const Duration since_fetch = c.now() - c.state.noops.at_or_before(c.now());
  if (c.world.queue.pending(state.timer) && state.role != VoterRole::leader) {
    set_timer(c, voter, c.now() + std::max(Duration(), c.world.queue.when(state.timer) - c.now() - by));
  } else if (state.role == VoterRole::follower && state.attached) {
    if (since_fetch + by >= c.parameters.quorum_fetch_timeout) tell(c, voter, raft::TimerExpired{});
  } else if (state.role == VoterRole::leader && state.acts && c.parameters.resign_without_quorum) {
    if (since_fetch + by < raft::majority_patience(c.parameters.quorum_fetch_timeout)) return;
    const CauseScope scope(c.world, c.world.note(ControllerResigned{c.service, voter, state.epoch}));
    tell(c, voter, raft::MajoritySilent{state.epoch});
  }
}

bool quorum_healthy(const Context& c) {
  if (c.state.active == nobody) return false;
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    const VoterState& state = c.state.voters[voter];
    if (voter != c.state.active && !(state.role == VoterRole::follower && state.attached)) return false;
  }
  return true;
}

void on(World& world, const QuorumTimer& event) {
  Context c = context(world, event.service);
  const VoterState& state = c.state.voters[event.voter];
  const bool awaits = state.role != VoterRole::down && state.role != VoterRole::leader;
  if (awaits && !voter_runs(c, event.voter)) {
    // A stopped process finds its timer expired when it continues.
    set_timer(c, event.voter, c.now() + c.parameters.quorum_fetch_timeout);
    return;
  }
  if (state.role == VoterRole::candidate && may_sleep(c, event.voter)) {
    // It sleeps in place of the wait that its machine asks for.
    raft::step(rules(c), event.voter, c.state.voters[event.voter], raft::TimerExpired{});
    return fall_asleep(c, event.voter);
  }
  world.stale = !tell(c, event.voter, raft::TimerExpired{});
}

void on(World& world, const VoteRequested& event) {
  Context c = context(world, event.service);
  world.stale = !reaches(c, event.from, event.to);
  if (world.stale) return;
  tell(c, event.to, raft::VoteRequest{event.from, event.pre, event.epoch, event.log_version});
}

void on(World& world, const VoteAnswered& event) {
  Context c = context(world, event.service);
  world.stale = !reaches(c, event.from, event.to) ||
                !tell(c, event.to, raft::VoteResponse{event.from, event.pre, event.granted, event.epoch});
  if (world.stale) return;
  if (!event.pre && c.state.voters[event.to].role == VoterRole::leader) quorum_changed(c);
}

void on(World& world, const ControllerActive& event) {
  Context c = context(world, event.service);
  const VoterState& state = c.state.voters[event.voter];
  const bool leads = state.role == VoterRole::leader && state.epoch == event.epoch && voter_up(c, event.voter);
  const bool already = c.state.active == event.voter && c.state.active_epoch == event.epoch;
  if (!leads || already) {
    world.stale = true;
    return;
  }
  if (!majority_in_contact(c, event.voter)) {
    // Elected, but nothing of its epoch can be committed any more.
    tell(c, event.voter, raft::MajoritySilent{event.epoch});
    return;
  }
  const Position before = c.state.active;
  if (before != nobody) depose(c, before);
  tell(c, event.voter, raft::Committed{event.epoch});
  c.state.active = event.voter;
  c.state.active_epoch = event.epoch;
  c.state.noops = {c.now(), c.parameters.metadata_idle_interval};
  if (c.parameters.fence_check_divisor > 0) {
    c.state.fence_checks = {c.now(), c.parameters.session_timeout / c.parameters.fence_check_divisor};
  }
  c.state.rebalance_checks = {c.now(), c.parameters.leader_imbalance_interval};
  restart_sessions(c);
  schedule_preferred_leader_check(c);
  metadata_contacts_changed(c);
  replication_changed(c);
  watch_majority(c, event.voter);
}

void on(World& world, const ControllerResigned& event) {
  Context c = context(world, event.service);
  world.stale = !c.state.voters[event.voter].acts || majority_in_contact(c, event.voter) ||
                !tell(c, event.voter, raft::MajoritySilent{event.epoch});
  if (world.stale) return;
  quorum_changed(c);
}

}  // namespace nines::models::kafka
