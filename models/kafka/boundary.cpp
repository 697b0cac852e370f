#include "models/kafka/boundary.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/kafka/spec.hpp"

namespace nines::models::kafka {

std::span<const service::LeftOut> left_out() {
  using enum service::Truth;
  static const std::vector<service::LeftOut> list{
      {"live-load",
       "live load that catch-up slows down: clients' and followers' traffic is served first, catch-up gets the rest",
       either},
      {"neighbours", "bandwidth that pods of the platform and other services take beside Kafka's"},
      {"iops", "IOPS of volumes, and blocks of a restored snapshot that are read after the logs were recovered"},
      {"rebalances", "rebalances of consumer groups and their rejoin after a coordinator moves"},
      {"transactions", "transactions, idempotent producers' fencing, tiered storage, quotas"},
      {"growth", "full disks, retention running out, growth of the load over time"},
      {"bugs", "bugs of the broker, of the operator and of Kubernetes, except as process crashes"},
  };
  return list;
}

std::vector<service::LeftOut> left_out_here(const Topology&, const ServiceSpec& service) {
  constexpr std::size_t most = 12;
  std::vector<std::string> names;
  for (const TopicSpec& topic : spec_of(service).topics) {
    if (topic.records_per_s <= 0) names.push_back(fmt::format("{}/{}", service.name, topic.name));
  }
  if (names.empty()) return {};
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, names.size()));
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return {{"no-load", fmt::format("lost records, backlog and transfer of topics without load: {}", text),
           service::Truth::worse, true}};
}

}  // namespace nines::models::kafka
