// Which processes and machines something may have changed about since their service last looked at them: so that a look
// costs what was touched, not what there is. For kinds that ask for it (`Kind::looks_at_touched`).
//
// Tables remember who was edited in the event that is under way, one after the other. What an event has edited is kept
// here when the next one begins, by service, until the service looks: also what it has looked at, for whoever edits
// may write until the event ends.
#pragma once

#include <span>

#include "models/kubernetes/attention.hpp"
#include "models/world.hpp"

namespace nines::models::service {

/// An event begins: what was edited before it is kept.
void event_begins(World& world);

/// The service has looked at everything that `each_touched` names.
void forget_touched(World& world, ServiceId service);

/// Of this event alone: see `each_touched`.
template <class OnProcess, class OnNode>
void each_edited(const World& world, ServiceId service, bool whole_event, OnProcess on_process, OnNode on_node) {
  const Unseen& kept = world.unseen[service];
  const auto unseen = [&](auto edits, std::size_t seen) { return edits.subspan(whole_event ? 0 : seen); };
  for (const ProcessId process : unseen(world.kubernetes.pods.edits(), kept.pods_seen)) on_process(process);
  for (const ProcessId process : unseen(world.processes.edits(), kept.processes_seen)) on_process(process);
  const auto node_edited = [&](NodeId node) {
    on_node(node);
    for (const ProcessId process : kubernetes::near(world, node)) on_process(process);
  };
  for (const NodeId node : unseen(world.kubernetes.nodes.edits(), kept.nodes_seen)) node_edited(node);
  for (const NodeId node : unseen(world.infrastructure.nodes.edits(), kept.machines_seen)) node_edited(node);
}

/// Calls `on_process(process)` for processes of any service and `on_node(node)`, each perhaps several times, in no
/// order: all about which something may have changed since the service's last `forget_touched`, also those on a machine
/// that has. `whole_event`: also what it has looked at in this event.
template <class OnProcess, class OnNode>
void each_touched(const World& world, ServiceId service, bool whole_event, OnProcess on_process, OnNode on_node) {
  const Unseen& kept = world.unseen[service];
  kept.processes.each([&](std::size_t at) { on_process(ProcessId::of(at)); });
  kept.nodes.each([&](std::size_t at) { on_node(NodeId::of(at)); });
  each_edited(world, service, whole_event, on_process, on_node);
}

}  // namespace nines::models::service
