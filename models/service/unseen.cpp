#include "models/service/unseen.hpp"

namespace nines::models::service {

void event_begins(World& world) {
  for (const ServiceId service : world.plan->looking_at_touched) {
    Unseen& kept = world.unseen[service];
    each_edited(
        world, service, true,
        [&](ProcessId process) {
          if (world.plan->processes[process].service == service) kept.processes.insert(process.value);
        },
        [&](NodeId node) { kept.nodes.insert(node.value); });
    kept.pods_seen = kept.processes_seen = kept.nodes_seen = kept.machines_seen = 0;
  }
  world.processes.forget_edited();
  world.infrastructure.nodes.forget_edited();
}

void forget_touched(World& world, ServiceId service) {
  Unseen& kept = world.unseen[service];
  kept.processes.clear();
  kept.nodes.clear();
  kept.pods_seen = world.kubernetes.pods.edits().size();
  kept.processes_seen = world.processes.edits().size();
  kept.nodes_seen = world.kubernetes.nodes.edits().size();
  kept.machines_seen = world.infrastructure.nodes.edits().size();
}

}  // namespace nines::models::service
