#include "models/kafka/quorum.hpp"

#include <algorithm>

#include "models/coverage.hpp"
#include "models/kafka/metadata.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/mutation.hpp"
#include "sim/math.hpp"

namespace nines::models::kafka {

namespace {

std::size_t voter_count(const Context& c) { return c.plan.controllers.size(); }

std::size_t majority(const Context& c) { return NINES_MUTATED(quorum_of_one) ? 1 : voter_count(c) / 2 + 1; }

bool voter_up(const Context& c, Position voter) {
  return c.state.voters[voter].role != VoterRole::down && c.runs(c.voter_process(voter));
}

bool reaches(const Context& c, Position from, Position to) {
  return voter_up(c, from) && voter_up(c, to) &&
         contact(c.world, c.voter_process(from), c.voter_process(to)) == Contact::ok;
}

/// Voters, the leader included, that fetch from `leader` or could: one of a later epoch does not.
std::size_t followers_in_contact(const Context& c, Position leader) {
  std::size_t count = 1;
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    const bool later = c.state.voters[voter].epoch > c.state.voters[leader].epoch;
    if (voter != leader && !later && reaches(c, voter, leader)) ++count;
  }
  return count;
}

Duration fsync(Context& c, Position voter) {
  return c.world.draw(c.voter_component(voter), Purpose::quorum_fsync, c.parameters.fsync);
}

/// Until a vote is on the voter's disk.
Duration vote_on_disk(Context& c, Position voter) {
  return fsync(c, voter) + c.world.draw(c.voter_component(voter), Purpose::vote_write, c.parameters.vote_write);
}

/// Until a voter has handled a message that has arrived.
Duration handling(Context& c, Position voter) {
  return c.world.draw(c.voter_component(voter), Purpose::quorum_handling, c.parameters.quorum_handling);
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

/// Election time-outs are drawn from [1, 2) times the configured one (K39 QuorumState.randomElectionTimeoutMs).
Duration election_timeout(Context& c, Position voter) {
  const double u = c.world.uniform(c.voter_component(voter), Purpose::quorum_election);
  return sim::scaled(c.parameters.quorum_election_timeout, 1 + u);
}

/// The voter is no leader any more, if it was one.
void stop_leading(Context& c, Position voter) {
  c.state.voters[voter].acts = false;
  c.world.queue.cancel(c.state.voters[voter].resign_timer);
}

void become_unattached(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  stop_leading(c, voter);
  state.role = VoterRole::unattached;
  state.leader = nobody;
  state.attached = false;
  set_timer(c, voter, c.now() + election_timeout(c, voter));
}

void adopt_epoch(VoterState& state, std::uint32_t epoch) {
  if (epoch <= state.epoch) return;
  state.epoch = epoch;
  state.voted_for = nobody;
  state.retries = 0;
}

void follow(Context& c, Position voter, Position leader) {
  VoterState& state = c.state.voters[voter];
  NINES_TAKES(voter_follows);
  stop_leading(c, voter);
  adopt_epoch(state, c.state.voters[leader].epoch);
  state.role = VoterRole::follower;
  state.leader = leader;
  state.attached = true;
  state.retries = 0;
  state.log_version = c.state.voters[leader].log_version;
  c.world.queue.cancel(state.timer);
}

/// The active controller stops being it: its role is given up, and so are the sessions it counted.
void depose(Context& c, Position leader) {
  if (c.state.active != leader) return;
  forget_sessions(c);
  c.state.active = nobody;
  c.world.queue.cancel(c.state.rebalance_timer);
}

void request_votes(Context& c, Position voter, bool pre) {
  VoterState& state = c.state.voters[voter];
  state.granted = 1U << voter;
  // A vote is durable before it is asked for; a pre-vote is not persisted (KIP-996).
  const Duration durable = pre ? Duration() : vote_on_disk(c, voter);
  for (Position to = 0; to < voter_count(c); ++to) {
    if (to == voter) continue;
    const Duration travel = c.rtt(c.voter_process(voter), c.voter_process(to)) / 2;
    c.world.schedule(c.now() + durable + travel + handling(c, to),
                     VoteRequested{c.service, pre, static_cast<std::uint8_t>(voter), static_cast<std::uint8_t>(to),
                                   state.epoch, state.log_version},
                     sim::Priority::message);
  }
}

void become_leader(Context& c, Position voter);

void stand_for_election(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  state.role = VoterRole::candidate;
  ++state.epoch;
  state.voted_for = voter;
  state.leader = nobody;
  state.attached = false;
  set_timer(c, voter, c.now() + election_timeout(c, voter));
  request_votes(c, voter, false);
  if (majority(c) == 1) become_leader(c, voter);
}

void ask_before_standing(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  state.role = VoterRole::prospective;
  state.leader = nobody;
  state.attached = false;
  set_timer(c, voter, c.now() + election_timeout(c, voter));
  request_votes(c, voter, true);
  if (majority(c) == 1) stand_for_election(c, voter);
}

void start_election(Context& c, Position voter) {
  if (c.parameters.pre_vote) {
    ask_before_standing(c, voter);
  } else {
    stand_for_election(c, voter);
  }
}

/// Elections lost in a row after which the wait before the next one grows no more.
constexpr int most_retries = 10;

/// Wait before the election is repeated: min(100 ms x rand{0 .. 2^r - 1}, max) (K39 binaryExponentialElectionBackoff).
Duration election_backoff(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  state.retries = static_cast<std::uint8_t>(std::min(state.retries + 1, most_retries));
  const double u = c.world.uniform(c.voter_component(voter), Purpose::quorum_backoff);
  const auto steps = static_cast<std::int64_t>(u * static_cast<double>(1 << state.retries));
  return std::min(c.parameters.quorum_election_backoff_max / 10 * steps, c.parameters.quorum_election_backoff_max);
}

/// The voter has lost one election after the other and no other voter hears it: what it does changes nothing but its
/// own epoch, so it sleeps, without a timer, until somebody does.
bool may_sleep(const Context& c, Position voter) {
  if (majority(c) == 1 || c.state.voters[voter].retries < most_retries) return false;
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
  adopt_epoch(state, state.epoch + static_cast<std::uint32_t>((c.now() - state.asleep_since) / mean));
  state.retries = most_retries;
  const Duration longest = c.parameters.quorum_election_timeout * 2 + c.parameters.quorum_election_backoff_max;
  const auto uniform = [&] { return c.world.uniform(c.voter_component(voter), Purpose::quorum_election); };
  Duration cycle;
  do {
    cycle = election_timeout(c, voter) + election_backoff(c, voter);
  } while (sim::scaled(longest, uniform()) > cycle);
  set_timer(c, voter, c.now() + sim::scaled(cycle, uniform()));
}

/// An elected leader acts once a record of its own epoch is committed: a voter hears of it (BeginQuorumEpoch), fetches,
/// writes the record that the answer brings and fetches again; the controller's thread takes over then.
void activate(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  const Duration own = c.world.draw(c.voter_component(voter), Purpose::controller_activation, c.parameters.activation);
  const Duration delay = fsync(c, voter) + c.world.plan->infra().rtt_inter_zone * 2 + own;
  state.timer =
      c.world.schedule(c.now() + delay, ControllerActive{c.service, voter, state.epoch}, sim::Priority::message);
}

void become_leader(Context& c, Position voter) {
  NINES_TAKES(candidate_elected);
  const CauseScope scope(c.world, c.world.note(ControllerElected{c.service, voter}, c.state.voters[voter].epoch));
  VoterState& state = c.state.voters[voter];
  for (Position other = 0; other < voter_count(c); ++other) {
    if (other != voter && c.state.voters[other].role == VoterRole::leader && c.state.active == other) depose(c, other);
  }
  state.role = VoterRole::leader;
  state.leader = voter;
  state.attached = true;
  state.retries = 0;
  c.world.queue.cancel(state.timer);
  for (Position other = 0; other < voter_count(c); ++other) {
    const VoterState& voter_state = c.state.voters[other];
    if (other != voter && voter_state.epoch <= state.epoch && reaches(c, other, voter)) {
      if (voter_state.role == VoterRole::leader) depose(c, other);
      follow(c, other, voter);
    }
  }
  activate(c, voter);
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
  if (state.role == VoterRole::leader) {
    if (c.state.voters[best].epoch == state.epoch) return;
    depose(c, voter);
  }
  follow(c, voter, best);
}

void lose_leader(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  state.attached = false;
  const sim::Time last_fetch = c.state.noops.at_or_before(c.now());
  set_timer(c, voter, last_fetch + c.parameters.quorum_fetch_timeout + timer_lateness(c, voter));
}

/// A leader that hears no majority resigns, also when another has been elected behind its back.
void watch_majority(Context& c, Position leader) {
  VoterState& state = c.state.voters[leader];
  if (state.role != VoterRole::leader || !state.acts) return;
  // A paused leader finds the same timer expired when it continues.
  const bool lost = !voter_up(c, leader) || followers_in_contact(c, leader) < majority(c);
  if (!lost) c.world.queue.cancel(state.resign_timer);
  if (!lost || !c.parameters.resign_without_quorum || c.world.queue.pending(state.resign_timer)) return;
  // No fetch from a majority for 1.5 fetch time-outs (KAFKA-15489).
  const sim::Time at = c.state.noops.at_or_before(c.now()) + c.parameters.quorum_fetch_timeout * 3 / 2;
  state.resign_timer = c.world.schedule(std::max(at, c.now()), ControllerResigned{c.service, leader, state.epoch});
}

}  // namespace

bool can_commit(const Context& c) {
  const Position leader = c.state.active;
  if (leader == nobody || !voter_up(c, leader) || c.state.voters[leader].role != VoterRole::leader) return false;
  return followers_in_contact(c, leader) >= majority(c);
}

void record_on_voters(Context& c) {
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    const bool holds = voter == c.state.active || reaches(c, voter, c.state.active);
    if (holds) c.state.voters[voter].log_version = c.state.version;
  }
}

