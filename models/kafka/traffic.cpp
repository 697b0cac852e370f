#include "models/kafka/traffic.hpp"

#include "models/kafka/access.hpp"
#include "models/service/clients.hpp"

namespace nines::models::kafka {

void traffic(const models::Plan& plan, ServiceId id, service::TrafficSink& sink) {
  const ServicePlan& service = plan_of(plan, id);
  const Spec& spec = spec_of(plan.spec(id));
  // An application's programs are in one place, and it counts once.
  std::vector<infrastructure::Endpoint> places;
  for (const ClientSpec& client : spec.clients)
    places.push_back(service::client_place(plan, client.place, plan.services[id].name));
  for (const GroupPlan& group : service.groups) {
    const TopicPlan& topic = service.topics[group.topic];
    if (topic.internal) continue;
    const double bytes_per_s = topic.bytes_per_s() * group.partitions;
    const ProcessId leader = service.brokers[group.broker[0]];
    for (std::size_t slot = 1; slot < group.factor; ++slot) {
      sink.replicate(leader, service.brokers[group.broker[slot]], bytes_per_s);
    }
    sink.clients(places, leader, bytes_per_s, bytes_per_s * topic.consumer_fanout);
  }
}

}  // namespace nines::models::kafka
