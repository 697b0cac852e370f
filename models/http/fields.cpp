#include "models/http/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "models/http/plan.hpp"
#include "models/kubernetes/replica_calculator.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::http {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_requests_per_s = 1e9;
constexpr double most_cpu = 1e4;
constexpr double most_queue = 1e9;
constexpr std::int64_t most_retries = 100;
constexpr std::int64_t most_followed_retries = 20;
constexpr double most_backoff = 10;

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "http service",
    .read_by = "servers and front ends",
    .held_by = "the service",
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("http client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::new_connections>(
        part("new_connections", optional,
             "of a client in the cluster: share of its requests for which it opens a connection, and looks the "
             "service's name up at the cluster's DNS (default 0: it knows the address)")),
    config_of({"config", config, optional, "how it tries again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"http_client", "a place from which the service is used", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "request: the client's requests succeed; capacity: the servers in rotation that "
                                   "answer can take the load",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::tolerance>(part(
        "tolerance", optional, "kind request: share of the requests that may fail (default 0: every one succeeds)")),
    into<&SliSpec::deadline>(
        time_s("deadline_s", required, "interruptions no longer than this are no outages", service::most_deadline_s)),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"http_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::requests_per_s>(
        real("requests_per_s", required, "requests of all clients", {0, most_requests_per_s, true})),
    into<&Spec::capacity_per_pod>(real("capacity_per_pod", optional,
                                       "requests per second that one server takes; what is more waits, or fails at "
                                       "once. Without it each takes all that "
                                       "comes, and the load is that of the load balancer's bill alone",
                                       {0, most_requests_per_s, true})),
    into<&Spec::cpu_at_capacity>(real("cpu_at_capacity", optional,
                                      "processors that a server uses at that capacity, and less in proportion; read by "
                                      "autoscalers (default: what its pod requests)",
                                      {0, most_cpu, true})),
    into<&Spec::load_client>({"client", service::Shape::name, optional,
                              "client by whose rules all of this load tries again: its retries are load too (default: "
                              "retries add none)"}),
    into<&Spec::queue_per_pod>(real("queue_per_pod", optional,
                                    "requests that wait in a server at most, first come first served; read where "
                                    "'client' says how long clients wait (default 0: what is more than the capacity is "
                                    "refused at once)",
                                    {0, most_queue, false})),
};
constexpr ObjectSpec load_object{"http_load", "requests and what a server takes of them", load_rows, "a load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::frontend>(
        choice_of("frontend", required,
                  "what stands between clients and servers. none: clients know all servers; "
                  "cluster-ip: kube-proxy on their node; nlb, alb: a load balancer with health checks",
                  frontend_names, "a front end")),
    into<&Spec::target>(choice_of("target", optional,
                                  "nlb, alb: what requests are sent to; ip (default): pods; instance: a port of every "
                                  "machine of the cluster, whose kube-proxy sends them on",
                                  target_names, "a sort of target")),
    into<&Spec::credentials>({"credentials", boolean, optional,
                              "servers need temporary credentials of the cloud, as IAM roles for service accounts "
                              "give them (default false)"}),
    config_of({"config", config, optional, "timings of servers and front ends, by their keys"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, optional, "requests and what a server takes; without it load never matters"},
                      load_object),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

void check_frontend(service::Report& report, const Topology& topology, const Spec& spec) {
  const std::string& at = report.at();
  if (spec.frontend == Frontend::cluster_ip && !topology.has_kubernetes())
    report.problem(at + "/frontend", "there is no Kubernetes here whose nodes would route: expected none, nlb or alb.");
  if (!report.given(at + "/target")) return;
  if (!balanced(spec))
    report.problem_at_key(at + "/target", "only a load balancer has targets: remove the field, or say frontend nlb.");
  else if (spec.target == Target::instance && !topology.has_kubernetes())
    report.problem(at + "/target", "no kube-proxy sends requests on here: expected ip.");
}

/// A load balancer has pods on Fargate as IP targets only (Amazon EKS user guide, fargate considerations).
void check_fargate(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  if (!balanced(spec) || spec.target != Target::instance) return;
  for (const NodeGroupSpec& group : topology.node_groups) {
    const bool used = std::any_of(service.pools.begin(), service.pools.end(),
                                  [&](const PoolSpec& pool) { return pool.node_group == group.name; });
    if (used && group.provisioner == Provisioner::fargate)
      report.problem(report.at() + "/target",
                     fmt::format("pods of node group '{}' run on Fargate, where load balancers have IP targets only: "
                                 "expected ip.",
                                 group.name));
  }
}

/// Names are looked up where a cluster has a DNS among its services.
void check_names(service::Report& report, const Topology& topology, const Spec& spec) {
  const bool answered = std::ranges::any_of(
      topology.services, [](const ServiceSpec& service) { return service.kind->part(service) == PlatformPart::names; });
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    if (spec.clients[i].new_connections > 0 && !answered)
      report.problem_at_key(fmt::format("{}/clients/{}/new_connections", report.at(), i),
                            "no service here answers look-ups: add the cluster's DNS, or remove the field.");
  }
}

