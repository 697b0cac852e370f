// Processes as infrastructure, kubelet and services all see them, and the calls by which they tell each other.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models {

struct World;
struct Plan;

/// How the last life of a process ended; decides what its disk holds.
enum class Ending : std::uint8_t {
  clean,       ///< logs closed and flushed
  crash,       ///< process gone, page cache survived with its machine
  power_loss,  ///< machine lost its memory: unflushed pages are gone
};

/// What is wrong with the revision that a pod runs.
enum class Defect : std::uint8_t {
  none,
  crash_loops,    ///< the process ends soon after every start
  no_image,       ///< its image cannot be pulled: no container starts
  serves_errors,  ///< it starts and passes its readiness probe, and turns every client away
};

/// Which new TLS connections of a process succeed.
enum class Handshakes : std::uint8_t {
  succeed,
  fail_for_clients,  ///< connections between servers are older than the certificate's end and go on
  fail,
};

struct ProcessState {
  enum class Status : std::uint8_t { absent, running, stopped };  ///< stopped: stands still
  Status status = Status::running;
  Ending ending = Ending::clean;
  bool suspended = false;      ///< SIGSTOP; it stands still as long as this or a pause holds it
  bool paused = false;         ///< stands still by itself
  bool term_pending = false;   ///< SIGTERM came while it stood still
  bool disk_lost = false;      ///< its volume is empty or failing since the last life
  bool serves_errors = false;  ///< turns clients away: a revision with `Defect::serves_errors`, or data are gone
  bool denied = false;         ///< a NetworkPolicy lets no packet through, to it or from it
  Handshakes handshakes = Handshakes::succeed;
  NodeId node;                    ///< the machine it runs on, or ran on last
  std::uint32_t incarnation = 0;  ///< number of container starts
  sim::Time started;
};

/// What people do by hand about a process of a service, from when somebody is at it until it is done.
struct HandWork {
  Law takes;
  const std::string_view* key = nullptr;  ///< of the parameter that says so; it lives on
};

/// What a request meets on its way.
enum class Contact : std::uint8_t {
  ok,       ///< answered after a round trip
  reset,    ///< host up, nobody listens: an error at once
  silence,  ///< no answer, no error: only a time-out tells
};

/// Request from `from` to `to` and its answer. TCP needs both directions, so one lost direction is silence.
/// A stopped process is silence; an absent one on a running machine is a reset, and so is a TLS handshake that fails.
Contact contact(const World& world, ProcessId from, ProcessId to);
/// The same for a client at `from`. A server that turns clients away resets it.
Contact contact(const World& world, infrastructure::Endpoint from, ProcessId to);
/// Whether the machine of `process` is powered, booted and not replaced.
bool host_up(const World& world, ProcessId process);

// ---- calls from infrastructure and kubelet to services (models/service/calls.cpp routes them to the process's
// service)
// ----
namespace services {
/// A container started on its machine; disk state is in `ProcessState`.
void process_started(World& world, ProcessId process);
/// A process is gone or no longer runs (killed, host lost): `ProcessState` tells how. Contacts have not been
/// re-examined.
void process_died(World& world, ProcessId process);
/// SIGTERM: begin an orderly stop; the service calls `kubernetes::process_exited` when it is done.
void process_terminating(World& world, ProcessId process);
/// The process's volume fails every access from now on.
void disk_failed(World& world, ProcessId process);
/// Some process, machine or link changed: examine all contacts. Called once after each batch of changes.
void contacts_changed(World& world);
/// The API server sees some pod as Ready, or no longer. Called once after each batch of changes.
void readiness_changed(World& world);
/// What volumes, machines or paths give has changed (infrastructure/conditions.hpp). Called once after each batch.
void conditions_changed(World& world);
/// A machine's wall clock has jumped forward. Whether anything goes by it.
bool clock_jumped(World& world, NodeId node, sim::Duration by);
/// Readiness probe: the server has finished its start.
bool ready(const World& world, ProcessId process);
/// The operator's safety check before it restarts a pod.
bool may_restart(const World& world, ProcessId process);
/// Order in which the operator restarts the pods of a service.
std::vector<ProcessId> restart_order(const World& world, std::size_t service);
/// Processors that each member of the service uses now, for what it is asked to do. REQUIRES: its kind has a load.
std::vector<double> use(const World& world, ServiceId service);
/// What is asked of the service per second, served or not. REQUIRES: its kind has a load.
double requests_per_s(const World& world, ServiceId service);
/// People limit the traffic of the service that the process belongs to.
void limit_load(World& world, ProcessId process);
/// Of a repair that the service has asked for as done by hand.
HandWork hand_work(const World& world, ProcessId process);
/// People have done it. False if it cannot be done yet.
bool done_by_hand(World& world, ProcessId process);
/// What a probe that asks the server meets, if it waits so long.
Contact probed(const World& world, ProcessId process, sim::Duration patience);
/// Some pod of the service that is seen as Ready answers a request of the process.
bool answers_to(const World& world, ServiceId service, ProcessId from);
/// A Job of the service's workload has succeeded, or failed for good.
void job_ended(World& world, WorkloadId workload, std::uint32_t place, bool succeeded);
/// Something is about to happen in a world that may be healthy: whoever leaves health out begins to be played.
void disturbed(World& world);
/// Nothing is left to recover.
bool healthy(const World& world);
}  // namespace services

// ---- calls from services to the kubelet ----
namespace kubernetes {
/// The container exited by itself or at the end of an orderly stop.
void process_exited(World& world, ProcessId process, Ending ending);
}  // namespace kubernetes

}  // namespace nines::models
