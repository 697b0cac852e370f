// The world: the whole mutable state of one simulation, as a value. Copying it forks the simulation.
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/alerts/state.hpp"
#include "models/components/state.hpp"
#include "models/event_rooms.hpp"
#include "models/fabric/state.hpp"
#include "models/faults/state.hpp"
#include "models/hosts/state.hpp"
#include "models/infrastructure/state.hpp"
#include "models/kubernetes/state.hpp"
#include "models/measurement/state.hpp"
#include "models/people/state.hpp"
#include "models/plan.hpp"
#include "models/process.hpp"
#include "models/structure/state.hpp"
#include "sim/event_queue.hpp"
#include "sim/marks.hpp"
#include "sim/random.hpp"
#include "sim/trace.hpp"
#include "sim/undoable.hpp"
#include "sim/value.hpp"

namespace nines::models {

/// Processes and machines that a service has to look at: models/service/unseen.hpp.
struct Unseen {
  sim::Marks processes;  ///< edited in events before the one that is under way
  sim::Marks nodes;
  /// Edits of this event that the service has looked at: of pods, processes, Nodes and machines.
  std::size_t pods_seen = 0, processes_seen = 0, nodes_seen = 0, machines_seen = 0;
};

struct World {
  const Plan* plan = nullptr;  ///< outlives the world; replaced on a fork with other settings
  std::uint64_t run = 0;       ///< replication number: part of every random draw
  sim::Time now;
  sim::EventQueue queue;
  sim::Trace trace;
  sim::Undoable<std::uint32_t> draws;  ///< numbers drawn so far, by stream
  std::uint64_t events = 0;            ///< events dispatched
  bool unrecorded = false;             ///< set by a handler whose event is no news unless it notes something itself; it
                                       ///< schedules nothing that refers to the event
  bool stale = false;                  ///< set by a handler whose event no longer applies

  LoggedTable<ProcessId, ProcessState> processes;
  infrastructure::State infrastructure;
  fabric::State fabric;
  kubernetes::State kubernetes;
  hosts::State hosts;
  people::State people;
  faults::State faults;
  Table<ServiceId, sim::Value> services;  ///< what their kinds keep; empty of those that keep nothing
  Table<ServiceId, Unseen> unseen;        ///< empty of those that look at everything
  components::State components;
  measurement::State measurement;
  structure::State structures;
  alerts::State alerts;

  /// Uniform on (0, 1) from the stream of `component` for `purpose`.
  double uniform(ComponentId component, Purpose purpose) {
    const std::size_t stream = plan->stream(component, purpose);
    return sim::to_unit(sim::random_bits(plan->stream_keys[stream], run, draws.edit(stream)++));
  }
  /// The first of these, whatever has been drawn: for what is drawn once, and looked up when it matters.
  [[nodiscard]] double first_uniform(ComponentId component, Purpose purpose) const {
    return sim::to_unit(sim::random_bits(plan->stream_keys[plan->stream(component, purpose)], run, 0));
  }
  Duration draw(ComponentId component, Purpose purpose, const Law& law) {
    if (law.law == Law::Law::constant) return law.a;
    return law.quantile(uniform(component, purpose));
  }
  /// A phase uniform on [0, period).
  Duration phase(ComponentId component, Purpose purpose, Duration period) {
    return sim::scaled(period, uniform(component, purpose));
  }

  /// Schedules `event` with the current event as its cause. REQUIRES: at >= now.
  template <class E>
  sim::TimerId schedule(sim::Time at, const E& event, sim::Priority priority = sim::Priority::timer) {
    static_assert(Handled<E>, "an event that is scheduled has a handler: void on(World&, const E&)");
    assert(at >= now);
    return queue.schedule(at, priority, sim::pack(kind_of<E>, trace.current(), event));
  }
  /// Records something that happens now as part of the current event. To make it the cause of what follows, hold a
  /// `CauseScope` on the returned id.
  template <class E>
  sim::CauseId note(const E& event, std::int64_t detail = 0) {
    return trace.append({now, trace.current(), kind_of<E>, subject(*plan, event), detail});
  }
  /// Names the parameter that set the delay before the current event: of several that could, the binding one.
  void set_by(const std::string_view& parameter) { trace.set_by(trace.current(), parameter); }
  void set_by(const std::string_view&& parameter) = delete;
};

/// While it lives, `cause` is the current cause of everything that is scheduled or noted.
class CauseScope {
 public:
  CauseScope(World& world, sim::CauseId cause) : world_(world), before_(world.trace.current()) {
    world_.trace.set_current(cause);
  }
  ~CauseScope() { world_.trace.set_current(before_); }
  CauseScope(const CauseScope&) = delete;
  CauseScope& operator=(const CauseScope&) = delete;

 private:
  World& world_;
  sim::CauseId before_;
};

/// A healthy world at time zero: every process up, every replica in sync, all phases drawn.
World initial_world(const Plan& plan, std::uint64_t run);
/// What all initial worlds of a plan have in common; no phase is drawn, so nothing can happen in it.
World resting_world(const Plan& plan);
/// Makes `world` the initial world of `run`, out of the plan's resting world. Reuses its memory: for one incident after
/// the other.
void reset_world(World& world, const World& resting, std::uint64_t run);

/// Goes on with another plan of the same components: a fork with other settings.
void change_plan(World& world, const Plan& plan);

/// Delivers the next event if it is due at or before `until`. Returns whether there was one.
bool step(World& world, sim::Time until);
/// Delivers all events up to and including `until`, then sets the clock to `until`.
void run_until(World& world, sim::Time until);

/// Name, phase and summary of an event kind.
const sim::EventInfo& event_info(sim::EventKind kind);

}  // namespace nines::models
