// Changes that go wrong: a broken rollout and a failed upgrade.
//
// Both are rolls of the operator, pod by pod in its order, of a revision that does not work (models/kubernetes/
// broken_revision.hpp says what the pods do). A broken rollout is broken for every pod: either the first pod with it
// crash-loops and the roll stops there, one replica short, or the defect passes the readiness probe and the roll turns
// broker after broker against its clients, while the servers among themselves work on. A service that no clients talk to
// has only the first kind. With a failed upgrade one pod
// does not come up (a log or metadata format, a setting that is gone); the roll waits for it, so it never passes
// silently. People hear of it when the first pod shows the defect. They roll a rollout back; an upgrade they finish by
// repairing the pod. While one change is being mended, nobody begins another on the service.
//
// Left out: defects that show only later or under load, roll backs that fail, changes of the platform itself. Sources:
// AWS sheet, sections 9 and 10; Kafka sheet, section 8.
#pragma once

#include "models/selector.hpp"

namespace nines::models::faults {

/// These return false, and change nothing, while another change of the service is still to be mended.
bool begin_bad_rollout(World& world, std::uint16_t service, Variant variant);
bool begin_failed_upgrade(World& world, std::uint16_t service);

/// The control plane's release has no longer the APIs that manifests and operators use. False if one has not been
/// answered yet.
bool remove_apis(World& world, std::uint16_t service);

}  // namespace nines::models::faults
