// Which transitions of the protocols' state machines a test has taken; counted while `probing` only, and in the build
// of the tests only: see models/test_switches.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/test_switches.hpp"

namespace nines::models {

// clang-format off
#define NINES_TRANSITION_LIST(X) \
  /* Kafka sheet section 2: a partition at the controller */ \
  X(leader_fenced_isr_takes_over) X(follower_fenced_leaves_isr) X(last_isr_member_fenced_offline) X(unclean_election) \
  X(lagging_follower_leaves_isr) X(replica_rejoins_isr) X(offline_leader_returns) X(elr_member_elected) X(last_known_leader_elected) \
  X(shutdown_hands_leadership_over) X(shutdown_of_last_member_offline) X(log_directory_lost) X(preferred_leader_elected) \
  /* section 3: a broker at the controller */ \
  X(registration_accepted) X(registration_refused) X(registration_gave_up) X(broker_unfenced) X(broker_fenced) X(shutdown_begun) X(shutdown_granted) \
  X(shutdown_granted_while_fenced) X(shutting_down_broker_fenced) X(unclean_restart_leaves_isr) \
  /* section 3: a voter */ \
  X(fetch_timeout_candidate) X(fetch_timeout_prospective) X(end_quorum_epoch) X(prospective_to_candidate) X(prospective_gives_up) \
  X(candidate_elected) X(candidate_times_out) X(candidate_repeats) X(vote_granted) X(vote_refused) X(higher_epoch_deposes) \
  X(leader_resigns) X(resigned_stands) X(voter_follows)
// clang-format on

enum class Transition : std::uint8_t {
#define NINES_TRANSITION_ENTRY(name) name,
  NINES_TRANSITION_LIST(NINES_TRANSITION_ENTRY)
#undef NINES_TRANSITION_ENTRY
};

inline constexpr std::array transition_names{
#define NINES_TRANSITION_NAME(name) std::string_view(#name),
    NINES_TRANSITION_LIST(NINES_TRANSITION_NAME)
#undef NINES_TRANSITION_NAME
};

#ifdef NINES_TEST_SWITCHES
/// Whether models count their transitions and check, at every look, what they take for settled.
inline bool probing = false;

inline thread_local constinit std::array<std::uint64_t, transition_names.size()> transitions_taken{};

inline void take(Transition transition) {
  if (probing) [[unlikely]]
    ++transitions_taken[static_cast<std::size_t>(transition)];
}
#else
inline constexpr bool probing = false;

constexpr void take(Transition) {}
#endif

#define NINES_TAKES(name) ::nines::models::take(::nines::models::Transition::name)

}  // namespace nines::models
