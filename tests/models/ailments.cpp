#include "tests/models/ailments.hpp"

#include "models/kafka/service.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "tests/models/service_parts.hpp"

namespace nines::models::testing {

bool everything_healthy(const World& world) {
  return services::healthy(world) && kubernetes::healthy(world) && people::healthy(world) && faults::healthy(world) &&
         measurement::all_hold(world);
}

/// What is still wrong, for the message of a failure.
std::string ailments(const World& world) {
  std::string text;
  const auto say = [&](std::string_view what) { text += std::string(what) + "; "; };
  if (!kubernetes::healthy(world)) say("platform");
  if (!people::healthy(world)) say("people");
  if (!faults::healthy(world)) say("faults");
  if (!measurement::all_hold(world)) say("SLIs");
  const kafka::State& state = kafka_state(world);
  const kafka::ServicePlan& plan = kafka_plan(*world.plan);
  if (state.active == kafka::nobody) say("no active controller");
  for (std::size_t i = 0; i < state.brokers.size(); ++i) {
    const kafka::BrokerState& broker = state.brokers[i];
    say("broker " + std::to_string(i) + " phase " + std::to_string(static_cast<int>(broker.phase)) +
        (broker.fenced ? " fenced" : "") + (broker.in_contact ? "" : " out of contact") +
        (broker.shutting_down ? " shutting down" : "") + " applied " +
        std::to_string(state.metadata[i].applied_version) + "/" + std::to_string(state.version) + " process " +
        std::to_string(static_cast<int>(world.processes[plan.brokers[i]].status)));
  }
  for (const kafka::VoterState& voter : state.voters) {
    say("voter role " + std::to_string(static_cast<int>(voter.role)) + " epoch " + std::to_string(voter.epoch) +
        " log " + std::to_string(voter.log_version) + (voter.attached ? " attached" : ""));
  }
  for (const kafka::GroupState& group : state.groups) {
    std::string line = "group leader " + std::to_string(group.record.leader) + " owner " + std::to_string(group.owner) +
                       " isr " + std::to_string(group.record.isr) + "/" + std::to_string(group.leader_isr) + " elr " +
                       std::to_string(group.elr) + " zombie " + std::to_string(group.zombie) + " modes";
    for (std::size_t slot = 0; slot < 3; ++slot) {
      const kafka::ReplicaState& replica = group.replicas[slot];
      line += " " + std::to_string(static_cast<int>(replica.mode)) + "/fetcher " +
              std::to_string(static_cast<int>(replica.fetcher)) + "/knows " + std::to_string(replica.known_leader) +
              "@" + std::to_string(replica.known_epoch);
    }
    say(line);
  }
  return text;
}

}  // namespace nines::models::testing
