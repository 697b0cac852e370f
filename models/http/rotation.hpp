// Which servers get requests.
//
// A pod is listed from when it is Ready until it is so no longer, each change with its delay: into the rules of the
// nodes (EndpointSlice controller, watch, kube-proxy), or as a target of a load balancer that sends requests to pods. A
// pod that is being deleted is Ready no longer at once, and its server gets SIGTERM in the same moment: until the
// change has arrived, requests meet a server that takes none, unless a preStop hook covers the time.
//
// A load balancer checks its targets by opening a connection, on a grid of its own for each; enough failures in a row
// take a target out, enough successes bring it back, and a new one needs a single success. If none is healthy it sends
// requests to all of them. What checks find in between changes nothing and is no event.
// Source: kubernetes.io documentation, Service, EndpointSlice, pod termination; Elastic Load Balancing user guides,
// target group health checks and target group health (fail open); Kubernetes sheet, sections 3.1 and 4.
//
// Where kube-proxy is away the rules of the machine stay behind (models/service/stale_routes.hpp): of clients in the
// cluster, those on such machines choose by what was listed then, and so does such a machine for a load balancer that
// sends requests to machines. The address of a pod that is gone answers nothing.
//
// Left out: nodes of one cluster that follow a change at different times; connections that outlive a request, and with
// them the deregistration delay; passive health checks of a Network Load Balancer; load balancers that fail; sticky
// sessions; traffic that stays in its zone; readiness gates.
#pragma once

#include <vector>

#include "models/http/context.hpp"
#include "models/http/standings.hpp"

namespace nines::models::http {

/// Lists follow the readiness of those pods, and health checks what those targets answer.
void follow(Context& c, const Changed& changed);
/// Health checks have other settings: those that go on are judged by them.
void checks_changed(Context& c);
/// Rules of machines follow what is listed, where something keeps them up to date.
void follow_rules(Context& c);

/// What health checks of a target meet may have changed.
void look_at_target(Context& c, std::uint32_t index);
/// Servers that are listed now.
std::vector<service::ListedPod> listed_now(const Context& c);
/// Whether the pod at such an address is still there.
bool still_there(const Context& c, const service::ListedPod& pod);
/// Servers that requests may be sent to; by a load balancer that sends them to machines, after it has chosen one.
std::vector<std::size_t> rotation(const Context& c);
/// Machines that such a load balancer chooses from.
std::vector<NodeId> machines_in_rotation(const Context& c);
/// Whether the machine passes on what the load balancer sends it.
bool passes_on(const Context& c, NodeId node);
/// Whether its load balancer sends requests to pods by their addresses.
bool to_pods(const Spec& spec);
/// A machine is a target as long as it has a Node object, a pod as long as it is listed.
bool registered(const Context& c, const TargetPlan& target);

}  // namespace nines::models::http
