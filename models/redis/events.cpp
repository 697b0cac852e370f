// What events are about.
#include "models/redis/events.hpp"

#include "models/plan.hpp"

namespace nines::models::redis {

#define NINES_REDIS_SENTINEL_SUBJECT(E)                                                                 \
  ComponentId subject(const models::Plan& plan, const E& event) {                                       \
    return plan.processes[plan_of(plan, ServiceId{event.service}).sentinels[event.sentinel]].component; \
  }
NINES_REDIS_SENTINEL_EVENTS(NINES_REDIS_SENTINEL_SUBJECT)
#undef NINES_REDIS_SENTINEL_SUBJECT
#define NINES_REDIS_SERVER_SUBJECT(E)                                                               \
  ComponentId subject(const models::Plan& plan, const E& event) {                                   \
    return plan.processes[plan_of(plan, ServiceId{event.service}).servers[event.server]].component; \
  }
NINES_REDIS_SERVER_EVENTS(NINES_REDIS_SERVER_SUBJECT)
#undef NINES_REDIS_SERVER_SUBJECT
#define NINES_REDIS_ACCESS_SUBJECT(E)                                                          \
  ComponentId subject(const models::Plan& plan, const E& event) {                              \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service});                      \
    return service.clients[service.slis[service.accesses[event.access].sli].client].component; \
  }
NINES_REDIS_ACCESS_EVENTS(NINES_REDIS_ACCESS_SUBJECT)
#undef NINES_REDIS_ACCESS_SUBJECT
ComponentId subject(const models::Plan& plan, const PacketArrived& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const models::Plan& plan, const Relabelled& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const models::Plan& plan, const Readmitted& event) {
  return plan.services[ServiceId{event.service}].component;
}

}  // namespace nines::models::redis