/// Where a client's parameter was given; the client if nowhere.
std::string place_of_client(const service::Report& report, std::size_t number, std::string_view key) {
  return report.place_or_owner(fmt::format("{}/clients/{}", report.at(), number), key);
}

/// A load that holds retries: whose, how many, and where they wait.
void check_retries(service::Report& report, const Topology& topology, const Spec& spec) {
  const std::string at = report.at() + "/load";
  if (report.given(at) && !report.given(at + "/capacity_per_pod")) {
    for (const std::string_view field : {"client", "queue_per_pod", "cpu_at_capacity"}) {
      const std::string place = fmt::format("{}/{}", at, field);
      if (report.given(place))
        report.problem_at_key(place,
                              "servers that take all that comes never have this: add 'capacity_per_pod', or remove "
                              "the field.");
    }
  }
  if (spec.load_client.empty()) {
    if (report.given(at + "/queue_per_pod"))
      report.problem_at_key(at + "/queue_per_pod",
                            "how long clients wait for what is in a queue is theirs to say: add 'client', the name of "
                            "one of the service's clients.");
    return;
  }
  std::vector<std::string> names;
  for (const ClientSpec& client : spec.clients) names.push_back(client.name);
  report.check_known(at + "/client", spec.load_client, names, "client");
  const std::size_t sender = service::client_named(spec.clients, spec.load_client);
  if (sender == spec.clients.size()) return;
  const Duration trip = topology.infrastructure.rtt_inter_zone;
  if (spec.clients[sender].parameters.attempt_timeout <= trip)
    report.problem(
        place_of_client(report, sender, "http.client.attempt_timeout"),
        fmt::format("expected more than a round trip (network.rtt.inter_zone, {:g} ms): nothing would ever be "
                    "answered.",
                    trip.to_seconds() * 1e3));
  if (spec.clients[sender].parameters.retries > most_followed_retries)
    report.problem(place_of_client(report, sender, "http.client.retries"),
                   fmt::format("expected at most {} retries of a load that holds them.", most_followed_retries));
}

/// How often and how late clients try again.
void check_patience(service::Report& report, const Spec& spec) {
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    const ClientParameters& client = spec.clients[i].parameters;
    if (client.retries > most_retries)
      report.problem(place_of_client(report, i, "http.client.retries"),
                     fmt::format("expected at most {}.", most_retries));
    if (client.retry_backoff < 1 || client.retry_backoff > most_backoff)
      report.problem(place_of_client(report, i, "http.client.retry_backoff"),
                     fmt::format("expected from 1 to {:g}.", most_backoff));
  }
}

void check_load(service::Report& report, const Topology& topology, const ServiceSpec& service, const Spec& spec) {
  const std::string& at = report.at();
  const bool load = report.given(at + "/load");
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const std::string sli = fmt::format("{}/slis/{}", at, i);
    if (spec.slis[i].kind != SliKind::capacity) continue;
    if (!load)
      report.problem(sli + "/kind", "without a load there is no capacity to measure: add 'load' to the service.");
    else if (!report.given(at + "/load/capacity_per_pod"))
      report.problem(sli + "/kind", "there is no capacity to measure: add 'capacity_per_pod' to the load.");
    if (report.given(sli + "/tolerance"))
      report.problem_at_key(sli + "/tolerance", "only SLIs of kind request tolerate failures: remove the field.");
  }
  check_retries(report, topology, spec);
  std::int64_t servers = 0;
  for (const PoolSpec& pool : service.pools) servers += pool.replicas;
  if (load && static_cast<std::int64_t>(servers_needed(spec)) > servers)
    report.problem(at + "/load/requests_per_s",
                   fmt::format("{} servers take {:g} requests per second, not {:g}: no SLI would ever hold.", servers,
                               static_cast<double>(servers) * spec.capacity_per_pod, spec.requests_per_s));
}

/// Pods that the autoscaler would have if it kept looking at `pods` of them.
std::int64_t next_count(const Topology& topology, const ServiceSpec& service, std::int64_t pods) {
  const Spec& spec = spec_of(service);
  const PoolSpec& pool = service.pools.front();
  const AutoscalerSpec& autoscaler = *pool.autoscaler;
  const Ratio tolerance = topology.kubernetes.hpa_tolerance;
  std::int64_t wants = pods;
  if (autoscaler.metric == ScalingMetric::requests) {
    wants = kubernetes::replicas_by_requests(spec.requests_per_s, autoscaler.target, tolerance, pods);
  } else {
    const double share = std::min(1.0, spec.requests_per_s / static_cast<double>(pods) / spec.capacity_per_pod);
    const std::vector<kubernetes::PodSample> samples(static_cast<std::size_t>(pods),
                                                     {kubernetes::Standing::counts, share * cpu_at_capacity(service)});
    wants = *kubernetes::replicas_by_cpu(samples, pool.cpu, autoscaler.target, tolerance, pods);
  }
  return std::clamp(wants, autoscaler.min, autoscaler.max);
}

