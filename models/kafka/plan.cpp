#include "models/kafka/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

#include "models/kafka/assignment.hpp"
#include "models/kafka/build.hpp"
#include "models/namer.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"

namespace nines::models::kafka {

namespace {

constexpr std::uint16_t no_spec = 0xFFFF;
constexpr std::size_t most_brokers_of_moves = 0xFF;
constexpr std::string_view offsets_topic = "__consumer_offsets";

class Planner {
 public:
  Planner(models::Plan& plan, Namer& namer, ServiceId service)
      : plan_(plan),
        namer_(namer),
        id_(service),
        of_all_(plan.services[service]),
        spec_(spec_of(plan.topology.services[service.value])) {}

  void fill() {
    service_.component = of_all_.component;
    list_roles();
    service_.hosted.resize(service_.brokers.size());
    service_.racks = racks_of_brokers();
    for (std::size_t broker = 0; broker < service_.brokers.size(); ++broker)
      service_.node_ids.push_back(static_cast<std::uint16_t>(node_id(static_cast<std::uint16_t>(broker))));
    // A broker without broker.rack is a rack by itself to whoever moves replicas (Cruise Control goes by hosts then).
    if (!spec_.rack_aware) std::iota(service_.racks.begin(), service_.racks.end(), std::uint16_t{0});
    for (std::size_t i = 0; i < spec_.topics.size(); ++i) add_topic(topic_plan(i), spec_.topics[i].replication_factor);
    add_offsets_topic();
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) add_client(i);
    for (std::size_t i = 0; i < spec_.slis.size(); ++i) add_sli(i);
    of_all_.own = sim::Value::of(std::move(service_));
  }

 private:
  void list_roles() {
    for (const ProcessId process : of_all_.members) {
      const Roles roles = plan_.processes[process].roles;
      if (roles == 0) {
        throw std::invalid_argument(
            fmt::format("'{}' is neither broker nor controller", plan_.name(plan_.processes[process].component)));
      }
      if (plays(roles, Role::broker)) service_.brokers.push_back(process);
      if (plays(roles, Role::controller)) service_.controllers.push_back(process);
    }
    if (service_.brokers.empty() || (service_.controllers.empty() && spec_.store.empty())) {
      throw std::invalid_argument(
          fmt::format("service '{}' needs at least one broker and one controller", of_all_.name));
    }
    if (!spec_.store.empty()) service_.controllers.clear();
  }

  /// What makes partitions of a topic live through everything together.
  struct History {
    Assignment assignment;
    SlotSet throttled_followers = 0;
    SlotSet throttled_leaders = 0;
    friend auto operator<=>(const History&, const History&) = default;
  };

  [[nodiscard]] std::string qualified(std::string_view name) const { return fmt::format("{}/{}", of_all_.name, name); }

  TopicPlan topic_plan(std::size_t index) {
    const TopicSpec& spec = spec_.topics[index];
    const double partitions = static_cast<double>(spec.partitions);
    TopicPlan topic;
    topic.component = namer_.add(qualified(spec.name), "topic");
    topic.spec = static_cast<std::uint16_t>(index);
    topic.partitions = spec.partitions;
    topic.min_isr = effective_min_isr(spec.min_insync_replicas, spec.replication_factor);
    topic.unclean = spec.unclean_leader_election;
    topic.records_all_per_s = spec.records_per_s * (1 - spec.acks_one_share) / partitions;
    topic.records_one_per_s = spec.records_per_s * spec.acks_one_share / partitions;
    topic.record_bytes = spec.record_size.count;
    topic.consumer_fanout = spec.consumer_fanout;
    topic.stored_bytes = spec.stored_per_partition.count;
    return topic;
  }

  /// Kafka sheet section 1: effective min ISR = min(min.insync, RF).
  static std::uint8_t effective_min_isr(std::int64_t configured, std::int64_t replicas) {
    return static_cast<std::uint8_t>(std::max<std::int64_t>(1, std::min(configured, replicas)));
  }

