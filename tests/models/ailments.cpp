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
  for (const ProcessId process : world.kubernetes.pods.touched()) {
    const kubernetes::PodState& pod = world.kubernetes.pods[process];
    if (pod.object == kubernetes::PodObject::bound && pod.container == kubernetes::Container::running && pod.ready)
      continue;
    say("pod " + std::string(world.plan->name(world.plan->processes[process].component)) + " object " +
        std::to_string(static_cast<int>(pod.object)) + " container " + std::to_string(static_cast<int>(pod.container)) +
        (pod.ready ? " ready" : " not ready"));
  }
  for (const NodeId node : world.kubernetes.nodes.touched()) {
    const kubernetes::NodeState& state = world.kubernetes.nodes[node];
    if (state.kubelet && state.answering && state.object && state.ready && !state.draining && !state.ordered) continue;
    say("node " + std::string(world.plan->name(world.plan->nodes[node].component)) + (state.kubelet ? " kubelet" : "") +
        (state.answering ? " answers" : "") + (state.object ? " object" : "") + (state.ready ? " ready" : "") +
        (state.draining ? " draining" : "") + (state.ordered ? " ordered" : "") + (state.gone ? " gone" : "") +
        " life " + std::to_string(static_cast<int>(world.infrastructure.nodes[node].life)));
  }
  for (const VolumeId volume : world.kubernetes.volumes.touched()) {
    const kubernetes::VolumeState& state = world.kubernetes.volumes[volume];
    if (state.attachment == kubernetes::Attachment::attached && !state.stuck) continue;
    say("volume " + std::string(world.plan->name(world.plan->volumes[volume].component)) + " attachment " +
        std::to_string(static_cast<int>(state.attachment)) + (state.stuck ? " stuck" : "") +
        (world.queue.pending(state.timer) ? " awaited" : ""));
  }
  const kubernetes::ControlPlane& control_plane = world.kubernetes.control_plane;
  if (!control_plane.api) say("no API server");
  if (!control_plane.managers) say("no controller manager");
  if (!control_plane.scheduler) say("no scheduler");
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
