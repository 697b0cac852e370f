#include "tests/transcripts/world_handler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "models/faults/scenario.hpp"
#include "models/kafka/context.hpp"
#include "models/kafka/session.hpp"
#include "models/selector.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace nines::tests::transcripts {

using namespace nines::models;
using models::testing::origin;

namespace {

Duration duration(const std::string& text) { return Duration::from_seconds(seconds(text)); }

double number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw Refused("expected a number, got '" + text + "'");
  return value;
}

bool truth(const std::string& text) {
  if (text != "true" && text != "false") throw Refused("expected true or false, got '" + text + "'");
  return text == "true";
}

void assign(Duration& field, const std::string& value) { field = duration(value); }
void assign(Law& field, const std::string& value) { field = Law::constant(duration(value)); }
void assign(bool& field, const std::string& value) { field = truth(value); }
void assign(Count& field, const std::string& value) { field = static_cast<Count>(number(value)); }
void assign(Ratio& field, const std::string& value) { field = number(value); }
void assign(Bytes& field, const std::string& value) { field.count = number(value); }
void assign(Bandwidth& field, const std::string& value) { field.bytes_per_s = number(value); }
void assign(Rate& field, const std::string& value) { field.per_hour = number(value); }
void assign(Money& field, const std::string& value) { field.usd = number(value); }

/// Whether the group has the parameter.
template <class Group>
bool set(Group& group, const std::string& key, const std::string& value) {
  for (const Parameter<Group>& parameter : Group::table()) {
    if (parameter.key != key) continue;
    std::visit([&](const auto field) { assign(group.*field, value); }, parameter.field);
    return true;
  }
  return false;
}

/// "12.345 s" since the transcript's beginning.
std::string clock(sim::Time at) { return fmt::format("{:.3f} s", (at - origin).to_seconds()); }

