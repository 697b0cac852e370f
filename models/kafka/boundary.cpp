#include "models/kafka/boundary.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kafka/events.hpp"
#include "models/kafka/spec.hpp"

namespace nines::models::kafka {

std::span<const service::LeftOut> left_out() {
  using enum service::Truth;
  static const std::vector<service::LeftOut> list{
      {"live-load",
       "live load that catch-up slows down: clients' and followers' traffic is served first, catch-up gets the rest",
       either},
      {"live-load-conditions",
       "while a volume, network or CPU gives too little: live load goes on as it is offered (producers that wait for "
       "acks=all would send less), what the page cache takes for a while, and the backlog that producers still have "
       "when a slow leader is in order again",
       either},
      {"cpu-of-load", "CPU that live load needs: a starved CPU slows elections, starts, recovery and fetchers only"},
      {"lossy-requests",
       "on a lossy link, single requests that are late although the mean is within the deadline: the SLI goes by the "
       "mean"},
      {"read-lag", "consumers that fall behind on a slow network, and reads from a slow disk"},
      {"neighbours", "bandwidth that pods of the platform and other services take beside Kafka's"},
      {"iops", "IOPS of volumes, and blocks of a restored snapshot that are read after the logs were recovered"},
      {"rebalances", "rebalances of groups of consumers that are no services of the design"},
      {"transactions", "transactions, idempotent producers' fencing, tiered storage, quotas"},
      {"growth", "full disks, retention running out, growth of the load over time"},
      {"reassignment",
       "moves of replicas that people cancel, that find the disk of a new place full, or whose new place is lost, "
       "which "
       "wait for it; two replicas of one partition at once, which go one after the other; with 255 brokers or more, or "
       "8 "
       "replicas, nothing is moved. Their throttle ends with the move (as if people ran --verify at once), holds on "
       "all "
       "brokers, and leaves the topics' own lists and rates as they were, which the tool clears",
       either},
      {"helpers",
       "single pods beside Kafka, such as the Entity Operator and exporters: no SLI sees it when they are away, and "
       "nobody makes topics or users or reads metrics meanwhile",
       either},
      {"bugs", "bugs of the broker, of the operator and of Kubernetes, except as process crashes"},
  };
  return list;
}

namespace {

/// Of a cluster whose metadata is in ZooKeeper.
void add_of_store(std::vector<service::LeftOut>& list) {
  using enum service::Truth;
  list.push_back({"store-load",
                  "load that brokers put on the service that holds their metadata: states of partitions "
                  "are read and written at a fixed pace",
                  worse, true});
  list.push_back({"store-old-writes", "inter.broker.protocol.version before 2.7, where leaders wrote ISRs themselves",
                  either, true});
  list.push_back({"store-requests",
                  "the time that a broker takes for each partition of a request of the controller, "
                  "and leaders that a controller of the past had begun to move",
                  worse, true});
  list.push_back({"store-reassignment", "reassignments of partitions", either, true});
  list.push_back({"store-migration", "the migration to KRaft", either, true});
}

}  // namespace

std::vector<service::LeftOut> left_out_here(const Topology&, const ServiceSpec& service) {
  std::vector<service::LeftOut> list;
  if (!spec_of(service).store.empty()) add_of_store(list);
  if (spec_of(service).cruise_control)
    list.push_back(
        {"cruise-control",
         "Cruise Control's own process, which is taken to live; the load samples that it needs before it plans (5 "
         "windows "
         "of 1 h that cover 99.5 % of the partitions, by default) and the goals of capacity by which it refuses to "
         "(disk, network and CPU to 0.8); partitions of one placement, which it moves one after the other; a lost "
         "target, "
         "which it finds only when it looks at its moves, while here it takes them back at once; slow brokers, failed "
         "disks and "
         "violated goals, which it heals too",
         service::Truth::either, true});
  std::vector<std::string> names;
  for (const TopicSpec& topic : spec_of(service).topics) {
    if (topic.records_per_s <= 0) names.push_back(fmt::format("{}/{}", service.name, topic.name));
  }
  if (names.empty()) return list;
  list.push_back({"no-load",
                  fmt::format("lost records, backlog and transfer of topics without load: {}", service::listed(names)),
                  service::Truth::worse, true});
  return list;
}

bool happens(const ServiceSpec& service, std::string_view event) {
  static constexpr std::string_view of_kraft[] = {
      RegistrationAttempt::info.name, BrokerRegistered::info.name,   SessionExpired::info.name,
      BrokerFenced::info.name,        BrokerUnfenced::info.name,     HeartbeatResumed::info.name,
      MetadataCaughtUp::info.name,    ShutdownPoll::info.name,       QuorumTimer::info.name,
      VoteRequested::info.name,       VoteAnswered::info.name,       VoterUnheard::info.name,
      ControllerElected::info.name,   ControllerActive::info.name,   ControllerResigned::info.name,
      MetadataApplied::info.name,     ReassignmentBegun::info.name,  ReassignmentDone::info.name,
      ReplicasStay::info.name,        ReassignmentRefused::info.name};
  static constexpr std::string_view of_store[] = {ConnectionTimedOut::info.name, RegistrationTried::info.name,
                                                  RegistrationMade::info.name,   RegistrationRefused::info.name,
                                                  RegistrationGone::info.name,   RegistrationsSeen::info.name,
                                                  ControllerTried::info.name,    ControllerCreated::info.name,
                                                  ControllerGone::info.name,     JobDone::info.name,
                                                  ControllerReady::info.name,    BrokerRemoved::info.name,
                                                  BrokerJoined::info.name,       ControlRequestArrived::info.name,
                                                  ShutdownTried::info.name};
  static constexpr std::string_view of_cruise_control[] = {BrokerFailureLook::info.name,  MovesLook::info.name,
                                                           BrokerFailureFound::info.name, BrokerFailureAlert::info.name,
                                                           SelfHealingFailed::info.name,  HealingStopped::info.name};
  const auto among = [event](const auto& names) { return std::ranges::find(names, event) != std::end(names); };
  const Spec& spec = spec_of(service);
  if (spec.store.empty() ? among(of_store) : among(of_kraft)) return false;
  return spec.cruise_control || !among(of_cruise_control);
}

}  // namespace nines::models::kafka
