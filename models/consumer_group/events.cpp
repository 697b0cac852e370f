// What events are about.
#include "models/consumer_group/events.hpp"

#include "models/plan.hpp"

namespace nines::models::consumer_group {

#define NINES_GROUP_SUBJECT(E)                                                                      \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.member]].component; \
  }
NINES_GROUP_MEMBER_EVENTS(NINES_GROUP_SUBJECT)
#undef NINES_GROUP_SUBJECT
#define NINES_GROUP_SUBJECT(E)                                    \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_GROUP_EVENTS(NINES_GROUP_SUBJECT)
#undef NINES_GROUP_SUBJECT

}  // namespace nines::models::consumer_group
