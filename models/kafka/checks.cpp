#include "models/kafka/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "models/kafka/fields.hpp"
#include "models/kafka/spec.hpp"
#include "models/kafka/zk/names.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"
#include "models/volume_speed.hpp"

namespace nines::models::kafka {

namespace {

constexpr double gib = 0x1p30;

/// Keys of producers; consumers read none of them.
constexpr std::array<std::string_view, 5> producer_keys{"delivery.timeout.ms", "max.block.ms", "buffer.memory",
                                                        "linger.ms", "max.in.flight.requests.per.connection"};

std::set<std::string> zones_of_brokers(const Topology& topology, const ServiceSpec& service) {
  std::set<std::string> zones;
  for (const PoolSpec& pool : service.pools) {
    for (const NodeGroupSpec& group : topology.node_groups) {
      if (plays(pool.roles, Role::broker) && group.name == pool.node_group)
        zones.insert(group.zones.begin(), group.zones.end());
    }
  }
  return zones;
}

/// Fields of the file that belong together.
class Completer {
 public:
  Completer(service::Report& report, const Topology& topology, ServiceSpec& service)
      : report_(report), at_(report.at()), topology_(topology), spec_(spec_of(service)) {}

  void complete() {
    // An object that may be empty is there in every document.
    spec_.cruise_control = spec_.notifier_heals;
    for (const auto& parameter : CruiseControlParameters::table())
      spec_.cruise_control =
          spec_.cruise_control || report_.given(fmt::format("{}/cruise_control/{}", at_, parameter.key));
    for (std::size_t i = 0; i < spec_.topics.size(); ++i)
      complete(spec_.topics[i], fmt::format("{}/topics/{}/config", at_, i));
    check_places();
    std::vector<std::string> clients;
    for (const ClientSpec& client : spec_.clients) clients.push_back(client.name);
    for (std::size_t i = 0; i < spec_.slis.size(); ++i) {
      SliSpec& sli = spec_.slis[i];
      const std::string at = fmt::format("{}/slis/{}", at_, i);
      if (!sli.client.empty()) report_.check_known(at + "/client", sli.client, clients, "client");
      set_kind(sli, at);
      check_share(sli, at);
    }
  }

 private:
  void complete(TopicSpec& topic, const std::string& config) {
    const bool replicated = topic.replication_factor > 0;
    if (replicated && topic.min_insync_replicas > topic.replication_factor)
      report_.expected(config + "/min.insync.replicas",
                       fmt::format("at most the replication factor {}", topic.replication_factor));
    read_throttled(topic.throttled_followers, topic.partitions, config + "/follower.replication.throttled.replicas");
    read_throttled(topic.throttled_leaders, topic.partitions, config + "/leader.replication.throttled.replicas");
  }

  /// "*", or pairs of a partition and a broker's node id (apache/kafka 3.9 ThrottledReplicaListValidator).
  void read_throttled(ThrottledReplicas& replicas, std::int64_t partitions, const std::string& pointer) {
    replicas.all = replicas.text == "*";
    if (replicas.all) return;
    std::string_view rest = replicas.text;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::optional<std::pair<std::size_t, std::size_t>> pair = read_pair(rest.substr(0, comma));
      if (!pair || pair->first >= static_cast<std::size_t>(partitions)) {
        return report_.expected(pointer,
                                fmt::format("\"*\" or a list such as \"0:1,0:2\" of partitions (0 to {}) and brokers",
                                            std::max<std::int64_t>(partitions, 1) - 1));
      }
      replicas.members.insert(*pair);
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }

  /// "12:3"
  static std::optional<std::pair<std::size_t, std::size_t>> read_pair(std::string_view text) {
    std::pair<std::size_t, std::size_t> pair;
    const char* end = text.data() + text.size();
    const auto [colon, bad] = std::from_chars(text.data(), end, pair.first);
    if (bad != std::errc{} || colon == end || *colon != ':') return std::nullopt;
    const auto [last, worse] = std::from_chars(colon + 1, end, pair.second);
    if (worse != std::errc{} || last != end) return std::nullopt;
    return pair;
  }

