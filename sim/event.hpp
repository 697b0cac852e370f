// Events: small trivially copyable values of named types, and the list that numbers them.
//
// A model declares `struct SessionExpired { ... static constexpr EventInfo info{...}; };`. One `EventList` names every
// type of the system (forward declarations suffice, so models need not include each other); the queue and the trace see
// only the number. Names, phases and docs of the trace are generated from `info`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "sim/time.hpp"

namespace nines::sim {

/// What an event type says of itself.
struct EventInfo {
  std::string_view name;  ///< dotted, e.g. "kafka.fenced"; the milestone's name in results
  std::string_view
      phase;  ///< of an outage: detect, decide, act, propagate, reconnect, recover, catch-up, person; "" for causes
  std::string_view parameter;  ///< key of the parameter that sets the delay before this event; "" if none does, or if
                               ///< it depends: then its record says (TraceRecord::set_by)
  std::string_view summary;    ///< one line for the trace and the docs
  bool milestone = false;      ///< listed among the milestones of a replay
};

/// Position of an event type in the system's list.
using EventKind = std::uint16_t;

/// Index of a trace record; `no_cause` for what has none.
using CauseId = std::uint32_t;
inline constexpr CauseId no_cause = 0xFFFFFFFF;

/// Order among events at one instant: what happens to things comes before what observers conclude from it.
enum class Priority : std::uint8_t { fault, message, state, timer, measure };

inline constexpr std::size_t payload_bytes = 16;

/// A pending event as the queue keeps it.
struct Event {
  EventKind kind = 0;
  CauseId cause = no_cause;
  std::array<std::byte, payload_bytes> payload{};

  template <class E>
  [[nodiscard]] E as() const {
    E value;
    std::memcpy(&value, payload.data(), sizeof(E));
    return value;
  }
};
static_assert(std::is_trivially_copyable_v<Event>);

/// The table of contents of a simulator: every event type, numbered by position.
template <class... Es>
struct EventList {
  static constexpr std::size_t size = sizeof...(Es);

  template <class E>
  static constexpr bool contains() {
    return (std::is_same_v<E, Es> || ...);
  }

  template <class E>
  static constexpr EventKind kind_of() {
    static_assert((std::is_same_v<E, Es> || ...), "event type missing from the list");
    EventKind kind = 0;
    (void)((std::is_same_v<E, Es> ? true : (++kind, false)) || ...);
    return kind;
  }
};

/// Packs a typed event. REQUIRES: trivially copyable and at most `payload_bytes` long.
template <class E>
Event pack(EventKind kind, CauseId cause, const E& value) {
  static_assert(std::is_trivially_copyable_v<E> && sizeof(E) <= payload_bytes);
  Event event;
  event.kind = kind;
  event.cause = cause;
  std::memcpy(event.payload.data(), &value, sizeof(E));
  return event;
}

}  // namespace nines::sim
