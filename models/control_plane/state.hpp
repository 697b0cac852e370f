// What changes in a control plane. Values only: copying it forks the control plane.
#pragma once

#include <vector>

#include "models/control_plane/plan.hpp"
#include "models/service/kind.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::control_plane {

/// A process of whatever role.
struct Member {
  bool started = true;     ///< its program has done what it does before it serves, or tries for a lease
  std::uint32_t life = 0;  ///< processes so far
  sim::TimerId start_timer;
  sim::TimerId exit_timer;  ///< of an API server without store: pending ServerGivesUp
  // Of a candidate for a lease that is not renewed.
  sim::Time seen = sim::Time::never();  ///< it saw the last renewal then; never: it has not seen it yet
  sim::TimerId try_timer;               ///< pending LeaseTaken
};

/// A back-end of the load balancer, by position in `ServicePlan::servers`.
struct BackEnd {
  bool in_rotation = true;
  sim::Time since;     ///< checks have met what the timer waits for from then on
  sim::TimerId timer;  ///< pending BackEndMarked
};

/// The lease that one of several controller managers, or schedulers, must have to act.
struct Election {
  Position holder = nobody;
  bool acts = true;             ///< the holder has listed what there is since it got the lease
  bool silent = false;          ///< the holder does not renew
  sim::Time since;              ///< it has held the lease from then on
  std::uint32_t number = 0;     ///< holders so far
  sim::TimerId deadline_timer;  ///< pending LeaseLost
  sim::TimerId sync_timer;      ///< pending ControllersAct
};

/// An upgrade by people, a component after the other.
struct Upgrade {
  std::vector<ProcessId> left;    ///< still to be restarted with the next version; the first is next
  bool restarting = false;        ///< it has been told to stop
  bool new_master = false;        ///< it is the first of its master
  std::uint32_t incarnation = 0;  ///< of it before that
  sim::TimerId timer;             ///< pending UpgradeStep
};

struct State {
  std::vector<Member> members;
  std::vector<BackEnd> back_ends;
  Position address = nobody;   ///< the API server that has the virtual address; one for good of `first_server`
  bool address_free = false;   ///< its lease has run out: whoever answers first takes it
  sim::TimerId address_timer;  ///< pending AddressLeaseEnded
  Election managers;
  Election schedulers;
  Upgrade upgrade;
  std::vector<char> holds;  ///< by SLI of the plan
};

/// REQUIRES: the service is a control plane.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::control_plane