  void check_places() {
    std::vector<std::string> places = topology_.zones;
    if (!places.empty()) places.emplace_back("region");
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) {
      const std::string& place = spec_.clients[i].place;
      if (!place.empty()) report_.check_known(fmt::format("{}/clients/{}/place", at_, i), place, places, "zone");
    }
  }

  void set_kind(SliSpec& sli, const std::string& at) {
    if (sli.name.empty() || report_.given(at + "/kind")) return;
    const auto found = std::find(std::begin(sli_kind_names), std::end(sli_kind_names), sli.name);
    if (found != std::end(sli_kind_names))
      sli.kind = static_cast<SliKind>(found - std::begin(sli_kind_names));
    else
      report_.expected_one_of(at + "/name", "a kind of SLI", sli_kind_names, " or a field 'kind'", sli.name);
  }

  void check_share(const SliSpec& sli, const std::string& at) {
    const std::string_view scope = sli_scope_names[static_cast<std::size_t>(sli.scope)];
    if (report_.text_at(at + "/scope") != scope) return;  // it is none, which is reported already
    const bool given = report_.given(at + "/share");
    if (sli.scope == SliScope::share && !given)
      report_.problem(at, "missing field 'share' of an SLI with scope 'share': part of the partitions, in (0, 1).");
    if (sli.scope != SliScope::share && given)
      report_.problem_at_key(
          at + "/share", fmt::format("no model reads a share with scope '{}': remove it or use scope 'share'.", scope));
  }

  service::Report& report_;
  const std::string& at_;
  const Topology& topology_;
  Spec& spec_;
};

/// What no simulation can do.
class Checker {
 public:
  Checker(service::Report& report, const Topology& topology, const ServiceSpec& service)
      : report_(report), at_(report.at()), topology_(topology), service_(service), spec_(spec_of(service)) {}

  void check() {
    std::int64_t brokers = 0;
    std::int64_t controllers = 0;
    for (const PoolSpec& pool : service_.pools) {
      if (plays(pool.roles, Role::broker)) brokers += pool.replicas;
      if (plays(pool.roles, Role::controller)) controllers += pool.replicas;
    }
    if (brokers == 0) report_.problem(at_ + "/pools", "expected a pool with role 'broker', got none.");
    if (!spec_.store.empty()) check_store(controllers);
    if (controllers == 0 && spec_.store.empty())
      report_.problem(at_ + "/pools", "expected a pool with role 'controller', got none: KRaft needs voters.");
    if (controllers > 0 && controllers % 2 == 0 && spec_.store.empty())
      report_.warn(at_ + "/pools", fmt::format("{} controllers tolerate no more losses than {}: take an odd number.",
                                               controllers, controllers - 1));
    if (brokers == 0) return;
    for (std::size_t i = 0; i < spec_.topics.size(); ++i)
      check_topic(spec_.topics[i], brokers, fmt::format("{}/topics/{}", at_, i));
    if (spec_.parameters.offsets_replication > brokers)
      report_.problem(at_ + "/config/offsets.topic.replication.factor",
                      fmt::format("expected at most the number of brokers, {}, got {}.", brokers,
                                  spec_.parameters.offsets_replication));
    check_throttles();
    if (spec_.store.empty()) {
      const std::string at = report_.place_of(at_, "kafka.reassignment_throttle");
      if (!at.empty()) check_live_load(brokers, spec_.parameters.reassignment_throttle, at);
    }
    check_cruise_control(brokers);
    check_timers();
    check_load(brokers);
  }

  void check_partitions() {
    std::int64_t partitions = spec_.parameters.offsets_partitions;
    for (const TopicSpec& topic : spec_.topics) partitions += topic.partitions;
    if (partitions > most_partitions)
      report_.problem("/services",
                      fmt::format("expected at most {} partitions, those of __consumer_offsets included, got {}.",
                                  most_partitions, partitions));
  }

