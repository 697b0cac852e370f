// What events are about.
#include "models/postgresql/events.hpp"

#include "models/plan.hpp"

namespace nines::models::postgresql {

#define NINES_POSTGRESQL_SERVER_SUBJECT(E)                                                          \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan.services[ServiceId{event.service}].members[event.server]].component; \
  }
NINES_POSTGRESQL_SERVER_EVENTS(NINES_POSTGRESQL_SERVER_SUBJECT)
#undef NINES_POSTGRESQL_SERVER_SUBJECT
#define NINES_POSTGRESQL_SERVICE_SUBJECT(E)                       \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_POSTGRESQL_SERVICE_EVENTS(NINES_POSTGRESQL_SERVICE_SUBJECT)
#undef NINES_POSTGRESQL_SERVICE_SUBJECT
#define NINES_POSTGRESQL_ACCESS_SUBJECT(E)                                \
  ComponentId subject(const models::Plan& plan, const E& event) {         \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service}); \
    return service.clients[service.slis[event.access].client].component;  \
  }
NINES_POSTGRESQL_ACCESS_EVENTS(NINES_POSTGRESQL_ACCESS_SUBJECT)
#undef NINES_POSTGRESQL_ACCESS_SUBJECT

}  // namespace nines::models::postgresql