  void add_offsets_topic() {
    const BrokerParameters& p = spec_.parameters;
    if (p.offsets_partitions <= 0) return;
    const auto replicas = std::min<std::int64_t>(
        {p.offsets_replication, static_cast<std::int64_t>(service_.brokers.size()), replica_limit});
    TopicPlan topic;
    topic.component = namer_.add(qualified(offsets_topic), "topic");
    topic.spec = no_spec;
    topic.partitions = p.offsets_partitions;
    topic.min_isr = effective_min_isr(p.min_insync_replicas, replicas);
    topic.internal = true;
    add_topic(topic, replicas);
  }

  void add_topic(const TopicPlan& topic, std::int64_t replicas) {
    check_replicas(topic, replicas);
    const auto partitions = static_cast<std::size_t>(topic.partitions);
    const TopicId id = service_.topics.add(topic);
    service_.topics[id].group_of.resize(partitions);
    const std::vector<std::uint16_t> racks = racks_of_brokers();
    const std::size_t rack_count = std::set(racks.begin(), racks.end()).size();
    StripedPlacer striped(racks, placement_draws(rack_count, placed_));
    ShiftedPlacer shifted(racks, placement_draws(1, placed_));
    const auto place = [&](std::size_t count) {
      return spec_.store.empty() ? striped.place(count) : shifted.place(count);
    };
    placed_ += partitions;
    std::vector<History> histories;
    std::map<History, std::vector<std::size_t>> same;
    for (std::size_t partition = 0; partition < partitions; ++partition) {
      histories.push_back(history_of(topic, partition, place(static_cast<std::size_t>(replicas))));
      same[histories.back()].push_back(partition);
    }
    // Groups in the order of their first partition.
    for (std::size_t partition = 0; partition < partitions; ++partition) {
      const auto& members = same[histories[partition]];
      if (members.front() != partition) continue;
      add_group(id, histories[partition], members);
      service_.topics[id].group_of.resize(partitions);
      for (const std::size_t member : members) {
        service_.topics[id].group_of[member] = GroupId::of(service_.groups.size() - 1);
      }
    }
  }

  void check_replicas(const TopicPlan& topic, std::int64_t replicas) const {
    const auto brokers = static_cast<std::int64_t>(service_.brokers.size());
    const auto limit = static_cast<std::int64_t>(replica_limit);
    if (topic.partitions >= 1 && replicas >= 1 && replicas <= std::min(brokers, limit)) return;
    throw std::invalid_argument(
        fmt::format("topic '{}' cannot be placed: {} partitions with {} replicas on {} brokers (1 to {} replicas)",
                    plan_.name(topic.component), topic.partitions, replicas, brokers, std::min(brokers, limit)));
  }

  /// Zone of each broker as `broker.rack` tells it; all the same when the cluster is not rack aware.
  [[nodiscard]] std::vector<std::uint16_t> racks_of_brokers() const {
    std::vector<std::uint16_t> racks;
    for (const ProcessId broker : service_.brokers) {
      const ZoneId zone = plan_.nodes[plan_.processes[broker].node].zone;
      racks.push_back(spec_.rack_aware ? zone.value : std::uint16_t{0});
    }
    return racks;
  }

  /// Where the partition's replicas are and which of them are throttled.
  [[nodiscard]] History history_of(const TopicPlan& topic, std::size_t partition, Assignment assignment) const {
    History history;
    if (topic.spec != no_spec) {
      const TopicSpec& spec = spec_.topics[topic.spec];
      for (std::size_t slot = 0; slot < assignment.size(); ++slot) {
        const auto node = node_id(assignment[slot]);
        const auto member = static_cast<SlotSet>(1U << slot);
        if (spec.throttled_followers.holds(partition, node)) history.throttled_followers |= member;
        if (spec.throttled_leaders.holds(partition, node)) history.throttled_leaders |= member;
      }
    }
    history.assignment = std::move(assignment);
    return history;
  }