 private:
  void check_topic(const TopicSpec& topic, std::int64_t brokers, const std::string& at) {
    if (topic.replication_factor > brokers)
      report_.problem(at + "/replication_factor", fmt::format("expected at most the number of brokers, {}, got {}.",
                                                              brokers, topic.replication_factor));
    if (topic.replication_factor > 1 && topic.min_insync_replicas >= topic.replication_factor)
      report_.warn(
          at,
          fmt::format("min.insync.replicas {} of {} replicas: writes to '{}' stop whenever one broker restarts. Take "
                      "less, or more replicas.",
                      topic.min_insync_replicas, topic.replication_factor, topic.name));
  }

  void check_store(std::int64_t controllers) {
    const std::string at = fmt::format("{}/{}", at_, zk::names::field);
    std::vector<std::string> stores;
    for (const ServiceSpec& other : topology_.services) {
      if (other.kind != nullptr && other.kind->keeps_sessions) stores.push_back(other.name);
    }
    report_.check_known(at, spec_.store, stores, "service that keeps metadata of brokers");
    const bool too_new = !spec_.version.empty() && spec_.version[0] >= '4';
    if (too_new)
      report_.problem(at, fmt::format("Kafka {} has no {} any more (KIP-500): expected a version up to 3.9, or no such "
                                      "field and a pool with role 'controller'.",
                                      spec_.version, zk::names::product));
    if (controllers > 0)
      report_.problem(at_ + "/pools", fmt::format("expected no pool with role 'controller': with {} brokers take turns "
                                                  "as the controller.",
                                                  zk::names::product));
    const BrokerParameters& p = spec_.parameters;
    if (p.zk_read_share <= 0 || p.zk_session_timeout <= Duration())
      report_.problem(report_.place_or_owner(at_, zk::names::session_timeout),
                      "the session time-out and the share of it that a client waits must be above 0.");
    check_session(p.zk_session_timeout);
    if (p.zk_request_backoff <= Duration())
      report_.problem(report_.place_or_owner(at_, zk::names::request_backoff), "expected a wait above 0.");
  }

  /// The ensemble grants what it will, and brokers go by that.
  void check_session(Duration wanted) {
    for (const ServiceSpec& other : topology_.services) {
      if (other.name != spec_.store || other.kind == nullptr || !other.kind->keeps_sessions) continue;
      const Duration got = other.kind->session_granted(other, wanted);
      if (got == wanted || got <= Duration()) continue;
      report_.warn(report_.place_or_owner(at_, zk::names::session_timeout),
                   fmt::format("'{}' grants {:g} s instead of {:g} s: minSessionTimeout and maxSessionTimeout, by "
                               "default 2 and 20 ticks.",
                               other.name, got.to_seconds(), wanted.to_seconds()));
    }
  }

  /// A rate holds for listed replicas only, and a list does nothing without a rate.
  void check_throttles() {
    using List = ThrottledReplicas TopicSpec::*;
    const auto check = [&](std::string_view side, Bandwidth rate, List list) {
      const auto at_list = [&](std::size_t topic) {
        return fmt::format("{}/topics/{}/config/{}.replication.throttled.replicas", at_, topic, side);
      };
      std::optional<std::size_t> lists;
      for (std::size_t i = 0; i < spec_.topics.size(); ++i) {
        const ThrottledReplicas& replicas = spec_.topics[i].*list;
        if (!replicas.empty() && !lists) lists = i;
        for (const auto& [partition, node] : replicas.members) {
          if (is_broker(node)) continue;
          report_.problem(at_list(i), fmt::format("no broker of '{}' has number {}: it is the number in its name.",
                                                  service_.name, node));
          break;
        }
      }
      if (lists.has_value() == (rate.bytes_per_s > 0)) return;
      if (lists)
        report_.warn(at_list(*lists),
                     fmt::format("the list does nothing without a rate: set {}.replication.throttled.rate in the "
                                 "config of '{}'.",
                                 side, service_.name));
      else
        report_.warn(
            place_of_rate(side),
            fmt::format("the rate does nothing: no topic lists replicas in {}.replication.throttled.replicas; \"*\" "
                        "lists all.",
                        side));
    };
    check("follower", spec_.parameters.follower_throttle, &TopicSpec::throttled_followers);
    check("leader", spec_.parameters.leader_throttle, &TopicSpec::throttled_leaders);
  }

