// Events of the fabric in the world.
#pragma once

#include "models/fabric/fabric.hpp"
#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::fabric {

using sim::EventInfo;

/// Kinds of `Owner` in the world: what `Owner::index` counts.
enum class OwnerKind : std::uint16_t { process, catch_up };
inline Owner owner(ProcessId process) { return {static_cast<std::uint16_t>(OwnerKind::process), process.value}; }
/// Of what a broker copies from another one.
inline Owner owner(ProcessId to, ProcessId from) {
  return {static_cast<std::uint16_t>(OwnerKind::catch_up), std::uint64_t{from.value} << 32U | to.value};
}
inline ProcessId receiver(Owner owner) { return ProcessId::of(owner.index & 0xFFFFFFFFU); }
inline ProcessId sender(Owner owner) { return ProcessId::of(owner.index >> 32U); }

// clang-format off
/// The one timer of the fabric: it went by what is pending, which may have moved.
struct FabricDue {
  std::uint32_t unused = 0;
  static constexpr EventInfo info{"fabric.due", "catch-up", "", "a transfer ends or a burst credit runs out"};
};
/// Noted; caused by what started the flow.
struct FlowDone {
  Owner owner;
  static constexpr EventInfo info{"fabric.flow_done", "catch-up", "", "a transfer has moved all its bytes"};
};
struct FlowBroken {
  Owner owner;
  static constexpr EventInfo info{"fabric.flow_broken", "catch-up", "", "a transfer breaks off"};
};
// clang-format on

ComponentId subject(const Plan& plan, const FabricDue& event);
ComponentId subject(const Plan& plan, const FlowDone& event);
ComponentId subject(const Plan& plan, const FlowBroken& event);

void on(World& world, const FabricDue& event);

}  // namespace nines::models::fabric

#define NINES_ROOM fabric
#define NINES_ROOM_EVENTS "models/fabric/events.def"
#include "models/number_events.hpp"