bool matches(std::string_view name, const std::string& pattern) {
  if (!pattern.ends_with('*')) return name == pattern;
  return name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

// ---- what is held about things ----

using Lines = std::vector<std::pair<std::string, std::string>>;  ///< name and state

std::string_view phase_name(kafka::BrokerPhase phase) {
  using enum kafka::BrokerPhase;
  switch (phase) {
    case down: return "down";
    case registering: return "registering";
    case catching_up: return "catching up with the metadata";
    case recovering: return "loading its logs";
    case unfencing: return "waiting to be unfenced";
    case running: return "running";
    case stopping: return "stopping";
    case closing: return "closing its logs";
  }
  return "";
}

Lines brokers(const World& world) {
  Lines lines;
  const kafka::Context c = kafka::view(world, 0);
  for (kafka::Position at = 0; at < c.state.brokers.size(); ++at) {
    const kafka::BrokerState& broker = c.state.brokers[at];
    std::string text(phase_name(broker.phase));
    if (broker.fenced) text += ", fenced";
    if (broker.shutting_down) text += ", in controlled shutdown";
    const sim::Time heartbeat =
        broker.in_contact ? kafka::heartbeats_of(c, at).at_or_before(world.now) : broker.last_contact;
    text += ", last heartbeat at " + clock(heartbeat);
    lines.emplace_back(world.plan->name(c.broker_component(at)), text);
  }
  return lines;
}

std::string_view role_name(kafka::VoterRole role) {
  using enum kafka::VoterRole;
  switch (role) {
    case down: return "down";
    case follower: return "follower";
    case prospective: return "prospective";
    case candidate: return "candidate";
    case leader: return "leader";
    case resigned: return "resigned";
    case unattached: return "unattached";
    case backing_off: return "backing off";
  }
  return "";
}

Lines voters(const World& world) {
  Lines lines;
  const kafka::Context c = kafka::view(world, 0);
  for (kafka::Position at = 0; at < c.state.voters.size(); ++at) {
    const kafka::VoterState& voter = c.state.voters[at];
    std::string text = fmt::format("{}, epoch {}", role_name(voter.role), voter.epoch);
    if (c.state.active == at) text += ", active";
    lines.emplace_back(world.plan->name(c.voter_component(at)), text);
  }
  return lines;
}

std::string members(const kafka::Context& c, GroupId group, kafka::SlotSet set) {
  std::vector<std::string> names;
  for (kafka::Slot slot = 0; slot < c.plan.groups[group].replicas; ++slot) {
    if (kafka::has(set, slot)) names.push_back(std::to_string(c.broker_of(group, slot)));
  }
  return fmt::format("{{{}}}", fmt::join(names, ","));
}

Lines partitions(const World& world) {
  Lines lines;
  const kafka::Context c = kafka::view(world, 0);
  for (const GroupId id : c.plan.groups.ids()) {
    if (c.topic_of(id).internal) continue;
    const kafka::GroupState& group = c.state.groups[id];
    const kafka::Slot leader = group.record.leader;
    std::string text = "leader ";
    text += leader == kafka::no_slot ? "none" : std::to_string(c.broker_of(id, leader));
    text += fmt::format(" in epoch {}, ISR {}", group.record.epoch, members(c, id, group.record.isr));
    if (group.elr != 0) text += ", ELR " + members(c, id, group.elr);
    lines.emplace_back(world.plan->name(c.plan.groups[id].component), text);
  }
  return lines;
}

Lines nodes(const World& world) {
  Lines lines;
  for (const NodeId id : world.kubernetes.nodes.ids()) {
    const kubernetes::NodeState& node = world.kubernetes.nodes[id];
    if (!node.object && node.machine == 0) continue;  // a place where no machine has been yet
    std::string text =
        node.object ? (node.ready ? "Ready" : "Unknown since " + clock(node.unknown_since)) : "no Node object";
    if (node.no_execute == kubernetes::NoExecute::queued) text += ", waits for its NoExecute taint";
    if (node.no_execute == kubernetes::NoExecute::tainted) text += ", NoExecute taint";
    if (node.out_of_service) text += ", out-of-service taint";
    text += node.answering ? ", renews its lease" : ", last renewed its lease at " + clock(node.last_renewal);
    lines.emplace_back(world.plan->name(world.plan->nodes[id].component), text);
  }
  return lines;
}

Lines pods(const World& world) {
  using kubernetes::Container;
  using kubernetes::PodObject;
  Lines lines;
  const auto node_name = [&](NodeId node) { return world.plan->name(world.plan->nodes[node].component); };
  for (const ProcessId id : world.kubernetes.pods.ids()) {
    const kubernetes::PodState& pod = world.kubernetes.pods[id];
    std::string text;
    switch (pod.object) {
      case PodObject::gone: text = "no object"; break;
      case PodObject::pending: text = "Pending"; break;
      case PodObject::bound: text = fmt::format("bound to {}", node_name(pod.node)); break;
      case PodObject::terminating: text = fmt::format("Terminating on {}", node_name(pod.node)); break;
    }
    switch (pod.container) {
      case Container::none: text += ", no container"; break;
      case Container::starting: text += ", container starts"; break;
      case Container::running: text += ", container runs"; break;
      case Container::stopping: text += ", container stops"; break;
      case Container::waiting: text += ", container waits for its restart"; break;
    }
    lines.emplace_back(world.plan->name(world.plan->processes[id].component), text);
  }
  return lines;
}

Lines volumes(const World& world) {
  using kubernetes::Attachment;
  Lines lines;
  for (const VolumeId id : world.kubernetes.volumes.ids()) {
    const kubernetes::VolumeState& volume = world.kubernetes.volumes[id];
    const std::string_view node = world.plan->name(world.plan->nodes[volume.node].component);
    std::string text;
    switch (volume.attachment) {
      case Attachment::detached: text = "detached"; break;
      case Attachment::attaching: text = fmt::format("attaching to {}", node); break;
      case Attachment::attached: text = fmt::format("attached to {}", node); break;
      case Attachment::detaching: text = fmt::format("detaching from {}", node); break;
    }
    if (volume.in_use) text += ", in use by its node's status";
    if (volume.unwanted_since != sim::Time::never()) text += ", unwanted since " + clock(volume.unwanted_since);
    lines.emplace_back(world.plan->name(world.plan->volumes[id].component), text);
  }
  return lines;
}

Lines passes(const World& world) {
  const kubernetes::State& state = world.kubernetes;
  return {{"node monitor", "next pass at " + clock(state.monitor_passes.after(world.now))},
          {"pod garbage collector", "next pass at " + clock(state.collector_passes.after(world.now))},
          {"cloud node controller", "next pass at " + clock(state.cloud_passes.after(world.now))}};
}

const std::map<std::string, Lines (*)(const World&)> kinds{
    {"brokers", brokers}, {"voters", voters},   {"partitions", partitions}, {"nodes", nodes},
    {"pods", pods},       {"volumes", volumes}, {"passes", passes}};

/// Under a supervisor there is no Kubernetes, and what was a network volume is the host's own disk.
void run_by(Topology& topology, const std::string& controller) {
  const auto found = std::find_if(controller_rules.begin(), controller_rules.end(),
                                  [&](const ControllerRules& rules) { return rules.name == controller; });
  if (found == controller_rules.end()) throw Refused("there is no controller '" + controller + "'");
  topology.services[0].controller = found->controller;
  if (!found->owned) topology.workloads.clear();
  if (found->kubernetes) return;
  topology.platform = PlatformKind::none;
  for (NodeGroupSpec& group : topology.node_groups) {
    group.bare = true;
    group.provisioner = Provisioner::none;
    group.auto_recovery = false;
    group.instance.local_disk = {4e12};
    group.instance.local_disk_rate = {1e9};
  }
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.kind = VolumeKind::nvme;
}

Topology topology(Arguments& arguments) {
  Topology topology = models::testing::small_topology();
  models::testing::without_changes(topology);
  topology.people.on_call = 0;
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.topics.resize(1);
  kafka.topics[0].partitions = static_cast<Count>(number(arguments.option("partitions").value_or("1")));
  kafka.parameters.offsets_partitions = 1;
  topology.node_groups[0].nodes_per_zone =
      static_cast<std::int64_t>(number(arguments.option("nodes-per-zone").value_or("1")));
  if (const auto controller = arguments.option("controller")) run_by(topology, *controller);
  if (arguments.option("pod-management").value_or("ordered-ready") == "parallel")
    topology.services[0].management = PodManagement::parallel;
  topology.people.on_call = static_cast<Count>(number(arguments.option("on-call").value_or("0")));
  return topology;
}

}  // namespace

