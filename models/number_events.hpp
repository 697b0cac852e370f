// Numbers the events of a room: see models/event_rooms.hpp. No include guard, once for each room.
//
// A kind of service that no list names (service::add_kind) has no room of its own and says so before it includes this:
//
//     #define NINES_ROOM_NUMBER ::nines::models::EventRoom::outside
//
// There is room for the events of one such kind in a program.
#include "models/event_rooms.hpp"

#if !defined(NINES_ROOM) || !defined(NINES_ROOM_EVENTS)
#error "NINES_ROOM names the room's namespace and EventRoom, NINES_ROOM_EVENTS its list"
#endif
#ifndef NINES_ROOM_NUMBER
#define NINES_ROOM_NUMBER ::nines::models::EventRoom::NINES_ROOM
#endif

namespace nines::models::NINES_ROOM {

struct EndOfEvents;
using Events = sim::EventList<
#define NINES_EVENT(name) name,
#include NINES_ROOM_EVENTS
#undef NINES_EVENT
    EndOfEvents>;
static_assert(Events::size <= room_capacity);

template <class E>
requires(Events::contains<E>()) constexpr sim::EventKind event_number(const E*) {
  return static_cast<sim::EventKind>(static_cast<std::size_t>(NINES_ROOM_NUMBER) * room_capacity +
                                     Events::kind_of<E>());
}

}  // namespace nines::models::NINES_ROOM

#undef NINES_ROOM
#undef NINES_ROOM_EVENTS
#undef NINES_ROOM_NUMBER
