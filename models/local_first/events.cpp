// What events are about.
#include "models/local_first/events.hpp"

#include "models/plan.hpp"

namespace nines::models::local_first {

#define NINES_LOCAL_FIRST_SUBJECT(E)                                                                \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.worker]].component; \
  }
NINES_LOCAL_FIRST_EVENTS(NINES_LOCAL_FIRST_SUBJECT)
#undef NINES_LOCAL_FIRST_SUBJECT

}  // namespace nines::models::local_first
