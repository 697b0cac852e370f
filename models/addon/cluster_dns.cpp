#include "models/addon/cluster_dns.hpp"

#include <algorithm>
#include <optional>

#include "models/infrastructure/conditions.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"

namespace nines::models::addon {

namespace {

template <class E>
void list_after(Context& c, Position pod) {
  const Duration delay = c.world.draw(c.component(pod), Purpose::endpoint_propagation, c.spec.parameters.propagation);
  c.state.pods[pod].list_timer = c.world.schedule(c.world.now + delay, E{c.service.value, pod});
}

void follow_readiness(Context& c, Position pod) {
  Pod& its = c.state.pods[pod];
  const std::optional<bool> ready = kubernetes::seen_ready(c.world, c.process(pod));
  if (!ready) return;
  // A new pod is not what is listed: the address of the old one leaves first.
  const bool as_it_should = its.listed ? *ready && its.pod == c.pod_of(pod) : !*ready;
  if (as_it_should) return (void)c.world.queue.cancel(its.list_timer);
  if (c.world.queue.pending(its.list_timer)) return;
  its.listed ? list_after<DnsUnlisted>(c, pod) : list_after<DnsListed>(c, pod);
}

std::vector<service::ListedPod> listed(const Context& c) {
  std::vector<service::ListedPod> pods;
  for (Position pod = 0; pod < c.size(); ++pod) {
    if (c.state.pods[pod].listed) pods.push_back({pod, c.state.pods[pod].pod});
  }
  return pods;
}

/// Share of the queries that come to it which a pod answers.
double answered_share(const Context& c, Position pod, std::size_t pods) {
  const double all = c.spec.queries_per_s * faults::load_factor(c.world, c.service);
  if (all <= 0 || c.spec.capacity_per_pod <= 0) return 1;
  const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.process(pod)].node);
  return std::min(1.0, c.spec.capacity_per_pod * cpu * static_cast<double>(pods) / all);
}

/// One try among these endpoints, of which the cluster's queries go to `pods`.
LookUp one_try(const Context& c, infrastructure::Endpoint place, const std::vector<service::ListedPod>& among,
               std::size_t pods) {
  LookUp odds{0, 0, 0, {}, 1, {}};
  if (among.empty()) return {0, 1, 0, {}, 1, {}};  // the rules reject what has no endpoint
  const double each = 1 / static_cast<double>(among.size());
  for (const service::ListedPod& endpoint : among) {
    const Position pod = endpoint.member;
    // The address of a pod that is gone answers nothing.
    const bool gone = endpoint.pod != c.pod_of(pod);
    const Contact found = gone ? Contact::silence : contact(c.world, place, c.process(pod));
    if (found == Contact::silence) {
      odds.silent += each;
    } else if (found == Contact::reset || !works(c, pod)) {
      odds.refused += each;
    } else {
      const double share = answered_share(c, pod, pods);
      odds.answered += each * share;
      odds.silent += each * (1 - share);
    }
  }
  return odds;
}

}  // namespace

void follow_endpoints(Context& c) {
  for (Position pod = 0; pod < c.size(); ++pod) follow_readiness(c, pod);
  service::follow_routes(c.world, c.state.stale, listed(c));
}

bool endpoints_settled(const Context& c) {
  return std::ranges::all_of(c.state.pods,
                             [&](const Pod& pod) { return pod.listed && !c.world.queue.pending(pod.list_timer); });
}

LookUp look_up(const Context& c, infrastructure::Endpoint place) {
  const Parameters& p = c.spec.parameters;
  LookUp sum{0, 0, 0, p.resolver_timeout, p.resolver_attempts, p.name_cache};
  const std::vector<service::ListedPod> now = listed(c);
  for (const service::RouteView& view : service::route_views(c.world, c.state.stale, place)) {
    const bool no_rules = view.stale != nullptr && view.stale->none;
    LookUp odds{0, 0, 1, {}, 1, {}};  // without rules packets go nowhere
    if (!no_rules) odds = one_try(c, place, view.stale == nullptr ? now : view.stale->pods, now.size());
    sum.answered += view.weight * odds.answered;
    sum.refused += view.weight * odds.refused;
    sum.silent += view.weight * odds.silent;
  }
  return sum;
}

}  // namespace nines::models::addon
