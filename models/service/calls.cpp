// What infrastructure and kubelet report to the service that a process belongs to.
#include "models/coverage.hpp"
#include "models/platform.hpp"
#include "models/platform_part.hpp"
#include "models/process.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

/// Calls `act(kind, service)` if the process belongs to a service; what only the platform needs has no protocol.
template <class Act>
void with_service(const World& world, ProcessId process, Act&& act) {
  const ServiceId service = world.plan->processes[process].service;
  if (service.exists()) act(*world.plan->services[service].kind, service);
}

}  // namespace

namespace services {

void process_started(World& world, ProcessId process) {
  with_service(world, process,
               [&](const service::Kind& kind, ServiceId id) { kind.process_started(world, id, process); });
}

void process_died(World& world, ProcessId process) {
  with_service(world, process, [&](const service::Kind& kind, ServiceId id) { kind.process_died(world, id, process); });
}

void process_terminating(World& world, ProcessId process) {
  if (!world.plan->processes[process].service.exists()) {
    kubernetes::process_exited(world, process, Ending::clean);
    return;
  }
  with_service(world, process,
               [&](const service::Kind& kind, ServiceId id) { kind.process_terminating(world, id, process); });
}

void disk_failed(World& world, ProcessId process) {
  if (world.processes[process].status != ProcessState::Status::running) return;
  with_service(world, process, [&](const service::Kind& kind, ServiceId id) { kind.disk_failed(world, id, process); });
}

void contacts_changed(World& world) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  for (const ServiceId service : all.ids()) all[service].kind->contacts_changed(world, service);
  kubernetes::dependencies_changed(world);
}

void readiness_changed(World& world) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  for (const ServiceId service : all.ids()) all[service].kind->readiness_changed(world, service);
  kubernetes::dependencies_changed(world);
}

void conditions_changed(World& world) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  for (const ServiceId service : all.ids()) all[service].kind->conditions_changed(world, service);
}

bool clock_jumped(World& world, NodeId node, Duration by) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  bool felt = false;
  for (const ServiceId service : all.ids()) felt = all[service].kind->clock_jumped(world, service, node, by) || felt;
  return felt;
}

bool ready(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  if (!service.exists()) return world.processes[process].status == ProcessState::Status::running;
  return world.plan->services[service].kind->ready(world, service, process);
}

Contact probed(const World& world, ProcessId process, Duration patience) {
  const ProcessState::Status status = world.processes[process].status;
  if (status == ProcessState::Status::stopped) return Contact::silence;
  if (status != ProcessState::Status::running || !ready(world, process)) return Contact::reset;
  const ServiceId service = world.plan->processes[process].service;
  if (!service.exists()) return Contact::ok;
  const bool answers = world.plan->services[service].kind->answers_within(world, service, process, patience);
  return answers ? Contact::ok : Contact::silence;
}

bool answers_to(const World& world, ServiceId service, ProcessId from) {
  for (const ProcessId member : world.plan->services[service].members) {
    const kubernetes::PodState& pod = world.kubernetes.pods[member];
    const bool listed =
        hosts::supervised(*world.plan, member) || (pod.object == kubernetes::PodObject::bound && pod.ready);
    if (listed && service::any_role(*world.plan, member, &service::Role::serves) &&
        contact(world, from, member) == Contact::ok)
      return true;
  }
  return false;
}

void job_ended(World& world, WorkloadId workload, std::uint32_t place, bool succeeded) {
  const ServiceId service = world.plan->workloads[workload].service;
  if (service.exists()) world.plan->services[service].kind->job_ended(world, service, place, succeeded);
}

void disturbed(World& world) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  for (const ServiceId service : all.ids()) all[service].kind->disturbed(world, service);
}

bool may_restart(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return !service.exists() || world.plan->services[service].kind->may_restart(world, service, process);
}

std::vector<ProcessId> restart_order(const World& world, std::size_t service) {
  const ServiceId id = ServiceId::of(service);
  return world.plan->services[id].kind->restart_order(world, id);
}

std::vector<double> use(const World& world, ServiceId service) {
  return world.plan->services[service].kind->use(world, service);
}

double requests_per_s(const World& world, ServiceId service) {
  return world.plan->services[service].kind->requests_per_s(world, service);
}

void limit_load(World& world, ProcessId process) {
  with_service(world, process, [&](const service::Kind& kind, ServiceId id) { kind.load_limited(world, id); });
}

HandWork hand_work(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return world.plan->services[service].kind->hand_work(world, service, process);
}

bool done_by_hand(World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return world.plan->services[service].kind->done_by_hand(world, service, process);
}

bool part_works(const World& world, PlatformPart part, NodeId node) {
  const ServiceId player = world.plan->player(part);
  return !player.exists() || world.plan->services[player].kind->part_works(world, player, node);
}

const std::vector<NodeId>& machines_without(const World& world, PlatformPart part) {
  static const std::vector<NodeId> none;
  const ServiceId player = world.plan->player(part);
  return player.exists() ? world.plan->services[player].kind->machines_without(world, player) : none;
}

LookUp look_up(const World& world, infrastructure::Endpoint place) {
  const ServiceId player = world.plan->player(PlatformPart::names);
  return player.exists() ? world.plan->services[player].kind->look_up(world, player, place) : LookUp{};
}

bool healthy(const World& world) {
  const Table<ServiceId, ServicePlan>& all = world.plan->services;
  for (const ServiceId service : all.ids()) {
    if (!all[service].kind->healthy(world, service)) return false;
  }
  return true;
}

}  // namespace services

namespace service {

double Defaults::requests_per_s(const World& world, ServiceId service) {
  const auto load = world.plan->services[service].kind->load(world.plan->spec(service));
  return load ? load->requests_per_s * faults::load_factor(world, service) : 0;
}

void answers_changed(World& world, ServiceId service) {
  for (const ServiceId user : world.plan->services[service].users)
    world.plan->services[user].kind->answers_changed(world, user);
}

void restored(World& world, ServiceId service, Duration age) {
  for (const ServiceId user : world.plan->services[service].users)
    world.plan->services[user].kind->store_restored(world, user, age);
}

bool any_role(const Plan& plan, ProcessId process, bool Role::*says) {
  const ServiceId service = plan.processes[process].service;
  if (!service.exists()) return false;
  const std::span<const Role> roles = plan.services[service].kind->roles;
  for (std::size_t role = 0; role < roles.size(); ++role) {
    if (roles[role].*says && plays(plan.processes[process].roles, role)) return true;
  }
  return false;
}

void Defaults::disk_failed(World& world, ServiceId, ProcessId process) {
  NINES_TAKES(log_directory_lost);
  kubernetes::process_exited(world, process, Ending::crash);
}

std::vector<ProcessId> Defaults::restart_order(const World& world, ServiceId service) {
  return world.plan->services[service].members;
}

std::string Defaults::loss_item(const Plan& plan, ServiceId service, const measurement::Loss&) {
  return plan.services[service].name;
}

std::vector<Fact> Defaults::sli_facts(const Plan& plan, measurement::SliIndex sli) {
  return {{"deadline_s", plan.slis[sli].deadline}};
}

}  // namespace service

}  // namespace nines::models
