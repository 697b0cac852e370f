// Nodes inside the world: their brokers' lives, the Erlang distribution between them, what they do about partitions.
// And what all files of the room share.
//
// Two detectors: the distribution's net tick (a node that hears nothing for `net_ticktime` closes the connection, at
// one of its own ticks), and for quorum queues aten, which looks each `poll_interval`. A connection that is reset is
// gone at once. Rules: RabbitMQ sheet, sections 3, 5 and 10; erlang/otp dist_util.erl send_tick; rabbitmq-server
// rabbit_node_monitor.erl, rabbit_autoheal.erl, rabbit_mnesia.erl; aten aten_detector.erl.
#pragma once

#include "models/process.hpp"
#include "models/rabbitmq/events.hpp"
#include "models/rabbitmq/plan.hpp"
#include "models/rabbitmq/state.hpp"
#include "models/world.hpp"

namespace nines::models::rabbitmq {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] Number nodes() const { return static_cast<Number>(state.nodes.size()); }
  [[nodiscard]] Number queues() const { return static_cast<Number>(state.queues.size()); }
  [[nodiscard]] Node& node(Number number) const { return state.nodes[number]; }
  [[nodiscard]] Link& link(Number observer, Number peer) const {
    return state.links[static_cast<std::size_t>(observer) * state.nodes.size() + peer];
  }
  [[nodiscard]] Queue& queue(Number number) const { return state.queues[number]; }
  [[nodiscard]] const QueueSpec& queue_spec(Number number) const { return spec_of(spec, plan.queues[number]); }
  [[nodiscard]] bool is_quorum(Number number) const { return queue_spec(number).type == QueueType::quorum; }
  [[nodiscard]] bool is_stream(Number number) const { return queue_spec(number).type == QueueType::stream; }
  [[nodiscard]] bool is_classic(Number number) const { return !is_quorum(number) && !is_stream(number); }
  [[nodiscard]] ProcessId process(Number node) const { return plan.nodes[node]; }
  [[nodiscard]] ComponentId component(Number node) const { return world.plan->processes[process(node)].component; }
  [[nodiscard]] ComponentId component() const { return world.plan->services[service].component; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Its broker runs and its process does not stand still: clients are answered.
bool serves(const Context& c, Number node);
/// Its virtual machine runs, and does not stand still.
bool acts(const Context& c, Number node);
/// What a packet of one node to another meets; a machine without RabbitMQ resets.
Contact contact_of(const Context& c, Number from, Number to);
/// Both act, are connected by what `from` knows, and packets get through.
bool reaches(const Context& c, Number from, Number to);
/// A message from one process to another, one way, with what conditions add.
Duration one_way(const Context& c, ProcessId from, ProcessId to);
/// One way and handled by its receiver; drawn.
Duration handled(Context& c, Number from, Number to);
/// Nodes that a node is connected to, itself included.
NodeSet alive_for(const Context& c, Number node);
/// Whether these nodes are more than half of all.
bool is_majority(const Context& c, NodeSet nodes);
/// The event is of another life of its node; says so to the world.
bool stale(World& world, std::uint32_t life, std::uint32_t of_event);

/// Messages published and consumed since the last call are accounted for.
void grow(Context& c);
/// Looks at everything that depends on who reaches whom: connections, nodes, queues, alarms, clients.
void settle(Context& c);

void node_started(Context& c, Number node);
void node_died(Context& c, Number node);
void node_terminating(Context& c, Number node);
void look_at_frozen(Context& c);

/// Nothing of a partition, a boot or a silent node is left.
bool nodes_at_rest(const Context& c);

}  // namespace nines::models::rabbitmq
