#include "models/consumer_group/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/consumer_group/inert_keys.hpp"
#include "models/consumer_group/plan.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::consumer_group {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;

constexpr service::ParameterGroup member_group = held_by_service<&Spec::parameters>({
    .name = "consumer group",
    .read_by = "members of a group",
    .held_by = "the service",
    .timings = "consumer.",
    .inert = &inert_keys,
});

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "consumed: no record that the group has not worked off is older than limit_s; "
                                   "consuming: every partition is being read",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::limit>(time_s("limit_s", optional,
                                 "of consumed: the greatest age of a record that is not worked off", longest_limit_s,
                                 true)),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"consumer_group_sli", "a condition over time", sli_rows, "an SLI"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::source>({"source", name, required, "the service that keeps the topics"}),
    into<&Spec::client>(
        {"client", name, required, "of that service: the timings of members' connections are those of this client"}),
    into<&Spec::topics>({"topics", texts, required, "topics of that service which the group reads"}),
    into<&Spec::protocol>(choice_of("protocol", optional,
                                    "group.protocol: classic (default: rebalances that everybody joins), or consumer "
                                    "(KIP-848: the coordinator moves partitions one by one)",
                                    protocol_names, "a protocol")),
    into<&Spec::assignor>(choice_of(
        "assignor", optional,
        "of the classic protocol: range (what the default list of assignors amounts to: everybody stops during a "
        "rebalance), or cooperative-sticky (only partitions that move stop)",
        assignor_names, "an assignor")),
    into<&Spec::static_members>({"static_members", boolean, optional,
                                 "members have a group.instance.id: one that is back within session.timeout.ms keeps "
                                 "its partitions, which wait for it; by default not"}),
    into<&Spec::downstream>({"downstream", name, optional,
                             "a service that every record is written to: while it takes no writes, none is worked "
                             "off"}),
    into<&Spec::records_per_s>(above_zero(
        real("records_per_s", required, "records that one member can work off", {0, most_records_per_s, true}))),
    config_of({"config", config, optional, "settings of members by their keys"}, parameter_groups[0]),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

constexpr Clocks members_clocks{"session.timeout.ms", "heartbeat.interval.ms", "auto.commit.interval.ms", "members"};
constexpr Clocks server_clocks{"group.consumer.session.timeout.ms", "group.consumer.heartbeat.interval.ms",
                               "auto.commit.interval.ms", "members"};

void check_timings(service::Report& report, const Spec& spec) {
  const Parameters& p = spec.parameters;
  const std::string& at = report.at();
  check_clocks(report, members_clocks, p.session, p.heartbeat, p.commit);
  check_clocks(report, server_clocks, p.server_session, p.server_heartbeat, p.commit);
  const bool by_server = spec.protocol == Protocol::consumer;
  if (by_server) {
    check_server_setting(report, server_clocks.session, p.server_session,
                         {p.least_server_session, p.most_server_session, "group.consumer.min.session.timeout.ms",
                          "group.consumer.max.session.timeout.ms"});
    check_server_setting(report, server_clocks.heartbeat, p.server_heartbeat,
                         {p.least_server_heartbeat, p.most_server_heartbeat, "group.consumer.min.heartbeat.interval.ms",
                          "group.consumer.max.heartbeat.interval.ms"});
  } else {
    check_session(report, members_clocks.session, p.session,
                  {p.least_session, p.most_session, "group.min.session.timeout.ms", "group.max.session.timeout.ms"});
  }
  if (by_server && report.given(at + "/assignor"))
    report.problem(at + "/assignor",
                   "only of the classic protocol: with the consumer protocol the coordinator deals "
                   "partitions out.");
  if (p.max_poll < p.session)
    report.warn(report.place_or_owner(at, "max.poll.interval.ms"),
                "below session.timeout.ms: a rebalance ends before a member that died has been noticed.");
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {member_group};

constinit const ObjectSpec service_fields{"consumer_group_service", "processes that read topics of a service together",
                                          service_rows};

const ServiceSpec* check_source(service::Report& report, const Topology& topology, std::string_view field,
                                const std::string& name) {
  std::vector<std::string> keep;
  const ServiceSpec* found = nullptr;
  for (const ServiceSpec& other : topology.services) {
    if (other.kind == nullptr || other.kind->records == nullptr) continue;
    keep.push_back(other.name);
    if (other.name == name) found = &other;
  }
  const std::string at = fmt::format("{}/{}", report.at(), field);
  if (keep.empty()) {
    report.problem(at, "no service here keeps topics.");
    return nullptr;
  }
  report.check_known(at, name, keep, "service that keeps topics");
  if (found != nullptr && !found->kind->records->coordinates(*found)) {
    report.problem(at, fmt::format("'{}' coordinates no groups: offsets.topic.num.partitions is 0.", name));
    return nullptr;
  }
  return found;
}

void check_client(service::Report& report, const ServiceSpec& source, std::string_view field, const std::string& name) {
  report.check_known(fmt::format("{}/{}", report.at(), field), name, source.kind->records->clients(source), "client");
}

std::vector<service::Topic> check_topics(service::Report& report, const ServiceSpec& source,
                                         const std::vector<std::string>& names) {
  const std::vector<service::Topic> all = source.kind->records->topics(source);
  std::vector<std::string> known;
  for (const service::Topic& topic : all) known.push_back(topic.name);
  std::vector<service::Topic> read;
  const std::string at = report.at() + "/topics";
  if (names.empty()) report.problem(at, "expected at least one topic.");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string where = fmt::format("{}/{}", at, i);
    report.check_known(where, names[i], known, "topic");
    const auto found = std::find(known.begin(), known.end(), names[i]);
    if (found == known.end()) continue;
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      report.problem(where, "named twice.");
    read.push_back(all[static_cast<std::size_t>(found - known.begin())]);
  }
  return read;
}

