// What changes in machines, zones, volumes and network. Indices and values only: copying it forks the infrastructure.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/units.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::infrastructure {

/// Life of the machine that holds a slot.
enum class Life : std::uint8_t {
  up,
  crashed,     ///< hangs; comes back by itself
  stopping,    ///< its operating system shuts down: processes stop in order, the network is there
  rebooting,   ///< orderly reboot
  powerless,   ///< its zone has no power; boots when it returns
  booting,     ///< power is back
  lost,        ///< its host died
  terminated,  ///< given back to the provider; the slot is empty
};

/// What follows when a machine has shut down.
enum class Next : std::uint8_t { boot, terminated };

struct NodeState {
  Life life = Life::up;
  Next next = Next::boot;        ///< of a machine that is stopping
  bool switching_off = false;    ///< stopping, and nothing runs any more
  sim::Time up_at;               ///< of a reboot: its downtime is over then; zero: it takes a boot
  std::uint32_t machine = 0;     ///< hardware that held the slot before: tells a replacement from its predecessor
  std::uint32_t change = 0;      ///< number of life changes: an event meant for an earlier one is stale
  std::uint16_t power_cuts = 0;  ///< ongoing outages that hit it; they nest
  bool recovering = false;       ///< lost, but the provider will restart it on other hardware
  bool reclaim_pending = false;  ///< Spot notice received
  bool disk_gone = false;        ///< its local disk was emptied with it
  sim::TimerId impaired_timer;   ///< pending NodeImpaired
  CapacityPoolId pool;           ///< that it came from; none: the slot's first
  // Of burstable types (credits.hpp).
  double cpu_wanted = 0;    ///< processors that what runs on it would use, as far as that is modelled
  double credit_spent = 0;  ///< processor-seconds that its account had too little at `credit_at`; 0: it was full
  sim::Time credit_at;
  bool throttled = false;      ///< the account is empty: it has its baseline and no more
  double lent = 0;             ///< processors above its baseline that the provider bills now
  sim::TimerId credits_timer;  ///< pending CreditsSpent or CreditsBilled
};

/// What machines and volumes have cost beyond those in health (meter.hpp).
struct Meter {
  double usd_per_h = 0;  ///< now; below zero while machines are missing
  sim::Time since;
  double usd = 0;  ///< until then
};

/// What a process was last said to want of the processors of a burstable machine.
struct CpuUse {
  NodeId node;
  double processors = 0;
};

struct VolumeState {
  bool lost = false;  ///< every access fails
};

/// What a change of a volume is about.
enum class Change : std::uint8_t { speed, size };

/// How far a change of a volume has come (the provider's words; completed: none).
enum class Progress : std::uint8_t { completed, modifying, optimizing };

/// A volume that has been changed in this run.
struct Modification {
  VolumeId volume;
  Progress progress = Progress::completed;
  Change change = Change::speed;
  bool fails = false;
  double factor = 1;             ///< of the change under way
  double speed = 1;              ///< what the volume gives, as a multiple of the plan's throughput
  double size = 1;               ///< the same of its size
  std::vector<sim::Time> begun;  ///< changes that count against the limit
  sim::TimerId timer;            ///< pending VolumeOptimizes or VolumeModified
};

/// A loss of power in a zone, complete or partial.
struct Outage {
  std::uint32_t id = 0;
  ZoneId zone;
  bool dark = false;  ///< it takes the zone's spare machines and its volumes too: nothing can be launched or attached
  struct Hit {
    NodeId node;
    std::uint32_t machine = 0;
  };
  std::vector<Hit> hits;
};

/// What one fault degrades, while it is on (conditions.hpp). What it does not touch is 1, 0 or none.
struct Degradation {
  std::uint32_t id = 0;        ///< of the fault
  VolumeId volume;             ///< whose throughput and latency
  NodeId node;                 ///< whose CPU
  std::vector<Address> side;   ///< whose packets: those between `side` and `other`, both ways
  std::vector<Address> other;  ///< empty: everybody who is not in `side`
  double share = 1;            ///< of the volume's throughput, or of the network of the machines in `side`; 0: stalled
  Duration delay;              ///< of each durable write, or of each packet's way
  double loss = 0;             ///< probability that a packet is lost
  double cpu = 1;              ///< share that is left of the machine's CPU
};

struct State {
  std::uint32_t api_outages = 0;          ///< of the region's control plane that are on
  std::uint32_t kms_outages = 0;          ///< of its key service
  std::uint32_t credentials_outages = 0;  ///< of its token service
  Reachability reachability;
  std::vector<Degradation> degradations;  ///< ongoing, in the order of their beginnings; none in health
  std::uint32_t paths_degraded = 0;       ///< number of times that loss or delay of some path has changed
  LoggedTable<NodeId, NodeState> nodes;
  UndoableTable<VolumeId, VolumeState> volumes;
  std::vector<Modification> modifications;  ///< by volume; of those that were ever changed
  std::vector<Outage> outages;              ///< ongoing
  std::uint32_t outages_so_far = 0;
  Meter meter;
  sim::Time launches_until;                      ///< the account's tokens for launches are full again then
  Table<CapacityPoolId, sim::Time> short_until;  ///< the pool has nothing to give before
  /// By process: incarnation whose machine was replaced under it. Nobody answers at its address, not even its host.
  UndoableTable<ProcessId, std::uint32_t> left_behind;
  UndoableTable<ProcessId, CpuUse> cpu_uses;

  void freeze() {
    nodes.freeze();
    volumes.freeze();
    left_behind.freeze();
    cpu_uses.freeze();
  }
};

}  // namespace nines::models::infrastructure
