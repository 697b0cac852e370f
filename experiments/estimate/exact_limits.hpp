// How much work the exact method may take, by who asks. Counted, not timed: the answer does not depend on the machine.
#pragma once

#include "models/components/markov_model.hpp"

namespace nines::experiments {

/// Of a model that the command may solve without being asked to: a second or two for an SLI.
inline models::components::ExactOptions quick_limits() {
  models::components::ExactOptions limits;
  limits.most_states = 12'000;
  limits.most_joint_states = 12'000;
  limits.most_cases = 2'000'000;
  limits.most_breach_work = 5e8;
  limits.most_transient_work = 1e9;
  return limits;
}

/// Of one draw of the inputs, one of hundreds: some milliseconds. Unavailability and breach only.
inline models::components::ExactOptions draw_limits() {
  models::components::ExactOptions limits;
  limits.most_states = 1'000;
  limits.most_joint_states = 500;
  limits.most_cases = 200'000;
  limits.most_breach_work = 2e7;
  limits.most_transient_work = 2e7;
  limits.history = false;
  return limits;
}

}  // namespace nines::experiments