  [[nodiscard]] std::string cruise_key(std::string_view key) const {
    const std::string own = fmt::format("{}/cruise_control/{}", at_, key);
    const std::string all = fmt::format("/overrides/{}", key);
    return report_.given(own) ? own : report_.given(all) ? all : at_ + "/cruise_control";
  }

  void check_cruise_control(std::int64_t brokers) {
    const CruiseControlParameters& p = spec_.cruise;
    if (!spec_.cruise_control) return;
    if (!spec_.store.empty())
      report_.problem_at_key(at_ + (spec_.notifier_heals ? "/self_healing_notifier" : "/cruise_control"),
                             fmt::format("with {} nobody's replicas are moved in this model.", zk::names::product));
    if (p.detection_interval <= Duration())
      report_.problem(given_key("broker.failure.detection.interval.ms", "anomaly.detection.interval.ms"),
                      "must be above 0.");
    // SelfHealingNotifier.configure refuses it.
    if (p.healing_threshold < p.alert_threshold)
      report_.problem(cruise_key("broker.failure.self.healing.threshold.ms"),
                      "must not be below broker.failure.alert.threshold.ms: Cruise Control does not start.");
    if (p.heals != spec_.notifier_heals) {
      report_.warn(p.heals ? healing_key() : at_ + "/self_healing_notifier",
                   p.heals ? "this does nothing while anomaly.notifier.class is NoopNotifier, as by default: set "
                             "self_healing_notifier."
                           : "this heals nothing while self.healing.enabled is false, as by default, and "
                             "self.healing.broker.failure.enabled does not say otherwise.");
      return;
    }
    if (!p.heals) return;
    if (topology_.has_kubernetes() && service_.controller == Controller::operator_set)
      report_.warn(
          healing_key(),
          "Strimzi takes no key that begins with self.healing.: its Cruise Control heals nothing, people start "
          "rebalances. What is computed holds for a Cruise Control of your own.");
    std::int64_t factor = 0;
    for (const TopicSpec& topic : spec_.topics) factor = std::max(factor, topic.replication_factor);
    if (spec_.parameters.offsets_partitions > 0) factor = std::max(factor, spec_.parameters.offsets_replication);
    if (brokers <= factor)
      report_.warn(healing_key(),
                   fmt::format("{} brokers with {} replicas of a partition: when one is gone there is no "
                               "broker that could take its replicas. Add one.",
                               brokers, factor));
    else if (const auto zones = static_cast<std::int64_t>(zones_of_brokers(topology_, service_).size());
             spec_.rack_aware && zones <= factor)
      report_.warn(healing_key(),
                   fmt::format("racks are zones, {} of them for {} replicas of a partition: while one zone is gone "
                               "nothing is healed (RackAwareGoal), of whatever topic. Add a zone.",
                               zones, factor));
    check_live_load(brokers, p.throttle, cruise_key("default.replication.throttle"));
  }

  /// The live records of new replicas count: what they take is not copied.
  void check_live_load(std::int64_t brokers, Bandwidth throttle, const std::string& at) {
    if (throttle.bytes_per_s <= 0 || brokers < 2) return;
    double followed = 0;  // bytes per second into all replicas
    for (const TopicSpec& topic : spec_.topics)
      followed += topic.records_per_s * topic.record_size.count * static_cast<double>(topic.replication_factor);
    // Those of one broker, spread over the others.
    const auto all = static_cast<double>(brokers);
    const double live = followed / all / (all - 1);
    if (live < throttle.bytes_per_s) return;
    report_.warn(at,
                 fmt::format("the live records of the replicas that a broker takes over are {:g} B/s already: within "
                             "{:g} B/s nothing is copied, and a move never ends. Take more.",
                             live, throttle.bytes_per_s));
  }

  /// The key that says whether it heals.
  [[nodiscard]] std::string healing_key() const {
    return given_key("self.healing.broker.failure.enabled", "self.healing.enabled");
  }

  [[nodiscard]] std::string given_key(std::string_view key, std::string_view of_all) const {
    const std::string at = cruise_key(key);
    return at == at_ + "/cruise_control" ? cruise_key(of_all) : at;
  }

