// What changes in an add-on. Values only: copying it forks the add-on. In health nothing of it is an event.
#pragma once

#include <vector>

#include "models/addon/plan.hpp"
#include "models/service/stale_routes.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::addon {

struct Pod {
  bool up = true;           ///< its program works, if its process runs
  bool listed = true;       ///< of the cluster DNS: look-ups go to it
  std::uint32_t pod = 0;    ///< the pod that is listed, by its number among those of its name
  sim::TimerId step_timer;  ///< pending AddonUp or AddonStopped
  sim::TimerId list_timer;  ///< pending DnsListed or DnsUnlisted
  // Of a controller whose lease is not renewed.
  sim::Time seen = sim::Time::never();  ///< it saw the last renewal then
  sim::TimerId try_timer;               ///< pending AddonLeads
};

/// The lease that one of several controllers must have to act.
struct Lease {
  Position holder = 0;
  std::uint32_t pod = 0;  ///< the holder's, by its number among those of its name: it goes by that pod's name
  bool silent = false;    ///< not renewed
  sim::Time since;
};

struct State {
  std::vector<Pod> pods;                    ///< by member of the service
  std::vector<NodeId> without;              ///< of a function on each machine: where it is away, ascending
  std::vector<service::StaleRoutes> stale;  ///< of the cluster DNS: its endpoints as some machines have them
  Lease lease;
  bool acts = true;                ///< of a controller: somebody does
  bool credentials_given = true;   ///< it gets and renews its credentials
  bool authorised = true;          ///< those that it has are good
  sim::TimerId credentials_timer;  ///< pending AddonUnauthorised
  std::vector<char> holds;         ///< by SLI of the service
};

/// REQUIRES: the service is an add-on.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::addon
