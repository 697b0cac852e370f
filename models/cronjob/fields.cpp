#include "models/cronjob/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "models/cronjob/spec.hpp"
#include "models/service/answering.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::cronjob {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double year_s = 366.0 * 86'400;
constexpr std::int64_t most_runs = 20;
constexpr std::int64_t most_completions = 1000;
/// Quantile of a run's length that an SLI has to leave room for.
constexpr double almost_surely = 0.9999;

constexpr service::ParameterGroup group = service::held_by_service<&Spec::parameters>({
    .name = "cronjob",
    .read_by = "runs of CronJobs",
    .held_by = "the service",
    .timings = "cronjob.",
});

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::max_age>(time_s("max_age_s", required,
                                   "it holds while the last success is no older; more than a period and a run", year_s,
                                   true)),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"cronjob_sli", "how old the last success may be", sli_rows, "an SLI"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::schedule>({"schedule", text, required,
                           "when runs start, in the notation of cron: \"0 2 * * *\" is every night. Starts have to be "
                           "evenly apart; at which time of day all begins differs from run to run"}),
    into<&Spec::concurrency>(choice_of("concurrency", optional,
                                       "concurrencyPolicy, if the last run goes on when the next is due: Allow "
                                       "(default): both run; Forbid: the next waits until the last has ended; Replace: "
                                       "the last is deleted",
                                       concurrency_names, "a concurrency policy")),
    into<&Spec::concurrent>(
        whole("concurrent", optional,
              "with Allow: runs beside each other at most; Kubernetes has no such limit (default 3)", 1, most_runs)),
    into<&Spec::starting_deadline>(
        time_s("starting_deadline_s", optional,
               "a start that is later than this is missed (startingDeadlineSeconds); without "
               "it none is: it is made up for when it can be",
               year_s)),
    into<&Spec::restart>(
        choice_of("restart_policy", optional,
                  "OnFailure (default): the kubelet starts a failed container again in its pod; Never: "
                  "the Job creates another pod after its back-off",
                  restart_names, "a restart policy")),
    into<&Spec::completions>(
        whole("completions", optional, "pods of a run that have to succeed (default 1)", 1, most_completions)),
    into<&Spec::backoff_limit>(whole("backoff_limit", optional,
                                     "failures that a run bears (backoffLimit; default: job.backoff_limit)", 0,
                                     most_completions)),
    into<&Spec::active_deadline>(time_s("active_deadline_s", optional,
                                        "a run that has not succeeded by then has failed (activeDeadlineSeconds); "
                                        "without it none does so",
                                        year_s)),
    into<&Spec::claim>({"claim", text, optional,
                        "a process whose network volume its pods mount too (ReadWriteOnce), such as "
                        "\"store/server-0\": they can run on its machine only"}),
    into<&Spec::beside_claim>({"beside_claim", boolean, optional,
                               "its pods go to the machine of that process's pod (podAffinity); without it the "
                               "scheduler knows the volume's zone only (default false)"}),
    into<&Spec::needs>({"needs", texts, optional,
                        "services of which some pod has to answer when a pod of a run starts: else that pod fails"}),
    into<&Spec::credentials>(
        {"credentials", boolean, optional,
         "its pods need temporary credentials of the cloud, as IAM roles for service accounts give "
         "them: else that pod fails (default false)"}),
    config_of({"config", config, optional, "timings"}, parameter_groups[0]),
    list_of<&Spec::slis>({"slis", objects, optional, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

/// A number of a schedule's field; -1 if it is none.
std::int64_t number_of(std::string_view field) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  return error == std::errc() && end == field.data() + field.size() && number >= 0 ? number : -1;
}

/// How often in `of` steps a field matches evenly: of `*` each time, of a number once; 0 if it is neither.
std::int64_t times_in(std::string_view field, std::int64_t of) {
  if (field == "*") return of;
  if (field.starts_with("*/")) {
    const std::int64_t every = number_of(field.substr(2));
    return every > 0 && of % every == 0 ? of / every : 0;
  }
  const std::int64_t number = number_of(field);
  return number >= 0 && number < of ? 1 : 0;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Names of the processes that have a network volume.
std::vector<std::string> volumes_of(const Topology& topology) {
  std::vector<std::string> names;
  for (const ServiceSpec& service : topology.services) {
    std::size_t number = 0;
    for (const PoolSpec& pool : service.pools) {
      for (std::int64_t i = 0; i < pool.replicas; ++i) {
        const bool attached = pool.storage.size.count > 0 && rules_of(pool.storage.kind).home == VolumeHome::zone;
        const std::string name = service.kind->member_name(service, pool, number++);
        if (attached) names.push_back(fmt::format("{}/{}", service.name, name));
      }
    }
  }
  return names;
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {group};

constinit const ObjectSpec service_fields{"cronjob_service", "runs of a CronJob", service_rows};

Duration period_of(std::string_view schedule) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (schedule == "@hourly") return Duration::seconds(hour);
  if (schedule == "@daily" || schedule == "@midnight") return Duration::seconds(day);
  if (schedule == "@weekly") return Duration::seconds(7 * day);
  const std::vector<std::string_view> fields = words_of(schedule);
  if (fields.size() != 5 || fields[2] != "*" || fields[3] != "*") return {};
  const std::int64_t minutes = times_in(fields[0], 60);
  const std::int64_t hours = times_in(fields[1], 24);
  const std::int64_t days = times_in(fields[4], 7);
  if (minutes == 0 || hours == 0 || days == 0) return {};
  // Evenly apart only if all that is within a matching hour, or day, is followed by the next one of the sort.
  if (hours < 24 && minutes > 1) return {};
  if (days < 7 && (hours > 1 || minutes > 1)) return {};
  if (days < 7 && days != 1) return {};
  return Duration::seconds(7 * day / (minutes * hours * days));
}

void complete(service::Report& report, const Topology&, ServiceSpec& service) {
  Spec& spec = service.own.as<Spec>();
  if (!service.probes) service.probes.emplace();
  service.asks_for_credentials = spec.credentials;
  spec.period = period_of(spec.schedule);
  if (spec.period == Duration() && !spec.schedule.empty()) {
    report.expected(report.at() + "/schedule",
                    "a schedule whose starts are evenly apart, such as \"0 2 * * *\", \"*/15 * * * *\" or @hourly");
    spec.period = Duration::seconds(86'400);
  }
  JobSpec& job = service.job.emplace();
  job.completions = spec.completions;
  job.parallelism = service.pools.empty() ? 1 : std::max<std::int64_t>(1, service.pools.front().replicas);
  job.places = spec.concurrency == Concurrency::allow    ? spec.concurrent
               : spec.concurrency == Concurrency::forbid ? 1
                                                         : 2;
  if (spec.backoff_limit >= 0) job.backoff_limit = spec.backoff_limit;
  if (spec.active_deadline > Duration()) job.active_deadline = spec.active_deadline;
  job.restarts_in_place = spec.restart == RestartPolicy::on_failure;
  job.claim = spec.claim;
  job.beside_claim = spec.beside_claim;
}

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  if (!topology.has_kubernetes())
    return report.problem(at + "/kind", "there is no Kubernetes here that would run it: remove the service.");
  if (service.pools.size() != 1)
    return report.problem(at + "/pools",
                          fmt::format("expected one pool, that of its pods, got {}.", service.pools.size()));
  const std::string& group_name = service.pools.front().node_group;
  const bool fargate = std::ranges::any_of(topology.node_groups, [&](const NodeGroupSpec& its) {
    return its.name == group_name && its.provisioner == Provisioner::fargate;
  });
  if (fargate) report.problem(at + "/pools/0/node_group", "runs on Fargate are not modelled: expected machines.");
  if (service.pools.front().storage.size.count > 0)
    report.problem(at + "/pools/0/storage", "its pods have no volumes of their own: name another's by 'claim'.");
  if (spec.credentials && !topology.rents_machines())
    report.problem(at + "/credentials", "no machine is of a provider that would give credentials: remove the field.");
  if (spec.beside_claim && spec.claim.empty())
    report.problem_at_key(at + "/beside_claim", "there is no 'claim' to be beside: remove the field.");
  if (!spec.claim.empty()) {
    const std::vector<std::string> known = volumes_of(topology);
    if (known.empty())
      report.problem(at + "/claim", "no process of this topology has a network volume that could be mounted.");
    report.check_known(at + "/claim", spec.claim, known, "process with a network volume");
  }
  std::vector<std::string> others;
  for (const ServiceSpec& other : topology.services) {
    if (service::answers_others(other) && other.name != service.name) others.push_back(other.name);
  }
  for (std::size_t i = 0; i < spec.needs.size(); ++i)
    report.check_known(fmt::format("{}/needs/{}", at, i), spec.needs[i], others, "service that answers");
  const std::int64_t rounds =
      service.job ? (service.job->completions + service.job->parallelism - 1) / service.job->parallelism : 1;
  const Duration run = spec.parameters.run.quantile(almost_surely) * rounds;
  if (run >= spec.period)
    report.problem(at,
                   fmt::format("a run may take {:g} s, and the next one is due after {:g} s: runs that overlap while "
                               "all is well are not modelled.",
                               run.to_seconds(), spec.period.to_seconds()));
  const Duration longest = spec.period + run;
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    if (spec.slis[i].max_age >= longest) continue;
    report.problem(
        fmt::format("{}/slis/{}/max_age_s", at, i),
        fmt::format("a success is as old as {:g} s before the next one, though all is well: expected more than "
                    "that, got {:g}.",
                    longest.to_seconds(), spec.slis[i].max_age.to_seconds()));
  }
}

void check_combinations(service::Report& report, const Topology&, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  if (spec.concurrency != Concurrency::allow && report.given(at + "/concurrent"))
    report.warn(at + "/concurrent", "this does nothing here: runs are beside each other with concurrency Allow only.");
  if (spec.needs.empty() && !spec.credentials && report.given(at + "/config/cronjob.give_up"))
    report.warn(at + "/config/cronjob.give_up", "this does nothing here: its pods need no service.");
  if (!spec.claim.empty() && !spec.beside_claim)
    report.warn(
        at + "/claim",
        fmt::format("the scheduler does not know that its pods run on the machine of {} only: elsewhere they wait "
                    "for its volume for good (Multi-Attach error). \"beside_claim\": true (podAffinity) says so.",
                    spec.claim));
  if (!spec.claim.empty() && spec.concurrency == Concurrency::allow && spec.active_deadline == Duration())
    report.warn(at + "/concurrency",
                "a run that waits for its volume is never given up: one after the other joins it. Forbid, or "
                "active_deadline_s, ends that.");
}

}  // namespace nines::models::cronjob