  /// Node ids count over the pools in the order of the file.
  [[nodiscard]] bool is_broker(std::size_t node) const {
    for (const PoolSpec& pool : service_.pools) {
      const auto replicas = static_cast<std::size_t>(pool.replicas);
      if (node < replicas) return plays(pool.roles, Role::broker);
      node -= replicas;
    }
    return false;
  }

  void check_timers() {
    if (spec_.store.empty() && spec_.parameters.heartbeat_interval >= spec_.parameters.session_timeout)
      report_.problem(at_ + "/config/broker.heartbeat.interval.ms",
                      fmt::format("expected an interval shorter than broker.session.timeout.ms, {:g} ms, got {:g} ms.",
                                  spec_.parameters.session_timeout.to_seconds() * 1e3,
                                  spec_.parameters.heartbeat_interval.to_seconds() * 1e3));
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) {
      const auto& client = spec_.clients[i].parameters;
      if (client.delivery_timeout < client.request_timeout)
        report_.problem(
            fmt::format("{}/clients/{}/config/delivery.timeout.ms", at_, i),
            fmt::format("expected at least request.timeout.ms, {:g} ms, got {:g} ms.",
                        client.request_timeout.to_seconds() * 1e3, client.delivery_timeout.to_seconds() * 1e3));
    }
  }

  void check_load(std::int64_t brokers) {
    double stored = 0;
    double written = 0;
    for (std::size_t i = 0; i < spec_.topics.size(); ++i) {
      const TopicSpec& topic = spec_.topics[i];
      const auto replicas = static_cast<double>(topic.replication_factor);
      stored += topic.stored_per_partition.count * static_cast<double>(topic.partitions) * replicas;
      written += topic.records_per_s * topic.record_size.count * replicas;
      if (topic.stored_per_partition.count <= 0 && topic.records_per_s > 0)
        report_.warn(
            fmt::format("{}/topics/{}/stored_per_partition", at_, i),
            fmt::format(
                "'{}' stores nothing, so that nothing can be lost or has to be copied: say what retention keeps.",
                topic.name));
    }
    double space = 0;
    double rate = 0;
    for (const PoolSpec& pool : service_.pools) {
      if (!plays(pool.roles, Role::broker)) continue;
      space += pool.storage.size.count * static_cast<double>(pool.replicas);
      rate +=
          speed_of(pool.storage, topology_.infrastructure).sustained.bytes_per_s * static_cast<double>(pool.replicas);
    }
    if (stored > space)
      report_.problem(
          at_ + "/topics",
          fmt::format("the replicas of all topics hold {:.0f} GiB, the {} brokers' volumes only {:.0f} GiB.",
                      stored / gib, brokers, space / gib));
    if (written > rate)
      report_.problem(at_ + "/topics",
                      fmt::format("the topics write {:.1f} MiB/s to {} volumes that take {:.1f} MiB/s together.",
                                  written / 0x1p20, brokers, rate / 0x1p20));
  }

  /// A rate may stand in the service's config, or for all services under /overrides.
  [[nodiscard]] std::string place_of_rate(std::string_view side) const {
    const std::string key = fmt::format("{}.replication.throttled.rate", side);
    return report_.given("/overrides/" + key) ? "/overrides/" + key : at_ + "/config/" + key;
  }

  service::Report& report_;
  const std::string& at_;
  const Topology& topology_;
  const ServiceSpec& service_;
  const Spec& spec_;
};

/// Settings that do nothing as the others are.
class CombinationChecker {
 public:
  CombinationChecker(service::Report& report, const Topology& topology, const ServiceSpec& service)
      : report_(report), at_(report.at()), topology_(topology), service_(service), spec_(spec_of(service)) {}

  void check() {
    check_racks();
    check_min_isr();
    check_elections();
    check_clients();
    for (std::size_t i = 0; i < spec_.topics.size(); ++i) {
      if (spec_.topics[i].records_per_s <= 0)
        report_.warn(
            fmt::format("{}/topics/{}/load/records_per_s", at_, i),
            fmt::format("'{}' carries no load: it can lose no record, costs no transfer and has nothing to catch up. "
                        "Say what is produced.",
                        spec_.topics[i].name));
    }
  }

