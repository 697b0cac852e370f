// Revisions of a service's pods that do not work: what is rolled out, which pods run it, how they behave.
//
// A pod object keeps the revision it was created with; the controller, whose roll this is, creates every new object
// with the revision of now, also after an eviction. A pod whose revision crash-loops exits soon after each start,
// before its server opens its logs, and its kubelet restarts it with growing waits; it never gets ready, so the roll
// stops there (Strimzi KafkaRoller waits for readiness; Kafka sheet, section 8). A revision whose image cannot be
// pulled starts no container at all, so that a pod is never Ready even without probes. A revision that readiness probes
// pass goes on to all pods. Rolling back makes the good revision the one of now and rolls the pods that run the broken
// one: crash-looping pods all at once and without availability checks, for they have nothing to lose. Of a StatefulSet
// that works in order a person has to delete the broken pod (rollout.hpp).
#pragma once

#include "models/ids.hpp"
#include "models/process.hpp"

namespace nines::models::kubernetes {

/// With such a revision no server ever runs.
constexpr bool never_runs(Defect defect) { return defect == Defect::crash_loops || defect == Defect::no_image; }
/// What a pod object that is created now gets.
Defect defect_of_new_pod(const World& world, ProcessId process);
/// The container runs, and its process will exit before its server does anything. REQUIRES: the container just started.
void run_broken_container(World& world, ProcessId process);

}  // namespace nines::models::kubernetes