  /// The number in a broker's name: its place among all members, as Strimzi numbers them.
  [[nodiscard]] std::size_t node_id(std::uint16_t broker) const {
    const auto& members = of_all_.members;
    return static_cast<std::size_t>(std::find(members.begin(), members.end(), service_.brokers[broker]) -
                                    members.begin());
  }

  void add_group(TopicId topic, const History& history, const std::vector<std::size_t>& partitions) {
    const Assignment& assignment = history.assignment;
    const TopicPlan& plan = service_.topics[topic];
    GroupPlan group;
    group.component = namer_.add(fmt::format("{}/{}", plan_.name(plan.component), listed(partitions)), "partitions");
    group.topic = topic;
    group.partitions = static_cast<std::uint32_t>(partitions.size());
    group.factor = static_cast<std::uint8_t>(assignment.size());
    group.replicas = static_cast<std::uint8_t>(group.factor + (can_move(assignment.size()) ? 1 : 0));
    group.throttled_followers = history.throttled_followers;
    group.throttled_leaders = history.throttled_leaders;
    const GroupId id = GroupId::of(service_.groups.size());
    for (const std::size_t partition : partitions) service_.topics[topic].group_of[partition] = id;
    for (std::size_t slot = 0; slot < assignment.size(); ++slot) {
      group.broker[slot] = assignment[slot];
      service_.hosted[assignment[slot]].emplace_back(id, static_cast<Slot>(slot));
    }
    // GroupId has 16 bits; its largest value means none.
    if (service_.groups.size() >= GroupId::none().value) {
      throw std::invalid_argument(fmt::format(
          "service '{}' has more than {} different replica assignments: too many partitions on too many brokers",
          of_all_.name, service_.groups.size()));
    }
    service_.groups.add(group);
  }

  /// Whether a replica has a broker to go to.
  [[nodiscard]] bool can_move(std::size_t replicas) const {
    return spec_.store.empty() && service_.brokers.size() > replicas &&
           limit_of_moves(replicas, service_.brokers.size()).empty();
  }

  /// "0+3+6", long lists cut after a few numbers; the first number makes it unique within its topic.
  static std::string listed(const std::vector<std::size_t>& partitions) {
    constexpr std::size_t shown = 8;
    const auto end = partitions.begin() + static_cast<std::ptrdiff_t>(std::min(shown, partitions.size()));
    std::string text = fmt::format("{}", fmt::join(partitions.begin(), end, "+"));
    if (partitions.size() > shown) text += fmt::format("+{} more", partitions.size() - shown);
    return text;
  }

  /// One program for each role that carries load or has an SLI that looks through it; a consumer if there is none, so
  /// that the client can be named.
  void add_client(std::size_t index) {
    const ClientSpec& spec = spec_.clients[index];
    ClientPlan client;
    const service::ClientPlan added = service::add_client(plan_, namer_, id_, spec.name, spec.place);
    client.component = added.component;
    client.place = added.place;
    client.spec = static_cast<std::uint16_t>(index);
    client.patience = std::min(spec.parameters.delivery_timeout, spec.parameters.max_block);
    bool any = false;
    for (const auto role : {ClientRole::producer, ClientRole::producer_acks1, ClientRole::consumer}) {
      const bool last = role == ClientRole::consumer;
      if (!carries_load(role) && !is_looked_through(spec.name, role) && (any || !last)) continue;
      any = true;
      client.role = role;
      const ClientId id = service_.clients.add(client);
      if (role == ClientRole::producer) service_.producers.push_back(id);
      ++service_.programs[static_cast<std::size_t>(role)];
    }
  }

  [[nodiscard]] bool carries_load(ClientRole role) const {
    return std::any_of(service_.topics.begin(), service_.topics.end(), [&](const TopicPlan& topic) {
      if (role == ClientRole::producer) return topic.records_all_per_s > 0;
      return role == ClientRole::producer_acks1 && topic.records_one_per_s > 0;
    });
  }

  [[nodiscard]] bool is_looked_through(std::string_view client, ClientRole role) const {
    return std::any_of(spec_.slis.begin(), spec_.slis.end(),
                       [&](const SliSpec& sli) { return sli.client == client && role_of(sli.kind) == role; });
  }