 private:
  void check_racks() {
    if (!spec_.rack_aware) return;
    if (zones_of_brokers(topology_, service_).size() < 2)
      report_.warn(at_ + "/rack_aware",
                   fmt::format("racks are zones, and all brokers of '{}' are in one: replicas are not spread. "
                               "Give the brokers' node group several zones.",
                               service_.name));
  }

  void check_min_isr() {
    const std::string of_service = report_.place_of(at_, "min.insync.replicas");
    std::size_t unprotected = 0;
    for (std::size_t i = 0; i < spec_.topics.size(); ++i) {
      const TopicSpec& topic = spec_.topics[i];
      const std::string of_topic = fmt::format("{}/topics/{}/config/min.insync.replicas", at_, i);
      const bool own = report_.given(of_topic);
      if (!own && !of_service.empty() && spec_.parameters.min_insync_replicas > topic.replication_factor)
        report_.warn(of_service,
                     fmt::format("topic '{}' has {} replica{}: for it min.insync.replicas counts as {}. Raise its "
                                 "replication_factor.",
                                 topic.name, topic.replication_factor, topic.replication_factor == 1 ? "" : "s",
                                 topic.min_insync_replicas));
      if (topic.acks_one_share < 1) continue;
      ++unprotected;
      if (own)
        report_.warn(of_topic,
                     fmt::format("this protects acks=all only, and all records of '{}' are produced with acks=1: lower "
                                 "its acks_one_share.",
                                 topic.name));
    }
    if (unprotected > 0 && unprotected == spec_.topics.size() && !of_service.empty())
      report_.warn(of_service,
                   "this protects acks=all only, and all records of all topics are produced with acks=1: lower "
                   "acks_one_share of a topic's load.");
  }

  void check_elections() {
    constexpr std::string_view key = "unclean.leader.election.enable";
    bool any_replicated = false;
    for (std::size_t i = 0; i < spec_.topics.size(); ++i) {
      const TopicSpec& topic = spec_.topics[i];
      any_replicated = any_replicated || topic.replication_factor > 1;
      const std::string of_topic = fmt::format("{}/topics/{}/config/{}", at_, i, key);
      if (report_.given(of_topic) && topic.unclean_leader_election)
        check_unclean(of_topic, topic.replication_factor > 1);
    }
    const std::string of_service = report_.place_of(at_, key);
    if (!of_service.empty() && spec_.parameters.unclean_leader_election) check_unclean(of_service, any_replicated);
    const std::string interval = report_.place_of(at_, "leader.imbalance.check.interval.seconds");
    if (!interval.empty() && !spec_.parameters.auto_leader_rebalance)
      report_.warn(interval,
                   "this does nothing while auto.leader.rebalance.enable is false: leadership never returns.");
  }

  void check_unclean(const std::string& at, bool replicated) {
    if (!replicated)
      report_.warn(at, "this does nothing with one replica: no other could lead. Raise the replication_factor.");
    else if (spec_.parameters.eligible_leader_replicas)
      report_.warn(
          at,
          fmt::format("Kafka {} keeps eligible leader replicas: an unclean election comes only where neither the ISR, "
                      "nor one of them, nor the last leader can lead, so this does little. Without them "
                      "(kafka.eligible_leader_replicas false under /overrides) it acts as before 4.1.",
                      spec_.version));
  }

