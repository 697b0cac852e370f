// What changes in an HTTP service. Values only: copying it forks the service. In health nothing of it is an event.
#pragma once

#include <array>
#include <vector>

#include "models/http/overload.hpp"
#include "models/http/plan.hpp"
#include "models/process.hpp"
#include "models/service/stale_routes.hpp"
#include "sim/event_queue.hpp"
#include "sim/marks.hpp"
#include "sim/time.hpp"
#include "sim/undoable.hpp"

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
  sim::Time since;     ///< checks have met what the timer waits for from then on
  sim::TimerId timer;  ///< pending TargetPassed or TargetFailed
};

/// How a server counts.
struct ServerStanding {
  enum class Listing : std::uint8_t { out, listed, healthy };
  Listing listing = Listing::out;     ///< healthy: and its own health check finds it so
  Contact answer = Contact::silence;  ///< to a request from anywhere in the region, on a whole network
  bool settled = true;                ///< it is as it will stay, if nothing happens
};

/// How a machine counts that is a target.
struct MachineStanding {
  bool registered = false;
  bool healthy = false;
  bool passes = false;  ///< it passes requests on, on a whole network
};

/// Servers and targets by how they stand (standings.hpp).
struct Standings {
  sim::Undoable<ServerStanding> servers;                        ///< by member of the service
  sim::Undoable<MachineStanding> machines;                      ///< by target that is a machine; else none
  std::array<std::array<std::uint32_t, 3>, 3> by_listing = {};  ///< servers, by listing and answer
  std::uint32_t unsettled = 0;                                  ///< servers
  /// Of the machines: registered and healthy ones, and those of them that pass requests on.
  std::uint32_t registered = 0, registered_passing = 0, healthy = 0, healthy_passing = 0;

  sim::Marks changed_servers;  ///< not counted anew since their own state has changed
  sim::Marks changed_targets;
  bool all_changed = false;  ///< what everybody depends on has changed
  bool managers = true;      ///< the controller managers acted at the last look
};

/// What a client knows of the service's name.
struct Names {
  bool known = true;   ///< it has an answer, or gets one at once
  sim::TimerId timer;  ///< pending NameForgotten
};

struct State {
  sim::Undoable<Server> servers;            ///< by member of the service; for writing: `edit_server`
  sim::Undoable<TargetState> targets;       ///< as in the plan; for writing: `edit_target`
  std::vector<char> holds;                  ///< by SLI of the service
  bool credentials_given = true;            ///< servers get and renew their credentials
  std::vector<Names> names;                 ///< by client
  std::vector<service::StaleRoutes> stale;  ///< lists of machines whose rules do not follow
  Standings standings;
  Overload overload;        ///< of a load that holds retries
  std::vector<char> slow;   ///< by server: which checks it answers too late, bit by bit; empty: none does
  sim::TimerId load_timer;  ///< pending LoadStep
  bool overloaded = false;  ///< and people have been told
  sim::CauseId overload_cause = sim::no_cause;  ///< what its steps are because of

  Server& edit_server(std::size_t server) {
    standings.changed_servers.insert(server);
    return servers.edit(server);
  }
  TargetState& edit_target(std::size_t target) {
    standings.changed_targets.insert(target);
    return targets.edit(target);
  }
};

/// REQUIRES: the service is of kind http.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::http
