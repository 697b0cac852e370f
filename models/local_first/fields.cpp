#include "models/local_first/fields.hpp"

#include <fmt/format.h>

#include "models/local_first/plan.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::local_first {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_rows_per_s = 1e6;
constexpr double longest_limit_s = 30 * 86'400.0;

constexpr service::ParameterGroup worker_group = held_by_service<&Spec::parameters>({
    .name = "local-first worker",
    .read_by = "workers",
    .held_by = "the service",
    .timings = "local_first.",
});

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "accept: some worker takes work; synced: no row that a worker has not sent is older "
                                   "than limit_s",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::limit>(time_s("limit_s", optional, "of synced: the greatest age of a row that has not been sent",
                                 longest_limit_s, true)),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"local_first_sli", "a condition over time", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::rows_per_s>(
        real("rows_per_s", required, "rows of all workers: those that take work share them", {0, most_rows_per_s})),
    into<&Spec::row_size>(above_zero({"row_size", bytes, required, "size of a row in a worker's file"})),
};
constexpr ObjectSpec load_object{"local_first_load", "what workers do", load_rows, "workers' load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::upstream>({"upstream", name, required, "the service that rows are sent to"}),
    into<&Spec::synchronous>(choice_of("synchronous", optional,
                                       "PRAGMA synchronous in WAL mode: normal (durable at checkpoints, the default "
                                       "here), or full (at each commit)",
                                       synchronous_names, "a synchronous")),
    config_of({"config", config, optional, "settings of workers by their keys"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "what workers do"}, load_object),
    into<&Spec::room>(
        {"room", bytes, optional, "what a worker's file may take; by default its volume, and without one no limit"}),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

void check_upstream(service::Report& report, const Topology& topology, const Spec& spec) {
  std::vector<std::string> answer;
  for (const ServiceSpec& other : topology.services) {
    const bool answers = other.kind != nullptr && other.kind->answers != &service::Defaults::answers;
    if (answers) answer.push_back(other.name);
  }
  if (answer.empty()) {
    report.problem(report.at() + "/upstream", "no service here takes what workers send, such as a database.");
    return;
  }
  report.check_known(report.at() + "/upstream", spec.upstream, answer, "service that takes what workers send");
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {worker_group};

constinit const ObjectSpec service_fields{"local_first_service",
                                          "workers that write to a local file and send it on later", service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const Parameters& p = spec.parameters;
  const std::string& at = report.at();
  check_upstream(report, topology, spec);
  if (p.interval <= Duration())
    report.problem(report.place_or_owner(at, "local_first.sync_interval"), "must be above 0.");
  if (static_cast<double>(p.send_rate) <= spec.rows_per_s) {
    report.problem(
        report.place_or_owner(at, "local_first.send_rate"),
        fmt::format("A worker that is alone takes {:g} rows/s and sends {} of them: what it has not sent would "
                    "grow for ever.",
                    spec.rows_per_s, p.send_rate));
  }
  const double a_turn = spec.rows_per_s * p.interval.to_seconds() * spec.row_size.count;
  if (spec.room.count > 0 && spec.room.count <= a_turn)
    report.problem(at + "/room", "expected more than what a worker takes between two turns.");
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const std::string where = fmt::format("{}/slis/{}", at, i);
    if (sli.kind == SliKind::accept) {
      if (sli.limit > Duration()) report.problem(where + "/limit_s", "only of SLIs of kind synced.");
    } else if (sli.limit < p.interval) {
      report.problem(sli.limit > Duration() ? where + "/limit_s" : where,
                     fmt::format("expected limit_s, at least local_first.sync_interval ({:g} s): in health rows are as "
                                 "old as that.",
                                 p.interval.to_seconds()));
    }
  }
}

}  // namespace nines::models::local_first
