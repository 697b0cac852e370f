// What events are about.
#include "models/rabbitmq/events.hpp"

#include "models/plan.hpp"

namespace nines::models::rabbitmq {

#define NINES_RABBITMQ_NODE_SUBJECT(E)                                                          \
  ComponentId subject(const models::Plan& plan, const E& event) {                               \
    return plan.processes[plan_of(plan, ServiceId{event.service}).nodes[event.node]].component; \
  }
NINES_RABBITMQ_NODE_EVENTS(NINES_RABBITMQ_NODE_SUBJECT)
#undef NINES_RABBITMQ_NODE_SUBJECT
#define NINES_RABBITMQ_QUEUE_SUBJECT(E)                                           \
  ComponentId subject(const models::Plan& plan, const E& event) {                 \
    return plan_of(plan, ServiceId{event.service}).queues[event.queue].component; \
  }
NINES_RABBITMQ_QUEUE_EVENTS(NINES_RABBITMQ_QUEUE_SUBJECT)
#undef NINES_RABBITMQ_QUEUE_SUBJECT
#define NINES_RABBITMQ_ACCESS_SUBJECT(E)                                                       \
  ComponentId subject(const models::Plan& plan, const E& event) {                              \
    const ServicePlan& service = plan_of(plan, ServiceId{event.service});                      \
    return service.clients[service.slis[service.accesses[event.access].sli].client].component; \
  }
NINES_RABBITMQ_ACCESS_EVENTS(NINES_RABBITMQ_ACCESS_SUBJECT)
#undef NINES_RABBITMQ_ACCESS_SUBJECT
#define NINES_RABBITMQ_SERVICE_SUBJECT(E)                         \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_RABBITMQ_SERVICE_EVENTS(NINES_RABBITMQ_SERVICE_SUBJECT)
#undef NINES_RABBITMQ_SERVICE_SUBJECT

}  // namespace nines::models::rabbitmq