void quorum_changed(Context& c) {
  for (Position voter = 0; voter < voter_count(c); ++voter) {
    VoterState& state = c.state.voters[voter];
    if (!voter_up(c, voter)) continue;
    if (state.role == VoterRole::follower && state.attached && !hears_its_leader(c, voter)) lose_leader(c, voter);
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

void voter_died(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  depose(c, voter);
  stop_leading(c, voter);
  state.role = VoterRole::down;
  state.attached = false;
  c.world.queue.cancel(state.timer);
}

void voter_started(Context& c, Position voter, bool disk_lost) {
  VoterState& state = c.state.voters[voter];
  if (disk_lost) state.log_version = 0;
  state.leader = nobody;
  become_unattached(c, voter);
  quorum_changed(c);
}

void voter_stopping(Context& c, Position voter) {
  VoterState& state = c.state.voters[voter];
  const bool led = state.role == VoterRole::leader;
  depose(c, voter);
  stop_leading(c, voter);
  state.role = VoterRole::down;
  state.attached = false;
  c.world.queue.cancel(state.timer);
  if (!led) return;
  NINES_TAKES(end_quorum_epoch);
  // EndQuorumEpoch names the successors in order of their logs: the first stands at once, position p >= 1 waits
  // (election.backoff.max >> (n - 1)) << (p - 1), n the number of successors.
  std::int64_t position = 0;
  const auto successors = static_cast<std::int64_t>(voter_count(c)) - 1;
  for (Position other = 0; other < voter_count(c); ++other) {
    if (other == voter) continue;
    const std::int64_t base = c.parameters.quorum_election_backoff_max.count() >> (successors - 1);
    const Duration wait = position == 0 ? Duration() : Duration::nanoseconds(base << (position - 1));
    ++position;
    if (!voter_up(c, other) || c.state.voters[other].leader != voter) continue;
    if (contact(c.world, c.voter_process(voter), c.voter_process(other)) != Contact::ok) continue;
    c.state.voters[other].attached = false;
    set_timer(c, other, c.now() + c.rtt(c.voter_process(voter), c.voter_process(other)) / 2 + wait);
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
  VoterState& state = c.state.voters[event.voter];
  if (state.role == VoterRole::down || state.role == VoterRole::leader) {
    world.stale = true;
    return;
  }
  if (!c.runs(c.voter_process(event.voter))) {
    // A stopped process finds its timer expired when it continues.
    set_timer(c, event.voter, c.now() + c.parameters.quorum_fetch_timeout);
    return;
  }
  switch (state.role) {
    case VoterRole::candidate:
      NINES_TAKES(candidate_times_out);
      state.role = VoterRole::backing_off;
      if (may_sleep(c, event.voter)) return fall_asleep(c, event.voter);
      set_timer(c, event.voter, c.now() + election_backoff(c, event.voter));
      return;
    case VoterRole::prospective:
      NINES_TAKES(prospective_gives_up);
      become_unattached(c, event.voter);
      return;
    case VoterRole::follower:
      c.parameters.pre_vote ? NINES_TAKES(fetch_timeout_prospective) : NINES_TAKES(fetch_timeout_candidate);
      break;
    case VoterRole::backing_off: NINES_TAKES(candidate_repeats); break;
    case VoterRole::resigned: NINES_TAKES(resigned_stands); break;
    default: break;
  }
  start_election(c, event.voter);
}

void on(World& world, const VoteRequested& event) {
  Context c = context(world, event.service);
  const Position from = event.from;
  const Position to = event.to;
  VoterState& state = c.state.voters[to];
  if (!reaches(c, from, to)) {
    world.stale = true;
    return;
  }
  bool granted = false;
  const bool log_new_enough = event.log_version >= state.log_version;
  if (event.pre) {
    // A follower that has fetched from its leader refuses until its own timer runs out (FollowerState.canGrantVote).
    const bool has_leader = state.role == VoterRole::leader || state.role == VoterRole::follower;
    granted = !has_leader && log_new_enough && event.epoch >= state.epoch;
  } else {
    if (event.epoch > state.epoch) {
      if (state.role == VoterRole::leader) {
        NINES_TAKES(higher_epoch_deposes);
        depose(c, to);
      }
      adopt_epoch(state, event.epoch);
      become_unattached(c, to);
    }
    const bool free = state.voted_for == nobody || state.voted_for == from;
    granted = event.epoch == state.epoch && free && log_new_enough && state.role == VoterRole::unattached;
    granted ? NINES_TAKES(vote_granted) : NINES_TAKES(vote_refused);
    if (granted) state.voted_for = from;
  }
  const Duration durable = granted && !event.pre ? vote_on_disk(c, to) : Duration();
  const Duration travel = c.rtt(c.voter_process(from), c.voter_process(to)) / 2;
  world.schedule(c.now() + durable + travel + handling(c, from),
                 VoteAnswered{event.service, event.pre, granted, event.to, event.from, event.epoch},
                 sim::Priority::message);
}

void on(World& world, const VoteAnswered& event) {
  Context c = context(world, event.service);
  const Position candidate = event.to;
  VoterState& state = c.state.voters[candidate];
  const VoterRole awaited = event.pre ? VoterRole::prospective : VoterRole::candidate;
  if (!event.granted || state.role != awaited || state.epoch != event.epoch || !reaches(c, event.from, candidate)) {
    world.stale = true;
    return;
  }
  state.granted |= 1U << event.from;
  if (static_cast<std::size_t>(__builtin_popcount(state.granted)) < majority(c)) return;
  if (event.pre) {
    NINES_TAKES(prospective_to_candidate);
    stand_for_election(c, candidate);
  } else {
    become_leader(c, candidate);
    quorum_changed(c);
  }
}

void on(World& world, const ControllerActive& event) {
  Context c = context(world, event.service);
  VoterState& state = c.state.voters[event.voter];
  const bool leads = state.role == VoterRole::leader && state.epoch == event.epoch && voter_up(c, event.voter);
  const bool already = c.state.active == event.voter && c.state.active_epoch == event.epoch;
  if (!leads || already) {
    world.stale = true;
    return;
  }
  if (followers_in_contact(c, event.voter) < majority(c)) {
    // Elected, but nothing of its epoch can be committed any more.
    stop_leading(c, event.voter);
    state.role = VoterRole::resigned;
    state.attached = false;
    set_timer(c, event.voter, c.now() + election_timeout(c, event.voter));
    return;
  }
  const Position before = c.state.active;
  if (before != nobody) depose(c, before);
  state.acts = true;
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
  VoterState& state = c.state.voters[event.voter];
  world.stale = state.role != VoterRole::leader || !state.acts || state.epoch != event.epoch ||
                followers_in_contact(c, event.voter) >= majority(c);
  if (world.stale) return;
  NINES_TAKES(leader_resigns);
  depose(c, event.voter);
  stop_leading(c, event.voter);
  state.role = VoterRole::resigned;
  state.leader = nobody;
  state.attached = false;
  set_timer(c, event.voter, c.now() + election_timeout(c, event.voter));
  quorum_changed(c);
}

}  // namespace nines::models::kafka
