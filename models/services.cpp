// Routes what infrastructure and kubelet report to the service that a process belongs to.
#include "models/coverage.hpp"
#include "models/kafka/broker_start.hpp"
#include "models/kafka/controlled_shutdown.hpp"
#include "models/kafka/service.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::services {

namespace {

/// Calls `act(context)` if the process belongs to a Kafka service; the operator has no protocol of its own.
template <class Act>
void with_kafka(World& world, ProcessId process, Act&& act) {
  const std::int8_t service = world.plan->processes[process].service;
  if (service < 0) return;
  kafka::Context c = kafka::context(world, static_cast<kafka::Service>(service));
  act(c);
}

}  // namespace

void process_started(World& world, ProcessId process) {
  with_kafka(world, process, [&](kafka::Context& c) { kafka::member_started(c, process); });
}

void process_died(World& world, ProcessId process) {
  with_kafka(world, process, [&](kafka::Context& c) { kafka::member_died(c, process); });
}

void process_terminating(World& world, ProcessId process) {
  const bool server = world.plan->processes[process].service >= 0;
  if (!server) {
    kubernetes::process_exited(world, process, Ending::clean);
    return;
  }
  with_kafka(world, process, [&](kafka::Context& c) { kafka::member_terminating(c, process); });
}

void disk_failed(World& world, ProcessId process) {
  // The only log directory and the metadata directory are gone: the server halts (K39
  // ReplicaManager.handleLogDirFailure).
  if (world.processes[process].status != ProcessState::Status::running) return;
  NINES_TAKES(log_directory_lost);
  kubernetes::process_exited(world, process, Ending::crash);
}

void contacts_changed(World& world) {
  for (std::size_t service = 0; service < world.plan->kafka.size(); ++service) {
    kafka::contacts_changed(world, static_cast<kafka::Service>(service));
  }
}

bool ready(const World& world, ProcessId process) {
  const std::int8_t service = world.plan->processes[process].service;
  if (service < 0) return world.processes[process].status == ProcessState::Status::running;
  return kafka::ready(kafka::view(world, static_cast<kafka::Service>(service)), process);
}

bool may_restart(const World& world, ProcessId process) {
  const std::int8_t service = world.plan->processes[process].service;
  if (service < 0) return true;
  return kafka::may_restart(kafka::view(world, static_cast<kafka::Service>(service)), process);
}

std::vector<ProcessId> restart_order(const World& world, std::size_t service) {
  return kafka::restart_order(kafka::view(world, static_cast<kafka::Service>(service)));
}

bool healthy(const World& world) {
  for (std::size_t service = 0; service < world.plan->kafka.size(); ++service) {
    if (!kafka::healthy(kafka::view(world, static_cast<kafka::Service>(service)))) return false;
  }
  return true;
}

}  // namespace nines::models::services
