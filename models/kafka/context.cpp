#include "models/kafka/context.hpp"

#include "models/infrastructure/conditions.hpp"
#include "models/kafka/access.hpp"

namespace nines::models::kafka {

Context context(World& world, Service service) {
  const ServiceId id = ServiceId::of(service);
  return {world, service, plan_of(*world.plan, id), spec_of(world.plan->spec(id)).parameters, state_of(world, id)};
}

const Context view(const World& world, Service service) {
  // One type serves readers and writers; readers get it const, and every mutating function takes it non-const.
  return context(const_cast<World&>(world), service);
}

Duration Context::rtt(ProcessId a, ProcessId b) const {
  const Duration base = infrastructure::round_trip(world, a, b);
  if (world.infrastructure.degradations.empty()) return base;
  const infrastructure::PathCondition path = infrastructure::path_condition(world, a, b);
  // One that mostly fails is given up after the time-out of its request.
  return base + std::min(infrastructure::round_trip_longer(world.plan->infra(), path, base),
                         parameters.quorum_request_timeout);
}

namespace {
Position position_in(const std::vector<ProcessId>& processes, ProcessId process) {
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (processes[i] == process) return static_cast<Position>(i);
  }
  return nobody;
}

const ServicePlan& at(const Plan& plan, Service service) { return plan_of(plan, ServiceId::of(service)); }

ComponentId broker_component(const Plan& plan, Service service, Position broker) {
  const ServicePlan& kafka = at(plan, service);
  return broker == nobody ? kafka.component : plan.processes[kafka.brokers[broker]].component;
}
ComponentId voter_component(const Plan& plan, Service service, Position voter) {
  return plan.processes[at(plan, service).controllers[voter]].component;
}
ComponentId group_component(const Plan& plan, Service service, GroupId group) {
  return at(plan, service).groups[group].component;
}
ComponentId client_component(const Plan& plan, Service service, std::uint16_t client) {
  return at(plan, service).clients[ClientId::of(client)].component;
}
}  // namespace

Position broker_at(const ServicePlan& plan, ProcessId process) { return position_in(plan.brokers, process); }
Position voter_at(const ServicePlan& plan, ProcessId process) { return position_in(plan.controllers, process); }

// What each event is about, for the trace.
ComponentId subject(const Plan& plan, const RegistrationAttempt& e) {
  return broker_component(plan, e.service, e.broker);
}
ComponentId subject(const Plan& plan, const BrokerRegistered& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const SessionExpired& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const BrokerFenced& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const BrokerUnfenced& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const ReassignmentBegun& e) {
  return broker_component(plan, e.service, e.broker);
}
ComponentId subject(const Plan& plan, const ReplicasStay& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const ReassignmentRefused& e) {
  return broker_component(plan, e.service, e.broker);
}
ComponentId subject(const Plan& plan, const HealingStopped& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const ReassignmentDone& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const MovesLook& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const BrokerFailureLook& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const BrokerFailureFound& e) {
  return broker_component(plan, e.service, e.broker);
}
ComponentId subject(const Plan& plan, const BrokerFailureAlert& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const SelfHealingFailed& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const HeartbeatResumed& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const ProcessUp& e) {
  return e.voter ? voter_component(plan, e.service, e.position) : broker_component(plan, e.service, e.position);
}
ComponentId subject(const Plan& plan, const MetadataCaughtUp& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const LogsLoaded& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const ShutdownPoll& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const LogsClosed& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const QuorumTimer& e) { return voter_component(plan, e.service, e.voter); }
ComponentId subject(const Plan& plan, const VoteRequested& e) { return voter_component(plan, e.service, e.from); }
ComponentId subject(const Plan& plan, const VoteAnswered& e) { return voter_component(plan, e.service, e.from); }
ComponentId subject(const Plan& plan, const VoterUnheard& e) { return voter_component(plan, e.service, e.voter); }
ComponentId subject(const Plan& plan, const ControllerElected& e) { return voter_component(plan, e.service, e.voter); }
ComponentId subject(const Plan& plan, const ControllerActive& e) { return voter_component(plan, e.service, e.voter); }
ComponentId subject(const Plan& plan, const ControllerResigned& e) { return voter_component(plan, e.service, e.voter); }
ComponentId subject(const Plan& plan, const LeaderElected& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const PartitionOffline& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const MetadataApplied& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const IsrExpiryCheck& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const IsrShrunk& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const IsrExpanded& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const IsrUpdateDue& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const FetchResumed& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const PairCaughtUp& e) { return broker_component(plan, e.service, e.to); }
ComponentId subject(const Plan& plan, const CatchUpDone& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const AcksLate& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const LeaderLate& e) { return broker_component(plan, e.service, e.broker); }
ComponentId subject(const Plan& plan, const PreferredLeaderCheck& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const PreferredLeadersElected& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const RecordsLost& e) { return group_component(plan, e.service, e.group); }
ComponentId subject(const Plan& plan, const ClientRetry& e) { return client_component(plan, e.service, e.client); }
ComponentId subject(const Plan& plan, const ClientRefreshed& e) { return client_component(plan, e.service, e.client); }
ComponentId subject(const Plan& plan, const ClientFreed& e) { return client_component(plan, e.service, e.client); }
ComponentId subject(const Plan& plan, const ClientTimedOut& e) { return client_component(plan, e.service, e.client); }
ComponentId subject(const Plan& plan, const ClientMetadataRefresh& e) {
  return client_component(plan, e.service, e.client);
}
ComponentId subject(const Plan& plan, const RegistrationsSeen& e) { return at(plan, e.service).component; }
ComponentId subject(const Plan& plan, const JobDone& e) { return at(plan, e.service).component; }
#define NINES_KAFKA_BROKER_SUBJECT(E) \
  ComponentId subject(const Plan& plan, const E& e) { return broker_component(plan, e.service, e.broker); }
NINES_KAFKA_BROKER_SUBJECT(ConnectionTimedOut)
NINES_KAFKA_BROKER_SUBJECT(RegistrationTried)
NINES_KAFKA_BROKER_SUBJECT(RegistrationMade)
NINES_KAFKA_BROKER_SUBJECT(RegistrationRefused)
NINES_KAFKA_BROKER_SUBJECT(RegistrationGone)
NINES_KAFKA_BROKER_SUBJECT(ControllerTried)
NINES_KAFKA_BROKER_SUBJECT(ControllerCreated)
NINES_KAFKA_BROKER_SUBJECT(ControllerGone)
NINES_KAFKA_BROKER_SUBJECT(ControllerReady)
NINES_KAFKA_BROKER_SUBJECT(BrokerRemoved)
NINES_KAFKA_BROKER_SUBJECT(BrokerJoined)
NINES_KAFKA_BROKER_SUBJECT(ControlRequestArrived)
NINES_KAFKA_BROKER_SUBJECT(ShutdownTried)
#undef NINES_KAFKA_BROKER_SUBJECT

}  // namespace nines::models::kafka