void check_clocks(service::Report& report, const Clocks& keys, Duration session, Duration heartbeat, Duration commit) {
  const auto above = [&](Duration value, std::string_view key) {
    if (value <= Duration()) report.problem(report.place_or_owner(report.at(), key), "must be above 0.");
  };
  above(heartbeat, keys.heartbeat);
  above(commit, keys.commit);
  if (session <= heartbeat)
    report.problem(
        report.place_or_owner(report.at(), keys.session),
        fmt::format("must be above {}: {} would be taken out between two heartbeats.", keys.heartbeat, keys.readers));
}

void check_session(service::Report& report, std::string_view key, Duration session, const SessionBounds& bounds) {
  if (session >= bounds.least && session <= bounds.most) return;
  report.warn(
      report.place_or_owner(report.at(), key),
      fmt::format("brokers refuse a group with {:g} s (INVALID_SESSION_TIMEOUT): by {} and {} they take {:g} to "
                  "{:g} s.",
                  session.to_seconds(), bounds.least_key, bounds.most_key, bounds.least.to_seconds(),
                  bounds.most.to_seconds()));
}

void check_server_setting(service::Report& report, std::string_view key, Duration value, const SessionBounds& bounds) {
  if (value >= bounds.least && value <= bounds.most) return;
  report.problem(report.place_or_owner(report.at(), key),
                 fmt::format("expected {:g} to {:g} s, got {:g} s: a broker does not start outside {} and {}.",
                             bounds.least.to_seconds(), bounds.most.to_seconds(), value.to_seconds(), bounds.least_key,
                             bounds.most_key));
}

void check_capacity(service::Report& report, const ServiceSpec& service, const Dealing& dealing, double records_per_s) {
  std::size_t members = 0;
  for (const PoolSpec& pool : service.pools) members += static_cast<std::size_t>(pool.replicas);
  const std::size_t units = dealing.loads.size();
  if (units == 0 || members == 0) return;
  const double comes = std::accumulate(dealing.loads.begin(), dealing.loads.end(), 0.0);
  const std::string at = report.at() + "/records_per_s";
  // The member that is dealt most has the most to do.
  const double most = greatest_load(dealing, members);
  if (most >= records_per_s) {
    report.problem(at, fmt::format("{:g} records/s come, and of {} members one gets {:g} of them and works off {:g}: "
                                   "what waits would grow for ever.",
                                   comes, members, most, records_per_s));
    return;
  }
  std::vector<bool> busy(members, false);
  std::vector<Number> numbers(std::min(members, std::size_t{nobody}));
  std::iota(numbers.begin(), numbers.end(), Number{0});
  for (const Number number : assign(dealing.rules, dealing.topics, numbers, std::vector<Number>(units, nobody)))
    busy[number] = true;
  const auto working = static_cast<std::size_t>(std::count(busy.begin(), busy.end(), true));
  if (working < members)
    report.warn(report.at() + "/pools", fmt::format("{} members for {} partitions: {} of them only stand by.", members,
                                                    units, members - working));
  if (members > 1 && working == members && greatest_load(dealing, members - 1) >= records_per_s)
    report.warn(at, "without one member the others do not work off what comes: what waits grows until it is back.");
}

void check_limit(service::Report& report, const std::string& where, bool aged, Duration limit, std::string_view kind,
                 std::string_view done) {
  if (!aged && limit > Duration()) report.problem(where + "/limit_s", fmt::format("only of SLIs of kind {}.", kind));
  if (aged && limit <= Duration())
    report.problem(where, fmt::format("expected limit_s: how old a record may be that is not {}.", done));
}

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  if (const ServiceSpec* source = check_source(report, topology, "source", spec.source)) {
    check_client(report, *source, "client", spec.client);
    check_capacity(report, service, dealing_of(rules_of(spec), check_topics(report, *source, spec.topics), spec.topics),
                   spec.records_per_s);
    const std::string lacks = source->kind->records->lacks_consumer_protocol(*source);
    if (spec.protocol == Protocol::consumer && !lacks.empty())
      report.problem(at + "/protocol", fmt::format("'{}' has no consumer protocol (KIP-848): {}. Expected 'classic'.",
                                                   spec.source, lacks));
  }
  if (!spec.downstream.empty()) {
    std::vector<std::string> answer;
    for (const ServiceSpec& other : topology.services) {
      if (other.kind != nullptr && other.kind->answers != &service::Defaults::answers) answer.push_back(other.name);
    }
    if (answer.empty())
      report.problem(at + "/downstream", "no service here takes writes of others, such as a database.");
    else
      report.check_known(at + "/downstream", spec.downstream, answer, "service that takes writes of others");
  }
  check_timings(report, spec);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    check_limit(report, fmt::format("{}/slis/{}", at, i), sli.kind == SliKind::consumed, sli.limit, "consumed",
                "worked off");
  }
}

}  // namespace nines::models::consumer_group
