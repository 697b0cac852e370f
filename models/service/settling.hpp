// What kinds have in common whose processes go by their position among the service's: hooks that hand each event on
// with the kind's context and that position (`ByPosition`); and, of them, kinds that look at everything anew whenever
// anything about their processes, contacts, conditions or the services that they ask may have changed (`Settling`).
#pragma once

#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::service {

/// `context(world, service)` is what `started`, `died` and `terminating` take first; then the process's position.
template <class Number, auto context, auto started, auto died, auto terminating>
struct ByPosition : WithProcesses {
  static Number number_of(const World& world, ServiceId service, ProcessId process) {
    return static_cast<Number>(world.plan->services[service].position_of(process));
  }
  static void process_started(World& world, ServiceId service, ProcessId process) {
    auto c = context(world, service);
    started(c, number_of(world, service, process));
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    auto c = context(world, service);
    died(c, number_of(world, service, process));
  }
  static void process_terminating(World& world, ServiceId service, ProcessId process) {
    auto c = context(world, service);
    terminating(c, number_of(world, service, process));
  }
};

/// `settle(context)` changes nothing where nothing is new.
template <class Number, auto context, auto settle, auto started, auto died, auto terminating>
struct Settling : ByPosition<Number, context, started, died, terminating> {
  static void contacts_changed(World& world, ServiceId service) {
    auto c = context(world, service);
    settle(c);
  }
  static void conditions_changed(World& world, ServiceId service) { contacts_changed(world, service); }
  static void answers_changed(World& world, ServiceId service) { contacts_changed(world, service); }
  static void plan_changed(World& world, ServiceId service) { contacts_changed(world, service); }
};

}  // namespace nines::models::service
