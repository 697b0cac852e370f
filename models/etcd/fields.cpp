#include "models/etcd/fields.hpp"

#include <fmt/format.h>

#include "models/etcd/plan.hpp"
#include "models/topology.hpp"

namespace nines::models::etcd {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_writes_per_s = 1e6;

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "etcd server",
    .read_by = "members",
    .held_by = "the service",
    .timings = "etcd.",
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("etcd client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    config_of({"config", config, optional, "how it tries again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"etcd_client", "a place from which the cluster is used", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "write; read: linearizable; serializable-read: from any member, possibly old",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"etcd_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::writes_per_s>(
        real("writes_per_s", required, "entries that clients add to the log", {0, most_writes_per_s})),
    into<&Spec::write_size>(above_zero({"write_size", bytes, required, "size of an entry"})),
};
constexpr ObjectSpec load_object{"etcd_load", "writes of all clients", load_rows, "an etcd cluster's load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "minor version of the server"}),
    config_of({"config", config, optional, "the server's flags by their names, without dashes before them"},
              parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "writes of all clients"}, load_object),
    into<&Spec::database>(above_zero({"database", bytes, required, "size of the database: what a snapshot holds"})),
    into<&Spec::quota>(above_zero({"quota", bytes, optional,
                                   "size of the database at which it takes no writes (quota-backend-bytes, 2GiB by "
                                   "default); with growth_per_day"})),
    into<&Spec::growth_per_day>(
        above_zero({"growth_per_day", bytes, optional,
                    "what the database grows by until people make room: space-quota then strikes as often as it is "
                    "full, (quota - database) / growth_per_day apart in the mean, beside change.space_quota.rate"})),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the cluster is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {server_group, client_group};

constinit const ObjectSpec service_fields{"etcd_service", "an etcd cluster", service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  if ((spec.quota.count > 0) != (spec.growth_per_day.count > 0))
    report.problem(at, "quota and growth_per_day belong together: expected both or none.");
  if (spec.quota.count > 0 && spec.quota.count <= spec.database.count)
    report.problem(at + "/quota",
                   "expected more than the size of the database: it would take no writes from the start.");
  std::int64_t members = 0;
  for (const PoolSpec& pool : service.pools) members += pool.replicas;
  constexpr std::int64_t most = 9;
  if (members > most) {
    report.problem(at + "/pools", fmt::format("An etcd cluster has at most {} members, not {}: more are slower and "
                                              "survive no more in practice.",
                                              most, members));
  }
  if (members > 1 && members % 2 == 0) {
    report.warn(at + "/pools", fmt::format("{} members survive as many failures as {}, and need one more to agree.",
                                           members, members - 1));
  }
  // etcd refuses to start otherwise (server/embed/config.go Validate).
  const Duration heartbeat = spec.parameters.heartbeat_interval;
  const Duration election = spec.parameters.election_timeout;
  constexpr Duration longest = Duration::milliseconds(50'000);
  const auto ms = [](Duration d) { return d / Duration::milliseconds(1); };
  const auto where = [&](std::string_view key) { return report.place_or_owner(at, key); };
  if (heartbeat <= Duration()) {
    report.problem(where("heartbeat-interval"), "heartbeat-interval must be above 0.");
  } else if (election < 5 * heartbeat) {
    report.problem(
        where("election-timeout"),
        fmt::format("election-timeout ({} ms) must be at least 5 times heartbeat-interval ({} ms): etcd does "
                    "not start.",
                    ms(election), ms(heartbeat)));
  } else if (election > longest) {
    report.problem(
        where("election-timeout"),
        fmt::format("election-timeout ({} ms) must be at most {} ms: etcd does not start.", ms(election), ms(longest)));
  }
}

}  // namespace nines::models::etcd
