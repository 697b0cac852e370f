// A consumer group as a kind of service.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include "models/consumer_group/fields.hpp"
#include "models/consumer_group/protocol.hpp"

namespace nines::models::consumer_group {

namespace {

constexpr service::Role roles_of_pools[] = {{"member", "reads partitions and works their records off", false, false}};

struct ConsumerGroup : Readers<Spec> {
  static constexpr std::string_view name = "consumer_group";
  static constexpr std::string_view title = "a consumer group";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &consumer_group::check;
  static constexpr auto build = &consumer_group::build;
  static constexpr auto connect = static_cast<void (*)(models::Plan&, ServiceId)>(&consumer_group::connect);

  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("member-{}", number);
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"group-burst",
         "records that producers held back while writes failed, and send all at once when they succeed again: here "
         "they "
         "come at the usual rate from then on",
         worse},
        {"group-retention", "records that are deleted before they are read, and offsets that expire", worse},
        {"group-zombie",
         "a member that its coordinator has given up and that goes on reading: what both it and its successor work off",
         worse},
        {"group-downstream", "that writing to what records go to takes longer while a group catches up", worse},
        {"group-phases", "heartbeats that run together after a rebalance: here each member keeps the phase of its own",
         either},
        {"group-load", "what the catch-up reads cost the brokers' volumes and networks", worse},
        {"group-keys", "keys that make some partitions of a topic busier than others: all of a topic are alike", worse},
        {"group-commits",
         "programs that commit by themselves, and those that write and commit in one transaction: positions are noted "
         "each auto.commit.interval.ms",
         either},
        {"group-assignors", "other assignors than the two, and assignment by racks", either},
        {"group-protocol", "share groups, Streams, and regular expressions of topics", either},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<ConsumerGroup>();

}  // namespace nines::models::consumer_group