  void check_clients() {
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) {
      const ClientSpec& client = spec_.clients[i];
      const std::string here = fmt::format("{}/clients/{}", at_, i);
      bool used = false;
      bool produces = false;
      for (const SliSpec& sli : spec_.slis) {
        if (sli.client != client.name) continue;
        used = true;
        produces = produces || sli.kind == SliKind::write || sli.kind == SliKind::write_acks1;
      }
      if (!used) {
        report_.warn(
            here,
            fmt::format("no SLI is seen by client '{}': it changes nothing but the bill's transfer between zones. "
                        "Name it in an SLI, or remove it.",
                        client.name));
        continue;
      }
      for (const std::string_view key : producer_keys) {
        const std::string pointer = fmt::format("{}/config/{}", here, key);
        if (!produces && report_.given(pointer))
          report_.warn(
              pointer,
              fmt::format("producers read this, and client '{}' sees SLIs of consumers only: add an SLI of kind "
                          "'write' or 'write-acks1'.",
                          client.name));
      }
      const std::string most = report_.place_of(here, "retry.backoff.max.ms");
      if (!most.empty() && client.parameters.retry_backoff_max < client.parameters.retry_backoff)
        report_.warn(most, fmt::format("this is less than retry.backoff.ms, {:g} ms: every wait is this long.",
                                       client.parameters.retry_backoff.to_seconds() * 1e3));
    }
  }

  service::Report& report_;
  const std::string& at_;
  const Topology& topology_;
  const ServiceSpec& service_;
  const Spec& spec_;
};

}  // namespace

bool reads_parameter(const ServiceSpec& service, std::string_view key) {
  // Of a broker's parameters those that only KRaft's controllers, sessions and metadata log read, and those that only
  // brokers with another store do.
  static constexpr std::string_view of_kraft[] = {"broker.",
                                                  "initial.broker.registration.",
                                                  "controller.quorum.",
                                                  "metadata.max.idle.",
                                                  "kafka.fence_",
                                                  "kafka.pre_vote",
                                                  "kafka.resign_without_quorum",
                                                  "kafka.watermark_waits_for_fetch",
                                                  "kafka.eligible_leader_replicas",
                                                  "kafka.rebalance_periodic",
                                                  "kafka.heartbeat_retry_",
                                                  "kafka.shutdown_",
                                                  "kafka.fsync",
                                                  "kafka.quorum_handling",
                                                  "kafka.vote_write",
                                                  "kafka.activation",
                                                  "kafka.timer_skew",
                                                  "kafka.metadata_catch_up"};
  static constexpr std::string_view of_store[] = {zk::names::keys,
                                                  zk::names::timings,
                                                  "controller.socket.timeout.ms",
                                                  "controlled.shutdown.max.",
                                                  "controlled.shutdown.retry.",
                                                  "leader.imbalance.per.broker."};
  const auto among = [key](const auto& beginnings) {
    return std::any_of(std::begin(beginnings), std::end(beginnings),
                       [key](std::string_view beginning) { return key.starts_with(beginning); });
  };
  return !(spec_of(service).store.empty() ? among(of_store) : among(of_kraft));
}

void complete(service::Report& report, const Topology& topology, ServiceSpec& service) {
  Completer(report, topology, service).complete();
}

void resolve(service::Report& report, ServiceSpec& service) {
  Spec& spec = spec_of(service);
  // KafkaConfig.zkConnectionTimeoutMs.
  if (report.place_of(report.at(), zk::names::connection_timeout).empty())
    spec.parameters.zk_connection_timeout = spec.parameters.zk_session_timeout;
  // SelfHealingNotifier.configure, AnomalyDetectorManager.
  const auto said = [&](std::string_view key) {
    return report.given(fmt::format("{}/cruise_control/{}", report.at(), key)) ||
           report.given(fmt::format("/overrides/{}", key));
  };
  if (!said("self.healing.broker.failure.enabled")) spec.cruise.heals = spec.cruise.heals_all;
  if (!said("broker.failure.detection.interval.ms"))
    spec.cruise.detection_interval = spec.cruise.detection_interval_of_all;
  for (std::size_t i = 0; i < spec.topics.size(); ++i) {
    TopicSpec& topic = spec.topics[i];
    if (!report.given(fmt::format("{}/topics/{}/config/unclean.leader.election.enable", report.at(), i)))
      topic.unclean_leader_election = spec.parameters.unclean_leader_election;
    if (topic.min_insync_replicas == 0) topic.min_insync_replicas = spec.parameters.min_insync_replicas;
    topic.min_insync_replicas = std::min(topic.min_insync_replicas, topic.replication_factor);
  }
}

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  Checker checker(report, topology, service);
  checker.check_partitions();
  checker.check();
}

void check_combinations(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  CombinationChecker(report, topology, service).check();
}

}  // namespace nines::models::kafka
