// What changes in machines, zones, volumes and network. Indices and values only: copying it forks the infrastructure.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
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
};

struct VolumeState {
  bool lost = false;  ///< every access fails
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

struct State {
  Reachability reachability;
  UndoableTable<NodeId, NodeState> nodes;
  UndoableTable<VolumeId, VolumeState> volumes;
  std::vector<Outage> outages;  ///< ongoing
  std::uint32_t outages_so_far = 0;
  /// By process: incarnation whose machine was replaced under it. Nobody answers at its address, not even its host.
  UndoableTable<ProcessId, std::uint32_t> left_behind;

  void freeze() {
    nodes.freeze();
    volumes.freeze();
    left_behind.freeze();
  }
};

}  // namespace nines::models::infrastructure
