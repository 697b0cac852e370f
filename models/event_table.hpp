// What the kernel knows of each event: its description, what it is about, and who handles it. Rooms hand their rows in.
#pragma once

#include <array>
#include <span>

#include "models/event_rooms.hpp"
#include "models/ids.hpp"

namespace nines::models {

struct Plan;
struct World;

struct EventRow {
  sim::EventKind kind = 0;
  sim::EventInfo info{};
  ComponentId (*subject)(const Plan&, const sim::Event&) = nullptr;
  void (*handle)(World&, const sim::Event&) = nullptr;  ///< null of events that are only noted
};

template <class E>
constexpr EventRow row_of_event() {
  EventRow row;
  row.kind = kind_of<E>;
  row.info = E::info;
  row.subject = [](const Plan& plan, const sim::Event& event) { return subject(plan, event.as<E>()); };
  if constexpr (Handled<E>) {
    row.handle = [](World& world, const sim::Event& event) { on(world, event.as<E>()); };
  }
  return row;
}

/// Rows of all events of a room's list but its end.
template <class... Es>
constexpr std::array<EventRow, sizeof...(Es) - 1> rows_of(sim::EventList<Es...>) {
  std::array<EventRow, sizeof...(Es) - 1> rows{};
  std::size_t at = 0;
  const auto add = [&]<class E>() {
    // The end of the list is declared only.
    if constexpr (requires { sizeof(E); }) {
      static_assert(
          requires { E::info; }, "an event describes itself: static constexpr sim::EventInfo info");
      rows[at++] = row_of_event<E>();
    }
  };
  (add.template operator()<Es>(), ...);
  return rows;
}

/// The row of an event. REQUIRES: the kind is in use, or `info.name` of the result will be empty.
const EventRow& event_row(sim::EventKind kind);
/// Throws std::invalid_argument if a number has an event already.
void add_rows(std::span<const EventRow> rows);

}  // namespace nines::models