/// An autoscaler has something to go by, and in health it keeps the pods that the file says.
void check_autoscaler(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  for (std::size_t i = 0; i < service.pools.size(); ++i) {
    const PoolSpec& pool = service.pools[i];
    if (!pool.autoscaler) continue;
    const std::string at = fmt::format("{}/pools/{}", report.at(), i);
    if (service.pools.size() > 1)
      return report.problem(at + "/autoscaler", "the load is shared by all servers: expected a single pool.");
    if (spec_of(service).frontend == Frontend::none)
      return report.problem(report.at() + "/frontend",
                            "clients that know all servers do not hear of those that an autoscaler adds: expected "
                            "cluster-ip, nlb or alb.");
    if (!report.given(report.at() + "/load"))
      return report.problem(at + "/autoscaler", "without a load no server uses anything: add 'load' to the service.");
    const AutoscalerSpec& spec = *pool.autoscaler;
    if (spec.metric == ScalingMetric::cpu && !report.given(report.at() + "/load/capacity_per_pod"))
      return report.problem(at + "/autoscaler",
                            "without a capacity no server uses anything: add 'capacity_per_pod' to the load.");
    if (pool.replicas < spec.min || pool.replicas > spec.max) return;  // told by the reader
    const std::int64_t next = next_count(topology, service, pool.replicas);
    if (next == pool.replicas) return;
    std::int64_t rest = next;
    constexpr int enough = 100;
    for (int looks = 0; looks < enough && next_count(topology, service, rest) != rest; ++looks)
      rest = next_count(topology, service, rest);
    return report.problem(at + "/replicas",
                          fmt::format("with this load the autoscaler would not keep {} pods: expected {}, where it "
                                      "comes to rest, or another load.",
                                      pool.replicas, rest));
  }
}

/// Whether anything reads the parameter with such a front end.
bool reads(const Spec& spec, std::string_view key) {
  const bool to_pods = balanced(spec) && spec.target == Target::ip;
  if (key.starts_with("credentials.")) return spec.credentials;
  if (key.starts_with("kube_proxy.")) return spec.frontend != Frontend::none && !to_pods;
  if (!key.starts_with("nlb.") && !key.starts_with("alb.")) return true;
  if (!balanced(spec) || !key.starts_with(frontend_names[static_cast<std::size_t>(spec.frontend)])) return false;
  return to_pods || key.find("registration") == std::string_view::npos;
}

void check_checks(service::Report& report, const Spec& spec) {
  const Parameters& p = spec.parameters;
  const auto compare = [&](Duration timeout, Duration interval, std::string_view sort) {
    const std::string key = fmt::format("{}.health_check.timeout", sort);
    if (timeout > interval)
      report.problem(report.place_or_owner(report.at(), key),
                     fmt::format("{} ({:g} s) must be at most {}.health_check.interval ({:g} s).", key,
                                 timeout.to_seconds(), sort, interval.to_seconds()));
  };
  if (spec.frontend == Frontend::nlb) compare(p.nlb_timeout, p.nlb_interval, "nlb");
  if (spec.frontend == Frontend::alb) compare(p.alb_timeout, p.alb_interval, "alb");
}

void check_credentials(service::Report& report, const Topology& topology, const Spec& spec) {
  const std::string& at = report.at();
  if (spec.credentials && !topology.rents_machines())
    report.problem(at + "/credentials", "no machine is of a provider that would give credentials: remove the field.");
  const Parameters& p = spec.parameters;
  if (spec.credentials && p.credentials_refresh >= p.credentials_lifetime) {
    report.problem(report.place_or_owner(at, "credentials.refresh_before"),
                   fmt::format("credentials.refresh_before ({:g} s) must be less than credentials.lifetime ({:g} s).",
                               p.credentials_refresh.to_seconds(), p.credentials_lifetime.to_seconds()));
  }
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {server_group, client_group};

constinit const ObjectSpec service_fields{"http_service", "a stateless HTTP service", service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  service::check_clients(report, topology, spec.clients, spec.slis);
  check_frontend(report, topology, spec);
  check_fargate(report, topology, service);
  check_names(report, topology, spec);
  check_patience(report, spec);
  check_load(report, topology, service, spec);
  check_autoscaler(report, topology, service);
  check_checks(report, spec);
  check_credentials(report, topology, spec);
}

void check_combinations(service::Report& report, const Topology&, const ServiceSpec& service) {
  for (const Parameter<Parameters>& row : Parameters::table()) {
    const std::string place = fmt::format("{}/config/{}", report.at(), row.key);
    if (report.given(place) && !reads(spec_of(service), row.key))
      report.warn(place,
                  fmt::format("this does nothing here: with this frontend and target nothing reads {}.", row.key));
  }
}

}  // namespace nines::models::http