  void add_sli(std::size_t index) {
    const SliSpec& spec = spec_.slis[index];
    const SliPlan own{static_cast<std::uint16_t>(plan_.slis.size()), client_named(spec.client, role_of(spec.kind)),
                      spec.kind};
    service_.slis.add(own);
    if (spec.kind == SliKind::write) service_.write_slis.push_back(own);
    measurement::SliPlan& sli = models::add_sli(plan_, namer_, id_, index, spec.name, spec.deadline, spec.sla);
    sli.counts_replicated_losses = spec.kind != SliKind::write_acks1;
    sli.counts_unreplicated_losses = spec.kind != SliKind::write;
    sli.partitions = 0;
    for (const TopicPlan& topic : service_.topics) {
      if (!topic.internal) sli.partitions += static_cast<std::uint32_t>(topic.partitions);
    }
    sli.tolerated_down = tolerated(spec, sli.partitions);
    sli.group_partitions.clear();
    for (const GroupPlan& group : service_.groups) sli.group_partitions.push_back(group.partitions);
  }

  [[nodiscard]] ClientId client_named(std::string_view name, ClientRole role) const {
    for (const ClientId id : service_.clients.ids()) {
      const ClientPlan& client = service_.clients[id];
      if (client.role == role && spec_.clients[client.spec].name == name) return id;
    }
    throw std::invalid_argument(
        fmt::format("an SLI of '{}' names client '{}', which does not exist", of_all_.name, name));
  }

  /// Partitions that may be down while the SLI holds. all: none; any: all but one; share s: total - ceil(s total).
  static std::uint32_t tolerated(const SliSpec& spec, std::uint32_t total) {
    if (total == 0) return 0;
    switch (spec.scope) {
      case SliScope::all: return 0;
      case SliScope::any: return total - 1;
      case SliScope::share: break;
    }
    // ceil, where a product within rounding of a whole number counts as that number
    constexpr double rounding = 1e-9;
    const double product = spec.share * total;
    auto needed = static_cast<std::uint32_t>(product);
    if (product - needed > rounding) ++needed;
    return total - std::clamp<std::uint32_t>(needed, 1, total);
  }

  models::Plan& plan_;
  Namer& namer_;
  ServiceId id_;
  models::ServicePlan& of_all_;
  const Spec& spec_;
  ServicePlan service_;
  std::size_t placed_ = 0;  ///< partitions so far
};

}  // namespace

// With more brokers than fit into a byte replays could not show where a replica is.
std::string_view limit_of_moves(std::size_t replicas, std::size_t brokers) {
  if (brokers >= most_brokers_of_moves) return "this model moves no replicas of services with 255 brokers or more";
  if (replicas >= replica_limit) return "this model moves no replicas of partitions that have 8";
  return {};
}

void build(models::Plan& plan, Namer& namer, ServiceId service) { Planner(plan, namer, service).fill(); }

void connect(models::Plan& plan, ServiceId id) {
  const Spec& spec = spec_of(plan.spec(id));
  if (spec.store.empty()) return;
  ServicePlan& service = plan.services[id].own.as<ServicePlan>();
  service.store = plan.service_named(spec.store);
  if (!service.store.exists() || !plan.services[service.store].kind->keeps_sessions)
    throw std::invalid_argument(fmt::format("'{}' is no service with which brokers keep sessions", spec.store));
  plan.services[service.store].users.push_back(id);
  const BrokerParameters& p = spec.parameters;
  for (const ProcessId broker : service.brokers) {
    service::SessionPlan session;
    session.process = broker;
    session.user = id;
    session.timeout = p.zk_session_timeout;
    session.read_share = p.zk_read_share;
    session.cleanup = p.zk_cleanup;
    session.reconnect_spread = p.zk_reconnect_spread;
    session.round_wait = p.zk_round_wait;
    service.sessions.push_back(plan.services[service.store].kind->add_session(plan, service.store, session));
  }
}

}  // namespace nines::models::kafka
