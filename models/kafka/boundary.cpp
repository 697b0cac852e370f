#include "models/kafka/boundary.hpp"

#include <fmt/format.h>

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
      {"bugs", "bugs of the broker, of the operator and of Kubernetes, except as process crashes"},
  };
  return list;
}

std::vector<service::LeftOut> left_out_here(const Topology&, const ServiceSpec& service) {
  std::vector<std::string> names;
  for (const TopicSpec& topic : spec_of(service).topics) {
    if (topic.records_per_s <= 0) names.push_back(fmt::format("{}/{}", service.name, topic.name));
  }
  if (names.empty()) return {};
  return {{"no-load",
           fmt::format("lost records, backlog and transfer of topics without load: {}", service::listed(names)),
           service::Truth::worse, true}};
}

}  // namespace nines::models::kafka