WorldHandler::WorldHandler() {
  command("world", [this](Arguments& a) { return begin(a); });
  command("at", [this](Arguments& a) { return arm(a); });
  command("run", [this](Arguments& a) { return run(a); });
  command("state", [this](Arguments& a) { return state(a); });
}

World& WorldHandler::world() {
  if (!world_) throw Refused("there is no world yet");
  return *world_;
}

std::string WorldHandler::begin(Arguments& arguments) {
  Topology design = topology(arguments);
  const auto seed = static_cast<std::uint64_t>(number(arguments.option("seed").value_or("1")));
  const auto run = static_cast<std::uint64_t>(number(arguments.option("run").value_or("0")));
  kafka::Spec& kafka = kafka_spec(design);
  for (const auto& [key, value] : arguments.options()) {
    const bool known = set(kafka.parameters, key, value) || set(design.kubernetes, key, value) ||
                       set(design.infrastructure, key, value) || set(design.hosts, key, value) ||
                       set(design.people, key, value) || set(design.changes, key, value) ||
                       set(kafka.clients[0].parameters, key, value);
    if (!known) throw Refused("there is no parameter '" + key + "'");
  }
  // The topic has no values of its own.
  kafka::TopicSpec& topic = kafka.topics[0];
  topic.min_insync_replicas = kafka.parameters.min_insync_replicas;
  topic.unclean_leader_election = kafka.parameters.unclean_leader_election;
  begin_with(std::move(design), seed, run);
  return "";
}

