#include "models/mirror_maker/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/consumer_group/fields.hpp"
#include "models/mirror_maker/inert_keys.hpp"
#include "models/mirror_maker/plan.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::mirror_maker {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr std::int64_t most_tasks = 10'000;

constexpr service::ParameterGroup worker_group = held_by_service<&Spec::parameters>({
    .name = "MirrorMaker 2",
    .read_by = "workers and connectors",
    .held_by = "the service",
    .timings = "mirror.",
    .inert = &inert_keys,
});

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "copied: no record that is not in the target is older than limit_s; copying: every "
                                   "partition is being copied",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::limit>(time_s("limit_s", optional, "of copied: the greatest age of a record that is not copied",
                                 consumer_group::longest_limit_s, true)),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"mirror_maker_sli", "a condition over time", sli_rows, "an SLI"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::source>({"source", name, required, "the service whose topics are copied"}),
    into<&Spec::target>({"target", name, required,
                         "the service that they are copied to; it has the topic under the same name, or as "
                         "source.topic"}),
    into<&Spec::source_client>({"source_client", name, required,
                                "of the source: the timings of workers' connections are those of this client"}),
    into<&Spec::target_client>({"target_client", name, required, "the same of the target"}),
    into<&Spec::topics>({"topics", texts, required, "topics of the source that are copied"}),
    into<&Spec::tasks_max>(
        whole("tasks_max", required, "tasks.max: partitions are dealt out to so many tasks in turn", 1, most_tasks)),
    into<&Spec::checkpoints>({"checkpoint_connector", boolean, optional,
                              "there is a MirrorCheckpointConnector: positions of consumer groups reach the target; by "
                              "default not"}),
    into<&Spec::sync_group_offsets>({"sync_group_offsets", boolean, optional,
                                     "sync.group.offsets.enabled: consumer groups of the target are moved to them; by "
                                     "default not"}),
    into<&Spec::records_per_s>(above_zero(real("records_per_s", required, "records that one worker can copy",
                                               {0, consumer_group::most_records_per_s, true}))),
    config_of({"config", config, optional, "settings of workers and connectors by their keys"}, parameter_groups[0]),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

void check_target(service::Report& report, const ServiceSpec& target, const Spec& spec,
                  const std::vector<service::Topic>& topics) {
  const std::vector<service::Topic> there = target.kind->records->topics(target);
  std::vector<std::string> known;
  for (const service::Topic& topic : there) known.push_back(topic.name);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const std::string where = fmt::format("{}/topics/{}", report.at(), i);
    const std::size_t at = place_in(there, spec.source, topics[i].name);
    if (at == there.size()) {
      report.problem(where, fmt::format("'{}' has neither a topic '{}.{}' nor '{}' to copy it to.", target.name,
                                        spec.source, topics[i].name, topics[i].name));
    } else if (there[at].partitions != topics[i].partitions) {
      report.problem(
          where, fmt::format("'{}' has {} partitions and '{}' of '{}' {}: MirrorMaker 2 keeps them alike.",
                             topics[i].name, topics[i].partitions, there[at].name, target.name, there[at].partitions));
    }
  }
}

constexpr consumer_group::Clocks workers_clocks{"connect.session.timeout.ms", "connect.heartbeat.interval.ms",
                                                "offset.flush.interval.ms", "workers"};

void check_timings(service::Report& report, const Spec& spec) {
  const Parameters& p = spec.parameters;
  const std::string& at = report.at();
  consumer_group::check_clocks(report, workers_clocks, p.session, p.heartbeat, p.flush);
  consumer_group::check_session(report, workers_clocks.session, p.session,
                                {p.least_session, p.most_session, "mirror.least_session", "mirror.most_session"});
  if (spec.sync_group_offsets && !spec.checkpoints)
    report.problem(at + "/sync_group_offsets",
                   "needs checkpoint_connector: the checkpoint connector is what moves groups of the target.");
  if (!spec.checkpoints)
    report.warn(at,
                "no checkpoint connector: positions of consumer groups never reach the target. After a fail-over they "
                "begin anew, at the latest records or at the earliest.");
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {worker_group};

constinit const ObjectSpec service_fields{"mirror_maker_service", "workers that copy topics of one service to another",
                                          service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  const ServiceSpec* source = consumer_group::check_source(report, topology, "source", spec.source);
  const ServiceSpec* target = consumer_group::check_source(report, topology, "target", spec.target);
  if (source != nullptr && source == target) report.problem(at + "/target", "is the source.");
  if (source != nullptr) consumer_group::check_client(report, *source, "source_client", spec.source_client);
  if (target != nullptr) consumer_group::check_client(report, *target, "target_client", spec.target_client);
  if (source != nullptr) {
    const std::vector<service::Topic> topics = consumer_group::check_topics(report, *source, spec.topics);
    consumer_group::check_capacity(report, service, dealing_of(spec, topics), spec.records_per_s);
    if (target != nullptr) check_target(report, *target, spec, topics);
  }
  check_timings(report, spec);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    consumer_group::check_limit(report, fmt::format("{}/slis/{}", at, i), sli.kind == SliKind::copied, sli.limit,
                                "copied", "copied");
  }
}

}  // namespace nines::models::mirror_maker
