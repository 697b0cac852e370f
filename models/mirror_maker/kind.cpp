// MirrorMaker 2 as a kind of service: its workers are a group of readers whose records go to another service.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include "models/consumer_group/protocol.hpp"
#include "models/mirror_maker/fields.hpp"
#include "models/mirror_maker/plan.hpp"

namespace nines::models::mirror_maker {

namespace {

constexpr service::Role roles_of_pools[] = {{"worker", "runs tasks that copy partitions", false, false}};

struct MirrorMaker : consumer_group::Readers<Spec> {
  static constexpr std::string_view name = "mirror_maker";
  static constexpr std::string_view title = "MirrorMaker 2";
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto check = &mirror_maker::check;
  static constexpr auto build = &mirror_maker::build;
  static constexpr auto connect = static_cast<void (*)(models::Plan&, ServiceId)>(&mirror_maker::connect);

  static std::string member_name(const ServiceSpec&, const PoolSpec&, std::size_t number) {
    return fmt::format("worker-{}", number);
  }
  static std::vector<service::Fact> sli_facts(const models::Plan& plan, measurement::SliIndex index) {
    const measurement::SliPlan& sli = plan.slis[index];
    std::vector<service::Fact> facts{{"deadline_s", sli.deadline}};
    const Staleness stale = staleness(spec_of(plan.spec(sli.service)));
    if (stale.most > Duration()) {
      facts.push_back({"group_offsets_behind_mean_s", stale.mean});
      facts.push_back({"group_offsets_behind_most_s", stale.most});
    } else {
      facts.push_back({"group_offsets", std::string("not copied")});
    }
    return facts;
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"mirror-region",
         "a second region: both services stand in the zones of one topology, whose distances, faults and control plane "
         "are those of one region",
         either},
        {"mirror-latency", "the fraction of a second that copying a record takes in health", worse},
        {"mirror-new-topics",
         "topics, partitions and groups that are new: up to refresh.topics.interval.seconds (600 s) nobody copies them",
         worse},
        {"mirror-switch", "people who decide to go over to the target, and clients that find it", worse},
        {"mirror-translation",
         "positions that are translated coarsely because syncs lie apart (OffsetSyncStore): groups read more again",
         worse},
        {"mirror-rejoin",
         "the rebalance of all workers when a coordinator that was away is back: each takes up what it had as soon as "
         "it "
         "has joined",
         worse},
        {"mirror-load", "what copying costs both clusters beyond the load that their topics state", worse},
        {"mirror-connect-topics", "Connect's own topics for configurations, offsets and status", worse},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<MirrorMaker>();

}  // namespace nines::models::mirror_maker
