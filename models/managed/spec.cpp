#include "models/managed/spec.hpp"

#include <algorithm>

namespace nines::models::managed {

Timings timings_of(const Spec& spec) {
  const Parameters& p = spec.parameters;
  switch (spec.product) {
    case Product::elasticache:
      return {&p.cache_detect, &p.cache_promote,     &p.cache_hand_over, &p.cache_replacement,
              &p.cache_start,  &p.cache_maintenance, p.cache_window};
    case Product::msk:
      return {&p.kafka_detect, &p.kafka_promote,     &p.kafka_hand_over, &p.kafka_replacement,
              &p.kafka_start,  &p.kafka_maintenance, Duration()};
    case Product::amazon_mq: break;
  }
  return {&p.queue_detect, &p.queue_promote,     &p.queue_hand_over, &p.queue_replacement,
          &p.queue_start,  &p.queue_maintenance, p.queue_window};
}

std::optional<NodeType> known_type(const Spec& spec) {
  const auto found = std::find(node_type_names.begin(), node_type_names.end(), spec.node_type);
  if (found == node_type_names.end()) return std::nullopt;
  return static_cast<NodeType>(found - node_type_names.begin());
}

std::string_view type_prefix(Product product) {
  static constexpr std::string_view prefixes[] = {"cache.", "kafka.", "mq."};
  return prefixes[static_cast<std::size_t>(product)];
}

const Keys& keys_of(Product product) {
  static constexpr Keys keys[] = {
      {"elasticache.detect", "elasticache.promote", "elasticache.dns_change", "elasticache.hand_over",
       "elasticache.replacement", "elasticache.start", "elasticache.maintenance"},
      {"msk.detect", "msk.elect", "", "msk.hand_over", "msk.replacement", "msk.start", "msk.maintenance"},
      {"amazon-mq.detect", "amazon-mq.promote", "amazon-mq.balancer", "amazon-mq.hand_over", "amazon-mq.replacement",
       "amazon-mq.start", "amazon-mq.maintenance"},
  };
  return keys[static_cast<std::size_t>(product)];
}

}  // namespace nines::models::managed
