#include "models/faults/pause.hpp"

#include "models/faults/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

using Status = ProcessState::Status;

void stand_still(World& world, ProcessId process) {
  world.processes.edit(process).status = Status::stopped;
  services::contacts_changed(world);
  kubernetes::process_stands_still(world, process);
}

/// Unless something else holds it.
void go_on(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  if (state.suspended || state.paused) return;
  state.status = Status::running;
  services::contacts_changed(world);
  const VolumeId volume = world.plan->processes[process].volume;
  if (volume.exists() && world.infrastructure.volumes[volume].lost) services::disk_failed(world, process);
  kubernetes::process_continued(world, process);
}

}  // namespace

bool stop_process(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  if (state.status == Status::absent || state.suspended) return false;
  const CauseScope scope(world, world.note(ProcessStopped{process}));
  state.suspended = true;
  if (state.status == Status::running) stand_still(world, process);
  return true;
}

bool continue_process(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  if (state.status != Status::stopped || !state.suspended) return false;
  const CauseScope scope(world, world.note(ProcessContinued{process}));
  state.suspended = false;
  go_on(world, process);
  return true;
}

bool pause_process(World& world, ProcessId process, std::optional<Duration> duration) {
  ProcessState& state = world.processes.edit(process);
  if (state.status != Status::running) return false;
  const CauseScope scope(world, world.note(ProcessPaused{process}));
  const Law& law = world.plan->infra().process_pause_duration;
  const Duration length =
      duration ? *duration : world.draw(world.plan->processes[process].component, Purpose::process_pause_duration, law);
  state.paused = true;
  world.schedule(world.now + length, PauseEnded{process, state.incarnation}, sim::Priority::fault);
  stand_still(world, process);
  return true;
}

void on(World& world, const PauseEnded& event) {
  ProcessState& state = world.processes.edit(event.process);
  world.stale = state.status != Status::stopped || state.incarnation != event.incarnation;
  if (world.stale) return;
  state.paused = false;
  go_on(world, event.process);
}

}  // namespace nines::models::faults
