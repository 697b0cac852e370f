// Named ways to break the model on purpose, so that tests can prove that they would notice.
//
// In the build of the tests a rule asks a variable where it is applied. What people install holds none of it: there the
// question is answered by the compiler.
#pragma once

#include <string_view>

#include "models/test_switches.hpp"

namespace nines::models {

// clang-format off
#define NINES_MUTATION_LIST(X) \
  X(session_timeout_ignored, "a silent broker is never fenced") \
  X(min_isr_off_by_one, "min.insync.replicas counts one too many replicas in sync") \
  X(fresh_session_skipped, "a new active controller keeps the old sessions' age") \
  X(watermark_ignores_isr, "the high watermark does not wait for every ISR member") \
  X(client_never_times_out, "a client waits for ever for a silent host") \
  X(unclean_election_always, "a replica outside the ISR may always lead") \
  X(volume_in_wrong_zone, "a pod may start in another zone than its volume") \
  X(roll_without_checks, "the operator restarts pods without its availability checks") \
  X(recovery_skipped, "logs are not recovered after an unclean stop") \
  X(eviction_forgets_volume, "a lost volume comes back with its data") \
  X(quorum_of_one, "a single voter commits and elects") \
  X(isolation_is_harmless, "an isolated zone still reaches the rest") \
  X(controlled_shutdown_skipped, "a stopping broker keeps its leaderships") \
  X(roll_waits_for_nothing, "the operator neither waits until a restarted pod is ready nor checks before the next") \
  X(roll_back_mends_nothing, "a roll back puts the broken revision in place again") \
  X(certificates_never_expire, "an expired certificate is still accepted") \
  X(defect_is_harmless, "a revision that serves errors serves clients all the same") \
  X(image_of_the_past, "a restarted broker acts on decisions that were on their way to the process before") \
  X(scale_up_forgotten, "a service scaled to zero comes back without anybody") \
  X(capacity_never_short, "a launch succeeds however short of capacity its pool is") \
  X(stabilisation_skipped, "an autoscaler goes down as soon as its metrics ask for less") \
  X(metrics_always_there, "an autoscaler knows what its pods use though nobody measures it") \
  X(machine_stays_in_zone, "a replacement is never launched in another zone than the lost machine's") \
  X(group_never_grows, "no machine comes for pods that fit nowhere") \
  X(surge_forgotten, "a Deployment stops old pods before it starts new ones") \
  X(shutdown_unheard, "a kubelet does not hear that its machine shuts down") \
  X(disk_never_full, "a kubelet finds room on a disk that is full") \
  X(apis_always_there, "operators go on by APIs that a release has removed") \
  X(silence_unheard, "the detector of quorum queues never finds a silent node") \
  X(stands_at_once, "a replica of a quorum queue stands for election as soon as it misses its leader") \
  X(minority_goes_on, "pause_minority pauses nobody") \
  X(unacknowledged_forgotten, "what a lost consumer held does not come back") \
  X(credit_endless, "a burstable machine never runs out of credit") \
  X(success_forgotten, "a Job waits for the failures before its last success too") \
  X(probes_see_nothing, "a liveness probe never fails") \
  X(replica_is_backup, "deleted data come back from a replica")
// clang-format on

enum class Mutation {
  none,
#define NINES_MUTATION_ENTRY(name, meaning) name,
  NINES_MUTATION_LIST(NINES_MUTATION_ENTRY)
#undef NINES_MUTATION_ENTRY
};

#ifdef NINES_TEST_SWITCHES
/// The mutation in force; `none` unless a test sets it.
inline Mutation active_mutation = Mutation::none;
#else
inline constexpr Mutation active_mutation = Mutation::none;
#endif
#define NINES_MUTATED(name) (::nines::models::active_mutation == ::nines::models::Mutation::name)

}  // namespace nines::models
