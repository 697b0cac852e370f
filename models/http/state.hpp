// What changes in an HTTP service. Values only: copying it forks the service. In health nothing of it is an event.
#pragma once

#include <vector>

#include "models/http/plan.hpp"
#include "models/service/stale_routes.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::http {

struct Server {
  bool serving = true;      ///< it takes requests, if its process does
  bool listed = true;       ///< requests are sent to its pod: in the rules of the nodes, or registered as a target
  std::uint32_t pod = 0;    ///< the pod that is listed, by its number among those of its name: each has its own address
  sim::TimerId step_timer;  ///< pending ServerUp or ServerStopped
  sim::TimerId list_timer;  ///< pending Listed or Unlisted
  bool authorised = true;   ///< its credentials are good
  sim::TimerId credentials_timer;  ///< pending CredentialsExpired
};

/// A target of a load balancer as its health checks see it.
struct TargetState {
  bool healthy = true;
  bool fresh = false;  ///< registered, and not checked yet
  sim::TimerId timer;  ///< pending TargetPassed or TargetFailed
};

/// What a client knows of the service's name.
struct Names {
  bool known = true;   ///< it has an answer, or gets one at once
  sim::TimerId timer;  ///< pending NameForgotten
};

struct State {
  std::vector<Server> servers;              ///< by member of the service
  std::vector<TargetState> targets;         ///< as in the plan
  std::vector<char> holds;                  ///< by SLI of the service
  bool credentials_given = true;            ///< servers get and renew their credentials
  std::vector<Names> names;                 ///< by client
  std::vector<service::StaleRoutes> stale;  ///< lists of machines whose rules do not follow
};

/// REQUIRES: the service is of kind http.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::http
