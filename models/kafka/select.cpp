#include "models/kafka/select.hpp"

#include "models/world.hpp"

namespace nines::models::kafka {

ProcessId controller_leader(const World& world, std::size_t service) {
  const State& state = world.kafka[service];
  return state.active == nobody ? ProcessId::none() : world.plan->kafka[service].controllers[state.active];
}

ProcessId partition_leader(const World& world, std::size_t service, std::string_view topic, std::int64_t partition) {
  const ServicePlan& plan = world.plan->kafka[service];
  for (const TopicPlan& candidate : plan.topics) {
    const std::string_view name = world.plan->name(candidate.component);
    const bool same = name.size() > topic.size() && name.substr(name.size() - topic.size()) == topic &&
                      name[name.size() - topic.size() - 1] == '/';
    if (!same || partition < 0 || partition >= candidate.partitions) continue;
    const GroupId group = candidate.group_of[static_cast<std::size_t>(partition)];
    const Slot leader = world.kafka[service].groups[group].record.leader;
    return leader == no_slot ? ProcessId::none() : plan.brokers[plan.groups[group].broker[leader]];
  }
  return ProcessId::none();
}

}  // namespace nines::models::kafka
