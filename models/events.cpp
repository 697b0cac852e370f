// The table of all events: those of the platform's rooms and those of the kinds of services.
#include "models/alerts/events.hpp"
#include "models/components/events.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string_view>

#include "models/event_table.hpp"
#include "models/fabric/events.hpp"
#include "models/faults/events.hpp"
#include "models/hosts/events.hpp"
#include "models/infrastructure/events.hpp"
#include "models/kubernetes/events.hpp"
#include "models/measurement/sli.hpp"
#include "models/people/events.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

class EventTable {
 public:
  EventTable() {
    add(rows_of(faults::Events{}));
    add(rows_of(components::Events{}));
    add(rows_of(infrastructure::Events{}));
    add(rows_of(kubernetes::Events{}));
    add(rows_of(people::Events{}));
    add(rows_of(fabric::Events{}));
    add(rows_of(measurement::Events{}));
    add(rows_of(alerts::Events{}));
    add(rows_of(hosts::Events{}));
    for (const service::Kind* kind : service::kinds()) add(kind->events());
  }
  void add(std::span<const EventRow> rows) {
    for (const EventRow& row : rows) {
      const std::string_view known = rows_[row.kind].info.name;
      if (!known.empty() && known != row.info.name) {
        throw std::invalid_argument(
            fmt::format("the events '{}' and '{}' have one number: only one kind of service that "
                        "is not on the list can have events",
                        known, row.info.name));
      }
      rows_[row.kind] = row;
    }
  }
  [[nodiscard]] const EventRow& operator[](sim::EventKind kind) const { return rows_[kind]; }

 private:
  std::array<EventRow, event_kinds> rows_{};
};

EventTable& table() {
  static EventTable all;
  return all;
}

}  // namespace

const EventRow& event_row(sim::EventKind kind) { return table()[kind]; }
void add_rows(std::span<const EventRow> rows) { table().add(rows); }

const sim::EventInfo& event_info(sim::EventKind kind) { return event_row(kind).info; }

}  // namespace nines::models
