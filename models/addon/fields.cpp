#include "models/addon/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/addon/plan.hpp"
#include "models/service/clients.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::addon {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_queries_per_s = 1e9;

constexpr service::ParameterGroup group = service::held_by_service<&Spec::parameters>({
    .name = "add-on",
    .read_by = "add-ons, and who depends on them",
    .held_by = "the service",
    .timings = "addon.",
});

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
};
constexpr ObjectSpec client_object{"addon_client", "a place from which names are looked up", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "of the cluster DNS: resolve, look-ups are answered, after however many tries; "
                                   "resolve-at-once, at the first try. Of any: works, it does what it is for, "
                                   "everywhere",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>({"client", name, optional, "who sees it; none of works"}),
    into<&SliSpec::tolerance>(
        part("tolerance", optional, "share of look-ups that may fail (default 0: every one is answered)")),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"addon_sli", "a condition of an add-on over time", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::queries_per_s>(
        real("queries_per_s", required, "look-ups of the whole cluster", {0, most_queries_per_s, true})),
    into<&Spec::capacity_per_pod>(real("capacity_per_pod", required,
                                       "queries per second that one pod answers; what is more is lost",
                                       {0, most_queries_per_s, true})),
};
constexpr ObjectSpec load_object{"addon_load", "queries and what a pod answers of them", load_rows, "a load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::function>(choice_of(
        "function", required,
        "cluster-dns: CoreDNS; kube-proxy; volume-controller: the controller of the EBS CSI driver; volume-node: that "
        "driver on each machine; network-plugin: the VPC CNI plugin, or another one",
        function_names, "a function")),
    into<&Spec::credentials>({"credentials", boolean, optional,
                              "of the volume-controller: it needs temporary credentials of the cloud, as IAM roles for "
                              "service accounts give them (default false)"}),
    config_of({"config", config, optional, "timings"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, optional, "of the cluster DNS; without it load never matters"}, load_object),
    list_of<&Spec::clients>({"clients", objects, optional, "of the cluster DNS: places from which names are looked up"},
                            client_object, "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, optional, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

bool is_dns(const Spec& spec) { return spec.function == Function::cluster_dns; }

void check_slis(service::Report& report, const Spec& spec, const std::vector<std::string>& clients) {
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const std::string here = fmt::format("{}/slis/{}", report.at(), i);
    const bool works = sli.kind == SliKind::works;
    if (!works && !is_dns(spec)) {
      report.problem(here + "/kind", "only the cluster DNS answers look-ups: expected works.");
    } else if (!works && sli.client.empty()) {
      report.problem(here, fmt::format("an SLI of kind {} needs a 'client' that sees it.",
                                       sli_kind_names[static_cast<std::size_t>(sli.kind)]));
    } else if (works && !sli.client.empty()) {
      report.problem_at_key(here + "/client", "whether an add-on works depends on no client: remove the field.");
    } else if (!works) {
      report.check_known(here + "/client", sli.client, clients, "client");
    }
    if (works && report.given(here + "/tolerance"))
      report.problem_at_key(here + "/tolerance", "only look-ups have a share that may fail: remove the field.");
  }
}

void check_controllers(service::Report& report, const ServiceSpec& service, const Spec& spec) {
  const bool each = on_each_machine(part_of(spec));
  for (const PoolSpec& pool : service.pools) {
    const ControllerRules& rules = rules_of(pool.controller.value_or(service.controller));
    if (each && !rules.fixed)
      return report.problem(report.at() + "/function",
                            fmt::format("a {} has a pod on each machine: expected controller daemonset, got {}.",
                                        function_names[static_cast<std::size_t>(spec.function)], rules.name));
  }
}

bool reads(const Spec& spec, std::string_view key) {
  if (key.starts_with("addon.credentials.")) return spec.credentials;
  if (key.starts_with("addon.lease.")) return spec.function == Function::volume_controller;
  if (key.starts_with("resolver.") || key == "addon.endpoints") return is_dns(spec);
  return true;
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[1] = {group};

constinit const ObjectSpec service_fields{"addon_service", "an add-on of a Kubernetes cluster", service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  if (!topology.has_kubernetes())
    return report.problem(at + "/kind", "there is no Kubernetes here that would have add-ons: remove the service.");
  const auto same = std::ranges::count_if(
      topology.services, [&](const ServiceSpec& other) { return other.kind->part(other) == part_of(spec); });
  if (same > 1) report.problem(at + "/function", "a cluster has one add-on of a function: remove the other one.");
  if (!is_dns(spec) && report.given(at + "/load"))
    report.problem_at_key(at + "/load", "only the cluster DNS has a load: remove the field.");
  if (!is_dns(spec) && report.given(at + "/clients"))
    report.problem_at_key(at + "/clients", "only the cluster DNS is asked by clients: remove the field.");
  if (spec.credentials && (spec.function != Function::volume_controller || !topology.rents_machines()))
    report.problem_at_key(at + "/credentials",
                          "only the volume-controller asks a provider's APIs with credentials: remove the field.");
  check_controllers(report, service, spec);
  check_slis(report, spec, service::check_places(report, topology, spec.clients));
  std::int64_t pods = 0;
  for (const PoolSpec& pool : service.pools) pods += pool.replicas;
  if (spec.queries_per_s > spec.capacity_per_pod * static_cast<double>(pods))
    report.problem(at + "/load/queries_per_s",
                   fmt::format("{} pods answer {:g} queries per second, not {:g}: no SLI would ever hold.", pods,
                               spec.capacity_per_pod * static_cast<double>(pods), spec.queries_per_s));
}

void check_combinations(service::Report& report, const Topology&, const ServiceSpec& service) {
  for (const Parameter<Parameters>& row : Parameters::table()) {
    const std::string place = fmt::format("{}/config/{}", report.at(), row.key);
    if (report.given(place) && !reads(spec_of(service), row.key))
      report.warn(place, fmt::format("this does nothing here: with this function nothing reads {}.", row.key));
  }
}

}  // namespace nines::models::addon
