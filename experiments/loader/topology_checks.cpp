#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/topology_reader.hpp"

namespace nines::loader {

namespace {

using models::Topology;

constexpr double gib = 0x1p30;

/// What is left of a machine while pods are placed.
struct Room {
  double cpu = 0;
  double memory = 0;
  double disk = 0;
};

class TopologyChecker {
 public:
  TopologyChecker(const TopologyInput& input, const Topology& topology) : input_(input), topology_(topology) {}

  void check() {
    positions_ = service_positions(*input_.document, false);
    check_names();
    check_components(input_, topology_);
    check_zones();
    check_counts();
    for (std::size_t i = 0; i < topology_.services.size(); ++i) check_service(i);
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) check_room(i);
  }

 private:
  [[nodiscard]] std::string at_service(std::size_t kafka) const {
    return fmt::format("/services/{}", positions_[kafka]);
  }

  void report(const std::string& pointer, std::string message) {
    input_.problems->add(input_.document->problem(pointer, std::move(message)));
  }

  void warn(const std::string& pointer, std::string message) {
    input_.problems->warn(input_.document->problem(pointer, std::move(message)));
  }

  /// Zones, groups, services, components, shocks and the operator share one space of names: scenarios and traces refer
  /// to them by name only.
  void check_names() {
    std::map<std::string, std::string> owner;
    const auto add = [&](const std::string& name, const std::string& pointer) {
      const auto [found, fresh] = owner.emplace(name, pointer);
      if (!fresh) report(pointer, fmt::format("the name '{}' is taken by {}.", name, found->second));
    };
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) add(topology_.zones[i], fmt::format("/zones/{}", i));
    for (std::size_t i = 0; i < topology_.services.size(); ++i)
      add(topology_.services[i].name, at_service(i) + "/name");
    const std::vector<std::size_t> composites = service_positions(*input_.document, true);
    for (std::size_t i = 0; i < topology_.composites.size(); ++i)
      add(topology_.composites[i].name, fmt::format("/services/{}/name", composites[i]));
    for (std::size_t i = 0; i < topology_.components.size(); ++i)
      add(topology_.components[i].name, fmt::format("/components/{}/name", i));
    for (std::size_t i = 0; i < topology_.shocks.size(); ++i)
      add(topology_.shocks[i].name, fmt::format("/shocks/{}/name", i));
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) {
      // A group may be called like its service: it is never the target of the same verb.
      const auto found = owner.find(topology_.node_groups[i].name);
      if (found == owner.end() || !found->second.starts_with("/services/"))
        add(topology_.node_groups[i].name, fmt::format("/node_groups/{}/name", i));
    }
    if (!topology_.operator_.name.empty()) add(topology_.operator_.name, "/platform/operator/name");
  }

  void check_zones() {
    if (!topology_.managed_control_plane) return;
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) {
      if (!topology_.zones[i].starts_with(topology_.region))
        report(fmt::format("/zones/{}", i),
               fmt::format("zone '{}' is not in region '{}'.", topology_.zones[i], topology_.region));
    }
  }

  static std::int64_t nodes(const models::NodeGroupSpec& group) {
    return group.nodes_per_zone * static_cast<std::int64_t>(group.zones.size());
  }

  void check_counts() {
    std::int64_t machines = 0;
    for (const models::NodeGroupSpec& group : topology_.node_groups) machines += nodes(group);
    if (machines > most_nodes)
      report("/node_groups", fmt::format("expected at most {} machines, got {}.", most_nodes, machines));
    std::int64_t processes = 1;
    std::int64_t partitions = 0;
    for (const models::KafkaSpec& service : topology_.services) {
      for (const models::PoolSpec& pool : service.pools) processes += pool.replicas;
      for (const models::TopicSpec& topic : service.topics) partitions += topic.partitions;
      partitions += service.parameters.offsets_partitions;
    }
    if (processes > most_processes)
      report("/services", fmt::format("expected at most {} processes, got {}.", most_processes, processes));
    if (partitions > most_partitions)
      report("/services", fmt::format("expected at most {} partitions, those of __consumer_offsets included, got {}.",
                                      most_partitions, partitions));
  }

  void check_service(std::size_t index) {
    const models::KafkaSpec& service = topology_.services[index];
    const std::string at = at_service(index);
    std::int64_t brokers = 0;
    std::int64_t controllers = 0;
    for (const models::PoolSpec& pool : service.pools) {
      if (pool.broker) brokers += pool.replicas;
      if (pool.controller) controllers += pool.replicas;
    }
    if (brokers == 0) report(at + "/pools", "expected a pool with role 'broker', got none.");
    if (controllers == 0)
      report(at + "/pools", "expected a pool with role 'controller', got none: KRaft needs voters.");
    if (controllers > 0 && controllers % 2 == 0)
      warn(at + "/pools", fmt::format("{} controllers tolerate no more losses than {}: take an odd number.",
                                      controllers, controllers - 1));
    if (brokers == 0) return;
    for (std::size_t i = 0; i < service.topics.size(); ++i)
      check_topic(service.topics[i], brokers, fmt::format("{}/topics/{}", at, i));
    if (service.parameters.offsets_replication > brokers)
      report(at + "/config/offsets.topic.replication.factor",
             fmt::format("expected at most the number of brokers, {}, got {}.", brokers,
                         service.parameters.offsets_replication));
    check_throttles(service, at);
    check_timers(service, at);
    check_load(service, brokers, at);
  }

  void check_topic(const models::TopicSpec& topic, std::int64_t brokers, const std::string& at) {
    if (topic.replication_factor > brokers)
      report(at + "/replication_factor",
             fmt::format("expected at most the number of brokers, {}, got {}.", brokers, topic.replication_factor));
    if (topic.replication_factor > 1 && topic.min_insync_replicas >= topic.replication_factor)
      warn(at,
           fmt::format("min.insync.replicas {} of {} replicas: writes to '{}' stop whenever one broker restarts. Take "
                       "less, or more replicas.",
                       topic.min_insync_replicas, topic.replication_factor, topic.name));
  }

  /// A rate holds for listed replicas only, and a list does nothing without a rate.
  void check_throttles(const models::KafkaSpec& service, const std::string& at) {
    using List = models::ThrottledReplicas models::TopicSpec::*;
    const auto check = [&](std::string_view side, models::Bandwidth rate, List list) {
      const auto at_list = [&](std::size_t topic) {
        return fmt::format("{}/topics/{}/config/{}.replication.throttled.replicas", at, topic, side);
      };
      std::optional<std::size_t> lists;
      for (std::size_t i = 0; i < service.topics.size(); ++i) {
        const models::ThrottledReplicas& replicas = service.topics[i].*list;
        if (!replicas.empty() && !lists) lists = i;
        for (const auto& [partition, node] : replicas.members) {
          if (is_broker(service, node)) continue;
          report(at_list(i),
                 fmt::format("no broker of '{}' has number {}: it is the number in its name.", service.name, node));
          break;
        }
      }
      if (lists.has_value() == (rate.bytes_per_s > 0)) return;
      if (lists)
        warn(at_list(*lists),
             fmt::format("the list does nothing without a rate: set {}.replication.throttled.rate in the "
                         "config of '{}'.",
                         side, service.name));
      else
        warn(place_of_rate(at, side),
             fmt::format("the rate does nothing: no topic lists replicas in {}.replication.throttled.replicas; \"*\" "
                         "lists all.",
                         side));
    };
    check("follower", service.parameters.follower_throttle, &models::TopicSpec::throttled_followers);
    check("leader", service.parameters.leader_throttle, &models::TopicSpec::throttled_leaders);
  }

  /// A rate may stand in the service's config, or for all services under /overrides.
  [[nodiscard]] std::string place_of_rate(const std::string& at, std::string_view side) const {
    const std::string key = fmt::format("{}.replication.throttled.rate", side);
    const Json& root = input_.document->root();
    const bool shared = root.contains("overrides") && root["overrides"].contains(key);
    return shared ? "/overrides/" + key : at + "/config/" + key;
  }

  /// Node ids count over the pools in the order of the file.
  static bool is_broker(const models::KafkaSpec& service, std::size_t node) {
    for (const models::PoolSpec& pool : service.pools) {
      const auto replicas = static_cast<std::size_t>(pool.replicas);
      if (node < replicas) return pool.broker;
      node -= replicas;
    }
    return false;
  }

  void check_timers(const models::KafkaSpec& service, const std::string& at) {
    if (service.parameters.heartbeat_interval >= service.parameters.session_timeout)
      report(at + "/config/broker.heartbeat.interval.ms",
             fmt::format("expected an interval shorter than broker.session.timeout.ms, {:g} ms, got {:g} ms.",
                         service.parameters.session_timeout.to_seconds() * 1e3,
                         service.parameters.heartbeat_interval.to_seconds() * 1e3));
    for (std::size_t i = 0; i < service.clients.size(); ++i) {
      const auto& client = service.clients[i].parameters;
      if (client.delivery_timeout < client.request_timeout)
        report(fmt::format("{}/clients/{}/config/delivery.timeout.ms", at, i),
               fmt::format("expected at least request.timeout.ms, {:g} ms, got {:g} ms.",
                           client.request_timeout.to_seconds() * 1e3, client.delivery_timeout.to_seconds() * 1e3));
    }
  }

  void check_load(const models::KafkaSpec& service, std::int64_t brokers, const std::string& at) {
    double stored = 0;
    double written = 0;
    for (std::size_t i = 0; i < service.topics.size(); ++i) {
      const models::TopicSpec& topic = service.topics[i];
      const auto replicas = static_cast<double>(topic.replication_factor);
      stored += topic.stored_per_partition.count * static_cast<double>(topic.partitions) * replicas;
      written += topic.records_per_s * topic.record_size.count * replicas;
      if (topic.stored_per_partition.count <= 0 && topic.records_per_s > 0)
        warn(fmt::format("{}/topics/{}/stored_per_partition", at, i),
             fmt::format(
                 "'{}' stores nothing, so that nothing can be lost or has to be copied: say what retention keeps.",
                 topic.name));
    }
    double space = 0;
    double rate = 0;
    for (const models::PoolSpec& pool : service.pools) {
      if (!pool.broker) continue;
      space += pool.storage.size.count * static_cast<double>(pool.replicas);
      rate += pool.storage.throughput.bytes_per_s * static_cast<double>(pool.replicas);
    }
    if (stored > space)
      report(at + "/topics",
             fmt::format("the replicas of all topics hold {:.0f} GiB, the {} brokers' volumes only {:.0f} GiB.",
                         stored / gib, brokers, space / gib));
    if (written > rate)
      report(at + "/topics", fmt::format("the topics write {:.1f} MiB/s to {} volumes that take {:.1f} MiB/s together.",
                                         written / 0x1p20, brokers, rate / 0x1p20));
  }

  /// Places the pods of a group: those of one pool on different machines, roomiest machine first.
  void check_room(std::size_t index) {
    const models::NodeGroupSpec& group = topology_.node_groups[index];
    std::vector<Room> rooms(static_cast<std::size_t>(nodes(group)),
                            Room{group.instance.vcpu, group.instance.memory.count, group.instance.local_disk.count});
    for (std::size_t s = 0; s < topology_.services.size(); ++s) {
      const models::KafkaSpec& service = topology_.services[s];
      for (std::size_t p = 0; p < service.pools.size(); ++p) {
        if (service.pools[p].node_group == group.name)
          place(service.pools[p], group, rooms, fmt::format("{}/pools/{}", at_service(s), p));
      }
    }
  }

  void place(const models::PoolSpec& pool, const models::NodeGroupSpec& group, std::vector<Room>& rooms,
             const std::string& at) {
    if (pool.replicas > static_cast<std::int64_t>(rooms.size()))
      return report(at + "/replicas", fmt::format("expected at most one pod a machine: node group '{}' has {}, got {}.",
                                                  group.name, rooms.size(), pool.replicas));
    const double disk = pool.storage.kind == models::VolumeKind::nvme ? pool.storage.size.count : 0;
    std::stable_sort(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) { return a.memory > b.memory; });
    std::int64_t left = pool.replicas;
    for (Room& room : rooms) {
      if (left == 0) break;
      if (room.cpu < pool.cpu || room.memory < pool.memory.count || room.disk < disk) continue;
      room.cpu -= pool.cpu;
      room.memory -= pool.memory.count;
      room.disk -= disk;
      --left;
    }
    if (left > 0)
      report(at, fmt::format("{} of {} pods ({:g} cpu, {:g} GiB{}) do not fit on the {} machines of node group '{}' "
                             "({}: {:g} vcpu, {:g} GiB).",
                             left, pool.replicas, pool.cpu, pool.memory.count / gib, disk > 0 ? ", local disk" : "",
                             rooms.size(), group.name, group.instance.name, group.instance.vcpu,
                             group.instance.memory.count / gib));
  }

  const TopologyInput& input_;
  const Topology& topology_;
  std::vector<std::size_t> positions_;  ///< of Kafka services in the file
};

}  // namespace

void check_topology(const TopologyInput& input, const Topology& topology) { TopologyChecker(input, topology).check(); }

}  // namespace nines::loader