void WorldHandler::begin_with(Topology design, std::uint64_t seed, std::uint64_t run) {
  plan_ = std::make_unique<Plan>(build_plan(std::move(design), seed));
  world_ = initial_world(*plan_, run);
  run_until(*world_, origin - Duration::nanoseconds(1));
  printed_ = world_->trace.records().size();
}

std::string WorldHandler::arm(Arguments& arguments) {
  Action action;
  action.at = duration(arguments.word("a time"));
  const std::string verb = arguments.word("a verb");
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const VerbInfo& info) { return info.name == verb; });
  if (found == verbs.end()) throw Refused("there is no verb '" + verb + "'");
  action.verb = found->verb;
  action.target = arguments.word("a target");
  if (const auto length = arguments.option("for")) action.duration = duration(*length);
  if (const auto extent = arguments.option("extent")) action.extent = number(*extent);
  if (const auto share = arguments.option("share")) action.share = number(*share);
  if (const auto loss = arguments.option("loss")) action.loss = number(*loss);
  if (const auto delay = arguments.option("delay")) action.delay = duration(*delay);
  if (const auto jump = arguments.option("jump")) action.jump = duration(*jump);
  action.from = arguments.option("from").value_or("");
  if (const auto variant = arguments.option("variant")) {
    const auto form = std::find_if(verb_variants.begin(), verb_variants.end(), [&](const VariantInfo& info) {
      return info.verb == action.verb && info.name == *variant;
    });
    if (form == verb_variants.end()) throw Refused("'" + verb + "' has no variant '" + *variant + "'");
    action.variant = form->variant;
  }
  if (const auto problem = check_options(action)) throw Refused(*problem);
  if (const auto problem = check_target(*world().plan, action)) throw Refused(*problem);
  if (origin + action.at < world().now) throw Refused("that is over");
  faults::schedule_actions(world(), {action}, origin);
  return "";
}

std::string WorldHandler::run(Arguments& arguments) {
  const sim::Time until = origin + duration(arguments.word("a time"));
  const std::vector<std::string> patterns = arguments.rest();
  if (until < world().now) throw Refused("that is over");
  run_until(world(), until);
  const std::vector<sim::TraceRecord>& records = world().trace.records();
  std::string text;
  for (std::size_t i = printed_; i < records.size(); ++i) {
    const sim::TraceRecord& record = records[i];
    const sim::EventInfo& info = event_info(record.kind);
    const auto wanted = [&](const std::string& pattern) { return matches(info.name, pattern); };
    if (std::none_of(patterns.begin(), patterns.end(), wanted)) continue;
    text += fmt::format("{:>10}  {:<26}  {:<28}  {}\n", clock(record.at), info.name,
                        world().plan->name(record.component), info.summary);
  }
  printed_ = records.size();
  return text.empty() && !patterns.empty() ? "nothing" : text;
}

std::string WorldHandler::state(Arguments& arguments) {
  const std::string kind = arguments.word("what to print");
  const auto found = kinds.find(kind);
  if (found == kinds.end()) throw Refused("there is no state of '" + kind + "'");
  const std::optional<std::string> name = arguments.next();
  std::string text;
  for (const auto& [whose, what] : found->second(world())) {
    if (!name || matches(whose, *name)) text += fmt::format("{}: {}\n", whose, what);
  }
  if (text.empty()) throw Refused("there is nothing of that name");
  return text;
}

}  // namespace nines::tests::transcripts
