// Numbers of events. Each room lists its own (models/<room>/events.def), so that a new event concerns its room alone.
//
// A room's header of events ends with
//
//     #define NINES_ROOM kubernetes
//     #define NINES_ROOM_EVENTS "models/kubernetes/events.def"
//     #include "models/number_events.hpp"
//
// which numbers them. What schedules or notes an event includes that header.
#pragma once

#include <cstdint>

#include "sim/event.hpp"

namespace nines::models {

struct World;

/// Rooms with events: those of the platform, then the kinds of services.
enum class EventRoom : std::uint8_t {
  faults,
  components,
  infrastructure,
  kubernetes,
  people,
  fabric,
  measurement,
  alerts,
#define NINES_KIND(folder) folder,
#include "models/service/kinds.def"
#undef NINES_KIND
  hosts,
  outside,  ///< a kind that is not on the list (service::add_kind)
  count,
};

/// Most events of a room.
inline constexpr std::size_t room_capacity = 128;
/// Numbers in use lie below; not every one is.
inline constexpr std::size_t event_kinds = static_cast<std::size_t>(EventRoom::count) * room_capacity;

/// Number of event type `E`.
template <class E>
constexpr sim::EventKind kind_of = event_number(static_cast<const E*>(nullptr));

/// Events that can be scheduled; the others are only noted.
template <class E>
concept Handled = requires(World& world, const E& event) {
  on(world, event);
};

}  // namespace nines::models
